/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A question to a Bedrock model about a picture, by Converse: what ask and caption have in common.
 */
#ifndef CORE_TASK_CONVERSE_H
#define CORE_TASK_CONVERSE_H

#include "core/result/result.h"
#include "core/service/bedrock_runtime.h"
#include "core/task/client.h"
#include "core/task/models.h"
#include "core/task/picture.h"

#define IR_CONVERSE_LIMIT_MAX_TOKENS 64000U
/* IR_ERR_ARG: out of that range; `service` is whose option it is. */
IR_MUST_CHECK int ir_converse_check_max_tokens(unsigned max_tokens, const char *service,
                                               struct ir_error *err);

/* All borrowed; NULL = none. */
struct ir_converse_job {
    struct ir_client *client;
    const struct ir_picture *picture; /* NULL = words only */
    const char *model;                /* a setting: an id, a profile, an ARN; NULL = the preset */
    const char *system;
    const char *text;
    const char *schema_json; /* the form of the answer, where the model can be held to one */
    const char *schema_name;
    const char *language; /* that `text` wants the answer in; NULL = none in particular */
    unsigned max_tokens;
    /* Told the words as they come, without control characters but line feeds and tabs. */
    void (*on_text)(void *context, const char *text, size_t bytes);
    void *text_context;
    /* Reads the answer; one that it refuses fails the call and is not kept for the next time. NULL
     * = any will do. */
    int (*accept)(void *context, const struct ir_model_answer *answer, struct ir_error *err);
    void *accept_context;
    const struct ir_cancel *cancel;
};

/*
 * Asks and waits. `answer` (initialised by the caller) is whole on success: an answer that was cut
 * off or withheld is an error. `out_model` is the id that was called; `usage` is counted on.
 * IR_ERR_ARG, IR_ERR_TOO_LARGE: picture, model or words, nothing was sent; else the codes of
 * ir_aws_call, IR_ERR_BUDGET, IR_ERR_SERVICE and IR_ERR_RESPONSE, and IR_PAID_DRY.
 */
IR_MUST_CHECK int ir_converse_run(const struct ir_converse_job *job, struct ir_model_answer *answer,
                                  char out_model[IR_MODEL_ID_BYTES], struct ir_result_usage *usage,
                                  struct ir_error *err);

#endif
