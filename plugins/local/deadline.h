/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deadlines of the recognisers, on the monotonic clock. */
#ifndef PLUGINS_LOCAL_DEADLINE_H
#define PLUGINS_LOCAL_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

static inline int64_t deadline_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline bool deadline_passed(int64_t deadline_ms)
{
    return deadline_now_ms() >= deadline_ms;
}

#endif
