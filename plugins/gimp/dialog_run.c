/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns a dialog's loop: its buttons, a run of the task with Cancel, and what is said of its end and
 * its cost.
 */
#include "plugins/gimp/dialog.h"

#include "plugins/common/fail.h"
#include "plugins/gimp/failure.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/remember.h"
#include "plugins/gimp/settings_dialog.h"
#include "plugins/gimp/turn.h"

/* ---- running ----------------------------------------------------------------------------- */

static void use_local(struct dialog *d)
{
    task_view_clear(d->view);
    g_object_set(d->config, ARG_ENDPOINT, ENDPOINT_LOCAL, NULL);
}

static void change_settings(struct dialog *d, bool tests)
{
    if (settings_dialog_run(GTK_WINDOW(d->window), d->config, tests))
        task_view_clear(d->view);
    dialog_update(d);
}

int dialog_wait(struct dialog *d)
{
    for (;;) {
        d->response = GTK_RESPONSE_NONE;
        if (d->kind->has_presets)
            gimp_procedure_dialog_run(GIMP_PROCEDURE_DIALOG(d->window));
        else
            gimp_dialog_run(GIMP_DIALOG(d->window));
        if (d->response == DIALOG_RESPONSE_LOCAL)
            use_local(d);
        else if (d->response == DIALOG_RESPONSE_SETTINGS || d->response == DIALOG_RESPONSE_TEST)
            change_settings(d, d->response == DIALOG_RESPONSE_TEST);
        else
            return d->response;
    }
}

/* The words of the last run made it higher. */
static void make_small(struct dialog *d)
{
    int words_px = task_view_height_px(d->view);
    int width_px = 0, height_px = 0;

    task_view_clear(d->view);
    gtk_window_get_size(GTK_WINDOW(d->window), &width_px, &height_px);
    if (words_px > 0)
        gtk_window_resize(GTK_WINDOW(d->window), width_px,
                          d->is_rigid ? 1 : MAX(1, height_px - words_px - LAYOUT_SPACE_PX));
    dialog_fit(d);
}

void dialog_say(struct dialog *d, enum task_tone tone, const char *text)
{
    task_view_say(d->view, tone, text);
    dialog_fit(d);
}

void dialog_say_done(struct dialog *d, const struct task *task, const char *text)
{
    char *cost = task_cost_words(task);
    char *found = task_precheck_words(task);
    GString *words = g_string_new(text);

    if (found != NULL)
        g_string_append_printf(words, "%s%s", words->len > 0 ? " " : "", found);
    if (cost != NULL)
        g_string_append_printf(words, "%s%s", words->len > 0 ? " " : "", cost);
    dialog_say(d, TASK_DONE, words->str);
    g_string_free(words, TRUE);
    g_free(found);
    g_free(cost);
}

void dialog_fail(struct dialog *d, const struct ir_error *err)
{
    dialog_fail_after(d, NULL, NULL, err);
}

void dialog_fail_after(struct dialog *d, const struct task *task, const char *done,
                       const struct ir_error *err)
{
    struct failure failure = failure_of(err);
    char *cost = task != NULL && task_has_cost(task) ? task_cost_words(task) : NULL;
    char *words = g_strdup_printf("%s%s%s%s%s", done != NULL ? done : "", done != NULL ? " " : "",
                                  failure.words, cost != NULL ? " " : "", cost != NULL ? cost : "");

    task_view_fail(d->view, failure.heading, words, failure.details);
    g_free(words);
    g_free(cost);
    if (failure.offers_local && !endpoint_row_is_local(&d->endpoint))
        task_view_offer(d->view, _("Use This Computer"), DIALOG_RESPONSE_LOCAL);
    if (failure.offers_test)
        task_view_offer(d->view, _("Test Connection"), DIALOG_RESPONSE_TEST);
    if (failure.offers_settings)
        task_view_offer(d->view, _("Settings…"), DIALOG_RESPONSE_SETTINGS);
    failure_release(&failure);
    dialog_update(d);
    dialog_fit(d);
}

static char *cancelled_words(const struct task *task, const struct ir_error *err)
{
    double spent_usd = ir_client_spent_usd(task->client);
    char *money, *words;

    if (task->where == WHERE_LOCAL)
        return g_strdup(_("Cancelled. Nothing has left this computer."));
    if (spent_usd > 0.0) {
        money = task_money_words(spent_usd);
        words = g_strdup_printf(task->where == WHERE_ADDRESS
                                    ? _("Cancelled. What had been sent already may be charged: if "
                                        "as AWS does, at most %s.")
                                    : _("Cancelled. What had been sent already may be charged: at "
                                        "most %s."),
                                money);
        g_free(money);
        return words;
    }
    return g_strdup(err->code == 0 || err->maybe_served
                        ? _("Cancelled. The request had been sent already, so it may be charged.")
                        : _("Cancelled before anything was sent. Nothing is charged."));
}

static void say_cancelled(struct dialog *d, const struct task *task, const struct ir_error *err)
{
    char *words = cancelled_words(task, err);

    dialog_say(d, TASK_NOTICE, words);
    g_free(words);
}

static void say_cost(struct dialog *d, const struct task *task)
{
    char *cost = task_cost_words(task);
    char *found = task_precheck_words(task);

    if (cost != NULL || found != NULL)
        dialog_say_done(d, task, "");
    g_free(found);
    g_free(cost);
}

/* Where the user wants to be asked each time. True: go on. */
static bool may_send(struct dialog *d, const struct task *task)
{
    GtkWidget *question;
    int response;

    if (task->where == WHERE_LOCAL || !remember_is_true(REMEMBER_ASK_FIRST))
        return true;
    question = gtk_message_dialog_new(GTK_WINDOW(d->window), GTK_DIALOG_MODAL, GTK_MESSAGE_QUESTION,
                                      GTK_BUTTONS_NONE, "%s", _("Send this now?"));
    gtk_message_dialog_format_secondary_text(GTK_MESSAGE_DIALOG(question), "%s",
                                             gtk_label_get_text(GTK_LABEL(d->notice)));
    gtk_dialog_add_buttons(GTK_DIALOG(question), _("_Cancel"), GTK_RESPONSE_CANCEL, _("_Send"),
                           GTK_RESPONSE_OK, NULL);
    gtk_window_set_title(GTK_WINDOW(question), _(d->kind->title));
    gtk_dialog_set_default_response(GTK_DIALOG(question), GTK_RESPONSE_OK);
    response = gtk_dialog_run(GTK_DIALOG(question));
    gtk_widget_destroy(question);
    return response == GTK_RESPONSE_OK;
}

/* Whether the dialog says what would be sent now, after whatever was done to the image. */
static bool is_told(struct dialog *d)
{
    char *told = g_strdup(gtk_label_get_text(GTK_LABEL(d->notice)));
    bool is_same;

    dialog_update(d);
    is_same = d->is_ready && g_str_equal(told, gtk_label_get_text(GTK_LABEL(d->notice)));
    g_free(told);
    if (!is_same)
        dialog_say(d, TASK_NOTICE,
                   _("The image has changed: look again at what is sent, and where."));
    return is_same;
}

/* Until the answer is there; `*out_cancelled` when the user gave up. */
static int run_task(struct dialog *d, task_view_words_fn on_words, struct task *task,
                    bool *out_cancelled, struct ir_error *err)
{
    int rc;

    *out_cancelled = task_view_settle(d->view);
    if (*out_cancelled)
        return common_fail(err, IR_ERR_CANCELLED, "", "%s", _("Nothing was sent."));
    rc = task_start(task, task_view_done, d->view, err);
    if (rc != 0)
        return rc;
    *out_cancelled = task_view_wait(d->view, task->job, on_words, d);
    return task_result(task, err);
}

int dialog_perform(struct dialog *d, task_view_words_fn on_words, struct task **out)
{
    struct task *task = NULL;
    struct ir_error err;
    bool cancelled = false;
    int rc;

    ir_error_clear(&err);
    make_small(d);
    if (!is_told(d))
        return IR_ERR_CANCELLED;
    rc = task_new(d->kind, d->config, d->image, &task, &err);
    if (rc == 0 && !may_send(d, task)) {
        task_free(task);
        dialog_say(d, TASK_NOTICE, _("Nothing was sent."));
        return IR_ERR_CANCELLED;
    }
    if (rc == 0 && !is_told(d)) { /* changed while the question was open */
        task_free(task);
        return IR_ERR_CANCELLED;
    }
    task_view_begin(d->view, d->image != NULL ? _("Reading the visible picture…") : "");
    d->is_working = true;
    if (rc == 0)
        rc = run_task(d, on_words, task, &cancelled, &err);
    d->is_working = false;
    task_view_end(d->view);
    if (cancelled) {
        say_cancelled(d, task, &err);
        rc = IR_ERR_CANCELLED;
    } else if (rc != 0) {
        dialog_fail_after(d, task, NULL, &err);
    }
    dialog_update(d);
    if (rc != 0) {
        task_free(task);
        return rc;
    }
    say_cost(d, task);
    *out = task;
    return 0;
}

/* What is taken back by one Undo has no Cancel. */
void dialog_begin_change(struct dialog *d)
{
    task_begin_change();
    task_view_begin(d->view, _("Changing the image…"));
    gtk_dialog_set_response_sensitive(GTK_DIALOG(d->window), GTK_RESPONSE_CANCEL, FALSE);
    d->is_working = true;
    turn_until_idle(NULL, TURN_IDLE_MOST_US);
}

void dialog_end_change(struct dialog *d)
{
    task_end_change();
    d->is_working = false;
    gtk_dialog_set_response_sensitive(GTK_DIALOG(d->window), GTK_RESPONSE_CANCEL, TRUE);
    task_view_end(d->view);
    dialog_update(d);
}

int dialog_place(struct dialog *d, struct task *task)
{
    struct ir_error err;
    int rc;

    ir_error_clear(&err);
    dialog_begin_change(d);
    rc = task_place(task, &err);
    dialog_end_change(d);
    if (rc != 0) {
        dialog_fail_after(d, task, NULL, &err); /* what it cost was wiped when the change began */
        return rc;
    }
    g_free(d->json);
    d->json = g_strdup(task->document);
    d->made = task->made;
    return 0;
}

/* What was done stays done: the button takes nothing back any more. */
static void make_closing(struct dialog *d)
{
    GtkWidget *cancel =
        gtk_dialog_get_widget_for_response(GTK_DIALOG(d->window), GTK_RESPONSE_CANCEL);

    gtk_button_set_label(GTK_BUTTON(cancel), _("_Close"));
}

bool dialog_run_and_say(struct dialog *d,
                        bool (*say)(struct dialog *dialog, const struct task *task))
{
    bool done = false;

    while (dialog_wait(d) == GTK_RESPONSE_OK) {
        struct task *task = NULL;

        if (dialog_perform(d, NULL, &task) != 0)
            continue;
        if (dialog_place(d, task) == 0 && say(d, task)) {
            done = true;
            make_closing(d);
        }
        task_free(task);
    }
    dialog_close(d);
    return done;
}
