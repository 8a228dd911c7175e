/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names in S3, and the upload of a file or of bytes under one. */
#ifndef PLUGINS_BATCH_PUT_H
#define PLUGINS_BATCH_PUT_H

#include <imgrecog/fetch.h>

#include "plugins/batch/commands.h"

/*
 * A name that no two calls share: `prefix`, the time as 20261121T013000Z, 8 hexadecimal digits,
 * ".png". IR_ERR_ARG: too long for a key, or no chance is to be had.
 */
IR_MUST_CHECK int put_unique_name(struct ir_s3_uri *uri, struct ir_error *err);

/* What would fail only when all is uploaded is told before. IR_ERR_ARG. */
IR_MUST_CHECK int put_check(const struct session *session, struct ir_error *err);

/* Uploads and prints the object's address, s3://bucket/key. */
IR_MUST_CHECK int put_file(const struct session *session, const char *path,
                           const struct ir_s3_uri *uri, struct ir_error *err);
/* *out_stored tells that S3 has it, also when what comes then fails. */
IR_MUST_CHECK int put_data(const struct session *session, const void *data, size_t bytes,
                           const struct ir_s3_uri *uri, bool *out_stored, struct ir_error *err);

#endif
