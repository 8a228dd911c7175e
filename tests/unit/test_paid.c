/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Money: what is reserved, refused, counted and written down, by several threads and processes at
 * once, and what a dry run tells.
 */
#include "tests/unit/paid_stage.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#include "core/base/database.h"

#define NO_LIMIT (-1.0)

static void limit(struct ir_client_options *options, double max_cost_usd, double monthly_limit_usd)
{
    options->limits_cost = max_cost_usd != NO_LIMIT;
    options->max_cost_usd = max_cost_usd;
    options->limits_month = monthly_limit_usd != NO_LIMIT;
    options->monthly_limit_usd = monthly_limit_usd;
}

/* ---- the budget -------------------------------------------------------------------------- */

static void test_money(void **state)
{
    (void)state;
    assert_int_equal(ir_nusd_from_usd(0.001), 1000000);
    assert_int_equal(ir_nusd_from_usd(0.1 + 0.2), 300000000);
    assert_int_equal(ir_nusd_from_usd(1e-12), 1); /* never less than it is */
    assert_int_equal(ir_nusd_from_usd(0.0), 0);
    assert_int_equal(ir_nusd_from_usd(NAN), IR_NUSD_UNKNOWN);
    assert_int_equal(ir_nusd_from_usd(-1.0), IR_NUSD_UNKNOWN);
    assert_true(isnan(ir_nusd_to_usd(IR_NUSD_UNKNOWN)));
    assert_true(ir_nusd_from_usd(INFINITY) > 0);
}

/* What is under way counts with what it can cost, until it is known what it did. */
static void test_under_way(void **state)
{
    struct ir_budget budget;
    int64_t spent_nusd = 0;
    (void)state;
    ir_budget_init(&budget, 100);
    assert_true(ir_budget_reserve(&budget, 40, &spent_nusd));
    assert_true(ir_budget_reserve(&budget, 40, &spent_nusd));
    assert_false(ir_budget_reserve(&budget, 40, &spent_nusd));
    assert_int_equal(spent_nusd, 80);
    ir_budget_settle(&budget, 40, 10);
    assert_true(ir_budget_reserve(&budget, 40, &spent_nusd));
    assert_int_equal(spent_nusd, 50);
    assert_int_equal(ir_budget_spent(&budget), 10);
    ir_budget_release(&budget);
}

#define THREADS 8
#define ROUNDS 500
#define LIMIT_NUSD 10000
#define ESTIMATE_NUSD 70

struct spender {
    struct ir_budget *budget;
    unsigned seed;
    int64_t spent_nusd;
    bool passed;
};

static void *spend(void *context)
{
    struct spender *spender = context;
    for (int i = 0; i < ROUNDS; i++) {
        int64_t other_nusd = 0;
        if (!ir_budget_reserve(spender->budget, ESTIMATE_NUSD, &other_nusd))
            continue;
        pthread_mutex_lock(&spender->budget->mutex);
        spender->passed |=
            spender->budget->spent_nusd + spender->budget->reserved_nusd > LIMIT_NUSD;
        pthread_mutex_unlock(&spender->budget->mutex);
        sched_yield(); /* others have their turn while this one is under way */
        int64_t cost_nusd = rand_r(&spender->seed) % (ESTIMATE_NUSD + 1);
        spender->spent_nusd += cost_nusd;
        ir_budget_settle(spender->budget, ESTIMATE_NUSD, cost_nusd);
    }
    return NULL;
}

static void test_threads(void **state)
{
    struct ir_budget budget;
    struct spender spenders[THREADS];
    pthread_t threads[THREADS];
    int64_t sum_nusd = 0;
    (void)state;
    ir_budget_init(&budget, LIMIT_NUSD);
    for (unsigned i = 0; i < THREADS; i++) {
        spenders[i] = (struct spender){&budget, i + 1, 0, false};
        assert_int_equal(pthread_create(&threads[i], NULL, spend, &spenders[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_false(spenders[i].passed);
        sum_nusd += spenders[i].spent_nusd;
    }
    assert_int_equal(ir_budget_spent(&budget), sum_nusd);
    assert_int_equal(budget.reserved_nusd, 0);
    /* nothing more fits, and not much room was left over */
    assert_true(sum_nusd <= LIMIT_NUSD && sum_nusd > LIMIT_NUSD - ESTIMATE_NUSD);
    ir_budget_release(&budget);
}

/* ---- limits ------------------------------------------------------------------------------ */

struct limit_row {
    const char *name;
    double max_cost_usd, monthly_limit_usd;
    unsigned answered; /* of four requests of 0.001 */
    const char *message;
    const char *hint;
};

static const struct limit_row limit_rows[] = {
    {"none", NO_LIMIT, NO_LIMIT, 4, NULL, NULL},
    {"half a request", 0.0005, NO_LIMIT, 0,
     "DetectLabels may cost up to $0.001; of max-cost, $0.0005, there are $0.00 spent",
     "Raise max-cost"},
    {"nothing at all", 0.0, NO_LIMIT, 0, "max-cost", "Raise"},
    {"two requests", 0.002, NO_LIMIT, 2, "there are $0.002 spent", "Raise max-cost"},
    {"two and a half", 0.0025, NO_LIMIT, 2, "there are $0.002 spent", "Raise max-cost"},
    {"three in a month", NO_LIMIT, 0.003, 3, "of monthly-limit, $0.003, there are $0.003 spent",
     "Raise monthly-limit"},
    {"the narrower counts", 0.003, 0.001, 1, "monthly-limit", "Raise monthly-limit"},
};

static void test_limit(void **state)
{
    const struct limit_row *row = *state;
    struct ir_client_options options = paid_options();
    struct paid_stage stage;
    struct ir_usage usage = {0};
    options.cache = false;
    limit(&options, row->max_cost_usd, row->monthly_limit_usd);
    paid_open(&stage, &options);
    paid_answer(&stage, PAID_LABELS);
    for (unsigned i = 0; i < 4; i++) {
        int rc = paid_labels(&stage, &usage);
        assert_int_equal(rc, i < row->answered ? 0 : IR_ERR_BUDGET);
        if (rc == 0)
            continue;
        if (strstr(stage.err.message, row->message) == NULL)
            fail_msg("the message is: %s", stage.err.message);
        assert_non_null(strstr(stage.err.hint, row->hint));
        assert_string_equal(stage.err.service, "budget");
        assert_false(stage.err.maybe_served);
    }
    assert_int_equal(stage.transport.call_count, row->answered);
    assert_true(fabs(ir_client_spent_usd(stage.client) - row->answered * 0.001) < 1e-12);
    paid_close(&stage);
}

static int ask_model(struct paid_stage *stage, const char *model, unsigned max_tokens,
                     struct ir_usage *out_usage)
{
    struct ir_ask_options options = IR_ASK_OPTIONS_INIT;
    struct ir_result *result = NULL;
    options.question = "How many?";
    options.model = model;
    options.max_tokens = max_tokens;
    int rc = ir_ask(stage->client, stage->picture, &options, &result, &stage->err);
    if (rc == 0)
        paid_take_usage(result, out_usage);
    ir_result_free(result);
    return rc;
}

/* The longest answer is what is reserved; what came is what is counted. */
static void test_model(void **state)
{
    struct ir_client_options options = paid_options();
    struct paid_stage stage;
    struct ir_usage usage = {0};
    (void)state;
    options.cache = false;
    limit(&options, 0.006, NO_LIMIT);
    paid_open(&stage, &options);
    paid_answer(&stage, PAID_SAID("Two dogs.", "end_turn"));
    assert_int_equal(ask_model(&stage, PAID_HAIKU, 4096, &usage), IR_ERR_BUDGET);
    assert_non_null(strstr(stage.err.hint, "lower max-tokens"));
    assert_int_equal(ask_model(&stage, PAID_HAIKU, 900, &usage), 0);
    assert_true(fabs(usage.cost_usd - 0.0015) < 1e-12);
    assert_string_equal(usage.prices_of, IR_PRICES_DATE);
    /* in Europe it costs a tenth more */
    assert_int_equal(ask_model(&stage, "eu.anthropic.claude-haiku-4-5-20251001-v1:0", 100, &usage),
                     0);
    assert_true(fabs(usage.cost_usd - 0.00165) < 1e-12);
    assert_true(fabs(ir_client_spent_usd(stage.client) - 0.00315) < 1e-12);
    paid_close(&stage);
}

static void test_unpriced(void **state)
{
    struct ir_client_options options = paid_options();
    struct paid_stage stage;
    struct ir_usage usage = {0};
    (void)state;
    options.cache = false;
    paid_open(&stage, &options);
    paid_answer(&stage, PAID_SAID("Two dogs.", "end_turn"));
    assert_int_equal(ask_model(&stage, "meta.llama-9", 100, &usage), 0);
    assert_true(isnan(usage.cost_usd));
    limit(&options, 10, NO_LIMIT);
    assert_int_equal(paid_reopen(&stage, &options), 0);
    assert_int_equal(ask_model(&stage, "meta.llama-9", 100, &usage), IR_ERR_BUDGET);
    assert_non_null(strstr(stage.err.message, "nobody knows what Converse of meta.llama-9 costs"));
    assert_non_null(strstr(stage.err.hint, "imgrecog/prices ([meta.llama-9] input, output)"));
    assert_int_equal(stage.transport.call_count, 0);
    fake_world_add_file(&stage.world, "/home/ann/.config/imgrecog/prices",
                        "[prices]\ndate = 2027-01-05\n[meta.llama-9]\ninput = 1\noutput = 1\n");
    assert_int_equal(paid_reopen(&stage, &options), 0);
    paid_answer(&stage, PAID_SAID("Two dogs.", "end_turn"));
    assert_int_equal(ask_model(&stage, "meta.llama-9", 100, &usage), 0);
    assert_true(fabs(usage.cost_usd - 0.0011) < 1e-12);
    assert_string_equal(usage.prices_of, "2027-01-05");
    /* what costs nothing on this machine is asked of AWS */
    assert_int_equal(ask_model(&stage, "imgrecog.local-describer-v1", 100, &usage), IR_ERR_BUDGET);
    assert_non_null(strstr(stage.err.message, "nobody knows what Converse of imgrecog.local"));
    paid_close(&stage);
}

struct option_row {
    const char *name;
    double max_cost_usd, monthly_limit_usd, cache_mib;
    const char *message;
};

static const struct option_row option_rows[] = {
    {"below nothing", -0.5, NO_LIMIT, 1, "a limit of money is below 0"},
    {"no number", NO_LIMIT, NAN, 1, "a limit of money is below 0"},
    {"no end", INFINITY, NO_LIMIT, 1, "a limit of money is below 0"},
    {"a month without a ledger", NO_LIMIT, 1, 1, "needs the ledger"},
    {"a cache below nothing", NO_LIMIT, NO_LIMIT, -1, "the cache's size"},
};

static void test_options(void **state)
{
    const struct option_row *row = *state;
    struct ir_client_options options = IR_CLIENT_OPTIONS_INIT;
    struct paid_stage stage;
    paid_open(&stage, &options);
    limit(&options, row->max_cost_usd, row->monthly_limit_usd);
    options.cache_mib = row->cache_mib;
    assert_int_equal(paid_reopen(&stage, &options), IR_ERR_ARG);
    assert_non_null(strstr(stage.err.message, row->message));
    assert_true(stage.err.hint[0] != '\0');
    paid_close(&stage);
}

/* A client that was asked for nothing writes nothing; the embedded endpoint costs nothing. */
static void test_writes_nothing(void **state)
{
    struct ir_client_options options = IR_CLIENT_OPTIONS_INIT;
    struct paid_stage stage;
    struct ir_usage usage = {0};
    (void)state;
    paid_open(&stage, &options);
    paid_answer(&stage, PAID_LABELS);
    assert_int_equal(paid_labels(&stage, &usage), 0);
    assert_int_not_equal(access(paid_path(&stage, "imgrecog"), F_OK), 0);
    paid_close(&stage);
}

/* ---- failures ---------------------------------------------------------------------------- */

struct ending_row {
    const char *name;
    struct fake_answer answer;
    double maybe_usd;
    long long requests, maybe; /* in the ledger */
    double cost_usd;
};

static const struct ending_row ending_rows[] = {
    {"answered", {.body = PAID_LABELS}, 0, 1, 0, 0.001},
    {"answered with rubbish", {.body = "<html>"}, 0, 1, 0, 0.001},
    {"refused", {.status = 400, .body = "{\"__type\":\"AccessDeniedException\"}"}, 0, 0, 0, 0},
    {"never sent", {.rc = IR_ERR_NET}, 0, 0, 0, 0},
    {"the line broke behind it", {.rc = IR_ERR_NET, .maybe_served = true}, 0.001, 1, 1, 0},
};

static int take_total(void *context, const struct ir_ledger_sum *sum)
{
    struct ir_ledger_sum *total = context;
    total->requests += sum->requests;
    total->maybe += sum->maybe;
    total->cost_nusd += sum->cost_nusd;
    total->maybe_nusd += sum->maybe_nusd;
    total->unpriced += sum->unpriced;
    return 0;
}

static struct ir_ledger_sum ledger_total(struct paid_stage *stage, const char *month)
{
    struct ir_ledger_sum total = {.requests = 0};
    struct ir_ledger *ledger = NULL;
    assert_int_equal(ir_ledger_open_existing(&stage->world.world, &ledger, &stage->err), 0);
    if (ledger != NULL)
        assert_int_equal(ir_ledger_sum(ledger, month, take_total, &total, &stage->err), 0);
    ir_ledger_close(ledger);
    return total;
}

static void test_ending(void **state)
{
    const struct ending_row *row = *state;
    struct ir_client_options options = paid_options();
    struct paid_stage stage;
    struct ir_usage usage = {0};
    options.cache = false;
    paid_open(&stage, &options);
    fake_transport_add(&stage.transport, row->answer);
    (void)paid_labels(&stage, &usage);
    assert_true(fabs(stage.err.maybe_cost_usd - row->maybe_usd) < 1e-12);
    struct ir_ledger_sum total = ledger_total(&stage, "2026-11");
    assert_int_equal(total.requests, row->requests);
    assert_int_equal(total.maybe, row->maybe);
    assert_int_equal(total.cost_nusd, ir_nusd_from_usd(row->cost_usd));
    assert_int_equal(total.maybe_nusd, ir_nusd_from_usd(row->maybe_usd));
    assert_true(fabs(ir_client_spent_usd(stage.client) - row->cost_usd - row->maybe_usd) < 1e-12);
    assert_int_equal(ledger_total(&stage, "2026-10").requests, 0);
    paid_close(&stage);
}

/* Under a limit, what may have been served is not sent again: the estimate holds. */
static void test_once(void **state)
{
    struct ir_client_options options = paid_options();
    struct paid_stage stage;
    struct ir_usage usage = {0};
    (void)state;
    options.cache = false;
    for (int limited = 0; limited < 2; limited++) {
        limit(&options, limited ? 1.0 : NO_LIMIT, NO_LIMIT);
        paid_open(&stage, &options);
        fake_transport_add(
            &stage.transport,
            (struct fake_answer){.rc = IR_ERR_NET, .retryable = true, .maybe_served = true});
        paid_answer(&stage, PAID_LABELS);
        assert_int_equal(paid_labels(&stage, &usage), limited ? IR_ERR_NET : 0);
        assert_int_equal(stage.transport.call_count, limited ? 1 : 2);
        paid_close(&stage);
    }
}

static void write_junk(const char *path)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        abort();
    for (int i = 0; i < 1000; i++)
        fputs("no database ", file);
    fclose(file);
}

/* A ledger that cannot be read is never thrown away; only a limit for the month needs it. */
static void test_damaged_ledger(void **state)
{
    struct ir_client_options options = paid_options();
    const struct ir_labels_options labels = IR_LABELS_OPTIONS_INIT;
    struct paid_stage stage;
    struct stat before, after;
    (void)state;
    options.cache = false;
    paid_open(&stage, &options);
    assert_int_equal(mkdir(paid_path(&stage, "imgrecog"), 0700), 0);
    write_junk(paid_path(&stage, PAID_LEDGER));
    assert_int_equal(stat(paid_path(&stage, PAID_LEDGER), &before), 0);
    paid_answer(&stage, PAID_LABELS);
    for (int i = 0; i < 2; i++) {
        struct ir_result *result = NULL;
        assert_int_equal(ir_labels(stage.client, stage.picture, &labels, &result, &stage.err), 0);
        const char *line = ir_result_get_error(result, 0);
        assert_int_equal(line != NULL, i == 0); /* told once */
        if (line != NULL)
            assert_non_null(strstr(line, "the ledger could not be written"));
        assert_null(ir_result_get_error(result, 1));
        ir_result_free(result);
    }
    assert_non_null(strstr(stage.log, "file is not a database"));
    limit(&options, NO_LIMIT, 10);
    assert_int_equal(paid_reopen(&stage, &options), 0);
    struct ir_usage usage = {0};
    assert_int_equal(paid_labels(&stage, &usage), IR_ERR_BUDGET);
    assert_non_null(strstr(stage.err.message, "the limit of the month cannot be kept"));
    assert_non_null(strstr(stage.err.hint, "Move the file away"));
    assert_int_equal(stage.transport.call_count, 0);
    assert_int_equal(stat(paid_path(&stage, PAID_LEDGER), &after), 0);
    assert_true(before.st_ino == after.st_ino && before.st_size == after.st_size);
    paid_close(&stage);
}

/* ---- processes --------------------------------------------------------------------------- */

#define PROCESSES 6
#define TRIES 20

/* One process: how many of its requests were let through, as its exit code. */
static void run_process(struct paid_stage *stage, const struct ir_client_options *options)
{
    struct ir_usage usage = {0};
    int answered = 0;
    bool failed = paid_reopen(stage, options) != 0;
    paid_answer(stage, PAID_LABELS);
    for (int i = 0; !failed && i < TRIES; i++) {
        int rc = paid_labels(stage, &usage);
        failed = rc != 0 && rc != IR_ERR_BUDGET;
        answered += rc == 0 ? 1 : 0;
        fake_transport_reset(&stage->transport);
        fake_transport_init(&stage->transport, &stage->world);
        paid_answer(stage, PAID_LABELS);
    }
    if (failed)
        fprintf(stderr, "# %s\n", stage->err.message);
    ir_client_free(stage->client);
    ir_picture_free(stage->picture);
    fake_transport_reset(&stage->transport);
    _exit(failed ? 255 : answered);
}

static void test_processes(void **state)
{
    struct ir_client_options options = paid_options();
    struct paid_stage stage;
    pid_t children[PROCESSES];
    int sum = 0;
    (void)state;
    options.cache = false;
    limit(&options, NO_LIMIT, 0.0505);
    paid_open(&stage, &options);
    ir_client_free(stage.client);
    stage.client = NULL;
    fflush(stdout);
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0)
            run_process(&stage, &options);
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status = 0;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 255);
        sum += WEXITSTATUS(status);
    }
    /* 120 tries for 50 requests: all that fit, and not one more */
    assert_int_equal(sum, 50);
    struct ir_ledger_sum total = ledger_total(&stage, "2026-11");
    assert_int_equal(total.requests, 50);
    assert_int_equal(total.cost_nusd, 50000000);
    paid_close(&stage);
}

/* Of a process that was killed, what it had under way counts as maybe charged, and blocks nobody.
 */
static void test_killed(void **state)
{
    const struct ir_ledger_entry entry = {.service = "rekognition",
                                          .operation = "DetectLabels",
                                          .endpoint = "aws",
                                          .run = "x",
                                          .estimate_nusd = 1000000};
    struct ir_client_options options = paid_options();
    struct paid_stage stage;
    struct ir_ledger *ledger = NULL;
    int64_t id = 0;
    int64_t spent_nusd = 0;
    int status = 0;
    (void)state;
    paid_open(&stage, &options);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int rc = ir_ledger_open(&stage.world.world, &ledger, &stage.err);
        if (rc == 0)
            rc = ir_ledger_reserve(ledger, &entry, IR_NUSD_UNKNOWN, &id, &spent_nusd, &stage.err);
        if (rc == 0)
            kill(getpid(), SIGKILL);
        _exit(1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(ir_ledger_open(&stage.world.world, &ledger, &stage.err), 0);
    /* it counts: this one would pass the limit */
    assert_int_equal(ir_ledger_reserve(ledger, &entry, 1500000, &id, &spent_nusd, &stage.err), 0);
    assert_int_equal(id, 0);
    assert_int_equal(spent_nusd, 1000000);
    assert_int_equal(ir_ledger_reserve(ledger, &entry, 2000000, &id, &spent_nusd, &stage.err), 0);
    assert_true(id > 0);
    const struct ir_consumption one = {.requests = 1};
    assert_int_equal(ir_ledger_settle(ledger, id, IR_CHARGE_MEASURED, 400000, &one, &stage.err), 0);
    struct ir_ledger_sum total = {.requests = 0};
    assert_int_equal(ir_ledger_sum(ledger, "2026-11", take_total, &total, &stage.err), 0);
    assert_int_equal(total.requests, 2);
    assert_int_equal(total.maybe, 1);
    assert_int_equal(total.cost_nusd, 400000);
    assert_int_equal(total.maybe_nusd, 1000000);
    /* another month begins with nothing */
    stage.world.unix_ms += INT64_C(11) * 86400000;
    assert_int_equal(ir_ledger_reserve(ledger, &entry, 1000000, &id, &spent_nusd, &stage.err), 0);
    assert_true(id > 0);
    ir_ledger_close(ledger);
    paid_close(&stage);
}

/* ---- dry runs ---------------------------------------------------------------------------- */

static void test_dry(void **state)
{
    struct ir_client_options options = paid_options();
    struct ir_labels_options labels = IR_LABELS_OPTIONS_INIT;
    struct ir_result *result = NULL;
    struct paid_stage stage;
    struct ir_usage usage = {0};
    char *json = NULL;
    (void)state;
    labels.text = true;
    labels.properties = true;
    paid_open(&stage, &options);
    options.dry_run = true;
    limit(&options, 0, NO_LIMIT); /* a dry run costs nothing */
    assert_int_equal(paid_reopen(&stage, &options), 0);
    assert_int_equal(ir_labels(stage.client, stage.picture, &labels, &result, &stage.err), 0);
    const struct ir_planned_request *planned = ir_result_get_planned(result, 0);
    assert_string_equal(planned->service, "Rekognition");
    assert_string_equal(planned->operation, "DetectLabels");
    assert_string_equal(planned->host, "rekognition.eu-west-1.amazonaws.com");
    assert_null(planned->model);
    assert_true(planned->request_bytes > 500);
    assert_true(fabs(planned->cost_usd - 0.00175) < 1e-12);
    assert_false(planned->is_cached);
    assert_string_equal(ir_result_get_planned(result, 1)->operation, "DetectText");
    assert_null(ir_result_get_planned(result, 2));
    assert_int_equal(ir_result_to_json(result, &json, NULL, &stage.err), 0);
    assert_non_null(strstr(json, "\"estimate\":{\"requests\":[{\"service\":\"Rekognition\""));
    assert_non_null(strstr(json, "\"cost_usd\":0.00275"));
    ir_free(json);
    ir_result_free(result);
    result = NULL;
    struct ir_ask_options ask = IR_ASK_OPTIONS_INIT;
    ask.question = "How many?";
    assert_int_equal(ir_ask(stage.client, stage.picture, &ask, &result, &stage.err), 0);
    assert_null(ir_result_get_answer(result));
    planned = ir_result_get_planned(result, 0);
    assert_string_equal(planned->model, "eu.anthropic.claude-haiku-4-5-20251001-v1:0");
    assert_true(planned->cost_usd > 4096 * 5.5e-6 && planned->cost_usd < 0.03);
    ir_result_free(result);
    assert_int_equal(stage.transport.call_count, 0);
    /* what is in the cache already costs nothing */
    options.dry_run = false;
    limit(&options, NO_LIMIT, NO_LIMIT);
    assert_int_equal(paid_reopen(&stage, &options), 0);
    paid_answer(&stage, PAID_LABELS);
    assert_int_equal(paid_labels(&stage, &usage), 0);
    options.dry_run = true;
    assert_int_equal(paid_reopen(&stage, &options), 0);
    labels = (struct ir_labels_options)IR_LABELS_OPTIONS_INIT;
    result = NULL;
    assert_int_equal(ir_labels(stage.client, stage.picture, &labels, &result, &stage.err), 0);
    assert_true(ir_result_get_planned(result, 0)->is_cached);
    assert_true(ir_result_get_planned(result, 0)->cost_usd == 0.0);
    ir_result_free(result);
    paid_close(&stage);
}

int main(void)
{
    static struct unit_list list;
    unit_add(&list, "money is counted in whole billionths", test_money);
    unit_add(&list, "what is under way counts", test_under_way);
    unit_add(&list, "threads never pass a budget", test_threads);
    UNIT_ADD_ROWS(&list, test_limit, limit_rows);
    unit_add(&list, "a model's longest answer is reserved", test_model);
    unit_add(&list, "what has no price, with a limit and without", test_unpriced);
    UNIT_ADD_ROWS(&list, test_options, option_rows);
    unit_add(&list, "a client that was asked for nothing writes nothing", test_writes_nothing);
    UNIT_ADD_ROWS(&list, test_ending, ending_rows);
    unit_add(&list, "under a limit nothing is sent twice", test_once);
    unit_add(&list, "a damaged ledger", test_damaged_ledger);
    unit_add(&list, "processes share a month's limit", test_processes);
    unit_add(&list, "what a killed process left", test_killed);
    unit_add(&list, "a dry run", test_dry);
    return unit_run(&list, "paid");
}
