/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pixel properties.
 *
 *   brightness  mean luma
 *   contrast    standard deviation of luma, against that of a picture half black and half white
 *   sharpness   logarithm of the variance of the Laplacian of luma
 *   colours     k-means in OKLab over a grid of samples; seeds are the mean and then always the
 *               sample farthest from all seeds, so that the same pixels give the same colours;
 *               clusters that look alike are joined, rare ones dropped
 */
#include "plugins/local/properties.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "core/base/alloc.h"
#include "plugins/local/colors.h"

#define CHANNELS 3
#define WANTED_SAMPLES 10000
#define MAX_SAMPLES 16000
#define MAX_ROUNDS 12
#define ALIKE_SQUARED 0.0016F /* 0.04 in OKLab: a small but visible difference */
#define SETTLED_SQUARED 1e-7F
#define MIN_PART 0.005
#define MAX_DEVIATION 127.5
#define SHARPNESS_LOG_FULL 9.0 /* ln of a variance of about 8,000: hard black and white edges */

static struct ir_rect area_of(const struct image *image, struct ir_box box)
{
    return ir_box_to_pixels(box, image->width_px, image->height_px);
}

static int luma_at(const struct image *image, int x, int y)
{
    const unsigned char *pixel =
        image->rgb + ((size_t)y * (size_t)image->width_px + (size_t)x) * CHANNELS;
    return (pixel[0] * 299 + pixel[1] * 587 + pixel[2] * 114 + 500) / 1000;
}

/* Variance of the Laplacian over the inner pixels of the area; 0 when it has none. */
static double laplacian_variance(const struct image *image, const struct ir_rect *area)
{
    double sum = 0;
    double square_sum = 0;
    double count = 0;
    for (int y = area->top_px + 1; y < area->top_px + area->height_px - 1; y++) {
        for (int x = area->left_px + 1; x < area->left_px + area->width_px - 1; x++) {
            int value = 4 * luma_at(image, x, y) - luma_at(image, x - 1, y) -
                        luma_at(image, x + 1, y) - luma_at(image, x, y - 1) -
                        luma_at(image, x, y + 1);
            sum += value;
            square_sum += (double)value * value;
            count++;
        }
    }
    if (count < 1)
        return 0;
    double mean = sum / count;
    double variance = square_sum / count - mean * mean;
    return variance > 0 ? variance : 0;
}

static double percent(double value, double full)
{
    double pct = 100.0 * value / full;
    return pct < 0 ? 0 : pct > 100 ? 100 : pct;
}

struct quality properties_quality(const struct image *image, struct ir_box box)
{
    struct ir_rect area = area_of(image, box);
    double sum = 0;
    double square_sum = 0;
    double count = (double)area.width_px * area.height_px;
    for (int y = area.top_px; y < area.top_px + area.height_px; y++) {
        for (int x = area.left_px; x < area.left_px + area.width_px; x++) {
            int luma = luma_at(image, x, y);
            sum += luma;
            square_sum += (double)luma * luma;
        }
    }
    if (count < 1)
        return (struct quality){0, 0, 0};
    double mean = sum / count;
    double variance = square_sum / count - mean * mean;
    double deviation = variance > 0 ? sqrt(variance) : 0;
    double detail = log1p(laplacian_variance(image, &area));
    return (struct quality){percent(mean, 255.0), percent(detail, SHARPNESS_LOG_FULL),
                            percent(deviation, MAX_DEVIATION)};
}

/* ---- dominant colours -------------------------------------------------------------------- */

struct cluster {
    struct oklab center;
    int members;
};

struct clustering {
    struct oklab *samples;
    int sample_count;
    struct cluster clusters[PROPERTIES_MAX_COLORS];
    int cluster_count;
};

static void take_samples(const struct image *image, const struct ir_rect *area,
                         struct clustering *clustering)
{
    double pixels = (double)area->width_px * area->height_px;
    int step = (int)ceil(sqrt(pixels / WANTED_SAMPLES));
    if (step < 1)
        step = 1;
    for (int y = area->top_px + step / 2; y < area->top_px + area->height_px; y += step) {
        for (int x = area->left_px + step / 2; x < area->left_px + area->width_px; x += step) {
            if (clustering->sample_count == MAX_SAMPLES)
                return;
            const unsigned char *pixel =
                image->rgb + ((size_t)y * (size_t)image->width_px + (size_t)x) * CHANNELS;
            clustering->samples[clustering->sample_count++] =
                oklab_from_srgb(pixel[0], pixel[1], pixel[2]);
        }
    }
}

static int nearest_cluster(const struct clustering *clustering, struct oklab color,
                           float *out_distance)
{
    int nearest = 0;
    *out_distance = INFINITY;
    for (int i = 0; i < clustering->cluster_count; i++) {
        float distance = oklab_distance_squared(color, clustering->clusters[i].center);
        if (distance < *out_distance) {
            *out_distance = distance;
            nearest = i;
        }
    }
    return nearest;
}

/* The sample with the largest squared distance to its nearest cluster; returns that distance. */
static float find_farthest(const struct clustering *clustering, struct oklab *out)
{
    float farthest = 0;
    for (int i = 0; i < clustering->sample_count; i++) {
        float distance;
        nearest_cluster(clustering, clustering->samples[i], &distance);
        if (distance > farthest) {
            farthest = distance;
            *out = clustering->samples[i];
        }
    }
    return farthest;
}

/* The mean first, then what is farthest from all seeds, until everything is near one. */
static void choose_seeds(struct clustering *clustering, int max_colors)
{
    struct oklab mean = {0, 0, 0};
    float part = 1.0F / (float)clustering->sample_count;
    for (int i = 0; i < clustering->sample_count; i++) {
        mean.lightness += clustering->samples[i].lightness * part;
        mean.a += clustering->samples[i].a * part;
        mean.b += clustering->samples[i].b * part;
    }
    clustering->clusters[0].center = mean;
    clustering->cluster_count = 1;
    while (clustering->cluster_count < max_colors) {
        struct oklab seed = mean;
        if (find_farthest(clustering, &seed) < ALIKE_SQUARED)
            break;
        clustering->clusters[clustering->cluster_count++].center = seed;
    }
}

/* One round; returns the largest squared move of a center. */
static float move_centers(struct clustering *clustering)
{
    struct {
        double lightness, a, b;
    } sums[PROPERTIES_MAX_COLORS] = {{0, 0, 0}};
    for (int i = 0; i < clustering->cluster_count; i++)
        clustering->clusters[i].members = 0;
    for (int i = 0; i < clustering->sample_count; i++) {
        float distance;
        struct oklab sample = clustering->samples[i];
        int nearest = nearest_cluster(clustering, sample, &distance);
        sums[nearest].lightness += (double)sample.lightness;
        sums[nearest].a += (double)sample.a;
        sums[nearest].b += (double)sample.b;
        clustering->clusters[nearest].members++;
    }
    float largest = 0;
    for (int i = 0; i < clustering->cluster_count; i++) {
        struct cluster *cluster = &clustering->clusters[i];
        if (cluster->members == 0)
            continue;
        struct oklab center = {(float)(sums[i].lightness / cluster->members),
                               (float)(sums[i].a / cluster->members),
                               (float)(sums[i].b / cluster->members)};
        float move = oklab_distance_squared(center, cluster->center);
        largest = move > largest ? move : largest;
        cluster->center = center;
    }
    return largest;
}

static void join_alike(struct clustering *clustering)
{
    for (int i = 0; i < clustering->cluster_count; i++) {
        struct cluster *kept = &clustering->clusters[i];
        for (int j = i + 1; j < clustering->cluster_count; j++) {
            struct cluster *other = &clustering->clusters[j];
            if (kept->members == 0 || other->members == 0 ||
                oklab_distance_squared(kept->center, other->center) >= ALIKE_SQUARED)
                continue;
            float part = (float)other->members / (float)(kept->members + other->members);
            kept->center.lightness += (other->center.lightness - kept->center.lightness) * part;
            kept->center.a += (other->center.a - kept->center.a) * part;
            kept->center.b += (other->center.b - kept->center.b) * part;
            kept->members += other->members;
            other->members = 0;
        }
    }
}

static int more_members(const void *left, const void *right)
{
    const struct cluster *a = left;
    const struct cluster *b = right;
    return (b->members > a->members) - (b->members < a->members);
}

static void write_colors(struct clustering *clustering, struct color_list *out)
{
    qsort(clustering->clusters, (size_t)clustering->cluster_count, sizeof clustering->clusters[0],
          more_members);
    out->count = 0;
    for (int i = 0; i < clustering->cluster_count; i++) {
        const struct cluster *cluster = &clustering->clusters[i];
        double part = (double)cluster->members / clustering->sample_count;
        if (part < MIN_PART)
            continue;
        unsigned char rgb[3];
        oklab_to_srgb(cluster->center, rgb);
        out->items[out->count++] = (struct dominant_color){rgb[0],
                                                           rgb[1],
                                                           rgb[2],
                                                           color_css_name(cluster->center),
                                                           color_simplified_name(cluster->center),
                                                           100.0 * part};
    }
}

int properties_colors(const struct image *image, struct ir_box box, int max_colors,
                      struct color_list *out)
{
    struct ir_rect area = area_of(image, box);
    struct clustering clustering = {0};
    out->count = 0;
    if (max_colors <= 0)
        return 0;
    if (max_colors > PROPERTIES_MAX_COLORS)
        max_colors = PROPERTIES_MAX_COLORS;
    clustering.samples = ir_calloc(MAX_SAMPLES, sizeof *clustering.samples);
    if (clustering.samples == NULL)
        return IR_ERR_NOMEM;
    take_samples(image, &area, &clustering);
    if (clustering.sample_count > 0) {
        choose_seeds(&clustering, max_colors);
        for (int i = 0; i < MAX_ROUNDS; i++)
            if (move_centers(&clustering) < SETTLED_SQUARED)
                break;
        join_alike(&clustering);
        write_colors(&clustering, out);
    }
    ir_free(clustering.samples);
    return 0;
}
