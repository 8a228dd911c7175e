/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Torture over ledger and cache, SQLite's own requests for memory among those that fail. Without a
 * cache or a ledger work goes on; a limit for the month holds or the request is not sent; and what
 * was written before stays whole.
 */
#include "tests/torture/torture.h"

#include <malloc.h>
#include <unistd.h>

#include <sqlite3.h>

#include <imgrecog/labels.h>

#include "core/task/client.h"
#include "tests/unit/fake_transport.h"
#include "tests/unit/fake_world.h"

/* In memory: on a disk, each of some thousand runs would wait for it. */
static char folder[] = "/dev/shm/imgrecog-torture-XXXXXX";
static const char *const names[] = {"imgrecog/cache.sqlite",      "imgrecog/cache.sqlite-wal",
                                    "imgrecog/cache.sqlite-shm",  "imgrecog/ledger.sqlite",
                                    "imgrecog/ledger.sqlite-wal", "imgrecog/ledger.sqlite-shm"};

/* ---- SQLite's memory --------------------------------------------------------------------- */

static void *take(int bytes)
{
    return ir_malloc((size_t)bytes);
}

static void *grow(void *memory, int bytes)
{
    return ir_realloc(memory, (size_t)bytes);
}

static int size_of(void *memory)
{
    return (int)malloc_usable_size(memory);
}

static int round_up(int bytes)
{
    return (bytes + 7) & ~7;
}

static int begin(void *context)
{
    (void)context;
    return SQLITE_OK;
}

static void end(void *context)
{
    (void)context;
}

static void use_gate(void)
{
    static const struct sqlite3_mem_methods methods = {take,     ir_free, grow, size_of,
                                                       round_up, begin,   end,  NULL};
    assert_int_equal(sqlite3_config(SQLITE_CONFIG_MALLOC, &methods), SQLITE_OK);
}

/* ---- the stage --------------------------------------------------------------------------- */

/* A PNG's beginning, which is all that the core looks at. */
static const unsigned char picture_data[] = {
    0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0,   0,   0,   13, 'I', 'H', 'D',
    'R',  0,   0,   0,   100,  0,    0,    0,    100, 8,   0,   0,  0,   0,   0,
    0,    0,   0,   0,   0,    0,    0,    'I',  'D', 'A', 'T', 0,  0,   0,   0};

static void remove_files(void)
{
    char path[128];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
}

static void set_up_world(struct fake_world *world)
{
    fake_world_init(world);
    fake_world_setenv(world, "AWS_REGION", "eu-west-1");
    fake_world_setenv(world, "AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    fake_world_setenv(world, "AWS_SECRET_ACCESS_KEY", "hush");
    fake_world_setenv(world, "XDG_STATE_HOME", folder);
    fake_world_setenv(world, "XDG_CACHE_HOME", folder);
}

static int run_labels(const struct ir_client_options *options, struct ir_error *err)
{
    const struct ir_labels_options labels = IR_LABELS_OPTIONS_INIT;
    struct fake_world world;
    struct fake_transport fake;
    struct ir_client *client = NULL;
    struct ir_picture *picture = NULL;
    struct ir_result *result = NULL;
    set_up_world(&world);
    fake_transport_init(&fake, &world);
    fake_transport_add(
        &fake, (struct fake_answer){.body = "{\"Labels\":[{\"Name\":\"Dog\",\"Confidence\":98}]}"});
    const struct ir_transport transport = fake_transport_get(&fake);
    int rc = ir_client_new_in(options, &world.world, &transport, &client, err);
    if (rc == 0)
        rc = ir_picture_new(picture_data, sizeof picture_data, "a.png", &picture, err);
    if (rc == 0)
        rc = ir_labels(client, picture, &labels, &result, err);
    bool is_right =
        (rc == 0) == (result != NULL) && (rc != 0 || ir_result_label_count(result) == 1);
    ir_result_free(result);
    ir_picture_free(picture);
    ir_client_free(client);
    fake_transport_reset(&fake);
    return is_right ? rc : TORTURE_WRONG;
}

static struct ir_client_options all(void)
{
    struct ir_client_options options = IR_CLIENT_OPTIONS_INIT;
    options.cache = true;
    options.ledger = true;
    return options;
}

/* ---- scenarios --------------------------------------------------------------------------- */

static int run_new_files(struct ir_error *err)
{
    const struct ir_client_options options = all();
    remove_files();
    return run_labels(&options, err);
}

static int run_limited(struct ir_error *err)
{
    struct ir_client_options options = all();
    options.refresh = true;
    options.limits_month = true;
    options.monthly_limit_usd = IR_CLIENT_MAX_LIMIT_USD;
    return run_labels(&options, err);
}

static int run_cached(struct ir_error *err)
{
    const struct ir_client_options options = all();
    return run_labels(&options, err);
}

static int count(void *context, const struct ir_ledger_sum *sum)
{
    *(long long *)context += sum->requests;
    return 0;
}

static int run_sum(struct ir_error *err)
{
    struct fake_world world;
    struct ir_ledger *ledger = NULL;
    long long requests = 0;
    set_up_world(&world);
    int rc = ir_ledger_open_existing(&world.world, &ledger, err);
    if (rc == 0)
        rc = ir_ledger_sum(ledger, "2026-11", count, &requests, err);
    ir_ledger_close(ledger);
    return rc != 0 || requests > 0 ? rc : TORTURE_WRONG;
}

static const struct torture_scenario scenarios[] = {
    {"files that are made", run_new_files, true},
    {"a limit and an answer to be kept", run_limited, true},
    {"an answer from the cache", run_cached, true},
    {"a month's sum", run_sum, true},
};

/* Whatever failed, both files are whole. */
static void test_whole(void **state)
{
    static const char *const files[] = {"imgrecog/cache.sqlite", "imgrecog/ledger.sqlite"};
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[128];
        sqlite3 *handle = NULL;
        sqlite3_stmt *statement = NULL;
        snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
        assert_int_equal(sqlite3_prepare_v2(handle, "PRAGMA integrity_check", -1, &statement, NULL),
                         SQLITE_OK);
        assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
        assert_string_equal((const char *)sqlite3_column_text(statement, 0), "ok");
        sqlite3_finalize(statement);
        sqlite3_close(handle);
    }
}

int main(void)
{
    static struct unit_list list;
    char path[128];
    assert_non_null(mkdtemp(folder));
    use_gate();
    UNIT_ADD_ROWS(&list, torture_run, scenarios);
    unit_add(&list, "both files are whole", test_whole);
    int failed = unit_run(&list, "paid");
    remove_files();
    snprintf(path, sizeof path, "%s/imgrecog", folder);
    rmdir(path);
    rmdir(folder);
    return failed;
}
