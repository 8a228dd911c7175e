/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The checksums that S3 knows, as running sums. Values are base64 of the big-endian number, as in
 * the headers x-amz-checksum-*.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
 */
#ifndef PLUGINS_LOCAL_CHECKSUM_H
#define PLUGINS_LOCAL_CHECKSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <imgrecog/error.h>

#define CHECKSUM_MAX_BYTES 32
#define CHECKSUM_TEXT_BYTES 48 /* base64 of CHECKSUM_MAX_BYTES, and NUL */

enum checksum_kind {
    CHECKSUM_NONE,
    CHECKSUM_CRC32,
    CHECKSUM_CRC32C,
    CHECKSUM_CRC64NVME,
    CHECKSUM_SHA1,
    CHECKSUM_SHA256,
    CHECKSUM_MD5, /* of ETag and Content-MD5; none of x-amz-checksum-* */
};

struct checksum {
    enum checksum_kind kind;
    uint64_t crc;
    void *digest; /* OpenSSL's, NULL for a CRC */
    bool failed;
};

/* "CRC32" of x-amz-checksum-algorithm, any case; CHECKSUM_NONE when unknown. */
enum checksum_kind checksum_kind_named(const char *name);
/* "x-amz-checksum-crc32", any case; CHECKSUM_NONE when it is another header. */
enum checksum_kind checksum_kind_of_header(const char *header);
const char *checksum_name(enum checksum_kind kind);    /* "CRC32" */
const char *checksum_header(enum checksum_kind kind);  /* "x-amz-checksum-crc32" */
const char *checksum_element(enum checksum_kind kind); /* "ChecksumCRC32" */
bool checksum_is_crc(enum checksum_kind kind);

/* A failure (no memory) shows in checksum_final. CHECKSUM_NONE sums nothing. */
void checksum_init(struct checksum *sum, enum checksum_kind kind);
void checksum_update(struct checksum *sum, const void *data, size_t bytes);
/* Writes the raw sum; returns its length, 0 for CHECKSUM_NONE and after a failure. */
size_t checksum_final(struct checksum *sum, unsigned char out[CHECKSUM_MAX_BYTES]);
void checksum_release(struct checksum *sum);

/* Base64 of a raw sum. */
void checksum_text(const unsigned char *raw, size_t bytes, char out[CHECKSUM_TEXT_BYTES]);

#endif
