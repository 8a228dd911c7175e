/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The operations and their limits. Events carry an id of 56 digits that begins with the timestamp,
 * so that ordering by id is ordering by time, and the last id of a page is where the next begins.
 */
#include "plugins/local/logs.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/error.h"
#include "core/base/utf8.h"
#include "core/base/world.h"
#include "plugins/local/logs_filter.h"
#include "plugins/local/logs_search.h"
#include "plugins/local/logs_store.h"
#include "plugins/local/operation.h"
#include "plugins/local/refuse.h"

#define TARGET_PREFIX "Logs_20140328."
#define MAX_NAME_CHARS 512
#define MAX_TIMESTAMP_MS 253402300799999.0 /* the end of the year 9999 */
#define MAX_DESCRIBED 50
#define MAX_LINES_BYTES (16U << 20)
#define ARN_BYTES 2048
#define TOKEN_BYTES 24
#define GROUP_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_/#"

struct logs_call {
    struct request *request;
    struct answer *answer;
    struct logs *logs;
    const struct ir_json_value *input;
    int64_t now_ms;
};

typedef int (*logs_operation_fn)(struct logs_call *call, struct ir_error *err);

/* ---- members ----------------------------------------------------------------------------- */

static int read_group(const struct logs_call *call, const char **out, struct ir_error *err)
{
    const char *name = ir_json_member_string(call->input, "logGroupName", NULL);
    if (name == NULL)
        return refuse(err, &refuse_parameter, "logGroupName is needed; the local logs take no %s.",
                      "logGroupIdentifier");
    if (*name == '\0' || strlen(name) > MAX_NAME_CHARS ||
        strspn(name, GROUP_LETTERS) != strlen(name))
        return refuse(err, &refuse_parameter,
                      "Value at 'logGroupName' failed to satisfy constraint: 1 to 512 of the "
                      "characters a-z, A-Z, 0-9, '_', '-', '/', '.', '#'.");
    *out = name;
    return 0;
}

static int read_stream(const struct logs_call *call, const char **out, struct ir_error *err)
{
    const char *name = ir_json_member_string(call->input, "logStreamName", NULL);
    if (name == NULL || *name == '\0' || strpbrk(name, ":*") != NULL)
        return refuse(err, &refuse_parameter,
                      "Value at 'logStreamName' failed to satisfy constraint: 1 to 512 characters, "
                      "none of ':' and '*'.");
    *out = name;
    return 0;
}

static int write_nothing(struct logs_call *call)
{
    ir_buf_append_text(&call->answer->body, "{}");
    return 0;
}

/* ---- creating ---------------------------------------------------------------------------- */

static int create_group(struct logs_call *call, struct ir_error *err)
{
    const char *group = NULL;
    int rc = read_group(call, &group, err);
    if (rc == 0)
        rc = logs_create_group(call->logs, group, call->now_ms, err);
    return rc == 0 ? write_nothing(call) : rc;
}

static int create_stream(struct logs_call *call, struct ir_error *err)
{
    const char *group = NULL;
    const char *stream = NULL;
    int rc = read_group(call, &group, err);
    if (rc == 0)
        rc = read_stream(call, &stream, err);
    if (rc == 0)
        rc = logs_create_stream(call->logs, group, stream, call->now_ms, err);
    return rc == 0 ? write_nothing(call) : rc;
}

/* ---- PutLogEvents ------------------------------------------------------------------------ */

/* A batch on its way to the file. */
struct batch {
    size_t count;
    size_t bytes;
    double first_ms;
    double last_ms;
    size_t too_old_end; /* index behind the last that is too old */
    size_t too_new_start;
};

static int read_event(const struct ir_json_value *event, struct batch *batch,
                      const char **out_message, double *out_ms, struct ir_error *err)
{
    size_t bytes = 0;
    const struct ir_json_value *stamp = ir_json_get(event, "timestamp");
    const char *message = ir_json_string(ir_json_get(event, "message"), &bytes, NULL);
    double ms = ir_json_number(stamp, NAN);
    if (!ir_json_is_number(stamp) || !(ms >= 0 && ms <= MAX_TIMESTAMP_MS) || ms != floor(ms))
        return refuse(err, &refuse_parameter,
                      "1 validation error detected: an event's timestamp must be the whole "
                      "milliseconds since 1970.");
    if (message == NULL || bytes == 0 || strlen(message) != bytes)
        return refuse(err, &refuse_parameter,
                      "1 validation error detected: an event's message must have a length greater "
                      "than or equal to 1 and no NUL.");
    batch->bytes += bytes + LOGS_EVENT_OVERHEAD_BYTES;
    *out_message = message;
    *out_ms = ms;
    return 0;
}

static int check_batch(const struct logs_call *call, const struct ir_json_value *events,
                       struct batch *batch, struct ir_error *err)
{
    *batch = (struct batch){.count = ir_json_count(events)};
    batch->too_new_start = batch->count;
    if (batch->count == 0 || batch->count > LOGS_MAX_BATCH_EVENTS)
        return refuse(err, &refuse_parameter,
                      "1 validation error detected: logEvents must have 1 to %d items.",
                      LOGS_MAX_BATCH_EVENTS);
    for (size_t i = 0; i < batch->count; i++) {
        const char *message;
        double ms = 0;
        int rc = read_event(ir_json_at(events, i), batch, &message, &ms, err);
        if (rc != 0)
            return rc;
        if (i == 0)
            batch->first_ms = ms;
        else if (ms < batch->last_ms)
            return refuse(err, &refuse_parameter,
                          "Log events in a single PutLogEvents request must be in chronological "
                          "order.");
        batch->last_ms = ms;
        if (ms < (double)(call->now_ms - LOGS_MAX_AGE_MS))
            batch->too_old_end = i + 1;
        if (ms > (double)(call->now_ms + LOGS_MAX_AHEAD_MS) && batch->too_new_start == batch->count)
            batch->too_new_start = i;
    }
    if (batch->bytes > LOGS_MAX_BATCH_BYTES)
        return refuse(err, &refuse_parameter, "Upload too large: %zu bytes exceeds limit of %d",
                      batch->bytes, LOGS_MAX_BATCH_BYTES);
    if (batch->last_ms - batch->first_ms > (double)LOGS_MAX_SPAN_MS)
        return refuse(err, &refuse_parameter,
                      "The batch of log events in a single PutLogEvents request cannot span more "
                      "than 24 hours.");
    return 0;
}

/* The events that are neither too old nor too new, a line each. */
static void write_lines(const struct logs_call *call, const struct ir_json_value *events,
                        const struct batch *batch, struct ir_buf *out)
{
    const struct ir_world *world = ir_world_system();
    long long chance = (long long)(world->chance(world->context) * 1e14);
    for (size_t i = batch->too_old_end; i < batch->too_new_start; i++) {
        const struct ir_json_value *event = ir_json_at(events, i);
        struct ir_json_writer writer;
        char id[96];
        long long ms = (long long)ir_json_number(ir_json_get(event, "timestamp"), 0);
        snprintf(id, sizeof id, "%020lld%016lld%06zu%014lld", ms, (long long)call->now_ms, i,
                 chance);
        ir_json_writer_init(&writer, out);
        ir_json_begin_object(&writer);
        ir_json_member_put_integer(&writer, "timestamp", ms);
        ir_json_member_put_integer(&writer, "ingestionTime", call->now_ms);
        ir_json_member_put_string(&writer, "eventId", id);
        ir_json_member_put_string(&writer, "message", ir_json_member_string(event, "message", ""));
        ir_json_end_object(&writer);
        ir_buf_append_char(out, '\n');
    }
}

static void write_rejected(struct logs_call *call, const struct batch *batch)
{
    struct ir_json_writer writer;
    ir_json_writer_init(&writer, &call->answer->body);
    ir_json_begin_object(&writer);
    if (batch->too_old_end > 0 || batch->too_new_start < batch->count) {
        ir_json_key(&writer, "rejectedLogEventsInfo");
        ir_json_begin_object(&writer);
        if (batch->too_new_start < batch->count)
            ir_json_member_put_integer(&writer, "tooNewLogEventStartIndex",
                                       (long long)batch->too_new_start);
        if (batch->too_old_end > 0)
            ir_json_member_put_integer(&writer, "tooOldLogEventEndIndex",
                                       (long long)batch->too_old_end);
        ir_json_end_object(&writer);
    }
    ir_json_end_object(&writer);
}

static int put_events(struct logs_call *call, struct ir_error *err)
{
    const struct ir_json_value *events = ir_json_get(call->input, "logEvents");
    const char *group = NULL;
    const char *stream = NULL;
    struct batch batch;
    struct ir_buf lines;
    int rc = read_group(call, &group, err);
    if (rc == 0)
        rc = read_stream(call, &stream, err);
    if (rc == 0)
        rc = check_batch(call, events, &batch, err);
    if (rc != 0)
        return rc;
    ir_buf_init(&lines, MAX_LINES_BYTES);
    write_lines(call, events, &batch, &lines);
    rc =
        lines.failed != 0 ? refuse_nomem(err) : logs_append(call->logs, group, stream, &lines, err);
    ir_buf_release(&lines);
    if (rc == 0)
        write_rejected(call, &batch);
    return rc;
}

/* ---- describing -------------------------------------------------------------------------- */

/* One page of a sorted list: nextToken is the place where it begins. */
struct page {
    size_t start;
    size_t limit;
};

static int read_page(const struct logs_call *call, struct page *out, struct ir_error *err)
{
    double limit = MAX_DESCRIBED;
    const char *token = ir_json_member_string(call->input, "nextToken", NULL);
    char *end = NULL;
    int rc = input_number(call->input, "limit", 1, MAX_DESCRIBED, &limit, err);
    if (rc == 0)
        rc = input_whole(limit, "limit", err);
    out->limit = (size_t)limit;
    out->start = token != NULL ? strtoul(token, &end, 10) : 0;
    if (rc == 0 && token != NULL && (end == token || *end != '\0'))
        rc = refuse(err, &refuse_parameter, "The specified nextToken is invalid.");
    return rc;
}

static void end_page(struct ir_json_writer *writer, const struct page *page, size_t count)
{
    char token[TOKEN_BYTES];
    ir_json_end_array(writer);
    if (page->start + page->limit < count) {
        snprintf(token, sizeof token, "%zu", page->start + page->limit);
        ir_json_member_put_string(writer, "nextToken", token);
    }
    ir_json_end_object(writer);
}

static bool is_on_page(const struct page *page, size_t i, size_t count)
{
    return i >= page->start && i < page->start + page->limit && i < count;
}

static int describe_groups(struct logs_call *call, struct ir_error *err)
{
    struct ir_json_writer writer;
    struct logs_names names = {NULL, 0};
    struct page page;
    const char *prefix = ir_json_member_string(call->input, "logGroupNamePrefix", "");
    int rc = read_page(call, &page, err);
    if (rc == 0)
        rc = logs_list_groups(call->logs, prefix, &names, err);
    if (rc != 0)
        return rc;
    ir_json_writer_init(&writer, &call->answer->body);
    ir_json_begin_object(&writer);
    ir_json_key(&writer, "logGroups");
    ir_json_begin_array(&writer);
    for (size_t i = page.start; is_on_page(&page, i, names.count); i++) {
        char arn[ARN_BYTES];
        snprintf(arn, sizeof arn, "arn:aws:logs:%s:000000000000:log-group:%s:*",
                 call->request->grant.region, names.items[i]);
        ir_json_begin_object(&writer);
        ir_json_member_put_string(&writer, "logGroupName", names.items[i]);
        ir_json_member_put_integer(&writer, "creationTime",
                                   logs_group_created_ms(call->logs, names.items[i]));
        ir_json_member_put_integer(&writer, "metricFilterCount", 0);
        ir_json_member_put_string(&writer, "arn", arn);
        ir_json_end_object(&writer);
    }
    end_page(&writer, &page, names.count);
    logs_names_release(&names);
    return 0;
}

struct stream_facts {
    double created_ms;
    double first_ms;
    double last_ms;
    double ingested_ms;
};

static void take_facts(void *context, const struct ir_json_value *line)
{
    struct stream_facts *facts = context;
    double ms = ir_json_number(ir_json_get(line, "timestamp"), -1);
    facts->created_ms = ir_json_number(ir_json_get(line, "creationTime"), facts->created_ms);
    if (ms < 0)
        return;
    facts->first_ms = facts->first_ms < 0 || ms < facts->first_ms ? ms : facts->first_ms;
    facts->last_ms = ms > facts->last_ms ? ms : facts->last_ms;
    facts->ingested_ms = ir_json_number(ir_json_get(line, "ingestionTime"), facts->ingested_ms);
}

static void write_stream(struct logs_call *call, struct ir_json_writer *writer, const char *group,
                         const char *stream)
{
    struct stream_facts facts = {0, -1, -1, -1};
    char arn[ARN_BYTES];
    struct ir_error ignored; /* a stream that went away meanwhile */
    if (logs_read(call->logs, group, stream, take_facts, &facts, &ignored) != 0)
        return;
    snprintf(arn, sizeof arn, "arn:aws:logs:%s:000000000000:log-group:%s:log-stream:%s",
             call->request->grant.region, group, stream);
    ir_json_begin_object(writer);
    ir_json_member_put_string(writer, "logStreamName", stream);
    ir_json_member_put_integer(writer, "creationTime", (long long)facts.created_ms);
    if (facts.first_ms >= 0) {
        ir_json_member_put_integer(writer, "firstEventTimestamp", (long long)facts.first_ms);
        ir_json_member_put_integer(writer, "lastEventTimestamp", (long long)facts.last_ms);
        ir_json_member_put_integer(writer, "lastIngestionTime", (long long)facts.ingested_ms);
    }
    ir_json_member_put_string(writer, "arn", arn);
    ir_json_end_object(writer);
}

static int describe_streams(struct logs_call *call, struct ir_error *err)
{
    struct ir_json_writer writer;
    struct logs_names names = {NULL, 0};
    struct page page;
    const char *group = NULL;
    const char *prefix = ir_json_member_string(call->input, "logStreamNamePrefix", "");
    const char *order = ir_json_member_string(call->input, "orderBy", "LogStreamName");
    bool descending = ir_json_bool(ir_json_get(call->input, "descending"), false);
    int rc = read_group(call, &group, err);
    if (rc == 0 && strcmp(order, "LogStreamName") != 0)
        rc = refuse(err, &refuse_parameter, "The local logs are ordered by LogStreamName only.");
    if (rc == 0)
        rc = read_page(call, &page, err);
    if (rc == 0)
        rc = logs_list_streams(call->logs, group, prefix, &names, err);
    if (rc != 0)
        return rc;
    ir_json_writer_init(&writer, &call->answer->body);
    ir_json_begin_object(&writer);
    ir_json_key(&writer, "logStreams");
    ir_json_begin_array(&writer);
    for (size_t i = page.start; is_on_page(&page, i, names.count); i++)
        write_stream(call, &writer, group, names.items[descending ? names.count - 1 - i : i]);
    end_page(&writer, &page, names.count);
    logs_names_release(&names);
    return 0;
}

/* ---- FilterLogEvents --------------------------------------------------------------------- */

/* The streams to be searched: those named, or those with the prefix, or all. */
static int choose_streams(struct logs_call *call, const char *group, struct logs_names *out,
                          struct ir_error *err)
{
    const struct ir_json_value *named = ir_json_get(call->input, "logStreamNames");
    const char *prefix = ir_json_member_string(call->input, "logStreamNamePrefix", NULL);
    size_t kept = 0;
    if (named != NULL && prefix != NULL)
        return refuse(err, &refuse_parameter,
                      "Only one of logStreamNames and logStreamNamePrefix can be given.");
    int rc = logs_list_streams(call->logs, group, prefix != NULL ? prefix : "", out, err);
    if (rc != 0 || named == NULL)
        return rc;
    for (size_t i = 0; i < out->count; i++) {
        bool wanted = false;
        for (size_t n = 0; !wanted && n < ir_json_count(named); n++)
            wanted = strcmp(ir_json_string(ir_json_at(named, n), NULL, ""), out->items[i]) == 0;
        if (wanted)
            out->items[kept++] = out->items[i];
        else
            ir_free(out->items[i]);
    }
    out->count = kept;
    return 0;
}

static int read_search(struct logs_call *call, struct logs_search *out, struct ir_error *err)
{
    double limit = LOGS_MAX_BATCH_EVENTS;
    double start = 0;
    double end = MAX_TIMESTAMP_MS;
    const char *token = ir_json_member_string(call->input, "nextToken", "");
    const char *pattern = ir_json_member_string(call->input, "filterPattern", "");
    int rc = input_number(call->input, "limit", 1, LOGS_MAX_BATCH_EVENTS, &limit, err);
    if (rc == 0)
        rc = input_number(call->input, "startTime", 0, MAX_TIMESTAMP_MS, &start, err);
    if (rc == 0)
        rc = input_number(call->input, "endTime", 0, MAX_TIMESTAMP_MS, &end, err);
    if (rc == 0)
        rc = logs_filter_check(pattern, err);
    if (rc == 0 && *token != '\0' &&
        (strlen(token) != LOGS_EVENT_ID_BYTES - 1 || strspn(token, "0123456789") != strlen(token)))
        rc = refuse(err, &refuse_parameter, "The specified nextToken is invalid.");
    if (rc == 0 && start > end)
        rc = refuse(err, &refuse_parameter, "startTime is after endTime.");
    if (rc == 0)
        logs_search_init(out, (size_t)limit, pattern);
    out->start_ms = start;
    out->end_ms = end;
    ir_text_copy(out->after_id, sizeof out->after_id, token);
    return rc;
}

static int filter_events(struct logs_call *call, struct ir_error *err)
{
    struct logs_names streams = {NULL, 0};
    struct logs_search search = {0};
    const char *group = NULL;
    int rc = read_group(call, &group, err);
    if (rc == 0)
        rc = read_search(call, &search, err);
    if (rc == 0)
        rc = choose_streams(call, group, &streams, err);
    for (size_t i = 0; rc == 0 && i < streams.count; i++) {
        search.stream = streams.items[i];
        rc = logs_read(call->logs, group, streams.items[i], logs_search_take, &search, err);
    }
    if (rc == 0)
        rc = logs_search_write(&search, &call->answer->body, err);
    logs_search_release(&search);
    logs_names_release(&streams);
    return rc;
}

/* ---- choosing ---------------------------------------------------------------------------- */

static const struct {
    const char *name;
    logs_operation_fn run;
} operations[] = {
    {"CreateLogGroup", create_group},       {"CreateLogStream", create_stream},
    {"PutLogEvents", put_events},           {"FilterLogEvents", filter_events},
    {"DescribeLogGroups", describe_groups}, {"DescribeLogStreams", describe_streams},
};

int logs_serve(struct request *request, struct answer *answer, struct ir_error *err)
{
    const struct ir_world *world = ir_world_system();
    const char *target = request_header(request, "X-Amz-Target");
    size_t prefix_bytes = sizeof TARGET_PREFIX - 1;
    struct ir_json_doc *doc = NULL;
    struct logs_call call = {
        .request = request, .answer = answer, .now_ms = world->unix_ms(world->context)};
    logs_operation_fn run = NULL;
    if (target == NULL || strncmp(target, TARGET_PREFIX, prefix_bytes) != 0 ||
        !request_is(request, "POST") || strcmp(request->path, "/") != 0)
        return refuse(err, &refuse_operation, "The request names no operation of CloudWatch Logs.");
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++)
        if (strcmp(target + prefix_bytes, operations[i].name) == 0)
            run = operations[i].run;
    if (run == NULL)
        return refuse(
            err, &refuse_operation,
            "The local logs have no such operation; groups and streams can be created and "
            "described, events put and filtered.");
    int rc = local_logs(request->local, &call.logs, err);
    if (rc == 0)
        rc = request_json(request, &refuse_serialization, &doc, err);
    if (rc != 0)
        return rc;
    call.input = ir_json_root(doc);
    rc = run(&call, err);
    ir_json_free(doc);
    return rc;
}
