/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pool: every job once, never more threads than asked for, and really side by side. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdatomic.h>
#include <time.h>

#include "plugins/common/pool.h"

#define MAX_JOBS 1000
#define MEET_TIMEOUT_S 20

struct record {
    atomic_uint runs[MAX_JOBS];
    atomic_uint running;
    atomic_uint most_running;
    atomic_uint foreign;   /* jobs outside the caller's thread */
    atomic_uint unblocked; /* of those, with SIGTERM let in */
    pthread_t caller;
};

static void note_job(void *context, size_t job_index)
{
    struct record *record = context;
    unsigned running = atomic_fetch_add(&record->running, 1) + 1;
    unsigned most = atomic_load(&record->most_running);
    const struct timespec moment = {0, 200000};

    while (running > most && !atomic_compare_exchange_weak(&record->most_running, &most, running))
        ;
    atomic_fetch_add(&record->runs[job_index], 1);
    if (!pthread_equal(pthread_self(), record->caller)) {
        sigset_t mask;

        atomic_fetch_add(&record->foreign, 1);
        pthread_sigmask(SIG_SETMASK, NULL, &mask);
        atomic_fetch_add(&record->unblocked, !sigismember(&mask, SIGTERM));
    }
    nanosleep(&moment, NULL);
    atomic_fetch_sub(&record->running, 1);
}

static const struct {
    const char *name;
    size_t job_count;
    size_t max_threads;
    unsigned most_running; /* allowed */
} rows[] = {
    {"no job", 0, 4, 0},
    {"one job", 1, 8, 1},
    {"no thread allowed means the caller's", 5, 0, 1},
    {"one thread", 50, 1, 1},
    {"fewer jobs than threads", 3, 8, 3},
    {"four threads", 400, 4, 4},
    {"more threads than the pool has", 1000, (size_t)-1, 64},
};

static void test_counts(void **state)
{
    const size_t index = (size_t)((const char *)*state - (const char *)rows) / sizeof rows[0];
    struct record *record = calloc(1, sizeof *record);

    assert_non_null(record);
    record->caller = pthread_self();
    pool_run(rows[index].job_count, rows[index].max_threads, note_job, record);
    for (size_t i = 0; i < MAX_JOBS; i++)
        assert_int_equal(record->runs[i], i < rows[index].job_count ? 1 : 0);
    assert_true(record->most_running <= rows[index].most_running);
    if (rows[index].most_running <= 1)
        assert_int_equal(record->foreign, 0);
    assert_int_equal(record->unblocked, 0);
    free(record);
}

struct meeting {
    pthread_mutex_t lock;
    pthread_cond_t all_here;
    unsigned here;
    unsigned wanted;
    unsigned alone; /* gave up waiting */
};

/* Waits until all jobs run at once. */
static void meet(void *context, size_t job_index)
{
    struct meeting *meeting = context;
    struct timespec until;
    int rc = 0;

    (void)job_index;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += MEET_TIMEOUT_S;
    pthread_mutex_lock(&meeting->lock);
    if (++meeting->here == meeting->wanted)
        pthread_cond_broadcast(&meeting->all_here);
    while (meeting->here < meeting->wanted && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&meeting->all_here, &meeting->lock, &until);
    meeting->alone += rc == ETIMEDOUT;
    pthread_mutex_unlock(&meeting->lock);
}

static void test_side_by_side(void **state)
{
    struct meeting meeting = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 8, 0};

    (void)state;
    pool_run(8, 8, meet, &meeting);
    assert_int_equal(meeting.here, 8);
    assert_int_equal(meeting.alone, 0);
}

struct order {
    size_t last;
    bool rising;
};

static void note_order(void *context, size_t job_index)
{
    struct order *order = context;

    order->rising = order->rising && (job_index == 0 || job_index == order->last + 1);
    order->last = job_index;
}

static void test_in_order(void **state)
{
    struct order order = {0, true};

    (void)state;
    pool_run(100, 1, note_order, &order);
    assert_true(order.rising);
    assert_int_equal(order.last, 99);
}

int main(void)
{
    static struct unit_list list;

    UNIT_ADD_ROWS(&list, test_counts, rows);
    unit_add(&list, "eight jobs meet", test_side_by_side);
    unit_add(&list, "jobs start in order", test_in_order);
    return unit_run(&list, "pool");
}
