/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns what of a picture is uploaded and under which name. */
#include "plugins/imagemagick/put.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <imgrecog/key.h>
#include <imgrecog/upload.h>

#include "plugins/common/fail.h"
#include "plugins/common/magick_error.h"
#include "plugins/common/magick_outgoing.h"
#include "plugins/common/metadata_profiles.h"
#include "plugins/common/pool.h"
#include "plugins/imagemagick/names.h"

#define MAX_FILE_BYTES (512UL << 20)
#define ENDING_BYTES 8 /* with the dot */

/*
 * Whether the template gives pictures of different names different keys, whatever else is known of
 * them: what stands beside names in a key is equally long for all, endings too.
 */
static int has_name(const char *template, bool *out, struct ir_error *err)
{
    static const struct ir_key_data files[] = {{"a.png", "", 0, 1}, {"b.png", "", 0, 1}};
    char first[IR_KEY_BYTES];
    char second[IR_KEY_BYTES];
    int rc = ir_key_of_data(template, &files[0], first, err);

    if (rc == 0)
        rc = ir_key_of_data(template, &files[1], second, err);
    if (rc == 0)
        *out = strcmp(first, second) != 0;
    return rc;
}

int put_target_init(struct put_target *out, const struct ir_settings *settings,
                    struct ir_error *err)
{
    int rc = ir_s3_uri_parse(ir_settings_get(settings, "upload"), &out->uri, err);

    return rc == 0 ? has_name(out->uri.key, &out->tells_apart, err) : rc;
}

/* The image as a PNG file, to be freed with RelinquishMagickMemory; NULL with `exception` set. */
static void *encode_png(const Image *image, size_t *out_bytes, ExceptionInfo *exception)
{
    Image *copy = CloneImage(image, 0, 0, MagickTrue, exception); /* without its list */
    ImageInfo *info = AcquireImageInfo();
    void *png = NULL;

    if (copy != NULL) {
        metadata_remove_copies(copy);
        snprintf(copy->magick, sizeof copy->magick, "PNG");
        snprintf(info->magick, sizeof info->magick, "PNG");
        png = ImageToBlob(info, copy, out_bytes, exception);
        DestroyImage(copy);
    }
    DestroyImageInfo(info);
    return png;
}

/* What ImageMagick noted on reading, taken for UTC; 0: it is not known. */
static int64_t noted_unix_s(const Image *image, const char *property, const char *form)
{
    const char *noted = GetImageProperty(image, property, NULL);
    struct tm utc = {0};

    if (noted == NULL || strptime(noted, form, &utc) == NULL)
        return 0;
    return (int64_t)timegm(&utc);
}

/*
 * When the picture was taken, of which a PNG that is made of a TIFF has no EXIF; else when the file
 * was last changed.
 */
static int64_t time_unix_s(const Image *image)
{
    int64_t taken = noted_unix_s(image, "exif:DateTimeOriginal", "%Y:%m:%d %H:%M:%S");

    return taken != 0 ? taken : noted_unix_s(image, "date:modify", "%Y-%m-%dT%H:%M:%S+00:00");
}

static int find_key(const struct put_job *job, const char *ending, const void *data,
                    size_t data_bytes, char out[IR_KEY_BYTES], struct ir_error *err)
{
    char name[NAME_BYTES + ENDING_BYTES];
    const struct ir_key_data facts = {name, data, data_bytes, time_unix_s(job->image)};

    snprintf(name, sizeof name, "%s.%s", job->name, ending);
    return ir_key_of_data(job->target->uri.key, &facts, out, err);
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
    struct ir_upload_result stored;
    char key[IR_KEY_BYTES];
    size_t bytes = 0;
    unsigned char *file;
    void *png;
    const void *data;
    int rc = 0;

    pool_take_turn(job->encoders);
    file = job->is_as_read ? outgoing_file(job->image, MAX_FILE_BYTES, &bytes) : NULL;
    png = file == NULL ? encode_png(job->image, &bytes, exception) : NULL;
    sem_post(job->encoders);
    data = file != NULL ? file : png;
    if (data == NULL)
        rc = fail_magick(exception, "encode the picture as PNG", err);
    if (rc == 0)
        rc = find_key(job, file != NULL ? ending_of(file) : "png", data, bytes, key, err);
    options.bucket = job->target->uri.bucket;
    options.key = key;
    if (rc == 0)
        rc = ir_upload_data(job->client, data, bytes, &options, &stored, err);
    if (rc == 0)
        snprintf(out_uri, PUT_URI_BYTES, "%s", stored.uri);
    free(file);
    RelinquishMagickMemory(png);
    DestroyExceptionInfo(exception);
    return rc;
}
