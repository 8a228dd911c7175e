/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns turning an overlay into layers; see layers.h for the tree.
 *
 * GIMP's rules that this relies on: a layer's type must follow the image's base type; a child can
 * be inserted only into a group that is in the image; a text layer's colour can be set only when it
 * is in the image; inserting a layer selects it; no two layers of an image have the same name, the
 * later one gets a number; there is no call that undoes, so what was made is removed again by hand
 * when a later step fails. So the group of the run before goes last, when nothing can fail any
 * more, and then the new layers get the names that it had.
 */
#include "plugins/gimp/layers.h"

#include <cairo.h>

#include "plugins/common/fail.h"
#include "plugins/common/overlay.h"
#include "plugins/gimp/hidden.h"
#include "plugins/gimp/own.h"
#include "plugins/gimp/selected.h"
#include "plugins/gimp/turn.h"

/*
 * Parts are drawn in tiles, and tiles without ink are left out: a box around a huge picture costs
 * its outline and not its area.
 */
#define TILE_PX 256

struct builder {
    GimpImage *image;
    const struct ir_result *result;
    const struct overlay *overlay;
    const char *group_name;
    const struct layers_also *also; /* NULL = nothing */
    GimpImage *hidden;              /* where layers are drawn, see hidden.h */
    GimpFont *font;
    GimpLayer *group;    /* NULL until it is in the image */
    bool has_old;        /* the group of the run before is there, too */
    GPtrArray *numbered; /* struct wish: what did not get its name because of that one */
    struct ir_error *err;
};

/* The name that a layer was to have. */
struct wish {
    int layer_id; /* the layer may go away */
    char *name;
};

/* Draws one part of the overlay; the origin is the image's top left corner. */
typedef int (*draw_part_fn)(struct builder *builder, size_t part_index, cairo_t *cr);

static int draw_box(struct builder *builder, size_t box_index, cairo_t *cr)
{
    return overlay_draw_box(builder->overlay, box_index, cr, builder->err);
}

static int draw_plate(struct builder *builder, size_t plate_index, cairo_t *cr)
{
    return overlay_draw_plate(builder->overlay, plate_index, false, cr, builder->err);
}

/* The panel and, on it, what stands beside each line. */
static int draw_legend(struct builder *builder, size_t unused, cairo_t *cr)
{
    const struct overlay *overlay = builder->overlay;
    int rc = overlay_draw_legend_panel(overlay, cr, builder->err);

    (void)unused;
    for (size_t i = 0; rc == 0 && i < overlay->plate_count; i++) {
        if (overlay->plates[i].box_index == OVERLAY_NO_BOX)
            rc = overlay_draw_plate(overlay, i, false, cr, builder->err);
    }
    return rc;
}

static int fail_refused(struct builder *builder, const char *what)
{
    const char *reason = gimp_pdb_get_last_error(gimp_get_pdb());

    return common_fail(builder->err, IR_ERR_ARG,
                       "Undo brings back what was there before; then repeat the command.",
                       "GIMP refused %s: %s.", what, reason != NULL ? reason : "no reason given");
}

static int fail_removed(struct builder *builder)
{
    return common_fail(builder->err, IR_ERR_ARG, "Repeat the command.",
                       "The layer group was removed while it was made.");
}

/* Draws the part inside `area` and writes it to the place of the layer where it belongs. */
static int write_tile(struct builder *builder, draw_part_fn draw, size_t part_index,
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

static int write_part(struct builder *builder, draw_part_fn draw, size_t part_index,
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

/* Takes `wished`; NULL = any name will do. */
static void note_name(struct builder *builder, GimpLayer *layer, char *wished)
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

/*
 * Marks as ours and inserts; a layer that GIMP refuses is freed. Layers are blended on encoded
 * values, as cairo does it: in linear light, which GIMP prefers, dark letters come out too thin.
 */
static int insert(struct builder *builder, GimpLayer *layer, enum own_role role, GimpLayer *parent,
                  int position)
{
    char *wished = NULL;
    int rc;

    if (parent != NULL && !gimp_item_is_valid(GIMP_ITEM(parent))) {
        gimp_item_delete(GIMP_ITEM(layer)); /* GIMP would insert it at the top level */
        return fail_removed(builder);
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
    rc = fail_refused(builder, "a new layer");
    gimp_item_delete(GIMP_ITEM(layer));
    g_free(wished);
    return rc;
}

/* On top of what `parent` holds. */
static int insert_part(struct builder *builder, GimpLayer *layer, GimpLayer *parent)
{
    return insert(builder, layer, OWN_PART, parent, 0);
}

static int add_drawn(struct builder *builder, draw_part_fn draw, size_t part_index,
                     const struct ir_rect *rect, GimpLayer *parent, const char *name)
{
    GimpLayer *drawn =
        gimp_layer_new(builder->hidden, name, rect->width_px, rect->height_px,
                       layers_type_of(builder->hidden), 100.0, GIMP_LAYER_MODE_NORMAL);
    GimpLayer *layer = NULL;
    int rc;

    if (drawn == NULL)
        return fail_refused(builder, "a new layer");
    gimp_layer_set_offsets(drawn, rect->left_px, rect->top_px);
    rc = write_part(builder, draw, part_index, rect, drawn);
    if (rc == 0)
        layer = hidden_copy(drawn, builder->image);
    gimp_item_delete(GIMP_ITEM(drawn));
    if (rc != 0)
        return rc;
    return layer != NULL ? insert_part(builder, layer, parent)
                         : fail_refused(builder, "a new layer");
}

static int add_subgroup(struct builder *builder, const char *name, GimpLayer **out)
{
    GimpGroupLayer *group = gimp_group_layer_new(builder->image, name);
    int rc;

    if (group == NULL)
        return fail_refused(builder, "a new layer group");
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
static int add_text(struct builder *builder, const struct overlay_plate *plate, GimpLayer *parent)
{
    GimpTextLayer *text = gimp_text_layer_new(builder->image, plate->string, builder->font,
                                              builder->overlay->font_px, gimp_unit_pixel());
    const double ink[] = {plate->ink.red, plate->ink.green, plate->ink.blue};
    GeglColor *color;
    int rc;

    if (text == NULL)
        return fail_refused(builder, "a new text layer");
    place_text(plate, GIMP_LAYER(text));
    rc = insert_part(builder, GIMP_LAYER(text), parent);
    if (rc != 0)
        return rc;
    color = gegl_color_new(NULL);
    gegl_color_set_pixel(color, babl_format("R'G'B' double"), ink);
    if (!gimp_text_layer_set_hint_style(text, GIMP_TEXT_HINT_STYLE_NONE) ||
        !gimp_text_layer_set_color(text, color))
        rc = fail_refused(builder, "the colour of a text");
    g_object_unref(color);
    place_text(plate, GIMP_LAYER(text));
    return rc;
}

static const struct overlay_plate *plate_of_box(const struct overlay *overlay, size_t box_index)
{
    for (size_t i = 0; i < overlay->plate_count; i++) {
        if (overlay->plates[i].box_index == box_index)
            return &overlay->plates[i];
    }
    return NULL;
}

static int add_boxes(struct builder *builder)
{
    const struct overlay *overlay = builder->overlay;
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < overlay->box_count; i++) {
        const struct overlay_plate *plate = plate_of_box(overlay, i);
        const struct ir_label *label =
            ir_result_get_label(builder->result, overlay->boxes[i].label_index);
        char *name = g_strdup_printf("%s (box)", plate != NULL ? plate->string : label->name);
        struct ir_rect extent = overlay_box_extent(overlay, i);

        rc = add_drawn(builder, draw_box, i, &extent, builder->group, name);
        g_free(name);
    }
    return rc;
}

/* A group for the plate and its text, with the plate in it. No two names are equal: GIMP numbers.
 */
static int add_plate(struct builder *builder, size_t plate_index, GimpLayer **out_group)
{
    const struct overlay_plate *plate = &builder->overlay->plates[plate_index];
    char *group_name = g_strdup_printf("%s (name)", plate->string);
    char *plate_name = g_strdup_printf("%s (plate)", plate->string);
    int rc = add_subgroup(builder, group_name, out_group);

    if (rc == 0)
        rc = add_drawn(builder, draw_plate, plate_index, &plate->rect, *out_group, plate_name);
    g_free(plate_name);
    g_free(group_name);
    return rc;
}

/* From the last to the first, so that the layer list reads in the order of the result. */
static int add_plates(struct builder *builder)
{
    const struct overlay *overlay = builder->overlay;
    int rc = 0;

    for (size_t i = overlay->plate_count; rc == 0 && i-- > 0;) {
        const struct overlay_plate *plate = &overlay->plates[i];
        GimpLayer *group = NULL;

        if (plate->box_index == OVERLAY_NO_BOX)
            continue;
        rc = add_plate(builder, i, &group);
        if (rc == 0)
            rc = add_text(builder, plate, group);
    }
    return rc;
}

static int add_legend(struct builder *builder)
{
    const struct overlay *overlay = builder->overlay;
    GimpLayer *group = NULL;
    int rc;

    if (overlay->legend.width_px < 1 || overlay->legend.height_px < 1)
        return 0;
    rc = add_subgroup(builder, "Legend", &group);
    if (rc == 0)
        rc = add_drawn(builder, draw_legend, 0, &overlay->legend, group, "Legend panel");
    for (size_t i = overlay->plate_count; rc == 0 && i-- > 0;) {
        if (overlay->plates[i].box_index == OVERLAY_NO_BOX)
            rc = add_text(builder, &overlay->plates[i], group);
    }
    return rc;
}

GimpImageType layers_type_of(GimpImage *image)
{
    switch (gimp_image_get_base_type(image)) {
    case GIMP_GRAY:
        return GIMP_GRAYA_IMAGE;
    case GIMP_INDEXED:
        return GIMP_INDEXEDA_IMAGE;
    default:
        return GIMP_RGBA_IMAGE;
    }
}

/*
 * GIMP lists fontconfig's generic families under names of its own; without any font at all there is
 * no text layer to be made.
 */
GimpFont *layers_find_font(const char *family)
{
    GimpFont *font;

    if (g_ascii_strcasecmp(family, "sans-serif") == 0 || g_ascii_strcasecmp(family, "sans") == 0)
        family = "Sans-serif";
    font = gimp_font_get_by_name(family);
    if (font == NULL)
        font = gimp_font_get_by_name("Sans-serif");
    return font != NULL ? font : gimp_context_get_font();
}

int layers_check_fonts(GimpImage *image, struct ir_error *err)
{
    GimpFont *font = layers_find_font("sans-serif");
    GimpTextLayer *probe =
        font != NULL ? gimp_text_layer_new(image, "x", font, 10.0, gimp_unit_pixel()) : NULL;

    if (probe == NULL)
        return common_fail(err, IR_ERR_ARG,
                           "Start GIMP without the option -f, or install a font such as DejaVu "
                           "Sans.",
                           "GIMP has no fonts, so words cannot become text layers.");
    gimp_item_delete(GIMP_ITEM(probe));
    return 0;
}

int layers_check(GimpImage *image, struct ir_error *err)
{
    if (gimp_image_get_width(image) > OVERLAY_MAX_SIDE_PX ||
        gimp_image_get_height(image) > OVERLAY_MAX_SIDE_PX)
        return common_fail(err, IR_ERR_TOO_LARGE, "Scale the image down first.",
                           "A side of the image is over %d pixels.", OVERLAY_MAX_SIDE_PX);
    return layers_check_fonts(image, err);
}

/* Inserts the outer group, where the one of the run before stands or on top of everything. */
static int add_group(struct builder *builder)
{
    GimpLayer *parent = NULL;
    int position = 0;
    GimpGroupLayer *group;
    int rc;

    builder->has_old = own_find_place(builder->image, OWN_LABELS, &parent, &position);
    group = gimp_group_layer_new(builder->image, builder->group_name);
    if (group == NULL)
        return fail_refused(builder, "a new layer group");
    rc = insert(builder, GIMP_LAYER(group), OWN_GROUP, parent, position);
    if (rc == 0)
        builder->group = GIMP_LAYER(group);
    return rc;
}

static int build_group(struct builder *builder)
{
    int rc;

    builder->font = layers_find_font(builder->overlay->font_family);
    if (builder->font == NULL)
        return common_fail(builder->err, IR_ERR_ARG, "Install a font, such as DejaVu Sans.",
                           "GIMP has no font for the names of the labels.");
    rc = add_group(builder);
    if (rc == 0)
        rc = add_boxes(builder);
    if (rc == 0)
        rc = add_plates(builder);
    if (rc == 0)
        rc = add_legend(builder);
    if (rc == 0 && builder->also != NULL)
        rc = builder->also->put(builder->also->context, builder->err);
    return rc;
}

static int remove_old(struct builder *builder)
{
    GimpLayer *group = builder->group;

    if (!gimp_image_is_valid(builder->image) ||
        (group != NULL && !gimp_item_is_valid(GIMP_ITEM(group))))
        return fail_removed(builder);
    if (!own_remove(builder->image, OWN_LABELS, group))
        return fail_refused(builder, "to remove the layers of the run before");
    for (guint i = 0; i < builder->numbered->len; i++) {
        fulfil(builder->numbered->pdata[i]);
        turn_loop();
    }
    return 0;
}

static int replace_group(struct builder *builder)
{
    int rc = ir_result_label_count(builder->result) > 0 ? build_group(builder) : 0;

    if (rc == 0)
        rc = remove_old(builder);
    if (rc != 0 && builder->group != NULL && gimp_item_is_valid(GIMP_ITEM(builder->group)))
        gimp_image_remove_layer(builder->image, builder->group);
    if (rc != 0)
        builder->group = NULL;
    return rc;
}

/* In one undo step. The image may be closed at any time. */
static int build_in_image(struct builder *builder)
{
    GimpImage *image = builder->image;
    struct selected selected = selected_take(image);
    int rc;

    gimp_image_undo_group_start(image);
    gimp_image_freeze_layers(image);
    rc = replace_group(builder);
    selected_restore(image, &selected, builder->group);
    if (gimp_image_is_valid(image)) {
        gimp_image_thaw_layers(image);
        gimp_image_undo_group_end(image);
    }
    return rc;
}

int layers_build(GimpImage *image, const struct ir_result *result, const char *group_name,
                 const struct layers_also *also, struct ir_error *err)
{
    struct builder builder = {
        .image = image, .result = result, .group_name = group_name, .also = also};
    struct overlay *overlay = NULL;
    int rc = overlay_new(result, gimp_image_get_width(image), gimp_image_get_height(image),
                         &overlay, err);

    if (rc != 0)
        return rc;
    builder.err = err;
    builder.overlay = overlay;
    builder.hidden = hidden_new(image);
    builder.numbered = g_ptr_array_new_with_free_func(free_wish);
    if (builder.hidden != NULL) {
        rc = build_in_image(&builder);
        gimp_image_delete(builder.hidden);
    } else {
        rc = fail_refused(&builder, "a new image");
    }
    g_ptr_array_free(builder.numbered, TRUE);
    overlay_free(overlay);
    return rc;
}
