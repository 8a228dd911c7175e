/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Puts an image's EXIF and XMP profiles into a JPEG file of no pixels, the form in which the core
 * looks at metadata. A segment holds 65,533 bytes (ITU-T T.81, B.1.1.4); what is longer cannot be
 * told. Some of ImageMagick's readers (TIFF's) keep EXIF as properties and no profile.
 */
#include "plugins/common/magick_privates.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SEGMENT_MAX_BYTES 65533
#define FRAME_BYTES 14
#define XMP_NAME "http://ns.adobe.com/xap/1.0/" /* with its NUL */
#define EXIF_NAME "Exif\0"

/* A growing file; the room is known to be enough. */
struct file {
    unsigned char *data;
    size_t bytes;
};

static void put(struct file *file, const void *data, size_t bytes)
{
    memcpy(file->data + file->bytes, data, bytes);
    file->bytes += bytes;
}

static void put_segment(struct file *file, const char *name, size_t name_bytes, const void *data,
                        size_t bytes)
{
    size_t length = 2 + name_bytes + bytes;
    const unsigned char head[] = {0xff, 0xe1, (unsigned char)(length >> 8),
                                  (unsigned char)(length & 0xff)};

    put(file, head, sizeof head);
    put(file, name, name_bytes);
    put(file, data, bytes);
}

/* True when `data` begins with the segment's own name already, as JPEG's EXIF profile does. */
static bool is_named(const void *data, size_t bytes, const char *name, size_t name_bytes)
{
    return bytes >= name_bytes && memcmp(data, name, name_bytes) == 0;
}

/* False when the profile does not fit. */
static bool put_profile(struct file *file, const Image *image, const char *key, const char *name,
                        size_t name_bytes)
{
    const StringInfo *profile = GetImageProfile(image, key);
    const unsigned char *data;
    size_t bytes;

    if (profile == NULL)
        return true;
    data = GetStringInfoDatum(profile);
    bytes = GetStringInfoLength(profile);
    if (bytes + name_bytes > SEGMENT_MAX_BYTES)
        return false;
    if (is_named(data, bytes, name, name_bytes))
        name_bytes = 0;
    put_segment(file, name, name_bytes, data, bytes);
    return true;
}

/* EXIF that stands in properties and in no profile. */
static bool has_loose_exif(const Image *image)
{
    const char *name;

    if (GetImageProfile(image, "exif") != NULL)
        return false;
    ResetImagePropertyIterator(image);
    while ((name = GetNextImageProperty(image)) != NULL)
        if (LocaleNCompare(name, "exif:", 5) == 0)
            return true;
    return false;
}

void magick_privates_tell(struct ir_picture *picture, const Image *image)
{
    static const unsigned char start[] = {0xff, 0xd8};
    static const unsigned char frame[FRAME_BYTES] = {0xff, 0xc0, 0, 11, 8,    0, 8,
                                                     0,    8,    1, 1,  0x11, 0, 0xff};
    static const unsigned char stop[] = {0xd9};
    struct file file = {malloc(2 * (SEGMENT_MAX_BYTES + 4) + FRAME_BYTES + 3), 0};

    if (file.data == NULL || has_loose_exif(image)) {
        free(file.data);
        return;
    }
    put(&file, start, sizeof start);
    if (put_profile(&file, image, "exif", EXIF_NAME, sizeof EXIF_NAME) &&
        put_profile(&file, image, "xmp", XMP_NAME, sizeof XMP_NAME)) {
        put(&file, frame, sizeof frame);
        put(&file, stop, sizeof stop);
        ir_picture_set_original_file(picture, file.data, file.bytes);
    }
    free(file.data);
}
