/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The image as a file's bytes, written by GIMP's own export procedures, in memory: they are given
 * the path of a descriptor without a name, so nothing touches a disk and nothing is left behind
 * when GIMP ends the plug-in. Main thread.
 */
#ifndef PLUGINS_GIMP_EXPORT_MEMORY_H
#define PLUGINS_GIMP_EXPORT_MEMORY_H

#include <stdbool.h>

#include <libgimp/gimp.h>

#include <imgrecog/error.h>

enum export_format { EXPORT_PNG, EXPORT_JPEG, EXPORT_WEBP, EXPORT_XCF };

/* "png" and so on: as a file name ends. */
const char *export_extension(enum export_format format);
/* Whether this GIMP can write it. */
bool export_is_there(enum export_format format);

/*
 * Writes `image` as it is seen (XCF: with all its layers). Without `with_metadata`, Exif, XMP, IPTC
 * and comment are left out; an XCF always has them. The image does not count as saved.
 * IR_ERR_ARG: GIMP could not. IR_ERR_NOMEM.
 */
IR_MUST_CHECK int export_to_memory(GimpImage *image, enum export_format format, bool with_metadata,
                                   GBytes **out, struct ir_error *err);

#endif
