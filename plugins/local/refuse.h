/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Refusals of the endpoint: an AWS error code, an HTTP status and words, carried in struct ir_error
 * (aws_code, http_status, message) from where the cause is found to the answer.
 */
#ifndef PLUGINS_LOCAL_REFUSE_H
#define PLUGINS_LOCAL_REFUSE_H

#include <imgrecog/error.h>

/* One AWS error: its code and the HTTP status that comes with it. */
struct refusal {
    const char *aws_code;
    int http_status;
};

extern const struct refusal refuse_image_format;     /* InvalidImageFormatException */
extern const struct refusal refuse_image_too_large;  /* ImageTooLargeException */
extern const struct refusal refuse_parameter;        /* InvalidParameterException */
extern const struct refusal refuse_s3_object;        /* InvalidS3ObjectException */
extern const struct refusal refuse_serialization;    /* SerializationException */
extern const struct refusal refuse_signature;        /* InvalidSignatureException */
extern const struct refusal refuse_incomplete;       /* IncompleteSignatureException */
extern const struct refusal refuse_no_signature;     /* MissingAuthenticationTokenException */
extern const struct refusal refuse_key;              /* UnrecognizedClientException */
extern const struct refusal refuse_operation;        /* UnknownOperationException */
extern const struct refusal refuse_unsupported;      /* UnsupportedOperationException */
extern const struct refusal refuse_entity_too_large; /* RequestEntityTooLargeException */
extern const struct refusal refuse_busy;             /* ThrottlingException */
extern const struct refusal refuse_internal;         /* InternalServerError */
extern const struct refusal refuse_request;          /* InvalidRequest (S3) */
extern const struct refusal refuse_skew;             /* RequestTimeTooSkewed (S3) */
extern const struct refusal refuse_denied;           /* AccessDenied (S3) */
extern const struct refusal refuse_query_signature;  /* AuthorizationQueryParametersError (S3) */
extern const struct refusal refuse_body_hash;        /* XAmzContentSHA256Mismatch (S3) */
extern const struct refusal refuse_incomplete_body;  /* IncompleteBody (S3) */
extern const struct refusal refuse_bad_digest;       /* BadDigest (S3) */
extern const struct refusal refuse_validation;       /* ValidationException (Bedrock) */
extern const struct refusal refuse_not_found;        /* ResourceNotFoundException */

/* Fills `err` (never NULL here). */
IR_PRINTF(3, 4)
void refuse_fill(struct ir_error *err, const struct refusal *refusal, const char *format, ...);
/* Fills `err` and gives IR_ERR_SERVICE. A macro, so that whoever reads a caller, compilers too,
 * sees that it is never 0. */
#define refuse(err, ...) (refuse_fill(err, __VA_ARGS__), IR_ERR_SERVICE)

/* Out of memory, as the client is told. */
static inline int refuse_nomem(struct ir_error *err)
{
    return refuse(err, &refuse_internal, "The local endpoint is out of memory.");
}

#endif
