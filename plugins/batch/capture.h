/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recording answers as SageMaker's Model Monitor does, in a folder or in S3. */
#ifndef PLUGINS_BATCH_CAPTURE_H
#define PLUGINS_BATCH_CAPTURE_H

#include <imgrecog/picture.h>
#include <imgrecog/result.h>

#include "plugins/batch/commands.h"

/*
 * Whether the place that the setting `capture` names can be written to, before anything is paid
 * for; makes the folder. IR_ERR_ARG.
 */
IR_MUST_CHECK int capture_check(const struct session *session, struct ir_error *err);

/*
 * Records one answer, where that is asked for: as a file that is there whole or not at all, or as
 * an object that replaces none. IR_ERR_ARG: it cannot be written; codes of an upload.
 */
IR_MUST_CHECK int capture_result(const struct session *session, const struct ir_result *result,
                                 const struct ir_picture *picture, struct ir_error *err);

#endif
