/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws the stand-in picture: a pattern that the seed chooses, and words that say what it is. */
#ifndef PLUGINS_LOCAL_STANDIN_DRAW_H
#define PLUGINS_LOCAL_STANDIN_DRAW_H

#include <stdint.h>

#include "plugins/local/raster.h"

#define STANDIN_WORD "STAND-IN"
#define STANDIN_WORDS STANDIN_WORD ", NOT GENERATED"

/* Where in a picture the words go, in pixels. */
struct standin_area {
    int left_px, top_px, width_px, height_px;
};

/*
 * Draws over `canvas`, the words within `area`: as large as they are legible there, without the
 * prompt where there is no room for it, and none where not even one word is, so that none is cut.
 * When `has_base`, what is in it stays visible under the pattern, the more the
 * larger `base_part` (0..1). The same arguments give the same pixels. IR_ERR_NOMEM.
 */
IR_MUST_CHECK int standin_draw(struct raster *canvas, const char *prompt, uint32_t seed,
                               const struct standin_area *area, bool has_base, double base_part);

#endif
