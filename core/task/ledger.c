/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the ledger's rows. A row stays "reserved" while its request is under way. Of a process that
 * was killed nobody knows how its requests ended: such a row becomes "maybe", at the latest when
 * it is older than any request can be, and counts with its estimate.
 */
#include "core/task/ledger.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/alloc.h"
#include "core/base/database.h"
#include "core/base/error.h"

#define SERVICE "ledger"
#define APPLICATION_ID 0x69726c67 /* "irlg" */
#define VERSION 1
#define BUSY_MS 20000
#define MAX_PATH_BYTES 4096
#define MAX_PROCESSES 256 /* looked at in one go; the next reservation looks at more */
#define MAX_AGE_S 86400LL /* a request has an hour at most */

static const char schema[] =
    "CREATE TABLE entries("
    "id INTEGER PRIMARY KEY,"
    "unix_s INTEGER NOT NULL,"
    "time TEXT NOT NULL," /* 2026-11-20T21:35:00Z */
    "month TEXT NOT NULL,"
    "service TEXT NOT NULL,"
    "operation TEXT NOT NULL,"
    "model TEXT,"
    "endpoint TEXT NOT NULL,"
    "state TEXT NOT NULL CHECK(state IN('reserved','charged','maybe','free')),"
    "estimate_nano_usd INTEGER," /* NULL: the price is not known */
    "cost_nano_usd INTEGER,"
    "requests INTEGER NOT NULL DEFAULT 0,"
    "images INTEGER NOT NULL DEFAULT 0,"
    "input_tokens INTEGER NOT NULL DEFAULT 0,"
    "output_tokens INTEGER NOT NULL DEFAULT 0,"
    "run TEXT NOT NULL,"
    "pid INTEGER NOT NULL);"
    /* What a limit asks for, so that a month's sum reads no row. */
    "CREATE INDEX entries_by_month ON entries(month,state,cost_nano_usd,estimate_nano_usd);"
    "CREATE INDEX entries_under_way ON entries(pid) WHERE state='reserved';";

static const struct ir_database_form form = {
    .service = SERVICE,
    .application_id = APPLICATION_ID,
    .version = VERSION,
    .schema = schema,
    .busy_ms = BUSY_MS,
    .is_durable = true,
};

struct ir_ledger {
    const struct ir_world *world;
    struct ir_database *database;
};

/* ---- opening ----------------------------------------------------------------------------- */

static void hint(const char *path, int code, struct ir_error *err)
{
    if (code == IR_ERR_RESPONSE)
        ir_error_set_hint(err,
                          "Move the file away (mv %.160s{,.old}) to begin a new one, or "
                          "repair it with `sqlite3 FILE .recover`; it is never deleted here.",
                          path);
    else if (code == IR_ERR_TIMEOUT)
        ir_error_set_hint(err, "Another program holds it; try again when that has ended.");
    else
        ir_error_set_hint(err, "Make room, or make file and folder writable for you.");
}

static int open_at(const struct ir_world *world, const char *path, struct ir_ledger **out,
                   struct ir_error *err)
{
    struct ir_ledger *ledger = ir_calloc(1, sizeof *ledger);
    if (ledger == NULL)
        return ir_fail_nomem(err);
    ledger->world = world;
    int rc = ir_database_open(path, &form, &ledger->database, err);
    if (rc == 0) {
        *out = ledger;
        return 0;
    }
    if (rc != IR_ERR_NOMEM)
        hint(path, rc, err);
    ir_ledger_close(ledger);
    return rc;
}

static int open_ledger(const struct ir_world *world, bool only_existing, struct ir_ledger **out,
                       struct ir_error *err)
{
    struct ir_buf path;
    ir_buf_init(&path, MAX_PATH_BYTES);
    ir_world_user_path(world, IR_USER_STATE, "imgrecog/ledger.sqlite", &path);
    int rc = ir_buf_check(&path, "the ledger's path", err);
    if (rc == 0 && only_existing && access(ir_buf_text(&path), F_OK) != 0 && errno == ENOENT)
        *out = NULL;
    else if (rc == 0)
        rc = open_at(world, ir_buf_text(&path), out, err);
    ir_buf_release(&path);
    return rc;
}

int ir_ledger_open(const struct ir_world *world, struct ir_ledger **out, struct ir_error *err)
{
    return open_ledger(world, false, out, err);
}

int ir_ledger_open_existing(const struct ir_world *world, struct ir_ledger **out,
                            struct ir_error *err)
{
    return open_ledger(world, true, out, err);
}

void ir_ledger_close(struct ir_ledger *ledger)
{
    if (ledger == NULL)
        return;
    ir_database_close(ledger->database);
    ir_free(ledger);
}

void ir_ledger_month(const struct ir_world *world, char out[IR_LEDGER_MONTH_BYTES])
{
    char time[21];
    ir_world_iso_date(world->unix_ms(world->context), time);
    snprintf(out, IR_LEDGER_MONTH_BYTES, "%.7s", time);
}

/* ---- what others left -------------------------------------------------------------------- */

/* A number that was given to another process since hides a death until the row is too old. */
static bool is_dead(int64_t pid)
{
    return pid != (int64_t)getpid() && kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

static int find_dead(struct ir_ledger *ledger, int64_t dead[MAX_PROCESSES], size_t *out_count,
                     struct ir_error *err)
{
    struct ir_query *query = NULL;
    bool row = true;
    *out_count = 0;
    int rc =
        ir_query_new(ledger->database, "SELECT DISTINCT pid FROM entries WHERE state='reserved'",
                     NULL, 0, &query, err);
    while (rc == 0 && *out_count < MAX_PROCESSES) {
        rc = ir_query_next(query, &row, err);
        if (rc != 0 || !row)
            break;
        int64_t pid = ir_query_integer(query, 0);
        if (is_dead(pid))
            dead[(*out_count)++] = pid;
    }
    ir_query_free(query);
    return rc;
}

static int take_over(struct ir_ledger *ledger, int64_t now_s, struct ir_error *err)
{
    int64_t dead[MAX_PROCESSES];
    size_t count = 0;
    int rc = find_dead(ledger, dead, &count, err);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        const struct ir_database_value values[] = {IR_DB_INTEGER(dead[i])};
        rc = ir_database_run(ledger->database,
                             "UPDATE entries SET state='maybe' WHERE state='reserved' AND pid=?1",
                             values, 1, NULL, err);
    }
    const struct ir_database_value oldest[] = {IR_DB_INTEGER(now_s - MAX_AGE_S)};
    if (rc == 0)
        rc =
            ir_database_run(ledger->database,
                            "UPDATE entries SET state='maybe' WHERE state='reserved' AND unix_s<?1",
                            oldest, 1, NULL, err);
    return rc;
}

/* ---- rows -------------------------------------------------------------------------------- */

/* What is measured counts as such, all else that may have been charged with its estimate. */
static int month_spent(struct ir_ledger *ledger, const char *month, int64_t *out_nusd,
                       struct ir_error *err)
{
    const struct ir_database_value values[] = {IR_DB_TEXT(month)};
    struct ir_query *query = NULL;
    bool row = false;
    int rc = ir_query_new(ledger->database,
                          "SELECT coalesce(sum(CASE state WHEN 'free' THEN 0 WHEN 'charged' THEN "
                          "cost_nano_usd ELSE estimate_nano_usd END),0) FROM entries "
                          "WHERE month=?1",
                          values, 1, &query, err);
    if (rc == 0)
        rc = ir_query_next(query, &row, err);
    if (rc == 0)
        *out_nusd = row ? ir_query_integer(query, 0) : 0;
    ir_query_free(query);
    return rc;
}

static struct ir_database_value nusd_value(int64_t nusd)
{
    struct ir_database_value value = IR_DB_INTEGER(nusd);
    if (nusd == IR_NUSD_UNKNOWN)
        value.kind = IR_DATABASE_NULL;
    return value;
}

static int insert(struct ir_ledger *ledger, const struct ir_ledger_entry *entry, int64_t now_s,
                  const char *time, const char *month, int64_t *out_id, struct ir_error *err)
{
    const struct ir_database_value values[] = {
        IR_DB_INTEGER(now_s),
        IR_DB_TEXT(time),
        IR_DB_TEXT(month),
        IR_DB_TEXT(entry->service),
        IR_DB_TEXT(entry->operation),
        IR_DB_TEXT(entry->model),
        IR_DB_TEXT(entry->endpoint),
        nusd_value(entry->estimate_nusd),
        IR_DB_TEXT(entry->run),
        IR_DB_INTEGER(getpid()),
    };
    return ir_database_run(ledger->database,
                           "INSERT INTO entries(unix_s,time,month,service,operation,model,endpoint,"
                           "state,estimate_nano_usd,run,pid) "
                           "VALUES(?1,?2,?3,?4,?5,?6,?7,'reserved',?8,?9,?10)",
                           values, sizeof values / sizeof values[0], out_id, err);
}

int ir_ledger_reserve(struct ir_ledger *ledger, const struct ir_ledger_entry *entry,
                      int64_t limit_nusd, int64_t *out_id, int64_t *out_spent_nusd,
                      struct ir_error *err)
{
    char time[21];
    char month[IR_LEDGER_MONTH_BYTES];
    int64_t id = 0;
    int64_t spent_nusd = 0;
    int64_t now_ms = ledger->world->unix_ms(ledger->world->context);
    ir_world_iso_date(now_ms, time);
    snprintf(month, sizeof month, "%.7s", time);
    int rc = ir_database_begin(ledger->database, true, err);
    if (rc != 0)
        return rc;
    rc = take_over(ledger, now_ms / 1000, err);
    if (rc == 0 && limit_nusd != IR_NUSD_UNKNOWN)
        rc = month_spent(ledger, month, &spent_nusd, err);
    int64_t more_nusd = entry->estimate_nusd == IR_NUSD_UNKNOWN ? 0 : entry->estimate_nusd;
    bool fits = limit_nusd == IR_NUSD_UNKNOWN || spent_nusd + more_nusd <= limit_nusd;
    if (rc == 0 && fits)
        rc = insert(ledger, entry, now_ms / 1000, time, month, &id, err);
    if (rc != 0) {
        ir_database_roll_back(ledger->database);
        return rc;
    }
    rc = ir_database_commit(ledger->database, err);
    if (rc != 0)
        return rc;
    *out_id = id;
    *out_spent_nusd = spent_nusd;
    return 0;
}

int ir_ledger_settle(struct ir_ledger *ledger, int64_t id, enum ir_charge charge, int64_t cost_nusd,
                     const struct ir_consumption *consumption, struct ir_error *err)
{
    static const char *const states[] = {
        [IR_CHARGE_NONE] = "free", [IR_CHARGE_MEASURED] = "charged", [IR_CHARGE_MAYBE] = "maybe"};
    const struct ir_database_value values[] = {
        IR_DB_INTEGER(id),
        IR_DB_TEXT(states[charge]),
        nusd_value(charge == IR_CHARGE_MAYBE ? IR_NUSD_UNKNOWN : cost_nusd),
        IR_DB_INTEGER(consumption->requests),
        IR_DB_INTEGER(consumption->images),
        IR_DB_INTEGER(consumption->input_tokens),
        IR_DB_INTEGER(consumption->output_tokens),
    };
    int rc = ir_database_begin(ledger->database, true, err);
    if (rc != 0)
        return rc;
    rc = ir_database_run(ledger->database,
                         "UPDATE entries SET state=?2,cost_nano_usd=?3,requests=?4,images=?5,"
                         "input_tokens=?6,output_tokens=?7 WHERE id=?1",
                         values, sizeof values / sizeof values[0], NULL, err);
    if (rc == 0)
        return ir_database_commit(ledger->database, err);
    ir_database_roll_back(ledger->database);
    return rc;
}

/* ---- sums -------------------------------------------------------------------------------- */

static const char sum_statement[] =
    "SELECT service,operation,coalesce(model,''),endpoint,count(*),"
    "sum(state<>'charged'),"
    "sum(CASE state WHEN 'charged' THEN cost_nano_usd IS NULL ELSE estimate_nano_usd IS NULL END),"
    "coalesce(sum(CASE state WHEN 'charged' THEN cost_nano_usd END),0) AS cost,"
    "coalesce(sum(CASE state WHEN 'charged' THEN 0 ELSE estimate_nano_usd END),0),"
    "sum(input_tokens),sum(output_tokens) "
    "FROM entries WHERE month=?1 AND state<>'free' GROUP BY 1,2,3,4 ORDER BY cost DESC,1,2,3,4";

static void read_sum(struct ir_query *query, struct ir_ledger_sum *out)
{
    ir_text_copy(out->service, sizeof out->service, ir_query_text(query, 0));
    ir_text_copy(out->operation, sizeof out->operation, ir_query_text(query, 1));
    ir_text_copy(out->model, sizeof out->model, ir_query_text(query, 2));
    ir_text_copy(out->endpoint, sizeof out->endpoint, ir_query_text(query, 3));
    out->requests = ir_query_integer(query, 4);
    out->maybe = ir_query_integer(query, 5);
    out->unpriced = ir_query_integer(query, 6);
    out->cost_nusd = ir_query_integer(query, 7);
    out->maybe_nusd = ir_query_integer(query, 8);
    out->input_tokens = ir_query_integer(query, 9);
    out->output_tokens = ir_query_integer(query, 10);
}

int ir_ledger_sum(struct ir_ledger *ledger, const char *month,
                  int (*take)(void *context, const struct ir_ledger_sum *sum), void *context,
                  struct ir_error *err)
{
    const struct ir_database_value values[] = {IR_DB_TEXT(month)};
    struct ir_query *query = NULL;
    bool row = true;
    int rc = ir_database_begin(ledger->database, false, err);
    if (rc != 0)
        return rc;
    rc = ir_query_new(ledger->database, sum_statement, values, 1, &query, err);
    while (rc == 0) {
        struct ir_ledger_sum sum;
        rc = ir_query_next(query, &row, err);
        if (rc != 0 || !row)
            break;
        read_sum(query, &sum);
        rc = take(context, &sum);
    }
    ir_query_free(query);
    ir_database_roll_back(ledger->database);
    return rc;
}
