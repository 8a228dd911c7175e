/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An answer is built up by a service and sent by server.c. */
#include "plugins/local/answer.h"

#include <string.h>
#include <unistd.h>

void answer_init(struct answer *answer)
{
    memset(answer, 0, sizeof *answer);
    answer->status = 200;
    answer->file_fd = -1;
    ir_buf_init(&answer->headers, ANSWER_MAX_HEADER_BYTES);
    ir_buf_init(&answer->body, ANSWER_MAX_BYTES);
}

static void close_file(struct answer *answer)
{
    if (answer->file_fd >= 0)
        close(answer->file_fd);
    answer->file_fd = -1;
}

void answer_release(struct answer *answer)
{
    close_file(answer);
    ir_buf_release(&answer->headers);
    ir_buf_release(&answer->body);
}

void answer_clear(struct answer *answer)
{
    close_file(answer);
    answer->status = 200;
    answer->content_type = NULL;
    ir_buf_clear(&answer->headers);
    ir_buf_clear(&answer->body);
}

void answer_header(struct answer *answer, const char *name, const char *value)
{
    for (const char *c = value; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 127)
            return;
    ir_buf_append(&answer->headers, name, strlen(name) + 1);
    ir_buf_append(&answer->headers, value, strlen(value) + 1);
}
