/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One call of a service over a transport that answers from a script, in a world whose clock moves
 * only when somebody waits: attempts, waits, deadline, cancelling, quota, and what is sent.
 */
#include "tests/unit/call_fixture.h"

#define MAX_ROW_ANSWERS 8
#define MAX_ROW_SLEEPS 8

#define OK_ANSWER {.body = "{}"}
#define STATUS(number) {.status = (number), .body = "{}"}
#define THROTTLE                                                                                   \
    {.status = 400, .body = "{\"__type\":\"ThrottlingException\",\"message\":\"slow\"}"}
#define REFUSAL {.status = 400, .body = "{\"__type\":\"InvalidParameterException\"}"}
#define BROKEN {.rc = IR_ERR_NET, .retryable = true}

static void set_up(struct call_fixture *fixture)
{
    call_set_up(fixture);
    fixture->request = (struct ir_aws_request){
        .service = &ir_service_rekognition,
        .method = "POST",
        .path = "/",
        .content_type = "application/x-amz-json-1.1",
        .target = "RekognitionService.DetectLabels",
        .body = &fixture->body,
        .max_response_bytes = 1000,
    };
}

/* ---- attempts ---------------------------------------------------------------------------- */

struct row {
    const char *name;
    struct fake_answer answers[MAX_ROW_ANSWERS]; /* the last one again and again */
    size_t answer_count;
    const char *max_attempts; /* NULL = 3 */
    double chance;
    long timeout_ms; /* 0 = CALL_TIMEOUT_MS */
    int code;
    const char *aws_code;
    size_t calls;
    long sleeps_ms[MAX_ROW_SLEEPS];
    size_t sleep_count;
    unsigned retries;
    bool is_paid;
    int tokens; /* of the quota afterwards; 0 = not looked at */
};

static const struct row rows[] = {
    {"at once", {OK_ANSWER}, 1, .chance = 0.5, .calls = 1, .tokens = 500},
    {"201 is success", {STATUS(201)}, 1, .chance = 0.5, .calls = 1},
    {"500, then good",
     {STATUS(500), OK_ANSWER},
     2,
     .chance = 0.5,
     .calls = 2,
     .sleeps_ms = {25},
     .sleep_count = 1,
     .retries = 1,
     .tokens = 500},
    {"503 twice, then good",
     {STATUS(503), STATUS(503), OK_ANSWER},
     3,
     .chance = 0.5,
     .calls = 3,
     .sleeps_ms = {25, 50},
     .sleep_count = 2,
     .retries = 2,
     .tokens = 486},
    {"500 for good",
     {STATUS(500)},
     1,
     .chance = 0.5,
     .code = IR_ERR_SERVICE,
     .calls = 3,
     .sleeps_ms = {25, 50},
     .sleep_count = 2,
     .retries = 2,
     .tokens = 472},
    {"throttled, then good",
     {THROTTLE, OK_ANSWER},
     2,
     .chance = 0.5,
     .calls = 2,
     .sleeps_ms = {500},
     .sleep_count = 1,
     .retries = 1,
     .tokens = 500},
    {"throttled for good",
     {THROTTLE},
     1,
     .chance = 0.5,
     .code = IR_ERR_THROTTLED,
     .aws_code = "ThrottlingException",
     .calls = 3,
     .sleeps_ms = {500, 1000},
     .sleep_count = 2,
     .retries = 2,
     .tokens = 490},
    {"throttled, then 500, then good",
     {THROTTLE, STATUS(500), OK_ANSWER},
     3,
     .chance = 0.5,
     .calls = 3,
     .sleeps_ms = {500, 50},
     .sleep_count = 2,
     .retries = 2},
    {"a broken line, then good",
     {BROKEN, OK_ANSWER},
     2,
     .chance = 0.5,
     .calls = 2,
     .sleeps_ms = {25},
     .sleep_count = 1,
     .retries = 1},
    {"a broken line for good",
     {BROKEN},
     1,
     .chance = 0.5,
     .code = IR_ERR_NET,
     .calls = 3,
     .sleeps_ms = {25, 50},
     .sleep_count = 2,
     .retries = 2},
    {"a line that will never work",
     {{.rc = IR_ERR_NET}},
     1,
     .chance = 0.5,
     .code = IR_ERR_NET,
     .calls = 1},
    {"not after 400",
     {REFUSAL, OK_ANSWER},
     2,
     .chance = 0.5,
     .code = IR_ERR_SERVICE,
     .aws_code = "InvalidParameterException",
     .calls = 1},
    {"not after 403",
     {{.status = 403, .body = "{\"__type\":\"AccessDeniedException\"}"}},
     1,
     .chance = 0.5,
     .code = IR_ERR_AUTH,
     .aws_code = "AccessDeniedException",
     .calls = 1},
    {"not after a redirect",
     {{.status = 307, .header = "Location: http://x/"}},
     1,
     .chance = 0.5,
     .code = IR_ERR_SERVICE,
     .calls = 1},
    {"not after an answer too large",
     {{.rc = IR_ERR_TOO_LARGE, .retryable = true}},
     1,
     .chance = 0.5,
     .code = IR_ERR_TOO_LARGE,
     .calls = 1},
    {"not after the deadline",
     {{.takes_ms = CALL_TIMEOUT_MS + 1}},
     1,
     .chance = 0.5,
     .code = IR_ERR_TIMEOUT,
     .calls = 1},
    {"one attempt only",
     {STATUS(500)},
     1,
     "1",
     .chance = 0.5,
     .code = IR_ERR_SERVICE,
     .calls = 1,
     .tokens = 500},
    {"eight attempts",
     {STATUS(500)},
     1,
     "8",
     .chance = 0.5,
     .code = IR_ERR_SERVICE,
     .calls = 8,
     .sleeps_ms = {25, 50, 100, 200, 400, 800, 1600},
     .sleep_count = 7,
     .retries = 7},
    {"no wait by chance",
     {STATUS(500), OK_ANSWER},
     2,
     .chance = 0.0,
     .calls = 2,
     .sleeps_ms = {0},
     .sleep_count = 1,
     .retries = 1},

    {"the server's hint",
     {{.status = 503, .header = "x-amz-retry-after: 3000", .body = "{}"}, OK_ANSWER},
     2,
     .chance = 0.5,
     .calls = 2,
     .sleeps_ms = {3000},
     .sleep_count = 1,
     .retries = 1},
    {"the server's hint is bounded",
     {{.status = 503, .header = "X-Amz-Retry-After: 300000", .body = "{}"}, OK_ANSWER},
     2,
     .chance = 0.5,
     .calls = 2,
     .sleeps_ms = {5025},
     .sleep_count = 1,
     .retries = 1},
    {"a hint that is no number",
     {{.status = 503, .header = "x-amz-retry-after: 3s", .body = "{}"}, OK_ANSWER},
     2,
     .chance = 0.5,
     .calls = 2,
     .sleeps_ms = {25},
     .sleep_count = 1,
     .retries = 1},
    {"a negative hint",
     {{.status = 503, .header = "x-amz-retry-after: -5", .body = "{}"}, OK_ANSWER},
     2,
     .chance = 0.5,
     .calls = 2,
     .sleeps_ms = {25},
     .sleep_count = 1,
     .retries = 1},
    {"an empty hint",
     {{.status = 503, .header = "x-amz-retry-after:", .body = "{}"}, OK_ANSWER},
     2,
     .chance = 0.5,
     .calls = 2,
     .sleeps_ms = {25},
     .sleep_count = 1,
     .retries = 1},
    {"the hint of an earlier answer is forgotten",
     {{.status = 503, .header = "x-amz-retry-after: 3000", .body = "{}"}, BROKEN, OK_ANSWER},
     3,
     .chance = 0.5,
     .calls = 3,
     .sleeps_ms = {3000, 50},
     .sleep_count = 2,
     .retries = 2},

    {"no retry when the wait would pass the deadline",
     {THROTTLE},
     1,
     .chance = 0.5,
     .timeout_ms = 500,
     .code = IR_ERR_THROTTLED,
     .aws_code = "ThrottlingException",
     .calls = 1,
     .tokens = 500},
    {"a retry when the wait just ends before it",
     {THROTTLE, OK_ANSWER},
     2,
     .chance = 0.5,
     .timeout_ms = 501,
     .calls = 2,
     .sleeps_ms = {500},
     .sleep_count = 1,
     .retries = 1},
    {"time that the answer took counts",
     {{.status = 500, .body = "{}", .takes_ms = 59980}, OK_ANSWER},
     2,
     .chance = 0.5,
     .code = IR_ERR_SERVICE,
     .calls = 1},

    {"paid: not again when it may have been served",
     {{.rc = IR_ERR_NET, .retryable = true, .maybe_served = true}, OK_ANSWER},
     2,
     .chance = 0.5,
     .code = IR_ERR_NET,
     .calls = 1,
     .is_paid = true},
    {"paid: again when it cannot have been",
     {BROKEN, OK_ANSWER},
     2,
     .chance = 0.5,
     .calls = 2,
     .sleeps_ms = {25},
     .sleep_count = 1,
     .retries = 1,
     .is_paid = true},
    {"not paid: again though it may have been served",
     {{.rc = IR_ERR_NET, .retryable = true, .maybe_served = true}, OK_ANSWER},
     2,
     .chance = 0.5,
     .calls = 2,
     .sleeps_ms = {25},
     .sleep_count = 1,
     .retries = 1},
};

static void test_attempts(void **state)
{
    const struct row *row = *state;
    struct call_fixture fixture;
    set_up(&fixture);
    if (row->max_attempts != NULL)
        fake_world_setenv(&fixture.world, "AWS_MAX_ATTEMPTS", row->max_attempts);
    call_load(&fixture);
    fixture.world.chance = row->chance;
    fixture.request.is_paid = row->is_paid;
    if (row->timeout_ms > 0)
        fixture.request.timeout_ms = row->timeout_ms;
    for (size_t i = 0; i < row->answer_count; i++)
        call_answer(&fixture, row->answers[i]);
    int rc = call_run(&fixture);
    assert_int_equal(rc, row->code);
    assert_int_equal(fixture.err.code, row->code);
    assert_string_equal(fixture.err.aws_code, row->aws_code != NULL ? row->aws_code : "");
    assert_string_equal(fixture.err.service, row->code != 0 ? "Rekognition" : "");
    assert_int_equal(fixture.transport.call_count, row->calls);
    assert_int_equal(fixture.retries, row->retries);
    assert_int_equal(fixture.world.sleep_count, row->sleep_count);
    for (size_t i = 0; i < row->sleep_count; i++)
        assert_int_equal(fixture.world.sleeps_ms[i], row->sleeps_ms[i]);
    if (row->tokens != 0)
        assert_int_equal(atomic_load(&fixture.aws.quota.tokens), row->tokens);
    if (rc == 0)
        assert_string_equal(ir_buf_text(&fixture.response.body), "{}");
    call_tear_down(&fixture);
}

/* ---- what is sent ------------------------------------------------------------------------ */

static const char *sent(const struct call_fixture *fixture, size_t call_index, const char *name)
{
    const char *value = fake_transport_header(&fixture->transport, call_index, name);
    if (value == NULL)
        fail_msg("%s was not sent", name);
    return value;
}

static void test_headers(void **state)
{
    (void)state;
    struct call_fixture fixture;
    set_up(&fixture);
    call_load(&fixture);
    call_answer(&fixture, (struct fake_answer)OK_ANSWER);
    assert_int_equal(call_run(&fixture), 0);
    assert_string_equal(fixture.transport.seen[0].url,
                        "https://rekognition.eu-west-1.amazonaws.com/");
    assert_string_equal(fixture.transport.seen[0].unix_socket, "");
    assert_string_equal(sent(&fixture, 0, "Host"), "rekognition.eu-west-1.amazonaws.com");
    assert_string_equal(sent(&fixture, 0, "Content-Type"), "application/x-amz-json-1.1");
    assert_string_equal(sent(&fixture, 0, "X-Amz-Target"), "RekognitionService.DetectLabels");
    assert_string_equal(sent(&fixture, 0, "X-Amz-Date"), "20261120T213500Z");
    assert_string_equal(sent(&fixture, 0, "amz-sdk-request"), "attempt=1; max=3");
    assert_string_equal(sent(&fixture, 0, "amz-sdk-invocation-id"),
                        "80808080-8080-4080-8080-808080808080");
    assert_null(fake_transport_header(&fixture.transport, 0, "X-Amz-Security-Token"));
    const char *authorization = sent(&fixture, 0, "Authorization");
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
    set_up(&fixture);
    fake_world_setenv(&fixture.world, "AWS_SESSION_TOKEN", "tok/en==");
    call_load(&fixture);
    call_answer(&fixture, (struct fake_answer)OK_ANSWER);
    assert_int_equal(call_run(&fixture), 0);
    assert_string_equal(sent(&fixture, 0, "X-Amz-Security-Token"), "tok/en==");
    assert_non_null(strstr(sent(&fixture, 0, "Authorization"), ";x-amz-security-token;"));
    call_tear_down(&fixture);
}

/* The signature that the headers of a call should have. */
static void expect_signature(const struct call_fixture *fixture, size_t call_index,
                             const char *path, const char *query)
{
    const struct fake_seen *seen = &fixture->transport.seen[call_index];
    struct ir_header headers[FAKE_TRANSPORT_MAX_HEADERS];
    char names[FAKE_TRANSPORT_MAX_HEADERS][64];
    struct ir_buf expected;
    for (size_t i = 0; i < seen->header_count; i++) {
        size_t bytes = strcspn(seen->headers[i], ":");
        snprintf(names[i], sizeof names[i], "%.*s", (int)bytes, seen->headers[i]);
        headers[i] = (struct ir_header){names[i], seen->headers[i] + bytes + 2};
    }
    const struct ir_sign_request request = {
        .method = "POST",
        .path = path,
        .query = query,
        .headers = headers,
        .header_count = seen->header_count,
        .payload_hash = sent(fixture, call_index, "X-Amz-Content-Sha256"),
        .service = "rekognition",
        .region = "eu-west-1",
        .date = sent(fixture, call_index, "X-Amz-Date"),
    };
    ir_buf_init(&expected, 10000);
    ir_sign_authorization(&request, "AKIDEXAMPLE", "hush", &expected);
    assert_string_equal(sent(fixture, call_index, "Authorization"), ir_buf_text(&expected));
    ir_buf_release(&expected);
}

static void test_signed_anew(void **state)
{
    (void)state;
    struct call_fixture fixture;
    set_up(&fixture);
    call_load(&fixture);
    call_answer(&fixture, (struct fake_answer){.status = 500, .body = "{}", .takes_ms = 2000});
    call_answer(&fixture, (struct fake_answer)OK_ANSWER);
    assert_int_equal(call_run(&fixture), 0);
    assert_string_equal(sent(&fixture, 0, "X-Amz-Date"), "20261120T213500Z");
    assert_string_equal(sent(&fixture, 1, "X-Amz-Date"), "20261120T213502Z");
    assert_string_equal(sent(&fixture, 0, "amz-sdk-request"), "attempt=1; max=3");
    assert_string_equal(sent(&fixture, 1, "amz-sdk-request"), "attempt=2; max=3");
    assert_string_equal(sent(&fixture, 0, "amz-sdk-invocation-id"),
                        sent(&fixture, 1, "amz-sdk-invocation-id"));
    expect_signature(&fixture, 0, "/", NULL);
    expect_signature(&fixture, 1, "/", NULL);
    assert_int_equal(fixture.transport.seen[1].body_bytes, 7);
    call_tear_down(&fixture);
}

static void test_custom_endpoint(void **state)
{
    (void)state;
    struct call_fixture fixture;
    set_up(&fixture);
    fake_world_setenv(&fixture.world, "AWS_ENDPOINT_URL", "http://127.0.0.1:5000/pre%20fix/");
    call_load(&fixture);
    fixture.request.query = "b=2&a=1";
    call_answer(&fixture, (struct fake_answer)OK_ANSWER);
    assert_int_equal(call_run(&fixture), 0);
    assert_string_equal(fixture.transport.seen[0].url, "http://127.0.0.1:5000/pre%20fix/?b=2&a=1");
    assert_string_equal(sent(&fixture, 0, "Host"), "127.0.0.1:5000");
    expect_signature(&fixture, 0, "/pre%20fix/", "b=2&a=1");
    call_tear_down(&fixture);
}

static void test_unix_socket(void **state)
{
    (void)state;
    struct call_fixture fixture;
    char setting[] = "unix:/run/x.sock";
    set_up(&fixture);
    call_load(&fixture);
    fixture.aws.endpoint_setting = setting;
    call_answer(&fixture, (struct fake_answer)OK_ANSWER);
    assert_int_equal(call_run(&fixture), 0);
    assert_string_equal(fixture.transport.seen[0].unix_socket, "/run/x.sock");
    assert_string_equal(fixture.transport.seen[0].url, "http://rekognition.eu-west-1.localhost/");
    call_tear_down(&fixture);
}

static void test_no_body(void **state)
{
    (void)state;
    struct call_fixture fixture;
    set_up(&fixture);
    call_load(&fixture);
    fixture.request.body = NULL;
    fixture.request.content_type = NULL;
    fixture.request.target = NULL;
    call_answer(&fixture, (struct fake_answer)OK_ANSWER);
    assert_int_equal(call_run(&fixture), 0);
    assert_string_equal(sent(&fixture, 0, "X-Amz-Content-Sha256"),
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
    set_up(&fixture);
    fake_world_setenv(&fixture.world, "AWS_SESSION_TOKEN", "tok/en==");
    call_load(&fixture);
    for (size_t i = 0; i <= IR_AWS_MAX_EXTRA_HEADERS; i++) {
        snprintf(names[i], sizeof names[i], "x-amz-meta-%02zu", i);
        headers[i] = (struct ir_header){names[i], "v"};
    }
    fixture.request.headers = headers;
    fixture.request.header_count = IR_AWS_MAX_EXTRA_HEADERS;
    call_answer(&fixture, (struct fake_answer)OK_ANSWER);
    assert_int_equal(call_run(&fixture), 0);
    assert_int_equal(fixture.transport.seen[0].header_count, IR_AWS_MAX_EXTRA_HEADERS + 9);
    for (size_t i = 0; i < IR_AWS_MAX_EXTRA_HEADERS; i++) {
        assert_string_equal(sent(&fixture, 0, names[i]), "v");
        assert_non_null(strstr(sent(&fixture, 0, "Authorization"), names[i]));
    }
    expect_signature(&fixture, 0, "/", NULL);
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
    set_up(&fixture);
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
    set_up(&fixture);
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
    set_up(&fixture);
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

static void test_no_error_wanted(void **state)
{
    (void)state;
    struct call_fixture fixture;
    set_up(&fixture);
    call_load(&fixture);
    call_answer(&fixture, (struct fake_answer)STATUS(500));
    call_answer(&fixture, (struct fake_answer)REFUSAL);
    assert_int_equal(
        ir_aws_call(&fixture.aws, &fixture.request, &fixture.response, &fixture.retries, NULL),
        IR_ERR_SERVICE);
    assert_int_equal(fixture.retries, 1);
    call_tear_down(&fixture);
}

/* ---- cancelling, quota ------------------------------------------------------------------- */

static void test_cancel_while_waiting(void **state)
{
    (void)state;
    struct call_fixture fixture;
    struct ir_cancel *cancel = ir_cancel_new();
    set_up(&fixture);
    call_load(&fixture);
    fixture.request.cancel = cancel;
    fixture.world.cancel_in_sleep = cancel;
    call_answer(&fixture, (struct fake_answer)THROTTLE);
    assert_int_equal(call_run(&fixture), IR_ERR_CANCELLED);
    assert_int_equal(fixture.err.code, IR_ERR_CANCELLED);
    assert_int_equal(fixture.transport.call_count, 1);
    assert_int_equal(fixture.world.sleep_count, 1);
    /* The next call with this token ends in the transport, without a wait. */
    assert_int_equal(call_run(&fixture), IR_ERR_CANCELLED);
    assert_int_equal(fixture.transport.call_count, 2);
    assert_int_equal(fixture.world.sleep_count, 1);
    call_tear_down(&fixture);
    ir_cancel_free(cancel);
}

/* 500 tokens, 14 a retry: 35 retries for all calls of a client together, then none. */
static void test_quota(void **state)
{
    (void)state;
    struct call_fixture fixture;
    unsigned retries = 0;
    set_up(&fixture);
    call_load(&fixture);
    call_answer(&fixture, (struct fake_answer)STATUS(500));
    for (int i = 0; i < 20; i++) {
        fixture.world.sleep_count = 0;
        assert_int_equal(call_run(&fixture), IR_ERR_SERVICE);
        retries += fixture.retries;
        assert_int_equal(fixture.transport.call_count, fixture.retries + 1);
        assert_null(fixture.transport.complaint);
        fake_transport_reset(&fixture.transport);
        call_forget_lines(&fixture);
    }
    assert_int_equal(retries, 35);
    assert_int_equal(fixture.retries, 0);
    assert_string_equal(fixture.err.service, "Rekognition");
    assert_int_equal(fixture.err.http_status, 500);
    call_tear_down(&fixture);
}

/* ---- the clock --------------------------------------------------------------------------- */

#define SKEWED(date_text)                                                                          \
    {.status = 403,                                                                                \
     .header = "Date: " date_text,                                                                 \
     .body = "{\"__type\":\"InvalidSignatureException\"}"}

static void test_clock_is_corrected(void **state)
{
    (void)state;
    struct call_fixture fixture;
    set_up(&fixture);
    call_load(&fixture);
    call_answer(&fixture, (struct fake_answer)SKEWED("Fri, 20 Nov 2026 22:35:00 GMT"));
    call_answer(&fixture, (struct fake_answer)OK_ANSWER);
    assert_int_equal(call_run(&fixture), 0);
    assert_int_equal(fixture.transport.call_count, 2);
    assert_string_equal(sent(&fixture, 1, "X-Amz-Date"), "20261120T223500Z");
    expect_signature(&fixture, 1, "/", NULL);
    /* Later calls know. */
    assert_int_equal(call_run(&fixture), 0);
    assert_int_equal(fixture.transport.call_count, 3);
    assert_string_equal(sent(&fixture, 2, "X-Amz-Date"), "20261120T223500Z");
    call_tear_down(&fixture);
}

static void test_clock_is_right(void **state)
{
    (void)state;
    static const struct fake_answer answers[] = {
        SKEWED("Fri, 20 Nov 2026 21:38:00 GMT"), /* 3 minutes */
        SKEWED("yesterday"),
        {.status = 403, .body = "{\"__type\":\"InvalidSignatureException\"}"},
    };
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct call_fixture fixture;
        set_up(&fixture);
        call_load(&fixture);
        call_answer(&fixture, answers[i]);
        assert_int_equal(call_run(&fixture), IR_ERR_AUTH);
        assert_int_equal(fixture.transport.call_count, 1);
        call_tear_down(&fixture);
    }
}

/* A server whose clock is never right must not be asked for ever. */
static void test_clock_is_corrected_once(void **state)
{
    (void)state;
    struct call_fixture fixture;
    set_up(&fixture);
    call_load(&fixture);
    call_answer(&fixture, (struct fake_answer)SKEWED("Fri, 20 Nov 2026 22:35:00 GMT"));
    call_answer(&fixture, (struct fake_answer)SKEWED("Fri, 20 Nov 2026 23:55:00 GMT"));
    assert_int_equal(call_run(&fixture), IR_ERR_AUTH);
    assert_int_equal(fixture.transport.call_count, 2);
    assert_string_equal(fixture.err.aws_code, "InvalidSignatureException");
    call_tear_down(&fixture);
}

#define ROLE                                                                                       \
    "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>AKIDROLE</AccessKeyId>"       \
    "<SecretAccessKey>hush</SecretAccessKey><SessionToken>tok</SessionToken>"                      \
    "<Expiration>2026-11-20T22:50:00Z</Expiration></Credentials></AssumeRoleResult>"               \
    "</AssumeRoleResponse>"

/* A call on the way to credentials is refused for the clock: no later one is, on it or behind it.
 */
static void test_clock_is_learnt_on_the_way(void **state)
{
    (void)state;
    struct call_fixture fixture;
    set_up(&fixture);
    fake_world_setenv(&fixture.world, "AWS_ACCESS_KEY_ID", "");
    fake_world_setenv(&fixture.world, "AWS_SECRET_ACCESS_KEY", "");
    fake_world_add_file(&fixture.world, "/home/ann/.aws/config",
                        "[default]\nrole_arn = arn:aws:iam::123456789012:role/photos\n"
                        "source_profile = base\n"
                        "[profile base]\naws_access_key_id = AKIDEXAMPLE\n"
                        "aws_secret_access_key = hush\n");
    call_load(&fixture);
    call_answer(&fixture, (struct fake_answer)SKEWED("Fri, 20 Nov 2026 21:45:00 GMT"));
    call_answer(&fixture, (struct fake_answer){.body = ROLE});
    call_answer(&fixture, (struct fake_answer)OK_ANSWER);
    call_answer(&fixture, (struct fake_answer){.body = ROLE});
    call_answer(&fixture, (struct fake_answer)OK_ANSWER);
    assert_int_equal(call_run(&fixture), 0);
    assert_int_equal(fixture.transport.call_count, 3);
    assert_string_equal(sent(&fixture, 0, "X-Amz-Date"), "20261120T213500Z");
    assert_string_equal(sent(&fixture, 1, "X-Amz-Date"), "20261120T214500Z");
    assert_string_equal(sent(&fixture, 2, "X-Amz-Date"), "20261120T214500Z");
    struct ir_credentials *taken = fixture.aws.credentials.current;
    assert_true(ir_credentials_store_drop(&fixture.aws.credentials, taken));
    assert_int_equal(call_run(&fixture), 0);
    assert_string_equal(sent(&fixture, 3, "Host"), "sts.eu-west-1.amazonaws.com");
    assert_string_equal(sent(&fixture, 3, "X-Amz-Date"), "20261120T214500Z");
    assert_string_equal(sent(&fixture, 4, "X-Amz-Date"), "20261120T214500Z");
    assert_int_equal(fixture.transport.call_count, 5);
    call_tear_down(&fixture);
}

/* The embedded endpoint is being started by another thread, which takes longer than this call may.
 */
static void test_embedded_is_starting(void **state)
{
    (void)state;
    struct call_fixture fixture;
    char setting[] = "local";
    struct ir_cancel *cancel = ir_cancel_new();
    setenv("IMGRECOG_LOCAL_SOCKET", "/nonexistent/x.sock", 1);
    set_up(&fixture);
    call_load(&fixture);
    assert_non_null(cancel);
    fixture.aws.endpoint_setting = setting;
    fixture.request.timeout_ms = 1000;
    pthread_mutex_lock(&fixture.aws.embedded_mutex);
    assert_int_equal(call_run(&fixture), IR_ERR_TIMEOUT);
    assert_non_null(strstr(fixture.err.message, "imgrecog-local"));
    assert_string_not_equal(fixture.err.hint, "");
    fixture.request.cancel = cancel;
    fixture.world.cancel_in_sleep = cancel;
    assert_int_equal(call_run(&fixture), IR_ERR_CANCELLED);
    pthread_mutex_unlock(&fixture.aws.embedded_mutex);
    assert_int_equal(fixture.transport.call_count, 0);
    ir_cancel_free(cancel);
    call_tear_down(&fixture);
    unsetenv("IMGRECOG_LOCAL_SOCKET");
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_attempts, rows);
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
    unit_add(&list, "no error wanted", test_no_error_wanted);
    unit_add(&list, "cancelled while waiting", test_cancel_while_waiting);
    unit_add(&list, "quota", test_quota);
    unit_add(&list, "clock: corrected", test_clock_is_corrected);
    unit_add(&list, "clock: right", test_clock_is_right);
    unit_add(&list, "clock: corrected once", test_clock_is_corrected_once);
    unit_add(&list, "clock: learnt on the way to credentials", test_clock_is_learnt_on_the_way);
    unit_add(&list, "embedded endpoint: another thread starts it", test_embedded_is_starting);
    return unit_run(&list, "aws-call");
}
