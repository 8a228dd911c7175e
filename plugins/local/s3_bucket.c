/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Buckets as folders. One is made aside and comes into being by a rename, which fails where there
 * is one already; it goes the same way. A bare folder that somebody made by hand is one too.
 * Whoever changes names in it holds its lock.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/world.h"
#include "plugins/local/s3_refusals.h"
#include "plugins/local/s3_store.h"

#define OBJECTS "objects"
#define UPLOADS "uploads"
#define LOCK "lock"
#define NEW_PATH_BYTES 64
#define READ_BYTES (64U << 10)

static int open_folder(int parent_fd, const char *name)
{
    return openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int refuse_bucket(struct ir_error *err)
{
    return refuse(err, &s3_no_such_bucket, "The specified bucket does not exist.");
}

/* In words for somebody who has just begun: here a folder made by hand is a bucket. */
static int refuse_missing(const struct s3_store *store, const char *name, struct ir_error *err)
{
    return refuse(err, &s3_no_such_bucket,
                  "The specified bucket does not exist. Buckets of this machine are folders: "
                  "mkdir %s/%s makes one.",
                  s3_store_path(store), name);
}

/* A folder of a bucket; made where it is missing, as in a bucket that was made by mkdir. */
static int open_part(int bucket_fd, const char *name)
{
    int fd = open_folder(bucket_fd, name);
    if (fd < 0 && errno == ENOENT && mkdirat(bucket_fd, name, 0700) == 0)
        fd = open_folder(bucket_fd, name);
    return fd;
}

int s3_bucket_open(struct s3_store *store, const char *name, struct s3_bucket *out,
                   struct ir_error *err)
{
    struct s3_bucket bucket = {
        .store = store, .folder_fd = -1, .objects_fd = -1, .uploads_fd = -1, .lock_fd = -1};
    if (!s3_bucket_name_is_lawful(name))
        return refuse(err, &s3_invalid_bucket_name, "The specified bucket is not valid.");
    ir_text_copy(bucket.name, sizeof bucket.name, name);
    bucket.folder_fd = open_folder(s3_store_fd(store), name);
    if (bucket.folder_fd < 0)
        return errno == ENOENT ? refuse_missing(store, name, err)
                               : s3_refuse_errno(err, "opening a bucket");
    bucket.objects_fd = open_part(bucket.folder_fd, OBJECTS);
    if (bucket.objects_fd >= 0)
        bucket.uploads_fd = open_part(bucket.folder_fd, UPLOADS);
    if (bucket.uploads_fd < 0) {
        int rc = errno == ENOENT ? refuse_bucket(err) : s3_refuse_errno(err, "opening a bucket");
        s3_bucket_release(&bucket);
        return rc;
    }
    *out = bucket;
    return 0;
}

void s3_bucket_release(struct s3_bucket *bucket)
{
    s3_bucket_unlock(bucket);
    if (bucket->uploads_fd >= 0)
        close(bucket->uploads_fd);
    if (bucket->objects_fd >= 0)
        close(bucket->objects_fd);
    if (bucket->folder_fd >= 0)
        close(bucket->folder_fd);
    bucket->uploads_fd = -1;
    bucket->objects_fd = -1;
    bucket->folder_fd = -1;
}

int s3_bucket_lock(struct s3_bucket *bucket, struct ir_error *err)
{
    struct stat own;
    struct stat named;
    int fd = openat(bucket->folder_fd, LOCK, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == ENOENT ? refuse_bucket(err) : s3_refuse_errno(err, "a bucket's lock");
    int rc;
    do
        rc = flock(fd, LOCK_EX);
    while (rc != 0 && errno == EINTR);
    bucket->lock_fd = fd;
    if (rc != 0)
        return s3_refuse_errno(err, "a bucket's lock");
    if (fstat(bucket->folder_fd, &own) != 0 ||
        fstatat(s3_store_fd(bucket->store), bucket->name, &named, AT_SYMLINK_NOFOLLOW) != 0 ||
        own.st_ino != named.st_ino || own.st_dev != named.st_dev)
        return refuse_bucket(err);
    return 0;
}

void s3_bucket_unlock(struct s3_bucket *bucket)
{
    if (bucket->lock_fd >= 0)
        close(bucket->lock_fd);
    bucket->lock_fd = -1;
}

int s3_bucket_create(struct s3_store *store, const char *name, struct ir_error *err)
{
    char made[NEW_PATH_BYTES] = ".tmp/";
    int root_fd = s3_store_fd(store);
    if (!s3_bucket_name_is_lawful(name))
        return refuse(err, &s3_invalid_bucket_name, "The specified bucket is not valid.");
    ir_world_uuid(ir_world_system(), made + strlen(made));
    int rc = mkdirat(root_fd, made, 0700);
    int folder_fd = rc == 0 ? open_folder(root_fd, made) : -1;
    if (folder_fd < 0)
        return s3_refuse_errno(err, "making a bucket");
    bool moved = mkdirat(folder_fd, OBJECTS, 0700) == 0 && mkdirat(folder_fd, UPLOADS, 0700) == 0 &&
                 fsync(folder_fd) == 0 && renameat(root_fd, made, root_fd, name) == 0;
    if (moved)
        fsync(root_fd);
    else if (errno == ENOTEMPTY || errno == EEXIST)
        rc = refuse(err, &s3_bucket_owned,
                    "Your previous request to create the named bucket succeeded and you already "
                    "own it.");
    else
        rc = s3_refuse_errno(err, "making a bucket");
    if (rc != 0) {
        unlinkat(folder_fd, OBJECTS, AT_REMOVEDIR);
        unlinkat(folder_fd, UPLOADS, AT_REMOVEDIR);
        unlinkat(root_fd, made, AT_REMOVEDIR);
    }
    close(folder_fd);
    return rc;
}

/* Whether a folder holds nothing; what cannot be read is taken for full. */
static bool is_empty(int parent_fd, const char *name)
{
    int fd = open_folder(parent_fd, name);
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    if (folder == NULL) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    bool empty = true;
    struct dirent *entry;
    while (empty && (entry = readdir(folder)) != NULL)
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    closedir(folder);
    return empty;
}

int s3_bucket_delete(struct s3_bucket *bucket, struct ir_error *err)
{
    if (!is_empty(bucket->folder_fd, OBJECTS))
        return refuse(err, &s3_bucket_not_empty,
                      "The bucket you tried to delete is not empty. You must delete all objects in "
                      "the bucket first.");
    if (s3_store_remove_tree(bucket->store, s3_store_fd(bucket->store), bucket->name) != 0)
        return s3_refuse_errno(err, "deleting a bucket");
    return 0;
}

/* ---- for others than S3's own operations ------------------------------------------------- */

int s3_read_object(struct s3_store *store, const char *bucket_name, const char *key,
                   struct ir_buf *out, struct ir_error *err)
{
    char chunk[READ_BYTES];
    char path[S3_PATH_BYTES];
    struct s3_bucket bucket;
    struct s3_object object;
    uint64_t offset = 0;
    if (*key == '\0' || strlen(key) > S3_MAX_KEY_BYTES)
        return refuse(err, &s3_key_too_long, "The key is empty or too long.");
    int rc = s3_bucket_open(store, bucket_name, &bucket, err);
    if (rc != 0)
        return rc;
    s3_key_to_path(key, path);
    rc = s3_object_open(bucket.objects_fd, path, &object, err);
    s3_bucket_release(&bucket);
    if (rc != 0)
        return rc;
    if (object.meta.bytes > out->max_bytes)
        rc = ir_fail(err, IR_ERR_TOO_LARGE, "the object has too many bytes");
    while (rc == 0 && offset < object.meta.bytes) {
        uint64_t left = object.meta.bytes - offset;
        ssize_t got = pread(object.fd, chunk, left < sizeof chunk ? (size_t)left : sizeof chunk,
                            (off_t)offset);
        if (got <= 0)
            rc = s3_refuse_errno(err, "reading an object");
        else
            ir_buf_append(out, chunk, (size_t)got);
        offset += got > 0 ? (uint64_t)got : 0;
    }
    s3_object_release(&object);
    return rc == 0 && out->failed != 0 ? refuse_nomem(err) : rc;
}
