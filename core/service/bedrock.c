/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bedrock's control plane: plain GET requests; times come as RFC 3339 texts and stay so. */
#include "core/service/bedrock.h"

#include <stdio.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/error.h"
#include "core/base/uri.h"

#define LIMIT_MAX_RESULTS 1000U

/* ---- requests ---------------------------------------------------------------------------- */

static void begin(struct ir_request *out, const char *path)
{
    ir_request_init(out, &ir_service_bedrock, "GET", path);
    out->aws.auth = IR_AUTH_BEARER;
}

int ir_bedrock_list_models(const struct ir_models_filter *filter, struct ir_request *out,
                           struct ir_error *err)
{
    begin(out, "/foundation-models");
    ir_request_add_query(out, "byInferenceType", filter->inference_type);
    ir_request_add_query(out, "byOutputModality", filter->output_modality);
    ir_request_add_query(out, "byProvider", filter->provider);
    return ir_request_finish(out, NULL, err);
}

int ir_bedrock_get_model(const char *model_id, struct ir_request *out, struct ir_error *err)
{
    begin(out, "/foundation-models/");
    ir_uri_encode(&out->path, model_id, strlen(model_id), false);
    return ir_request_finish(out, NULL, err);
}

int ir_bedrock_get_availability(const char *model_id, struct ir_request *out, struct ir_error *err)
{
    begin(out, "/foundation-model-availability/");
    ir_uri_encode(&out->path, model_id, strlen(model_id), false);
    return ir_request_finish(out, NULL, err);
}

int ir_bedrock_list_profiles(const char *type, unsigned max_results, const char *next_token,
                             struct ir_request *out, struct ir_error *err)
{
    char count[16];
    if (max_results > LIMIT_MAX_RESULTS)
        return ir_fail(err, IR_ERR_ARG, "a page has at most %u inference profiles",
                       LIMIT_MAX_RESULTS);
    snprintf(count, sizeof count, "%u", max_results);
    begin(out, "/inference-profiles");
    ir_request_add_query(out, "maxResults", max_results > 0 ? count : NULL);
    ir_request_add_query(out, "nextToken", next_token);
    ir_request_add_query(out, "type", type);
    return ir_request_finish(out, NULL, err);
}

/* ---- models ------------------------------------------------------------------------------ */

static bool has_text(const struct ir_json_value *array, const char *text)
{
    for (size_t i = 0; i < ir_json_count(array); i++)
        if (strcmp(ir_json_string(ir_json_at(array, i), NULL, ""), text) == 0)
            return true;
    return false;
}

static unsigned abilities_of(const struct ir_json_value *model)
{
    static const struct {
        unsigned ability;
        const char *member;
        const char *value;
    } rows[] = {
        {IR_MODEL_TAKES_TEXT, "inputModalities", "TEXT"},
        {IR_MODEL_TAKES_IMAGES, "inputModalities", "IMAGE"},
        {IR_MODEL_GIVES_TEXT, "outputModalities", "TEXT"},
        {IR_MODEL_GIVES_IMAGES, "outputModalities", "IMAGE"},
        {IR_MODEL_ON_DEMAND, "inferenceTypesSupported", "ON_DEMAND"},
        {IR_MODEL_BY_PROFILE, "inferenceTypesSupported", "INFERENCE_PROFILE"},
    };
    unsigned abilities = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (has_text(ir_json_get(model, rows[i].member), rows[i].value))
            abilities |= rows[i].ability;
    if (ir_json_bool(ir_json_get(model, "responseStreamingSupported"), false))
        abilities |= IR_MODEL_STREAMS;
    return abilities;
}

static struct ir_model read_model(const struct ir_json_value *value)
{
    const struct ir_json_value *lifecycle = ir_json_get(value, "modelLifecycle");
    return (struct ir_model){
        .id = ir_json_member_string(value, "modelId", ""),
        .arn = ir_json_member_string(value, "modelArn", ""),
        .name = ir_json_member_string(value, "modelName", ""),
        .provider = ir_json_member_string(value, "providerName", ""),
        .abilities = abilities_of(value),
        .status = ir_json_member_string(lifecycle, "status", ""),
        .legacy_time = ir_json_member_string(lifecycle, "legacyTime", ""),
        .end_of_life_time = ir_json_member_string(lifecycle, "endOfLifeTime", ""),
    };
}

static int read_models(const struct ir_json_value *root, struct ir_models *out,
                       struct ir_error *err)
{
    const struct ir_json_value *one = ir_json_get(root, "modelDetails");
    const struct ir_json_value *list = ir_json_get(root, "modelSummaries");
    size_t count = ir_json_is_object(one) ? 1 : ir_json_count(list);
    if ((!ir_json_is_object(one) && !ir_json_is_array(list)) || count > IR_BEDROCK_MAX_MODELS)
        return ir_answer_fail(&ir_service_bedrock, "the answer has no list of models", err);
    out->items = ir_calloc(count + 1, sizeof *out->items);
    if (out->items == NULL)
        return ir_fail_nomem(err);
    out->count = count;
    for (size_t i = 0; i < count; i++)
        out->items[i] = read_model(ir_json_is_object(one) ? one : ir_json_at(list, i));
    return 0;
}

int ir_bedrock_read_models(const char *json, size_t bytes, struct ir_models *out,
                           struct ir_error *err)
{
    struct ir_models models = {.doc = NULL};
    int rc = ir_answer_parse(&ir_service_bedrock, json, bytes, &models.doc, err);
    if (rc == 0)
        rc = read_models(ir_json_root(models.doc), &models, err);
    if (rc == 0)
        *out = models;
    else
        ir_models_release(&models);
    return rc;
}

void ir_models_release(struct ir_models *models)
{
    ir_free(models->items);
    ir_json_free(models->doc);
    *models = (struct ir_models){.doc = NULL};
}

int ir_bedrock_read_availability(const char *json, size_t bytes, struct ir_model_availability *out,
                                 struct ir_error *err)
{
    struct ir_json_doc *doc = NULL;
    int rc = ir_answer_parse(&ir_service_bedrock, json, bytes, &doc, err);
    if (rc != 0)
        return rc;
    const struct ir_json_value *root = ir_json_root(doc);
    const char *authorization = ir_json_member_string(root, "authorizationStatus", "");
    const char *entitlement = ir_json_member_string(root, "entitlementAvailability", "");
    const char *region = ir_json_member_string(root, "regionAvailability", "");
    if (*authorization == '\0' || *entitlement == '\0' || *region == '\0') {
        rc = ir_answer_fail(&ir_service_bedrock, "the answer does not tell the availability", err);
    } else {
        out->is_authorized = strcmp(authorization, "AUTHORIZED") == 0;
        out->is_entitled = strcmp(entitlement, "AVAILABLE") == 0;
        out->is_in_region = strcmp(region, "AVAILABLE") == 0;
        ir_answer_text(ir_json_get(root, "agreementAvailability"), "status", out->agreement,
                       sizeof out->agreement);
    }
    ir_json_free(doc);
    return rc;
}

/* ---- inference profiles ------------------------------------------------------------------ */

static struct ir_profile read_profile(const struct ir_json_value *value)
{
    const struct ir_json_value *models = ir_json_get(value, "models");
    return (struct ir_profile){
        .id = ir_json_member_string(value, "inferenceProfileId", ""),
        .arn = ir_json_member_string(value, "inferenceProfileArn", ""),
        .name = ir_json_member_string(value, "inferenceProfileName", ""),
        .status = ir_json_member_string(value, "status", ""),
        .type = ir_json_member_string(value, "type", ""),
        .model_arn = ir_json_member_string(ir_json_at(models, 0), "modelArn", ""),
        .model_count = ir_json_count(models),
    };
}

static int read_profiles(const struct ir_json_value *root, struct ir_profiles *out,
                         struct ir_error *err)
{
    const struct ir_json_value *list = ir_json_get(root, "inferenceProfileSummaries");
    size_t count = ir_json_count(list);
    if (!ir_json_is_array(list) || count > IR_BEDROCK_MAX_PROFILES)
        return ir_answer_fail(&ir_service_bedrock, "the answer has no list of profiles", err);
    out->items = ir_calloc(count + 1, sizeof *out->items);
    if (out->items == NULL)
        return ir_fail_nomem(err);
    out->count = count;
    for (size_t i = 0; i < count; i++)
        out->items[i] = read_profile(ir_json_at(list, i));
    out->next_token = ir_json_member_string(root, "nextToken", NULL);
    return 0;
}

int ir_bedrock_read_profiles(const char *json, size_t bytes, struct ir_profiles *out,
                             struct ir_error *err)
{
    struct ir_profiles profiles = {.doc = NULL};
    int rc = ir_answer_parse(&ir_service_bedrock, json, bytes, &profiles.doc, err);
    if (rc == 0)
        rc = read_profiles(ir_json_root(profiles.doc), &profiles, err);
    if (rc == 0)
        *out = profiles;
    else
        ir_profiles_release(&profiles);
    return rc;
}

void ir_profiles_release(struct ir_profiles *profiles)
{
    ir_free(profiles->items);
    ir_json_free(profiles->doc);
    *profiles = (struct ir_profiles){.doc = NULL};
}
