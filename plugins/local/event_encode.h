/* SPDX-License-Identifier: GPL-3.0-or-later */
/* application/vnd.amazon.eventstream out: one message at a time into a buffer. */
#ifndef PLUGINS_LOCAL_EVENT_ENCODE_H
#define PLUGINS_LOCAL_EVENT_ENCODE_H

#include "core/base/buf.h"

#define EVENT_STREAM_TYPE "application/vnd.amazon.eventstream"

/* Appends an event of this type whose payload is JSON. Failures stick in `out`. */
void event_encode(const char *event_type, const struct ir_buf *payload, struct ir_buf *out);

#endif
