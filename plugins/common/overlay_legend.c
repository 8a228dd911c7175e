/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns where the legend lies: a panel in the corner in which it hides least, with one or more
 * columns of lines. When it would hide much of a box everywhere, it gives up lines before it gives
 * up the picture.
 */
#include "plugins/common/overlay_private.h"

#include <float.h>

#define MAX_COLUMNS 6
#define MAX_HEIGHT_SHARE 0.55 /* of the picture's height */
#define MAX_AREA_SHARE 0.20   /* of the picture's area... */
#define BEARABLE_COST 0.45    /* about half of one small box hidden */
#define COLUMN_COST 0.02      /* a list is read more easily than a table */
#define WORTH_A_LINE 0.97     /* each line that is given up must save this much at least... */
#define WORTH_A_KEY 0.5       /* ...and one that says whose colour it is, half of its boxes */

/* A panel of a certain number of lines. */
struct panel {
    size_t line_count;
    size_t row_count; /* of every column but the last */
    int width_px;
    int height_px;
    int row_px;
    int column_px[MAX_COLUMNS]; /* widths */
};

static int max_int(int a, int b)
{
    return a > b ? a : b;
}

/* Sizes of a panel of the first `line_count` lines in `columns` columns. */
static struct panel measure(const struct overlay_metrics *m, const struct overlay_line *lines,
                            size_t line_count, size_t columns)
{
    struct panel panel = {.line_count = line_count};

    panel.row_count = (line_count + columns - 1) / columns;
    for (size_t i = 0; i < line_count; i++) {
        size_t column = i / panel.row_count;

        panel.column_px[column] = max_int(panel.column_px[column], lines[i].width_px);
        panel.row_px = max_int(panel.row_px, lines[i].height_px);
    }
    panel.row_px += m->gap_px;
    panel.width_px = 2 * m->panel_pad_px;
    for (size_t i = 0; i < columns; i++) {
        if (panel.column_px[i] > 0)
            panel.width_px += panel.column_px[i] + (i > 0 ? 2 * m->panel_pad_px : 0);
    }
    panel.height_px = 2 * m->panel_pad_px + (int)panel.row_count * panel.row_px;
    return panel;
}

/* What the panel would hide: the share of each box, and a little for lying on one at all. */
static double hidden(const struct overlay_scene *scene, const struct ir_rect *rect)
{
    double cost = 0;

    for (size_t i = 0; i < scene->box_count; i++) {
        double common = (double)rect_common(rect, &scene->boxes[i].rect);

        cost += common / (double)rect_area(&scene->boxes[i].rect);
        cost += 0.1 * common / (double)rect_area(rect);
    }
    return cost;
}

/* The corner that hides least; at a tie the earlier in reading habit for captions. */
static double best_corner(const struct overlay_scene *scene, const struct overlay_metrics *m,
                          const struct panel *panel, struct ir_rect *out)
{
    int right_px = scene->width_px - m->margin_px - panel->width_px;
    int bottom_px = scene->height_px - m->margin_px - panel->height_px;
    const struct ir_rect corners[] = {
        {m->margin_px, bottom_px, panel->width_px, panel->height_px},
        {right_px, bottom_px, panel->width_px, panel->height_px},
        {right_px, m->margin_px, panel->width_px, panel->height_px},
        {m->margin_px, m->margin_px, panel->width_px, panel->height_px},
    };
    double best = hidden(scene, &corners[0]);

    *out = corners[0];
    for (size_t i = 1; i < sizeof corners / sizeof corners[0]; i++) {
        double cost = hidden(scene, &corners[i]);

        if (cost < best) {
            best = cost;
            *out = corners[i];
        }
    }
    return best;
}

/* A panel, where it lies and what it hides there. */
struct choice {
    struct panel panel;
    struct ir_rect rect;
    double cost;
};

/* True when a panel of this size may lie on the picture. */
static bool allowed(const struct overlay_scene *scene, const struct overlay_metrics *m,
                    const struct panel *panel)
{
    double area = (double)panel->width_px * panel->height_px;
    double picture_area = (double)scene->width_px * scene->height_px;

    if (panel->width_px + 2 * m->margin_px > scene->width_px ||
        panel->height_px + 2 * m->margin_px > scene->height_px)
        return false;
    return panel->line_count <= m->legend_lines ||
           (panel->height_px <= MAX_HEIGHT_SHARE * scene->height_px &&
            area <= MAX_AREA_SHARE * picture_area);
}

/* The number of columns and the corner that hide least; a line count of 0 when none is allowed. */
static struct choice best_shape(const struct overlay_scene *scene, const struct overlay_metrics *m,
                                const struct overlay_line *lines, size_t line_count)
{
    struct choice best = {.cost = DBL_MAX};

    for (size_t columns = 1; columns <= MAX_COLUMNS && columns <= line_count; columns++) {
        struct choice choice = {.panel = measure(m, lines, line_count, columns)};

        if (!allowed(scene, m, &choice.panel))
            continue;
        choice.cost = best_corner(scene, m, &choice.panel, &choice.rect) + COLUMN_COST * columns;
        if (choice.cost < best.cost)
            best = choice;
    }
    return best;
}

static void put_lines(const struct overlay_metrics *m, const struct panel *panel,
                      const struct ir_rect *rect, struct overlay_line *lines)
{
    int left_px = rect->left_px + m->panel_pad_px;

    for (size_t i = 0; i < panel->line_count; i++) {
        size_t row = i % panel->row_count;

        if (i > 0 && row == 0)
            left_px += panel->column_px[i / panel->row_count - 1] + 2 * m->panel_pad_px;
        lines[i].rect =
            (struct ir_rect){left_px, rect->top_px + m->panel_pad_px + (int)row * panel->row_px,
                             panel->column_px[i / panel->row_count], panel->row_px};
    }
}

struct ir_rect overlay_legend_place(const struct overlay_scene *scene,
                                    const struct overlay_metrics *metrics,
                                    struct overlay_line *lines, size_t *line_count)
{
    struct choice best = {.cost = DBL_MAX};
    double bar = DBL_MAX; /* what a panel of this few lines must come below */

    for (size_t count = *line_count; count > 0; count--) {
        struct choice choice;

        if (best.panel.line_count > 0 &&
            (best.cost <= BEARABLE_COST || count < OVERLAY_MIN_LEGEND_LINES))
            break;
        choice = best_shape(scene, metrics, lines, count);
        if (choice.panel.line_count > 0 && choice.cost < bar) {
            best = choice;
            bar = best.cost;
        }
        if (count > metrics->legend_lines)
            bar *= WORTH_A_LINE;
        else if (count > 1) /* with a line less, the last one says what was left out */
            bar -= WORTH_A_KEY * (double)lines[count - 2].box_count;
    }
    if (best.panel.line_count > 0)
        put_lines(metrics, &best.panel, &best.rect, lines);
    *line_count = best.panel.line_count;
    return best.rect;
}
