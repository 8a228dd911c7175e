/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the services' builders refuse, and the limits of batches. What they send when all is well is
 * judged by botocore (tests/peers/service_model.py).
 */
#include "tests/unit/unit.h"

#include <math.h>

#include "core/service/bedrock.h"
#include "core/service/bedrock_claude.h"
#include "core/service/bedrock_image.h"
#include "core/service/cloudwatch_logs.h"
#include "core/service/execute_api.h"
#include "core/service/lambda.h"
#include "core/service/rekognition.h"
#include "core/service/sagemaker_runtime.h"
#include "core/service/states.h"

static char big[8U << 20];
static const struct ir_span picture_span = {"picture", 7};
static const struct ir_body_piece picture = {.spans = &picture_span, .span_count = 1};

/* One builder with one thing wrong; releases nothing, as nothing may be left. */
struct row {
    const char *name;
    int (*build)(struct ir_error *err);
    int code;
    const char *words; /* a part of the message */
};

/* ---- shared ------------------------------------------------------------------------------ */

static int header_with_line_feed(struct ir_error *err)
{
    struct ir_request request;
    ir_request_init(&request, &ir_service_lambda, "GET", "/");
    ir_request_add_header(&request, "X-Plain", "fine");
    ir_request_add_header(&request, "X-Bad", "a\r\nX-Injected: 1");
    return ir_request_finish(&request, NULL, err);
}

static int too_many_headers(struct ir_error *err)
{
    struct ir_request request;
    ir_request_init(&request, &ir_service_lambda, "GET", "/");
    for (int i = 0; i <= IR_AWS_MAX_EXTRA_HEADERS; i++)
        ir_request_add_header(&request, "X-Many", "1");
    return ir_request_finish(&request, NULL, err);
}

/* ---- Rekognition ------------------------------------------------------------------------- */

static int rekognition(const struct ir_rekognition_options *options, struct ir_error *err)
{
    struct ir_request request;
    return ir_rekognition_call(IR_REKOGNITION_DETECT_LABELS, options, &request, err);
}

static int no_picture(struct ir_error *err)
{
    struct ir_rekognition_options options = IR_REKOGNITION_OPTIONS_INIT;
    options.s3_bucket = "bucket";
    return rekognition(&options, err);
}

static int confidence_101(struct ir_error *err)
{
    struct ir_rekognition_options options = IR_REKOGNITION_OPTIONS_INIT;
    options.picture = &picture;
    options.min_confidence_pct = 100.1;
    return rekognition(&options, err);
}

static int labels_1001(struct ir_error *err)
{
    struct ir_rekognition_options options = IR_REKOGNITION_OPTIONS_INIT;
    options.picture = &picture;
    options.max_labels = 1001;
    return rekognition(&options, err);
}

static int colors_21(struct ir_error *err)
{
    struct ir_rekognition_options options = IR_REKOGNITION_OPTIONS_INIT;
    options.picture = &picture;
    options.max_dominant_colors = 21;
    return rekognition(&options, err);
}

static int names_101(struct ir_error *err)
{
    static const char *names[101];
    struct ir_rekognition_options options = IR_REKOGNITION_OPTIONS_INIT;
    options.picture = &picture;
    options.exclude_categories = (struct ir_name_list){names, 101};
    return rekognition(&options, err);
}

static int equipment_without_confidence(struct ir_error *err)
{
    static const char *const names[] = {"FACE_COVER"};
    struct ir_rekognition_options options = IR_REKOGNITION_OPTIONS_INIT;
    options.picture = &picture;
    options.required_equipment = (struct ir_name_list){names, 1};
    return rekognition(&options, err);
}

/* ---- Bedrock ----------------------------------------------------------------------------- */

static int converse(struct ir_converse_options *options, struct ir_error *err)
{
    struct ir_request request;
    options->temperature = NAN;
    options->top_p = NAN;
    return ir_converse_call(options, "m", false, &request, err);
}

static int guardrail_without_version(struct ir_error *err)
{
    return converse(&(struct ir_converse_options){.guardrail_id = "g"}, err);
}

static int schema_no_json(struct ir_error *err)
{
    static const struct ir_tool tool = {"t", NULL, "{\"type\":", false};
    return converse(&(struct ir_converse_options){.tools = &tool, .tool_count = 1}, err);
}

static int extra_no_json(struct ir_error *err)
{
    return converse(&(struct ir_converse_options){.extra_json = "top_k=5"}, err);
}

static int converse_picture_too_large(struct ir_error *err)
{
    const struct ir_span span = {big, IR_CONVERSE_MAX_PICTURE_BYTES + 1};
    const struct ir_body_piece piece = {.spans = &span, .span_count = 1};
    const struct ir_content content = {.picture = &piece, .picture_format = "png"};
    const struct ir_message message = {.contents = &content, .content_count = 1};
    return converse(&(struct ir_converse_options){.messages = &message, .message_count = 1}, err);
}

static int pictures_21(struct ir_error *err)
{
    struct ir_content contents[21];
    for (size_t i = 0; i < 21; i++)
        contents[i] = (struct ir_content){.picture = &picture, .picture_format = "png"};
    const struct ir_message message = {.contents = contents, .content_count = 21};
    return converse(&(struct ir_converse_options){.messages = &message, .message_count = 1}, err);
}

static int claude(struct ir_converse_options options, struct ir_error *err)
{
    struct ir_json_body body;
    options.temperature = NAN;
    options.top_p = NAN;
    return ir_claude_request(&options, &body, err);
}

static int claude_without_tokens(struct ir_error *err)
{
    return claude((struct ir_converse_options){.system = "s"}, err);
}

static int claude_extra_array(struct ir_error *err)
{
    return claude((struct ir_converse_options){.max_tokens = 1, .extra_json = "[1]"}, err);
}

static int invoke_too_large(struct ir_error *err)
{
    struct ir_request request;
    struct ir_span spans[4] = {{big, sizeof big}, {big, sizeof big}, {big, sizeof big}, {big, 1}};
    const struct ir_body body = {.pieces = {{.spans = spans, .span_count = 4}}, .piece_count = 1};
    return ir_invoke_call(&(struct ir_invoke_options){.model_id = "m"}, &body, &request, err);
}

static int profiles_1001(struct ir_error *err)
{
    struct ir_request request;
    return ir_bedrock_list_profiles(NULL, 1001, NULL, &request, err);
}

static int stability(struct ir_stability_options options, struct ir_error *err)
{
    struct ir_json_body body;
    return ir_stability_request(&options, &body, err);
}

static int stability_without_prompt(struct ir_error *err)
{
    return stability((struct ir_stability_options)IR_STABILITY_OPTIONS_INIT(IR_STABILITY_GENERATE),
                     err);
}

static int stability_not_taken(struct ir_error *err)
{
    struct ir_stability_options options = IR_STABILITY_OPTIONS_INIT(IR_STABILITY_FAST_UPSCALE);
    options.picture = &picture;
    options.prompt = "p";
    return stability(options, err);
}

static int stability_seed(struct ir_error *err)
{
    struct ir_stability_options options = IR_STABILITY_OPTIONS_INIT(IR_STABILITY_GENERATE);
    options.prompt = "p";
    options.seed = 4294967295.0;
    return stability(options, err);
}

static int stability_strength_alone(struct ir_error *err)
{
    struct ir_stability_options options = IR_STABILITY_OPTIONS_INIT(IR_STABILITY_GENERATE);
    options.prompt = "p";
    options.strength = 0.5;
    return stability(options, err);
}

static int outpaint_nowhere(struct ir_error *err)
{
    struct ir_stability_options options = IR_STABILITY_OPTIONS_INIT(IR_STABILITY_OUTPAINT);
    options.picture = &picture;
    options.left_px = 0;
    return stability(options, err);
}

static int sdxl(struct ir_sdxl_options options, struct ir_error *err)
{
    static const struct ir_sdxl_prompt prompt = {"a cat", 1.0};
    struct ir_json_body body;
    if (options.prompts == NULL && options.prompt_count == 1)
        options.prompts = &prompt;
    return ir_sdxl_request(&options, &body, err);
}

static int sdxl_without_prompt(struct ir_error *err)
{
    return sdxl((struct ir_sdxl_options)IR_SDXL_OPTIONS_INIT, err);
}

static int sdxl_size(struct ir_error *err)
{
    struct ir_sdxl_options options = IR_SDXL_OPTIONS_INIT;
    options.prompt_count = 1;
    options.width_px = 1024;
    options.height_px = 1000;
    return sdxl(options, err);
}

static int sdxl_mask_alone(struct ir_error *err)
{
    struct ir_sdxl_options options = IR_SDXL_OPTIONS_INIT;
    options.prompt_count = 1;
    options.picture = &picture;
    options.mask = &picture;
    return sdxl(options, err);
}

/* ---- the others -------------------------------------------------------------------------- */

static struct ir_body body_of(const struct ir_span *span)
{
    return (struct ir_body){.pieces = {{.spans = span, .span_count = 1}}, .piece_count = 1};
}

static int endpoint_too_large(struct ir_error *err)
{
    struct ir_request request;
    const struct ir_span span = {big, IR_SAGEMAKER_MAX_BODY_BYTES + 1};
    const struct ir_body body = body_of(&span);
    return ir_invoke_endpoint_call(
        &(struct ir_invoke_endpoint_options){.endpoint_name = "e", .body = &body}, &request, err);
}

static int endpoint_without_name(struct ir_error *err)
{
    struct ir_request request;
    const struct ir_body body = body_of(&picture_span);
    return ir_invoke_endpoint_call(&(struct ir_invoke_endpoint_options){.body = &body}, &request,
                                   err);
}

static int event_too_large(struct ir_error *err)
{
    struct ir_request request;
    const struct ir_span span = {big, IR_LAMBDA_MAX_EVENT_BYTES + 1};
    const struct ir_body body = body_of(&span);
    const struct ir_lambda_options options = {
        .function = "f", .invocation = IR_LAMBDA_EVENT, .payload = &body};
    return ir_lambda_call(&options, &request, err);
}

static int group_with_space(struct ir_error *err)
{
    struct ir_request request;
    return ir_logs_create_group("a b", &request, err);
}

static int stream_with_colon(struct ir_error *err)
{
    struct ir_request request;
    return ir_logs_create_stream("a", "b:c", &request, err);
}

static int put(const struct ir_log_event *events, size_t count, struct ir_error *err)
{
    struct ir_request request;
    return ir_logs_put_events("g", "s", events, count, &request, err);
}

static int event_empty(struct ir_error *err)
{
    return put(&(struct ir_log_event){1, ""}, 1, err);
}

static int events_unsorted(struct ir_error *err)
{
    static const struct ir_log_event events[] = {{2, "a"}, {1, "b"}};
    return put(events, 2, err);
}

static int events_two_days(struct ir_error *err)
{
    static const struct ir_log_event events[] = {{0, "a"}, {IR_LOGS_MAX_BATCH_SPAN_MS + 1, "b"}};
    return put(events, 2, err);
}

static int events_none(struct ir_error *err)
{
    return put(NULL, 0, err);
}

static int execution_name(struct ir_error *err)
{
    struct ir_request request;
    char name[IR_STATES_MAX_NAME_BYTES + 2];
    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = '\0';
    return ir_start_execution(
        &(struct ir_start_execution_options){.state_machine_arn = "a", .name = name}, &request,
        err);
}

static int execution_input(struct ir_error *err)
{
    struct ir_request request;
    big[IR_STATES_MAX_INPUT_BYTES + 1] = '\0';
    int rc = ir_start_execution(
        &(struct ir_start_execution_options){.state_machine_arn = "a", .input = big}, &request,
        err);
    big[IR_STATES_MAX_INPUT_BYTES + 1] = 'x';
    return rc;
}

static int api(const char *id, const char *method, const char *path, struct ir_error *err)
{
    struct ir_execute_api_request request;
    const struct ir_execute_api_options options = {.api_id = id, .method = method, .path = path};
    return ir_execute_api_begin(&options, &request, err);
}

static int api_other_host(struct ir_error *err)
{
    return api("evil.example/", "GET", "/", err);
}

static int api_method(struct ir_error *err)
{
    return api("abc", "GET / HTTP/1.1\r\nX: ", "/", err);
}

static int api_path(struct ir_error *err)
{
    return api("abc", "GET", "x", err);
}

static const struct row rows[] = {
    {"a header with a line feed", header_with_line_feed, IR_ERR_ARG, "X-Bad"},
    {"more headers than fit", too_many_headers, IR_ERR_ARG, "X-Many"},
    {"Rekognition: neither picture nor object", no_picture, IR_ERR_ARG, "neither"},
    {"Rekognition: confidence over 100", confidence_101, IR_ERR_ARG, "confidence"},
    {"Rekognition: 1,001 labels", labels_1001, IR_ERR_ARG, "1000"},
    {"Rekognition: 21 colours", colors_21, IR_ERR_ARG, "20"},
    {"Rekognition: 101 names", names_101, IR_ERR_ARG, "100 names"},
    {"Rekognition: equipment without a confidence", equipment_without_confidence, IR_ERR_ARG,
     "confidence"},
    {"Converse: guardrail without its version", guardrail_without_version, IR_ERR_ARG, "version"},
    {"Converse: a schema that is no JSON", schema_no_json, IR_ERR_ARG, "schema of a tool"},
    {"Converse: parameters that are no JSON", extra_no_json, IR_ERR_ARG, "own parameters"},
    {"Converse: a picture over the limit", converse_picture_too_large, IR_ERR_TOO_LARGE, "3932160"},
    {"Converse: 21 pictures", pictures_21, IR_ERR_TOO_LARGE, ""},
    {"Claude: no largest number of tokens", claude_without_tokens, IR_ERR_ARG, "tokens"},
    {"Claude: parameters that are no object", claude_extra_array, IR_ERR_ARG, "own parameters"},
    {"InvokeModel: a body over the limit", invoke_too_large, IR_ERR_TOO_LARGE, "25000000"},
    {"ListInferenceProfiles: a page of 1,001", profiles_1001, IR_ERR_ARG, "1000"},
    {"Stability: no prompt", stability_without_prompt, IR_ERR_ARG, "prompt is needed"},
    {"Stability: what the task does not take", stability_not_taken, IR_ERR_ARG,
     "fast-upscale: prompt is not taken"},
    {"Stability: a seed over the range", stability_seed, IR_ERR_ARG, "seed"},
    {"Stability: strength without a picture", stability_strength_alone, IR_ERR_ARG, "strength"},
    {"Stability: outpaint to no side", outpaint_nowhere, IR_ERR_ARG, "over 0"},
    {"SDXL: no prompt", sdxl_without_prompt, IR_ERR_ARG, "prompt"},
    {"SDXL: a size that it has not", sdxl_size, IR_ERR_ARG, "1024 x 1024"},
    {"SDXL: a mask without its source", sdxl_mask_alone, IR_ERR_ARG, "mask_source"},
    {"InvokeEndpoint: a body over the limit", endpoint_too_large, IR_ERR_TOO_LARGE, "6,291,456"},
    {"InvokeEndpoint: no name", endpoint_without_name, IR_ERR_ARG, "no endpoint"},
    {"Invoke: an event over the limit", event_too_large, IR_ERR_TOO_LARGE, "1,048,576"},
    {"Logs: a group with a space", group_with_space, IR_ERR_ARG, "group"},
    {"Logs: a stream with a colon", stream_with_colon, IR_ERR_ARG, "stream"},
    {"Logs: an empty event", event_empty, IR_ERR_ARG, "empty"},
    {"Logs: unsorted events", events_unsorted, IR_ERR_ARG, "sorted"},
    {"Logs: events of two days", events_two_days, IR_ERR_TOO_LARGE, "batch"},
    {"Logs: no events", events_none, IR_ERR_ARG, "no log event"},
    {"StartExecution: a name of 81 characters", execution_name, IR_ERR_ARG, "80"},
    {"StartExecution: an input over the limit", execution_input, IR_ERR_TOO_LARGE, "262,144"},
    {"execute-api: another host as the id", api_other_host, IR_ERR_ARG, "id"},
    {"execute-api: a method that is none", api_method, IR_ERR_ARG, "method"},
    {"execute-api: a path without a slash", api_path, IR_ERR_ARG, "slash"},
};

static void test_refused(void **state)
{
    const struct row *row = *state;
    struct ir_error err = {0};
    assert_int_equal(row->build(&err), row->code);
    assert_int_equal(err.code, row->code);
    if (strstr(err.message, row->words) == NULL)
        fail_msg("the message does not say \"%s\": %s", row->words, err.message);
    bool is_picture = strncmp(row->name, "Stability", 9) == 0 || strncmp(row->name, "SDXL", 4) == 0;
    if (is_picture && err.hint[0] == '\0')
        fail_msg("no next step: %s", err.message);
    assert_int_equal(row->build(NULL), row->code);
}

static void test_range(void **state)
{
    struct ir_stability_options options = IR_STABILITY_OPTIONS_INIT(IR_STABILITY_CREATIVE_UPSCALE);
    struct ir_error err = {0};
    (void)state;
    options.picture = &picture;
    options.prompt = "p";
    options.creativity = 0.05;
    assert_int_equal(stability(options, &err), IR_ERR_ARG);
    assert_string_equal(err.message, "creative-upscale: creativity is out of its range");
    assert_string_equal(err.hint, "Give one from 0.1 to 1.");
    options.creativity = NAN;
    options.seed = 4294967295.0;
    assert_int_equal(stability(options, &err), IR_ERR_ARG);
    assert_string_equal(err.hint, "Give one from 0 to 4294967294.");
}

/* ---- batches of log events --------------------------------------------------------------- */

static void test_batch_count(void **state)
{
    (void)state;
    static struct ir_log_event events[IR_LOGS_MAX_BATCH_EVENTS + 1];
    for (size_t i = 0; i <= IR_LOGS_MAX_BATCH_EVENTS; i++)
        events[i] = (struct ir_log_event){(long long)i, "x"};
    assert_int_equal(ir_logs_batch(events, IR_LOGS_MAX_BATCH_EVENTS + 1), 10000);
    assert_int_equal(ir_logs_batch(events, 10000), 10000);
    assert_int_equal(ir_logs_batch(events, 0), 0);
}

static void test_batch_bytes(void **state)
{
    (void)state;
    /* Two messages that fill a batch to the byte: 2 * (524,262 + 26) = 1,048,576. */
    static char half[524262 + 2];
    memset(half, 'x', sizeof half - 1);
    half[524262] = '\0';
    const struct ir_log_event events[] = {{1, half}, {1, half}, {1, "y"}};
    assert_int_equal(ir_logs_batch(events, 3), 2);
    half[524262] = 'x';
    assert_int_equal(ir_logs_batch(events, 3), 1);
}

static void test_batch_span(void **state)
{
    (void)state;
    const struct ir_log_event events[] = {
        {5, "a"}, {5 + IR_LOGS_MAX_BATCH_SPAN_MS, "b"}, {6 + IR_LOGS_MAX_BATCH_SPAN_MS, "c"}};
    assert_int_equal(ir_logs_batch(events, 3), 2);
}

static void test_sort_is_stable(void **state)
{
    (void)state;
    struct ir_log_event events[] = {{3, "a"}, {1, "b"}, {3, "c"}, {-1, "d"}, {1, "e"}};
    char order[6] = "";
    ir_logs_sort(events, 5);
    for (size_t i = 0; i < 5; i++)
        order[i] = events[i].message[0];
    assert_string_equal(order, "dbeac");
}

/* Cut at a character, told of in words, within the limit to the byte. */
static void test_clipped(void **state)
{
    (void)state;
    struct ir_request request;
    size_t bytes = IR_LOGS_MAX_MESSAGE_BYTES + 2;
    char *message = malloc(bytes + 1);
    assert_non_null(message);
    for (size_t i = 0; i < bytes; i += 2)
        memcpy(message + i, "\xc3\xa9", 2);
    message[bytes] = '\0';
    const struct ir_log_event event = {1, message};
    assert_int_equal(ir_logs_batch(&event, 1), 1);
    assert_int_equal(ir_logs_put_events("g", "s", &event, 1, &request, NULL), 0);
    struct ir_json_doc *doc = NULL;
    assert_int_equal(
        ir_json_parse(ir_buf_text(&request.json.text), request.json.text.bytes, "it", &doc, NULL),
        0);
    const struct ir_json_value *sent = ir_json_at(ir_json_get(ir_json_root(doc), "logEvents"), 0);
    const char *text = ir_json_member_string(sent, "message", "");
    size_t sent_bytes = strlen(text);
    assert_true(sent_bytes <= IR_LOGS_MAX_MESSAGE_BYTES);
    assert_true(sent_bytes >= IR_LOGS_MAX_MESSAGE_BYTES - 1);
    assert_string_equal(text + sent_bytes - strlen("[cut: the message had 1048552 bytes]"),
                        "[cut: the message had 1048552 bytes]");
    assert_null(strstr(text, "\xef\xbf\xbd"));
    ir_json_free(doc);
    ir_request_release(&request);
    free(message);
}

/* A byte that is no text is sent as three. */
static void test_batch_counts_replacements(void **state)
{
    (void)state;
    static char wrong[400000];
    memset(wrong, '\xff', sizeof wrong - 1);
    const struct ir_log_event events[] = {{1, wrong}, {1, "y"}};
    assert_int_equal(ir_logs_batch(events, 2), 1);
}

int main(void)
{
    static struct unit_list list;
    memset(big, 'x', sizeof big);
    UNIT_ADD_ROWS(&list, test_refused, rows);
    unit_add(&list, "a number out of its range is told the range", test_range);
    unit_add(&list, "batch: 10,000 events", test_batch_count);
    unit_add(&list, "batch: 1,048,576 bytes", test_batch_bytes);
    unit_add(&list, "batch: 24 hours", test_batch_span);
    unit_add(&list, "batch: bytes that are no text", test_batch_counts_replacements);
    unit_add(&list, "events are sorted, equal ones stay in order", test_sort_is_stable);
    unit_add(&list, "an event over the limit", test_clipped);
    return unit_run(&list, "service-requests");
}
