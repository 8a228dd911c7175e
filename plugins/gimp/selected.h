/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the user had selected in the layers and channels dialogs: inserting a layer selects it, and
 * that is not what was asked for.
 */
#ifndef PLUGINS_GIMP_SELECTED_H
#define PLUGINS_GIMP_SELECTED_H

#include <stdbool.h>

#include <libgimp/gimp.h>

/* Whether the layer is in the image: undo may have taken it out, and it is valid then still. */
bool selected_is_in(GimpImage *image, GimpLayer *layer);

/* By id: an item may go away. */
struct selected {
    GArray *layer_ids; /* int */
    GArray *channel_ids;
};

/* To be followed by selected_restore. */
struct selected selected_take(GimpImage *image);
/*
 * Gives back what still exists; `instead` (may be NULL) where none of the selected layers does.
 * Where nothing was selected, what GIMP has chosen stays. Frees what `selected` holds. The image
 * may have been closed.
 */
void selected_restore(GimpImage *image, struct selected *selected, GimpLayer *instead);

#endif
