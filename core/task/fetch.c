/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Objects of S3 into memory: what is not proven to be what S3 stores is not handed out. */
#include <imgrecog/fetch.h>

#include <string.h>

#include "core/base/error.h"
#include "core/service/s3.h"
#include "core/service/s3_check.h"
#include "core/task/client.h"

#define PREFIX "s3://"
#define MAX_URL_BYTES (16U * 1024)

static int fail_uri(struct ir_error *err, const char *cause)
{
    ir_fail(err, IR_ERR_ARG, "%s", cause);
    ir_error_set_service(err, "S3");
    ir_error_set_hint(err, "Write s3://bucket/key.");
    return IR_ERR_ARG;
}

int ir_s3_uri_parse(const char *text, struct ir_s3_uri *out, struct ir_error *err)
{
    if (strncmp(text, PREFIX, strlen(PREFIX)) != 0)
        return fail_uri(err, "it does not begin with s3://");
    const char *bucket = text + strlen(PREFIX);
    size_t bucket_bytes = strcspn(bucket, "/");
    const char *key = bucket + bucket_bytes + (bucket[bucket_bytes] == '/' ? 1 : 0);
    if (bucket_bytes == 0 || bucket_bytes >= sizeof out->bucket)
        return fail_uri(err, "no bucket is named, or its name is too long");
    if (strlen(key) >= sizeof out->key)
        return fail_uri(err, "the key has more than 1,024 bytes");
    memcpy(out->bucket, bucket, bucket_bytes);
    out->bucket[bucket_bytes] = '\0';
    ir_text_copy(out->key, sizeof out->key, key);
    return 0;
}

static int check(const struct ir_http_response *response, struct ir_error *err)
{
    struct ir_s3_object object;
    struct ir_s3_check check;
    bool is_checked = false;
    int rc = ir_s3_read_object(response, &object, err);
    if (rc != 0)
        return rc;
    ir_s3_check_init(&check, response, NULL, NULL);
    rc = ir_s3_check_take(&check, ir_buf_text(&response->body), response->body.bytes);
    rc = rc == 0 ? ir_s3_check_finish(&check, &is_checked, err) : ir_fail_nomem(err);
    ir_s3_check_release(&check);
    return rc;
}

int ir_fetch(struct ir_client *client, const struct ir_s3_uri *uri,
             const struct ir_fetch_options *options, void **out_data, size_t *out_bytes,
             struct ir_error *err)
{
    const struct ir_s3_get_options get = {.name = {.bucket = uri->bucket,
                                                   .key = uri->key,
                                                   .expected_owner = options->expected_owner}};
    struct ir_http_response response;
    struct ir_s3_request request;
    unsigned retries = 0;
    if (options->version != IR_FETCH_OPTIONS_VERSION)
        return ir_fail(err, IR_ERR_ARG, "fetch options of version %u are not known",
                       options->version);
    int rc = ir_s3_get_call(&get, &request, err);
    if (rc != 0)
        return rc;
    ir_http_response_init(&response);
    request.http.aws.max_response_bytes = options->max_bytes;
    request.http.aws.slowest_bytes_per_ms = IR_AWS_SLOWEST_BYTES_PER_MS;
    request.http.aws.cancel = options->cancel;
    rc = ir_aws_call(&client->aws, &request.http.aws, &response, &retries, err);
    rc = rc == 0 ? check(&response, err) : ir_s3_explain(&request, rc, err);
    ir_s3_request_release(&request);
    size_t bytes = response.body.bytes;
    char *data = rc == 0 ? ir_buf_take(&response.body) : NULL;
    if (rc == 0 && data == NULL)
        rc = ir_fail_nomem(err); /* for the empty object's own byte */
    ir_http_response_release(&response);
    if (rc != 0)
        return rc;
    *out_data = data;
    *out_bytes = bytes;
    return 0;
}

int ir_presign(struct ir_client *client, const struct ir_s3_uri *uri, long lifetime_s,
               char **out_url, struct ir_error *err)
{
    const struct ir_s3_object_name name = {.bucket = uri->bucket, .key = uri->key};
    struct ir_s3_request request;
    struct ir_buf url;
    int rc = ir_s3_presign_call(&name, &request, err);
    if (rc != 0)
        return rc;
    ir_buf_init_secret(&url, MAX_URL_BYTES);
    rc = ir_aws_presign(&client->aws, &request.http.aws, lifetime_s, &url, err);
    if (rc == 0)
        *out_url = ir_buf_take(&url);
    ir_s3_request_release(&request);
    ir_buf_release(&url);
    return rc;
}
