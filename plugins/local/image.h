/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The picture under analysis: upright 8-bit RGB, shrunk to what the recognisers can use, and gray
 * copies of it at the sizes they want.
 */
#ifndef PLUGINS_LOCAL_IMAGE_H
#define PLUGINS_LOCAL_IMAGE_H

#include <stddef.h>

#include <imgrecog/error.h>

#define IMAGE_MAX_BYTES 5242880U         /* Rekognition's limit for inline pictures */
#define IMAGE_MAX_STORED_BYTES 15728640U /* and for those in S3 */
#define IMAGE_MIN_SIDE_PX 80
#define IMAGE_MAX_SIDE_PX 10000
#define IMAGE_ANALYSIS_SIDE_PX 1568 /* the longer side that recognisers see at most */

struct image {
    int width_px; /* upright, as analysed */
    int height_px;
    unsigned char *rgb; /* 3 bytes a pixel, no padding */
};

struct gray {
    int width_px;
    int height_px;
    unsigned char *pixels;
};

/*
 * Decodes a JPEG or PNG (borrowed). A JPEG is turned upright by its EXIF orientation, a PNG is
 * taken as stored, as Rekognition does. Refused: not JPEG or PNG, damaged or cut off, over
 * IMAGE_MAX_BYTES, sides outside the limits (looked at before a pixel is decoded).
 */
IR_MUST_CHECK int image_decode(const unsigned char *data, size_t bytes, struct image *out,
                               struct ir_error *err);
/* The same of at most IMAGE_MAX_STORED_BYTES. */
IR_MUST_CHECK int image_decode_stored(const unsigned char *data, size_t bytes, struct image *out,
                                      struct ir_error *err);
/* A JPEG of at most IMAGE_MAX_STORED_BYTES with all its pixels, upright. */
IR_MUST_CHECK int image_decode_whole(const unsigned char *data, size_t bytes, struct image *out,
                                     struct ir_error *err);
void image_release(struct image *image);

/*
 * Luma (ITU-R BT.601) of the picture, scaled so that the longer side is at most `max_side_px` and,
 * by enlarging at most three times, at least `min_side_px`. IR_ERR_NOMEM.
 */
IR_MUST_CHECK int gray_from_image(const struct image *image, int min_side_px, int max_side_px,
                                  struct gray *out);
void gray_release(struct gray *gray);

/*
 * For the decoders: both give stored pixels, a PNG with the longer side at most
 * IMAGE_ANALYSIS_SIDE_PX, a JPEG at most `max_side_px`.
 */
IR_MUST_CHECK int image_decode_jpeg(const unsigned char *data, size_t bytes, int max_side_px,
                                    struct image *out, struct ir_error *err);
IR_MUST_CHECK int image_decode_png(const unsigned char *data, size_t bytes, struct image *out,
                                   struct ir_error *err);
/* Turns stored pixels upright in place (the memory is replaced). IR_ERR_NOMEM. */
IR_MUST_CHECK int image_turn_upright(struct image *image, int orientation);

#endif
