/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the worker thread, its cancel token, and the way in which the worker asks the main thread
 * for rows of the picture:
 *
 *     worker   set `piece`, add an idle source, wait on the condition
 *     main     the idle source does `piece` again and again; when it says that all is done,
 *              it clears `piece` and wakes the worker
 *
 * A piece is a strip of the picture, so events of the dialog are served in between.
 */
#include "plugins/gimp/job.h"

#include "plugins/common/fail.h"
#include "plugins/gimp/i18n.h"

/* Rows that the worker wants. */
struct fetch {
    int width_px;
    int height_px;
    int next_row;
    unsigned char *rgb; /* the worker's */
};

struct job {
    job_work_fn work;
    void *task;
    struct ir_cancel *cancel;
    struct grab *grab; /* main thread */
    job_done_fn done;
    void *done_context;
    bool running; /* main thread */
    int rc;
    struct ir_error err;

    GMutex mutex; /* guards what follows; `fetch` is the main thread's while `piece` is set */
    GCond cond;
    job_piece_fn piece;
    void *piece_context;
    struct fetch fetch;
    const char *stage;
    double fraction;
    GString *words; /* not yet taken */
};

struct job *job_new(job_work_fn work, void *task)
{
    struct job *job = g_new0(struct job, 1);

    job->cancel = ir_cancel_new();
    if (job->cancel == NULL) {
        g_free(job);
        return NULL;
    }
    job->work = work;
    job->task = task;
    job->stage = "";
    job->fraction = -1.0;
    job->words = g_string_new(NULL);
    g_mutex_init(&job->mutex);
    g_cond_init(&job->cond);
    return job;
}

void job_give(struct job *job, struct grab *grab)
{
    g_assert(job->grab == NULL);
    job->grab = grab;
}

void job_free(struct job *job)
{
    if (job == NULL)
        return;
    g_assert(!job->running);
    grab_free(job->grab);
    ir_cancel_free(job->cancel);
    g_string_free(job->words, TRUE);
    g_cond_clear(&job->cond);
    g_mutex_clear(&job->mutex);
    g_free(job);
}

static void run_work(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    struct job *job = data;

    (void)source;
    (void)cancellable;
    job->rc = job->work(job, job->task, &job->err);
    g_task_return_boolean(task, TRUE);
}

static void on_task_done(GObject *source, GAsyncResult *result, gpointer data)
{
    struct job *job = data;

    (void)source;
    (void)result;
    job->running = false;
    job->done(job->done_context);
}

void job_start(struct job *job, job_done_fn done, void *context)
{
    GTask *task = g_task_new(NULL, NULL, on_task_done, job);

    g_assert(!job->running);
    job->done = done;
    job->done_context = context;
    job->running = true;
    g_task_set_task_data(task, job, NULL);
    g_task_run_in_thread(task, run_work);
    g_object_unref(task);
}

void job_cancel(struct job *job)
{
    ir_cancel_set(job->cancel);
}

bool job_is_running(const struct job *job)
{
    return job->running;
}

bool job_holds_pixels(const struct job *job)
{
    return job->grab != NULL;
}

const char *job_stage(struct job *job)
{
    const char *stage;

    g_mutex_lock(&job->mutex);
    stage = job->stage;
    g_mutex_unlock(&job->mutex);
    return stage;
}

double job_fraction(struct job *job)
{
    double fraction;

    g_mutex_lock(&job->mutex);
    fraction = job->fraction;
    g_mutex_unlock(&job->mutex);
    return fraction;
}

/* Up to the last whole character. */
char *job_take_words(struct job *job)
{
    const char *end = NULL;
    char *words = NULL;

    g_mutex_lock(&job->mutex);
    g_utf8_validate(job->words->str, (gssize)job->words->len, &end);
    if (end > job->words->str) {
        words = g_strndup(job->words->str, (gsize)(end - job->words->str));
        g_string_erase(job->words, 0, end - job->words->str);
    }
    g_mutex_unlock(&job->mutex);
    return words;
}

int job_result(const struct job *job, struct ir_error *out_err)
{
    g_assert(!job->running);
    if (job->rc != 0)
        *out_err = job->err;
    return job->rc;
}

const struct ir_cancel *job_get_cancel(const struct job *job)
{
    return job->cancel;
}

void job_set_stage(struct job *job, const char *stage)
{
    g_mutex_lock(&job->mutex);
    job->stage = stage;
    g_mutex_unlock(&job->mutex);
}

void job_set_fraction(struct job *job, double fraction)
{
    g_mutex_lock(&job->mutex);
    job->fraction = fraction;
    g_mutex_unlock(&job->mutex);
}

void job_add_words(void *context, const char *text, size_t bytes)
{
    struct job *job = context;

    g_mutex_lock(&job->mutex);
    g_string_append_len(job->words, text, (gssize)bytes);
    g_mutex_unlock(&job->mutex);
}

static gboolean on_main_piece(gpointer data)
{
    struct job *job = data;

    if (job->piece(job->piece_context))
        return G_SOURCE_CONTINUE;
    g_mutex_lock(&job->mutex);
    job->piece = NULL;
    g_cond_signal(&job->cond);
    g_mutex_unlock(&job->mutex);
    return G_SOURCE_REMOVE;
}

/* Worker: has `piece` done on the main thread until it has nothing more to do. */
static void run_on_main(struct job *job, job_piece_fn piece, void *context)
{
    g_mutex_lock(&job->mutex);
    job->piece = piece;
    job->piece_context = context;
    g_idle_add(on_main_piece, job);
    while (job->piece != NULL)
        g_cond_wait(&job->cond, &job->mutex);
    g_mutex_unlock(&job->mutex);
}

/* A caller's piece, which a cancel ends. */
struct wanted {
    struct job *job;
    job_piece_fn piece;
    void *context;
    bool is_done;
};

static bool piece_wanted(void *context)
{
    struct wanted *wanted = context;

    if (ir_cancel_is_set(wanted->job->cancel))
        return false;
    wanted->is_done = !wanted->piece(wanted->context);
    return !wanted->is_done;
}

int job_on_main(struct job *job, job_piece_fn piece, void *context, struct ir_error *err)
{
    struct wanted wanted = {job, piece, context, false};

    run_on_main(job, piece_wanted, &wanted);
    if (wanted.is_done)
        return 0;
    return common_fail(err, IR_ERR_CANCELLED, "", "%s", _("Cancelled before anything was sent."));
}

static bool piece_fetch(void *context)
{
    struct job *job = context;
    struct fetch *fetch = &job->fetch;

    fetch->next_row +=
        grab_read_rows(job->grab, fetch->width_px, fetch->height_px, fetch->next_row, fetch->rgb);
    return fetch->next_row < fetch->height_px;
}

static bool piece_release(void *context)
{
    struct job *job = context;

    g_clear_pointer(&job->grab, grab_free);
    return false;
}

int job_read(struct job *job, int width_px, int height_px, unsigned char *rgb, struct ir_error *err)
{
    job->fetch.width_px = width_px;
    job->fetch.height_px = height_px;
    job->fetch.next_row = 0;
    job->fetch.rgb = rgb;
    return job_on_main(job, piece_fetch, job, err);
}

void job_release_pixels(struct job *job)
{
    run_on_main(job, piece_release, job);
}

static int fetch_from_main(void *host, int width_px, int height_px, unsigned char *rgb,
                           struct ir_error *err)
{
    return job_read(host, width_px, height_px, rgb, err);
}

int job_encode(struct job *job, const struct encode_limits *limits, unsigned char **out_jpeg,
               size_t *out_bytes, struct ir_error *err)
{
    int width_px = grab_width_px(job->grab);
    int height_px = grab_height_px(job->grab);
    int rc =
        encode_jpeg(width_px, height_px, limits, fetch_from_main, job, out_jpeg, out_bytes, err);

    job_release_pixels(job);
    return rc;
}
