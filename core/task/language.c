/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A tag (RFC 5646) is taken for one by its form: two or three small letters, then parts of up to
 * eight letters and digits behind hyphens. */
#include "core/task/language.h"

#include <string.h>
#include <strings.h>

#include "core/base/ascii.h"
#include "core/base/utf8.h"

#define MAX_PART_CHARS 8

bool ir_language_is_korean(const char *language)
{
    static const char *const names[] = {"Korean", "ko", "ko-KR", "ko-Kore", "kor", "한국어"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcasecmp(language, names[i]) == 0)
            return true;
    return false;
}

bool ir_language_is_english(const char *language)
{
    return language == NULL || strcasecmp(language, "English") == 0 ||
           strcasecmp(language, "en") == 0 || strncasecmp(language, "en-", 3) == 0;
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

int ir_language_check(const char *language, const char *service, struct ir_error *err)
{
    if (language != NULL && ir_words_are_plain(language, IR_LANGUAGE_MAX_BYTES))
        return 0;
    return ir_fail_with(err, IR_ERR_ARG, service,
                        "the language has no name, one that is too long or not plain text",
                        "Name it in a word, such as English, Korean or fr.");
}

static bool is_small_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_tag(const char *text)
{
    size_t chars = 0;
    while (is_small_letter(text[chars]))
        chars++;
    if (chars < 2 || chars > 3)
        return false;
    for (text += chars; *text != '\0'; text += chars) {
        if (*text++ != '-')
            return false;
        chars = 0;
        while (is_small_letter(ir_ascii_lower(text[chars])) || ir_ascii_is_digit(text[chars]))
            chars++;
        if (chars < 1 || chars > MAX_PART_CHARS)
            return false;
    }
    return true;
}

void ir_language_put(const char *language, struct ir_buf *out)
{
    if (ir_language_is_korean(language))
        ir_buf_append_text(out, "Korean");
    else if (is_tag(language))
        ir_buf_appendf(out, "the language of the tag \"%s\"", language);
    else
        ir_buf_append_text(out, language);
}
