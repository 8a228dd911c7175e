/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns what the legend says: labels without a box, a line each; with OVERLAY_LEGEND, and where
 * boxes have no plate, before them each name that has boxes, beside its colour; last, where
 * something was left out, how much. Where the panel lies is overlay_legend.c's.
 */
#include "plugins/common/overlay_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEGEND_MAX_EMS 20.0
#define MIN_KEY_LINES 12  /* that say whose colour is which, unless they hide more than that */
#define CHIP_EMS 0.72     /* a side of the square of colour */
#define CHIP_GAP_EMS 0.45 /* between it and the name */
#define MORE_BYTES 80     /* "+ 1000000 more, 1000000 boxes by colour alone" */

static int chip_px(const struct overlay_maker *maker)
{
    return MAX(2, (int)(CHIP_EMS * maker->metrics.font_px));
}

/* What a line with a chip has in front of its text. */
static int indent_px(const struct overlay_maker *maker)
{
    return chip_px(maker) + MAX(1, (int)(CHIP_GAP_EMS * maker->metrics.font_px));
}

/* What found no room, in words. A colour that two lines have names no box. */
static void word_more(const struct overlay_maker *maker, size_t lines, size_t boxes,
                      char out[MORE_BYTES])
{
    const char *plural = boxes == 1 ? "" : "es";

    if (lines + boxes == 0) /* short plates made room for all */
        snprintf(out, MORE_BYTES, "%s",
                 maker->lines_share_color ? "all are named" : "same colour, same name");
    else if (lines > 0 && boxes > 0)
        snprintf(out, MORE_BYTES, "+ %zu more, %zu box%s unnamed", lines, boxes, plural);
    else if (lines > 0)
        snprintf(out, MORE_BYTES, "+ %zu more", lines);
    else if (maker->lines_share_color)
        snprintf(out, MORE_BYTES, "%zu box%s unnamed", boxes, plural);
    else
        snprintf(out, MORE_BYTES, "%zu box%s by colour alone", boxes, plural);
}

static int text_width_px(struct overlay_maker *maker, const char *string)
{
    int width_px, height_px;

    overlay_text_measure(&maker->text, string, &width_px, &height_px);
    return width_px;
}

/* How many boxes have the name of `first`. */
static size_t count_of_name(const struct overlay_picks *picks, const struct overlay_pick *first)
{
    size_t count = 0;

    for (size_t i = 0; i < picks->count; i++)
        count += strcmp(picks->items[i].name, first->name) == 0;
    return count;
}

/* Words and measures the next line; false when the panel has no more room for lines or letters. */
static int add_line(struct overlay_maker *maker, const struct overlay_pick *pick, size_t count,
                    int room_px, bool *out_added)
{
    const struct ir_label *label = ir_result_get_label(maker->result, pick->label_index);
    struct overlay_line *line = &maker->lines[maker->line_count];
    bool has_chip = label->has_box;
    int before_px = has_chip ? indent_px(maker) : 0;
    char *string = NULL;

    *out_added = false;
    if (maker->line_count == OVERLAY_MAX_LEGEND_LINES)
        return 0;
    if (overlay_text_fit(&maker->text, label, maker->style->show | OVERLAY_SHOW_NAME, count,
                         room_px - before_px, &string) != 0)
        return IR_ERR_NOMEM;
    if (string == NULL) /* the picture is narrower than a letter */
        return 0;
    maker->line_strings[maker->line_count] = string;
    maker->line_picks[maker->line_count] = pick;
    overlay_text_measure(&maker->text, string, &line->width_px, &line->height_px);
    line->width_px += before_px;
    line->box_count = has_chip ? count : 0;
    maker->line_count++;
    *out_added = true;
    return 0;
}

/* Words the lines of labels; `*out_wanted` is how many there would be with room for all. */
static int make_label_lines(struct overlay_maker *maker, int room_px, size_t *out_wanted)
{
    const struct overlay_picks *boxed = &maker->boxed;
    const struct overlay_picks *boxless = &maker->boxless;
    bool added = true;
    int rc = 0;

    *out_wanted = boxless->seen;
    for (size_t i = 0; i < boxed->count; i++) {
        const struct overlay_pick *pick = &boxed->items[i];

        if (!pick->first_of_name || !(pick->is_keyed || maker->style->form == OVERLAY_LEGEND))
            continue;
        (*out_wanted)++;
        if (rc == 0 && added)
            rc = add_line(maker, pick, count_of_name(boxed, pick), room_px, &added);
    }
    maker->key_line_count = maker->line_count;
    for (size_t i = 0; i < boxless->count && rc == 0 && added; i++)
        rc = add_line(maker, &boxless->items[i], 1, room_px, &added);
    return rc;
}

/* A rectangle of the text's size, vertically in the middle of `area`. */
static struct ir_rect text_rect(struct overlay_maker *maker, const char *string,
                                const struct ir_rect *area, int before_px)
{
    struct ir_rect out = *area;
    int width_px, height_px;

    overlay_text_measure(&maker->text, string, &width_px, &height_px);
    out.left_px += before_px;
    out.width_px = MIN(width_px, area->width_px - before_px);
    out.height_px = MIN(height_px, area->height_px);
    out.top_px += (area->height_px - out.height_px) / 2;
    return out;
}

static void set_plate(struct overlay_maker *maker, struct overlay_plate *plate, size_t line_index,
                      char *string)
{
    bool has_chip = plate->label_index != OVERLAY_NO_LABEL &&
                    ir_result_get_label(maker->result, plate->label_index)->has_box;
    int side_px = chip_px(maker);

    plate->box_index = OVERLAY_NO_BOX;
    plate->rect = maker->lines[line_index].rect;
    plate->text = text_rect(maker, string, &plate->rect, has_chip ? indent_px(maker) : 0);
    plate->string = string;
    plate->opacity = maker->overlay->legend_opacity;
    plate->fill = overlay_panel_worst(plate->opacity);
    plate->ink = overlay_panel_ink();
    if (!has_chip)
        return;
    plate->chip = (struct ir_rect){plate->rect.left_px,
                                   plate->rect.top_px + (plate->rect.height_px - side_px) / 2,
                                   side_px, side_px};
    plate->chip_color = maker->line_picks[line_index]->color;
}

/* Notes which names the first `shown` lines tell, each by a colour that no other of them has. */
static void note_told(struct overlay_maker *maker, size_t shown)
{
    for (size_t i = 0; i < shown && i < maker->key_line_count; i++) {
        const struct overlay_pick *pick = maker->line_picks[i];
        bool is_shared = false;

        for (size_t j = 0; j < shown && j < maker->key_line_count; j++)
            is_shared = is_shared ||
                        (j != i && overlay_same_color(maker->line_picks[j]->color, pick->color));
        if (is_shared)
            maker->lines_share_color = true;
        else
            overlay_tell_picks(&maker->boxed, pick->name);
    }
}

/* Appends the lines that found room to the plates; the last one says what was left out. */
static int add_plates(struct overlay_maker *maker, size_t placed, size_t wanted, bool counts_boxes)
{
    struct overlay *overlay = maker->overlay;
    bool is_short = placed < wanted + (counts_boxes ? 1 : 0);
    bool has_summary = (counts_boxes && placed > 0) || (is_short && placed >= 2);
    size_t shown = has_summary ? placed - 1 : placed;
    char more[MORE_BYTES];

    maker->lines_left_out = wanted - shown;
    note_told(maker, shown);
    overlay->legend_left_out = maker->boxless.seen;
    for (size_t i = 0; i < placed; i++) {
        struct overlay_plate *plate = &overlay->plates[overlay->plate_count];
        char *string = maker->line_strings[i];

        plate->label_index = i < shown ? maker->line_picks[i]->label_index : OVERLAY_NO_LABEL;
        if (i >= shown) {
            word_more(maker, maker->lines_left_out, counts_boxes ? maker->boxed.seen : 0, more);
            string = strdup(more);
            if (string == NULL)
                return IR_ERR_NOMEM;
        } else {
            maker->line_strings[i] = NULL; /* moved */
            if (!ir_result_get_label(maker->result, plate->label_index)->has_box)
                overlay->legend_left_out--;
        }
        set_plate(maker, plate, i, string);
        overlay->plate_count++;
    }
    return 0;
}

int overlay_make_legend(struct overlay_maker *maker, bool counts_boxes)
{
    struct overlay_metrics *m = &maker->metrics;
    struct overlay_scene scene = overlay_scene_of(maker);
    int room_px = maker->overlay->width_px - 2 * (m->margin_px + m->panel_pad_px);
    char more[MORE_BYTES];
    size_t wanted = 0;
    size_t placed;
    int more_px;
    int rc;

    room_px = MIN(MIN(room_px, OVERLAY_PLATE_MAX_PX), (int)(LEGEND_MAX_EMS * m->font_px));
    maker->line_count = 0;
    rc = make_label_lines(maker, room_px, &wanted);
    if (rc != 0)
        return rc;
    maker->lines_share_color = false; /* not known yet: worded at its longest */
    word_more(maker, wanted, counts_boxes ? maker->boxed.seen : 0, more);
    more_px = text_width_px(maker, more);
    if (counts_boxes && maker->line_count < OVERLAY_MAX_LEGEND_LINES && more_px <= room_px) {
        overlay_text_measure(&maker->text, more, &maker->lines[maker->line_count].width_px,
                             &maker->lines[maker->line_count].height_px);
        maker->line_count++;
    }
    /* Any line may become the one that says what was left out. */
    for (size_t i = 0; wanted + counts_boxes > 1 && i < maker->line_count; i++)
        maker->lines[i].width_px = MAX(maker->lines[i].width_px, MIN(more_px, room_px));
    placed = maker->line_count;
    m->legend_lines =
        MAX(OVERLAY_MIN_LEGEND_LINES, MIN(maker->key_line_count + counts_boxes, MIN_KEY_LINES));
    if (placed > 0)
        maker->overlay->legend = overlay_legend_place(&scene, m, maker->lines, &placed);
    return add_plates(maker, placed, wanted, counts_boxes && more_px <= room_px);
}

int overlay_finish_legend(struct overlay_maker *maker)
{
    struct overlay *overlay = maker->overlay;
    char more[MORE_BYTES];

    for (size_t i = 0; i < overlay->plate_count; i++) {
        struct overlay_plate *plate = &overlay->plates[i];
        char *string;

        if (plate->label_index != OVERLAY_NO_LABEL)
            continue;
        word_more(maker, maker->lines_left_out, overlay->plates_left_out, more);
        string = strdup(more);
        if (string == NULL)
            return IR_ERR_NOMEM;
        free((char *)(uintptr_t)plate->string); /* ours; const for the reader */
        plate->string = string;
        plate->text = text_rect(maker, string, &plate->rect, 0);
    }
    return 0;
}
