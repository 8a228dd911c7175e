/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One task over the pictures of a command line, one after another. */
#ifndef PLUGINS_BATCH_PICTURES_H
#define PLUGINS_BATCH_PICTURES_H

#include <imgrecog/result.h>

#include "plugins/batch/commands.h"
#include "plugins/batch/input.h"

/* Does the task on one picture; `*out` is the caller's. */
typedef int (*picture_task_fn)(const struct session *session, const struct ir_picture *picture,
                               struct ir_result **out, struct ir_error *err);

struct picture_work {
    const struct session *session;
    const struct encode_limits *limits; /* of the service that sees the picture */
    picture_task_fn task;
    /* What would fail for every picture: IR_ERR_ARG before any is read. NULL = nothing. */
    int (*check)(const struct session *session, struct ir_error *err);
    void (*print)(const char *name, const struct ir_result *result); /* for people */
    bool has_title;      /* of several pictures, each one's name goes before its words */
    bool reads_metadata; /* the file's own, for the task to judge or to tell */
    bool has_context;    /* the task tells what is known of the picture: session->context */
    /*
     * With --upload, the file is stored before the task; where this is set, after it, and only when
     * it says yes to the result.
     */
    bool (*may_store)(const struct ir_result *result);
    /* What a result means for the exit code of the program; NULL = nothing. */
    enum exit_code (*judge)(const struct ir_result *result);
};

/*
 * Runs the task on each name, prints the document or the words and every failure, and goes on with
 * the next picture unless it was cancelled, the credentials were refused or standard output cannot
 * be written. EXIT_WRONG_USE: "-" stands there twice.
 */
enum exit_code pictures_run(const struct picture_work *work, char *const *names, int count);

#endif
