/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PNG files in memory, to and from plain samples. Any thread. */
#ifndef PLUGINS_GIMP_PNG_H
#define PLUGINS_GIMP_PNG_H

#include <stddef.h>

#include <imgrecog/error.h>

#define PNG_MAX_SIDE_PX 16384

/* 8-bit samples, 1 (gray) or 3 (RGB) a pixel, rows without gaps. Borrowed. */
struct png_samples {
    const unsigned char *data;
    int width_px;
    int height_px;
    int channels;
};

/* Fast rather than small. `*out` is freed with free(). IR_ERR_NOMEM. */
IR_MUST_CHECK int png_write(const struct png_samples *samples, unsigned char **out,
                            size_t *out_bytes, struct ir_error *err);

/*
 * Reads as 8-bit sRGB with alpha, not premultiplied, 4 bytes a pixel; `*out_rgba` is freed with
 * free(). IR_ERR_RESPONSE: not a PNG, damaged, or a side over PNG_MAX_SIDE_PX. IR_ERR_NOMEM.
 */
IR_MUST_CHECK int png_read(const void *data, size_t bytes, unsigned char **out_rgba,
                           int *out_width_px, int *out_height_px, struct ir_error *err);

#endif
