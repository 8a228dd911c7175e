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
#include "core/task/language.h"

#define SERVICE "Bedrock"
#define MAX_RESPONSE_BYTES (32U << 20)
#define MAX_SIDE_PX 8000

static int fail_picture(struct ir_error *err, int code, const char *cause, const char *hint)
{
    return ir_fail_with(err, code, "picture", cause, hint);
}

static int check_picture(const struct ir_picture *picture, struct ir_error *err)
{
    if (picture == NULL)
        return 0;
    int rc = ir_picture_check_upright(picture, err);
    if (rc != 0)
        return rc;
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

int ir_converse_check_max_tokens(unsigned max_tokens, const char *service, struct ir_error *err)
{
    if (max_tokens >= 1 && max_tokens <= IR_CONVERSE_LIMIT_MAX_TOKENS)
        return 0;
    return ir_fail_with(err, IR_ERR_ARG, service, "max-tokens must be between 1 and 64000",
                        "Correct it, or leave it out.");
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

/* Where an answer goes, from the wire or from the cache. */
struct reading {
    const struct ir_converse_job *job;
    struct ir_converse_stream *stream; /* NULL = the answer comes in one piece */
    struct ir_model_answer *answer;
};

/* Moves what the stream gathered out of it, also where it broke off: the tokens are paid for. */
static int read_stream(struct ir_converse_stream *stream, int call_rc,
                       struct ir_model_answer *answer, struct ir_error *err)
{
    int rc = ir_converse_stream_settle(stream, call_rc, err);
    struct ir_model_answer streamed = stream->answer;
    stream->answer = *answer;
    *answer = streamed;
    return rc;
}

/* An answer that came in a stream once: its words are told as if they came now. */
static int replay(const struct ir_converse_job *job, const struct ir_buf *events,
                  struct ir_model_answer *answer, struct ir_error *err)
{
    struct ir_converse_stream stream;
    struct ir_converse_job told = *job;
    ir_converse_stream_init(&stream, job->on_text != NULL ? tell_clean : NULL, &told);
    int rc = ir_converse_stream_take(&stream, ir_buf_text(events), events->bytes);
    rc = read_stream(&stream, rc, answer, err);
    ir_converse_stream_release(&stream);
    return rc;
}

static int read_whole(const struct ir_converse_job *job, const struct ir_buf *json,
                      struct ir_model_answer *answer, struct ir_error *err)
{
    struct ir_converse_job told = *job;
    int rc = ir_converse_read(ir_buf_text(json), json->bytes, answer, err);
    if (rc == 0 && job->on_text != NULL)
        tell_clean(&told, ir_buf_text(&answer->text), answer->text.bytes);
    return rc;
}

/* The answer in either form, whichever is asked for now. */
static int read_form(const struct reading *reading, int call_rc,
                     const struct ir_http_response *response, struct ir_error *err)
{
    char cached[sizeof IR_PAID_CACHED_STREAM];
    ir_http_response_header(response, IR_PAID_CACHED_HEADER, cached, sizeof cached);
    if (call_rc == 0 && strcmp(cached, IR_PAID_CACHED_STREAM) == 0)
        return replay(reading->job, &response->body, reading->answer, err);
    if (reading->stream != NULL && cached[0] == '\0')
        return read_stream(reading->stream, call_rc, reading->answer, err);
    return call_rc == 0 ? read_whole(reading->job, &response->body, reading->answer, err) : call_rc;
}

static int read_one(void *context, int call_rc, const struct ir_http_response *response,
                    struct ir_consumption *measured, struct ir_error *err)
{
    struct reading *reading = context;
    const struct ir_converse_job *job = reading->job;
    struct ir_model_answer *answer = reading->answer;
    int rc = read_form(reading, call_rc, response, err);
    if (answer->input_tokens > 0)
        measured->input_tokens = answer->input_tokens;
    if (answer->output_tokens > 0)
        measured->output_tokens = answer->output_tokens;
    if (rc == 0)
        rc = ir_model_answer_check(answer, err);
    if (rc == 0 && job->accept != NULL)
        rc = job->accept(job->accept_context, answer, err);
    return rc;
}

/* What the request can use at most; `body_bytes` are of the words in it. */
static struct ir_consumption estimate(const struct ir_converse_job *job, const char *model_id,
                                      uint64_t body_bytes)
{
    struct ir_consumption most = {.requests = 1, .output_tokens = job->max_tokens};
    if (job->picture != NULL) {
        uint64_t picture_bytes = (job->picture->sent_bytes + 2) / 3 * 4; /* as base64 */
        body_bytes -= picture_bytes < body_bytes ? picture_bytes : body_bytes;
        most.input_tokens = ir_price_picture_tokens(
            ir_model_find(model_id), job->picture->info.width_px, job->picture->info.height_px);
    }
    most.input_tokens += ir_price_words_tokens((size_t)body_bytes);
    return most;
}

/* A model's id has no more than 3,072 bytes encoded, by which the request's own path is bounded. */
#define MAX_PATH_BYTES 4096

static int send(const struct ir_converse_job *job, const char *model_id, struct ir_request *request,
                struct ir_model_answer *answer, struct ir_result_usage *usage, struct ir_error *err)
{
    struct ir_converse_stream stream;
    struct ir_converse_job told = *job;
    struct reading reading = {job, NULL, answer};
    struct ir_buf path;
    ir_buf_init(&path, MAX_PATH_BYTES);
    ir_converse_path(model_id, false, &path);
    int rc = ir_buf_check(&path, "the request's path", err);
    if (rc != 0) {
        ir_buf_release(&path);
        return rc;
    }
    request->aws.cancel = job->cancel;
    request->aws.max_response_bytes = MAX_RESPONSE_BYTES;
    if (job->on_text != NULL) {
        ir_converse_stream_init(&stream, tell_clean, &told);
        request->aws.sink = ir_converse_stream_take;
        request->aws.sink_context = &stream;
        reading.stream = &stream;
    }
    const struct ir_paid_call call = {
        .client = job->client,
        .request = &request->aws,
        .operation = job->on_text != NULL ? "ConverseStream" : "Converse",
        .model = model_id,
        .price = ir_price_of_model(job->client->paid.prices, model_id),
        .estimate = estimate(job, model_id, ir_body_length(request->aws.body)),
        .cache_path = ir_buf_text(&path),
        .read = read_one,
        .context = &reading,
    };
    unsigned answered = usage->requests;
    rc = ir_paid_run(&call, usage, err);
    if (usage->requests > answered) {
        usage->input_tokens += answer->input_tokens > 0 ? answer->input_tokens : 0;
        usage->output_tokens += answer->output_tokens > 0 ? answer->output_tokens : 0;
    }
    if (job->on_text != NULL)
        ir_converse_stream_release(&stream);
    ir_buf_release(&path);
    return rc;
}

/* The recogniser on this machine would answer in English what it is asked in French. */
static int check_language(const struct ir_converse_job *job, bool is_embedded, struct ir_error *err)
{
    if (!is_embedded || job->language == NULL || ir_language_is_english(job->language) ||
        ir_language_is_korean(job->language))
        return 0;
    ir_fail(err, IR_ERR_ARG, "the recogniser on this machine writes English and Korean only");
    ir_error_set_service(err, "language");
    ir_error_set_hint(err, "Set language to English or Korean, or ask AWS (endpoint=aws).");
    return IR_ERR_ARG;
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
        rc = check_language(job, place.is_embedded, err);
    if (rc == 0)
        rc = ir_model_resolve(job->model, &place, out_model, err);
    if (rc != 0)
        return rc;
    if (job->picture != NULL)
        piece = (struct ir_body_piece){job->picture->spans, job->picture->span_count, true, NULL};
    rc = build(job, out_model, job->picture != NULL ? &piece : NULL, &request, err);
    if (rc != 0)
        return rc;
    rc = send(job, out_model, &request, answer, usage, err);
    ir_request_release(&request);
    if (rc != 0)
        ir_model_explain(out_model, aws->config.region, err);
    return rc;
}
