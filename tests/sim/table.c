/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every fault on every call, one at a time and lasting: the code, whether the work may have been
 * done, how often it was tried, and that the message names the cause and the hint the next step.
 * Then every status from 400 to 599, and every code by which a service asks to slow down. TAP.
 */
#include <stdio.h>
#include <string.h>

#include "tests/sim/run.h"

#define MAX_ATTEMPTS 3
#define FIRST_STATUS 400
#define LAST_STATUS 599

struct row {
    enum sim_fault fault;
    int code;
    bool maybe_served;
    unsigned attempts;      /* of a call that may be repeated */
    unsigned paid_attempts; /* of one that costs money, or is taken by a sink */
    const char *message;    /* a part of it */
    const char *hint;       /* a part of it */
};

static const struct row rows[] = {
    {SIM_REFUSED, IR_ERR_NET, false, 3, 3, "nobody listens", "network"},
    {SIM_RESET_SENDING, IR_ERR_NET, false, 3, 3, "the line broke", "network"},
    {SIM_STALLED_CONNECTING, IR_ERR_TIMEOUT, false, 1, 1, "time limit", "raise the time limit"},
    {SIM_BAD_CERTIFICATE, IR_ERR_NET, false, 1, 1, "certificate", "network"},
    {SIM_LOST, IR_ERR_NET, true, 3, 1, "the line broke", "network"},
    {SIM_STALLED_LOST, IR_ERR_TIMEOUT, true, 1, 1, "time limit", "raise the time limit"},
    {SIM_THROTTLED, IR_ERR_THROTTLED, false, 3, 3, "Rate exceeded", "fewer requests"},
    {SIM_UNAVAILABLE, IR_ERR_SERVICE, false, 3, 3, "We are sorry", "try again later"},
    {SIM_ECHOED_INPUT, IR_ERR_SERVICE, false, 1, 1, "validation error", ""},
    {SIM_ECHOED_SIGNATURE, IR_ERR_AUTH, false, 1, 1, "signature we calculated does not match",
     "AWS_SECRET_ACCESS_KEY"},
    {SIM_EXPIRED, IR_ERR_AUTH, false, 1, 1, "expired", "Renew"},
    {SIM_REDIRECT, IR_ERR_SERVICE, false, 1, 1, "redirect", "endpoint"},
    {SIM_PORTAL, IR_ERR_RESPONSE, true, 1, 1, "", "proxy"},
    {SIM_EMPTY, IR_ERR_RESPONSE, true, 1, 1, "", "proxy"},
    {SIM_FOREIGN_JSON, IR_ERR_RESPONSE, true, 1, 1, "", "proxy"},
    {SIM_RESET_AFTER, IR_ERR_NET, true, 3, 1, "the line broke", "network"},
    {SIM_RESET_MID_ANSWER, IR_ERR_NET, true, 3, 1, "the line broke in the answer", "network"},
    {SIM_STALLED_AFTER, IR_ERR_TIMEOUT, true, 1, 1, "time limit", "raise the time limit"},
    {SIM_STALLED_MID_ANSWER, IR_ERR_TIMEOUT, true, 1, 1, "time limit", "raise the time limit"},
    {SIM_CUT, IR_ERR_RESPONSE, true, 1, 1, "", "proxy"},
    {SIM_FLIPPED, IR_ERR_RESPONSE, true, 1, 1, "", ""},
    {SIM_EXCEPTION, 0, true, 1, 1, "it broke", ""},
    {SIM_OVERSIZED, IR_ERR_TOO_LARGE, true, 1, 1, "too large", "endpoint"},
    {SIM_HUGE_HEADERS, IR_ERR_TOO_LARGE, true, 1, 1, "headers are too large", "endpoint"},
    {SIM_GATEWAY, IR_ERR_SERVICE, true, 3, 1, "not one of AWS", "proxy"},
};

static unsigned test_number;

static bool report(bool is_good, const char *name)
{
    printf("%s %u - %s\n", is_good ? "ok" : "not ok", ++test_number, name);
    return is_good;
}

static bool complain(const struct sim_scenario *scenario, const char *what, const char *text)
{
    printf("# %s: %s: %s\n", scenario->name, what, text);
    return false;
}

static bool is_taken_by_sink(const struct sim_scenario *scenario)
{
    enum sim_shape shape = sim_ops[scenario->ops[0]].shape;
    return shape == SIM_STREAM || shape == SIM_OBJECT;
}

/* The parts of an upload are another matter: what follows a failure is judged by the runs. */
static bool is_in_table(const struct sim_scenario *scenario, enum sim_fault fault)
{
    return scenario->op_count == 1 || scenario->ops[0] == SIM_LABELS
               ? sim_fault_fits(fault, scenario->ops[0])
               : false;
}

static const struct sim_scenario *find(const char *name)
{
    for (size_t i = 0; i < sim_scenario_count; i++)
        if (strcmp(sim_scenarios[i].name, name) == 0)
            return &sim_scenarios[i];
    return NULL;
}

/* All but the call. False: no client. */
static bool begin(const struct sim_scenario *scenario, struct sim_run *run,
                  struct sim_call_report *out)
{
    memset(out, 0, sizeof *out);
    if (!sim_run_begin_plain(run, &out->err))
        return false;
    out->scenario = scenario;
    out->started_ms = run->world.now_ms;
    run->variant = 2; /* one request, in the near bucket */
    sim_net_begin_call(&run->net);
    return true;
}

/* Runs one call under the fault. False: no client. */
static bool call(const struct sim_scenario *scenario, enum sim_fault fault,
                 const struct sim_refusal *refusal, struct sim_run *run,
                 struct sim_call_report *out)
{
    if (!begin(scenario, run, out))
        return false;
    run->net.forced = fault;
    run->net.refusal = refusal;
    out->rc = scenario->call(run, &out->err);
    return true;
}

static bool judge(const struct row *row, const struct sim_run *run,
                  const struct sim_call_report *outcome)
{
    char verdict[SIM_VERDICT_BYTES];
    const struct sim_scenario *scenario = outcome->scenario;
    const struct ir_error *err = &outcome->err;
    unsigned attempts = run->net.ops[scenario->ops[0]].attempts;
    bool is_once = scenario->is_paid || (is_taken_by_sink(scenario) && row->fault != SIM_GATEWAY);
    /* A start by name is the same start again. */
    if (strcmp(scenario->name, "start by name") == 0)
        is_once = false;
    if (row->code != 0 && outcome->rc != row->code)
        return complain(scenario, "another code", err->message);
    if (outcome->rc == 0)
        return complain(scenario, "success", "");
    /* What was read only, nobody minds to have done twice. */
    if (sim_ops[scenario->ops[0]].is_charged && err->maybe_served != row->maybe_served)
        return complain(scenario, err->maybe_served ? "maybe served" : "not maybe served",
                        err->message);
    if (attempts != (is_once ? row->paid_attempts : row->attempts)) {
        printf("# %u attempts\n", attempts);
        return complain(scenario, "other attempts", err->message);
    }
    bool is_s3 = sim_ops[scenario->ops[0]].host == NULL;
    if (!is_s3 && strstr(err->message, row->message) == NULL)
        return complain(scenario, "another message", err->message);
    if (!is_s3 && strcmp(scenario->name, "sagemaker") != 0 && strstr(err->hint, row->hint) == NULL)
        return complain(scenario, "another hint", err->hint);
    if (strcmp(err->service, scenario->service) != 0)
        return complain(scenario, "another service", err->service);
    if (!sim_judge_call(run, outcome, verdict))
        return complain(scenario, "judged", verdict);
    return true;
}

static bool try_row(const struct row *row)
{
    static struct sim_run run;
    struct sim_call_report outcome;
    char name[128];
    unsigned count = 0;
    bool is_good = true;
    for (size_t i = 0; i < sim_scenario_count; i++) {
        if (!is_in_table(&sim_scenarios[i], row->fault))
            continue;
        count++;
        if (call(&sim_scenarios[i], row->fault, NULL, &run, &outcome))
            is_good = judge(row, &run, &outcome) && is_good;
        else
            is_good = complain(&sim_scenarios[i], "no client", outcome.err.message);
        sim_run_end(&run);
    }
    snprintf(name, sizeof name, "%s, on %u calls", sim_faults[row->fault].name, count);
    return report(is_good && count > 0, name);
}

/* ---- statuses ---------------------------------------------------------------------------- */

static bool is_retried(int status)
{
    return status == 500 || (status >= 502 && status <= 504);
}

static bool judge_status(int status, const struct sim_run *run,
                         const struct sim_call_report *outcome)
{
    const struct sim_scenario *scenario = outcome->scenario;
    char verdict[SIM_VERDICT_BYTES];
    bool is_gateway = status == 502 || status == 504;
    int code = status == 401 || status == 403 ? IR_ERR_AUTH : IR_ERR_SERVICE;
    unsigned attempts = is_retried(status) && !is_gateway ? MAX_ATTEMPTS : 1;
    if (outcome->rc != code || outcome->err.http_status != status ||
        outcome->err.maybe_served != is_gateway || outcome->err.retryable != is_retried(status) ||
        run->net.ops[scenario->ops[0]].attempts != attempts) {
        printf("# status %d: code %d, told %d, retryable %d, attempts %u\n", status, outcome->rc,
               outcome->err.http_status, outcome->err.retryable,
               run->net.ops[scenario->ops[0]].attempts);
        return false;
    }
    if (!sim_judge_call(run, outcome, verdict))
        return complain(scenario, "judged", verdict);
    return true;
}

/* Pages of somebody else, on a call that costs money. */
static bool try_statuses(void)
{
    static struct sim_run run;
    struct sim_call_report outcome;
    bool is_good = true;
    for (int status = FIRST_STATUS; status <= LAST_STATUS; status++) {
        const struct sim_refusal refusal = {status, NULL};
        is_good = call(find("converse"), SIM_STATUS, &refusal, &run, &outcome) &&
                  judge_status(status, &run, &outcome) && is_good;
        sim_run_end(&run);
    }
    return report(is_good, "every status from 400 to 599");
}

/* ---- uploads in parts -------------------------------------------------------------------- */

struct part_row {
    enum sim_op op; /* on which the fault lies */
    enum sim_fault fault;
    int code;
    unsigned attempts; /* of that operation */
    bool maybe_served;
    bool stays_open; /* the parts could not be removed */
    const char *says;
};

static const struct part_row part_rows[] = {
    {SIM_CREATE_UPLOAD, SIM_UNAVAILABLE, IR_ERR_SERVICE, 3, false, false, "We are sorry"},
    {SIM_UPLOAD_PART, SIM_UNAVAILABLE, IR_ERR_SERVICE, 3, false, false, "We are sorry"},
    {SIM_UPLOAD_PART, SIM_LOST, IR_ERR_NET, 3, false, false, "the line broke"},
    {SIM_UPLOAD_PART, SIM_STALLED_LOST, IR_ERR_TIMEOUT, 1, false, false, "time limit"},
    {SIM_COMPLETE_UPLOAD, SIM_UNAVAILABLE, IR_ERR_SERVICE, 3, false, false, "We are sorry"},
    {SIM_COMPLETE_UPLOAD, SIM_ERROR_IN_200, IR_ERR_SERVICE, 3, false, false, "internal error"},
    {SIM_COMPLETE_UPLOAD, SIM_LOST, IR_ERR_NET, 3, true, false, "the line broke"},
};

static bool judge_parts(const struct part_row *row, const struct sim_run *run,
                        const struct sim_call_report *outcome)
{
    const struct ir_error *err = &outcome->err;
    const struct sim_scenario *scenario = outcome->scenario;
    char verdict[SIM_VERDICT_BYTES];
    bool is_open = run->model.upload_count > 0 && run->model.uploads[0].is_open;
    if (outcome->rc != row->code)
        return complain(scenario, "another code", err->message);
    if (run->net.ops[row->op].attempts != row->attempts)
        return complain(scenario, "other attempts", err->message);
    if (err->maybe_served != row->maybe_served)
        return complain(scenario, "maybe served?", err->message);
    if (is_open != row->stays_open)
        return complain(scenario, "the upload's end", err->message);
    if (strstr(err->message, row->says) == NULL)
        return complain(scenario, "another message", err->message);
    if (!sim_judge_call(run, outcome, verdict))
        return complain(scenario, "judged", verdict);
    return true;
}

static bool try_part_row(const struct part_row *row)
{
    static struct sim_run run;
    struct sim_call_report outcome;
    char name[128];
    bool is_good = begin(find("upload in parts"), &run, &outcome);
    if (is_good) {
        run.net.forced = row->fault;
        run.net.forced_op = row->op;
        outcome.rc = outcome.scenario->call(&run, &outcome.err);
        is_good = judge_parts(row, &run, &outcome);
    }
    sim_run_end(&run);
    snprintf(name, sizeof name, "%s: %s", sim_ops[row->op].name, sim_faults[row->fault].name);
    return report(is_good, name);
}

/* ---- throttling -------------------------------------------------------------------------- */

static bool try_throttling_code(const char *aws_code)
{
    static const int statuses[] = {400, 429, 503};
    static struct sim_run run;
    struct sim_call_report outcome;
    char name[128];
    bool is_good = true;
    for (size_t i = 0; i < sim_scenario_count * 3; i++) {
        const struct sim_scenario *scenario = &sim_scenarios[i / 3];
        const struct sim_refusal refusal = {statuses[i % 3], aws_code};
        if (!is_in_table(scenario, SIM_STATUS))
            continue;
        bool is_made = call(scenario, SIM_STATUS, &refusal, &run, &outcome);
        if (!is_made || outcome.rc != IR_ERR_THROTTLED || !outcome.err.retryable ||
            outcome.err.maybe_served || strcmp(outcome.err.aws_code, aws_code) != 0 ||
            run.net.ops[scenario->ops[0]].attempts != MAX_ATTEMPTS)
            is_good = complain(scenario, aws_code, outcome.err.message);
        sim_run_end(&run);
    }
    snprintf(name, sizeof name, "throttled by %s", aws_code);
    return report(is_good, name);
}

int main(void)
{
    bool is_good = true;
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("1..%zu\n", sizeof rows / sizeof rows[0] + sizeof part_rows / sizeof part_rows[0] +
                           sim_throttling_code_count + 1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        is_good = try_row(&rows[i]) && is_good;
    for (size_t i = 0; i < sizeof part_rows / sizeof part_rows[0]; i++)
        is_good = try_part_row(&part_rows[i]) && is_good;
    for (size_t i = 0; i < sim_throttling_code_count; i++)
        is_good = try_throttling_code(sim_throttling_codes[i]) && is_good;
    is_good = try_statuses() && is_good;
    return is_good ? 0 : 1;
}
