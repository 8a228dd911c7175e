/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The bodies that the generate task sends. A size that is wanted becomes the nearest shape that the
 * model has; pictures are never stretched, so one that must have another size is refused with the
 * way to make it so. What the other form of request has is refused by name: an option that does
 * nothing would be believed.
 */
#include "core/task/generate_job.h"

#include <math.h>
#include <string.h>

#include "core/base/error.h"
#include "core/task/picture.h"

#define SERVICE "generate"
#define NEGATIVE_WEIGHT (-1.0)

static int fail_option(struct ir_error *err, const char *cause, const char *hint)
{
    return ir_fail_with(err, IR_ERR_ARG, SERVICE, cause, hint);
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

static bool any_given(const double *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is_given(numbers[i]))
            return true;
    return false;
}

/* ---- shapes ------------------------------------------------------------------------------ */

static const struct ir_image_shape ratios[] = {
    {"1:1", 1, 1}, {"16:9", 16, 9}, {"21:9", 21, 9}, {"2:3", 2, 3},   {"3:2", 3, 2},
    {"4:5", 4, 5}, {"5:4", 5, 4},   {"9:16", 9, 16}, {"9:21", 9, 21},
};

/* The shape whose sides are in the most similar proportion; the first when no size is wanted. */
static const struct ir_image_shape *nearest(const struct ir_image_shape *shapes, size_t count,
                                            unsigned width_px, unsigned height_px)
{
    const struct ir_image_shape *best = shapes;
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

/* ---- both forms -------------------------------------------------------------------------- */

static const struct ir_body_piece *piece_of(const struct ir_picture *picture,
                                            struct ir_body_piece *piece)
{
    if (picture == NULL)
        return NULL;
    *piece = (struct ir_body_piece){picture->spans, picture->span_count, true, NULL};
    return piece;
}

int ir_generate_check_pictures(const struct ir_generate_options *options, struct ir_error *err)
{
    const struct ir_picture *picture = options->picture;
    const struct ir_picture *mask = options->mask;
    if (picture != NULL && options->width_px > 0)
        return fail_option(err, "a picture that is made from another has that one's size",
                           "Leave width and height out.");
    if (picture != NULL && mask != NULL &&
        (mask->info.width_px != picture->info.width_px ||
         mask->info.height_px != picture->info.height_px))
        return fail_option(err, "the mask has another size than the picture",
                           "Make it as large as the picture, pixel for pixel.");
    return 0;
}

/* ---- SDXL -------------------------------------------------------------------------------- */

static int check_sdxl(const struct ir_generate_options *options, struct ir_error *err)
{
    const double numbers[] = {options->grow_mask_px,     options->left_px,
                              options->right_px,         options->up_px,
                              options->down_px,          options->creativity,
                              options->control_strength, options->fidelity,
                              options->style_strength,   options->composition_fidelity,
                              options->change_strength};
    if (options->prompt == NULL)
        return fail_option(err, "SDXL needs a prompt", "Say what is wanted.");
    if (options->search != NULL || options->style_picture != NULL ||
        any_given(numbers, sizeof numbers / sizeof numbers[0]))
        return fail_option(err,
                           "SDXL takes no search, style picture, sides to paint out, creativity, "
                           "control strength, fidelity, style strengths or grown mask",
                           "Leave it out, or choose an edit or a Stability image service.");
    return 0;
}

/* The picture to start from decides the size, so it must have one of the model's. */
static int check_sdxl_picture(const struct ir_picture_info *info, struct ir_error *err)
{
    const struct ir_image_shape *size = nearest(
        ir_sdxl_sizes, IR_SDXL_SIZE_COUNT, (unsigned)info->width_px, (unsigned)info->height_px);
    if (ir_sdxl_is_size((unsigned)info->width_px, (unsigned)info->height_px))
        return 0;
    ir_fail(err, IR_ERR_ARG, "the picture has %d x %d pixels, which is none of SDXL's sizes",
            info->width_px, info->height_px);
    ir_error_set_service(err, SERVICE);
    ir_error_set_hint(err,
                      "Cut it to the nearest, and a mask too: magick in.png -resize %ux%u^ "
                      "-gravity center -extent %ux%u out.png",
                      size->width, size->height, size->width, size->height);
    return IR_ERR_ARG;
}

/* The prompt, the weighted ones, and what is not wanted. */
static size_t collect_prompts(const struct ir_generate_options *options, struct ir_sdxl_prompt *out)
{
    size_t count = 0;
    out[count++] = (struct ir_sdxl_prompt){options->prompt, 1.0};
    for (size_t i = 0; i < options->prompt_count; i++)
        out[count++] =
            (struct ir_sdxl_prompt){options->prompts[i].text, options->prompts[i].weight};
    if (options->negative_prompt != NULL)
        out[count++] = (struct ir_sdxl_prompt){options->negative_prompt, NEGATIVE_WEIGHT};
    return count;
}

static int build_sdxl(struct ir_generate_job *job, struct ir_json_body *out, struct ir_error *err)
{
    const struct ir_generate_options *options = job->options;
    struct ir_sdxl_prompt prompts[IR_GENERATE_MAX_PROMPTS + 2];
    const struct ir_picture *from = options->picture;
    const struct ir_image_shape *size =
        nearest(ir_sdxl_sizes, IR_SDXL_SIZE_COUNT, options->width_px, options->height_px);
    struct ir_sdxl_options sdxl = IR_SDXL_OPTIONS_INIT;
    int rc = check_sdxl(options, err);
    if (rc == 0 && from != NULL)
        rc = check_sdxl_picture(&from->info, err);
    if (rc != 0)
        return rc;
    sdxl.prompts = prompts;
    sdxl.prompt_count = collect_prompts(options, prompts);
    sdxl.width_px = from != NULL ? (unsigned)from->info.width_px : size->width;
    sdxl.height_px = from != NULL ? (unsigned)from->info.height_px : size->height;
    sdxl.cfg_scale = given(options->cfg_scale);
    sdxl.clip_guidance_preset = options->clip_guidance_preset;
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

/* ---- Stability --------------------------------------------------------------------------- */

static int check_stability(const struct ir_generate_job *job, struct ir_error *err)
{
    const struct ir_generate_options *options = job->options;
    if (is_given(options->cfg_scale) || options->steps > 0 || options->sampler != NULL ||
        options->clip_guidance_preset != NULL || options->prompt_count > 0)
        return fail_option(err,
                           "cfg-scale, steps, sampler, clip-guidance-preset and weighted prompts "
                           "belong to SDXL models",
                           "Leave them out: this model takes none of them.");
    if (options->picture != NULL && job->task == IR_STABILITY_GENERATE && job->facts->words_only)
        return fail_option(err, "the model makes pictures from words only",
                           "Leave image-model out: one that starts from a picture is chosen then.");
    return 0;
}

static int build_stability(struct ir_generate_job *job, struct ir_json_body *out,
                           struct ir_error *err)
{
    const struct ir_generate_options *options = job->options;
    struct ir_stability_options stability = IR_STABILITY_OPTIONS_INIT(job->task);
    int rc = check_stability(job, err);
    if (rc != 0)
        return rc;
    stability.prompt = options->prompt;
    stability.negative_prompt = options->negative_prompt;
    if (job->task == IR_STABILITY_SEARCH_RECOLOR)
        stability.select_prompt = options->search;
    else
        stability.search_prompt = options->search;
    if (options->width_px > 0)
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
    stability.style_strength = given(options->style_strength);
    stability.composition_fidelity = given(options->composition_fidelity);
    stability.change_strength = given(options->change_strength);
    return ir_stability_request(&stability, out, err);
}

int ir_generate_build(struct ir_generate_job *job, struct ir_json_body *out, struct ir_error *err)
{
    return job->facts->family == IR_FAMILY_SDXL ? build_sdxl(job, out, err)
                                                : build_stability(job, out, err);
}
