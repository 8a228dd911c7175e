/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One call of the generate task, shared by its files. */
#ifndef CORE_TASK_GENERATE_JOB_H
#define CORE_TASK_GENERATE_JOB_H

#include <imgrecog/generate.h>

#include "core/task/client.h"
#include "core/task/models.h"

struct ir_generate_job {
    struct ir_client *client;
    const struct ir_generate_options *options;
    const struct ir_model_facts *facts; /* of the model that is called */
    enum ir_stability_task task;        /* of IR_FAMILY_STABILITY */
    char model[IR_MODEL_ID_BYTES];
    struct ir_body_piece picture, mask, style; /* what the body borrows */
};

/* Whether sizes fit together, whatever the model. IR_ERR_ARG. */
IR_MUST_CHECK int ir_generate_check_pictures(const struct ir_generate_options *options,
                                             struct ir_error *err);

/* The body for ir_invoke_call; release it after success. IR_ERR_ARG, IR_ERR_NOMEM. */
IR_MUST_CHECK int ir_generate_build(struct ir_generate_job *job, struct ir_json_body *out,
                                    struct ir_error *err);

#endif
