/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns this plug-in's words in gimprc: "imgrecog-ARGUMENT". */
#include "plugins/gimp/remember.h"

#include "plugins/gimp/config.h"
#include "plugins/gimp/task.h"

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

void remember_load(GimpProcedureConfig *config)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        char *saved = remember_get(rows[i].name);

        config_fill(config, rows[i].name, saved);
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
