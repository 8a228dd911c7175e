/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calls about buckets: how their paths go over the wire, errors that hide behind HTTP 200, and
 * buckets that lie in another region: followed once, remembered, never to a host of a server's
 * choosing.
 */
#include "tests/unit/call_fixture.h"

#include "core/aws/redirect.h"

#define OK_ANSWER {.body = ""}
#define XML "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define IRELAND "photos.s3.eu-west-1.amazonaws.com"
#define OREGON "photos.s3.us-west-2.amazonaws.com"
#define MAX_ROW_ANSWERS 4

static void set_up(struct call_fixture *fixture)
{
    call_set_up(fixture);
    fixture->request = (struct ir_aws_request){
        .service = &ir_service_s3,
        .method = "GET",
        .path = "/a.jpg",
        .bucket = "photos",
        .max_response_bytes = 10000,
    };
}

/* Whether the call of this index was signed for the region. */
static bool signed_for(const struct call_fixture *fixture, size_t call_index, const char *region)
{
    char scope[100];
    const char *authorization =
        fake_transport_header(&fixture->transport, call_index, "Authorization");
    snprintf(scope, sizeof scope, "/%s/s3/aws4_request", region);
    return authorization != NULL && strstr(authorization, scope) != NULL;
}

/* ---- where it is asked ------------------------------------------------------------------- */

struct row {
    const char *name;
    const char *method;
    struct fake_answer answers[MAX_ROW_ANSWERS];
    size_t answer_count;
    const char *endpoint; /* NULL = AWS */
    int code;
    size_t calls;
    const char *host;   /* of the last request */
    const char *region; /* that signed it */
    const char *hint;   /* a part */
    bool fips;
};

#define MOVED(status_, region)                                                                     \
    {.status = (status_),                                                                          \
     .header = "x-amz-bucket-region: " region,                                                     \
     .body = XML "<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message></Error>"}
#define MALFORMED                                                                                  \
    {.status = 400,                                                                                \
     .body =                                                                                       \
         XML "<Error><Code>AuthorizationHeaderMalformed</Code><Message>the region 'eu-west-1' "    \
             "is wrong; expecting 'us-west-2'</Message><Region>us-west-2</Region></Error>"}
#define TEMPORARY(host)                                                                            \
    {.status = 307,                                                                                \
     .body = XML "<Error><Code>TemporaryRedirect</Code><Message>wait</Message><Endpoint>" host     \
                 "</Endpoint></Error>"}

static const struct row rows[] = {
    {"301 with the region in the header",
     "GET",
     {MOVED(301, "us-west-2"), OK_ANSWER},
     2,
     .calls = 2,
     .host = OREGON,
     .region = "us-west-2"},
    {"307 with the region in the header",
     "PUT",
     {MOVED(307, "us-west-2"), OK_ANSWER},
     2,
     .calls = 2,
     .host = OREGON,
     .region = "us-west-2"},
    {"400 with the region in the body",
     "GET",
     {MALFORMED, OK_ANSWER},
     2,
     .calls = 2,
     .host = OREGON,
     .region = "us-west-2"},
    {"400 of a location that does not fit",
     "PUT",
     {{.status = 400,
       .header = "x-amz-bucket-region: us-west-2",
       .body = XML "<Error><Code>IllegalLocationConstraintException</Code></Error>"},
      OK_ANSWER},
     2,
     .calls = 2,
     .host = OREGON,
     .region = "us-west-2"},
    {"HEAD: a bare 301",
     "HEAD",
     {{.status = 301, .header = "x-amz-bucket-region: us-west-2"}, OK_ANSWER},
     2,
     .calls = 2,
     .host = OREGON,
     .region = "us-west-2"},
    {"HEAD: a bare 400",
     "HEAD",
     {{.status = 400, .header = "x-amz-bucket-region: us-west-2"}, OK_ANSWER},
     2,
     .calls = 2,
     .host = OREGON,
     .region = "us-west-2"},
    {"the header counts more than the body",
     "GET",
     {{.status = 301,
       .header = "x-amz-bucket-region: us-west-2",
       .body = XML "<Error><Code>PermanentRedirect</Code><Region>us-east-2</Region></Error>"},
      OK_ANSWER},
     2,
     .calls = 2,
     .host = OREGON,
     .region = "us-west-2"},
    {"FIPS stays",
     "GET",
     {MOVED(301, "us-west-2"), OK_ANSWER},
     2,
     .calls = 2,
     .host = "photos.s3-fips.us-west-2.amazonaws.com",
     .region = "us-west-2",
     .fips = true},
    {"a custom endpoint: only the region that signs",
     "GET",
     {MOVED(301, "us-west-2"), OK_ANSWER},
     2,
     "http://127.0.0.1:9000",
     .calls = 2,
     .host = "127.0.0.1:9000",
     .region = "us-west-2"},
    {"a socket: only the region that signs",
     "GET",
     {MALFORMED, OK_ANSWER},
     2,
     "unix:/run/x.sock",
     .calls = 2,
     .host = "s3.us-west-2.localhost",
     .region = "us-west-2"},

    {"never in a loop",
     "GET",
     {MOVED(301, "us-west-2"), MOVED(301, "eu-central-1"), OK_ANSWER},
     3,
     .code = IR_ERR_SERVICE,
     .calls = 2,
     .host = OREGON,
     .region = "us-west-2",
     .hint = "in which the bucket lies"},
    {"the region that was asked",
     "GET",
     {MOVED(301, "eu-west-1"), OK_ANSWER},
     2,
     .code = IR_ERR_SERVICE,
     .calls = 1,
     .host = IRELAND,
     .region = "eu-west-1",
     .hint = "in which the bucket lies"},
    {"a region that is none",
     "GET",
     {MOVED(301, "evil.example/"), OK_ANSWER},
     2,
     .code = IR_ERR_SERVICE,
     .calls = 1,
     .host = IRELAND,
     .region = "eu-west-1"},
    {"a region of 64 characters",
     "GET",
     {MOVED(301, "a23456789012345678901234567890123456789012345678901234567890123x"), OK_ANSWER},
     2,
     .code = IR_ERR_SERVICE,
     .calls = 1,
     .host = IRELAND,
     .region = "eu-west-1"},
    {"another partition",
     "GET",
     {MOVED(301, "cn-north-1"), OK_ANSWER},
     2,
     .code = IR_ERR_SERVICE,
     .calls = 1,
     .host = IRELAND,
     .region = "eu-west-1",
     .hint = "lies in cn-north-1"},
    {"GovCloud",
     "GET",
     {MOVED(301, "us-gov-west-1"), OK_ANSWER},
     2,
     .code = IR_ERR_SERVICE,
     .calls = 1,
     .host = IRELAND,
     .region = "eu-west-1",
     .hint = "lies in us-gov-west-1"},
    {"404 with another region",
     "GET",
     {{.status = 404,
       .header = "x-amz-bucket-region: us-west-2",
       .body = XML "<Error><Code>NoSuchKey</Code></Error>"},
      OK_ANSWER},
     2,
     .code = IR_ERR_SERVICE,
     .calls = 1,
     .host = IRELAND,
     .region = "eu-west-1"},
    {"HEAD: a bare 404 with another region",
     "HEAD",
     {{.status = 404, .header = "x-amz-bucket-region: us-west-2"}, OK_ANSWER},
     2,
     .code = IR_ERR_SERVICE,
     .calls = 1,
     .host = IRELAND,
     .region = "eu-west-1",
     .hint = "Check both names"},
    {"400 of another kind with another region",
     "GET",
     {{.status = 400,
       .header = "x-amz-bucket-region: us-west-2",
       .body = XML "<Error><Code>InvalidArgument</Code></Error>"},
      OK_ANSWER},
     2,
     .code = IR_ERR_SERVICE,
     .calls = 1,
     .host = IRELAND,
     .region = "eu-west-1"},
    {"a bare 400 without a region",
     "HEAD",
     {{.status = 400}, OK_ANSWER},
     2,
     .code = IR_ERR_SERVICE,
     .calls = 1,
     .host = IRELAND,
     .region = "eu-west-1",
     .hint = "bucket's region"},

    {"307 to another host of S3",
     "PUT",
     {TEMPORARY("photos.s3-us-west-2.amazonaws.com"), OK_ANSWER},
     2,
     .calls = 2,
     .host = "photos.s3-us-west-2.amazonaws.com",
     .region = "us-west-2"},
    {"307 to another host of S3, in Location",
     "PUT",
     {{.status = 307, .header = "Location: https://" OREGON "/a.jpg?rk=e1"}, OK_ANSWER},
     2,
     .calls = 2,
     .host = OREGON,
     .region = "us-west-2"},
    {"307 twice",
     "PUT",
     {TEMPORARY("photos.s3-us-west-2.amazonaws.com"), TEMPORARY(OREGON), OK_ANSWER},
     3,
     .code = IR_ERR_SERVICE,
     .calls = 2,
     .host = "photos.s3-us-west-2.amazonaws.com",
     .region = "us-west-2"},
    {"307 to the same host",
     "PUT",
     {TEMPORARY(IRELAND), OK_ANSWER},
     2,
     .code = IR_ERR_SERVICE,
     .calls = 1,
     .host = IRELAND,
     .region = "eu-west-1",
     .hint = "not followed"},
    {"307 to a host of somebody else",
     "PUT",
     {TEMPORARY("photos.s3.evil.example"), OK_ANSWER},
     2,
     .code = IR_ERR_SERVICE,
     .calls = 1,
     .host = IRELAND,
     .region = "eu-west-1",
     .hint = "not one of S3's own"},
    {"307 by http",
     "PUT",
     {{.status = 307, .header = "Location: http://" OREGON "/a.jpg"}, OK_ANSWER},
     2,
     .code = IR_ERR_SERVICE,
     .calls = 1,
     .host = IRELAND,
     .region = "eu-west-1",
     .hint = "not one of S3's own"},
    {"307 with a name before the host",
     "PUT",
     {{.status = 307, .header = "Location: https://ann@" OREGON "/"}, OK_ANSWER},
     2,
     .code = IR_ERR_SERVICE,
     .calls = 1,
     .host = IRELAND,
     .region = "eu-west-1",
     .hint = "not one of S3's own"},
    {"307 to a host without a name",
     "PUT",
     {{.status = 307, .header = "Location: https:///a.jpg"}, OK_ANSWER},
     2,
     .code = IR_ERR_SERVICE,
     .calls = 1,
     .host = IRELAND,
     .region = "eu-west-1",
     .hint = "not one of S3's own"},
    {"307 to a relative place",
     "PUT",
     {{.status = 307, .header = "Location: photos.s3.us-west-2.amazonaws.com/a.jpg"}, OK_ANSWER},
     2,
     .code = IR_ERR_SERVICE,
     .calls = 1,
     .host = IRELAND,
     .region = "eu-west-1",
     .hint = "not one of S3's own"},
    {"307 to a relative place that looks like a host",
     "PUT",
     {{.status = 307, .header = "Location: " OREGON}, OK_ANSWER},
     2,
     .code = IR_ERR_SERVICE,
     .calls = 1,
     .host = IRELAND,
     .region = "eu-west-1",
     .hint = "not one of S3's own"},
    {"HEAD: a bare 301 that names nothing",
     "HEAD",
     {{.status = 301}, OK_ANSWER},
     2,
     .code = IR_ERR_SERVICE,
     .calls = 1,
     .host = IRELAND,
     .region = "eu-west-1",
     .hint = "in which the bucket lies"},
    {"307 of a custom endpoint",
     "PUT",
     {TEMPORARY(OREGON), OK_ANSWER},
     2,
     "http://127.0.0.1:9000",
     .code = IR_ERR_SERVICE,
     .calls = 1,
     .host = "127.0.0.1:9000",
     .region = "eu-west-1",
     .hint = "not one of S3's own"},
};

static void test_redirect(void **state)
{
    const struct row *row = *state;
    struct call_fixture fixture;
    char setting[64];
    set_up(&fixture);
    fake_world_setenv(&fixture.world, "AWS_USE_FIPS_ENDPOINT", row->fips ? "true" : "false");
    call_load(&fixture);
    fixture.request.method = row->method;
    if (row->endpoint != NULL) {
        snprintf(setting, sizeof setting, "%s", row->endpoint);
        fixture.aws.endpoint_setting = setting;
    }
    for (size_t i = 0; i < row->answer_count; i++)
        call_answer(&fixture, row->answers[i]);
    int rc = call_run(&fixture);
    if (rc != row->code)
        fail_msg("%d: %s", rc, fixture.err.message);
    assert_int_equal(fixture.err.code, row->code);
    assert_int_equal(fixture.transport.call_count, row->calls);
    size_t last = row->calls - 1;
    assert_string_equal(fake_transport_header(&fixture.transport, last, "Host"), row->host);
    assert_true(signed_for(&fixture, last, row->region));
    assert_int_equal(fixture.world.sleep_count, 0);
    assert_int_equal(atomic_load(&fixture.aws.quota.tokens), 500);
    if (row->hint != NULL && strstr(fixture.err.hint, row->hint) == NULL)
        fail_msg("the hint does not say \"%s\": %s", row->hint, fixture.err.hint);
    assert_int_equal(call_lines_with(&fixture, "S3 bucket photos: "), row->calls - 1);
    call_tear_down(&fixture);
}

/* ---- what is remembered ------------------------------------------------------------------ */

static void test_remembered(void **state)
{
    (void)state;
    struct call_fixture fixture;
    set_up(&fixture);
    call_load(&fixture);
    call_answer(&fixture, (struct fake_answer)MOVED(301, "us-west-2"));
    call_answer(&fixture, (struct fake_answer)OK_ANSWER);
    assert_int_equal(call_run(&fixture), 0);
    assert_int_equal(fixture.retries, 1);
    assert_int_equal(call_run(&fixture), 0);
    assert_int_equal(fixture.transport.call_count, 3);
    assert_string_equal(fixture.transport.seen[2].url, "https://" OREGON "/a.jpg");
    assert_true(signed_for(&fixture, 2, "us-west-2"));
    /* Only this one. */
    fixture.request.bucket = "other";
    assert_int_equal(call_run(&fixture), 0);
    assert_string_equal(fixture.transport.seen[3].url,
                        "https://other.s3.eu-west-1.amazonaws.com/a.jpg");
    call_tear_down(&fixture);
}

/* The bucket was made anew elsewhere. */
static void test_moved_again(void **state)
{
    (void)state;
    struct call_fixture fixture;
    set_up(&fixture);
    call_load(&fixture);
    ir_bucket_regions_put(&fixture.aws.bucket_regions, "photos", "us-west-2");
    call_answer(&fixture, (struct fake_answer)MOVED(301, "eu-west-1"));
    call_answer(&fixture, (struct fake_answer)OK_ANSWER);
    assert_int_equal(call_run(&fixture), 0);
    assert_string_equal(fixture.transport.seen[0].url, "https://" OREGON "/a.jpg");
    assert_string_equal(fixture.transport.seen[1].url, "https://" IRELAND "/a.jpg");
    assert_int_equal(call_run(&fixture), 0);
    assert_string_equal(fixture.transport.seen[2].url, "https://" IRELAND "/a.jpg");
    call_tear_down(&fixture);
}

static void test_host_is_not_remembered(void **state)
{
    (void)state;
    struct call_fixture fixture;
    set_up(&fixture);
    call_load(&fixture);
    call_answer(&fixture, (struct fake_answer)TEMPORARY("photos.s3-us-west-2.amazonaws.com"));
    call_answer(&fixture, (struct fake_answer)OK_ANSWER);
    assert_int_equal(call_run(&fixture), 0);
    assert_int_equal(call_run(&fixture), 0);
    assert_string_equal(fixture.transport.seen[2].url, "https://" IRELAND "/a.jpg");
    call_tear_down(&fixture);
}

/* A redirect leaves the whole of the attempts. */
static void test_attempts_after_it(void **state)
{
    (void)state;
    struct call_fixture fixture;
    set_up(&fixture);
    fake_world_setenv(&fixture.world, "AWS_MAX_ATTEMPTS", "2");
    call_load(&fixture);
    call_answer(&fixture, (struct fake_answer)MOVED(301, "us-west-2"));
    call_answer(&fixture, (struct fake_answer){.status = 503});
    call_answer(&fixture, (struct fake_answer)OK_ANSWER);
    assert_int_equal(call_run(&fixture), 0);
    assert_int_equal(fixture.transport.call_count, 3);
    assert_int_equal(fixture.world.sleep_count, 1);
    assert_int_equal(fixture.world.sleeps_ms[0], 25); /* the first retry's */
    assert_string_equal(fake_transport_header(&fixture.transport, 2, "amz-sdk-request"),
                        "attempt=3; max=3");
    call_tear_down(&fixture);
}

#define THREADS 4
#define ROUNDS 2000

/* Puts and gets more buckets than are remembered; a region that is got is one that was put. */
static void *put_and_get(void *context)
{
    struct ir_bucket_regions *regions = context;
    for (unsigned i = 0; i < ROUNDS; i++) {
        char bucket[32];
        char region[IR_REGION_BYTES] = "";
        snprintf(bucket, sizeof bucket, "b%u", i % (IR_MAX_BUCKET_REGIONS + 7));
        ir_bucket_regions_put(regions, bucket, i % 2 == 0 ? "us-west-2" : "eu-central-1");
        if (ir_bucket_regions_get(regions, bucket, region) && strcmp(region, "us-west-2") != 0 &&
            strcmp(region, "eu-central-1") != 0)
            return regions;
    }
    return NULL;
}

static void test_memory_of_threads(void **state)
{
    (void)state;
    struct ir_bucket_regions regions;
    pthread_t threads[THREADS];
    ir_bucket_regions_init(&regions);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, put_and_get, &regions), 0);
    for (int i = 0; i < THREADS; i++) {
        void *wrong = NULL;
        pthread_join(threads[i], &wrong);
        assert_null(wrong);
    }
    assert_int_equal(regions.count, IR_MAX_BUCKET_REGIONS);
    ir_bucket_regions_release(&regions);
}

static void test_memory(void **state)
{
    (void)state;
    struct ir_bucket_regions regions;
    char bucket[32];
    char region[IR_REGION_BYTES] = "untouched";
    ir_bucket_regions_init(&regions);
    assert_false(ir_bucket_regions_get(&regions, "b0", region));
    assert_string_equal(region, "untouched");
    for (unsigned i = 0; i <= IR_MAX_BUCKET_REGIONS; i++) {
        snprintf(bucket, sizeof bucket, "b%u", i);
        ir_bucket_regions_put(&regions, bucket, "us-west-2");
        ir_bucket_regions_put(&regions, bucket, "us-west-1"); /* in its place */
    }
    assert_int_equal(regions.count, IR_MAX_BUCKET_REGIONS);
    assert_false(ir_bucket_regions_get(&regions, "b0", region)); /* the oldest has gone */
    assert_true(ir_bucket_regions_get(&regions, "b1", region));
    assert_string_equal(region, "us-west-1");
    assert_true(ir_bucket_regions_get(&regions, "b64", region));
    ir_bucket_regions_release(&regions);
}

/* ---- paths ------------------------------------------------------------------------------- */

static const struct path_row {
    const char *name; /* the path */
} path_rows[] = {
    {"/"},       {"//"},          {"/a//b"},  {"/a/../b"}, {"/./a"}, {"/%2E%2E/a"},
    {"/a%20b/"}, {"/%C3%A9%2B~"}, {"/a%2Fb"}, {"/.."},     {"/a/."}, {"/%F0%9F%98%80"},
};

static void check_path(struct call_fixture *fixture, const char *wire_path, const char *base_url)
{
    char url[300];
    snprintf(url, sizeof url, "%s%s?list-type=2", base_url, wire_path);
    assert_string_equal(fixture->transport.seen[0].url, url);
    struct ir_header headers[FAKE_TRANSPORT_MAX_HEADERS];
    char names[FAKE_TRANSPORT_MAX_HEADERS][64];
    const struct fake_seen *seen = &fixture->transport.seen[0];
    for (size_t i = 0; i < seen->header_count; i++) {
        size_t bytes = strcspn(seen->headers[i], ":");
        snprintf(names[i], sizeof names[i], "%.*s", (int)bytes, seen->headers[i]);
        headers[i] = (struct ir_header){names[i], seen->headers[i] + bytes + 2};
    }
    const struct ir_sign_request request = {
        .method = "GET",
        .path = wire_path,
        .query = "list-type=2",
        .headers = headers,
        .header_count = seen->header_count,
        .payload_hash = fake_transport_header(&fixture->transport, 0, "X-Amz-Content-Sha256"),
        .service = "s3",
        .region = "eu-west-1",
        .date = fake_transport_header(&fixture->transport, 0, "X-Amz-Date"),
        .s3_path = true,
    };
    struct ir_buf expected;
    ir_buf_init(&expected, 10000);
    ir_sign_authorization(&request, "AKIDEXAMPLE", "hush", &expected);
    assert_string_equal(fake_transport_header(&fixture->transport, 0, "Authorization"),
                        ir_buf_text(&expected));
    ir_buf_release(&expected);
}

/* Both before the host and in the path: nothing of a key is made shorter or written otherwise. */
static void test_path(void **state)
{
    const struct path_row *row = *state;
    static const char *const endpoints[] = {NULL, "http://127.0.0.1:9000/pre"};
    static const char *const base_urls[] = {"https://" IRELAND, "http://127.0.0.1:9000"};
    for (size_t i = 0; i < 2; i++) {
        struct call_fixture fixture;
        char setting[64];
        char wire_path[200];
        set_up(&fixture);
        call_load(&fixture);
        snprintf(setting, sizeof setting, "%s", i > 0 ? endpoints[i] : "aws");
        snprintf(wire_path, sizeof wire_path, "%s%s", i > 0 ? "/pre/photos" : "", row->name);
        fixture.aws.endpoint_setting = setting;
        fixture.request.path = row->name;
        fixture.request.query = "list-type=2";
        call_answer(&fixture, (struct fake_answer)OK_ANSWER);
        assert_int_equal(call_run(&fixture), 0);
        check_path(&fixture, wire_path, base_urls[i]);
        call_tear_down(&fixture);
    }
}

static void test_no_lawful_bucket(void **state)
{
    (void)state;
    struct call_fixture fixture;
    set_up(&fixture);
    call_load(&fixture);
    fixture.request.bucket = "photos/a.jpg";
    assert_int_equal(call_run(&fixture), IR_ERR_ARG);
    assert_string_equal(fixture.err.service, "S3");
    assert_int_equal(fixture.transport.call_count, 0);
    call_tear_down(&fixture);
}

/* ---- errors behind 200 ------------------------------------------------------------------- */

#define ERROR_200(code) {.status = 200, .body = XML "<Error><Code>" code "</Code></Error>"}
#define GOOD_200                                                                                   \
    {.body = XML "<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>"}

static const struct masked_row {
    const char *name;
    struct fake_answer answers[MAX_ROW_ANSWERS];
    size_t answer_count;
    bool is_not_looked_for;
    int code;
    const char *aws_code;
    size_t calls;
    long sleep_ms; /* the first wait; 0 = none */
} masked_rows[] = {
    {"200: good", {GOOD_200}, 1, .calls = 1},
    {"200: InternalError, then good",
     {ERROR_200("InternalError"), GOOD_200},
     2,
     .calls = 2,
     .sleep_ms = 25},
    {"200: SlowDown, then good", {ERROR_200("SlowDown"), GOOD_200}, 2, .calls = 2, .sleep_ms = 500},
    {"200: InternalError for good",
     {ERROR_200("InternalError")},
     1,
     .code = IR_ERR_SERVICE,
     .aws_code = "InternalError",
     .calls = 3,
     .sleep_ms = 25},
    {"200: SlowDown for good",
     {ERROR_200("SlowDown")},
     1,
     .code = IR_ERR_THROTTLED,
     .aws_code = "SlowDown",
     .calls = 3,
     .sleep_ms = 500},
    {"200: another error counts as 500",
     {ERROR_200("NoSuchUpload")},
     1,
     .code = IR_ERR_SERVICE,
     .aws_code = "NoSuchUpload",
     .calls = 3,
     .sleep_ms = 25},
    {"200: blanks before the error",
     {{.status = 200, .body = " \r\n\t  " XML "<Error><Code>InternalError</Code></Error>"},
      GOOD_200},
     2,
     .calls = 2,
     .sleep_ms = 25},
    {"200: an <Error> further in",
     {{.status = 200, .body = XML "<DeleteResult><Error><Code>X</Code></Error></DeleteResult>"}},
     1,
     .calls = 1},
    {"200: no XML", {{.status = 200, .body = "hello"}}, 1, .calls = 1},
    {"200: empty", {{.status = 200}}, 1, .calls = 1},
    {"200: not looked for", {ERROR_200("InternalError")}, 1, .is_not_looked_for = true, .calls = 1},
};

static void test_masked(void **state)
{
    const struct masked_row *row = *state;
    struct call_fixture fixture;
    set_up(&fixture);
    call_load(&fixture);
    fixture.request.may_fail_in_200 = !row->is_not_looked_for;
    for (size_t i = 0; i < row->answer_count; i++)
        call_answer(&fixture, row->answers[i]);
    assert_int_equal(call_run(&fixture), row->code);
    assert_string_equal(fixture.err.aws_code, row->aws_code != NULL ? row->aws_code : "");
    assert_int_equal(fixture.transport.call_count, row->calls);
    assert_int_equal(fixture.world.sleep_count > 0 ? fixture.world.sleeps_ms[0] : 0, row->sleep_ms);
    call_tear_down(&fixture);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_redirect, rows);
    unit_add(&list, "remembered", test_remembered);
    unit_add(&list, "moved again", test_moved_again);
    unit_add(&list, "a host is not remembered", test_host_is_not_remembered);
    unit_add(&list, "attempts after a redirect", test_attempts_after_it);
    unit_add(&list, "the memory is bounded", test_memory);
    unit_add(&list, "threads share the memory", test_memory_of_threads);
    UNIT_ADD_ROWS(&list, test_path, path_rows);
    unit_add(&list, "no lawful bucket", test_no_lawful_bucket);
    UNIT_ADD_ROWS(&list, test_masked, masked_rows);
    return unit_run(&list, "aws-redirect");
}
