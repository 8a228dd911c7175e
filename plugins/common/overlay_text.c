/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns what Pango is asked: measuring, shortening and drawing one line of a label. Texts come from
 * a server, so markup is never parsed and a line stays one line whatever is in it.
 *
 * Threads: a font map is used by one at a time, see overlay_fonts.c.
 * pango_cairo_font_map_get_default() is one map per thread (Pango 1.32.6 and later).
 *
 * Metrics are not hinted, so that a line is as wide in one size as in another, in proportion, and
 * glyphs are drawn in gray, never in subpixel colours, which are wrong on a transparent layer.
 */
#include "plugins/common/overlay_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEFT_TO_RIGHT_MARK "\xE2\x80\x8E" /* U+200E, not seen */
#define SUFFIX_BYTES 48                   /* " 100% × 1000000" with that mark and NUL, and room */
#define LINE_BYTES (OVERLAY_MAX_NAME_BYTES + sizeof OVERLAY_ELLIPSIS + SUFFIX_BYTES)
#define MAX_LINE_EMS 2.2 /* taller than any script's line; what piles up marks is cut */

void overlay_text_init(struct overlay_text *text, struct overlay_fonts *fonts, const char *family,
                       double font_px)
{
    PangoFontDescription *font = pango_font_description_new();
    cairo_font_options_t *options = cairo_font_options_create();

    text->fonts = fonts;
    text->map = overlay_fonts_take(fonts);
    text->context = pango_font_map_create_context(text->map);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(text->context, options);
    cairo_font_options_destroy(options);
    pango_context_set_round_glyph_positions(text->context, FALSE);

    text->layout = pango_layout_new(text->context);
    pango_layout_set_single_paragraph_mode(text->layout, TRUE);
    pango_font_description_set_family(font, family);
    pango_font_description_set_absolute_size(font, font_px * PANGO_SCALE);
    pango_layout_set_font_description(text->layout, font);
    pango_font_description_free(font);
    text->max_height_px = (int)ceil(font_px * MAX_LINE_EMS);
}

void overlay_text_release(struct overlay_text *text)
{
    g_clear_object(&text->layout);
    g_clear_object(&text->context);
    overlay_fonts_give(text->fonts, text->map);
}

/* Shaping is what takes time: a line that is fitted, measured and drawn is shaped once. */
static void set_text(struct overlay_text *text, const char *string)
{
    if (strcmp(pango_layout_get_text(text->layout), string) != 0)
        pango_layout_set_text(text->layout, string, -1);
}

void overlay_text_measure(struct overlay_text *text, const char *string, int *out_width_px,
                          int *out_height_px)
{
    PangoRectangle logical;

    set_text(text, string);
    pango_layout_get_extents(text->layout, NULL, &logical);
    *out_width_px = MAX(1, PANGO_PIXELS_CEIL(logical.width));
    *out_height_px = CLAMP(PANGO_PIXELS_CEIL(logical.height), 1, text->max_height_px);
}

void overlay_text_draw(struct overlay_text *text, const char *string, int left_px, int top_px,
                       cairo_t *cr)
{
    set_text(text, string);
    cairo_move_to(cr, left_px, top_px);
    pango_cairo_show_layout(cr, text->layout);
}

/*
 * True for the bytes of a character that turns the direction of the text around it without being
 * seen: U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069. `*out_bytes` is its length.
 */
static bool is_bidi_control(const unsigned char *at, size_t *out_bytes)
{
    *out_bytes = at[0] == 0xD8 ? 2 : 3;
    if (at[0] == 0xD8)
        return at[1] == 0x9C;
    if (at[0] != 0xE2)
        return false;
    if (at[1] == 0x80)
        return at[2] == 0x8E || at[2] == 0x8F || (at[2] >= 0xAA && at[2] <= 0xAE);
    return at[1] == 0x81 && at[2] >= 0xA6 && at[2] <= 0xA9;
}

/* A name that is being put together. */
struct name {
    char text[OVERLAY_MAX_NAME_BYTES + 1];
    size_t bytes;
    bool is_cut; /* what was longer */
};

/*
 * Appends `text` without direction controls (a name must not turn its own confidence around) and
 * without white space in front; what is too long is cut at a character.
 */
static void append(struct name *name, const char *text)
{
    size_t skip;

    while (*text != '\0' && !name->is_cut) {
        size_t bytes = (size_t)(g_utf8_next_char(text) - text);

        if (is_bidi_control((const unsigned char *)text, &skip)) {
            text += skip;
            continue;
        }
        if (name->bytes + bytes > OVERLAY_MAX_NAME_BYTES) {
            name->is_cut = true;
        } else if (name->bytes > 0 || *text != ' ') {
            memcpy(name->text + name->bytes, text, bytes);
            name->bytes += bytes;
        }
        text += bytes;
    }
}

static void trim_end(struct name *name)
{
    while (name->bytes > 0 && name->text[name->bytes - 1] == ' ')
        name->bytes--;
    name->text[name->bytes] = '\0';
}

/* The part of a line that may be shortened. */
static void compose_name(struct name *name, const struct ir_label *label, unsigned show)
{
    name->bytes = 0;
    name->is_cut = false;
    if ((show & OVERLAY_SHOW_NAME) != 0)
        append(name, label->name);
    trim_end(name);
    for (size_t i = 0; (show & OVERLAY_SHOW_PARENTS) != 0 && i < label->parent_count; i++) {
        append(name, i > 0 ? ", " : name->bytes > 0 ? " (" : "(");
        append(name, label->parents[i]);
        if (i + 1 == label->parent_count)
            append(name, ")");
    }
    trim_end(name);
}

/*
 * " 95%", rounded down so that 99.96 does not read as 100, and " × 12" behind it; without the space
 * when alone. After a name from right to left, a mark keeps digits and percent sign together:
 * without it an Arabic letter before them would take them for Arabic numbers (Unicode Bidirectional
 * Algorithm, W2).
 */
static void format_suffix(struct overlay_text *text, const struct ir_label *label, unsigned show,
                          size_t count, const struct name *name, char out[SUFFIX_BYTES])
{
    double confidence_pct = label->confidence_pct;
    int whole = confidence_pct > 0 ? (int)fmin(confidence_pct, 100.0) : 0;
    char percent[16] = "";
    char times[32] = "";
    bool from_right = false;

    if (!g_str_is_ascii(name->text)) { /* else it runs from the left, and need not be shaped */
        pango_layout_set_text(text->layout, name->text, -1);
        from_right = pango_layout_get_direction(text->layout, 0) == PANGO_DIRECTION_RTL;
    }
    if (!isnan(confidence_pct) && /* else nobody said how sure it is */
        ((show & OVERLAY_SHOW_CONFIDENCE) != 0 || name->bytes == 0))
        g_snprintf(percent, sizeof percent, "%s%s%d%%", name->bytes > 0 ? " " : "",
                   from_right ? LEFT_TO_RIGHT_MARK : "", whole);
    if (count > 1)
        g_snprintf(times, sizeof times, " %s\xC3\x97\xC2\xA0%zu",
                   from_right ? LEFT_TO_RIGHT_MARK : "", count);
    g_snprintf(out, SUFFIX_BYTES, "%s%s", percent, times);
}

static void join(char out[LINE_BYTES], const char *name, size_t name_bytes, bool cut,
                 const char *percent)
{
    while (cut && name_bytes > 0 && name[name_bytes - 1] == ' ')
        name_bytes--; /* "Traffic ..." reads better as "Traffic..." */
    g_snprintf(out, LINE_BYTES, "%.*s%s%s", (int)name_bytes, name, cut ? OVERLAY_ELLIPSIS : "",
               percent);
}

/*
 * The byte offsets at which `name` may be cut without taking a letter apart, the end included, into
 * `offsets` (OVERLAY_MAX_NAME_BYTES + 1 of them). Returns how many.
 */
static size_t cut_offsets(struct overlay_text *text, const char *name, size_t *offsets)
{
    int attr_count = 0;
    const PangoLogAttr *attrs;
    const char *at = name;
    size_t count = 0;

    pango_layout_set_text(text->layout, name, -1);
    attrs = pango_layout_get_log_attrs_readonly(text->layout, &attr_count);
    for (int i = 0; i < attr_count; i++) {
        if (i > 0 && attrs[i].is_cursor_position)
            offsets[count++] = (size_t)(at - name);
        if (*at == '\0')
            break;
        at = g_utf8_next_char(at);
    }
    return count;
}

static bool fits(struct overlay_text *text, const char *string, int max_width_px)
{
    int width_px, height_px;

    overlay_text_measure(text, string, &width_px, &height_px);
    return width_px <= max_width_px;
}

/* Shortens to the longest cut that fits, by halving. False when none does. */
static bool shorten(struct overlay_text *text, const char *name, const char *percent,
                    int max_width_px, char out[LINE_BYTES])
{
    size_t offsets[OVERLAY_MAX_NAME_BYTES + 1];
    size_t low = 0; /* so many cuts fit for sure */
    size_t high = cut_offsets(text, name, offsets);

    while (low < high) {
        size_t middle = low + (high - low + 1) / 2;

        join(out, name, offsets[middle - 1], true, percent);
        if (fits(text, out, max_width_px))
            low = middle;
        else
            high = middle - 1;
    }
    if (low == 0)
        return false;
    join(out, name, offsets[low - 1], true, percent);
    return true;
}

int overlay_text_fit(struct overlay_text *text, const struct ir_label *label, unsigned show,
                     size_t count, int max_width_px, char **out)
{
    char suffix[SUFFIX_BYTES];
    char line[LINE_BYTES];
    struct name name;
    char *copy = NULL;

    compose_name(&name, label, show);
    format_suffix(text, label, show, count, &name, suffix);
    join(line, name.text, name.bytes, name.is_cut, suffix);
    /* A plate without words says nothing: of what has no confidence the name is shown. */
    if (line[0] == '\0' && (show & OVERLAY_SHOW_NAME) == 0)
        return overlay_text_fit(text, label, OVERLAY_SHOW_NAME, count, max_width_px, out);
    if (fits(text, line, max_width_px) ||
        (name.bytes > 0 && shorten(text, name.text, suffix, max_width_px, line))) {
        copy = strdup(line);
        if (copy == NULL)
            return IR_ERR_NOMEM;
    }
    *out = copy;
    return 0;
}
