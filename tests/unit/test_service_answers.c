/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Answers that are not what they should be, and answers with HTTP 200 that are no success. What
 * good answers hold is judged by botocore (tests/peers/service_model.py).
 */
#include "tests/unit/unit.h"

#include <math.h>

#include <imgrecog/memory.h>

#include "core/aws/error_shape.h"
#include "core/service/bedrock.h"
#include "core/service/bedrock_claude.h"
#include "core/service/bedrock_image.h"
#include "core/service/cloudwatch_logs.h"
#include "core/service/lambda.h"
#include "core/service/rekognition_checks.h"
#include "core/service/sagemaker_runtime.h"
#include "core/service/states.h"
#include "tests/unit/event_frames.h"

/* Reads the answer and, where that succeeds, judges it; releases everything. */
typedef int (*read_fn)(const char *json, size_t bytes, struct ir_error *err);

struct row {
    const char *name;
    read_fn read;
    const char *json;
    int code;
    const char *words; /* a part of the message; NULL = not looked at */
};

static int converse(const char *json, size_t bytes, struct ir_error *err)
{
    struct ir_model_answer answer;
    ir_model_answer_init(&answer);
    int rc = ir_converse_read(json, bytes, &answer, err);
    if (rc == 0)
        rc = ir_model_answer_check(&answer, err);
    ir_model_answer_release(&answer);
    return rc;
}

static int claude(const char *json, size_t bytes, struct ir_error *err)
{
    struct ir_model_answer answer;
    ir_model_answer_init(&answer);
    int rc = ir_claude_read(json, bytes, &answer, err);
    if (rc == 0)
        rc = ir_model_answer_check(&answer, err);
    ir_model_answer_release(&answer);
    return rc;
}

static int stability(const char *json, size_t bytes, struct ir_error *err)
{
    struct ir_generated generated;
    int rc = ir_stability_read(json, bytes, &generated, err);
    if (rc == 0)
        ir_generated_release(&generated);
    return rc;
}

static int sdxl(const char *json, size_t bytes, struct ir_error *err)
{
    struct ir_generated generated;
    int rc = ir_sdxl_read(json, bytes, &generated, err);
    if (rc == 0)
        ir_generated_release(&generated);
    return rc;
}

static int models(const char *json, size_t bytes, struct ir_error *err)
{
    struct ir_models list;
    int rc = ir_bedrock_read_models(json, bytes, &list, err);
    if (rc == 0)
        ir_models_release(&list);
    return rc;
}

static int profiles(const char *json, size_t bytes, struct ir_error *err)
{
    struct ir_profiles list;
    int rc = ir_bedrock_read_profiles(json, bytes, &list, err);
    if (rc == 0)
        ir_profiles_release(&list);
    return rc;
}

static int moderation(const char *json, size_t bytes, struct ir_error *err)
{
    struct ir_moderation read;
    int rc = ir_rekognition_read_moderation(json, bytes, &read, err);
    if (rc == 0)
        ir_moderation_release(&read);
    return rc;
}

static int protection(const char *json, size_t bytes, struct ir_error *err)
{
    struct ir_protection read;
    int rc = ir_rekognition_read_protection(json, bytes, 1, &read, err);
    if (rc == 0)
        ir_protection_release(&read);
    return rc;
}

static int celebrities(const char *json, size_t bytes, struct ir_error *err)
{
    struct ir_celebrities read;
    int rc = ir_rekognition_read_celebrities(json, bytes, 1, &read, err);
    if (rc == 0)
        ir_celebrities_release(&read);
    return rc;
}

static int faces(const char *json, size_t bytes, struct ir_error *err)
{
    struct ir_faces read;
    int rc = ir_rekognition_read_face_details(json, bytes, 1, &read, err);
    if (rc == 0)
        ir_faces_release(&read);
    return rc;
}

static int execution(const char *json, size_t bytes, struct ir_error *err)
{
    struct ir_execution read;
    int rc = ir_execution_read(json, bytes, &read, err);
    if (rc != 0)
        return rc;
    rc = ir_execution_check(&read, err);
    ir_execution_release(&read);
    return rc;
}

static int page(const char *json, size_t bytes, struct ir_error *err)
{
    struct ir_logs_page read;
    int rc = ir_logs_read_filter(json, bytes, &read, err);
    if (rc == 0)
        ir_logs_page_release(&read);
    return rc;
}

static int put(const char *json, size_t bytes, struct ir_error *err)
{
    size_t rejected = 0;
    return ir_logs_read_put(json, bytes, 5, &rejected, err);
}

static int probabilities(const char *json, size_t bytes, struct ir_error *err)
{
    double *numbers = NULL;
    size_t count = 0;
    int rc = ir_sagemaker_read_probabilities(json, bytes, &numbers, &count, err);
    ir_free(numbers);
    return rc;
}

/* What every reader must refuse. */
#define FOREIGN(name_, read_)                                                                      \
    {name_ ": HTML", read_, "<html>", IR_ERR_RESPONSE, NULL},                                      \
        {name_ ": empty", read_, "", IR_ERR_RESPONSE, NULL},                                       \
        {name_ ": another object", read_, "{\"x\":1}", IR_ERR_RESPONSE, NULL},                     \
    {                                                                                              \
        name_ ": a number", read_, "7", IR_ERR_RESPONSE, NULL                                      \
    }

#define CONVERSE(reason)                                                                           \
    "{\"output\":{\"message\":{\"content\":[{\"text\":\"a\"}]}},\"stopReason\":\"" reason "\"}"
#define CLAUDE(reason)                                                                             \
    "{\"content\":[{\"type\":\"text\",\"text\":\"a\"}],\"stop_reason\":\"" reason "\"}"

static const struct row rows[] = {
    FOREIGN("Converse", converse),
    {"Converse: end_turn", converse, CONVERSE("end_turn"), 0, NULL},
    {"Converse: stop_sequence", converse, CONVERSE("stop_sequence"), 0, NULL},
    {"Converse: max_tokens", converse, CONVERSE("max_tokens"), IR_ERR_SERVICE, "cut off"},
    {"Converse: guardrail", converse, CONVERSE("guardrail_intervened"), IR_ERR_SERVICE, "withheld"},
    {"Converse: malformed", converse, CONVERSE("malformed_model_output"), IR_ERR_SERVICE, "form"},
    {"Converse: context", converse, CONVERSE("model_context_window_exceeded"), IR_ERR_SERVICE,
     "too long"},
    {"Converse: unknown reason", converse, CONVERSE("tired"), IR_ERR_SERVICE, "tired"},
    {"Converse: no reason", converse, "{\"output\":{\"message\":{\"content\":[]}}}",
     IR_ERR_RESPONSE, "no message"},
    FOREIGN("Claude", claude),
    {"Claude: end_turn", claude, CLAUDE("end_turn"), 0, NULL},
    {"Claude: refusal", claude, CLAUDE("refusal"), IR_ERR_SERVICE, "declined"},
    {"Claude: pause_turn", claude, CLAUDE("pause_turn"), IR_ERR_SERVICE, "paused"},
    {"Claude: max_tokens", claude, CLAUDE("max_tokens"), IR_ERR_SERVICE, "cut off"},
    FOREIGN("Stability", stability),
    {"Stability: a picture", stability, "{\"images\":[\"AAEC\"],\"finish_reasons\":[null]}", 0,
     NULL},
    {"Stability: filtered", stability,
     "{\"images\":[],\"finish_reasons\":[\"Filter reason: prompt\"]}", IR_ERR_SERVICE,
     "content filter withheld the picture (Filter reason: prompt)"},
    {"Stability: filtered, with a picture", stability,
     "{\"images\":[\"AAEC\"],\"finish_reasons\":[\"Filter reason: output image\"]}", IR_ERR_SERVICE,
     "withheld"},
    {"Stability: failed", stability, "{\"images\":[],\"finish_reasons\":[\"Inference error\"]}",
     IR_ERR_SERVICE, "made no picture"},
    {"Stability: no base64", stability, "{\"images\":[\"A!\"],\"finish_reasons\":[null]}",
     IR_ERR_RESPONSE, "base64"},
    {"Stability: an empty picture", stability, "{\"images\":[\"\"],\"finish_reasons\":[null]}",
     IR_ERR_RESPONSE, "base64"},
    {"Stability: one of two withheld", stability,
     "{\"images\":[\"AAEC\",\"\"],\"finish_reasons\":[null,\"Inference error\"]}", 0, NULL},
    {"Stability: eleven pictures", stability,
     "{\"images\":[\"AAEC\",\"AAEC\",\"AAEC\",\"AAEC\",\"AAEC\",\"AAEC\",\"AAEC\",\"AAEC\","
     "\"AAEC\",\"AAEC\",\"AAEC\"]}",
     IR_ERR_RESPONSE, "more pictures"},
    FOREIGN("SDXL", sdxl),
    {"SDXL: a picture", sdxl,
     "{\"artifacts\":[{\"base64\":\"AAEC\",\"finishReason\":\"SUCCESS\"}]}", 0, NULL},
    {"SDXL: filtered", sdxl,
     "{\"artifacts\":[{\"base64\":\"AAEC\",\"finishReason\":\"CONTENT_FILTERED\"}]}",
     IR_ERR_SERVICE, "content filter"},
    {"SDXL: failed", sdxl, "{\"artifacts\":[{\"finishReason\":\"ERROR\"}]}", IR_ERR_SERVICE,
     "ERROR"},
    {"SDXL: no reason", sdxl, "{\"artifacts\":[{\"base64\":\"AAEC\"}]}", IR_ERR_SERVICE,
     "no reason"},
    FOREIGN("models", models),
    {"models: none", models, "{\"modelSummaries\":[]}", 0, NULL},
    FOREIGN("profiles", profiles),
    FOREIGN("moderation", moderation),
    {"moderation: nothing found", moderation, "{\"ModerationLabels\":[]}", 0, NULL},
    {"moderation: types that are no list", moderation,
     "{\"ModerationLabels\":[],\"ContentTypes\":{}}", IR_ERR_RESPONSE, "list"},
    FOREIGN("equipment", protection),
    {"equipment: nobody", protection, "{\"Persons\":[]}", 0, NULL},
    FOREIGN("celebrities", celebrities),
    FOREIGN("faces", faces),
    FOREIGN("execution", execution),
    {"execution: started", execution, "{\"executionArn\":\"a\",\"startDate\":1}", 0, NULL},
    {"execution: running", execution, "{\"executionArn\":\"a\",\"status\":\"RUNNING\"}", 0, NULL},
    {"execution: failed", execution,
     "{\"executionArn\":\"a\",\"status\":\"FAILED\",\"cause\":\"c\"}", IR_ERR_SERVICE,
     "ended with FAILED: c"},
    {"execution: timed out", execution, "{\"executionArn\":\"a\",\"status\":\"TIMED_OUT\"}",
     IR_ERR_SERVICE, "TIMED_OUT: no cause"},
    {"execution: aborted", execution, "{\"executionArn\":\"a\",\"status\":\"ABORTED\"}",
     IR_ERR_SERVICE, "ABORTED"},
    FOREIGN("log events", page),
    {"put: all taken", put, "{}", 0, NULL},
    {"put: HTML", put, "<html>", IR_ERR_RESPONSE, NULL},
    {"put: two too old", put, "{\"rejectedLogEventsInfo\":{\"tooOldLogEventEndIndex\":2}}",
     IR_ERR_SERVICE, "2 of 5 log events were not taken: 2 too old or expired, 0 too new"},
    {"put: one too new", put, "{\"rejectedLogEventsInfo\":{\"tooNewLogEventStartIndex\":4}}",
     IR_ERR_SERVICE, "1 of 5 log events were not taken: 0 too old or expired, 1 too new"},
    {"put: old, expired and new", put,
     "{\"rejectedLogEventsInfo\":{\"tooOldLogEventEndIndex\":1,\"expiredLogEventEndIndex\":2,"
     "\"tooNewLogEventStartIndex\":3}}",
     IR_ERR_SERVICE, "4 of 5"},
    {"put: an index past the end", put,
     "{\"rejectedLogEventsInfo\":{\"expiredLogEventEndIndex\":99}}", IR_ERR_SERVICE, "5 of 5"},
    {"put: nothing rejected after all", put,
     "{\"rejectedLogEventsInfo\":{\"tooOldLogEventEndIndex\":0,\"tooNewLogEventStartIndex\":5}}", 0,
     NULL},
    FOREIGN("probabilities", probabilities),
    {"probabilities: a list", probabilities, "[0.25,0.75]", 0, NULL},
    {"probabilities: jsonlines", probabilities, "{\"prediction\":[1]}", 0, NULL},
    {"probabilities: a batch of one", probabilities, "[[0.25,0.75]]", 0, NULL},
    {"probabilities: predictions", probabilities, "{\"predictions\":[[1]]}", 0, NULL},
    {"probabilities: scores", probabilities, "[{\"scores\":[1]}]", 0, NULL},
    {"probabilities: a batch of two", probabilities, "[[1],[1]]", IR_ERR_RESPONSE, "list"},
    {"probabilities: none", probabilities, "[]", IR_ERR_RESPONSE, "list of probabilities"},
    {"probabilities: a text", probabilities, "[0.25,\"x\"]", IR_ERR_RESPONSE, "list"},
};

static void test_answer(void **state)
{
    const struct row *row = *state;
    struct ir_error err = {0};
    assert_int_equal(row->read(row->json, strlen(row->json), &err), row->code);
    assert_int_equal(err.code, row->code);
    if (row->words != NULL && strstr(err.message, row->words) == NULL)
        fail_msg("the message does not say \"%s\": %s", row->words, err.message);
    if (row->code != 0)
        assert_true(err.service[0] != '\0');
    assert_int_equal(row->read(row->json, strlen(row->json), NULL), row->code);
}

/* Over the limit of a list: refused, not cut in silence. */
static void test_flood(void **state)
{
    (void)state;
    static char text[64U << 10];
    struct ir_error err = {0};
    char *at = stpcpy(text, "{\"ModerationLabels\":[");
    for (unsigned i = 0; i <= IR_CHECK_MAX_ITEMS; i++)
        at = stpcpy(at, i > 0 ? ",{}" : "{}");
    (void)stpcpy(at, "]}");
    assert_int_equal(moderation(text, strlen(text), &err), IR_ERR_RESPONSE);
}

/* ---- errors with a code ------------------------------------------------------------------ */

struct code_row {
    const char *name;
    const char *aws_code, *message;
    int code;
    bool retryable;
    const char *hint; /* a part; "" = none at all */
};

static const struct code_row code_rows[] = {
    {"code: a model that has ended", "ResourceNotFoundException",
     "This model version has reached the end of its life.", IR_ERR_SERVICE, false,
     "imgrecog models"},
    {"code: a model that is marked Legacy", "ResourceNotFoundException",
     "Access denied. This Model is marked by provider as Legacy and", IR_ERR_SERVICE, false,
     "imgrecog models"},
    {"code: something else that is not there", "ResourceNotFoundException",
     "The specified log group does not exist.", IR_ERR_SERVICE, false, "Check the name"},
    {"code: a model that needs a profile", "ValidationException",
     "Invocation with on-demand throughput isn't supported.", IR_ERR_SERVICE, false,
     "inference profile"},
    {"code: another wrong value", "ValidationException", "temperature is deprecated",
     IR_ERR_SERVICE, false, ""},
    {"code: not ready", "ModelNotReadyException", "m", IR_ERR_SERVICE, true, "loaded"},
    {"code: internal", "InternalServerException", "m", IR_ERR_SERVICE, true, "later"},
    {"code: unavailable", "ServiceUnavailableException", "m", IR_ERR_SERVICE, true, "later"},
    {"code: the model took too long", "ModelTimeoutException", "m", IR_ERR_SERVICE, false,
     "too long"},
    {"code: the user's own model", "ModelError", "m", IR_ERR_SERVICE, false, "log"},
    {"code: throttled", "ThrottlingException", "m", IR_ERR_THROTTLED, true, "Wait"},
};

static void test_code(void **state)
{
    const struct code_row *row = *state;
    struct ir_error err = {0};
    assert_int_equal(
        ir_error_from_code(&ir_service_bedrock_runtime, row->aws_code, row->message, &err),
        row->code);
    assert_int_equal(err.retryable, row->retryable);
    if (*row->hint == '\0')
        assert_string_equal(err.hint, "");
    else if (strstr(err.hint, row->hint) == NULL)
        fail_msg("the hint does not say \"%s\": %s", row->hint, err.hint);
}

/* ---- Lambda ------------------------------------------------------------------------------ */

static void test_function_error(void **state)
{
    (void)state;
    struct ir_http_response response;
    struct ir_lambda_answer answer;
    struct ir_error err = {0};
    ir_http_response_init(&response);
    ir_http_response_clear(&response, 4096);
    response.status = 200;
    const char line[] = "X-Amz-Function-Error: Unhandled";
    const char log[] = "X-Amz-Log-Result: bG9n/w==";
    const char id[] = "X-Amzn-RequestId: a\xff"
                      "b";
    ir_http_response_add_line(&response, line, sizeof line - 1);
    ir_http_response_add_line(&response, log, sizeof log - 1);
    ir_http_response_add_line(&response, id, sizeof id - 1);
    assert_int_equal(ir_lambda_read(&response, &answer, &err), IR_ERR_SERVICE);
    assert_string_equal(err.message, "the function failed: it gave no reason");
    assert_true(err.maybe_served);
    assert_string_equal(answer.log, "log?");
    assert_string_equal(err.request_id, "a?b");
    ir_buf_append_text(&response.body, "{\"errorType\":\"E\",\"errorMessage\":\"why\"}");
    assert_int_equal(ir_lambda_read(&response, &answer, &err), IR_ERR_SERVICE);
    assert_string_equal(err.message, "the function failed: why");
    assert_string_equal(err.aws_code, "E");
    ir_http_response_release(&response);
}

/* ---- streams ----------------------------------------------------------------------------- */

static void collect(void *context, const char *text, size_t bytes)
{
    ir_buf_append(context, text, bytes);
}

static void test_stream_tells_text(void **state)
{
    (void)state;
    struct ir_buf frames;
    struct ir_buf told;
    struct ir_converse_stream stream;
    ir_buf_init(&frames, FRAME_MAX_BYTES);
    ir_buf_init(&told, 1024);
    frame_event(&frames, "event", "contentBlockDelta", "{\"delta\":{\"text\":\"a\"}}");
    frame_event(&frames, "event", "madeUpLater", "{\"x\":1}");
    frame_event(&frames, "event", "contentBlockDelta", "{\"delta\":{\"text\":\"b\"}}");
    frame_event(&frames, "event", "messageStop", "{\"stopReason\":\"max_tokens\"}");
    ir_converse_stream_init(&stream, collect, &told);
    assert_int_equal(ir_converse_stream_take(&stream, frames.data, frames.bytes), 0);
    assert_int_equal(ir_converse_stream_end(&stream, NULL), 0);
    assert_string_equal(ir_buf_text(&told), "ab");
    assert_string_equal(ir_buf_text(&stream.answer.text), "ab");
    assert_int_equal(stream.answer.input_tokens, -1);
    assert_int_equal(ir_model_answer_check(&stream.answer, NULL), IR_ERR_SERVICE);
    ir_converse_stream_release(&stream);
    ir_buf_release(&frames);
    ir_buf_release(&told);
}

/* A second tool does not run into the first one's input. */
static void test_stream_keeps_first_tool(void **state)
{
    (void)state;
    struct ir_buf frames;
    struct ir_converse_stream stream;
    ir_buf_init(&frames, FRAME_MAX_BYTES);
    for (int block = 1; block <= 2; block++) {
        char text[128];
        snprintf(text, sizeof text,
                 "{\"start\":{\"toolUse\":{\"name\":\"t%d\"}},\"contentBlockIndex\":%d}", block,
                 block);
        frame_event(&frames, "event", "contentBlockStart", text);
        snprintf(text, sizeof text,
                 "{\"delta\":{\"toolUse\":{\"input\":\"%d\"}},\"contentBlockIndex\":%d}", block,
                 block);
        frame_event(&frames, "event", "contentBlockDelta", text);
    }
    ir_converse_stream_init(&stream, NULL, NULL);
    assert_int_equal(ir_converse_stream_take(&stream, frames.data, frames.bytes), 0);
    assert_string_equal(stream.answer.tool_name, "t1");
    assert_string_equal(ir_buf_text(&stream.answer.tool_json), "1");
    assert_int_equal(ir_converse_stream_end(&stream, NULL), IR_ERR_RESPONSE);
    ir_converse_stream_release(&stream);
    ir_buf_release(&frames);
}

struct stream_row {
    const char *name;
    bool claude;
    const char *kind, *type, *payload;
    int code;
    const char *aws_code, *words;
};

static const struct stream_row stream_rows[] = {
    {"stream: an exception", false, "exception", "validationException", "{\"message\":\"bad\"}",
     IR_ERR_SERVICE, "ValidationException", "bad"},
    {"stream: an exception without words", false, "exception", "throttlingException", "{}",
     IR_ERR_THROTTLED, "ThrottlingException", "no reason"},
    {"stream: an exception that is no JSON", true, "exception", "modelTimeoutException", "<html>",
     IR_ERR_SERVICE, "ModelTimeoutException", "no reason"},
    {"stream: an event that is no JSON", false, "event", "messageStart", "{", IR_ERR_RESPONSE, "",
     ""},
    {"stream: a chunk that is no base64", true, "event", "chunk", "{\"bytes\":\"A!\"}",
     IR_ERR_RESPONSE, "", "base64"},
    {"stream: a chunk that holds no JSON", true, "event", "chunk", "{\"bytes\":\"AAEC\"}",
     IR_ERR_RESPONSE, "", ""},
    {"stream: Claude's own error", true, "event", "chunk",
     "{\"bytes\":\"eyJ0eXBlIjoiZXJyb3IiLCJlcnJvciI6eyJ0eXBlIjoib3ZlcmxvYWRlZF9lcnJvciIsIm1lc3NhZ2"
     "UiOiJidXN5In19\"}",
     IR_ERR_SERVICE, "overloaded_error", "busy"},
};

static void test_stream_failure(void **state)
{
    const struct stream_row *row = *state;
    struct ir_buf frames;
    struct ir_converse_stream stream;
    struct ir_error err = {0};
    ir_buf_init(&frames, FRAME_MAX_BYTES);
    frame_event(&frames, row->kind, row->type, row->payload);
    if (row->claude)
        ir_claude_stream_init(&stream, NULL, NULL);
    else
        ir_converse_stream_init(&stream, NULL, NULL);
    assert_int_equal(ir_converse_stream_take(&stream, frames.data, frames.bytes), row->code);
    assert_int_equal(ir_converse_stream_end(&stream, &err), row->code);
    assert_int_equal(err.code, row->code);
    assert_string_equal(err.aws_code, row->aws_code);
    assert_string_equal(err.service, "Bedrock");
    if (strstr(err.message, row->words) == NULL)
        fail_msg("the message does not say \"%s\": %s", row->words, err.message);
    ir_converse_stream_release(&stream);
    ir_buf_release(&frames);
}

/* ---- equipment --------------------------------------------------------------------------- */

static void test_equipment(void **state)
{
    (void)state;
    static const char json[] =
        "{\"Persons\":[{\"Id\":3,\"BodyParts\":[{\"Name\":\"HEAD\",\"EquipmentDetections\":[]},"
        "{\"Name\":\"FACE\",\"EquipmentDetections\":[{\"Type\":\"FACE_COVER\",\"CoversBodyPart\":"
        "{\"Value\":true}},{\"Type\":\"FACE_COVER\"}]}]},{\"Id\":4},{\"Id\":5},{\"Id\":6}],"
        "\"Summary\":{\"PersonsWithRequiredEquipment\":[3],\"PersonsWithoutRequiredEquipment\":[4],"
        "\"PersonsIndeterminate\":[5]}}";
    struct ir_protection read;
    assert_int_equal(ir_rekognition_read_protection(json, strlen(json), 1, &read, NULL), 0);
    assert_int_equal(read.person_count, 4);
    assert_int_equal(read.persons[0].verdict, IR_EQUIPMENT_WORN);
    assert_int_equal(read.persons[1].verdict, IR_EQUIPMENT_MISSING);
    assert_int_equal(read.persons[2].verdict, IR_EQUIPMENT_INDETERMINATE);
    assert_int_equal(read.persons[3].verdict, IR_EQUIPMENT_UNKNOWN);
    assert_int_equal(read.item_count, 3);
    assert_string_equal(read.items[0].part, "HEAD");
    assert_string_equal(read.items[0].type, "");
    assert_true(read.items[1].covers);
    assert_false(read.items[2].covers);
    ir_protection_release(&read);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_answer, rows);
    UNIT_ADD_ROWS(&list, test_code, code_rows);
    UNIT_ADD_ROWS(&list, test_stream_failure, stream_rows);
    unit_add(&list, "a list over its limit", test_flood);
    unit_add(&list, "a function that failed", test_function_error);
    unit_add(&list, "a stream tells its text", test_stream_tells_text);
    unit_add(&list, "a stream keeps the first tool", test_stream_keeps_first_tool);
    unit_add(&list, "equipment by person and part", test_equipment);
    return unit_run(&list, "service-answers");
}
