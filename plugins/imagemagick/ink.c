/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns how an overlay's ink becomes ImageMagick's pixels. Knows nothing of labels or looks.
 *
 *   overlay --overlay_paint--> rectangles of a colour, and masks, in the order in which they lie
 *           --ink_color.c--> colours in the image's own encoding
 *           --cache view, ink_blend.c--> blended into the stored pixels
 *
 * It goes band by band: some rows of the stored picture, which the pixel cache hands out where they
 * lie (or a copy, where they lie on disk). Bands without ink are not asked for; of the others only
 * pixels with ink are touched. Bands are apart from each other, so threads may share them. Offsets
 * of the virtual canvas do not matter, since cache views count from the image's own corner.
 */
#include "plugins/imagemagick/ink.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/common/fail.h"
#include "plugins/common/magick_error.h"
#include "plugins/common/magick_outgoing.h"
#include "plugins/common/pool.h"
#include "plugins/imagemagick/ink_color.h"

/* Rows of a band: text that lies in two is drawn twice; what lies on disk is copied. */
#define MAX_BAND_ROWS 512
#define MAX_BAND_BYTES ((size_t)32 << 20) /* or one row */
#define PREFETCH_ROWS 8
/* Of an ICC profile's header: the colour space of its device side. ICC.1:2022, 7.2.6 */
#define ICC_SPACE_OFFSET 16
#define MIN_DEPTH_BITS 8

static bool has_gray_profile(const Image *image)
{
    const StringInfo *profile = GetImageProfile(image, "icc");

    return profile != NULL && GetStringInfoLength(profile) >= ICC_SPACE_OFFSET + 4 &&
           memcmp(GetStringInfoDatum(profile) + ICC_SPACE_OFFSET, "GRAY", 4) == 0;
}

/*
 * Turns gray into three equal channels. ImageMagick copies the values from its gray to sRGB, but
 * computes, and rounds, from linear gray: that is renamed first, and named linear afterwards.
 */
static bool color_from_gray(Image *image, ExceptionInfo *exception)
{
    bool is_linear = image->colorspace == LinearGRAYColorspace;

    if (is_linear && SetImageColorspace(image, GRAYColorspace, exception) == MagickFalse)
        return false;
    if (TransformImageColorspace(image, sRGBColorspace, exception) == MagickFalse)
        return false;
    return !is_linear || SetImageColorspace(image, RGBColorspace, exception) != MagickFalse;
}

bool ink_make_room(Image *image, ExceptionInfo *exception)
{
    bool is_gray = image->colorspace == GRAYColorspace || image->colorspace == LinearGRAYColorspace;
    bool ok = SetImageStorageClass(image, DirectClass, exception) != MagickFalse;

    if (ok && is_gray && !has_gray_profile(image))
        ok = color_from_gray(image, exception);
    image->type = UndefinedType; /* what was known of it, bilevel say, holds no longer */
    if (image->depth < MIN_DEPTH_BITS)
        image->depth = MIN_DEPTH_BITS;
    return ok;
}

/* ---- how the upright picture is stored ---------------------------------------------------- */

/* Where the stored picture's first pixel belongs, and how far a step leads, upright. */
struct turn {
    int width_px; /* of the stored picture */
    int height_px;
    struct ir_pixel first;
    bool swaps; /* a stored column is an upright row */
    int step_x; /* 1 or -1: of the upright x, for the next stored column, or row when it swaps */
    int step_y;
};

static struct turn turn_of(const struct overlay *overlay, int orientation)
{
    int inverse = outgoing_inverse(orientation);
    struct turn turn = {.swaps = ir_orientation_swaps_axes(orientation)};
    struct ir_pixel last;

    turn.width_px = turn.swaps ? overlay->height_px : overlay->width_px;
    turn.height_px = turn.swaps ? overlay->width_px : overlay->height_px;
    turn.first =
        ir_pixel_upright_to_stored(inverse, turn.width_px, turn.height_px, (struct ir_pixel){0, 0});
    last = ir_pixel_upright_to_stored(inverse, turn.width_px, turn.height_px,
                                      (struct ir_pixel){turn.width_px - 1, turn.height_px - 1});
    turn.step_x = last.x_px < turn.first.x_px ? -1 : 1;
    turn.step_y = last.y_px < turn.first.y_px ? -1 : 1;
    return turn;
}

/* Where one side of a rectangle comes to lie when its axis runs from `first` by `step`. */
static int turned(int from_px, int length_px, int first_px, int step)
{
    return step > 0 ? from_px - first_px : first_px - (from_px + length_px - 1);
}

/* Where an upright rectangle is stored. */
static struct ir_rect stored_of(const struct turn *turn, const struct ir_rect *upright)
{
    struct ir_rect r = {turned(upright->left_px, upright->width_px, turn->first.x_px, turn->step_x),
                        turned(upright->top_px, upright->height_px, turn->first.y_px, turn->step_y),
                        upright->width_px, upright->height_px};

    return turn->swaps ? (struct ir_rect){r.top_px, r.left_px, r.height_px, r.width_px} : r;
}

/* Where a stored pixel belongs. */
static struct ir_pixel upright_of(const struct turn *turn, int x_px, int y_px)
{
    return (struct ir_pixel){turn->first.x_px + turn->step_x * (turn->swaps ? y_px : x_px),
                             turn->first.y_px + turn->step_y * (turn->swaps ? x_px : y_px)};
}

/* The upright rectangle whose pixels these stored rows are. */
static struct ir_rect upright_rows(const struct turn *turn, int top_px, int count)
{
    struct ir_pixel a = upright_of(turn, 0, top_px);
    struct ir_pixel b = upright_of(turn, turn->width_px - 1, top_px + count - 1);

    return (struct ir_rect){a.x_px < b.x_px ? a.x_px : b.x_px, a.y_px < b.y_px ? a.y_px : b.y_px,
                            abs(b.x_px - a.x_px) + 1, abs(b.y_px - a.y_px) + 1};
}

/* ---- ink on a band ------------------------------------------------------------------------- */

struct drawing {
    const struct overlay *overlay;
    struct turn turn;
    Image *image;
    ExceptionInfo *exception; /* which threads may share */
    struct ink_colors colors;
    struct ink_layout layout;
    int band_rows;
    atomic_bool has_failed;
};

/* Rows of the stored picture that are being drawn on. */
struct band {
    struct drawing *drawing;
    int top_px;
    Quantum *pixels; /* from the picture's left edge on */
};

static Quantum *pixel_of(const struct band *band, int x_px, int y_px)
{
    const struct drawing *drawing = band->drawing;
    size_t index = (size_t)(y_px - band->top_px) * (size_t)drawing->turn.width_px + (size_t)x_px;

    return band->pixels + index * drawing->layout.channel_count;
}

/* A rectangle of one colour. */
static void put_flat(const struct band *band, const struct ir_rect *stored,
                     const Quantum color[INK_COLOR_CHANNELS], double opacity)
{
    const struct ink_layout *layout = &band->drawing->layout;
    size_t bytes = (size_t)stored->width_px * layout->channel_count * sizeof(Quantum);
    const Quantum *first = pixel_of(band, stored->left_px, stored->top_px);

    for (int i = 0; i < stored->height_px; i++) {
        Quantum *row = pixel_of(band, stored->left_px, stored->top_px + i);

        if (i + PREFETCH_ROWS < stored->height_px) /* or each would wait for memory on its own */
            __builtin_prefetch(pixel_of(band, stored->left_px, stored->top_px + i + PREFETCH_ROWS),
                               1);
        if (i > 0 && layout->is_plain && opacity >= 1)
            memcpy(row, first, bytes);
        else
            ink_blend(layout, color, opacity, (size_t)stored->width_px, row);
    }
}

/* How a mask lies under a stored rectangle. */
struct mask {
    const unsigned char *first; /* of the rectangle's left top pixel */
    ptrdiff_t next_column;      /* stored; in bytes */
    ptrdiff_t next_row;
};

static struct mask mask_of(const struct turn *turn, const struct overlay_ink *ink,
                           const struct ir_rect *stored)
{
    ptrdiff_t stride = cairo_image_surface_get_stride(ink->mask);
    ptrdiff_t bytes = cairo_image_surface_get_format(ink->mask) == CAIRO_FORMAT_A8 ? 1 : 4;
    struct ir_pixel at = upright_of(turn, stored->left_px, stored->top_px);
    ptrdiff_t upright_x = turn->step_x * bytes;
    ptrdiff_t upright_y = turn->step_y * stride;

    return (struct mask){.first = cairo_image_surface_get_data(ink->mask) +
                                  (at.y_px - ink->mask_at.y_px) * stride +
                                  (at.x_px - ink->mask_at.x_px) * bytes,
                         .next_column = turn->swaps ? upright_y : upright_x,
                         .next_row = turn->swaps ? upright_x : upright_y};
}

/* One colour through a mask. */
static void put_mask(const struct band *band, const struct ir_rect *stored,
                     const struct overlay_ink *ink, const Quantum color[INK_COLOR_CHANNELS])
{
    const struct ink_layout *layout = &band->drawing->layout;
    struct mask mask = mask_of(&band->drawing->turn, ink, stored);

    for (int y = 0; y < stored->height_px; y++)
        ink_blend_mask(layout, color,
                       (struct ink_mask){.first = mask.first + y * mask.next_row,
                                         .step = mask.next_column,
                                         .opacity = ink->opacity},
                       (size_t)stored->width_px,
                       pixel_of(band, stored->left_px, stored->top_px + y));
}

/* Pixels with colours of their own; `argb` is room for a row. */
static bool put_pixels(const struct band *band, const struct ir_rect *stored,
                       const struct overlay_ink *ink, uint32_t *argb)
{
    const struct drawing *drawing = band->drawing;
    struct mask mask = mask_of(&drawing->turn, ink, stored);
    size_t width = (size_t)stored->width_px;

    for (int y = 0; y < stored->height_px; y++) {
        Quantum *pixel = pixel_of(band, stored->left_px, stored->top_px + y);
        Quantum *colors;

        for (size_t x = 0; x < width; x++)
            memcpy(&argb[x], mask.first + y * mask.next_row + (ptrdiff_t)x * mask.next_column,
                   sizeof argb[x]);
        colors = ink_colors_of(&drawing->colors, argb, width, drawing->exception);
        if (colors == NULL)
            return false;
        for (size_t x = 0; x < width; x++, pixel += drawing->layout.channel_count) {
            if (argb[x] >> 24 != 0)
                ink_blend(&drawing->layout, colors + INK_COLOR_CHANNELS * x,
                          (argb[x] >> 24) / 255.0 * ink->opacity, 1, pixel);
        }
        free(colors);
    }
    return true;
}

static bool put_colored(const struct band *band, const struct ir_rect *stored,
                        const struct overlay_ink *ink)
{
    uint32_t *argb = malloc((size_t)stored->width_px * sizeof *argb);
    bool ok = argb != NULL && put_pixels(band, stored, ink, argb);

    free(argb);
    return ok;
}

/* An overlay_ink_fn. */
static void put_ink(void *context, const struct overlay_ink *ink)
{
    const struct band *band = context;
    struct drawing *drawing = band->drawing;
    struct ir_rect stored = stored_of(&drawing->turn, &ink->rect);
    Quantum color[INK_COLOR_CHANNELS];
    bool has_color =
        ink->mask == NULL || cairo_image_surface_get_format(ink->mask) == CAIRO_FORMAT_A8;
    bool ok = !has_color || ink_color_of(&drawing->colors, ink->color, color, drawing->exception);

    if (ok && !has_color)
        ok = put_colored(band, &stored, ink);
    else if (ok && ink->mask != NULL)
        put_mask(band, &stored, ink, color);
    else if (ok)
        put_flat(band, &stored, color, ink->opacity);
    if (!ok)
        atomic_store(&drawing->has_failed, true);
}

/* ---- bands --------------------------------------------------------------------------------- */

static bool draw_rows(struct drawing *drawing, CacheView *view, int top_px, int count,
                      const struct ir_rect *upright)
{
    struct band band = {.drawing = drawing, .top_px = top_px};

    band.pixels = GetCacheViewAuthenticPixels(view, 0, top_px, (size_t)drawing->turn.width_px,
                                              (size_t)count, drawing->exception);
    return band.pixels != NULL &&
           overlay_paint(drawing->overlay, upright, put_ink, &band, NULL) == 0 &&
           SyncCacheViewAuthenticPixels(view, drawing->exception) != MagickFalse;
}

/* A pool_job_fn. */
static void draw_band(void *context, size_t band_index)
{
    struct drawing *drawing = context;
    int top_px = (int)band_index * drawing->band_rows;
    int left = drawing->turn.height_px - top_px;
    int count = left < drawing->band_rows ? left : drawing->band_rows;
    struct ir_rect upright = upright_rows(&drawing->turn, top_px, count);
    CacheView *view;

    if (atomic_load(&drawing->has_failed) || !overlay_touches(drawing->overlay, &upright))
        return;
    view = AcquireAuthenticCacheView(drawing->image, drawing->exception);
    if (view == NULL || !draw_rows(drawing, view, top_px, count, &upright))
        atomic_store(&drawing->has_failed, true);
    if (view != NULL)
        DestroyCacheView(view);
}

static int band_rows_of(const struct drawing *drawing)
{
    size_t row_bytes =
        (size_t)drawing->turn.width_px * drawing->layout.channel_count * sizeof(Quantum);
    size_t rows = MAX_BAND_BYTES / row_bytes + 1;

    return rows < MAX_BAND_ROWS ? (int)rows : MAX_BAND_ROWS;
}

/* What failed, where ImageMagick did; else there was no memory. */
static int fail_drawing(const ExceptionInfo *exception, struct ir_error *err)
{
    if (exception->severity == UndefinedException)
        return common_fail_nomem(err);
    return fail_magick(exception, "draw on the picture", err);
}

int ink_draw(const struct overlay *overlay, int orientation, size_t max_threads, Image *image,
             struct ir_error *err)
{
    const struct ir_rect picture = {0, 0, overlay->width_px, overlay->height_px};
    struct drawing drawing = {.overlay = overlay, .image = image};
    size_t band_count;
    int rc = 0;

    if (!overlay_touches(overlay, &picture)) /* the image stays as it is, a palette too */
        return 0;
    drawing.exception = AcquireExceptionInfo();
    drawing.turn = turn_of(overlay, orientation);
    if (ink_make_room(image, drawing.exception)) {
        drawing.layout = ink_layout_of(image);
        drawing.band_rows = band_rows_of(&drawing);
        ink_colors_init(&drawing.colors, image->colorspace);
        band_count = ((size_t)drawing.turn.height_px + (size_t)drawing.band_rows - 1) /
                     (size_t)drawing.band_rows;
        pool_run(band_count, max_threads, draw_band, &drawing);
        ink_colors_release(&drawing.colors);
    } else {
        atomic_store(&drawing.has_failed, true);
    }
    if (atomic_load(&drawing.has_failed))
        rc = fail_drawing(drawing.exception, err);
    DestroyExceptionInfo(drawing.exception);
    return rc;
}
