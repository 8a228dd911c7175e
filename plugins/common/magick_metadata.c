/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns which of an image's properties and profiles are metadata of the files that it becomes.
 *
 * Facts relied on (seen with 7.1.1-43): PNG's writer writes every property but "png:" and "jpeg:"
 * as a text; those of JPEG, TIFF and WebP write profiles and the comment, no artist and no EXIF
 * that stands in properties. Not one of them copies a file. StripImage deletes profiles and the
 * comment, and sets the artifact png:exclude-chunk, with which the PNG writer leaves all texts out;
 * the properties stay, and the writers of MIFF, MPC, JSON, YAML and DPX write them. That artifact
 * is a list whose words are looked for at every fifth character, in capital or small letters; texts
 * go when both tEXt and zTXt are named, or "all". Properties and profiles stand in the order of
 * their names.
 */
#include "plugins/common/magick_metadata.h"

#include <string.h>

#define WORD_CHARS 5 /* of a chunk's name, with its comma */

static bool names(const char *list, const char *word)
{
    size_t chars = list != NULL ? strlen(list) : 0;

    for (size_t i = 0; i < chars; i += WORD_CHARS)
        if (LocaleNCompare(list + i, word, strlen(word)) == 0)
            return true;
    return false;
}

bool magick_leaves_texts_out(const Image *image)
{
    const char *list = GetImageArtifact(image, "png:exclude-chunk");

    if (list == NULL)
        list = GetImageArtifact(image, "png:exclude-chunks");
    return (names(list, "all") || (names(list, "tEXt") && names(list, "zTXt"))) &&
           !names(list, "none") && GetImageArtifact(image, "png:include-chunk") == NULL &&
           GetImageArtifact(image, "png:include-chunks") == NULL;
}

static bool is_counted(const char *property)
{
    static const char *const left_out[] = {
        "png:", "jpeg:", "date:", "icc:", "xmp:", "8bim:", "iptc:", "signature"};

    for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++)
        if (LocaleNCompare(property, left_out[i], strlen(left_out[i])) == 0)
            return false;
    return true;
}

/* The next property that counts. */
static const char *next_property(const Image *image)
{
    const char *name;

    do
        name = GetNextImageProperty(image);
    while (name != NULL && !is_counted(name));
    return name;
}

static bool is_same_property(const Image *a, const Image *b, const char *name)
{
    const char *value = GetImageProperty(a, name, NULL);
    const char *other = GetImageProperty(b, name, NULL);

    return value != NULL && other != NULL && strcmp(value, other) == 0;
}

static bool has_same_properties(const Image *a, const Image *b)
{
    const char *name;
    const char *other;

    ResetImagePropertyIterator(a);
    ResetImagePropertyIterator(b);
    do {
        name = next_property(a);
        other = next_property(b);
        if (name == NULL || other == NULL)
            return name == other;
    } while (strcmp(name, other) == 0 && is_same_property(a, b, name));
    return false;
}

static bool has_same_profiles(const Image *a, const Image *b)
{
    const char *name;
    const char *other;

    ResetImageProfileIterator(a);
    ResetImageProfileIterator(b);
    do {
        name = GetNextImageProfile(a);
        other = GetNextImageProfile(b);
        if (name == NULL || other == NULL)
            return name == other;
    } while (strcmp(name, other) == 0 &&
             CompareStringInfo(GetImageProfile(a, name), GetImageProfile(b, other)) == 0);
    return false;
}

static bool has_same_place(const Image *a, const Image *b)
{
    return a->units == b->units && a->resolution.x == b->resolution.x &&
           a->resolution.y == b->resolution.y && a->page.x == b->page.x && a->page.y == b->page.y &&
           a->page.width == b->page.width && a->page.height == b->page.height;
}

bool magick_has_same_metadata(const Image *a, const Image *b)
{
    return has_same_place(a, b) && has_same_profiles(a, b) && has_same_properties(a, b);
}
