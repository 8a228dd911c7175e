/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of S3's requests and answers share. */
#ifndef TESTS_UNIT_S3_ANSWERS_H
#define TESTS_UNIT_S3_ANSWERS_H

#include "tests/unit/unit.h"

#include <strings.h>

#include "core/service/s3.h"

/* Those of "hello". */
static const struct ir_body_sums sums = {
    5, 0x3610a686, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"};
static const struct ir_s3_object_name object = {.bucket = "bucket", .key = "key"};

/* NULL = the request has no such header. */
static inline const char *header(const struct ir_s3_request *request, const char *name)
{
    for (size_t i = 0; i < request->http.aws.header_count; i++)
        if (strcasecmp(request->http.aws.headers[i].name, name) == 0)
            return request->http.aws.headers[i].value;
    return NULL;
}

/* An answer of status 200; `headers` are lines. */
static inline void fill(struct ir_http_response *response, const char *headers, const char *body)
{
    ir_http_response_init(response);
    ir_http_response_clear(response, 1 << 20);
    response->status = 200;
    while (*headers != '\0') {
        size_t bytes = strcspn(headers, "\n");
        ir_http_response_add_line(response, headers, bytes);
        headers += bytes + (headers[bytes] == '\n');
    }
    ir_buf_append_text(&response->body, body);
}

#endif
