/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The world of a simulated run: clocks that move only when somebody waits, an environment, files, a
 * cancel token that is set at a chosen moment, and the trace, whose hash tells whether two runs
 * were the same.
 */
#ifndef TESTS_SIM_WORLD_H
#define TESTS_SIM_WORLD_H

#include "core/base/world.h"
#include "tests/sim/chance.h"

#define SIM_MAX_VARIABLES 24
#define SIM_MAX_FILES 4
#define SIM_VALUE_BYTES 512
#define SIM_FILE_BYTES 1024
#define SIM_NEVER_MS INT64_MAX
#define SIM_START_UNIX_MS INT64_C(1795210500000) /* 2026-11-20T21:35:00Z */

struct sim_world {
    struct ir_world world;    /* what the core gets */
    struct sim_chance jitter; /* for the core's own draws */
    int64_t now_ms;           /* monotonic */
    int64_t server_unix_ms;   /* the right time */
    int64_t skew_ms;          /* this machine's clock less the right time */
    struct ir_cancel *cancel; /* of the call that runs; NULL = none */
    int64_t cancel_at_ms;     /* SIM_NEVER_MS = not */
    struct {
        char name[64];
        char value[SIM_VALUE_BYTES];
    } variables[SIM_MAX_VARIABLES];
    size_t variable_count;
    struct {
        char path[64];
        char text[SIM_FILE_BYTES];
    } files[SIM_MAX_FILES];
    size_t file_count;
    uint64_t trace_hash;
    bool is_verbose;
};

void sim_world_init(struct sim_world *world, uint64_t seed, bool is_verbose);
void sim_world_setenv(struct sim_world *world, const char *name, const char *value);
void sim_world_add_file(struct sim_world *world, const char *path, const char *text);

/* A line of the trace: hashed, and printed when verbose. */
void sim_note(struct sim_world *world, const char *format, ...) IR_PRINTF(2, 3);

/*
 * `ms` go by while a transfer waits that ends at `deadline_ms` and looks at `cancel` (may be NULL)
 * every 100 ms. 0, IR_ERR_CANCELLED or IR_ERR_TIMEOUT.
 */
int sim_world_pass(struct sim_world *world, long ms, int64_t deadline_ms,
                   const struct ir_cancel *cancel);
/* `ms` go by while nobody calls. */
void sim_world_idle(struct sim_world *world, int64_t ms);

#endif
