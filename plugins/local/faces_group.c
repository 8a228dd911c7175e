/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Grouping of raw hits. Two hits belong together when all four edges differ by at most a tenth of
 * the sum of the smaller width and height; belonging is transitive. A group becomes the mean of its
 * hits. A group inside another one that has more hits is dropped.
 */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "core/base/alloc.h"
#include "plugins/local/faces_pyramid.h"

#define EPS 0.2
#define FEW_HITS 3

struct group {
    struct hit mean; /* sums first, then the mean */
    int count;
};

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

static bool similar(const struct hit *a, const struct hit *b)
{
    double delta =
        EPS * (smaller(a->width_px, b->width_px) + smaller(a->height_px, b->height_px)) * 0.5;
    return abs(a->left_px - b->left_px) <= delta && abs(a->top_px - b->top_px) <= delta &&
           abs(a->left_px + a->width_px - b->left_px - b->width_px) <= delta &&
           abs(a->top_px + a->height_px - b->top_px - b->height_px) <= delta;
}

static int find_root(int *parents, int index)
{
    while (parents[index] != index) {
        parents[index] = parents[parents[index]];
        index = parents[index];
    }
    return index;
}

static void add_hit(struct group *group, const struct hit *hit)
{
    group->mean.left_px += hit->left_px;
    group->mean.top_px += hit->top_px;
    group->mean.width_px += hit->width_px;
    group->mean.height_px += hit->height_px;
    if (group->count == 0 || hit->margin > group->mean.margin)
        group->mean.margin = hit->margin;
    group->count++;
}

static void take_mean(struct group *group)
{
    float part = 1.0F / (float)group->count;
    group->mean.left_px = (int)lrintf((float)group->mean.left_px * part);
    group->mean.top_px = (int)lrintf((float)group->mean.top_px * part);
    group->mean.width_px = (int)lrintf((float)group->mean.width_px * part);
    group->mean.height_px = (int)lrintf((float)group->mean.height_px * part);
}

static bool lies_in_larger(const struct group *small, const struct group *large)
{
    int across = (int)lrint(large->mean.width_px * EPS);
    int down = (int)lrint(large->mean.height_px * EPS);
    bool inside = small->mean.left_px >= large->mean.left_px - across &&
                  small->mean.top_px >= large->mean.top_px - down &&
                  small->mean.left_px + small->mean.width_px <=
                      large->mean.left_px + large->mean.width_px + across &&
                  small->mean.top_px + small->mean.height_px <=
                      large->mean.top_px + large->mean.height_px + down;
    int more = small->count > FEW_HITS ? small->count : FEW_HITS;
    return inside && (large->count > more || small->count < FEW_HITS);
}

static int write_groups(const struct group *groups, int group_count, int min_neighbors,
                        struct hit *out)
{
    int written = 0;
    for (int i = 0; i < group_count; i++) {
        bool keep = groups[i].count > min_neighbors;
        for (int j = 0; keep && j < group_count; j++)
            keep = j == i || groups[j].count <= min_neighbors ||
                   !lies_in_larger(&groups[i], &groups[j]);
        if (keep)
            out[written++] = groups[i].mean;
    }
    return written;
}

int hits_group(struct hit *hits, int count, int min_neighbors)
{
    int rc = IR_ERR_NOMEM;
    int group_count = 0;
    int *parents = ir_calloc((size_t)count, sizeof *parents);
    int *group_of = ir_calloc((size_t)count, sizeof *group_of);
    struct group *groups = ir_calloc((size_t)count, sizeof *groups);
    if (parents == NULL || group_of == NULL || groups == NULL)
        goto out;
    for (int i = 0; i < count; i++)
        parents[i] = i;
    for (int i = 0; i < count; i++)
        for (int j = 0; j < i; j++)
            if (similar(&hits[i], &hits[j]))
                parents[find_root(parents, j)] = find_root(parents, i);
    for (int i = 0; i < count; i++)
        group_of[i] = -1;
    for (int i = 0; i < count; i++) {
        int root = find_root(parents, i);
        if (group_of[root] < 0)
            group_of[root] = group_count++;
        add_hit(&groups[group_of[root]], &hits[i]);
    }
    for (int i = 0; i < group_count; i++)
        take_mean(&groups[i]);
    rc = write_groups(groups, group_count, min_neighbors, hits);
out:
    ir_free(parents);
    ir_free(group_of);
    ir_free(groups);
    return rc;
}
