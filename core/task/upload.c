/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The upload task: checks what is asked for, and sends in one request what is small enough. Larger
 * content goes through upload_parts.c.
 */
#include "core/task/upload_job.h"

#include <stdio.h>
#include <string.h>

#include "core/base/error.h"

#define DEFAULT_THRESHOLD_BYTES (UINT64_C(16) << 20)
#define DEFAULT_PART_BYTES (UINT64_C(8) << 20)
#define PART_STEP_BYTES (UINT64_C(1) << 20)
#define DEFAULT_JOBS 4U
#define MAX_CONFLICTS 3U
#define CONFLICT_WAIT_MS 200L

/* ---- checking ---------------------------------------------------------------------------- */

static int fail_option(struct ir_error *err, int code, const char *cause, const char *hint)
{
    return ir_fail_with(err, code, "upload", cause, hint);
}

static int check_options(const struct ir_upload_options *options, struct ir_error *err)
{
    if (options->version != IR_UPLOAD_OPTIONS_VERSION)
        return fail_option(err, IR_ERR_ARG, "the upload options are of a version that is not known",
                           "Start from IR_UPLOAD_OPTIONS_INIT, and build against the headers of "
                           "the library that runs.");
    if (options->threshold_bytes > IR_S3_MAX_PUT_BYTES)
        return fail_option(err, IR_ERR_ARG, "the threshold is over 5 GiB",
                           "S3 takes no more in one request.");
    if (options->part_bytes != 0 &&
        (options->part_bytes < IR_S3_MIN_PART_BYTES || options->part_bytes > IR_S3_MAX_PART_BYTES))
        return fail_option(err, IR_ERR_ARG, "the part size is not between 5 MiB and 5 GiB",
                           "8 MiB is a good one.");
    if (options->jobs > IR_UPLOAD_MAX_JOBS)
        return fail_option(err, IR_ERR_ARG, "more than 16 parts are to be sent at once",
                           "More than 4 seldom help.");
    return 0;
}

/* The pairs of the public interface as those of the service. */
static int copy_pairs(const struct ir_upload_pair *from, size_t count, struct ir_s3_pair *to,
                      size_t room, struct ir_error *err)
{
    if (count > room)
        return fail_option(err, IR_ERR_TOO_LARGE, "there are too many metadata entries or tags",
                           "An upload has room for 30 metadata entries and 10 tags.");
    for (size_t i = 0; i < count; i++) {
        if (from[i].name == NULL || from[i].value == NULL)
            return fail_option(err, IR_ERR_ARG, "a metadata entry or tag has no name or no value",
                               "Give both, or leave it out.");
        to[i] = (struct ir_s3_pair){from[i].name, from[i].value};
    }
    return 0;
}

static int set_attributes(struct ir_upload_job *job, struct ir_error *err)
{
    const struct ir_upload_options *options = job->options;
    int rc = copy_pairs(options->metadata, options->metadata_count, job->metadata,
                        IR_S3_MAX_METADATA, err);
    if (rc == 0)
        rc = copy_pairs(options->tags, options->tag_count, job->tags, IR_S3_MAX_TAGS, err);
    if (rc != 0)
        return rc;
    const char *content_type = options->content_type;
    if (content_type == NULL || *content_type == '\0')
        content_type = ir_upload_media_type(job->content);
    job->name = (struct ir_s3_object_name){
        .bucket = options->bucket, .key = options->key, .expected_owner = options->expected_owner};
    job->attributes = (struct ir_s3_attributes){
        .content_type = content_type,
        .cache_control = options->cache_control,
        .content_disposition = options->content_disposition,
        .metadata = job->metadata,
        .metadata_count = options->metadata_count,
        .tags = job->tags,
        .tag_count = options->tag_count,
        .storage_class = options->storage_class,
        .encryption = options->encryption,
        .kms_key = options->kms_key,
        .kms_context = options->kms_context,
        .bucket_key = options->bucket_key,
    };
    ir_text_copy(job->result.content_type, sizeof job->result.content_type, content_type);
    return 0;
}

/* So large that 10,000 do, in whole MiB. */
static int choose_part_bytes(struct ir_upload_job *job, struct ir_error *err)
{
    uint64_t bytes = job->content->bytes;
    job->part_bytes = job->options->part_bytes > 0 ? job->options->part_bytes : DEFAULT_PART_BYTES;
    if (bytes > IR_S3_MAX_PARTS * IR_S3_MAX_PART_BYTES)
        return fail_option(err, IR_ERR_TOO_LARGE, "it has more than 10,000 parts of 5 GiB",
                           "S3 takes no larger object: divide it.");
    if ((bytes + job->part_bytes - 1) / job->part_bytes > IR_S3_MAX_PARTS) {
        job->part_bytes = (bytes + IR_S3_MAX_PARTS - 1) / IR_S3_MAX_PARTS;
        job->part_bytes =
            (job->part_bytes + PART_STEP_BYTES - 1) / PART_STEP_BYTES * PART_STEP_BYTES;
    }
    return 0;
}

/* ---- requests ---------------------------------------------------------------------------- */

void ir_upload_tell(struct ir_upload_job *job, uint64_t sent_bytes)
{
    if (job->options->progress == NULL || (job->has_told && sent_bytes <= job->told_bytes))
        return;
    job->has_told = true;
    job->told_bytes = sent_bytes;
    job->options->progress(job->options->context, sent_bytes, job->content->bytes);
}

/* A body that could not be read has a reason that the transport does not know. */
static int explain(const struct ir_upload_job *job, const struct ir_s3_request *request, int rc,
                   struct ir_error *err)
{
    bool is_other_body = strcmp(err->aws_code, "BadDigest") == 0 ||
                         strcmp(err->aws_code, "XAmzContentSHA256Mismatch") == 0;
    if (rc == IR_ERR_ARG && ir_cancel_is_set(request->http.aws.cancel))
        return ir_fail(err, IR_ERR_CANCELLED, "cancelled");
    if (rc == IR_ERR_ARG || is_other_body) {
        struct ir_error changed = {0};
        int changed_rc = ir_upload_content_check(job->content, &changed);
        if (changed_rc != 0) {
            *err = changed;
            return changed_rc;
        }
    }
    return ir_s3_explain(request, rc, err);
}

int ir_upload_send(const struct ir_upload_job *job, struct ir_s3_request *request, uint64_t bytes,
                   struct ir_http_response *response, unsigned *out_retries, struct ir_error *err)
{
    struct ir_aws *aws = &job->client->aws;
    unsigned retries = 0;
    if (request->http.aws.timeout_ms == 0)
        request->http.aws.timeout_ms =
            aws->timeout_ms + (long)(bytes / IR_AWS_SLOWEST_BYTES_PER_MS);
    int rc = ir_aws_call(aws, &request->http.aws, response, &retries, err);
    *out_retries += retries;
    return rc == 0 ? 0 : explain(job, request, rc, err);
}

int ir_upload_ask(struct ir_upload_job *job, struct ir_s3_request *request,
                  struct ir_http_response *response, struct ir_error *err)
{
    int rc = ir_upload_send(job, request, 0, response, &job->result.retries, err);
    if (rc == 0)
        job->result.requests++;
    ir_s3_request_release(request);
    return rc;
}

static void take_names(struct ir_upload_job *job, const struct ir_s3_object *object)
{
    memcpy(job->result.etag, object->etag, sizeof job->result.etag);
    memcpy(job->result.version_id, object->version_id, sizeof job->result.version_id);
}

enum look {
    LOOK_FAILED,
    LOOK_IS_ABSENT,
    LOOK_IS_THERE,
};

static enum look look_at_object(struct ir_upload_job *job, struct ir_s3_object *out)
{
    struct ir_s3_request request;
    struct ir_http_response response;
    struct ir_error err = {0};
    if (ir_s3_head_call(&job->name, &request, &err) != 0)
        return LOOK_FAILED;
    request.http.aws.cancel = job->options->cancel;
    ir_http_response_init(&response);
    bool is_there = ir_upload_ask(job, &request, &response, &err) == 0 &&
                    ir_s3_read_object(&response, out, &err) == 0;
    ir_http_response_release(&response);
    if (is_there)
        return LOOK_IS_THERE;
    return err.http_status == 404 ? LOOK_IS_ABSENT : LOOK_FAILED;
}

int ir_upload_settle(struct ir_upload_job *job, const char *const crc32_texts[2], int rc,
                     struct ir_error *err)
{
    struct ir_s3_object object;
    enum look look = look_at_object(job, &object);
    bool has_size = look == LOOK_IS_THERE && object.bytes == job->content->bytes;
    if (has_size && (strcmp(object.crc32, crc32_texts[0]) == 0 ||
                     (crc32_texts[1] != NULL && strcmp(object.crc32, crc32_texts[1]) == 0))) {
        take_names(job, &object);
        return 0;
    }
    if (look == LOOK_FAILED || (has_size && object.crc32[0] == '\0')) {
        ir_error_add_words(err, "; but an answer was lost, and it may be this upload that made it");
        err->maybe_served = true;
    }
    return rc;
}

/* ---- in one request ---------------------------------------------------------------------- */

static void tell_sent(void *context, uint64_t sent_bytes, uint64_t total_bytes)
{
    struct ir_upload_job *job = context;
    /* The last word is spoken when the server has answered. */
    if (sent_bytes < total_bytes)
        ir_upload_tell(job, sent_bytes);
}

static int put_once(struct ir_upload_job *job, const struct ir_s3_put_options *put,
                    struct ir_error *err)
{
    struct ir_s3_request request;
    struct ir_http_response response;
    struct ir_s3_object object;
    char crc32_text[IR_S3_CRC32_BYTES];
    unsigned retries = 0;
    int rc = ir_s3_put_call(put, &request, err);
    if (rc != 0)
        return rc;
    request.http.aws.cancel = job->options->cancel;
    request.http.aws.progress = tell_sent;
    request.http.aws.progress_context = job;
    ir_s3_crc32_text(put->sums->crc32, crc32_text);
    ir_http_response_init(&response);
    rc = ir_upload_send(job, &request, put->sums->bytes, &response, &retries, err);
    job->result.retries += retries;
    job->was_repeated |= retries > 0;
    const char *const crc32_texts[2] = {crc32_text, NULL};
    if (rc == 0) {
        job->result.requests++;
        rc = ir_s3_put_read(&response, put->sums, &object, err);
        if (rc == 0)
            take_names(job, &object);
    } else if (put->only_if_new && err->http_status == 412 && job->was_repeated) {
        rc = ir_upload_settle(job, crc32_texts, rc, err);
    }
    job->may_be_stored |= rc != 0 && err->maybe_served;
    ir_http_response_release(&response);
    ir_s3_request_release(&request);
    return rc;
}

/* 409: another request for the same key was being worked on; AWS asks for another attempt. */
static int put(struct ir_upload_job *job, const struct ir_s3_put_options *options,
               struct ir_error *err)
{
    const struct ir_world *world = job->client->aws.world;
    for (unsigned conflicts = 0;; conflicts++) {
        ir_error_clear(err);
        int rc = put_once(job, options, err);
        if (rc == 0 || strcmp(err->aws_code, "ConditionalRequestConflict") != 0 ||
            conflicts == MAX_CONFLICTS)
            return rc;
        job->result.retries++;
        if (!world->sleep_ms(world->context, CONFLICT_WAIT_MS, job->options->cancel))
            return ir_fail(err, IR_ERR_CANCELLED, "cancelled while waiting to try again");
    }
}

static int put_whole(struct ir_upload_job *job, struct ir_error *err)
{
    struct ir_upload_piece piece;
    struct ir_body_sums sums;
    ir_upload_piece_init(&piece, job->content, 0, job->content->bytes, job->options->cancel);
    ir_upload_tell(job, 0);
    int rc = ir_upload_piece_sum(&piece, &sums, err);
    if (rc != 0)
        return rc;
    const struct ir_s3_put_options options = {
        .name = job->name,
        .attributes = job->attributes,
        .only_if_new = job->options->only_if_new,
        .body = &piece.body,
        .sums = &sums,
    };
    rc = put(job, &options, err);
    if (rc != 0)
        return rc;
    job->result.crc32 = sums.crc32;
    rc = ir_upload_content_check(job->content, err);
    if (rc != 0)
        err->maybe_served = true;
    return rc;
}

/* ---- the task ---------------------------------------------------------------------------- */

static int upload(struct ir_client *client, struct ir_upload_content *content,
                  const struct ir_upload_options *options, struct ir_upload_result *out,
                  struct ir_error *err)
{
    struct ir_upload_job job = {.client = client, .options = options, .content = content};
    uint64_t threshold_bytes =
        options->threshold_bytes > 0 ? options->threshold_bytes : DEFAULT_THRESHOLD_BYTES;
    job.jobs = options->jobs > 0 ? options->jobs : DEFAULT_JOBS;
    job.result.bytes = content->bytes;
    int rc = set_attributes(&job, err);
    if (rc == 0)
        rc = choose_part_bytes(&job, err);
    if (rc != 0)
        return rc;
    /* An upload that is to be gone on with was one in parts, and has at least one. */
    if (options->upload_id != NULL && content->bytes == 0)
        return fail_option(err, IR_ERR_ARG, "an upload of nothing cannot be gone on with",
                           "Name the file that it was begun with, or leave out the upload's id.");
    bool in_parts = content->bytes > threshold_bytes || options->upload_id != NULL;
    rc = in_parts ? ir_upload_in_parts(&job, err) : put_whole(&job, err);
    if (rc != 0 && err->service[0] == '\0')
        ir_error_set_service(err, "upload");
    if (rc != 0) {
        err->maybe_served |= job.may_be_stored;
        return rc;
    }
    ir_upload_tell(&job, content->bytes);
    snprintf(job.result.uri, sizeof job.result.uri, "s3://%s/%s", options->bucket, options->key);
    *out = job.result;
    return 0;
}

int ir_upload_file(struct ir_client *client, const char *path,
                   const struct ir_upload_options *options, struct ir_upload_result *out,
                   struct ir_error *err)
{
    struct ir_error own_error = {0};
    struct ir_upload_content content;
    if (err == NULL)
        err = &own_error;
    if (path == NULL)
        return fail_option(err, IR_ERR_ARG, "no file is named", "Give its path.");
    int rc = check_options(options, err);
    if (rc == 0)
        rc = ir_upload_content_open(&content, path, err);
    if (rc != 0)
        return rc;
    rc = upload(client, &content, options, out, err);
    ir_upload_content_release(&content);
    return rc;
}

int ir_upload_data(struct ir_client *client, const void *data, size_t data_bytes,
                   const struct ir_upload_options *options, struct ir_upload_result *out,
                   struct ir_error *err)
{
    struct ir_error own_error = {0};
    struct ir_upload_content content = {.data = data, .bytes = data_bytes};
    if (err == NULL)
        err = &own_error;
    if (data == NULL && data_bytes > 0)
        return fail_option(err, IR_ERR_ARG, "there are no bytes to upload", "Give their address.");
    int rc = check_options(options, err);
    return rc == 0 ? upload(client, &content, options, out, err) : rc;
}
