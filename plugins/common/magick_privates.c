/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lets ImageMagick write an image's metadata into PNG files of one pixel, which hold all that its
 * other writers write, without limits of size; and has these judged as any file is: by the core and
 * by gexiv2. Names no field itself.
 *
 * What these would not find there gets a file of its own: EXIF, XMP and IPTC from Photoshop's
 * resources, from which ImageMagick deletes no EXIF; and as segments of a JPEG file of no pixels
 * what was APP1, also that which is damaged, and the rest of a long XMP: there the core looks for
 * names in whatever it is. A segment holds 65,533 bytes (ITU-T T.81, B.1.1.4).
 */
#include "plugins/common/magick_privates.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "plugins/common/magick_metadata.h"
#include "plugins/common/metadata.h"
#include "plugins/common/metadata_profiles_private.h"

#define SEGMENT_MAX_BYTES 65533
#define SEGMENT_HEAD_BYTES 4

/* What one file tells. */
struct told {
    void *file; /* NULL: there is none of this kind */
    size_t bytes;
    unsigned privates;
};

/* Puts metadata of `image` on the empty `carrier`; false when there is none of this kind. */
typedef bool (*fill_fn)(Image *carrier, const Image *image, ExceptionInfo *exception);

static void put(struct told *out, const void *data, size_t bytes)
{
    memcpy((unsigned char *)out->file + out->bytes, data, bytes);
    out->bytes += bytes;
}

static bool is_not_judged(const char *profile)
{
    static const char *const judged[] = {"exif", "xmp", "iptc"};

    for (size_t i = 0; i < sizeof judged / sizeof judged[0]; i++)
        if (LocaleCompare(profile, judged[i]) == 0)
            return false;
    return true;
}

/* fill_fn */
static bool fill_own(Image *carrier, const Image *image, ExceptionInfo *exception)
{
    (void)exception;
    if (!magick_leaves_texts_out(image))
        (void)CloneImageProperties(carrier, image);
    (void)CloneImageProfiles(carrier, image);
    metadata_drop(carrier, true, is_not_judged);
    return true;
}

/* fill_fn */
static bool fill_resources(Image *carrier, const Image *image, ExceptionInfo *exception)
{
    const StringInfo *profile = GetImageProfile(image, "8bim");

    if (profile == NULL)
        return false;
    (void)SetImageProfile(carrier, "8bim", profile, exception); /* and those that are in it */
    metadata_drop(carrier, true, is_not_judged);
    return true;
}

/* False when the file cannot be written, or not all of it: of that the writer warns. */
static bool write_png(Image *carrier, struct told *out, ExceptionInfo *exception)
{
    ImageInfo *info = AcquireImageInfo();

    (void)SetImageProgressMonitor(carrier, NULL, NULL);
    (void)snprintf(carrier->magick, sizeof carrier->magick, "PNG");
    (void)snprintf(info->magick, sizeof info->magick, "PNG");
    if (SetImageExtent(carrier, 1, 1, exception) != MagickFalse &&
        SetImageBackgroundColor(carrier, exception) != MagickFalse)
        out->file = ImageToBlob(info, carrier, &out->bytes, exception);
    DestroyImageInfo(info);
    return out->file != NULL && exception->severity == UndefinedException;
}

/* As one segment after another. */
static void put_segments(struct told *out, const StringInfo *profile)
{
    size_t left = GetStringInfoLength(profile);
    const unsigned char *data = GetStringInfoDatum(profile);

    while (left > 0) {
        size_t bytes = left < SEGMENT_MAX_BYTES ? left : SEGMENT_MAX_BYTES;
        const unsigned char head[SEGMENT_HEAD_BYTES] = {
            0xff, 0xe1, (unsigned char)((bytes + 2) >> 8), (unsigned char)((bytes + 2) & 0xff)};

        put(out, head, sizeof head);
        put(out, data, bytes);
        data += bytes;
        left -= bytes;
    }
}

/* False when there is no memory. */
static bool write_jpeg(const Image *image, struct told *out)
{
    static const char *const names[] = {"exif", "xmp", "app1"};
    static const unsigned char start[] = {0xff, 0xd8};
    static const unsigned char frame[] = {0xff, 0xc0, 0, 11,   8, 0,    8,   0,
                                          8,    1,    1, 0x11, 0, 0xff, 0xd9};
    const StringInfo *profiles[sizeof names / sizeof names[0]];
    size_t room = sizeof start + sizeof frame;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t bytes;

        profiles[i] = GetImageProfile(image, names[i]);
        bytes = profiles[i] != NULL ? GetStringInfoLength(profiles[i]) : 0;
        room += bytes + (bytes / SEGMENT_MAX_BYTES + 1) * SEGMENT_HEAD_BYTES;
    }
    out->file = AcquireMagickMemory(room);
    if (out->file == NULL)
        return false;
    put(out, start, sizeof start);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (profiles[i] != NULL)
            put_segments(out, profiles[i]);
    put(out, frame, sizeof frame);
    return true;
}

/* False when it cannot be known. */
static bool make_file(const Image *image, fill_fn fill, struct told *out)
{
    ExceptionInfo *exception = AcquireExceptionInfo();
    Image *carrier = AcquireImage(NULL, exception);
    bool ok = !fill(carrier, image, exception) || write_png(carrier, out, exception);

    DestroyImage(carrier);
    DestroyExceptionInfo(exception);
    return ok;
}

/* `*out_known`: whether all of it could be judged. */
static int judge(struct told *told, bool *out_known, struct ir_error *err)
{
    struct metadata metadata;
    int rc;

    if (told->file == NULL)
        return 0;
    rc = metadata_read(told->file, told->bytes, &metadata, err);
    *out_known = *out_known && rc == 0 && metadata.is_known;
    told->privates = metadata.privates;
    return rc;
}

static void tell(struct ir_picture *picture, const struct told *told)
{
    if (told->file == NULL)
        return;
    ir_picture_set_original_file(picture, told->file, told->bytes);
    ir_picture_add_privates(picture, told->privates);
}

int magick_privates_tell(struct ir_picture *picture, const Image *image, struct ir_error *err)
{
    enum { OWN, RESOURCES, SEGMENTS, FILES };
    struct told told[FILES] = {{NULL, 0, 0}};
    bool is_known;
    int rc = 0;

    ir_picture_forget_privates(picture);
    is_known = make_file(image, fill_own, &told[OWN]) &&
               make_file(image, fill_resources, &told[RESOURCES]) &&
               write_jpeg(image, &told[SEGMENTS]);
    for (size_t i = 0; rc == 0 && is_known && i < FILES; i++)
        rc = judge(&told[i], &is_known, err);
    for (size_t i = 0; i < FILES; i++) {
        if (rc == 0 && is_known)
            tell(picture, &told[i]);
        (void)RelinquishMagickMemory(told[i].file);
    }
    return rc;
}
