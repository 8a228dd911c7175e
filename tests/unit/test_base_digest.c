/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Hashes against published vectors.
 * Sources: https://csrc.nist.gov/projects/cryptographic-standards-and-guidelines/example-values
 * (SHA-256), https://www.rfc-editor.org/rfc/rfc4231 (HMAC)
 */
#include "tests/unit/unit.h"

#include "core/base/digest.h"

struct sha_row {
    const char *name;
    const char *text;
    size_t repeats;
    const char *hex;
};

static const struct sha_row sha_rows[] = {
    {"sha256 of nothing", "", 1,
     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"sha256 of abc", "abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"sha256 of 448 bits", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"sha256 of 896 bits",
     "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmno"
     "pqrsmnopqrstnopqrstu",
     1, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
    {"sha256 of a million a", "aaaaaaaaaa", 100000,
     "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
};

static void test_sha256(void **state)
{
    const struct sha_row *row = *state;
    unsigned char out[IR_SHA256_BYTES];
    char hex[IR_SHA256_HEX_BYTES];
    size_t bytes = strlen(row->text);
    struct ir_sha256 *hash = ir_sha256_new();
    assert_non_null(hash);
    for (size_t i = 0; i < row->repeats; i++)
        ir_sha256_update(hash, row->text, bytes);
    ir_sha256_update(hash, NULL, 0);
    assert_int_equal(ir_sha256_final(hash, out), 0);
    ir_sha256_free(hash);
    ir_hex(out, sizeof out, hex);
    assert_string_equal(hex, row->hex);
    if (row->repeats == 1) {
        memset(out, 0, sizeof out);
        assert_int_equal(ir_sha256_once(bytes ? row->text : NULL, bytes, out), 0);
        ir_hex(out, sizeof out, hex);
        assert_string_equal(hex, row->hex);
    }
}

struct bytes {
    const char *text; /* repeated */
    size_t repeats;
};

struct hmac_row {
    const char *name;
    struct bytes key;
    struct bytes data;
    const char *hex;
};

static const struct hmac_row hmac_rows[] = {
    {"hmac case 1",
     {"\x0b", 20},
     {"Hi There", 1},
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"hmac case 2",
     {"Jefe", 1},
     {"what do ya want for nothing?", 1},
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {"hmac case 3",
     {"\xaa", 20},
     {"\xdd", 50},
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {"hmac case 4",
     {"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16"
      "\x17\x18\x19",
      1},
     {"\xcd", 50},
     "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
    {"hmac case 5", {"\x0c", 20}, {"Test With Truncation", 1}, "a3b6167473100ee06e0c796c2955552b"},
    {"hmac case 6",
     {"\xaa", 131},
     {"Test Using Larger Than Block-Size Key - Hash Key First", 1},
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {"hmac case 7",
     {"\xaa", 131},
     {"This is a test using a larger than block-size key and a larger than block-size data. The "
      "key needs to be hashed before being used by the HMAC algorithm.",
      1},
     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
    {"hmac of nothing with no key",
     {"", 1},
     {"", 1},
     "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
};

static size_t repeat(const struct bytes *from, char out[256])
{
    size_t bytes = strlen(from->text);
    for (size_t i = 0; i < from->repeats; i++)
        memcpy(out + i * bytes, from->text, bytes);
    return bytes * from->repeats;
}

static void test_hmac(void **state)
{
    const struct hmac_row *row = *state;
    unsigned char out[IR_SHA256_BYTES];
    char hex[IR_SHA256_HEX_BYTES];
    char key[256];
    char data[256];
    size_t key_bytes = repeat(&row->key, key);
    size_t data_bytes = repeat(&row->data, data);
    assert_int_equal(ir_hmac_sha256(key_bytes ? key : NULL, key_bytes, data_bytes ? data : NULL,
                                    data_bytes, out),
                     0);
    ir_hex(out, sizeof out, hex);
    hex[strlen(row->hex)] = '\0'; /* case 5 publishes the first half */
    assert_string_equal(hex, row->hex);
}

static void test_hex(void **state)
{
    (void)state;
    const unsigned char data[] = {0x00, 0x0f, 0xa0, 0xff};
    char out[9];
    ir_hex(data, sizeof data, out);
    assert_string_equal(out, "000fa0ff");
    ir_hex(data, 0, out);
    assert_string_equal(out, "");
}

static void test_sha1(void **state)
{
    (void)state;
    char hex[IR_SHA1_HEX_BYTES];
    assert_int_equal(ir_sha1_hex("abc", 3, hex), 0);
    assert_string_equal(hex, "a9993e364706816aba3e25717850c26c9cd0d89d");
    assert_int_equal(ir_sha1_hex(NULL, 0, hex), 0);
    assert_string_equal(hex, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

static void test_equal(void **state)
{
    (void)state;
    assert_true(ir_equal_secret("abc", "abc", 3));
    assert_false(ir_equal_secret("abc", "abd", 3));
    assert_false(ir_equal_secret("xbc", "abc", 3));
    assert_true(ir_equal_secret("abc", "xyz", 0));
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_sha256, sha_rows);
    UNIT_ADD_ROWS(&list, test_hmac, hmac_rows);
    unit_add(&list, "hex", test_hex);
    unit_add(&list, "sha1", test_sha1);
    unit_add(&list, "equal in constant time", test_equal);
    return unit_run(&list, "digest");
}
