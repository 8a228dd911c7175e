/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the way of one picture: read, ask, print; and what its failure means for the next one. */
#include "plugins/batch/pictures.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <imgrecog/key.h>

#include "plugins/batch/keep.h"
#include "plugins/batch/print.h"
#include "plugins/common/metadata.h"

#define CONTEXT_BYTES 4097 /* what the caption task takes, and the NUL */

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

/* ---- one picture ------------------------------------------------------------------------- */

struct visit {
    const struct picture_work *work;
    const struct session *session; /* with what is known of this picture */
    const char *name;
    const struct input *input;
};

/* Where --upload puts the picture. An object of S3 and standard input have no time of a file. */
static int find_key(const struct visit *visit, struct ir_s3_uri *out, struct ir_error *err)
{
    bool is_input = strcmp(visit->name, "-") == 0;
    struct ir_key_data data = {is_input ? "stdin" : visit->name, visit->input->file,
                               visit->input->file_bytes, 0};
    struct stat status;

    if (!is_input && stat(visit->name, &status) == 0)
        data.changed_unix_s = status.st_mtim.tv_sec;
    *out = visit->session->options->upload_uri;
    return ir_key_of_data(out->key, &data, out->key, err);
}

/* The file as it is goes to S3, as the key template of --upload says. */
static int upload(const struct visit *visit, struct put *out, struct ir_error *err)
{
    const struct put_bytes data = {visit->input->file, visit->input->file_bytes, false};
    struct ir_s3_uri uri;
    int rc;

    if (visit->session->options->upload == NULL)
        return 0;
    rc = find_key(visit, &uri, err);
    return rc == 0 ? put_data(visit->session, &data, &uri, out, err) : rc;
}

static int print_result(const struct visit *visit, struct ir_result *result, const struct put *put,
                        struct ir_error *err)
{
    int rc = 0;

    if (visit->session->options->json) {
        if (put->is_stored)
            rc = put_note_link(put, result, err);
        if (rc == 0)
            rc = print_json(result, err);
    } else {
        visit->work->print(visit->name, result);
        if (put->is_stored)
            put_print(put);
    }
    if (rc == 0) {
        print_precheck(visit->name, result);
        print_missing(visit->name, result);
    }
    return rc == 0 ? print_finish(err) : rc;
}

/* Printed in any case, for it was paid for; then a failure of the other places is told. */
static int report(const struct visit *visit, struct ir_result *result, const struct put *put,
                  struct ir_error *err)
{
    struct ir_error keep_err;
    int keep_rc;
    int rc;

    ir_error_clear(&keep_err);
    keep_rc = keep_result(visit->session, result, visit->input->picture, put, &keep_err);
    rc = print_result(visit, result, put, err);
    if (rc == 0 && keep_rc != 0)
        *err = keep_err;
    return rc != 0 ? rc : keep_rc;
}

/* A picture that must be looked at before it leaves this machine is not stored before that. */
static bool stores_first(const struct visit *visit)
{
    const char *precheck = ir_settings_get(visit->session->options->settings, "precheck");

    return visit->work->may_store == NULL && strcmp(precheck, "block") != 0;
}

/* After the task, when its result allows it. A failure is told when the result has been printed. */
static int store_later(const struct visit *visit, const struct ir_result *result, struct put *out,
                       struct ir_error *err)
{
    if (stores_first(visit) || visit->session->options->upload == NULL)
        return 0;
    if (visit->work->may_store == NULL || visit->work->may_store(result))
        return upload(visit, out, err);
    print_note(visit->name, "it is not stored, for check does not say NO");
    return 0;
}

/* The task and all that comes of it. */
static int work_on(const struct visit *visit, struct put *put, struct ir_result **out,
                   struct ir_error *err)
{
    struct ir_error upload_err;
    int upload_rc;
    int rc = visit->work->task(visit->session, visit->input->picture, out, err);

    if (rc != 0)
        return rc;
    ir_error_clear(&upload_err);
    upload_rc = store_later(visit, *out, put, &upload_err);
    rc = report(visit, *out, put, err);
    if (rc == 0 && upload_rc != 0)
        *err = upload_err;
    return rc != 0 ? rc : upload_rc;
}

static int run_task(const struct visit *visit, struct outcome *outcome, struct ir_error *err)
{
    struct ir_result *result = NULL;
    struct put put = {0};
    int rc = stores_first(visit) ? upload(visit, &put, err) : 0;

    if (rc == 0)
        rc = work_on(visit, &put, &result, err);
    if (result != NULL)
        cost_sum_add(&outcome->cost, result);
    if (rc != 0 && result == NULL && put.is_stored)
        print_note(visit->name, "it is stored all the same");
    if (rc == 0 && visit->work->judge != NULL)
        outcome->code = graver(outcome->code, visit->work->judge(result));
    ir_result_free(result);
    put_release(&put);
    return rc;
}

/* What would be sent, what it would cost, and where the picture would be stored. */
static int plan(const struct visit *visit, struct ir_error *err)
{
    struct ir_result *result = NULL;
    struct ir_s3_uri uri;
    bool stores = visit->session->options->upload != NULL;
    int rc = visit->work->task(visit->session, visit->input->picture, &result, err);

    if (rc == 0 && stores)
        rc = find_key(visit, &uri, err);
    if (rc == 0 && stores)
        rc = ir_upload_note_plan(result, &uri, err);
    if (rc == 0 && visit->session->options->json) {
        rc = print_json(result, err);
    } else if (rc == 0) {
        print_planned(visit->name, result, visit->session->context);
        if (stores) {
            printf("  and stored as s3://%s/", uri.bucket);
            print_clean_line("", uri.key,
                             visit->work->may_store != NULL ? ", where check says NO" : "");
        }
        keep_print_plan(visit->session, true);
    }
    if (rc == 0)
        print_precheck(visit->name, result);
    ir_result_free(result);
    return rc == 0 ? print_finish(err) : rc;
}

static int run_one(const struct picture_work *work, const char *name, bool has_title,
                   struct outcome *outcome, struct ir_error *err)
{
    struct session session = *work->session;
    char context[CONTEXT_BYTES];
    struct input input;
    const struct visit visit = {work, &session, name, &input};
    int rc = input_init(&input, &session, name, work->limits, err);

    if (rc == 0)
        rc = read_metadata(work, &input, context, err);
    if (rc == 0 && work->has_context)
        session.context =
            context[0] != '\0' ? context : ir_settings_get(session.options->settings, "context");
    if (rc == 0 && session.is_dry) {
        rc = plan(&visit, err);
    } else if (rc == 0) {
        if (has_title)
            print_title(name);
        rc = run_task(&visit, outcome, err);
    }
    input_release(&input);
    return rc;
}

/* What would fail for every picture, and only after it was paid for or uploaded. */
static int check_first(const struct picture_work *work, struct ir_error *err)
{
    const struct session *session = work->session;
    bool stores = session->options->upload != NULL;
    int rc = stores ? ir_key_check(session->options->upload_uri.key, err) : 0;

    if (rc == 0 && stores)
        rc = put_check(session, err);
    if (rc == 0 && work->check != NULL)
        rc = work->check(session, err);
    return rc == 0 ? keep_check(session, true, err) : rc;
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
    struct ir_error err;
    enum exit_code code;
    int rc;

    if (names_input_twice(names, count)) {
        fprintf(stderr, "imgrecog: - stands for standard input, and there is only one\n");
        return EXIT_WRONG_USE;
    }
    ir_error_clear(&err);
    rc = check_first(work, &err);
    if (rc != 0) {
        print_error(NULL, &err);
        return keep_check_exit(rc);
    }
    code = run_all(work, names, count, &outcome);
    print_cost(&outcome.cost, ir_client_spent_usd(work->session->client),
               !work->session->options->json);
    return code;
}
