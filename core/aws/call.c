/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One call of an AWS service. The body is hashed once; each attempt is signed anew, since the date
 * is a part of the signature.
 */
#include "core/aws/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/aws/error_shape.h"
#include "core/base/alloc.h"
#include "core/base/error.h"

#define MAX_HEADERS (10 + IR_AWS_MAX_EXTRA_HEADERS)
#define MAX_SKEW_MS 240000LL /* beyond it a refused signature is blamed on the clock */
#define MAX_URL_BYTES 4096
#define MAX_AUTHORIZATION_BYTES 8192
#define EMBEDDED_START_MS 10000L
#define EMBEDDED_LOOK_MS 20L
#define MAX_HINT_MS 600000L

/* One call's state over its attempts. */
struct call {
    struct ir_aws *aws;
    const struct ir_aws_request *request;
    struct ir_credentials *credentials;
    struct ir_endpoint endpoint;
    struct ir_buf url;
    struct ir_buf path; /* of the URL, as signed */
    int64_t deadline_ms;
    char payload_hash[IR_SHA256_HEX_BYTES];
    char invocation_id[IR_UUID_BYTES]; /* for finding the attempts of one call in a server's log */
    const char *bearer_token;          /* NULL = SigV4, or nothing */
    unsigned attempt;                  /* from 1 */
    bool clock_corrected;
    bool credentials_renewed;
};

static int64_t now_ms(const struct call *call)
{
    const struct ir_world *world = call->aws->world;
    return world->monotonic_ms(world->context);
}

static void name_service(const struct call *call, struct ir_error *err)
{
    if (err != NULL && err->service[0] == '\0')
        ir_error_set_service(err, call->request->service->title);
}

/* ---- preparing --------------------------------------------------------------------------- */

static int get_stored(struct call *call, struct ir_credentials **out, struct ir_error *err)
{
    struct ir_aws *aws = call->aws;
    const struct ir_credentials_context context = ir_credentials_context(
        &aws->config, &aws->transport, call->deadline_ms, call->request->cancel);
    return ir_credentials_store_get(&aws->credentials, &context, out, err);
}

static int fail_bearer_token(struct ir_error *err)
{
    int rc = ir_fail(err, IR_ERR_AUTH,
                     "AWS_BEARER_TOKEN_BEDROCK holds a blank, a line break or "
                     "another character that keys never have");
    ir_error_set_hint(err, "Set it again, without quotes or line ends around it.");
    return rc;
}

static int find_credentials(struct call *call, struct ir_error *err)
{
    struct ir_aws *aws = call->aws;
    if (call->request->auth == IR_AUTH_NONE)
        return 0;
    bool is_embedded = ir_endpoint_is_embedded(aws->endpoint_setting);
    if (call->request->auth == IR_AUTH_BEARER && !is_embedded) {
        call->bearer_token = ir_world_getenv(aws->world, "AWS_BEARER_TOKEN_BEDROCK");
        if (call->bearer_token != NULL)
            return ir_credentials_is_plain(call->bearer_token) ? 0 : fail_bearer_token(err);
    }
    if (!is_embedded)
        return get_stored(call, &call->credentials, err);
    call->credentials = ir_credentials_new(IR_EMBEDDED_ACCESS_KEY_ID, IR_EMBEDDED_SECRET_KEY, NULL,
                                           "the embedded endpoint");
    return call->credentials != NULL ? 0 : ir_fail_nomem(err);
}

static int hash_payload(struct call *call, struct ir_error *err)
{
    static const struct ir_body empty = {.piece_count = 0};
    const struct ir_aws_request *request = call->request;
    if (request->payload_hash != NULL) {
        snprintf(call->payload_hash, sizeof call->payload_hash, "%s", request->payload_hash);
        return 0;
    }
    int rc = ir_body_sha256(request->body != NULL ? request->body : &empty, call->payload_hash);
    if (rc == IR_ERR_ARG)
        return ir_fail(err, rc, "what was to be sent could not be read");
    return rc == 0 ? 0 : ir_fail_nomem(err);
}

/* Credentials before the endpoint: to a newcomer who has neither, keys are the better message. */
static int prepare(struct call *call, struct ir_error *err)
{
    const struct ir_aws_request *request = call->request;
    int rc = find_credentials(call, err);
    if (rc == 0)
        rc = ir_endpoint_resolve(&call->aws->config, request->service, call->aws->endpoint_setting,
                                 &call->endpoint, err);
    if (rc != 0)
        return rc;
    if (request->host_prefix != NULL && call->endpoint.is_aws)
        ir_endpoint_prefix_host(&call->endpoint, request->host_prefix);
    ir_buf_appendf(&call->path, "%s%s", call->endpoint.base_path, request->path);
    ir_buf_appendf(&call->url, "%s%s%s%s", call->endpoint.base_url, ir_buf_text(&call->path),
                   request->query != NULL ? "?" : "", request->query != NULL ? request->query : "");
    rc = ir_buf_check(&call->path, "the request's path", err);
    if (rc == 0)
        rc = ir_buf_check(&call->url, "the request's URL", err);
    if (rc == 0)
        rc = hash_payload(call, err);
    ir_world_uuid(call->aws->world, call->invocation_id);
    return rc;
}

/* ---- one attempt ------------------------------------------------------------------------- */

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

static int64_t server_unix_ms(const struct call *call)
{
    const struct ir_world *world = call->aws->world;
    return world->unix_ms(world->context) + atomic_load(&call->aws->clock_offset_ms);
}

/* The headers that do not depend on how the request is authorised. */
static void add_plain_headers(struct call *call, struct attempt_headers *headers)
{
    const struct ir_aws_request *request = call->request;
    snprintf(headers->attempt_info, sizeof headers->attempt_info, "attempt=%u; max=%u",
             call->attempt, call->aws->config.max_attempts);
    add_header(headers, "Host", call->endpoint.host);
    add_header(headers, "Content-Type", request->content_type);
    add_header(headers, "X-Amz-Target", request->target);
    for (size_t i = 0; i < request->header_count; i++)
        add_header(headers, request->headers[i].name, request->headers[i].value);
    add_header(headers, "amz-sdk-invocation-id", call->invocation_id);
    add_header(headers, "amz-sdk-request", headers->attempt_info);
}

static int make_headers(struct call *call, struct attempt_headers *headers, struct ir_error *err)
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
    ir_world_amz_date(server_unix_ms(call), headers->date);
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

/* Waits for the thread that is starting imgrecog-local, no longer than this call may last. */
static int lock_embedded(struct call *call, struct ir_error *err)
{
    const struct ir_world *world = call->aws->world;
    while (pthread_mutex_trylock(&call->aws->embedded_mutex) != 0) {
        if (now_ms(call) >= call->deadline_ms)
            return ir_fail(err, IR_ERR_TIMEOUT,
                           "imgrecog-local was not started within the time limit");
        if (!world->sleep_ms(world->context, EMBEDDED_LOOK_MS, call->request->cancel))
            return ir_fail(err, IR_ERR_CANCELLED, "cancelled while imgrecog-local was started");
    }
    return 0;
}

static int ensure_embedded(struct call *call, struct ir_error *err)
{
    const char *socket = call->endpoint.unix_socket;
    if (!call->endpoint.is_embedded || ir_embedded_listens(socket))
        return 0;
    int rc = lock_embedded(call, err);
    if (rc != 0)
        return rc;
    int64_t left_ms = call->deadline_ms - now_ms(call);
    long start_ms = left_ms < EMBEDDED_START_MS ? (long)left_ms : EMBEDDED_START_MS;
    rc = ir_embedded_ensure(socket, start_ms, call->request->cancel, err);
    pthread_mutex_unlock(&call->aws->embedded_mutex);
    return rc;
}

/* 0 with a 2xx answer; else the error of this attempt. */
static int attempt(struct call *call, struct ir_http_response *response, struct ir_error *err)
{
    struct attempt_headers headers = {.count = 0};
    ir_buf_init_secret(&headers.authorization, MAX_AUTHORIZATION_BYTES);
    int rc = ensure_embedded(call, err);
    if (rc == 0)
        rc = make_headers(call, &headers, err);
    if (rc == 0) {
        const char *socket = call->endpoint.unix_socket;
        const struct ir_http_request request = {
            .method = call->request->method,
            .url = ir_buf_text(&call->url),
            .unix_socket = *socket != '\0' ? socket : NULL,
            .headers = headers.list,
            .header_count = headers.count,
            .body = call->request->body,
            .ca_bundle = call->aws->config.ca_bundle,
            .deadline_ms = call->deadline_ms,
            .max_response_bytes = call->request->max_response_bytes,
            .cancel = call->request->cancel,
            .sink = call->request->sink,
            .sink_context = call->request->sink_context,
            .progress = call->request->progress,
            .progress_context = call->request->progress_context,
        };
        rc = call->aws->transport.perform(call->aws->transport.context, &request, response, err);
    }
    if (rc == 0 && (response->status < 200 || response->status > 299))
        rc = ir_error_from_response(call->request->service, response, err);
    ir_buf_release(&headers.authorization);
    return rc;
}

/* ---- attempts ---------------------------------------------------------------------------- */

static long retry_after_ms(const struct ir_http_response *response)
{
    char text[32];
    char *end = NULL;
    ir_http_response_header(response, "x-amz-retry-after", text, sizeof text);
    long ms = strtol(text, &end, 10);
    return end != text && *end == '\0' && ms >= 0 && ms <= MAX_HINT_MS ? ms : -1;
}

/* Waits before the next attempt. 0: go on; else the call ends with what `err` then says. */
static int wait_for_retry(struct call *call, enum ir_retry_kind kind, long hint_ms,
                          struct ir_error *err)
{
    const struct ir_world *world = call->aws->world;
    if (call->attempt >= call->aws->config.max_attempts)
        return err->code;
    long delay_ms =
        ir_retry_delay_ms(kind, call->attempt - 1, world->chance(world->context), hint_ms);
    /* Waiting past the deadline would only hide the true cause behind a time-out. */
    if (now_ms(call) + delay_ms >= call->deadline_ms)
        return err->code;
    /* Last, so that only a retry that comes is paid for. */
    if (!ir_retry_quota_take(&call->aws->quota, kind))
        return err->code;
    if (world->sleep_ms(world->context, delay_ms, call->request->cancel))
        return 0;
    return ir_fail(err, IR_ERR_CANCELLED, "cancelled while waiting to try again");
}

static bool is_clock_code(const char *aws_code)
{
    static const char *const codes[] = {"InvalidSignatureException", "SignatureDoesNotMatch",
                                        "AuthFailure", "RequestTimeTooSkewed",
                                        "AccessDeniedException"};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (strcmp(aws_code, codes[i]) == 0)
            return true;
    return false;
}

/*
 * True when a refused signature may be this machine's clock's fault: then the server's Date has
 * become the clock, and one more attempt is worth it.
 */
static bool correct_clock(struct call *call, const struct ir_http_response *response,
                          const struct ir_error *err)
{
    char date[64];
    int64_t server_ms = 0;
    if (call->clock_corrected || call->credentials == NULL || !is_clock_code(err->aws_code))
        return false;
    ir_http_response_header(response, "date", date, sizeof date);
    if (!ir_world_parse_http_date(date, &server_ms))
        return false;
    const struct ir_world *world = call->aws->world;
    int64_t skew_ms = server_ms - server_unix_ms(call);
    if (skew_ms > -MAX_SKEW_MS && skew_ms < MAX_SKEW_MS)
        return false;
    atomic_store(&call->aws->clock_offset_ms, server_ms - world->unix_ms(world->context));
    call->clock_corrected = true;
    return true;
}

/*
 * True when the service says that the credentials have ended and the chain has others: then one
 * more attempt is worth it.
 */
static bool renew_credentials(struct call *call, const struct ir_error *err)
{
    struct ir_credentials *others = NULL;
    bool has_ended = strcmp(err->aws_code, "ExpiredToken") == 0 ||
                     strcmp(err->aws_code, "ExpiredTokenException") == 0;
    if (!has_ended || call->credentials_renewed || call->credentials == NULL ||
        call->endpoint.is_embedded)
        return false;
    call->credentials_renewed = true;
    if (!ir_credentials_store_drop(&call->aws->credentials, call->credentials) ||
        get_stored(call, &others, NULL) != 0)
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

static int run_attempts(struct call *call, struct ir_http_response *response, unsigned *out_retries,
                        struct ir_error *err)
{
    enum ir_retry_kind last_kind = IR_RETRY_NEVER;
    for (call->attempt = 1;; call->attempt++) {
        ir_error_clear(err);
        int rc = attempt(call, response, err);
        *out_retries = call->attempt - 1;
        if (rc == 0) {
            ir_retry_quota_give(&call->aws->quota, last_kind);
            return 0;
        }
        if (correct_clock(call, response, err) || renew_credentials(call, err))
            continue;
        last_kind = ir_retry_classify(err);
        /* A sink may have taken a part of the answer already. */
        bool is_once = call->request->is_paid || call->request->sink != NULL;
        if (last_kind == IR_RETRY_NEVER || (is_once && err->maybe_served))
            return rc;
        rc = wait_for_retry(call, last_kind, retry_after_ms(response), err);
        if (rc != 0)
            return rc;
    }
}

int ir_aws_call(struct ir_aws *aws, const struct ir_aws_request *request,
                struct ir_http_response *response, unsigned *out_retries, struct ir_error *err)
{
    struct ir_error own_error = {0};
    struct call call = {.aws = aws, .request = request};
    if (err == NULL)
        err = &own_error;
    ir_buf_init(&call.url, MAX_URL_BYTES);
    ir_buf_init(&call.path, MAX_URL_BYTES);
    call.deadline_ms =
        now_ms(&call) + (request->timeout_ms > 0 ? request->timeout_ms : aws->timeout_ms);
    *out_retries = 0;
    int rc = prepare(&call, err);
    if (rc == 0)
        rc = run_attempts(&call, response, out_retries, err);
    if (rc != 0)
        name_service(&call, err);
    ir_credentials_release(call.credentials);
    ir_buf_release(&call.path);
    ir_buf_release(&call.url);
    return rc;
}
