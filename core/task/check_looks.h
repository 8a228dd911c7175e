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

#define IR_CHECK_KIND_MODEL "model" /* what the model alone says */
#define IR_CHECK_SOURCE_FILE "file" /* of what was found in the metadata */

struct ir_check_job {
    struct ir_client *client;
    const struct ir_picture *picture;
    const struct ir_check_options *options;
    struct ir_result *result;
    enum ir_verdict model_verdict; /* UNKNOWN until the model has said something */
    char *model_reason;            /* owned; NULL = none */
};

/*
 * Adds what is sure enough for the task, or of which nobody says how sure it is; copied. The rest
 * is counted. For the looks. IR_ERR_NOMEM, IR_ERR_TOO_LARGE.
 */
IR_MUST_CHECK int ir_check_add(struct ir_check_job *job, const struct ir_finding *finding,
                               struct ir_error *err);
/* The same, however sure it is. */
IR_MUST_CHECK int ir_check_add_any(struct ir_check_job *job, const struct ir_finding *finding,
                                   struct ir_error *err);

/* "2 faces, 1 e-mail address": what was found but for the model's own say, counted by kind. */
void ir_check_put_counts(const struct ir_result_check *check, struct ir_buf *out);

typedef int (*ir_check_look_fn)(struct ir_check_job *job, struct ir_error *err);

IR_MUST_CHECK int ir_check_look_model(struct ir_check_job *job, struct ir_error *err);
IR_MUST_CHECK int ir_check_look_moderation(struct ir_check_job *job, struct ir_error *err);
IR_MUST_CHECK int ir_check_look_faces(struct ir_check_job *job, struct ir_error *err);
IR_MUST_CHECK int ir_check_look_text(struct ir_check_job *job, struct ir_error *err);
IR_MUST_CHECK int ir_check_look_codes(struct ir_check_job *job, struct ir_error *err);
IR_MUST_CHECK int ir_check_look_metadata(struct ir_check_job *job, struct ir_error *err);

#endif
