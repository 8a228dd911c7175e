/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The endpoint's error codes and their HTTP statuses. The codes are those of botocore's service
 * model of Rekognition (2016-06-27) and AWS's common errors
 * (https://docs.aws.amazon.com/rekognition/latest/APIReference/CommonErrors.html); faults of the
 * server are 500, which clients retry, everything else is 400. UnsupportedOperationException is
 * this endpoint's own, for what a local recogniser cannot know. Refusals of single services stand
 * in their files; fault.c turns the common ones into the words of each service.
 */
#include "plugins/local/refuse.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/base/error.h"

const struct refusal refuse_image_format = {"InvalidImageFormatException", 400};
const struct refusal refuse_image_too_large = {"ImageTooLargeException", 400};
const struct refusal refuse_parameter = {"InvalidParameterException", 400};
const struct refusal refuse_s3_object = {"InvalidS3ObjectException", 400};
const struct refusal refuse_serialization = {"SerializationException", 400};
const struct refusal refuse_signature = {"InvalidSignatureException", 400};
const struct refusal refuse_incomplete = {"IncompleteSignatureException", 400};
const struct refusal refuse_no_signature = {"MissingAuthenticationTokenException", 400};
const struct refusal refuse_key = {"UnrecognizedClientException", 400};
const struct refusal refuse_operation = {"UnknownOperationException", 400};
const struct refusal refuse_unsupported = {"UnsupportedOperationException", 400};
const struct refusal refuse_entity_too_large = {"RequestEntityTooLargeException", 413};
const struct refusal refuse_busy = {"ThrottlingException", 500};
const struct refusal refuse_internal = {"InternalServerError", 500};
const struct refusal refuse_request = {"InvalidRequest", 400};
const struct refusal refuse_skew = {"RequestTimeTooSkewed", 403};
const struct refusal refuse_denied = {"AccessDenied", 403};
const struct refusal refuse_query_signature = {"AuthorizationQueryParametersError", 400};
const struct refusal refuse_body_hash = {"XAmzContentSHA256Mismatch", 400};
const struct refusal refuse_incomplete_body = {"IncompleteBody", 400};
const struct refusal refuse_bad_digest = {"BadDigest", 400};
const struct refusal refuse_validation = {"ValidationException", 400};
const struct refusal refuse_not_found = {"ResourceNotFoundException", 404};

void refuse_fill(struct ir_error *err, const struct refusal *refusal, const char *format, ...)
{
    char message[sizeof err->message];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    (void)ir_fail(err, IR_ERR_SERVICE, "%s", message);
    ir_text_copy(err->aws_code, sizeof err->aws_code, refusal->aws_code);
    err->http_status = refusal->http_status;
}
