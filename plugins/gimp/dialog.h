/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The frame of every dialog: who is asked, the kind's own fields, what would be sent, progress,
 * errors with their next step, and buttons. The procedure's config is the model: widgets write to
 * it and follow it.
 *
 * Mnemonics must differ from those of the buttons: C (Cancel), V (service), A (address) and the
 * kind's own OK; with presets also R, L and S.
 */
#ifndef PLUGINS_GIMP_DIALOG_H
#define PLUGINS_GIMP_DIALOG_H

#include <stdbool.h>

#include <libgimp/gimpui.h>

#include "plugins/gimp/endpoint_row.h"
#include "plugins/gimp/layout.h"
#include "plugins/gimp/task.h"
#include "plugins/gimp/task_view.h"

struct dialog {
    const struct task_kind *kind;
    GimpProcedure *procedure;
    GimpProcedureConfig *config;
    GimpImage *image; /* NULL when none is open */
    char *json;       /* of the last answer, g_free */
    GimpImage *made;  /* an image that was made */
    void *own;        /* the kind's, while run_dialog runs */

    /* The frame's, from dialog_open to dialog_close */
    GtkWidget *window;
    GtkWidget *content; /* a vertical box */
    struct layout_rows fields;
    GtkSizeGroup *labels; /* the column of labels, of other grids too */
    struct endpoint_row endpoint;
    GtkWidget *notice_icon;
    GtkWidget *notice;
    struct task_view *view;
    struct ir_settings *settings; /* environment and files only; NULL when they are wrong */
    bool has_models_of;
    enum where models_of; /* whose models the config has, once it was looked at */
    bool following;       /* widgets are being set from the config: their signals are echoes */
    bool is_ready;        /* the notice knows of no reason against running */
    bool is_working;
    int most_px;   /* how high it may be on a low screen; 0 = the screen is high enough */
    bool is_rigid; /* nothing in it takes more height than it needs */
    struct task_blank blank;
    int response;
    /* The kind's: whether its own fields allow a run, with words when not (static); NULL = yes. */
    const char *(*obstacle)(struct dialog *dialog);
    /* The kind's: told after each change and each run, to enable and disable. */
    void (*update)(struct dialog *dialog);
};

/* Responses that are the kind's own start here; the frame answers those that follow. */
#define DIALOG_RESPONSE_OWN 100
#define DIALOG_RESPONSE_LOCAL 1001
#define DIALOG_RESPONSE_SETTINGS 1002
#define DIALOG_RESPONSE_TEST 1003

/* Runs the whole of it; true when something was done. */
bool dialog_run(struct dialog *dialog);

/* ---- for the kinds, in run_dialog ---- */

/* Makes the window with the rows for who is asked; then add to `fields`, then dialog_ready. */
void dialog_open(struct dialog *dialog);
/* A text entry for an argument. */
GtkWidget *dialog_add_entry(struct dialog *dialog, const char *argument, const char *label,
                            const char *placeholder, const char *tooltip);
/* A slider for a number whose default value means "not set", from `minimum` on. */
void dialog_add_scale(struct dialog *dialog, const char *argument, double minimum,
                      const char *tooltip);
void dialog_add_check(struct dialog *dialog, const char *argument, const char *label,
                      const char *tooltip);
/* Adds notice, `rest` (may be NULL) and progress, and shows the window. */
void dialog_ready(struct dialog *dialog, GtkWidget *rest);
/* Looks at the fields again. */
void dialog_update(struct dialog *dialog);
/* After a change of what is shown: on a low screen the window becomes as high as it may be. */
void dialog_fit(struct dialog *dialog);

/* Shows the dialog until a response; what the frame itself answers does not come back. */
int dialog_wait(struct dialog *dialog);

/*
 * Runs the task with what the fields say. 0: `*out` is the task after its job, freed with
 * task_free, and is not placed yet, and what it cost is in the dialog. Else the reason is in the
 * dialog, and what it cost.
 */
IR_MUST_CHECK int dialog_perform(struct dialog *dialog, task_view_words_fn on_words,
                                 struct task **out);
/* Places it; what goes wrong is in the dialog. On success the answer is kept for the caller. */
IR_MUST_CHECK int dialog_place(struct dialog *dialog, struct task *task);
/* Around what changes the image, which takes a moment: says so, and leaves nothing to be pressed.
 */
void dialog_begin_change(struct dialog *dialog);
void dialog_end_change(struct dialog *dialog);
void dialog_say(struct dialog *dialog, enum task_tone tone, const char *text);
/* What came of it, and what it cost. */
void dialog_say_done(struct dialog *dialog, const struct task *task, const char *text);
void dialog_fail(struct dialog *dialog, const struct ir_error *err);
/* The same of a task that has begun: with what it has cost, and before that what was done, if
 * `done` is not NULL. */
void dialog_fail_after(struct dialog *dialog, const struct task *task, const char *done,
                       const struct ir_error *err);
/* Frees what the window held and closes it. */
void dialog_close(struct dialog *dialog);

/* For kinds of which nothing is asked but running: runs and places, as often as the user wants.
 * `say` tells what came of it, and returns whether that was anything. */
bool dialog_run_and_say(struct dialog *dialog,
                        bool (*say)(struct dialog *dialog, const struct task *task));

#endif
