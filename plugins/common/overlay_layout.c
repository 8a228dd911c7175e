/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the making of an overlay, and what the plates say. Which labels are shown is left to
 * overlay_pick.c, where outlines lie to overlay_boxes.c, what the legend says to overlay_lines.c,
 * how large type is to overlay_sizes.c, where plates and legend lie to overlay_place.c and
 * overlay_legend.c. Draws nothing. Nothing depends on the host, the clock or chance.
 */
#include "plugins/common/overlay_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/common/fail.h"

#define PLATES_MAX_AREA_SHARE 0.26 /* of the picture: what comes after gets no plate... */
#define PLATES_MIN_COUNT 3         /* ...but so many do in any case */
#define KEY_ROUNDS 3

static const struct ir_label *label_of(const struct overlay_maker *maker, size_t label_index)
{
    return ir_result_get_label(maker->result, label_index);
}

struct overlay_scene overlay_scene_of(const struct overlay_maker *maker)
{
    const struct overlay *overlay = maker->overlay;

    return (struct overlay_scene){
        .width_px = overlay->width_px,
        .height_px = overlay->height_px,
        .gap_px = maker->metrics.gap_px,
        .leader_px = maker->metrics.leader_px,
        .boxes = overlay->boxes,
        .box_count = overlay->box_count,
        .blocked = overlay->legend,
    };
}

static size_t box_index_of(const struct overlay *overlay, size_t label_index)
{
    size_t i = 0;

    while (overlay->boxes[i].label_index != label_index)
        i++;
    return i;
}

/* What the plate may cost: more when nothing else tells the name. */
static double max_cost_of(const struct overlay_maker *maker, const struct overlay_pick *pick,
                          const struct overlay_item *item)
{
    double picture_area = (double)maker->overlay->width_px * maker->overlay->height_px;
    bool is_untold = pick->is_keyed && !pick->is_told;
    bool is_small =
        (double)item->width_px * item->height_px <= OVERLAY_SMALL_PLATE_SHARE * picture_area;

    if (!pick->first_of_name)
        return is_untold ? OVERLAY_UNTOLD_REPEAT_MAX_COST : OVERLAY_REPEAT_MAX_COST;
    return is_untold && is_small ? OVERLAY_UNTOLD_FIRST_MAX_COST : OVERLAY_FIRST_MAX_COST;
}

/* Words and measures the plate of one box; where the legend tells the name, it may be left out. */
static int make_item(struct overlay_maker *maker, size_t item_index, bool is_short)
{
    const struct overlay_pick *pick = &maker->boxed.items[item_index];
    const struct overlay_metrics *m = &maker->metrics;
    struct overlay_item *item = &maker->items[item_index];
    char **string = &maker->item_strings[item_index];
    unsigned show = maker->style->show;
    int max_width_px = MIN((int)(OVERLAY_PLATE_MAX_EMS * m->font_px),
                           MIN(maker->overlay->width_px, OVERLAY_PLATE_MAX_PX) - 2 * m->pad_x_px);

    if (is_short && (show & OVERLAY_SHOW_CONFIDENCE) != 0 &&
        !isnan(label_of(maker, pick->label_index)->confidence_pct))
        show = OVERLAY_SHOW_CONFIDENCE;
    item->box_index = box_index_of(maker->overlay, pick->label_index);
    if (overlay_text_fit(&maker->text, label_of(maker, pick->label_index), show, 1, max_width_px,
                         string) != 0)
        return IR_ERR_NOMEM;
    if (*string == NULL) { /* the picture is narrower than a letter */
        item->width_px = item->height_px = OVERLAY_MAX_SIDE_PX + 1;
        return 0;
    }
    overlay_text_measure(&maker->text, *string, &item->width_px, &item->height_px);
    item->width_px += 2 * m->pad_x_px;
    item->height_px += 2 * m->pad_y_px;
    item->max_cost = max_cost_of(maker, pick, item);
    return 0;
}

/*
 * The plates of the boxes, the most deserving first, as many as the picture bears. A name that the
 * legend tells takes no room from others: it may get no plate.
 */
static int make_items(struct overlay_maker *maker, size_t *out_count)
{
    double room = PLATES_MAX_AREA_SHARE * maker->overlay->width_px * maker->overlay->height_px;
    size_t count = 0;

    while (count < maker->boxed.count && count < OVERLAY_MAX_PLATES &&
           (count < PLATES_MIN_COUNT || room > 0)) {
        const struct overlay_pick *pick = &maker->boxed.items[count];

        if (make_item(maker, count, pick->is_told && !pick->first_of_name) != 0)
            return IR_ERR_NOMEM;
        if (maker->item_strings[count] != NULL && !(pick->is_told && pick->first_of_name))
            room -= (double)maker->items[count].width_px * maker->items[count].height_px;
        count++;
    }
    *out_count = count;
    return 0;
}

/* Places the plates. A name that the legend tells is not written in full where it would hide much.
 */
static int place_items(struct overlay_maker *maker, size_t count)
{
    struct overlay_scene scene = overlay_scene_of(maker);

    overlay_place(&scene, maker->items, count);
    for (size_t i = 0; i < count; i++) {
        const struct overlay_pick *pick = &maker->boxed.items[i];

        if (!pick->is_told || !pick->first_of_name || !maker->items[i].placed ||
            maker->items[i].cost <= OVERLAY_REPEAT_MAX_COST)
            continue;
        g_clear_pointer(&maker->item_strings[i], free);
        if (make_item(maker, i, true) != 0)
            return IR_ERR_NOMEM;
        overlay_place_one(&scene, maker->items, count, i);
    }
    return 0;
}

/* Appends the plate of an item that found a place; the string moves into it. */
static void add_box_plate(struct overlay_maker *maker, size_t item_index)
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
    plate->opacity = overlay_readable_opacity(plate->fill, plate->ink, overlay->opacity);
    maker->item_strings[item_index] = NULL;
}

static int make_plates(struct overlay_maker *maker)
{
    struct overlay *overlay = maker->overlay;
    size_t count = 0;
    size_t placed_count = 0;
    int rc = 0;

    if (maker->style->form != OVERLAY_LEGEND)
        rc = make_items(maker, &count);
    if (rc == 0)
        rc = place_items(maker, count);
    if (rc != 0)
        return rc;
    for (size_t i = 0; i < count; i++) {
        maker->boxed.items[i].has_plate = maker->items[i].placed;
        if (maker->items[i].placed) {
            overlay->boxes[maker->items[i].box_index].leader = maker->items[i].leader;
            add_box_plate(maker, i);
            placed_count++;
        }
    }
    if (maker->style->form != OVERLAY_LEGEND)
        overlay->plates_left_out = maker->boxed.seen - placed_count;
    return 0;
}

/* Back to where only the boxes were made. */
static void unmake_plates(struct overlay_maker *maker)
{
    struct overlay *overlay = maker->overlay;

    for (size_t i = 0; i < overlay->plate_count; i++)
        free((char *)(uintptr_t)overlay->plates[i].string); /* ours; const for the reader */
    memset(overlay->plates, 0, overlay->plate_count * sizeof *overlay->plates);
    overlay->plate_count = 0;
    overlay->legend = (struct ir_rect){0, 0, 0, 0};
    for (size_t i = 0; i < overlay->box_count; i++)
        overlay->boxes[i].leader.width_px = 0;
    for (size_t i = 0; i < maker->boxed.count; i++)
        maker->boxed.items[i].has_plate = maker->boxed.items[i].is_told = false;
    for (size_t i = 0; i < OVERLAY_MAX_PLATES; i++)
        g_clear_pointer(&maker->item_strings[i], free);
    for (size_t i = 0; i < OVERLAY_MAX_LEGEND_LINES; i++)
        g_clear_pointer(&maker->line_strings[i], free);
    memset(maker->items, 0, OVERLAY_MAX_PLATES * sizeof *maker->items);
    memset(maker->lines, 0, OVERLAY_MAX_LEGEND_LINES * sizeof *maker->lines);
}

/*
 * The legend first, since plates keep off it. Where boxes stay without a name, it lists their names
 * beside their colours, and says how many such boxes there are. It may then hide the place of
 * another plate: what has no key gets one as long as there is anything new to be told.
 */
int overlay_make_names(struct overlay_maker *maker)
{
    int rc;

    unmake_plates(maker);
    for (size_t i = 0; i < maker->boxed.count; i++) /* where no plate has a name, the legend does */
        maker->boxed.items[i].is_keyed = (maker->style->show & OVERLAY_SHOW_NAME) == 0;
    rc = overlay_make_legend(maker, false);
    if (rc == 0)
        rc = make_plates(maker);
    for (int i = 0; rc == 0 && i < KEY_ROUNDS && maker->overlay->plates_left_out > 0; i++) {
        if (!overlay_key_picks(&maker->boxed) && i > 0)
            break;
        unmake_plates(maker);
        rc = overlay_make_legend(maker, true);
        if (rc == 0)
            rc = make_plates(maker);
    }
    return rc == 0 ? overlay_finish_legend(maker) : rc;
}

/* False when out of memory; release_maker() takes what is there in any case. */
static bool init_maker(struct overlay_maker *maker)
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
    return overlay_picks_init(&maker->boxed, OVERLAY_MAX_BOXES) &&
           overlay_picks_init(&maker->boxless, OVERLAY_MAX_LEGEND_LINES) &&
           overlay->plates != NULL && maker->items != NULL && maker->item_strings != NULL &&
           maker->lines != NULL && maker->line_strings != NULL;
}

static void free_strings(char **strings, size_t count)
{
    for (size_t i = 0; strings != NULL && i < count; i++)
        free(strings[i]);
    free(strings);
}

static void release_maker(struct overlay_maker *maker)
{
    if (maker->has_text)
        overlay_text_release(&maker->text);
    free_strings(maker->item_strings, OVERLAY_MAX_PLATES);
    free_strings(maker->line_strings, OVERLAY_MAX_LEGEND_LINES);
    free(maker->items);
    free(maker->lines);
    overlay_picks_release(&maker->boxed);
    overlay_picks_release(&maker->boxless);
    overlay_free(maker->overlay);
}

static int make(struct overlay_maker *maker)
{
    int rc;

    overlay_pick(maker->result, maker->style, &maker->boxed, &maker->boxless);
    maker->overlay->boxes_left_out = maker->boxed.seen - maker->boxed.count;
    overlay_favour_first_of_name(&maker->boxed);
    overlay_color_picks(&maker->boxed, maker->style);
    overlay_choose_sizes(maker);
    maker->overlay->form = maker->style->form;
    maker->overlay->opacity = maker->style->opacity;
    maker->overlay->legend_opacity = overlay_readable_opacity(
        overlay_panel_color(), overlay_panel_ink(), OVERLAY_PANEL_OPACITY * maker->style->opacity);
    maker->overlay->fonts = maker->style->fonts;
    rc = overlay_make_boxes(maker);
    return rc == 0 ? overlay_fit_type(maker) : rc;
}

int overlay_new_styled(const struct ir_result *result, int width_px, int height_px,
                       const struct overlay_style *style, struct overlay **out,
                       struct ir_error *err)
{
    struct overlay_maker maker = {.result = result, .style = style};
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

int overlay_new(const struct ir_result *result, int width_px, int height_px, struct overlay **out,
                struct ir_error *err)
{
    static const struct overlay_style style = OVERLAY_STYLE_INIT;

    return overlay_new_styled(result, width_px, height_px, &style, out, err);
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
