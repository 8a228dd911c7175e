/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the way of one picture: read, ask, print; and what its failure means for the next one. */
#include "plugins/batch/pictures.h"

#include <stdio.h>
#include <string.h>

#include <imgrecog/key.h>

#include "plugins/batch/keep.h"
#include "plugins/batch/print.h"

/* The graver of two outcomes: a failure, then YES, then UNKNOWN. */
static enum exit_code graver(enum exit_code a, enum exit_code b)
{
    static const int weights[] = {
        [EXIT_FINE] = 0, [EXIT_UNKNOWN] = 1, [EXIT_YES] = 2, [EXIT_SOME_FAILED] = 3};

    return weights[a] >= weights[b] ? a : b;
}

/* ---- one picture ------------------------------------------------------------------------- */

/* The file as it is goes to S3 first, as the key template of --upload says. */
static int upload(const struct session *session, const char *name, const struct input *input,
                  struct put *out, struct ir_error *err)
{
    const char *target = session->options->upload;
    const char *file = strcmp(name, "-") == 0 ? "stdin" : name;
    struct ir_s3_uri uri;
    int rc;

    if (target == NULL)
        return 0;
    rc = ir_s3_uri_parse(target, &uri, err);
    if (rc == 0)
        rc = ir_key_of_data(uri.key, file, input->original, input->original_bytes, uri.key, err);
    return rc == 0
               ? put_data(session, input->original, input->original_bytes, &uri, false, out, err)
               : rc;
}

static int print_result(const struct picture_work *work, const char *name, struct ir_result *result,
                        const struct put *put, struct ir_error *err)
{
    int rc = 0;

    if (work->session->options->json) {
        if (put->is_stored)
            rc = put_note_link(put, result, err);
        if (rc == 0)
            rc = print_json(result, err);
    } else {
        work->print(name, result);
        if (put->is_stored)
            put_print(put);
    }
    if (rc == 0) {
        print_precheck(name, result);
        print_missing(name, result);
    }
    return rc == 0 ? print_finish(err) : rc;
}

/* Printed in any case, for it was paid for; then a failure of the other places is told. */
static int report(const struct picture_work *work, const char *name, struct ir_result *result,
                  const struct put *put, struct ir_error *err)
{
    struct ir_error keep_err;
    int keep_rc;
    int rc;

    ir_error_clear(&keep_err);
    keep_rc = keep_result(work->session, result, put, &keep_err);
    rc = print_result(work, name, result, put, err);
    if (rc == 0 && keep_rc != 0)
        *err = keep_err;
    return rc != 0 ? rc : keep_rc;
}

/* A picture that must be looked at before it leaves this machine is not stored before that. */
static bool stores_first(const struct picture_work *work)
{
    const char *precheck = ir_settings_get(work->session->options->settings, "precheck");

    return work->may_store == NULL && strcmp(precheck, "block") != 0;
}

/* After the task, when its result allows it. A failure is told when the result has been printed. */
static int store_later(const struct picture_work *work, const char *name, const struct input *input,
                       const struct ir_result *result, struct put *out, struct ir_error *err)
{
    if (stores_first(work) || work->session->options->upload == NULL)
        return 0;
    if (work->may_store == NULL || work->may_store(result))
        return upload(work->session, name, input, out, err);
    print_note(name, "it is not stored, for check does not say NO");
    return 0;
}

/* The task and all that comes of it. */
static int work_on(const struct picture_work *work, const char *name, const struct input *input,
                   struct put *put, struct ir_result **out, struct ir_error *err)
{
    struct ir_error upload_err;
    int upload_rc;
    int rc = work->task(work->session, input->picture, out, err);

    if (rc != 0)
        return rc;
    ir_error_clear(&upload_err);
    upload_rc = store_later(work, name, input, *out, put, &upload_err);
    rc = report(work, name, *out, put, err);
    if (rc == 0 && upload_rc != 0)
        *err = upload_err;
    return rc != 0 ? rc : upload_rc;
}

static int run_one(const struct picture_work *work, const char *name, bool has_title,
                   enum exit_code *code, struct ir_error *err)
{
    struct ir_result *result = NULL;
    struct put put = {0};
    struct input input;
    int rc = input_init(&input, work->session, name, work->limits, err);

    if (rc == 0 && stores_first(work))
        rc = upload(work->session, name, &input, &put, err);
    if (rc == 0 && has_title)
        print_title(name);
    if (rc == 0)
        rc = work_on(work, name, &input, &put, &result, err);
    if (rc != 0 && result == NULL && put.is_stored)
        print_note(name, "it is stored all the same");
    if (rc == 0 && work->judge != NULL)
        *code = graver(*code, work->judge(result));
    ir_result_free(result);
    put_release(&put);
    input_release(&input);
    return rc;
}

/* What would fail for every picture, and only after it was paid for or uploaded. */
static int check_upload(const struct session *session, struct ir_error *err)
{
    const char *target = session->options->upload;
    struct ir_s3_uri uri;
    int rc = target != NULL ? ir_s3_uri_parse(target, &uri, err) : 0;

    if (target == NULL || rc != 0)
        return rc;
    rc = ir_key_check(uri.key, err);
    return rc == 0 ? put_check(session, err) : rc;
}

/* Standard input can be read once. */
static bool names_input_twice(char *const *names, int count)
{
    int times = 0;

    for (int i = 0; i < count; i++)
        times += strcmp(names[i], "-") == 0 ? 1 : 0;
    return times > 1;
}

enum exit_code pictures_run(const struct picture_work *work, char *const *names, int count)
{
    bool has_titles = work->has_title && count > 1 && !work->session->options->json;
    enum exit_code code = EXIT_FINE;
    struct ir_error err;

    if (names_input_twice(names, count)) {
        fprintf(stderr, "imgrecog: - stands for standard input, and there is only one\n");
        return EXIT_WRONG_USE;
    }
    ir_error_clear(&err);
    if (check_upload(work->session, &err) != 0) {
        print_error("--upload", &err);
        return EXIT_WRONG_USE;
    }
    for (int i = 0; i < count; i++) {
        int rc;

        ir_error_clear(&err);
        rc = run_one(work, names[i], has_titles, &code, &err);
        if (rc == 0)
            continue;
        print_error(names[i], &err);
        if (rc == IR_ERR_CANCELLED)
            return EXIT_CANCELLED;
        code = EXIT_SOME_FAILED;
        if (ferror(stdout)) /* nobody would see what the next ones cost */
            return code;
        if (rc == IR_ERR_AUTH && i + 1 < count) {
            fprintf(stderr, "imgrecog: %d more not tried, since credentials were refused\n",
                    count - i - 1);
            return code;
        }
    }
    return code;
}
