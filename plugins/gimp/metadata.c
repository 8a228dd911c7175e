/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns tags and their forms. GimpMetadata is a GExiv2Metadata, and libgimp
 * brings its functions.
 *
 * IPTC-IIM has lengths: Caption/Abstract 2,000 bytes, Object Name 64, Keywords 64 each
 * (https://www.iptc.org/std/IIM/4.2/specification/IIMV4.2.pdf); CharacterSet ESC % G says UTF-8.
 * AltTextAccessibility is a language alternative:
 * https://www.iptc.org/std/photometadata/specification/IPTC-PhotoMetadata#alt-text-accessibility
 */
#include "plugins/gimp/metadata.h"

#include <string.h>

#include "plugins/common/fail.h"
#include "plugins/common/gexiv2.h"
#include "plugins/gimp/i18n.h"

#define IPTC_CAPTION_BYTES 2000
#define IPTC_TITLE_BYTES 64
#define IPTC_KEYWORD_BYTES 64
#define MAX_KEYWORDS 200U
#define SEGMENT_BYTES 65533U /* of JPEG, with the two bytes of its length */
#define EXIF_HEAD "Exif\0"
#define XMP_HEAD "http://ns.adobe.com/xap/1.0/"

struct writer {
    GExiv2Metadata *metadata;
    GError *error; /* the first one */
};

static void set(struct writer *writer, const char *tag, const char *value)
{
    if (writer->error == NULL && value != NULL)
        gexiv2_metadata_try_set_tag_string(writer->metadata, tag, value, &writer->error);
}

/* Cut at a character. */
static void set_iptc(struct writer *writer, const char *tag, const char *value, size_t most_bytes)
{
    char *cut, *end;

    if (value == NULL)
        return;
    cut = g_strdup(value);
    if (strlen(cut) > most_bytes) {
        end = g_utf8_find_prev_char(cut, cut + most_bytes + 1);
        *(end != NULL ? end : cut) = '\0';
    }
    set(writer, "Iptc.Envelope.CharacterSet", "\033%G");
    set(writer, tag, cut);
    g_free(cut);
}

/*
 * A language alternative. GIMP 3.0 and 3.2, with gexiv2 0.14, drop what stands behind the first
 * comma of one when they keep or export metadata; a semicolon loses nothing and reads the same.
 */
static void set_language_alternative(struct writer *writer, const char *tag, const char *value)
{
    char *words;

    if (value == NULL)
        return;
    words = g_strconcat("lang=\"x-default\" ", value, NULL);
    set(writer, tag, g_strdelimit(words, ",", ';'));
    g_free(words);
}

static void add_keywords(struct writer *writer, const char *tag, const char *const *keywords,
                         size_t most_bytes)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(g_free);
    char **there = writer->error == NULL
                       ? gexiv2_metadata_try_get_tag_multiple(writer->metadata, tag, NULL)
                       : NULL;

    for (size_t i = 0; there != NULL && there[i] != NULL && all->len < MAX_KEYWORDS; i++)
        g_ptr_array_add(all, g_strdup(there[i]));
    for (size_t i = 0; keywords[i] != NULL && all->len < MAX_KEYWORDS; i++) {
        if (strlen(keywords[i]) <= most_bytes &&
            !g_ptr_array_find_with_equal_func(all, keywords[i], g_str_equal, NULL))
            g_ptr_array_add(all, g_strdup(keywords[i]));
    }
    g_ptr_array_add(all, NULL);
    if (writer->error == NULL && all->len > 1)
        gexiv2_metadata_try_set_tag_multiple(writer->metadata, tag, (const gchar **)all->pdata,
                                             &writer->error);
    g_ptr_array_free(all, TRUE);
    g_strfreev(there);
}

static void set_disclosure(struct writer *writer, const struct metadata_words *words)
{
    char *uri;

    if (words->digital_source_type == NULL)
        return;
    uri = g_strconcat("http://cv.iptc.org/newscodes/digitalsourcetype/", words->digital_source_type,
                      NULL);
    set(writer, "Xmp.iptcExt.DigitalSourceType", uri);
    set(writer, "Xmp.iptcExt.AISystemUsed", words->ai_system);
    set(writer, "Xmp.iptcExt.AISystemVersionUsed", words->ai_version);
    g_free(uri);
}

static void set_all(struct writer *writer, const struct metadata_words *words)
{
    set_language_alternative(writer, "Xmp.dc.description", words->description);
    set(writer, "Exif.Image.ImageDescription", words->description);
    set_language_alternative(writer, "Xmp.dc.title", words->title);
    set_language_alternative(writer, "Xmp.iptc.AltTextAccessibility", words->alt_text);
    set_iptc(writer, "Iptc.Application2.Caption", words->iptc_caption, IPTC_CAPTION_BYTES);
    set_iptc(writer, "Iptc.Application2.ObjectName", words->title, IPTC_TITLE_BYTES);
    if (words->keywords != NULL && words->keywords[0] != NULL) {
        add_keywords(writer, "Xmp.dc.subject", words->keywords, G_MAXSIZE);
        set(writer, "Iptc.Envelope.CharacterSet", "\033%G");
        add_keywords(writer, "Iptc.Application2.Keywords", words->keywords, IPTC_KEYWORD_BYTES);
    }
    set_disclosure(writer, words);
}

static bool put_comment(GimpImage *image, const char *comment)
{
    GimpParasite *parasite =
        gimp_parasite_new("gimp-comment", GIMP_PARASITE_PERSISTENT | GIMP_PARASITE_UNDOABLE,
                          (guint32)strlen(comment) + 1, comment);
    bool attached = gimp_image_attach_parasite(image, parasite);

    gimp_parasite_free(parasite);
    return attached;
}

int metadata_put(GimpImage *image, const struct metadata_words *words, struct ir_error *err)
{
    GimpMetadata *metadata = gimp_image_get_metadata(image);
    struct writer writer = {NULL, NULL};
    bool accepted;
    int rc = 0;

    if (metadata == NULL)
        metadata = gimp_metadata_new();
    writer.metadata = GEXIV2_METADATA(metadata);
    set_all(&writer, words);
    accepted = writer.error == NULL && gimp_image_set_metadata(image, metadata);
    if (accepted && words->comment != NULL)
        accepted = put_comment(image, words->comment);
    if (!accepted)
        rc = common_fail(err, IR_ERR_ARG, _("The picture itself is as it was."),
                         _("The image's metadata could not be written: %s."),
                         writer.error != NULL ? writer.error->message : _("GIMP refused it"));
    g_clear_error(&writer.error);
    g_object_unref(metadata);
    return rc;
}

/* ---- orientation ------------------------------------------------------------------------- */

/*
 * GIMP 3.0 clears the tag in gimp-image-policy-rotate alone, which it calls itself for a window,
 * and does so too where the preferences keep pictures as they lie. Turning an image by another call
 * leaves the tag, so nothing tells whether what bears one is upright.
 */
int metadata_check_upright(GimpImage *image, struct ir_error *err)
{
    GimpMetadata *metadata = gimp_image_get_metadata(image);
    int orientation;

    if (metadata == NULL)
        return 0;
    orientation = (int)gexiv2_metadata_try_get_orientation(GEXIV2_METADATA(metadata), NULL);
    g_object_unref(metadata);
    if (orientation <= 1 || orientation > 8)
        return 0;
    return common_fail(err, IR_ERR_ARG,
                       _("(gimp-image-policy-rotate image FALSE) turns it as GIMP's preferences "
                         "say and clears the orientation. Call it before you turn the image in "
                         "another way; what was turned already is to be turned back after it."),
                       _("The image's metadata have the orientation %d still, by which it is to be "
                         "turned."),
                       orientation);
}

/* ---- for judging ------------------------------------------------------------------------- */

void metadata_take(GimpImage *image, GBytes **out_exif, char **out_xmp)
{
    GimpMetadata *metadata = gimp_image_get_metadata(image);

    *out_exif = NULL;
    *out_xmp = NULL;
    if (metadata == NULL)
        return;
    gexiv2_metadata_try_erase_exif_thumbnail(GEXIV2_METADATA(metadata), NULL);
    *out_exif =
        gexiv2_metadata_get_exif_data(GEXIV2_METADATA(metadata), GEXIV2_BYTE_ORDER_LITTLE, NULL);
    *out_xmp = gexiv2_metadata_try_generate_xmp_packet(GEXIV2_METADATA(metadata),
                                                       GEXIV2_OMIT_PACKET_WRAPPER, 0, NULL);
    g_object_unref(metadata);
}

static void add_segment(GByteArray *out, const char *head, size_t head_bytes, const void *data,
                        size_t bytes)
{
    size_t length = 2 + head_bytes + bytes;
    guint8 start[] = {0xFF, 0xE1, (guint8)(length >> 8), (guint8)length};

    if (bytes == 0 || length > SEGMENT_BYTES)
        return;
    g_byte_array_append(out, start, sizeof start);
    g_byte_array_append(out, (const guint8 *)head, (guint)head_bytes);
    g_byte_array_append(out, data, (guint)bytes);
}

void metadata_join(GBytes *exif, const char *xmp, const unsigned char *jpeg, size_t jpeg_bytes,
                   unsigned char **out, size_t *out_bytes)
{
    GByteArray *joined = g_byte_array_new();
    gsize bytes = 0;
    const void *data = exif != NULL ? g_bytes_get_data(exif, &bytes) : NULL;

    g_byte_array_append(joined, jpeg, 2); /* SOI */
    /* gexiv2's begins with the head, or not: it depends on the file that it came from. */
    if (bytes >= sizeof EXIF_HEAD && memcmp(data, EXIF_HEAD, sizeof EXIF_HEAD) == 0)
        add_segment(joined, "", 0, data, bytes);
    else
        add_segment(joined, EXIF_HEAD, sizeof EXIF_HEAD, data, bytes);
    if (xmp != NULL)
        add_segment(joined, XMP_HEAD, sizeof XMP_HEAD, xmp, strlen(xmp));
    g_byte_array_append(joined, jpeg + 2, (guint)(jpeg_bytes - 2));
    *out_bytes = joined->len;
    *out = g_byte_array_free(joined, FALSE);
}
