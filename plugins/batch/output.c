/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Temporary file, fsync, rename, fsync of the folder: what a crash at any moment leaves is whole.
 */
#include "plugins/batch/output.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugins/common/fail.h"

static int fail_write(struct ir_error *err, const char *path)
{
    return common_fail(err, IR_ERR_ARG, "Check the folder, its permissions and the disk.",
                       "%.300s cannot be written: %s", path, strerror(errno));
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
static void set_usual_rights(int file)
{
    mode_t mask = umask(0);

    umask(mask);
    fchmod(file, 0666 & ~mask);
}

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

static int write_file(const char *path, const char *temporary, int file, const void *data,
                      size_t bytes, struct ir_error *err)
{
    bool ok;

    set_usual_rights(file);
    ok = write_all(file, data, bytes) && fsync(file) == 0;
    ok = close(file) == 0 && ok;
    if (ok && rename(temporary, path) == 0) {
        sync_folder(path);
        return 0;
    }
    fail_write(err, path);
    unlink(temporary);
    return IR_ERR_ARG;
}

int output_write(const char *path, const void *data, size_t bytes, struct ir_error *err)
{
    static const char suffix[] = ".imgrecog-XXXXXX";
    size_t chars = strlen(path);
    char *temporary;
    int file;
    int rc;

    if (strcmp(path, "-") == 0)
        return write_all(STDOUT_FILENO, data, bytes) ? 0 : fail_write(err, "standard output");
    temporary = malloc(chars + sizeof suffix);
    if (temporary == NULL)
        return common_fail_nomem(err);
    memcpy(temporary, path, chars);
    memcpy(temporary + chars, suffix, sizeof suffix);
    file = mkostemp(temporary, O_CLOEXEC);
    if (file >= 0)
        rc = write_file(path, temporary, file, data, bytes, err);
    else
        rc = fail_write(err, path);
    free(temporary);
    return rc;
}
