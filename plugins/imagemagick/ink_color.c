/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns how the ink's sRGB becomes colours in an image's own encoding. In sRGB that is a table;
 * elsewhere ImageMagick converts, and what it said of a colour is kept, since ink has few.
 */
#include "plugins/imagemagick/ink_color.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void ink_colors_init(struct ink_colors *colors, ColorspaceType space)
{
    memset(colors, 0, sizeof *colors);
    colors->space = space;
    for (int i = 0; i < INK_LEVELS; i++)
        colors->levels[i] = ClampToQuantum((double)QuantumRange * i / (INK_LEVELS - 1));
    pthread_mutex_init(&colors->lock, NULL);
}

void ink_colors_release(struct ink_colors *colors)
{
    pthread_mutex_destroy(&colors->lock);
}

static uint32_t unpremultiplied(uint32_t value, uint32_t alpha)
{
    uint32_t full = alpha > 0 ? (value * 255 + alpha / 2) / alpha : 0;

    return full > 255 ? 255 : full;
}

/* 0xRRGGBB of cairo's ARGB32, which is premultiplied. */
static uint32_t rgb_of(uint32_t argb)
{
    uint32_t alpha = argb >> 24;

    if (alpha == 255)
        return argb & 0xFFFFFF;
    return unpremultiplied(argb >> 16 & 0xFF, alpha) << 16 |
           unpremultiplied(argb >> 8 & 0xFF, alpha) << 8 | unpremultiplied(argb & 0xFF, alpha);
}

static void level(const struct ink_colors *colors, uint32_t rgb, Quantum *out)
{
    out[RedPixelChannel] = colors->levels[rgb >> 16 & 0xFF];
    out[GreenPixelChannel] = colors->levels[rgb >> 8 & 0xFF];
    out[BluePixelChannel] = colors->levels[rgb & 0xFF];
    out[BlackPixelChannel] = 0;
}

/* ---- other colour spaces ----------------------------------------------------------------- */

static void *fail_nomem(ExceptionInfo *exception)
{
    (void)ThrowMagickException(exception, GetMagickModule(), ResourceLimitError,
                               "MemoryAllocationFailed", "`%s'", "imgrecog");
    return NULL;
}

/* Copies the colour channels of a row's pixels into `out`, INK_COLOR_CHANNELS a pixel. */
static void read_row(const Image *image, const Quantum *row, size_t count, Quantum *out)
{
    static const PixelChannel channels[INK_COLOR_CHANNELS] = {RedPixelChannel, GreenPixelChannel,
                                                              BluePixelChannel, BlackPixelChannel};

    for (size_t i = 0; i < count; i++) {
        for (size_t c = 0; c < INK_COLOR_CHANNELS; c++)
            out[INK_COLOR_CHANNELS * i + c] = GetPixelChannel(image, channels[c], row);
        row += GetPixelChannels(image);
    }
}

static bool read_image(const Image *image, Quantum *out, ExceptionInfo *exception)
{
    CacheView *view = AcquireVirtualCacheView(image, exception);
    const Quantum *row = NULL;

    if (view == NULL)
        return false;
    row = GetCacheViewVirtualPixels(view, 0, 0, image->columns, 1, exception);
    if (row != NULL)
        read_row(image, row, image->columns, out);
    DestroyCacheView(view);
    return row != NULL;
}

/* These colours as an image of one row. */
static Image *image_of(const uint32_t *argb, size_t count, ExceptionInfo *exception)
{
    unsigned char *bytes = malloc(3 * count);
    Image *image;

    if (bytes == NULL)
        return fail_nomem(exception);
    for (size_t i = 0; i < count; i++) {
        uint32_t rgb = rgb_of(argb[i]);

        bytes[3 * i] = (unsigned char)(rgb >> 16);
        bytes[3 * i + 1] = (unsigned char)(rgb >> 8);
        bytes[3 * i + 2] = (unsigned char)rgb;
    }
    image = ConstituteImage(count, 1, "RGB", CharPixel, bytes, exception);
    free(bytes);
    return image;
}

static bool convert(ColorspaceType space, const uint32_t *argb, size_t count, Quantum *out,
                    ExceptionInfo *exception)
{
    Image *image = image_of(argb, count, exception);
    bool ok = image != NULL && TransformImageColorspace(image, space, exception) != MagickFalse &&
              read_image(image, out, exception);

    if (image != NULL)
        DestroyImage(image);
    return ok;
}

/* ---- what is asked ----------------------------------------------------------------------- */

/* Looks among the known colours, and asks ImageMagick once of each; with the lock held. */
static bool look_up(struct ink_colors *colors, uint32_t rgb, Quantum *out, ExceptionInfo *exception)
{
    const uint32_t argb = 0xFF000000U | rgb;
    size_t i = 0;

    while (i < colors->known_count && colors->known[i].rgb != rgb)
        i++;
    if (i == colors->known_count) {
        if (!convert(colors->space, &argb, 1, out, exception))
            return false;
        if (i == INK_MAX_KNOWN)
            return true;
        colors->known[i].rgb = rgb;
        memcpy(colors->known[i].color, out, sizeof colors->known[i].color);
        colors->known_count++;
    }
    memcpy(out, colors->known[i].color, sizeof colors->known[i].color);
    return true;
}

bool ink_color_of(struct ink_colors *colors, struct overlay_color color,
                  Quantum out[INK_COLOR_CHANNELS], ExceptionInfo *exception)
{
    uint32_t rgb = (uint32_t)lround(255 * color.red) << 16 |
                   (uint32_t)lround(255 * color.green) << 8 | (uint32_t)lround(255 * color.blue);
    bool ok;

    if (colors->space == sRGBColorspace) {
        level(colors, rgb, out);
        return true;
    }
    pthread_mutex_lock(&colors->lock);
    ok = look_up(colors, rgb, out, exception);
    pthread_mutex_unlock(&colors->lock);
    return ok;
}

Quantum *ink_colors_of(const struct ink_colors *colors, const uint32_t *argb, size_t count,
                       ExceptionInfo *exception)
{
    Quantum *out = malloc(count * INK_COLOR_CHANNELS * sizeof *out);

    if (out == NULL)
        return fail_nomem(exception);
    if (colors->space == sRGBColorspace) {
        for (size_t i = 0; i < count; i++)
            level(colors, rgb_of(argb[i]), out + INK_COLOR_CHANNELS * i);
        return out;
    }
    if (convert(colors->space, argb, count, out, exception))
        return out;
    free(out);
    return NULL;
}
