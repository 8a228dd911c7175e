/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ask task: the user's words and the picture go to a model, its words come back. */
#include <imgrecog/ask.h>

#include <string.h>

#include "core/base/error.h"
#include "core/base/utf8.h"
#include "core/task/converse.h"
#include "core/task/document.h"
#include "core/task/precheck.h"

#define SERVICE "question"

static int fail_option(struct ir_error *err, int code, const char *cause, const char *hint)
{
    return ir_fail_with(err, code, SERVICE, cause, hint);
}

static int check_options(const struct ir_ask_options *options, struct ir_error *err)
{
    const char *question = options->question;
    if (options->version != IR_ASK_OPTIONS_VERSION)
        return ir_fail(err, IR_ERR_ARG, "ask options of version %u are not known",
                       options->version);
    if (question == NULL || *question == '\0')
        return fail_option(err, IR_ERR_ARG, "it is empty", "Say what you want to know.");
    size_t bytes = strlen(question);
    if (bytes > IR_ASK_MAX_QUESTION_BYTES)
        return fail_option(err, IR_ERR_TOO_LARGE, "it has more than 100,000 bytes",
                           "Make it shorter.");
    if (!ir_utf8_is_valid(question, bytes))
        return fail_option(err, IR_ERR_ARG, "it is not UTF-8", "Set the terminal to UTF-8.");
    return ir_converse_check_max_tokens(options->max_tokens, SERVICE, err);
}

static int accept(void *context, const struct ir_model_answer *answer, struct ir_error *err)
{
    const char *text = ir_buf_text(&answer->text);
    (void)context;
    if (text[strspn(text, " \t\r\n")] != '\0')
        return 0;
    ir_fail(err, IR_ERR_RESPONSE, "the model answered nothing");
    ir_error_set_service(err, "Bedrock");
    ir_error_set_hint(err, "Put the question in other words, or ask another model.");
    return IR_ERR_RESPONSE;
}

static int ask(struct ir_client *client, const struct ir_picture *picture,
               const struct ir_ask_options *options, struct ir_result *result, struct ir_error *err)
{
    char model[IR_MODEL_ID_BYTES];
    struct ir_model_answer answer;
    const struct ir_converse_job job = {
        .client = client,
        .picture = picture,
        .model = options->model,
        .text = options->question,
        .max_tokens = options->max_tokens,
        .on_text = options->on_text,
        .text_context = options->text_context,
        .accept = accept,
        .cancel = options->cancel,
    };
    ir_model_answer_init(&answer);
    int rc = ir_converse_run(&job, &answer, model, &result->usage, err);
    if (rc == 0 && (ir_result_set_answer(result, ir_buf_text(&answer.text)) != 0 ||
                    ir_result_set_text(&result->answer.model, model) != 0))
        rc = ir_fail_nomem(err);
    ir_model_answer_release(&answer);
    return rc;
}

int ir_ask(struct ir_client *client, const struct ir_picture *picture,
           const struct ir_ask_options *options, struct ir_result **out, struct ir_error *err)
{
    struct ir_result *result = NULL;
    int rc = check_options(options, err);
    if (rc == 0)
        rc = ir_document_new(client, &ir_service_bedrock_runtime, picture, options->sha256, &result,
                             err);
    if (rc == 0)
        rc = ir_precheck(client, picture, options->cancel, result, err);
    if (rc == 0)
        rc = ask(client, picture, options, result, err);
    if (rc == IR_PAID_DRY)
        rc = 0;
    if (rc == 0)
        *out = result;
    else
        ir_result_free(result);
    return rc;
}
