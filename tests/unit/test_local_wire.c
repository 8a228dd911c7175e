/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checksums by their published check values, aws-chunked bodies in pieces of every size, and event
 * streams read back by the core's decoder.
 */
#include "tests/unit/unit.h"

#include "core/aws/eventstream.h"
#include "plugins/local/aws_chunked.h"
#include "plugins/local/checksum.h"
#include "plugins/local/event_encode.h"

/* ---- checksums --------------------------------------------------------------------------- */

/* Of "123456789": the check values of the CRC catalogue
 * (https://reveng.sourceforge.io/crc-catalogue/) and FIPS 180. */
static const struct sum_row {
    const char *name;
    enum checksum_kind kind;
    const char *text;
} sums[] = {
    {"CRC32", CHECKSUM_CRC32, "y/Q5Jg=="},
    {"CRC32C", CHECKSUM_CRC32C, "4waSgw=="},
    {"CRC64NVME", CHECKSUM_CRC64NVME, "rosUhgp5mIg="},
    {"SHA1", CHECKSUM_SHA1, "98O8HYCOBHMq32eZZczDTKeuNEE="},
    {"SHA256", CHECKSUM_SHA256, "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="},
    {"MD5", CHECKSUM_MD5, "JfnnlDI7RTiF9RgfG2JNCw=="},
};

static void test_sum(void **state)
{
    const struct sum_row *row = *state;
    static const char digits[] = "123456789";
    for (size_t cut = 0; cut <= 9; cut++) {
        unsigned char raw[CHECKSUM_MAX_BYTES];
        char text[CHECKSUM_TEXT_BYTES];
        struct checksum sum;
        checksum_init(&sum, row->kind);
        checksum_update(&sum, digits, cut);
        checksum_update(&sum, digits + cut, 9 - cut);
        size_t bytes = checksum_final(&sum, raw);
        checksum_text(raw, bytes, text);
        assert_string_equal(text, row->text);
        checksum_release(&sum);
    }
}

/* ---- aws-chunked ------------------------------------------------------------------------- */

static const struct chunk_row {
    const char *name;
    const char *body;
    const char *decoded; /* NULL: refused */
    const char *trailer; /* of x-amz-checksum-crc32; NULL: none */
} chunks[] = {
    {"one chunk", "5\r\nhello\r\n0\r\n\r\n", "hello", NULL},
    {"two chunks", "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", "hello", NULL},
    {"capital digits", "A\r\n0123456789\r\n0\r\n\r\n", "0123456789", NULL},
    {"nothing", "0\r\n\r\n", "", NULL},
    {"line ends inside", "4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n", NULL},
    {"trailer", "1\r\nx\r\n0\r\nX-Amz-Checksum-CRC32: abc=\r\n\r\n", "x", "abc="},
    {"a chunk that is longer", "1\r\nxy\r\n0\r\n\r\n", NULL, NULL},
    {"no size", "\r\nx\r\n0\r\n\r\n", NULL, NULL},
    {"a size that is no number", "x\r\nx\r\n0\r\n\r\n", NULL, NULL},
    {"a negative size", "-1\r\nx\r\n0\r\n\r\n", NULL, NULL},
    {"a huge size", "fffffffffffffffff\r\nx\r\n0\r\n\r\n", NULL, NULL},
    {"line feed alone", "1\nx\n0\n\n", NULL, NULL},
    {"cut off", "5\r\nhel", NULL, NULL},
    {"no end", "1\r\nx\r\n0\r\n", NULL, NULL},
    {"something behind", "0\r\n\r\nx", NULL, NULL},
    {"a trailer without a colon", "0\r\nabc\r\n\r\n", NULL, NULL},
};

static int gather(void *context, const char *data, size_t bytes, struct ir_error *err)
{
    (void)err;
    ir_buf_append(context, data, bytes);
    return 0;
}

static void test_chunks(void **state)
{
    const struct chunk_row *row = *state;
    const struct auth_grant grant = {.payload = AUTH_PAYLOAD_CHUNKS_UNSIGNED};
    size_t bytes = strlen(row->body);
    for (size_t step = 1; step <= bytes; step++) {
        struct aws_chunked decoder;
        struct ir_buf out;
        struct ir_error err;
        int rc = 0;
        ir_buf_init(&out, 1024);
        aws_chunked_init(&decoder, &grant, gather, &out);
        for (size_t at = 0; rc == 0 && at < bytes; at += step)
            rc = aws_chunked_take(&decoder, row->body + at, at + step < bytes ? step : bytes - at,
                                  &err);
        if (rc == 0)
            rc = aws_chunked_end(&decoder, &err);
        assert_int_equal(rc, row->decoded != NULL ? 0 : IR_ERR_SERVICE);
        if (rc == 0) {
            const char *trailer = aws_chunked_trailer(&decoder, "x-amz-checksum-crc32");
            assert_string_equal(ir_buf_text(&out), row->decoded);
            assert_int_equal(trailer != NULL, row->trailer != NULL);
            if (trailer != NULL)
                assert_string_equal(trailer, row->trailer);
        } else {
            assert_string_equal(err.aws_code, "IncompleteBody");
        }
        aws_chunked_release(&decoder);
        ir_buf_release(&out);
    }
}

/* ---- event streams ----------------------------------------------------------------------- */

static int take_event(void *context, const struct ir_event *event)
{
    ir_buf_appendf(context, "%s %s %s;", event->message_type, event->event_type, event->payload);
    return 0;
}

static void test_events(void **state)
{
    struct ir_event_stream stream;
    struct ir_buf payload;
    struct ir_buf wire;
    struct ir_buf seen;
    (void)state;
    ir_buf_init(&payload, 1024);
    ir_buf_init(&wire, 4096);
    ir_buf_init(&seen, 1024);
    event_encode("empty", &payload, &wire);
    ir_buf_append_text(&payload, "{\"a\":1}");
    event_encode("contentBlockDelta", &payload, &wire);
    assert_int_equal(wire.failed, 0);
    ir_event_stream_init(&stream, take_event, &seen);
    assert_int_equal(ir_event_stream_take(&stream, wire.data, wire.bytes), 0);
    assert_int_equal(ir_event_stream_end(&stream), 0);
    assert_string_equal(ir_buf_text(&seen), "event empty ;event contentBlockDelta {\"a\":1};");
    ir_event_stream_release(&stream);
    ir_buf_release(&payload);
    ir_buf_release(&wire);
    ir_buf_release(&seen);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_sum, sums);
    UNIT_ADD_ROWS(&list, test_chunks, chunks);
    unit_add(&list, "events", test_events);
    return unit_run(&list, "the endpoint's wire forms");
}
