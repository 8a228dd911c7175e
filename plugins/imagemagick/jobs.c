/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the jobs of a list of pictures and how they are reported.
 *
 * All pictures of a command come in one call. Each is read, sent and drawn by one thread alone;
 * only the list, the progress monitor and the exception are shared, and these are left to the
 * caller's thread or to `lock`. A picture whose size changes is a new Image: it takes its place in
 * the list when all threads are done.
 */
#include "plugins/imagemagick/jobs.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugins/common/fail.h"
#include "plugins/common/pool.h"
#include "plugins/imagemagick/names.h"
#include "plugins/imagemagick/report.h"
#include "plugins/imagemagick/results.h"
#include "plugins/imagemagick/tasks.h"

#define PROGRESS_TAG "Recognize/Image"
/* Pictures being encoded, which takes processors and up to 75 MB of samples each. */
#define ENCODERS_AT_ONCE 4
#define LINE_BYTES 2048
#define FILE_NAME_BYTES 512 /* with the line less than REASON_BYTES of report.c */
#define NOT_TRIED "Not tried, since an earlier picture failed and on-error is stop."

struct picture_job {
    Image *image;       /* in the list */
    Image *replacement; /* what is to stand there; the same most often */
    int code;           /* 0, or why `error` holds a line */
    bool is_safe;       /* checked all the same, and nothing found is in sight */
    bool is_reported;   /* its line has been thrown */
    char error[LINE_BYTES];
};

struct run {
    struct work work;
    struct picture_job *jobs;
    struct named *names; /* of as many objects; NULL without upload */
    size_t job_count;
    bool stops; /* on-error=stop */
    sem_t encoders;
    struct plan plan;
    struct notices notices;
    pthread_mutex_t lock; /* the following */
    size_t done_count;
    int refused_code; /* no further picture is tried: credentials were refused, or on-error=stop */
    char refused[LINE_BYTES];
};

static void fail_job(struct picture_job *job, int code, const char *line)
{
    job->code = code;
    snprintf(job->error, sizeof job->error, "%s", line);
}

/* True, with the job failed in the same words, when no further picture is to be tried. */
static bool is_refused(struct run *run, struct picture_job *job)
{
    pthread_mutex_lock(&run->lock);
    if (run->refused_code != 0)
        fail_job(job, run->refused_code, run->refused);
    pthread_mutex_unlock(&run->lock);
    return job->code != 0;
}

/* Remembers a failure that ends the list. */
static void note_failure(struct run *run, const struct picture_job *job)
{
    if (job->code == 0 || run->refused_code != 0)
        return;
    if (job->code == IR_ERR_AUTH)
        snprintf(run->refused, sizeof run->refused, "%s", job->error);
    else if (run->stops)
        snprintf(run->refused, sizeof run->refused, NOT_TRIED);
    else
        return;
    run->refused_code = job->code;
}

/* Counts a finished picture and tells the monitor; when that wants to stop, everything stops. */
static void finish_job(struct run *run, struct picture_job *job)
{
    pthread_mutex_lock(&run->lock);
    note_failure(run, job);
    if (SetImageProgress(job->image, PROGRESS_TAG, (MagickOffsetType)run->done_count,
                         run->job_count) == MagickFalse)
        ir_cancel_set(run->work.cancel);
    run->done_count++;
    pthread_mutex_unlock(&run->lock);
}

/* Adds to `line`, why a picture failed, how far it could not be made white. */
static void add_blanked(char line[LINE_BYTES], enum blanked blanked)
{
    static const char *const words[] = {
        [BLANKED_WHITE] = "",
        [BLANKED_PIXEL] = " fail-closed: there was no memory to make the picture white; one white "
                          "pixel stands for it. Give ImageMagick more memory, or files to map "
                          "(-limit).",
        [BLANKED_NOT] = " fail-closed: there was no memory to make the picture white: it is as it "
                        "was. Do not use it. Give ImageMagick more memory, or files to map "
                        "(-limit).",
    };
    size_t used = strlen(line);

    snprintf(line + used, LINE_BYTES - used, "%s", words[blanked]);
}

static void do_job(void *context, size_t job_index)
{
    struct run *run = context;
    struct picture_job *job = &run->jobs[job_index];
    struct ir_error error;
    char line[LINE_BYTES];

    ir_error_clear(&error);
    if (is_refused(run, job)) {
        results_publish_error(job->image, run->work.arguments->tasks, job->error);
    } else {
        const char *name = run->names != NULL ? run->names[job_index].name : NULL;
        int rc = tasks_run(&run->work, &job->replacement, name, &job->is_safe, &error);

        if (rc != 0)
            fail_job(job, rc, ir_error_line(&error, line, sizeof line));
    }
    if (job->code != 0 && !job->is_safe && arguments_want_blank(run->work.arguments)) {
        add_blanked(job->error, tasks_blank(job->replacement, run->work.arguments->tasks));
        results_set_error(job->replacement, job->error);
    }
    finish_job(run, job);
}

/* ---- telling ----------------------------------------------------------------------------- */

/* Throws the job's line, once for all later pictures that failed in the same words. */
static void report_job(struct run *run, size_t job_index, ExceptionInfo *exception)
{
    struct picture_job *job = &run->jobs[job_index];
    size_t more_count = 0;
    char more[64] = "";
    char line[LINE_BYTES + 2 * FILE_NAME_BYTES];

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
    snprintf(line, sizeof line, "%.*s%s: %s", FILE_NAME_BYTES, job->image->magick_filename, more,
             job->error);
    report_line(exception, FilterError, line);
}

static size_t failed_count(const struct run *run)
{
    size_t count = 0;

    for (size_t i = 0; i < run->job_count; i++)
        count += run->jobs[i].code != 0;
    return count;
}

/* What a dry run would have sent; nothing where the errors say it all. */
static void report_plan(struct run *run, ExceptionInfo *exception)
{
    char line[LINE_BYTES];

    if (run->work.plan == NULL || failed_count(run) == run->job_count)
        return;
    plan_line(run->work.plan, ir_settings_get(run->work.arguments->settings, "upload"), line,
              sizeof line);
    report_line(exception, FilterWarning, line);
}

/* What was drawn otherwise than it was asked for. */
static void report_notices(struct run *run, ExceptionInfo *exception)
{
    char line[LINE_BYTES];

    if (notices_only_line(&run->notices, line, sizeof line))
        report_line(exception, FilterWarning, line);
    if (notices_font_line(&run->notices, line, sizeof line))
        report_line(exception, FilterWarning, line);
}

void jobs_fail(Image *first, const struct arguments *arguments, const struct ir_error *error,
               ExceptionInfo *exception)
{
    enum blanked worst = BLANKED_WHITE;
    char line[LINE_BYTES];

    ir_error_line(error, line, sizeof line);
    for (Image *image = first; image != NULL; image = GetNextImageInList(image)) {
        enum blanked blanked = BLANKED_WHITE;
        char of_image[LINE_BYTES];

        snprintf(of_image, sizeof of_image, "%s", line);
        results_publish_error(image, arguments->tasks, line);
        if (arguments_want_blank(arguments))
            blanked = tasks_blank(image, arguments->tasks);
        add_blanked(of_image, blanked);
        results_set_error(image, of_image);
        worst = blanked > worst ? blanked : worst;
    }
    add_blanked(line, worst);
    report_line(exception, FilterError, line);
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

/* ---- the list ---------------------------------------------------------------------------- */

static unsigned encoder_count(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    if (processors < 1)
        return 1;
    return processors < ENCODERS_AT_ONCE ? (unsigned)processors : ENCODERS_AT_ONCE;
}

/* True of a picture that its reader took from the same file as the one before it. */
static bool is_later_frame(const Image *image)
{
    const Image *before = GetPreviousImageInList(image);

    return before != NULL && image->scene > 0 &&
           strcmp(before->magick_filename, image->magick_filename) == 0;
}

/* Where the objects go, and under which names. */
static int prepare_upload(struct run *run, struct ir_error *err)
{
    const struct ir_settings *settings = run->work.arguments->settings;
    int rc;

    if (!work_has_task(&run->work, IR_SETTING_UPLOAD))
        return 0;
    run->names = calloc(run->job_count, sizeof *run->names);
    if (run->names == NULL)
        return common_fail_nomem(err);
    for (size_t i = 0; i < run->job_count; i++)
        run->names[i].image = run->jobs[i].image;
    rc = put_target_init(&run->work.target, settings, err);
    return rc == 0 ? names_give(run->names, run->job_count, ir_settings_get(settings, "upload"),
                                run->work.target.tells_apart, err)
                   : rc;
}

static int make_jobs(struct run *run, Image *first, struct ir_error *err)
{
    bool first_only = arguments_has_word(run->work.arguments, "frames", "first");
    int rc = 0;

    run->jobs = calloc(GetImageListLength(first), sizeof *run->jobs);
    if (run->jobs == NULL)
        return common_fail_nomem(err);
    for (Image *image = first; rc == 0 && image != NULL; image = GetNextImageInList(image)) {
        if (first_only && is_later_frame(image)) {
            rc = results_publish(image, 0, NULL, NULL, NULL, err); /* so that all have them */
            continue;
        }
        run->jobs[run->job_count].image = image;
        run->jobs[run->job_count++].replacement = image;
    }
    return rc;
}

/* Fonts and threads for drawing. Fonts are loaded ahead where something will be drawn. */
static int prepare_drawing(struct run *run, struct ir_error *err)
{
    struct work *work = &run->work;
    bool draws = work_has_task(work, IR_SETTING_LABELS) && work->style.form != OVERLAY_NONE &&
                 !work->arguments->dry_run;

    work->draw_threads =
        (size_t)GetMagickResourceLimit(ThreadResource) / run->job_count; /* 0 is one */
    work->style.fonts = overlay_fonts_new(draws ? work->style.font_family : NULL, run->job_count);
    return work->style.fonts != NULL ? 0 : common_fail_nomem(err);
}

static int run_init(struct run *run, Image *first, const struct arguments *arguments,
                    struct ir_error *err)
{
    struct ir_client_options options = ir_settings_client_options(arguments->settings);
    int rc;

    memset(run, 0, sizeof *run);
    pthread_mutex_init(&run->lock, NULL);
    sem_init(&run->encoders, 0, encoder_count()); /* cannot fail for such values */
    plan_init(&run->plan);
    notices_init(&run->notices, &run->work.style);
    run->work.notices = &run->notices;
    if (arguments->dry_run)
        run->work.plan = &run->plan;
    run->work.arguments = arguments;
    run->work.encoders = &run->encoders;
    run->stops = arguments_has_word(arguments, "on-error", "stop");
    if (run->stops && report_is_stopped(first->magick_filename)) {
        run->refused_code = IR_ERR_CANCELLED;
        snprintf(run->refused, sizeof run->refused, NOT_TRIED);
    }
    rc = overlay_style_init(&run->work.style, arguments->settings, err);
    if (rc == 0)
        rc = make_jobs(run, first, err);
    if (rc == 0)
        rc = prepare_upload(run, err);
    if (rc == 0)
        rc = prepare_drawing(run, err);
    if (rc != 0)
        return rc;
    run->work.cancel = ir_cancel_new();
    if (run->work.cancel == NULL)
        return common_fail_nomem(err);
    if ((GetLogEventMask() & UserEvent) != 0)
        options.log = tell;
    return ir_client_new(&options, &run->work.client, err);
}

static void run_release(struct run *run)
{
    ir_client_free(run->work.client);
    ir_cancel_free(run->work.cancel);
    overlay_fonts_free(run->work.style.fonts);
    free(run->jobs);
    free(run->names);
    plan_release(&run->plan);
    notices_release(&run->notices);
    sem_destroy(&run->encoders);
    pthread_mutex_destroy(&run->lock);
}

/* Puts replacements into the list; its first picture is returned. */
static Image *replace_images(struct run *run, Image *first)
{
    for (size_t i = 0; i < run->job_count; i++) {
        struct picture_job *job = &run->jobs[i];

        if (job->replacement == job->image)
            continue;
        ReplaceImageInListReturnLast(&job->image, job->replacement);
        first = GetFirstImageInList(job->replacement);
    }
    return first;
}

Image *jobs_run(Image *first, const struct arguments *arguments, ExceptionInfo *exception)
{
    struct run run;
    struct ir_error error;

    ir_error_clear(&error);
    if (run_init(&run, first, arguments, &error) != 0) {
        jobs_fail(first, arguments, &error, exception);
    } else {
        size_t at_once =
            strtoul(ir_settings_get(arguments->settings, "jobs"), NULL, 10); /* 1 to 64 */

        pool_run(run.job_count, at_once, do_job, &run);
        for (size_t i = 0; i < run.job_count; i++)
            report_job(&run, i, exception);
        if (run.stops && failed_count(&run) > 0)
            report_stop(first->magick_filename);
        report_plan(&run, exception);
        report_notices(&run, exception);
        first = replace_images(&run, first);
    }
    run_release(&run);
    return first;
}
