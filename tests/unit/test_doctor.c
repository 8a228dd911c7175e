/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The doctor over scripted answers of AWS: which line says what, and what is never asked or told.
 */
#include "tests/unit/doctor_stage.h"

#include <imgrecog/memory.h>

/* ---- a healthy account ------------------------------------------------------------------- */

static void test_healthy(void **state)
{
    struct doctor_stage stage;
    char *json = NULL;
    (void)state;
    doctor_open(&stage);
    doctor_set_keys(&stage);
    doctor_answer_healthily(&stage);
    assert_int_equal(doctor_look(&stage), 0);
    const struct ir_doctor_line *line;
    for (size_t i = 0; (line = ir_doctor_get(stage.doctor, i)) != NULL; i++)
        if (line->state != IR_DOCTOR_OK || *line->next != '\0')
            fail_msg("%s: %s\n-> %s", line->id, line->what, line->next);
    assert_true(ir_doctor_is_well(stage.doctor));
    doctor_expect(&stage, "credentials", IR_DOCTOR_OK, "key ...WXYZ", "");
    doctor_expect(&stage, "region", IR_DOCTOR_OK, "eu-west-1, from AWS_REGION", "");
    doctor_expect(&stage, "identity", IR_DOCTOR_OK, "account 123456789012, " ARN, "");
    doctor_expect(&stage, "host:rekognition", IR_DOCTOR_OK, "TLS verified", "");
    doctor_expect(&stage, "clock", IR_DOCTOR_OK, "within 1 s", "");
    doctor_expect(&stage, "permission:rekognition:DetectLabels", IR_DOCTOR_OK, "simulation", "");
    doctor_expect(&stage, "permission:bedrock:InvokeModel", IR_DOCTOR_OK, "allowed", "");
    doctor_expect(&stage, "model:model", IR_DOCTOR_OK, "access", "");
    doctor_expect(&stage, "model:image-model", IR_DOCTOR_OK, "access", "");
    assert_int_equal(ir_doctor_to_json(stage.doctor, &json, &stage.err), 0);
    assert_non_null(strstr(json, "{\"schema\":\"imgrecog-doctor/1\",\"well\":true,\"lines\":["));
    ir_free(json);
    doctor_close(&stage);
}

/* Nothing is sent that would be paid for or change anything. */
static void test_requests(void **state)
{
    struct doctor_stage stage;
    bool has_model = false;
    bool has_access = false;
    (void)state;
    doctor_open(&stage);
    doctor_set_keys(&stage);
    doctor_answer_healthily(&stage);
    assert_int_equal(doctor_look(&stage), 0);
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
    doctor_close(&stage);
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
    struct doctor_stage stage;
    doctor_open(&stage);
    doctor_set_keys(&stage);
    for (size_t i = 0; i < DOCTOR_HEALTHY_COUNT; i++)
        fake_transport_add(&stage.transport,
                           (int)i == row->instead ? row->answer : doctor_healthy[i]);
    assert_int_equal(doctor_look(&stage), 0);
    doctor_expect(&stage, row->id, row->state, row->what, row->next);
    doctor_close(&stage);
}

int main(void)
{
    static struct unit_list list;
    unit_add(&list, "a healthy account", test_healthy);
    unit_add(&list, "the requests change nothing", test_requests);
    UNIT_ADD_ROWS(&list, test_row, rows);
    return unit_run(&list, "doctor");
}
