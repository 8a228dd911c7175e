/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The log task. Puts first and makes group and stream only when they are missing: in the long run
 * that is one request a result, and a role that may only put events is enough.
 */
#include <imgrecog/log.h>

#include <math.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/error.h"
#include "core/result/result.h"
#include "core/service/cloudwatch_logs.h"
#include "core/task/client.h"

#define MAX_LINE_BYTES (64U * 1024)
#define MAX_RESPONSE_BYTES (1U << 20)
#define LINE_LABELS 3

/* ---- what is written --------------------------------------------------------------------- */

/* -1 where none was said: behind all others. */
static double label_pct(const struct ir_label_entry *entry)
{
    double pct = fmax(entry->public.label_confidence_pct, entry->public.confidence_pct);
    return isfinite(pct) ? pct : -1.0;
}

/* Whether an entry before `index` has its name: it has spoken for this one. */
static bool is_repeated(const struct ir_result *result, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(result->labels[i].name, result->labels[index].name) == 0)
            return true;
    return false;
}

/* The surest label that is less sure than (`last_pct`, `last`), by confidence and then by order. */
static const struct ir_label_entry *next_label(const struct ir_result *result, double last_pct,
                                               const struct ir_label_entry *last)
{
    const struct ir_label_entry *best = NULL;
    for (size_t i = 0; i < result->label_count; i++) {
        const struct ir_label_entry *entry = &result->labels[i];
        double pct = label_pct(entry);
        bool comes_later = pct < last_pct || (pct == last_pct && last != NULL && entry > last);
        if (comes_later && (best == NULL || pct > label_pct(best)) && !is_repeated(result, i))
            best = entry;
    }
    return best;
}

static void put_labels(struct ir_buf *out, const struct ir_result *result)
{
    const struct ir_label_entry *entry = NULL;
    double pct = INFINITY;
    for (unsigned i = 0; i < LINE_LABELS; i++) {
        entry = next_label(result, pct, entry);
        if (entry == NULL)
            break;
        pct = label_pct(entry);
        ir_buf_appendf(out, "%s%s", i > 0 ? ", " : "", entry->name);
        if (pct >= 0.0)
            ir_buf_appendf(out, " %.1f %%", floor(pct * 10) / 10);
    }
    if (result->label_count == 0)
        ir_buf_append_text(out, "no label");
}

/* The picture's name, and behind it what was asked for, with "; " between. */
static void put_line(struct ir_buf *out, const struct ir_result *result)
{
    static const char *const verdicts[] = {
        [IR_VERDICT_UNKNOWN] = "UNKNOWN", [IR_VERDICT_NO] = "NO", [IR_VERDICT_YES] = "YES"};
    const struct ir_check *check = ir_result_get_check(result);
    const char *between = ": ";
    ir_buf_append_text(out, result->image.source != NULL ? result->image.source : "picture");
    if (result->has_labels) {
        ir_buf_append_text(out, between);
        put_labels(out, result);
        between = "; ";
    }
    if (result->caption.text != NULL) {
        ir_buf_appendf(out, "%scaption: %s", between, result->caption.text);
        between = "; ";
    }
    if (check != NULL) {
        ir_buf_appendf(out, "%scheck: %s: %s", between, verdicts[check->verdict], check->reason);
        between = "; ";
    }
    if (result->answer.text != NULL) {
        ir_buf_appendf(out, "%sanswered, see the document", between);
        between = "; ";
    }
    if (result->generated.data != NULL) {
        ir_buf_appendf(out, "%sgenerated: %d x %d by %s", between,
                       result->generated.public.width_px, result->generated.public.height_px,
                       result->generated.public.model);
        between = "; ";
    }
    if (result->stored.uri != NULL)
        ir_buf_appendf(out, "%sstored: %s", between, result->stored.uri);
}

/* ---- requests ---------------------------------------------------------------------------- */

struct log_job {
    struct ir_client *client;
    const struct ir_log_options *options;
    const struct ir_log_event *events;
    size_t event_count;
};

static int send(const struct log_job *job, struct ir_request *request,
                struct ir_http_response *response, struct ir_error *err)
{
    request->aws.cancel = job->options->cancel;
    request->aws.max_response_bytes = MAX_RESPONSE_BYTES;
    return ir_client_send(job->client, request, response, err);
}

static int put(const struct log_job *job, struct ir_error *err)
{
    struct ir_http_response response;
    struct ir_request request;
    size_t rejected = 0;
    int rc = ir_logs_put_events(job->options->group, job->options->stream, job->events,
                                job->event_count, &request, err);
    if (rc != 0)
        return rc;
    ir_http_response_init(&response);
    rc = send(job, &request, &response, err);
    if (rc == 0)
        rc = ir_logs_read_put(ir_buf_text(&response.body), response.body.bytes, job->event_count,
                              &rejected, err);
    ir_http_response_release(&response);
    return rc;
}

typedef int (*create_fn)(const struct log_job *job, struct ir_request *out, struct ir_error *err);

static int create_group(const struct log_job *job, struct ir_request *out, struct ir_error *err)
{
    return ir_logs_create_group(job->options->group, out, err);
}

static int create_stream(const struct log_job *job, struct ir_request *out, struct ir_error *err)
{
    return ir_logs_create_stream(job->options->group, job->options->stream, out, err);
}

static bool has_code(const struct ir_error *err, const char *code)
{
    return strcmp(err->aws_code, code) == 0;
}

/* 0 also when somebody else has made it meanwhile. */
static int create(const struct log_job *job, create_fn build, struct ir_error *err)
{
    struct ir_http_response response;
    struct ir_request request;
    int rc = build(job, &request, err);
    if (rc != 0)
        return rc;
    ir_http_response_init(&response);
    rc = send(job, &request, &response, err);
    ir_http_response_release(&response);
    if (rc != 0 && has_code(err, "ResourceAlreadyExistsException")) {
        ir_error_clear(err);
        rc = 0;
    }
    return rc;
}

static int create_stream_and_group(const struct log_job *job, struct ir_error *err)
{
    /* The stream first: where only it is missing, no right to make groups is needed. */
    int rc = create(job, create_stream, err);
    if (rc == 0 || !has_code(err, "ResourceNotFoundException"))
        return rc;
    rc = create(job, create_group, err);
    return rc == 0 ? create(job, create_stream, err) : rc;
}

static int put_or_create(const struct log_job *job, struct ir_error *err)
{
    int rc = put(job, err);
    if (rc == 0 || !has_code(err, "ResourceNotFoundException"))
        return rc;
    rc = create_stream_and_group(job, err);
    return rc == 0 ? put(job, err) : rc;
}

/* What does not fit into one batch goes in two. */
static int put_events(struct log_job *job, const struct ir_log_event *events, size_t count,
                      struct ir_error *err)
{
    job->events = events;
    job->event_count = ir_logs_batch(events, count);
    int rc = put_or_create(job, err);
    if (rc != 0 || job->event_count == count)
        return rc;
    job->events = events + job->event_count;
    job->event_count = count - job->event_count;
    return put(job, err);
}

static int fail_document(struct ir_error *err)
{
    ir_fail(err, IR_ERR_TOO_LARGE, "the result document is larger than an event may be");
    ir_error_set_service(err, ir_service_cloudwatch_logs.title);
    ir_error_set_hint(err, "Ask for fewer labels, or raise min-confidence.");
    return IR_ERR_TOO_LARGE;
}

static long long now_ms(const struct ir_client *client)
{
    const struct ir_world *world = client->aws.world;
    return world->unix_ms(world->context) + atomic_load(&client->aws.clock_offset_ms);
}

static int check_version(const struct ir_log_options *options, struct ir_error *err)
{
    if (options->version == IR_LOG_OPTIONS_VERSION)
        return 0;
    return ir_fail(err, IR_ERR_ARG, "log options of version %u are not known", options->version);
}

int ir_log_check(struct ir_client *client, const struct ir_log_options *options,
                 struct ir_error *err)
{
    struct ir_error own_error = {0};
    const struct log_job job = {.client = client, .options = options};
    struct ir_request request;
    if (err == NULL)
        err = &own_error;
    int rc = check_version(options, err);
    if (rc != 0)
        return rc;
    if (client->paid.is_dry) { /* whether a request can be made of the names */
        rc = create_stream(&job, &request, err);
        if (rc == 0)
            ir_request_release(&request);
        return rc;
    }
    rc = create_stream_and_group(&job, err);
    if (rc != 0 && has_code(err, "AccessDeniedException")) {
        ir_error_clear(err); /* whether events may be put is another right */
        rc = 0;
    }
    return rc;
}

int ir_log_result(struct ir_client *client, const struct ir_log_options *options,
                  const struct ir_result *result, struct ir_error *err)
{
    struct ir_error own_error = {0};
    struct log_job job = {.client = client, .options = options};
    struct ir_buf line;
    char *json = NULL;
    size_t json_bytes = 0;
    if (err == NULL)
        err = &own_error;
    int rc = check_version(options, err);
    if (rc != 0)
        return rc;
    ir_buf_init(&line, MAX_LINE_BYTES);
    put_line(&line, result);
    rc = ir_buf_check(&line, "the line for the log", err);
    if (rc == 0)
        rc = ir_result_to_json(result, &json, &json_bytes, err);
    if (rc == 0 && json_bytes > IR_LOGS_MAX_MESSAGE_BYTES)
        rc = fail_document(err);
    if (rc == 0) {
        long long time_ms = now_ms(client);
        const struct ir_log_event events[] = {{time_ms, ir_buf_text(&line)}, {time_ms, json}};
        rc = put_events(&job, events, sizeof events / sizeof events[0], err);
    }
    ir_free(json);
    ir_buf_release(&line);
    return rc;
}
