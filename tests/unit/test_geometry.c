/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Boxes, pixels and the eight orientations. */
#include "tests/unit/unit.h"

#include <limits.h>
#include <math.h>

#include <imgrecog/geometry.h>

#define TINY 1e-12

/* ---- orientations ------------------------------------------------------------------------ */

struct turn_row {
    const char *name;
    int orientation;
    bool swaps;
    struct ir_box upright; /* of the stored box below */
};

/* Left 0.1, top 0.2, width 0.3, height 0.4: its far edges are at 0.4 and 0.6. */
static const struct ir_box stored = {0.1, 0.2, 0.3, 0.4};

static const struct turn_row turn_rows[] = {
    {"1, as it is", 1, false, {0.1, 0.2, 0.3, 0.4}},
    {"2, mirrored left-right", 2, false, {0.6, 0.2, 0.3, 0.4}},
    {"3, half turn", 3, false, {0.6, 0.4, 0.3, 0.4}},
    {"4, mirrored upside down", 4, false, {0.1, 0.4, 0.3, 0.4}},
    {"5, transposed", 5, true, {0.2, 0.1, 0.4, 0.3}},
    {"6, right turn", 6, true, {0.4, 0.1, 0.4, 0.3}},
    {"7, transversed", 7, true, {0.4, 0.6, 0.4, 0.3}},
    {"8, left turn", 8, true, {0.2, 0.6, 0.4, 0.3}},
    {"0, taken as 1", 0, false, {0.1, 0.2, 0.3, 0.4}},
    {"9, taken as 1", 9, false, {0.1, 0.2, 0.3, 0.4}},
    {"-1, taken as 1", -1, false, {0.1, 0.2, 0.3, 0.4}},
    {"INT_MAX, taken as 1", INT_MAX, false, {0.1, 0.2, 0.3, 0.4}},
};

static void assert_near(struct ir_box a, struct ir_box b)
{
    assert_true(fabs(a.left_frac - b.left_frac) < TINY);
    assert_true(fabs(a.top_frac - b.top_frac) < TINY);
    assert_true(fabs(a.width_frac - b.width_frac) < TINY);
    assert_true(fabs(a.height_frac - b.height_frac) < TINY);
}

static void test_turn(void **state)
{
    const struct turn_row *row = *state;
    assert_int_equal(ir_orientation_swaps_axes(row->orientation), row->swaps);
    assert_near(ir_box_stored_to_upright(stored, row->orientation), row->upright);
    assert_near(ir_box_upright_to_stored(row->upright, row->orientation), stored);
}

/* Each upright pixel is stored somewhere, no two in one place, and where the box of it says. */
static void test_pixels(void **state)
{
    const struct turn_row *row = *state;
    enum { WIDTH = 5, HEIGHT = 3 }; /* upright */
    int stored_width = row->swaps ? HEIGHT : WIDTH;
    int stored_height = row->swaps ? WIDTH : HEIGHT;
    bool seen[WIDTH * HEIGHT] = {false};
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            struct ir_pixel place = ir_pixel_upright_to_stored(row->orientation, WIDTH, HEIGHT,
                                                               (struct ir_pixel){x, y});
            int stored_x = place.x_px;
            int stored_y = place.y_px;
            assert_in_range(stored_x, 0, stored_width - 1);
            assert_in_range(stored_y, 0, stored_height - 1);
            assert_false(seen[stored_y * stored_width + stored_x]);
            seen[stored_y * stored_width + stored_x] = true;
            struct ir_box pixel = {(double)x / WIDTH, (double)y / HEIGHT, 1.0 / WIDTH,
                                   1.0 / HEIGHT};
            struct ir_box box = {(double)stored_x / stored_width, (double)stored_y / stored_height,
                                 1.0 / stored_width, 1.0 / stored_height};
            assert_near(ir_box_upright_to_stored(pixel, row->orientation), box);
            assert_near(ir_box_stored_to_upright(box, row->orientation), pixel);
        }
    }
}

/* What was clamped stays inside, whatever the turn, to the last bit. */
static void test_turned_stays_inside(void **state)
{
    const struct turn_row *row = *state;
    unsigned seed = 7;
    for (int i = 0; i < 20000; i++) {
        double values[4];
        for (int j = 0; j < 4; j++) {
            seed = seed * 1103515245U + 12345U;
            values[j] = (double)(seed >> 8) / (1U << 24) * 1.5 - (j < 2 ? 0.25 : 0.0);
        }
        struct ir_box box = {values[0], values[1], values[2], values[3]};
        if (!ir_box_clamp(&box))
            continue;
        box = ir_box_stored_to_upright(box, row->orientation);
        assert_true(box.left_frac >= 0.0 && box.top_frac >= 0.0);
        assert_true(box.width_frac > 0.0 && box.height_frac > 0.0);
        assert_true(box.left_frac + box.width_frac <= 1.0 + TINY);
        assert_true(box.top_frac + box.height_frac <= 1.0 + TINY);
    }
}

/* ---- clamping ---------------------------------------------------------------------------- */

struct clamp_row {
    const char *name;
    struct ir_box box;
    bool is_inside;
    struct ir_box clamped;
};

static const struct clamp_row clamp_rows[] = {
    {"clamp: inside", {0.1, 0.2, 0.3, 0.4}, true, {0.1, 0.2, 0.3, 0.4}},
    {"clamp: all", {0, 0, 1, 1}, true, {0, 0, 1, 1}},
    {"clamp: over the left", {-0.1, 0.2, 0.3, 0.4}, true, {0, 0.2, 0.2, 0.4}},
    {"clamp: over the top", {0.1, -0.2, 0.3, 0.4}, true, {0.1, 0, 0.3, 0.2}},
    {"clamp: over the right", {0.9, 0.2, 0.3, 0.4}, true, {0.9, 0.2, 0.1, 0.4}},
    {"clamp: over the bottom", {0.1, 0.9, 0.3, 0.4}, true, {0.1, 0.9, 0.3, 0.1}},
    {"clamp: over everything", {-5, -5, 10, 10}, true, {0, 0, 1, 1}},
    {"clamp: huge", {-1e308, -1e308, 1.7e308, 1.7e308}, true, {0, 0, 1, 1}},
    {"clamp: a sum beyond all numbers", {0, 0, 1.7e308, 1.7e308}, true, {0, 0, 1, 1}},
    {"clamp: left of it", {-0.5, 0.2, 0.3, 0.4}, false, {0}},
    {"clamp: right of it", {1.1, 0.2, 0.3, 0.4}, false, {0}},
    {"clamp: above it", {0.1, -0.5, 0.3, 0.4}, false, {0}},
    {"clamp: below it", {0.1, 1.1, 0.3, 0.4}, false, {0}},
    {"clamp: touches the left edge", {-0.3, 0.2, 0.3, 0.4}, false, {0}},
    {"clamp: touches the right edge", {1.0, 0.2, 0.3, 0.4}, false, {0}},
    {"clamp: no width", {0.1, 0.2, 0, 0.4}, false, {0}},
    {"clamp: no height", {0.1, 0.2, 0.3, 0}, false, {0}},
    {"clamp: negative width", {0.5, 0.2, -0.3, 0.4}, false, {0}},
    {"clamp: negative height", {0.5, 0.8, 0.3, -0.4}, false, {0}},
    {"clamp: NaN left", {NAN, 0.2, 0.3, 0.4}, false, {0}},
    {"clamp: NaN top", {0.1, NAN, 0.3, 0.4}, false, {0}},
    {"clamp: NaN width", {0.1, 0.2, NAN, 0.4}, false, {0}},
    {"clamp: NaN height", {0.1, 0.2, 0.3, NAN}, false, {0}},
    {"clamp: endless left", {-INFINITY, 0.2, INFINITY, 0.4}, false, {0}},
    {"clamp: endless width", {0.1, 0.2, INFINITY, 0.4}, false, {0}},
    {"clamp: endless height", {0.1, 0.2, 0.3, INFINITY}, false, {0}},
    {"clamp: far away", {1e308, 1e308, 1e308, 1e308}, false, {0}},
};

static void test_clamp(void **state)
{
    const struct clamp_row *row = *state;
    struct ir_box box = row->box;
    assert_int_equal(ir_box_clamp(&box), row->is_inside);
    if (row->is_inside) {
        assert_near(box, row->clamped);
        struct ir_box again = box;
        assert_true(ir_box_clamp(&again));
        assert_near(again, box);
    } else {
        assert_memory_equal(&box, &row->box, sizeof box);
    }
}

/* ---- pixels ------------------------------------------------------------------------------ */

struct rect_row {
    const char *name;
    struct ir_box box;
    int width_px;
    int height_px;
    struct ir_rect rect;
};

static const struct rect_row rect_rows[] = {
    {"pixels: all", {0, 0, 1, 1}, 640, 480, {0, 0, 640, 480}},
    {"pixels: a half", {0.25, 0.5, 0.5, 0.5}, 640, 480, {160, 240, 320, 240}},
    {"pixels: rounded to the nearest edge", {0.24, 0.26, 0.5, 0.5}, 10, 10, {2, 3, 5, 5}},
    {"pixels: half a pixel is rounded up", {0.25, 0.25, 0.5, 0.5}, 2, 2, {1, 1, 1, 1}},
    {"pixels: over the edges", {-1, -1, 3, 3}, 7, 9, {0, 0, 7, 9}},
    {"pixels: at least one", {0.5, 0.5, 1e-9, 1e-9}, 100, 100, {50, 50, 1, 1}},
    {"pixels: at least one at the far corner",
     {0.9999, 0.9999, 0.0001, 0.0001},
     10,
     10,
     {9, 9, 1, 1}},
    {"pixels: a picture of one pixel", {0.3, 0.9, 0.01, 0.01}, 1, 1, {0, 0, 1, 1}},
    {"pixels: the largest sizes", {0, 0, 1, 1}, INT_MAX, INT_MAX, {0, 0, INT_MAX, INT_MAX}},
    {"pixels: no width", {0, 0, 1, 1}, 0, 10, {0, 0, 0, 0}},
    {"pixels: no height", {0, 0, 1, 1}, 10, 0, {0, 0, 0, 0}},
    {"pixels: negative size", {0, 0, 1, 1}, -5, -5, {0, 0, 0, 0}},
    {"pixels: a box outside", {2, 2, 1, 1}, 10, 10, {0, 0, 0, 0}},
    {"pixels: a box that is none", {NAN, 0, 1, 1}, 10, 10, {0, 0, 0, 0}},
};

static void test_rect(void **state)
{
    const struct rect_row *row = *state;
    struct ir_rect rect = ir_box_to_pixels(row->box, row->width_px, row->height_px);
    assert_int_equal(rect.left_px, row->rect.left_px);
    assert_int_equal(rect.top_px, row->rect.top_px);
    assert_int_equal(rect.width_px, row->rect.width_px);
    assert_int_equal(rect.height_px, row->rect.height_px);
}

static void test_rect_stays_inside(void **state)
{
    (void)state;
    static const int sizes_px[] = {1, 2, 3, 79, 640, 10000};
    for (size_t i = 0; i < sizeof sizes_px / sizeof sizes_px[0]; i++) {
        for (int step = 0; step <= 92; step++) {
            for (int wider = 0; wider <= 35; wider++) {
                double left = -0.2 + step * 0.013;
                double width = 0.001 + wider * 0.037;
                struct ir_box box = {left, left, width, width};
                struct ir_rect rect = ir_box_to_pixels(box, sizes_px[i], sizes_px[i]);
                if (left + width <= 0.0)
                    continue;
                assert_true(rect.left_px >= 0 && rect.width_px >= 1);
                assert_true(rect.left_px + rect.width_px <= sizes_px[i]);
                assert_true(rect.top_px >= 0 && rect.height_px >= 1);
                assert_true(rect.top_px + rect.height_px <= sizes_px[i]);
            }
        }
    }
}

int main(void)
{
    static struct unit_list list;
    static char names[2][sizeof turn_rows / sizeof turn_rows[0]][64];
    UNIT_ADD_ROWS(&list, test_turn, turn_rows);
    for (size_t i = 0; i < sizeof turn_rows / sizeof turn_rows[0]; i++) {
        snprintf(names[0][i], sizeof names[0][i], "each pixel: %s", turn_rows[i].name);
        unit_add_row(&list, names[0][i], test_pixels, &turn_rows[i]);
        snprintf(names[1][i], sizeof names[1][i], "stays inside: %s", turn_rows[i].name);
        unit_add_row(&list, names[1][i], test_turned_stays_inside, &turn_rows[i]);
    }
    UNIT_ADD_ROWS(&list, test_clamp, clamp_rows);
    UNIT_ADD_ROWS(&list, test_rect, rect_rows);
    unit_add(&list, "pixels stay inside", test_rect_stays_inside);
    return unit_run(&list, "geometry");
}
