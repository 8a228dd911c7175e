/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns which labels are shown and in which order. However many a service sends, memory is that of
 * the most that can be shown, twice: when the room is full, the better half stays.
 */
#include "plugins/common/overlay_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool overlay_picks_init(struct overlay_picks *picks, size_t max_count)
{
    picks->items = malloc(2 * max_count * sizeof *picks->items);
    picks->max_count = max_count;
    return picks->items != NULL;
}

void overlay_picks_release(struct overlay_picks *picks)
{
    free(picks->items);
}

static int compare_reals(double a, double b)
{
    return a > b ? -1 : a < b;
}

/* By what the user chose. */
static int compare_wanted(const struct overlay_pick *a, const struct overlay_pick *b)
{
    if (a->sort == OVERLAY_BY_NAME)
        return strcmp(a->name, b->name);
    return a->sort == OVERLAY_BY_SIZE ? compare_reals(a->area, b->area) : 0;
}

static int compare_picks(const void *a, const void *b)
{
    const struct overlay_pick *first = a;
    const struct overlay_pick *second = b;
    int order = (int)second->first_of_name - (int)first->first_of_name;

    if (order == 0)
        order = compare_wanted(first, second);
    if (order == 0)
        order = compare_reals(first->confidence_pct, second->confidence_pct);
    if (order == 0)
        order = compare_reals(first->area, second->area);
    if (order == 0)
        order = first->label_index < second->label_index ? -1 : 1;
    return order;
}

static void keep_best(struct overlay_picks *picks)
{
    qsort(picks->items, picks->count, sizeof *picks->items, compare_picks);
    if (picks->count > picks->max_count)
        picks->count = picks->max_count;
}

static void add_pick(struct overlay_picks *picks, const struct ir_label *label, size_t label_index,
                     enum overlay_sort sort)
{
    struct ir_box box = label->box;

    if (picks->count == 2 * picks->max_count)
        keep_best(picks);
    picks->seen++;
    picks->items[picks->count++] = (struct overlay_pick){
        .label_index = label_index,
        .name = label->name,
        .confidence_pct = isfinite(label->confidence_pct) ? label->confidence_pct : 0,
        .area = label->has_box && ir_box_clamp(&box) ? box.width_frac * box.height_frac : 0,
        .sort = sort,
    };
}

static bool is_wanted(const struct overlay_style *style, const struct ir_label *label)
{
    const char *rest = style->only;
    struct overlay_name name;

    if (style->form == OVERLAY_NONE)
        return false;
    while (rest != NULL && overlay_only_next(&rest, &name))
        if (overlay_only_fits(&name, label))
            return true;
    return style->only == NULL;
}

void overlay_pick(const struct ir_result *result, const struct overlay_style *style,
                  struct overlay_picks *boxed, struct overlay_picks *boxless)
{
    size_t count = ir_result_label_count(result);

    for (size_t i = 0; i < count; i++) {
        const struct ir_label *label = ir_result_get_label(result, i);
        struct ir_box box = label->box;

        if (!is_wanted(style, label))
            continue;
        if (!label->has_box)
            add_pick(boxless, label, i, style->sort);
        else if (ir_box_clamp(&box))
            add_pick(boxed, label, i, style->sort);
    }
    keep_best(boxed);
    keep_best(boxless);
}

void overlay_favour_first_of_name(struct overlay_picks *picks)
{
    for (size_t i = 0; i < picks->count; i++) {
        size_t j = 0;

        while (j < i && strcmp(picks->items[j].name, picks->items[i].name) != 0)
            j++;
        picks->items[i].first_of_name = j == i;
    }
    qsort(picks->items, picks->count, sizeof *picks->items, compare_picks);
}

bool overlay_key_picks(struct overlay_picks *picks)
{
    bool is_news = false;

    for (size_t i = 0; i < picks->count; i++) {
        bool is_new = !picks->items[i].has_plate && !picks->items[i].is_keyed;

        is_news = is_news || is_new;
        for (size_t j = 0; is_new && j < picks->count; j++)
            if (strcmp(picks->items[j].name, picks->items[i].name) == 0)
                picks->items[j].is_keyed = true;
    }
    return is_news;
}

void overlay_tell_picks(struct overlay_picks *picks, const char *name)
{
    for (size_t i = 0; i < picks->count; i++)
        if (strcmp(picks->items[i].name, name) == 0)
            picks->items[i].is_told = true;
}

void overlay_color_picks(struct overlay_picks *picks, const struct overlay_style *style)
{
    bool taken[OVERLAY_MAX_COLORS] = {false};

    for (size_t i = 0; i < picks->count; i++) {
        struct overlay_pick *pick = &picks->items[i];
        size_t first = 0;

        if (pick->first_of_name) {
            pick->color = overlay_color_of(style, pick->name, taken);
            continue;
        }
        while (strcmp(picks->items[first].name, pick->name) != 0)
            first++;
        pick->color = picks->items[first].color;
    }
}
