/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of ImageMagick's profiles and properties gets into the files that it writes. */
#ifndef PLUGINS_COMMON_MAGICK_METADATA_H
#define PLUGINS_COMMON_MAGICK_METADATA_H

#include <stdbool.h>

#include <MagickCore/MagickCore.h>

/*
 * True when PNG's writer leaves all properties of the image out, as it does after -strip, which
 * takes most of them away in this manner only.
 */
bool magick_leaves_texts_out(const Image *image);

/*
 * Whether what writers would put into a file as metadata is the same of both: profiles, properties,
 * resolution, place on the page. Of properties those do not count that no writer puts there, that
 * repeat a profile, and that tell the times of the file. Moves the iterators of both.
 */
bool magick_has_same_metadata(const Image *a, const Image *b);

#endif
