/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the growable buffer. Capacity doubles, so that n appended bytes cost O(n) in all, and never
 * passes max_bytes and the NUL. Data must not lie in the buffer that it is appended to.
 */
#include "core/base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <imgrecog/memory.h>

#include "core/base/alloc.h"
#include "core/base/error.h"

#define FIRST_CAPACITY_BYTES 256

void ir_buf_init(struct ir_buf *buf, size_t max_bytes)
{
    memset(buf, 0, sizeof *buf);
    /* A quarter of the address space, so that sums of sizes do not overflow. */
    buf->max_bytes = max_bytes < SIZE_MAX / 4 ? max_bytes : SIZE_MAX / 4;
}

void ir_buf_init_secret(struct ir_buf *buf, size_t max_bytes)
{
    ir_buf_init(buf, max_bytes);
    buf->secret = true;
}

static void free_content(struct ir_buf *buf)
{
    if (buf->secret)
        ir_wipe(buf->data, buf->capacity);
    ir_free(buf->data);
    buf->data = NULL;
    buf->bytes = 0;
    buf->capacity = 0;
}

void ir_buf_release(struct ir_buf *buf)
{
    if (!buf)
        return;
    free_content(buf);
    buf->failed = 0;
}

void ir_buf_clear(struct ir_buf *buf)
{
    if (buf->secret)
        ir_wipe(buf->data, buf->capacity);
    buf->bytes = 0;
    buf->failed = 0;
    if (buf->data)
        buf->data[0] = '\0';
}

/* realloc would leave the old place of a secret behind unwiped. */
static char *grow_secret(struct ir_buf *buf, size_t capacity)
{
    char *data = ir_malloc(capacity);
    if (!data)
        return NULL;
    if (buf->data)
        memcpy(data, buf->data, buf->bytes);
    ir_wipe(buf->data, buf->capacity);
    ir_free(buf->data);
    return data;
}

/* Makes room for `bytes` more and the NUL; false, with the failure set, when there is none. */
static bool reserve(struct ir_buf *buf, size_t bytes)
{
    if (buf->failed)
        return false;
    if (bytes > buf->max_bytes - buf->bytes) {
        buf->failed = IR_ERR_TOO_LARGE;
        return false;
    }
    size_t needed = buf->bytes + bytes + 1;
    if (needed <= buf->capacity)
        return true;
    size_t capacity = buf->capacity ? buf->capacity * 2 : FIRST_CAPACITY_BYTES;
    if (capacity > buf->max_bytes + 1)
        capacity = buf->max_bytes + 1;
    if (capacity < needed)
        capacity = needed;
    char *data = buf->secret ? grow_secret(buf, capacity) : ir_realloc(buf->data, capacity);
    if (!data) {
        buf->failed = IR_ERR_NOMEM;
        return false;
    }
    buf->data = data;
    buf->capacity = capacity;
    return true;
}

void ir_buf_append(struct ir_buf *buf, const void *data, size_t bytes)
{
    if (!reserve(buf, bytes))
        return;
    if (bytes)
        memcpy(buf->data + buf->bytes, data, bytes);
    buf->bytes += bytes;
    buf->data[buf->bytes] = '\0';
}

void ir_buf_append_text(struct ir_buf *buf, const char *text)
{
    ir_buf_append(buf, text, strlen(text));
}

void ir_buf_append_char(struct ir_buf *buf, char c)
{
    ir_buf_append(buf, &c, 1);
}

void ir_buf_appendf(struct ir_buf *buf, const char *format, ...)
{
    if (buf->failed)
        return;
    va_list arguments;
    va_start(arguments, format);
    int wanted = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (wanted < 0) {
        buf->failed = IR_ERR_TOO_LARGE; /* over INT_MAX */
        return;
    }
    if (!reserve(buf, (size_t)wanted))
        return;
    va_start(arguments, format);
    vsnprintf(buf->data + buf->bytes, (size_t)wanted + 1, format, arguments);
    va_end(arguments);
    buf->bytes += (size_t)wanted;
}

const char *ir_buf_text(const struct ir_buf *buf)
{
    return buf->data ? buf->data : "";
}

char *ir_buf_take(struct ir_buf *buf)
{
    if (!buf->failed)
        (void)reserve(buf, 0); /* an empty text is a text too */
    if (buf->failed) {
        free_content(buf);
        return NULL;
    }
    char *data = buf->data;
    data[buf->bytes] = '\0';
    buf->data = NULL;
    buf->bytes = 0;
    buf->capacity = 0;
    return data;
}

int ir_buf_check(const struct ir_buf *buf, const char *what, struct ir_error *err)
{
    if (!buf->failed)
        return 0;
    if (buf->failed == IR_ERR_NOMEM)
        return ir_fail(err, IR_ERR_NOMEM, "out of memory for %s", what);
    return ir_fail(err, buf->failed, "%s is larger than the maximum of %zu bytes", what,
                   buf->max_bytes);
}
