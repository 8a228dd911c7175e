/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns which name a picture's object has. One must not replace another of the same command, so what
 * was given is remembered: for a call, and in mogrify, which calls the filter once a file, for as
 * long as the program runs.
 */
#include "plugins/imagemagick/names.h"

#include <stdio.h>
#include <string.h>

#include <glib.h>

#include "plugins/common/fail.h"
#include "plugins/common/text.h"
#include "plugins/imagemagick/report.h"

#define NUMBER_BYTES 24 /* of "-" and a number */
#define BASE_BYTES (NAME_BYTES - NUMBER_BYTES)
#define NO_NAME "" /* under which a key that has no name in it is remembered */

/* Who has a name at an address. */
struct given {
    char path[MagickPathExtent]; /* the image's magick_filename */
    size_t call;                 /* in which it was given last */
    size_t number;               /* the last that was tried behind it, */
    size_t number_call;          /* in this call */
};

/* By "ADDRESS\nNAME". */
static GHashTable *given_names;
static size_t call_count;

static void put_base(const Image *image, char out[BASE_BYTES])
{
    char base[MagickPathExtent];

    GetPathComponent(image->magick_filename, BasePath, base);
    if (base[0] == '\0' || strcmp(base, "-") == 0)
        snprintf(out, BASE_BYTES, "picture");
    else if (snprintf(out, BASE_BYTES, "%s", base) >= BASE_BYTES)
        common_cut_at_character(out);
}

/* The entry of a name, made where there is none: its `call` is 0 then. */
static struct given *enter(const char *address, const char *name)
{
    char *key = g_strdup_printf("%s\n%s", address, name);
    struct given *given = g_hash_table_lookup(given_names, key);

    if (given != NULL) {
        g_free(key);
        return given;
    }
    given = g_new0(struct given, 1);
    g_hash_table_insert(given_names, key, given);
    return given;
}

/* False when it is another file's, or another picture's of this call. */
static bool take(const char *address, const char *name, const Image *image)
{
    struct given *given = enter(address, name);

    if (given->call == call_count ||
        (given->call != 0 && strcmp(given->path, image->magick_filename) != 0))
        return false;
    given->call = call_count;
    snprintf(given->path, sizeof given->path, "%s", image->magick_filename);
    return true;
}

/* ---- one call ---------------------------------------------------------------------------- */

/* The plain names of a call's pictures. */
static GHashTable *find_plain(const struct named *names, size_t count)
{
    GHashTable *plain = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    char base[BASE_BYTES];

    for (size_t i = 0; i < count; i++) {
        put_base(names[i].image, base);
        g_hash_table_add(plain, g_strdup(base));
    }
    return plain;
}

/* Gives a picture its plain name, or that with a number where it is somebody else's. */
static void give_name(struct named *named, GHashTable *plain, const char *address)
{
    char base[BASE_BYTES];
    struct given *of_base;

    put_base(named->image, base);
    snprintf(named->name, sizeof named->name, "%s", base);
    if (take(address, base, named->image))
        return;
    of_base = enter(address, base);
    do {
        of_base->number = of_base->number_call == call_count ? of_base->number + 1 : 2;
        of_base->number_call = call_count;
        snprintf(named->name, sizeof named->name, "%s-%zu", base, of_base->number);
    } while (g_hash_table_contains(plain, named->name) ||
             !take(address, named->name, named->image));
}

static void give_names(struct named *names, size_t count, const char *address)
{
    GHashTable *plain = find_plain(names, count);

    for (size_t i = 0; i < count; i++)
        give_name(&names[i], plain, address);
    g_hash_table_destroy(plain);
}

static int fail_one_key(const char *who, struct ir_error *err)
{
    return common_fail(err, IR_ERR_ARG,
                       "End it in /: the pictures keep their names behind it. Or put {name} into "
                       "it.",
                       "upload: %s cannot have one key.", who);
}

/* A key without a name in it is one picture's. */
static int give_key(struct named *names, size_t count, const char *address, struct ir_error *err)
{
    char who[64];

    snprintf(who, sizeof who, "%zu pictures", count);
    if (count > 1)
        return fail_one_key(who, err);
    if (!take(address, NO_NAME, names[0].image))
        return fail_one_key("this picture and an earlier one of this command", err);
    put_base(names[0].image, names[0].name);
    return 0;
}

int names_give(struct named *names, size_t count, const char *address, bool tells_apart,
               struct ir_error *err)
{
    int rc = 0;

    if (given_names == NULL)
        given_names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    call_count++;
    if (tells_apart)
        give_names(names, count, address);
    else
        rc = give_key(names, count, address, err);
    if (!report_is_mogrify())
        g_clear_pointer(&given_names, g_hash_table_destroy);
    return rc;
}
