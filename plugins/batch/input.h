/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A picture on the command line: a file, an object of S3 or standard input, fit to send. */
#ifndef PLUGINS_BATCH_INPUT_H
#define PLUGINS_BATCH_INPUT_H

#include <imgrecog/picture.h>

#include "plugins/batch/commands.h"
#include "plugins/common/encode.h"

#define INPUT_MAX_FILE_BYTES (512UL << 20)

struct input {
    struct ir_picture *picture; /* owned; reads from `bytes` or `encoded` */
    unsigned char *bytes;       /* owned: the file */
    void *object;               /* owned: the object of S3, in place of a file */
    unsigned char *encoded;     /* owned: what is sent in its place; NULL = the file itself */
    const void *file;           /* borrowed from the above: the file's own bytes */
    size_t file_bytes;
    bool is_other; /* of no kind of picture that is known here */
};

/*
 * Reads `name` ("-" is standard input, s3://bucket/key an object, got with `session`'s client).
 * JPEG and PNG within `limits` go as they are; what is too large, turned where that matters, or of
 * another kind that ImageMagick reads (TIFF, WebP, HEIC, AVIF, GIF's first frame, BMP, JPEG XL,
 * JPEG 2000, PSD) is made an upright JPEG. The kind is told by the first bytes, never by the name.
 * Release `out` afterwards, on failure too. IR_ERR_ARG: not readable, not a picture, damaged;
 * IR_ERR_TOO_LARGE; IR_ERR_NOMEM.
 */
IR_MUST_CHECK int input_init(struct input *out, const struct session *session, const char *name,
                             const struct encode_limits *limits, struct ir_error *err);
void input_release(struct input *input);

#endif
