/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the mark on layers; see own.h for the rule. */
#include "plugins/gimp/own.h"

#include "plugins/gimp/hidden.h"
#include "plugins/gimp/turn.h"

/* "group " or "part ", the digits of a 32-bit number, NUL. */
#define MARK_BYTES 17

/* Of tattoos after a group's that are looked at, and of them in a row that no layer bears. */
#define PARTS_MOST 8192
#define MISSES_MOST 16
#define MEET_MOST_US G_USEC_PER_SEC /* in which no Cancel is obeyed */

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

    if (role == OWN_GROUP && !GIMP_IS_GROUP_LAYER(item))
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

/*
 * GIMP's library asks some five questions about every layer that it meets for the first time, and
 * gimp_item_get_children meets all that a group holds in one go: over a second for a group of ours.
 * So our layers are met one by one before. They were made after their group, and an image counts
 * tattoos up. This finds nothing out: what is not met here is met by the library as it comes.
 */
static void meet_parts(GimpImage *image, GimpItem *group)
{
    guint tattoo = gimp_item_get_tattoo(group);
    guint misses = 0;

    turn_until_idle(NULL, MEET_MOST_US); /* a copied layer is drawn; one met takes five answers */
    for (guint i = 1; i <= PARTS_MOST && misses < MISSES_MOST; i++) {
        misses = gimp_image_get_layer_by_tattoo(image, tattoo + i) != NULL ? 0 : misses + 1;
        turn_loop();
    }
}

GimpItem **own_get_children(GimpImage *image, GimpItem *group, const char *kind)
{
    if (is_marked(group, kind, OWN_GROUP))
        meet_parts(image, group);
    return gimp_item_get_children(group);
}

/* Ours in this role, and everything in it too. */
static bool is_wholly_ours(GimpItem *item, const char *kind, enum own_role role)
{
    GimpItem **children;
    bool ours = is_marked(item, kind, role);

    turn_loop(); /* a hundred labels are some thousand calls */
    if (!ours || !GIMP_IS_GROUP_LAYER(item))
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

        if (!GIMP_IS_GROUP_LAYER(items[i]))
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

static bool remove_groups(GimpImage *image, GimpItem **items, const char *kind,
                          const GimpLayer *kept)
{
    bool removed = true;

    for (size_t i = 0; removed && items != NULL && items[i] != NULL; i++) {
        if (!GIMP_IS_GROUP_LAYER(items[i]) || GIMP_LAYER(items[i]) == kept)
            continue;
        if (is_marked(items[i], kind, OWN_GROUP)) {
            removed = remove_marked(image, items[i], kind, OWN_GROUP);
        } else {
            GimpItem **children = gimp_item_get_children(items[i]);

            removed = remove_groups(image, children, kind, kept);
            g_free(children);
        }
    }
    return removed;
}

bool own_remove(GimpImage *image, const char *kind, const GimpLayer *kept)
{
    GimpLayer **layers = gimp_image_get_layers(image);
    bool removed = remove_groups(image, (GimpItem **)layers, kind, kept);

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
        if (!GIMP_IS_GROUP_LAYER(items[i]))
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

static bool remove_in_copy(GimpImage *image, GimpImage *copy, const char *kind)
{
    GimpLayer **layers = gimp_image_get_layers(image);
    GimpLayer **twins = gimp_image_get_layers(copy);
    bool removed = remove_twins(copy, (GimpItem **)layers, (GimpItem **)twins, kind, OWN_GROUP);

    g_free(twins);
    g_free(layers);
    return removed;
}

/* Any image at all, by GIMP's own copy. */
static GimpImage *duplicate_without(GimpImage *image, const char *kind)
{
    GimpImage *copy = hidden_duplicate(image);

    if (copy == NULL)
        return NULL;
    if (remove_in_copy(image, copy, kind))
        return copy;
    gimp_image_delete(copy);
    return NULL;
}

/*
 * True when a copied layer looks as this one: GIMP 3.0 copies no filters with it. What is hidden in
 * a group must stay so in its copy, which is left to GIMP's copy of the whole image.
 */
static bool can_copy(GimpItem *item)
{
    GimpDrawableFilter **filters = gimp_drawable_get_filters(GIMP_DRAWABLE(item));
    bool can = filters == NULL || filters[0] == NULL;
    GimpItem **children = NULL;

    g_free(filters);
    if (can && GIMP_IS_GROUP_LAYER(item))
        children = gimp_item_get_children(item);
    for (size_t i = 0; can && children != NULL && children[i] != NULL; i++)
        can = gimp_item_get_visible(children[i]) && can_copy(children[i]);
    g_free(children);
    return can;
}

/*
 * What is hidden is not seen, and not copied. An item that went away reads as hidden, and what was
 * in it may be in another one now: the user merged them.
 */
static bool copy_layer(GimpItem *item, GimpImage *copy)
{
    bool copied = gimp_item_get_visible(item)
                      ? can_copy(item) && hidden_insert(GIMP_LAYER(item), copy, 0) != NULL
                      : gimp_item_is_valid(item);

    turn_loop();
    return copied;
}

/*
 * The usual image, in which our groups are ours alone and stand at the top level: the other layers
 * are copied, and ours need not be. False when it is another one.
 */
static bool copy_others(GimpImage *image, GimpImage *copy, const char *kind)
{
    GimpItem **items = (GimpItem **)gimp_image_get_layers(image);
    GimpLayer *floating = gimp_image_get_floating_sel(image);
    bool copied = floating == NULL;
    size_t count = 0;

    while (items != NULL && items[count] != NULL)
        count++;
    while (copied && count-- > 0) {
        GimpItem *inside[] = {items[count], NULL};
        GimpItem *group = find_group(inside, kind);

        if (group == NULL) {
            copied = copy_layer(items[count], copy);
        } else {
            meet_parts(image, group);
            copied = is_wholly_ours(items[count], kind, OWN_GROUP);
        }
    }
    g_free(items);
    return copied;
}

GimpImage *own_copy_without(GimpImage *image, const char *kind)
{
    GimpImage *copy = hidden_new(image);

    if (copy != NULL && copy_others(image, copy, kind))
        return copy;
    if (copy != NULL)
        gimp_image_delete(copy);
    return gimp_image_is_valid(image) ? duplicate_without(image, kind) : NULL;
}
