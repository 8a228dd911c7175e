/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Boxes and EXIF orientations. What the tag's values mean for a stored picture, drawn with the
 * letter F, and where the upright picture's (x, y) is stored (w, h: upright size less one):
 *
 *     1 F as it is   (x, y)        5 mirrored on \    (y, x)
 *     2 left-right   (w-x, y)      6 needs a right turn (y, w-x)
 *     3 half turn    (w-x, h-y)    7 mirrored on /    (h-y, w-x)
 *     4 upside down  (x, h-y)      8 needs a left turn  (h-y, x)
 */
#include <imgrecog/geometry.h>

#include <math.h>

bool ir_orientation_swaps_axes(int orientation)
{
    return orientation >= 5 && orientation <= 8;
}

bool ir_box_clamp(struct ir_box *box)
{
    if (!isfinite(box->left_frac) || !isfinite(box->top_frac) || !isfinite(box->width_frac) ||
        !isfinite(box->height_frac))
        return false;
    double left = fmax(box->left_frac, 0.0);
    double top = fmax(box->top_frac, 0.0);
    double right = fmin(box->left_frac + box->width_frac, 1.0);
    double bottom = fmin(box->top_frac + box->height_frac, 1.0);
    if (!(right > left) || !(bottom > top))
        return false;
    *box = (struct ir_box){left, top, right - left, bottom - top};
    return true;
}

struct ir_box ir_box_stored_to_upright(struct ir_box box, int orientation)
{
    double left = box.left_frac, top = box.top_frac;
    double width = box.width_frac, height = box.height_frac;
    double from_right = 1.0 - (left + width);
    double from_bottom = 1.0 - (top + height);
    switch (orientation) {
    case 2:
        return (struct ir_box){from_right, top, width, height};
    case 3:
        return (struct ir_box){from_right, from_bottom, width, height};
    case 4:
        return (struct ir_box){left, from_bottom, width, height};
    case 5:
        return (struct ir_box){top, left, height, width};
    case 6:
        return (struct ir_box){from_bottom, left, height, width};
    case 7:
        return (struct ir_box){from_bottom, from_right, height, width};
    case 8:
        return (struct ir_box){top, from_right, height, width};
    default:
        return box;
    }
}

struct ir_box ir_box_upright_to_stored(struct ir_box box, int orientation)
{
    /* Every orientation undoes itself, but for the two quarter turns, which undo each other. */
    if (orientation == 6)
        return ir_box_stored_to_upright(box, 8);
    if (orientation == 8)
        return ir_box_stored_to_upright(box, 6);
    return ir_box_stored_to_upright(box, orientation);
}

struct ir_pixel ir_pixel_upright_to_stored(int orientation, int upright_width_px,
                                           int upright_height_px, struct ir_pixel pixel)
{
    int from_right = upright_width_px - 1 - pixel.x_px;
    int from_bottom = upright_height_px - 1 - pixel.y_px;
    bool swaps = ir_orientation_swaps_axes(orientation);
    struct ir_pixel stored = {swaps ? pixel.y_px : pixel.x_px, swaps ? pixel.x_px : pixel.y_px};
    if (orientation == 2 || orientation == 3)
        stored.x_px = from_right;
    if (orientation == 3 || orientation == 4)
        stored.y_px = from_bottom;
    if (orientation == 7 || orientation == 8)
        stored.x_px = from_bottom;
    if (orientation == 6 || orientation == 7)
        stored.y_px = from_right;
    return stored;
}

/* The pixel span of [start, start + length] on a side of `side_px` pixels; at least one pixel. */
static void span_to_pixels(double start_frac, double length_frac, int side_px, int *out_start_px,
                           int *out_length_px)
{
    int first = (int)lround(fmin(fmax(start_frac, 0.0), 1.0) * side_px);
    int end = (int)lround(fmin(fmax(start_frac + length_frac, 0.0), 1.0) * side_px);
    if (first >= side_px)
        first = side_px - 1;
    if (end <= first)
        end = first + 1;
    *out_start_px = first;
    *out_length_px = end - first;
}

struct ir_rect ir_box_to_pixels(struct ir_box box, int width_px, int height_px)
{
    struct ir_rect rect = {0, 0, 0, 0};
    if (width_px < 1 || height_px < 1 || !ir_box_clamp(&box))
        return rect;
    span_to_pixels(box.left_frac, box.width_frac, width_px, &rect.left_px, &rect.width_px);
    span_to_pixels(box.top_frac, box.height_frac, height_px, &rect.top_px, &rect.height_px);
    return rect;
}
