/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a call sends: headers, signature, body and place, and what it refuses to send. */
#include "tests/unit/call_fixture.h"

static void test_headers(void **state)
{
    (void)state;
    struct call_fixture fixture;
    call_set_up_labels(&fixture);
    call_load(&fixture);
    call_answer(&fixture, (struct fake_answer)CALL_OK);
    assert_int_equal(call_run(&fixture), 0);
    assert_string_equal(fixture.transport.seen[0].url,
                        "https://rekognition.eu-west-1.amazonaws.com/");
    assert_string_equal(fixture.transport.seen[0].unix_socket, "");
    assert_string_equal(call_sent(&fixture, 0, "Host"), "rekognition.eu-west-1.amazonaws.com");
    assert_string_equal(call_sent(&fixture, 0, "Content-Type"), "application/x-amz-json-1.1");
    assert_string_equal(call_sent(&fixture, 0, "X-Amz-Target"), "RekognitionService.DetectLabels");
    assert_string_equal(call_sent(&fixture, 0, "X-Amz-Date"), "20261120T213500Z");
    assert_string_equal(call_sent(&fixture, 0, "amz-sdk-request"), "attempt=1; max=3");
    assert_string_equal(call_sent(&fixture, 0, "amz-sdk-invocation-id"),
                        "80808080-8080-4080-8080-808080808080");
    assert_null(fake_transport_header(&fixture.transport, 0, "X-Amz-Security-Token"));
    const char *authorization = call_sent(&fixture, 0, "Authorization");
    static const char start[] =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261120/eu-west-1/rekognition/aws4_request, "
        "SignedHeaders=amz-sdk-invocation-id;amz-sdk-request;content-type;host;"
        "x-amz-content-sha256;x-amz-date;x-amz-target, Signature=";
    assert_int_equal(strlen(authorization), sizeof start - 1 + 64);
    assert_memory_equal(authorization, start, sizeof start - 1);
    assert_int_equal(fixture.transport.seen[0].body_bytes, 7);
    assert_memory_equal(fixture.transport.seen[0].body, "{\"a\":1}", 7);
    assert_true(fixture.transport.seen[0].deadline_ms == 1000000 + CALL_TIMEOUT_MS);
    call_tear_down(&fixture);
}

static void test_token(void **state)
{
    (void)state;
    struct call_fixture fixture;
    call_set_up_labels(&fixture);
    fake_world_setenv(&fixture.world, "AWS_SESSION_TOKEN", "tok/en==");
    call_load(&fixture);
    call_answer(&fixture, (struct fake_answer)CALL_OK);
    assert_int_equal(call_run(&fixture), 0);
    assert_string_equal(call_sent(&fixture, 0, "X-Amz-Security-Token"), "tok/en==");
    assert_non_null(strstr(call_sent(&fixture, 0, "Authorization"), ";x-amz-security-token;"));
    call_tear_down(&fixture);
}

static void test_signed_anew(void **state)
{
    (void)state;
    struct call_fixture fixture;
    call_set_up_labels(&fixture);
    call_load(&fixture);
    call_answer(&fixture, (struct fake_answer){.status = 500, .body = "{}", .takes_ms = 2000});
    call_answer(&fixture, (struct fake_answer)CALL_OK);
    assert_int_equal(call_run(&fixture), 0);
    assert_string_equal(call_sent(&fixture, 0, "X-Amz-Date"), "20261120T213500Z");
    assert_string_equal(call_sent(&fixture, 1, "X-Amz-Date"), "20261120T213502Z");
    assert_string_equal(call_sent(&fixture, 0, "amz-sdk-request"), "attempt=1; max=3");
    assert_string_equal(call_sent(&fixture, 1, "amz-sdk-request"), "attempt=2; max=3");
    assert_string_equal(call_sent(&fixture, 0, "amz-sdk-invocation-id"),
                        call_sent(&fixture, 1, "amz-sdk-invocation-id"));
    call_expect_signature(&fixture, 0, "/", NULL);
    call_expect_signature(&fixture, 1, "/", NULL);
    assert_int_equal(fixture.transport.seen[1].body_bytes, 7);
    call_tear_down(&fixture);
}

static void test_custom_endpoint(void **state)
{
    (void)state;
    struct call_fixture fixture;
    call_set_up_labels(&fixture);
    fake_world_setenv(&fixture.world, "AWS_ENDPOINT_URL", "http://127.0.0.1:5000/pre%20fix/");
    call_load(&fixture);
    fixture.request.query = "b=2&a=1";
    call_answer(&fixture, (struct fake_answer)CALL_OK);
    assert_int_equal(call_run(&fixture), 0);
    assert_string_equal(fixture.transport.seen[0].url, "http://127.0.0.1:5000/pre%20fix/?b=2&a=1");
    assert_string_equal(call_sent(&fixture, 0, "Host"), "127.0.0.1:5000");
    call_expect_signature(&fixture, 0, "/pre%20fix/", "b=2&a=1");
    call_tear_down(&fixture);
}

static void test_unix_socket(void **state)
{
    (void)state;
    struct call_fixture fixture;
    char setting[] = "unix:/run/x.sock";
    call_set_up_labels(&fixture);
    call_load(&fixture);
    fixture.aws.endpoint_setting = setting;
    call_answer(&fixture, (struct fake_answer)CALL_OK);
    assert_int_equal(call_run(&fixture), 0);
    assert_string_equal(fixture.transport.seen[0].unix_socket, "/run/x.sock");
    assert_string_equal(fixture.transport.seen[0].url, "http://rekognition.eu-west-1.localhost/");
    call_tear_down(&fixture);
}

static void test_no_body(void **state)
{
    (void)state;
    struct call_fixture fixture;
    call_set_up_labels(&fixture);
    call_load(&fixture);
    fixture.request.body = NULL;
    fixture.request.content_type = NULL;
    fixture.request.target = NULL;
    call_answer(&fixture, (struct fake_answer)CALL_OK);
    assert_int_equal(call_run(&fixture), 0);
    assert_string_equal(call_sent(&fixture, 0, "X-Amz-Content-Sha256"),
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_null(fake_transport_header(&fixture.transport, 0, "Content-Type"));
    assert_null(fake_transport_header(&fixture.transport, 0, "X-Amz-Target"));
    call_tear_down(&fixture);
}

/* All that fit are sent and signed; one more is refused, since each may matter. */
static void test_many_headers(void **state)
{
    (void)state;
    static struct ir_header headers[IR_AWS_MAX_EXTRA_HEADERS + 1];
    static char names[IR_AWS_MAX_EXTRA_HEADERS + 1][24];
    struct call_fixture fixture;
    call_set_up_labels(&fixture);
    fake_world_setenv(&fixture.world, "AWS_SESSION_TOKEN", "tok/en==");
    call_load(&fixture);
    for (size_t i = 0; i <= IR_AWS_MAX_EXTRA_HEADERS; i++) {
        snprintf(names[i], sizeof names[i], "x-amz-meta-%02zu", i);
        headers[i] = (struct ir_header){names[i], "v"};
    }
    fixture.request.headers = headers;
    fixture.request.header_count = IR_AWS_MAX_EXTRA_HEADERS;
    call_answer(&fixture, (struct fake_answer)CALL_OK);
    assert_int_equal(call_run(&fixture), 0);
    assert_int_equal(fixture.transport.seen[0].header_count, IR_AWS_MAX_EXTRA_HEADERS + 9);
    for (size_t i = 0; i < IR_AWS_MAX_EXTRA_HEADERS; i++) {
        assert_string_equal(call_sent(&fixture, 0, names[i]), "v");
        assert_non_null(strstr(call_sent(&fixture, 0, "Authorization"), names[i]));
    }
    call_expect_signature(&fixture, 0, "/", NULL);
    fixture.request.header_count++;
    assert_int_equal(call_run(&fixture), IR_ERR_ARG);
    assert_non_null(strstr(fixture.err.message, "49 headers"));
    assert_non_null(strstr(fixture.err.hint, "48"));
    assert_int_equal(fixture.transport.call_count, 1);
    call_tear_down(&fixture);
}

static const struct header_row {
    const char *name;
    const char *content_type;
    const char *target;
    struct ir_header header;
    const char *says;
} header_rows[] = {
    {"a line break in the type", .content_type = "image/png\r\nX-Injected: 1",
     .says = "Content-Type"},
    {"a line break in the target", .target = "A.B\nX-Injected: 1", .says = "X-Amz-Target"},
    {"a line break in a header", .header = {"X-Own", "a\rb"}, .says = "X-Own"},
    {"a tab in a header", .header = {"X-Own", "a\tb"}, .says = "X-Own"},
    {"a deletion in a header", .header = {"X-Own", "a\x7f"}, .says = "X-Own"},
};

static void test_bad_header(void **state)
{
    const struct header_row *row = *state;
    struct call_fixture fixture;
    call_set_up_labels(&fixture);
    call_load(&fixture);
    if (row->content_type != NULL)
        fixture.request.content_type = row->content_type;
    if (row->target != NULL)
        fixture.request.target = row->target;
    fixture.request.headers = &row->header;
    fixture.request.header_count = row->header.name != NULL;
    assert_int_equal(call_run(&fixture), IR_ERR_ARG);
    assert_non_null(strstr(fixture.err.message, row->says));
    assert_non_null(strstr(fixture.err.message, "control character"));
    assert_string_not_equal(fixture.err.hint, "");
    assert_int_equal(fixture.transport.call_count, 0);
    call_tear_down(&fixture);
}

static bool read_nothing(void *context, uint64_t offset, char *out, size_t bytes)
{
    (void)context, (void)offset;
    memset(out, 0, bytes);
    return false;
}

static void test_unreadable_body(void **state)
{
    (void)state;
    static const struct ir_body_source source = {.bytes = 10, .read_at = read_nothing};
    struct call_fixture fixture;
    call_set_up_labels(&fixture);
    call_load(&fixture);
    fixture.body.pieces[0] = (struct ir_body_piece){.source = &source};
    assert_int_equal(call_run(&fixture), IR_ERR_ARG);
    assert_non_null(strstr(fixture.err.message, "could not be read"));
    assert_non_null(strstr(fixture.err.hint, "file"));
    assert_int_equal(fixture.transport.call_count, 0);
    call_tear_down(&fixture);
}

/* ---- before anything is sent ------------------------------------------------------------- */

static void test_credentials_before_endpoint(void **state)
{
    (void)state;
    struct call_fixture fixture;
    call_set_up_labels(&fixture);
    fixture.world.variable_count = 1; /* HOME: neither keys nor region */
    fake_world_setenv(&fixture.world, "AWS_EC2_METADATA_DISABLED", "true");
    call_load(&fixture);
    assert_int_equal(call_run(&fixture), IR_ERR_AUTH);
    assert_non_null(strstr(fixture.err.message, "no credentials"));
    assert_string_equal(fixture.err.service, "AWS credentials");
    fake_world_setenv(&fixture.world, "AWS_ACCESS_KEY_ID", "A");
    fake_world_setenv(&fixture.world, "AWS_SECRET_ACCESS_KEY", "B");
    assert_int_equal(call_run(&fixture), IR_ERR_ARG);
    assert_non_null(strstr(fixture.err.message, "no region"));
    assert_int_equal(fixture.transport.call_count, 0);
    assert_int_equal(fixture.retries, 0);
    call_tear_down(&fixture);
}

int main(void)
{
    static struct unit_list list;
    unit_add(&list, "headers", test_headers);
    unit_add(&list, "session token", test_token);
    unit_add(&list, "every attempt is signed anew", test_signed_anew);
    unit_add(&list, "custom endpoint", test_custom_endpoint);
    unit_add(&list, "Unix socket", test_unix_socket);
    unit_add(&list, "no body", test_no_body);
    unit_add(&list, "as many headers as may be, and one more", test_many_headers);
    UNIT_ADD_ROWS(&list, test_bad_header, header_rows);
    unit_add(&list, "a body that cannot be read", test_unreadable_body);
    unit_add(&list, "credentials are told before the endpoint", test_credentials_before_endpoint);
    return unit_run(&list, "aws-call-sent");
}
