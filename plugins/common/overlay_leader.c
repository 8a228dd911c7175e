/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the places away from a box, for a plate that would hide too much at it or has no room there,
 * and the leader line that says where it belongs: one bar where plate and box lie side by side or
 * one above the other, else two that meet at a right angle.
 *
 *     [plate]-----+            [plate]---[ box ]
 *                 |
 *              [ box ]
 *
 * Places lie on a grid around the box and cost what they cover and how far off they are. A leader
 * crosses no plate, and no plate lies on another's leader. Bars are whole pixels.
 */
#include "plugins/common/overlay_private.h"

#define REACH_ROWS 7    /* of the grid, above and below the box, a plate's height and a half each */
#define REACH_COLUMNS 5 /* to either side, half a plate's width each */
#define PRICE_AWAY 0.75
#define PRICE_ROW 0.06
#define PRICE_COLUMN 0.05
#define PRICE_CORNER 0.05 /* of a leader that turns */
#define PRICE_CROSSED 0.2 /* for each other box that a leader meets */

/* Half of the sum, whatever the sign. */
static int middle(int a, int b)
{
    return a + (b - a) / 2;
}

static struct ir_rect bar_across(int from_px, int to_px, int y_px, int width_px)
{
    int left = MIN(from_px, to_px);

    return (struct ir_rect){left, y_px - width_px / 2, MAX(from_px, to_px) - left, width_px};
}

static struct ir_rect bar_down(int from_px, int to_px, int x_px, int width_px)
{
    int top = MIN(from_px, to_px);

    return (struct ir_rect){x_px - width_px / 2, top, width_px, MAX(from_px, to_px) - top};
}

/* The leader from `plate` to `box`, which do not touch. */
static struct overlay_leader leader_between(const struct ir_rect *plate, const struct ir_rect *box,
                                            int width_px)
{
    int left = MAX(plate->left_px, box->left_px);
    int right = MIN(rect_right(plate), rect_right(box));
    int top = MAX(plate->top_px, box->top_px);
    int bottom = MIN(rect_bottom(plate), rect_bottom(box));
    bool is_left = plate->left_px < box->left_px;
    bool is_above = plate->top_px < box->top_px;
    int side_px = is_left ? rect_right(plate) : plate->left_px;
    int edge_px = is_above ? box->top_px : rect_bottom(box);
    int x_px = middle(box->left_px, rect_right(box));
    int y_px = middle(plate->top_px, rect_bottom(plate));

    if (right - left >= width_px)
        return (struct overlay_leader){1,
                                       {bar_down(is_above ? rect_bottom(plate) : plate->top_px,
                                                 edge_px, middle(left, right), width_px)}};
    if (bottom - top >= width_px)
        return (struct overlay_leader){
            1,
            {bar_across(side_px, is_left ? box->left_px : rect_right(box), middle(top, bottom),
                        width_px)}};
    /* Across from the plate's side to above or below the middle of the box, then to its edge. */
    return (struct overlay_leader){
        2,
        {bar_across(side_px, x_px + (is_left ? width_px - width_px / 2 : -(width_px / 2)), y_px,
                    width_px),
         bar_down(y_px + (is_above ? -(width_px / 2) : width_px - width_px / 2), edge_px, x_px,
                  width_px)}};
}

/* True when a leader's bar meets `rect`. */
static bool crosses(const struct overlay_leader *leader, const struct ir_rect *rect)
{
    for (size_t i = 0; i < leader->bar_count; i++)
        if (rect_overlaps(&leader->bars[i], rect))
            return true;
    return false;
}

/* True when plate and leader keep off the legend and all that is placed. */
static bool is_free(const struct overlay_scene *scene, const struct overlay_item *items,
                    size_t item_count, size_t self, const struct ir_rect *rect,
                    const struct overlay_leader *leader)
{
    struct ir_rect wide = rect_inset(rect, -scene->gap_px);
    const struct ir_rect picture = {0, 0, scene->width_px, scene->height_px};

    if (!rect_holds(&picture, rect) || rect_overlaps(rect, &scene->blocked) ||
        crosses(leader, &scene->blocked))
        return false;
    for (size_t i = 0; i < leader->bar_count; i++)
        if (!rect_holds(&picture, &leader->bars[i]))
            return false;
    for (size_t i = 0; i < item_count; i++)
        if (i != self && items[i].placed &&
            (rect_overlaps(&wide, &items[i].rect) || crosses(leader, &items[i].rect) ||
             crosses(&items[i].leader, &wide)))
            return false;
    return true;
}

/* What the leader costs that crosses other boxes; stops counting at `limit`. */
static double cross_cost(const struct overlay_scene *scene, size_t own_index,
                         const struct overlay_leader *leader, double limit)
{
    double cost = 0;

    for (size_t i = 0; i < scene->box_count && cost < limit; i++)
        if (i != own_index && crosses(leader, &scene->boxes[i].rect))
            cost += PRICE_CROSSED;
    return cost;
}

void overlay_place_away(const struct overlay_scene *scene, struct overlay_item *items,
                        size_t item_count, size_t self)
{
    struct overlay_item *item = &items[self];
    const struct ir_rect *box = &scene->boxes[item->box_index].rect;
    int row_px = item->height_px + item->height_px / 2;
    int column_px = item->width_px / 2 + 1;
    int middle_px = middle(box->left_px, rect_right(box)) - item->width_px / 2;
    double best = item->placed ? item->cost : item->max_cost;

    if (item->width_px > scene->width_px || item->height_px > scene->height_px)
        return;
    for (int row = -REACH_ROWS; row <= REACH_ROWS; row++) {
        int top_px = row < 0   ? box->top_px - item->height_px + row * row_px
                     : row > 0 ? rect_bottom(box) + row * row_px
                               : middle(box->top_px, rect_bottom(box)) - item->height_px / 2;

        for (int column = -REACH_COLUMNS; column <= REACH_COLUMNS; column++) {
            struct ir_rect rect = {middle_px + column * column_px, top_px, item->width_px,
                                   item->height_px};
            double cost = PRICE_AWAY + PRICE_ROW * abs(row) + PRICE_COLUMN * abs(column);
            struct overlay_leader leader;

            if (cost >= best || rect_overlaps(&rect, box))
                continue;
            leader = leader_between(&rect, box, scene->leader_px);
            if (!is_free(scene, items, item_count, self, &rect, &leader))
                continue;
            cost += PRICE_CORNER * (double)(leader.bar_count - 1);
            cost += overlay_cover_cost(scene, item->box_index, &rect, best - cost);
            cost += cross_cost(scene, item->box_index, &leader, best - cost);
            if (cost >= best)
                continue;
            best = cost;
            item->placed = true;
            item->cost = cost;
            item->rect = rect;
            item->leader = leader;
        }
    }
}
