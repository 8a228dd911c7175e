/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The annotation overlay: where boxes, name plates and the legend go, and their drawing by cairo
 * and Pango. Hosts decide nothing about looks; they give a result and a size and draw, or make
 * layers of, what comes back. Knows no host and calls no service.
 *
 * All positions are whole pixels of the upright picture. Layout is deterministic: the same result
 * and size give the same overlay. Colours belong to label names, not to their order.
 *
 * Threads: any number of them may lay out and draw at once, the same overlay too; each has fonts of
 * its own (Pango), which its first overlay loads: some 4 ms, and 6 ms more for the first in the
 * process. Those that share an overlay_fonts load them once a processor. Drawing in tiles gives the
 * same pixels as drawing at once.
 */
#ifndef PLUGINS_COMMON_OVERLAY_H
#define PLUGINS_COMMON_OVERLAY_H

#include <cairo.h>

#include <imgrecog/result.h>

/* sRGB, 0..1, not premultiplied. */
struct overlay_color {
    double red, green, blue;
};

/* How labels with a box are shown. */
enum overlay_form {
    OVERLAY_BOXES,   /* outlines and name plates */
    OVERLAY_CORNERS, /* the outlines' corners, and name plates */
    OVERLAY_PLATES,  /* name plates alone */
    OVERLAY_LEGEND,  /* outlines, and all names in the legend beside their colours */
    OVERLAY_NONE,    /* nothing at all, of labels without a box neither */
};

/* Which labels come first, in the legend and where room is short. */
enum overlay_sort { OVERLAY_BY_CONFIDENCE, OVERLAY_BY_SIZE, OVERLAY_BY_NAME };

/* What is written about a label; bits, at least one of the first two. The legend has names always,
 * and of boxes too when their plates have none. */
enum overlay_show {
    OVERLAY_SHOW_NAME = 1 << 0,
    OVERLAY_SHOW_CONFIDENCE = 1 << 1,
    OVERLAY_SHOW_PARENTS = 1 << 2,
};

#define OVERLAY_MAX_COLORS 64
#define OVERLAY_FONT_BYTES 128

/* Fonts for threads that draw one overlay each, see overlay_fonts_new. */
struct overlay_fonts;

/* Looks that a user may choose. The INIT macro gives those that are best without a choice. */
struct overlay_style {
    enum overlay_form form;
    enum overlay_sort sort;
    unsigned show;        /* enum overlay_show */
    const char *only;     /* borrowed: names of labels, with commas between; NULL = all */
    double line_width_px; /* 0 = by the picture's size; so the next */
    double font_px;
    char font_family[OVERLAY_FONT_BYTES];
    double opacity; /* above 0, to 1; plates and the legend stay as opaque as letters need */
    struct overlay_color colors[OVERLAY_MAX_COLORS];
    size_t color_count; /* 0 = the overlay's own colours */
    /* Borrowed, until the overlay is freed; NULL = each thread loads fonts of its own. */
    struct overlay_fonts *fonts;
};
#define OVERLAY_STYLE_INIT                                                                         \
    {.show = OVERLAY_SHOW_NAME | OVERLAY_SHOW_CONFIDENCE, .font_family = "sans-serif", .opacity = 1}

/* Where a name plate lies away from its box: a line from the one to the other, with a dot there. */
struct overlay_leader {
    int width_px;          /* 0 = none */
    struct ir_pixel plate; /* its left top corner is where the line begins, at the plate's edge */
    struct ir_pixel box;   /* so is where it ends, on the box's outline */
};

/*
 * A label's box. The outline is `outline_px` wide, with a thin dark or light casing on either side
 * of the colour. It lies around the label's pixels, where it hides nothing of them, and inside
 * where the picture ends.
 */
struct overlay_box {
    size_t label_index; /* of ir_result_get_label */
    /* The outline's outer edge: `outline_px` outside the label's pixels, cut to the picture; one
     * line further inside where a larger box has the same edges. */
    struct ir_rect rect;
    int outline_px;
    struct overlay_color color;
    struct overlay_leader leader; /* drawn with the box */
};

/* A name plate: of a box, or a line of the legend. */
struct overlay_plate {
    size_t label_index;  /* OVERLAY_NO_LABEL in the legend's last line, "+ 12 more" */
    size_t box_index;    /* of the box it belongs to; OVERLAY_NO_BOX in the legend */
    struct ir_rect rect; /* inside the picture */
    struct ir_rect text; /* where the text's logical rectangle lies, inside `rect` */
    const char *string;  /* UTF-8, plain: what is drawn, already shortened to fit */
    /* In the legend: the panel as it looks on a white picture, where contrast is least. */
    struct overlay_color fill;
    /* Of its ground, not of its text: on any picture that leaves the text a contrast of 4.5:1. */
    double opacity;
    struct overlay_color ink; /* at least 4.5:1 against `fill` by WCAG 2 */
    struct ir_rect chip;      /* in the legend, of a label with a box: its colour; else empty */
    struct overlay_color chip_color;
};
#define OVERLAY_NO_BOX ((size_t)-1)
#define OVERLAY_NO_LABEL ((size_t)-1)

struct overlay {
    int width_px; /* of the upright picture */
    int height_px;
    double line_width_px;        /* whole number of pixels */
    double font_px;              /* Pango absolute size, in pixels */
    struct overlay_fonts *fonts; /* the style's */
    char font_family[OVERLAY_FONT_BYTES];
    enum overlay_form form;
    double opacity;            /* of outlines and leaders; plates have their own */
    double legend_opacity;     /* of its panel */
    struct overlay_box *boxes; /* large ones first: small ones are drawn over them */
    size_t box_count;
    struct overlay_plate *plates;
    size_t plate_count;
    struct ir_rect legend; /* its panel; empty when every label has a box, or for want of room */
    /* What was left out for want of room, or because there are too many to be read. */
    size_t boxes_left_out;
    size_t plates_left_out; /* of boxes; a line of the legend says how many, where it has room */
    size_t legend_left_out; /* labels without a box */
};

#define OVERLAY_MAX_SIDE_PX 65535

/* A name in the style's `only`, not terminated. */
struct overlay_name {
    const char *text;
    size_t bytes;
};
/* Takes the next name out of `*io_rest`, which is `only` at first. False: there is none any more.
 */
bool overlay_only_next(const char **io_rest, struct overlay_name *out);
/* Whether the label, or something that it belongs to, is called so. */
bool overlay_only_fits(const struct overlay_name *name, const struct ir_label *label);

/*
 * Whether this family is not there, so that another one is drawn: `out` is its name then. Not asked
 * about generic families, such as sans-serif, which are another one always. Of several with commas
 * between one has to be there. `fonts` as in the style. Any thread.
 */
bool overlay_find_substitute(struct overlay_fonts *fonts, const char *family,
                             char out[OVERLAY_FONT_BYTES]);

struct ir_settings;

/* Reads the settings of IR_SETTING_OVERLAY. Strings in `out` are borrowed from `settings`.
 * IR_ERR_ARG: colours or a font that cannot be read. */
IR_MUST_CHECK int overlay_style_init(struct overlay_style *out, const struct ir_settings *settings,
                                     struct ir_error *err);

/*
 * Fonts that threads share: as many as there are processors, up to 8, work at once,
 * others wait a moment.
 * With `family` (copied) a thread loads that while the caller does other things, for so many that
 * will draw side by side. Freed with
 * overlay_fonts_free (NULL is allowed) when no overlay uses them any more. NULL when out of memory.
 * Any thread.
 */
IR_MUST_CHECK struct overlay_fonts *overlay_fonts_new(const char *family, size_t drawer_count);
void overlay_fonts_free(struct overlay_fonts *fonts);

/*
 * Lays the labels of `result` out on a picture of this upright size. `*out` is the caller's, freed
 * with overlay_free. IR_ERR_ARG: a side below 1 or over OVERLAY_MAX_SIDE_PX. IR_ERR_NOMEM.
 */
IR_MUST_CHECK int overlay_new(const struct ir_result *result, int width_px, int height_px,
                              struct overlay **out, struct ir_error *err);
/* The same with looks of the user's choice. */
IR_MUST_CHECK int overlay_new_styled(const struct ir_result *result, int width_px, int height_px,
                                     const struct overlay_style *style, struct overlay **out,
                                     struct ir_error *err);
/* NULL is allowed. */
void overlay_free(struct overlay *overlay);

typedef bool overlay_visit_fn(void *context, const struct ir_rect *rect);
/*
 * Visits rectangles that together hold all ink on `area`, each cut to it; they may overlap. Stops,
 * and returns false, when `visit` returns false. A host need not touch other pixels.
 */
bool overlay_visit_ink(const struct overlay *overlay, const struct ir_rect *area,
                       overlay_visit_fn *visit, void *context);
/* True when there are any. */
bool overlay_touches(const struct overlay *overlay, const struct ir_rect *area);

/* What overlay_draw_box may put ink on, cut to the picture: the box, and its leader where it has
 * one. */
struct ir_rect overlay_box_extent(const struct overlay *overlay, size_t box_index);

/* Some of an overlay's ink: a rectangle of one colour, or what a mask lets through of it. */
struct overlay_ink {
    struct ir_rect rect; /* upright */
    struct overlay_color color;
    double opacity; /* above 0, to 1; of colour or mask */
    /*
     * NULL = all of `rect` alike. CAIRO_FORMAT_A8: how much of the colour each pixel has.
     * CAIRO_FORMAT_ARGB32: pixels with colours of their own, `color` is not theirs. Borrowed until
     * the call returns, flushed, and to be read only.
     */
    cairo_surface_t *mask;
    struct ir_pixel mask_at; /* where the mask's left top pixel lies; `rect` is inside the mask */
};

typedef void overlay_ink_fn(void *context, const struct overlay_ink *ink);
/*
 * Tells of all ink on `area`, cut to it, in the order in which it lies: what comes later lies on
 * what came before. IR_ERR_NOMEM: not all was told.
 */
IR_MUST_CHECK int overlay_paint(const struct overlay *overlay, const struct ir_rect *area,
                                overlay_ink_fn *tell, void *context, struct ir_error *err);

/*
 * Draws all of it (clipped by `cr`) with the origin at the upright picture's top left corner.
 * `cr` is borrowed and left as it was. IR_ERR_NOMEM when cairo reports an error.
 */
IR_MUST_CHECK int overlay_draw(const struct overlay *overlay, cairo_t *cr, struct ir_error *err);

/*
 * The parts, for hosts that make a layer of each. Same origin, same rules. A line of the legend has
 * no ground of its own: overlay_draw_plate draws its chip, where it has one, and its text.
 */
IR_MUST_CHECK int overlay_draw_box(const struct overlay *overlay, size_t box_index, cairo_t *cr,
                                   struct ir_error *err);
IR_MUST_CHECK int overlay_draw_plate(const struct overlay *overlay, size_t plate_index,
                                     bool with_text, cairo_t *cr, struct ir_error *err);
IR_MUST_CHECK int overlay_draw_legend_panel(const struct overlay *overlay, cairo_t *cr,
                                            struct ir_error *err);

#endif
