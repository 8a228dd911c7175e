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

struct task {
    const char *name;
    enum ir_precheck precheck; /* of the client */
    const char *model;         /* what is answered besides `answers`; NULL = nothing */
    /* *out stays NULL where it fails. What else it makes it judges and frees itself. */
    int (*perform)(struct stage *stage, struct ir_result **out, struct ir_error *err);
    bool (*is_whole)(const struct ir_result *result); /* NULL = no result is made */
};

static int stage_open(struct stage *stage, const struct task *task, struct ir_error *err)
{
    struct ir_client_options options = IR_CLIENT_OPTIONS_INIT;
    options.precheck = task->precheck;
    memset(stage, 0, sizeof *stage);
    fake_world_init(&stage->world);
    fake_world_setenv(&stage->world, "AWS_REGION", "eu-west-1");
    fake_world_setenv(&stage->world, "AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    fake_world_setenv(&stage->world, "AWS_SECRET_ACCESS_KEY", "hush");
    fake_transport_init(&stage->transport, &stage->world);
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
        fake_transport_add(&stage->transport, answers[i]);
    if (task->model != NULL)
        fake_transport_add(&stage->transport, (struct fake_answer){.body = task->model});
    const struct ir_transport transport = fake_transport_get(&stage->transport);
    int rc = ir_client_new_in(&options, &stage->world.world, &transport, &stage->client, err);
    if (rc == 0)
        rc = ir_picture_new(picture_data, sizeof picture_data, "a.png", &stage->picture, err);
    return rc;
}

static void stage_close(struct stage *stage)
{
    ir_picture_free(stage->picture);
    ir_client_free(stage->client);
    fake_transport_reset(&stage->transport);
}

/* ---- asking ------------------------------------------------------------------------------ */

static int ask_model(struct stage *stage, const char *model_id, struct ir_result **out,
                     struct ir_error *err)
{
    struct ir_ask_options options = IR_ASK_OPTIONS_INIT;
    options.question = "How many?";
    options.model = model_id;
    return ir_ask(stage->client, stage->picture, &options, out, err);
}

static int ask(struct stage *stage, struct ir_result **out, struct ir_error *err)
{
    return ask_model(stage, NULL, out, err);
}

/* A name that the buffers on the request's way have to grow for. */
static int ask_by_long_name(struct stage *stage, struct ir_result **out, struct ir_error *err)
{
    char model_id[400];
    memset(model_id, ':', sizeof model_id - 1);
    model_id[sizeof model_id - 1] = '\0';
    return ask_model(stage, model_id, out, err);
}

static bool has_answer(const struct ir_result *result)
{
    return ir_result_get_answer(result) != NULL;
}

/* A face and a card's number: a warning is whole, or there is no answer. */
static bool has_warning(const struct ir_result *result)
{
    const struct ir_check *precheck = ir_result_get_precheck(result);
    return precheck != NULL && precheck->finding_count == 2 && precheck->not_checked_count == 0;
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

static void hear_nothing(void *context, const char *text, size_t bytes)
{
    (void)context;
    (void)text;
    (void)bytes;
}

static int caption(struct stage *stage, struct ir_result **out, struct ir_error *err)
{
    struct ir_caption_options options = IR_CAPTION_OPTIONS_INIT;
    options.from_labels = true;
    options.on_text = hear_nothing;
    fake_transport_add(&stage->transport,
                       (struct fake_answer){.body = stream_data, .body_bytes = stream_bytes});
    return ir_caption(stage->client, stage->picture, &options, out, err);
}

static bool has_caption(const struct ir_result *result)
{
    return ir_result_get_caption(result) != NULL;
}

static int check(struct stage *stage, struct ir_result **out, struct ir_error *err)
{
    const struct ir_check_options options = IR_CHECK_OPTIONS_INIT;
    return ir_check(stage->client, stage->picture, &options, out, err);
}

/* A face, a card's number, a moderation label, the model: nothing that was found may be lost on the
 * way. */
static bool has_findings(const struct ir_result *result)
{
    const struct ir_check *found = ir_result_get_check(result);
    return found != NULL && found->finding_count == 4 && found->not_checked_count == 0;
}

static int generate(struct stage *stage, struct ir_result **out, struct ir_error *err)
{
    struct ir_generate_options options = IR_GENERATE_OPTIONS_INIT;
    options.prompt = "a cat";
    return ir_generate(stage->client, &options, out, err);
}

static bool has_picture(const struct ir_result *result)
{
    return ir_result_get_generated(result) != NULL;
}

/* ---- labels ------------------------------------------------------------------------------ */

static int label(struct stage *stage, struct ir_labels_options *options, struct ir_result **out,
                 struct ir_error *err)
{
    fake_world_add_file(&stage->world, "/words", "Animal; ko: 동물\n  Cat = kitten; ko: 고양이\n");
    options->language = "Korean";
    options->vocabulary = "/words";
    return ir_labels(stage->client, stage->picture, options, out, err);
}

static int label_by_model(struct stage *stage, struct ir_result **out, struct ir_error *err)
{
    struct ir_labels_options options = IR_LABELS_OPTIONS_INIT;
    options.from = "bedrock";
    options.exclude_labels = "dog,bird";
    return label(stage, &options, out, err);
}

static int label_in_lines(struct stage *stage, struct ir_result **out, struct ir_error *err)
{
    struct ir_labels_options options = IR_LABELS_OPTIONS_INIT;
    options.from = "bedrock";
    options.prompt = "?";
    return label(stage, &options, out, err);
}

static int label_by_classifier(struct stage *stage, struct ir_result **out, struct ir_error *err)
{
    struct ir_labels_options options = IR_LABELS_OPTIONS_INIT;
    options.from = "sagemaker:cats";
    options.class_names = "dog,cat";
    return label(stage, &options, out, err);
}

static int label_by_function(struct stage *stage, struct ir_result **out, struct ir_error *err)
{
    struct ir_labels_options options = IR_LABELS_OPTIONS_INIT;
    options.from = "lambda:look";
    return label(stage, &options, out, err);
}

/* A label, whole: no note in the document about what memory was lacking for. */
static bool has_label(const struct ir_result *result)
{
    return ir_result_label_count(result) == 1 &&
           strcmp(ir_result_get_label(result, 0)->name, "고양이") == 0 &&
           ir_result_get_label(result, 0)->parent_count == 1;
}

/* ---- S3, and what becomes of a result ---------------------------------------------------- */

static int fetch(struct stage *stage, struct ir_result **out, struct ir_error *err)
{
    static const struct ir_s3_uri uri = {"photos", "a.jpg"};
    const struct ir_fetch_options options = IR_FETCH_OPTIONS_INIT;
    void *data = stage;
    size_t bytes = 77;
    (void)out;
    fake_transport_add(
        &stage->transport,
        (struct fake_answer){.header = "ETag: \"x\"\nx-amz-checksum-crc32: y/Q5Jg==\n",
                             .body = "123456789"});
    int rc = ir_fetch(stage->client, &uri, &options, &data, &bytes, err);
    bool is_right = rc == 0 ? data != stage && bytes == 9 : data == stage && bytes == 77;
    if (data != stage)
        ir_free(data);
    return is_right ? rc : TORTURE_WRONG;
}

static int presign(struct stage *stage, struct ir_result **out, struct ir_error *err)
{
    static const struct ir_s3_uri uri = {"photos", "a.jpg"};
    char *url = NULL;
    (void)out;
    int rc = ir_presign(stage->client, &uri, 60, &url, err);
    bool is_right = (rc == 0) == (url != NULL);
    ir_free(url);
    return is_right ? rc : TORTURE_WRONG;
}

static int plan(struct stage *stage, struct ir_result **out, struct ir_error *err)
{
    static const struct ir_s3_uri uri = {"b", "k"};
    return ir_upload_plan(stage->client, "a.png", &uri, out, err);
}

static bool is_there(const struct ir_result *result)
{
    return result != NULL;
}

static int document(struct stage *stage, struct ir_result **out, struct ir_error *err)
{
    static const struct ir_upload_result stored = {.uri = "s3://b/k", .etag = "e"};
    struct ir_result *result = NULL;
    (void)out;
    int rc = ir_upload_document(stage->client, "a.png", &stored, &result, err);
    bool is_right = (rc == 0) == (result != NULL);
    if (rc == 0)
        rc = ir_upload_note(result, &stored, "https://link", err);
    ir_result_free(result);
    return is_right ? rc : TORTURE_WRONG;
}

static int ask_and_log(struct stage *stage, struct ir_result **out, struct ir_error *err)
{
    struct ir_log_options options = IR_LOG_OPTIONS_INIT;
    struct ir_result *result = NULL;
    (void)out;
    options.group = "photos";
    int rc = ask(stage, &result, err);
    if (rc == 0)
        rc = ir_log_result(stage->client, &options, result, err);
    ir_result_free(result);
    return rc;
}

static int ask_and_capture(struct stage *stage, struct ir_result **out, struct ir_error *err)
{
    const struct ir_capture_options options = {IR_CAPTURE_OPTIONS_VERSION, true};
    struct ir_capture capture = {.line = NULL};
    struct ir_result *result = NULL;
    (void)out;
    int rc = ask(stage, &result, err);
    if (rc == 0)
        rc = ir_capture_new(stage->client, result, stage->picture, &options, &capture, err);
    bool is_right = (rc == 0) == (capture.line != NULL);
    ir_free(capture.line);
    ir_result_free(result);
    return is_right ? rc : TORTURE_WRONG;
}

/* ---- all of them ------------------------------------------------------------------------- */

#define DOGS SAID("\"Two dogs.\"")

static const struct task tasks[] = {
    {"a question", 0, DOGS, ask, has_answer},
    {"a question to a model of a long name", 0, DOGS, ask_by_long_name, has_answer},
    {"a question, and this machine looks first", IR_PRECHECK_WARN, DOGS, ask, has_warning},
    {"a caption from labels, as it comes", 0, NULL, caption, has_caption},
    {"a check", 0, SAID(VERDICT_JSON), check, has_findings},
    {"labels from a model", 0, SAID("\"Sure: [{label: kitten, score: 0.9, box: [1, 2, 30, 40]}]\""),
     label_by_model, has_label},
    {"labels in lines", 0, SAID("\"- **Kitten**: 90 %\\n  위치: (1, 2), (30, 40)\""),
     label_in_lines, has_label},
    {"labels from a classifier", 0, "{\"prediction\":[0.1,0.9]}", label_by_classifier, has_label},
    {"labels from a function", 0,
     "{\"statusCode\":200,\"isBase64Encoded\":true,\"body\":\"WyJjYXQiXQ==\"}", label_by_function,
     has_label},
    {"a picture that is made", 0,
     "{\"seeds\":[42],\"finish_reasons\":[null],\"images\":[\"" PNG_BASE64 "\"]}", generate,
     has_picture},
    {"an object of S3", 0, NULL, fetch, NULL},
    {"a link to an object", 0, NULL, presign, NULL},
    {"where a file would be stored", 0, NULL, plan, is_there},
    {"the document of an upload", 0, NULL, document, NULL},
    {"a result that is logged", 0, DOGS, ask_and_log, NULL},
    {"an answer that is captured", 0, DOGS, ask_and_capture, NULL},
};

static const struct task *at_hand; /* the one that is tortured */

static int run_task(struct ir_error *err)
{
    struct ir_result *result = NULL;
    struct stage stage;
    bool is_right = true;
    int rc = stage_open(&stage, at_hand, err);
    if (rc == 0) {
        rc = at_hand->perform(&stage, &result, err);
        is_right = rc == 0 && at_hand->is_whole != NULL
                       ? result != NULL && at_hand->is_whole(result)
                       : result == NULL;
    }
    ir_result_free(result);
    stage_close(&stage);
    return is_right ? rc : TORTURE_WRONG;
}

static void torture_task(void **state)
{
    at_hand = *state;
    const struct torture_scenario scenario = {at_hand->name, run_task, true};
    torture_run((void *[]){(void *)&scenario});
}

static int run_key(struct ir_error *err)
{
    char key[IR_KEY_BYTES] = "untouched";
    const struct ir_key_data data = {"a.png", picture_data, sizeof picture_data, 0};
    int rc = ir_key_of_data("{sha256:4}", &data, key, err);
    bool is_right = rc == 0 ? strlen(key) == 4 : strcmp(key, "untouched") == 0;
    return is_right ? rc : TORTURE_WRONG;
}

static const struct torture_scenario others[] = {{"a key from a template", run_key, false}};

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

int main(void)
{
    static struct unit_list list;
    make_stream();
    int listener = listen_embedded();
    UNIT_ADD_ROWS(&list, torture_task, tasks);
    UNIT_ADD_ROWS(&list, torture_run, others);
    int rc = unit_run(&list, "tasks");
    close(listener);
    unlink(embedded.sun_path);
    return rc;
}
