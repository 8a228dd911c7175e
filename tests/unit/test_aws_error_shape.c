/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AWS's error answers, answers that are none, and what becomes of each. */
#include "tests/unit/unit.h"

#include "core/aws/error_shape.h"
#include "core/base/alloc.h"
#include "core/base/utf8.h"

#define LONG_62 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define LONG_63 LONG_62 "A"

struct row {
    const char *name;
    int status;
    const char *header; /* lines; NULL = none */
    const char *body;
    int code;
    const char *aws_code;
    const char *message; /* exact; NULL = not looked at */
    const char *hint;    /* a part; NULL = not looked at */
    bool retryable;
};

#define THROTTLED(aws_code_text)                                                                   \
    {aws_code_text,                                                                                \
     400,                                                                                          \
     NULL,                                                                                         \
     "{\"__type\":\"" aws_code_text "\",\"message\":\"slow\"}",                                    \
     IR_ERR_THROTTLED,                                                                             \
     aws_code_text,                                                                                \
     "slow",                                                                                       \
     "fewer requests",                                                                             \
     true}
#define REFUSED(aws_code_text)                                                                     \
    {aws_code_text,                                                                                \
     400,                                                                                          \
     NULL,                                                                                         \
     "{\"__type\":\"" aws_code_text "\"}",                                                         \
     IR_ERR_AUTH,                                                                                  \
     aws_code_text,                                                                                \
     "the service gave no reason",                                                                 \
     "",                                                                                           \
     false}

static const struct row rows[] = {
    {"__type", 400, NULL, "{\"__type\":\"InvalidParameterException\",\"Message\":\"bad\"}",
     IR_ERR_SERVICE, "InvalidParameterException", "bad", "Correct the setting"},
    {"__type with a namespace", 400, NULL,
     "{\"__type\":\"com.amazonaws.rekognition#InvalidImageFormatException\",\"message\":\"x\"}",
     IR_ERR_SERVICE, "InvalidImageFormatException", "x", "JPEG or PNG"},
    {"__type with a namespace and an address", 400, NULL,
     "{\"__type\":\"aws.x#FooException:http://internal.amazon.com/#y\"}", IR_ERR_SERVICE,
     "FooException", "the service gave no reason", ""},
    {"code", 400, NULL, "{\"code\":\"FooException\",\"message\":\"x\"}", IR_ERR_SERVICE,
     "FooException", "x"},
    {"__type over code", 400, NULL, "{\"code\":\"Bar\",\"__type\":\"Foo\"}", IR_ERR_SERVICE, "Foo"},
    {"code is no text", 400, NULL, "{\"code\":7,\"message\":\"x\"}", IR_ERR_SERVICE, "", "x"},
    {"header", 400, "X-Amzn-Errortype: ImageTooLargeException", "{\"message\":\"x\"}",
     IR_ERR_SERVICE, "ImageTooLargeException", "x", "smaller"},
    {"header with an address", 400,
     "x-amzn-ErrorType: ValidationException:http://internal.amazon.com/coral/", "{}",
     IR_ERR_SERVICE, "ValidationException", "the service gave no reason"},
    {"header with a namespace", 400, "X-Amzn-Errortype: aws.protocol#FooError:http://x/", "{}",
     IR_ERR_SERVICE, "FooError"},
    {"header over __type", 400, "X-Amzn-Errortype: Foo", "{\"__type\":\"Bar\"}", IR_ERR_SERVICE,
     "Foo"},
    {"header, and a body that is no JSON", 400, "X-Amzn-Errortype: Foo", "<html>", IR_ERR_SERVICE,
     "Foo", "the service gave no reason"},
    {"message over Message", 400, NULL, "{\"Message\":\"B\",\"message\":\"a\"}", IR_ERR_SERVICE, "",
     "a"},
    {"Message", 400, NULL, "{\"Message\":\"B\"}", IR_ERR_SERVICE, "", "B"},
    {"message is null", 400, NULL, "{\"message\":null,\"Message\":\"B\"}", IR_ERR_SERVICE, "", "B"},
    {"XML of S3", 404, NULL,
     "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code><Message>gone</Message></Error>",
     IR_ERR_SERVICE, "NoSuchKey", "gone"},
    {"XML of STS", 403, NULL,
     "<ErrorResponse xmlns=\"https://sts\"><Error><Type>Sender</Type><Code>InvalidClientTokenId"
     "</Code><Message>no</Message></Error></ErrorResponse>",
     IR_ERR_AUTH, "InvalidClientTokenId", "no", "AWS_ACCESS_KEY_ID"},
    {"XML without a code", 500, "Content-Type: application/xml", "<Error></Error>", IR_ERR_SERVICE,
     "", "the answer is not one of AWS (application/xml)", "proxy", true},

    {"signature repeated: all from the canonical string on is left out", 403, NULL,
     "{\"__type\":\"InvalidSignatureException\",\"message\":\"It does not match.\\n\\nThe "
     "Canonical String for this request should have been\\n'POST\\nx-amz-security-token:hush'\"}",
     IR_ERR_AUTH, "InvalidSignatureException", "It does not match.", "AWS_SECRET_ACCESS_KEY"},
    {"signature repeated: the header", 403, NULL,
     "{\"__type\":\"IncompleteSignatureException\",\"message\":\"Authorization header requires "
     "'Date'. Authorization=AWS4-HMAC-SHA256 Signature=hush\"}",
     IR_ERR_AUTH, "IncompleteSignatureException", "Authorization header requires 'Date'.",
     "AWS_ACCESS_KEY_ID"},
    {"signature repeated: in XML", 403, NULL,
     "<Error><Code>SignatureDoesNotMatch</Code><Message>No. The String-to-Sign should have been "
     "hush</Message></Error>",
     IR_ERR_AUTH, "SignatureDoesNotMatch", "No.", "clock"},
    {"value repeated", 400, NULL,
     "{\"__type\":\"ValidationException\",\"message\":\"1 validation error detected: Value "
     "'hush' at 'x' failed to satisfy constraint\"}",
     IR_ERR_SERVICE, "ValidationException",
     "1 validation error detected: Value '...' at 'x' failed to satisfy constraint"},
    {"values repeated, with the words behind them in one", 400, NULL,
     "{\"__type\":\"ValidationException\",\"message\":\"Value 'hush' at 'it' at 'x' failed; Value "
     "'hush' at 'y' failed\"}",
     IR_ERR_SERVICE, "ValidationException", "Value '...' at 'y' failed"},
    {"value repeated without an end", 400, NULL,
     "{\"__type\":\"ValidationException\",\"message\":\"Value 'hush\"}", IR_ERR_SERVICE,
     "ValidationException", "Value '..."},
    {"not allowed, with a code that nobody knows", 403, NULL, "{\"__type\":\"Foo\"}", IR_ERR_AUTH,
     "Foo", NULL, "credentials"},

    {"HTML", 403, "Content-Type: text/html; charset=utf-8", "<!DOCTYPE html><h1>Blocked</h1>",
     IR_ERR_AUTH, "", "the answer is not one of AWS (text/html; charset=utf-8)", "proxy"},
    {"HTML of a gateway", 502, "Content-Type: text/html", "<html><body>Bad gateway", IR_ERR_SERVICE,
     "", "the answer is not one of AWS (text/html)", "proxy", true},
    {"empty", 500, NULL, "", IR_ERR_SERVICE, "", "the answer is not one of AWS (no content type)",
     "proxy", true},
    {"a JSON list", 400, NULL, "[1]", IR_ERR_SERVICE, "",
     "the answer is not one of AWS (no content type)", "proxy"},
    {"cut-off JSON", 400, NULL, "{\"__type\":\"Foo\"", IR_ERR_SERVICE, "",
     "the answer is not one of AWS (no content type)", "proxy"},
    {"empty object", 503, NULL, "{}", IR_ERR_SERVICE, "", "the service gave no reason",
     "try again later", true},
    {"redirect 301", 301, "Location: http://evil/", "", IR_ERR_SERVICE, "",
     "the answer is a redirect, which is not followed", "endpoint's address"},
    {"redirect 307", 307, NULL, "<html>", IR_ERR_SERVICE, "",
     "the answer is a redirect, which is not followed", "endpoint's address"},
    {"401 without a code", 401, NULL, "{}", IR_ERR_AUTH, "", NULL, NULL},
    {"403 without a code", 403, NULL, "{}", IR_ERR_AUTH, "", NULL, NULL},
    {"404 without a code", 404, NULL, "{}", IR_ERR_SERVICE, "", NULL, NULL},
    {"429 without a code", 429, NULL, "{}", IR_ERR_SERVICE, "", NULL, NULL, false},
    {"500 with a code of the caller's fault", 500, NULL, "{\"__type\":\"AccessDeniedException\"}",
     IR_ERR_AUTH, "AccessDeniedException", NULL, "IAM", true},
    {"InternalServerError", 500, NULL, "{\"__type\":\"InternalServerError\"}", IR_ERR_SERVICE,
     "InternalServerError", NULL, "try again later", true},

    THROTTLED("Throttling"),
    THROTTLED("ThrottlingException"),
    THROTTLED("ThrottledException"),
    THROTTLED("RequestThrottledException"),
    THROTTLED("RequestThrottled"),
    THROTTLED("TooManyRequestsException"),
    THROTTLED("ProvisionedThroughputExceededException"),
    THROTTLED("TransactionInProgressException"),
    THROTTLED("RequestLimitExceeded"),
    THROTTLED("BandwidthLimitExceeded"),
    THROTTLED("LimitExceededException"),
    THROTTLED("SlowDown"),
    THROTTLED("EC2ThrottledException"),
    {"throttled with 500", 500, NULL, "{\"__type\":\"ThrottlingException\"}", IR_ERR_THROTTLED,
     "ThrottlingException", NULL, "fewer requests", true},

    REFUSED("AccessDeniedException"),
    REFUSED("ExpiredToken"),
    REFUSED("ExpiredTokenException"),
    REFUSED("IncompleteSignature"),
    REFUSED("IncompleteSignatureException"),
    REFUSED("InvalidAccessKeyId"),
    REFUSED("InvalidClientTokenId"),
    REFUSED("InvalidSignatureException"),
    REFUSED("MissingAuthenticationToken"),
    REFUSED("MissingAuthenticationTokenException"),
    REFUSED("RequestTimeTooSkewed"),
    REFUSED("SignatureDoesNotMatch"),
    REFUSED("UnrecognizedClientException"),

    {"a code of 64 bytes is cut", 400, NULL, "{\"__type\":\"" LONG_63 "B\"}", IR_ERR_SERVICE,
     LONG_63},
    {"a code is cut at a character", 400, NULL, "{\"__type\":\"" LONG_62 "\xed\x95\x9c\"}",
     IR_ERR_SERVICE, LONG_62},
    {"bytes that are no text in the headers", 400,
     "Content-Type: \xff\xfe\nX-Amzn-RequestId: a\xff\xc3", "<html", IR_ERR_SERVICE, "",
     "the answer is not one of AWS (?"
     "?)"},
    {"bytes that are no text in the code", 400, "X-Amzn-Errortype: Foo\xff", "{}", IR_ERR_SERVICE,
     "Foo?"},
};

static void fill(const struct row *row, struct ir_http_response *response)
{
    ir_http_response_init(response);
    ir_http_response_clear(response, 1U << 20);
    response->status = row->status;
    for (const char *line = row->header != NULL ? row->header : ""; *line != '\0';) {
        size_t bytes = strcspn(line, "\n");
        ir_http_response_add_line(response, line, bytes);
        line += bytes + (line[bytes] == '\n');
    }
    ir_buf_append_text(&response->body, row->body);
}

static void assert_text(const char *text, size_t room)
{
    assert_true(strlen(text) < room);
    assert_true(ir_utf8_is_valid(text, strlen(text)));
}

static void test_shape(void **state)
{
    const struct row *row = *state;
    struct ir_http_response response;
    struct ir_error err = {0};
    fill(row, &response);
    int code = ir_error_from_response(&ir_service_rekognition, &response, &err);
    assert_string_equal(err.aws_code, row->aws_code);
    assert_int_equal(code, row->code);
    assert_int_equal(err.code, row->code);
    assert_int_equal(err.http_status, row->status);
    assert_int_equal(err.retryable, row->retryable);
    assert_string_equal(err.service, "Rekognition");
    if (row->message != NULL)
        assert_string_equal(err.message, row->message);
    if (row->hint != NULL && strstr(err.hint, row->hint) == NULL)
        fail_msg("the hint does not say \"%s\": %s", row->hint, err.hint);
    assert_text(err.aws_code, sizeof err.aws_code);
    assert_text(err.request_id, sizeof err.request_id);
    assert_text(err.message, sizeof err.message);
    assert_text(err.hint, sizeof err.hint);
    assert_int_equal(ir_error_from_response(&ir_service_rekognition, &response, NULL), row->code);
    ir_http_response_release(&response);
}

static void test_request_id(void **state)
{
    (void)state;
    static const struct row row = {"", 400, "X-Amzn-RequestId: 01234567-89ab-cdef\nDate: x", "{}"};
    struct ir_http_response response;
    struct ir_error err = {0};
    fill(&row, &response);
    (void)ir_error_from_response(&ir_service_rekognition, &response, &err);
    assert_string_equal(err.request_id, "01234567-89ab-cdef");
    ir_http_response_release(&response);
}

static bool deny(void *context)
{
    (void)context;
    return false;
}

/* Not enough memory to read an answer does not make it a foreign one. */
static void test_no_memory(void **state)
{
    (void)state;
    static const struct row plain[] = {
        {"", 400, NULL, "{\"__type\":\"Foo\"}"},
        {"", 400, NULL, "<Error><Code>Foo</Code></Error>"},
    };
    for (size_t i = 0; i < 2; i++) {
        struct ir_http_response response;
        struct ir_error err = {0};
        fill(&plain[i], &response);
        ir_alloc_set_gate(deny, NULL);
        int code = ir_error_from_response(&ir_service_rekognition, &response, &err);
        ir_alloc_set_gate(NULL, NULL);
        assert_int_equal(code, IR_ERR_NOMEM);
        assert_int_equal(err.code, IR_ERR_NOMEM);
        assert_false(err.retryable);
        ir_http_response_release(&response);
    }
}

/* A long value: what stands before and behind it is kept, and fits. */
static void test_long_value(void **state)
{
    (void)state;
    struct ir_error err = {0};
    static char text[4000];
    char *at = stpcpy(text, "1 validation error detected: Value '");
    memset(at, 'h', 3000);
    (void)stpcpy(at + 3000, "' at 'prompt' failed");
    assert_int_equal(ir_error_from_code(&ir_service_rekognition, "ValidationException", text, &err),
                     IR_ERR_SERVICE);
    assert_string_equal(err.message, "1 validation error detected: Value '...' at 'prompt' failed");
}

/* The work behind a gateway that gave up may go on; a service that says so has not done it. */
static void test_gateway(void **state)
{
    (void)state;
    for (int status = 400; status <= 599; status++) {
        const struct row row = {"", status, NULL, "{}"};
        struct ir_http_response response;
        struct ir_error err = {0};
        fill(&row, &response);
        (void)ir_error_from_response(&ir_service_rekognition, &response, &err);
        assert_int_equal(err.maybe_served, status == 502 || status == 504);
        ir_http_response_release(&response);
    }
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_shape, rows);
    unit_add(&list, "long value", test_long_value);
    unit_add(&list, "gateway", test_gateway);
    unit_add(&list, "request id", test_request_id);
    unit_add(&list, "out of memory", test_no_memory);
    return unit_run(&list, "aws-error-shape");
}
