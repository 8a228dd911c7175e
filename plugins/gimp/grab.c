/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the copy of the visible pixels: one layer of a hidden image of GIMP's, 8-bit sRGB, which is
 * never inserted. GIMP converts from every type, precision and profile while it makes that layer;
 * GEGL scales, in linear light, while it is read.
 */
#include "plugins/gimp/grab.h"

#include <math.h>

#include "plugins/common/fail.h"
#include "plugins/gimp/hidden.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/own.h"
#include "plugins/gimp/seen.h"
#include "plugins/gimp/turn.h"

/* Of the picture itself, in one reading: a small picture of a huge one must not take it all at
 * once.
 */
#define SOURCE_PIXELS (2 * TURN_PIXELS)

struct grab {
    GimpImage *holder; /* the hidden image */
    GimpLayer *layer;
    GeglBuffer *buffer;
    int left_px; /* of the part that is read */
    int top_px;
    int width_px;
    int height_px;
    unsigned char *strip_rgba; /* TURN_PIXELS, or one row where that is more */
    int strip_width_px;        /* the width for which `strip_rgba` is large enough */
};

void grab_free(struct grab *grab)
{
    if (grab == NULL)
        return;
    g_clear_object(&grab->buffer);
    if (grab->layer != NULL)
        gimp_item_delete(GIMP_ITEM(grab->layer));
    if (grab->holder != NULL)
        gimp_image_delete(grab->holder);
    g_free(grab->strip_rgba);
    g_free(grab);
}

static int fail_refused(struct ir_error *err)
{
    return common_fail(err, IR_ERR_ARG, _("Open it again and repeat the command."), "%s",
                       _("The visible pixels of the image could not be read."));
}

/*
 * A layer of `holder` with what the layers of `image` show but for our own. These are left out of a
 * copy (which shares its pixels with the image), not hidden in the user's image.
 */
static GimpLayer *take_visible(GimpImage *image, GimpImage *holder, const char *own_kind)
{
    GimpLayer *layer;
    GimpImage *copy;

    if (own_kind == NULL || !own_exists(image, own_kind))
        return seen_new_layer(image, holder, "imgrecog");
    copy = own_copy_without(image, own_kind);
    if (copy == NULL)
        return NULL;
    turn_loop();
    seen_bare(copy);
    layer = gimp_layer_new_from_visible(copy, holder, "imgrecog");
    gimp_image_delete(copy);
    return layer;
}

int grab_new(GimpImage *image, const char *own_kind, struct grab **out, struct ir_error *err)
{
    struct grab *grab;

    if (!gimp_image_is_valid(image))
        return common_fail(err, IR_ERR_ARG, _("Open it again and repeat the command."), "%s",
                           _("The image was closed; nothing was changed."));
    grab = g_new0(struct grab, 1);
    grab->width_px = gimp_image_get_width(image);
    grab->height_px = gimp_image_get_height(image);
    grab->holder = gimp_image_new_with_precision(grab->width_px, grab->height_px, GIMP_RGB,
                                                 GIMP_PRECISION_U8_NON_LINEAR);
    if (grab->holder == NULL)
        goto fail;
    hidden_mark(grab->holder);
    gimp_image_undo_disable(grab->holder);
    grab->layer = take_visible(image, grab->holder, own_kind);
    if (grab->layer == NULL)
        goto fail;
    grab->buffer = gimp_drawable_get_buffer(GIMP_DRAWABLE(grab->layer));
    if (grab->buffer == NULL)
        goto fail;
    *out = grab;
    return 0;
fail:
    grab_free(grab);
    return fail_refused(err);
}

void grab_set_area(struct grab *grab, const struct ir_rect *area)
{
    grab->left_px = area->left_px;
    grab->top_px = area->top_px;
    grab->width_px = area->width_px;
    grab->height_px = area->height_px;
}

int grab_width_px(const struct grab *grab)
{
    return grab->width_px;
}

int grab_height_px(const struct grab *grab)
{
    return grab->height_px;
}

/* Not premultiplied RGBA over white, on encoded values as every viewer does it. */
static void put_over_white(const unsigned char *rgba, size_t pixels, unsigned char *rgb)
{
    for (size_t i = 0; i < pixels; i++, rgba += 4, rgb += 3) {
        unsigned alpha = rgba[3];

        for (int channel = 0; channel < 3; channel++)
            rgb[channel] =
                (unsigned char)((rgba[channel] * alpha + 255U * (255U - alpha) + 127U) / 255U);
    }
}

int grab_read_rows(struct grab *grab, int width_px, int height_px, int first_row,
                   unsigned char *rgb)
{
    double scale = (double)width_px / grab->width_px;
    int rows = MIN(TURN_PIXELS / width_px, (int)((double)SOURCE_PIXELS / grab->width_px * scale));
    GeglRectangle area;

    rows = MIN(MAX(1, rows), height_px - first_row);
    if (grab->strip_width_px < width_px) {
        g_free(grab->strip_rgba);
        grab->strip_rgba = g_malloc_n((size_t)MAX(TURN_PIXELS, width_px), 4);
        grab->strip_width_px = width_px;
    }
    area = (GeglRectangle){(int)lround(grab->left_px * scale),
                           (int)lround(grab->top_px * scale) + first_row, width_px, rows};
    gegl_buffer_get(grab->buffer, &area, scale, babl_format("R'G'B'A u8"), grab->strip_rgba,
                    GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_CLAMP);
    put_over_white(grab->strip_rgba, (size_t)width_px * (size_t)rows,
                   rgb + (size_t)first_row * (size_t)width_px * 3);
    return rows;
}
