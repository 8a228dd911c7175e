/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When a redacted picture must not pass for a safe one, by the core's rule for all front ends
 * (ir_check_find_places), and for a layer also that it leaves the metadata.
 */
#ifndef PLUGINS_GIMP_CHECK_SAFE_H
#define PLUGINS_GIMP_CHECK_SAFE_H

#include <stddef.h>

#include <imgrecog/error.h>
#include <imgrecog/result.h>

/* What was made: a layer leaves the metadata as they are, a copy has none. */
enum check_made { CHECK_MADE_LAYER, CHECK_MADE_COPY };

/* Where all places were covered. `done` are words of what was done all the same, for the message.
 * IR_ERR_ARG: it is not safe. */
IR_MUST_CHECK int check_safe(const struct ir_check *check, enum check_made made, const char *done,
                             struct ir_error *err);
/*
 * The same for a dialog, where so many places were ticked and covered: why it is not safe, in words
 * (g_free); NULL = it is.
 */
char *check_safe_words(const struct ir_check *check, enum check_made made, size_t covered_count);
/* Before anything is covered: check_words_beside_list's lines, and what cannot be covered (g_free).
 */
char *check_safe_reason(const struct ir_check *check);

#endif
