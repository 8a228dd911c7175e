/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scaling of 8-bit pixels. Shrinking averages the area that a target pixel covers, with fractions
 * at its edges, and needs two rows of floats, so a large picture is never whole in memory for it.
 */
#include "plugins/local/scale.h"

#include <math.h>
#include <string.h>

#include <imgrecog/error.h>

#include "core/base/alloc.h"

void scale_fit(int width_px, int height_px, int max_side_px, int *out_width_px, int *out_height_px)
{
    int longer_px = width_px > height_px ? width_px : height_px;
    *out_width_px = width_px;
    *out_height_px = height_px;
    if (longer_px <= max_side_px)
        return;
    double factor = (double)max_side_px / longer_px;
    int width = (int)lrint(width_px * factor);
    int height = (int)lrint(height_px * factor);
    *out_width_px = width < 1 ? 1 : width;
    *out_height_px = height < 1 ? 1 : height;
}

int shrink_init(struct shrink *shrink)
{
    size_t items = (size_t)shrink->target_width_px * (size_t)shrink->channels;
    shrink->row = ir_calloc(items, sizeof *shrink->row);
    shrink->total = ir_calloc(items, sizeof *shrink->total);
    shrink->rows_in = 0;
    shrink->rows_out = 0;
    if (shrink->row != NULL && shrink->total != NULL)
        return 0;
    shrink_release(shrink);
    return IR_ERR_NOMEM;
}

void shrink_release(struct shrink *shrink)
{
    ir_free(shrink->row);
    ir_free(shrink->total);
    shrink->row = NULL;
    shrink->total = NULL;
}

/* One source row into shrink->row: the mean of what each target column covers. */
static void shrink_across(struct shrink *shrink, const unsigned char *row)
{
    int channels = shrink->channels;
    double step = (double)shrink->source_width_px / shrink->target_width_px;
    for (int x = 0; x < shrink->target_width_px; x++) {
        double begin = x * step;
        double end = (x + 1) * step;
        int first = (int)begin;
        int last = (int)ceil(end);
        if (last > shrink->source_width_px)
            last = shrink->source_width_px;
        float sums[4] = {0.0F, 0.0F, 0.0F, 0.0F};
        for (int source_x = first; source_x < last; source_x++) {
            double left = source_x > begin ? source_x : begin;
            double right = source_x + 1 < end ? source_x + 1 : end;
            float weight = (float)(right - left);
            for (int c = 0; c < channels; c++)
                sums[c] += weight * (float)row[source_x * channels + c];
        }
        for (int c = 0; c < channels; c++)
            shrink->row[x * channels + c] = sums[c] / (float)step;
    }
}

static void add_row(struct shrink *shrink, float weight)
{
    size_t items = (size_t)shrink->target_width_px * (size_t)shrink->channels;
    for (size_t i = 0; i < items; i++)
        shrink->total[i] += weight * shrink->row[i];
}

static void finish_row(struct shrink *shrink, double rows_in_target)
{
    size_t items = (size_t)shrink->target_width_px * (size_t)shrink->channels;
    unsigned char *out = shrink->target + (size_t)shrink->rows_out * items;
    for (size_t i = 0; i < items; i++) {
        float value = shrink->total[i] / (float)rows_in_target + 0.5F;
        out[i] = value >= 255.0F ? 255 : (unsigned char)value;
        shrink->total[i] = 0.0F;
    }
    shrink->rows_out++;
}

void shrink_push(struct shrink *shrink, const unsigned char *row)
{
    if (shrink->rows_in >= shrink->source_height_px)
        return;
    if (shrink->target_width_px == shrink->source_width_px &&
        shrink->target_height_px == shrink->source_height_px) {
        size_t row_bytes = (size_t)shrink->source_width_px * (size_t)shrink->channels;
        memcpy(shrink->target + (size_t)shrink->rows_in * row_bytes, row, row_bytes);
        shrink->rows_in++;
        shrink->rows_out++;
        return;
    }
    shrink_across(shrink, row);
    double step = (double)shrink->source_height_px / shrink->target_height_px;
    double top = shrink->rows_in;
    double bottom = top + 1;
    bool last_row = ++shrink->rows_in == shrink->source_height_px;
    /* A source row may reach into two target rows; never more, since step >= 1. */
    double border = (shrink->rows_out + 1) * step;
    if (bottom < border && !last_row) {
        add_row(shrink, 1.0F);
        return;
    }
    double above = border < bottom ? border - top : 1.0;
    add_row(shrink, (float)above);
    finish_row(shrink, step);
    if (shrink->rows_out < shrink->target_height_px && bottom > border)
        add_row(shrink, (float)(bottom - border));
}

void scale_enlarge(const unsigned char *source, int source_width_px, int source_height_px,
                   unsigned char *target, int factor)
{
    int width = source_width_px * factor;
    int height = source_height_px * factor;
    for (int y = 0; y < height; y++) {
        double source_y = (y + 0.5) / factor - 0.5;
        int top = source_y < 0 ? 0 : (int)source_y;
        int bottom = top + 1 < source_height_px ? top + 1 : top;
        double down = source_y < 0 ? 0 : source_y - top;
        for (int x = 0; x < width; x++) {
            double source_x = (x + 0.5) / factor - 0.5;
            int left = source_x < 0 ? 0 : (int)source_x;
            int right = left + 1 < source_width_px ? left + 1 : left;
            double across = source_x < 0 ? 0 : source_x - left;
            const unsigned char *upper = source + (size_t)top * (size_t)source_width_px;
            const unsigned char *lower = source + (size_t)bottom * (size_t)source_width_px;
            double above = upper[left] + across * (upper[right] - upper[left]);
            double below = lower[left] + across * (lower[right] - lower[left]);
            target[(size_t)y * (size_t)width + (size_t)x] =
                (unsigned char)(above + down * (below - above) + 0.5);
        }
    }
}
