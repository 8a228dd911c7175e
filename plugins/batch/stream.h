/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A model's words on standard output as they come. */
#ifndef PLUGINS_BATCH_STREAM_H
#define PLUGINS_BATCH_STREAM_H

#include <stdbool.h>
#include <stddef.h>

struct stream {
    bool has_begun; /* a line is open */
};

/* The signature of on_text in the tasks' options; `context` is a struct stream. */
void stream_text(void *context, const char *text, size_t bytes);
/* Ends the line that was begun. */
void stream_end(struct stream *stream);

#endif
