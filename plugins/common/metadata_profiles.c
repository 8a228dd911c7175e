/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the removal of metadata from an image in memory. EXIF and XMP are read and written by
 * gexiv2, Photoshop's resources by hand: "8BIM", a number, a name padded to an even size, a size,
 * as many bytes padded to an even number (Adobe Photoshop File Formats Specification, "Image
 * Resource Blocks").
 */
#include "plugins/common/metadata_profiles.h"

#include <stdlib.h>
#include <string.h>

#include "plugins/common/fail.h"
#include "plugins/common/magick_outgoing.h"
#include "plugins/common/metadata_profiles_private.h"

#define EXIF_NAME "Exif\0"
#define RESOURCE_HEAD_BYTES 12 /* with an empty name */

/* ---- gexiv2 ------------------------------------------------------------------------------ */

GExiv2Metadata *metadata_open(const void *data, size_t bytes)
{
    static const unsigned char empty[] = {0xff, 0xd8, 0xff, 0xd9}; /* a JPEG of nothing */
    GExiv2Metadata *metadata;

    if (!metadata_enter())
        return NULL;
    metadata = gexiv2_metadata_new();
    if (gexiv2_metadata_open_buf(metadata, data != NULL ? data : empty,
                                 data != NULL ? (glong)bytes : (glong)sizeof empty, NULL))
        return metadata;
    metadata_close(metadata);
    return NULL;
}

void metadata_close(GExiv2Metadata *metadata)
{
    g_clear_object(&metadata);
    metadata_leave();
}

/* Profiles and properties set it not by themselves. */
static void note_change(Image *image)
{
    image->taint = MagickTrue;
}

bool metadata_put_profile(Image *image, const char *name, const void *data, size_t bytes)
{
    ExceptionInfo *exception = AcquireExceptionInfo();
    StringInfo *profile = BlobToStringInfo(data, bytes);
    bool ok = profile != NULL && SetImageProfile(image, name, profile, exception) != MagickFalse;

    if (profile != NULL)
        DestroyStringInfo(profile);
    DestroyExceptionInfo(exception);
    note_change(image);
    return ok;
}

static void drop_profile(Image *image, const char *name)
{
    (void)DeleteImageProfile(image, name);
    note_change(image);
}

/* ---- EXIF -------------------------------------------------------------------------------- */

/* Groups without pictures and positions: what a photographer wants to keep. */
static bool is_kept_exif(const char *tag)
{
    static const char *const groups[] = {"Exif.Image.", "Exif.Photo.", "Exif.Iop."};
    static const char *const dropped[] = {
        "Exif.Photo.MakerNote",         "Exif.Image.GPSTag",          "Exif.Image.XMLPacket",
        "Exif.Image.ImageResources",    "Exif.Image.IPTCNAA",         "Exif.Image.SubIFDs",
        "Exif.Image.DNGPrivateData",    "Exif.Image.JPEGTables",      "Exif.Image.PreviewImage",
        "Exif.Image.InterColorProfile", "Exif.Image.ImageSourceData",
    };
    bool is_known = false;

    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
        is_known = is_known || g_str_has_prefix(tag, groups[i]);
    for (size_t i = 0; i < sizeof dropped / sizeof dropped[0]; i++)
        is_known = is_known && strcmp(tag, dropped[i]) != 0;
    return is_known;
}

static bool clean_exif(GExiv2Metadata *metadata)
{
    char **tags = gexiv2_metadata_get_exif_tags(metadata);
    bool ok = true;

    gexiv2_metadata_try_erase_exif_thumbnail(metadata, NULL);
    for (size_t i = 0; tags != NULL && tags[i] != NULL; i++)
        if (!is_kept_exif(tags[i]))
            (void)gexiv2_metadata_try_clear_tag(metadata, tags[i], NULL);
    g_strfreev(tags);
    tags = gexiv2_metadata_get_exif_tags(metadata);
    for (size_t i = 0; tags != NULL && tags[i] != NULL; i++)
        ok = ok && is_kept_exif(tags[i]);
    g_strfreev(tags);
    return ok;
}

/* The EXIF block without what is dropped; NULL when it cannot be read, or nothing is left. */
static GBytes *rewrite_exif(const unsigned char *data, size_t bytes)
{
    GExiv2Metadata *metadata;
    GByteArray *named = g_byte_array_new();
    GBytes *out = NULL;

    if (bytes < sizeof EXIF_NAME || memcmp(data, EXIF_NAME, sizeof EXIF_NAME) != 0)
        g_byte_array_append(named, (const guint8 *)EXIF_NAME, sizeof EXIF_NAME);
    g_byte_array_append(named, data, (guint)bytes);
    metadata = metadata_open(NULL, 0);
    if (metadata != NULL) {
        if (gexiv2_metadata_from_app1_segment(metadata, named->data, (glong)named->len, NULL) &&
            gexiv2_metadata_has_exif(metadata) && clean_exif(metadata))
            out = gexiv2_metadata_get_exif_data(metadata, GEXIV2_BYTE_ORDER_LITTLE, NULL);
        metadata_close(metadata);
    }
    g_byte_array_unref(named);
    return out;
}

static bool clean_exif_profile(Image *image)
{
    const StringInfo *profile = GetImageProfile(image, "exif");
    GByteArray *named;
    GBytes *clean;
    gsize bytes = 0;
    const void *data;
    bool ok;

    if (profile == NULL)
        return true;
    clean = rewrite_exif(GetStringInfoDatum(profile), GetStringInfoLength(profile));
    drop_profile(image, "exif");
    if (clean == NULL)
        return true;
    data = g_bytes_get_data(clean, &bytes);
    named = g_byte_array_new();
    g_byte_array_append(named, (const guint8 *)EXIF_NAME, sizeof EXIF_NAME);
    g_byte_array_append(named, data, (guint)bytes);
    ok = metadata_put_profile(image, "exif", named->data, named->len);
    g_byte_array_unref(named);
    g_bytes_unref(clean);
    return ok;
}

/* ---- XMP --------------------------------------------------------------------------------- */

static bool is_dropped_xmp(const char *tag)
{
    static const char *const prefixes[] = {
        "Xmp.xmp.Thumbnails", "Xmp.xmpGImg.", "Xmp.exif.GPS",           "Xmp.GImage.",
        "Xmp.GDepth.",        "Xmp.GCamera.", "Xmp.Container.",         "Xmp.exif.MakerNote",
        "Xmp.GAudio.",        "Xmp.xapGImg.", "Xmp.photoshop.Document",
    };

    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (g_str_has_prefix(tag, prefixes[i]))
            return true;
    return false;
}

/*
 * A tag of an array or structure goes with its members: those are cleared last to first, so that
 * none changes its number before its turn.
 */
static void clean_xmp(GExiv2Metadata *metadata)
{
    char **tags = gexiv2_metadata_get_xmp_tags(metadata);
    size_t count = tags != NULL ? g_strv_length(tags) : 0;

    while (count-- > 0)
        if (is_dropped_xmp(tags[count]))
            (void)gexiv2_metadata_try_clear_tag(metadata, tags[count], NULL);
    g_strfreev(tags);
}

static bool holds(const char *text, const char *word)
{
    return strstr(text, word) != NULL;
}

/* The packet without what is dropped; NULL when it cannot be read or the rest is not clean. */
static char *rewrite_xmp(const unsigned char *data, size_t bytes)
{
    GExiv2Metadata *metadata = metadata_open(data, bytes);
    char *out;

    if (metadata == NULL)
        return NULL;
    clean_xmp(metadata);
    out = gexiv2_metadata_try_generate_xmp_packet(metadata, GEXIV2_OMIT_PACKET_WRAPPER, 0, NULL);
    metadata_close(metadata);
    if (out != NULL &&
        (holds(out, "GImg:image") || holds(out, "GPSLatitude") || holds(out, "GImage:Data")))
        g_clear_pointer(&out, g_free);
    return out;
}

static bool clean_xmp_profile(Image *image)
{
    const StringInfo *profile = GetImageProfile(image, "xmp");
    char *clean;
    bool ok;

    if (profile == NULL)
        return true;
    clean = rewrite_xmp(GetStringInfoDatum(profile), GetStringInfoLength(profile));
    drop_profile(image, "xmp");
    ok = clean == NULL || metadata_put_profile(image, "xmp", clean, strlen(clean));
    g_free(clean);
    return ok;
}

/* ---- Photoshop's resources --------------------------------------------------------------- */

static bool is_dropped_resource(unsigned number)
{
    static const unsigned dropped[] = {
        1033, 1036, /* thumbnails */
        1058, 1059, /* EXIF */
        1060,       /* XMP */
    };

    for (size_t i = 0; i < sizeof dropped / sizeof dropped[0]; i++)
        if (dropped[i] == number)
            return true;
    return false;
}

static size_t even(size_t bytes)
{
    return bytes + (bytes & 1);
}

/* The size of the resource at `data`, its padding included; 0 when it is none. */
static size_t resource_bytes(const unsigned char *data, size_t bytes, unsigned *out_number)
{
    size_t name_bytes, at, size;

    if (bytes < RESOURCE_HEAD_BYTES || memcmp(data, "8BIM", 4) != 0)
        return 0;
    *out_number = (unsigned)data[4] << 8 | data[5];
    name_bytes = even(1 + (size_t)data[6]);
    at = 6 + name_bytes;
    if (bytes < at + 4)
        return 0;
    size = (size_t)data[at] << 24 | (size_t)data[at + 1] << 16 | (size_t)data[at + 2] << 8 |
           (size_t)data[at + 3];
    if (size > bytes - at - 4)
        return 0;
    size = at + 4 + even(size);
    return size < bytes ? size : bytes; /* the last may lack its padding */
}

static bool clean_resources(Image *image)
{
    const StringInfo *profile = GetImageProfile(image, "8bim");
    const unsigned char *data = profile != NULL ? GetStringInfoDatum(profile) : NULL;
    size_t bytes = profile != NULL ? GetStringInfoLength(profile) : 0;
    GByteArray *kept = g_byte_array_new();
    bool ok = true;

    while (bytes > 0) {
        unsigned number = 0;
        size_t size = resource_bytes(data, bytes, &number);

        if (size == 0)
            break; /* what cannot be read goes */
        if (!is_dropped_resource(number))
            g_byte_array_append(kept, data, (guint)size);
        data += size;
        bytes -= size;
    }
    if (profile != NULL) {
        drop_profile(image, "8bim");
        ok = kept->len == 0 || metadata_put_profile(image, "8bim", kept->data, kept->len);
    }
    g_byte_array_unref(kept);
    return ok;
}

/* ---- the rest ---------------------------------------------------------------------------- */

/* The names that `is_wanted` takes, of profiles or properties; to be freed with g_ptr_array_unref.
 */
static GPtrArray *names_of(const Image *image, bool of_profiles, metadata_name_fn is_wanted)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    const char *name;

    if (of_profiles)
        ResetImageProfileIterator(image);
    else
        ResetImagePropertyIterator(image);
    while ((name = of_profiles ? GetNextImageProfile(image) : GetNextImageProperty(image)) != NULL)
        if (is_wanted(name))
            g_ptr_array_add(names, g_strdup(name));
    return names;
}

void metadata_drop(Image *image, bool of_profiles, metadata_name_fn is_dropped)
{
    GPtrArray *names = names_of(image, of_profiles, is_dropped);

    for (guint i = 0; i < names->len; i++) {
        if (of_profiles)
            drop_profile(image, names->pdata[i]);
        else
            (void)DeleteImageProperty(image, names->pdata[i]);
        note_change(image);
    }
    g_ptr_array_unref(names);
}

/* Application segments of JPEG that ImageMagick passes on as they are: previews, FlashPix. */
static bool is_application(const char *name)
{
    return LocaleNCompare(name, "app", 3) == 0;
}

/* Properties that say again what EXIF and XMP say; ImageMagick reads them anew when asked. */
static bool is_copied_property(const char *name)
{
    static const char *const prefixes[] = {"exif:GPS", "exif:thumbnail", "exif:MakerNote",
                                           "xmp:", "8bim:"};

    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (LocaleNCompare(name, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    return false;
}

int metadata_remove_pictures(Image *image, struct ir_error *err)
{
    bool ok = clean_exif_profile(image);

    ok = clean_xmp_profile(image) && ok;
    ok = clean_resources(image) && ok;
    metadata_drop(image, true, is_application);
    metadata_drop(image, false, is_copied_property);
    return ok ? 0 : common_fail_nomem(err);
}

static bool is_exif_property(const char *name)
{
    return LocaleNCompare(name, "exif:", 5) == 0;
}

void metadata_remove_copies(Image *image)
{
    static const char *const only[] = {"TIFF", "PTIF", "MIFF", "MPC"};

    for (size_t i = 0; i < sizeof only / sizeof only[0]; i++)
        if (LocaleNCompare(image->magick, only[i], strlen(only[i])) == 0)
            return;
    metadata_drop(image, false, is_exif_property);
}

static bool is_not_color(const char *name)
{
    return LocaleCompare(name, "icc") != 0 && LocaleCompare(name, "icm") != 0;
}

/* How JPEG was sampled is no metadata: the writer asks for it. */
static bool is_not_jpeg(const char *name)
{
    return LocaleNCompare(name, "jpeg:", 5) != 0;
}

/*
 * EXIF that says nothing but how the picture is to be turned, as Exif 2.32, 4.6 has it: a TIFF
 * header (little-endian), and one field (274, SHORT).
 */
static void keep_orientation(Image *image, int orientation)
{
    const unsigned char exif[] = {'E', 'x',  'i',  'f', 0,
                                  0,   'I',  'I',  42,  0,
                                  8,   0,    0,    0,   1,
                                  0,   0x12, 0x01, 3,   0,
                                  1,   0,    0,    0,   (unsigned char)orientation,
                                  0,   0,    0,    0,   0,
                                  0,   0};
    StringInfo *profile = BlobToStringInfo(exif, sizeof exif);

    if (profile == NULL)
        return;
    (void)SetImageProfile(image, "exif", profile, NULL);
    DestroyStringInfo(profile);
}

void metadata_remove_all(Image *image)
{
    static const char key[] = "png:exclude-chunk";
    int orientation = outgoing_orientation(image);

    metadata_drop(image, true, is_not_color);
    metadata_drop(image, false, is_not_jpeg);
    if (GetImageArtifact(image, key) == NULL) /* or the writer makes new ones */
        (void)SetImageArtifact(
            image, key, orientation != 1 ? "iTXt,tEXt,zTXt,date" : "eXIf,iTXt,tEXt,zTXt,date");
    if (orientation != 1)
        keep_orientation(image, orientation);
}
