/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the calls to S3: an upload in one request, one in parts, a download that is checked. Whether
 * a success is true is seen here, in the bytes that the simulated S3 stores.
 */
#include "tests/sim/scenarios_s3.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <imgrecog/upload.h>

#include "core/service/s3_check.h"

#define FILL 0x5a
#define TWO_PARTS_BYTES ((5U << 20) + 3000U)
#define ONE_IN 40 /* so many uploads in parts have two: 5 MiB each takes its time */

static bool is_filled(const void *data, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        if (((const unsigned char *)data)[i] != FILL)
            return false;
    return true;
}

static const char *bucket_of(const struct sim_run *run)
{
    return run->variant % 4 == 0 ? SIM_AWAY_BUCKET : SIM_BUCKET;
}

/* Is what was uploaded what S3 has? */
static void look_at_object(struct sim_run *run, const char *name, const void *data, size_t bytes)
{
    const struct sim_object *object = sim_model_find_object(&run->model, name);
    if (object == NULL)
        run->wrong = "an upload succeeded, and S3 has no such object";
    else if (object->bytes != bytes || memcmp(object->data, data, bytes) != 0)
        run->wrong = "an upload succeeded, and S3 has other bytes";
}

/* ---- uploads ----------------------------------------------------------------------------- */

/* The core has got to know the id of an upload in parts. */
static void note_id(void *context, const char *upload_id)
{
    struct sim_model *model = &((struct sim_run *)context)->model;
    for (size_t i = 0; i < model->upload_count; i++)
        if (strcmp(model->uploads[i].id, upload_id) == 0)
            model->uploads[i].is_known = true;
}

/* An upload that stays open is told, with its id. */
static void look_at_uploads(struct sim_run *run, int rc, const struct ir_error *err)
{
    for (size_t i = 0; i < run->model.upload_count; i++) {
        struct sim_upload *upload = &run->model.uploads[i];
        if (!upload->is_open || !upload->is_known || upload->was_told)
            continue;
        upload->was_told = rc != 0 && (strstr(err->message, upload->id) != NULL ||
                                       strstr(err->hint, upload->id) != NULL);
        if (!upload->was_told)
            run->wrong = "an upload in parts was left open, and nobody was told";
    }
}

/* The upload of this name that was kept for later; NULL = none. */
static const char *find_kept(const struct sim_run *run, const char *name)
{
    for (size_t i = 0; i < run->model.upload_count; i++) {
        const struct sim_upload *upload = &run->model.uploads[i];
        if (upload->is_open && upload->is_known && strcmp(upload->name, name) == 0)
            return upload->id;
    }
    return NULL;
}

static int upload(struct sim_run *run, struct ir_upload_options *options, const void *data,
                  size_t bytes, struct ir_error *err)
{
    char name[40];
    struct ir_upload_result result;
    memset(&result, FILL, sizeof result);
    snprintf(name, sizeof name, "picture-%u", ++run->model.last_token);
    options->bucket = bucket_of(run);
    options->key = name;
    options->jobs = 1;
    options->only_if_new = run->variant % 3 == 0;
    options->cancel = run->cancel;
    options->on_upload_id = note_id;
    options->context = run;
    int rc = ir_upload_data(run->client, data, bytes, options, &result, err);
    const char *upload_id = options->keep_parts ? find_kept(run, name) : NULL;
    if (rc != 0 && upload_id != NULL) {
        look_at_uploads(run, rc, err);
        options->upload_id = upload_id;
        rc = ir_upload_data(run->client, data, bytes, options, &result, err);
    }
    if (rc == 0)
        look_at_object(run, name, data, bytes);
    else if (!is_filled(&result, sizeof result))
        run->wrong = "the upload's result is touched though the call failed";
    look_at_uploads(run, rc, err);
    return rc;
}

int sim_call_upload(struct sim_run *run, struct ir_error *err)
{
    struct ir_upload_options options = IR_UPLOAD_OPTIONS_INIT;
    return upload(run, &options, run->picture_data, sizeof run->picture_data, err);
}

int sim_call_upload_in_parts(struct sim_run *run, struct ir_error *err)
{
    struct ir_upload_options options = IR_UPLOAD_OPTIONS_INIT;
    options.threshold_bytes = 1;
    options.part_bytes = 5U << 20;
    options.keep_parts = run->variant % 5 == 0;
    if (run->variant % ONE_IN != 1)
        return upload(run, &options, run->picture_data, sizeof run->picture_data, err);
    char *data = calloc(1, TWO_PARTS_BYTES);
    if (data == NULL) {
        printf("Bail out! sim: out of memory\n");
        exit(1);
    }
    data[TWO_PARTS_BYTES - 1] = 'z';
    int rc = upload(run, &options, data, TWO_PARTS_BYTES, err);
    free(data);
    return rc;
}

/* ---- download ---------------------------------------------------------------------------- */

struct received {
    char data[SIM_PICTURE_BYTES];
    size_t bytes;
};

static int receive(void *context, const char *data, size_t bytes)
{
    struct received *received = context;
    if (bytes > sizeof received->data - received->bytes)
        return IR_ERR_TOO_LARGE;
    memcpy(received->data + received->bytes, data, bytes);
    received->bytes += bytes;
    return 0;
}

int sim_call_download(struct sim_run *run, struct ir_error *err)
{
    struct received received = {.bytes = 0};
    const struct ir_s3_get_options options = {
        .name = {.bucket = bucket_of(run), .key = SIM_READY_OBJECT}};
    struct ir_http_response response;
    struct ir_s3_request request;
    struct ir_s3_check check;
    unsigned retries = 0;
    bool is_checked = false;
    int rc = ir_s3_get_call(&options, &request, err);
    if (rc != 0)
        return rc;
    ir_http_response_init(&response);
    ir_s3_check_init(&check, &response, receive, &received);
    request.http.aws.cancel = run->cancel;
    request.http.aws.sink = ir_s3_check_take;
    request.http.aws.sink_context = &check;
    rc = ir_aws_call(&run->client->aws, &request.http.aws, &response, &retries, err);
    if (rc == 0)
        rc = ir_s3_check_finish(&check, &is_checked, err);
    if (rc == 0 && !is_checked)
        run->wrong = "a checksum was there, and was not looked at";
    if (rc == 0 && (received.bytes != SIM_PICTURE_BYTES ||
                    memcmp(received.data, run->picture_data, SIM_PICTURE_BYTES) != 0))
        run->wrong = "a download succeeded with other bytes than S3 has";
    ir_s3_check_release(&check);
    ir_http_response_release(&response);
    ir_s3_request_release(&request);
    return rc;
}
