/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether a bucket is there. HeadBucket wants s3:ListBucket; who may only put objects hears 403, as
 * who names another account's bucket does, so that tells nothing of whether an upload will go; nor
 * does what a server says that is S3 in part.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
 */
#include "core/task/bucket.h"

#include <imgrecog/upload.h>

#include "core/base/error.h"
#include "core/service/s3.h"

int ir_bucket_head(struct ir_client *client, const char *bucket, long timeout_ms,
                   const struct ir_cancel *cancel, struct ir_http_response *response,
                   struct ir_error *err)
{
    struct ir_s3_request request;
    unsigned retries = 0;
    int rc = ir_s3_head_bucket_call(bucket, &request, err);
    if (rc != 0)
        return rc;
    request.http.aws.cancel = cancel;
    request.http.aws.timeout_ms = timeout_ms;
    rc = ir_aws_call(&client->aws, &request.http.aws, response, &retries, err);
    ir_s3_request_release(&request);
    return rc;
}

int ir_upload_check_bucket(struct ir_client *client, const char *bucket,
                           const struct ir_cancel *cancel, struct ir_error *err)
{
    struct ir_error own_error = {0};
    struct ir_http_response response;
    if (err == NULL)
        err = &own_error;
    if (client->paid.is_dry)
        return 0;
    ir_http_response_init(&response);
    int rc = ir_bucket_head(client, bucket, 0, cancel, &response, err);
    ir_http_response_release(&response);
    if (rc != 0 && err->http_status == 404) {
        ir_fail(err, rc, "there is no bucket %.80s (HTTP 404)", bucket);
        ir_error_set_service(err, ir_service_s3.title);
        if (ir_endpoint_is_embedded(client->aws.endpoint_setting))
            ir_error_set_hint(err,
                              "Buckets of this machine are folders: mkdir -p "
                              "~/.local/share/imgrecog/s3/%.80s makes one.",
                              bucket);
        else
            ir_error_set_hint(
                err, "Check its name and the region, or make it: aws s3 mb s3://%.80s", bucket);
    } else if (rc != 0 && err->http_status != 0) {
        ir_error_clear(err);
        rc = 0;
    }
    return rc;
}
