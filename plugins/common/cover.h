/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a hidden place of a picture looks like, for every front end: which rectangles are painted,
 * and in which colours. Not one sample of a place enters what is put there: a mosaic and a blur are
 * made of the colours around it, so there is nothing that could be recovered. Reads and writes no
 * picture itself: that is the host's surface.
 */
#ifndef PLUGINS_COMMON_COVER_H
#define PLUGINS_COMMON_COVER_H

#include <stdbool.h>
#include <stddef.h>

#include <imgrecog/geometry.h>

#define COVER_COLORS 4 /* red or gray, green, blue, black */

enum cover_look {
    COVER_BLUR,   /* the colours around the place, run together, a shade off */
    COVER_MOSAIC, /* the same as a mosaic */
    COVER_FILL,   /* the base colour */
};

/* ---- places ---- */

/* Rectangles inside a picture. */
struct cover_places {
    struct ir_rect *items;
    size_t count;
};

/* Room for as many as there can be; released with cover_places_release. False: no memory. */
bool cover_places_init(struct cover_places *out);
void cover_places_release(struct cover_places *places);

/*
 * Adds a rectangle that lies inside a picture of this size, made larger on all sides by
 * `margin_frac` of its shorter side and at least 4 pixels. One that overlaps an earlier place by
 * half of either is joined with it; so are those after the 2,000th.
 */
void cover_places_add(struct cover_places *places, struct ir_rect rect, double margin_frac,
                      int width_px, int height_px);

/* ---- painting ---- */

/* The colour of a pixel of a place, counted from the place's corner. */
typedef void (*cover_color_fn)(const void *context, int x_px, int y_px, double out[COVER_COLORS]);

/* A picture that can be painted. Its functions are called on the caller's thread; false ends all.
 */
struct cover_surface {
    void *context;
    int width_px;
    int height_px;
    double full; /* what a full sample is; none is 0 */
    /* The mean of the pixels of `run`, which is one pixel wide or high and inside the picture, as
     * it has become by the painting so far. */
    bool (*mean)(void *context, const struct ir_rect *run, double out[COVER_COLORS]);
    /* Opaque. */
    bool (*paint)(void *context, const struct ir_rect *place, cover_color_fn color,
                  const void *color_context);
};

/*
 * Paints all places in `base`, so that none sees what lay in its neighbour, and then, but with
 * COVER_FILL, each from around it. False: the surface failed or there is no memory; what was
 * painted till then stays.
 */
bool cover_paint(const struct cover_surface *surface, enum cover_look look,
                 const double base[COVER_COLORS], const struct cover_places *places);

#endif
