/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What layers.c and layers_part.c share: how one part of the overlay becomes a layer of the group
 * that is being built.
 */
#ifndef PLUGINS_GIMP_LAYERS_PRIVATE_H
#define PLUGINS_GIMP_LAYERS_PRIVATE_H

#include <stdbool.h>

#include <cairo.h>

#include "plugins/common/overlay.h"
#include "plugins/gimp/layers.h"
#include "plugins/gimp/own.h"

struct layers_builder {
    GimpImage *image;
    const struct ir_result *result;
    const struct overlay *overlay;
    const char *group_name;
    const struct layers_also *also; /* NULL = nothing */
    GimpImage *hidden;              /* where layers are drawn, see hidden.h */
    GimpFont *font;
    GimpLayer *group;    /* NULL until it is in the image */
    bool has_old;        /* the group of the run before is there, too */
    GPtrArray *numbered; /* of layers_part.c: what did not get its name because of that one */
    struct ir_error *err;
};

/* Draws one part of the overlay; the origin is the image's top left corner. */
typedef int (*layers_draw_fn)(struct layers_builder *builder, size_t part_index, cairo_t *cr);

/* GIMP refused something to do with new layers. What was there is as it was. IR_ERR_ARG. */
int layers_fail_refused(struct layers_builder *builder);
/* The user removed the group, or closed the image. IR_ERR_ARG. */
int layers_fail_removed(struct layers_builder *builder);

/* To be called before the first part. */
void layers_begin_names(struct layers_builder *builder);
/* When the group of the run before has gone: gives the names that it had. */
void layers_give_names(struct layers_builder *builder);
/* Frees what layers_begin_names made. */
void layers_end_names(struct layers_builder *builder);

/*
 * Marks as ours and inserts; a layer that GIMP refuses is freed. Layers are blended on encoded
 * values, as cairo does it: in linear light, which GIMP prefers, dark letters come out too thin.
 */
IR_MUST_CHECK int layers_insert(struct layers_builder *builder, GimpLayer *layer,
                                enum own_role role, GimpLayer *parent, int position);
/* On top of what `parent` holds, here and below. */
IR_MUST_CHECK int layers_add_drawn(struct layers_builder *builder, layers_draw_fn draw,
                                   size_t part_index, const struct ir_rect *rect, GimpLayer *parent,
                                   const char *name);
/* In the group that is being built. */
IR_MUST_CHECK int layers_add_subgroup(struct layers_builder *builder, const char *name,
                                      GimpLayer **out);
/* The text of a plate, in its place. */
IR_MUST_CHECK int layers_add_text(struct layers_builder *builder, const struct overlay_plate *plate,
                                  GimpLayer *parent);

#endif
