/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scaling of 8-bit pixels: area average row by row (down), bilinear (up). */
#ifndef PLUGINS_LOCAL_SCALE_H
#define PLUGINS_LOCAL_SCALE_H

#include <imgrecog/export.h>

/* A picture that is being shrunk while its rows come in from the top. */
struct shrink {
    int source_width_px;
    int source_height_px;
    int target_width_px; /* not above the source's */
    int target_height_px;
    int channels;
    unsigned char *target; /* borrowed: target width * height * channels */
    int rows_in;
    int rows_out;
    float *row;   /* one source row, shrunk across */
    float *total; /* what the next target row has gathered */
};

/* The size that keeps the aspect and whose longer side is at most `max_side_px`; at least 1 x 1. */
void scale_fit(int width_px, int height_px, int max_side_px, int *out_width_px, int *out_height_px);

/* Sizes, channels and target are set by the caller; the rest is zero. IR_ERR_NOMEM. */
IR_MUST_CHECK int shrink_init(struct shrink *shrink);
/* Takes the next source row; rows past the last are ignored. */
void shrink_push(struct shrink *shrink, const unsigned char *row);
void shrink_release(struct shrink *shrink);

/* Gray, by a whole `factor`; `target` holds factor * factor as many pixels. */
void scale_enlarge(const unsigned char *source, int source_width_px, int source_height_px,
                   unsigned char *target, int factor);

#endif
