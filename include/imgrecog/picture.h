/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A picture on its way to a service: JPEG or PNG bytes whose private metadata is left behind.
 *
 * Nothing is decoded and nothing is copied: the picture is a list of pieces of the caller's bytes.
 * For JPEG, the EXIF, XMP, IPTC and comment segments are left out (with them GPS position, names,
 * serial numbers and the embedded thumbnail) and a new EXIF segment that holds the orientation and
 * nothing else stands in their place when it is not 1; colour profile and picture data stay. For
 * PNG, the text, time and eXIf chunks are left out. PNG pixels are sent as stored, because
 * Rekognition ignores an orientation there; boxes are turned by the eXIf orientation afterwards.
 */
#ifndef IMGRECOG_PICTURE_H
#define IMGRECOG_PICTURE_H

#include <stddef.h>

#include <imgrecog/error.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ir_picture;

/* What a file's metadata may tell that should not get about; bits. */
enum ir_private {
    IR_PRIVATE_GPS = 1 << 0,   /* a position */
    IR_PRIVATE_OWNER = 1 << 1, /* whose it is: artist, owner, creator */
    /* a number of camera or lens, which is the same in all its pictures */
    IR_PRIVATE_SERIAL = 1 << 2,
    IR_PRIVATE_PERSON = 1 << 3, /* who is in the picture */
};

/* What the header of a JPEG or PNG file says. */
struct ir_picture_info {
    const char *media_type; /* "image/jpeg" or "image/png", static */
    int width_px;           /* as stored */
    int height_px;
    int orientation; /* EXIF's, 1 to 8; 1 when the file has none */
    /* 1 gray, 3 colour (a palette too); of PNG 2 and 4 with alpha (a palette's
     * too); of JPEG 4 for CMYK; 0 unknown */
    int channels;
};

/*
 * Reads the header in `data` (borrowed). Reads no pixel, so a cut-off file may pass.
 * IR_ERR_ARG: not a JPEG or PNG, or the header is damaged.
 */
IR_PUBLIC IR_MUST_CHECK int ir_picture_probe(const void *data, size_t data_bytes,
                                             struct ir_picture_info *out, struct ir_error *err);

/*
 * Makes a picture of a whole JPEG or PNG file in memory. `data` is borrowed and must stay unchanged
 * until ir_picture_free. `source` names it in the result document and in errors: a path, "-" or any
 * words; copied, may be NULL.
 * IR_ERR_ARG: not a JPEG or PNG, or damaged. IR_ERR_NOMEM.
 */
IR_PUBLIC IR_MUST_CHECK int ir_picture_new(const void *data, size_t data_bytes, const char *source,
                                           struct ir_picture **out, struct ir_error *err);

/*
 * States that the bytes are an upright rendering of another picture (converted, scaled): its
 * upright size and the orientation with which it lies in its file are what results report.
 */
IR_PUBLIC void ir_picture_set_original(struct ir_picture *picture, int upright_width_px,
                                       int upright_height_px, int orientation);

/*
 * States whose rendering the bytes are: the file's private metadata (position, names, serial
 * numbers), which is not sent, is what the check task reports, beside what is known already. `data`
 * is borrowed during the call. Does nothing when it is not a JPEG or PNG: then the check task says
 * that it could not look.
 */
IR_PUBLIC void ir_picture_set_original_file(struct ir_picture *picture, const void *data,
                                            size_t data_bytes);

/*
 * States that the metadata in the bytes is not the picture's, which a program has changed since it
 * read them: what is known is forgotten, and the check task says that it could not look, until one
 * of the two calls around this one tells what the picture has now.
 */
IR_PUBLIC void ir_picture_forget_privates(struct ir_picture *picture);

/*
 * States what else is known of the file's private metadata (enum ir_private): for kinds of files
 * and of metadata that the core does not read. Adds to what it has read itself; with it, a
 * rendering's file counts as looked at.
 */
IR_PUBLIC void ir_picture_add_privates(struct ir_picture *picture, unsigned privates);

/* The number of bytes that will be sent. */
IR_PUBLIC size_t ir_picture_sent_bytes(const struct ir_picture *picture);

/* The caller's bytes stay the caller's. NULL is allowed. */
IR_PUBLIC void ir_picture_free(struct ir_picture *picture);

#ifdef __cplusplus
}
#endif
#endif
