/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Crowded scenes for the tests of the overlay, and how much of them its plates hide. No chance in
 * them but that of a seed.
 */
#ifndef TESTS_UNIT_OVERLAY_CROWDS_H
#define TESTS_UNIT_OVERLAY_CROWDS_H

#include "tests/unit/overlay_scenes.h"

/* Lines of text on an upright page, found as boxes. */
struct page_of_text {
    int line_count;
    double margin_frac; /* left and right, of the page's width */
    double height_frac; /* of a line, of the space from one to the next */
    bool is_named;      /* each line by a name of its own, else all "Text" */
};
struct ir_result *new_page(const struct page_of_text *page);

/* Faces in rows, each row half a face aside of the one before; "Face", or a name for each. */
struct ir_result *new_class(int rows, int columns, double height_frac, bool is_named);

/* Means over the boxes, of the share of each that is hidden within its outline. */
struct hidden {
    double others; /* by plates of others, those aside of which that lie in it themselves */
    double own;    /* by its own plate */
    double legend;
};
struct hidden hidden_by_plates(const struct overlay *overlay);

#endif
