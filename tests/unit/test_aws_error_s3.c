/* SPDX-License-Identifier: GPL-3.0-or-later */
/* S3's error answers: those with nothing but a status, its codes, its request ids, its masked ones.
 */
#include "tests/unit/unit.h"

#include "core/aws/error_shape.h"
#include "core/base/alloc.h"

struct row {
    const char *name;
    int status;
    const char *header; /* NULL = none */
    const char *body;
    int code;
    const char *aws_code;
    const char *message; /* a part */
    const char *hint;    /* a part */
    const char *request_id;
    bool retryable;
};

#define ERROR(code_)                                                                               \
    "<?xml version=\"1.0\"?><Error><Code>" code_ "</Code><Message>m</Message></Error>"
#define CODE(code_, status_, hint_)                                                                \
    {code_, (status_), NULL, ERROR(code_), IR_ERR_SERVICE, code_, "m", hint_, ""}
#define DENIED(code_, status_, hint_)                                                              \
    {code_, (status_), NULL, ERROR(code_), IR_ERR_AUTH, code_, "m", hint_, ""}

static const struct row rows[] = {
    {"bare 301", 301, NULL, "", IR_ERR_SERVICE, "", "another region", "AWS_REGION", ""},
    {"bare 304", 304, NULL, "", IR_ERR_SERVICE, "", "has not changed", "", ""},
    {"bare 400", 400, NULL, "", IR_ERR_SERVICE, "", "no reason here", "bucket's region", ""},
    {"bare 403", 403, NULL, "", IR_ERR_AUTH, "", "access is denied", "s3:ListBucket", ""},
    {"bare 404", 404, "x-amz-request-id: R1", "", IR_ERR_SERVICE, "", "no such bucket or object",
     "capitals", "R1"},
    {"bare 412", 412, NULL, "", IR_ERR_SERVICE, "", "another one than was expected", "", ""},
    {"bare 416", 416, NULL, "", IR_ERR_SERVICE, "", "shorter", "", ""},
    {"bare 418", 418, NULL, "", IR_ERR_SERVICE, "", "gave no reason", "", ""},
    {"bare 503", 503, NULL, "", IR_ERR_SERVICE, "", "gave no reason", "try again later", "", true},

    CODE("NoSuchKey", 404, "object's name"),
    CODE("NoSuchBucket", 404, "bucket's name"),
    CODE("NoSuchUpload", 404, "start it again"),
    CODE("PreconditionFailed", 412, "there already"),
    CODE("ConditionalRequestConflict", 409, "try again"),
    CODE("InvalidObjectState", 403, "restore"),
    CODE("BadDigest", 400, "try again"),
    CODE("XAmzContentSHA256Mismatch", 400, "changed meanwhile"),
    CODE("PermanentRedirect", 301, "AWS_REGION"),
    CODE("TemporaryRedirect", 307, "AWS_REGION"),
    CODE("IllegalLocationConstraintException", 400, "AWS_REGION"),
    DENIED("AuthorizationHeaderMalformed", 400, "AWS_REGION"),
    DENIED("AccessDenied", 403, "bucket's policy"),
    DENIED("InvalidAccessKeyId", 403, "AWS_ACCESS_KEY_ID"),
    DENIED("SignatureDoesNotMatch", 403, "clock"),
    DENIED("RequestTimeTooSkewed", 403, "clock"),
    DENIED("ExpiredToken", 400, "Renew"),
    {"SlowDown", 503, NULL, ERROR("SlowDown"), IR_ERR_THROTTLED, "SlowDown", "m", "fewer", "",
     true},
    {"InternalError", 500, NULL, ERROR("InternalError"), IR_ERR_SERVICE, "InternalError", "m",
     "try again later", "", true},
    {"RequestTimeout", 400, NULL, ERROR("RequestTimeout"), IR_ERR_SERVICE, "RequestTimeout", "m",
     "try again later", "", true},

    {"request id in the header", 404, "x-amz-request-id: HEADER",
     "<Error><Code>NoSuchKey</Code><RequestId>BODY</RequestId></Error>", IR_ERR_SERVICE,
     "NoSuchKey", "gave no reason", "", "HEADER"},
    {"request id in the body", 404, NULL,
     "<Error><Code>NoSuchKey</Code><RequestId>BODY</RequestId></Error>", IR_ERR_SERVICE,
     "NoSuchKey", "gave no reason", "", "BODY"},
    {"a body that is no error of S3", 404, NULL, "<html>", IR_ERR_SERVICE, "", "not one of AWS",
     "proxy", ""},
};

static void fill(struct ir_http_response *response, int status, const char *header,
                 const char *body)
{
    ir_http_response_init(response);
    ir_http_response_clear(response, 100000);
    response->status = status;
    if (header != NULL)
        ir_http_response_add_line(response, header, strlen(header));
    ir_buf_append_text(&response->body, body);
}

static void test_error(void **state)
{
    const struct row *row = *state;
    struct ir_http_response response;
    struct ir_error err = {0};
    fill(&response, row->status, row->header, row->body);
    assert_int_equal(ir_error_from_response(&ir_service_s3, &response, &err), row->code);
    assert_int_equal(err.code, row->code);
    assert_int_equal(err.http_status, row->status);
    assert_string_equal(err.service, "S3");
    assert_string_equal(err.aws_code, row->aws_code);
    assert_string_equal(err.request_id, row->request_id);
    assert_int_equal(err.retryable, row->retryable);
    if (strstr(err.message, row->message) == NULL)
        fail_msg("the message does not say \"%s\": %s", row->message, err.message);
    if (strstr(err.hint, row->hint) == NULL)
        fail_msg("the hint does not say \"%s\": %s", row->hint, err.hint);
    ir_http_response_release(&response);
}

/* Only S3 is silent on purpose. */
static void test_bare_of_others(void **state)
{
    (void)state;
    struct ir_http_response response;
    struct ir_error err = {0};
    fill(&response, 404, NULL, "");
    assert_int_equal(ir_error_from_response(&ir_service_rekognition, &response, &err),
                     IR_ERR_SERVICE);
    assert_non_null(strstr(err.message, "not one of AWS"));
    ir_http_response_release(&response);
}

/* ---- masked ------------------------------------------------------------------------------ */

static const struct masked_row {
    const char *name;
    int status;
    const char *body;
    int status_then;
} masked_rows[] = {
    {"masked: error", 200, ERROR("InternalError"), 500},
    {"masked: error behind blanks", 200, "  \n\n" ERROR("InternalError"), 500},
    {"masked: 201", 201, ERROR("InternalError"), 500},
    {"masked: with a namespace", 200, "<e:Error xmlns:e='x'><e:Code>X</e:Code></e:Error>", 500},
    {"masked: a result", 200, "<CompleteMultipartUploadResult/>", 200},
    {"masked: an error inside", 200, "<A><Error/></A>", 200},
    {"masked: no XML", 200, "Error", 200},
    {"masked: cut off", 200, "<Error><Code>", 200},
    {"masked: blanks only", 200, "   ", 200},
    {"masked: empty", 200, "", 200},
    {"masked: an open error stays", 404, ERROR("NoSuchKey"), 404},
};

static void test_masked(void **state)
{
    const struct masked_row *row = *state;
    struct ir_http_response response;
    struct ir_error err = {0};
    fill(&response, row->status, NULL, row->body);
    assert_int_equal(ir_error_unmask(&response, &err), 0);
    assert_int_equal(response.status, row->status_then);
    ir_http_response_release(&response);
}

static bool refuse_memory(void *context)
{
    (void)context;
    return false;
}

static void test_masked_no_memory(void **state)
{
    (void)state;
    struct ir_http_response response;
    struct ir_error err = {0};
    fill(&response, 200, NULL, ERROR("InternalError"));
    ir_alloc_set_gate(refuse_memory, NULL);
    int rc = ir_error_unmask(&response, &err);
    ir_alloc_set_gate(NULL, NULL);
    assert_int_equal(rc, IR_ERR_NOMEM);
    assert_int_equal(err.code, IR_ERR_NOMEM);
    assert_true(err.maybe_served);
    assert_int_equal(response.status, 200);
    ir_http_response_release(&response);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_error, rows);
    unit_add(&list, "bare answers of other services", test_bare_of_others);
    UNIT_ADD_ROWS(&list, test_masked, masked_rows);
    unit_add(&list, "masked: no memory", test_masked_no_memory);
    return unit_run(&list, "aws-error-s3");
}
