/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The part of the picture that a model works on, with some of what is around it, and the mask of
 * the selection. Positions are the image's pixels.
 */
#ifndef PLUGINS_GIMP_REGION_H
#define PLUGINS_GIMP_REGION_H

#include <stdbool.h>

#include <libgimp/gimp.h>

#include <imgrecog/geometry.h>

struct region {
    struct ir_rect rect; /* inside the canvas */
    int sent_width_px;   /* as it is sent: `rect`, or smaller in the same proportion */
    int sent_height_px;
};

/* The whole canvas, in at most `max_pixels`. */
struct region region_of_canvas(GimpImage *image, double max_pixels);
/* What is selected and as much around it; false when nothing is selected. */
bool region_of_selection(GimpImage *image, double max_pixels, struct region *out);

/* The selection inside the region, 0 to 255 a pixel: as large as it is sent, or as it lies in the
 * image (g_free). Main thread. */
unsigned char *region_read_mask(GimpImage *image, const struct region *region, bool is_sent_size);

/*
 * Softens the edge of a mask inwards over some `feather_px`: no value grows, so nothing outside of
 * the selection changes. Any thread.
 */
void region_feather(unsigned char *mask, int width_px, int height_px, int feather_px);

#endif
