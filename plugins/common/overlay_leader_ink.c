/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the ink of leader lines, and where it may be. They are the only part of an overlay that is
 * aslant, and cairo (1.18) rounds a slanted edge where a clip cuts it: a picture drawn in tiles
 * would differ from one drawn at once. So a leader is drawn in cells of the picture's own grid.
 */
#include "plugins/common/overlay_private.h"

#include <math.h>

#define CELL_PX 64

/* The line and its dot, `less_px` thinner on every side. */
static void stroke(const struct overlay_leader *leader, double less_px, cairo_t *cr)
{
    cairo_set_line_width(cr, leader->width_px - 2 * less_px);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND); /* so that no wedge is left at a plate's side */
    cairo_move_to(cr, leader->plate.x_px, leader->plate.y_px);
    cairo_line_to(cr, leader->box.x_px, leader->box.y_px);
    cairo_stroke(cr);
    cairo_arc(cr, leader->box.x_px, leader->box.y_px, overlay_leader_dot_px(leader) - less_px, 0,
              2 * M_PI);
    cairo_fill(cr);
}

/* What the line and its dot cover of a cell, `less_px` thinner on every side. */
static void put_cell(struct overlay_painter *painter, const struct overlay_leader *leader,
                     double less_px, struct overlay_color color, const struct ir_rect *cell)
{
    struct overlay_ink ink = {.rect = *cell,
                              .color = color,
                              .opacity = painter->overlay->opacity,
                              .mask = cairo_image_surface_create(CAIRO_FORMAT_A8, CELL_PX, CELL_PX),
                              .mask_at = {cell->left_px, cell->top_px}};
    cairo_t *cr = cairo_create(ink.mask);

    cairo_translate(cr, -cell->left_px, -cell->top_px);
    stroke(leader, less_px, cr);
    cairo_destroy(cr);
    cairo_surface_flush(ink.mask);
    overlay_put(painter, &ink);
    cairo_surface_destroy(ink.mask);
}

/* The first whole cell's edge at or before `at_px`, which is in the picture. */
static int cell_before(int at_px)
{
    return at_px > 0 ? at_px / CELL_PX * CELL_PX : 0;
}

/* True when the line or its dot may have ink on `area`. */
static bool touches(const struct overlay_leader *leader, const struct ir_rect *area)
{
    int around_px = overlay_leader_dot_px(leader) + 1;
    struct ir_rect dot = {leader->box.x_px - around_px, leader->box.y_px - around_px, 2 * around_px,
                          2 * around_px};

    return rect_overlaps(&dot, area) || overlay_leader_meets(leader, area);
}

bool overlay_leader_cells(const struct overlay_leader *leader, const struct ir_rect *area,
                          overlay_visit_fn *visit, void *context)
{
    struct ir_rect extent = overlay_leader_extent(leader);
    struct ir_rect common = rect_both(&extent, area);

    if (leader->width_px == 0 || common.width_px <= 0 || common.height_px <= 0)
        return true;
    for (int y = cell_before(common.top_px); y < rect_bottom(&common); y += CELL_PX) {
        for (int x = cell_before(common.left_px); x < rect_right(&common); x += CELL_PX) {
            const struct ir_rect cell = {x, y, CELL_PX, CELL_PX};
            struct ir_rect seen = rect_both(&cell, &common);

            if (touches(leader, &seen) && !visit(context, &cell))
                return false;
        }
    }
    return true;
}

/* Whose leader is painted, and by whom. */
struct canvas {
    const struct overlay_box *box;
    struct overlay_painter *painter;
};

/* The casing of line and dot, then the colour of both, so that they join. */
static bool paint_visited(void *context, const struct ir_rect *cell)
{
    const struct canvas *canvas = context;
    const struct overlay_box *box = canvas->box;

    put_cell(canvas->painter, &box->leader, 0, overlay_ink_on(box->color), cell);
    put_cell(canvas->painter, &box->leader, overlay_casing_px(box->leader.width_px), box->color,
             cell);
    return true;
}

void overlay_paint_leader(struct overlay_painter *painter, const struct overlay_box *box)
{
    overlay_leader_cells(&box->leader, &painter->area, paint_visited,
                         &(struct canvas){box, painter});
}
