/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *   POST /model/ID/converse, converse-stream, invoke, invoke-with-response-stream
 *   GET  /foundation-models, /foundation-models/ID, /inference-profiles
 *
 * A model id of AWS's is refused: what is answered here must not be taken for another model's.
 */
#include "plugins/local/bedrock.h"

#include <string.h>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/uri.h"
#include "plugins/local/bedrock_answer.h"
#include "plugins/local/bedrock_models.h"
#include "plugins/local/deadline.h"
#include "plugins/local/query.h"
#include "plugins/local/refuse.h"
#include "plugins/local/standin.h"

#define MODEL_PATH "/model/"
#define MODEL_BYTES 256
#define OPERATION_BYTES 40
#define GUARDRAIL_HEADER "X-Amzn-Bedrock-GuardrailIdentifier"

enum form { FORM_CONVERSE, FORM_CONVERSE_STREAM, FORM_INVOKE, FORM_INVOKE_STREAM, FORM_UNKNOWN };

struct target {
    char model[MODEL_BYTES];
    enum form form;
};

static enum form form_named(const char *name)
{
    static const char *const names[] = {"converse", "converse-stream", "invoke",
                                        "invoke-with-response-stream"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0)
            return (enum form)i;
    return FORM_UNKNOWN;
}

/* "/model/ID/OPERATION"; false for any other path. */
static bool read_target(const struct request *request, struct target *out)
{
    struct ir_buf model;
    size_t prefix_bytes = sizeof MODEL_PATH - 1;
    if (strncmp(request->path, MODEL_PATH, prefix_bytes) != 0)
        return false;
    const char *name = request->path + prefix_bytes;
    const char *slash = strchr(name, '/');
    if (slash == NULL)
        return false;
    ir_buf_init(&model, 3 * MODEL_BYTES);
    ir_uri_decode(&model, name, (size_t)(slash - name));
    ir_text_copy(out->model, sizeof out->model, ir_buf_text(&model));
    ir_buf_release(&model);
    out->form = form_named(slash + 1);
    return out->form != FORM_UNKNOWN;
}

bool bedrock_looks_at_pictures(const struct request *request)
{
    return strncmp(request->path, MODEL_PATH, sizeof MODEL_PATH - 1) == 0;
}

/* ---- the describer ----------------------------------------------------------------------- */

static void write_said(enum form form, const struct bedrock_said *said, struct answer *answer)
{
    switch (form) {
    case FORM_CONVERSE:
        bedrock_write_converse(said, answer);
        break;
    case FORM_CONVERSE_STREAM:
        bedrock_stream_converse(said, answer);
        break;
    case FORM_INVOKE:
        bedrock_write_claude(said, answer);
        break;
    default:
        bedrock_stream_claude(said, answer);
        break;
    }
}

static int describe(struct request *request, const struct target *target,
                    const struct ir_json_value *body, struct answer *answer, struct ir_error *err)
{
    struct ask ask;
    struct description description;
    int64_t begun_ms = deadline_now_ms();
    bool converse = target->form == FORM_CONVERSE || target->form == FORM_CONVERSE_STREAM;
    ask_init(&ask);
    description_init(&description);
    int rc = converse ? ask_read_converse(body, &ask, err) : ask_read_claude(body, &ask, err);
    if (rc == 0)
        rc = describer_run(request->local->recognisers, &ask, &description, err);
    if (rc == 0) {
        const struct bedrock_said said = {.model_id = target->model,
                                          .request_id = request->request_id,
                                          .description = &description,
                                          .latency_ms = deadline_now_ms() - begun_ms};
        answer->not_finished = description.not_finished;
        write_said(target->form, &said, answer);
    }
    description_release(&description);
    ask_release(&ask);
    return rc;
}

static int paint(const struct bedrock_model *model, const struct target *target,
                 const struct ir_json_value *body, struct answer *answer, struct ir_error *err)
{
    if (target->form == FORM_INVOKE_STREAM)
        return refuse(err, &refuse_validation, "The model is unsupported for streaming.");
    if (target->form != FORM_INVOKE)
        return refuse(err, &refuse_validation,
                      "This action doesn't support the model that you provided. Try again with a "
                      "supported text or chat model.");
    return model->kind == MODEL_STANDIN_SDXL ? standin_sdxl(body, answer, err)
                                             : standin_image(body, answer, err);
}

static int run_model(struct request *request, const struct target *target, struct answer *answer,
                     struct ir_error *err)
{
    struct ir_json_doc *doc = NULL;
    const struct bedrock_model *model = bedrock_find_model(target->model);
    if (model == NULL)
        return refuse(
            err, &refuse_validation,
            "The provided model identifier is invalid. The models of this machine are: %s.",
            bedrock_model_ids());
    if (request_header(request, GUARDRAIL_HEADER) != NULL)
        return refuse(err, &refuse_validation, "There are no guardrails on this machine.");
    int rc = request_json(request, &refuse_validation, &doc, err);
    if (rc != 0)
        return rc;
    rc = model->kind == MODEL_DESCRIBER ? describe(request, target, ir_json_root(doc), answer, err)
                                        : paint(model, target, ir_json_root(doc), answer, err);
    ir_json_free(doc);
    return rc;
}

/* "/foundation-models", and what lies below it. */
static bool asks_for(const struct request *request, const char *path)
{
    return request_is(request, "GET") && strncmp(request->path, path, strlen(path)) == 0;
}

int bedrock_serve(struct request *request, struct answer *answer, struct ir_error *err)
{
    struct target target;
    if (request_is(request, "POST") && read_target(request, &target))
        return run_model(request, &target, answer, err);
    if (asks_for(request, BEDROCK_MODELS_PATH))
        return bedrock_serve_models(request, answer, err);
    if (asks_for(request, BEDROCK_PROFILES_PATH))
        return bedrock_serve_profiles(request, answer, err);
    return refuse(err, &refuse_operation,
                  "The local Bedrock has Converse, ConverseStream, InvokeModel, "
                  "InvokeModelWithResponseStream, ListFoundationModels, GetFoundationModel and "
                  "ListInferenceProfiles.");
}
