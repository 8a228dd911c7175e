/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All that the recognisers of this machine say of one picture. */
#ifndef PLUGINS_LOCAL_SIGHT_H
#define PLUGINS_LOCAL_SIGHT_H

#include "plugins/local/labels.h"
#include "plugins/local/properties.h"

#define SIGHT_COLORS 3
#define SIGHT_LINE_BYTES 512

struct sight {
    struct image image;
    int width_px; /* upright, as it was sent */
    int height_px;
    struct evidence evidence;
    struct label_list *labels;
    struct color_list colors;
};

/* Codes of image_decode, and InternalServerError. Release it after success only. */
IR_MUST_CHECK int sight_look(const struct recognisers *recognisers, const unsigned char *data,
                             size_t bytes, struct sight *out, struct ir_error *err);
void sight_release(struct sight *sight);

/* The text's line, words joined by blanks; false when there are not so many lines. */
bool sight_line(const struct sight *sight, int line_index, char out[SIGHT_LINE_BYTES]);
int sight_line_count(const struct sight *sight);
/* The box around a line's words. */
struct ir_box sight_line_box(const struct sight *sight, int line_index);
int sight_code_count(const struct sight *sight, bool qr);
/* LOOK_... that did not finish. */
unsigned sight_unfinished(const struct sight *sight);

#endif
