/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The colours of ink as an image's own. */
#ifndef IMAGEMAGICK_INK_COLOR_H
#define IMAGEMAGICK_INK_COLOR_H

#include <pthread.h>
#include <stdint.h>

#include "plugins/common/overlay.h"
#include "plugins/imagemagick/ink_blend.h"

#define INK_LEVELS 256
#define INK_MAX_KNOWN 256

/* Any number of threads may ask. */
struct ink_colors {
    ColorspaceType space;
    Quantum levels[INK_LEVELS]; /* of sRGB's 8 bits */
    pthread_mutex_t lock;       /* the following */
    size_t known_count;
    struct {
        uint32_t rgb;
        Quantum color[INK_COLOR_CHANNELS];
    } known[INK_MAX_KNOWN]; /* in `space` */
};

void ink_colors_init(struct ink_colors *colors, ColorspaceType space);
void ink_colors_release(struct ink_colors *colors);

/* One colour; false with `exception` set. */
bool ink_color_of(struct ink_colors *colors, struct overlay_color color,
                  Quantum out[INK_COLOR_CHANNELS], ExceptionInfo *exception);
/*
 * As many pixels of cairo's ARGB32, INK_COLOR_CHANNELS for each, without what they let through; to
 * be freed. NULL with `exception` set.
 */
Quantum *ink_colors_of(const struct ink_colors *colors, const uint32_t *argb, size_t count,
                       ExceptionInfo *exception);

#endif
