/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a call needs before its first attempt: credentials, address, the body's hash. A presigned
 * URL needs no more than that, so it is made here too.
 */
#include <stdio.h>
#include <string.h>

#include "core/aws/call_state.h"
#include "core/base/error.h"

/* A key of 1,024 bytes, each as %XX, and a query as long. */
#define MAX_URL_BYTES (16U * 1024)
#define MAX_SHOWN_NAME_BYTES 256 /* of a host or path in a log line */

void ir_call_begin(struct ir_call *call, struct ir_aws *aws, const struct ir_aws_request *request)
{
    *call = (struct ir_call){.aws = aws, .request = request};
    ir_buf_init(&call->url, MAX_URL_BYTES);
    ir_buf_init(&call->path, MAX_URL_BYTES);
    call->deadline_ms =
        ir_call_now_ms(call) + (request->timeout_ms > 0 ? request->timeout_ms : aws->timeout_ms);
}

void ir_call_end(struct ir_call *call)
{
    ir_credentials_release(call->credentials);
    ir_buf_release(&call->path);
    ir_buf_release(&call->url);
}

int64_t ir_call_now_ms(const struct ir_call *call)
{
    const struct ir_world *world = call->aws->world;
    return world->monotonic_ms(world->context);
}

int64_t ir_call_server_unix_ms(const struct ir_call *call)
{
    const struct ir_world *world = call->aws->world;
    return world->unix_ms(world->context) + atomic_load(&call->aws->clock_offset_ms);
}

void ir_call_name(const struct ir_call *call, char out[IR_CALL_NAME_BYTES])
{
    const struct ir_aws_request *request = call->request;
    char path[MAX_SHOWN_NAME_BYTES];
    const char *operation = request->target != NULL ? strchr(request->target, '.') : NULL;
    ir_text_copy(path, sizeof path, ir_buf_text(&call->path));
    if (operation != NULL)
        snprintf(out, IR_CALL_NAME_BYTES, "%s %s at %.*s", request->service->title, operation + 1,
                 MAX_SHOWN_NAME_BYTES, call->endpoint.host);
    else
        snprintf(out, IR_CALL_NAME_BYTES, "%s %s %.*s%s", request->service->title, request->method,
                 MAX_SHOWN_NAME_BYTES / 2, call->endpoint.host, path);
}

/* ---- credentials ------------------------------------------------------------------------- */

/* Says who gave them and who was asked before, a line of the trace each; never a value. */
static void log_trace(const struct ir_call *call, const struct ir_credentials *found,
                      struct ir_buf *trace)
{
    for (size_t i = 0; i < trace->bytes; i++)
        if (trace->data[i] == '\n')
            trace->data[i] = i + 1 < trace->bytes ? ';' : '\0';
    ir_log_line(&call->aws->log, "credentials: from %s; asked: %s",
                found != NULL ? found->provider : "nobody", ir_buf_text(trace));
}

int ir_call_get_stored(struct ir_call *call, struct ir_credentials **out, struct ir_error *err)
{
    struct ir_aws *aws = call->aws;
    struct ir_buf trace;
    struct ir_credentials_context context = ir_credentials_context(
        &aws->config, &aws->transport, call->deadline_ms, call->request->cancel);
    context.log = &aws->log;
    context.clock_offset_ms = &aws->clock_offset_ms;
    ir_buf_init(&trace, IR_CREDENTIALS_MAX_TRACE_BYTES);
    if (ir_log_is_on(&aws->log))
        context.trace = &trace;
    int rc = ir_credentials_store_get(&aws->credentials, &context, out, err);
    if (trace.bytes > 0)
        log_trace(call, rc == 0 ? *out : NULL, &trace);
    ir_buf_release(&trace);
    return rc;
}

static int fail_bearer_token(struct ir_error *err)
{
    int rc = ir_fail(err, IR_ERR_AUTH,
                     "AWS_BEARER_TOKEN_BEDROCK holds a blank, a line break or "
                     "another character that keys never have");
    ir_error_set_hint(err, "Set it again, without quotes or line ends around it.");
    return rc;
}

static int find_credentials(struct ir_call *call, struct ir_error *err)
{
    struct ir_aws *aws = call->aws;
    if (call->request->auth == IR_AUTH_NONE)
        return 0;
    bool is_embedded = ir_endpoint_is_embedded(aws->endpoint_setting);
    if (call->request->auth == IR_AUTH_BEARER && !is_embedded &&
        !ir_aws_config_prefers_signature(&aws->config)) {
        call->bearer_token = ir_world_getenv(aws->world, "AWS_BEARER_TOKEN_BEDROCK");
        if (call->bearer_token != NULL)
            return ir_credentials_is_plain(call->bearer_token) ? 0 : fail_bearer_token(err);
    }
    if (!is_embedded)
        return ir_call_get_stored(call, &call->credentials, err);
    call->credentials = ir_credentials_new(IR_EMBEDDED_ACCESS_KEY_ID, IR_EMBEDDED_SECRET_KEY, NULL,
                                           "the embedded endpoint");
    return call->credentials != NULL ? 0 : ir_fail_nomem(err);
}

/* ---- where ------------------------------------------------------------------------------- */

int ir_call_make_url(struct ir_call *call, struct ir_error *err)
{
    const struct ir_aws_request *request = call->request;
    ir_buf_clear(&call->path);
    ir_buf_clear(&call->url);
    ir_buf_appendf(&call->path, "%s%s", call->endpoint.base_path, request->path);
    ir_buf_appendf(&call->url, "%s%s%s%s", call->endpoint.base_url, ir_buf_text(&call->path),
                   request->query != NULL ? "?" : "", request->query != NULL ? request->query : "");
    int rc = ir_buf_check(&call->path, "the request's path", err);
    if (rc == 0)
        rc = ir_buf_check(&call->url, "the request's URL", err);
    return rc;
}

int ir_call_find_endpoint(struct ir_call *call, const char *region, struct ir_error *err)
{
    const struct ir_aws_request *request = call->request;
    const struct ir_aws *aws = call->aws;
    struct ir_aws_config config = aws->config; /* borrowed, but for the region */
    char other_region[IR_REGION_BYTES];
    if (region != NULL) {
        ir_text_copy(other_region, sizeof other_region, region);
        config.region = other_region;
    }
    int rc =
        ir_endpoint_resolve(&config, request->service, aws->endpoint_setting, &call->endpoint, err);
    if (rc == 0 && request->host_prefix != NULL && call->endpoint.is_aws)
        ir_endpoint_prefix_host(&call->endpoint, request->host_prefix);
    if (rc == 0 && request->bucket != NULL)
        rc = ir_endpoint_add_bucket(&call->endpoint, &config, request->bucket, err);
    return rc == 0 ? ir_call_make_url(call, err) : rc;
}

/* To the region that an earlier answer named for this bucket, where there was one. */
static int find_first_endpoint(struct ir_call *call, struct ir_error *err)
{
    char region[IR_REGION_BYTES];
    const char *bucket = call->request->bucket;
    bool is_known =
        bucket != NULL && ir_bucket_regions_get(&call->aws->bucket_regions, bucket, region);
    return ir_call_find_endpoint(call, is_known ? region : NULL, err);
}

/* ---- all --------------------------------------------------------------------------------- */

static int hash_payload(struct ir_call *call, struct ir_error *err)
{
    static const struct ir_body empty = {.piece_count = 0};
    const struct ir_aws_request *request = call->request;
    if (request->payload_hash != NULL) {
        snprintf(call->payload_hash, sizeof call->payload_hash, "%s", request->payload_hash);
        return 0;
    }
    int rc = ir_body_sha256(request->body != NULL ? request->body : &empty, call->payload_hash);
    if (rc == IR_ERR_ARG) {
        ir_fail(err, IR_ERR_ARG, "what was to be sent could not be read");
        ir_error_set_hint(err,
                          "Check that the file is there, may be read and is not being written.");
        return IR_ERR_ARG;
    }
    return rc == 0 ? 0 : ir_fail_nomem(err);
}

/* A line break in a value would begin another header, or another request. */
static int check_header(const char *name, const char *value, struct ir_error *err)
{
    for (const char *c = value; c != NULL && *c != '\0'; c++) {
        if ((unsigned char)*c >= ' ' && *c != 0x7f)
            continue;
        ir_fail(err, IR_ERR_ARG, "the value for the header %s holds a control character", name);
        ir_error_set_hint(err, "Take line breaks, tabs and the like out of it.");
        return IR_ERR_ARG;
    }
    return 0;
}

static int check_headers(const struct ir_call *call, struct ir_error *err)
{
    const struct ir_aws_request *request = call->request;
    /* One too many must not be left out: it may be the one that forbids overwriting. */
    if (request->header_count > IR_AWS_MAX_EXTRA_HEADERS) {
        ir_fail(err, IR_ERR_ARG, "the request has %zu headers of its own", request->header_count);
        ir_error_set_hint(err, "At most %d are sent: leave out metadata.",
                          IR_AWS_MAX_EXTRA_HEADERS);
        return IR_ERR_ARG;
    }
    int rc = check_header("Content-Type", request->content_type, err);
    if (rc == 0)
        rc = check_header("X-Amz-Target", request->target, err);
    for (size_t i = 0; rc == 0 && i < request->header_count; i++)
        rc = check_header(request->headers[i].name, request->headers[i].value, err);
    return rc;
}

/* Credentials before the endpoint: to a newcomer who has neither, keys are the better message. */
int ir_call_prepare(struct ir_call *call, struct ir_error *err)
{
    int rc = check_headers(call, err);
    if (rc == 0)
        rc = find_credentials(call, err);
    if (rc == 0)
        rc = find_first_endpoint(call, err);
    if (rc == 0)
        rc = hash_payload(call, err);
    ir_world_uuid(call->aws->world, call->invocation_id);
    return rc;
}

/* ---- presigned URLs ---------------------------------------------------------------------- */

/* The part of the lifetime that the credentials live to see. */
static int shorten_lifetime(const struct ir_call *call, long *lifetime_s, struct ir_error *err)
{
    int64_t end_ms = call->credentials->expires_unix_ms;
    if (end_ms == IR_CREDENTIALS_NO_END)
        return 0;
    int64_t left_s = (end_ms - ir_call_server_unix_ms(call)) / 1000;
    if (left_s < 1) {
        ir_fail(err, IR_ERR_AUTH, "the credentials end before a URL signed by them could be used");
        ir_error_set_hint(err, "Renew them, then try again.");
        return IR_ERR_AUTH;
    }
    if (left_s < *lifetime_s)
        *lifetime_s = (long)left_s;
    return 0;
}

static int append_presigned(struct ir_call *call, long lifetime_s, struct ir_buf *out_url,
                            struct ir_error *err)
{
    const struct ir_aws_request *request = call->request;
    const struct ir_header host = {"Host", call->endpoint.host};
    char date[IR_SIGN_DATE_BYTES];
    struct ir_buf query;
    if (*call->endpoint.unix_socket != '\0') {
        ir_fail(err, IR_ERR_ARG, "what lies behind a socket of this machine has no URL");
        ir_error_set_hint(err, "Set the endpoint to aws, or to an http:// or https:// URL.");
        return IR_ERR_ARG;
    }
    int rc = shorten_lifetime(call, &lifetime_s, err);
    if (rc != 0)
        return rc;
    ir_world_amz_date(ir_call_server_unix_ms(call), date);
    const struct ir_sign_request to_sign = {
        .method = request->method,
        .path = ir_buf_text(&call->path),
        .query = request->query,
        .headers = &host,
        .header_count = 1,
        .payload_hash =
            request->service->has_s3_paths ? IR_SIGN_UNSIGNED_PAYLOAD : call->payload_hash,
        .service = request->service->signing_name,
        .region = call->endpoint.region,
        .date = date,
        .s3_path = request->service->has_s3_paths,
    };
    const struct ir_sign_key key = {call->credentials->access_key_id, call->credentials->secret_key,
                                    call->credentials->session_token};
    ir_buf_init_secret(&query, MAX_URL_BYTES);
    ir_sign_presigned_query(&to_sign, &key, lifetime_s, &query);
    rc = ir_buf_check(&query, "the URL", err);
    if (rc == 0) {
        ir_buf_appendf(out_url, "%s%s?%s", call->endpoint.base_url, ir_buf_text(&call->path),
                       ir_buf_text(&query));
        rc = ir_buf_check(out_url, "the URL", err);
    }
    ir_buf_release(&query);
    return rc;
}

int ir_aws_presign(struct ir_aws *aws, const struct ir_aws_request *request, long lifetime_s,
                   struct ir_buf *out_url, struct ir_error *err)
{
    struct ir_call call;
    struct ir_aws_request by_signature = *request;
    by_signature.auth = IR_AUTH_SIGV4;
    if (lifetime_s < 1 || lifetime_s > IR_SIGN_MAX_LIFETIME_S) {
        ir_fail(err, IR_ERR_ARG, "a URL may live from 1 to %ld seconds, not %ld",
                IR_SIGN_MAX_LIFETIME_S, lifetime_s);
        ir_error_set_hint(err, "Ask for a week at most, and sign anew when that is over.");
        ir_error_set_service(err, request->service->title);
        return IR_ERR_ARG;
    }
    ir_call_begin(&call, aws, &by_signature);
    int rc = ir_call_prepare(&call, err);
    if (rc == 0)
        rc = append_presigned(&call, lifetime_s, out_url, err);
    if (rc != 0 && err != NULL && err->service[0] == '\0')
        ir_error_set_service(err, request->service->title);
    ir_call_end(&call);
    return rc;
}
