/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the use of libpng, by its simplified interface. */
#include "plugins/gimp/png.h"

#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "plugins/common/fail.h"
#include "plugins/gimp/i18n.h"

int png_write(const struct png_samples *samples, unsigned char **out, size_t *out_bytes,
              struct ir_error *err)
{
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)samples->width_px,
                       .height = (png_uint_32)samples->height_px,
                       .format = samples->channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB,
                       .flags = PNG_IMAGE_FLAG_FAST};
    png_alloc_size_t bytes = PNG_IMAGE_PNG_SIZE_MAX(image);
    unsigned char *data = malloc(bytes);

    if (data == NULL ||
        !png_image_write_to_memory(&image, data, &bytes, 0, samples->data, 0, NULL)) {
        free(data);
        png_image_free(&image);
        return common_fail_nomem(err);
    }
    *out = data;
    *out_bytes = bytes;
    return 0;
}

int png_read(const void *data, size_t bytes, unsigned char **out_rgba, int *out_width_px,
             int *out_height_px, struct ir_error *err)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    unsigned char *rgba = NULL;

    if (!png_image_begin_read_from_memory(&image, data, bytes) || image.width > PNG_MAX_SIDE_PX ||
        image.height > PNG_MAX_SIDE_PX) {
        png_image_free(&image);
        return common_fail(err, IR_ERR_RESPONSE, _("Try again, or with another model."), "%s",
                           _("The picture that came cannot be read."));
    }
    image.format = PNG_FORMAT_RGBA;
    rgba = malloc(PNG_IMAGE_SIZE(image));
    if (rgba == NULL) {
        png_image_free(&image);
        return common_fail_nomem(err);
    }
    if (!png_image_finish_read(&image, NULL, rgba, 0, NULL)) {
        free(rgba);
        return common_fail(err, IR_ERR_RESPONSE, _("Try again, or with another model."), "%s",
                           _("The picture that came is damaged."));
    }
    *out_rgba = rgba;
    *out_width_px = (int)image.width;
    *out_height_px = (int)image.height;
    return 0;
}
