/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns remembering and giving back what is selected in the layers and channels dialogs. */
#include "plugins/gimp/selected.h"

static GArray *take_ids(GimpItem **items)
{
    GArray *ids = g_array_new(FALSE, FALSE, sizeof(int));

    for (size_t i = 0; items != NULL && items[i] != NULL; i++) {
        int id = gimp_item_get_id(items[i]);

        g_array_append_val(ids, id);
    }
    g_free(items);
    return ids;
}

struct selected selected_take(GimpImage *image)
{
    return (struct selected){take_ids((GimpItem **)gimp_image_get_selected_layers(image)),
                             take_ids((GimpItem **)gimp_image_get_selected_channels(image))};
}

/*
 * True when the layer is in the tree. A removed one still has a valid id: undo keeps it. A level is
 * looked through before what is below it: a hundred groups of labels are a hundred calls.
 */
static bool holds(GimpItem **items, int id)
{
    bool found = false;

    for (size_t i = 0; !found && items != NULL && items[i] != NULL; i++)
        found = gimp_item_get_id(items[i]) == id;
    for (size_t i = 0; !found && items != NULL && items[i] != NULL; i++) {
        GimpItem **children;

        if (!GIMP_IS_GROUP_LAYER(items[i]))
            continue;
        children = gimp_item_get_children(items[i]);
        found = holds(children, id);
        g_free(children);
    }
    return found;
}

bool selected_is_in(GimpImage *image, GimpLayer *layer)
{
    GimpLayer **layers = gimp_image_is_valid(image) ? gimp_image_get_layers(image) : NULL;
    bool found = holds((GimpItem **)layers, gimp_item_get_id(GIMP_ITEM(layer)));

    g_free(layers);
    return found;
}

/* What of `ids` is in `tree` (NULL: all), ended by NULL; frees `ids`. */
static GPtrArray *items_of(GArray *ids, GimpItem **tree)
{
    GPtrArray *items = g_ptr_array_new();

    for (guint i = 0; i < ids->len; i++) {
        int id = g_array_index(ids, int, i);
        GimpItem *item = tree == NULL || holds(tree, id) ? gimp_item_get_by_id(id) : NULL;

        if (item != NULL) /* it may have been deleted meanwhile */
            g_ptr_array_add(items, item);
    }
    g_ptr_array_add(items, NULL);
    g_array_free(ids, TRUE);
    return items;
}

/* GIMP takes no empty list. */
void selected_restore(GimpImage *image, struct selected *selected, GimpLayer *instead)
{
    bool had_layers = selected->layer_ids->len > 0;
    GimpLayer **tree;
    GPtrArray *layers, *channels;

    if (!gimp_image_is_valid(image)) {
        g_array_free(selected->layer_ids, TRUE);
        g_array_free(selected->channel_ids, TRUE);
        return;
    }
    tree = gimp_image_get_layers(image);
    layers = items_of(selected->layer_ids, (GimpItem **)tree);
    channels = items_of(selected->channel_ids, NULL);
    if (had_layers && layers->len == 1 && instead != NULL)
        g_ptr_array_insert(layers, 0, instead);
    if (layers->len > 1)
        gimp_image_set_selected_layers(image, (const GimpLayer **)layers->pdata);
    if (channels->len > 1)
        gimp_image_set_selected_channels(image, (const GimpChannel **)channels->pdata);
    g_ptr_array_free(channels, TRUE);
    g_ptr_array_free(layers, TRUE);
    g_free(tree);
}
