/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Temporary file, fsync, rename, fsync of the folder: what a crash at any moment leaves is whole.
 * The temporary file has no name until it is whole (O_TMPFILE), where the file system can do that.
 */
#include "plugins/batch/output.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugins/common/fail.h"

static int fail_write(struct ir_error *err, const char *path)
{
    common_fail(err, IR_ERR_ARG, "Check the folder, its permissions and the disk.",
                "%.300s cannot be written: %s", path, strerror(errno));
    return IR_ERR_ARG;
}

static bool write_all(int file, const char *data, size_t bytes)
{
    while (bytes > 0) {
        ssize_t n = write(file, data, bytes);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        data += n;
        bytes -= (size_t)n;
    }
    return true;
}

/* The rights that a file made by open(2) would have. */
static mode_t usual_rights(void)
{
    mode_t mask = umask(0);

    umask(mask);
    return 0666 & ~mask;
}

/* ---- where it goes ----------------------------------------------------------------------- */

struct place {
    char *path;     /* owned; links are followed where something stands there */
    mode_t rights;  /* of the file to be */
    bool is_stream; /* no file: it is written to and stays */
};

static int find_place(const char *path, struct place *out, struct ir_error *err)
{
    struct stat status;
    bool exists = stat(path, &status) == 0;

    if (!exists && errno != ENOENT)
        return fail_write(err, path);
    if (exists && S_ISDIR(status.st_mode))
        errno = EISDIR;
    if (exists && (S_ISDIR(status.st_mode) || access(path, W_OK) != 0))
        return fail_write(err, path);
    out->is_stream = exists && !S_ISREG(status.st_mode);
    out->rights = exists ? status.st_mode & 0777 : usual_rights();
    out->path = exists && !out->is_stream ? realpath(path, NULL) : strdup(path);
    return out->path != NULL ? 0 : fail_write(err, path);
}

static bool may_write_folder(const char *path)
{
    char *copy = strdup(path);
    bool may = copy != NULL && access(dirname(copy), W_OK | X_OK) == 0;

    free(copy);
    return may;
}

int output_check(const char *path, struct ir_error *err)
{
    struct place place = {0};
    int rc;

    if (strcmp(path, "-") == 0)
        return 0;
    if (*path == '\0')
        return common_fail(err, IR_ERR_ARG, "Name the file.", "-o has no name");
    rc = find_place(path, &place, err);
    if (rc == 0 && !place.is_stream && !may_write_folder(place.path))
        rc = fail_write(err, path);
    free(place.path);
    return rc;
}

/* ---- writing ----------------------------------------------------------------------------- */

static void sync_folder(const char *path)
{
    char *copy = strdup(path);
    int folder = copy != NULL ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    if (folder >= 0) {
        fsync(folder);
        close(folder);
    }
    free(copy);
}

static int write_stream(const char *path, const void *data, size_t bytes, struct ir_error *err)
{
    int stream = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    bool ok = stream >= 0 && write_all(stream, data, bytes);

    if (stream >= 0)
        ok = close(stream) == 0 && ok;
    return ok ? 0 : fail_write(err, path);
}

static const char temporary_suffix[] = ".imgrecog-XXXXXX";
#define NAME_TRIES 16

/* Whole on the disk, with its rights. */
static bool finish_data(int file, const void *data, size_t bytes, mode_t rights)
{
    return write_all(file, data, bytes) && fchmod(file, rights) == 0 && fsync(file) == 0;
}

/* Gives a file that has no name the first free one of the form; `name` ends in XXXXXX. */
static bool give_name(int file, char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
    char *end = name + strlen(name) - 6;
    char open_file[sizeof "/proc/self/fd/" + 12];

    snprintf(open_file, sizeof open_file, "/proc/self/fd/%d", file);
    for (int i = 0; i < NAME_TRIES; i++) {
        unsigned char chance[6];

        if (getrandom(chance, sizeof chance, 0) != (ssize_t)sizeof chance)
            return false;
        for (size_t j = 0; j < sizeof chance; j++)
            end[j] = letters[chance[j] % 32];
        if (linkat(AT_FDCWD, open_file, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0)
            return true;
        if (errno != EEXIST)
            return false;
    }
    return false;
}

/*
 * A file without a name until it is whole: a program that is killed meanwhile leaves nothing. False
 * where the file system knows no such files, or anything else is in the way.
 */
static bool write_nameless(char *temporary, mode_t rights, const void *data, size_t bytes)
{
    char *folder = strdup(temporary);
    int file = folder != NULL ? open(dirname(folder), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600) : -1;
    bool ok = file >= 0 && finish_data(file, data, bytes, rights) && give_name(file, temporary);

    if (file >= 0)
        close(file);
    free(folder);
    return ok;
}

/* The same under its temporary name from the beginning. */
static bool write_named(char *temporary, mode_t rights, const void *data, size_t bytes)
{
    size_t chars = strlen(temporary);
    int file;
    bool ok;
    int cause;

    memset(temporary + chars - 6, 'X', 6); /* mkostemp's own sign, if another was tried */
    file = mkostemp(temporary, O_CLOEXEC);
    ok = file >= 0 && finish_data(file, data, bytes, rights);
    cause = errno;
    if (file >= 0)
        ok = close(file) == 0 && ok;
    if (file >= 0 && !ok)
        unlink(temporary);
    errno = cause;
    return ok;
}

static int write_file(const struct place *place, const void *data, size_t bytes,
                      struct ir_error *err)
{
    size_t chars = strlen(place->path);
    char *temporary = malloc(chars + sizeof temporary_suffix);
    int rc = 0;

    if (temporary == NULL)
        return common_fail_nomem(err);
    memcpy(temporary, place->path, chars);
    memcpy(temporary + chars, temporary_suffix, sizeof temporary_suffix);
    if (!write_nameless(temporary, place->rights, data, bytes) &&
        !write_named(temporary, place->rights, data, bytes)) {
        rc = fail_write(err, place->path);
    } else if (rename(temporary, place->path) != 0) {
        rc = fail_write(err, place->path);
        unlink(temporary);
    } else {
        sync_folder(place->path);
    }
    free(temporary);
    return rc;
}

int output_write(const char *path, const void *data, size_t bytes, struct ir_error *err)
{
    struct place place = {0};
    int rc;

    if (strcmp(path, "-") == 0)
        return write_all(STDOUT_FILENO, data, bytes) ? 0 : fail_write(err, "standard output");
    rc = find_place(path, &place, err);
    if (rc == 0)
        rc = place.is_stream ? write_stream(path, data, bytes, err)
                             : write_file(&place, data, bytes, err);
    free(place.path);
    return rc;
}
