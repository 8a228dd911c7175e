/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "Ask About This Image": any question, answered in words. What was asked and answered before is
 * shown for as long as the image is open: it lies in a parasite of the image that GIMP does not
 * save.
 */
#include <imgrecog/ask.h>

#include <string.h>

#include "plugins/common/fail.h"
#include "plugins/gimp/config.h"
#include "plugins/gimp/dialog.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/own.h"
#include "plugins/gimp/plugin.h"
#include "plugins/gimp/procedure.h"

#define ARG_QUESTION "question"
#define HISTORY "imgrecog-history"
#define HISTORY_MAX_BYTES (256U * 1024)
/* Between an answer and the next question, and between a question and its answer. */
#define RECORD_END "\x1e"
#define FIELD_END "\x1f"
#define HISTORY_HEIGHT_PX 220
#define QUESTION_HEIGHT_PX 56
#define DIM "#808080" /* is seen on light and on dark */

static const char *const setting_names[] = {ARG_MODEL, NULL};

struct own {
    char *question;
};

static void add_arguments(GimpProcedure *procedure)
{
    gimp_procedure_add_string_argument(procedure, ARG_QUESTION, _("Question"),
                                       _("What is to be answered about the picture"), "",
                                       PROCEDURE_PRIVATE);
    gimp_procedure_add_string_argument(
        procedure, ARG_MODEL, _("Model"),
        _("A Bedrock model, inference profile or ARN; \"\" as the configuration says, else the "
          "preset"),
        "", PROCEDURE_PRIVATE);
}

static int prepare(struct task *task, struct ir_error *err)
{
    struct own *own = task->own;

    own->question = config_text(task->config, ARG_QUESTION);
    if (*g_strstrip(own->question) == '\0')
        return common_fail(err, IR_ERR_ARG, _("Say what you want to know of the picture."), "%s",
                           _("There is no question."));
    return task_take_picture(task, task->image, OWN_LABELS, err);
}

/* The next question's length is not known: the longest answer is most of the price. */
static int plan(struct task *task, struct ir_error *err)
{
    struct ir_ask_options options = ir_settings_ask_options(task->settings);
    struct ir_picture *picture = NULL;
    char *question = config_text(task->config, ARG_QUESTION);
    int rc = task_blank_within(task, &encode_limits_converse, &picture, err);

    options.question = *question != '\0' ? question : "?";
    if (rc == 0)
        rc = ir_ask(task->client, picture, &options, &task->result, err);
    g_free(question);
    ir_picture_free(picture);
    return rc;
}

static int work(struct task *task, struct job *job, struct ir_error *err)
{
    struct ir_ask_options options = ir_settings_ask_options(task->settings);
    const struct own *own = task->own;
    struct task_picture picture;
    int rc = task_picture_init(&picture, task, job, &encode_limits_converse, err);

    options.question = own->question;
    options.cancel = job_get_cancel(job);
    options.on_text = job_add_words;
    options.text_context = job;
    if (rc == 0)
        rc = ir_ask(task->client, picture.picture, &options, &task->result, err);
    if (rc == 0)
        rc = task_write_document(task, err);
    task_picture_release(&picture);
    return rc;
}

static void release(struct task *task)
{
    struct own *own = task->own;

    g_free(own->question);
}

static char *sending(const struct task *task, const char *to)
{
    return task_picture_words(task, to, &encode_limits_converse);
}

/* ---- history ----------------------------------------------------------------------------- */

/* All records, "" when there are none (g_free). */
static char *load_history(GimpImage *image)
{
    GimpParasite *parasite =
        gimp_image_is_valid(image) ? gimp_image_get_parasite(image, HISTORY) : NULL;
    const char *data;
    guint32 bytes = 0;
    char *history;

    if (parasite == NULL)
        return g_strdup("");
    data = gimp_parasite_get_data(parasite, &bytes);
    history = g_strndup(data, bytes);
    gimp_parasite_free(parasite);
    return history;
}

/* Flags 0: neither saved with the image nor a step of undo. Old records go when it grows. */
static void add_to_history(GimpImage *image, const char *question, const char *answer)
{
    char *before = load_history(image);
    char *asked = g_strdelimit(g_strdup(question), RECORD_END FIELD_END, ' ');
    char *answered = g_strdelimit(g_strdup(answer), RECORD_END FIELD_END, ' ');
    char *all = g_strconcat(before, asked, FIELD_END, answered, RECORD_END, NULL);
    const char *kept = all;
    GimpParasite *parasite;

    while (strlen(kept) > HISTORY_MAX_BYTES && strchr(kept, *RECORD_END) != NULL)
        kept = strchr(kept, *RECORD_END) + 1;
    if (gimp_image_is_valid(image)) {
        parasite = gimp_parasite_new(HISTORY, 0, (guint32)strlen(kept), kept);
        gimp_image_attach_parasite(image, parasite);
        gimp_parasite_free(parasite);
    }
    g_free(all);
    g_free(answered);
    g_free(asked);
    g_free(before);
}

/* ---- dialog ------------------------------------------------------------------------------ */

struct ask_dialog {
    GtkWidget *question; /* text views */
    GtkWidget *history;
    GtkTextTag *bold, *dim;
    bool is_empty; /* there is nothing but words that say so */
};

static void scroll_to_end(GtkWidget *view)
{
    GtkTextBuffer *buffer = gtk_text_view_get_buffer(GTK_TEXT_VIEW(view));
    GtkTextIter end;

    gtk_text_buffer_get_end_iter(buffer, &end);
    gtk_text_buffer_place_cursor(buffer, &end);
    gtk_text_view_scroll_mark_onscreen(GTK_TEXT_VIEW(view), gtk_text_buffer_get_insert(buffer));
}

static void append(struct ask_dialog *a, const char *text, GtkTextTag *tag)
{
    GtkTextBuffer *buffer = gtk_text_view_get_buffer(GTK_TEXT_VIEW(a->history));
    GtkTextIter end;

    gtk_text_buffer_get_end_iter(buffer, &end);
    gtk_text_buffer_insert_with_tags(buffer, &end, text, -1, tag, NULL);
}

static void append_question(struct ask_dialog *a, const char *question)
{
    GtkTextBuffer *buffer = gtk_text_view_get_buffer(GTK_TEXT_VIEW(a->history));

    if (a->is_empty)
        gtk_text_buffer_set_text(buffer, "", -1);
    else
        append(a, "\n\n", NULL);
    a->is_empty = false;
    append(a, question, a->bold);
    append(a, "\n", NULL);
}

static void show_history(struct dialog *d)
{
    struct ask_dialog *a = d->own;
    char *history = load_history(d->image);
    char **records = g_strsplit(history, RECORD_END, -1);

    layout_set_text(a->history, "");
    a->is_empty = true;
    for (size_t i = 0; records[i] != NULL; i++) {
        char **fields = g_strsplit(records[i], FIELD_END, 2);

        if (fields[0] != NULL && fields[1] != NULL) {
            append_question(a, fields[0]);
            append(a, fields[1], NULL);
        }
        g_strfreev(fields);
    }
    if (a->is_empty)
        append(a, _("No questions yet."), a->dim);
    g_strfreev(records);
    g_free(history);
    scroll_to_end(a->history);
}

static void on_words(void *context, const char *text)
{
    struct dialog *d = context;
    struct ask_dialog *a = d->own;

    append(a, text, NULL);
    scroll_to_end(a->history);
}

static void on_question_changed(struct dialog *d)
{
    struct ask_dialog *a = d->own;
    char *question = g_strstrip(layout_text_of(a->question));

    g_object_set(d->config, ARG_QUESTION, question, NULL);
    g_free(question);
}

static void update(struct dialog *d)
{
    gtk_dialog_set_response_sensitive(GTK_DIALOG(d->window), GTK_RESPONSE_OK,
                                      d->is_ready && config_is_set(d->config, ARG_QUESTION));
}

static bool ask(struct dialog *d)
{
    struct ask_dialog *a = d->own;
    char *question = config_text(d->config, ARG_QUESTION);
    struct task *task = NULL;
    bool answered;

    append_question(a, question);
    answered = dialog_perform(d, on_words, &task) == 0;
    if (answered) {
        add_to_history(d->image, question, ir_result_get_answer(task->result));
        g_free(d->json);
        d->json = g_strdup(task->document);
        task_free(task);
        layout_set_text(a->question, "");
    }
    show_history(d);
    gtk_widget_grab_focus(a->question);
    g_free(question);
    return answered;
}

/* Enter asks, as in a chat; Shift with it makes a new line. */
static gboolean on_key(GtkWidget *view, GdkEventKey *event, struct dialog *d)
{
    (void)view;
    if ((event->keyval != GDK_KEY_Return && event->keyval != GDK_KEY_KP_Enter) ||
        (event->state & GDK_SHIFT_MASK) != 0)
        return FALSE;
    if (gtk_widget_get_sensitive(
            gtk_dialog_get_widget_for_response(GTK_DIALOG(d->window), GTK_RESPONSE_OK)))
        gtk_dialog_response(GTK_DIALOG(d->window), GTK_RESPONSE_OK);
    return TRUE;
}

static GtkWidget *new_rest(struct dialog *d, struct ask_dialog *a)
{
    GtkWidget *rest = gtk_box_new(GTK_ORIENTATION_VERTICAL, LAYOUT_ROW_SPACE_PX);
    GtkWidget *history_box = NULL, *question_box = NULL;
    GtkWidget *label = gtk_label_new_with_mnemonic(_("_Question:"));
    GtkWidget *alone = layout_new_words(_("Each question is asked by itself, with the picture: "
                                          "earlier questions and answers are not sent."));

    a->history = layout_new_text(HISTORY_HEIGHT_PX, false, &history_box);
    gtk_text_view_set_cursor_visible(GTK_TEXT_VIEW(a->history), FALSE);
    atk_object_set_name(gtk_widget_get_accessible(a->history), _("Questions and answers"));
    a->bold = gtk_text_buffer_create_tag(gtk_text_view_get_buffer(GTK_TEXT_VIEW(a->history)), NULL,
                                         "weight", PANGO_WEIGHT_BOLD, NULL);
    a->dim = gtk_text_buffer_create_tag(gtk_text_view_get_buffer(GTK_TEXT_VIEW(a->history)), NULL,
                                        "foreground", DIM, NULL);
    a->question = layout_new_text(QUESTION_HEIGHT_PX, true, &question_box);
    gimp_help_set_help_data(a->question,
                            _("Enter asks, Shift+Enter begins a new line. Questions and answers "
                              "are kept until the image is closed, and not saved."),
                            NULL);
    gtk_label_set_xalign(GTK_LABEL(label), 0.0);
    gtk_label_set_mnemonic_widget(GTK_LABEL(label), a->question);
    gtk_box_pack_start(GTK_BOX(rest), history_box, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(rest), alone, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(rest), label, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(rest), question_box, FALSE, FALSE, 0);
    gtk_widget_show_all(rest);
    g_signal_connect_swapped(gtk_text_view_get_buffer(GTK_TEXT_VIEW(a->question)), "changed",
                             G_CALLBACK(on_question_changed), d);
    g_signal_connect(a->question, "key-press-event", G_CALLBACK(on_key), d);
    return rest;
}

static bool run_dialog(struct dialog *d)
{
    struct ask_dialog a = {.question = NULL};
    bool done = false;

    d->own = &a;
    d->update = update;
    g_object_set(d->config, ARG_QUESTION, "", NULL);
    dialog_open(d);
    dialog_ready(d, new_rest(d, &a));
    show_history(d);
    gtk_widget_grab_focus(a.question);
    while (dialog_wait(d) == GTK_RESPONSE_OK)
        done = ask(d) || done;
    dialog_close(d);
    return done;
}

const struct task_kind ask_kind = {
    .procedure = "imgrecog-ask",
    .menu_label = N_("_Ask About This Image..."),
    .icon = GIMP_ICON_DIALOG_QUESTION,
    .blurb = N_("Ask a question about the picture"),
    .help = N_("Sends the visible picture and a question to a model of Amazon Bedrock, or asks the "
               "describer on this computer. Nothing is changed in the image. Returns the result "
               "document, with the answer, as JSON."),
    .title = N_("Ask About This Image"),
    .ok_label = N_("As_k"),
    .closes = true,
    .wants_upright = true,
    .service = N_("Amazon Bedrock"),
    .progress = N_("Asking…"),
    .settings = setting_names,
    .own_bytes = sizeof(struct own),
    .add_arguments = add_arguments,
    .prepare = prepare,
    .work = work,
    .release = release,
    .sending = sending,
    .plan = plan,
    .local_words = N_("The describer here answers about faces, text, codes and colours, and about "
                      "nothing else."),
    .run_dialog = run_dialog,
};
