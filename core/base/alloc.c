/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns every request for memory that the core makes itself. The gate is the only global that
 * changes; it is the tests' and NULL in every program.
 */
#include "core/base/alloc.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include <imgrecog/memory.h>

static bool (*gate)(void *context);
static void *gate_context;

void ir_alloc_set_gate(bool (*may_allocate)(void *context), void *context)
{
    gate = may_allocate;
    gate_context = context;
}

static bool is_allowed(void)
{
    return !gate || gate(gate_context);
}

void *ir_malloc(size_t bytes)
{
    return is_allowed() ? malloc(bytes ? bytes : 1) : NULL;
}

void *ir_calloc(size_t count, size_t item_bytes)
{
    if (item_bytes && count > SIZE_MAX / item_bytes)
        return NULL;
    size_t bytes = count * item_bytes;
    return is_allowed() ? calloc(1, bytes ? bytes : 1) : NULL;
}

void *ir_realloc(void *memory, size_t bytes)
{
    return is_allowed() ? realloc(memory, bytes ? bytes : 1) : NULL;
}

char *ir_strdup(const char *text)
{
    return ir_strndup(text, strlen(text));
}

char *ir_strndup(const char *text, size_t bytes)
{
    size_t length = strnlen(text, bytes);
    char *copy = ir_malloc(length + 1);
    if (!copy)
        return NULL;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

void ir_free(void *memory)
{
    free(memory);
}

void ir_wipe(void *memory, size_t bytes)
{
    if (!memory)
        return;
    OPENSSL_cleanse(memory, bytes);
}

void ir_free_secret(char *text)
{
    if (text)
        ir_wipe(text, strlen(text));
    ir_free(text);
}

/* A piece that knows its size, so that it can be wiped. */
struct wiped {
    size_t bytes;
    alignas(max_align_t) unsigned char data[];
};

static struct wiped *wiped_of(void *memory)
{
    return (struct wiped *)(void *)((unsigned char *)memory - offsetof(struct wiped, data));
}

void *ir_wiped_malloc(size_t bytes)
{
    if (bytes > SIZE_MAX - sizeof(struct wiped))
        return NULL;
    struct wiped *piece = ir_malloc(sizeof *piece + bytes);
    if (!piece)
        return NULL;
    piece->bytes = bytes;
    return piece->data;
}

void *ir_wiped_realloc(void *memory, size_t bytes)
{
    void *moved = ir_wiped_malloc(bytes);
    if (!moved || !memory)
        return moved;
    size_t old_bytes = wiped_of(memory)->bytes;
    memcpy(moved, memory, old_bytes < bytes ? old_bytes : bytes);
    ir_wiped_free(memory);
    return moved;
}

void ir_wiped_free(void *memory)
{
    if (!memory)
        return;
    struct wiped *piece = wiped_of(memory);
    ir_wipe(piece->data, piece->bytes);
    ir_free(piece);
}
