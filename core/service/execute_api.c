/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls of APIs behind API Gateway: https://ID.execute-api.REGION.amazonaws.com/STAGE/PATH. */
#include "core/service/execute_api.h"

#include <stdio.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/uri.h"

static int fail(struct ir_error *err, int code, const char *cause)
{
    ir_fail(err, code, "%s", cause);
    ir_error_set_service(err, ir_service_execute_api.title);
    return code;
}

static bool is_method(const char *method)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "DELETE", "HEAD"};
    for (size_t i = 0; method != NULL && i < sizeof methods / sizeof methods[0]; i++)
        if (strcmp(method, methods[i]) == 0)
            return true;
    return false;
}

/* It becomes a part of the host's name: nothing else may stand in it. */
static bool is_api_id(const char *id)
{
    size_t bytes = id != NULL ? strlen(id) : 0;
    return bytes >= 1 && bytes <= IR_EXECUTE_API_MAX_ID_BYTES &&
           strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789") == bytes;
}

int ir_execute_api_begin(const struct ir_execute_api_options *options,
                         struct ir_execute_api_request *out, struct ir_error *err)
{
    if (!is_method(options->method))
        return fail(err, IR_ERR_ARG, "the method must be GET, POST, PUT, DELETE or HEAD");
    if (!is_api_id(options->api_id))
        return fail(err, IR_ERR_ARG, "an API's id has 1 to 32 small letters and digits");
    if (options->path == NULL || options->path[0] != '/')
        return fail(err, IR_ERR_ARG, "the path must start with a slash");
    if (options->body != NULL && ir_body_length(options->body) > IR_EXECUTE_API_MAX_BODY_BYTES)
        return fail(err, IR_ERR_TOO_LARGE, "what is to be sent has more than 10,485,760 bytes");
    struct ir_request *request = &out->request;
    ir_request_init(request, &ir_service_execute_api, options->method, "");
    if (options->stage != NULL) {
        ir_buf_append_char(&request->path, '/');
        ir_uri_encode(&request->path, options->stage, strlen(options->stage), false);
    }
    ir_uri_encode(&request->path, options->path, strlen(options->path), true);
    snprintf(out->host_prefix, sizeof out->host_prefix, "%s.", options->api_id);
    request->aws.host_prefix = out->host_prefix;
    request->aws.content_type = options->content_type;
    request->aws.is_paid = !options->is_repeatable;
    request->aws.max_response_bytes = IR_EXECUTE_API_MAX_BODY_BYTES;
    ir_request_add_header(request, "x-api-key", options->api_key);
    return 0;
}

int ir_execute_api_finish(const struct ir_execute_api_options *options,
                          struct ir_execute_api_request *out, struct ir_error *err)
{
    return ir_request_finish(&out->request, options->body, err);
}
