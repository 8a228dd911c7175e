/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The overlay on ImageMagick's pixels: what cairo draws of it, however the picture is stored and
 * however many threads draw, and not a bit else.
 */
#include "tests/unit/overlay_scenes.h"

#include <math.h>

#include <MagickCore/MagickCore.h>

#include "plugins/imagemagick/ink.h"

/* Of 255: cairo rounds after each of the lines and letters that lie on a pixel, ink does not. */
#define MAX_DIFFERENCE 3
#define LEVEL_STEP 257 /* 65,535 / 255 */

/* What the picture has at an upright place: 0 to 255 for red, green and blue. */
static int ground_at(int x, int y, int channel)
{
    return (x * (3 + channel) + y * (7 - channel) + 40 * channel) % 256;
}

/* Where an upright pixel is stored. */
static struct ir_pixel stored_at(const struct overlay *overlay, int orientation, int x, int y)
{
    return ir_pixel_upright_to_stored(orientation, overlay->width_px, overlay->height_px,
                                      (struct ir_pixel){x, y});
}

static Image *new_image(const struct overlay *overlay, int orientation, ExceptionInfo *exception)
{
    bool swaps = ir_orientation_swaps_axes(orientation);
    ImageInfo *info = AcquireImageInfo();
    Image *image = AcquireImage(info, exception);
    CacheView *view;

    DestroyImageInfo(info);
    assert_true(SetImageExtent(image, (size_t)(swaps ? overlay->height_px : overlay->width_px),
                               (size_t)(swaps ? overlay->width_px : overlay->height_px),
                               exception));
    assert_true(SetImageStorageClass(image, DirectClass, exception));
    view = AcquireAuthenticCacheView(image, exception);
    for (int y = 0; y < overlay->height_px; y++) {
        for (int x = 0; x < overlay->width_px; x++) {
            struct ir_pixel at = stored_at(overlay, orientation, x, y);
            Quantum *pixel = GetCacheViewAuthenticPixels(view, at.x_px, at.y_px, 1, 1, exception);

            assert_non_null(pixel);
            SetPixelRed(image, (Quantum)(LEVEL_STEP * ground_at(x, y, 0)), pixel);
            SetPixelGreen(image, (Quantum)(LEVEL_STEP * ground_at(x, y, 1)), pixel);
            SetPixelBlue(image, (Quantum)(LEVEL_STEP * ground_at(x, y, 2)), pixel);
            assert_true(SyncCacheViewAuthenticPixels(view, exception));
        }
    }
    DestroyCacheView(view);
    return image;
}

/* The same ground with the overlay that cairo draws, 0xAARRGGBB in rows. */
static cairo_surface_t *draw_by_cairo(const struct overlay *overlay)
{
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, overlay->width_px, overlay->height_px);
    cairo_t *cr = cairo_create(surface);

    for (int y = 0; y < overlay->height_px; y++) {
        uint32_t *row = (void *)(cairo_image_surface_get_data(surface) +
                                 y * cairo_image_surface_get_stride(surface));

        for (int x = 0; x < overlay->width_px; x++)
            row[x] = 0xFF000000U | (uint32_t)ground_at(x, y, 0) << 16 |
                     (uint32_t)ground_at(x, y, 1) << 8 | (uint32_t)ground_at(x, y, 2);
    }
    cairo_surface_mark_dirty(surface);
    assert_int_equal(overlay_draw(overlay, cr, NULL), 0);
    cairo_destroy(cr);
    cairo_surface_flush(surface);
    return surface;
}

static void check_pixel(const struct overlay *overlay, const Image *image, const Quantum *pixel,
                        uint32_t wanted, int x, int y)
{
    const double is[] = {GetPixelRed(image, pixel), GetPixelGreen(image, pixel),
                         GetPixelBlue(image, pixel)};
    const struct ir_rect one = {x, y, 1, 1};

    for (int c = 0; c < 3; c++) {
        double level = is[c] / LEVEL_STEP;
        int drawn = (int)(wanted >> (16 - 8 * c) & 0xFF);

        if (fabs(level - drawn) > MAX_DIFFERENCE)
            fail_msg("%d,%d channel %d: %.2f, cairo has %d", x, y, c, level, drawn);
        if (is[c] != LEVEL_STEP * ground_at(x, y, c) && !overlay_touches(overlay, &one))
            fail_msg("%d,%d channel %d: %.2f, where no ink is", x, y, c, level);
    }
}

/* The image, upright, is what cairo drew. */
static void check_image(const struct overlay *overlay, int orientation, const Image *image,
                        cairo_surface_t *drawn, ExceptionInfo *exception)
{
    CacheView *view = AcquireVirtualCacheView(image, exception);

    for (int y = 0; y < overlay->height_px; y++) {
        const uint32_t *row = (const void *)(cairo_image_surface_get_data(drawn) +
                                             y * cairo_image_surface_get_stride(drawn));

        for (int x = 0; x < overlay->width_px; x++) {
            struct ir_pixel at = stored_at(overlay, orientation, x, y);
            const Quantum *pixel =
                GetCacheViewVirtualPixels(view, at.x_px, at.y_px, 1, 1, exception);

            assert_non_null(pixel);
            check_pixel(overlay, image, pixel, row[x], x, y);
        }
    }
    DestroyCacheView(view);
}

static void check_drawing(const struct overlay *overlay, int orientation, size_t threads)
{
    ExceptionInfo *exception = AcquireExceptionInfo();
    Image *image = new_image(overlay, orientation, exception);
    cairo_surface_t *drawn = draw_by_cairo(overlay);

    assert_int_equal(ink_draw(overlay, orientation, threads, image, NULL), 0);
    check_image(overlay, orientation, image, drawn, exception);
    cairo_surface_destroy(drawn);
    DestroyImage(image);
    DestroyExceptionInfo(exception);
}

static const struct ink_row {
    const char *name;
    enum overlay_form form;
    double opacity;
    int max_side_px;
} ink_rows[] = {
    {"boxes", OVERLAY_BOXES, 1, 300},          {"corners", OVERLAY_CORNERS, 1, 300},
    {"plates", OVERLAY_PLATES, 1, 300},        {"the legend", OVERLAY_LEGEND, 1, 300},
    {"half opaque", OVERLAY_BOXES, 0.5, 300},  {"tiny pictures", OVERLAY_BOXES, 1, 24},
    {"several bands", OVERLAY_BOXES, 1, 1400},
};

static void test_ink(void **state)
{
    const struct ink_row *row = *state;
    int count = row->max_side_px > 1000 ? 2 : 16;

    for (int seed = 1; seed <= count; seed++) {
        struct overlay_style style = OVERLAY_STYLE_INIT;
        struct ir_result *result;
        struct overlay *overlay;

        random_state = (uint64_t)seed * 0xD1342543DE82EF95U;
        result = random_result(random_between(1, 14), random_between(0, 5));
        style.form = row->form;
        style.opacity = row->opacity;
        assert_int_equal(overlay_new_styled(result,
                                            random_between(row->max_side_px / 8, row->max_side_px),
                                            random_between(row->max_side_px / 2, row->max_side_px),
                                            &style, &overlay, NULL),
                         0);
        check_drawing(overlay, 1 + seed % 8, (size_t)(1 + seed % 3));
        overlay_free(overlay);
        ir_result_free(result);
    }
}

/* Emoji have colours of their own, here too. */
static void test_emoji(void **state)
{
    struct ir_result *result = new_result();
    struct overlay *overlay;

    (void)state;
    add_label(result, "Smile \xF0\x9F\x98\x80", 95, &(struct ir_box){0.2, 0.4, 0.6, 0.4});
    overlay = lay_out(result, 400, 300);
    for (int orientation = 1; orientation <= 8; orientation++)
        check_drawing(overlay, orientation, 1);
    overlay_free(overlay);
    ir_result_free(result);
}

int main(int argc, char **argv)
{
    static struct unit_list list;
    int failed;

    (void)argc;
    MagickCoreGenesis(argv[0], MagickFalse);
    UNIT_ADD_ROWS(&list, test_ink, ink_rows);
    unit_add(&list, "emoji keep their colours", test_emoji);
    failed = unit_run(&list, "ImageMagick: ink");
    MagickCoreTerminus();
    return failed;
}
