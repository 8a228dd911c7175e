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

#include "plugins/gimp/config.h"
#include "plugins/gimp/failure.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/model_fit.h"
#include "plugins/gimp/plugin.h"

#define LOW_SCREEN_PX 860   /* all dialogs, with a failure's words, fit into more */
#define FIELDS_LEAST_PX 160 /* of a low screen's height, for the fields */
#define FRAME_PX 130        /* title, buttons and spaces */
#define TITLE_PX 40
#define NO_BREAK "\u00a0" /* a space */

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

static enum where where_now(const struct dialog *d)
{
    char *endpoint = config_text(d->config, ARG_ENDPOINT);
    enum where where = where_of(endpoint);

    g_free(endpoint);
    return where;
}

/* Once the endpoint is set: models that it has, and where it is another than before, those that
 * were set for good. */
static void fit_models(struct dialog *d)
{
    enum where where = where_now(d);

    if (d->has_models_of && where == d->models_of)
        return; /* one that is entered now is refused in words, and stays to be seen */
    model_fit_config(d->config, d->settings, where, d->has_models_of);
    d->has_models_of = true;
    d->models_of = where;
}

/* A model of another service that was set elsewhere is not even shown. */
static const char *fitting(const struct dialog *d, const char *name)
{
    const char *value = ir_settings_get(d->settings, name);

    return model_fit_is_model(name) && !model_fits(value, where_now(d)) ? NULL : value;
}

/* Text arguments that are unset become what would be used for them. */
static void fill_all_unset(struct dialog *d)
{
    const struct ir_settings *in_force = d->settings;

    config_fill(d->config, ARG_ENDPOINT,
                in_force != NULL ? ir_settings_get(in_force, ARG_ENDPOINT) : NULL);
    config_fill(d->config, ARG_ENDPOINT, ENDPOINT_AWS);
    for (const char *const *name = d->kind->settings; in_force != NULL && *name != NULL; name++)
        config_fill(d->config, *name, fitting(d, *name));
    fit_models(d);
}

/* Config to widgets. */
static void follow_endpoint(struct dialog *d)
{
    char *endpoint = config_text(d->config, ARG_ENDPOINT);

    d->following = true;
    endpoint_row_set(&d->endpoint, endpoint);
    d->following = false;
    g_free(endpoint);
}

/* Widgets to config. */
static void on_where_changed(void *context)
{
    struct dialog *d = context;

    if (d->following)
        return;
    d->following = true;
    g_object_set(d->config, ARG_ENDPOINT, endpoint_row_get(&d->endpoint), NULL);
    fit_models(d);
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
    gtk_dialog_response(GTK_DIALOG(d->window), DIALOG_RESPONSE_SETTINGS);
}

static void add_where(struct dialog *d)
{
    GtkWidget *settings =
        gtk_button_new_from_icon_name(GIMP_ICON_PREFERENCES_SYSTEM, GTK_ICON_SIZE_BUTTON);
    char *aws = g_strdup_printf("%s (AWS)", _(d->kind->service));

    gimp_help_set_help_data(settings, _("Settings: AWS profile and region, address"), NULL);
    atk_object_set_name(gtk_widget_get_accessible(settings), _("Settings"));
    g_signal_connect_swapped(settings, "clicked", G_CALLBACK(on_settings_clicked), d);
    endpoint_row_init(&d->endpoint, &d->fields, aws, settings);
    g_free(aws);
}

/* ---- what would be sent ------------------------------------------------------------------ */

/* A size stays in one line. */
static void set_notice(struct dialog *d, const char *icon, const char *text, bool is_ready)
{
    GString *words = g_string_new(text);

    g_string_replace(words, " × ", NO_BREAK "×" NO_BREAK, 0);
    gtk_image_set_from_icon_name(GTK_IMAGE(d->notice_icon), icon, GTK_ICON_SIZE_BUTTON);
    gtk_label_set_text(GTK_LABEL(d->notice), words->str);
    d->is_ready = is_ready;
    g_string_free(words, TRUE);
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
    bool is_closed = d->image != NULL && !gimp_image_is_valid(d->image);
    struct task *task = NULL;
    char *words = NULL;
    struct ir_error err;
    int rc;

    /* That the image was closed is said by what failed for it. */
    gtk_widget_set_visible(gtk_widget_get_parent(d->notice),
                           !is_closed || !task_view_has_words(d->view));
    if (*endpoint_row_get(&d->endpoint) == '\0')
        obstacle = _("Enter the address of an AWS-compatible endpoint, such as "
                     "http://127.0.0.1:5000.");
    if (obstacle != NULL) {
        set_notice(d, GIMP_ICON_DIALOG_INFORMATION, obstacle, false);
        return;
    }
    if (is_closed) {
        set_notice(d, GIMP_ICON_DIALOG_WARNING, _("The image has been closed."), false);
        return;
    }
    rc = task_new_dry(d->kind, d->config, d->image, &task, &err);
    if (rc == 0)
        rc = plan(d, task, &words, &err);
    if (rc != 0)
        words = failure_notice(&err);
    set_notice(d, rc == 0 ? GIMP_ICON_DIALOG_INFORMATION : GIMP_ICON_DIALOG_WARNING, words,
               rc == 0);
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
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, LAYOUT_ROW_SPACE_PX);

    d->notice_icon = gtk_image_new();
    gtk_widget_set_valign(d->notice_icon, GTK_ALIGN_START);
    gtk_box_pack_start(GTK_BOX(box), d->notice_icon, FALSE, FALSE, 0);
    d->notice = layout_new_words(NULL);
    gtk_box_pack_start(GTK_BOX(box), d->notice, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(d->content), box, FALSE, FALSE, 0);
    gtk_widget_show_all(box);
}

/* ---- window and fields ------------------------------------------------------------------- */

static void on_response(GtkDialog *window, int response, struct dialog *d)
{
    (void)window;
    d->response = response;
}

/* GIMP's own buttons in our words, which are in all of our languages. */
static void translate_button(GtkWidget *widget, gpointer unused)
{
    static const char *const labels[] = {N_("_Load Saved Settings"), N_("_Save Settings")};

    (void)unused;
    for (size_t i = 0; GTK_IS_BUTTON(widget) && i < G_N_ELEMENTS(labels); i++) {
        if (g_strcmp0(gtk_button_get_label(GTK_BUTTON(widget)), labels[i]) == 0) {
            gtk_button_set_label(GTK_BUTTON(widget), _(labels[i]));
            return;
        }
    }
    if (GTK_IS_CONTAINER(widget) && !GTK_IS_BUTTON(widget))
        gtk_container_foreach(GTK_CONTAINER(widget), translate_button, NULL);
}

/* No Help: GIMP's manual has none. */
static GtkWidget *new_preset_window(struct dialog *d)
{
    GtkWidget *window = gimp_procedure_dialog_new(d->procedure, d->config, _(d->kind->title));
    GtkWidget *cancel = gtk_dialog_get_widget_for_response(GTK_DIALOG(window), GTK_RESPONSE_CANCEL);
    GtkWidget *help = gtk_dialog_get_widget_for_response(GTK_DIALOG(window), GTK_RESPONSE_HELP);

    gimp_procedure_dialog_set_ok_label(GIMP_PROCEDURE_DIALOG(window), _(d->kind->ok_label));
    gtk_button_set_label(GTK_BUTTON(cancel), _("_Cancel"));
    if (help != NULL)
        gtk_widget_hide(help);
    translate_button(gtk_dialog_get_content_area(GTK_DIALOG(window)), NULL);
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

/*
 * Where the fields go: the dialog's own area, and where the screen is too low for fields, words of
 * a failure and buttons at once, a part of it that scrolls, so that the buttons are always there.
 */
static GtkWidget *new_content(struct dialog *d, GtkWidget *area)
{
    GdkDisplay *display = gdk_display_get_default();
    GdkMonitor *monitor = gdk_display_get_primary_monitor(display);
    GtkWidget *scrolled, *content;
    GdkRectangle work;

    if (monitor == NULL)
        monitor = gdk_display_get_monitor(display, 0);
    if (monitor == NULL)
        return area;
    gdk_monitor_get_workarea(monitor, &work);
    if (work.height >= LOW_SCREEN_PX)
        return area;
    d->most_px = work.height - TITLE_PX;
    scrolled = gtk_scrolled_window_new(NULL, NULL);
    content = gtk_box_new(GTK_ORIENTATION_VERTICAL, LAYOUT_SPACE_PX);
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_NEVER,
                                   GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_propagate_natural_height(GTK_SCROLLED_WINDOW(scrolled), TRUE);
    gtk_scrolled_window_set_min_content_height(GTK_SCROLLED_WINDOW(scrolled), FIELDS_LEAST_PX);
    gtk_scrolled_window_set_max_content_height(GTK_SCROLLED_WINDOW(scrolled),
                                               MAX(FIELDS_LEAST_PX, work.height - FRAME_PX));
    gtk_container_add(GTK_CONTAINER(scrolled), content);
    gtk_box_pack_start(GTK_BOX(area), scrolled, TRUE, TRUE, 0);
    gtk_widget_show_all(scrolled);
    return content;
}

/* The handlers come before the widgets', so that these never see an unset value. */
void dialog_open(struct dialog *d)
{
    GtkWidget *area;

    fill_all_unset(d);
    d->labels = gtk_size_group_new(GTK_SIZE_GROUP_HORIZONTAL);
    d->window = new_window(d);
    area = gtk_dialog_get_content_area(GTK_DIALOG(d->window));
    d->content = new_content(d, area);
    gtk_box_set_spacing(GTK_BOX(area), LAYOUT_SPACE_PX);
    if (!d->kind->has_presets)
        gtk_container_set_border_width(GTK_CONTAINER(area), LAYOUT_SPACE_PX);
    layout_rows_init(&d->fields, d->labels);
    gtk_box_pack_start(GTK_BOX(d->content), d->fields.grid, FALSE, FALSE, 0);
    add_where(d);
    g_signal_connect_swapped(d->config, "notify", G_CALLBACK(on_config_notify), d);
    g_signal_connect(d->window, "response", G_CALLBACK(on_response), d);
}

GtkWidget *dialog_add_entry(struct dialog *d, const char *argument, const char *label,
                            const char *placeholder, const char *tooltip)
{
    GtkWidget *entry = gimp_prop_entry_new(G_OBJECT(d->config), argument, -1);

    gtk_entry_set_placeholder_text(GTK_ENTRY(entry), placeholder);
    gtk_entry_set_activates_default(GTK_ENTRY(entry), TRUE);
    layout_add_row(&d->fields, label, entry, NULL, tooltip);
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
    layout_add_wide(&d->fields, scale, tooltip);
}

void dialog_add_check(struct dialog *d, const char *argument, const char *label,
                      const char *tooltip)
{
    layout_add_wide(&d->fields, gimp_prop_check_button_new(G_OBJECT(d->config), argument, label),
                    tooltip);
}

/* The image can be changed meanwhile: a selection there is another request here. */
static gboolean on_focus(struct dialog *d)
{
    if (!d->is_working)
        dialog_update(d);
    return FALSE;
}

/* A window does not grow by itself for what can scroll. */
void dialog_fit(struct dialog *d)
{
    int width_px = 0;
    GtkRequisition natural;

    if (d->most_px == 0)
        return;
    gtk_window_get_size(GTK_WINDOW(d->window), &width_px, NULL);
    gtk_widget_get_preferred_size(d->window, NULL, &natural);
    gtk_window_resize(GTK_WINDOW(d->window), width_px, MIN(natural.height, d->most_px));
}

void dialog_ready(struct dialog *d, GtkWidget *rest)
{
    add_notice(d);
    d->is_rigid = rest == NULL || gtk_widget_get_valign(rest) != GTK_ALIGN_FILL;
    if (rest != NULL)
        gtk_box_pack_start(GTK_BOX(d->content), rest, !d->is_rigid, TRUE, 0);
    d->view = task_view_new(GIMP_DIALOG(d->window));
    endpoint_row_connect(&d->endpoint, on_where_changed, d);
    g_signal_connect_swapped(d->window, "focus-in-event", G_CALLBACK(on_focus), d);
    on_config_notify(d);
    dialog_fit(d);
    if (d->image != NULL)
        layout_place_at_edge(GTK_WINDOW(d->window));
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
