/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One call of a service over a transport that answers from a script, in a world whose clock moves
 * only when somebody waits: attempts, waits, deadline, cancelling, quota.
 */
#include "tests/unit/call_fixture.h"

#define MAX_ROW_ANSWERS 8
#define MAX_ROW_SLEEPS 8

#define STATUS(number) {.status = (number), .body = "{}"}
#define THROTTLE                                                                                   \
    {.status = 400, .body = "{\"__type\":\"ThrottlingException\",\"message\":\"slow\"}"}
#define REFUSAL {.status = 400, .body = "{\"__type\":\"InvalidParameterException\"}"}
#define BROKEN {.rc = IR_ERR_NET, .retryable = true}

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
    {"at once", {CALL_OK}, 1, .chance = 0.5, .calls = 1, .tokens = 500},
    {"201 is success", {STATUS(201)}, 1, .chance = 0.5, .calls = 1},
    {"500, then good",
     {STATUS(500), CALL_OK},
     2,
     .chance = 0.5,
     .calls = 2,
     .sleeps_ms = {25},
     .sleep_count = 1,
     .retries = 1,
     .tokens = 500},
    {"503 twice, then good",
     {STATUS(503), STATUS(503), CALL_OK},
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
     {THROTTLE, CALL_OK},
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
     {THROTTLE, STATUS(500), CALL_OK},
     3,
     .chance = 0.5,
     .calls = 3,
     .sleeps_ms = {500, 50},
     .sleep_count = 2,
     .retries = 2},
    {"a broken line, then good",
     {BROKEN, CALL_OK},
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
     {REFUSAL, CALL_OK},
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
     {STATUS(500), CALL_OK},
     2,
     .chance = 0.0,
     .calls = 2,
     .sleeps_ms = {0},
     .sleep_count = 1,
     .retries = 1},

    {"the server's hint",
     {{.status = 503, .header = "x-amz-retry-after: 3000", .body = "{}"}, CALL_OK},
     2,
     .chance = 0.5,
     .calls = 2,
     .sleeps_ms = {3000},
     .sleep_count = 1,
     .retries = 1},
    {"the server's hint is bounded",
     {{.status = 503, .header = "X-Amz-Retry-After: 300000", .body = "{}"}, CALL_OK},
     2,
     .chance = 0.5,
     .calls = 2,
     .sleeps_ms = {5025},
     .sleep_count = 1,
     .retries = 1},
    {"a hint that is no number",
     {{.status = 503, .header = "x-amz-retry-after: 3s", .body = "{}"}, CALL_OK},
     2,
     .chance = 0.5,
     .calls = 2,
     .sleeps_ms = {25},
     .sleep_count = 1,
     .retries = 1},
    {"a negative hint",
     {{.status = 503, .header = "x-amz-retry-after: -5", .body = "{}"}, CALL_OK},
     2,
     .chance = 0.5,
     .calls = 2,
     .sleeps_ms = {25},
     .sleep_count = 1,
     .retries = 1},
    {"an empty hint",
     {{.status = 503, .header = "x-amz-retry-after:", .body = "{}"}, CALL_OK},
     2,
     .chance = 0.5,
     .calls = 2,
     .sleeps_ms = {25},
     .sleep_count = 1,
     .retries = 1},
    {"the hint of an earlier answer is forgotten",
     {{.status = 503, .header = "x-amz-retry-after: 3000", .body = "{}"}, BROKEN, CALL_OK},
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
     {THROTTLE, CALL_OK},
     2,
     .chance = 0.5,
     .timeout_ms = 501,
     .calls = 2,
     .sleeps_ms = {500},
     .sleep_count = 1,
     .retries = 1},
    {"time that the answer took counts",
     {{.status = 500, .body = "{}", .takes_ms = 59980}, CALL_OK},
     2,
     .chance = 0.5,
     .code = IR_ERR_SERVICE,
     .calls = 1},

    {"paid: not again when it may have been served",
     {{.rc = IR_ERR_NET, .retryable = true, .maybe_served = true}, CALL_OK},
     2,
     .chance = 0.5,
     .code = IR_ERR_NET,
     .calls = 1,
     .is_paid = true},
    {"paid: again when it cannot have been",
     {BROKEN, CALL_OK},
     2,
     .chance = 0.5,
     .calls = 2,
     .sleeps_ms = {25},
     .sleep_count = 1,
     .retries = 1,
     .is_paid = true},
    {"not paid: again though it may have been served",
     {{.rc = IR_ERR_NET, .retryable = true, .maybe_served = true}, CALL_OK},
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
    call_set_up_labels(&fixture);
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

static void test_no_error_wanted(void **state)
{
    (void)state;
    struct call_fixture fixture;
    call_set_up_labels(&fixture);
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
    call_set_up_labels(&fixture);
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
    call_set_up_labels(&fixture);
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

/* The embedded endpoint is being started by another thread, which takes longer than this call may.
 */
static void test_embedded_is_starting(void **state)
{
    (void)state;
    struct call_fixture fixture;
    char setting[] = "local";
    struct ir_cancel *cancel = ir_cancel_new();
    setenv("IMGRECOG_LOCAL_SOCKET", "/nonexistent/x.sock", 1);
    call_set_up_labels(&fixture);
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
    unit_add(&list, "no error wanted", test_no_error_wanted);
    unit_add(&list, "cancelled while waiting", test_cancel_while_waiting);
    unit_add(&list, "quota", test_quota);
    unit_add(&list, "embedded endpoint: another thread starts it", test_embedded_is_starting);
    return unit_run(&list, "aws-call");
}
