/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Layers are made in an image that no window shows, and put into the user's when they are whole:
 * making them takes long on a huge canvas, GIMP ends a plug-in that writes to an image which the
 * user has closed, and what fails half way has changed nothing. GIMP's own Cancel kills a plug-in,
 * and its images stay in GIMP's memory then: they bear a mark, by which the next run finds them.
 */
#ifndef PLUGINS_GIMP_HIDDEN_H
#define PLUGINS_GIMP_HIDDEN_H

#include <stdbool.h>

#include <libgimp/gimp.h>

#include <imgrecog/error.h>

/*
 * An image of the same size, precision and profile, RGB in place of indexed, without undo. NULL
 * when GIMP refused. For gimp_image_delete, which does not free layers that are not inserted.
 */
GimpImage *hidden_new(GimpImage *image);

/*
 * An image of the same size that holds a selection's values as they are: linear, a byte each. NULL
 * when GIMP refused.
 */
GimpImage *hidden_new_mask(GimpImage *image);

/* The type that a layer with alpha has in this image. */
GimpImageType hidden_layer_type(GimpImage *image);

/*
 * GIMP's own copy of an image, marked and without undo. NULL when GIMP refused. With a hundred
 * layers on a huge canvas this takes seconds, and a plug-in that is killed in them has not heard of
 * the copy yet. So the mark comes before: GIMP copies it with the image. It holds the number that
 * the copy will have, and no image with another number is ever deleted for it.
 */
GimpImage *hidden_duplicate(GimpImage *image);

/* Marks an image that no user is ever to see. */
void hidden_mark(GimpImage *image);
/* Takes the mark away again: the image is the user's now. */
void hidden_unmark(GimpImage *image);
/* Deletes what plug-ins that were killed have left of such images, and their marks on others. */
void hidden_sweep(void);

/*
 * A copy of `layer` for `image`, of the same name, which shares its pixels and is not inserted yet.
 * NULL when GIMP refused.
 */
GimpLayer *hidden_copy(GimpLayer *layer, GimpImage *image);

/* The same, inserted at this position of the top level. NULL when GIMP refused; nothing is left
 * then.
 */
GimpLayer *hidden_insert(GimpLayer *layer, GimpImage *image, int position);

/* What to do where the user's image did not take a layer. */
const char *hidden_refused_hint(GimpImage *image);

/* When the user's image did not take a layer: IR_ERR_ARG. */
int hidden_fail_refused(GimpImage *image, struct ir_error *err);

#endif
