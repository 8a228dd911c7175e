/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a check has found, in the user's language: the core counts in English. What services and
 * models say stays in their own words.
 */
#ifndef PLUGINS_GIMP_CHECK_WORDS_H
#define PLUGINS_GIMP_CHECK_WORDS_H

#include <imgrecog/result.h>

/* For a finding's kind; the kind itself where it is not known. Static. */
const char *check_words_kind(const char *kind);
/* The verdict as a sentence. Static. */
const char *check_words_verdict(const struct ir_check *check);
/* "2 faces, 1 e-mail address"; "" where nothing was found (g_free). */
char *check_words_counts(const struct ir_check *check);
/*
 * Lines: what was found, what the model says of it, what was not looked at and why. "" where all
 * was looked at and nothing found (g_free).
 */
char *check_words_reason(const struct ir_check *check);
/* The same without what check_words_finding says of each finding (g_free). */
char *check_words_beside_list(const struct ir_check *check);
/* A line of a list: kind, name and confidence, and of a model its reason (g_free). */
char *check_words_finding(const struct ir_check *check, size_t finding_index);
/* "text (too many requests), codes (…)": what was asked for and could not be looked for; "" where
 * there is nothing (g_free). */
char *check_words_failed(const struct ir_check *check);

#endif
