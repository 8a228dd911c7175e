/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Claude's own request and answer:
 *
 *     {"anthropic_version":"bedrock-2023-05-31","max_tokens":300,"messages":[{"role":"user",
 *      "content":[{"type":"image","source":{"type":"base64","media_type":"image/jpeg",
 *      "data":"<base64>"}},{"type":"text","text":"..."}]}]}
 */
#include "core/service/bedrock_claude.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/error.h"

#define VERSION_TEXT "bedrock-2023-05-31"
#define NUMBER_DECIMALS 4

static void put_picture(struct ir_json_body *body, const struct ir_content *content)
{
    char media_type[32];
    struct ir_json_writer *json = &body->json;
    snprintf(media_type, sizeof media_type, "image/%s", content->picture_format);
    ir_json_key(json, "source");
    ir_json_begin_object(json);
    ir_json_member_put_string(json, "type", "base64");
    ir_json_member_put_string(json, "media_type", media_type);
    ir_json_key(json, "data");
    ir_json_body_put_picture(body, content->picture);
    ir_json_end_object(json);
}

static void put_message(struct ir_json_body *body, const struct ir_message *message)
{
    struct ir_json_writer *json = &body->json;
    ir_json_begin_object(json);
    ir_json_member_put_string(json, "role", message->from_assistant ? "assistant" : "user");
    ir_json_key(json, "content");
    ir_json_begin_array(json);
    for (size_t i = 0; i < message->content_count; i++) {
        const struct ir_content *content = &message->contents[i];
        ir_json_begin_object(json);
        ir_json_member_put_string(json, "type", content->picture != NULL ? "image" : "text");
        if (content->picture != NULL)
            put_picture(body, content);
        else
            ir_json_member_put_string(json, "text", content->text);
        ir_json_end_object(json);
    }
    ir_json_end_array(json);
    ir_json_end_object(json);
}

static void put_limits(struct ir_json_writer *json, const struct ir_converse_options *options)
{
    ir_json_member_put_integer(json, "max_tokens", options->max_tokens);
    if (isfinite(options->temperature))
        ir_json_member_put_number(json, "temperature", options->temperature, NUMBER_DECIMALS);
    if (isfinite(options->top_p))
        ir_json_member_put_number(json, "top_p", options->top_p, NUMBER_DECIMALS);
    if (options->stop_sequence_count == 0)
        return;
    ir_json_key(json, "stop_sequences");
    ir_json_begin_array(json);
    for (size_t i = 0; i < options->stop_sequence_count; i++)
        ir_json_put_string(json, options->stop_sequences[i]);
    ir_json_end_array(json);
}

static void put_tool_choice(struct ir_json_writer *json, const char *choice)
{
    if (choice == NULL)
        return;
    bool is_any = strcmp(choice, "any") == 0;
    ir_json_key(json, "tool_choice");
    ir_json_begin_object(json);
    ir_json_member_put_string(json, "type", is_any ? "any" : "tool");
    if (!is_any)
        ir_json_member_put_string(json, "name", choice);
    ir_json_end_object(json);
}

static void put_tools(struct ir_json_body *body, const struct ir_converse_options *options)
{
    struct ir_json_writer *json = &body->json;
    if (options->tool_count == 0)
        return;
    ir_json_key(json, "tools");
    ir_json_begin_array(json);
    for (size_t i = 0; i < options->tool_count; i++) {
        const struct ir_tool *tool = &options->tools[i];
        ir_json_begin_object(json);
        ir_json_member_put_string(json, "name", tool->name);
        if (tool->description != NULL)
            ir_json_member_put_string(json, "description", tool->description);
        ir_json_key(json, "input_schema");
        ir_json_body_put_json(body, tool->schema_json, "the schema of a tool");
        if (tool->strict)
            ir_json_member_put_bool(json, "strict", true);
        ir_json_end_object(json);
    }
    ir_json_end_array(json);
    put_tool_choice(json, options->tool_choice);
}

/* Unlike Converse's, this schema is an object. */
static void put_schema(struct ir_json_body *body, const struct ir_converse_options *options)
{
    struct ir_json_writer *json = &body->json;
    if (options->schema_json == NULL)
        return;
    ir_json_key(json, "output_config");
    ir_json_begin_object(json);
    ir_json_key(json, "format");
    ir_json_begin_object(json);
    ir_json_member_put_string(json, "type", "json_schema");
    ir_json_key(json, "schema");
    ir_json_body_put_json(body, options->schema_json, "the schema of the answer");
    ir_json_end_object(json);
    ir_json_end_object(json);
}

int ir_claude_request(const struct ir_converse_options *options, struct ir_json_body *out,
                      struct ir_error *err)
{
    int rc = ir_converse_check_pictures(options, err);
    if (rc != 0)
        return rc;
    if (options->max_tokens == 0) {
        ir_fail(err, IR_ERR_ARG, "the largest number of tokens of the answer is not set");
        ir_error_set_service(err, ir_service_bedrock_runtime.title);
        return IR_ERR_ARG;
    }
    ir_json_body_init(out, IR_CONVERSE_MAX_TEXT_BYTES);
    ir_json_begin_object(&out->json);
    ir_json_member_put_string(&out->json, "anthropic_version", VERSION_TEXT);
    put_limits(&out->json, options);
    if (options->system != NULL)
        ir_json_member_put_string(&out->json, "system", options->system);
    ir_json_key(&out->json, "messages");
    ir_json_begin_array(&out->json);
    for (size_t i = 0; i < options->message_count; i++)
        put_message(out, &options->messages[i]);
    ir_json_end_array(&out->json);
    put_tools(out, options);
    put_schema(out, options);
    if (options->extra_json != NULL)
        ir_json_body_put_json_members(out, options->extra_json, "the model's own parameters");
    ir_json_end_object(&out->json);
    rc = ir_json_body_finish(out, err);
    if (rc != 0) {
        ir_error_set_service(err, ir_service_bedrock_runtime.title);
        ir_json_body_release(out);
    }
    return rc;
}

static void read_block(const struct ir_json_value *block, struct ir_model_answer *out)
{
    const char *type = ir_json_member_string(block, "type", "");
    if (strcmp(type, "text") == 0)
        ir_buf_append_text(&out->text, ir_json_member_string(block, "text", ""));
    if (strcmp(type, "tool_use") == 0)
        ir_model_answer_read_tool(block, out);
}

int ir_claude_read(const char *json, size_t bytes, struct ir_model_answer *out,
                   struct ir_error *err)
{
    struct ir_json_doc *doc = NULL;
    int rc = ir_answer_parse(&ir_service_bedrock_runtime, json, bytes, &doc, err);
    if (rc != 0)
        return rc;
    const struct ir_json_value *root = ir_json_root(doc);
    const struct ir_json_value *blocks = ir_json_get(root, "content");
    if (!ir_json_is_array(blocks) || !ir_json_is_string(ir_json_get(root, "stop_reason"))) {
        rc = ir_answer_fail(&ir_service_bedrock_runtime, "the answer has no message", err);
    } else {
        for (size_t i = 0; i < ir_json_count(blocks); i++)
            read_block(ir_json_at(blocks, i), out);
        ir_answer_text(root, "stop_reason", out->stop_reason, sizeof out->stop_reason);
        ir_model_answer_read_usage(ir_json_get(root, "usage"), "input_tokens", "output_tokens",
                                   out);
        rc = ir_model_answer_finish(out, err);
    }
    ir_json_free(doc);
    return rc;
}
