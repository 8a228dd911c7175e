/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns how an overlay becomes runs of ink in the order in which an image is stored. Knows no image.
 *
 * The overlay is drawn upright into bands, each as wide as the stored picture and some rows high,
 * all in the same memory. They are read, and emptied for the next, in the stored order, and only
 * where the overlay says that it may have ink. Most ink is of one colour over many pixels, and is
 * kept as one: memory and time are those of the ink, not of the picture. cairo's ARGB32 is
 * premultiplied, in native byte order.
 */
#include "plugins/imagemagick/ink_render.h"

#include <stdlib.h>
#include <string.h>

#include "plugins/common/fail.h"

#define BAND_PX ((size_t)1 << 20) /* pixels of a band, or one row: 4 MB */
#define MAX_SIDE_PX 32767         /* of cairo's surfaces */
#define EVEN_MIN 6                /* as many pixels alike are kept as one */
#define FIRST_AREA_CAPACITY 256

/* How the pixels of a band lie: where its left top one is, and how far to the next. */
struct band {
    struct ir_rect stored;
    struct ir_rect upright;
    ptrdiff_t first;
    ptrdiff_t step_x; /* in stored columns */
    ptrdiff_t step_y; /* and rows */
};

struct ink_renderer {
    const struct overlay *overlay;
    int orientation;
    struct ir_rect picture; /* as stored */
    int rows;               /* of a band */
    int next_row;
    cairo_surface_t *surface; /* of one band, empty between bands */
    cairo_t *cr;
    uint32_t *row;         /* of the stored picture */
    struct ir_rect *areas; /* of the band, stored, where ink may be */
    size_t area_count, area_capacity;
    struct ink ink; /* has room for a run and a pixel for each pixel of a band */
};

static uint32_t unpremultiplied(uint32_t value, uint32_t alpha)
{
    uint32_t full = (value * 255 + alpha / 2) / alpha;

    return full > 255 ? 255 : full;
}

static uint32_t pixel_of(uint32_t argb)
{
    uint32_t alpha = argb >> 24;

    if (alpha == 255)
        return argb;
    return alpha << 24 | unpremultiplied(argb >> 16 & 0xFF, alpha) << 16 |
           unpremultiplied(argb >> 8 & 0xFF, alpha) << 8 | unpremultiplied(argb & 0xFF, alpha);
}

static void add_run(struct ink *ink, const struct ink_run *run, const uint32_t *pixels)
{
    int count = run->is_even ? 1 : run->length_px;

    for (int i = 0; i < count; i++)
        ink->pixels[ink->pixel_count++] = pixel_of(pixels[i]);
    ink->runs[ink->run_count++] = *run;
}

/* How many pixels from `x` on are as that one, before `end`. */
static int length_alike(const uint32_t *row, int x, int end)
{
    const uint64_t two_alike = (uint64_t)row[x] << 32 | row[x];
    uint64_t two;
    int at = x + 1;

    for (; at + 2 <= end; at += 2) {
        memcpy(&two, row + at, sizeof two);
        if (two != two_alike)
            break;
    }
    while (at < end && row[at] == row[x])
        at++;
    return at - x;
}

/* Takes the ink of a row of the stored picture from column `x` to before `end`. */
static void collect_row(struct ink *ink, const uint32_t *row, int x, int end, int y_px)
{
    while (x < end) {
        int start = x;
        int alike = length_alike(row, x, end);
        bool is_even = alike >= EVEN_MIN;

        x += alike;
        if (row[start] >> 24 == 0)
            continue;
        while (!is_even && x < end && row[x] >> 24 != 0) {
            alike = length_alike(row, x, end);
            if (alike >= EVEN_MIN)
                break;
            x += alike;
        }
        add_run(ink, &(struct ink_run){start, y_px, x - start, is_even}, row + start);
    }
}

/* Takes what was drawn in row `y` of a band, columns `x` to before `end`, out of `pixels`. */
static void take(struct ink_renderer *r, const struct band *band, uint32_t *pixels, int y, int x,
                 int end)
{
    uint32_t *from = pixels + band->first + y * band->step_y;
    int y_px = band->stored.top_px + y;

    if (band->step_x == 1) {
        collect_row(&r->ink, from, x, end, y_px);
        memset(from + x, 0, (size_t)(end - x) * sizeof *from);
        return;
    }
    for (int i = x; i < end; i++) {
        r->row[i] = from[i * band->step_x];
        from[i * band->step_x] = 0;
    }
    collect_row(&r->ink, r->row, x, end, y_px);
}

/* Takes the ink of row `y` of a drawn band. */
static void collect_areas(struct ink_renderer *r, const struct band *band, uint32_t *pixels, int y)
{
    int start = 0;
    int end = 0; /* of areas that touch or overlap, put together */

    for (size_t i = 0; i < r->area_count; i++) { /* from left to right */
        const struct ir_rect *area = &r->areas[i];
        int row = band->stored.top_px + y - area->top_px;

        if (row < 0 || row >= area->height_px)
            continue;
        if (row + 1 < area->height_px) /* the next row comes while this one is read */
            __builtin_prefetch(pixels + band->first + (y + 1) * band->step_y +
                               area->left_px * band->step_x);
        if (area->left_px > end) {
            take(r, band, pixels, y, start, end);
            start = area->left_px;
        }
        if (end < area->left_px + area->width_px)
            end = area->left_px + area->width_px;
    }
    take(r, band, pixels, y, start, end);
}

/* Takes the ink of a drawn band. */
static void collect(struct ink_renderer *r, const struct band *band)
{
    uint32_t *pixels = (void *)cairo_image_surface_get_data(r->surface);

    for (int y = 0; y < band->stored.height_px; y++)
        collect_areas(r, band, pixels, y);
    cairo_surface_mark_dirty(r->surface);
}

/* ---- bands ------------------------------------------------------------------------------- */

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* Where the stored pixel belongs in the upright picture. */
static struct ir_pixel upright_of(const struct ink_renderer *r, int x_px, int y_px)
{
    int inverse = r->orientation == 6 ? 8 : r->orientation == 8 ? 6 : r->orientation;

    return ir_pixel_upright_to_stored(inverse, r->picture.width_px, r->picture.height_px,
                                      (struct ir_pixel){x_px, y_px});
}

/* The band of `stored` rows. */
static struct band band_of(const struct ink_renderer *r, const struct ir_rect *stored)
{
    struct band band = {.stored = *stored};
    struct ir_pixel first = upright_of(r, 0, stored->top_px);
    struct ir_pixel last =
        upright_of(r, stored->width_px - 1, stored->top_px + stored->height_px - 1);
    bool swaps = ir_orientation_swaps_axes(r->orientation);
    ptrdiff_t across = last.x_px < first.x_px ? -1 : 1;
    ptrdiff_t down = last.y_px < first.y_px ? -1 : 1;
    ptrdiff_t stride = cairo_image_surface_get_stride(r->surface) / (ptrdiff_t)sizeof(uint32_t);

    band.upright.left_px = across > 0 ? first.x_px : last.x_px;
    band.upright.top_px = down > 0 ? first.y_px : last.y_px;
    band.upright.width_px = swaps ? stored->height_px : stored->width_px;
    band.upright.height_px = swaps ? stored->width_px : stored->height_px;
    band.first = (first.y_px - band.upright.top_px) * stride + first.x_px - band.upright.left_px;
    band.step_x = swaps ? down * stride : across;
    band.step_y = swaps ? across : down * stride;
    return band;
}

/* Where an upright rectangle is stored. */
static struct ir_rect stored_of(const struct ink_renderer *r, const struct ir_rect *upright)
{
    int width_px = r->overlay->width_px;
    int height_px = r->overlay->height_px;
    struct ir_pixel near = {upright->left_px, upright->top_px};
    struct ir_pixel far = {upright->left_px + upright->width_px - 1,
                           upright->top_px + upright->height_px - 1};

    near = ir_pixel_upright_to_stored(r->orientation, width_px, height_px, near);
    far = ir_pixel_upright_to_stored(r->orientation, width_px, height_px, far);
    return (struct ir_rect){least(near.x_px, far.x_px), least(near.y_px, far.y_px),
                            abs(far.x_px - near.x_px) + 1, abs(far.y_px - near.y_px) + 1};
}

/* An overlay_visit_fn: keeps an upright rectangle as it is stored; false when out of memory. */
static bool add_area(void *context, const struct ir_rect *upright)
{
    struct ink_renderer *r = context;

    if (r->area_count == r->area_capacity) {
        size_t capacity = r->area_capacity > 0 ? 2 * r->area_capacity : FIRST_AREA_CAPACITY;
        struct ir_rect *grown = realloc(r->areas, capacity * sizeof *grown);

        if (grown == NULL)
            return false;
        r->areas = grown;
        r->area_capacity = capacity;
    }
    r->areas[r->area_count++] = stored_of(r, upright);
    return true;
}

static int from_left_to_right(const void *a, const void *b)
{
    const struct ir_rect *first = a;
    const struct ir_rect *second = b;

    return (first->left_px > second->left_px) - (first->left_px < second->left_px);
}

static int render(struct ink_renderer *r, const struct band *band, struct ir_error *err)
{
    int rc;

    cairo_save(r->cr);
    cairo_translate(r->cr, -band->upright.left_px, -band->upright.top_px);
    cairo_rectangle(r->cr, band->upright.left_px, band->upright.top_px, band->upright.width_px,
                    band->upright.height_px); /* the last band may be smaller than the surface */
    cairo_clip(r->cr);
    rc = overlay_draw(r->overlay, r->cr, err);
    cairo_restore(r->cr);
    cairo_surface_flush(r->surface);
    if (rc == 0)
        collect(r, band);
    return rc;
}

int ink_render_next(struct ink_renderer *renderer, const struct ink **out, struct ir_error *err)
{
    struct ink_renderer *r = renderer;
    int rc = 0;

    r->ink.run_count = 0;
    r->ink.pixel_count = 0;
    while (rc == 0 && r->ink.run_count == 0 && r->next_row < r->picture.height_px) {
        struct ir_rect stored = {0, r->next_row, r->picture.width_px,
                                 least(r->rows, r->picture.height_px - r->next_row)};
        struct band band = band_of(r, &stored);

        r->next_row += stored.height_px;
        r->area_count = 0;
        if (!overlay_visit_ink(r->overlay, &band.upright, add_area, r))
            return common_fail_nomem(err);
        if (r->area_count == 0)
            continue;
        qsort(r->areas, r->area_count, sizeof *r->areas, from_left_to_right);
        rc = render(r, &band, err);
    }
    if (rc == 0)
        *out = r->ink.run_count > 0 ? &r->ink : NULL;
    return rc;
}

int ink_renderer_new(const struct overlay *overlay, int orientation, struct ink_renderer **out,
                     struct ir_error *err)
{
    bool swaps = ir_orientation_swaps_axes(orientation);
    struct ink_renderer *r = calloc(1, sizeof *r);
    int width_px = swaps ? overlay->height_px : overlay->width_px;
    size_t band_px;

    if (width_px > MAX_SIDE_PX) {
        free(r);
        return common_fail(
            err, IR_ERR_ARG, "Make it smaller before it is annotated.",
            "A picture of %d pixels in a row is too wide to draw on; %d are the most.", width_px,
            MAX_SIDE_PX);
    }
    if (r == NULL)
        return common_fail_nomem(err);
    r->overlay = overlay;
    r->orientation = orientation;
    r->picture.width_px = width_px;
    r->picture.height_px = swaps ? overlay->width_px : overlay->height_px;
    r->rows =
        least(least((int)(BAND_PX / (size_t)width_px) + 1, r->picture.height_px), MAX_SIDE_PX);
    r->surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, swaps ? r->rows : width_px,
                                            swaps ? width_px : r->rows);
    r->cr = cairo_create(r->surface);
    /* Pages that stay empty cost nothing. */
    band_px = (size_t)width_px * (size_t)r->rows;
    r->row = malloc((size_t)width_px * sizeof *r->row);
    r->ink.runs = malloc(band_px * sizeof *r->ink.runs);
    r->ink.pixels = malloc(band_px * sizeof *r->ink.pixels);
    if (r->row == NULL || r->ink.runs == NULL || r->ink.pixels == NULL ||
        cairo_status(r->cr) != CAIRO_STATUS_SUCCESS) {
        ink_renderer_free(r);
        return common_fail_nomem(err);
    }
    *out = r;
    return 0;
}

void ink_renderer_free(struct ink_renderer *renderer)
{
    if (renderer == NULL)
        return;
    cairo_destroy(renderer->cr);
    cairo_surface_destroy(renderer->surface);
    free(renderer->areas);
    free(renderer->row);
    free(renderer->ink.runs);
    free(renderer->ink.pixels);
    free(renderer);
}
