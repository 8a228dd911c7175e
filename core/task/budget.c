/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the counting of one client's money. */
#include "core/task/budget.h"

#include <math.h>

#define NUSD 1e9
#define MAX_NUSD 1e17 /* a hundred million dollars; sums of many stay within 64 bits */

int64_t ir_nusd_from_usd(double usd)
{
    if (isnan(usd) || usd < 0.0)
        return IR_NUSD_UNKNOWN;
    /* What only binary fractions put above a whole billionth is none more. */
    return (int64_t)ceil(fmin(usd * NUSD, MAX_NUSD) - 1e-6);
}

double ir_nusd_to_usd(int64_t nusd)
{
    return nusd == IR_NUSD_UNKNOWN ? NAN : (double)nusd / NUSD;
}

static int64_t known(int64_t nusd)
{
    return nusd == IR_NUSD_UNKNOWN ? 0 : nusd;
}

void ir_budget_init(struct ir_budget *budget, int64_t limit_nusd)
{
    *budget = (struct ir_budget){.limit_nusd = limit_nusd};
    pthread_mutex_init(&budget->mutex, NULL);
}

void ir_budget_release(struct ir_budget *budget)
{
    pthread_mutex_destroy(&budget->mutex);
}

bool ir_budget_reserve(struct ir_budget *budget, int64_t estimate_nusd, int64_t *out_spent_nusd)
{
    pthread_mutex_lock(&budget->mutex);
    int64_t spent_nusd = budget->spent_nusd + budget->reserved_nusd;
    bool fits = budget->limit_nusd == IR_NUSD_UNKNOWN ||
                spent_nusd + known(estimate_nusd) <= budget->limit_nusd;
    if (fits)
        budget->reserved_nusd += known(estimate_nusd);
    pthread_mutex_unlock(&budget->mutex);
    *out_spent_nusd = spent_nusd;
    return fits;
}

void ir_budget_settle(struct ir_budget *budget, int64_t estimate_nusd, int64_t cost_nusd)
{
    pthread_mutex_lock(&budget->mutex);
    budget->reserved_nusd -= known(estimate_nusd);
    budget->spent_nusd += known(cost_nusd);
    pthread_mutex_unlock(&budget->mutex);
}

int64_t ir_budget_spent(struct ir_budget *budget)
{
    pthread_mutex_lock(&budget->mutex);
    int64_t spent_nusd = budget->spent_nusd;
    pthread_mutex_unlock(&budget->mutex);
    return spent_nusd;
}
