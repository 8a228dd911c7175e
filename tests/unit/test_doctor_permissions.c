/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The doctor's lines about what an identity may do, and how IAM is asked about it. */
#include "tests/unit/doctor_stage.h"

/* ---- permissions without IAM ------------------------------------------------------------- */

#define TARGET(name) .target = "RekognitionService." name, .method = "POST"
#define NO_PICTURE                                                                                 \
    .status = 400, .header = "x-amzn-ErrorType: InvalidParameterException",                        \
    .body = "{\"message\":\"Request has invalid parameters\"}"

static void test_without_simulation(void **state)
{
    static const struct fake_answer refused = {
        .url_part = "//iam.", .status = 403, .body = FAULT("AccessDenied", "Not allowed.")};
    struct doctor_stage stage;
    (void)state;
    doctor_open(&stage);
    doctor_set_keys(&stage);
    for (size_t i = 0; i < DOCTOR_HEALTHY_COUNT; i++)
        if (i != ANSWER_LOOKS && i != ANSWER_WORDS && i != ANSWER_IMAGES && i != ANSWER_LISTS)
            fake_transport_add(&stage.transport, doctor_healthy[i]);
    fake_transport_add(&stage.transport, refused);
    fake_transport_add(&stage.transport, (struct fake_answer){TARGET("DetectLabels"), NO_PICTURE});
    fake_transport_add(&stage.transport, (struct fake_answer){TARGET("DetectText"),
                                                              DENIED("rekognition:DetectText")});
    fake_transport_add(&stage.transport, (struct fake_answer){TARGET("DetectFaces"), NO_PICTURE});
    fake_transport_add(&stage.transport,
                       (struct fake_answer){TARGET("DetectModerationLabels"), NO_PICTURE});
    assert_int_equal(doctor_look(&stage), 0);
    doctor_expect(&stage, "permission:rekognition:DetectLabels", IR_DOCTOR_OK, "without a picture",
                  "");
    doctor_expect(&stage, "permission:rekognition:DetectText", IR_DOCTOR_FAIL,
                  "AccessDeniedException", "Allow the action rekognition:DetectText on * for " ARN);
    doctor_expect(&stage, "permission:bedrock:InvokeModel", IR_DOCTOR_SKIPPED, "AccessDenied",
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
    doctor_close(&stage);
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
    struct doctor_stage stage;
    unsigned simulations = 0;
    unsigned asked = 0;
    doctor_open(&stage);
    doctor_set_keys(&stage);
    for (size_t i = 0; i < DOCTOR_HEALTHY_COUNT; i++)
        if (i != ANSWER_STS && i != ANSWER_LOOKS)
            fake_transport_add(&stage.transport, doctor_healthy[i]);
    fake_transport_add(&stage.transport,
                       (struct fake_answer){STS, .body = IDENTITY("arn:aws:sts::123456789012:"
                                                                  "assumed-role/AWSReservedSSO_x/"
                                                                  "ann")});
    fake_transport_add(&stage.transport, row->role);
    fake_transport_add(&stage.transport,
                       (struct fake_answer){.url_part = "%3Arole%2FAWSReservedSSO_x",
                                            .status = 404,
                                            .body = NO_ROLE});
    fake_transport_add(&stage.transport, doctor_healthy[ANSWER_LOOKS]);
    fake_transport_add(
        &stage.transport,
        (struct fake_answer){.method = "POST", .url_part = "//rekognition.", NO_PICTURE});
    assert_int_equal(doctor_look(&stage), 0);
    doctor_expect(&stage, "permission:bedrock:InvokeModel", row->state, row->what, row->next);
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
    doctor_close(&stage);
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
    struct doctor_stage stage;
    char body[512];
    char id[64];
    bool is_asked = false;
    doctor_open(&stage);
    doctor_set_keys(&stage);
    assert_int_equal(ir_settings_set(stage.settings, "from", row->from, "test", &stage.err), 0);
    doctor_answer_healthily(&stage);
    snprintf(body, sizeof body,
             DECISIONS("<member><EvalActionName>%s</EvalActionName>"
                       "<EvalDecision>allowed</EvalDecision></member>"),
             row->action);
    fake_transport_add(&stage.transport,
                       (struct fake_answer){.url_part = row->resource, .body = body});
    assert_int_equal(doctor_look(&stage), 0);
    snprintf(id, sizeof id, "permission:%s", row->action);
    doctor_expect(&stage, id, IR_DOCTOR_OK, "allowed", "");
    for (size_t i = 0; i < stage.transport.call_count; i++) {
        const char *at = strstr(stage.transport.seen[i].url, row->resource);
        is_asked |= at != NULL && strlen(at) == strlen(row->resource);
    }
    assert_true(is_asked);
    doctor_close(&stage);
}

/* ---- a bucket ---------------------------------------------------------------------------- */

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
        struct doctor_stage stage;
        doctor_open(&stage);
        doctor_set_keys(&stage);
        doctor_answer_healthily(&stage);
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
        assert_int_equal(doctor_look(&stage), 0);
        doctor_expect(&stage, "bucket", answers[i].state, answers[i].what, "");
        doctor_expect(&stage, "permission:s3:PutObject", IR_DOCTOR_OK, "allowed", "");
        doctor_close(&stage);
    }
}

int main(void)
{
    static struct unit_list list;
    unit_add(&list, "permissions without IAM", test_without_simulation);
    UNIT_ADD_ROWS(&list, test_role, role_rows);
    UNIT_ADD_ROWS(&list, test_from, from_rows);
    unit_add(&list, "a bucket", test_bucket);
    return unit_run(&list, "doctor-permissions");
}
