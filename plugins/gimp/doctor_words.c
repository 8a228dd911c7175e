/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the words for the doctor's lines, by their ids. A line that is not known keeps its own. */
#include "plugins/gimp/doctor_words.h"

#include <string.h>

#include "plugins/gimp/hint.h"
#include "plugins/gimp/i18n.h"

#define COMMAND "`"         /* around what is to be typed into a terminal */
#define PROGRAM "imgrecog " /* how a command of ours begins: GIMP does the same */

/* In the order of the lines. */
static const struct row {
    const char *id;
    const char *subject;
    const char *step; /* where the core's own would be in a foreign language */
} rows[] = {
    {"settings", N_("Settings"),
     N_("Correct the setting that is named, in the file or in the environment.")},
    {"variable", N_("Environment"),
     N_("Take the variable out of the environment, or correct its name.")},
    {"aws-settings", N_("AWS's settings"),
     N_("Correct what is named, in ~/.aws/config or in the environment.")},
    {"credentials", N_("Credentials"),
     N_("Choose another profile above, or sign in again in a terminal.")},
    {"bedrock-key", N_("Bedrock's key"), NULL},
    {"region", N_("Region"), N_("Choose a region above.")},
    {"proxy", N_("Proxy"), N_("Correct the proxy in the environment, or take it out.")},
    {"ca-bundle", N_("Certificates"),
     N_("Name a file of certificates in PEM form, or take the setting out.")},
    {"host:", NULL, N_("Look at the network, the proxy and the region.")},
    {"hosts", N_("Hosts"), NULL},
    {"clock", N_("Clock"), N_("Set this computer's clock.")},
    {"model:", NULL,
     N_("Choose another model in the settings, or ask for access to this one in the Bedrock "
        "console.")},
    {"identity", N_("Identity"), N_("Look at the profile's keys, or sign in again.")},
    {"local", N_("Recogniser on this computer"),
     N_("Install imgrecog-local, or correct the variables whose names begin with IMGRECOG_LOCAL.")},
};

/* A colon at the end of a row's id: a line's goes on behind it. */
static bool is_of(const struct row *row, const char *id)
{
    size_t chars = strlen(row->id);

    return strncmp(id, row->id, chars) == 0 && (id[chars] == '\0' || row->id[chars - 1] == ':');
}

static const struct row *row_of(const struct ir_doctor_line *line)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (is_of(&rows[i], line->id))
            return &rows[i];
    }
    return NULL;
}

char *doctor_words_heading(const struct ir_doctor_line *line)
{
    static const char *const states[] = {
        [IR_DOCTOR_OK] = N_("good"),
        [IR_DOCTOR_WARN] = N_("look at this"),
        [IR_DOCTOR_FAIL] = N_("wrong"),
        [IR_DOCTOR_SKIPPED] = N_("not looked at"),
    };
    const struct row *row = row_of(line);

    return g_strdup_printf("%s: %s",
                           row != NULL && row->subject != NULL ? _(row->subject) : line->subject,
                           _(states[line->state]));
}

static void add_command(GString *commands, const char *command)
{
    if (!g_str_has_prefix(command, PROGRAM))
        g_string_append_printf(commands, " (%s)", command);
}

/* What is to be typed: " (aws configure)", one behind the other (g_free). */
static char *commands_of(const char *step)
{
    GString *commands = g_string_new(NULL);
    char **parts = g_strsplit(step, COMMAND, -1);

    for (size_t i = 1; parts[0] != NULL && parts[i] != NULL && parts[i + 1] != NULL; i += 2)
        add_command(commands, parts[i]);
    g_strfreev(parts);
    return g_string_free(commands, FALSE);
}

char *doctor_words_next(const struct ir_doctor_line *line)
{
    const struct row *row = row_of(line);
    const char *step = row != NULL && row->step != NULL ? _(row->step) : NULL;
    bool is_bad = line->state == IR_DOCTOR_WARN || line->state == IR_DOCTOR_FAIL;
    char *hint = hint_for_gimp(line->next);
    char *commands, *words;

    if (step == NULL || !is_bad || *line->next == '\0' || (*hint != '\0' && step == row->step))
        return hint;
    g_free(hint);
    commands = commands_of(line->next);
    words = g_strconcat(step, commands, NULL);
    g_free(commands);
    return words;
}
