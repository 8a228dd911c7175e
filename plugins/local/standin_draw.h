/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws the stand-in picture: a pattern that the seed chooses, and words that say what it is. */
#ifndef PLUGINS_LOCAL_STANDIN_DRAW_H
#define PLUGINS_LOCAL_STANDIN_DRAW_H

#include <stdint.h>

#include "plugins/local/raster.h"

#define STANDIN_WORDS "STAND-IN, NOT GENERATED"

/*
 * Draws over `canvas`. When `has_base`, what is in it stays visible under the pattern, the more the
 * larger `base_part` (0..1). The same arguments give the same pixels. IR_ERR_NOMEM.
 */
IR_MUST_CHECK int standin_draw(struct raster *canvas, const char *prompt, uint32_t seed,
                               bool has_base, double base_part);

#endif
