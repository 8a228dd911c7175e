/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Torture over what tells of an account: the list of models, which is whole or not there, and the
 * doctor, whose report may say of a thing that there was no memory to look at it.
 */
#include "tests/torture/torture.h"

#include <imgrecog/doctor.h>
#include <imgrecog/models.h>

#include "core/task/client.h"
#include "core/task/doctor.h"
#include "tests/unit/fake_transport.h"
#include "tests/unit/fake_world.h"

#define ARN "arn:aws:sts::123456789012:assumed-role/Admin/ann"
#define MODEL_ID "anthropic.claude-haiku-4-5-20251001-v1:0"
#define MODELS                                                                                     \
    "{\"modelSummaries\":[{\"modelId\":\"" MODEL_ID "\",\"modelArn\":\"arn:x\",\"modelName\":"     \
    "\"Haiku\",\"providerName\":\"Anthropic\",\"inputModalities\":[\"TEXT\"],"                     \
    "\"outputModalities\":[\"TEXT\"],\"inferenceTypesSupported\":[\"INFERENCE_PROFILE\"],"         \
    "\"modelLifecycle\":{\"status\":\"ACTIVE\"}}]}"
#define PROFILES                                                                                   \
    "{\"inferenceProfileSummaries\":[{\"inferenceProfileId\":\"eu." MODEL_ID                       \
    "\",\"models\":[{\"modelArn\":\"arn:aws:bedrock:eu-west-1::foundation-model/" MODEL_ID         \
    "\"}]}]}"
#define DECIDED(action)                                                                            \
    "<member><EvalActionName>" action "</EvalActionName><EvalDecision>allowed</EvalDecision>"      \
    "</member>"
#define DECISIONS                                                                                  \
    "<R><SimulatePrincipalPolicyResult><EvaluationResults>" DECIDED("rekognition:DetectLabels")    \
        DECIDED("rekognition:DetectText") DECIDED("rekognition:DetectFaces")                       \
            DECIDED("rekognition:DetectModerationLabels") DECIDED("bedrock:InvokeModel") DECIDED(  \
                "bedrock:InvokeModelWithResponseStream") DECIDED("bedrock:ListFoundationModels")   \
                DECIDED("bedrock:ListInferenceProfiles") "</EvaluationResults></"                  \
                                                         "SimulatePrincipalPolicyResult></R>"
#define ROLE "arn:aws:iam::123456789012:role/p/R"

static const struct fake_answer answers[] = {
    {.method = "POST",
     .url_part = "//sts.",
     .body = "<R><GetCallerIdentityResult><Arn>" ARN "</Arn><Account>123456789012</Account>"
             "</GetCallerIdentityResult></R>"},
    {.method = "GET",
     .url_end = ".amazonaws.com/",
     .status = 404,
     .header = "Date: Fri, 20 Nov 2026 21:35:00 GMT",
     .body = "{}"},
    {.url_part = "//iam.", .body = DECISIONS},
    {.method = "POST",
     .url_part = "//rekognition.",
     .status = 400,
     .header = "x-amzn-ErrorType: InvalidParameterException",
     .body = "{}"},
    {.url_end = "/foundation-models", .body = MODELS},
    {.url_part = "/inference-profiles", .body = PROFILES},
    {.url_part = "/foundation-models/",
     .body = "{\"modelDetails\":{\"modelId\":\"x\",\"modelLifecycle\":{\"status\":\"ACTIVE\"}}}"},
    {.url_part = "/foundation-model-availability/",
     .body = "{\"authorizationStatus\":\"AUTHORIZED\",\"entitlementAvailability\":\"AVAILABLE\","
             "\"regionAvailability\":\"AVAILABLE\"}"},
};

/* In the place of the identity's answer, and before that of IAM. */
static const struct fake_answer role_answers[] = {
    {.method = "POST",
     .url_part = "//sts.",
     .body = "<R><GetCallerIdentityResult><Arn>arn:aws:sts::123456789012:assumed-role/R/S</Arn>"
             "<Account>123456789012</Account></GetCallerIdentityResult></R>"},
    {.url_part = "%3Arole%2FR&",
     .status = 404,
     .body = "<E><Error><Code>NoSuchEntity</Code><Message>No.</Message></Error></E>"},
    {.url_part = "Action=GetRole",
     .body = "<R><GetRoleResult><Role><Arn>" ROLE "</Arn></Role></GetRoleResult></R>"},
};

static void set_up_world(struct fake_world *world, struct fake_transport *transport, bool is_role)
{
    fake_world_init(world);
    fake_world_setenv(world, "AWS_REGION", "eu-west-1");
    fake_world_setenv(world, "AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    fake_world_setenv(world, "AWS_SECRET_ACCESS_KEY", "hush");
    fake_transport_init(transport, world);
    for (size_t i = 0; is_role && i < sizeof role_answers / sizeof role_answers[0]; i++)
        fake_transport_add(transport, role_answers[i]);
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
        fake_transport_add(transport, answers[i]);
}

static int run_list(struct ir_error *err)
{
    const struct ir_client_options client_options = IR_CLIENT_OPTIONS_INIT;
    const struct ir_models_options options = IR_MODELS_OPTIONS_INIT;
    struct fake_world world;
    struct fake_transport fake;
    struct ir_client *client = NULL;
    struct ir_model_list *list = NULL;
    char *json = NULL;
    set_up_world(&world, &fake, false);
    const struct ir_transport transport = fake_transport_get(&fake);
    int rc = ir_client_new_in(&client_options, &world.world, &transport, &client, err);
    if (rc == 0)
        rc = ir_model_list_new(client, &options, &list, err);
    bool is_right = (rc == 0) == (list != NULL);
    if (rc == 0) {
        const struct ir_model_info *first = ir_model_list_get(list, 0);
        is_right = first != NULL && strcmp(first->id, "eu." MODEL_ID) == 0;
        rc = ir_model_list_to_json(list, &json, err);
        is_right = is_right && (rc == 0) == (json != NULL);
    }
    ir_free(json);
    ir_model_list_free(list);
    ir_client_free(client);
    fake_transport_reset(&fake);
    return is_right ? rc : TORTURE_WRONG;
}

static int look(bool is_role, struct ir_error *err)
{
    struct ir_doctor_options options = IR_DOCTOR_OPTIONS_INIT;
    struct ir_settings *settings = NULL;
    struct ir_doctor *doctor = NULL;
    struct fake_world world;
    struct fake_transport fake;
    char *json = NULL;
    bool is_right = true;
    set_up_world(&world, &fake, is_role);
    options.parts = IR_DOCTOR_SETTINGS | IR_DOCTOR_CONNECTION | IR_DOCTOR_PERMISSIONS;
    int rc = ir_settings_new(&settings, err);
    options.settings = settings;
    if (rc == 0)
        rc = ir_doctor_new(NULL, NULL, &doctor, err);
    if (rc == 0) {
        const struct ir_transport transport = fake_transport_get(&fake);
        rc = ir_doctor_look_in(doctor, &options, &world.world, &transport, err);
    }
    if (rc == 0)
        rc = ir_doctor_to_json(doctor, &json, err);
    if (rc == 0)
        is_right = json != NULL && ir_doctor_get(doctor, 0) != NULL;
    ir_free(json);
    ir_doctor_free(doctor);
    ir_settings_free(settings);
    fake_transport_reset(&fake);
    return is_right ? rc : TORTURE_WRONG;
}

static int run_doctor(struct ir_error *err)
{
    return look(false, err);
}

static int run_doctor_of_role(struct ir_error *err)
{
    return look(true, err);
}

static const struct torture_scenario scenarios[] = {
    {"the list of models", run_list, true},
    {"the doctor", run_doctor, true},
    {"the doctor of a role with a path", run_doctor_of_role, true},
};

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, torture_run, scenarios);
    return unit_run(&list, "account");
}
