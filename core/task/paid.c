/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the order in which a paid request is looked up, reserved, sent, settled and kept. A limit
 * holds for what is under way too, since the estimate is reserved first; and because an attempt
 * that may have been served is not repeated under a limit, the estimate is the most it can cost.
 */
#include "core/task/paid.h"

#include <stdio.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/decimal.h"
#include "core/base/error.h"
#include "core/task/client.h"

#define SERVICE "budget"
#define MAX_CACHED_BYTES (64U << 20)
#define FORM_WHOLE 'w'
#define FORM_STREAM 's'
#define MIB (1024.0 * 1024.0)
#define PRESET_MIB 256.0

/* One call's state. */
struct run {
    const struct ir_paid_call *call;
    struct ir_client *client;
    struct ir_paid *paid;
    struct ir_result_usage *usage;
    bool is_embedded;
    struct ir_price price;
    int64_t estimate_nusd;
    char payload_hash[IR_SHA256_HEX_BYTES];
    struct ir_cache_key key;
    struct ir_cache *cache; /* NULL = this request is not cached */
    int64_t ledger_id;      /* 0 = no row */
    struct ir_buf kept;     /* for the cache: the form and the answer */
    int (*sink)(void *context, const char *data, size_t bytes);
    void *sink_context;
};

/* ---- the client's part ------------------------------------------------------------------- */

static int fail(struct ir_error *err, int code, const char *cause, const char *hint)
{
    return ir_fail_with(err, code, SERVICE, cause, hint);
}

static bool is_limit(bool is_set, double usd)
{
    return !is_set || (usd >= 0.0 && usd <= IR_CLIENT_MAX_LIMIT_USD);
}

void ir_paid_init(struct ir_paid *paid, const struct ir_world *world)
{
    *paid = (struct ir_paid){.monthly_nusd = IR_NUSD_UNKNOWN};
    pthread_mutex_init(&paid->mutex, NULL);
    ir_budget_init(&paid->budget, IR_NUSD_UNKNOWN);
    ir_world_uuid(world, paid->run);
}

int ir_paid_configure(struct ir_paid *paid, const struct ir_client_options *options,
                      const struct ir_world *world, struct ir_error *err)
{
    double mib = options->cache_mib == 0.0 ? PRESET_MIB : options->cache_mib;
    if (!is_limit(options->limits_cost, options->max_cost_usd) ||
        !is_limit(options->limits_month, options->monthly_limit_usd))
        return fail(err, IR_ERR_ARG, "a limit of money is below 0, or no number",
                    "Set max-cost and monthly-limit in US dollars.");
    if (options->limits_month && !options->ledger)
        return fail(err, IR_ERR_ARG, "a limit for the month needs the ledger, which is off",
                    "Set ledger to true, or leave monthly-limit out.");
    if (!(mib > 0.0 && mib <= IR_CLIENT_MAX_CACHE_MIB))
        return fail(err, IR_ERR_ARG, "the cache's size is below 0 or too large",
                    "Set cache-size in MiB.");
    if (options->limits_cost)
        paid->budget.limit_nusd = ir_nusd_from_usd(options->max_cost_usd);
    if (options->limits_month)
        paid->monthly_nusd = ir_nusd_from_usd(options->monthly_limit_usd);
    paid->keeps_ledger = options->ledger;
    paid->keeps_cache = options->cache;
    paid->refreshes = options->refresh;
    paid->is_dry = options->dry_run;
    paid->cache_limits = (struct ir_cache_limits){(uint64_t)(mib * MIB), options->cache_days};
    return ir_prices_load(world, &paid->prices, err);
}

void ir_paid_release(struct ir_paid *paid)
{
    ir_cache_close(paid->cache);
    ir_ledger_close(paid->ledger);
    ir_prices_free(paid->prices);
    ir_budget_release(&paid->budget);
    pthread_mutex_destroy(&paid->mutex);
}

static void log_failure(const struct run *run, const struct ir_error *err)
{
    ir_log_line(&run->client->aws.log, "%s: %s", err->service, err->message);
}

/* NULL where there is none, or none that can be used; that was logged then. */
static struct ir_cache *get_cache(const struct run *run)
{
    struct ir_paid *paid = run->paid;
    struct ir_error err;
    pthread_mutex_lock(&paid->mutex);
    if (!paid->cache_tried) {
        paid->cache_tried = true;
        if (ir_cache_open(run->client->aws.world, &paid->cache_limits, &paid->cache, &err) != 0)
            log_failure(run, &err);
    }
    pthread_mutex_unlock(&paid->mutex);
    return paid->cache;
}

static struct ir_ledger *get_ledger(const struct run *run)
{
    struct ir_paid *paid = run->paid;
    pthread_mutex_lock(&paid->mutex);
    if (!paid->ledger_tried) {
        paid->ledger_tried = true;
        if (ir_ledger_open(run->client->aws.world, &paid->ledger, &paid->ledger_err) != 0)
            log_failure(run, &paid->ledger_err);
    }
    pthread_mutex_unlock(&paid->mutex);
    return paid->ledger;
}

/* ---- before ------------------------------------------------------------------------------ */

static bool has_limit(const struct run *run)
{
    return run->paid->budget.limit_nusd != IR_NUSD_UNKNOWN ||
           run->paid->monthly_nusd != IR_NUSD_UNKNOWN;
}

static int make_key(struct run *run, struct ir_error *err)
{
    const struct ir_aws_request *request = run->call->request;
    const struct ir_aws *aws = &run->client->aws;
    const struct ir_cache_question question = {
        .service = request->service->host_prefix,
        .path = run->call->cache_path != NULL ? run->call->cache_path : request->path,
        .query = request->query,
        .target = request->target,
        /* The recognisers on this machine change with this program. */
        .endpoint = run->is_embedded ? "local " IR_VERSION
                                     : ir_client_endpoint_of(run->client, request->service),
        .region = run->is_embedded ? NULL : aws->config.region,
        .headers = request->headers,
        .header_count = request->header_count,
        .payload_hash = run->payload_hash,
    };
    return ir_cache_key_make(&question, &run->key) == 0 ? 0 : ir_fail_nomem(err);
}

static int prepare(struct run *run, struct ir_error *err)
{
    const struct ir_paid_call *call = run->call;
    struct ir_aws_request *request = call->request;
    run->price = call->price;
    if (run->is_embedded)
        run->price = (struct ir_price){.unit = IR_PRICE_FREE};
    else if (run->price.unit == IR_PRICE_FREE) /* nobody knows what others ask for such a name */
        run->price = (struct ir_price){.unit = IR_PRICE_UNKNOWN};
    run->estimate_nusd = ir_nusd_from_usd(ir_price_cost(&run->price, &call->estimate));
    if (ir_body_sha256(request->body, run->payload_hash) != 0)
        return ir_fail_nomem(err);
    request->payload_hash = run->payload_hash;
    request->is_paid = request->is_paid || (has_limit(run) && !run->is_embedded);
    if (!run->paid->keeps_cache || call->is_new_each_time)
        return 0;
    run->cache = get_cache(run);
    return run->cache != NULL ? make_key(run, err) : 0;
}

/* ---- a dry run --------------------------------------------------------------------------- */

static int plan(const struct run *run, struct ir_error *err)
{
    const struct ir_paid_call *call = run->call;
    const struct ir_aws *aws = &run->client->aws;
    struct ir_planned_request planned = {
        .service = call->request->service->title,
        .operation = call->operation,
        .model = call->model,
        .request_bytes = ir_body_length(call->request->body),
        .cost_usd = ir_nusd_to_usd(run->estimate_nusd),
    };
    struct ir_endpoint endpoint;
    struct ir_error cache_err;
    int rc = ir_endpoint_resolve(&aws->config, call->request->service, aws->endpoint_setting,
                                 &endpoint, err);
    if (rc != 0)
        return rc;
    planned.host = endpoint.unix_socket[0] != '\0' ? "this machine" : endpoint.host;
    if (run->cache != NULL && !run->paid->refreshes &&
        ir_cache_has(run->cache, &run->key, &planned.is_cached, &cache_err) != 0)
        log_failure(run, &cache_err);
    if (planned.is_cached)
        planned.cost_usd = 0.0;
    return ir_result_usage_plan(run->usage, &planned) == 0 ? IR_PAID_DRY : ir_fail_nomem(err);
}

/* ---- the cache --------------------------------------------------------------------------- */

#define CACHED_LINE(form) IR_PAID_CACHED_HEADER ": " form

/* An earlier answer goes to the same reader as a new one. Before it stands its form, a letter. */
static int read_cached(const struct run *run, const struct ir_buf *kept, struct ir_error *err)
{
    const struct ir_paid_call *call = run->call;
    struct ir_http_response response;
    struct ir_consumption unused = {0};
    struct ir_error forget_err;
    const char *line = kept->data[0] == FORM_STREAM ? CACHED_LINE(IR_PAID_CACHED_STREAM)
                                                    : CACHED_LINE(IR_PAID_CACHED_WHOLE);
    ir_http_response_init(&response);
    ir_http_response_clear(&response, MAX_CACHED_BYTES);
    ir_http_response_add_line(&response, line, strlen(line));
    response.status = 200;
    ir_buf_append(&response.body, kept->data + 1, kept->bytes - 1);
    int rc = ir_buf_check(&response.body, "the answer", err);
    if (rc == 0)
        rc = call->read(call->context, rc, &response, &unused, err);
    ir_http_response_release(&response);
    if (rc == 0)
        run->usage->cached++;
    else if (err->code == IR_ERR_RESPONSE &&
             ir_cache_forget(run->cache, &run->key, &forget_err) != 0)
        log_failure(run, &forget_err);
    err->maybe_served = false; /* nothing was sent */
    return rc;
}

/* True where the question was answered; *out_rc is the outcome then. */
static bool answer_from_cache(const struct run *run, int *out_rc, struct ir_error *err)
{
    struct ir_buf kept;
    bool found = false;
    if (run->cache == NULL || run->paid->refreshes)
        return false;
    ir_buf_init(&kept, MAX_CACHED_BYTES);
    if (ir_cache_find(run->cache, &run->key, &kept, &found, err) != 0) {
        log_failure(run, err);
        ir_error_clear(err);
    }
    found = found && kept.bytes > 0;
    if (found) {
        ir_log_line(&run->client->aws.log, "%s %s: answered from the cache",
                    run->call->request->service->title, run->call->operation);
        *out_rc = read_cached(run, &kept, err);
    }
    ir_buf_release(&kept);
    return found;
}

static void keep_answer(struct run *run, const struct ir_http_response *response)
{
    struct ir_buf *kept = &run->kept;
    char unfinished[2];
    struct ir_error err;
    ir_http_response_header(response, IR_EMBEDDED_NOT_FINISHED_HEADER, unfinished,
                            sizeof unfinished);
    if (run->cache == NULL || unfinished[0] != '\0')
        return;
    if (run->sink == NULL) {
        ir_buf_append_char(kept, FORM_WHOLE);
        ir_buf_append(kept, ir_buf_text(&response->body), response->body.bytes);
    }
    if (kept->failed == 0 &&
        ir_cache_put(run->cache, &run->key, kept->data, kept->bytes, &err) != 0)
        log_failure(run, &err);
}

static int take_stream(void *context, const char *data, size_t bytes)
{
    struct run *run = context;
    if (run->kept.bytes == 0)
        ir_buf_append_char(&run->kept, FORM_STREAM);
    ir_buf_append(&run->kept, data, bytes); /* too long a one is not kept */
    return run->sink(run->sink_context, data, bytes);
}

/* ---- money ------------------------------------------------------------------------------- */

static int fail_unpriced(const struct run *run, struct ir_error *err)
{
    ir_fail(err, IR_ERR_BUDGET, "there is a limit of money, and nobody knows what %s of %s costs",
            run->call->operation,
            run->call->model != NULL ? run->call->model : run->call->request->service->title);
    ir_error_set_service(err, SERVICE);
    ir_error_set_hint(err,
                      "Write its price into ~/.config/imgrecog/prices ([%s] %s), or leave the "
                      "limit out.",
                      run->call->model != NULL ? run->call->model
                                               : run->call->request->service->section_key,
                      run->call->model != NULL ? "input, output" : "request");
    return IR_ERR_BUDGET;
}

static int fail_limit(const struct run *run, const char *limit, int64_t limit_nusd,
                      int64_t spent_nusd, struct ir_error *err)
{
    char cost[IR_DECIMAL_BYTES];
    char spent[IR_DECIMAL_BYTES];
    char most[IR_DECIMAL_BYTES];
    bool is_words = run->price.unit == IR_PRICE_TOKENS;
    ir_decimal_amount(ir_nusd_to_usd(run->estimate_nusd), cost);
    ir_decimal_amount(ir_nusd_to_usd(spent_nusd), spent);
    ir_decimal_amount(ir_nusd_to_usd(limit_nusd), most);
    ir_fail(err, IR_ERR_BUDGET,
            "%s may cost up to $%s; of %s, $%s, there are $%s spent or under way: not sent",
            run->call->operation, cost, limit, most, spent);
    ir_error_set_service(err, SERVICE);
    ir_error_set_hint(err, "Raise %s%s.", limit,
                      is_words ? ", lower max-tokens or choose a cheaper model" : "");
    return IR_ERR_BUDGET;
}

/* Without the ledger a limit for the month cannot be kept; all else goes on. */
static int go_without_ledger(const struct run *run, const struct ir_error *why,
                             struct ir_error *err)
{
    struct ir_paid *paid = run->paid;
    if (paid->monthly_nusd != IR_NUSD_UNKNOWN && why->code == IR_ERR_NOMEM)
        return ir_fail_nomem(err);
    if (paid->monthly_nusd != IR_NUSD_UNKNOWN) {
        ir_fail(err, IR_ERR_BUDGET, "the limit of the month cannot be kept: %.400s", why->message);
        ir_error_set_service(err, SERVICE);
        ir_error_set_hint(err, "%s", why->hint);
        return IR_ERR_BUDGET;
    }
    pthread_mutex_lock(&paid->mutex);
    run->usage->is_unrecorded = run->usage->is_unrecorded || !paid->ledger_told;
    paid->ledger_told = true;
    pthread_mutex_unlock(&paid->mutex);
    return 0;
}

static int reserve_in_ledger(struct run *run, struct ir_error *err)
{
    struct ir_paid *paid = run->paid;
    struct ir_error why;
    int64_t spent_nusd = 0;
    const struct ir_ledger_entry entry = {
        .service = run->call->request->service->section_key,
        .operation = run->call->operation,
        .model = run->call->model,
        .endpoint = ir_client_endpoint_of(run->client, run->call->request->service),
        .run = paid->run,
        .estimate_nusd = run->estimate_nusd,
    };
    struct ir_ledger *ledger = get_ledger(run);
    if (ledger == NULL)
        return go_without_ledger(run, &paid->ledger_err, err);
    if (ir_ledger_reserve(ledger, &entry, paid->monthly_nusd, &run->ledger_id, &spent_nusd, &why) !=
        0) {
        log_failure(run, &why);
        return go_without_ledger(run, &why, err);
    }
    return run->ledger_id != 0
               ? 0
               : fail_limit(run, "monthly-limit", paid->monthly_nusd, spent_nusd, err);
}

static int reserve(struct run *run, struct ir_error *err)
{
    struct ir_paid *paid = run->paid;
    int64_t spent_nusd = 0;
    if (has_limit(run) && run->estimate_nusd == IR_NUSD_UNKNOWN)
        return fail_unpriced(run, err);
    if (!ir_budget_reserve(&paid->budget, run->estimate_nusd, &spent_nusd))
        return fail_limit(run, "max-cost", paid->budget.limit_nusd, spent_nusd, err);
    if (!paid->keeps_ledger || run->is_embedded)
        return 0;
    int rc = reserve_in_ledger(run, err);
    if (rc != 0)
        ir_budget_settle(&paid->budget, run->estimate_nusd, 0);
    return rc;
}

/* Whether what was measured is what the price is for. */
static bool is_measured(const struct ir_price *price, const struct ir_consumption *measured)
{
    if (price->unit == IR_PRICE_TOKENS)
        return measured->input_tokens > 0 || measured->output_tokens > 0;
    return price->unit != IR_PRICE_IMAGES || measured->images > 0;
}

static void settle(struct run *run, enum ir_charge charge, const struct ir_consumption *measured,
                   struct ir_error *err)
{
    struct ir_error why;
    struct ir_result_usage *usage = run->usage;
    int64_t cost_nusd = 0;
    if (charge == IR_CHARGE_MEASURED)
        cost_nusd = ir_nusd_from_usd(ir_price_cost(&run->price, measured));
    else if (charge == IR_CHARGE_MAYBE)
        cost_nusd = run->estimate_nusd;
    ir_budget_settle(&run->paid->budget, run->estimate_nusd, cost_nusd);
    if (cost_nusd == IR_NUSD_UNKNOWN)
        usage->is_unpriced = true;
    else if (charge == IR_CHARGE_MAYBE)
        usage->maybe_cost_usd += ir_nusd_to_usd(cost_nusd);
    else
        usage->cost_usd += ir_nusd_to_usd(cost_nusd);
    if (charge == IR_CHARGE_MAYBE && cost_nusd != IR_NUSD_UNKNOWN)
        err->maybe_cost_usd = ir_nusd_to_usd(cost_nusd);
    if (run->ledger_id == 0)
        return;
    /* The row stays reserved then, and counts with its estimate. */
    if (ir_ledger_settle(run->paid->ledger, run->ledger_id, charge, cost_nusd, measured, &why) != 0)
        log_failure(run, &why);
}

/* ---- the call ---------------------------------------------------------------------------- */

static int send(struct run *run, struct ir_http_response *response, struct ir_error *err)
{
    const struct ir_paid_call *call = run->call;
    struct ir_consumption measured = {0};
    enum ir_charge charge = IR_CHARGE_NONE;
    unsigned retries = 0;
    int rc = ir_aws_call(&run->client->aws, call->request, response, &retries, err);
    bool is_answered = response->status / 100 == 2;
    rc = call->read(call->context, rc, response, &measured, err);
    run->usage->retries += retries;
    if (is_answered) {
        run->usage->requests++;
        measured.requests = 1;
        charge = is_measured(&run->price, &measured) ? IR_CHARGE_MEASURED : IR_CHARGE_MAYBE;
        if (rc != 0)
            err->maybe_served = true; /* it was answered, so it was charged */
    } else if (rc != 0 && err->maybe_served) {
        charge = IR_CHARGE_MAYBE;
    }
    settle(run, charge, &measured, err);
    /* What was answered and does not fit what the caller asked for is read otherwise next time. */
    if (rc == 0 || (is_answered && rc == IR_ERR_ARG))
        keep_answer(run, response);
    return rc;
}

static int run_live(struct run *run, struct ir_error *err)
{
    struct ir_aws_request *request = run->call->request;
    struct ir_http_response response;
    int rc = 0;
    if (answer_from_cache(run, &rc, err))
        return rc;
    rc = reserve(run, err);
    if (rc != 0)
        return rc;
    if (run->sink != NULL && run->cache != NULL) {
        request->sink = take_stream;
        request->sink_context = run;
    }
    ir_http_response_init(&response);
    rc = send(run, &response, err);
    ir_http_response_release(&response);
    return rc;
}

int ir_paid_run(const struct ir_paid_call *call, struct ir_result_usage *usage,
                struct ir_error *err)
{
    struct ir_client *client = call->client;
    struct ir_error own_error;
    struct run run = {
        .call = call,
        .client = client,
        .paid = &client->paid,
        .usage = usage,
        .is_embedded = ir_endpoint_is_embedded(client->aws.endpoint_setting),
        .sink = call->request->sink,
        .sink_context = call->request->sink_context,
    };
    if (err == NULL)
        err = &own_error;
    ir_error_clear(err);
    snprintf(usage->prices_of, sizeof usage->prices_of, "%s", ir_prices_date(run.paid->prices));
    ir_buf_init(&run.kept, MAX_CACHED_BYTES);
    int rc = prepare(&run, err);
    if (rc == 0)
        rc = run.paid->is_dry ? plan(&run, err) : run_live(&run, err);
    ir_buf_release(&run.kept);
    return rc;
}
