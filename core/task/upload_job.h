/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of the upload task share: upload.c checks options and sends what is small,
 * upload_content.c reads, upload_parts.c sends the rest.
 */
#ifndef CORE_TASK_UPLOAD_JOB_H
#define CORE_TASK_UPLOAD_JOB_H

#include <imgrecog/upload.h>

#include <stdatomic.h>
#include <time.h>

#include "core/service/s3_multipart.h"
#include "core/task/client.h"

/* ---- the content ------------------------------------------------------------------------- */

/* A file, or bytes in memory. Threads may read it at once. */
struct ir_upload_content {
    const char *path;          /* NULL = in memory */
    const unsigned char *data; /* NULL = a file */
    int file;
    uint64_t bytes;
    struct timespec modified;
    atomic_int trouble; /* errno of a read that failed; SHORT_READ */
};
#define IR_UPLOAD_SHORT_READ (-1)

/* IR_ERR_ARG: it cannot be read, or is no regular file. */
IR_MUST_CHECK int ir_upload_content_open(struct ir_upload_content *content, const char *path,
                                         struct ir_error *err);
void ir_upload_content_release(struct ir_upload_content *content);
/* Some of it; false when it cannot be read, which ir_upload_content_check then tells. */
bool ir_upload_content_read(struct ir_upload_content *content, uint64_t offset, char *out,
                            size_t bytes);
/* IR_ERR_ARG: the file has changed since it was opened, or a read has failed. */
IR_MUST_CHECK int ir_upload_content_check(struct ir_upload_content *content, struct ir_error *err);
/* By the first bytes; static. */
const char *ir_upload_media_type(struct ir_upload_content *content);

/* Some of the content as a body. Points into itself: do not copy it. */
struct ir_upload_piece {
    struct ir_upload_content *content;
    uint64_t offset;
    const struct ir_cancel *cancel; /* makes a read fail */
    struct ir_body_source source;
    struct ir_body body;
};
void ir_upload_piece_init(struct ir_upload_piece *piece, struct ir_upload_content *content,
                          uint64_t offset, uint64_t bytes, const struct ir_cancel *cancel);

/*
 * Reads the piece through. IR_ERR_CANCELLED; IR_ERR_ARG: it cannot be read, or has changed;
 * IR_ERR_NOMEM.
 */
IR_MUST_CHECK int ir_upload_piece_sum(const struct ir_upload_piece *piece, struct ir_body_sums *out,
                                      struct ir_error *err);

/* ---- the job ----------------------------------------------------------------------------- */

#define IR_UPLOAD_MAX_JOBS 16U

/* One call of ir_upload_file. All but the content belongs to the thread that called. */
struct ir_upload_job {
    struct ir_client *client;
    const struct ir_upload_options *options;
    struct ir_upload_content *content;
    struct ir_s3_object_name name;
    struct ir_s3_attributes attributes;
    struct ir_s3_pair metadata[IR_S3_MAX_METADATA];
    struct ir_s3_pair tags[IR_S3_MAX_TAGS];
    uint64_t part_bytes;
    unsigned jobs; /* 1 to IR_UPLOAD_MAX_JOBS */
    /*
     * A request that stores the object was sent more than once: one of which no answer came may
     * have stored it, and what is refused because the object exists may be refused for that.
     */
    bool was_repeated;
    bool may_be_stored;  /* err->maybe_served of a request that stores the object */
    uint64_t told_bytes; /* to options->progress */
    bool has_told;
    struct ir_upload_result result;
};

/* Tells options->progress, if it is more than was told. */
void ir_upload_tell(struct ir_upload_job *job, uint64_t sent_bytes);

/*
 * ir_aws_call with the time that `bytes` need, and errors in words. `request` stays the caller's.
 * Threads may call it at once. *out_retries is added to.
 */
IR_MUST_CHECK int ir_upload_send(const struct ir_upload_job *job, struct ir_s3_request *request,
                                 uint64_t bytes, struct ir_http_response *response,
                                 unsigned *out_retries, struct ir_error *err);
/* The same for a request without a body that is the caller's own: counted in the result, released
 * here. */
IR_MUST_CHECK int ir_upload_ask(struct ir_upload_job *job, struct ir_s3_request *request,
                                struct ir_http_response *response, struct ir_error *err);

/*
 * After an answer may have been lost and a later attempt was refused with `rc`: 0 when the object
 * that is there is the one that was sent, and then its names are in job->result. Else `rc`; where
 * it cannot be told, the message says so. `crc32_texts` are the two forms of its checksum, the
 * second may be NULL.
 */
IR_MUST_CHECK int ir_upload_settle(struct ir_upload_job *job, const char *const crc32_texts[2],
                                   int rc, struct ir_error *err);

/* Sends the content in parts. Codes of ir_upload_file. */
IR_MUST_CHECK int ir_upload_in_parts(struct ir_upload_job *job, struct ir_error *err);

#endif
