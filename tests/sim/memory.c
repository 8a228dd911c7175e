/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the counting of blocks and the gate of core/base/alloc. Threads may allocate at once. */
#include "tests/sim/memory.h"

#include <limits.h>
#include <stdatomic.h>
#include <stddef.h>

#include "core/base/alloc.h"

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t item_bytes);
void *__real_realloc(void *memory, size_t bytes);
void __real_free(void *memory);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t item_bytes);
void *__wrap_realloc(void *memory, size_t bytes);
void __wrap_free(void *memory);

static atomic_long live;
static atomic_ulong asked;
static _Thread_local bool is_paused;
static atomic_bool has_failed;
static unsigned long fail_at = ULONG_MAX;
static bool fails_for_good;

void *__wrap_malloc(size_t bytes)
{
    void *memory = __real_malloc(bytes);
    live += memory != NULL;
    return memory;
}

void *__wrap_calloc(size_t count, size_t item_bytes)
{
    void *memory = __real_calloc(count, item_bytes);
    live += memory != NULL;
    return memory;
}

void *__wrap_realloc(void *memory, size_t bytes)
{
    bool is_new = memory == NULL;
    void *moved = __real_realloc(memory, bytes);
    live += is_new && moved != NULL;
    return moved;
}

void __wrap_free(void *memory)
{
    live -= memory != NULL;
    __real_free(memory);
}

long sim_memory_live(void)
{
    return live;
}

static bool may_allocate(void *context)
{
    (void)context;
    if (is_paused)
        return true;
    unsigned long index = atomic_fetch_add(&asked, 1);
    bool fails = index == fail_at || (fails_for_good && index > fail_at);
    if (fails)
        has_failed = true;
    return !fails;
}

void sim_memory_plan(unsigned long new_fail_at, bool for_good)
{
    asked = 0;
    has_failed = false;
    fail_at = new_fail_at;
    fails_for_good = for_good;
    ir_alloc_set_gate(may_allocate, NULL);
}

bool sim_memory_end_plan(void)
{
    ir_alloc_set_gate(NULL, NULL);
    return has_failed;
}

void sim_memory_pause(void)
{
    is_paused = true;
}

void sim_memory_resume(void)
{
    is_paused = false;
}
