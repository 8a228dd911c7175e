/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns this plug-in's words in gimprc, "imgrecog-ARGUMENT", and those that GIMP keeps for it while
 * it runs, in a parasite of its own that is not marked persistent: GIMP saves no other.
 */
#include "plugins/gimp/remember.h"

#include "plugins/gimp/generate.h"

static const char *const names[] = {ARG_ENDPOINT, ARG_PROFILE, ARG_REGION, ARG_MONTHLY_LIMIT,
                                    ARG_BUCKET};
static const char *const word_names[] = {GENERATE_ARG_PROMPT, GENERATE_ARG_NEGATIVE, ARG_KEY};

#define WORDS_SECTION "words"

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

/* Sets what is still "". */
static void set_unset(GimpProcedureConfig *config, const char *name, const char *saved)
{
    char *value = NULL;

    g_object_get(config, name, &value, NULL);
    if (saved != NULL && (value == NULL || *value == '\0'))
        g_object_set(config, name, saved, NULL);
    g_free(value);
}

void remember_load(GimpProcedureConfig *config)
{
    for (size_t i = 0; i < G_N_ELEMENTS(names) && has(config, names[i]); i++) {
        char *token = NULL;
        char *saved = query(names[i], &token);

        set_unset(config, names[i], saved);
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

/* The name of the parasite (g_free). */
static char *words_name(GimpProcedure *procedure)
{
    return g_strconcat(gimp_procedure_get_name(procedure), "-words", NULL);
}

void remember_load_words(GimpProcedure *procedure, GimpProcedureConfig *config)
{
    char *name = words_name(procedure);
    GimpParasite *parasite = gimp_get_parasite(name);
    GKeyFile *words = g_key_file_new();
    guint32 bytes = 0;
    const char *data = parasite != NULL ? gimp_parasite_get_data(parasite, &bytes) : NULL;

    if (data != NULL)
        g_key_file_load_from_data(words, data, bytes, G_KEY_FILE_NONE, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(word_names); i++) {
        char *saved = g_key_file_get_string(words, WORDS_SECTION, word_names[i], NULL);

        if (saved != NULL && has(config, word_names[i]))
            set_unset(config, word_names[i], saved);
        g_free(saved);
    }
    g_key_file_free(words);
    if (parasite != NULL)
        gimp_parasite_free(parasite);
    g_free(name);
}

void remember_save_words(GimpProcedure *procedure, GimpProcedureConfig *config)
{
    GKeyFile *words = g_key_file_new();
    char *name = words_name(procedure);
    gsize bytes = 0;
    char *data;

    for (size_t i = 0; i < G_N_ELEMENTS(word_names); i++) {
        char *value = NULL;

        if (!has(config, word_names[i]))
            continue;
        g_object_get(config, word_names[i], &value, NULL);
        g_key_file_set_string(words, WORDS_SECTION, word_names[i], value != NULL ? value : "");
        g_free(value);
    }
    data = g_key_file_to_data(words, &bytes, NULL);
    if (bytes > 0) {
        GimpParasite *parasite = gimp_parasite_new(name, 0, (guint32)bytes, data);

        gimp_attach_parasite(parasite);
        gimp_parasite_free(parasite);
    }
    g_free(data);
    g_free(name);
    g_key_file_free(words);
}
