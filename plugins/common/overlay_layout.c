/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the making of an overlay: which labels are shown, how large lines and type are, what the
 * plates and the legend say. Where plates and the legend lie is left to overlay_place.c and
 * overlay_legend.c. Draws nothing.
 *
 * Sizes follow the mean side of the picture, so that a picture looks alike at every resolution;
 * type is made smaller when the plates together would cover too much of the picture. Nothing
 * depends on the host, the clock or chance.
 */
#include "plugins/common/overlay_private.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/common/fail.h"

/* Shares of the picture's mean side. */
#define LINE_SHARE 0.0048 /* colour and casing together */
#define LINE_MIN_PX 4
#define FONT_SHARE 0.020
#define FONT_MIN_PX 11.0
#define FONT_MAX_PX 220.0
#define DENSE_MIN 0.55             /* type shrinks no further than this */
#define PLATES_AREA_SHARE 0.09     /* of the picture, before type shrinks */
#define PLATES_MAX_AREA_SHARE 0.25 /* of the picture: what comes after gets no plate... */
#define PLATES_MIN_COUNT 3         /* ...but so many do in any case */
#define REPEAT_MAX_COST 1.8        /* a name that is already read elsewhere may not hide much */

/* In units of the size of type. */
#define PLATE_MAX_EMS 28.0
#define LEGEND_MAX_EMS 20.0
#define LETTER_EMS 0.58 /* mean width of a letter, for the estimate of density */
#define PLATE_HEIGHT_EMS 1.6

#define MORE_BYTES 32 /* "+ 1000000 more" */

/* A label that may be shown, with what decides whether it is. */
struct pick {
    size_t label_index;
    double confidence_pct;
    double area; /* of the box, in squared fractions */
    bool first_of_name;
};

/* The most deserving labels of one kind. */
struct pick_list {
    struct pick *items; /* room for 2 * max_count */
    size_t count;
    size_t max_count;
    size_t seen; /* also those that were let go */
};

/* Everything that is needed while an overlay is made. */
struct maker {
    const struct ir_result *result;
    struct overlay *overlay;
    struct overlay_metrics metrics;
    struct overlay_text text;
    bool has_text;
    struct pick_list boxed;
    struct pick_list boxless;
    struct overlay_item *items; /* plates of boxes, the most deserving first */
    char **item_strings;
    struct overlay_line *lines; /* of the legend */
    char **line_strings;
};

static int compare_picks(const void *a, const void *b)
{
    const struct pick *first = a;
    const struct pick *second = b;

    if (first->first_of_name != second->first_of_name)
        return first->first_of_name ? -1 : 1;
    if (first->confidence_pct != second->confidence_pct)
        return first->confidence_pct > second->confidence_pct ? -1 : 1;
    if (first->area != second->area)
        return first->area > second->area ? -1 : 1;
    return first->label_index < second->label_index ? -1 : 1;
}

static void keep_best(struct pick_list *list)
{
    qsort(list->items, list->count, sizeof *list->items, compare_picks);
    if (list->count > list->max_count)
        list->count = list->max_count;
}

/* Adds a pick; when the room is full, the better half stays. */
static void add_pick(struct pick_list *list, const struct ir_label *label, size_t label_index)
{
    struct pick *pick;

    if (list->count == 2 * list->max_count)
        keep_best(list);
    pick = &list->items[list->count++];
    list->seen++;
    pick->label_index = label_index;
    pick->confidence_pct = isfinite(label->confidence_pct) ? label->confidence_pct : 0;
    pick->area = label->has_box ? label->box.width_frac * label->box.height_frac : 0;
    pick->first_of_name = false;
}

/* Sorts the labels into boxed and boxless, the most deserving first. */
static void pick_labels(struct maker *maker)
{
    size_t count = ir_result_label_count(maker->result);

    for (size_t i = 0; i < count; i++) {
        const struct ir_label *label = ir_result_get_label(maker->result, i);
        struct ir_box box = label->box;

        if (!label->has_box)
            add_pick(&maker->boxless, label, i);
        else if (ir_box_clamp(&box))
            add_pick(&maker->boxed, label, i);
    }
    keep_best(&maker->boxed);
    keep_best(&maker->boxless);
    maker->overlay->boxes_left_out = maker->boxed.seen - maker->boxed.count;
}

static const struct ir_label *label_of(const struct maker *maker, size_t label_index)
{
    return ir_result_get_label(maker->result, label_index);
}

/* Each name gets a plate before any name gets a second one. Needs the list sorted. */
static void favour_first_of_name(struct maker *maker)
{
    struct pick_list *list = &maker->boxed;

    for (size_t i = 0; i < list->count; i++) {
        const char *name = label_of(maker, list->items[i].label_index)->name;
        size_t j = 0;

        while (j < i && strcmp(label_of(maker, list->items[j].label_index)->name, name) != 0)
            j++;
        list->items[i].first_of_name = j == i;
    }
    qsort(list->items, list->count, sizeof *list->items, compare_picks);
}

static size_t letter_count(const char *text)
{
    size_t count = 0;

    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80; /* not a byte inside a character */
    return count;
}

/* How much smaller type must be so that plates do not hide the picture: DENSE_MIN to 1. */
static double density_scale(const struct maker *maker, double font_px)
{
    double picture_area = (double)maker->overlay->width_px * maker->overlay->height_px;
    double plates_area = 0;

    for (size_t i = 0; i < maker->boxed.count && i < OVERLAY_MAX_PLATES; i++) {
        const char *name = label_of(maker, maker->boxed.items[i].label_index)->name;
        double letters = fmin((double)letter_count(name) + 6, PLATE_MAX_EMS / LETTER_EMS);

        plates_area += letters * LETTER_EMS * font_px * PLATE_HEIGHT_EMS * font_px;
    }
    if (plates_area <= PLATES_AREA_SHARE * picture_area)
        return 1.0;
    return fmax(DENSE_MIN, sqrt(PLATES_AREA_SHARE * picture_area / plates_area));
}

static int at_least(int minimum, double value)
{
    int rounded = (int)lround(value);

    return rounded > minimum ? rounded : minimum;
}

static void choose_metrics(struct maker *maker)
{
    struct overlay *overlay = maker->overlay;
    struct overlay_metrics *m = &maker->metrics;
    double mean_px = (overlay->width_px + overlay->height_px) / 2.0;
    double font_px = fmin(fmax(FONT_SHARE * mean_px, FONT_MIN_PX), FONT_MAX_PX);
    double scale = density_scale(maker, font_px);

    m->font_px = round(fmax(font_px * scale, FONT_MIN_PX));
    m->line_px = at_least(LINE_MIN_PX, LINE_SHARE * mean_px * fmax(scale, 0.7));
    m->pad_x_px = at_least(3, 0.42 * m->font_px);
    m->pad_y_px = at_least(1, 0.16 * m->font_px);
    m->panel_pad_px = at_least(3, 0.50 * m->font_px);
    m->gap_px = at_least(1, 0.10 * m->font_px);
    m->margin_px = at_least(2, 0.80 * m->font_px);
    overlay->line_width_px = m->line_px;
    overlay->font_px = m->font_px;
    overlay->font_family = OVERLAY_FONT_FAMILY;
}

int overlay_outline_px(const struct overlay *overlay, const struct ir_rect *box)
{
    int side_px = box->width_px < box->height_px ? box->width_px : box->height_px;
    int thin_px = side_px / 6 > 1 ? side_px / 6 : 1;

    return thin_px < (int)overlay->line_width_px ? thin_px : (int)overlay->line_width_px;
}

int overlay_casing_px(int outline_px)
{
    if (outline_px < 3)
        return 0;
    return outline_px < 11 ? 1 : (outline_px + 3) / 7;
}

static int compare_boxes(const void *a, const void *b)
{
    const struct overlay_box *first = a;
    const struct overlay_box *second = b;
    int64_t first_area = rect_area(&first->rect);
    int64_t second_area = rect_area(&second->rect);

    if (first_area != second_area)
        return first_area > second_area ? -1 : 1;
    return first->label_index < second->label_index ? -1 : 1;
}

static bool nearly_equal(const struct ir_rect *a, const struct ir_rect *b, int tolerance_px)
{
    return abs(a->left_px - b->left_px) <= tolerance_px &&
           abs(a->top_px - b->top_px) <= tolerance_px &&
           abs(rect_right(a) - rect_right(b)) <= tolerance_px &&
           abs(rect_bottom(a) - rect_bottom(b)) <= tolerance_px;
}

/*
 * A box that would be hidden by, or hide, the outline of an earlier one goes just inside it, while
 * it keeps most of its size. A label often comes with the same box twice (Person and Face).
 */
static void nest_equal_boxes(struct overlay *overlay)
{
    for (size_t i = 1; i < overlay->box_count; i++) {
        struct ir_rect *rect = &overlay->boxes[i].rect;

        for (size_t j = 0; j < i; j++) {
            const struct ir_rect *outer = &overlay->boxes[j].rect;
            int outline_px = overlay_outline_px(overlay, outer);
            struct ir_rect inner = rect_inset(outer, outline_px + 1);

            if (nearly_equal(rect, outer, outline_px) && inner.width_px > 3 * outline_px &&
                inner.height_px > 3 * outline_px)
                *rect = inner;
        }
    }
}

static int make_boxes(struct maker *maker)
{
    struct overlay *overlay = maker->overlay;
    const struct pick_list *list = &maker->boxed;

    overlay->boxes = calloc(list->count + 1, sizeof *overlay->boxes);
    if (overlay->boxes == NULL)
        return IR_ERR_NOMEM;
    for (size_t i = 0; i < list->count; i++) {
        const struct ir_label *label = label_of(maker, list->items[i].label_index);
        struct ir_box box = label->box;

        (void)ir_box_clamp(&box); /* true for every pick */
        overlay->boxes[i].label_index = list->items[i].label_index;
        overlay->boxes[i].rect = ir_box_to_pixels(box, overlay->width_px, overlay->height_px);
        overlay->boxes[i].color = overlay_color_of(label->name);
    }
    overlay->box_count = list->count;
    qsort(overlay->boxes, overlay->box_count, sizeof *overlay->boxes, compare_boxes);
    nest_equal_boxes(overlay);
    return 0;
}

/* The line of the legend for what found no room. */
static void word_more(size_t count, char out[MORE_BYTES])
{
    snprintf(out, MORE_BYTES, "+ %zu more", count);
}

/* Words and measures the legend's lines. `maker->lines` and `line_strings` have room for all. */
static int make_lines(struct maker *maker, size_t *out_count)
{
    struct overlay *overlay = maker->overlay;
    int max_width_px = (int)(LEGEND_MAX_EMS * maker->metrics.font_px);
    int room_px = overlay->width_px - 2 * (maker->metrics.margin_px + maker->metrics.panel_pad_px);
    char more[MORE_BYTES];
    int more_width_px, more_height_px;
    size_t count = 0;

    if (max_width_px > room_px)
        max_width_px = room_px;
    word_more(maker->boxless.seen, more);
    overlay_text_measure(&maker->text, more, &more_width_px, &more_height_px);
    for (size_t i = 0; i < maker->boxless.count; i++) {
        const struct ir_label *label = label_of(maker, maker->boxless.items[i].label_index);
        struct overlay_line *line = &maker->lines[count];
        char *string = NULL;

        if (overlay_text_fit(&maker->text, label, max_width_px, &string) != 0)
            return IR_ERR_NOMEM;
        if (string == NULL)
            break; /* the picture is narrower than a letter */
        maker->line_strings[count] = string;
        overlay_text_measure(&maker->text, string, &line->width_px, &line->height_px);
        /* Any line may become the one that says how many more there are. */
        line->width_px = MAX(line->width_px, more_width_px);
        count++;
    }
    *out_count = count;
    return 0;
}

/* A rectangle of the text's size, at the left and vertically in the middle of `area`. */
static struct ir_rect text_rect(struct maker *maker, const char *string, const struct ir_rect *area)
{
    struct ir_rect out = *area;
    int width_px, height_px;

    overlay_text_measure(&maker->text, string, &width_px, &height_px);
    out.width_px = MIN(width_px, area->width_px);
    out.height_px = MIN(height_px, area->height_px);
    out.top_px += (area->height_px - out.height_px) / 2;
    return out;
}

/* Appends the lines that found room to the plates. */
static int add_legend_plates(struct maker *maker, size_t line_count)
{
    struct overlay *overlay = maker->overlay;
    size_t shown = line_count;

    if (line_count < maker->boxless.seen && line_count >= 2)
        shown = line_count - 1; /* the last line says how many more there are */
    overlay->legend_left_out = maker->boxless.seen - shown;
    for (size_t i = 0; i < line_count; i++) {
        struct overlay_plate *plate = &overlay->plates[overlay->plate_count];
        char more[MORE_BYTES];
        char *string = maker->line_strings[i];

        if (i >= shown) {
            word_more(overlay->legend_left_out, more);
            string = strdup(more);
            if (string == NULL)
                return IR_ERR_NOMEM;
        } else {
            maker->line_strings[i] = NULL; /* moved */
        }
        plate->label_index = i < shown ? maker->boxless.items[i].label_index : OVERLAY_NO_LABEL;
        plate->box_index = OVERLAY_NO_BOX;
        plate->rect = maker->lines[i].rect;
        plate->text = text_rect(maker, string, &plate->rect);
        plate->string = string;
        plate->fill = overlay_panel_worst();
        plate->ink = overlay_panel_ink();
        overlay->plate_count++;
    }
    return 0;
}

static struct overlay_scene scene_of(const struct maker *maker)
{
    const struct overlay *overlay = maker->overlay;

    return (struct overlay_scene){overlay->width_px, overlay->height_px, maker->metrics.gap_px,
                                  overlay->boxes,    overlay->box_count, overlay->legend};
}

static int make_legend(struct maker *maker)
{
    struct overlay_scene scene = scene_of(maker);
    size_t line_count = 0;
    int rc;

    if (maker->boxless.count == 0)
        return 0;
    rc = make_lines(maker, &line_count);
    if (rc != 0)
        return rc;
    maker->overlay->legend =
        overlay_legend_place(&scene, &maker->metrics, maker->lines, &line_count);
    return add_legend_plates(maker, line_count);
}

static size_t box_index_of(const struct overlay *overlay, size_t label_index)
{
    size_t i = 0;

    while (overlay->boxes[i].label_index != label_index)
        i++;
    return i;
}

/* Words and measures the plate of one box. */
static int make_item(struct maker *maker, const struct pick *pick, size_t item_index)
{
    const struct overlay_metrics *m = &maker->metrics;
    struct overlay_item *item = &maker->items[item_index];
    char **string = &maker->item_strings[item_index];
    int max_width_px =
        MIN((int)(PLATE_MAX_EMS * m->font_px), maker->overlay->width_px - 2 * m->pad_x_px);

    item->box_index = box_index_of(maker->overlay, pick->label_index);
    item->max_cost = pick->first_of_name ? DBL_MAX : REPEAT_MAX_COST;
    if (overlay_text_fit(&maker->text, label_of(maker, pick->label_index), max_width_px, string) !=
        0)
        return IR_ERR_NOMEM;
    if (*string == NULL) { /* the picture is narrower than a letter */
        item->width_px = item->height_px = OVERLAY_MAX_SIDE_PX + 1;
        return 0;
    }
    overlay_text_measure(&maker->text, *string, &item->width_px, &item->height_px);
    item->width_px += 2 * m->pad_x_px;
    item->height_px += 2 * m->pad_y_px;
    return 0;
}

/* The plates of the boxes, the most deserving first, as many as the picture bears. */
static int make_items(struct maker *maker, size_t *out_count)
{
    double room = PLATES_MAX_AREA_SHARE * maker->overlay->width_px * maker->overlay->height_px;
    size_t count = 0;

    while (count < maker->boxed.count && count < OVERLAY_MAX_PLATES &&
           (count < PLATES_MIN_COUNT || room > 0)) {
        if (make_item(maker, &maker->boxed.items[count], count) != 0)
            return IR_ERR_NOMEM;
        if (maker->item_strings[count] != NULL)
            room -= (double)maker->items[count].width_px * maker->items[count].height_px;
        count++;
    }
    *out_count = count;
    return 0;
}

/* Appends the plate of an item that found a place; the string moves into it. */
static void add_box_plate(struct maker *maker, size_t item_index)
{
    struct overlay *overlay = maker->overlay;
    const struct overlay_metrics *m = &maker->metrics;
    const struct overlay_item *item = &maker->items[item_index];
    const struct overlay_box *box = &overlay->boxes[item->box_index];
    struct overlay_plate *plate = &overlay->plates[overlay->plate_count++];

    plate->label_index = box->label_index;
    plate->box_index = item->box_index;
    plate->rect = item->rect;
    plate->text = (struct ir_rect){
        item->rect.left_px + m->pad_x_px, item->rect.top_px + m->pad_y_px,
        item->rect.width_px - 2 * m->pad_x_px, item->rect.height_px - 2 * m->pad_y_px};
    plate->string = maker->item_strings[item_index];
    plate->fill = box->color;
    plate->ink = overlay_ink_on(plate->fill);
    maker->item_strings[item_index] = NULL;
}

static int make_plates(struct maker *maker)
{
    struct overlay_scene scene = scene_of(maker);
    size_t count = 0;
    size_t placed_count = 0;
    int rc;

    favour_first_of_name(maker);
    rc = make_items(maker, &count);
    if (rc != 0)
        return rc;
    overlay_place(&scene, maker->items, count);
    for (size_t i = 0; i < count; i++) {
        if (maker->items[i].placed) {
            add_box_plate(maker, i);
            placed_count++;
        }
    }
    maker->overlay->plates_left_out = maker->boxed.seen - placed_count;
    return 0;
}

static bool init_list(struct pick_list *list, size_t max_count)
{
    list->items = malloc(2 * max_count * sizeof *list->items);
    list->max_count = max_count;
    return list->items != NULL;
}

/* False when out of memory; release_maker() takes what is there in any case. */
static bool init_maker(struct maker *maker)
{
    struct overlay *overlay = calloc(1, sizeof *overlay);

    maker->overlay = overlay;
    if (overlay == NULL)
        return false;
    overlay->plates =
        calloc(OVERLAY_MAX_PLATES + OVERLAY_MAX_LEGEND_LINES, sizeof *overlay->plates);
    maker->items = calloc(OVERLAY_MAX_PLATES, sizeof *maker->items);
    maker->item_strings = calloc(OVERLAY_MAX_PLATES, sizeof *maker->item_strings);
    maker->lines = calloc(OVERLAY_MAX_LEGEND_LINES, sizeof *maker->lines);
    maker->line_strings = calloc(OVERLAY_MAX_LEGEND_LINES, sizeof *maker->line_strings);
    return init_list(&maker->boxed, OVERLAY_MAX_BOXES) &&
           init_list(&maker->boxless, OVERLAY_MAX_LEGEND_LINES) && overlay->plates != NULL &&
           maker->items != NULL && maker->item_strings != NULL && maker->lines != NULL &&
           maker->line_strings != NULL;
}

static void free_strings(char **strings, size_t count)
{
    for (size_t i = 0; strings != NULL && i < count; i++)
        free(strings[i]);
    free(strings);
}

static void release_maker(struct maker *maker)
{
    if (maker->has_text)
        overlay_text_release(&maker->text);
    free_strings(maker->item_strings, OVERLAY_MAX_PLATES);
    free_strings(maker->line_strings, OVERLAY_MAX_LEGEND_LINES);
    free(maker->items);
    free(maker->lines);
    free(maker->boxed.items);
    free(maker->boxless.items);
    overlay_free(maker->overlay);
}

static int make(struct maker *maker)
{
    int rc;

    pick_labels(maker);
    choose_metrics(maker);
    overlay_text_init(&maker->text, maker->metrics.font_px);
    maker->has_text = true;
    rc = make_boxes(maker);
    if (rc == 0)
        rc = make_legend(maker);
    if (rc == 0)
        rc = make_plates(maker);
    return rc;
}

int overlay_new(const struct ir_result *result, int width_px, int height_px, struct overlay **out,
                struct ir_error *err)
{
    struct maker maker = {.result = result};
    int rc = 0;

    if (width_px < 1 || height_px < 1 || width_px > OVERLAY_MAX_SIDE_PX ||
        height_px > OVERLAY_MAX_SIDE_PX)
        return common_fail(err, IR_ERR_ARG, "Resize the picture first.",
                           "An overlay takes 1 to %d pixels a side; the picture has %d x %d.",
                           OVERLAY_MAX_SIDE_PX, width_px, height_px);
    if (!init_maker(&maker)) {
        rc = common_fail_nomem(err);
        goto out;
    }
    maker.overlay->width_px = width_px;
    maker.overlay->height_px = height_px;
    if (make(&maker) != 0) {
        rc = common_fail_nomem(err);
        goto out;
    }
    *out = maker.overlay;
    maker.overlay = NULL;
out:
    release_maker(&maker);
    return rc;
}

void overlay_free(struct overlay *overlay)
{
    if (overlay == NULL)
        return;
    for (size_t i = 0; i < overlay->plate_count; i++)
        free((char *)(uintptr_t)overlay->plates[i].string); /* ours; const for the reader */
    free(overlay->plates);
    free(overlay->boxes);
    free(overlay);
}
