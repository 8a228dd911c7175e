/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads IFDs of 12-byte entries (tag, type, count, value or offset), each bounds checked. Of XMP
 * and of PNG's texts only the names are read.
 */
#include "core/task/exif.h"

#include <string.h>

#include "core/base/ascii.h"

#define MAX_ENTRIES 512
#define KEYWORD_BYTES 80 /* of a PNG text, with the NUL */
#define ENTRY_BYTES 12

enum tag {
    TAG_GPS_LATITUDE = 2,
    TAG_GPS_LONGITUDE = 4,
    TAG_ORIENTATION = 274,
    TAG_ARTIST = 315,
    TAG_EXIF_IFD = 34665,
    TAG_GPS_IFD = 34853,
    TAG_DATE_TIME_ORIGINAL = 36867,
    TAG_OWNER_NAME = 42032,
    TAG_BODY_SERIAL = 42033,
    TAG_LENS_SERIAL = 42037,
};

struct tiff {
    const unsigned char *data;
    size_t bytes;
    bool big_endian;
};

static unsigned tiff16(const struct tiff *tiff, size_t at)
{
    const unsigned char *p = tiff->data + at;
    return tiff->big_endian ? (unsigned)p[0] << 8 | p[1] : (unsigned)p[1] << 8 | p[0];
}

static size_t tiff32(const struct tiff *tiff, size_t at)
{
    return tiff->big_endian ? (size_t)tiff16(tiff, at) << 16 | tiff16(tiff, at + 2)
                            : (size_t)tiff16(tiff, at + 2) << 16 | tiff16(tiff, at);
}

/* True with the place of the first IFD. */
static bool open_tiff(const unsigned char *data, size_t bytes, struct tiff *out, size_t *out_ifd)
{
    *out = (struct tiff){data, bytes, false};
    if (bytes < 8 || (memcmp(data, "II", 2) != 0 && memcmp(data, "MM", 2) != 0))
        return false;
    out->big_endian = data[0] == 'M';
    *out_ifd = tiff32(out, 4);
    return true;
}

/* The place of the entry with this tag; 0 when there is none. */
static size_t find_entry(const struct tiff *tiff, size_t ifd, unsigned tag)
{
    if (ifd > tiff->bytes - 2)
        return 0;
    size_t entries = tiff16(tiff, ifd);
    for (size_t i = 0; i < entries && i < MAX_ENTRIES; i++) {
        size_t entry = ifd + 2 + i * ENTRY_BYTES;
        if (entry + ENTRY_BYTES > tiff->bytes)
            return 0;
        if (tiff16(tiff, entry) == tag)
            return entry;
    }
    return 0;
}

/* The IFD that an entry leads to; past the end when there is none. */
static size_t find_ifd(const struct tiff *tiff, size_t ifd, unsigned tag)
{
    size_t entry = find_entry(tiff, ifd, tag);
    return entry > 0 ? tiff32(tiff, entry + 8) : tiff->bytes;
}

int ir_exif_orientation(const unsigned char *data, size_t bytes)
{
    struct tiff tiff;
    size_t ifd = 0;
    if (!open_tiff(data, bytes, &tiff, &ifd))
        return 1;
    size_t entry = find_entry(&tiff, ifd, TAG_ORIENTATION);
    unsigned value = entry > 0 ? tiff16(&tiff, entry + 8) : 1;
    return value >= 1 && value <= 8 ? (int)value : 1;
}

/* Two digits. */
static bool is_within(const char *digits, int min, int max)
{
    int number = (digits[0] - '0') * 10 + digits[1] - '0';
    return number >= min && number <= max;
}

bool ir_exif_captured(const unsigned char *data, size_t bytes, char out[IR_EXIF_DATE_CHARS + 1])
{
    static const char form[] = "####:##:## ##:##:##";
    char digits[IR_EXIF_DATE_CHARS + 1] = "";
    struct tiff tiff;
    size_t ifd = 0;
    size_t chars = 0;
    if (!open_tiff(data, bytes, &tiff, &ifd))
        return false;
    size_t entry = find_entry(&tiff, find_ifd(&tiff, ifd, TAG_EXIF_IFD), TAG_DATE_TIME_ORIGINAL);
    size_t at = entry > 0 ? tiff32(&tiff, entry + 8) : bytes;
    if (entry == 0 || tiff32(&tiff, entry + 4) < sizeof form - 1 || at > bytes ||
        bytes - at < sizeof form - 1)
        return false;
    for (size_t i = 0; form[i] != '\0'; i++) {
        char c = (char)data[at + i];
        if (form[i] == '#' ? !ir_ascii_is_digit(c) : c != form[i])
            return false;
        if (form[i] == '#')
            digits[chars++] = c;
    }
    if (!is_within(digits + 4, 1, 12) || !is_within(digits + 6, 1, 31) ||
        !is_within(digits + 8, 0, 23) || !is_within(digits + 10, 0, 59) ||
        !is_within(digits + 12, 0, 60))
        return false;
    memcpy(out, digits, sizeof digits);
    return true;
}

/* Whether the entry holds more than an empty text (a lone NUL or blanks). */
static bool has_text(const struct tiff *tiff, size_t ifd, unsigned tag)
{
    size_t entry = find_entry(tiff, ifd, tag);
    if (entry == 0)
        return false;
    size_t count = tiff32(tiff, entry + 4);
    size_t at = count <= 4 ? entry + 8 : tiff32(tiff, entry + 8);
    for (size_t i = 0; i < count && at + i < tiff->bytes; i++)
        if (tiff->data[at + i] > ' ')
            return true;
    return false;
}

unsigned ir_exif_privates(const unsigned char *data, size_t bytes)
{
    struct tiff tiff;
    size_t first = 0;
    unsigned found = 0;
    if (!open_tiff(data, bytes, &tiff, &first))
        return 0;
    size_t exif = find_ifd(&tiff, first, TAG_EXIF_IFD);
    size_t gps = find_ifd(&tiff, first, TAG_GPS_IFD);
    if (find_entry(&tiff, gps, TAG_GPS_LATITUDE) > 0 ||
        find_entry(&tiff, gps, TAG_GPS_LONGITUDE) > 0)
        found |= IR_PRIVATE_GPS;
    if (has_text(&tiff, first, TAG_ARTIST) || has_text(&tiff, exif, TAG_OWNER_NAME))
        found |= IR_PRIVATE_OWNER;
    if (has_text(&tiff, exif, TAG_BODY_SERIAL) || has_text(&tiff, exif, TAG_LENS_SERIAL))
        found |= IR_PRIVATE_SERIAL;
    return found;
}

unsigned ir_xmp_privates(const unsigned char *data, size_t bytes)
{
    static const struct {
        const char *name;
        unsigned bit;
    } names[] = {
        {"exif:GPSLatitude", IR_PRIVATE_GPS},
        {"exif:GPSLongitude", IR_PRIVATE_GPS},
        {"dc:creator", IR_PRIVATE_OWNER},
        {"aux:OwnerName", IR_PRIVATE_OWNER},
        {"exifEX:CameraOwnerName", IR_PRIVATE_OWNER},
        {"aux:SerialNumber", IR_PRIVATE_SERIAL},
        {"exifEX:BodySerialNumber", IR_PRIVATE_SERIAL},
        {"aux:LensSerialNumber", IR_PRIVATE_SERIAL},
        {"Iptc4xmpExt:PersonInImage", IR_PRIVATE_PERSON},
        {"mwg-rs:Name", IR_PRIVATE_PERSON},
        {"MPReg:PersonDisplayName", IR_PRIVATE_PERSON},
    };
    unsigned found = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (memmem(data, bytes, names[i].name, strlen(names[i].name)) != NULL)
            found |= names[i].bit;
    return found;
}

/* What of a keyword is compared: the letters and digits behind its last colon, in small letters. */
static void take_name(const char *keyword, size_t bytes, char out[KEYWORD_BYTES])
{
    size_t chars = 0;
    for (size_t i = 0; i < bytes && chars + 1 < KEYWORD_BYTES; i++) {
        char c = ir_ascii_lower(keyword[i]);
        if (c == ':')
            chars = 0;
        else if (ir_ascii_is_digit(c) || (c >= 'a' && c <= 'z'))
            out[chars++] = c;
    }
    out[chars] = '\0';
}

unsigned ir_text_privates(const unsigned char *data, size_t bytes)
{
    static const struct {
        const char *name;
        unsigned bit;
    } names[] = {
        {"gpslatitude", IR_PRIVATE_GPS},
        {"gpslongitude", IR_PRIVATE_GPS},
        {"gpsdestlatitude", IR_PRIVATE_GPS},
        {"gpsdestlongitude", IR_PRIVATE_GPS},
        {"artist", IR_PRIVATE_OWNER},
        {"author", IR_PRIVATE_OWNER},
        {"byline", IR_PRIVATE_OWNER},
        {"contact", IR_PRIVATE_OWNER},
        {"creator", IR_PRIVATE_OWNER},
        {"creatorcontactinfo", IR_PRIVATE_OWNER},
        {"ciemailwork", IR_PRIVATE_OWNER},
        {"photographer", IR_PRIVATE_OWNER},
        {"xpauthor", IR_PRIVATE_OWNER},
        {"winxpauthor", IR_PRIVATE_OWNER}, /* as ImageMagick calls it */
        {"personinimage", IR_PRIVATE_PERSON},
        {"persondisplayname", IR_PRIVATE_PERSON},
        {"ownername", IR_PRIVATE_OWNER},
        {"cameraownername", IR_PRIVATE_OWNER},
        {"serialnumber", IR_PRIVATE_SERIAL},
        {"bodyserialnumber", IR_PRIVATE_SERIAL},
        {"cameraserialnumber", IR_PRIVATE_SERIAL},
        {"internalserialnumber", IR_PRIVATE_SERIAL},
        {"lensserialnumber", IR_PRIVATE_SERIAL},
    };
    const unsigned char *end = memchr(data, '\0', bytes);
    char name[KEYWORD_BYTES];
    bool says = false;
    if (end == NULL)
        return 0;
    for (const unsigned char *c = end; c < data + bytes && !says; c++)
        says = *c > ' ';
    take_name((const char *)data, (size_t)(end - data), name);
    for (size_t i = 0; says && i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i].name) == 0)
            return names[i].bit;
    return 0;
}
