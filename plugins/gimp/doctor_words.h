/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A line of the doctor for people: what it is about, its state and the next step in the user's
 * language. What is so, with its names and numbers, stays in the core's English words.
 */
#ifndef PLUGINS_GIMP_DOCTOR_WORDS_H
#define PLUGINS_GIMP_DOCTOR_WORDS_H

#include <imgrecog/doctor.h>

/* "Credentials: good" (g_free). */
char *doctor_words_heading(const struct ir_doctor_line *line);
/* The next step; "" where there is none (g_free). */
char *doctor_words_next(const struct ir_doctor_line *line);

#endif
