/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a dry run of a list of pictures would have sent, in one line. */
#ifndef IMAGEMAGICK_PLAN_H
#define IMAGEMAGICK_PLAN_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include <imgrecog/result.h>

#define PLAN_MAX_ROWS 16
#define PLAN_NAME_BYTES 64
#define PLAN_HOST_BYTES 256

/* All requests of one kind. */
struct plan_row {
    char service[PLAN_NAME_BYTES];
    char operation[PLAN_NAME_BYTES];
    char model[PLAN_HOST_BYTES]; /* "" = none */
    char host[PLAN_HOST_BYTES];
    size_t request_count;
    size_t cached_count; /* of these, which are not sent */
    unsigned long long sent_bytes;
};

struct plan {
    pthread_mutex_t lock; /* the following */
    struct plan_row rows[PLAN_MAX_ROWS];
    size_t row_count;
    size_t more_count;   /* requests that found no row */
    size_t upload_count; /* pictures that would be stored */
    double cost_usd;     /* at most; NaN where a price is not known */
    char prices_of[PLAN_NAME_BYTES];
};

void plan_init(struct plan *plan);
void plan_release(struct plan *plan);
/* Adds what `result` says would have been sent. Any thread. */
void plan_add(struct plan *plan, const struct ir_result *result);
/* Adds a picture that would be stored. Any thread. */
void plan_add_upload(struct plan *plan);
/*
 * Writes the line, the sum first, cut where it is too long. `stored` is where
 * pictures would be stored, if any would. When no thread adds any more.
 */
void plan_line(struct plan *plan, const char *stored, char *out, size_t out_bytes);

#endif
