/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What S3's errors mean and what to do next, in words of our own where S3 has none or few. */
#include "core/service/s3.h"

#include <stdio.h>
#include <string.h>

#include "core/base/error.h"

#define MAX_SHOWN_BYTES 160 /* of a key, in a message */

int ir_s3_fail(struct ir_error *err, int code, const char *cause, const char *hint)
{
    return ir_fail_with(err, code, ir_service_s3.title, cause, hint);
}

int ir_s3_checksum_fail(const char *cause, struct ir_error *err)
{
    ir_s3_fail(
        err, IR_ERR_RESPONSE, cause,
        "Do not rely on what is stored there: send it again, and look at what stands between "
        "this machine and the server when it happens again.");
    if (err != NULL)
        err->maybe_served = true;
    return IR_ERR_RESPONSE;
}

/* Next steps for codes that only S3 has. */
static const struct {
    const char *aws_code;
    const char *hint;
} hints[] = {
    {"AccessDenied", "Allow the action on this bucket and key in IAM and in the bucket's policy."},
    {"EntityTooLarge", "Upload it in parts."},
    {"EntityTooSmall", "Every part but the last must have at least 5 MiB."},
    {"InvalidBucketName", "Check the bucket's name."},
    {"InvalidRange", "The object is shorter than the range begins: ask for its size first."},
    {"InvalidStorageClass", "Check the storage class, and whether this server has it."},
    {"KMS.DisabledException", "Enable the KMS key, or name another one."},
    {"KMS.NotFoundException", "Check the KMS key's id and its region."},
    {"NoSuchVersion", "Check the version's id."},
    {"ObjectLockConfigurationNotFoundError", "The bucket has no object lock."},
};

static void set_code(struct ir_error *err, const char *aws_code)
{
    if (err->aws_code[0] == '\0')
        ir_text_copy(err->aws_code, sizeof err->aws_code, aws_code);
}

static void set_words(struct ir_error *err, const char *message, const char *hint)
{
    ir_text_copy(err->message, sizeof err->message, message);
    ir_text_copy(err->hint, sizeof err->hint, hint);
}

/* An answer to HEAD has no body, so no code and no words. */
static void explain_head(const struct ir_s3_request *request, struct ir_error *err)
{
    char text[512];
    char key[MAX_SHOWN_BYTES];
    const char *bucket = request->http.aws.bucket;
    ir_text_copy(key, sizeof key, request->key != NULL ? request->key : "");
    if (err->http_status == 404) {
        snprintf(text, sizeof text,
                 "there is no object \"%s\" in the bucket %.80s, or no such bucket", key, bucket);
        set_words(err, text, "Check the names; capitals count.");
        set_code(err, "NotFound");
    } else if (err->http_status == 403) {
        snprintf(text, sizeof text,
                 "access to \"%s\" in the bucket %.80s was refused, or there is no such object and "
                 "the bucket may not be listed",
                 key, bucket);
        set_words(err, text,
                  "Check the keys, and allow s3:GetObject and s3:ListBucket in IAM and in the "
                  "bucket's policy.");
        set_code(err, "Forbidden");
    } else {
        snprintf(text, sizeof text,
                 "the request was refused with status %d; answers to HEAD give no reason",
                 err->http_status);
        set_words(err, text, "Check the region, the keys and this machine's clock.");
    }
}

static void explain_condition(const struct ir_s3_request *request, struct ir_error *err)
{
    char text[512];
    char key[MAX_SHOWN_BYTES];
    ir_text_copy(key, sizeof key, request->key != NULL ? request->key : "");
    if (err->http_status == 412) {
        snprintf(text, sizeof text,
                 "\"%s\" exists already in the bucket %.80s, and was left as it is", key,
                 request->http.aws.bucket);
        set_words(err, text, "Choose another key, or allow what is there to be replaced.");
        set_code(err, "PreconditionFailed");
    } else {
        snprintf(text, sizeof text, "somebody else was writing \"%s\" at the same time", key);
        set_words(err, text, "Try again.");
        err->retryable = true;
    }
}

int ir_s3_explain(const struct ir_s3_request *request, int rc, struct ir_error *err)
{
    if (rc == 0 || err == NULL || err->http_status == 0)
        return rc;
    if (request->only_if_new &&
        (err->http_status == 412 || strcmp(err->aws_code, "ConditionalRequestConflict") == 0)) {
        explain_condition(request, err);
        return rc;
    }
    if (strcmp(err->aws_code, "BadDigest") == 0 ||
        strcmp(err->aws_code, "XAmzContentSHA256Mismatch") == 0)
        err->retryable = true;
    if (strcmp(request->http.aws.method, "HEAD") == 0 && err->aws_code[0] == '\0' &&
        err->http_status >= 400 && err->http_status < 500)
        explain_head(request, err);
    for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++)
        if (err->hint[0] == '\0' && strcmp(err->aws_code, hints[i].aws_code) == 0)
            ir_text_copy(err->hint, sizeof err->hint, hints[i].hint);
    return rc;
}
