/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lambda's Invoke: the payload is the body, all else stands in headers. */
#include "core/service/lambda.h"

#include <string.h>

#include "core/base/base64.h"
#include "core/base/error.h"
#include "core/base/uri.h"
#include "core/base/utf8.h"

#define MAX_LOG_TEXT_BYTES (IR_LAMBDA_MAX_LOG_BYTES / 3 * 4 + 8)

static const char *const invocation_names[] = {
    [IR_LAMBDA_REQUEST_RESPONSE] = "RequestResponse",
    [IR_LAMBDA_EVENT] = "Event",
    [IR_LAMBDA_DRY_RUN] = "DryRun",
};

static int fail(struct ir_error *err, int code, const char *cause)
{
    ir_fail(err, code, "%s", cause);
    ir_error_set_service(err, ir_service_lambda.title);
    return code;
}

int ir_lambda_call(const struct ir_lambda_options *options, struct ir_request *out,
                   struct ir_error *err)
{
    bool is_event = options->invocation == IR_LAMBDA_EVENT;
    uint64_t max_bytes = is_event ? IR_LAMBDA_MAX_EVENT_BYTES : IR_LAMBDA_MAX_PAYLOAD_BYTES;
    if (options->function == NULL || *options->function == '\0')
        return fail(err, IR_ERR_ARG, "no function is named");
    if (options->payload != NULL && ir_body_length(options->payload) > max_bytes)
        return fail(err, IR_ERR_TOO_LARGE,
                    is_event ? "the payload has more than 1,048,576 bytes"
                             : "the payload has more than 6,291,456 bytes");
    ir_request_init(out, &ir_service_lambda, "POST", "/2015-03-31/functions/");
    ir_uri_encode(&out->path, options->function, strlen(options->function), false);
    ir_buf_append_text(&out->path, "/invocations");
    out->aws.content_type = "application/json";
    out->aws.is_paid = true; /* a function may do anything: not twice without being told */
    out->aws.max_response_bytes = IR_LAMBDA_MAX_PAYLOAD_BYTES;
    ir_request_add_query(out, "Qualifier", options->qualifier);
    ir_request_add_header(out, "X-Amz-Invocation-Type", invocation_names[options->invocation]);
    if (options->wants_log)
        ir_request_add_header(out, "X-Amz-Log-Type", "Tail");
    ir_request_add_header(out, "X-Amz-Client-Context", options->client_context);
    return ir_request_finish(out, options->payload, err);
}

/* The log's end as text; "" when there is none or it is no base64. */
static void read_log(const struct ir_http_response *response, char out[IR_LAMBDA_MAX_LOG_BYTES + 1])
{
    char text[MAX_LOG_TEXT_BYTES];
    unsigned char data[3 * MAX_LOG_TEXT_BYTES / 4 + 3];
    size_t bytes = 0;
    ir_http_response_header(response, "x-amz-log-result", text, sizeof text);
    if (ir_base64_decode(text, strlen(text), data, &bytes) != 0)
        bytes = 0;
    if (bytes > IR_LAMBDA_MAX_LOG_BYTES)
        bytes = IR_LAMBDA_MAX_LOG_BYTES;
    memcpy(out, data, bytes);
    out[bytes] = '\0';
    for (size_t at = 0; at < bytes;) {
        size_t width = ir_utf8_next(out + at, bytes - at);
        if (width == 0)
            out[at] = '?';
        at += width > 0 ? width : 1;
    }
}

/* {"errorType":"KeyError","errorMessage":"...","stackTrace":[...]} */
static int fail_function(const struct ir_http_response *response, struct ir_error *err)
{
    struct ir_json_doc *doc = NULL;
    if (ir_json_parse(ir_buf_text(&response->body), response->body.bytes, "the function's error",
                      &doc, NULL) == IR_ERR_NOMEM)
        return ir_fail_nomem(err);
    const struct ir_json_value *root = doc != NULL ? ir_json_root(doc) : NULL;
    ir_fail(err, IR_ERR_SERVICE, "the function failed: %s",
            ir_json_member_string(root, "errorMessage", "it gave no reason"));
    ir_error_set_service(err, ir_service_lambda.title);
    ir_error_set_hint(err, "Look at the function's log in CloudWatch.");
    if (err != NULL) {
        err->http_status = response->status;
        err->maybe_served = true;
        ir_answer_text(root, "errorType", err->aws_code, sizeof err->aws_code);
        ir_http_response_text(response, "x-amzn-requestid", err->request_id,
                              sizeof err->request_id);
    }
    ir_json_free(doc);
    return IR_ERR_SERVICE;
}

int ir_lambda_read(const struct ir_http_response *response, struct ir_lambda_answer *out,
                   struct ir_error *err)
{
    out->status = response->status;
    ir_http_response_header(response, "x-amz-executed-version", out->executed_version,
                            sizeof out->executed_version);
    ir_http_response_header(response, "x-amz-function-error", out->function_error,
                            sizeof out->function_error);
    read_log(response, out->log);
    return out->function_error[0] == '\0' ? 0 : fail_function(response, err);
}
