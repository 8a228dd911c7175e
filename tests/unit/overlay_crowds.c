/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Crowded scenes for the tests of the overlay, and how much of them its plates hide. */
#include "tests/unit/overlay_crowds.h"

struct ir_result *new_page(const struct page_of_text *page)
{
    struct ir_result *result = new_result();
    double pitch_frac = 0.9 / page->line_count;
    double room_frac = 1 - 2 * page->margin_frac;

    random_state = 40;
    for (int i = 0; i < page->line_count; i++) {
        bool ends_paragraph = i % 7 == 6;
        double share = ends_paragraph ? 0.2 + 0.5 * random_unit() : 0.9 + 0.1 * random_unit();
        struct ir_box box = {page->margin_frac, 0.05 + i * pitch_frac, share * room_frac,
                             page->height_frac * pitch_frac};
        char name[32];

        snprintf(name, sizeof name, "Line %d", i + 1);
        add_label(result, page->is_named ? name : "Text", 99.5 - i % 9, &box);
    }
    return result;
}

struct ir_result *new_class(int rows, int columns, double height_frac, bool is_named)
{
    struct ir_result *result = new_result();

    random_state = 1904;
    for (int i = 0; i < rows * columns; i++) {
        int row = i / columns;
        double across = (i % columns + (row % 2 == 0 ? 0.35 : 0.85)) / (columns + 0.7);
        double aside = 0.006 * (random_unit() - 0.5);
        struct ir_box box = {across + aside, 0.12 + row * 0.68 / rows + 0.02 * random_unit(),
                             0.7 / columns, height_frac * 0.68 / rows};
        char name[32];

        snprintf(name, sizeof name, "Pupil %d", i + 1);
        add_label(result, is_named ? name : "Face", 99.9 - i % 13, &box);
    }
    return result;
}

/* With some slack: the outline of a thing may stand out of what holds it. */
static bool lies_in(const struct overlay_box *inner, const struct overlay_box *outer)
{
    struct ir_rect wide = rect_inset(&outer->rect, -outer->outline_px);

    return rect_holds(&wide, &inner->rect);
}

struct hidden hidden_by_plates(const struct overlay *overlay)
{
    struct hidden sum = {0, 0, 0};

    for (size_t i = 0; i < overlay->box_count; i++) {
        const struct overlay_box *box = &overlay->boxes[i];
        struct ir_rect thing = rect_inset(&box->rect, box->outline_px);
        double area = (double)rect_area(&thing) * (double)overlay->box_count;

        if (thing.width_px < 1 || thing.height_px < 1)
            continue;
        sum.legend += (double)rect_common(&thing, &overlay->legend) / area;
        for (size_t j = 0; j < overlay->plate_count; j++) {
            const struct overlay_plate *plate = &overlay->plates[j];
            double share = (double)rect_common(&thing, &plate->rect) / area;

            if (plate->box_index == OVERLAY_NO_BOX)
                continue;
            if (plate->box_index == i)
                sum.own += share;
            else if (!lies_in(&overlay->boxes[plate->box_index], box))
                sum.others += share;
        }
    }
    return sum;
}
