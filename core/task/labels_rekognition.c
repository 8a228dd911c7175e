/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Labels from Rekognition: one DetectLabels request, and where asked for one DetectText and one
 * DetectFaces, within one time limit.
 */
#include <stdio.h>
#include <string.h>

#include "core/base/error.h"
#include "core/task/labels_job.h"

typedef int (*read_answer_fn)(const char *json, size_t bytes, int box_orientation,
                              struct ir_result *result, struct ir_error *err);

int ir_labels_rekognition_check(const struct ir_labels_job *job, struct ir_error *err)
{
    const struct ir_picture *picture = job->picture;
    int width = picture->info.width_px;
    int height = picture->info.height_px;
    int rc = 0;
    if (width < IR_REKOGNITION_MIN_SIDE_PX || height < IR_REKOGNITION_MIN_SIDE_PX) {
        rc = ir_fail(err, IR_ERR_ARG,
                     "The picture has %d x %d pixels; at least %d a side are needed", width, height,
                     IR_REKOGNITION_MIN_SIDE_PX);
        ir_error_set_hint(err, "Enlarge the picture first.");
    } else if (width > IR_REKOGNITION_MAX_SIDE_PX || height > IR_REKOGNITION_MAX_SIDE_PX) {
        rc = ir_fail(err, IR_ERR_TOO_LARGE,
                     "The picture has %d x %d pixels; at most %d a side are taken", width, height,
                     IR_REKOGNITION_MAX_SIDE_PX);
        ir_error_set_hint(err, "Make it smaller first.");
    } else if (picture->sent_bytes > IR_REKOGNITION_MAX_INLINE_BYTES) {
        rc = ir_fail(err, IR_ERR_TOO_LARGE,
                     "The picture has %zu bytes; at most %u are taken in a request",
                     picture->sent_bytes, IR_REKOGNITION_MAX_INLINE_BYTES);
        ir_error_set_hint(err, "Make it smaller, or save it with a higher compression.");
    }
    return rc;
}

static int fail_late(struct ir_error *err)
{
    return ir_fail_with(err, IR_ERR_TIMEOUT, ir_service_rekognition.title,
                        "the time limit passed before all was asked",
                        "Raise the time limit, or ask for less at once.");
}

/* What the embedded endpoint did not finish is told, so that silence is not read as absence. */
static int note_unfinished(const struct ir_labels_job *job, const struct ir_http_response *response,
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
    const struct ir_labels_job *job;
    read_answer_fn read_answer;
};

static int read_one(void *context, int call_rc, const struct ir_http_response *response,
                    struct ir_consumption *measured, struct ir_error *err)
{
    const struct reading *reading = context;
    const struct ir_labels_job *job = reading->job;
    (void)measured; /* a request is one, and the seam counts it */
    if (call_rc != 0)
        return call_rc;
    int rc = reading->read_answer(ir_buf_text(&response->body), response->body.bytes,
                                  job->picture->box_orientation, job->result, err);
    return rc == 0 ? note_unfinished(job, response, err) : rc;
}

/* Sends one request and reads its answer. `request` is released. */
static int send(const struct ir_labels_job *job, struct ir_request *request,
                read_answer_fn read_answer, struct ir_error *err)
{
    const struct ir_world *world = job->client->aws.world;
    const struct ir_prices *prices = job->client->paid.prices;
    struct reading reading = {job, read_answer};
    const char *operation = strchr(request->aws.target, '.') + 1;
    int64_t left_ms = job->deadline_ms - world->monotonic_ms(world->context);
    request->aws.max_response_bytes = IR_LABELS_MAX_RESPONSE_BYTES;
    request->aws.timeout_ms = (long)left_ms;
    request->aws.cancel = job->options->cancel;
    struct ir_paid_call call = {
        .client = job->client,
        .request = &request->aws,
        .operation = operation,
        .price = ir_price_of_operation(prices, request->aws.service, operation),
        .estimate = {.requests = 1},
        .read = read_one,
        .context = &reading,
    };
    if (job->options->properties && read_answer == ir_rekognition_read_labels)
        call.price.each_usd += ir_price_of_image_properties(prices).each_usd;
    int rc = left_ms <= 0 ? fail_late(err) : ir_paid_run(&call, &job->result->usage, err);
    ir_request_release(request);
    return rc;
}

static struct ir_name_list list_of(const struct ir_labels_names *names)
{
    return (struct ir_name_list){names->items, names->count};
}

static int ask(const struct ir_labels_job *job, enum ir_rekognition_operation operation,
               read_answer_fn read_answer, struct ir_error *err)
{
    const struct ir_body_piece piece = {job->picture->spans, job->picture->span_count, true, NULL};
    struct ir_rekognition_options options = IR_REKOGNITION_OPTIONS_INIT;
    struct ir_request request;
    options.picture = &piece;
    options.min_confidence_pct = job->options->min_confidence_pct;
    options.max_labels = job->options->max_labels;
    options.image_properties = job->options->properties;
    options.max_dominant_colors = job->options->properties ? job->options->max_dominant_colors : -1;
    options.include_labels = list_of(&job->include_labels);
    options.exclude_labels = list_of(&job->exclude_labels);
    options.include_categories = list_of(&job->include_categories);
    options.exclude_categories = list_of(&job->exclude_categories);
    int rc = ir_rekognition_call(operation, &options, &request, err);
    return rc == 0 ? send(job, &request, read_answer, err) : rc;
}

/* What a dry run did not do does not end the task. */
static bool goes_on(int rc)
{
    return rc == 0 || rc == IR_PAID_DRY;
}

int ir_labels_rekognition(struct ir_labels_job *job, struct ir_error *err)
{
    int rc = ask(job, IR_REKOGNITION_DETECT_LABELS, ir_rekognition_read_labels, err);
    if (goes_on(rc) && job->options->text)
        rc = ask(job, IR_REKOGNITION_DETECT_TEXT, ir_rekognition_read_text, err);
    if (goes_on(rc) && job->options->faces)
        rc = ask(job, IR_REKOGNITION_DETECT_FACES, ir_rekognition_read_faces, err);
    return rc;
}
