/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checks the AWS Signature Version 4 of a request, with the core's own signing code and the fixed
 * key of the embedded endpoint. Pure: the clock is passed in.
 * Source:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
#ifndef PLUGINS_LOCAL_AUTH_H
#define PLUGINS_LOCAL_AUTH_H

#include <stddef.h>
#include <stdint.h>

#include "core/aws/sign.h"

#define AUTH_MAX_HEADERS 64
#define AUTH_MAX_SKEW_MS (15 * 60 * 1000)

/* All borrowed. */
struct auth_request {
    const char *method;
    const char *path;                /* raw, as it came over the wire */
    const char *query;               /* raw, "" when none */
    const struct ir_header *headers; /* all that came, in order */
    size_t header_count;
    const void *body;
    size_t body_bytes;
    int64_t now_ms; /* wall clock */
};

/* 0, or IR_ERR_SERVICE with AWS's error code for what is wrong. */
IR_MUST_CHECK int auth_check(const struct auth_request *request, struct ir_error *err);

#endif
