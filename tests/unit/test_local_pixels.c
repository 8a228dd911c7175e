/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pixels: scaling, turning upright, properties of pictures whose answer is known, colour names. */
#include "tests/unit/unit.h"

#include <math.h>

#include <imgrecog/geometry.h>
#include <imgrecog/result.h>

#include "core/base/alloc.h"
#include "plugins/local/colors.h"
#include "plugins/local/faces_pyramid.h"
#include "plugins/local/image.h"
#include "plugins/local/properties.h"
#include "plugins/local/scale.h"

static const struct ir_box whole = {0, 0, 1, 1};

static struct image new_image(int width_px, int height_px)
{
    struct image image = {width_px, height_px, ir_malloc((size_t)width_px * height_px * 3)};
    assert_non_null(image.rgb);
    return image;
}

static void paint(struct image *image, int x, int y, unsigned color)
{
    unsigned char *pixel = image->rgb + ((size_t)y * image->width_px + x) * 3;
    pixel[0] = (unsigned char)(color >> 16);
    pixel[1] = (unsigned char)(color >> 8);
    pixel[2] = (unsigned char)color;
}

static void fill(struct image *image, int left, int right, unsigned color)
{
    for (int y = 0; y < image->height_px; y++)
        for (int x = left; x < right; x++)
            paint(image, x, y, color);
}

/* ---- upright ----------------------------------------------------------------------------- */

/* A 3 x 2 picture, numbered 1 to 6 as stored, and what each orientation shows. */
static const struct upright_row {
    const char *name;
    int orientation;
    int width;
    int height;
    unsigned char shown[6];
} upright_rows[] = {
    {"1 as stored", 1, 3, 2, {1, 2, 3, 4, 5, 6}},
    {"2 mirrored", 2, 3, 2, {3, 2, 1, 6, 5, 4}},
    {"3 half turn", 3, 3, 2, {6, 5, 4, 3, 2, 1}},
    {"4 upside down mirrored", 4, 3, 2, {4, 5, 6, 1, 2, 3}},
    {"5 transposed", 5, 2, 3, {1, 4, 2, 5, 3, 6}},
    {"6 quarter turn right", 6, 2, 3, {4, 1, 5, 2, 6, 3}},
    {"7 transverse", 7, 2, 3, {6, 3, 5, 2, 4, 1}},
    {"8 quarter turn left", 8, 2, 3, {3, 6, 2, 5, 1, 4}},
    {"0 is 1", 0, 3, 2, {1, 2, 3, 4, 5, 6}},
    {"9 is 1", 9, 3, 2, {1, 2, 3, 4, 5, 6}},
};

static void test_upright(void **state)
{
    const struct upright_row *row = *state;
    struct image image = new_image(3, 2);
    for (int i = 0; i < 6; i++)
        paint(&image, i % 3, i / 3, (unsigned)(i + 1) * 0x010101U);
    assert_int_equal(image_turn_upright(&image, row->orientation), 0);
    assert_int_equal(image.width_px, row->width);
    assert_int_equal(image.height_px, row->height);
    for (int i = 0; i < 6; i++)
        for (int c = 0; c < 3; c++)
            assert_int_equal(image.rgb[i * 3 + c], row->shown[i]);
    image_release(&image);
}

static void test_upright_narrow(void **state)
{
    (void)state;
    for (int orientation = 1; orientation <= 8; orientation++) {
        struct image image = new_image(1, 4);
        for (int i = 0; i < 4; i++)
            paint(&image, 0, i, (unsigned)i);
        assert_int_equal(image_turn_upright(&image, orientation), 0);
        assert_int_equal(image.width_px * image.height_px, 4);
        int sum = 0;
        for (int i = 0; i < 4; i++)
            sum += image.rgb[i * 3 + 2];
        assert_int_equal(sum, 0 + 1 + 2 + 3);
        image_release(&image);
    }
}

/* ---- scaling ----------------------------------------------------------------------------- */

static const struct fit_row {
    const char *name;
    int width, height, max_side, out_width, out_height;
} fit_rows[] = {
    {"smaller stays", 100, 50, 200, 100, 50}, {"equal stays", 200, 50, 200, 200, 50},
    {"wide", 400, 100, 200, 200, 50},         {"tall", 100, 400, 200, 50, 200},
    {"never nothing", 10000, 1, 100, 100, 1}, {"rounded to nearest", 1000, 333, 500, 500, 166},
};

static void test_fit(void **state)
{
    const struct fit_row *row = *state;
    int width;
    int height;
    scale_fit(row->width, row->height, row->max_side, &width, &height);
    assert_int_equal(width, row->out_width);
    assert_int_equal(height, row->out_height);
}

/* The mean of a picture stays when it is shrunk to any size, and every row is written. */
static void test_shrink_keeps_mean(void **state)
{
    unsigned char source[37 * 23];
    unsigned char target[37 * 23];
    double source_sum = 0;
    unsigned seed = 1;
    (void)state;
    for (size_t i = 0; i < sizeof source; i++) {
        seed = seed * 1103515245U + 12345U;
        source[i] = (unsigned char)(seed >> 16);
        source_sum += source[i];
    }
    for (int width = 1; width <= 37; width++) {
        for (int height = 1; height <= 23; height++) {
            struct shrink shrink = {37, 23, width, height, 1, target};
            double sum = 0;
            assert_int_equal(shrink_init(&shrink), 0);
            for (int y = 0; y < 23; y++)
                shrink_push(&shrink, source + (size_t)y * 37);
            shrink_push(&shrink, source); /* one too many is ignored */
            assert_int_equal(shrink.rows_out, height);
            for (int i = 0; i < width * height; i++)
                sum += target[i];
            assert_true(fabs(sum / (width * height) - source_sum / sizeof source) < 1.0);
            shrink_release(&shrink);
        }
    }
}

static void test_shrink_half(void **state)
{
    static const unsigned char source[] = {0, 100, 10, 20, 200, 100, 30, 40};
    unsigned char target[2] = {0};
    struct shrink shrink = {4, 2, 2, 1, 1, target};
    (void)state;
    assert_int_equal(shrink_init(&shrink), 0);
    shrink_push(&shrink, source);
    shrink_push(&shrink, source + 4);
    assert_int_equal(target[0], 100);
    assert_int_equal(target[1], 25);
    shrink_release(&shrink);
}

static void test_enlarge(void **state)
{
    static const unsigned char source[] = {0, 100};
    unsigned char target[8];
    (void)state;
    scale_enlarge(source, 2, 1, target, 2);
    static const unsigned char wanted[] = {0, 25, 75, 100, 0, 25, 75, 100};
    assert_memory_equal(target, wanted, sizeof wanted);
}

static void test_gray_limits(void **state)
{
    struct image image = new_image(400, 200);
    struct gray gray = {0};
    (void)state;
    fill(&image, 0, 400, 0xFF0000);
    assert_int_equal(gray_from_image(&image, 1000, 1568, &gray), 0);
    assert_int_equal(gray.width_px, 1200);
    assert_int_equal(gray.height_px, 600);
    assert_int_equal(gray.pixels[12345], 76);
    gray_release(&gray);
    assert_int_equal(gray_from_image(&image, 4000, 1568, &gray), 0);
    assert_int_equal(gray.width_px, 1200); /* never more than three times */
    gray_release(&gray);
    assert_int_equal(gray_from_image(&image, 0, 100, &gray), 0);
    assert_int_equal(gray.width_px, 100);
    assert_int_equal(gray.height_px, 50);
    gray_release(&gray);
    image_release(&image);
}

static void test_integral(void **state)
{
    static const unsigned char pixels[] = {1, 2, 3, 4, 5, 6};
    int32_t sums[3 * 8];
    uint32_t squares[3 * 8];
    (void)state;
    pyramid_integral(pixels, 3, 2, 8, sums, squares);
    assert_int_equal(sums[0], 0);
    assert_int_equal(sums[8 + 3], 6);
    assert_int_equal(sums[16 + 3], 21);
    assert_int_equal(sums[16 + 1], 5);
    assert_int_equal(squares[16 + 3], 91);
    assert_int_equal(squares[16], 0);
}

/* ---- grouping ---------------------------------------------------------------------------- */

static void test_groups(void **state)
{
    /* Five hits on one place, four on a small one inside it, three elsewhere. */
    struct hit hits[12];
    int count = 0;
    (void)state;
    for (int i = 0; i < 5; i++)
        hits[count++] = (struct hit){100 + i, 100, 100, 100, i};
    for (int i = 0; i < 4; i++)
        hits[count++] = (struct hit){130, 130 + i, 40, 40, 9};
    for (int i = 0; i < 3; i++)
        hits[count++] = (struct hit){400, 400, 50, 50, 9};
    assert_int_equal(hits_group(hits, count, 3), 1);
    assert_int_equal(hits[0].left_px, 102);
    assert_int_equal(hits[0].top_px, 100);
    assert_int_equal(hits[0].width_px, 100);
    assert_true(hits[0].margin == 4.0);
}

/* ---- properties -------------------------------------------------------------------------- */

static void test_flat(void **state)
{
    struct image image = new_image(100, 80);
    struct color_list colors;
    (void)state;
    fill(&image, 0, 100, 0x336699);
    struct quality quality = properties_quality(&image, whole);
    assert_true(fabs(quality.brightness - 100.0 * 93 / 255) < 1.0);
    assert_true(quality.contrast == 0.0);
    assert_true(quality.sharpness == 0.0);
    assert_int_equal(properties_colors(&image, whole, 10, &colors), 0);
    assert_int_equal(colors.count, 1);
    assert_int_equal(colors.items[0].red, 0x33);
    assert_int_equal(colors.items[0].green, 0x66);
    assert_int_equal(colors.items[0].blue, 0x99);
    assert_string_equal(colors.items[0].simplified_name, "blue");
    assert_true(fabs(colors.items[0].pixel_pct - 100.0) < 1e-9);
    image_release(&image);
}

static void test_halves(void **state)
{
    struct image image = new_image(100, 80);
    struct color_list colors;
    (void)state;
    fill(&image, 0, 25, 0x000000);
    fill(&image, 25, 100, 0xFFFFFF);
    struct quality quality = properties_quality(&image, whole);
    assert_true(fabs(quality.brightness - 75.0) < 0.01);
    assert_true(fabs(quality.contrast - 100.0 * sqrt(0.1875) * 2) < 0.1);
    assert_int_equal(properties_colors(&image, whole, 10, &colors), 0);
    assert_int_equal(colors.count, 2);
    assert_string_equal(colors.items[0].css_name, "white");
    assert_string_equal(colors.items[1].css_name, "black");
    assert_true(fabs(colors.items[0].pixel_pct - 75.0) < 1e-9);
    /* only a part of the picture */
    static const struct ir_box left = {0, 0, 0.25, 1};
    assert_int_equal(properties_colors(&image, left, 10, &colors), 0);
    assert_int_equal(colors.count, 1);
    assert_string_equal(colors.items[0].css_name, "black");
    assert_int_equal(properties_colors(&image, whole, 1, &colors), 0);
    assert_int_equal(colors.count, 1);
    assert_int_equal(properties_colors(&image, whole, 0, &colors), 0);
    assert_int_equal(colors.count, 0);
    image_release(&image);
}

/* Edges are sharper than the same edges blurred. */
static void test_sharpness(void **state)
{
    struct image sharp = new_image(64, 64);
    struct image soft = new_image(64, 64);
    (void)state;
    for (int y = 0; y < 64; y++)
        for (int x = 0; x < 64; x++) {
            paint(&sharp, x, y, x / 8 % 2 != 0 ? 0xFFFFFF : 0);
            unsigned level = (unsigned)(127.5 + 127.5 * sin(x * 3.14159265 / 8));
            paint(&soft, x, y, level * 0x010101U);
        }
    double sharp_pct = properties_quality(&sharp, whole).sharpness;
    double soft_pct = properties_quality(&soft, whole).sharpness;
    assert_true(sharp_pct > soft_pct + 10);
    assert_true(sharp_pct <= 100);
    image_release(&sharp);
    image_release(&soft);
}

static const struct name_row {
    const char *name;
    unsigned color;
    const char *css;
    const char *simplified;
} name_rows[] = {
    {"black", 0x000000, "black", "black"},
    {"white", 0xFFFFFF, "white", "white"},
    {"nearly white", 0xFEFEFE, "white", "white"},
    {"middle grey", 0x808080, "grey", "grey"},
    {"red", 0xFF0000, "red", "red"},
    {"green", 0x008000, "green", "green"},
    {"blue", 0x0000FF, "blue", "blue"},
    {"yellow", 0xFFFF00, "yellow", "yellow"},
    {"orange", 0xFFA500, "orange", "orange"},
    {"purple", 0x800080, "purple", "purple"},
    {"pink", 0xFFC0CB, "pink", "pink"},
    {"cyan", 0x00FFFF, "cyan", "cyan"},
    {"brown", 0x8B4513, "saddlebrown", "brown"},
    {"dull brown is not grey", 0xA07A5F, NULL, "brown"},
    {"dark slate grey", 0x2F4F4F, "darkslategrey", "grey"},
    {"navy", 0x000080, "navy", "blue"},
    {"skin", 0xC4734E, NULL, "brown"},
};

static void test_name(void **state)
{
    const struct name_row *row = *state;
    struct oklab color =
        oklab_from_srgb((unsigned char)(row->color >> 16), (unsigned char)(row->color >> 8),
                        (unsigned char)row->color);
    if (row->css != NULL)
        assert_string_equal(color_css_name(color), row->css);
    assert_string_equal(color_simplified_name(color), row->simplified);
    unsigned char rgb[3];
    oklab_to_srgb(color, rgb);
    assert_int_equal(rgb[0] << 16 | rgb[1] << 8 | rgb[2], row->color);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_upright, upright_rows);
    unit_add(&list, "one pixel wide in every orientation", test_upright_narrow);
    UNIT_ADD_ROWS(&list, test_fit, fit_rows);
    unit_add(&list, "shrinking keeps the mean", test_shrink_keeps_mean);
    unit_add(&list, "shrinking to half", test_shrink_half);
    unit_add(&list, "enlarging", test_enlarge);
    unit_add(&list, "sizes of gray copies", test_gray_limits);
    unit_add(&list, "integral image", test_integral);
    unit_add(&list, "grouping of hits", test_groups);
    unit_add(&list, "properties of one colour", test_flat);
    unit_add(&list, "properties of two colours", test_halves);
    unit_add(&list, "sharpness", test_sharpness);
    UNIT_ADD_ROWS(&list, test_name, name_rows);
    return unit_run(&list, "pixels");
}
