/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns a parasite of GIMP itself, "PROCEDURE-words", which is not marked persistent: GIMP saves no
 * other. In it is a key file.
 */
#include "plugins/gimp/words.h"

#include "plugins/gimp/config.h"
#include "plugins/gimp/generate.h"
#include "plugins/gimp/task.h"

#define SECTION "words"

/* A model as well: with another one, a repetition would have another price. */
static const char *const names[] = {
    GENERATE_ARG_PROMPT, GENERATE_ARG_NEGATIVE, ARG_KEY, ARG_IMAGE_MODEL, ARG_MODEL, ARG_CONTEXT};

/* The parasite's (g_free). */
static char *name_of(GimpProcedure *procedure)
{
    return g_strconcat(gimp_procedure_get_name(procedure), "-words", NULL);
}

void words_load(GimpProcedure *procedure, GimpProcedureConfig *config)
{
    char *name = name_of(procedure);
    GimpParasite *parasite = gimp_get_parasite(name);
    GKeyFile *file = g_key_file_new();
    guint32 bytes = 0;
    const char *data = parasite != NULL ? gimp_parasite_get_data(parasite, &bytes) : NULL;

    if (data != NULL)
        g_key_file_load_from_data(file, data, bytes, G_KEY_FILE_NONE, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        char *kept = g_key_file_get_string(file, SECTION, names[i], NULL);

        config_fill(config, names[i], kept);
        g_free(kept);
    }
    g_key_file_free(file);
    if (parasite != NULL)
        gimp_parasite_free(parasite);
    g_free(name);
}

void words_keep(GimpProcedure *procedure, GimpProcedureConfig *config)
{
    GKeyFile *file = g_key_file_new();
    char *name = name_of(procedure);
    gsize bytes = 0;
    char *data;

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        char *value;

        if (!config_has(config, names[i]))
            continue;
        value = config_text(config, names[i]);
        g_key_file_set_string(file, SECTION, names[i], value);
        g_free(value);
    }
    data = g_key_file_to_data(file, &bytes, NULL);
    if (bytes > 0) {
        GimpParasite *parasite = gimp_parasite_new(name, 0, (guint32)bytes, data);

        gimp_attach_parasite(parasite);
        gimp_parasite_free(parasite);
    }
    g_free(data);
    g_free(name);
    g_key_file_free(file);
}
