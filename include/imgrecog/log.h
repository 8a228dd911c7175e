/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log task: results kept in CloudWatch Logs. */
#ifndef IMGRECOG_LOG_H
#define IMGRECOG_LOG_H

#include <imgrecog/client.h>
#include <imgrecog/result.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ir_log_options {
    unsigned version;               /* IR_LOG_OPTIONS_VERSION, set by the INIT macro */
    const char *group;              /* log group: 1..512 of A-Z a-z 0-9 . - _ / # */
    const char *stream;             /* log stream: 1..512 bytes without ':' and '*' */
    const struct ir_cancel *cancel; /* borrowed; NULL = cannot be cancelled */
};
#define IR_LOG_OPTIONS_VERSION 1U
#define IR_LOG_OPTIONS_INIT {IR_LOG_OPTIONS_VERSION, NULL, "imgrecog", NULL}

/*
 * Writes two events about `result`: a line for people, "photo.jpg: Person 99.1 %, Tree 91.5 %,
 * Dog 80.0 %; caption: ...", with the three surest
 * labels where labels were asked for, or "photo.jpg: check: YES: ...", and the result document.
 * Group and stream are made when they are not there. Blocks; any number of threads may log at once.
 * IR_ERR_ARG: group or stream; IR_ERR_TOO_LARGE: the document is over 1,048,550 bytes, nothing was
 * written; IR_ERR_SERVICE also when the service took the request and refused the events. Source:
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
 */
IR_PUBLIC IR_MUST_CHECK int ir_log_result(struct ir_client *client,
                                          const struct ir_log_options *options,
                                          const struct ir_result *result, struct ir_error *err);

/*
 * Makes the stream, and the group where that is missing too, so that what would keep a result from
 * the log is told before the result is paid for. Both being there already is fine, and so is an
 * identity that may only put events. Codes of ir_log_result; IR_ERR_ARG names a wrong name without
 * asking. Sends nothing in a dry run. Source:
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html
 */
IR_PUBLIC IR_MUST_CHECK int
ir_log_check(struct ir_client *client, const struct ir_log_options *options, struct ir_error *err);

#ifdef __cplusplus
}
#endif
#endif
