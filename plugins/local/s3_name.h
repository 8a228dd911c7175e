/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names: which buckets there may be, and keys as paths that cannot leave a folder, are never
 * longer than a file system allows and can be read back.
 */
#ifndef PLUGINS_LOCAL_S3_NAME_H
#define PLUGINS_LOCAL_S3_NAME_H

#include <stdbool.h>
#include <stddef.h>

#define S3_MAX_KEY_BYTES 1024
#define S3_KEY_BYTES (S3_MAX_KEY_BYTES + 1)
#define S3_MAX_BUCKET_BYTES 63
#define S3_BUCKET_BYTES (S3_MAX_BUCKET_BYTES + 1)
/* 3 characters for each byte of a key, and two for each S3_NAME_CHARS of them. */
#define S3_PATH_BYTES 3328
#define S3_NAME_CHARS 200
#define S3_LEAF_MARK '='   /* ends the name of an object's file */
#define S3_FOLDER_MARK '+' /* ends that of a folder, made for keys with long names */

/* https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
bool s3_bucket_name_is_lawful(const char *name);

/* The path of a key's file, relative to the bucket's folder of objects. */
void s3_key_to_path(const char *key, char out[S3_PATH_BYTES]);
/*
 * The key of a path, appended piece by piece: decodes the file or folder name `name` without its
 * mark behind `key_bytes` bytes of `key`. False for a name that is none of ours.
 */
bool s3_path_to_key(const char *name, char key[S3_KEY_BYTES], size_t *key_bytes);

#endif
