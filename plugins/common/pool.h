/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bounded pool of threads over a list of jobs: requests of many pictures run side by side. */
#ifndef PLUGINS_COMMON_POOL_H
#define PLUGINS_COMMON_POOL_H

#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stddef.h>

typedef void (*pool_job_fn)(void *context, size_t job_index);

/*
 * Calls `job` once for every index 0..job_count-1 from at most `max_threads` threads (the caller's
 * thread works too, so it holds with no thread to be had) and returns when all are done. Jobs are
 * started in order. `job` must be safe in any thread.
 */
void pool_run(size_t job_count, size_t max_threads, pool_job_fn job, void *context);

/*
 * Starts a thread that blocks all signals, so that the host's handlers keep running where the host
 * expects them. False when the system has none; joined by pthread_join otherwise.
 */
bool pool_start_thread(pthread_t *out, void *(*work_fn)(void *), void *argument);

/* Waits for its turn; sem_post ends it. Any thread. */
static inline void pool_take_turn(sem_t *turns)
{
    while (sem_wait(turns) != 0)
        ; /* interrupted by a signal */
}

#endif
