/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What "Check for Sensitive Content" shares with its dialog. */
#ifndef PLUGINS_GIMP_CHECK_H
#define PLUGINS_GIMP_CHECK_H

#include "plugins/gimp/redact.h"
#include "plugins/gimp/task.h"

#define CHECK_ARG_LOOK_FOR "look-for"
#define CHECK_ARG_REDACT "redact"
#define CHECK_ARG_COPY "make-copy"
#define CHECK_PREVIEW_SIDE_PX 768
#define CHECK_HOW_FIRST REDACT_PIXELATE /* of the ways, where none is chosen */

/* A task's own. */
struct check_own {
    GBytes *exif; /* of the image; NULL = none */
    char *xmp;
    unsigned char *preview_rgb; /* the picture, small, for thumbnails */
    int preview_width_px;
    int preview_height_px;
    unsigned char *covered; /* 1 for each of its pixels that a layer covers since; NULL = none */
    enum redact_how how;    /* when no dialog asks */
    gboolean wants_copy;
};

/* What CHECK_ARG_REDACT may be: an enum redact_how. */
extern const struct choice check_redactions;

/* Places of the picture that was checked, with the margin of the settings; `rects` is borrowed, and
 * `task` is by the wish. */
struct redact_wish check_wish(struct task *task, const struct ir_rect *rects, size_t count,
                              enum redact_how how);

/*
 * A redact_check_fn; `context` is the task. IR_ERR_ARG also when the image was closed. What it was
 * told on success to be covered is left out of every later comparison.
 */
IR_MUST_CHECK int check_same(void *context, GimpImage *image, const struct cover_places *covered,
                             struct ir_error *err);

bool check_run_dialog(struct dialog *dialog);

#endif
