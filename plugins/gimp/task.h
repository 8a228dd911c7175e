/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One run of a procedure from arguments to what is changed in the image, without any widget: the
 * dialog and the silent run are two ways to wait for it. Main thread only, but for `work`.
 *
 * What differs between procedures is a struct task_kind; everything else is the same for all.
 */
#ifndef PLUGINS_GIMP_TASK_H
#define PLUGINS_GIMP_TASK_H

#include <libgimp/gimp.h>

#include <imgrecog/picture.h>
#include <imgrecog/result.h>
#include <imgrecog/settings.h>

#include "plugins/gimp/choice.h"
#include "plugins/gimp/job.h"
#include "plugins/gimp/where.h"

/* Arguments that every procedure has. */
#define ARG_ENDPOINT "endpoint"
#define ARG_PROFILE "profile"
#define ARG_REGION "region"
#define ARG_MONTHLY_LIMIT "monthly-limit"
/* Of those that ask a model for words, for pictures, and of all that send a picture inline. */
#define ARG_CONTEXT "context"
#define ARG_MODEL "model"
#define ARG_IMAGE_MODEL "image-model"
#define ARG_PRECHECK "precheck"
#define ARG_BUCKET "bucket" /* of those that upload */

struct task;
struct dialog;

/* One procedure. Words are N_() and translated where they are used. */
struct task_kind {
    const char *procedure;
    const char *menu_label;
    const char *icon;
    const char *blurb;
    const char *help;
    const char *title; /* of the dialog */
    const char *ok_label;
    bool closes;          /* the other button is Close: nothing is taken back by it */
    bool has_presets;     /* the dialog can reset, save and load its values */
    bool is_image_free;   /* may be run with no image open */
    bool wants_upright;   /* recognises, which a picture that lies on its side defeats */
    const char *service;  /* who is asked at AWS: "Amazon Rekognition" */
    const char *progress; /* while it runs silently */
    /* Names of arguments that are settings of the core, ended by NULL. One that has its default
     * value is not set: then environment and configuration file count. */
    const char *const *settings;
    const struct choice *choice; /* an argument; NULL = none of that sort */

    size_t own_bytes; /* of task->own, zeroed */
    void (*add_arguments)(GimpProcedure *procedure);
    /* Reads arguments and pixels; whatever can be refused is refused here, before it costs. */
    int (*prepare)(struct task *task, struct ir_error *err);
    /* In the worker: plain memory only. Sets document, and result. */
    int (*work)(struct task *task, struct job *job, struct ir_error *err);
    /* Puts the answer into the image, in one undo step; NULL = there is nothing to put. Where it
     * can make an image instead, it is called for one that was closed, too. */
    int (*place)(struct task *task, struct ir_error *err);
    void (*release)(struct task *task); /* what `own` holds; may be NULL */

    /* What would be sent `to` whom, in words (g_free); that is not this computer. */
    char *(*sending)(const struct task *task, const char *to);
    /* With a client of dry runs: the core's task with pictures of one colour in place of the
     * image's, which sets result. NULL where the core has no estimate. */
    int (*plan)(struct task *task, struct ir_error *err);
    /* What it cost, after it, that is not this computer's work (g_free). NULL: as the core's
     * prices say. */
    char *(*cost_words)(const struct task *task);
    const char *local_words; /* what this computer can do of it */
    /* Runs the dialog; true when something was done. */
    bool (*run_dialog)(struct dialog *dialog);
};

/* A file that stands in for a picture whose size alone counts; kept for the next time. */
struct task_blank {
    int width_px, height_px;
    unsigned char *jpeg; /* free(); NULL before the first time */
    size_t bytes;
};

struct task {
    const struct task_kind *kind;
    GimpProcedureConfig *config; /* borrowed */
    GimpImage *image;            /* NULL where kind->is_image_free */
    struct ir_settings *settings;
    struct ir_client *client;
    enum where where;
    bool is_scripted; /* nobody sees the image */
    struct job *job;
    int width_px; /* of the picture that was taken */
    int height_px;
    char *source; /* for the document */

    struct ir_result *result; /* the worker's while the job runs; NULL where there is none */
    char *document;           /* JSON, g_free */
    GimpImage *made;          /* an image that `place` made, for the caller; NULL = none */
    char *notice; /* what the user is to know of a run that went well, in words; NULL = none */
    struct task_blank *blank; /* while a plan is made, borrowed */
    int planned_times;        /* `plan` says: so often what the result tells; 0 = once */
    void *own;
};

/*
 * Reads the arguments and, below them, environment and files. Sends nothing. `image` may
 * be NULL. IR_ERR_ARG: a setting is wrong; the message names it. `*out` is freed
 * with task_free.
 */
IR_MUST_CHECK int task_new(const struct task_kind *kind, GimpProcedureConfig *config,
                           GimpImage *image, struct task **out, struct ir_error *err);
/* The same with a client that sends nothing: for task_plan. */
IR_MUST_CHECK int task_new_dry(const struct task_kind *kind, GimpProcedureConfig *config,
                               GimpImage *image, struct task **out, struct ir_error *err);
/* Not while its job runs. NULL is allowed. */
void task_free(struct task *task);

/*
 * Prepares and starts the job; `done` is called on the main thread when it ends. To be called once.
 */
IR_MUST_CHECK int task_start(struct task *task, job_done_fn done, void *context,
                             struct ir_error *err);
/* After the job: what it returned. */
IR_MUST_CHECK int task_result(const struct task *task, struct ir_error *err);
/* Then: changes the image, or makes one. IR_ERR_ARG: it was closed meanwhile, or could not take the
 * answer; it is as it was then, but for what the message says was done.
 */
IR_MUST_CHECK int task_place(struct task *task, struct ir_error *err);

/*
 * Around long work on the user's image, as task_start and task_place do themselves: the user may
 * close that between any two calls, and GIMP would say of each later one in a window of its own
 * that it failed. What comes of it is said by us.
 */
void task_begin_change(void);
void task_end_change(void);

/* ---- for the kinds ---- */

/* Ends an undo group, but of an image that the user has closed since. */
void task_end_step(GimpImage *image);

/*
 * In `prepare`: takes the visible pixels of `image`, the task's or a copy of it, without our own
 * layers of `own_kind` (NULL: with all), to be encoded by task_picture. IR_ERR_ARG.
 */
IR_MUST_CHECK int task_take_picture(struct task *task, GimpImage *image, const char *own_kind,
                                    struct ir_error *err);

/*
 * In `prepare` of those that recognise nothing themselves: where a script sends a picture that this
 * computer is to look at first, it must be upright, or little is found in it. IR_ERR_ARG.
 */
IR_MUST_CHECK int task_check_upright(const struct task *task, struct ir_error *err);

/* A picture on its way, with the bytes that it stands on. */
struct task_picture {
    struct ir_picture *picture;
    unsigned char *jpeg;
    size_t jpeg_bytes;
};
/* In `work`: encodes what was taken. Released with task_picture_release, after failure too. */
IR_MUST_CHECK int task_picture_init(struct task_picture *out, struct task *task, struct job *job,
                                    const struct encode_limits *limits, struct ir_error *err);
void task_picture_release(struct task_picture *picture);

/* In `work`: the result's document. */
IR_MUST_CHECK int task_write_document(struct task *task, struct ir_error *err);

/* "The visible picture is sent to … as a JPEG of …." (g_free) */
char *task_picture_words(const struct task *task, const char *to,
                         const struct encode_limits *limits);

/* ---- what it would cost ---- */

/*
 * What would be sent where and cost how much, in words (g_free), of a task of task_new_dry whose
 * endpoint is not this computer. IR_ERR_ARG and others: the core would refuse the request.
 */
IR_MUST_CHECK int task_plan(struct task *task, struct task_blank *blank, char **out_words,
                            struct ir_error *err);
/* In `plan`: a picture of one colour of this size, freed with ir_picture_free. */
IR_MUST_CHECK int task_blank_picture(struct task *task, int width_px, int height_px,
                                     struct ir_picture **out, struct ir_error *err);
/* The same, as large as the image is when it is sent within these limits. */
IR_MUST_CHECK int task_blank_within(struct task *task, const struct encode_limits *limits,
                                    struct ir_picture **out, struct ir_error *err);

/* "0.0010 US dollars" (g_free). */
char *task_money_words(double usd);
/* "This cost about …", or that the price is not known (g_free); NULL when there is nothing to say.
 */
char *task_cost_words(const struct task *task);
/* Of what failed: false where that was before anything was answered, of which the failure's own
 * words tell. */
bool task_has_cost(const struct task *task);
/* What the recogniser here found before anything was sent (g_free); NULL when it found nothing or
 * was not asked. */
char *task_precheck_words(const struct task *task);

/* IR_ERR_ARG when the image was closed; none at all (NULL) is fine. */
IR_MUST_CHECK int task_check_open(GimpImage *image, struct ir_error *err);
/* In `place`, where the answer belongs to the image as it was: IR_ERR_ARG when it was closed or its
 * size differs. */
IR_MUST_CHECK int task_check_same(GimpImage *image, int width_px, int height_px,
                                  struct ir_error *err);
IR_MUST_CHECK int task_check_size(const struct task *task, struct ir_error *err);

#endif
