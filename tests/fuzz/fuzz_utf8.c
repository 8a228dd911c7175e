/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UTF-8: what is cleaned is valid, printable and short enough; cutting never spoils a valid text.
 */
#include "tests/fuzz/fuzz.h"

#include <imgrecog/memory.h>

#include "core/base/error.h"
#include "core/base/utf8.h"

static void check_clean(const char *text, size_t bytes, size_t max_bytes)
{
    char *clean = ir_utf8_clean(text, bytes, max_bytes);
    FUZZ_CHECK(clean);
    size_t clean_bytes = strlen(clean);
    FUZZ_CHECK(clean_bytes <= max_bytes && ir_utf8_is_valid(clean, clean_bytes));
    for (size_t at = 0; at < clean_bytes;) {
        size_t width = ir_utf8_next(clean + at, clean_bytes - at);
        FUZZ_CHECK(width && !ir_utf8_is_control(clean + at, width));
        at += width;
    }
    char *again = ir_utf8_clean(clean, clean_bytes, max_bytes);
    FUZZ_CHECK(again && !strcmp(clean, again));
    ir_free(clean);
    ir_free(again);
}

static void check_error_line(const char *text)
{
    struct ir_error err;
    char line[4096];
    (void)ir_fail(&err, IR_ERR_SERVICE, "%s", text);
    ir_error_set_hint(&err, "%s", text);
    ir_error_set_service(&err, text);
    ir_text_copy(err.aws_code, sizeof err.aws_code, text);
    ir_error_line(&err, line, sizeof line);
    size_t bytes = strlen(line);
    FUZZ_CHECK(ir_utf8_is_valid(line, bytes));
    for (size_t at = 0; at < bytes; at += ir_utf8_next(line + at, bytes - at))
        FUZZ_CHECK(!ir_utf8_is_control(line + at, ir_utf8_next(line + at, bytes - at)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    const char *text = (const char *)data;
    if (bytes > FUZZ_MAX_BYTES)
        return 0;
    check_clean(text, bytes, SIZE_MAX - 1);
    check_clean(text, bytes, bytes / 2);
    bool is_valid = ir_utf8_is_valid(text, bytes);
    for (size_t max_bytes = 0; max_bytes <= bytes && max_bytes < 64; max_bytes++) {
        size_t kept = ir_utf8_floor(text, bytes, max_bytes);
        FUZZ_CHECK(kept <= max_bytes && max_bytes - kept < 4);
        FUZZ_CHECK(!is_valid || ir_utf8_is_valid(text, kept));
    }
    char *copy = malloc(bytes + 1);
    FUZZ_CHECK(copy);
    memcpy(copy, data, bytes);
    copy[bytes] = '\0';
    check_error_line(copy);
    free(copy);
    return 0;
}
