/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Torture over the core: a client is made, a picture is looked at for labels, text and faces, and
 * the document is written, while the n-th allocation or the n-th transfer fails, alone and from
 * then on, until nothing is left that could fail. Each run either fails with the right code and
 * leaves the caller's variables alone, or gives the whole document that it gives without a failure
 * (the list of places where no credentials were found is all that may be missing). Leaks are the
 * address sanitizer's to find.
 */
#include "tests/unit/unit.h"

#include <imgrecog/labels.h>

#include "core/base/alloc.h"
#include "core/task/client.h"
#include "core/task/picture.h"
#include "tests/unit/fake_transport.h"
#include "tests/unit/fake_world.h"

#define MAX_RUNS 5000
#define MAX_PASSED_OVER 4
#define PICTURE_BYTES 400

#define LABELS_BODY                                                                                \
    "{\"LabelModelVersion\":\"3.0\",\"Labels\":[{\"Name\":\"Dog\",\"Confidence\":98,\"Parents\":[" \
    "{"                                                                                            \
    "\"Name\":\"Animal\"}],\"Aliases\":[{\"Name\":\"Canine\"}],\"Categories\":[{\"Name\":\"Pets\"" \
    "}],\"Instances\":[{\"BoundingBox\":{\"Left\":0.1,\"Top\":0.2,\"Width\":0.3,\"Height\":0.4},"  \
    "\"Confidence\":97,\"DominantColors\":[{\"Red\":1,\"HexCode\":\"#010000\"}]}]},{\"Name\":"     \
    "\"Outdoors\",\"Confidence\":70}],\"ImageProperties\":{\"Quality\":{\"Brightness\":50},"       \
    "\"DominantColors\":[{\"Red\":2}],\"Foreground\":{\"DominantColors\":[{\"Red\":3}]},"          \
    "\"Background\":{\"DominantColors\":[{\"Red\":4}]}}}"
#define TEXT_BODY                                                                                  \
    "{\"TextModelVersion\":\"3.1\",\"TextDetections\":[{\"DetectedText\":\"NO\",\"Type\":"         \
    "\"LINE\","                                                                                    \
    "\"Id\":0,\"Confidence\":99},{\"DetectedText\":\"NO\",\"Type\":\"WORD\",\"Id\":1,"             \
    "\"ParentId\":0,\"Confidence\":99}]}"
#define FACES_BODY                                                                                 \
    "{\"FaceDetails\":[{\"Confidence\":99,\"Landmarks\":[{\"Type\":\"nose\",\"X\":0.5,\"Y\":0.5}]" \
    "}]}"

static const char config_text[] = "[profile torture]\nregion = eu-west-1\nca_bundle = /etc/ca\n"
                                  "services = mine\n[services mine]\nrekognition =\n"
                                  "  endpoint_url = http://127.0.0.1:5000/prefix\n";
static const char credentials_text[] = "[torture]\naws_access_key_id = AKIDEXAMPLE\n"
                                       "aws_secret_access_key = hush\n"
                                       "aws_session_token = hush-token\n";

/* A JPEG's skeleton: turned, with a comment between segments that are sent. */
static unsigned char picture_data[PICTURE_BYTES];

static void make_picture_data(void)
{
    static const unsigned char head[] = {
        0xff, 0xd8, 0xff, 0xe1, 0,    34, 'E',  'x',  'i', 'f',  0,   0,    'M',  'M', 0,    42,
        0,    0,    0,    8,    0,    1,  1,    18,   0,   3,    0,   0,    0,    1,   0,    6,
        0,    0,    0,    0,    0,    0,  0xff, 0xfe, 0,   6,    'h', 'u',  's',  'h', 0xff, 0xc0,
        0,    11,   8,    0,    100,  0,  200,  1,    1,   0x11, 0,   0xff, 0xfe, 0,   6,    'h',
        'u',  's',  'h',  0xff, 0xda, 0,  8,    1,    1,   0,    0,   63,   0,
    };
    memset(picture_data, 0x55, sizeof picture_data);
    memcpy(picture_data, head, sizeof head);
    picture_data[sizeof picture_data - 2] = 0xff;
    picture_data[sizeof picture_data - 1] = 0xd9;
}

/* ---- one run ----------------------------------------------------------------------------- */

/* What a run gives; every member is as before where its step failed. */
struct outcome {
    const char *step; /* the one that failed; NULL = none */
    int rc;
    struct ir_error err;
    char *json;
    size_t json_bytes;
    char *text;
};

static void add_answers(struct fake_transport *transport)
{
    fake_transport_add(transport, (struct fake_answer){.target = "RekognitionService.DetectLabels",
                                                       .body = LABELS_BODY});
    fake_transport_add(transport, (struct fake_answer){.target = "RekognitionService.DetectText",
                                                       .body = TEXT_BODY});
    fake_transport_add(transport, (struct fake_answer){.target = "RekognitionService.DetectFaces",
                                                       .body = FACES_BODY});
}

static void run_steps(struct fake_world *world, struct fake_transport *fake, struct outcome *out)
{
    struct ir_client_options client_options = IR_CLIENT_OPTIONS_INIT;
    struct ir_labels_options options = IR_LABELS_OPTIONS_INIT;
    const struct ir_transport transport = fake_transport_get(fake);
    struct ir_picture *picture = NULL;
    struct ir_client *client = NULL;
    struct ir_result *result = NULL;
    client_options.profile = "torture";
    options.text = true;
    options.faces = true;
    options.properties = true;
    out->step = "the client";
    out->rc = ir_client_new_in(&client_options, &world->world, &transport, &client, &out->err);
    assert_int_equal(out->rc == 0, client != NULL);
    if (out->rc == 0) {
        out->step = "the picture";
        out->rc = ir_picture_new(picture_data, sizeof picture_data, "a.jpg", &picture, &out->err);
        assert_int_equal(out->rc == 0, picture != NULL);
    }
    if (out->rc == 0) {
        out->step = "the labels";
        out->rc = ir_labels(client, picture, &options, &result, &out->err);
        assert_int_equal(out->rc == 0, result != NULL);
    }
    if (out->rc == 0) {
        out->step = "the document";
        out->rc = ir_result_to_json(result, &out->json, &out->json_bytes, &out->err);
        assert_int_equal(out->rc == 0, out->json != NULL);
    }
    if (out->rc == 0) {
        out->step = "the list";
        out->rc = ir_result_labels_text(result, &out->text, &out->err);
        assert_int_equal(out->rc == 0, out->text != NULL);
    }
    if (out->rc == 0)
        out->step = NULL;
    ir_result_free(result);
    ir_picture_free(picture);
    ir_client_free(client);
    assert_int_equal(fake->releases, 1);
}

struct gate {
    unsigned asked;
    unsigned fail_at;
    bool for_good;
};

static bool may_allocate(void *context)
{
    struct gate *gate = context;
    unsigned index = gate->asked++;
    return gate->for_good ? index < gate->fail_at : index != gate->fail_at;
}

static void init_world(struct fake_world *world, const char *max_attempts)
{
    fake_world_init(world);
    fake_world_setenv(world, "AWS_MAX_ATTEMPTS", max_attempts);
    fake_world_add_file(world, "/home/ann/.aws/config", config_text);
    fake_world_add_file(world, "/home/ann/.aws/credentials", credentials_text);
}

/* `gate` may be NULL. */
static struct outcome run(struct fake_world *world, struct fake_transport *fake, struct gate *gate)
{
    struct outcome outcome = {0};
    if (gate != NULL)
        ir_alloc_set_gate(may_allocate, gate);
    run_steps(world, fake, &outcome);
    ir_alloc_set_gate(NULL, NULL);
    if (fake->complaint != NULL)
        fail_msg("a request is wrong: %s", fake->complaint);
    fake_transport_reset(fake);
    return outcome;
}

static void release(struct outcome *outcome)
{
    ir_free(outcome->json);
    ir_free(outcome->text);
}

static struct outcome run_well(void)
{
    struct fake_world world;
    struct fake_transport fake;
    init_world(&world, "1");
    fake_transport_init(&fake, &world);
    add_answers(&fake);
    struct outcome outcome = run(&world, &fake, NULL);
    if (outcome.rc != 0)
        fail_msg("%s: %s", outcome.step, outcome.err.message);
    return outcome;
}

/* No part of a secret in an error, and a filled error where there was a failure. */
static void check_error(const struct outcome *outcome)
{
    char line[2048];
    assert_int_equal(outcome->err.code, outcome->rc);
    assert_true(outcome->err.message[0] != '\0');
    ir_error_line(&outcome->err, line, sizeof line);
    assert_null(strstr(line, "hush"));
}

/* ---- memory ------------------------------------------------------------------------------ */

static void torture_memory(bool for_good)
{
    struct outcome well = run_well();
    unsigned failures = 0;
    unsigned passed_over = 0;
    for (unsigned fail_at = 0;; fail_at++) {
        struct fake_world world;
        struct fake_transport fake;
        struct gate gate = {0, fail_at, for_good};
        assert_true(fail_at < MAX_RUNS);
        init_world(&world, "1");
        fake_transport_init(&fake, &world);
        add_answers(&fake);
        struct outcome outcome = run(&world, &fake, &gate);
        bool reached = gate.asked > fail_at;
        if (outcome.rc == 0) {
            passed_over += reached;
            assert_string_equal(outcome.json, well.json);
            assert_string_equal(outcome.text, well.text);
        } else {
            if (outcome.rc != IR_ERR_NOMEM)
                fail_msg("allocation %u, %s: code %d, %s", fail_at, outcome.step, outcome.rc,
                         outcome.err.message);
            check_error(&outcome);
            failures++;
        }
        release(&outcome);
        if (!reached)
            break;
    }
    assert_true(failures > 100);
    assert_true(passed_over <= MAX_PASSED_OVER);
    release(&well);
}

static void test_memory_alone(void **state)
{
    (void)state;
    torture_memory(false);
}

static void test_memory_for_good(void **state)
{
    (void)state;
    torture_memory(true);
}

/* ---- transfers --------------------------------------------------------------------------- */

struct line_row {
    const char *name;
    struct fake_answer failure;
    bool for_good;
    const char *max_attempts;
    int code; /* when all attempts failed */
    bool is_retried;
};

#define THROTTLE_BODY "{\"__type\":\"ThrottlingException\"}"

static const struct line_row line_rows[] = {
    {"line: broken, once", {.rc = IR_ERR_NET, .retryable = true}, false, "3", IR_ERR_NET, true},
    {"line: broken, for good", {.rc = IR_ERR_NET, .retryable = true}, true, "3", IR_ERR_NET, true},
    {"line: unreachable, once", {.rc = IR_ERR_NET}, false, "3", IR_ERR_NET, false},
    {"line: unreachable, for good", {.rc = IR_ERR_NET}, true, "3", IR_ERR_NET, false},
    {"line: 500, once", {.status = 500, .body = "{}"}, false, "3", IR_ERR_SERVICE, true},
    {"line: 500, for good", {.status = 500, .body = "{}"}, true, "3", IR_ERR_SERVICE, true},
    {"line: 503 in HTML, once",
     {.status = 503, .body = "<html>"},
     false,
     "2",
     IR_ERR_SERVICE,
     true},
    {"line: throttled, once",
     {.status = 400, .body = THROTTLE_BODY},
     false,
     "3",
     IR_ERR_THROTTLED,
     true},
    {"line: throttled, for good",
     {.status = 400, .body = THROTTLE_BODY},
     true,
     "3",
     IR_ERR_THROTTLED,
     true},
    {"line: refused, once",
     {.status = 400, .body = "{\"__type\":\"InvalidParameterException\"}"},
     false,
     "3",
     IR_ERR_SERVICE,
     false},
    {"line: out of memory, once", {.rc = IR_ERR_NOMEM}, false, "3", IR_ERR_NOMEM, false},
    {"line: too large, once", {.rc = IR_ERR_TOO_LARGE}, false, "3", IR_ERR_TOO_LARGE, false},
    {"line: cancelled, once", {.rc = IR_ERR_CANCELLED}, false, "3", IR_ERR_CANCELLED, false},
    {"line: cut-off answer, once", {.body = "{\"Labels\":[{"}, false, "3", IR_ERR_RESPONSE, false},
    {"line: empty answer, once", {.body = ""}, false, "3", IR_ERR_RESPONSE, false},
};

/* Puts the failure before the answer of the request with this index, or in place of all later. */
static void add_failing(struct fake_transport *fake, const struct line_row *row, size_t fail_at)
{
    static const char *const targets[] = {"RekognitionService.DetectLabels",
                                          "RekognitionService.DetectText",
                                          "RekognitionService.DetectFaces"};
    static const char *const bodies[] = {LABELS_BODY, TEXT_BODY, FACES_BODY};
    for (size_t i = 0; i < 3; i++) {
        struct fake_answer failure = row->failure;
        failure.target = targets[i];
        if (i == fail_at || (row->for_good && i > fail_at))
            fake_transport_add(fake, failure);
        if (i < fail_at || !row->for_good)
            fake_transport_add(fake, (struct fake_answer){.target = targets[i], .body = bodies[i]});
    }
}

static void test_line(void **state)
{
    const struct line_row *row = *state;
    struct outcome well = run_well();
    for (size_t fail_at = 0; fail_at < 3; fail_at++) {
        struct fake_world world;
        struct fake_transport fake;
        init_world(&world, row->max_attempts);
        fake_transport_init(&fake, &world);
        add_failing(&fake, row, fail_at);
        struct outcome outcome = run(&world, &fake, NULL);
        if (row->is_retried && !row->for_good) {
            assert_int_equal(outcome.rc, 0);
            assert_string_equal(outcome.text, well.text);
            assert_non_null(strstr(outcome.json, "\"usage\":{\"requests\":3,\"retries\":1,"));
        } else {
            assert_int_equal(outcome.rc, row->code);
            assert_string_equal(outcome.step, "the labels");
            check_error(&outcome);
        }
        release(&outcome);
    }
    release(&well);
}

/* Memory fails while an attempt is being repeated. */
static void test_memory_while_retrying(void **state)
{
    (void)state;
    static const struct line_row throttled = {
        "", {.status = 400, .body = THROTTLE_BODY}, false, "3", IR_ERR_THROTTLED, true};
    unsigned passed_over = 0;
    for (unsigned fail_at = 0;; fail_at++) {
        struct fake_world world;
        struct fake_transport fake;
        struct gate gate = {0, fail_at, false};
        assert_true(fail_at < MAX_RUNS);
        init_world(&world, "3");
        fake_transport_init(&fake, &world);
        add_failing(&fake, &throttled, 0);
        struct outcome outcome = run(&world, &fake, &gate);
        bool reached = gate.asked > fail_at;
        if (outcome.rc == 0) {
            passed_over += reached;
            assert_string_equal(outcome.text, "Dog: 98%\nOutdoors: 70%");
            assert_non_null(strstr(outcome.json, "\"usage\":{\"requests\":3,\"retries\":1,"));
        } else {
            assert_int_equal(outcome.rc, IR_ERR_NOMEM);
            check_error(&outcome);
        }
        release(&outcome);
        if (!reached)
            break;
    }
    assert_true(passed_over <= MAX_PASSED_OVER);
}

int main(void)
{
    static struct unit_list list;
    make_picture_data();
    unit_add(&list, "memory, alone", test_memory_alone);
    unit_add(&list, "memory, for good", test_memory_for_good);
    unit_add(&list, "memory while retrying", test_memory_while_retrying);
    UNIT_ADD_ROWS(&list, test_line, line_rows);
    return unit_run(&list, "core");
}
