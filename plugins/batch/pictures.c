/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the way of one picture: read, ask, print; and what its failure means for the next one. */
#include "plugins/batch/pictures.h"

#include <stdio.h>
#include <string.h>

#include "plugins/batch/print.h"

static int log_result(const struct session *session, const struct ir_result *result,
                      struct ir_error *err)
{
    struct ir_log_options options = ir_settings_log_options(session->options->settings);

    options.cancel = session->cancel;
    return options.group != NULL ? ir_log_result(session->client, &options, result, err) : 0;
}

/* The graver of two outcomes: a failure, then YES, then UNKNOWN. */
static enum exit_code graver(enum exit_code a, enum exit_code b)
{
    static const int weights[] = {
        [EXIT_FINE] = 0, [EXIT_UNKNOWN] = 1, [EXIT_YES] = 2, [EXIT_SOME_FAILED] = 3};

    return weights[a] >= weights[b] ? a : b;
}

/* What all pictures come to. */
struct outcome {
    enum exit_code code;
    struct cost_sum cost;
};

/* What follows when there are results; a dry run has none. */
static int conclude(const struct picture_work *work, const struct ir_result *result,
                    struct outcome *outcome, struct ir_error *err)
{
    int rc;

    if (work->session->is_dry)
        return 0;
    rc = log_result(work->session, result, err);
    if (rc == 0 && work->judge != NULL)
        outcome->code = graver(outcome->code, work->judge(result));
    return rc;
}

static int run_one(const struct picture_work *work, const char *name, bool has_title,
                   struct outcome *outcome, struct ir_error *err)
{
    bool is_dry = work->session->is_dry;
    struct ir_result *result = NULL;
    struct input input;
    int rc = input_init(&input, work->session, name, work->limits, err);

    if (rc == 0 && has_title && !is_dry)
        print_title(name);
    if (rc == 0)
        rc = work->task(work->session, input.picture, &result, err);
    if (rc == 0 && work->session->options->json)
        rc = print_json(result, err);
    else if (rc == 0 && is_dry)
        print_planned(name, result);
    else if (rc == 0)
        work->print(name, result);
    if (result != NULL)
        cost_sum_add(&outcome->cost, result);
    if (rc == 0)
        print_missing(name, result);
    if (rc == 0)
        rc = print_finish(err);
    if (rc == 0)
        rc = conclude(work, result, outcome, err);
    ir_result_free(result);
    input_release(&input);
    return rc;
}

/* Standard input can be read once. */
static bool names_input_twice(char *const *names, int count)
{
    int times = 0;

    for (int i = 0; i < count; i++)
        times += strcmp(names[i], "-") == 0 ? 1 : 0;
    return times > 1;
}

static enum exit_code run_all(const struct picture_work *work, char *const *names, int count,
                              struct outcome *outcome)
{
    bool has_titles = work->has_title && count > 1 && !work->session->options->json;

    for (int i = 0; i < count; i++) {
        struct ir_error err;
        int rc;

        ir_error_clear(&err);
        rc = run_one(work, names[i], has_titles, outcome, &err);
        if (rc == 0)
            continue;
        print_error(names[i], &err);
        if (rc == IR_ERR_CANCELLED)
            return EXIT_CANCELLED;
        outcome->code = EXIT_SOME_FAILED;
        if (ferror(stdout)) /* nobody would see what the next ones cost */
            return outcome->code;
        if (rc == IR_ERR_AUTH && i + 1 < count) {
            fprintf(stderr, "imgrecog: %d more not tried, since credentials were refused\n",
                    count - i - 1);
            return outcome->code;
        }
    }
    return outcome->code;
}

enum exit_code pictures_run(const struct picture_work *work, char *const *names, int count)
{
    struct outcome outcome = {.code = EXIT_FINE};
    enum exit_code code;

    if (names_input_twice(names, count)) {
        fprintf(stderr, "imgrecog: - stands for standard input, and there is only one\n");
        return EXIT_WRONG_USE;
    }
    code = run_all(work, names, count, &outcome);
    print_cost(&outcome.cost, ir_client_spent_usd(work->session->client));
    return code;
}
