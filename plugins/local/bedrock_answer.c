/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Converse's answer and Claude's, whole or as an event stream. A stream's text comes in pieces that
 * end at a blank or a character, about as models send it.
 */
#include "plugins/local/bedrock_answer.h"

#include <stdio.h>
#include <string.h>

#include "core/base/base64.h"
#include "core/base/alloc.h"
#include "core/base/json.h"
#include "core/base/utf8.h"
#include "plugins/local/event_encode.h"

#define PIECE_BYTES 24
#define MAX_PAYLOAD_BYTES (64U << 10)
#define ID_BYTES 64

/* The length of the next piece of the text. */
static size_t next_piece(const char *text, size_t bytes)
{
    if (bytes <= PIECE_BYTES)
        return bytes;
    for (size_t at = PIECE_BYTES; at > PIECE_BYTES / 2; at--)
        if (text[at - 1] == ' ')
            return at;
    return ir_utf8_floor(text, bytes, PIECE_BYTES);
}

/* ---- Converse ---------------------------------------------------------------------------- */

static void put_usage(struct ir_json_writer *writer, const struct bedrock_said *said)
{
    const struct description *description = said->description;
    ir_json_key(writer, "usage");
    ir_json_begin_object(writer);
    ir_json_member_put_integer(writer, "inputTokens", description->input_tokens);
    ir_json_member_put_integer(writer, "outputTokens", description->output_tokens);
    ir_json_member_put_integer(writer, "totalTokens",
                               description->input_tokens + description->output_tokens);
    ir_json_end_object(writer);
    ir_json_key(writer, "metrics");
    ir_json_begin_object(writer);
    ir_json_member_put_integer(writer, "latencyMs", said->latency_ms);
    ir_json_end_object(writer);
}

void bedrock_write_converse(const struct bedrock_said *said, struct answer *answer)
{
    struct ir_json_writer writer;
    ir_json_writer_init(&writer, &answer->body);
    ir_json_begin_object(&writer);
    ir_json_key(&writer, "output");
    ir_json_begin_object(&writer);
    ir_json_key(&writer, "message");
    ir_json_begin_object(&writer);
    ir_json_member_put_string(&writer, "role", "assistant");
    ir_json_key(&writer, "content");
    ir_json_begin_array(&writer);
    ir_json_begin_object(&writer);
    ir_json_member_put_string(&writer, "text", ir_buf_text(&said->description->text));
    ir_json_end_object(&writer);
    ir_json_end_array(&writer);
    ir_json_end_object(&writer);
    ir_json_end_object(&writer);
    ir_json_member_put_string(&writer, "stopReason", said->description->stop_reason);
    put_usage(&writer, said);
    ir_json_end_object(&writer);
}

/* {"MEMBER":...} as an event of this type. */
static void send_text_event(const char *type, const char *member, const char *text,
                            struct ir_buf *out)
{
    struct ir_json_writer writer;
    struct ir_buf payload;
    ir_buf_init(&payload, MAX_PAYLOAD_BYTES);
    ir_json_writer_init(&writer, &payload);
    ir_json_begin_object(&writer);
    if (member != NULL)
        ir_json_member_put_string(&writer, member, text);
    else
        ir_json_member_put_integer(&writer, "contentBlockIndex", 0);
    ir_json_end_object(&writer);
    event_encode(type, &payload, out);
    ir_buf_release(&payload);
}

static void send_delta(const char *piece, struct ir_buf *out)
{
    struct ir_json_writer writer;
    struct ir_buf payload;
    ir_buf_init(&payload, MAX_PAYLOAD_BYTES);
    ir_json_writer_init(&writer, &payload);
    ir_json_begin_object(&writer);
    ir_json_member_put_integer(&writer, "contentBlockIndex", 0);
    ir_json_key(&writer, "delta");
    ir_json_begin_object(&writer);
    ir_json_member_put_string(&writer, "text", piece);
    ir_json_end_object(&writer);
    ir_json_end_object(&writer);
    event_encode("contentBlockDelta", &payload, out);
    ir_buf_release(&payload);
}

/* Calls `send` for each piece of the description's text. */
static void send_pieces(const struct bedrock_said *said,
                        void (*send)(const char *piece, struct ir_buf *out), struct ir_buf *out)
{
    const char *text = ir_buf_text(&said->description->text);
    size_t left = said->description->text.bytes;
    while (left > 0) {
        char piece[PIECE_BYTES + 1];
        size_t bytes = next_piece(text, left);
        memcpy(piece, text, bytes);
        piece[bytes] = '\0';
        send(piece, out);
        text += bytes;
        left -= bytes;
    }
}

void bedrock_stream_converse(const struct bedrock_said *said, struct answer *answer)
{
    struct ir_json_writer writer;
    struct ir_buf payload;
    answer->content_type = EVENT_STREAM_TYPE;
    send_text_event("messageStart", "role", "assistant", &answer->body);
    send_pieces(said, send_delta, &answer->body);
    send_text_event("contentBlockStop", NULL, NULL, &answer->body);
    send_text_event("messageStop", "stopReason", said->description->stop_reason, &answer->body);
    ir_buf_init(&payload, MAX_PAYLOAD_BYTES);
    ir_json_writer_init(&writer, &payload);
    ir_json_begin_object(&writer);
    put_usage(&writer, said);
    ir_json_end_object(&writer);
    event_encode("metadata", &payload, &answer->body);
    ir_buf_release(&payload);
}

/* ---- Claude's ---------------------------------------------------------------------------- */

static void put_message(struct ir_json_writer *writer, const struct bedrock_said *said, bool whole)
{
    const struct description *description = said->description;
    char id[ID_BYTES];
    snprintf(id, sizeof id, "msg_local_%s", said->request_id);
    ir_json_begin_object(writer);
    ir_json_member_put_string(writer, "id", id);
    ir_json_member_put_string(writer, "type", "message");
    ir_json_member_put_string(writer, "role", "assistant");
    ir_json_member_put_string(writer, "model", said->model_id);
    ir_json_key(writer, "content");
    ir_json_begin_array(writer);
    if (whole) {
        ir_json_begin_object(writer);
        ir_json_member_put_string(writer, "type", "text");
        ir_json_member_put_string(writer, "text", ir_buf_text(&description->text));
        ir_json_end_object(writer);
    }
    ir_json_end_array(writer);
    ir_json_member_put_string(writer, "stop_reason", whole ? description->stop_reason : NULL);
    ir_json_member_put_string(writer, "stop_sequence", whole ? description->stop : NULL);
    ir_json_key(writer, "usage");
    ir_json_begin_object(writer);
    ir_json_member_put_integer(writer, "input_tokens", description->input_tokens);
    ir_json_member_put_integer(writer, "output_tokens", whole ? description->output_tokens : 0);
    ir_json_end_object(writer);
    ir_json_end_object(writer);
}

void bedrock_write_claude(const struct bedrock_said *said, struct answer *answer)
{
    struct ir_json_writer writer;
    ir_json_writer_init(&writer, &answer->body);
    put_message(&writer, said, true);
}

/* Claude's own event as the "chunk" that InvokeModelWithResponseStream puts it in. */
static void send_chunk(const struct ir_buf *event, struct ir_buf *out)
{
    struct ir_json_writer writer;
    struct ir_buf payload;
    char *base64 = ir_malloc(ir_base64_length(event->bytes) + 1);
    if (base64 == NULL || event->failed != 0) {
        out->failed = IR_ERR_NOMEM;
        ir_free(base64);
        return;
    }
    base64[ir_base64_encode((const unsigned char *)ir_buf_text(event), event->bytes, base64)] =
        '\0';
    ir_buf_init(&payload, 2 * MAX_PAYLOAD_BYTES);
    ir_json_writer_init(&writer, &payload);
    ir_json_begin_object(&writer);
    ir_json_member_put_string(&writer, "bytes", base64);
    ir_json_end_object(&writer);
    event_encode("chunk", &payload, out);
    ir_buf_release(&payload);
    ir_free(base64);
}

/* Opens {"type":TYPE,"index":0 in a fresh buffer. */
static void begin_chunk(struct ir_buf *event, struct ir_json_writer *writer, const char *type,
                        bool indexed)
{
    ir_buf_init(event, MAX_PAYLOAD_BYTES);
    ir_json_writer_init(writer, event);
    ir_json_begin_object(writer);
    ir_json_member_put_string(writer, "type", type);
    if (indexed)
        ir_json_member_put_integer(writer, "index", 0);
}

static void end_chunk(struct ir_buf *event, struct ir_json_writer *writer, struct ir_buf *out)
{
    ir_json_end_object(writer);
    send_chunk(event, out);
    ir_buf_release(event);
}

static void send_block(const char *type, const char *member, const char *kind, const char *piece,
                       struct ir_buf *out)
{
    struct ir_json_writer writer;
    struct ir_buf event;
    begin_chunk(&event, &writer, type, true);
    if (member != NULL) {
        ir_json_key(&writer, member);
        ir_json_begin_object(&writer);
        ir_json_member_put_string(&writer, "type", kind);
        ir_json_member_put_string(&writer, "text", piece);
        ir_json_end_object(&writer);
    }
    end_chunk(&event, &writer, out);
}

static void send_claude_delta(const char *piece, struct ir_buf *out)
{
    send_block("content_block_delta", "delta", "text_delta", piece, out);
}

static void send_message_delta(const struct bedrock_said *said, struct ir_buf *out)
{
    const struct description *description = said->description;
    struct ir_json_writer writer;
    struct ir_buf event;
    begin_chunk(&event, &writer, "message_delta", false);
    ir_json_key(&writer, "delta");
    ir_json_begin_object(&writer);
    ir_json_member_put_string(&writer, "stop_reason", description->stop_reason);
    ir_json_member_put_string(&writer, "stop_sequence", description->stop);
    ir_json_end_object(&writer);
    ir_json_key(&writer, "usage");
    ir_json_begin_object(&writer);
    ir_json_member_put_integer(&writer, "output_tokens", description->output_tokens);
    ir_json_end_object(&writer);
    end_chunk(&event, &writer, out);
}

void bedrock_stream_claude(const struct bedrock_said *said, struct answer *answer)
{
    struct ir_buf *out = &answer->body;
    struct ir_json_writer writer;
    struct ir_buf event;
    answer->content_type = EVENT_STREAM_TYPE;
    answer_header(answer, "X-Amzn-Bedrock-Content-Type", "application/json");
    begin_chunk(&event, &writer, "message_start", false);
    ir_json_key(&writer, "message");
    put_message(&writer, said, false);
    end_chunk(&event, &writer, out);
    send_block("content_block_start", "content_block", "text", "", out);
    send_pieces(said, send_claude_delta, out);
    send_block("content_block_stop", NULL, NULL, NULL, out);
    send_message_delta(said, out);
    begin_chunk(&event, &writer, "message_stop", false);
    ir_json_key(&writer, "amazon-bedrock-invocationMetrics");
    ir_json_begin_object(&writer);
    ir_json_member_put_integer(&writer, "inputTokenCount", said->description->input_tokens);
    ir_json_member_put_integer(&writer, "outputTokenCount", said->description->output_tokens);
    ir_json_member_put_integer(&writer, "invocationLatency", said->latency_ms);
    ir_json_end_object(&writer);
    end_chunk(&event, &writer, out);
}
