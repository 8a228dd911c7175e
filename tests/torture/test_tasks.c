/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Torture over the tasks that ask models and write logs: while the n-th request for memory fails,
 * each task fails with the caller's variable as it was, or gives its whole result (a client can do
 * without the list of places where no credentials were found, and words as they come are only for
 * show). That a paid call was served is said even then.
 */
#include "tests/torture/torture.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <imgrecog/ask.h>
#include <imgrecog/caption.h>
#include <imgrecog/capture.h>
#include <imgrecog/check.h>
#include <imgrecog/fetch.h>
#include <imgrecog/generate.h>
#include <imgrecog/labels.h>
#include <imgrecog/key.h>
#include <imgrecog/log.h>
#include <imgrecog/upload.h>

#include "core/task/client.h"
#include "tests/unit/event_frames.h"
#include "tests/unit/fake_transport.h"
#include "tests/unit/fake_world.h"

#define REKOGNITION(name) .target = "RekognitionService." name
#define SAID(text)                                                                                 \
    "{\"output\":{\"message\":{\"content\":[{\"text\":" text                                       \
    "}]}},\"stopReason\":\"end_turn\",\"usage\":{\"inputTokens\":5,\"outputTokens\":5}}"
#define NINE_WORDS "a b c d e f g h i" /* one more than a title has: that is noted */
#define CAPTION_JSON                                                                               \
    "\"{\\\"caption\\\":\\\"A dog.\\\",\\\"alt_text\\\":\\\"Dog\\\",\\\"title\\\":\\\"" NINE_WORDS \
    "\\\","                                                                                        \
    "\\\"keywords\\\":[\\\"dog\\\",\\\"beach\\\"]}\""
#define VERDICT_JSON "\"{\\\"result\\\":\\\"YES\\\",\\\"reason\\\":\\\"A card.\\\"}\""
#define PNG_BASE64                                                                                 \
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="

/* A PNG's beginning, which is all that the core looks at. */
static const unsigned char picture_data[] = {
    0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0,   0,   0,   13, 'I', 'H', 'D',
    'R',  0,   0,   0,   100,  0,    0,    0,    100, 8,   0,   0,  0,   0,   0,
    0,    0,   0,   0,   0,    0,    0,    'I',  'D', 'A', 'T', 0,  0,   0,   0};

static const struct fake_answer answers[] = {
    {REKOGNITION("DetectLabels"), .body = "{\"Labels\":[{\"Name\":\"Dog\",\"Confidence\":98}]}"},
    {REKOGNITION("DetectFaces"), .body = "{\"FaceDetails\":[{\"Confidence\":99}]}"},
    {REKOGNITION("DetectText"),
     .body = "{\"TextDetections\":[{\"DetectedText\":\"4111 1111 1111 1111\",\"Type\":\"LINE\","
             "\"Id\":0,\"Confidence\":99}]}"},
    {REKOGNITION("DetectModerationLabels"),
     .body = "{\"ModerationLabels\":[{\"Name\":\"Weapons\",\"ParentName\":\"Violence\","
             "\"TaxonomyLevel\":2,\"Confidence\":90}]}"},
    {.target = "Logs_20140328.PutLogEvents", .body = "{}"},
};

/* A client over fakes, and a picture. */
struct stage {
    struct fake_world world;
    struct fake_transport transport;
    struct ir_client *client;
    struct ir_picture *picture;
};

static int stage_open_with(struct stage *stage, const struct ir_client_options *options,
                           const struct fake_answer *model, struct ir_error *err)
{
    memset(stage, 0, sizeof *stage);
    fake_world_init(&stage->world);
    fake_world_setenv(&stage->world, "AWS_REGION", "eu-west-1");
    fake_world_setenv(&stage->world, "AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    fake_world_setenv(&stage->world, "AWS_SECRET_ACCESS_KEY", "hush");
    fake_transport_init(&stage->transport, &stage->world);
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
        fake_transport_add(&stage->transport, answers[i]);
    fake_transport_add(&stage->transport, *model);
    const struct ir_transport transport = fake_transport_get(&stage->transport);
    int rc = ir_client_new_in(options, &stage->world.world, &transport, &stage->client, err);
    if (rc == 0)
        rc = ir_picture_new(picture_data, sizeof picture_data, "a.png", &stage->picture, err);
    return rc;
}

static int stage_open(struct stage *stage, const struct fake_answer *model, struct ir_error *err)
{
    const struct ir_client_options options = IR_CLIENT_OPTIONS_INIT;
    return stage_open_with(stage, &options, model, err);
}

static void stage_close(struct stage *stage)
{
    ir_picture_free(stage->picture);
    ir_client_free(stage->client);
    fake_transport_reset(&stage->transport);
}

/* 0 when the outcome is one of the two that are allowed. */
static int judge(int rc, const struct ir_result *result, const void *wanted)
{
    bool is_right = (rc == 0) == (result != NULL) && (rc != 0 || wanted != NULL);
    return is_right ? rc : TORTURE_WRONG;
}

/* ---- scenarios --------------------------------------------------------------------------- */

static void hear_nothing(void *context, const char *text, size_t bytes)
{
    (void)context;
    (void)text;
    (void)bytes;
}

static int ask_model(const char *model_id, struct ir_error *err)
{
    const struct fake_answer model = {.body = SAID("\"Two dogs.\"")};
    struct ir_ask_options options = IR_ASK_OPTIONS_INIT;
    struct ir_result *result = NULL;
    struct stage stage;
    options.question = "How many?";
    options.model = model_id;
    int rc = stage_open(&stage, &model, err);
    bool is_open = rc == 0;
    if (is_open)
        rc = ir_ask(stage.client, stage.picture, &options, &result, err);
    if (is_open)
        rc = judge(rc, result, result != NULL ? ir_result_get_answer(result) : NULL);
    ir_result_free(result);
    stage_close(&stage);
    return rc;
}

static int run_ask(struct ir_error *err)
{
    return ask_model(NULL, err);
}

/* A name that the buffers on the request's way have to grow for. */
static int run_ask_of_long_name(struct ir_error *err)
{
    char model_id[400];
    memset(model_id, ':', sizeof model_id - 1);
    model_id[sizeof model_id - 1] = '\0';
    return ask_model(model_id, err);
}

static char stream_data[4096];
static size_t stream_bytes;

/* Before the torture: the frames are the test's own. */
static void make_stream(void)
{
    struct ir_buf stream;
    ir_buf_init(&stream, FRAME_MAX_BYTES);
    frame_event(&stream, "event", "contentBlockDelta",
                "{\"contentBlockIndex\":0,\"delta\":{\"text\":" CAPTION_JSON "}}");
    frame_event(&stream, "event", "messageStop", "{\"stopReason\":\"end_turn\"}");
    assert_true(stream.failed == 0 && stream.bytes < sizeof stream_data);
    memcpy(stream_data, stream.data, stream.bytes);
    stream_bytes = stream.bytes;
    ir_buf_release(&stream);
}

static int run_caption(struct ir_error *err)
{
    const struct fake_answer model = {.body = stream_data, .body_bytes = stream_bytes};
    struct ir_caption_options options = IR_CAPTION_OPTIONS_INIT;
    struct ir_result *result = NULL;
    struct stage stage;
    options.from_labels = true;
    options.on_text = hear_nothing;
    int rc = stage_open(&stage, &model, err);
    bool is_open = rc == 0;
    if (is_open)
        rc = ir_caption(stage.client, stage.picture, &options, &result, err);
    if (is_open)
        rc = judge(rc, result, result != NULL ? ir_result_get_caption(result) : NULL);
    ir_result_free(result);
    stage_close(&stage);
    return rc;
}

static int run_check(struct ir_error *err)
{
    const struct fake_answer model = {.body = SAID(VERDICT_JSON)};
    const struct ir_check_options options = IR_CHECK_OPTIONS_INIT;
    struct ir_result *result = NULL;
    const struct ir_check *check = NULL;
    struct stage stage;
    int rc = stage_open(&stage, &model, err);
    if (rc == 0)
        rc = ir_check(stage.client, stage.picture, &options, &result, err);
    if (rc == 0)
        check = ir_result_get_check(result);
    /* A face, a card's number, a moderation label, the model: nothing that was found may be lost on
     * the way. */
    if (rc == 0 && (check->finding_count != 4 || check->not_checked_count != 0))
        rc = TORTURE_WRONG;
    rc = rc == TORTURE_WRONG || result == NULL ? rc : judge(rc, result, check);
    ir_result_free(result);
    stage_close(&stage);
    return rc;
}

/* A label, whole: no note in the document about what memory was lacking for. */
static int run_labels(const struct ir_labels_options *options, const struct fake_answer *more,
                      size_t count, struct ir_error *err)
{
    struct ir_result *result = NULL;
    struct stage stage;
    int rc = stage_open(&stage, &more[0], err);
    bool is_open = rc == 0;
    fake_world_add_file(&stage.world, "/words", "Animal; ko: 동물\n  Cat = kitten; ko: 고양이\n");
    for (size_t i = 1; i < count; i++)
        fake_transport_add(&stage.transport, more[i]);
    if (is_open)
        rc = ir_labels(stage.client, stage.picture, options, &result, err);
    bool is_whole = result != NULL && ir_result_label_count(result) == 1 &&
                    strcmp(ir_result_get_label(result, 0)->name, "고양이") == 0 &&
                    ir_result_get_label(result, 0)->parent_count == 1;
    if (is_open)
        rc = judge(rc, result, is_whole ? result : NULL);
    ir_result_free(result);
    stage_close(&stage);
    return rc;
}

static int run_labels_bedrock(struct ir_error *err)
{
    static const struct fake_answer answers_of[] = {
        {.body = SAID("\"Sure: [{label: kitten, score: 0.9, box: [1, 2, 30, 40]}]\"")}};
    struct ir_labels_options options = IR_LABELS_OPTIONS_INIT;
    options.from = "bedrock";
    options.language = "Korean";
    options.vocabulary = "/words";
    options.exclude_labels = "dog,bird";
    return run_labels(&options, answers_of, 1, err);
}

static int run_labels_lines(struct ir_error *err)
{
    static const struct fake_answer answers_of[] = {
        {.body = SAID("\"- **Kitten**: 90 %\\n  위치: (1, 2), (30, 40)\"")}};
    struct ir_labels_options options = IR_LABELS_OPTIONS_INIT;
    options.from = "bedrock";
    options.language = "Korean";
    options.vocabulary = "/words";
    options.prompt = "?";
    return run_labels(&options, answers_of, 1, err);
}

static int run_labels_sagemaker(struct ir_error *err)
{
    static const struct fake_answer answers_of[] = {{.body = "{\"prediction\":[0.1,0.9]}"}};
    struct ir_labels_options options = IR_LABELS_OPTIONS_INIT;
    options.from = "sagemaker:cats";
    options.language = "Korean";
    options.vocabulary = "/words";
    options.class_names = "dog,cat";
    return run_labels(&options, answers_of, 1, err);
}

static int run_labels_lambda(struct ir_error *err)
{
    static const struct fake_answer answers_of[] = {
        {.body = "{\"statusCode\":200,\"isBase64Encoded\":true,\"body\":\"WyJjYXQiXQ==\"}"}};
    struct ir_labels_options options = IR_LABELS_OPTIONS_INIT;
    options.from = "lambda:look";
    options.language = "Korean";
    options.vocabulary = "/words";
    return run_labels(&options, answers_of, 1, err);
}

/* This machine's recogniser, as far as a connection shows it. */
static struct sockaddr_un embedded = {.sun_family = AF_UNIX};

static int listen_embedded(void)
{
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(embedded.sun_path, sizeof embedded.sun_path, "/tmp/imgrecog-torture-%ld.sock",
             (long)getpid());
    unlink(embedded.sun_path);
    if (listener < 0)
        abort();
    assert_int_equal(bind(listener, (struct sockaddr *)&embedded, sizeof embedded), 0);
    assert_int_equal(listen(listener, SOMAXCONN), 0);
    setenv("IMGRECOG_LOCAL_SOCKET", embedded.sun_path, 1);
    return listener;
}

static int run_precheck(struct ir_error *err)
{
    const struct fake_answer model = {.body = SAID("\"Two dogs.\"")};
    struct ir_client_options options = IR_CLIENT_OPTIONS_INIT;
    struct ir_ask_options ask = IR_ASK_OPTIONS_INIT;
    struct ir_result *result = NULL;
    struct stage stage;
    options.precheck = IR_PRECHECK_WARN;
    ask.question = "How many?";
    int rc = stage_open_with(&stage, &options, &model, err);
    if (rc == 0)
        rc = ir_ask(stage.client, stage.picture, &ask, &result, err);
    /* A face and a card's number: a warning is whole, or there is no answer. */
    const struct ir_check *precheck = result != NULL ? ir_result_get_precheck(result) : NULL;
    bool is_right = rc != 0 ? result == NULL
                            : precheck != NULL && precheck->finding_count == 2 &&
                                  precheck->not_checked_count == 0;
    ir_result_free(result);
    stage_close(&stage);
    return is_right ? rc : TORTURE_WRONG;
}

static int run_generate(struct ir_error *err)
{
    const struct fake_answer model = {
        .body = "{\"seeds\":[42],\"finish_reasons\":[null],\"images\":[\"" PNG_BASE64 "\"]}"};
    struct ir_generate_options options = IR_GENERATE_OPTIONS_INIT;
    struct ir_result *result = NULL;
    struct stage stage;
    options.prompt = "a cat";
    int rc = stage_open(&stage, &model, err);
    bool is_open = rc == 0;
    if (is_open)
        rc = ir_generate(stage.client, &options, &result, err);
    if (is_open)
        rc = judge(rc, result, result != NULL ? ir_result_get_generated(result) : NULL);
    ir_result_free(result);
    stage_close(&stage);
    return rc;
}

static int run_fetch(struct ir_error *err)
{
    static const struct ir_s3_uri uri = {"photos", "a.jpg"};
    const struct fake_answer object = {.header = "ETag: \"x\"\nx-amz-checksum-crc32: y/Q5Jg==\n",
                                       .body = "123456789"};
    const struct ir_fetch_options options = IR_FETCH_OPTIONS_INIT;
    struct stage stage;
    void *data = &stage;
    size_t bytes = 77;
    int rc = stage_open(&stage, &object, err);
    if (rc == 0)
        rc = ir_fetch(stage.client, &uri, &options, &data, &bytes, err);
    bool is_right = rc == 0 ? data != &stage && bytes == 9 : data == &stage && bytes == 77;
    if (data != &stage)
        ir_free(data);
    stage_close(&stage);
    return is_right ? rc : TORTURE_WRONG;
}

static int run_presign(struct ir_error *err)
{
    static const struct ir_s3_uri uri = {"photos", "a.jpg"};
    const struct fake_answer nothing = {.body = ""};
    struct stage stage;
    char *url = NULL;
    int rc = stage_open(&stage, &nothing, err);
    if (rc == 0)
        rc = ir_presign(stage.client, &uri, 60, &url, err);
    bool is_right = (rc == 0) == (url != NULL);
    ir_free(url);
    stage_close(&stage);
    return is_right ? rc : TORTURE_WRONG;
}

static int run_log(struct ir_error *err)
{
    const struct fake_answer model = {.body = SAID("\"Two dogs.\"")};
    struct ir_ask_options ask = IR_ASK_OPTIONS_INIT;
    struct ir_log_options options = IR_LOG_OPTIONS_INIT;
    struct ir_result *result = NULL;
    struct stage stage;
    ask.question = "How many?";
    options.group = "photos";
    int rc = stage_open(&stage, &model, err);
    if (rc == 0)
        rc = ir_ask(stage.client, stage.picture, &ask, &result, err);
    if (rc == 0)
        rc = ir_log_result(stage.client, &options, result, err);
    ir_result_free(result);
    stage_close(&stage);
    return rc;
}

static int run_key(struct ir_error *err)
{
    char key[IR_KEY_BYTES] = "untouched";
    int rc = ir_key_of_data("{sha256:4}", "a.png", picture_data, sizeof picture_data, key, err);
    bool is_right = rc == 0 ? strlen(key) == 4 : strcmp(key, "untouched") == 0;
    return is_right ? rc : TORTURE_WRONG;
}

static int run_capture(struct ir_error *err)
{
    const struct fake_answer model = {.body = SAID("\"Two dogs.\"")};
    const struct ir_capture_options options = {IR_CAPTURE_OPTIONS_VERSION, true};
    struct ir_ask_options ask = IR_ASK_OPTIONS_INIT;
    struct ir_capture capture = {.line = NULL};
    struct ir_result *result = NULL;
    struct stage stage;
    ask.question = "How many?";
    int rc = stage_open(&stage, &model, err);
    if (rc == 0)
        rc = ir_ask(stage.client, stage.picture, &ask, &result, err);
    if (rc == 0)
        rc = ir_capture_new(stage.client, result, stage.picture, &options, &capture, err);
    bool is_right = (rc == 0) == (capture.line != NULL);
    ir_free(capture.line);
    ir_result_free(result);
    stage_close(&stage);
    return is_right ? rc : TORTURE_WRONG;
}

static int run_document(struct ir_error *err)
{
    static const struct ir_upload_result stored = {.uri = "s3://b/k", .etag = "e"};
    const struct fake_answer nothing = {.body = ""};
    struct ir_result *result = NULL;
    struct stage stage;
    int rc = stage_open(&stage, &nothing, err);
    bool is_open = rc == 0;
    if (is_open)
        rc = ir_upload_document(stage.client, "a.png", &stored, &result, err);
    bool is_right = !is_open || (rc == 0) == (result != NULL);
    if (rc == 0)
        rc = ir_upload_note(result, &stored, "https://link", err);
    ir_result_free(result);
    stage_close(&stage);
    return is_right ? rc : TORTURE_WRONG;
}

static int run_plan(struct ir_error *err)
{
    static const struct ir_s3_uri uri = {"b", "k"};
    const struct fake_answer nothing = {.body = ""};
    struct ir_result *result = NULL;
    struct stage stage;
    int rc = stage_open(&stage, &nothing, err);
    bool is_open = rc == 0;
    if (is_open)
        rc = ir_upload_plan(stage.client, "a.png", &uri, &result, err);
    bool is_right = !is_open || (rc == 0) == (result != NULL);
    ir_result_free(result);
    stage_close(&stage);
    return is_right ? rc : TORTURE_WRONG;
}

static const struct torture_scenario scenarios[] = {
    {"a question", run_ask, true},
    {"a question to a model of a long name", run_ask_of_long_name, true},
    {"a caption from labels, as it comes", run_caption, true},
    {"a check", run_check, true},
    {"labels from a model", run_labels_bedrock, true},
    {"labels in lines", run_labels_lines, true},
    {"labels from a classifier", run_labels_sagemaker, true},
    {"labels from a function", run_labels_lambda, true},
    {"a question, and this machine looks first", run_precheck, true},
    {"a picture that is made", run_generate, true},
    {"an object of S3", run_fetch, true},
    {"a link to an object", run_presign, true},
    {"where a file would be stored", run_plan, true},
    {"a result that is logged", run_log, true},
    {"a key from a template", run_key, false},
    {"an answer that is captured", run_capture, true},
    {"the document of an upload", run_document, true},
};

int main(void)
{
    static struct unit_list list;
    make_stream();
    int listener = listen_embedded();
    UNIT_ADD_ROWS(&list, torture_run, scenarios);
    int rc = unit_run(&list, "tasks");
    close(listener);
    unlink(embedded.sun_path);
    return rc;
}
