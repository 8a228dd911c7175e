/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the way between the settings' form, the config of a procedure and the user's gimprc. */
#include "plugins/gimp/settings_form.h"

#include <imgrecog/client.h>

#include "plugins/gimp/config.h"
#include "plugins/gimp/model_fit.h"
#include "plugins/gimp/remember.h"
#include "plugins/gimp/task.h"

static GtkEntry *entry_in(GtkWidget *combo)
{
    return GTK_ENTRY(gtk_bin_get_child(GTK_BIN(combo)));
}

static const char *text_in(GtkWidget *combo)
{
    return gtk_entry_get_text(entry_in(combo));
}

struct connection settings_form_connection(const struct settings_form *f)
{
    return (struct connection){endpoint_row_get(&f->endpoint), text_in(f->profile),
                               text_in(f->region)};
}

void settings_form_fit(struct settings_form *f)
{
    enum where where = where_of(endpoint_row_get(&f->endpoint));

    model_choice_fit(&f->words_model, where);
    model_choice_fit(&f->image_model, where);
}

int settings_form_check_models(const struct settings_form *f, struct ir_error *err)
{
    enum where where = where_of(endpoint_row_get(&f->endpoint));
    int rc = model_check(gtk_entry_get_text(GTK_ENTRY(f->words_model.entry)), where, err);

    return rc == 0 ? model_check(gtk_entry_get_text(GTK_ENTRY(f->image_model.entry)), where, err)
                   : rc;
}

int settings_form_try(const struct settings_form *f, struct ir_error *err)
{
    const struct connection connection = settings_form_connection(f);
    const char *limit = gtk_entry_get_text(GTK_ENTRY(f->limit));
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

void settings_form_show(struct settings_form *f, GimpProcedureConfig *config)
{
    char *endpoint = config_text(config, ARG_ENDPOINT);
    char *profile = config_text(config, ARG_PROFILE);
    char *region = config_text(config, ARG_REGION);
    char *limit = config_text(config, ARG_MONTHLY_LIMIT);
    char *model = remember_get(ARG_MODEL);
    char *image_model = remember_get(ARG_IMAGE_MODEL);
    char *precheck = remember_get(ARG_PRECHECK);

    if (*endpoint == '\0') {
        g_free(endpoint);
        endpoint = configured_endpoint();
        f->preset_endpoint = g_strdup(endpoint);
    }
    endpoint_row_set(&f->endpoint, endpoint);
    gtk_entry_set_text(entry_in(f->profile), profile);
    gtk_entry_set_text(entry_in(f->region), region);
    gtk_entry_set_text(GTK_ENTRY(f->limit), limit);
    gtk_entry_set_text(GTK_ENTRY(f->words_model.entry), model);
    gtk_entry_set_text(GTK_ENTRY(f->image_model.entry), image_model);
    settings_form_fit(f);
    if (!gtk_combo_box_set_active_id(GTK_COMBO_BOX(f->precheck), precheck))
        gtk_combo_box_set_active_id(GTK_COMBO_BOX(f->precheck), "");
    gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(f->ask_first),
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
    if (config_has(config, name))
        g_object_set(config, name, value, NULL);
}

void settings_form_accept(const struct settings_form *f, GimpProcedureConfig *config)
{
    const char *model = gtk_entry_get_text(GTK_ENTRY(f->words_model.entry));
    const char *image_model = gtk_entry_get_text(GTK_ENTRY(f->image_model.entry));
    const char *precheck = gtk_combo_box_get_active_id(GTK_COMBO_BOX(f->precheck));
    const char *endpoint = endpoint_row_get(&f->endpoint);

    /* What was only shown goes on being the configuration's. */
    if (g_strcmp0(endpoint, f->preset_endpoint) == 0)
        endpoint = "";
    g_object_set(config, ARG_ENDPOINT, endpoint, ARG_PROFILE, text_in(f->profile), ARG_REGION,
                 text_in(f->region), ARG_MONTHLY_LIMIT, gtk_entry_get_text(GTK_ENTRY(f->limit)),
                 NULL);
    set_if_there(config, ARG_MODEL, model);
    set_if_there(config, ARG_IMAGE_MODEL, image_model);
    set_if_there(config, ARG_PRECHECK, precheck);
    remember_save(config);
    remember_set(ARG_MODEL, model_choice_kept(&f->words_model));
    remember_set(ARG_IMAGE_MODEL, model_choice_kept(&f->image_model));
    remember_set(ARG_PRECHECK, precheck);
    remember_set_true(REMEMBER_ASK_FIRST,
                      gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(f->ask_first)));
}
