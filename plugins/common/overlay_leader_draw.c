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

static void set_color(cairo_t *cr, struct overlay_color color)
{
    cairo_set_source_rgb(cr, color.red, color.green, color.blue);
}

/* The casing of line and dot, then the colour of both, so that they join. */
static void draw_cell(const struct overlay_box *box, int left_px, int top_px, cairo_t *cr)
{
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, CELL_PX, CELL_PX);
    cairo_t *inner = cairo_create(surface);

    cairo_translate(inner, -left_px, -top_px);
    set_color(inner, overlay_ink_on(box->color));
    stroke(&box->leader, 0, inner);
    set_color(inner, box->color);
    stroke(&box->leader, overlay_casing_px(box->leader.width_px), inner);
    cairo_save(cr);
    cairo_set_source_surface(cr, surface, left_px, top_px); /* an error reaches cr */
    cairo_rectangle(cr, left_px, top_px, CELL_PX, CELL_PX);
    cairo_fill(cr);
    cairo_restore(cr);
    cairo_destroy(inner);
    cairo_surface_destroy(surface);
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

/* Where a leader is drawn. */
struct canvas {
    const struct overlay_box *box;
    cairo_t *cr;
};

static bool draw_visited(void *context, const struct ir_rect *cell)
{
    const struct canvas *canvas = context;

    draw_cell(canvas->box, cell->left_px, cell->top_px, canvas->cr);
    return true;
}

void overlay_leader_draw(const struct overlay_box *box, cairo_t *cr)
{
    double left, top, right, bottom;
    struct ir_rect clip;

    if (box->leader.width_px == 0)
        return;
    cairo_clip_extents(cr, &left, &top, &right, &bottom);
    clip = (struct ir_rect){(int)floor(left), (int)floor(top), (int)(ceil(right) - floor(left)),
                            (int)(ceil(bottom) - floor(top))};
    overlay_leader_cells(&box->leader, &clip, draw_visited, &(struct canvas){box, cr});
}
