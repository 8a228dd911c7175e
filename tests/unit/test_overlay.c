/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The overlay: invariants of its layout over random scenes, what the texts of a server become, and
 * ink only where overlay_touches says so. Geometry and contrast are checked, never a font's pixels.
 */
#include "tests/unit/unit.h"

#include <math.h>
#include <stdatomic.h>
#include <time.h>

#include "core/result/result.h"
#include "plugins/common/overlay_private.h"
#include "plugins/common/pool.h"
#include "tests/unit/failing_malloc.h"

#define MIN_CONTRAST 4.5
#define MIN_OUTLINE_CONTRAST 1.7

/* ---- making scenes ------------------------------------------------------------------------- */

static uint64_t random_state;

/* xorshift64*; the same seed gives the same scene everywhere. */
static double random_unit(void)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (double)(random_state * 2685821657736338717U >> 11) / 9007199254740992.0;
}

static int random_between(int low, int high)
{
    return low + (int)(random_unit() * (high - low + 1));
}

static void add_label(struct ir_result *result, const char *name, double confidence_pct,
                      const struct ir_box *box)
{
    struct ir_label label = {
        .name = name, .confidence_pct = confidence_pct, .label_confidence_pct = confidence_pct};

    if (box != NULL) {
        label.has_box = true;
        label.box = *box;
    }
    assert_int_equal(ir_result_add_label(result, &label, NULL), 0);
}

static struct ir_result *new_result(void)
{
    struct ir_result *result = ir_result_new();

    assert_non_null(result);
    return result;
}

static struct ir_box random_box(double max_frac)
{
    struct ir_box box = {0, 0, 0.004 + random_unit() * random_unit() * max_frac,
                         0.004 + random_unit() * random_unit() * max_frac};

    box.left_frac = random_unit() * (1 - box.width_frac);
    box.top_frac = random_unit() * (1 - box.height_frac);
    return box;
}

static const char *const names[] = {
    "Person",
    "Face",
    "Car",
    "Wheel",
    "Flag",
    "Traffic Light",
    "Dog",
    "한국어",
    "عربي",
    "Potted Plant",
    "🚗",
    "License Plate",
    "A",
    "Barcode",
    "<b>&",
    "@/etc/passwd",
    "%[fx:1]",
    "Double Decker Bus",
    "Tree",
    "QR Code",
    "Bottle",
    "Wine Glass",
    "日本語のラベル",
    "",
};
#define NAME_COUNT (sizeof names / sizeof names[0])

static struct ir_result *random_result(int boxed_count, int boxless_count)
{
    struct ir_result *result = new_result();

    for (int i = 0; i < boxed_count; i++) {
        struct ir_box box = random_box(random_unit());

        add_label(result, names[random_between(0, NAME_COUNT - 1)], 50 + 50 * random_unit(), &box);
        if (random_unit() < 0.1) /* twice the same box */
            add_label(result, names[random_between(0, NAME_COUNT - 1)], 50 + 50 * random_unit(),
                      &box);
    }
    for (int i = 0; i < boxless_count; i++)
        add_label(result, names[random_between(0, NAME_COUNT - 1)], 100 * random_unit(), NULL);
    return result;
}

static struct overlay *lay_out(const struct ir_result *result, int width_px, int height_px)
{
    struct overlay *overlay = NULL;
    struct ir_error err;

    assert_int_equal(overlay_new(result, width_px, height_px, &overlay, &err), 0);
    assert_non_null(overlay);
    return overlay;
}

/* ---- what holds for every overlay ---------------------------------------------------------- */

static void assert_holds(const struct ir_rect *outer, const struct ir_rect *inner, const char *what)
{
    if (!rect_holds(outer, inner))
        fail_msg("%s: %d,%d %dx%d lies not in %d,%d %dx%d", what, inner->left_px, inner->top_px,
                 inner->width_px, inner->height_px, outer->left_px, outer->top_px, outer->width_px,
                 outer->height_px);
}

static void check_plate(const struct overlay *overlay, size_t index)
{
    const struct overlay_plate *plate = &overlay->plates[index];
    const struct ir_rect picture = {0, 0, overlay->width_px, overlay->height_px};
    bool in_legend = plate->box_index == OVERLAY_NO_BOX;

    assert_holds(&picture, &plate->rect, "plate in picture");
    assert_holds(&plate->rect, &plate->text, "text in plate");
    if (in_legend)
        assert_holds(&overlay->legend, &plate->rect, "line in legend");
    else
        assert_false(rect_overlaps(&overlay->legend, &plate->rect));
    assert_true(g_utf8_validate(plate->string, -1, NULL));
    assert_true(*plate->string != '\0');
    assert_true(overlay_contrast(plate->fill, plate->ink) >= MIN_CONTRAST);
    if (!in_legend) {
        const struct ir_rect *box = &overlay->boxes[plate->box_index].rect;
        struct ir_rect near = rect_inset(box, -1);

        assert_true(rect_overlaps(&near, &plate->rect)); /* it touches its box */
        assert_int_equal(plate->label_index, overlay->boxes[plate->box_index].label_index);
        assert_memory_equal(&plate->fill, &overlay->boxes[plate->box_index].color,
                            sizeof plate->fill);
    }
    for (size_t i = 0; i < index; i++)
        assert_false(rect_overlaps(&plate->rect, &overlay->plates[i].rect));
}

static void check_overlay(const struct overlay *overlay, const struct ir_result *result)
{
    const struct ir_rect picture = {0, 0, overlay->width_px, overlay->height_px};
    size_t box_plates = 0;
    size_t lines = 0;

    assert_holds(&picture, &overlay->legend, "legend in picture");
    for (size_t i = 0; i < overlay->box_count; i++) {
        const struct overlay_box *box = &overlay->boxes[i];

        assert_holds(&picture, &box->rect, "box in picture");
        assert_true(box->rect.width_px > 0 && box->rect.height_px > 0);
        assert_true(ir_result_get_label(result, box->label_index)->has_box);
        if (i > 0)
            assert_true(rect_area(&box->rect) <=
                        rect_area(&overlay->boxes[i - 1].rect) + 64 * OVERLAY_MAX_SIDE_PX);
    }
    for (size_t i = 0; i < overlay->plate_count; i++) {
        check_plate(overlay, i);
        box_plates += overlay->plates[i].box_index != OVERLAY_NO_BOX;
        lines += overlay->plates[i].box_index == OVERLAY_NO_BOX &&
                 overlay->plates[i].label_index != OVERLAY_NO_LABEL;
    }
    assert_true(overlay->box_count <= OVERLAY_MAX_BOXES);
    assert_true(box_plates <= OVERLAY_MAX_PLATES && lines <= OVERLAY_MAX_LEGEND_LINES);
    assert_int_equal(box_plates + overlay->plates_left_out,
                     overlay->box_count + overlay->boxes_left_out);
    assert_int_equal(box_plates + overlay->plates_left_out + lines + overlay->legend_left_out,
                     ir_result_label_count(result));
}

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

/* ---- texts --------------------------------------------------------------------------------- */

#define W50 "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW"
#define KO10 "가나다라마바사아자차"

static const struct text_row {
    const char *name;
    const char *label;
    double confidence_pct;
    const char *start; /* of the plate's string */
    const char *end;
    bool whole; /* start and end together are all of it */
} text_rows[] = {
    {"plain", "Face", 95.7, "Face ", "95%", true},
    {"almost certain is not certain", "Face", 99.96, "Face ", "99%", true},
    {"certain", "Face", 100, "Face ", "100%", true},
    {"over certain", "Face", 1e9, "Face ", "100%", true},
    {"not a number", "Face", NAN, "Face ", "0%", true},
    {"negative", "Face", -3, "Face ", "0%", true},
    {"file name", "@/etc/passwd", 95, "@/etc/passwd ", "95%", true},
    {"escape", "%[fx:1] %d%s%n", 95, "%[fx:1] %d%s%n ", "95%", true},
    {"markup", "<b>&lt;</b>", 95, "<b>&lt;</b> ", "95%", true},
    {"broken markup", "<b>&", 95, "<b>& ", "95%", true},
    {"line feeds", "a\nb\r\nc\td", 95, "a b  c d ", "95%", true},
    {"korean", "한국어", 95, "한국어 ", "95%", true},
    {"emoji family", "👩‍👩‍👧‍👦", 95, "👩‍👩‍👧‍👦 ", "95%", true},
    {"arabic keeps its percent sign", "عربي", 95, "عربي ",
     "\xE2\x80\x8E"
     "95%",
     true},
    {"hebrew", "עברית", 95, "עברית ",
     "\xE2\x80\x8E"
     "95%",
     true},
    {"direction override is taken out",
     "abc\xE2\x80\xAE"
     "def\xE2\x81\xA6\xD8\x9Cg",
     95, "abcdefg ", "95%", true},
    {"nothing", "", 95, "", "95%", true},
    {"spaces", "   ", 95, "", "95%", true},
    {"spaces around", "  a b  ", 95, "a b ", "95%", true},
    {"300 letters", W50 W50 W50 W50 W50 W50, 95, "WWWWWW", "W… 95%", false},
    {"300 characters of Korean",
     KO10 KO10 KO10 KO10 KO10 KO10 KO10 KO10 KO10 KO10 KO10 KO10 KO10 KO10 KO10 KO10 KO10 KO10 KO10
         KO10 KO10 KO10 KO10 KO10 KO10 KO10 KO10 KO10 KO10 KO10,
     95, "가나다", "… 95%", false},
};

static bool ends_with(const char *text, const char *end)
{
    size_t text_bytes = strlen(text);
    size_t end_bytes = strlen(end);

    return text_bytes >= end_bytes && strcmp(text + text_bytes - end_bytes, end) == 0;
}

static void check_string(const struct text_row *row, const char *string)
{
    if (strncmp(string, row->start, strlen(row->start)) != 0 || !ends_with(string, row->end) ||
        (row->whole && strlen(string) != strlen(row->start) + strlen(row->end)))
        fail_msg("reads: %s", string);
}

static void test_text(void **state)
{
    const struct text_row *row = *state;
    struct ir_result *result = new_result();
    struct overlay *overlay;

    add_label(result, row->label, row->confidence_pct, &(struct ir_box){0.1, 0.2, 0.5, 0.6});
    add_label(result, row->label, row->confidence_pct, NULL);
    overlay = lay_out(result, 1200, 900);
    check_overlay(overlay, result);
    assert_int_equal(overlay->plate_count, 2);
    for (size_t i = 0; i < 2; i++) {
        check_string(row, overlay->plates[i].string);
        assert_true(overlay->plates[i].rect.width_px <= 30 * overlay->font_px);
        assert_true(overlay->plates[i].rect.height_px <= 3 * overlay->font_px);
    }
    overlay_free(overlay);
    ir_result_free(result);
}

/* A name is cut between letters as readers see them: a vowel stays with its consonant. */
static void test_cut_keeps_letters_whole(void **state)
{
    static const char letter[] = "\xE0\xA4\x95\xE0\xA5\x80"; /* Devanagari ka, ii */
    char name[sizeof letter * 40] = "";
    struct ir_result *result = new_result();

    (void)state;
    for (size_t i = 0; i < 40; i++)
        memcpy(name + i * (sizeof letter - 1), letter, sizeof letter);
    add_label(result, name, 95, &(struct ir_box){0.1, 0.2, 0.5, 0.6});
    for (int width_px = 200; width_px < 300; width_px += 3) {
        struct overlay *overlay = lay_out(result, width_px, 200);
        const char *ellipsis;

        assert_int_equal(overlay->plate_count, 1);
        ellipsis = strstr(overlay->plates[0].string, "…");
        assert_non_null(ellipsis);
        assert_int_equal((ellipsis - overlay->plates[0].string) % (sizeof letter - 1), 0);
        overlay_free(overlay);
    }
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
    assert_int_equal(overlay->boxes[0].rect.left_px, 300);
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

/* ---- colours ------------------------------------------------------------------------------- */

static bool same_color(struct overlay_color a, struct overlay_color b)
{
    return a.red == b.red && a.green == b.green && a.blue == b.blue;
}

static void test_colors(void **state)
{
    static const char *const local[] = {"Face", "Person", "Text", "Document", "Barcode", "QR Code"};
    const struct overlay_color white = {1, 1, 1};

    (void)state;
    for (int i = 0; i < 2000; i++) {
        char name[32];
        struct overlay_color color;

        snprintf(name, sizeof name, "Name %d", i);
        color = overlay_color_of(name);
        assert_true(same_color(color, overlay_color_of(name)));
        assert_true(overlay_contrast(color, overlay_ink_on(color)) >= MIN_CONTRAST);
    }
    for (size_t i = 0; i < sizeof local / sizeof local[0]; i++) {
        for (size_t j = 0; j < i; j++)
            assert_false(same_color(overlay_color_of(local[i]), overlay_color_of(local[j])));
    }
    for (int level = 0; level <= 255; level++) { /* the panel on any gray picture */
        struct overlay_color gray = {level / 255.0, level / 255.0, level / 255.0};
        struct overlay_color seen =
            overlay_blend(overlay_panel_color(), OVERLAY_PANEL_OPACITY, gray);

        assert_true(overlay_contrast(seen, overlay_panel_ink()) >= MIN_CONTRAST);
    }
    assert_true(fabs(overlay_contrast(white, (struct overlay_color){0, 0, 0}) - 21) < 1e-9);
    assert_true(fabs(overlay_contrast(
                         white, (struct overlay_color){119 / 255.0, 119 / 255.0, 119 / 255.0}) -
                     4.478) < 0.001); /* #777777, the textbook example that just fails */
}

/* ---- drawing ------------------------------------------------------------------------------- */

struct canvas {
    cairo_surface_t *surface;
    cairo_t *cr;
    int width_px, height_px;
};

static struct canvas new_canvas(int width_px, int height_px)
{
    struct canvas canvas = {.width_px = width_px, .height_px = height_px};

    canvas.surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width_px, height_px);
    canvas.cr = cairo_create(canvas.surface);
    assert_int_equal(cairo_status(canvas.cr), CAIRO_STATUS_SUCCESS);
    return canvas;
}

static void free_canvas(struct canvas *canvas)
{
    cairo_destroy(canvas->cr);
    cairo_surface_destroy(canvas->surface);
}

static uint32_t pixel_at(const struct canvas *canvas, int x, int y)
{
    const unsigned char *row;
    uint32_t pixel;

    cairo_surface_flush(canvas->surface);
    row = cairo_image_surface_get_data(canvas->surface) +
          (size_t)y * (size_t)cairo_image_surface_get_stride(canvas->surface);
    memcpy(&pixel, row + (size_t)x * 4, 4);
    return pixel;
}

/* `a` must look as the part of `b` at (left_px, top_px); true when it has ink. */
static bool assert_part(const struct canvas *a, const struct canvas *b, int left_px, int top_px,
                        const char *what)
{
    bool inked = false;

    for (int i = 0; i < a->width_px * a->height_px; i++) {
        int x = i % a->width_px;
        int y = i / a->width_px;
        unsigned is = pixel_at(a, x, y);
        unsigned wanted = pixel_at(b, left_px + x, top_px + y);

        if (is != wanted)
            fail_msg("%s at %d,%d differs at %d,%d: %08x, %08x", what, left_px, top_px, x, y, is,
                     wanted);
        inked = inked || is != 0;
    }
    return inked;
}

static void assert_same_pixels(const struct canvas *a, const struct canvas *b, const char *what)
{
    assert_int_equal(a->width_px, b->width_px);
    assert_int_equal(a->height_px, b->height_px);
    assert_part(a, b, 0, 0, what);
}

/* Every inked pixel is announced. */
static void check_ink(const struct overlay *overlay, const struct canvas *canvas)
{
    for (int i = 0; i < canvas->width_px * canvas->height_px; i++) {
        const struct ir_rect one = {i % canvas->width_px, i / canvas->width_px, 1, 1};

        if (pixel_at(canvas, one.left_px, one.top_px) != 0 && !overlay_touches(overlay, &one))
            fail_msg("ink at %d,%d without a word", one.left_px, one.top_px);
    }
}

/* Tiles look as the whole does there, and are announced just when they have ink. */
static void check_tiles(const struct overlay *overlay, const struct canvas *whole)
{
    enum { TILE_PX = 48 };

    for (int top = 0; top < whole->height_px; top += TILE_PX) {
        for (int left = 0; left < whole->width_px; left += TILE_PX) {
            const struct ir_rect area = {left, top, MIN(TILE_PX, whole->width_px - left),
                                         MIN(TILE_PX, whole->height_px - top)};
            struct canvas tile = new_canvas(area.width_px, area.height_px);

            cairo_translate(tile.cr, -left, -top);
            assert_int_equal(overlay_draw(overlay, tile.cr, NULL), 0);
            assert_int_equal(assert_part(&tile, whole, left, top, "the tile"),
                             overlay_touches(overlay, &area));
            free_canvas(&tile);
        }
    }
}

/* The parts, drawn one by one in the order of the whole. */
static void draw_parts(const struct overlay *overlay, cairo_t *cr)
{
    for (size_t i = 0; i < overlay->box_count; i++)
        assert_int_equal(overlay_draw_box(overlay, i, cr, NULL), 0);
    assert_int_equal(overlay_draw_legend_panel(overlay, cr, NULL), 0);
    for (size_t i = 0; i < overlay->plate_count; i++)
        assert_int_equal(overlay_draw_plate(overlay, i, true, cr, NULL), 0);
}

static void test_ink(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 24; seed++) {
        struct ir_result *result;
        struct overlay *overlay;
        struct canvas whole, parts;
        struct ir_error err;

        random_state = seed * 0xD1342543DE82EF95U;
        result = random_result(random_between(0, 12), random_between(0, 6));
        overlay = lay_out(result, random_between(1, 400), random_between(1, 400));
        whole = new_canvas(overlay->width_px, overlay->height_px);
        parts = new_canvas(overlay->width_px, overlay->height_px);
        assert_int_equal(overlay_draw(overlay, whole.cr, &err), 0);
        draw_parts(overlay, parts.cr);
        assert_same_pixels(&whole, &parts, "the sum of the parts");
        check_ink(overlay, &whole);
        check_tiles(overlay, &whole);
        free_canvas(&whole);
        free_canvas(&parts);
        overlay_free(overlay);
        ir_result_free(result);
    }
}

/* A host need not touch what lies inside of an outline, nor what lies off it. */
static const struct touch_row {
    const char *name;
    struct ir_rect area;
    bool touches;
} touch_rows[] = {
    {"in the hole", {150, 150, 100, 100}, false},
    {"far off", {0, 0, 40, 40}, false},
    {"nothing in the outline", {100, 200, 0, 5}, false},
    {"the box's left edge", {100, 200, 1, 1}, true},
    {"just left of it", {99, 200, 1, 1}, false},
    {"the box's last row", {200, 299, 1, 1}, true},
    {"just below it", {200, 300, 1, 1}, false},
    {"all", {0, 0, 400, 400}, true},
    {"in the plate", {104, 98, 1, 1}, true},
};

static void test_touch(void **state)
{
    const struct touch_row *row = *state;
    struct ir_result *result = new_result();
    struct overlay *overlay;

    add_label(result, "Face", 95, &(struct ir_box){0.25, 0.25, 0.5, 0.5});
    overlay = lay_out(result, 400, 400);
    assert_int_equal(overlay_touches(overlay, &row->area), row->touches);
    overlay_free(overlay);
    ir_result_free(result);
}

/* Markup is text: it takes room, and the percent sign behind it is drawn where it was measured. */
static void test_markup_is_drawn(void **state)
{
    struct ir_result *result = new_result();
    struct overlay *overlay;
    struct canvas canvas;
    const struct overlay_plate *marked, *bare;
    int inked = 0;

    (void)state;
    add_label(result, "<b><i></i></b>", 95, &(struct ir_box){0.2, 0.2, 0.7, 0.3});
    add_label(result, "", 95, &(struct ir_box){0.2, 0.6, 0.7, 0.3});
    overlay = lay_out(result, 800, 600);
    assert_int_equal(overlay->plate_count, 2);
    marked = &overlay->plates[overlay->plates[0].label_index == 0 ? 0 : 1];
    bare = &overlay->plates[overlay->plates[0].label_index == 0 ? 1 : 0];
    assert_true(marked->text.width_px > bare->text.width_px + 5 * overlay->font_px);
    canvas = new_canvas(800, 600);
    assert_int_equal(
        overlay_draw_plate(overlay, (size_t)(marked - overlay->plates), true, canvas.cr, NULL), 0);
    for (int y = marked->text.top_px; y < rect_bottom(&marked->text); y++) {
        for (int x = rect_right(&marked->text) - (int)(overlay->font_px / 2);
             x < rect_right(&marked->text); x++)
            inked += pixel_at(&canvas, x, y) != pixel_at(&canvas, marked->text.left_px - 2, y);
    }
    assert_true(inked > 10);
    free_canvas(&canvas);
    overlay_free(overlay);
    ir_result_free(result);
}

/* How many pixels have ink; none may lie off `rect`. */
static int count_ink_in(const struct canvas *canvas, const struct ir_rect *rect)
{
    int inked = 0;

    for (int i = 0; i < canvas->width_px * canvas->height_px; i++) {
        const struct ir_rect one = {i % canvas->width_px, i / canvas->width_px, 1, 1};

        if (pixel_at(canvas, one.left_px, one.top_px) != 0) {
            assert_holds(rect, &one, "ink");
            inked++;
        }
    }
    return inked;
}

/* Parts keep inside their rectangles, so that a host can make layers of that size. */
static void test_parts_keep_inside(void **state)
{
    struct ir_result *result = new_result();
    struct overlay *overlay;

    (void)state;
    add_label(result, "Z\xCC\xB8\xCC\xA1\xCC\x95\xCD\x92\xCD\x88 gjpqy 한국어 ÅÉ", 91,
              &(struct ir_box){0.3, 0.4, 0.5, 0.4});
    add_label(result, "ฏูกปี้ ﷽", 90, &(struct ir_box){0.1, 0.1, 0.2, 0.2});
    overlay = lay_out(result, 400, 300);
    assert_int_equal(overlay->plate_count, 2);
    for (size_t i = 0; i < 4; i++) {
        struct canvas canvas = new_canvas(400, 300);
        const struct ir_rect *rect = i < 2 ? &overlay->plates[i].rect : &overlay->boxes[i - 2].rect;

        if (i < 2)
            assert_int_equal(overlay_draw_plate(overlay, i, true, canvas.cr, NULL), 0);
        else
            assert_int_equal(overlay_draw_box(overlay, i - 2, canvas.cr, NULL), 0);
        assert_true(count_ink_in(&canvas, rect) > 50);
        free_canvas(&canvas);
    }
    overlay_free(overlay);
    ir_result_free(result);
}

static struct overlay_color color_of_pixel(uint32_t pixel)
{
    return (struct overlay_color){(pixel >> 16 & 0xFF) / 255.0, (pixel >> 8 & 0xFF) / 255.0,
                                  (pixel & 0xFF) / 255.0};
}

/* The most that any line of the first box's left edge stands out from this ground. */
static double best_contrast(const struct overlay *overlay, struct overlay_color ground)
{
    const struct ir_rect *rect = &overlay->boxes[0].rect;
    struct canvas canvas = new_canvas(overlay->width_px, overlay->height_px);
    double best = 0;

    cairo_set_source_rgb(canvas.cr, ground.red, ground.green, ground.blue);
    cairo_paint(canvas.cr);
    assert_int_equal(overlay_draw_box(overlay, 0, canvas.cr, NULL), 0);
    for (int i = 0; i < overlay->line_width_px; i++) {
        uint32_t pixel = pixel_at(&canvas, rect->left_px + i, rect->top_px + rect->height_px / 2);

        best = fmax(best, overlay_contrast(color_of_pixel(pixel), ground));
    }
    free_canvas(&canvas);
    return best;
}

/* On every gray, and on its own colour, some line of the outline stands out from the picture. */
static void test_outline_is_seen(void **state)
{
    (void)state;
    for (size_t n = 0; n < NAME_COUNT; n++) {
        struct ir_result *result = new_result();
        struct overlay *overlay;

        add_label(result, names[n], 95, &(struct ir_box){0.1, 0.3, 0.8, 0.6});
        overlay = lay_out(result, 200, 200);
        assert_true(best_contrast(overlay, overlay->boxes[0].color) >= MIN_OUTLINE_CONTRAST);
        for (int level = 0; level < 256; level += 5) {
            double gray = level / 255.0;

            assert_true(best_contrast(overlay, (struct overlay_color){gray, gray, gray}) >=
                        MIN_OUTLINE_CONTRAST);
        }
        overlay_free(overlay);
        ir_result_free(result);
    }
}

/* What the caller had set is as it was, whatever it was. */
static void test_state_of_cairo_is_kept(void **state)
{
    struct ir_result *result = new_result();
    struct overlay *overlay;
    struct canvas plain, strange;

    (void)state;
    add_label(result, "Face", 95, &(struct ir_box){0.2, 0.3, 0.5, 0.5});
    add_label(result, "Head", 95, NULL);
    overlay = lay_out(result, 200, 160);
    plain = new_canvas(200, 160);
    strange = new_canvas(200, 160);
    cairo_set_operator(strange.cr, CAIRO_OPERATOR_CLEAR);
    cairo_set_antialias(strange.cr, CAIRO_ANTIALIAS_NONE);
    cairo_set_fill_rule(strange.cr, CAIRO_FILL_RULE_EVEN_ODD);
    cairo_set_line_width(strange.cr, 33);
    cairo_move_to(strange.cr, 5, 5);
    cairo_line_to(strange.cr, 95, 95);
    assert_int_equal(overlay_draw(overlay, plain.cr, NULL), 0);
    assert_int_equal(overlay_draw(overlay, strange.cr, NULL), 0);
    assert_same_pixels(&plain, &strange, "another state");
    assert_int_equal(cairo_get_operator(strange.cr), CAIRO_OPERATOR_CLEAR);
    assert_int_equal(cairo_get_fill_rule(strange.cr), CAIRO_FILL_RULE_EVEN_ODD);
    assert_int_equal(cairo_get_antialias(strange.cr), CAIRO_ANTIALIAS_NONE);
    free_canvas(&plain);
    free_canvas(&strange);
    overlay_free(overlay);
    ir_result_free(result);
}

static void test_broken_cairo_is_told(void **state)
{
    struct ir_result *result = new_result();
    struct overlay *overlay;
    struct ir_error err;
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, -1, -1);
    cairo_t *cr = cairo_create(surface);

    (void)state;
    add_label(result, "Face", 95, &(struct ir_box){0.2, 0.3, 0.5, 0.5});
    overlay = lay_out(result, 200, 160);
    assert_int_equal(overlay_draw(overlay, cr, &err), IR_ERR_NOMEM);
    assert_non_null(strstr(err.message, "could not be drawn"));
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    overlay_free(overlay);
    ir_result_free(result);
}

/* ---- threads and memory -------------------------------------------------------------------- */

struct crowd {
    const struct ir_result *result;
    const struct overlay *shared; /* also drawn by all at once */
    atomic_int failures;
    struct canvas canvases[32];
    struct canvas shared_canvases[32];
};

static void lay_out_and_draw(void *context, size_t job_index)
{
    struct crowd *crowd = context;
    struct overlay *overlay = NULL;

    if (overlay_new(crowd->result, 300, 200, &overlay, NULL) != 0 ||
        overlay_draw(overlay, crowd->canvases[job_index].cr, NULL) != 0 ||
        overlay_draw(crowd->shared, crowd->shared_canvases[job_index].cr, NULL) != 0)
        atomic_fetch_add(&crowd->failures, 1);
    overlay_free(overlay);
}

static void test_threads(void **state)
{
    struct ir_result *result;
    struct crowd crowd = {0};
    struct overlay *overlay;

    (void)state;
    random_state = 99;
    result = random_result(12, 5);
    overlay = lay_out(result, 300, 200);
    crowd.result = result;
    crowd.shared = overlay;
    for (size_t i = 0; i < 32; i++) {
        crowd.canvases[i] = new_canvas(300, 200);
        crowd.shared_canvases[i] = new_canvas(300, 200);
    }
    pool_run(32, 8, lay_out_and_draw, &crowd);
    assert_int_equal(crowd.failures, 0);
    for (size_t i = 0; i < 32; i++) {
        assert_same_pixels(&crowd.canvases[0], &crowd.canvases[i], "a thread's drawing");
        assert_same_pixels(&crowd.canvases[0], &crowd.shared_canvases[i], "a shared overlay");
    }
    assert_true(pixel_at(&crowd.canvases[0], overlay->plates[0].rect.left_px + 4,
                         overlay->plates[0].rect.top_px + 2) != 0);
    for (size_t i = 0; i < 32; i++) {
        free_canvas(&crowd.canvases[i]);
        free_canvas(&crowd.shared_canvases[i]);
    }
    overlay_free(overlay);
    ir_result_free(result);
}

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

/* Fontconfig keeps what it has read until the program ends. */
IR_PUBLIC const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig.so\n";
}

int main(void)
{
    static struct unit_list list;

    unit_add(&list, "500 random scenes", test_random_scenes);
    unit_add(&list, "nothing is left out where there is room", test_roomy_scenes);
    UNIT_ADD_ROWS(&list, test_size, size_rows);
    unit_add(&list, "lines and type grow with the picture", test_sizes_grow);
    UNIT_ADD_ROWS(&list, test_text, text_rows);
    unit_add(&list, "a cut keeps letters whole", test_cut_keeps_letters_whole);
    unit_add(&list, "equal boxes", test_equal_boxes);
    unit_add(&list, "bad boxes are left out", test_bad_boxes_are_left_out);
    unit_add(&list, "a rare name is named", test_priority);
    UNIT_ADD_ROWS(&list, test_load, load_rows);
    UNIT_ADD_ROWS(&list, test_legend, legend_rows);
    UNIT_ADD_ROWS(&list, test_legend_corner, corner_rows);
    unit_add(&list, "colours", test_colors);
    unit_add(&list, "ink is announced, tiles and parts are the whole", test_ink);
    UNIT_ADD_ROWS(&list, test_touch, touch_rows);
    unit_add(&list, "markup is drawn", test_markup_is_drawn);
    unit_add(&list, "parts keep inside", test_parts_keep_inside);
    unit_add(&list, "an outline is seen on any ground", test_outline_is_seen);
    unit_add(&list, "cairo's state is kept", test_state_of_cairo_is_kept);
    unit_add(&list, "a broken cairo is told", test_broken_cairo_is_told);
    unit_add(&list, "threads", test_threads);
    unit_add(&list, "the n-th allocation fails", test_out_of_memory);
    return unit_run(&list, "overlay");
}
