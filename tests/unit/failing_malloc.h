/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lets the n-th allocation fail in code that calls malloc itself: for a test program linked with
 * -Wl,--wrap for each function below. Shared libraries are not concerned.
 */
#ifndef TESTS_UNIT_FAILING_MALLOC_H
#define TESTS_UNIT_FAILING_MALLOC_H

#include <stdbool.h>
#include <stddef.h>

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t item_bytes);
void *__real_realloc(void *memory, size_t bytes);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t item_bytes);
void *__wrap_realloc(void *memory, size_t bytes);
char *__wrap_strdup(const char *text);

static struct {
    bool armed;
    bool for_good;    /* all after the n-th fail too */
    unsigned fail_at; /* counted from 0 */
    unsigned asked;
} failing_malloc;

static inline void failing_malloc_arm(unsigned fail_at, bool for_good)
{
    failing_malloc.armed = true;
    failing_malloc.for_good = for_good;
    failing_malloc.fail_at = fail_at;
    failing_malloc.asked = 0;
}

/* Returns true when the failure was reached. */
static inline bool failing_malloc_disarm(void)
{
    failing_malloc.armed = false;
    return failing_malloc.asked > failing_malloc.fail_at;
}

static inline bool failing_malloc_denies(void)
{
    unsigned index;

    if (!failing_malloc.armed)
        return false;
    index = failing_malloc.asked++;
    return failing_malloc.for_good ? index >= failing_malloc.fail_at
                                   : index == failing_malloc.fail_at;
}

void *__wrap_malloc(size_t bytes)
{
    return failing_malloc_denies() ? NULL : __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t item_bytes)
{
    return failing_malloc_denies() ? NULL : __real_calloc(count, item_bytes);
}

void *__wrap_realloc(void *memory, size_t bytes)
{
    return failing_malloc_denies() ? NULL : __real_realloc(memory, bytes);
}

char *__wrap_strdup(const char *text)
{
    return failing_malloc_denies() ? NULL : __real_strdup(text);
}

#endif
