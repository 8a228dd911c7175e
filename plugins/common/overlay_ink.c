/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns what the ink of an overlay consists of: outlines, plates, the legend's panel and their text,
 * as rectangles of one colour and masks, in the order in which they lie on each other. Decides
 * nothing about where, and knows nothing of what it is put on.
 *
 * Nothing here is kept between calls and an overlay is only read, so threads may paint the same
 * one. What lies outside of the area is not even asked of Pango.
 */
#include "plugins/common/overlay_private.h"

#include <math.h>

#include "plugins/common/fail.h"

#define CASING_OPACITY 0.65
#define EDGE_OPACITY 0.40      /* of a plate's rim, in its ink */
#define CHIP_EDGE_OPACITY 0.60 /* of a chip's, which may be as dark as the panel */
#define CORNER_EMS 0.16        /* radius of a plate's corners */
#define CORNER_PANEL_EMS 0.35  /* and of the panel's */

void overlay_put(struct overlay_painter *painter, const struct overlay_ink *ink)
{
    struct overlay_ink seen = *ink;

    if (ink->mask != NULL && cairo_surface_status(ink->mask) != CAIRO_STATUS_SUCCESS) {
        painter->has_failed = true;
        return;
    }
    seen.rect = rect_both(&ink->rect, &painter->area);
    if (seen.rect.width_px > 0 && seen.rect.height_px > 0)
        painter->tell(painter->context, &seen);
}

static void put_rect(struct overlay_painter *painter, struct ir_rect rect,
                     struct overlay_color color, double opacity)
{
    overlay_put(painter, &(struct overlay_ink){.rect = rect, .color = color, .opacity = opacity});
}

#define SIDE_COUNT 4
/* The sides of what lies in `rect` within `width_px` of its edge, which do not overlap. Returns how
 * many: all of `rect` is one. */
static int ring_sides(const struct ir_rect *rect, int width_px, struct ir_rect out[SIDE_COUNT])
{
    struct ir_rect hole = rect_inset(rect, width_px);

    if (width_px <= 0)
        return 0;
    out[0] = *rect;
    if (hole.width_px <= 0 || hole.height_px <= 0)
        return 1;
    out[0].height_px = width_px;
    out[1] = out[0];
    out[1].top_px = rect_bottom(&hole);
    out[2] = (struct ir_rect){rect->left_px, hole.top_px, width_px, hole.height_px};
    out[3] = out[2];
    out[3].left_px = rect_right(&hole);
    return SIDE_COUNT;
}

static void put_ring(struct overlay_painter *painter, const struct ir_rect *rect, int width_px,
                     struct overlay_color color, double opacity)
{
    struct ir_rect sides[SIDE_COUNT];
    int count = ring_sides(rect, width_px, sides);

    for (int i = 0; i < count; i++)
        put_rect(painter, sides[i], color, opacity);
}

/* ---- outlines ---------------------------------------------------------------------------- */

/* What is seen of a box's outline: all, or what lies in its corners, apart from each other. */
struct shown {
    struct ir_rect parts[OVERLAY_CORNER_COUNT];
    int count;
};

static struct shown shown_of(const struct overlay *overlay, const struct overlay_box *box)
{
    struct shown shown = {.count = 1};

    shown.parts[0] = box->rect;
    if (overlay->form == OVERLAY_CORNERS)
        shown.count = overlay_corner_rects(box, shown.parts);
    return shown;
}

/* The lines of an outline, from the outer one on. */
#define LINE_COUNT 3

/*
 * Side by side and not line by line: a side's lines lie in the same pages of memory, and the first
 * touch is what takes time.
 */
static void paint_outline(struct overlay_painter *painter, const struct overlay_box *box)
{
    double opacity = painter->overlay->opacity;
    struct overlay_color casing = overlay_ink_on(box->color);
    int casing_px = overlay_casing_px(box->outline_px);
    const int widths_px[LINE_COUNT] = {casing_px, box->outline_px - 2 * casing_px, casing_px};
    struct shown shown = shown_of(painter->overlay, box);
    struct ir_rect sides[LINE_COUNT][SIDE_COUNT];
    int counts[LINE_COUNT];
    int inset_px = 0;

    for (int line = 0; line < LINE_COUNT; line++) {
        struct ir_rect rect = rect_inset(&box->rect, inset_px);

        counts[line] = ring_sides(&rect, widths_px[line], sides[line]);
        inset_px += widths_px[line];
    }
    for (int i = 0; i < LINE_COUNT * SIDE_COUNT; i++) {
        int line = i % LINE_COUNT;
        int side = i / LINE_COUNT;

        for (int k = 0; side < counts[line] && k < shown.count; k++)
            put_rect(painter, rect_both(&sides[line][side], &shown.parts[k]),
                     line == 1 ? box->color : casing,
                     line == 1 ? opacity : opacity * CASING_OPACITY);
    }
}

void overlay_paint_box(struct overlay_painter *painter, const struct overlay_box *box)
{
    if (painter->overlay->form != OVERLAY_PLATES && rect_overlaps(&box->rect, &painter->area))
        paint_outline(painter, box);
    overlay_paint_leader(painter, box);
}

/* ---- plates and the panel ---------------------------------------------------------------- */

/* Fills `rect` with round corners; with `edge_px` only so far from its edge. */
static void put_round(struct overlay_painter *painter, const struct ir_rect *rect, double radius,
                      int edge_px, struct overlay_color color, double opacity)
{
    int side_px = MIN(rect->width_px, rect->height_px);
    int radius_px = MIN((int)radius, side_px / 2);
    int corner_px = MAX(radius_px, edge_px);
    int right_px = rect_right(rect) - corner_px;
    int bottom_px = rect_bottom(rect) - corner_px;
    struct overlay_ink ink = {.color = color, .opacity = opacity};
    struct ir_rect middle = {rect->left_px, rect->top_px + corner_px, rect->width_px,
                             rect->height_px - 2 * corner_px};
    struct ir_rect bar = {rect->left_px + corner_px, rect->top_px, rect->width_px - 2 * corner_px,
                          edge_px > 0 ? edge_px : corner_px};

    if (corner_px > 0)
        ink.mask = overlay_round_mask(&painter->rounds[edge_px > 0], radius_px, edge_px);
    for (int i = 0; i < OVERLAY_CORNER_COUNT && ink.mask != NULL; i++) {
        bool is_right = i % 2 == 1;
        bool is_low = i / 2 == 1;

        ink.rect = (struct ir_rect){is_right ? right_px : rect->left_px,
                                    is_low ? bottom_px : rect->top_px, corner_px, corner_px};
        ink.mask_at.x_px = ink.rect.left_px - (is_right ? corner_px : 0);
        ink.mask_at.y_px = ink.rect.top_px - (is_low ? corner_px : 0);
        overlay_put(painter, &ink);
    }
    put_rect(painter, bar, color, opacity);
    bar.top_px = rect_bottom(rect) - bar.height_px;
    put_rect(painter, bar, color, opacity);
    if (edge_px > 0) {
        middle.width_px = edge_px;
        put_rect(painter, middle, color, opacity);
        middle.left_px = rect_right(rect) - edge_px;
    }
    put_rect(painter, middle, color, opacity);
}

static int rim_px(const struct overlay *overlay)
{
    return MAX(1, (int)lround(overlay->font_px / 22));
}

static void paint_ground(struct overlay_painter *painter, const struct overlay_plate *plate)
{
    const struct overlay *overlay = painter->overlay;
    int edge_px = rim_px(overlay);
    double radius = round(CORNER_EMS * overlay->font_px);

    put_round(painter, &plate->rect, radius, 0, plate->fill, plate->opacity);
    if (MIN(plate->rect.width_px, plate->rect.height_px) > 2 * edge_px)
        put_round(painter, &plate->rect, radius, edge_px, plate->ink,
                  EDGE_OPACITY * plate->opacity);
}

/* The colour of a name in the legend, with a rim that is seen on the panel's dark. */
static void paint_chip(struct overlay_painter *painter, const struct overlay_plate *plate)
{
    put_rect(painter, plate->chip, plate->chip_color, 1.0);
    put_ring(painter, &plate->chip, rim_px(painter->overlay), plate->ink, CHIP_EDGE_OPACITY);
}

/* Fonts are taken when there are letters, since others may wait for them. */
static void paint_text(struct overlay_painter *painter, const struct overlay_plate *plate)
{
    const struct overlay *overlay = painter->overlay;
    struct overlay_ink ink = {.rect = plate->rect, .color = plate->ink, .opacity = 1.0};

    if (!painter->has_text)
        overlay_text_init(&painter->text, overlay->fonts, overlay->font_family, overlay->font_px);
    painter->has_text = true;
    ink.mask = overlay_text_mask(&painter->text, plate);
    ink.mask_at = (struct ir_pixel){plate->rect.left_px, plate->rect.top_px};
    overlay_put(painter, &ink);
    cairo_surface_destroy(ink.mask);
}

void overlay_paint_plate(struct overlay_painter *painter, const struct overlay_plate *plate,
                         bool with_text)
{
    if (!rect_overlaps(&plate->rect, &painter->area))
        return;
    if (plate->box_index != OVERLAY_NO_BOX)
        paint_ground(painter, plate);
    if (plate->chip.width_px > 0)
        paint_chip(painter, plate);
    if (with_text)
        paint_text(painter, plate);
}

void overlay_paint_panel(struct overlay_painter *painter)
{
    const struct overlay *overlay = painter->overlay;

    if (rect_overlaps(&overlay->legend, &painter->area))
        put_round(painter, &overlay->legend, round(CORNER_PANEL_EMS * overlay->font_px), 0,
                  overlay_panel_color(), overlay->legend_opacity);
}

void overlay_paint_all(struct overlay_painter *painter)
{
    const struct overlay *overlay = painter->overlay;

    for (size_t i = 0; i < overlay->box_count; i++)
        overlay_paint_box(painter, &overlay->boxes[i]);
    overlay_paint_panel(painter);
    for (size_t i = 0; i < overlay->plate_count; i++)
        overlay_paint_plate(painter, &overlay->plates[i], true);
}

int overlay_paint_end(struct overlay_painter *painter, struct ir_error *err)
{
    if (painter->has_text)
        overlay_text_release(&painter->text);
    for (int i = 0; i < OVERLAY_ROUND_COUNT; i++)
        cairo_surface_destroy(painter->rounds[i].mask); /* NULL does no harm */
    return painter->has_failed ? common_fail_nomem(err) : 0;
}

int overlay_paint(const struct overlay *overlay, const struct ir_rect *area, overlay_ink_fn *tell,
                  void *context, struct ir_error *err)
{
    struct overlay_painter painter = {
        .overlay = overlay, .area = *area, .tell = tell, .context = context};

    overlay_paint_all(&painter);
    return overlay_paint_end(&painter, err);
}
