/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the settings window: what is wrong with the entries, and its buttons. What is chosen is
 * written to the config of the procedure that runs and, by remember.h, to the user's gimprc.
 */
#include "plugins/gimp/settings_dialog.h"

#include "plugins/gimp/dialog.h"
#include "plugins/gimp/failure.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/settings_form.h"

#define RESPONSE_TEST DIALOG_RESPONSE_OWN
#define RESPONSE_WORDS_MODELS (DIALOG_RESPONSE_OWN + 1)
#define RESPONSE_IMAGE_MODELS (DIALOG_RESPONSE_OWN + 2)

struct settings_dialog {
    GtkWidget *window;
    struct settings_form form;
    GtkWidget *wrong; /* an icon and, beside it, what is wrong with the entries */
    GtkWidget *wrong_words;
    struct task_view *view;
};

static void update(void *context)
{
    struct settings_dialog *d = context;
    bool is_local = endpoint_row_is_local(&d->form.endpoint);
    struct ir_error err;
    char *words = NULL;

    layout_empty(d->form.lines); /* of a test of other values */
    gtk_widget_hide(d->form.lines);
    gtk_widget_set_sensitive(d->form.profile, !is_local);
    gtk_widget_set_sensitive(d->form.region, !is_local);
    if (*endpoint_row_get(&d->form.endpoint) == '\0')
        words = g_strdup(_("Enter the address."));
    else if (settings_form_try(&d->form, &err) != 0)
        words = failure_notice_in_settings(&err);
    gtk_widget_set_sensitive(d->form.test, words == NULL);
    gtk_widget_set_sensitive(d->form.words_model.fill, words == NULL);
    gtk_widget_set_sensitive(d->form.image_model.fill, words == NULL);
    if (words == NULL && settings_form_check_models(&d->form, &err) != 0)
        words = failure_notice_in_settings(&err);
    gtk_label_set_text(GTK_LABEL(d->wrong_words), words != NULL ? words : "");
    gtk_widget_set_visible(d->wrong, words != NULL);
    gtk_dialog_set_response_sensitive(GTK_DIALOG(d->window), GTK_RESPONSE_OK, words == NULL);
    g_free(words);
}

/* Models that it does not have go out of the entries, and the list of another service with them. */
static void on_where_changed(void *context)
{
    struct settings_dialog *d = context;

    settings_form_fit(&d->form);
    update(d);
}

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

/* ---- the window -------------------------------------------------------------------------- */

static void add_wrong(struct settings_dialog *d, GtkWidget *content)
{
    GtkWidget *icon = gtk_image_new_from_icon_name(GIMP_ICON_DIALOG_WARNING, GTK_ICON_SIZE_BUTTON);

    d->wrong = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, LAYOUT_ROW_SPACE_PX);
    d->wrong_words = layout_new_words(NULL);
    gtk_widget_set_valign(icon, GTK_ALIGN_START);
    gtk_box_pack_start(GTK_BOX(d->wrong), icon, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(d->wrong), d->wrong_words, TRUE, TRUE, 0);
    gtk_widget_show(icon);
    gtk_widget_show(d->wrong_words);
    gtk_box_pack_start(GTK_BOX(content), d->wrong, FALSE, FALSE, 0);
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
    gtk_container_set_border_width(GTK_CONTAINER(content), LAYOUT_SPACE_PX);
    gtk_box_set_spacing(GTK_BOX(content), LAYOUT_SPACE_PX);
    settings_form_init(&d->form);
    gtk_box_pack_start(GTK_BOX(content), d->form.notebook, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(content), d->form.lines, TRUE, TRUE, 0);
    add_wrong(d, content);
    d->view = task_view_new(GIMP_DIALOG(d->window));
}

static void follow(struct settings_dialog *d)
{
    struct settings_form *form = &d->form;
    GtkWidget *const watched[] = {form->profile, form->region, form->limit, form->words_model.entry,
                                  form->image_model.entry};

    endpoint_row_connect(&form->endpoint, on_where_changed, d);
    for (size_t i = 0; i < G_N_ELEMENTS(watched); i++)
        g_signal_connect_swapped(watched[i], "changed", G_CALLBACK(update), d);
    g_signal_connect_swapped(form->test, "clicked", G_CALLBACK(on_test), d);
    g_signal_connect_swapped(form->words_model.fill, "clicked", G_CALLBACK(on_fill_words), d);
    g_signal_connect_swapped(form->image_model.fill, "clicked", G_CALLBACK(on_fill_images), d);
    update(d);
}

static void ask_for_models(struct settings_dialog *d, bool is_for_images)
{
    const struct connection connection = settings_form_connection(&d->form);
    struct model_choice *choices[] = {&d->form.words_model, &d->form.image_model};

    if (is_for_images) { /* the first one's list is opened */
        choices[0] = &d->form.image_model;
        choices[1] = &d->form.words_model;
    }
    model_choice_ask(&connection, d->view, choices, G_N_ELEMENTS(choices));
}

static void test_connection(struct settings_dialog *d)
{
    const struct connection connection = settings_form_connection(&d->form);

    connection_test(&connection, d->view, d->form.lines);
}

bool settings_dialog_run(GtkWindow *parent, GimpProcedureConfig *config, bool tests)
{
    struct settings_dialog d = {.window = NULL};
    int response;

    build(&d, parent);
    settings_form_show(&d.form, config);
    follow(&d);
    gtk_widget_show(d.window);
    if (tests && gtk_widget_get_sensitive(d.form.test))
        test_connection(&d);
    while ((response = gimp_dialog_run(GIMP_DIALOG(d.window))) >= DIALOG_RESPONSE_OWN) {
        if (response == RESPONSE_TEST)
            test_connection(&d);
        else
            ask_for_models(&d, response == RESPONSE_IMAGE_MODELS);
    }
    if (response == GTK_RESPONSE_OK)
        settings_form_accept(&d.form, config);
    task_view_free(d.view);
    gtk_widget_destroy(d.window);
    g_object_unref(d.form.labels);
    g_free(d.form.preset_endpoint);
    return response == GTK_RESPONSE_OK;
}
