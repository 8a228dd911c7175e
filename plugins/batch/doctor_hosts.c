/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ImageMagick is asked itself: `magick -list configure` names the folder of filter modules, which
 * MAGICK_CODER_FILTER_PATH replaces, and a module that prints its settings has been loaded. GIMP
 * takes seconds to start: its plug-in is looked for where GIMP 3 looks, NAME/NAME in a folder
 * plug-ins of the user's or the system's.
 */
#include "plugins/batch/doctor_hosts.h"

#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugins/batch/child.h"

#define TEXT_BYTES 1000
#define FILTER_KEY "FILTER_PATH"
#define VERSION_KEY "VERSION"
#define VALUE_BYTES 512

__attribute__((format(printf, 6, 7))) static void say(struct ir_doctor *doctor, const char *id,
                                                      const char *subject,
                                                      enum ir_doctor_state state, const char *next,
                                                      const char *format, ...)
{
    char what[TEXT_BYTES];
    const struct ir_doctor_line line = {id, subject, state, what, next};
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    ir_doctor_add(doctor, &line);
}

/* ---- ImageMagick ------------------------------------------------------------------------- */

/* The value of a line "KEY   value"; "" when there is none. */
static void find_value(const char *text, const char *key, char out[VALUE_BYTES])
{
    size_t key_chars = strlen(key);

    out[0] = '\0';
    while (*text != '\0') {
        size_t chars = strcspn(text, "\n");

        if (strncmp(text, key, key_chars) == 0 &&
            (text[key_chars] == ' ' || text[key_chars] == '\t')) {
            size_t blanks = strspn(text + key_chars, " \t");

            snprintf(out, VALUE_BYTES, "%.*s", (int)(chars - key_chars - blanks),
                     text + key_chars + blanks);
            return;
        }
        text += chars + (text[chars] == '\n' ? 1 : 0);
    }
}

/* The folder in which ImageMagick looks for the module. */
static const char *filter_folder(const char *configured)
{
    const char *given = getenv("MAGICK_CODER_FILTER_PATH");

    return given != NULL && *given != '\0' ? given : configured;
}

static void say_module(struct ir_doctor *doctor, const char *folder, bool loads, const char *said)
{
    char path[CHILD_PATH_BYTES];
    char next[TEXT_BYTES];
    bool is_there;

    snprintf(path, sizeof path, "%.2000s/imgrecog.la", folder);
    is_there = access(path, R_OK) == 0;
    if (loads) {
        say(doctor, "magick-module", "ImageMagick's module", IR_DOCTOR_OK, "",
            "%.600s loads: magick PHOTO -process imgrecog OUT", path);
    } else if (!is_there) {
        snprintf(next, sizeof next,
                 "Install it there (meson install), or set MAGICK_CODER_FILTER_PATH to the folder "
                 "that holds imgrecog.la.");
        say(doctor, "magick-module", "ImageMagick's module", IR_DOCTOR_WARN, next,
            "there is no %.600s", path);
    } else {
        snprintf(next, sizeof next,
                 "Build it for this ImageMagick and install it again; `magick -debug Module xc: "
                 "-process imgrecog null:` says more.");
        say(doctor, "magick-module", "ImageMagick's module", IR_DOCTOR_WARN, next,
            "%.400s does not load: %.400s", path, *said != '\0' ? said : "it says nothing");
    }
}

void doctor_look_at_magick(struct ir_doctor *doctor, const struct ir_cancel *cancel)
{
    static const char *const names[] = {"magick", "magick-im7.q16", "magick-im7.q16hdri", NULL};
    char program[CHILD_PATH_BYTES];
    char configured[VALUE_BYTES];
    char version[VALUE_BYTES];
    char *text;

    if (!child_find(names, program)) {
        say(doctor, "magick", "ImageMagick", IR_DOCTOR_SKIPPED,
            "Install ImageMagick 7 to use the module (the command `magick`).",
            "there is no magick on PATH");
        return;
    }
    text = malloc(CHILD_TEXT_BYTES);
    if (text == NULL)
        return;
    if (child_run((const char *const[]){program, "-list", "configure", NULL}, cancel, text) != 0) {
        say(doctor, "magick", "ImageMagick", IR_DOCTOR_WARN, "Try: magick -list configure",
            "%.600s does not tell where its modules are", program);
    } else {
        bool loads;

        find_value(text, FILTER_KEY, configured);
        find_value(text, VERSION_KEY, version);
        say(doctor, "magick", "ImageMagick", IR_DOCTOR_OK, "", "%s at %.600s", version, program);
        loads = child_run((const char *const[]){program, "xc:", "-process", "imgrecog help",
                                                "null:", NULL},
                          cancel, text) == 0 &&
                strstr(text, "min-confidence") != NULL;
        say_module(doctor, filter_folder(configured), loads, text);
    }
    free(text);
}

/* ---- GIMP -------------------------------------------------------------------------------- */

/* The first file of the pattern's that can be run. */
static bool find_plugin(const char *pattern, char out[CHILD_PATH_BYTES])
{
    glob_t found = {0};
    bool is_found = false;

    if (glob(pattern, 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc && !is_found; i++)
            if (access(found.gl_pathv[i], X_OK) == 0) {
                snprintf(out, CHILD_PATH_BYTES, "%s", found.gl_pathv[i]);
                is_found = true;
            }
    globfree(&found);
    return is_found;
}

/* The folder of a user's GIMP, as a pattern over its releases. */
static void write_user_pattern(char out[CHILD_PATH_BYTES])
{
    const char *own = getenv("GIMP3_DIRECTORY");
    const char *config = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");

    if (own != NULL && *own == '/')
        snprintf(out, CHILD_PATH_BYTES, "%s/plug-ins/imgrecog/imgrecog", own);
    else if (config != NULL && *config == '/')
        snprintf(out, CHILD_PATH_BYTES, "%s/GIMP/3.*/plug-ins/imgrecog/imgrecog", config);
    else
        snprintf(out, CHILD_PATH_BYTES, "%s/.config/GIMP/3.*/plug-ins/imgrecog/imgrecog",
                 home != NULL ? home : "");
}

/* This project's own shell runs GIMP with the folders of the build. */
static bool find_in_test_folders(char out[CHILD_PATH_BYTES])
{
    const char *folders = getenv("GIMP_TESTING_PLUGINDIRS");
    char pattern[CHILD_PATH_BYTES];

    while (folders != NULL && *folders != '\0') {
        size_t chars = strcspn(folders, ":");

        snprintf(pattern, sizeof pattern, "%.*s/imgrecog/imgrecog", (int)chars, folders);
        if (chars > 0 && find_plugin(pattern, out))
            return true;
        folders += chars + (folders[chars] == ':' ? 1 : 0);
    }
    return false;
}

void doctor_look_at_gimp(struct ir_doctor *doctor)
{
    static const char *const names[] = {"gimp", "gimp-3.0", "gimp-3.2", "gimp-console", NULL};
    static const char *const system_patterns[] = {
        "/usr/lib/*/gimp/3.*/plug-ins/imgrecog/imgrecog",
        "/usr/lib/gimp/3.*/plug-ins/imgrecog/imgrecog",
        "/usr/lib64/gimp/3.*/plug-ins/imgrecog/imgrecog",
        "/usr/local/lib/*/gimp/3.*/plug-ins/imgrecog/imgrecog",
        "/usr/local/lib/gimp/3.*/plug-ins/imgrecog/imgrecog"};
    char program[CHILD_PATH_BYTES];
    char plugin[CHILD_PATH_BYTES];
    char user[CHILD_PATH_BYTES];
    char next[TEXT_BYTES];
    bool is_found;

    if (!child_find(names, program)) {
        say(doctor, "gimp", "GIMP", IR_DOCTOR_SKIPPED, "Install GIMP 3 to use the plug-in.",
            "there is no gimp on PATH");
        return;
    }
    write_user_pattern(user);
    is_found = find_in_test_folders(plugin) || find_plugin(user, plugin);
    for (size_t i = 0; i < sizeof system_patterns / sizeof system_patterns[0] && !is_found; i++)
        is_found = find_plugin(system_patterns[i], plugin);
    if (is_found) {
        say(doctor, "gimp-plugin", "GIMP's plug-in", IR_DOCTOR_OK, "",
            "%.700s: Filters > Image Recognition", plugin);
        return;
    }
    snprintf(next, sizeof next,
             "Install it (meson install), for you alone with -Dgimp_user_install=true: %.700s",
             user);
    say(doctor, "gimp-plugin", "GIMP's plug-in", IR_DOCTOR_WARN, next,
        "%.300s is there, and the plug-in in none of GIMP's folders that are known", program);
}
