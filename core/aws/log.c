/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Log lines: bounded, without memory of their own, harmless to print. What may stand in one is
 * decided where it is written; this file only sees to its form.
 */
#include "core/aws/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/utf8.h"

bool ir_log_is_on(const struct ir_log *log)
{
    return log != NULL && log->write != NULL;
}

/* Invalid bytes become '?', control characters as many spaces as they have bytes. */
static void clean(char *line)
{
    size_t bytes = strlen(line);
    for (size_t at = 0; at < bytes;) {
        size_t width = ir_utf8_next(line + at, bytes - at);
        if (width == 0) {
            line[at++] = '?';
            continue;
        }
        if (ir_utf8_is_control(line + at, width))
            memset(line + at, ' ', width);
        at += width;
    }
}

void ir_log_line(const struct ir_log *log, const char *format, ...)
{
    char line[IR_LOG_MAX_LINE_BYTES];
    va_list arguments;
    if (!ir_log_is_on(log))
        return;
    va_start(arguments, format);
    int chars = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (chars < 0)
        return;
    if ((size_t)chars >= sizeof line)
        line[ir_utf8_floor(line, sizeof line - 1, sizeof line - 1)] = '\0';
    clean(line);
    log->write(log->context, line);
}

const char *ir_log_name(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "._-";
    return strspn(text, letters) == strlen(text) ? text : "?";
}
