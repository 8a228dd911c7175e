/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns hashing, and is alone in calling OpenSSL's digests. Keeps no key and no state of its own. */
#include "core/base/digest.h"

#include <limits.h>
#include <stdbool.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <imgrecog/memory.h>

#include "core/base/alloc.h"

struct ir_sha256 {
    EVP_MD_CTX *context;
    bool failed;
};

struct ir_sha1 {
    EVP_MD_CTX *context;
    bool failed;
};

/* Both kinds of hash are a context of OpenSSL's; what differs is what they are made with. */
static bool start(EVP_MD_CTX **out_context, const EVP_MD *kind)
{
    *out_context = EVP_MD_CTX_new();
    return *out_context != NULL && EVP_DigestInit_ex(*out_context, kind, NULL) == 1;
}

struct ir_sha256 *ir_sha256_new(void)
{
    struct ir_sha256 *hash = ir_calloc(1, sizeof *hash);
    if (!hash)
        return NULL;
    if (!start(&hash->context, EVP_sha256())) {
        ir_sha256_free(hash);
        return NULL;
    }
    return hash;
}

void ir_sha256_update(struct ir_sha256 *hash, const void *data, size_t bytes)
{
    if (bytes && EVP_DigestUpdate(hash->context, data, bytes) != 1)
        hash->failed = true;
}

int ir_sha256_final(struct ir_sha256 *hash, unsigned char out[IR_SHA256_BYTES])
{
    if (hash->failed || EVP_DigestFinal_ex(hash->context, out, NULL) != 1)
        return IR_ERR_NOMEM;
    return 0;
}

void ir_sha256_free(struct ir_sha256 *hash)
{
    if (!hash)
        return;
    EVP_MD_CTX_free(hash->context);
    ir_free(hash);
}

struct ir_sha1 *ir_sha1_new(void)
{
    struct ir_sha1 *hash = ir_calloc(1, sizeof *hash);
    if (!hash)
        return NULL;
    if (!start(&hash->context, EVP_sha1())) {
        ir_sha1_free(hash);
        return NULL;
    }
    return hash;
}

void ir_sha1_update(struct ir_sha1 *hash, const void *data, size_t bytes)
{
    if (bytes && EVP_DigestUpdate(hash->context, data, bytes) != 1)
        hash->failed = true;
}

int ir_sha1_final(struct ir_sha1 *hash, unsigned char out[IR_SHA1_BYTES])
{
    if (hash->failed || EVP_DigestFinal_ex(hash->context, out, NULL) != 1)
        return IR_ERR_NOMEM;
    return 0;
}

void ir_sha1_free(struct ir_sha1 *hash)
{
    if (!hash)
        return;
    EVP_MD_CTX_free(hash->context);
    ir_free(hash);
}

int ir_sha256_once(const void *data, size_t bytes, unsigned char out[IR_SHA256_BYTES])
{
    return EVP_Digest(bytes ? data : "", bytes, out, NULL, EVP_sha256(), NULL) == 1 ? 0
                                                                                    : IR_ERR_NOMEM;
}

int ir_sha1_hex(const void *data, size_t bytes, char out_hex[IR_SHA1_HEX_BYTES])
{
    unsigned char digest[IR_SHA1_BYTES];
    if (EVP_Digest(bytes ? data : "", bytes, digest, NULL, EVP_sha1(), NULL) != 1)
        return IR_ERR_NOMEM;
    ir_hex(digest, sizeof digest, out_hex);
    return 0;
}

int ir_hmac_sha256(const void *key, size_t key_bytes, const void *data, size_t bytes,
                   unsigned char out[IR_SHA256_BYTES])
{
    if (key_bytes > INT_MAX)
        return IR_ERR_TOO_LARGE;
    /* A NULL key means "the key of the last call" to OpenSSL. */
    if (!HMAC(EVP_sha256(), key_bytes ? key : "", (int)key_bytes, bytes ? data : NULL, bytes, out,
              NULL))
        return IR_ERR_NOMEM;
    return 0;
}

void ir_hex(const unsigned char *data, size_t bytes, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes; i++) {
        out[2 * i] = digits[data[i] >> 4];
        out[2 * i + 1] = digits[data[i] & 15];
    }
    out[2 * bytes] = '\0';
}

bool ir_equal_secret(const void *a, const void *b, size_t bytes)
{
    return CRYPTO_memcmp(a, b, bytes) == 0;
}
