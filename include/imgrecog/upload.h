/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The upload task: a file, or bytes in memory, become an object in Amazon S3 (or in a server that
 * speaks its protocol), whole or not at all.
 *
 * What is small goes in one request, what is larger in parts of which several are sent at once.
 * Every request carries checksums that the server compares, so that what is stored is what was
 * read. A file is read as it is sent: memory does not grow with it.
 */
#ifndef IMGRECOG_UPLOAD_H
#define IMGRECOG_UPLOAD_H

#include <stdint.h>

#include <imgrecog/client.h>
#include <imgrecog/fetch.h>
#include <imgrecog/result.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ir_upload_pair {
    const char *name;
    const char *value;
};

/* Borrowed during the call. NULL, 0 and false mean: not asked for, or the default. */
struct ir_upload_options {
    unsigned version;   /* IR_UPLOAD_OPTIONS_VERSION, set by the INIT macro */
    const char *bucket; /* its name alone, without "s3://" */
    const char *key;    /* 1 to 1,024 bytes of UTF-8 */
    /*
     * NULL = by the first bytes: JPEG, PNG, WebP, TIFF, GIF, AVIF, HEIC, JSON, else
     * application/octet-stream.
     */
    const char *content_type;
    const char *cache_control;
    const char *content_disposition;
    /* At most 30, 2,048 bytes together; letters of names are made small; values are ASCII. */
    const struct ir_upload_pair *metadata;
    size_t metadata_count;
    const struct ir_upload_pair *tags; /* at most 10 */
    size_t tag_count;
    const char *storage_class; /* such as "STANDARD_IA" */
    const char *encryption;    /* "AES256", "aws:kms", "aws:kms:dsse" */
    const char *kms_key;       /* id or ARN, with one of the last two; as the next two */
    const char *kms_context;   /* a JSON object */
    bool bucket_key;
    const char *expected_owner; /* the account that must own the bucket, 12 digits */
    /*
     * Never replaces an object. When the answer was lost and the next attempt hears that the object
     * exists, its size and checksum decide whether it was this upload that made it.
     */
    bool only_if_new;
    uint64_t threshold_bytes; /* larger ones go in parts; 0 = 16 MiB, at most 5 GiB */
    uint64_t part_bytes;      /* 5 MiB to 5 GiB; 0 = 8 MiB; made larger when 10,000 do not do */
    unsigned jobs;            /* parts sent at once, 1 to 16; 0 = 4 */
    /*
     * Leaves the parts that were sent where they are when the upload fails or is cancelled, so that
     * a later call with their upload_id can go on. S3 bills them until that is finished or aborted.
     */
    bool keep_parts;
    const char *upload_id; /* goes on with an upload; NULL = begins one */
    /*
     * Told the id of an upload in parts as soon as it has one (once more if it had to be begun
     * again), in the thread that called: the place for writing it down. NULL = nobody.
     */
    void (*on_upload_id)(void *context, const char *upload_id);
    /*
     * Told how much has been sent (or found sent by an earlier call), in the thread that called
     * ir_upload_file or ir_upload_data, each time more than before, with the whole as the last word
     * of an upload that succeeded and of no other. It may set `cancel`. The upload waits for it, so
     * it should be quick. NULL = nobody.
     */
    void (*progress)(void *context, uint64_t sent_bytes, uint64_t total_bytes);
    void *context;                  /* of both */
    const struct ir_cancel *cancel; /* NULL = cannot be cancelled */
};
#define IR_UPLOAD_OPTIONS_VERSION 1U
/* clang-format off */
#define IR_UPLOAD_OPTIONS_INIT                                                                     \
    {IR_UPLOAD_OPTIONS_VERSION, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, 0, NULL, NULL, NULL,  \
     NULL, false, NULL, false, 0, 0, 0, false, NULL, NULL, NULL, NULL, NULL}
/* clang-format on */

/* Texts are always terminated; "" where the server said nothing. */
struct ir_upload_result {
    char uri[1104]; /* "s3://bucket/key" */
    char etag[80];  /* with its quotes */
    char version_id[1025];
    char content_type[256];
    uint64_t bytes;
    uint32_t crc32;    /* of the whole, as zlib's crc32() */
    unsigned parts;    /* 0 = it went in one request */
    unsigned requests; /* that succeeded */
    unsigned retries;
};

/*
 * Uploads the regular file `path` and waits. Not for pipes and devices (read them and use
 * ir_upload_data). A file that changes meanwhile is an error. `*out` is untouched on failure.
 *
 * Time: the client's limit counts for each request, with more for the bytes it sends (16 KiB a
 * second on the slowest line). When the upload fails or is cancelled, the parts that were sent are
 * removed, which may take up to 3 seconds more where the line does not answer; when they could not
 * be removed, the error says so, and the upload's id.
 *
 * IR_ERR_ARG: an option, the file, a file that has changed, an upload_id whose parts are of another
 * file. IR_ERR_TOO_LARGE: over 10,000 parts of 5 GiB, or an attribute. IR_ERR_CANCELLED.
 * IR_ERR_SERVICE with aws_code "PreconditionFailed": only_if_new, and the object exists.
 * IR_ERR_AUTH, IR_ERR_NET, IR_ERR_TIMEOUT, IR_ERR_THROTTLED, IR_ERR_SERVICE, IR_ERR_RESPONSE,
 * IR_ERR_NOMEM. With err->maybe_served the object may have been stored all the same. Sources:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html,
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
IR_PUBLIC IR_MUST_CHECK int ir_upload_file(struct ir_client *client, const char *path,
                                           const struct ir_upload_options *options,
                                           struct ir_upload_result *out, struct ir_error *err);

/* The same for `data_bytes` bytes at `data` (may be NULL when there are none), which must not
 * change during the call. */
IR_PUBLIC IR_MUST_CHECK int ir_upload_data(struct ir_client *client, const void *data,
                                           size_t data_bytes,
                                           const struct ir_upload_options *options,
                                           struct ir_upload_result *out, struct ir_error *err);

/*
 * Whether the bucket is there, by one request that costs next to nothing (HeadBucket): what would
 * keep a picture from S3 is told before it is paid for. 0 also when S3 does not tell (HTTP 403
 * is what hears who may only put objects), and in a dry run, which asks nothing.
 * IR_ERR_SERVICE: there is none. The other codes of ir_upload_file.
 */
IR_PUBLIC IR_MUST_CHECK int ir_upload_check_bucket(struct ir_client *client, const char *bucket,
                                                   const struct ir_cancel *cancel,
                                                   struct ir_error *err);

/*
 * Notes in a document where its picture was stored (member "stored"). `link` may be a presigned
 * link or NULL; it stands in what ir_result_to_json then gives, so note it last, when nothing is
 * logged or stored any more. Before other threads read `result`. IR_ERR_NOMEM.
 */
IR_PUBLIC IR_MUST_CHECK int ir_upload_note(struct ir_result *result,
                                           const struct ir_upload_result *stored, const char *link,
                                           struct ir_error *err);

/* A document that says where `source` was stored and nothing else, for ir_result_free.
 * IR_ERR_NOMEM.
 */
IR_PUBLIC IR_MUST_CHECK int ir_upload_document(const struct ir_client *client, const char *source,
                                               const struct ir_upload_result *stored,
                                               struct ir_result **out, struct ir_error *err);

/*
 * Of a dry run, which stores nothing: notes in a document where its picture would be stored (member
 * "would_store"); a document that says where `source` would be and nothing else, for
 * ir_result_free. IR_ERR_NOMEM.
 */
IR_PUBLIC IR_MUST_CHECK int ir_upload_note_plan(struct ir_result *result,
                                                const struct ir_s3_uri *uri, struct ir_error *err);
IR_PUBLIC IR_MUST_CHECK int ir_upload_plan(const struct ir_client *client, const char *source,
                                           const struct ir_s3_uri *uri, struct ir_result **out,
                                           struct ir_error *err);

#ifdef __cplusplus
}
#endif
#endif
