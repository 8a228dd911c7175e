/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A request's body on its way in: bounded, hashed as it comes, decoded when it is aws-chunked, kept
 * in memory or written to a file. Nothing is believed of it before intake_end.
 */
#ifndef PLUGINS_LOCAL_INTAKE_H
#define PLUGINS_LOCAL_INTAKE_H

#include "core/base/buf.h"
#include "plugins/local/aws_chunked.h"
#include "plugins/local/checksum.h"

struct intake {
    uint64_t max_bytes; /* decoded */
    uint64_t bytes;     /* decoded, so far */
    struct ir_buf memory;
    int fd;     /* where the bytes go instead; borrowed; -1 = memory */
    bool is_s3; /* its checksums are looked at */
    int failed; /* sticky, with `err` */
    struct ir_error err;
    struct ir_sha256 *hash;           /* of what came over the wire */
    char sha256[IR_SHA256_HEX_BYTES]; /* after intake_end */
    bool is_chunked;
    struct aws_chunked chunked;
    uint64_t promised_bytes; /* x-amz-decoded-content-length; UINT64_MAX = none */
    struct checksum md5;
    unsigned char md5_raw[CHECKSUM_MAX_BYTES]; /* after intake_end, S3 only */
    struct checksum sum;
    char sum_text[CHECKSUM_TEXT_BYTES]; /* after intake_end; "" = none was asked for */
    const char *claimed_sum;            /* borrowed from the headers; NULL = in the trailer */
    const char *claimed_md5;            /* NULL = none */
};

/* In memory, no more than `max_bytes`. */
void intake_init(struct intake *intake, uint64_t max_bytes);
/*
 * For S3: reads from the headers (borrowed until intake_release) what the body is sent as and which
 * checksums it must have. IR_ERR_SERVICE: headers that contradict one another.
 */
IR_MUST_CHECK int intake_expect_s3(struct intake *intake, const struct auth_request *request,
                                   const struct auth_grant *grant, struct ir_error *err);
/* The next bytes. Failures are kept until intake_end. */
void intake_take(struct intake *intake, const char *data, size_t bytes);
/* All has come: checks length and sums. IR_ERR_SERVICE with AWS's code. */
IR_MUST_CHECK int intake_end(struct intake *intake, struct ir_error *err);
void intake_release(struct intake *intake);

#endif
