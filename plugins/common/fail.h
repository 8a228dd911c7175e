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

#include <imgrecog/error.h>

#include "plugins/common/text.h"

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
