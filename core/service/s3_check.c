/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checksums of what is received. CRCs other than zlib's go by a table of 256 entries, made when the
 * first bytes come; all are reflected, begin with ones and end inverted:
 *
 *   CRC-32C    polynomial 1EDC6F41          reflected 82F63B78
 *   CRC-64NVME polynomial AD93D23594C93659  reflected 9A6C9329AC4BC9B5
 */
#include "core/service/s3_check.h"

#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "core/base/ascii.h"
#include "core/base/base64.h"
#include "core/base/error.h"

#define CRC32C_REFLECTED UINT64_C(0x82F63B78)
#define CRC64NVME_REFLECTED UINT64_C(0x9A6C9329AC4BC9B5)
#define CRC32_BYTES 4
#define CRC64_BYTES 8
#define MAX_PIECE_BYTES (1U << 30) /* zlib counts in unsigned int */

/* Those that cost least stand first: an object may have several. */
static const struct {
    enum ir_s3_check_kind kind;
    const char *header;
    size_t bytes;
} kinds[] = {
    {IR_S3_CHECK_CRC32, "x-amz-checksum-crc32", CRC32_BYTES},
    {IR_S3_CHECK_CRC32C, "x-amz-checksum-crc32c", CRC32_BYTES},
    {IR_S3_CHECK_CRC64NVME, "x-amz-checksum-crc64nvme", CRC64_BYTES},
    {IR_S3_CHECK_SHA256, "x-amz-checksum-sha256", IR_SHA256_BYTES},
    {IR_S3_CHECK_SHA1, "x-amz-checksum-sha1", IR_SHA1_BYTES},
};
#define KIND_COUNT (sizeof kinds / sizeof kinds[0])

/* ---- CRCs -------------------------------------------------------------------------------- */

static void make_table(uint64_t table[256], uint64_t reflected)
{
    for (unsigned byte = 0; byte < 256; byte++) {
        uint64_t value = byte;
        for (int bit = 0; bit < 8; bit++)
            value = (value & 1) != 0 ? value >> 1 ^ reflected : value >> 1;
        table[byte] = value;
    }
}

static uint64_t add_to_crc(const uint64_t table[256], uint64_t crc, const char *data, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        crc = table[(crc ^ (unsigned char)data[i]) & 0xFF] ^ crc >> 8;
    return crc;
}

static uint64_t add_to_crc32(uint64_t crc, const char *data, size_t bytes)
{
    while (bytes > 0) {
        uInt piece_bytes = bytes < MAX_PIECE_BYTES ? (uInt)bytes : MAX_PIECE_BYTES;
        crc = crc32((uLong)crc, (const Bytef *)data, piece_bytes);
        data += piece_bytes;
        bytes -= piece_bytes;
    }
    return crc;
}

/* ---- starting ---------------------------------------------------------------------------- */

void ir_s3_check_init(struct ir_s3_check *check, const struct ir_http_response *response,
                      int (*sink)(void *context, const char *data, size_t bytes),
                      void *sink_context)
{
    check->response = response;
    check->sink = sink;
    check->sink_context = sink_context;
    check->is_started = false;
    check->kind = IR_S3_CHECK_NONE;
    check->bytes = 0;
    check->crc = 0;
    check->sha256 = NULL;
    check->sha1 = NULL;
}

void ir_s3_check_release(struct ir_s3_check *check)
{
    ir_sha256_free(check->sha256);
    ir_sha1_free(check->sha1);
}

/* A checksum of the whole object has the size of its kind, and no "-N" behind it. */
static bool is_of_whole(const char *text, size_t bytes)
{
    unsigned char decoded[IR_S3_CHECKSUM_BYTES + 3];
    size_t count = 0;
    return ir_base64_decode(text, strlen(text), decoded, &count) == 0 && count == bytes;
}

static enum ir_s3_check_kind choose_kind(struct ir_s3_check *check)
{
    char text[64];
    ir_http_response_header(check->response, "content-range", text, sizeof text);
    if (text[0] != '\0')
        return IR_S3_CHECK_NONE;
    ir_http_response_header(check->response, "x-amz-checksum-type", text, sizeof text);
    if (strcmp(text, "COMPOSITE") == 0)
        return IR_S3_CHECK_NONE;
    for (size_t i = 0; i < KIND_COUNT; i++) {
        ir_http_response_header(check->response, kinds[i].header, check->stated,
                                sizeof check->stated);
        if (is_of_whole(check->stated, kinds[i].bytes))
            return kinds[i].kind;
    }
    return IR_S3_CHECK_NONE;
}

static int start(struct ir_s3_check *check)
{
    if (check->is_started)
        return 0;
    check->is_started = true;
    check->kind = choose_kind(check);
    switch (check->kind) {
    case IR_S3_CHECK_NONE:
    case IR_S3_CHECK_CRC32:
        return 0;
    case IR_S3_CHECK_CRC32C:
        make_table(check->crc_table, CRC32C_REFLECTED);
        check->crc = UINT32_MAX;
        return 0;
    case IR_S3_CHECK_CRC64NVME:
        make_table(check->crc_table, CRC64NVME_REFLECTED);
        check->crc = UINT64_MAX;
        return 0;
    case IR_S3_CHECK_SHA256:
        check->sha256 = ir_sha256_new();
        return check->sha256 != NULL ? 0 : IR_ERR_NOMEM;
    case IR_S3_CHECK_SHA1:
        check->sha1 = ir_sha1_new();
        return check->sha1 != NULL ? 0 : IR_ERR_NOMEM;
    }
    return 0;
}

/* ---- taking ------------------------------------------------------------------------------ */

int ir_s3_check_take(void *context, const char *data, size_t bytes)
{
    struct ir_s3_check *check = context;
    int rc = start(check);
    if (rc != 0)
        return rc;
    check->bytes += bytes;
    if (check->kind == IR_S3_CHECK_CRC32)
        check->crc = add_to_crc32(check->crc, data, bytes);
    else if (check->kind == IR_S3_CHECK_CRC32C || check->kind == IR_S3_CHECK_CRC64NVME)
        check->crc = add_to_crc(check->crc_table, check->crc, data, bytes);
    else if (check->kind == IR_S3_CHECK_SHA256)
        ir_sha256_update(check->sha256, data, bytes);
    else if (check->kind == IR_S3_CHECK_SHA1)
        ir_sha1_update(check->sha1, data, bytes);
    return check->sink != NULL ? check->sink(check->sink_context, data, bytes) : 0;
}

/* ---- comparing --------------------------------------------------------------------------- */

/* The checksum's bytes, a number's highest first. */
static int end_sum(struct ir_s3_check *check, unsigned char out[IR_SHA256_BYTES], size_t bytes)
{
    if (check->kind == IR_S3_CHECK_SHA256)
        return ir_sha256_final(check->sha256, out);
    if (check->kind == IR_S3_CHECK_SHA1)
        return ir_sha1_final(check->sha1, out);
    uint64_t crc = check->kind == IR_S3_CHECK_CRC32 ? check->crc : ~check->crc;
    for (size_t i = 0; i < bytes; i++)
        out[i] = (unsigned char)(crc >> 8 * (bytes - 1 - i));
    return 0;
}

static int fail_difference(struct ir_error *err, const char *cause)
{
    ir_s3_fail(err, IR_ERR_RESPONSE, cause, "Fetch it again; what came must not be used.");
    if (err != NULL)
        err->retryable = true;
    return IR_ERR_RESPONSE;
}

/* False when the answer said how long it is, and is not. */
static bool is_complete(const struct ir_s3_check *check)
{
    char text[32];
    ir_http_response_header(check->response, "content-length", text, sizeof text);
    return !ir_ascii_is_digit(text[0]) || strtoull(text, NULL, 10) == check->bytes;
}

int ir_s3_check_finish(struct ir_s3_check *check, bool *out_is_checked, struct ir_error *err)
{
    unsigned char sum[IR_SHA256_BYTES];
    char text[IR_SHA256_BYTES * 2];
    int rc = start(check); /* an empty object */
    if (rc != 0)
        return ir_fail_nomem(err);
    if (!is_complete(check))
        return fail_difference(err, "the object came without its end");
    if (check->kind == IR_S3_CHECK_NONE) {
        *out_is_checked = false;
        return 0;
    }
    size_t bytes = 0;
    for (size_t i = 0; i < KIND_COUNT; i++)
        if (kinds[i].kind == check->kind)
            bytes = kinds[i].bytes;
    if (end_sum(check, sum, bytes) != 0)
        return ir_fail_nomem(err);
    ir_base64_encode(sum, bytes, text);
    if (strcmp(text, check->stated) != 0)
        return fail_difference(err, "what came is not what S3 stores: its checksum is another");
    *out_is_checked = true;
    return 0;
}
