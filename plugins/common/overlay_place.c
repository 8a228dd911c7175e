/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns where a plate lies. A plate touches its own box where it can: it stands on it, hangs below
 * it, leans against a side or lies inside along an edge,
 *
 *        [above]  .  .              x: at the left, at the right, in the middle, and in a row
 *       +--------------+            after the plates that already lie there
 *  [by] |[in top]      | [by]       y (by a side): at the top, at the bottom, in the middle, and
 *       |              |            below the plates that already lie there
 *       |[in bottom]   |
 *       +--------------+
 *        [below]
 *
 * and of these it takes the cheapest: what it covers costs, and so does an unusual place. Outside
 * the picture, over another plate and over the legend are not places at all.
 *
 * Plates are placed one after another, then each once more with all others known, and one that
 * found no place may push a single other plate to a place that is still free. Last, what has no
 * place or hides much is tried away from its box (overlay_leader.c).
 *
 * Cost of one layout: at most plates * (boxes + plates) steps for each of 44 places in each of the
 * rounds at the box, of 8 pushes with 44 places for another plate in all of these but one, and of
 * 44 and 357 places in each round away; most places are too dear before anything is counted. One
 * overlay takes several layouts: up to 4 (overlay_layout.c) for each size of type that is tried
 * (overlay_sizes.c).
 */
#include "plugins/common/overlay_private.h"

#include <float.h>
#include <math.h>

#define ROUNDS 3
#define ROUNDS_AWAY 3
#define CHEAP 0.7      /* no place away from the box costs less */
#define ROW_WALK_MAX 6 /* plates passed in one row before the row is given up */
#define NO_ITEM ((size_t)-1)

/*
 * Prices, in units of "as bad as covering somewhat more than half of its own box". A plate that
 * stands in a thing as large as its own seems to be the name of that; in a much larger one it does
 * not, nor in one that holds its own.
 */
#define PRICE_OWN_BOX 1.8       /* times the share of the own box that is covered */
#define PRICE_OTHER_BOX 3.0     /* times the share of another box */
#define PRICE_HEIGHT 1.5        /* times what of a box's height is covered beyond... */
#define EDGE_SHARE 0.4          /* ...this: no edge of a face, a line of text */
#define PRICE_OTHER_GROUND 1.2  /* times the share of the plate in a box as large as the own... */
#define SMALL_SHARE 0.1         /* ...or less where the plate is a smaller part of that... */
#define PRICE_LARGE_GROUND 0.12 /* ...and at least this in any */
#define PRICE_OUTLINE 0.15      /* for each foreign outline that is hidden in part... */
#define OUTLINE_SHARE 0.2       /* ...by this share of the plate, or less for less */
#define PRICE_WALKED 0.06       /* for each plate passed in a row */

struct placer {
    const struct overlay_scene *scene;
    struct overlay_item *items;
    size_t item_count;
    struct overlay_near near; /* of the item that is being placed */
};

/* The cheapest place so far. */
struct choice {
    bool found;
    double cost;
    struct ir_rect rect;
};

/* Along an edge: where the row lies and what it costs, and where in the row. */
struct row {
    bool across; /* a row from left to right; else a column from top to bottom */
    int fixed_px;
    double cost;
};

static bool inside_picture(const struct overlay_scene *scene, const struct ir_rect *rect)
{
    const struct ir_rect picture = {0, 0, scene->width_px, scene->height_px};

    return rect_holds(&picture, rect);
}

/* Most have none: that is seen without a call. */
static bool leader_meets(const struct overlay_item *item, const struct ir_rect *rect)
{
    return item->leader.width_px > 0 && overlay_leader_meets(&item->leader, rect);
}

/* Finds what any place at the item's box can touch: such a place reaches no further than its size.
 */
static void look_near(struct placer *placer, size_t self)
{
    const struct overlay_scene *scene = placer->scene;
    const struct overlay_item *item = &placer->items[self];
    const struct ir_rect *box = &scene->boxes[item->box_index].rect;
    int across_px = item->width_px + scene->gap_px;
    int down_px = item->height_px + scene->gap_px;
    struct ir_rect reach = {box->left_px - across_px, box->top_px - down_px,
                            box->width_px + 2 * across_px, box->height_px + 2 * down_px};
    struct overlay_near *near = &placer->near;

    near->box_count = 0;
    near->item_count = 0;
    for (size_t i = 0; i < scene->box_count; i++)
        if (rect_overlaps(&reach, &scene->boxes[i].rect))
            near->boxes[near->box_count++] = i;
    for (size_t i = 0; i < placer->item_count; i++) {
        const struct overlay_item *other = &placer->items[i];

        if (i != self && other->placed &&
            (rect_overlaps(&reach, &other->rect) || leader_meets(other, &reach)))
            near->items[near->item_count++] = i;
    }
}

/* The first item near that `rect` would overlap, stand too near to, or cut the leader of. */
static size_t find_blocker(const struct placer *placer, const struct ir_rect *rect, size_t from)
{
    struct ir_rect wide = rect_inset(rect, -placer->scene->gap_px);

    for (size_t i = 0; i < placer->near.item_count; i++) {
        const struct overlay_item *item = &placer->items[placer->near.items[i]];

        if (placer->near.items[i] >= from &&
            (rect_overlaps(&wide, &item->rect) || leader_meets(item, rect)))
            return placer->near.items[i];
    }
    return NO_ITEM;
}

/* What lies within the outline, which is the thing itself. */
static struct ir_rect inside_of(const struct overlay_box *box)
{
    struct ir_rect inside = rect_inset(&box->rect, box->outline_px);

    return inside.width_px > 0 && inside.height_px > 0 ? inside : box->rect;
}

/* For covering a thing's height: that leaves nothing of a line of text, a letter wide or more. */
static double height_cost(const struct ir_rect *inside, const struct ir_rect *rect)
{
    struct ir_rect both = rect_both(inside, rect);

    if (both.width_px <= 0 || both.height_px <= 0)
        return 0;
    return PRICE_HEIGHT * fmax(0, (double)both.height_px / inside->height_px - EDGE_SHARE) *
           fmin(1, (double)both.width_px / both.height_px);
}

static double own_cost(const struct overlay_box *box, const struct ir_rect *rect)
{
    struct ir_rect inside = inside_of(box);

    return PRICE_OWN_BOX * (double)rect_common(rect, &inside) / (double)rect_area(&inside) +
           height_cost(&inside, rect);
}

static double other_cost(const struct overlay_box *box, const struct ir_rect *own,
                         const struct ir_rect *rect)
{
    struct ir_rect inside = inside_of(box);
    double area = (double)rect_area(&inside);
    double plate_area = (double)rect_area(rect);
    double common = (double)rect_common(rect, &inside);
    double ground = PRICE_LARGE_GROUND;
    double cost;

    if (!rect_holds(&box->rect, own))
        ground = fmax(ground, PRICE_OTHER_GROUND * fmin(1, (double)rect_area(own) / area) *
                                  fmin(1, plate_area / (SMALL_SHARE * area)));
    cost =
        PRICE_OTHER_BOX * common / area + ground * common / plate_area + height_cost(&inside, rect);
    if (!rect_holds(&box->rect, rect))
        cost += PRICE_OUTLINE *
                fmin(1, (double)rect_common(rect, &box->rect) / (OUTLINE_SHARE * plate_area));
    return cost;
}

double overlay_cover_cost(const struct overlay_scene *scene, const struct overlay_near *near,
                          size_t own_index, const struct ir_rect *rect, double limit)
{
    const struct ir_rect *own = &scene->boxes[own_index].rect;
    size_t count = near != NULL ? near->box_count : scene->box_count;
    double cost = 0;

    for (size_t i = 0; i < count && cost < limit; i++) {
        size_t index = near != NULL ? near->boxes[i] : i;
        const struct overlay_box *box = &scene->boxes[index];

        if (rect_common(rect, &box->rect) > 0)
            cost += index == own_index ? own_cost(box, rect) : other_cost(box, own, rect);
    }
    return cost;
}

/* Takes `rect` as the choice when it is allowed and cheaper; nothing may block it. */
static void consider(const struct placer *placer, size_t self, const struct ir_rect *rect,
                     double base_cost, struct choice *best)
{
    double cost;

    if (base_cost >= best->cost)
        return;
    cost =
        base_cost + overlay_cover_cost(placer->scene, &placer->near, placer->items[self].box_index,
                                       rect, best->cost - base_cost);
    if (cost < best->cost)
        *best = (struct choice){true, cost, *rect};
}

/* The place in `row` at `along_px`, moved into the picture where that leaves it in the row. */
static bool place_in_row(const struct overlay_scene *scene, const struct overlay_item *item,
                         const struct row *row, int along_px, struct ir_rect *out)
{
    int length_px = row->across ? item->width_px : item->height_px;
    int side_px = row->across ? scene->width_px : scene->height_px;

    if (along_px > side_px - length_px)
        along_px = side_px - length_px;
    if (along_px < 0)
        along_px = 0;
    out->left_px = row->across ? along_px : row->fixed_px;
    out->top_px = row->across ? row->fixed_px : along_px;
    out->width_px = item->width_px;
    out->height_px = item->height_px;
    return inside_picture(scene, out) && !rect_overlaps(out, &scene->blocked);
}

/* Tries the row from its start, stepping behind each plate that is in the way. */
static void walk_row(const struct placer *placer, size_t self, const struct row *row,
                     struct choice *best)
{
    const struct overlay_item *item = &placer->items[self];
    const struct ir_rect *box = &placer->scene->boxes[item->box_index].rect;
    int end_px = row->across ? rect_right(box) : rect_bottom(box);
    int along_px = row->across ? box->left_px : box->top_px;

    for (int step = 0; step < ROW_WALK_MAX; step++) {
        struct ir_rect rect;
        size_t blocker;
        int before_px = along_px;

        if (!place_in_row(placer->scene, item, row, along_px, &rect))
            return;
        blocker = find_blocker(placer, &rect, 0);
        if (blocker == NO_ITEM) {
            consider(placer, self, &rect, row->cost + PRICE_WALKED * step, best);
            return;
        }
        along_px = row->across ? rect_right(&placer->items[blocker].rect)
                               : rect_bottom(&placer->items[blocker].rect);
        along_px += placer->scene->gap_px;
        if (along_px > end_px - item->height_px || /* it would hardly touch its box */
            along_px <= before_px)                 /* not the plate is in the way, its leader is */
            return;
    }
}

static void try_row(const struct placer *placer, size_t self, const struct row *row,
                    struct choice *best)
{
    const struct overlay_item *item = &placer->items[self];
    const struct ir_rect *box = &placer->scene->boxes[item->box_index].rect;
    int start_px = row->across ? box->left_px : box->top_px;
    int room_px = row->across ? box->width_px - item->width_px : box->height_px - item->height_px;
    const struct {
        int offset_px;
        double cost;
    } ends[] = {{room_px, 0.10}, {room_px / 2, 0.14}};

    walk_row(placer, self, row, best);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        struct ir_rect rect;

        if (row->cost + ends[i].cost < best->cost &&
            place_in_row(placer->scene, item, row, start_px + ends[i].offset_px, &rect) &&
            find_blocker(placer, &rect, 0) == NO_ITEM)
            consider(placer, self, &rect, row->cost + ends[i].cost, best);
    }
}

#define ROW_COUNT 8

/* The rows and columns at the edges of the item's box, cheapest first. */
static void rows_of(const struct placer *placer, size_t self, struct row out[ROW_COUNT])
{
    const struct overlay_item *item = &placer->items[self];
    const struct ir_rect *box = &placer->scene->boxes[item->box_index].rect;
    int w = item->width_px;
    int h = item->height_px;

    out[0] = (struct row){true, box->top_px - h, 0.0};
    out[1] = (struct row){true, box->top_px, 0.22};
    out[2] = (struct row){true, rect_bottom(box), 0.26};
    out[3] = (struct row){true, rect_bottom(box) - h, 0.40};
    out[4] = (struct row){false, rect_right(box), 0.42};
    out[5] = (struct row){false, box->left_px - w, 0.46};
    out[6] = (struct row){false, box->left_px, 0.60};
    out[7] = (struct row){false, rect_right(box) - w, 0.64};
}

/* The cheapest free place, with the item itself lifted off. */
static struct choice best_place(struct placer *placer, size_t self)
{
    struct choice best = {false, placer->items[self].max_cost, {0, 0, 0, 0}};
    struct row rows[ROW_COUNT];

    look_near(placer, self);
    rows_of(placer, self, rows);
    for (size_t i = 0; i < ROW_COUNT && rows[i].cost < best.cost; i++)
        try_row(placer, self, &rows[i], &best);
    return best;
}

static void put(struct overlay_item *item, const struct choice *choice)
{
    item->placed = choice->found;
    item->cost = choice->cost;
    item->rect = choice->rect;
    item->leader.width_px = 0;
}

/*
 * Puts the homeless item where only one other plate is in the way and that one has another place,
 * neither dearer than its item may cost. Nothing changes when there is no such pair of places.
 */
static void push_one(struct placer *placer, size_t self)
{
    struct overlay_item *item = &placer->items[self];
    const struct ir_rect *box = &placer->scene->boxes[item->box_index].rect;
    struct row rows[ROW_COUNT];

    rows_of(placer, self, rows);
    for (size_t i = 0; i < ROW_COUNT && !item->placed; i++) {
        struct ir_rect rect;
        struct overlay_item *other;
        struct overlay_item before;
        struct choice taken = {false, item->max_cost, {0, 0, 0, 0}};
        struct choice moved;
        size_t blocker;

        if (!place_in_row(placer->scene, item, &rows[i],
                          rows[i].across ? box->left_px : box->top_px, &rect))
            continue;
        look_near(placer, self);
        blocker = find_blocker(placer, &rect, 0);
        if (blocker == NO_ITEM || find_blocker(placer, &rect, blocker + 1) != NO_ITEM)
            continue;
        consider(placer, self, &rect, rows[i].cost, &taken);
        if (!taken.found)
            continue;
        other = &placer->items[blocker];
        before = *other;
        put(item, &taken);
        moved = best_place(placer, blocker);
        if (moved.found) {
            put(other, &moved);
        } else {
            *other = before;
            item->placed = false;
        }
    }
}

void overlay_place_one(const struct overlay_scene *scene, struct overlay_item *items,
                       size_t item_count, size_t self)
{
    struct placer placer = {.scene = scene, .items = items, .item_count = item_count};
    struct choice choice = best_place(&placer, self);

    put(&items[self], &choice);
    overlay_place_away(scene, items, item_count, self);
}

void overlay_place(const struct overlay_scene *scene, struct overlay_item *items, size_t item_count)
{
    struct placer placer = {.scene = scene, .items = items, .item_count = item_count};
    bool is_moving = true;

    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < item_count; i++) {
            struct choice choice = best_place(&placer, i);

            put(&items[i], &choice);
            if (!choice.found && round > 0)
                push_one(&placer, i);
        }
    }
    /* What moves away makes room for others, at their boxes too. */
    for (int round = 0; round < ROUNDS_AWAY && is_moving; round++) {
        is_moving = false;
        for (size_t i = 0; i < item_count; i++) {
            const struct overlay_item before = items[i];

            if (before.placed && before.cost < CHEAP)
                continue;
            overlay_place_one(scene, items, item_count, i);
            is_moving = is_moving || items[i].placed != before.placed ||
                        items[i].rect.left_px != before.rect.left_px ||
                        items[i].rect.top_px != before.rect.top_px;
        }
    }
}
