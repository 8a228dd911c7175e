/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The adaptive retry mode's rate: the curve in numbers, the bucket, threads at once; and calls that
 * wait for their turn. tests/peers/rate_botocore.py compares generated runs with botocore's.
 */
#include "tests/unit/call_fixture.h"

#include <math.h>

#include "core/aws/rate.h"

#define START_MS 1000000

static void expect_near(double is, double expected)
{
    if (fabs(is - expected) > 1e-6)
        fail_msg("%.9f, not %.9f", is, expected);
}

/* Sends `count` requests, evenly over a second from `from_ms` on. */
static double send_evenly(struct ir_rate *rate, int64_t from_ms, unsigned count, bool throttled)
{
    double per_s = 0.0;
    for (unsigned i = 0; i < count; i++)
        per_s = ir_rate_learn(rate, from_ms + (int64_t)i * 1000 / count, throttled);
    return per_s;
}

static void test_no_limit(void **state)
{
    (void)state;
    struct ir_rate rate;
    ir_rate_init(&rate);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(ir_rate_take(&rate, START_MS), 0);
        expect_near(ir_rate_learn(&rate, START_MS + i, false), 0.0);
    }
    ir_rate_release(&rate);
}

/*
 * 20 requests a second are measured as such: 20 * 0.8, then 20 * 0.8 + 16 * 0.2, … A throttled one
 * brings 0.7 of it; the curve is back where it was after cbrt(rate * 0.3 / 0.4) seconds.
 */
static void test_curve(void **state)
{
    (void)state;
    struct ir_rate rate;
    ir_rate_init(&rate);
    int64_t now_ms = START_MS;
    for (int second = 0; second < 20; second++, now_ms += 1000)
        (void)send_evenly(&rate, now_ms, 20, false);
    expect_near(ir_rate_learn(&rate, now_ms, true), 0.7 * rate.measured_per_s);
    assert_true(fabs(rate.measured_per_s - 20.0) < 2.0);
    double before_per_s = rate.curve_per_s;
    double curve_s = cbrt(before_per_s * 0.3 / 0.4);
    expect_near(rate.curve_s, curve_s);
    /* Halfway there the curve is at w - 0.4 * (K/2)^3. */
    int64_t half_ms = now_ms + (int64_t)(curve_s * 500);
    double from_turn_s = (double)(half_ms - now_ms) / 1000.0 - curve_s;
    rate.measured_per_s = 1000.0; /* the cap of twice the measured is not what is looked at here */
    rate.counted_ms = half_ms;
    expect_near(ir_rate_learn(&rate, half_ms, false),
                before_per_s + 0.4 * from_turn_s * from_turn_s * from_turn_s);
    ir_rate_release(&rate);
}

static void test_floor_and_cap(void **state)
{
    (void)state;
    struct ir_rate rate;
    ir_rate_init(&rate);
    /* Nothing is measured yet: one request in two seconds remains. */
    expect_near(ir_rate_learn(&rate, START_MS, true), 0.5);
    assert_int_equal(ir_rate_take(&rate, START_MS), 2000);
    /* An hour later the curve is far up; twice what is sent is the most. */
    double per_s = ir_rate_learn(&rate, START_MS + 3600000, false);
    assert_true(rate.measured_per_s < 1.0);
    expect_near(per_s, fmax(0.5, 2.0 * rate.measured_per_s));
    ir_rate_release(&rate);
}

static void test_bucket(void **state)
{
    (void)state;
    struct ir_rate rate;
    ir_rate_init(&rate);
    rate.is_started = true;
    rate.is_limiting = true;
    rate.fill_per_s = 4.0;
    rate.max_tokens = 4.0;
    rate.filled_ms = START_MS;
    /* Empty: a quarter of a second for each, and none is given away twice. */
    assert_int_equal(ir_rate_take(&rate, START_MS), 250);
    assert_int_equal(ir_rate_take(&rate, START_MS + 100), 150);
    assert_int_equal(ir_rate_take(&rate, START_MS + 250), 0);
    assert_int_equal(ir_rate_take(&rate, START_MS + 250), 250);
    /* Full after a second, and not fuller after an hour. */
    for (int i = 0; i < 4; i++)
        assert_int_equal(ir_rate_take(&rate, START_MS + 3600000), 0);
    assert_int_equal(ir_rate_take(&rate, START_MS + 3600000), 250);
    ir_rate_release(&rate);
}

/* ---- threads ----------------------------------------------------------------------------- */

#define THREADS 4
#define TAKES_EACH 1000

struct taker {
    struct ir_rate *rate;
    unsigned taken;
};

static void *take_many(void *context)
{
    struct taker *taker = context;
    for (int i = 0; i < TAKES_EACH; i++)
        taker->taken += ir_rate_take(taker->rate, START_MS) == 0;
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    struct ir_rate rate;
    struct taker takers[THREADS];
    pthread_t threads[THREADS];
    unsigned taken = 0;
    ir_rate_init(&rate);
    rate.is_started = true;
    rate.is_limiting = true;
    rate.fill_per_s = 1.0;
    rate.max_tokens = 1000.0;
    rate.tokens = 700.0;
    rate.filled_ms = START_MS;
    for (int i = 0; i < THREADS; i++) {
        takers[i] = (struct taker){&rate, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, take_many, &takers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        taken += takers[i].taken;
    }
    assert_int_equal(taken, 700);
    ir_rate_release(&rate);
}

/* ---- calls ------------------------------------------------------------------------------- */

#define THROTTLE {.status = 400, .body = "{\"__type\":\"ThrottlingException\"}"}

static void set_up(struct call_fixture *fixture, const char *mode)
{
    call_set_up_labels(fixture);
    fake_world_setenv(&fixture->world, "AWS_RETRY_MODE", mode);
    call_load(fixture);
}

/* Throttled once: half a second for the retry, then a second and a half until the first token. */
static void test_call_waits(void **state)
{
    (void)state;
    struct call_fixture fixture;
    set_up(&fixture, "adaptive");
    call_answer(&fixture, (struct fake_answer)THROTTLE);
    call_answer(&fixture, (struct fake_answer)CALL_OK);
    assert_int_equal(call_run(&fixture), 0);
    assert_int_equal(fixture.world.sleep_count, 2);
    assert_int_equal(fixture.world.sleeps_ms[0], 500);
    assert_int_equal(fixture.world.sleeps_ms[1], 1500);
    assert_int_equal(call_lines_with(&fixture, "waiting 1500 ms: the rate"), 1);
    assert_int_equal(call_lines_with(&fixture, "at most 0.50 requests a second"), 1);
    /* Later calls of the client wait too. */
    fixture.world.sleep_count = 0;
    assert_int_equal(call_run(&fixture), 0);
    assert_int_equal(fixture.world.sleep_count, 1);
    assert_true(fixture.world.sleeps_ms[0] > 0);
    call_tear_down(&fixture);
}

static void test_standard_does_not_wait(void **state)
{
    (void)state;
    static const char *const modes[] = {"standard", "legacy", "Standard"};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        struct call_fixture fixture;
        set_up(&fixture, modes[i]);
        call_answer(&fixture, (struct fake_answer)THROTTLE);
        call_answer(&fixture, (struct fake_answer)CALL_OK);
        assert_int_equal(call_run(&fixture), 0);
        assert_int_equal(fixture.world.sleep_count, 1);
        assert_int_equal(call_run(&fixture), 0);
        assert_int_equal(fixture.world.sleep_count, 1);
        call_tear_down(&fixture);
    }
}

static void test_deadline(void **state)
{
    (void)state;
    struct call_fixture fixture;
    set_up(&fixture, "adaptive");
    (void)ir_rate_learn(&fixture.aws.rate, fixture.world.monotonic_ms, true);
    fixture.request.timeout_ms = 1999;
    call_answer(&fixture, (struct fake_answer)CALL_OK);
    assert_int_equal(call_run(&fixture), IR_ERR_TIMEOUT);
    assert_string_equal(fixture.err.service, "Rekognition");
    assert_non_null(strstr(fixture.err.message, "slow down"));
    assert_int_equal(fixture.transport.call_count, 0);
    assert_int_equal(fixture.world.sleep_count, 0);
    fixture.request.timeout_ms = 2001;
    assert_int_equal(call_run(&fixture), 0);
    assert_int_equal(fixture.world.sleeps_ms[0], 2000);
    call_tear_down(&fixture);
}

/* What the service said is the better message where its retry has no time left. */
static void test_deadline_of_a_retry(void **state)
{
    (void)state;
    struct call_fixture fixture;
    set_up(&fixture, "adaptive");
    fixture.request.timeout_ms = 1000;
    call_answer(&fixture, (struct fake_answer)THROTTLE);
    assert_int_equal(call_run(&fixture), IR_ERR_THROTTLED);
    assert_string_equal(fixture.err.aws_code, "ThrottlingException");
    assert_int_equal(fixture.transport.call_count, 1);
    assert_int_equal(fixture.retries, 0);
    call_tear_down(&fixture);
}

static void test_cancel(void **state)
{
    (void)state;
    struct call_fixture fixture;
    struct ir_cancel *cancel = ir_cancel_new();
    set_up(&fixture, "adaptive");
    (void)ir_rate_learn(&fixture.aws.rate, fixture.world.monotonic_ms, true);
    fixture.request.cancel = cancel;
    fixture.world.cancel_in_sleep = cancel;
    call_answer(&fixture, (struct fake_answer)CALL_OK);
    assert_int_equal(call_run(&fixture), IR_ERR_CANCELLED);
    assert_non_null(strstr(fixture.err.message, "turn"));
    assert_int_equal(fixture.transport.call_count, 0);
    assert_int_equal(fixture.world.sleep_count, 1);
    call_tear_down(&fixture);
    ir_cancel_free(cancel);
}

/* ---- Retry-After ------------------------------------------------------------------------- */

static const struct hint_row {
    const char *name;
    const char *header;
    long sleep_ms;
} hint_rows[] = {
    {"Retry-After in seconds", "Retry-After: 2", 2000},
    {"Retry-After is bounded", "Retry-After: 600", 5025},
    {"Retry-After beyond ten minutes is bounded too", "Retry-After: 601", 5025},
    {"Retry-After as a date is none", "Retry-After: Fri, 20 Nov 2026 21:35:10 GMT", 25},
    {"Retry-After below nothing is none", "Retry-After: -2", 25},
    {"Retry-After so large that it would overflow", "Retry-After: 9223372036854775807", 5025},
    {"AWS's own header counts more", "Retry-After: 2\nx-amz-retry-after: 700", 700},
    {"AWS's own header beyond ten minutes", "Retry-After: 2\nx-amz-retry-after: 600001", 5025},
    {"AWS's own header, wrong", "Retry-After: 2\nx-amz-retry-after: soon", 2000},
};

static void test_hint(void **state)
{
    const struct hint_row *row = *state;
    struct call_fixture fixture;
    set_up(&fixture, "standard");
    call_answer(&fixture, (struct fake_answer){.status = 503, .header = row->header, .body = "{}"});
    call_answer(&fixture, (struct fake_answer)CALL_OK);
    assert_int_equal(call_run(&fixture), 0);
    assert_int_equal(fixture.world.sleep_count, 1);
    assert_int_equal(fixture.world.sleeps_ms[0], row->sleep_ms);
    call_tear_down(&fixture);
}

int main(void)
{
    static struct unit_list list;
    unit_add(&list, "no limit before the first throttling", test_no_limit);
    unit_add(&list, "the curve", test_curve);
    unit_add(&list, "floor and cap", test_floor_and_cap);
    unit_add(&list, "the bucket", test_bucket);
    unit_add(&list, "threads share it", test_threads);
    unit_add(&list, "a call waits for its turn", test_call_waits);
    unit_add(&list, "the standard mode has no rate", test_standard_does_not_wait);
    unit_add(&list, "not past the deadline", test_deadline);
    unit_add(&list, "a retry that has no time left", test_deadline_of_a_retry);
    unit_add(&list, "cancelled while waiting", test_cancel);
    UNIT_ADD_ROWS(&list, test_hint, hint_rows);
    return unit_run(&list, "aws-rate");
}
