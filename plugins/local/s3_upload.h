/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A multipart upload of the local S3, as a folder; for the files that begin, fill and end it. */
#ifndef PLUGINS_LOCAL_S3_UPLOAD_H
#define PLUGINS_LOCAL_S3_UPLOAD_H

#include "plugins/local/s3_call.h"

#define S3_MAX_PARTS 10000
#define S3_PART_PATH_BYTES 24
#define S3_MD5_BYTES 16
#define S3_QUOTED_BYTES (S3_ETAG_BYTES + 2)

/* An upload that is there. */
struct s3_upload {
    char id[S3_UPLOAD_ID_BYTES];
    int folder_fd;
    struct s3_object head; /* "upload=", zero bytes */
};

/* That of the request's bucket, key and uploadId. NoSuchUpload. */
IR_MUST_CHECK int s3_upload_open(struct s3_call *call, struct s3_upload *out, struct ir_error *err);
/* Also gives the lock back. */
void s3_upload_release(struct s3_upload *upload);
/* For those who end the upload: one at a time, and only while it is there. */
IR_MUST_CHECK int s3_upload_lock(struct s3_upload *upload, struct ir_error *err);
/* The name of a part's file. */
void s3_part_path(long number, char out[S3_PART_PATH_BYTES]);

#endif
