/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names that the pictures of a command have in the keys of their objects. */
#ifndef IMAGEMAGICK_NAMES_H
#define IMAGEMAGICK_NAMES_H

#include <stdbool.h>

#include <MagickCore/MagickCore.h>

#include <imgrecog/error.h>

#define NAME_BYTES 288 /* a file's, and a number */

struct named {
    const Image *image;
    char name[NAME_BYTES]; /* in UTF-8 where the file's is */
};

/*
 * Names the objects of `count` pictures that go to `address`, an s3:// address whose key is a
 * template. A name is the file's, as ImageMagick's %t has it, without the ending, which depends on
 * what is put; "picture" where the image comes from no file. No two pictures have the same: from
 * the second on they get a number, and where that is a name, too, the next. In ImageMagick's own
 * programs the pictures of the calls before count, too (`mogrify` names one file a call), and a
 * file that comes again under the same address has its names again. `tells_apart`: different names
 * make different keys. IR_ERR_ARG: several pictures, and names do not tell them apart. Any thread.
 */
IR_MUST_CHECK int names_give(struct named *names, size_t count, const char *address,
                             bool tells_apart, struct ir_error *err);

#endif
