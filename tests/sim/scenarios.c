/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the calls. Each notes the tokens that came out of the core in run->seen and checks that its
 * outputs are untouched where the call failed; everything else is judged by invariants.c.
 */
#include "tests/sim/scenarios.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <imgrecog/labels.h>

#include "core/aws/sts.h"
#include "core/result/result.h"
#include "core/service/bedrock.h"
#include "core/service/bedrock_claude.h"
#include "core/service/cloudwatch_logs.h"
#include "core/service/lambda.h"
#include "core/service/sagemaker_runtime.h"
#include "core/service/states.h"
#include "tests/sim/scenarios_s3.h"

#define FILL 0x5a
#define MODEL "maker.model-1:0"

static unsigned number_behind(const char *text, const char *start)
{
    size_t bytes = strlen(start);
    if (strncmp(text, start, bytes) != 0)
        return 0;
    return (unsigned)strtoul(text + bytes, NULL, 10);
}

static bool is_filled(const void *data, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        if (((const unsigned char *)data)[i] != FILL)
            return false;
    return true;
}

static int send(struct sim_run *run, struct ir_request *request, struct ir_http_response *response,
                struct ir_error *err)
{
    unsigned retries = 0;
    request->aws.cancel = run->cancel;
    return ir_aws_call(&run->client->aws, &request->aws, response, &retries, err);
}

/* ---- Rekognition ------------------------------------------------------------------------- */

void sim_make_picture(struct sim_run *run)
{
    static const unsigned char head[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0,
                                         0,    0,   13,  'I', 'H',  'D',  'R',  0,    0,
                                         0,    100, 0,   0,   0,    100,  8,    2};
    struct ir_error err = {0};
    unsigned char *data = run->picture_data;
    size_t at = 33;
    size_t pixel_bytes = SIM_PICTURE_BYTES - at - 12;
    memset(data, 0, SIM_PICTURE_BYTES);
    memcpy(data, head, sizeof head);
    data[at + 2] = (unsigned char)(pixel_bytes >> 8);
    data[at + 3] = (unsigned char)pixel_bytes;
    memcpy(data + at + 4, "IDAT", 4);
    if (ir_picture_new(data, SIM_PICTURE_BYTES, "a.png", &run->picture, &err) == 0)
        return;
    printf("Bail out! sim: no picture: %s\n", err.message);
    exit(1);
}

static void look_at_result(struct sim_run *run, const struct ir_result *result,
                           const struct ir_labels_options *options)
{
    const struct ir_label *label = ir_result_get_label(result, 0);
    run->seen[SIM_LABELS] = label != NULL ? number_behind(label->name, "Thing ") : 0;
    if (options->text)
        run->seen[SIM_TEXT] =
            result->text_count > 0 ? number_behind(result->texts[0].text, "word ") : 0;
    if (options->faces)
        run->seen[SIM_FACES] = result->face_count > 0 ? run->net.ops[SIM_FACES].intact : 0;
    unsigned requests = 1U + options->text + options->faces;
    if (result->usage.requests != requests)
        run->wrong = "the result counts another number of requests";
}

static int call_labels(struct sim_run *run, struct ir_error *err)
{
    struct ir_labels_options options = IR_LABELS_OPTIONS_INIT;
    struct ir_result *const untouched = (struct ir_result *)(void *)run;
    struct ir_result *result = untouched;
    options.text = run->variant % 3 == 1;
    options.faces = run->variant % 5 == 1;
    options.cancel = run->cancel;
    int rc = ir_labels(run->client, run->picture, &options, &result, err);
    if (rc != 0) {
        if (result != untouched)
            run->wrong = "the result is touched though the call failed";
        return rc;
    }
    look_at_result(run, result, &options);
    ir_result_free(result);
    return 0;
}

/* ---- models ------------------------------------------------------------------------------ */

static int ask_model(struct sim_run *run, struct ir_request *request, struct ir_model_answer *out,
                     bool is_converse, struct ir_error *err)
{
    struct ir_http_response response;
    ir_http_response_init(&response);
    int rc = send(run, request, &response, err);
    const char *json = ir_buf_text(&response.body);
    if (rc == 0)
        rc = is_converse ? ir_converse_read(json, response.body.bytes, out, err)
                         : ir_claude_read(json, response.body.bytes, out, err);
    ir_http_response_release(&response);
    return rc;
}

static int stream_model(struct sim_run *run, struct ir_request *request,
                        struct ir_converse_stream *stream, struct ir_error *err)
{
    struct ir_http_response response;
    ir_http_response_init(&response);
    request->aws.sink = ir_converse_stream_take;
    request->aws.sink_context = stream;
    int rc = send(run, request, &response, err);
    rc = ir_converse_stream_settle(stream, rc, err);
    ir_http_response_release(&response);
    return rc;
}

static int finish_model(struct sim_run *run, enum sim_op op, int rc,
                        const struct ir_model_answer *answer, struct ir_error *err)
{
    if (rc == 0)
        rc = ir_model_answer_check(answer, err);
    if (rc == 0)
        run->seen[op] = number_behind(ir_buf_text(&answer->text), "said ");
    return rc;
}

static const struct ir_content prompt_content = {.text = SIM_PROMPT};
static const struct ir_message prompt_message = {.contents = &prompt_content, .content_count = 1};

static struct ir_converse_options prompt_options(void)
{
    return (struct ir_converse_options){.messages = &prompt_message,
                                        .message_count = 1,
                                        .max_tokens = 100,
                                        .temperature = NAN,
                                        .top_p = NAN};
}

static int call_converse(struct sim_run *run, struct ir_error *err)
{
    const struct ir_converse_options options = prompt_options();
    struct ir_model_answer answer;
    struct ir_request request;
    int rc = ir_converse_call(&options, MODEL, false, &request, err);
    if (rc != 0)
        return rc;
    ir_model_answer_init(&answer);
    rc = ask_model(run, &request, &answer, true, err);
    rc = finish_model(run, SIM_CONVERSE, rc, &answer, err);
    ir_model_answer_release(&answer);
    ir_request_release(&request);
    return rc;
}

static int call_converse_stream(struct sim_run *run, struct ir_error *err)
{
    const struct ir_converse_options options = prompt_options();
    struct ir_converse_stream stream;
    struct ir_request request;
    int rc = ir_converse_call(&options, MODEL, true, &request, err);
    if (rc != 0)
        return rc;
    ir_converse_stream_init(&stream, NULL, NULL);
    rc = stream_model(run, &request, &stream, err);
    rc = finish_model(run, SIM_CONVERSE_STREAM, rc, &stream.answer, err);
    ir_converse_stream_release(&stream);
    ir_request_release(&request);
    return rc;
}

static int call_invoke(struct sim_run *run, struct ir_error *err)
{
    const struct ir_converse_options options = prompt_options();
    const struct ir_invoke_options invoke = {.model_id = MODEL};
    struct ir_model_answer answer;
    struct ir_json_body body;
    struct ir_request request;
    int rc = ir_claude_request(&options, &body, err);
    if (rc != 0)
        return rc;
    rc = ir_invoke_call(&invoke, &body.body, &request, err);
    if (rc == 0) {
        ir_model_answer_init(&answer);
        rc = ask_model(run, &request, &answer, false, err);
        rc = finish_model(run, SIM_INVOKE, rc, &answer, err);
        ir_model_answer_release(&answer);
        ir_request_release(&request);
    }
    ir_json_body_release(&body);
    return rc;
}

static int call_invoke_stream(struct sim_run *run, struct ir_error *err)
{
    const struct ir_converse_options options = prompt_options();
    const struct ir_invoke_options invoke = {.model_id = MODEL, .streams = true};
    struct ir_converse_stream stream;
    struct ir_json_body body;
    struct ir_request request;
    int rc = ir_claude_request(&options, &body, err);
    if (rc != 0)
        return rc;
    rc = ir_invoke_call(&invoke, &body.body, &request, err);
    if (rc == 0) {
        ir_claude_stream_init(&stream, NULL, NULL);
        rc = stream_model(run, &request, &stream, err);
        rc = finish_model(run, SIM_INVOKE_STREAM, rc, &stream.answer, err);
        ir_converse_stream_release(&stream);
        ir_request_release(&request);
    }
    ir_json_body_release(&body);
    return rc;
}

static int call_models(struct sim_run *run, struct ir_error *err)
{
    const struct ir_models_filter filter = {NULL, NULL, NULL};
    struct ir_http_response response;
    struct ir_request request;
    struct ir_models models;
    memset(&models, FILL, sizeof models);
    int rc = ir_bedrock_list_models(&filter, &request, err);
    if (rc != 0)
        return rc;
    ir_http_response_init(&response);
    rc = send(run, &request, &response, err);
    if (rc == 0)
        rc = ir_bedrock_read_models(ir_buf_text(&response.body), response.body.bytes, &models, err);
    if (rc == 0) {
        run->seen[SIM_MODELS] =
            models.count == 1 ? number_behind(models.items[0].id, "maker.model-") : 0;
        ir_models_release(&models);
    } else if (!is_filled(&models, sizeof models)) {
        run->wrong = "the list of models is touched though the call failed";
    }
    ir_http_response_release(&response);
    ir_request_release(&request);
    return rc;
}

/* ---- others ------------------------------------------------------------------------------ */

static int call_lambda(struct sim_run *run, struct ir_error *err)
{
    static const char payload[] = "{\"prompt\":\"" SIM_PROMPT "\"}";
    const struct ir_span span = {payload, sizeof payload - 1};
    const struct ir_body body = {{{.spans = &span, .span_count = 1}}, 1};
    const struct ir_lambda_options options = {.function = "describe", .payload = &body};
    struct ir_http_response response;
    struct ir_lambda_answer answer;
    struct ir_request request;
    int rc = ir_lambda_call(&options, &request, err);
    if (rc != 0)
        return rc;
    ir_http_response_init(&response);
    rc = send(run, &request, &response, err);
    if (rc == 0)
        rc = ir_lambda_read(&response, &answer, err);
    if (rc == 0)
        run->seen[SIM_LAMBDA] = number_behind(ir_buf_text(&response.body), "{\"said\":");
    ir_http_response_release(&response);
    ir_request_release(&request);
    return rc;
}

static int call_logs(struct sim_run *run, struct ir_error *err)
{
    const struct ir_log_event events[] = {{run->world.server_unix_ms, "first"},
                                          {run->world.server_unix_ms, SIM_PROMPT}};
    size_t count = 1 + run->variant % 2;
    size_t rejected = 0;
    struct ir_http_response response;
    struct ir_request request;
    int rc = ir_logs_put_events("/imgrecog", "run", events, count, &request, err);
    if (rc != 0)
        return rc;
    ir_http_response_init(&response);
    rc = send(run, &request, &response, err);
    if (rc == 0)
        rc = ir_logs_read_put(ir_buf_text(&response.body), response.body.bytes, count, &rejected,
                              err);
    if (rc == 0)
        run->seen[SIM_PUT_LOGS] = run->net.ops[SIM_PUT_LOGS].intact;
    ir_http_response_release(&response);
    ir_request_release(&request);
    return rc;
}

static int start(struct sim_run *run, const char *name, struct ir_error *err)
{
    const struct ir_start_execution_options options = {
        .state_machine_arn = "arn:aws:states:eu-west-1:123456789012:stateMachine:m",
        .name = name,
        .input = "{\"prompt\":\"" SIM_PROMPT "\"}"};
    struct ir_http_response response;
    struct ir_execution execution;
    struct ir_request request;
    memset(&execution, FILL, sizeof execution);
    int rc = ir_start_execution(&options, &request, err);
    if (rc != 0)
        return rc;
    ir_http_response_init(&response);
    rc = send(run, &request, &response, err);
    if (rc == 0)
        rc = ir_execution_read(ir_buf_text(&response.body), response.body.bytes, &execution, err);
    if (rc == 0) {
        const char *run_name = strstr(execution.arn, ":run-");
        run->seen[SIM_START] = run_name != NULL ? number_behind(run_name, ":run-") : 0;
        ir_execution_release(&execution);
    } else if (!is_filled(&execution, sizeof execution)) {
        run->wrong = "the execution is touched though the call failed";
    }
    ir_http_response_release(&response);
    ir_request_release(&request);
    return rc;
}

static int call_start(struct sim_run *run, struct ir_error *err)
{
    return start(run, NULL, err);
}

static int call_start_named(struct sim_run *run, struct ir_error *err)
{
    char name[40];
    snprintf(name, sizeof name, "picture-%u", run->variant);
    return start(run, name, err);
}

static int call_sagemaker(struct sim_run *run, struct ir_error *err)
{
    const struct ir_span span = {run->picture_data, sizeof run->picture_data};
    const struct ir_body body = {{{.spans = &span, .span_count = 1}}, 1};
    const struct ir_invoke_endpoint_options options = {
        .endpoint_name = "classifier", .content_type = "application/x-image", .body = &body};
    double *const untouched = (double *)(void *)run;
    double *numbers = untouched;
    size_t count = 0;
    struct ir_http_response response;
    struct ir_request request;
    int rc = ir_invoke_endpoint_call(&options, &request, err);
    if (rc != 0)
        return rc;
    ir_http_response_init(&response);
    rc = send(run, &request, &response, err);
    if (rc == 0)
        rc = ir_sagemaker_read_probabilities(ir_buf_text(&response.body), response.body.bytes,
                                             &numbers, &count, err);
    if (rc == 0) {
        run->seen[SIM_SAGEMAKER] = count == 3 ? (unsigned)numbers[0] : 0;
        ir_free(numbers);
    } else if (numbers != untouched) {
        run->wrong = "the probabilities are touched though the call failed";
    }
    ir_http_response_release(&response);
    ir_request_release(&request);
    return rc;
}

static int call_identity(struct sim_run *run, struct ir_error *err)
{
    struct ir_sts_identity identity;
    memset(&identity, FILL, sizeof identity);
    int rc = ir_sts_get_caller_identity(&run->client->aws, run->cancel, &identity, err);
    if (rc != 0 && !is_filled(&identity, sizeof identity))
        run->wrong = "the identity is touched though the call failed";
    if (rc == 0)
        run->seen[SIM_IDENTITY] =
            number_behind(identity.arn, "arn:aws:iam::123456789012:user/ann-");
    return rc;
}

const struct sim_scenario sim_scenarios[] = {
    {"labels", "Rekognition", {SIM_LABELS, SIM_TEXT, SIM_FACES}, 3, .call = call_labels},
    {"converse", "Bedrock", {SIM_CONVERSE}, 1, .is_paid = true, .call = call_converse},
    {"converse stream",
     "Bedrock",
     {SIM_CONVERSE_STREAM},
     1,
     .is_paid = true,
     .call = call_converse_stream},
    {"invoke", "Bedrock", {SIM_INVOKE}, 1, .is_paid = true, .call = call_invoke},
    {"invoke stream",
     "Bedrock",
     {SIM_INVOKE_STREAM},
     1,
     .is_paid = true,
     .call = call_invoke_stream},
    {"models", "Bedrock", {SIM_MODELS}, 1, .call = call_models},
    {"lambda", "Lambda", {SIM_LAMBDA}, 1, .is_paid = true, .call = call_lambda},
    {"logs", "CloudWatch Logs", {SIM_PUT_LOGS}, 1, .call = call_logs},
    {"start", "Step Functions", {SIM_START}, 1, .is_paid = true, .call = call_start},
    {"start by name", "Step Functions", {SIM_START}, 1, .is_paid = true, .call = call_start_named},
    {"sagemaker", "SageMaker", {SIM_SAGEMAKER}, 1, .is_paid = true, .call = call_sagemaker},
    {"identity", "STS", {SIM_IDENTITY}, 1, .call = call_identity},
    {"upload",
     "S3",
     {SIM_PUT_OBJECT},
     1,
     .time_limits = 3,
     .proves_itself = true,
     .call = sim_call_upload},
    {"upload in parts",
     "S3",
     {SIM_CREATE_UPLOAD, SIM_UPLOAD_PART, SIM_COMPLETE_UPLOAD},
     3,
     .time_limits = 16,
     .proves_itself = true,
     .call = sim_call_upload_in_parts},
    {"download", "S3", {SIM_GET_OBJECT}, 1, .proves_itself = true, .call = sim_call_download},
};
const size_t sim_scenario_count = sizeof sim_scenarios / sizeof sim_scenarios[0];
