/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A list of pictures: several at once, and how it is told. */
#ifndef IMAGEMAGICK_JOBS_H
#define IMAGEMAGICK_JOBS_H

#include <MagickCore/MagickCore.h>

#include "plugins/imagemagick/arguments.h"

/*
 * Does the tasks on every picture of the list that begins with `first`, `jobs` of them at once, and
 * throws what failed into `exception`. Returns the list's first picture, another one where that was
 * replaced. Blocks until all are done.
 */
Image *jobs_run(Image *first, const struct arguments *arguments, ExceptionInfo *exception);

/*
 * One line for the whole command: what was asked for is wrong, or nothing could be set up. With
 * fail-closed, no picture may look as if it had been checked.
 */
void jobs_fail(Image *first, const struct arguments *arguments, const struct ir_error *error,
               ExceptionInfo *exception);

#endif
