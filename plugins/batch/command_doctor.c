/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * imgrecog doctor: a line for each thing that must be right, as it is found. Settings that cannot
 * be read are a line too; then nothing that they would decide is looked at.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <imgrecog/doctor.h>
#include <imgrecog/memory.h>

#include "plugins/batch/commands.h"
#include "plugins/batch/doctor_hosts.h"
#include "plugins/batch/print.h"
#include "plugins/common/fail.h"

#define LINE_BYTES 1600

/* How lines are shown. */
struct show {
    bool is_quiet; /* --json */
    bool has_color;
};

static void print_line(void *context, const struct ir_doctor_line *line)
{
    static const char *const words[] = {"ok  ", "warn", "FAIL", "skip"};
    static const char *const colors[] = {"\033[32m", "\033[33m", "\033[31;1m", "\033[2m"};
    const struct show *show = context;

    if (show->is_quiet)
        return;
    if (show->has_color)
        printf("%s%s\033[0m", colors[line->state], words[line->state]);
    else
        printf("%s", words[line->state]);
    printf("  %s: %s\n", line->subject, line->what);
    if (*line->next != '\0')
        printf("      -> %s\n", line->next);
    fflush(stdout);
}

static void look_at_broken_settings(const struct session *session, struct ir_doctor *doctor)
{
    struct ir_error cause = session->options->settings_error;
    char what[LINE_BYTES];
    struct ir_doctor_line line = {"settings", "settings", IR_DOCTOR_FAIL, what, cause.hint};
    struct ir_error told = cause;

    told.hint[0] = '\0';
    told.service[0] = '\0';
    ir_error_line(&told, what, sizeof what);
    ir_doctor_add(doctor, &line);
    line = (struct ir_doctor_line){"connection", "connection", IR_DOCTOR_SKIPPED,
                                   "not looked at: the settings say how", ""};
    ir_doctor_add(doctor, &line);
}

static int look(const struct session *session, struct ir_doctor *doctor, struct ir_error *err)
{
    struct ir_doctor_options options = IR_DOCTOR_OPTIONS_INIT;
    int rc = 0;

    options.settings = session->options->settings;
    options.bucket = session->options->bucket;
    options.cancel = session->cancel;
    if (options.settings != NULL)
        rc = ir_doctor_look(doctor, &options, err);
    else
        look_at_broken_settings(session, doctor);
    if (rc == 0)
        doctor_look_at_magick(doctor, session->cancel);
    if (rc == 0 && ir_cancel_is_set(session->cancel)) /* what was ended says nothing */
        rc = common_fail(err, IR_ERR_CANCELLED, "", "cancelled while looking");
    if (rc == 0)
        doctor_look_at_gimp(doctor);
    return rc;
}

static int print_document(const struct ir_doctor *doctor, struct ir_error *err)
{
    char *json = NULL;
    int rc = ir_doctor_to_json(doctor, &json, err);

    if (rc == 0)
        printf("%s\n", json);
    ir_free(json);
    return rc;
}

enum exit_code command_doctor(const struct session *session)
{
    const char *no_color = getenv("NO_COLOR");
    struct show show = {.is_quiet = session->options->json,
                        .has_color =
                            isatty(STDOUT_FILENO) && (no_color == NULL || *no_color == '\0')};
    struct ir_doctor *doctor = NULL;
    struct ir_error err;
    bool is_well = false;
    int rc = ir_doctor_new(print_line, &show, &doctor, &err);

    if (rc == 0)
        rc = look(session, doctor, &err);
    if (rc == 0)
        is_well = ir_doctor_is_well(doctor);
    if (rc == 0 && session->options->json)
        rc = print_document(doctor, &err);
    ir_doctor_free(doctor);
    if (rc == 0)
        rc = print_finish(&err);
    if (rc == 0)
        return is_well ? EXIT_FINE : EXIT_SOME_FAILED;
    print_error(NULL, &err);
    return rc == IR_ERR_CANCELLED ? EXIT_CANCELLED : EXIT_SOME_FAILED;
}
