/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Base64: the vectors of RFC 4648 section 10, pieces, and everything that is not base64. With
 * IR_BASE64_WITHOUT_AVX2 the encoder of processors that have no AVX2 is tested.
 */
#include "tests/unit/unit.h"

#include <openssl/evp.h>

#ifdef IR_BASE64_WITHOUT_AVX2
#include "core/base/base64.c"
#else
#include "core/base/base64.h"
#endif

struct vector_row {
    const char *name;
    const char *plain;
    const char *encoded;
};

static const struct vector_row vector_rows[] = {
    {"nothing", "", ""},
    {"f", "f", "Zg=="},
    {"fo", "fo", "Zm8="},
    {"foo", "foo", "Zm9v"},
    {"foob", "foob", "Zm9vYg=="},
    {"fooba", "fooba", "Zm9vYmE="},
    {"foobar", "foobar", "Zm9vYmFy"},
    {"plus and slash", "\xfb\xff\xbf\xfb", "+/+/+w=="},
};

static void test_vector(void **state)
{
    const struct vector_row *row = *state;
    size_t plain_bytes = strlen(row->plain);
    size_t encoded_bytes = strlen(row->encoded);
    char text[64];
    unsigned char plain[64];
    size_t bytes = 99;
    assert_int_equal(ir_base64_length(plain_bytes), encoded_bytes);
    assert_int_equal(ir_base64_encode((const unsigned char *)row->plain, plain_bytes, text),
                     encoded_bytes);
    assert_string_equal(text, row->encoded);
    assert_int_equal(ir_base64_decode(row->encoded, encoded_bytes, plain, &bytes), 0);
    assert_int_equal(bytes, plain_bytes);
    assert_memory_equal(plain, row->plain, plain_bytes);
}

struct bad_row {
    const char *name;
    const char *text;
};

static const struct bad_row bad_rows[] = {
    {"one character", "Z"},
    {"two characters", "Zg"},
    {"no padding", "Zg="},
    {"too much padding", "Z==="},
    {"only padding", "===="},
    {"padding in the middle", "Zg==Zm9v"},
    {"padding before a character", "Zm=v"},
    {"white space", "Zm9 "},
    {"line feed at the end", "Zm9v\n"},
    {"line feed inside", "Zm9\nZm9v"},
    {"the URL alphabet", "-_-_"},
    {"a byte over 127", "Zm9\xc3"},
    {"a control character", "Zm9\x01"},
    {"bad character in an early group", "Z!9vZm9v"},
    {"unused bits set, one byte", "Zh=="},
    {"unused bits set, two bytes", "Zm9="},
};

static void test_bad(void **state)
{
    const struct bad_row *row = *state;
    unsigned char plain[64];
    size_t bytes = 99;
    assert_int_equal(ir_base64_decode(row->text, strlen(row->text), plain, &bytes), IR_ERR_ARG);
    assert_int_equal(bytes, 99);
}

static void test_nul_is_bad(void **state)
{
    (void)state;
    unsigned char plain[8];
    size_t bytes = 99;
    assert_int_equal(ir_base64_decode("Zm9\0", 4, plain, &bytes), IR_ERR_ARG);
}

/* Every length up to 200, decoded and encoded in pieces of every multiple of 3. */
static void test_round_trip(void **state)
{
    (void)state;
    unsigned char data[200];
    char whole[300];
    char pieces[300];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(i * 151 + 7);
    for (size_t bytes = 0; bytes <= sizeof data; bytes++) {
        /* exactly the sizes that the header asks for, so that the sanitizer sees one byte more */
        unsigned char *in = malloc(bytes > 0 ? bytes : 1);
        char *text = malloc(ir_base64_length(bytes) + 1);
        assert_non_null(in);
        assert_non_null(text);
        if (bytes > 0)
            memcpy(in, data, bytes);
        size_t length = ir_base64_encode(in, bytes, text);
        assert_int_equal(length, ir_base64_length(bytes));
        assert_int_equal(text[length], '\0');
        memcpy(whole, text, length + 1);
        free(in);
        free(text);
        size_t out_bytes = 0;
        unsigned char *out = malloc(3 * length / 4 + 3);
        assert_int_equal(ir_base64_decode(whole, length, out, &out_bytes), 0);
        assert_int_equal(out_bytes, bytes);
        assert_memory_equal(out, data, bytes);
        free(out);
        for (size_t step = 3; step <= 60; step += 3) {
            size_t written = 0;
            for (size_t at = 0; at < bytes; at += step) {
                size_t piece = bytes - at < step ? bytes - at : step;
                written += ir_base64_encode(data + at, piece, pieces + written);
            }
            assert_int_equal(written, length);
            assert_memory_equal(pieces, whole, length);
        }
    }
}

/* Every byte at every place of 3 steps of the fast way, judged by OpenSSL's encoder. */
static void test_every_byte(void **state)
{
    (void)state;
    const size_t bytes = 76;
    unsigned char *data = malloc(bytes);
    char *text = malloc(ir_base64_length(bytes) + 1);
    unsigned char expected[128];
    assert_non_null(data);
    assert_non_null(text);
    for (unsigned value = 0; value < 256; value++)
        for (size_t at = 0; at < bytes; at++) {
            memset(data, (int)(value ^ 0xa5), bytes);
            data[at] = (unsigned char)value;
            int length = EVP_EncodeBlock(expected, data, (int)bytes);
            assert_int_equal(ir_base64_encode(data, bytes, text), length);
            assert_memory_equal(text, expected, (size_t)length + 1);
        }
    free(data);
    free(text);
}

static void test_large(void **state)
{
    (void)state;
    /* More than one piece of the encoder inside. */
    size_t bytes = ((size_t)3 << 24) + 4;
    unsigned char *data = malloc(bytes);
    char *text = malloc(ir_base64_length(bytes) + 1);
    unsigned char *back = malloc(bytes + 3);
    size_t back_bytes = 0;
    assert_non_null(data);
    assert_non_null(text);
    assert_non_null(back);
    for (size_t i = 0; i < bytes; i++)
        data[i] = (unsigned char)(i >> 3 ^ i * 31);
    assert_int_equal(ir_base64_encode(data, bytes, text), ir_base64_length(bytes));
    assert_int_equal(ir_base64_decode(text, ir_base64_length(bytes), back, &back_bytes), 0);
    assert_int_equal(back_bytes, bytes);
    assert_memory_equal(back, data, bytes);
    free(data);
    free(text);
    free(back);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_vector, vector_rows);
    UNIT_ADD_ROWS(&list, test_bad, bad_rows);
    unit_add(&list, "NUL is no base64", test_nul_is_bad);
    unit_add(&list, "round trip of every length", test_round_trip);
    unit_add(&list, "every byte at every place", test_every_byte);
    unit_add(&list, "48 MiB and 4 bytes", test_large);
    return unit_run(&list, "base64");
}
