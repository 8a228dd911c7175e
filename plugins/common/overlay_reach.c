/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns where an overlay's ink may be, as rectangles: the sides of outlines, plates, the legend and
 * the cells of leaders. So a host looks at and copies what has ink, not the picture. Draws nothing.
 */
#include "plugins/common/overlay_private.h"

#define CORNER_SHARE 0.22 /* of a box's shorter side: what OVERLAY_CORNERS shows */

/* How far the corners of a box reach along its sides. */
static int corner_px(const struct overlay_box *box)
{
    int reach_px = (int)(CORNER_SHARE * MIN(box->rect.width_px, box->rect.height_px));

    return MAX(reach_px, 3 * box->outline_px);
}

int overlay_corner_rects(const struct overlay_box *box, struct ir_rect out[OVERLAY_CORNER_COUNT])
{
    const struct ir_rect *rect = &box->rect;
    int reach_px = corner_px(box);
    bool is_narrow = 2 * reach_px >= rect->width_px;
    bool is_low = 2 * reach_px >= rect->height_px;
    struct ir_rect corner = {rect->left_px, rect->top_px, is_narrow ? rect->width_px : reach_px,
                             is_low ? rect->height_px : reach_px};
    int count = 0;

    for (int row = 0; row < (is_low ? 1 : 2); row++) {
        for (int column = 0; column < (is_narrow ? 1 : 2); column++) {
            out[count] = corner;
            out[count].left_px += column * (rect->width_px - corner.width_px);
            out[count++].top_px += row * (rect->height_px - corner.height_px);
        }
    }
    return count;
}

/* Whom to tell, and of what. */
struct visit {
    const struct ir_rect *area;
    overlay_visit_fn *visit;
    void *context;
};

/* Tells of what `rect` and the area have in common. */
static bool visit_rect(const struct visit *visit, const struct ir_rect *rect)
{
    struct ir_rect common = rect_both(rect, visit->area);

    return common.width_px <= 0 || common.height_px <= 0 || visit->visit(visit->context, &common);
}

/* What of the outline lies in `part`: its four sides without the hole. */
static bool visit_outline(const struct visit *visit, const struct overlay_box *box,
                          const struct ir_rect *part)
{
    const struct ir_rect *rect = &box->rect;
    int thick_px = box->outline_px;
    struct ir_rect hole = rect_inset(rect, thick_px);
    const struct ir_rect sides[] = {
        {rect->left_px, rect->top_px, rect->width_px, thick_px},
        {rect->left_px, rect_bottom(rect) - thick_px, rect->width_px, thick_px},
        {rect->left_px, hole.top_px, thick_px, hole.height_px},
        {rect_right(rect) - thick_px, hole.top_px, thick_px, hole.height_px},
    };

    if (hole.width_px <= 0 || hole.height_px <= 0)
        return visit_rect(visit, part);
    for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++) {
        struct ir_rect side = rect_both(&sides[i], part);

        if (side.width_px > 0 && side.height_px > 0 && !visit_rect(visit, &side))
            return false;
    }
    return true;
}

static bool visit_box(const struct visit *visit, const struct overlay *overlay,
                      const struct overlay_box *box)
{
    struct ir_rect corners[OVERLAY_CORNER_COUNT];
    int count;

    if (overlay->form == OVERLAY_PLATES || !rect_overlaps(&box->rect, visit->area))
        return true;
    if (overlay->form != OVERLAY_CORNERS)
        return visit_outline(visit, box, &box->rect);
    count = overlay_corner_rects(box, corners);
    for (int i = 0; i < count; i++) {
        if (!visit_outline(visit, box, &corners[i]))
            return false;
    }
    return true;
}

static bool visit_leader_cell(void *context, const struct ir_rect *cell)
{
    return visit_rect(context, cell);
}

bool overlay_visit_ink(const struct overlay *overlay, const struct ir_rect *area,
                       overlay_visit_fn *visit, void *context)
{
    struct visit all = {area, visit, context};

    if (!visit_rect(&all, &overlay->legend))
        return false;
    for (size_t i = 0; i < overlay->plate_count; i++) {
        if (!visit_rect(&all, &overlay->plates[i].rect))
            return false;
    }
    for (size_t i = 0; i < overlay->box_count; i++) {
        const struct overlay_box *box = &overlay->boxes[i];

        if (!visit_box(&all, overlay, box) ||
            !overlay_leader_cells(&box->leader, area, visit_leader_cell, &all))
            return false;
    }
    return true;
}

static bool stop(void *context, const struct ir_rect *rect)
{
    (void)context;
    (void)rect;
    return false;
}

bool overlay_touches(const struct overlay *overlay, const struct ir_rect *area)
{
    return !overlay_visit_ink(overlay, area, stop, NULL);
}

struct ir_rect overlay_box_extent(const struct overlay *overlay, size_t box_index)
{
    const struct ir_rect picture = {0, 0, overlay->width_px, overlay->height_px};
    const struct ir_rect *rect = &overlay->boxes[box_index].rect;
    struct ir_rect leader = overlay_leader_extent(&overlay->boxes[box_index].leader);
    int left, top;
    struct ir_rect both;

    if (leader.width_px == 0)
        return *rect;
    left = MIN(rect->left_px, leader.left_px);
    top = MIN(rect->top_px, leader.top_px);
    both = (struct ir_rect){left, top, MAX(rect_right(rect), rect_right(&leader)) - left,
                            MAX(rect_bottom(rect), rect_bottom(&leader)) - top};
    return rect_both(&both, &picture);
}
