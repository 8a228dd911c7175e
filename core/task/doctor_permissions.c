/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The doctor on permissions. IAM's SimulatePrincipalPolicy is asked first: AWS documents that it
 * performs no operation and only checks the authorization. It knows the policies of the identity
 * and of its organization, not those of a bucket or of a session.
 *
 * Where IAM may not be asked, Rekognition's operations are called without a picture: "Image" is
 * there and empty, which none of them accepts (InvalidParameterException), so that nothing can be
 * analysed. AccessDeniedException is documented as "not authorized to perform the action". For the
 * other operations AWS documents no such request: they are skipped, with the way to see them.
 */
#include <stdio.h>
#include <string.h>

#include "core/base/error.h"
#include "core/service/iam.h"
#include "core/service/rekognition.h"
#include "core/task/doctor.h"
#include "core/task/models.h"

#define ARN_BYTES 700
#define ALLOW_SIMULATION                                                                           \
    "Allow iam:SimulatePrincipalPolicy for this identity to have it looked at here"

/* Actions that are asked for together, of the same resources. */
struct group {
    const char *actions[IR_IAM_MAX_ACTIONS];
    const char *how; /* to see them without the simulation */
    size_t action_count;
    char resources[IR_IAM_MAX_RESOURCES][ARN_BYTES];
    size_t resource_count; /* 0 = "*" */
};

/* "aws" of "arn:aws:sts::123456789012:...". */
static void write_partition(const struct ir_doctor_job *job, char out[32])
{
    const char *start = strchr(job->identity.arn, ':');
    size_t chars = start != NULL ? strcspn(start + 1, ":") : 0;
    snprintf(out, 32, "%.*s", chars < 32 ? (int)chars : 0, start != NULL ? start + 1 : "");
}

static void add_action(struct group *group, const char *action)
{
    if (group->action_count < IR_IAM_MAX_ACTIONS)
        group->actions[group->action_count++] = action;
}

/* ---- lines ------------------------------------------------------------------------------- */

static void say(struct ir_doctor_job *job, const char *action, enum ir_doctor_state state,
                const char *next, const char *what)
{
    char id[IR_DOCTOR_ID_BYTES];
    snprintf(id, sizeof id, "permission:%s", action);
    ir_doctor_say(job, id, action, state, next, "%s", what);
}

static void say_decision(struct ir_doctor_job *job, const struct group *group, const char *action,
                         enum ir_iam_decision decision)
{
    char next[IR_DOCTOR_TEXT_BYTES];
    const char *resource = group->resource_count > 0 ? group->resources[0] : "*";
    if (decision == IR_IAM_ALLOWED) {
        say(job, action, IR_DOCTOR_OK, NULL, "allowed, says IAM's simulation of the policies");
    } else if (decision == IR_IAM_DENIED) {
        snprintf(next, sizeof next, "Take %s on %.600s out of the policy that denies it.", action,
                 resource);
        say(job, action, IR_DOCTOR_FAIL, next,
            "a policy denies it, says IAM's simulation of the policies");
    } else {
        snprintf(next, sizeof next, "Allow the action %s on %.400s for %.400s in IAM.", action,
                 resource, job->identity.arn);
        say(job, action, IR_DOCTOR_FAIL, next,
            "no policy allows it, says IAM's simulation of the policies");
    }
}

/* ---- IAM's simulation -------------------------------------------------------------------- */

static int simulate(struct ir_doctor_job *job, const char *principal, const struct group *group,
                    enum ir_iam_decision decisions[IR_IAM_MAX_ACTIONS], struct ir_error *err)
{
    struct ir_iam_question question = {.principal_arn = principal,
                                       .action_count = group->action_count,
                                       .resource_count = group->resource_count};
    struct ir_http_response response;
    struct ir_request request;
    memcpy(question.actions, group->actions, sizeof question.actions);
    for (size_t i = 0; i < group->resource_count; i++)
        question.resources[i] = group->resources[i];
    int rc = ir_iam_simulate(&question, &request, err);
    if (rc != 0)
        return rc;
    ir_http_response_init(&response);
    rc = ir_doctor_send(job, &request, &response, err);
    if (rc == 0)
        rc = ir_iam_read_decisions(ir_buf_text(&response.body), response.body.bytes, &question,
                                   decisions, err);
    ir_http_response_release(&response);
    return rc;
}

/* ---- without it -------------------------------------------------------------------------- */

static int call_without_picture(struct ir_doctor_job *job, const char *operation,
                                struct ir_error *err)
{
    char target[64];
    struct ir_http_response response;
    struct ir_request request;
    snprintf(target, sizeof target, "RekognitionService.%s", operation);
    ir_request_init_json(&request, &ir_service_rekognition, target, IR_REKOGNITION_CONTENT_TYPE);
    ir_json_begin_object(&request.json.json);
    ir_json_key(&request.json.json, "Image");
    ir_json_begin_object(&request.json.json);
    ir_json_end_object(&request.json.json);
    ir_json_end_object(&request.json.json);
    int rc = ir_request_finish(&request, NULL, err);
    if (rc != 0)
        return rc;
    ir_http_response_init(&response);
    rc = ir_doctor_send(job, &request, &response, err);
    ir_http_response_release(&response);
    return rc;
}

static void try_without_picture(struct ir_doctor_job *job, const char *action)
{
    char id[IR_DOCTOR_ID_BYTES];
    char next[IR_DOCTOR_TEXT_BYTES];
    struct ir_error err = {0};
    snprintf(id, sizeof id, "permission:%s", action);
    if (ir_doctor_is_late(job, id, action))
        return;
    int rc = call_without_picture(job, strchr(action, ':') + 1, &err);
    if (rc == IR_ERR_CANCELLED)
        return;
    if (strcmp(err.aws_code, "AccessDeniedException") == 0) {
        snprintf(next, sizeof next, "Allow the action %s on * for %s in IAM.", action,
                 job->identity.arn);
        ir_error_set_hint(&err, "%s", next);
        ir_doctor_say_error(job, id, action, IR_DOCTOR_FAIL, &err);
    } else if (rc == 0 || strcmp(err.aws_code, "InvalidParameterException") == 0) {
        say(job, action, IR_DOCTOR_OK, NULL,
            "not refused: a request without a picture was answered as such");
    } else {
        ir_doctor_say_error(job, id, action, IR_DOCTOR_WARN, &err);
    }
}

static void look_without_simulation(struct ir_doctor_job *job, const struct group *group,
                                    const struct ir_error *why)
{
    static const char rekognition[] = "rekognition:";
    char what[IR_DOCTOR_TEXT_BYTES];
    char next[IR_DOCTOR_TEXT_BYTES];
    for (size_t i = 0; i < group->action_count; i++) {
        const char *action = group->actions[i];
        if (ir_cancel_is_set(job->options->cancel))
            return;
        if (strncmp(action, rekognition, sizeof rekognition - 1) == 0) {
            try_without_picture(job, action);
            continue;
        }
        snprintf(what, sizeof what,
                 "it cannot be tried without effect or charge, and IAM's simulation was not to be "
                 "had%s%s",
                 why->aws_code[0] != '\0' ? ": " : "", why->aws_code);
        snprintf(next, sizeof next, "%s; or see by: %s", ALLOW_SIMULATION, group->how);
        say(job, action, IR_DOCTOR_SKIPPED, next, what);
    }
}

static void look_at(struct ir_doctor_job *job, const char *principal, const struct group *group,
                    struct ir_error *why)
{
    enum ir_iam_decision decisions[IR_IAM_MAX_ACTIONS];
    if (ir_doctor_is_late(job, "permissions", group->actions[0]))
        return;
    int rc = why->code; /* what was refused once is not asked again */
    if (rc == 0)
        rc = simulate(job, principal, group, decisions, why);
    if (rc == IR_ERR_CANCELLED)
        return;
    if (rc != 0)
        look_without_simulation(job, group, why);
    for (size_t i = 0; rc == 0 && i < group->action_count; i++)
        say_decision(job, group, group->actions[i], decisions[i]);
}

/* ---- what the tasks need ----------------------------------------------------------------- */

static void make_rekognition(struct group *group)
{
    *group = (struct group){.how = "imgrecog check PHOTO, which is charged"};
    add_action(group, "rekognition:DetectLabels");
    add_action(group, "rekognition:DetectText");
    add_action(group, "rekognition:DetectFaces");
    add_action(group, "rekognition:DetectModerationLabels");
}

/* The ARNs that a call of `id` wants: the profile's where it is one, and its model's. */
static void add_model(const struct ir_doctor_job *job, struct group *group, const char *setting,
                      enum ir_model_use use)
{
    const char *region = job->client->aws.config.region;
    const struct ir_model_place place = {region, false, use};
    char partition[32];
    char id[IR_MODEL_ID_BYTES];
    if (group->resource_count + 2 > IR_IAM_MAX_RESOURCES ||
        ir_model_resolve(setting, &place, id, NULL) != 0)
        return;
    write_partition(job, partition);
    const char *base = ir_model_base(id);
    bool is_arn = strncmp(id, "arn:", 4) == 0;
    if (is_arn)
        snprintf(group->resources[group->resource_count++], ARN_BYTES, "%s", id);
    else if (base != id)
        snprintf(group->resources[group->resource_count++], ARN_BYTES,
                 "arn:%s:bedrock:%s:%s:inference-profile/%s", partition, region,
                 job->identity.account, id);
    if (!is_arn)
        snprintf(group->resources[group->resource_count++], ARN_BYTES,
                 "arn:%s:bedrock:%s::foundation-model/%s", partition, region, base);
}

static void make_words(const struct ir_doctor_job *job, struct group *group)
{
    *group = (struct group){.how = "imgrecog ask QUESTION PHOTO, which is charged"};
    add_action(group, "bedrock:InvokeModel");
    add_action(group, "bedrock:InvokeModelWithResponseStream");
    add_model(job, group, ir_settings_get(job->options->settings, "model"), IR_USE_WORDS);
}

static void make_bucket(const struct ir_doctor_job *job, struct group *group)
{
    char partition[32];
    *group = (struct group){.how = "imgrecog upload FILE s3://BUCKET/"};
    write_partition(job, partition);
    add_action(group, "s3:PutObject");
    add_action(group, "s3:GetObject");
    add_action(group, "s3:AbortMultipartUpload");
    snprintf(group->resources[group->resource_count++], ARN_BYTES, "arn:%s:s3:::%.300s/*",
             partition, job->options->bucket);
}

static void make_log(const struct ir_doctor_job *job, struct group *group, const char *name)
{
    char partition[32];
    *group = (struct group){.how = "imgrecog labels --log-group GROUP PHOTO, which is charged"};
    write_partition(job, partition);
    add_action(group, "logs:PutLogEvents");
    add_action(group, "logs:CreateLogStream");
    add_action(group, "logs:CreateLogGroup");
    snprintf(group->resources[group->resource_count++], ARN_BYTES,
             "arn:%s:logs:%s:%s:log-group:%.300s:*", partition, job->client->aws.config.region,
             job->identity.account, name);
}

void ir_doctor_look_at_permissions(struct ir_doctor_job *job)
{
    const char *log_group = ir_settings_get(job->options->settings, "log-group");
    char principal[IR_IAM_ARN_BYTES];
    struct ir_error why = {0};
    struct group group;
    if (job->is_embedded)
        return;
    if (!job->is_taken) {
        ir_doctor_say(job, "permissions", "permissions", IR_DOCTOR_SKIPPED, NULL,
                      "not looked at: AWS has not said whose credentials these are");
        return;
    }
    if (!ir_iam_principal_of(job->identity.arn, principal))
        ir_fail(&why, IR_ERR_ARG, "no user and no role");
    make_rekognition(&group);
    look_at(job, principal, &group, &why);
    make_words(job, &group);
    look_at(job, principal, &group, &why);
    if (job->options->bucket != NULL) {
        make_bucket(job, &group);
        look_at(job, principal, &group, &why);
    }
    if (log_group != NULL) {
        make_log(job, &group, log_group);
        look_at(job, principal, &group, &why);
    }
}
