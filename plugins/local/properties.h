/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What pixels say by themselves: brightness, sharpness, contrast and dominant colours. */
#ifndef PLUGINS_LOCAL_PROPERTIES_H
#define PLUGINS_LOCAL_PROPERTIES_H

#include <imgrecog/geometry.h>

#include "plugins/local/image.h"

#define PROPERTIES_MAX_COLORS 20

/* 0 to 100 each, more is brighter, sharper, richer in contrast. */
struct quality {
    double brightness;
    double sharpness;
    double contrast;
};

struct dominant_color {
    unsigned char red;
    unsigned char green;
    unsigned char blue;
    const char *css_name;        /* nearest CSS colour, spelled with "grey" as AWS does */
    const char *simplified_name; /* one of twelve */
    double pixel_pct;
};

struct color_list {
    struct dominant_color items[PROPERTIES_MAX_COLORS]; /* the most frequent first */
    int count;
};

/* The area of `box` (fractions, clamped) of the picture. Cannot fail. */
struct quality properties_quality(const struct image *image, struct ir_box box);

/* At most `max_colors`, the same for the same pixels. IR_ERR_NOMEM. */
IR_MUST_CHECK int properties_colors(const struct image *image, struct ir_box box, int max_colors,
                                    struct color_list *out);

#endif
