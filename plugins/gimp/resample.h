/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A picture in another size, part by part: GIMP's own scaling of a layer is one call, which on a
 * huge canvas takes seconds in which no dialog is drawn. Plain memory; any thread.
 */
#ifndef PLUGINS_GIMP_RESAMPLE_H
#define PLUGINS_GIMP_RESAMPLE_H

#include <imgrecog/geometry.h>

/* 8-bit RGBA, not premultiplied, rows without gaps. Borrowed. */
struct resample_source {
    const unsigned char *rgba;
    int width_px;
    int height_px;
};

struct resample;

/* Of `source`, which must live as long, to width_px x height_px, each at least 1. Never NULL. */
struct resample *resample_new(const struct resample_source *source, int width_px, int height_px);
void resample_free(struct resample *resample);

/* A part of the new picture to `rgba`, rows without gaps. */
void resample_part(struct resample *resample, const struct ir_rect *part, unsigned char *rgba);

#endif
