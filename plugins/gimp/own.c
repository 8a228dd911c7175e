/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the mark on layers; see own.h for the rule. */
#include "plugins/gimp/own.h"

/* "group " or "part ", the digits of a 32-bit number, NUL. */
#define MARK_BYTES 17

/* What the parasite of an item with this role holds. */
static void write_mark(GimpItem *item, enum own_role role, char out[MARK_BYTES])
{
    g_snprintf(out, MARK_BYTES, "%s %u", role == OWN_GROUP ? "group" : "part",
               gimp_item_get_tattoo(item));
}

bool own_mark(GimpLayer *layer, const char *kind, enum own_role role)
{
    char text[MARK_BYTES];
    GimpParasite *parasite;
    bool attached;

    write_mark(GIMP_ITEM(layer), role, text);
    parasite = gimp_parasite_new(kind, GIMP_PARASITE_PERSISTENT | GIMP_PARASITE_UNDOABLE,
                                 (guint32)strlen(text), text);
    attached = gimp_item_attach_parasite(GIMP_ITEM(layer), parasite);
    gimp_parasite_free(parasite);
    return attached;
}

static bool is_marked(GimpItem *item, const char *kind, enum own_role role)
{
    char text[MARK_BYTES];
    GimpParasite *parasite;
    const char *data;
    guint32 data_bytes = 0;
    bool marked;

    if (role == OWN_GROUP && !gimp_item_is_group(item))
        return false; /* the user merged it into one layer */
    parasite = gimp_item_get_parasite(item, kind);
    if (parasite == NULL)
        return false;
    write_mark(item, role, text);
    data = gimp_parasite_get_data(parasite, &data_bytes);
    marked = data_bytes == strlen(text) && memcmp(data, text, data_bytes) == 0;
    gimp_parasite_free(parasite);
    return marked;
}

/* Ours in this role, and everything in it too. */
static bool is_wholly_ours(GimpItem *item, const char *kind, enum own_role role)
{
    GimpItem **children;
    bool ours = is_marked(item, kind, role);

    if (!ours || !gimp_item_is_group(item))
        return ours;
    children = gimp_item_get_children(item);
    for (size_t i = 0; ours && children != NULL && children[i] != NULL; i++)
        ours = is_wholly_ours(children[i], kind, OWN_PART);
    g_free(children);
    return ours;
}

/* The topmost marked group among `items` and what is in them; NULL when there is none. */
static GimpItem *find_group(GimpItem **items, const char *kind)
{
    GimpItem *found = NULL;

    for (size_t i = 0; found == NULL && items != NULL && items[i] != NULL; i++) {
        GimpItem **children;

        if (!gimp_item_is_group(items[i]))
            continue;
        if (is_marked(items[i], kind, OWN_GROUP))
            return items[i];
        children = gimp_item_get_children(items[i]);
        found = find_group(children, kind);
        g_free(children);
    }
    return found;
}

static GimpItem *find_group_in_image(GimpImage *image, const char *kind)
{
    GimpLayer **layers = gimp_image_get_layers(image);
    GimpItem *found = find_group((GimpItem **)layers, kind);

    g_free(layers);
    return found;
}

bool own_exists(GimpImage *image, const char *kind)
{
    return find_group_in_image(image, kind) != NULL;
}

bool own_find_place(GimpImage *image, const char *kind, GimpLayer **out_parent, int *out_position)
{
    GimpItem *group = find_group_in_image(image, kind);

    if (group == NULL)
        return false;
    *out_parent = GIMP_LAYER(gimp_item_get_parent(group));
    *out_position = gimp_image_get_item_position(image, group);
    return true;
}

/*
 * Removes what is ours of a marked item. A group that holds layers of the user's stays, marked as
 * it is: it goes when they have gone.
 */
static bool remove_marked(GimpImage *image, GimpItem *item, const char *kind, enum own_role role)
{
    GimpItem **children;
    bool removed = true;

    if (is_wholly_ours(item, kind, role))
        return gimp_image_remove_layer(image, GIMP_LAYER(item));
    children = gimp_item_get_children(item);
    for (size_t i = 0; removed && children != NULL && children[i] != NULL; i++) {
        if (is_marked(children[i], kind, OWN_PART))
            removed = remove_marked(image, children[i], kind, OWN_PART);
    }
    g_free(children);
    return removed;
}

static bool remove_groups(GimpImage *image, GimpItem **items, const char *kind)
{
    bool removed = true;

    for (size_t i = 0; removed && items != NULL && items[i] != NULL; i++) {
        if (!gimp_item_is_group(items[i]))
            continue;
        if (is_marked(items[i], kind, OWN_GROUP)) {
            removed = remove_marked(image, items[i], kind, OWN_GROUP);
        } else {
            GimpItem **children = gimp_item_get_children(items[i]);

            removed = remove_groups(image, children, kind);
            g_free(children);
        }
    }
    return removed;
}

bool own_remove(GimpImage *image, const char *kind)
{
    GimpLayer **layers = gimp_image_get_layers(image);
    bool removed = remove_groups(image, (GimpItem **)layers, kind);

    g_free(layers);
    return removed;
}

/* The two trees have the same shape. `role` is what a layer of ours at this place would have. */
static bool remove_twins(GimpImage *copy, GimpItem **items, GimpItem **twins, const char *kind,
                         enum own_role role)
{
    bool removed = true;

    for (size_t i = 0; removed && items != NULL && twins != NULL; i++) {
        GimpItem **children, **twin_children;

        if (items[i] == NULL || twins[i] == NULL)
            break;
        if (is_wholly_ours(items[i], kind, role)) {
            removed = gimp_image_remove_layer(copy, GIMP_LAYER(twins[i]));
            continue;
        }
        if (!gimp_item_is_group(items[i]))
            continue;
        children = gimp_item_get_children(items[i]);
        twin_children = gimp_item_get_children(twins[i]);
        removed = remove_twins(copy, children, twin_children, kind,
                               is_marked(items[i], kind, role) ? OWN_PART : OWN_GROUP);
        g_free(twin_children);
        g_free(children);
    }
    return removed;
}

bool own_remove_in_copy(GimpImage *image, GimpImage *copy, const char *kind)
{
    GimpLayer **layers = gimp_image_get_layers(image);
    GimpLayer **twins = gimp_image_get_layers(copy);
    bool removed = remove_twins(copy, (GimpItem **)layers, (GimpItem **)twins, kind, OWN_GROUP);

    g_free(twins);
    g_free(layers);
    return removed;
}
