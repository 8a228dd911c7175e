/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns how a generated picture becomes a layer: its place, mask, what is kept with it, and what the
 * image's metadata say of it.
 *
 * A parasite is attached before the layer is in the tree: GIMP 3.0 makes an undo step of one that
 * is attached later, and that step complains when it is redone.
 */
#include <math.h>

#include "plugins/common/fail.h"
#include "plugins/gimp/dialog.h"
#include "plugins/gimp/generate.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/layers.h"
#include "plugins/gimp/metadata.h"
#include "plugins/gimp/selected.h"

#define PARASITE "imgrecog-generated"

/* ---- what is kept ------------------------------------------------------------------------ */

static void add_member(GString *json, const char *name, const char *value)
{
    if (value == NULL || *value == '\0')
        return;
    g_string_append_printf(json, "%s\"%s\":\"", json->len > 1 ? "," : "", name);
    for (; *value != '\0'; value++) {
        if (*value == '"' || *value == '\\')
            g_string_append_printf(json, "\\%c", *value);
        else if ((unsigned char)*value < 0x20)
            g_string_append_printf(json, "\\u%04x", (unsigned)*value);
        else
            g_string_append_c(json, *value);
    }
    g_string_append_c(json, '"');
}

static void add_number(GString *json, const char *name, double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    g_string_append_printf(json, "%s\"%s\":%s", json->len > 1 ? "," : "", name,
                           g_ascii_formatd(text, sizeof text, "%.15g", value));
}

/* What makes the picture again, as JSON; the words only where the user wants them kept. */
static void keep_parameters(const struct task *task, const struct generate_answer *answer,
                            GimpLayer *layer)
{
    const struct generate_own *own = task->own;
    const struct ir_generated_picture *picture = ir_result_get_generated(task->result);
    static const char *const names[] = {"style-preset", "steps", "cfg-scale"};
    GString *json = g_string_new("{");
    gboolean keeps_words = FALSE;
    GimpParasite *parasite;

    g_object_get(task->config, GENERATE_ARG_KEEP, &keeps_words, NULL);
    add_member(json, "model", picture->model);
    add_member(json, "edit", generate_facts_of(own->action)->edit);
    if (answer->has_seed)
        add_number(json, "seed", answer->seed);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        add_member(json, names[i], ir_settings_get(task->settings, names[i]));
    if (keeps_words) {
        add_member(json, "prompt", own->prompt);
        add_member(json, "negative-prompt", own->negative);
    }
    g_string_append_c(json, '}');
    parasite = gimp_parasite_new(PARASITE, GIMP_PARASITE_PERSISTENT | GIMP_PARASITE_UNDOABLE,
                                 (guint32)json->len, json->str);
    gimp_item_attach_parasite(GIMP_ITEM(layer), parasite);
    gimp_parasite_free(parasite);
    g_string_free(json, TRUE);
}

/* Terms of http://cv.iptc.org/newscodes/digitalsourcetype/ */
static const char *source_type_of(const struct task *task)
{
    if (task->where == WHERE_LOCAL)
        return task->image != NULL ? "compositeSynthetic" : "algorithmicMedia";
    return task->image != NULL ? "compositeWithTrainedAlgorithmicMedia" : "trainedAlgorithmicMedia";
}

static int disclose(const struct task *task, GimpImage *image, struct ir_error *err)
{
    const struct metadata_words words = {
        .digital_source_type = source_type_of(task),
        .ai_system = task->where == WHERE_LOCAL ? "imgrecog stand-in" : "Amazon Bedrock",
        .ai_version = ir_result_get_generated(task->result)->model,
    };

    return metadata_put(image, &words, err);
}

/* ---- the layer --------------------------------------------------------------------------- */

static GimpLayer *new_layer(const struct task *task, const struct generate_answer *answer,
                            GimpImage *image)
{
    char *name = answer->has_seed ? g_strdup_printf(_("Generated (seed %.0f)"), answer->seed)
                                  : g_strdup(_("Generated"));
    GimpLayer *layer = gimp_layer_new(image, name, answer->width_px, answer->height_px,
                                      layers_type_of(image), 100.0, GIMP_LAYER_MODE_NORMAL);
    GeglBuffer *buffer;

    g_free(name);
    if (layer == NULL)
        return NULL;
    buffer = gimp_drawable_get_buffer(GIMP_DRAWABLE(layer));
    gegl_buffer_set(buffer, GEGL_RECTANGLE(0, 0, answer->width_px, answer->height_px), 0,
                    babl_format("R'G'B'A u8"), answer->rgba, GEGL_AUTO_ROWSTRIDE);
    g_object_unref(buffer);
    gimp_drawable_update(GIMP_DRAWABLE(layer), 0, 0, answer->width_px, answer->height_px);
    keep_parameters(task, answer, layer);
    return layer;
}

static void scale_to(GimpLayer *layer, const struct ir_rect *rect)
{
    if (gimp_drawable_get_width(GIMP_DRAWABLE(layer)) != rect->width_px ||
        gimp_drawable_get_height(GIMP_DRAWABLE(layer)) != rect->height_px) {
        gimp_context_push();
        gimp_context_set_interpolation(GIMP_INTERPOLATION_CUBIC);
        gimp_layer_scale(layer, rect->width_px, rect->height_px, FALSE);
        gimp_context_pop();
    }
    gimp_layer_set_offsets(layer, rect->left_px, rect->top_px);
}

static void add_mask(const struct generate_own *own, GimpLayer *layer)
{
    GimpLayerMask *mask = gimp_layer_create_mask(layer, GIMP_ADD_MASK_BLACK);
    const struct ir_rect *rect = &own->region.rect;
    GeglBuffer *buffer;

    gimp_layer_add_mask(layer, mask);
    buffer = gimp_drawable_get_buffer(GIMP_DRAWABLE(mask));
    gegl_buffer_set(buffer, GEGL_RECTANGLE(0, 0, rect->width_px, rect->height_px), 0,
                    babl_format("Y u8"), own->mask, GEGL_AUTO_ROWSTRIDE);
    g_object_unref(buffer);
    gimp_drawable_update(GIMP_DRAWABLE(mask), 0, 0, rect->width_px, rect->height_px);
    gimp_layer_set_edit_mask(layer, FALSE);
}

/* Large enough to cover the canvas, in its own proportion, in the middle. */
static struct ir_rect cover(const struct task *task, const struct generate_answer *answer)
{
    double scale =
        MAX((double)task->width_px / answer->width_px, (double)task->height_px / answer->height_px);
    int width_px = (int)lround(answer->width_px * scale);
    int height_px = (int)lround(answer->height_px * scale);

    return (struct ir_rect){(task->width_px - width_px) / 2, (task->height_px - height_px) / 2,
                            width_px, height_px};
}

/* Where the answer goes. Of an extended canvas, the new layer is below what is there. */
static struct ir_rect place_of(const struct task *task, const struct generate_answer *answer)
{
    const struct generate_own *own = task->own;
    const int *sides_px = own->sides_px;

    if (own->action == GENERATE_NEW)
        return cover(task, answer);
    if (own->action == GENERATE_EXTEND)
        return (struct ir_rect){0, 0, task->width_px + sides_px[0] + sides_px[1],
                                task->height_px + sides_px[2] + sides_px[3]};
    return own->region.rect;
}

static int fail_refused(struct ir_error *err)
{
    return common_fail(err, IR_ERR_ARG, _("Anchor a floating selection first."), "%s",
                       _("GIMP refused a new layer."));
}

static int place_one(const struct task *task, const struct generate_answer *answer, int position,
                     struct ir_error *err)
{
    const struct generate_own *own = task->own;
    GimpLayer *layer = new_layer(task, answer, task->image);
    struct ir_rect rect = place_of(task, answer);

    if (layer == NULL)
        return fail_refused(err);
    if (!gimp_image_insert_layer(task->image, layer, NULL, position)) {
        gimp_item_delete(GIMP_ITEM(layer));
        return fail_refused(err);
    }
    scale_to(layer, &rect);
    if (own->mask != NULL)
        add_mask(own, layer);
    gimp_item_set_visible(GIMP_ITEM(layer), answer == own->answers);
    return 0;
}

/* The first above the others, which are hidden. */
static int place_in_group(const struct task *task, struct ir_error *err)
{
    const struct generate_own *own = task->own;
    int top = 0;
    int rc = 0;

    if (own->action == GENERATE_EXTEND) {
        struct ir_rect rect = place_of(task, own->answers);
        GimpLayer **layers = gimp_image_get_layers(task->image);

        while (layers[top] != NULL)
            top++;
        g_free(layers);
        gimp_image_resize(task->image, rect.width_px, rect.height_px, own->sides_px[0],
                          own->sides_px[2]);
    }
    for (int i = 0; rc == 0 && i < own->answer_count; i++)
        rc = place_one(task, &own->answers[i], top + i, err);
    return rc == 0 ? disclose(task, task->image, err) : rc;
}

static int place_in_new_image(struct task *task, struct ir_error *err)
{
    const struct generate_own *own = task->own;
    GimpImage *image =
        gimp_image_new(own->answers[0].width_px, own->answers[0].height_px, GIMP_RGB);
    int rc = 0;

    if (image == NULL)
        return common_fail(err, IR_ERR_ARG, "", "%s", _("GIMP could not make an image."));
    gimp_image_undo_disable(image);
    for (int i = 0; rc == 0 && i < own->answer_count; i++) {
        GimpLayer *layer = new_layer(task, &own->answers[i], image);

        if (layer == NULL || !gimp_image_insert_layer(image, layer, NULL, i))
            rc = fail_refused(err);
        else
            gimp_item_set_visible(GIMP_ITEM(layer), i == 0);
    }
    if (rc == 0)
        rc = disclose(task, image, err);
    gimp_image_undo_enable(image);
    if (rc != 0)
        gimp_image_delete(image);
    else
        task->made = image;
    return rc;
}

int generate_place(struct task *task, struct ir_error *err)
{
    const struct generate_own *own = task->own;
    struct selected selected;
    int rc;

    if (task->image == NULL || own->action == GENERATE_UPSCALE)
        return place_in_new_image(task, err);
    rc = task_check_size(task, err);
    if (rc != 0)
        return rc;
    selected = selected_take(task->image);
    gimp_image_undo_group_start(task->image);
    rc = place_in_group(task, err);
    selected_restore(task->image, &selected, NULL);
    gimp_image_undo_group_end(task->image);
    return rc;
}
