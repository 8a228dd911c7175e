/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The looks of the check task. Each adds what it finds to the job's result. A look that could not
 * be finished says so by its code; the task decides what that means.
 */
#ifndef CORE_TASK_CHECK_LOOKS_H
#define CORE_TASK_CHECK_LOOKS_H

#include <imgrecog/check.h>

#include "core/result/result.h"
#include "core/task/client.h"
#include "core/task/picture.h"

struct ir_check_job {
    struct ir_client *client;
    const struct ir_picture *picture;
    const struct ir_check_options *options;
    struct ir_result *result;
    enum ir_verdict model_verdict; /* UNKNOWN until the model has said something */
    char *model_reason;            /* owned; NULL = none */
};

typedef int (*ir_check_look_fn)(struct ir_check_job *job, struct ir_error *err);

IR_MUST_CHECK int ir_check_look_model(struct ir_check_job *job, struct ir_error *err);
IR_MUST_CHECK int ir_check_look_moderation(struct ir_check_job *job, struct ir_error *err);
IR_MUST_CHECK int ir_check_look_faces(struct ir_check_job *job, struct ir_error *err);
IR_MUST_CHECK int ir_check_look_text(struct ir_check_job *job, struct ir_error *err);
IR_MUST_CHECK int ir_check_look_codes(struct ir_check_job *job, struct ir_error *err);
IR_MUST_CHECK int ir_check_look_metadata(struct ir_check_job *job, struct ir_error *err);

#endif
