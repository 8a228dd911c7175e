/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * AWS Step Functions: starting a state machine and asking what became of it. Pure.
 * Source: https://docs.aws.amazon.com/step-functions/latest/apireference/
 */
#ifndef CORE_SERVICE_STATES_H
#define CORE_SERVICE_STATES_H

#include "core/service/request.h"

#define IR_STATES_MAX_INPUT_BYTES 262144U
#define IR_STATES_MAX_NAME_BYTES 80U

/* Borrowed; NULL = left out. */
struct ir_start_execution_options {
    const char *state_machine_arn;
    const char *name;  /* unique for 90 days; makes a repeated start harmless */
    const char *input; /* JSON, as text */
    bool waits;        /* StartSyncExecution: Express state machines only */
};

/* IR_ERR_ARG: no ARN, a name over its maximum; IR_ERR_TOO_LARGE: the input; IR_ERR_NOMEM. */
IR_MUST_CHECK int ir_start_execution(const struct ir_start_execution_options *options,
                                     struct ir_request *out, struct ir_error *err);
IR_MUST_CHECK int ir_describe_execution(const char *execution_arn, struct ir_request *out,
                                        struct ir_error *err);

/* What an answer tells of an execution; release it. */
struct ir_execution {
    struct ir_json_doc *doc; /* owns the texts */
    const char *arn;
    const char *name;
    const char *status; /* "RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", ...; "" = started only */
    const char *output; /* JSON, as text; NULL = none (yet) */
    const char *error;  /* "" = none */
    const char *cause;
};

/* For all three. IR_ERR_RESPONSE: no execution's ARN; IR_ERR_NOMEM. */
IR_MUST_CHECK int ir_execution_read(const char *json, size_t bytes, struct ir_execution *out,
                                    struct ir_error *err);
void ir_execution_release(struct ir_execution *execution);

/*
 * 0 while it runs and when it succeeded; IR_ERR_SERVICE when it FAILED, TIMED_OUT or was ABORTED,
 * which StartSyncExecution says with HTTP 200 too: aws_code is its error, the message its cause.
 */
IR_MUST_CHECK int ir_execution_check(const struct ir_execution *execution, struct ir_error *err);

#endif
