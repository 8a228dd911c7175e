/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns an image of ImageMagick's as a surface to be painted (cover.h), and cutting places away.
 * Works on the samples as they are stored, in any colour space and depth.
 */
#include "plugins/common/redact.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "plugins/common/cover.h"
#include "plugins/common/fail.h"
#include "plugins/common/magick_error.h"
#include "plugins/common/magick_outgoing.h"
#include "plugins/common/rect.h"

static const PixelChannel color_channels[COVER_COLORS] = {RedPixelChannel, GreenPixelChannel,
                                                          BluePixelChannel, BlackPixelChannel};

static int larger(int a, int b)
{
    return a > b ? a : b;
}

/* Of boxes of the upright picture, in stored pixels. */
static bool find_places(struct cover_places *out, const Image *image, double margin_frac,
                        const struct ir_box *boxes, size_t box_count)
{
    int width_px = (int)image->columns;
    int height_px = (int)image->rows;

    if (!cover_places_init(out))
        return false;
    for (size_t i = 0; i < box_count; i++) {
        struct ir_box box = boxes[i];

        if (ir_box_clamp(&box))
            cover_places_add(
                out,
                ir_box_to_pixels(ir_box_upright_to_stored(box, outgoing_orientation(image)),
                                 width_px, height_px),
                margin_frac, width_px, height_px);
    }
    return true;
}

/* ---- pixels ------------------------------------------------------------------------------ */

static void set_pixel(const Image *image, const double color[COVER_COLORS], Quantum *pixel)
{
    for (size_t i = 0; i < GetPixelChannels(image); i++) {
        PixelChannel channel = GetPixelChannelChannel(image, (ssize_t)i);

        if (channel <= BlackPixelChannel)
            pixel[i] = ClampToQuantum(color[channel]);
        else if (channel == AlphaPixelChannel)
            pixel[i] = OpaqueAlpha;
        else if (channel >= MetaPixelChannels)
            pixel[i] = 0;
    }
}

/* The surface's context. */
struct canvas {
    CacheView *view;
    ExceptionInfo *exception;
};

static bool paint(void *context, const struct ir_rect *place, cover_color_fn color_at,
                  const void *color_context)
{
    const struct canvas *canvas = context;
    const Image *image = GetCacheViewImage(canvas->view);
    double color[COVER_COLORS];

    for (int y = 0; y < place->height_px; y++) {
        Quantum *row = GetCacheViewAuthenticPixels(canvas->view, place->left_px, place->top_px + y,
                                                   (size_t)place->width_px, 1, canvas->exception);

        if (row == NULL)
            return false;
        for (int x = 0; x < place->width_px; x++, row += GetPixelChannels(image)) {
            color_at(color_context, x, y, color);
            set_pixel(image, color, row);
        }
        if (SyncCacheViewAuthenticPixels(canvas->view, canvas->exception) == MagickFalse)
            return false;
    }
    return true;
}

static bool mean_of(void *context, const struct ir_rect *run, double out[COVER_COLORS])
{
    const struct canvas *canvas = context;
    const Image *image = GetCacheViewImage(canvas->view);
    const Quantum *pixels =
        GetCacheViewVirtualPixels(canvas->view, run->left_px, run->top_px, (size_t)run->width_px,
                                  (size_t)run->height_px, canvas->exception);
    int64_t count = rect_area(run);

    if (pixels == NULL)
        return false;
    for (size_t c = 0; c < COVER_COLORS; c++)
        out[c] = 0.0;
    for (int64_t i = 0; i < count; i++, pixels += GetPixelChannels(image))
        for (size_t c = 0; c < COVER_COLORS; c++)
            out[c] += (double)GetPixelChannel(image, color_channels[c], pixels) / (double)count;
    return true;
}

/* ---- the actions ------------------------------------------------------------------------- */

/* What every place is first, and with REDACT_FILL last: black, else the middle of the scale. */
static void base_color(const Image *image, enum redact_action action, double out[COVER_COLORS])
{
    bool is_black = action == REDACT_FILL;

    for (size_t c = 0; c < COVER_COLORS; c++)
        out[c] = is_black ? 0.0 : (double)QuantumRange / 2.0;
    if (is_black && image->colorspace == CMYKColorspace)
        out[COVER_COLORS - 1] = (double)QuantumRange;
}

/* No protected pixels, no palette that remembers what was there. */
static bool open_up(Image *image, ExceptionInfo *exception)
{
    return SetImageMask(image, ReadPixelMask, NULL, exception) != MagickFalse &&
           SetImageMask(image, WritePixelMask, NULL, exception) != MagickFalse &&
           SetImageMask(image, CompositePixelMask, NULL, exception) != MagickFalse &&
           SetImageStorageClass(image, DirectClass, exception) != MagickFalse;
}

static bool hide(Image *image, enum redact_action action, const struct cover_places *places,
                 ExceptionInfo *exception)
{
    static const enum cover_look looks[] = {
        [REDACT_BLUR] = COVER_BLUR, [REDACT_PIXELATE] = COVER_MOSAIC, [REDACT_FILL] = COVER_FILL};
    struct canvas canvas = {NULL, exception};
    const struct cover_surface surface = {
        &canvas, (int)image->columns, (int)image->rows, (double)QuantumRange, mean_of, paint};
    double base[COVER_COLORS];
    bool ok = open_up(image, exception);

    image->type = UndefinedType;
    base_color(image, action, base);
    if (ok)
        canvas.view = AcquireAuthenticCacheView(image, exception);
    ok = canvas.view != NULL && cover_paint(&surface, looks[action], base, places);
    if (canvas.view != NULL)
        DestroyCacheView(canvas.view);
    return ok;
}

static int compare_tops(const void *a, const void *b)
{
    const struct ir_rect *first = a;
    const struct ir_rect *second = b;

    return first->top_px < second->top_px ? -1 : first->top_px > second->top_px;
}

/* The tallest free part of the columns from `left` to `right`; places are sorted by their tops. */
static struct ir_rect tallest(const struct cover_places *places, int left, int right, int height_px)
{
    struct ir_rect best = {left, 0, right - left, 0};
    int free_from = 0;

    for (size_t i = 0; i <= places->count; i++) {
        const struct ir_rect *place = i < places->count ? &places->items[i] : NULL;
        int until = place != NULL ? place->top_px : height_px;

        if (place != NULL && (place->left_px >= right || place->left_px + place->width_px <= left))
            continue;
        if (until - free_from > best.height_px) {
            best.top_px = free_from;
            best.height_px = until - free_from;
        }
        if (place != NULL)
            free_from = larger(free_from, place->top_px + place->height_px);
    }
    return best;
}

/* The largest rectangle in which no place lies; its sides touch the picture's or a place's. */
static struct ir_rect largest_free(const Image *image, struct cover_places *places)
{
    struct ir_rect best = {0, 0, 0, 0};

    qsort(places->items, places->count, sizeof *places->items, compare_tops);
    for (size_t i = 0; i <= places->count; i++) {
        int left = i < places->count ? places->items[i].left_px + places->items[i].width_px : 0;

        for (size_t j = 0; j <= places->count; j++) {
            int right = j < places->count ? places->items[j].left_px : (int)image->columns;
            struct ir_rect found;

            if (right <= left)
                continue;
            found = tallest(places, left, right, (int)image->rows);
            if (rect_area(&found) > rect_area(&best))
                best = found;
        }
    }
    return best;
}

static int crop(Image **io_image, struct cover_places *places, struct ir_error *err)
{
    ExceptionInfo *exception;
    struct ir_rect kept;
    RectangleInfo area;
    Image *cropped;
    int rc = 0;

    if (places->count > REDACT_MAX_CROP_PLACES)
        return common_fail(err, IR_ERR_TOO_LARGE, "Use action=fill.",
                           "%zu places are too many to be cut away.", places->count);
    kept = largest_free(*io_image, places);
    if (rect_area(&kept) == 0)
        return common_fail(err, IR_ERR_ARG, "Use action=fill.",
                           "Nothing of the picture would be left.");
    exception = AcquireExceptionInfo();
    area =
        (RectangleInfo){(size_t)kept.width_px, (size_t)kept.height_px, kept.left_px, kept.top_px};
    cropped = ExcerptImage(*io_image, &area, exception);
    if (cropped != NULL) {
        (void)ResetImagePage(cropped, "0x0+0+0");
        *io_image = cropped;
    } else {
        rc = fail_magick(exception, "crop the picture", err);
    }
    DestroyExceptionInfo(exception);
    return rc;
}

int redact(Image **io_image, enum redact_action action, double margin_frac,
           const struct ir_box *boxes, size_t box_count, struct ir_error *err)
{
    struct cover_places places;
    int rc = 0;

    if (!find_places(&places, *io_image, margin_frac, boxes, box_count))
        return common_fail_nomem(err);
    if (places.count > 0 && action == REDACT_CROP) {
        rc = crop(io_image, &places, err);
    } else if (places.count > 0) {
        ExceptionInfo *exception = AcquireExceptionInfo();

        if (!hide(*io_image, action, &places, exception))
            rc = fail_magick(exception, "hide what was found", err);
        DestroyExceptionInfo(exception);
    }
    cover_places_release(&places);
    return rc;
}
