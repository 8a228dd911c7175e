/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The overlay on an image's own pixels: rendered first, so that nothing is half-drawn. */
#ifndef IMAGEMAGICK_INK_H
#define IMAGEMAGICK_INK_H

#include <MagickCore/MagickCore.h>

#include "plugins/common/overlay.h"

/* Rendered ink: only the pixels that it covers, in upright rows from left to right. */
struct ink_run {
    int x_px; /* upright */
    int y_px;
    int length_px;
    size_t first_index; /* into coverage and rgb */
};

struct ink {
    struct ink_run *runs;
    size_t run_count, run_capacity;
    unsigned char *coverage; /* one byte a pixel, 1..255 */
    unsigned char *rgb;      /* three a pixel, sRGB, not premultiplied */
    size_t pixel_count, pixel_capacity;
};

/*
 * Renders `overlay`. Touches no image. Release `out` afterwards, on failure too. IR_ERR_NOMEM.
 */
IR_MUST_CHECK int ink_init(struct ink *out, const struct overlay *overlay, struct ir_error *err);
void ink_release(struct ink *ink);

/*
 * Blends `ink` into `image`, whose upright size must be the overlay's. Pixels without ink keep
 * their values bit for bit, in their own colour space and depth. A palette becomes direct colour,
 * gray becomes sRGB of the same values (gray with a gray ICC profile stays gray, and so does the
 * ink). One thread per image.
 * IR_ERR_NOMEM, IR_ERR_ARG: ImageMagick's pixel cache failed; the image may hold part of the ink.
 */
IR_MUST_CHECK int ink_apply(const struct ink *ink, Image *image, struct ir_error *err);

/*
 * Makes the image able to hold colours beside its own; no pixel changes its value. False with
 * `exception` set.
 */
bool ink_make_room(Image *image, ExceptionInfo *exception);

#endif
