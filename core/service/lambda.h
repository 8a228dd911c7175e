/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * AWS Lambda: Invoke. Pure.
 * Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
#ifndef CORE_SERVICE_LAMBDA_H
#define CORE_SERVICE_LAMBDA_H

#include "core/service/request.h"

#define IR_LAMBDA_MAX_PAYLOAD_BYTES 6291456U /* of a call that is waited for; both ways */
#define IR_LAMBDA_MAX_EVENT_BYTES 1048576U   /* of one that is not */
#define IR_LAMBDA_MAX_LOG_BYTES 4096U        /* the log's end, as the service gives it */

enum ir_lambda_invocation {
    IR_LAMBDA_REQUEST_RESPONSE, /* wait for the result: 200 */
    IR_LAMBDA_EVENT,            /* queue it: 202 */
    IR_LAMBDA_DRY_RUN,          /* only ask whether it may be called: 204 */
};

/* Borrowed until the request is sent; NULL = left out. */
struct ir_lambda_options {
    const char *function;  /* a name or ARN */
    const char *qualifier; /* a version or alias */
    enum ir_lambda_invocation invocation;
    bool wants_log;                /* the log's end comes with the answer */
    const char *client_context;    /* base64 of JSON */
    const struct ir_body *payload; /* JSON; NULL = none */
};

/* IR_ERR_ARG: no function; IR_ERR_TOO_LARGE: the payload; IR_ERR_NOMEM. */
IR_MUST_CHECK int ir_lambda_call(const struct ir_lambda_options *options, struct ir_request *out,
                                 struct ir_error *err);

struct ir_lambda_answer {
    int status;
    char executed_version[64];
    char function_error[32];               /* "" = the function succeeded; "Handled", "Unhandled" */
    char log[IR_LAMBDA_MAX_LOG_BYTES + 1]; /* "" = none was asked for */
};

/*
 * Reads the headers; the function's result is response->body. A function that failed answers with
 * HTTP 200 too: then IR_ERR_SERVICE, with the function's errorType as aws_code and its errorMessage
 * in the message; `out` is filled then as well. IR_ERR_NOMEM.
 */
IR_MUST_CHECK int ir_lambda_read(const struct ir_http_response *response,
                                 struct ir_lambda_answer *out, struct ir_error *err);

#endif
