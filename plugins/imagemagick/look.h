/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tasks that only look at a picture: labels, caption, check and ask. */
#ifndef IMAGEMAGICK_LOOK_H
#define IMAGEMAGICK_LOOK_H

#include "plugins/imagemagick/tasks.h"

/*
 * Does those of these tasks that are asked for, on one encoding of `image`, in this order until one
 * fails. What is answered becomes part of `*io_result`, the caller's; NULL before the first answer.
 * One thread per image. The codes of outgoing_init and of the tasks.
 */
IR_MUST_CHECK int look_at(const struct work *work, const Image *image, struct ir_result **io_result,
                          struct ir_error *err);

/*
 * Where precheck is set, this machine's recogniser looks at what no task has had it look at; and
 * once more at what it held back, which may have been hidden meanwhile. The result as above; the
 * codes of ir_precheck_picture.
 */
IR_MUST_CHECK int look_before_upload(const struct work *work, const Image *image,
                                     struct ir_result **io_result, struct ir_error *err);

#endif
