/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Event streams. The input is taken as it is, and again as the headers and payload of a message
 * with right checksums, since no fuzzer guesses those. Pieces of any size must give the same.
 */
#include "tests/fuzz/fuzz.h"

#include "core/aws/eventstream.h"
#include "core/service/bedrock_runtime.h"
#include "tests/unit/event_frames.h"

struct sum {
    unsigned events;
    size_t bytes;
};

static int count(void *context, const struct ir_event *event)
{
    struct sum *sum = context;
    sum->events++;
    sum->bytes += event->payload_bytes + strlen(event->message_type) + strlen(event->event_type) +
                  strlen(event->exception_type) + strlen(event->error_code) +
                  strlen(event->error_message);
    FUZZ_CHECK(event->payload[event->payload_bytes] == '\0');
    return 0;
}

static int take(const char *data, size_t bytes, size_t piece, struct sum *sum)
{
    struct ir_event_stream stream;
    int rc = 0;
    *sum = (struct sum){0, 0};
    ir_event_stream_init(&stream, count, sum);
    for (size_t at = 0; at < bytes && rc == 0; at += piece)
        rc = ir_event_stream_take(&stream, data + at, bytes - at < piece ? bytes - at : piece);
    rc = ir_event_stream_end(&stream);
    FUZZ_CHECK(rc == 0 || (rc == IR_ERR_RESPONSE && stream.reason));
    ir_event_stream_release(&stream);
    return rc;
}

static void check(const char *data, size_t bytes)
{
    struct sum whole;
    struct sum single;
    int rc = take(data, bytes, bytes ? bytes : 1, &whole);
    FUZZ_CHECK(take(data, bytes, 1, &single) == rc);
    FUZZ_CHECK(whole.events == single.events && whole.bytes == single.bytes);
}

/* Bedrock's two readers on top. */
static void check_bedrock(const char *data, size_t bytes)
{
    for (int claude = 0; claude < 2; claude++) {
        struct ir_converse_stream stream;
        struct ir_error err = {0};
        if (claude)
            ir_claude_stream_init(&stream, NULL, NULL);
        else
            ir_converse_stream_init(&stream, NULL, NULL);
        int taken = ir_converse_stream_take(&stream, data, bytes);
        int rc = ir_converse_stream_end(&stream, &err);
        FUZZ_CHECK(taken == 0 || rc != 0);
        FUZZ_CHECK(rc == err.code);
        ir_converse_stream_release(&stream);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct ir_buf framed;
    if (bytes > FUZZ_MAX_BYTES || bytes < 2)
        return 0;
    check((const char *)data, bytes);
    check_bedrock((const char *)data, bytes);
    size_t header_bytes = ((size_t)data[0] << 8 | data[1]) % (bytes - 1);
    ir_buf_init(&framed, FUZZ_MAX_BYTES + 64U);
    frame_append(&framed, data + 2, header_bytes < bytes - 2 ? header_bytes : bytes - 2,
                 (const char *)data + 2 + header_bytes, bytes - 2 - header_bytes);
    check(framed.data, framed.bytes);
    check_bedrock(framed.data, framed.bytes);
    ir_buf_release(&framed);
    return 0;
}
