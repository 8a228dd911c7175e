/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report of a month, as the public header shows it. */
#include <imgrecog/cost.h>

#include <stdio.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/task/ledger.h"

#define MAX_LINES 10000
#define MAX_JSON_BYTES (16U << 20)
#define USD_DECIMALS 9

/* A line with the strings that it shows. */
struct line {
    struct ir_cost_line public;
    struct ir_ledger_sum sum;
};

struct ir_cost {
    char month[IR_LEDGER_MONTH_BYTES];
    struct line **lines;
    size_t line_count;
    struct ir_cost_line total;
};

static bool is_month(const char *text)
{
    char day[sizeof "2026-11-01T00:00:00Z"];
    int64_t unix_ms = 0;
    if (strlen(text) != IR_LEDGER_MONTH_BYTES - 1)
        return false;
    snprintf(day, sizeof day, "%s-01T00:00:00Z", text);
    return ir_world_parse_iso_date(day, &unix_ms);
}

static void add_up(struct ir_cost_line *total, const struct ir_cost_line *line)
{
    total->requests += line->requests;
    total->maybe += line->maybe;
    total->unpriced += line->unpriced;
    total->cost_usd += line->cost_usd;
    total->maybe_cost_usd += line->maybe_cost_usd;
    total->input_tokens += line->input_tokens;
    total->output_tokens += line->output_tokens;
}

static int take_sum(void *context, const struct ir_ledger_sum *sum)
{
    struct ir_cost *cost = context;
    if (cost->line_count == MAX_LINES)
        return IR_ERR_TOO_LARGE;
    struct line **lines = ir_realloc(cost->lines, (cost->line_count + 1) * sizeof(struct line *));
    if (lines == NULL)
        return IR_ERR_NOMEM;
    cost->lines = lines;
    struct line *line = ir_malloc(sizeof *line);
    if (line == NULL)
        return IR_ERR_NOMEM;
    lines[cost->line_count++] = line;
    line->sum = *sum;
    line->public = (struct ir_cost_line){
        .service = line->sum.service,
        .operation = line->sum.operation,
        .model = line->sum.model[0] != '\0' ? line->sum.model : NULL,
        .endpoint = line->sum.endpoint,
        .requests = sum->requests,
        .maybe = sum->maybe,
        .unpriced = sum->unpriced,
        .cost_usd = ir_nusd_to_usd(sum->cost_nusd),
        .maybe_cost_usd = ir_nusd_to_usd(sum->maybe_nusd),
        .input_tokens = sum->input_tokens,
        .output_tokens = sum->output_tokens,
    };
    add_up(&cost->total, &line->public);
    return 0;
}

static int read_ledger(struct ir_cost *cost, const struct ir_world *world, struct ir_error *err)
{
    struct ir_ledger *ledger = NULL;
    struct ir_error own_error = {0};
    int rc = ir_ledger_open_existing(world, &ledger, &own_error);
    if (rc == 0 && ledger != NULL)
        rc = ir_ledger_sum(ledger, cost->month, take_sum, cost, &own_error);
    ir_ledger_close(ledger);
    if (rc == IR_ERR_NOMEM)
        return ir_fail_nomem(err);
    if (rc != 0 && own_error.code == 0)
        ir_fail(&own_error, rc, "the month has more kinds of requests than a report holds");
    if (rc != 0 && err != NULL)
        *err = own_error;
    return rc;
}

int ir_cost_new(const char *month, struct ir_cost **out, struct ir_error *err)
{
    const struct ir_world *world = ir_world_system();
    if (month != NULL && !is_month(month)) {
        ir_fail(err, IR_ERR_ARG, "\"%.40s\" is no month", month);
        ir_error_set_service(err, "month");
        ir_error_set_hint(err, "Write it as 2026-11.");
        return IR_ERR_ARG;
    }
    struct ir_cost *cost = ir_calloc(1, sizeof *cost);
    if (cost == NULL)
        return ir_fail_nomem(err);
    if (month != NULL)
        snprintf(cost->month, sizeof cost->month, "%s", month);
    else
        ir_ledger_month(world, cost->month);
    int rc = read_ledger(cost, world, err);
    if (rc == 0)
        *out = cost;
    else
        ir_cost_free(cost);
    return rc;
}

const char *ir_cost_month(const struct ir_cost *cost)
{
    return cost->month;
}

const struct ir_cost_line *ir_cost_get_line(const struct ir_cost *cost, size_t line_index)
{
    return line_index < cost->line_count ? &cost->lines[line_index]->public : NULL;
}

const struct ir_cost_line *ir_cost_total(const struct ir_cost *cost)
{
    return &cost->total;
}

static void put_numbers(struct ir_json_writer *out, const struct ir_cost_line *line)
{
    ir_json_member_put_integer(out, "requests", line->requests);
    ir_json_member_put_integer(out, "maybe_charged", line->maybe);
    ir_json_member_put_integer(out, "unpriced", line->unpriced);
    ir_json_member_put_number(out, "cost_usd", line->cost_usd, USD_DECIMALS);
    ir_json_member_put_number(out, "maybe_cost_usd", line->maybe_cost_usd, USD_DECIMALS);
    ir_json_member_put_integer(out, "input_tokens", line->input_tokens);
    ir_json_member_put_integer(out, "output_tokens", line->output_tokens);
}

int ir_cost_to_json(const struct ir_cost *cost, char **out_json, struct ir_error *err)
{
    struct ir_buf text;
    struct ir_json_writer out;
    ir_buf_init(&text, MAX_JSON_BYTES);
    ir_json_writer_init(&out, &text);
    ir_json_begin_object(&out);
    ir_json_member_put_string(&out, "schema", "imgrecog-cost/1");
    ir_json_member_put_string(&out, "month", cost->month);
    ir_json_key(&out, "lines");
    ir_json_begin_array(&out);
    for (size_t i = 0; i < cost->line_count; i++) {
        const struct ir_cost_line *line = &cost->lines[i]->public;
        ir_json_begin_object(&out);
        ir_json_member_put_string(&out, "service", line->service);
        ir_json_member_put_string(&out, "operation", line->operation);
        if (line->model != NULL)
            ir_json_member_put_string(&out, "model", line->model);
        ir_json_member_put_string(&out, "endpoint", line->endpoint);
        put_numbers(&out, line);
        ir_json_end_object(&out);
    }
    ir_json_end_array(&out);
    ir_json_key(&out, "total");
    ir_json_begin_object(&out);
    put_numbers(&out, &cost->total);
    ir_json_end_object(&out);
    ir_json_end_object(&out);
    int rc = ir_buf_check(&text, "the report", err);
    if (rc == 0)
        *out_json = ir_buf_take(&text);
    ir_buf_release(&text);
    return rc;
}

void ir_cost_free(struct ir_cost *cost)
{
    if (cost == NULL)
        return;
    for (size_t i = 0; i < cost->line_count; i++)
        ir_free(cost->lines[i]);
    ir_free(cost->lines);
    ir_free(cost);
}
