/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Both bodies have messages with content blocks of text and pictures. Members that would change
 * what the answer means (tools, guardrails, reasoning) are refused; those that only tune a sampler
 * (temperature, top_p) change nothing here, since nothing is sampled.
 */
#include "plugins/local/ask.h"

#include <math.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/base64.h"
#include "plugins/local/refuse.h"

#define MAX_TOKENS 1000000
#define MAX_MESSAGES 100
#define MAX_BLOCKS 1000

void ask_init(struct ask *ask)
{
    memset(ask, 0, sizeof *ask);
    ask->max_tokens = ASK_DEFAULT_TOKENS;
    ir_buf_init(&ask->text, ASK_MAX_TEXT_BYTES);
}

void ask_release(struct ask *ask)
{
    for (size_t i = 0; i < ask->picture_count; i++)
        ir_free(ask->pictures[i].data);
    ir_buf_release(&ask->text);
    ir_json_free(ask->schema_doc);
}

static int refuse_member(struct ir_error *err, const char *what)
{
    return refuse(err, &refuse_validation, "Malformed input request: %s.", what);
}

static int refuse_ability(struct ir_error *err, const char *what)
{
    return refuse(err, &refuse_validation,
                  "This model doesn't support %s. It is a describer on this machine: it looks with "
                  "recognisers and does not reason.",
                  what);
}

static int add_text(struct ask *ask, const char *text, bool keeps, struct ir_error *err)
{
    ask->text_bytes += strlen(text);
    if (!keeps)
        return 0;
    ir_buf_append_text(&ask->text, text);
    ir_buf_append_char(&ask->text, '\n');
    return ask->text.failed != 0 ? refuse_member(err, "the text is longer than 1 MiB") : 0;
}

static int add_picture(struct ask *ask, const char *base64, struct ir_error *err)
{
    if (base64 == NULL || *base64 == '\0')
        return refuse_member(err, "a picture has no bytes; places in S3 are not taken here");
    size_t chars = strlen(base64);
    if (ask->picture_count == ASK_MAX_PICTURES)
        return refuse(err, &refuse_validation,
                      "Malformed input request: this model looks at %d pictures at most.",
                      ASK_MAX_PICTURES);
    if (chars > ir_base64_length(ASK_MAX_PICTURE_BYTES))
        return refuse(err, &refuse_validation,
                      "Malformed input request: a picture is larger than %u bytes.",
                      ASK_MAX_PICTURE_BYTES);
    struct ask_picture *picture = &ask->pictures[ask->picture_count];
    picture->data = ir_malloc(3 * chars / 4 + 3);
    if (picture->data == NULL)
        return refuse_nomem(err);
    ask->picture_count++;
    if (ir_base64_decode(base64, chars, picture->data, &picture->bytes) != 0)
        return refuse_member(err, "a picture is not base64");
    return 0;
}

static int read_limit(const struct ir_json_value *value, bool is_needed, struct ask *out,
                      struct ir_error *err)
{
    if (value == NULL && !is_needed)
        return 0;
    double number = ir_json_number(value, NAN);
    if (!ir_json_is_number(value) || !(number >= 1 && number <= MAX_TOKENS) ||
        number != floor(number))
        return refuse_member(err, "the limit of tokens must be a whole number from 1");
    out->max_tokens = (long)number;
    return 0;
}

static int read_stops(const struct ir_json_value *stops, struct ask *out, struct ir_error *err)
{
    if (ir_json_count(stops) > ASK_MAX_STOPS)
        return refuse_member(err, "there are too many stop sequences");
    for (size_t i = 0; i < ir_json_count(stops); i++) {
        const char *stop = ir_json_string(ir_json_at(stops, i), NULL, "");
        if (*stop == '\0')
            return refuse_member(err, "a stop sequence is empty");
        out->stops[out->stop_count++] = stop;
    }
    return 0;
}

static int check_messages(const struct ir_json_value *messages, struct ir_error *err)
{
    size_t count = ir_json_count(messages);
    if (count == 0 || count > MAX_MESSAGES)
        return refuse_member(err, "messages must have 1 to 100 items");
    const struct ir_json_value *last = ir_json_at(messages, count - 1);
    if (strcmp(ir_json_member_string(last, "role", ""), "user") != 0)
        return refuse_member(err, "the last message must be the user's");
    return 0;
}

/* ---- Converse ---------------------------------------------------------------------------- */

static int read_converse_block(const struct ir_json_value *block, bool keeps, struct ask *out,
                               struct ir_error *err)
{
    const char *text = ir_json_member_string(block, "text", NULL);
    const struct ir_json_value *picture = ir_json_get(block, "image");
    if (text != NULL)
        return add_text(out, text, keeps, err);
    if (picture != NULL)
        return add_picture(
            out, ir_json_member_string(ir_json_get(picture, "source"), "bytes", NULL), err);
    if (ir_json_get(block, "cachePoint") != NULL)
        return 0;
    return refuse_ability(err, "content other than text and images");
}

static int read_converse_schema(const struct ir_json_value *body, struct ask *out,
                                struct ir_error *err)
{
    const struct ir_json_value *format =
        ir_json_get(ir_json_get(body, "outputConfig"), "textFormat");
    const struct ir_json_value *holder =
        ir_json_get(ir_json_get(format, "structure"), "jsonSchema");
    const char *text = ir_json_member_string(holder, "schema", NULL);
    struct ir_error cause;
    if (format == NULL)
        return 0;
    if (text == NULL)
        return refuse_member(err, "outputConfig names no JSON schema");
    int rc = ir_json_parse(text, strlen(text), "the schema", &out->schema_doc, &cause);
    if (rc == IR_ERR_NOMEM)
        return refuse_nomem(err);
    if (rc != 0)
        return refuse_member(err, cause.message);
    out->schema = ir_json_root(out->schema_doc);
    return 0;
}

int ask_read_converse(const struct ir_json_value *body, struct ask *out, struct ir_error *err)
{
    const struct ir_json_value *messages = ir_json_get(body, "messages");
    const struct ir_json_value *system = ir_json_get(body, "system");
    const struct ir_json_value *limits = ir_json_get(body, "inferenceConfig");
    size_t count = ir_json_count(messages);
    int rc = check_messages(messages, err);
    if (rc == 0 && ir_json_get(body, "toolConfig") != NULL)
        rc = refuse_ability(err, "tool use");
    if (rc == 0 && ir_json_get(body, "guardrailConfig") != NULL)
        rc = refuse_ability(err, "guardrails");
    for (size_t i = 0; rc == 0 && i < ir_json_count(system); i++)
        rc = add_text(out, ir_json_member_string(ir_json_at(system, i), "text", ""), true, err);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        const struct ir_json_value *blocks = ir_json_get(ir_json_at(messages, i), "content");
        if (ir_json_count(blocks) == 0 || ir_json_count(blocks) > MAX_BLOCKS)
            rc = refuse_member(err, "a message has no content or too much");
        for (size_t b = 0; rc == 0 && b < ir_json_count(blocks); b++)
            rc = read_converse_block(ir_json_at(blocks, b), i + 1 == count, out, err);
    }
    if (rc == 0)
        rc = read_limit(ir_json_get(limits, "maxTokens"), false, out, err);
    if (rc == 0)
        rc = read_stops(ir_json_get(limits, "stopSequences"), out, err);
    return rc == 0 ? read_converse_schema(body, out, err) : rc;
}

/* ---- Claude's messages ------------------------------------------------------------------- */

static int read_claude_block(const struct ir_json_value *block, bool keeps, struct ask *out,
                             struct ir_error *err)
{
    const char *type = ir_json_member_string(block, "type", "");
    const struct ir_json_value *source = ir_json_get(block, "source");
    if (strcmp(type, "text") == 0)
        return add_text(out, ir_json_member_string(block, "text", ""), keeps, err);
    if (strcmp(type, "image") == 0 &&
        strcmp(ir_json_member_string(source, "type", ""), "base64") == 0)
        return add_picture(out, ir_json_member_string(source, "data", NULL), err);
    return refuse_ability(err, "content other than text and images in base64");
}

/* Claude takes a plain text in place of blocks. */
static int read_claude_content(const struct ir_json_value *content, bool keeps, struct ask *out,
                               struct ir_error *err)
{
    int rc = 0;
    if (ir_json_is_string(content))
        return add_text(out, ir_json_string(content, NULL, ""), keeps, err);
    if (ir_json_count(content) == 0 || ir_json_count(content) > MAX_BLOCKS)
        return refuse_member(err, "a message has no content or too much");
    for (size_t i = 0; rc == 0 && i < ir_json_count(content); i++)
        rc = read_claude_block(ir_json_at(content, i), keeps, out, err);
    return rc;
}

int ask_read_claude(const struct ir_json_value *body, struct ask *out, struct ir_error *err)
{
    const struct ir_json_value *messages = ir_json_get(body, "messages");
    const struct ir_json_value *system = ir_json_get(body, "system");
    const struct ir_json_value *format = ir_json_get(ir_json_get(body, "output_config"), "format");
    size_t count = ir_json_count(messages);
    const char *version = ir_json_member_string(body, "anthropic_version", "");
    int rc = check_messages(messages, err);
    if (rc == 0 && strcmp(version, "bedrock-2023-05-31") != 0)
        rc = refuse_member(err, "anthropic_version must be bedrock-2023-05-31");
    if (rc == 0 && ir_json_get(body, "tools") != NULL)
        rc = refuse_ability(err, "tool use");
    if (rc == 0 && system != NULL)
        rc = read_claude_content(system, true, out, err);
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = read_claude_content(ir_json_get(ir_json_at(messages, i), "content"), i + 1 == count,
                                 out, err);
    if (rc == 0)
        rc = read_limit(ir_json_get(body, "max_tokens"), true, out, err);
    if (rc == 0)
        rc = read_stops(ir_json_get(body, "stop_sequences"), out, err);
    if (rc == 0 && format != NULL) {
        out->schema = ir_json_get(format, "schema");
        if (!ir_json_is_object(out->schema))
            rc = refuse_member(err, "output_config names no JSON schema");
    }
    return rc;
}
