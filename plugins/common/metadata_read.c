/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading of metadata. Facts relied on (seen with gexiv2 0.14 on Exiv2 0.28): a file of a kind
 * without metadata (GIF, BMP) opens and is empty, which says nothing about it; a language
 * alternative is `lang="x-default" words`, a list's items are told one by one; a structure's member
 * has its path in its name (Xmp.mwg-rs.Regions/mwg-rs:RegionList[1]/mwg-rs:Name); Exiv2's XMP
 * toolkit is for one thread at a time, and its warnings go to standard error unless muted.
 */
#include "plugins/common/metadata.h"

#include <pthread.h>
#include <string.h>

#include <imgrecog/picture.h>

#include "plugins/common/fail.h"
#include "plugins/common/metadata_private.h"

#define MAX_TAGS 4096 /* of one of EXIF, XMP, IPTC */
#define MAX_ITEMS 64  /* of one list */

static pthread_mutex_t metadata_lock = PTHREAD_MUTEX_INITIALIZER;

gboolean metadata_enter(void)
{
    pthread_mutex_lock(&metadata_lock);
    gexiv2_log_set_level(GEXIV2_LOG_LEVEL_MUTE);
    if (gexiv2_initialize())
        return TRUE;
    pthread_mutex_unlock(&metadata_lock);
    return FALSE;
}

void metadata_leave(void)
{
    pthread_mutex_unlock(&metadata_lock);
}

/* ---- words ------------------------------------------------------------------------------- */

static bool is_drawn(gunichar c)
{
    switch (g_unichar_type(c)) {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_UNASSIGNED:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
        return false;
    default:
        return true;
    }
}

/* Appends `text` to `out`, as much as there is room for whole characters; other white space and
 * what cannot be drawn become one blank. */
static void append(char *out, size_t out_bytes, const char *text)
{
    gchar *valid = g_utf8_make_valid(text, -1);
    size_t used = strlen(out);

    for (const char *c = valid; *c != '\0'; c = g_utf8_next_char(c)) {
        size_t width = (size_t)(g_utf8_next_char(c) - c);
        gunichar code = g_utf8_get_char(c);
        bool is_blank = !is_drawn(code) || g_unichar_isspace(code);

        if (is_blank && (used == 0 || out[used - 1] == ' '))
            continue;
        if (used + width >= out_bytes)
            break;
        memcpy(out + used, is_blank ? " " : c, is_blank ? 1 : width);
        used += is_blank ? 1 : width;
    }
    while (used > 0 && out[used - 1] == ' ')
        used--;
    out[used] = '\0';
    g_free(valid);
}

/* As append, with `separator` between what is there and what comes. */
static void append_item(char *out, size_t out_bytes, const char *separator, const char *text)
{
    size_t used = strlen(out);
    size_t separator_bytes = strlen(separator);

    if (used > 0) {
        if (used + separator_bytes + 1 >= out_bytes)
            return;
        memcpy(out + used, separator, separator_bytes + 1);
        /* A blank at the end stands for the text's own first one. */
        append(out + used + separator_bytes, out_bytes - used - separator_bytes, text);
        if (out[used + separator_bytes] == '\0')
            out[used] = '\0';
        return;
    }
    append(out, out_bytes, text);
}

/* Without `lang="..." ` before a language alternative. */
static const char *skip_language(const char *text)
{
    static const char head[] = "lang=\"";
    const char *end;

    if (strncmp(text, head, sizeof head - 1) != 0)
        return text;
    end = strstr(text + sizeof head - 1, "\" ");
    return end != NULL ? end + 2 : text;
}

/* ---- tags -------------------------------------------------------------------------------- */

static gchar **values_of(GExiv2Metadata *file, const char *tag)
{
    if (!gexiv2_metadata_try_has_tag(file, tag, NULL))
        return NULL;
    return gexiv2_metadata_try_get_tag_multiple(file, tag, NULL);
}

/* The first of `tags` that says something, into `out`. */
static void read_text(GExiv2Metadata *file, const char *const *tags, char *out, size_t out_bytes)
{
    for (; *tags != NULL && out[0] == '\0'; tags++) {
        gchar **values = values_of(file, *tags);

        if (values != NULL && values[0] != NULL)
            append(out, out_bytes, skip_language(values[0]));
        g_strfreev(values);
    }
}

static bool has_item(const char *list, const char *text)
{
    const char *at = strstr(list, text);

    for (; at != NULL; at = strstr(at + 1, text)) {
        const char *end = at + strlen(text);

        if ((at == list || (at >= list + 2 && at[-1] == ' ' && at[-2] == ';')) &&
            (*end == '\0' || *end == ';'))
            return true;
    }
    return false;
}

static void read_keywords(GExiv2Metadata *file, struct metadata *out)
{
    static const char *const tags[] = {"Xmp.dc.subject", "Iptc.Application2.Keywords"};

    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        gchar **values = values_of(file, tags[i]);

        for (size_t n = 0; values != NULL && values[n] != NULL && n < MAX_ITEMS; n++) {
            char word[METADATA_LINE_BYTES] = "";

            append(word, sizeof word, values[n]);
            if (word[0] != '\0' && !has_item(out->keywords, word))
                append_item(out->keywords, sizeof out->keywords, "; ", word);
        }
        g_strfreev(values);
    }
}

static void read_place(GExiv2Metadata *file, struct metadata *out)
{
    static const char *const parts[][4] = {
        {"Xmp.iptc.Location", "Iptc.Application2.SubLocation",
         "Xmp.iptcExt.LocationCreated[1]/Iptc4xmpExt:Sublocation", NULL},
        {"Xmp.photoshop.City", "Iptc.Application2.City",
         "Xmp.iptcExt.LocationCreated[1]/Iptc4xmpExt:City", NULL},
        {"Xmp.photoshop.State", "Iptc.Application2.ProvinceState",
         "Xmp.iptcExt.LocationCreated[1]/Iptc4xmpExt:ProvinceState", NULL},
        {"Xmp.photoshop.Country", "Iptc.Application2.CountryName",
         "Xmp.iptcExt.LocationCreated[1]/Iptc4xmpExt:CountryName", NULL},
    };

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        char part[METADATA_LINE_BYTES] = "";

        read_text(file, parts[i], part, sizeof part);
        if (part[0] != '\0')
            append_item(out->place, sizeof out->place, ", ", part);
    }
}

static void read_words(GExiv2Metadata *file, struct metadata *out)
{
    static const char *const titles[] = {"Xmp.dc.title", "Iptc.Application2.ObjectName",
                                         "Xmp.acdsee.caption", NULL};
    static const char *const headlines[] = {"Xmp.photoshop.Headline", "Iptc.Application2.Headline",
                                            NULL};
    static const char *const descriptions[] = {"Xmp.dc.description", "Iptc.Application2.Caption",
                                               "Exif.Image.ImageDescription", NULL};

    read_text(file, titles, out->title, sizeof out->title);
    read_text(file, headlines, out->headline, sizeof out->headline);
    read_text(file, descriptions, out->description, sizeof out->description);
    read_keywords(file, out);
    read_place(file, out);
}

/* ---- what should not get about ----------------------------------------------------------- */

/*
 * By the last word of a tag's name, so that the notes of every camera maker count. Names that
 * Exiv2 has none for are numbers ("0x0095"), and cannot be told.
 */
static unsigned private_of(const char *tag)
{
    static const struct {
        const char *name;
        unsigned bit;
    } names[] = {
        {"GPSLatitude", IR_PRIVATE_GPS},
        {"GPSLongitude", IR_PRIVATE_GPS},
        {"GPSDestLatitude", IR_PRIVATE_GPS},
        {"GPSDestLongitude", IR_PRIVATE_GPS},
        {"Artist", IR_PRIVATE_OWNER},
        {"XPAuthor", IR_PRIVATE_OWNER},
        {"OwnerName", IR_PRIVATE_OWNER},
        {"CameraOwnerName", IR_PRIVATE_OWNER},
        {"creator", IR_PRIVATE_OWNER},
        {"Byline", IR_PRIVATE_OWNER},
        {"Contact", IR_PRIVATE_OWNER},
        {"CiEmailWork", IR_PRIVATE_OWNER},
        {"CiTelWork", IR_PRIVATE_OWNER},
        {"CiAdrExtadr", IR_PRIVATE_OWNER},
        {"SerialNumber", IR_PRIVATE_SERIAL},
        {"BodySerialNumber", IR_PRIVATE_SERIAL},
        {"CameraSerialNumber", IR_PRIVATE_SERIAL},
        {"InternalSerialNumber", IR_PRIVATE_SERIAL},
        {"LensSerialNumber", IR_PRIVATE_SERIAL},
        {"PersonInImage", IR_PRIVATE_PERSON},
        {"PersonName", IR_PRIVATE_PERSON},
        {"PersonDisplayName", IR_PRIVATE_PERSON},
        {"mwg-rs:Name", IR_PRIVATE_PERSON},
    };
    const char *last = tag;
    unsigned bits = 0;

    for (const char *c = tag; *c != '\0'; c++)
        if (*c == '.' || *c == '/' || (*c == ':' && strncmp(c, ":Name", 5) != 0))
            last = c + 1;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t bytes = strlen(names[i].name);

        /* An item of a list has its number behind its name. */
        if (strncmp(last, names[i].name, bytes) == 0 && (last[bytes] == '\0' || last[bytes] == '['))
            bits |= names[i].bit;
    }
    return bits;
}

/* Whether the tag says anything: cameras write fields of blanks. */
static bool says_something(GExiv2Metadata *file, const char *tag)
{
    gchar *text = gexiv2_metadata_try_get_tag_string(file, tag, NULL);
    bool says = false;

    for (const char *c = text; c != NULL && *c != '\0' && !says; c++)
        says = (unsigned char)*c > ' ';
    g_free(text);
    return says;
}

/* Adds what these tags tell; with more than can be looked at, nothing is known of the file. */
static void read_privates(GExiv2Metadata *file, gchar **tags, struct metadata *out)
{
    size_t i = 0;

    for (; tags != NULL && tags[i] != NULL && i < MAX_TAGS; i++) {
        unsigned bits = private_of(tags[i]);

        if ((bits & ~out->privates) != 0 && says_something(file, tags[i]))
            out->privates |= bits;
    }
    if (tags != NULL && tags[i] != NULL)
        out->is_known = false;
    g_strfreev(tags);
}

/* ---- files ------------------------------------------------------------------------------- */

/* Kinds of which Exiv2 reads the metadata, as it names them. */
static bool is_readable(const char *media_type)
{
    static const char *const types[] = {
        "image/jpeg", "image/png",  "image/tiff", "image/webp", "image/jp2",         "image/heic",
        "image/heif", "image/avif", "image/jxl",  "image/dng",  "image/x-photoshop",
    };

    for (size_t i = 0; media_type != NULL && i < sizeof types / sizeof types[0]; i++)
        if (strcmp(media_type, types[i]) == 0)
            return true;
    return false;
}

int metadata_read(const void *data, size_t data_bytes, struct metadata *out, struct ir_error *err)
{
    GExiv2Metadata *file = NULL;
    int rc = 0;

    *out = (struct metadata){0};
    if (!metadata_enter())
        return common_fail_nomem(err);
    file = gexiv2_metadata_new();
    if (file == NULL) {
        rc = common_fail_nomem(err);
    } else if (gexiv2_metadata_open_buf(file, data, (glong)data_bytes, NULL) &&
               is_readable(gexiv2_metadata_get_mime_type(file))) {
        out->is_known = true;
        read_privates(file, gexiv2_metadata_get_exif_tags(file), out);
        read_privates(file, gexiv2_metadata_get_xmp_tags(file), out);
        read_privates(file, gexiv2_metadata_get_iptc_tags(file), out);
        read_words(file, out);
    }
    if (file != NULL)
        g_object_unref(file);
    metadata_leave();
    return rc;
}

void metadata_context(const struct metadata *metadata, const char *given, char *out,
                      size_t out_bytes)
{
    const struct {
        const char *name;
        const char *text;
    } parts[] = {
        {"", given != NULL ? given : ""},   {"title: ", metadata->title},
        {"headline: ", metadata->headline}, {"keywords: ", metadata->keywords},
        {"place: ", metadata->place},       {"description: ", metadata->description},
    };

    out[0] = '\0';
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        char part[METADATA_TEXT_BYTES * 5];

        if (parts[i].text[0] == '\0')
            continue;
        (void)g_snprintf(part, sizeof part, "%s%s", parts[i].name, parts[i].text);
        append_item(out, out_bytes, " | ", part);
    }
}
