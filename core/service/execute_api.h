/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A request to an API of the user's own behind Amazon API Gateway, signed for execute-api. Pure.
 * The answer is the API's: read response->body. Source:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-call-api.html
 */
#ifndef CORE_SERVICE_EXECUTE_API_H
#define CORE_SERVICE_EXECUTE_API_H

#include "core/service/request.h"

#define IR_EXECUTE_API_MAX_BODY_BYTES 10485760U
#define IR_EXECUTE_API_MAX_ID_BYTES 32U

/* Borrowed until the request is sent; NULL = left out. */
struct ir_execute_api_options {
    const char *api_id; /* [a-z0-9]: the first part of the host; custom endpoints do without */
    const char *method; /* "GET", "POST", "PUT", "DELETE" or "HEAD" */
    const char *stage;  /* a first part of the path, such as "prod"; NULL for "$default" */
    const char *path;   /* not encoded, starts with '/' */
    const char *content_type;
    const char *api_key; /* of a REST API: x-api-key */
    const struct ir_body *body;
    bool is_repeatable; /* calling it twice does no harm */
};

/* A request with the storage of its host's first part. Do not copy it. */
struct ir_execute_api_request {
    struct ir_request request; /* add queries before ir_execute_api_finish */
    char host_prefix[IR_EXECUTE_API_MAX_ID_BYTES + 2];
};

/*
 * Begins the request: ir_request_add_query and ir_request_add_header on out->request may follow,
 * then ir_execute_api_finish; ir_request_release in the end. IR_ERR_ARG: method, id or path;
 * IR_ERR_TOO_LARGE: the body.
 */
IR_MUST_CHECK int ir_execute_api_begin(const struct ir_execute_api_options *options,
                                       struct ir_execute_api_request *out, struct ir_error *err);
IR_MUST_CHECK int ir_execute_api_finish(const struct ir_execute_api_options *options,
                                        struct ir_execute_api_request *out, struct ir_error *err);

#endif
