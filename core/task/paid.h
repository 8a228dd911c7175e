/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one way of a request that costs money: answered from the cache where it was paid for already,
 * else reserved in the client's budget and in the month's ledger, sent, settled with what it
 * measured, and its answer kept. No task calls ir_aws_call for such a request itself.
 */
#ifndef CORE_TASK_PAID_H
#define CORE_TASK_PAID_H

#include "core/aws/call.h"
#include "core/result/result.h"
#include "core/task/budget.h"
#include "core/task/cache.h"
#include "core/task/ledger.h"

struct ir_client;

/* What a client's paid requests share; see client.h of the public headers for the settings. */
struct ir_paid {
    struct ir_prices *prices; /* the user's own; NULL = none */
    struct ir_budget budget;
    int64_t monthly_nusd; /* IR_NUSD_UNKNOWN = no limit */
    bool keeps_ledger;
    bool keeps_cache;
    bool refreshes; /* asks anew, and keeps the new answer */
    bool is_dry;    /* sends nothing */
    struct ir_cache_limits cache_limits;
    char run[IR_UUID_BYTES];
    /* Opened when the first request needs them, and tried once. */
    pthread_mutex_t mutex;
    bool ledger_tried, cache_tried, ledger_told;
    struct ir_ledger *ledger;
    struct ir_cache *cache;
    struct ir_error ledger_err; /* why there is no ledger */
};

void ir_paid_init(struct ir_paid *paid, const struct ir_world *world);
/* IR_ERR_ARG: limits that are none, or the user's file of prices is wrong; IR_ERR_NOMEM. */
IR_MUST_CHECK int ir_paid_configure(struct ir_paid *paid, const struct ir_client_options *options,
                                    const struct ir_world *world, struct ir_error *err);
void ir_paid_release(struct ir_paid *paid);

/* ir_paid_run's word for: nothing was sent, since this is a dry run; the plan stands in `usage`.
 * Tasks give their document back as it is then. */
#define IR_PAID_DRY 1

/* IR_PAID_CACHED_STREAM where the answer came in an event stream, else IR_PAID_CACHED_WHOLE. */
#define IR_PAID_CACHED_HEADER "x-imgrecog-cached"
#define IR_PAID_CACHED_STREAM "stream"
#define IR_PAID_CACHED_WHOLE "whole"

struct ir_paid_call {
    struct ir_client *client;
    struct ir_aws_request *request; /* its payload_hash, sink and is_paid may be changed */
    const char *operation;          /* as AWS writes it */
    const char *model;              /* the id that is called; NULL = none */
    struct ir_price price;
    struct ir_consumption estimate; /* at most */
    bool is_new_each_time;          /* an earlier answer is none to this: not cached */
    /* The path by which the cache knows the question, where another operation has the same answers
     * in another form; NULL = the request's. */
    const char *cache_path;
    /*
     * Told what the request came to (`call_rc`, `err` filled), or an earlier answer in its place,
     * which is whole in response->body and has the header IR_PAID_CACHED_HEADER: reads it, says in
     * `measured` what it used (also where the answer is worth nothing) and returns 0 only for one
     * that is good and whole. Comes once, before ir_paid_run returns, unless nothing was sent.
     */
    int (*read)(void *context, int call_rc, const struct ir_http_response *response,
                struct ir_consumption *measured, struct ir_error *err);
    void *context;
};

/*
 * 0; IR_PAID_DRY; IR_ERR_BUDGET: a limit would be passed or cannot be kept, nothing was sent; else
 * what `read` said. `usage` is counted on, also on failure.
 */
IR_MUST_CHECK int ir_paid_run(const struct ir_paid_call *call, struct ir_result_usage *usage,
                              struct ir_error *err);

#endif
