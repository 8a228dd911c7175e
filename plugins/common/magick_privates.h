/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The metadata of an image in memory, for the check task's look at it. */
#ifndef PLUGINS_COMMON_MAGICK_PRIVATES_H
#define PLUGINS_COMMON_MAGICK_PRIVATES_H

#include <MagickCore/MagickCore.h>

#include <imgrecog/picture.h>

/*
 * States what private metadata lies in the image's profiles, for a `picture` that is its rendering.
 * Does nothing where that cannot be known; the check task then says that it could not look.
 */
void magick_privates_tell(struct ir_picture *picture, const Image *image);

#endif
