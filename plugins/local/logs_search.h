/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The events of FilterLogEvents: the first page of those that match, in bounded memory. */
#ifndef PLUGINS_LOCAL_LOGS_SEARCH_H
#define PLUGINS_LOCAL_LOGS_SEARCH_H

#include "core/base/json.h"
#include "plugins/local/logs_store.h"

#define LOGS_PAGE_BYTES (1U << 20)

struct logs_found;

struct logs_search {
    const char *pattern; /* borrowed */
    double start_ms;
    double end_ms; /* not included */
    size_t limit;
    char after_id[LOGS_EVENT_ID_BYTES]; /* "" = from the beginning */
    const char *stream;                 /* borrowed while its lines are taken */
    struct logs_found *items;
    size_t count;
    size_t capacity;
    size_t bytes;
    bool has_more;
    bool failed;
};

void logs_search_init(struct logs_search *search, size_t limit, const char *pattern);
void logs_search_release(struct logs_search *search);
/* A logs_visit_fn; the context is the search. */
void logs_search_take(void *context, const struct ir_json_value *line);
/* The answer's JSON. */
IR_MUST_CHECK int logs_search_write(struct logs_search *search, struct ir_buf *out,
                                    struct ir_error *err);

#endif
