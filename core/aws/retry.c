/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * AWS's standard retry mode, 2026 form:
 *   wait before retry i = chance * min(base * 2^i, 20 s), base 50 ms, when throttled 1 s
 *   a retry costs 14 tokens of 500, when throttled 5
 * Throttling is told by the error code, not by HTTP 429.
 */
#include "core/aws/retry.h"

#include <string.h>

#define QUOTA_TOKENS 500
#define COST_TRANSIENT 14
#define COST_THROTTLING 5
#define BASE_TRANSIENT_MS 50.0
#define BASE_THROTTLING_MS 1000.0
#define MAX_DELAY_MS 20000.0
#define MAX_HINT_EXTRA_MS 5000L
#define MAX_DOUBLINGS 16U

static const char *const throttling_codes[] = {
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottledException",
    "RequestThrottled",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "SlowDown",
    "EC2ThrottledException",
};

static const char *const transient_codes[] = {
    "RequestTimeout",
    "RequestTimeoutException",
    "PriorRequestNotComplete",
    "InternalError",
    "InternalServerError",
    "InternalServerException",
    "ServiceUnavailableException",
    "IDPCommunicationError",  /* STS: the identity provider did not answer it */
    "ModelNotReadyException", /* Bedrock, with 429; its model says that it is no throttling */
};

static bool is_among(const char *code, const char *const *codes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(code, codes[i]) == 0)
            return true;
    return false;
}

enum ir_retry_kind ir_retry_classify(const struct ir_error *err)
{
    if (is_among(err->aws_code, throttling_codes,
                 sizeof throttling_codes / sizeof throttling_codes[0]))
        return IR_RETRY_THROTTLING;
    if (is_among(err->aws_code, transient_codes,
                 sizeof transient_codes / sizeof transient_codes[0]))
        return IR_RETRY_TRANSIENT;
    if (err->http_status == 500 || (err->http_status >= 502 && err->http_status <= 504))
        return IR_RETRY_TRANSIENT;
    if (err->http_status == 0 && err->code == IR_ERR_NET && err->retryable)
        return IR_RETRY_TRANSIENT;
    return IR_RETRY_NEVER;
}

long ir_retry_delay_ms(enum ir_retry_kind kind, unsigned retry_index, double chance, long hint_ms)
{
    double base_ms = kind == IR_RETRY_THROTTLING ? BASE_THROTTLING_MS : BASE_TRANSIENT_MS;
    unsigned doublings = retry_index < MAX_DOUBLINGS ? retry_index : MAX_DOUBLINGS;
    double limit_ms = base_ms * (double)(1U << doublings);
    if (limit_ms > MAX_DELAY_MS)
        limit_ms = MAX_DELAY_MS;
    long delay_ms = (long)(chance * limit_ms);
    if (hint_ms > delay_ms + MAX_HINT_EXTRA_MS)
        return delay_ms + MAX_HINT_EXTRA_MS;
    return hint_ms > delay_ms ? hint_ms : delay_ms;
}

static int cost_of(enum ir_retry_kind kind)
{
    if (kind == IR_RETRY_NEVER)
        return 1;
    return kind == IR_RETRY_THROTTLING ? COST_THROTTLING : COST_TRANSIENT;
}

void ir_retry_quota_init(struct ir_retry_quota *quota)
{
    atomic_init(&quota->tokens, QUOTA_TOKENS);
}

bool ir_retry_quota_take(struct ir_retry_quota *quota, enum ir_retry_kind kind)
{
    int cost = cost_of(kind);
    int tokens = atomic_load(&quota->tokens);
    while (tokens >= cost)
        if (atomic_compare_exchange_weak(&quota->tokens, &tokens, tokens - cost))
            return true;
    return false;
}

void ir_retry_quota_give(struct ir_retry_quota *quota, enum ir_retry_kind last_kind)
{
    int refund = cost_of(last_kind);
    int tokens = atomic_load(&quota->tokens);
    int filled;
    do {
        filled = tokens + refund > QUOTA_TOKENS ? QUOTA_TOKENS : tokens + refund;
    } while (!atomic_compare_exchange_weak(&quota->tokens, &tokens, filled));
}
