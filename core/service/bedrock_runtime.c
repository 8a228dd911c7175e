/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Converse, the one request form for all chat models of Bedrock, and InvokeModel, which carries a
 * body in the model's own form. The streams of both are read in bedrock_stream.c.
 */
#include "core/service/bedrock_runtime.h"

#include <math.h>
#include <string.h>

#include "core/aws/endpoint.h"
#include "core/base/error.h"
#include "core/base/uri.h"

#define SERVICE "Bedrock"
#define NUMBER_DECIMALS 4
#define MAX_RESPONSE_BYTES (64U << 20)

/* ---- request ----------------------------------------------------------------------------- */

static void put_content(struct ir_json_body *body, const struct ir_content *content)
{
    struct ir_json_writer *json = &body->json;
    ir_json_begin_object(json);
    if (content->picture == NULL) {
        ir_json_member_put_string(json, "text", content->text);
    } else {
        ir_json_key(json, "image");
        ir_json_begin_object(json);
        ir_json_member_put_string(json, "format", content->picture_format);
        ir_json_key(json, "source");
        ir_json_begin_object(json);
        ir_json_key(json, "bytes");
        ir_json_body_put_picture(body, content->picture);
        ir_json_end_object(json);
        ir_json_end_object(json);
    }
    ir_json_end_object(json);
}

static void put_messages(struct ir_json_body *body, const struct ir_converse_options *options)
{
    struct ir_json_writer *json = &body->json;
    ir_json_key(json, "messages");
    ir_json_begin_array(json);
    for (size_t i = 0; i < options->message_count; i++) {
        const struct ir_message *message = &options->messages[i];
        ir_json_begin_object(json);
        ir_json_member_put_string(json, "role", message->from_assistant ? "assistant" : "user");
        ir_json_key(json, "content");
        ir_json_begin_array(json);
        for (size_t j = 0; j < message->content_count; j++)
            put_content(body, &message->contents[j]);
        ir_json_end_array(json);
        ir_json_end_object(json);
    }
    ir_json_end_array(json);
}

static void put_system(struct ir_json_writer *json, const char *system)
{
    if (system == NULL)
        return;
    ir_json_key(json, "system");
    ir_json_begin_array(json);
    ir_json_begin_object(json);
    ir_json_member_put_string(json, "text", system);
    ir_json_end_object(json);
    ir_json_end_array(json);
}

static void put_inference(struct ir_json_writer *json, const struct ir_converse_options *options)
{
    bool has_temperature = isfinite(options->temperature);
    bool has_top_p = isfinite(options->top_p);
    bool has_stops = options->stop_sequence_count > 0;
    if (options->max_tokens == 0 && !has_temperature && !has_top_p && !has_stops)
        return;
    ir_json_key(json, "inferenceConfig");
    ir_json_begin_object(json);
    if (options->max_tokens > 0)
        ir_json_member_put_integer(json, "maxTokens", options->max_tokens);
    if (has_temperature)
        ir_json_member_put_number(json, "temperature", options->temperature, NUMBER_DECIMALS);
    if (has_top_p)
        ir_json_member_put_number(json, "topP", options->top_p, NUMBER_DECIMALS);
    if (has_stops) {
        ir_json_key(json, "stopSequences");
        ir_json_begin_array(json);
        for (size_t i = 0; i < options->stop_sequence_count; i++)
            ir_json_put_string(json, options->stop_sequences[i]);
        ir_json_end_array(json);
    }
    ir_json_end_object(json);
}

/* The schema is a string that holds JSON, as the API has it. */
static void put_schema(struct ir_json_writer *json, const struct ir_converse_options *options)
{
    if (options->schema_json == NULL)
        return;
    ir_json_key(json, "outputConfig");
    ir_json_begin_object(json);
    ir_json_key(json, "textFormat");
    ir_json_begin_object(json);
    ir_json_member_put_string(json, "type", "json_schema");
    ir_json_key(json, "structure");
    ir_json_begin_object(json);
    ir_json_key(json, "jsonSchema");
    ir_json_begin_object(json);
    ir_json_member_put_string(json, "schema", options->schema_json);
    if (options->schema_name != NULL)
        ir_json_member_put_string(json, "name", options->schema_name);
    ir_json_end_object(json);
    ir_json_end_object(json);
    ir_json_end_object(json);
    ir_json_end_object(json);
}

static void put_tool_choice(struct ir_json_writer *json, const char *choice)
{
    bool is_any = choice != NULL && strcmp(choice, "any") == 0;
    if (choice == NULL)
        return;
    ir_json_key(json, "toolChoice");
    ir_json_begin_object(json);
    ir_json_key(json, is_any ? "any" : "tool");
    ir_json_begin_object(json);
    if (!is_any)
        ir_json_member_put_string(json, "name", choice);
    ir_json_end_object(json);
    ir_json_end_object(json);
}

static void put_tool(struct ir_json_body *body, const struct ir_tool *tool)
{
    struct ir_json_writer *json = &body->json;
    ir_json_begin_object(json);
    ir_json_key(json, "toolSpec");
    ir_json_begin_object(json);
    ir_json_member_put_string(json, "name", tool->name);
    if (tool->description != NULL)
        ir_json_member_put_string(json, "description", tool->description);
    ir_json_key(json, "inputSchema");
    ir_json_begin_object(json);
    ir_json_key(json, "json");
    ir_json_body_put_json(body, tool->schema_json, "the schema of a tool");
    ir_json_end_object(json);
    if (tool->strict)
        ir_json_member_put_bool(json, "strict", true);
    ir_json_end_object(json);
    ir_json_end_object(json);
}

static void put_tools(struct ir_json_body *body, const struct ir_converse_options *options)
{
    if (options->tool_count == 0)
        return;
    ir_json_key(&body->json, "toolConfig");
    ir_json_begin_object(&body->json);
    ir_json_key(&body->json, "tools");
    ir_json_begin_array(&body->json);
    for (size_t i = 0; i < options->tool_count; i++)
        put_tool(body, &options->tools[i]);
    ir_json_end_array(&body->json);
    put_tool_choice(&body->json, options->tool_choice);
    ir_json_end_object(&body->json);
}

static void put_guardrail(struct ir_json_writer *json, const struct ir_converse_options *options)
{
    if (options->guardrail_id == NULL)
        return;
    ir_json_key(json, "guardrailConfig");
    ir_json_begin_object(json);
    ir_json_member_put_string(json, "guardrailIdentifier", options->guardrail_id);
    ir_json_member_put_string(json, "guardrailVersion", options->guardrail_version);
    if (options->guardrail_trace)
        ir_json_member_put_string(json, "trace", "enabled");
    ir_json_end_object(json);
}

static int check_guardrail(const char *id, const char *version, struct ir_error *err)
{
    if (id == NULL || version != NULL)
        return 0;
    ir_fail(err, IR_ERR_ARG, "a guardrail is named without its version");
    ir_error_set_service(err, SERVICE);
    ir_error_set_hint(err, "Give the guardrail's version: a number, or DRAFT.");
    return IR_ERR_ARG;
}

static int check_picture(const struct ir_body_piece *picture, struct ir_error *err)
{
    const struct ir_body body = {.pieces = {*picture}, .piece_count = 1};
    uint64_t bytes = ir_body_length(&body);
    if (picture->base64)
        bytes = bytes / 4 * 3; /* padding is less than the limit's precision */
    if (bytes <= IR_CONVERSE_MAX_PICTURE_BYTES)
        return 0;
    ir_fail(err, IR_ERR_TOO_LARGE, "the picture has %llu bytes; Bedrock takes at most %u",
            (unsigned long long)bytes, IR_CONVERSE_MAX_PICTURE_BYTES);
    ir_error_set_service(err, SERVICE);
    ir_error_set_hint(err, "Make it smaller, or save it with a higher compression.");
    return IR_ERR_TOO_LARGE;
}

int ir_converse_check_pictures(const struct ir_converse_options *options, struct ir_error *err)
{
    int rc = 0;
    for (size_t i = 0; i < options->message_count; i++)
        for (size_t j = 0; rc == 0 && j < options->messages[i].content_count; j++)
            if (options->messages[i].contents[j].picture != NULL)
                rc = check_picture(options->messages[i].contents[j].picture, err);
    return rc;
}

int ir_converse_request(const struct ir_converse_options *options, struct ir_json_body *out,
                        struct ir_error *err)
{
    int rc = check_guardrail(options->guardrail_id, options->guardrail_version, err);
    if (rc == 0)
        rc = ir_converse_check_pictures(options, err);
    if (rc != 0)
        return rc;
    ir_json_body_init(out, IR_CONVERSE_MAX_TEXT_BYTES);
    ir_json_begin_object(&out->json);
    put_messages(out, options);
    put_system(&out->json, options->system);
    put_inference(&out->json, options);
    put_schema(&out->json, options);
    put_tools(out, options);
    put_guardrail(&out->json, options);
    if (options->extra_json != NULL) {
        ir_json_key(&out->json, "additionalModelRequestFields");
        ir_json_body_put_json(out, options->extra_json, "the model's own parameters");
    }
    ir_json_end_object(&out->json);
    rc = ir_json_body_finish(out, err);
    if (rc != 0) {
        ir_error_set_service(err, SERVICE);
        ir_json_body_release(out);
    }
    return rc;
}

void ir_converse_path(const char *model_id, bool streams, struct ir_buf *out)
{
    ir_buf_append_text(out, "/model/");
    ir_uri_encode(out, model_id, strlen(model_id), false);
    ir_buf_append_text(out, streams ? "/converse-stream" : "/converse");
}

static void init_model_call(struct ir_request *out, const char *content_type)
{
    ir_request_init(out, &ir_service_bedrock_runtime, "POST", "");
    out->aws.content_type = content_type;
    out->aws.auth = IR_AUTH_BEARER;
    out->aws.is_paid = true;
    out->aws.max_response_bytes = MAX_RESPONSE_BYTES;
}

int ir_converse_call(const struct ir_converse_options *options, const char *model_id, bool streams,
                     struct ir_request *out, struct ir_error *err)
{
    init_model_call(out, IR_BEDROCK_CONTENT_TYPE);
    ir_converse_path(model_id, streams, &out->path);
    int rc = ir_converse_request(options, &out->json, err);
    if (rc != 0) {
        ir_buf_release(&out->path);
        return rc;
    }
    return ir_request_finish(out, NULL, err);
}

int ir_invoke_call(const struct ir_invoke_options *options, const struct ir_body *body,
                   struct ir_request *out, struct ir_error *err)
{
    int rc = check_guardrail(options->guardrail_id, options->guardrail_version, err);
    if (rc != 0)
        return rc;
    if (ir_body_length(body) > IR_INVOKE_MAX_BODY_BYTES) {
        ir_fail(err, IR_ERR_TOO_LARGE, "the request has %llu bytes; Bedrock takes at most %u",
                (unsigned long long)ir_body_length(body), IR_INVOKE_MAX_BODY_BYTES);
        ir_error_set_service(err, SERVICE);
        ir_error_set_hint(err, "Send fewer or smaller pictures.");
        return IR_ERR_TOO_LARGE;
    }
    init_model_call(out, IR_BEDROCK_CONTENT_TYPE);
    ir_buf_append_text(&out->path, "/model/");
    ir_uri_encode(&out->path, options->model_id, strlen(options->model_id), false);
    ir_buf_append_text(&out->path, options->streams ? "/invoke-with-response-stream" : "/invoke");
    ir_request_add_header(out, options->streams ? "X-Amzn-Bedrock-Accept" : "Accept",
                          IR_BEDROCK_CONTENT_TYPE);
    ir_request_add_header(out, "X-Amzn-Bedrock-GuardrailIdentifier", options->guardrail_id);
    ir_request_add_header(out, "X-Amzn-Bedrock-GuardrailVersion", options->guardrail_version);
    if (options->guardrail_trace)
        ir_request_add_header(out, "X-Amzn-Bedrock-Trace", "ENABLED");
    ir_request_add_header(out, "X-Amzn-Bedrock-PerformanceConfig-Latency", options->latency);
    ir_request_add_header(out, "X-Amzn-Bedrock-Service-Tier", options->service_tier);
    return ir_request_finish(out, body, err);
}
