/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the look into blocks that are freed. With the address sanitizer, which has the functions of
 * the C library in its hands, its hook is used; without it they are replaced for the whole program.
 * One thread is watched at a time.
 */
#include "tests/unit/freed_memory.h"

#include <ctype.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

static struct {
    const char *text; /* NULL = nobody looks */
    bool only_start;
    size_t found;
    char first[128];
} watch;

/* No function here may allocate or free. */
static void look(const void *block, size_t bytes)
{
    size_t text_bytes = strlen(watch.text);
    const char *at = watch.only_start && bytes > text_bytes ? block : NULL;
    if (at != NULL && memcmp(at, watch.text, text_bytes) != 0)
        at = NULL;
    if (!watch.only_start)
        at = memmem(block, bytes, watch.text, text_bytes);
    if (at == NULL || watch.found++ > 0)
        return;
    size_t before = (size_t)(at - (const char *)block);
    const char *from = at - (before < 60 ? before : 60);
    size_t left = bytes - (size_t)(from - (const char *)block);
    for (size_t i = 0; i < sizeof watch.first - 1 && i < left; i++)
        watch.first[i] = (char)(isprint((unsigned char)from[i]) ? from[i] : '.');
}

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define HAS_SANITIZER
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(HAS_SANITIZER)

/* Of sanitizer/allocator_interface.h, which comes with clang and not with GCC. */
int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void *, size_t),
                                              void (*on_free)(const volatile void *));
size_t __sanitizer_get_allocated_size(const volatile void *block);

static void on_malloc(const volatile void *block, size_t bytes)
{
    (void)block, (void)bytes;
}

static void on_free(const volatile void *block)
{
    if (watch.text != NULL && block != NULL)
        look((const void *)block, __sanitizer_get_allocated_size(block));
}

static void prepare(void)
{
    static bool is_prepared;
    if (!is_prepared && __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free) == 0)
        abort();
    is_prepared = true;
}

#else

void *__libc_malloc(size_t bytes);
void __libc_free(void *memory);

/* Shown, so that the libraries' calls come here too. The parameters have the C standard's names. */
#define SHOWN __attribute__((visibility("default")))
SHOWN void *realloc(void *ptr, size_t size);
SHOWN void free(void *ptr);

void free(void *ptr)
{
    if (watch.text != NULL && ptr != NULL)
        look(ptr, malloc_usable_size(ptr));
    __libc_free(ptr);
}

/* Always moves, so that what is left behind is seen. */
void *realloc(void *ptr, size_t size)
{
    void *moved = __libc_malloc(size);
    if (moved == NULL || ptr == NULL)
        return moved;
    size_t old_bytes = malloc_usable_size(ptr);
    memcpy(moved, ptr, old_bytes < size ? old_bytes : size);
    free(ptr);
    return moved;
}

static void prepare(void)
{
}

#endif

static void begin(const char *text, bool only_start)
{
    prepare();
    watch.found = 0;
    memset(watch.first, 0, sizeof watch.first);
    watch.only_start = only_start;
    watch.text = text;
}

void freed_memory_watch(const char *text)
{
    begin(text, false);
}

void freed_memory_watch_start(const char *text)
{
    begin(text, true);
}

size_t freed_memory_found(char *out_block, size_t out_bytes)
{
    watch.text = NULL;
    size_t bytes = strlen(watch.first);
    if (bytes >= out_bytes)
        bytes = out_bytes - 1;
    memcpy(out_block, watch.first, bytes);
    out_block[bytes] = '\0';
    return watch.found;
}
