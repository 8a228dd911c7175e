/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns what a hidden place looks like. Works on the samples as they are stored, in any colour space
 * and depth.
 *
 *   boxes --orientation, margin--> rectangles --joined where they overlap--> first all made gray,
 *   so that no place sees what lay in its neighbour; then each is painted from a grid of colours:
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
#include "plugins/common/redact.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "plugins/common/fail.h"
#include "plugins/common/magick_error.h"
#include "plugins/common/magick_outgoing.h"

#define MIN_MARGIN_PX 4
#define CELLS_ACROSS 5   /* of a place's shorter side */
#define MAX_CELLS 48     /* of either side */
#define COLORS 4         /* red or gray, green, blue, black */
#define MOSAIC_SPAN 0.20 /* of full scale: how far cells lie apart in lightness */
#define BLUR_SHIFT 0.18  /* part of the way to the opposite shade */
/* More places than this are joined into one: a service that sends so many is not to be trusted. */
#define MAX_PLACES 2000

static const PixelChannel color_channels[COLORS] = {RedPixelChannel, GreenPixelChannel,
                                                    BluePixelChannel, BlackPixelChannel};

/* ---- places ------------------------------------------------------------------------------ */

struct places {
    struct ir_rect *items;
    size_t count;
};

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

    return (struct ir_rect){left, top,
                            larger(a->left_px + a->width_px, b->left_px + b->width_px) - left,
                            larger(a->top_px + a->height_px, b->top_px + b->height_px) - top};
}

static int64_t area_of(const struct ir_rect *rect)
{
    return (int64_t)rect->width_px * rect->height_px;
}

static int64_t common_area(const struct ir_rect *a, const struct ir_rect *b)
{
    int width = smaller(a->left_px + a->width_px, b->left_px + b->width_px) -
                larger(a->left_px, b->left_px);
    int height =
        smaller(a->top_px + a->height_px, b->top_px + b->height_px) - larger(a->top_px, b->top_px);

    return width > 0 && height > 0 ? (int64_t)width * height : 0;
}

/* The stored pixels of an upright box, with a margin. */
static struct ir_rect place_of(const Image *image, struct ir_box box, double margin_frac)
{
    int width_px = (int)image->columns;
    int height_px = (int)image->rows;
    struct ir_rect rect = ir_box_to_pixels(
        ir_box_upright_to_stored(box, outgoing_orientation(image)), width_px, height_px);
    double wanted_px = ceil(margin_frac * smaller(rect.width_px, rect.height_px));
    int margin_px = larger((int)fmin(wanted_px, larger(width_px, height_px)), MIN_MARGIN_PX);
    int left = larger(rect.left_px - margin_px, 0);
    int top = larger(rect.top_px - margin_px, 0);

    return (struct ir_rect){left, top,
                            smaller(rect.left_px + rect.width_px + margin_px, width_px) - left,
                            smaller(rect.top_px + rect.height_px + margin_px, height_px) - top};
}

/* Joins the place to an earlier one that it overlaps by half of either; else appends it. */
static void add_place(struct places *places, struct ir_rect place)
{
    size_t i = 0;

    while (i < places->count) {
        struct ir_rect *other = &places->items[i];
        int64_t least = area_of(other) < area_of(&place) ? area_of(other) : area_of(&place);

        if (places->count < MAX_PLACES && 2 * common_area(other, &place) < least) {
            i++;
            continue;
        }
        place = joined(other, &place); /* larger now: it may overlap those before, too */
        *other = places->items[--places->count];
        i = 0;
    }
    places->items[places->count++] = place;
}

static bool find_places(struct places *out, const Image *image, double margin_frac,
                        const struct ir_box *boxes, size_t box_count)
{
    *out = (struct places){malloc((MAX_PLACES + 1) * sizeof *out->items), 0};
    for (size_t i = 0; out->items != NULL && i < box_count; i++) {
        struct ir_box box = boxes[i];

        if (ir_box_clamp(&box))
            add_place(out, place_of(image, box, margin_frac));
    }
    return out->items != NULL;
}

/* ---- pixels ------------------------------------------------------------------------------ */

static void set_pixel(const Image *image, const double color[COLORS], Quantum *pixel)
{
    for (size_t i = 0; i < GetPixelChannels(image); i++) {
        PixelChannel channel = GetPixelChannelChannel(image, (ssize_t)i);

        if (channel <= BlackPixelChannel)
            pixel[i] = ClampToQuantum(color[channel]);
        else if (channel == AlphaPixelChannel)
            pixel[i] = OpaqueAlpha;
        else if (channel >= MetaPixelChannels)
            pixel[i] = 0;
    }
}

/* Gives a colour for each pixel of a place, counted from the place's corner. */
typedef void (*color_fn)(const void *context, int x_px, int y_px, double out[COLORS]);

static bool paint(CacheView *view, const struct ir_rect *place, color_fn color_at,
                  const void *context, ExceptionInfo *exception)
{
    const Image *image = GetCacheViewImage(view);
    double color[COLORS];

    for (int y = 0; y < place->height_px; y++) {
        Quantum *row = GetCacheViewAuthenticPixels(view, place->left_px, place->top_px + y,
                                                   (size_t)place->width_px, 1, exception);

        if (row == NULL)
            return false;
        for (int x = 0; x < place->width_px; x++, row += GetPixelChannels(image)) {
            color_at(context, x, y, color);
            set_pixel(image, color, row);
        }
        if (SyncCacheViewAuthenticPixels(view, exception) == MagickFalse)
            return false;
    }
    return true;
}

static void one_color(const void *context, int x_px, int y_px, double out[COLORS])
{
    (void)x_px;
    (void)y_px;
    for (size_t i = 0; i < COLORS; i++)
        out[i] = ((const double *)context)[i];
}

/* ---- colours from around ----------------------------------------------------------------- */

struct grid {
    struct ir_rect place;
    int columns;
    int rows;
    enum redact_action action;
    double cells[MAX_CELLS * MAX_CELLS][COLORS];
};

/* The means along the four sides; a side at the picture's edge has none. */
struct border {
    bool has[4]; /* top, bottom, left, right */
    double means[4][MAX_CELLS][COLORS];
};

static int cell_start(int length_px, int cells, int cell)
{
    return (int)((int64_t)length_px * cell / cells);
}

/* The mean colour of a run of pixels, `across` or downwards. */
static bool mean_of(const Image *image, CacheView *view, const struct ir_rect *area,
                    double out[COLORS], ExceptionInfo *exception)
{
    const Quantum *pixels =
        GetCacheViewVirtualPixels(view, area->left_px, area->top_px, (size_t)area->width_px,
                                  (size_t)area->height_px, exception);
    int64_t count = area_of(area);

    if (pixels == NULL)
        return false;
    for (size_t c = 0; c < COLORS; c++)
        out[c] = 0.0;
    for (int64_t i = 0; i < count; i++, pixels += GetPixelChannels(image))
        for (size_t c = 0; c < COLORS; c++)
            out[c] += (double)GetPixelChannel(image, color_channels[c], pixels) / (double)count;
    return true;
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

static bool read_border(const struct grid *grid, CacheView *view, struct border *out,
                        ExceptionInfo *exception)
{
    const Image *image = GetCacheViewImage(view);
    const struct ir_rect *place = &grid->place;
    bool ok = true;

    out->has[0] = place->top_px > 0;
    out->has[1] = place->top_px + place->height_px < (int)image->rows;
    out->has[2] = place->left_px > 0;
    out->has[3] = place->left_px + place->width_px < (int)image->columns;
    for (int side = 0; side < 4; side++) {
        int cells = side < 2 ? grid->columns : grid->rows;

        for (int cell = 0; ok && out->has[side] && cell < cells; cell++) {
            struct ir_rect run = beside(grid, side, cell);

            ok = mean_of(image, view, &run, out->means[side][cell], exception);
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

    for (size_t c = 0; c < COLORS; c++)
        cell[c] = 0.0;
    for (int side = 0; side < 4; side++) {
        const double *mean = border->means[side][side < 2 ? column : row];

        if (!border->has[side])
            continue;
        sum += 1.0 / distances[side];
        for (size_t c = 0; c < COLORS; c++)
            cell[c] += mean[c] / distances[side];
    }
    for (size_t c = 0; c < COLORS; c++) {
        double value = sum > 0.0 ? cell[c] / sum : (double)QuantumRange / 2.0;

        if (grid->action == REDACT_PIXELATE)
            value += shade_of(column, row) * MOSAIC_SPAN * (double)QuantumRange;
        else
            value += BLUR_SHIFT * ((double)QuantumRange - 2.0 * value);
        cell[c] = fmin(fmax(value, 0.0), (double)QuantumRange);
    }
}

static int cell_count(int length_px, int short_px)
{
    int cell_px = larger(short_px / CELLS_ACROSS, MIN_MARGIN_PX);

    return smaller(larger((length_px + cell_px / 2) / cell_px, 1), MAX_CELLS);
}

static void mosaic_color(const void *context, int x_px, int y_px, double out[COLORS])
{
    const struct grid *grid = context;
    int column = (int)((int64_t)x_px * grid->columns / grid->place.width_px);
    int row = (int)((int64_t)y_px * grid->rows / grid->place.height_px);

    for (size_t c = 0; c < COLORS; c++)
        out[c] = grid->cells[row * MAX_CELLS + column][c];
}

static double between(double a, double b, double part)
{
    return a + (b - a) * part;
}

/* Between the middles of the four nearest cells. */
static void blur_color(const void *context, int x_px, int y_px, double out[COLORS])
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

    for (size_t c = 0; c < COLORS; c++) {
        double above = between(grid->cells[top * MAX_CELLS + left][c],
                               grid->cells[top * MAX_CELLS + right][c], within_x - left);
        double below = between(grid->cells[bottom * MAX_CELLS + left][c],
                               grid->cells[bottom * MAX_CELLS + right][c], within_x - left);

        out[c] = between(above, below, within_y - top);
    }
}

/* Paints the place from around it. `grid` and `border` are room to work in. */
static bool cover(CacheView *view, const struct ir_rect *place, struct grid *grid,
                  struct border *border, ExceptionInfo *exception)
{
    int short_px = smaller(place->width_px, place->height_px);

    grid->place = *place;
    grid->columns = cell_count(place->width_px, short_px);
    grid->rows = cell_count(place->height_px, short_px);
    if (!read_border(grid, view, border, exception))
        return false;
    for (int row = 0; row < grid->rows; row++)
        for (int column = 0; column < grid->columns; column++)
            make_cell(grid, border, column, row);
    return paint(view, place, grid->action == REDACT_PIXELATE ? mosaic_color : blur_color, grid,
                 exception);
}

/* ---- the actions ------------------------------------------------------------------------- */

/* What every place is first, and with REDACT_FILL last: black, else the middle of the scale. */
static void base_color(const Image *image, enum redact_action action, double out[COLORS])
{
    bool is_black = action == REDACT_FILL;

    for (size_t c = 0; c < COLORS; c++)
        out[c] = is_black ? 0.0 : (double)QuantumRange / 2.0;
    if (is_black && image->colorspace == CMYKColorspace)
        out[COLORS - 1] = (double)QuantumRange;
}

/* No protected pixels, no palette that remembers what was there. */
static bool open_up(Image *image, ExceptionInfo *exception)
{
    return SetImageMask(image, ReadPixelMask, NULL, exception) != MagickFalse &&
           SetImageMask(image, WritePixelMask, NULL, exception) != MagickFalse &&
           SetImageMask(image, CompositePixelMask, NULL, exception) != MagickFalse &&
           SetImageStorageClass(image, DirectClass, exception) != MagickFalse;
}

static bool hide(Image *image, enum redact_action action, const struct places *places,
                 ExceptionInfo *exception)
{
    struct grid *grid = malloc(sizeof *grid);
    struct border *border = malloc(sizeof *border);
    CacheView *view = NULL;
    double base[COLORS];
    bool ok = grid != NULL && border != NULL && open_up(image, exception);

    image->type = UndefinedType;
    base_color(image, action, base);
    if (ok)
        view = AcquireAuthenticCacheView(image, exception);
    ok = view != NULL;
    for (size_t i = 0; ok && i < places->count; i++)
        ok = paint(view, &places->items[i], one_color, base, exception);
    if (grid != NULL)
        grid->action = action;
    for (size_t i = 0; ok && action != REDACT_FILL && i < places->count; i++)
        ok = cover(view, &places->items[i], grid, border, exception);
    if (view != NULL)
        DestroyCacheView(view);
    free(border);
    free(grid);
    return ok;
}

static int compare_tops(const void *a, const void *b)
{
    const struct ir_rect *first = a;
    const struct ir_rect *second = b;

    return first->top_px < second->top_px ? -1 : first->top_px > second->top_px;
}

/* The tallest free part of the columns from `left` to `right`; places are sorted by their tops. */
static struct ir_rect tallest(const struct places *places, int left, int right, int height_px)
{
    struct ir_rect best = {left, 0, right - left, 0};
    int free_from = 0;

    for (size_t i = 0; i <= places->count; i++) {
        const struct ir_rect *place = i < places->count ? &places->items[i] : NULL;
        int until = place != NULL ? place->top_px : height_px;

        if (place != NULL && (place->left_px >= right || place->left_px + place->width_px <= left))
            continue;
        if (until - free_from > best.height_px) {
            best.top_px = free_from;
            best.height_px = until - free_from;
        }
        if (place != NULL)
            free_from = larger(free_from, place->top_px + place->height_px);
    }
    return best;
}

/* The largest rectangle in which no place lies; its sides touch the picture's or a place's. */
static struct ir_rect largest_free(const Image *image, struct places *places)
{
    struct ir_rect best = {0, 0, 0, 0};

    qsort(places->items, places->count, sizeof *places->items, compare_tops);
    for (size_t i = 0; i <= places->count; i++) {
        int left = i < places->count ? places->items[i].left_px + places->items[i].width_px : 0;

        for (size_t j = 0; j <= places->count; j++) {
            int right = j < places->count ? places->items[j].left_px : (int)image->columns;
            struct ir_rect found;

            if (right <= left)
                continue;
            found = tallest(places, left, right, (int)image->rows);
            if (area_of(&found) > area_of(&best))
                best = found;
        }
    }
    return best;
}

static int crop(Image **io_image, struct places *places, struct ir_error *err)
{
    ExceptionInfo *exception;
    struct ir_rect kept;
    RectangleInfo area;
    Image *cropped;
    int rc = 0;

    if (places->count > REDACT_MAX_CROP_PLACES)
        return common_fail(err, IR_ERR_TOO_LARGE, "Use action=fill.",
                           "%zu places are too many to be cut away.", places->count);
    kept = largest_free(*io_image, places);
    if (area_of(&kept) == 0)
        return common_fail(err, IR_ERR_ARG, "Use action=fill.",
                           "Nothing of the picture would be left.");
    exception = AcquireExceptionInfo();
    area =
        (RectangleInfo){(size_t)kept.width_px, (size_t)kept.height_px, kept.left_px, kept.top_px};
    cropped = ExcerptImage(*io_image, &area, exception);
    if (cropped != NULL) {
        (void)ResetImagePage(cropped, "0x0+0+0");
        *io_image = cropped;
    } else {
        rc = fail_magick(exception, "crop the picture", err);
    }
    DestroyExceptionInfo(exception);
    return rc;
}

int redact(Image **io_image, enum redact_action action, double margin_frac,
           const struct ir_box *boxes, size_t box_count, struct ir_error *err)
{
    struct places places;
    int rc = 0;

    if (!find_places(&places, *io_image, margin_frac, boxes, box_count))
        return common_fail_nomem(err);
    if (places.count > 0 && action == REDACT_CROP) {
        rc = crop(io_image, &places, err);
    } else if (places.count > 0) {
        ExceptionInfo *exception = AcquireExceptionInfo();

        if (!hide(*io_image, action, &places, exception))
            rc = fail_magick(exception, "hide what was found", err);
        DestroyExceptionInfo(exception);
    }
    free(places.items);
    return rc;
}
