/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a task needs to know of a picture; the public half is imgrecog/picture.h. */
#ifndef CORE_TASK_PICTURE_H
#define CORE_TASK_PICTURE_H

#include <imgrecog/picture.h>

#include <stdbool.h>

#include <imgrecog/geometry.h>

#include "core/aws/http.h"
#include "core/task/exif.h"

#define IR_PICTURE_EXIF_BYTES 36

struct ir_picture {
    char *source;     /* may be NULL */
    const void *data; /* the caller's */
    size_t data_bytes;
    struct ir_picture_info info; /* of the bytes */
    int upright_width_px;        /* of what results report */
    int upright_height_px;
    int orientation; /* of the file, for the result document */
    /* How boxes of the service must be turned to be upright: 1 for JPEG, whose orientation the
     * service obeys, the eXIf orientation for PNG, which it ignores. */
    int box_orientation;
    unsigned char exif[IR_PICTURE_EXIF_BYTES]; /* our own segment, with the orientation only */
    struct ir_span *spans;                     /* what is sent */
    size_t span_count;
    size_t span_capacity;
    size_t sent_bytes;
    unsigned privates; /* enum ir_private of what the file holds; none of it is sent */
    bool is_rendering; /* of a file whose metadata is not known */
    bool is_encoded;   /* the bytes were made from a file, and are not its own */
};

/* Models see a picture as it lies. IR_ERR_ARG: it lies turned in its file. */
IR_MUST_CHECK int ir_picture_check_upright(const struct ir_picture *picture, struct ir_error *err);

/*
 * When a JPEG or PNG was taken (ir_exif_captured), of which the beginning is enough. `out` is left
 * as it was, and false, when that is not said.
 */
bool ir_picture_captured(const void *data, size_t data_bytes, char out[IR_EXIF_DATE_CHARS + 1]);

#endif
