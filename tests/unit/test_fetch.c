/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Objects of S3 into memory, over a transport that answers from a script: what is not what S3
 * stores, or is too much, is not handed out. And the addresses that are taken apart for it.
 */
#include "tests/unit/fake_client.h"

#include <imgrecog/fetch.h>
#include <imgrecog/upload.h>

#define TEXT "123456789"
#define ETAG "ETag: \"25f9e794323b453885f5181f1b624d0b\"\n"
#define CRC32 ETAG "x-amz-checksum-crc32: y/Q5Jg==\n"

/* ---- addresses --------------------------------------------------------------------------- */

#define KEY_1024 K64 K64 K64 K64 K64 K64 K64 K64 K64 K64 K64 K64 K64 K64 K64 K64
#define K64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct uri_row {
    const char *name;
    const char *text;
    const char *bucket; /* NULL = refused */
    const char *key;    /* or what the error says */
} uri_rows[] = {
    {"address: bucket and key", "s3://photos/a/b c.jpg", "photos", "a/b c.jpg"},
    {"address: a key with signs", "s3://photos//a/../%2B é.jpg", "photos", "/a/../%2B é.jpg"},
    {"address: a bucket alone", "s3://photos", "photos", ""},
    {"address: a bucket and a stroke", "s3://photos/", "photos", ""},
    {"address: the longest key", "s3://photos/" KEY_1024, "photos", KEY_1024},
    {"address: a key too long", "s3://photos/" KEY_1024 "x", NULL, "1,024"},
    {"address: no bucket", "s3:///a.jpg", NULL, "no bucket"},
    {"address: nothing", "s3://", NULL, "no bucket"},
    {"address: a bucket too long", "s3://" K64 K64 K64 K64 "/a", NULL, "too long"},
    {"address: another scheme", "https://photos/a.jpg", NULL, "s3://"},
    {"address: capitals", "S3://photos/a.jpg", NULL, "s3://"},
    {"address: an empty text", "", NULL, "s3://"},
};

static void test_uri(void **state)
{
    const struct uri_row *row = *state;
    struct ir_s3_uri uri = {"untouched", "untouched"};
    struct ir_error err = {0};
    int rc = ir_s3_uri_parse(row->text, &uri, &err);
    if (row->bucket != NULL) {
        assert_int_equal(rc, 0);
        assert_string_equal(uri.bucket, row->bucket);
        assert_string_equal(uri.key, row->key);
        return;
    }
    assert_int_equal(rc, IR_ERR_ARG);
    assert_non_null(strstr(err.message, row->key));
    assert_string_equal(uri.bucket, "untouched");
    assert_string_equal(uri.key, "untouched");
}

/* ---- objects ----------------------------------------------------------------------------- */

static const struct fetch_row {
    const char *name;
    struct fake_answer answer;
    size_t max_bytes;
    int code;
    const char *says; /* in the error */
} fetch_rows[] = {
    {"fetch: an object and its checksum", {.header = CRC32, .body = TEXT}, 100, 0, NULL},
    {"fetch: an object without one", {.header = ETAG, .body = TEXT}, 100, 0, NULL},
    {"fetch: as large as it may be", {.header = CRC32, .body = TEXT}, 9, 0, NULL},
    {"fetch: one byte more", {.header = CRC32, .body = TEXT}, 8, IR_ERR_TOO_LARGE, ""},
    {"fetch: other bytes than S3 stores",
     {.header = CRC32, .body = "123456780"},
     100,
     IR_ERR_RESPONSE,
     "checksum"},
    {"fetch: cut off", {.header = CRC32, .body = "1234"}, 100, IR_ERR_RESPONSE, "checksum"},
    {"fetch: no such object",
     {.status = 404, .body = "<Error><Code>NoSuchKey</Code><Message>x</Message></Error>"},
     100,
     IR_ERR_SERVICE,
     ""},
};

static void test_fetch(void **state)
{
    const struct fetch_row *row = *state;
    const struct ir_s3_uri uri = {"photos", "a b.jpg"};
    struct ir_fetch_options options = IR_FETCH_OPTIONS_INIT;
    struct fixture fixture;
    void *data = &fixture;
    size_t bytes = 77;
    set_up(&fixture);
    fake_transport_add(&fixture.transport, row->answer);
    options.max_bytes = row->max_bytes;
    int rc = ir_fetch(fixture.client, &uri, &options, &data, &bytes, &fixture.err);
    if (rc != row->code)
        fail_msg("%d: %s", rc, fixture.err.message);
    assert_string_equal(fixture.transport.seen[0].url,
                        "https://photos.s3.eu-west-1.amazonaws.com/a%20b.jpg");
    assert_int_equal(fixture.transport.seen[0].slowest_bytes_per_ms, 16);
    if (row->code == 0) {
        assert_int_equal(bytes, strlen(TEXT));
        assert_memory_equal(data, TEXT, bytes);
        ir_free(data);
    } else {
        assert_ptr_equal(data, &fixture);
        assert_int_equal(bytes, 77);
        assert_non_null(strstr(fixture.err.message, row->says));
    }
    tear_down(&fixture);
}

/* An object may be empty; then there is something to free all the same. */
static void test_empty(void **state)
{
    const struct ir_s3_uri uri = {"photos", "empty"};
    const struct ir_fetch_options options = IR_FETCH_OPTIONS_INIT;
    struct fixture fixture;
    void *data = NULL;
    size_t bytes = 77;
    (void)state;
    set_up(&fixture);
    fake_transport_add(&fixture.transport, (struct fake_answer){.header = ETAG});
    assert_int_equal(ir_fetch(fixture.client, &uri, &options, &data, &bytes, &fixture.err), 0);
    assert_non_null(data);
    assert_int_equal(bytes, 0);
    ir_free(data);
    tear_down(&fixture);
}

static void test_refused(void **state)
{
    const struct ir_s3_uri uri = {"photos", "a"};
    const struct ir_s3_uri no_key = {"photos", ""};
    struct ir_fetch_options options = IR_FETCH_OPTIONS_INIT;
    struct fixture fixture;
    void *data = NULL;
    char *url = NULL;
    size_t bytes = 0;
    (void)state;
    set_up(&fixture);
    assert_int_equal(ir_fetch(fixture.client, &no_key, &options, &data, &bytes, &fixture.err),
                     IR_ERR_ARG);
    options.version = 2;
    assert_int_equal(ir_fetch(fixture.client, &uri, &options, &data, &bytes, &fixture.err),
                     IR_ERR_ARG);
    assert_non_null(strstr(fixture.err.message, "version 2"));
    assert_int_equal(ir_presign(fixture.client, &no_key, 60, &url, &fixture.err), IR_ERR_ARG);
    assert_int_equal(ir_presign(fixture.client, &uri, 0, &url, &fixture.err), IR_ERR_ARG);
    assert_int_equal(ir_presign(fixture.client, &uri, 604801, &url, &fixture.err), IR_ERR_ARG);
    assert_true(data == NULL && url == NULL);
    assert_int_equal(fixture.transport.call_count, 0);
    assert_int_equal(ir_presign(fixture.client, &uri, 60, &url, &fixture.err), 0);
    assert_non_null(strstr(url, "X-Amz-Expires=60"));
    assert_null(strstr(url, "hush"));
    ir_free(url);
    tear_down(&fixture);
}

/* ---- buckets ----------------------------------------------------------------------------- */

static const struct bucket_row {
    const char *name;
    struct fake_answer answer;
    int code;
    const char *says;
} bucket_rows[] = {
    {"bucket: there", {.method = "HEAD"}, 0, NULL},
    {"bucket: S3 does not tell who may only put", {.method = "HEAD", .status = 403}, 0, NULL},
    {"bucket: a server that is S3 in part", {.method = "HEAD", .status = 501}, 0, NULL},
    {"bucket: none",
     {.method = "HEAD", .status = 404},
     IR_ERR_SERVICE,
     "there is no bucket photos (HTTP 404)"},
    {"bucket: no line", {.method = "HEAD", .rc = IR_ERR_NET}, IR_ERR_NET, "line failed"},
};

static void test_bucket(void **state)
{
    const struct bucket_row *row = *state;
    struct fixture fixture;
    set_up(&fixture);
    fake_transport_add(&fixture.transport, row->answer);
    assert_int_equal(ir_upload_check_bucket(fixture.client, "photos", NULL, &fixture.err),
                     row->code);
    assert_int_equal(fixture.err.code, row->code);
    if (row->says != NULL)
        assert_non_null(strstr(fixture.err.message, row->says));
    assert_int_equal(fixture.transport.call_count, 1);
    tear_down(&fixture);
}

static void test_bucket_dry(void **state)
{
    struct fixture fixture;
    struct ir_client_options dry = IR_CLIENT_OPTIONS_INIT;
    (void)state;
    dry.dry_run = true;
    set_up_with(&fixture, &dry);
    assert_int_equal(ir_upload_check_bucket(fixture.client, "photos", NULL, &fixture.err), 0);
    assert_int_equal(fixture.transport.call_count, 0);
    tear_down(&fixture);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_uri, uri_rows);
    UNIT_ADD_ROWS(&list, test_fetch, fetch_rows);
    unit_add(&list, "fetch: an empty object", test_empty);
    UNIT_ADD_ROWS(&list, test_bucket, bucket_rows);
    unit_add(&list, "bucket: a dry run", test_bucket_dry);
    unit_add(&list, "what is refused before anything is sent", test_refused);
    return unit_run(&list, "fetch");
}
