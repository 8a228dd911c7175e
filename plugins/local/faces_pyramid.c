/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One level of the picture pyramid: bilinear shrinking in whole numbers and integral images. The
 * arithmetic follows what OpenCV documents for INTER_LINEAR_EXACT ("bit exact bilinear"), so that
 * boxes can be compared with its own, one by one.
 */
#include "plugins/local/faces_pyramid.h"

#include <math.h>
#include <string.h>

#define FRACTION_BITS 8
#define ONE (1 << FRACTION_BITS)

/* The source index and the weight (of 256) of the next one, for target index `target`. */
static void sample_at(int target, double scale, int source_size, int *out_index, int *out_weight)
{
    double position = scale * (target + 0.5) - 0.5;
    int index = (int)floor(position);
    if (index < 0) {
        *out_index = 0;
        *out_weight = 0;
    } else if (index >= source_size - 1) {
        *out_index = source_size - 1;
        *out_weight = 0;
    } else {
        *out_index = index;
        *out_weight = (int)lrint((position - index) * ONE);
    }
}

static void resize_row(const unsigned char *row, int source_width_px, double scale, int width_px,
                       uint16_t *out)
{
    for (int x = 0; x < width_px; x++) {
        int index;
        int weight;
        sample_at(x, scale, source_width_px, &index, &weight);
        int next = weight > 0 ? row[index + 1] : 0;
        out[x] = (uint16_t)(row[index] * (ONE - weight) + next * weight);
    }
}

void pyramid_resize(const struct gray *source, int width_px, int height_px, unsigned char *out,
                    uint16_t *row_pair)
{
    size_t source_stride = (size_t)source->width_px;
    if (width_px == source->width_px && height_px == source->height_px) {
        memcpy(out, source->pixels, source_stride * (size_t)height_px);
        return;
    }
    double scale_x = 1.0 / ((double)width_px / source->width_px);
    double scale_y = 1.0 / ((double)height_px / source->height_px);
    int held[2] = {-1, -1}; /* which source rows row_pair holds */
    uint16_t *rows[2] = {row_pair, row_pair + width_px};
    for (int y = 0; y < height_px; y++) {
        int index;
        int weight;
        sample_at(y, scale_y, source->height_px, &index, &weight);
        if (held[1] == index) {
            uint16_t *first = rows[0];
            rows[0] = rows[1];
            rows[1] = first;
            held[0] = index;
            held[1] = -1;
        }
        for (int i = 0; i < 2; i++) {
            int wanted = index + i < source->height_px ? index + i : index;
            if (held[i] == wanted || (i == 1 && weight == 0))
                continue;
            resize_row(source->pixels + (size_t)wanted * source_stride, source->width_px, scale_x,
                       width_px, rows[i]);
            held[i] = wanted;
        }
        unsigned char *target = out + (size_t)y * (size_t)width_px;
        uint32_t below = (uint32_t)weight;
        for (int x = 0; x < width_px; x++) {
            uint32_t sum = rows[0][x] * (ONE - below);
            if (below > 0)
                sum += rows[1][x] * below;
            target[x] =
                (unsigned char)((sum + (1U << (2 * FRACTION_BITS - 1))) >> (2 * FRACTION_BITS));
        }
    }
}

void pyramid_integral(const unsigned char *pixels, int width_px, int height_px, int stride,
                      int32_t *sums, uint32_t *squares)
{
    memset(sums, 0, (size_t)(width_px + 1) * sizeof *sums);
    memset(squares, 0, (size_t)(width_px + 1) * sizeof *squares);
    for (int y = 0; y < height_px; y++) {
        const unsigned char *row = pixels + (size_t)y * (size_t)width_px;
        const int32_t *sums_above = sums + (size_t)y * (size_t)stride;
        const uint32_t *squares_above = squares + (size_t)y * (size_t)stride;
        int32_t *sums_here = sums + (size_t)(y + 1) * (size_t)stride;
        uint32_t *squares_here = squares + (size_t)(y + 1) * (size_t)stride;
        int32_t sum = 0;
        uint32_t square = 0;
        sums_here[0] = 0;
        squares_here[0] = 0;
        for (int x = 0; x < width_px; x++) {
            sum += row[x];
            square += (uint32_t)row[x] * row[x];
            sums_here[x + 1] = sums_above[x + 1] + sum;
            squares_here[x + 1] = squares_above[x + 1] + square;
        }
    }
}
