/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Encryption of what lies in a file, AES-256 in GCM (NIST SP 800-38D) by OpenSSL: a nonce of chance
 * of 12 bytes, the data, a tag of 16 bytes. */
#ifndef CORE_BASE_SEAL_H
#define CORE_BASE_SEAL_H

#include <stddef.h>

#include <imgrecog/error.h>

#define IR_SEAL_KEY_BYTES 32
#define IR_SEAL_NONCE_BYTES 12
#define IR_SEAL_TAG_BYTES 16
#define IR_SEAL_EXTRA_BYTES (IR_SEAL_NONCE_BYTES + IR_SEAL_TAG_BYTES)
#define IR_SEAL_MAX_BYTES (1U << 30)

/* `label` is not stored; the same one must be given to open the seal. */
struct ir_seal {
    const unsigned char *key; /* IR_SEAL_KEY_BYTES */
    const void *label;
    size_t label_bytes;
};

/* Writes bytes + IR_SEAL_EXTRA_BYTES to `out`. IR_ERR_NOMEM, IR_ERR_TOO_LARGE. */
IR_MUST_CHECK int ir_seal_close(const struct ir_seal *seal, const void *data, size_t bytes,
                                unsigned char *out);
/*
 * Writes bytes - IR_SEAL_EXTRA_BYTES to `out`. IR_ERR_RESPONSE: another key or label, or not what
 * was sealed (`out` is wiped); IR_ERR_NOMEM.
 */
IR_MUST_CHECK int ir_seal_open(const struct ir_seal *seal, const void *sealed, size_t bytes,
                               unsigned char *out);

#endif
