/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The doctor on this machine: which file and variables settings come from, variables that look like
 * settings and are none, and the embedded recogniser, which is started and asked what it reads.
 */
#include <stdio.h>
#include <string.h>

#include "core/base/error.h"
#include "core/service/bedrock.h"
#include "core/task/doctor.h"
#include "core/task/settings.h"

#define MAX_PATH_BYTES 4096
#define MAX_NAME_CHARS 48
#define MAX_SHOWN_BYTES 400
#define MAX_UNKNOWN 5 /* lines for variables that are no settings */
#define NEAR_EDITS 3  /* letters in which a name may differ from the one that was meant */

/* ---- names that are nearly those of settings --------------------------------------------- */

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Letters to change, add or take away (Levenshtein's distance), of names of at most
 * MAX_NAME_CHARS. */
static size_t edits(const char *left, const char *right)
{
    size_t row[MAX_NAME_CHARS + 1];
    size_t right_chars = strlen(right);
    if (strlen(left) > MAX_NAME_CHARS || right_chars > MAX_NAME_CHARS)
        return MAX_NAME_CHARS;
    for (size_t j = 0; j <= right_chars; j++)
        row[j] = j;
    for (size_t i = 1; left[i - 1] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= right_chars; j++) {
            size_t changed = diagonal + (left[i - 1] != right[j - 1]);
            diagonal = row[j];
            row[j] = min3(row[j] + 1, row[j - 1] + 1, changed);
        }
    }
    return row[right_chars];
}

/* Variables that are no settings: of the embedded endpoint, and of this project's own shell. */
static bool is_other_variable(const char *name)
{
    static const char *const names[] = {"IMGRECOG_LOCAL",         "IMGRECOG_LOCAL_SOCKET",
                                        "IMGRECOG_LOCAL_CASCADE", "IMGRECOG_ROOT",
                                        "IMGRECOG_SHELL",         "IMGRECOG_SANITIZED"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* Whether `name` is a setting's variable; else writes the nearest one, "" when none is near. */
static bool find_setting(const char *name, char nearest[IR_SETTING_VARIABLE_BYTES])
{
    size_t least = NEAR_EDITS + 1;
    nearest[0] = '\0';
    for (size_t i = 0; ir_setting_get_info(i) != NULL; i++) {
        char variable[IR_SETTING_VARIABLE_BYTES];
        ir_setting_variable(i, variable);
        size_t distance = edits(name, variable);
        if (distance < least) {
            least = distance;
            ir_text_copy(nearest, IR_SETTING_VARIABLE_BYTES, variable);
        }
    }
    return least == 0;
}

static void say_unknown(struct ir_doctor_job *job, const char *name, const char *nearest)
{
    char next[2 * IR_SETTING_VARIABLE_BYTES + 64];
    if (*nearest != '\0')
        snprintf(next, sizeof next, "%s may be meant. `imgrecog config` lists the settings.",
                 nearest);
    else
        snprintf(next, sizeof next, "Take it out, or correct it: `imgrecog config` lists them.");
    ir_doctor_say(job, "variable", "environment", IR_DOCTOR_WARN, next,
                  "%s is set and changes nothing: there is no such setting", name);
}

/* Names of variables in force are joined in `used`. */
static void look_at_variables(struct ir_doctor_job *job, char *used, size_t used_bytes)
{
    const struct ir_world *world = job->world;
    size_t unknown_count = 0;
    const char *const *variables =
        world->environment != NULL ? world->environment(world->context) : NULL;
    for (; variables != NULL && *variables != NULL; variables++) {
        char name[IR_SETTING_VARIABLE_BYTES];
        char nearest[IR_SETTING_VARIABLE_BYTES];
        size_t prefix_chars = sizeof IR_SETTING_VARIABLE_PREFIX - 1;
        if (strncmp(*variables, IR_SETTING_VARIABLE_PREFIX, prefix_chars) != 0)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)strcspn(*variables, "="), *variables);
        if (is_other_variable(name))
            continue;
        if (!find_setting(name, nearest)) {
            if (unknown_count++ < MAX_UNKNOWN)
                say_unknown(job, name, nearest);
            continue;
        }
        size_t at = strlen(used);
        snprintf(used + at, used_bytes - at, "%s%s", at > 0 ? ", " : "", name);
    }
}

/* The settings have been read when a doctor comes: a file that is wrong has been told by then. */
void ir_doctor_look_at_settings(struct ir_doctor_job *job)
{
    char used[MAX_SHOWN_BYTES] = "";
    struct ir_buf path;
    struct ir_buf text;
    struct ir_error err = {0};
    bool is_missing = false;
    ir_buf_init(&path, MAX_PATH_BYTES);
    ir_buf_init(&text, IR_SETTINGS_MAX_FILE_BYTES);
    int rc = ir_settings_read_file(job->world, &path, &text, &is_missing, &err);
    look_at_variables(job, used, sizeof used);
    if (rc != 0 && !is_missing)
        ir_doctor_say_error(job, "settings", "settings", IR_DOCTOR_FAIL, &err);
    else
        ir_doctor_say(job, "settings", "settings", IR_DOCTOR_OK, NULL, "%s %s; %s%s",
                      is_missing ? "there is no" : "from", ir_buf_text(&path),
                      used[0] != '\0' ? "from the environment: " : "none in the environment", used);
    ir_buf_release(&text);
    ir_buf_release(&path);
}

/* ---- the recogniser on this machine ------------------------------------------------------ */

static int ask_models(struct ir_doctor_job *job, char *languages, size_t languages_bytes,
                      struct ir_error *err)
{
    static const struct ir_models_filter all = {.provider = NULL};
    struct ir_http_response response;
    struct ir_request request;
    int rc = ir_bedrock_list_models(&all, &request, err);
    if (rc != 0)
        return rc;
    ir_http_response_init(&response);
    rc = ir_doctor_send(job, &request, &response, err);
    if (rc == 0)
        ir_http_response_header(&response, IR_EMBEDDED_LANGUAGES_HEADER, languages,
                                languages_bytes);
    ir_http_response_release(&response);
    return rc;
}

/* By a client of its own, since the one that is looked at may ask AWS. */
static int start_and_ask(struct ir_doctor_job *job, char *languages, size_t languages_bytes,
                         struct ir_error *err)
{
    struct ir_client_options options = IR_CLIENT_OPTIONS_INIT;
    struct ir_doctor_job local = *job;
    struct ir_transport transport;
    options.endpoint = "local";
    local.client = NULL;
    int rc = ir_transport_curl_new(&transport, err);
    if (rc == 0)
        rc = ir_client_new_in(&options, job->world, &transport, &local.client, err);
    if (rc == 0)
        rc = ask_models(&local, languages, languages_bytes, err);
    ir_client_free(local.client);
    return rc;
}

void ir_doctor_look_at_local(struct ir_doctor_job *job)
{
    static const char id[] = "local";
    static const char subject[] = "imgrecog-local";
    char program[IR_EMBEDDED_PROGRAM_BYTES];
    char languages[128] = "";
    struct ir_error err = {0};
    /* Who asks AWS can do without it. */
    enum ir_doctor_state broken = job->is_embedded ? IR_DOCTOR_FAIL : IR_DOCTOR_WARN;
    if (ir_doctor_is_late(job, id, subject))
        return;
    int rc = ir_embedded_find_program(program, &err);
    if (rc == 0)
        rc = start_and_ask(job, languages, sizeof languages, &err);
    if (rc == IR_ERR_CANCELLED)
        return;
    if (rc != 0) {
        ir_doctor_say_error(job, id, subject, broken, &err);
        return;
    }
    bool has_korean = strstr(languages, "kor") != NULL;
    ir_doctor_say(job, id, subject, IR_DOCTOR_OK,
                  has_korean
                      ? NULL
                      : "For other languages install Tesseract's data (tesseract-ocr-kor for "
                        "Korean).",
                  "%.600s answers; faces by its cascade, text in %s", program,
                  languages[0] != '\0' ? languages : "languages that it does not tell");
}
