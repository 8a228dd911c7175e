/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Event streams: every way to cut one, every header type, every kind of damage. */
#include "tests/unit/unit.h"

#include "core/aws/eventstream.h"
#include "tests/unit/event_frames.h"

struct seen {
    unsigned count;
    char kind[32], type[32], exception[64], code[64], message[64];
    struct ir_buf payload;
    int give; /* what the callback returns */
};

static int take(void *context, const struct ir_event *event)
{
    struct seen *seen = context;
    seen->count++;
    snprintf(seen->kind, sizeof seen->kind, "%s", event->message_type);
    snprintf(seen->type, sizeof seen->type, "%s", event->event_type);
    snprintf(seen->exception, sizeof seen->exception, "%s", event->exception_type);
    snprintf(seen->code, sizeof seen->code, "%s", event->error_code);
    snprintf(seen->message, sizeof seen->message, "%s", event->error_message);
    ir_buf_clear(&seen->payload);
    ir_buf_append(&seen->payload, event->payload, event->payload_bytes);
    if (event->payload[event->payload_bytes] != '\0')
        seen->count = 99;
    return seen->give;
}

/* Gives the bytes over in pieces; what end() says. */
static int run(const char *data, size_t bytes, size_t piece, struct seen *seen)
{
    struct ir_event_stream stream;
    unsigned char kept = 0;
    ir_event_stream_init(&stream, take, seen);
    int rc = 0;
    for (size_t at = 0; at < bytes && rc == 0; at += piece)
        rc = ir_event_stream_take(&stream, data + at, bytes - at < piece ? bytes - at : piece);
    int end = ir_event_stream_end(&stream);
    assert_true(rc == 0 || end == rc);
    assert_true(end != IR_ERR_RESPONSE || stream.reason != NULL || seen->give != 0);
    /* It stays failed. */
    if (end != 0 && rc != 0)
        assert_int_equal(ir_event_stream_take(&stream, (const char *)&kept, 1), rc);
    ir_event_stream_release(&stream);
    return end;
}

static void test_pieces(void **state)
{
    (void)state;
    struct ir_buf frames;
    ir_buf_init(&frames, FRAME_MAX_BYTES);
    frame_event(&frames, "event", "contentBlockDelta", "{\"a\":1}");
    frame_event(&frames, "event", "messageStop", "");
    frame_event(&frames, "exception", "throttlingException", "{\"message\":\"slow\"}");
    for (size_t piece = 1; piece <= frames.bytes; piece++) {
        struct seen seen = {0};
        ir_buf_init(&seen.payload, 1024);
        assert_int_equal(run(frames.data, frames.bytes, piece, &seen), 0);
        assert_int_equal(seen.count, 3);
        assert_string_equal(seen.kind, "exception");
        assert_string_equal(seen.exception, "throttlingException");
        assert_string_equal(seen.type, "");
        assert_string_equal(ir_buf_text(&seen.payload), "{\"message\":\"slow\"}");
        ir_buf_release(&seen.payload);
    }
    ir_buf_release(&frames);
}

/* Every byte of a message, changed in every bit: never a message, never a success. */
static void test_damage(void **state)
{
    (void)state;
    struct ir_buf frames;
    ir_buf_init(&frames, FRAME_MAX_BYTES);
    frame_event(&frames, "event", "x", "{\"a\":1}");
    for (size_t at = 0; at < frames.bytes; at++) {
        for (int bit = 0; bit < 8; bit++) {
            struct seen seen = {0};
            ir_buf_init(&seen.payload, 1024);
            frames.data[at] = (char)(frames.data[at] ^ (1 << bit));
            assert_int_equal(run(frames.data, frames.bytes, frames.bytes, &seen), IR_ERR_RESPONSE);
            assert_int_equal(seen.count, 0);
            frames.data[at] = (char)(frames.data[at] ^ (1 << bit));
            ir_buf_release(&seen.payload);
        }
    }
    ir_buf_release(&frames);
}

static void test_cut(void **state)
{
    (void)state;
    struct ir_buf frames;
    ir_buf_init(&frames, FRAME_MAX_BYTES);
    frame_event(&frames, "event", "x", "{}");
    size_t one = frames.bytes;
    frame_event(&frames, "event", "y", "{}");
    for (size_t bytes = 0; bytes <= frames.bytes; bytes++) {
        struct seen seen = {0};
        ir_buf_init(&seen.payload, 1024);
        bool whole = bytes == 0 || bytes == one || bytes == frames.bytes;
        assert_int_equal(run(frames.data, bytes, 5, &seen), whole ? 0 : IR_ERR_RESPONSE);
        assert_int_equal(seen.count, (bytes >= one) + (bytes == frames.bytes));
        ir_buf_release(&seen.payload);
    }
    ir_buf_release(&frames);
}

struct header_row {
    const char *name;
    const char *headers;
    size_t bytes;
    int code;
    const char *type; /* what :event-type then is */
};

#define HEADERS(text) text, sizeof(text) - 1
#define EVENT_TYPE "\013:event-type\007\000\001x"

static const struct header_row header_rows[] = {
    {"header: none", HEADERS(""), 0, ""},
    {"header: a string", HEADERS(EVENT_TYPE), 0, "x"},
    {"header: an empty string", HEADERS("\013:event-type\007\000\000"), 0, ""},
    {"header: another type with the name of ours", HEADERS("\013:event-type\000"), 0, ""},
    {"header: true and false", HEADERS("\001a\000\001b\001" EVENT_TYPE), 0, "x"},
    {"header: byte", HEADERS("\001a\002\001" EVENT_TYPE), 0, "x"},
    {"header: short", HEADERS("\001a\003\001\002" EVENT_TYPE), 0, "x"},
    {"header: integer", HEADERS("\001a\004\001\002\003\004" EVENT_TYPE), 0, "x"},
    {"header: long", HEADERS("\001a\005\001\002\003\004\005\006\007\010" EVENT_TYPE), 0, "x"},
    {"header: bytes", HEADERS("\001a\006\000\002\000\000" EVENT_TYPE), 0, "x"},
    {"header: timestamp", HEADERS("\001a\010\001\002\003\004\005\006\007\010" EVENT_TYPE), 0, "x"},
    {"header: uuid", HEADERS("\001a\0110123456789abcdef" EVENT_TYPE), 0, "x"},
    {"header: a string of 256 bytes is read whole",
     HEADERS("\001a\007\001\000"
             "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
             "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
             "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
             "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" EVENT_TYPE),
     0, "x"},
    {"header: an unknown type", HEADERS("\001a\012\001" EVENT_TYPE), IR_ERR_RESPONSE, ""},
    {"header: a name past the end", HEADERS("\005a\000"), IR_ERR_RESPONSE, ""},
    {"header: a name only", HEADERS("\001a"), IR_ERR_RESPONSE, ""},
    {"header: a value past the end", HEADERS("\001a\007\000\002x"), IR_ERR_RESPONSE, ""},
    {"header: half a length", HEADERS("\001a\007\000"), IR_ERR_RESPONSE, ""},
    {"header: a uuid past the end", HEADERS("\001a\0110123456789abcde"), IR_ERR_RESPONSE, ""},
    {"header: good, then bad", HEADERS(EVENT_TYPE "\377"), IR_ERR_RESPONSE, ""},
};

static void test_header(void **state)
{
    const struct header_row *row = *state;
    struct seen seen = {0};
    struct ir_buf frames;
    ir_buf_init(&seen.payload, 1024);
    ir_buf_init(&frames, FRAME_MAX_BYTES);
    frame_append(&frames, row->headers, row->bytes, "payload", 7);
    assert_int_equal(run(frames.data, frames.bytes, 1, &seen), row->code);
    assert_int_equal(seen.count, row->code == 0);
    assert_string_equal(seen.type, row->type);
    if (row->code == 0)
        assert_string_equal(ir_buf_text(&seen.payload), "payload");
    ir_buf_release(&frames);
    ir_buf_release(&seen.payload);
}

struct prelude_row {
    const char *name;
    uint32_t total, headers;
};

/* Lengths that cannot be, with a right checksum: refused before anything is stored. */
static const struct prelude_row prelude_rows[] = {
    {"prelude: total 0", 0, 0},
    {"prelude: total 15", 15, 0},
    {"prelude: headers longer than the message", 20, 5},
    {"prelude: headers of 4 GB", 20, UINT32_MAX},
    {"prelude: both of 4 GB", UINT32_MAX, UINT32_MAX},
    {"prelude: headers over 128 KB", 200000, 128 * 1024 + 1},
    {"prelude: a message over the maximum", IR_EVENT_MAX_BYTES + 1, 0},
};

static void test_prelude(void **state)
{
    const struct prelude_row *row = *state;
    struct seen seen = {0};
    struct ir_buf frame;
    struct ir_event_stream stream;
    ir_buf_init(&frame, 64);
    frame_u32(&frame, row->total);
    frame_u32(&frame, row->headers);
    frame_u32(&frame, (uint32_t)crc32_z(0, (const unsigned char *)frame.data, 8));
    ir_event_stream_init(&stream, take, &seen);
    assert_int_equal(ir_event_stream_take(&stream, frame.data, frame.bytes), IR_ERR_RESPONSE);
    assert_non_null(stream.reason);
    assert_int_equal(seen.count, 0);
    ir_event_stream_release(&stream);
    ir_buf_release(&frame);
}

static void test_largest(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct ir_buf frames;
    size_t bytes = (size_t)24 << 20;
    char *payload = malloc(bytes);
    assert_non_null(payload);
    memset(payload, 'x', bytes);
    ir_buf_init(&seen.payload, FRAME_MAX_BYTES);
    ir_buf_init(&frames, FRAME_MAX_BYTES);
    frame_append(&frames, "", 0, payload, bytes);
    assert_int_equal(run(frames.data, frames.bytes, 65536, &seen), 0);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.payload.bytes, bytes);
    free(payload);
    ir_buf_release(&frames);
    ir_buf_release(&seen.payload);
}

static void test_callback_ends_it(void **state)
{
    (void)state;
    struct seen seen = {.give = IR_ERR_SERVICE};
    struct ir_buf frames;
    ir_buf_init(&seen.payload, 1024);
    ir_buf_init(&frames, FRAME_MAX_BYTES);
    frame_event(&frames, "event", "x", "{}");
    frame_event(&frames, "event", "y", "{}");
    assert_int_equal(run(frames.data, frames.bytes, frames.bytes, &seen), IR_ERR_SERVICE);
    assert_int_equal(seen.count, 1);
    ir_buf_release(&frames);
    ir_buf_release(&seen.payload);
}

int main(void)
{
    static struct unit_list list;
    unit_add(&list, "pieces of every size", test_pieces);
    unit_add(&list, "every bit damaged", test_damage);
    unit_add(&list, "cut everywhere", test_cut);
    UNIT_ADD_ROWS(&list, test_header, header_rows);
    UNIT_ADD_ROWS(&list, test_prelude, prelude_rows);
    unit_add(&list, "the largest message", test_largest);
    unit_add(&list, "the callback ends it", test_callback_ends_it);
    return unit_run(&list, "eventstream");
}
