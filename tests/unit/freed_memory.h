/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looks into every block of memory that is given back, by the core and by the libraries beneath it,
 * for a text that should have been wiped. freed_memory.c, once in a program.
 */
#ifndef TESTS_UNIT_FREED_MEMORY_H
#define TESTS_UNIT_FREED_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* Begins to look for `text` (borrowed). */
void freed_memory_watch(const char *text);
/* Looks only at blocks that begin with the text. */
void freed_memory_watch_start(const char *text);
/* Ends it. How many blocks held the text; the first one's start is written to `out_block`. */
size_t freed_memory_found(char *out_block, size_t out_bytes);

#endif
