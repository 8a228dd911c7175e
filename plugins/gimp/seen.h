/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an image's layers show, which is what GIMP saves and exports. The window may show less of
 * it: a channel that is shown lies over the picture like a veil, and a component, such as red, can
 * be hidden. Neither belongs to the picture; what is looked at through them alone would be shared
 * without having been looked at. Main thread only.
 */
#ifndef PLUGINS_GIMP_SEEN_H
#define PLUGINS_GIMP_SEEN_H

#include <libgimp/gimp.h>

/*
 * A layer of `into`, not inserted, with what the layers of `image` show. `image` is not changed:
 * where its window hides something, a copy of it is read, which takes GIMP longer. NULL when GIMP
 * refused.
 */
GimpLayer *seen_new_layer(GimpImage *image, GimpImage *into, const char *name);

/* Makes an image that nobody else uses show its layers, all of their colours and nothing else. */
void seen_bare(GimpImage *image);

#endif
