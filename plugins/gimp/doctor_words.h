/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A line of the doctor for people: what it is about, its state, what is so and the next step in the
 * user's language. What a service said stays in its words, in quotation marks.
 */
#ifndef PLUGINS_GIMP_DOCTOR_WORDS_H
#define PLUGINS_GIMP_DOCTOR_WORDS_H

#include <imgrecog/doctor.h>

/* "Credentials: good" (g_free). */
char *doctor_words_heading(const struct ir_doctor_line *line);
/* What is so, by a line's `what` or an error's message (g_free). */
char *doctor_words_cause(const char *cause);
/* The next step; "" where there is none (g_free). */
char *doctor_words_next(const struct ir_doctor_line *line);

#endif
