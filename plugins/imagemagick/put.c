/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns what of a picture is uploaded and under which name. */
#include "plugins/imagemagick/put.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <imgrecog/upload.h>

#include "plugins/common/fail.h"
#include "plugins/common/magick_error.h"
#include "plugins/common/magick_outgoing.h"

#define MAX_FILE_BYTES (512UL << 20)

int put_target_init(struct put_target *out, const struct ir_settings *settings,
                    size_t picture_count, struct ir_error *err)
{
    size_t chars;
    int rc = ir_s3_uri_parse(ir_settings_get(settings, "upload"), &out->uri, err);

    if (rc != 0)
        return rc;
    chars = strlen(out->uri.key);
    out->is_prefix = chars == 0 || out->uri.key[chars - 1] == '/';
    if (out->is_prefix || picture_count == 1)
        return 0;
    return common_fail(err, IR_ERR_ARG, "End it in /: the pictures keep their names behind it.",
                       "upload: %zu pictures cannot have one key.", picture_count);
}

void put_name(const Image *image, char out[PUT_NAME_BYTES])
{
    const char *path = image->magick_filename;
    const char *slash = strrchr(path, '/');
    const char *colon;
    const char *dot;
    size_t bytes;

    path = slash != NULL ? slash + 1 : path;
    colon = slash == NULL ? strchr(path, ':') : NULL; /* a format in front: "jpeg:a.jpg" */
    path = colon != NULL ? colon + 1 : path;
    bytes = strcspn(path, "["); /* a part of a file: "a.gif[0]" */
    dot = strrchr(path, '.');
    if (dot != NULL && dot > path && (size_t)(dot - path) < bytes)
        bytes = (size_t)(dot - path);
    if (bytes == 0 || bytes > PUT_NAME_BYTES - 32 || (bytes == 1 && *path == '-'))
        snprintf(out, PUT_NAME_BYTES, "picture");
    else
        snprintf(out, PUT_NAME_BYTES, "%.*s", (int)bytes, path);
}

/* The image as a PNG file, to be freed with RelinquishMagickMemory; NULL with `exception` set. */
static void *encode_png(const Image *image, size_t *out_bytes, ExceptionInfo *exception)
{
    Image *copy = CloneImage(image, 0, 0, MagickTrue, exception); /* without its list */
    ImageInfo *info = AcquireImageInfo();
    void *png = NULL;

    if (copy != NULL) {
        snprintf(copy->magick, sizeof copy->magick, "PNG");
        snprintf(info->magick, sizeof info->magick, "PNG");
        png = ImageToBlob(info, copy, out_bytes, exception);
        DestroyImage(copy);
    }
    DestroyImageInfo(info);
    return png;
}

static int complete_key(struct ir_s3_uri *uri, const char *name, const char *ending,
                        struct ir_error *err)
{
    size_t used = strlen(uri->key);
    int written = snprintf(uri->key + used, sizeof uri->key - used, "%s.%s", name, ending);

    if (written >= 0 && (size_t)written < sizeof uri->key - used)
        return 0;
    return common_fail(err, IR_ERR_ARG, "Use a shorter prefix.", "The object's key is too long.");
}

/* The ending that stands for the bytes of a file. */
static const char *ending_of(const unsigned char *file)
{
    return file[0] == 0xff ? "jpg" : "png";
}

int put_image(const struct put_job *job, char out_uri[PUT_URI_BYTES], struct ir_error *err)
{
    ExceptionInfo *exception = AcquireExceptionInfo();
    struct ir_upload_options options = job->options;
    struct ir_s3_uri uri = job->target->uri;
    struct ir_upload_result stored;
    size_t bytes = 0;
    unsigned char *file =
        job->is_as_read ? outgoing_file(job->image, MAX_FILE_BYTES, &bytes) : NULL;
    void *png = file == NULL ? encode_png(job->image, &bytes, exception) : NULL;
    int rc = 0;

    if (file == NULL && png == NULL)
        rc = fail_magick(exception, "encode the picture as PNG", err);
    if (rc == 0 && job->target->is_prefix)
        rc = complete_key(&uri, job->name, file != NULL ? ending_of(file) : "png", err);
    options.bucket = uri.bucket;
    options.key = uri.key;
    if (rc == 0)
        rc = ir_upload_data(job->client, file != NULL ? (const void *)file : png, bytes, &options,
                            &stored, err);
    if (rc == 0)
        snprintf(out_uri, PUT_URI_BYTES, "%s", stored.uri);
    free(file);
    RelinquishMagickMemory(png);
    DestroyExceptionInfo(exception);
    return rc;
}
