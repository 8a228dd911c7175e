/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Stability's requests and answers. Which task needs and takes what is one table; a request is
 * written by walking the fields, so that a field stands in one place only. Both forms answer with
 * HTTP 200 when a picture was withheld: Stability's by a text in finish_reasons and no picture,
 * SDXL's by a finishReason other than SUCCESS beside a picture that is no use.
 */
#include "core/service/bedrock_image.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/base64.h"
#include "core/base/error.h"

#define SERVICE "Bedrock"
#define MAX_SIDE_PX 2000.0
#define MAX_SEED 4294967294.0
#define NUMBER_DECIMALS 4
#define MAX_REASON_BYTES 160
#define MAX_NEXT_BYTES 80

/* ---- fields ------------------------------------------------------------------------------ */

enum field_kind { TEXT, PICTURE, NUMBER };

enum field_bit {
    PROMPT = 1 << 0,
    NEGATIVE = 1 << 1,
    SEARCH = 1 << 2,
    SELECT = 1 << 3,
    ASPECT = 1 << 4,
    PRESET = 1 << 5,
    FORMAT = 1 << 6,
    MODE = 1 << 7,
    IMAGE = 1 << 8,
    MASK = 1 << 9,
    STYLE_IMAGE = 1 << 10,
    SEED = 1 << 11,
    STRENGTH = 1 << 12,
    GROW = 1 << 13,
    SIDES = 1 << 14,
    CREATIVITY = 1 << 15,
    CONTROL = 1 << 16,
    FIDELITY = 1 << 17,
    TRANSFER = 1 << 18, /* the three strengths of style transfer */
};

struct field {
    unsigned bit;
    const char *name;
    enum field_kind kind;
    size_t offset;
    double min, max; /* of a number */
};

#define AT(member) offsetof(struct ir_stability_options, member)

static const struct field fields[] = {
    {PROMPT, "prompt", TEXT, AT(prompt), 0, 0},
    {NEGATIVE, "negative_prompt", TEXT, AT(negative_prompt), 0, 0},
    {SEARCH, "search_prompt", TEXT, AT(search_prompt), 0, 0},
    {SELECT, "select_prompt", TEXT, AT(select_prompt), 0, 0},
    {ASPECT, "aspect_ratio", TEXT, AT(aspect_ratio), 0, 0},
    {PRESET, "style_preset", TEXT, AT(style_preset), 0, 0},
    {FORMAT, "output_format", TEXT, AT(output_format), 0, 0},
    {MODE, "mode", TEXT, AT(mode), 0, 0},
    {IMAGE, "image", PICTURE, AT(picture), 0, 0},
    {MASK, "mask", PICTURE, AT(mask), 0, 0},
    {STYLE_IMAGE, "style_image", PICTURE, AT(style_picture), 0, 0},
    {SEED, "seed", NUMBER, AT(seed), 0, MAX_SEED},
    {STRENGTH, "strength", NUMBER, AT(strength), 0, 1},
    {GROW, "grow_mask", NUMBER, AT(grow_mask_px), 0, 20},
    {SIDES, "left", NUMBER, AT(left_px), 0, MAX_SIDE_PX},
    {SIDES, "right", NUMBER, AT(right_px), 0, MAX_SIDE_PX},
    {SIDES, "up", NUMBER, AT(up_px), 0, MAX_SIDE_PX},
    {SIDES, "down", NUMBER, AT(down_px), 0, MAX_SIDE_PX},
    {CREATIVITY, "creativity", NUMBER, AT(creativity), 0.1, 1},
    {CONTROL, "control_strength", NUMBER, AT(control_strength), 0, 1},
    {FIDELITY, "fidelity", NUMBER, AT(fidelity), 0, 1},
    {TRANSFER, "style_strength", NUMBER, AT(style_strength), 0, 1},
    {TRANSFER, "composition_fidelity", NUMBER, AT(composition_fidelity), 0, 1},
    {TRANSFER, "change_strength", NUMBER, AT(change_strength), 0.1, 1},
};

#define FIELD_COUNT (sizeof fields / sizeof fields[0])
#define ALWAYS (SEED | FORMAT) /* what all tasks but few take */

struct task {
    const char *name;
    unsigned needs;
    unsigned takes; /* besides */
};

static const struct task tasks[] = {
    [IR_STABILITY_GENERATE] = {"generate", PROMPT,
                               NEGATIVE | ASPECT | MODE | IMAGE | STRENGTH | ALWAYS},
    [IR_STABILITY_INPAINT] = {"inpaint", PROMPT | IMAGE, MASK | GROW | NEGATIVE | PRESET | ALWAYS},
    [IR_STABILITY_OUTPAINT] = {"outpaint", IMAGE, PROMPT | SIDES | CREATIVITY | PRESET | ALWAYS},
    [IR_STABILITY_ERASE_OBJECT] = {"erase-object", IMAGE, MASK | GROW | ALWAYS},
    [IR_STABILITY_REMOVE_BACKGROUND] = {"remove-background", IMAGE, FORMAT},
    [IR_STABILITY_SEARCH_REPLACE] = {"search-replace", PROMPT | SEARCH | IMAGE,
                                     GROW | NEGATIVE | PRESET | ALWAYS},
    [IR_STABILITY_SEARCH_RECOLOR] = {"search-recolor", PROMPT | SELECT | IMAGE,
                                     GROW | NEGATIVE | PRESET | ALWAYS},
    [IR_STABILITY_CONTROL_SKETCH] = {"control-sketch", PROMPT | IMAGE,
                                     CONTROL | NEGATIVE | PRESET | ALWAYS},
    [IR_STABILITY_CONTROL_STRUCTURE] = {"control-structure", PROMPT | IMAGE,
                                        CONTROL | NEGATIVE | PRESET | ALWAYS},
    [IR_STABILITY_STYLE_GUIDE] = {"style-guide", PROMPT | IMAGE,
                                  ASPECT | FIDELITY | NEGATIVE | PRESET | ALWAYS},
    [IR_STABILITY_STYLE_TRANSFER] = {"style-transfer", IMAGE | STYLE_IMAGE,
                                     PROMPT | NEGATIVE | TRANSFER | ALWAYS},
    [IR_STABILITY_CREATIVE_UPSCALE] = {"creative-upscale", PROMPT | IMAGE,
                                       NEGATIVE | CREATIVITY | PRESET | ALWAYS},
    [IR_STABILITY_CONSERVATIVE_UPSCALE] = {"conservative-upscale", PROMPT | IMAGE,
                                           NEGATIVE | CREATIVITY | ALWAYS},
    [IR_STABILITY_FAST_UPSCALE] = {"fast-upscale", IMAGE, FORMAT},
};

/* ---- Stability's request ----------------------------------------------------------------- */

static const void *field_at(const struct ir_stability_options *options, const struct field *field)
{
    return (const char *)options + field->offset;
}

static const char *field_text(const struct ir_stability_options *options, const struct field *field)
{
    return *(const char *const *)field_at(options, field);
}

static double field_number(const struct ir_stability_options *options, const struct field *field)
{
    return *(const double *)field_at(options, field);
}

static const struct ir_body_piece *field_picture(const struct ir_stability_options *options,
                                                 const struct field *field)
{
    return *(const struct ir_body_piece *const *)field_at(options, field);
}

static bool is_given(const struct ir_stability_options *options, const struct field *field)
{
    if (field->kind == TEXT)
        return field_text(options, field) != NULL;
    if (field->kind == PICTURE)
        return field_picture(options, field) != NULL;
    return !isnan(field_number(options, field));
}

/* What is wrong with a field of a task's request, and what to do about it. */
struct problem {
    const char *field;
    const char *words;
    const char *next;
};

static int fail_field(struct ir_error *err, const char *task, const struct problem *problem)
{
    ir_fail(err, IR_ERR_ARG, "%s: %s %s", task, problem->field, problem->words);
    ir_error_set_service(err, SERVICE);
    ir_error_set_hint(err, "%s", problem->next);
    return IR_ERR_ARG;
}

static int fail_range(struct ir_error *err, const char *task, const struct field *field)
{
    char next[MAX_NEXT_BYTES];
    const struct problem problem = {field->name, "is out of its range", next};
    /* Those of a fraction begin with tenths; without a locale's comma. */
    snprintf(next, sizeof next, "Give one from 0%s%.0ld to %.0f.", field->min > 0.0 ? "." : "",
             lround(field->min * 10.0), field->max);
    return fail_field(err, task, &problem);
}

static int check_field(const struct task *task, const struct ir_stability_options *options,
                       const struct field *field, struct ir_error *err)
{
    bool given = is_given(options, field);
    if (!given && (task->needs & field->bit))
        return fail_field(
            err, task->name,
            &(struct problem){field->name, "is needed",
                              field->kind == PICTURE ? "Give the picture." : "Say it in words."});
    if (given && !((task->needs | task->takes) & field->bit))
        return fail_field(err, task->name,
                          &(struct problem){field->name, "is not taken by this task",
                                            "Leave it out, or choose another edit."});
    if (!given)
        return 0;
    if (field->kind == NUMBER) {
        double number = field_number(options, field);
        if (number < field->min || number > field->max)
            return fail_range(err, task->name, field);
    }
    if (field->kind == TEXT && strlen(field_text(options, field)) > IR_IMAGE_MAX_PROMPT_BYTES)
        return fail_field(err, task->name,
                          &(struct problem){field->name, "is too long", "Make it shorter."});
    return 0;
}

static int check_task(const struct task *task, const struct ir_stability_options *options,
                      struct ir_error *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < FIELD_COUNT; i++)
        rc = check_field(task, options, &fields[i], err);
    if (rc != 0)
        return rc;
    double sides =
        fmax(fmax(options->left_px, options->right_px), fmax(options->up_px, options->down_px));
    if (options->task == IR_STABILITY_OUTPAINT && !(sides > 0.0))
        return fail_field(err, task->name,
                          &(struct problem){"left, right, up, down", "must have one that is over 0",
                                            "Say how many pixels are to be added to a side."});
    if (options->task == IR_STABILITY_GENERATE && options->picture == NULL &&
        !isnan(options->strength))
        return fail_field(err, task->name,
                          &(struct problem){"strength", "belongs to a picture, and none is given",
                                            "Give the picture to start from, or leave it out."});
    return 0;
}

static void put_field(struct ir_json_body *body, const struct ir_stability_options *options,
                      const struct field *field)
{
    const char *name = field->name;
    if (field->bit == IMAGE && options->task == IR_STABILITY_STYLE_TRANSFER)
        name = "init_image";
    ir_json_key(&body->json, name);
    if (field->kind == TEXT)
        ir_json_put_string(&body->json, field_text(options, field));
    else if (field->kind == PICTURE)
        ir_json_body_put_picture(body, field_picture(options, field));
    else
        ir_json_put_number(&body->json, field_number(options, field), NUMBER_DECIMALS);
}

static int finish(struct ir_json_body *out, struct ir_error *err)
{
    ir_json_end_object(&out->json);
    int rc = ir_json_body_finish(out, err);
    if (rc != 0) {
        ir_error_set_service(err, SERVICE);
        ir_json_body_release(out);
    }
    return rc;
}

int ir_stability_request(const struct ir_stability_options *options, struct ir_json_body *out,
                         struct ir_error *err)
{
    if ((size_t)options->task >= sizeof tasks / sizeof tasks[0])
        return ir_fail(err, IR_ERR_ARG, "there is no such picture task");
    int rc = check_task(&tasks[options->task], options, err);
    if (rc != 0)
        return rc;
    ir_json_body_init(out, IR_CONVERSE_MAX_TEXT_BYTES);
    ir_json_begin_object(&out->json);
    for (size_t i = 0; i < FIELD_COUNT; i++)
        if (is_given(options, &fields[i]))
            put_field(out, options, &fields[i]);
    return finish(out, err);
}

/* ---- SDXL's request ---------------------------------------------------------------------- */

const struct ir_image_shape ir_sdxl_sizes[IR_SDXL_SIZE_COUNT] = {
    {NULL, 1024, 1024}, {NULL, 1152, 896}, {NULL, 896, 1152}, {NULL, 1216, 832}, {NULL, 832, 1216},
    {NULL, 1344, 768},  {NULL, 768, 1344}, {NULL, 1536, 640}, {NULL, 640, 1536},
};

bool ir_sdxl_is_size(unsigned width_px, unsigned height_px)
{
    for (size_t i = 0; i < IR_SDXL_SIZE_COUNT; i++)
        if (ir_sdxl_sizes[i].width == width_px && ir_sdxl_sizes[i].height == height_px)
            return true;
    return false;
}

static bool is_within(double number, double min, double max)
{
    return isnan(number) || (number >= min && number <= max);
}

static int check_sdxl(const struct ir_sdxl_options *options, struct ir_error *err)
{
    static const char task[] = "SDXL";
    bool has_mask_source = options->mask_source != NULL;
    bool wants_mask = has_mask_source && strcmp(options->mask_source, "INIT_IMAGE_ALPHA") != 0;
    if (options->prompt_count == 0)
        return fail_field(err, task,
                          &(struct problem){"a prompt", "is needed", "Say what is wanted."});
    if ((options->width_px != 0 || options->height_px != 0) &&
        !ir_sdxl_is_size(options->width_px, options->height_px))
        return fail_field(err, task,
                          &(struct problem){"width x height",
                                            "is not one of the model's sizes, such as 1024 x 1024",
                                            "Choose one of them."});
    if (!is_within(options->cfg_scale, 0, 35))
        return fail_field(
            err, task,
            &(struct problem){"cfg_scale", "is out of its range", "Give one from 0 to 35."});
    if (!is_within(options->seed, 0, MAX_SEED + 1))
        return fail_field(
            err, task,
            &(struct problem){"seed", "is out of its range", "Give one from 0 to 4294967295."});
    if (!is_within(options->image_strength, 0, 1))
        return fail_field(
            err, task,
            &(struct problem){"image_strength", "is out of its range", "Give one from 0 to 1."});
    if (options->steps != 0 && (options->steps < 10 || options->steps > 150))
        return fail_field(err, task,
                          &(struct problem){"steps", "is out of its range", "Give 10 to 150."});
    if (options->samples > IR_IMAGE_MAX_GENERATED)
        return fail_field(err, task,
                          &(struct problem){"samples", "is out of its range", "Give 1 to 10."});
    if (options->picture == NULL && (has_mask_source || !isnan(options->image_strength)))
        return fail_field(err, task,
                          &(struct problem){"a picture",
                                            "is needed for a mask or an image strength",
                                            "Give it, or leave these out."});
    if (wants_mask != (options->mask != NULL))
        return fail_field(
            err, task,
            &(struct problem){"mask and mask_source", "go together", "Give both, or neither."});
    return 0;
}

static void put_number(struct ir_json_writer *json, const char *name, double number)
{
    if (!isnan(number))
        ir_json_member_put_number(json, name, number, NUMBER_DECIMALS);
}

static void put_count(struct ir_json_writer *json, const char *name, unsigned count)
{
    if (count != 0)
        ir_json_member_put_integer(json, name, count);
}

static void put_text(struct ir_json_writer *json, const char *name, const char *text)
{
    if (text != NULL)
        ir_json_member_put_string(json, name, text);
}

static void put_pictures(struct ir_json_body *body, const struct ir_sdxl_options *options)
{
    if (options->picture == NULL)
        return;
    ir_json_key(&body->json, "init_image");
    ir_json_body_put_picture(body, options->picture);
    if (!isnan(options->image_strength)) {
        ir_json_member_put_string(&body->json, "init_image_mode", "IMAGE_STRENGTH");
        put_number(&body->json, "image_strength", options->image_strength);
    }
    put_text(&body->json, "mask_source", options->mask_source);
    if (options->mask == NULL)
        return;
    ir_json_key(&body->json, "mask_image");
    ir_json_body_put_picture(body, options->mask);
}

int ir_sdxl_request(const struct ir_sdxl_options *options, struct ir_json_body *out,
                    struct ir_error *err)
{
    int rc = check_sdxl(options, err);
    if (rc != 0)
        return rc;
    ir_json_body_init(out, IR_CONVERSE_MAX_TEXT_BYTES);
    struct ir_json_writer *json = &out->json;
    ir_json_begin_object(json);
    ir_json_key(json, "text_prompts");
    ir_json_begin_array(json);
    for (size_t i = 0; i < options->prompt_count; i++) {
        ir_json_begin_object(json);
        ir_json_member_put_string(json, "text", options->prompts[i].text);
        put_number(json, "weight", options->prompts[i].weight);
        ir_json_end_object(json);
    }
    ir_json_end_array(json);
    put_pictures(out, options);
    put_count(json, "width", options->width_px);
    put_count(json, "height", options->height_px);
    put_number(json, "cfg_scale", options->cfg_scale);
    put_text(json, "clip_guidance_preset", options->clip_guidance_preset);
    put_text(json, "sampler", options->sampler);
    put_text(json, "style_preset", options->style_preset);
    put_number(json, "seed", options->seed);
    put_count(json, "steps", options->steps);
    put_count(json, "samples", options->samples);
    return finish(out, err);
}

/* ---- answers ----------------------------------------------------------------------------- */

void ir_generated_release(struct ir_generated *generated)
{
    for (size_t i = 0; i < generated->count; i++)
        ir_free(generated->images[i].data);
    generated->count = 0;
}

static int fail_form(const char *cause, struct ir_error *err)
{
    return ir_answer_fail(&ir_service_bedrock_runtime, cause, err);
}

static int add_image(const struct ir_json_value *base64, const struct ir_json_value *seed,
                     struct ir_generated *out, struct ir_error *err)
{
    size_t text_bytes = 0;
    const char *text = ir_json_string(base64, &text_bytes, "");
    struct ir_generated_image image = {.seed = ir_json_number(seed, NAN)};
    if (out->count == IR_IMAGE_MAX_GENERATED)
        return fail_form("the answer has more pictures than can be asked for", err);
    image.data = ir_malloc(3 * text_bytes / 4 + 3);
    if (image.data == NULL)
        return ir_fail_nomem(err);
    if (text_bytes == 0 || ir_base64_decode(text, text_bytes, image.data, &image.bytes) != 0) {
        ir_free(image.data);
        return fail_form("a picture of the answer is not base64", err);
    }
    out->images[out->count++] = image;
    return 0;
}

/* The reason why there is no picture: a filter's, or the model's own failure. */
static int fail_withheld(const char *reason, struct ir_error *err)
{
    bool is_filter = strncmp(reason, "Filter", 6) == 0 || strcmp(reason, "CONTENT_FILTERED") == 0;
    ir_fail(err, IR_ERR_SERVICE,
            is_filter ? "a content filter withheld the picture (%s)"
                      : "the model made no picture (%s)",
            reason);
    ir_error_set_service(err, SERVICE);
    ir_error_set_hint(err, is_filter ? "Change the prompt or the picture; trying the same again "
                                       "costs again."
                                     : "Try again, or use another model.");
    if (err != NULL) {
        err->retryable = !is_filter;
        err->maybe_served = true;
    }
    return IR_ERR_SERVICE;
}

/* Gives the pictures over, or says why there are none. */
static int settle(int rc, const char *reason, struct ir_generated *found, struct ir_generated *out,
                  struct ir_error *err)
{
    if (rc == 0 && found->count == 0)
        rc = *reason != '\0' ? fail_withheld(reason, err)
                             : fail_form("the answer has no pictures", err);
    if (rc == 0)
        *out = *found;
    else
        ir_generated_release(found);
    return rc;
}

int ir_stability_read(const char *json, size_t bytes, struct ir_generated *out,
                      struct ir_error *err)
{
    struct ir_json_doc *doc = NULL;
    struct ir_generated found = {.count = 0};
    char withheld[MAX_REASON_BYTES] = "";
    int rc = ir_answer_parse(&ir_service_bedrock_runtime, json, bytes, &doc, err);
    if (rc != 0)
        return rc;
    const struct ir_json_value *root = ir_json_root(doc);
    const struct ir_json_value *images = ir_json_get(root, "images");
    const struct ir_json_value *seeds = ir_json_get(root, "seeds");
    const struct ir_json_value *reasons = ir_json_get(root, "finish_reasons");
    size_t count = ir_json_count(images);
    if (count < ir_json_count(reasons))
        count = ir_json_count(reasons);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        const char *reason = ir_json_string(ir_json_at(reasons, i), NULL, NULL);
        if (reason == NULL) {
            rc = add_image(ir_json_at(images, i), ir_json_at(seeds, i), &found, err);
        } else {
            found.withheld_count++;
            ir_text_copy(withheld, sizeof withheld, reason);
        }
    }
    ir_json_free(doc);
    return settle(rc, withheld, &found, out, err);
}

int ir_sdxl_read(const char *json, size_t bytes, struct ir_generated *out, struct ir_error *err)
{
    struct ir_json_doc *doc = NULL;
    struct ir_generated found = {.count = 0};
    char withheld[MAX_REASON_BYTES] = "";
    int rc = ir_answer_parse(&ir_service_bedrock_runtime, json, bytes, &doc, err);
    if (rc != 0)
        return rc;
    const struct ir_json_value *artifacts = ir_json_get(ir_json_root(doc), "artifacts");
    for (size_t i = 0; rc == 0 && i < ir_json_count(artifacts); i++) {
        const struct ir_json_value *artifact = ir_json_at(artifacts, i);
        const char *reason = ir_json_member_string(artifact, "finishReason", "");
        if (strcmp(reason, "SUCCESS") == 0) {
            rc = add_image(ir_json_get(artifact, "base64"), ir_json_get(artifact, "seed"), &found,
                           err);
        } else {
            found.withheld_count++;
            ir_text_copy(withheld, sizeof withheld, *reason != '\0' ? reason : "no reason");
        }
    }
    ir_json_free(doc);
    return settle(rc, withheld, &found, out, err);
}
