/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Torture over uploads: the n-th request for memory fails, alone and from then on; the n-th request
 * to the server fails in each of some ways. Whatever fails, either the object is there as it was
 * given, or an error says what is wrong, the caller's result is untouched, and no part is left that
 * the error does not tell of. Leaks are the address sanitizer's to find.
 */
#include "tests/torture/torture.h"

#include <stdatomic.h>

#include <imgrecog/upload.h>
#include <zlib.h>

#include "core/service/s3_check.h"
#include "core/service/s3_list.h"
#include "core/service/s3_multipart.h"
#include "tests/unit/fake_s3.h"

#define PART_BYTES IR_S3_MIN_PART_BYTES
#define BIG_BYTES (PART_BYTES + 1000) /* two parts */
#define SMALL_BYTES 1000
#define MAX_RUNS 2000U
#define MAX_REQUESTS 12U

static unsigned char data[BIG_BYTES];

/* ---- one run ----------------------------------------------------------------------------- */

struct gate {
    atomic_uint asked;
    unsigned fail_at; /* counted from 0 */
    bool for_good;
    atomic_bool failed;
};

static bool may_allocate(void *context)
{
    struct gate *gate = context;
    unsigned index = atomic_fetch_add(&gate->asked, 1);
    bool fails = index == gate->fail_at || (gate->for_good && index > gate->fail_at);
    if (fails)
        atomic_store(&gate->failed, true);
    return !fails;
}

struct outcome {
    int rc;
    struct ir_error err;
    bool is_stored; /* as it was given */
    bool is_open;   /* parts are left */
    bool is_told;   /* and the error says so */
    unsigned requests;
};

static bool is_untouched(const struct ir_upload_result *result)
{
    const unsigned char *bytes = (const unsigned char *)result;
    for (size_t i = 0; i < sizeof *result; i++)
        if (bytes[i] != 0x5a)
            return false;
    return true;
}

static struct outcome run(struct fake_s3 *fake, size_t bytes, bool keep_parts, struct gate *gate)
{
    struct ir_upload_options options = IR_UPLOAD_OPTIONS_INIT;
    struct ir_upload_result result;
    struct outcome outcome = {0};
    struct ir_client *client = fake_s3_client(fake);
    options.bucket = "bucket";
    options.key = "key";
    options.threshold_bytes = SMALL_BYTES;
    options.part_bytes = PART_BYTES;
    options.jobs = 1;
    options.keep_parts = keep_parts;
    options.only_if_new = true;
    memset(&result, 0x5a, sizeof result);
    if (gate != NULL)
        ir_alloc_set_gate(may_allocate, gate);
    outcome.rc = ir_upload_data(client, data, bytes, &options, &result, &outcome.err);
    ir_alloc_set_gate(NULL, NULL);
    ir_client_free(client);
    outcome.is_stored = fake->object.exists && fake->object.bytes == bytes &&
                        fake->object.crc32 == (uint32_t)crc32(0, data, (uInt)bytes);
    outcome.is_open = fake_s3_has_parts(fake);
    outcome.is_told =
        strstr(outcome.err.message, "billed") != NULL && strstr(outcome.err.hint, "up/1+") != NULL;
    outcome.requests = (unsigned)fake->seen_count;
    if (fake->complaint != NULL)
        fail_msg("a request is wrong: %s", fake->complaint);
    if (outcome.rc != 0) {
        assert_true(is_untouched(&result));
        assert_int_equal(outcome.err.code, outcome.rc);
        assert_true(outcome.err.message[0] != '\0');
        assert_null(strstr(outcome.err.message, "hush"));
    }
    return outcome;
}

/* What holds of every outcome. */
static void check(const struct outcome *outcome, const char *where, unsigned at)
{
    if (outcome->rc == 0 && !outcome->is_stored)
        fail_msg("%s %u: success, but the object is not there", where, at);
    if (outcome->rc == 0 && outcome->is_open)
        fail_msg("%s %u: success, but parts are left", where, at);
    if (outcome->rc != 0 && outcome->is_stored && !outcome->err.maybe_served)
        fail_msg("%s %u: the object is there, and the error does not say that it may be: %s", where,
                 at, outcome->err.message);
    if (outcome->is_open && !outcome->is_told)
        fail_msg("%s %u: parts are left, and nobody is told: %s (%s)", where, at,
                 outcome->err.message, outcome->err.hint);
}

/* ---- builders and readers ---------------------------------------------------------------- */

static const struct ir_s3_object_name name = {.bucket = "bucket", .key = "a b"};

static int build_put(struct ir_error *err)
{
    static const struct ir_s3_pair pairs[] = {{"a", "b"}, {"c", "d"}};
    static const struct ir_body_sums sums = {.sha256_hex = "00"};
    const struct ir_s3_put_options options = {
        .name = name,
        .attributes = {.metadata = pairs,
                       .metadata_count = 2,
                       .tags = pairs,
                       .tag_count = 2,
                       .encryption = "aws:kms",
                       .kms_context = "{\"a\":\"b\"}"},
        .sums = &sums,
    };
    struct ir_s3_request request;
    int rc = ir_s3_put_call(&options, &request, err);
    if (rc == 0)
        ir_s3_request_release(&request);
    return rc;
}

static int build_complete(struct ir_error *err)
{
    const struct ir_s3_part parts[] = {{.bytes = 5, .has_crc32 = true, .etag = "\"e\""}};
    const struct ir_s3_complete_options options = {
        .upload = {name, "id"}, .parts = parts, .part_count = 1, .has_full_checksum = true};
    struct ir_s3_request request;
    int rc = ir_s3_complete_call(&options, &request, err);
    if (rc == 0)
        ir_s3_request_release(&request);
    return rc;
}

/* An answer that was there before memory ran out. */
static struct ir_http_response answer(const char *headers, const char *body)
{
    struct ir_http_response response = {.status = 200};
    response.headers.data = (char *)headers;
    response.headers.bytes = strlen(headers);
    response.body.data = (char *)body;
    response.body.bytes = strlen(body);
    return response;
}

static int turn_pages(struct ir_error *err)
{
    const struct ir_http_response response = answer(
        "", "<ListBucketResult><EncodingType>url</EncodingType><Contents><Key>a+b</Key></Contents>"
            "<CommonPrefixes><Prefix>c</Prefix></CommonPrefixes><IsTruncated>true</IsTruncated>"
            "<NextContinuationToken>t</NextContinuationToken></ListBucketResult>");
    const struct ir_s3_list_options options = {.bucket = "bucket"};
    struct ir_s3_page page = {.entry_count = 77};
    struct ir_s3_pager pager;
    bool has_more = false;
    int rc = ir_s3_list_read(&response, &page, err);
    if (rc != 0)
        return page.entry_count == 77 ? rc : TORTURE_WRONG;
    ir_s3_pager_init(&pager, &options);
    rc = ir_s3_pager_next(&pager, &page, &has_more, err);
    ir_s3_page_release(&page);
    ir_s3_pager_release(&pager);
    return has_more ? rc : TORTURE_WRONG;
}

static int read_parts(struct ir_error *err)
{
    const struct ir_http_response response =
        answer("", "<ListPartsResult><Part><PartNumber>1</PartNumber><ETag>e</ETag></Part>"
                   "</ListPartsResult>");
    struct ir_s3_part part = {0};
    struct ir_s3_parts_page page = {.last_part_number = 77};
    int rc = ir_s3_parts_read(&response, 0, &part, 1, &page, err);
    return rc == 0 || page.last_part_number == 77 ? rc : TORTURE_WRONG;
}

static int check_bytes(const char *headers, struct ir_error *err)
{
    const struct ir_http_response response = answer(headers, "");
    struct ir_s3_check check;
    bool is_checked = false;
    ir_s3_check_init(&check, &response, NULL, NULL);
    /* The transport says in words what a sink only tells by its code. */
    int rc = ir_s3_check_take(&check, "123456789", 9);
    if (rc == 0)
        rc = ir_s3_check_finish(&check, &is_checked, err);
    else
        ir_fail_nomem(err);
    ir_s3_check_release(&check);
    return rc == 0 && !is_checked ? TORTURE_WRONG : rc;
}

static int check_sha256(struct ir_error *err)
{
    return check_bytes("x-amz-checksum-sha256: FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=\n",
                       err);
}

static int check_sha1(struct ir_error *err)
{
    return check_bytes("x-amz-checksum-sha1: 98O8HYCOBHMq32eZZczDTKeuNEE=\n", err);
}

static const struct torture_scenario scenarios[] = {
    {"PutObject: request", build_put, false},
    {"CompleteMultipartUpload: request", build_complete, false},
    {"ListObjectsV2: answers", turn_pages, false},
    {"ListParts: answer", read_parts, false},
    {"SHA-256 of what is received", check_sha256, false},
    {"SHA-1 of what is received", check_sha1, false},
};

/* ---- memory ------------------------------------------------------------------------------ */

static void torture_memory(size_t bytes, bool keep_parts, bool for_good)
{
    unsigned failures = 0;
    for (unsigned fail_at = 0;; fail_at++) {
        struct fake_s3 fake;
        struct gate gate = {.fail_at = fail_at, .for_good = for_good};
        assert_true(fail_at < MAX_RUNS);
        fake_s3_init(&fake);
        struct outcome outcome = run(&fake, bytes, keep_parts, &gate);
        check(&outcome, "allocation", fail_at);
        if (outcome.rc != 0 && outcome.rc != IR_ERR_NOMEM)
            fail_msg("allocation %u: code %d, %s", fail_at, outcome.rc, outcome.err.message);
        failures += outcome.rc != 0;
        fake_s3_release(&fake);
        if (!atomic_load(&gate.failed))
            break;
    }
    assert_true(failures > 10);
    print_message("# %u failures\n", failures);
}

static void test_memory_small(void **state)
{
    (void)state;
    torture_memory(SMALL_BYTES, false, false);
    torture_memory(SMALL_BYTES, false, true);
}

static void test_memory_parts(void **state)
{
    (void)state;
    torture_memory(BIG_BYTES, false, false);
}

static void test_memory_parts_for_good(void **state)
{
    (void)state;
    torture_memory(BIG_BYTES, false, true);
}

static void test_memory_kept_parts(void **state)
{
    (void)state;
    torture_memory(BIG_BYTES, true, false);
}

/* ---- requests ---------------------------------------------------------------------------- */

struct request_row {
    const char *name;
    struct fake_s3_fault fault; /* of each kind and number in turn */
};

#define DENIED "<Error><Code>AccessDenied</Code></Error>"

static const struct request_row request_rows[] = {
    {"request: the line breaks", {.rc = IR_ERR_NET}},
    {"request: the answer is lost", {.rc = IR_ERR_NET, .does_work = true}},
    {"request: out of time", {.rc = IR_ERR_TIMEOUT}},
    {"request: out of time, served", {.rc = IR_ERR_TIMEOUT, .does_work = true}},
    {"request: out of memory", {.rc = IR_ERR_NOMEM}},
    {"request: refused", {.status = 403, .body = DENIED}},
    {"request: 500", {.status = 500}},
    {"request: HTML", {.status = 200, .body = "<html>"}},
    {"request: empty", {.status = 200}},
};

/* The n-th of each kind, and all of each kind; with parts removed and kept. */
static void torture_requests(const struct request_row *row, size_t bytes, bool keep_parts)
{
    for (unsigned kind = 0; kind < FAKE_S3_KIND_COUNT; kind++)
        for (unsigned at = 0; at <= 2; at++) {
            struct fake_s3 fake;
            fake_s3_init(&fake);
            fake.faults[0] = row->fault;
            fake.faults[0].is_set = true;
            fake.faults[0].kind = (enum fake_s3_kind)kind;
            fake.faults[0].at = at;
            /* So that the parts have to be removed, too. */
            if (kind == FAKE_S3_ABORT)
                fake.faults[1] = (struct fake_s3_fault){
                    .is_set = true, .kind = FAKE_S3_PART, .at = 2, .status = 403, .body = DENIED};
            struct outcome outcome = run(&fake, bytes, keep_parts, NULL);
            check(&outcome, row->name, kind * 10 + at);
            assert_true(outcome.requests <= MAX_REQUESTS);
            fake_s3_release(&fake);
        }
}

static void test_requests(void **state)
{
    const struct request_row *row = *state;
    torture_requests(row, SMALL_BYTES, false);
    torture_requests(row, BIG_BYTES, false);
    torture_requests(row, BIG_BYTES, true);
}

int main(void)
{
    static struct unit_list list;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(i * 31 + i / 251);
    UNIT_ADD_ROWS(&list, torture_run, scenarios);
    unit_add(&list, "memory: in one request", test_memory_small);
    unit_add(&list, "memory: in parts", test_memory_parts);
    unit_add(&list, "memory: in parts, for good", test_memory_parts_for_good);
    unit_add(&list, "memory: in parts that are kept", test_memory_kept_parts);
    UNIT_ADD_ROWS(&list, test_requests, request_rows);
    return unit_run(&list, "torture-upload");
}
