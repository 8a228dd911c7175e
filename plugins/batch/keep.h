/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results where they are kept: CloudWatch Logs and the objects beside pictures in S3. */
#ifndef PLUGINS_BATCH_KEEP_H
#define PLUGINS_BATCH_KEEP_H

#include <imgrecog/result.h>

#include "plugins/batch/put.h"

/*
 * Keeps the result wherever that was asked for, and tries all of these; the first failure is told.
 * `put` is the upload of its picture, NULL or not stored where there was none. Codes of a call.
 */
IR_MUST_CHECK int keep_result(const struct session *session, struct ir_result *result,
                              const struct put *put, struct ir_error *err);

#endif
