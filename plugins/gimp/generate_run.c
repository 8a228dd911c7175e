/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns one run of "Generate Layer" up to what came: what the arguments ask for, which part of the
 * image and which mask go with it, and as many pictures as are wanted.
 */
#include "plugins/gimp/generate.h"

#include <stdlib.h>

#include <imgrecog/generate.h>
#include <imgrecog/models.h>

#include "plugins/common/fail.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/own.h"
#include "plugins/gimp/png.h"

/* ---- what is wanted ---------------------------------------------------------------------- */

/* The one layer that is known to be too large before it is paid for. */
static int check_extended(GimpImage *image, const int *sides_px, struct ir_error *err)
{
    double width_px = (double)gimp_image_get_width(image) + sides_px[0] + sides_px[1];
    double height_px = (double)gimp_image_get_height(image) + sides_px[2] + sides_px[3];

    if (sides_px[0] + sides_px[1] + sides_px[2] + sides_px[3] == 0)
        return common_fail(err, IR_ERR_ARG, _("Say how many pixels to add, and where."), "%s",
                           _("No side is to be extended."));
    if (MAX(width_px, height_px) > GIMP_MAX_IMAGE_SIZE)
        return common_fail(err, IR_ERR_TOO_LARGE,
                           _("Extend it by less, or scale the image down first."),
                           _("A side of the extended canvas would be over %d pixels, which GIMP "
                             "does not take."),
                           GIMP_MAX_IMAGE_SIZE);
    if (width_px * height_px > GENERATE_LAYER_PIXELS_MOST)
        return common_fail(err, IR_ERR_TOO_LARGE,
                           _("Extend it by less, or scale the image down first."),
                           _("The extended canvas would have over %d million pixels."),
                           GENERATE_LAYER_PIXELS_MOST / 1000000);
    return 0;
}

static int check_arguments(struct task *task, struct generate_own *own, struct ir_error *err)
{
    const struct generate_facts *wanted = generate_facts_of(own->action);

    if (wanted->needs_words && *own->prompt == '\0')
        return common_fail(err, IR_ERR_ARG, _("Say in words what is wanted."), "%s",
                           _("There is no prompt."));
    if (wanted->needs_image && task->image == NULL)
        return common_fail(err, IR_ERR_ARG, _("Open an image first."), "%s",
                           _("There is no image to work on."));
    if (wanted->needs_selection && gimp_selection_is_empty(task->image))
        return common_fail(err, IR_ERR_ARG, _("Select the part of the image first."), "%s",
                           _("Nothing is selected."));
    return own->action == GENERATE_EXTEND ? check_extended(task->image, own->sides_px, err) : 0;
}

static char *trimmed(GimpProcedureConfig *config, const char *name)
{
    char *text = NULL;

    g_object_get(config, name, &text, NULL);
    return g_strstrip(text != NULL ? text : g_strdup(""));
}

/* What the arguments say. */
static int read_wish(struct task *task, struct ir_error *err)
{
    struct generate_own *own = task->own;

    own->action = generate_action_of(task->config, task->image);
    own->prompt = trimmed(task->config, GENERATE_ARG_PROMPT);
    own->negative = trimmed(task->config, GENERATE_ARG_NEGATIVE);
    g_object_get(task->config, GENERATE_ARG_VARIATIONS, &own->wanted_count, GENERATE_ARG_FEATHER,
                 &own->feather_px, GENERATE_ARG_LEFT, &own->sides_px[0], GENERATE_ARG_RIGHT,
                 &own->sides_px[1], GENERATE_ARG_UP, &own->sides_px[2], GENERATE_ARG_DOWN,
                 &own->sides_px[3], NULL);
    return check_arguments(task, own, err);
}

/* What of the picture that is sent are so many pixels of the image? */
static int sent_px(const struct generate_own *own, int image_px)
{
    return (int)((double)image_px * own->region.sent_width_px / own->region.rect.width_px + 0.5);
}

/* A large canvas is sent small, and a side that is no pixel there would be paid for in vain. */
static int check_sides(const struct generate_own *own, struct ir_error *err)
{
    double least_px = 0.5 * own->region.rect.width_px / own->region.sent_width_px;

    for (size_t i = 0; i < G_N_ELEMENTS(own->sides_px); i++) {
        if (own->sides_px[i] > 0 && sent_px(own, own->sides_px[i]) == 0)
            return common_fail(err, IR_ERR_ARG,
                               _("Extend it by more, or scale the image down first."),
                               _("A side is extended by too little: so large an image is sent "
                                 "smaller, and under %d pixels are lost."),
                               (int)least_px + 1);
    }
    return 0;
}

/* Which part of `image` is sent. */
static int find_region(struct generate_own *own, GimpImage *image, struct ir_error *err)
{
    const struct generate_facts *wanted = generate_facts_of(own->action);

    if (!wanted->needs_selection) {
        own->region = region_of_canvas(image, wanted->max_pixels);
        return own->action == GENERATE_EXTEND ? check_sides(own, err) : 0;
    }
    if (region_of_selection(image, wanted->max_pixels, &own->region))
        return 0;
    return common_fail(err, IR_ERR_ARG, _("Select the part of the image first."), "%s",
                       _("Nothing is selected."));
}

/* A copy, from which all is read: what the user selects from now on changes nothing. */
static int take_selection(struct task *task, struct ir_error *err)
{
    struct generate_own *own = task->own;
    int rc;

    own->selected = region_selection_take(task->image);
    if (own->selected == NULL)
        return common_fail(err, IR_ERR_ARG, "", "%s", _("GIMP could not make an image."));
    rc = find_region(own, own->selected, err);
    if (rc != 0)
        return rc;
    own->has_mask = true;
    rc = region_mask_init(&own->sent_mask, own->selected, &own->region, true, err);
    return rc == 0 ? region_mask_init(&own->mask, own->selected, &own->region, false, err) : rc;
}

static void free_selection(struct generate_own *own)
{
    if (own->selected != NULL)
        gimp_image_delete(own->selected);
    own->selected = NULL;
}

int generate_prepare(struct task *task, struct ir_error *err)
{
    struct generate_own *own = task->own;
    struct grab *grab = NULL;
    int rc = read_wish(task, err);

    if (rc != 0 || !generate_facts_of(own->action)->needs_image)
        return rc;
    rc = task_check_upright(task, err);
    if (rc != 0)
        return rc;
    if (generate_facts_of(own->action)->needs_selection)
        rc = take_selection(task, err);
    else
        rc = find_region(own, task->image, err);
    if (rc == 0)
        rc = grab_new(task->image, OWN_LABELS, &grab, err);
    if (rc != 0)
        return rc;
    grab_set_area(grab, &own->region.rect);
    job_give(task->job, grab);
    return 0;
}

/* ---- what is sent ------------------------------------------------------------------------ */

/* A picture that is sent, with the file it stands on. */
struct outgoing {
    unsigned char *png;
    size_t bytes;
    struct ir_picture *picture;
};

static int init_outgoing(struct outgoing *out, const struct generate_own *own,
                         const unsigned char *samples, int channels, struct ir_error *err)
{
    const struct png_samples plain = {samples, own->region.sent_width_px,
                                      own->region.sent_height_px, channels};
    int rc = png_write(&plain, &out->png, &out->bytes, err);

    return rc == 0 ? ir_picture_new(out->png, out->bytes, NULL, &out->picture, err) : rc;
}

static void release_outgoing(struct outgoing *out)
{
    ir_picture_free(out->picture);
    free(out->png);
}

static int write_picture(struct generate_own *own, struct job *job, struct outgoing *out,
                         struct ir_error *err)
{
    size_t pixels = (size_t)own->region.sent_width_px * (size_t)own->region.sent_height_px;
    unsigned char *rgb = malloc(pixels * 3);
    int rc = rgb != NULL ? 0 : common_fail_nomem(err);

    if (rc == 0)
        rc = job_read(job, own->region.sent_width_px, own->region.sent_height_px, rgb, err);
    job_release_pixels(job);
    if (rc == 0)
        rc = init_outgoing(out, own, rgb, 3, err);
    free(rgb);
    return rc;
}

static bool piece_of_mask(void *mask)
{
    return region_mask_read(mask);
}

static bool piece_of_freeing(void *own)
{
    free_selection(own);
    return false;
}

/* In the worker, before the picture is read: job_holds_pixels counts for the selection, too. */
static int read_masks(struct generate_own *own, struct job *job, struct ir_error *err)
{
    int rc = 0;

    job_set_stage(job, _("Preparing the picture…"));
    if (own->has_mask)
        rc = job_on_main(job, piece_of_mask, &own->sent_mask, err);
    if (rc == 0 && own->has_mask)
        rc = job_on_main(job, piece_of_mask, &own->mask, err);
    if (rc == 0 && own->has_mask)
        rc = job_on_main(job, piece_of_freeing, own, err);
    return rc;
}

static void set_options(struct task *task, struct ir_generate_options *options)
{
    const struct generate_own *own = task->own;
    const struct generate_facts *wanted = generate_facts_of(own->action);

    options->prompt = *own->prompt != '\0' ? own->prompt : NULL;
    options->negative_prompt = *own->negative != '\0' ? own->negative : NULL;
    options->edit = wanted->edit;
    /* A dialog shows them for models that take them alone, and what is not seen must not be
     * refused. */
    if (!task->is_scripted && !ir_model_get_traits(options->model).is_sdxl) {
        options->steps = 0;
        options->cfg_scale = IR_GENERATE_UNSET;
    }
    if (!wanted->needs_image && task->image != NULL) {
        options->width_px = (unsigned)task->width_px;
        options->height_px = (unsigned)task->height_px;
    }
    if (own->action != GENERATE_EXTEND)
        return;
    options->left_px = sent_px(own, own->sides_px[0]);
    options->right_px = sent_px(own, own->sides_px[1]);
    options->up_px = sent_px(own, own->sides_px[2]);
    options->down_px = sent_px(own, own->sides_px[3]);
}

/* ---- what comes -------------------------------------------------------------------------- */

static int read_answer(struct generate_own *own, const struct ir_generated_picture *picture,
                       struct ir_error *err)
{
    struct generate_answer *answer = &own->answers[own->answer_count];
    int rc = png_read(picture->data, picture->data_bytes, &answer->rgba, &answer->width_px,
                      &answer->height_px, err);

    if (rc != 0) {
        err->maybe_served = true;
        return rc;
    }
    answer->has_seed = picture->has_seed;
    answer->seed = picture->seed;
    own->answer_count++;
    return 0;
}

static int ask(struct task *task, const struct ir_generate_options *options, struct ir_error *err)
{
    struct ir_result *result = NULL;
    int rc = ir_generate(task->client, options, &result, err);

    if (rc == 0)
        rc = read_answer(task->own, ir_result_get_generated(result), err);
    if (rc != 0 || task->result != NULL) { /* the document tells of the first */
        ir_result_free(result);
        return rc;
    }
    task->result = result;
    return task_write_document(task, err);
}

/* What came is not given up because more was wanted, unless the user gave it up. */
static int ask_for_all(struct task *task, struct ir_generate_options *options, struct ir_error *err)
{
    struct generate_own *own = task->own;
    int rc = ask(task, options, err);

    while (rc == 0 && own->answer_count < own->wanted_count) {
        if (options->seed >= 0.0)
            options->seed = options->seed < GENERATE_SEED_MOST ? options->seed + 1.0 : 0.0;
        rc = ask(task, options, &own->rest_err);
        if (rc == IR_ERR_CANCELLED)
            *err = own->rest_err;
        else if (rc != 0)
            return 0;
    }
    return rc;
}

int generate_plan(struct task *task, struct ir_error *err)
{
    struct ir_generate_options options = ir_settings_generate_options(task->settings);
    struct generate_own *own = task->own;
    struct ir_picture *picture = NULL;
    int rc = read_wish(task, err);

    if (rc == 0 && generate_facts_of(own->action)->needs_image)
        rc = find_region(own, task->image, err);
    if (rc == 0 && generate_facts_of(own->action)->needs_image)
        rc = task_blank_picture(task, own->region.sent_width_px, own->region.sent_height_px,
                                &picture, err);
    if (rc == 0) {
        task->width_px = task->image != NULL ? gimp_image_get_width(task->image) : 0;
        task->height_px = task->image != NULL ? gimp_image_get_height(task->image) : 0;
        set_options(task, &options);
        options.picture = picture;
        options.mask = generate_facts_of(own->action)->needs_selection ? picture : NULL;
        task->planned_times = own->wanted_count;
        rc = ir_generate(task->client, &options, &task->result, err);
    }
    ir_picture_free(picture);
    return rc;
}

int generate_work(struct task *task, struct job *job, struct ir_error *err)
{
    struct ir_generate_options options = ir_settings_generate_options(task->settings);
    struct generate_own *own = task->own;
    struct outgoing picture = {NULL, 0, NULL};
    struct outgoing mask = {NULL, 0, NULL};
    int rc = read_masks(own, job, err);

    set_options(task, &options);
    if (rc == 0 && generate_facts_of(own->action)->needs_image)
        rc = write_picture(own, job, &picture, err);
    if (rc == 0 && own->has_mask)
        rc = init_outgoing(&mask, own, own->sent_mask.values, 1, err);
    if (rc == 0 && own->has_mask)
        rc = region_feather(own->mask.values, own->region.rect.width_px, own->region.rect.height_px,
                            own->feather_px, job_get_cancel(job), err);
    options.picture = picture.picture;
    options.mask = mask.picture;
    options.cancel = job_get_cancel(job);
    job_set_stage(job, where_waiting(task->where, _(task->kind->service)));
    if (rc == 0)
        rc = ask_for_all(task, &options, err);
    release_outgoing(&mask);
    release_outgoing(&picture);
    return rc;
}

void generate_release(struct task *task)
{
    struct generate_own *own = task->own;

    g_free(own->prompt);
    g_free(own->negative);
    region_mask_release(&own->sent_mask);
    region_mask_release(&own->mask);
    free_selection(own);
    for (int i = 0; i < own->answer_count; i++)
        free(own->answers[i].rgba);
}
