/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns telling the picture from how the window shows it. gimp_layer_new_from_visible reads what the
 * window shows of the canvas ("Show All" gives no more of it); a duplicate has that, too.
 *
 * GIMP's exporters take a mask that is shown for the picture where there are several layers, and
 * what it masks where there is one; a mask that is disabled they apply then. What is seen here has
 * no mask in its place, and all that a disabled one would hide.
 */
#include "plugins/gimp/seen.h"

#include "plugins/gimp/hidden.h"
#include "plugins/gimp/own.h"
#include "plugins/gimp/turn.h"

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

/* Of these and all that is in them. */
static bool shows_mask(GimpImage *image, GimpItem **items)
{
    bool shows = false;

    for (size_t i = 0; !shows && items != NULL && items[i] != NULL; i++) {
        shows = gimp_layer_get_show_mask(GIMP_LAYER(items[i]));
        turn_loop(); /* a hundred labels are as many calls */
        if (!shows && GIMP_IS_GROUP_LAYER(items[i])) {
            GimpItem **children = own_get_children(image, items[i], OWN_LABELS);

            shows = shows_mask(image, children);
            g_free(children);
        }
    }
    return shows;
}

static void hide_masks(GimpItem **items)
{
    for (size_t i = 0; items != NULL && items[i] != NULL; i++) {
        if (gimp_layer_get_show_mask(GIMP_LAYER(items[i])))
            gimp_layer_set_show_mask(GIMP_LAYER(items[i]), FALSE);
        turn_loop();
        if (GIMP_IS_GROUP_LAYER(items[i])) {
            GimpItem **children = gimp_item_get_children(items[i]);

            hide_masks(children);
            g_free(children);
        }
    }
}

bool seen_is_bare(GimpImage *image)
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
    if (bare) {
        GimpItem **layers = (GimpItem **)gimp_image_get_layers(image);

        bare = !shows_mask(image, layers);
        g_free(layers);
    }
    return bare;
}

void seen_bare(GimpImage *image)
{
    size_t count;
    const GimpChannelType *components = components_of(image, &count);
    GimpChannel **channels = gimp_image_get_channels(image);
    GimpItem **layers = (GimpItem **)gimp_image_get_layers(image);

    for (size_t i = 0; i < count; i++)
        gimp_image_set_component_visible(image, components[i], TRUE);
    for (size_t i = 0; channels != NULL && channels[i] != NULL; i++)
        gimp_image_remove_channel(image, channels[i]);
    hide_masks(layers);
    g_free(layers);
    g_free(channels);
}

GimpImage *seen_duplicate(GimpImage *image)
{
    GimpImage *bare = hidden_duplicate(image);

    if (bare != NULL)
        seen_bare(bare);
    return bare;
}

/* A group, a text or what newer GIMPs have holds more than its pixels. */
static bool is_plain(GimpImage *image, GimpLayer *layer)
{
    GimpDrawable *drawable = GIMP_DRAWABLE(layer);
    GimpDrawableFilter **filters = gimp_drawable_get_filters(drawable);
    bool has_filters = filters != NULL && filters[0] != NULL;
    int x_px = 0, y_px = 0;

    g_free(filters);
    gimp_drawable_get_offsets(drawable, &x_px, &y_px);
    return !has_filters && G_OBJECT_TYPE(layer) == GIMP_TYPE_LAYER &&
           gimp_item_get_visible(GIMP_ITEM(layer)) && !gimp_drawable_has_alpha(drawable) &&
           gimp_layer_get_mask(layer) == NULL && gimp_layer_get_opacity(layer) >= 100.0 &&
           x_px == 0 && y_px == 0 &&
           gimp_drawable_get_width(drawable) == gimp_image_get_width(image) &&
           gimp_drawable_get_height(drawable) == gimp_image_get_height(image);
}

bool seen_is_all(GimpImage *image)
{
    GimpLayer **layers = gimp_image_get_layers(image);
    GimpChannel **channels = gimp_image_get_channels(image);
    bool is_all = layers != NULL && layers[0] != NULL && layers[1] == NULL &&
                  (channels == NULL || channels[0] == NULL) && gimp_selection_is_empty(image) &&
                  is_plain(image, layers[0]);

    g_free(channels);
    g_free(layers);
    return is_all;
}

GimpLayer *seen_new_layer(GimpImage *image, GimpImage *into, const char *name)
{
    GimpImage *bare;
    GimpLayer *layer;

    if (seen_is_bare(image))
        return gimp_layer_new_from_visible(image, into, name);
    bare = seen_duplicate(image);
    if (bare == NULL)
        return NULL;
    layer = gimp_layer_new_from_visible(bare, into, name);
    gimp_image_delete(bare);
    return layer;
}
