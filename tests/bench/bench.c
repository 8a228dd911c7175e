/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns what the measured programs share. Times are the process's own, start-up left out. */
#include "tests/bench/bench.h"

#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* ---- pictures ---------------------------------------------------------------------------- */

bool bench_pictures_find(struct bench_pictures *out, const char *folder)
{
    char pattern[4096];
    glob_t found = {0};
    if (snprintf(pattern, sizeof pattern, "%s/*.jpg", folder) >= (int)sizeof pattern)
        return false;
    if (glob(pattern, 0, NULL, &found) != 0)
        return false;
    out->paths = calloc(found.gl_pathc, sizeof *out->paths);
    for (size_t i = 0; out->paths != NULL && i < found.gl_pathc; i++) {
        out->paths[i] = strdup(found.gl_pathv[i]);
        out->count += out->paths[i] != NULL;
    }
    bool is_whole = out->count == found.gl_pathc;
    globfree(&found);
    return is_whole;
}

void bench_pictures_release(struct bench_pictures *pictures)
{
    for (size_t i = 0; i < pictures->count; i++)
        free(pictures->paths[i]);
    free(pictures->paths);
}

static bool make_room(struct bench_file *file, size_t bytes)
{
    if (bytes <= file->room_bytes)
        return true;
    unsigned char *moved = realloc(file->data, bytes);
    if (moved == NULL)
        return false;
    file->data = moved;
    file->room_bytes = bytes;
    return true;
}

bool bench_read(const struct bench_pictures *pictures, size_t index, struct bench_file *out)
{
    struct stat status;
    out->path = pictures->paths[index % pictures->count];
    int fd = open(out->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool good = fstat(fd, &status) == 0 && status.st_size > 0 &&
                (size_t)status.st_size <= BENCH_MAX_FILE_BYTES &&
                make_room(out, (size_t)status.st_size) &&
                read(fd, out->data, (size_t)status.st_size) == status.st_size;
    if (good)
        out->bytes = (size_t)status.st_size;
    close(fd);
    return good;
}

void bench_file_release(struct bench_file *file)
{
    free(file->data);
}

/* ---- threads ----------------------------------------------------------------------------- */

struct task {
    void (*work)(void *context);
    void *context;
};

static void *run_task(void *context)
{
    const struct task *task = context;
    task->work(task->context);
    return NULL;
}

bool bench_run_threads(size_t threads, void (*work)(void *context), void *context)
{
    struct task task = {work, context};
    pthread_t ids[BENCH_MAX_THREADS];
    size_t started = 0;
    if (threads < 1 || threads > BENCH_MAX_THREADS)
        return false;
    while (started < threads && pthread_create(&ids[started], NULL, run_task, &task) == 0)
        started++;
    for (size_t i = 0; i < started; i++)
        pthread_join(ids[i], NULL);
    return started == threads;
}

/* ---- measuring --------------------------------------------------------------------------- */

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

double bench_cpu_ms(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

struct bench_span bench_begin(void)
{
    return (struct bench_span){now_ms(), bench_cpu_ms()};
}

void bench_end(const struct bench_span *span, size_t count)
{
    printf("{\"count\":%zu,\"wall_ms\":%.3f,\"cpu_ms\":%.3f}\n", count, now_ms() - span->started_ms,
           bench_cpu_ms() - span->cpu_started_ms);
    fflush(stdout);
}

long bench_rss_kb(void)
{
    char line[256];
    long kb = -1;
    FILE *status = fopen("/proc/self/status", "re");
    if (status == NULL)
        return -1;
    while (kb < 0 && fgets(line, sizeof line, status) != NULL)
        if (strncmp(line, "VmRSS:", 6) == 0)
            kb = strtol(line + 6, NULL, 10);
    fclose(status);
    return kb;
}

long bench_fd_count(void)
{
    DIR *folder = opendir("/proc/self/fd");
    long count = 0;
    if (folder == NULL)
        return -1;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count - 1; /* without that of the folder itself */
}
