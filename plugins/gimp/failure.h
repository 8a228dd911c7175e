/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What sort of failure an error is: a heading in the user's language above the core's own words,
 * which are English, and what a press of a button may do about it. No widget, no GIMP.
 */
#ifndef PLUGINS_GIMP_FAILURE_H
#define PLUGINS_GIMP_FAILURE_H

#include <stdbool.h>

#include <imgrecog/error.h>

struct failure {
    char *heading;     /* NULL where the error's own words say it all */
    char *words;       /* the next step, or the cause where none is known; what may be charged */
    char *details;     /* the error in the core's and the service's words; NULL: `words` say all */
    bool offers_local; /* the recogniser on this computer can be asked instead */
    bool offers_settings; /* profile, region, limit or model may be the reason */
    bool offers_test;     /* the doctor's lines tell more */
};

/* Released with failure_release. */
struct failure failure_of(const struct ir_error *err);
void failure_release(struct failure *failure);
/* All of an error in a line, in the core's words (g_free). */
char *failure_line(const struct ir_error *err);
/* What is wrong, and what can be done about it in GIMP, in one line (g_free): our words, in
 * brackets the name that is wrong or what the service said, and whether it is or may be charged. */
char *failure_notice(const struct ir_error *err);
/* The same for who is in the settings already, and sees the name there. */
char *failure_notice_in_settings(const struct ir_error *err);

#endif
