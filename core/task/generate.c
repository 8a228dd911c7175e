/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The generate task: chooses the form of request that the model speaks and the shape nearest to the
 * size that is wanted, and marks what comes as made by a machine.
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
#include "core/task/client.h"
#include "core/task/disclosure.h"
#include "core/task/models.h"
#include "core/task/picture.h"

#define SERVICE "generate"
#define MAX_PNG_BYTES (64U << 20)
#define NEGATIVE_WEIGHT (-1.0)

/* One call's state. */
struct job {
    struct ir_client *client;
    const struct ir_generate_options *options;
    const struct ir_model_facts *facts;
    char model[IR_MODEL_ID_BYTES];
    struct ir_body_piece picture, mask, style;
};

static int fail_option(struct ir_error *err, int code, const char *cause, const char *hint)
{
    ir_fail(err, code, "%s", cause);
    ir_error_set_service(err, SERVICE);
    ir_error_set_hint(err, "%s", hint);
    return code;
}

/* A number below 0 that is not IR_GENERATE_UNSET is a mistake, which the request's rules tell. */
static bool is_given(double number)
{
    return !isnan(number) && number != IR_GENERATE_UNSET;
}

static double given(double number)
{
    return is_given(number) ? number : NAN;
}

/* ---- shapes ------------------------------------------------------------------------------ */

struct shape {
    const char *ratio; /* of Stability's present models; NULL for SDXL's sizes */
    unsigned width, height;
};

static const struct shape ratios[] = {
    {"1:1", 1, 1}, {"16:9", 16, 9}, {"21:9", 21, 9}, {"2:3", 2, 3},   {"3:2", 3, 2},
    {"4:5", 4, 5}, {"5:4", 5, 4},   {"9:16", 9, 16}, {"9:21", 9, 21},
};

static const struct shape sdxl_sizes[] = {
    {NULL, 1024, 1024}, {NULL, 1152, 896}, {NULL, 896, 1152}, {NULL, 1216, 832}, {NULL, 832, 1216},
    {NULL, 1344, 768},  {NULL, 768, 1344}, {NULL, 1536, 640}, {NULL, 640, 1536},
};

/* The shape whose sides are in the most similar proportion; the first when no size is wanted. */
static const struct shape *nearest(const struct shape *shapes, size_t count, unsigned width_px,
                                   unsigned height_px)
{
    const struct shape *best = shapes;
    double best_distance = INFINITY;
    if (width_px == 0 || height_px == 0)
        return best;
    for (size_t i = 0; i < count; i++) {
        double distance = fabs(log((double)shapes[i].width / shapes[i].height) -
                               log((double)width_px / height_px));
        if (distance < best_distance) {
            best = &shapes[i];
            best_distance = distance;
        }
    }
    return best;
}

/* ---- requests ---------------------------------------------------------------------------- */

static const struct ir_body_piece *piece_of(const struct ir_picture *picture,
                                            struct ir_body_piece *piece)
{
    if (picture == NULL)
        return NULL;
    *piece = (struct ir_body_piece){picture->spans, picture->span_count, true, NULL};
    return piece;
}

/* What the other form has is refused: an option that does nothing would be believed. */
static int check_sdxl(const struct ir_generate_options *options, struct ir_error *err)
{
    const double numbers[] = {
        options->grow_mask_px, options->left_px,    options->right_px,         options->up_px,
        options->down_px,      options->creativity, options->control_strength, options->fidelity};
    bool has_stability = options->search != NULL || options->style_picture != NULL;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        has_stability = has_stability || is_given(numbers[i]);
    if (options->prompt == NULL)
        return fail_option(err, IR_ERR_ARG, "SDXL needs a prompt", "Say what is wanted.");
    if (has_stability)
        return fail_option(err, IR_ERR_ARG,
                           "SDXL takes no search, style picture, sides to paint out, creativity, "
                           "control strength, fidelity or grown mask",
                           "Leave it out, or choose a Stability image service as the model.");
    return 0;
}

static int check_stability(const struct ir_generate_options *options, struct ir_error *err)
{
    if (is_given(options->cfg_scale) || options->steps > 0 || options->sampler != NULL)
        return fail_option(err, IR_ERR_ARG, "cfg-scale, steps and sampler belong to SDXL models",
                           "Leave them out: this model takes none of them.");
    return 0;
}

static int build_sdxl(struct job *job, struct ir_json_body *out, struct ir_error *err)
{
    const struct ir_generate_options *options = job->options;
    const struct ir_sdxl_prompt prompts[] = {{options->prompt, 1.0},
                                             {options->negative_prompt, NEGATIVE_WEIGHT}};
    const struct ir_picture *from = options->picture;
    const struct shape *size = nearest(sdxl_sizes, sizeof sdxl_sizes / sizeof sdxl_sizes[0],
                                       options->width_px, options->height_px);
    struct ir_sdxl_options sdxl = IR_SDXL_OPTIONS_INIT;
    int rc = check_sdxl(options, err);
    if (rc != 0)
        return rc;
    sdxl.prompts = prompts;
    sdxl.prompt_count = options->negative_prompt != NULL ? 2 : 1;
    /* With a picture to start from, the size is that picture's. */
    sdxl.width_px = from != NULL ? (unsigned)from->info.width_px : size->width;
    sdxl.height_px = from != NULL ? (unsigned)from->info.height_px : size->height;
    sdxl.cfg_scale = given(options->cfg_scale);
    sdxl.seed = given(options->seed);
    sdxl.steps = options->steps;
    sdxl.sampler = options->sampler;
    sdxl.style_preset = options->style_preset;
    sdxl.picture = piece_of(from, &job->picture);
    sdxl.mask = piece_of(options->mask, &job->mask);
    if (sdxl.mask != NULL)
        sdxl.mask_source = "MASK_IMAGE_WHITE";
    /* SDXL counts the other way: how much of the picture is kept. */
    if (is_given(options->strength))
        sdxl.image_strength = 1.0 - options->strength;
    return ir_sdxl_request(&sdxl, out, err);
}

static int build_stability(struct job *job, struct ir_json_body *out, struct ir_error *err)
{
    const struct ir_generate_options *options = job->options;
    enum ir_stability_task task = job->facts->task;
    struct ir_stability_options stability = IR_STABILITY_OPTIONS_INIT(task);
    int rc = check_stability(options, err);
    if (rc != 0)
        return rc;
    stability.prompt = options->prompt;
    stability.negative_prompt = options->negative_prompt;
    if (task == IR_STABILITY_SEARCH_RECOLOR)
        stability.select_prompt = options->search;
    else
        stability.search_prompt = options->search;
    bool has_shape = options->width_px > 0 && options->height_px > 0;
    if (has_shape)
        stability.aspect_ratio =
            nearest(ratios, sizeof ratios / sizeof ratios[0], options->width_px, options->height_px)
                ->ratio;
    stability.style_preset = options->style_preset;
    stability.output_format = "png";
    stability.picture = piece_of(options->picture, &job->picture);
    stability.mask = piece_of(options->mask, &job->mask);
    stability.style_picture = piece_of(options->style_picture, &job->style);
    if (stability.picture != NULL && job->facts->wants_mode)
        stability.mode = "image-to-image";
    stability.seed = given(options->seed);
    stability.strength = given(options->strength);
    stability.grow_mask_px = given(options->grow_mask_px);
    stability.left_px = given(options->left_px);
    stability.right_px = given(options->right_px);
    stability.up_px = given(options->up_px);
    stability.down_px = given(options->down_px);
    stability.creativity = given(options->creativity);
    stability.control_strength = given(options->control_strength);
    stability.fidelity = given(options->fidelity);
    return ir_stability_request(&stability, out, err);
}

/* ---- the answer -------------------------------------------------------------------------- */

static enum ir_made_by made_by(const struct job *job)
{
    if (ir_endpoint_is_embedded(job->client->aws.endpoint_setting))
        return IR_MADE_BY_ALGORITHM;
    return job->options->picture != NULL ? IR_MADE_BY_MODEL_AND_OTHER : IR_MADE_BY_MODEL;
}

static int store(const struct job *job, const struct ir_generated_image *image,
                 struct ir_result *result, struct ir_error *err)
{
    char system[160];
    const struct ir_disclosure disclosure = {made_by(job), system, job->model};
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

/* Where an answer goes. */
struct reading {
    const struct job *job;
    struct ir_result *result;
};

static int read_answer(void *context, int call_rc, const struct ir_http_response *response,
                       struct ir_consumption *measured, struct ir_error *err)
{
    const struct reading *reading = context;
    const struct job *job = reading->job;
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
    return rc;
}

/* ---- the task ---------------------------------------------------------------------------- */

static int check_options(const struct ir_generate_options *options, struct ir_error *err)
{
    const char *const words[] = {options->prompt, options->negative_prompt, options->search};
    const struct ir_picture *const pictures[] = {options->picture, options->mask,
                                                 options->style_picture};
    if (options->version != IR_GENERATE_OPTIONS_VERSION)
        return ir_fail(err, IR_ERR_ARG, "generate options of version %u are not known",
                       options->version);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (words[i] != NULL && !ir_utf8_is_valid(words[i], strlen(words[i])))
            return fail_option(err, IR_ERR_ARG, "the words are not UTF-8",
                               "Set the terminal to UTF-8.");
    for (size_t i = 0; i < sizeof pictures / sizeof pictures[0]; i++)
        if (pictures[i] != NULL && pictures[i]->info.orientation != 1)
            return fail_option(err, IR_ERR_ARG,
                               "a picture lies turned in its file, and models see it as it lies",
                               "Turn it upright first: magick in.jpg -auto-orient out.jpg");
    if ((options->width_px == 0) != (options->height_px == 0))
        return fail_option(err, IR_ERR_ARG, "width or height is missing", "Give both, or neither.");
    return 0;
}

static int find_model(struct job *job, struct ir_error *err)
{
    const struct ir_aws *aws = &job->client->aws;
    const struct ir_model_place place = {
        .region = aws->config.region,
        .is_embedded = ir_endpoint_is_embedded(aws->endpoint_setting),
        .use = IR_USE_IMAGES,
    };
    int rc = ir_model_resolve(job->options->model, &place, job->model, err);
    if (rc != 0)
        return rc;
    job->facts = ir_model_find(job->model);
    if (job->facts == NULL || job->facts->family == IR_FAMILY_WORDS)
        return fail_option(err, IR_ERR_ARG,
                           "the model is none whose requests for pictures are known",
                           "Set image-model to a Stability image model or service, or to "
                           "stability.stable-diffusion-xl-v1 where something serves that form.");
    return 0;
}

static int send(const struct job *job, const struct ir_json_body *body, struct ir_result *result,
                struct ir_error *err)
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
        /* Who asks again without a seed wants another picture. */
        .is_new_each_time = !is_given(job->options->seed),
        .read = read_answer,
        .context = &reading,
    };
    rc = ir_paid_run(&call, &result->usage, err);
    ir_request_release(&request);
    if (rc != 0)
        ir_model_explain(job->model, job->client->aws.config.region, err);
    return rc;
}

int ir_generate(struct ir_client *client, const struct ir_generate_options *options,
                struct ir_result **out, struct ir_error *err)
{
    struct job job = {.client = client, .options = options};
    struct ir_json_body body;
    int rc = check_options(options, err);
    if (rc == 0)
        rc = find_model(&job, err);
    if (rc == 0)
        rc = job.facts->family == IR_FAMILY_SDXL ? build_sdxl(&job, &body, err)
                                                 : build_stability(&job, &body, err);
    if (rc != 0)
        return rc;
    struct ir_result *result = ir_result_new();
    if (result == NULL) {
        ir_json_body_release(&body);
        ir_fail_nomem(err);
        return IR_ERR_NOMEM;
    }
    if (ir_result_set_text(&result->endpoint, ir_client_endpoint(client)) != 0)
        rc = ir_fail_nomem(err);
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
