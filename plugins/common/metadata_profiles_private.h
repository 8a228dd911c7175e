/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files about the profiles of ImageMagick's images share. */
#ifndef PLUGINS_COMMON_METADATA_PROFILES_PRIVATE_H
#define PLUGINS_COMMON_METADATA_PROFILES_PRIVATE_H

#include <stdbool.h>

#include <MagickCore/MagickCore.h>

#include "plugins/common/metadata_private.h"

/*
 * An empty set of metadata, and the lock that all use of gexiv2 needs; NULL, without the lock, when
 * there is none to be had. metadata_close gives both back.
 */
GExiv2Metadata *metadata_open(void);
void metadata_close(GExiv2Metadata *metadata);

/* Copies the bytes into the image's profile `name`, in place of an earlier one. */
bool metadata_put_profile(Image *image, const char *name, const void *data, size_t bytes);

#endif
