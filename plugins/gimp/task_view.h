/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lower part of every dialog: progress and Cancel while a job runs, and what came of it when
 * that must be said, with buttons for what may be done about it. The dialog stays open and alive;
 * its entries survive an error.
 */
#ifndef PLUGINS_GIMP_TASK_VIEW_H
#define PLUGINS_GIMP_TASK_VIEW_H

#include <stdbool.h>

#include <libgimp/gimpui.h>

#include "plugins/gimp/job.h"

struct task_view;

/* g_object_set_data on a part of the content that is to stay enabled while a job runs. */
#define TASK_VIEW_KEEP "imgrecog-keep"

/* Told the words of an answer as they come. */
typedef void (*task_view_words_fn)(void *context, const char *words);

/* Adds its widgets to the end of the dialog's content. Freed with task_view_free. */
struct task_view *task_view_new(GimpDialog *dialog);
bool task_view_has_words(const struct task_view *view);
/* How high the words are that are shown; 0 when none are. */
int task_view_height_px(const struct task_view *view);
/* Before the dialog is destroyed. */
void task_view_free(struct task_view *view);

enum task_tone {
    TASK_NOTICE,
    TASK_DONE,
    TASK_WARNING,
    TASK_ERROR,
};
#define TASK_VIEW_ICON_DONE "gtk-ok" /* GIMP's icon themes have it */
/* Shows `text` until the next start or task_view_clear. */
void task_view_say(struct task_view *view, enum task_tone tone, const char *text);
/* An error under a heading (NULL = none), with details that can be opened (NULL = none). */
void task_view_fail(struct task_view *view, const char *heading, const char *text,
                    const char *details);
/* Adds a button below what is said: pressing it is this response of the dialog. Its label has no
 * key for Alt, since each dialog has others. */
void task_view_offer(struct task_view *view, const char *label, int response);
void task_view_clear(struct task_view *view);

/*
 * Disables everything but Cancel and shows progress. The first half of a run: start the job with
 * task_view_done and the view as its context afterwards. A Cancel is obeyed from here on.
 */
void task_view_begin(struct task_view *view, const char *stage);
/* turn_until_idle. True when the user has cancelled. */
bool task_view_settle(struct task_view *view);
/* A job_done_fn; its context is the view. */
void task_view_done(void *context);
/*
 * Runs the dialog until the job is done; `on_words` (may be NULL) is told what comes meanwhile.
 * Cancel, Escape and closing the window cancel the job; true when that was so, even if the job was
 * done in the same moment.
 */
bool task_view_wait(struct task_view *view, struct job *job, task_view_words_fn on_words,
                    void *words_context);
/*
 * Between task_view_begin and task_view_end: runs `work` as a job and waits as above. Its code;
 * `err` is filled where it is not 0.
 */
IR_MUST_CHECK int task_view_run(struct task_view *view, job_work_fn work, void *work_context,
                                struct ir_error *err);
/* Words on the progress bar for what follows, which may take a moment. */
void task_view_set_stage(struct task_view *view, const char *stage);
/* Enables everything again and hides the progress. */
void task_view_end(struct task_view *view);

#endif
