/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the arithmetic: a separable cubic filter (Catmull-Rom, the one that GIMP calls cubic), as
 * wide as the picture is made smaller, on premultiplied values, so that the colour of transparent
 * pixels does not bleed. Source: Keys, "Cubic convolution interpolation for digital image
 * processing", 1981, with a = -0.5.
 *
 * Pixel i covers i to i + 1; what lies outside of the picture is as its nearest pixel.
 */
#include "plugins/gimp/resample.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include <glib.h>

#define CHANNELS 4
#define FILTER_RADIUS 2.0

/* What goes into each of `count` samples: `taps` weights, of samples from `first` on. */
struct axis {
    int count;
    int source_count;
    int taps;
    int *first;
    float *weights;
};

struct resample {
    struct resample_source source;
    struct axis x;
    struct axis y;
    float *row; /* of the source's width: the rows that go into one, weighed */
};

static double cubic(double x)
{
    x = fabs(x);
    if (x < 1.0)
        return (1.5 * x - 2.5) * x * x + 1.0;
    return x < FILTER_RADIUS ? ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0 : 0.0;
}

static void init_axis(struct axis *axis, int source_count, int count)
{
    double step = (double)source_count / count;
    double widen = MAX(step, 1.0);

    axis->count = count;
    axis->source_count = source_count;
    axis->taps = (int)ceil(2.0 * FILTER_RADIUS * widen) + 1;
    axis->first = g_new(int, (size_t)count);
    axis->weights = g_new(float, (size_t)count *(size_t)axis->taps);
    for (int i = 0; i < count; i++) {
        double centre = (i + 0.5) * step - 0.5;
        float *weights = axis->weights + (size_t)i * (size_t)axis->taps;
        double sum = 0.0;

        axis->first[i] = (int)ceil(centre - FILTER_RADIUS * widen);
        for (int tap = 0; tap < axis->taps; tap++)
            sum += cubic((axis->first[i] + tap - centre) / widen);
        for (int tap = 0; tap < axis->taps; tap++)
            weights[tap] = (float)(cubic((axis->first[i] + tap - centre) / widen) / sum);
    }
}

static void release_axis(struct axis *axis)
{
    g_free(axis->first);
    g_free(axis->weights);
}

struct resample *resample_new(const struct resample_source *source, int width_px, int height_px)
{
    struct resample *resample = g_new0(struct resample, 1);

    resample->source = *source;
    init_axis(&resample->x, source->width_px, width_px);
    init_axis(&resample->y, source->height_px, height_px);
    resample->row = g_new(float, (size_t)source->width_px *CHANNELS);
    return resample;
}

void resample_free(struct resample *resample)
{
    release_axis(&resample->x);
    release_axis(&resample->y);
    g_free(resample->row);
    g_free(resample);
}

static int source_of(const struct axis *axis, int i, int tap)
{
    return CLAMP(axis->first[i] + tap, 0, axis->source_count - 1);
}

/* The source's rows that go into row `y`, premultiplied: colours times alpha, and alpha; of them
 * the columns from `first` to `last`. */
static void weigh_rows(struct resample *resample, int y, int first, int last)
{
    size_t width = (size_t)resample->source.width_px;

    memset(resample->row, 0, width * CHANNELS * sizeof *resample->row);
    for (int tap = 0; tap < resample->y.taps; tap++) {
        float weight = resample->y.weights[(size_t)y * (size_t)resample->y.taps + (size_t)tap];
        size_t start = ((size_t)source_of(&resample->y, y, tap) * width + (size_t)first) * CHANNELS;
        const unsigned char *in = resample->source.rgba + start;
        float *out = resample->row + (size_t)first * CHANNELS;

        if (weight == 0.0F)
            continue;
        for (int x = first; x <= last; x++, in += CHANNELS, out += CHANNELS) {
            float alpha = weight * (float)in[3];

            out[0] += alpha * (float)in[0];
            out[1] += alpha * (float)in[1];
            out[2] += alpha * (float)in[2];
            out[3] += alpha;
        }
    }
}

static unsigned char to_byte(float value)
{
    return (unsigned char)(CLAMP(value, 0.0F, 255.0F) + 0.5F);
}

/* The pixel in column `x` of what weigh_rows has made. */
static void write_pixel(const struct resample *resample, int x, unsigned char *rgba)
{
    const float *weights = resample->x.weights + (size_t)x * (size_t)resample->x.taps;
    float sum[CHANNELS] = {0.0F};

    for (int tap = 0; tap < resample->x.taps; tap++) {
        const float *in = resample->row + (size_t)source_of(&resample->x, x, tap) * CHANNELS;

        for (int channel = 0; channel < CHANNELS; channel++)
            sum[channel] += weights[tap] * in[channel];
    }
    for (int channel = 0; channel < CHANNELS - 1; channel++)
        rgba[channel] = sum[3] > 0.0F ? to_byte(sum[channel] / sum[3]) : 0;
    rgba[3] = to_byte(sum[3]);
}

void resample_part(struct resample *resample, const struct ir_rect *part, unsigned char *rgba)
{
    int right = part->left_px + part->width_px;
    int first = source_of(&resample->x, part->left_px, 0);
    int last = source_of(&resample->x, right - 1, resample->x.taps - 1);

    for (int y = part->top_px; y < part->top_px + part->height_px; y++) {
        weigh_rows(resample, y, first, last);
        for (int x = part->left_px; x < right; x++, rgba += CHANNELS)
            write_pixel(resample, x, rgba);
    }
}
