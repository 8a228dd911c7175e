/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What may have been done is told, and not done again where it costs money: over several attempts,
 * behind gateways, and where an answer came and cannot be read. tests/sim found these.
 */
#include "tests/unit/unit.h"

#include <imgrecog/labels.h>

#include "core/service/lambda.h"
#include "core/service/sagemaker_runtime.h"
#include "core/service/states.h"
#include "core/task/client.h"
#include "tests/unit/fake_transport.h"
#include "tests/unit/fake_world.h"

#define MAX_ANSWERS 3
#define TIMEOUT_MS 60000
#define PICTURE_BYTES 200

struct fixture {
    struct fake_world world;
    struct fake_transport transport;
    struct ir_client *client;
    struct ir_error err;
};

static void set_up(struct fixture *fixture)
{
    memset(fixture, 0, sizeof *fixture);
    struct ir_client_options options = IR_CLIENT_OPTIONS_INIT;
    options.timeout_ms = TIMEOUT_MS;
    fake_world_init(&fixture->world);
    fake_world_setenv(&fixture->world, "AWS_REGION", "eu-west-1");
    fake_world_setenv(&fixture->world, "AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    fake_world_setenv(&fixture->world, "AWS_SECRET_ACCESS_KEY", "hush");
    fake_transport_init(&fixture->transport, &fixture->world);
    const struct ir_transport transport = fake_transport_get(&fixture->transport);
    assert_int_equal(ir_client_new_in(&options, &fixture->world.world, &transport, &fixture->client,
                                      &fixture->err),
                     0);
}

static void tear_down(struct fixture *fixture)
{
    ir_client_free(fixture->client);
    if (fixture->transport.complaint != NULL)
        fail_msg("a request is wrong: %s", fixture->transport.complaint);
    fake_transport_reset(&fixture->transport);
}

/* ---- attempts ---------------------------------------------------------------------------- */

#define LOST {.rc = IR_ERR_NET, .retryable = true, .maybe_served = true}
#define BROKEN {.rc = IR_ERR_NET, .retryable = true}
#define STATUS(number) {.status = (number), .body = "{}"}

struct row {
    const char *name;
    struct fake_answer answers[MAX_ANSWERS];
    size_t answer_count;
    bool is_paid;
    bool has_sink;
    int code;
    size_t calls;
    bool maybe_served;
};

static const struct row rows[] = {
    {"lost, then refused", {LOST, STATUS(400)}, 2, false, false, IR_ERR_SERVICE, 2, true},
    {"lost, then no line", {LOST, BROKEN, BROKEN}, 3, false, false, IR_ERR_NET, 3, true},
    {"no line, then refused", {BROKEN, STATUS(400)}, 2, false, false, IR_ERR_SERVICE, 2, false},
    {"lost, then done", {LOST, STATUS(200)}, 2, false, false, 0, 2, false},
    {"a gateway gave up", {STATUS(504), STATUS(400)}, 2, false, false, IR_ERR_SERVICE, 2, true},
    {"paid: 502", {STATUS(502)}, 1, true, false, IR_ERR_SERVICE, 1, true},
    {"paid: 504", {STATUS(504)}, 1, true, false, IR_ERR_SERVICE, 1, true},
    {"paid: 503, then done", {STATUS(503), STATUS(200)}, 2, true, false, 0, 2, false},
    {"sink: lost", {LOST}, 1, false, true, IR_ERR_NET, 1, true},
    {"sink: 504, then done", {STATUS(504), STATUS(200)}, 2, false, true, 0, 2, false},
};

static int swallow(void *context, const char *data, size_t bytes)
{
    (void)context;
    (void)data;
    (void)bytes;
    return 0;
}

static void test_attempts(void **state)
{
    const struct row *row = *state;
    struct fixture fixture;
    struct ir_http_response response;
    unsigned retries = 0;
    set_up(&fixture);
    for (size_t i = 0; i < row->answer_count; i++)
        fake_transport_add(&fixture.transport, row->answers[i]);
    const struct ir_aws_request request = {
        .service = &ir_service_states,
        .method = "POST",
        .path = "/",
        .is_paid = row->is_paid,
        .max_response_bytes = 1000,
        .sink = row->has_sink ? swallow : NULL,
    };
    ir_http_response_init(&response);
    assert_int_equal(ir_aws_call(&fixture.client->aws, &request, &response, &retries, &fixture.err),
                     row->code);
    assert_int_equal(fixture.transport.call_count, row->calls);
    if (row->code != 0)
        assert_int_equal(fixture.err.maybe_served, row->maybe_served);
    ir_http_response_release(&response);
    tear_down(&fixture);
}

/* ---- on the way to credentials ------------------------------------------------------------ */

struct way_row {
    const char *name;
    struct fake_answer answer;
    int code;
    const char *hint;
};

static const struct way_row way_rows[] = {
    {"credentials: no answer in time",
     {.rc = IR_ERR_TIMEOUT, .maybe_served = true},
     IR_ERR_TIMEOUT,
     ""},
    {"credentials: lost", LOST, IR_ERR_NET, ""},
    {"credentials: a page", {.body = "<html>"}, IR_ERR_RESPONSE, "proxy"},
};

/* The container was asked, perhaps with success; what the keys are for was never sent. */
static void test_way(void **state)
{
    const struct way_row *row = *state;
    struct fixture fixture;
    struct ir_http_response response;
    unsigned retries = 0;
    set_up(&fixture);
    fake_world_setenv(&fixture.world, "AWS_ACCESS_KEY_ID", "");
    fake_world_setenv(&fixture.world, "AWS_SECRET_ACCESS_KEY", "");
    fake_world_setenv(&fixture.world, "AWS_EC2_METADATA_DISABLED", "true");
    fake_world_setenv(&fixture.world, "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                      "http://127.0.0.1:8080/keys");
    fake_transport_add(&fixture.transport, row->answer);
    const struct ir_aws_request request = {
        .service = &ir_service_states, .method = "POST", .path = "/", .max_response_bytes = 1000};
    ir_http_response_init(&response);
    assert_int_equal(ir_aws_call(&fixture.client->aws, &request, &response, &retries, &fixture.err),
                     row->code);
    assert_false(fixture.err.maybe_served);
    if (strstr(fixture.err.hint, row->hint) == NULL)
        fail_msg("the hint does not say \"%s\": %s", row->hint, fixture.err.hint);
    ir_http_response_release(&response);
    /* fake_transport holds requests to what AWS is sent: the container's has no Host of its own. */
    fixture.transport.complaint = NULL;
    tear_down(&fixture);
}

/* ---- answers that cannot be read --------------------------------------------------------- */

static void test_unreadable(void **state)
{
    static const char *const answers[] = {"", "<html>", "[]x", "{\"a\":", "{}"};
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct ir_execution execution;
        double *numbers = NULL;
        size_t count = 0;
        struct ir_error err = {0};
        size_t bytes = strlen(answers[i]);
        assert_int_equal(ir_execution_read(answers[i], bytes, &execution, &err), IR_ERR_RESPONSE);
        assert_true(err.maybe_served);
        assert_true(err.hint[0] != '\0');
        ir_error_clear(&err);
        assert_int_equal(ir_sagemaker_read_probabilities(answers[i], bytes, &numbers, &count, &err),
                         IR_ERR_RESPONSE);
        assert_true(err.maybe_served);
        assert_true(err.hint[0] != '\0');
    }
}

/* ---- a task of several requests ---------------------------------------------------------- */

static const unsigned char picture_data[PICTURE_BYTES] = {
    0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0,   0,   0,   13,  'I', 'H',
    'D',  'R', 0,   0,   0,    100,  0,    0,    0,   100, 8,   2,   0,   0,
    0,    0,   0,   0,   0,    0,    0,    0,    155, 'I', 'D', 'A', 'T',
};

#define LABELS_ANSWER                                                                              \
    {.target = "RekognitionService.DetectLabels",                                                  \
     .body = "{\"Labels\":[{\"Name\":\"Dog\",\"Confidence\":97}]}"}

static int ask(struct fixture *fixture, struct ir_result **out)
{
    struct ir_labels_options options = IR_LABELS_OPTIONS_INIT;
    struct ir_picture *picture = NULL;
    options.text = true;
    assert_int_equal(ir_picture_new(picture_data, sizeof picture_data, "a.png", &picture, NULL), 0);
    int rc = ir_labels(fixture->client, picture, &options, out, &fixture->err);
    ir_picture_free(picture);
    return rc;
}

static void test_second_request_fails(void **state)
{
    (void)state;
    struct fixture fixture;
    struct ir_result *result = NULL;
    set_up(&fixture);
    fake_transport_add(&fixture.transport, (struct fake_answer)LABELS_ANSWER);
    fake_transport_add(&fixture.transport,
                       (struct fake_answer){.target = "RekognitionService.DetectText",
                                            .status = 400,
                                            .body = "{\"__type\":\"Foo\"}"});
    assert_int_equal(ask(&fixture, &result), IR_ERR_SERVICE);
    assert_null(result);
    assert_true(fixture.err.maybe_served); /* the labels are charged */
    tear_down(&fixture);
}

/* The time limit is one for all requests of the task, not one for each. */
static void test_one_time_limit(void **state)
{
    (void)state;
    struct fixture fixture;
    struct ir_result *result = NULL;
    struct fake_answer slow = LABELS_ANSWER;
    slow.takes_ms = TIMEOUT_MS - 1000;
    set_up(&fixture);
    fake_transport_add(&fixture.transport, slow);
    fake_transport_add(&fixture.transport,
                       (struct fake_answer){.target = "RekognitionService.DetectText",
                                            .body = "{\"TextDetections\":[]}",
                                            .takes_ms = 2000});
    assert_int_equal(ask(&fixture, &result), IR_ERR_TIMEOUT);
    assert_null(result);
    assert_int_equal(fixture.transport.call_count, 2);
    assert_true(fixture.transport.seen[1].deadline_ms == 1000000 + TIMEOUT_MS);
    tear_down(&fixture);
}

static void test_no_time_left(void **state)
{
    (void)state;
    struct fixture fixture;
    struct ir_result *result = NULL;
    struct fake_answer slow = LABELS_ANSWER;
    slow.takes_ms = TIMEOUT_MS;
    set_up(&fixture);
    fake_transport_add(&fixture.transport, slow);
    assert_int_equal(ask(&fixture, &result), IR_ERR_TIMEOUT);
    assert_string_equal(fixture.err.service, "Rekognition");
    assert_true(fixture.err.maybe_served);
    assert_int_equal(fixture.transport.call_count, 1);
    tear_down(&fixture);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_attempts, rows);
    UNIT_ADD_ROWS(&list, test_way, way_rows);
    unit_add(&list, "answers that cannot be read", test_unreadable);
    unit_add(&list, "labels: the second request fails", test_second_request_fails);
    unit_add(&list, "labels: one time limit", test_one_time_limit);
    unit_add(&list, "labels: no time left", test_no_time_left);
    return unit_run(&list, "maybe-served");
}
