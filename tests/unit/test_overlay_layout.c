/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The overlay's layout: invariants over random scenes, sizes, boxes, the legend, load. Geometry is
 * checked, never a font's pixels.
 */
#include "tests/unit/overlay_scenes.h"

#include <limits.h>
#include <math.h>
#include <time.h>

#include "tests/unit/failing_malloc.h"

/* ---- random scenes ------------------------------------------------------------------------- */

static void assert_same(const struct overlay *a, const struct overlay *b)
{
    assert_int_equal(a->box_count, b->box_count);
    assert_int_equal(a->plate_count, b->plate_count);
    assert_memory_equal(&a->legend, &b->legend, sizeof a->legend);
    for (size_t i = 0; i < a->box_count; i++) {
        assert_int_equal(a->boxes[i].label_index, b->boxes[i].label_index);
        assert_memory_equal(&a->boxes[i].rect, &b->boxes[i].rect, sizeof a->boxes[i].rect);
    }
    for (size_t i = 0; i < a->plate_count; i++) {
        assert_memory_equal(&a->plates[i].rect, &b->plates[i].rect, sizeof a->plates[i].rect);
        assert_string_equal(a->plates[i].string, b->plates[i].string);
    }
}

static void test_random_scenes(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 500; seed++) {
        struct ir_result *result;
        struct overlay *overlay;
        int width_px, height_px;

        random_state = seed * 0x9E3779B97F4A7C15U;
        width_px = random_between(1, seed % 7 == 0 ? 60 : 3000);
        height_px = random_between(1, seed % 5 == 0 ? 60 : 3000);
        result = random_result(random_between(0, seed % 11 == 0 ? 200 : 25), random_between(0, 30));
        overlay = lay_out(result, width_px, height_px);
        check_overlay(overlay, result);
        if (seed % 10 == 0) {
            struct overlay *again = lay_out(result, width_px, height_px);

            assert_same(overlay, again);
            overlay_free(again);
        }
        overlay_free(overlay);
        ir_result_free(result);
    }
}

/* Where there is room beyond doubt, nothing is left out: boxes in a loose grid. */
static void test_roomy_scenes(void **state)
{
    (void)state;
    for (int columns = 1; columns <= 5; columns++) {
        struct ir_result *result = new_result();
        struct overlay *overlay;

        for (int i = 0; i < columns * columns; i++) {
            int column = i % columns;
            int row = i / columns;
            struct ir_box box = {(column + 0.2) / columns, (row + 0.3) / columns, 0.6 / columns,
                                 0.5 / columns};

            add_label(result, names[i % 8], 99.0 - i, &box);
        }
        overlay = lay_out(result, 1600, 1200);
        check_overlay(overlay, result);
        assert_int_equal(overlay->plates_left_out, 0);
        for (size_t i = 0; i < overlay->plate_count; i++) { /* the first choice: on top, left */
            const struct overlay_plate *plate = &overlay->plates[i];
            const struct ir_rect *box = &overlay->boxes[plate->box_index].rect;

            assert_int_equal(plate->rect.left_px, box->left_px);
            assert_int_equal(rect_bottom(&plate->rect), box->top_px);
        }
        overlay_free(overlay);
        ir_result_free(result);
    }
}

/* ---- sizes --------------------------------------------------------------------------------- */

static const struct size_row {
    const char *name;
    int width_px, height_px;
    int code;
    int min_plates; /* of two boxes and two labels without one */
} size_rows[] = {
    {"1 x 1", 1, 1, 0, 0},
    {"2 x 3", 2, 3, 0, 0},
    {"16 x 16", 16, 16, 0, 0},
    {"80 x 80, the service's least", 80, 80, 0, 1},
    {"200 x 150", 200, 150, 0, 4},
    {"a line across", 65535, 1, 0, 0},
    {"a line down", 1, 65535, 0, 0},
    {"24 megapixels", 6000, 4000, 0, 4},
    {"the largest", 65535, 65535, 0, 4},
    {"no width", 0, 10, IR_ERR_ARG, 0},
    {"no height", 10, 0, IR_ERR_ARG, 0},
    {"negative", -5, 10, IR_ERR_ARG, 0},
    {"too wide", 65536, 10, IR_ERR_ARG, 0},
};

static void test_size(void **state)
{
    const struct size_row *row = *state;
    struct ir_result *result = new_result();
    struct overlay *overlay = NULL;
    struct ir_error err;
    int rc;

    add_label(result, "Face", 99, &(struct ir_box){0.4, 0.3, 0.2, 0.2});
    add_label(result, "Person", 98, &(struct ir_box){0.2, 0.25, 0.6, 0.75});
    add_label(result, "Portrait", 97, NULL);
    add_label(result, "Head", 96, NULL);
    rc = overlay_new(result, row->width_px, row->height_px, &overlay, &err);
    assert_int_equal(rc, row->code);
    if (rc != 0) {
        assert_null(overlay);
        assert_int_equal(err.code, row->code);
        assert_non_null(strstr(err.message, "1 to 65535 pixels"));
    } else {
        check_overlay(overlay, result);
        assert_int_equal(overlay->box_count, 2);
        assert_true(overlay->plate_count >= (size_t)row->min_plates);
    }
    overlay_free(overlay);
    ir_result_free(result);
}

/* Lines and type grow with the picture. */
static void test_sizes_grow(void **state)
{
    struct ir_result *result = new_result();
    struct overlay *small, *middle, *large;

    (void)state;
    add_label(result, "Face", 99, &(struct ir_box){0.4, 0.3, 0.2, 0.2});
    small = lay_out(result, 400, 300);
    middle = lay_out(result, 1600, 1200);
    large = lay_out(result, 8000, 6000);
    assert_true(small->font_px >= 11 && small->line_width_px >= 4);
    assert_true(middle->font_px > 2 * small->font_px &&
                middle->line_width_px > small->line_width_px);
    assert_in_range(large->font_px, 4.5 * middle->font_px, 5.5 * middle->font_px);
    assert_in_range(large->line_width_px, 4 * middle->line_width_px, 6 * middle->line_width_px);
    overlay_free(small);
    overlay_free(middle);
    overlay_free(large);
    ir_result_free(result);
}

/* ---- boxes --------------------------------------------------------------------------------- */

/* Person and Face in one place: both outlines and both names can be seen. */
static void test_equal_boxes(void **state)
{
    const struct ir_box box = {0.3, 0.3, 0.4, 0.4};
    struct ir_result *result = new_result();
    struct overlay *overlay;
    int line_px;

    (void)state;
    add_label(result, "Person", 99, &box);
    add_label(result, "Face", 98, &box);
    add_label(result, "Head", 97, &box);
    overlay = lay_out(result, 1000, 1000);
    check_overlay(overlay, result);
    line_px = (int)overlay->line_width_px;
    assert_int_equal(overlay->box_count, 3);
    assert_int_equal(overlay->plate_count, 3);
    assert_int_equal(overlay->boxes[0].rect.left_px, 300 - line_px);
    for (size_t i = 1; i < 3; i++) {
        struct ir_rect hole = rect_inset(&overlay->boxes[i - 1].rect, line_px);

        assert_holds(&hole, &overlay->boxes[i].rect, "outline inside the other");
        assert_in_range(overlay->boxes[i].rect.left_px - hole.left_px, 0, 2);
    }
    overlay_free(overlay);
    ir_result_free(result);
}

static void test_bad_boxes_are_left_out(void **state)
{
    static const struct ir_box bad[] = {
        {NAN, 0, 1, 1}, {0, 0, INFINITY, 1}, {2, 2, 1, 1}, {0.5, 0.5, -0.2, 0.2}, {-3, 0, 1, 1}};
    struct ir_result *result = new_result();
    struct overlay *overlay;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        add_label(result, "Car", 90, &bad[i]);
    add_label(result, "Huge", 90, &(struct ir_box){-1e9, -1e9, 4e9, 4e9});
    overlay = lay_out(result, 500, 400);
    assert_int_equal(overlay->box_count, 1);
    assert_int_equal(overlay->boxes[0].rect.width_px, 500);
    assert_int_equal(overlay->boxes[0].rect.height_px, 400);
    assert_int_equal(overlay->plate_count, 1);
    overlay_free(overlay);
    ir_result_free(result);
}

/* The confident and the first of a name come before repeats. */
static void test_priority(void **state)
{
    struct ir_result *result = new_result();
    struct overlay *overlay;
    bool rare_is_named = false;

    (void)state;
    random_state = 42;
    for (int i = 0; i < 300; i++) {
        struct ir_box box = random_box(0.3);

        add_label(result, "Person", 90 + 9 * random_unit(), &box);
    }
    add_label(result, "Dog", 60, &(struct ir_box){0.5, 0.5, 0.1, 0.1});
    overlay = lay_out(result, 800, 600);
    check_overlay(overlay, result);
    assert_true(overlay->plates_left_out > 0);
    for (size_t i = 0; i < overlay->plate_count; i++)
        rare_is_named = rare_is_named || strncmp(overlay->plates[i].string, "Dog", 3) == 0;
    assert_true(rare_is_named);
    overlay_free(overlay);
    ir_result_free(result);
}

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static const struct load_row {
    const char *name;
    int box_count;
    double max_s;
} load_rows[] = {
    {"200 boxes", 200, 1.0},
    {"as many boxes as a result holds", IR_RESULT_MAX_ITEMS, 10.0},
};

static void test_load(void **state)
{
    const struct load_row *row = *state;
    struct ir_result *result = new_result();
    struct overlay *overlay;
    double start_s;

    random_state = 4711;
    for (int i = 0; i < row->box_count; i++) {
        struct ir_box box = random_box(0.2);

        add_label(result, names[random_between(0, NAME_COUNT - 1)], 100 * random_unit(), &box);
    }
    start_s = now_s();
    overlay = lay_out(result, 6000, 4000);
    assert_true(now_s() - start_s < row->max_s);
    check_overlay(overlay, result);
    if (row->box_count > OVERLAY_MAX_BOXES) {
        double least = 100;

        for (size_t i = 0; i < overlay->box_count; i++)
            least = fmin(
                least, ir_result_get_label(result, overlay->boxes[i].label_index)->confidence_pct);
        assert_int_equal(overlay->box_count, OVERLAY_MAX_BOXES);
        /* Evenly spread, the best 1000 lie in about this share at the top. */
        assert_true(least > 100 - 1.2 * 100.0 * OVERLAY_MAX_BOXES / row->box_count);
    }
    overlay_free(overlay);
    ir_result_free(result);
}

/* ---- the legend ---------------------------------------------------------------------------- */

static const struct legend_row {
    const char *name;
    int width_px, height_px;
    int label_count;
    int min_lines;
    bool has_more;
} legend_rows[] = {
    {"one", 1600, 1200, 1, 1, false},
    {"seven", 1600, 1200, 7, 7, false},
    {"twenty", 1600, 1200, 20, 20, false},
    {"seven, upright", 900, 1600, 7, 7, false},
    {"five hundred", 1600, 1200, 500, 12, true},
    {"seven, small", 200, 120, 7, 3, true},
    {"five, flat", 1600, 90, 5, 3, false},
};

static void test_legend(void **state)
{
    const struct legend_row *row = *state;
    struct ir_result *result = new_result();
    struct overlay *overlay;
    const struct overlay_plate *last;
    char more[64];

    for (int i = 0; i < row->label_count; i++) {
        char name[32];

        snprintf(name, sizeof name, "Label %d", i);
        add_label(result, name, 99.5 - i / 10.0, NULL);
    }
    overlay = lay_out(result, row->width_px, row->height_px);
    check_overlay(overlay, result);
    assert_true(overlay->plate_count >= (size_t)row->min_lines);
    last = &overlay->plates[overlay->plate_count - 1];
    snprintf(more, sizeof more, "+ %zu more", overlay->legend_left_out);
    assert_int_equal(overlay->legend_left_out > 0, row->has_more);
    assert_int_equal(strcmp(last->string, more) == 0, row->has_more);
    assert_int_equal(last->label_index == OVERLAY_NO_LABEL, row->has_more);
    assert_int_equal(strncmp(overlay->plates[0].string, "Label 0 ", 8), 0);
    overlay_free(overlay);
    ir_result_free(result);
}

/* The legend goes to the corner where nothing is. */
static const struct corner_row {
    const char *name;
    struct ir_box free; /* the rest is full of boxes */
} corner_rows[] = {
    {"top left", {0, 0, 0.5, 0.5}},
    {"top right", {0.5, 0, 0.5, 0.5}},
    {"bottom left", {0, 0.5, 0.5, 0.5}},
    {"bottom right", {0.5, 0.5, 0.5, 0.5}},
};

static void test_legend_corner(void **state)
{
    const struct corner_row *row = *state;
    struct ir_result *result = new_result();
    struct overlay *overlay;
    struct ir_rect empty;

    for (int i = 0; i < 100; i++) {
        int down = i / 10;
        struct ir_box box = {(i % 10) / 10.0, down / 10.0, 0.09, 0.09};

        if (box.left_frac < row->free.left_frac - 0.01 ||
            box.left_frac > row->free.left_frac + 0.49 ||
            box.top_frac < row->free.top_frac - 0.01 || box.top_frac > row->free.top_frac + 0.49)
            add_label(result, "Box", 90, &box);
    }
    add_label(result, "Sky", 90, NULL);
    add_label(result, "Outdoors", 80, NULL);
    overlay = lay_out(result, 1000, 1000);
    empty = ir_box_to_pixels(row->free, 1000, 1000);
    assert_true(overlay->legend.width_px > 0);
    assert_holds(&empty, &overlay->legend, "legend in the free corner");
    overlay_free(overlay);
    ir_result_free(result);
}

/* ---- memory -------------------------------------------------------------------------------- */

/* Lays out with the n-th allocation failing; false when there were fewer. */
static bool lay_out_starved(const struct ir_result *result, unsigned n, bool for_good)
{
    struct overlay *overlay = NULL;
    struct ir_error err;
    bool reached;
    int rc;

    failing_malloc_arm(n, for_good);
    rc = overlay_new(result, 500, 400, &overlay, &err);
    reached = failing_malloc_disarm();
    assert_int_equal(rc, reached ? IR_ERR_NOMEM : 0);
    assert_int_equal(overlay == NULL, reached);
    if (reached)
        assert_int_equal(err.code, IR_ERR_NOMEM);
    overlay_free(overlay);
    return reached;
}

static void test_out_of_memory(void **state)
{
    struct ir_result *result;

    (void)state;
    random_state = 5;
    result = random_result(8, 5);
    for (unsigned round = 0; round < 2; round++) {
        unsigned n = 0;

        while (lay_out_starved(result, n, round == 1))
            n++;
        assert_true(n > 15);
    }
    ir_result_free(result);
}

/* ---- how often a layout is made -------------------------------------------------------------- */

/* How much memory is asked for, which is so much for each layout; and the size of type. */
static unsigned count_requests(const struct ir_result *result, double font_px, double *out_px)
{
    struct overlay_style style = OVERLAY_STYLE_INIT;
    struct overlay *overlay = NULL;

    style.font_px = font_px;
    failing_malloc_arm(UINT_MAX, false);
    assert_int_equal(overlay_new_styled(result, 30000, 30000, &style, &overlay, NULL), 0);
    (void)failing_malloc_disarm();
    *out_px = overlay->font_px;
    overlay_free(overlay);
    return failing_malloc.asked;
}

/* Type that is far too large is not made smaller in many steps. */
static void test_few_layouts(void **state)
{
    struct ir_result *result = new_result();
    unsigned once, often;
    double font_px;

    (void)state;
    random_state = 77;
    for (int i = 0; i < 60; i++) {
        struct ir_box box = random_box(0.02);
        char name[32];

        snprintf(name, sizeof name, "Thing %d", i);
        add_label(result, name, 99 - i / 2.0, &box);
    }
    once = count_requests(result, 60, &font_px);
    assert_true(font_px == 60);
    often = count_requests(result, 2000, &font_px);
    if (often > 12 * once || font_px < 200 || font_px > 1000)
        fail_msg("%u requests, %u for one size; type is %.0f pixels large", often, once, font_px);
    ir_result_free(result);
}

int main(void)
{
    static struct unit_list list;

    unit_add(&list, "500 random scenes", test_random_scenes);
    unit_add(&list, "nothing is left out where there is room", test_roomy_scenes);
    UNIT_ADD_ROWS(&list, test_size, size_rows);
    unit_add(&list, "lines and type grow with the picture", test_sizes_grow);
    unit_add(&list, "equal boxes", test_equal_boxes);
    unit_add(&list, "bad boxes are left out", test_bad_boxes_are_left_out);
    unit_add(&list, "a rare name is named", test_priority);
    UNIT_ADD_ROWS(&list, test_load, load_rows);
    UNIT_ADD_ROWS(&list, test_legend, legend_rows);
    UNIT_ADD_ROWS(&list, test_legend_corner, corner_rows);
    unit_add(&list, "the n-th allocation fails", test_out_of_memory);
    unit_add(&list, "few layouts", test_few_layouts);
    return unit_run(&list, "overlay: layout");
}
