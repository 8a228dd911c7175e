/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Error answers: header lines up to an empty one, then the body. Whatever comes, there is a code, a
 * message in valid UTF-8 and no crash.
 */
#include "tests/fuzz/fuzz_response.h"

#include "core/aws/error_shape.h"
#include "core/base/utf8.h"

static void check_text(const char *text, size_t room)
{
    size_t bytes = strnlen(text, room);
    FUZZ_CHECK(bytes < room && ir_utf8_is_valid(text, bytes));
}

static void check(const struct ir_service *service, const struct ir_http_response *response)
{
    char line[2048];
    struct ir_error err = {0};
    int rc = ir_error_from_response(service, response, &err);
    FUZZ_CHECK(rc < 0 && rc == err.code && err.http_status == response->status);
    check_text(err.aws_code, sizeof err.aws_code);
    check_text(err.message, sizeof err.message);
    check_text(err.hint, sizeof err.hint);
    check_text(err.request_id, sizeof err.request_id);
    FUZZ_CHECK(err.message[0] != '\0');
    FUZZ_CHECK(!strpbrk(ir_error_line(&err, line, sizeof line), "\r\n\x1b"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static const int statuses[] = {301, 400, 403, 404, 408, 424, 429, 500, 503, 530};
    struct ir_http_response response;
    if (bytes < 1 || bytes > FUZZ_MAX_BYTES)
        return 0;
    fuzz_response(&response, statuses[data[0] % (sizeof statuses / sizeof statuses[0])],
                  (const char *)data + 1, bytes - 1);
    check(&ir_service_sagemaker_runtime, &response);
    check(&ir_service_s3, &response);
    ir_http_response_release(&response);
    return 0;
}
