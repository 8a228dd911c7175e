/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * S3's answers, headers and XML: every reader gives something whole or an error, reading pages
 * ends, and an <Error> under the status 200 is never taken for success.
 */
#include "tests/fuzz/fuzz_response.h"

#include "core/aws/error_shape.h"
#include "core/base/utf8.h"
#include "core/service/s3_check.h"
#include "core/service/s3_list.h"
#include "core/service/s3_multipart.h"

#define PARTS 8U

/* A failure is a failure in both places, and its message is not empty. */
static int promise(int rc, const struct ir_error *err)
{
    FUZZ_CHECK(rc <= 0 && (rc == 0 || (err->code == rc && err->message[0] != '\0')));
    return rc;
}

static void check_list(const struct ir_http_response *response)
{
    struct ir_error err = {0};
    struct ir_s3_page page = {0};
    struct ir_s3_pager pager;
    const struct ir_s3_list_options options = {.bucket = "photos"};
    ir_s3_pager_init(&pager, &options);
    for (unsigned round = 0; round < 3; round++) {
        bool has_more = false;
        if (promise(ir_s3_list_read(response, &page, &err), &err) != 0)
            break;
        for (size_t i = 0; i < page.entry_count; i++)
            FUZZ_CHECK(page.entries[i].key && page.entries[i].key[0]);
        for (size_t i = 0; i < page.prefix_count; i++)
            FUZZ_CHECK(page.prefixes[i]);
        FUZZ_CHECK(round < 2); /* the same page for the third time is seen */
        bool is_last = page.next_token == NULL;
        int rc = promise(ir_s3_pager_next(&pager, &page, &has_more, &err), &err);
        FUZZ_CHECK(rc != 0 || has_more == !is_last);
        ir_s3_page_release(&page);
        if (rc != 0 || !has_more)
            break;
    }
    ir_s3_pager_release(&pager);
}

static void check_parts(const struct ir_http_response *response)
{
    struct ir_error err = {0};
    struct ir_s3_created created;
    struct ir_s3_object object;
    struct ir_s3_part parts[PARTS] = {0};
    struct ir_s3_parts_page page = {0};
    struct ir_s3_part part = {0};
    const struct ir_body_sums sums = {.bytes = 5, .crc32 = 0x12345678};
    if (promise(ir_s3_create_read(response, &created, &err), &err) == 0)
        FUZZ_CHECK(created.upload_id[0]);
    unsigned after = 0;
    while (promise(ir_s3_parts_read(response, after, parts, PARTS, &page, &err), &err) == 0 &&
           page.has_more) {
        FUZZ_CHECK(page.last_part_number > after && page.last_part_number <= PARTS);
        after = page.last_part_number;
    }
    if (promise(ir_s3_part_read(response, &sums, &part, &err), &err) == 0)
        FUZZ_CHECK(part.etag[0] && (!part.has_crc32 || part.crc32 == sums.crc32));
    if (promise(ir_s3_complete_read(response, &object, &err), &err) == 0)
        FUZZ_CHECK(strnlen(object.etag, sizeof object.etag) < sizeof object.etag);
}

static void visit(void *context, const char *name, size_t name_bytes, const char *value,
                  size_t value_bytes)
{
    (void)context;
    FUZZ_CHECK(memchr(name, '\n', name_bytes) == NULL && memchr(value, '\n', value_bytes) == NULL);
}

static void check_object(const struct ir_http_response *response)
{
    struct ir_error err = {0};
    struct ir_s3_object object;
    struct ir_s3_check check;
    const struct ir_body_sums sums = {.bytes = 5, .crc32 = 0x3610a686};
    bool is_checked = false;
    if (promise(ir_s3_read_object(response, &object, &err), &err) == 0)
        FUZZ_CHECK(object.etag[0]);
    if (promise(ir_s3_put_read(response, &sums, &object, &err), &err) == 0)
        FUZZ_CHECK(object.etag[0]);
    promise(ir_s3_read_nothing(response, &err), &err);
    ir_s3_each_metadata(response, visit, NULL);
    ir_s3_check_init(&check, response, NULL, NULL);
    int rc = ir_s3_check_take(&check, ir_buf_text(&response->body), response->body.bytes);
    FUZZ_CHECK(rc == 0 || rc == IR_ERR_NOMEM);
    promise(ir_s3_check_finish(&check, &is_checked, &err), &err);
    ir_s3_check_release(&check);
}

/* What is sent again must not depend on how often the answer is looked at. */
static void check_masked(struct ir_http_response *response)
{
    struct ir_error err = {0};
    int rc = promise(ir_error_unmask(response, &err), &err);
    FUZZ_CHECK(rc == 0 || rc == IR_ERR_NOMEM);
    FUZZ_CHECK(response->status == 200 || response->status == 500);
    if (response->status == 500) {
        struct ir_s3_object object;
        FUZZ_CHECK(promise(ir_s3_complete_read(response, &object, &err), &err) != 0);
        FUZZ_CHECK(ir_error_from_response(&ir_service_s3, response, &err) < 0 && err.message[0]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct ir_http_response response;
    uint32_t crc32 = 0;
    char text[IR_S3_CRC32_BYTES];
    if (bytes > FUZZ_MAX_BYTES)
        return 0;
    fuzz_response(&response, 200, (const char *)data, bytes);
    ir_http_response_header(&response, "x-amz-checksum-crc32", text, sizeof text);
    if (ir_s3_crc32_read(text, &crc32)) {
        char again[IR_S3_CRC32_BYTES];
        ir_s3_crc32_text(crc32, again);
        FUZZ_CHECK(!strcmp(text, again));
    }
    check_list(&response);
    check_parts(&response);
    check_object(&response);
    check_masked(&response);
    ir_http_response_release(&response);
    return 0;
}
