/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The generate task: a canvas is filled, a picture changed, or its transparent part painted. */
#ifndef IMAGEMAGICK_GENERATE_H
#define IMAGEMAGICK_GENERATE_H

#include "plugins/imagemagick/tasks.h"

/*
 * An image of one colour is a canvas: it is filled by what the model makes of the prompt, in the
 * model's shape nearest to the canvas's. An image with transparent pixels is sent with them as the
 * mask, and what comes lies under it: opaque pixels keep every bit. Any other image is sent to
 * start from, and replaced. What comes is scaled alike in both directions until it covers the image
 * and cut at the middle; nothing is stretched. `*out` is the caller's, as ir_generate's. On failure
 * the image is as it was, unless ImageMagick's pixel cache failed.
 */
IR_MUST_CHECK int generate_on(const struct work *work, Image *image, struct ir_result **out,
                              struct ir_error *err);

#endif
