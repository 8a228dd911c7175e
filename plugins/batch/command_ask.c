/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imgrecog ask QUESTION PICTURE... */
#include <imgrecog/ask.h>

#include "plugins/batch/pictures.h"
#include "plugins/batch/stream.h"

static int ask(const struct session *session, const struct ir_picture *picture,
               struct ir_result **out, struct ir_error *err)
{
    struct ir_ask_options options = ir_settings_ask_options(session->options->settings);
    struct stream stream = {false};
    int rc;

    options.question = session->options->operands[0];
    options.cancel = session->cancel;
    options.on_text = session->options->json ? NULL : stream_text;
    options.text_context = &stream;
    rc = ir_ask(session->client, picture, &options, out, err);
    stream_end(&stream);
    return rc;
}

/* All of it has been streamed. */
static void print_nothing(const char *name, const struct ir_result *result)
{
    (void)name;
    (void)result;
}

enum exit_code command_ask(const struct session *session)
{
    const struct picture_work work = {
        .session = session,
        .limits = &encode_limits_converse,
        .task = ask,
        .print = print_nothing,
        .has_title = true,
    };

    return pictures_run(&work, session->options->operands + 1, session->options->operand_count - 1);
}
