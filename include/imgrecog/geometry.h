/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Boxes and the eight EXIF orientations. Pure functions, safe in any thread.
 *
 * Every box of a result lies in one space: fractions 0..1 of the *upright* picture, the one a
 * viewer that obeys the EXIF Orientation tag shows; the origin is its top left corner. "Stored" is
 * the picture as its pixels lie in the file. An orientation is EXIF's number, 1 to 8 (Exif 2.32,
 * 4.6.4 A, tag 274); any other value, 0 included, is taken as 1.
 *
 * Source for where Rekognition's boxes lie: botocore's service model, DetectLabels: a JPEG with an
 * EXIF orientation gets boxes of the upright picture, every other picture boxes of the stored one.
 */
#ifndef IMGRECOG_GEOMETRY_H
#define IMGRECOG_GEOMETRY_H

#include <stdbool.h>

#include <imgrecog/export.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ir_box {
    double left_frac;
    double top_frac;
    double width_frac;
    double height_frac;
};

/* A rectangle of whole pixels. */
struct ir_rect {
    int left_px;
    int top_px;
    int width_px;
    int height_px;
};

struct ir_pixel {
    int x_px;
    int y_px;
};

/* True when stored width is upright height (orientations 5 to 8). */
IR_PUBLIC bool ir_orientation_swaps_axes(int orientation);

/*
 * Cuts `box` to the picture. False, with `box` untouched, when nothing of it lies inside or when a
 * value is not a finite number; such a box must not be used.
 */
IR_PUBLIC bool ir_box_clamp(struct ir_box *box);

/* The same area seen in the other space. Exact inverses of each other. */
IR_PUBLIC struct ir_box ir_box_stored_to_upright(struct ir_box box, int orientation);
IR_PUBLIC struct ir_box ir_box_upright_to_stored(struct ir_box box, int orientation);

/*
 * Where the upright pixel `pixel` is stored. Width and height are those of the upright picture in
 * pixels, both > 0; the pixel must lie inside it.
 */
IR_PUBLIC struct ir_pixel ir_pixel_upright_to_stored(int orientation, int upright_width_px,
                                                     int upright_height_px, struct ir_pixel pixel);

/*
 * The whole pixels that `box` covers in a picture of this size: edges rounded to the nearest pixel
 * edge, at least 1 x 1, inside the picture. Sizes below 1 give an empty rectangle.
 */
IR_PUBLIC struct ir_rect ir_box_to_pixels(struct ir_box box, int width_px, int height_px);

#ifdef __cplusplus
}
#endif
#endif
