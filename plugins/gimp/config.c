/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns asking a config for what may not be there. */
#include "plugins/gimp/config.h"

bool config_has(GimpProcedureConfig *config, const char *name)
{
    return g_object_class_find_property(G_OBJECT_GET_CLASS(config), name) != NULL;
}

char *config_text(GimpProcedureConfig *config, const char *name)
{
    char *text = NULL;

    g_object_get(config, name, &text, NULL);
    return text != NULL ? text : g_strdup("");
}

bool config_is_set(GimpProcedureConfig *config, const char *name)
{
    char *text = config_text(config, name);
    bool is_set = *text != '\0';

    g_free(text);
    return is_set;
}

void config_fill(GimpProcedureConfig *config, const char *name, const char *text)
{
    GParamSpec *spec = g_object_class_find_property(G_OBJECT_GET_CLASS(config), name);

    if (text != NULL && *text != '\0' && G_IS_PARAM_SPEC_STRING(spec) &&
        !config_is_set(config, name))
        g_object_set(config, name, text, NULL);
}
