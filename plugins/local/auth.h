/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checks the AWS Signature Version 4 of a request, in its header or in its query ("presigned"),
 * with the core's own signing code and the fixed key of the embedded endpoint. Pure: the clock is
 * passed in.
 * Source:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
 */
#ifndef PLUGINS_LOCAL_AUTH_H
#define PLUGINS_LOCAL_AUTH_H

#include <stddef.h>
#include <stdint.h>

#include "core/aws/sign.h"

#define AUTH_MAX_HEADERS 64
#define AUTH_MAX_SKEW_MS (15 * 60 * 1000)
#define AUTH_MAX_EXPIRES_S 604800
#define AUTH_NAME_BYTES 64

/* What the signature says of the body. All but the first are S3's. */
enum auth_payload {
    AUTH_PAYLOAD_HASHED,          /* grant.payload_hash is the body's SHA-256 */
    AUTH_PAYLOAD_UNSIGNED,        /* nothing */
    AUTH_PAYLOAD_CHUNKS_UNSIGNED, /* aws-chunked with a trailer, nothing signed */
    AUTH_PAYLOAD_CHUNKS,          /* aws-chunked, each chunk signed */
    AUTH_PAYLOAD_CHUNKS_TRAILER,  /* and the trailer too */
};

/* All borrowed. */
struct auth_request {
    const char *method;
    const char *path;                /* raw, as it came over the wire */
    const char *query;               /* raw, "" when none */
    const struct ir_header *headers; /* all that came, in order */
    size_t header_count;
    /* Hex SHA-256 of the whole body. S3 may leave it NULL: then the header's word is taken, and the
     * caller compares when the body is there. */
    const char *body_sha256;
    int64_t now_ms; /* wall clock */
};

/* What a good signature was made with. */
struct auth_grant {
    char service[AUTH_NAME_BYTES];
    char region[AUTH_NAME_BYTES];
    char date[IR_SIGN_DATE_BYTES];
    char signature[IR_SHA256_HEX_BYTES];
    char payload_hash[IR_SHA256_HEX_BYTES]; /* of AUTH_PAYLOAD_HASHED */
    enum auth_payload payload;
};

/* 0, or IR_ERR_SERVICE with AWS's error code for what is wrong. */
IR_MUST_CHECK int auth_check(const struct auth_request *request, struct auth_grant *out,
                             struct ir_error *err);

/* The service that the signature's scope names, before anything is checked; "" when there is none
 * that can be read. */
void auth_peek_service(const struct auth_request *request, char out[AUTH_NAME_BYTES]);

/* The first header of this name, any case; NULL when there is none. */
const char *auth_header(const struct auth_request *request, const char *name);

/* The signature of `string_to_sign` by the endpoint's key in the scope of `grant`: that of a chunk
 * or trailer of aws-chunked. IR_ERR_NOMEM. */
IR_MUST_CHECK int auth_sign(const struct auth_grant *grant, const char *string_to_sign,
                            char out_hex[IR_SHA256_HEX_BYTES]);

#endif
