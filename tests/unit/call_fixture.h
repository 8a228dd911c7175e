/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What tests of calls share: a client's inner part over a transport that answers from a script, in
 * a world whose clock moves only when somebody waits, with keys in the environment and a log that
 * is kept. Each program includes it once.
 */
#ifndef TESTS_UNIT_CALL_FIXTURE_H
#define TESTS_UNIT_CALL_FIXTURE_H

#include "tests/unit/unit.h"

#include "core/aws/call.h"
#include "tests/unit/fake_transport.h"
#include "tests/unit/fake_world.h"

#define CALL_TIMEOUT_MS 60000
#define CALL_MAX_LINES 64

#define CALL_OK {.body = "{}"} /* an answer of a service that speaks JSON */

struct call_fixture {
    struct fake_world world;
    struct fake_transport transport;
    struct ir_aws aws;
    struct ir_http_response response;
    struct ir_body body;
    struct ir_span span;
    struct ir_aws_request request;
    unsigned retries;
    struct ir_error err;
    char *lines[CALL_MAX_LINES]; /* of the log */
    size_t line_count;
};

static inline void call_keep_line(void *context, const char *line)
{
    struct call_fixture *fixture = context;
    assert_true(fixture->line_count < CALL_MAX_LINES);
    fixture->lines[fixture->line_count++] = strdup(line);
}

/* eu-west-1 and long-term keys; more may be put into fixture->world before call_load. */
static inline void call_set_up(struct call_fixture *fixture)
{
    memset(fixture, 0, sizeof *fixture);
    fake_world_init(&fixture->world);
    fake_world_setenv(&fixture->world, "AWS_REGION", "eu-west-1");
    fake_world_setenv(&fixture->world, "AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    fake_world_setenv(&fixture->world, "AWS_SECRET_ACCESS_KEY", "hush");
    fake_world_setenv(&fixture->world, "AWS_EC2_METADATA_DISABLED", "true");
    fake_transport_init(&fixture->transport, &fixture->world);
    const struct ir_transport transport = fake_transport_get(&fixture->transport);
    ir_aws_init(&fixture->aws, &fixture->world.world, &transport);
    fixture->aws.timeout_ms = CALL_TIMEOUT_MS;
    fixture->aws.log = (struct ir_log){call_keep_line, fixture};
    ir_http_response_init(&fixture->response);
    fixture->span = (struct ir_span){"{\"a\":1}", 7};
    fixture->body.pieces[0] = (struct ir_body_piece){.spans = &fixture->span, .span_count = 1};
    fixture->body.piece_count = 1;
}

/* DetectLabels is what is asked. */
static inline void call_set_up_labels(struct call_fixture *fixture)
{
    call_set_up(fixture);
    fixture->request = (struct ir_aws_request){
        .service = &ir_service_rekognition,
        .method = "POST",
        .path = "/",
        .content_type = "application/x-amz-json-1.1",
        .target = "RekognitionService.DetectLabels",
        .body = &fixture->body,
        .max_response_bytes = 1000,
    };
}

static inline void call_load(struct call_fixture *fixture)
{
    struct ir_error err = {0};
    if (ir_aws_config_load(&fixture->world.world, NULL, NULL, &fixture->aws.config, &err) != 0)
        fail_msg("%s", err.message);
}

static inline void call_answer(struct call_fixture *fixture, struct fake_answer answer)
{
    fake_transport_add(&fixture->transport, answer);
}

static inline int call_run(struct call_fixture *fixture)
{
    return ir_aws_call(&fixture->aws, &fixture->request, &fixture->response, &fixture->retries,
                       &fixture->err);
}

/* A header of the call of this index. */
static inline const char *call_sent(const struct call_fixture *fixture, size_t call_index,
                                    const char *name)
{
    const char *value = fake_transport_header(&fixture->transport, call_index, name);
    if (value == NULL)
        fail_msg("%s was not sent", name);
    return value;
}

/* The signature that the headers of a call should have. */
static inline void call_expect_signature(const struct call_fixture *fixture, size_t call_index,
                                         const char *path, const char *query)
{
    const struct fake_seen *seen = &fixture->transport.seen[call_index];
    struct ir_header headers[FAKE_TRANSPORT_MAX_HEADERS];
    char names[FAKE_TRANSPORT_MAX_HEADERS][64];
    struct ir_buf expected;
    for (size_t i = 0; i < seen->header_count; i++) {
        size_t bytes = strcspn(seen->headers[i], ":");
        snprintf(names[i], sizeof names[i], "%.*s", (int)bytes, seen->headers[i]);
        headers[i] = (struct ir_header){names[i], seen->headers[i] + bytes + 2};
    }
    const struct ir_sign_request request = {
        .method = "POST",
        .path = path,
        .query = query,
        .headers = headers,
        .header_count = seen->header_count,
        .payload_hash = call_sent(fixture, call_index, "X-Amz-Content-Sha256"),
        .service = "rekognition",
        .region = "eu-west-1",
        .date = call_sent(fixture, call_index, "X-Amz-Date"),
    };
    ir_buf_init(&expected, 10000);
    ir_sign_authorization(&request, "AKIDEXAMPLE", "hush", &expected);
    assert_string_equal(call_sent(fixture, call_index, "Authorization"), ir_buf_text(&expected));
    ir_buf_release(&expected);
}

/* How many lines of the log hold `part`. */
static inline size_t call_lines_with(const struct call_fixture *fixture, const char *part)
{
    size_t count = 0;
    for (size_t i = 0; i < fixture->line_count; i++)
        count += strstr(fixture->lines[i], part) != NULL;
    return count;
}

static inline void call_forget_lines(struct call_fixture *fixture)
{
    for (size_t i = 0; i < fixture->line_count; i++)
        free(fixture->lines[i]);
    fixture->line_count = 0;
}

static inline void call_tear_down(struct call_fixture *fixture)
{
    if (fixture->transport.complaint != NULL)
        fail_msg("a request is wrong: %s", fixture->transport.complaint);
    call_forget_lines(fixture);
    fake_transport_reset(&fixture->transport);
    ir_http_response_release(&fixture->response);
    ir_aws_release(&fixture->aws);
    ir_aws_config_release(&fixture->aws.config);
}

#endif
