/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bedrock's operations for service_call. Options of chat models have Converse's names. */
#include "tests/peers/service_call.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/service/bedrock.h"
#include "core/service/bedrock_claude.h"
#include "core/service/bedrock_image.h"
#include "core/base/base64.h"

#define MAX_MESSAGES 8
#define MAX_CONTENTS 24
#define MAX_TOOLS 4

/* ---- chat -------------------------------------------------------------------------------- */

struct chat {
    struct ir_converse_options options;
    struct ir_message messages[MAX_MESSAGES];
    struct ir_content contents[MAX_MESSAGES][MAX_CONTENTS];
    struct ir_tool tools[MAX_TOOLS];
};

static void read_message(struct run *run, const struct ir_json_value *value, struct chat *chat,
                         size_t at)
{
    const struct ir_json_value *contents = ir_json_get(value, "content");
    size_t count = ir_json_count(contents);
    if (at >= MAX_MESSAGES || count > MAX_CONTENTS)
        abort();
    for (size_t i = 0; i < count; i++) {
        struct ir_content *content = &chat->contents[at][i];
        const struct ir_json_value *image = ir_json_get(ir_json_at(contents, i), "image");
        content->text = text_of(ir_json_at(contents, i), "text");
        content->picture_format = text_of(image, "format");
        content->picture = blob_of(run, ir_json_get(image, "source"), "bytes", true);
    }
    chat->messages[at].from_assistant = strcmp(text_of(value, "role"), "assistant") == 0;
    chat->messages[at].contents = chat->contents[at];
    chat->messages[at].content_count = count;
}

static void read_chat(struct run *run, struct chat *chat)
{
    const struct ir_json_value *params = run->params;
    const struct ir_json_value *messages = ir_json_get(params, "messages");
    const struct ir_json_value *tools = ir_json_get(params, "tools");
    struct ir_converse_options *options = &chat->options;
    options->system = text_of(params, "system");
    options->messages = chat->messages;
    options->message_count = ir_json_count(messages);
    for (size_t i = 0; i < options->message_count; i++)
        read_message(run, ir_json_at(messages, i), chat, i);
    options->max_tokens = (unsigned)ir_json_number(ir_json_get(params, "maxTokens"), 0);
    options->temperature = number_of(params, "temperature");
    options->top_p = number_of(params, "topP");
    options->stop_sequences =
        texts_of(run, ir_json_get(params, "stopSequences"), &options->stop_sequence_count);
    options->schema_json = text_of(params, "schema");
    options->schema_name = text_of(params, "schemaName");
    options->guardrail_id = text_of(params, "guardrail");
    options->guardrail_version = text_of(params, "guardrailVersion");
    options->guardrail_trace = flag_of(params, "trace");
    options->tools = chat->tools;
    options->tool_count = ir_json_count(tools);
    options->tool_choice = text_of(params, "toolChoice");
    options->extra_json = text_of(params, "extra");
    for (size_t i = 0; i < options->tool_count && i < MAX_TOOLS; i++)
        chat->tools[i] = (struct ir_tool){
            text_of(ir_json_at(tools, i), "name"), text_of(ir_json_at(tools, i), "description"),
            text_of(ir_json_at(tools, i), "schema"), flag_of(ir_json_at(tools, i), "strict")};
}

static int put_answer(struct run *run, const struct ir_model_answer *answer, struct ir_error *err)
{
    int rc = ir_model_answer_check(answer, err);
    ir_json_member_put_string(&run->out, "text", ir_buf_text(&answer->text));
    ir_json_member_put_string(&run->out, "stopReason", answer->stop_reason);
    ir_json_member_put_integer(&run->out, "inputTokens", answer->input_tokens);
    ir_json_member_put_integer(&run->out, "outputTokens", answer->output_tokens);
    ir_json_member_put_string(&run->out, "toolName", answer->tool_name);
    ir_json_member_put_string(&run->out, "toolInput", ir_buf_text(&answer->tool_json));
    return rc;
}

int run_converse(struct run *run, struct ir_error *err)
{
    static struct chat chat;
    struct ir_request request;
    struct ir_model_answer answer;
    read_chat(run, &chat);
    int rc = ir_converse_call(&chat.options, text_of(run->params, "modelId"), false, &request, err);
    if (rc == 0)
        rc = send_request(run, &request, err);
    if (rc != 0)
        return rc;
    ir_model_answer_init(&answer);
    rc = ir_converse_read(ir_buf_text(&run->response.body), run->response.body.bytes, &answer, err);
    if (rc == 0)
        rc = put_answer(run, &answer, err);
    ir_model_answer_release(&answer);
    return rc;
}

static int take_stream(struct run *run, struct ir_request *request,
                       struct ir_converse_stream *stream, struct ir_error *err)
{
    request->aws.sink = ir_converse_stream_take;
    request->aws.sink_context = stream;
    int rc = ir_converse_stream_settle(stream, send_request(run, request, err), err);
    return rc == 0 ? put_answer(run, &stream->answer, err) : rc;
}

int run_converse_stream(struct run *run, struct ir_error *err)
{
    static struct chat chat;
    struct ir_request request;
    struct ir_converse_stream stream;
    read_chat(run, &chat);
    int rc = ir_converse_call(&chat.options, text_of(run->params, "modelId"), true, &request, err);
    if (rc != 0)
        return rc;
    ir_converse_stream_init(&stream, NULL, NULL);
    rc = take_stream(run, &request, &stream, err);
    ir_converse_stream_release(&stream);
    return rc;
}

static struct ir_invoke_options invoke_options_of(const struct run *run, bool streams)
{
    return (struct ir_invoke_options){
        .model_id = text_of(run->params, "modelId"),
        .streams = streams,
        .guardrail_id = text_of(run->params, "guardrail"),
        .guardrail_version = text_of(run->params, "guardrailVersion"),
        .guardrail_trace = flag_of(run->params, "trace"),
        .latency = text_of(run->params, "latency"),
        .service_tier = text_of(run->params, "serviceTier"),
    };
}

int run_claude(struct run *run, struct ir_error *err)
{
    static struct chat chat;
    struct ir_json_body body;
    struct ir_request request;
    struct ir_model_answer answer;
    read_chat(run, &chat);
    const struct ir_invoke_options options = invoke_options_of(run, false);
    int rc = ir_claude_request(&chat.options, &body, err);
    if (rc != 0)
        return rc;
    ir_model_answer_init(&answer);
    rc = ir_invoke_call(&options, &body.body, &request, err);
    if (rc == 0)
        rc = send_request(run, &request, err);
    if (rc == 0)
        rc = ir_claude_read(ir_buf_text(&run->response.body), run->response.body.bytes, &answer,
                            err);
    if (rc == 0)
        rc = put_answer(run, &answer, err);
    ir_model_answer_release(&answer);
    ir_json_body_release(&body);
    return rc;
}

int run_claude_stream(struct run *run, struct ir_error *err)
{
    static struct chat chat;
    struct ir_json_body body;
    struct ir_request request;
    struct ir_converse_stream stream;
    read_chat(run, &chat);
    const struct ir_invoke_options options = invoke_options_of(run, true);
    int rc = ir_claude_request(&chat.options, &body, err);
    if (rc != 0)
        return rc;
    ir_claude_stream_init(&stream, NULL, NULL);
    rc = ir_invoke_call(&options, &body.body, &request, err);
    if (rc == 0)
        rc = take_stream(run, &request, &stream, err);
    ir_converse_stream_release(&stream);
    ir_json_body_release(&body);
    return rc;
}

/* ---- pictures ---------------------------------------------------------------------------- */

static void put_generated(struct run *run, const struct ir_generated *generated)
{
    static char text[1U << 20];
    ir_json_key(&run->out, "images");
    ir_json_begin_array(&run->out);
    for (size_t i = 0; i < generated->count; i++) {
        if (ir_base64_length(generated->images[i].bytes) >= sizeof text)
            abort();
        ir_base64_encode(generated->images[i].data, generated->images[i].bytes, text);
        ir_json_put_string(&run->out, text);
    }
    ir_json_end_array(&run->out);
    ir_json_key(&run->out, "seeds");
    ir_json_begin_array(&run->out);
    for (size_t i = 0; i < generated->count; i++)
        ir_json_put_number(&run->out, generated->images[i].seed, 0);
    ir_json_end_array(&run->out);
    ir_json_member_put_integer(&run->out, "withheld", (long long)generated->withheld_count);
}

static int generate(struct run *run, struct ir_json_body *body,
                    int (*read)(const char *json, size_t bytes, struct ir_generated *out,
                                struct ir_error *err),
                    struct ir_error *err)
{
    struct ir_request request;
    struct ir_generated generated;
    const struct ir_invoke_options options = invoke_options_of(run, false);
    int rc = ir_invoke_call(&options, &body->body, &request, err);
    if (rc == 0)
        rc = send_request(run, &request, err);
    if (rc == 0)
        rc = read(ir_buf_text(&run->response.body), run->response.body.bytes, &generated, err);
    ir_json_body_release(body);
    if (rc != 0)
        return rc;
    put_generated(run, &generated);
    ir_generated_release(&generated);
    return 0;
}

int run_stability(struct run *run, struct ir_error *err)
{
    struct ir_json_body body;
    const struct ir_json_value *params = run->params;
    enum ir_stability_task task =
        (enum ir_stability_task)ir_json_number(ir_json_get(params, "task"), 0);
    struct ir_stability_options options = IR_STABILITY_OPTIONS_INIT(task);
    options.prompt = text_of(params, "prompt");
    options.negative_prompt = text_of(params, "negative_prompt");
    options.search_prompt = text_of(params, "search_prompt");
    options.select_prompt = text_of(params, "select_prompt");
    options.aspect_ratio = text_of(params, "aspect_ratio");
    options.style_preset = text_of(params, "style_preset");
    options.output_format = text_of(params, "output_format");
    options.mode = text_of(params, "mode");
    options.picture = blob_of(run, params, "image", true);
    options.mask = blob_of(run, params, "mask", true);
    options.style_picture = blob_of(run, params, "style_image", true);
    options.seed = number_of(params, "seed");
    options.strength = number_of(params, "strength");
    options.grow_mask_px = number_of(params, "grow_mask");
    options.left_px = number_of(params, "left");
    options.right_px = number_of(params, "right");
    options.up_px = number_of(params, "up");
    options.down_px = number_of(params, "down");
    options.creativity = number_of(params, "creativity");
    options.control_strength = number_of(params, "control_strength");
    options.fidelity = number_of(params, "fidelity");
    options.style_strength = number_of(params, "style_strength");
    options.composition_fidelity = number_of(params, "composition_fidelity");
    options.change_strength = number_of(params, "change_strength");
    int rc = ir_stability_request(&options, &body, err);
    return rc == 0 ? generate(run, &body, ir_stability_read, err) : rc;
}

int run_sdxl(struct run *run, struct ir_error *err)
{
    struct ir_json_body body;
    const struct ir_json_value *params = run->params;
    const struct ir_sdxl_prompt prompts[] = {{text_of(params, "prompt"), 1.0},
                                             {text_of(params, "negative_prompt"), -1.0}};
    struct ir_sdxl_options options = IR_SDXL_OPTIONS_INIT;
    options.prompts = prompts;
    options.prompt_count = prompts[1].text != NULL ? 2 : 1;
    options.width_px = (unsigned)ir_json_number(ir_json_get(params, "width"), 0);
    options.height_px = (unsigned)ir_json_number(ir_json_get(params, "height"), 0);
    options.cfg_scale = number_of(params, "cfg_scale");
    options.clip_guidance_preset = text_of(params, "clip_guidance_preset");
    options.sampler = text_of(params, "sampler");
    options.style_preset = text_of(params, "style_preset");
    options.seed = number_of(params, "seed");
    options.steps = (unsigned)ir_json_number(ir_json_get(params, "steps"), 0);
    options.samples = (unsigned)ir_json_number(ir_json_get(params, "samples"), 0);
    options.picture = blob_of(run, params, "init_image", true);
    options.image_strength = number_of(params, "image_strength");
    options.mask_source = text_of(params, "mask_source");
    options.mask = blob_of(run, params, "mask_image", true);
    int rc = ir_sdxl_request(&options, &body, err);
    return rc == 0 ? generate(run, &body, ir_sdxl_read, err) : rc;
}

/* ---- control plane ----------------------------------------------------------------------- */

static void put_model(struct run *run, const struct ir_model *model)
{
    ir_json_begin_object(&run->out);
    ir_json_member_put_string(&run->out, "modelId", model->id);
    ir_json_member_put_string(&run->out, "modelArn", model->arn);
    ir_json_member_put_string(&run->out, "modelName", model->name);
    ir_json_member_put_string(&run->out, "providerName", model->provider);
    ir_json_member_put_bool(&run->out, "responseStreamingSupported",
                            (model->abilities & IR_MODEL_STREAMS) != 0);
    ir_json_key(&run->out, "modelLifecycle");
    ir_json_begin_object(&run->out);
    ir_json_member_put_string(&run->out, "status", model->status);
    ir_json_end_object(&run->out);
    ir_json_end_object(&run->out);
}

static int read_models(struct run *run, bool is_list, struct ir_error *err)
{
    struct ir_models models;
    int rc = ir_bedrock_read_models(ir_buf_text(&run->response.body), run->response.body.bytes,
                                    &models, err);
    if (rc != 0)
        return rc;
    ir_json_key(&run->out, is_list ? "modelSummaries" : "modelDetails");
    if (is_list)
        ir_json_begin_array(&run->out);
    for (size_t i = 0; i < models.count; i++)
        put_model(run, &models.items[i]);
    if (is_list)
        ir_json_end_array(&run->out);
    ir_models_release(&models);
    return 0;
}

int run_list_models(struct run *run, struct ir_error *err)
{
    struct ir_request request;
    const struct ir_models_filter filter = {
        .provider = text_of(run->params, "byProvider"),
        .output_modality = text_of(run->params, "byOutputModality"),
        .inference_type = text_of(run->params, "byInferenceType"),
    };
    int rc = ir_bedrock_list_models(&filter, &request, err);
    if (rc == 0)
        rc = send_request(run, &request, err);
    return rc == 0 ? read_models(run, true, err) : rc;
}

int run_get_model(struct run *run, struct ir_error *err)
{
    struct ir_request request;
    int rc = ir_bedrock_get_model(text_of(run->params, "modelIdentifier"), &request, err);
    if (rc == 0)
        rc = send_request(run, &request, err);
    return rc == 0 ? read_models(run, false, err) : rc;
}

int run_list_profiles(struct run *run, struct ir_error *err)
{
    struct ir_request request;
    struct ir_profiles profiles;
    const struct ir_json_value *params = run->params;
    int rc =
        ir_bedrock_list_profiles(text_of(params, "typeEquals"),
                                 (unsigned)ir_json_number(ir_json_get(params, "maxResults"), 0),
                                 text_of(params, "nextToken"), &request, err);
    if (rc == 0)
        rc = send_request(run, &request, err);
    if (rc == 0)
        rc = ir_bedrock_read_profiles(ir_buf_text(&run->response.body), run->response.body.bytes,
                                      &profiles, err);
    if (rc != 0)
        return rc;
    ir_json_key(&run->out, "inferenceProfileSummaries");
    ir_json_begin_array(&run->out);
    for (size_t i = 0; i < profiles.count; i++) {
        const struct ir_profile *profile = &profiles.items[i];
        ir_json_begin_object(&run->out);
        ir_json_member_put_string(&run->out, "inferenceProfileId", profile->id);
        ir_json_member_put_string(&run->out, "inferenceProfileArn", profile->arn);
        ir_json_member_put_string(&run->out, "inferenceProfileName", profile->name);
        ir_json_member_put_string(&run->out, "status", profile->status);
        ir_json_member_put_string(&run->out, "type", profile->type);
        ir_json_end_object(&run->out);
    }
    ir_json_end_array(&run->out);
    if (profiles.next_token != NULL)
        ir_json_member_put_string(&run->out, "nextToken", profiles.next_token);
    ir_profiles_release(&profiles);
    return 0;
}
