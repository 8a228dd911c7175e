/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a model answered: Converse's answer, and what a stop reason makes of any model's answer. */
#include "core/service/bedrock_runtime.h"

#include <string.h>

#include "core/base/error.h"

#define SERVICE "Bedrock"
#define MAX_TOKENS_TOLD 1000000000.0

void ir_model_answer_init(struct ir_model_answer *answer)
{
    *answer = (struct ir_model_answer){.input_tokens = -1, .output_tokens = -1, .tool_block = -1};
    ir_buf_init(&answer->text, IR_CONVERSE_MAX_ANSWER_BYTES);
    ir_buf_init(&answer->tool_json, IR_CONVERSE_MAX_ANSWER_BYTES);
}

void ir_model_answer_release(struct ir_model_answer *answer)
{
    ir_buf_release(&answer->tool_json);
    ir_buf_release(&answer->text);
}

static long long tokens(const struct ir_json_value *usage, const char *name, long long fallback)
{
    double count = ir_json_number(ir_json_get(usage, name), -1.0);
    return count >= 0.0 && count <= MAX_TOKENS_TOLD ? (long long)count : fallback;
}

void ir_model_answer_read_usage(const struct ir_json_value *usage, const char *input,
                                const char *output, struct ir_model_answer *out)
{
    out->input_tokens = tokens(usage, input, out->input_tokens);
    out->output_tokens = tokens(usage, output, out->output_tokens);
}

void ir_model_answer_read_tool(const struct ir_json_value *call, struct ir_model_answer *out)
{
    struct ir_json_writer json;
    if (!ir_json_is_object(call) || out->tool_name[0] != '\0')
        return;
    ir_answer_text(call, "name", out->tool_name, sizeof out->tool_name);
    ir_json_writer_init(&json, &out->tool_json);
    ir_json_put_value(&json, ir_json_get(call, "input"));
}

int ir_converse_read(const char *json, size_t bytes, struct ir_model_answer *out,
                     struct ir_error *err)
{
    struct ir_json_doc *doc = NULL;
    int rc = ir_answer_parse(&ir_service_bedrock_runtime, json, bytes, &doc, err);
    if (rc != 0)
        return rc;
    const struct ir_json_value *root = ir_json_root(doc);
    const struct ir_json_value *message = ir_json_get(ir_json_get(root, "output"), "message");
    const struct ir_json_value *contents = ir_json_get(message, "content");
    const char *stop_reason = ir_json_member_string(root, "stopReason", NULL);
    if (!ir_json_is_array(contents) || stop_reason == NULL) {
        rc = ir_answer_fail(&ir_service_bedrock_runtime, "the answer has no message", err);
    } else {
        for (size_t i = 0; i < ir_json_count(contents); i++) {
            const struct ir_json_value *content = ir_json_at(contents, i);
            ir_buf_append_text(&out->text, ir_json_member_string(content, "text", ""));
            ir_model_answer_read_tool(ir_json_get(content, "toolUse"), out);
        }
        ir_text_copy(out->stop_reason, sizeof out->stop_reason, stop_reason);
        ir_model_answer_read_usage(ir_json_get(root, "usage"), "inputTokens", "outputTokens", out);
        rc = ir_model_answer_finish(out, err);
    }
    ir_json_free(doc);
    return rc;
}

int ir_model_answer_finish(const struct ir_model_answer *answer, struct ir_error *err)
{
    int rc = ir_buf_check(&answer->text, "the model's answer", err);
    if (rc == 0)
        rc = ir_buf_check(&answer->tool_json, "the input of a tool", err);
    if (rc == IR_ERR_TOO_LARGE)
        ir_error_set_hint(err, "Allow fewer tokens.");
    if (rc != 0 && err != NULL)
        err->maybe_served = true; /* it was answered */
    return rc;
}

/* ---- what the answer is worth ------------------------------------------------------------ */

struct stop {
    const char *reason;
    const char *cause; /* NULL: the answer is whole */
    const char *hint;
};

static const struct stop stops[] = {
    {"end_turn", NULL, NULL},
    {"stop_sequence", NULL, NULL},
    {"tool_use", NULL, NULL},
    {"max_tokens", "the answer was cut off at the largest allowed length", "Allow more tokens."},
    {"pause_turn", "the model paused in the middle of its answer", "Ask again."},
    {"refusal", "the model declined to answer", "Ask in another way, or use another picture."},
    {"guardrail_intervened", "a guardrail withheld the answer",
     "Look at the guardrail's settings, or ask in another way."},
    {"content_filtered", "a content filter withheld the answer",
     "Ask in another way, or use another picture."},
    {"malformed_model_output", "the model's answer did not follow the required form",
     "Try again, or use another model."},
    {"malformed_tool_use", "the model's answer did not follow the required form",
     "Try again, or use another model."},
    {"model_context_window_exceeded", "question and pictures are too long for the model",
     "Send less, or use a model with a larger context."},
};

int ir_model_answer_check(const struct ir_model_answer *answer, struct ir_error *err)
{
    for (size_t i = 0; i < sizeof stops / sizeof stops[0]; i++) {
        if (strcmp(answer->stop_reason, stops[i].reason) != 0)
            continue;
        if (stops[i].cause == NULL)
            return 0;
        int rc = ir_fail(err, IR_ERR_SERVICE, "%s (%s)", stops[i].cause, stops[i].reason);
        ir_error_set_service(err, SERVICE);
        ir_error_set_hint(err, "%s", stops[i].hint);
        return rc;
    }
    int rc = ir_fail(err, IR_ERR_SERVICE, "the model stopped for a reason that is not known: %s",
                     answer->stop_reason);
    ir_error_set_service(err, SERVICE);
    return rc;
}
