/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns this plug-in's words in gimprc: "imgrecog-ARGUMENT". */
#include "plugins/gimp/remember.h"

#include <imgrecog/settings.h>

#include "plugins/gimp/config.h"
#include "plugins/gimp/endpoint_row.h"
#include "plugins/gimp/model_fit.h"
#include "plugins/gimp/task.h"
#include "plugins/gimp/where.h"

#define YES "yes"

/* Of the dialogs. What only the settings change is not among those that are saved by every run. */
static const struct {
    const char *name;
    bool is_saved;
} rows[] = {{ARG_ENDPOINT, true},      {ARG_PROFILE, true},  {ARG_REGION, true},
            {ARG_MONTHLY_LIMIT, true}, {ARG_BUCKET, true},   {ARG_MODEL, false},
            {ARG_IMAGE_MODEL, false},  {ARG_PRECHECK, false}};

char *remember_get(const char *name)
{
    char *token = g_strconcat("imgrecog-", name, NULL);
    char *saved = gimp_gimprc_query(token);

    g_free(token);
    return saved != NULL ? saved : g_strdup("");
}

void remember_set(const char *name, const char *value)
{
    char *token = g_strconcat("imgrecog-", name, NULL);
    char *saved = remember_get(name);

    if (g_strcmp0(saved, value != NULL ? value : "") != 0)
        gimp_gimprc_set(token, value != NULL ? value : "");
    g_free(saved);
    g_free(token);
}

bool remember_is_true(const char *name)
{
    char *saved = remember_get(name);
    bool is_true = g_str_equal(saved, YES);

    g_free(saved);
    return is_true;
}

void remember_set_true(const char *name, bool is_true)
{
    remember_set(name, is_true ? YES : "");
}

/* Who is asked: as the config says, else as environment and file do. */
static enum where where_of_config(GimpProcedureConfig *config)
{
    char *endpoint = config_text(config, ARG_ENDPOINT);
    struct ir_settings *settings = NULL;
    const char *in_force = NULL;
    struct ir_error err;
    enum where where;

    if (*endpoint == '\0' && ir_settings_new(&settings, &err) == 0)
        in_force = ir_settings_get(settings, ARG_ENDPOINT);
    where = where_of(*endpoint != '\0' ? endpoint : in_force != NULL ? in_force : ENDPOINT_AWS);
    ir_settings_free(settings);
    g_free(endpoint);
    return where;
}

/* The endpoint comes first: models that it does not have are left out. */
void remember_load(GimpProcedureConfig *config)
{
    enum where where = WHERE_ADDRESS;

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        char *saved = remember_get(rows[i].name);

        if (!model_fit_is_model(rows[i].name) || model_fits(saved, where))
            config_fill(config, rows[i].name, saved);
        if (g_str_equal(rows[i].name, ARG_ENDPOINT))
            where = where_of_config(config);
        g_free(saved);
    }
}

static void save(GimpProcedureConfig *config, bool saves_all)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        char *value;

        if (!config_has(config, rows[i].name) || (!rows[i].is_saved && !saves_all))
            continue;
        value = config_text(config, rows[i].name);
        remember_set(rows[i].name, value);
        g_free(value);
    }
}

void remember_save(GimpProcedureConfig *config)
{
    save(config, false);
}

void remember_save_all(GimpProcedureConfig *config)
{
    save(config, true);
}
