/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of faces.c that are files of their own: one level of the pyramid, and grouping of hits. */
#ifndef PLUGINS_LOCAL_FACES_PYRAMID_H
#define PLUGINS_LOCAL_FACES_PYRAMID_H

#include <stdbool.h>
#include <stdint.h>

#include "plugins/local/image.h"

/*
 * Shrinks `source` to width x height bilinearly with the roundings of OpenCV's INTER_LINEAR_EXACT
 * (weights and rows in 1/256). `row_pair` holds 2 * width items.
 */
void pyramid_resize(const struct gray *source, int width_px, int height_px, unsigned char *out,
                    uint16_t *row_pair);

/* Sums over all pixels above and left; `stride` items a row, (width + 1) x (height + 1). Squares
 * wrap around at 2^32, differences of them do not. */
void pyramid_integral(const unsigned char *pixels, int width_px, int height_px, int stride,
                      int32_t *sums, uint32_t *squares);

struct hit {
    int left_px;
    int top_px;
    int width_px;
    int height_px;
    double margin;
};

/*
 * Joins hits that lie on each other as OpenCV's groupRectangles does (eps 0.2), drops groups of
 * `min_neighbors` or fewer and small ones inside larger, and writes the groups over the hits, with
 * the highest margin of each. Returns their number, or a negative code. IR_ERR_NOMEM.
 */
int hits_group(struct hit *hits, int count, int min_neighbors);

#endif
