/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the words of a caption go: which places there are, their checkboxes, and putting them. */
#ifndef PLUGINS_GIMP_CAPTION_PUT_H
#define PLUGINS_GIMP_CAPTION_PUT_H

#include <stdbool.h>

#include <libgimp/gimpui.h>

#include <imgrecog/error.h>

/* Borrowed; NULL or "" = none. */
struct caption_words {
    const char *caption;
    const char *alt_text;
    const char *title;
    const char *const *keywords; /* ended by NULL */
};

#define CAPTION_PLACES 6

struct caption_put_boxes {
    GtkWidget *export_words; /* what to do on export */
};

void caption_put_add_arguments(GimpProcedure *procedure);
GtkWidget *caption_put_new_boxes(struct caption_put_boxes *boxes, GimpProcedureConfig *config);
/* After the config has changed. */
void caption_put_update(struct caption_put_boxes *boxes, GimpProcedureConfig *config);
/* Whether any place is chosen, and whether a text layer is. */
bool caption_put_is_wanted(GimpProcedureConfig *config);
bool caption_put_wants_layer(GimpProcedureConfig *config);

/*
 * Puts the words into the chosen places, in one undo step; what the user had selected stays.
 * IR_ERR_ARG: GIMP refused, or the image was closed.
 */
IR_MUST_CHECK int caption_put(GimpImage *image, GimpProcedureConfig *config,
                              const struct caption_words *words, struct ir_error *err);

#endif
