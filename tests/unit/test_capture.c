/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The capture task: its line, its name, and what it leaves out. */
#include "tests/unit/fake_client.h"

#include <imgrecog/capture.h>

#include "core/base/json.h"
#include "core/result/result.h"

static struct ir_result *make_result(const char *source, const char *model)
{
    struct ir_result *result = ir_result_new();
    const struct ir_label label = {.name = "Dog", .confidence_pct = 97.5};
    assert_non_null(result);
    result->source = "local";
    if (strchr(source, ':') != NULL) /* as the labels task says whose they are */
        assert_int_equal(ir_result_set_text(&result->label_source, source), 0);
    else
        result->source = source;
    result->has_labels = true;
    assert_int_equal(ir_result_add_label(result, &label, NULL), 0);
    if (model != NULL) {
        const struct ir_caption caption = {.text = "A dog."};
        assert_int_equal(ir_result_set_caption(result, &caption), 0);
        assert_int_equal(ir_result_set_text(&result->caption.model, model), 0);
    }
    return result;
}

static const struct name_row {
    const char *name;
    const char *source;
    const char *model;
    const char *folder;
} name_rows[] = {
    {"Rekognition", "rekognition", NULL, "rekognition/AllTraffic/"},
    {"a SageMaker endpoint", "sagemaker:my-classifier", NULL, "my-classifier/AllTraffic/"},
    {"a model", "rekognition", "eu.anthropic.claude-haiku-4-5-20251001-v1:0",
     "eu-anthropic-claude-haiku-4-5-20251001-v1-0/AllTraffic/"},
    {"an ARN", "rekognition", "arn:aws:bedrock:eu-west-1:1:inference-profile/eu.x",
     "eu-x/AllTraffic/"},
    {"a way out", "sagemaker:..", NULL, "--/AllTraffic/"},
    {"a name that is too long",
     "sagemaker:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL,
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/AllTraffic/"},
};

static void test_name(void **state)
{
    const struct name_row *row = *state;
    const struct ir_capture_options options = IR_CAPTURE_OPTIONS_INIT;
    struct ir_capture capture = {.line = NULL};
    struct fixture fixture;
    set_up(&fixture);
    struct ir_result *result = make_result(row->source, row->model);
    assert_int_equal(ir_capture_new(fixture.client, result, NULL, &options, &capture, &fixture.err),
                     0);
    assert_memory_equal(capture.path, row->folder, strlen(row->folder));
    assert_int_equal(strspn(capture.path + strlen(row->folder), "0123456789/"), 16);
    ir_free(capture.line);
    ir_result_free(result);
    tear_down(&fixture);
}

/* The line is JSON, its output the document, its input what is sent and no more. */
static void test_line(void **state)
{
    static unsigned char data[2048];
    struct ir_capture_options options = IR_CAPTURE_OPTIONS_INIT;
    struct fixture fixture;
    (void)state;
    set_up(&fixture);
    struct ir_picture *picture = fake_picture_new(data, 100, 100, 60, 6);
    struct ir_result *result = make_result("rekognition", NULL);
    for (int with_input = 0; with_input < 2; with_input++) {
        struct ir_capture capture = {.line = NULL};
        struct ir_json_doc *doc = NULL;
        options.with_input = with_input == 1;
        assert_int_equal(
            ir_capture_new(fixture.client, result, picture, &options, &capture, &fixture.err), 0);
        assert_int_equal(strlen(capture.line), capture.line_bytes);
        assert_ptr_equal(strchr(capture.line, '\n'), capture.line + capture.line_bytes - 1);
        assert_int_equal(ir_json_parse(capture.line, capture.line_bytes, "it", &doc, NULL), 0);
        const struct ir_json_value *root = ir_json_root(doc);
        const struct ir_json_value *captured = ir_json_get(root, "captureData");
        const struct ir_json_value *input = ir_json_get(captured, "endpointInput");
        const struct ir_json_value *output = ir_json_get(captured, "endpointOutput");
        assert_int_equal(input != NULL, with_input);
        if (input != NULL) {
            assert_string_equal(ir_json_member_string(input, "encoding", ""), "BASE64");
            assert_string_equal(ir_json_member_string(input, "observedContentType", ""),
                                "image/png");
            assert_int_equal(strlen(ir_json_member_string(input, "data", "")),
                             (ir_picture_sent_bytes(picture) + 2) / 3 * 4);
        }
        assert_string_equal(ir_json_member_string(output, "mode", ""), "OUTPUT");
        assert_non_null(strstr(ir_json_member_string(output, "data", ""), "\"name\":\"Dog\""));
        assert_string_equal(ir_json_member_string(root, "eventVersion", ""), "0");
        ir_json_free(doc);
        ir_free(capture.line);
    }
    ir_result_free(result);
    ir_picture_free(picture);
    tear_down(&fixture);
}

static void test_version(void **state)
{
    struct ir_capture_options options = IR_CAPTURE_OPTIONS_INIT;
    struct ir_capture capture = {.line = NULL};
    struct fixture fixture;
    (void)state;
    set_up(&fixture);
    struct ir_result *result = make_result("rekognition", NULL);
    options.version = 2;
    assert_int_equal(ir_capture_new(fixture.client, result, NULL, &options, &capture, &fixture.err),
                     IR_ERR_ARG);
    assert_null(capture.line);
    ir_result_free(result);
    tear_down(&fixture);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_name, name_rows);
    unit_add(&list, "the line, with the picture and without", test_line);
    unit_add(&list, "refused: version", test_version);
    return unit_run(&list, "capture");
}
