/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the sum of what a dry run would have sent. Requests of one kind are one row, since a list
 * may have more pictures than ImageMagick keeps messages (64). Rows are told in the order of their
 * names: threads add them in any.
 */
#include "plugins/imagemagick/plan.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MILLION 1e6 /* a cost is rounded up to a millionth */

void plan_init(struct plan *plan)
{
    memset(plan, 0, sizeof *plan);
    pthread_mutex_init(&plan->lock, NULL);
}

void plan_release(struct plan *plan)
{
    pthread_mutex_destroy(&plan->lock);
}

static void make_row(const struct ir_planned_request *request, struct plan_row *out)
{
    memset(out, 0, sizeof *out);
    snprintf(out->service, sizeof out->service, "%s", request->service);
    snprintf(out->operation, sizeof out->operation, "%s", request->operation);
    snprintf(out->model, sizeof out->model, "%s", request->model != NULL ? request->model : "");
    snprintf(out->host, sizeof out->host, "%s", request->host);
}

static int compare_rows(const void *a, const void *b)
{
    const struct plan_row *first = a;
    const struct plan_row *second = b;
    int order = strcmp(first->service, second->service);

    if (order == 0)
        order = strcmp(first->operation, second->operation);
    if (order == 0)
        order = strcmp(first->model, second->model);
    return order != 0 ? order : strcmp(first->host, second->host);
}

/* The row of such requests; NULL when there is no room for one more. */
static struct plan_row *row_of(struct plan *plan, const struct ir_planned_request *request)
{
    struct plan_row row;

    make_row(request, &row);
    for (size_t i = 0; i < plan->row_count; i++)
        if (compare_rows(&plan->rows[i], &row) == 0)
            return &plan->rows[i];
    if (plan->row_count == PLAN_MAX_ROWS)
        return NULL;
    plan->rows[plan->row_count] = row;
    return &plan->rows[plan->row_count++];
}

static void add_request(struct plan *plan, const struct ir_planned_request *request)
{
    struct plan_row *row = row_of(plan, request);

    if (!request->is_cached)
        plan->cost_usd += request->cost_usd;
    if (row == NULL) {
        plan->more_count++;
        return;
    }
    row->request_count++;
    if (request->is_cached)
        row->cached_count++;
    else
        row->sent_bytes += request->request_bytes;
}

void plan_add(struct plan *plan, const struct ir_result *result)
{
    const struct ir_planned_request *request;
    struct ir_usage usage = ir_result_get_usage(result);

    pthread_mutex_lock(&plan->lock);
    for (size_t i = 0; (request = ir_result_get_planned(result, i)) != NULL; i++)
        add_request(plan, request);
    if (usage.prices_of != NULL && *usage.prices_of != '\0')
        snprintf(plan->prices_of, sizeof plan->prices_of, "%s", usage.prices_of);
    pthread_mutex_unlock(&plan->lock);
}

void plan_add_upload(struct plan *plan)
{
    pthread_mutex_lock(&plan->lock);
    plan->upload_count++;
    pthread_mutex_unlock(&plan->lock);
}

/* ---- the line ---------------------------------------------------------------------------- */

struct line {
    char *text;
    size_t room_bytes;
    size_t used;
};

__attribute__((format(printf, 2, 3))) static void add(struct line *line, const char *format, ...)
{
    va_list arguments;
    int written;

    va_start(arguments, format);
    written = vsnprintf(line->text + line->used, line->room_bytes - line->used, format, arguments);
    va_end(arguments);
    if (written > 0)
        line->used += (size_t)written;
    if (line->used >= line->room_bytes)
        line->used = line->room_bytes - 1;
}

/* "$0.001": a cost of one request is far below a cent. */
static void add_usd(struct line *line, double usd)
{
    char text[PLAN_NAME_BYTES];
    size_t chars;

    snprintf(text, sizeof text, "%.6f", ceil(usd * MILLION - 1e-3) / MILLION);
    for (chars = strlen(text); text[chars - 1] == '0' && text[chars - 3] != '.'; chars--)
        text[chars - 1] = '\0';
    add(line, "$%s", text);
}

static void add_cost(struct line *line, const struct plan *plan)
{
    if (plan->row_count == 0)
        add(line, "there would be nothing to send.");
    else if (isnan(plan->cost_usd))
        add(line, "it would cost what is not known.");
    else if (plan->cost_usd <= 0)
        add(line, "it would cost nothing.");
    else {
        add(line, "it would cost at most ");
        add_usd(line, plan->cost_usd);
        add(line, " (prices of %s).", plan->prices_of);
    }
}

/* Before the rows, which may be cut. S3 is priced by region and by what lies there how long. */
static void add_uploads(struct line *line, const struct plan *plan, const char *stored)
{
    add(line, "%s%zu picture%s would be stored at %s; what S3 takes for that is not counted.",
        plan->row_count > 0 ? " " : "", plan->upload_count, plan->upload_count == 1 ? "" : "s",
        stored);
}

static void add_row(struct line *line, const struct plan_row *row)
{
    size_t sent = row->request_count - row->cached_count;

    add(line, " %s %s", row->service, row->operation);
    if (row->model[0] != '\0')
        add(line, " (%s)", row->model);
    if (sent > 0)
        add(line, ": %zu request%s, %llu bytes, to %s", sent, sent == 1 ? "" : "s", row->sent_bytes,
            row->host);
    if (row->cached_count > 0)
        add(line, "%s %zu answer%s in the cache", sent > 0 ? ";" : ":", row->cached_count,
            row->cached_count == 1 ? "" : "s");
    add(line, ".");
}

void plan_line(struct plan *plan, const char *stored, char *out, size_t out_bytes)
{
    struct line line = {out, out_bytes, 0};

    qsort(plan->rows, plan->row_count, sizeof plan->rows[0], compare_rows);
    add(&line, "Dry run, nothing was sent: ");
    if (plan->row_count > 0 || plan->upload_count == 0)
        add_cost(&line, plan);
    if (plan->upload_count > 0)
        add_uploads(&line, plan, stored);
    for (size_t i = 0; i < plan->row_count; i++)
        add_row(&line, &plan->rows[i]);
    if (plan->more_count > 0)
        add(&line, " And %zu more request%s.", plan->more_count, plan->more_count == 1 ? "" : "s");
}
