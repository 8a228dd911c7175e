/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the way of one picture: read, ask, print; and what its failure means for the next one. */
#include "plugins/batch/pictures.h"

#include <stdio.h>
#include <string.h>

#include "plugins/batch/print.h"
#include "plugins/common/metadata.h"

#define CONTEXT_BYTES 4097 /* what the caption task takes, and the NUL */

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

/* What the file says of the picture, into `out`; what is private in it the picture is told. */
static int read_metadata(const struct picture_work *work, const struct input *input,
                         char out[CONTEXT_BYTES], struct ir_error *err)
{
    const struct ir_settings *settings = work->session->options->settings;
    struct metadata metadata = {0};
    int rc = 0;

    if (work->reads_metadata)
        rc = metadata_read(input->file, input->file_bytes, &metadata, err);
    if (rc == 0 && metadata.is_known)
        ir_picture_add_privates(input->picture, metadata.privates);
    out[0] = '\0';
    if (rc == 0 && work->reads_metadata && work->has_context)
        metadata_context(&metadata, ir_settings_get(settings, "context"), out, CONTEXT_BYTES);
    return rc;
}

/* What follows when there are results; a dry run has none. */
static int conclude(const struct picture_work *work, const struct session *session,
                    const struct ir_result *result, struct outcome *outcome, struct ir_error *err)
{
    int rc;

    if (session->is_dry)
        return 0;
    rc = log_result(session, result, err);
    if (rc == 0 && work->judge != NULL)
        outcome->code = graver(outcome->code, work->judge(result));
    return rc;
}

/* The task on a picture that has been read, and all that is told of it. */
static int run_task(const struct picture_work *work, const struct session *session,
                    const char *name, const struct input *input, struct outcome *outcome,
                    struct ir_error *err)
{
    struct ir_result *result = NULL;
    int rc = work->task(session, input->picture, &result, err);

    if (rc == 0 && session->options->json)
        rc = print_json(result, err);
    else if (rc == 0 && session->is_dry)
        print_planned(name, result, session->context);
    else if (rc == 0)
        work->print(name, result);
    if (result != NULL)
        cost_sum_add(&outcome->cost, result);
    if (rc == 0) {
        print_precheck(name, result);
        print_missing(name, result);
    }
    if (rc == 0)
        rc = print_finish(err);
    if (rc == 0)
        rc = conclude(work, session, result, outcome, err);
    ir_result_free(result);
    return rc;
}

static int run_one(const struct picture_work *work, const char *name, bool has_title,
                   struct outcome *outcome, struct ir_error *err)
{
    struct session session = *work->session;
    char context[CONTEXT_BYTES];
    struct input input;
    int rc = input_init(&input, &session, name, work->limits, err);

    if (rc == 0)
        rc = read_metadata(work, &input, context, err);
    if (rc == 0 && work->has_context)
        session.context =
            context[0] != '\0' ? context : ir_settings_get(session.options->settings, "context");
    if (rc == 0 && has_title && !session.is_dry)
        print_title(name);
    if (rc == 0)
        rc = run_task(work, &session, name, &input, outcome, err);
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
