/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One call of an AWS service, from request to answer: credentials, endpoint, signature, transport,
 * attempts. The only place in the core that waits and tries again.
 */
#ifndef CORE_AWS_CALL_H
#define CORE_AWS_CALL_H

#include "core/aws/credentials.h"
#include "core/aws/endpoint.h"
#include "core/aws/http.h"
#include "core/aws/retry.h"

/* What calls share; owned by a client. */
struct ir_aws {
    const struct ir_world *world;
    struct ir_aws_config config;
    struct ir_credentials_store credentials;
    struct ir_transport transport;
    struct ir_retry_quota quota;
    char *endpoint_setting; /* client.h's `endpoint`; NULL when none */
    long timeout_ms;        /* for a call with all its attempts */
    pthread_mutex_t embedded_mutex; /* held while imgrecog-local is started */
};

/* All borrowed. */
struct ir_aws_request {
    const struct ir_service *service;
    const char *method;
    const char *path;         /* encoded as on the wire, starts with '/' */
    const char *content_type; /* NULL = no such header */
    const char *target;       /* X-Amz-Target; NULL = no such header */
    const struct ir_body *body;
    size_t max_response_bytes;
    const struct ir_cancel *cancel;
};

/*
 * Sends `request` until an answer with a 2xx status came, attempts or time ran out, the quota is
 * empty or trying again makes no sense. `response` is initialised by the caller. *out_retries says
 * how many attempts came after the first. Codes: all of error.h but BUDGET and RESPONSE.
 */
IR_MUST_CHECK int ir_aws_call(struct ir_aws *aws, const struct ir_aws_request *request,
                              struct ir_http_response *response, unsigned *out_retries,
                              struct ir_error *err);

#endif
