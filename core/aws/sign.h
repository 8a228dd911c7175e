/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * AWS Signature Version 4, header form. Pure: no clock, no network, no settings.
 * Source:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
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

#endif
