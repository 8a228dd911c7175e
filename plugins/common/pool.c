/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the threads of one pool_run: they live no longer than the call. Jobs are handed out by one
 * counter; there is no queue, so memory does not grow with the number of jobs.
 */
#include "plugins/common/pool.h"

#include <signal.h>
#include <stdatomic.h>

#define POOL_MAX_THREADS 64

struct pool {
    atomic_size_t next_index;
    size_t job_count;
    pool_job_fn job;
    void *context;
};

static void *work(void *argument)
{
    struct pool *pool = argument;

    for (;;) {
        size_t index = atomic_fetch_add(&pool->next_index, 1);

        /* Every worker overshoots once, so the counter cannot wrap: job_count + 64 at most. */
        if (index >= pool->job_count)
            return NULL;
        pool->job(pool->context, index);
    }
}

bool pool_start_thread(pthread_t *out, void *(*work_fn)(void *), void *argument)
{
    sigset_t all, before;
    bool is_started;

    sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
        return false;
    is_started = pthread_create(out, NULL, work_fn, argument) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return is_started;
}

void pool_run(size_t job_count, size_t max_threads, pool_job_fn job, void *context)
{
    struct pool pool = {.job_count = job_count, .job = job, .context = context};
    pthread_t threads[POOL_MAX_THREADS];
    size_t wanted = max_threads < job_count ? max_threads : job_count;
    size_t started = 0;

    atomic_init(&pool.next_index, 0);
    if (wanted > POOL_MAX_THREADS)
        wanted = POOL_MAX_THREADS;
    while (started + 1 < wanted && pool_start_thread(&threads[started], work, &pool))
        started++; /* fewer when the system has no more */
    work(&pool);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
}
