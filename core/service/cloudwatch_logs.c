/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CloudWatch Logs. A batch that breaks one of its four limits is refused whole, so they are kept.
 */
#include "core/service/cloudwatch_logs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/error.h"
#include "core/base/utf8.h"

#define CONTENT_TYPE "application/x-amz-json-1.1"
#define MAX_NAME_BYTES 512U
#define REPLACEMENT_BYTES 3U      /* U+FFFD */
#define MAX_TIME_MS 9.0e15        /* integers that a double holds */
#define MAX_PUT_BYTES (16U << 20) /* a batch, escaped */

static int fail(struct ir_error *err, int code, const char *cause)
{
    ir_fail(err, code, "%s", cause);
    ir_error_set_service(err, ir_service_cloudwatch_logs.title);
    return code;
}

/* ---- names ------------------------------------------------------------------------------- */

static int check_group(const char *group, struct ir_error *err)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                  ".-_/#";
    size_t bytes = strlen(group);
    if (bytes >= 1 && bytes <= MAX_NAME_BYTES && strspn(group, allowed) == bytes)
        return 0;
    return fail(err, IR_ERR_ARG, "a log group's name has 1 to 512 letters, digits and . - _ / #");
}

static int check_stream(const char *stream, struct ir_error *err)
{
    size_t bytes = strlen(stream);
    if (bytes >= 1 && bytes <= MAX_NAME_BYTES && strcspn(stream, ":*") == bytes)
        return 0;
    return fail(err, IR_ERR_ARG,
                "a log stream's name has 1 to 512 characters, none of them : or *");
}

static void begin(struct ir_request *out, const char *target)
{
    ir_request_init_json(out, &ir_service_cloudwatch_logs, target, CONTENT_TYPE);
    ir_json_begin_object(&out->json.json);
}

int ir_logs_create_group(const char *group, struct ir_request *out, struct ir_error *err)
{
    int rc = check_group(group, err);
    if (rc != 0)
        return rc;
    begin(out, "Logs_20140328.CreateLogGroup");
    ir_json_member_put_string(&out->json.json, "logGroupName", group);
    ir_json_end_object(&out->json.json);
    return ir_request_finish(out, NULL, err);
}

static int check_names(const char *group, const char *stream, struct ir_error *err)
{
    int rc = check_group(group, err);
    return rc == 0 ? check_stream(stream, err) : rc;
}

static void put_names(struct ir_request *out, const char *group, const char *stream)
{
    ir_json_member_put_string(&out->json.json, "logGroupName", group);
    ir_json_member_put_string(&out->json.json, "logStreamName", stream);
}

int ir_logs_create_stream(const char *group, const char *stream, struct ir_request *out,
                          struct ir_error *err)
{
    int rc = check_names(group, stream, err);
    if (rc != 0)
        return rc;
    begin(out, "Logs_20140328.CreateLogStream");
    put_names(out, group, stream);
    ir_json_end_object(&out->json.json);
    return ir_request_finish(out, NULL, err);
}

/* ---- batches ----------------------------------------------------------------------------- */

static int compare_times(const struct ir_log_event *a, const struct ir_log_event *b)
{
    return (a->time_ms > b->time_ms) - (a->time_ms < b->time_ms);
}

/* By insertion: it needs no memory, is stable, and near linear for logs, which come nearly sorted.
 */
void ir_logs_sort(struct ir_log_event *events, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct ir_log_event event = events[i];
        size_t at = i;
        for (; at > 0 && compare_times(&events[at - 1], &event) > 0; at--)
            events[at] = events[at - 1];
        events[at] = event;
    }
}

/*
 * The bytes of a message as it is sent, at most IR_LOGS_MAX_MESSAGE_BYTES, and in *out_source_bytes
 * how much of it that is.
 */
static size_t sent_bytes(const char *message, size_t max_bytes, size_t *out_source_bytes)
{
    size_t bytes = strlen(message);
    size_t sent = 0;
    size_t at = 0;
    while (at < bytes) {
        size_t width = ir_utf8_next(message + at, bytes - at);
        size_t more = width > 0 ? width : REPLACEMENT_BYTES;
        if (sent + more > max_bytes)
            break;
        sent += more;
        at += width > 0 ? width : 1;
    }
    *out_source_bytes = at;
    return sent;
}

size_t ir_logs_batch(const struct ir_log_event *events, size_t count)
{
    size_t total = 0;
    size_t taken = 0;
    while (taken < count && taken < IR_LOGS_MAX_BATCH_EVENTS) {
        size_t source = 0;
        total += IR_LOGS_EVENT_BYTES +
                 sent_bytes(events[taken].message, IR_LOGS_MAX_MESSAGE_BYTES, &source);
        if (total > IR_LOGS_MAX_BATCH_BYTES ||
            events[taken].time_ms - events[0].time_ms > IR_LOGS_MAX_BATCH_SPAN_MS)
            break;
        taken++;
    }
    return taken;
}

static int check_events(const struct ir_log_event *events, size_t count, struct ir_error *err)
{
    if (count == 0)
        return fail(err, IR_ERR_ARG, "there is no log event to put");
    for (size_t i = 0; i < count; i++) {
        if (events[i].message[0] == '\0')
            return fail(err, IR_ERR_ARG, "a log event is empty");
        if (i > 0 && compare_times(&events[i - 1], &events[i]) > 0)
            return fail(err, IR_ERR_ARG, "the log events are not sorted by time");
    }
    if (ir_logs_batch(events, count) < count)
        return fail(err, IR_ERR_TOO_LARGE, "the log events are more than one batch may hold");
    return 0;
}

/* Over the maximum: as much as leaves room for the words that tell of the cut. */
static void put_clipped(struct ir_request *out, const char *message)
{
    char note[64];
    size_t source = 0;
    size_t bytes = strlen(message);
    snprintf(note, sizeof note, " [cut: the message had %zu bytes]", bytes);
    (void)sent_bytes(message, IR_LOGS_MAX_MESSAGE_BYTES - strlen(note), &source);
    char *text = ir_malloc(source + strlen(note) + 1);
    if (text == NULL) {
        out->json.text.failed = IR_ERR_NOMEM;
        return;
    }
    memcpy(text, message, source);
    memcpy(text + source, note, strlen(note) + 1);
    ir_json_put_string(&out->json.json, text);
    ir_free(text);
}

static void put_event(struct ir_request *out, const struct ir_log_event *event)
{
    size_t source = 0;
    struct ir_json_writer *json = &out->json.json;
    (void)sent_bytes(event->message, IR_LOGS_MAX_MESSAGE_BYTES, &source);
    ir_json_begin_object(json);
    ir_json_member_put_integer(json, "timestamp", event->time_ms);
    ir_json_key(json, "message");
    if (event->message[source] == '\0')
        ir_json_put_string(json, event->message);
    else
        put_clipped(out, event->message);
    ir_json_end_object(json);
}

int ir_logs_put_events(const char *group, const char *stream, const struct ir_log_event *events,
                       size_t count, struct ir_request *out, struct ir_error *err)
{
    int rc = check_names(group, stream, err);
    if (rc == 0)
        rc = check_events(events, count, err);
    if (rc != 0)
        return rc;
    begin(out, "Logs_20140328.PutLogEvents");
    out->json.text.max_bytes = MAX_PUT_BYTES;
    put_names(out, group, stream);
    ir_json_key(&out->json.json, "logEvents");
    ir_json_begin_array(&out->json.json);
    for (size_t i = 0; i < count; i++)
        put_event(out, &events[i]);
    ir_json_end_array(&out->json.json);
    ir_json_end_object(&out->json.json);
    return ir_request_finish(out, NULL, err);
}

/* An index of rejectedLogEventsInfo, 0..count; `fallback` where it is missing. */
static size_t index_of(const struct ir_json_value *info, const char *name, size_t count,
                       size_t fallback)
{
    double value = ir_json_number(ir_json_get(info, name), -1.0);
    if (!(value >= 0.0))
        return fallback;
    return value < (double)count ? (size_t)value : count;
}

int ir_logs_read_put(const char *json, size_t bytes, size_t count, size_t *out_rejected,
                     struct ir_error *err)
{
    struct ir_json_doc *doc = NULL;
    int rc = ir_answer_parse(&ir_service_cloudwatch_logs, json, bytes, &doc, err);
    if (rc != 0)
        return rc;
    const struct ir_json_value *info = ir_json_get(ir_json_root(doc), "rejectedLogEventsInfo");
    /* Ends are exclusive: too old are [0, old), expired [0, expired), too new [start, count). */
    size_t old_end = index_of(info, "tooOldLogEventEndIndex", count, 0);
    size_t expired_end = index_of(info, "expiredLogEventEndIndex", count, 0);
    size_t new_start = index_of(info, "tooNewLogEventStartIndex", count, count);
    ir_json_free(doc);
    size_t first_kept = old_end > expired_end ? old_end : expired_end;
    size_t too_new = count - new_start;
    size_t rejected = first_kept < new_start ? first_kept + too_new : count;
    *out_rejected = rejected;
    if (rejected == 0)
        return 0;
    ir_fail(err, IR_ERR_SERVICE,
            "%zu of %zu log events were not taken: %zu too old or expired, "
            "%zu too new",
            rejected, count, first_kept, too_new);
    ir_error_set_service(err, ir_service_cloudwatch_logs.title);
    ir_error_set_hint(err, "Events are taken up to 14 days old, within the group's retention, and "
                           "up to 2 hours ahead: check this machine's clock.");
    return IR_ERR_SERVICE;
}

/* ---- FilterLogEvents --------------------------------------------------------------------- */

int ir_logs_filter_events(const struct ir_logs_filter *filter, struct ir_request *out,
                          struct ir_error *err)
{
    int rc = check_group(filter->group, err);
    if (rc != 0)
        return rc;
    if (filter->limit > IR_LOGS_MAX_FOUND)
        return fail(err, IR_ERR_ARG, "a page has at most 10,000 log events");
    begin(out, "Logs_20140328.FilterLogEvents");
    struct ir_json_writer *json = &out->json.json;
    ir_json_member_put_string(json, "logGroupName", filter->group);
    if (filter->stream_prefix != NULL)
        ir_json_member_put_string(json, "logStreamNamePrefix", filter->stream_prefix);
    if (filter->pattern != NULL)
        ir_json_member_put_string(json, "filterPattern", filter->pattern);
    if (filter->start_ms >= 0)
        ir_json_member_put_integer(json, "startTime", filter->start_ms);
    if (filter->end_ms >= 0)
        ir_json_member_put_integer(json, "endTime", filter->end_ms);
    if (filter->limit > 0)
        ir_json_member_put_integer(json, "limit", filter->limit);
    if (filter->next_token != NULL)
        ir_json_member_put_string(json, "nextToken", filter->next_token);
    ir_json_end_object(json);
    return ir_request_finish(out, NULL, err);
}

static long long time_of(const struct ir_json_value *event, const char *name)
{
    double ms = ir_json_number(ir_json_get(event, name), 0.0);
    return ms > -MAX_TIME_MS && ms < MAX_TIME_MS ? (long long)ms : 0;
}

static int read_page(const struct ir_json_value *root, struct ir_logs_page *out,
                     struct ir_error *err)
{
    const struct ir_json_value *events = ir_json_get(root, "events");
    size_t count = ir_json_count(events);
    if (!ir_json_is_array(events) || count > IR_LOGS_MAX_FOUND)
        return ir_answer_fail(&ir_service_cloudwatch_logs, "the answer has no list of events", err);
    out->events = ir_calloc(count + 1, sizeof *out->events);
    if (out->events == NULL)
        return ir_fail_nomem(err);
    for (size_t i = 0; i < count; i++) {
        const struct ir_json_value *event = ir_json_at(events, i);
        out->events[i].time_ms = time_of(event, "timestamp");
        out->events[i].ingested_ms = time_of(event, "ingestionTime");
        out->events[i].stream = ir_json_member_string(event, "logStreamName", "");
        out->events[i].message = ir_json_member_string(event, "message", "");
        out->events[i].id = ir_json_member_string(event, "eventId", "");
    }
    out->count = count;
    out->next_token = ir_json_member_string(root, "nextToken", NULL);
    return 0;
}

int ir_logs_read_filter(const char *json, size_t bytes, struct ir_logs_page *out,
                        struct ir_error *err)
{
    struct ir_logs_page page = {.doc = NULL};
    int rc = ir_answer_parse(&ir_service_cloudwatch_logs, json, bytes, &page.doc, err);
    if (rc == 0)
        rc = read_page(ir_json_root(page.doc), &page, err);
    if (rc == 0)
        *out = page;
    else
        ir_logs_page_release(&page);
    return rc;
}

void ir_logs_page_release(struct ir_logs_page *page)
{
    ir_free(page->events);
    ir_json_free(page->doc);
    *page = (struct ir_logs_page){.doc = NULL};
}
