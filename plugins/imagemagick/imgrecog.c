/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ImageMagick 7 filter `imgrecog`: -process 'imgrecog [labels] [key=value ...]'.
 *
 * Owns the module's entry point, the jobs of a list of pictures and how they are reported. Holds no
 * recognition logic. ImageMagick finds the module by imgrecog.la and calls imgrecogImage, which
 * must return MagickImageFilterSignature always; failures are told by throwing into its exception.
 * `magick` then prints the line, writes no output and exits with 1; `mogrify` and `convert` exit
 * with 1 too, but write the pictures, so one that failed must be as it was.
 *
 * All pictures of a command come in one call. Each is read, sent, drawn by one thread alone; only
 * the list, the progress monitor and the exception are shared, and these are left to the caller's
 * thread or to `lock`.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

#include <MagickCore/MagickCore.h>

#include <imgrecog/client.h>
#include <imgrecog/labels.h>

#include "plugins/common/fail.h"
#include "plugins/common/magick_error.h"
#include "plugins/common/magick_outgoing.h"
#include "plugins/common/overlay.h"
#include "plugins/common/pool.h"
#include "plugins/imagemagick/arguments.h"
#include "plugins/imagemagick/ink.h"

#define MODULE_NAME "imgrecog"
#define PROGRESS_TAG "Recognize/Image"
#define PICTURES_AT_ONCE 8 /* requests under way; each holds its picture's encoded bytes */
/* Pictures being encoded, which takes processors and up to 75 MB of samples each. */
#define ENCODERS_AT_ONCE 4
/* ImageMagick keeps 4,096 bytes of a message, the source's place in it included. */
#define LINE_BYTES 2048
#define NAME_BYTES 512

struct picture_job {
    Image *image;
    int code;         /* 0, or why `error` holds a line */
    bool is_reported; /* its line has been thrown */
    char error[LINE_BYTES];
};

struct run {
    struct picture_job *jobs;
    size_t job_count;
    struct ir_client *client;
    struct ir_labels_options options;
    struct ir_cancel *cancel;
    sem_t encoders;       /* free places, of ENCODERS_AT_ONCE or fewer */
    pthread_mutex_t lock; /* the following */
    size_t done_count;
    int refused_code; /* credentials were refused: no further picture is tried */
    char refused[LINE_BYTES];
};

ModuleExport size_t imgrecogImage(Image **images, const int argc, const char **argv,
                                  ExceptionInfo *exception);

static int check_image(const Image *image, struct ir_error *err)
{
    if (image->ping != MagickFalse)
        return common_fail(err, IR_ERR_ARG, "Leave out -ping.",
                           "The picture was read without its pixels.");
    if (image->columns < 1 || image->rows < 1 || image->columns > OVERLAY_MAX_SIDE_PX ||
        image->rows > OVERLAY_MAX_SIDE_PX)
        return common_fail(err, IR_ERR_TOO_LARGE, "Resize the picture first.",
                           "The picture is %zu x %zu pixels; the most is %d a side.",
                           image->columns, image->rows, OVERLAY_MAX_SIDE_PX);
    return 0;
}

/* Puts the overlay of `result` on the image; on failure to lay it out or render it, nothing. */
static int draw(Image *image, const struct ir_result *result, struct ir_error *err)
{
    bool swaps = ir_orientation_swaps_axes(outgoing_orientation(image));
    int width_px = (int)(swaps ? image->rows : image->columns);
    int height_px = (int)(swaps ? image->columns : image->rows);
    struct overlay *overlay = NULL;
    struct ink ink = {0};
    int rc;

    rc = overlay_new(result, width_px, height_px, &overlay, err);
    if (rc != 0)
        goto out;
    rc = ink_init(&ink, overlay, err);
    if (rc != 0)
        goto out;
    rc = ink_apply(&ink, image, err);
out:
    ink_release(&ink);
    overlay_free(overlay);
    return rc;
}

/*
 * Leaves what a script reads: artifacts, which no writer puts into a file (properties would be).
 * All three are there after every run, empty where there is nothing to say, since ImageMagick warns
 * of one that is asked for and not there.
 */
static bool set_artifacts(Image *image, const char *json, const char *labels, const char *error)
{
    return SetImageArtifact(image, ARTIFACT_JSON, json) != MagickFalse &&
           SetImageArtifact(image, ARTIFACT_LABELS, labels) != MagickFalse &&
           SetImageArtifact(image, ARTIFACT_ERROR, error) != MagickFalse;
}

static int publish(Image *image, const struct ir_result *result, struct ir_error *err)
{
    char *json = NULL;
    char *labels = NULL;
    size_t json_bytes = 0;
    int rc;

    rc = ir_result_to_json(result, &json, &json_bytes, err);
    if (rc == 0)
        rc = ir_result_labels_text(result, &labels, err);
    if (rc == 0 && !set_artifacts(image, json, labels, ""))
        rc = common_fail_nomem(err);
    ir_free(json);
    ir_free(labels);
    return rc;
}

static int recognise(struct run *run, Image *image, struct ir_error *err)
{
    struct outgoing outgoing = {0};
    struct ir_result *result = NULL;
    int rc;

    rc = check_image(image, err);
    if (rc != 0)
        goto out;
    if (ir_cancel_is_set(run->cancel)) {
        rc = common_fail(err, IR_ERR_CANCELLED, "", "Cancelled before this picture was sent.");
        goto out;
    }
    while (sem_wait(&run->encoders) != 0)
        ; /* interrupted by a signal */
    rc = outgoing_init(&outgoing, image, encode_limits_labels(run->options.from), err);
    sem_post(&run->encoders);
    if (rc != 0)
        goto out;
    rc = ir_labels(run->client, outgoing.picture, &run->options, &result, err);
    outgoing_release(&outgoing);
    if (rc != 0)
        goto out;
    rc = publish(image, result, err);
    if (rc != 0)
        goto out;
    rc = draw(image, result, err);
out:
    outgoing_release(&outgoing);
    ir_result_free(result);
    return rc;
}

static void fail_job(struct picture_job *job, int code, const char *line)
{
    job->code = code;
    snprintf(job->error, sizeof job->error, "%s", line);
}

/* True, with the job failed in the same words, when an earlier picture's key was refused. */
static bool is_refused(struct run *run, struct picture_job *job)
{
    pthread_mutex_lock(&run->lock);
    if (run->refused_code != 0)
        fail_job(job, run->refused_code, run->refused);
    pthread_mutex_unlock(&run->lock);
    return job->code != 0;
}

/* Counts a finished picture and tells the monitor; when that wants to stop, everything stops. */
static void finish_job(struct run *run, struct picture_job *job)
{
    pthread_mutex_lock(&run->lock);
    if (job->code == IR_ERR_AUTH && run->refused_code == 0) {
        run->refused_code = job->code;
        snprintf(run->refused, sizeof run->refused, "%s", job->error);
    }
    if (SetImageProgress(job->image, PROGRESS_TAG, (MagickOffsetType)run->done_count,
                         run->job_count) == MagickFalse)
        ir_cancel_set(run->cancel);
    run->done_count++;
    pthread_mutex_unlock(&run->lock);
}

static void do_job(void *context, size_t job_index)
{
    struct run *run = context;
    struct picture_job *job = &run->jobs[job_index];
    struct ir_error error;
    char line[LINE_BYTES];

    if (!is_refused(run, job)) {
        int rc;

        ir_error_clear(&error);
        rc = recognise(run, job->image, &error);
        if (rc != 0)
            fail_job(job, rc, ir_error_line(&error, line, sizeof line));
    }
    if (job->code != 0)
        (void)set_artifacts(job->image, "", "", job->error);
    finish_job(run, job);
}

/* Throws the job's line, once for all later pictures that failed in the same words. */
static void report_job(struct run *run, size_t job_index, ExceptionInfo *exception)
{
    struct picture_job *job = &run->jobs[job_index];
    size_t more_count = 0;
    char more[64] = "";

    if (job->code == 0 || job->is_reported)
        return;
    for (size_t i = job_index + 1; i < run->job_count; i++) {
        struct picture_job *other = &run->jobs[i];

        if (other->code == 0 || other->is_reported || strcmp(other->error, job->error) != 0)
            continue;
        other->is_reported = true;
        more_count++;
    }
    if (more_count > 0)
        snprintf(more, sizeof more, " (and %zu more)", more_count);
    (void)ThrowMagickException(exception, GetMagickModule(), FilterError, MODULE_NAME ":",
                               "%.*s%s: %s", NAME_BYTES, job->image->magick_filename, more,
                               job->error);
}

/* One line for the whole command: what was asked for is wrong, or nothing could be set up. */
static void report_all(Image *first, const struct ir_error *error, ExceptionInfo *exception)
{
    char line[LINE_BYTES];

    ir_error_line(error, line, sizeof line);
    for (Image *image = first; image != NULL; image = GetNextImageInList(image))
        (void)set_artifacts(image, "", "", line);
    (void)ThrowMagickException(exception, GetMagickModule(), FilterError, MODULE_NAME ":", "%s",
                               line);
}

static unsigned encoder_count(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    if (processors < 1)
        return 1;
    return processors < ENCODERS_AT_ONCE ? (unsigned)processors : ENCODERS_AT_ONCE;
}

/*
 * What the client does, for `-debug User`. ImageMagick leaves that kind of event to others, so
 * these lines come alone. Any thread.
 */
static void tell(void *context, const char *line)
{
    (void)context;
    (void)LogMagickEvent(UserEvent, GetMagickModule(), "%s", line);
}

static int run_init(struct run *run, Image *first, const struct ir_settings *settings,
                    struct ir_error *err)
{
    struct ir_client_options client_options = ir_settings_client_options(settings);
    size_t job_index = 0;

    memset(run, 0, sizeof *run);
    pthread_mutex_init(&run->lock, NULL);
    sem_init(&run->encoders, 0, encoder_count()); /* cannot fail for such values */
    run->job_count = GetImageListLength(first);
    run->jobs = calloc(run->job_count, sizeof *run->jobs);
    run->cancel = ir_cancel_new();
    if (run->jobs == NULL || run->cancel == NULL)
        return common_fail_nomem(err);
    for (Image *image = first; image != NULL; image = GetNextImageInList(image))
        run->jobs[job_index++].image = image;
    run->options = ir_settings_labels_options(settings);
    run->options.cancel = run->cancel;
    if ((GetLogEventMask() & UserEvent) != 0)
        client_options.log = tell;
    return ir_client_new(&client_options, &run->client, err);
}

static void run_release(struct run *run)
{
    ir_client_free(run->client);
    ir_cancel_free(run->cancel);
    free(run->jobs);
    sem_destroy(&run->encoders);
    pthread_mutex_destroy(&run->lock);
}

static void recognise_list(Image *first, const struct ir_settings *settings,
                           ExceptionInfo *exception)
{
    struct run run;
    struct ir_error error;

    ir_error_clear(&error);
    if (run_init(&run, first, settings, &error) != 0) {
        report_all(first, &error, exception);
    } else {
        pool_run(run.job_count, PICTURES_AT_ONCE, do_job, &run);
        for (size_t i = 0; i < run.job_count; i++)
            report_job(&run, i, exception);
    }
    run_release(&run);
}

/*
 * The filter. `argv` holds `argc` words without the module's name. Pictures are changed in place;
 * one that could not be recognised is left as it was.
 */
ModuleExport size_t imgrecogImage(Image **images, const int argc, const char **argv,
                                  ExceptionInfo *exception)
{
    Image *first = GetFirstImageInList(*images);
    struct arguments arguments;
    struct ir_error error;

    if (first == NULL)
        return MagickImageFilterSignature;
    ir_error_clear(&error);
    if (arguments_init(&arguments, first, argc, argv, &error) != 0)
        report_all(first, &error, exception);
    else if (arguments.help)
        arguments_print_help();
    else
        recognise_list(first, arguments.settings, exception);
    arguments_release(&arguments);
    return MagickImageFilterSignature;
}
