/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * By cairo and pango. The prompt is drawn as it is: pango's markup is never on. What the pattern
 * looks like follows from the seed by SplitMix64 (https://prng.di.unimi.it/splitmix64.c describes
 * the constants).
 */
#include "plugins/local/standin_draw.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cairo.h>
#include <pango/pangocairo.h>

#include "core/base/alloc.h"
#include "core/base/utf8.h"

#define SHAPES 24
#define SHOWN_PROMPT_BYTES 400
#define TEXT_PARTS 26 /* of the area's shorter side are the letters' height */
#define WANTED_PX 8   /* and no less than this where there is room... */
#define LEAST_PX 7    /* ...or this */
#define PIXEL_BYTES 4

static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* 0 to below 1. */
static double next_fraction(uint64_t *state)
{
    return (double)(next_random(state) >> 11) / 9007199254740992.0;
}

static void choose_color(cairo_t *cairo, uint64_t *state, double alpha)
{
    double red = next_fraction(state);
    double green = next_fraction(state);
    double blue = next_fraction(state);
    cairo_set_source_rgba(cairo, red, green, blue, alpha);
}

static void draw_pattern(cairo_t *cairo, double width, double height, uint32_t seed, double alpha)
{
    uint64_t state = seed;
    double side = width < height ? width : height;
    choose_color(cairo, &state, alpha);
    cairo_paint(cairo);
    for (int i = 0; i < SHAPES; i++) {
        double x = next_fraction(&state) * width;
        double y = next_fraction(&state) * height;
        double size = (0.05 + 0.2 * next_fraction(&state)) * side;
        choose_color(cairo, &state, 0.6 * alpha);
        if (next_random(&state) % 2 == 0)
            cairo_arc(cairo, x, y, size, 0, 2 * M_PI);
        else
            cairo_rectangle(cairo, x - size, y - size / 2, 2 * size, size);
        cairo_fill(cairo);
    }
}

/* `text`, wrapped into `width`; false when a word is broken for it, or the whole is higher. */
static bool fits(PangoLayout *layout, const char *text, int width, int height, int letter_px)
{
    PangoFontDescription *font = pango_font_description_from_string("Sans Bold");
    PangoRectangle extents;
    pango_font_description_set_absolute_size(font, (double)letter_px * PANGO_SCALE);
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    pango_layout_set_width(layout, width * PANGO_SCALE);
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD);
    pango_layout_set_text(layout, text, -1);
    pango_layout_get_pixel_extents(layout, NULL, &extents);
    if (extents.width > width) { /* a prompt may be one long word; ours may not be broken */
        if (strchr(text, '\n') == NULL)
            return false;
        pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
        pango_layout_get_pixel_extents(layout, NULL, &extents);
    }
    return extents.width <= width && extents.height <= height;
}

/* Lays the most words out that fit, with a margin of a letter and one of the ground's. Returns the
 * letters' size; 0 = none fit. */
static int lay_out(PangoLayout *layout, const char *prompt, const struct standin_area *area)
{
    char text[SHOWN_PROMPT_BYTES + sizeof STANDIN_WORDS + 2];
    const char *const texts[] = {text, STANDIN_WORDS, STANDIN_WORD};
    int side = area->width_px < area->height_px ? area->width_px : area->height_px;
    int wanted_px = side / TEXT_PARTS > WANTED_PX ? side / TEXT_PARTS : WANTED_PX;
    snprintf(text, sizeof text, STANDIN_WORDS "\n%s", prompt);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        for (int letter_px = wanted_px; letter_px >= LEAST_PX; letter_px -= 1 + letter_px / 16) {
            int width = area->width_px - 4 * letter_px;
            int height = area->height_px - 2 * letter_px;
            if ((i > 0 || fits(layout, STANDIN_WORDS, width, height, letter_px)) &&
                fits(layout, texts[i], width, height, letter_px))
                return letter_px;
        }
    return 0;
}

static bool draw_words(cairo_t *cairo, const char *prompt, const struct standin_area *area)
{
    char *clean = ir_utf8_clean(prompt, strlen(prompt), SHOWN_PROMPT_BYTES);
    int text_width = 0;
    int text_height = 0;
    if (clean == NULL)
        return false;
    PangoLayout *layout = pango_cairo_create_layout(cairo);
    int letter_px = lay_out(layout, clean, area);
    if (letter_px > 0) {
        pango_layout_get_pixel_size(layout, &text_width, &text_height);
        double top = area->top_px + (area->height_px - text_height) / 2.0;
        cairo_set_source_rgba(cairo, 0, 0, 0, 0.75);
        cairo_rectangle(cairo, area->left_px + letter_px, top - letter_px,
                        area->width_px - 2 * letter_px, text_height + 2 * letter_px);
        cairo_fill(cairo);
        cairo_set_source_rgb(cairo, 1, 1, 1);
        cairo_move_to(cairo, area->left_px + 2 * letter_px, top);
        pango_cairo_show_layout(cairo, layout);
    }
    g_object_unref(layout);
    ir_free(clean);
    return true;
}

/* cairo's pixels are 0xXXRRGGBB in the machine's order. */
static void into_surface(const struct raster *raster, unsigned char *data, int stride)
{
    for (int y = 0; y < raster->height_px; y++)
        for (int x = 0; x < raster->width_px; x++) {
            const unsigned char *from =
                raster->rgba + ((size_t)y * (size_t)raster->width_px + (size_t)x) * PIXEL_BYTES;
            uint32_t pixel = (uint32_t)from[0] << 16 | (uint32_t)from[1] << 8 | from[2];
            memcpy(data + (ptrdiff_t)y * stride + (ptrdiff_t)x * PIXEL_BYTES, &pixel, sizeof pixel);
        }
}

static void from_surface(const unsigned char *data, int stride, struct raster *raster)
{
    for (int y = 0; y < raster->height_px; y++)
        for (int x = 0; x < raster->width_px; x++) {
            unsigned char *to =
                raster->rgba + ((size_t)y * (size_t)raster->width_px + (size_t)x) * PIXEL_BYTES;
            uint32_t pixel;
            memcpy(&pixel, data + (ptrdiff_t)y * stride + (ptrdiff_t)x * PIXEL_BYTES, sizeof pixel);
            to[0] = (unsigned char)(pixel >> 16);
            to[1] = (unsigned char)(pixel >> 8);
            to[2] = (unsigned char)pixel;
            to[3] = 255;
        }
}

int standin_draw(struct raster *canvas, const char *prompt, uint32_t seed,
                 const struct standin_area *area, bool has_base, double base_part)
{
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, canvas->width_px, canvas->height_px);
    cairo_t *cairo = cairo_create(surface);
    bool good = cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS;
    if (good && has_base) {
        cairo_surface_flush(surface);
        into_surface(canvas, cairo_image_surface_get_data(surface),
                     cairo_image_surface_get_stride(surface));
        cairo_surface_mark_dirty(surface);
    }
    if (good) {
        draw_pattern(cairo, canvas->width_px, canvas->height_px, seed,
                     has_base ? 1 - base_part : 1);
        good = draw_words(cairo, prompt, area) && cairo_status(cairo) == CAIRO_STATUS_SUCCESS;
    }
    if (good) {
        cairo_surface_flush(surface);
        from_surface(cairo_image_surface_get_data(surface), cairo_image_surface_get_stride(surface),
                     canvas);
    }
    cairo_destroy(cairo);
    cairo_surface_destroy(surface);
    return good ? 0 : IR_ERR_NOMEM;
}
