/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns how an overlay becomes runs of ink in the order in which an image is stored. Knows no image.
 *
 * The overlay is drawn upright into bands, each as wide as the stored picture and some rows high,
 * and these are read in the stored order. Most ink is of one colour over many pixels, and is kept
 * as one: memory and time are those of the ink, not of the picture. cairo's ARGB32 is
 * premultiplied, in native byte order.
 */
#include "plugins/imagemagick/ink.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/common/fail.h"

#define BAND_PX ((size_t)1 << 20) /* pixels of a band, or one row: 4 MB */
#define EVEN_MIN 6                /* as many pixels alike are kept as one */
#define CHUNK_PX 32               /* pixels compared at once */
#define FIRST_RUN_CAPACITY 1024
#define FIRST_PIXEL_CAPACITY 16384

/* How the pixels of a band lie: where its left top one is, and how far to the next. */
struct band {
    struct ir_rect stored;
    struct ir_rect upright;
    ptrdiff_t first;
    ptrdiff_t step_x; /* in stored columns */
    ptrdiff_t step_y; /* and rows */
};

static bool grow(void **io_items, size_t *io_capacity, size_t first, size_t wanted, size_t bytes)
{
    size_t capacity = *io_capacity > 0 ? *io_capacity : first;
    void *grown;

    if (wanted <= *io_capacity)
        return true;
    while (capacity < wanted) /* doubles, so it cannot overflow before memory is out */
        capacity *= 2;
    grown = realloc(*io_items, capacity * bytes);
    if (grown == NULL)
        return false;
    *io_items = grown;
    *io_capacity = capacity;
    return true;
}

/* Makes room for one run and `pixels` pixels more. */
static bool reserve(struct ink *ink, size_t pixels)
{
    return grow((void **)&ink->runs, &ink->run_capacity, FIRST_RUN_CAPACITY, ink->run_count + 1,
                sizeof *ink->runs) &&
           grow((void **)&ink->pixels, &ink->pixel_capacity, FIRST_PIXEL_CAPACITY,
                ink->pixel_count + pixels, sizeof *ink->pixels);
}

static unsigned char unpremultiplied(uint32_t value, uint32_t alpha)
{
    uint32_t full = alpha == 255 ? value : (value * 255 + alpha / 2) / alpha;

    return (unsigned char)(full > 255 ? 255 : full);
}

static struct ink_pixel pixel_of(uint32_t argb)
{
    uint32_t alpha = argb >> 24;

    return (struct ink_pixel){(unsigned char)alpha, unpremultiplied(argb >> 16 & 0xFF, alpha),
                              unpremultiplied(argb >> 8 & 0xFF, alpha),
                              unpremultiplied(argb & 0xFF, alpha)};
}

static bool add_run(struct ink *ink, struct ink_run run, const uint32_t *pixels)
{
    int count = run.is_even ? 1 : run.length_px;

    if (!reserve(ink, (size_t)count))
        return false;
    run.first_index = ink->pixel_count;
    for (int i = 0; i < count; i++)
        ink->pixels[ink->pixel_count++] = pixel_of(pixels[i]);
    ink->runs[ink->run_count++] = run;
    return true;
}

/* How many pixels from `x` on are as that one. */
static int length_alike(const uint32_t *row, int x, int width_px)
{
    int end = x + 1;

    /* Many at once: each is as the one before it. */
    while (end + CHUNK_PX <= width_px &&
           memcmp(row + end, row + end - 1, CHUNK_PX * sizeof *row) == 0)
        end += CHUNK_PX;
    while (end < width_px && row[end] == row[x])
        end++;
    return end - x;
}

/* Takes the ink of a row of the stored picture. */
static bool collect_row(struct ink *ink, const uint32_t *row, int width_px, int y_px)
{
    int x = 0;

    while (x < width_px) {
        int start = x;
        int alike = length_alike(row, x, width_px);
        bool is_even = alike >= EVEN_MIN;

        x += alike;
        if (row[start] >> 24 == 0)
            continue;
        while (!is_even && x < width_px && row[x] >> 24 != 0) {
            alike = length_alike(row, x, width_px);
            if (alike >= EVEN_MIN)
                break;
            x += alike;
        }
        if (!add_run(ink, (struct ink_run){start, y_px, x - start, is_even, 0}, row + start))
            return false;
    }
    return true;
}

/* Takes the ink of a drawn band; `row` holds a stored row. */
static bool collect(struct ink *ink, const struct band *band, cairo_surface_t *surface,
                    uint32_t *row)
{
    const uint32_t *pixels = (const void *)cairo_image_surface_get_data(surface);

    for (int y = 0; y < band->stored.height_px; y++) {
        const uint32_t *from = pixels + band->first + y * band->step_y;
        const uint32_t *stored = from;

        if (band->step_x != 1) {
            for (int x = 0; x < band->stored.width_px; x++)
                row[x] = from[x * band->step_x];
            stored = row;
        }
        if (!collect_row(ink, stored, band->stored.width_px, band->stored.top_px + y))
            return false;
    }
    return true;
}

/* ---- bands ------------------------------------------------------------------------------- */

/* Where the stored pixel belongs in the upright picture. */
static struct ir_pixel upright_of(int orientation, const struct ir_rect *picture, int x_px,
                                  int y_px)
{
    int inverse = orientation == 6 ? 8 : orientation == 8 ? 6 : orientation;

    return ir_pixel_upright_to_stored(inverse, picture->width_px, picture->height_px,
                                      (struct ir_pixel){x_px, y_px});
}

/* The band of `stored` rows of a stored `picture`. */
static struct band band_of(int orientation, const struct ir_rect *picture,
                           const struct ir_rect *stored)
{
    struct band band = {.stored = *stored};
    struct ir_pixel first = upright_of(orientation, picture, 0, stored->top_px);
    struct ir_pixel last = upright_of(orientation, picture, stored->width_px - 1,
                                      stored->top_px + stored->height_px - 1);
    bool swaps = ir_orientation_swaps_axes(orientation);
    ptrdiff_t across = last.x_px < first.x_px ? -1 : 1;
    ptrdiff_t down = last.y_px < first.y_px ? -1 : 1;
    ptrdiff_t stride;

    band.upright.left_px = across > 0 ? first.x_px : last.x_px;
    band.upright.top_px = down > 0 ? first.y_px : last.y_px;
    band.upright.width_px = swaps ? stored->height_px : stored->width_px;
    band.upright.height_px = swaps ? stored->width_px : stored->height_px;
    stride = cairo_format_stride_for_width(CAIRO_FORMAT_ARGB32, band.upright.width_px) /
             (ptrdiff_t)sizeof(uint32_t);
    band.first = (first.y_px - band.upright.top_px) * stride + first.x_px - band.upright.left_px;
    band.step_x = swaps ? down * stride : across;
    band.step_y = swaps ? across : down * stride;
    return band;
}

static int render(struct ink *ink, const struct overlay *overlay, const struct band *band,
                  uint32_t *row, struct ir_error *err)
{
    cairo_surface_t *surface = cairo_image_surface_create(
        CAIRO_FORMAT_ARGB32, band->upright.width_px, band->upright.height_px);
    cairo_t *cr = cairo_create(surface);
    int rc;

    cairo_translate(cr, -band->upright.left_px, -band->upright.top_px);
    rc = overlay_draw(overlay, cr, err);
    cairo_surface_flush(surface);
    if (rc == 0 && (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS ||
                    !collect(ink, band, surface, row)))
        rc = common_fail_nomem(err);
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    return rc;
}

int ink_init(struct ink *out, const struct overlay *overlay, int orientation, struct ir_error *err)
{
    bool swaps = ir_orientation_swaps_axes(orientation);
    const struct ir_rect picture = {0, 0, swaps ? overlay->height_px : overlay->width_px,
                                    swaps ? overlay->width_px : overlay->height_px};
    int rows = (int)(BAND_PX / (size_t)picture.width_px) + 1;
    uint32_t *row;
    int rc = 0;

    memset(out, 0, sizeof *out);
    row = malloc((size_t)picture.width_px * sizeof *row);
    if (row == NULL)
        return common_fail_nomem(err);
    for (int y = 0; y < picture.height_px && rc == 0; y += rows) {
        struct ir_rect stored = {0, y, picture.width_px,
                                 rows < picture.height_px - y ? rows : picture.height_px - y};
        struct band band = band_of(orientation, &picture, &stored);

        if (overlay_touches(overlay, &band.upright))
            rc = render(out, overlay, &band, row, err);
    }
    free(row);
    return rc;
}

void ink_release(struct ink *ink)
{
    free(ink->runs);
    free(ink->pixels);
    memset(ink, 0, sizeof *ink);
}
