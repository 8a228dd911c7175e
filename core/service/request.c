/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all services' requests and answers share. */
#include "core/service/request.h"

#include <string.h>

#include "core/base/error.h"
#include "core/base/uri.h"

#define MAX_PATH_BYTES 3072
#define MAX_QUERY_BYTES 3072
#define MAX_TEXT_BYTES (8U << 20)
#define MAX_ANSWER_BYTES (32U << 20)

void ir_request_init(struct ir_request *request, const struct ir_service *service,
                     const char *method, const char *path)
{
    request->aws = (struct ir_aws_request){
        .service = service, .method = method, .max_response_bytes = MAX_ANSWER_BYTES};
    request->bad_header = NULL;
    ir_buf_init(&request->path, MAX_PATH_BYTES);
    ir_buf_init(&request->query, MAX_QUERY_BYTES);
    ir_buf_append_text(&request->path, path);
    ir_json_body_init(&request->json, MAX_TEXT_BYTES);
}

void ir_request_init_json(struct ir_request *request, const struct ir_service *service,
                          const char *target, const char *content_type)
{
    ir_request_init(request, service, "POST", "/");
    request->aws.target = target;
    request->aws.content_type = content_type;
}

void ir_request_release(struct ir_request *request)
{
    ir_json_body_release(&request->json);
    ir_buf_release(&request->query);
    ir_buf_release(&request->path);
}

static bool has_control(const char *value)
{
    for (; *value != '\0'; value++)
        if ((unsigned char)*value < ' ' || *value == 0x7f)
            return true;
    return false;
}

void ir_request_add_header(struct ir_request *request, const char *name, const char *value)
{
    if (value == NULL || *value == '\0')
        return;
    if (request->aws.header_count == IR_AWS_MAX_EXTRA_HEADERS || has_control(value)) {
        if (request->bad_header == NULL)
            request->bad_header = name;
        return;
    }
    request->headers[request->aws.header_count++] = (struct ir_header){name, value};
}

void ir_request_add_query(struct ir_request *request, const char *name, const char *value)
{
    if (value == NULL)
        return;
    if (request->query.bytes > 0)
        ir_buf_append_char(&request->query, '&');
    ir_uri_encode(&request->query, name, strlen(name), false);
    ir_buf_append_char(&request->query, '=');
    ir_uri_encode(&request->query, value, strlen(value), false);
}

int ir_request_finish(struct ir_request *request, const struct ir_body *body, struct ir_error *err)
{
    int rc = ir_buf_check(&request->path, "the request's path", err);
    if (rc == 0)
        rc = ir_buf_check(&request->query, "the request's query", err);
    if (rc == 0 && request->bad_header != NULL)
        rc = ir_fail(err, IR_ERR_ARG, "the value for the header %s holds a control character",
                     request->bad_header);
    if (rc == 0 && body == NULL &&
        (request->json.text.bytes > 0 || request->json.text.failed != 0)) {
        rc = ir_json_body_finish(&request->json, err);
        body = &request->json.body;
    }
    if (rc != 0) {
        ir_error_set_service(err, request->aws.service->title);
        ir_request_release(request);
        return rc;
    }
    request->aws.path = ir_buf_text(&request->path);
    request->aws.query = request->query.bytes > 0 ? ir_buf_text(&request->query) : NULL;
    request->aws.headers = request->headers;
    request->aws.body = body;
    return 0;
}

void ir_answer_text(const struct ir_json_value *object, const char *member, char *out,
                    size_t out_bytes)
{
    ir_text_copy(out, out_bytes, ir_json_member_string(object, member, ""));
}

int ir_answer_fail(const struct ir_service *service, const char *cause, struct ir_error *err)
{
    int rc = ir_fail(err, IR_ERR_RESPONSE, "%s", cause);
    ir_error_set_service(err, service->title);
    ir_error_set_hint(err, "Check the endpoint's address, and whether a proxy stands before it.");
    if (err != NULL)
        err->maybe_served = true; /* it was answered */
    return rc;
}

int ir_answer_parse(const struct ir_service *service, const char *json, size_t bytes,
                    struct ir_json_doc **out, struct ir_error *err)
{
    int rc = ir_json_parse(json, bytes, "the answer", out, err);
    if (rc == IR_ERR_RESPONSE)
        ir_error_set_hint(err, "Check the endpoint's address, and whether a proxy stands before "
                               "it.");
    if (rc != 0) {
        ir_error_set_service(err, service->title);
        if (err != NULL)
            err->maybe_served = true; /* it was answered */
        return rc;
    }
    if (ir_json_is_object(ir_json_root(*out)))
        return 0;
    ir_json_free(*out);
    *out = NULL;
    return ir_answer_fail(service, "the answer is not a JSON object", err);
}
