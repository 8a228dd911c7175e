/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SHA-256, SHA-1 and HMAC-SHA-256 (FIPS 180-4, RFC 2104) by OpenSSL, and hexadecimal. */
#ifndef CORE_BASE_DIGEST_H
#define CORE_BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#include <imgrecog/error.h>

#define IR_SHA256_BYTES 32
#define IR_SHA256_HEX_BYTES 65 /* with the NUL */
#define IR_SHA1_BYTES 20
#define IR_SHA1_HEX_BYTES 41 /* with the NUL */

struct ir_sha256; /* a running hash */

struct ir_sha256 *ir_sha256_new(void); /* NULL when out of memory */
void ir_sha256_update(struct ir_sha256 *hash, const void *data, size_t bytes);
/* IR_ERR_NOMEM when any step failed. The hash may only be freed afterwards. */
IR_MUST_CHECK int ir_sha256_final(struct ir_sha256 *hash, unsigned char out[IR_SHA256_BYTES]);
void ir_sha256_free(struct ir_sha256 *hash);

/* The same for SHA-1, by which a server may have stated what it stores. */
struct ir_sha1;
struct ir_sha1 *ir_sha1_new(void);
void ir_sha1_update(struct ir_sha1 *hash, const void *data, size_t bytes);
IR_MUST_CHECK int ir_sha1_final(struct ir_sha1 *hash, unsigned char out[IR_SHA1_BYTES]);
void ir_sha1_free(struct ir_sha1 *hash);

IR_MUST_CHECK int ir_sha256_once(const void *data, size_t bytes,
                                 unsigned char out[IR_SHA256_BYTES]);
/* Hex SHA-1, for the names of AWS's cache files; it guards nothing. */
IR_MUST_CHECK int ir_sha1_hex(const void *data, size_t bytes, char out_hex[IR_SHA1_HEX_BYTES]);
IR_MUST_CHECK int ir_hmac_sha256(const void *key, size_t key_bytes, const void *data, size_t bytes,
                                 unsigned char out[IR_SHA256_BYTES]);

/* Lower-case; `out` holds 2 * bytes + 1. */
void ir_hex(const unsigned char *data, size_t bytes, char *out);

/* Whether both are the same, compared in constant time. */
bool ir_equal_secret(const void *a, const void *b, size_t bytes);

#endif
