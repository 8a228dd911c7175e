/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Labels from a Lambda function, which asks whom it likes. Its event is
 *
 *     {"Bucket": ..., "Key": ..., "prompt": ...}      the picture is in S3
 *     {"image": base64, "media_type": ..., "prompt": ...}   it is in the event
 *
 * labels_place.c finds that place. The answer is text, a JSON string, JSON, or {"statusCode",
 * "body"} as API Gateway takes it; the rest of it is read as models' answers are.
 */
#include <stdio.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/base64.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/service/lambda.h"
#include "core/task/labels_job.h"
#include "core/task/labels_place.h"

#define SERVICE "Lambda"
#define MAX_PROMPT_BYTES (16U * 1024)
#define MAX_EVENT_TEXT_BYTES (1U << 20)
#define MAX_LAYERS 3 /* a JSON string of a JSON string of ... */

static int fail(struct ir_error *err, int code, const char *cause, const char *hint)
{
    return ir_fail_with(err, code, SERVICE, cause, hint);
}

int ir_labels_lambda_check(const struct ir_labels_job *job, struct ir_error *err)
{
    if (ir_endpoint_is_embedded(job->client->aws.endpoint_setting))
        return fail(err, IR_ERR_ARG, "the endpoint on this machine has no functions",
                    "Set endpoint to aws, or from to bedrock.");
    return ir_picture_check_upright(job->picture, err);
}

/* ---- the answer -------------------------------------------------------------------------- */

static int fail_status(double status, const char *body, struct ir_error *err)
{
    struct ir_json_doc *doc = NULL;
    const struct ir_json_value *root = NULL;
    if (ir_json_parse(body, strlen(body), "the body", &doc, NULL) == 0)
        root = ir_json_root(doc);
    const char *words = ir_json_member_string(root, "message", NULL);
    if (words == NULL)
        words = ir_json_member_string(root, "error", NULL);
    ir_fail(err, IR_ERR_SERVICE, "the function answered with status %.0f%s%.300s", status,
            words != NULL ? ": " : "", words != NULL ? words : "");
    ir_error_set_service(err, SERVICE);
    ir_error_set_hint(err, "Look at the function's log in CloudWatch.");
    ir_json_free(doc);
    return IR_ERR_SERVICE;
}

/* What API Gateway's body is in base64. */
static int decode_body(struct ir_buf *body, struct ir_error *err)
{
    size_t bytes = 0;
    unsigned char *data = ir_malloc(3 * body->bytes / 4 + 3);
    if (data == NULL)
        return ir_fail_nomem(err);
    int rc = ir_base64_decode(ir_buf_text(body), body->bytes, data, &bytes);
    if (rc == 0) {
        ir_buf_clear(body);
        ir_buf_append(body, data, bytes);
        rc = ir_buf_check(body, "the function's answer", err);
    } else {
        rc = fail(err, IR_ERR_RESPONSE, "the function's body says that it is base64, and is not",
                  "Look at what the function returns.");
    }
    ir_free(data);
    return rc;
}

/* {"statusCode":200,"body":"..."}: `text` becomes the body. */
static int take_body(const struct ir_json_value *root, struct ir_buf *text, struct ir_error *err)
{
    double status = ir_json_number(ir_json_get(root, "statusCode"), 0.0);
    size_t bytes = 0;
    const char *body = ir_json_string(ir_json_get(root, "body"), &bytes, NULL);
    if (status >= 400.0)
        return fail_status(status, body != NULL ? body : "", err);
    if (body == NULL) /* an object, which the reader finds in the whole */
        return 0;
    bool is_base64 = ir_json_bool(ir_json_get(root, "isBase64Encoded"), false);
    ir_buf_clear(text);
    ir_buf_append(text, body, bytes);
    int rc = ir_buf_check(text, "the function's answer", err);
    return rc == 0 && is_base64 ? decode_body(text, err) : rc;
}

/* Takes the wrappings off: a JSON string, API Gateway's envelope, and one within the other. */
static int unwrap(struct ir_buf *text, struct ir_error *err)
{
    for (int layer = 0; layer < MAX_LAYERS; layer++) {
        struct ir_json_doc *doc = NULL;
        size_t bytes = 0;
        int rc = ir_json_parse(ir_buf_text(text), text->bytes, "the answer", &doc, NULL);
        if (rc == IR_ERR_NOMEM)
            return ir_fail_nomem(err);
        if (rc != 0) /* plain text, or nearly JSON */
            return 0;
        const struct ir_json_value *root = ir_json_root(doc);
        const char *string = ir_json_string(root, &bytes, NULL);
        bool is_envelope = ir_json_is_number(ir_json_get(root, "statusCode"));
        if (string != NULL) {
            ir_buf_clear(text);
            ir_buf_append(text, string, bytes);
            rc = ir_buf_check(text, "the function's answer", err);
        } else if (is_envelope) {
            is_envelope = ir_json_is_string(ir_json_get(root, "body"));
            rc = take_body(root, text, err);
        }
        ir_json_free(doc);
        if (rc != 0 || (string == NULL && !is_envelope))
            return rc;
    }
    return 0;
}

static int read_answer(struct ir_labels_job *job, const struct ir_http_response *response,
                       const struct ir_labels_view *view, struct ir_error *err)
{
    struct ir_lambda_answer answer;
    struct ir_buf text;
    int rc = ir_lambda_read(response, &answer, err);
    if (rc != 0)
        return rc;
    ir_buf_init(&text, IR_LAMBDA_MAX_PAYLOAD_BYTES);
    ir_buf_append(&text, ir_buf_text(&response->body), response->body.bytes);
    rc = ir_buf_check(&text, "the function's answer", err);
    if (rc == 0)
        rc = unwrap(&text, err);
    if (rc == 0)
        rc = ir_labels_read(ir_buf_text(&text), view, SERVICE, job->result, err);
    ir_buf_release(&text);
    return rc;
}

/* ---- the call ---------------------------------------------------------------------------- */

static int write_event(const struct ir_labels_job *job, const struct ir_labels_place *place,
                       const char *prompt, const struct ir_body_piece *piece,
                       struct ir_json_body *out, struct ir_error *err)
{
    ir_json_body_init(out, MAX_EVENT_TEXT_BYTES);
    ir_json_begin_object(&out->json);
    if (place->is_inline) {
        ir_json_key(&out->json, "image");
        ir_json_body_put_picture(out, piece);
        ir_json_member_put_string(&out->json, "media_type", job->picture->info.media_type);
    } else {
        ir_json_member_put_string(&out->json, "Bucket", place->uri.bucket);
        ir_json_member_put_string(&out->json, "Key", place->uri.key);
    }
    ir_json_member_put_string(&out->json, "prompt", prompt);
    ir_json_end_object(&out->json);
    int rc = ir_json_body_finish(out, err);
    if (rc != 0)
        ir_json_body_release(out);
    return rc;
}

/* Where an answer is read to. */
struct reading {
    struct ir_labels_job *job;
    const struct ir_labels_view *view;
};

static int read_one(void *context, int call_rc, const struct ir_http_response *response,
                    struct ir_consumption *measured, struct ir_error *err)
{
    const struct reading *reading = context;
    (void)measured; /* a request is one, and the seam counts it */
    return call_rc == 0 ? read_answer(reading->job, response, reading->view, err) : call_rc;
}

/* A function may do anything and look at anything: an earlier answer is none to this question. */
static int send(struct reading *reading, struct ir_request *request, struct ir_error *err)
{
    static const char operation[] = "Invoke";
    struct ir_labels_job *job = reading->job;
    request->aws.cancel = job->options->cancel;
    const struct ir_paid_call call = {
        .client = job->client,
        .request = &request->aws,
        .operation = operation,
        .price = ir_price_of_operation(job->client->paid.prices, request->aws.service, operation),
        .estimate = {.requests = 1},
        .is_new_each_time = true,
        .read = read_one,
        .context = reading,
    };
    return ir_paid_run(&call, &job->result->usage, err);
}

static int invoke(struct ir_labels_job *job, const struct ir_labels_place *place,
                  const char *prompt, const struct ir_labels_view *view, struct ir_error *err)
{
    const struct ir_body_piece piece = {job->picture->spans, job->picture->span_count, true, NULL};
    struct reading reading = {job, view};
    struct ir_json_body event;
    struct ir_request request;
    int rc = write_event(job, place, prompt, &piece, &event, err);
    if (rc != 0)
        return rc;
    const struct ir_lambda_options options = {.function = job->target, .payload = &event.body};
    rc = ir_lambda_call(&options, &request, err);
    if (rc == 0) {
        rc = send(&reading, &request, err);
        ir_request_release(&request);
    } else if (rc == IR_ERR_TOO_LARGE) {
        ir_error_set_hint(err, "Make the picture smaller, or set bucket, so that it goes by S3.");
    }
    ir_json_body_release(&event);
    return rc;
}

int ir_labels_lambda(struct ir_labels_job *job, struct ir_error *err)
{
    const struct ir_labels_view view = ir_labels_view_of(job, job->options->model);
    struct ir_labels_place place = {0};
    struct ir_buf prompt;
    ir_buf_init(&prompt, MAX_PROMPT_BYTES);
    int rc = ir_labels_write_prompt(job, view.seen, &prompt, err);
    if (rc == 0)
        rc = ir_labels_place_find(job, &place, err);
    if (rc == 0)
        rc = invoke(job, &place,
                    job->options->prompt != NULL ? job->options->prompt : ir_buf_text(&prompt),
                    &view, err);
    rc = ir_labels_place_leave(job, &place, rc, err);
    if (rc == 0)
        rc = ir_labels_set_source(job, "lambda:", job->target, err);
    ir_buf_release(&prompt);
    return rc;
}
