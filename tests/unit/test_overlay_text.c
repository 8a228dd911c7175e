/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The overlay's texts: what the names of a server become, and colours that they can be read on. */
#include "tests/unit/overlay_scenes.h"

#include <math.h>

/* ---- texts --------------------------------------------------------------------------------- */

#define W50 "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW"
#define KO10 "가나다라마바사아자차"

static const struct text_row {
    const char *name;
    const char *label;
    double confidence_pct;
    const char *start; /* of the plate's string */
    const char *end;
    bool whole; /* start and end together are all of it */
} text_rows[] = {
    {"plain", "Face", 95.7, "Face ", "95%", true},
    {"almost certain is not certain", "Face", 99.96, "Face ", "99%", true},
    {"certain", "Face", 100, "Face ", "100%", true},
    {"over certain", "Face", 1e9, "Face ", "100%", true},
    {"not a number", "Face", NAN, "Face", "", true},
    {"negative", "Face", -3, "Face ", "0%", true},
    {"file name", "@/etc/passwd", 95, "@/etc/passwd ", "95%", true},
    {"escape", "%[fx:1] %d%s%n", 95, "%[fx:1] %d%s%n ", "95%", true},
    {"markup", "<b>&lt;</b>", 95, "<b>&lt;</b> ", "95%", true},
    {"broken markup", "<b>&", 95, "<b>& ", "95%", true},
    {"line feeds", "a\nb\r\nc\td", 95, "a b  c d ", "95%", true},
    {"korean", "한국어", 95, "한국어 ", "95%", true},
    {"emoji family", "👩‍👩‍👧‍👦", 95, "👩‍👩‍👧‍👦 ", "95%", true},
    {"arabic keeps its percent sign", "عربي", 95, "عربي ",
     "\xE2\x80\x8E"
     "95%",
     true},
    {"hebrew", "עברית", 95, "עברית ",
     "\xE2\x80\x8E"
     "95%",
     true},
    {"direction override is taken out",
     "abc\xE2\x80\xAE"
     "def\xE2\x81\xA6\xD8\x9Cg",
     95, "abcdefg ", "95%", true},
    {"nothing", "", 95, "", "95%", true},
    {"spaces", "   ", 95, "", "95%", true},
    {"spaces around", "  a b  ", 95, "a b ", "95%", true},
    {"300 letters", W50 W50 W50 W50 W50 W50, 95, "WWWWWW", "W… 95%", false},
    {"300 characters of Korean",
     KO10 KO10 KO10 KO10 KO10 KO10 KO10 KO10 KO10 KO10 KO10 KO10 KO10 KO10 KO10 KO10 KO10 KO10 KO10
         KO10 KO10 KO10 KO10 KO10 KO10 KO10 KO10 KO10 KO10 KO10,
     95, "가나다", "… 95%", false},
};

static bool ends_with(const char *text, const char *end)
{
    size_t text_bytes = strlen(text);
    size_t end_bytes = strlen(end);

    return text_bytes >= end_bytes && strcmp(text + text_bytes - end_bytes, end) == 0;
}

static void check_string(const struct text_row *row, const char *string)
{
    if (strncmp(string, row->start, strlen(row->start)) != 0 || !ends_with(string, row->end) ||
        (row->whole && strlen(string) != strlen(row->start) + strlen(row->end)))
        fail_msg("reads: %s", string);
}

static void test_text(void **state)
{
    const struct text_row *row = *state;
    struct ir_result *result = new_result();
    struct overlay *overlay;

    add_label(result, row->label, row->confidence_pct, &(struct ir_box){0.1, 0.2, 0.5, 0.6});
    add_label(result, row->label, row->confidence_pct, NULL);
    overlay = lay_out(result, 1200, 900);
    check_overlay(overlay, result);
    assert_int_equal(overlay->plate_count, 2);
    for (size_t i = 0; i < 2; i++) {
        check_string(row, overlay->plates[i].string);
        assert_true(overlay->plates[i].rect.width_px <= 30 * overlay->font_px);
        assert_true(overlay->plates[i].rect.height_px <= 3 * overlay->font_px);
    }
    overlay_free(overlay);
    ir_result_free(result);
}

/* A name is cut between letters as readers see them: a vowel stays with its consonant. */
static void test_cut_keeps_letters_whole(void **state)
{
    static const char letter[] = "\xE0\xA4\x95\xE0\xA5\x80"; /* Devanagari ka, ii */
    char name[sizeof letter * 40] = "";
    struct ir_result *result = new_result();

    (void)state;
    for (size_t i = 0; i < 40; i++)
        memcpy(name + i * (sizeof letter - 1), letter, sizeof letter);
    add_label(result, name, 95, &(struct ir_box){0.1, 0.2, 0.5, 0.6});
    for (int width_px = 200; width_px < 300; width_px += 3) {
        struct overlay *overlay = lay_out(result, width_px, 200);
        const char *ellipsis;

        assert_int_equal(overlay->plate_count, 1);
        ellipsis = strstr(overlay->plates[0].string, "…");
        assert_non_null(ellipsis);
        assert_int_equal((ellipsis - overlay->plates[0].string) % (sizeof letter - 1), 0);
        overlay_free(overlay);
    }
    ir_result_free(result);
}

/* ---- families ------------------------------------------------------------------------------ */

static void test_substitute(void **state)
{
    char used[OVERLAY_FONT_BYTES] = "untouched";
    char list[2 * OVERLAY_FONT_BYTES];
    char other[OVERLAY_FONT_BYTES] = "untouched";
    char *upper;

    (void)state;
    assert_true(overlay_find_substitute(NULL, "No Such Family", used));
    assert_string_not_equal(used, "untouched");
    assert_false(overlay_find_substitute(NULL, used, other));
    upper = g_ascii_strup(used, -1);
    assert_false(overlay_find_substitute(NULL, upper, other));
    g_free(upper);
    snprintf(list, sizeof list, "No Such Family, %s", used);
    assert_false(overlay_find_substitute(NULL, list, other));
    assert_true(overlay_find_substitute(NULL, "No Such Family,Nor This", other));
    assert_string_equal(other, used);
    g_strlcpy(other, "untouched", sizeof other);
    assert_false(overlay_find_substitute(NULL, "sans-serif", other));
    assert_false(overlay_find_substitute(NULL, "Monospace", other));
    assert_false(overlay_find_substitute(NULL, "No Such Family,serif", other));
    assert_string_equal(other, "untouched");
}

/* ---- colours ------------------------------------------------------------------------------- */

/* Of a name in a picture without other names. */
static struct overlay_color color_alone(const struct overlay_style *style, const char *name)
{
    bool taken[OVERLAY_MAX_COLORS] = {false};

    return overlay_color_of(style, name, taken);
}

static void test_colors(void **state)
{
    static const char *const local[] = {"Face", "Person", "Text", "Document", "Barcode", "QR Code"};
    const struct overlay_color white = {1, 1, 1};
    const struct overlay_style style = OVERLAY_STYLE_INIT;

    (void)state;
    for (int i = 0; i < 2000; i++) {
        char name[32];
        struct overlay_color color;

        snprintf(name, sizeof name, "Name %d", i);
        color = color_alone(&style, name);
        assert_true(overlay_same_color(color, color_alone(&style, name)));
        assert_true(overlay_contrast(color, overlay_ink_on(color)) >= MIN_CONTRAST);
    }
    for (size_t i = 0; i < sizeof local / sizeof local[0]; i++) {
        for (size_t j = 0; j < i; j++)
            assert_false(
                overlay_same_color(color_alone(&style, local[i]), color_alone(&style, local[j])));
    }
    for (int level = 0; level <= 255; level++) { /* the panel on any gray picture */
        struct overlay_color gray = {level / 255.0, level / 255.0, level / 255.0};
        struct overlay_color seen =
            overlay_blend(overlay_panel_color(), OVERLAY_PANEL_OPACITY, gray);

        assert_true(overlay_contrast(seen, overlay_panel_ink()) >= MIN_CONTRAST);
    }
    assert_true(fabs(overlay_contrast(white, (struct overlay_color){0, 0, 0}) - 21) < 1e-9);
    assert_true(fabs(overlay_contrast(
                         white, (struct overlay_color){119 / 255.0, 119 / 255.0, 119 / 255.0}) -
                     4.478) < 0.001); /* #777777, the textbook example that just fails */
}

static const struct overlay_color *color_of_label(const struct overlay *overlay, size_t label_index)
{
    for (size_t i = 0; i < overlay->box_count; i++)
        if (overlay->boxes[i].label_index == label_index)
            return &overlay->boxes[i].color;
    fail_msg("label %zu has no box", label_index);
    return NULL;
}

/* Twelve names of one picture have twelve colours; the surest has that which it has everywhere. */
static void test_colors_differ(void **state)
{
    enum { NAMES = 12 };
    const struct overlay_style style = OVERLAY_STYLE_INIT;

    (void)state;
    for (int first = 0; first < 600; first += NAMES) {
        struct ir_result *result = new_result();
        struct overlay *overlay;
        char name[32];

        for (int i = 0; i < 2 * NAMES; i++) { /* each twice */
            snprintf(name, sizeof name, "Name %d", first + i % NAMES);
            add_label(result, name, 90 - i, &(struct ir_box){0.1 + 0.02 * i, 0.1, 0.2, 0.3});
        }
        overlay = lay_out(result, 900, 600);
        snprintf(name, sizeof name, "Name %d", first);
        assert_true(overlay_same_color(*color_of_label(overlay, 0), color_alone(&style, name)));
        for (size_t i = 0; i < NAMES; i++) {
            assert_true(overlay_same_color(*color_of_label(overlay, i),
                                           *color_of_label(overlay, i + NAMES)));
            for (size_t j = 0; j < i; j++)
                assert_false(
                    overlay_same_color(*color_of_label(overlay, i), *color_of_label(overlay, j)));
        }
        overlay_free(overlay);
        ir_result_free(result);
    }
}

int main(void)
{
    static struct unit_list list;

    UNIT_ADD_ROWS(&list, test_text, text_rows);
    unit_add(&list, "a cut keeps letters whole", test_cut_keeps_letters_whole);
    unit_add(&list, "a family that is not there", test_substitute);
    unit_add(&list, "colours", test_colors);
    unit_add(&list, "colours of one picture", test_colors_differ);
    return unit_run(&list, "overlay: texts");
}
