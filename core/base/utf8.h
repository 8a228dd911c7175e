/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UTF-8 (RFC 3629) from servers and files: making it valid and harmless to print. */
#ifndef CORE_BASE_UTF8_H
#define CORE_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* The bytes of the valid character at `text` (1..4 of the `bytes` that are there), 0 when invalid
 * or none. */
size_t ir_utf8_next(const char *text, size_t bytes);
bool ir_utf8_is_valid(const char *text, size_t bytes);
/* The largest length <= max_bytes that does not cut a character. */
size_t ir_utf8_floor(const char *text, size_t bytes, size_t max_bytes);
/* Whether the valid character of `width` bytes is a control (C0, DEL, C1) or a line or paragraph
 * separator (U+2028, U+2029). */
bool ir_utf8_is_control(const char *text, size_t width);
/*
 * A copy (ir_free) that is valid and holds no control character: invalid bytes become U+FFFD;
 * C0, C1, DEL and line and paragraph separators become a space; at most `max_bytes` long. NULL when
 * out of memory.
 */
char *ir_utf8_clean(const char *text, size_t bytes, size_t max_bytes);
/* The same for text of several lines: line feeds and tabs stay, and a carriage return goes. */
char *ir_utf8_clean_lines(const char *text, size_t bytes, size_t max_bytes);

#endif
