/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an image's layers show, which is what GIMP saves and exports. The window may show less of
 * it, or something else: a channel that is shown lies over the picture like a veil, a component,
 * such as red, can be hidden, and a layer can show its mask in place of its picture. None of this
 * belongs to the picture; what is looked at through it alone would be shared without having been
 * looked at. Main thread only.
 */
#ifndef PLUGINS_GIMP_SEEN_H
#define PLUGINS_GIMP_SEEN_H

#include <stdbool.h>

#include <libgimp/gimp.h>

/*
 * A layer of `into`, not inserted, with what the layers of `image` show. `image` is not changed:
 * where its window shows it otherwise, a copy of it is read, which takes GIMP longer. The main loop
 * turns before that. NULL when GIMP refused.
 */
GimpLayer *seen_new_layer(GimpImage *image, GimpImage *into, const char *name);

/* Whether the window shows what the layers show. The main loop turns. */
bool seen_is_bare(GimpImage *image);

/*
 * A copy of `image` whose window would show what the layers show; see hidden_duplicate. NULL when
 * GIMP refused.
 */
GimpImage *seen_duplicate(GimpImage *image);

/*
 * Whether what the layers show is all the picture that an XCF of `image` holds: one plain layer
 * over the canvas, visible and without alpha, mask and filters, no channel, no selection.
 */
bool seen_is_all(GimpImage *image);

/*
 * Makes an image that nobody else uses show its layers, all of their colours and nothing else. The
 * main loop turns.
 */
void seen_bare(GimpImage *image);

#endif
