/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checking what was received against each kind of checksum that S3 states. */
#include "tests/unit/s3_answers.h"

#include "core/service/s3_check.h"

#define TEXT "123456789"

struct row {
    const char *name;
    const char *headers; /* lines */
    const char *body;
    int code;
    bool is_checked;
    const char *words; /* a part of the message */
};

/* Of "123456789": the check values of the CRC catalogue, and OpenSSL's digests. */
#define CRC32 "x-amz-checksum-crc32: y/Q5Jg==\n"
#define CRC32C "x-amz-checksum-crc32c: 4waSgw==\n"
#define CRC64 "x-amz-checksum-crc64nvme: rosUhgp5mIg=\n"
#define SHA1 "x-amz-checksum-sha1: 98O8HYCOBHMq32eZZczDTKeuNEE=\n"
#define SHA256 "x-amz-checksum-sha256: FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=\n"
#define ZEROS "x-amz-checksum-crc32: AAAAAA==\n"

static const struct row rows[] = {
    {"none", "", TEXT, 0, false, NULL},
    {"CRC-32", CRC32, TEXT, 0, true, NULL},
    {"CRC-32C", CRC32C, TEXT, 0, true, NULL},
    {"CRC-64NVME", CRC64, TEXT, 0, true, NULL},
    {"SHA-1", SHA1, TEXT, 0, true, NULL},
    {"SHA-256", SHA256, TEXT, 0, true, NULL},
    {"CRC-32 of something else", CRC32, "123456780", IR_ERR_RESPONSE, false, "checksum"},
    {"CRC-32C of something else", CRC32C, "123456780", IR_ERR_RESPONSE, false, "checksum"},
    {"CRC-64NVME of something else", CRC64, "123456780", IR_ERR_RESPONSE, false, "checksum"},
    {"SHA-1 of something else", SHA1, "123456780", IR_ERR_RESPONSE, false, "checksum"},
    {"SHA-256 of something else", SHA256, "123456780", IR_ERR_RESPONSE, false, "checksum"},
    {"nothing came", CRC32, "", IR_ERR_RESPONSE, false, "checksum"},
    {"an empty object", ZEROS, "", 0, true, NULL},
    {"of the whole, said so", CRC32 "x-amz-checksum-type: FULL_OBJECT\n", TEXT, 0, true, NULL},
    {"composite", "x-amz-checksum-crc32: y/Q5Jg==-2\n", TEXT, 0, false, NULL},
    {"composite, said so", ZEROS "x-amz-checksum-type: COMPOSITE\n", TEXT, 0, false, NULL},
    {"composite SHA-256",
     "x-amz-checksum-sha256: FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=-12\n", TEXT, 0, false,
     NULL},
    {"of another length", "x-amz-checksum-crc32: y/Q5\n", TEXT, 0, false, NULL},
    {"no base64", "x-amz-checksum-crc32: %%%%%%==\n", TEXT, 0, false, NULL},
    {"a range", ZEROS "content-range: bytes 0-8/100\n", TEXT, 0, false, NULL},
    {"length right", "content-length: 9\n", TEXT, 0, false, NULL},
    {"cut", "content-length: 10\n", TEXT, IR_ERR_RESPONSE, false, "without its end"},
    {"cut, with a checksum", CRC32 "content-length: 10\n", TEXT, IR_ERR_RESPONSE, false,
     "without its end"},
    {"composite beside a whole one", "x-amz-checksum-crc32: AAAAAA==-1\n" SHA256, TEXT, 0, true,
     NULL},
};

struct taken {
    char text[64];
    size_t bytes;
};

static int take(void *context, const char *data, size_t bytes)
{
    struct taken *taken = context;
    memcpy(taken->text + taken->bytes, data, bytes);
    taken->bytes += bytes;
    return 0;
}

/* In one piece, and byte by byte. */
static void test_row(void **state)
{
    const struct row *row = *state;
    for (size_t step = 1; step <= 9; step += 8) {
        struct ir_http_response response;
        struct ir_s3_check check;
        struct ir_error err = {0};
        struct taken taken = {.bytes = 0};
        bool is_checked = false;
        fill(&response, row->headers, "");
        ir_s3_check_init(&check, &response, take, &taken);
        for (size_t at = 0; at < strlen(row->body); at += step)
            assert_int_equal(ir_s3_check_take(&check, row->body + at, step), 0);
        assert_int_equal(ir_s3_check_finish(&check, &is_checked, &err), row->code);
        assert_int_equal(is_checked, row->is_checked);
        assert_int_equal(taken.bytes, strlen(row->body));
        assert_memory_equal(taken.text, row->body, taken.bytes);
        if (row->words != NULL)
            assert_non_null(strstr(err.message, row->words));
        ir_s3_check_release(&check);
        ir_http_response_release(&response);
    }
}

static int refuse(void *context, const char *data, size_t bytes)
{
    (void)context;
    (void)data;
    (void)bytes;
    return IR_ERR_TOO_LARGE;
}

static void test_sink_refuses(void **state)
{
    struct ir_http_response response;
    struct ir_s3_check check;
    (void)state;
    fill(&response, CRC32, "");
    ir_s3_check_init(&check, &response, refuse, NULL);
    assert_int_equal(ir_s3_check_take(&check, TEXT, 9), IR_ERR_TOO_LARGE);
    ir_s3_check_release(&check);
    ir_http_response_release(&response);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_row, rows);
    unit_add(&list, "the sink refuses", test_sink_refuses);
    return unit_run(&list, "s3-check");
}
