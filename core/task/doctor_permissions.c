/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The doctor on permissions. IAM's SimulatePrincipalPolicy is asked first: AWS documents that it
 * performs no operation and only checks the authorization. It knows the policies of the identity
 * and of its organization, not those of a bucket or of a session. It wants a role's ARN with the
 * path, which a session's does not have (IAM Identity Center's roles all have one): where it knows
 * no such role, GetRole tells the ARN by the name.
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
#include "core/task/labels_job.h"
#include "core/task/models.h"

#define ARN_BYTES 700
#define ALLOW_SIMULATION                                                                           \
    "Allow iam:SimulatePrincipalPolicy for this identity to have it looked at here"
#define ALLOW_ROLE                                                                                 \
    "Allow iam:GetRole for this identity to have it looked at here, since its role has a path "    \
    "that "                                                                                        \
    "only IAM knows"

/* Actions that are asked for together, of the same resources. */
struct group {
    const char *actions[IR_IAM_MAX_ACTIONS];
    const char *how; /* to see them without the simulation */
    const char *of;  /* of what, where an action is asked for twice; NULL = of nothing else */
    size_t action_count;
    char resources[IR_IAM_MAX_RESOURCES][ARN_BYTES];
    size_t resource_count; /* 0 = "*" */
};

/* Whose policies are asked about, and how that went so far. */
struct asking {
    struct ir_doctor_job *job;
    char principal[IR_IAM_ARN_BYTES];
    bool has_asked_role; /* by its name */
    const char *allow;   /* what would help where the simulation is not to be had */
    struct ir_error why; /* it is not: code 0 = it is */
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

static void say(struct ir_doctor_job *job, const struct group *group, const char *action,
                enum ir_doctor_state state, const char *next, const char *what)
{
    char id[IR_DOCTOR_ID_BYTES];
    char subject[IR_DOCTOR_ID_BYTES];
    bool has_of = group->of != NULL;
    snprintf(id, sizeof id, "permission:%s%s%s", action, has_of ? ":" : "",
             has_of ? group->of : "");
    snprintf(subject, sizeof subject, "%s%s%s", action, has_of ? " of the " : "",
             has_of ? group->of : "");
    ir_doctor_say(job, id, subject, state, next, "%s", what);
}

static void say_decision(struct ir_doctor_job *job, const struct group *group, const char *action,
                         enum ir_iam_decision decision)
{
    char next[IR_DOCTOR_TEXT_BYTES];
    const char *resource = group->resource_count > 0 ? group->resources[0] : "*";
    if (decision == IR_IAM_ALLOWED) {
        say(job, group, action, IR_DOCTOR_OK, NULL,
            "allowed, says IAM's simulation of the policies");
    } else if (decision == IR_IAM_DENIED) {
        snprintf(next, sizeof next, "Take %s on %.600s out of the policy that denies it.", action,
                 resource);
        say(job, group, action, IR_DOCTOR_FAIL, next,
            "a policy denies it, says IAM's simulation of the policies");
    } else {
        snprintf(next, sizeof next, "Allow the action %s on %.400s for %.400s in IAM.", action,
                 resource, job->identity.arn);
        say(job, group, action, IR_DOCTOR_FAIL, next,
            "no policy allows it, says IAM's simulation of the policies");
    }
}

/* ---- IAM's simulation -------------------------------------------------------------------- */

static int simulate(struct asking *asking, const struct group *group,
                    enum ir_iam_decision decisions[IR_IAM_MAX_ACTIONS], struct ir_error *err)
{
    struct ir_iam_question question = {.principal_arn = asking->principal,
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
    rc = ir_doctor_send(asking->job, &request, &response, err);
    if (rc == 0)
        rc = ir_iam_read_decisions(ir_buf_text(&response.body), response.body.bytes, &question,
                                   decisions, err);
    ir_http_response_release(&response);
    return rc;
}

/* Puts the ARN with the role's path into asking->principal. */
static int find_role(struct asking *asking, struct ir_error *err)
{
    struct ir_http_response response;
    struct ir_request request;
    int rc = ir_iam_get_role(ir_iam_role_name(asking->principal), &request, err);
    asking->has_asked_role = true;
    if (rc != 0)
        return rc;
    ir_http_response_init(&response);
    rc = ir_doctor_send(asking->job, &request, &response, err);
    if (rc == 0)
        rc = ir_iam_read_role_arn(ir_buf_text(&response.body), response.body.bytes,
                                  asking->principal, err);
    ir_http_response_release(&response);
    return rc;
}

/* What was refused once is not asked again: asking->why keeps the reason. */
static int ask(struct asking *asking, const struct group *group,
               enum ir_iam_decision decisions[IR_IAM_MAX_ACTIONS])
{
    struct ir_error *why = &asking->why;
    if (why->code != 0)
        return why->code;
    int rc = simulate(asking, group, decisions, why);
    bool is_unknown = rc != 0 && strcmp(why->aws_code, "NoSuchEntity") == 0;
    if (!is_unknown || asking->has_asked_role || ir_iam_role_name(asking->principal) == NULL)
        return rc;
    *why = (struct ir_error){0};
    rc = find_role(asking, why);
    if (rc != 0)
        asking->allow = ALLOW_ROLE;
    return rc == 0 ? simulate(asking, group, decisions, why) : rc;
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

static void try_without_picture(struct ir_doctor_job *job, const struct group *group,
                                const char *action)
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
        say(job, group, action, IR_DOCTOR_OK, NULL,
            "not refused: a request without a picture was answered as such");
    } else {
        ir_doctor_say_error(job, id, action, IR_DOCTOR_WARN, &err);
    }
}

static void look_without_simulation(const struct asking *asking, const struct group *group)
{
    struct ir_doctor_job *job = asking->job;
    const struct ir_error *why = &asking->why;
    static const char rekognition[] = "rekognition:";
    char what[IR_DOCTOR_TEXT_BYTES];
    char next[IR_DOCTOR_TEXT_BYTES];
    for (size_t i = 0; i < group->action_count; i++) {
        const char *action = group->actions[i];
        if (ir_cancel_is_set(job->options->cancel))
            return;
        if (strncmp(action, rekognition, sizeof rekognition - 1) == 0) {
            try_without_picture(job, group, action);
            continue;
        }
        snprintf(what, sizeof what,
                 "it cannot be tried without effect or charge, and IAM's simulation was not to be "
                 "had%s%s",
                 why->aws_code[0] != '\0' ? ": " : "", why->aws_code);
        snprintf(next, sizeof next, "%s; or see by: %s", asking->allow, group->how);
        say(job, group, action, IR_DOCTOR_SKIPPED, next, what);
    }
}

static void look_at(struct asking *asking, const struct group *group)
{
    enum ir_iam_decision decisions[IR_IAM_MAX_ACTIONS];
    if (ir_doctor_is_late(asking->job, "permissions", group->actions[0]))
        return;
    int rc = ask(asking, group, decisions);
    if (rc == IR_ERR_CANCELLED)
        return;
    if (rc != 0)
        look_without_simulation(asking, group);
    for (size_t i = 0; rc == 0 && i < group->action_count; i++)
        say_decision(asking->job, group, group->actions[i], decisions[i]);
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

static void make_images(const struct ir_doctor_job *job, struct group *group)
{
    *group = (struct group){.how = "imgrecog generate PROMPT -o FILE, which is charged",
                            .of = "image-model"};
    add_action(group, "bedrock:InvokeModel");
    add_model(job, group, ir_settings_get(job->options->settings, "image-model"), IR_USE_IMAGES);
}

static void make_list(struct group *group)
{
    *group = (struct group){.how = "imgrecog models, which costs nothing"};
    add_action(group, "bedrock:ListFoundationModels");
    add_action(group, "bedrock:ListInferenceProfiles");
}

/* Whom `from` names, where labels do not come from Rekognition or Bedrock. */
static bool make_from(const struct ir_doctor_job *job, struct group *group)
{
    enum ir_labels_source source = IR_LABELS_REKOGNITION;
    const char *target = NULL;
    char partition[32];
    if (!ir_labels_parse_from(ir_settings_get(job->options->settings, "from"), &source, &target) ||
        target == NULL)
        return false;
    bool is_lambda = source == IR_LABELS_LAMBDA;
    char *resource = group->resources[0];
    *group = (struct group){.how = "imgrecog labels PHOTO, which is charged", .resource_count = 1};
    add_action(group, is_lambda ? "lambda:InvokeFunction" : "sagemaker:InvokeEndpoint");
    write_partition(job, partition);
    if (strncmp(target, "arn:", 4) == 0)
        snprintf(resource, ARN_BYTES, "%s", target);
    else if (is_lambda && strstr(target, ":function:") != NULL) /* ACCOUNT:function:NAME */
        snprintf(resource, ARN_BYTES, "arn:%s:lambda:%s:%s", partition,
                 job->client->aws.config.region, target);
    else
        snprintf(resource, ARN_BYTES, "arn:%s:%s:%s:%s:%s%s", partition,
                 is_lambda ? "lambda" : "sagemaker", job->client->aws.config.region,
                 job->identity.account, is_lambda ? "function:" : "endpoint/", target);
    return true;
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

static void look_at_all(struct asking *asking)
{
    const struct ir_doctor_job *job = asking->job;
    const char *log_group = ir_settings_get(job->options->settings, "log-group");
    struct group group;
    make_rekognition(&group);
    look_at(asking, &group);
    make_words(job, &group);
    look_at(asking, &group);
    make_images(job, &group);
    look_at(asking, &group);
    make_list(&group);
    look_at(asking, &group);
    if (make_from(job, &group))
        look_at(asking, &group);
    if (job->options->bucket != NULL) {
        make_bucket(job, &group);
        look_at(asking, &group);
    }
    if (log_group != NULL) {
        make_log(job, &group, log_group);
        look_at(asking, &group);
    }
}

void ir_doctor_look_at_permissions(struct ir_doctor_job *job)
{
    struct asking asking = {.job = job, .allow = ALLOW_SIMULATION};
    if (job->is_embedded)
        return;
    if (!job->is_taken) {
        ir_doctor_say(job, "permissions", "permissions", IR_DOCTOR_SKIPPED, NULL,
                      "not looked at: AWS has not said whose credentials these are");
        return;
    }
    if (!ir_iam_principal_of(job->identity.arn, asking.principal))
        ir_fail(&asking.why, IR_ERR_ARG, "no user and no role");
    look_at_all(&asking);
}
