/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The overlay where things stand close together: how much of other things its plates hide, how many
 * names stay, and what becomes of type that is too large for it.
 */
#include "tests/unit/overlay_crowds.h"

static size_t count_plates(const struct overlay *overlay)
{
    size_t count = 0;

    for (size_t i = 0; i < overlay->plate_count; i++)
        count += overlay->plates[i].box_index != OVERLAY_NO_BOX;
    return count;
}

/* ---- what is hidden ------------------------------------------------------------------------ */

struct limits {
    int width_px, height_px;
    double max_others, max_own; /* of struct hidden */
    size_t min_plates;
};

static void check_limits(struct ir_result *result, const struct limits *limits)
{
    struct overlay *overlay = lay_out(result, limits->width_px, limits->height_px);
    struct hidden hidden = hidden_by_plates(overlay);
    size_t plates = count_plates(overlay);

    check_overlay(overlay, result);
    if (hidden.others > limits->max_others || hidden.own > limits->max_own ||
        plates < limits->min_plates)
        fail_msg("hidden: others %.4f, own %.4f; %zu plates", hidden.others, hidden.own, plates);
    overlay_free(overlay);
    ir_result_free(result);
}

static const struct page_row {
    const char *name;
    struct page_of_text page;
    struct limits limits;
} page_rows[] = {
    {"a page, wide margins", {40, 0.12, 0.65, false}, {1240, 1754, 0, 0, 40}},
    {"a page, narrow margins", {40, 0.04, 0.65, false}, {1240, 1754, 0, 0.0005, 36}},
    {"a page to its edges", {40, 0.01, 0.8, false}, {1240, 1754, 0.0005, 0.0015, 36}},
    {"a small page", {40, 0.12, 0.65, false}, {620, 877, 0.001, 0.001, 40}},
    {"a page, a name a line", {40, 0.12, 0.65, true}, {1240, 1754, 0, 0, 40}},
    {"narrow margins, a name a line", {40, 0.04, 0.65, true}, {1240, 1754, 0.001, 0.03, 40}},
};

static void test_page(void **state)
{
    const struct page_row *row = *state;

    check_limits(new_page(&row->page), &row->limits);
}

static const struct class_row {
    const char *name;
    int rows, columns;
    double height_frac;
    bool is_named;
    struct limits limits;
} class_rows[] = {
    {"a class", 4, 10, 0.62, false, {1600, 1066, 0, 0, 40}},
    {"a class, head to head", 4, 10, 0.9, false, {1600, 1066, 0.003, 0.07, 40}},
    {"a class by name", 4, 10, 0.62, true, {1600, 1066, 0, 0, 40}},
    {"a class by name, head to head", 4, 10, 0.9, true, {1600, 1066, 0.0045, 0.05, 40}},
    {"eighty by name", 5, 16, 0.6, true, {1600, 1066, 0.003, 0.02, 80}},
};

static void test_class(void **state)
{
    const struct class_row *row = *state;

    check_limits(new_class(row->rows, row->columns, row->height_frac, row->is_named), &row->limits);
}

/* Those of test_overlay_layout.c. Were all places alike but for how common they are, plates would
 * hide 2.3 % of each thing, in pictures from 300 pixels on 0.8 %. */
static void test_random_scenes(void **state)
{
    double sum = 0;
    double large_sum = 0;
    int large_count = 0;
    size_t plates = 0;
    size_t boxes = 0;

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
        sum += hidden_by_plates(overlay).others;
        if (width_px >= 300 && height_px >= 300) {
            large_sum += hidden_by_plates(overlay).others;
            large_count++;
            plates += count_plates(overlay);
            boxes += overlay->box_count;
        }
        overlay_free(overlay);
        ir_result_free(result);
    }
    if (sum / 500 > 0.007 || large_sum / large_count > 0.0055 || plates < boxes * 4 / 5)
        fail_msg("hidden: %.4f, of large pictures %.4f; %zu plates of %zu", sum / 500,
                 large_sum / large_count, plates, boxes);
}

/* ---- what plates cost, and what is told ------------------------------------------------------ */

static const char *name_at(const struct ir_result *result, size_t label_index)
{
    return ir_result_get_label(result, label_index)->name;
}

/* True when the legend has a line of this name, and no other line of that colour. */
static bool is_told_by_legend(const struct overlay *overlay, const struct ir_result *result,
                              const struct overlay_plate *plate)
{
    size_t of_color = 0;
    size_t of_name = 0;

    for (size_t i = 0; i < overlay->plate_count; i++) {
        const struct overlay_plate *line = &overlay->plates[i];

        if (line->chip.width_px == 0)
            continue;
        of_color += overlay_same_color(line->chip_color, plate->fill);
        of_name +=
            strcmp(name_at(result, line->label_index), name_at(result, plate->label_index)) == 0;
    }
    return of_color == 1 && of_name == 1;
}

/* The most that a plate may cost; labels were added by falling confidence. */
static double max_cost_of(const struct overlay *overlay, const struct ir_result *result,
                          const struct overlay_plate *plate)
{
    bool is_told = is_told_by_legend(overlay, result, plate);
    double picture_area = (double)overlay->width_px * overlay->height_px;

    for (size_t i = 0; i < plate->label_index; i++)
        if (strcmp(name_at(result, i), name_at(result, plate->label_index)) == 0)
            return is_told ? OVERLAY_REPEAT_MAX_COST : OVERLAY_UNTOLD_REPEAT_MAX_COST;
    return is_told || (double)rect_area(&plate->rect) > OVERLAY_SMALL_PLATE_SHARE * picture_area
               ? OVERLAY_FIRST_MAX_COST
               : OVERLAY_UNTOLD_FIRST_MAX_COST;
}

static void check_costs(const struct overlay *overlay, const struct ir_result *result)
{
    const struct overlay_scene scene = {.width_px = overlay->width_px,
                                        .height_px = overlay->height_px,
                                        .boxes = overlay->boxes,
                                        .box_count = overlay->box_count};

    for (size_t i = 0; i < overlay->plate_count; i++) {
        const struct overlay_plate *plate = &overlay->plates[i];
        double limit, cost;

        if (plate->box_index == OVERLAY_NO_BOX)
            continue;
        limit = max_cost_of(overlay, result, plate);
        cost = overlay_cover_cost(&scene, NULL, plate->box_index, &plate->rect, 2 * limit);
        if (cost > limit + 1e-9)
            fail_msg("\"%s\" costs %.2f, over %.2f", plate->string, cost, limit);
    }
}

/* Things anywhere, each with a side of up to so much of the picture's. */
static struct ir_result *new_heap(int box_count, int kind_count, double max_frac)
{
    struct ir_result *result = new_result();

    for (int i = 0; i < box_count; i++) {
        struct ir_box box = {0, 0, 0.01 + random_unit() * max_frac,
                             0.01 + random_unit() * max_frac};
        char name[32];

        box.left_frac = random_unit() * (1 - box.width_frac);
        box.top_frac = random_unit() * (1 - box.height_frac);
        snprintf(name, sizeof name, "Thing %d", i % kind_count);
        add_label(result, name, 99.5 - i / 50.0, &box);
    }
    return result;
}

/* No plate hides more than it may, however it came by its place. */
static void test_costs(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 100; seed++) {
        struct ir_result *result;
        struct overlay *overlay;
        int width_px, height_px, box_count;

        random_state = seed * 0x9E3779B97F4A7C15U;
        width_px = random_between(300, 3000);
        height_px = random_between(300, 3000);
        box_count = random_between(5, 80);
        result = new_heap(box_count, random_between(2, 60), 0.6);
        overlay = lay_out(result, width_px, height_px);
        check_overlay(overlay, result);
        check_costs(overlay, result);
        overlay_free(overlay);
        ir_result_free(result);
    }
}

/* Names that are written in full, on a plate or in the legend. */
static size_t count_told(const struct overlay *overlay, const struct ir_result *result)
{
    size_t told = 0;

    for (size_t i = 0; i < overlay->plate_count; i++) {
        const char *name;
        bool is_new = overlay->plates[i].label_index != OVERLAY_NO_LABEL;

        if (!is_new)
            continue;
        name = name_at(result, overlay->plates[i].label_index);
        if (strncmp(overlay->plates[i].string, name, strlen(name)) != 0)
            continue;
        for (size_t j = 0; j < i && is_new; j++)
            is_new = overlay->plates[j].label_index == OVERLAY_NO_LABEL ||
                     strncmp(overlay->plates[j].string, name, strlen(name)) != 0 ||
                     strcmp(name_at(result, overlay->plates[j].label_index), name) != 0;
        told += is_new;
    }
    return told;
}

static const struct heap_row {
    const char *name;
    int box_count, kind_count;
    double max_frac;
    int width_px, height_px;
    size_t min_told;
    double max_others; /* of struct hidden */
} heap_rows[] = {
    {"100 names", 100, 100, 0.4, 4000, 3000, 100, 0.06},
    {"200 names", 200, 200, 0.4, 4000, 3000, 170, 0.17},
    {"200 names of small things", 200, 200, 0.05, 4000, 3000, 170, 0.05},
    {"400 names", 400, 400, 0.4, 4000, 3000, 160, 0.19},
    {"8 names", 200, 8, 0.4, 4000, 3000, 8, 0.01},
};

static void test_heap(void **state)
{
    const struct heap_row *row = *state;
    struct ir_result *result;
    struct overlay *overlay;
    struct hidden hidden;
    size_t told;

    random_state = 0x9E3779B97F4A7C15U;
    result = new_heap(row->box_count, row->kind_count, row->max_frac);
    overlay = lay_out(result, row->width_px, row->height_px);
    hidden = hidden_by_plates(overlay);
    told = count_told(overlay, result);
    check_overlay(overlay, result);
    check_costs(overlay, result);
    if (told < row->min_told || hidden.others > row->max_others)
        fail_msg("%zu names told; hidden: others %.4f", told, hidden.others);
    overlay_free(overlay);
    ir_result_free(result);
}

/* ---- type that is too large ---------------------------------------------------------------- */

static const struct type_row {
    const char *name;
    double font_px;
    int box_count;
    double min_px, max_px; /* of what comes of it */
} type_rows[] = {
    {"two things, large", 80, 2, 80, 80},
    {"two things, larger than the picture", 1500, 2, 60, 500},
    {"forty things, large", 60, 40, 20, 59},
    {"forty things, small", 12, 40, 12, 12},
};

static void test_type(void **state)
{
    const struct type_row *row = *state;
    struct overlay_style style = OVERLAY_STYLE_INIT;
    struct ir_result *result =
        new_class(row->box_count == 2 ? 1 : 4, row->box_count == 2 ? 2 : 10, 0.62, true);
    struct overlay *overlay = NULL;

    style.font_px = row->font_px;
    assert_int_equal(overlay_new_styled(result, 1600, 1066, &style, &overlay, NULL), 0);
    check_overlay(overlay, result);
    if (overlay->font_px < row->min_px || overlay->font_px > row->max_px)
        fail_msg("type is %.0f pixels large", overlay->font_px);
    assert_int_equal(count_plates(overlay), row->box_count);
    for (size_t i = 0; i < overlay->plate_count; i++)
        assert_null(strstr(overlay->plates[i].string, OVERLAY_ELLIPSIS));
    overlay_free(overlay);
    ir_result_free(result);
}

int main(void)
{
    static struct unit_list list;

    UNIT_ADD_ROWS(&list, test_page, page_rows);
    UNIT_ADD_ROWS(&list, test_class, class_rows);
    unit_add(&list, "500 random scenes", test_random_scenes);
    unit_add(&list, "what plates cost", test_costs);
    UNIT_ADD_ROWS(&list, test_heap, heap_rows);
    UNIT_ADD_ROWS(&list, test_type, type_rows);
    return unit_run(&list, "overlay: crowds");
}
