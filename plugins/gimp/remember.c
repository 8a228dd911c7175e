/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns this plug-in's words in gimprc: "PREFIX-ARGUMENT". */
#include "plugins/gimp/remember.h"

static char *token_of(const char *prefix, const char *name)
{
    return g_strdup_printf("%s-%s", prefix, name);
}

void remember_load(GimpProcedureConfig *config, const char *prefix, const char *const *names)
{
    for (; *names != NULL; names++) {
        char *token = token_of(prefix, *names);
        char *saved = gimp_gimprc_query(token);
        char *value = NULL;

        g_object_get(config, *names, &value, NULL);
        if (saved != NULL && (value == NULL || *value == '\0'))
            g_object_set(config, *names, saved, NULL);
        g_free(value);
        g_free(saved);
        g_free(token);
    }
}

void remember_save(GimpProcedureConfig *config, const char *prefix, const char *const *names)
{
    for (; *names != NULL; names++) {
        char *token = token_of(prefix, *names);
        char *saved = gimp_gimprc_query(token);
        char *value = NULL;

        g_object_get(config, *names, &value, NULL);
        if (g_strcmp0(value != NULL ? value : "", saved != NULL ? saved : "") != 0)
            gimp_gimprc_set(token, value != NULL ? value : "");
        g_free(value);
        g_free(saved);
        g_free(token);
    }
}
