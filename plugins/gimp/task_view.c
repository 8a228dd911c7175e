/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the progress bar, the line of words below it, and the loop that waits for a job.
 *
 * A GimpProcedureDialog ends its loop with a response; the end of the job is sent as one more
 * response of our own. Every other response (the dialog's Reset too, which is disabled) means that
 * the user does not want to wait.
 */
#include "plugins/gimp/task_view.h"

#include "plugins/common/fail.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/layout.h"
#include "plugins/gimp/turn.h"

#define PULSE_MS 100
#define STAGE_EVENTS_MAX 200
#define RESPONSE_JOB_DONE 1000 /* no other button of a dialog has it */
#define RESPONSE_KEY "imgrecog-response"

struct task_view {
    GimpDialog *dialog;
    GtkWidget *box; /* progress or words; hidden when there is neither */
    GtkWidget *bar;
    GtkWidget *words;
    GtkWidget *icon;
    GtkWidget *heading;
    GtkWidget *label;
    GtkWidget *expander;
    GtkWidget *details;
    GtkWidget *offers;   /* a row of buttons */
    GPtrArray *disabled; /* widgets that task_view_begin disabled, owned */
    char *close_label;   /* of the button that is Cancel while a job runs */
    GtkWidget *focus;    /* what had the focus then, owned; may be NULL */
    struct job *job;
    gulong response_id; /* the handler's, between begin and end */
    bool cancelled;
    task_view_words_fn on_words;
    void *words_context;
};

/* An icon, and beside it a heading above the words. A screen reader says it when it appears. */
static void add_words(struct task_view *view)
{
    GtkWidget *column = gtk_box_new(GTK_ORIENTATION_VERTICAL, LAYOUT_ROW_SPACE_PX / 2);

    view->words = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, LAYOUT_ROW_SPACE_PX);
    atk_object_set_role(gtk_widget_get_accessible(view->words), ATK_ROLE_ALERT);
    gtk_box_pack_start(GTK_BOX(view->box), view->words, FALSE, FALSE, 0);
    view->icon = gtk_image_new();
    gtk_widget_set_valign(view->icon, GTK_ALIGN_START);
    gtk_box_pack_start(GTK_BOX(view->words), view->icon, FALSE, FALSE, 0);
    gtk_widget_show(view->icon);
    view->heading = layout_new_words(NULL);
    layout_make_bold(view->heading);
    gtk_box_pack_start(GTK_BOX(column), view->heading, FALSE, FALSE, 0);
    view->label = layout_new_words_to_copy(NULL);
    gtk_box_pack_start(GTK_BOX(column), view->label, FALSE, FALSE, 0);
    gtk_widget_show(view->label);
    view->details = layout_new_words_to_copy(NULL);
    gtk_widget_show(view->details);
    view->expander = gtk_expander_new(_("Details"));
    gtk_expander_set_resize_toplevel(GTK_EXPANDER(view->expander), TRUE);
    gtk_container_add(GTK_CONTAINER(view->expander), view->details);
    gtk_box_pack_start(GTK_BOX(column), view->expander, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(view->words), column, TRUE, TRUE, 0);
    gtk_widget_show(column);
}

struct task_view *task_view_new(GimpDialog *dialog)
{
    struct task_view *view = g_new0(struct task_view, 1);
    GtkWidget *content = gtk_dialog_get_content_area(GTK_DIALOG(dialog));

    view->dialog = dialog;
    view->disabled = g_ptr_array_new_with_free_func(g_object_unref);
    view->box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    gtk_box_pack_start(GTK_BOX(content), view->box, FALSE, FALSE, 0);

    view->bar = gtk_progress_bar_new();
    gtk_progress_bar_set_show_text(GTK_PROGRESS_BAR(view->bar), TRUE);
    gtk_box_pack_start(GTK_BOX(view->box), view->bar, FALSE, FALSE, 0);

    add_words(view);
    view->offers = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, LAYOUT_ROW_SPACE_PX);
    gtk_widget_set_halign(view->offers, GTK_ALIGN_END);
    gtk_widget_set_margin_top(view->offers, LAYOUT_ROW_SPACE_PX);
    gtk_box_pack_start(GTK_BOX(view->box), view->offers, FALSE, FALSE, 0);
    return view;
}

void task_view_free(struct task_view *view)
{
    g_ptr_array_free(view->disabled, TRUE);
    g_free(view->close_label);
    g_clear_object(&view->focus);
    g_free(view);
}

void task_view_clear(struct task_view *view)
{
    layout_empty(view->offers);
    gtk_widget_hide(view->offers);
    gtk_widget_hide(view->box);
}

static void on_offer(GtkButton *button, gpointer data)
{
    struct task_view *view = data;

    gtk_dialog_response(GTK_DIALOG(view->dialog),
                        GPOINTER_TO_INT(g_object_get_data(G_OBJECT(button), RESPONSE_KEY)));
}

void task_view_offer(struct task_view *view, const char *label, int response)
{
    GtkWidget *button = gtk_button_new_with_label(label);

    g_object_set_data(G_OBJECT(button), RESPONSE_KEY, GINT_TO_POINTER(response));
    g_signal_connect(button, "clicked", G_CALLBACK(on_offer), view);
    gtk_box_pack_start(GTK_BOX(view->offers), button, FALSE, FALSE, 0);
    gtk_widget_show(button);
    gtk_widget_show(view->offers);
}

static void show(struct task_view *view, const char *icon, const char *heading, const char *text,
                 const char *details)
{
    task_view_clear(view);
    gtk_image_set_from_icon_name(GTK_IMAGE(view->icon), icon, GTK_ICON_SIZE_BUTTON);
    gtk_label_set_text(GTK_LABEL(view->heading), heading != NULL ? heading : "");
    gtk_widget_set_visible(view->heading, heading != NULL);
    gtk_label_set_text(GTK_LABEL(view->label), text);
    gtk_label_set_text(GTK_LABEL(view->details), details != NULL ? details : "");
    gtk_expander_set_expanded(GTK_EXPANDER(view->expander), FALSE);
    gtk_widget_set_visible(view->expander, details != NULL);
    gtk_widget_hide(view->bar);
    gtk_widget_show(view->words);
    gtk_widget_show(view->box);
}

void task_view_say(struct task_view *view, enum task_tone tone, const char *text)
{
    static const char *const icons[] = {[TASK_NOTICE] = GIMP_ICON_DIALOG_INFORMATION,
                                        [TASK_DONE] = TASK_VIEW_ICON_DONE,
                                        [TASK_WARNING] = GIMP_ICON_DIALOG_WARNING,
                                        [TASK_ERROR] = GIMP_ICON_DIALOG_ERROR};

    show(view, icons[tone], NULL, text, NULL);
}

bool task_view_has_words(const struct task_view *view)
{
    return gtk_widget_get_visible(view->box) && gtk_widget_get_visible(view->words);
}

int task_view_height_px(const struct task_view *view)
{
    return gtk_widget_get_visible(view->box) ? gtk_widget_get_allocated_height(view->box) : 0;
}

void task_view_fail(struct task_view *view, const char *heading, const char *text,
                    const char *details)
{
    show(view, GIMP_ICON_DIALOG_ERROR, heading, text, details);
}

static void disable(struct task_view *view, GtkWidget *widget)
{
    if (!gtk_widget_get_sensitive(widget))
        return;
    gtk_widget_set_sensitive(widget, FALSE);
    g_ptr_array_add(view->disabled, g_object_ref(widget));
}

/* All that the dialog holds but the progress, and all buttons but Cancel. */
static void disable_all(struct task_view *view)
{
    GtkWidget *cancel =
        gtk_dialog_get_widget_for_response(GTK_DIALOG(view->dialog), GTK_RESPONSE_CANCEL);
    GtkWidget *content = gtk_dialog_get_content_area(GTK_DIALOG(view->dialog));
    GtkWidget *buttons = gtk_widget_get_parent(cancel);
    GList *parts = gtk_container_get_children(GTK_CONTAINER(content));

    for (GList *at = parts; at != NULL; at = at->next) {
        GtkWidget *part = at->data;

        if (part != view->box && !gtk_widget_is_ancestor(cancel, part) &&
            g_object_get_data(G_OBJECT(part), TASK_VIEW_KEEP) == NULL)
            disable(view, part);
    }
    g_list_free(parts);
    parts = gtk_container_get_children(GTK_CONTAINER(buttons));
    for (GList *at = parts; at != NULL; at = at->next) {
        if (at->data != (gpointer)cancel)
            disable(view, at->data);
    }
    g_list_free(parts);
    /* It closes the dialog at other times: now it ends what runs. */
    g_free(view->close_label);
    view->close_label = g_strdup(gtk_button_get_label(GTK_BUTTON(cancel)));
    gtk_button_set_label(GTK_BUTTON(cancel), _("_Cancel"));
    gtk_widget_grab_focus(cancel);
}

/*
 * While a picture is read from GIMP, events are handled but no loop of the dialog's runs: what is
 * pressed then is kept for task_view_wait.
 */
static void on_response(GtkDialog *dialog, int response, struct task_view *view)
{
    (void)dialog;
    if (response != RESPONSE_JOB_DONE)
        view->cancelled = true;
}

void task_view_begin(struct task_view *view, const char *stage)
{
    task_view_clear(view);
    view->job = NULL;
    view->cancelled = false;
    view->response_id = g_signal_connect(view->dialog, "response", G_CALLBACK(on_response), view);
    g_set_object(&view->focus, gtk_window_get_focus(GTK_WINDOW(view->dialog)));
    disable_all(view);
    gtk_progress_bar_set_fraction(GTK_PROGRESS_BAR(view->bar), 0.0);
    gtk_widget_hide(view->words);
    gtk_widget_show(view->bar);
    gtk_widget_show(view->box);
    task_view_set_stage(view, stage);
}

/* Also draws it: the caller is about to wait for GIMP. */
void task_view_set_stage(struct task_view *view, const char *stage)
{
    gtk_progress_bar_set_text(GTK_PROGRESS_BAR(view->bar), stage);
    for (int i = 0; i < STAGE_EVENTS_MAX && gtk_events_pending(); i++)
        gtk_main_iteration();
}

bool task_view_settle(struct task_view *view)
{
    turn_until_idle(&view->cancelled, TURN_IDLE_MOST_US);
    return view->cancelled;
}

void task_view_done(void *context)
{
    struct task_view *view = context;

    gtk_dialog_response(GTK_DIALOG(view->dialog), RESPONSE_JOB_DONE);
}

static void tell_words(struct task_view *view)
{
    char *words = job_take_words(view->job);

    if (words != NULL && view->on_words != NULL)
        view->on_words(view->words_context, words);
    g_free(words);
}

static gboolean on_pulse(gpointer data)
{
    struct task_view *view = data;
    double fraction = job_fraction(view->job);

    if (fraction < 0.0)
        gtk_progress_bar_pulse(GTK_PROGRESS_BAR(view->bar));
    else
        gtk_progress_bar_set_fraction(GTK_PROGRESS_BAR(view->bar), fraction);
    gtk_progress_bar_set_text(GTK_PROGRESS_BAR(view->bar),
                              view->cancelled ? _("Cancelling…") : job_stage(view->job));
    tell_words(view);
    return G_SOURCE_CONTINUE;
}

bool task_view_wait(struct task_view *view, struct job *job, task_view_words_fn on_words,
                    void *words_context)
{
    guint pulse = g_timeout_add(PULSE_MS, on_pulse, view);

    view->job = job;
    view->on_words = on_words;
    view->words_context = words_context;
    if (view->cancelled)
        job_cancel(job);
    while (job_is_running(job)) {
        if (gimp_dialog_run(view->dialog) != RESPONSE_JOB_DONE)
            job_cancel(job); /* on_response has seen it, too */
    }
    g_source_remove(pulse);
    tell_words(view);
    view->job = NULL;
    return view->cancelled;
}

int task_view_run(struct task_view *view, job_work_fn work, void *work_context,
                  struct ir_error *err)
{
    struct job *job = job_new(work, work_context);
    int rc;

    if (job == NULL)
        return common_fail_nomem(err);
    job_start(job, task_view_done, view);
    task_view_wait(view, job, NULL, NULL);
    rc = job_result(job, err);
    job_free(job);
    return rc;
}

void task_view_end(struct task_view *view)
{
    g_signal_handler_disconnect(view->dialog, view->response_id);
    for (guint i = 0; i < view->disabled->len; i++)
        gtk_widget_set_sensitive(g_ptr_array_index(view->disabled, i), TRUE);
    g_ptr_array_set_size(view->disabled, 0);
    gtk_button_set_label(GTK_BUTTON(gtk_dialog_get_widget_for_response(GTK_DIALOG(view->dialog),
                                                                       GTK_RESPONSE_CANCEL)),
                         view->close_label);
    if (view->focus != NULL)
        gtk_widget_grab_focus(view->focus);
    g_clear_object(&view->focus);
    gtk_widget_hide(view->box);
}
