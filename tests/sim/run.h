/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A whole simulated run, made from a seed, and the judging of each call in it. */
#ifndef TESTS_SIM_RUN_H
#define TESTS_SIM_RUN_H

#include "tests/sim/scenarios.h"

#define SIM_VERDICT_BYTES 400

/* How a call ended, and what stood before it. */
struct sim_call_report {
    const struct sim_scenario *scenario;
    int rc;
    struct ir_error err;
    int64_t started_ms;
    bool ran_out_of_memory; /* a request for memory was refused */
    unsigned charged_before[SIM_OP_COUNT];
    unsigned cost_before; /* of retries, in the client's quota */
};

/*
 * Holds a call to what the core promises, whatever happened. True when all holds; else `out` says
 * what does not.
 */
bool sim_judge_call(const struct sim_run *run, const struct sim_call_report *report,
                    char out[SIM_VERDICT_BYTES]);

/* A line of the client's log, while a call runs: what is wrong with it goes to run->wrong. */
void sim_judge_log_line(struct sim_run *run, const char *line);

struct sim_outcome {
    bool is_good;
    char verdict[SIM_VERDICT_BYTES]; /* of the first call that is wrong */
    uint64_t trace_hash;
    unsigned calls;
    unsigned successes;
    unsigned exchanges;
    unsigned fault_counts[SIM_FAULT_COUNT];
    unsigned successes_of[SIM_MAX_SCENARIOS];
};

/* The run of this seed. */
void sim_run_seed(uint64_t seed, bool is_verbose, struct sim_outcome *out);

/* For tables: a run that is set up plainly (key in the environment, no fault by chance), and its
 * end. False: there is no client. */
bool sim_run_begin_plain(struct sim_run *run, struct ir_error *err);
void sim_run_end(struct sim_run *run);

#endif
