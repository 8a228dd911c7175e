/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Made with mode 0700; an existing folder keeps its mode if only its owner can write there. */
#include "plugins/local/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/world.h"

int folder_of_user(const char *variable, const char *home_path, const char *name,
                   char out[PATH_MAX], struct ir_error *err)
{
    const char *base = ir_world_getenv(ir_world_system(), variable);
    const char *home = ir_world_getenv(ir_world_system(), "HOME");
    int bytes = -1;
    if (base != NULL && *base == '/')
        bytes = snprintf(out, PATH_MAX, "%s/imgrecog/%s", base, name);
    else if (home != NULL && *home == '/')
        bytes = snprintf(out, PATH_MAX, "%s/%s/imgrecog/%s", home, home_path, name);
    if (bytes >= 0 && bytes < PATH_MAX)
        return 0;
    int rc = ir_fail(err, IR_ERR_ARG, "there is no place for the folder \"%s\"", name);
    ir_error_set_hint(err, "set HOME or %s to a folder with an absolute path", variable);
    return rc;
}

static int fail_folder(struct ir_error *err, const char *path, const char *what)
{
    int rc = ir_fail(err, IR_ERR_ARG, "the folder %s %s", path, what);
    ir_error_set_hint(err, "name another folder, or put this one right");
    return rc;
}

static int make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int made = mkdir(path, 0700);
        *slash = '/';
        if (made != 0 && errno != EEXIST)
            return -1;
    }
    return mkdir(path, 0700) != 0 && errno != EEXIST ? -1 : 0;
}

int folder_open_private(const char *path, int *out_fd, struct ir_error *err)
{
    char copy[PATH_MAX];
    struct stat status;
    ir_text_copy(copy, sizeof copy, path);
    if (*path == '\0' || strlen(path) >= sizeof copy)
        return fail_folder(err, path, "has no name that can be used");
    if (make_folders(copy) != 0)
        return fail_folder(err, path, strerror(errno));
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fail_folder(err, path, strerror(errno));
    const char *wrong = NULL;
    if (fstat(fd, &status) != 0)
        wrong = strerror(errno);
    else if (status.st_uid != geteuid())
        wrong = "belongs to somebody else";
    else if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        wrong = "can be written to by others";
    if (wrong != NULL) {
        close(fd);
        return fail_folder(err, path, wrong);
    }
    *out_fd = fd;
    return 0;
}
