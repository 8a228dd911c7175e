/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checking what GetObject gave by the checksum that S3 states for the whole object. A checksum of
 * checksums ("AAAAAA==-3", COMPOSITE), and that of a part of the object, say nothing about the
 * bytes that came and are passed over. Pure. Source:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
 */
#ifndef CORE_SERVICE_S3_CHECK_H
#define CORE_SERVICE_S3_CHECK_H

#include "core/base/digest.h"
#include "core/service/s3.h"

enum ir_s3_check_kind {
    IR_S3_CHECK_NONE,
    IR_S3_CHECK_CRC32,
    IR_S3_CHECK_CRC32C,
    IR_S3_CHECK_CRC64NVME, /* what S3 makes by itself */
    IR_S3_CHECK_SHA256,
    IR_S3_CHECK_SHA1,
};

struct ir_s3_check {
    const struct ir_http_response *response;
    int (*sink)(void *context, const char *data, size_t bytes);
    void *sink_context;
    bool is_started; /* the response's headers have been read */
    enum ir_s3_check_kind kind;
    char stated[IR_S3_CHECKSUM_BYTES];
    uint64_t bytes; /* that came */
    uint64_t crc;
    uint64_t crc_table[256];
    struct ir_sha256 *sha256;
    struct ir_sha1 *sha1;
};

/*
 * `response` is the one that the call fills; borrowed until release. Bytes are passed on to `sink`
 * (struct ir_http_request says how), NULL = to nobody. What the sink has got may be used only after
 * ir_s3_check_finish gave 0.
 */
void ir_s3_check_init(struct ir_s3_check *check, const struct ir_http_response *response,
                      int (*sink)(void *context, const char *data, size_t bytes),
                      void *sink_context);
/*
 * Takes the next bytes of the object: put it with the check as its context into the sink of a
 * request, or call it once with the body of an answer that was read into memory. IR_ERR_NOMEM, or
 * what the sink says.
 */
IR_MUST_CHECK int ir_s3_check_take(void *check, const char *data, size_t bytes);
/*
 * After the call has succeeded. *out_is_checked: there was a checksum that could be compared.
 * IR_ERR_RESPONSE: the bytes are not those that S3 stores, or not all of them; IR_ERR_NOMEM.
 */
IR_MUST_CHECK int ir_s3_check_finish(struct ir_s3_check *check, bool *out_is_checked,
                                     struct ir_error *err);
void ir_s3_check_release(struct ir_s3_check *check);

#endif
