/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AWS's error answers turned into struct ir_error: code, words, next step. Pure. */
#ifndef CORE_AWS_ERROR_SHAPE_H
#define CORE_AWS_ERROR_SHAPE_H

#include "core/aws/endpoint.h"
#include "core/aws/http.h"

/*
 * Fills `err` from an answer whose status is not 2xx and returns its code. The AWS code is taken
 * from X-Amzn-Errortype, else `__type`, else `code`, cut at ':' and after '#'
 * (https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html); of an XML answer from its Error
 * element.
 */
int ir_error_from_response(const struct ir_service *service,
                           const struct ir_http_response *response, struct ir_error *err);

/*
 * S3 sends the status of some answers before it knows how they end: a 2xx whose XML root is <Error>
 * gets the status 500, as its documentation asks for. IR_ERR_NOMEM, with maybe_served. Source:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
 */
IR_MUST_CHECK int ir_error_unmask(struct ir_http_response *response, struct ir_error *err);

/* ir_error_from_response for an exception that comes without a response of its own, in an event
 * stream. */
int ir_error_from_code(const struct ir_service *service, const char *aws_code, const char *message,
                       struct ir_error *err);

#endif
