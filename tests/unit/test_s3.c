/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What S3's builders send and refuse for one object, what its readers make of headers, and the
 * words of its errors. The whole of a request is judged by botocore's model (tests/peers).
 */
#include "tests/unit/s3_answers.h"

#include <zlib.h>

#include "core/base/error.h"

/* ---- keys -------------------------------------------------------------------------------- */

struct key_row {
    const char *name;
    const char *key;
    const char *path; /* NULL = refused */
};

static char key_1024[1025];
static char key_1025[1026];
static char path_1024[3 * 1024 + 2];

static const struct key_row key_rows[] = {
    {"key: plain", "a/b.jpg", "/a/b.jpg"},
    {"key: space and plus", "a b+c", "/a%20b%2Bc"},
    {"key: percent", "%2B", "/%252B"},
    {"key: slashes and dots", "a//b/../c/./", "/a//b/../c/./"},
    {"key: a slash first", "/a", "//a"},
    {"key: unreserved", "-_.~", "/-_.~"},
    {"key: accent and emoji", "\xC3\xA9\xF0\x9F\x98\x80", "/%C3%A9%F0%9F%98%80"},
    {"key: query characters", "a?b=c&d#e", "/a%3Fb%3Dc%26d%23e"},
    {"key: line feed", "a\nb", "/a%0Ab"},
    {"key: 1,024 bytes", key_1024, path_1024},
    {"key: 1,025 bytes", key_1025, NULL},
    {"key: no UTF-8", "a\xFF", NULL},
    {"key: empty", "", NULL},
    {"key: none", NULL, NULL},
};

static void make_keys(void)
{
    path_1024[0] = '/';
    for (size_t i = 0; i < 1024; i++)
        snprintf(path_1024 + 1 + 3 * i, 4, "%s", i % 2 == 0 ? "%C3" : "%A9");
    for (size_t i = 0; i < 1024; i++)
        key_1024[i] = i % 2 == 0 ? '\xC3' : '\xA9';
    memset(key_1025, 'a', sizeof key_1025 - 1);
}

static void test_key(void **state)
{
    const struct key_row *row = *state;
    const struct ir_s3_object_name name = {.bucket = "bucket", .key = row->key};
    struct ir_s3_request request;
    struct ir_error err = {0};
    int rc = ir_s3_head_call(&name, &request, &err);
    if (row->path == NULL) {
        assert_int_equal(rc, IR_ERR_ARG);
        assert_string_equal(err.service, "S3");
        assert_true(err.hint[0] != '\0');
        return;
    }
    assert_int_equal(rc, 0);
    assert_string_equal(request.http.aws.path, row->path);
    assert_string_equal(request.http.aws.bucket, "bucket");
    ir_s3_request_release(&request);
}

/* ---- PutObject --------------------------------------------------------------------------- */

static void test_put_everything(void **state)
{
    (void)state;
    static const struct ir_s3_pair tags[] = {{"a b", "c&d"}, {"\xC3\xA9", ""}};
    struct ir_s3_pair metadata[IR_S3_MAX_METADATA];
    static char names[IR_S3_MAX_METADATA][8];
    struct ir_s3_request request;
    struct ir_error err = {0};
    for (size_t i = 0; i < IR_S3_MAX_METADATA; i++) {
        snprintf(names[i], sizeof names[i], "Name-%zu", i % 100);
        metadata[i] = (struct ir_s3_pair){names[i], "value"};
    }
    const struct ir_s3_put_options options = {
        .name = {.bucket = "bucket", .key = "key", .expected_owner = "123456789012"},
        .attributes = {.content_type = "image/jpeg",
                       .cache_control = "no-cache",
                       .content_disposition = "inline",
                       .metadata = metadata,
                       .metadata_count = IR_S3_MAX_METADATA,
                       .tags = tags,
                       .tag_count = 2,
                       .storage_class = "STANDARD_IA",
                       .encryption = "aws:kms:dsse",
                       .kms_key = "alias/k",
                       .kms_context = "{\"a\":\"b\"}",
                       .bucket_key = true},
        .only_if_new = true,
        .sums = &sums,
    };
    assert_int_equal(ir_s3_put_call(&options, &request, &err), 0);
    assert_string_equal(request.http.aws.method, "PUT");
    assert_string_equal(request.http.aws.content_type, "image/jpeg");
    assert_string_equal(request.http.aws.payload_hash, sums.sha256_hex);
    assert_string_equal(header(&request, "x-amz-checksum-crc32"), "NhCmhg==");
    assert_string_equal(header(&request, "x-amz-tagging"), "a%20b=c%26d&%C3%A9=");
    assert_string_equal(header(&request, "x-amz-server-side-encryption"), "aws:kms:dsse");
    assert_string_equal(header(&request, "x-amz-server-side-encryption-aws-kms-key-id"), "alias/k");
    assert_string_equal(header(&request, "x-amz-server-side-encryption-context"), "eyJhIjoiYiJ9");
    assert_string_equal(header(&request, "x-amz-server-side-encryption-bucket-key-enabled"),
                        "true");
    assert_string_equal(header(&request, "x-amz-storage-class"), "STANDARD_IA");
    assert_string_equal(header(&request, "x-amz-expected-bucket-owner"), "123456789012");
    assert_string_equal(header(&request, "if-none-match"), "*");
    assert_string_equal(header(&request, "x-amz-meta-name-0"), "value");
    assert_string_equal(header(&request, "x-amz-meta-name-29"), "value");
    /* Sent as they are signed, and as S3 returns them. */
    assert_string_equal(request.http.aws.headers[request.http.aws.header_count - 1].value,
                        "NhCmhg==");
    ir_s3_request_release(&request);
}

struct put_row {
    const char *name;
    void (*change)(struct ir_s3_put_options *options);
    int code;
    const char *words;
};

static char long_text[4096];

static void put_bad_owner(struct ir_s3_put_options *options)
{
    options->name.expected_owner = "12345678901x";
}

static void put_no_bucket(struct ir_s3_put_options *options)
{
    options->name.bucket = "";
}

static void put_too_large(struct ir_s3_put_options *options)
{
    static struct ir_body_sums large = {.bytes = IR_S3_MAX_PUT_BYTES + 1};
    options->sums = &large;
}

static void set_entry(struct ir_s3_put_options *options, const char *name, const char *value)
{
    static struct ir_s3_pair entry;
    entry = (struct ir_s3_pair){name, value};
    options->attributes.metadata = &entry;
    options->attributes.metadata_count = 1;
}

static void put_entries_31(struct ir_s3_put_options *options)
{
    static const struct ir_s3_pair entries[31];
    options->attributes.metadata = entries;
    options->attributes.metadata_count = 31;
}

static void put_entry_accent(struct ir_s3_put_options *options)
{
    set_entry(options, "a", "\xC3\xA9");
}

static void put_entry_control(struct ir_s3_put_options *options)
{
    set_entry(options, "a", "b\r\nX-Injected: 1");
}

static void put_entry_empty(struct ir_s3_put_options *options)
{
    set_entry(options, "a", "");
}

static void put_entry_name(struct ir_s3_put_options *options)
{
    set_entry(options, "a b", "c");
}

static void put_entry_large(struct ir_s3_put_options *options)
{
    set_entry(options, "ab", long_text + sizeof long_text - 1 - 2047);
}

static void put_entry_fits(struct ir_s3_put_options *options)
{
    set_entry(options, "a", long_text + sizeof long_text - 1 - 2047);
}

static void put_entry_twice(struct ir_s3_put_options *options)
{
    static const struct ir_s3_pair entries[] = {{"Name", "1"}, {"nAME", "2"}};
    options->attributes.metadata = entries;
    options->attributes.metadata_count = 2;
}

static void set_tags(struct ir_s3_put_options *options, const struct ir_s3_pair *tags, size_t count)
{
    options->attributes.tags = tags;
    options->attributes.tag_count = count;
}

static void put_tags_11(struct ir_s3_put_options *options)
{
    static const struct ir_s3_pair tags[11];
    set_tags(options, tags, 11);
}

static void put_tag_twice(struct ir_s3_put_options *options)
{
    static const struct ir_s3_pair tags[] = {{"a", "1"}, {"a", "2"}};
    set_tags(options, tags, 2);
}

static void put_tag_long(struct ir_s3_put_options *options)
{
    static struct ir_s3_pair tag = {.value = ""};
    tag.name = long_text + sizeof long_text - 1 - 129;
    set_tags(options, &tag, 1);
}

static void put_tag_fits(struct ir_s3_put_options *options)
{
    static struct ir_s3_pair tag;
    tag.name = long_text + sizeof long_text - 1 - 128;
    tag.value = long_text + sizeof long_text - 1 - 256;
    set_tags(options, &tag, 1);
}

static void put_tag_no_utf8(struct ir_s3_put_options *options)
{
    static const struct ir_s3_pair tag = {"a", "\xFF"};
    set_tags(options, &tag, 1);
}

/* 10 tags of 4-byte characters: 384 * 4 * 3 bytes each. */
static void put_tags_over_headers(struct ir_s3_put_options *options)
{
    static char value[256 * 4 + 1];
    static struct ir_s3_pair tags[3] = {{"a", value}, {"b", value}, {"c", value}};
    for (size_t i = 0; i < 256; i++)
        snprintf(value + 4 * i, 5, "\xF0\x9F\x98\x80");
    set_tags(options, tags, 3);
}

static void put_sse_unknown(struct ir_s3_put_options *options)
{
    options->attributes.encryption = "AES128";
}

static void put_key_without_kms(struct ir_s3_put_options *options)
{
    options->attributes.encryption = "AES256";
    options->attributes.kms_key = "alias/k";
}

static void put_bucket_key_alone(struct ir_s3_put_options *options)
{
    options->attributes.bucket_key = true;
}

static void put_context_no_json(struct ir_s3_put_options *options)
{
    options->attributes.encryption = "aws:kms";
    options->attributes.kms_context = "a=b";
}

static void put_context_array(struct ir_s3_put_options *options)
{
    options->attributes.encryption = "aws:kms";
    options->attributes.kms_context = "[]";
}

static void put_disposition_accent(struct ir_s3_put_options *options)
{
    options->attributes.content_disposition = "attachment; filename=\"\xC3\xA9\"";
}

static const struct put_row put_rows[] = {
    {"put: owner", put_bad_owner, IR_ERR_ARG, "12 digits"},
    {"put: bucket", put_no_bucket, IR_ERR_ARG, "no bucket"},
    {"put: over 5 GiB", put_too_large, IR_ERR_TOO_LARGE, "5 GiB"},
    {"put: 31 metadata entries", put_entries_31, IR_ERR_TOO_LARGE, "more than 30"},
    {"put: metadata with an accent", put_entry_accent, IR_ERR_ARG, "ASCII"},
    {"put: metadata with a line break", put_entry_control, IR_ERR_ARG, "ASCII"},
    {"put: metadata without a value", put_entry_empty, IR_ERR_ARG, "empty"},
    {"put: metadata's name", put_entry_name, IR_ERR_ARG, "name"},
    {"put: metadata of 2,049 bytes", put_entry_large, IR_ERR_TOO_LARGE, "2,048"},
    {"put: metadata of 2,048 bytes", put_entry_fits, 0, NULL},
    {"put: metadata twice", put_entry_twice, IR_ERR_ARG, "same name"},
    {"put: 11 tags", put_tags_11, IR_ERR_TOO_LARGE, "10 tags"},
    {"put: a tag twice", put_tag_twice, IR_ERR_ARG, "same name"},
    {"put: a tag's name of 129 characters", put_tag_long, IR_ERR_TOO_LARGE, "too long"},
    {"put: a tag of 128 and 256 characters", put_tag_fits, 0, NULL},
    {"put: a tag that is no UTF-8", put_tag_no_utf8, IR_ERR_ARG, "UTF-8"},
    {"put: tags over 8,192 bytes", put_tags_over_headers, IR_ERR_TOO_LARGE, ""},
    {"put: unknown encryption", put_sse_unknown, IR_ERR_ARG, "encryption"},
    {"put: KMS key without KMS", put_key_without_kms, IR_ERR_ARG, "KMS"},
    {"put: bucket key alone", put_bucket_key_alone, IR_ERR_ARG, "KMS"},
    {"put: context that is no JSON", put_context_no_json, IR_ERR_ARG, "JSON object"},
    {"put: context that is an array", put_context_array, IR_ERR_ARG, "JSON object"},
    {"put: disposition with an accent", put_disposition_accent, IR_ERR_ARG, "ASCII"},
};

static void test_put(void **state)
{
    const struct put_row *row = *state;
    struct ir_s3_put_options options = {.name = object, .sums = &sums};
    struct ir_s3_request request;
    struct ir_error err = {0};
    row->change(&options);
    assert_int_equal(ir_s3_put_call(&options, &request, &err), row->code);
    if (row->code == 0) {
        ir_s3_request_release(&request);
        return;
    }
    assert_int_equal(err.code, row->code);
    assert_non_null(strstr(err.message, row->words));
}

static void test_get(void **state)
{
    (void)state;
    struct ir_s3_request request;
    struct ir_error err = {0};
    struct ir_s3_get_options options = {.name = object, .has_range = true, .last_byte = 9};
    options.name.version = "v/1";
    assert_int_equal(ir_s3_get_call(&options, &request, &err), 0);
    assert_string_equal(header(&request, "range"), "bytes=0-9");
    assert_string_equal(header(&request, "x-amz-checksum-mode"), "ENABLED");
    assert_string_equal(request.http.aws.query, "versionId=v%2F1");
    ir_s3_request_release(&request);
    options.first_byte = 10;
    assert_int_equal(ir_s3_get_call(&options, &request, &err), IR_ERR_ARG);
    assert_non_null(strstr(err.message, "range"));
    options.name.expected_owner = "123456789012";
    assert_int_equal(ir_s3_presign_call(&options.name, &request, &err), 0);
    assert_int_equal(request.http.aws.header_count, 0);
    ir_s3_request_release(&request);
}

/* ---- answers ----------------------------------------------------------------------------- */

static void count_entry(void *context, const char *name, size_t name_bytes, const char *value,
                        size_t value_bytes)
{
    struct ir_buf *out = context;
    ir_buf_append(out, name, name_bytes);
    ir_buf_append_char(out, '=');
    ir_buf_append(out, value, value_bytes);
    ir_buf_append_char(out, ';');
}

static void test_object(void **state)
{
    (void)state;
    struct ir_http_response response;
    struct ir_s3_object read;
    struct ir_error err = {0};
    struct ir_buf entries;
    fill(&response,
         "ETag: \"e\"\nContent-Length: 10\nContent-Range: bytes 0-9/2000\nx-amz-meta-a: b: c\n"
         "X-Amz-Meta-Two: 2\nx-amz-version-id: v\nx-amz-server-side-encryption: AES256\n",
         "");
    assert_int_equal(ir_s3_read_object(&response, &read, &err), 0);
    assert_string_equal(read.etag, "\"e\"");
    assert_string_equal(read.version_id, "v");
    assert_string_equal(read.encryption, "AES256");
    assert_string_equal(read.content_type, "");
    assert_int_equal(read.bytes, 2000);
    ir_buf_init(&entries, 1000);
    ir_s3_each_metadata(&response, count_entry, &entries);
    assert_string_equal(ir_buf_text(&entries), "a=b: c;two=2;");
    ir_buf_release(&entries);
    ir_http_response_release(&response);
}

/* A page that a network puts in the way has status 200 as well. */
static void test_not_s3(void **state)
{
    (void)state;
    struct ir_http_response response;
    struct ir_s3_object read = {.bytes = 77};
    struct ir_error err = {0};
    fill(&response, "content-type: text/html\ncontent-length: 6\n", "<html>");
    assert_int_equal(ir_s3_read_object(&response, &read, &err), IR_ERR_RESPONSE);
    assert_non_null(strstr(err.message, "ETag"));
    assert_int_equal(ir_s3_put_read(&response, &sums, &read, &err), IR_ERR_RESPONSE);
    assert_int_equal(ir_s3_read_nothing(&response, &err), IR_ERR_RESPONSE);
    assert_int_equal(read.bytes, 77);
    response.status = 204;
    assert_int_equal(ir_s3_read_nothing(&response, &err), 0);
    ir_http_response_release(&response);
    fill(&response, "etag: e\nx-amz-checksum-crc32: AAAAAA==\n", "");
    assert_int_equal(ir_s3_put_read(&response, &sums, &read, &err), IR_ERR_RESPONSE);
    assert_non_null(strstr(err.message, "checksum"));
    assert_non_null(strstr(err.hint, "send it again"));
    assert_true(err.maybe_served);
    ir_http_response_release(&response);
    fill(&response, "etag: e\nx-amz-checksum-crc32: NhCmhg==\n", "");
    assert_int_equal(ir_s3_put_read(&response, &sums, &read, &err), 0);
    ir_http_response_release(&response);
}

static void test_crc32_text(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "NhCmhg", "NhCmhg==-2", "NhCmhgAA", "NhCm%g==", "A==="};
    char text[IR_S3_CRC32_BYTES];
    uint32_t value = 0;
    ir_s3_crc32_text(0x3610a686, text);
    assert_string_equal(text, "NhCmhg==");
    assert_true(ir_s3_crc32_read(text, &value));
    assert_int_equal(value, 0x3610a686);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(ir_s3_crc32_read(bad[i], &value));
}

/* Sums in one pass are those of each alone. */
static void test_body_sums(void **state)
{
    (void)state;
    static char data[200000];
    const struct ir_span spans[] = {{data, 100001}, {data + 100001, 0}, {data + 100001, 99999}};
    const struct ir_body body = {{{.spans = spans, .span_count = 3}}, 1};
    const struct ir_body none = {.piece_count = 0};
    struct ir_body_sums read;
    char hex[IR_SHA256_HEX_BYTES];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (char)(i * 7);
    assert_int_equal(ir_body_sum(&body, &read), 0);
    assert_int_equal(ir_body_sha256(&body, hex), 0);
    assert_string_equal(read.sha256_hex, hex);
    assert_int_equal(read.bytes, sizeof data);
    assert_int_equal(read.crc32, crc32(0, (const Bytef *)data, sizeof data));
    assert_int_equal(ir_body_sum(&none, &read), 0);
    assert_int_equal(read.bytes, 0);
    assert_int_equal(read.crc32, 0);
    assert_string_equal(read.sha256_hex,
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static bool cannot_read(void *context, uint64_t offset, char *out, size_t bytes)
{
    (void)context;
    memset(out, 0, bytes);
    return offset < 100000;
}

static void test_body_that_fails(void **state)
{
    (void)state;
    const struct ir_body_source source = {.bytes = 200000, .read_at = cannot_read};
    const struct ir_body body = {{{.source = &source}}, 1};
    struct ir_body_sums read = {.bytes = 77};
    assert_int_equal(ir_body_sum(&body, &read), IR_ERR_ARG);
    assert_int_equal(read.bytes, 77);
}

/* ---- errors ------------------------------------------------------------------------------ */

struct explain_row {
    const char *name;
    bool is_head;
    bool only_if_new;
    int status;
    const char *aws_code;
    const char *message; /* a part of it afterwards */
    const char *code_after;
};

static const struct explain_row explain_rows[] = {
    {"explain: HEAD 404", true, false, 404, "", "there is no object \"key\"", "NotFound"},
    {"explain: HEAD 403", true, false, 403, "", "may not be listed", "Forbidden"},
    {"explain: HEAD 400", true, false, 400, "", "give no reason", ""},
    {"explain: HEAD 503 stays", true, false, 503, "", "was there", ""},
    {"explain: no answer stays", true, false, 0, "", "was there", ""},
    {"explain: 412", false, true, 412, "PreconditionFailed", "exists already",
     "PreconditionFailed"},
    {"explain: 412 without a condition", false, false, 412, "PreconditionFailed", "was there",
     "PreconditionFailed"},
    {"explain: 409", false, true, 409, "ConditionalRequestConflict", "at the same time",
     "ConditionalRequestConflict"},
    {"explain: another 409", false, true, 409, "OperationAborted", "was there", "OperationAborted"},
    {"explain: GET 404 stays", false, false, 404, "NoSuchKey", "was there", "NoSuchKey"},
};

static void test_explain(void **state)
{
    const struct explain_row *row = *state;
    struct ir_s3_request request;
    struct ir_error err = {.code = IR_ERR_SERVICE, .http_status = row->status};
    struct ir_s3_put_options put = {.name = object, .only_if_new = row->only_if_new, .sums = &sums};
    int rc = row->is_head ? ir_s3_head_call(&object, &request, NULL)
                          : ir_s3_put_call(&put, &request, NULL);
    assert_int_equal(rc, 0);
    ir_text_copy(err.aws_code, sizeof err.aws_code, row->aws_code);
    ir_text_copy(err.message, sizeof err.message, "was there");
    assert_int_equal(ir_s3_explain(&request, IR_ERR_SERVICE, &err), IR_ERR_SERVICE);
    assert_non_null(strstr(err.message, row->message));
    assert_string_equal(err.aws_code, row->code_after);
    assert_int_equal(ir_s3_explain(&request, IR_ERR_SERVICE, NULL), IR_ERR_SERVICE);
    ir_s3_request_release(&request);
}

int main(void)
{
    static struct unit_list list;
    make_keys();
    memset(long_text, 'x', sizeof long_text - 1);
    UNIT_ADD_ROWS(&list, test_key, key_rows);
    unit_add(&list, "put: everything", test_put_everything);
    UNIT_ADD_ROWS(&list, test_put, put_rows);
    unit_add(&list, "get: range, version, presigned", test_get);
    unit_add(&list, "an object's headers", test_object);
    unit_add(&list, "an answer that is not S3's", test_not_s3);
    unit_add(&list, "CRC-32 as text", test_crc32_text);
    unit_add(&list, "sums of a body", test_body_sums);
    unit_add(&list, "a body that cannot be read", test_body_that_fails);
    UNIT_ADD_ROWS(&list, test_explain, explain_rows);
    return unit_run(&list, "s3");
}
