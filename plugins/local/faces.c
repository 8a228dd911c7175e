/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finding faces: a window of the cascade's size is slid over ever smaller copies of the picture.
 *
 *   for each scale s = 1, 1.2, 1.44, ...   picture / s  ->  integral images
 *     for each window position             variance of the window  ->  stages, until one rejects
 *   hits  ->  groups  ->  boxes whose margin is high enough
 *
 * Steps are 2 pixels below scale 2 and 1 above it, and a window rejected by the first stage skips
 * its neighbour: as in OpenCV, whose boxes are the reference. Knows frontal faces only; says
 * nothing about who, how old or in what mood.
 */
#include "plugins/local/faces.h"

#include <math.h>
#include <string.h>

#include "core/base/alloc.h"
#include "plugins/local/deadline.h"
#include "plugins/local/faces_pyramid.h"

#define MAX_SCALES 64
#define MAX_HITS 8192
#define CORNERS 4
#define CONFIDENCE_SLOPE 3.2
#define CONFIDENCE_MIDDLE 1.7
#define FLAT_AREA_FACTOR 0.1F /* windows with less contrast than this are not looked at */

/* A feature as offsets from the window's first integral item. */
struct offset_feature {
    int corners[CASCADE_MAX_RECTS][CORNERS];
    float weights[CASCADE_MAX_RECTS]; /* the third is 0 when there are two */
};

struct search {
    const struct cascade *cascade;
    const struct faces_options *options;
    struct offset_feature *features;
    int norm_corners[CORNERS]; /* the window without its border of one pixel */
    int stride;
    unsigned char *level;
    uint16_t *row_pair;
    int32_t *sums;
    uint32_t *squares;
    struct hit *hits;
    int hit_count;
};

static void corners_of(int x, int y, int width, int height, int stride, int out[CORNERS])
{
    out[0] = y * stride + x;
    out[1] = out[0] + width;
    out[2] = (y + height) * stride + x;
    out[3] = out[2] + width;
}

static void offset_features(struct search *search)
{
    const struct cascade *cascade = search->cascade;
    for (size_t i = 0; i < cascade->feature_count; i++) {
        const struct cascade_feature *feature = &cascade->features[i];
        for (int r = 0; r < feature->rect_count; r++) {
            const struct cascade_rect *rect = &feature->rects[r];
            corners_of(rect->x_px, rect->y_px, rect->width_px, rect->height_px, search->stride,
                       search->features[i].corners[r]);
            search->features[i].weights[r] = rect->weight;
        }
    }
    corners_of(1, 1, cascade->window_width_px - 2, cascade->window_height_px - 2, search->stride,
               search->norm_corners);
}

static inline int sum_at(const int32_t *window, const int corners[CORNERS])
{
    return window[corners[0]] - window[corners[1]] - window[corners[2]] + window[corners[3]];
}

static inline float feature_at(const struct offset_feature *feature, const int32_t *window)
{
    float value = feature->weights[0] * (float)sum_at(window, feature->corners[0]) +
                  feature->weights[1] * (float)sum_at(window, feature->corners[1]);
    if (feature->weights[2] != 0.0F)
        value += feature->weights[2] * (float)sum_at(window, feature->corners[2]);
    return value;
}

/* One over the window's standard deviation times its area; 0 when the window is too flat. */
static float contrast_factor(const struct search *search, ptrdiff_t offset)
{
    const int *corners = search->norm_corners;
    const uint32_t *squares = search->squares + offset;
    double area =
        (double)(search->cascade->window_width_px - 2) * (search->cascade->window_height_px - 2);
    int sum = sum_at(search->sums + offset, corners);
    uint32_t square_sum =
        squares[corners[0]] - squares[corners[1]] - squares[corners[2]] + squares[corners[3]];
    double spread = area * square_sum - (double)sum * sum;
    if (spread <= 0.0)
        return 0.0F;
    float factor = (float)(1.0 / sqrt(spread));
    return area * factor < FLAT_AREA_FACTOR ? factor : 0.0F;
}

static double tree_value(const struct search *search, const struct cascade_tree *tree,
                         const int32_t *window, float factor)
{
    const struct cascade *cascade = search->cascade;
    int link = 0;
    do {
        const struct cascade_node *node = &cascade->nodes[tree->first_node + link];
        float value = feature_at(&search->features[node->feature_index], window) * factor;
        link = value < node->threshold ? node->left : node->right;
    } while (link > 0);
    return cascade->leaves[tree->first_leaf - link];
}

/* The number of stages passed; all of them is a hit, whose margin is written. */
static size_t run_stages(const struct search *search, const int32_t *window, float factor,
                         double *out_margin)
{
    const struct cascade *cascade = search->cascade;
    for (size_t i = 0; i < cascade->stage_count; i++) {
        const struct cascade_stage *stage = &cascade->stages[i];
        double sum = 0.0;
        for (int t = 0; t < stage->tree_count; t++)
            sum += tree_value(search, &cascade->trees[stage->first_tree + t], window, factor);
        *out_margin = sum - stage->threshold;
        if (sum < stage->threshold)
            return i;
    }
    return cascade->stage_count;
}

static int search_row(struct search *search, int y, int columns, int step, float scale)
{
    const struct cascade *cascade = search->cascade;
    for (int x = 0; x < columns; x += step) {
        ptrdiff_t offset = (ptrdiff_t)y * search->stride + x;
        float factor = contrast_factor(search, offset);
        if (factor == 0.0F)
            continue;
        double margin = 0.0;
        size_t passed = run_stages(search, search->sums + offset, factor, &margin);
        if (passed == 0)
            x += step;
        if (passed < cascade->stage_count)
            continue;
        if (search->hit_count == MAX_HITS)
            return IR_ERR_TOO_LARGE;
        search->hits[search->hit_count++] =
            (struct hit){(int)lrintf((float)x * scale), (int)lrintf((float)y * scale),
                         (int)lrintf((float)cascade->window_width_px * scale),
                         (int)lrintf((float)cascade->window_height_px * scale), margin};
    }
    return 0;
}

static int search_level(struct search *search, const struct gray *gray, float scale)
{
    const struct cascade *cascade = search->cascade;
    int width = (int)lrintf((float)gray->width_px / scale);
    int height = (int)lrintf((float)gray->height_px / scale);
    int step = scale >= 2.0F ? 1 : 2;
    pyramid_resize(gray, width, height, search->level, search->row_pair);
    pyramid_integral(search->level, width, height, search->stride, search->sums, search->squares);
    int columns = width + 1 - cascade->window_width_px;
    int rows = height + 1 - cascade->window_height_px;
    for (int y = 0; y < rows; y += step) {
        if (deadline_passed(search->options->deadline_ms))
            return IR_ERR_TIMEOUT;
        int rc = search_row(search, y, columns, step, scale);
        if (rc != 0)
            return rc;
    }
    return 0;
}

static int search_levels(struct search *search, const struct gray *gray)
{
    const struct cascade *cascade = search->cascade;
    double factor = 1.0;
    for (int i = 0; i < MAX_SCALES; i++) {
        if (i > 0)
            factor *= search->options->scale_step;
        int window_width = (int)lrint(cascade->window_width_px * factor);
        int window_height = (int)lrint(cascade->window_height_px * factor);
        if (window_width > gray->width_px || window_height > gray->height_px)
            break;
        if (window_width < search->options->min_side_px ||
            window_height < search->options->min_side_px)
            continue;
        int rc = search_level(search, gray, (float)factor);
        if (rc != 0)
            return rc;
    }
    return 0;
}

static void keep_best(const struct search *search, const struct gray *gray, struct face_list *out)
{
    out->count = 0;
    for (int i = 0; i < search->hit_count; i++) {
        const struct hit *hit = &search->hits[i];
        if (hit->margin < search->options->min_margin)
            continue;
        int right = hit->left_px + hit->width_px;
        int bottom = hit->top_px + hit->height_px;
        struct face face = {.margin = hit->margin};
        face.box.left_px = hit->left_px < 0 ? 0 : hit->left_px;
        face.box.top_px = hit->top_px < 0 ? 0 : hit->top_px;
        face.box.width_px = (right > gray->width_px ? gray->width_px : right) - face.box.left_px;
        face.box.height_px =
            (bottom > gray->height_px ? gray->height_px : bottom) - face.box.top_px;
        face.confidence_pct =
            100.0 / (1.0 + exp(-CONFIDENCE_SLOPE * (hit->margin - CONFIDENCE_MIDDLE)));
        int place = out->count < FACES_MAX ? out->count : FACES_MAX - 1;
        if (out->count == FACES_MAX && out->items[place].margin >= face.margin)
            continue;
        for (; place > 0 && out->items[place - 1].margin < face.margin; place--)
            out->items[place] = out->items[place - 1];
        out->items[place] = face;
        if (out->count < FACES_MAX)
            out->count++;
    }
}

struct faces_options faces_options_for(const struct gray *gray, int64_t deadline_ms)
{
    int longer = gray->width_px > gray->height_px ? gray->width_px : gray->height_px;
    return (struct faces_options){.scale_step = FACES_SCALE_STEP,
                                  .min_neighbors = FACES_MIN_NEIGHBORS,
                                  .min_side_px = (int)lrint(longer * FACES_MIN_PART),
                                  .min_margin = FACES_MIN_MARGIN,
                                  .deadline_ms = deadline_ms};
}

int faces_find(const struct cascade *cascade, const struct gray *gray,
               const struct faces_options *options, struct face_list *out)
{
    int rc = IR_ERR_NOMEM;
    struct search search = {.cascade = cascade, .options = options, .stride = gray->width_px + 1};
    size_t items = (size_t)(gray->width_px + 1) * (size_t)(gray->height_px + 1);
    search.features = ir_calloc(cascade->feature_count, sizeof *search.features);
    search.level = ir_malloc(items);
    search.row_pair = ir_calloc((size_t)gray->width_px * 2, sizeof *search.row_pair);
    search.sums = ir_calloc(items, sizeof *search.sums);
    search.squares = ir_calloc(items, sizeof *search.squares);
    search.hits = ir_calloc(MAX_HITS, sizeof *search.hits);
    if (search.features == NULL || search.level == NULL || search.row_pair == NULL ||
        search.sums == NULL || search.squares == NULL || search.hits == NULL)
        goto out;
    offset_features(&search);
    rc = search_levels(&search, gray);
    if (rc == 0 && search.hit_count > 0) {
        rc = hits_group(search.hits, search.hit_count, options->min_neighbors);
        search.hit_count = rc > 0 ? rc : 0;
    }
    if (rc >= 0) {
        keep_best(&search, gray, out);
        rc = 0;
    }
out:
    ir_free(search.features);
    ir_free(search.level);
    ir_free(search.row_pair);
    ir_free(search.sums);
    ir_free(search.squares);
    ir_free(search.hits);
    return rc;
}
