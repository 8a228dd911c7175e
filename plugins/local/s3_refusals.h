/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * S3's error codes.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
#ifndef PLUGINS_LOCAL_S3_REFUSALS_H
#define PLUGINS_LOCAL_S3_REFUSALS_H

#include <errno.h>
#include <string.h>

#include "plugins/local/refuse.h"

extern const struct refusal s3_no_such_bucket;
extern const struct refusal s3_no_such_key;
extern const struct refusal s3_no_such_upload;
extern const struct refusal s3_bucket_owned;
extern const struct refusal s3_bucket_not_empty;
extern const struct refusal s3_invalid_bucket_name;
extern const struct refusal s3_key_too_long;
extern const struct refusal s3_invalid_uri;
extern const struct refusal s3_invalid_argument;
extern const struct refusal s3_invalid_range;
extern const struct refusal s3_invalid_part;
extern const struct refusal s3_invalid_part_order;
extern const struct refusal s3_invalid_tag;
extern const struct refusal s3_entity_too_small;
extern const struct refusal s3_metadata_too_large;
extern const struct refusal s3_malformed_xml;
extern const struct refusal s3_missing_length;
extern const struct refusal s3_not_implemented;
extern const struct refusal s3_method_not_allowed;
extern const struct refusal s3_precondition;
extern const struct refusal s3_not_modified;
extern const struct refusal s3_acl;
extern const struct refusal s3_storage_class;
extern const struct refusal s3_internal;

/* A system call failed: InternalError with the words of errno. */
static inline int s3_refuse_errno(struct ir_error *err, const char *what)
{
    return refuse(err, &s3_internal, "The folder of the local S3: %s: %s.", what, strerror(errno));
}

#endif
