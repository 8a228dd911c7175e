/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the measured C programs share: pictures to read, threads, and the line that they print. */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>

#define BENCH_MAX_FILE_BYTES ((size_t)8 << 20)
#define BENCH_MAX_THREADS 64

/* The pictures of a folder, by name. */
struct bench_pictures {
    char **paths;
    size_t count;
};

/* False when `folder` has none that can be listed. */
bool bench_pictures_find(struct bench_pictures *out, const char *folder);
void bench_pictures_release(struct bench_pictures *pictures);

/* A file's bytes; the memory serves the next file, too. */
struct bench_file {
    unsigned char *data;
    size_t bytes;
    size_t room_bytes;
    const char *path; /* borrowed */
};

/* Reads picture `index` (from 0, around and around). False when it cannot be had. */
bool bench_read(const struct bench_pictures *pictures, size_t index, struct bench_file *out);
void bench_file_release(struct bench_file *file);

/* Runs `work` in 1 to BENCH_MAX_THREADS threads and waits; false when they cannot be started. */
bool bench_run_threads(size_t threads, void (*work)(void *context), void *context);

/* Processor time of this process, user and system. */
double bench_cpu_ms(void);

/* A stretch of this process's time. */
struct bench_span {
    double started_ms;
    double cpu_started_ms;
};
struct bench_span bench_begin(void);
/* Prints one line of JSON: {"count":…,"wall_ms":…,"cpu_ms":…}. */
void bench_end(const struct bench_span *span, size_t count);

/* This process's memory and open descriptors. -1 when /proc does not tell. */
long bench_rss_kb(void);
long bench_fd_count(void);

#endif
