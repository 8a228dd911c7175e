/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs programs whose output is wanted and whose end is not certain: what they print is bounded,
 * and the time too. What is left of them when that is over is killed, with all that they started.
 */
#include "plugins/batch/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS 100
#define END_LOOK_MS 10

static bool is_program(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

static bool find_one(const char *name, char out[CHILD_PATH_BYTES])
{
    const char *path = getenv("PATH");

    while (path != NULL && *path != '\0') {
        size_t chars = strcspn(path, ":");
        int written = snprintf(out, CHILD_PATH_BYTES, "%.*s/%s", (int)chars, path, name);

        if (chars > 0 && written > 0 && written < CHILD_PATH_BYTES && is_program(out))
            return true;
        path += chars + (path[chars] == ':' ? 1 : 0);
    }
    return false;
}

bool child_find(const char *const *names, char out[CHILD_PATH_BYTES])
{
    for (; *names != NULL; names++)
        if (find_one(*names, out))
            return true;
    return false;
}

static long long now_ms(void)
{
    struct timespec now = {0, 0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* In a process group of its own, so that all of it can be ended. */
static bool start(const char *const *argv, int out_fd, pid_t *out_pid)
{
    extern char **environ;
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    bool ok;

    if (posix_spawn_file_actions_init(&files) != 0)
        return false;
    if (posix_spawnattr_init(&attributes) != 0) {
        posix_spawn_file_actions_destroy(&files);
        return false;
    }
    ok = posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0) == 0 &&
         posix_spawn_file_actions_adddup2(&files, out_fd, STDOUT_FILENO) == 0 &&
         posix_spawn_file_actions_adddup2(&files, out_fd, STDERR_FILENO) == 0 &&
         posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP) == 0 &&
         posix_spawn(out_pid, argv[0], &files, &attributes, (char *const *)argv, environ) == 0;
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return ok;
}

/* Until the pipe is closed, mostly by the program's end; false: the time was over before. */
static bool read_all(int fd, long long end_ms, const struct ir_cancel *cancel,
                     char out[CHILD_TEXT_BYTES])
{
    size_t used = 0;

    while (now_ms() < end_ms && !ir_cancel_is_set(cancel)) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        char piece[4096];
        ssize_t bytes;

        if (poll(&wait, 1, LOOK_MS) <= 0)
            continue;
        bytes = read(fd, piece, sizeof piece);
        if (bytes < 0 && errno == EINTR)
            continue;
        if (bytes <= 0) {
            out[used] = '\0';
            return bytes == 0;
        }
        if ((size_t)bytes > CHILD_TEXT_BYTES - 1 - used)
            bytes = (ssize_t)(CHILD_TEXT_BYTES - 1 - used);
        memcpy(out + used, piece, (size_t)bytes);
        used += (size_t)bytes;
    }
    out[used] = '\0';
    return false;
}

/* A program may close its output and run on. Its pid; 0: not ended in time; -1: not to be had. */
static pid_t wait_for_end(pid_t child, long long end_ms, const struct ir_cancel *cancel,
                          int *status)
{
    static const struct timespec look = {0, END_LOOK_MS * 1000000L};
    pid_t waited;

    for (;;) {
        waited = waitpid(child, status, WNOHANG);
        if (waited != 0 && !(waited < 0 && errno == EINTR))
            return waited;
        if (now_ms() >= end_ms || ir_cancel_is_set(cancel))
            return 0;
        nanosleep(&look, NULL);
    }
}

/* With all that it started. */
static void end_child(pid_t child)
{
    kill(-child, SIGKILL);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        continue;
}

int child_run(const char *const *argv, const struct ir_cancel *cancel, char out[CHILD_TEXT_BYTES])
{
    long long end_ms = now_ms() + CHILD_TIMEOUT_MS;
    int ends[2];
    int status = 0;
    pid_t child = -1;
    pid_t ended = 0;

    out[0] = '\0';
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    if (!start(argv, ends[1], &child)) {
        close(ends[0]);
        close(ends[1]);
        return -1;
    }
    close(ends[1]);
    if (read_all(ends[0], end_ms, cancel, out))
        ended = wait_for_end(child, end_ms, cancel, &status);
    close(ends[0]);
    if (ended == 0)
        end_child(child);
    return ended == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
