/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is done with one picture. */
#ifndef IMAGEMAGICK_TASKS_H
#define IMAGEMAGICK_TASKS_H

#include <semaphore.h>

#include <MagickCore/MagickCore.h>

#include <imgrecog/client.h>

#include "plugins/common/overlay.h"
#include "plugins/imagemagick/arguments.h"
#include "plugins/imagemagick/notices.h"
#include "plugins/imagemagick/plan.h"
#include "plugins/imagemagick/put.h"

/* What all pictures of a command share. Read by several threads. */
struct work {
    const struct arguments *arguments;
    struct ir_client *client;
    struct ir_cancel *cancel;
    sem_t *encoders; /* held while pixels are encoded */
    struct put_target target;
    struct overlay_style style;
    struct plan *plan;   /* of a dry run, which changes no picture; NULL = pictures are sent */
    size_t draw_threads; /* of one picture */
    struct notices *notices;
};

/* Whether this task is asked for; IR_SETTING_*. */
static inline bool work_has_task(const struct work *work, unsigned task)
{
    return (work->arguments->tasks & task) != 0;
}

/*
 * Does the tasks on `image`, in this order: generate; labels, caption, check and ask on one
 * encoding; the action on what check found; metadata; upload; drawing. Upload comes before the
 * looks where what is stored does not depend on these. The first that fails ends it; what was
 * answered until then is published all the same, beside the error. The pixels are changed by what
 * succeeded only: on failure an image is as it was, but for what generate made and what was hidden.
 * `name` is the object's, where upload needs one. `*io_image` is replaced where its size changes
 * (action=crop); the old one is then still the caller's. `*out_is_safe`: a check was among the
 * tasks, and it and its action succeeded, whatever failed after them. One thread per image.
 */
IR_MUST_CHECK int tasks_run(const struct work *work, Image **io_image, const char *name,
                            bool *out_is_safe, struct ir_error *err);

/*
 * Makes an image unusable: white, without metadata, and without what any run found in it, but
 * for the document, the error, and of a check or an upload among `tasks` verdict and address.
 * For want of memory it may be a single white pixel, or as it was; the worse, the later it stands.
 */
enum blanked { BLANKED_WHITE, BLANKED_PIXEL, BLANKED_NOT };
enum blanked tasks_blank(Image *image, unsigned tasks);

#endif
