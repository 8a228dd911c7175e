/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ledger: what paid requests of this user cost, a row each, over all processes of a month
 * (UTC), in $XDG_STATE_HOME/imgrecog/ledger.sqlite (where that is not set, ~/.local/state). A row
 * is written before the request is sent and holds the estimate; it is settled with what was
 * measured. No prompt, no name of a file, no hash of a picture stands in it.
 */
#ifndef CORE_TASK_LEDGER_H
#define CORE_TASK_LEDGER_H

#include "core/base/world.h"
#include "core/task/budget.h"

#define IR_LEDGER_MONTH_BYTES 8 /* "2026-11" */

struct ir_ledger;

/*
 * Codes of core/base/database.h. A damaged ledger is left as it is: the hint says what to do.
 */
IR_MUST_CHECK int ir_ledger_open(const struct ir_world *world, struct ir_ledger **out,
                                 struct ir_error *err);
/* Only where there is one: *out is NULL else. */
IR_MUST_CHECK int ir_ledger_open_existing(const struct ir_world *world, struct ir_ledger **out,
                                          struct ir_error *err);
void ir_ledger_close(struct ir_ledger *ledger);

/* The month of now. */
void ir_ledger_month(const struct ir_world *world, char out[IR_LEDGER_MONTH_BYTES]);

/* What is about to be sent. All borrowed. */
struct ir_ledger_entry {
    const char *service;   /* "rekognition" */
    const char *operation; /* "DetectLabels" */
    const char *model;     /* NULL = none */
    const char *endpoint;  /* "aws" or the URL */
    const char *run;       /* of the client */
    int64_t estimate_nusd; /* IR_NUSD_UNKNOWN: the price is not known */
};

/*
 * Writes down that a request will be sent, unless what this month has cost, what is under way and
 * this one come to more than `limit_nusd` (IR_NUSD_UNKNOWN = no limit): then *out_id is 0 and
 * *out_spent_nusd what is spent or under way.
 */
IR_MUST_CHECK int ir_ledger_reserve(struct ir_ledger *ledger, const struct ir_ledger_entry *entry,
                                    int64_t limit_nusd, int64_t *out_id, int64_t *out_spent_nusd,
                                    struct ir_error *err);

/* How a request ended. */
enum ir_charge {
    IR_CHARGE_NONE,     /* it was refused, or never sent */
    IR_CHARGE_MEASURED, /* it was answered */
    IR_CHARGE_MAYBE,    /* it may have been served: the estimate stands */
};
IR_MUST_CHECK int ir_ledger_settle(struct ir_ledger *ledger, int64_t id, enum ir_charge charge,
                                   int64_t cost_nusd, const struct ir_consumption *consumption,
                                   struct ir_error *err);

/* A month's rows of one service, operation, model and endpoint. */
struct ir_ledger_sum {
    char service[32];
    char operation[64];
    char model[256];
    char endpoint[256];
    long long requests; /* that were or may have been served */
    long long maybe;    /* of these, those nobody knows of whether they were charged */
    long long unpriced; /* of these, those whose price is not known */
    int64_t cost_nusd;
    int64_t maybe_nusd; /* more than that, at most, for `maybe` */
    long long input_tokens;
    long long output_tokens;
};

/* Calls `take` for each, the dearest first; stops when it is not 0 and returns that. */
IR_MUST_CHECK int ir_ledger_sum(struct ir_ledger *ledger, const char *month,
                                int (*take)(void *context, const struct ir_ledger_sum *sum),
                                void *context, struct ir_error *err);

#endif
