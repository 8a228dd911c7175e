/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Labels from a Lambda function, which asks whom it likes. Its event is
 *
 *     {"Bucket": ..., "Key": ..., "prompt": ...}      the picture is in S3
 *     {"image": base64, "media_type": ..., "prompt": ...}   it is in the event
 *
 * In S3 it is where it came from, or an object of our own that is deleted when the function has
 * answered. The answer is text, a JSON string, JSON, or {"statusCode", "body"} as API Gateway takes
 * it; the rest of it is read as models' answers are.
 */
#include <stdio.h>
#include <string.h>

#include <imgrecog/fetch.h>
#include <imgrecog/upload.h>

#include "core/base/alloc.h"
#include "core/base/base64.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/world.h"
#include "core/service/lambda.h"
#include "core/service/s3.h"
#include "core/task/labels_job.h"

#define SERVICE "Lambda"
#define MAX_PROMPT_BYTES (16U * 1024)
#define MAX_EVENT_TEXT_BYTES (1U << 20)
#define MAX_LAYERS 3 /* a JSON string of a JSON string of ... */
#define DELETE_TIMEOUT_MS 10000L
#define NAME_BYTES 96
#define MAX_LINE_BYTES 2560

/* Where the picture is while the function looks at it. */
struct place {
    bool is_inline;
    bool is_ours; /* uploaded here, so to be deleted */
    struct ir_s3_uri uri;
};

static int fail(struct ir_error *err, int code, const char *cause, const char *hint)
{
    return ir_labels_fail(err, code, SERVICE, cause, hint);
}

int ir_labels_lambda_check(const struct ir_labels_job *job, struct ir_error *err)
{
    if (ir_endpoint_is_embedded(job->client->aws.endpoint_setting))
        return fail(err, IR_ERR_ARG, "the endpoint on this machine has no functions",
                    "Set endpoint to aws, or from to bedrock.");
    return ir_labels_check_upright(job, err);
}

/* ---- the picture's place ----------------------------------------------------------------- */

/* The object itself, where it is what is sent: upright, and not made smaller or another kind. */
static bool is_source_object(const struct ir_labels_job *job, struct ir_s3_uri *out)
{
    const struct ir_picture *picture = job->picture;
    return picture->source != NULL && strncmp(picture->source, "s3://", 5) == 0 &&
           !picture->is_encoded && picture->orientation == 1 &&
           ir_s3_uri_parse(picture->source, out, NULL) == 0;
}

static int name_object(const struct ir_labels_job *job, struct ir_s3_uri *out, struct ir_error *err)
{
    const struct ir_labels_options *options = job->options;
    const struct ir_world *world = job->client->aws.world;
    bool is_png = strcmp(job->picture->info.media_type, "image/png") == 0;
    const char *prefix = options->prefix != NULL ? options->prefix : "";
    char date[17];
    char uuid[IR_UUID_BYTES];
    if (strlen(options->bucket) >= sizeof out->bucket ||
        strlen(prefix) + NAME_BYTES >= sizeof out->key)
        return ir_labels_fail(err, IR_ERR_ARG, IR_LABELS_SERVICE,
                              "the bucket's name or the prefix is too long", "Shorten it.");
    ir_world_amz_date(world->unix_ms(world->context), date);
    ir_world_uuid(world, uuid);
    snprintf(out->bucket, sizeof out->bucket, "%s", options->bucket);
    snprintf(out->key, sizeof out->key, "%s%s-%s.%s", prefix, date, uuid, is_png ? "png" : "jpg");
    return 0;
}

static int upload(struct ir_labels_job *job, const struct place *place, struct ir_error *err)
{
    const struct ir_picture *picture = job->picture;
    struct ir_upload_options options = IR_UPLOAD_OPTIONS_INIT;
    struct ir_upload_result done;
    struct ir_buf bytes; /* the picture's pieces, without what is private */
    ir_buf_init(&bytes, picture->sent_bytes);
    for (size_t i = 0; i < picture->span_count; i++)
        ir_buf_append(&bytes, picture->spans[i].data, picture->spans[i].bytes);
    options.bucket = place->uri.bucket;
    options.key = place->uri.key;
    options.content_type = picture->info.media_type;
    options.only_if_new = true;
    options.cancel = job->options->cancel;
    int rc = ir_buf_check(&bytes, "the picture", err);
    if (rc == 0)
        rc = ir_upload_data(job->client, bytes.data, bytes.bytes, &options, &done, err);
    if (rc == 0) {
        job->result->usage.requests += done.requests;
        job->result->usage.retries += done.retries;
    }
    ir_buf_release(&bytes);
    return rc;
}

static int find_place(struct ir_labels_job *job, struct place *place, struct ir_error *err)
{
    char text[sizeof "s3:///" + sizeof place->uri];
    if (is_source_object(job, &place->uri)) {
        place->is_ours = false;
    } else if (job->options->bucket == NULL) {
        place->is_inline = true;
        return 0;
    } else {
        int rc = name_object(job, &place->uri, err);
        if (rc == 0)
            rc = upload(job, place, err);
        if (rc != 0)
            return rc;
        place->is_ours = true;
    }
    snprintf(text, sizeof text, "s3://%s/%s", place->uri.bucket, place->uri.key);
    return ir_result_set_text(&job->result->image.sent_uri, text) == 0 ? 0 : ir_fail_nomem(err);
}

/* Also after a failure or a cancellation, which is why it hears no token. */
static int delete_object(struct ir_labels_job *job, const struct place *place, struct ir_error *err)
{
    const struct ir_s3_object_name name = {.bucket = place->uri.bucket, .key = place->uri.key};
    struct ir_http_response response;
    struct ir_s3_request request;
    unsigned retries = 0;
    int rc = ir_s3_delete_call(&name, &request, err);
    if (rc != 0)
        return rc;
    request.http.aws.timeout_ms = DELETE_TIMEOUT_MS;
    ir_http_response_init(&response);
    rc = ir_aws_call(&job->client->aws, &request.http.aws, &response, &retries, err);
    job->result->usage.retries += retries;
    job->result->usage.requests += rc == 0 ? 1 : 0;
    if (rc != 0)
        rc = ir_s3_explain(&request, rc, err);
    else
        rc = ir_s3_read_nothing(&response, err);
    ir_http_response_release(&response);
    ir_s3_request_release(&request);
    return rc;
}

/* What could not be tidied up is told: in the document, or with the failure that came before. */
static int tidy_up(struct ir_labels_job *job, const struct place *place, int rc,
                   struct ir_error *err)
{
    struct ir_error delete_err = {0};
    char line[MAX_LINE_BYTES];
    if (!place->is_ours || job->options->keep_object || delete_object(job, place, &delete_err) == 0)
        return rc;
    snprintf(line, sizeof line, "s3://%s/%s was uploaded for the function and is still there: %s",
             place->uri.bucket, place->uri.key, delete_err.message);
    if (rc == 0)
        return ir_result_add_error(job->result, line) == 0 ? 0 : ir_fail_nomem(err);
    ir_labels_add_words(err, "; ");
    ir_labels_add_words(err, line);
    return rc;
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

static int write_event(const struct ir_labels_job *job, const struct place *place,
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

static int send(struct ir_labels_job *job, struct ir_request *request,
                struct ir_http_response *response, struct ir_error *err)
{
    unsigned retries = 0;
    request->aws.cancel = job->options->cancel;
    int rc = ir_aws_call(&job->client->aws, &request->aws, response, &retries, err);
    job->result->usage.retries += retries;
    job->result->usage.requests += rc == 0 ? 1 : 0;
    return rc;
}

static int invoke(struct ir_labels_job *job, const struct place *place, const char *prompt,
                  const struct ir_labels_view *view, struct ir_error *err)
{
    const struct ir_body_piece piece = {job->picture->spans, job->picture->span_count, true, NULL};
    struct ir_http_response response;
    struct ir_json_body event;
    struct ir_request request;
    int rc = write_event(job, place, prompt, &piece, &event, err);
    if (rc != 0)
        return rc;
    const struct ir_lambda_options options = {.function = job->target, .payload = &event.body};
    rc = ir_lambda_call(&options, &request, err);
    if (rc == 0) {
        ir_http_response_init(&response);
        rc = send(job, &request, &response, err);
        if (rc == 0)
            rc = read_answer(job, &response, view, err);
        ir_http_response_release(&response);
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
    struct place place = {0};
    struct ir_buf prompt;
    ir_buf_init(&prompt, MAX_PROMPT_BYTES);
    int rc = ir_labels_write_prompt(job, view.seen, &prompt, err);
    if (rc == 0)
        rc = find_place(job, &place, err);
    if (rc == 0)
        rc = invoke(job, &place,
                    job->options->prompt != NULL ? job->options->prompt : ir_buf_text(&prompt),
                    &view, err);
    rc = tidy_up(job, &place, rc, err);
    if (rc == 0)
        rc = ir_labels_set_source(job, "lambda:", job->target, err);
    ir_buf_release(&prompt);
    return rc;
}
