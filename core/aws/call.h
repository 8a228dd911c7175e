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
#include "core/aws/log.h"
#include "core/aws/rate.h"
#include "core/aws/redirect.h"
#include "core/aws/retry.h"

/* What calls share; owned by a client. Who makes one sets config, endpoint_setting, timeout_ms and
 * log; ir_aws_init sets all else. */
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
    struct ir_rate rate;            /* of the adaptive retry mode */
    struct ir_bucket_regions bucket_regions;
    struct ir_log log;
};

/* Everything but settings and time limit. `transport` is copied, and not released with the rest. */
void ir_aws_init(struct ir_aws *aws, const struct ir_world *world,
                 const struct ir_transport *transport);
void ir_aws_release(struct ir_aws *aws);

enum ir_auth {
    IR_AUTH_SIGV4,
    IR_AUTH_NONE, /* AssumeRoleWithWebIdentity, for one: the request carries its own proof */
    /* AWS_BEARER_TOKEN_BEDROCK, where it is set and signatures are not preferred; else SigV4 */
    IR_AUTH_BEARER,
};

/* 30 of an object's metadata (S3 takes 2 KB of them) and all others that an upload may have. */
#define IR_AWS_MAX_EXTRA_HEADERS 48

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
    /* S3's: goes before the host or the path, by its addressing rules, and is followed to the
     * region that S3 names. */
    const char *bucket;
    enum ir_auth auth;
    bool is_paid; /* costs money each time: not sent again once it may have been served */
    /* A 2xx answer may hold an <Error> (CompleteMultipartUpload): then it counts as status 500. */
    bool may_fail_in_200;
    size_t max_response_bytes;
    long timeout_ms;               /* 0 = the client's */
    unsigned slowest_bytes_per_ms; /* see struct ir_http_request */
    const struct ir_cancel *cancel;
    int (*sink)(void *context, const char *data, size_t bytes); /* see struct ir_http_request */
    void *sink_context;
    void (*progress)(void *context, uint64_t sent_bytes, uint64_t total_bytes);
    void *progress_context;
};

/* Of what is large: 16 KiB a second. A slower line is taken for a dead one. */
#define IR_AWS_SLOWEST_BYTES_PER_MS 16U

/*
 * Sends `request` until an answer with a 2xx status came, attempts or time ran out, the quota is
 * empty or trying again makes no sense. `response` is initialised by the caller. *out_retries says
 * how many attempts came after the first. Codes: all of error.h but BUDGET; IR_ERR_ARG also for a
 * header too many, or one with a control character in it.
 */
IR_MUST_CHECK int ir_aws_call(struct ir_aws *aws, const struct ir_aws_request *request,
                              struct ir_http_response *response, unsigned *out_retries,
                              struct ir_error *err);

/*
 * A URL with which anybody may send `request` (its method, bucket, path and query; no headers but
 * Host) for `lifetime_s` seconds, 1 to 604,800, but no longer than the credentials live. Appends to
 * `out_url`, which should be one that is wiped. IR_ERR_ARG: lifetime, no region; IR_ERR_AUTH;
 * IR_ERR_TOO_LARGE; IR_ERR_NOMEM. Source:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
IR_MUST_CHECK int ir_aws_presign(struct ir_aws *aws, const struct ir_aws_request *request,
                                 long lifetime_s, struct ir_buf *out_url, struct ir_error *err);

#endif
