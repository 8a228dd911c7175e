/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a picture's metadata says that matters here: how it lies, and whether it tells where it was
 * taken or who took it. Source: Exif 2.32 (a TIFF structure of IFDs), XMP (XML as text).
 */
#ifndef CORE_TASK_EXIF_H
#define CORE_TASK_EXIF_H

#include <stddef.h>

#include <imgrecog/picture.h>

/* EXIF's orientation, 1 to 8; 1 when `data` (from its "II" or "MM" on) has none or is damaged. */
int ir_exif_orientation(const unsigned char *data, size_t bytes);
/* enum ir_private of a TIFF structure; of a damaged one what can be read. */
unsigned ir_exif_privates(const unsigned char *data, size_t bytes);
/* The same of an XMP packet. */
unsigned ir_xmp_privates(const unsigned char *data, size_t bytes);

#endif
