/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Amazon S3: what all its operations share, and those on one object: PutObject, GetObject,
 * HeadObject, DeleteObject. Pure. s3.c makes the requests, s3_answer.c reads the answers,
 * s3_error.c explains the errors; s3_list.h has ListObjectsV2, s3_multipart.h the upload in parts,
 * s3_check.h the checking of what was received.
 * Source:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
 *
 * Bodies are always signed with their own SHA-256, never UNSIGNED-PAYLOAD and never in signed
 * chunks: that holds on plain HTTP too and with every server that speaks S3's protocol (many refuse
 * aws-chunked), it is read in the same pass as the CRC-32, and it costs less than the network does.
 */
#ifndef CORE_SERVICE_S3_H
#define CORE_SERVICE_S3_H

#include "core/service/request.h"

#define IR_S3_MAX_KEY_BYTES 1024U
#define IR_S3_MAX_PUT_BYTES (UINT64_C(5) << 30) /* in one request */
/* Names and values together. */
#define IR_S3_MAX_METADATA_BYTES 2048U
#define IR_S3_MAX_METADATA 30U /* ours: a request has room for so many headers */
#define IR_S3_MAX_TAGS 10U
#define IR_S3_MAX_TAG_NAME_CHARS 128U
#define IR_S3_MAX_TAG_VALUE_CHARS 256U
#define IR_S3_MAX_TEXT_BYTES 8192U /* S3 takes no more in all headers of a request */
#define IR_S3_ETAG_BYTES 80
#define IR_S3_VERSION_BYTES 1025
#define IR_S3_CHECKSUM_BYTES 64 /* in base64, with "-N" and the NUL */
#define IR_S3_CRC32_BYTES 9     /* in base64, with the NUL */

/* ---- requests ---------------------------------------------------------------------------- */

/* A request and what was made for its headers. Points into itself: do not copy it. */
struct ir_s3_request {
    struct ir_request http; /* http.aws goes to ir_aws_call */
    const char *key;        /* borrowed; NULL = it is about the bucket */
    bool only_if_new;
    char text[IR_S3_MAX_TEXT_BYTES];
    size_t text_bytes;
    bool is_text_full;
    char payload_hash[IR_SHA256_HEX_BYTES];
    struct ir_buf xml; /* the body, where it is XML */
    struct ir_span span;
    struct ir_body body;
};

void ir_s3_request_release(struct ir_s3_request *request);

/* Which object; borrowed until the request has been sent. */
struct ir_s3_object_name {
    const char *bucket;
    const char *key;     /* 1..1024 bytes of UTF-8 */
    const char *version; /* NULL = the newest; not for writing */
    const char
        *expected_owner; /* an account's 12 digits: S3 refuses when it is another's; or NULL */
};

struct ir_s3_pair {
    const char *name;
    const char *value;
};

/* What an object is stored with; borrowed; NULL and 0 = left out. */
struct ir_s3_attributes {
    const char *content_type;
    const char *cache_control;
    const char *content_disposition;
    /*
     * x-amz-meta-*: names are HTTP tokens, made lower-case; values are printable ASCII, as S3's
     * REST interface documents it, and as boto3 has it.
     */
    const struct ir_s3_pair *metadata;
    size_t metadata_count;
    const struct ir_s3_pair *tags;
    size_t tag_count;
    const char *storage_class;
    const char *encryption;  /* "AES256", "aws:kms", "aws:kms:dsse" */
    const char *kms_key;     /* id or ARN; only with one of the last two, as the next two */
    const char *kms_context; /* a JSON object of strings */
    bool bucket_key;
};

struct ir_s3_put_options {
    struct ir_s3_object_name name;
    struct ir_s3_attributes attributes;
    bool only_if_new;                /* If-None-Match: * */
    const struct ir_body *body;      /* NULL = an empty object */
    const struct ir_body_sums *sums; /* ir_body_sum of it; borrowed during the call only */
};
/* IR_ERR_ARG: a name or attribute; IR_ERR_TOO_LARGE: body, metadata, headers; IR_ERR_NOMEM. */
IR_MUST_CHECK int ir_s3_put_call(const struct ir_s3_put_options *options, struct ir_s3_request *out,
                                 struct ir_error *err);

struct ir_s3_get_options {
    struct ir_s3_object_name name;
    bool has_range;
    uint64_t first_byte;
    uint64_t last_byte; /* included */
};
/* The sender may set a sink (s3_check.h) and max_response_bytes. Codes as above. */
IR_MUST_CHECK int ir_s3_get_call(const struct ir_s3_get_options *options, struct ir_s3_request *out,
                                 struct ir_error *err);
IR_MUST_CHECK int ir_s3_head_call(const struct ir_s3_object_name *name, struct ir_s3_request *out,
                                  struct ir_error *err);
/* HeadBucket: is it there, and may it be read. Wants s3:ListBucket. */
IR_MUST_CHECK int ir_s3_head_bucket_call(const char *bucket, struct ir_s3_request *out,
                                         struct ir_error *err);
IR_MUST_CHECK int ir_s3_delete_call(const struct ir_s3_object_name *name, struct ir_s3_request *out,
                                    struct ir_error *err);
/* GetObject for ir_aws_presign: no headers, since whoever uses the URL sends none. */
IR_MUST_CHECK int ir_s3_presign_call(const struct ir_s3_object_name *name,
                                     struct ir_s3_request *out, struct ir_error *err);

/* For s3_*.c: starts a request for an object, or for a bucket. IR_ERR_ARG: a name; nothing is left
 * to release then. */
IR_MUST_CHECK int ir_s3_object_init(struct ir_s3_request *request, const char *method,
                                    const struct ir_s3_object_name *name, struct ir_error *err);
IR_MUST_CHECK int ir_s3_bucket_init(struct ir_s3_request *request, const char *method,
                                    const char *bucket, const char *expected_owner,
                                    struct ir_error *err);
/* Keeps a copy in request->text and gives it; NULL when that is full. */
const char *ir_s3_keep(struct ir_s3_request *request, const char *text, size_t bytes);
IR_MUST_CHECK int ir_s3_add_attributes(struct ir_s3_request *request,
                                       const struct ir_s3_attributes *attributes,
                                       struct ir_error *err);
/* x-amz-checksum-crc32 and the payload's hash. */
void ir_s3_add_sums(struct ir_s3_request *request, const struct ir_body_sums *sums);
IR_MUST_CHECK int ir_s3_request_finish(struct ir_s3_request *request, const struct ir_body *body,
                                       struct ir_error *err);
/* ---- answers ----------------------------------------------------------------------------- */

/* What the headers of GetObject, HeadObject and PutObject say; "" = nothing. */
struct ir_s3_object {
    char etag[IR_S3_ETAG_BYTES]; /* with its quotes */
    char version_id[IR_S3_VERSION_BYTES];
    uint64_t bytes; /* of the object, also where a part of it was asked for */
    char content_type[256];
    char cache_control[256];
    char content_disposition[512];
    char last_modified[64];
    char storage_class[40];
    char encryption[24];
    char crc32[IR_S3_CHECKSUM_BYTES];
    char checksum_type[24]; /* FULL_OBJECT, COMPOSITE */
};
/* Untouched on failure. IR_ERR_RESPONSE: there is no ETag, so it was not S3 that answered (but the
 * log-in page of a network, say). */
IR_MUST_CHECK int ir_s3_read_object(const struct ir_http_response *response,
                                    struct ir_s3_object *out, struct ir_error *err);
/* PutObject's answer. IR_ERR_RESPONSE: the same, or the server stores another checksum. */
IR_MUST_CHECK int ir_s3_put_read(const struct ir_http_response *response,
                                 const struct ir_body_sums *sums, struct ir_s3_object *out,
                                 struct ir_error *err);
/* DeleteObject's and AbortMultipartUpload's answer, which is 204 and nothing. IR_ERR_RESPONSE. */
IR_MUST_CHECK int ir_s3_read_nothing(const struct ir_http_response *response, struct ir_error *err);

/*
 * For s3_*.c: parses an answer whose root must have this name, or the other one (NULL = none) that
 * some servers give it. IR_ERR_RESPONSE, IR_ERR_NOMEM.
 */
struct ir_xml_doc;
IR_MUST_CHECK int ir_s3_parse(const struct ir_http_response *response, const char *root_name,
                              const char *other_name, struct ir_xml_doc **out,
                              struct ir_error *err);

/* Calls `visit` for each x-amz-meta-* of an answer, the name without that; both borrowed. */
void ir_s3_each_metadata(const struct ir_http_response *response,
                         void (*visit)(void *context, const char *name, size_t name_bytes,
                                       const char *value, size_t value_bytes),
                         void *context);

/* Base64 of a CRC-32's four bytes, the highest first, as x-amz-checksum-crc32 has it. */
void ir_s3_crc32_text(uint32_t crc32, char out[IR_S3_CRC32_BYTES]);
/* The reverse; false for anything else, "AAAAAA==-3" included. */
bool ir_s3_crc32_read(const char *text, uint32_t *out);

/* ---- errors ------------------------------------------------------------------------------ */

/* ir_fail in S3's name. */
int ir_s3_fail(struct ir_error *err, int code, const char *cause, const char *hint);
/* IR_ERR_RESPONSE: what the server says it has stored has another checksum than what was sent. */
int ir_s3_checksum_fail(const char *cause, struct ir_error *err);

/*
 * Makes an error of ir_aws_call plainer where S3 says little: HEAD's answers have no body, 412
 * means that the object exists, an unknown bucket wants its own next step. `request` is the one
 * that failed. Returns `rc`.
 */
int ir_s3_explain(const struct ir_s3_request *request, int rc, struct ir_error *err);

#endif
