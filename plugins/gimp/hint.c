/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the marks by which a clause for a terminal, for our settings by their names, or for whoever
 * looks after the account, is known. A sentence ends with ". ", a clause with "; ". HTTPS_PROXY and
 * ca_bundle are no marks: GIMP has no other place for them.
 */
#include "plugins/gimp/hint.h"

#include <string.h>

#include <glib.h>

bool hint_is_for_terminal(const char *words)
{
    static const char *const marks[] = {
        "AWS_",
        "IMGRECOG_",
        "imgrecog ",
        "endpoint=",
        "edit=",
        "the setting ",
        "Run: ",
        "run: ",
        "Run \"",
        "mkdir ",
        "magick ",
        "ulimit ",
        "(mv ",
        " --",
        "image-model",
        "monthly-limit",
        "set precheck",
        "aws s3 ",
        "for this identity",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(marks); i++) {
        if (strstr(words, marks[i]) != NULL)
            return true;
    }
    return false;
}

/* A sentence without what ends it, up to its first clause for a terminal. */
static void add_sentence(GString *out, const char *sentence)
{
    char **clauses = g_strsplit(sentence, "; ", -1);

    for (size_t i = 0; clauses[i] != NULL && !hint_is_for_terminal(clauses[i]); i++)
        g_string_append_printf(out, "%s%s", i > 0 ? "; " : out->len > 0 ? " " : "", clauses[i]);
    if (clauses[0] != NULL && !hint_is_for_terminal(clauses[0]))
        g_string_append_c(out, '.');
    g_strfreev(clauses);
}

char *hint_for_gimp(const char *hint)
{
    GString *out = g_string_new(NULL);
    size_t bytes = strlen(hint);
    char **sentences;
    char *all;

    if (!hint_is_for_terminal(hint))
        return g_string_free(g_string_append(out, hint), FALSE);
    all = g_strndup(hint, bytes > 0 && hint[bytes - 1] == '.' ? bytes - 1 : bytes);
    sentences = g_strsplit(all, ". ", -1);
    for (size_t i = 0; sentences[i] != NULL; i++)
        add_sentence(out, sentences[i]);
    g_strfreev(sentences);
    g_free(all);
    return g_string_free(out, FALSE);
}
