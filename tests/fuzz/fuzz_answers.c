/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers of all services: every reader takes every text, and gives something whole or an error. */
#include "tests/fuzz/fuzz.h"

#include <imgrecog/memory.h>

#include "core/service/bedrock.h"
#include "core/service/bedrock_claude.h"
#include "core/service/bedrock_image.h"
#include "core/service/cloudwatch_logs.h"
#include "core/service/iam.h"
#include "core/service/rekognition.h"
#include "core/service/rekognition_checks.h"
#include "core/service/sagemaker_runtime.h"
#include "core/service/states.h"

/* A failure is a failure in both places, and its message is not empty. */
static int promise(int rc, const struct ir_error *err)
{
    FUZZ_CHECK(rc <= 0 && (rc == 0 || (err->code == rc && err->message[0] != '\0')));
    return rc;
}

static void check_rekognition(const char *json, size_t bytes)
{
    struct ir_error err = {0};
    struct ir_moderation moderation;
    struct ir_protection protection;
    struct ir_celebrities celebrities;
    struct ir_faces faces;
    if (promise(ir_rekognition_read_moderation(json, bytes, &moderation, &err), &err) == 0)
        ir_moderation_release(&moderation);
    if (promise(ir_rekognition_read_protection(json, bytes, 6, &protection, &err), &err) == 0) {
        for (size_t i = 0; i < protection.item_count; i++)
            FUZZ_CHECK(protection.items[i].part && protection.items[i].type);
        ir_protection_release(&protection);
    }
    if (promise(ir_rekognition_read_celebrities(json, bytes, 3, &celebrities, &err), &err) == 0) {
        for (size_t i = 0; i < celebrities.count; i++)
            FUZZ_CHECK(celebrities.faces[i].name && celebrities.faces[i].id);
        ir_celebrities_release(&celebrities);
    }
    if (promise(ir_rekognition_read_face_details(json, bytes, 1, &faces, &err), &err) == 0)
        ir_faces_release(&faces);
}

static void check_bedrock(const char *json, size_t bytes)
{
    struct ir_error err = {0};
    struct ir_model_answer answer;
    struct ir_generated generated;
    struct ir_models models;
    struct ir_profiles profiles;
    struct ir_model_availability availability;
    ir_model_answer_init(&answer);
    if (promise(ir_converse_read(json, bytes, &answer, &err), &err) == 0)
        promise(ir_model_answer_check(&answer, &err), &err);
    ir_model_answer_release(&answer);
    ir_model_answer_init(&answer);
    if (promise(ir_claude_read(json, bytes, &answer, &err), &err) == 0)
        promise(ir_model_answer_check(&answer, &err), &err);
    ir_model_answer_release(&answer);
    if (promise(ir_stability_read(json, bytes, &generated, &err), &err) == 0) {
        FUZZ_CHECK(generated.count > 0);
        ir_generated_release(&generated);
    }
    if (promise(ir_sdxl_read(json, bytes, &generated, &err), &err) == 0) {
        FUZZ_CHECK(generated.count > 0);
        ir_generated_release(&generated);
    }
    if (promise(ir_bedrock_read_models(json, bytes, &models, &err), &err) == 0)
        ir_models_release(&models);
    if (promise(ir_bedrock_read_profiles(json, bytes, &profiles, &err), &err) == 0)
        ir_profiles_release(&profiles);
    promise(ir_bedrock_read_availability(json, bytes, &availability, &err), &err);
}

static void check_iam(const char *xml, size_t bytes)
{
    const struct ir_iam_question question = {.actions = {"bedrock:InvokeModel"}, .action_count = 1};
    enum ir_iam_decision decisions[IR_IAM_MAX_ACTIONS];
    char principal[IR_IAM_ARN_BYTES];
    char arn[256];
    struct ir_error err = {0};
    if (promise(ir_iam_read_decisions(xml, bytes, &question, decisions, &err), &err) == 0)
        FUZZ_CHECK(decisions[0] >= IR_IAM_ALLOWED && decisions[0] <= IR_IAM_DENIED);
    if (promise(ir_iam_read_role_arn(xml, bytes, principal, &err), &err) == 0)
        FUZZ_CHECK(strlen(principal) < sizeof principal && ir_iam_role_name(principal) != NULL);
    size_t arn_bytes = bytes < sizeof arn - 1 ? bytes : sizeof arn - 1;
    memcpy(arn, xml, arn_bytes);
    arn[arn_bytes] = '\0';
    if (ir_iam_principal_of(arn, principal))
        FUZZ_CHECK(strlen(principal) < sizeof principal);
}

static void check_others(const char *json, size_t bytes)
{
    struct ir_error err = {0};
    struct ir_execution execution;
    struct ir_logs_page page;
    double *numbers = NULL;
    size_t count = 0;
    if (promise(ir_execution_read(json, bytes, &execution, &err), &err) == 0) {
        promise(ir_execution_check(&execution, &err), &err);
        ir_execution_release(&execution);
    }
    if (promise(ir_logs_read_filter(json, bytes, &page, &err), &err) == 0)
        ir_logs_page_release(&page);
    promise(ir_logs_read_put(json, bytes, 5, &count, &err), &err);
    FUZZ_CHECK(count <= 5);
    if (promise(ir_sagemaker_read_probabilities(json, bytes, &numbers, &count, &err), &err) == 0)
        ir_free(numbers);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    if (bytes > FUZZ_MAX_BYTES)
        return 0;
    check_rekognition((const char *)data, bytes);
    check_bedrock((const char *)data, bytes);
    check_iam((const char *)data, bytes);
    check_others((const char *)data, bytes);
    return 0;
}
