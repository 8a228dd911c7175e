/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A colour on samples of an image's pixel cache. */
#ifndef IMAGEMAGICK_INK_BLEND_H
#define IMAGEMAGICK_INK_BLEND_H

#include <stdbool.h>
#include <stddef.h>

#include <MagickCore/MagickCore.h>

/* ImageMagick's first channels: red or gray, green, blue, black. */
#define INK_COLOR_CHANNELS 4

/* Where the colours of a pixel lie in an image's pixels. */
struct ink_layout {
    const Image *image;   /* borrowed */
    size_t channel_count; /* of a pixel */
    size_t color_count;
    size_t offsets[INK_COLOR_CHANNELS];
    PixelChannel channels[INK_COLOR_CHANNELS];
    bool has_alpha;
    bool is_linear; /* samples are in proportion to light */
    bool is_plain;  /* none of these two: red, green and blue and nothing else, as most images */
};

struct ink_layout ink_layout_of(const Image *image);

/*
 * Puts `color` (by channel, in the image's own encoding) on `count` pixels side by side. `coverage`
 * is above 0, to 1. Index, mask and meta channels are left alone.
 */
void ink_blend(const struct ink_layout *layout, const Quantum color[INK_COLOR_CHANNELS],
               double coverage, size_t count, Quantum *pixels);

/* How much of the ink pixels side by side have. */
struct ink_mask {
    const unsigned char *first; /* a byte for each; 255 is `opacity` */
    ptrdiff_t step;             /* from one to the next */
    double opacity;
};

/* The same through a mask. */
void ink_blend_mask(const struct ink_layout *layout, const Quantum color[INK_COLOR_CHANNELS],
                    struct ink_mask mask, size_t count, Quantum *pixels);

#endif
