/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Everything the core takes from outside that is not the network: clocks, sleep, chance, the
 * environment and small files. Passed in, so that tests and the simulator choose it.
 */
#ifndef CORE_BASE_WORLD_H
#define CORE_BASE_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include <imgrecog/client.h>

struct ir_world {
    void *context;
    int64_t (*unix_ms)(void *context);      /* wall clock */
    int64_t (*monotonic_ms)(void *context); /* never goes back; for deadlines */
    /* Returns early, with false, when `cancel` (may be NULL) is set; looks every 50 ms. */
    bool (*sleep_ms)(void *context, long ms, const struct ir_cancel *cancel);
    double (*chance)(void *context);                        /* uniform in [0, 1) */
    const char *(*getenv)(void *context, const char *name); /* borrowed; NULL when not set */
    /* All of the environment, "NAME=value" each, up to a NULL; NULL = it cannot be listed. */
    const char *const *(*environment)(void *context);
    /*
     * Appends a file's content to `out` (its maximum holds). 0; IR_ERR_ARG with err->message when
     * it cannot be read; *out_missing says that it does not exist.
     */
    int (*read_file)(void *context, const char *path, struct ir_buf *out, bool *out_missing,
                     struct ir_error *err);
    /*
     * Replaces a file by `data` as a whole (a reader sees the old or the new), readable by its
     * owner only. IR_ERR_ARG with err->message. NULL = nothing can be written.
     */
    int (*write_private_file)(void *context, const char *path, const void *data, size_t bytes,
                              struct ir_error *err);
};

/* The real one; static. */
const struct ir_world *ir_world_system(void);

/* Writes all of it to an open file, however little is taken at a time. False with errno set. */
bool ir_world_write_all(int file, const void *data, size_t bytes);

/* "20261120T213500Z" of a wall-clock time; `out` holds 17 bytes. */
void ir_world_amz_date(int64_t unix_ms, char out[17]);
/* "Fri, 20 Nov 2026 21:35:00 GMT" (RFC 9110, 5.6.7, the preferred form); false for anything else.
 */
bool ir_world_parse_http_date(const char *text, int64_t *out_unix_ms);
/* "2026-11-20T21:35:00Z", also with a fraction (cut off), "+00:00" or "UTC" (RFC 3339 and what
 * AWS's tools write); false for anything else. */
bool ir_world_parse_iso_date(const char *text, int64_t *out_unix_ms);
/* The reverse, to the second: "2026-11-20T21:35:00Z"; `out` holds 21 bytes. */
void ir_world_iso_date(int64_t unix_ms, char out[21]);
#define IR_UUID_BYTES 37 /* with the NUL */
/* A random UUID (RFC 9562, version 4), for finding a request again in a log; it guards nothing. */
void ir_world_uuid(const struct ir_world *world, char out[IR_UUID_BYTES]);
/* An environment variable that is set and not empty, else NULL. */
const char *ir_world_getenv(const struct ir_world *world, const char *name);
/* `path` with a leading "~/" replaced by $HOME, appended to `out`. */
void ir_world_expand_home(const struct ir_world *world, const char *path, struct ir_buf *out);

/* Where a user's files lie, by https://specifications.freedesktop.org/basedir-spec/latest/ */
enum ir_user_folder { IR_USER_CONFIG, IR_USER_STATE, IR_USER_CACHE };
/* The folder's path with "/" and `leaf` behind it, appended to `out`. */
void ir_world_user_path(const struct ir_world *world, enum ir_user_folder folder, const char *leaf,
                        struct ir_buf *out);

/* The cancel token of client.h lives here, since sleeping must see it. */

#endif
