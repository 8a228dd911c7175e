/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "Write Caption": a picture in words, which the user may change before they go into the image's
 * metadata or a text layer. A script gets them put there as they came.
 */
#include <imgrecog/caption.h>

#include <string.h>

#include "plugins/gimp/caption_put.h"
#include "plugins/gimp/dialog.h"
#include "plugins/gimp/fonts.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/language.h"
#include "plugins/gimp/own.h"
#include "plugins/gimp/plugin.h"
#include "plugins/gimp/procedure.h"

#define ARG_FROM_LABELS "from-labels"
#define RESPONSE_WRITE DIALOG_RESPONSE_OWN
#define CAPTION_HEIGHT_PX 66
#define ALT_HEIGHT_PX 40

static const char *const setting_names[] = {ARG_LANGUAGE, ARG_CONTEXT, ARG_MODEL, ARG_FROM_LABELS,
                                            NULL};

static void add_arguments(GimpProcedure *procedure)
{
    gimp_procedure_add_string_argument(
        procedure, ARG_LANGUAGE, _("Language"),
        _("Its name or tag, such as \"English\" or \"ko\"; \"\" as IMGRECOG_LANGUAGE or the "
          "configuration file say, else English"),
        "", G_PARAM_READWRITE);
    gimp_procedure_add_string_argument(
        procedure, ARG_CONTEXT, _("Known already"),
        _("What is known of the picture: a title, keywords, a place; goes to the model"), "",
        PROCEDURE_PRIVATE);
    gimp_procedure_add_string_argument(
        procedure, ARG_MODEL, _("Model"),
        _("A Bedrock model, inference profile or ARN; \"\" as the configuration says, else the "
          "preset"),
        "", PROCEDURE_PRIVATE);
    gimp_procedure_add_boolean_argument(procedure, ARG_FROM_LABELS, _("From labels only"),
                                        _("The model sees the three surest labels and no picture"),
                                        FALSE, G_PARAM_READWRITE);
    caption_put_add_arguments(procedure);
}

/* What would fail when the words have been paid for is told before. */
static int prepare(struct task *task, struct ir_error *err)
{
    int rc = caption_put_wants_layer(task->config) ? fonts_check(task->image, err) : 0;

    return rc == 0 ? task_take_picture(task, task->image, OWN_LABELS, err) : rc;
}

static const struct encode_limits *limits_of(const struct ir_caption_options *options)
{
    return options->from_labels ? &encode_limits_rekognition : &encode_limits_converse;
}

static int plan(struct task *task, struct ir_error *err)
{
    struct ir_caption_options options = ir_settings_caption_options(task->settings);
    struct ir_picture *picture = NULL;
    int rc = task_blank_within(task, limits_of(&options), &picture, err);

    if (rc == 0)
        rc = ir_caption(task->client, picture, &options, &task->result, err);
    ir_picture_free(picture);
    return rc;
}

static int work(struct task *task, struct job *job, struct ir_error *err)
{
    struct ir_caption_options options = ir_settings_caption_options(task->settings);
    struct task_picture picture;
    int rc = task_picture_init(&picture, task, job, limits_of(&options), err);

    options.cancel = job_get_cancel(job);
    options.on_text = job_add_words;
    options.text_context = job;
    if (rc == 0)
        rc = ir_caption(task->client, picture.picture, &options, &task->result, err);
    if (rc == 0)
        rc = task_write_document(task, err);
    task_picture_release(&picture);
    return rc;
}

static int place(struct task *task, struct ir_error *err)
{
    const struct ir_caption *caption = ir_result_get_caption(task->result);
    const char **keywords = g_new0(const char *, caption->keyword_count + 1);
    const struct caption_words words = {caption->text, caption->alt_text, caption->title, keywords};
    int rc;

    for (size_t i = 0; i < caption->keyword_count; i++)
        keywords[i] = caption->keywords[i];
    rc = caption_put(task->image, task->config, &words, err);
    g_free(keywords);
    return rc;
}

static char *sending(const struct task *task, const char *to)
{
    struct ir_caption_options options = ir_settings_caption_options(task->settings);

    return task_picture_words(task, to, limits_of(&options));
}

/* ---- dialog ------------------------------------------------------------------------------ */

struct caption_dialog {
    GtkWidget *write;
    GtkWidget *caption, *alt_text; /* text views */
    GtkWidget *title, *keywords;   /* entries */
    struct caption_put_boxes boxes;
};

/* The form's words; released with release_words. */
struct form_words {
    char *caption, *alt_text;
    char **keywords;
    struct caption_words words;
};

static char **keywords_of(GtkWidget *entry)
{
    char **parts = g_strsplit(gtk_entry_get_text(GTK_ENTRY(entry)), ",", -1);
    size_t count = 0;

    for (size_t i = 0; parts[i] != NULL; i++) {
        char *word = g_strstrip(parts[i]);

        if (*word != '\0')
            parts[count++] = word;
        else
            g_free(word);
    }
    parts[count] = NULL;
    return parts;
}

static void read_words(struct caption_dialog *c, struct form_words *out)
{
    out->caption = g_strstrip(layout_text_of(c->caption));
    out->alt_text = g_strstrip(layout_text_of(c->alt_text));
    out->keywords = keywords_of(c->keywords);
    out->words =
        (struct caption_words){out->caption, out->alt_text, gtk_entry_get_text(GTK_ENTRY(c->title)),
                               (const char *const *)out->keywords};
}

static void release_words(struct form_words *words)
{
    g_free(words->caption);
    g_free(words->alt_text);
    g_strfreev(words->keywords);
}

/* There is something to apply, and somewhere. */
static void update(struct dialog *d)
{
    struct caption_dialog *c = d->own;
    struct form_words words;
    bool has_words;

    read_words(c, &words);
    has_words = *words.caption != '\0' || *words.alt_text != '\0' || *words.words.title != '\0' ||
                words.keywords[0] != NULL;
    release_words(&words);
    gtk_widget_set_sensitive(c->write, d->is_ready);
    gtk_dialog_set_response_sensitive(GTK_DIALOG(d->window), GTK_RESPONSE_OK,
                                      has_words && caption_put_is_wanted(d->config) &&
                                          gimp_image_is_valid(d->image));
    caption_put_update(&c->boxes, d->config);
}

static GtkWidget *new_words(struct dialog *d, struct caption_dialog *c)
{
    GtkWidget *caption_box = NULL, *alt_box = NULL;
    struct layout_rows rows;

    layout_rows_init(&rows, d->labels);
    c->caption = layout_new_text(CAPTION_HEIGHT_PX, true, &caption_box);
    c->alt_text = layout_new_text(ALT_HEIGHT_PX, true, &alt_box);
    c->title = gtk_entry_new();
    c->keywords = gtk_entry_new();
    gtk_widget_set_vexpand(caption_box, TRUE);
    layout_add_row(&rows, _("Ca_ption:"), caption_box, c->caption, NULL);
    layout_add_row(&rows, _("Al_t text:"), alt_box, c->alt_text,
                   _("A short description for screen readers."));
    layout_add_row(&rows, _("T_itle:"), c->title, NULL, NULL);
    layout_add_row(&rows, _("_Keywords:"), c->keywords, NULL, NULL);
    gtk_entry_set_placeholder_text(GTK_ENTRY(c->keywords), _("separated by commas"));
    g_signal_connect_swapped(gtk_text_view_get_buffer(GTK_TEXT_VIEW(c->caption)), "changed",
                             G_CALLBACK(update), d);
    g_signal_connect_swapped(gtk_text_view_get_buffer(GTK_TEXT_VIEW(c->alt_text)), "changed",
                             G_CALLBACK(update), d);
    g_signal_connect_swapped(c->title, "changed", G_CALLBACK(update), d);
    g_signal_connect_swapped(c->keywords, "changed", G_CALLBACK(update), d);
    return rows.grid;
}

/* Between the two that close the dialog: first the words, then where they go. */
static void add_write(struct dialog *d, struct caption_dialog *c)
{
    c->write = gtk_dialog_add_button(GTK_DIALOG(d->window), _("_Write"), RESPONSE_WRITE);
    gtk_box_reorder_child(GTK_BOX(gtk_widget_get_parent(c->write)), c->write, 1);
    gimp_help_set_help_data(c->write,
                            _("Ask for the words. They can be changed before they go "
                              "into the image."),
                            NULL);
}

static GtkWidget *new_rest(struct dialog *d, struct caption_dialog *c)
{
    GtkWidget *rest = gtk_box_new(GTK_ORIENTATION_VERTICAL, LAYOUT_SPACE_PX);

    gtk_box_pack_start(GTK_BOX(rest), new_words(d, c), TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(rest), caption_put_new_boxes(&c->boxes, d->config), FALSE, FALSE, 0);
    gtk_widget_show_all(rest);
    return rest;
}

/* Words as they come, at the end of the caption. */
static void on_words(void *context, const char *text)
{
    struct dialog *d = context;
    struct caption_dialog *c = d->own;
    GtkTextBuffer *buffer = gtk_text_view_get_buffer(GTK_TEXT_VIEW(c->caption));
    GtkTextIter end;

    gtk_text_buffer_get_end_iter(buffer, &end);
    gtk_text_buffer_insert(buffer, &end, text, -1);
    gtk_text_view_scroll_to_mark(GTK_TEXT_VIEW(c->caption), gtk_text_buffer_get_insert(buffer), 0.0,
                                 FALSE, 0.0, 0.0);
}

static void show_result(struct caption_dialog *c, const struct ir_caption *caption)
{
    GString *keywords = g_string_new(NULL);

    for (size_t i = 0; i < caption->keyword_count; i++)
        g_string_append_printf(keywords, "%s%s", i > 0 ? ", " : "", caption->keywords[i]);
    layout_set_text(c->caption, caption->text);
    layout_set_text(c->alt_text, caption->alt_text);
    gtk_entry_set_text(GTK_ENTRY(c->title), caption->title != NULL ? caption->title : "");
    gtk_entry_set_text(GTK_ENTRY(c->keywords), keywords->str);
    g_string_free(keywords, TRUE);
}

/* What was there before comes back when nothing comes of it. */
static void write_caption(struct dialog *d)
{
    struct caption_dialog *c = d->own;
    struct task *task = NULL;
    char *before = layout_text_of(c->caption);

    layout_set_text(c->caption, "");
    if (dialog_perform(d, on_words, &task) == 0) {
        show_result(c, ir_result_get_caption(task->result));
        g_free(d->json);
        d->json = g_strdup(task->document);
        task_free(task);
        gtk_widget_grab_focus(c->caption);
    } else {
        layout_set_text(c->caption, before);
    }
    g_free(before);
}

static bool apply(struct dialog *d)
{
    struct form_words words;
    struct ir_error err;
    int rc;

    read_words(d->own, &words);
    rc = caption_put(d->image, d->config, &words.words, &err);
    release_words(&words);
    if (rc != 0)
        dialog_fail(d, &err);
    else
        gimp_displays_flush();
    return rc == 0;
}

static bool run_dialog(struct dialog *d)
{
    struct caption_dialog c = {.write = NULL};
    bool done = false;
    int response;

    d->own = &c;
    d->update = update;
    language_prefer(d->config, d->settings);
    dialog_open(d);
    language_add_row(&d->fields, d->config);
    dialog_add_entry(d, ARG_CONTEXT, _("Known al_ready:"), _("title, place, names (optional)"),
                     _("What is known of the picture. It goes to the model and is not stored."));
    add_write(d, &c);
    dialog_ready(d, new_rest(d, &c));
    gtk_widget_grab_focus(c.write);
    while (!done &&
           ((response = dialog_wait(d)) == GTK_RESPONSE_OK || response == RESPONSE_WRITE)) {
        if (response == RESPONSE_WRITE)
            write_caption(d);
        else
            done = apply(d);
    }
    dialog_close(d);
    return done;
}

const struct task_kind caption_kind = {
    .procedure = "imgrecog-caption",
    .menu_label = N_("_Write Caption..."),
    .icon = GIMP_ICON_TOOL_TEXT,
    .blurb = N_("Describe the picture in words: caption, alt text, title and keywords"),
    .help = N_("Sends the visible picture to a model of Amazon Bedrock, or asks the describer on "
               "this computer, and puts the words into the image's metadata (XMP, IPTC), its "
               "comment or a text layer. Returns the result document as JSON."),
    .title = N_("Write Caption"),
    .ok_label = N_("Appl_y"),
    .wants_upright = true,
    .service = N_("Amazon Bedrock"),
    .progress = N_("Writing a caption…"),
    .settings = setting_names,
    .add_arguments = add_arguments,
    .prepare = prepare,
    .work = work,
    .place = place,
    .sending = sending,
    .plan = plan,
    .local_words = N_("The describer here names faces, text, codes and colours, and nothing else."),
    .run_dialog = run_dialog,
};
