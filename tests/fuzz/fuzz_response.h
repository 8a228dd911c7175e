/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An answer out of fuzzed bytes: header lines up to an empty one, then the body. */
#ifndef TESTS_FUZZ_FUZZ_RESPONSE_H
#define TESTS_FUZZ_FUZZ_RESPONSE_H

#include "tests/fuzz/fuzz.h"

#include "core/aws/http.h"

#define FUZZ_MAX_BODY_BYTES 65536U

/* To be released with ir_http_response_release. */
static inline void fuzz_response(struct ir_http_response *response, int status, const char *text,
                                 size_t bytes)
{
    size_t at = 0;
    ir_http_response_init(response);
    ir_http_response_clear(response, FUZZ_MAX_BODY_BYTES);
    while (at < bytes && text[at] != '\n') {
        const char *end = memchr(text + at, '\n', bytes - at);
        size_t line = end ? (size_t)(end - text) - at : bytes - at;
        ir_http_response_add_line(response, text + at, line);
        at += line + 1;
    }
    response->status = status; /* a line that looked like a status may have changed it */
    if (at < bytes)
        ir_buf_append(&response->body, text + at + 1, bytes - at - 1);
}

#endif
