/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A growable byte buffer with a hard maximum from birth and a sticky failure: append as much as you
 * like, check once. The content is always followed by a NUL that is not counted.
 */
#ifndef CORE_BASE_BUF_H
#define CORE_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include <imgrecog/error.h>

struct ir_buf {
    char *data; /* NULL until the first append */
    size_t bytes;
    size_t capacity;
    size_t max_bytes;
    int failed;  /* 0, IR_ERR_NOMEM or IR_ERR_TOO_LARGE; appends after a failure do nothing */
    bool secret; /* wiped when grown and released */
};

void ir_buf_init(struct ir_buf *buf, size_t max_bytes);
void ir_buf_init_secret(struct ir_buf *buf, size_t max_bytes);
void ir_buf_release(struct ir_buf *buf);
/* Forgets the content and the failure, keeps the memory. */
void ir_buf_clear(struct ir_buf *buf);

void ir_buf_append(struct ir_buf *buf, const void *data, size_t bytes);
void ir_buf_append_text(struct ir_buf *buf, const char *text);
void ir_buf_append_char(struct ir_buf *buf, char c);
void ir_buf_appendf(struct ir_buf *buf, const char *format, ...) IR_PRINTF(2, 3);

/* The content as text, "" when empty; borrowed until the next append. */
const char *ir_buf_text(const struct ir_buf *buf);
/* Hands the content over (free with ir_free); NULL after a failure. The buffer is empty then. */
char *ir_buf_take(struct ir_buf *buf);
/* 0, or the sticky failure with `err` filled; `what` names the content in the message. */
int ir_buf_check(const struct ir_buf *buf, const char *what, struct ir_error *err);

#endif
