/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns which tasks only look at a picture, and that they look at the same bytes: it is encoded once
 * for all of them, within what each service takes.
 */
#include "plugins/imagemagick/look.h"

#include <string.h>

#include <imgrecog/ask.h>
#include <imgrecog/caption.h>
#include <imgrecog/check.h>
#include <imgrecog/labels.h>

#include "plugins/common/magick_outgoing.h"
#include "plugins/common/magick_privates.h"
#include "plugins/common/pool.h"

/* Makes `result` a part of the picture's document; takes it over, on failure too. */
static int take_result(struct ir_result **io_result, struct ir_result *result, struct ir_error *err)
{
    int rc = 0;

    if (*io_result == NULL) {
        *io_result = result;
        return 0;
    }
    rc = ir_result_merge(*io_result, result, err);
    ir_result_free(result);
    return rc;
}

/* `wants_sha256`: the SHA-256 of the bytes is reckoned once for the whole document. */
typedef int (*look_fn)(const struct work *work, const struct ir_picture *sent, bool wants_sha256,
                       struct ir_result **out, struct ir_error *err);

static int look_labels(const struct work *work, const struct ir_picture *sent, bool wants_sha256,
                       struct ir_result **out, struct ir_error *err)
{
    struct ir_labels_options options = ir_settings_labels_options(work->arguments->settings);

    if (work_has_task(work, IR_SETTING_GENERATE)) /* whose prompt it is */
        options.prompt = NULL;
    options.sha256 = wants_sha256;
    options.cancel = work->cancel;
    return ir_labels(work->client, sent, &options, out, err);
}

static int look_caption(const struct work *work, const struct ir_picture *sent, bool wants_sha256,
                        struct ir_result **out, struct ir_error *err)
{
    struct ir_caption_options options = ir_settings_caption_options(work->arguments->settings);

    options.sha256 = wants_sha256;
    options.cancel = work->cancel;
    return ir_caption(work->client, sent, &options, out, err);
}

static int look_check(const struct work *work, const struct ir_picture *sent, bool wants_sha256,
                      struct ir_result **out, struct ir_error *err)
{
    struct ir_check_options options = ir_settings_check_options(work->arguments->settings);

    options.sha256 = wants_sha256;
    options.cancel = work->cancel;
    return ir_check(work->client, sent, &options, out, err);
}

static int look_ask(const struct work *work, const struct ir_picture *sent, bool wants_sha256,
                    struct ir_result **out, struct ir_error *err)
{
    struct ir_ask_options options = ir_settings_ask_options(work->arguments->settings);

    options.question = ir_settings_get(work->arguments->settings, "question");
    options.sha256 = wants_sha256;
    options.cancel = work->cancel;
    return ir_ask(work->client, sent, &options, out, err);
}

static const struct look {
    unsigned task;
    const struct encode_limits *limits;
    look_fn look;
} looks[] = {
    {IR_SETTING_LABELS, NULL, look_labels}, /* by the setting `from` */
    {IR_SETTING_CAPTION, &encode_limits_converse, look_caption},
    {IR_SETTING_CHECK, &encode_limits_check, look_check},
    {IR_SETTING_ASK, &encode_limits_converse, look_ask},
};
#define LOOK_COUNT (sizeof looks / sizeof looks[0])

static const struct encode_limits *limits_of_look(const struct work *work, const struct look *look)
{
    const struct ir_settings *settings = work->arguments->settings;

    return look->limits != NULL ? look->limits
                                : encode_limits_labels(ir_settings_get(settings, "from"));
}

/*
 * What all services take that are to look at the picture. Where Rekognition looks too, the picture
 * is not made as small as suits models alone: they take what check sends.
 */
static struct encode_limits limits_of(const struct work *work)
{
    struct encode_limits limits = {0};
    const struct encode_limits *first = NULL;

    for (size_t i = 0; i < LOOK_COUNT; i++) {
        const struct encode_limits *own = limits_of_look(work, &looks[i]);

        if (!work_has_task(work, looks[i].task))
            continue;
        if (first == NULL)
            limits = *own;
        else if (own != first)
            limits = encode_limits_check;
        first = first == NULL ? own : first;
    }
    return limits;
}

/* In turn: each holds a whole picture more in memory. */
static int encode_in_turn(const struct work *work, const Image *image,
                          const struct encode_limits *limits, struct outgoing *out,
                          struct ir_error *err)
{
    int rc;

    pool_take_turn(work->encoders);
    rc = outgoing_init(out, image, limits, err);
    sem_post(work->encoders);
    return rc;
}

static int encode(const struct work *work, const Image *image, struct outgoing *out,
                  struct ir_error *err)
{
    const struct encode_limits limits = limits_of(work);
    int rc = encode_in_turn(work, image, &limits, out, err);

    if (rc == 0 && work_has_task(work, IR_SETTING_CHECK))
        rc = magick_privates_tell(out->picture, image, err);
    return rc;
}

int look_at(const struct work *work, const Image *image, struct ir_result **io_result,
            struct ir_error *err)
{
    struct outgoing outgoing = {0};
    bool is_wanted = false;
    int rc;

    for (size_t i = 0; i < LOOK_COUNT; i++)
        is_wanted = is_wanted || work_has_task(work, looks[i].task);
    if (!is_wanted)
        return 0;
    rc = encode(work, image, &outgoing, err);
    for (size_t i = 0; rc == 0 && i < LOOK_COUNT; i++) {
        bool wants_sha256 = *io_result == NULL || ir_result_width_px(*io_result) == 0;
        struct ir_result *result = NULL;

        if (!work_has_task(work, looks[i].task))
            continue;
        rc = looks[i].look(work, outgoing.picture, wants_sha256, &result, err);
        if (rc == 0)
            rc = take_result(io_result, result, err);
    }
    outgoing_release(&outgoing);
    return rc;
}

int look_before_upload(const struct work *work, const Image *image, struct ir_result **io_result,
                       struct ir_error *err)
{
    bool has_looked = *io_result != NULL && ir_result_get_precheck(*io_result) != NULL &&
                      !ir_result_is_held_back(*io_result);
    struct outgoing outgoing = {0};
    struct ir_result *result = NULL;
    int rc;

    if (strcmp(ir_settings_get(work->arguments->settings, "precheck"), "off") == 0 || has_looked)
        return 0;
    rc = encode_in_turn(work, image, &encode_limits_check, &outgoing, err);
    if (rc == 0)
        rc = ir_precheck_picture(work->client, outgoing.picture, work->cancel, &result, err);
    outgoing_release(&outgoing);
    return rc == 0 ? take_result(io_result, result, err) : rc;
}
