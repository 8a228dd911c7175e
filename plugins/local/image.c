/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the bytes of a request to the picture under analysis. The header is read and judged before a
 * pixel is decoded, so a small file that claims a huge picture costs nothing. Orientation: a JPEG's
 * EXIF value is applied, a PNG's is not, as Rekognition does (botocore's service model, field
 * OrientationCorrection of DetectLabels).
 */
#include "plugins/local/image.h"

#include <string.h>

#include <imgrecog/geometry.h>
#include <imgrecog/picture.h>

#include "core/base/alloc.h"
#include "plugins/local/refuse.h"
#include "plugins/local/scale.h"

#define CHANNELS 3
#define MAX_ENLARGEMENT 3

/* BT.601 luma as 15-bit fractions: 0.299, 0.587, 0.114. */
#define LUMA_RED 9798
#define LUMA_GREEN 19235
#define LUMA_BLUE 3735
#define LUMA_SHIFT 15

void image_release(struct image *image)
{
    ir_free(image->rgb);
    image->rgb = NULL;
}

void gray_release(struct gray *gray)
{
    ir_free(gray->pixels);
    gray->pixels = NULL;
}

int image_turn_upright(struct image *image, int orientation)
{
    if (orientation <= 1 || orientation > 8)
        return 0;
    bool swaps = ir_orientation_swaps_axes(orientation);
    int width = swaps ? image->height_px : image->width_px;
    int height = swaps ? image->width_px : image->height_px;
    unsigned char *turned = ir_malloc((size_t)width * (size_t)height * CHANNELS);
    if (turned == NULL)
        return IR_ERR_NOMEM;
    /* The map is affine: its origin and one step along each axis say everything. */
    const struct ir_pixel probes[3] = {{0, 0}, {width > 1, 0}, {0, height > 1}};
    ptrdiff_t offsets[3];
    for (int i = 0; i < 3; i++) {
        struct ir_pixel stored = ir_pixel_upright_to_stored(orientation, width, height, probes[i]);
        offsets[i] = (ptrdiff_t)stored.y_px * image->width_px + stored.x_px;
    }
    ptrdiff_t origin = offsets[0];
    ptrdiff_t across = offsets[1] - origin;
    ptrdiff_t down = offsets[2] - origin;
    unsigned char *out = turned;
    for (int y = 0; y < height; y++) {
        const unsigned char *from = image->rgb + (origin + y * down) * CHANNELS;
        for (int x = 0; x < width; x++, out += CHANNELS, from += across * CHANNELS)
            memcpy(out, from, CHANNELS);
    }
    ir_free(image->rgb);
    image->rgb = turned;
    image->width_px = width;
    image->height_px = height;
    return 0;
}

static int check_sides(const struct ir_picture_info *info, struct ir_error *err)
{
    int longer = info->width_px > info->height_px ? info->width_px : info->height_px;
    int shorter = info->width_px > info->height_px ? info->height_px : info->width_px;
    if (longer > IMAGE_MAX_SIDE_PX)
        return refuse(err, &refuse_image_too_large,
                      "The picture is %d x %d pixels; at most %d on a side are taken.",
                      info->width_px, info->height_px, IMAGE_MAX_SIDE_PX);
    if (shorter < IMAGE_MIN_SIDE_PX)
        return refuse(err, &refuse_parameter,
                      "The picture is %d x %d pixels; at least %d on each side are needed.",
                      info->width_px, info->height_px, IMAGE_MIN_SIDE_PX);
    return 0;
}

int image_decode(const unsigned char *data, size_t bytes, struct image *out, struct ir_error *err)
{
    if (bytes > IMAGE_MAX_BYTES)
        return refuse(err, &refuse_image_too_large,
                      "The picture has %zu bytes; at most %u are taken inline.", bytes,
                      IMAGE_MAX_BYTES);
    return image_decode_stored(data, bytes, out, err);
}

/* Looks at what the header says before a pixel is decoded. */
static int probe(const unsigned char *data, size_t bytes, struct ir_picture_info *out,
                 struct ir_error *err)
{
    struct ir_error cause;
    if (ir_picture_probe(data, bytes, out, &cause) != 0)
        return refuse(err, &refuse_image_format, "Request has invalid image format: %s",
                      cause.message);
    return check_sides(out, err);
}

static int decode_upright_jpeg(const unsigned char *data, size_t bytes, int max_side_px,
                               int orientation, struct image *out, struct ir_error *err)
{
    int rc = image_decode_jpeg(data, bytes, max_side_px, out, err);
    if (rc == 0 && image_turn_upright(out, orientation) != 0) {
        image_release(out);
        return refuse_nomem(err);
    }
    return rc;
}

int image_decode_stored(const unsigned char *data, size_t bytes, struct image *out,
                        struct ir_error *err)
{
    struct ir_picture_info info;
    struct image image = {0};
    int rc = probe(data, bytes, &info, err);
    if (rc != 0)
        return rc;
    rc = strcmp(info.media_type, "image/jpeg") == 0
             ? decode_upright_jpeg(data, bytes, IMAGE_ANALYSIS_SIDE_PX, info.orientation, &image,
                                   err)
             : image_decode_png(data, bytes, &image, err);
    if (rc == 0)
        *out = image;
    return rc;
}

int image_decode_whole(const unsigned char *data, size_t bytes, struct image *out,
                       struct ir_error *err)
{
    struct ir_picture_info info;
    struct image image = {0};
    int rc = probe(data, bytes, &info, err);
    if (rc == 0 && strcmp(info.media_type, "image/jpeg") != 0)
        rc = refuse(err, &refuse_image_format, "Request has invalid image format: not JPEG or PNG");
    if (rc == 0)
        rc = decode_upright_jpeg(data, bytes, IMAGE_MAX_SIDE_PX, info.orientation, &image, err);
    if (rc == 0)
        *out = image;
    return rc;
}

static void luma_row(const unsigned char *rgb, int width_px, unsigned char *out)
{
    for (int x = 0; x < width_px; x++, rgb += CHANNELS)
        out[x] = (unsigned char)((rgb[0] * LUMA_RED + rgb[1] * LUMA_GREEN + rgb[2] * LUMA_BLUE +
                                  (1 << (LUMA_SHIFT - 1))) >>
                                 LUMA_SHIFT);
}

/* Enlarges by a whole factor when the picture is smaller than `min_side_px`. */
static int enlarge(struct gray *gray, int min_side_px)
{
    int longer = gray->width_px > gray->height_px ? gray->width_px : gray->height_px;
    int factor = (min_side_px + longer - 1) / longer;
    if (factor > MAX_ENLARGEMENT)
        factor = MAX_ENLARGEMENT;
    if (factor <= 1)
        return 0;
    size_t pixels = (size_t)gray->width_px * (size_t)gray->height_px;
    unsigned char *larger = ir_malloc(pixels * (size_t)factor * (size_t)factor);
    if (larger == NULL)
        return IR_ERR_NOMEM;
    scale_enlarge(gray->pixels, gray->width_px, gray->height_px, larger, factor);
    ir_free(gray->pixels);
    gray->pixels = larger;
    gray->width_px *= factor;
    gray->height_px *= factor;
    return 0;
}

int gray_from_image(const struct image *image, int min_side_px, int max_side_px, struct gray *out)
{
    int rc = IR_ERR_NOMEM;
    struct gray gray = {0};
    struct shrink shrink = {
        .source_width_px = image->width_px, .source_height_px = image->height_px, .channels = 1};
    unsigned char *row = ir_malloc((size_t)image->width_px);
    scale_fit(image->width_px, image->height_px, max_side_px, &gray.width_px, &gray.height_px);
    gray.pixels = ir_malloc((size_t)gray.width_px * (size_t)gray.height_px);
    if (row == NULL || gray.pixels == NULL)
        goto out;
    shrink.target_width_px = gray.width_px;
    shrink.target_height_px = gray.height_px;
    shrink.target = gray.pixels;
    if (shrink_init(&shrink) != 0)
        goto out;
    for (int y = 0; y < image->height_px; y++) {
        luma_row(image->rgb + (size_t)y * (size_t)image->width_px * CHANNELS, image->width_px, row);
        shrink_push(&shrink, row);
    }
    rc = enlarge(&gray, min_side_px);
    if (rc == 0) {
        *out = gray;
        gray.pixels = NULL;
    }
out:
    gray_release(&gray);
    shrink_release(&shrink);
    ir_free(row);
    return rc;
}
