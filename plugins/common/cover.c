/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the rectangles and the grid of colours:
 *
 *   rectangles --margin--> --joined where they overlap--> first all painted in one colour; then
 * each is painted from a grid of colours:
 *
 *          top[0] top[1] top[2]        means of the pixels just outside, one a cell
 *          +------+------+------+
 *  left[0] |      |      |      | right[0]     a cell is the mean of its row's and column's ends,
 *          +------+------+------+              the nearer ones counting more
 *  left[1] |      |      |      | right[1]
 *          +------+------+------+
 *          bottom[0] ...
 *
 * A mosaic shows the cells, each a little lighter or darker by its place in the grid; a blur runs
 * between them, moved towards the opposite shade, so that one sees that something was hidden.
 */
#include "plugins/common/cover.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "plugins/common/rect.h"

#define MIN_MARGIN_PX 4
#define CELLS_ACROSS 5   /* of a place's shorter side */
#define MAX_CELLS 48     /* of either side */
#define MOSAIC_SPAN 0.20 /* of full scale: how far cells lie apart in lightness */
#define BLUR_SHIFT 0.18  /* part of the way to the opposite shade */
/* More places than this are joined into one: a service that sends so many is not to be trusted. */
#define MAX_PLACES 2000

/* ---- places ------------------------------------------------------------------------------ */

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

static struct ir_rect joined(const struct ir_rect *a, const struct ir_rect *b)
{
    int left = smaller(a->left_px, b->left_px);
    int top = smaller(a->top_px, b->top_px);

    return (struct ir_rect){left, top, larger(rect_right(a), rect_right(b)) - left,
                            larger(rect_bottom(a), rect_bottom(b)) - top};
}

static struct ir_rect enlarged(struct ir_rect rect, double margin_frac, int width_px, int height_px)
{
    double wanted_px = ceil(margin_frac * smaller(rect.width_px, rect.height_px));
    int margin_px = larger((int)fmin(wanted_px, larger(width_px, height_px)), MIN_MARGIN_PX);
    int left = larger(rect.left_px - margin_px, 0);
    int top = larger(rect.top_px - margin_px, 0);

    return (struct ir_rect){left, top,
                            smaller(rect.left_px + rect.width_px + margin_px, width_px) - left,
                            smaller(rect.top_px + rect.height_px + margin_px, height_px) - top};
}

/* Joins the place to an earlier one that it overlaps by half of either; else appends it. */
static void add_place(struct cover_places *places, struct ir_rect place)
{
    size_t i = 0;

    while (i < places->count) {
        struct ir_rect *other = &places->items[i];
        int64_t least = rect_area(other) < rect_area(&place) ? rect_area(other) : rect_area(&place);

        if (places->count < MAX_PLACES && 2 * rect_common(other, &place) < least) {
            i++;
            continue;
        }
        place = joined(other, &place); /* larger now: it may overlap those before, too */
        *other = places->items[--places->count];
        i = 0;
    }
    places->items[places->count++] = place;
}

bool cover_places_init(struct cover_places *out)
{
    *out = (struct cover_places){malloc((MAX_PLACES + 1) * sizeof *out->items), 0};
    return out->items != NULL;
}

void cover_places_release(struct cover_places *places)
{
    free(places->items);
}

void cover_places_add(struct cover_places *places, struct ir_rect rect, double margin_frac,
                      int width_px, int height_px)
{
    add_place(places, enlarged(rect, margin_frac, width_px, height_px));
}

/* ---- colours from around ----------------------------------------------------------------- */

struct grid {
    struct ir_rect place;
    int columns;
    int rows;
    enum cover_look look;
    double full;
    double cells[MAX_CELLS * MAX_CELLS][COVER_COLORS];
};

/* The means along the four sides; a side at the picture's edge has none. */
struct border {
    bool has[4]; /* top, bottom, left, right */
    double means[4][MAX_CELLS][COVER_COLORS];
};

static int cell_start(int length_px, int cells, int cell)
{
    return (int)((int64_t)length_px * cell / cells);
}

/* The run of pixels just outside of `place` beside a cell of one side. */
static struct ir_rect beside(const struct grid *grid, int side, int cell)
{
    const struct ir_rect *place = &grid->place;
    bool across = side < 2;
    int cells = across ? grid->columns : grid->rows;
    int length_px = across ? place->width_px : place->height_px;
    int start = cell_start(length_px, cells, cell);
    int run_px = larger(cell_start(length_px, cells, cell + 1) - start, 1);

    if (across)
        return (struct ir_rect){place->left_px + start,
                                side == 0 ? place->top_px - 1 : place->top_px + place->height_px,
                                run_px, 1};
    return (struct ir_rect){side == 2 ? place->left_px - 1 : place->left_px + place->width_px,
                            place->top_px + start, 1, run_px};
}

static bool read_border(const struct grid *grid, const struct cover_surface *surface,
                        struct border *out)
{
    const struct ir_rect *place = &grid->place;
    bool ok = true;

    out->has[0] = place->top_px > 0;
    out->has[1] = place->top_px + place->height_px < surface->height_px;
    out->has[2] = place->left_px > 0;
    out->has[3] = place->left_px + place->width_px < surface->width_px;
    for (int side = 0; side < 4; side++) {
        int cells = side < 2 ? grid->columns : grid->rows;

        for (int cell = 0; ok && out->has[side] && cell < cells; cell++) {
            struct ir_rect run = beside(grid, side, cell);

            ok = surface->mean(surface->context, &run, out->means[side][cell]);
        }
    }
    return ok;
}

/* A number from -0.5 to 0.5 that belongs to a place in the grid and to nothing in the picture. */
static double shade_of(int column, int row)
{
    uint32_t hash = (uint32_t)column * 2654435761U ^ ((uint32_t)row + 1U) * 2246822519U;

    hash ^= hash >> 15;
    hash *= 2654435769U;
    return (double)(hash >> 16) / 65535.0 - 0.5;
}

static void make_cell(struct grid *grid, const struct border *border, int column, int row)
{
    double *cell = grid->cells[row * MAX_CELLS + column];
    double across = (column + 0.5) / grid->columns;
    double down = (row + 0.5) / grid->rows;
    const double distances[4] = {down, 1.0 - down, across, 1.0 - across};
    double sum = 0.0;

    for (size_t c = 0; c < COVER_COLORS; c++)
        cell[c] = 0.0;
    for (int side = 0; side < 4; side++) {
        const double *mean = border->means[side][side < 2 ? column : row];

        if (!border->has[side])
            continue;
        sum += 1.0 / distances[side];
        for (size_t c = 0; c < COVER_COLORS; c++)
            cell[c] += mean[c] / distances[side];
    }
    for (size_t c = 0; c < COVER_COLORS; c++) {
        double value = sum > 0.0 ? cell[c] / sum : grid->full / 2.0;

        if (grid->look == COVER_MOSAIC)
            value += shade_of(column, row) * MOSAIC_SPAN * grid->full;
        else
            value += BLUR_SHIFT * (grid->full - 2.0 * value);
        cell[c] = fmin(fmax(value, 0.0), grid->full);
    }
}

static int cell_count(int length_px, int short_px)
{
    int cell_px = larger(short_px / CELLS_ACROSS, MIN_MARGIN_PX);

    return smaller(larger((length_px + cell_px / 2) / cell_px, 1), MAX_CELLS);
}

static void mosaic_color(const void *context, int x_px, int y_px, double out[COVER_COLORS])
{
    const struct grid *grid = context;
    int column = (int)((int64_t)x_px * grid->columns / grid->place.width_px);
    int row = (int)((int64_t)y_px * grid->rows / grid->place.height_px);

    for (size_t c = 0; c < COVER_COLORS; c++)
        out[c] = grid->cells[row * MAX_CELLS + column][c];
}

static double between(double a, double b, double part)
{
    return a + (b - a) * part;
}

/* Between the middles of the four nearest cells. */
static void blur_color(const void *context, int x_px, int y_px, double out[COVER_COLORS])
{
    const struct grid *grid = context;
    double x = (x_px + 0.5) * grid->columns / grid->place.width_px - 0.5;
    double y = (y_px + 0.5) * grid->rows / grid->place.height_px - 0.5;
    double within_x = fmin(fmax(x, 0.0), grid->columns - 1);
    double within_y = fmin(fmax(y, 0.0), grid->rows - 1);
    int left = (int)within_x;
    int top = (int)within_y;
    int right = smaller(left + 1, grid->columns - 1);
    int bottom = smaller(top + 1, grid->rows - 1);

    for (size_t c = 0; c < COVER_COLORS; c++) {
        double above = between(grid->cells[top * MAX_CELLS + left][c],
                               grid->cells[top * MAX_CELLS + right][c], within_x - left);
        double below = between(grid->cells[bottom * MAX_CELLS + left][c],
                               grid->cells[bottom * MAX_CELLS + right][c], within_x - left);

        out[c] = between(above, below, within_y - top);
    }
}

/* ---- painting ---------------------------------------------------------------------------- */

static void one_color(const void *context, int x_px, int y_px, double out[COVER_COLORS])
{
    (void)x_px;
    (void)y_px;
    for (size_t i = 0; i < COVER_COLORS; i++)
        out[i] = ((const double *)context)[i];
}

/* From around the place. `grid` and `border` are room to work in. */
static bool cover(const struct cover_surface *surface, const struct ir_rect *place,
                  struct grid *grid, struct border *border)
{
    int short_px = smaller(place->width_px, place->height_px);

    grid->place = *place;
    grid->columns = cell_count(place->width_px, short_px);
    grid->rows = cell_count(place->height_px, short_px);
    if (!read_border(grid, surface, border))
        return false;
    for (int row = 0; row < grid->rows; row++)
        for (int column = 0; column < grid->columns; column++)
            make_cell(grid, border, column, row);
    return surface->paint(surface->context, place,
                          grid->look == COVER_MOSAIC ? mosaic_color : blur_color, grid);
}

bool cover_paint(const struct cover_surface *surface, enum cover_look look,
                 const double base[COVER_COLORS], const struct cover_places *places)
{
    struct grid *grid = malloc(sizeof *grid);
    struct border *border = malloc(sizeof *border);
    bool ok = grid != NULL && border != NULL;

    for (size_t i = 0; ok && i < places->count; i++)
        ok = surface->paint(surface->context, &places->items[i], one_color, base);
    if (grid != NULL) {
        grid->look = look;
        grid->full = surface->full;
    }
    for (size_t i = 0; ok && look != COVER_FILL && i < places->count; i++)
        ok = cover(surface, &places->items[i], grid, border);
    free(border);
    free(grid);
    return ok;
}
