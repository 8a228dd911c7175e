/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A piece of work off the main thread: encoding and a call of the core. It uses plain memory only;
 * GIMP, GEGL and GTK belong to the main thread, which must run its main loop until the job is done.
 */
#ifndef PLUGINS_GIMP_JOB_H
#define PLUGINS_GIMP_JOB_H

#include <stdbool.h>

#include <imgrecog/client.h>

#include "plugins/common/encode.h"
#include "plugins/gimp/grab.h"

struct job;

/* Runs in the worker. Returns 0 or a negative code with `err` filled. */
typedef int (*job_work_fn)(struct job *job, void *task, struct ir_error *err);
/* Runs on the main thread, once, when the work has ended. */
typedef void (*job_done_fn)(void *context);

/* `task` is borrowed; while the job runs it belongs to the worker. NULL when out of memory. */
struct job *job_new(job_work_fn work, void *task);
/* Before the start: pixels for the worker, taken over. */
void job_give(struct job *job, struct grab *grab);
/* Only when it was never started, or is done. NULL is allowed. */
void job_free(struct job *job);

/* Main thread. */
void job_start(struct job *job, job_done_fn done, void *context);
void job_cancel(struct job *job);
bool job_is_running(const struct job *job);
/* True while a copy of the picture is kept in GIMP, where it would stay if this process died. */
bool job_holds_pixels(const struct job *job);
/* What the worker does now, in words for the user. Borrowed, static. */
const char *job_stage(struct job *job);
/* How much of it is done, 0 to 1; below 0 where that is not known. */
double job_fraction(struct job *job);
/* The words that have come since the last call (g_free); NULL when there are none. */
char *job_take_words(struct job *job);
/* What the work returned; `*out_err` is filled when it is not 0. Only when the job is done. */
int job_result(const struct job *job, struct ir_error *out_err);

/* Worker. */
const struct ir_cancel *job_get_cancel(const struct job *job);
/* `stage` must be static. */
void job_set_stage(struct job *job, const char *stage);
void job_set_fraction(struct job *job, double fraction);
/* A piece of an answer as it comes; `context` is the job. Pieces may end inside a character. */
void job_add_words(void *context, const char *text, size_t bytes);
/* One piece of work on the main thread. True while there is more to do. */
typedef bool (*job_piece_fn)(void *context);
/*
 * Has the main thread do `piece` again and again, other events in between, until all is done.
 * IR_ERR_CANCELLED.
 */
IR_MUST_CHECK int job_on_main(struct job *job, job_piece_fn piece, void *context,
                              struct ir_error *err);
/*
 * Reads the whole grab scaled to this size (rows without gaps, as grab_read_rows), by the main
 * thread. IR_ERR_CANCELLED.
 */
IR_MUST_CHECK int job_read(struct job *job, int width_px, int height_px, unsigned char *rgb,
                           struct ir_error *err);
/* Releases the grab: nothing is left in GIMP when it ends the plug-in in the middle of a call. */
void job_release_pixels(struct job *job);
/*
 * encode_jpeg of the grab, which is released afterwards. To be called once.
 * IR_ERR_CANCELLED, and as encode_jpeg. `*out_jpeg` is freed with free().
 */
IR_MUST_CHECK int job_encode(struct job *job, const struct encode_limits *limits,
                             unsigned char **out_jpeg, size_t *out_bytes, struct ir_error *err);

#endif
