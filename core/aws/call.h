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
    char *endpoint_setting;         /* client.h's `endpoint`; NULL when none */
    long timeout_ms;                /* for a call with all its attempts */
    pthread_mutex_t embedded_mutex; /* held while imgrecog-local is started */
    atomic_llong clock_offset_ms;   /* the servers' clock less ours, where they differ much */
};

enum ir_auth {
    IR_AUTH_SIGV4,
    IR_AUTH_NONE,   /* AssumeRoleWithWebIdentity, for one: the request carries its own proof */
    IR_AUTH_BEARER, /* AWS_BEARER_TOKEN_BEDROCK, where it is set; else SigV4 */
};

#define IR_AWS_MAX_EXTRA_HEADERS 24

/* All borrowed; what is left zero is left out. */
struct ir_aws_request {
    const struct ir_service *service;
    const char *method;
    const char *path;  /* encoded as on the wire, starts with '/' */
    const char *query; /* encoded, without '?' */
    const char *content_type;
    const char *target;              /* X-Amz-Target */
    const struct ir_header *headers; /* further ones, signed with the rest */
    size_t header_count;             /* at most IR_AWS_MAX_EXTRA_HEADERS */
    const struct ir_body *body;
    const char *payload_hash; /* in place of the body's SHA-256: "UNSIGNED-PAYLOAD" */
    const char *host_prefix;  /* "sync-": put before AWS's own host; custom endpoints ignore it */
    enum ir_auth auth;
    bool is_paid; /* costs money each time: not sent again once it may have been served */
    size_t max_response_bytes;
    long timeout_ms; /* 0 = the client's */
    const struct ir_cancel *cancel;
    int (*sink)(void *context, const char *data, size_t bytes); /* see struct ir_http_request */
    void *sink_context;
    void (*progress)(void *context, uint64_t sent_bytes, uint64_t total_bytes);
    void *progress_context;
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
