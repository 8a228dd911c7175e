/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The doctor on the models that the settings name, by what Bedrock's control plane tells of each:
 * lifecycle (GetFoundationModel) and access (GetFoundationModelAvailability); and on a bucket.
 * Neither calls a model.
 */
#include <stdio.h>
#include <string.h>

#include "core/base/error.h"
#include "core/service/bedrock.h"
#include "core/service/s3.h"
#include "core/task/bucket.h"
#include "core/task/doctor.h"
#include "core/task/models.h"

#define DAY_CHARS 10

/* A model that is looked at. */
struct subject {
    char id[IR_DOCTOR_ID_BYTES]; /* of the line */
    char name[IR_DOCTOR_ID_BYTES];
    char model[IR_MODEL_ID_BYTES];
    const char *setting; /* "model" */
};

static bool is_denied(const struct ir_error *err)
{
    return strcmp(err->aws_code, "AccessDeniedException") == 0;
}

/* ---- lifecycle --------------------------------------------------------------------------- */

static int get_model(struct ir_doctor_job *job, const char *base_id, struct ir_models *out,
                     struct ir_error *err)
{
    struct ir_http_response response;
    struct ir_request request;
    int rc = ir_bedrock_get_model(base_id, &request, err);
    if (rc != 0)
        return rc;
    ir_http_response_init(&response);
    rc = ir_doctor_send(job, &request, &response, err);
    if (rc == 0)
        rc = ir_bedrock_read_models(ir_buf_text(&response.body), response.body.bytes, out, err);
    ir_http_response_release(&response);
    return rc;
}

/* True: it lives, and a line about its access follows. */
static bool is_living(struct ir_doctor_job *job, const struct subject *subject,
                      const struct ir_model *model)
{
    char next[IR_DOCTOR_TEXT_BYTES];
    if (strcmp(model->status, "LEGACY") != 0)
        return true;
    snprintf(next, sizeof next, "Set %s to another one in time: `imgrecog models` lists them.",
             subject->setting);
    ir_doctor_say(job, subject->id, subject->name, IR_DOCTOR_WARN, next,
                  "legacy%s%.*s; it answers until its end",
                  model->end_of_life_time[0] != '\0' ? ", ends on " : "", DAY_CHARS,
                  model->end_of_life_time);
    return false;
}

static bool look_at_life(struct ir_doctor_job *job, const struct subject *subject)
{
    struct ir_models models = {.doc = NULL};
    struct ir_error err = {0};
    int rc = get_model(job, ir_model_base(subject->model), &models, &err);
    bool goes_on = rc == 0 && models.count > 0 ? is_living(job, subject, &models.items[0]) : false;
    ir_models_release(&models);
    if (rc == 0 || rc == IR_ERR_CANCELLED)
        return goes_on;
    if (is_denied(&err)) /* what it lacks may be that right alone */
        return true;
    bool is_unknown = strcmp(err.aws_code, "ResourceNotFoundException") == 0 ||
                      strcmp(err.aws_code, "ValidationException") == 0;
    if (is_unknown)
        ir_error_set_hint(&err, "Set %s to one that `imgrecog models` lists.", subject->setting);
    ir_doctor_say_error(job, subject->id, subject->name, IR_DOCTOR_FAIL, &err);
    return false;
}

/* ---- access ------------------------------------------------------------------------------ */

static int get_availability(struct ir_doctor_job *job, const char *base_id,
                            struct ir_model_availability *out, struct ir_error *err)
{
    struct ir_http_response response;
    struct ir_request request;
    int rc = ir_bedrock_get_availability(base_id, &request, err);
    if (rc != 0)
        return rc;
    ir_http_response_init(&response);
    rc = ir_doctor_send(job, &request, &response, err);
    if (rc == 0)
        rc = ir_bedrock_read_availability(ir_buf_text(&response.body), response.body.bytes, out,
                                          err);
    ir_http_response_release(&response);
    return rc;
}

static void say_availability(struct ir_doctor_job *job, const struct subject *subject,
                             const struct ir_model_availability *is)
{
    static const char access_next[] =
        "Open the model in Bedrock's console in this region and ask for access there (Anthropic's "
        "want a use-case form once; others are agreed to through AWS Marketplace).";
    bool has_agreement = is->agreement[0] == '\0' || strcmp(is->agreement, "AVAILABLE") == 0;
    bool is_by_profile = ir_model_base(subject->model) != subject->model;
    if (!is->is_authorized)
        ir_doctor_say(job, subject->id, subject->name, IR_DOCTOR_FAIL,
                      "Allow bedrock:InvokeModel for it in IAM, then ask for access in Bedrock's "
                      "console.",
                      "this identity is not authorized for it (NOT_AUTHORIZED)");
    else if (!is->is_entitled)
        ir_doctor_say(job, subject->id, subject->name, IR_DOCTOR_FAIL, access_next,
                      "this account has no access to it (entitlement NOT_AVAILABLE)");
    else if (!is->is_in_region && !is_by_profile)
        ir_doctor_say(job, subject->id, subject->name, IR_DOCTOR_FAIL,
                      "Choose another region, or a model that `imgrecog models` lists.",
                      "it is not in this region");
    else if (!has_agreement)
        ir_doctor_say(job, subject->id, subject->name, IR_DOCTOR_WARN, access_next,
                      "its agreement is %s", is->agreement);
    else
        ir_doctor_say(job, subject->id, subject->name, IR_DOCTOR_OK, NULL,
                      "active, and this account has access to it");
}

static void look_at_access(struct ir_doctor_job *job, const struct subject *subject)
{
    struct ir_model_availability availability = {.is_authorized = false};
    struct ir_error err = {0};
    int rc = get_availability(job, ir_model_base(subject->model), &availability, &err);
    if (rc == 0)
        say_availability(job, subject, &availability);
    else if (is_denied(&err))
        ir_doctor_say(job, subject->id, subject->name, IR_DOCTOR_SKIPPED,
                      "Allow bedrock:GetFoundationModelAvailability and bedrock:GetFoundationModel "
                      "on it to have it looked at here; or see by: imgrecog ask QUESTION PHOTO, "
                      "which is charged",
                      "its access may not be asked for: %.300s", err.message);
    else if (rc != IR_ERR_CANCELLED)
        ir_doctor_say_error(job, subject->id, subject->name, IR_DOCTOR_WARN, &err);
}

static void look_at_model(struct ir_doctor_job *job, const char *setting, enum ir_model_use use)
{
    const struct ir_model_place place = {job->client->aws.config.region, job->is_embedded, use};
    struct subject subject = {.setting = setting};
    struct ir_error err = {0};
    snprintf(subject.id, sizeof subject.id, "model:%s", setting);
    snprintf(subject.name, sizeof subject.name, "%s", setting);
    int rc = ir_model_resolve(ir_settings_get(job->options->settings, setting), &place,
                              subject.model, &err);
    if (rc != 0) {
        ir_doctor_say_error(job, subject.id, subject.name, IR_DOCTOR_FAIL, &err);
        return;
    }
    snprintf(subject.name, sizeof subject.name, "%s %.100s", setting, subject.model);
    if (ir_doctor_is_late(job, subject.id, subject.name))
        return;
    if (strncmp(subject.model, "arn:", 4) == 0 &&
        strstr(subject.model, "foundation-model/") == NULL)
        ir_doctor_say(job, subject.id, subject.name, IR_DOCTOR_SKIPPED, NULL,
                      "not asked: an ARN of your own tells no model");
    else if (!look_at_life(job, &subject))
        return;
    else if (job->is_embedded)
        ir_doctor_say(job, subject.id, subject.name, IR_DOCTOR_OK, NULL,
                      "a stand-in on this machine");
    else
        look_at_access(job, &subject);
}

void ir_doctor_look_at_models(struct ir_doctor_job *job)
{
    bool has_bearer = ir_world_getenv(job->world, "AWS_BEARER_TOKEN_BEDROCK") != NULL;
    if (!job->is_taken && !has_bearer) {
        ir_doctor_say(job, "models", "models", IR_DOCTOR_SKIPPED, NULL,
                      "not looked at: AWS has not said whose credentials these are");
        return;
    }
    if (job->client->aws.config.region == NULL && !job->is_embedded)
        return; /* which is said above */
    look_at_model(job, "model", IR_USE_WORDS);
    if (!ir_cancel_is_set(job->options->cancel))
        look_at_model(job, "image-model", IR_USE_IMAGES);
}

/* ---- the bucket -------------------------------------------------------------------------- */

void ir_doctor_look_at_bucket(struct ir_doctor_job *job)
{
    struct ir_http_response response;
    struct ir_error err = {0};
    char subject[IR_DOCTOR_ID_BYTES];
    char region[IR_REGION_BYTES] = "";
    if (job->options->bucket == NULL)
        return;
    snprintf(subject, sizeof subject, "bucket %.100s", job->options->bucket);
    if (!job->is_taken) {
        ir_doctor_say(job, "bucket", subject, IR_DOCTOR_SKIPPED, NULL,
                      "not looked at: AWS has not said whose credentials these are");
        return;
    }
    if (ir_doctor_is_late(job, "bucket", subject))
        return;
    ir_http_response_init(&response);
    int rc = ir_bucket_head(job->client, job->options->bucket, ir_doctor_left_ms(job),
                            job->options->cancel, &response, &err);
    ir_http_response_header(&response, "x-amz-bucket-region", region, sizeof region);
    if (rc == 0) {
        ir_doctor_say(job, "bucket", subject, IR_DOCTOR_OK, NULL, "there, and may be listed%s%s",
                      region[0] != '\0' ? "; in " : "", region);
    } else if (err.http_status == 403) {
        /* An identity that may only put objects works all the same. */
        ir_doctor_say(job, "bucket", subject, IR_DOCTOR_WARN,
                      "Allow s3:ListBucket on it, or see by an upload; a bucket's name may also be "
                      "another account's.",
                      "S3 refuses to tell of it (HTTP 403)");
    } else if (err.http_status == 404) {
        ir_doctor_say(job, "bucket", subject, IR_DOCTOR_FAIL,
                      "Check its name, or make it: aws s3 mb s3://NAME", "there is no such bucket");
    } else if (rc != IR_ERR_CANCELLED) {
        ir_doctor_say_error(job, "bucket", subject, IR_DOCTOR_FAIL, &err);
    }
    ir_http_response_release(&response);
}
