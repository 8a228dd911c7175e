/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Base64: one value has one text, both ways. */
#include "tests/fuzz/fuzz.h"

#include "core/base/base64.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    if (bytes > FUZZ_MAX_BYTES)
        return 0;
    size_t length = ir_base64_length(bytes);
    char *text = malloc(length + 1);
    unsigned char *plain = malloc(3 * length / 4 + 3);
    size_t plain_bytes = 0;
    FUZZ_CHECK(text && plain);
    FUZZ_CHECK(ir_base64_encode(data, bytes, text) == length);
    FUZZ_CHECK(!ir_base64_decode(text, length, plain, &plain_bytes));
    FUZZ_CHECK(plain_bytes == bytes && !memcmp(plain, data, bytes));
    free(text);
    free(plain);

    plain = malloc(3 * bytes / 4 + 3);
    FUZZ_CHECK(plain);
    if (!ir_base64_decode((const char *)data, bytes, plain, &plain_bytes)) {
        FUZZ_CHECK(ir_base64_length(plain_bytes) == bytes);
        text = malloc(bytes + 1);
        FUZZ_CHECK(text && ir_base64_encode(plain, plain_bytes, text) == bytes);
        FUZZ_CHECK(!memcmp(text, data, bytes));
        free(text);
    }
    free(plain);
    return 0;
}
