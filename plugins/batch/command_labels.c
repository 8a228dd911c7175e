/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imgrecog labels PICTURE... */
#include <imgrecog/labels.h>

#include "plugins/batch/pictures.h"
#include "plugins/batch/print.h"

static int find_labels(const struct session *session, const struct ir_picture *picture,
                       struct ir_result **out, struct ir_error *err)
{
    struct ir_labels_options options = ir_settings_labels_options(session->options->settings);

    options.cancel = session->cancel;
    return ir_labels(session->client, picture, &options, out, err);
}

static int check_options(const struct session *session, struct ir_error *err)
{
    struct ir_labels_options options = ir_settings_labels_options(session->options->settings);

    return ir_labels_check(session->client, &options, err);
}

enum exit_code command_labels(const struct session *session)
{
    struct ir_labels_options options = ir_settings_labels_options(session->options->settings);
    const struct picture_work work = {
        .session = session,
        .limits = encode_limits_labels(options.from),
        .task = find_labels,
        .check = check_options,
        .print = print_labels,
    };

    return pictures_run(&work, session->options->operands, session->options->operand_count);
}
