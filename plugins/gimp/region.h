/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The part of the picture that a model works on, with some of what is around it, and the mask of
 * the selection. Positions are the image's pixels.
 */
#ifndef PLUGINS_GIMP_REGION_H
#define PLUGINS_GIMP_REGION_H

#include <stdbool.h>

#include <libgimp/gimp.h>

#include <imgrecog/client.h>
#include <imgrecog/error.h>
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

/*
 * What is selected now, for a mask that is read later: a hidden image (hidden.h) of the same size
 * with the same selection, which outlives the user's. For gimp_image_delete. NULL when GIMP
 * refused.
 */
GimpImage *region_selection_take(GimpImage *image);

/* A selection inside a region, 0 to 255 a pixel, and how far it has been read. */
struct region_mask {
    GimpImage *selected; /* of region_selection_take, borrowed */
    struct region region;
    bool is_sent_size; /* as large as it is sent, not as it lies in the image */
    int next_row;
    unsigned char *values; /* of region_mask_release */
};

/* IR_ERR_TOO_LARGE: it would be over 268 million pixels. IR_ERR_NOMEM. */
IR_MUST_CHECK int region_mask_init(struct region_mask *out, GimpImage *selected,
                                   const struct region *region, bool is_sent_size,
                                   struct ir_error *err);
void region_mask_release(struct region_mask *mask);
/* Reads some rows; true while there are more. Main thread. */
bool region_mask_read(struct region_mask *mask);

/*
 * Softens the edge of a mask inwards over some `feather_px`: no value grows, so nothing outside of
 * the selection changes. Any thread. IR_ERR_CANCELLED (`cancel` may be NULL), IR_ERR_NOMEM: the
 * mask is as it was.
 */
IR_MUST_CHECK int region_feather(unsigned char *mask, int width_px, int height_px, int feather_px,
                                 const struct ir_cancel *cancel, struct ir_error *err);

#endif
