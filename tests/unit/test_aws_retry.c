/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When to try again, how long to wait, and the quota that all calls share. */
#include "tests/unit/unit.h"

#include "core/aws/retry.h"

#define QUOTA_TOKENS 500

/* ---- kinds ------------------------------------------------------------------------------- */

struct kind_row {
    const char *name;
    int code;
    int http_status;
    bool retryable;
    const char *aws_code;
    enum ir_retry_kind kind;
};

static const struct kind_row kind_rows[] = {
    {"500", IR_ERR_SERVICE, 500, false, "", IR_RETRY_TRANSIENT},
    {"501", IR_ERR_SERVICE, 501, false, "", IR_RETRY_NEVER},
    {"502", IR_ERR_SERVICE, 502, false, "", IR_RETRY_TRANSIENT},
    {"503", IR_ERR_SERVICE, 503, false, "", IR_RETRY_TRANSIENT},
    {"504", IR_ERR_SERVICE, 504, false, "", IR_RETRY_TRANSIENT},
    {"505", IR_ERR_SERVICE, 505, false, "", IR_RETRY_NEVER},
    {"400", IR_ERR_SERVICE, 400, false, "ValidationException", IR_RETRY_NEVER},
    {"403", IR_ERR_AUTH, 403, false, "AccessDeniedException", IR_RETRY_NEVER},
    {"429 without a code", IR_ERR_SERVICE, 429, false, "", IR_RETRY_NEVER},
    {"301", IR_ERR_SERVICE, 301, false, "", IR_RETRY_NEVER},
    {"Throttling", IR_ERR_SERVICE, 400, false, "Throttling", IR_RETRY_THROTTLING},
    {"ThrottlingException", IR_ERR_SERVICE, 400, false, "ThrottlingException", IR_RETRY_THROTTLING},
    {"ThrottlingException with 500", IR_ERR_SERVICE, 500, false, "ThrottlingException",
     IR_RETRY_THROTTLING},
    {"ThrottledException", IR_ERR_SERVICE, 400, false, "ThrottledException", IR_RETRY_THROTTLING},
    {"RequestThrottledException", IR_ERR_SERVICE, 400, false, "RequestThrottledException",
     IR_RETRY_THROTTLING},
    {"RequestThrottled", IR_ERR_SERVICE, 400, false, "RequestThrottled", IR_RETRY_THROTTLING},
    {"TooManyRequestsException", IR_ERR_SERVICE, 429, false, "TooManyRequestsException",
     IR_RETRY_THROTTLING},
    {"ProvisionedThroughputExceededException", IR_ERR_SERVICE, 400, false,
     "ProvisionedThroughputExceededException", IR_RETRY_THROTTLING},
    {"TransactionInProgressException", IR_ERR_SERVICE, 400, false, "TransactionInProgressException",
     IR_RETRY_THROTTLING},
    {"RequestLimitExceeded", IR_ERR_SERVICE, 503, false, "RequestLimitExceeded",
     IR_RETRY_THROTTLING},
    {"BandwidthLimitExceeded", IR_ERR_SERVICE, 509, false, "BandwidthLimitExceeded",
     IR_RETRY_THROTTLING},
    {"LimitExceededException", IR_ERR_SERVICE, 400, false, "LimitExceededException",
     IR_RETRY_THROTTLING},
    {"SlowDown", IR_ERR_SERVICE, 503, false, "SlowDown", IR_RETRY_THROTTLING},
    {"EC2ThrottledException", IR_ERR_SERVICE, 400, false, "EC2ThrottledException",
     IR_RETRY_THROTTLING},
    {"a code with another end", IR_ERR_SERVICE, 400, false, "ThrottlingExceptions", IR_RETRY_NEVER},
    {"a code in another case", IR_ERR_SERVICE, 400, false, "slowdown", IR_RETRY_NEVER},
    {"RequestTimeout", IR_ERR_SERVICE, 400, false, "RequestTimeout", IR_RETRY_TRANSIENT},
    {"RequestTimeoutException", IR_ERR_SERVICE, 400, false, "RequestTimeoutException",
     IR_RETRY_TRANSIENT},
    {"PriorRequestNotComplete", IR_ERR_SERVICE, 400, false, "PriorRequestNotComplete",
     IR_RETRY_TRANSIENT},
    {"IDPCommunicationError", IR_ERR_SERVICE, 400, false, "IDPCommunicationError",
     IR_RETRY_TRANSIENT},
    {"InternalServerError", IR_ERR_SERVICE, 400, false, "InternalServerError", IR_RETRY_TRANSIENT},
    {"a broken line", IR_ERR_NET, 0, true, "", IR_RETRY_TRANSIENT},
    {"a line that will never work", IR_ERR_NET, 0, false, "", IR_RETRY_NEVER},
    {"the deadline", IR_ERR_TIMEOUT, 0, true, "", IR_RETRY_NEVER},
    {"cancelled", IR_ERR_CANCELLED, 0, true, "", IR_RETRY_NEVER},
    {"out of memory", IR_ERR_NOMEM, 0, true, "", IR_RETRY_NEVER},
    {"an answer too large", IR_ERR_TOO_LARGE, 200, false, "", IR_RETRY_NEVER},
};

static void test_kind(void **state)
{
    const struct kind_row *row = *state;
    struct ir_error err = {
        .code = row->code, .http_status = row->http_status, .retryable = row->retryable};
    snprintf(err.aws_code, sizeof err.aws_code, "%s", row->aws_code);
    assert_int_equal(ir_retry_classify(&err), row->kind);
}

/* ---- delays ------------------------------------------------------------------------------ */

struct delay_row {
    const char *name;
    enum ir_retry_kind kind;
    unsigned retry_index;
    double chance;
    long hint_ms;
    long delay_ms;
};

static const struct delay_row delay_rows[] = {
    {"transient, first", IR_RETRY_TRANSIENT, 0, 0.5, -1, 25},
    {"transient, second", IR_RETRY_TRANSIENT, 1, 0.5, -1, 50},
    {"transient, third", IR_RETRY_TRANSIENT, 2, 0.5, -1, 100},
    {"transient, eighth", IR_RETRY_TRANSIENT, 8, 0.5, -1, 6400},
    {"transient, at the limit", IR_RETRY_TRANSIENT, 9, 0.5, -1, 10000},
    {"throttled, first", IR_RETRY_THROTTLING, 0, 0.5, -1, 500},
    {"throttled, second", IR_RETRY_THROTTLING, 1, 0.5, -1, 1000},
    {"throttled, fifth", IR_RETRY_THROTTLING, 4, 0.5, -1, 8000},
    {"throttled, at the limit", IR_RETRY_THROTTLING, 5, 0.5, -1, 10000},
    {"no luck", IR_RETRY_THROTTLING, 3, 0.0, -1, 0},
    {"a retry index beyond every doubling", IR_RETRY_TRANSIENT, 4000000000U, 0.5, -1, 10000},
    {"hint under the delay", IR_RETRY_THROTTLING, 0, 0.5, 100, 500},
    {"hint of nothing", IR_RETRY_THROTTLING, 0, 0.5, 0, 500},
    {"hint over the delay", IR_RETRY_THROTTLING, 0, 0.5, 3000, 3000},
    {"hint 5 s over the delay", IR_RETRY_THROTTLING, 0, 0.5, 5500, 5500},
    {"hint more than 5 s over", IR_RETRY_THROTTLING, 0, 0.5, 5501, 5500},
    {"hint of days", IR_RETRY_TRANSIENT, 0, 0.0, 500000000, 5000},
};

static void test_delay(void **state)
{
    const struct delay_row *row = *state;
    assert_int_equal(ir_retry_delay_ms(row->kind, row->retry_index, row->chance, row->hint_ms),
                     row->delay_ms);
}

static void test_delay_bounds(void **state)
{
    (void)state;
    for (int kind = IR_RETRY_TRANSIENT; kind <= IR_RETRY_THROTTLING; kind++) {
        double base_ms = kind == IR_RETRY_THROTTLING ? 1000.0 : 50.0;
        for (unsigned retry = 0; retry < 40; retry++) {
            double limit_ms = retry < 20 ? base_ms * (double)(1UL << retry) : 20000.0;
            limit_ms = limit_ms > 20000.0 ? 20000.0 : limit_ms;
            for (int step = 0; step <= 10; step++) {
                double chance = step * 0.0999;
                long delay_ms = ir_retry_delay_ms((enum ir_retry_kind)kind, retry, chance, -1);
                assert_true(delay_ms >= 0 && delay_ms <= (long)limit_ms);
                delay_ms = ir_retry_delay_ms((enum ir_retry_kind)kind, retry, chance, 600000);
                assert_true(delay_ms >= 5000 && delay_ms <= (long)limit_ms + 5000);
            }
        }
    }
}

/* ---- quota ------------------------------------------------------------------------------- */

struct quota_row {
    const char *name;
    enum ir_retry_kind kind;
    int cost;
};

static const struct quota_row quota_rows[] = {
    {"quota: transient", IR_RETRY_TRANSIENT, 14},
    {"quota: throttled", IR_RETRY_THROTTLING, 5},
};

static void test_quota(void **state)
{
    const struct quota_row *row = *state;
    struct ir_retry_quota quota;
    int taken = 0;
    ir_retry_quota_init(&quota);
    while (ir_retry_quota_take(&quota, row->kind))
        taken++;
    assert_int_equal(taken, QUOTA_TOKENS / row->cost);
    /* One success after such a retry pays for exactly one more. */
    ir_retry_quota_give(&quota, row->kind);
    assert_true(ir_retry_quota_take(&quota, row->kind));
    assert_false(ir_retry_quota_take(&quota, row->kind));
    /* Successes without a retry give one token each. */
    int left = atomic_load(&quota.tokens);
    for (int i = left; i < row->cost - 1; i++)
        ir_retry_quota_give(&quota, IR_RETRY_NEVER);
    assert_false(ir_retry_quota_take(&quota, row->kind));
    ir_retry_quota_give(&quota, IR_RETRY_NEVER);
    assert_true(ir_retry_quota_take(&quota, row->kind));
    assert_int_equal(atomic_load(&quota.tokens), 0);
}

static void test_quota_never_overflows(void **state)
{
    (void)state;
    struct ir_retry_quota quota;
    ir_retry_quota_init(&quota);
    assert_int_equal(atomic_load(&quota.tokens), QUOTA_TOKENS);
    ir_retry_quota_give(&quota, IR_RETRY_TRANSIENT);
    ir_retry_quota_give(&quota, IR_RETRY_NEVER);
    assert_int_equal(atomic_load(&quota.tokens), QUOTA_TOKENS);
    assert_true(ir_retry_quota_take(&quota, IR_RETRY_THROTTLING));
    ir_retry_quota_give(&quota, IR_RETRY_TRANSIENT);
    assert_int_equal(atomic_load(&quota.tokens), QUOTA_TOKENS);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_kind, kind_rows);
    UNIT_ADD_ROWS(&list, test_delay, delay_rows);
    UNIT_ADD_ROWS(&list, test_quota, quota_rows);
    unit_add(&list, "delays stay within their bounds", test_delay_bounds);
    unit_add(&list, "quota: never more than full", test_quota_never_overflows);
    return unit_run(&list, "aws-retry");
}
