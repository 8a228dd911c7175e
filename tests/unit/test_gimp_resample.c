/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A picture in another size: what stays, what does not bleed, and that parts fit.
 */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "plugins/gimp/resample.h"

#define MOST 64

static const struct row {
    const char *name;
    int source_width, source_height, width, height;
} sizes[] = {
    {"as it is", 5, 4, 5, 4},       {"larger", 5, 4, 13, 11},     {"smaller", 16, 12, 5, 4},
    {"one pixel", 1, 1, 9, 7},      {"to one pixel", 9, 7, 1, 1}, {"wider and lower", 4, 9, 40, 2},
    {"much smaller", 64, 64, 2, 3},
};

static void read(struct resample *resample, int left, int top, int width, int height,
                 unsigned char *rgba)
{
    const struct ir_rect part = {left, top, width, height};

    resample_part(resample, &part, rgba);
}

/* Every channel of every pixel. */
static void fill(unsigned char *rgba, int pixels, const unsigned char color[4])
{
    for (int i = 0; i < pixels; i++)
        memcpy(rgba + (size_t)i * 4, color, 4);
}

static void expect_color(const unsigned char *rgba, int pixels, const unsigned char color[4])
{
    for (int i = 0; i < pixels; i++)
        assert_memory_equal(rgba + (size_t)i * 4, color, 4);
}

static void test_one_colour_stays(void **state)
{
    static const unsigned char colors[][4] = {
        {0, 0, 0, 255}, {255, 255, 255, 255}, {12, 200, 99, 255}, {12, 200, 99, 128}};
    unsigned char in[MOST * MOST * 4], out[MOST * MOST * 4];
    const struct row *row = *state;
    const struct resample_source source = {in, row->source_width, row->source_height};
    struct resample *resample = resample_new(&source, row->width, row->height);

    for (size_t i = 0; i < sizeof colors / sizeof colors[0]; i++) {
        fill(in, row->source_width * row->source_height, colors[i]);
        read(resample, 0, 0, row->width, row->height, out);
        expect_color(out, row->width * row->height, colors[i]);
    }
    resample_free(resample);
}

static void test_same_size(void **state)
{
    unsigned char in[8 * 8 * 4], out[8 * 8 * 4];
    const struct resample_source source = {in, 8, 8};
    struct resample *resample = resample_new(&source, 8, 8);

    (void)state;
    for (size_t i = 0; i < sizeof in; i++)
        in[i] = i % 4 == 3 ? 255 : (unsigned char)(i * 37);
    read(resample, 0, 0, 8, 8, out);
    assert_memory_equal(out, in, sizeof in);
    resample_free(resample);
}

/* Left half green and opaque, right half red and transparent: no red comes into sight. */
static void test_hidden_colours(void **state)
{
    static const unsigned char green[] = {0, 255, 0, 255}, red[] = {255, 0, 0, 0};
    unsigned char in[8 * 4 * 4], out[40 * 4 * 4];
    const struct resample_source source = {in, 8, 4};
    struct resample *resample = resample_new(&source, 40, 4);

    (void)state;
    for (int y = 0; y < 4; y++) {
        fill(in + (size_t)y * 8 * 4, 4, green);
        fill(in + ((size_t)y * 8 + 4) * 4, 4, red);
    }
    read(resample, 0, 0, 40, 4, out);
    for (size_t i = 0; i < sizeof out; i += 4) {
        assert_int_equal(out[i], 0);
        assert_true(out[i + 3] == 0 || out[i + 1] == 255);
    }
    assert_int_equal(out[3], 255);
    assert_int_equal(out[39 * 4 + 3], 0);
    resample_free(resample);
}

/* An edge stays where it is, in the middle, however large the picture becomes. */
static void test_edge(void **state)
{
    static const unsigned char black[] = {0, 0, 0, 255}, white[] = {255, 255, 255, 255};
    unsigned char in[6 * 4], out[60 * 4];
    const struct resample_source source = {in, 6, 1};
    struct resample *resample = resample_new(&source, 60, 1);

    (void)state;
    fill(in, 3, black);
    fill(in + 3 * 4, 3, white);
    read(resample, 0, 0, 60, 1, out);
    assert_true(out[29 * 4] < 128 && out[30 * 4] >= 128);
    for (size_t i = 0; i < 60; i++) /* it is as far from black here as from white there */
        assert_in_range(out[i * 4] + out[(59 - i) * 4], 254, 256);
    resample_free(resample);
}

static void test_parts(void **state)
{
    unsigned char in[9 * 7 * 4], whole[20 * 15 * 4], part[20 * 15 * 4];
    const struct resample_source source = {in, 9, 7};
    struct resample *resample = resample_new(&source, 20, 15);

    (void)state;
    for (size_t i = 0; i < sizeof in; i++)
        in[i] = (unsigned char)(i * 73);
    read(resample, 0, 0, 20, 15, whole);
    for (int left = 0; left < 20; left += 3) {
        for (int top = 14; top >= 0; top -= 4) {
            int width = left + 5 < 20 ? 5 : 20 - left;

            read(resample, left, top, width, 1, part);
            assert_memory_equal(part, whole + ((size_t)top * 20 + (size_t)left) * 4,
                                (size_t)width * 4);
        }
    }
    resample_free(resample);
}

int main(void)
{
    static struct unit_list list;

    UNIT_ADD_ROWS(&list, test_one_colour_stays, sizes);
    unit_add(&list, "the same size is the same picture", test_same_size);
    unit_add(&list, "hidden colours do not bleed", test_hidden_colours);
    unit_add(&list, "an edge stays in its place", test_edge);
    unit_add(&list, "parts are parts of the whole", test_parts);
    return unit_run(&list, "pictures in another size");
}
