/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the choice of the part and the mask's arithmetic.
 *
 * Feathering inwards: with B the mask blurred, 2 B - 1 is 0 on a straight edge and 1 a radius
 * inside; the lesser of that and the mask itself is kept.
 */
#include "plugins/gimp/region.h"

#include <math.h>
#include <string.h>

#include "plugins/common/fail.h"
#include "plugins/gimp/hidden.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/turn.h"

#define CONTEXT_FRAC 0.5       /* of the selection's longer side, on each side of it */
#define CONTEXT_MIN_PX 64      /* a model must see what it joins to */
#define REGION_MIN_SIDE_PX 512 /* where the canvas has it: models know pictures, not snippets */
#define FEATHER_PASSES 2
#define MASK_PIXELS_MOST (1 << 28) /* a byte each, twice while it is feathered */

static void set_sent_size(struct region *region, double max_pixels)
{
    double pixels = (double)region->rect.width_px * region->rect.height_px;
    double scale = MIN(1.0, sqrt(max_pixels / pixels));

    region->sent_width_px = MAX(1, (int)floor(region->rect.width_px * scale));
    region->sent_height_px = MAX(1, (int)lround((double)region->rect.height_px *
                                                region->sent_width_px / region->rect.width_px));
}

struct region region_of_canvas(GimpImage *image, double max_pixels)
{
    struct region region = {
        .rect = {0, 0, gimp_image_get_width(image), gimp_image_get_height(image)}};

    set_sent_size(&region, max_pixels);
    return region;
}

/* From `start`, `length` long, enlarged by `margin` and to `least`, inside 0..`limit`. */
static void enlarge(int *start, int *length, int margin, int least, int limit)
{
    int wanted = MIN(limit, MAX(*length + 2 * margin, least));
    int first = *start + *length / 2 - wanted / 2;

    *start = CLAMP(first, 0, limit - wanted);
    *length = wanted;
}

bool region_of_selection(GimpImage *image, double max_pixels, struct region *out)
{
    gboolean has_selection = FALSE;
    int left, top, right, bottom, margin;
    struct ir_rect rect;

    if (!gimp_selection_bounds(image, &has_selection, &left, &top, &right, &bottom) ||
        !has_selection)
        return false;
    rect = (struct ir_rect){left, top, right - left, bottom - top};
    margin = MAX(CONTEXT_MIN_PX, (int)(MAX(rect.width_px, rect.height_px) * CONTEXT_FRAC));
    enlarge(&rect.left_px, &rect.width_px, margin, REGION_MIN_SIDE_PX, gimp_image_get_width(image));
    enlarge(&rect.top_px, &rect.height_px, margin, REGION_MIN_SIDE_PX,
            gimp_image_get_height(image));
    out->rect = rect;
    set_sent_size(out, max_pixels);
    return true;
}

static int mask_width_px(const struct region_mask *mask)
{
    return mask->is_sent_size ? mask->region.sent_width_px : mask->region.rect.width_px;
}

static int mask_height_px(const struct region_mask *mask)
{
    return mask->is_sent_size ? mask->region.sent_height_px : mask->region.rect.height_px;
}

/*
 * Only an item of the image itself can be selected there. So the selection becomes a layer of it,
 * and the layer's values a mask.
 */
static bool select_as(GimpImage *hidden, GimpImage *image)
{
    GimpLayer *layer =
        gimp_layer_new_from_drawable(GIMP_DRAWABLE(gimp_image_get_selection(image)), hidden);
    GimpLayerMask *mask;
    bool is_selected;

    if (layer == NULL || !gimp_image_insert_layer(hidden, layer, NULL, 0))
        return false;
    mask = gimp_layer_create_mask(layer, GIMP_ADD_MASK_COPY);
    is_selected = mask != NULL && gimp_layer_add_mask(layer, mask) &&
                  gimp_image_select_item(hidden, GIMP_CHANNEL_OP_REPLACE, GIMP_ITEM(mask));
    gimp_image_remove_layer(hidden, layer);
    return is_selected;
}

/* A channel that no image holds is not enough: GIMP uses its image, which the user may close. */
GimpImage *region_selection_take(GimpImage *image)
{
    GimpImage *hidden = hidden_new_mask(image);

    if (hidden == NULL || select_as(hidden, image))
        return hidden;
    gimp_image_delete(hidden);
    return NULL;
}

int region_mask_init(struct region_mask *out, GimpImage *selected, const struct region *region,
                     bool is_sent_size, struct ir_error *err)
{
    size_t pixels;

    *out = (struct region_mask){selected, *region, is_sent_size, 0, NULL};
    pixels = (size_t)mask_width_px(out) * (size_t)mask_height_px(out);
    if (pixels > MASK_PIXELS_MOST)
        return common_fail(err, IR_ERR_TOO_LARGE, _("Select less of it, or scale the image down."),
                           _("What is selected has over %d million pixels with what is around "
                             "it."),
                           (int)(MASK_PIXELS_MOST / 1000000));
    out->values = g_try_malloc(pixels);
    return out->values != NULL ? 0 : common_fail_nomem(err);
}

void region_mask_release(struct region_mask *mask)
{
    g_clear_pointer(&mask->values, g_free);
}

/* At least as many as tiles are high: a buffer that is opened anew has no tiles yet. */
static int piece_rows(int width_px, double scale)
{
    int rows = MAX(TURN_PIXELS / width_px, (int)gimp_tile_height());

    return MAX(1, (int)(rows * scale));
}

bool region_mask_read(struct region_mask *mask)
{
    const struct ir_rect *rect = &mask->region.rect;
    int width_px = mask_width_px(mask);
    int height_px = mask_height_px(mask);
    double scale = (double)width_px / rect->width_px;
    GeglRectangle area;
    GeglBuffer *buffer;

    area = (GeglRectangle){(int)lround(rect->left_px * scale),
                           (int)lround(rect->top_px * scale) + mask->next_row, width_px,
                           MIN(piece_rows(rect->width_px, scale), height_px - mask->next_row)};
    buffer = gimp_drawable_get_buffer(GIMP_DRAWABLE(gimp_image_get_selection(mask->selected)));
    gegl_buffer_get(buffer, &area, scale, babl_format("Y u8"),
                    mask->values + (size_t)mask->next_row * (size_t)width_px, GEGL_AUTO_ROWSTRIDE,
                    GEGL_ABYSS_CLAMP);
    g_object_unref(buffer);
    mask->next_row += area.height;
    return mask->next_row < height_px;
}

/* The mean of `radius` values on either side, of `count` values that lie `stride` apart. */
static void blur_line(unsigned char *line, int count, size_t stride, int radius,
                      unsigned char *scratch)
{
    unsigned long sum = 0;
    unsigned long width = 2UL * (unsigned long)radius + 1;

    for (int i = -radius; i <= radius; i++)
        sum += line[(size_t)CLAMP(i, 0, count - 1) * stride];
    for (int i = 0; i < count; i++) {
        scratch[i] = (unsigned char)(sum / width);
        sum += line[(size_t)MIN(i + radius + 1, count - 1) * stride];
        sum -= line[(size_t)MAX(i - radius, 0) * stride];
    }
    for (int i = 0; i < count; i++)
        line[(size_t)i * stride] = scratch[i];
}

/* `scratch` holds a line of either direction. False: it was cancelled. */
static bool blur(unsigned char *mask, int width_px, int height_px, int radius,
                 unsigned char *scratch, const struct ir_cancel *cancel)
{
    bool goes_on = true;

    for (int pass = 0; pass < FEATHER_PASSES; pass++) {
        for (int y = 0; goes_on && y < height_px; y++) {
            blur_line(mask + (size_t)y * (size_t)width_px, width_px, 1, radius, scratch);
            goes_on = !ir_cancel_is_set(cancel);
        }
        for (int x = 0; goes_on && x < width_px; x++) {
            blur_line(mask + x, height_px, (size_t)width_px, radius, scratch);
            goes_on = !ir_cancel_is_set(cancel);
        }
    }
    return goes_on;
}

static void keep_lesser(unsigned char *mask, const unsigned char *blurred, size_t count)
{
    for (size_t i = 0; i < count; i++)
        mask[i] = (unsigned char)MIN((int)mask[i], MAX(0, 2 * blurred[i] - 255));
}

int region_feather(unsigned char *mask, int width_px, int height_px, int feather_px,
                   const struct ir_cancel *cancel, struct ir_error *err)
{
    size_t count = (size_t)width_px * (size_t)height_px;
    unsigned char *blurred, *scratch;
    int rc = 0;

    if (feather_px < 1)
        return 0;
    blurred = g_try_malloc(count);
    scratch = g_try_malloc((size_t)MAX(width_px, height_px));
    if (blurred == NULL || scratch == NULL) {
        rc = common_fail_nomem(err);
    } else {
        memcpy(blurred, mask, count);
        if (blur(blurred, width_px, height_px, MAX(1, feather_px / FEATHER_PASSES), scratch,
                 cancel))
            keep_lesser(mask, blurred, count);
        else
            rc = common_fail(err, IR_ERR_CANCELLED, "", "%s",
                             _("Cancelled before anything was sent."));
    }
    g_free(scratch);
    g_free(blurred);
    return rc;
}
