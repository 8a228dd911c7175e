/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results written into the metadata profiles of ImageMagick's images. Adds, never replaces. */
#ifndef PLUGINS_COMMON_METADATA_WRITE_H
#define PLUGINS_COMMON_METADATA_WRITE_H

#include <MagickCore/MagickCore.h>

#include <imgrecog/result.h>

/*
 * Merges into the image's XMP what `result` says: names of labels and the caption's keywords into
 * dc:subject, caption, title and alt text where there is none yet, and boxes as regions (MWG's and
 * IPTC's Image Region), which lie in the pixels as they are stored. Every other field stays.
 * IR_ERR_ARG: the XMP that is there cannot be read; it is left as it was. IR_ERR_NOMEM.
 */
IR_MUST_CHECK int metadata_write_xmp(Image *image, const struct ir_result *result,
                                     struct ir_error *err);

/*
 * The same for IPTC IIM: keywords and caption, in UTF-8. Old values in another character set are
 * taken for Latin-1 and kept. IR_ERR_ARG: the IPTC that is there is damaged; it is left as it was.
 */
IR_MUST_CHECK int metadata_write_iptc(Image *image, const struct ir_result *result,
                                      struct ir_error *err);

/*
 * Merges the statement that a machine made the picture (IPTC DigitalSourceType and the system's
 * name) from the XMP of `made` into that of `image`. IR_ERR_ARG, IR_ERR_NOMEM.
 */
IR_MUST_CHECK int metadata_write_disclosure(Image *image, const Image *made, struct ir_error *err);

#endif
