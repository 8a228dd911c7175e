/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The library as a program that uses it, over the public API only:
 *
 *     bench-client labels URL FOLDER COUNT THREADS [no-source-hash]
 *     bench-client many URL FOLDER COUNT THREADS
 *     bench-client upload URL FILE TIMES
 *
 * In the first two, each thread reads a picture of FOLDER and calls ir_labels on the one client.
 * `labels` prints the time of COUNT calls; `many` prints memory and open descriptors after the
 * first tenth of COUNT and at the end; `upload` prints the time of the last of TIMES calls of
 * ir_upload_file. Credentials and region come from the environment.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <imgrecog/labels.h>
#include <imgrecog/upload.h>

#include "tests/bench/bench.h"

struct job {
    struct ir_client *client;
    struct bench_pictures pictures;
    struct ir_labels_options options;
    size_t count; /* of `labels`, in all */
    size_t share; /* of `many`, for each thread */
    atomic_size_t next;
    atomic_bool failed;
};

static bool fail(const struct ir_error *err)
{
    char line[1600];
    fprintf(stderr, "bench-client: %s\n", ir_error_line(err, line, sizeof line));
    return false;
}

/* ---- asking ------------------------------------------------------------------------------ */

static bool ask(const struct job *job, const struct bench_file *file)
{
    struct ir_picture *picture = NULL;
    struct ir_result *result = NULL;
    struct ir_error err = {0};
    int rc = ir_picture_new(file->data, file->bytes, file->path, &picture, &err);
    if (rc == 0)
        rc = ir_labels(job->client, picture, &job->options, &result, &err);
    ir_result_free(result);
    ir_picture_free(picture);
    return rc == 0 ? true : fail(&err);
}

/* Takes the next picture as long as there is one. */
static void work_together(void *context)
{
    struct job *job = context;
    struct bench_file file = {0};
    bool good = true;
    for (size_t i; good && (i = atomic_fetch_add(&job->next, 1)) < job->count;)
        good = bench_read(&job->pictures, i, &file) && ask(job, &file);
    if (!good)
        atomic_store(&job->failed, true);
    bench_file_release(&file);
}

/* Makes as many calls as every other thread, so that all are warm when memory is looked at. */
static void work_evenly(void *context)
{
    struct job *job = context;
    struct bench_file file = {0};
    bool good = true;
    for (size_t i = 0; good && i < job->share; i++)
        good = bench_read(&job->pictures, i, &file) && ask(job, &file);
    if (!good)
        atomic_store(&job->failed, true);
    bench_file_release(&file);
}

static bool measure_labels(struct job *job, size_t count, size_t threads)
{
    struct bench_span span = bench_begin();
    job->count = count;
    if (!bench_run_threads(threads, work_together, job) || atomic_load(&job->failed))
        return false;
    bench_end(&span, count);
    return true;
}

static bool measure_many(struct job *job, size_t count, size_t threads)
{
    size_t early_count = count / 10;
    job->share = early_count / threads;
    if (!bench_run_threads(threads, work_evenly, job) || atomic_load(&job->failed))
        return false;
    long early_kb = bench_rss_kb();
    long early_fds = bench_fd_count();
    job->share = (count - early_count) / threads;
    if (!bench_run_threads(threads, work_evenly, job) || atomic_load(&job->failed))
        return false;
    printf("{\"early_rss_kb\":%ld,\"early_fds\":%ld,\"late_rss_kb\":%ld,\"late_fds\":%ld}\n",
           early_kb, early_fds, bench_rss_kb(), bench_fd_count());
    return true;
}

/* ---- uploading --------------------------------------------------------------------------- */

static bool measure_upload(struct ir_client *client, const char *path, size_t times)
{
    struct ir_upload_options options = IR_UPLOAD_OPTIONS_INIT;
    struct bench_span span = bench_begin();
    options.bucket = "bench";
    options.key = "bench";
    for (size_t i = 0; i < times; i++) {
        struct ir_upload_result result;
        struct ir_error err = {0};
        span = bench_begin();
        if (ir_upload_file(client, path, &options, &result, &err) != 0)
            return fail(&err);
    }
    bench_end(&span, 1);
    return true;
}

/* ---- the command ------------------------------------------------------------------------- */

static int refuse(void)
{
    fprintf(stderr, "usage: bench-client labels|many URL FOLDER COUNT THREADS [no-source-hash]\n"
                    "       bench-client upload URL FILE TIMES\n");
    return 2;
}

static bool run_labels(struct ir_client *client, char **words, bool is_many)
{
    const struct ir_labels_options defaults = IR_LABELS_OPTIONS_INIT;
    struct job job = {.client = client, .options = defaults};
    size_t count = strtoul(words[1], NULL, 10);
    size_t threads = strtoul(words[2], NULL, 10);
    bool good = false;
    if (words[3] != NULL && strcmp(words[3], "no-source-hash") == 0)
        job.options.sha256 = false;
    if (count < 1 || threads < 1 || threads > BENCH_MAX_THREADS)
        fprintf(stderr, "bench-client: 1 to %d threads, at least one call\n", BENCH_MAX_THREADS);
    else if (!bench_pictures_find(&job.pictures, words[0]))
        fprintf(stderr, "bench-client: there are no pictures in %s\n", words[0]);
    else
        good = is_many ? measure_many(&job, count, threads) : measure_labels(&job, count, threads);
    bench_pictures_release(&job.pictures);
    return good;
}

int main(int argc, char **argv)
{
    struct ir_client_options options = IR_CLIENT_OPTIONS_INIT;
    struct ir_client *client = NULL;
    struct ir_error err = {0};
    bool good = false;
    bool is_upload = argc == 5 && strcmp(argv[1], "upload") == 0;
    bool is_many = argc == 6 && strcmp(argv[1], "many") == 0;
    if (!is_upload && !is_many && (argc < 6 || strcmp(argv[1], "labels") != 0))
        return refuse();
    options.endpoint = argv[2];
    if (ir_client_new(&options, &client, &err) != 0)
        fail(&err);
    else if (is_upload)
        good = measure_upload(client, argv[3], strtoul(argv[4], NULL, 10));
    else
        good = run_labels(client, argv + 3, is_many);
    ir_client_free(client);
    return good ? 0 : 1;
}
