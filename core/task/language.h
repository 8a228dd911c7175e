/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The name of a language as users give it ("Korean", "ko", "ko-KR", "français"), for prompts. */
#ifndef CORE_TASK_LANGUAGE_H
#define CORE_TASK_LANGUAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/error.h"

#define IR_LANGUAGE_MAX_BYTES 64

/* Whether there are prompts in this language of its own. */
bool ir_language_is_korean(const char *language);
/* "English", "en", "en-GB"; NULL too, since it is the preset. */
bool ir_language_is_english(const char *language);
/* Whether two names mean one language: the same word in any case, or both of these two. */
bool ir_language_is_same(const char *a, const char *b);
/* One line of 1 to `max_bytes` bytes of UTF-8 without control characters. */
bool ir_words_are_plain(const char *text, size_t max_bytes);

/* IR_ERR_ARG: a name that is none (NULL too), or over IR_LANGUAGE_MAX_BYTES; `service` is whose
 * option it is. */
IR_MUST_CHECK int ir_language_check(const char *language, const char *service,
                                    struct ir_error *err);

/*
 * Appends what stands behind "in" in an English prompt. A tag of BCP 47 is said to be one: "in it"
 * and "in no" would be no Italian and no Norwegian.
 */
void ir_language_put(const char *language, struct ir_buf *out);

#endif
