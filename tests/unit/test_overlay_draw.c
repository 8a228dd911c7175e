/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The overlay's drawing: ink only where overlay_touches says so, parts that are the whole, outlines
 * that can be seen, any number of threads.
 */
#include "tests/unit/overlay_scenes.h"

#include <math.h>
#include <stdatomic.h>
#include <unistd.h>

#include "plugins/common/pool.h"

#define MIN_OUTLINE_CONTRAST 1.7

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

/* Where overlay_visit_ink said that there may be ink. */
struct announced {
    const struct ir_rect *area;
    unsigned char *marks; /* of the area's pixels */
};

static bool mark(void *context, const struct ir_rect *rect)
{
    const struct announced *announced = context;
    const struct ir_rect *area = announced->area;

    assert_true(rect->width_px > 0 && rect->height_px > 0);
    assert_holds(area, rect, "what is visited");
    for (int y = 0; y < rect->height_px; y++)
        memset(announced->marks + (rect->top_px - area->top_px + y) * area->width_px +
                   rect->left_px - area->left_px,
               1, (size_t)rect->width_px);
    return true;
}

/* What is visited for an area lies in it and holds all its ink; `canvas` is drawn there. */
static void check_visits(const struct overlay *overlay, const struct canvas *canvas,
                         const struct ir_rect *area)
{
    unsigned char *marks = calloc((size_t)area->width_px * (size_t)area->height_px, 1);

    assert_non_null(marks);
    assert_true(overlay_visit_ink(overlay, area, mark, &(struct announced){area, marks}));
    for (int i = 0; i < area->width_px * area->height_px; i++)
        assert_true(marks[i] || pixel_at(canvas, i % area->width_px, i / area->width_px) == 0);
    free(marks);
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
            check_visits(overlay, &tile, &area);
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

        struct overlay_style style = OVERLAY_STYLE_INIT;
        int width_px, height_px;

        random_state = seed * 0xD1342543DE82EF95U;
        result = random_result(random_between(0, 12), random_between(0, 6));
        width_px = random_between(1, 400);
        height_px = random_between(1, 400);
        style.form = (enum overlay_form)(seed % (OVERLAY_NONE + 1));
        assert_int_equal(overlay_new_styled(result, width_px, height_px, &style, &overlay, &err),
                         0);
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

/* Small things close together: leaders aslant, the same in tiles and in parts, and kept inside. */
static void test_leaders(void **state)
{
    struct ir_result *result = new_result();
    struct overlay *overlay;
    struct canvas whole;
    size_t slanted = 0;

    (void)state;
    for (int i = 0; i < 36; i++) {
        char name[16];
        struct ir_box box = {0.4 + (i % 6) * 0.04, 0.4 + floor(i / 6.0) * 0.04, 0.03, 0.03};

        snprintf(name, sizeof name, "Seed %d", i);
        add_label(result, name, 99 - i, &box);
    }
    overlay = lay_out(result, 640, 480);
    check_overlay(overlay, result);
    whole = new_canvas(640, 480);
    assert_int_equal(overlay_draw(overlay, whole.cr, NULL), 0);
    check_ink(overlay, &whole);
    check_tiles(overlay, &whole);
    for (size_t i = 0; i < overlay->box_count; i++) {
        const struct overlay_leader *leader = &overlay->boxes[i].leader;
        struct ir_rect extent = overlay_box_extent(overlay, i);
        struct canvas canvas = new_canvas(640, 480);

        slanted += leader->width_px > 0 && leader->plate.x_px != leader->box.x_px &&
                   leader->plate.y_px != leader->box.y_px;
        assert_int_equal(overlay_draw_box(overlay, i, canvas.cr, NULL), 0);
        assert_true(count_ink_in(&canvas, &extent) > 50);
        free_canvas(&canvas);
    }
    assert_true(slanted >= 2);
    free_canvas(&whole);
    overlay_free(overlay);
    ir_result_free(result);
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
    {"the thing's left edge", {100, 200, 1, 1}, false},
    {"the outline, left of it", {99, 200, 1, 1}, true},
    {"the outline's outer edge", {96, 200, 1, 1}, true},
    {"just left of that", {95, 200, 1, 1}, false},
    {"the thing's last row", {200, 299, 1, 1}, false},
    {"the outline below it", {200, 300, 1, 1}, true},
    {"just below that", {200, 304, 1, 1}, false},
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

/* How far a pixel (0xAARRGGBB) is from any mix of two colours, of 255. */
static double off_mix(uint32_t pixel, struct overlay_color fill, struct overlay_color ink)
{
    const double from[] = {fill.red, fill.green, fill.blue};
    const double to[] = {ink.red, ink.green, ink.blue};
    double along = 0;
    double length = 0;
    double off = 0;

    for (int c = 0; c < 3; c++) {
        along += ((pixel >> (16 - 8 * c) & 0xFF) / 255.0 - from[c]) * (to[c] - from[c]);
        length += (to[c] - from[c]) * (to[c] - from[c]);
    }
    for (int c = 0; c < 3; c++)
        off = fmax(off, fabs((pixel >> (16 - 8 * c) & 0xFF) -
                             255 * (from[c] + along / length * (to[c] - from[c]))));
    return off;
}

/* Emoji have colours of their own, beside letters too; letters have the ink's only. */
static void test_emoji(void **state)
{
    static const struct {
        const char *text;
        bool has_colors;
    } rows[] = {{"Smile", false}, {"Tr\xC3\xA4ne", false}, {"Smile \xF0\x9F\x98\x80", true}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ir_result *result = new_result();
        struct overlay *overlay;
        struct canvas canvas = new_canvas(400, 300);
        int colored = 0;

        add_label(result, rows[i].text, 95, &(struct ir_box){0.2, 0.4, 0.6, 0.4});
        overlay = lay_out(result, 400, 300);
        assert_int_equal(overlay->plate_count, 1);
        assert_int_equal(overlay_draw_plate(overlay, 0, true, canvas.cr, NULL), 0);
        for (int p = 0; p < 400 * 300; p++) {
            uint32_t pixel = pixel_at(&canvas, p % 400, p / 400);

            colored += pixel >> 24 == 255 &&
                       off_mix(pixel, overlay->plates[0].fill, overlay->plates[0].ink) > 24;
        }
        if (rows[i].has_colors ? colored < 20 : colored > 0)
            fail_msg("%s: %d pixels with colours of their own", rows[i].text, colored);
        free_canvas(&canvas);
        overlay_free(overlay);
        ir_result_free(result);
    }
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

/* ---- threads ------------------------------------------------------------------------------- */

struct crowd {
    const struct ir_result *result;
    struct overlay_style style;
    const struct overlay *shared; /* also drawn by all at once */
    atomic_int failures;
    struct canvas canvases[32];
    struct canvas shared_canvases[32];
};

static void lay_out_and_draw(void *context, size_t job_index)
{
    struct crowd *crowd = context;
    struct overlay *overlay = NULL;

    if (overlay_new_styled(crowd->result, 300, 200, &crowd->style, &overlay, NULL) != 0 ||
        overlay_draw(overlay, crowd->canvases[job_index].cr, NULL) != 0 ||
        overlay_draw(crowd->shared, crowd->shared_canvases[job_index].cr, NULL) != 0)
        atomic_fetch_add(&crowd->failures, 1);
    overlay_free(overlay);
}

/* With fonts of their own, and with fewer than they are: the same pixels. */
static const struct thread_row {
    const char *name;
    bool has_fonts;
    const char *family; /* that is loaded ahead */
} thread_rows[] = {{"threads", false, NULL},
                   {"threads that share fonts", true, NULL},
                   {"threads that share fonts, loaded ahead", true, "sans-serif"}};

static void test_threads(void **state)
{
    const struct thread_row *row = *state;
    struct ir_result *result;
    struct crowd crowd = {.style = OVERLAY_STYLE_INIT};
    struct overlay *overlay;

    random_state = 99;
    result = random_result(12, 5);
    crowd.style.fonts = row->has_fonts ? overlay_fonts_new(row->family, 2) : NULL;
    assert_int_equal(crowd.style.fonts != NULL, row->has_fonts);
    assert_int_equal(overlay_new_styled(result, 300, 200, &crowd.style, &overlay, NULL), 0);
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
    overlay_fonts_free(crowd.style.fonts);
    ir_result_free(result);
}

/* Parts without letters do not wait for fonts, which others may have all. */
static void test_fonts_are_taken_for_letters(void **state)
{
    enum { MAX_MAPS = 64 };
    struct overlay_style style = OVERLAY_STYLE_INIT;
    struct ir_result *result = new_result();
    PangoFontMap *maps[MAX_MAPS];
    struct overlay *overlay;
    struct canvas canvas = new_canvas(400, 40);
    long processors = CLAMP(sysconf(_SC_NPROCESSORS_ONLN), 1, 8);

    (void)state;
    add_label(result, "Face", 95, &(struct ir_box){0.25, 0.25, 0.5, 0.5});
    style.fonts = overlay_fonts_new(NULL, 0);
    assert_non_null(style.fonts);
    assert_int_equal(overlay_new_styled(result, 400, 400, &style, &overlay, NULL), 0);
    for (long i = 0; i < processors; i++)
        maps[i] = overlay_fonts_take(style.fonts);
    cairo_translate(canvas.cr, 0, -280); /* the lower edge of the outline */
    assert_int_equal(overlay_draw(overlay, canvas.cr, NULL), 0);
    assert_true(pixel_at(&canvas, 200, 21) != 0);
    for (long i = 0; i < processors; i++)
        overlay_fonts_give(style.fonts, maps[i]);
    free_canvas(&canvas);
    overlay_free(overlay);
    overlay_fonts_free(style.fonts);
    ir_result_free(result);
}

/* ---- the largest type ---------------------------------------------------------------------- */

static void tell_nothing(void *context, const struct overlay_ink *ink)
{
    (void)context;
    (void)ink;
}

/* Cairo has no surface for a plate or a line that is wider. */
static void test_wide_names(void **state)
{
    const struct ir_rect area = {0, 0, 60000, 16000};
    struct overlay_style style = OVERLAY_STYLE_INIT;
    struct ir_result *result = new_result();
    struct overlay *overlay = NULL;
    int widest_px = 0;
    char name[301];

    (void)state;
    memset(name, 'W', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    add_label(result, name, 99, &(struct ir_box){0.3, 0.6, 0.2, 0.2});
    add_label(result, name, 98, NULL);
    style.font_px = 2000;
    assert_int_equal(
        overlay_new_styled(result, area.width_px, area.height_px, &style, &overlay, NULL), 0);
    check_overlay(overlay, result);
    assert_int_equal(overlay->plate_count, 2);
    for (size_t i = 0; i < overlay->plate_count; i++)
        widest_px = MAX(widest_px, overlay->plates[i].rect.width_px);
    assert_in_range(widest_px, 30000, 32767);
    assert_int_equal(overlay_paint(overlay, &area, tell_nothing, NULL, NULL), 0);
    overlay_free(overlay);
    ir_result_free(result);
}

int main(void)
{
    static struct unit_list list;

    unit_add(&list, "ink is announced, tiles and parts are the whole", test_ink);
    UNIT_ADD_ROWS(&list, test_touch, touch_rows);
    unit_add(&list, "leaders", test_leaders);
    unit_add(&list, "emoji keep their colours", test_emoji);
    unit_add(&list, "markup is drawn", test_markup_is_drawn);
    unit_add(&list, "parts keep inside", test_parts_keep_inside);
    unit_add(&list, "an outline is seen on any ground", test_outline_is_seen);
    unit_add(&list, "cairo's state is kept", test_state_of_cairo_is_kept);
    unit_add(&list, "a broken cairo is told", test_broken_cairo_is_told);
    UNIT_ADD_ROWS(&list, test_threads, thread_rows);
    unit_add(&list, "fonts are taken for letters", test_fonts_are_taken_for_letters);
    unit_add(&list, "wide names", test_wide_names);
    return unit_run(&list, "overlay: drawing");
}
