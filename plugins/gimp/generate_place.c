/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns how a generated picture becomes a layer: its place, mask, what is kept with it, and what the
 * image's metadata say of it.
 *
 * A parasite is attached before the layer is in the tree: GIMP 3.0 makes an undo step of one that
 * is attached later, and that step complains when it is redone.
 */
#include <math.h>
#include <string.h>

#include "plugins/common/fail.h"
#include "plugins/gimp/generate.h"
#include "plugins/gimp/hidden.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/metadata.h"
#include "plugins/gimp/resample.h"
#include "plugins/gimp/selected.h"
#include "plugins/gimp/turn.h"

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

/* What a layer is filled with: the answer, in the layer's size. */
struct filling {
    const struct generate_answer *answer;
    struct resample *resample; /* NULL: it has that size */
};

/* The part of a picture of `width_px`, `bytes` a pixel. */
static void copy_part(const unsigned char *picture, int width_px, size_t bytes,
                      const struct ir_rect *part, unsigned char *out)
{
    size_t row_bytes = (size_t)part->width_px * bytes;

    for (int y = part->top_px; y < part->top_px + part->height_px; y++, out += row_bytes)
        memcpy(out, picture + ((size_t)y * (size_t)width_px + (size_t)part->left_px) * bytes,
               row_bytes);
}

static void fill_part(void *context, const struct ir_rect *part, unsigned char *rgba)
{
    const struct filling *filling = context;

    if (filling->resample != NULL)
        resample_part(filling->resample, part, rgba);
    else
        copy_part(filling->answer->rgba, filling->answer->width_px, 4, part, rgba);
}

static void fill(const struct generate_answer *answer, GimpLayer *layer)
{
    const struct resample_source source = {answer->rgba, answer->width_px, answer->height_px};
    int width_px = gimp_drawable_get_width(GIMP_DRAWABLE(layer));
    int height_px = gimp_drawable_get_height(GIMP_DRAWABLE(layer));
    struct filling filling = {answer, NULL};

    if (width_px != answer->width_px || height_px != answer->height_px)
        filling.resample = resample_new(&source, width_px, height_px);
    turn_write(GIMP_DRAWABLE(layer), babl_format("R'G'B'A u8"), 4, fill_part, &filling);
    if (filling.resample != NULL)
        resample_free(filling.resample);
}

/* Not in the image yet, but in its place. */
static GimpLayer *new_layer(const struct task *task, const struct generate_answer *answer,
                            GimpImage *image, const struct ir_rect *rect)
{
    char *name = answer->has_seed ? g_strdup_printf(_("Generated (seed %.0f)"), answer->seed)
                                  : g_strdup(_("Generated"));
    GimpLayer *layer = gimp_layer_new(image, name, rect->width_px, rect->height_px,
                                      hidden_layer_type(image), 100.0, GIMP_LAYER_MODE_NORMAL);

    g_free(name);
    if (layer == NULL)
        return NULL;
    gimp_layer_set_offsets(layer, rect->left_px, rect->top_px);
    fill(answer, layer);
    keep_parameters(task, answer, layer);
    return layer;
}

static void fill_mask_part(void *context, const struct ir_rect *part, unsigned char *values)
{
    const struct region_mask *mask = context;

    copy_part(mask->values, mask->region.rect.width_px, 1, part, values);
}

static bool add_mask(struct region_mask *mask, GimpLayer *layer)
{
    GimpLayerMask *layer_mask = gimp_layer_create_mask(layer, GIMP_ADD_MASK_BLACK);

    if (layer_mask == NULL || !gimp_layer_add_mask(layer, layer_mask))
        return false;
    turn_write(GIMP_DRAWABLE(layer_mask), babl_format("Y u8"), 1, fill_mask_part, mask);
    return true;
}

/*
 * Large enough to cover the canvas, in its own proportion, in the middle. That can be far larger
 * than a canvas of another shape, and is known only when the picture has come.
 */
static struct ir_rect cover(const struct task *task, const struct generate_answer *answer)
{
    double scale =
        MAX((double)task->width_px / answer->width_px, (double)task->height_px / answer->height_px);
    int width_px = (int)MIN(lround(answer->width_px * scale), GENERATE_LAYER_PIXELS_MOST);
    int height_px = (int)MIN(lround(answer->height_px * scale), GENERATE_LAYER_PIXELS_MOST);

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

/* Layers on their way into the image. */
struct placing {
    const struct task *task;
    GimpImage *hidden;
    GimpLayer *filled[GENERATE_VARIATIONS_MOST]; /* of `hidden`, never inserted there */
    int filled_count;
    GimpLayer *inserted[GENERATE_VARIATIONS_MOST];
    int inserted_count;
    bool is_extended;
};

static int fill_hidden(struct placing *placing, struct ir_error *err)
{
    const struct task *task = placing->task;
    struct generate_own *own = task->own;
    double canvas_pixels = (double)task->width_px * task->height_px;

    placing->hidden = hidden_new(task->image);
    for (int i = 0; placing->hidden != NULL && i < own->answer_count; i++) {
        struct ir_rect rect = place_of(task, &own->answers[i]);
        GimpLayer *layer;

        if ((double)rect.width_px * rect.height_px > MAX(GENERATE_LAYER_PIXELS_MOST, canvas_pixels))
            return common_fail(err, IR_ERR_TOO_LARGE, _("Scale the image down first."),
                               _("To cover the canvas, the layer would have over %d million "
                                 "pixels."),
                               GENERATE_LAYER_PIXELS_MOST / 1000000);
        layer = new_layer(task, &own->answers[i], placing->hidden, &rect);
        if (layer == NULL)
            return hidden_fail_refused(task->image, err);
        placing->filled[placing->filled_count++] = layer;
        if (own->has_mask && !add_mask(&own->mask, layer))
            return hidden_fail_refused(task->image, err);
    }
    return placing->hidden != NULL ? 0 : hidden_fail_refused(task->image, err);
}

static int insert(struct placing *placing, GimpLayer *filled, int position, struct ir_error *err)
{
    GimpLayer *layer = hidden_insert(filled, placing->task->image, position);

    if (layer == NULL)
        return hidden_fail_refused(placing->task->image, err);
    gimp_item_set_visible(GIMP_ITEM(layer), placing->inserted_count == 0); /* a copy is shown */
    placing->inserted[placing->inserted_count++] = layer;
    turn_loop();
    return 0;
}

/* The first above the others, which are hidden; of an extended canvas, below what is there. */
static int insert_all(struct placing *placing, struct ir_error *err)
{
    const struct task *task = placing->task;
    const struct generate_own *own = task->own;
    int top = 0;
    int rc = 0;

    if (own->action == GENERATE_EXTEND) {
        struct ir_rect rect = place_of(task, own->answers);
        GimpLayer **layers = gimp_image_get_layers(task->image);
        while (layers != NULL && layers[top] != NULL)
            top++;
        g_free(layers);
        placing->is_extended = gimp_image_resize(task->image, rect.width_px, rect.height_px,
                                                 own->sides_px[0], own->sides_px[2]);
        if (!placing->is_extended)
            return hidden_fail_refused(task->image, err);
    }
    for (int i = 0; rc == 0 && i < placing->filled_count; i++)
        rc = insert(placing, placing->filled[i], top + i, err);
    return rc == 0 ? disclose(task, task->image, err) : rc;
}

static void take_back(struct placing *placing)
{
    const struct task *task = placing->task;
    const struct generate_own *own = task->own;

    for (int i = 0; i < placing->inserted_count; i++)
        gimp_image_remove_layer(task->image, placing->inserted[i]);
    if (placing->is_extended)
        gimp_image_resize(task->image, task->width_px, task->height_px, -own->sides_px[0],
                          -own->sides_px[2]);
}

static void release_placing(struct placing *placing)
{
    for (int i = 0; i < placing->filled_count; i++)
        gimp_item_delete(GIMP_ITEM(placing->filled[i]));
    if (placing->hidden != NULL)
        gimp_image_delete(placing->hidden);
}

/* All of it, in one undo step, or nothing. */
static int place_in_image(const struct task *task, struct ir_error *err)
{
    struct placing placing = {.task = task};
    struct selected selected;
    int rc = task_check_size(task, err);

    if (rc == 0)
        rc = fill_hidden(&placing, err);
    if (rc == 0)
        rc = task_check_size(task, err);
    if (rc == 0) {
        selected = selected_take(task->image);
        gimp_image_undo_group_start(task->image);
        rc = insert_all(&placing, err);
        if (rc != 0 && gimp_image_is_valid(task->image))
            take_back(&placing);
        selected_restore(task->image, &selected, NULL);
        task_end_step(task->image);
    }
    release_placing(&placing);
    return rc;
}

/* Marked as one that nobody is to see (hidden.h) until it is whole. */
static int place_in_new_image(struct task *task, struct ir_error *err)
{
    const struct generate_own *own = task->own;
    GimpImage *image =
        gimp_image_new(own->answers[0].width_px, own->answers[0].height_px, GIMP_RGB);
    int rc = 0;

    if (image == NULL)
        return common_fail(err, IR_ERR_ARG, "", "%s", _("GIMP could not make an image."));
    hidden_mark(image);
    gimp_image_undo_disable(image);
    for (int i = 0; rc == 0 && i < own->answer_count; i++) {
        const struct generate_answer *answer = &own->answers[i];
        const struct ir_rect rect = {0, 0, answer->width_px, answer->height_px};
        GimpLayer *layer = new_layer(task, answer, image, &rect);

        if (layer == NULL || !gimp_image_insert_layer(image, layer, NULL, i))
            rc = hidden_fail_refused(image, err);
        else
            gimp_item_set_visible(GIMP_ITEM(layer), i == 0);
    }
    if (rc == 0)
        rc = disclose(task, image, err);
    gimp_image_undo_enable(image);
    if (rc != 0) {
        gimp_image_delete(image);
        return rc;
    }
    hidden_unmark(image);
    task->made = image;
    return 0;
}

/*
 * A picture that was paid for is not given up because the image could not take it: it was closed,
 * say, or made smaller, or has a floating selection. The hint is left out then: it tells how to do
 * the same again, which is paid for again.
 */
int generate_place(struct task *task, struct ir_error *err)
{
    const struct generate_own *own = task->own;
    struct ir_error refused;
    int rc;

    if (task->image == NULL || own->action == GENERATE_UPSCALE)
        return place_in_new_image(task, err);
    ir_error_clear(&refused);
    if (place_in_image(task, &refused) == 0)
        return 0;
    rc = place_in_new_image(task, err);
    if (rc == 0)
        task->notice = g_strdup_printf(_("%s What came is in a new image."), refused.message);
    return rc;
}
