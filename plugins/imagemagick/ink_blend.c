/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the arithmetic of ink on pixels: Porter and Duff's "over", in the image's own encoding. Only
 * samples of linear light are mixed as sRGB's: what lets half of a picture through looks so,
 * letters are as thick and contrasts as great as on any other picture.
 */
#include "plugins/imagemagick/ink_blend.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define PLAIN_CHANNELS 3 /* red, green and blue, and nothing else */
#define PLAIN_BLOCK 12   /* samples that are copied at once, a multiple of that */
#ifdef MAGICKCORE_HDRI_SUPPORT
#define QUANTUM_IS_WHOLE 0
#else
#define QUANTUM_IS_WHOLE 1
#endif

struct ink_layout ink_layout_of(const Image *image)
{
    struct ink_layout layout = {.image = image,
                                .channel_count = GetPixelChannels(image),
                                .has_alpha = image->alpha_trait != UndefinedPixelTrait,
                                .is_linear = image->colorspace == RGBColorspace ||
                                             image->colorspace == LinearGRAYColorspace};

    for (size_t i = 0; i < layout.channel_count && layout.color_count < INK_COLOR_CHANNELS; i++) {
        PixelChannel channel = GetPixelChannelChannel(image, (ssize_t)i);

        if (channel > BlackPixelChannel)
            continue;
        layout.offsets[layout.color_count] = i;
        layout.channels[layout.color_count++] = channel;
    }
    layout.is_plain =
        !layout.is_linear && layout.channel_count == PLAIN_CHANNELS &&
        layout.color_count == PLAIN_CHANNELS && layout.channels[0] == RedPixelChannel &&
        layout.channels[1] == GreenPixelChannel && layout.channels[2] == BluePixelChannel;
    return layout;
}

/* A sample as it is mixed, and back. */
static double to_mix(const struct ink_layout *layout, double sample)
{
    return layout->is_linear ? EncodePixelGamma(sample) : sample;
}

static double from_mix(const struct ink_layout *layout, double sample)
{
    return layout->is_linear ? DecodePixelGamma(sample) : sample;
}

/* One pixel of any layout. Without an alpha channel it is opaque. */
static void blend_pixel(const struct ink_layout *layout, const Quantum *color, double coverage,
                        Quantum *pixel)
{
    double below = layout->has_alpha
                       ? (double)GetPixelAlpha(layout->image, pixel) / (double)QuantumRange
                       : 1.0;
    double kept = fmin(fmax(below, 0.0), 1.0) * (1.0 - coverage); /* HDRI's may lie outside */
    double alpha = coverage + kept;                               /* > 0, since coverage is */

    for (size_t i = 0; i < layout->color_count; i++) {
        Quantum *sample = &pixel[layout->offsets[i]];
        double over = to_mix(layout, (double)color[layout->channels[i]]);
        double under = to_mix(layout, (double)*sample);

        *sample = ClampToQuantum(from_mix(layout, (over * coverage + under * kept) / alpha));
    }
    if (layout->has_alpha)
        SetPixelAlpha(layout->image, ClampToQuantum((double)QuantumRange * alpha), pixel);
}

/* Ink that lets nothing shine through. */
static void cover_pixel(const struct ink_layout *layout, const Quantum *color, Quantum *pixel)
{
    for (size_t i = 0; i < layout->color_count; i++)
        pixel[layout->offsets[i]] = color[layout->channels[i]];
    if (layout->has_alpha)
        SetPixelAlpha(layout->image, OpaqueAlpha, pixel);
}

/* The same of samples of red, green and blue alone. */
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

void ink_blend(const struct ink_layout *layout, const Quantum color[INK_COLOR_CHANNELS],
               double coverage, size_t count, Quantum *pixels)
{
    if (layout->is_plain && coverage >= 1)
        cover_samples(color, PLAIN_CHANNELS * count, pixels);
    else if (layout->is_plain)
        blend_samples(color, coverage, PLAIN_CHANNELS * count, pixels);
    else
        for (size_t i = 0; i < count; i++, pixels += layout->channel_count) {
            if (coverage >= 1)
                cover_pixel(layout, color, pixels);
            else
                blend_pixel(layout, color, coverage, pixels);
        }
}

/* How many of `count` bytes from `mask` on are 0, in steps of a word. */
static size_t empty_words(const unsigned char *mask, size_t count)
{
    uint64_t word = 0;
    size_t i = 0;

    for (; i + sizeof word <= count; i += sizeof word) {
        memcpy(&word, mask + i, sizeof word);
        if (word != 0)
            break;
    }
    return i;
}

void ink_blend_mask(const struct ink_layout *layout, const Quantum color[INK_COLOR_CHANNELS],
                    struct ink_mask mask, size_t count, Quantum *pixels)
{
    const double scale = mask.opacity / 255.0;

    for (size_t i = 0; i < count; i++) {
        const unsigned char *at = mask.first + (ptrdiff_t)i * mask.step;
        Quantum *pixel = pixels + i * layout->channel_count;

        if (*at == 0 && mask.step == 1) /* as between letters */
            i += empty_words(at + 1, count - i - 1);
        if (*at == 0)
            continue;
        if (!layout->is_plain)
            ink_blend(layout, color, scale * *at, 1, pixel);
        else if (*at == 255 && mask.opacity >= 1)
            memcpy(pixel, color, PLAIN_CHANNELS * sizeof *pixel);
        else
            blend_samples(color, scale * *at, PLAIN_CHANNELS, pixel);
    }
}
