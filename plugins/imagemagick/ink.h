/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The overlay on an image's own pixels: rendered first, so that nothing is half-drawn. */
#ifndef IMAGEMAGICK_INK_H
#define IMAGEMAGICK_INK_H

#include <MagickCore/MagickCore.h>

#include "plugins/common/overlay.h"

/* sRGB, not premultiplied. */
struct ink_pixel {
    unsigned char coverage; /* 1..255 */
    unsigned char red, green, blue;
};

/* Pixels side by side in a row of the stored picture. */
struct ink_run {
    int x_px;
    int y_px;
    int length_px;
    bool is_even;       /* all pixels are as the first, which alone is kept */
    size_t first_index; /* into pixels */
};

/* Rendered ink: only the pixels that it covers, in stored rows, each from left to right. */
struct ink {
    struct ink_run *runs;
    size_t run_count, run_capacity;
    struct ink_pixel *pixels;
    size_t pixel_count, pixel_capacity;
};

/*
 * Renders `overlay` for a picture that is stored with this EXIF orientation (1 to 8). Touches no
 * image. Release `out` afterwards, on failure too. IR_ERR_NOMEM.
 */
IR_MUST_CHECK int ink_init(struct ink *out, const struct overlay *overlay, int orientation,
                           struct ir_error *err);
void ink_release(struct ink *ink);

/*
 * Blends `ink` into `image`, whose size must be the overlay's with that orientation. Pixels without
 * ink keep their values bit for bit, in their own colour space and depth. A palette becomes direct
 * colour, gray becomes sRGB of the same values (gray with a gray ICC profile stays gray, and so
 * does the ink). One thread per image. IR_ERR_NOMEM, IR_ERR_ARG: ImageMagick's pixel cache failed;
 * the image may hold part of the ink.
 */
IR_MUST_CHECK int ink_apply(const struct ink *ink, Image *image, struct ir_error *err);

/*
 * Makes the image able to hold colours beside its own; no pixel changes its value. False with
 * `exception` set.
 */
bool ink_make_room(Image *image, ExceptionInfo *exception);

#endif
