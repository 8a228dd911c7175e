/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns SQLite. Facts relied on: closing any descriptor of a database's file drops the locks that
 * this process has on it (https://www.sqlite.org/howtocorrupt.html), so the file is made by mknod,
 * which opens none; the log's files get the access rights of the database's; the switch to a
 * write-ahead log does not wait for others by itself.
 *
 * A durable commit waits for the disk. Threads that want to write meanwhile need not do so one
 * after another: who ends a transaction while others wait leaves it open to the next of them, and
 * the last one's COMMIT is that of all (a group commit). Nobody returns before it.
 */
#include "core/base/database.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include "core/base/alloc.h"
#include "core/base/error.h"

#define MAX_PATH_BYTES 4096
#define SWITCH_TRIES 100
#define SWITCH_PAUSE_NS 20000000L
#define MAX_PASSES 63 /* so often a transaction is passed on before it is committed */

/* A transaction that is done but for the commit, of a thread that waits for it. */
struct member {
    struct member *next;
    bool is_over;
    int result; /* SQLite's */
};

struct ir_database {
    sqlite3 *handle;
    const struct ir_database_form *form;
    /* Held from begin to commit or roll_back, but not while a member waits; guards the group. */
    pthread_mutex_t turn;
    pthread_cond_t is_over;
    atomic_int waiting;   /* threads that want the turn and will pass it on */
    struct member *group; /* NULL: the open transaction is one thread's */
    int passes;
    bool is_writing; /* what is open */
    char *path;
    dev_t device; /* of the file that was opened */
    ino_t inode;
};

struct ir_query {
    struct ir_database *database;
    sqlite3_stmt *statement;
};

/* ---- errors ------------------------------------------------------------------------------ */

static int code_of(int result)
{
    if (result == SQLITE_IOERR_NOMEM)
        return IR_ERR_NOMEM;
    switch (result & 0xff) {
    case SQLITE_NOMEM:
        return IR_ERR_NOMEM;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
        return IR_ERR_TIMEOUT;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return IR_ERR_RESPONSE;
    default:
        return IR_ERR_ARG;
    }
}

static int fail(const char *path, const struct ir_database_form *form, int result,
                struct ir_error *err)
{
    int code = code_of(result);
    if (code == IR_ERR_NOMEM)
        ir_fail_nomem(err);
    else
        ir_fail(err, code, "%s: %s", path, sqlite3_errstr(result));
    ir_error_set_service(err, form->service);
    return code;
}

static int fail_here(const struct ir_database *database, int result, struct ir_error *err)
{
    return fail(database->path, database->form, result, err);
}

/* ---- the file ---------------------------------------------------------------------------- */

/* The folders above `path`, those that are missing, for the owner only. */
static bool make_folders(const char *path)
{
    char folder[MAX_PATH_BYTES];
    snprintf(folder, sizeof folder, "%s", path);
    for (char *slash = strchr(folder + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(folder, 0700) != 0 && errno != EEXIST)
            return false;
        *slash = '/';
    }
    return true;
}

static int make_file(const char *path, const struct ir_database_form *form, struct stat *out,
                     struct ir_error *err)
{
    const char *cause = NULL;
    if (strlen(path) >= MAX_PATH_BYTES)
        cause = "its name is too long";
    else if (!make_folders(path) || (mknod(path, S_IFREG | 0600, 0) != 0 && errno != EEXIST) ||
             stat(path, out) != 0)
        cause = strerror(errno);
    else if (!S_ISREG(out->st_mode))
        cause = "it is no file";
    if (cause == NULL)
        return 0;
    ir_fail(err, IR_ERR_ARG, "%.1024s: %s", path, cause);
    ir_error_set_service(err, form->service);
    return IR_ERR_ARG;
}

void ir_database_set_aside_path(const char *path)
{
    static const char *const companions[] = {"-wal", "-shm"};
    char other[MAX_PATH_BYTES + 16];
    snprintf(other, sizeof other, "%s.damaged", path);
    if (rename(path, other) != 0)
        return;
    for (size_t i = 0; i < sizeof companions / sizeof companions[0]; i++) {
        snprintf(other, sizeof other, "%s%s", path, companions[i]);
        unlink(other);
    }
}

void ir_database_set_aside(struct ir_database *database)
{
    struct stat now;
    if (stat(database->path, &now) == 0 && now.st_dev == database->device &&
        now.st_ino == database->inode)
        ir_database_set_aside_path(database->path);
}

/* ---- opening ----------------------------------------------------------------------------- */

/* Returns SQLite's result. */
static int execute(struct ir_database *database, const char *sql)
{
    return sqlite3_exec(database->handle, sql, NULL, NULL, NULL);
}

static int run_plain(struct ir_database *database, const char *sql, struct ir_error *err)
{
    int result = execute(database, sql);
    return result == SQLITE_OK ? 0 : fail_here(database, result, err);
}

static int switch_to_log(struct ir_database *database, struct ir_error *err)
{
    const struct timespec pause = {.tv_nsec = SWITCH_PAUSE_NS};
    int result = SQLITE_BUSY;
    for (int i = 0; i < SWITCH_TRIES && (result & 0xff) == SQLITE_BUSY; i++) {
        if (i > 0)
            nanosleep(&pause, NULL);
        result = execute(database, "PRAGMA journal_mode=WAL");
    }
    return result == SQLITE_OK ? 0 : fail_here(database, result, err);
}

static int get_pragma(struct ir_database *database, const char *sql, int64_t *out,
                      struct ir_error *err)
{
    struct ir_query *query = NULL;
    bool row = false;
    int rc = ir_query_new(database, sql, NULL, 0, &query, err);
    if (rc == 0)
        rc = ir_query_next(query, &row, err);
    if (rc == 0)
        *out = row ? ir_query_integer(query, 0) : 0;
    ir_query_free(query);
    return rc;
}

/* Whether the file is one of this form: *out_is_new where it is still empty. */
static int check_form(struct ir_database *database, bool *out_is_new, struct ir_error *err)
{
    const struct ir_database_form *form = database->form;
    int64_t application_id = 0;
    int64_t version = 0;
    int64_t schema = 0;
    int rc = get_pragma(database, "PRAGMA application_id", &application_id, err);
    if (rc == 0)
        rc = get_pragma(database, "PRAGMA user_version", &version, err);
    if (rc == 0)
        rc = get_pragma(database, "SELECT count(*) FROM sqlite_schema", &schema, err);
    if (rc != 0)
        return rc;
    *out_is_new = application_id == 0 && version == 0 && schema == 0;
    if (*out_is_new || (application_id == form->application_id && version == form->version))
        return 0;
    bool is_newer = application_id == form->application_id && version > form->version;
    rc = ir_fail(err, is_newer ? IR_ERR_ARG : IR_ERR_RESPONSE,
                 is_newer ? "%s: a newer version of this program made it"
                          : "%s: the file is none of this program's",
                 database->path);
    ir_error_set_service(err, form->service);
    return rc;
}

static int make_tables(struct ir_database *database, struct ir_error *err)
{
    char pragmas[128];
    bool is_new = false;
    snprintf(pragmas, sizeof pragmas, "PRAGMA application_id=%d; PRAGMA user_version=%d",
             (int)database->form->application_id, database->form->version);
    int rc = check_form(database, &is_new, err);
    if (rc != 0 || !is_new)
        return rc;
    rc = ir_database_begin(database, true, err);
    if (rc != 0)
        return rc;
    rc = check_form(database, &is_new, err); /* another process may have been faster */
    if (rc == 0 && is_new)
        rc = run_plain(database, database->form->schema, err);
    if (rc == 0 && is_new)
        rc = run_plain(database, pragmas, err);
    if (rc == 0)
        return ir_database_commit(database, err);
    ir_database_roll_back(database);
    return rc;
}

static int open_handle(struct ir_database *database, struct ir_error *err)
{
    int result = sqlite3_open_v2(database->path, &database->handle,
                                 SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (result != SQLITE_OK)
        return fail_here(database, result, err);
    sqlite3_extended_result_codes(database->handle, 1);
    sqlite3_busy_timeout(database->handle, database->form->busy_ms);
    sqlite3_db_config(database->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(database->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    if (sqlite3_db_readonly(database->handle, "main") == 1)
        return fail_here(database, SQLITE_READONLY, err);
    return 0;
}

int ir_database_open(const char *path, const struct ir_database_form *form,
                     struct ir_database **out, struct ir_error *err)
{
    struct stat found = {0};
    int rc = make_file(path, form, &found, err);
    if (rc != 0)
        return rc;
    struct ir_database *database = ir_calloc(1, sizeof *database);
    if (database == NULL)
        return ir_fail_nomem(err);
    database->form = form;
    database->device = found.st_dev;
    database->inode = found.st_ino;
    pthread_mutex_init(&database->turn, NULL);
    pthread_cond_init(&database->is_over, NULL);
    database->path = ir_strdup(path);
    rc = database->path != NULL ? open_handle(database, err) : ir_fail_nomem(err);
    if (rc == 0)
        rc = switch_to_log(database, err);
    if (rc == 0)
        rc = run_plain(database,
                       form->is_durable ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL",
                       err);
    if (rc == 0)
        rc = make_tables(database, err);
    if (rc == 0)
        *out = database;
    else
        ir_database_close(database);
    return rc;
}

void ir_database_close(struct ir_database *database)
{
    if (database == NULL)
        return;
    sqlite3_close(database->handle);
    pthread_cond_destroy(&database->is_over);
    pthread_mutex_destroy(&database->turn);
    ir_free(database->path);
    ir_free(database);
}

/* ---- transactions ------------------------------------------------------------------------ */

static bool is_open(const struct ir_database *database)
{
    return sqlite3_get_autocommit(database->handle) == 0;
}

/* Tells the group how its transactions ended. */
static void dismiss(struct ir_database *database, int result)
{
    for (struct member *member = database->group; member != NULL; member = member->next) {
        member->result = result;
        member->is_over = true;
    }
    database->group = NULL;
    database->passes = 0;
    pthread_cond_broadcast(&database->is_over);
}

/* Commits what is open, and tells the group. Returns SQLite's result. */
static int commit_all(struct ir_database *database)
{
    int result = execute(database, "COMMIT");
    if (result != SQLITE_OK && is_open(database))
        execute(database, "ROLLBACK");
    dismiss(database, result);
    return result;
}

/* Whether the next thread may go on with this transaction. */
static bool may_pass_on(const struct ir_database *database)
{
    return database->is_writing && atomic_load(&database->waiting) > 0 &&
           database->passes < MAX_PASSES;
}

/* Leaves this thread's transaction to the next, and waits for its end. */
static int join_group(struct ir_database *database)
{
    struct member self = {.next = database->group};
    database->group = &self;
    database->passes++;
    while (!self.is_over)
        pthread_cond_wait(&database->is_over, &database->turn);
    return self.result;
}

/*
 * Ends the turn of a thread that has nothing to commit: the group's transaction goes to the next,
 * or is committed. `result` is not SQLITE_OK where what is open cannot be kept.
 */
static void leave(struct ir_database *database, int result)
{
    if (is_open(database) && result != SQLITE_OK)
        execute(database, "ROLLBACK");
    if (!is_open(database) || result != SQLITE_OK)
        dismiss(database, result != SQLITE_OK ? result : SQLITE_ABORT_ROLLBACK);
    else if (database->group != NULL && may_pass_on(database))
        database->passes++;
    else if (database->group != NULL)
        commit_all(database);
    pthread_mutex_unlock(&database->turn);
}

int ir_database_begin(struct ir_database *database, bool writes, struct ir_error *err)
{
    atomic_fetch_add(&database->waiting, 1);
    pthread_mutex_lock(&database->turn);
    atomic_fetch_sub(&database->waiting, 1);
    if (database->group != NULL && !writes)
        commit_all(database); /* the group is told; who reads sees what is committed */
    if (database->group != NULL) {
        int result = execute(database, "SAVEPOINT member");
        if (result == SQLITE_OK)
            return 0;
        int rc = fail_here(database, result, err);
        leave(database, is_open(database) ? SQLITE_OK : result);
        return rc;
    }
    if (is_open(database)) /* it could not be rolled back before */
        execute(database, "ROLLBACK");
    database->is_writing = writes;
    int rc = run_plain(database, writes ? "BEGIN IMMEDIATE" : "BEGIN", err);
    if (rc != 0)
        pthread_mutex_unlock(&database->turn);
    return rc;
}

int ir_database_commit(struct ir_database *database, struct ir_error *err)
{
    int result = database->group != NULL ? execute(database, "RELEASE member") : SQLITE_OK;
    if (result != SQLITE_OK) {
        int rc = fail_here(database, result, err);
        ir_database_roll_back(database);
        return rc;
    }
    result = may_pass_on(database) ? join_group(database) : commit_all(database);
    pthread_mutex_unlock(&database->turn);
    return result == SQLITE_OK ? 0 : fail_here(database, result, err);
}

void ir_database_roll_back(struct ir_database *database)
{
    int result = SQLITE_OK;
    if (!is_open(database)) /* SQLite rolled all back */
        result = sqlite3_extended_errcode(database->handle);
    else if (database->group == NULL)
        execute(database, "ROLLBACK");
    else
        result = execute(database, "ROLLBACK TO member; RELEASE member");
    leave(database, result);
}

/* ---- statements -------------------------------------------------------------------------- */

static int bind(sqlite3_stmt *statement, int place, const struct ir_database_value *value)
{
    if (value->kind == IR_DATABASE_INTEGER)
        return sqlite3_bind_int64(statement, place, value->integer);
    if (value->kind == IR_DATABASE_NULL || value->data == NULL)
        return sqlite3_bind_null(statement, place);
    if (value->kind == IR_DATABASE_TEXT)
        return sqlite3_bind_text(statement, place, value->data, -1, SQLITE_STATIC);
    return sqlite3_bind_blob64(statement, place, value->data, value->bytes, SQLITE_STATIC);
}

int ir_query_new(struct ir_database *database, const char *sql,
                 const struct ir_database_value *values, size_t value_count, struct ir_query **out,
                 struct ir_error *err)
{
    struct ir_query *query = ir_calloc(1, sizeof *query);
    if (query == NULL) {
        ir_fail_nomem(err);
        return IR_ERR_NOMEM;
    }
    query->database = database;
    int result = sqlite3_prepare_v2(database->handle, sql, -1, &query->statement, NULL);
    for (size_t i = 0; result == SQLITE_OK && i < value_count; i++)
        result = bind(query->statement, (int)i + 1, &values[i]);
    if (result == SQLITE_OK) {
        *out = query;
        return 0;
    }
    ir_query_free(query);
    return fail_here(database, result, err);
}

int ir_query_next(struct ir_query *query, bool *out_row, struct ir_error *err)
{
    int result = sqlite3_step(query->statement);
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        return fail_here(query->database, result, err);
    *out_row = result == SQLITE_ROW;
    return 0;
}

int64_t ir_query_integer(struct ir_query *query, int column)
{
    return sqlite3_column_int64(query->statement, column);
}

const char *ir_query_text(struct ir_query *query, int column)
{
    const char *text = (const char *)sqlite3_column_text(query->statement, column);
    return text != NULL ? text : "";
}

const void *ir_query_blob(struct ir_query *query, int column, size_t *out_bytes)
{
    const void *data = sqlite3_column_blob(query->statement, column);
    *out_bytes = data != NULL ? (size_t)sqlite3_column_bytes(query->statement, column) : 0;
    return data;
}

void ir_query_free(struct ir_query *query)
{
    if (query == NULL)
        return;
    sqlite3_finalize(query->statement);
    ir_free(query);
}

int ir_database_run(struct ir_database *database, const char *sql,
                    const struct ir_database_value *values, size_t value_count, int64_t *out_id,
                    struct ir_error *err)
{
    struct ir_query *query = NULL;
    bool row = false;
    int rc = ir_query_new(database, sql, values, value_count, &query, err);
    if (rc == 0)
        rc = ir_query_next(query, &row, err);
    if (rc == 0 && out_id != NULL)
        *out_id = sqlite3_last_insert_rowid(database->handle);
    ir_query_free(query);
    return rc;
}
