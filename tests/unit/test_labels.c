/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The labels task over a transport that answers from a script: what is refused before anything is
 * sent, what is asked for, and that a failure leaves the caller's variables alone.
 */
#include "tests/unit/unit.h"

#include <math.h>

#include <imgrecog/labels.h>

#include "core/aws/embedded.h"
#include "core/result/result.h"
#include "core/task/picture.h"
#include "tests/unit/fake_client.h"

#define LABELS "RekognitionService.DetectLabels"
#define TEXT "RekognitionService.DetectText"
#define FACES "RekognitionService.DetectFaces"

#define LABELS_ANSWER                                                                              \
    {.target = LABELS,                                                                             \
     .body = "{\"Labels\":[{\"Name\":\"Dog\",\"Confidence\":98,\"Instances\":[{\"BoundingBox\":"   \
             "{\"Left\":0.1,\"Top\":0.2,\"Width\":0.3,\"Height\":0.4},\"Confidence\":97}]}],"      \
             "\"LabelModelVersion\":\"3.0\"}"}
#define TEXT_ANSWER                                                                                \
    {.target = TEXT,                                                                               \
     .body = "{\"TextDetections\":[{\"DetectedText\":\"NO\",\"Type\":\"WORD\",\"Id\":0,"           \
             "\"Confidence\":99}],\"TextModelVersion\":\"3.1\"}"}
#define FACES_ANSWER {.target = FACES, .body = "{\"FaceDetails\":[{\"Confidence\":99}]}"}

/* ---- pictures ---------------------------------------------------------------------------- */

#define MAX_PICTURE_BYTES (5242880U + 300U)
#define PICTURE_SHA256                                                                             \
    "460272a359d0424276bb2b83a4300f3c647c8dc99eca76351fa902388aa78c9b" /* of the plain one of      \
                                                                          1,000 bytes, by Python   \
                                                                        */

static unsigned char picture_data[MAX_PICTURE_BYTES];

static struct ir_picture *make_picture(int width_px, int height_px, size_t bytes, int orientation)
{
    struct ir_picture *picture =
        fake_picture_new(picture_data, width_px, height_px, bytes, orientation);
    assert_int_equal(ir_picture_sent_bytes(picture), bytes);
    return picture;
}

/* ---- refused before anything is sent ----------------------------------------------------- */

struct refusal_row {
    const char *name;
    double min_confidence_pct;
    unsigned max_labels;
    unsigned version;
    int width_px;
    int height_px;
    size_t bytes;
    int code; /* 0 = it is sent */
    const char *says;
};

#define GOOD_SIZE 100, 100, 1000

static const struct refusal_row refusal_rows[] = {
    {"option: confidence 0", 0.0, 1, 1, GOOD_SIZE, 0, NULL},
    {"option: confidence 100", 100.0, 1, 1, GOOD_SIZE, 0, NULL},
    {"option: confidence under 0", -0.001, 1, 1, GOOD_SIZE, IR_ERR_ARG, "min-confidence"},
    {"option: confidence over 100", 100.001, 1, 1, GOOD_SIZE, IR_ERR_ARG, "min-confidence"},
    {"option: confidence NaN", NAN, 1, 1, GOOD_SIZE, IR_ERR_ARG, "min-confidence"},
    {"option: confidence infinite", INFINITY, 1, 1, GOOD_SIZE, IR_ERR_ARG, "min-confidence"},
    {"option: no label", 55.0, 0, 1, GOOD_SIZE, IR_ERR_ARG, "max-labels"},
    {"option: 1,000 labels", 55.0, 1000, 1, GOOD_SIZE, 0, NULL},
    {"option: 1,001 labels", 55.0, 1001, 1, GOOD_SIZE, IR_ERR_ARG, "max-labels"},
    {"option: 2^32 - 1 labels", 55.0, 4294967295U, 1, GOOD_SIZE, IR_ERR_ARG, "max-labels"},
    {"option: version 0", 55.0, 1, 0, GOOD_SIZE, IR_ERR_ARG, "version 0"},
    {"option: version 2", 55.0, 1, 2, GOOD_SIZE, IR_ERR_ARG, "version 2"},
    {"picture: 80 x 80", 55.0, 1, 1, 80, 80, 1000, 0, NULL},
    {"picture: 79 wide", 55.0, 1, 1, 79, 80, 1000, IR_ERR_ARG,
     "The picture has 79 x 80 pixels; at least 80 a side are needed"},
    {"picture: 79 high", 55.0, 1, 1, 80, 79, 1000, IR_ERR_ARG, "80 x 79"},
    {"picture: 10,000 x 10,000", 55.0, 1, 1, 10000, 10000, 1000, 0, NULL},
    {"picture: 10,001 wide", 55.0, 1, 1, 10001, 80, 1000, IR_ERR_TOO_LARGE, "10001 x 80"},
    {"picture: 10,001 high", 55.0, 1, 1, 80, 10001, 1000, IR_ERR_TOO_LARGE, "80 x 10001"},
    {"picture: 5,242,880 bytes", 55.0, 1, 1, 100, 100, 5242880, 0, NULL},
    {"picture: 5,242,881 bytes", 55.0, 1, 1, 100, 100, 5242881, IR_ERR_TOO_LARGE, "5242881"},
};

static void test_refusal(void **state)
{
    const struct refusal_row *row = *state;
    struct fixture fixture;
    struct ir_labels_options options = IR_LABELS_OPTIONS_INIT;
    struct ir_result *result = NULL;
    struct ir_picture *picture = make_picture(row->width_px, row->height_px, row->bytes, 1);
    set_up(&fixture);
    fake_transport_add(&fixture.transport, (struct fake_answer)LABELS_ANSWER);
    options.min_confidence_pct = row->min_confidence_pct;
    options.max_labels = row->max_labels;
    options.version = row->version;
    assert_int_equal(ir_labels(fixture.client, picture, &options, &result, &fixture.err),
                     row->code);
    assert_int_equal(fixture.err.code, row->code);
    assert_int_equal(fixture.transport.call_count, row->code == 0 ? 1 : 0);
    if (row->code != 0) {
        assert_null(result);
        if (strstr(fixture.err.message, row->says) == NULL)
            fail_msg("the message does not say \"%s\": %s", row->says, fixture.err.message);
    }
    ir_result_free(result);
    tear_down(&fixture);
    ir_picture_free(picture);
}

/* ---- what is asked for ------------------------------------------------------------------- */

static void test_only_labels(void **state)
{
    (void)state;
    struct fixture fixture;
    struct ir_labels_options options = IR_LABELS_OPTIONS_INIT;
    struct ir_result *result = NULL;
    struct ir_picture *picture = make_picture(200, 100, 1000, 1);
    char *json = NULL;
    set_up(&fixture);
    fake_transport_add(&fixture.transport, (struct fake_answer)LABELS_ANSWER);
    assert_int_equal(ir_labels(fixture.client, picture, &options, &result, &fixture.err), 0);
    assert_int_equal(fixture.transport.call_count, 1);
    assert_int_equal(ir_result_label_count(result), 1);
    assert_int_equal(ir_result_to_json(result, &json, NULL, NULL), 0);
    assert_string_equal(
        json,
        "{\"schema\":\"imgrecog/1\",\"image\":{\"source\":\"a.png\",\"sha256\":"
        "\"" PICTURE_SHA256 "\",\"width\":200,"
        "\"height\":100,\"orientation\":1,\"sent\":{\"bytes\":1000,\"width\":200,\"height\":100,"
        "\"media_type\":\"image/png\",\"via\":\"inline\"}},\"labels\":[{\"name\":\"Dog\","
        "\"confidence\":97,\"label_confidence\":98,\"box\":{\"left\":0.1,\"top\":0.2,\"width\":0.3,"
        "\"height\":0.4},\"parents\":[],\"categories\":[],\"aliases\":[],\"source\":"
        "\"rekognition\"}],\"label_model_version\":\"3.0\",\"usage\":{\"requests\":1,"
        "\"retries\":0,\"cost_usd\":0.001,\"prices_of\":\"2026-11-20\",\"cached\":0},\"endpoint\":"
        "\"aws\",\"errors\":[]}");
    ir_free(json);
    ir_result_free(result);
    tear_down(&fixture);
    ir_picture_free(picture);
}

static void test_everything(void **state)
{
    (void)state;
    struct fixture fixture;
    struct ir_labels_options options = IR_LABELS_OPTIONS_INIT;
    struct ir_result *result = NULL;
    struct ir_picture *picture = make_picture(200, 100, 1000, 1);
    set_up(&fixture);
    fake_transport_add(&fixture.transport,
                       (struct fake_answer){.target = TEXT, .status = 503, .body = "{}"});
    fake_transport_add(&fixture.transport, (struct fake_answer)LABELS_ANSWER);
    fake_transport_add(&fixture.transport, (struct fake_answer)TEXT_ANSWER);
    fake_transport_add(&fixture.transport, (struct fake_answer)FACES_ANSWER);
    options.text = true;
    options.faces = true;
    options.properties = true;
    options.sha256 = false;
    assert_int_equal(ir_labels(fixture.client, picture, &options, &result, &fixture.err), 0);
    assert_int_equal(fixture.transport.call_count, 4);
    assert_string_equal(fake_transport_header(&fixture.transport, 0, "X-Amz-Target"), LABELS);
    assert_string_equal(fake_transport_header(&fixture.transport, 1, "X-Amz-Target"), TEXT);
    assert_string_equal(fake_transport_header(&fixture.transport, 2, "X-Amz-Target"), TEXT);
    assert_string_equal(fake_transport_header(&fixture.transport, 3, "X-Amz-Target"), FACES);
    assert_non_null(memmem(fixture.transport.seen[0].body, fixture.transport.seen[0].body_bytes,
                           "IMAGE_PROPERTIES", 16));
    assert_int_equal(result->usage.requests, 3);
    assert_int_equal(result->usage.retries, 1);
    assert_true(result->has_labels && result->has_text && result->has_faces);
    assert_int_equal(result->text_count, 1);
    assert_int_equal(result->face_count, 1);
    assert_string_equal(result->image.sha256_hex, "");
    ir_result_free(result);
    tear_down(&fixture);
    ir_picture_free(picture);
}

/* What the embedded endpoint did not finish stands in the document, once for each request. */
static void test_not_finished(void **state)
{
    (void)state;
    struct fixture fixture;
    const struct ir_labels_options options = IR_LABELS_OPTIONS_INIT;
    struct fake_answer answer = LABELS_ANSWER;
    struct ir_result *result = NULL;
    struct ir_picture *picture = make_picture(200, 100, 1000, 1);
    set_up(&fixture);
    answer.header = IR_EMBEDDED_NOT_FINISHED_HEADER ": words, faces";
    fake_transport_add(&fixture.transport, answer);
    assert_int_equal(ir_labels(fixture.client, picture, &options, &result, &fixture.err), 0);
    assert_int_equal(result->errors.count, 1);
    assert_string_equal(result->errors.items[0], "not finished in time, so unknown: words, faces");
    ir_result_free(result);
    tear_down(&fixture);
    ir_picture_free(picture);
}

/* The service takes a PNG's pixels as they are stored: its boxes are turned here. */
static void test_png_turned(void **state)
{
    (void)state;
    struct fixture fixture;
    const struct ir_labels_options options = IR_LABELS_OPTIONS_INIT;
    struct ir_result *result = NULL;
    struct ir_picture *picture = make_picture(200, 100, 1000, 6);
    set_up(&fixture);
    fake_transport_add(&fixture.transport, (struct fake_answer)LABELS_ANSWER);
    assert_int_equal(ir_labels(fixture.client, picture, &options, &result, &fixture.err), 0);
    assert_int_equal(ir_result_width_px(result), 100);
    assert_int_equal(ir_result_height_px(result), 200);
    assert_int_equal(result->image.orientation, 6);
    assert_int_equal(result->image.sent_width_px, 200);
    const struct ir_box *box = &ir_result_get_label(result, 0)->box;
    assert_true(fabs(box->left_frac - 0.4) < 1e-9 && fabs(box->top_frac - 0.1) < 1e-9);
    assert_true(fabs(box->width_frac - 0.4) < 1e-9 && fabs(box->height_frac - 0.3) < 1e-9);
    ir_result_free(result);
    tear_down(&fixture);
    ir_picture_free(picture);
}

/* ---- failures ---------------------------------------------------------------------------- */

struct failure_row {
    const char *name;
    struct fake_answer labels;
    struct fake_answer text;
    int code;
    const char *says;
};

static const struct failure_row failure_rows[] = {
    {"failure: refused",
     {.target = LABELS,
      .status = 400,
      .body = "{\"__type\":\"InvalidImageFormatException\",\"message\":\"m\"}"},
     TEXT_ANSWER,
     IR_ERR_SERVICE,
     "InvalidImageFormatException"},
    {"failure: wrong secret",
     {.target = LABELS, .status = 400, .body = "{\"__type\":\"InvalidSignatureException\"}"},
     TEXT_ANSWER,
     IR_ERR_AUTH,
     "AWS_SECRET_ACCESS_KEY"},
    {"failure: throttled for good",
     {.target = LABELS, .status = 400, .body = "{\"__type\":\"ThrottlingException\"}"},
     TEXT_ANSWER,
     IR_ERR_THROTTLED,
     "ThrottlingException"},
    {"failure: HTML with 200",
     {.target = LABELS, .body = "<html>login</html>"},
     TEXT_ANSWER,
     IR_ERR_RESPONSE,
     "proxy"},
    {"failure: cut off",
     {.target = LABELS, .body = "{\"Labels\":[{\"Na"},
     TEXT_ANSWER,
     IR_ERR_RESPONSE,
     "not valid JSON"},
    {"failure: the line", {.target = LABELS, .rc = IR_ERR_NET}, TEXT_ANSWER, IR_ERR_NET, "line"},
    {"failure: the deadline",
     {.target = LABELS, .takes_ms = 100000},
     TEXT_ANSWER,
     IR_ERR_TIMEOUT,
     "time"},
    {"failure: the second request",
     LABELS_ANSWER,
     {.target = TEXT, .status = 400, .body = "{\"__type\":\"AccessDeniedException\"}"},
     IR_ERR_AUTH,
     "AccessDeniedException"},
    {"failure: the second answer",
     LABELS_ANSWER,
     {.target = TEXT, .body = "{}"},
     IR_ERR_RESPONSE,
     "TextDetections"},
};

static void test_failure(void **state)
{
    const struct failure_row *row = *state;
    struct fixture fixture;
    struct ir_labels_options options = IR_LABELS_OPTIONS_INIT;
    struct ir_result *result = NULL;
    struct ir_picture *picture = make_picture(200, 100, 1000, 1);
    char line[2048];
    set_up(&fixture);
    fake_transport_add(&fixture.transport, row->labels);
    fake_transport_add(&fixture.transport, row->text);
    options.text = true;
    assert_int_equal(ir_labels(fixture.client, picture, &options, &result, &fixture.err),
                     row->code);
    assert_null(result);
    assert_int_equal(fixture.err.code, row->code);
    assert_string_equal(fixture.err.service, "Rekognition");
    ir_error_line(&fixture.err, line, sizeof line);
    if (strstr(line, row->says) == NULL)
        fail_msg("the error does not say \"%s\": %s", row->says, line);
    assert_null(strstr(line, "hush"));
    /* The client serves on, and nobody needs to take the error. */
    assert_int_equal(ir_labels(fixture.client, picture, &options, &result, NULL), row->code);
    assert_null(result);
    tear_down(&fixture);
    ir_picture_free(picture);
}

static void test_cancelled(void **state)
{
    (void)state;
    struct fixture fixture;
    struct ir_labels_options options = IR_LABELS_OPTIONS_INIT;
    struct ir_result *result = NULL;
    struct ir_picture *picture = make_picture(200, 100, 1000, 1);
    struct ir_cancel *cancel = ir_cancel_new();
    set_up(&fixture);
    fake_transport_add(&fixture.transport, (struct fake_answer)LABELS_ANSWER);
    options.cancel = cancel;
    ir_cancel_set(cancel);
    assert_int_equal(ir_labels(fixture.client, picture, &options, &result, &fixture.err),
                     IR_ERR_CANCELLED);
    assert_null(result);
    tear_down(&fixture);
    ir_cancel_free(cancel);
    ir_picture_free(picture);
}

/* ---- the client -------------------------------------------------------------------------- */

struct client_row {
    const char *name;
    struct ir_client_options options;
    const char *endpoint_name; /* NULL = an error */
    const char *says;
};

static const struct client_row client_rows[] = {
    {"client: presets", IR_CLIENT_OPTIONS_INIT, "aws", NULL},
    {"client: aws", {1, NULL, NULL, "aws", 0}, "aws", NULL},
    {"client: URL", {1, NULL, NULL, "http://127.0.0.1:5000", 0}, "http://127.0.0.1:5000", NULL},
    {"client: an hour", {1, NULL, NULL, NULL, 3600000}, "aws", NULL},
    {"client: more than an hour", {1, NULL, NULL, NULL, 3600001}, NULL, "time limit"},
    {"client: less than nothing", {1, NULL, NULL, NULL, -1}, NULL, "time limit"},
    {"client: version 0", {0, NULL, NULL, NULL, 0}, NULL, "version 0"},
    {"client: unknown profile", {1, "nowhere", NULL, NULL, 0}, NULL, "\"nowhere\""},
    {"client: bad region", {1, NULL, "a.b", NULL, 0}, NULL, "\"a.b\""},
    {"client: bad endpoint", {1, NULL, NULL, "ftp://x", 0}, NULL, "\"endpoint\""},
};

static void test_client(void **state)
{
    const struct client_row *row = *state;
    struct fake_world world;
    struct fake_transport fake;
    struct ir_client *client = NULL;
    struct ir_error err = {0};
    fake_world_init(&world);
    fake_world_setenv(&world, "AWS_REGION", "eu-west-1");
    fake_transport_init(&fake, &world);
    const struct ir_transport transport = fake_transport_get(&fake);
    int rc = ir_client_new_in(&row->options, &world.world, &transport, &client, &err);
    if (row->endpoint_name != NULL) {
        assert_int_equal(rc, 0);
        assert_string_equal(ir_client_endpoint(client), row->endpoint_name);
        assert_int_equal(fake.releases, 0);
    } else {
        assert_int_equal(rc, IR_ERR_ARG);
        assert_null(client);
        if (strstr(err.message, row->says) == NULL)
            fail_msg("the message does not say \"%s\": %s", row->says, err.message);
    }
    ir_client_free(client);
    assert_int_equal(fake.releases, 1); /* taken over, on failure too */
    assert_int_equal(fake.call_count, 0);
}

static void test_client_names_configured(void **state)
{
    (void)state;
    struct fake_world world;
    struct fake_transport fake;
    struct ir_client *client = NULL;
    const struct ir_client_options options = IR_CLIENT_OPTIONS_INIT;
    fake_world_init(&world);
    fake_world_setenv(&world, "AWS_REGION", "eu-west-1");
    fake_world_setenv(&world, "AWS_ENDPOINT_URL", "http://127.0.0.1:5000");
    fake_transport_init(&fake, &world);
    const struct ir_transport transport = fake_transport_get(&fake);
    assert_int_equal(ir_client_new_in(&options, &world.world, &transport, &client, NULL), 0);
    assert_string_equal(ir_client_endpoint(client), "http://127.0.0.1:5000");
    ir_client_free(client);
    ir_client_free(NULL);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_refusal, refusal_rows);
    unit_add(&list, "only labels", test_only_labels);
    unit_add(&list, "everything", test_everything);
    unit_add(&list, "not finished", test_not_finished);
    unit_add(&list, "a turned PNG", test_png_turned);
    UNIT_ADD_ROWS(&list, test_failure, failure_rows);
    unit_add(&list, "cancelled", test_cancelled);
    UNIT_ADD_ROWS(&list, test_client, client_rows);
    unit_add(&list, "client: names what is configured", test_client_names_configured);
    return unit_run(&list, "labels");
}
