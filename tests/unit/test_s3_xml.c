/* SPDX-License-Identifier: GPL-3.0-or-later */
/* S3's lists of objects and parts: the requests for them, and what is made of the answers' XML. */
#include "tests/unit/s3_answers.h"

#include <zlib.h>

#include "core/service/s3_list.h"
#include "core/service/s3_multipart.h"

/* ---- lists ------------------------------------------------------------------------------- */

#define LIST(inner) "<?xml version=\"1.0\"?><ListBucketResult>" inner "</ListBucketResult>"

struct list_row {
    const char *name;
    const char *body;
    int code;
    const char *keys; /* or a part of the message */
};

static const struct list_row list_rows[] = {
    {"list: empty", LIST(""), 0, ""},
    {"list: encoded",
     LIST("<EncodingType>url</EncodingType><Contents><Key>a+b%2B%C3%A9%2Fc</Key><Size>5</Size>"
          "</Contents>"),
     0, "a b+\xC3\xA9/c;"},
    {"list: a key with a NUL",
     LIST("<EncodingType>url</EncodingType><Contents><Key>a%00b</Key></Contents>"), IR_ERR_RESPONSE,
     "NUL"},
    {"list: a prefix with a NUL",
     LIST("<EncodingType>url</EncodingType><CommonPrefixes><Prefix>%00/</Prefix></CommonPrefixes>"),
     IR_ERR_RESPONSE, "NUL"},
    {"list: not encoded", LIST("<Contents><Key>a+b%2B</Key></Contents>"), 0, "a+b%2B;"},
    {"list: prefixes",
     LIST("<EncodingType>url</EncodingType><CommonPrefixes><Prefix>x%20y/</Prefix>"
          "</CommonPrefixes><Contents><Key>k</Key></Contents>"),
     0, "k;x y/;"},
    {"list: goes on",
     LIST("<IsTruncated>true</IsTruncated><NextContinuationToken>t+/=</NextContinuationToken>"), 0,
     "->t+/="},
    {"list: a token that is not needed",
     LIST("<IsTruncated>false</IsTruncated><NextContinuationToken>t</NextContinuationToken>"), 0,
     ""},
    {"list: goes on nowhere", LIST("<IsTruncated>true</IsTruncated>"), IR_ERR_RESPONSE,
     "NextContinuationToken"},
    {"list: another answer", "<ListAllMyBucketsResult/>", IR_ERR_RESPONSE, "ListBucketResult"},
    {"list: HTML", "<html><br></html>", IR_ERR_RESPONSE, "ListBucketResult"},
    {"list: cut", "<ListBucketResult><Contents>", IR_ERR_RESPONSE, "ListBucketResult"},
    {"list: nothing", "", IR_ERR_RESPONSE, "ListBucketResult"},
};

static void test_list(void **state)
{
    const struct list_row *row = *state;
    struct ir_http_response response;
    struct ir_s3_page page = {.entry_count = 77};
    struct ir_error err = {0};
    fill(&response, "", row->body);
    assert_int_equal(ir_s3_list_read(&response, &page, &err), row->code);
    if (row->code != 0) {
        assert_int_equal(page.entry_count, 77);
        assert_non_null(strstr(err.message, row->keys));
        ir_http_response_release(&response);
        return;
    }
    struct ir_buf keys;
    ir_buf_init(&keys, 1000);
    for (size_t i = 0; i < page.entry_count; i++)
        ir_buf_appendf(&keys, "%s;", page.entries[i].key);
    for (size_t i = 0; i < page.prefix_count; i++)
        ir_buf_appendf(&keys, "%s;", page.prefixes[i]);
    if (page.next_token != NULL)
        ir_buf_appendf(&keys, "->%s", page.next_token);
    assert_string_equal(ir_buf_text(&keys), row->keys);
    ir_buf_release(&keys);
    ir_s3_page_release(&page);
    ir_http_response_release(&response);
}

static void test_list_call(void **state)
{
    (void)state;
    static char long_prefix[IR_S3_MAX_KEY_BYTES + 1];
    struct ir_s3_request request;
    struct ir_error err = {0};
    struct ir_s3_list_options options = {.bucket = "bucket",
                                         .prefix = "a b/",
                                         .delimiter = "/",
                                         .max_keys = 7,
                                         .continuation = "t+/="};
    assert_int_equal(ir_s3_list_call(&options, &request, &err), 0);
    assert_string_equal(request.http.aws.path, "/");
    assert_string_equal(request.http.aws.query,
                        "list-type=2&encoding-type=url&prefix=a%20b%2F&delimiter=%2F&"
                        "continuation-token=t%2B%2F%3D&max-keys=7");
    ir_s3_request_release(&request);
    for (size_t i = 0; i < IR_S3_MAX_KEY_BYTES; i++)
        long_prefix[i] = i % 2 == 0 ? '\xC3' : '\xA9';
    options.prefix = long_prefix;
    assert_int_equal(ir_s3_list_call(&options, &request, &err), 0);
    ir_s3_request_release(&request);
    options.max_keys = 1001;
    assert_int_equal(ir_s3_list_call(&options, &request, &err), IR_ERR_ARG);
}

/* One page of a listing whose server gives this token. */
static int turn_page(struct ir_s3_pager *pager, const char *token, bool *has_more,
                     struct ir_error *err)
{
    char body[256];
    struct ir_http_response response;
    struct ir_s3_page page = {0};
    snprintf(body, sizeof body,
             LIST("<IsTruncated>true</IsTruncated><NextContinuationToken>%s"
                  "</NextContinuationToken>"),
             token);
    fill(&response, "", body);
    assert_int_equal(ir_s3_list_read(&response, &page, err), 0);
    int rc = ir_s3_pager_next(pager, &page, has_more, err);
    ir_s3_page_release(&page);
    ir_http_response_release(&response);
    return rc;
}

static void test_pager(void **state)
{
    (void)state;
    const struct ir_s3_list_options options = {.bucket = "bucket"};
    struct ir_s3_pager pager;
    struct ir_s3_page last = {0};
    struct ir_error err = {0};
    bool has_more = false;
    ir_s3_pager_init(&pager, &options);
    assert_int_equal(turn_page(&pager, "one", &has_more, &err), 0);
    assert_true(has_more);
    assert_string_equal(pager.options.continuation, "one");
    assert_int_equal(turn_page(&pager, "two", &has_more, &err), 0);
    assert_string_equal(pager.options.continuation, "two");
    assert_int_equal(turn_page(&pager, "two", &has_more, &err), IR_ERR_RESPONSE);
    assert_false(has_more);
    assert_non_null(strstr(err.message, "twice"));
    assert_int_equal(ir_s3_pager_next(&pager, &last, &has_more, &err), 0);
    assert_false(has_more);
    pager.page_count = IR_S3_MAX_PAGES - 1;
    assert_int_equal(turn_page(&pager, "three", &has_more, &err), IR_ERR_RESPONSE);
    assert_non_null(strstr(err.message, "100,000"));
    ir_s3_pager_release(&pager);
}

/* ---- parts ------------------------------------------------------------------------------- */

#define PARTS(inner) "<ListPartsResult>" inner "</ListPartsResult>"
#define PART(number) "<Part><PartNumber>" number "</PartNumber><ETag>e</ETag><Size>5</Size></Part>"

struct parts_row {
    const char *name;
    const char *body;
    unsigned after;
    int code;
    unsigned last;
    const char *words;
};

static const struct parts_row parts_rows[] = {
    {"parts: none", PARTS(""), 0, 0, 0, NULL},
    {"parts: two", PARTS(PART("1") PART("3")), 0, 0, 3, NULL},
    {"parts: in moto's words", "<ListPartsResponse>" PART("2") "</ListPartsResponse>", 0, 0, 2,
     NULL},
    {"parts: in another list's words", "<ListBucketResult>" PART("2") "</ListBucketResult>", 0,
     IR_ERR_RESPONSE, 0, "ListPartsResult"},
    {"parts: goes on", PARTS("<IsTruncated>true</IsTruncated>" PART("2")), 1, 0, 2, NULL},
    {"parts: does not get on", PARTS("<IsTruncated>true</IsTruncated>" PART("2")), 2,
     IR_ERR_RESPONSE, 0, "does not get on"},
    {"parts: goes on with nothing", PARTS("<IsTruncated>true</IsTruncated>"), 0, IR_ERR_RESPONSE, 0,
     "does not get on"},
    {"parts: number 0", PARTS(PART("0")), 0, IR_ERR_RESPONSE, 0, "no number"},
    {"parts: no number", PARTS(PART("x")), 0, IR_ERR_RESPONSE, 0, "no number"},
    {"parts: number 10,001", PARTS(PART("10001")), 0, IR_ERR_RESPONSE, 0, "no number"},
    {"parts: one too many", PARTS(PART("5")), 0, IR_ERR_RESPONSE, 0, "does not have"},
    {"parts: no ETag", PARTS("<Part><PartNumber>1</PartNumber></Part>"), 0, IR_ERR_RESPONSE, 0,
     "no ETag"},
    {"parts: HTML", "<html/>", 0, IR_ERR_RESPONSE, 0, "ListPartsResult"},
};

static void test_parts(void **state)
{
    const struct parts_row *row = *state;
    struct ir_s3_part parts[4] = {{0}};
    struct ir_s3_parts_page page = {.last_part_number = 77};
    struct ir_http_response response;
    struct ir_error err = {0};
    fill(&response, "", row->body);
    assert_int_equal(ir_s3_parts_read(&response, row->after, parts, 4, &page, &err), row->code);
    if (row->code != 0) {
        assert_int_equal(page.last_part_number, 77);
        assert_non_null(strstr(err.message, row->words));
    } else {
        assert_int_equal(page.last_part_number, row->last);
    }
    ir_http_response_release(&response);
}

static void test_part_call(void **state)
{
    (void)state;
    static char id[IR_S3_UPLOAD_ID_BYTES + 1];
    struct ir_s3_upload upload = {object, "i+/="};
    struct ir_body_sums large = {.bytes = IR_S3_MAX_PART_BYTES + 1};
    struct ir_s3_request request;
    struct ir_error err = {0};
    assert_int_equal(ir_s3_part_call(&upload, 10000, NULL, &sums, &request, &err), 0);
    assert_string_equal(request.http.aws.query, "partNumber=10000&uploadId=i%2B%2F%3D");
    ir_s3_request_release(&request);
    assert_int_equal(ir_s3_part_call(&upload, 10001, NULL, &sums, &request, &err), IR_ERR_ARG);
    assert_int_equal(ir_s3_part_call(&upload, 0, NULL, &sums, &request, &err), IR_ERR_ARG);
    assert_int_equal(ir_s3_part_call(&upload, 1, NULL, &large, &request, &err), IR_ERR_TOO_LARGE);
    upload.upload_id = "";
    assert_int_equal(ir_s3_abort_call(&upload, &request, &err), IR_ERR_ARG);
    memset(id, 'x', sizeof id - 1);
    upload.upload_id = id;
    assert_int_equal(ir_s3_abort_call(&upload, &request, &err), IR_ERR_ARG);
}

static void test_part_read(void **state)
{
    (void)state;
    static const struct {
        const char *headers;
        int code;
        bool has_crc32;
    } rows[] = {
        {"etag: \"e\"\n", 0, false},
        {"etag: \"e\"\nx-amz-checksum-crc32: NhCmhg==\n", 0, true},
        {"etag: \"e\"\nx-amz-checksum-crc32: AAAAAA==\n", IR_ERR_RESPONSE, false},
        {"x-amz-checksum-crc32: NhCmhg==\n", IR_ERR_RESPONSE, false},
        {"etag: 12345678901234567890123456789012345678901234567890123456789012345678901234567890\n",
         IR_ERR_RESPONSE, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ir_http_response response;
        struct ir_s3_part part = {.bytes = 77};
        struct ir_error err = {0};
        fill(&response, rows[i].headers, "");
        assert_int_equal(ir_s3_part_read(&response, &sums, &part, &err), rows[i].code);
        assert_int_equal(part.bytes, rows[i].code == 0 ? 5 : 77);
        assert_int_equal(part.has_crc32, rows[i].has_crc32);
        ir_http_response_release(&response);
    }
}

static void test_complete_call(void **state)
{
    (void)state;
    const struct ir_s3_part parts[] = {
        {.bytes = 5, .crc32 = 0x3610a686, .has_crc32 = true, .etag = "\"a&<b>\""},
        {.bytes = 5, .crc32 = 0x3610a686, .etag = "c"},
    };
    struct ir_s3_complete_options options = {
        .upload = {object, "id"}, .parts = parts, .part_count = 2, .has_full_checksum = true};
    struct ir_s3_request request;
    struct ir_error err = {0};
    char composite[IR_S3_CHECKSUM_BYTES];
    assert_int_equal(ir_s3_complete_call(&options, &request, &err), 0);
    assert_true(request.http.aws.may_fail_in_200);
    assert_string_equal(
        ir_buf_text(&request.xml),
        "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Part>"
        "<ETag>&quot;a&amp;&lt;b&gt;&quot;</ETag><ChecksumCRC32>NhCmhg==</ChecksumCRC32>"
        "<PartNumber>1</PartNumber></Part><Part><ETag>c</ETag><PartNumber>2</PartNumber></Part>"
        "</CompleteMultipartUpload>");
    assert_string_equal(header(&request, "x-amz-mp-object-size"), "10");
    assert_int_equal(ir_s3_full_crc32(parts, 2), crc32(0, (const Bytef *)"hellohello", 10));
    assert_null(header(&request, "if-none-match"));
    ir_s3_request_release(&request);
    ir_s3_composite_crc32(parts, 2, composite);
    /* CRC-32 of 36 10 a6 86 36 10 a6 86. */
    assert_int_equal(strlen(composite), 10);
    assert_string_equal(composite + 8, "-2");
    options.part_count = 0;
    assert_int_equal(ir_s3_complete_call(&options, &request, &err), IR_ERR_ARG);
    options.part_count = 10001;
    assert_int_equal(ir_s3_complete_call(&options, &request, &err), IR_ERR_ARG);
}

static void test_complete_read(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        int code;
    } rows[] = {
        {"<CompleteMultipartUploadResult><ETag>e-1</ETag></CompleteMultipartUploadResult>", 0},
        {"<CompleteMultipartUploadResponse><ETag>e-1</ETag></CompleteMultipartUploadResponse>", 0},
        {"<ListPartsResult><ETag>e-1</ETag></ListPartsResult>", IR_ERR_RESPONSE},
        {"<html/>", IR_ERR_RESPONSE},
        {"", IR_ERR_RESPONSE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ir_http_response response;
        struct ir_s3_object read = {.bytes = 77};
        struct ir_error err = {0};
        fill(&response, "x-amz-version-id: v\n", rows[i].body);
        assert_int_equal(ir_s3_complete_read(&response, &read, &err), rows[i].code);
        assert_string_equal(read.etag, rows[i].code == 0 ? "e-1" : "");
        assert_string_equal(read.version_id, rows[i].code == 0 ? "v" : "");
        assert_int_equal(err.maybe_served, rows[i].code != 0);
        ir_http_response_release(&response);
    }
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_list, list_rows);
    unit_add(&list, "list: request", test_list_call);
    unit_add(&list, "list: pages end", test_pager);
    UNIT_ADD_ROWS(&list, test_parts, parts_rows);
    unit_add(&list, "part: request", test_part_call);
    unit_add(&list, "part: answer", test_part_read);
    unit_add(&list, "complete: request", test_complete_call);
    unit_add(&list, "complete: answer", test_complete_read);
    return unit_run(&list, "s3-xml");
}
