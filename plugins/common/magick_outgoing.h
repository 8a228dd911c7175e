/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ImageMagick's image on its way out: as the bytes of its own file where that is honest, else
 * encoded. For front ends that stand on MagickCore.
 */
#ifndef PLUGINS_COMMON_MAGICK_OUTGOING_H
#define PLUGINS_COMMON_MAGICK_OUTGOING_H

#include <MagickCore/MagickCore.h>

#include <imgrecog/picture.h>

#include "plugins/common/encode.h"

struct outgoing {
    struct ir_picture *picture; /* owned; reads from `bytes` */
    unsigned char *bytes;       /* owned, by free() */
    size_t byte_count;
};

/* EXIF's number for how the image's pixels lie: 1 to 8, 1 when it is not known. */
int outgoing_orientation(const Image *image);
/* The orientation that turns an upright picture as this one stores it. */
int outgoing_inverse(int orientation);

/*
 * Makes the picture to send from `image`, which is not changed. One thread per image. Blocks for
 * reading its file or for encoding.
 * IR_ERR_ARG: too small, or it cannot be converted. IR_ERR_TOO_LARGE, IR_ERR_NOMEM.
 */
IR_MUST_CHECK int outgoing_init(struct outgoing *out, const Image *image,
                                const struct encode_limits *limits, struct ir_error *err);
void outgoing_release(struct outgoing *outgoing);

/*
 * The image's own file, when it has at most `max_bytes` and nothing that was done to the image
 * speaks against it, to pixels or metadata; to be freed with free(). NULL: it has none, it may have
 * been changed, or memory ran out. Reads the file once more; a PNG with all its pixels.
 */
unsigned char *outgoing_file(const Image *image, size_t max_bytes, size_t *out_bytes);

#endif
