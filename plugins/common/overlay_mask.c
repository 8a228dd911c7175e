/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the masks of ink that is no rectangle: round corners and text, by cairo and Pango. Each is
 * drawn whole, in a surface of its own: drawn through a clip, cairo (1.18) takes a column off a
 * glyph that lies between pixels, and a picture drawn in tiles would differ from one drawn at once.
 */
#include "plugins/common/overlay_private.h"

#include <math.h>

/* A square of this side with round corners, from (at, at) on. */
static void add_round_square(cairo_t *cr, double at, double side, double radius)
{
    double near = at + radius;
    double far = at + side - radius;

    cairo_new_sub_path(cr);
    cairo_arc(cr, far, near, radius, -M_PI / 2, 0);
    cairo_arc(cr, far, far, radius, 0, M_PI / 2);
    cairo_arc(cr, near, far, radius, M_PI / 2, M_PI);
    cairo_arc(cr, near, near, radius, M_PI, 3 * M_PI / 2);
    cairo_close_path(cr);
}

cairo_surface_t *overlay_round_mask(struct overlay_round *round, int radius_px, int edge_px)
{
    int side_px = 2 * MAX(radius_px, edge_px);
    cairo_t *cr;

    if (round->mask != NULL && round->radius_px == radius_px && round->edge_px == edge_px)
        return round->mask;
    cairo_surface_destroy(round->mask);
    round->radius_px = radius_px;
    round->edge_px = edge_px;
    round->mask = cairo_image_surface_create(CAIRO_FORMAT_A8, side_px, side_px);
    cr = cairo_create(round->mask);
    cairo_set_fill_rule(cr, CAIRO_FILL_RULE_EVEN_ODD);
    add_round_square(cr, 0, side_px, radius_px);
    if (edge_px > 0 && edge_px < radius_px)
        add_round_square(cr, edge_px, side_px - 2 * edge_px, radius_px - edge_px);
    cairo_fill(cr);
    cairo_destroy(cr);
    cairo_surface_flush(round->mask);
    return round->mask;
}

/*
 * True of a character that is drawn in the ink's colour: what lies below the symbols of U+2000 on,
 * the dash to the ellipsis, the marks of direction, and kana, Han and Hangul.
 */
static bool is_plain(gunichar c)
{
    return c < 0x2000 || (c >= 0x2010 && c <= 0x2026) || c == 0x200E || c == 0x200F ||
           (c >= 0x3040 && c <= 0x30FF) || (c >= 0x3400 && c <= 0x9FFF) ||
           (c >= 0xAC00 && c <= 0xD7A3);
}

/* True when a byte a pixel does for the text; others may hold emoji, with colours of their own. */
static bool has_one_color(const char *string)
{
    while (*string != '\0' && is_plain(g_utf8_get_char(string)))
        string = g_utf8_next_char(string);
    return *string == '\0';
}

cairo_surface_t *overlay_text_mask(struct overlay_text *text, const struct overlay_plate *plate)
{
    const struct ir_rect *rect = &plate->rect;
    cairo_surface_t *mask = cairo_image_surface_create(
        has_one_color(plate->string) ? CAIRO_FORMAT_A8 : CAIRO_FORMAT_ARGB32, rect->width_px,
        rect->height_px);
    cairo_t *cr = cairo_create(mask);

    cairo_set_source_rgb(cr, plate->ink.red, plate->ink.green, plate->ink.blue);
    overlay_text_draw(text, plate->string, plate->text.left_px - rect->left_px,
                      plate->text.top_px - rect->top_px, cr);
    cairo_destroy(cr);
    cairo_surface_flush(mask);
    return mask;
}
