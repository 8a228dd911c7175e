/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a file's metadata says (EXIF, XMP, IPTC), of all kinds of pictures that Exiv2 reads, by
 * gexiv2. The library's own reader knows JPEG and PNG and no IPTC.
 */
#ifndef PLUGINS_COMMON_METADATA_H
#define PLUGINS_COMMON_METADATA_H

#include <stdbool.h>
#include <stddef.h>

#include <imgrecog/error.h>

#define METADATA_LINE_BYTES 256
#define METADATA_TEXT_BYTES 1024

/*
 * Texts are UTF-8 in one line without control and formatting characters, cut where they are too
 * long; "" for none. A file may say anything: they are data, whoever reads them.
 */
struct metadata {
    /* All of it was looked at: the file is of a kind whose metadata can be read, and whole. */
    bool is_known;
    unsigned privates; /* enum ir_private; what was seen, also where not all was */
    char title[METADATA_LINE_BYTES];
    char headline[METADATA_LINE_BYTES];
    char description[METADATA_TEXT_BYTES];
    char keywords[METADATA_TEXT_BYTES]; /* "beach; dog": a keyword may have a comma in it */
    char place[METADATA_TEXT_BYTES];    /* "Haeundae, Busan, South Korea": words, no position */
};

/*
 * Reads the file in `data` (borrowed). A kind that is not known, and a damaged file, are no
 * failure: `out` is empty then. Any thread; one at a time, the others wait. IR_ERR_NOMEM.
 */
IR_MUST_CHECK int metadata_read(const void *data, size_t data_bytes, struct metadata *out,
                                struct ir_error *err);

/*
 * Title, headline, description, keywords and place as one line for the caption task's `context`,
 * into `out` (cut at a character where it is too small, always terminated). `given` (NULL = none)
 * is what the user has said himself, and goes first. "" when there is nothing.
 */
void metadata_context(const struct metadata *metadata, const char *given, char *out,
                      size_t out_bytes);

#endif
