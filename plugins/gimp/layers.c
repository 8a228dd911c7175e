/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns turning an overlay into layers: their order, and what becomes of the group of the run
 * before; see layers.h for the tree.
 *
 * There is no call of GIMP's that undoes, so what was made is removed again by hand when a later
 * step fails. So the group of the run before goes last, when nothing can fail any more, and then
 * the new layers get the names that it had. Inserting a layer selects it.
 */
#include "plugins/gimp/layers_private.h"

#include "plugins/common/fail.h"
#include "plugins/gimp/fonts.h"
#include "plugins/gimp/hidden.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/selected.h"
#include "plugins/gimp/task.h"

static int draw_box(struct layers_builder *builder, size_t box_index, cairo_t *cr)
{
    return overlay_draw_box(builder->overlay, box_index, cr, builder->err);
}

static int draw_plate(struct layers_builder *builder, size_t plate_index, cairo_t *cr)
{
    return overlay_draw_plate(builder->overlay, plate_index, false, cr, builder->err);
}

/* The panel and, on it, what stands beside each line. */
static int draw_legend(struct layers_builder *builder, size_t unused, cairo_t *cr)
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

static const struct overlay_plate *plate_of_box(const struct overlay *overlay, size_t box_index)
{
    for (size_t i = 0; i < overlay->plate_count; i++) {
        if (overlay->plates[i].box_index == box_index)
            return &overlay->plates[i];
    }
    return NULL;
}

static int add_boxes(struct layers_builder *builder)
{
    const struct overlay *overlay = builder->overlay;
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < overlay->box_count; i++) {
        const struct overlay_plate *plate = plate_of_box(overlay, i);
        const struct ir_label *label =
            ir_result_get_label(builder->result, overlay->boxes[i].label_index);
        char *name = g_strdup_printf(_("%s (box)"), plate != NULL ? plate->string : label->name);
        struct ir_rect extent = overlay_box_extent(overlay, i);

        rc = layers_add_drawn(builder, draw_box, i, &extent, builder->group, name);
        g_free(name);
    }
    return rc;
}

/* A group for the plate and its text, with the plate in it. No two names are equal: GIMP numbers.
 */
static int add_plate(struct layers_builder *builder, size_t plate_index, GimpLayer **out_group)
{
    const struct overlay_plate *plate = &builder->overlay->plates[plate_index];
    char *group_name = g_strdup_printf(_("%s (name)"), plate->string);
    char *plate_name = g_strdup_printf(_("%s (plate)"), plate->string);
    int rc = layers_add_subgroup(builder, group_name, out_group);

    if (rc == 0)
        rc = layers_add_drawn(builder, draw_plate, plate_index, &plate->rect, *out_group,
                              plate_name);
    g_free(plate_name);
    g_free(group_name);
    return rc;
}

/* From the last to the first, so that the layer list reads in the order of the result. */
static int add_plates(struct layers_builder *builder)
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
            rc = layers_add_text(builder, plate, group);
    }
    return rc;
}

static int add_legend(struct layers_builder *builder)
{
    const struct overlay *overlay = builder->overlay;
    GimpLayer *group = NULL;
    int rc;

    if (overlay->legend.width_px < 1 || overlay->legend.height_px < 1)
        return 0;
    rc = layers_add_subgroup(builder, _("Legend"), &group);
    if (rc == 0)
        rc = layers_add_drawn(builder, draw_legend, 0, &overlay->legend, group, _("Legend panel"));
    for (size_t i = overlay->plate_count; rc == 0 && i-- > 0;) {
        if (overlay->plates[i].box_index == OVERLAY_NO_BOX)
            rc = layers_add_text(builder, &overlay->plates[i], group);
    }
    return rc;
}

int layers_check(GimpImage *image, struct ir_error *err)
{
    if (gimp_image_get_width(image) > OVERLAY_MAX_SIDE_PX ||
        gimp_image_get_height(image) > OVERLAY_MAX_SIDE_PX)
        return common_fail(err, IR_ERR_TOO_LARGE, _("Scale the image down first."),
                           _("A side of the image is over %d pixels."), OVERLAY_MAX_SIDE_PX);
    return fonts_check(image, err);
}

/* Inserts the outer group, where the one of the run before stands or on top of everything. */
static int add_group(struct layers_builder *builder)
{
    GimpLayer *parent = NULL;
    int position = 0;
    GimpGroupLayer *group;
    int rc;

    builder->has_old = own_find_place(builder->image, OWN_LABELS, &parent, &position);
    group = gimp_group_layer_new(builder->image, builder->group_name);
    if (group == NULL)
        return layers_fail_refused(builder);
    rc = layers_insert(builder, GIMP_LAYER(group), OWN_GROUP, parent, position);
    if (rc == 0)
        builder->group = GIMP_LAYER(group);
    return rc;
}

static int find_font(struct layers_builder *builder)
{
    builder->font = fonts_find(builder->overlay->font_family);
    return builder->font != NULL
               ? 0
               : common_fail(builder->err, IR_ERR_ARG,
                             _("Start GIMP without the option -f, or install a font."), "%s",
                             _("GIMP has no font for the names of the labels."));
}

static int build_group(struct layers_builder *builder)
{
    int rc = add_group(builder);

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

/* The only failure after which something of the user's is missing. */
static int fail_half_removed(struct layers_builder *builder)
{
    return common_fail(builder->err, IR_ERR_ARG,
                       _("Undo brings back what was there before; then repeat the command."), "%s",
                       _("GIMP refused to remove all layers of the run before."));
}

static int remove_old(struct layers_builder *builder)
{
    GimpLayer *group = builder->group;

    if (!gimp_image_is_valid(builder->image) ||
        (group != NULL && !gimp_item_is_valid(GIMP_ITEM(group))))
        return layers_fail_removed(builder);
    if (!own_remove(builder->image, OWN_LABELS, group))
        return fail_half_removed(builder);
    layers_give_names(builder);
    return 0;
}

static int replace_group(struct layers_builder *builder)
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
static int build_in_image(struct layers_builder *builder)
{
    GimpImage *image = builder->image;
    struct selected selected = selected_take(image);
    int rc;

    gimp_image_undo_group_start(image);
    gimp_image_freeze_layers(image);
    rc = replace_group(builder);
    selected_restore(image, &selected, builder->group);
    if (gimp_image_is_valid(image))
        gimp_image_thaw_layers(image);
    task_end_step(image);
    return rc;
}

int layers_build(GimpImage *image, const struct ir_result *result, const char *group_name,
                 const struct layers_also *also, struct ir_error *err)
{
    struct layers_builder builder = {
        .image = image, .result = result, .group_name = group_name, .also = also};
    struct overlay *overlay = NULL;
    int rc = overlay_new(result, gimp_image_get_width(image), gimp_image_get_height(image),
                         &overlay, err);

    if (rc != 0)
        return rc;
    builder.err = err;
    builder.overlay = overlay;
    builder.hidden = hidden_new(image);
    layers_begin_names(&builder);
    if (builder.hidden == NULL)
        rc = common_fail(err, IR_ERR_ARG, "", "%s", _("GIMP could not make an image."));
    if (rc == 0 && ir_result_label_count(result) > 0)
        rc = find_font(&builder);
    if (rc == 0)
        rc = build_in_image(&builder);
    if (builder.hidden != NULL)
        gimp_image_delete(builder.hidden);
    layers_end_names(&builder);
    overlay_free(overlay);
    return rc;
}
