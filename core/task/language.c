/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two languages have prompts of our own; of all others only the name is passed on. */
#include "core/task/language.h"

#include <string.h>
#include <strings.h>

#include "core/base/utf8.h"

static bool is_one_of(const char *language, const char *const *names, const char *tag)
{
    size_t bytes = strlen(tag);
    for (; *names != NULL; names++)
        if (strcasecmp(language, *names) == 0)
            return true;
    return strncasecmp(language, tag, bytes) == 0 &&
           (language[bytes] == '\0' || language[bytes] == '-' || language[bytes] == '_');
}

bool ir_language_is_korean(const char *language)
{
    static const char *const names[] = {"Korean", "kor", "한국어", NULL};
    return language != NULL && is_one_of(language, names, "ko");
}

bool ir_language_is_english(const char *language)
{
    static const char *const names[] = {"English", "eng", NULL};
    return language == NULL || is_one_of(language, names, "en");
}

bool ir_language_is_same(const char *a, const char *b)
{
    return strcasecmp(a, b) == 0 || (ir_language_is_korean(a) && ir_language_is_korean(b)) ||
           (ir_language_is_english(a) && ir_language_is_english(b));
}

bool ir_words_are_plain(const char *text, size_t max_bytes)
{
    size_t bytes = strlen(text);
    bool is_fine = bytes > 0 && bytes <= max_bytes && ir_utf8_is_valid(text, bytes);
    for (size_t at = 0; is_fine && at < bytes;) {
        size_t width = ir_utf8_next(text + at, bytes - at);
        is_fine = !ir_utf8_is_control(text + at, width);
        at += width;
    }
    return is_fine;
}
