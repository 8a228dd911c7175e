/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "Generate Layer": a picture from words, over the canvas or into the selection, and what models
 * can do with the picture that is there. The image's own pixels are not touched: what comes is a
 * layer of its own.
 */
#include "plugins/gimp/generate.h"

#include "plugins/gimp/dialog.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/plugin.h"
#include "plugins/gimp/procedure.h"

#define SEED_UNSET (-1.0)
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
    {{"auto", N_("Replace what is selected, or add a layer")},
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
        _("A Bedrock image model or service; \"\" as the configuration says, else one that "
          "fits the task"),
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
        SEED_UNSET, GENERATE_SEED_MOST, SEED_UNSET, G_PARAM_READWRITE);
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
    .prepare = generate_prepare,
    .work = generate_work,
    .place = generate_place,
    .release = generate_release,
    .sending = sending,
    .plan = generate_plan,
    .local_words = N_("The stand-in here draws the words as text: it shows how this works and "
                      "generates nothing."),
    .run_dialog = generate_run_dialog,
};
