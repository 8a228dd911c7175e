/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench-measure COMMAND [ARGUMENT...]: runs a command and prints, behind what it prints, one line
 * of JSON: its wall time from before it was started, its processor time, its largest memory and its
 * exit status. It is small itself, because the kernel counts the memory of the process that calls
 * exec into the largest memory of the one that comes.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
    struct rusage usage;
    int status = 0;
    if (argc < 2) {
        fprintf(stderr, "usage: bench-measure COMMAND [ARGUMENT...]\n");
        return 2;
    }
    double started_ms = now_ms();
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* it must not outlive a measurement that is given up */
        execvp(argv[1], argv + 1);
        perror(argv[1]);
        _exit(127);
    }
    if (pid < 0 || wait4(pid, &status, 0, &usage) != pid) {
        perror("bench-measure");
        return 1;
    }
    double wall_ms = now_ms() - started_ms;
    double cpu_ms = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
                    (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    printf("\n{\"process_wall_ms\":%.3f,\"process_cpu_ms\":%.3f,\"rss_kb\":%ld,\"status\":%d}\n",
           wall_ms, cpu_ms, usage.ru_maxrss, code);
    return code;
}
