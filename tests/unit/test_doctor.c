/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The doctor over scripted answers: which line says what, and what is never asked or told. */
#include "tests/unit/fake_client.h"

#include <imgrecog/doctor.h>
#include <imgrecog/memory.h>

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
static const struct fake_answer healthy[] = {
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
#define HEALTHY_COUNT (sizeof healthy / sizeof healthy[0])
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

struct stage {
    struct fake_world world;
    struct fake_transport transport;
    struct ir_settings *settings;
    struct ir_doctor *doctor;
    struct ir_doctor_options options;
    struct ir_error err;
    size_t told_count;
};

static void count_line(void *context, const struct ir_doctor_line *line)
{
    struct stage *stage = context;
    assert_string_not_equal(line->id, "");
    assert_string_not_equal(line->what, "");
    stage->told_count++;
}

static void open_stage(struct stage *stage)
{
    memset(stage, 0, sizeof *stage);
    fake_world_init(&stage->world);
    fake_transport_init(&stage->transport, &stage->world);
    assert_int_equal(ir_settings_new(&stage->settings, &stage->err), 0);
    assert_int_equal(ir_doctor_new(count_line, stage, &stage->doctor, &stage->err), 0);
    stage->options = (struct ir_doctor_options)IR_DOCTOR_OPTIONS_INIT;
    stage->options.settings = stage->settings;
    stage->options.parts = IR_DOCTOR_CONNECTION | IR_DOCTOR_PERMISSIONS;
}

static void set_keys(struct stage *stage)
{
    fake_world_setenv(&stage->world, "AWS_REGION", "eu-west-1");
    fake_world_setenv(&stage->world, "AWS_ACCESS_KEY_ID", "AKIDEXAMPLEKEYIDWXYZ");
    fake_world_setenv(&stage->world, "AWS_SECRET_ACCESS_KEY", "hush");
    fake_world_setenv(&stage->world, "AWS_SESSION_TOKEN", "hush-token");
    fake_world_setenv(&stage->world, "AWS_EC2_METADATA_DISABLED", "true");
}

static void answer_healthily(struct stage *stage)
{
    for (size_t i = 0; i < HEALTHY_COUNT; i++)
        fake_transport_add(&stage->transport, healthy[i]);
}

static int look(struct stage *stage)
{
    const struct ir_transport transport = fake_transport_get(&stage->transport);
    return ir_doctor_look_in(stage->doctor, &stage->options, &stage->world.world, &transport,
                             &stage->err);
}

static void close_stage(struct stage *stage)
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

static const struct ir_doctor_line *find(const struct stage *stage, const char *id)
{
    const struct ir_doctor_line *line;
    for (size_t i = 0; (line = ir_doctor_get(stage->doctor, i)) != NULL; i++)
        if (strcmp(line->id, id) == 0)
            return line;
    return NULL;
}

static void expect(const struct stage *stage, const char *id, enum ir_doctor_state state,
                   const char *what, const char *next)
{
    const struct ir_doctor_line *line = find(stage, id);
    if (line == NULL)
        fail_msg("there is no line %s", id);
    else if (line->state != state || strstr(line->what, what) == NULL ||
             strstr(line->next, next) == NULL)
        fail_msg("%s: state %d: %s\n-> %s", id, (int)line->state, line->what, line->next);
}

/* ---- a healthy account ------------------------------------------------------------------- */

static void test_healthy(void **state)
{
    struct stage stage;
    char *json = NULL;
    (void)state;
    open_stage(&stage);
    set_keys(&stage);
    answer_healthily(&stage);
    assert_int_equal(look(&stage), 0);
    const struct ir_doctor_line *line;
    for (size_t i = 0; (line = ir_doctor_get(stage.doctor, i)) != NULL; i++)
        if (line->state != IR_DOCTOR_OK || *line->next != '\0')
            fail_msg("%s: %s\n-> %s", line->id, line->what, line->next);
    assert_true(ir_doctor_is_well(stage.doctor));
    expect(&stage, "credentials", IR_DOCTOR_OK, "key ...WXYZ", "");
    expect(&stage, "region", IR_DOCTOR_OK, "eu-west-1, from AWS_REGION", "");
    expect(&stage, "identity", IR_DOCTOR_OK, "account 123456789012, " ARN, "");
    expect(&stage, "host:rekognition", IR_DOCTOR_OK, "TLS verified", "");
    expect(&stage, "clock", IR_DOCTOR_OK, "within 1 s", "");
    expect(&stage, "permission:rekognition:DetectLabels", IR_DOCTOR_OK, "simulation", "");
    expect(&stage, "permission:bedrock:InvokeModel", IR_DOCTOR_OK, "allowed", "");
    expect(&stage, "model:model", IR_DOCTOR_OK, "access", "");
    expect(&stage, "model:image-model", IR_DOCTOR_OK, "access", "");
    assert_int_equal(ir_doctor_to_json(stage.doctor, &json, &stage.err), 0);
    assert_non_null(strstr(json, "{\"schema\":\"imgrecog-doctor/1\",\"well\":true,\"lines\":["));
    ir_free(json);
    close_stage(&stage);
}

/* Nothing is sent that would be paid for or change anything. */
static void test_requests(void **state)
{
    struct stage stage;
    bool has_model = false;
    bool has_access = false;
    (void)state;
    open_stage(&stage);
    set_keys(&stage);
    answer_healthily(&stage);
    assert_int_equal(look(&stage), 0);
    for (size_t i = 0; i < stage.transport.call_count; i++) {
        const struct fake_seen *seen = &stage.transport.seen[i];
        bool is_sts = strstr(seen->url, "//sts.") != NULL;
        assert_string_equal(seen->method, is_sts && seen->body_bytes > 0 ? "POST" : "GET");
        if (strcmp(seen->url + strlen(seen->url) - 5, ".com/") == 0 && seen->body_bytes == 0)
            assert_null(fake_transport_header(&stage.transport, i, "Authorization"));
        has_model |= strcmp(seen->url, "https://bedrock.eu-west-1.amazonaws.com/foundation-models/"
                                       "anthropic.claude-haiku-4-5-20251001-v1%3A0") == 0;
        has_access |=
            strcmp(seen->url, "https://bedrock.eu-west-1.amazonaws.com/foundation-model-"
                              "availability/anthropic.claude-haiku-4-5-20251001-v1%3A0") == 0;
        if (strstr(seen->url, "//iam.") == NULL ||
            strstr(seen->url, "InvokeModelWithResponseStream") == NULL)
            continue;
        assert_string_equal(
            seen->url,
            "https://iam.amazonaws.com/?Action=SimulatePrincipalPolicy&Version=2010-05-08"
            "&PolicySourceArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Auser%2Fann"
            "&ActionNames.member.1=bedrock%3AInvokeModel"
            "&ActionNames.member.2=bedrock%3AInvokeModelWithResponseStream"
            "&ResourceArns.member.1=arn%3Aaws%3Abedrock%3Aeu-west-1%3A123456789012%3Ainference-"
            "profile%2Feu.anthropic.claude-haiku-4-5-20251001-v1%3A0"
            "&ResourceArns.member.2=arn%3Aaws%3Abedrock%3Aeu-west-1%3A%3Afoundation-model%2F"
            "anthropic.claude-haiku-4-5-20251001-v1%3A0");
        assert_non_null(strstr(fake_transport_header(&stage.transport, i, "Authorization"),
                               "/us-east-1/iam/aws4_request"));
    }
    assert_true(has_model && has_access);
    close_stage(&stage);
}

/* ---- what is wrong ----------------------------------------------------------------------- */

struct row {
    const char *name;
    int instead; /* of this one of the healthy answers */
    struct fake_answer answer;
    const char *id;
    enum ir_doctor_state state;
    const char *what;
    const char *next;
};

static const struct row rows[] = {
    {"a key that AWS does not know",
     ANSWER_STS,
     {STS, .status = 403, .body = FAULT("InvalidClientTokenId", "The security token is invalid.")},
     "identity",
     IR_DOCTOR_FAIL,
     "InvalidClientTokenId",
     "AWS does not know this access key"},
    {"another secret",
     ANSWER_STS,
     {STS, .status = 403, .body = FAULT("SignatureDoesNotMatch", "It does not match.")},
     "identity",
     IR_DOCTOR_FAIL,
     "SignatureDoesNotMatch",
     "not the one of this access key"},
    {"keys that have ended",
     ANSWER_STS,
     {STS, .status = 403, .body = FAULT("ExpiredToken", "It has expired.")},
     "identity",
     IR_DOCTOR_FAIL,
     "ExpiredToken",
     "aws sso login"},
    {"without an identity nothing more is asked",
     ANSWER_STS,
     {STS, .status = 403, .body = FAULT("InvalidClientTokenId", "No.")},
     "permissions",
     IR_DOCTOR_SKIPPED,
     "not looked at",
     ""},
    {"a clock that is behind",
     ANSWER_HOSTS,
     {HOSTS, .status = 404, .header = "Date: Fri, 20 Nov 2026 21:45:00 GMT", .body = "{}"},
     "clock",
     IR_DOCTOR_WARN,
     "600 s behind the servers'",
     "timedatectl"},
    {"a clock that is ahead",
     ANSWER_HOSTS,
     {HOSTS, .status = 404, .header = "Date: Fri, 20 Nov 2026 20:35:00 GMT", .body = "{}"},
     "clock",
     IR_DOCTOR_WARN,
     "3600 s ahead of the servers'",
     "timedatectl"},
    {"a host that is not there",
     ANSWER_HOSTS,
     {HOSTS, .rc = IR_ERR_NET},
     "host:rekognition",
     IR_DOCTOR_FAIL,
     "the line failed",
     ""},
    {"no answer, no time",
     ANSWER_HOSTS,
     {HOSTS, .rc = IR_ERR_NET},
     "clock",
     IR_DOCTOR_SKIPPED,
     "no server has told the time",
     ""},
    {"one action that no policy allows",
     ANSWER_LOOKS,
     {IAM("rekognition"), .body = LOOKS("implicitDeny")},
     "permission:rekognition:DetectText",
     IR_DOCTOR_FAIL,
     "no policy allows it",
     "Allow the action rekognition:DetectText on * for " ARN},
    {"and the others are",
     ANSWER_LOOKS,
     {IAM("rekognition"), .body = LOOKS("implicitDeny")},
     "permission:rekognition:DetectFaces",
     IR_DOCTOR_OK,
     "allowed",
     ""},
    {"one action that is denied",
     ANSWER_WORDS,
     {IAM_WORDS, .body = WORDS("explicitDeny")},
     "permission:bedrock:InvokeModelWithResponseStream",
     IR_DOCTOR_FAIL,
     "a policy denies it",
     "inference-profile/eu.anthropic"},
    {"a picture's model that no policy allows",
     ANSWER_IMAGES,
     {IAM_IMAGES, .body = IMAGES("implicitDeny")},
     "permission:bedrock:InvokeModel:image-model",
     IR_DOCTOR_FAIL,
     "no policy allows it",
     "on arn:aws:bedrock:eu-west-1::foundation-model/stability.stable-image-core-v1:1"},
    {"and the words' model is",
     ANSWER_IMAGES,
     {IAM_IMAGES, .body = IMAGES("implicitDeny")},
     "permission:bedrock:InvokeModel",
     IR_DOCTOR_OK,
     "allowed",
     ""},
    {"models that may not be listed",
     ANSWER_LISTS,
     {IAM_LISTS, .body = LISTS("implicitDeny")},
     "permission:bedrock:ListFoundationModels",
     IR_DOCTOR_FAIL,
     "no policy allows it",
     "bedrock:ListFoundationModels on *"},
    {"a model at its end",
     ANSWER_MODEL,
     {.url_part = "/foundation-models/",
      .status = 404,
      .header = "x-amzn-ErrorType: ResourceNotFoundException",
      .body = "{\"message\":\"Could not resolve the foundation model\"}"},
     "model:model",
     IR_DOCTOR_FAIL,
     "Could not resolve",
     "`imgrecog models`"},
    {"a model that will end",
     ANSWER_MODEL,
     {.url_part = "/foundation-models/",
      .body = MODEL("\"status\":\"LEGACY\",\"endOfLifeTime\":\"2027-03-01T00:00:00Z\"")},
     "model:model",
     IR_DOCTOR_WARN,
     "legacy, ends on 2027-03-01;",
     "`imgrecog models`"},
    {"no access to a model",
     ANSWER_ACCESS,
     {.url_part = "/foundation-model-availability/",
      .body = AVAILABLE("AUTHORIZED", "NOT_AVAILABLE", "AVAILABLE")},
     "model:model",
     IR_DOCTOR_FAIL,
     "no access",
     "use-case form"},
    {"an identity that is not authorized",
     ANSWER_ACCESS,
     {.url_part = "/foundation-model-availability/",
      .body = AVAILABLE("NOT_AUTHORIZED", "AVAILABLE", "AVAILABLE")},
     "model:model",
     IR_DOCTOR_FAIL,
     "NOT_AUTHORIZED",
     "bedrock:InvokeModel"},
    {"an agreement that waits",
     ANSWER_ACCESS,
     {.url_part = "/foundation-model-availability/",
      .body = AVAILABLE("AUTHORIZED", "AVAILABLE", "PENDING")},
     "model:model",
     IR_DOCTOR_WARN,
     "agreement is PENDING",
     "console"},
    {"access that may not be asked for",
     ANSWER_ACCESS,
     {.url_part = "/foundation-model-availability/",
      DENIED("bedrock:GetFoundationModelAvailability")},
     "model:model",
     IR_DOCTOR_SKIPPED,
     "not authorized to perform",
     "Allow bedrock:GetFoundationModelAvailability"},
    {"an answer that is none",
     ANSWER_ACCESS,
     {.url_part = "/foundation-model-availability/", .body = "{}"},
     "model:model",
     IR_DOCTOR_WARN,
     "does not tell the availability",
     ""},
};

static void test_row(void **state)
{
    const struct row *row = *state;
    struct stage stage;
    open_stage(&stage);
    set_keys(&stage);
    for (size_t i = 0; i < HEALTHY_COUNT; i++)
        fake_transport_add(&stage.transport, (int)i == row->instead ? row->answer : healthy[i]);
    assert_int_equal(look(&stage), 0);
    expect(&stage, row->id, row->state, row->what, row->next);
    close_stage(&stage);
}

/* ---- permissions without IAM ------------------------------------------------------------- */

#define TARGET(name) .target = "RekognitionService." name, .method = "POST"
#define NO_PICTURE                                                                                 \
    .status = 400, .header = "x-amzn-ErrorType: InvalidParameterException",                        \
    .body = "{\"message\":\"Request has invalid parameters\"}"

static void test_without_simulation(void **state)
{
    static const struct fake_answer refused = {
        .url_part = "//iam.", .status = 403, .body = FAULT("AccessDenied", "Not allowed.")};
    struct stage stage;
    (void)state;
    open_stage(&stage);
    set_keys(&stage);
    for (size_t i = 0; i < HEALTHY_COUNT; i++)
        if (i != ANSWER_LOOKS && i != ANSWER_WORDS && i != ANSWER_IMAGES && i != ANSWER_LISTS)
            fake_transport_add(&stage.transport, healthy[i]);
    fake_transport_add(&stage.transport, refused);
    fake_transport_add(&stage.transport, (struct fake_answer){TARGET("DetectLabels"), NO_PICTURE});
    fake_transport_add(&stage.transport, (struct fake_answer){TARGET("DetectText"),
                                                              DENIED("rekognition:DetectText")});
    fake_transport_add(&stage.transport, (struct fake_answer){TARGET("DetectFaces"), NO_PICTURE});
    fake_transport_add(&stage.transport,
                       (struct fake_answer){TARGET("DetectModerationLabels"), NO_PICTURE});
    assert_int_equal(look(&stage), 0);
    expect(&stage, "permission:rekognition:DetectLabels", IR_DOCTOR_OK, "without a picture", "");
    expect(&stage, "permission:rekognition:DetectText", IR_DOCTOR_FAIL, "AccessDeniedException",
           "Allow the action rekognition:DetectText on * for " ARN);
    expect(&stage, "permission:bedrock:InvokeModel", IR_DOCTOR_SKIPPED, "AccessDenied",
           "Allow iam:SimulatePrincipalPolicy");
    unsigned simulations = 0;
    for (size_t i = 0; i < stage.transport.call_count; i++) {
        const struct fake_seen *seen = &stage.transport.seen[i];
        simulations += strstr(seen->url, "//iam.") != NULL ? 1 : 0;
        if (strstr(seen->url, "//rekognition.") != NULL && seen->body_bytes > 0) {
            assert_int_equal(seen->body_bytes, 12);
            assert_memory_equal(seen->body, "{\"Image\":{}}", 12);
        }
    }
    assert_int_equal(simulations, 1);
    close_stage(&stage);
}

/* ---- a role with a path ------------------------------------------------------------------ */

#define ROLE "arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_x"
#define NO_ROLE FAULT("NoSuchEntity", "The role with name AWSReservedSSO_x cannot be found.")

struct role_row {
    const char *name;
    struct fake_answer role; /* of GetRole */
    enum ir_doctor_state state;
    const char *what;
    const char *next;
    unsigned simulations;
};

static const struct role_row role_rows[] = {
    {"a role's path is asked for",
     {.url_part = "Action=GetRole",
      .body = "<GetRoleResponse><GetRoleResult><Role><Path>/aws-reserved/sso.amazonaws.com/</Path>"
              "<Arn>" ROLE "</Arn></Role></GetRoleResult></GetRoleResponse>"},
     IR_DOCTOR_OK,
     "allowed",
     "",
     5},
    {"a role's path may not be asked for",
     {.url_part = "Action=GetRole", .status = 403, .body = FAULT("AccessDenied", "Not allowed.")},
     IR_DOCTOR_SKIPPED,
     "IAM's simulation was not to be had: AccessDenied",
     "Allow iam:GetRole for this identity",
     1},
    {"a role that is told by no ARN",
     {.url_part = "Action=GetRole", .body = "<R><GetRoleResult><Role/></GetRoleResult></R>"},
     IR_DOCTOR_SKIPPED,
     "IAM's simulation was not to be had",
     "Allow iam:GetRole for this identity",
     1},
    {"a role that is gone",
     {.url_part = "Action=GetRole", .status = 404, .body = NO_ROLE},
     IR_DOCTOR_SKIPPED,
     "NoSuchEntity",
     "iam:GetRole",
     1},
};

static void test_role(void **state)
{
    const struct role_row *row = *state;
    struct stage stage;
    unsigned simulations = 0;
    unsigned asked = 0;
    open_stage(&stage);
    set_keys(&stage);
    for (size_t i = 0; i < HEALTHY_COUNT; i++)
        if (i != ANSWER_STS && i != ANSWER_LOOKS)
            fake_transport_add(&stage.transport, healthy[i]);
    fake_transport_add(&stage.transport,
                       (struct fake_answer){STS, .body = IDENTITY("arn:aws:sts::123456789012:"
                                                                  "assumed-role/AWSReservedSSO_x/"
                                                                  "ann")});
    fake_transport_add(&stage.transport, row->role);
    fake_transport_add(&stage.transport,
                       (struct fake_answer){.url_part = "%3Arole%2FAWSReservedSSO_x",
                                            .status = 404,
                                            .body = NO_ROLE});
    fake_transport_add(&stage.transport, healthy[ANSWER_LOOKS]);
    fake_transport_add(
        &stage.transport,
        (struct fake_answer){.method = "POST", .url_part = "//rekognition.", NO_PICTURE});
    assert_int_equal(look(&stage), 0);
    expect(&stage, "permission:bedrock:InvokeModel", row->state, row->what, row->next);
    for (size_t i = 0; i < stage.transport.call_count; i++) {
        const char *url = stage.transport.seen[i].url;
        simulations += strstr(url, "SimulatePrincipalPolicy") != NULL ? 1 : 0;
        if (strstr(url, "GetRole") == NULL)
            continue;
        assert_string_equal(url, "https://iam.amazonaws.com/?Action=GetRole&Version=2010-05-08"
                                 "&RoleName=AWSReservedSSO_x");
        asked++;
    }
    assert_int_equal(simulations, row->simulations);
    assert_int_equal(asked, 1);
    close_stage(&stage);
}

/* ---- whom labels are asked of ------------------------------------------------------------ */

struct from_row {
    const char *name;
    const char *from;
    const char *action;
    const char *resource; /* as the URL has it */
};

static const struct from_row from_rows[] = {
    {"an endpoint of SageMaker", "sagemaker:photos", "sagemaker:InvokeEndpoint",
     "&ResourceArns.member.1=arn%3Aaws%3Asagemaker%3Aeu-west-1%3A123456789012%3Aendpoint%2Fphotos"},
    {"a function of Lambda", "lambda:photos:live", "lambda:InvokeFunction",
     "&ResourceArns.member.1=arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Aphotos"
     "%3Alive"},
    {"another account's function", "lambda:210987654321:function:photos", "lambda:InvokeFunction",
     "&ResourceArns.member.1=arn%3Aaws%3Alambda%3Aeu-west-1%3A210987654321%3Afunction%3Aphotos"},
    {"a function by its ARN", "lambda:arn:aws:lambda:us-east-1:1:function:photos",
     "lambda:InvokeFunction",
     "&ResourceArns.member.1=arn%3Aaws%3Alambda%3Aus-east-1%3A1%3Afunction%3Aphotos"},
};

static void test_from(void **state)
{
    const struct from_row *row = *state;
    struct stage stage;
    char body[512];
    char id[64];
    bool is_asked = false;
    open_stage(&stage);
    set_keys(&stage);
    assert_int_equal(ir_settings_set(stage.settings, "from", row->from, "test", &stage.err), 0);
    answer_healthily(&stage);
    snprintf(body, sizeof body,
             DECISIONS("<member><EvalActionName>%s</EvalActionName>"
                       "<EvalDecision>allowed</EvalDecision></member>"),
             row->action);
    fake_transport_add(&stage.transport,
                       (struct fake_answer){.url_part = row->resource, .body = body});
    assert_int_equal(look(&stage), 0);
    snprintf(id, sizeof id, "permission:%s", row->action);
    expect(&stage, id, IR_DOCTOR_OK, "allowed", "");
    for (size_t i = 0; i < stage.transport.call_count; i++) {
        const char *at = strstr(stage.transport.seen[i].url, row->resource);
        is_asked |= at != NULL && strlen(at) == strlen(row->resource);
    }
    assert_true(is_asked);
    close_stage(&stage);
}

/* ---- what is missing --------------------------------------------------------------------- */

static void test_bare(void **state)
{
    struct stage stage;
    (void)state;
    open_stage(&stage);
    fake_world_setenv(&stage.world, "AWS_EC2_METADATA_DISABLED", "true");
    assert_int_equal(look(&stage), 0);
    expect(&stage, "credentials", IR_DOCTOR_FAIL, "AWS_ACCESS_KEY_ID is not set", "aws configure");
    expect(&stage, "credentials", IR_DOCTOR_FAIL, "", "--endpoint local");
    expect(&stage, "region", IR_DOCTOR_FAIL, "none is set", "AWS_REGION");
    expect(&stage, "identity", IR_DOCTOR_SKIPPED, "no credentials", "");
    assert_int_equal(stage.transport.call_count, 0);
    assert_false(ir_doctor_is_well(stage.doctor));
    close_stage(&stage);
}

static void test_ended_session(void **state)
{
    struct stage stage;
    (void)state;
    open_stage(&stage);
    fake_world_setenv(&stage.world, "AWS_EC2_METADATA_DISABLED", "true");
    fake_world_setenv(&stage.world, "AWS_PROFILE", "work");
    fake_world_add_file(&stage.world, "/home/ann/.aws/config",
                        "[profile work]\nsso_session = my\nsso_account_id = 123456789012\n"
                        "sso_role_name = Admin\nregion = eu-west-1\n[sso-session my]\n"
                        "sso_start_url = https://x.awsapps.com/start\nsso_region = eu-west-1\n");
    fake_transport_add(&stage.transport, healthy[ANSWER_HOSTS]);
    assert_int_equal(look(&stage), 0);
    expect(&stage, "credentials", IR_DOCTOR_FAIL, "\"work\"", "aws sso login --profile work");
    expect(&stage, "credentials", IR_DOCTOR_FAIL, "", "--endpoint local");
    expect(&stage, "region", IR_DOCTOR_OK, "eu-west-1, from the profile", "");
    close_stage(&stage);
}

static void test_no_profile(void **state)
{
    struct stage stage;
    (void)state;
    open_stage(&stage);
    fake_world_setenv(&stage.world, "AWS_PROFILE", "nobody");
    assert_int_equal(look(&stage), 0);
    expect(&stage, "aws-settings", IR_DOCTOR_FAIL, "nobody", "");
    assert_null(find(&stage, "credentials"));
    close_stage(&stage);
}

static void test_bundle(void **state)
{
    struct stage stage;
    (void)state;
    open_stage(&stage);
    set_keys(&stage);
    fake_world_setenv(&stage.world, "AWS_CA_BUNDLE", "/etc/none.pem");
    fake_world_setenv(&stage.world, "https_proxy", "http://ann:hush@proxy.example:3128");
    answer_healthily(&stage);
    assert_int_equal(look(&stage), 0);
    expect(&stage, "ca-bundle", IR_DOCTOR_FAIL, "/etc/none.pem: no such file", "AWS_CA_BUNDLE");
    expect(&stage, "proxy", IR_DOCTOR_OK, "by proxy.example:3128", "");
    close_stage(&stage);
}

static void test_bucket(void **state)
{
    static const struct {
        int status;
        enum ir_doctor_state state;
        const char *what;
    } answers[] = {{200, IR_DOCTOR_OK, "in eu-west-1"},
                   {403, IR_DOCTOR_WARN, "refuses to tell"},
                   {404, IR_DOCTOR_FAIL, "no such bucket"}};
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct stage stage;
        open_stage(&stage);
        set_keys(&stage);
        answer_healthily(&stage);
        fake_transport_add(&stage.transport,
                           (struct fake_answer){.method = "HEAD",
                                                .status = answers[i].status,
                                                .header = "x-amz-bucket-region: eu-west-1"});
        fake_transport_add(
            &stage.transport,
            (struct fake_answer){
                IAM("s3"), .body = DECISIONS(
                               DECIDED("s3:PutObject", "allowed") DECIDED("s3:GetObject", "allowed")
                                   DECIDED("s3:AbortMultipartUpload", "allowed"))});
        stage.options.bucket = "photos";
        assert_int_equal(look(&stage), 0);
        expect(&stage, "bucket", answers[i].state, answers[i].what, "");
        expect(&stage, "permission:s3:PutObject", IR_DOCTOR_OK, "allowed", "");
        close_stage(&stage);
    }
}

static void test_late(void **state)
{
    struct stage stage;
    (void)state;
    open_stage(&stage);
    set_keys(&stage);
    for (size_t i = 0; i < HEALTHY_COUNT; i++) {
        struct fake_answer slow = healthy[i];
        slow.takes_ms = 900;
        fake_transport_add(&stage.transport, slow);
    }
    stage.options.timeout_ms = 1000;
    assert_int_equal(look(&stage), 0);
    expect(&stage, "identity", IR_DOCTOR_SKIPPED, "the time for looking is over", "look again");
    close_stage(&stage);
}

static void test_cancelled(void **state)
{
    struct stage stage;
    (void)state;
    open_stage(&stage);
    set_keys(&stage);
    answer_healthily(&stage);
    struct ir_cancel *cancel = ir_cancel_new();
    assert_non_null(cancel);
    ir_cancel_set(cancel);
    stage.options.cancel = cancel;
    assert_int_equal(look(&stage), IR_ERR_CANCELLED);
    close_stage(&stage);
    ir_cancel_free(cancel);
}

/* ---- settings ---------------------------------------------------------------------------- */

static const char *const variables[] = {"HOME=/home/ann",
                                        "IMGRECOG_MAX_LABELS=5",
                                        "IMGRECOG_MAX_LABEL=5",
                                        "IMGRECOG_LOCAL=/x",
                                        "IMGRECOG_ZZZZZZZZZ=1",
                                        "IMGRECOG_MIN-CONFIDENCE=hush",
                                        NULL};

static const char *const *list_variables(void *context)
{
    (void)context;
    return variables;
}

static void test_settings(void **state)
{
    struct stage stage;
    const struct ir_doctor_line *line;
    unsigned warnings = 0;
    (void)state;
    open_stage(&stage);
    stage.world.world.environment = list_variables;
    stage.options.parts = IR_DOCTOR_SETTINGS;
    assert_int_equal(look(&stage), 0);
    expect(&stage, "settings", IR_DOCTOR_OK, "there is no /home/ann/.config/imgrecog/config", "");
    expect(&stage, "settings", IR_DOCTOR_OK, "from the environment: IMGRECOG_MAX_LABELS", "");
    expect(&stage, "variable", IR_DOCTOR_WARN, "IMGRECOG_MAX_LABEL is set and changes nothing",
           "IMGRECOG_MAX_LABELS may be meant");
    for (size_t i = 0; (line = ir_doctor_get(stage.doctor, i)) != NULL; i++)
        warnings += line->state == IR_DOCTOR_WARN ? 1 : 0;
    assert_int_equal(warnings, 3);
    close_stage(&stage);
}

static void test_own_lines(void **state)
{
    struct stage stage;
    (void)state;
    open_stage(&stage);
    stage.options.parts = 0;
    for (unsigned i = 0; i < IR_DOCTOR_MAX_LINES + 5; i++)
        ir_doctor_add(stage.doctor,
                      &(struct ir_doctor_line){"x", "own", IR_DOCTOR_OK, "a\033[31mb\xff", NULL});
    assert_string_equal(ir_doctor_get(stage.doctor, 0)->what, "a [31mb ");
    assert_string_equal(ir_doctor_get(stage.doctor, 0)->next, "");
    assert_null(ir_doctor_get(stage.doctor, IR_DOCTOR_MAX_LINES));
    assert_int_equal(look(&stage), 0);
    stage.options.timeout_ms = 1;
    stage.transport.releases = 0;
    assert_int_equal(look(&stage), IR_ERR_ARG);
    close_stage(&stage);
}

int main(void)
{
    static struct unit_list list;
    unit_add(&list, "a healthy account", test_healthy);
    unit_add(&list, "the requests change nothing", test_requests);
    UNIT_ADD_ROWS(&list, test_row, rows);
    unit_add(&list, "permissions without IAM", test_without_simulation);
    UNIT_ADD_ROWS(&list, test_role, role_rows);
    UNIT_ADD_ROWS(&list, test_from, from_rows);
    unit_add(&list, "a bare machine", test_bare);
    unit_add(&list, "a session that has ended", test_ended_session);
    unit_add(&list, "a profile that is not there", test_no_profile);
    unit_add(&list, "certificates and proxy", test_bundle);
    unit_add(&list, "a bucket", test_bucket);
    unit_add(&list, "the time is over", test_late);
    unit_add(&list, "cancelled", test_cancelled);
    unit_add(&list, "settings and variables", test_settings);
    unit_add(&list, "a front end's own lines", test_own_lines);
    return unit_run(&list, "doctor");
}
