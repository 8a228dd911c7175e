/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Preloaded into a server, sets its clock CLOCK_SHIFT_S seconds ahead (behind, when negative), so
 * that a client meets a clock that differs from its own. Monotonic clocks, which waiting goes by,
 * stay as they are: radosgw does not get past its start under libfaketime.
 */
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long shift_s;

__attribute__((constructor)) static void read_shift(void)
{
    const char *text = getenv("CLOCK_SHIFT_S");
    shift_s = text != NULL ? strtol(text, NULL, 10) : 0;
}

/* The C library's names: these stand before its own. */
#define EXPORT __attribute__((visibility("default")))
EXPORT int shift_clock_gettime(clockid_t id, struct timespec *out) __asm__("clock_gettime");
EXPORT int shift_gettimeofday(struct timeval *out, void *zone) __asm__("gettimeofday");
EXPORT time_t shift_time(time_t *out) __asm__("time");

int shift_clock_gettime(clockid_t id, struct timespec *out)
{
    int rc = (int)syscall(SYS_clock_gettime, id, out);
    if (rc == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
        out->tv_sec += shift_s;
    return rc;
}

int shift_gettimeofday(struct timeval *out, void *zone)
{
    struct timespec now;
    (void)zone;
    int rc = shift_clock_gettime(CLOCK_REALTIME, &now);
    if (rc == 0)
        *out = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return rc;
}

time_t shift_time(time_t *out)
{
    struct timespec now = {0};
    if (shift_clock_gettime(CLOCK_REALTIME, &now) != 0)
        return (time_t)-1;
    if (out != NULL)
        *out = now.tv_sec;
    return now.tv_sec;
}
