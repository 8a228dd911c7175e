/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PNG by libpng's simplified interface; JPEG by the decoder of the recognisers' pictures, whole. */
#include "plugins/local/raster.h"

#include <string.h>

#include <png.h>

#include <imgrecog/picture.h>

#include "core/base/alloc.h"
#include "plugins/local/image.h"
#include "plugins/local/refuse.h"

#define PIXEL_BYTES 4

int raster_new(int width_px, int height_px, struct raster *out)
{
    unsigned char *rgba = ir_calloc((size_t)width_px * (size_t)height_px, PIXEL_BYTES);
    if (rgba == NULL)
        return IR_ERR_NOMEM;
    *out = (struct raster){width_px, height_px, rgba};
    return 0;
}

void raster_release(struct raster *raster)
{
    ir_free(raster->rgba);
    raster->rgba = NULL;
}

static int refuse_picture(struct ir_error *err, const char *what, const char *cause)
{
    return refuse(err, &refuse_validation, "Malformed input request: %s cannot be used: %s", what,
                  cause);
}

static int check_size(unsigned width_px, unsigned height_px, const char *what, struct ir_error *err)
{
    if (width_px < RASTER_MIN_SIDE_PX || height_px < RASTER_MIN_SIDE_PX ||
        (unsigned long long)width_px * height_px > RASTER_MAX_PIXELS)
        return refuse(err, &refuse_validation,
                      "Malformed input request: %s is %u x %u pixels; sides from %d and at most %d "
                      "pixels are taken.",
                      what, width_px, height_px, RASTER_MIN_SIDE_PX, RASTER_MAX_PIXELS);
    return 0;
}

static int decode_png(const unsigned char *data, size_t bytes, const char *what, struct raster *out,
                      struct ir_error *err)
{
    struct raster raster = {0};
    png_image png;
    memset(&png, 0, sizeof png);
    png.version = PNG_IMAGE_VERSION;
    int rc = 0;
    if (png_image_begin_read_from_memory(&png, data, bytes) == 0)
        rc = refuse_picture(err, what, png.message);
    if (rc == 0)
        rc = check_size(png.width, png.height, what, err);
    if (rc == 0 && raster_new((int)png.width, (int)png.height, &raster) != 0)
        rc = refuse_nomem(err);
    png.format = PNG_FORMAT_RGBA;
    if (rc == 0 &&
        (png_image_finish_read(&png, NULL, raster.rgba, 0, NULL) == 0 || PNG_IMAGE_FAILED(png)))
        rc = refuse_picture(err, what, png.message);
    png_image_free(&png);
    if (rc == 0)
        *out = raster;
    else
        raster_release(&raster);
    return rc;
}

static int decode_jpeg(const unsigned char *data, size_t bytes, const char *what,
                       struct raster *out, struct ir_error *err)
{
    struct ir_picture_info info;
    struct image image = {0};
    struct ir_error cause;
    if (ir_picture_probe(data, bytes, &info, &cause) != 0)
        return refuse_picture(err, what, cause.message);
    int rc = check_size((unsigned)info.width_px, (unsigned)info.height_px, what, err);
    if (rc != 0)
        return rc;
    if (image_decode_whole(data, bytes, &image, &cause) != 0)
        return refuse_picture(err, what, cause.message);
    if (raster_new(image.width_px, image.height_px, out) != 0)
        rc = refuse_nomem(err);
    for (size_t i = 0; rc == 0 && i < (size_t)image.width_px * (size_t)image.height_px; i++) {
        memcpy(out->rgba + i * PIXEL_BYTES, image.rgb + i * 3, 3);
        out->rgba[i * PIXEL_BYTES + 3] = 255;
    }
    image_release(&image);
    return rc;
}

int raster_decode(const unsigned char *data, size_t bytes, const char *what, struct raster *out,
                  struct ir_error *err)
{
    static const unsigned char png_mark[] = {0x89, 'P', 'N', 'G'};
    bool is_png = bytes > sizeof png_mark && memcmp(data, png_mark, sizeof png_mark) == 0;
    return is_png ? decode_png(data, bytes, what, out, err)
                  : decode_jpeg(data, bytes, what, out, err);
}

int raster_write_png(const struct raster *raster, struct ir_buf *out)
{
    size_t pixels = (size_t)raster->width_px * (size_t)raster->height_px;
    png_image png;
    memset(&png, 0, sizeof png);
    png.version = PNG_IMAGE_VERSION;
    png.width = (png_uint_32)raster->width_px;
    png.height = (png_uint_32)raster->height_px;
    png.format = PNG_FORMAT_RGB;
    png_alloc_size_t bytes = PNG_IMAGE_PNG_SIZE_MAX(png);
    unsigned char *rgb = ir_malloc(pixels * 3);
    unsigned char *file = ir_malloc(bytes);
    int rc = rgb != NULL && file != NULL ? 0 : IR_ERR_NOMEM;
    for (size_t i = 0; rc == 0 && i < pixels; i++)
        memcpy(rgb + 3 * i, raster->rgba + PIXEL_BYTES * i, 3);
    if (rc == 0 && png_image_write_to_memory(&png, file, &bytes, 0, rgb, 0, NULL) == 0)
        rc = IR_ERR_NOMEM;
    if (rc == 0) {
        ir_buf_append(out, file, bytes);
        rc = out->failed;
    }
    png_image_free(&png);
    ir_free(file);
    ir_free(rgb);
    return rc;
}
