/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the settings window and the procedure imgrecog-settings. What is chosen is written to the
 * config of the procedure that runs and, by remember.h, to the user's gimprc.
 */
#include "plugins/gimp/settings_dialog.h"

#include <imgrecog/client.h>
#include <imgrecog/cost.h>

#include "plugins/gimp/aws_files.h"
#include "plugins/gimp/connection.h"
#include "plugins/gimp/dialog.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/model_choice.h"
#include "plugins/gimp/page.h"
#include "plugins/gimp/plugin.h"
#include "plugins/gimp/procedure.h"
#include "plugins/gimp/remember.h"
#include "plugins/gimp/task.h"

#define ERROR_LINE_BYTES 1536
#define CHOICE_ADDRESS "address"
#define LIST_WIDTH_CHARS 28
#define RESPONSE_TEST DIALOG_RESPONSE_OWN
#define RESPONSE_WORDS_MODELS (DIALOG_RESPONSE_OWN + 1)
#define RESPONSE_IMAGE_MODELS (DIALOG_RESPONSE_OWN + 2)

struct settings_dialog {
    GtkWidget *window;
    GtkWidget *notebook;
    GtkSizeGroup *labels;
    GtkWidget *where, *address, *address_label, *profile, *region;
    char *preset_endpoint; /* what is in force where nothing is set here; NULL = it is set */
    struct model_choice words_model, image_model;
    GtkWidget *limit, *precheck, *ask_first;
    GtkWidget *wrong;        /* what is wrong with the entries */
    GtkWidget *test, *lines; /* a button, and the box for what came of it */
    struct task_view *view;
};

/* Regions that people use most, below those of their own files. */
static const char *const common_regions[] = {"us-east-1",      "us-east-2",      "us-west-2",
                                             "eu-west-1",      "eu-central-1",   "eu-west-2",
                                             "ap-northeast-2", "ap-northeast-1", "ap-southeast-1",
                                             "ap-southeast-2", "ap-south-1",     "ca-central-1"};

/* ---- what is entered --------------------------------------------------------------------- */

static GtkWidget *new_list(const GPtrArray *names, const char *name, const char *placeholder)
{
    GtkWidget *combo = gtk_combo_box_text_new_with_entry();
    GtkWidget *entry = gtk_bin_get_child(GTK_BIN(combo));

    for (guint i = 0; i < names->len; i++)
        gtk_combo_box_text_append_text(GTK_COMBO_BOX_TEXT(combo), g_ptr_array_index(names, i));
    gtk_entry_set_placeholder_text(GTK_ENTRY(entry), placeholder);
    gtk_entry_set_activates_default(GTK_ENTRY(entry), TRUE);
    gtk_entry_set_width_chars(GTK_ENTRY(entry), LIST_WIDTH_CHARS);
    atk_object_set_name(gtk_widget_get_accessible(combo), name);
    return combo;
}

static GtkWidget *entry_in(GtkWidget *combo)
{
    return gtk_bin_get_child(GTK_BIN(combo));
}

static const char *text_in(GtkWidget *combo)
{
    return gtk_entry_get_text(GTK_ENTRY(entry_in(combo)));
}

/* Borrowed. */
static const char *endpoint_in(const struct settings_dialog *d)
{
    const char *choice = gtk_combo_box_get_active_id(GTK_COMBO_BOX(d->where));

    return g_strcmp0(choice, CHOICE_ADDRESS) == 0 ? gtk_entry_get_text(GTK_ENTRY(d->address))
                                                  : choice;
}

static struct connection connection_in(const struct settings_dialog *d)
{
    return (struct connection){endpoint_in(d), text_in(d->profile), text_in(d->region)};
}

/* Whether a client could be made of what is entered; nothing is sent for that. */
static int try_values(const struct settings_dialog *d, struct ir_error *err)
{
    const struct connection connection = connection_in(d);
    const char *limit = gtk_entry_get_text(GTK_ENTRY(d->limit));
    struct ir_settings *settings = NULL;
    struct ir_client *client = NULL;
    int rc = connection_settings(&connection, &settings, err);

    if (rc == 0 && *limit != '\0')
        rc = ir_settings_set(settings, ARG_MONTHLY_LIMIT, limit, ARG_MONTHLY_LIMIT, err);
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

    gtk_widget_set_visible(d->address, is_address);
    gtk_widget_set_visible(d->address_label, is_address);
    gtk_widget_set_sensitive(d->profile, g_strcmp0(choice, "local") != 0);
    gtk_widget_set_sensitive(d->region, g_strcmp0(choice, "local") != 0);
    if (is_address && *endpoint_in(d) == '\0')
        words = _("Enter the address.");
    else if (try_values(d, &err) != 0)
        words = ir_error_line(&err, line, sizeof line);
    gtk_label_set_text(GTK_LABEL(d->wrong), words != NULL ? words : "");
    gtk_widget_set_visible(d->wrong, words != NULL);
    gtk_dialog_set_response_sensitive(GTK_DIALOG(d->window), GTK_RESPONSE_OK, words == NULL);
    gtk_widget_set_sensitive(d->test, words == NULL);
    gtk_widget_set_sensitive(d->words_model.fill, words == NULL);
    gtk_widget_set_sensitive(d->image_model.fill, words == NULL);
}

/* ---- pages ------------------------------------------------------------------------------- */

static void respond(struct settings_dialog *d, int response)
{
    gtk_dialog_response(GTK_DIALOG(d->window), response);
}

static void on_test(struct settings_dialog *d)
{
    respond(d, RESPONSE_TEST);
}

static void on_fill_words(struct settings_dialog *d)
{
    respond(d, RESPONSE_WORDS_MODELS);
}

static void on_fill_images(struct settings_dialog *d)
{
    respond(d, RESPONSE_IMAGE_MODELS);
}

static void add_account(struct settings_dialog *d, struct page *page)
{
    GPtrArray *profiles = NULL, *regions = NULL;

    aws_files_read(&profiles, &regions);
    for (size_t i = 0; i < G_N_ELEMENTS(common_regions); i++) {
        if (!g_ptr_array_find_with_equal_func(regions, common_regions[i], g_str_equal, NULL))
            g_ptr_array_add(regions, g_strdup(common_regions[i]));
    }
    d->profile = new_list(profiles, _("AWS profile"), _("AWS_PROFILE, else “default”"));
    page_add_row(page, _("_Profile:"), d->profile, entry_in(d->profile),
                 _("The profile in ~/.aws/config whose credentials sign the requests. No key is "
                   "typed in here, and none is stored."));
    d->region = new_list(regions, _("AWS region"), _("as the profile says"));
    page_add_row(page, _("_Region:"), d->region, entry_in(d->region),
                 _("The AWS region that is asked, such as eu-west-1."));
    g_ptr_array_unref(profiles);
    g_ptr_array_unref(regions);
}

static void add_connection(struct settings_dialog *d)
{
    GtkComboBoxText *where = GTK_COMBO_BOX_TEXT(gtk_combo_box_text_new());
    struct page page;

    page_init(&page, d->notebook, _("Co_nnection"), d->labels);
    gtk_combo_box_text_append(where, "aws", _("Amazon Web Services"));
    gtk_combo_box_text_append(where, "local", _("This computer (offline)"));
    gtk_combo_box_text_append(where, CHOICE_ADDRESS, _("Another address"));
    d->where = GTK_WIDGET(where);
    page_add_row(&page, _("Ser_vice:"), d->where, NULL,
                 _("Who does the work. This computer needs no account and sends nothing."));
    d->address = gtk_entry_new();
    gtk_entry_set_placeholder_text(GTK_ENTRY(d->address), _("https://… or unix:/…"));
    gtk_entry_set_activates_default(GTK_ENTRY(d->address), TRUE);
    d->address_label = page_add_row(&page, _("_Address:"), d->address, NULL,
                                    _("An endpoint that speaks the protocol of AWS."));
    add_account(d, &page);
    d->test = gtk_button_new_with_mnemonic(_("_Test Connection"));
    gtk_widget_set_halign(d->test, GTK_ALIGN_END);
    gimp_help_set_help_data(d->test,
                            _("Looks at settings, credentials and network. Nothing is sent that "
                              "costs, and no picture."),
                            NULL);
    g_signal_connect_swapped(d->test, "clicked", G_CALLBACK(on_test), d);
    d->lines = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    page_add_below(&page, d->test);
    gtk_box_pack_start(GTK_BOX(page.box), d->lines, TRUE, TRUE, 0);
}

static void add_models(struct settings_dialog *d)
{
    struct page page;

    page_init(&page, d->notebook, _("Mo_dels"), d->labels);
    model_choice_init(&d->words_model, IR_MODEL_WORDS, _("Model for words"),
                      _("the one that suits"));
    page_add_row(
        &page, _("For _words:"), d->words_model.box, d->words_model.entry,
        _("Who writes captions, answers questions and judges pictures: a model of Bedrock, "
          "an inference profile or an ARN."));
    model_choice_init(&d->image_model, IR_MODEL_IMAGE | IR_MODEL_IMAGE_SERVICE,
                      _("Model for pictures"), _("the one that does it"));
    page_add_row(&page, _("For p_ictures:"), d->image_model.box, d->image_model.entry,
                 _("A Bedrock image model or service, an inference profile or an ARN."));
    g_signal_connect_swapped(d->words_model.fill, "clicked", G_CALLBACK(on_fill_words), d);
    g_signal_connect_swapped(d->image_model.fill, "clicked", G_CALLBACK(on_fill_images), d);
    page_add_words(&page, _("Press the button beside an entry to see which models your account "
                            "has, with their prices, and which of them will end."));
}

static char *spent_words(void)
{
    struct ir_cost *cost = NULL;
    const struct ir_cost_line *total;
    char *money, *maybe, *words;

    if (ir_cost_new(NULL, &cost, NULL) != 0)
        return g_strdup(_("What was paid this month cannot be read."));
    total = ir_cost_total(cost);
    money = task_money_words(total->cost_usd);
    maybe = task_money_words(total->maybe_cost_usd);
    words = total->maybe_cost_usd > 0.0
                ? g_strdup_printf(_("So far this month: about %s; at most %s more may have been "
                                    "charged."),
                                  money, maybe)
                : g_strdup_printf(_("So far this month: about %s."), money);
    g_free(maybe);
    g_free(money);
    ir_cost_free(cost);
    return words;
}

static void add_cost(struct settings_dialog *d, struct page *page)
{
    char *words = spent_words();
    GtkWidget *spent = gtk_label_new(words);

    g_free(words);
    d->limit = gtk_entry_new();
    gtk_entry_set_placeholder_text(GTK_ENTRY(d->limit), _("none"));
    gtk_entry_set_activates_default(GTK_ENTRY(d->limit), TRUE);
    page_add_row(page, _("_Monthly limit in US dollars:"), d->limit, NULL,
                 _("A request that would pass it is not sent. Reckoned from a table of prices: "
                   "AWS's bill is what counts."));
    gtk_label_set_xalign(GTK_LABEL(spent), 0.0);
    page_add_below(page, spent);
}

static void add_limits(struct settings_dialog *d)
{
    GtkComboBoxText *precheck = GTK_COMBO_BOX_TEXT(gtk_combo_box_text_new());
    struct page page;

    page_init(&page, d->notebook, _("Cost and Privac_y"), d->labels);
    add_cost(d, &page);
    gtk_combo_box_text_append(precheck, "", _("As the configuration says"));
    gtk_combo_box_text_append(precheck, "off", _("No"));
    gtk_combo_box_text_append(precheck, "warn", _("Yes, and tell what was found"));
    gtk_combo_box_text_append(precheck, "block", _("Yes, and send nothing that it finds private"));
    d->precheck = GTK_WIDGET(precheck);
    page_add_row(&page, _("Check here _first:"), d->precheck, NULL,
                 _("Whether this computer looks for faces, personal words and codes before a "
                   "picture is sent. What it does not find may be there all the same."));
    d->ask_first = gtk_check_button_new_with_mnemonic(_("As_k before anything is sent"));
    gimp_help_set_help_data(d->ask_first,
                            _("Each time, what is sent, where and at what cost is shown once more, "
                              "with a button to go on."),
                            NULL);
    page_add_below(&page, d->ask_first);
    page_add_words(&page,
                   _("Pictures are sent as they are seen, without position, names or other "
                     "metadata. Each dialog says before you press its button what is sent and "
                     "where."));
}

/* ---- values ------------------------------------------------------------------------------ */

static void set_entry(GtkWidget *entry, const char *value)
{
    gtk_entry_set_text(GTK_ENTRY(entry), value != NULL ? value : "");
}

/* What environment and configuration file say (g_free). */
static char *configured_endpoint(void)
{
    struct ir_settings *settings = NULL;
    char *endpoint;

    if (ir_settings_new(&settings, NULL) != 0)
        return g_strdup("aws");
    endpoint = g_strdup(ir_settings_get(settings, ARG_ENDPOINT));
    ir_settings_free(settings);
    return endpoint;
}

static void show_values(struct settings_dialog *d, GimpProcedureConfig *config)
{
    char *endpoint = NULL, *profile = NULL, *region = NULL, *limit = NULL;
    char *model = remember_get(ARG_MODEL);
    char *image_model = remember_get(ARG_IMAGE_MODEL);
    char *precheck = remember_get(ARG_PRECHECK);

    g_object_get(config, ARG_ENDPOINT, &endpoint, ARG_PROFILE, &profile, ARG_REGION, &region,
                 ARG_MONTHLY_LIMIT, &limit, NULL);
    if (endpoint == NULL || *endpoint == '\0') {
        g_free(endpoint);
        endpoint = configured_endpoint();
        d->preset_endpoint = g_strdup(endpoint);
    }
    if (g_str_equal(endpoint, "aws") || g_str_equal(endpoint, "local")) {
        gtk_combo_box_set_active_id(GTK_COMBO_BOX(d->where),
                                    g_strcmp0(endpoint, "local") == 0 ? "local" : "aws");
    } else {
        gtk_combo_box_set_active_id(GTK_COMBO_BOX(d->where), CHOICE_ADDRESS);
        set_entry(d->address, endpoint);
    }
    set_entry(entry_in(d->profile), profile);
    set_entry(entry_in(d->region), region);
    set_entry(d->limit, limit);
    set_entry(d->words_model.entry, model);
    set_entry(d->image_model.entry, image_model);
    if (!gtk_combo_box_set_active_id(GTK_COMBO_BOX(d->precheck), precheck))
        gtk_combo_box_set_active_id(GTK_COMBO_BOX(d->precheck), "");
    gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(d->ask_first),
                                 remember_is_true(REMEMBER_ASK_FIRST));
    g_free(endpoint);
    g_free(profile);
    g_free(region);
    g_free(limit);
    g_free(model);
    g_free(image_model);
    g_free(precheck);
}

static void set_if_there(GimpProcedureConfig *config, const char *name, const char *value)
{
    if (g_object_class_find_property(G_OBJECT_GET_CLASS(config), name) != NULL)
        g_object_set(config, name, value, NULL);
}

static void accept(struct settings_dialog *d, GimpProcedureConfig *config)
{
    const char *model = gtk_entry_get_text(GTK_ENTRY(d->words_model.entry));
    const char *image_model = gtk_entry_get_text(GTK_ENTRY(d->image_model.entry));
    const char *precheck = gtk_combo_box_get_active_id(GTK_COMBO_BOX(d->precheck));
    const char *endpoint = endpoint_in(d);

    /* What was only shown goes on being the configuration's. */
    if (g_strcmp0(endpoint, d->preset_endpoint) == 0)
        endpoint = "";
    g_object_set(config, ARG_ENDPOINT, endpoint, ARG_PROFILE, text_in(d->profile), ARG_REGION,
                 text_in(d->region), ARG_MONTHLY_LIMIT, gtk_entry_get_text(GTK_ENTRY(d->limit)),
                 NULL);
    set_if_there(config, ARG_MODEL, model);
    set_if_there(config, ARG_IMAGE_MODEL, image_model);
    set_if_there(config, ARG_PRECHECK, precheck);
    remember_save(config);
    remember_set(ARG_MODEL, model);
    remember_set(ARG_IMAGE_MODEL, image_model);
    remember_set(ARG_PRECHECK, precheck);
    remember_set_true(REMEMBER_ASK_FIRST,
                      gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(d->ask_first)));
}

/* ---- the window -------------------------------------------------------------------------- */

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
    d->labels = gtk_size_group_new(GTK_SIZE_GROUP_HORIZONTAL);
    d->notebook = gtk_notebook_new();
    gtk_box_pack_start(GTK_BOX(content), d->notebook, TRUE, TRUE, 0);
    add_connection(d);
    add_models(d);
    add_limits(d);
    gtk_widget_show(d->notebook);
    d->wrong = gtk_label_new(NULL);
    gtk_label_set_xalign(GTK_LABEL(d->wrong), 0.0);
    gtk_label_set_line_wrap(GTK_LABEL(d->wrong), TRUE);
    gtk_label_set_max_width_chars(GTK_LABEL(d->wrong), DIALOG_WIDTH_CHARS);
    gtk_box_pack_start(GTK_BOX(content), d->wrong, FALSE, FALSE, 0);
    d->view = task_view_new(GIMP_DIALOG(d->window));
}

static void follow(struct settings_dialog *d)
{
    GtkWidget *const watched[] = {d->where, d->address, d->profile, d->region, d->limit};

    for (size_t i = 0; i < G_N_ELEMENTS(watched); i++)
        g_signal_connect_swapped(watched[i], "changed", G_CALLBACK(update), d);
    update(d);
}

static void ask_for_models(struct settings_dialog *d, bool is_for_images)
{
    const struct connection connection = connection_in(d);
    struct model_choice *choices[] = {&d->words_model, &d->image_model};

    if (is_for_images) { /* the first one's list is opened */
        choices[0] = &d->image_model;
        choices[1] = &d->words_model;
    }
    model_choice_ask(&connection, d->view, choices, G_N_ELEMENTS(choices));
}

static void test_connection(struct settings_dialog *d)
{
    const struct connection connection = connection_in(d);

    connection_test(&connection, d->view, d->lines);
}

bool settings_dialog_run(GtkWindow *parent, GimpProcedureConfig *config, bool tests)
{
    struct settings_dialog d = {.window = NULL};
    int response;

    build(&d, parent);
    show_values(&d, config);
    follow(&d);
    gtk_widget_show(d.window);
    if (tests && gtk_widget_get_sensitive(d.test))
        test_connection(&d);
    while ((response = gimp_dialog_run(GIMP_DIALOG(d.window))) >= DIALOG_RESPONSE_OWN) {
        if (response == RESPONSE_TEST)
            test_connection(&d);
        else
            ask_for_models(&d, response == RESPONSE_IMAGE_MODELS);
    }
    if (response == GTK_RESPONSE_OK)
        accept(&d, config);
    task_view_free(d.view);
    gtk_widget_destroy(d.window);
    g_object_unref(d.labels);
    g_free(d.preset_endpoint);
    return response == GTK_RESPONSE_OK;
}

/* ---- the procedure ----------------------------------------------------------------------- */

static GimpValueArray *run(GimpProcedure *procedure, GimpProcedureConfig *config, gpointer data)
{
    GimpRunMode run_mode;

    (void)data;
    g_object_get(config, "run-mode", &run_mode, NULL);
    if (run_mode == GIMP_RUN_NONINTERACTIVE) {
        remember_save_all(config);
        return gimp_procedure_new_return_values(procedure, GIMP_PDB_SUCCESS, NULL);
    }
    remember_load(config);
    gimp_ui_init(PLUGIN_BINARY);
    return gimp_procedure_new_return_values(
        procedure, settings_dialog_run(NULL, config, false) ? GIMP_PDB_SUCCESS : GIMP_PDB_CANCEL,
        NULL);
}

GimpProcedure *settings_procedure_create(GimpPlugIn *plug_in)
{
    GimpProcedure *procedure =
        gimp_procedure_new(plug_in, SETTINGS_PROCEDURE, GIMP_PDB_PROC_TYPE_PLUGIN, run, NULL, NULL);

    procedure_describe(
        procedure, _("_Settings..."), GIMP_ICON_PREFERENCES_SYSTEM,
        _("Choose who is asked: AWS, this computer or another address"),
        _("Keeps endpoint, AWS profile, AWS region, models, monthly limit and precheck for the "
          "dialogs of Image Recognition. \"\" means: as environment and configuration files say. "
          "Keys are never asked for nor kept."));
    gimp_procedure_add_enum_argument(procedure, "run-mode", _("Run mode"), _("The run mode"),
                                     GIMP_TYPE_RUN_MODE, GIMP_RUN_INTERACTIVE, G_PARAM_READWRITE);
    procedure_add_connection(procedure);
    procedure_add_precheck(procedure);
    gimp_procedure_add_string_argument(procedure, ARG_MODEL, _("Model for words"),
                                       _("A Bedrock model, inference profile or ARN; \"\" as the "
                                         "configuration says, else the preset"),
                                       "", PROCEDURE_PRIVATE);
    gimp_procedure_add_string_argument(procedure, ARG_IMAGE_MODEL, _("Model for pictures"),
                                       _("A Bedrock image model or service; \"\" as the "
                                         "configuration says, else the one that does it"),
                                       "", PROCEDURE_PRIVATE);
    return procedure;
}
