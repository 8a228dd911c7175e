/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The root folder and the files that are being written. Each of those is locked while its server
 * lives; the sweep removes what is older than a minute and not locked.
 */
#include "plugins/local/s3_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/alloc.h"
#include "core/base/error.h"
#include "core/base/world.h"
#include "plugins/local/folder.h"
#include "plugins/local/s3_refusals.h"

#define TEMPORARY_FOLDER ".tmp"
#define SWEEP_AGE_S 60
#define MAX_TREE_DEPTH 24
#define TAIL_FORMAT "\nimgrecog-s3-object %010zu\n"
#define TAIL_BYTES 31

struct s3_store {
    int root_fd;
    int temporary_fd; /* the folder */
    char *path;       /* of the root */
};

struct s3_temporary {
    struct s3_store *store;
    int fd;
    bool committed;
    char name[IR_UUID_BYTES];
};

int s3_store_fd(const struct s3_store *store)
{
    return store->root_fd;
}

const char *s3_store_path(const struct s3_store *store)
{
    return store->path;
}

/* ---- removing trees ---------------------------------------------------------------------- */

static int remove_entry(int parent_fd, const char *name, int depth);

static int empty_folder(int folder_fd, int depth)
{
    DIR *folder = fdopendir(folder_fd);
    if (folder == NULL) {
        close(folder_fd);
        return -1;
    }
    int rc = 0;
    struct dirent *entry;
    while (rc == 0 && (entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        rc = remove_entry(folder_fd, entry->d_name, depth);
    }
    closedir(folder);
    return rc;
}

/* Recursion is bounded: keys make at most 16 folders in one another. */
static int remove_entry(int parent_fd, const char *name, int depth)
{
    if (unlinkat(parent_fd, name, 0) == 0 || errno == ENOENT)
        return 0;
    if (errno != EISDIR && errno != EPERM)
        return -1;
    int folder_fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder_fd < 0 || depth == 0) {
        if (folder_fd >= 0)
            close(folder_fd);
        return -1;
    }
    if (empty_folder(folder_fd, depth - 1) != 0)
        return -1;
    return unlinkat(parent_fd, name, AT_REMOVEDIR);
}

int s3_store_remove_tree(struct s3_store *store, int parent_fd, const char *name)
{
    char grave[IR_UUID_BYTES];
    ir_world_uuid(ir_world_system(), grave);
    if (renameat(parent_fd, name, store->temporary_fd, grave) != 0)
        return -1;
    fsync(parent_fd);
    return remove_entry(store->temporary_fd, grave, MAX_TREE_DEPTH);
}

static void sweep_one(struct s3_store *store, const char *name)
{
    struct stat status;
    if (*name == '.' || fstatat(store->temporary_fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
        status.st_mtime > time(NULL) - SWEEP_AGE_S)
        return;
    int fd = openat(store->temporary_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 &&
        remove_entry(store->temporary_fd, name, MAX_TREE_DEPTH) != 0)
        errno = 0; /* somebody else is at it; the next server sweeps again */
    close(fd);
}

static void sweep(struct s3_store *store)
{
    int fd = openat(store->temporary_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    if (folder == NULL) {
        if (fd >= 0)
            close(fd);
        return;
    }
    struct dirent *entry;
    while ((entry = readdir(folder)) != NULL)
        sweep_one(store, entry->d_name);
    closedir(folder);
}

/* ---- the root ---------------------------------------------------------------------------- */

int s3_store_open(const char *folder, struct s3_store **out, struct ir_error *err)
{
    char path[PATH_MAX];
    int rc = 0;
    if (folder == NULL) {
        rc = folder_of_user("XDG_DATA_HOME", ".local/share", "s3", path, err);
        folder = path;
    }
    if (rc != 0)
        return rc;
    struct s3_store *store = ir_calloc(1, sizeof *store);
    if (store == NULL)
        return ir_fail_nomem(err);
    store->root_fd = -1;
    store->temporary_fd = -1;
    store->path = ir_strdup(folder);
    if (store->path == NULL) {
        s3_store_close(store);
        return ir_fail_nomem(err);
    }
    rc = folder_open_private(folder, &store->root_fd, err);
    if (rc == 0) {
        if (mkdirat(store->root_fd, TEMPORARY_FOLDER, 0700) == 0 || errno == EEXIST)
            store->temporary_fd = openat(store->root_fd, TEMPORARY_FOLDER,
                                         O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (store->temporary_fd < 0) {
            ir_fail(err, IR_ERR_ARG, "the folder %s of the local S3 cannot be used: %s", folder,
                    strerror(errno));
            rc = IR_ERR_ARG;
        }
    }
    if (rc != 0) {
        s3_store_close(store);
        return rc;
    }
    sweep(store);
    *out = store;
    return 0;
}

void s3_store_close(struct s3_store *store)
{
    if (store == NULL)
        return;
    if (store->temporary_fd >= 0)
        close(store->temporary_fd);
    if (store->root_fd >= 0)
        close(store->root_fd);
    ir_free(store->path);
    ir_free(store);
}

/* ---- files that are being written ------------------------------------------------------- */

int s3_temporary_new(struct s3_store *store, struct s3_temporary **out, struct ir_error *err)
{
    struct s3_temporary *temporary = ir_calloc(1, sizeof *temporary);
    if (temporary == NULL)
        return refuse_nomem(err);
    temporary->store = store;
    ir_world_uuid(ir_world_system(), temporary->name);
    temporary->fd = openat(store->temporary_fd, temporary->name,
                           O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (temporary->fd < 0) {
        ir_free(temporary);
        return s3_refuse_errno(err, "a temporary file");
    }
    if (flock(temporary->fd, LOCK_EX | LOCK_NB) != 0) {
        int rc = s3_refuse_errno(err, "locking a temporary file");
        s3_temporary_free(temporary);
        return rc;
    }
    *out = temporary;
    return 0;
}

int s3_temporary_fd(const struct s3_temporary *temporary)
{
    return temporary->fd;
}

void s3_temporary_free(struct s3_temporary *temporary)
{
    if (temporary == NULL)
        return;
    if (!temporary->committed)
        unlinkat(temporary->store->temporary_fd, temporary->name, 0);
    close(temporary->fd);
    ir_free(temporary);
}

int s3_temporary_finish(struct s3_temporary *temporary, const struct s3_meta *meta,
                        struct ir_error *err)
{
    struct ir_buf text;
    int rc = 0;
    ir_buf_init(&text, S3_META_MAX_BYTES);
    s3_meta_write(meta, &text);
    ir_buf_appendf(&text, TAIL_FORMAT, text.bytes);
    if (text.failed == IR_ERR_TOO_LARGE)
        rc = refuse(err, &s3_metadata_too_large, "The object's headers are too large.");
    else if (text.failed != 0)
        rc = refuse_nomem(err);
    else if (lseek(temporary->fd, 0, SEEK_END) != (off_t)meta->bytes ||
             !ir_world_write_all(temporary->fd, ir_buf_text(&text), text.bytes) ||
             fsync(temporary->fd) != 0)
        rc = s3_refuse_errno(err, "writing an object");
    ir_buf_release(&text);
    return rc;
}

static int make_parents(int folder_fd, const char *path)
{
    char parent[S3_PATH_BYTES];
    for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        size_t bytes = (size_t)(slash - path);
        memcpy(parent, path, bytes);
        parent[bytes] = '\0';
        if (mkdirat(folder_fd, parent, 0700) != 0 && errno != EEXIST)
            return -1;
    }
    return 0;
}

int s3_temporary_commit(struct s3_temporary *temporary, int folder_fd, const char *path)
{
    if (make_parents(folder_fd, path) != 0 ||
        renameat(temporary->store->temporary_fd, temporary->name, folder_fd, path) != 0)
        return -1;
    temporary->committed = true;
    return fsync(folder_fd);
}

/* ---- objects ----------------------------------------------------------------------------- */

/* The description behind the bytes; -1 when the file is not whole. */
static int read_meta(int fd, struct s3_meta *out, struct ir_error *err)
{
    char tail[TAIL_BYTES + 1] = "";
    struct stat status;
    size_t text_bytes = 0;
    char expected[TAIL_BYTES + 1];
    if (fstat(fd, &status) != 0 || status.st_size < TAIL_BYTES ||
        pread(fd, tail, TAIL_BYTES, status.st_size - TAIL_BYTES) != TAIL_BYTES)
        return -1;
    for (const char *digit = tail + TAIL_BYTES - 11; *digit >= '0' && *digit <= '9'; digit++)
        text_bytes = text_bytes * 10 + (size_t)(*digit - '0');
    snprintf(expected, sizeof expected, TAIL_FORMAT, text_bytes);
    off_t start = status.st_size - TAIL_BYTES - (off_t)text_bytes;
    if (strcmp(tail, expected) != 0 || text_bytes > S3_META_MAX_BYTES || start < 0)
        return -1;
    char *text = ir_malloc(text_bytes);
    if (text == NULL)
        return -1;
    int rc = pread(fd, text, text_bytes, start) == (ssize_t)text_bytes
                 ? s3_meta_read(text, text_bytes, out, err)
                 : -1;
    ir_free(text);
    return rc == 0 && out->bytes == (uint64_t)start ? 0 : -1;
}

int s3_object_open(int folder_fd, const char *path, struct s3_object *out, struct ir_error *err)
{
    s3_meta_init(&out->meta);
    out->fd = openat(folder_fd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (out->fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return refuse(err, &s3_no_such_key, "The specified key does not exist.");
    if (out->fd < 0)
        return s3_refuse_errno(err, "opening an object");
    if (read_meta(out->fd, &out->meta, err) == 0)
        return 0;
    s3_object_release(out);
    return refuse(err, &s3_internal,
                  "The file of this object is damaged: its description cannot be read.");
}

void s3_object_release(struct s3_object *object)
{
    if (object->fd >= 0)
        close(object->fd);
    object->fd = -1;
    s3_meta_release(&object->meta);
}

int s3_object_remove(int folder_fd, const char *path)
{
    char parent[S3_PATH_BYTES];
    if (unlinkat(folder_fd, path, 0) != 0 && errno != ENOENT && errno != ENOTDIR)
        return -1;
    ir_text_copy(parent, sizeof parent, path);
    for (char *slash = strrchr(parent, '/'); slash != NULL; slash = strrchr(parent, '/')) {
        *slash = '\0';
        if (unlinkat(folder_fd, parent, AT_REMOVEDIR) != 0)
            break;
    }
    return fsync(folder_fd);
}
