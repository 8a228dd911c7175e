/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Transactions of several threads on one connection: each is whole and on the disk when it returns,
 * and they share the wait for it. SQLite's fdatasync is this program's, which is as slow as a disk.
 */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "core/base/database.h"

#define THREADS 24
#define DISK_NS 30000000L

static atomic_int sync_count;
static atomic_int sync_result; /* what the next ones return */

/* SQLite finds this one before libc's. */
__attribute__((visibility("default"))) int fdatasync(int fildes)
{
    const struct timespec slow = {.tv_nsec = DISK_NS};
    (void)fildes;
    atomic_fetch_add(&sync_count, 1);
    nanosleep(&slow, NULL);
    return atomic_load(&sync_result);
}

static const struct ir_database_form form = {
    .service = "test",
    .application_id = 0x74657374,
    .version = 1,
    .schema = "CREATE TABLE numbers(number INTEGER PRIMARY KEY)",
    .busy_ms = 20000,
    .is_durable = true,
};

struct stage {
    char folder[64];
    char path[96];
    struct ir_database *database;
    struct ir_error err;
};

static void set_up(struct stage *stage)
{
    snprintf(stage->folder, sizeof stage->folder, "/tmp/unit-database-XXXXXX");
    assert_non_null(mkdtemp(stage->folder));
    snprintf(stage->path, sizeof stage->path, "%s/test.sqlite", stage->folder);
    ir_error_clear(&stage->err);
    atomic_store(&sync_result, 0);
    assert_int_equal(ir_database_open(stage->path, &form, &stage->database, &stage->err), 0);
}

static void tear_down(struct stage *stage)
{
    ir_database_close(stage->database);
    unlink(stage->path);
    assert_int_equal(rmdir(stage->folder), 0); /* the log's files are gone, too */
}

static int64_t count_rows(struct ir_database *database, const char *where)
{
    char sql[96];
    struct ir_query *query = NULL;
    struct ir_error err;
    bool row = false;
    int64_t count = -1;
    snprintf(sql, sizeof sql, "SELECT count(*) FROM numbers WHERE %s", where);
    assert_int_equal(ir_database_begin(database, false, &err), 0);
    assert_int_equal(ir_query_new(database, sql, NULL, 0, &query, &err), 0);
    assert_int_equal(ir_query_next(query, &row, &err), 0);
    count = ir_query_integer(query, 0);
    ir_query_free(query);
    ir_database_roll_back(database);
    return count;
}

/* One thread's transaction. */
struct writer {
    struct stage *stage;
    pthread_t thread;
    pthread_barrier_t *start;
    int number;
    bool gives_up;
    bool reads; /* through the connection that all share */
    int rc;
    bool is_stored; /* when it returned, seen through another connection */
    struct ir_error err;
};

static bool is_stored(const struct writer *writer)
{
    char where[32];
    struct ir_database *other = NULL;
    struct ir_error err;
    snprintf(where, sizeof where, "number=%d", writer->number);
    if (ir_database_open(writer->stage->path, &form, &other, &err) != 0)
        return false;
    bool found = count_rows(other, where) == 1;
    ir_database_close(other);
    return found;
}

static void *write_one(void *context)
{
    struct writer *writer = context;
    struct ir_database *database = writer->stage->database;
    const struct ir_database_value values[] = {IR_DB_INTEGER(writer->number)};
    pthread_barrier_wait(writer->start);
    if (writer->reads) {
        count_rows(database, "1");
        return NULL;
    }
    writer->rc = ir_database_begin(database, true, &writer->err);
    if (writer->rc != 0)
        return NULL;
    writer->rc =
        ir_database_run(database, "INSERT INTO numbers VALUES(?1)", values, 1, NULL, &writer->err);
    if (writer->rc != 0 || writer->gives_up) {
        ir_database_roll_back(database);
        return NULL;
    }
    writer->rc = ir_database_commit(database, &writer->err);
    if (writer->rc == 0)
        writer->is_stored = is_stored(writer);
    return NULL;
}

static void run_writers(struct stage *stage, struct writer writers[THREADS])
{
    pthread_barrier_t start;
    assert_int_equal(pthread_barrier_init(&start, NULL, THREADS), 0);
    for (int i = 0; i < THREADS; i++) {
        writers[i].stage = stage;
        writers[i].start = &start;
        ir_error_clear(&writers[i].err);
        if (writers[i].number == 0)
            writers[i].number = i + 1;
        assert_int_equal(pthread_create(&writers[i].thread, NULL, write_one, &writers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(writers[i].thread, NULL), 0);
    pthread_barrier_destroy(&start);
}

static void test_shared(void **state)
{
    struct stage stage;
    struct writer writers[THREADS] = {0};
    (void)state;
    set_up(&stage);
    atomic_store(&sync_count, 0);
    run_writers(&stage, writers);
    assert_in_range(atomic_load(&sync_count), 1, THREADS - 1);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(writers[i].rc, 0);
        assert_true(writers[i].is_stored);
    }
    assert_int_equal(count_rows(stage.database, "1"), THREADS);
    tear_down(&stage);
}

/* Who gives up, or fails, takes nothing of the others along. */
static void test_apart(void **state)
{
    struct stage stage;
    struct writer writers[THREADS] = {0};
    (void)state;
    set_up(&stage);
    for (int i = 0; i < THREADS; i++) {
        writers[i].gives_up = i % 3 == 1;
        writers[i].number = i % 3 == 2 ? 1000 : 0; /* one of these is stored */
    }
    run_writers(&stage, writers);
    int refused = 0;
    for (int i = 0; i < THREADS; i++) {
        if (i % 3 == 2)
            refused += writers[i].rc != 0;
        else
            assert_int_equal(writers[i].rc, 0);
        assert_true(writers[i].rc != 0 || writers[i].gives_up || writers[i].is_stored);
    }
    assert_int_equal(refused, THREADS / 3 - 1);
    assert_int_equal(count_rows(stage.database, "number<1000"), THREADS / 3);
    assert_int_equal(count_rows(stage.database, "number=1000"), 1);
    tear_down(&stage);
}

/* Readers see what is committed, and hold nobody up. */
static void test_readers(void **state)
{
    struct stage stage;
    struct writer writers[THREADS] = {0};
    (void)state;
    set_up(&stage);
    for (int i = 0; i < THREADS; i++)
        writers[i].reads = i % 2 == 0;
    run_writers(&stage, writers);
    for (int i = 0; i < THREADS; i++)
        assert_true(writers[i].reads || (writers[i].rc == 0 && writers[i].is_stored));
    assert_int_equal(count_rows(stage.database, "1"), THREADS / 2);
    tear_down(&stage);
}

/* What the disk refuses is told to all that shared it, and none of it is there. */
static void test_refused(void **state)
{
    struct stage stage;
    struct writer writers[THREADS] = {0};
    (void)state;
    set_up(&stage);
    atomic_store(&sync_result, -1);
    run_writers(&stage, writers);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(writers[i].rc, IR_ERR_ARG);
        assert_string_equal(writers[i].err.service, "test");
        assert_non_null(strstr(writers[i].err.message, "test.sqlite: disk I/O error"));
    }
    atomic_store(&sync_result, 0);
    assert_int_equal(count_rows(stage.database, "1"), 0);
    tear_down(&stage);
}

int main(void)
{
    static struct unit_list list;
    unit_add(&list, "threads share a commit, and return when it is on the disk", test_shared);
    unit_add(&list, "each is whole, whatever the others do", test_apart);
    unit_add(&list, "readers in between", test_readers);
    unit_add(&list, "a disk that refuses", test_refused);
    return unit_run(&list, "database");
}
