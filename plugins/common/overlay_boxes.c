/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns where outlines lie: around the label's pixels, inside where the picture ends, thinner around
 * small things, and one in the other where two labels have the same box.
 */
#include "plugins/common/overlay_private.h"

#include <stdlib.h>

#define OUTLINE_MIN_PX 3 /* around a thing however small: colour between its casings */

/* Thinner around a small thing, which is not to disappear in its own outline. */
static int outline_px_of(const struct overlay *overlay, const struct ir_rect *label)
{
    int side_px = label->width_px < label->height_px ? label->width_px : label->height_px;
    int thin_px = side_px / 3 > OUTLINE_MIN_PX ? side_px / 3 : OUTLINE_MIN_PX;

    return thin_px < (int)overlay->line_width_px ? thin_px : (int)overlay->line_width_px;
}

/* The part of `rect` that lies in the picture. */
static struct ir_rect cut_to_picture(const struct overlay *overlay, const struct ir_rect *rect)
{
    int left = MAX(rect->left_px, 0);
    int top = MAX(rect->top_px, 0);

    return (struct ir_rect){left, top, MIN(rect_right(rect), overlay->width_px) - left,
                            MIN(rect_bottom(rect), overlay->height_px) - top};
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
            int outline_px = overlay->boxes[j].outline_px;
            struct ir_rect inner = rect_inset(outer, outline_px + 1);

            if (nearly_equal(rect, outer, outline_px) && inner.width_px > 3 * outline_px &&
                inner.height_px > 3 * outline_px)
                *rect = inner;
        }
    }
}

int overlay_make_boxes(struct overlay_maker *maker)
{
    struct overlay *overlay = maker->overlay;
    const struct overlay_picks *list = &maker->boxed;

    overlay->boxes = calloc(list->count + 1, sizeof *overlay->boxes);
    if (overlay->boxes == NULL)
        return IR_ERR_NOMEM;
    for (size_t i = 0; i < list->count; i++) {
        const struct ir_label *label =
            ir_result_get_label(maker->result, list->items[i].label_index);
        struct ir_box box = label->box;

        struct overlay_box *out = &overlay->boxes[i];
        struct ir_rect place, around;

        (void)ir_box_clamp(&box); /* true for every pick */
        place = ir_box_to_pixels(box, overlay->width_px, overlay->height_px);
        out->label_index = list->items[i].label_index;
        out->outline_px = outline_px_of(overlay, &place);
        around = rect_inset(&place, -out->outline_px);
        out->rect = cut_to_picture(overlay, &around);
        out->color = list->items[i].color;
    }
    overlay->box_count = list->count;
    qsort(overlay->boxes, overlay->box_count, sizeof *overlay->boxes, compare_boxes);
    nest_equal_boxes(overlay);
    return 0;
}
