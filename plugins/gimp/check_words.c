/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the words for kinds of findings and for places to look. */
#include "plugins/gimp/check_words.h"

#include <math.h>
#include <string.h>

#include <imgrecog/check.h>

#include "plugins/gimp/doctor_words.h"
#include "plugins/gimp/i18n.h"

#define MODEL "model" /* a kind */

/* Of include/imgrecog/result.md. What the model alone says is not counted. */
static const struct kind {
    const char *kind, *title, *one, *many;
} kinds[] = {
    {"face", N_("Face"), NP_("face", "faces")},
    {"email", N_("E-mail address"), NP_("e-mail address", "e-mail addresses")},
    {"phone", N_("Phone number"), NP_("phone number", "phone numbers")},
    {"payment-card", N_("Payment card number"), NP_("payment card number", "payment card numbers")},
    {"iban", N_("Bank account (IBAN)"), NP_("bank account", "bank accounts")},
    {"national-id", N_("Number of a person"), NP_("number of a person", "numbers of persons")},
    {"wifi-password", N_("Wi-Fi password in a code"),
     NP_("Wi-Fi password in a code", "Wi-Fi passwords in codes")},
    {"otp-secret", N_("Secret of one-time passwords in a code"),
     NP_("secret of one-time passwords in a code", "secrets of one-time passwords in codes")},
    {"contact", N_("Contact in a code"), NP_("contact in a code", "contacts in codes")},
    {"payment", N_("Payment in a code"), NP_("payment in a code", "payments in codes")},
    {"code", N_("Bar code or QR code"), NP_("bar or QR code", "bar or QR codes")},
    {"moderation", N_("Content for moderation"),
     NP_("label for moderation", "labels for moderation")},
    {"gps", N_("Position (GPS) in the metadata"),
     NP_("position in the metadata", "positions in the metadata")},
    {"owner", N_("Owner's name in the metadata"),
     NP_("owner's name in the metadata", "owners' names in the metadata")},
    {"person-name", N_("Person's name in the metadata"),
     NP_("person's name in the metadata", "persons' names in the metadata")},
    {"serial-number", N_("Serial number in the metadata"),
     NP_("serial number in the metadata", "serial numbers in the metadata")},
    {MODEL, N_("What the model says"), NULL, NULL},
};

static const struct {
    const char *name, *words;
} looks[] = {
    {"faces", N_("faces")},       {"text", N_("text")},
    {"codes", N_("codes")},       {"moderation", N_("nudity and violence")},
    {"metadata", N_("metadata")}, {"model", N_("the model's judgement")},
};

/* Why a look came to no end, by how the core's and the recogniser's words begin. Others, a
 * service's among them, stay as they are. */
static const struct {
    const char *beginning, *words;
} reasons[] = {
    {"not sent, since this machine's", N_("not sent, since this computer found something")},
    {"The local recogniser cannot know", N_("the recogniser on this computer cannot judge that")},
    {"the model answered neither", N_("the model said neither yes nor no")},
};

static const struct kind *find_kind(const char *kind)
{
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (g_str_equal(kind, kinds[i].kind))
            return &kinds[i];
    }
    return NULL;
}

const char *check_words_kind(const char *kind)
{
    const struct kind *row = find_kind(kind);

    return row != NULL ? _(row->title) : kind;
}

const char *check_words_verdict(const struct ir_check *check)
{
    struct ir_check_places places;

    ir_check_find_places(check, NULL, NULL, &places);
    if (check->verdict == IR_VERDICT_NO)
        return _("Nothing was found.");
    if (check->verdict != IR_VERDICT_YES)
        return _("Not everything could be looked at.");
    return places.failed == NULL
               ? _("This picture shows something that you may not want to share.")
               : _("This picture shows something that you may not want to share, and "
                   "not everything could be looked at.");
}

/* ---- what was found ---------------------------------------------------------------------- */

static unsigned count_of(const struct ir_check *check, const char *kind)
{
    unsigned count = 0;

    for (size_t i = 0; i < check->finding_count; i++)
        count += g_str_equal(check->findings[i].kind, kind);
    return count;
}

static bool is_first_of_kind(const struct ir_check *check, size_t finding_index)
{
    for (size_t i = 0; i < finding_index; i++) {
        if (g_str_equal(check->findings[i].kind, check->findings[finding_index].kind))
            return false;
    }
    return true;
}

/* A number, and what there are so many of. */
static void add_count(GString *words, const char *kind, unsigned count)
{
    const struct kind *row = find_kind(kind);
    char *part;

    if (row != NULL && row->one == NULL)
        return;
    part = g_strdup_printf(_("%u %s"), count, row != NULL ? P_(row->one, row->many, count) : kind);
    g_string_append_printf(words, "%s%s", words->len > 0 ? ", " : "", part);
    g_free(part);
}

char *check_words_counts(const struct ir_check *check)
{
    GString *words = g_string_new(NULL);

    for (size_t i = 0; i < check->finding_count; i++) {
        const char *kind = check->findings[i].kind;

        if (is_first_of_kind(check, i))
            add_count(words, kind, count_of(check, kind));
    }
    return g_string_free(words, FALSE);
}

/* ---- what was not looked at -------------------------------------------------------------- */

/* In the core's lines: "NAME: why". */
static const char *look_words(const char *line)
{
    size_t chars = strcspn(line, ":");

    for (size_t i = 0; i < G_N_ELEMENTS(looks); i++) {
        if (strlen(looks[i].name) == chars && strncmp(line, looks[i].name, chars) == 0)
            return _(looks[i].words);
    }
    return line;
}

/* (g_free) */
static char *reason_words(const char *why)
{
    for (size_t i = 0; i < G_N_ELEMENTS(reasons); i++) {
        if (strncmp(why, reasons[i].beginning, strlen(reasons[i].beginning)) == 0)
            return g_strdup(_(reasons[i].words));
    }
    return doctor_words_cause(why);
}

static void add_line(GString *lines, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void add_line(GString *lines, const char *format, ...)
{
    va_list values;

    if (lines->len > 0)
        g_string_append_c(lines, '\n');
    va_start(values, format);
    g_string_append_vprintf(lines, format, values);
    va_end(values);
}

/* What was left out is told in one line, what failed in one each, with the reason. */
static void add_not_checked(const struct ir_check *check, GString *lines)
{
    GString *left_out = g_string_new(NULL);

    for (size_t i = 0; i < check->not_checked_count; i++) {
        const char *line = check->not_checked[i];
        const char *why = strstr(line, ": ");
        char *words = why != NULL ? reason_words(why + 2) : NULL;

        if (ir_check_left_out(line) > 0)
            g_string_append_printf(left_out, "%s%s", left_out->len > 0 ? ", " : "",
                                   look_words(line));
        else if (why == NULL || look_words(line) == line)
            add_line(lines, _("Could not be looked at: %s"), line);
        else
            add_line(lines, _("Could not be looked at: %s (%s)"), look_words(line), words);
        g_free(words);
    }
    if (left_out->len > 0)
        add_line(lines, _("Not chosen, so not looked at: %s."), left_out->str);
    g_string_free(left_out, TRUE);
}

/* What a list of the findings says itself is left out beside it. */
static char *reason(const struct ir_check *check, bool is_beside_list)
{
    GString *lines = g_string_new(NULL);
    char *counts = check_words_counts(check);

    if (*counts != '\0' && !is_beside_list)
        add_line(lines, _("Found: %s."), counts);
    else if (*counts == '\0' && check->verdict == IR_VERDICT_UNKNOWN)
        add_line(lines, "%s", _("Nothing was found where it could be looked."));
    if (check->model_reason != NULL && !(is_beside_list && count_of(check, MODEL) > 0))
        add_line(lines, _("The model says: %s"), check->model_reason);
    add_not_checked(check, lines);
    g_free(counts);
    return g_string_free(lines, FALSE);
}

char *check_words_reason(const struct ir_check *check)
{
    return reason(check, false);
}

char *check_words_beside_list(const struct ir_check *check)
{
    return reason(check, true);
}

char *check_words_finding(const struct ir_check *check, size_t finding_index)
{
    const struct ir_finding *finding = &check->findings[finding_index];
    GString *words = g_string_new(check_words_kind(finding->kind));

    if (finding->name != NULL)
        g_string_append_printf(words, ": %s", finding->name);
    else if (g_str_equal(finding->kind, MODEL) && check->model_reason != NULL)
        g_string_append_printf(words, ": %s", check->model_reason);
    if (!isnan(finding->confidence_pct))
        g_string_append_printf(words, " (%d %%)", (int)floor(finding->confidence_pct));
    return g_string_free(words, FALSE);
}

char *check_words_failed(const struct ir_check *check)
{
    GString *words = g_string_new(NULL);

    for (size_t i = 0; i < check->not_checked_count; i++) {
        const char *line = check->not_checked[i];
        const char *why = strstr(line, ": ");

        if (ir_check_left_out(line) > 0)
            continue;
        g_string_append_printf(words, "%s%s", words->len > 0 ? ", " : "", look_words(line));
        if (why != NULL && look_words(line) != line) {
            char *reason = reason_words(why + 2);

            g_string_append_printf(words, " (%s)", reason);
            g_free(reason);
        }
    }
    return g_string_free(words, FALSE);
}
