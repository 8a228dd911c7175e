/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The calls that a run is made of, each as a program would make it. */
#ifndef TESTS_SIM_SCENARIOS_H
#define TESTS_SIM_SCENARIOS_H

#include <imgrecog/picture.h>

#include "core/task/client.h"
#include "tests/sim/net.h"

#define SIM_MAX_SCENARIO_OPS 6
#define SIM_MAX_SCENARIOS 24
#define SIM_PICTURE_BYTES 3000

/* A run: a client, and the world and the AWS around it. */
struct sim_run {
    uint64_t seed;
    struct sim_world world;
    struct sim_model model;
    struct sim_net net;
    struct sim_chance plan; /* what is done, as opposed to what goes wrong */
    struct ir_client *client;
    unsigned char picture_data[SIM_PICTURE_BYTES];
    struct ir_picture *picture;
    long timeout_ms;
    bool has_log;             /* somebody reads along */
    bool has_fixed_keys;      /* no clock says that they have ended */
    struct ir_cancel *cancel; /* NULL = none */

    /* of the call that runs */
    unsigned variant;            /* which of its forms the scenario takes */
    unsigned seen[SIM_OP_COUNT]; /* tokens in what the core gave out */
    const char *wrong;           /* what a scenario found wrong by itself; NULL = nothing */
};

struct sim_scenario {
    const char *name;
    const char *service; /* the title in errors */
    enum sim_op ops[SIM_MAX_SCENARIO_OPS];
    size_t op_count;
    bool is_paid;         /* must not be done twice without being told */
    bool proves_itself;   /* says in run->wrong when a success is none */
    unsigned time_limits; /* it may last so many of the client's; 0 = 1 */
    int (*call)(struct sim_run *run, struct ir_error *err);
};

extern const struct sim_scenario sim_scenarios[];
extern const size_t sim_scenario_count;

/* A PNG that is none behind its header; the run's picture. */
void sim_make_picture(struct sim_run *run);

#endif
