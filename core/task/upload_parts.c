/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An upload in parts: it is begun (or what the server has of it is listed), some threads send the
 * parts, and it is completed; when anything fails, the parts are removed, or told of.
 *
 *     calling thread   begin -> wait, tell progress, look at cancel -> complete, or abort
 *     each worker               take the next part -> read and hash it -> send it
 *
 * The calling thread alone calls back. It hands the caller's cancel token on to one of the upload's
 * own, with which a part that fails stops those that are under way as well.
 */
#include "core/task/upload_job.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/error.h"

#define LOOK_MS 50L
#define ABORT_MS 3000L
#define COMPLETE_MS_PER_PART 60L /* S3 may take minutes over thousands of them */
#define MAX_RESTARTS 1U
#define NS_PER_MS 1000000L
#define NS_PER_S 1000000000L

struct tally {
    unsigned requests; /* that succeeded */
    unsigned retries;
};

struct worker {
    struct upload *upload;
    pthread_t thread;
    atomic_ullong sent_bytes; /* of the part it is at */
};

struct upload {
    struct ir_upload_job *job;
    struct ir_s3_created created;
    struct ir_s3_part *parts;
    size_t part_count;
    struct ir_cancel *stop;
    struct worker workers[IR_UPLOAD_MAX_JOBS];
    unsigned worker_count;

    pthread_mutex_t mutex;
    pthread_cond_t has_changed;
    /* Guarded by the mutex while there are workers: */
    size_t next_part;
    unsigned running;
    uint64_t done_bytes;
    struct tally tally;
    int rc; /* of the first part that failed */
    struct ir_error err;
    bool is_refused; /* what the server has is of another file: leave it alone */
};

static struct ir_s3_upload name_upload(const struct upload *upload)
{
    return (struct ir_s3_upload){upload->job->name, upload->created.upload_id};
}

static uint64_t part_offset(const struct upload *upload, size_t index)
{
    return index * upload->job->part_bytes;
}

static uint64_t part_length(const struct upload *upload, size_t index)
{
    uint64_t left_bytes = upload->job->content->bytes - part_offset(upload, index);
    return left_bytes < upload->job->part_bytes ? left_bytes : upload->job->part_bytes;
}

/* ---- beginning --------------------------------------------------------------------------- */

static void tell_id(const struct upload *upload)
{
    const struct ir_upload_options *options = upload->job->options;
    if (options->on_upload_id != NULL)
        options->on_upload_id(options->context, upload->created.upload_id);
}

static int create(struct upload *upload, struct ir_error *err)
{
    struct ir_upload_job *job = upload->job;
    struct ir_s3_request request;
    struct ir_http_response response;
    int rc = ir_s3_create_call(&job->name, &job->attributes, &request, err);
    if (rc != 0)
        return rc;
    request.http.aws.cancel = job->options->cancel;
    ir_http_response_init(&response);
    rc = ir_upload_ask(job, &request, &response, err);
    if (rc == 0)
        rc = ir_s3_create_read(&response, &upload->created, err);
    ir_http_response_release(&response);
    if (rc == 0)
        tell_id(upload);
    return rc;
}

static int list_page(struct upload *upload, unsigned after, struct ir_s3_parts_page *out,
                     struct ir_error *err)
{
    struct ir_upload_job *job = upload->job;
    const struct ir_s3_upload name = name_upload(upload);
    struct ir_s3_request request;
    struct ir_http_response response;
    int rc = ir_s3_parts_call(&name, after, &request, err);
    if (rc != 0)
        return rc;
    request.http.aws.cancel = job->options->cancel;
    ir_http_response_init(&response);
    rc = ir_upload_ask(job, &request, &response, err);
    if (rc == 0)
        rc = ir_s3_parts_read(&response, after, upload->parts, upload->part_count, out, err);
    ir_http_response_release(&response);
    return rc;
}

/* What an earlier call has sent. Until its parts are known to be this file's, they stay there. */
static int resume(struct upload *upload, const char *upload_id, struct ir_error *err)
{
    struct ir_s3_parts_page page = {.has_more = true};
    if (strlen(upload_id) >= sizeof upload->created.upload_id)
        return ir_s3_fail(err, IR_ERR_ARG, "the upload's id is too long",
                          "Give the id that the beginning of the upload told.");
    ir_text_copy(upload->created.upload_id, sizeof upload->created.upload_id, upload_id);
    upload->is_refused = true;
    while (page.has_more) {
        int rc = list_page(upload, page.last_part_number, &page, err);
        if (rc != 0)
            return rc;
    }
    upload->created.has_full_checksum = page.has_full_checksum;
    upload->is_refused = false;
    tell_id(upload);
    return 0;
}

/* ---- a part ------------------------------------------------------------------------------ */

static void note_sent(void *context, uint64_t sent_bytes, uint64_t total_bytes)
{
    struct worker *worker = context;
    (void)total_bytes;
    atomic_store(&worker->sent_bytes, sent_bytes);
    pthread_cond_signal(&worker->upload->has_changed);
}

static int refuse(struct upload *upload, struct ir_error *err)
{
    int rc = ir_fail(err, IR_ERR_ARG,
                     "the parts that the server has are of another file, or of this one before it "
                     "changed, or of another size");
    ir_error_set_service(err, "upload");
    ir_error_set_hint(err, "They were left there. Start again without the upload's id, or with the "
                           "part size it was begun with.");
    pthread_mutex_lock(&upload->mutex);
    upload->is_refused = true;
    pthread_mutex_unlock(&upload->mutex);
    return rc;
}

/*
 * Whether what the server has of a part is what the file has. Without a checksum there nothing is
 * known, and the part is sent again, which replaces it.
 */
static int check_listed(struct upload *upload, size_t index, const struct ir_body_sums *sums,
                        bool *out_is_good, struct ir_error *err)
{
    const struct ir_s3_part *part = &upload->parts[index];
    *out_is_good = false;
    if (!part->is_there)
        return 0;
    if (part->bytes != sums->bytes || (part->has_crc32 && part->crc32 != sums->crc32))
        return refuse(upload, err);
    *out_is_good = part->has_crc32;
    return 0;
}

static int send_part(struct worker *worker, size_t index, struct tally *tally, struct ir_error *err)
{
    struct upload *upload = worker->upload;
    const struct ir_s3_upload name = name_upload(upload);
    struct ir_s3_request request;
    struct ir_http_response response;
    struct ir_upload_piece piece;
    struct ir_body_sums sums;
    bool is_good = false;
    ir_upload_piece_init(&piece, upload->job->content, part_offset(upload, index),
                         part_length(upload, index), upload->stop);
    int rc = ir_upload_piece_sum(&piece, &sums, err);
    if (rc == 0)
        rc = check_listed(upload, index, &sums, &is_good, err);
    if (rc != 0 || is_good)
        return rc;
    rc = ir_s3_part_call(&name, (unsigned)index + 1, &piece.body, &sums, &request, err);
    if (rc != 0)
        return rc;
    request.http.aws.cancel = upload->stop;
    request.http.aws.progress = note_sent;
    request.http.aws.progress_context = worker;
    ir_http_response_init(&response);
    rc = ir_upload_send(upload->job, &request, sums.bytes, &response, &tally->retries, err);
    tally->requests += rc == 0;
    if (rc == 0)
        rc = ir_s3_part_read(&response, &sums, &upload->parts[index], err);
    ir_http_response_release(&response);
    ir_s3_request_release(&request);
    return rc;
}

/* ---- workers ----------------------------------------------------------------------------- */

/* False when there is nothing more to do. */
static bool take_part(struct upload *upload, size_t *out_index)
{
    bool is_there = upload->rc == 0 && upload->next_part < upload->part_count &&
                    !ir_cancel_is_set(upload->job->options->cancel);
    if (is_there)
        *out_index = upload->next_part++;
    return is_there;
}

static void *work(void *context)
{
    struct worker *worker = context;
    struct upload *upload = worker->upload;
    size_t index = 0;
    pthread_mutex_lock(&upload->mutex);
    while (take_part(upload, &index)) {
        struct ir_error err = {0};
        struct tally tally = {0};
        pthread_mutex_unlock(&upload->mutex);
        int rc = send_part(worker, index, &tally, &err);
        pthread_mutex_lock(&upload->mutex);
        atomic_store(&worker->sent_bytes, 0);
        upload->tally.requests += tally.requests;
        upload->tally.retries += tally.retries;
        if (rc == 0) {
            upload->done_bytes += part_length(upload, index);
        } else if (upload->rc == 0) {
            upload->rc = rc;
            upload->err = err;
            ir_cancel_set(upload->stop);
        }
    }
    upload->running--;
    pthread_cond_signal(&upload->has_changed);
    pthread_mutex_unlock(&upload->mutex);
    return NULL;
}

static void start_workers(struct upload *upload)
{
    unsigned wanted = upload->job->jobs;
    if (wanted > upload->part_count)
        wanted = (unsigned)upload->part_count;
    for (unsigned i = 0; i < wanted; i++) {
        struct worker *worker = &upload->workers[i];
        worker->upload = upload;
        atomic_init(&worker->sent_bytes, 0);
        pthread_mutex_lock(&upload->mutex);
        upload->running++;
        pthread_mutex_unlock(&upload->mutex);
        if (pthread_create(&worker->thread, NULL, work, worker) != 0) {
            pthread_mutex_lock(&upload->mutex);
            upload->running--;
            pthread_mutex_unlock(&upload->mutex);
            return; /* those that run do the work of all */
        }
        upload->worker_count++;
    }
}

/* Done and under way, but never all of it before the server has said so. Under the mutex. */
static uint64_t count_sent(struct upload *upload)
{
    uint64_t bytes = upload->done_bytes;
    uint64_t most = upload->job->content->bytes - 1;
    for (unsigned i = 0; i < upload->worker_count; i++)
        bytes += atomic_load(&upload->workers[i].sent_bytes);
    return bytes < most ? bytes : most;
}

static void wait_a_moment(struct upload *upload)
{
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_nsec += LOOK_MS * NS_PER_MS;
    if (end.tv_nsec >= NS_PER_S) {
        end.tv_nsec -= NS_PER_S;
        end.tv_sec++;
    }
    pthread_cond_timedwait(&upload->has_changed, &upload->mutex, &end);
}

/* Until no worker runs. What was sent is told at least once behind the last part. */
static void watch(struct upload *upload)
{
    const struct ir_cancel *cancel = upload->job->options->cancel;
    pthread_mutex_lock(&upload->mutex);
    for (bool is_over = false; !is_over;) {
        is_over = upload->running == 0;
        uint64_t sent_bytes = count_sent(upload);
        pthread_mutex_unlock(&upload->mutex);
        ir_upload_tell(upload->job, sent_bytes);
        if (ir_cancel_is_set(cancel))
            ir_cancel_set(upload->stop);
        pthread_mutex_lock(&upload->mutex);
        if (!is_over && upload->running > 0)
            wait_a_moment(upload);
    }
    pthread_mutex_unlock(&upload->mutex);
}

static int send_parts(struct upload *upload, struct ir_error *err)
{
    struct ir_upload_job *job = upload->job;
    start_workers(upload);
    watch(upload);
    for (unsigned i = 0; i < upload->worker_count; i++)
        pthread_join(upload->workers[i].thread, NULL);
    job->result.requests += upload->tally.requests;
    job->result.retries += upload->tally.retries;
    if (ir_cancel_is_set(job->options->cancel))
        return ir_fail(err, IR_ERR_CANCELLED, "the upload was cancelled");
    if (upload->worker_count == 0) {
        ir_fail(err, IR_ERR_NOMEM, "no thread could be started");
        ir_error_set_hint(err,
                          "Close other programs, or raise the limit of processes (ulimit -u).");
        return IR_ERR_NOMEM;
    }
    if (upload->rc != 0)
        *err = upload->err;
    return upload->rc;
}

/* ---- ending ------------------------------------------------------------------------------ */

/* True when an answer to an earlier attempt was lost that said what now cannot be said again. */
static bool may_be_done(const struct ir_upload_job *job, const struct ir_error *err)
{
    return job->was_repeated && (strcmp(err->aws_code, "NoSuchUpload") == 0 ||
                                 (job->options->only_if_new && err->http_status == 412));
}

static int read_completed(struct upload *upload, const struct ir_http_response *response,
                          const char *const crc32_texts[2], struct ir_error *err)
{
    struct ir_upload_result *result = &upload->job->result;
    struct ir_s3_object object;
    int rc = ir_s3_complete_read(response, &object, err);
    if (rc == 0 && object.crc32[0] != '\0' && strcmp(object.crc32, crc32_texts[0]) != 0 &&
        strcmp(object.crc32, crc32_texts[1]) != 0)
        rc = ir_s3_checksum_fail("the server stores another checksum than its parts were sent with",
                                 err);
    if (rc != 0) {
        err->maybe_served = true;
        return rc;
    }
    memcpy(result->etag, object.etag, sizeof result->etag);
    memcpy(result->version_id, object.version_id, sizeof result->version_id);
    return 0;
}

/* True when no part is left. Not with the caller's cancel token, which may be why it comes here. */
static bool remove_parts(struct upload *upload)
{
    const struct ir_s3_upload name = name_upload(upload);
    struct ir_error err = {0};
    struct ir_s3_request request;
    struct ir_http_response response;
    if (ir_s3_abort_call(&name, &request, &err) != 0)
        return false;
    request.http.aws.timeout_ms = ABORT_MS;
    ir_http_response_init(&response);
    int rc = ir_upload_ask(upload->job, &request, &response, &err);
    if (rc == 0)
        rc = ir_s3_read_nothing(&response, &err);
    ir_http_response_release(&response);
    return rc == 0 || strcmp(err.aws_code, "NoSuchUpload") == 0;
}

/*
 * ir_upload_settle. An upload that was refused because an earlier one has stored the object still
 * has its parts: it has succeeded only without them.
 */
static int settle(struct upload *upload, const char *const crc32_texts[2], int rc,
                  struct ir_error *err)
{
    int settled_rc = ir_upload_settle(upload->job, crc32_texts, rc, err);
    if (settled_rc != 0 || remove_parts(upload))
        return settled_rc;
    ir_error_add_words(err, "; it is what was to be uploaded");
    err->maybe_served = true;
    return rc;
}

static int complete(struct upload *upload, struct ir_error *err)
{
    struct ir_upload_job *job = upload->job;
    const struct ir_s3_complete_options options = {
        .upload = name_upload(upload),
        .parts = upload->parts,
        .part_count = upload->part_count,
        .only_if_new = job->options->only_if_new,
        .has_full_checksum = upload->created.has_full_checksum,
    };
    struct ir_s3_request request;
    struct ir_http_response response;
    char full[IR_S3_CRC32_BYTES];
    char composite[IR_S3_CHECKSUM_BYTES];
    unsigned retries = 0;
    int rc = ir_s3_complete_call(&options, &request, err);
    if (rc != 0)
        return rc;
    job->result.crc32 = ir_s3_full_crc32(upload->parts, upload->part_count);
    job->result.parts = (unsigned)upload->part_count;
    ir_s3_crc32_text(job->result.crc32, full);
    ir_s3_composite_crc32(upload->parts, upload->part_count, composite);
    const char *const crc32_texts[2] = {full, composite};
    request.http.aws.cancel = job->options->cancel;
    request.http.aws.timeout_ms =
        job->client->aws.timeout_ms + COMPLETE_MS_PER_PART * (long)upload->part_count;
    ir_http_response_init(&response);
    rc = ir_upload_send(job, &request, 0, &response, &retries, err);
    job->result.retries += retries;
    job->was_repeated |= retries > 0;
    if (rc == 0) {
        job->result.requests++;
        rc = read_completed(upload, &response, crc32_texts, err);
    } else if (may_be_done(job, err)) {
        rc = settle(upload, crc32_texts, rc, err);
    } else if (response.status / 100 == 2) {
        err->maybe_served = true; /* memory ran out over a good answer */
    }
    job->may_be_stored |= rc != 0 && err->maybe_served;
    ir_http_response_release(&response);
    ir_s3_request_release(&request);
    return rc;
}

/* 409 when it was to be completed: AWS asks for another upload from the beginning. */
static bool is_conflict(const struct ir_error *err)
{
    return strcmp(err->aws_code, "ConditionalRequestConflict") == 0;
}

/* After a failure: what becomes of the parts. True when none is left. */
static bool clean_up(struct upload *upload, struct ir_error *err)
{
    if (upload->created.upload_id[0] == '\0')
        return true;
    if (upload->is_refused)
        return false;
    if (upload->job->options->keep_parts && !is_conflict(err)) {
        ir_error_add_words(err, "; the parts that were sent are kept, and billed");
        ir_error_set_hint(err, "Go on with the upload id %s", upload->created.upload_id);
        return false;
    }
    if (remove_parts(upload))
        return true;
    ir_error_add_words(err, "; the parts that were sent could not be removed, and are billed");
    ir_error_set_hint(err,
                      "Remove them (aws s3api abort-multipart-upload), or go on with the upload id "
                      "%s",
                      upload->created.upload_id);
    return false;
}

/* ---- the whole --------------------------------------------------------------------------- */

static int init(struct upload *upload, struct ir_upload_job *job, struct ir_error *err)
{
    pthread_condattr_t attributes;
    memset(upload, 0, sizeof *upload);
    upload->job = job;
    upload->part_count = (size_t)((job->content->bytes + job->part_bytes - 1) / job->part_bytes);
    upload->parts = ir_calloc(upload->part_count, sizeof *upload->parts);
    upload->stop = ir_cancel_new();
    if (upload->parts == NULL || upload->stop == NULL) {
        ir_cancel_free(upload->stop);
        ir_free(upload->parts);
        ir_fail_nomem(err);
        return IR_ERR_NOMEM;
    }
    pthread_mutex_init(&upload->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&upload->has_changed, &attributes);
    pthread_condattr_destroy(&attributes);
    return 0;
}

static void release(struct upload *upload)
{
    pthread_cond_destroy(&upload->has_changed);
    pthread_mutex_destroy(&upload->mutex);
    ir_cancel_free(upload->stop);
    ir_free(upload->parts);
}

/* *out_may_restart: another upload would leave nothing of this one behind. */
static int upload_once(struct ir_upload_job *job, const char *upload_id, bool *out_may_restart,
                       struct ir_error *err)
{
    struct upload upload;
    int rc = init(&upload, job, err);
    if (rc != 0)
        return rc;
    ir_upload_tell(job, 0);
    rc = upload_id != NULL ? resume(&upload, upload_id, err) : create(&upload, err);
    if (rc == 0)
        rc = send_parts(&upload, err);
    if (rc == 0)
        rc = ir_upload_content_check(job->content, err);
    if (rc == 0)
        rc = complete(&upload, err);
    else
        err->maybe_served = false; /* a part, perhaps; the object not */
    *out_may_restart = rc != 0 && clean_up(&upload, err) && is_conflict(err);
    release(&upload);
    return rc;
}

int ir_upload_in_parts(struct ir_upload_job *job, struct ir_error *err)
{
    const char *upload_id = job->options->upload_id;
    for (unsigned restarts = 0;; restarts++) {
        bool may_restart = false;
        ir_error_clear(err);
        int rc = upload_once(job, upload_id, &may_restart, err);
        if (rc == 0 || !may_restart || restarts == MAX_RESTARTS)
            return rc;
        upload_id = NULL;
    }
}
