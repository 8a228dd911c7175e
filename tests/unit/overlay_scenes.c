/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scenes for the tests of the overlay, and what holds for every overlay. */
#include "tests/unit/overlay_scenes.h"

/* ---- making scenes ------------------------------------------------------------------------- */

uint64_t random_state;

/* xorshift64*; the same seed gives the same scene everywhere. */
double random_unit(void)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (double)(random_state * 2685821657736338717U >> 11) / 9007199254740992.0;
}

int random_between(int low, int high)
{
    return low + (int)(random_unit() * (high - low + 1));
}

void add_label(struct ir_result *result, const char *name, double confidence_pct,
               const struct ir_box *box)
{
    struct ir_label label = {
        .name = name, .confidence_pct = confidence_pct, .label_confidence_pct = confidence_pct};

    if (box != NULL) {
        label.has_box = true;
        label.box = *box;
    }
    assert_int_equal(ir_result_add_label(result, &label, NULL), 0);
}

struct ir_result *new_result(void)
{
    struct ir_result *result = ir_result_new();

    assert_non_null(result);
    return result;
}

struct ir_box random_box(double max_frac)
{
    struct ir_box box = {0, 0, 0.004 + random_unit() * random_unit() * max_frac,
                         0.004 + random_unit() * random_unit() * max_frac};

    box.left_frac = random_unit() * (1 - box.width_frac);
    box.top_frac = random_unit() * (1 - box.height_frac);
    return box;
}

const char *const names[NAME_COUNT] = {
    "Person",
    "Face",
    "Car",
    "Wheel",
    "Flag",
    "Traffic Light",
    "Dog",
    "한국어",
    "عربي",
    "Potted Plant",
    "🚗",
    "License Plate",
    "A",
    "Barcode",
    "<b>&",
    "@/etc/passwd",
    "%[fx:1]",
    "Double Decker Bus",
    "Tree",
    "QR Code",
    "Bottle",
    "Wine Glass",
    "日本語のラベル",
    "",
};

struct ir_result *random_result(int boxed_count, int boxless_count)
{
    struct ir_result *result = new_result();

    for (int i = 0; i < boxed_count; i++) {
        struct ir_box box = random_box(random_unit());

        add_label(result, names[random_between(0, NAME_COUNT - 1)], 50 + 50 * random_unit(), &box);
        if (random_unit() < 0.1) /* twice the same box */
            add_label(result, names[random_between(0, NAME_COUNT - 1)], 50 + 50 * random_unit(),
                      &box);
    }
    for (int i = 0; i < boxless_count; i++)
        add_label(result, names[random_between(0, NAME_COUNT - 1)], 100 * random_unit(), NULL);
    return result;
}

struct overlay *lay_out(const struct ir_result *result, int width_px, int height_px)
{
    struct overlay *overlay = NULL;
    struct ir_error err;

    assert_int_equal(overlay_new(result, width_px, height_px, &overlay, &err), 0);
    assert_non_null(overlay);
    return overlay;
}

/* ---- what holds for every overlay ---------------------------------------------------------- */

void assert_holds(const struct ir_rect *outer, const struct ir_rect *inner, const char *what)
{
    if (!rect_holds(outer, inner))
        fail_msg("%s: %d,%d %dx%d lies not in %d,%d %dx%d", what, inner->left_px, inner->top_px,
                 inner->width_px, inner->height_px, outer->left_px, outer->top_px, outer->width_px,
                 outer->height_px);
}

static bool on_edge(const struct ir_rect *rect, const struct ir_pixel *point)
{
    return (point->x_px == rect->left_px || point->x_px == rect_right(rect) ||
            point->y_px == rect->top_px || point->y_px == rect_bottom(rect)) &&
           rect_holds(rect, &(struct ir_rect){point->x_px, point->y_px, 0, 0});
}

/* It leads from the plate's edge to its box's outline, in the picture, and crosses no other plate.
 */
static void check_leader(const struct overlay *overlay, const struct overlay_plate *plate,
                         const struct overlay_leader *leader)
{
    const struct ir_rect picture = {0, 0, overlay->width_px, overlay->height_px};
    const struct overlay_box *box = &overlay->boxes[plate->box_index];
    struct ir_rect hole = rect_inset(&box->rect, box->outline_px);

    assert_true(leader->width_px > 0 && leader->width_px <= MAX(4, overlay->line_width_px + 2));
    assert_holds(&picture, &(struct ir_rect){leader->plate.x_px, leader->plate.y_px, 0, 0},
                 "leader in picture");
    assert_true(on_edge(&plate->rect, &leader->plate));
    assert_holds(&box->rect, &(struct ir_rect){leader->box.x_px, leader->box.y_px, 0, 0},
                 "leader at its box");
    assert_false(leader->box.x_px > hole.left_px && leader->box.x_px < rect_right(&hole) &&
                 leader->box.y_px > hole.top_px && leader->box.y_px < rect_bottom(&hole));
    assert_false(overlay_leader_meets(leader, &overlay->legend));
    for (size_t i = 0; i < overlay->plate_count; i++)
        assert_true(&overlay->plates[i] == plate ||
                    !overlay_leader_meets(leader, &overlay->plates[i].rect));
}

static void check_plate(const struct overlay *overlay, size_t index)
{
    const struct overlay_plate *plate = &overlay->plates[index];
    const struct ir_rect picture = {0, 0, overlay->width_px, overlay->height_px};
    bool in_legend = plate->box_index == OVERLAY_NO_BOX;

    assert_holds(&picture, &plate->rect, "plate in picture");
    assert_holds(&plate->rect, &plate->text, "text in plate");
    if (in_legend)
        assert_holds(&overlay->legend, &plate->rect, "line in legend");
    else
        assert_false(rect_overlaps(&overlay->legend, &plate->rect));
    assert_true(g_utf8_validate(plate->string, -1, NULL));
    assert_true(*plate->string != '\0');
    assert_true(overlay_contrast(plate->fill, plate->ink) >= MIN_CONTRAST);
    if (!in_legend) {
        const struct ir_rect *box = &overlay->boxes[plate->box_index].rect;
        const struct overlay_leader *leader = &overlay->boxes[plate->box_index].leader;
        struct ir_rect near = rect_inset(box, -1);

        if (leader->width_px > 0)
            check_leader(overlay, plate, leader);
        else
            assert_true(rect_overlaps(&near, &plate->rect)); /* it touches its box */
        assert_int_equal(plate->label_index, overlay->boxes[plate->box_index].label_index);
        assert_memory_equal(&plate->fill, &overlay->boxes[plate->box_index].color,
                            sizeof plate->fill);
    }
    for (size_t i = 0; i < index; i++)
        assert_false(rect_overlaps(&plate->rect, &overlay->plates[i].rect));
}

void check_overlay(const struct overlay *overlay, const struct ir_result *result)
{
    const struct ir_rect picture = {0, 0, overlay->width_px, overlay->height_px};
    size_t box_plates = 0;
    size_t lines = 0;

    assert_holds(&picture, &overlay->legend, "legend in picture");
    for (size_t i = 0; i < overlay->box_count; i++) {
        const struct overlay_box *box = &overlay->boxes[i];

        assert_holds(&picture, &box->rect, "box in picture");
        assert_true(box->rect.width_px > 0 && box->rect.height_px > 0);
        assert_true(ir_result_get_label(result, box->label_index)->has_box);
        if (i > 0)
            assert_true(rect_area(&box->rect) <=
                        rect_area(&overlay->boxes[i - 1].rect) + 64 * OVERLAY_MAX_SIDE_PX);
    }
    for (size_t i = 0; i < overlay->plate_count; i++) {
        check_plate(overlay, i);
        box_plates += overlay->plates[i].box_index != OVERLAY_NO_BOX;
        lines += overlay->plates[i].box_index == OVERLAY_NO_BOX &&
                 overlay->plates[i].label_index != OVERLAY_NO_LABEL &&
                 overlay->plates[i].chip.width_px == 0; /* a name that boxes have */
    }
    assert_true(overlay->box_count <= OVERLAY_MAX_BOXES);
    assert_true(box_plates <= OVERLAY_MAX_PLATES && lines <= OVERLAY_MAX_LEGEND_LINES);
    assert_int_equal(box_plates + overlay->plates_left_out,
                     overlay->box_count + overlay->boxes_left_out);
    assert_int_equal(box_plates + overlay->plates_left_out + lines + overlay->legend_left_out,
                     ir_result_label_count(result));
}

/* Fontconfig keeps what it has read until the program ends. */
IR_PUBLIC const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig.so\n";
}
