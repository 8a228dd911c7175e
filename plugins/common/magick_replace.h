/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ImageMagick's operations return another image, or none: taking it in place of the one before. */
#ifndef PLUGINS_COMMON_MAGICK_REPLACE_H
#define PLUGINS_COMMON_MAGICK_REPLACE_H

#include <stdbool.h>

#include <MagickCore/MagickCore.h>

/* Replaces `*image`, which is destroyed, by `next` (NULL: a failed operation, nothing is replaced).
 */
static inline bool magick_replace(Image **image, Image *next)
{
    if (next == NULL)
        return false;
    if (next != *image) {
        DestroyImage(*image);
        *image = next;
    }
    return true;
}

#endif
