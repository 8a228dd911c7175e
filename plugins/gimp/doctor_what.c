/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns what is so, in the user's language: the core's lines by their form. tests/unit/catalogues.py
 * reads the core's sources and misses a form that is not here. What has none is a service's own
 * words, or an error's: it is shown as a quotation.
 */
#include "plugins/gimp/doctor_words.h"

#include <string.h>

#include <glib.h>

#include "plugins/gimp/i18n.h"

#define HOLE "*"    /* in a form: anything */
#define HOLES_MAX 4 /* in a form */

/* The first form that fits counts. In the words %1$s is what stood in the first hole, itself in the
 * user's language where it is one of the forms. */
static const struct {
    const char *form; /* the core's */
    const char *words;
} forms[] = {
    /* settings */
    {"there is no *; none in the environment",
     N_("There is no file %1$s, and nothing is set in the environment.")},
    {"there is no *; from the environment: *",
     N_("There is no file %1$s. Set in the environment: %2$s.")},
    {"from *; none in the environment", N_("Read from %1$s. Nothing is set in the environment.")},
    {"from *; from the environment: *", N_("Read from %1$s. Set in the environment: %2$s.")},
    {"* is set and changes nothing: there is no such setting",
     N_("%1$s is set, but there is no such setting.")},
    {"the profile \"*\" is neither in * nor in *", N_("There is no profile “%1$s”.")},
    /* credentials and region */
    {"none are needed: *", N_("None are needed: the recogniser on this computer is asked.")},
    {"from *, profile \"*\", key ...*, until *",
     N_("From %1$s, profile “%2$s”, key …%3$s, until %4$s.")},
    {"from *, profile \"*\", key ...*", N_("From %1$s, profile “%2$s”, key …%3$s.")},
    {"no credentials found. Looked at: *", N_("None were found. Looked at: %1$s.")},
    {"the credentials from * ended at *", N_("Those from %1$s ended at %2$s.")},
    {"the IAM Identity Center session of profile \"*\" *",
     N_("The sign-in of profile “%1$s” has ended, or there was none.")},
    {"the environment", N_("the environment")},
    {"AWS_BEARER_TOKEN_BEDROCK is set: *",
     N_("AWS_BEARER_TOKEN_BEDROCK is set: Bedrock is asked with it.")},
    {"none is set (looked at: *", N_("None is set.")},
    {"*, from the setting region", N_("%1$s, from the settings.")},
    {"*, from AWS_REGION", N_("%1$s, from AWS_REGION.")},
    {"*, from AWS_DEFAULT_REGION", N_("%1$s, from AWS_DEFAULT_REGION.")},
    {"*, from the profile", N_("%1$s, from the profile.")},
    {"account *, *", N_("Account %1$s, %2$s.")},
    {"not asked: no region is set", N_("Not asked, since no region is set.")},
    {"not asked: there are no credentials", N_("Not asked, since there are no credentials.")},
    /* the way there */
    {"the setting in the environment names no host",
     N_("What is set in the environment names no host.")},
    {"by *, but for the hosts of NO_PROXY", N_("%1$s, but not for the hosts in NO_PROXY.")},
    {"by *", N_("%1$s.")},
    {"*: no such file", N_("There is no file %1$s.")},
    {"* holds no certificate", N_("There is no certificate in %1$s.")},
    {"answers after * ms, *", N_("Answers after %1$s ms, %2$s.")},
    {"TLS verified", N_("encrypted and verified (TLS)")},
    {"without TLS", N_("not encrypted")},
    {"not asked: their names hold the region, *",
     N_("Not asked: their names depend on the region, and none is set.")},
    {"no address is known for *", N_("No address is known for %1$s.")},
    {"nobody answers at *", N_("Nobody answers at %1$s.")},
    {"the proxy * cannot be reached or does not answer",
     N_("The proxy %1$s cannot be reached, or does not answer.")},
    {"* cannot be reached", N_("%1$s cannot be reached.")},
    {"* did not take the connection in time", N_("%1$s did not answer in time.")},
    {"no connection to * came about within the time limit", N_("%1$s did not answer in time.")},
    {"* did not answer within the time limit", N_("%1$s did not answer in time.")},
    {"* closed the connection without an answer",
     N_("%1$s closed the connection without an answer.")},
    {"the connection to * broke", N_("The connection to %1$s broke off.")},
    {"the certificate of * comes from an authority that is not known here",
     N_("The certificate of %1$s comes from an authority that is not known here.")},
    {"the certificate of * has expired", N_("The certificate of %1$s has expired.")},
    /* the clock */
    {"no server has told the time", N_("No server has told the time.")},
    {"within * s of the servers'", N_("Not more than %1$s s from the servers' clocks.")},
    {"* s behind the servers'; *",
     N_("%1$s s behind the servers' clocks. Here that is allowed for, but other programs will be "
        "refused.")},
    {"* s ahead of the servers'; *",
     N_("%1$s s ahead of the servers' clocks. Here that is allowed for, but other programs will be "
        "refused.")},
    /* the recogniser on this computer */
    {"* answers; faces by its cascade, text in languages that it does not tell",
     N_("It answers, and finds faces and text.")},
    {"* answers; faces by its cascade, text in *",
     N_("It answers, and finds faces and text (%2$s).")},
    {"eng+kor", N_("English and Korean")}, /* as Tesseract calls them */
    {"eng", N_("English")},
    {"not looked at: the time for looking is over", N_("There was no time left to look at this.")},
};

/* Where `literal` begins behind `at`, the last one of a form so that it ends the text; NULL =
 * nowhere. */
static const char *find(const char *at, const char *literal, bool is_last)
{
    size_t left = strlen(at);
    size_t chars = strlen(literal);
    const char *end = left >= chars ? at + left - chars : NULL;

    if (!is_last)
        return strstr(at, literal);
    return end != NULL && strcmp(end, literal) == 0 ? end : NULL;
}

/* What stands in the holes of `form`, to be freed by the caller; false where it is of another. */
static bool take(const char *form, const char *what, char *holes[HOLES_MAX])
{
    char **literals = g_strsplit(form, HOLE, HOLES_MAX + 1);
    size_t chars = strlen(literals[0]);
    const char *at = strncmp(what, literals[0], chars) == 0 ? what + chars : NULL;

    for (size_t i = 1; at != NULL && literals[i] != NULL; i++) {
        const char *end = find(at, literals[i], literals[i + 1] == NULL);

        if (end != NULL)
            holes[i - 1] = g_strndup(at, (gsize)(end - at));
        at = end != NULL ? end + strlen(literals[i]) : NULL;
    }
    g_strfreev(literals);
    return at != NULL && *at == '\0';
}

static char *words_of(const char *what);

static void add_hole(GString *out, const char *hole)
{
    char *words = words_of(hole);

    g_string_append(out, words != NULL ? words : hole);
    g_free(words);
}

/* The number of the hole that "%1$s" at `at` stands for; -1 = none. */
static int hole_at(const char *at)
{
    bool is_one = at[0] == '%' && at[1] >= '1' && at[1] < '1' + HOLES_MAX;

    return is_one && strncmp(at + 2, "$s", 2) == 0 ? at[1] - '1' : -1;
}

/* `words` with what was in the holes (g_free). */
static char *fill(const char *words, char *const holes[HOLES_MAX])
{
    GString *out = g_string_new(NULL);

    for (const char *at = words; *at != '\0'; at++) {
        int hole = hole_at(at);

        if (hole < 0) {
            g_string_append_c(out, *at);
            continue;
        }
        if (holes[hole] != NULL)
            add_hole(out, holes[hole]);
        at += strlen("1$s");
    }
    return g_string_free(out, FALSE);
}

/* (g_free); NULL where it has no form that is known. A hole holds less than the whole. */
static char *words_of(const char *what)
{
    for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
        char *holes[HOLES_MAX] = {NULL};
        char *words = take(forms[i].form, what, holes) ? fill(_(forms[i].words), holes) : NULL;

        for (size_t j = 0; j < HOLES_MAX; j++)
            g_free(holes[j]);
        if (words != NULL)
            return words;
    }
    return NULL;
}

char *doctor_words_cause(const char *cause)
{
    size_t chars = strlen(cause);
    char *bare = g_strndup(cause, chars > 0 && cause[chars - 1] == '.' ? chars - 1 : chars);
    char *words = words_of(bare);

    g_free(bare);
    return words != NULL ? words : g_strdup_printf("“%s”", cause);
}
