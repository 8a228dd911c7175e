/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *   total u32, headers u32, CRC32 of these 8 bytes, headers, payload, CRC32 of all before it
 *   header = name length u8, name, type u8 (7: string), value length u16, value
 *
 * All numbers big-endian. Source: https://smithy.io/2.0/aws/amazon-eventstream.html
 */
#include "plugins/local/event_encode.h"

#include <stdint.h>
#include <string.h>

#include <zlib.h>

#define PRELUDE_BYTES 8
#define CRC_BYTES 4
#define STRING_TYPE 7
#define MAX_HEADERS_BYTES 1024

static void append_number(struct ir_buf *out, uint32_t number, int bytes)
{
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
        ir_buf_append_char(out, (char)(unsigned char)(number >> shift));
}

static void append_header(struct ir_buf *out, const char *name, const char *value)
{
    append_number(out, (uint32_t)strlen(name), 1);
    ir_buf_append_text(out, name);
    append_number(out, STRING_TYPE, 1);
    append_number(out, (uint32_t)strlen(value), 2);
    ir_buf_append_text(out, value);
}

static void append_crc(struct ir_buf *out, size_t from)
{
    if (out->failed == 0)
        append_number(
            out, (uint32_t)crc32_z(0, (const unsigned char *)out->data + from, out->bytes - from),
            CRC_BYTES);
}

void event_encode(const char *event_type, const struct ir_buf *payload, struct ir_buf *out)
{
    struct ir_buf headers;
    size_t start = out->bytes;
    ir_buf_init(&headers, MAX_HEADERS_BYTES);
    append_header(&headers, ":event-type", event_type);
    append_header(&headers, ":content-type", "application/json");
    append_header(&headers, ":message-type", "event");
    append_number(
        out, (uint32_t)(PRELUDE_BYTES + CRC_BYTES + headers.bytes + payload->bytes + CRC_BYTES), 4);
    append_number(out, (uint32_t)headers.bytes, 4);
    append_crc(out, start);
    ir_buf_append(out, ir_buf_text(&headers), headers.bytes);
    ir_buf_append(out, ir_buf_text(payload), payload->bytes);
    append_crc(out, start);
    if (headers.failed != 0 && out->failed == 0)
        out->failed = headers.failed;
    ir_buf_release(&headers);
}
