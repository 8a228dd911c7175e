/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A database in a file, by SQLite: several processes and threads at once, whole after a crash (a
 * write-ahead log, https://www.sqlite.org/wal.html). All work is done in transactions, one at a
 * time for a connection; threads wait for their turn. The file is its owner's only, and so are the
 * folders that are made for it. The folder must lie on a disk of this machine: SQLite's log does
 * not work over a network.
 *
 * Codes, everywhere: IR_ERR_NOMEM; IR_ERR_TIMEOUT: others kept it locked for longer than busy_ms;
 * IR_ERR_RESPONSE: damaged, or none of ours; IR_ERR_ARG: it cannot be opened, read or written, or a
 * newer version made it. Messages name the file.
 */
#ifndef CORE_BASE_DATABASE_H
#define CORE_BASE_DATABASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <imgrecog/error.h>

struct ir_database;

/* What makes a file this kind of database. All static. */
struct ir_database_form {
    const char *service;    /* for messages: "ledger" */
    int32_t application_id; /* not 0; https://www.sqlite.org/pragma.html#pragma_application_id */
    int version;            /* of the schema, from 1 */
    const char *schema;     /* statements that make an empty file one */
    int busy_ms;            /* how long to wait for others */
    bool is_durable;        /* a commit survives a power cut, not only a crash */
};

/* Opens `path` (absolute); makes folders, file and tables where they are missing. */
IR_MUST_CHECK int ir_database_open(const char *path, const struct ir_database_form *form,
                                   struct ir_database **out, struct ir_error *err);
/* Not within a transaction. NULL is allowed. */
void ir_database_close(struct ir_database *database);

/* Takes a file that is damaged out of the way, to `path`.damaged, unless another one lies there
 * now than the one that was opened. `database` may be closed afterwards, and nothing else. */
void ir_database_set_aside(struct ir_database *database);
/* The same for a file that could not be opened at all. */
void ir_database_set_aside_path(const char *path);

/* A transaction that sees no change of others, and with `writes` lets no other write. After success
 * one of the next two must follow, in this thread. */
IR_MUST_CHECK int ir_database_begin(struct ir_database *database, bool writes,
                                    struct ir_error *err);
/* On failure nothing was changed. Threads that write at the same time share one wait for the disk.
 */
IR_MUST_CHECK int ir_database_commit(struct ir_database *database, struct ir_error *err);
void ir_database_roll_back(struct ir_database *database);

/* ---- statements -------------------------------------------------------------------------- */

/* A value for "?1", "?2" and so on; `data` with `bytes` is a blob; text and blob are borrowed. */
struct ir_database_value {
    enum { IR_DATABASE_NULL, IR_DATABASE_INTEGER, IR_DATABASE_TEXT, IR_DATABASE_BLOB } kind;
    int64_t integer;
    const void *data;
    size_t bytes;
};
#define IR_DB_INTEGER(number) {.kind = IR_DATABASE_INTEGER, .integer = (number)}
/* NULL becomes NULL. */
#define IR_DB_TEXT(text) {.kind = IR_DATABASE_TEXT, .data = (text)}
#define IR_DB_BLOB(data_, bytes_) {.kind = IR_DATABASE_BLOB, .data = (data_), .bytes = (bytes_)}

struct ir_query;

/* `sql` is one statement. Free the query before the transaction ends. */
IR_MUST_CHECK int ir_query_new(struct ir_database *database, const char *sql,
                               const struct ir_database_value *values, size_t value_count,
                               struct ir_query **out, struct ir_error *err);
/* Goes to the next row; *out_row is false behind the last. */
IR_MUST_CHECK int ir_query_next(struct ir_query *query, bool *out_row, struct ir_error *err);
int64_t ir_query_integer(struct ir_query *query, int column);
/* "" where there is none; borrowed until the next row. */
const char *ir_query_text(struct ir_query *query, int column);
/* NULL where there is none; borrowed until the next row. */
const void *ir_query_blob(struct ir_query *query, int column, size_t *out_bytes);
void ir_query_free(struct ir_query *query);

/* A statement without rows; *out_id (NULL = not wanted) is the id of a row that it inserted. */
IR_MUST_CHECK int ir_database_run(struct ir_database *database, const char *sql,
                                  const struct ir_database_value *values, size_t value_count,
                                  int64_t *out_id, struct ir_error *err);

#endif
