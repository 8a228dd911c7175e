/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the settings window and the procedure imgrecog-settings. What is chosen is written to the
 * config of the procedure that runs and, by remember.h, to the user's gimprc.
 */
#include "plugins/gimp/settings_dialog.h"

#include <imgrecog/client.h>
#include <imgrecog/cost.h>
#include <imgrecog/settings.h>

#include "plugins/gimp/aws_files.h"
#include "plugins/gimp/connection.h"
#include "plugins/gimp/dialog.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/plugin.h"
#include "plugins/gimp/procedure.h"
#include "plugins/gimp/remember.h"
#include "plugins/gimp/task.h"

#define ERROR_LINE_BYTES 1536
#define CHOICE_ADDRESS "address"
#define RESPONSE_TEST DIALOG_RESPONSE_OWN

struct settings_dialog {
    GtkWidget *window;
    GtkWidget *grid;
    int row_count;
    GtkWidget *where, *address, *profile, *region, *limit;
    GtkWidget *words;
    GtkWidget *test, *lines; /* a button, and the box for what came of it */
    struct task_view *view;
};

/* Regions that people use most, below those of their own files. */
static const char *const common_regions[] = {"us-east-1",      "us-east-2",      "us-west-2",
                                             "eu-west-1",      "eu-central-1",   "eu-west-2",
                                             "ap-northeast-2", "ap-northeast-1", "ap-southeast-1",
                                             "ap-southeast-2", "ap-south-1",     "ca-central-1"};

static void add_title(struct settings_dialog *d, const char *text)
{
    GtkWidget *label = gtk_label_new(text);
    PangoAttrList *bold = pango_attr_list_new();

    pango_attr_list_insert(bold, pango_attr_weight_new(PANGO_WEIGHT_BOLD));
    gtk_label_set_attributes(GTK_LABEL(label), bold);
    pango_attr_list_unref(bold);
    gtk_label_set_xalign(GTK_LABEL(label), 0.0);
    if (d->row_count > 0)
        gtk_widget_set_margin_top(label, DIALOG_SPACE_PX);
    gtk_grid_attach(GTK_GRID(d->grid), label, 0, d->row_count++, 2, 1);
}

static void add_row(struct settings_dialog *d, const char *text, GtkWidget *widget,
                    const char *tooltip)
{
    GtkWidget *label = gtk_label_new_with_mnemonic(text);
    bool is_combo = GTK_IS_COMBO_BOX(widget) && gtk_combo_box_get_has_entry(GTK_COMBO_BOX(widget));

    gtk_label_set_xalign(GTK_LABEL(label), 0.0);
    gtk_widget_set_margin_start(label, DIALOG_SPACE_PX);
    gtk_label_set_mnemonic_widget(GTK_LABEL(label),
                                  is_combo ? gtk_bin_get_child(GTK_BIN(widget)) : widget);
    gtk_widget_set_hexpand(widget, TRUE);
    gimp_help_set_help_data(widget, tooltip, NULL);
    gtk_grid_attach(GTK_GRID(d->grid), label, 0, d->row_count, 1, 1);
    gtk_grid_attach(GTK_GRID(d->grid), widget, 1, d->row_count++, 1, 1);
}

static GtkWidget *new_list(const GPtrArray *names, const char *name, const char *placeholder)
{
    GtkWidget *combo = gtk_combo_box_text_new_with_entry();
    GtkWidget *entry = gtk_bin_get_child(GTK_BIN(combo));

    for (guint i = 0; i < names->len; i++)
        gtk_combo_box_text_append_text(GTK_COMBO_BOX_TEXT(combo), g_ptr_array_index(names, i));
    gtk_entry_set_placeholder_text(GTK_ENTRY(entry), placeholder);
    gtk_entry_set_activates_default(GTK_ENTRY(entry), TRUE);
    atk_object_set_name(gtk_widget_get_accessible(combo), name);
    return combo;
}

static const char *text_in(GtkWidget *combo)
{
    return gtk_entry_get_text(GTK_ENTRY(gtk_bin_get_child(GTK_BIN(combo))));
}

/* Borrowed. */
static const char *endpoint_in(const struct settings_dialog *d)
{
    const char *choice = gtk_combo_box_get_active_id(GTK_COMBO_BOX(d->where));

    return g_strcmp0(choice, CHOICE_ADDRESS) == 0 ? gtk_entry_get_text(GTK_ENTRY(d->address))
                                                  : choice;
}

static int set(struct ir_settings *settings, const char *name, const char *value,
               struct ir_error *err)
{
    return value != NULL && *value != '\0' ? ir_settings_set(settings, name, value, name, err) : 0;
}

/* Whether a client could be made of what is entered; nothing is sent for that. */
static int try_values(const struct settings_dialog *d, struct ir_error *err)
{
    struct ir_settings *settings = NULL;
    struct ir_client *client = NULL;
    int rc = ir_settings_new(&settings, err);

    if (rc == 0)
        rc = set(settings, ARG_ENDPOINT, endpoint_in(d), err);
    if (rc == 0)
        rc = set(settings, ARG_PROFILE, text_in(d->profile), err);
    if (rc == 0)
        rc = set(settings, ARG_REGION, text_in(d->region), err);
    if (rc == 0)
        rc = set(settings, ARG_MONTHLY_LIMIT, gtk_entry_get_text(GTK_ENTRY(d->limit)), err);
    if (rc == 0) {
        struct ir_client_options options = ir_settings_client_options(settings);

        rc = ir_client_new(&options, &client, err);
    }
    ir_client_free(client);
    ir_settings_free(settings);
    return rc;
}

static void update(struct settings_dialog *d)
{
    const char *choice = gtk_combo_box_get_active_id(GTK_COMBO_BOX(d->where));
    struct ir_error err;
    char line[ERROR_LINE_BYTES];
    const char *words = NULL;
    bool is_address = g_strcmp0(choice, CHOICE_ADDRESS) == 0;

    gtk_widget_set_sensitive(d->address, is_address);
    gtk_widget_set_sensitive(d->profile, g_strcmp0(choice, "local") != 0);
    gtk_widget_set_sensitive(d->region, g_strcmp0(choice, "local") != 0);
    if (is_address && *endpoint_in(d) == '\0')
        words = _("Enter the address.");
    else if (try_values(d, &err) != 0)
        words = ir_error_line(&err, line, sizeof line);
    gtk_label_set_text(GTK_LABEL(d->words), words != NULL ? words : "");
    gtk_widget_set_visible(d->words, words != NULL);
    gtk_dialog_set_response_sensitive(GTK_DIALOG(d->window), GTK_RESPONSE_OK, words == NULL);
    gtk_widget_set_sensitive(d->test, words == NULL);
}

static void add_rows(struct settings_dialog *d)
{
    GtkComboBoxText *where = GTK_COMBO_BOX_TEXT(gtk_combo_box_text_new());
    GPtrArray *profiles = NULL, *regions = NULL;

    aws_files_read(&profiles, &regions);
    for (size_t i = 0; i < G_N_ELEMENTS(common_regions); i++) {
        if (!g_ptr_array_find_with_equal_func(regions, common_regions[i], g_str_equal, NULL))
            g_ptr_array_add(regions, g_strdup(common_regions[i]));
    }
    gtk_combo_box_text_append(where, "aws", _("Amazon Web Services"));
    gtk_combo_box_text_append(where, "local", _("This computer (offline)"));
    gtk_combo_box_text_append(where, CHOICE_ADDRESS, _("Another address"));
    d->where = GTK_WIDGET(where);
    d->address = gtk_entry_new();
    gtk_entry_set_placeholder_text(GTK_ENTRY(d->address), _("https://… or unix:/…"));
    gtk_entry_set_activates_default(GTK_ENTRY(d->address), TRUE);
    add_title(d, _("Service"));
    add_row(d, _("Ser_vice:"), d->where,
            _("Who does the work. This computer needs no account and sends nothing."));
    add_row(d, _("_Address:"), d->address, _("An endpoint that speaks the protocol of AWS."));
    add_title(d, _("AWS Account"));
    d->profile = new_list(profiles, _("AWS profile"), _("as AWS_PROFILE says, else “default”"));
    add_row(d, _("_Profile:"), d->profile,
            _("The profile in ~/.aws/config whose credentials sign the requests. No key is typed "
              "in here, and none is stored."));
    d->region = new_list(regions, _("AWS region"), _("as the profile says"));
    add_row(d, _("_Region:"), d->region, _("The AWS region that is asked, such as eu-west-1."));
    g_ptr_array_unref(profiles);
    g_ptr_array_unref(regions);
}

static char *spent_words(void)
{
    struct ir_cost *cost = NULL;
    char *words;

    if (ir_cost_new(NULL, &cost, NULL) != 0)
        return g_strdup(_("What was paid this month cannot be read."));
    words = g_strdup_printf(_("So far this month: about %.2f US dollars."),
                            ir_cost_total(cost)->cost_usd);
    ir_cost_free(cost);
    return words;
}

static void add_limit(struct settings_dialog *d)
{
    char *words = spent_words();
    GtkWidget *spent = gtk_label_new(words);

    g_free(words);
    d->limit = gtk_entry_new();
    gtk_entry_set_placeholder_text(GTK_ENTRY(d->limit), _("none"));
    gtk_entry_set_activates_default(GTK_ENTRY(d->limit), TRUE);
    add_title(d, _("Cost"));
    add_row(d, _("_Monthly limit in US dollars:"), d->limit,
            _("A request that would pass it is not sent. Reckoned from a table of prices: AWS's "
              "bill is what counts."));
    gtk_label_set_xalign(GTK_LABEL(spent), 0.0);
    gtk_grid_attach(GTK_GRID(d->grid), spent, 1, d->row_count++, 1, 1);
}

static void add_words(struct settings_dialog *d, GtkWidget *content)
{
    GtkWidget *privacy =
        gtk_label_new(_("Pictures are sent as they are seen, without position, names or other "
                        "metadata. Each dialog says before you press its button what is sent and "
                        "where."));
    GtkWidget *labels[2] = {privacy, gtk_label_new(NULL)};

    d->words = labels[1];
    for (size_t i = 0; i < G_N_ELEMENTS(labels); i++) {
        gtk_label_set_xalign(GTK_LABEL(labels[i]), 0.0);
        gtk_label_set_line_wrap(GTK_LABEL(labels[i]), TRUE);
        gtk_label_set_width_chars(GTK_LABEL(labels[i]), DIALOG_WIDTH_CHARS);
        gtk_label_set_max_width_chars(GTK_LABEL(labels[i]), DIALOG_WIDTH_CHARS);
        gtk_box_pack_start(GTK_BOX(content), labels[i], FALSE, FALSE, 0);
    }
    gtk_widget_show(privacy);
}

static void on_test(struct settings_dialog *d)
{
    gtk_dialog_response(GTK_DIALOG(d->window), RESPONSE_TEST);
}

static void add_test(struct settings_dialog *d, GtkWidget *content)
{
    d->test = gtk_button_new_with_mnemonic(_("_Test Connection"));
    gtk_widget_set_halign(d->test, GTK_ALIGN_END);
    gimp_help_set_help_data(d->test,
                            _("Looks at settings, credentials and network. Nothing is sent that "
                              "costs, and no picture."),
                            NULL);
    g_signal_connect_swapped(d->test, "clicked", G_CALLBACK(on_test), d);
    d->lines = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    gtk_box_pack_start(GTK_BOX(content), d->test, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(content), d->lines, TRUE, TRUE, 0);
    gtk_widget_show(d->test);
    d->view = task_view_new(GIMP_DIALOG(d->window));
}

static void test_connection(struct settings_dialog *d)
{
    const struct connection connection = {endpoint_in(d), text_in(d->profile), text_in(d->region)};

    connection_test(&connection, d->view, d->lines);
}

static void show_values(struct settings_dialog *d, GimpProcedureConfig *config)
{
    char *endpoint = NULL, *profile = NULL, *region = NULL, *limit = NULL;

    g_object_get(config, ARG_ENDPOINT, &endpoint, ARG_PROFILE, &profile, ARG_REGION, &region,
                 ARG_MONTHLY_LIMIT, &limit, NULL);
    gtk_entry_set_text(GTK_ENTRY(d->limit), limit != NULL ? limit : "");
    g_free(limit);
    if (endpoint == NULL || *endpoint == '\0' || g_str_equal(endpoint, "aws") ||
        g_str_equal(endpoint, "local")) {
        gtk_combo_box_set_active_id(GTK_COMBO_BOX(d->where),
                                    g_strcmp0(endpoint, "local") == 0 ? "local" : "aws");
    } else {
        gtk_combo_box_set_active_id(GTK_COMBO_BOX(d->where), CHOICE_ADDRESS);
        gtk_entry_set_text(GTK_ENTRY(d->address), endpoint);
    }
    gtk_entry_set_text(GTK_ENTRY(gtk_bin_get_child(GTK_BIN(d->profile))),
                       profile != NULL ? profile : "");
    gtk_entry_set_text(GTK_ENTRY(gtk_bin_get_child(GTK_BIN(d->region))),
                       region != NULL ? region : "");
    g_free(endpoint);
    g_free(profile);
    g_free(region);
}

static void build(struct settings_dialog *d, GtkWindow *parent)
{
    GtkWidget *content;

    d->window =
        gimp_dialog_new(_("Image Recognition Settings"), SETTINGS_PROCEDURE, (GtkWidget *)parent,
                        parent != NULL ? GTK_DIALOG_MODAL : 0, NULL, NULL, _("_Cancel"),
                        GTK_RESPONSE_CANCEL, _("_OK"), GTK_RESPONSE_OK, NULL);
    gimp_dialog_set_alternative_button_order(GTK_DIALOG(d->window), GTK_RESPONSE_OK,
                                             GTK_RESPONSE_CANCEL, -1);
    gtk_dialog_set_default_response(GTK_DIALOG(d->window), GTK_RESPONSE_OK);
    if (parent == NULL)
        gimp_window_set_transient(GTK_WINDOW(d->window));
    content = gtk_dialog_get_content_area(GTK_DIALOG(d->window));
    gtk_container_set_border_width(GTK_CONTAINER(content), DIALOG_SPACE_PX);
    gtk_box_set_spacing(GTK_BOX(content), DIALOG_SPACE_PX);
    d->grid = gtk_grid_new();
    gtk_grid_set_row_spacing(GTK_GRID(d->grid), DIALOG_ROW_SPACE_PX);
    gtk_grid_set_column_spacing(GTK_GRID(d->grid), DIALOG_SPACE_PX);
    gtk_box_pack_start(GTK_BOX(content), d->grid, FALSE, FALSE, 0);
    add_rows(d);
    add_limit(d);
    gtk_widget_show_all(d->grid);
    add_words(d, content);
    add_test(d, content);
}

bool settings_dialog_run(GtkWindow *parent, GimpProcedureConfig *config)
{
    struct settings_dialog d = {.window = NULL};
    bool accepted;
    int response;

    build(&d, parent);
    show_values(&d, config);
    g_signal_connect_swapped(d.where, "changed", G_CALLBACK(update), &d);
    g_signal_connect_swapped(d.address, "changed", G_CALLBACK(update), &d);
    g_signal_connect_swapped(d.profile, "changed", G_CALLBACK(update), &d);
    g_signal_connect_swapped(d.region, "changed", G_CALLBACK(update), &d);
    g_signal_connect_swapped(d.limit, "changed", G_CALLBACK(update), &d);
    update(&d);
    while ((response = gimp_dialog_run(GIMP_DIALOG(d.window))) == RESPONSE_TEST)
        test_connection(&d);
    accepted = response == GTK_RESPONSE_OK;
    if (accepted) {
        g_object_set(config, ARG_ENDPOINT, endpoint_in(&d), ARG_PROFILE, text_in(d.profile),
                     ARG_REGION, text_in(d.region), ARG_MONTHLY_LIMIT,
                     gtk_entry_get_text(GTK_ENTRY(d.limit)), NULL);
        remember_save(config);
    }
    task_view_free(d.view);
    gtk_widget_destroy(d.window);
    return accepted;
}

/* ---- the procedure ----------------------------------------------------------------------- */

static GimpValueArray *run(GimpProcedure *procedure, GimpProcedureConfig *config, gpointer data)
{
    GimpRunMode run_mode;

    (void)data;
    g_object_get(config, "run-mode", &run_mode, NULL);
    if (run_mode == GIMP_RUN_NONINTERACTIVE) {
        remember_save(config);
        return gimp_procedure_new_return_values(procedure, GIMP_PDB_SUCCESS, NULL);
    }
    remember_load(config);
    gimp_ui_init(PLUGIN_BINARY);
    return gimp_procedure_new_return_values(
        procedure, settings_dialog_run(NULL, config) ? GIMP_PDB_SUCCESS : GIMP_PDB_CANCEL, NULL);
}

GimpProcedure *settings_procedure_create(GimpPlugIn *plug_in)
{
    GimpProcedure *procedure =
        gimp_procedure_new(plug_in, SETTINGS_PROCEDURE, GIMP_PDB_PROC_TYPE_PLUGIN, run, NULL, NULL);

    procedure_describe(
        procedure, _("_Settings..."), GIMP_ICON_PREFERENCES_SYSTEM,
        _("Choose who is asked: AWS, this computer or another address"),
        _("Keeps endpoint, AWS profile, AWS region and monthly limit for the dialogs of Image "
          "Recognition. \"\" means: as environment and configuration files say. "
          "Keys are never asked for nor kept."));
    gimp_procedure_add_enum_argument(procedure, "run-mode", _("Run mode"), _("The run mode"),
                                     GIMP_TYPE_RUN_MODE, GIMP_RUN_INTERACTIVE, G_PARAM_READWRITE);
    procedure_add_connection(procedure);
    return procedure;
}
