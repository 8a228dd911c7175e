/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns which name a picture's object has. One must not replace another of the same command, so what
 * was given is remembered: for as long as the program runs where that is one of ImageMagick's own,
 * which call the filter several times (mogrify once a file), else for a call.
 */
#include "plugins/imagemagick/names.h"

#include <stdio.h>
#include <string.h>

#include <glib.h>

#include "plugins/common/fail.h"
#include "plugins/common/text.h"

#define NUMBER_BYTES 24 /* of "-" and a number */
#define BASE_BYTES (NAME_BYTES - NUMBER_BYTES)
#define PATH_KEY "%s\n\n%s\n%s" /* ADDRESS, plain name, path: a name is no empty line */
#define NO_NAME ""              /* under which a key that has no name in it is remembered */

/* Who has a name at an address; and of a file (PATH_KEY), which numbers it has. */
struct given {
    char *path;    /* the image's magick_filename; owned */
    size_t call;   /* in which it was given last */
    size_t number; /* of a plain name, the last behind it; of a file, its last in number_call */
    size_t number_call; /* of a file */
    size_t first;       /* of a file, its first number; 0: none yet */
};

static GMutex lock; /* programs may call the filter from several threads; the following */
/* By "ADDRESS\nNAME", and of files PATH_KEY. */
static GHashTable *given_names;
static size_t call_count;

static void free_given(gpointer memory)
{
    struct given *given = memory;

    g_free(given->path);
    g_free(given);
}

/* One of ImageMagick's programs, which end with their command. */
static bool is_command(void)
{
    static const char *const names[] = {"magick", "mogrify", "convert"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strstr(GetClientName(), names[i]) != NULL)
            return true;
    return false;
}

static void put_base(const Image *image, char out[BASE_BYTES])
{
    char base[MagickPathExtent];

    GetPathComponent(image->magick_filename, BasePath, base);
    if (base[0] == '\0' || strcmp(base, "-") == 0)
        snprintf(out, BASE_BYTES, "picture");
    else if (snprintf(out, BASE_BYTES, "%s", base) >= BASE_BYTES)
        common_cut_at_character(out);
}

/* The entry of a key, made where there is none: its `call` is 0 then. Takes `key` over. */
static struct given *enter(char *key)
{
    struct given *given = g_hash_table_lookup(given_names, key);

    if (given != NULL) {
        g_free(key);
        return given;
    }
    given = g_new0(struct given, 1);
    g_hash_table_insert(given_names, key, given);
    return given;
}

static struct given *enter_name(const char *address, const char *name)
{
    return enter(g_strdup_printf("%s\n%s", address, name));
}

static struct given *enter_file(const char *address, const char *base, const Image *image)
{
    return enter(g_strdup_printf(PATH_KEY, address, base, image->magick_filename));
}

/* False when it is another file's, or another picture's of this call. */
static bool take(const char *address, const char *name, const Image *image)
{
    struct given *given = enter_name(address, name);

    if (given->call == call_count ||
        (given->call != 0 && strcmp(given->path, image->magick_filename) != 0))
        return false;
    given->call = call_count;
    g_free(given->path);
    given->path = g_strdup(image->magick_filename);
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

/* The first number to try: a file that comes again has its own ones again. */
static size_t number_from(const struct given *of_base, const struct given *of_file)
{
    if (of_file->number_call == call_count)
        return of_file->number + 1;
    return of_file->first != 0 ? of_file->first : MAX(of_base->number + 1, 2);
}

/* Gives a picture its plain name, or that with a number where it is somebody else's. */
static void give_name(struct named *named, GHashTable *plain, const char *address)
{
    char base[BASE_BYTES];
    struct given *of_base, *of_file;
    size_t number;

    put_base(named->image, base);
    snprintf(named->name, sizeof named->name, "%s", base);
    if (take(address, base, named->image))
        return;
    of_base = enter_name(address, base);
    of_file = enter_file(address, base, named->image);
    number = number_from(of_base, of_file);
    while (true) {
        snprintf(named->name, sizeof named->name, "%s-%zu", base, number);
        if (!g_hash_table_contains(plain, named->name) && take(address, named->name, named->image))
            break;
        number++;
    }
    of_base->number = MAX(of_base->number, number);
    of_file->number = number;
    of_file->number_call = call_count;
    if (of_file->first == 0)
        of_file->first = number;
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

    g_mutex_lock(&lock);
    if (given_names == NULL)
        given_names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_given);
    call_count++;
    if (tells_apart)
        give_names(names, count, address);
    else
        rc = give_key(names, count, address, err);
    if (!is_command())
        g_clear_pointer(&given_names, g_hash_table_destroy);
    g_mutex_unlock(&lock);
    return rc;
}
