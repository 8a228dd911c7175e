/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list of models: asks Bedrock's control plane for models and inference profiles. What becomes
 * of the two is model_list_merge.c's; what a model is without asking is models.c's.
 *
 * ListFoundationModels has no pages; ListInferenceProfiles has. Both want permissions of their own,
 * and a role that may call a model need not have them.
 */
#include "core/task/model_list.h"

#include <stdio.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/error.h"
#include "core/task/client.h"

#define MAX_RESPONSE_BYTES (8U << 20)
#define PAGE_PROFILES 1000U
#define MAX_JSON_BYTES (4U << 20)
#define PRICE_DECIMALS 6
#define SCHEMA "imgrecog-models/1"

/* ---- asking ------------------------------------------------------------------------------ */

struct list_job {
    struct ir_client *client;
    const struct ir_models_options *options;
};

static int send(const struct list_job *job, struct ir_request *request,
                struct ir_http_response *response, struct ir_error *err)
{
    request->aws.cancel = job->options->cancel;
    request->aws.max_response_bytes = MAX_RESPONSE_BYTES;
    return ir_client_send(job->client, request, response, err);
}

static int ask_models(const struct list_job *job, struct ir_models *out, struct ir_error *err)
{
    static const struct ir_models_filter all = {.provider = NULL};
    struct ir_http_response response;
    struct ir_request request;
    int rc = ir_bedrock_list_models(&all, &request, err);
    if (rc != 0)
        return rc;
    ir_http_response_init(&response);
    rc = send(job, &request, &response, err);
    if (rc == 0)
        rc = ir_bedrock_read_models(ir_buf_text(&response.body), response.body.bytes, out, err);
    ir_http_response_release(&response);
    return rc;
}

static int ask_page(const struct list_job *job, const char *token, struct ir_profiles *out,
                    struct ir_error *err)
{
    struct ir_http_response response;
    struct ir_request request;
    int rc = ir_bedrock_list_profiles("SYSTEM_DEFINED", PAGE_PROFILES, token, &request, err);
    if (rc != 0)
        return rc;
    ir_http_response_init(&response);
    rc = send(job, &request, &response, err);
    if (rc == 0)
        rc = ir_bedrock_read_profiles(ir_buf_text(&response.body), response.body.bytes, out, err);
    ir_http_response_release(&response);
    return rc;
}

static int ask_profiles(const struct list_job *job, struct ir_profile_pages *out,
                        struct ir_error *err)
{
    const char *token = NULL;
    do {
        if (out->count == IR_MODEL_LIST_MAX_PAGES)
            return ir_answer_fail(&ir_service_bedrock, "the list of inference profiles has no end",
                                  err);
        int rc = ask_page(job, token, &out->pages[out->count], err);
        if (rc != 0)
            return rc;
        token = out->pages[out->count++].next_token;
    } while (token != NULL && *token != '\0');
    return 0;
}

static void release_profiles(struct ir_profile_pages *pages)
{
    for (size_t i = 0; i < pages->count; i++)
        ir_profiles_release(&pages->pages[i]);
    pages->count = 0;
}

/* ---- what may be missing ----------------------------------------------------------------- */

static bool is_denied(const struct ir_error *err)
{
    return strcmp(err->aws_code, "AccessDeniedException") == 0;
}

/* Takes a refusal as what the list lacks; any other error stays one. */
static int take_refusal(struct ir_model_list *list, int rc, struct ir_error *err)
{
    if (rc == 0 || !is_denied(err))
        return rc;
    list->lack = *err;
    ir_error_clear(err);
    return 0;
}

static void write_note(struct ir_model_list *list)
{
    bool is_table = list->source == IR_MODELS_FROM_TABLE;
    if (list->lack.code == 0)
        return;
    snprintf(list->note, sizeof list->note,
             is_table
                 ? "not asked, table of %s: this identity may not list models, so it is not "
                   "known which of these the account and the region have (%s). Allow "
                   "bedrock:ListFoundationModels and bedrock:ListInferenceProfiles on * in IAM."
                 : "the ids of inference profiles were not asked for but made after the table "
                   "of %s (%s). Allow bedrock:ListInferenceProfiles on * in IAM.",
             IR_MODELS_DATE, list->lack.message);
}

static int fill(struct ir_model_list *list, const struct list_job *job, struct ir_error *err)
{
    struct ir_models models = {.doc = NULL};
    struct ir_profile_pages profiles = {.count = 0};
    int rc = take_refusal(list, ask_models(job, &models, err), err);
    bool may_list = rc == 0 && list->lack.code == 0;
    if (may_list)
        rc = take_refusal(list, ask_profiles(job, &profiles, err), err);
    if (rc == 0)
        rc = may_list ? ir_model_list_merge(list, &models, &profiles, err)
                      : ir_model_list_take_table(list, err);
    release_profiles(&profiles);
    ir_models_release(&models);
    return rc;
}

/* ---- the list ---------------------------------------------------------------------------- */

static void describe_place(struct ir_model_list *list, const struct ir_client *client,
                           const struct ir_models_options *options)
{
    const struct ir_world *world = client->aws.world;
    char date[21];
    list->is_embedded = ir_endpoint_is_embedded(client->aws.endpoint_setting);
    list->kinds = options->kinds != 0 ? options->kinds : IR_MODEL_ALL;
    if (list->is_embedded)
        ir_text_copy(list->region, sizeof list->region, IR_EMBEDDED_REGION);
    else if (client->aws.config.region != NULL)
        ir_text_copy(list->region, sizeof list->region, client->aws.config.region);
    ir_text_copy(list->endpoint, sizeof list->endpoint,
                 ir_client_endpoint_of(client, &ir_service_bedrock));
    ir_world_iso_date(world->unix_ms(world->context) + atomic_load(&client->aws.clock_offset_ms),
                      date);
    ir_text_copy(list->today, sizeof list->today, date);
    ir_text_copy(list->prices_of, sizeof list->prices_of, ir_prices_date(client->paid.prices));
}

int ir_model_list_new(struct ir_client *client, const struct ir_models_options *options,
                      struct ir_model_list **out, struct ir_error *err)
{
    struct ir_error own_error = {0};
    const struct list_job job = {client, options};
    if (err == NULL)
        err = &own_error;
    if (options->version != IR_MODELS_OPTIONS_VERSION)
        return ir_fail(err, IR_ERR_ARG, "model options of version %u are not known",
                       options->version);
    if ((options->kinds & ~(unsigned)IR_MODEL_ALL) != 0)
        return ir_fail(err, IR_ERR_ARG, "there is no such kind of model");
    struct ir_model_list *list = ir_calloc(1, sizeof *list);
    if (list == NULL)
        return ir_fail_nomem(err);
    describe_place(list, client, options);
    int rc = fill(list, &job, err);
    if (rc == 0) {
        ir_model_list_finish(list, client->paid.prices);
        write_note(list);
        *out = list;
    } else {
        ir_model_list_free(list);
    }
    return rc;
}

void ir_model_list_free(struct ir_model_list *list)
{
    if (list == NULL)
        return;
    ir_free(list->entries);
    ir_free(list);
}

const struct ir_model_info *ir_model_list_get(const struct ir_model_list *list, size_t model_index)
{
    return model_index < list->count ? &list->entries[model_index].public : NULL;
}

enum ir_models_source ir_model_list_source(const struct ir_model_list *list)
{
    return list->source;
}

const char *ir_model_list_price_date(const struct ir_model_list *list)
{
    return list->prices_of;
}

const char *ir_model_list_note(const struct ir_model_list *list)
{
    return list->note[0] != '\0' ? list->note : NULL;
}

const char *ir_model_list_region(const struct ir_model_list *list)
{
    return list->region;
}

/* ---- as JSON ----------------------------------------------------------------------------- */

static void put_model(struct ir_json_writer *writer, const struct ir_model_info *model)
{
    static const char *const lives[] = {"active", "legacy", "ended"};
    const char *kind = model->kind == IR_MODEL_WORDS   ? "words"
                       : model->kind == IR_MODEL_IMAGE ? "image"
                                                       : "image-service";
    ir_json_begin_object(writer);
    ir_json_member_put_string(writer, "id", model->id);
    ir_json_member_put_string(writer, "title", model->title);
    ir_json_member_put_string(writer, "provider", model->provider);
    ir_json_member_put_string(writer, "kind", kind);
    ir_json_member_put_bool(writer, "takes_pictures", model->takes_pictures);
    ir_json_member_put_bool(writer, "preset", model->is_preset);
    ir_json_member_put_string(writer, "life", lives[model->life]);
    ir_json_member_put_string(writer, "legacy_from", model->legacy_from);
    ir_json_member_put_string(writer, "ends", model->ends);
    ir_json_member_put_string(writer, "replacement", model->replacement);
    if (model->kind == IR_MODEL_WORDS) {
        ir_json_member_put_number(writer, "input_usd", model->input_usd, PRICE_DECIMALS);
        ir_json_member_put_number(writer, "output_usd", model->output_usd, PRICE_DECIMALS);
    } else {
        ir_json_member_put_number(writer, "image_usd", model->image_usd, PRICE_DECIMALS);
    }
    ir_json_end_object(writer);
}

int ir_model_list_to_json(const struct ir_model_list *list, char **out, struct ir_error *err)
{
    struct ir_json_writer writer;
    struct ir_buf buf;
    bool is_table = list->source == IR_MODELS_FROM_TABLE;
    ir_buf_init(&buf, MAX_JSON_BYTES);
    ir_json_writer_init(&writer, &buf);
    ir_json_begin_object(&writer);
    ir_json_member_put_string(&writer, "schema", SCHEMA);
    ir_json_member_put_string(&writer, "endpoint", list->endpoint);
    ir_json_member_put_string(&writer, "region", list->region[0] != '\0' ? list->region : NULL);
    ir_json_member_put_string(&writer, "source", is_table ? "table" : "bedrock");
    ir_json_member_put_string(&writer, "table_of", IR_MODELS_DATE);
    ir_json_member_put_string(&writer, "prices_of", ir_model_list_price_date(list));
    ir_json_member_put_string(&writer, "note", ir_model_list_note(list));
    ir_json_key(&writer, "models");
    ir_json_begin_array(&writer);
    for (size_t i = 0; i < list->count; i++)
        put_model(&writer, &list->entries[i].public);
    ir_json_end_array(&writer);
    ir_json_end_object(&writer);
    int rc = ir_buf_check(&buf, "the list of models", err);
    if (rc == 0)
        *out = ir_buf_take(&buf);
    ir_buf_release(&buf);
    return rc;
}
