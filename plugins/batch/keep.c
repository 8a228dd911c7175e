/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns what becomes of a result besides being printed. */
#include "plugins/batch/keep.h"

#include <imgrecog/log.h>

#include "plugins/batch/capture.h"
#include "plugins/common/fail.h"

static int keep_log(const struct session *session, const struct ir_result *result,
                    struct ir_error *err)
{
    struct ir_log_options options = ir_settings_log_options(session->options->settings);

    options.cancel = session->cancel;
    return options.group != NULL ? ir_log_result(session->client, &options, result, err) : 0;
}

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
