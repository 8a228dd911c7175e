/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deadlines of the recognisers, on the monotonic clock. */
#ifndef PLUGINS_LOCAL_DEADLINE_H
#define PLUGINS_LOCAL_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/world.h"

static inline int64_t deadline_now_ms(void)
{
    const struct ir_world *world = ir_world_system();
    return world->monotonic_ms(world->context);
}

static inline bool deadline_passed(int64_t deadline_ms)
{
    return deadline_now_ms() >= deadline_ms;
}

#endif
