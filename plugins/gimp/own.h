/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which layers are this plug-in's own, so that a second run replaces them and touches nobody
 * else's.
 *
 * A layer is ours when it carries our parasite *and* the parasite holds the tattoo that the layer
 * still has. Names prove nothing, and a parasite alone does not either: GIMP copies parasites with
 * a layer, but gives the copy a new tattoo, so a copy that the user made is the user's. A group of
 * ours stays the user's too, as far as it holds layers that are not ours.
 */
#ifndef PLUGINS_GIMP_OWN_H
#define PLUGINS_GIMP_OWN_H

#include <stdbool.h>

#include <libgimp/gimp.h>

/* Names of parasites: one for each kind of result, so that tasks do not replace each other's. */
#define OWN_LABELS "imgrecog-labels"

enum own_role {
    OWN_GROUP, /* the group that a run makes */
    OWN_PART,  /* a layer or group in it; dragged out of it by the user, it is the user's */
};

/*
 * Marks `layer`, which must not be in the layer tree yet: GIMP 3.0 makes an undo step of marking
 * one that is, and that step complains when it is redone. False when GIMP refused.
 */
bool own_mark(GimpLayer *layer, const char *kind, enum own_role role);

/* True when the image holds a group of this kind. */
bool own_exists(GimpImage *image, const char *kind);

/*
 * As gimp_item_get_children, of a group at any place (g_free). Of a group of ours GIMP's library
 * takes over a second for that when it meets them first: the main loop turns in it.
 */
GimpItem **own_get_children(GimpImage *image, GimpItem *group, const char *kind);

/* Where the topmost group of this kind stands; `*out_parent` is NULL at the top level. */
bool own_find_place(GimpImage *image, const char *kind, GimpLayer **out_parent, int *out_position);

/*
 * Removes the groups of this kind from `image`, but for `kept` (may be NULL). Layers of the user's
 * in them stay, in their group. False when GIMP refused a removal.
 */
bool own_remove(GimpImage *image, const char *kind, const GimpLayer *kept);

/*
 * A copy of what the layers of `image` show, without those of this kind; `image` is not changed,
 * and the copy may have its channels. For gimp_image_delete. NULL when GIMP refused. The main loop
 * turns between two layers, so the user may edit the image meanwhile: layers are copied as each is
 * at its time, and one that went away before its time makes this begin again with GIMP's own copy
 * of the whole.
 */
GimpImage *own_copy_without(GimpImage *image, const char *kind);

#endif
