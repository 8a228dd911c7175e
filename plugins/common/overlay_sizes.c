/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns how large lines and type are. Both follow the mean side of the picture, so that a picture
 * looks alike at every resolution, and are smaller where the plates together would cover too much
 * of it. Of type several sizes are tried, overlay_make_names() with each: without a wish at most 5
 * times (DENSE_MIN is 3 steps away, and the best is made again), with one at most 13 times.
 */
#include "plugins/common/overlay_private.h"

#include <math.h>
#include <string.h>

/* Shares of the picture's mean side. */
#define LINE_SHARE 0.0048 /* colour and casing together */
#define LINE_MIN_PX 4
#define FONT_SHARE 0.020
#define FONT_MIN_PX 11.0
#define FONT_MAX_PX 220.0
#define DENSE_MIN 0.55         /* type and lines shrink no further than this */
#define PLATES_AREA_SHARE 0.09 /* of the picture, before type shrinks */

/* In units of the size of type. */
#define LETTER_EMS 0.58 /* mean width of a letter, for the estimate of density */
#define PLATE_HEIGHT_EMS 1.6

/* Sizes of type are tried one after another, see fit_natural_type(). */
#define TYPE_STEP 0.8
#define MAX_HALVINGS                                                                               \
    6                  /* of what lies between two sizes: ends in a step from 11 to 65535 pixels   \
                        */
#define TYPE_PRICE 0.5 /* for a name, times what type loses of its size */
#define GOOD_PLACE 0.3 /* what costs no more is no reason for smaller type... */
#define PRICE_LOST 1.0 /* ...and nothing is worse than no name */

static size_t letter_count(const char *text)
{
    size_t count = 0;

    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80; /* not a byte inside a character */
    return count;
}

/* How much smaller type must be so that plates do not hide the picture: DENSE_MIN to 1. */
static double density_scale(const struct overlay_maker *maker, double font_px)
{
    double picture_area = (double)maker->overlay->width_px * maker->overlay->height_px;
    double plates_area = 0;

    for (size_t i = 0; i < maker->boxed.count && i < OVERLAY_MAX_PLATES; i++) {
        double letters = fmin((double)letter_count(maker->boxed.items[i].name) + 6,
                              OVERLAY_PLATE_MAX_EMS / LETTER_EMS);

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

void overlay_choose_sizes(struct overlay_maker *maker)
{
    const struct overlay_style *style = maker->style;
    struct overlay *overlay = maker->overlay;
    struct overlay_metrics *m = &maker->metrics;
    double mean_px = (overlay->width_px + overlay->height_px) / 2.0;
    double font_px = fmin(fmax(FONT_SHARE * mean_px, FONT_MIN_PX), FONT_MAX_PX);
    double scale = density_scale(maker, font_px);

    maker->natural_px = round(fmax(font_px * scale, FONT_MIN_PX));
    maker->least_px = round(fmax(font_px * DENSE_MIN, FONT_MIN_PX));
    m->line_px = at_least(LINE_MIN_PX, LINE_SHARE * mean_px * scale);
    if (style->line_width_px > 0)
        m->line_px = at_least(1, fmin(style->line_width_px, mean_px / 2));
    m->leader_px = 2 * at_least(2, 0.5 * m->line_px); /* even: crisp across and down */
    overlay->line_width_px = m->line_px;
    g_strlcpy(overlay->font_family, style->font_family, sizeof overlay->font_family);
}

static void set_type(struct overlay_maker *maker, double font_px)
{
    struct overlay_metrics *m = &maker->metrics;

    m->pad_x_px = at_least(3, 0.42 * font_px);
    m->pad_y_px = at_least(1, 0.16 * font_px);
    m->panel_pad_px = at_least(3, 0.50 * font_px);
    m->gap_px = at_least(1, 0.10 * font_px);
    m->margin_px = at_least(2, 0.80 * font_px);
    m->font_px = font_px;
    maker->overlay->font_px = font_px;
    if (maker->has_text)
        overlay_text_release(&maker->text);
    overlay_text_init(&maker->text, maker->style->fonts, maker->overlay->font_family, font_px);
    maker->has_text = true;
}

/* Names that are nowhere, or not in full. */
static size_t count_lost(const struct overlay_maker *maker)
{
    const struct overlay *overlay = maker->overlay;
    size_t count = overlay->plates_left_out + maker->lines_left_out;

    for (size_t i = 0; i < overlay->plate_count; i++)
        count += strstr(overlay->plates[i].string, OVERLAY_ELLIPSIS) != NULL;
    return count;
}

/* How badly the names fit: what is hidden, and what is lost. */
static double names_cost(const struct overlay_maker *maker)
{
    double cost = PRICE_LOST * (double)count_lost(maker);

    for (size_t i = 0; i < OVERLAY_MAX_PLATES; i++)
        if (maker->items[i].placed)
            cost += fmin(fmax(0, maker->items[i].cost - GOOD_PLACE), PRICE_LOST);
    return cost;
}

static int try_type(struct overlay_maker *maker, double font_px)
{
    set_type(maker, font_px);
    return overlay_make_names(maker);
}

/* Where names have no good places, smaller type may have better ones. */
static int fit_natural_type(struct overlay_maker *maker)
{
    double names = (double)(maker->boxed.seen + maker->boxless.seen);
    double best_px = maker->natural_px;
    double font_px = maker->natural_px;
    int rc = try_type(maker, font_px);
    double best_cost = names_cost(maker);

    while (rc == 0 && font_px > maker->least_px) {
        double price;

        font_px = fmax(floor(font_px * TYPE_STEP), maker->least_px);
        price = names * TYPE_PRICE * (1 - font_px / maker->natural_px);
        if (price >= best_cost)
            break;
        rc = try_type(maker, font_px);
        if (names_cost(maker) + price < best_cost) {
            best_cost = names_cost(maker) + price;
            best_px = font_px;
        }
    }
    return rc == 0 && maker->metrics.font_px != best_px ? try_type(maker, best_px) : rc;
}

/*
 * Type as large as the user asks for, or the largest that loses no name which is there otherwise,
 * give or take a step.
 */
static int fit_wanted_type(struct overlay_maker *maker, double font_px)
{
    int rc = try_type(maker, font_px);
    size_t wanted_lost = count_lost(maker);
    size_t least_lost;
    double good_px;
    double bad_px = font_px;

    if (rc != 0 || font_px <= maker->natural_px || wanted_lost == 0)
        return rc;
    rc = fit_natural_type(maker);
    least_lost = count_lost(maker);
    good_px = wanted_lost <= least_lost ? font_px : maker->metrics.font_px;
    for (int i = 0; rc == 0 && i < MAX_HALVINGS && good_px < TYPE_STEP * bad_px; i++) {
        double middle_px = floor(sqrt(good_px * bad_px));

        rc = try_type(maker, middle_px);
        if (count_lost(maker) <= least_lost)
            good_px = middle_px;
        else
            bad_px = middle_px;
    }
    return rc == 0 && maker->metrics.font_px != good_px ? try_type(maker, good_px) : rc;
}

int overlay_fit_type(struct overlay_maker *maker)
{
    double mean_px = (maker->overlay->width_px + maker->overlay->height_px) / 2.0;

    if (maker->style->font_px <= 0)
        return fit_natural_type(maker);
    return fit_wanted_type(maker, fmax(1, round(fmin(maker->style->font_px, mean_px))));
}
