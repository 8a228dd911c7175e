/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results where they are kept: CloudWatch Logs, captures, the objects beside pictures in S3. */
#ifndef PLUGINS_BATCH_KEEP_H
#define PLUGINS_BATCH_KEEP_H

#include <imgrecog/picture.h>
#include <imgrecog/result.h>

#include "plugins/batch/put.h"

/*
 * Keeps the result wherever that was asked for, and tries all of these; the first failure is told.
 * `picture` is what was asked about; NULL where nothing was inferred from one. `put` is the upload
 * of the picture, NULL or not stored where there was none. Codes of a call, and IR_ERR_ARG.
 */
IR_MUST_CHECK int keep_result(const struct session *session, struct ir_result *result,
                              const struct ir_picture *picture, const struct put *put,
                              struct ir_error *err);

/*
 * Whether log, captures (where the command records any) and the bucket of --upload are to be had,
 * before anything is paid for; in a dry run, only whether their names are right. IR_ERR_ARG; codes
 * of a call.
 */
IR_MUST_CHECK int keep_check(const struct session *session, bool captures, struct ir_error *err);

/* The exit code of a check that was made before anything else. */
enum exit_code keep_check_exit(int rc);

/* Of a dry run: where the result would be kept. */
void keep_print_plan(const struct session *session, bool captures);

#endif
