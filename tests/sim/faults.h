/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything that goes wrong in the simulated world, and what the core must make of each. */
#ifndef TESTS_SIM_FAULTS_H
#define TESTS_SIM_FAULTS_H

#include "tests/sim/model.h"

enum sim_fault {
    SIM_NO_FAULT,
    /* the request does not arrive whole */
    SIM_REFUSED,
    SIM_RESET_SENDING,
    SIM_STALLED_CONNECTING,
    SIM_BAD_CERTIFICATE,
    /* it arrives, is not done, and no answer comes */
    SIM_LOST,
    SIM_STALLED_LOST,
    /* it is not done, and something else is answered */
    SIM_THROTTLED,
    SIM_UNAVAILABLE,
    SIM_STATUS,
    SIM_ECHOED_INPUT,
    SIM_ECHOED_SIGNATURE,
    SIM_EXPIRED,
    SIM_REDIRECT,
    SIM_PORTAL,
    SIM_EMPTY,
    SIM_FOREIGN_JSON,
    SIM_ERROR_IN_200,
    /* it is done, and the answer does not come as it should */
    SIM_RESET_AFTER,
    SIM_RESET_MID_ANSWER,
    SIM_STALLED_AFTER,
    SIM_STALLED_MID_ANSWER,
    SIM_SLOW,
    SIM_CUT,
    SIM_FLIPPED,
    SIM_EXCEPTION,
    SIM_OVERSIZED,
    SIM_HUGE_HEADERS,
    SIM_GATEWAY,
    SIM_FAULT_COUNT,
};

enum sim_stage {
    SIM_BEFORE,  /* the line fails before the whole request is there */
    SIM_NOWHERE, /* the whole request was sent, and was not done */
    SIM_INSTEAD, /* another answer than the service's work */
    SIM_AFTER,   /* the work is done */
};

#define SIM_SHAPE(shape) (1U << (shape))
#define SIM_ANY_SHAPE                                                                              \
    (SIM_SHAPE(SIM_JSON) | SIM_SHAPE(SIM_XML) | SIM_SHAPE(SIM_STREAM) | SIM_SHAPE(SIM_OBJECT) |    \
     SIM_SHAPE(SIM_RAW))
#define SIM_SELF_TELLING (SIM_SHAPE(SIM_JSON) | SIM_SHAPE(SIM_XML) | SIM_SHAPE(SIM_STREAM))

struct sim_fault_info {
    const char *name;
    enum sim_stage stage;
    unsigned shapes; /* of the answers to which it can happen */
    bool passes;     /* another attempt may go well, and harms nobody */
    int code;        /* of the error, when it was the last that happened; 0 = several */
};
extern const struct sim_fault_info sim_faults[SIM_FAULT_COUNT];

/* A fault that can happen to this operation. */
enum sim_fault sim_fault_draw(struct sim_chance *chance, enum sim_op op);
bool sim_fault_fits(enum sim_fault fault, enum sim_op op);

/* Writes what is answered in place of the work (faults of SIM_INSTEAD and SIM_GATEWAY). */
void sim_fault_answer(struct sim_model *model, struct sim_chance *chance, enum sim_fault fault,
                      const struct sim_arrival *arrival, struct sim_answer *answer);
/* Damages a good answer (SIM_CUT, SIM_FLIPPED, SIM_EXCEPTION, SIM_HUGE_HEADERS). */
void sim_fault_damage(struct sim_chance *chance, enum sim_fault fault, struct sim_answer *answer);

extern const char *const sim_throttling_codes[];
extern const size_t sim_throttling_code_count;

#endif
