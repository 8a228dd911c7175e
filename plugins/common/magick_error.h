/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ImageMagick's exceptions as the product's own errors. */
#ifndef PLUGINS_COMMON_MAGICK_ERROR_H
#define PLUGINS_COMMON_MAGICK_ERROR_H

#include <MagickCore/MagickCore.h>

#include "plugins/common/fail.h"

/* Fills `err` from what `exception` (borrowed) holds; `what` says what was being done. */
static inline int fail_magick(const ExceptionInfo *exception, const char *what,
                              struct ir_error *err)
{
    const char *reason = exception->reason != NULL ? exception->reason : "no reason given";

    return common_fail(err, exception->severity == ResourceLimitError ? IR_ERR_NOMEM : IR_ERR_ARG,
                       "Look at `magick identify` of the picture and at `magick -list resource`.",
                       "ImageMagick could not %s: %s.", what, reason);
}

#endif
