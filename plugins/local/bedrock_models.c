/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_FoundationModelSummary.html
 */
#include "plugins/local/bedrock_models.h"

#include <stdio.h>
#include <string.h>

#include "core/aws/embedded.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/uri.h"
#include "plugins/local/bedrock.h"
#include "plugins/local/query.h"
#include "plugins/local/refuse.h"
#include "plugins/local/standin.h"
#include "plugins/local/text.h"

#define PROVIDER "imgrecog (this machine)"
#define ARN_BYTES 256
#define WORD_BYTES 64

static const struct bedrock_model models[] = {
    {BEDROCK_DESCRIBER, "Local describer: says what recognisers found", MODEL_DESCRIBER, false,
     true},
    {STANDIN_SDXL, "Local stand-in for SDXL 1.0: draws the prompt", MODEL_STANDIN_SDXL, true,
     false},
    {STANDIN_IMAGE, "Local stand-in for Stability: draws the prompt", MODEL_STANDIN_IMAGE, true,
     false},
};

const struct bedrock_model *bedrock_find_model(const char *id)
{
    const char *slash = strrchr(id, '/');
    if (strncmp(id, "arn:", 4) == 0 && slash != NULL)
        id = slash + 1;
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++)
        if (strcmp(id, models[i].id) == 0)
            return &models[i];
    return NULL;
}

const char *bedrock_model_ids(void)
{
    return BEDROCK_DESCRIBER ", " STANDIN_SDXL ", " STANDIN_IMAGE;
}

static void put_words(struct ir_json_writer *writer, const char *member, const char *first,
                      const char *second)
{
    ir_json_key(writer, member);
    ir_json_begin_array(writer);
    ir_json_put_string(writer, first);
    if (second != NULL)
        ir_json_put_string(writer, second);
    ir_json_end_array(writer);
}

static void put_model(struct ir_json_writer *writer, const struct request *request,
                      const struct bedrock_model *model)
{
    char arn[ARN_BYTES];
    snprintf(arn, sizeof arn, "arn:aws:bedrock:%s::foundation-model/%s", request->grant.region,
             model->id);
    ir_json_begin_object(writer);
    ir_json_member_put_string(writer, "modelArn", arn);
    ir_json_member_put_string(writer, "modelId", model->id);
    ir_json_member_put_string(writer, "modelName", model->name);
    ir_json_member_put_string(writer, "providerName", PROVIDER);
    put_words(writer, "inputModalities", "TEXT", "IMAGE");
    put_words(writer, "outputModalities", model->gives_images ? "IMAGE" : "TEXT", NULL);
    ir_json_member_put_bool(writer, "responseStreamingSupported", model->streams);
    ir_json_key(writer, "customizationsSupported");
    ir_json_begin_array(writer);
    ir_json_end_array(writer);
    put_words(writer, "inferenceTypesSupported", "ON_DEMAND", NULL);
    ir_json_key(writer, "modelLifecycle");
    ir_json_begin_object(writer);
    ir_json_member_put_string(writer, "status", "ACTIVE");
    ir_json_end_object(writer);
    ir_json_end_object(writer);
}

/* Whether a filter of the query, when it is there, is this word. */
static bool passes(const struct request *request, const char *name, const char *word)
{
    char wanted[WORD_BYTES];
    return !query_has(request->query, name) ||
           (query_text(request->query, name, wanted, sizeof wanted) && strcmp(wanted, word) == 0);
}

static void list_models(const struct request *request, struct answer *answer)
{
    struct ir_json_writer writer;
    ir_json_writer_init(&writer, &answer->body);
    ir_json_begin_object(&writer);
    ir_json_key(&writer, "modelSummaries");
    ir_json_begin_array(&writer);
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++)
        if (passes(request, "byProvider", PROVIDER) &&
            passes(request, "byOutputModality", models[i].gives_images ? "IMAGE" : "TEXT") &&
            passes(request, "byInferenceType", "ON_DEMAND") &&
            !query_has(request->query, "byCustomizationType"))
            put_model(&writer, request, &models[i]);
    ir_json_end_array(&writer);
    ir_json_end_object(&writer);
}

/* There are none here: every model of this machine is called by its own id. */
int bedrock_serve_profiles(const struct request *request, struct answer *answer,
                           struct ir_error *err)
{
    struct ir_json_writer writer;
    if (strcmp(request->path, BEDROCK_PROFILES_PATH) != 0)
        return refuse(
            err, &refuse_not_found,
            "There are no inference profiles on this machine: call the models %s by their "
            "own ids.",
            bedrock_model_ids());
    ir_json_writer_init(&writer, &answer->body);
    ir_json_begin_object(&writer);
    ir_json_key(&writer, "inferenceProfileSummaries");
    ir_json_begin_array(&writer);
    ir_json_end_array(&writer);
    ir_json_end_object(&writer);
    return 0;
}

int bedrock_serve_models(struct request *request, struct answer *answer, struct ir_error *err)
{
    struct ir_json_writer writer;
    struct ir_buf id;
    const char *name = request->path + sizeof BEDROCK_MODELS_PATH - 1;
    if (*name == '\0') {
        answer_header(answer, IR_EMBEDDED_LANGUAGES_HEADER,
                      text_reader_languages(request->local->recognisers->reader));
        list_models(request, answer);
        return 0;
    }
    if (*name != '/')
        return refuse(err, &refuse_operation, "There is no such operation.");
    ir_buf_init(&id, ARN_BYTES);
    ir_uri_decode(&id, name + 1, strlen(name + 1));
    const struct bedrock_model *model = bedrock_find_model(ir_buf_text(&id));
    ir_buf_release(&id);
    if (model == NULL)
        return refuse(err, &refuse_not_found,
                      "Could not resolve the foundation model from the provided model identifier. "
                      "The models of this machine are: %s.",
                      bedrock_model_ids());
    ir_json_writer_init(&writer, &answer->body);
    ir_json_begin_object(&writer);
    ir_json_key(&writer, "modelDetails");
    put_model(&writer, request, model);
    ir_json_end_object(&writer);
    return 0;
}
