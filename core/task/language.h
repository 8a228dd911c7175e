/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of languages as people give them, and words that are fit to stand in a prompt. */
#ifndef CORE_TASK_LANGUAGE_H
#define CORE_TASK_LANGUAGE_H

#include <stdbool.h>
#include <stddef.h>

#define IR_LANGUAGE_MAX_BYTES 64

/* "Korean", "ko", "ko-KR", "kor", "한국어". */
bool ir_language_is_korean(const char *language);
/* "English", "en", "en-GB"; NULL too, since it is the preset. */
bool ir_language_is_english(const char *language);
/* Whether two names mean one language: the same word in any case, or both of these two. */
bool ir_language_is_same(const char *a, const char *b);
/* One line of 1 to `max_bytes` bytes of UTF-8 without control characters. */
bool ir_words_are_plain(const char *text, size_t max_bytes);

#endif
