/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns what must hold after every call, whatever was done and whatever went wrong. Nothing here
 * knows the script of a run: it compares what the core said with what the simulated AWS knows.
 */
#include "tests/sim/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/aws/retry.h"

#define LATE_MS 100
#define CANCEL_MS 1000
#define ABORT_MS 3000          /* imgrecog/upload.h: for removing the parts */
#define UPLOAD_EXTRA_MS 330000 /* for 5 MiB, as the same says */
#define LONG_ENOUGH_MS 300000  /* for every wait and every slow answer of one call */
#define COST_TO_SPARE 300

typedef bool (*rule_fn)(const struct sim_run *run, const struct sim_call_report *report, char *out);

static IR_PRINTF(2, 3) bool say(char *out, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(out, SIM_VERDICT_BYTES, format, arguments);
    va_end(arguments);
    return false;
}

static bool was_cancelled(const struct sim_run *run)
{
    return run->cancel != NULL && ir_cancel_is_set(run->cancel);
}

static bool owns(const struct sim_scenario *scenario, enum sim_op op)
{
    for (size_t i = 0; i < scenario->op_count; i++)
        if (scenario->ops[i] == op)
            return true;
    return false;
}

/* ---- successes --------------------------------------------------------------------------- */

/* What is given out as an answer is one that AWS gave for work that it did, and is whole. */
static bool success_is_true(const struct sim_run *run, const struct sim_call_report *report,
                            char *out)
{
    unsigned seen = 0;
    if (report->rc != 0 || report->scenario->proves_itself)
        return true;
    for (size_t i = 0; i < report->scenario->op_count; i++) {
        enum sim_op op = report->scenario->ops[i];
        unsigned token = run->seen[op];
        seen += token != 0;
        if (token != 0 && token != run->net.ops[op].intact)
            return say(out, "success with an answer (%s %u) that AWS did not give: its own is %u",
                       sim_ops[op].name, token, run->net.ops[op].intact);
        if (token == 0 && run->net.ops[op].attempts > 0 && run->net.ops[op].intact == 0)
            return say(out, "success though %s was not answered intact", sim_ops[op].name);
    }
    return seen > 0 ? true : say(out, "success without an answer");
}

/* Where nothing but what another attempt mends went wrong, the call succeeds. */
static bool success_where_owed(const struct sim_run *run, const struct sim_call_report *report,
                               char *out)
{
    const struct sim_net *net = &run->net;
    bool is_hindered = report->ran_out_of_memory || was_cancelled(run) || net->hard_faults > 0 ||
                       run->timeout_ms < LONG_ENOUGH_MS || report->cost_before > COST_TO_SPARE;
    /* A wrong clock takes keys for ended that are not. */
    bool is_clock_harmless = run->world.skew_ms == 0 || run->has_fixed_keys;
    if (report->rc == 0 || is_hindered || !is_clock_harmless || net->faults >= net->max_attempts)
        return true;
    return say(out, "no success (%d) though nothing stood against it after %u passing faults: %s",
               report->rc, net->faults, report->err.message);
}

/* ---- money ------------------------------------------------------------------------------- */

static unsigned charged_in_call(const struct sim_run *run, const struct sim_call_report *report,
                                enum sim_op op)
{
    return run->model.charged[op] - report->charged_before[op];
}

static bool paid_once(const struct sim_run *run, const struct sim_call_report *report, char *out)
{
    for (size_t i = 0; i < report->scenario->op_count; i++) {
        enum sim_op op = report->scenario->ops[i];
        unsigned charged = charged_in_call(run, report, op);
        if (report->scenario->is_paid && charged > 1)
            return say(out, "%s was charged %u times", sim_ops[op].name, charged);
    }
    return true;
}

/* An error after which the work may have been done says so. */
static bool maybe_served_is_told(const struct sim_run *run, const struct sim_call_report *report,
                                 char *out)
{
    if (report->rc == 0 || report->err.maybe_served)
        return true;
    for (size_t i = 0; i < report->scenario->op_count; i++)
        if (charged_in_call(run, report, report->scenario->ops[i]) > 0)
            return say(out, "%s was charged, and the error does not say that it may have been: %s",
                       sim_ops[report->scenario->ops[i]].name, report->err.message);
    return true;
}

/* An error does not frighten: what never left this machine cannot have been done. */
static bool served_only_if_sent(const struct sim_run *run, const struct sim_call_report *report,
                                char *out)
{
    if (report->rc == 0 || !report->err.maybe_served)
        return true;
    for (size_t i = 0; i < report->scenario->op_count; i++)
        if (run->net.ops[report->scenario->ops[i]].sent > 0)
            return true;
    return say(out, "the error says that it may have been done, and it was never sent: %s",
               report->err.message);
}

/* ---- time -------------------------------------------------------------------------------- */

static bool in_time(const struct sim_run *run, const struct sim_call_report *report, char *out)
{
    unsigned limits = report->scenario->time_limits;
    int64_t took_ms = run->world.now_ms - report->started_ms;
    int64_t limit_ms = limits == 0 ? run->timeout_ms : limits * (run->timeout_ms + UPLOAD_EXTRA_MS);
    if (took_ms > limit_ms + LATE_MS)
        return say(out, "took %lld ms of %lld", (long long)took_ms, (long long)limit_ms);
    if (!was_cancelled(run))
        return true;
    int64_t since_ms =
        run->world.cancel_at_ms > report->started_ms ? run->world.cancel_at_ms : report->started_ms;
    if (run->world.now_ms - since_ms > (limits > 3 ? CANCEL_MS + ABORT_MS : CANCEL_MS))
        return say(out, "went on for %lld ms after it was cancelled",
                   (long long)(run->world.now_ms - since_ms));
    return true;
}

/* ---- errors ------------------------------------------------------------------------------ */

static bool code_has_next_step(int code)
{
    return code == IR_ERR_NET || code == IR_ERR_TIMEOUT || code == IR_ERR_AUTH ||
           code == IR_ERR_THROTTLED || code == IR_ERR_RESPONSE || code == IR_ERR_TOO_LARGE;
}

static bool error_is_whole(const struct sim_run *run, const struct sim_call_report *report,
                           char *out)
{
    const struct ir_error *err = &report->err;
    (void)run;
    if (report->rc == 0)
        return true;
    if (err->code != report->rc)
        return say(out, "returned %d, and the error says %d", report->rc, err->code);
    if (err->message[0] == '\0')
        return say(out, "an error without a message");
    if (err->service[0] == '\0' && err->code != IR_ERR_NOMEM)
        return say(out, "an error that names no service: %s", err->message);
    if (err->hint[0] == '\0' && code_has_next_step(err->code))
        return say(out, "an error without a next step: %s", err->message);
    return true;
}

/* What of the run's secrets `text` holds; NULL = nothing. */
static const char *find_secret(const struct sim_run *run, const char *text)
{
    for (unsigned i = 0; i < run->model.key_count; i++) {
        const struct sim_key *key = &run->model.keys[i];
        if (strstr(text, key->secret) != NULL)
            return "a secret key";
        if (key->token[0] != '\0' && strstr(text, key->token) != NULL)
            return "a session token";
    }
    for (unsigned i = 0; i < run->net.signature_count; i++)
        if (strstr(text, run->net.signatures[i]) != NULL)
            return "a signature";
    if (run->model.bearer != NULL && strstr(text, run->model.bearer) != NULL)
        return "the bearer token";
    return strstr(text, SIM_PROMPT) != NULL ? "the prompt" : NULL;
}

void sim_judge_log_line(struct sim_run *run, const char *line)
{
    const char *secret = find_secret(run, line);
    if (secret != NULL && run->wrong == NULL)
        run->wrong = "a line of the log holds a secret";
    for (const char *c = line; *c != '\0'; c++)
        if (((unsigned char)*c < ' ' || *c == 0x7f) && run->wrong == NULL)
            run->wrong = "a line of the log holds a control character";
}

static bool error_keeps_secrets(const struct sim_run *run, const struct sim_call_report *report,
                                char *out)
{
    const struct ir_error *err = &report->err;
    const char *const texts[] = {err->message, err->hint, err->aws_code, err->request_id,
                                 err->service};
    for (size_t i = 0; report->rc != 0 && i < sizeof texts / sizeof texts[0]; i++) {
        const char *secret = find_secret(run, texts[i]);
        if (secret != NULL)
            return say(out, "an error holds %s: %.100s", secret, texts[i]);
    }
    return true;
}

/* The last that happened decides the code. */
static bool code_is_right(const struct sim_run *run, const struct sim_call_report *report,
                          char *out)
{
    const struct sim_net *net = &run->net;
    int wanted = net->last_rc != 0 ? net->last_rc : sim_faults[net->last_fault].code;
    if (report->rc == 0 || report->rc == IR_ERR_CANCELLED || report->ran_out_of_memory ||
        !owns(report->scenario, net->last_op) || wanted == report->rc)
        return true;
    if (net->last_fault == SIM_EXCEPTION && report->rc == IR_ERR_RESPONSE)
        return say(out, "an exception in the stream is told as a damaged one: %s",
                   report->err.message);
    /* Through a sink, the stream's own failure counts. */
    if (wanted == 0)
        return true;
    if (sim_ops[net->last_op].shape == SIM_STREAM && report->rc == IR_ERR_RESPONSE)
        return true;
    return say(out, "after \"%s\" the code is %d, not %d: %s", sim_faults[net->last_fault].name,
               report->rc, wanted, report->err.message);
}

static bool status_is_told(const struct sim_run *run, const struct sim_call_report *report,
                           char *out)
{
    const struct sim_net *net = &run->net;
    bool is_of_answer =
        report->rc == IR_ERR_SERVICE || report->rc == IR_ERR_THROTTLED || report->rc == IR_ERR_AUTH;
    if (!is_of_answer || !owns(report->scenario, net->last_op) || net->last_status == 0 ||
        net->last_status / 100 == 2 || report->err.http_status == net->last_status)
        return true;
    return say(out, "the answer's status was %d, the error says %d", net->last_status,
               report->err.http_status);
}

/* ---- conduct ----------------------------------------------------------------------------- */

static bool nothing_is_wrong(const struct sim_run *run, const struct sim_call_report *report,
                             char *out)
{
    (void)report;
    if (run->wrong != NULL)
        return say(out, "%s", run->wrong);
    if (run->model.complaint != NULL)
        return say(out, "the service got what it must not get: %s", run->model.complaint);
    if (run->net.complaint != NULL)
        return say(out, "%s", run->net.complaint);
    return true;
}

/* Every retry is paid for from 500 tokens, and a success gives back no more than its own. */
static bool quota_holds(const struct sim_run *run, const struct sim_call_report *report, char *out)
{
    unsigned refunds = run->net.successes * SIM_COST_TRANSIENT;
    int tokens = atomic_load(&run->client->aws.quota.tokens);
    (void)report;
    if (run->net.retry_cost > SIM_QUOTA_TOKENS + refunds)
        return say(out, "retries for %u tokens, with %u successes", run->net.retry_cost,
                   run->net.successes);
    if (tokens < 0 || tokens > SIM_QUOTA_TOKENS)
        return say(out, "the quota holds %d tokens", tokens);
    return true;
}

static const rule_fn rules[] = {
    nothing_is_wrong,    success_is_true, success_where_owed,
    paid_once,           in_time,         maybe_served_is_told,
    served_only_if_sent, error_is_whole,  error_keeps_secrets,
    code_is_right,       status_is_told,  quota_holds,
};

bool sim_judge_call(const struct sim_run *run, const struct sim_call_report *report,
                    char out[SIM_VERDICT_BYTES])
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (!rules[i](run, report, out))
            return false;
    return true;
}
