/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Answers of type application/vnd.amazon.eventstream, taken apart as they come.
 * Source: https://docs.aws.amazon.com/transcribe/latest/dg/event-stream.html and
 * https://smithy.io/2.0/aws/amazon-eventstream.html
 */
#ifndef CORE_AWS_EVENTSTREAM_H
#define CORE_AWS_EVENTSTREAM_H

#include "core/base/buf.h"

#define IR_EVENT_MAX_BYTES (24U * 1024 * 1024 + 128U * 1024 + 16U) /* payload, headers, frame */

/* One message. Texts are borrowed until the callback returns; "" where the message has none. */
struct ir_event {
    const char *message_type;   /* ":message-type": "event", "exception" or "error" */
    const char *event_type;     /* ":event-type" of an event: "contentBlockDelta" */
    const char *exception_type; /* ":exception-type" of an exception */
    const char *error_code;     /* ":error-code" of an error */
    const char *error_message;  /* ":error-message" of an error */
    const char *payload;        /* terminated; JSON most often */
    size_t payload_bytes;
};

/* Not 0 ends the stream with that code. */
typedef int (*ir_event_fn)(void *context, const struct ir_event *event);

struct ir_event_stream {
    struct ir_buf message; /* what has come of the current message */
    ir_event_fn on_event;
    void *context;
    int failed;         /* sticky */
    const char *reason; /* static, of a failure of the stream itself; NULL when on_event's */
};

void ir_event_stream_init(struct ir_event_stream *stream, ir_event_fn on_event, void *context);
void ir_event_stream_release(struct ir_event_stream *stream);

/*
 * Takes the next bytes, in pieces of any size, and calls on_event for each message whose two CRCs
 * are right. IR_ERR_RESPONSE: a CRC is wrong, a length is impossible or a header cannot be read;
 * IR_ERR_NOMEM; or what on_event returned. Sticky.
 */
IR_MUST_CHECK int ir_event_stream_take(struct ir_event_stream *stream, const char *data,
                                       size_t bytes);

/* After the last byte: 0, the sticky failure, or IR_ERR_RESPONSE when a message is not whole. */
IR_MUST_CHECK int ir_event_stream_end(struct ir_event_stream *stream);

#endif
