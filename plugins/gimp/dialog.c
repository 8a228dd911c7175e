/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the frame of the dialogs. Values that mean "as the configuration says" are replaced in the
 * config by the values in force, so that the user sees what will be used.
 *
 * Two sorts of windows: GIMP's own procedure dialog, which can reset, save and load values, and a
 * plain one where that makes no sense. The first ends its loop at every response it does not know;
 * which one that was is heard by a handler of ours.
 */
#include "plugins/gimp/dialog.h"

#include <stdlib.h>

#include "plugins/gimp/failure.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/plugin.h"
#include "plugins/gimp/remember.h"
#include "plugins/gimp/settings_dialog.h"

#define ERROR_LINE_BYTES 1536

#define RESPONSE_USE_LOCAL 1001
#define RESPONSE_SETTINGS 1002
#define RESPONSE_TEST 1003

/* Entries of the combo box; the ids are what ends up in the argument `endpoint`. */
#define CHOICE_AWS "aws"
#define CHOICE_LOCAL "local"
#define CHOICE_ADDRESS "address"

bool dialog_run(struct dialog *dialog)
{
    bool done;

    gimp_ui_init(PLUGIN_BINARY);
    if (ir_settings_new(&dialog->settings, NULL) != 0)
        dialog->settings = NULL; /* dialog_update says what is wrong with them */
    done = dialog->kind->run_dialog(dialog);
    ir_settings_free(dialog->settings);
    return done;
}

/* ---- who is asked ------------------------------------------------------------------------ */

/* Replaces text arguments that are unset by what would be used for them. */
static void fill_unset(struct dialog *d, const char *name, const char *preset)
{
    const char *in_force = d->settings != NULL ? ir_settings_get(d->settings, name) : NULL;
    GParamSpec *spec = g_object_class_find_property(G_OBJECT_GET_CLASS(d->config), name);
    char *value = NULL;

    if (!G_IS_PARAM_SPEC_STRING(spec))
        return;
    g_object_get(d->config, name, &value, NULL);
    if ((value == NULL || *value == '\0') && (in_force != NULL || preset != NULL))
        g_object_set(d->config, name, in_force != NULL ? in_force : preset, NULL);
    g_free(value);
}

static void fill_all_unset(struct dialog *d)
{
    fill_unset(d, ARG_ENDPOINT, CHOICE_AWS);
    for (const char *const *name = d->kind->settings; *name != NULL; name++)
        fill_unset(d, *name, NULL);
}

static const char *choice_of(struct dialog *d)
{
    return gtk_combo_box_get_active_id(GTK_COMBO_BOX(d->where));
}

static void show_address(struct dialog *d)
{
    gboolean is_address = g_strcmp0(choice_of(d), CHOICE_ADDRESS) == 0;

    gtk_widget_set_visible(d->address_label, is_address);
    gtk_widget_set_visible(d->address, is_address);
}

/* Config to combo box and address. */
static void follow_endpoint(struct dialog *d)
{
    char *endpoint = NULL;

    g_object_get(d->config, ARG_ENDPOINT, &endpoint, NULL);
    d->following = true;
    if (g_strcmp0(endpoint, CHOICE_AWS) == 0 || g_strcmp0(endpoint, CHOICE_LOCAL) == 0) {
        gtk_combo_box_set_active_id(GTK_COMBO_BOX(d->where), endpoint);
    } else {
        gtk_combo_box_set_active_id(GTK_COMBO_BOX(d->where), CHOICE_ADDRESS);
        gtk_entry_set_text(GTK_ENTRY(d->address), endpoint != NULL ? endpoint : "");
    }
    d->following = false;
    g_free(endpoint);
    show_address(d);
}

/* Combo box and address to config. */
static void on_where_changed(struct dialog *d)
{
    const char *choice = choice_of(d);

    if (d->following)
        return;
    d->following = true;
    if (g_strcmp0(choice, CHOICE_ADDRESS) == 0)
        choice = gtk_entry_get_text(GTK_ENTRY(d->address));
    g_object_set(d->config, ARG_ENDPOINT, choice, NULL);
    show_address(d);
    dialog_update(d); /* what it sets must not fill in an address that is not entered yet */
    d->following = false;
}

static void on_config_notify(struct dialog *d)
{
    if (d->following)
        return;
    fill_all_unset(d);
    follow_endpoint(d);
    dialog_update(d);
}

static void on_settings_clicked(struct dialog *d)
{
    gtk_dialog_response(GTK_DIALOG(d->window), RESPONSE_SETTINGS);
}

static void add_where(struct dialog *d)
{
    GtkComboBoxText *where = GTK_COMBO_BOX_TEXT(gtk_combo_box_text_new());
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, DIALOG_ROW_SPACE_PX);
    GtkWidget *settings =
        gtk_button_new_from_icon_name(GIMP_ICON_PREFERENCES_SYSTEM, GTK_ICON_SIZE_BUTTON);
    char *aws = g_strdup_printf("%s (AWS)", _(d->kind->service));
    GtkWidget *label;

    gtk_combo_box_text_append(where, CHOICE_AWS, aws);
    gtk_combo_box_text_append(where, CHOICE_LOCAL, _("This computer (offline)"));
    gtk_combo_box_text_append(where, CHOICE_ADDRESS, _("Another address"));
    g_free(aws);
    d->where = GTK_WIDGET(where);
    gtk_box_pack_start(GTK_BOX(box), d->where, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(box), settings, FALSE, FALSE, 0);
    gtk_widget_show_all(box);
    gimp_help_set_help_data(settings, _("Settings: AWS profile and region, address"), NULL);
    atk_object_set_name(gtk_widget_get_accessible(settings), _("Settings"));
    g_signal_connect_swapped(settings, "clicked", G_CALLBACK(on_settings_clicked), d);
    label = dialog_add_row(d, _("Ser_vice:"), box, NULL);
    gtk_label_set_mnemonic_widget(GTK_LABEL(label), d->where);
    gimp_help_set_help_data(
        d->where, _("Who does the work. This computer needs no account and sends nothing."), NULL);
    d->address = gtk_entry_new();
    gtk_entry_set_placeholder_text(GTK_ENTRY(d->address), _("https://… or unix:/…"));
    gtk_entry_set_activates_default(GTK_ENTRY(d->address), TRUE);
    d->address_label = dialog_add_row(d, _("_Address:"), d->address,
                                      _("An endpoint that speaks the protocol of AWS."));
}

/* ---- what would be sent ------------------------------------------------------------------ */

static void set_notice(struct dialog *d, const char *icon, const char *text, bool is_ready)
{
    gtk_image_set_from_icon_name(GTK_IMAGE(d->notice_icon), icon, GTK_ICON_SIZE_BUTTON);
    gtk_label_set_text(GTK_LABEL(d->notice), text);
    d->is_ready = is_ready;
}

static int plan(struct dialog *d, struct task *task, char **out_words, struct ir_error *err)
{
    if (task->where != WHERE_LOCAL)
        return task_plan(task, &d->blank, out_words, err);
    *out_words =
        g_strdup_printf("%s %s", _("Nothing leaves this computer."), _(d->kind->local_words));
    return 0;
}

/* Tries the settings as they stand now; nothing is sent for that. */
static void update_notice(struct dialog *d)
{
    const char *obstacle = d->obstacle != NULL ? d->obstacle(d) : NULL;
    struct task *task = NULL;
    char *words = NULL;
    struct ir_error err;
    char line[ERROR_LINE_BYTES];
    int rc;

    if (g_strcmp0(choice_of(d), CHOICE_ADDRESS) == 0 &&
        *gtk_entry_get_text(GTK_ENTRY(d->address)) == '\0')
        obstacle = _("Enter the address of an AWS-compatible endpoint, such as "
                     "http://127.0.0.1:5000.");
    if (obstacle != NULL) {
        set_notice(d, GIMP_ICON_DIALOG_INFORMATION, obstacle, false);
        return;
    }
    if (d->image != NULL && !gimp_image_is_valid(d->image)) {
        set_notice(d, GIMP_ICON_DIALOG_WARNING, _("The image has been closed."), false);
        return;
    }
    rc = task_new_dry(d->kind, d->config, d->image, &task, &err);
    if (rc == 0)
        rc = plan(d, task, &words, &err);
    if (rc == 0)
        set_notice(d, GIMP_ICON_DIALOG_INFORMATION, words, true);
    else
        set_notice(d, GIMP_ICON_DIALOG_WARNING, ir_error_line(&err, line, sizeof line), false);
    g_free(words);
    task_free(task);
}

void dialog_update(struct dialog *d)
{
    if (d->notice == NULL)
        return; /* not ready yet */
    update_notice(d);
    if (d->update != NULL)
        d->update(d);
    else
        gtk_dialog_set_response_sensitive(GTK_DIALOG(d->window), GTK_RESPONSE_OK, d->is_ready);
}

static void add_notice(struct dialog *d)
{
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, DIALOG_ROW_SPACE_PX);
    GtkWidget *notice = gtk_label_new(NULL);

    d->notice_icon = gtk_image_new();
    gtk_widget_set_valign(d->notice_icon, GTK_ALIGN_START);
    gtk_box_pack_start(GTK_BOX(box), d->notice_icon, FALSE, FALSE, 0);
    gtk_label_set_xalign(GTK_LABEL(notice), 0.0);
    gtk_label_set_yalign(GTK_LABEL(notice), 0.0);
    gtk_label_set_line_wrap(GTK_LABEL(notice), TRUE);
    gtk_label_set_line_wrap_mode(GTK_LABEL(notice), PANGO_WRAP_WORD_CHAR);
    gtk_label_set_width_chars(GTK_LABEL(notice), DIALOG_WIDTH_CHARS);
    gtk_label_set_max_width_chars(GTK_LABEL(notice), DIALOG_WIDTH_CHARS);
    gtk_box_pack_start(GTK_BOX(box), notice, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(d->content), box, FALSE, FALSE, 0);
    gtk_widget_show_all(box);
    d->notice = notice;
}

/* ---- window and fields ------------------------------------------------------------------- */

static void on_response(GtkDialog *window, int response, struct dialog *d)
{
    (void)window;
    d->response = response;
}

/* Cancel in our words, which are in all of our languages, and no Help: GIMP's manual has none. */
static GtkWidget *new_preset_window(struct dialog *d)
{
    GtkWidget *window = gimp_procedure_dialog_new(d->procedure, d->config, _(d->kind->title));
    GtkWidget *cancel = gtk_dialog_get_widget_for_response(GTK_DIALOG(window), GTK_RESPONSE_CANCEL);
    GtkWidget *help = gtk_dialog_get_widget_for_response(GTK_DIALOG(window), GTK_RESPONSE_HELP);

    gimp_procedure_dialog_set_ok_label(GIMP_PROCEDURE_DIALOG(window), _(d->kind->ok_label));
    gtk_button_set_label(GTK_BUTTON(cancel), _("_Cancel"));
    if (help != NULL)
        gtk_widget_hide(help);
    return window;
}

static GtkWidget *new_window(struct dialog *d)
{
    GtkWidget *window;

    if (d->kind->has_presets)
        return new_preset_window(d);
    window = gimp_dialog_new(_(d->kind->title), d->kind->procedure, NULL, 0, NULL, NULL,
                             d->kind->closes ? _("_Close") : _("_Cancel"), GTK_RESPONSE_CANCEL,
                             _(d->kind->ok_label), GTK_RESPONSE_OK, NULL);
    gimp_dialog_set_alternative_button_order(GTK_DIALOG(window), GTK_RESPONSE_OK,
                                             GTK_RESPONSE_CANCEL, -1);
    gtk_dialog_set_default_response(GTK_DIALOG(window), GTK_RESPONSE_OK);
    gimp_window_set_transient(GTK_WINDOW(window));
    return window;
}

/* The handlers come before the widgets', so that these never see an unset value. */
void dialog_open(struct dialog *d)
{
    GtkWidget *area;

    fill_all_unset(d);
    d->labels = gtk_size_group_new(GTK_SIZE_GROUP_HORIZONTAL);
    d->window = new_window(d);
    area = gtk_dialog_get_content_area(GTK_DIALOG(d->window));
    d->content = area;
    gtk_box_set_spacing(GTK_BOX(area), DIALOG_SPACE_PX);
    if (!d->kind->has_presets)
        gtk_container_set_border_width(GTK_CONTAINER(area), DIALOG_SPACE_PX);
    d->fields = gtk_grid_new();
    gtk_grid_set_row_spacing(GTK_GRID(d->fields), DIALOG_ROW_SPACE_PX);
    gtk_grid_set_column_spacing(GTK_GRID(d->fields), DIALOG_SPACE_PX);
    gtk_box_pack_start(GTK_BOX(area), d->fields, FALSE, FALSE, 0);
    gtk_widget_show(d->fields);
    add_where(d);
    g_signal_connect_swapped(d->config, "notify", G_CALLBACK(on_config_notify), d);
    g_signal_connect(d->window, "response", G_CALLBACK(on_response), d);
}

GtkWidget *dialog_add_row(struct dialog *d, const char *label_text, GtkWidget *widget,
                          const char *tooltip)
{
    GtkWidget *label = gtk_label_new_with_mnemonic(label_text);

    gtk_label_set_xalign(GTK_LABEL(label), 0.0);
    gtk_label_set_mnemonic_widget(GTK_LABEL(label), widget);
    gtk_widget_set_hexpand(widget, TRUE);
    if (tooltip != NULL)
        gimp_help_set_help_data(widget, tooltip, NULL);
    gtk_size_group_add_widget(d->labels, label);
    gtk_grid_attach(GTK_GRID(d->fields), label, 0, d->row_count, 1, 1);
    gtk_grid_attach(GTK_GRID(d->fields), widget, 1, d->row_count, 1, 1);
    gtk_widget_show(label);
    gtk_widget_show(widget);
    d->row_count++;
    return label;
}

void dialog_add_wide(struct dialog *d, GtkWidget *widget, const char *tooltip)
{
    if (tooltip != NULL)
        gimp_help_set_help_data(widget, tooltip, NULL);
    gtk_grid_attach(GTK_GRID(d->fields), widget, 0, d->row_count, 2, 1);
    gtk_widget_show(widget);
    d->row_count++;
}

GtkWidget *dialog_add_entry(struct dialog *d, const char *argument, const char *label,
                            const char *placeholder, const char *tooltip)
{
    GtkWidget *entry = gimp_prop_entry_new(G_OBJECT(d->config), argument, -1);

    gtk_entry_set_placeholder_text(GTK_ENTRY(entry), placeholder);
    gtk_entry_set_activates_default(GTK_ENTRY(entry), TRUE);
    dialog_add_row(d, label, entry, tooltip);
    return entry;
}

void dialog_add_scale(struct dialog *d, const char *argument, double minimum, const char *tooltip)
{
    GtkWidget *scale = gimp_prop_spin_scale_new(G_OBJECT(d->config), argument, 1.0, 10.0, 0);
    char *name = gimp_strip_uline(gimp_spin_scale_get_label(GIMP_SPIN_SCALE(scale)));
    double maximum;

    atk_object_set_name(gtk_widget_get_accessible(scale), name); /* it stands inside of it */
    g_free(name);

    gtk_spin_button_get_range(GTK_SPIN_BUTTON(scale), NULL, &maximum);
    gtk_spin_button_set_range(GTK_SPIN_BUTTON(scale), minimum, maximum); /* not the "unset" value */
    dialog_add_wide(d, scale, tooltip);
}

void dialog_add_check(struct dialog *d, const char *argument, const char *label,
                      const char *tooltip)
{
    dialog_add_wide(d, gimp_prop_check_button_new(G_OBJECT(d->config), argument, label), tooltip);
}

GtkWidget *dialog_new_text(int height_px, bool is_editable, GtkWidget **out_scrolled)
{
    GtkWidget *scrolled = gtk_scrolled_window_new(NULL, NULL);
    GtkWidget *text = gtk_text_view_new();

    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_AUTOMATIC,
                                   GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_shadow_type(GTK_SCROLLED_WINDOW(scrolled), GTK_SHADOW_IN);
    gtk_scrolled_window_set_min_content_height(GTK_SCROLLED_WINDOW(scrolled), height_px);
    gtk_text_view_set_wrap_mode(GTK_TEXT_VIEW(text), GTK_WRAP_WORD_CHAR);
    gtk_text_view_set_accepts_tab(GTK_TEXT_VIEW(text), FALSE); /* Tab goes on, as everywhere */
    gtk_text_view_set_editable(GTK_TEXT_VIEW(text), is_editable);
    gtk_text_view_set_left_margin(GTK_TEXT_VIEW(text), DIALOG_ROW_SPACE_PX);
    gtk_text_view_set_right_margin(GTK_TEXT_VIEW(text), DIALOG_ROW_SPACE_PX);
    gtk_text_view_set_top_margin(GTK_TEXT_VIEW(text), DIALOG_ROW_SPACE_PX / 2);
    gtk_text_view_set_bottom_margin(GTK_TEXT_VIEW(text), DIALOG_ROW_SPACE_PX / 2);
    gtk_container_add(GTK_CONTAINER(scrolled), text);
    gtk_widget_show(text);
    gtk_widget_show(scrolled);
    *out_scrolled = scrolled;
    return text;
}

char *dialog_text_of(GtkWidget *text_view)
{
    GtkTextBuffer *buffer = gtk_text_view_get_buffer(GTK_TEXT_VIEW(text_view));
    GtkTextIter start, end;

    gtk_text_buffer_get_bounds(buffer, &start, &end);
    return gtk_text_buffer_get_text(buffer, &start, &end, FALSE);
}

void dialog_set_text(GtkWidget *text_view, const char *text)
{
    gtk_text_buffer_set_text(gtk_text_view_get_buffer(GTK_TEXT_VIEW(text_view)),
                             text != NULL ? text : "", -1);
}

/* The image can be changed meanwhile: a selection there is another request here. */
static gboolean on_focus(struct dialog *d)
{
    if (!d->is_working)
        dialog_update(d);
    return FALSE;
}

void dialog_ready(struct dialog *d, GtkWidget *rest)
{
    add_notice(d);
    d->is_rigid = rest == NULL || gtk_widget_get_valign(rest) != GTK_ALIGN_FILL;
    if (rest != NULL)
        gtk_box_pack_start(GTK_BOX(d->content), rest, !d->is_rigid, TRUE, 0);
    d->view = task_view_new(GIMP_DIALOG(d->window));
    g_signal_connect_swapped(d->where, "changed", G_CALLBACK(on_where_changed), d);
    g_signal_connect_swapped(d->address, "changed", G_CALLBACK(on_where_changed), d);
    g_signal_connect_swapped(d->window, "focus-in-event", G_CALLBACK(on_focus), d);
    on_config_notify(d);
    gtk_widget_show(d->window);
}

void dialog_close(struct dialog *d)
{
    g_signal_handlers_disconnect_by_data(d->config, d);
    task_view_free(d->view);
    gtk_widget_destroy(d->window);
    g_object_unref(d->labels);
    free(d->blank.jpeg);
}

/* ---- running ----------------------------------------------------------------------------- */

static void use_local(struct dialog *d)
{
    task_view_clear(d->view);
    g_object_set(d->config, ARG_ENDPOINT, CHOICE_LOCAL, NULL);
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
        if (d->response == RESPONSE_USE_LOCAL)
            use_local(d);
        else if (d->response == RESPONSE_SETTINGS || d->response == RESPONSE_TEST)
            change_settings(d, d->response == RESPONSE_TEST);
        else
            return d->response;
    }
}

void dialog_say(struct dialog *d, enum task_tone tone, const char *text)
{
    task_view_say(d->view, tone, text);
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
    char line[ERROR_LINE_BYTES];
    char *reason = failure_words(err);
    char *cost =
        task != NULL && ir_client_spent_usd(task->client) > 0.0 ? task_cost_words(task) : NULL;
    char *words = g_strdup_printf("%s%s%s%s%s", done != NULL ? done : "", done != NULL ? " " : "",
                                  reason, cost != NULL ? " " : "", cost != NULL ? cost : "");

    g_free(reason);
    g_free(cost);

    task_view_fail(d->view, failure.heading, words,
                   failure.heading != NULL ? ir_error_line(err, line, sizeof line) : NULL);
    g_free(words);
    g_free(failure.heading);
    if (failure.offers_local && g_strcmp0(choice_of(d), CHOICE_LOCAL) != 0)
        task_view_offer(d->view, _("Use This Computer"), RESPONSE_USE_LOCAL);
    if (failure.offers_test)
        task_view_offer(d->view, _("Test Connection"), RESPONSE_TEST);
    if (failure.offers_settings)
        task_view_offer(d->view, _("Settings…"), RESPONSE_SETTINGS);
}

static char *cancelled_words(const struct task *task, const struct ir_error *err)
{
    double spent_usd = ir_client_spent_usd(task->client);
    char *money, *words;

    if (task->where == WHERE_LOCAL)
        return g_strdup(_("Cancelled. Nothing has left this computer."));
    if (spent_usd > 0.0) {
        money = task_money_words(spent_usd);
        words = g_strdup_printf(_("Cancelled. What had been sent already may be charged: at most "
                                  "%s."),
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

/* The words of the last run made it higher. */
static void make_small(struct dialog *d)
{
    int words_px = task_view_height_px(d->view);
    int width_px = 0, height_px = 0;

    task_view_clear(d->view);
    gtk_window_get_size(GTK_WINDOW(d->window), &width_px, &height_px);
    if (words_px > 0)
        gtk_window_resize(GTK_WINDOW(d->window), width_px,
                          d->is_rigid ? 1 : MAX(1, height_px - words_px - DIALOG_SPACE_PX));
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
    task_view_begin(d->view, d->image != NULL ? _("Reading the visible picture…") : "");
    d->is_working = true;
    if (rc == 0)
        rc = task_start(task, task_view_done, d->view, &err);
    if (rc == 0) {
        cancelled = task_view_wait(d->view, task->job, on_words, d);
        rc = task_result(task, &err);
    }
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

int dialog_place(struct dialog *d, struct task *task)
{
    struct ir_error err;
    int rc;

    ir_error_clear(&err);
    task_view_begin(d->view, _("Changing the image…"));
    rc = task_place(task, &err);
    task_view_end(d->view);
    if (rc != 0) {
        dialog_fail(d, &err);
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
