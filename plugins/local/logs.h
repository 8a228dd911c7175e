/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Amazon CloudWatch Logs into files: CreateLogGroup, CreateLogStream, PutLogEvents,
 * FilterLogEvents, DescribeLogGroups, DescribeLogStreams.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/Welcome.html
 */
#ifndef PLUGINS_LOCAL_LOGS_H
#define PLUGINS_LOCAL_LOGS_H

#include "plugins/local/request.h"

/* A batch of the limit, every character of it escaped. */
#define LOGS_MAX_BODY_BYTES (12U << 20)
#define LOGS_MAX_BATCH_EVENTS 10000
#define LOGS_MAX_BATCH_BYTES 1048576
#define LOGS_EVENT_OVERHEAD_BYTES 26
#define LOGS_MAX_AGE_MS (INT64_C(14) * 24 * 3600 * 1000)
#define LOGS_MAX_AHEAD_MS (INT64_C(2) * 3600 * 1000)
#define LOGS_MAX_SPAN_MS (INT64_C(24) * 3600 * 1000)

IR_MUST_CHECK int logs_serve(struct request *request, struct answer *answer, struct ir_error *err);

#endif
