/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is done to a picture for what check found in it. */
#ifndef IMAGEMAGICK_HIDE_H
#define IMAGEMAGICK_HIDE_H

#include <stdbool.h>

#include <MagickCore/MagickCore.h>

#include <imgrecog/result.h>

#include "plugins/imagemagick/arguments.h"

/* True when the settings ask for more than a report. */
bool hide_is_wanted(const struct arguments *arguments);

/*
 * Does the action on the findings of `result`'s check of the wanted kinds, and takes out the
 * thumbnails and positions that show and tell the same; with a finding in the metadata, all of
 * that. `*io_image` is replaced by action=crop; the old one stays the caller's. IR_ERR_ARG: a
 * finding has no place that could be hidden, or a look was not finished. What could be hidden is
 * hidden all the same; `*out_has_hidden` tells, on failure too, whether places were. With a report
 * nothing is hidden, so no finding is a failure, and a look that was not finished is one with
 * fail-closed.
 */
IR_MUST_CHECK int hide_findings(const struct arguments *arguments, const struct ir_result *result,
                                Image **io_image, bool *out_has_hidden, struct ir_error *err);

#endif
