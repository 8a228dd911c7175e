/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the places away from a box, for a plate that would hide too much at it or has no room there,
 * and the leader line that says where it belongs: straight up or across where plate and box face
 * each other, else aslant to the nearest corner. A dot ends it on the box's outline.
 *
 *     [plate].               [plate]-----o[ box ]
 *              `.
 *                `o[ box ]
 *
 * Places lie on a grid around the box and cost what they cover, how far off they are, and what
 * their leader crosses. A leader crosses no plate and not the legend, and no plate lies on another
 * item's leader.
 */
#include "plugins/common/overlay_private.h"

#include <math.h>

#define REACH_ROWS 10   /* of the grid, above and below the box, a plate's height and a half each */
#define REACH_COLUMNS 8 /* to either side, half a plate's width each */
#define PRICE_AWAY 0.75
#define PRICE_ROW 0.06
#define PRICE_COLUMN 0.05
#define PRICE_SLANT 0.05
#define PRICE_CROSSED                                                                              \
    0.3                   /* for each other box that a leader meets, less where it cuts a corner   \
                           */
#define PRICE_TANGLED 0.6 /* for each leader that it crosses */
#define DOT_SHARE 0.9     /* the dot's radius, of the line's width */

int overlay_leader_dot_px(const struct overlay_leader *leader)
{
    return (int)lround(DOT_SHARE * leader->width_px);
}

struct ir_rect overlay_leader_extent(const struct overlay_leader *leader)
{
    int around_px = overlay_leader_dot_px(leader) + 1; /* anti-aliasing reaches a pixel further */
    int left = MIN(leader->plate.x_px, leader->box.x_px) - around_px;
    int top = MIN(leader->plate.y_px, leader->box.y_px) - around_px;

    if (leader->width_px == 0)
        return (struct ir_rect){0, 0, 0, 0};
    return (struct ir_rect){left, top, MAX(leader->plate.x_px, leader->box.x_px) + around_px - left,
                            MAX(leader->plate.y_px, leader->box.y_px) + around_px - top};
}

/*
 * Narrows the part of the line from `from` to `to`, as the fractions *start to *end of its length,
 * to what lies between `low` and `high` along one axis (Liang and Barsky). False when none does.
 */
static bool clip_axis(int from, int to, int low, int high, double *start, double *end)
{
    double a, b;

    if (from == to)
        return from > low && from < high;
    a = (double)(low - from) / (to - from);
    b = (double)(high - from) / (to - from);
    *start = fmax(*start, fmin(a, b));
    *end = fmin(*end, fmax(a, b));
    return *start < *end;
}

/* How much of the leader's middle line lies in `rect`, in pixels; 0 without a leader. */
static double length_in(const struct overlay_leader *leader, const struct ir_rect *rect)
{
    const struct ir_pixel *a = &leader->plate;
    const struct ir_pixel *b = &leader->box;
    double start = 0;
    double end = 1;

    if (leader->width_px == 0 ||
        !clip_axis(a->x_px, b->x_px, rect->left_px, rect_right(rect), &start, &end) ||
        !clip_axis(a->y_px, b->y_px, rect->top_px, rect_bottom(rect), &start, &end))
        return 0;
    return (end - start) * hypot(b->x_px - a->x_px, b->y_px - a->y_px);
}

bool overlay_leader_meets(const struct overlay_leader *leader, const struct ir_rect *rect)
{
    struct ir_rect wide = rect_inset(rect, -(leader->width_px / 2 + 1));

    return rect->width_px > 0 && rect->height_px > 0 && length_in(leader, &wide) > 0;
}

/* Twice the area of the triangle, its sign that of the turn. */
static int64_t turn(const struct ir_pixel *a, const struct ir_pixel *b, const struct ir_pixel *c)
{
    return (int64_t)(b->x_px - a->x_px) * (c->y_px - a->y_px) -
           (int64_t)(b->y_px - a->y_px) * (c->x_px - a->x_px);
}

static bool leaders_cross(const struct overlay_leader *one, const struct overlay_leader *two)
{
    return (turn(&one->plate, &one->box, &two->plate) > 0) !=
               (turn(&one->plate, &one->box, &two->box) > 0) &&
           (turn(&two->plate, &two->box, &one->plate) > 0) !=
               (turn(&two->plate, &two->box, &one->box) > 0);
}

static int middle(int a, int b)
{
    return a + (b - a) / 2;
}

/* What a rectangle has along one axis. */
struct span {
    int low_px;
    int high_px;
};

static struct span across(const struct ir_rect *rect)
{
    return (struct span){rect->left_px, rect_right(rect)};
}

static struct span down(const struct ir_rect *rect)
{
    return (struct span){rect->top_px, rect_bottom(rect)};
}

/*
 * Where a line along one axis begins at the plate and ends at the box: in the middle of what faces,
 * else at the plate's edge and at the box's nearest corner. True when they face each other.
 */
static bool face(struct span plate, struct span box, int width_px, int *out_plate, int *out_box)
{
    int low = MAX(plate.low_px, box.low_px);
    int high = MIN(plate.high_px, box.high_px);

    if (high - low >= width_px) {
        *out_plate = *out_box = middle(low, high);
        return true;
    }
    *out_plate = plate.low_px < box.low_px ? plate.high_px : plate.low_px;
    *out_box = plate.low_px < box.low_px ? box.low_px : box.high_px;
    return false;
}

/* The leader from `plate` to the outline of `box`, which do not touch. */
static struct overlay_leader leader_between(const struct ir_rect *plate,
                                            const struct overlay_box *box, int width_px)
{
    struct overlay_leader leader = {.width_px = width_px};
    struct ir_rect outline = rect_inset(&box->rect, box->outline_px / 2);
    bool is_above =
        face(across(plate), across(&outline), width_px, &leader.plate.x_px, &leader.box.x_px);
    bool is_beside =
        face(down(plate), down(&outline), width_px, &leader.plate.y_px, &leader.box.y_px);

    if (!is_above && !is_beside) /* from the middle of the plate's side */
        leader.plate.y_px = middle(plate->top_px, rect_bottom(plate));
    return leader;
}

/* The search for one item's place. */
struct search {
    const struct overlay_scene *scene;
    struct overlay_item *items;
    size_t item_count;
    size_t self;
    double best; /* what a place must cost less than */
};

/* True when plate and leader keep off the legend and all that is placed. */
static bool is_free(const struct search *search, const struct ir_rect *rect,
                    const struct overlay_leader *leader)
{
    const struct ir_rect *blocked = &search->scene->blocked;
    struct ir_rect wide = rect_inset(rect, -search->scene->gap_px);

    if (rect_overlaps(rect, blocked) || overlay_leader_meets(leader, blocked))
        return false;
    for (size_t i = 0; i < search->item_count; i++) {
        const struct overlay_item *item = &search->items[i];

        if (i != search->self && item->placed &&
            (rect_overlaps(&wide, &item->rect) || overlay_leader_meets(leader, &item->rect) ||
             (item->leader.width_px > 0 && overlay_leader_meets(&item->leader, rect))))
            return false;
    }
    return true;
}

/* What the leader costs by what it crosses; stops counting at `limit`. */
static double cross_cost(const struct search *search, const struct overlay_leader *leader,
                         double limit)
{
    const struct overlay_scene *scene = search->scene;
    size_t own_index = search->items[search->self].box_index;
    const struct ir_rect *own = &scene->boxes[own_index].rect;
    double cost = 0;

    for (size_t i = 0; i < scene->box_count && cost < limit; i++) {
        const struct ir_rect *box = &scene->boxes[i].rect;
        double length_px = i != own_index ? length_in(leader, box) : 0;

        if (length_px > 0 && !rect_holds(box, own)) /* out of what holds its box it must get */
            cost += PRICE_CROSSED * fmin(1, 2 * length_px / MIN(box->width_px, box->height_px));
    }
    for (size_t i = 0; i < search->item_count && cost < limit; i++) {
        const struct overlay_item *item = &search->items[i];

        if (i != search->self && item->placed && item->leader.width_px > 0 &&
            leaders_cross(leader, &item->leader))
            cost += PRICE_TANGLED;
    }
    return cost;
}

/* Puts the item at `rect` where that is allowed and cheaper than the best so far. */
static void try_place(struct search *search, const struct ir_rect *rect, double cost)
{
    const struct overlay_scene *scene = search->scene;
    struct overlay_item *item = &search->items[search->self];
    const struct overlay_box *box = &scene->boxes[item->box_index];
    const struct ir_rect picture = {0, 0, scene->width_px, scene->height_px};
    struct overlay_leader leader;

    if (cost >= search->best || !rect_holds(&picture, rect) || rect_overlaps(rect, &box->rect))
        return;
    leader = leader_between(rect, box, scene->leader_px);
    if (leader.plate.x_px != leader.box.x_px && leader.plate.y_px != leader.box.y_px)
        cost += PRICE_SLANT;
    cost += overlay_cover_cost(scene, NULL, item->box_index, rect, search->best - cost);
    if (cost >= search->best || !is_free(search, rect, &leader))
        return;
    cost += cross_cost(search, &leader, search->best - cost);
    if (cost >= search->best)
        return;
    search->best = cost;
    item->placed = true;
    item->cost = cost;
    item->rect = *rect;
    item->leader = leader;
}

/* 0, -1, 1, -2, 2...: near places are cheap, and the dear are then soon let go. */
static int outwards(int i)
{
    return i % 2 == 0 ? i / 2 : -(i + 1) / 2;
}

void overlay_place_away(const struct overlay_scene *scene, struct overlay_item *items,
                        size_t item_count, size_t self)
{
    struct overlay_item *item = &items[self];
    struct search search = {scene, items, item_count, self,
                            item->placed ? item->cost : item->max_cost};
    const struct ir_rect *box = &scene->boxes[item->box_index].rect;
    int row_px = item->height_px + item->height_px / 2;
    int column_px = item->width_px / 2 + 1;
    int middle_px = middle(box->left_px, rect_right(box)) - item->width_px / 2;

    if (item->width_px > scene->width_px || item->height_px > scene->height_px)
        return;
    for (int i = 0; i <= 2 * REACH_ROWS; i++) {
        int row = outwards(i);
        int top_px = row < 0   ? box->top_px - item->height_px + row * row_px
                     : row > 0 ? rect_bottom(box) + row * row_px
                               : middle(box->top_px, rect_bottom(box)) - item->height_px / 2;

        for (int j = 0; j <= 2 * REACH_COLUMNS; j++) {
            int column = outwards(j);
            struct ir_rect rect = {middle_px + column * column_px, top_px, item->width_px,
                                   item->height_px};

            try_place(&search, &rect,
                      PRICE_AWAY + PRICE_ROW * abs(row) + PRICE_COLUMN * abs(column));
        }
    }
}
