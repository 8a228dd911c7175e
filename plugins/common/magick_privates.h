/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The metadata of an image in memory, for the check task's look at it. */
#ifndef PLUGINS_COMMON_MAGICK_PRIVATES_H
#define PLUGINS_COMMON_MAGICK_PRIVATES_H

#include <MagickCore/MagickCore.h>

#include <imgrecog/picture.h>

/*
 * States what private metadata the image would take into a file of JPEG, PNG, TIFF or WebP, for
 * the `picture` that is sent of it; what the bytes of that hold does not count, since the image may
 * have been given more, or less. Where it cannot be known, the check task says that it could not
 * look. IR_ERR_NOMEM.
 */
IR_MUST_CHECK int magick_privates_tell(struct ir_picture *picture, const Image *image,
                                       struct ir_error *err);

#endif
