/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A DPoP proof by OpenSSL:
 *
 *   base64url({"typ":"dpop+jwt","alg":"ES256","jwk":{…}}) . base64url({"htm","htu","iat","jti"})
 *   . base64url(r || s)
 *
 * OpenSSL signs in DER; JWS wants the two numbers of 32 bytes each (RFC 7518, 3.4).
 */
#include "core/aws/dpop.h"

#include <string.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "core/base/alloc.h"
#include "core/base/base64.h"
#include "core/base/error.h"
#include "core/base/json.h"

#define NUMBER_BYTES 32
#define MAX_PART_BYTES 4096
#define MAX_KEY_BYTES 8192

/* Base64 of RFC 4648 section 5, without padding. */
static int append_base64url(struct ir_buf *out, const void *data, size_t bytes)
{
    size_t chars = ir_base64_length(bytes);
    char *text = ir_malloc(chars + 1);
    if (text == NULL)
        return IR_ERR_NOMEM;
    ir_base64_encode(data, bytes, text);
    while (chars > 0 && text[chars - 1] == '=')
        chars--;
    for (size_t i = 0; i < chars; i++)
        text[i] = (char)(text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i]);
    ir_buf_append(out, text, chars);
    ir_free(text);
    return 0;
}

/* ---- the key ----------------------------------------------------------------------------- */

/* Says "no passphrase" instead of asking the terminal. */
static int no_passphrase(char *out, int room, int is_writing, void *context)
{
    (void)is_writing, (void)context;
    if (room > 0)
        out[0] = '\0';
    return -1;
}

static EVP_PKEY *read_key(const char *pem)
{
    size_t bytes = strlen(pem);
    if (bytes > MAX_KEY_BYTES)
        return NULL;
    BIO *memory = BIO_new_mem_buf(pem, (int)bytes);
    EVP_PKEY *key =
        memory != NULL ? PEM_read_bio_PrivateKey(memory, NULL, no_passphrase, NULL) : NULL;
    char group[32] = "";
    if (key != NULL && (EVP_PKEY_get_group_name(key, group, sizeof group, NULL) != 1 ||
                        strcmp(group, "prime256v1") != 0)) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    BIO_free(memory);
    ERR_clear_error();
    return key;
}

static bool get_coordinate(const EVP_PKEY *key, const char *name, unsigned char out[NUMBER_BYTES])
{
    BIGNUM *number = NULL;
    bool is_good = EVP_PKEY_get_bn_param(key, name, &number) == 1 &&
                   BN_bn2binpad(number, out, NUMBER_BYTES) == NUMBER_BYTES;
    BN_free(number);
    return is_good;
}

/* ---- the parts --------------------------------------------------------------------------- */

static void put_coordinate(struct ir_json_writer *writer, const char *member,
                           const unsigned char *number)
{
    struct ir_buf text;
    ir_buf_init(&text, 2 * NUMBER_BYTES);
    if (append_base64url(&text, number, NUMBER_BYTES) == 0)
        ir_json_member_put_string(writer, member, ir_buf_text(&text));
    ir_buf_release(&text);
}

static bool write_header(const EVP_PKEY *key, struct ir_buf *out)
{
    unsigned char x[NUMBER_BYTES];
    unsigned char y[NUMBER_BYTES];
    struct ir_json_writer writer;
    if (!get_coordinate(key, OSSL_PKEY_PARAM_EC_PUB_X, x) ||
        !get_coordinate(key, OSSL_PKEY_PARAM_EC_PUB_Y, y))
        return false;
    ir_json_writer_init(&writer, out);
    ir_json_begin_object(&writer);
    ir_json_member_put_string(&writer, "typ", "dpop+jwt");
    ir_json_member_put_string(&writer, "alg", "ES256");
    ir_json_key(&writer, "jwk");
    ir_json_begin_object(&writer);
    ir_json_member_put_string(&writer, "kty", "EC");
    put_coordinate(&writer, "x", x);
    put_coordinate(&writer, "y", y);
    ir_json_member_put_string(&writer, "crv", "P-256");
    ir_json_end_object(&writer);
    ir_json_end_object(&writer);
    return out->failed == 0;
}

static bool write_claims(const struct ir_dpop *dpop, struct ir_buf *out)
{
    struct ir_json_writer writer;
    ir_json_writer_init(&writer, out);
    ir_json_begin_object(&writer);
    ir_json_member_put_string(&writer, "htm", dpop->method);
    ir_json_member_put_string(&writer, "htu", dpop->url);
    ir_json_member_put_integer(&writer, "iat", dpop->unix_s);
    ir_json_member_put_string(&writer, "jti", dpop->id);
    ir_json_end_object(&writer);
    return out->failed == 0;
}

/* The signature of `text` as r and s in a row. */
static bool sign(EVP_PKEY *key, const struct ir_buf *text, unsigned char out[2 * NUMBER_BYTES])
{
    unsigned char der[128];
    size_t der_bytes = sizeof der;
    const unsigned char *at = der;
    ECDSA_SIG *numbers = NULL;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool is_good =
        context != NULL && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
        EVP_DigestSign(context, der, &der_bytes, (const unsigned char *)text->data, text->bytes) ==
            1 &&
        (numbers = d2i_ECDSA_SIG(NULL, &at, (long)der_bytes)) != NULL &&
        BN_bn2binpad(ECDSA_SIG_get0_r(numbers), out, NUMBER_BYTES) == NUMBER_BYTES &&
        BN_bn2binpad(ECDSA_SIG_get0_s(numbers), out + NUMBER_BYTES, NUMBER_BYTES) == NUMBER_BYTES;
    ECDSA_SIG_free(numbers);
    EVP_MD_CTX_free(context);
    return is_good;
}

int ir_dpop_proof(const struct ir_dpop *dpop, struct ir_buf *out, struct ir_error *err)
{
    struct ir_buf header, claims, token;
    unsigned char signature[2 * NUMBER_BYTES];
    EVP_PKEY *key = read_key(dpop->key_pem);
    if (key == NULL)
        return ir_fail(err, IR_ERR_AUTH, "the session's key (dpopKey) is not a P-256 key");
    ir_buf_init(&header, MAX_PART_BYTES);
    ir_buf_init(&claims, MAX_PART_BYTES);
    ir_buf_init(&token, 4 * MAX_PART_BYTES);
    int rc = IR_ERR_NOMEM;
    if (write_header(key, &header) && write_claims(dpop, &claims))
        rc = append_base64url(&token, header.data, header.bytes);
    ir_buf_append_char(&token, '.');
    if (rc == 0)
        rc = append_base64url(&token, claims.data, claims.bytes);
    if (rc == 0)
        rc = token.failed == 0 && sign(key, &token, signature) ? 0 : IR_ERR_NOMEM;
    ir_buf_append_char(&token, '.');
    if (rc == 0)
        rc = append_base64url(&token, signature, sizeof signature);
    if (rc == 0 && token.failed == 0)
        ir_buf_append(out, token.data, token.bytes);
    if (rc == 0 && (token.failed != 0 || out->failed != 0))
        rc = IR_ERR_NOMEM;
    if (rc != 0)
        rc = ir_fail_nomem(err);
    ir_buf_release(&token);
    ir_buf_release(&claims);
    ir_buf_release(&header);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return rc;
}
