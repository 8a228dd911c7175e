/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The labels task: one DetectLabels request, and where asked for one DetectText and one
 * DetectFaces, put together into a result document.
 */
#include <imgrecog/labels.h>

#include <stdio.h>
#include <string.h>

#include "core/base/error.h"
#include "core/service/rekognition.h"
#include "core/task/document.h"
#include "core/task/precheck.h"

#define MAX_RESPONSE_BYTES (32U << 20)
#define LIMIT_MAX_LABELS 1000U

typedef int (*read_answer_fn)(const char *json, size_t bytes, int box_orientation,
                              struct ir_result *result, struct ir_error *err);

/* What all requests of one task share. */
struct job {
    struct ir_client *client;
    const struct ir_picture *picture;
    const struct ir_labels_options *options;
    struct ir_body_piece piece;
    struct ir_result *result;
    int64_t deadline_ms; /* monotonic, of all requests together */
};

/* ---- checking ---------------------------------------------------------------------------- */

static int check_options(const struct ir_labels_options *options, struct ir_error *err)
{
    if (options->version != IR_LABELS_OPTIONS_VERSION)
        return ir_fail(err, IR_ERR_ARG, "labels options of version %u are not known",
                       options->version);
    if (!(options->min_confidence_pct >= 0.0 && options->min_confidence_pct <= 100.0))
        return ir_fail(err, IR_ERR_ARG, "min-confidence must be between 0 and 100");
    if (options->max_labels < 1 || options->max_labels > LIMIT_MAX_LABELS)
        return ir_fail(err, IR_ERR_ARG, "max-labels must be between 1 and %u", LIMIT_MAX_LABELS);
    return 0;
}

static int check_picture(const struct ir_picture *picture, struct ir_error *err)
{
    int width = picture->info.width_px;
    int height = picture->info.height_px;
    int rc = 0;
    if (width < IR_REKOGNITION_MIN_SIDE_PX || height < IR_REKOGNITION_MIN_SIDE_PX) {
        rc = ir_fail(err, IR_ERR_ARG,
                     "the picture has %d x %d pixels; Rekognition needs at least "
                     "%d a side",
                     width, height, IR_REKOGNITION_MIN_SIDE_PX);
        ir_error_set_hint(err, "Use a larger picture.");
    } else if (width > IR_REKOGNITION_MAX_SIDE_PX || height > IR_REKOGNITION_MAX_SIDE_PX) {
        rc = ir_fail(err, IR_ERR_TOO_LARGE,
                     "the picture has %d x %d pixels; Rekognition takes at "
                     "most %d a side",
                     width, height, IR_REKOGNITION_MAX_SIDE_PX);
        ir_error_set_hint(err, "Make it smaller first.");
    } else if (picture->sent_bytes > IR_REKOGNITION_MAX_INLINE_BYTES) {
        rc = ir_fail(err, IR_ERR_TOO_LARGE,
                     "the picture has %zu bytes; Rekognition takes at most "
                     "%u in a request",
                     picture->sent_bytes, IR_REKOGNITION_MAX_INLINE_BYTES);
        ir_error_set_hint(err, "Make it smaller, or save it with a higher compression.");
    }
    if (rc != 0)
        ir_error_set_service(err, "picture");
    return rc;
}

/* ---- requests ---------------------------------------------------------------------------- */

static int64_t now_ms(const struct ir_client *client)
{
    const struct ir_world *world = client->aws.world;
    return world->monotonic_ms(world->context);
}

static int fail_late(struct ir_error *err)
{
    int rc = ir_fail(err, IR_ERR_TIMEOUT, "the time limit passed before all was asked");
    ir_error_set_service(err, ir_service_rekognition.title);
    ir_error_set_hint(err, "Raise the time limit, or ask for less at once.");
    return rc;
}

/* What the embedded endpoint did not finish is told, so that silence is not read as absence. */
static int note_unfinished(const struct job *job, const struct ir_http_response *response,
                           struct ir_error *err)
{
    char names[128];
    char line[192];
    ir_http_response_header(response, IR_EMBEDDED_NOT_FINISHED_HEADER, names, sizeof names);
    if (names[0] == '\0')
        return 0;
    snprintf(line, sizeof line, "not finished in time, so unknown: %s", names);
    return ir_result_add_error(job->result, line) == 0 ? 0 : ir_fail_nomem(err);
}

/* Where an answer goes. */
struct reading {
    const struct job *job;
    read_answer_fn read_answer;
};

static int read_one(void *context, int call_rc, const struct ir_http_response *response,
                    struct ir_consumption *measured, struct ir_error *err)
{
    const struct reading *reading = context;
    const struct job *job = reading->job;
    (void)measured; /* a request is one, and the seam counts it */
    if (call_rc != 0)
        return call_rc;
    int rc = reading->read_answer(ir_buf_text(&response->body), response->body.bytes,
                                  job->picture->box_orientation, job->result, err);
    return rc == 0 ? note_unfinished(job, response, err) : rc;
}

static int send(const struct job *job, const struct ir_rekognition_request *rekognition,
                read_answer_fn read_answer, struct ir_error *err)
{
    struct reading reading = {job, read_answer};
    const char *operation = strchr(rekognition->target, '.') + 1;
    int64_t left_ms = job->deadline_ms - now_ms(job->client);
    if (left_ms <= 0)
        return fail_late(err);
    struct ir_aws_request request = {
        .service = &ir_service_rekognition,
        .method = "POST",
        .path = "/",
        .content_type = IR_REKOGNITION_CONTENT_TYPE,
        .target = rekognition->target,
        .body = &rekognition->body,
        .max_response_bytes = MAX_RESPONSE_BYTES,
        .timeout_ms = (long)left_ms,
        .cancel = job->options->cancel,
    };
    struct ir_paid_call call = {
        .client = job->client,
        .request = &request,
        .operation = operation,
        .price = ir_price_of_operation(job->client->paid.prices, request.service, operation),
        .estimate = {.requests = 1},
        .read = read_one,
        .context = &reading,
    };
    if (job->options->properties && read_answer == ir_rekognition_read_labels)
        call.price.each_usd += ir_price_of_image_properties(job->client->paid.prices).each_usd;
    return ir_paid_run(&call, &job->result->usage, err);
}

/* What a dry run did not do does not end the task. */
static bool goes_on(int rc)
{
    return rc == 0 || rc == IR_PAID_DRY;
}

static int detect_labels(const struct job *job, struct ir_error *err)
{
    const struct ir_rekognition_labels_request options = {
        .max_labels = job->options->max_labels,
        .min_confidence_pct = job->options->min_confidence_pct,
        .image_properties = job->options->properties,
    };
    struct ir_rekognition_request request;
    int rc = ir_rekognition_detect_labels(&options, &job->piece, &request, err);
    if (rc != 0)
        return rc;
    rc = send(job, &request, ir_rekognition_read_labels, err);
    ir_rekognition_request_release(&request);
    return rc;
}

static int detect_text(const struct job *job, struct ir_error *err)
{
    struct ir_rekognition_request request;
    int rc =
        ir_rekognition_detect_text(job->options->min_confidence_pct, &job->piece, &request, err);
    if (rc != 0)
        return rc;
    rc = send(job, &request, ir_rekognition_read_text, err);
    ir_rekognition_request_release(&request);
    return rc;
}

static int detect_faces(const struct job *job, struct ir_error *err)
{
    struct ir_rekognition_request request;
    int rc = ir_rekognition_detect_faces(&job->piece, &request, err);
    if (rc != 0)
        return rc;
    rc = send(job, &request, ir_rekognition_read_faces, err);
    ir_rekognition_request_release(&request);
    return rc;
}

/* ---- the task ---------------------------------------------------------------------------- */

int ir_labels(struct ir_client *client, const struct ir_picture *picture,
              const struct ir_labels_options *options, struct ir_result **out, struct ir_error *err)
{
    int rc = check_options(options, err);
    if (rc == 0)
        rc = check_picture(picture, err);
    if (rc != 0)
        return rc;
    struct job job = {
        .client = client,
        .picture = picture,
        .options = options,
        .piece = {picture->spans, picture->span_count, true},
        .deadline_ms = now_ms(client) + client->aws.timeout_ms,
    };
    rc = ir_document_new(client, picture, options->sha256, &job.result, err);
    if (rc != 0)
        return rc;
    rc = ir_precheck(client, picture, options->cancel, job.result, err);
    if (rc == 0)
        rc = detect_labels(&job, err);
    if (goes_on(rc) && options->text)
        rc = detect_text(&job, err);
    if (goes_on(rc) && options->faces)
        rc = detect_faces(&job, err);
    if (rc == IR_PAID_DRY)
        rc = 0;
    /* What was answered is charged, also where the task as a whole fails. */
    if (rc != 0 && job.result->usage.requests > 0 && err != NULL)
        err->maybe_served = true;
    if (rc == 0)
        *out = job.result;
    else
        ir_result_free(job.result);
    return rc;
}
