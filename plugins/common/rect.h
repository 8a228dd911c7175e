/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What rectangles of whole pixels have in common. */
#ifndef PLUGINS_COMMON_RECT_H
#define PLUGINS_COMMON_RECT_H

#include <stdbool.h>
#include <stdint.h>

#include <imgrecog/geometry.h>

/* Coordinates stay within +-4 sides, so no sum here can overflow an int. */

static inline int rect_right(const struct ir_rect *r)
{
    return r->left_px + r->width_px;
}

static inline int rect_bottom(const struct ir_rect *r)
{
    return r->top_px + r->height_px;
}

static inline int64_t rect_area(const struct ir_rect *r)
{
    return (int64_t)r->width_px * r->height_px;
}

/* What both cover; may come out empty or negative in size. */
static inline struct ir_rect rect_both(const struct ir_rect *a, const struct ir_rect *b)
{
    int left = a->left_px > b->left_px ? a->left_px : b->left_px;
    int top = a->top_px > b->top_px ? a->top_px : b->top_px;
    int right = rect_right(a) < rect_right(b) ? rect_right(a) : rect_right(b);
    int bottom = rect_bottom(a) < rect_bottom(b) ? rect_bottom(a) : rect_bottom(b);

    return (struct ir_rect){left, top, right - left, bottom - top};
}

/* Pixels that both cover. */
static inline int64_t rect_common(const struct ir_rect *a, const struct ir_rect *b)
{
    struct ir_rect both = rect_both(a, b);

    return both.width_px > 0 && both.height_px > 0 ? rect_area(&both) : 0;
}

static inline bool rect_overlaps(const struct ir_rect *a, const struct ir_rect *b)
{
    return a->left_px < rect_right(b) && b->left_px < rect_right(a) && a->top_px < rect_bottom(b) &&
           b->top_px < rect_bottom(a) && a->width_px > 0 && a->height_px > 0 && b->width_px > 0 &&
           b->height_px > 0;
}

/* True when all of `inner` lies in `outer`. */
static inline bool rect_holds(const struct ir_rect *outer, const struct ir_rect *inner)
{
    return inner->left_px >= outer->left_px && inner->top_px >= outer->top_px &&
           rect_right(inner) <= rect_right(outer) && rect_bottom(inner) <= rect_bottom(outer);
}

/* `r` without a border of `by_px`; may come out empty or negative in size. */
static inline struct ir_rect rect_inset(const struct ir_rect *r, int by_px)
{
    return (struct ir_rect){r->left_px + by_px, r->top_px + by_px, r->width_px - 2 * by_px,
                            r->height_px - 2 * by_px};
}

#endif
