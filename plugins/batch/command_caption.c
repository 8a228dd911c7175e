/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imgrecog caption PICTURE... */
#include <imgrecog/caption.h>

#include "plugins/batch/pictures.h"
#include "plugins/batch/print.h"
#include "plugins/batch/stream.h"

static int write_caption(const struct session *session, const struct ir_picture *picture,
                         struct ir_result **out, struct ir_error *err)
{
    struct ir_caption_options options = ir_settings_caption_options(session->options->settings);
    struct stream stream = {false};
    int rc;

    options.context = session->context;
    options.cancel = session->cancel;
    options.on_text = session->options->json ? NULL : stream_text;
    options.text_context = &stream;
    rc = ir_caption(session->client, picture, &options, out, err);
    stream_end(&stream);
    return rc;
}

static void print_rest(const char *name, const struct ir_result *result)
{
    (void)name;
    print_caption(result);
}

enum exit_code command_caption(const struct session *session)
{
    struct ir_caption_options options = ir_settings_caption_options(session->options->settings);
    /* From labels, it is Rekognition that sees the picture. */
    const struct picture_work work = {
        .session = session,
        .limits = options.from_labels ? &encode_limits_rekognition : &encode_limits_converse,
        .task = write_caption,
        .print = print_rest,
        .has_title = true,
        .has_context = true,
        .reads_metadata = ir_settings_is_true(session->options->settings, "use-metadata"),
    };

    return pictures_run(&work, session->options->operands, session->options->operand_count);
}
