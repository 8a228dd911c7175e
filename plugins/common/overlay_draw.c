/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the ink: outlines, plates, the legend's panel and their text, by cairo and Pango. Decides
 * nothing about where; what lies outside of the clip is not even asked of Pango, so that a host may
 * draw a large picture in tiles.
 *
 * Nothing here is kept between calls and an overlay is only read, so threads may draw the same one.
 */
#include "plugins/common/overlay_private.h"

#include <math.h>

#include "plugins/common/fail.h"

#define CASING_OPACITY 0.65
#define EDGE_OPACITY 0.40      /* of a plate's rim, in its ink */
#define CHIP_EDGE_OPACITY 0.60 /* of a chip's, which may be as dark as the panel */
#define CORNER_EMS 0.16        /* radius of a plate's corners */
#define CORNER_PANEL_EMS 0.35  /* and of the panel's */

static void set_color(cairo_t *cr, struct overlay_color color, double opacity)
{
    cairo_set_source_rgba(cr, color.red, color.green, color.blue, opacity);
}

static void add_rect(cairo_t *cr, const struct ir_rect *r)
{
    cairo_rectangle(cr, r->left_px, r->top_px, r->width_px, r->height_px);
}

/* Fills what lies in `rect` within `width_px` of its edge. */
static void fill_ring(cairo_t *cr, const struct ir_rect *rect, int width_px)
{
    struct ir_rect hole = rect_inset(rect, width_px);

    add_rect(cr, rect);
    if (hole.width_px > 0 && hole.height_px > 0)
        add_rect(cr, &hole);
    cairo_fill(cr);
}

static void add_round_rect(cairo_t *cr, const struct ir_rect *r, double radius)
{
    double left = r->left_px + radius;
    double top = r->top_px + radius;
    double right = rect_right(r) - radius;
    double bottom = rect_bottom(r) - radius;

    cairo_new_sub_path(cr);
    cairo_arc(cr, right, top, radius, -M_PI / 2, 0);
    cairo_arc(cr, right, bottom, radius, 0, M_PI / 2);
    cairo_arc(cr, left, bottom, radius, M_PI / 2, M_PI);
    cairo_arc(cr, left, top, radius, M_PI, 3 * M_PI / 2);
    cairo_close_path(cr);
}

static double radius_in(const struct ir_rect *rect, double wanted)
{
    int side_px = rect->width_px < rect->height_px ? rect->width_px : rect->height_px;

    return fmin(wanted, side_px / 2.0);
}

/* True when something of `rect` lies in the clip. */
static bool in_clip(cairo_t *cr, const struct ir_rect *rect)
{
    double left, top, right, bottom;

    cairo_clip_extents(cr, &left, &top, &right, &bottom);
    return rect->left_px < right && rect_right(rect) > left && rect->top_px < bottom &&
           rect_bottom(rect) > top;
}

static void clip_to_corners(cairo_t *cr, const struct overlay_box *box)
{
    struct ir_rect corners[OVERLAY_CORNER_COUNT];

    overlay_corner_rects(box, corners);
    for (int i = 0; i < OVERLAY_CORNER_COUNT; i++)
        add_rect(cr, &corners[i]);
    cairo_clip(cr);
}

static void draw_outline(const struct overlay *overlay, const struct overlay_box *box, cairo_t *cr)
{
    int outline_px = box->outline_px;
    int casing_px = overlay_casing_px(outline_px);
    struct ir_rect colored = rect_inset(&box->rect, casing_px);
    struct ir_rect inner = rect_inset(&box->rect, outline_px - casing_px);

    if (overlay->form == OVERLAY_PLATES)
        return;
    cairo_save(cr);
    cairo_set_antialias(cr, CAIRO_ANTIALIAS_NONE); /* all edges are pixel edges */
    if (overlay->form == OVERLAY_CORNERS)
        clip_to_corners(cr, box);
    cairo_set_fill_rule(cr, CAIRO_FILL_RULE_EVEN_ODD);
    if (casing_px > 0) {
        set_color(cr, overlay_ink_on(box->color), CASING_OPACITY);
        fill_ring(cr, &box->rect, casing_px);
        fill_ring(cr, &inner, casing_px);
    }
    set_color(cr, box->color, 1.0);
    fill_ring(cr, &colored, outline_px - 2 * casing_px);
    cairo_restore(cr);
}

static void draw_box(const struct overlay *overlay, const struct overlay_box *box, cairo_t *cr)
{
    if (in_clip(cr, &box->rect))
        draw_outline(overlay, box, cr);
    overlay_leader_draw(box, cr);
}

static int rim_px(const struct overlay *overlay)
{
    return MAX(1, (int)lround(overlay->font_px / 22));
}

static void draw_ground(const struct overlay *overlay, const struct overlay_plate *plate,
                        cairo_t *cr)
{
    int edge_px = rim_px(overlay);
    double radius = radius_in(&plate->rect, round(CORNER_EMS * overlay->font_px));
    struct ir_rect inner = rect_inset(&plate->rect, edge_px);

    cairo_save(cr);
    add_round_rect(cr, &plate->rect, radius);
    set_color(cr, plate->fill, plate->opacity);
    cairo_fill_preserve(cr);
    cairo_set_fill_rule(cr, CAIRO_FILL_RULE_EVEN_ODD);
    if (inner.width_px > 0 && inner.height_px > 0) {
        add_round_rect(cr, &inner, fmax(0, radius - edge_px));
        set_color(cr, plate->ink, EDGE_OPACITY * plate->opacity);
        cairo_fill(cr);
    }
    cairo_restore(cr);
}

/*
 * The plate's text, cut at the plate's edge whatever a font or a text does. It goes through a
 * surface of its own: drawn directly, cairo (1.18) lets the clip take a column off a glyph that
 * lies between pixels, and a picture drawn in tiles would differ from one drawn at once. A byte a
 * pixel does for ASCII; other characters may be emoji, with colours of their own.
 */
static void draw_text(const struct overlay_plate *plate, struct overlay_text *text, cairo_t *cr)
{
    const struct ir_rect *rect = &plate->rect;
    bool is_mask = g_str_is_ascii(plate->string);
    cairo_surface_t *surface = cairo_image_surface_create(
        is_mask ? CAIRO_FORMAT_A8 : CAIRO_FORMAT_ARGB32, rect->width_px, rect->height_px);
    cairo_t *inner = cairo_create(surface);

    set_color(inner, plate->ink, 1.0);
    overlay_text_draw(text, plate->string, plate->text.left_px - rect->left_px,
                      plate->text.top_px - rect->top_px, inner);
    cairo_save(cr);
    set_color(cr, plate->ink, 1.0);
    if (is_mask) { /* an error of the surface's reaches cr, here and there */
        cairo_mask_surface(cr, surface, rect->left_px, rect->top_px);
    } else {
        cairo_set_source_surface(cr, surface, rect->left_px, rect->top_px);
        add_rect(cr, rect);
        cairo_fill(cr);
    }
    cairo_restore(cr);
    cairo_destroy(inner);
    cairo_surface_destroy(surface);
}

/* The colour of a name in the legend, with a rim that is seen on the panel's dark. */
static void draw_chip(const struct overlay *overlay, const struct overlay_plate *plate, cairo_t *cr)
{
    cairo_save(cr);
    cairo_set_antialias(cr, CAIRO_ANTIALIAS_NONE);
    cairo_set_fill_rule(cr, CAIRO_FILL_RULE_EVEN_ODD);
    set_color(cr, plate->chip_color, 1.0);
    add_rect(cr, &plate->chip);
    cairo_fill(cr);
    set_color(cr, plate->ink, CHIP_EDGE_OPACITY);
    fill_ring(cr, &plate->chip, rim_px(overlay));
    cairo_restore(cr);
}

static void draw_plate(const struct overlay *overlay, const struct overlay_plate *plate,
                       struct overlay_text *text, cairo_t *cr)
{
    if (!in_clip(cr, &plate->rect))
        return;
    if (plate->box_index != OVERLAY_NO_BOX)
        draw_ground(overlay, plate, cr);
    if (plate->chip.width_px > 0)
        draw_chip(overlay, plate, cr);
    if (text != NULL)
        draw_text(plate, text, cr);
}

static void draw_panel(const struct overlay *overlay, cairo_t *cr)
{
    const struct ir_rect *panel = &overlay->legend;

    if (panel->width_px <= 0 || !in_clip(cr, panel))
        return;
    cairo_save(cr);
    add_round_rect(cr, panel, radius_in(panel, round(CORNER_PANEL_EMS * overlay->font_px)));
    set_color(cr, overlay_panel_color(), overlay->legend_opacity);
    cairo_fill(cr);
    cairo_restore(cr);
}

/* A public drawing call begins with begin() and ends with end(): the caller's state stays. */
static void begin(cairo_t *cr)
{
    cairo_save(cr);
    cairo_new_path(cr);
    cairo_set_operator(cr, CAIRO_OPERATOR_OVER);
    cairo_set_fill_rule(cr, CAIRO_FILL_RULE_WINDING);
    cairo_set_antialias(cr, CAIRO_ANTIALIAS_GOOD);
}

static int end(cairo_t *cr, struct ir_error *err)
{
    cairo_status_t status;

    cairo_new_path(cr);
    cairo_restore(cr);
    status = cairo_status(cr);
    if (status == CAIRO_STATUS_SUCCESS)
        return 0;
    return common_fail(err, IR_ERR_NOMEM, "Close other programs or use a smaller picture.",
                       "The overlay could not be drawn: %s.", cairo_status_to_string(status));
}

/* Those from `first` on before `end_index`, as one where they fade: what one covers of another is
 * gone. */
static void draw_boxes(const struct overlay *overlay, size_t first, size_t end_index, cairo_t *cr)
{
    if (overlay->opacity < 1)
        cairo_push_group(cr);
    for (size_t i = first; i < end_index; i++)
        draw_box(overlay, &overlay->boxes[i], cr);
    if (overlay->opacity < 1) {
        cairo_pop_group_to_source(cr);
        cairo_paint_with_alpha(cr, overlay->opacity);
    }
}

int overlay_draw(const struct overlay *overlay, cairo_t *cr, struct ir_error *err)
{
    struct overlay_text text;

    begin(cr);
    draw_boxes(overlay, 0, overlay->box_count, cr);
    draw_panel(overlay, cr);
    overlay_text_init(&text, overlay->fonts, overlay->font_family, overlay->font_px);
    for (size_t i = 0; i < overlay->plate_count; i++)
        draw_plate(overlay, &overlay->plates[i], &text, cr);
    overlay_text_release(&text);
    return end(cr, err);
}

int overlay_draw_box(const struct overlay *overlay, size_t box_index, cairo_t *cr,
                     struct ir_error *err)
{
    begin(cr);
    if (box_index < overlay->box_count)
        draw_boxes(overlay, box_index, box_index + 1, cr);
    return end(cr, err);
}

int overlay_draw_plate(const struct overlay *overlay, size_t plate_index, bool with_text,
                       cairo_t *cr, struct ir_error *err)
{
    struct overlay_text text;

    begin(cr);
    if (plate_index < overlay->plate_count) {
        if (with_text)
            overlay_text_init(&text, overlay->fonts, overlay->font_family, overlay->font_px);
        draw_plate(overlay, &overlay->plates[plate_index], with_text ? &text : NULL, cr);
        if (with_text)
            overlay_text_release(&text);
    }
    return end(cr, err);
}

int overlay_draw_legend_panel(const struct overlay *overlay, cairo_t *cr, struct ir_error *err)
{
    begin(cr);
    draw_panel(overlay, cr);
    return end(cr, err);
}
