/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of the overlay share: overlay_layout.c decides, with the help of overlay_color.c
 * (colours), overlay_boxes.c (outlines), overlay_sizes.c (lines and type), overlay_text.c (Pango),
 * overlay_legend.c (the panel) and overlay_place.c (plates); overlay_ink.c says what was decided as
 * ink, with overlay_mask.c and overlay_leader_ink.c for what is no rectangle, overlay_draw.c draws
 * that by cairo, and overlay_reach.c says where.
 */
#ifndef PLUGINS_COMMON_OVERLAY_PRIVATE_H
#define PLUGINS_COMMON_OVERLAY_PRIVATE_H

#include <stdint.h>

#include <pango/pangocairo.h>

#include "plugins/common/overlay.h"
#include "plugins/common/rect.h"

#define OVERLAY_MAX_BOXES 1000
#define OVERLAY_MAX_PLATES 400
#define OVERLAY_MAX_LEGEND_LINES 48
#define OVERLAY_PLATE_MAX_EMS 28.0 /* a plate's width, in units of the size of type... */
#define OVERLAY_PLATE_MAX_PX 32767 /* ...and what cairo has surfaces for */
/*
 * Rather none than a plate that costs more, in the prices of overlay_place.c. The second of each
 * pair is for what the legend was to tell and has no room for.
 */
#define OVERLAY_FIRST_MAX_COST 2.0 /* as on another thing of its size, a quarter of it */
#define OVERLAY_UNTOLD_FIRST_MAX_COST 16.0
#define OVERLAY_REPEAT_MAX_COST 0.7 /* a name that is read elsewhere may not hide much */
#define OVERLAY_UNTOLD_REPEAT_MAX_COST 1.1
#define OVERLAY_SMALL_PLATE_SHARE 0.02 /* of the picture; a larger one of a first costs no more */
#define OVERLAY_MIN_LEGEND_LINES 3     /* so many stay, whatever they hide, where they fit at all */

/* overlay_color.c */

/* 0xRRGGBB */
struct overlay_color overlay_color_from_hex(unsigned rgb);

static inline bool overlay_same_color(struct overlay_color a, struct overlay_color b)
{
    return a.red == b.red && a.green == b.green && a.blue == b.blue;
}

/*
 * The colour that belongs to labels of this name, or where that is taken its next choice; it is
 * taken then. When all are, names share.
 */
struct overlay_color overlay_color_of(const struct overlay_style *style, const char *name,
                                      bool taken[OVERLAY_MAX_COLORS]);
/* Black or white, whichever contrasts more with `fill`; that is always at least 4.58:1. */
struct overlay_color overlay_ink_on(struct overlay_color fill);
/* Contrast ratio of WCAG 2, 1 to 21. */
double overlay_contrast(struct overlay_color a, struct overlay_color b);
/* `over` with this opacity on `under`, as cairo blends. */
struct overlay_color overlay_blend(struct overlay_color over, double opacity,
                                   struct overlay_color under);

#define OVERLAY_PANEL_OPACITY 0.82
/*
 * The least opacity from `wanted` to 1 with which `ink`, black or white, has a contrast of 4.5:1 on
 * `fill` whatever lies below.
 */
double overlay_readable_opacity(struct overlay_color fill, struct overlay_color ink, double wanted);
/* The legend's ground and ink. The ground lets the picture shine through. */
struct overlay_color overlay_panel_color(void);
struct overlay_color overlay_panel_ink(void);
/* The panel on a white picture: the least contrast that its ink can have. */
struct overlay_color overlay_panel_worst(double opacity);

/* overlay_fonts.c; NULL = the calling thread's own. What is taken is given back. */
PangoFontMap *overlay_fonts_take(struct overlay_fonts *fonts);
void overlay_fonts_give(struct overlay_fonts *fonts, PangoFontMap *map);

/* overlay_text.c */

#define OVERLAY_MAX_NAME_BYTES 512
#define OVERLAY_ELLIPSIS "\xE2\x80\xA6" /* where a name is cut */

/* Pango's objects for one thread and one size of type. */
struct overlay_text {
    struct overlay_fonts *fonts;
    PangoFontMap *map;
    PangoContext *context;
    PangoLayout *layout;
    int max_height_px; /* taller lines are cut */
};

/* Waits for fonts where others have them all: who has them must not wait for anything. */
void overlay_text_init(struct overlay_text *text, struct overlay_fonts *fonts, const char *family,
                       double font_px);
void overlay_text_release(struct overlay_text *text);
/* Size of the line's logical rectangle, at least 1 x 1. */
void overlay_text_measure(struct overlay_text *text, const char *string, int *out_width_px,
                          int *out_height_px);
/*
 * "NAME 95%", or what else `show` (enum overlay_show) says: "NAME (PARENT, PARENT)"; more than one
 * of it (`count`) as "NAME 95% x 12". The name is cut with an ellipsis so that the line is at most
 * `max_width_px` wide. `*out` is the caller's (free), NULL when not even one letter fits.
 * IR_ERR_NOMEM.
 */
int overlay_text_fit(struct overlay_text *text, const struct ir_label *label, unsigned show,
                     size_t count, int max_width_px, char **out);
/* Draws `string` with the top left corner of its logical rectangle at (left_px, top_px). */
void overlay_text_draw(struct overlay_text *text, const char *string, int left_px, int top_px,
                       cairo_t *cr);

/* overlay_mask.c. A surface that could not be made has a status, which overlay_put looks at. */

/* A square with round corners: all of it, or what lies within `edge_px` of its edge. */
struct overlay_round {
    int radius_px;
    int edge_px;
    cairo_surface_t *mask; /* NULL = not drawn yet */
};

/* A8, 2 * MAX(radius_px, edge_px) wide and high, `round`'s own: made anew when that has another. */
cairo_surface_t *overlay_round_mask(struct overlay_round *round, int radius_px, int edge_px);
/* The plate's text, cut at the plate's edge whatever a font or a text does; the caller's. */
cairo_surface_t *overlay_text_mask(struct overlay_text *text, const struct overlay_plate *plate);

/* overlay_ink.c: an overlay or its parts, told as ink. */

#define OVERLAY_ROUND_COUNT 2 /* grounds, and their rims */
struct overlay_painter {
    const struct overlay *overlay;
    struct ir_rect area; /* of which ink is told */
    overlay_ink_fn *tell;
    void *context;
    struct overlay_round rounds[OVERLAY_ROUND_COUNT];
    struct overlay_text text;
    bool has_text;
    bool has_failed;
};

/* Tells of what lies in the area. */
void overlay_put(struct overlay_painter *painter, const struct overlay_ink *ink);
void overlay_paint_box(struct overlay_painter *painter, const struct overlay_box *box);
void overlay_paint_panel(struct overlay_painter *painter);
void overlay_paint_plate(struct overlay_painter *painter, const struct overlay_plate *plate,
                         bool with_text);
/* Boxes, then the panel, then plates, with text. */
void overlay_paint_all(struct overlay_painter *painter);
/* Frees what the painter has. IR_ERR_NOMEM when not all was told. */
int overlay_paint_end(struct overlay_painter *painter, struct ir_error *err);

/* overlay_pick.c: which labels are shown, and in which order. */

/* A label that may be shown, with what decides whether it is. */
struct overlay_pick {
    size_t label_index;
    const char *name; /* the label's */
    double confidence_pct;
    double area; /* of the box, in squared fractions */
    bool first_of_name;
    struct overlay_color color; /* of its name, by overlay_color_picks */
    bool has_plate;             /* in the last layout */
    bool is_keyed;              /* the legend is to say whose colour it is... */
    bool is_told;               /* ...and does; this and that are alike for all of a name */
    enum overlay_sort sort;
};

/* The most deserving labels of one kind. */
struct overlay_picks {
    struct overlay_pick *items; /* room for 2 * max_count */
    size_t count;
    size_t max_count;
    size_t seen; /* also those that were let go */
};

/* False when out of memory; release in any case. */
bool overlay_picks_init(struct overlay_picks *picks, size_t max_count);
void overlay_picks_release(struct overlay_picks *picks);
/*
 * Sorts the labels that the style wants into those with and without a box, the most deserving
 * first.
 */
void overlay_pick(const struct ir_result *result, const struct overlay_style *style,
                  struct overlay_picks *boxed, struct overlay_picks *boxless);
/* Each name comes before any name comes a second time. Needs the list sorted. */
void overlay_favour_first_of_name(struct overlay_picks *picks);
/* Keys each name that has a box without a plate. Returns whether that is news of any. */
bool overlay_key_picks(struct overlay_picks *picks);
/* Notes that the legend tells this name: it has a line, and that line a colour of its own. */
void overlay_tell_picks(struct overlay_picks *picks, const char *name);
/* Gives each name its colour, the most deserving first. Needs that order. */
void overlay_color_picks(struct overlay_picks *picks, const struct overlay_style *style);

/* overlay_layout.c and overlay_sizes.c */

/* What every part of one overlay is sized by, in pixels. */
struct overlay_metrics {
    int line_px;   /* outline with its casing */
    int leader_px; /* and of a leader line */
    double font_px;
    int pad_x_px; /* between a plate's edge and its text */
    int pad_y_px;
    int panel_pad_px;    /* between the legend's edge and its lines, twice that between columns */
    int gap_px;          /* between plates, and between the lines of the legend */
    int margin_px;       /* between the legend and the picture's edge */
    size_t legend_lines; /* so many stay unless they hide much, where they fit at all */
};

/* overlay_place.c: plates beside their boxes. Pure geometry. */

struct overlay_item {
    size_t box_index;
    int width_px;
    int height_px;
    double max_cost; /* rather none than a place that hides more, see overlay_place.c */
    bool placed;
    double cost;                  /* when placed: of its place, in the prices of overlay_place.c */
    struct ir_rect rect;          /* when placed */
    struct overlay_leader leader; /* when that is away from the box */
};

struct overlay_scene {
    int width_px;
    int height_px;
    int gap_px;
    int leader_px;
    const struct overlay_box *boxes;
    size_t box_count;
    struct ir_rect blocked; /* where no plate may lie; may be empty */
};

/*
 * Finds a place for each item, earlier ones first, inside the picture, off the others and off
 * `blocked`: at its box, else near it with a leader line. What finds none stays with `placed`
 * false.
 */
void overlay_place(const struct overlay_scene *scene, struct overlay_item *items,
                   size_t item_count);

/* Finds another place for one of them, whose size is another now; the others stay. */
void overlay_place_one(const struct overlay_scene *scene, struct overlay_item *items,
                       size_t item_count, size_t self);

/* What lies near an item's box, so that not all is looked at for each place. */
struct overlay_near {
    size_t boxes[OVERLAY_MAX_BOXES];
    size_t box_count;
    size_t items[OVERLAY_MAX_PLATES]; /* that are placed, the item itself excepted */
    size_t item_count;
};

/* What a plate at `rect` covers of boxes, in prices; stops counting at `limit`. NULL = all boxes.
 */
double overlay_cover_cost(const struct overlay_scene *scene, const struct overlay_near *near,
                          size_t own_index, const struct ir_rect *rect, double limit);

/* overlay_leader.c: places away from the box. */

/* The radius of the dot at the box. */
int overlay_leader_dot_px(const struct overlay_leader *leader);
/* What the leader may put ink on; empty without one. */
struct ir_rect overlay_leader_extent(const struct overlay_leader *leader);
/* True when its line comes within a pixel of `rect`; false without a leader. */
bool overlay_leader_meets(const struct overlay_leader *leader, const struct ir_rect *rect);

/* Moves the item away from its box, with a leader, where that is cheaper than what it has. */
void overlay_place_away(const struct overlay_scene *scene, struct overlay_item *items,
                        size_t item_count, size_t self);

/* overlay_leader_ink.c; both do nothing for a box without a leader. */
void overlay_paint_leader(struct overlay_painter *painter, const struct overlay_box *box);
/*
 * Visits the cells of the picture's grid in which the line or its dot may have ink on `area`,
 * whole; stops, and returns false, when `visit` returns false.
 */
bool overlay_leader_cells(const struct overlay_leader *leader, const struct ir_rect *area,
                          overlay_visit_fn *visit, void *context);

/* overlay_reach.c */

#define OVERLAY_CORNER_COUNT 4
/*
 * The corners of a box that OVERLAY_CORNERS shows, apart from each other: those of a small box are
 * fewer and larger. Returns how many.
 */
int overlay_corner_rects(const struct overlay_box *box, struct ir_rect out[OVERLAY_CORNER_COUNT]);

/* overlay_legend.c: the panel of labels without a box. Pure geometry. */

struct overlay_line {
    int width_px; /* with its chip */
    int height_px;
    size_t box_count;    /* whose colour it explains */
    struct ir_rect rect; /* where overlay_legend_place put it */
};

/*
 * Lays out a panel with the first `*line_count` lines, which is lowered to how many find room.
 * Returns an empty rectangle when none does.
 */
struct ir_rect overlay_legend_place(const struct overlay_scene *scene,
                                    const struct overlay_metrics *metrics,
                                    struct overlay_line *lines, size_t *line_count);

/* overlay_lines.c: what the legend says. */

/* Everything that is needed while an overlay is made. */
struct overlay_maker {
    const struct ir_result *result;
    const struct overlay_style *style;
    struct overlay *overlay;
    struct overlay_metrics metrics;
    double natural_px; /* the size of type that suits picture and number of names */
    double least_px;   /* and the smallest that may be tried instead */
    struct overlay_text text;
    bool has_text;
    struct overlay_picks boxed;
    struct overlay_picks boxless;
    struct overlay_item *items; /* plates of boxes, the most deserving first */
    char **item_strings;
    struct overlay_line *lines; /* of the legend */
    char **line_strings;
    const struct overlay_pick *line_picks[OVERLAY_MAX_LEGEND_LINES];
    size_t line_count;
    size_t key_line_count; /* of line_count: with a colour */
    size_t lines_left_out;
    bool lines_share_color; /* two of those that found room do */
};

struct overlay_scene overlay_scene_of(const struct overlay_maker *maker);
/*
 * Makes the legend's panel and its plates, a line for each name that is keyed. With `counts_boxes`
 * its last line is to say how many boxes have no name, which overlay_finish_legend words when the
 * plates are placed. IR_ERR_NOMEM.
 */
int overlay_make_legend(struct overlay_maker *maker, bool counts_boxes);
int overlay_finish_legend(struct overlay_maker *maker);

/* overlay_boxes.c: makes the overlay's boxes, without leaders, large ones first. IR_ERR_NOMEM. */
int overlay_make_boxes(struct overlay_maker *maker);
/* How much of an outline of this width is casing, on either side of the colour. */
int overlay_casing_px(int outline_px);

/* overlay_layout.c: places all names with the type that is set. IR_ERR_NOMEM. */
int overlay_make_names(struct overlay_maker *maker);

/* overlay_sizes.c */

/* Chooses all sizes but that of type, and finds which of those are fit to be tried. */
void overlay_choose_sizes(struct overlay_maker *maker);
/* Chooses type, and places the names with it. IR_ERR_NOMEM. */
int overlay_fit_type(struct overlay_maker *maker);

#endif
