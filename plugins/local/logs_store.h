/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The files under the local CloudWatch Logs:
 *
 *   FOLDER/GROUP+/.group       {"creationTime"}
 *   FOLDER/GROUP+/STREAM=      {"creationTime"}, then an event a line
 *   FOLDER/GROUP+/STREAM=~     the older half, once a stream is longer than LOGS_STREAM_BYTES
 *
 * Names are encoded as keys of S3 are (s3_name.h). A batch is one write under the file's lock; a
 * line cut off by a crash is passed over.
 */
#ifndef PLUGINS_LOCAL_LOGS_STORE_H
#define PLUGINS_LOCAL_LOGS_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/json.h"

#define LOGS_STREAM_BYTES (32L << 20) /* then what was written before goes to the older half */
#define LOGS_EVENT_ID_BYTES 57

struct logs;

/* $XDG_STATE_HOME/imgrecog/logs, made 0700. IR_ERR_ARG. */
IR_MUST_CHECK int logs_open(struct logs **out, struct ir_error *err);
void logs_close(struct logs *logs);

/* All take names as AWS has them; those too long for a file are InvalidParameterException, those
 * not there ResourceNotFoundException, those there already ResourceAlreadyExistsException. */
IR_MUST_CHECK int logs_create_group(struct logs *logs, const char *group, int64_t now_ms,
                                    struct ir_error *err);
IR_MUST_CHECK int logs_create_stream(struct logs *logs, const char *group, const char *stream,
                                     int64_t now_ms, struct ir_error *err);
/* Appends whole lines. */
IR_MUST_CHECK int logs_append(struct logs *logs, const char *group, const char *stream,
                              const struct ir_buf *lines, struct ir_error *err);

struct logs_names {
    char **items; /* sorted */
    size_t count;
};
void logs_names_release(struct logs_names *names);
/* Those that begin with `prefix`; at most 10,000. */
IR_MUST_CHECK int logs_list_groups(struct logs *logs, const char *prefix, struct logs_names *out,
                                   struct ir_error *err);
IR_MUST_CHECK int logs_list_streams(struct logs *logs, const char *group, const char *prefix,
                                    struct logs_names *out, struct ir_error *err);
/* 0 when it cannot be read. */
int64_t logs_group_created_ms(struct logs *logs, const char *group);

/* Calls `visit` with each line of a stream that is whole, the first being {"creationTime"}. */
typedef void (*logs_visit_fn)(void *context, const struct ir_json_value *line);
IR_MUST_CHECK int logs_read(struct logs *logs, const char *group, const char *stream,
                            logs_visit_fn visit, void *context, struct ir_error *err);

#endif
