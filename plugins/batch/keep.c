/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns what becomes of a result besides being printed. */
#include "plugins/batch/keep.h"

#include <stdio.h>
#include <string.h>

#include <imgrecog/log.h>
#include <imgrecog/upload.h>

#include "plugins/batch/capture.h"
#include "plugins/batch/print.h"
#include "plugins/common/fail.h"

static int keep_log(const struct session *session, const struct ir_result *result,
                    struct ir_error *err)
{
    struct ir_log_options options = ir_settings_log_options(session->options->settings);

    options.cancel = session->cancel;
    return options.group != NULL ? ir_log_result(session->client, &options, result, err) : 0;
}

/* ---- before ------------------------------------------------------------------------------ */

static int check_log(const struct session *session, struct ir_error *err)
{
    struct ir_log_options options = ir_settings_log_options(session->options->settings);

    options.cancel = session->cancel;
    return options.group != NULL ? ir_log_check(session->client, &options, err) : 0;
}

static int check_bucket(const struct session *session, struct ir_error *err)
{
    const struct options *options = session->options;

    return options->upload != NULL
               ? ir_upload_check_bucket(session->client, options->upload_uri.bucket,
                                        session->cancel, err)
               : 0;
}

int keep_check(const struct session *session, bool captures, struct ir_error *err)
{
    int rc = captures ? capture_check(session, err) : 0;

    if (rc == 0)
        rc = check_log(session, err);
    return rc == 0 ? check_bucket(session, err) : rc;
}

enum exit_code keep_check_exit(int rc)
{
    if (rc == IR_ERR_CANCELLED)
        return EXIT_CANCELLED;
    return rc == IR_ERR_ARG ? EXIT_WRONG_USE : EXIT_SOME_FAILED;
}

void keep_print_plan(const struct session *session, bool captures)
{
    const struct ir_settings *settings = session->options->settings;
    const char *group = ir_settings_get(settings, "log-group");
    const char *capture = ir_settings_get(settings, "capture");
    const char *precheck = ir_settings_get(settings, "precheck");

    if (strcmp(precheck, "off") != 0 && strcmp(ir_client_endpoint(session->client), "local") != 0)
        printf("  after this machine's recogniser has looked (precheck %s)\n", precheck);
    if (group != NULL) {
        fputs("  and logged in the log group ", stdout);
        print_clean(group, stdout);
        print_clean_line(", stream ", ir_settings_get(settings, "log-stream"), "");
    }
    if (capture != NULL && captures)
        print_clean_line("  and recorded below ", capture, "");
}

/* ---- after ------------------------------------------------------------------------------- */

int keep_result(const struct session *session, struct ir_result *result,
                const struct ir_picture *picture, const struct put *put, struct ir_error *err)
{
    bool is_stored = put != NULL && put->is_stored;
    struct ir_error step;
    int rc = 0;

    ir_error_clear(&step);
    if (is_stored)
        common_fail_first(put_note(put, result, &step), &step, &rc, err);
    ir_error_clear(&step);
    common_fail_first(keep_log(session, result, &step), &step, &rc, err);
    ir_error_clear(&step);
    if (picture != NULL)
        common_fail_first(capture_result(session, result, picture, &step), &step, &rc, err);
    ir_error_clear(&step);
    if (is_stored)
        common_fail_first(put_document(session, put, result, &step), &step, &rc, err);
    return rc;
}
