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
    char *heading;        /* g_free; NULL where the error's own words say it all */
    bool offers_local;    /* the recogniser on this computer can be asked instead */
    bool offers_settings; /* profile, region, limit or model may be the reason */
    bool offers_test;     /* the doctor's lines tell more */
};

struct failure failure_of(const struct ir_error *err);
/* Below the heading: the next step, or the cause where none is known, and whether it may be charged
 * (g_free). */
char *failure_words(const struct ir_error *err);

#endif
