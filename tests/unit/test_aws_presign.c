/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Presigned URLs: AWS's own example, what an URL is made of, how long it may live, and what is
 * refused. tests/peers/sign_botocore.py compares generated ones with botocore's.
 */
#include "tests/unit/call_fixture.h"

#define START                                                                                      \
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20261120%2Feu-west-1%2Fs3%2F" \
    "aws4_request&X-Amz-Date=20261120T213500Z&X-Amz-Expires="
#define MAX_URL_BYTES 8192

/* https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html */
static void test_example(void **state)
{
    (void)state;
    const struct ir_header host = {"Host", "examplebucket.s3.amazonaws.com"};
    const struct ir_sign_request request = {
        .method = "GET",
        .path = "/test.txt",
        .headers = &host,
        .header_count = 1,
        .payload_hash = IR_SIGN_UNSIGNED_PAYLOAD,
        .service = "s3",
        .region = "us-east-1",
        .date = "20130524T000000Z",
        .s3_path = true,
    };
    const struct ir_sign_key key = {"AKIAIOSFODNN7EXAMPLE",
                                    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", NULL};
    struct ir_buf query;
    ir_buf_init(&query, MAX_URL_BYTES);
    ir_sign_presigned_query(&request, &key, 86400, &query);
    assert_string_equal(
        ir_buf_text(&query),
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2F"
        "us-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&"
        "X-Amz-SignedHeaders=host&X-Amz-Signature="
        "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
    ir_buf_release(&query);
}

static void test_failures_stick(void **state)
{
    (void)state;
    const struct ir_sign_request request = {
        .method = "GET", .path = "/", .service = "s3", .region = "r", .payload_hash = "x"};
    const struct ir_sign_key key = {"A", "B", NULL};
    struct ir_sign_request short_date = request;
    struct ir_buf query;
    ir_buf_init(&query, 100);
    short_date.date = "2026";
    ir_sign_presigned_query(&short_date, &key, 60, &query);
    assert_int_equal(query.failed, IR_ERR_ARG);
    assert_int_equal(query.bytes, 0);
    ir_buf_clear(&query);
    short_date.date = "20261120T213500Z";
    ir_sign_presigned_query(&short_date, &key, 60, &query);
    assert_int_equal(query.failed, IR_ERR_TOO_LARGE);
    ir_buf_release(&query);
}

/* ---- of a client ------------------------------------------------------------------------- */

static void set_up(struct call_fixture *fixture)
{
    call_set_up(fixture);
    fixture->request = (struct ir_aws_request){
        .service = &ir_service_s3,
        .method = "GET",
        .path = "/a%20b.jpg",
        .bucket = "photos",
    };
}

static int presign(struct call_fixture *fixture, long lifetime_s, struct ir_buf *url)
{
    ir_buf_init_secret(url, MAX_URL_BYTES);
    return ir_aws_presign(&fixture->aws, &fixture->request, lifetime_s, url, &fixture->err);
}

/* Everything before the signature, which is 64 hexadecimal digits. */
static void expect_url(const struct ir_buf *url, const char *expected)
{
    static const char name[] = "&X-Amz-Signature=";
    size_t chars = strlen(expected);
    if (strncmp(ir_buf_text(url), expected, chars) != 0)
        fail_msg("%s", ir_buf_text(url));
    const char *rest = ir_buf_text(url) + chars;
    assert_memory_equal(rest, name, sizeof name - 1);
    rest += sizeof name - 1;
    assert_int_equal(strlen(rest), 64);
    assert_int_equal(strspn(rest, "0123456789abcdef"), 64);
}

static void test_url(void **state)
{
    (void)state;
    struct call_fixture fixture;
    struct ir_buf url;
    set_up(&fixture);
    call_load(&fixture);
    assert_int_equal(presign(&fixture, 60, &url), 0);
    expect_url(&url, "https://photos.s3.eu-west-1.amazonaws.com/a%20b.jpg?" START
                     "60&X-Amz-SignedHeaders=host");
    assert_int_equal(fixture.transport.call_count, 0);
    ir_buf_release(&url);
    call_tear_down(&fixture);
}

static void test_token_and_query(void **state)
{
    (void)state;
    struct call_fixture fixture;
    struct ir_buf url;
    set_up(&fixture);
    fake_world_setenv(&fixture.world, "AWS_SESSION_TOKEN", "to/ken==");
    fake_world_setenv(&fixture.world, "AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9000/pre");
    call_load(&fixture);
    fixture.request.query = "response-content-type=image%2Fjpeg";
    assert_int_equal(presign(&fixture, 604800, &url), 0);
    expect_url(
        &url, "http://127.0.0.1:9000/pre/photos/a%20b.jpg?response-content-type=image%2Fjpeg&" START
              "604800&X-Amz-SignedHeaders=host&X-Amz-Security-Token=to%2Fken%3D%3D");
    ir_buf_release(&url);
    call_tear_down(&fixture);
}

static void test_known_region(void **state)
{
    (void)state;
    struct call_fixture fixture;
    struct ir_buf url;
    set_up(&fixture);
    call_load(&fixture);
    ir_bucket_regions_put(&fixture.aws.bucket_regions, "photos", "us-west-2");
    assert_int_equal(presign(&fixture, 60, &url), 0);
    assert_non_null(strstr(ir_buf_text(&url), "https://photos.s3.us-west-2.amazonaws.com/"));
    assert_non_null(strstr(ir_buf_text(&url), "%2Fus-west-2%2Fs3%2F"));
    ir_buf_release(&url);
    call_tear_down(&fixture);
}

/* Another service signs the hash of what is sent: nothing. */
static void test_other_service(void **state)
{
    (void)state;
    struct call_fixture fixture;
    struct ir_buf url;
    struct ir_buf expected;
    set_up(&fixture);
    call_load(&fixture);
    fixture.request.service = &ir_service_lambda;
    fixture.request.bucket = NULL;
    assert_int_equal(presign(&fixture, 60, &url), 0);
    const struct ir_header host = {"Host", "lambda.eu-west-1.amazonaws.com"};
    const struct ir_sign_request request = {
        .method = "GET",
        .path = "/a%20b.jpg",
        .headers = &host,
        .header_count = 1,
        .payload_hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .service = "lambda",
        .region = "eu-west-1",
        .date = "20261120T213500Z",
    };
    const struct ir_sign_key key = {"AKIDEXAMPLE", "hush", NULL};
    ir_buf_init(&expected, MAX_URL_BYTES);
    ir_buf_append_text(&expected, "https://lambda.eu-west-1.amazonaws.com/a%20b.jpg?");
    ir_sign_presigned_query(&request, &key, 60, &expected);
    assert_string_equal(ir_buf_text(&url), ir_buf_text(&expected));
    ir_buf_release(&expected);
    ir_buf_release(&url);
    call_tear_down(&fixture);
}

/* ---- lifetimes --------------------------------------------------------------------------- */

static const struct lifetime_row {
    const char *name;
    long lifetime_s;
    int64_t credentials_left_ms; /* 0 = they do not end */
    int code;
    const char *expires; /* in the URL */
    const char *message; /* a part */
} lifetime_rows[] = {
    {"a second", 1, 0, 0, "=1&"},
    {"a week", 604800, 0, 0, "=604800&"},
    {"nothing", 0, 0, IR_ERR_ARG, .message = "from 1 to 604800 seconds, not 0"},
    {"less than nothing", -1, 0, IR_ERR_ARG, .message = "not -1"},
    {"more than a week", 604801, 0, IR_ERR_ARG, .message = "not 604801"},
    {"longer than the credentials", 3600, 1800500, 0, "=1800&"},
    {"shorter than the credentials", 60, 1800500, 0, "=60&"},
    {"credentials that end at once", 60, 999, IR_ERR_AUTH, .message = "end before"},
    {"credentials that have ended", 60, -5000, IR_ERR_AUTH, .message = "end before"},
};

static void test_lifetime(void **state)
{
    const struct lifetime_row *row = *state;
    struct call_fixture fixture;
    struct ir_buf url;
    set_up(&fixture);
    call_load(&fixture);
    struct ir_credentials *credentials = ir_credentials_new("AKIDEXAMPLE", "hush", "tok", "a test");
    assert_non_null(credentials);
    if (row->credentials_left_ms != 0)
        credentials->expires_unix_ms = fixture.world.unix_ms + row->credentials_left_ms;
    ir_credentials_store_release(&fixture.aws.credentials);
    ir_credentials_store_init_fixed(&fixture.aws.credentials, credentials);
    ir_credentials_release(credentials);
    assert_int_equal(presign(&fixture, row->lifetime_s, &url), row->code);
    if (row->code == 0) {
        char part[40];
        snprintf(part, sizeof part, "&X-Amz-Expires%s", row->expires);
        assert_non_null(strstr(ir_buf_text(&url), part));
    } else {
        assert_int_equal(fixture.err.code, row->code);
        assert_string_equal(fixture.err.service, "S3");
        assert_non_null(strstr(fixture.err.message, row->message));
        assert_string_not_equal(fixture.err.hint, "");
        assert_int_equal(url.bytes, 0);
    }
    ir_buf_release(&url);
    call_tear_down(&fixture);
}

/* ---- refused ----------------------------------------------------------------------------- */

static const struct bad_row {
    const char *name;
    const char *endpoint; /* NULL = AWS */
    bool has_region;
    bool has_keys;
    const char *bucket;
    int code;
    const char *message; /* a part */
} bad_rows[] = {
    {"no region", NULL, false, true, "photos", IR_ERR_ARG, "no region"},
    {"no credentials", NULL, true, false, "photos", IR_ERR_AUTH, "no credentials"},
    {"no lawful bucket", NULL, true, true, "p", IR_ERR_ARG, "not the name of a bucket"},
    {"a socket", "unix:/run/x.sock", true, true, "photos", IR_ERR_ARG, "socket"},
};

static void test_refuse(void **state)
{
    const struct bad_row *row = *state;
    struct call_fixture fixture;
    struct ir_buf url;
    char setting[64];
    set_up(&fixture);
    if (!row->has_region)
        fake_world_setenv(&fixture.world, "AWS_REGION", "");
    if (!row->has_keys)
        fake_world_setenv(&fixture.world, "AWS_ACCESS_KEY_ID", "");
    if (!row->has_keys)
        fake_world_setenv(&fixture.world, "AWS_SECRET_ACCESS_KEY", "");
    call_load(&fixture);
    if (row->endpoint != NULL) {
        snprintf(setting, sizeof setting, "%s", row->endpoint);
        fixture.aws.endpoint_setting = setting;
    }
    fixture.request.bucket = row->bucket;
    assert_int_equal(presign(&fixture, 60, &url), row->code);
    assert_int_equal(fixture.err.code, row->code);
    if (strstr(fixture.err.message, row->message) == NULL)
        fail_msg("%s", fixture.err.message);
    assert_string_not_equal(fixture.err.hint, "");
    assert_int_equal(url.bytes, 0);
    ir_buf_release(&url);
    /* Nobody wants the error. */
    ir_buf_init(&url, MAX_URL_BYTES);
    assert_int_equal(ir_aws_presign(&fixture.aws, &fixture.request, 60, &url, NULL), row->code);
    ir_buf_release(&url);
    call_tear_down(&fixture);
}

static void test_too_long(void **state)
{
    (void)state;
    struct call_fixture fixture;
    struct ir_buf url;
    set_up(&fixture);
    call_load(&fixture);
    ir_buf_init(&url, 100);
    assert_int_equal(ir_aws_presign(&fixture.aws, &fixture.request, 60, &url, &fixture.err),
                     IR_ERR_TOO_LARGE);
    assert_string_equal(fixture.err.service, "S3");
    ir_buf_release(&url);
    call_tear_down(&fixture);
}

int main(void)
{
    static struct unit_list list;
    unit_add(&list, "AWS's example", test_example);
    unit_add(&list, "failures stick", test_failures_stick);
    unit_add(&list, "what an URL is made of", test_url);
    unit_add(&list, "token, query, custom endpoint", test_token_and_query);
    unit_add(&list, "a bucket whose region is known", test_known_region);
    unit_add(&list, "another service", test_other_service);
    UNIT_ADD_ROWS(&list, test_lifetime, lifetime_rows);
    UNIT_ADD_ROWS(&list, test_refuse, bad_rows);
    unit_add(&list, "no room for the URL", test_too_long);
    return unit_run(&list, "aws-presign");
}
