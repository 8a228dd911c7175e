/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which operation a request is: by method, whether there is a bucket and a key, and one parameter
 * of the query. Parameters that ask for what is not here are refused, never passed over: a
 * versionId or an acl that has no effect would be believed.
 */
#include "plugins/local/s3.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/error.h"
#include "core/base/uri.h"
#include "core/base/utf8.h"
#include "plugins/local/query.h"
#include "plugins/local/s3_call.h"

#define MAX_DECODED_BYTES (8U * 1024)
#define HOST_MARK ".s3."
#define COPY_SOURCE "x-amz-copy-source"
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum target { TARGET_ROOT, TARGET_BUCKET, TARGET_KEY };

static const struct {
    const char *method;
    enum target target;
    const char *parameter; /* NULL: without any of the others */
    s3_operation_fn run;
    bool opens_bucket;
} operations[] = {
    {"GET", TARGET_ROOT, NULL, s3_list_buckets, false},
    {"PUT", TARGET_BUCKET, NULL, s3_create_bucket, false},
    {"HEAD", TARGET_BUCKET, NULL, s3_head_bucket, true},
    {"DELETE", TARGET_BUCKET, NULL, s3_delete_bucket, true},
    {"GET", TARGET_BUCKET, "location", s3_get_location, true},
    {"GET", TARGET_BUCKET, "uploads", s3_list_uploads, true},
    {"GET", TARGET_BUCKET, NULL, s3_list_objects, true},
    {"POST", TARGET_BUCKET, "delete", s3_delete_objects, true},
    {"POST", TARGET_KEY, "uploads", s3_create_upload, true},
    {"PUT", TARGET_KEY, "uploadId", s3_upload_part, true},
    {"GET", TARGET_KEY, "uploadId", s3_list_parts, true},
    {"POST", TARGET_KEY, "uploadId", s3_complete_upload, true},
    {"DELETE", TARGET_KEY, "uploadId", s3_abort_upload, true},
    {"GET", TARGET_KEY, "tagging", s3_get_tagging, true},
    {"PUT", TARGET_KEY, NULL, s3_put_object, true},
    {"GET", TARGET_KEY, NULL, s3_get_object, true},
    {"HEAD", TARGET_KEY, NULL, s3_get_object, true},
    {"DELETE", TARGET_KEY, NULL, s3_delete_object, true},
};

static const char *const parameters[] = {"location", "uploads", "delete", "uploadId", "tagging"};

/* Parameters of operations that are not here. */
static const char *const absent[] = {
    "accelerate",   "acl",          "analytics",      "append",
    "attributes",   "cors",         "encryption",     "intelligent-tiering",
    "inventory",    "legal-hold",   "lifecycle",      "logging",
    "metrics",      "notification", "object-lock",    "ownershipControls",
    "partNumber",   "policy",       "policyStatus",   "publicAccessBlock",
    "renameObject", "replication",  "requestPayment", "restore",
    "retention",    "select",       "session",        "torrent",
    "versionId",    "versioning",   "versions",       "website",
};

/* Headers whose promise this endpoint could not keep. */
static const char *const refused_headers[] = {
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-context",
    "x-amz-server-side-encryption-bucket-key-enabled",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-website-redirect-location",
    "x-amz-object-lock-mode",
    "x-amz-object-lock-retain-until-date",
    "x-amz-object-lock-legal-hold",
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-read-acp",
    "x-amz-grant-write-acp",
    "x-amz-write-offset-bytes",
    "x-amz-copy-source-if-match",
    "x-amz-copy-source-if-none-match",
    "x-amz-copy-source-if-modified-since",
    "x-amz-copy-source-if-unmodified-since",
    "x-amz-copy-source-range",
    "x-amz-copy-source-server-side-encryption-customer-algorithm",
};

/* ---- taking the address apart ------------------------------------------------------------ */

/* The bucket of "BUCKET.s3.REGION.localhost", appended; false for other hosts. */
static bool bucket_of_host(const struct request *request, struct ir_buf *out)
{
    const char *host = request_header(request, "Host");
    const char *mark = host != NULL ? strstr(host, HOST_MARK) : NULL;
    if (mark == NULL || mark == host)
        return false;
    ir_buf_append(out, host, (size_t)(mark - host));
    return true;
}

/* The path's parts: bucket and key, raw. */
static void split_path(const struct request *request, struct ir_buf *bucket, const char **out_key)
{
    const char *path = request->path + (*request->path == '/');
    *out_key = path;
    if (bucket_of_host(request, bucket))
        return;
    size_t bytes = strcspn(path, "/");
    ir_uri_decode(bucket, path, bytes);
    *out_key = path + bytes + (path[bytes] == '/');
}

static int read_address(struct s3_call *call, struct ir_error *err)
{
    struct ir_buf bucket;
    struct ir_buf key;
    const char *raw_key;
    int rc = 0;
    ir_buf_init(&bucket, MAX_DECODED_BYTES);
    ir_buf_init(&key, MAX_DECODED_BYTES);
    split_path(call->request, &bucket, &raw_key);
    ir_uri_decode(&key, raw_key, strlen(raw_key));
    const char *name = ir_buf_text(&bucket);
    const char *text = ir_buf_text(&key);
    if (bucket.bytes >= sizeof call->bucket_name || strlen(name) != bucket.bytes)
        rc = refuse(err, &s3_invalid_bucket_name, "The specified bucket is not valid.");
    else if (key.bytes > S3_MAX_KEY_BYTES || key.failed != 0)
        rc = refuse(err, &s3_key_too_long, "Your key is too long.");
    else if (strlen(text) != key.bytes || !ir_utf8_is_valid(text, key.bytes))
        rc = refuse(err, &s3_invalid_uri, "Couldn't parse the specified URI.");
    if (rc == 0) {
        ir_text_copy(call->bucket_name, sizeof call->bucket_name, name);
        ir_text_copy(call->key, sizeof call->key, text);
        s3_key_to_path(call->key, call->path);
    }
    ir_buf_release(&bucket);
    ir_buf_release(&key);
    return rc;
}

bool s3_takes_file(const struct request *request)
{
    struct ir_buf bucket;
    const char *key;
    ir_buf_init(&bucket, MAX_DECODED_BYTES);
    split_path(request, &bucket, &key);
    ir_buf_release(&bucket);
    return request_is(request, "PUT") && *key != '\0' &&
           request_header(request, COPY_SOURCE) == NULL;
}

/* ---- choosing ---------------------------------------------------------------------------- */

static int check_promises(const struct s3_call *call, struct ir_error *err)
{
    const struct request *request = call->request;
    const char *owner = request_header(request, "x-amz-expected-bucket-owner");
    const char *acl = request_header(request, "x-amz-acl");
    const char *class = request_header(request, "x-amz-storage-class");
    static const char *const classes[] = {"STANDARD",       "REDUCED_REDUNDANCY",  "STANDARD_IA",
                                          "ONEZONE_IA",     "INTELLIGENT_TIERING", "GLACIER_IR",
                                          "EXPRESS_ONEZONE"};
    bool class_known = class == NULL;
    for (size_t i = 0; i < COUNT(refused_headers); i++)
        if (request_header(request, refused_headers[i]) != NULL)
            return refuse(
                err, &s3_not_implemented,
                "A header you provided implies functionality that is not implemented: the "
                "local S3 has nothing for %s.",
                refused_headers[i]);
    for (size_t i = 0; !class_known && i < COUNT(classes); i++)
        class_known = strcmp(class, classes[i]) == 0;
    if (!class_known)
        return refuse(err, &s3_storage_class,
                      "The storage class you specified is not valid. The local S3 takes the names "
                      "of those classes from which objects can be read at once.");
    if (owner != NULL && strcmp(owner, S3_OWNER) != 0)
        return refuse(err, &refuse_denied,
                      "Access Denied: the buckets here belong to the account " S3_OWNER ".");
    if (acl != NULL && strcmp(acl, "private") != 0 && strcmp(acl, "bucket-owner-full-control") != 0)
        return refuse(err, &s3_acl, "The bucket does not allow ACLs.");
    return 0;
}

static int check_parameters(const struct s3_call *call, enum target target, struct ir_error *err)
{
    const char *query = call->request->query;
    bool is_part = target == TARGET_KEY && query_has(query, "uploadId");
    for (size_t i = 0; i < COUNT(absent); i++)
        if (query_has(query, absent[i]) && !(is_part && strcmp(absent[i], "partNumber") == 0))
            return refuse(err, &s3_not_implemented,
                          "The local S3 has nothing for the parameter \"%s\".", absent[i]);
    return 0;
}

static const char *find_parameter(const struct s3_call *call)
{
    for (size_t i = 0; i < COUNT(parameters); i++)
        if (query_has(call->request->query, parameters[i]))
            return parameters[i];
    return NULL;
}

static int find_operation(const struct s3_call *call, enum target target, size_t *out_index,
                          struct ir_error *err)
{
    const char *parameter = find_parameter(call);
    for (size_t i = 0; i < COUNT(operations); i++) {
        const char *own = operations[i].parameter;
        bool same =
            own == NULL ? parameter == NULL : parameter != NULL && strcmp(own, parameter) == 0;
        if (same && operations[i].target == target &&
            strcmp(operations[i].method, call->request->method) == 0) {
            *out_index = i;
            return 0;
        }
    }
    if (parameter != NULL)
        return refuse(err, &s3_not_implemented, "The local S3 has no %s with the parameter \"%s\".",
                      call->request->method, parameter);
    return refuse(err, &s3_method_not_allowed,
                  "The specified method is not allowed against this resource.");
}

int s3_serve(struct request *request, struct answer *answer, struct ir_error *err)
{
    struct s3_call call = {.request = request, .answer = answer, .store = NULL};
    size_t index = 0;
    int rc = local_s3(request->local, &call.store, err);
    if (rc == 0)
        rc = read_address(&call, err);
    if (rc != 0)
        return rc;
    enum target target = *call.bucket_name == '\0' ? TARGET_ROOT
                         : *call.key == '\0'       ? TARGET_BUCKET
                                                   : TARGET_KEY;
    rc = check_parameters(&call, target, err);
    if (rc == 0)
        rc = find_operation(&call, target, &index, err);
    if (rc == 0)
        rc = check_promises(&call, err);
    if (rc != 0)
        return rc;
    s3_operation_fn run = operations[index].run;
    bool is_copy = request_header(request, COPY_SOURCE) != NULL;
    if (is_copy && run == s3_put_object)
        run = s3_copy_object;
    else if (is_copy && run == s3_upload_part)
        return refuse(err, &s3_not_implemented, "The local S3 does not copy into parts.");
    if (!operations[index].opens_bucket)
        return run(&call, err);
    rc = s3_bucket_open(call.store, call.bucket_name, &call.bucket, err);
    if (rc != 0)
        return rc;
    rc = run(&call, err);
    s3_bucket_release(&call.bucket);
    return rc;
}
