/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When to try again, and how long to wait: AWS's standard retry mode in its 2026 form.
 * Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html and
 * botocore 1.43's retries (AWS_NEW_RETRIES_2026). Pure, but for the quota's counter.
 */
#ifndef CORE_AWS_RETRY_H
#define CORE_AWS_RETRY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <imgrecog/error.h>

enum ir_retry_kind {
    IR_RETRY_NEVER,
    IR_RETRY_TRANSIENT,  /* the server or the line failed */
    IR_RETRY_THROTTLING, /* the server asked to slow down */
};

/* Of a failed attempt: by the AWS error code first, then by HTTP status, then by the line. */
enum ir_retry_kind ir_retry_classify(const struct ir_error *err);

/*
 * Milliseconds to wait before retry `retry_index` (0 = the first). `chance` in [0, 1). `hint_ms` is
 * x-amz-retry-after, negative when there was none: at least the computed wait, at most 5 s more.
 */
long ir_retry_delay_ms(enum ir_retry_kind kind, unsigned retry_index, double chance, long hint_ms);

/* 500 tokens that all calls of a client share, so that a broken service is not hammered. */
struct ir_retry_quota {
    atomic_int tokens;
};

void ir_retry_quota_init(struct ir_retry_quota *quota);
/* Takes the price of a retry; false when too little is left: then give up. */
bool ir_retry_quota_take(struct ir_retry_quota *quota, enum ir_retry_kind kind);
/* After success: gives back the price of the last retry, or 1 when there was none. */
void ir_retry_quota_give(struct ir_retry_quota *quota, enum ir_retry_kind last_kind);

#endif
