/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The generate task: finds the model that does what is asked, sends what generate_request.c wrote,
 * and marks what comes as made by a machine.
 */
#include <imgrecog/generate.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/error.h"
#include "core/base/utf8.h"
#include "core/result/result.h"
#include "core/service/bedrock_image.h"
#include "core/task/disclosure.h"
#include "core/task/generate_job.h"
#include "core/task/picture.h"
#include "core/task/precheck.h"

#define SERVICE "generate"
#define MAX_PNG_BYTES (64U << 20)

static int fail_option(struct ir_error *err, const char *cause, const char *hint)
{
    return ir_fail_with(err, IR_ERR_ARG, SERVICE, cause, hint);
}

/* ---- the answer -------------------------------------------------------------------------- */

static enum ir_made_by made_by(const struct ir_generate_job *job)
{
    if (ir_endpoint_is_embedded(job->client->aws.endpoint_setting))
        return IR_MADE_BY_ALGORITHM;
    return job->options->picture != NULL ? IR_MADE_BY_MODEL_AND_OTHER : IR_MADE_BY_MODEL;
}

static int store(const struct ir_generate_job *job, const struct ir_generated_image *image,
                 struct ir_result *result, struct ir_error *err)
{
    char system[160];
    const struct ir_generate_options *options = job->options;
    const struct ir_disclosure disclosure = {
        .made_by = made_by(job),
        .system = system,
        .version = job->model,
        .prompt = options->keep_prompt ? options->prompt : NULL,
        .prompt_writer = options->prompt_writer,
    };
    struct ir_buf png;
    struct ir_generated_picture picture = {.model = job->model};
    bool is_embedded = ir_endpoint_is_embedded(job->client->aws.endpoint_setting);
    int rc =
        ir_disclosure_size(image->data, image->bytes, &picture.width_px, &picture.height_px, err);
    if (rc != 0)
        return rc;
    snprintf(system, sizeof system, "%s%s", job->facts->title,
             is_embedded ? "" : " on Amazon Bedrock");
    ir_buf_init(&png, MAX_PNG_BYTES);
    rc = ir_disclosure_add(image->data, image->bytes, &disclosure, &png, err);
    if (rc == 0) {
        picture.data_bytes = png.bytes;
        picture.has_seed = !isnan(image->seed);
        picture.seed = picture.has_seed ? image->seed : 0.0;
        if (ir_result_set_generated(result, &picture, (unsigned char *)ir_buf_take(&png)) != 0)
            rc = ir_fail_nomem(err);
    }
    ir_buf_release(&png);
    return rc;
}

/* It was answered, so it was charged. */
static int charged(int rc, struct ir_error *err)
{
    char hint[sizeof err->hint];
    if (err == NULL)
        return rc;
    err->maybe_served = true;
    ir_text_copy(hint, sizeof hint, err->hint);
    ir_error_set_hint(err, "The request was answered, so it is charged. %s", hint);
    return rc;
}

/* Where an answer goes. */
struct reading {
    const struct ir_generate_job *job;
    struct ir_result *result;
};

static int read_answer(void *context, int call_rc, const struct ir_http_response *response,
                       struct ir_consumption *measured, struct ir_error *err)
{
    const struct reading *reading = context;
    const struct ir_generate_job *job = reading->job;
    struct ir_generated generated = {.count = 0};
    const char *json = ir_buf_text(&response->body);
    if (call_rc != 0)
        return call_rc;
    int rc = job->facts->family == IR_FAMILY_SDXL
                 ? ir_sdxl_read(json, response->body.bytes, &generated, err)
                 : ir_stability_read(json, response->body.bytes, &generated, err);
    if (rc == 0) {
        measured->images = (unsigned)generated.count;
        rc = store(job, &generated.images[0], reading->result, err);
        ir_generated_release(&generated);
    }
    return rc == 0 ? 0 : charged(rc, err);
}

/* ---- options ----------------------------------------------------------------------------- */

static bool is_text(const char *words)
{
    return words == NULL || ir_utf8_is_valid(words, strlen(words));
}

static int check_words(const struct ir_generate_options *options, struct ir_error *err)
{
    bool is_utf8 = is_text(options->prompt) && is_text(options->negative_prompt) &&
                   is_text(options->search) && is_text(options->prompt_writer);
    if (options->prompt_count > IR_GENERATE_MAX_PROMPTS)
        return fail_option(err, "there are too many weighted prompts", "Give at most 8.");
    for (size_t i = 0; i < options->prompt_count; i++) {
        double weight = options->prompts[i].weight;
        is_utf8 = is_utf8 && is_text(options->prompts[i].text);
        if (!(fabs(weight) <= IR_GENERATE_MAX_WEIGHT))
            return fail_option(err, "the weight of a prompt is out of its range",
                               "Give one from -10 to 10; below 0 is what is not wanted.");
    }
    return is_utf8 ? 0 : fail_option(err, "the words are not UTF-8", "Set the terminal to UTF-8.");
}

static int check_options(const struct ir_generate_options *options, struct ir_error *err)
{
    const struct ir_picture *const pictures[] = {options->picture, options->mask,
                                                 options->style_picture};
    if (options->version != IR_GENERATE_OPTIONS_VERSION)
        return ir_fail(err, IR_ERR_ARG, "generate options of version %u are not known",
                       options->version);
    int rc = check_words(options, err);
    for (size_t i = 0; i < sizeof pictures / sizeof pictures[0] && rc == 0; i++)
        if (pictures[i] != NULL)
            rc = ir_picture_check_upright(pictures[i], err);
    if (rc != 0)
        return rc;
    if ((options->width_px == 0) != (options->height_px == 0))
        return fail_option(err, "width or height is missing", "Give both, or neither.");
    return ir_generate_check_pictures(options, err);
}

/* ---- the model --------------------------------------------------------------------------- */

static int fail_model(struct ir_error *err)
{
    return fail_option(err, "the model is none whose requests for pictures are known",
                       "Set image-model to a Stability image model or service, or to "
                       "stability.stable-diffusion-xl-v1 where something serves that form.");
}

/* The stand-in on this machine takes the requests of models, and of inpainting. */
static int choose_embedded(struct ir_generate_job *job, const struct ir_model_facts *edit,
                           struct ir_error *err)
{
    job->task = edit != NULL ? edit->task : IR_STABILITY_GENERATE;
    if (job->task == IR_STABILITY_GENERATE || job->task == IR_STABILITY_INPAINT)
        return 0;
    return fail_option(err, "the stand-in on this machine draws, and edits nothing but by a mask",
                       "Use endpoint=aws for this edit. edit=inpaint with a mask works here, too.");
}

/* The edit that is asked for, in words or by giving a mask; NULL when none is. */
static int find_edit(const struct ir_generate_options *options, const struct ir_model_facts **out,
                     struct ir_error *err)
{
    const char *name = options->edit;
    if (name == NULL && options->model == NULL && options->picture != NULL && options->mask != NULL)
        name = "inpaint";
    *out = name != NULL ? ir_model_of_edit(name) : NULL;
    if (name != NULL && *out == NULL)
        return fail_option(err, "there is no such edit",
                           "`imgrecog generate --help` lists those that there are.");
    return 0;
}

static int find_model(struct ir_generate_job *job, struct ir_error *err)
{
    const struct ir_aws *aws = &job->client->aws;
    const struct ir_generate_options *options = job->options;
    const struct ir_model_place place = {
        .region = aws->config.region,
        .is_embedded = ir_endpoint_is_embedded(aws->endpoint_setting),
        .use = options->picture != NULL ? IR_USE_IMAGES_FROM_IMAGE : IR_USE_IMAGES,
    };
    const struct ir_model_facts *edit = NULL;
    const char *wanted = options->model;
    int rc = find_edit(options, &edit, err);
    if (rc != 0)
        return rc;
    if (edit != NULL && !place.is_embedded) {
        const struct ir_model_facts *given = wanted != NULL ? ir_model_find(wanted) : NULL;
        if (given == NULL || given->family != IR_FAMILY_STABILITY || given->task != edit->task)
            wanted = edit->base_id;
    }
    rc = ir_model_resolve(wanted, &place, job->model, err);
    if (rc != 0)
        return rc;
    job->facts = ir_model_find(job->model);
    if (job->facts == NULL || job->facts->family == IR_FAMILY_WORDS)
        return fail_model(err);
    if (edit != NULL && job->facts->family == IR_FAMILY_SDXL)
        return fail_option(err, "the form of SDXL has no edits", "Leave image-model or edit out.");
    job->task = job->facts->task;
    return place.is_embedded ? choose_embedded(job, edit, err) : 0;
}

/* ---- the task ---------------------------------------------------------------------------- */

/* Who asks again without a seed wants another picture; and 0 is no seed to Stability's models. */
static bool is_by_chance(double seed)
{
    return isnan(seed) || seed == IR_GENERATE_UNSET || seed == 0.0;
}

static int send(const struct ir_generate_job *job, const struct ir_json_body *body,
                struct ir_result *result, struct ir_error *err)
{
    const struct ir_invoke_options invoke = {.model_id = job->model};
    struct reading reading = {job, result};
    struct ir_request request;
    int rc = ir_invoke_call(&invoke, &body->body, &request, err);
    if (rc != 0)
        return rc;
    request.aws.cancel = job->options->cancel;
    const struct ir_paid_call call = {
        .client = job->client,
        .request = &request.aws,
        .operation = "InvokeModel",
        .model = job->model,
        .price = ir_price_of_model(job->client->paid.prices, job->model),
        .estimate = {.requests = 1, .images = 1},
        .is_new_each_time = is_by_chance(job->options->seed),
        .read = read_answer,
        .context = &reading,
    };
    rc = ir_paid_run(&call, &result->usage, err);
    ir_request_release(&request);
    if (rc != 0)
        ir_model_explain(job->model, job->client->aws.config.region, err);
    return rc;
}

static int precheck_pictures(const struct ir_generate_job *job, struct ir_result *result,
                             struct ir_error *err)
{
    const struct ir_generate_options *options = job->options;
    const struct ir_picture *const pictures[] = {options->picture, options->mask,
                                                 options->style_picture};
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < sizeof pictures / sizeof pictures[0]; i++)
        if (pictures[i] != NULL)
            rc = ir_precheck(job->client, pictures[i], options->cancel, result, err);
    return rc;
}

int ir_generate(struct ir_client *client, const struct ir_generate_options *options,
                struct ir_result **out, struct ir_error *err)
{
    struct ir_generate_job job = {.client = client, .options = options};
    struct ir_json_body body;
    int rc = check_options(options, err);
    if (rc == 0)
        rc = find_model(&job, err);
    if (rc == 0)
        rc = ir_generate_build(&job, &body, err);
    if (rc != 0)
        return rc;
    struct ir_result *result = ir_result_new();
    if (result == NULL) {
        ir_json_body_release(&body);
        ir_fail_nomem(err);
        return IR_ERR_NOMEM;
    }
    if (ir_result_set_text(&result->endpoint,
                           ir_client_endpoint_of(client, &ir_service_bedrock_runtime)) != 0)
        rc = ir_fail_nomem(err);
    if (rc == 0)
        rc = precheck_pictures(&job, result, err);
    if (rc == 0)
        rc = send(&job, &body, result, err);
    ir_json_body_release(&body);
    if (rc == IR_PAID_DRY)
        rc = 0;
    if (rc == 0)
        *out = result;
    else
        ir_result_free(result);
    return rc;
}
