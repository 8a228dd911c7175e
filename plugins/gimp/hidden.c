/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the hidden image; see hidden.h. GIMP converts a layer that gets into an indexed image. */
#include "plugins/gimp/hidden.h"

GimpImage *hidden_new(GimpImage *image)
{
    GimpImageBaseType base = gimp_image_get_base_type(image);
    GimpColorProfile *profile = gimp_image_get_color_profile(image);
    GimpImage *hidden = gimp_image_new_with_precision(
        gimp_image_get_width(image), gimp_image_get_height(image),
        base == GIMP_INDEXED ? GIMP_RGB : base, gimp_image_get_precision(image));

    if (hidden != NULL) {
        gimp_image_undo_disable(hidden);
        if (profile != NULL)
            gimp_image_set_color_profile(hidden, profile);
    }
    g_clear_object(&profile);
    return hidden;
}

/* GIMP calls it a copy. */
GimpLayer *hidden_copy(GimpLayer *layer, GimpImage *image)
{
    GimpLayer *copy = gimp_layer_new_from_drawable(GIMP_DRAWABLE(layer), image);
    char *name;

    if (copy == NULL)
        return NULL;
    name = gimp_item_get_name(GIMP_ITEM(layer));
    gimp_item_set_name(GIMP_ITEM(copy), name);
    g_free(name);
    return copy;
}

/* What has a mask is edited itself, not the mask. */
GimpLayer *hidden_insert(GimpLayer *layer, GimpImage *image, int position)
{
    GimpLayer *copy = hidden_copy(layer, image);

    if (copy == NULL)
        return NULL;
    if (!gimp_image_insert_layer(image, copy, NULL, position)) {
        gimp_item_delete(GIMP_ITEM(copy));
        return NULL;
    }
    if (gimp_layer_get_mask(copy) != NULL)
        gimp_layer_set_edit_mask(copy, FALSE);
    return copy;
}
