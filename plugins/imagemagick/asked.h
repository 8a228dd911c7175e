/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a setting is asked for in a command that may be wrong otherwise. */
#ifndef IMAGEMAGICK_ASKED_H
#define IMAGEMAGICK_ASKED_H

#include <stdbool.h>

#include <MagickCore/MagickCore.h>

#include <imgrecog/settings.h>

#define DEFINE_PREFIX "imgrecog:" /* of definitions that are settings */
#define DEFINE_PREFIX_BYTES (sizeof DEFINE_PREFIX - 1)

/*
 * What words, or else definitions, say of a setting, in any spelling that means it: "" where the
 * key stands alone; NULL where neither does. Borrowed from `words` or `image`.
 */
const char *asked_value(const char *key, const Image *image, int word_count,
                        const char *const *words);

/*
 * Whether a setting that is true or false is asked for, by any value but those for no, and by the
 * key alone; where neither words nor definitions name it, as `settings` have it. These are NULL
 * where environment or file hold something wrong (ir_settings_are_asked, `if_unreadable`).
 */
bool asked_for(const struct ir_settings *settings, const char *key, bool if_unreadable,
               const Image *image, int word_count, const char *const *words);

#endif
