/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The folder under the local S3. It knows no HTTP.
 *
 *   FOLDER/.tmp/...                      what is being written; swept when a server starts
 *   FOLDER/BUCKET/lock                   held while a name appears or goes
 *   FOLDER/BUCKET/objects/KEY=           see s3_name.h
 *   FOLDER/BUCKET/uploads/ID/upload=     a multipart upload: what its object will have
 *   FOLDER/BUCKET/uploads/ID/00001=      its parts
 *
 * An object is one file: its bytes, then their description (s3_meta.h), then a line with the
 * description's length. It comes into being by one rename, after fsync, so that a killed server
 * leaves the old object or the new one, whole. Several servers and threads may share the folder.
 */
#ifndef PLUGINS_LOCAL_S3_STORE_H
#define PLUGINS_LOCAL_S3_STORE_H

#include "plugins/local/s3_meta.h"
#include "plugins/local/s3_name.h"

#define S3_UPLOAD_ID_BYTES 37
#define S3_UPLOAD_NAME "upload="

struct s3_store;

/* Makes the folder (0700) when it is not there. `folder` NULL: $XDG_DATA_HOME/imgrecog/s3.
 * IR_ERR_ARG: it cannot be made or is somebody else's. */
IR_MUST_CHECK int s3_store_open(const char *folder, struct s3_store **out, struct ir_error *err);
void s3_store_close(struct s3_store *store);
int s3_store_fd(const struct s3_store *store);
/* The folder's path, for people. */
const char *s3_store_path(const struct s3_store *store);

/* ---- files that are being written ------------------------------------------------------- */

struct s3_temporary;

IR_MUST_CHECK int s3_temporary_new(struct s3_store *store, struct s3_temporary **out,
                                   struct ir_error *err);
int s3_temporary_fd(const struct s3_temporary *temporary);
/* Removes the file unless it was committed. NULL is allowed. */
void s3_temporary_free(struct s3_temporary *temporary);
/* Writes the description behind the bytes and brings all to the disk. */
IR_MUST_CHECK int s3_temporary_finish(struct s3_temporary *temporary, const struct s3_meta *meta,
                                      struct ir_error *err);
/* Gives it its name, replacing what had it. `folder_fd` is where `path` begins; folders on the way
 * are made. -1 with errno. */
IR_MUST_CHECK int s3_temporary_commit(struct s3_temporary *temporary, int folder_fd,
                                      const char *path);

/* ---- objects ----------------------------------------------------------------------------- */

struct s3_object {
    int fd; /* -1: none */
    struct s3_meta meta;
};

/* Opens an object's file. NoSuchKey; a file that is not whole is an InternalError. */
IR_MUST_CHECK int s3_object_open(int folder_fd, const char *path, struct s3_object *out,
                                 struct ir_error *err);
void s3_object_release(struct s3_object *object);
/* Removes the file and the folders that it leaves empty. -1 with errno. */
IR_MUST_CHECK int s3_object_remove(int folder_fd, const char *path);

/* Appends a whole object to `out`. IR_ERR_TOO_LARGE: it is longer than the buffer's maximum; else
 * S3's refusals. */
IR_MUST_CHECK int s3_read_object(struct s3_store *store, const char *bucket_name, const char *key,
                                 struct ir_buf *out, struct ir_error *err);

/* ---- buckets ----------------------------------------------------------------------------- */

struct s3_bucket {
    struct s3_store *store;
    char name[S3_BUCKET_BYTES];
    int folder_fd;
    int objects_fd;
    int uploads_fd;
    int lock_fd; /* -1: not held */
};

/* NoSuchBucket. */
IR_MUST_CHECK int s3_bucket_open(struct s3_store *store, const char *name, struct s3_bucket *out,
                                 struct ir_error *err);
/* Also gives the lock back. A zeroed one that was never opened may not be released. */
void s3_bucket_release(struct s3_bucket *bucket);
/* Waits for the bucket's lock. NoSuchBucket when it was deleted meanwhile. */
IR_MUST_CHECK int s3_bucket_lock(struct s3_bucket *bucket, struct ir_error *err);
void s3_bucket_unlock(struct s3_bucket *bucket);

/* BucketAlreadyOwnedByYou when there is one of this name. */
IR_MUST_CHECK int s3_bucket_create(struct s3_store *store, const char *name, struct ir_error *err);
/* With the lock. BucketNotEmpty. */
IR_MUST_CHECK int s3_bucket_delete(struct s3_bucket *bucket, struct ir_error *err);

/* Takes a folder away at once by a rename, then removes what is in it. -1 with errno. */
IR_MUST_CHECK int s3_store_remove_tree(struct s3_store *store, int parent_fd, const char *name);

#endif
