/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the making of a run from its seed: who the client is, what it does, what goes wrong when. */
#include "tests/sim/run.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/memory.h"

#define REGION "eu-west-1"
#define MAX_CALLS 8
#define ONE_BROKEN_DAY_IN 15
#define MAX_CALLS_OF_BROKEN_DAY 40
#define SKEW_MS 600000
#define MAX_FAILING_REQUEST 500
#define MAX_IDLE_MS 2400000
#define CONTAINER_URL "http://127.0.0.1:8080/keys"

/* ---- who asks ---------------------------------------------------------------------------- */

static void give_key_in_environment(struct sim_run *run)
{
    const struct sim_key *key = &run->model.keys[sim_model_add_key(&run->model, false)];
    sim_world_setenv(&run->world, "AWS_ACCESS_KEY_ID", key->id);
    sim_world_setenv(&run->world, "AWS_SECRET_ACCESS_KEY", key->secret);
}

/* Temporary, and nobody has told when they end. */
static void give_session_in_environment(struct sim_run *run)
{
    run->model.key_life_ms = 100000000L;
    run->model.session_is_fixed = true;
    const struct sim_key *key = &run->model.keys[sim_model_add_key(&run->model, true)];
    sim_world_setenv(&run->world, "AWS_ACCESS_KEY_ID", key->id);
    sim_world_setenv(&run->world, "AWS_SECRET_ACCESS_KEY", key->secret);
    sim_world_setenv(&run->world, "AWS_SESSION_TOKEN", key->token);
}

static void give_role(struct sim_run *run)
{
    char text[SIM_FILE_BYTES];
    const struct sim_key *key = &run->model.keys[sim_model_add_key(&run->model, false)];
    sim_world_add_file(&run->world, "/home/ann/.aws/config",
                       "[profile worker]\nrole_arn = arn:aws:iam::123456789012:role/worker\n"
                       "source_profile = base\n[profile base]\noutput = json\n");
    snprintf(text, sizeof text, "[base]\naws_access_key_id = %s\naws_secret_access_key = %s\n",
             key->id, key->secret);
    sim_world_add_file(&run->world, "/home/ann/.aws/credentials", text);
    sim_world_setenv(&run->world, "AWS_PROFILE", "worker");
}

static void choose_keys(struct sim_run *run)
{
    run->model.key_life_ms = sim_between(&run->plan, 60000, 6L * 3600 * 1000);
    switch (sim_below(&run->plan, 4)) {
    case 0:
        run->has_fixed_keys = true;
        give_key_in_environment(run);
        break;
    case 1:
        run->has_fixed_keys = true;
        give_session_in_environment(run);
        break;
    case 2:
        sim_world_setenv(&run->world, "AWS_CONTAINER_CREDENTIALS_FULL_URI", CONTAINER_URL);
        break;
    default:
        give_role(run);
        break;
    }
    if (!sim_one_in(&run->plan, 6))
        return;
    run->model.bearer = "bedrock-api-key-that-nobody-must-see";
    sim_world_setenv(&run->world, "AWS_BEARER_TOKEN_BEDROCK", run->model.bearer);
}

static void choose_settings(struct sim_run *run)
{
    static const long timeouts_ms[] = {500, 3000, 60000, 600000, 600000};
    static const unsigned fault_pcts[] = {0, 10, 30, 60, 100};
    char text[16];
    run->timeout_ms = timeouts_ms[sim_below(&run->plan, 5)];
    run->net.fault_pct = fault_pcts[sim_below(&run->plan, 5)];
    if (sim_one_in(&run->plan, 4))
        run->world.skew_ms = sim_one_in(&run->plan, 2) ? SKEW_MS : -SKEW_MS;
    if (sim_one_in(&run->plan, 2)) {
        run->net.max_attempts = 1 + sim_below(&run->plan, 6);
        snprintf(text, sizeof text, "%u", run->net.max_attempts);
        sim_world_setenv(&run->world, "AWS_MAX_ATTEMPTS", text);
    }
    if (sim_one_in(&run->plan, 3))
        sim_world_setenv(&run->world, "AWS_RETRY_MODE", "adaptive");
    sim_world_setenv(&run->world, "AWS_REGION", REGION);
    run->has_log = sim_one_in(&run->plan, 2);
}

/* ---- beginning and end ------------------------------------------------------------------- */

static void begin(struct sim_run *run, uint64_t seed, bool is_verbose)
{
    memset(run, 0, sizeof *run);
    run->seed = seed;
    run->plan.state = sim_mix(seed ^ UINT64_C(0x706c616e00000000));
    sim_world_init(&run->world, seed, is_verbose);
    sim_model_init(&run->model, &run->world);
    sim_net_init(&run->net, &run->world, &run->model, seed);
    sim_make_picture(run);
    sim_model_store(&run->model, SIM_READY_OBJECT, run->picture_data, sizeof run->picture_data);
}

/* Not a part of the trace: words may change without a run being another. */
static void take_line(void *context, const char *line)
{
    struct sim_run *run = context;
    sim_judge_log_line(run, line);
    if (run->world.is_verbose)
        printf("#%9lld    log: %s\n", (long long)run->world.now_ms, line);
}

static bool make_client(struct sim_run *run, struct ir_error *err)
{
    struct ir_client_options options = IR_CLIENT_OPTIONS_INIT;
    const struct ir_transport transport = sim_net_transport(&run->net);
    options.timeout_ms = run->timeout_ms;
    options.log = run->has_log ? take_line : NULL;
    options.log_context = run;
    return ir_client_new_in(&options, &run->world.world, &transport, &run->client, err) == 0;
}

bool sim_run_begin_plain(struct sim_run *run, struct ir_error *err)
{
    begin(run, 1, false);
    run->timeout_ms = 60000;
    give_key_in_environment(run);
    sim_world_setenv(&run->world, "AWS_REGION", REGION);
    return make_client(run, err);
}

void sim_run_end(struct sim_run *run)
{
    ir_client_free(run->client);
    ir_picture_free(run->picture);
    sim_net_release(&run->net);
    sim_model_release(&run->model);
}

/* ---- calls ------------------------------------------------------------------------------- */

static void plan_trouble(struct sim_run *run)
{
    run->cancel = NULL;
    run->world.cancel_at_ms = SIM_NEVER_MS;
    if (sim_one_in(&run->plan, 4))
        run->cancel = ir_cancel_new();
    run->world.cancel = run->cancel;
    if (run->cancel != NULL && !sim_one_in(&run->plan, 5))
        run->world.cancel_at_ms = run->world.now_ms + sim_between(&run->plan, 0, 3000);
    unsigned long fail_at = ULONG_MAX;
    if (sim_one_in(&run->plan, 5))
        fail_at = sim_below(&run->plan, MAX_FAILING_REQUEST);
    sim_memory_plan(fail_at, sim_one_in(&run->plan, 2) && fail_at != ULONG_MAX);
}

static void call_once(struct sim_run *run, struct sim_call_report *report)
{
    report->scenario = &sim_scenarios[sim_below(&run->plan, (unsigned)sim_scenario_count)];
    run->variant = sim_below(&run->plan, 1000);
    run->wrong = NULL;
    memset(run->seen, 0, sizeof run->seen);
    memcpy(report->charged_before, run->model.charged, sizeof report->charged_before);
    report->cost_before = run->net.retry_cost;
    if (sim_one_in(&run->plan, 4))
        sim_world_idle(&run->world, sim_between(&run->plan, 0, MAX_IDLE_MS));
    sim_net_begin_call(&run->net);
    report->started_ms = run->world.now_ms;
    sim_note(&run->world, "call: %s", report->scenario->name);
    plan_trouble(run);
    report->rc = report->scenario->call(run, &report->err);
    report->ran_out_of_memory = sim_memory_end_plan();
    sim_note(&run->world, "ends: %d%s%s", report->rc,
             report->ran_out_of_memory ? ", out of memory" : "",
             report->err.maybe_served ? ", maybe served" : "");
    if (report->rc != 0)
        sim_note(&run->world, "      %s | %s", report->err.message, report->err.hint);
}

/* One thing goes wrong every time: what a client does then is bounded by its quota. */
static void break_for_good(struct sim_run *run)
{
    static const enum sim_fault faults[] = {SIM_REFUSED, SIM_RESET_SENDING, SIM_THROTTLED,
                                            SIM_UNAVAILABLE};
    run->net.forced = faults[sim_below(&run->plan, 4)];
}

static bool run_calls(struct sim_run *run, struct sim_outcome *out)
{
    bool is_broken_day = sim_one_in(&run->plan, ONE_BROKEN_DAY_IN);
    unsigned count = 1 + sim_below(&run->plan, is_broken_day ? MAX_CALLS_OF_BROKEN_DAY : MAX_CALLS);
    if (is_broken_day)
        break_for_good(run);
    bool is_good = true;
    for (unsigned i = 0; is_good && i < count; i++) {
        struct sim_call_report report;
        char verdict[SIM_VERDICT_BYTES];
        memset(&report, 0, sizeof report);
        call_once(run, &report);
        out->calls++;
        out->successes += report.rc == 0;
        out->successes_of[report.scenario - sim_scenarios] += report.rc == 0;
        is_good = sim_judge_call(run, &report, verdict);
        if (!is_good)
            snprintf(out->verdict, sizeof out->verdict, "call %u, %s: %.340s", i + 1,
                     report.scenario->name, verdict);
        run->world.cancel = NULL;
        ir_cancel_free(run->cancel);
        run->cancel = NULL;
    }
    return is_good;
}

static bool run_client(struct sim_run *run, struct sim_outcome *out)
{
    struct ir_error err = {0};
    if (sim_one_in(&run->plan, 20))
        sim_memory_plan(sim_below(&run->plan, 60), sim_one_in(&run->plan, 2));
    bool is_made = make_client(run, &err);
    bool ran_out = sim_memory_end_plan();
    if (!is_made && ran_out && err.code == IR_ERR_NOMEM)
        return true;
    if (!is_made) {
        snprintf(out->verdict, sizeof out->verdict, "no client: %.300s", err.message);
        return false;
    }
    return run_calls(run, out);
}

void sim_run_seed(uint64_t seed, bool is_verbose, struct sim_outcome *out)
{
    struct sim_run *run = malloc(sizeof *run);
    memset(out, 0, sizeof *out);
    if (run == NULL) {
        printf("Bail out! sim: out of memory\n");
        exit(1);
    }
    long live_before = sim_memory_live();
    begin(run, seed, is_verbose);
    choose_keys(run);
    choose_settings(run);
    out->is_good = run_client(run, out);
    out->trace_hash = run->world.trace_hash;
    out->exchanges = run->net.exchanges;
    memcpy(out->fault_counts, run->net.fault_counts, sizeof out->fault_counts);
    sim_run_end(run);
    if (out->is_good && run->net.releases != 1) {
        out->is_good = false;
        snprintf(out->verdict, sizeof out->verdict, "the transport was released %u times",
                 run->net.releases);
    }
    if (out->is_good && sim_memory_live() != live_before) {
        out->is_good = false;
        snprintf(out->verdict, sizeof out->verdict, "%ld blocks of memory were left",
                 sim_memory_live() - live_before);
    }
    free(run);
}
