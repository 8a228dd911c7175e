/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the redaction layer: the visible picture of the smallest rectangle that holds all places,
 * without alpha (else what is below would shine through), coarsened, and masked to the places.
 *
 * Coarse is measured by the largest place: a few blocks across a face leave nothing to recognise.
 *
 * Each call takes GIMP up to a second on a huge canvas, so the main loop turns between any two.
 */
#include "plugins/gimp/redact.h"

#include <stdbool.h>

#include "plugins/common/fail.h"
#include "plugins/gimp/hidden.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/selected.h"
#include "plugins/gimp/task.h"
#include "plugins/gimp/turn.h"

#define MARGIN_FRAC 0.08 /* of a place's own sides: hair, ears, the ends of letters */
#define BLOCKS_ACROSS 5  /* the shorter side of the largest place */
#define BLOCK_MIN_PX 12
#define BLOCK_MAX_PX 256

struct redaction {
    GimpImage *image;
    int width_px; /* of the image */
    int height_px;
    struct ir_rect *rects; /* enlarged, inside the image */
    size_t count;
    struct ir_rect hull;
    int block_px;
    enum redact_how how;
};

static struct ir_rect enlarge(struct ir_rect rect, int width_px, int height_px)
{
    int x_px = (int)(rect.width_px * MARGIN_FRAC) + 1;
    int y_px = (int)(rect.height_px * MARGIN_FRAC) + 1;
    int left_px = CLAMP(rect.left_px - x_px, 0, width_px - 1);
    int top_px = CLAMP(rect.top_px - y_px, 0, height_px - 1);
    int right_px = CLAMP(rect.left_px + rect.width_px + x_px, left_px + 1, width_px);
    int bottom_px = CLAMP(rect.top_px + rect.height_px + y_px, top_px + 1, height_px);

    return (struct ir_rect){left_px, top_px, right_px - left_px, bottom_px - top_px};
}

static void init(struct redaction *r, const struct ir_rect *rects)
{
    int left_px = G_MAXINT, top_px = G_MAXINT, right_px = 0, bottom_px = 0, largest_px = 0;

    r->width_px = gimp_image_get_width(r->image);
    r->height_px = gimp_image_get_height(r->image);
    r->rects = g_new(struct ir_rect, r->count);
    for (size_t i = 0; i < r->count; i++) {
        struct ir_rect rect = enlarge(rects[i], r->width_px, r->height_px);

        r->rects[i] = rect;
        left_px = MIN(left_px, rect.left_px);
        top_px = MIN(top_px, rect.top_px);
        right_px = MAX(right_px, rect.left_px + rect.width_px);
        bottom_px = MAX(bottom_px, rect.top_px + rect.height_px);
        largest_px = MAX(largest_px, MIN(rect.width_px, rect.height_px));
    }
    r->hull = (struct ir_rect){left_px, top_px, right_px - left_px, bottom_px - top_px};
    r->block_px = CLAMP(largest_px / BLOCKS_ACROSS, BLOCK_MIN_PX, BLOCK_MAX_PX);
}

/* The name of a filter is not enough to know that it was applied. */
static bool coarsen(const struct redaction *r, GimpLayer *layer)
{
    GimpDrawable *drawable = GIMP_DRAWABLE(layer);

    if (r->how == REDACT_BLUR)
        gimp_drawable_merge_new_filter(drawable, "gegl:gaussian-blur", NULL,
                                       GIMP_LAYER_MODE_REPLACE, 1.0, "std-dev-x",
                                       (double)r->block_px, "std-dev-y", (double)r->block_px, NULL);
    else
        gimp_drawable_merge_new_filter(drawable, "gegl:pixelize", NULL, GIMP_LAYER_MODE_REPLACE,
                                       1.0, "size-x", r->block_px, "size-y", r->block_px, NULL);
    return gimp_pdb_get_last_status(gimp_get_pdb()) == GIMP_PDB_SUCCESS;
}

static bool mask(const struct redaction *r, GimpLayer *layer)
{
    GimpLayerMask *layer_mask = gimp_layer_create_mask(layer, GIMP_ADD_MASK_BLACK);
    GeglColor *white;
    GeglBuffer *buffer;

    if (layer_mask == NULL || !gimp_layer_add_mask(layer, layer_mask))
        return false;
    white = gegl_color_new("white");
    buffer = gimp_drawable_get_buffer(GIMP_DRAWABLE(layer_mask));
    for (size_t i = 0; i < r->count; i++) {
        GeglRectangle place = {r->rects[i].left_px - r->hull.left_px,
                               r->rects[i].top_px - r->hull.top_px, r->rects[i].width_px,
                               r->rects[i].height_px};

        gegl_buffer_set_color(buffer, &place, white);
        turn_loop();
    }
    g_object_unref(buffer);
    g_object_unref(white);
    gimp_drawable_update(GIMP_DRAWABLE(layer_mask), 0, 0, r->hull.width_px, r->hull.height_px);
    return true;
}

static bool flatten_layer(GimpLayer *layer)
{
    GeglColor *white = gegl_color_new("white");
    bool flattened;

    gimp_context_push();
    gimp_context_set_background(white);
    flattened = gimp_layer_flatten(layer);
    gimp_context_pop();
    g_object_unref(white);
    return flattened;
}

/* NULL when GIMP refused. */
static GimpLayer *make_layer(const struct redaction *r, GimpImage *hidden)
{
    const char *name = r->how == REDACT_BLUR ? _("Redacted (blurred)") : _("Redacted (pixelated)");
    GimpLayer *layer = gimp_layer_new_from_visible(r->image, hidden, name);
    bool made;

    if (layer == NULL)
        return NULL;
    if (!gimp_image_insert_layer(hidden, layer, NULL, 0)) {
        gimp_item_delete(GIMP_ITEM(layer));
        return NULL;
    }
    turn_loop();
    made = gimp_layer_resize(layer, r->hull.width_px, r->hull.height_px, -r->hull.left_px,
                             -r->hull.top_px);
    turn_loop();
    made = made && flatten_layer(layer);
    turn_loop();
    made = made && coarsen(r, layer);
    turn_loop();
    return made && mask(r, layer) ? layer : NULL;
}

/* The image may have been closed or scaled while the layer was made. */
static int insert(const struct redaction *r, GimpLayer *layer, struct ir_error *err)
{
    struct selected selected;
    bool inserted;
    int rc = task_check_same(r->image, r->width_px, r->height_px, err);

    if (rc != 0)
        return rc;
    selected = selected_take(r->image);
    gimp_image_undo_group_start(r->image);
    inserted = hidden_insert(layer, r->image, 0) != NULL;
    selected_restore(r->image, &selected, NULL);
    gimp_image_undo_group_end(r->image);
    return inserted ? 0 : hidden_fail_refused(err);
}

int redact_add_layer(GimpImage *image, const struct ir_rect *rects, size_t count,
                     enum redact_how how, struct ir_error *err)
{
    struct redaction r = {.image = image, .count = count, .how = how};
    GimpImage *hidden = hidden_new(image);
    GimpLayer *layer;
    int rc;

    if (hidden == NULL)
        return hidden_fail_refused(err);
    init(&r, rects);
    layer = make_layer(&r, hidden);
    rc = layer != NULL ? insert(&r, layer, err) : hidden_fail_refused(err);
    gimp_image_delete(hidden);
    g_free(r.rects);
    return rc;
}

/* ---- copy -------------------------------------------------------------------------------- */

static void strip(GimpImage *copy)
{
    GimpChannel **channels = gimp_image_get_channels(copy);
    GimpPath **paths = gimp_image_get_paths(copy);
    char **parasites = gimp_image_get_parasite_list(copy);

    for (size_t i = 0; channels != NULL && channels[i] != NULL; i++)
        gimp_image_remove_channel(copy, channels[i]);
    for (size_t i = 0; paths != NULL && paths[i] != NULL; i++)
        gimp_image_remove_path(copy, paths[i]);
    for (size_t i = 0; parasites != NULL && parasites[i] != NULL; i++) {
        if (!g_str_equal(parasites[i], "icc-profile"))
            gimp_image_detach_parasite(copy, parasites[i]);
    }
    g_strfreev(parasites);
    g_free(paths);
    g_free(channels);
}

static bool flatten(GimpImage *copy)
{
    GeglColor *white = gegl_color_new("white");
    GimpLayer *layer;

    gimp_context_push();
    gimp_context_set_background(white);
    layer = gimp_image_flatten(copy);
    gimp_context_pop();
    g_object_unref(white);
    if (layer == NULL)
        return false;
    gimp_item_set_name(GIMP_ITEM(layer), _("Picture"));
    gimp_selection_none(copy); /* it may have the shape of what is hidden */
    strip(copy);
    return true;
}

int redact_make_copy(GimpImage *image, const struct ir_rect *rects, size_t count,
                     enum redact_how how, GimpImage **out, struct ir_error *err)
{
    GimpImage *copy = gimp_image_duplicate(image);
    int rc = 0;

    if (copy == NULL)
        return common_fail(err, IR_ERR_ARG, "", "%s", _("GIMP could not copy the image."));
    gimp_image_undo_disable(copy);
    turn_loop();
    if (count > 0)
        rc = redact_add_layer(copy, rects, count, how, err);
    turn_loop();
    if (rc == 0 && !flatten(copy))
        rc = common_fail(err, IR_ERR_ARG, _("Make a layer visible first."), "%s",
                         _("GIMP could not flatten the copy."));
    if (rc != 0) {
        gimp_image_delete(copy);
        return rc;
    }
    gimp_image_undo_enable(copy);
    *out = copy;
    return 0;
}
