/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Words in the image's metadata as GIMP keeps them: XMP and IPTC-IIM. GIMP writes them into files
 * that it saves or exports, exports only where the user leaves the boxes for metadata ticked.
 */
#ifndef PLUGINS_GIMP_METADATA_H
#define PLUGINS_GIMP_METADATA_H

#include <stdbool.h>

#include <libgimp/gimp.h>

#include <imgrecog/error.h>

/*
 * NULL: is left as it is. Borrowed. Commas of what becomes a language alternative in XMP become
 * semicolons, since GIMP would cut it there; Exif and IPTC have the words as they are.
 */
struct metadata_words {
    const char *description;     /* Xmp dc:description, Exif ImageDescription */
    const char *iptc_caption;    /* Iptc Caption, cut at 2,000 bytes */
    const char *alt_text;        /* Iptc4xmpCore AltTextAccessibility */
    const char *title;           /* Xmp dc:title, Iptc ObjectName */
    const char *const *keywords; /* ended by NULL; added to those that are there */
    const char *comment;         /* GIMP's comment: also Exif UserComment and ImageDescription */
    const char *digital_source_type; /* Iptc4xmpExt, a term of cv.iptc.org/newscodes/... */
    const char *ai_system;
    const char *ai_version;
};

/* Changes the image inside the caller's undo group. IR_ERR_ARG: GIMP or gexiv2 refused. */
IR_MUST_CHECK int metadata_put(GimpImage *image, const struct metadata_words *words,
                               struct ir_error *err);

/*
 * Puts Exif and XMP of the image into a copy of `jpeg`, so that what the image carries can be
 * judged; nothing of it is sent. `*out` is freed with g_free; NULL when the image has none.
 */
void metadata_join(GBytes *exif, const char *xmp, const unsigned char *jpeg, size_t jpeg_bytes,
                   unsigned char **out, size_t *out_bytes);
/* The two parts for metadata_join; main thread. NULL where the image has none. */
void metadata_take(GimpImage *image, GBytes **out_exif, char **out_xmp);

/* IR_ERR_ARG: the metadata say that the image is to be turned, which a script has to do. An image
 * that was turned by another call than gimp-image-policy-rotate is refused, too. */
IR_MUST_CHECK int metadata_check_upright(GimpImage *image, struct ir_error *err);

#endif
