/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns this plug-in's words in gimprc: "imgrecog-ARGUMENT". */
#include "plugins/gimp/remember.h"

#include "plugins/gimp/task.h"

static const char *const names[] = {ARG_ENDPOINT, ARG_PROFILE, ARG_REGION, ARG_MONTHLY_LIMIT,
                                    ARG_BUCKET};

static bool has(GimpProcedureConfig *config, const char *name)
{
    return g_object_class_find_property(G_OBJECT_GET_CLASS(config), name) != NULL;
}

/* What is saved under `token`; NULL when nothing is. */
static char *query(const char *name, char **out_token)
{
    *out_token = g_strconcat("imgrecog-", name, NULL);
    return gimp_gimprc_query(*out_token);
}

void remember_load(GimpProcedureConfig *config)
{
    for (size_t i = 0; i < G_N_ELEMENTS(names) && has(config, names[i]); i++) {
        char *token = NULL;
        char *saved = query(names[i], &token);
        char *value = NULL;

        g_object_get(config, names[i], &value, NULL);
        if (saved != NULL && (value == NULL || *value == '\0'))
            g_object_set(config, names[i], saved, NULL);
        g_free(value);
        g_free(saved);
        g_free(token);
    }
}

void remember_save(GimpProcedureConfig *config)
{
    for (size_t i = 0; i < G_N_ELEMENTS(names) && has(config, names[i]); i++) {
        char *token = NULL;
        char *saved = query(names[i], &token);
        char *value = NULL;

        g_object_get(config, names[i], &value, NULL);
        if (g_strcmp0(value != NULL ? value : "", saved != NULL ? saved : "") != 0)
            gimp_gimprc_set(token, value != NULL ? value : "");
        g_free(value);
        g_free(saved);
        g_free(token);
    }
}
