/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What tests of the doctor share: a doctor that looks at a world and at answers that a test
 * chooses, those of a healthy account, and what a line must say. No line may hold a secret.
 */
#ifndef TESTS_UNIT_DOCTOR_STAGE_H
#define TESTS_UNIT_DOCTOR_STAGE_H

#include "tests/unit/fake_client.h"

#include <imgrecog/doctor.h>

#include "core/task/doctor.h"

#define SERVER_DATE "Date: Fri, 20 Nov 2026 21:35:00 GMT\n"
#define ARN "arn:aws:iam::123456789012:user/ann"
#define IDENTITY(arn)                                                                              \
    "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>" arn "</Arn><UserId>AIDA</UserId>"  \
    "<Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
#define FAULT(code, message)                                                                       \
    "<ErrorResponse><Error><Type>Sender</Type><Code>" code "</Code><Message>" message              \
    "</Message></Error></ErrorResponse>"
#define MODEL(life)                                                                                \
    "{\"modelDetails\":{\"modelId\":\"x\",\"modelArn\":\"arn:x\",\"modelLifecycle\":{" life "}}}"
#define AVAILABLE(authorization, entitlement, agreement)                                           \
    "{\"modelId\":\"x\",\"agreementAvailability\":{\"status\":\"" agreement                        \
    "\"},\"authorizationStatus\":\"" authorization "\",\"entitlementAvailability\":\"" entitlement \
    "\",\"regionAvailability\":\"AVAILABLE\"}"
#define DECIDED(action, word)                                                                      \
    "<member><EvalActionName>" action "</EvalActionName><EvalResourceName>*</EvalResourceName>"    \
    "<EvalDecision>" word "</EvalDecision></member>"
#define DECISIONS(members)                                                                         \
    "<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult><EvaluationResults>" members  \
    "</EvaluationResults></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
#define WORDS(stream)                                                                              \
    DECISIONS(DECIDED("bedrock:InvokeModel", "allowed")                                            \
                  DECIDED("bedrock:InvokeModelWithResponseStream", stream))
#define IMAGES(word) DECISIONS(DECIDED("bedrock:InvokeModel", word))
#define LISTS(word)                                                                                \
    DECISIONS(DECIDED("bedrock:ListFoundationModels", word)                                        \
                  DECIDED("bedrock:ListInferenceProfiles", "allowed"))
#define LOOKS(text)                                                                                \
    DECISIONS(DECIDED("rekognition:DetectLabels", "allowed")                                       \
                  DECIDED("rekognition:DetectText", text)                                          \
                      DECIDED("rekognition:DetectFaces", "allowed")                                \
                          DECIDED("rekognition:DetectModerationLabels", "allowed"))

#define STS .url_part = "//sts.", .method = "POST"
#define HOSTS .url_end = ".amazonaws.com/", .method = "GET"
#define IAM(of) .url_part = "ActionNames.member.1=" of
#define IAM_WORDS .url_part = "ActionNames.member.2=bedrock%3AInvokeModelWithResponseStream"
#define IAM_IMAGES IAM("bedrock%3AInvokeModel&ResourceArns.member.1=")
#define IAM_LISTS IAM("bedrock%3AListFoundationModels")
#define DENIED(action)                                                                             \
    .status = 403, .header = "x-amzn-ErrorType: AccessDeniedException",                            \
    .body = "{\"message\":\"User: " ARN " is not authorized to perform: " action "\"}"

/* What a healthy account answers; a row's own answers are put in their place. */
static const struct fake_answer doctor_healthy[] = {
    {STS, .body = IDENTITY(ARN)},
    {HOSTS, .status = 404, .header = SERVER_DATE "x-amzn-ErrorType: UnknownOperationException",
     .body = "{}"},
    {IAM("rekognition"), .body = LOOKS("allowed")},
    {IAM_WORDS, .body = WORDS("allowed")},
    {.url_part = "/foundation-models/", .body = MODEL("\"status\":\"ACTIVE\"")},
    {.url_part = "/foundation-model-availability/",
     .body = AVAILABLE("AUTHORIZED", "AVAILABLE", "AVAILABLE")},
    {IAM_IMAGES, .body = IMAGES("allowed")},
    {IAM_LISTS, .body = LISTS("allowed")},
};
#define DOCTOR_HEALTHY_COUNT (sizeof doctor_healthy / sizeof doctor_healthy[0])
enum {
    ANSWER_STS,
    ANSWER_HOSTS,
    ANSWER_LOOKS,
    ANSWER_WORDS,
    ANSWER_MODEL,
    ANSWER_ACCESS,
    ANSWER_IMAGES,
    ANSWER_LISTS,
};

struct doctor_stage {
    struct fake_world world;
    struct fake_transport transport;
    struct ir_settings *settings;
    struct ir_doctor *doctor;
    struct ir_doctor_options options;
    struct ir_error err;
    size_t told_count;
};

static inline void doctor_count_line(void *context, const struct ir_doctor_line *line)
{
    struct doctor_stage *stage = context;
    assert_string_not_equal(line->id, "");
    assert_string_not_equal(line->what, "");
    stage->told_count++;
}

static inline void doctor_open(struct doctor_stage *stage)
{
    memset(stage, 0, sizeof *stage);
    fake_world_init(&stage->world);
    fake_transport_init(&stage->transport, &stage->world);
    assert_int_equal(ir_settings_new(&stage->settings, &stage->err), 0);
    assert_int_equal(ir_doctor_new(doctor_count_line, stage, &stage->doctor, &stage->err), 0);
    stage->options = (struct ir_doctor_options)IR_DOCTOR_OPTIONS_INIT;
    stage->options.settings = stage->settings;
    stage->options.parts = IR_DOCTOR_CONNECTION | IR_DOCTOR_PERMISSIONS;
}

static inline void doctor_set_keys(struct doctor_stage *stage)
{
    fake_world_setenv(&stage->world, "AWS_REGION", "eu-west-1");
    fake_world_setenv(&stage->world, "AWS_ACCESS_KEY_ID", "AKIDEXAMPLEKEYIDWXYZ");
    fake_world_setenv(&stage->world, "AWS_SECRET_ACCESS_KEY", "hush");
    fake_world_setenv(&stage->world, "AWS_SESSION_TOKEN", "hush-token");
    fake_world_setenv(&stage->world, "AWS_EC2_METADATA_DISABLED", "true");
}

static inline void doctor_answer_healthily(struct doctor_stage *stage)
{
    for (size_t i = 0; i < DOCTOR_HEALTHY_COUNT; i++)
        fake_transport_add(&stage->transport, doctor_healthy[i]);
}

static inline int doctor_look(struct doctor_stage *stage)
{
    const struct ir_transport transport = fake_transport_get(&stage->transport);
    return ir_doctor_look_in(stage->doctor, &stage->options, &stage->world.world, &transport,
                             &stage->err);
}

static inline void doctor_close(struct doctor_stage *stage)
{
    const struct ir_doctor_line *line;
    size_t count = 0;
    for (; (line = ir_doctor_get(stage->doctor, count)) != NULL; count++) {
        assert_null(strstr(line->what, "hush"));
        assert_null(strstr(line->next, "hush"));
        assert_null(strstr(line->what, "AKIDEXAMPLE"));
    }
    assert_int_equal(stage->told_count, count);
    assert_null(stage->transport.complaint);
    assert_int_equal(stage->transport.releases, 1);
    ir_doctor_free(stage->doctor);
    ir_settings_free(stage->settings);
    fake_transport_reset(&stage->transport);
}

static inline const struct ir_doctor_line *doctor_find(const struct doctor_stage *stage,
                                                       const char *id)
{
    const struct ir_doctor_line *line;
    for (size_t i = 0; (line = ir_doctor_get(stage->doctor, i)) != NULL; i++)
        if (strcmp(line->id, id) == 0)
            return line;
    return NULL;
}

static inline void doctor_expect(const struct doctor_stage *stage, const char *id,
                                 enum ir_doctor_state state, const char *what, const char *next)
{
    const struct ir_doctor_line *line = doctor_find(stage, id);
    if (line == NULL)
        fail_msg("there is no line %s", id);
    else if (line->state != state || strstr(line->what, what) == NULL ||
             strstr(line->next, next) == NULL)
        fail_msg("%s: state %d: %s\n-> %s", id, (int)line->state, line->what, line->next);
}

#endif
