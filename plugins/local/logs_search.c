/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Events come stream by stream and are wanted in order of time over all streams. They are kept
 * until there are twice as many, or eight times as many bytes, as a page holds; then they are
 * sorted, and what no page can hold is dropped.
 */
#include "plugins/local/logs_search.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/error.h"
#include "plugins/local/logs_filter.h"
#include "plugins/local/refuse.h"

#define KEPT_BYTES (8 * LOGS_PAGE_BYTES)

struct logs_found {
    char id[LOGS_EVENT_ID_BYTES];
    long long timestamp_ms;
    long long ingestion_ms;
    char *message;
    char *stream;
    size_t bytes;
};

void logs_search_init(struct logs_search *search, size_t limit, const char *pattern)
{
    *search = (struct logs_search){.limit = limit, .pattern = pattern, .capacity = 2 * limit};
    search->items = ir_calloc(search->capacity, sizeof *search->items);
    search->failed = search->items == NULL;
}

static void release_item(struct logs_found *item)
{
    ir_free(item->message);
    ir_free(item->stream);
}

void logs_search_release(struct logs_search *search)
{
    for (size_t i = 0; i < search->count; i++)
        release_item(&search->items[i]);
    ir_free(search->items);
    search->items = NULL;
    search->count = 0;
}

static int compare_found(const void *a, const void *b)
{
    return strcmp(((const struct logs_found *)a)->id, ((const struct logs_found *)b)->id);
}

/* Sorts and keeps one page; at least one event, however long. */
static void settle(struct logs_search *search)
{
    size_t kept = 0;
    size_t bytes = 0;
    qsort(search->items, search->count, sizeof *search->items, compare_found);
    while (kept < search->count && kept < search->limit &&
           (kept == 0 || bytes + search->items[kept].bytes <= LOGS_PAGE_BYTES))
        bytes += search->items[kept++].bytes;
    if (kept < search->count)
        search->has_more = true;
    for (size_t i = kept; i < search->count; i++)
        release_item(&search->items[i]);
    search->count = kept;
    search->bytes = bytes;
}

void logs_search_take(void *context, const struct ir_json_value *line)
{
    struct logs_search *search = context;
    double ms = ir_json_number(ir_json_get(line, "timestamp"), -1);
    const char *id = ir_json_member_string(line, "eventId", "");
    const char *message = ir_json_member_string(line, "message", NULL);
    if (search->failed || message == NULL || ms < search->start_ms || ms >= search->end_ms ||
        strcmp(id, search->after_id) <= 0 || !logs_filter_matches(search->pattern, message))
        return;
    if (search->count == search->capacity || search->bytes > KEPT_BYTES)
        settle(search);
    struct logs_found *item = &search->items[search->count];
    *item = (struct logs_found){
        .timestamp_ms = (long long)ms,
        .ingestion_ms = (long long)ir_json_number(ir_json_get(line, "ingestionTime"), 0),
        .message = ir_strdup(message),
        .stream = ir_strdup(search->stream),
        .bytes = strlen(message) + strlen(search->stream)};
    ir_text_copy(item->id, sizeof item->id, id);
    if (item->message == NULL || item->stream == NULL) {
        release_item(item);
        search->failed = true;
        return;
    }
    search->bytes += item->bytes;
    search->count++;
}

int logs_search_write(struct logs_search *search, struct ir_buf *out, struct ir_error *err)
{
    struct ir_json_writer writer;
    if (search->failed)
        return refuse_nomem(err);
    settle(search);
    ir_json_writer_init(&writer, out);
    ir_json_begin_object(&writer);
    ir_json_key(&writer, "events");
    ir_json_begin_array(&writer);
    for (size_t i = 0; i < search->count; i++) {
        const struct logs_found *item = &search->items[i];
        ir_json_begin_object(&writer);
        ir_json_member_put_string(&writer, "logStreamName", item->stream);
        ir_json_member_put_integer(&writer, "timestamp", item->timestamp_ms);
        ir_json_member_put_string(&writer, "message", item->message);
        ir_json_member_put_integer(&writer, "ingestionTime", item->ingestion_ms);
        ir_json_member_put_string(&writer, "eventId", item->id);
        ir_json_end_object(&writer);
    }
    ir_json_end_array(&writer);
    ir_json_key(&writer, "searchedLogStreams");
    ir_json_begin_array(&writer);
    ir_json_end_array(&writer);
    if (search->has_more && search->count > 0)
        ir_json_member_put_string(&writer, "nextToken", search->items[search->count - 1].id);
    ir_json_end_object(&writer);
    return 0;
}
