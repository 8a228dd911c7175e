/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns this plug-in's words in gimprc: "imgrecog-ARGUMENT". */
#include "plugins/gimp/remember.h"

#include "plugins/gimp/task.h"

#define YES "yes"

/* Of the dialogs. What only the settings change is not among those that are saved by every run. */
static const struct {
    const char *name;
    bool is_saved;
} rows[] = {{ARG_ENDPOINT, true},      {ARG_PROFILE, true},  {ARG_REGION, true},
            {ARG_MONTHLY_LIMIT, true}, {ARG_BUCKET, true},   {ARG_MODEL, false},
            {ARG_IMAGE_MODEL, false},  {ARG_PRECHECK, false}};

static bool has(GimpProcedureConfig *config, const char *name)
{
    return g_object_class_find_property(G_OBJECT_GET_CLASS(config), name) != NULL;
}

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
        char *value = NULL, *saved;

        if (!has(config, rows[i].name))
            continue;
        saved = remember_get(rows[i].name);
        g_object_get(config, rows[i].name, &value, NULL);
        if (*saved != '\0' && (value == NULL || *value == '\0'))
            g_object_set(config, rows[i].name, saved, NULL);
        g_free(value);
        g_free(saved);
    }
}

static void save(GimpProcedureConfig *config, bool saves_all)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        char *value = NULL;

        if (!has(config, rows[i].name) || (!rows[i].is_saved && !saves_all))
            continue;
        g_object_get(config, rows[i].name, &value, NULL);
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
