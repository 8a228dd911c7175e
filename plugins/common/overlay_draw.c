/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns an overlay's ink on what cairo draws on, all of it or in parts, as far as the clip goes.
 */
#include <math.h>

#include "plugins/common/fail.h"
#include "plugins/common/overlay_private.h"

/* An overlay_ink_fn. */
static void draw_ink(void *context, const struct overlay_ink *ink)
{
    cairo_t *cr = context;

    cairo_rectangle(cr, ink->rect.left_px, ink->rect.top_px, ink->rect.width_px,
                    ink->rect.height_px);
    cairo_set_source_rgba(cr, ink->color.red, ink->color.green, ink->color.blue, ink->opacity);
    if (ink->mask == NULL) {
        cairo_fill(cr);
        return;
    }
    cairo_save(cr);
    cairo_clip(cr);
    if (cairo_image_surface_get_format(ink->mask) == CAIRO_FORMAT_A8) {
        cairo_mask_surface(cr, ink->mask, ink->mask_at.x_px, ink->mask_at.y_px);
    } else {
        cairo_set_source_surface(cr, ink->mask, ink->mask_at.x_px, ink->mask_at.y_px);
        cairo_paint_with_alpha(cr, ink->opacity);
    }
    cairo_restore(cr);
}

/* A public drawing call begins with begin() and ends with end(): the caller's state stays. */
static struct overlay_painter begin(const struct overlay *overlay, cairo_t *cr)
{
    struct overlay_painter painter = {.overlay = overlay, .tell = draw_ink, .context = cr};
    double left, top, right, bottom;

    cairo_save(cr);
    cairo_new_path(cr);
    cairo_set_operator(cr, CAIRO_OPERATOR_OVER);
    cairo_set_fill_rule(cr, CAIRO_FILL_RULE_WINDING);
    cairo_set_antialias(cr, CAIRO_ANTIALIAS_NONE); /* all rectangles' edges are pixel edges */
    cairo_clip_extents(cr, &left, &top, &right, &bottom);
    painter.area =
        (struct ir_rect){(int)floor(left), (int)floor(top), (int)(ceil(right) - floor(left)),
                         (int)(ceil(bottom) - floor(top))};
    return painter;
}

static int end(struct overlay_painter *painter, cairo_t *cr, struct ir_error *err)
{
    int rc = overlay_paint_end(painter, err);
    cairo_status_t status;

    cairo_new_path(cr);
    cairo_restore(cr);
    status = cairo_status(cr);
    if (rc != 0 || status == CAIRO_STATUS_SUCCESS)
        return rc;
    return common_fail(err, IR_ERR_NOMEM, "Close other programs or use a smaller picture.",
                       "The overlay could not be drawn: %s.", cairo_status_to_string(status));
}

int overlay_draw(const struct overlay *overlay, cairo_t *cr, struct ir_error *err)
{
    struct overlay_painter painter = begin(overlay, cr);

    overlay_paint_all(&painter);
    return end(&painter, cr, err);
}

int overlay_draw_box(const struct overlay *overlay, size_t box_index, cairo_t *cr,
                     struct ir_error *err)
{
    struct overlay_painter painter = begin(overlay, cr);

    if (box_index < overlay->box_count)
        overlay_paint_box(&painter, &overlay->boxes[box_index]);
    return end(&painter, cr, err);
}

int overlay_draw_plate(const struct overlay *overlay, size_t plate_index, bool with_text,
                       cairo_t *cr, struct ir_error *err)
{
    struct overlay_painter painter = begin(overlay, cr);

    if (plate_index < overlay->plate_count)
        overlay_paint_plate(&painter, &overlay->plates[plate_index], with_text);
    return end(&painter, cr, err);
}

int overlay_draw_legend_panel(const struct overlay *overlay, cairo_t *cr, struct ir_error *err)
{
    struct overlay_painter painter = begin(overlay, cr);

    overlay_paint_panel(&painter);
    return end(&painter, cr, err);
}
