/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The metadata profiles of ImageMagick's images: taking out what must not get about. */
#ifndef PLUGINS_COMMON_METADATA_PROFILES_H
#define PLUGINS_COMMON_METADATA_PROFILES_H

#include <MagickCore/MagickCore.h>

#include <imgrecog/error.h>

/*
 * Takes out what shows or tells the same as pixels that were hidden: embedded thumbnails and
 * previews (EXIF, Photoshop, XMP), maker notes, which may hold either, and positions. What cannot
 * be read is taken out whole. Other fields stay. IR_ERR_NOMEM, IR_ERR_ARG.
 */
IR_MUST_CHECK int metadata_remove_pictures(Image *image, struct ir_error *err);

/*
 * Takes out all profiles but the colour profile, and all properties, which writers put into files.
 * Of EXIF the orientation stays where it is not 1, or a picture would lie on its side.
 */
void metadata_remove_all(Image *image);

/*
 * Takes out the properties that repeat a profile of EXIF, which tell it still when that has been
 * taken out and which PNG's writer writes. Those of TIFF stay: they are all that its reader makes
 * of EXIF.
 */
void metadata_remove_copies(Image *image);

#endif
