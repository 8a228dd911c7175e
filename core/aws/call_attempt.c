/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One attempt of a call: its headers, its signature (anew each time, since the date is a part of
 * it), the transport, and what the answer's status means. The embedded endpoint is started here,
 * since it may end between two attempts.
 */
#include <stdio.h>

#include "core/aws/call_state.h"
#include "core/aws/error_shape.h"
#include "core/base/error.h"

#define OWN_HEADERS 9 /* those that are added here */
#define MAX_HEADERS (OWN_HEADERS + IR_AWS_MAX_EXTRA_HEADERS)
#define MAX_AUTHORIZATION_BYTES 8192
#define MAX_END_BYTES 400 /* of an attempt, in words */
#define EMBEDDED_START_MS 10000L
#define EMBEDDED_LOOK_MS 20L

/* ---- headers ----------------------------------------------------------------------------- */

/* The headers of an attempt, with the storage of those made for it. */
struct attempt_headers {
    struct ir_header list[MAX_HEADERS];
    size_t count;
    char date[IR_SIGN_DATE_BYTES];
    char attempt_info[48];
    struct ir_buf authorization;
};

static void add_header(struct attempt_headers *headers, const char *name, const char *value)
{
    if (value != NULL && headers->count < MAX_HEADERS)
        headers->list[headers->count++] = (struct ir_header){name, value};
}

/* The headers that do not depend on how the request is authorised. */
static void add_plain_headers(struct ir_call *call, struct attempt_headers *headers)
{
    const struct ir_aws_request *request = call->request;
    snprintf(headers->attempt_info, sizeof headers->attempt_info, "attempt=%u; max=%u",
             call->attempt, call->aws->config.max_attempts + call->corrections);
    add_header(headers, "Host", call->endpoint.host);
    add_header(headers, "Content-Type", request->content_type);
    add_header(headers, "X-Amz-Target", request->target);
    for (size_t i = 0; i < request->header_count; i++)
        add_header(headers, request->headers[i].name, request->headers[i].value);
    add_header(headers, "amz-sdk-invocation-id", call->invocation_id);
    add_header(headers, "amz-sdk-request", headers->attempt_info);
}

static int make_headers(struct ir_call *call, struct attempt_headers *headers, struct ir_error *err)
{
    const struct ir_aws_request *request = call->request;
    const struct ir_credentials *credentials = call->credentials;
    add_plain_headers(call, headers);
    if (call->bearer_token != NULL) {
        ir_buf_appendf(&headers->authorization, "Bearer %s", call->bearer_token);
        add_header(headers, "Authorization", ir_buf_text(&headers->authorization));
        return ir_buf_check(&headers->authorization, "the authorization", err);
    }
    if (credentials == NULL)
        return 0;
    ir_world_amz_date(ir_call_server_unix_ms(call), headers->date);
    add_header(headers, "X-Amz-Date", headers->date);
    add_header(headers, "X-Amz-Content-Sha256", call->payload_hash);
    add_header(headers, "X-Amz-Security-Token", credentials->session_token);
    const struct ir_sign_request to_sign = {
        .method = request->method,
        .path = ir_buf_text(&call->path),
        .query = request->query,
        .headers = headers->list,
        .header_count = headers->count,
        .payload_hash = call->payload_hash,
        .service = request->service->signing_name,
        .region = call->endpoint.region,
        .date = headers->date,
        .s3_path = request->service->has_s3_paths,
    };
    ir_sign_authorization(&to_sign, credentials->access_key_id, credentials->secret_key,
                          &headers->authorization);
    add_header(headers, "Authorization", ir_buf_text(&headers->authorization));
    return ir_buf_check(&headers->authorization, "the signature", err);
}

/* ---- the embedded endpoint --------------------------------------------------------------- */

/* Waits for the thread that is starting imgrecog-local, no longer than this call may last. */
static int lock_embedded(struct ir_call *call, struct ir_error *err)
{
    const struct ir_world *world = call->aws->world;
    while (pthread_mutex_trylock(&call->aws->embedded_mutex) != 0) {
        if (ir_call_now_ms(call) >= call->deadline_ms) {
            ir_fail(err, IR_ERR_TIMEOUT, "imgrecog-local was not started within the time limit");
            ir_error_set_hint(err, "Try again, or raise the time limit.");
            return IR_ERR_TIMEOUT;
        }
        if (!world->sleep_ms(world->context, EMBEDDED_LOOK_MS, call->request->cancel))
            return ir_fail(err, IR_ERR_CANCELLED, "cancelled while imgrecog-local was started");
    }
    return 0;
}

static int ensure_embedded(struct ir_call *call, struct ir_error *err)
{
    const char *socket = call->endpoint.unix_socket;
    if (!call->endpoint.is_embedded || ir_embedded_listens(socket))
        return 0;
    int rc = lock_embedded(call, err);
    if (rc != 0)
        return rc;
    int64_t left_ms = call->deadline_ms - ir_call_now_ms(call);
    long start_ms = left_ms < EMBEDDED_START_MS ? (long)left_ms : EMBEDDED_START_MS;
    ir_log_line(&call->aws->log, "imgrecog-local: nobody answers on %s; started", socket);
    rc = ir_embedded_ensure(socket, start_ms, call->request->cancel, err);
    pthread_mutex_unlock(&call->aws->embedded_mutex);
    return rc;
}

/* ---- sending ----------------------------------------------------------------------------- */

/* Counts, for the log, what a sink takes. */
struct counted_sink {
    const struct ir_aws_request *request;
    uint64_t bytes;
};

static int count_and_pass(void *context, const char *data, size_t bytes)
{
    struct counted_sink *counted = context;
    counted->bytes += bytes;
    return counted->request->sink(counted->request->sink_context, data, bytes);
}

static int send_request(struct ir_call *call, const struct attempt_headers *headers,
                        struct counted_sink *counted, struct ir_http_response *response,
                        struct ir_error *err)
{
    const struct ir_aws_request *request = call->request;
    const struct ir_transport *transport = &call->aws->transport;
    const char *socket = call->endpoint.unix_socket;
    const struct ir_http_request http = {
        .method = request->method,
        .url = ir_buf_text(&call->url),
        .unix_socket = *socket != '\0' ? socket : NULL,
        .headers = headers->list,
        .header_count = headers->count,
        .body = request->body,
        .ca_bundle = call->aws->config.ca_bundle,
        .no_proxy = ir_endpoint_is_on_this_machine(&call->endpoint),
        .deadline_ms = call->deadline_ms,
        .slowest_bytes_per_ms = request->slowest_bytes_per_ms,
        .max_response_bytes = request->max_response_bytes,
        .cancel = request->cancel,
        .sink = request->sink != NULL ? count_and_pass : NULL,
        .sink_context = counted,
        .progress = request->progress,
        .progress_context = request->progress_context,
    };
    return transport->perform(transport->context, &http, response, err);
}

/* A status with the service's name for what was wrong, or why none came. The service's own words
 * are left out: they may repeat what was sent. */
static void describe_end(const struct ir_http_response *response, const struct ir_error *err,
                         char *out, size_t out_bytes)
{
    char request_id[64];
    ir_http_response_header(response, "x-amzn-requestid", request_id, sizeof request_id);
    if (request_id[0] == '\0')
        ir_http_response_header(response, "x-amz-request-id", request_id, sizeof request_id);
    if (response->status == 0)
        snprintf(out, out_bytes, "no answer: %.*s", MAX_END_BYTES - 20, err->message);
    else
        snprintf(out, out_bytes, "HTTP %d%s%s%s%s", response->status,
                 err->aws_code[0] != '\0' ? " " : "", ir_log_name(err->aws_code),
                 request_id[0] != '\0' ? ", request id " : "", ir_log_name(request_id));
}

static void log_attempt(const struct ir_call *call, const struct ir_http_response *response,
                        const struct ir_error *err, int64_t started_ms, uint64_t taken_bytes)
{
    char name[IR_CALL_NAME_BYTES];
    char end[MAX_END_BYTES];
    const struct ir_body *body = call->request->body;
    if (!ir_log_is_on(&call->aws->log))
        return;
    ir_call_name(call, name);
    describe_end(response, err, end, sizeof end);
    ir_log_line(&call->aws->log, "%s: attempt %u of %u: %s, %lld ms, %llu bytes up, %llu down",
                name, call->attempt, call->aws->config.max_attempts + call->corrections, end,
                (long long)(ir_call_now_ms(call) - started_ms),
                (unsigned long long)(body != NULL ? ir_body_length(body) : 0),
                (unsigned long long)(taken_bytes + response->body.bytes));
}

int ir_call_attempt(struct ir_call *call, struct ir_http_response *response, struct ir_error *err)
{
    struct attempt_headers headers = {.count = 0};
    struct counted_sink counted = {.request = call->request};
    ir_buf_init_secret(&headers.authorization, MAX_AUTHORIZATION_BYTES);
    int rc = ensure_embedded(call, err);
    if (rc == 0)
        rc = make_headers(call, &headers, err);
    if (rc == 0) {
        int64_t started_ms = ir_call_now_ms(call);
        rc = send_request(call, &headers, &counted, response, err);
        if (rc == 0 && call->request->may_fail_in_200)
            rc = ir_error_unmask(response, err);
        if (rc == 0 && (response->status < 200 || response->status > 299))
            rc = ir_error_from_response(call->request->service, response, err);
        log_attempt(call, response, err, started_ms, counted.bytes);
    }
    ir_buf_release(&headers.authorization);
    return rc;
}
