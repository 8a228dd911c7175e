/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * AWS Signature Version 4, in a header or in a URL. Pure: no clock, no network, no settings.
 * Sources:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 *
 * The three stages are functions of their own, so that each can be compared with another
 * implementation, and so that a server can check a signature with the same code.
 */
#ifndef CORE_AWS_SIGN_H
#define CORE_AWS_SIGN_H

#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/digest.h"

#define IR_SIGN_DATE_BYTES 17 /* "20261120T213500Z" and NUL */

struct ir_header {
    const char *name; /* any case */
    const char *value;
};

/* What is signed; all borrowed. */
struct ir_sign_request {
    const char *method;
    const char *path;                /* as sent on the wire, percent-encoded, starts with '/' */
    const char *query;               /* as sent, without '?'; "" or NULL when none */
    const struct ir_header *headers; /* those that are signed; see ir_sign_wants_header */
    size_t header_count;
    const char *payload_hash; /* hex SHA-256 of the body, or a keyword such as UNSIGNED-PAYLOAD */
    const char *service;      /* signing name: "rekognition" */
    const char *region;
    const char *date; /* "20261120T213500Z" */
    bool s3_path;     /* S3 rules: the path is canonical as it is */
};

/* False for headers that a proxy may change and that therefore are never signed. */
bool ir_sign_wants_header(const char *name);

/* Writes the canonical request. Sticky failures stay in `out`. */
void ir_sign_canonical_request(const struct ir_sign_request *request, struct ir_buf *out);
/* "host;x-amz-date": lower-case, sorted, each once. */
void ir_sign_signed_headers(const struct ir_sign_request *request, struct ir_buf *out);
/* IR_ERR_NOMEM; IR_ERR_TOO_LARGE: the maximum of `out` was passed. */
IR_MUST_CHECK int ir_sign_string_to_sign(const struct ir_sign_request *request,
                                         const char *canonical_request,
                                         size_t canonical_request_bytes, struct ir_buf *out);
/*
 * Hex signature of `string_to_sign`. The derived keys are wiped. IR_ERR_NOMEM; IR_ERR_ARG: the date
 * is too short for a day; IR_ERR_TOO_LARGE: the secret is over 64 KiB.
 */
IR_MUST_CHECK int ir_sign_signature(const struct ir_sign_request *request, const char *secret_key,
                                    const char *string_to_sign, size_t string_to_sign_bytes,
                                    char out_hex[IR_SHA256_HEX_BYTES]);
/* All stages: the value of the Authorization header. Sticky failures stay in `out`. */
void ir_sign_authorization(const struct ir_sign_request *request, const char *access_key_id,
                           const char *secret_key, struct ir_buf *out);

#define IR_SIGN_UNSIGNED_PAYLOAD "UNSIGNED-PAYLOAD"
#define IR_SIGN_MAX_LIFETIME_S 604800L /* a week */

struct ir_sign_key {
    const char *access_key_id;
    const char *secret_key;
    const char *session_token; /* NULL for long-term keys */
};

/*
 * Appends the query with which `request` is good for `lifetime_s` seconds from its date on:
 * request->query, as it is, then the parameters of the signature, which covers request->headers.
 * Key and token stand in it, so `out` should be one that is wiped. Sticky failures stay in `out`.
 */
void ir_sign_presigned_query(const struct ir_sign_request *request, const struct ir_sign_key *key,
                             long lifetime_s, struct ir_buf *out);

#endif
