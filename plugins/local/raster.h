/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A picture pixel by pixel, at its own size: what is painted on, and masks. */
#ifndef PLUGINS_LOCAL_RASTER_H
#define PLUGINS_LOCAL_RASTER_H

#include "core/base/buf.h"

#define RASTER_MIN_SIDE_PX 64
#define RASTER_MAX_PIXELS 9437184 /* Stability's limit */

struct raster {
    int width_px;
    int height_px;
    unsigned char *rgba; /* 4 bytes a pixel, alpha not multiplied in */
};

/* Zeroed pixels. IR_ERR_NOMEM. */
IR_MUST_CHECK int raster_new(int width_px, int height_px, struct raster *out);
void raster_release(struct raster *raster);
/* A PNG or a JPEG of at most RASTER_MAX_PIXELS, upright. ValidationException; `what` names it. */
IR_MUST_CHECK int raster_decode(const unsigned char *data, size_t bytes, const char *what,
                                struct raster *out, struct ir_error *err);
/* Appends a PNG without alpha. IR_ERR_NOMEM. */
IR_MUST_CHECK int raster_write_png(const struct raster *raster, struct ir_buf *out);

#endif
