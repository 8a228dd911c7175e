/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the fields of "Generate Layer". The dialog stays open: pressing the button once more makes
 * another layer, with another seed where none is fixed.
 */
#include <imgrecog/models.h>

#include "plugins/gimp/config.h"
#include "plugins/gimp/dialog.h"
#include "plugins/gimp/generate.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/model_choice.h"

#define PROMPT_HEIGHT_PX 76
#define RESPONSE_MODELS DIALOG_RESPONSE_OWN
#define RESPONSE_ANOTHER (DIALOG_RESPONSE_OWN + 1)

/* Style presets of Stability's services and of SDXL:
 * https://docs.aws.amazon.com/bedrock/latest/userguide/stable-image-services.html */
static const char *const styles[] = {
    "photographic", "cinematic",   "analog-film", "digital-art",  "comic-book",       "anime",
    "line-art",     "fantasy-art", "neon-punk",   "isometric",    "low-poly",         "origami",
    "pixel-art",    "3d-model",    "enhance",     "tile-texture", "modeling-compound"};

struct generate_dialog {
    GtkWidget *prompt; /* text view */
    GtkWidget *feather_row[2], *side_rows[4][2];
    GtkWidget *xl_rows[2][2]; /* of SDXL models alone */
    GtkWidget *words[3];      /* what is of no use without words */
    struct model_choice model;
};

static void on_prompt_changed(struct dialog *d)
{
    struct generate_dialog *g = d->own;
    char *prompt = layout_text_of(g->prompt);

    g_object_set(d->config, GENERATE_ARG_PROMPT, prompt, NULL);
    g_free(prompt);
}

static const char *obstacle(struct dialog *d)
{
    enum generate_action action = generate_action_of(d->config, d->image);
    const struct generate_facts *wanted = generate_facts_of(action);
    char *prompt = NULL;
    int sides_px[4] = {0};
    bool is_empty;

    if (wanted->needs_image && d->image == NULL)
        return _("Open an image first: this works on one.");
    if (wanted->needs_selection && gimp_image_is_valid(d->image) &&
        gimp_selection_is_empty(d->image))
        return _("Select the part of the image first.");
    g_object_get(d->config, GENERATE_ARG_PROMPT, &prompt, GENERATE_ARG_LEFT, &sides_px[0],
                 GENERATE_ARG_RIGHT, &sides_px[1], GENERATE_ARG_UP, &sides_px[2], GENERATE_ARG_DOWN,
                 &sides_px[3], NULL);
    is_empty = prompt == NULL || *g_strstrip(prompt) == '\0';
    g_free(prompt);
    if (wanted->needs_words && is_empty)
        return _("Say in words what is wanted.");
    if (action == GENERATE_EXTEND && sides_px[0] + sides_px[1] + sides_px[2] + sides_px[3] == 0)
        return _("Say how many pixels to add, and on which sides.");
    return NULL;
}

static bool takes_steps_of(struct dialog *d)
{
    char *model = config_text(d->config, ARG_IMAGE_MODEL);
    bool takes = ir_model_get_traits(model).is_sdxl;

    g_free(model);
    return takes;
}

static void update(struct dialog *d)
{
    struct generate_dialog *g = d->own;
    bool takes_steps = takes_steps_of(d);
    enum generate_action action = generate_action_of(d->config, d->image);
    bool has_words =
        action != GENERATE_ERASE && action != GENERATE_CUT_OUT && action != GENERATE_UPSCALE;

    for (size_t i = 0; i < G_N_ELEMENTS(g->words); i++)
        gtk_widget_set_sensitive(g->words[i], has_words);
    for (size_t i = 0; i < 2; i++) {
        gtk_widget_set_visible(g->xl_rows[0][i], takes_steps);
        gtk_widget_set_visible(g->xl_rows[1][i], takes_steps);
        gtk_widget_set_visible(g->feather_row[i], generate_facts_of(action)->needs_selection);
        for (size_t side = 0; side < 4; side++)
            gtk_widget_set_visible(g->side_rows[side][i], action == GENERATE_EXTEND);
    }
    gtk_dialog_set_response_sensitive(GTK_DIALOG(d->window), GTK_RESPONSE_OK, d->is_ready);
}

/* The least value of some numbers means that the model chooses, which is said in words. */
static gboolean on_spin_output(GtkSpinButton *spin)
{
    double minimum;

    gtk_spin_button_get_range(spin, &minimum, NULL);
    if (gtk_spin_button_get_value(spin) > minimum)
        return FALSE;
    gtk_entry_set_text(GTK_ENTRY(spin), _("automatic"));
    return TRUE;
}

static int on_spin_input(GtkSpinButton *spin, double *out_value)
{
    if (!g_str_equal(gtk_entry_get_text(GTK_ENTRY(spin)), _("automatic")))
        return FALSE;
    gtk_spin_button_get_range(spin, out_value, NULL);
    return TRUE;
}

static void say_automatic(GtkWidget *spin)
{
    g_signal_connect(spin, "output", G_CALLBACK(on_spin_output), NULL);
    g_signal_connect(spin, "input", G_CALLBACK(on_spin_input), NULL);
    gtk_spin_button_set_numeric(GTK_SPIN_BUTTON(spin), FALSE);
    gtk_spin_button_update(GTK_SPIN_BUTTON(spin));
}

static void add_spin(struct dialog *d, const char *argument, const char *label, const char *tooltip,
                     GtkWidget **out_row)
{
    GtkWidget *spin = gimp_prop_spin_button_new(G_OBJECT(d->config), argument, 1.0, 10.0, 0);

    out_row[0] = layout_add_row(&d->fields, label, spin, NULL, tooltip);
    out_row[1] = spin;
}

static void add_prompt(struct dialog *d, struct generate_dialog *g)
{
    GtkWidget *scrolled = NULL;

    g->prompt = layout_new_text(PROMPT_HEIGHT_PX, true, &scrolled);
    layout_add_row(&d->fields, _("_Prompt:"), scrolled, g->prompt, _("What is wanted, in words."));
    g_signal_connect_swapped(gtk_text_view_get_buffer(GTK_TEXT_VIEW(g->prompt)), "changed",
                             G_CALLBACK(on_prompt_changed), d);
    g->words[0] = g->prompt;
}

static void on_fill(struct dialog *d)
{
    gtk_dialog_response(GTK_DIALOG(d->window), RESPONSE_MODELS);
}

static void add_model(struct dialog *d, struct generate_dialog *g)
{
    model_choice_init(&g->model, IR_MODEL_IMAGE | IR_MODEL_IMAGE_SERVICE, _("Model"),
                      _("automatic"));
    g_object_bind_property(d->config, ARG_IMAGE_MODEL, g->model.entry, "text",
                           G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
    layout_add_row(&d->fields, _("_Model:"), g->model.box, g->model.entry,
                   _("A Bedrock image model or service, an inference profile or an ARN."));
    g_signal_connect_swapped(g->model.fill, "clicked", G_CALLBACK(on_fill), d);
}

static void add_style(struct dialog *d, struct generate_dialog *g)
{
    GtkWidget *combo = gtk_combo_box_text_new_with_entry();
    GtkWidget *entry = gtk_bin_get_child(GTK_BIN(combo));

    for (size_t i = 0; i < G_N_ELEMENTS(styles); i++)
        gtk_combo_box_text_append_text(GTK_COMBO_BOX_TEXT(combo), styles[i]);
    g_object_bind_property(d->config, GENERATE_ARG_STYLE, entry, "text",
                           G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
    gtk_entry_set_placeholder_text(GTK_ENTRY(entry), _("none"));
    atk_object_set_name(gtk_widget_get_accessible(combo), _("Style"));
    layout_add_row(&d->fields, _("St_yle:"), combo, entry,
                   _("A preset of the model. Not every model has them."));
    g->words[2] = combo;
}

static void add_numbers(struct dialog *d, struct generate_dialog *g)
{
    static const struct {
        const char *argument, *label;
    } sides[] = {{GENERATE_ARG_LEFT, N_("_Left:")},
                 {GENERATE_ARG_RIGHT, N_("_Right:")},
                 {GENERATE_ARG_UP, N_("_Top:")},
                 {GENERATE_ARG_DOWN, N_("_Bottom:")}};
    GtkWidget *row[2];

    add_spin(d, GENERATE_ARG_SEED, _("S_eed:"),
             _("The same seed, model and words give the same picture. Automatic is another one "
               "each time."),
             row);
    say_automatic(row[1]);
    add_spin(
        d, GENERATE_ARG_VARIATIONS, _("_How many:"),
        _("So many pictures, each with another seed and each paid for. The first is shown, the "
          "others are hidden layers below it."),
        row);
    add_spin(d, GENERATE_ARG_STEPS, _("Step_s:"), _("Of refinement, for SDXL models."),
             g->xl_rows[0]);
    add_spin(d, GENERATE_ARG_GUIDANCE, _("G_uidance:"),
             _("How closely the words are followed, for SDXL models."), g->xl_rows[1]);
    say_automatic(g->xl_rows[0][1]);
    say_automatic(g->xl_rows[1][1]);
    add_spin(d, GENERATE_ARG_FEATHER, _("_Feather (px):"),
             _("Over how many pixels, inwards, the edge of what is selected becomes soft. Nothing "
               "outside of it changes."),
             g->feather_row);
    for (size_t i = 0; i < G_N_ELEMENTS(sides); i++)
        add_spin(d, sides[i].argument, _(sides[i].label), _("Pixels to add on this side."),
                 g->side_rows[i]);
}

/* The prompt's words are not in the config when the dialog opens: GIMP keeps them for Repeat
 * alone. */
static void build(struct dialog *d, struct generate_dialog *g)
{
    GtkWidget *action;

    dialog_open(d);
    action = choice_new_combo(&generate_actions, d->config);
    layout_add_row(&d->fields, _("_What to do:"), action, NULL,
                   _("Replacing and erasing work on what is selected in the image."));
    add_prompt(d, g);
    g->words[1] = dialog_add_entry(d, GENERATE_ARG_NEGATIVE, _("_Not wanted:"), _("optional"),
                                   _("What the picture should not show."));
    add_model(d, g);
    add_style(d, g);
    add_numbers(d, g);
    dialog_add_check(d, GENERATE_ARG_KEEP, _("_Keep the words with the layer"),
                     _("Prompt and what is not wanted are saved with the layer, where everybody "
                       "who gets the XCF can read them. Model and seed always are."));
    dialog_ready(d, NULL);
    gtk_widget_grab_focus(g->prompt);
}

/* What came of it, and a button for another one. */
static void say_done(struct dialog *d, const struct task *task)
{
    const struct generate_own *own = task->own;
    char *some = NULL;

    if (own->answer_count < own->wanted_count) {
        char *came = g_strdup_printf(_("%d of %d pictures came."), (int)own->answer_count,
                                     (int)own->wanted_count);

        some = g_strconcat(came, task->notice != NULL ? " " : NULL, task->notice, NULL);
        g_free(came);
    }
    if (some != NULL)
        dialog_fail_after(d, task, some, &own->rest_err);
    else if (task->notice != NULL)
        dialog_say_done(d, task, task->notice);
    else
        dialog_say_done(d, task,
                        _("Done. The image's metadata now say that a part of it was made by a "
                          "machine; when you export, tick GIMP's box for XMP, or GIMP leaves that "
                          "out."));
    task_view_offer(d->view, _("Again With Another Seed"), RESPONSE_ANOTHER);
    g_free(some);
}

static bool generate(struct dialog *d)
{
    struct task *task = NULL;
    bool done;

    if (dialog_perform(d, NULL, &task) != 0)
        return false;
    done = dialog_place(d, task) == 0;
    if (done && task->made != NULL)
        gimp_display_new(task->made);
    if (done)
        say_done(d, task);
    task_free(task);
    return done;
}

static bool generate_another(struct dialog *d)
{
    g_object_set(d->config, GENERATE_ARG_SEED, -1.0, NULL);
    return generate(d);
}

static void list_models(struct dialog *d)
{
    struct generate_dialog *g = d->own;
    struct model_choice *const choices[] = {&g->model};
    struct connection connection = {NULL, NULL, NULL};
    char *endpoint = config_text(d->config, ARG_ENDPOINT);
    char *profile = config_text(d->config, ARG_PROFILE);
    char *region = config_text(d->config, ARG_REGION);

    connection = (struct connection){endpoint, profile, region};
    model_choice_ask(&connection, d->view, choices, G_N_ELEMENTS(choices));
    g_free(endpoint);
    g_free(profile);
    g_free(region);
}

bool generate_run_dialog(struct dialog *d)
{
    struct generate_dialog g = {.prompt = NULL};
    bool done = false;
    int response;

    d->own = &g;
    d->update = update;
    d->obstacle = obstacle;
    build(d, &g);
    while ((response = dialog_wait(d)) == GTK_RESPONSE_OK || response == RESPONSE_MODELS ||
           response == RESPONSE_ANOTHER) {
        if (response == RESPONSE_MODELS)
            list_models(d);
        else
            done = (response == RESPONSE_ANOTHER ? generate_another(d) : generate(d)) || done;
    }
    dialog_close(d);
    return done;
}
