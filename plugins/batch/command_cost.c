/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imgrecog cost [MONTH]: what the ledger says. */
#include <imgrecog/cost.h>

#include <stdio.h>
#include <string.h>

#include "plugins/batch/commands.h"
#include "plugins/batch/print.h"

#define TITLE_COLUMNS 54

/* "33 requests, $0.033" and what is not certain of it. */
static void print_sum(const char *title, const struct ir_cost_line *line)
{
    print_padded(title, TITLE_COLUMNS);
    printf("%6lld request%s ", line->requests, line->requests == 1 ? ", " : "s,");
    print_usd(line->cost_usd, stdout);
    if (line->maybe > 0) {
        printf("; %lld failed after being sent, maybe up to ", line->maybe);
        print_usd(line->maybe_cost_usd, stdout);
        printf(" more");
    }
    if (line->unpriced > 0)
        printf("; %lld without a known price", line->unpriced);
    printf("\n");
}

static void print_line(const struct ir_cost_line *line)
{
    char title[512];
    bool is_aws = strcmp(line->endpoint, "aws") == 0;

    snprintf(title, sizeof title, "  %s %s%s%s%s%s%s", line->service, line->operation,
             line->model != NULL ? " (" : "", line->model != NULL ? line->model : "",
             line->model != NULL ? ")" : "", is_aws ? "" : " at ", is_aws ? "" : line->endpoint);
    print_sum(title, line);
}

static void print_words(const struct ir_cost *cost)
{
    const struct ir_cost_line *line;

    if (ir_cost_get_line(cost, 0) == NULL) {
        printf("%s: no paid request in the ledger\n", ir_cost_month(cost));
        return;
    }
    printf("%s, by the list prices at the time of each request; your bill may say otherwise\n",
           ir_cost_month(cost));
    for (size_t i = 0; (line = ir_cost_get_line(cost, i)) != NULL; i++)
        print_line(line);
    print_sum("  all", ir_cost_total(cost));
}

static int print_document(const struct ir_cost *cost, struct ir_error *err)
{
    char *json = NULL;
    int rc = ir_cost_to_json(cost, &json, err);

    if (rc == 0)
        printf("%s\n", json);
    ir_free(json);
    return rc;
}

enum exit_code command_cost(const struct session *session)
{
    const struct options *options = session->options;
    struct ir_cost *cost = NULL;
    struct ir_error err;
    int rc;

    ir_error_clear(&err);
    rc = ir_cost_new(options->operand_count > 0 ? options->operands[0] : NULL, &cost, &err);
    if (rc == 0 && options->json)
        rc = print_document(cost, &err);
    else if (rc == 0)
        print_words(cost);
    if (rc == 0)
        rc = print_finish(&err);
    if (rc != 0)
        print_error("cost", &err);
    ir_cost_free(cost);
    if (rc == IR_ERR_ARG && strcmp(err.service, "month") == 0)
        return EXIT_WRONG_USE;
    return rc == 0 ? EXIT_FINE : EXIT_SOME_FAILED;
}
