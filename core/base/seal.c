/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns authenticated encryption. Keeps no key. */
#include "core/base/seal.h"

#include <stdbool.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "core/base/alloc.h"

static bool close_with(EVP_CIPHER_CTX *context, const struct ir_seal *seal, const void *data,
                       size_t bytes, unsigned char *out)
{
    unsigned char *body = out + IR_SEAL_NONCE_BYTES;
    int written = 0;
    return RAND_bytes(out, IR_SEAL_NONCE_BYTES) == 1 &&
           EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, seal->key, out) == 1 &&
           EVP_EncryptUpdate(context, NULL, &written, seal->label, (int)seal->label_bytes) == 1 &&
           EVP_EncryptUpdate(context, body, &written, data, (int)bytes) == 1 &&
           EVP_EncryptFinal_ex(context, body + written, &written) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, IR_SEAL_TAG_BYTES, body + bytes) ==
               1;
}

int ir_seal_close(const struct ir_seal *seal, const void *data, size_t bytes, unsigned char *out)
{
    if (bytes > IR_SEAL_MAX_BYTES || seal->label_bytes > IR_SEAL_MAX_BYTES)
        return IR_ERR_TOO_LARGE;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool done = context != NULL && close_with(context, seal, data, bytes, out);
    EVP_CIPHER_CTX_free(context);
    return done ? 0 : IR_ERR_NOMEM;
}

/* Everything but the last step, which alone tells whether the tag is right. */
static bool begin_open(EVP_CIPHER_CTX *context, const struct ir_seal *seal,
                       const unsigned char *sealed, size_t bytes, unsigned char *out)
{
    unsigned char tag[IR_SEAL_TAG_BYTES];
    int written = 0;
    for (size_t i = 0; i < sizeof tag; i++)
        tag[i] = sealed[IR_SEAL_NONCE_BYTES + bytes + i];
    return EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, seal->key, sealed) == 1 &&
           EVP_DecryptUpdate(context, NULL, &written, seal->label, (int)seal->label_bytes) == 1 &&
           EVP_DecryptUpdate(context, out, &written, sealed + IR_SEAL_NONCE_BYTES, (int)bytes) ==
               1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, sizeof tag, tag) == 1;
}

int ir_seal_open(const struct ir_seal *seal, const void *sealed, size_t bytes, unsigned char *out)
{
    unsigned char rest[IR_SEAL_TAG_BYTES];
    int written = 0;
    if (bytes < IR_SEAL_EXTRA_BYTES || bytes > IR_SEAL_MAX_BYTES)
        return IR_ERR_RESPONSE;
    size_t data_bytes = bytes - IR_SEAL_EXTRA_BYTES;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int rc = IR_ERR_NOMEM;
    if (context != NULL && begin_open(context, seal, sealed, data_bytes, out))
        rc = EVP_DecryptFinal_ex(context, rest, &written) == 1 ? 0 : IR_ERR_RESPONSE;
    EVP_CIPHER_CTX_free(context);
    if (rc != 0)
        ir_wipe(out, data_bytes);
    return rc;
}
