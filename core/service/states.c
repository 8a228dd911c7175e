/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Step Functions. StartSyncExecution has a host of its own: "sync-" before the service's. */
#include "core/service/states.h"

#include <string.h>

#include "core/base/error.h"

#define CONTENT_TYPE "application/x-amz-json-1.0"

static int fail(struct ir_error *err, int code, const char *cause)
{
    ir_fail(err, code, "%s", cause);
    ir_error_set_service(err, ir_service_states.title);
    return code;
}

static int check(const struct ir_start_execution_options *options, struct ir_error *err)
{
    if (options->state_machine_arn == NULL || *options->state_machine_arn == '\0')
        return fail(err, IR_ERR_ARG, "no state machine is named");
    if (options->name != NULL &&
        (*options->name == '\0' || strlen(options->name) > IR_STATES_MAX_NAME_BYTES))
        return fail(err, IR_ERR_ARG, "an execution's name has 1 to 80 characters");
    if (options->input != NULL && strlen(options->input) > IR_STATES_MAX_INPUT_BYTES)
        return fail(err, IR_ERR_TOO_LARGE, "the input has more than 262,144 bytes");
    return 0;
}

int ir_start_execution(const struct ir_start_execution_options *options, struct ir_request *out,
                       struct ir_error *err)
{
    int rc = check(options, err);
    if (rc != 0)
        return rc;
    ir_request_init_json(out, &ir_service_states,
                         options->waits ? "AWSStepFunctions.StartSyncExecution"
                                        : "AWSStepFunctions.StartExecution",
                         CONTENT_TYPE);
    if (options->waits)
        out->aws.host_prefix = "sync-";
    /* With a name a second start is the same one; without, it would be another. */
    out->aws.is_paid = options->waits || options->name == NULL;
    struct ir_json_writer *json = &out->json.json;
    ir_json_begin_object(json);
    ir_json_member_put_string(json, "stateMachineArn", options->state_machine_arn);
    if (options->name != NULL)
        ir_json_member_put_string(json, "name", options->name);
    if (options->input != NULL)
        ir_json_member_put_string(json, "input", options->input);
    ir_json_end_object(json);
    return ir_request_finish(out, NULL, err);
}

int ir_describe_execution(const char *execution_arn, struct ir_request *out, struct ir_error *err)
{
    ir_request_init_json(out, &ir_service_states, "AWSStepFunctions.DescribeExecution",
                         CONTENT_TYPE);
    ir_json_begin_object(&out->json.json);
    ir_json_member_put_string(&out->json.json, "executionArn", execution_arn);
    ir_json_end_object(&out->json.json);
    return ir_request_finish(out, NULL, err);
}

int ir_execution_read(const char *json, size_t bytes, struct ir_execution *out,
                      struct ir_error *err)
{
    struct ir_json_doc *doc = NULL;
    int rc = ir_answer_parse(&ir_service_states, json, bytes, &doc, err);
    if (rc != 0)
        return rc;
    const struct ir_json_value *root = ir_json_root(doc);
    if (!ir_json_is_string(ir_json_get(root, "executionArn"))) {
        ir_json_free(doc);
        return ir_answer_fail(&ir_service_states, "the answer names no execution", err);
    }
    out->doc = doc;
    out->arn = ir_json_member_string(root, "executionArn", "");
    out->name = ir_json_member_string(root, "name", "");
    out->status = ir_json_member_string(root, "status", "");
    out->output = ir_json_member_string(root, "output", NULL);
    out->error = ir_json_member_string(root, "error", "");
    out->cause = ir_json_member_string(root, "cause", "");
    return 0;
}

void ir_execution_release(struct ir_execution *execution)
{
    ir_json_free(execution->doc);
    *execution = (struct ir_execution){.doc = NULL};
}

int ir_execution_check(const struct ir_execution *execution, struct ir_error *err)
{
    static const char *const good[] = {"", "RUNNING", "SUCCEEDED", "PENDING_REDRIVE"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (strcmp(execution->status, good[i]) == 0)
            return 0;
    ir_fail(err, IR_ERR_SERVICE, "the execution ended with %s: %s", execution->status,
            *execution->cause != '\0' ? execution->cause : "no cause was given");
    ir_error_set_service(err, ir_service_states.title);
    ir_error_set_hint(err, "Look at the execution's history in Step Functions.");
    if (err != NULL) {
        err->maybe_served = true;
        ir_text_copy(err->aws_code, sizeof err->aws_code, execution->error);
    }
    return IR_ERR_SERVICE;
}
