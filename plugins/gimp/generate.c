/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "Generate Layer": a picture from words, over the canvas or into the selection, and what models
 * can do with the picture that is there. The image's own pixels are not touched: what comes is a
 * layer of its own.
 */
#include "plugins/gimp/generate.h"

#include <stdlib.h>

#include <imgrecog/generate.h>

#include "plugins/common/fail.h"
#include "plugins/gimp/dialog.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/plugin.h"
#include "plugins/gimp/png.h"
#include "plugins/gimp/procedure.h"

#define SEED_UNSET (-1.0)
#define SEED_MOST 4294967294.0
#define GUIDANCE_UNSET (-1.0)
#define GUIDANCE_MOST 35.0
#define STEPS_UNSET 0
#define STEPS_MOST 150
#define FEATHER_MOST_PX 200
#define FEATHER_PRESET_PX 8
#define SIDE_MOST_PX 2000
/* A service takes 9,437,184 pixels; PNG of half of it fits into a request with its mask. Upscalers
 * take a megapixel. Source:
 * https://docs.aws.amazon.com/bedrock/latest/userguide/stable-image-services.html */
#define EDIT_PIXELS 4194304.0
#define UPSCALE_PIXELS 1048576.0

static const char *const setting_names[] = {ARG_IMAGE_MODEL,       GENERATE_ARG_STYLE,
                                            GENERATE_ARG_SEED,     GENERATE_ARG_STEPS,
                                            GENERATE_ARG_GUIDANCE, NULL};

static const struct generate_facts facts[] = {
    [GENERATE_NEW] = {NULL, true, false, false, 0.0},
    [GENERATE_REPLACE] = {"inpaint", true, true, true, EDIT_PIXELS},
    [GENERATE_ERASE] = {"erase", false, true, true, EDIT_PIXELS},
    [GENERATE_EXTEND] = {"outpaint", false, true, false, EDIT_PIXELS},
    [GENERATE_CUT_OUT] = {"remove-background", false, true, false, EDIT_PIXELS},
    [GENERATE_UPSCALE] = {"upscale-fast", false, true, false, UPSCALE_PIXELS},
};

const struct generate_facts *generate_facts_of(enum generate_action action)
{
    return &facts[action];
}

enum generate_action generate_action_of(GimpProcedureConfig *config, GimpImage *image)
{
    enum generate_action action = (enum generate_action)choice_of(&generate_actions, config);

    if (action != GENERATE_AUTO)
        return action;
    return image != NULL && gimp_image_is_valid(image) && !gimp_selection_is_empty(image)
               ? GENERATE_REPLACE
               : GENERATE_NEW;
}

/* ---- arguments --------------------------------------------------------------------------- */

/* In the order of enum generate_action. */
const struct choice generate_actions = {
    GENERATE_ARG_ACTION,
    N_("_What to do"),
    N_("What comes of it"),
    {{"auto", N_("As selected: replace, else new")},
     {"new", N_("New layer over the canvas")},
     {"replace", N_("Replace what is selected")},
     {"erase", N_("Erase what is selected")},
     {"extend", N_("Extend the canvas")},
     {"remove-background", N_("Remove the background")},
     {"upscale", N_("Upscale into a new image")},
     {NULL, NULL}},
};

static void add_words(GimpProcedure *procedure)
{
    choice_add_argument(&generate_actions, procedure);
    gimp_procedure_add_string_argument(procedure, GENERATE_ARG_PROMPT, _("Prompt"),
                                       _("What is wanted, in words"), "", PROCEDURE_PRIVATE);
    gimp_procedure_add_string_argument(procedure, GENERATE_ARG_NEGATIVE, _("Not wanted"),
                                       _("What is not wanted, in words"), "", PROCEDURE_PRIVATE);
    gimp_procedure_add_string_argument(
        procedure, ARG_IMAGE_MODEL, _("Model"),
        _("A Bedrock image model or service; \"\" as the configuration says, else the one that "
          "does it"),
        "", PROCEDURE_PRIVATE);
    gimp_procedure_add_string_argument(procedure, GENERATE_ARG_STYLE, _("Style"),
                                       _("Such as photographic or line-art; \"\" for none"), "",
                                       G_PARAM_READWRITE);
    gimp_procedure_add_boolean_argument(
        procedure, GENERATE_ARG_KEEP, _("_Keep the words with the layer"),
        _("Prompt and what is not wanted are saved with the layer, where everybody who gets the "
          "XCF can read them"),
        FALSE, G_PARAM_READWRITE);
}

static void add_arguments(GimpProcedure *procedure)
{
    static const struct {
        const char *name, *label;
    } sides[] = {{GENERATE_ARG_LEFT, N_("Left")},
                 {GENERATE_ARG_RIGHT, N_("Right")},
                 {GENERATE_ARG_UP, N_("Top")},
                 {GENERATE_ARG_DOWN, N_("Bottom")}};

    add_words(procedure);
    /* Of the dialog alone: a script calls again, and has a document for each. */
    gimp_procedure_add_int_aux_argument(
        procedure, GENERATE_ARG_VARIATIONS, _("Variations"),
        _("So many pictures, each with another seed and each paid for"), 1,
        GENERATE_VARIATIONS_MOST, 1, G_PARAM_READWRITE);
    gimp_procedure_add_double_argument(
        procedure, GENERATE_ARG_SEED, _("Seed"),
        _("The same seed, model and words give the same picture; -1 for another one each time"),
        SEED_UNSET, SEED_MOST, SEED_UNSET, G_PARAM_READWRITE);
    gimp_procedure_add_int_argument(procedure, GENERATE_ARG_STEPS, _("Steps"),
                                    _("Of refinement, for SDXL models; 0 as the model has it"),
                                    STEPS_UNSET, STEPS_MOST, STEPS_UNSET, G_PARAM_READWRITE);
    gimp_procedure_add_double_argument(
        procedure, GENERATE_ARG_GUIDANCE, _("Guidance"),
        _("How closely the words are followed, for SDXL models; -1 as the model has it"),
        GUIDANCE_UNSET, GUIDANCE_MOST, GUIDANCE_UNSET, G_PARAM_READWRITE);
    gimp_procedure_add_int_argument(
        procedure, GENERATE_ARG_FEATHER, _("_Feather"),
        _("Over how many pixels, inwards, the edge of what is selected becomes soft"), 0,
        FEATHER_MOST_PX, FEATHER_PRESET_PX, G_PARAM_READWRITE);
    for (size_t i = 0; i < G_N_ELEMENTS(sides); i++)
        gimp_procedure_add_int_argument(procedure, sides[i].name, _(sides[i].label),
                                        _("Pixels to add there when the canvas is extended"), 0,
                                        SIDE_MOST_PX, 0, G_PARAM_READWRITE);
}

/* ---- one run ----------------------------------------------------------------------------- */

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
    if (own->action == GENERATE_EXTEND &&
        own->sides_px[0] + own->sides_px[1] + own->sides_px[2] + own->sides_px[3] == 0)
        return common_fail(err, IR_ERR_ARG, _("Say how many pixels to add, and where."), "%s",
                           _("No side is to be extended."));
    return 0;
}

static char *trimmed(GimpProcedureConfig *config, const char *name)
{
    char *text = NULL;

    g_object_get(config, name, &text, NULL);
    return g_strstrip(text != NULL ? text : g_strdup(""));
}

/* What the arguments say, and which part of the image is sent. */
static int read_wish(struct task *task, struct ir_error *err)
{
    struct generate_own *own = task->own;
    const struct generate_facts *wanted;
    int rc;

    own->action = generate_action_of(task->config, task->image);
    wanted = generate_facts_of(own->action);
    own->prompt = trimmed(task->config, GENERATE_ARG_PROMPT);
    own->negative = trimmed(task->config, GENERATE_ARG_NEGATIVE);
    g_object_get(task->config, GENERATE_ARG_VARIATIONS, &own->wanted_count, GENERATE_ARG_FEATHER,
                 &own->feather_px, GENERATE_ARG_LEFT, &own->sides_px[0], GENERATE_ARG_RIGHT,
                 &own->sides_px[1], GENERATE_ARG_UP, &own->sides_px[2], GENERATE_ARG_DOWN,
                 &own->sides_px[3], NULL);
    rc = check_arguments(task, own, err);
    if (rc != 0 || !wanted->needs_image)
        return rc;
    own->region = region_of_canvas(task->image, wanted->max_pixels);
    if (wanted->needs_selection)
        region_of_selection(task->image, wanted->max_pixels, &own->region);
    return 0;
}

/* The selection is taken before its bounds: what the user does to it from now on changes nothing.
 */
static int take_selection(struct task *task, struct ir_error *err)
{
    struct generate_own *own = task->own;
    int rc;

    own->selection = region_selection_take(task->image);
    if (own->selection == NULL ||
        !region_of_selection(task->image, generate_facts_of(own->action)->max_pixels, &own->region))
        return common_fail(err, IR_ERR_ARG, _("Select the part of the image first."), "%s",
                           _("Nothing is selected."));
    own->has_mask = true;
    rc = region_mask_init(&own->sent_mask, own->selection, &own->region, true, err);
    return rc == 0 ? region_mask_init(&own->mask, own->selection, &own->region, false, err) : rc;
}

static int prepare(struct task *task, struct ir_error *err)
{
    struct generate_own *own = task->own;
    struct grab *grab = NULL;
    int rc = read_wish(task, err);

    if (rc != 0 || !generate_facts_of(own->action)->needs_image)
        return rc;
    if (generate_facts_of(own->action)->needs_selection)
        rc = take_selection(task, err);
    if (rc == 0)
        rc = grab_new(task->image, NULL, &grab, err);
    if (rc != 0)
        return rc;
    grab_set_area(grab, &own->region.rect);
    job_give(task->job, grab);
    return 0;
}

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

/* In the worker. */
static int read_masks(struct generate_own *own, struct job *job, struct ir_error *err)
{
    int rc = 0;

    job_set_stage(job, _("Preparing the picture…"));
    if (own->has_mask)
        rc = job_on_main(job, piece_of_mask, &own->sent_mask, err);
    if (rc == 0 && own->has_mask)
        rc = job_on_main(job, piece_of_mask, &own->mask, err);
    return rc;
}

static void set_options(struct task *task, struct ir_generate_options *options)
{
    const struct generate_own *own = task->own;
    const struct generate_facts *wanted = generate_facts_of(own->action);
    double scale;

    options->prompt = *own->prompt != '\0' ? own->prompt : NULL;
    options->negative_prompt = *own->negative != '\0' ? own->negative : NULL;
    options->edit = wanted->edit;
    if (!wanted->needs_image && task->image != NULL) {
        options->width_px = (unsigned)task->width_px;
        options->height_px = (unsigned)task->height_px;
    }
    if (own->action != GENERATE_EXTEND)
        return;
    scale = (double)own->region.sent_width_px / own->region.rect.width_px;
    options->left_px = (int)(own->sides_px[0] * scale + 0.5);
    options->right_px = (int)(own->sides_px[1] * scale + 0.5);
    options->up_px = (int)(own->sides_px[2] * scale + 0.5);
    options->down_px = (int)(own->sides_px[3] * scale + 0.5);
}

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
            options->seed = options->seed < SEED_MOST ? options->seed + 1.0 : 0.0;
        rc = ask(task, options, &own->rest_err);
        if (rc == IR_ERR_CANCELLED)
            *err = own->rest_err;
        else if (rc != 0)
            return 0;
    }
    return rc;
}

static int plan(struct task *task, struct ir_error *err)
{
    struct ir_generate_options options = ir_settings_generate_options(task->settings);
    const struct generate_own *own = task->own;
    struct ir_picture *picture = NULL;
    int rc = read_wish(task, err);

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

static int work(struct task *task, struct job *job, struct ir_error *err)
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
                            own->feather_px, err);
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

static void release(struct task *task)
{
    struct generate_own *own = task->own;

    g_free(own->prompt);
    g_free(own->negative);
    region_mask_release(&own->sent_mask);
    region_mask_release(&own->mask);
    region_selection_free(own->selection);
    for (int i = 0; i < own->answer_count; i++)
        free(own->answers[i].rgba);
}

/* ---- what would be sent ------------------------------------------------------------------ */

static char *sending(const struct task *task, const char *to)
{
    const struct generate_own *own = task->own;

    if (!generate_facts_of(own->action)->needs_image)
        return g_strdup_printf(_("Only the words are sent to %s."), to);
    return g_strdup_printf(generate_facts_of(own->action)->needs_words
                               ? _("The words and %d × %d pixels of the visible picture are sent "
                                   "to %s, without metadata.")
                               : _("%d × %d pixels of the visible picture are sent to %s, without "
                                   "metadata."),
                           own->region.sent_width_px, own->region.sent_height_px, to);
}

const struct task_kind generate_kind = {
    .procedure = "imgrecog-generate",
    .menu_label = N_("_Generate Layer..."),
    .icon = GIMP_ICON_LAYER,
    .blurb = N_("Make a layer from words, or change what is selected"),
    .help =
        N_("Asks an image model or service of Amazon Bedrock, or the stand-in on this computer, "
           "for a picture. Without a selection it becomes a layer over the canvas; with one, "
           "the part is sent with what is around it and the answer is masked to it. The image's "
           "own layers are not touched. With no image open, one is made. Returns the result "
           "document as JSON, and the new image where one was made."),
    .title = N_("Generate Layer"),
    .ok_label = N_("_Generate"),
    .closes = true,
    .is_image_free = true,
    .service = N_("Amazon Bedrock"),
    .progress = N_("Generating…"),
    .settings = setting_names,
    .choice = &generate_actions,
    .own_bytes = sizeof(struct generate_own),
    .add_arguments = add_arguments,
    .prepare = prepare,
    .work = work,
    .place = generate_place,
    .release = release,
    .sending = sending,
    .plan = plan,
    .local_words = N_("The stand-in here draws the words as text: it shows the way of it and "
                      "generates nothing."),
    .run_dialog = generate_run_dialog,
};
