/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was asked for and did not fit: told when all pictures are done, and no failure. */
#ifndef IMAGEMAGICK_NOTICES_H
#define IMAGEMAGICK_NOTICES_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "plugins/common/overlay.h"

#define NOTICES_MAX_NAMES 64 /* in `only`; of more nothing is told */

struct notices {
    const struct overlay_style *style; /* borrowed */
    pthread_mutex_t lock;              /* the following */
    bool has_drawn;
    bool fits[NOTICES_MAX_NAMES]; /* of each name in the style's `only`, in order */
};

/* Of a list of pictures that will be drawn on in this style. */
void notices_init(struct notices *out, const struct overlay_style *style);
void notices_release(struct notices *notices);

/* Notes that a picture with these labels was drawn on. Any thread. */
void notices_add(struct notices *notices, const struct ir_result *result);

/*
 * The lines, when all is drawn: the names in `only` that no label of any picture fits, and the
 * family that stands in for the one in `font`. False: there is nothing to tell; always where
 * nothing was drawn.
 */
bool notices_only_line(const struct notices *notices, char *out, size_t out_bytes);
bool notices_font_line(const struct notices *notices, char *out, size_t out_bytes);

#endif
