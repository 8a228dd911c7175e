/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One call of an AWS service: attempt after attempt, and what happens between two of them. An
 * answer may teach something (the server's clock, that the credentials have ended, where a bucket
 * lies): then the next attempt follows at once and is no retry. Else the retry mode decides.
 */
#include "core/aws/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/aws/call_state.h"
#include "core/base/error.h"

#define MAX_SKEW_MS 240000LL /* beyond it a refused signature is blamed on the clock */
#define MAX_HINT_MS 600000L  /* more than a retry ever waits */

void ir_aws_init(struct ir_aws *aws, const struct ir_world *world,
                 const struct ir_transport *transport)
{
    *aws = (struct ir_aws){.world = world, .transport = *transport};
    ir_retry_quota_init(&aws->quota);
    ir_rate_init(&aws->rate);
    ir_bucket_regions_init(&aws->bucket_regions);
    ir_credentials_store_init(&aws->credentials);
    pthread_mutex_init(&aws->embedded_mutex, NULL);
    atomic_init(&aws->clock_offset_ms, 0);
}

void ir_aws_release(struct ir_aws *aws)
{
    ir_credentials_store_release(&aws->credentials);
    ir_bucket_regions_release(&aws->bucket_regions);
    ir_rate_release(&aws->rate);
    pthread_mutex_destroy(&aws->embedded_mutex);
}

/* ---- waiting ----------------------------------------------------------------------------- */

/* The text of a header as a number of `unit_ms`, in milliseconds, MAX_HINT_MS for all that is
 * longer; -1 when it is none. */
static long header_ms(const struct ir_http_response *response, const char *name, long unit_ms)
{
    char text[32];
    char *end = NULL;
    ir_http_response_header(response, name, text, sizeof text);
    long units = strtol(text, &end, 10);
    if (end == text || *end != '\0' || units < 0)
        return -1;
    return units <= MAX_HINT_MS / unit_ms ? units * unit_ms : MAX_HINT_MS;
}

/* Milliseconds in AWS's own header; seconds in HTTP's, which Lambda sends. */
static long retry_after_ms(const struct ir_http_response *response)
{
    long ms = header_ms(response, "x-amz-retry-after", 1);
    return ms >= 0 ? ms : header_ms(response, "retry-after", 1000);
}

static void log_wait(const struct ir_call *call, long ms, const char *why)
{
    char name[IR_CALL_NAME_BYTES];
    if (!ir_log_is_on(&call->aws->log))
        return;
    ir_call_name(call, name);
    ir_log_line(&call->aws->log, "%s: waiting %ld ms: %s", name, ms, why);
}

/* Waits before the next attempt. 0: go on; else the call ends with what `err` then says. */
static int wait_for_retry(struct ir_call *call, enum ir_retry_kind kind, long hint_ms,
                          struct ir_error *err)
{
    const struct ir_world *world = call->aws->world;
    unsigned tries = call->attempt - call->corrections;
    if (tries >= call->aws->config.max_attempts)
        return err->code;
    long delay_ms = ir_retry_delay_ms(kind, tries - 1, world->chance(world->context), hint_ms);
    /* Waiting past the deadline would only hide the true cause behind a time-out. */
    if (ir_call_now_ms(call) + delay_ms >= call->deadline_ms)
        return err->code;
    /* Last, so that only a retry that comes is paid for. */
    if (!ir_retry_quota_take(&call->aws->quota, kind)) {
        ir_log_line(&call->aws->log, "no retry: too many of this client's have failed of late");
        return err->code;
    }
    log_wait(call, delay_ms,
             kind == IR_RETRY_THROTTLING ? "the service asked to slow down"
                                         : "the service or the line failed");
    if (world->sleep_ms(world->context, delay_ms, call->request->cancel))
        return 0;
    return ir_fail(err, IR_ERR_CANCELLED, "cancelled while waiting to try again");
}

/* The rate's turn. 0: go on; else the call ends with what `err` then says. */
static int wait_for_rate(struct ir_call *call, struct ir_error *err)
{
    const struct ir_world *world = call->aws->world;
    if (call->aws->config.retry_mode != IR_RETRY_MODE_ADAPTIVE)
        return 0;
    for (;;) {
        int64_t now_ms = ir_call_now_ms(call);
        long wait_ms = ir_rate_take(&call->aws->rate, now_ms);
        if (wait_ms == 0)
            return 0;
        if (now_ms + wait_ms >= call->deadline_ms) {
            if (err->code != 0)
                return err->code;
            ir_fail(err, IR_ERR_TIMEOUT,
                    "the service has asked to slow down, and the turn of this call does not come "
                    "within its time limit");
            ir_error_set_hint(err, "Send fewer requests at once, or raise the time limit.");
            return IR_ERR_TIMEOUT;
        }
        log_wait(call, wait_ms, "the rate that the service bears (adaptive retry mode)");
        if (!world->sleep_ms(world->context, wait_ms, call->request->cancel))
            return ir_fail(err, IR_ERR_CANCELLED, "cancelled while waiting for its turn");
    }
}

static void learn_rate(struct ir_call *call, int rc, const struct ir_error *err)
{
    struct ir_aws *aws = call->aws;
    bool was_throttled = rc != 0 && ir_retry_classify(err) == IR_RETRY_THROTTLING;
    if (aws->config.retry_mode != IR_RETRY_MODE_ADAPTIVE || rc == IR_ERR_CANCELLED)
        return;
    double per_s = ir_rate_learn(&aws->rate, ir_call_now_ms(call), was_throttled);
    if (was_throttled)
        ir_log_line(&aws->log, "throttled: this client now sends at most %.2f requests a second",
                    per_s);
}

/* ---- what an answer teaches -------------------------------------------------------------- */

/* An answer to HEAD has no body, so no code: there every refusal may be the clock's fault. */
static bool is_clock_code(const struct ir_call *call, const struct ir_error *err)
{
    const char *aws_code = err->aws_code;
    static const char *const codes[] = {"InvalidSignatureException", "SignatureDoesNotMatch",
                                        "AuthFailure", "RequestTimeTooSkewed",
                                        "AccessDeniedException"};
    if (aws_code[0] == '\0')
        return err->http_status == 403 && strcmp(call->request->method, "HEAD") == 0;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (strcmp(aws_code, codes[i]) == 0)
            return true;
    return false;
}

/*
 * True when a refused signature may be this machine's clock's fault: then the server's Date has
 * become the clock, and one more attempt is worth it.
 */
static bool correct_clock(struct ir_call *call, const struct ir_http_response *response,
                          const struct ir_error *err)
{
    char date[64];
    int64_t server_ms = 0;
    if (call->clock_corrected || call->credentials == NULL || !is_clock_code(call, err))
        return false;
    ir_http_response_header(response, "date", date, sizeof date);
    if (!ir_world_parse_http_date(date, &server_ms))
        return false;
    const struct ir_world *world = call->aws->world;
    int64_t skew_ms = server_ms - ir_call_server_unix_ms(call);
    if (skew_ms > -MAX_SKEW_MS && skew_ms < MAX_SKEW_MS)
        return false;
    atomic_store(&call->aws->clock_offset_ms, server_ms - world->unix_ms(world->context));
    call->clock_corrected = true;
    ir_log_line(&call->aws->log, "clock: the server's is %lld s ahead of ours (less: behind); used",
                (long long)(skew_ms / 1000));
    return true;
}

/*
 * True when the service says that the credentials have ended and the chain has others: then one
 * more attempt is worth it.
 */
static bool renew_credentials(struct ir_call *call, const struct ir_error *err)
{
    struct ir_credentials *others = NULL;
    bool has_ended = strcmp(err->aws_code, "ExpiredToken") == 0 ||
                     strcmp(err->aws_code, "ExpiredTokenException") == 0;
    if (!has_ended || call->credentials_renewed || call->credentials == NULL ||
        call->endpoint.is_embedded)
        return false;
    call->credentials_renewed = true;
    if (!ir_credentials_store_drop(&call->aws->credentials, call->credentials) ||
        ir_call_get_stored(call, &others, NULL) != 0)
        return false;
    if (strcmp(others->access_key_id, call->credentials->access_key_id) == 0 &&
        strcmp(others->secret_key, call->credentials->secret_key) == 0) {
        ir_credentials_release(others);
        return false;
    }
    ir_credentials_release(call->credentials);
    call->credentials = others;
    return true;
}

/* Whether the next attempt follows at once, since this answer has said what to do otherwise. */
static int correct(struct ir_call *call, const struct ir_http_response *response, bool *out_again,
                   struct ir_error *err)
{
    int rc = 0;
    if (err->http_status == 0)
        return 0; /* no answer, or none that there was memory to read */
    *out_again = correct_clock(call, response, err) || renew_credentials(call, err);
    if (!*out_again)
        rc = ir_call_redirect(call, response, out_again, err);
    call->corrections += *out_again;
    return rc;
}

/* ---- the call ---------------------------------------------------------------------------- */

/* After an attempt that failed with `rc`. 0: another one is due; else the call ends with it. */
static int go_on(struct ir_call *call, const struct ir_http_response *response,
                 enum ir_retry_kind *last_kind, int rc, struct ir_error *err)
{
    bool again = false;
    int correct_rc = correct(call, response, &again, err);
    if (correct_rc != 0 || again)
        return correct_rc;
    *last_kind = ir_retry_classify(err);
    /* A sink may have taken a part of the answer already, unless that was an error's. */
    bool is_once = call->request->is_paid || (call->request->sink != NULL && err->http_status == 0);
    if (*last_kind == IR_RETRY_NEVER)
        return rc;
    if (is_once && err->maybe_served) {
        ir_log_line(&call->aws->log, "no retry: the request may have been served");
        return rc;
    }
    return wait_for_retry(call, *last_kind, retry_after_ms(response), err);
}

static int run_attempts(struct ir_call *call, struct ir_http_response *response,
                        unsigned *out_retries, struct ir_error *err)
{
    enum ir_retry_kind last_kind = IR_RETRY_NEVER;
    for (call->attempt = 1;; call->attempt++) {
        int rc = wait_for_rate(call, err);
        if (rc != 0)
            return rc;
        ir_error_clear(err);
        rc = ir_call_attempt(call, response, err);
        *out_retries = call->attempt - 1;
        learn_rate(call, rc, err);
        if (rc == 0) {
            ir_retry_quota_give(&call->aws->quota, last_kind);
            return 0;
        }
        call->maybe_served |= err->maybe_served;
        rc = go_on(call, response, &last_kind, rc, err);
        if (rc != 0)
            return rc;
    }
}

int ir_aws_call(struct ir_aws *aws, const struct ir_aws_request *request,
                struct ir_http_response *response, unsigned *out_retries, struct ir_error *err)
{
    struct ir_call call;
    struct ir_error own_error;
    if (err == NULL)
        err = &own_error;
    ir_error_clear(err);
    *out_retries = 0;
    ir_call_begin(&call, aws, request);
    int rc = ir_call_prepare(&call, err);
    if (rc == 0)
        rc = run_attempts(&call, response, out_retries, err);
    if (rc != 0 && err->service[0] == '\0')
        ir_error_set_service(err, request->service->title);
    if (rc != 0 && call.maybe_served)
        err->maybe_served = true;
    ir_call_end(&call);
    return rc;
}
