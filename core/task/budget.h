/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Money as whole billionths of a dollar, so that sums are exact, and the budget of one client: what
 * its calls have spent and what those under way may still cost. Any number of threads.
 */
#ifndef CORE_TASK_BUDGET_H
#define CORE_TASK_BUDGET_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/task/prices.h"

#define IR_NUSD_UNKNOWN INT64_C(-1)

/* Rounded up; NaN and what is below 0 become IR_NUSD_UNKNOWN. */
int64_t ir_nusd_from_usd(double usd);
/* NaN for IR_NUSD_UNKNOWN. */
double ir_nusd_to_usd(int64_t nusd);

struct ir_budget {
    pthread_mutex_t mutex;
    int64_t limit_nusd; /* IR_NUSD_UNKNOWN = none */
    int64_t spent_nusd; /* with what may have been charged */
    int64_t reserved_nusd;
};

void ir_budget_init(struct ir_budget *budget, int64_t limit_nusd);
void ir_budget_release(struct ir_budget *budget);

/* False, and nothing is reserved, where spent, reserved and this would pass the limit;
 * *out_spent_nusd is then what is spent or under way. An unknown estimate counts as nothing. */
bool ir_budget_reserve(struct ir_budget *budget, int64_t estimate_nusd, int64_t *out_spent_nusd);
/* Gives the reservation back and counts what it came to (IR_NUSD_UNKNOWN as nothing). */
void ir_budget_settle(struct ir_budget *budget, int64_t estimate_nusd, int64_t cost_nusd);
int64_t ir_budget_spent(struct ir_budget *budget);

#endif
