/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns what becomes of a result besides being printed. */
#include "plugins/batch/keep.h"

#include <imgrecog/log.h>

static int keep_log(const struct session *session, const struct ir_result *result,
                    struct ir_error *err)
{
    struct ir_log_options options = ir_settings_log_options(session->options->settings);

    options.cancel = session->cancel;
    return options.group != NULL ? ir_log_result(session->client, &options, result, err) : 0;
}

/* Of two outcomes the first that failed. */
static int first_of(int rc, int later_rc, const struct ir_error *later, struct ir_error *err)
{
    if (rc == 0 && later_rc != 0)
        *err = *later;
    return rc != 0 ? rc : later_rc;
}

int keep_result(const struct session *session, struct ir_result *result, const struct put *put,
                struct ir_error *err)
{
    struct ir_error later;
    int later_rc;
    int rc = 0;

    if (put != NULL && put->is_stored)
        rc = put_note(put, result, err);
    if (rc == 0)
        rc = keep_log(session, result, err);
    if (put == NULL || !put->is_stored)
        return rc;
    ir_error_clear(&later);
    later_rc = put_document(session, put, result, &later);
    return first_of(rc, later_rc, &later, err);
}
