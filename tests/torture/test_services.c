/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every allocation of the services' builders and readers fails once. */
#include "tests/torture/torture.h"

#include <math.h>

#include <imgrecog/memory.h>

#include "core/service/bedrock.h"
#include "core/service/bedrock_claude.h"
#include "core/service/bedrock_image.h"
#include "core/service/cloudwatch_logs.h"
#include "core/service/rekognition.h"
#include "core/service/rekognition_checks.h"
#include "core/service/sagemaker_runtime.h"
#include "core/service/states.h"
#include "tests/unit/event_frames.h"

static const struct ir_span picture_span = {"picture", 7};
static const struct ir_body_piece picture = {.spans = &picture_span, .span_count = 1};
static struct ir_buf converse_frames;
static struct ir_buf claude_frames;
static struct ir_buf exception_frames;

#define TOOL_JSON "{\"type\":\"object\",\"required\":[\"a\",1,true,null]}"

static struct ir_converse_options chat(void)
{
    static const struct ir_tool tool = {"t", "d", TOOL_JSON, true};
    static const struct ir_content contents[] = {{.picture = &picture, .picture_format = "png"},
                                                 {.text = "what?"}};
    static const struct ir_message message = {.contents = contents, .content_count = 2};
    return (struct ir_converse_options){.messages = &message,
                                        .message_count = 1,
                                        .max_tokens = 5,
                                        .temperature = NAN,
                                        .top_p = 0.5,
                                        .schema_json = "{}",
                                        .tools = &tool,
                                        .tool_count = 1,
                                        .extra_json = "{\"top_k\":5}"};
}

static int run_converse_call(struct ir_error *err)
{
    struct ir_request request;
    const struct ir_converse_options options = chat();
    int rc = ir_converse_call(&options, "model:0", true, &request, err);
    if (rc == 0)
        ir_request_release(&request);
    return rc;
}

static int run_claude_call(struct ir_error *err)
{
    struct ir_json_body body;
    struct ir_request request;
    const struct ir_converse_options options = chat();
    int rc = ir_claude_request(&options, &body, err);
    if (rc != 0)
        return rc;
    rc = ir_invoke_call(&(struct ir_invoke_options){.model_id = "m"}, &body.body, &request, err);
    if (rc == 0)
        ir_request_release(&request);
    ir_json_body_release(&body);
    return rc;
}

static int run_stability_call(struct ir_error *err)
{
    struct ir_json_body body;
    struct ir_stability_options options = IR_STABILITY_OPTIONS_INIT(IR_STABILITY_INPAINT);
    options.prompt = "p";
    options.picture = &picture;
    int rc = ir_stability_request(&options, &body, err);
    if (rc == 0)
        ir_json_body_release(&body);
    return rc;
}

static int run_rekognition_call(struct ir_error *err)
{
    struct ir_request request;
    struct ir_rekognition_options options = IR_REKOGNITION_OPTIONS_INIT;
    options.picture = &picture;
    int rc = ir_rekognition_call(IR_REKOGNITION_DETECT_LABELS, &options, &request, err);
    if (rc == 0)
        ir_request_release(&request);
    return rc;
}

static int run_logs_call(struct ir_error *err)
{
    static char message[IR_LOGS_MAX_MESSAGE_BYTES + 2];
    struct ir_request request;
    const struct ir_log_event event = {1, message};
    memset(message, 'x', sizeof message - 1);
    int rc = ir_logs_put_events("g", "s", &event, 1, &request, err);
    if (rc == 0)
        ir_request_release(&request);
    return rc;
}

static int run_list_call(struct ir_error *err)
{
    struct ir_request request;
    int rc = ir_bedrock_list_profiles("APPLICATION", 5, "token", &request, err);
    if (rc == 0)
        ir_request_release(&request);
    return rc;
}

/* ---- answers ----------------------------------------------------------------------------- */

static int run_stream(const struct ir_buf *frames, bool claude, int expected, struct ir_error *err)
{
    struct ir_converse_stream stream;
    if (claude)
        ir_claude_stream_init(&stream, NULL, NULL);
    else
        ir_converse_stream_init(&stream, NULL, NULL);
    int taken = ir_converse_stream_take(&stream, frames->data, frames->bytes);
    int rc = ir_converse_stream_end(&stream, err);
    ir_converse_stream_release(&stream);
    if (taken != 0 && rc == 0)
        return TORTURE_WRONG;
    if (rc != expected || expected == 0)
        return rc;
    ir_error_clear(err);
    return 0;
}

static int run_converse_stream(struct ir_error *err)
{
    return run_stream(&converse_frames, false, 0, err);
}

static int run_claude_stream(struct ir_error *err)
{
    return run_stream(&claude_frames, true, 0, err);
}

/* The exception's own error counts as success here: it must not be lost but to want of memory. */
static int run_exception(struct ir_error *err)
{
    return run_stream(&exception_frames, false, IR_ERR_THROTTLED, err);
}

static int run_converse_answer(struct ir_error *err)
{
    static const char json[] =
        "{\"output\":{\"message\":{\"content\":[{\"text\":\"a\"},{\"toolUse\":"
        "{\"name\":\"t\",\"input\":{\"a\":[1,\"b\"]}}}]}},\"stopReason\":\"x\"}";
    struct ir_model_answer answer;
    ir_model_answer_init(&answer);
    int rc = ir_converse_read(json, strlen(json), &answer, err);
    ir_model_answer_release(&answer);
    return rc;
}

static int run_pictures(struct ir_error *err)
{
    static const char json[] =
        "{\"images\":[\"AAEC\",\"AAEC\"],\"finish_reasons\":[null,null],\"seeds\":[1,2]}";
    struct ir_generated generated = {.count = 77};
    int rc = ir_stability_read(json, strlen(json), &generated, err);
    if (rc != 0)
        return generated.count == 77 ? rc : TORTURE_WRONG;
    ir_generated_release(&generated);
    return 0;
}

static int run_moderation(struct ir_error *err)
{
    static const char json[] = "{\"ModerationLabels\":[{\"Name\":\"a\"}],\"ContentTypes\":[{}]}";
    struct ir_moderation read = {.count = 77};
    int rc = ir_rekognition_read_moderation(json, strlen(json), &read, err);
    if (rc != 0)
        return read.count == 77 ? rc : TORTURE_WRONG;
    ir_moderation_release(&read);
    return 0;
}

static int run_protection(struct ir_error *err)
{
    static const char json[] = "{\"Persons\":[{\"Id\":1,\"BodyParts\":[{\"Name\":\"FACE\"}]}]}";
    struct ir_protection read = {.person_count = 77};
    int rc = ir_rekognition_read_protection(json, strlen(json), 1, &read, err);
    if (rc != 0)
        return read.person_count == 77 ? rc : TORTURE_WRONG;
    ir_protection_release(&read);
    return 0;
}

static int run_celebrities(struct ir_error *err)
{
    static const char json[] = "{\"CelebrityFaces\":[{\"Name\":\"a\"}],\"UnrecognizedFaces\":[{}]}";
    struct ir_celebrities read = {.count = 77};
    int rc = ir_rekognition_read_celebrities(json, strlen(json), 1, &read, err);
    if (rc != 0)
        return read.count == 77 ? rc : TORTURE_WRONG;
    ir_celebrities_release(&read);
    return 0;
}

static int run_faces(struct ir_error *err)
{
    static const char json[] = "{\"FaceDetails\":[{\"Emotions\":[{\"Type\":\"CALM\"}]}]}";
    struct ir_faces read = {.count = 77};
    int rc = ir_rekognition_read_face_details(json, strlen(json), 1, &read, err);
    if (rc != 0)
        return read.count == 77 ? rc : TORTURE_WRONG;
    ir_faces_release(&read);
    return 0;
}

static int run_models(struct ir_error *err)
{
    static const char json[] = "{\"modelSummaries\":[{\"modelId\":\"m\"}]}";
    struct ir_models read = {.count = 77};
    int rc = ir_bedrock_read_models(json, strlen(json), &read, err);
    if (rc != 0)
        return read.count == 77 ? rc : TORTURE_WRONG;
    ir_models_release(&read);
    return 0;
}

static int run_page(struct ir_error *err)
{
    static const char json[] = "{\"events\":[{\"message\":\"m\"}],\"nextToken\":\"t\"}";
    struct ir_logs_page read = {.count = 77};
    int rc = ir_logs_read_filter(json, strlen(json), &read, err);
    if (rc != 0)
        return read.count == 77 ? rc : TORTURE_WRONG;
    ir_logs_page_release(&read);
    return 0;
}

static int run_execution(struct ir_error *err)
{
    static const char json[] = "{\"executionArn\":\"a\",\"status\":\"RUNNING\"}";
    struct ir_execution read = {.name = json};
    int rc = ir_execution_read(json, strlen(json), &read, err);
    if (rc != 0)
        return read.name == json ? rc : TORTURE_WRONG;
    ir_execution_release(&read);
    return 0;
}

static int run_probabilities(struct ir_error *err)
{
    double *numbers = NULL;
    size_t count = 77;
    int rc = ir_sagemaker_read_probabilities("[0.5,0.5]", 9, &numbers, &count, err);
    if (rc != 0)
        return count == 77 && numbers == NULL ? rc : TORTURE_WRONG;
    ir_free(numbers);
    return 0;
}

static const struct torture_scenario scenarios[] = {
    {"Converse: request", run_converse_call, false},
    {"Claude: request", run_claude_call, false},
    {"Stability: request", run_stability_call, false},
    {"Rekognition: request", run_rekognition_call, false},
    {"PutLogEvents: request with a cut event", run_logs_call, false},
    {"ListInferenceProfiles: request", run_list_call, false},
    {"Converse: stream", run_converse_stream, false},
    {"Claude: stream", run_claude_stream, false},
    {"an exception in a stream", run_exception, false},
    {"Converse: answer", run_converse_answer, false},
    {"Stability: answer", run_pictures, false},
    {"moderation: answer", run_moderation, false},
    {"equipment: answer", run_protection, false},
    {"celebrities: answer", run_celebrities, false},
    {"faces: answer", run_faces, false},
    {"models: answer", run_models, false},
    {"log events: answer", run_page, false},
    {"execution: answer", run_execution, false},
    {"probabilities: answer", run_probabilities, false},
};

static void make_frames(void)
{
    ir_buf_init(&converse_frames, FRAME_MAX_BYTES);
    frame_event(&converse_frames, "event", "contentBlockDelta", "{\"delta\":{\"text\":\"a\"}}");
    frame_event(&converse_frames, "event", "messageStop", "{\"stopReason\":\"end_turn\"}");
    ir_buf_init(&claude_frames, FRAME_MAX_BYTES);
    /* {"type":"message_stop"} */
    frame_event(&claude_frames, "event", "chunk",
                "{\"bytes\":\"eyJ0eXBlIjoibWVzc2FnZV9zdG9wIn0=\"}");
    ir_buf_init(&exception_frames, FRAME_MAX_BYTES);
    frame_event(&exception_frames, "exception", "throttlingException", "{\"message\":\"m\"}");
}

int main(void)
{
    static struct unit_list list;
    make_frames();
    UNIT_ADD_ROWS(&list, torture_run, scenarios);
    int failed = unit_run(&list, "torture-services");
    ir_buf_release(&converse_frames);
    ir_buf_release(&claude_frames);
    ir_buf_release(&exception_frames);
    return failed;
}
