/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which rectangles are hidden, and that what is put there knows nothing of what was there. */
#include "tests/unit/unit.h"

#include "plugins/common/cover.h"
#include "tests/unit/failing_malloc.h"

#define WIDTH 60
#define HEIGHT 40

struct picture {
    double samples[HEIGHT][WIDTH][COVER_COLORS];
    int calls; /* of the surface's functions */
    int fail_at;
};

static bool mean(void *context, const struct ir_rect *run, double out[COVER_COLORS])
{
    struct picture *picture = context;
    int count = run->width_px * run->height_px;

    assert_true(run->width_px == 1 || run->height_px == 1);
    assert_in_range(run->left_px, 0, WIDTH - run->width_px);
    assert_in_range(run->top_px, 0, HEIGHT - run->height_px);
    memset(out, 0, COVER_COLORS * sizeof *out);
    for (int i = 0; i < count; i++) {
        int y = run->top_px + (run->width_px == 1 ? i : 0);
        int x = run->left_px + (run->width_px == 1 ? 0 : i);

        for (int c = 0; c < COVER_COLORS; c++)
            out[c] += picture->samples[y][x][c] / count;
    }
    return picture->calls++ != picture->fail_at;
}

static bool paint(void *context, const struct ir_rect *place, cover_color_fn color,
                  const void *color_context)
{
    struct picture *picture = context;

    for (int y = 0; y < place->height_px; y++)
        for (int x = 0; x < place->width_px; x++)
            color(color_context, x, y, picture->samples[place->top_px + y][place->left_px + x]);
    return picture->calls++ != picture->fail_at;
}

static void fill(struct picture *picture)
{
    picture->calls = 0;
    picture->fail_at = -1;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            for (int c = 0; c < COVER_COLORS; c++)
                picture->samples[y][x][c] = (x * 7 + y * 13 + c * 29) % 101;
}

static bool cover(struct picture *picture, enum cover_look look, const struct cover_places *places)
{
    static const double base[COVER_COLORS] = {50.0, 50.0, 50.0, 50.0};
    const struct cover_surface surface = {picture, WIDTH, HEIGHT, 100.0, mean, paint};

    return cover_paint(&surface, look, base, places);
}

/* ---- places ------------------------------------------------------------------------------ */

static const struct place_row {
    const char *name;
    double margin_frac;
    struct ir_rect rects[2]; /* a width of 0: there is none */
    size_t count;
    struct ir_rect first; /* place */
} place_rows[] = {
    {"at least four pixels", 0.0, {{10, 10, 5, 5}, {0}}, 1, {6, 6, 13, 13}},
    {"part of the shorter side", 0.5, {{20, 10, 30, 20}, {0}}, 1, {10, 0, 50, 40}},
    {"cut to the picture", 2.0, {{0, 0, 10, 3}, {0}}, 1, {0, 0, 16, 9}},
    {"a margin without end", 1e300, {{10, 10, 5, 5}, {0}}, 1, {0, 0, 60, 40}},
    {"joined when half is shared", 0.0, {{10, 10, 12, 12}, {20, 10, 12, 12}}, 1, {6, 6, 30, 20}},
    {"apart when less is", 0.0, {{10, 10, 12, 12}, {21, 10, 12, 12}}, 2, {6, 6, 20, 20}},
};

static void test_places(void **state)
{
    const struct place_row *row = *state;
    struct cover_places places;

    assert_true(cover_places_init(&places));
    for (size_t i = 0; i < 2 && row->rects[i].width_px > 0; i++)
        cover_places_add(&places, row->rects[i], row->margin_frac, WIDTH, HEIGHT);
    assert_int_equal(places.count, row->count);
    assert_memory_equal(&places.items[0], &row->first, sizeof row->first);
    cover_places_release(&places);
}

static void test_bounded(void **state)
{
    struct cover_places places;

    (void)state;
    assert_true(cover_places_init(&places));
    for (int i = 0; i < 3000; i++)
        cover_places_add(&places, (struct ir_rect){i * 20, (i % 7) * 9, 1, 1}, 0.0, 100000, 100);
    assert_in_range(places.count, 1, 2000);
    cover_places_release(&places);
}

/* ---- painting ---------------------------------------------------------------------------- */

struct look_row {
    const char *name;
    enum cover_look look;
};

#define LOOKS(what)                                                                                \
    {                                                                                              \
        {what ": blur", COVER_BLUR}, {what ": mosaic", COVER_MOSAIC},                              \
        {                                                                                          \
            what ": fill", COVER_FILL                                                              \
        }                                                                                          \
    }

static const struct look_row through_rows[] = LOOKS("nothing comes through");
static const struct look_row whole_rows[] = LOOKS("the whole picture");
static const struct look_row failing_rows[] = LOOKS("a surface that fails");

/* Three places, two of which share a part; at edges and not. */
static void take_places(struct cover_places *out)
{
    assert_true(cover_places_init(out));
    cover_places_add(out, (struct ir_rect){8, 8, 12, 12}, 0.0, WIDTH, HEIGHT);
    cover_places_add(out, (struct ir_rect){20, 12, 12, 12}, 0.0, WIDTH, HEIGHT);
    cover_places_add(out, (struct ir_rect){50, 30, 9, 9}, 0.0, WIDTH, HEIGHT);
    assert_int_equal(out->count, 3);
}

static bool is_in(const struct cover_places *places, int x, int y)
{
    for (size_t i = 0; i < places->count; i++) {
        const struct ir_rect *place = &places->items[i];

        if (x >= place->left_px && x < place->left_px + place->width_px && y >= place->top_px &&
            y < place->top_px + place->height_px)
            return true;
    }
    return false;
}

static void test_nothing_comes_through(void **state)
{
    const struct look_row *row = *state;
    static struct picture one, other, before;
    struct cover_places places;

    take_places(&places);
    fill(&before);
    fill(&one);
    fill(&other);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            if (is_in(&places, x, y))
                memset(other.samples[y][x], 0, sizeof other.samples[y][x]);
    assert_true(cover(&one, row->look, &places));
    assert_true(cover(&other, row->look, &places));
    assert_memory_equal(one.samples, other.samples, sizeof one.samples);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            if (!is_in(&places, x, y))
                assert_memory_equal(one.samples[y][x], before.samples[y][x],
                                    sizeof one.samples[y][x]);
    cover_places_release(&places);
}

/* The whole picture: nothing is around it. */
static void test_whole_picture(void **state)
{
    const struct look_row *row = *state;
    static struct picture picture;
    struct cover_places places;

    assert_true(cover_places_init(&places));
    cover_places_add(&places, (struct ir_rect){0, 0, WIDTH, HEIGHT}, 0.0, WIDTH, HEIGHT);
    fill(&picture);
    assert_true(cover(&picture, row->look, &places));
    for (int c = 0; c < COVER_COLORS; c++)
        assert_in_range((int)picture.samples[HEIGHT - 1][WIDTH - 1][c], 40, 60);
    cover_places_release(&places);
}

static void test_surface_fails(void **state)
{
    const struct look_row *row = *state;
    static struct picture picture;
    struct cover_places places;
    int calls;

    take_places(&places);
    fill(&picture);
    assert_true(cover(&picture, row->look, &places));
    calls = picture.calls;
    assert_true(calls >= 3);
    for (int n = 0; n < calls; n++) {
        fill(&picture);
        picture.fail_at = n;
        assert_false(cover(&picture, row->look, &places));
        assert_int_equal(picture.calls, n + 1);
    }
    cover_places_release(&places);
}

static void test_no_memory(void **state)
{
    static struct picture picture;
    struct cover_places places;

    (void)state;
    failing_malloc_arm(0, true);
    assert_false(cover_places_init(&places));
    assert_true(failing_malloc_disarm());
    take_places(&places);
    for (unsigned n = 0; n < 2; n++) {
        fill(&picture);
        failing_malloc_arm(n, false);
        assert_false(cover(&picture, COVER_BLUR, &places));
        assert_true(failing_malloc_disarm());
        assert_int_equal(picture.calls, 0);
    }
    cover_places_release(&places);
}

int main(void)
{
    static struct unit_list list;

    UNIT_ADD_ROWS(&list, test_places, place_rows);
    unit_add(&list, "no more than 2,000 places", test_bounded);
    UNIT_ADD_ROWS(&list, test_nothing_comes_through, through_rows);
    UNIT_ADD_ROWS(&list, test_whole_picture, whole_rows);
    UNIT_ADD_ROWS(&list, test_surface_fails, failing_rows);
    unit_add(&list, "no memory", test_no_memory);
    return unit_run(&list, "hidden places");
}
