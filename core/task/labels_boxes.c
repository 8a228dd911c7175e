/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Boxes as models write them. Each is first read as it stands (ir_raw_box_read); what its numbers
 * mean, all boxes of an answer say together (ir_raw_boxes_settle). labels_read.h has the rules.
 */
#include <math.h>
#include <string.h>

#include "core/base/ascii.h"
#include "core/task/labels_read.h"
#include "core/task/loose.h"

#define MAX_POINTS 64
#define TOLERANCE 1.02 /* so much may a box reach outside, as models round */
#define THOUSANDTHS 1000.0

enum corner { TOP_LEFT, TOP_RIGHT, BOTTOM_RIGHT, BOTTOM_LEFT, CORNER_COUNT };

static const char *const corner_names[CORNER_COUNT][8] = {
    {"topleft", "lefttop", "tl", "upperleft", "좌상단", "왼쪽위", "왼쪽상단", NULL},
    {"topright", "righttop", "tr", "upperright", "우상단", "오른쪽위", "오른쪽상단", NULL},
    {"bottomright", "rightbottom", "br", "lowerright", "우하단", "오른쪽아래", "오른쪽하단", NULL},
    {"bottomleft", "leftbottom", "bl", "lowerleft", "좌하단", "왼쪽아래", "왼쪽하단", NULL},
};

enum side { LEFT, TOP, RIGHT, BOTTOM, WIDTH, HEIGHT, CENTER_X, CENTER_Y, SIDE_COUNT };

static const char *const side_names[SIDE_COUNT][8] = {
    {"left", "x", "x1", "x0", "xmin", "minx", "왼쪽", NULL},
    {"top", "y", "y1", "y0", "ymin", "miny", "위", NULL},
    {"right", "x2", "xmax", "maxx", "오른쪽", NULL},
    {"bottom", "y2", "ymax", "maxy", "아래", NULL},
    {"width", "w", "너비", "폭", "가로", NULL},
    {"height", "h", "높이", "세로", NULL},
    {"cx", "xcenter", "centerx", "xc", NULL},
    {"cy", "ycenter", "centery", "yc", NULL},
};

void ir_labels_plain_key(const char *key, char out[IR_PLAIN_KEY_BYTES])
{
    size_t bytes = 0;
    for (; *key != '\0' && bytes + 1 < IR_PLAIN_KEY_BYTES; key++)
        if (*key != '_' && *key != '-' && *key != '*' && !ir_ascii_is_space(*key))
            out[bytes++] = ir_ascii_lower(*key);
    out[bytes] = '\0';
}

bool ir_labels_is_one_of(const char *plain, const char *const *list)
{
    for (; *list != NULL; list++)
        if (strcmp(plain, *list) == 0)
            return true;
    return false;
}

/* ---- one box as it stands ---------------------------------------------------------------- */

struct number {
    double value;
    char unit;
};

/* The numbers of a list, nested ones and those in words too: at most `max`. */
static size_t list_numbers(const struct ir_loose *loose, size_t value, struct number *out,
                           size_t max)
{
    const struct ir_loose_value *v = ir_loose_at(loose, value);
    double values[4];
    char units[4];
    size_t count = 0;
    if (v->kind == IR_LOOSE_NUMBER && max > 0) {
        out[0] = (struct number){v->number, v->unit};
        return 1;
    }
    if (v->kind == IR_LOOSE_TEXT) {
        count = ir_loose_numbers(ir_loose_text(loose, value), values, units, max < 4 ? max : 4);
        for (size_t i = 0; i < count; i++)
            out[i] = (struct number){values[i], units[i]};
        return count;
    }
    for (size_t item = v->first; item > 0 && count < max; item = ir_loose_at(loose, item)->next)
        count += list_numbers(loose, item, out + count, max - count);
    return count;
}

struct point {
    struct number x, y;
};

/* {x, y}, [x, y] or "x, y". */
static bool read_point(const struct ir_loose *loose, size_t value, struct point *out)
{
    struct number numbers[3];
    if (list_numbers(loose, value, numbers, 3) != 2)
        return false;
    *out = (struct point){numbers[0], numbers[1]};
    if (ir_loose_at(loose, value)->kind != IR_LOOSE_OBJECT)
        return true;
    char plain[IR_PLAIN_KEY_BYTES];
    ir_labels_plain_key(ir_loose_key(loose, ir_loose_at(loose, value)->first), plain);
    if (ir_labels_is_one_of(plain, side_names[TOP])) /* {y, x} */
        *out = (struct point){numbers[1], numbers[0]};
    return true;
}

/* The smallest box around points; BAD where that is none. */
static struct ir_raw_box around(const struct point *points, size_t count)
{
    struct ir_raw_box box = {.form = count > 0 ? IR_RAW_EDGES : IR_RAW_BAD};
    if (count == 0)
        return box;
    box.numbers[0] = box.numbers[2] = points[0].x.value;
    box.numbers[1] = box.numbers[3] = points[0].y.value;
    for (size_t i = 0; i < count; i++) {
        box.numbers[0] = fmin(box.numbers[0], points[i].x.value);
        box.numbers[1] = fmin(box.numbers[1], points[i].y.value);
        box.numbers[2] = fmax(box.numbers[2], points[i].x.value);
        box.numbers[3] = fmax(box.numbers[3], points[i].y.value);
        box.is_pct |= points[i].x.unit == '%' || points[i].y.unit == '%';
    }
    return box;
}

static struct ir_raw_box read_corners(const struct ir_loose *loose, size_t object)
{
    struct point points[CORNER_COUNT] = {{{0, 0}, {0, 0}}};
    struct point found[CORNER_COUNT] = {{{0, 0}, {0, 0}}};
    bool has[CORNER_COUNT] = {false};
    size_t named = 0;
    size_t count = 0;
    for (size_t item = ir_loose_at(loose, object)->first; item > 0;
         item = ir_loose_at(loose, item)->next) {
        char plain[IR_PLAIN_KEY_BYTES];
        ir_labels_plain_key(ir_loose_key(loose, item), plain);
        for (size_t i = 0; i < CORNER_COUNT; i++) {
            if (!ir_labels_is_one_of(plain, corner_names[i]))
                continue;
            named++;
            has[i] = read_point(loose, item, &points[i]);
        }
    }
    for (size_t i = 0; i < CORNER_COUNT; i++)
        if (has[i])
            found[count++] = points[i];
    bool is_enough = (has[TOP_LEFT] && has[BOTTOM_RIGHT]) || (has[TOP_RIGHT] && has[BOTTOM_LEFT]);
    if (named == 0 || !is_enough || count != named)
        return (struct ir_raw_box){.form = named == 0 ? IR_RAW_NONE : IR_RAW_BAD};
    struct ir_raw_box box = around(found, count);
    enum corner top = has[TOP_LEFT] ? TOP_LEFT : TOP_RIGHT;
    enum corner bottom = has[BOTTOM_RIGHT] ? BOTTOM_RIGHT : BOTTOM_LEFT;
    box.has_corners = true;
    box.is_upward = points[top].y.value > points[bottom].y.value;
    return box;
}

/* Edges, or a place and a size, of which every word is known. */
static struct ir_raw_box from_sides(const struct number *sides, const bool *has)
{
    struct ir_raw_box box = {.form = IR_RAW_BAD};
    double w = sides[WIDTH].value;
    double h = sides[HEIGHT].value;
    for (size_t i = 0; i < SIDE_COUNT; i++)
        box.is_pct |= has[i] && sides[i].unit == '%';
    if (has[LEFT] && has[TOP] && has[RIGHT] && has[BOTTOM]) {
        box.form = IR_RAW_EDGES;
        box.numbers[2] = sides[RIGHT].value;
        box.numbers[3] = sides[BOTTOM].value;
    } else if (has[LEFT] && has[TOP] && has[WIDTH] && has[HEIGHT]) {
        box.form = IR_RAW_SIZES;
        box.numbers[2] = w;
        box.numbers[3] = h;
    }
    box.numbers[0] = sides[LEFT].value;
    box.numbers[1] = sides[TOP].value;
    if (box.form == IR_RAW_BAD && has[CENTER_X] && has[CENTER_Y] && has[WIDTH] && has[HEIGHT])
        return (struct ir_raw_box){
            .form = IR_RAW_SIZES,
            .numbers = {sides[CENTER_X].value - w / 2, sides[CENTER_Y].value - h / 2, w, h},
            .is_pct = box.is_pct};
    return box;
}

static struct ir_raw_box read_sides(const struct ir_loose *loose, size_t object)
{
    struct number sides[SIDE_COUNT] = {{0, 0}};
    bool has[SIDE_COUNT] = {false};
    size_t named = 0;
    for (size_t item = ir_loose_at(loose, object)->first; item > 0;
         item = ir_loose_at(loose, item)->next) {
        char plain[IR_PLAIN_KEY_BYTES];
        ir_labels_plain_key(ir_loose_key(loose, item), plain);
        for (size_t i = 0; i < SIDE_COUNT; i++) {
            if (!ir_labels_is_one_of(plain, side_names[i]))
                continue;
            named++;
            has[i] |= list_numbers(loose, item, &sides[i], 1) == 1;
        }
    }
    /* A place without a size is a point, and no box. */
    bool is_box = has[WIDTH] || has[HEIGHT] || has[RIGHT] || has[BOTTOM];
    return named > 0 && is_box ? from_sides(sides, has) : (struct ir_raw_box){IR_RAW_NONE};
}

static bool has_points(const struct ir_loose *loose, size_t list)
{
    struct point point;
    size_t count = 0;
    for (size_t item = ir_loose_at(loose, list)->first; item > 0;
         item = ir_loose_at(loose, item)->next, count++)
        if (ir_loose_at(loose, item)->kind == IR_LOOSE_NUMBER || !read_point(loose, item, &point))
            return false;
    return count >= 2;
}

static struct ir_raw_box around_points(const struct ir_loose *loose, size_t list)
{
    struct point points[MAX_POINTS] = {{{0, 0}, {0, 0}}};
    size_t count = 0;
    for (size_t item = ir_loose_at(loose, list)->first; item > 0 && count < MAX_POINTS;
         item = ir_loose_at(loose, item)->next)
        count += read_point(loose, item, &points[count]) ? 1 : 0;
    return around(points, count);
}

/* x, y, x, y, ... */
static struct ir_raw_box around_pairs(const struct number *numbers, size_t count)
{
    struct point points[MAX_POINTS] = {{{0, 0}, {0, 0}}};
    if (count < 4 || count % 2 != 0)
        return (struct ir_raw_box){.form = IR_RAW_BAD};
    for (size_t i = 0; i < count / 2; i++)
        points[i] = (struct point){numbers[2 * i], numbers[2 * i + 1]};
    return around(points, count / 2);
}

/* Four numbers, or those of points. */
static struct ir_raw_box read_numbers(const struct ir_loose *loose, size_t value, const char *key)
{
    struct number numbers[2 * MAX_POINTS];
    size_t count = list_numbers(loose, value, numbers, 2 * MAX_POINTS);
    if (count == 4 && !has_points(loose, value)) {
        struct ir_raw_box box = {.form = IR_RAW_FOUR};
        for (size_t i = 0; i < 4; i++) {
            box.numbers[i] = numbers[i].value;
            box.is_pct |= numbers[i].unit == '%';
        }
        if (strstr(key, "xywh") != NULL)
            box.form = IR_RAW_SIZES;
        else if (strstr(key, "xyxy") != NULL || strstr(key, "ltrb") != NULL)
            box.form = IR_RAW_EDGES;
        if (strcmp(key, "box2d") == 0 || strstr(key, "yxyx") != NULL) /* y first */
            box = (struct ir_raw_box){
                .form = IR_RAW_THOUSANDTHS,
                .numbers = {box.numbers[1], box.numbers[0], box.numbers[3], box.numbers[2]}};
        return box;
    }
    return has_points(loose, value) ? around_points(loose, value) : around_pairs(numbers, count);
}

struct ir_raw_box ir_raw_box_read(const struct ir_loose *loose, size_t value, const char *key)
{
    const struct ir_loose_value *v = ir_loose_at(loose, value);
    if (v->kind == IR_LOOSE_LIST || v->kind == IR_LOOSE_TEXT)
        return read_numbers(loose, value, key);
    if (v->kind != IR_LOOSE_OBJECT)
        return (struct ir_raw_box){.form = IR_RAW_NONE};
    struct ir_raw_box box = read_corners(loose, value);
    return box.form != IR_RAW_NONE ? box : read_sides(loose, value);
}

/* ---- what all of them say together ------------------------------------------------------- */

static bool is_finite(const struct ir_raw_box *box)
{
    return isfinite(box->numbers[0]) && isfinite(box->numbers[1]) && isfinite(box->numbers[2]) &&
           isfinite(box->numbers[3]);
}

static bool is_in_pixels(const struct ir_raw_box *box)
{
    return box->form != IR_RAW_NONE && box->form != IR_RAW_BAD && box->form != IR_RAW_THOUSANDTHS &&
           !box->is_pct && is_finite(box);
}

/* Whether four numbers are a place and a size: one of them would end before it begins. */
static bool are_sizes(const struct ir_raw_box *raw, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (raw[i].form == IR_RAW_FOUR &&
            (raw[i].numbers[2] <= raw[i].numbers[0] || raw[i].numbers[3] <= raw[i].numbers[1]))
            return true;
    return false;
}

/* As edges. */
static struct ir_raw_box edges_of(const struct ir_raw_box *box, bool four_are_sizes)
{
    struct ir_raw_box out = *box;
    if (box->form == IR_RAW_SIZES || (box->form == IR_RAW_FOUR && four_are_sizes)) {
        out.numbers[2] += out.numbers[0];
        out.numbers[3] += out.numbers[1];
    }
    return out;
}

struct extent {
    double right, bottom;
};

static struct extent extent_of(const struct ir_raw_box *raw, size_t count, bool four_are_sizes)
{
    struct extent extent = {0, 0};
    for (size_t i = 0; i < count; i++) {
        if (!is_in_pixels(&raw[i]))
            continue;
        struct ir_raw_box box = edges_of(&raw[i], four_are_sizes);
        extent.right = fmax(extent.right, fmax(box.numbers[0], box.numbers[2]));
        extent.bottom = fmax(extent.bottom, fmax(box.numbers[1], box.numbers[3]));
    }
    return extent;
}

static bool fits(struct extent extent, double width, double height)
{
    return extent.right <= width * TOLERANCE && extent.bottom <= height * TOLERANCE;
}

/* What a number of 1 across and of 1 down mean in fractions; false when nobody can tell. */
static bool find_scale(struct extent extent, const struct ir_labels_view *view,
                       struct ir_size stated, double *out_width, double *out_height)
{
    const struct ir_size sizes[] = {stated, view->seen, view->sent, view->original};
    *out_width = *out_height = 1.0;
    if (extent.right <= 1.0 && extent.bottom <= 1.0)
        return true;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        *out_width = sizes[i].width_px;
        *out_height = sizes[i].height_px;
        if (sizes[i].width_px > 0 && sizes[i].height_px > 0 &&
            fits(extent, *out_width, *out_height))
            return true;
    }
    *out_width = *out_height = THOUSANDTHS;
    return fits(extent, THOUSANDTHS, THOUSANDTHS);
}

/* All of those with corners have y counting upwards, and there is one. */
static bool all_upward(const struct ir_raw_box *raw, size_t count)
{
    size_t upward = 0;
    size_t downward = 0;
    for (size_t i = 0; i < count; i++) {
        upward += raw[i].has_corners && raw[i].is_upward ? 1 : 0;
        downward += raw[i].has_corners && !raw[i].is_upward ? 1 : 0;
    }
    return upward > 0 && downward == 0;
}

static bool to_fractions(const struct ir_raw_box *edges, double width, double height,
                         struct ir_box *out)
{
    double left = fmin(edges->numbers[0], edges->numbers[2]) / width;
    double right = fmax(edges->numbers[0], edges->numbers[2]) / width;
    double top = fmin(edges->numbers[1], edges->numbers[3]) / height;
    double bottom = fmax(edges->numbers[1], edges->numbers[3]) / height;
    *out = (struct ir_box){left, top, right - left, bottom - top};
    return ir_box_clamp(out);
}

void ir_raw_boxes_settle(struct ir_raw_boxes *boxes, const struct ir_raw_box *raw, size_t count,
                         const struct ir_labels_view *view, struct ir_box *out, bool *out_is_box)
{
    bool four_are_sizes = are_sizes(raw, count);
    bool upward = all_upward(raw, count);
    double width = 1.0;
    double height = 1.0;
    boxes->has_no_scale =
        !find_scale(extent_of(raw, count, four_are_sizes), view, boxes->stated, &width, &height);
    for (size_t i = 0; i < count; i++) {
        out_is_box[i] = false;
        if (raw[i].form == IR_RAW_NONE)
            continue;
        struct ir_raw_box edges = edges_of(&raw[i], four_are_sizes);
        double across = raw[i].is_pct ? 100.0 : width;
        double down = raw[i].is_pct ? 100.0 : height;
        if (raw[i].form == IR_RAW_THOUSANDTHS)
            across = down = THOUSANDTHS;
        bool is_lost = raw[i].form == IR_RAW_BAD || !is_finite(&edges) ||
                       (boxes->has_no_scale && is_in_pixels(&raw[i])) ||
                       (raw[i].is_upward && !upward);
        out_is_box[i] = !is_lost && to_fractions(&edges, across, down, &out[i]);
        if (out_is_box[i] && upward && raw[i].has_corners)
            out[i].top_frac = 1.0 - out[i].top_frac - out[i].height_frac;
        boxes->bad_count += out_is_box[i] ? 0 : 1;
    }
}
