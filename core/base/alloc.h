/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory for the core, with the seam at which the torture tests let the n-th request fail. */
#ifndef CORE_BASE_ALLOC_H
#define CORE_BASE_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

#include <imgrecog/memory.h>

/* NULL on failure; a size of 0 is taken as 1. ir_calloc checks the product for overflow. */
void *ir_malloc(size_t bytes);
void *ir_calloc(size_t count, size_t item_bytes);
/* `memory` stays valid on failure. */
void *ir_realloc(void *memory, size_t bytes);
char *ir_strdup(const char *text);
char *ir_strndup(const char *text, size_t bytes);

/* Overwrites a secret in a way that no compiler leaves out. NULL is allowed. */
void ir_wipe(void *memory, size_t bytes);
/* Wipes and frees a string. NULL is allowed. */
void ir_free_secret(char *text);

/* As the three of the C library, for those who take their memory from such functions: every piece
 * is wiped when it is given back or moved. They go together and with no others. */
void *ir_wiped_malloc(size_t bytes);
void *ir_wiped_realloc(void *memory, size_t bytes);
void ir_wiped_free(void *memory);

/*
 * For tests: asked before every allocation; false makes it fail. NULL takes it away. Set only while
 * no other thread is in the core.
 */
void ir_alloc_set_gate(bool (*may_allocate)(void *context), void *context);

#endif
