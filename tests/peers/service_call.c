/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calls one operation of a service for judges in other languages:
 *
 *     service_call OPERATION < PARAMETERS
 *
 * The parameters are a JSON object with AWS's own names; bytes are base64 texts. What our readers
 * understood of the answer is printed as JSON with AWS's own names. An error is one line on
 * standard error and exit code 1; a line "aws_code=CODE retryable=0" follows it. With CALL_LOG in
 * the environment, what the client says goes to standard error, too.
 */
#include "tests/peers/service_call.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/base64.h"
#include "core/base/error.h"
#include "core/service/cloudwatch_logs.h"
#include "core/service/execute_api.h"
#include "core/service/iam.h"
#include "core/service/lambda.h"
#include "core/service/sagemaker_runtime.h"
#include "core/service/states.h"

#define MAX_INPUT_BYTES (64U << 20)
#define MAX_EVENTS 20000U

/* ---- parameters -------------------------------------------------------------------------- */

const char *text_of(const struct ir_json_value *object, const char *member)
{
    return ir_json_member_string(object, member, NULL);
}

double number_of(const struct ir_json_value *object, const char *member)
{
    return ir_json_number(ir_json_get(object, member), NAN);
}

bool flag_of(const struct ir_json_value *object, const char *member)
{
    return ir_json_bool(ir_json_get(object, member), false);
}

const char *const *texts_of(struct run *run, const struct ir_json_value *array, size_t *out_count)
{
    const char **first = &run->texts[run->text_count];
    *out_count = ir_json_count(array);
    if (run->text_count + *out_count > MAX_TEXTS)
        abort();
    for (size_t i = 0; i < *out_count; i++)
        run->texts[run->text_count++] = ir_json_string(ir_json_at(array, i), NULL, "");
    return first;
}

const struct ir_body_piece *blob_of(struct run *run, const struct ir_json_value *object,
                                    const char *member, bool as_base64)
{
    size_t bytes = 0;
    size_t at = run->blob_count;
    const char *text = ir_json_string(ir_json_get(object, member), &bytes, NULL);
    if (text == NULL)
        return NULL;
    unsigned char *data = malloc(3 * bytes / 4 + 3);
    if (at == MAX_BLOBS || data == NULL || ir_base64_decode(text, bytes, data, &bytes) != 0)
        abort();
    run->blobs[at] = data;
    run->spans[at] = (struct ir_span){data, bytes};
    run->pieces[at] =
        (struct ir_body_piece){.spans = &run->spans[at], .span_count = 1, .base64 = as_base64};
    run->blob_count++;
    return &run->pieces[at];
}

int send_request(struct run *run, struct ir_request *request, struct ir_error *err)
{
    unsigned retries = 0;
    int rc = ir_aws_call(&run->client->aws, &request->aws, &run->response, &retries, err);
    ir_request_release(request);
    return rc;
}

/* ---- SageMaker, Lambda ------------------------------------------------------------------- */

static struct ir_body body_of(const struct ir_body_piece *piece)
{
    struct ir_body body = {.piece_count = 0};
    if (piece != NULL)
        body.pieces[body.piece_count++] = *piece;
    return body;
}

static int run_endpoint(struct run *run, struct ir_error *err)
{
    struct ir_request request;
    struct ir_invoke_endpoint_answer answer;
    const struct ir_json_value *params = run->params;
    struct ir_body body = body_of(blob_of(run, params, "Body", false));
    const struct ir_invoke_endpoint_options options = {
        .endpoint_name = text_of(params, "EndpointName"),
        .content_type = text_of(params, "ContentType"),
        .accept = text_of(params, "Accept"),
        .custom_attributes = text_of(params, "CustomAttributes"),
        .target_model = text_of(params, "TargetModel"),
        .target_variant = text_of(params, "TargetVariant"),
        .target_container = text_of(params, "TargetContainerHostname"),
        .inference_id = text_of(params, "InferenceId"),
        .inference_component = text_of(params, "InferenceComponentName"),
        .session_id = text_of(params, "SessionId"),
        .enable_explanations = text_of(params, "EnableExplanations"),
        .body = &body,
    };
    int rc = ir_invoke_endpoint_call(&options, &request, err);
    if (rc == 0)
        rc = send_request(run, &request, err);
    if (rc != 0)
        return rc;
    ir_invoke_endpoint_read(&run->response, &answer);
    ir_json_member_put_string(&run->out, "ContentType", answer.content_type);
    ir_json_member_put_string(&run->out, "InvokedProductionVariant", answer.production_variant);
    ir_json_member_put_string(&run->out, "CustomAttributes", answer.custom_attributes);
    ir_json_member_put_string(&run->out, "Body", ir_buf_text(&run->response.body));
    return 0;
}

static int run_lambda(struct run *run, struct ir_error *err)
{
    struct ir_request request;
    struct ir_lambda_answer answer;
    const struct ir_json_value *params = run->params;
    const struct ir_body_piece *payload = blob_of(run, params, "Payload", false);
    struct ir_body body = body_of(payload);
    const char *type = ir_json_member_string(params, "InvocationType", "RequestResponse");
    const struct ir_lambda_options options = {
        .function = text_of(params, "FunctionName"),
        .qualifier = text_of(params, "Qualifier"),
        .invocation = strcmp(type, "Event") == 0    ? IR_LAMBDA_EVENT
                      : strcmp(type, "DryRun") == 0 ? IR_LAMBDA_DRY_RUN
                                                    : IR_LAMBDA_REQUEST_RESPONSE,
        .wants_log = text_of(params, "LogType") != NULL,
        .client_context = text_of(params, "ClientContext"),
        .payload = payload != NULL ? &body : NULL,
    };
    int rc = ir_lambda_call(&options, &request, err);
    if (rc == 0)
        rc = send_request(run, &request, err);
    if (rc == 0)
        rc = ir_lambda_read(&run->response, &answer, err);
    if (rc != 0)
        return rc;
    ir_json_member_put_integer(&run->out, "StatusCode", answer.status);
    ir_json_member_put_string(&run->out, "ExecutedVersion", answer.executed_version);
    ir_json_member_put_string(&run->out, "LogText", answer.log);
    ir_json_member_put_string(&run->out, "Payload", ir_buf_text(&run->response.body));
    return 0;
}

/* ---- CloudWatch Logs --------------------------------------------------------------------- */

static int run_create_group(struct run *run, struct ir_error *err)
{
    struct ir_request request;
    int rc = ir_logs_create_group(text_of(run->params, "logGroupName"), &request, err);
    return rc == 0 ? send_request(run, &request, err) : rc;
}

static int run_create_stream(struct run *run, struct ir_error *err)
{
    struct ir_request request;
    int rc = ir_logs_create_stream(text_of(run->params, "logGroupName"),
                                   text_of(run->params, "logStreamName"), &request, err);
    return rc == 0 ? send_request(run, &request, err) : rc;
}

/* Sorts and puts all events, as many batches as it takes. */
static int put_all(struct run *run, struct ir_log_event *events, size_t count, struct ir_error *err)
{
    size_t batches = 0;
    int rc = 0;
    ir_logs_sort(events, count);
    for (size_t done = 0; rc == 0 && done < count; batches++) {
        struct ir_request request;
        size_t rejected = 0;
        size_t batch = ir_logs_batch(events + done, count - done);
        rc = ir_logs_put_events(text_of(run->params, "logGroupName"),
                                text_of(run->params, "logStreamName"), events + done, batch,
                                &request, err);
        if (rc == 0)
            rc = send_request(run, &request, err);
        if (rc == 0)
            rc = ir_logs_read_put(ir_buf_text(&run->response.body), run->response.body.bytes, batch,
                                  &rejected, err);
        done += batch;
    }
    ir_json_member_put_integer(&run->out, "Batches", (long long)batches);
    return rc;
}

static int run_put_events(struct run *run, struct ir_error *err)
{
    const struct ir_json_value *list = ir_json_get(run->params, "logEvents");
    size_t count = ir_json_count(list);
    struct ir_log_event *events = calloc(count + 1, sizeof *events);
    if (events == NULL || count > MAX_EVENTS)
        abort();
    for (size_t i = 0; i < count; i++) {
        events[i].time_ms = (long long)number_of(ir_json_at(list, i), "timestamp");
        events[i].message = text_of(ir_json_at(list, i), "message");
    }
    int rc = put_all(run, events, count, err);
    free(events);
    return rc;
}

static void put_page(struct run *run, const struct ir_logs_page *page)
{
    ir_json_key(&run->out, "events");
    ir_json_begin_array(&run->out);
    for (size_t i = 0; i < page->count; i++) {
        ir_json_begin_object(&run->out);
        ir_json_member_put_integer(&run->out, "timestamp", page->events[i].time_ms);
        ir_json_member_put_integer(&run->out, "ingestionTime", page->events[i].ingested_ms);
        ir_json_member_put_string(&run->out, "logStreamName", page->events[i].stream);
        ir_json_member_put_string(&run->out, "message", page->events[i].message);
        ir_json_member_put_string(&run->out, "eventId", page->events[i].id);
        ir_json_end_object(&run->out);
    }
    ir_json_end_array(&run->out);
    if (page->next_token != NULL)
        ir_json_member_put_string(&run->out, "nextToken", page->next_token);
}

static int run_filter(struct run *run, struct ir_error *err)
{
    struct ir_request request;
    struct ir_logs_page page;
    const struct ir_json_value *params = run->params;
    const struct ir_logs_filter filter = {
        .group = text_of(params, "logGroupName"),
        .stream_prefix = text_of(params, "logStreamNamePrefix"),
        .pattern = text_of(params, "filterPattern"),
        .start_ms = (long long)ir_json_number(ir_json_get(params, "startTime"), -1),
        .end_ms = (long long)ir_json_number(ir_json_get(params, "endTime"), -1),
        .limit = (unsigned)ir_json_number(ir_json_get(params, "limit"), 0),
        .next_token = text_of(params, "nextToken"),
    };
    int rc = ir_logs_filter_events(&filter, &request, err);
    if (rc == 0)
        rc = send_request(run, &request, err);
    if (rc == 0)
        rc = ir_logs_read_filter(ir_buf_text(&run->response.body), run->response.body.bytes, &page,
                                 err);
    if (rc != 0)
        return rc;
    put_page(run, &page);
    ir_logs_page_release(&page);
    return 0;
}

/* ---- Step Functions ---------------------------------------------------------------------- */

static int read_execution(struct run *run, struct ir_error *err)
{
    struct ir_execution execution;
    int rc = ir_execution_read(ir_buf_text(&run->response.body), run->response.body.bytes,
                               &execution, err);
    if (rc != 0)
        return rc;
    rc = ir_execution_check(&execution, err);
    ir_json_member_put_string(&run->out, "executionArn", execution.arn);
    if (*execution.name != '\0')
        ir_json_member_put_string(&run->out, "name", execution.name);
    if (*execution.status != '\0')
        ir_json_member_put_string(&run->out, "status", execution.status);
    if (execution.output != NULL)
        ir_json_member_put_string(&run->out, "output", execution.output);
    ir_execution_release(&execution);
    return rc;
}

static int start(struct run *run, bool waits, struct ir_error *err)
{
    struct ir_request request;
    const struct ir_start_execution_options options = {
        .state_machine_arn = text_of(run->params, "stateMachineArn"),
        .name = text_of(run->params, "name"),
        .input = text_of(run->params, "input"),
        .waits = waits,
    };
    int rc = ir_start_execution(&options, &request, err);
    if (rc == 0)
        rc = send_request(run, &request, err);
    return rc == 0 ? read_execution(run, err) : rc;
}

static int run_start(struct run *run, struct ir_error *err)
{
    return start(run, false, err);
}

static int run_start_sync(struct run *run, struct ir_error *err)
{
    return start(run, true, err);
}

static int run_describe(struct run *run, struct ir_error *err)
{
    struct ir_request request;
    int rc = ir_describe_execution(text_of(run->params, "executionArn"), &request, err);
    if (rc == 0)
        rc = send_request(run, &request, err);
    return rc == 0 ? read_execution(run, err) : rc;
}

/* ---- IAM --------------------------------------------------------------------------------- */

static int run_get_role(struct run *run, struct ir_error *err)
{
    struct ir_request request;
    char arn[IR_IAM_ARN_BYTES];
    int rc = ir_iam_get_role(text_of(run->params, "RoleName"), &request, err);
    if (rc == 0)
        rc = send_request(run, &request, err);
    if (rc == 0)
        rc = ir_iam_read_role_arn(ir_buf_text(&run->response.body), run->response.body.bytes, arn,
                                  err);
    if (rc == 0)
        ir_json_member_put_string(&run->out, "Arn", arn);
    return rc;
}

static int run_simulate(struct run *run, struct ir_error *err)
{
    static const char *const words[] = {"allowed", "implicitDeny", "explicitDeny"};
    const struct ir_json_value *actions = ir_json_get(run->params, "ActionNames");
    const struct ir_json_value *resources = ir_json_get(run->params, "ResourceArns");
    struct ir_iam_question question = {.principal_arn = text_of(run->params, "PolicySourceArn"),
                                       .action_count = ir_json_count(actions),
                                       .resource_count = ir_json_count(resources)};
    enum ir_iam_decision decisions[IR_IAM_MAX_ACTIONS];
    struct ir_request request;
    if (question.action_count > IR_IAM_MAX_ACTIONS ||
        question.resource_count > IR_IAM_MAX_RESOURCES)
        abort();
    for (size_t i = 0; i < question.action_count; i++)
        question.actions[i] = ir_json_string(ir_json_at(actions, i), NULL, "");
    for (size_t i = 0; i < question.resource_count; i++)
        question.resources[i] = ir_json_string(ir_json_at(resources, i), NULL, "");
    int rc = ir_iam_simulate(&question, &request, err);
    if (rc == 0)
        rc = send_request(run, &request, err);
    if (rc == 0)
        rc = ir_iam_read_decisions(ir_buf_text(&run->response.body), run->response.body.bytes,
                                   &question, decisions, err);
    for (size_t i = 0; rc == 0 && i < question.action_count; i++)
        ir_json_member_put_string(&run->out, question.actions[i], words[decisions[i]]);
    return rc;
}

/* ---- API Gateway ------------------------------------------------------------------------- */

static int run_execute_api(struct run *run, struct ir_error *err)
{
    struct ir_execute_api_request request;
    const struct ir_json_value *params = run->params;
    const struct ir_body_piece *piece = blob_of(run, params, "Body", false);
    struct ir_body body = body_of(piece);
    const struct ir_execute_api_options options = {
        .api_id = text_of(params, "ApiId"),
        .method = text_of(params, "Method"),
        .stage = text_of(params, "Stage"),
        .path = text_of(params, "Path"),
        .content_type = text_of(params, "ContentType"),
        .api_key = text_of(params, "ApiKey"),
        .body = piece != NULL ? &body : NULL,
    };
    int rc = ir_execute_api_begin(&options, &request, err);
    if (rc != 0)
        return rc;
    ir_request_add_query(&request.request, "q", text_of(params, "Query"));
    rc = ir_execute_api_finish(&options, &request, err);
    if (rc == 0)
        rc = send_request(run, &request.request, err);
    if (rc == 0)
        ir_json_member_put_string(&run->out, "Body", ir_buf_text(&run->response.body));
    return rc;
}

/* ---- which one --------------------------------------------------------------------------- */

static const struct {
    const char *name;
    operation_fn run;
} operations[] = {
    {"DetectLabels", run_labels},
    {"DetectText", run_text},
    {"DetectModerationLabels", run_moderation},
    {"DetectFaces", run_faces},
    {"DetectProtectiveEquipment", run_protection},
    {"RecognizeCelebrities", run_celebrities},
    {"Converse", run_converse},
    {"ConverseStream", run_converse_stream},
    {"InvokeModel:claude", run_claude},
    {"InvokeModelWithResponseStream:claude", run_claude_stream},
    {"InvokeModel:stability", run_stability},
    {"InvokeModel:sdxl", run_sdxl},
    {"ListFoundationModels", run_list_models},
    {"GetFoundationModel", run_get_model},
    {"ListInferenceProfiles", run_list_profiles},
    {"InvokeEndpoint", run_endpoint},
    {"GetRole", run_get_role},
    {"SimulatePrincipalPolicy", run_simulate},
    {"Invoke", run_lambda},
    {"CreateLogGroup", run_create_group},
    {"CreateLogStream", run_create_stream},
    {"PutLogEvents", run_put_events},
    {"FilterLogEvents", run_filter},
    {"StartExecution", run_start},
    {"StartSyncExecution", run_start_sync},
    {"DescribeExecution", run_describe},
    {"ExecuteApi", run_execute_api},
};

static operation_fn find_operation(const char *name)
{
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++)
        if (strcmp(name, operations[i].name) == 0)
            return operations[i].run;
    fprintf(stderr, "there is no operation %s\n", name);
    exit(2);
}

static struct ir_json_doc *read_params(void)
{
    static char chunk[65536];
    struct ir_buf text;
    struct ir_json_doc *doc = NULL;
    size_t bytes;
    ir_buf_init(&text, MAX_INPUT_BYTES);
    while ((bytes = fread(chunk, 1, sizeof chunk, stdin)) > 0)
        ir_buf_append(&text, chunk, bytes);
    if (text.failed != 0 || ir_json_parse(ir_buf_text(&text), text.bytes, "it", &doc, NULL) != 0)
        abort();
    ir_buf_release(&text);
    return doc;
}

static int say(const struct ir_error *err)
{
    char line[1600];
    fprintf(stderr, "%s\naws_code=%s retryable=%d\n", ir_error_line(err, line, sizeof line),
            err->aws_code, err->retryable);
    return 1;
}

static void tell(void *context, const char *line)
{
    (void)context;
    fprintf(stderr, "log: %s\n", line);
}

int main(int argc, char **argv)
{
    static struct run run;
    struct ir_client_options options = IR_CLIENT_OPTIONS_INIT;
    struct ir_buf out;
    struct ir_error err;
    operation_fn operation = find_operation(argc > 1 ? argv[1] : "");
    struct ir_json_doc *doc = read_params();
    ir_buf_init(&out, MAX_INPUT_BYTES);
    ir_json_writer_init(&run.out, &out);
    run.params = ir_json_root(doc);
    ir_http_response_init(&run.response);
    ir_error_clear(&err);
    options.log = getenv("CALL_LOG") != NULL ? tell : NULL;
    int rc = ir_client_new(&options, &run.client, &err);
    if (rc == 0) {
        ir_json_begin_object(&run.out);
        rc = operation(&run, &err);
        ir_json_end_object(&run.out);
    }
    int code = rc == 0 ? 0 : say(&err);
    if (rc == 0)
        puts(ir_buf_text(&out));
    for (size_t i = 0; i < run.blob_count; i++)
        free(run.blobs[i]);
    ir_http_response_release(&run.response);
    ir_client_free(run.client);
    ir_buf_release(&out);
    ir_json_free(doc);
    return code;
}
