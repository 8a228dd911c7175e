/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How fast a client may send, in the adaptive retry mode: a token bucket that all threads of a
 * client share, closed by the first answer that asks to slow down and opened again along a cubic
 * curve (as TCP CUBIC does, RFC 9438). Until then nothing is held back.
 * Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html and
 * botocore's retries/adaptive.py, throttling.py and bucket.py.
 */
#ifndef CORE_AWS_RATE_H
#define CORE_AWS_RATE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Zeros but for the mutex at the beginning. */
struct ir_rate {
    pthread_mutex_t mutex; /* guards all below */
    bool is_started;       /* the clocks below are set */
    bool is_limiting;      /* an answer has asked to slow down */
    double fill_per_s;     /* tokens that come in a second; a request takes one */
    double max_tokens;
    double tokens;
    int64_t filled_ms;     /* when `tokens` was reckoned */
    double measured_per_s; /* requests, smoothed */
    unsigned counted;      /* requests since counted_ms */
    int64_t counted_ms;
    double curve_per_s;   /* the rate at the last throttling: the curve comes back to it */
    double curve_s;       /* after this time */
    int64_t throttled_ms; /* the last throttling; the beginning, before the first */
};

void ir_rate_init(struct ir_rate *rate);
void ir_rate_release(struct ir_rate *rate);
/* 0: a token is taken, send now. Else milliseconds after which to ask again. Clocks: monotonic. */
long ir_rate_take(struct ir_rate *rate, int64_t now_ms);
/* Tells how an attempt ended. Returns the rate that holds from now on; 0 = no limit. */
double ir_rate_learn(struct ir_rate *rate, int64_t now_ms, bool was_throttled);

#endif
