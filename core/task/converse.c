/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One Converse call, streamed where somebody wants to see the words come. The picture goes before
 * the words about it, upright: models look at the samples as they are stored. Source:
 * https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference-call.html
 */
#include "core/task/converse.h"

#include <math.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/error.h"
#include "core/base/utf8.h"

#define SERVICE "Bedrock"
#define MAX_RESPONSE_BYTES (32U << 20)
#define MAX_SIDE_PX 8000

static int fail_picture(struct ir_error *err, int code, const char *cause, const char *hint)
{
    ir_fail(err, code, "%s", cause);
    ir_error_set_service(err, "picture");
    ir_error_set_hint(err, "%s", hint);
    return code;
}

static int check_picture(const struct ir_picture *picture, struct ir_error *err)
{
    if (picture == NULL)
        return 0;
    if (picture->info.orientation != 1)
        return fail_picture(
            err, IR_ERR_ARG, "the picture lies turned in its file, and models see it as it lies",
            "Turn it upright first, for example: magick in.jpg -auto-orient out.jpg");
    if (picture->info.width_px > MAX_SIDE_PX || picture->info.height_px > MAX_SIDE_PX)
        return fail_picture(err, IR_ERR_TOO_LARGE,
                            "the picture has more than 8,000 pixels a side; Bedrock takes no more",
                            "Make it smaller first.");
    if (picture->sent_bytes > IR_CONVERSE_MAX_PICTURE_BYTES)
        return fail_picture(err, IR_ERR_TOO_LARGE,
                            "the picture has more than 3.75 MB; Bedrock takes no more",
                            "Make it smaller, or save it with a higher compression.");
    return 0;
}

static const char *format_of(const struct ir_picture *picture)
{
    return strcmp(picture->info.media_type, "image/png") == 0 ? "png" : "jpeg";
}

static int build(const struct ir_converse_job *job, const char *model_id,
                 const struct ir_body_piece *piece, struct ir_request *out, struct ir_error *err)
{
    const struct ir_model_facts *facts = ir_model_find(model_id);
    const struct ir_content contents[2] = {
        {.picture = piece, .picture_format = piece != NULL ? format_of(job->picture) : NULL},
        {.text = job->text},
    };
    const struct ir_message message = {
        .contents = piece != NULL ? contents : contents + 1,
        .content_count = piece != NULL ? 2 : 1,
    };
    bool has_form = job->schema_json != NULL && facts != NULL && facts->has_structured;
    const struct ir_converse_options options = {
        .system = job->system,
        .messages = &message,
        .message_count = 1,
        .max_tokens = job->max_tokens,
        .temperature = NAN,
        .top_p = NAN,
        .schema_json = has_form ? job->schema_json : NULL,
        .schema_name = has_form ? job->schema_name : NULL,
    };
    return ir_converse_call(&options, model_id, job->on_text != NULL, out, err);
}

/* A model's words go to terminals and windows: what could control these is taken out. */
static void tell_clean(void *context, const char *text, size_t bytes)
{
    const struct ir_converse_job *job = context;
    char *clean = ir_utf8_clean_lines(text, bytes, IR_CONVERSE_MAX_ANSWER_BYTES);
    if (clean != NULL)
        job->on_text(job->text_context, clean, strlen(clean));
    ir_free(clean);
}

static int send_streamed(const struct ir_converse_job *job, struct ir_request *request,
                         struct ir_http_response *response, struct ir_model_answer *answer,
                         unsigned *out_retries, struct ir_error *err)
{
    struct ir_converse_stream stream;
    struct ir_converse_job told = *job;
    ir_converse_stream_init(&stream, tell_clean, &told);
    request->aws.sink = ir_converse_stream_take;
    request->aws.sink_context = &stream;
    int rc = ir_aws_call(&job->client->aws, &request->aws, response, out_retries, err);
    rc = ir_converse_stream_settle(&stream, rc, err);
    if (rc == 0) {
        struct ir_model_answer streamed = stream.answer;
        stream.answer = *answer;
        *answer = streamed;
    }
    ir_converse_stream_release(&stream);
    return rc;
}

/* It was answered, so it was charged. */
static void mark_served(struct ir_error *err)
{
    if (err != NULL)
        err->maybe_served = true;
}

static int send(const struct ir_converse_job *job, struct ir_request *request,
                struct ir_model_answer *answer, struct ir_result_usage *usage, struct ir_error *err)
{
    struct ir_http_response response;
    unsigned retries = 0;
    int rc;
    ir_http_response_init(&response);
    request->aws.cancel = job->cancel;
    request->aws.max_response_bytes = MAX_RESPONSE_BYTES;
    if (job->on_text != NULL) {
        rc = send_streamed(job, request, &response, answer, &retries, err);
    } else {
        rc = ir_aws_call(&job->client->aws, &request->aws, &response, &retries, err);
        if (rc == 0)
            rc = ir_converse_read(ir_buf_text(&response.body), response.body.bytes, answer, err);
    }
    usage->retries += retries;
    if (response.status / 100 == 2)
        usage->requests++;
    if (rc != 0 && response.status / 100 == 2)
        mark_served(err);
    ir_http_response_release(&response);
    return rc;
}

static void count_tokens(const struct ir_model_answer *answer, struct ir_result_usage *usage)
{
    if (answer->input_tokens > 0)
        usage->input_tokens += answer->input_tokens;
    if (answer->output_tokens > 0)
        usage->output_tokens += answer->output_tokens;
}

int ir_converse_run(const struct ir_converse_job *job, struct ir_model_answer *answer,
                    char out_model[IR_MODEL_ID_BYTES], struct ir_result_usage *usage,
                    struct ir_error *err)
{
    struct ir_aws *aws = &job->client->aws;
    struct ir_body_piece piece = {0};
    struct ir_request request;
    const struct ir_model_place place = {
        .region = aws->config.region,
        .is_embedded = ir_endpoint_is_embedded(aws->endpoint_setting),
    };
    int rc = check_picture(job->picture, err);
    if (rc == 0)
        rc = ir_model_resolve(job->model, &place, out_model, err);
    if (rc != 0)
        return rc;
    if (job->picture != NULL)
        piece = (struct ir_body_piece){job->picture->spans, job->picture->span_count, true, NULL};
    rc = build(job, out_model, job->picture != NULL ? &piece : NULL, &request, err);
    if (rc != 0)
        return rc;
    rc = send(job, &request, answer, usage, err);
    ir_request_release(&request);
    if (rc != 0) {
        ir_model_explain(out_model, aws->config.region, err);
        return rc;
    }
    count_tokens(answer, usage);
    rc = ir_model_answer_check(answer, err);
    if (rc != 0)
        mark_served(err);
    return rc;
}
