/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns telling the picture from how the window shows it. gimp_layer_new_from_visible reads what the
 * window shows; a duplicate has that, too.
 */
#include "plugins/gimp/seen.h"

#include <stdbool.h>

#include "plugins/gimp/hidden.h"

/* Those of an image of this type, of which GIMP tells whether they are shown: of alpha in RGB
 * alone. */
static const GimpChannelType *components_of(GimpImage *image, size_t *out_count)
{
    static const GimpChannelType of_rgb[] = {GIMP_CHANNEL_RED, GIMP_CHANNEL_GREEN,
                                             GIMP_CHANNEL_BLUE, GIMP_CHANNEL_ALPHA};
    static const GimpChannelType of_gray[] = {GIMP_CHANNEL_GRAY};
    static const GimpChannelType of_indexed[] = {GIMP_CHANNEL_INDEXED};
    GimpImageBaseType base = gimp_image_get_base_type(image);

    *out_count = base == GIMP_RGB ? G_N_ELEMENTS(of_rgb) : 1;
    return base == GIMP_RGB ? of_rgb : base == GIMP_GRAY ? of_gray : of_indexed;
}

static bool is_bare(GimpImage *image)
{
    size_t count;
    const GimpChannelType *components = components_of(image, &count);
    GimpChannel **channels = gimp_image_get_channels(image);
    bool bare = true;

    for (size_t i = 0; bare && i < count; i++)
        bare = gimp_image_get_component_visible(image, components[i]);
    for (size_t i = 0; bare && channels != NULL && channels[i] != NULL; i++)
        bare = !gimp_item_get_visible(GIMP_ITEM(channels[i]));
    g_free(channels);
    return bare;
}

void seen_bare(GimpImage *image)
{
    size_t count;
    const GimpChannelType *components = components_of(image, &count);
    GimpChannel **channels = gimp_image_get_channels(image);

    for (size_t i = 0; i < count; i++)
        gimp_image_set_component_visible(image, components[i], TRUE);
    for (size_t i = 0; channels != NULL && channels[i] != NULL; i++)
        gimp_image_remove_channel(image, channels[i]);
    g_free(channels);
}

GimpLayer *seen_new_layer(GimpImage *image, GimpImage *into, const char *name)
{
    GimpImage *bare;
    GimpLayer *layer;

    if (is_bare(image))
        return gimp_layer_new_from_visible(image, into, name);
    bare = hidden_duplicate(image);
    if (bare == NULL)
        return NULL;
    seen_bare(bare);
    layer = gimp_layer_new_from_visible(bare, into, name);
    gimp_image_delete(bare);
    return layer;
}
