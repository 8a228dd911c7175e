/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes through at once: standard output may be a pipe that somebody reads along. */
#include "plugins/batch/stream.h"

#include <stdio.h>

void stream_text(void *context, const char *text, size_t bytes)
{
    struct stream *stream = context;

    stream->has_begun = true;
    fwrite(text, 1, bytes, stdout);
    fflush(stdout);
}

void stream_end(struct stream *stream)
{
    if (stream->has_begun)
        printf("\n");
    stream->has_begun = false;
}
