/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns what is UTF-8 and what is harmless to print. RFC 3629 section 4 gives the valid sequences:
 * no overlong form, no surrogate (U+D800..DFFF), nothing over U+10FFFF. In the table below the
 * second byte's range depends on the first, every later byte is 80..BF.
 *
 *   00..7F
 *   C2..DF  80..BF
 *   E0      A0..BF  80..BF          (lower would be overlong)
 *   E1..EF  80..BF  80..BF          (ED: 80..9F, higher would be surrogates)
 *   F0      90..BF  80..BF  80..BF  (lower would be overlong)
 *   F1..F4  80..BF  80..BF  80..BF  (F4: 80..8F, higher would be over U+10FFFF)
 */
#include "core/base/utf8.h"

#include <stdint.h>
#include <string.h>

#include "core/base/alloc.h"

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */
#define REPLACEMENT_BYTES 3
#define MAX_CHARACTER_BYTES 4

static bool is_tail(unsigned char c)
{
    return (c & 0xC0) == 0x80;
}

/* Whether the second byte fits the first one, which is E0..EF or F0..F4. */
static bool fits_second(unsigned char first, unsigned char second)
{
    switch (first) {
    case 0xE0:
        return second >= 0xA0 && second <= 0xBF;
    case 0xED:
        return second >= 0x80 && second <= 0x9F;
    case 0xF0:
        return second >= 0x90 && second <= 0xBF;
    case 0xF4:
        return second >= 0x80 && second <= 0x8F;
    default:
        return is_tail(second);
    }
}

size_t ir_utf8_next(const char *text, size_t bytes)
{
    const unsigned char *c = (const unsigned char *)text;
    if (!bytes)
        return 0;
    if (c[0] < 0x80)
        return 1;
    if (c[0] >= 0xC2 && c[0] <= 0xDF)
        return bytes >= 2 && is_tail(c[1]) ? 2 : 0;
    if (c[0] >= 0xE0 && c[0] <= 0xEF)
        return bytes >= 3 && fits_second(c[0], c[1]) && is_tail(c[2]) ? 3 : 0;
    if (c[0] >= 0xF0 && c[0] <= 0xF4)
        return bytes >= 4 && fits_second(c[0], c[1]) && is_tail(c[2]) && is_tail(c[3]) ? 4 : 0;
    return 0;
}

bool ir_utf8_is_valid(const char *text, size_t bytes)
{
    for (size_t at = 0; at < bytes;) {
        size_t width = ir_utf8_next(text + at, bytes - at);
        if (!width)
            return false;
        at += width;
    }
    return true;
}

size_t ir_utf8_floor(const char *text, size_t bytes, size_t max_bytes)
{
    size_t end = bytes < max_bytes ? bytes : max_bytes;
    /*
     * The character that may be cut begins at most three bytes before the end. Where the bytes
     * around the end are no character, any place is as good.
     */
    for (size_t back = 1; back < MAX_CHARACTER_BYTES && back <= end; back++) {
        unsigned char c = (unsigned char)text[end - back];
        if (is_tail(c))
            continue;
        size_t width = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;
        return width > back ? end - back : end;
    }
    return end;
}

bool ir_utf8_is_control(const char *text, size_t width)
{
    const unsigned char *c = (const unsigned char *)text;
    if (width == 1)
        return c[0] < 0x20 || c[0] == 0x7F;
    if (width == 2)
        return c[0] == 0xC2 && c[1] < 0xA0; /* C1: U+0080..009F */
    return width == 3 && c[0] == 0xE2 && c[1] == 0x80 && (c[2] == 0xA8 || c[2] == 0xA9);
}

static char *clean(const char *text, size_t bytes, size_t max_bytes, bool keeps_lines)
{
    size_t capacity = bytes < SIZE_MAX / REPLACEMENT_BYTES ? bytes * REPLACEMENT_BYTES : SIZE_MAX;
    if (capacity > max_bytes)
        capacity = max_bytes;
    char *out = capacity < SIZE_MAX ? ir_malloc(capacity + 1) : NULL;
    if (!out)
        return NULL;
    size_t kept = 0;
    for (size_t at = 0; at < bytes;) {
        const char *piece = text + at;
        size_t width = ir_utf8_next(piece, bytes - at);
        size_t piece_bytes = width;
        if (!width) {
            piece = REPLACEMENT;
            piece_bytes = REPLACEMENT_BYTES;
        } else if (keeps_lines && *piece == '\r') {
            piece_bytes = 0;
        } else if (ir_utf8_is_control(piece, width) &&
                   !(keeps_lines && (*piece == '\n' || *piece == '\t'))) {
            piece = " ";
            piece_bytes = 1;
        }
        if (piece_bytes > capacity - kept)
            break;
        memcpy(out + kept, piece, piece_bytes);
        kept += piece_bytes;
        at += width ? width : 1;
    }
    out[kept] = '\0';
    return out;
}

char *ir_utf8_clean(const char *text, size_t bytes, size_t max_bytes)
{
    return clean(text, bytes, max_bytes, false);
}

char *ir_utf8_clean_lines(const char *text, size_t bytes, size_t max_bytes)
{
    return clean(text, bytes, max_bytes, true);
}
