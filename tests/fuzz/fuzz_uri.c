/* SPDX-License-Identifier: GPL-3.0-or-later */
/* URLs and percent-encoding: a URL that is taken can be put together and taken again. */
#include "tests/fuzz/fuzz.h"

#include "core/base/error.h"
#include "core/base/uri.h"

static void check_url(const char *text)
{
    struct ir_url url;
    struct ir_url again;
    struct ir_error err;
    char written[2048];
    int result = ir_url_parse(text, "it", &url, &err);
    if (result) {
        FUZZ_CHECK(result == IR_ERR_ARG && err.code == result && err.message[0]);
        return;
    }
    FUZZ_CHECK(url.host[0] && url.path[0] == '/' && url.port <= 65535);
    FUZZ_CHECK(!strpbrk(url.host, " /\r\n@?#\\") && !strpbrk(url.path, " \r\n?#\\"));
    int bytes =
        snprintf(written, sizeof written, "%s://%s", url.https ? "https" : "http", url.host);
    if (url.port)
        bytes += snprintf(written + bytes, sizeof written - (size_t)bytes, ":%u", url.port);
    snprintf(written + bytes, sizeof written - (size_t)bytes, "%s", url.path);
    FUZZ_CHECK(!ir_url_parse(written, "it", &again, &err));
    FUZZ_CHECK(!strcmp(url.host, again.host) && !strcmp(url.path, again.path));
    FUZZ_CHECK(url.https == again.https && url.port == again.port);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct ir_buf text;
    struct ir_buf encoded;
    struct ir_buf decoded;
    if (bytes > FUZZ_MAX_BYTES)
        return 0;
    ir_buf_init(&text, FUZZ_MAX_BYTES);
    ir_buf_init(&encoded, 3 * FUZZ_MAX_BYTES);
    ir_buf_init(&decoded, FUZZ_MAX_BYTES);
    ir_buf_append(&text, data, bytes);
    check_url(ir_buf_text(&text));
    for (int keep_slash = 0; keep_slash < 2; keep_slash++) {
        ir_buf_clear(&encoded);
        ir_buf_clear(&decoded);
        ir_uri_encode(&encoded, ir_buf_text(&text), bytes, keep_slash);
        ir_uri_decode(&decoded, ir_buf_text(&encoded), encoded.bytes);
        FUZZ_CHECK(!encoded.failed && !decoded.failed && decoded.bytes == bytes);
        FUZZ_CHECK(!memcmp(ir_buf_text(&decoded), ir_buf_text(&text), bytes));
    }
    ir_buf_clear(&decoded);
    ir_uri_decode(&decoded, (const char *)data, bytes);
    FUZZ_CHECK(!decoded.failed && decoded.bytes <= bytes);
    ir_buf_release(&text);
    ir_buf_release(&encoded);
    ir_buf_release(&decoded);
    return 0;
}
