/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HeadBucket, for what looks at a bucket before it is needed. */
#ifndef CORE_TASK_BUCKET_H
#define CORE_TASK_BUCKET_H

#include "core/task/client.h"

/*
 * Asks for the bucket. timeout_ms 0 = the client's. The header x-amz-bucket-region of `response`
 * (initialised by the caller) tells where it is. The errors of an answer to HEAD have no words of
 * S3's: http_status 403 and 404 say what there is to say.
 */
IR_MUST_CHECK int ir_bucket_head(struct ir_client *client, const char *bucket, long timeout_ms,
                                 const struct ir_cancel *cancel, struct ir_http_response *response,
                                 struct ir_error *err);

#endif
