/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The simulator's hold on memory: it counts the blocks that are alive, and lets requests of the
 * core fail where a run wants it. The linker puts memory.c between the program and malloc (--wrap).
 */
#ifndef TESTS_SIM_MEMORY_H
#define TESTS_SIM_MEMORY_H

#include <stdbool.h>

/* Blocks that this program's own code and the core hold; libraries' own are not seen. */
long sim_memory_live(void);

/* The core's request number `fail_at` (from 0) fails, with `for_good` every later one too. */
void sim_memory_plan(unsigned long fail_at, bool for_good);
/* No request fails any more. True when one has failed since the plan was made. */
bool sim_memory_end_plan(void);
/* The server's own work is not the core's: between these no request fails and none is counted. */
void sim_memory_pause(void);
void sim_memory_resume(void);

#endif
