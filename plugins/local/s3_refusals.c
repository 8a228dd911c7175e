/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Codes with the statuses that S3's table gives them. */
#include "plugins/local/s3_refusals.h"

const struct refusal s3_no_such_bucket = {"NoSuchBucket", 404};
const struct refusal s3_no_such_key = {"NoSuchKey", 404};
const struct refusal s3_no_such_upload = {"NoSuchUpload", 404};
const struct refusal s3_bucket_owned = {"BucketAlreadyOwnedByYou", 409};
const struct refusal s3_bucket_not_empty = {"BucketNotEmpty", 409};
const struct refusal s3_invalid_bucket_name = {"InvalidBucketName", 400};
const struct refusal s3_key_too_long = {"KeyTooLongError", 400};
const struct refusal s3_invalid_uri = {"InvalidURI", 400};
const struct refusal s3_invalid_argument = {"InvalidArgument", 400};
const struct refusal s3_invalid_range = {"InvalidRange", 416};
const struct refusal s3_invalid_part = {"InvalidPart", 400};
const struct refusal s3_invalid_part_order = {"InvalidPartOrder", 400};
const struct refusal s3_invalid_tag = {"InvalidTag", 400};
const struct refusal s3_entity_too_small = {"EntityTooSmall", 400};
const struct refusal s3_metadata_too_large = {"MetadataTooLarge", 400};
const struct refusal s3_malformed_xml = {"MalformedXML", 400};
const struct refusal s3_missing_length = {"MissingContentLength", 411};
const struct refusal s3_not_implemented = {"NotImplemented", 501};
const struct refusal s3_method_not_allowed = {"MethodNotAllowed", 405};
const struct refusal s3_precondition = {"PreconditionFailed", 412};
const struct refusal s3_not_modified = {"NotModified", 304};
const struct refusal s3_acl = {"AccessControlListNotSupported", 400};
const struct refusal s3_storage_class = {"InvalidStorageClass", 400};
const struct refusal s3_internal = {"InternalError", 500};
