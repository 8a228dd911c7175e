/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CRC32 by zlib, digests by OpenSSL, CRC32C (polynomial 0x1EDC6F41, reflected 0x82F63B78) and
 * CRC64NVME (0xAD93D23594C93659, reflected 0x9A6C9329AC4BC9B5) by tables of 8 x 256, eight bytes at
 * a time. Both start with all bits set and end inverted.
 */
#include "plugins/local/checksum.h"

#include <pthread.h>
#include <string.h>
#include <strings.h>

#include <openssl/evp.h>
#include <zlib.h>

#include "core/base/base64.h"

#define SLICES 8
#define HEADER_PREFIX "x-amz-checksum-"
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static uint64_t crc32c_table[SLICES][256];
static uint64_t crc64_table[SLICES][256];
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

static const struct {
    enum checksum_kind kind;
    const char *name;
    const char *header;
    const char *element;
    int bytes;
} kinds[] = {
    {CHECKSUM_CRC32, "CRC32", "x-amz-checksum-crc32", "ChecksumCRC32", 4},
    {CHECKSUM_CRC32C, "CRC32C", "x-amz-checksum-crc32c", "ChecksumCRC32C", 4},
    {CHECKSUM_CRC64NVME, "CRC64NVME", "x-amz-checksum-crc64nvme", "ChecksumCRC64NVME", 8},
    {CHECKSUM_SHA1, "SHA1", "x-amz-checksum-sha1", "ChecksumSHA1", 20},
    {CHECKSUM_SHA256, "SHA256", "x-amz-checksum-sha256", "ChecksumSHA256", 32},
};

enum checksum_kind checksum_kind_named(const char *name)
{
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (strcasecmp(name, kinds[i].name) == 0)
            return kinds[i].kind;
    return CHECKSUM_NONE;
}

enum checksum_kind checksum_kind_of_header(const char *header)
{
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (strcasecmp(header, kinds[i].header) == 0)
            return kinds[i].kind;
    return CHECKSUM_NONE;
}

const char *checksum_name(enum checksum_kind kind)
{
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (kinds[i].kind == kind)
            return kinds[i].name;
    return "";
}

const char *checksum_header(enum checksum_kind kind)
{
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (kinds[i].kind == kind)
            return kinds[i].header;
    return "";
}

const char *checksum_element(enum checksum_kind kind)
{
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (kinds[i].kind == kind)
            return kinds[i].element;
    return "";
}

bool checksum_is_crc(enum checksum_kind kind)
{
    return kind == CHECKSUM_CRC32 || kind == CHECKSUM_CRC32C || kind == CHECKSUM_CRC64NVME;
}

/* ---- CRC by tables ----------------------------------------------------------------------- */

static void make_table(uint64_t table[SLICES][256], uint64_t polynomial)
{
    for (unsigned i = 0; i < 256; i++) {
        uint64_t crc = i;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? polynomial : 0);
        table[0][i] = crc;
    }
    for (unsigned i = 0; i < 256; i++)
        for (int slice = 1; slice < SLICES; slice++)
            table[slice][i] = (table[slice - 1][i] >> 8) ^ table[0][table[slice - 1][i] & 0xff];
}

static void make_tables(void)
{
    make_table(crc32c_table, UINT64_C(0x82F63B78));
    make_table(crc64_table, UINT64_C(0x9A6C9329AC4BC9B5));
}

/* Both widths: the upper half of a CRC32C's 64 bits is zero. */
static uint64_t run_table(uint64_t table[SLICES][256], uint64_t crc, const unsigned char *data,
                          size_t bytes)
{
    for (; bytes >= SLICES; bytes -= SLICES, data += SLICES) {
        uint64_t word = 0;
        for (int i = 0; i < SLICES; i++)
            word |= (uint64_t)data[i] << (8 * i);
        word ^= crc;
        crc = 0;
        for (int i = 0; i < SLICES; i++)
            crc ^= table[SLICES - 1 - i][(word >> (8 * i)) & 0xff];
    }
    for (; bytes > 0; bytes--, data++)
        crc = (crc >> 8) ^ table[0][(crc ^ *data) & 0xff];
    return crc;
}

/* ---- running sums ------------------------------------------------------------------------ */

static const EVP_MD *digest_of(enum checksum_kind kind)
{
    switch (kind) {
    case CHECKSUM_SHA1:
        return EVP_sha1();
    case CHECKSUM_SHA256:
        return EVP_sha256();
    case CHECKSUM_MD5:
        return EVP_md5();
    default:
        return NULL;
    }
}

void checksum_init(struct checksum *sum, enum checksum_kind kind)
{
    const EVP_MD *md = digest_of(kind);
    *sum = (struct checksum){.kind = kind};
    pthread_once(&tables_once, make_tables);
    if (kind == CHECKSUM_CRC32C)
        sum->crc = UINT32_MAX;
    if (kind == CHECKSUM_CRC64NVME)
        sum->crc = UINT64_MAX;
    if (md == NULL)
        return;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    sum->digest = context;
    sum->failed = context == NULL || EVP_DigestInit_ex(context, md, NULL) != 1;
}

void checksum_update(struct checksum *sum, const void *data, size_t bytes)
{
    if (sum->failed || bytes == 0)
        return;
    if (sum->digest != NULL)
        sum->failed = EVP_DigestUpdate(sum->digest, data, bytes) != 1;
    else if (sum->kind == CHECKSUM_CRC32)
        sum->crc = crc32_z((uLong)sum->crc, data, bytes);
    else if (sum->kind == CHECKSUM_CRC32C)
        sum->crc = run_table(crc32c_table, sum->crc, data, bytes);
    else if (sum->kind == CHECKSUM_CRC64NVME)
        sum->crc = run_table(crc64_table, sum->crc, data, bytes);
}

size_t checksum_final(struct checksum *sum, unsigned char out[CHECKSUM_MAX_BYTES])
{
    size_t bytes = 0;
    unsigned digest_bytes = 0;
    if (sum->failed || sum->kind == CHECKSUM_NONE)
        return 0;
    if (sum->digest != NULL)
        return EVP_DigestFinal_ex(sum->digest, out, &digest_bytes) == 1 ? digest_bytes : 0;
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (kinds[i].kind == sum->kind)
            bytes = (size_t)kinds[i].bytes;
    uint64_t crc = sum->kind == CHECKSUM_CRC32 ? sum->crc : ~sum->crc;
    for (size_t i = 0; i < bytes; i++)
        out[i] = (unsigned char)(crc >> (8 * (bytes - 1 - i)));
    return bytes;
}

void checksum_release(struct checksum *sum)
{
    EVP_MD_CTX_free(sum->digest);
    sum->digest = NULL;
}

void checksum_text(const unsigned char *raw, size_t bytes, char out[CHECKSUM_TEXT_BYTES])
{
    out[ir_base64_encode(raw, bytes, out)] = '\0';
}
