/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Amazon S3 on a folder: buckets, objects, multipart uploads. Path style, and virtual-hosted style
 * for hosts of the form BUCKET.s3.REGION.localhost.
 * Source:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
 */
#ifndef PLUGINS_LOCAL_S3_H
#define PLUGINS_LOCAL_S3_H

#include "plugins/local/request.h"

#define S3_MAX_OBJECT_BYTES (UINT64_C(5) << 30)
#define S3_MAX_DOCUMENT_BYTES (UINT64_C(8) << 20) /* XML: 10,000 parts, 1,000 keys */
#define S3_OWNER "000000000000"

/* Whether the body is an object or a part, which goes to a file. Known from the headers. */
bool s3_takes_file(const struct request *request);
IR_MUST_CHECK int s3_serve(struct request *request, struct answer *answer, struct ir_error *err);

#endif
