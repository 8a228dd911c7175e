/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An overlay as runs of ink, band by band, in the order in which an image is stored. */
#ifndef IMAGEMAGICK_INK_RENDER_H
#define IMAGEMAGICK_INK_RENDER_H

#include <stdint.h>

#include "plugins/common/overlay.h"

/* Pixels side by side in a row of the stored picture. */
struct ink_run {
    int x_px;
    int y_px;
    int length_px;
    bool is_even; /* all pixels are as the first, which alone is kept */
};

/* Rendered ink: only the pixels that it covers, in stored rows, each from left to right. */
struct ink {
    struct ink_run *runs;
    size_t run_count;
    uint32_t *pixels; /* of one run after another; 0xAARRGGBB in sRGB, not premultiplied, AA > 0 */
    size_t pixel_count;
};

struct ink_renderer;

/*
 * For pictures that are stored with this EXIF orientation (1 to 8). `overlay` is borrowed until
 * ink_renderer_free (NULL is allowed). IR_ERR_NOMEM; IR_ERR_ARG: stored rows over 32,767 pixels,
 * the most that cairo draws.
 */
IR_MUST_CHECK int ink_renderer_new(const struct overlay *overlay, int orientation,
                                   struct ink_renderer **out, struct ir_error *err);
void ink_renderer_free(struct ink_renderer *renderer);

/*
 * Renders the next rows of the stored picture that may have ink. `*out` is the renderer's, until
 * the next call; NULL when all is rendered. IR_ERR_NOMEM when cairo reports an error.
 */
IR_MUST_CHECK int ink_render_next(struct ink_renderer *renderer, const struct ink **out,
                                  struct ir_error *err);

#endif
