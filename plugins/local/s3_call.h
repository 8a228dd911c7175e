/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One request to the local S3, taken apart, and the operations, each in the file of its object. */
#ifndef PLUGINS_LOCAL_S3_CALL_H
#define PLUGINS_LOCAL_S3_CALL_H

#include "plugins/local/s3.h"
#include "plugins/local/s3_refusals.h"
#include "plugins/local/s3_store.h"
#include "plugins/local/xml_write.h"

#define S3_XMLNS "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""
#define S3_TIME_BYTES 40
#define S3_MAX_METADATA_BYTES 2048
#define S3_MAX_LIST 1000

struct s3_call {
    struct request *request;
    struct answer *answer;
    struct s3_store *store;
    char bucket_name[S3_BUCKET_BYTES];
    char key[S3_KEY_BYTES];   /* "" = the request is for the bucket */
    char path[S3_PATH_BYTES]; /* of the key */
    /* Open while the operation runs, unless it is CreateBucket or ListBuckets. */
    struct s3_bucket bucket;
};

typedef int (*s3_operation_fn)(struct s3_call *call, struct ir_error *err);

int s3_list_buckets(struct s3_call *call, struct ir_error *err);
int s3_create_bucket(struct s3_call *call, struct ir_error *err);
int s3_head_bucket(struct s3_call *call, struct ir_error *err);
int s3_delete_bucket(struct s3_call *call, struct ir_error *err);
int s3_get_location(struct s3_call *call, struct ir_error *err);
int s3_list_objects(struct s3_call *call, struct ir_error *err);
int s3_list_uploads(struct s3_call *call, struct ir_error *err);
int s3_delete_objects(struct s3_call *call, struct ir_error *err);

int s3_put_object(struct s3_call *call, struct ir_error *err);
int s3_get_object(struct s3_call *call, struct ir_error *err); /* and HeadObject */
int s3_delete_object(struct s3_call *call, struct ir_error *err);
int s3_copy_object(struct s3_call *call, struct ir_error *err);
int s3_get_tagging(struct s3_call *call, struct ir_error *err);

int s3_create_upload(struct s3_call *call, struct ir_error *err);
int s3_upload_part(struct s3_call *call, struct ir_error *err);
int s3_list_parts(struct s3_call *call, struct ir_error *err);
int s3_complete_upload(struct s3_call *call, struct ir_error *err);
int s3_abort_upload(struct s3_call *call, struct ir_error *err);

/* ---- shared ------------------------------------------------------------------------------ */

/* "2026-11-20T21:35:00.000Z" and "Fri, 20 Nov 2026 21:35:00 GMT". */
void s3_iso_time(int64_t unix_ms, char out[S3_TIME_BYTES]);
void s3_http_time(int64_t unix_ms, char out[S3_TIME_BYTES]);
int64_t s3_now_ms(void);

/* What an object will have beside its bytes, from the request's headers; refuses what this endpoint
 * would not do. `out` is initialised. */
IR_MUST_CHECK int s3_meta_from_headers(const struct s3_call *call, struct s3_meta *out,
                                       struct ir_error *err);
/* If-Match and If-None-Match of a request that writes. With the bucket's lock. */
IR_MUST_CHECK int s3_check_write(const struct s3_call *call, struct ir_error *err);
/* Those of one that reads. *out_not_modified: answer 304. */
IR_MUST_CHECK int s3_check_read(const struct s3_call *call, const struct s3_meta *meta,
                                bool *out_not_modified, struct ir_error *err);
/* Finishes the file, checks conditions and gives it the key's name, with the bucket's lock. */
IR_MUST_CHECK int s3_publish(struct s3_call *call, struct s3_temporary *temporary,
                             const struct s3_meta *meta, struct ir_error *err);
/* Removes an object, if it is there, with the bucket's lock. */
IR_MUST_CHECK int s3_remove(struct s3_call *call, const char *path, struct ir_error *err);
/* ETag and checksum headers. */
void s3_answer_sums(struct answer *answer, const struct s3_meta *meta);
/* "bytes" in quotes, as a header. */
void s3_answer_etag(struct answer *answer, const char *etag);

/* A number of the query, `fallback` when absent; InvalidArgument outside the range. */
IR_MUST_CHECK int s3_query_number(const struct s3_call *call, const char *name, long minimum,
                                  long maximum, long *in_out, struct ir_error *err);

/*
 * Appends `bytes` of `from_fd`, from its start, to `to_fd`, and to both sums. -1 with errno; ENOSPC
 * and the like.
 */
IR_MUST_CHECK int s3_copy_bytes(int from_fd, uint64_t bytes, int to_fd, struct checksum *md5,
                                struct checksum *sum);

#endif
