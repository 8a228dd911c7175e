/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns how drawn ink becomes ImageMagick's pixels. Knows nothing of labels or looks.
 *
 *   overlay --cairo, ink_render.c--> runs of covered pixels in stored rows, band by band
 *           --TransformImageColorspace--> colours in the image's own encoding
 *           --cache view--> blended, a row at a time
 *
 * Only rows with ink are asked from the pixel cache. The four colour channels of a pixel (red or
 * gray, green, blue, black) are ImageMagick's first; index, mask and meta channels are left alone.
 * Offsets of the virtual canvas do not matter, since cache views count from the image's own corner.
 */
#include "plugins/imagemagick/ink.h"

#include <stdlib.h>
#include <string.h>

#include "plugins/common/fail.h"
#include "plugins/common/magick_error.h"
#include "plugins/imagemagick/ink_render.h"

#define COLOR_CHANNELS 4
#define LEVEL_COUNT 256
#define PLAIN_CHANNELS 3 /* red, green and blue, and nothing else */
#define PLAIN_BLOCK 12   /* samples that are copied at once, a multiple of that */
#ifdef MAGICKCORE_HDRI_SUPPORT
#define QUANTUM_IS_WHOLE 0
#else
#define QUANTUM_IS_WHOLE 1
#endif
/* Colours pass through ImageMagick as an image of this width. */
#define COLOR_ROW_PX 1024
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

static void throw_nomem(ExceptionInfo *exception)
{
    (void)ThrowMagickException(exception, GetMagickModule(), ResourceLimitError,
                               "MemoryAllocationFailed", "`%s'", "imgrecog");
}

/* The ink's colours as an image of whole rows, what is left over black; NULL with `exception` set.
 */
static Image *image_of_colors(const struct ink *ink, size_t row_count, ExceptionInfo *exception)
{
    unsigned char *rgb = calloc(row_count * COLOR_ROW_PX, 3);
    Image *image;

    if (rgb == NULL) {
        throw_nomem(exception);
        return NULL;
    }
    for (size_t i = 0; i < ink->pixel_count; i++) {
        rgb[3 * i] = (unsigned char)(ink->pixels[i] >> 16);
        rgb[3 * i + 1] = (unsigned char)(ink->pixels[i] >> 8);
        rgb[3 * i + 2] = (unsigned char)ink->pixels[i];
    }
    image = ConstituteImage(COLOR_ROW_PX, row_count, "RGB", CharPixel, rgb, exception);
    free(rgb);
    return image;
}

/* The ink's colours in `space`, COLOR_CHANNELS a pixel, to be freed; NULL with `exception` set. */
static Quantum *convert_colors(const struct ink *ink, ColorspaceType space,
                               ExceptionInfo *exception)
{
    size_t row_count = (ink->pixel_count + COLOR_ROW_PX - 1) / COLOR_ROW_PX;
    Quantum *colors = malloc(row_count * COLOR_ROW_PX * COLOR_CHANNELS * sizeof *colors);
    Image *image = image_of_colors(ink, row_count, exception);
    CacheView *view = NULL;
    bool ok = colors != NULL && image != NULL;

    if (colors == NULL)
        throw_nomem(exception);
    if (ok)
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
    bool is_plain; /* red, green and blue and nothing else, as most images */
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
    layout.is_plain =
        layout.channel_count == PLAIN_CHANNELS && layout.color_count == PLAIN_CHANNELS &&
        layout.channels[0] == RedPixelChannel && layout.channels[1] == GreenPixelChannel &&
        layout.channels[2] == BluePixelChannel;
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

/* Samples of red, green and blue alone: those of one pixel, or of several alike. */
static void blend_samples(const Quantum *color, double coverage, size_t count, Quantum *samples)
{
    const double rounding = QUANTUM_IS_WHOLE ? 0.5 : 0.0;
    const double kept = 1.0 - coverage;
    double added[PLAIN_CHANNELS];
    size_t i = 0;

    for (size_t k = 0; k < PLAIN_CHANNELS; k++)
        added[k] = (double)color[k] * coverage + rounding;
    for (; i < count; i += PLAIN_CHANNELS) {
        for (size_t k = 0; k < PLAIN_CHANNELS; k++)
            samples[i + k] = (Quantum)(added[k] + (double)samples[i + k] * kept);
    }
}

/* The same of ink that lets nothing shine through, as most does not. */
static void cover_samples(const Quantum *color, size_t count, Quantum *samples)
{
    Quantum block[PLAIN_BLOCK];
    size_t i = 0;

    for (size_t k = 0; k < PLAIN_BLOCK && k < count; k++)
        block[k] = color[k % PLAIN_CHANNELS];
    for (; i + PLAIN_BLOCK <= count; i += PLAIN_BLOCK)
        memcpy(samples + i, block, sizeof block);
    for (size_t k = 0; i < count; i++, k++)
        samples[i] = block[k];
}

/* Ink that lets nothing shine through. */
static void cover(const Image *image, const struct layout *layout, const Quantum *color,
                  Quantum *pixel)
{
    for (size_t i = 0; i < layout->color_count; i++)
        pixel[layout->offsets[i]] = color[layout->channels[i]];
    if (layout->has_alpha)
        SetPixelAlpha(image, OpaqueAlpha, pixel);
}

/* What a row is painted with. */
struct brush {
    const struct ink *ink;
    const Image *image;
    Quantum levels[LEVEL_COUNT]; /* of sRGB's 8 bits */
    Quantum *colors; /* COLOR_CHANNELS for each of the ink's pixels; NULL = sRGB's own */
    struct layout layout;
    CacheView *view;
    size_t next; /* of the ink's pixels */
};

/* The colour of one of the ink's pixels. */
static void color_of(const struct brush *brush, size_t index, Quantum out[COLOR_CHANNELS])
{
    uint32_t argb = brush->ink->pixels[index];

    if (brush->colors != NULL) {
        memcpy(out, brush->colors + COLOR_CHANNELS * index, COLOR_CHANNELS * sizeof *out);
        return;
    }
    out[RedPixelChannel] = brush->levels[argb >> 16 & 0xFF];
    out[GreenPixelChannel] = brush->levels[argb >> 8 & 0xFF];
    out[BluePixelChannel] = brush->levels[argb & 0xFF];
    out[BlackPixelChannel] = 0;
}

/* Puts one of the ink's pixels on `length` of the image's. */
static void paint(const struct brush *brush, size_t index, size_t length, Quantum *pixels)
{
    const struct layout *layout = &brush->layout;
    uint32_t coverage = brush->ink->pixels[index] >> 24;
    Quantum color[COLOR_CHANNELS];

    color_of(brush, index, color);
    if (layout->is_plain && coverage == 255)
        cover_samples(color, PLAIN_CHANNELS * length, pixels);
    else if (layout->is_plain)
        blend_samples(color, coverage / 255.0, PLAIN_CHANNELS * length, pixels);
    else
        for (size_t i = 0; i < length; i++, pixels += layout->channel_count) {
            if (coverage == 255)
                cover(brush->image, layout, color, pixels);
            else
                blend(brush->image, layout, color, coverage / 255.0, pixels);
        }
}

/* Paints the run whose pixels are next. */
static void apply_run(struct brush *brush, const struct ink_run *run, Quantum *pixels)
{
    size_t length = (size_t)run->length_px;

    if (run->is_even)
        paint(brush, brush->next++, length, pixels);
    else
        for (size_t i = 0; i < length; i++)
            paint(brush, brush->next++, 1, pixels + i * brush->layout.channel_count);
}

/* Blends the runs of one row, `count` from `runs` on. */
static bool apply_row(struct brush *brush, const struct ink_run *runs, size_t count,
                      ExceptionInfo *exception)
{
    const struct ink_run *last = &runs[count - 1];
    size_t width = (size_t)(last->x_px + last->length_px - runs->x_px);
    Quantum *pixels =
        GetCacheViewAuthenticPixels(brush->view, runs->x_px, runs->y_px, width, 1, exception);

    if (pixels == NULL)
        return false;
    for (size_t i = 0; i < count; i++) /* or each would wait for memory on its own */
        __builtin_prefetch(
            pixels + (size_t)(runs[i].x_px - runs->x_px) * brush->layout.channel_count, 1);
    for (size_t i = 0; i < count; i++)
        apply_run(brush, &runs[i],
                  pixels + (size_t)(runs[i].x_px - runs->x_px) * brush->layout.channel_count);
    return SyncCacheViewAuthenticPixels(brush->view, exception) != MagickFalse;
}

/* How many runs from `first` on lie in its row. */
static size_t runs_in_row(const struct ink *ink, size_t first)
{
    size_t end = first + 1;

    while (end < ink->run_count && ink->runs[end].y_px == ink->runs[first].y_px)
        end++;
    return end - first;
}

/* Blends rendered ink into the image of `brush`. */
static bool apply(struct brush *brush, const struct ink *ink, ExceptionInfo *exception)
{
    bool ok = true;

    brush->ink = ink;
    brush->next = 0;
    if (brush->image->colorspace != sRGBColorspace) {
        brush->colors = convert_colors(ink, brush->image->colorspace, exception);
        ok = brush->colors != NULL;
    }
    for (size_t i = 0, count; ok && i < ink->run_count; i += count) {
        count = runs_in_row(ink, i);
        ok = apply_row(brush, &ink->runs[i], count, exception);
    }
    free(brush->colors);
    brush->colors = NULL;
    return ok;
}

/* Makes room for ink and a view on it. */
static bool take_brush(struct brush *out, Image *image, ExceptionInfo *exception)
{
    if (!ink_make_room(image, exception))
        return false;
    *out = (struct brush){.image = image, .layout = layout_of(image)};
    for (int i = 0; i < LEVEL_COUNT; i++)
        out->levels[i] = ClampToQuantum((double)QuantumRange * i / (LEVEL_COUNT - 1));
    out->view = AcquireAuthenticCacheView(image, exception);
    return out->view != NULL;
}

int ink_draw(const struct overlay *overlay, int orientation, Image *image, struct ir_error *err)
{
    const struct ir_rect picture = {0, 0, overlay->width_px, overlay->height_px};
    struct ink_renderer *renderer = NULL;
    const struct ink *ink = NULL;
    ExceptionInfo *exception;
    struct brush brush = {0};
    bool ok;
    int rc;

    if (!overlay_touches(overlay, &picture)) /* the image stays as it is, a palette too */
        return 0;
    rc = ink_renderer_new(overlay, orientation, &renderer, err);
    if (rc == 0)
        rc = ink_render_next(renderer, &ink, err);
    if (rc != 0) {
        ink_renderer_free(renderer);
        return rc;
    }
    exception = AcquireExceptionInfo();
    ok = take_brush(&brush, image, exception);
    while (ok && rc == 0 && ink != NULL) {
        ok = apply(&brush, ink, exception);
        if (ok)
            rc = ink_render_next(renderer, &ink, err);
    }
    if (!ok)
        rc = fail_magick(exception, "draw on the picture", err);
    if (brush.view != NULL)
        DestroyCacheView(brush.view);
    DestroyExceptionInfo(exception);
    ink_renderer_free(renderer);
    return rc;
}
