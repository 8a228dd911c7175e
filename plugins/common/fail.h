/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Filling the public struct ir_error outside the core, which keeps its own helper hidden: once,
 * where the failure is discovered.
 */
#ifndef PLUGINS_COMMON_FAIL_H
#define PLUGINS_COMMON_FAIL_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <imgrecog/error.h>

/* Where text was cut inside a character of UTF-8, the rest of that goes, too. */
static inline void common_cut_at_character(char *text)
{
    size_t bytes = strlen(text);
    size_t tail = 0;
    size_t wanted = 0;
    unsigned char lead;

    while (tail < 3 && tail < bytes && ((unsigned char)text[bytes - 1 - tail] & 0xC0) == 0x80)
        tail++;
    if (tail == bytes)
        return;
    lead = (unsigned char)text[bytes - 1 - tail];
    if (lead >= 0xC0)
        wanted = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    if (tail < wanted)
        text[bytes - 1 - tail] = '\0';
}

/* Copies what fits of `text`, whole characters. */
static inline void common_put(char *out, size_t out_bytes, const char *text)
{
    if ((size_t)snprintf(out, out_bytes, "%s", text) >= out_bytes)
        common_cut_at_character(out);
}

/* Clears `err`, sets code, message (printf) and hint ("" for none); returns `code`. */
IR_PRINTF(4, 5)
static inline int common_fail(struct ir_error *err, int code, const char *hint, const char *format,
                              ...)
{
    va_list arguments;

    if (err == NULL)
        return code;
    ir_error_clear(err);
    err->code = code;
    va_start(arguments, format);
    if (vsnprintf(err->message, sizeof err->message, format, arguments) >= (int)sizeof err->message)
        common_cut_at_character(err->message);
    va_end(arguments);
    common_put(err->hint, sizeof err->hint, hint);
    return code;
}

static inline int common_fail_nomem(struct ir_error *err)
{
    return common_fail(err, IR_ERR_NOMEM, "Close other programs or use a smaller picture.",
                       "Out of memory.");
}

/* Of steps that are all tried, the first failure is the one that is told. */
static inline void common_fail_first(int step_rc, const struct ir_error *step_err, int *rc,
                                     struct ir_error *err)
{
    if (*rc != 0 || step_rc == 0)
        return;
    *rc = step_rc;
    *err = *step_err;
}

#endif
