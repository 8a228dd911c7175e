/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Answers that come in an event stream. Converse's events: messageStart, contentBlockStart,
 * contentBlockDelta (the text), contentBlockStop, messageStop (the reason), metadata (the tokens).
 * InvokeModel's events are all named chunk and hold {"bytes":"<base64>"}: for Claude a JSON object
 * whose "type" is message_start, content_block_start, content_block_delta, message_delta and so on
 * (https://platform.claude.com/docs/en/build-with-claude/streaming). An exception may come instead
 * of any event, after HTTP 200.
 */
#include "core/service/bedrock_runtime.h"

#include <string.h>

#include "core/aws/error_shape.h"
#include "core/base/alloc.h"
#include "core/base/base64.h"
#include "core/base/ascii.h"
#include "core/base/error.h"

#define MAX_BLOCKS 4096

/* ---- what all streams do ----------------------------------------------------------------- */

static void add_text(struct ir_converse_stream *stream, const struct ir_json_value *value)
{
    size_t bytes = 0;
    const char *text = ir_json_string(value, &bytes, NULL);
    if (text == NULL)
        return;
    ir_buf_append(&stream->answer.text, text, bytes);
    if (stream->on_text != NULL)
        stream->on_text(stream->context, text, bytes);
}

static int block_index(const struct ir_json_value *root, const char *name)
{
    double block = ir_json_number(ir_json_get(root, name), 0.0);
    return block >= 0.0 && block <= MAX_BLOCKS ? (int)block : MAX_BLOCKS;
}

/* The first tool that is called is kept. */
static void start_tool(struct ir_converse_stream *stream, const struct ir_json_value *call,
                       int block)
{
    struct ir_model_answer *answer = &stream->answer;
    if (!ir_json_is_object(call) || answer->tool_block >= 0)
        return;
    answer->tool_block = block;
    ir_answer_text(call, "name", answer->tool_name, sizeof answer->tool_name);
}

static void add_tool_json(struct ir_converse_stream *stream, const struct ir_json_value *value,
                          int block)
{
    size_t bytes = 0;
    const char *text = ir_json_string(value, &bytes, NULL);
    if (text != NULL && block == stream->answer.tool_block)
        ir_buf_append(&stream->answer.tool_json, text, bytes);
}

/* "throttlingException" is the member's name; the code begins with a capital. */
static int take_exception(struct ir_converse_stream *stream, const struct ir_event *event)
{
    char code[64];
    const char *name = *event->exception_type != '\0' ? event->exception_type : event->error_code;
    ir_text_copy(code, sizeof code, name);
    code[0] = ir_ascii_upper(code[0]);
    struct ir_json_doc *doc = NULL;
    const char *message = event->error_message;
    int rc = 0;
    if (*message == '\0')
        rc = ir_json_parse(event->payload, event->payload_bytes, "the exception", &doc, NULL);
    if (rc == IR_ERR_NOMEM)
        return ir_fail_nomem(&stream->failure);
    if (doc != NULL)
        message = ir_json_member_string(ir_json_root(doc), "message", "");
    rc = ir_error_from_code(&ir_service_bedrock_runtime, code, message, &stream->failure);
    stream->failure.maybe_served = true;
    ir_json_free(doc);
    return rc;
}

static int parse_event(struct ir_converse_stream *stream, const char *json, size_t bytes,
                       struct ir_json_doc **out)
{
    int rc = ir_json_parse(json, bytes, "an event of the answer", out, &stream->failure);
    if (rc == IR_ERR_RESPONSE)
        return ir_answer_fail(&ir_service_bedrock_runtime, "an event of the answer is not JSON",
                              &stream->failure);
    if (rc != 0)
        ir_error_set_service(&stream->failure, ir_service_bedrock_runtime.title);
    return rc;
}

static void init(struct ir_converse_stream *stream, ir_event_fn on_event,
                 void (*on_text)(void *context, const char *text, size_t bytes), void *context)
{
    *stream = (struct ir_converse_stream){.on_text = on_text, .context = context};
    ir_event_stream_init(&stream->events, on_event, stream);
    ir_model_answer_init(&stream->answer);
}

/* ---- Converse ---------------------------------------------------------------------------- */

static void take_delta(struct ir_converse_stream *stream, const struct ir_json_value *root)
{
    const struct ir_json_value *delta = ir_json_get(root, "delta");
    add_text(stream, ir_json_get(delta, "text"));
    add_tool_json(stream, ir_json_get(ir_json_get(delta, "toolUse"), "input"),
                  block_index(root, "contentBlockIndex"));
}

static int on_converse_event(void *context, const struct ir_event *event)
{
    struct ir_converse_stream *stream = context;
    struct ir_json_doc *doc = NULL;
    if (strcmp(event->message_type, "event") != 0)
        return take_exception(stream, event);
    int rc = parse_event(stream, event->payload, event->payload_bytes, &doc);
    if (rc != 0)
        return rc;
    const struct ir_json_value *root = ir_json_root(doc);
    if (strcmp(event->event_type, "contentBlockStart") == 0) {
        start_tool(stream, ir_json_get(ir_json_get(root, "start"), "toolUse"),
                   block_index(root, "contentBlockIndex"));
    } else if (strcmp(event->event_type, "contentBlockDelta") == 0) {
        take_delta(stream, root);
    } else if (strcmp(event->event_type, "messageStop") == 0) {
        ir_answer_text(root, "stopReason", stream->answer.stop_reason,
                       sizeof stream->answer.stop_reason);
        stream->ended = true;
    } else if (strcmp(event->event_type, "metadata") == 0) {
        ir_model_answer_read_usage(ir_json_get(root, "usage"), "inputTokens", "outputTokens",
                                   &stream->answer);
    }
    ir_json_free(doc);
    return ir_model_answer_finish(&stream->answer, &stream->failure);
}

void ir_converse_stream_init(struct ir_converse_stream *stream,
                             void (*on_text)(void *context, const char *text, size_t bytes),
                             void *context)
{
    init(stream, on_converse_event, on_text, context);
}

/* ---- Claude through InvokeModel ---------------------------------------------------------- */

/* {"type":"error","error":{"type":"overloaded_error","message":"..."}} in place of an event. */
static int take_claude_error(struct ir_converse_stream *stream, const struct ir_json_value *root)
{
    const struct ir_json_value *error = ir_json_get(root, "error");
    int rc = ir_error_from_code(&ir_service_bedrock_runtime,
                                ir_json_member_string(error, "type", "error"),
                                ir_json_member_string(error, "message", ""), &stream->failure);
    stream->failure.maybe_served = true;
    return rc;
}

static void take_claude_delta(struct ir_converse_stream *stream, const struct ir_json_value *root)
{
    const struct ir_json_value *delta = ir_json_get(root, "delta");
    const char *type = ir_json_member_string(delta, "type", "");
    if (strcmp(type, "text_delta") == 0)
        add_text(stream, ir_json_get(delta, "text"));
    else if (strcmp(type, "input_json_delta") == 0)
        add_tool_json(stream, ir_json_get(delta, "partial_json"), block_index(root, "index"));
}

static int take_claude_event(struct ir_converse_stream *stream, const struct ir_json_value *root)
{
    const char *type = ir_json_member_string(root, "type", "");
    const struct ir_json_value *usage = ir_json_get(root, "usage");
    if (strcmp(type, "error") == 0)
        return take_claude_error(stream, root);
    if (strcmp(type, "message_start") == 0) {
        usage = ir_json_get(ir_json_get(root, "message"), "usage");
    } else if (strcmp(type, "content_block_start") == 0) {
        const struct ir_json_value *block = ir_json_get(root, "content_block");
        if (strcmp(ir_json_member_string(block, "type", ""), "tool_use") == 0)
            start_tool(stream, block, block_index(root, "index"));
        else
            add_text(stream, ir_json_get(block, "text"));
    } else if (strcmp(type, "content_block_delta") == 0) {
        take_claude_delta(stream, root);
    } else if (strcmp(type, "message_delta") == 0) {
        ir_answer_text(ir_json_get(root, "delta"), "stop_reason", stream->answer.stop_reason,
                       sizeof stream->answer.stop_reason);
    } else if (strcmp(type, "message_stop") == 0) {
        stream->ended = true;
    }
    ir_model_answer_read_usage(usage, "input_tokens", "output_tokens", &stream->answer);
    return ir_model_answer_finish(&stream->answer, &stream->failure);
}

/* Decodes "bytes" of a chunk and reads it. */
static int take_chunk(struct ir_converse_stream *stream, const struct ir_json_value *chunk)
{
    size_t text_bytes = 0;
    size_t bytes = 0;
    struct ir_json_doc *doc = NULL;
    const char *text = ir_json_string(ir_json_get(chunk, "bytes"), &text_bytes, "");
    unsigned char *data = ir_malloc(3 * text_bytes / 4 + 3);
    if (data == NULL)
        return ir_fail_nomem(&stream->failure);
    int rc = ir_base64_decode(text, text_bytes, data, &bytes);
    if (rc != 0)
        rc = ir_answer_fail(&ir_service_bedrock_runtime, "a chunk of the answer is not base64",
                            &stream->failure);
    else
        rc = parse_event(stream, (const char *)data, bytes, &doc);
    if (rc == 0)
        rc = take_claude_event(stream, ir_json_root(doc));
    ir_json_free(doc);
    ir_free(data);
    return rc;
}

static int on_claude_event(void *context, const struct ir_event *event)
{
    struct ir_converse_stream *stream = context;
    struct ir_json_doc *doc = NULL;
    if (strcmp(event->message_type, "event") != 0)
        return take_exception(stream, event);
    if (strcmp(event->event_type, "chunk") != 0)
        return 0;
    int rc = parse_event(stream, event->payload, event->payload_bytes, &doc);
    if (rc == 0)
        rc = take_chunk(stream, ir_json_root(doc));
    ir_json_free(doc);
    return rc;
}

void ir_claude_stream_init(struct ir_converse_stream *stream,
                           void (*on_text)(void *context, const char *text, size_t bytes),
                           void *context)
{
    init(stream, on_claude_event, on_text, context);
}

/* ---- both -------------------------------------------------------------------------------- */

void ir_converse_stream_release(struct ir_converse_stream *stream)
{
    ir_event_stream_release(&stream->events);
    ir_model_answer_release(&stream->answer);
}

int ir_converse_stream_take(void *stream, const char *data, size_t bytes)
{
    struct ir_converse_stream *converse = stream;
    return ir_event_stream_take(&converse->events, data, bytes);
}

int ir_converse_stream_end(struct ir_converse_stream *stream, struct ir_error *err)
{
    int rc = ir_event_stream_end(&stream->events);
    if (rc != 0 && stream->failure.code != 0) {
        stream->failure.maybe_served = true; /* words may have come before it */
        if (err != NULL)
            *err = stream->failure;
        return stream->failure.code;
    }
    if (rc == IR_ERR_NOMEM) {
        ir_fail_nomem(err);
        if (err != NULL)
            err->maybe_served = true;
        return IR_ERR_NOMEM;
    }
    if (rc != 0)
        return ir_answer_fail(&ir_service_bedrock_runtime,
                              stream->events.reason != NULL ? stream->events.reason
                                                            : "the event stream cannot be read",
                              err);
    if (stream->ended)
        return 0;
    return ir_answer_fail(&ir_service_bedrock_runtime, "the answer ends before its last part", err);
}

int ir_converse_stream_settle(struct ir_converse_stream *stream, int call_rc, struct ir_error *err)
{
    if (call_rc != 0 && stream->events.failed == 0)
        return call_rc;
    return ir_converse_stream_end(stream, err);
}
