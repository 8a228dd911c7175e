/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The transport between the core and the simulated AWS: time goes by, faults happen, and what the
 * core does about them is watched (attempts, waits, the price of retries).
 */
#ifndef TESTS_SIM_NET_H
#define TESTS_SIM_NET_H

#include <pthread.h>

#include "core/aws/http.h"
#include "tests/sim/faults.h"

#define SIM_SIGNATURES 32
#define SIM_QUOTA_TOKENS 500
#define SIM_COST_TRANSIENT 14
#define SIM_COST_THROTTLING 5

/* What has come of one operation in the call that runs. */
struct sim_op_log {
    char invocation[40];
    unsigned attempts; /* of that invocation */
    unsigned sent;     /* attempts that the server got whole */
    unsigned intact;   /* token of the last intact answer; 0 = none */
};

/* An answer with this status; a NULL code makes it a page that is no answer of AWS. */
struct sim_refusal {
    int status;
    const char *aws_code;
};

struct sim_net {
    struct sim_world *world;
    struct sim_model *model;
    struct sim_chance chance;
    pthread_mutex_t mutex; /* parts of an upload are sent at once */
    unsigned fault_pct;    /* of the attempts */
    enum sim_fault forced; /* for the table: always this one; SIM_NO_FAULT = by chance */
    enum sim_op forced_op; /* on this operation alone; SIM_NO_OP = on any */
    const struct sim_refusal *refusal; /* for the table: what SIM_STATUS answers */
    unsigned max_attempts;

    /* of the call that runs */
    struct sim_op_log ops[SIM_OP_COUNT];
    unsigned faults;
    unsigned hard_faults; /* after which success is not owed */
    unsigned corrections; /* wrong clock, ended keys, other region: attempts on top */
    enum sim_fault last_fault;
    enum sim_op last_op;
    int last_status;        /* of the last answer; 0 = none came */
    int last_rc;            /* of the last exchange */
    int64_t not_before_ms;  /* the service's x-amz-retry-after */
    bool last_was_throttle; /* as the core must price it */
    bool last_was_correction;
    char signatures[SIM_SIGNATURES][IR_SHA256_HEX_BYTES];
    unsigned signature_count;

    /* of the client's life */
    unsigned retry_cost;
    unsigned successes;
    unsigned exchanges;
    unsigned releases;
    unsigned fault_counts[SIM_FAULT_COUNT];
    const char *complaint; /* what the core must never do; NULL = nothing */
};

void sim_net_init(struct sim_net *net, struct sim_world *world, struct sim_model *model,
                  uint64_t seed);
void sim_net_release(struct sim_net *net);
struct ir_transport sim_net_transport(struct sim_net *net);
/* Forgets the last call. */
void sim_net_begin_call(struct sim_net *net);

#endif
