/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looking things up in a request. */
#include "plugins/local/request.h"

#include <string.h>
#include <strings.h>

#include "core/base/json.h"
#include "plugins/local/refuse.h"

const char *request_header(const struct request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (strcasecmp(request->headers[i].name, name) == 0)
            return request->headers[i].value;
    return NULL;
}

bool request_is(const struct request *request, const char *method)
{
    return strcmp(request->method, method) == 0;
}

const char *request_text(const struct request *request)
{
    return ir_buf_text(&request->body.memory);
}

int request_json(const struct request *request, const struct refusal *refusal,
                 struct ir_json_doc **out, struct ir_error *err)
{
    struct ir_json_doc *doc = NULL;
    struct ir_error cause;
    int rc = ir_json_parse(request_text(request), request->body.memory.bytes, "the request", &doc,
                           &cause);
    if (rc == IR_ERR_NOMEM)
        return refuse_nomem(err);
    if (rc != 0)
        return refuse(err, refusal, "%s", cause.message);
    if (!ir_json_is_object(ir_json_root(doc))) {
        ir_json_free(doc);
        return refuse(err, refusal, "The request is not a JSON object.");
    }
    *out = doc;
    return 0;
}
