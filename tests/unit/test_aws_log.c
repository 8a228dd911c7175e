/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The log of a client: what is told, in what form, and that nothing secret is in it, whatever the
 * settings, the request and the answers hold.
 */
#include "tests/unit/call_fixture.h"

#include "core/base/utf8.h"
#include "core/task/client.h"
#include "tests/unit/freed_memory.h"

/* Every secret of these tests holds this word; no line may. */
#define HUSH "hush"

static void set_up(struct call_fixture *fixture)
{
    call_set_up_labels(fixture);
    fixture->request.max_response_bytes = 10000;
}

static void expect_line(const struct call_fixture *fixture, size_t index, const char *line)
{
    if (index >= fixture->line_count)
        fail_msg("there is no line %zu", index);
    assert_string_equal(fixture->lines[index], line);
}

/* ---- what is told ------------------------------------------------------------------------ */

#define NAME "Rekognition DetectLabels at rekognition.eu-west-1.amazonaws.com: "

static void test_attempts(void **state)
{
    (void)state;
    struct call_fixture fixture;
    set_up(&fixture);
    call_load(&fixture);
    call_answer(&fixture, (struct fake_answer){.status = 400,
                                               .header = "x-amzn-RequestId: abc-1",
                                               .body = "{\"__type\":\"ThrottlingException\"}",
                                               .takes_ms = 12});
    call_answer(&fixture, (struct fake_answer){.rc = IR_ERR_NET, .retryable = true});
    call_answer(&fixture, (struct fake_answer){.body = "{}", .takes_ms = 34});
    assert_int_equal(call_run(&fixture), 0);
    expect_line(&fixture, 0, "credentials: from the environment; asked: the environment (found)");
    expect_line(&fixture, 1,
                NAME "attempt 1 of 3: HTTP 400 ThrottlingException, request id abc-1, "
                     "12 ms, 7 bytes up, 32 down");
    expect_line(&fixture, 2, NAME "waiting 500 ms: the service asked to slow down");
    expect_line(&fixture, 3,
                NAME "attempt 2 of 3: no answer: the line failed, 0 ms, 7 bytes up, 0 down");
    expect_line(&fixture, 4, NAME "waiting 50 ms: the service or the line failed");
    expect_line(&fixture, 5, NAME "attempt 3 of 3: HTTP 200, 34 ms, 7 bytes up, 2 down");
    assert_int_equal(fixture.line_count, 6);
    /* Credentials are told when they are looked for, not each time. */
    assert_int_equal(call_run(&fixture), 0);
    assert_int_equal(fixture.line_count, 7);
    call_tear_down(&fixture);
}

static int drop(void *context, const char *data, size_t bytes)
{
    (void)context;
    (void)data;
    (void)bytes;
    return 0;
}

static void test_bucket(void **state)
{
    (void)state;
    struct call_fixture fixture;
    set_up(&fixture);
    call_load(&fixture);
    fixture.request = (struct ir_aws_request){.service = &ir_service_s3,
                                              .method = "GET",
                                              .path = "/a%20b.jpg",
                                              .query = "versionId=" HUSH,
                                              .bucket = "photos",
                                              .sink = drop,
                                              .max_response_bytes = 10000};
    call_answer(&fixture,
                (struct fake_answer){.status = 301, .header = "x-amz-bucket-region: us-west-2"});
    call_answer(&fixture, (struct fake_answer){.header = "x-amz-request-id: R1", .body = "12345"});
    assert_int_equal(call_run(&fixture), 0);
    expect_line(&fixture, 1,
                "S3 GET photos.s3.eu-west-1.amazonaws.com/a%20b.jpg: attempt 1 of 3: HTTP 301, 0 "
                "ms, 0 bytes up, 0 down");
    expect_line(&fixture, 2,
                "S3 bucket photos: lies in us-west-2, not in eu-west-1; asked again "
                "there");
    expect_line(&fixture, 3,
                "S3 GET photos.s3.us-west-2.amazonaws.com/a%20b.jpg: attempt 2 of 4: HTTP 200, "
                "request id R1, 0 ms, 0 bytes up, 5 down");
    call_tear_down(&fixture);
}

static void test_clock(void **state)
{
    (void)state;
    struct call_fixture fixture;
    set_up(&fixture);
    call_load(&fixture);
    call_answer(&fixture,
                (struct fake_answer){.status = 403,
                                     .header = "Date: Fri, 20 Nov 2026 22:35:00 GMT",
                                     .body = "{\"__type\":\"InvalidSignatureException\"}"});
    call_answer(&fixture, (struct fake_answer)CALL_OK);
    assert_int_equal(call_run(&fixture), 0);
    assert_int_equal(call_lines_with(&fixture, "clock: the server's is 3600 s ahead"), 1);
    call_tear_down(&fixture);
}

static void test_quota(void **state)
{
    (void)state;
    struct call_fixture fixture;
    set_up(&fixture);
    call_load(&fixture);
    atomic_store(&fixture.aws.quota.tokens, 13);
    call_answer(&fixture, (struct fake_answer){.status = 500, .body = "{}"});
    assert_int_equal(call_run(&fixture), IR_ERR_SERVICE);
    assert_int_equal(call_lines_with(&fixture, "no retry"), 1);
    assert_int_equal(call_lines_with(&fixture, "waiting"), 0);
    call_tear_down(&fixture);
}

static void test_paid(void **state)
{
    (void)state;
    struct call_fixture fixture;
    set_up(&fixture);
    call_load(&fixture);
    fixture.request.is_paid = true;
    call_answer(&fixture,
                (struct fake_answer){.rc = IR_ERR_NET, .retryable = true, .maybe_served = true});
    assert_int_equal(call_run(&fixture), IR_ERR_NET);
    assert_int_equal(call_lines_with(&fixture, "no retry: the request may have been served"), 1);
    assert_int_equal(call_lines_with(&fixture, "waiting"), 0);
    call_tear_down(&fixture);
}

static void test_nobody_listens(void **state)
{
    (void)state;
    struct call_fixture fixture;
    set_up(&fixture);
    call_load(&fixture);
    fixture.aws.log.write = NULL;
    call_answer(&fixture, (struct fake_answer){.status = 500, .body = "{}"});
    call_answer(&fixture, (struct fake_answer)CALL_OK);
    assert_int_equal(call_run(&fixture), 0);
    assert_int_equal(fixture.line_count, 0);
    assert_false(ir_log_is_on(NULL));
    ir_log_line(NULL, "nobody");
    call_tear_down(&fixture);
}

/* What a host asks for in its options is what it gets. */
static void test_of_a_client(void **state)
{
    (void)state;
    struct call_fixture fixture;
    struct ir_client *client = NULL;
    set_up(&fixture);
    const struct ir_transport transport = fake_transport_get(&fixture.transport);
    struct ir_client_options options = IR_CLIENT_OPTIONS_INIT;
    assert_null(options.log);
    options.log = call_keep_line;
    options.log_context = &fixture;
    assert_int_equal(
        ir_client_new_in(&options, &fixture.world.world, &transport, &client, &fixture.err), 0);
    call_answer(&fixture, (struct fake_answer)CALL_OK);
    assert_int_equal(ir_aws_call(&client->aws, &fixture.request, &fixture.response,
                                 &fixture.retries, &fixture.err),
                     0);
    assert_int_equal(call_lines_with(&fixture, "attempt 1 of 3: HTTP 200"), 1);
    ir_client_free(client);
    call_tear_down(&fixture);
}

/* ---- nothing secret ---------------------------------------------------------------------- */

static void expect_no_secret(const struct call_fixture *fixture)
{
    assert_true(fixture->line_count > 0);
    for (size_t i = 0; i < fixture->line_count; i++) {
        const char *line = fixture->lines[i];
        if (strstr(line, HUSH) != NULL || strstr(line, "AKID") != NULL ||
            strstr(line, "Signature=") != NULL)
            fail_msg("a secret is told: %s", line);
        for (size_t j = 0; j < fixture->transport.call_count; j++) {
            const char *sent = fake_transport_header(&fixture->transport, j, "Authorization");
            const char *signature = sent != NULL ? strstr(sent, "Signature=") : NULL;
            if (signature != NULL && strstr(line, signature + strlen("Signature=")) != NULL)
                fail_msg("a signature is told: %s", line);
        }
    }
}

#define ECHO                                                                                       \
    "{\"__type\":\"ValidationException\",\"message\":\"the prompt hush is bad; the "               \
    "String-to-Sign "                                                                              \
    "was hush\"}"
#define HUSH_XML(code)                                                                             \
    "<Error><Code>" code "</Code><Message>hush</Message><Region>hush/</Region><Endpoint>hush.s3"   \
    "</Endpoint><StringToSign>hush</StringToSign><AWSAccessKeyId>AKIDEXAMPLE</AWSAccessKeyId>"     \
    "</Error>"

static const struct secret_row {
    const char *name;
    struct fake_answer answer;
} secret_rows[] = {
    {"secret: a good answer", {.body = "{\"answer\":\"hush\"}", .header = "Set-Cookie: hush"}},
    {"secret: a refusal that repeats the request", {.status = 400, .body = ECHO}},
    {"secret: a code that is none",
     {.status = 400, .body = "{\"__type\":\"the secret hush was refused\"}"}},
    {"secret: a request id that is none",
     {.status = 400, .header = "x-amzn-RequestId: a hush", .body = ECHO}},
    {"secret: throttled",
     {.status = 400, .body = "{\"__type\":\"ThrottlingException\",\"message\":\"hush\"}"}},
    {"secret: the server failed", {.status = 500, .body = "hush", .header = "x-hush: hush"}},
    {"secret: S3's words", {.status = 403, .body = HUSH_XML("SignatureDoesNotMatch")}},
    {"secret: a redirect",
     {.status = 307, .header = "Location: https://hush.example/?hush", .body = HUSH_XML("X")}},
    {"secret: a bucket's region that is none",
     {.status = 301, .header = "x-amz-bucket-region: hush_", .body = HUSH_XML("X")}},
    {"secret: the clock",
     {.status = 403,
      .header = "Date: Fri, 20 Nov 2026 22:35:00 GMT",
      .body = "{\"__type\":\"InvalidSignatureException\",\"message\":\"hush\"}"}},
    {"secret: the credentials have ended",
     {.status = 400, .body = "{\"__type\":\"ExpiredTokenException\",\"message\":\"hush\"}"}},
    {"secret: the line failed", {.rc = IR_ERR_NET, .retryable = true}},
};

static void put_secrets(struct call_fixture *fixture)
{
    static const struct ir_header header = {"X-Amz-Meta-Name", HUSH "-header"};
    fake_world_setenv(&fixture->world, "AWS_SECRET_ACCESS_KEY", HUSH "-secret");
    fake_world_setenv(&fixture->world, "AWS_SESSION_TOKEN", HUSH "-token");
    fake_world_setenv(&fixture->world, "AWS_BEARER_TOKEN_BEDROCK", HUSH "-bearer");
    fake_world_setenv(&fixture->world, "AWS_RETRY_MODE", "adaptive");
    fixture->span = (struct ir_span){"{\"prompt\":\"hush\"}", 17};
    fixture->request.query = "prompt=" HUSH "&X-Amz-Signature=" HUSH;
    fixture->request.content_type = "text/" HUSH;
    fixture->request.headers = &header;
    fixture->request.header_count = 1;
}

/* Each answer to each kind of call: by keys, by a bearer token, about a bucket. */
static void test_no_secret(void **state)
{
    const struct secret_row *row = *state;
    for (int kind = 0; kind < 3; kind++) {
        struct call_fixture fixture;
        struct ir_buf url;
        char block[128];
        set_up(&fixture);
        put_secrets(&fixture);
        call_load(&fixture);
        fixture.request.auth = kind == 1 ? IR_AUTH_BEARER : IR_AUTH_SIGV4;
        if (kind == 2) {
            fixture.request.service = &ir_service_s3;
            fixture.request.bucket = "photos";
            fixture.request.target = NULL;
            fixture.request.method = "PUT";
        }
        call_answer(&fixture, row->answer);
        freed_memory_watch(HUSH "-");
        (void)call_run(&fixture);
        ir_buf_init_secret(&url, 10000);
        assert_int_equal(ir_aws_presign(&fixture.aws, &fixture.request, 60, &url, NULL), 0);
        if (freed_memory_found(block, sizeof block) > 0)
            fail_msg("a secret was freed and not wiped: %s", block);
        assert_non_null(strstr(ir_buf_text(&url), HUSH "-token"));
        expect_no_secret(&fixture);
        ir_buf_release(&url);
        call_tear_down(&fixture);
    }
}

/* A role taken on the way: STS is asked with one key and answers with another. */
static void test_no_secret_of_a_role(void **state)
{
    (void)state;
    static const char config[] = "[default]\n"
                                 "role_arn = arn:aws:iam::1:role/r\n"
                                 "source_profile = source\n"
                                 "external_id = hush-external\n"
                                 "[profile source]\n"
                                 "aws_access_key_id = AKIDSOURCE\n"
                                 "aws_secret_access_key = hush-source\n";
    static const char answer[] =
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>AKIDROLE</AccessKeyId>"
        "<SecretAccessKey>hush-role</SecretAccessKey><SessionToken>hush-session</SessionToken>"
        "<Expiration>2026-11-20T22:35:00Z</Expiration></Credentials></AssumeRoleResult>"
        "</AssumeRoleResponse>";
    struct call_fixture fixture;
    set_up(&fixture);
    fake_world_setenv(&fixture.world, "AWS_ACCESS_KEY_ID", "");
    fake_world_setenv(&fixture.world, "AWS_SECRET_ACCESS_KEY", "");
    fake_world_add_file(&fixture.world, "/home/ann/.aws/config", config);
    call_load(&fixture);
    call_answer(&fixture, (struct fake_answer){.body = answer});
    call_answer(&fixture, (struct fake_answer)CALL_OK);
    assert_int_equal(call_run(&fixture), 0);
    assert_int_equal(fixture.transport.call_count, 2);
    expect_no_secret(&fixture);
    assert_int_equal(call_lines_with(&fixture, "STS POST sts.eu-west-1.amazonaws.com/: attempt 1"),
                     1);
    assert_int_equal(call_lines_with(&fixture, "credentials: from "), 1);
    assert_int_equal(call_lines_with(&fixture, "asked: the environment (AWS_ACCESS_KEY_ID"), 1);
    call_tear_down(&fixture);
}

/* ---- form -------------------------------------------------------------------------------- */

#define TENS(text) text text text text text text text text text text
#define HUNDREDS(text) TENS(TENS(text))

static const struct form_row {
    const char *name;
    const char *text;
    const char *line; /* NULL = not looked at */
    size_t bytes;     /* of the line; 0 = not looked at */
} form_rows[] = {
    {"form: as it is", "caf\xc3\xa9 %s", "caf\xc3\xa9 %s", 0},
    {"form: control characters",
     "a\nb\r\tc\x7f"
     "d\x1b[31m",
     "a b  c d [31m", 0},
    {"form: C1 and line separators",
     "a\xc2\x85"
     "b\xe2\x80\xa8"
     "c",
     "a  b   c", 0},
    {"form: not UTF-8",
     "a\xff"
     "b\xc3",
     "a?b?", 0},
    {"form: 1,023 bytes are told", HUNDREDS("0123456789") "01234567890123456789012", NULL, 1023},
    {"form: more is cut", HUNDREDS("0123456789") HUNDREDS("0123456789"), NULL, 1023},
    {"form: and not within a character", HUNDREDS("0123456789") TENS("\xed\x95\x9c"), NULL, 1021},
};

static void test_form(void **state)
{
    const struct form_row *row = *state;
    struct call_fixture fixture = {.line_count = 0};
    const struct ir_log log = {call_keep_line, &fixture};
    ir_log_line(&log, "%s", row->text);
    assert_int_equal(fixture.line_count, 1);
    const char *line = fixture.lines[0];
    assert_true(ir_utf8_is_valid(line, strlen(line)));
    if (row->line != NULL)
        assert_string_equal(line, row->line);
    if (row->bytes != 0)
        assert_int_equal(strlen(line), row->bytes);
    call_forget_lines(&fixture);
}

/* However long a path is, how the attempt ended is told. */
static void test_long_path(void **state)
{
    (void)state;
    struct call_fixture fixture;
    set_up(&fixture);
    call_load(&fixture);
    fixture.request.target = NULL;
    fixture.request.path = "/" HUNDREDS("%ED%95%9C") HUNDREDS("%ED%95%9C");
    call_answer(&fixture, (struct fake_answer)CALL_OK);
    assert_int_equal(call_run(&fixture), 0);
    assert_int_equal(call_lines_with(&fixture, "attempt 1 of 3: HTTP 200"), 1);
    call_tear_down(&fixture);
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(ir_log_name("ThrottlingException"), "ThrottlingException");
    assert_string_equal(ir_log_name("80a1-b2._X"), "80a1-b2._X");
    assert_string_equal(ir_log_name(""), "");
    assert_string_equal(ir_log_name("a b"), "?");
    assert_string_equal(ir_log_name("a/b"), "?");
    assert_string_equal(ir_log_name("a\n"), "?");
}

int main(void)
{
    static struct unit_list list;
    unit_add(&list, "attempts, waits, credentials", test_attempts);
    unit_add(&list, "a bucket elsewhere, a sink", test_bucket);
    unit_add(&list, "a corrected clock", test_clock);
    unit_add(&list, "a used-up quota", test_quota);
    unit_add(&list, "a paid call that may have been served", test_paid);
    unit_add(&list, "nobody listens", test_nobody_listens);
    unit_add(&list, "of a client", test_of_a_client);
    UNIT_ADD_ROWS(&list, test_no_secret, secret_rows);
    unit_add(&list, "secret: a role taken on the way", test_no_secret_of_a_role);
    UNIT_ADD_ROWS(&list, test_form, form_rows);
    unit_add(&list, "a long path", test_long_path);
    unit_add(&list, "names of services", test_names);
    return unit_run(&list, "aws-log");
}
