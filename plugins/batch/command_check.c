/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imgrecog check PICTURE... */
#include <imgrecog/check.h>

#include "plugins/batch/pictures.h"
#include "plugins/batch/print.h"

static int check(const struct session *session, const struct ir_picture *picture,
                 struct ir_result **out, struct ir_error *err)
{
    struct ir_check_options options = ir_settings_check_options(session->options->settings);

    options.cancel = session->cancel;
    return ir_check(session->client, picture, &options, out, err);
}

static enum exit_code judge(const struct ir_result *result)
{
    static const enum exit_code codes[] = {[IR_VERDICT_UNKNOWN] = EXIT_UNKNOWN,
                                           [IR_VERDICT_NO] = EXIT_FINE,
                                           [IR_VERDICT_YES] = EXIT_YES};

    return codes[ir_result_get_check(result)->verdict];
}

static bool says_no(const struct ir_result *result)
{
    return ir_result_get_check(result)->verdict == IR_VERDICT_NO;
}

enum exit_code command_check(const struct session *session)
{
    const struct picture_work work = {
        .session = session,
        .limits = &encode_limits_check,
        .task = check,
        .print = print_check,
        .may_store = says_no,
        .judge = judge,
        .reads_metadata = true,
    };

    return pictures_run(&work, session->options->operands, session->options->operand_count);
}
