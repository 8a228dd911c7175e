/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a picture's metadata says that matters here: how it lies, and whether it tells where it was
 * taken or who took it. Source: Exif 2.32 (a TIFF structure of IFDs), XMP (XML as text), PNG, third
 * edition (11.3.3, keywords of texts).
 */
#ifndef CORE_TASK_EXIF_H
#define CORE_TASK_EXIF_H

#include <stdbool.h>
#include <stddef.h>

#include <imgrecog/picture.h>

/* EXIF's orientation, 1 to 8; 1 when `data` (from its "II" or "MM" on) has none or is damaged. */
int ir_exif_orientation(const unsigned char *data, size_t bytes);
#define IR_EXIF_DATE_CHARS 14 /* "YYYYMMDDHHMMSS" */
/*
 * When the picture was taken, by the camera's clock (DateTimeOriginal): writes the digits and a NUL
 * to `out`. False, with `out` as it was, when it does not say or says no time that there is.
 */
bool ir_exif_captured(const unsigned char *data, size_t bytes, char out[IR_EXIF_DATE_CHARS + 1]);
/* enum ir_private of a TIFF structure; of a damaged one what can be read. */
unsigned ir_exif_privates(const unsigned char *data, size_t bytes);
/* The same of an XMP packet. */
unsigned ir_xmp_privates(const unsigned char *data, size_t bytes);
/*
 * The same of a PNG text: its keyword, a NUL, and what it says. What stands in a keyword before a
 * colon is left out, and so is all but letters and digits: programs put EXIF there by its names
 * ("exif:GPSLatitude", "tiff:artist", "Author"). Free words (Comment, Description) are not judged.
 */
unsigned ir_text_privates(const unsigned char *data, size_t bytes);

#endif
