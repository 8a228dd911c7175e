/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The upload task: a picture becomes an object of S3. */
#ifndef IMAGEMAGICK_PUT_H
#define IMAGEMAGICK_PUT_H

#include <semaphore.h>
#include <stdbool.h>

#include <MagickCore/MagickCore.h>

#include <imgrecog/fetch.h>
#include <imgrecog/settings.h>

/* Where objects go. */
struct put_target {
    struct ir_s3_uri uri; /* whose key is a template (imgrecog/key.h) */
    bool tells_apart;     /* pictures of different names have different keys */
};

/* Reads the setting `upload`. IR_ERR_ARG: no address, or a template that is none. */
IR_MUST_CHECK int put_target_init(struct put_target *out, const struct ir_settings *settings,
                                  struct ir_error *err);

#define PUT_URI_BYTES (IR_S3_URI_BUCKET_BYTES + IR_S3_URI_KEY_BYTES + 8)

/* One upload. All is borrowed. */
struct put_job {
    struct ir_client *client;
    struct ir_upload_options options; /* without bucket and key */
    const struct put_target *target;
    sem_t *encoders;  /* held while the image is encoded */
    const char *name; /* in the key, without an ending */
    const Image *image;
    bool is_as_read; /* nothing that is known here has changed the image since it was read */
};

/*
 * Puts the file's own bytes when the image was read from a JPEG or PNG and nothing was done to it,
 * else the image as PNG. `out_uri` gets its address.
 * IR_ERR_ARG: the image cannot be encoded; IR_ERR_TOO_LARGE: the key; the codes of ir_upload_data.
 */
IR_MUST_CHECK int put_image(const struct put_job *job, char out_uri[PUT_URI_BYTES],
                            struct ir_error *err);

#endif
