/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One call over its attempts, as the files call*.c see it: call_prepare.c fills it, call_attempt.c
 * signs and sends, call_redirect.c follows a bucket to its region, call.c decides what comes next.
 */
#ifndef CORE_AWS_CALL_STATE_H
#define CORE_AWS_CALL_STATE_H

#include "core/aws/call.h"

struct ir_call {
    struct ir_aws *aws;
    const struct ir_aws_request *request;
    struct ir_credentials *credentials; /* NULL = none are needed */
    const char *bearer_token;           /* NULL = SigV4, or nothing */
    struct ir_endpoint endpoint;
    struct ir_buf url;
    struct ir_buf path; /* of the URL, as signed */
    int64_t deadline_ms;
    char payload_hash[IR_SHA256_HEX_BYTES];
    char invocation_id[IR_UUID_BYTES]; /* for finding the attempts of one call in a server's log */
    unsigned attempt;                  /* from 1 */
    unsigned corrections; /* attempts that followed from what an answer taught; none is a retry */
    bool maybe_served;    /* one of the attempts may have been, though the last was not */
    bool clock_corrected;
    bool credentials_renewed;
    bool redirected;
};

/* Sets the deadline. ir_call_end is due in any case. */
void ir_call_begin(struct ir_call *call, struct ir_aws *aws, const struct ir_aws_request *request);
void ir_call_end(struct ir_call *call);
int64_t ir_call_now_ms(const struct ir_call *call);
/* Our clock, put right by what servers said of theirs. */
int64_t ir_call_server_unix_ms(const struct ir_call *call);

/* Credentials, address and the body's hash. Codes of ir_aws_call. */
IR_MUST_CHECK int ir_call_prepare(struct ir_call *call, struct ir_error *err);
/* What the store has, looked for where needed; the caller releases it. */
IR_MUST_CHECK int ir_call_get_stored(struct ir_call *call, struct ir_credentials **out,
                                     struct ir_error *err);
/* Endpoint, path and URL. `region` in place of the configuration's; NULL = that. */
IR_MUST_CHECK int ir_call_find_endpoint(struct ir_call *call, const char *region,
                                        struct ir_error *err);
/* Path and URL, of the endpoint that the call has. */
IR_MUST_CHECK int ir_call_make_url(struct ir_call *call, struct ir_error *err);

/* One attempt. 0 with a 2xx answer; else its error. */
IR_MUST_CHECK int ir_call_attempt(struct ir_call *call, struct ir_http_response *response,
                                  struct ir_error *err);

/*
 * *out_again: the answer named the place where the bucket lies, and the call is turned to it. Else
 * `err` stays the attempt's, with the better hint where there is one. IR_ERR_NOMEM, or what
 * ir_call_find_endpoint says of the new place.
 */
IR_MUST_CHECK int ir_call_redirect(struct ir_call *call, const struct ir_http_response *response,
                                   bool *out_again, struct ir_error *err);

/* "Rekognition DetectLabels at HOST", "S3 PUT HOST/PATH": what log lines call a call. */
#define IR_CALL_NAME_BYTES 512
void ir_call_name(const struct ir_call *call, char out[IR_CALL_NAME_BYTES]);

#endif
