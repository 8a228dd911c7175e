/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * PNG by libpng's simplified interface, which gives 8-bit sRGB of every kind of PNG; transparency
 * is laid over white. The whole picture is in memory for a moment (at most 300 MB, so one large
 * picture is decoded at a time), then averaged down.
 */
#include "plugins/local/image.h"

#include <pthread.h>
#include <string.h>

#include <png.h>

#include "core/base/alloc.h"
#include "plugins/local/refuse.h"
#include "plugins/local/scale.h"

#define CHANNELS 3
#define LARGE_PIXELS 20000000U

static pthread_mutex_t one_large_picture = PTHREAD_MUTEX_INITIALIZER;

static int refuse_png(struct ir_error *err, const char *cause)
{
    return refuse(err, &refuse_image_format,
                  "Request has invalid image format: the PNG data is damaged or cut off (%s).",
                  cause);
}

static int shrink_pixels(const unsigned char *pixels, const png_image *png, struct image *out)
{
    struct image image = {0};
    struct shrink shrink = {.source_width_px = (int)png->width,
                            .source_height_px = (int)png->height,
                            .channels = CHANNELS};
    scale_fit((int)png->width, (int)png->height, IMAGE_ANALYSIS_SIDE_PX, &image.width_px,
              &image.height_px);
    image.rgb = ir_malloc((size_t)image.width_px * (size_t)image.height_px * CHANNELS);
    if (image.rgb == NULL)
        return IR_ERR_NOMEM;
    shrink.target_width_px = image.width_px;
    shrink.target_height_px = image.height_px;
    shrink.target = image.rgb;
    if (shrink_init(&shrink) != 0) {
        image_release(&image);
        return IR_ERR_NOMEM;
    }
    for (png_uint_32 y = 0; y < png->height; y++)
        shrink_push(&shrink, pixels + (size_t)y * png->width * CHANNELS);
    shrink_release(&shrink);
    *out = image;
    return 0;
}

static int decode_pixels(png_image *png, struct image *out, struct ir_error *err)
{
    int rc = 0;
    png->format = PNG_FORMAT_RGB;
    unsigned char *pixels = ir_malloc(PNG_IMAGE_SIZE(*png));
    if (pixels == NULL)
        return refuse_nomem(err);
    const png_color white = {255, 255, 255};
    if (png_image_finish_read(png, &white, pixels, 0, NULL) == 0 || PNG_IMAGE_FAILED(*png))
        rc = refuse_png(err, png->message);
    else if (shrink_pixels(pixels, png, out) != 0)
        rc = refuse_nomem(err);
    ir_free(pixels);
    return rc;
}

int image_decode_png(const unsigned char *data, size_t bytes, struct image *out,
                     struct ir_error *err)
{
    png_image png;
    memset(&png, 0, sizeof png);
    png.version = PNG_IMAGE_VERSION;
    if (png_image_begin_read_from_memory(&png, data, bytes) == 0) {
        int rc = refuse_png(err, png.message);
        png_image_free(&png);
        return rc;
    }
    if (png.width > IMAGE_MAX_SIDE_PX || png.height > IMAGE_MAX_SIDE_PX ||
        png.width < IMAGE_MIN_SIDE_PX || png.height < IMAGE_MIN_SIDE_PX) {
        png_image_free(&png);
        return refuse_png(err, "its headers contradict each other");
    }
    bool large = (size_t)png.width * png.height > LARGE_PIXELS;
    if (large)
        pthread_mutex_lock(&one_large_picture);
    int rc = decode_pixels(&png, out, err);
    if (large)
        pthread_mutex_unlock(&one_large_picture);
    png_image_free(&png);
    return rc;
}
