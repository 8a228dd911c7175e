/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The name of a language as users give it ("Korean", "ko", "ko-KR", "français"), for prompts. */
#ifndef CORE_TASK_LANGUAGE_H
#define CORE_TASK_LANGUAGE_H

#include <stdbool.h>

#include "core/base/buf.h"

/* Whether there are prompts in this language of its own. */
bool ir_language_is_korean(const char *language);

/*
 * Appends what stands behind "in" in an English prompt. A tag of BCP 47 is said to be one: "in it"
 * and "in no" would be no Italian and no Norwegian.
 */
void ir_language_put(const char *language, struct ir_buf *out);

#endif
