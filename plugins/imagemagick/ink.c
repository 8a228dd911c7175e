/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns how drawn ink becomes ImageMagick's pixels. Knows nothing of labels or looks.
 *
 *   overlay --cairo, a tile at a time--> runs of covered pixels (coverage + sRGB colour)
 *           --TransformImageColorspace--> colours in the image's own encoding
 *           --orientation--> rows or columns of the stored image --cache view--> blended
 *
 * Only covered pixels are kept, so a picture of any size costs memory for its ink alone, and only
 * their rows are asked from the pixel cache. cairo's ARGB32 is premultiplied, in native byte order.
 * The four colour channels of a pixel (red or gray, green, blue, black) are ImageMagick's first;
 * index, mask and meta channels are left alone. Offsets of the virtual canvas do not matter, since
 * cache views count from the image's own corner.
 */
#include "plugins/imagemagick/ink.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/common/fail.h"
#include "plugins/common/magick_error.h"
#include "plugins/common/magick_outgoing.h"

#define TILE_PX 512
#define FIRST_RUN_CAPACITY 1024
#define FIRST_PIXEL_CAPACITY 16384
#define COLOR_CHANNELS 4
/* Colours pass through ImageMagick as an image of this width; divides every pixel_capacity. */
#define COLOR_ROW_PX 1024
/* Of an ICC profile's header: the colour space of its device side. ICC.1:2022, 7.2.6 */
#define ICC_SPACE_OFFSET 16
#define MIN_DEPTH_BITS 8

/* Makes room for one run and `pixels` pixels more. Sizes double, so they cannot overflow. */
static bool reserve(struct ink *ink, size_t pixels)
{
    size_t pixel_capacity = ink->pixel_capacity > 0 ? ink->pixel_capacity : FIRST_PIXEL_CAPACITY;
    size_t run_capacity = ink->run_capacity > 0 ? ink->run_capacity : FIRST_RUN_CAPACITY;
    void *grown;

    if (ink->run_count == ink->run_capacity) {
        run_capacity = ink->run_capacity > 0 ? run_capacity * 2 : run_capacity;
        grown = realloc(ink->runs, run_capacity * sizeof *ink->runs);
        if (grown == NULL)
            return false;
        ink->runs = grown;
        ink->run_capacity = run_capacity;
    }
    if (ink->pixel_count + pixels <= ink->pixel_capacity)
        return true;
    while (pixel_capacity < ink->pixel_count + pixels)
        pixel_capacity *= 2;
    grown = realloc(ink->coverage, pixel_capacity);
    if (grown == NULL)
        return false;
    ink->coverage = grown;
    grown = realloc(ink->rgb, pixel_capacity * 3);
    if (grown == NULL)
        return false;
    ink->rgb = grown;
    ink->pixel_capacity = pixel_capacity;
    return true;
}

static unsigned char unpremultiplied(uint32_t value, uint32_t alpha)
{
    uint32_t full = alpha == 255 ? value : (value * 255 + alpha / 2) / alpha;

    return (unsigned char)(full > 255 ? 255 : full);
}

static bool add_run(struct ink *ink, int x_px, int y_px, const uint32_t *pixels, int length_px)
{
    struct ink_run run = {x_px, y_px, length_px, ink->pixel_count};

    if (!reserve(ink, (size_t)length_px))
        return false;
    for (int i = 0; i < length_px; i++) {
        uint32_t alpha = pixels[i] >> 24;
        unsigned char *rgb = ink->rgb + 3 * ink->pixel_count;

        ink->coverage[ink->pixel_count] = (unsigned char)alpha;
        rgb[0] = unpremultiplied(pixels[i] >> 16 & 0xFF, alpha);
        rgb[1] = unpremultiplied(pixels[i] >> 8 & 0xFF, alpha);
        rgb[2] = unpremultiplied(pixels[i] & 0xFF, alpha);
        ink->pixel_count++;
    }
    ink->runs[ink->run_count++] = run;
    return true;
}

/* Takes the covered pixels of a rendered tile. */
static bool collect(struct ink *ink, cairo_surface_t *surface, const struct ir_rect *tile)
{
    const unsigned char *data = cairo_image_surface_get_data(surface);
    int stride_bytes = cairo_image_surface_get_stride(surface);

    for (int y = 0; y < tile->height_px; y++) {
        const uint32_t *row = (const void *)(data + (size_t)y * (size_t)stride_bytes);
        int x = 0;

        while (x < tile->width_px) {
            int start = x;

            while (x < tile->width_px && row[x] >> 24 != 0)
                x++;
            if (x > start &&
                !add_run(ink, tile->left_px + start, tile->top_px + y, row + start, x - start))
                return false;
            while (x < tile->width_px && row[x] >> 24 == 0)
                x++;
        }
    }
    return true;
}

static int render_tile(struct ink *ink, const struct overlay *overlay, const struct ir_rect *tile,
                       struct ir_error *err)
{
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, tile->width_px, tile->height_px);
    cairo_t *cr = cairo_create(surface);
    int rc;

    cairo_translate(cr, -tile->left_px, -tile->top_px);
    rc = overlay_draw(overlay, cr, err);
    cairo_surface_flush(surface);
    if (rc == 0 &&
        (cairo_status(cr) != CAIRO_STATUS_SUCCESS ||
         cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS || !collect(ink, surface, tile)))
        rc = common_fail_nomem(err);
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    return rc;
}

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

int ink_init(struct ink *out, const struct overlay *overlay, struct ir_error *err)
{
    int rc = 0;

    memset(out, 0, sizeof *out);
    for (int y = 0; y < overlay->height_px && rc == 0; y += TILE_PX) {
        for (int x = 0; x < overlay->width_px && rc == 0; x += TILE_PX) {
            struct ir_rect tile = {x, y, smaller(TILE_PX, overlay->width_px - x),
                                   smaller(TILE_PX, overlay->height_px - y)};

            if (overlay_touches(overlay, &tile))
                rc = render_tile(out, overlay, &tile, err);
        }
    }
    if (out->pixel_count < out->pixel_capacity) /* colours are converted in whole rows */
        memset(out->rgb + 3 * out->pixel_count, 0, 3 * (out->pixel_capacity - out->pixel_count));
    return rc;
}

void ink_release(struct ink *ink)
{
    free(ink->runs);
    free(ink->coverage);
    free(ink->rgb);
    memset(ink, 0, sizeof *ink);
}

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

/* Copies the colour channels of a row's pixels into `colors`, COLOR_CHANNELS a pixel. */
static void read_colors(const Image *image, const Quantum *row, size_t count, Quantum *colors)
{
    static const PixelChannel channels[COLOR_CHANNELS] = {RedPixelChannel, GreenPixelChannel,
                                                          BluePixelChannel, BlackPixelChannel};

    for (size_t i = 0; i < count; i++) {
        for (size_t c = 0; c < COLOR_CHANNELS; c++)
            colors[COLOR_CHANNELS * i + c] = GetPixelChannel(image, channels[c], row);
        row += GetPixelChannels(image);
    }
}

/* The ink's colours as they are, for images in sRGB; to be freed. */
static Quantum *plain_colors(const struct ink *ink)
{
    Quantum *colors = calloc(ink->pixel_count, COLOR_CHANNELS * sizeof *colors);
    Quantum scaled[256];

    for (int i = 0; i < 256; i++)
        scaled[i] = ClampToQuantum((double)QuantumRange * i / 255.0);
    for (size_t i = 0; colors != NULL && i < ink->pixel_count; i++)
        for (size_t c = 0; c < 3; c++)
            colors[COLOR_CHANNELS * i + c] = scaled[ink->rgb[3 * i + c]];
    return colors;
}

/* The ink's colours in `space`, COLOR_CHANNELS a pixel, to be freed; NULL with `exception` set. */
static Quantum *convert_colors(const struct ink *ink, ColorspaceType space,
                               ExceptionInfo *exception)
{
    size_t row_count = (ink->pixel_count + COLOR_ROW_PX - 1) / COLOR_ROW_PX;
    Quantum *colors = malloc(row_count * COLOR_ROW_PX * COLOR_CHANNELS * sizeof *colors);
    Image *image = ConstituteImage(COLOR_ROW_PX, row_count, "RGB", CharPixel, ink->rgb, exception);
    CacheView *view = NULL;
    bool ok = colors != NULL && image != NULL;

    if (ok && space != sRGBColorspace)
        ok = TransformImageColorspace(image, space, exception) != MagickFalse;
    if (ok)
        view = AcquireVirtualCacheView(image, exception);
    ok = view != NULL;
    for (size_t y = 0; ok && y < row_count; y++) {
        const Quantum *row =
            GetCacheViewVirtualPixels(view, 0, (ssize_t)y, COLOR_ROW_PX, 1, exception);

        ok = row != NULL;
        if (ok)
            read_colors(image, row, COLOR_ROW_PX, colors + y * COLOR_ROW_PX * COLOR_CHANNELS);
    }
    if (view != NULL)
        DestroyCacheView(view);
    if (image != NULL)
        DestroyImage(image);
    if (ok)
        return colors;
    free(colors);
    return NULL;
}

/* Where the colours of a pixel lie in an image's pixels. */
struct layout {
    size_t channel_count; /* of a pixel */
    size_t color_count;
    size_t offsets[COLOR_CHANNELS];
    PixelChannel channels[COLOR_CHANNELS];
    bool has_alpha;
};

static struct layout layout_of(const Image *image)
{
    struct layout layout = {.channel_count = GetPixelChannels(image),
                            .has_alpha = image->alpha_trait != UndefinedPixelTrait};

    for (size_t i = 0; i < layout.channel_count && layout.color_count < COLOR_CHANNELS; i++) {
        PixelChannel channel = GetPixelChannelChannel(image, (ssize_t)i);

        if (channel > BlackPixelChannel)
            continue;
        layout.offsets[layout.color_count] = i;
        layout.channels[layout.color_count++] = channel;
    }
    return layout;
}

/*
 * Porter and Duff's "over" of one ink pixel on one of the image's, in the image's own encoding.
 * Without an alpha channel the image's pixel is opaque.
 */
static void blend(const Image *image, const struct layout *layout, const Quantum *color,
                  double coverage, Quantum *pixel)
{
    double below =
        layout->has_alpha ? (double)GetPixelAlpha(image, pixel) / (double)QuantumRange : 1.0;
    double kept = below * (1.0 - coverage);
    double alpha = coverage + kept; /* > 0, since coverage is */

    for (size_t i = 0; i < layout->color_count; i++) {
        Quantum *sample = &pixel[layout->offsets[i]];

        *sample = ClampToQuantum(
            ((double)color[layout->channels[i]] * coverage + (double)*sample * kept) / alpha);
    }
    if (layout->has_alpha)
        SetPixelAlpha(image, ClampToQuantum((double)QuantumRange * alpha), pixel);
}

/* The same of ink that lets nothing shine through: most of it does not. */
static void cover(const Image *image, const struct layout *layout, const Quantum *color,
                  Quantum *pixel)
{
    for (size_t i = 0; i < layout->color_count; i++)
        pixel[layout->offsets[i]] = color[layout->channels[i]];
    if (layout->has_alpha)
        SetPixelAlpha(image, OpaqueAlpha, pixel);
}

/* Where a run lies in the stored image: a rectangle one pixel wide or high, maybe backwards. */
static struct ir_rect stored_run(const struct ink_run *run, const Image *image,
                                 bool *out_is_backwards)
{
    int orientation = outgoing_orientation(image);
    bool swaps = ir_orientation_swaps_axes(orientation);
    int width_px = (int)(swaps ? image->rows : image->columns);
    int height_px = (int)(swaps ? image->columns : image->rows);
    struct ir_pixel first = ir_pixel_upright_to_stored(orientation, width_px, height_px,
                                                       (struct ir_pixel){run->x_px, run->y_px});
    struct ir_pixel last =
        ir_pixel_upright_to_stored(orientation, width_px, height_px,
                                   (struct ir_pixel){run->x_px + run->length_px - 1, run->y_px});

    *out_is_backwards = last.x_px < first.x_px || last.y_px < first.y_px;
    return (struct ir_rect){smaller(first.x_px, last.x_px), smaller(first.y_px, last.y_px),
                            abs(last.x_px - first.x_px) + 1, abs(last.y_px - first.y_px) + 1};
}

static bool apply_run(const struct ink *ink, const struct ink_run *run, const Quantum *colors,
                      const struct layout *layout, CacheView *view, ExceptionInfo *exception)
{
    const Image *image = GetCacheViewImage(view);
    bool is_backwards;
    struct ir_rect area = stored_run(run, image, &is_backwards);
    Quantum *pixels = GetCacheViewAuthenticPixels(
        view, area.left_px, area.top_px, (size_t)area.width_px, (size_t)area.height_px, exception);

    if (pixels == NULL)
        return false;
    for (int i = 0; i < run->length_px; i++) {
        size_t index = run->first_index + (size_t)i;
        size_t place = (size_t)(is_backwards ? run->length_px - 1 - i : i);
        const Quantum *color = colors + COLOR_CHANNELS * index;
        Quantum *pixel = pixels + place * layout->channel_count;

        if (ink->coverage[index] == 255)
            cover(image, layout, color, pixel);
        else
            blend(image, layout, color, ink->coverage[index] / 255.0, pixel);
    }
    return SyncCacheViewAuthenticPixels(view, exception) != MagickFalse;
}

int ink_apply(const struct ink *ink, Image *image, struct ir_error *err)
{
    ExceptionInfo *exception;
    CacheView *view = NULL;
    Quantum *colors = NULL;
    struct layout layout;
    bool ok;
    int rc = 0;

    if (ink->run_count == 0)
        return 0;
    exception = AcquireExceptionInfo();
    ok = ink_make_room(image, exception);
    if (ok)
        colors = image->colorspace == sRGBColorspace
                     ? plain_colors(ink)
                     : convert_colors(ink, image->colorspace, exception);
    if (colors != NULL)
        view = AcquireAuthenticCacheView(image, exception);
    ok = view != NULL;
    layout = layout_of(image);
    for (size_t i = 0; ok && i < ink->run_count; i++)
        ok = apply_run(ink, &ink->runs[i], colors, &layout, view, exception);
    if (!ok)
        rc = fail_magick(exception, "draw on the picture", err);
    if (view != NULL)
        DestroyCacheView(view);
    free(colors);
    DestroyExceptionInfo(exception);
    return rc;
}
