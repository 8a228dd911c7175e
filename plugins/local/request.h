/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A request whose signature and body have been checked, as services see it. */
#ifndef PLUGINS_LOCAL_REQUEST_H
#define PLUGINS_LOCAL_REQUEST_H

#include "core/base/world.h"
#include "plugins/local/answer.h"
#include "plugins/local/intake.h"
#include "plugins/local/local.h"

struct s3_temporary;

/* All borrowed but the headers' array. */
struct request {
    struct local *local;
    const char *method;
    const char *path;  /* raw */
    const char *query; /* raw, "" when none */
    struct ir_header headers[AUTH_MAX_HEADERS];
    size_t header_count;
    struct auth_grant grant;
    char request_id[IR_UUID_BYTES];
    struct intake body;
    struct s3_temporary *upload; /* S3: the file with the body; NULL = body.memory */
};

/* NULL when it did not come. */
const char *request_header(const struct request *request, const char *name);
/* Whether the method is this one. */
bool request_is(const struct request *request, const char *method);
/* The body in memory as text. */
const char *request_text(const struct request *request);

/* The body as one JSON object; refuses anything else in `refusal`'s words. Free with ir_json_free.
 */
struct ir_json_doc;
struct refusal;
IR_MUST_CHECK int request_json(const struct request *request, const struct refusal *refusal,
                               struct ir_json_doc **out, struct ir_error *err);

#endif
