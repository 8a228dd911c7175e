/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the fields of the dialog. The procedure's config is the model: widgets write to it and
 * follow it, so Reset and saved settings work by themselves. Values that mean "as the configuration
 * says" are replaced in the config by the values in force, so that the user sees what will be used.
 *
 * Mnemonics must differ from those of GIMP's own buttons: C, D (Detect), H, L, R, S.
 */
#include "plugins/gimp/labels_dialog.h"

#include <imgrecog/settings.h>

#include "plugins/common/encode.h"
#include "plugins/gimp/labels_call.h"
#include "plugins/gimp/plugin.h"
#include "plugins/gimp/task_view.h"

#define SPACE_PX 12
#define ROW_SPACE_PX 6
#define NOTICE_WIDTH_CHARS 44
#define ERROR_LINE_BYTES 1536

/* Entries of the combo box; the ids are what ends up in the argument `endpoint`. */
#define CHOICE_AWS "aws"
#define CHOICE_LOCAL "local"
#define CHOICE_ADDRESS "address"

struct labels_dialog {
    GimpProcedureConfig *config;
    GimpImage *image;
    GtkWidget *window;
    GtkWidget *fields; /* a grid */
    int row_count;
    GtkWidget *where;
    GtkWidget *address_label;
    GtkWidget *address;
    GtkWidget *account[4]; /* labels and entries that are of no use without AWS */
    GtkWidget *notice_icon;
    GtkWidget *notice;
    bool following; /* widgets are being set from the config: their signals are echoes */
    struct ir_settings *settings; /* environment and files only; NULL when they are wrong */
};

/* A value in force from environment or file, or the default. Borrowed, static when unset. */
static const char *setting_in_force(struct labels_dialog *d, const char *key)
{
    const char *value = d->settings != NULL ? ir_settings_get(d->settings, key) : NULL;

    return value != NULL ? value : "";
}

/* Replaces arguments that are unset by what would be used for them. */
static void fill_unset(struct labels_dialog *d)
{
    char *endpoint = NULL;
    double min_confidence_pct;
    int max_labels;
    struct ir_labels_options options = IR_LABELS_OPTIONS_INIT;

    if (d->settings != NULL)
        options = ir_settings_labels_options(d->settings);
    g_object_get(d->config, LABELS_ARG_ENDPOINT, &endpoint, LABELS_ARG_MIN_CONFIDENCE,
                 &min_confidence_pct, LABELS_ARG_MAX_LABELS, &max_labels, NULL);
    if (endpoint == NULL || *endpoint == '\0') {
        const char *in_force = setting_in_force(d, LABELS_ARG_ENDPOINT);

        g_object_set(d->config, LABELS_ARG_ENDPOINT, *in_force != '\0' ? in_force : CHOICE_AWS,
                     NULL);
    }
    if (min_confidence_pct < 0)
        g_object_set(d->config, LABELS_ARG_MIN_CONFIDENCE, options.min_confidence_pct, NULL);
    if (max_labels == LABELS_MAX_LABELS_UNSET)
        g_object_set(d->config, LABELS_ARG_MAX_LABELS, (int)options.max_labels, NULL);
    g_free(endpoint);
}

static void set_notice(struct labels_dialog *d, const char *icon, const char *text, bool may_run)
{
    gtk_image_set_from_icon_name(GTK_IMAGE(d->notice_icon), icon, GTK_ICON_SIZE_BUTTON);
    gtk_label_set_text(GTK_LABEL(d->notice), text);
    gtk_dialog_set_response_sensitive(GTK_DIALOG(d->window), GTK_RESPONSE_OK, may_run);
}

/* What will be sent, and where to. The caller frees. */
static char *sending_words(GimpImage *image, const struct labels_call *call)
{
    const char *endpoint = labels_call_endpoint(call);
    int requests = labels_call_request_count(call);
    char *most = g_format_size(encode_limits_rekognition.max_bytes);
    char *form = g_strdup_printf("as a JPEG of at most %d × %d pixels and %s, without metadata",
                                 gimp_image_get_width(image), gimp_image_get_height(image), most);
    char *words = NULL;

    switch (where_of(endpoint)) {
    case WHERE_LOCAL:
        words = g_strdup("Nothing leaves this computer. The recogniser here finds faces, text and "
                         "codes, and nothing else.");
        break;
    case WHERE_AWS:
        words = g_strdup_printf("The visible picture is sent to Amazon Rekognition %s. AWS charges "
                                "your account for %d %s.",
                                form, requests, requests == 1 ? "request" : "requests");
        break;
    case WHERE_ADDRESS:
        words = g_strdup_printf("The visible picture is sent to %s %s.", endpoint, form);
        break;
    }
    g_free(form);
    g_free(most);
    return words;
}

/* Tries the settings as they stand now; nothing is sent for that. */
static void update_notice(struct labels_dialog *d)
{
    struct labels_call *call = NULL;
    struct ir_error err;
    const char *choice = gtk_combo_box_get_active_id(GTK_COMBO_BOX(d->where));
    char line[ERROR_LINE_BYTES];
    char *words;

    if (g_strcmp0(choice, CHOICE_ADDRESS) == 0 &&
        *gtk_entry_get_text(GTK_ENTRY(d->address)) == '\0') {
        set_notice(d, GIMP_ICON_DIALOG_INFORMATION,
                   "Enter the address of an AWS-compatible endpoint, such as "
                   "http://127.0.0.1:5000.",
                   false);
        return;
    }
    if (labels_call_new(d->config, d->image, &call, &err) != 0) {
        set_notice(d, GIMP_ICON_DIALOG_WARNING, ir_error_line(&err, line, sizeof line), false);
        return;
    }
    words = sending_words(d->image, call);
    set_notice(d, GIMP_ICON_DIALOG_INFORMATION, words, true);
    g_free(words);
    labels_call_free(call);
}

/* Widgets whose use depends on who is asked. */
static void show_choice(struct labels_dialog *d)
{
    const char *choice = gtk_combo_box_get_active_id(GTK_COMBO_BOX(d->where));
    gboolean is_address = g_strcmp0(choice, CHOICE_ADDRESS) == 0;
    gboolean is_local = g_strcmp0(choice, CHOICE_LOCAL) == 0;

    gtk_widget_set_visible(d->address_label, is_address);
    gtk_widget_set_visible(d->address, is_address);
    for (size_t i = 0; i < G_N_ELEMENTS(d->account); i++)
        gtk_widget_set_sensitive(d->account[i], !is_local);
}

/* Config to combo box and address. */
static void follow_endpoint(struct labels_dialog *d)
{
    char *endpoint = NULL;

    g_object_get(d->config, LABELS_ARG_ENDPOINT, &endpoint, NULL);
    d->following = true;
    if (g_strcmp0(endpoint, CHOICE_AWS) == 0 || g_strcmp0(endpoint, CHOICE_LOCAL) == 0) {
        gtk_combo_box_set_active_id(GTK_COMBO_BOX(d->where), endpoint);
    } else {
        gtk_combo_box_set_active_id(GTK_COMBO_BOX(d->where), CHOICE_ADDRESS);
        gtk_entry_set_text(GTK_ENTRY(d->address), endpoint != NULL ? endpoint : "");
    }
    d->following = false;
    g_free(endpoint);
    show_choice(d);
}

/* Combo box and address to config. */
static void on_where_changed(struct labels_dialog *d)
{
    const char *choice = gtk_combo_box_get_active_id(GTK_COMBO_BOX(d->where));

    if (d->following)
        return;
    d->following = true;
    if (g_strcmp0(choice, CHOICE_ADDRESS) == 0)
        choice = gtk_entry_get_text(GTK_ENTRY(d->address));
    g_object_set(d->config, LABELS_ARG_ENDPOINT, choice, NULL);
    d->following = false;
    show_choice(d);
    update_notice(d);
}

static void on_config_notify(struct labels_dialog *d)
{
    if (d->following)
        return;
    fill_unset(d);
    follow_endpoint(d);
    update_notice(d);
}

static GtkWidget *add_row(struct labels_dialog *d, const char *label_text, GtkWidget *widget,
                          const char *tooltip)
{
    GtkWidget *label = gtk_label_new_with_mnemonic(label_text);

    gtk_label_set_xalign(GTK_LABEL(label), 0.0);
    gtk_label_set_mnemonic_widget(GTK_LABEL(label), widget);
    gtk_widget_set_hexpand(widget, TRUE);
    gimp_help_set_help_data(widget, tooltip, NULL);
    gtk_grid_attach(GTK_GRID(d->fields), label, 0, d->row_count, 1, 1);
    gtk_grid_attach(GTK_GRID(d->fields), widget, 1, d->row_count, 1, 1);
    gtk_widget_show(label);
    gtk_widget_show(widget);
    d->row_count++;
    return label;
}

static void add_scale(struct labels_dialog *d, const char *name, double minimum,
                      const char *tooltip)
{
    GtkWidget *scale = gimp_prop_spin_scale_new(G_OBJECT(d->config), name, 1.0, 10.0, 0);
    double maximum;

    gtk_spin_button_get_range(GTK_SPIN_BUTTON(scale), NULL, &maximum);
    gtk_spin_button_set_range(GTK_SPIN_BUTTON(scale), minimum, maximum); /* not the "unset" value */
    gimp_help_set_help_data(scale, tooltip, NULL);
    gtk_grid_attach(GTK_GRID(d->fields), scale, 0, d->row_count, 2, 1);
    gtk_widget_show(scale);
    d->row_count++;
}

static void add_where(struct labels_dialog *d)
{
    GtkComboBoxText *where = GTK_COMBO_BOX_TEXT(gtk_combo_box_text_new());

    gtk_combo_box_text_append(where, CHOICE_AWS, "Amazon Rekognition (AWS)");
    gtk_combo_box_text_append(where, CHOICE_LOCAL, "This computer (offline)");
    gtk_combo_box_text_append(where, CHOICE_ADDRESS, "Another address");
    d->where = GTK_WIDGET(where);
    add_row(d, "Recognise _with:", d->where,
            "Who looks at the picture. This computer needs no account and sends nothing.");
    d->address = gtk_entry_new();
    gtk_entry_set_placeholder_text(GTK_ENTRY(d->address), "https://… or unix:/…");
    gtk_entry_set_activates_default(GTK_ENTRY(d->address), TRUE);
    d->address_label = add_row(d, "_Address:", d->address,
                               "An endpoint that speaks the protocol of Amazon Rekognition.");
}

static void add_account(struct labels_dialog *d)
{
    static const struct {
        const char *name, *label, *placeholder, *tooltip;
    } rows[] = {
        {LABELS_ARG_PROFILE, "AWS _profile:", "as AWS_PROFILE says, else “default”",
         "The profile in ~/.aws/config whose credentials sign the request."},
        {LABELS_ARG_REGION, "AWS re_gion:", "as the profile says",
         "The AWS region that is asked, such as eu-west-1."},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        GtkWidget *entry = gimp_prop_entry_new(G_OBJECT(d->config), rows[i].name, -1);

        gtk_entry_set_placeholder_text(GTK_ENTRY(entry), rows[i].placeholder);
        gtk_entry_set_activates_default(GTK_ENTRY(entry), TRUE);
        d->account[2 * i] = add_row(d, rows[i].label, entry, rows[i].tooltip);
        d->account[2 * i + 1] = entry;
    }
}

static void add_notice(struct labels_dialog *d, GtkWidget *content)
{
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, ROW_SPACE_PX);

    d->notice_icon = gtk_image_new();
    gtk_widget_set_valign(d->notice_icon, GTK_ALIGN_START);
    gtk_box_pack_start(GTK_BOX(box), d->notice_icon, FALSE, FALSE, 0);
    d->notice = gtk_label_new(NULL);
    gtk_label_set_xalign(GTK_LABEL(d->notice), 0.0);
    gtk_label_set_yalign(GTK_LABEL(d->notice), 0.0);
    gtk_label_set_line_wrap(GTK_LABEL(d->notice), TRUE);
    gtk_label_set_line_wrap_mode(GTK_LABEL(d->notice), PANGO_WRAP_WORD_CHAR);
    gtk_label_set_width_chars(GTK_LABEL(d->notice), NOTICE_WIDTH_CHARS);
    gtk_label_set_max_width_chars(GTK_LABEL(d->notice), NOTICE_WIDTH_CHARS);
    gtk_box_pack_start(GTK_BOX(box), d->notice, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(content), box, FALSE, FALSE, 0);
    gtk_widget_show_all(box);
}

/* The handlers come before the widgets', so that these never see an unset value. */
static void build(struct labels_dialog *d)
{
    GtkWidget *content = gtk_dialog_get_content_area(GTK_DIALOG(d->window));

    fill_unset(d);
    gtk_box_set_spacing(GTK_BOX(content), SPACE_PX);
    d->fields = gtk_grid_new();
    gtk_grid_set_row_spacing(GTK_GRID(d->fields), ROW_SPACE_PX);
    gtk_grid_set_column_spacing(GTK_GRID(d->fields), SPACE_PX);
    gtk_box_pack_start(GTK_BOX(content), d->fields, FALSE, FALSE, 0);
    gtk_widget_show(d->fields);
    add_where(d);
    g_signal_connect_swapped(d->config, "notify", G_CALLBACK(on_config_notify), d);
    add_account(d);
    add_scale(d, LABELS_ARG_MIN_CONFIDENCE, 0.0,
              "Labels that the service is less sure of are left out.");
    add_scale(d, LABELS_ARG_MAX_LABELS, 1.0,
              "The most sorts of things to ask for. Each may be in the picture more than once.");
    add_notice(d, content);
    g_signal_connect_swapped(d->where, "changed", G_CALLBACK(on_where_changed), d);
    g_signal_connect_swapped(d->address, "changed", G_CALLBACK(on_where_changed), d);
    on_config_notify(d);
}

static void say_nothing_found(struct task_view *view, GimpProcedureConfig *config)
{
    double min_confidence_pct;
    char *words;

    g_object_get(config, LABELS_ARG_MIN_CONFIDENCE, &min_confidence_pct, NULL);
    words = g_strdup_printf("Nothing was recognised with a confidence of %.0f %% or more. Lower "
                            "the minimum confidence and try again.",
                            min_confidence_pct);
    task_view_say(view, TASK_NOTICE, words);
    g_free(words);
}

/*
 * One press of OK. Returns 0 when the answer is in the image; `*out_count` says with how many
 * labels. IR_ERR_CANCELLED is not shown: the user knows.
 */
static int run_once(struct labels_dialog *d, struct task_view *view, char **out_json,
                    size_t *out_count)
{
    struct labels_call *call = NULL;
    struct ir_error err;
    char line[ERROR_LINE_BYTES];
    int rc;

    task_view_begin(view);
    rc = labels_call_new(d->config, d->image, &call, &err);
    if (rc == 0)
        rc = labels_call_start(call, task_view_done, view, &err);
    if (rc == 0 && task_view_wait(view, labels_call_job(call)))
        rc = IR_ERR_CANCELLED;
    if (rc == 0) {
        task_view_set_stage(view, "Making the layers…");
        rc = labels_call_finish(call, &err);
    }
    task_view_end(view);
    if (rc == 0) {
        *out_count = labels_call_label_count(call);
        g_free(*out_json);
        *out_json = labels_call_take_json(call);
    } else if (rc != IR_ERR_CANCELLED) {
        task_view_say(view, TASK_ERROR, ir_error_line(&err, line, sizeof line));
    }
    labels_call_free(call);
    return rc;
}

GimpPDBStatusType labels_dialog_run(GimpProcedure *procedure, GimpProcedureConfig *config,
                                    GimpImage *image, char **out_json)
{
    struct labels_dialog d = {.config = config, .image = image};
    struct task_view *view;
    int rc = IR_ERR_CANCELLED;

    gimp_ui_init(PLUGIN_BINARY);
    if (ir_settings_new(&d.settings, NULL) != 0)
        d.settings = NULL; /* update_notice says what is wrong with them */
    d.window = gimp_procedure_dialog_new(procedure, config, "Detect Labels");
    gimp_procedure_dialog_set_ok_label(GIMP_PROCEDURE_DIALOG(d.window), "_Detect");
    build(&d);
    view = task_view_new(GIMP_DIALOG(d.window));
    while (gimp_procedure_dialog_run(GIMP_PROCEDURE_DIALOG(d.window))) {
        size_t label_count = 0;

        rc = run_once(&d, view, out_json, &label_count);
        if (rc == IR_ERR_CANCELLED || (rc == 0 && label_count > 0))
            break;
        if (rc == 0)
            say_nothing_found(view, config);
    }
    g_signal_handlers_disconnect_by_data(config, &d);
    task_view_free(view);
    gtk_widget_destroy(d.window);
    ir_settings_free(d.settings);
    return rc == 0 ? GIMP_PDB_SUCCESS : GIMP_PDB_CANCEL;
}
