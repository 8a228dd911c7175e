/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The adaptive retry mode's rate:
 *
 *   throttled    curve_per_s = rate so far; rate = 0.7 of it
 *                curve_s = cbrt(curve_per_s * 0.3 / 0.4), when the curve is back at curve_per_s
 *   served       rate = 0.4 * (seconds since then - curve_s)^3 + curve_per_s
 *   in any case  at most twice what was really sent, at least one request in two seconds
 *
 * What is really sent is counted over half seconds and smoothed. The bucket fills at this rate from
 * the beginning on; it is asked for tokens after the first throttling.
 */
#include "core/aws/rate.h"

#include <math.h>

#define FIRST_FILL_PER_S 1.0
#define MIN_FILL_PER_S 0.5
#define MIN_CAPACITY 1.0
#define SMOOTHING 0.8 /* the weight of the newest half second */
#define BACK_OFF 0.7
#define CURVE_SCALE 0.4
#define MAX_GROWTH 2.0
#define COUNTING_MS 500
#define MAX_WAIT_MS 2000.0 /* a whole token at the lowest rate */

static double seconds(int64_t ms)
{
    return (double)ms / 1000.0;
}

void ir_rate_init(struct ir_rate *rate)
{
    *rate = (struct ir_rate){.is_limiting = false};
    pthread_mutex_init(&rate->mutex, NULL);
}

void ir_rate_release(struct ir_rate *rate)
{
    pthread_mutex_destroy(&rate->mutex);
}

static void start(struct ir_rate *rate, int64_t now_ms)
{
    if (rate->is_started)
        return;
    rate->is_started = true;
    rate->fill_per_s = FIRST_FILL_PER_S;
    rate->max_tokens = MIN_CAPACITY;
    rate->filled_ms = now_ms;
    rate->throttled_ms = now_ms;
    rate->counted_ms = now_ms - now_ms % COUNTING_MS;
}

static void fill(struct ir_rate *rate, int64_t now_ms)
{
    rate->tokens += seconds(now_ms - rate->filled_ms) * rate->fill_per_s;
    rate->tokens = fmin(rate->tokens, rate->max_tokens);
    rate->filled_ms = now_ms;
}

/* What has come in so far came in at the old rate. */
static void set_fill(struct ir_rate *rate, int64_t now_ms, double per_s)
{
    fill(rate, now_ms);
    rate->fill_per_s = fmax(per_s, MIN_FILL_PER_S);
    rate->max_tokens = fmax(per_s, MIN_CAPACITY);
    rate->tokens = fmin(rate->tokens, rate->max_tokens);
}

static void count_request(struct ir_rate *rate, int64_t now_ms)
{
    int64_t slot_ms = now_ms - now_ms % COUNTING_MS;
    rate->counted++;
    if (slot_ms <= rate->counted_ms)
        return;
    double newest_per_s = rate->counted / seconds(slot_ms - rate->counted_ms);
    rate->measured_per_s = newest_per_s * SMOOTHING + rate->measured_per_s * (1 - SMOOTHING);
    rate->counted = 0;
    rate->counted_ms = slot_ms;
}

long ir_rate_take(struct ir_rate *rate, int64_t now_ms)
{
    long wait_ms = 0;
    pthread_mutex_lock(&rate->mutex);
    start(rate, now_ms);
    if (rate->is_limiting) {
        fill(rate, now_ms);
        if (rate->tokens >= 1.0)
            rate->tokens -= 1.0;
        else
            wait_ms =
                (long)ceil(fmin((1.0 - rate->tokens) / rate->fill_per_s * 1000.0, MAX_WAIT_MS));
    }
    pthread_mutex_unlock(&rate->mutex);
    return wait_ms;
}

static double back_off(struct ir_rate *rate, int64_t now_ms)
{
    double so_far = rate->measured_per_s;
    if (rate->is_limiting)
        so_far = fmin(so_far, rate->fill_per_s);
    rate->curve_per_s = so_far;
    rate->curve_s = cbrt(so_far * (1 - BACK_OFF) / CURVE_SCALE);
    rate->throttled_ms = now_ms;
    rate->is_limiting = true;
    return so_far * BACK_OFF;
}

static double grow(const struct ir_rate *rate, int64_t now_ms)
{
    double from_turn_s = seconds(now_ms - rate->throttled_ms) - rate->curve_s;
    return CURVE_SCALE * from_turn_s * from_turn_s * from_turn_s + rate->curve_per_s;
}

double ir_rate_learn(struct ir_rate *rate, int64_t now_ms, bool was_throttled)
{
    pthread_mutex_lock(&rate->mutex);
    start(rate, now_ms);
    count_request(rate, now_ms);
    double per_s = was_throttled ? back_off(rate, now_ms) : grow(rate, now_ms);
    set_fill(rate, now_ms, fmin(per_s, MAX_GROWTH * rate->measured_per_s));
    double limit_per_s = rate->is_limiting ? rate->fill_per_s : 0.0;
    pthread_mutex_unlock(&rate->mutex);
    return limit_per_s;
}
