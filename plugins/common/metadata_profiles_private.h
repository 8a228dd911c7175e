/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files about the profiles of ImageMagick's images share. */
#ifndef PLUGINS_COMMON_METADATA_PROFILES_PRIVATE_H
#define PLUGINS_COMMON_METADATA_PROFILES_PRIVATE_H

#include <stdbool.h>

#include <MagickCore/MagickCore.h>

#include "plugins/common/metadata_private.h"

/*
 * The metadata of a file or packet (borrowed), an empty set where `data` is NULL, and the lock that
 * all use of gexiv2 needs; NULL, without the lock, when it cannot be read. metadata_close gives
 * both back. A set is opened once: gexiv2 0.16 frees it twice when it fails to open it anew.
 */
GExiv2Metadata *metadata_open(const void *data, size_t bytes);
void metadata_close(GExiv2Metadata *metadata);

/*
 * Takes out the profiles, or else the properties, whose names `is_dropped` takes. Names are copied
 * first: ImageMagick frees the one in its list before it is done with it.
 */
typedef bool (*metadata_name_fn)(const char *name);
void metadata_drop(Image *image, bool of_profiles, metadata_name_fn is_dropped);

/* Copies the bytes into the image's profile `name`, in place of an earlier one. */
bool metadata_put_profile(Image *image, const char *name, const void *data, size_t bytes);

#endif
