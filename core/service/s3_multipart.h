/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * S3's upload in parts: CreateMultipartUpload, UploadPart, ListParts, CompleteMultipartUpload,
 * AbortMultipartUpload. Pure. Until one of the last two, S3 keeps and bills the parts. Source:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 *
 * The checksum asked for is the CRC-32 of the whole object (FULL_OBJECT), which can be computed
 * from those of the parts and lets anybody who fetches the object check it. Servers that do not
 * know this say so by not repeating it in the answer to CreateMultipartUpload, and those that know
 * no checksums by not repeating that of a part; neither is then sent to them with the completion.
 */
#ifndef CORE_SERVICE_S3_MULTIPART_H
#define CORE_SERVICE_S3_MULTIPART_H

#include "core/service/s3.h"

#define IR_S3_MAX_PARTS 10000U
#define IR_S3_MIN_PART_BYTES (UINT64_C(5) << 20) /* but for the last */
#define IR_S3_MAX_PART_BYTES (UINT64_C(5) << 30)
#define IR_S3_UPLOAD_ID_BYTES 1024 /* AWS's have about 130; with the NUL */

/* What all requests but the first need; borrowed until they have been sent. */
struct ir_s3_upload {
    struct ir_s3_object_name name;
    const char *upload_id;
};

/* ---- CreateMultipartUpload --------------------------------------------------------------- */

/* IR_ERR_ARG, IR_ERR_TOO_LARGE, IR_ERR_NOMEM, here and below. */
IR_MUST_CHECK int ir_s3_create_call(const struct ir_s3_object_name *name,
                                    const struct ir_s3_attributes *attributes,
                                    struct ir_s3_request *out, struct ir_error *err);

struct ir_s3_created {
    char upload_id[IR_S3_UPLOAD_ID_BYTES];
    bool has_full_checksum; /* the server knows checksums of whole objects */
};
/* Untouched on failure. IR_ERR_RESPONSE: no id in the answer, or one that is too long. */
IR_MUST_CHECK int ir_s3_create_read(const struct ir_http_response *response,
                                    struct ir_s3_created *out, struct ir_error *err);

/* ---- UploadPart -------------------------------------------------------------------------- */

struct ir_s3_part {
    uint64_t bytes;
    uint32_t crc32;
    bool is_there;  /* the server has it */
    bool has_crc32; /* the server knows the checksum too */
    char etag[IR_S3_ETAG_BYTES];
};

/* `sums` of `body`; `part_number` counts from 1. */
IR_MUST_CHECK int ir_s3_part_call(const struct ir_s3_upload *upload, unsigned part_number,
                                  const struct ir_body *body, const struct ir_body_sums *sums,
                                  struct ir_s3_request *out, struct ir_error *err);
/* `sums` of what was sent. IR_ERR_RESPONSE: no ETag, or the server stores another checksum. */
IR_MUST_CHECK int ir_s3_part_read(const struct ir_http_response *response,
                                  const struct ir_body_sums *sums, struct ir_s3_part *out,
                                  struct ir_error *err);

/* ---- ListParts --------------------------------------------------------------------------- */

/* Parts behind `after_part_number`, 0 = all. */
IR_MUST_CHECK int ir_s3_parts_call(const struct ir_s3_upload *upload, unsigned after_part_number,
                                   struct ir_s3_request *out, struct ir_error *err);
struct ir_s3_parts_page {
    unsigned last_part_number; /* of this page */
    bool has_more;
    bool has_full_checksum;
};
/*
 * Fills parts[number - 1] for each part of the page. IR_ERR_RESPONSE: no list of parts, a number
 * over `part_count` (a part that the object does not have), or a page that goes on and does not get
 * further than `after_part_number`, so that reading pages ends whatever a server answers.
 * IR_ERR_NOMEM.
 */
IR_MUST_CHECK int ir_s3_parts_read(const struct ir_http_response *response,
                                   unsigned after_part_number, struct ir_s3_part *parts,
                                   size_t part_count, struct ir_s3_parts_page *out,
                                   struct ir_error *err);

/* ---- CompleteMultipartUpload, AbortMultipartUpload --------------------------------------- */

struct ir_s3_complete_options {
    struct ir_s3_upload upload;
    const struct ir_s3_part *parts; /* all of them, in order */
    size_t part_count;
    bool only_if_new;
    bool has_full_checksum; /* of ir_s3_created */
};
IR_MUST_CHECK int ir_s3_complete_call(const struct ir_s3_complete_options *options,
                                      struct ir_s3_request *out, struct ir_error *err);
/* Fills etag, version_id, crc32, checksum_type and encryption. IR_ERR_RESPONSE, IR_ERR_NOMEM. */
IR_MUST_CHECK int ir_s3_complete_read(const struct ir_http_response *response,
                                      struct ir_s3_object *out, struct ir_error *err);
IR_MUST_CHECK int ir_s3_abort_call(const struct ir_s3_upload *upload, struct ir_s3_request *out,
                                   struct ir_error *err);

/* ---- checksums --------------------------------------------------------------------------- */

/* The CRC-32 of the object that the parts are. */
uint32_t ir_s3_full_crc32(const struct ir_s3_part *parts, size_t part_count);
/* S3's checksum of checksums for them: "AAAAAA==-3". */
void ir_s3_composite_crc32(const struct ir_s3_part *parts, size_t part_count,
                           char out[IR_S3_CHECKSUM_BYTES]);

#endif
