/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages of an event stream for tests, made by hand from the format's description. */
#ifndef TESTS_UNIT_EVENT_FRAMES_H
#define TESTS_UNIT_EVENT_FRAMES_H

#include <stdint.h>
#include <string.h>

#include <zlib.h>

#include "core/base/buf.h"

#define FRAME_MAX_BYTES (32U << 20)

static inline void frame_u32(struct ir_buf *out, uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        ir_buf_append_char(out, (char)(value >> shift));
}

static inline void frame_header(struct ir_buf *out, const char *name, const char *value)
{
    size_t bytes = strlen(value);
    ir_buf_append_char(out, (char)strlen(name));
    ir_buf_append_text(out, name);
    ir_buf_append_char(out, 7);
    ir_buf_append_char(out, (char)(bytes >> 8));
    ir_buf_append_char(out, (char)bytes);
    ir_buf_append_text(out, value);
}

/* Appends a whole message with right checksums. */
static inline void frame_append(struct ir_buf *out, const void *headers, size_t header_bytes,
                                const char *payload, size_t payload_bytes)
{
    size_t from = out->bytes;
    frame_u32(out, (uint32_t)(16 + header_bytes + payload_bytes));
    frame_u32(out, (uint32_t)header_bytes);
    frame_u32(out, (uint32_t)crc32_z(0, (const unsigned char *)out->data + from, 8));
    ir_buf_append(out, headers, header_bytes);
    ir_buf_append(out, payload, payload_bytes);
    frame_u32(out,
              (uint32_t)crc32_z(0, (const unsigned char *)out->data + from, out->bytes - from));
}

/* kind: "event" or "exception"; `type` is that of the event or the exception. */
static inline void frame_event(struct ir_buf *out, const char *kind, const char *type,
                               const char *payload)
{
    struct ir_buf headers;
    bool is_event = strcmp(kind, "event") == 0;
    ir_buf_init(&headers, 4096);
    frame_header(&headers, is_event ? ":event-type" : ":exception-type", type);
    frame_header(&headers, ":content-type", "application/json");
    frame_header(&headers, ":message-type", kind);
    frame_append(out, headers.data, headers.bytes, payload, strlen(payload));
    ir_buf_release(&headers);
}

#endif
