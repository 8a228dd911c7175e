/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * AWS event streams. A message, all numbers big-endian:
 *
 *     total u32 | headers u32 | CRC-32 of these 8 bytes | headers | payload | CRC-32 of all before
 *
 * A header: name length u8, name, type u8, value (by type: none, 1, 2, 4 or 8 bytes, 16 for a UUID,
 * or u16 length and bytes). CRC-32 is zlib's. A message is handed on only when it is whole and both
 * CRCs are right.
 */
#include "core/aws/eventstream.h"

#include <stdint.h>
#include <string.h>

#include <zlib.h>

#define PRELUDE_BYTES 12U
#define CRC_BYTES 4U
#define MIN_MESSAGE_BYTES (PRELUDE_BYTES + CRC_BYTES)
#define MAX_HEADERS_BYTES (128U * 1024)
#define MAX_NAME_CHARS 63

enum header_type {
    TYPE_TRUE,
    TYPE_FALSE,
    TYPE_BYTE,
    TYPE_SHORT,
    TYPE_INTEGER,
    TYPE_LONG,
    TYPE_BYTES,
    TYPE_STRING,
    TYPE_TIMESTAMP,
    TYPE_UUID
};

/* A value as it lies in the message. */
struct header {
    char name[MAX_NAME_CHARS + 1]; /* longer ones are none of ours: cut */
    unsigned type;
    char *value;
    size_t value_bytes;
};

static uint32_t be32(const char *at)
{
    const unsigned char *p = (const unsigned char *)at;
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t crc_of(const char *data, size_t bytes)
{
    return (uint32_t)crc32_z(0, (const unsigned char *)data, bytes);
}

static int fail(struct ir_event_stream *stream, const char *reason)
{
    stream->failed = IR_ERR_RESPONSE;
    stream->reason = reason;
    return stream->failed;
}

void ir_event_stream_init(struct ir_event_stream *stream, ir_event_fn on_event, void *context)
{
    *stream = (struct ir_event_stream){.on_event = on_event, .context = context};
    ir_buf_init(&stream->message, IR_EVENT_MAX_BYTES);
}

void ir_event_stream_release(struct ir_event_stream *stream)
{
    ir_buf_release(&stream->message);
}

/* The bytes that a value of this type has at `at`, its own length field taken off; -1: unknown. */
static long value_length(unsigned type, const char *at, size_t left_bytes, size_t *out_prefix)
{
    static const long fixed[] = {0, 0, 1, 2, 4, 8, -1, -1, 8, 16};
    *out_prefix = 0;
    if (type > TYPE_UUID)
        return -1;
    if (type != TYPE_BYTES && type != TYPE_STRING)
        return fixed[type];
    if (left_bytes < 2)
        return -1;
    *out_prefix = 2;
    return (long)((unsigned char)at[0] << 8 | (unsigned char)at[1]);
}

/* Reads one header at *at and moves on; false when it reaches past `end`. */
static bool read_header(char **at, const char *end, struct header *out)
{
    char *p = *at;
    size_t name_bytes = (unsigned char)*p++;
    if ((size_t)(end - p) < name_bytes + 1)
        return false;
    size_t kept = name_bytes < MAX_NAME_CHARS ? name_bytes : MAX_NAME_CHARS;
    memcpy(out->name, p, kept);
    out->name[kept] = '\0';
    p += name_bytes;
    out->type = (unsigned char)*p++;
    size_t prefix = 0;
    long bytes = value_length(out->type, p, (size_t)(end - p), &prefix);
    if (bytes < 0 || (size_t)(end - p) < prefix + (size_t)bytes)
        return false;
    out->value = p + prefix;
    out->value_bytes = (size_t)bytes;
    *at = p + prefix + bytes;
    return true;
}

static const char **event_member(struct ir_event *event, const char *name)
{
    if (strcmp(name, ":message-type") == 0)
        return &event->message_type;
    if (strcmp(name, ":event-type") == 0)
        return &event->event_type;
    if (strcmp(name, ":exception-type") == 0)
        return &event->exception_type;
    if (strcmp(name, ":error-code") == 0)
        return &event->error_code;
    if (strcmp(name, ":error-message") == 0)
        return &event->error_message;
    return NULL;
}

/*
 * Fills `event` from the headers. Values are terminated where they lie: each is followed by the
 * next header's name length, which has been read by then, or by the payload, which is moved up
 * first.
 */
static bool read_headers(char *at, const char *end, struct ir_event *event)
{
    struct header header;
    char *pending = NULL; /* the end of the last string value */
    while (at < end) {
        bool good = read_header(&at, end, &header);
        if (pending != NULL)
            *pending = '\0';
        pending = NULL;
        if (!good)
            return false;
        const char **member = event_member(event, header.name);
        if (member == NULL || header.type != TYPE_STRING)
            continue;
        *member = header.value;
        pending = header.value + header.value_bytes;
    }
    if (pending != NULL)
        *pending = '\0';
    return true;
}

/* A whole message of `total` bytes, CRCs checked. The last CRC gives room for two terminators. */
static int deliver(struct ir_event_stream *stream, char *message, size_t total)
{
    size_t headers_bytes = be32(message + 4);
    char *headers = message + PRELUDE_BYTES;
    char *payload = headers + headers_bytes;
    size_t payload_bytes = total - headers_bytes - MIN_MESSAGE_BYTES;
    struct ir_event event = {"", "", "", "", "", payload + 1, payload_bytes};
    memmove(payload + 1, payload, payload_bytes);
    payload[1 + payload_bytes] = '\0';
    if (!read_headers(headers, payload, &event))
        return fail(stream, "a header of the event stream cannot be read");
    stream->failed = stream->on_event(stream->context, &event);
    return stream->failed;
}

/* The size of the message whose prelude has come; 0 when the prelude is impossible. */
static size_t check_prelude(const char *message)
{
    size_t total = be32(message);
    size_t headers_bytes = be32(message + 4);
    if (crc_of(message, 8) != be32(message + 8) || headers_bytes > MAX_HEADERS_BYTES ||
        total > IR_EVENT_MAX_BYTES || total < MIN_MESSAGE_BYTES + headers_bytes)
        return 0;
    return total;
}

/* Appends of `data` what is missing to `wanted` bytes of the message; gives what was taken. */
static size_t fill(struct ir_buf *message, const char *data, size_t bytes, size_t wanted)
{
    size_t missing = wanted - message->bytes;
    size_t taken = bytes < missing ? bytes : missing;
    ir_buf_append(message, data, taken);
    return taken;
}

int ir_event_stream_take(struct ir_event_stream *stream, const char *data, size_t bytes)
{
    struct ir_buf *message = &stream->message;
    while (bytes > 0 && stream->failed == 0) {
        size_t wanted = PRELUDE_BYTES;
        if (message->bytes >= PRELUDE_BYTES)
            wanted = be32(message->data);
        size_t taken = fill(message, data, bytes, wanted);
        data += taken;
        bytes -= taken;
        if (message->failed != 0) {
            stream->failed = message->failed;
        } else if (message->bytes == PRELUDE_BYTES && wanted == PRELUDE_BYTES) {
            if (check_prelude(message->data) == 0)
                fail(stream, "a checksum or a length of the event stream is wrong");
        } else if (message->bytes == wanted) {
            if (crc_of(message->data, wanted - CRC_BYTES) !=
                be32(message->data + wanted - CRC_BYTES))
                return fail(stream, "a checksum of the event stream is wrong");
            (void)deliver(stream, message->data, wanted);
            ir_buf_clear(message);
        }
    }
    return stream->failed;
}

int ir_event_stream_end(struct ir_event_stream *stream)
{
    if (stream->failed == 0 && stream->message.bytes > 0)
        return fail(stream, "the event stream ends within a message");
    return stream->failed;
}
