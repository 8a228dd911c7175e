/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CloudWatch Logs: groups, streams, events in batches that the service takes, events found again.
 * Pure. A caller that gets ResourceNotFoundException makes group and stream and puts again; one
 * that gets ResourceAlreadyExistsException for those goes on. Source:
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/
 */
#ifndef CORE_SERVICE_CLOUDWATCH_LOGS_H
#define CORE_SERVICE_CLOUDWATCH_LOGS_H

#include "core/service/request.h"

#define IR_LOGS_MAX_BATCH_BYTES 1048576U /* of messages as UTF-8, and IR_LOGS_EVENT_BYTES each */
#define IR_LOGS_EVENT_BYTES 26U
#define IR_LOGS_MAX_BATCH_EVENTS 10000U
#define IR_LOGS_MAX_BATCH_SPAN_MS (24LL * 3600 * 1000)
#define IR_LOGS_MAX_MESSAGE_BYTES (IR_LOGS_MAX_BATCH_BYTES - IR_LOGS_EVENT_BYTES)
#define IR_LOGS_MAX_FOUND 10000U /* events on one page of FilterLogEvents */

/* Borrowed. */
struct ir_log_event {
    long long time_ms;   /* since 1970 */
    const char *message; /* not empty; invalid UTF-8 is sent as U+FFFD */
};

/*
 * IR_ERR_ARG: a name that the service does not take: a group is [.\-_/#A-Za-z0-9]{1,512}, a stream
 * 1 to 512 bytes without ':' and '*'. IR_ERR_NOMEM.
 */
IR_MUST_CHECK int ir_logs_create_group(const char *group, struct ir_request *out,
                                       struct ir_error *err);
IR_MUST_CHECK int ir_logs_create_stream(const char *group, const char *stream,
                                        struct ir_request *out, struct ir_error *err);

/* Sorts by time; events of one time keep their order. Fast where they come nearly sorted, as logs
 * do; give it no more than some 10,000 at once where they may not. */
void ir_logs_sort(struct ir_log_event *events, size_t count);

/* How many of the sorted events from the first on go into one lawful batch; 0 only for count 0. */
size_t ir_logs_batch(const struct ir_log_event *events, size_t count);

/*
 * Puts one batch, of a size that ir_logs_batch gave. A message over IR_LOGS_MAX_MESSAGE_BYTES is
 * cut, and ends in words that say so. IR_ERR_ARG: a name, an empty message, events not sorted;
 * IR_ERR_TOO_LARGE: no lawful batch; IR_ERR_NOMEM.
 */
IR_MUST_CHECK int ir_logs_put_events(const char *group, const char *stream,
                                     const struct ir_log_event *events, size_t count,
                                     struct ir_request *out, struct ir_error *err);

/*
 * Reads the answer to `count` events. 200 may hide events that were not taken (too old, too new,
 * expired): *out_rejected tells how many, and IR_ERR_SERVICE with words for why is given when there
 * are any; the others have been stored. IR_ERR_RESPONSE, IR_ERR_NOMEM.
 */
IR_MUST_CHECK int ir_logs_read_put(const char *json, size_t bytes, size_t count,
                                   size_t *out_rejected, struct ir_error *err);

/* Borrowed; NULL and negative = left out. */
struct ir_logs_filter {
    const char *group;
    const char *stream_prefix;
    const char *pattern;
    long long start_ms;     /* inclusive */
    long long end_ms;       /* exclusive */
    unsigned limit;         /* 1..10,000 a page; 0 = the service's own */
    const char *next_token; /* of the page before */
};
#define IR_LOGS_FILTER_INIT {.start_ms = -1, .end_ms = -1}

IR_MUST_CHECK int ir_logs_filter_events(const struct ir_logs_filter *filter, struct ir_request *out,
                                        struct ir_error *err);

/* A page of found events. It may be empty with more pages behind it: go on while there is a token.
 */
struct ir_logs_page {
    struct ir_json_doc *doc; /* owns the texts */
    struct ir_found_event {
        long long time_ms;
        long long ingested_ms;
        const char *stream;
        const char *message;
        const char *id;
    } *events;
    size_t count;
    const char *next_token; /* NULL = the last page */
};
IR_MUST_CHECK int ir_logs_read_filter(const char *json, size_t bytes, struct ir_logs_page *out,
                                      struct ir_error *err);
void ir_logs_page_release(struct ir_logs_page *page);

#endif
