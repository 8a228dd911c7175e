/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks of the user's choice: how they are read, and what comes of them. */
#include "tests/unit/overlay_scenes.h"

#include <math.h>
#include <imgrecog/settings.h>

/* ---- reading ------------------------------------------------------------------------------- */

static const struct setting_row {
    const char *name;
    const char *key;
    const char *value;
    const char *message; /* of the refusal; NULL = it is taken */
} setting_rows[] = {
    {"safe colours", "palette", "safe", NULL},
    {"bright colours", "palette", "bright", NULL},
    {"no colours", "palette", "mono", NULL},
    {"one colour", "palette", "#E69f00", NULL},
    {"three colours", "palette", "#e69f00,#56b4e9,#000000", NULL},
    {"a colour's name", "palette", "red", "palette"},
    {"a short colour", "palette", "#fff", "palette"},
    {"a long colour", "palette", "#ffffff00", "palette"},
    {"a comma at the end", "palette", "#ffffff,", "palette"},
    {"a sign", "palette", "#+fffff", "palette"},
    {"a family", "font", "DejaVu Serif", NULL},
    {"a family and a size", "font", "DejaVu Serif 30.5", NULL},
    {"a size", "font", "30", NULL},
    {"no size", "font", "DejaVu Serif 0", "pixels"},
    {"a huge size", "font", "99999", "pixels"},
    {"broken UTF-8", "font", "a\xff", "UTF-8"},
    {"a long family", "font",
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     "too long"},
};

static void test_setting(void **state)
{
    const struct setting_row *row = *state;
    struct ir_settings *settings = NULL;
    struct overlay_style style;
    struct ir_error err = {0};

    assert_int_equal(ir_settings_new(&settings, &err), 0);
    assert_int_equal(ir_settings_set(settings, row->key, row->value, "test", &err), 0);
    assert_int_equal(overlay_style_init(&style, settings, &err),
                     row->message != NULL ? IR_ERR_ARG : 0);
    if (row->message != NULL)
        assert_non_null(strstr(err.message, row->message));
    ir_settings_free(settings);
}

static void test_presets(void **state)
{
    const struct overlay_style preset = OVERLAY_STYLE_INIT;
    struct ir_settings *settings = NULL;
    struct overlay_style style;

    (void)state;
    assert_int_equal(ir_settings_new(&settings, NULL), 0);
    assert_int_equal(overlay_style_init(&style, settings, NULL), 0);
    assert_int_equal(style.form, preset.form);
    assert_int_equal(style.sort, preset.sort);
    assert_int_equal(style.show, preset.show);
    assert_null(style.only);
    assert_true(style.line_width_px == 0 && style.font_px == 0 && style.opacity == 1);
    assert_string_equal(style.font_family, preset.font_family);
    assert_int_equal(style.color_count, 0);
    assert_int_equal(ir_settings_set(settings, "font", "DejaVu Serif 30.5", "test", NULL), 0);
    assert_int_equal(ir_settings_set(settings, "palette", "#ff0000,#0000ff", "test", NULL), 0);
    assert_int_equal(overlay_style_init(&style, settings, NULL), 0);
    assert_string_equal(style.font_family, "DejaVu Serif");
    assert_true(style.font_px == 30.5);
    assert_int_equal(style.color_count, 2);
    assert_true(style.colors[1].red == 0 && style.colors[1].blue == 1);
    ir_settings_free(settings);
}

/* ---- what comes of them -------------------------------------------------------------------- */

static struct ir_result *street(void)
{
    static const char *const parents[] = {"Vehicle", "Transportation"};
    const struct ir_box box = {0.55, 0.5, 0.3, 0.2};
    struct ir_label car = {.name = "Car",
                           .confidence_pct = 91,
                           .label_confidence_pct = 91,
                           .has_box = true,
                           .box = box,
                           .parents = parents,
                           .parent_count = 2};
    struct ir_result *result = new_result();

    add_label(result, "Person", 95, &(struct ir_box){0.1, 0.3, 0.1, 0.4});
    add_label(result, "Person", 85, &(struct ir_box){0.3, 0.3, 0.2, 0.5});
    assert_int_equal(ir_result_add_label(result, &car, NULL), 0);
    add_label(result, "Sky", 99, NULL);
    add_label(result, "Building", 70, NULL);
    return result;
}

static struct overlay *lay_out_styled(const struct ir_result *result,
                                      const struct overlay_style *style)
{
    struct overlay *overlay = NULL;

    assert_int_equal(overlay_new_styled(result, 1600, 1200, style, &overlay, NULL), 0);
    return overlay;
}

/* The strings of all plates, with '|' between: boxes' after the legend's. */
static void join_strings(const struct overlay *overlay, char *out, size_t out_bytes)
{
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < overlay->plate_count; i++)
        used += (size_t)snprintf(out + used, out_bytes - used, "%s%s", i > 0 ? "|" : "",
                                 overlay->plates[i].string);
}

static const struct style_row {
    const char *name;
    struct overlay_style style;
    size_t box_count;
    const char *strings;
} style_rows[] = {
    {"as it is", OVERLAY_STYLE_INIT, 3, "Sky 99%|Building 70%|Person 95%|Car 91%|Person 85%"},
    {"names",
     {.show = OVERLAY_SHOW_NAME, .opacity = 1, .font_family = "sans"},
     3,
     "Sky|Building|Person|Car|Person"},
    {"confidence",
     {.show = OVERLAY_SHOW_CONFIDENCE, .opacity = 1, .font_family = "sans"},
     3,
     "Person 95% \xC3\x97\xC2\xA0"
     "2|Car 91%|Sky 99%|Building 70%|95%|91%|85%"},
    {"parents",
     {.show = OVERLAY_SHOW_NAME | OVERLAY_SHOW_CONFIDENCE | OVERLAY_SHOW_PARENTS,
      .opacity = 1,
      .font_family = "sans"},
     3,
     "Sky 99%|Building 70%|Person 95%|Car (Vehicle, Transportation) 91%|Person 85%"},
    {"only some",
     {.show = OVERLAY_SHOW_NAME, .only = "sky, person", .opacity = 1, .font_family = "sans"},
     2,
     "Sky|Person|Person"},
    {"only by a parent",
     {.show = OVERLAY_SHOW_NAME, .only = "Vehicle", .opacity = 1, .font_family = "sans"},
     1,
     "Car"},
    {"only what is not there",
     {.show = OVERLAY_SHOW_NAME, .only = "Vehicles,Ca", .opacity = 1, .font_family = "sans"},
     0,
     ""},
    {"by size",
     {.show = OVERLAY_SHOW_NAME | OVERLAY_SHOW_CONFIDENCE,
      .sort = OVERLAY_BY_SIZE,
      .opacity = 1,
      .font_family = "sans"},
     3,
     "Sky 99%|Building 70%|Person 85%|Car 91%|Person 95%"},
    {"by name",
     {.show = OVERLAY_SHOW_NAME, .sort = OVERLAY_BY_NAME, .opacity = 1, .font_family = "sans"},
     3,
     "Building|Sky|Car|Person|Person"},
    {"all in the legend",
     {.show = OVERLAY_SHOW_NAME | OVERLAY_SHOW_CONFIDENCE,
      .form = OVERLAY_LEGEND,
      .opacity = 1,
      .font_family = "sans"},
     3,
     "Person 95% \xC3\x97\xC2\xA0"
     "2|Car 91%|Sky 99%|Building 70%"},
    {"nothing",
     {.show = OVERLAY_SHOW_NAME, .form = OVERLAY_NONE, .opacity = 1, .font_family = "sans"},
     0,
     ""},
};

static void test_style(void **state)
{
    const struct style_row *row = *state;
    struct ir_result *result = street();
    struct overlay *overlay = lay_out_styled(result, &row->style);
    char strings[512];

    join_strings(overlay, strings, sizeof strings);
    assert_string_equal(strings, row->strings);
    assert_int_equal(overlay->box_count, row->box_count);
    overlay_free(overlay);
    ir_result_free(result);
}

static void test_sizes_and_colors(void **state)
{
    struct overlay_style style = OVERLAY_STYLE_INIT;
    struct ir_result *result = street();
    struct overlay *overlay;

    (void)state;
    style.line_width_px = 11;
    style.font_px = 40;
    style.colors[0] = (struct overlay_color){0.5, 0.5, 0.5};
    style.color_count = 1;
    overlay = lay_out_styled(result, &style);
    assert_true(overlay->line_width_px == 11 && overlay->font_px == 40);
    for (size_t i = 0; i < overlay->box_count; i++) {
        assert_int_equal(overlay->boxes[i].outline_px, 11);
        assert_true(overlay->boxes[i].color.red == 0.5);
    }
    for (size_t i = 0; i < overlay->plate_count; i++)
        assert_true(overlay_contrast(overlay->plates[i].fill, overlay->plates[i].ink) >=
                    MIN_CONTRAST);
    overlay_free(overlay);
    ir_result_free(result);
}

/* The outline's inner edge is the thing's edge; at the picture's edge the outline stays inside. */
static void test_outline_lies_around(void **state)
{
    struct ir_result *result = new_result();
    struct overlay *overlay;
    const struct overlay_box *box;
    struct ir_rect inner;

    (void)state;
    add_label(result, "Thing", 90, &(struct ir_box){0.25, 0.5, 0.25, 0.25});
    overlay = lay_out(result, 400, 400);
    box = &overlay->boxes[0];
    inner = rect_inset(&box->rect, box->outline_px);
    assert_memory_equal(&inner, &((struct ir_rect){100, 200, 100, 100}), sizeof inner);
    overlay_free(overlay);
    ir_result_free(result);
    result = new_result();
    add_label(result, "All", 90, &(struct ir_box){0, 0, 1, 1});
    overlay = lay_out(result, 400, 400);
    assert_memory_equal(&overlay->boxes[0].rect, &((struct ir_rect){0, 0, 400, 400}), sizeof inner);
    overlay_free(overlay);
    ir_result_free(result);
}

static const char *name_of(const struct ir_result *result, const struct overlay_plate *plate)
{
    return ir_result_get_label(result, plate->label_index)->name;
}

/* ---- opacity ------------------------------------------------------------------------------- */

#define SIDE_PX 600

static struct overlay_color color_at(cairo_surface_t *surface, int x_px, int y_px)
{
    const unsigned char *row = cairo_image_surface_get_data(surface) +
                               (ptrdiff_t)y_px * cairo_image_surface_get_stride(surface);

    return overlay_color_from_hex(((const uint32_t *)(const void *)row)[x_px] & 0xFFFFFF);
}

/* The plate's ground, and what of its text differs most from that. */
static double contrast_seen(cairo_surface_t *surface, const struct overlay_plate *plate)
{
    struct overlay_color ground =
        color_at(surface, plate->text.left_px - 1, plate->text.top_px + plate->text.height_px / 2);
    double most = 1;

    for (int y = plate->text.top_px; y < rect_bottom(&plate->text); y++)
        for (int x = plate->text.left_px; x < rect_right(&plate->text); x++)
            most = fmax(most, overlay_contrast(ground, color_at(surface, x, y)));
    return most;
}

static const struct opacity_row {
    const char *name;
    double opacity;
} opacity_rows[] = {
    {"opacity 0.1", 0.1}, {"opacity 0.2", 0.2}, {"opacity 0.4", 0.4},
    {"opacity 0.6", 0.6}, {"opacity 0.8", 0.8}, {"opacity 1", 1},
};

/* Things of all colours and a legend, on a picture of one colour; the outlines fade. */
static void check_opacity(const struct overlay *overlay, double opacity, unsigned ground_rgb)
{
    struct overlay_color ground = overlay_color_from_hex(ground_rgb);
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, SIDE_PX, SIDE_PX);
    cairo_t *cr = cairo_create(surface);
    const struct overlay_box *box = &overlay->boxes[0];
    struct overlay_color wanted = overlay_blend(box->color, opacity, ground);
    struct overlay_color seen;

    cairo_set_source_rgb(cr, ground.red, ground.green, ground.blue);
    cairo_paint(cr);
    assert_int_equal(overlay_draw(overlay, cr, NULL), 0);
    cairo_surface_flush(surface);
    seen = color_at(surface, box->rect.left_px + box->outline_px / 2,
                    box->rect.top_px + box->rect.height_px / 2);
    assert_true(fabs(seen.red - wanted.red) + fabs(seen.green - wanted.green) +
                    fabs(seen.blue - wanted.blue) <
                0.02);
    for (size_t i = 0; i < overlay->plate_count; i++)
        if (contrast_seen(surface, &overlay->plates[i]) < MIN_CONTRAST)
            fail_msg("%s on %06x: %.2f", overlay->plates[i].string, ground_rgb,
                     contrast_seen(surface, &overlay->plates[i]));
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
}

static void test_opacity(void **state)
{
    static const unsigned grounds[] = {0x000000, 0xFFFFFF, 0x808080, 0xFF0000, 0x00FF00, 0x0000FF};
    const struct opacity_row *row = *state;
    struct overlay_style style = OVERLAY_STYLE_INIT;
    struct ir_result *result = new_result();
    struct overlay *overlay = NULL;
    bool is_lighter = false;

    style.opacity = row->opacity;
    style.font_px = 24; /* a letter's stem is then wider than a pixel */
    for (int i = 0; i < 12; i++)
        add_label(result, names[i], 99 - i,
                  &(struct ir_box){0.05 + 0.33 * (i % 3), 0.1 + 0.2 * floor(i / 3.0), 0.2, 0.1});
    add_label(result, "Sky", 99, NULL);
    assert_int_equal(overlay_new_styled(result, SIDE_PX, SIDE_PX, &style, &overlay, NULL), 0);
    check_overlay(overlay, result);
    assert_int_equal(overlay->plate_count, 13);
    for (size_t i = 0; i < sizeof grounds / sizeof grounds[0]; i++)
        check_opacity(overlay, row->opacity, grounds[i]);
    for (size_t i = 0; i < overlay->plate_count; i++) {
        assert_true(overlay->plates[i].opacity >= row->opacity * OVERLAY_PANEL_OPACITY);
        is_lighter = is_lighter || overlay->plates[i].opacity < 0.65;
    }
    assert_int_equal(is_lighter, row->opacity < 0.65);
    overlay_free(overlay);
    ir_result_free(result);
}

/* A dense scene: colours are explained, and what has no plate is counted. */
static void test_dense(void **state)
{
    struct ir_result *result = new_result();
    struct overlay *overlay;
    size_t chips = 0;
    char counted[80];
    bool is_counted = false;

    (void)state;
    for (int i = 0; i < 600; i++) {
        struct ir_box box = {(i % 30) / 30.0, floor(i / 30.0) / 20.0, 1 / 31.0, 1 / 21.0};

        add_label(result, names[i % 4], 99 - i / 10.0, &box);
    }
    overlay = lay_out(result, 900, 600);
    check_overlay(overlay, result);
    assert_true(overlay->plates_left_out > 0);
    snprintf(counted, sizeof counted, "%zu boxes by colour alone", overlay->plates_left_out);
    for (size_t i = 0; i < overlay->plate_count; i++) {
        chips += overlay->plates[i].chip.width_px > 0;
        is_counted = is_counted || strcmp(overlay->plates[i].string, counted) == 0;
    }
    assert_int_equal(chips, 4);
    assert_true(is_counted);
    overlay_free(overlay);
    ir_result_free(result);
}

/* True when a line of the legend has this name, and none but that its colour. */
static bool is_explained(const struct overlay *overlay, const struct ir_result *result,
                         const struct overlay_plate *plate)
{
    const char *name = name_of(result, plate);
    size_t of_color = 0;
    size_t of_name = 0;

    for (size_t i = 0; i < overlay->plate_count; i++) {
        const struct overlay_plate *line = &overlay->plates[i];

        if (line->chip.width_px == 0 || !overlay_same_color(line->chip_color, plate->fill))
            continue;
        of_color++;
        of_name += strcmp(name_of(result, line), name) == 0 &&
                   strncmp(line->string, name, strlen(name)) == 0;
    }
    return of_color == 1 && of_name == 1;
}

static const struct kinds_row {
    const char *name;
    int kind_count, box_count;
    double max_frac;
    size_t min_short; /* plates with no more than how sure it is */
} kinds_rows[] = {
    {"5 names, 50 boxes", 5, 50, 0.3, 100},
    {"14 names, 60 boxes", 14, 60, 0.3, 100},
    {"30 names, 60 boxes", 30, 60, 0.4, 10},
    {"50 names, 90 boxes", 50, 90, 0.4, 10},
};

/* A plate that says no more than how sure it is has a colour that the legend explains. */
static void test_short_plates_are_explained(void **state)
{
    const struct kinds_row *row = *state;
    size_t short_count = 0;
    size_t full_count = 0;

    for (unsigned seed = 1; seed <= 30; seed++) {
        struct ir_result *result = new_result();
        struct overlay *overlay;

        random_state = seed * 0x9E3779B97F4A7C15U;
        for (int i = 0; i < row->box_count; i++) {
            struct ir_box box = random_box(row->max_frac);
            char name[32];

            snprintf(name, sizeof name, "Kind of thing %d", random_between(0, row->kind_count - 1));
            add_label(result, name, 99 - i / 2.0, &box);
        }
        overlay = lay_out(result, 1200, 900);
        check_overlay(overlay, result);
        for (size_t i = 0; i < overlay->plate_count; i++) {
            const struct overlay_plate *plate = &overlay->plates[i];
            const char *name;

            if (plate->box_index == OVERLAY_NO_BOX)
                continue;
            name = name_of(result, plate);
            if (strncmp(plate->string, name, strlen(name)) == 0) {
                full_count++;
            } else {
                short_count++;
                if (!is_explained(overlay, result, plate))
                    fail_msg("seed %u: \"%s\" of \"%s\" is not explained", seed, plate->string,
                             name);
            }
        }
        overlay_free(overlay);
        ir_result_free(result);
    }
    if (short_count < row->min_short || full_count < 100)
        fail_msg("%zu short plates, %zu in full", short_count, full_count);
}

/* True when the legend has two lines of one colour. */
static bool lines_share_color(const struct overlay *overlay)
{
    for (size_t i = 0; i < overlay->plate_count; i++)
        for (size_t j = 0; j < i; j++)
            if (overlay->plates[i].chip.width_px > 0 && overlay->plates[j].chip.width_px > 0 &&
                overlay_same_color(overlay->plates[i].chip_color, overlay->plates[j].chip_color))
                return true;
    return false;
}

/* One colour names no box: then none is told by that alone. */
static void test_shared_colors_tell_nothing(void **state)
{
    struct overlay_style style = OVERLAY_STYLE_INIT;
    struct ir_result *result = new_result();
    struct overlay *overlay;
    char counted[80];
    bool is_counted = false;

    (void)state;
    style.color_count = 1;
    for (int i = 0; i < 600; i++) {
        struct ir_box box = {(i % 30) / 30.0, floor(i / 30.0) / 20.0, 1 / 31.0, 1 / 21.0};

        add_label(result, names[i % 4], 99 - i / 10.0, &box);
    }
    overlay = lay_out_styled(result, &style);
    assert_true(lines_share_color(overlay) && overlay->plates_left_out > 0);
    snprintf(counted, sizeof counted, "%zu boxes unnamed", overlay->plates_left_out);
    for (size_t i = 0; i < overlay->plate_count; i++) {
        const struct overlay_plate *plate = &overlay->plates[i];

        if (plate->label_index == OVERLAY_NO_LABEL)
            is_counted = strcmp(plate->string, counted) == 0;
        else
            assert_int_equal(strncmp(plate->string, name_of(result, plate), 3), 0);
    }
    assert_true(is_counted);
    overlay_free(overlay);
    ir_result_free(result);
}

/* The legend gives up lines before it hides the boxes that it explains. */
static void test_legend_keeps_off(void **state)
{
    struct ir_result *result = new_result();
    struct overlay *overlay;
    int hidden = 0;

    (void)state;
    for (int i = 0; i < 30; i++) {
        char name[16];
        struct ir_box box = {(420 + i % 6 * 62) / 1200.0, (280 + floor(i / 6.0) * 48) / 800.0,
                             0.025, 0.0325};

        snprintf(name, sizeof name, "Seed %d", i);
        add_label(result, name, 99 - i, &box);
    }
    overlay = lay_out(result, 400, 267);
    check_overlay(overlay, result);
    assert_true(overlay->plates_left_out > 0 && overlay->legend.width_px > 0);
    for (size_t i = 0; i < overlay->box_count; i++)
        hidden += rect_overlaps(&overlay->legend, &overlay->boxes[i].rect);
    assert_in_range(hidden, 0, 2);
    overlay_free(overlay);
    ir_result_free(result);
}

/* Where a plate cannot lie at its box without hiding small ones, a leader shows the way. */
static void test_leader(void **state)
{
    struct ir_result *result = new_result();
    struct overlay *overlay;
    size_t leaders = 0;

    (void)state;
    for (int i = 0; i < 49; i++) {
        char name[16];
        struct ir_box box = {0.4 + (i % 7) * 0.022, 0.4 + floor(i / 7.0) * 0.022, 0.018, 0.018};

        snprintf(name, sizeof name, "Seed %d", i);
        add_label(result, name, 99 - i, &box);
    }
    overlay = lay_out(result, 1600, 1200);
    check_overlay(overlay, result);
    for (size_t i = 0; i < overlay->box_count; i++)
        leaders += overlay->boxes[i].leader.width_px > 0;
    assert_true(leaders > 5);
    overlay_free(overlay);
    ir_result_free(result);
}

int main(void)
{
    static struct unit_list list;

    UNIT_ADD_ROWS(&list, test_setting, setting_rows);
    unit_add(&list, "without a choice", test_presets);
    UNIT_ADD_ROWS(&list, test_style, style_rows);
    unit_add(&list, "sizes and colours", test_sizes_and_colors);
    unit_add(&list, "an outline lies around its thing", test_outline_lies_around);
    UNIT_ADD_ROWS(&list, test_opacity, opacity_rows);
    unit_add(&list, "a dense scene", test_dense);
    UNIT_ADD_ROWS(&list, test_short_plates_are_explained, kinds_rows);
    unit_add(&list, "shared colours tell nothing", test_shared_colors_tell_nothing);
    unit_add(&list, "a legend keeps off boxes", test_legend_keeps_off);
    unit_add(&list, "a leader", test_leader);
    return unit_run(&list, "overlay: looks");
}
