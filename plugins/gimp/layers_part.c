/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns how one part of the overlay becomes a layer, and its name.
 *
 * GIMP's rules that this relies on: a layer's type must follow the image's base type; a child can
 * be inserted only into a group that is in the image; a text layer's colour can be set only when it
 * is in the image; no two layers of an image have the same name, the later one gets a number.
 */
#include "plugins/gimp/layers_private.h"

#include "plugins/common/fail.h"
#include "plugins/gimp/hidden.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/turn.h"

/*
 * Parts are drawn in tiles, and tiles without ink are left out: a box around a huge picture costs
 * its outline and not its area.
 */
#define TILE_PX 256

int layers_fail_refused(struct layers_builder *builder)
{
    /* The next call takes the reason away. */
    char *reason = g_strdup(gimp_pdb_get_last_error(gimp_get_pdb()));
    int rc = common_fail(builder->err, IR_ERR_ARG, hidden_refused_hint(builder->image),
                         _("GIMP refused the layers for the labels: %s."),
                         reason != NULL && *reason != '\0' ? reason : _("it gives no reason"));

    g_free(reason);
    return rc;
}

int layers_fail_removed(struct layers_builder *builder)
{
    return common_fail(builder->err, IR_ERR_ARG, _("Repeat the command."), "%s",
                       _("The layer group was removed while it was made."));
}

/* ---- drawing ----------------------------------------------------------------------------- */

/* Draws the part inside `area` and writes it to the place of the layer where it belongs. */
static int write_tile(struct layers_builder *builder, layers_draw_fn draw, size_t part_index,
                      const struct ir_rect *area, const struct ir_rect *layer_rect,
                      GeglBuffer *buffer)
{
    GeglRectangle place = {area->left_px - layer_rect->left_px, area->top_px - layer_rect->top_px,
                           area->width_px, area->height_px};
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, area->width_px, area->height_px);
    cairo_t *cr = cairo_create(surface);
    int rc;

    cairo_translate(cr, -area->left_px, -area->top_px);
    rc = draw(builder, part_index, cr);
    if (rc == 0 && cairo_status(cr) != CAIRO_STATUS_SUCCESS)
        rc = common_fail_nomem(builder->err);
    cairo_surface_flush(surface);
    if (rc == 0)
        gegl_buffer_set(buffer, &place, 0, babl_format("cairo-ARGB32"),
                        cairo_image_surface_get_data(surface),
                        cairo_image_surface_get_stride(surface));
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    return rc;
}

static int write_part(struct layers_builder *builder, layers_draw_fn draw, size_t part_index,
                      const struct ir_rect *rect, GimpLayer *layer)
{
    GeglBuffer *buffer = gimp_drawable_get_buffer(GIMP_DRAWABLE(layer));
    int rc = 0;

    for (int y = 0; rc == 0 && y < rect->height_px; y += TILE_PX) {
        for (int x = 0; rc == 0 && x < rect->width_px; x += TILE_PX) {
            struct ir_rect area = {rect->left_px + x, rect->top_px + y,
                                   MIN(TILE_PX, rect->width_px - x),
                                   MIN(TILE_PX, rect->height_px - y)};

            if (!overlay_touches(builder->overlay, &area))
                continue;
            rc = write_tile(builder, draw, part_index, &area, rect, buffer);
            turn_loop();
        }
    }
    g_object_unref(buffer);
    if (rc == 0)
        gimp_drawable_update(GIMP_DRAWABLE(layer), 0, 0, rect->width_px, rect->height_px);
    return rc;
}

/* ---- names ------------------------------------------------------------------------------- */

/* The name that a layer was to have. */
struct wish {
    int layer_id; /* the layer may go away */
    char *name;
};

/* Takes `wished`; NULL = any name will do. */
static void note_name(struct layers_builder *builder, GimpLayer *layer, char *wished)
{
    char *name = wished != NULL ? gimp_item_get_name(GIMP_ITEM(layer)) : NULL;

    if (g_strcmp0(name, wished) != 0) {
        struct wish *wish = g_new(struct wish, 1);

        *wish = (struct wish){gimp_item_get_id(GIMP_ITEM(layer)), wished};
        g_ptr_array_add(builder->numbered, wish);
    } else {
        g_free(wished);
    }
    g_free(name);
}

static void free_wish(gpointer data)
{
    struct wish *wish = data;

    g_free(wish->name);
    g_free(wish);
}

/* A text layer is named after its text until somebody names it: setting that again keeps it so. */
static void fulfil(const struct wish *wish)
{
    GimpItem *item =
        gimp_item_id_is_valid(wish->layer_id) ? gimp_item_get_by_id(wish->layer_id) : NULL;

    if (item != NULL && GIMP_IS_TEXT_LAYER(item)) {
        char *text = gimp_text_layer_get_text(GIMP_TEXT_LAYER(item));

        gimp_text_layer_set_text(GIMP_TEXT_LAYER(item), text);
        g_free(text);
    } else if (item != NULL) {
        gimp_item_set_name(item, wish->name);
    }
}

void layers_begin_names(struct layers_builder *builder)
{
    builder->numbered = g_ptr_array_new_with_free_func(free_wish);
}

void layers_give_names(struct layers_builder *builder)
{
    for (guint i = 0; i < builder->numbered->len; i++) {
        fulfil(builder->numbered->pdata[i]);
        turn_loop();
    }
}

void layers_end_names(struct layers_builder *builder)
{
    g_ptr_array_free(builder->numbered, TRUE);
}

/* ---- into the image ---------------------------------------------------------------------- */

int layers_insert(struct layers_builder *builder, GimpLayer *layer, enum own_role role,
                  GimpLayer *parent, int position)
{
    char *wished = NULL;
    int rc;

    if (parent != NULL && !gimp_item_is_valid(GIMP_ITEM(parent))) {
        gimp_item_delete(GIMP_ITEM(layer)); /* GIMP would insert it at the top level */
        return layers_fail_removed(builder);
    }
    if (builder->has_old)
        wished = gimp_item_get_name(GIMP_ITEM(layer));
    if (own_mark(layer, OWN_LABELS, role) &&
        gimp_layer_set_composite_space(layer, GIMP_LAYER_COLOR_SPACE_RGB_NON_LINEAR) &&
        gimp_image_insert_layer(builder->image, layer, parent, position)) {
        note_name(builder, layer, wished);
        turn_loop();
        return 0;
    }
    rc = layers_fail_refused(builder);
    gimp_item_delete(GIMP_ITEM(layer));
    g_free(wished);
    return rc;
}

/* On top of what `parent` holds. */
static int insert_part(struct layers_builder *builder, GimpLayer *layer, GimpLayer *parent)
{
    return layers_insert(builder, layer, OWN_PART, parent, 0);
}

int layers_add_drawn(struct layers_builder *builder, layers_draw_fn draw, size_t part_index,
                     const struct ir_rect *rect, GimpLayer *parent, const char *name)
{
    GimpLayer *drawn =
        gimp_layer_new(builder->hidden, name, rect->width_px, rect->height_px,
                       hidden_layer_type(builder->hidden), 100.0, GIMP_LAYER_MODE_NORMAL);
    GimpLayer *layer = NULL;
    int rc;

    if (drawn == NULL)
        return layers_fail_refused(builder);
    gimp_layer_set_offsets(drawn, rect->left_px, rect->top_px);
    rc = write_part(builder, draw, part_index, rect, drawn);
    if (rc == 0)
        layer = hidden_copy(drawn, builder->image);
    gimp_item_delete(GIMP_ITEM(drawn));
    if (rc != 0)
        return rc;
    return layer != NULL ? insert_part(builder, layer, parent) : layers_fail_refused(builder);
}

int layers_add_subgroup(struct layers_builder *builder, const char *name, GimpLayer **out)
{
    GimpGroupLayer *group = gimp_group_layer_new(builder->image, name);
    int rc;

    if (group == NULL)
        return layers_fail_refused(builder);
    rc = insert_part(builder, GIMP_LAYER(group), builder->group);
    if (rc != 0)
        return rc;
    gimp_item_set_expanded(GIMP_ITEM(group), FALSE);
    *out = GIMP_LAYER(group);
    return 0;
}

/*
 * Puts a text layer where the plate has its text. GIMP lays text out with Pango as the overlay
 * does, so the layer is as large as the text's rectangle but for rounding, which both sides share.
 */
static void place_text(const struct overlay_plate *plate, GimpLayer *text)
{
    int spare_width_px = plate->text.width_px - gimp_drawable_get_width(GIMP_DRAWABLE(text));
    int spare_height_px = plate->text.height_px - gimp_drawable_get_height(GIMP_DRAWABLE(text));

    gimp_layer_set_offsets(text, plate->text.left_px + spare_width_px / 2,
                           plate->text.top_px + spare_height_px / 2);
}

/* The text is in its place before it is inserted: else the groups above grow to where it was. */
int layers_add_text(struct layers_builder *builder, const struct overlay_plate *plate,
                    GimpLayer *parent)
{
    GimpTextLayer *text = gimp_text_layer_new(builder->image, plate->string, builder->font,
                                              builder->overlay->font_px, gimp_unit_pixel());
    const double ink[] = {plate->ink.red, plate->ink.green, plate->ink.blue};
    GeglColor *color;
    int rc;

    if (text == NULL)
        return layers_fail_refused(builder);
    place_text(plate, GIMP_LAYER(text));
    rc = insert_part(builder, GIMP_LAYER(text), parent);
    if (rc != 0)
        return rc;
    color = gegl_color_new(NULL);
    gegl_color_set_pixel(color, babl_format("R'G'B' double"), ink);
    if (!gimp_text_layer_set_hint_style(text, GIMP_TEXT_HINT_STYLE_NONE) ||
        !gimp_text_layer_set_color(text, color))
        rc = layers_fail_refused(builder);
    g_object_unref(color);
    place_text(plate, GIMP_LAYER(text));
    return rc;
}
