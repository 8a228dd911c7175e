/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The overlay on an image's own pixels. */
#ifndef IMAGEMAGICK_INK_H
#define IMAGEMAGICK_INK_H

#include <MagickCore/MagickCore.h>

#include "plugins/common/overlay.h"

/*
 * Blends `overlay` into `image`, which is stored with this EXIF orientation (1 to 8) and whose size
 * must be the overlay's with that orientation. Pixels without ink keep their values bit for bit, in
 * their own colour space and depth. A palette becomes direct colour, gray becomes sRGB of the same
 * values (gray with a gray ICC profile stays gray, and so does the ink). One call at a time per
 * image; it draws by `max_threads` threads. IR_ERR_NOMEM, IR_ERR_ARG (ImageMagick's pixel cache
 * failed): the image may hold a part of the ink.
 */
IR_MUST_CHECK int ink_draw(const struct overlay *overlay, int orientation, size_t max_threads,
                           Image *image, struct ir_error *err);

/*
 * Makes the image able to hold colours beside its own; no pixel changes its value. False with
 * `exception` set.
 */
bool ink_make_room(Image *image, ExceptionInfo *exception);

#endif
