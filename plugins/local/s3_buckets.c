/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ListBuckets, CreateBucket, HeadBucket, DeleteBucket, GetBucketLocation, DeleteObjects. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/alloc.h"
#include "core/base/error.h"
#include "core/base/utf8.h"
#include "core/base/xml.h"
#include "plugins/local/s3_call.h"

#define MAX_BUCKETS 10000
#define MAX_DELETES 1000
#define DEFAULT_REGION "us-east-1"

/* ---- ListBuckets ------------------------------------------------------------------------- */

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of the folders that are buckets, sorted; their number, or -1. */
static long read_names(int root_fd, char **names)
{
    int fd = openat(root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    long count = 0;
    struct dirent *entry;
    if (folder == NULL) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    while ((entry = readdir(folder)) != NULL && count < MAX_BUCKETS) {
        if (!s3_bucket_name_is_lawful(entry->d_name))
            continue;
        names[count] = ir_strdup(entry->d_name);
        if (names[count] == NULL)
            break;
        count++;
    }
    closedir(folder);
    qsort(names, (size_t)count, sizeof *names, compare_names);
    return count;
}

static void write_owner(struct ir_buf *out)
{
    xml_open(out, "Owner");
    xml_text(out, "ID", S3_OWNER);
    xml_text(out, "DisplayName", "imgrecog-local");
    xml_close(out, "Owner");
}

int s3_list_buckets(struct s3_call *call, struct ir_error *err)
{
    struct ir_buf *out = &call->answer->body;
    int root_fd = s3_store_fd(call->store);
    char **names = ir_calloc(MAX_BUCKETS, sizeof *names);
    if (names == NULL)
        return refuse_nomem(err);
    long count = read_names(root_fd, names);
    int rc = count < 0 ? s3_refuse_errno(err, "listing the buckets") : 0;
    xml_declare(out);
    ir_buf_append_text(out, "<ListAllMyBucketsResult " S3_XMLNS ">");
    write_owner(out);
    xml_open(out, "Buckets");
    for (long i = 0; i < count; i++) {
        struct stat status;
        char date[S3_TIME_BYTES];
        if (fstatat(root_fd, names[i], &status, AT_SYMLINK_NOFOLLOW) == 0) {
            s3_iso_time((int64_t)status.st_mtime * 1000, date);
            xml_open(out, "Bucket");
            xml_text(out, "Name", names[i]);
            xml_text(out, "CreationDate", date);
            xml_close(out, "Bucket");
        }
        ir_free(names[i]);
    }
    xml_close(out, "Buckets");
    xml_close(out, "ListAllMyBucketsResult");
    ir_free(names);
    return rc;
}

/* ---- one bucket -------------------------------------------------------------------------- */

int s3_create_bucket(struct s3_call *call, struct ir_error *err)
{
    char location[S3_BUCKET_BYTES + 1] = "/";
    int rc = s3_bucket_create(call->store, call->bucket_name, err);
    /* us-east-1 answers 200 when the bucket is yours already; other regions do not. */
    if (rc != 0 && strcmp(err->aws_code, s3_bucket_owned.aws_code) == 0 &&
        strcmp(call->request->grant.region, DEFAULT_REGION) == 0)
        rc = 0;
    if (rc != 0)
        return rc;
    ir_text_copy(location + 1, sizeof location - 1, call->bucket_name);
    answer_header(call->answer, "Location", location);
    return 0;
}

int s3_head_bucket(struct s3_call *call, struct ir_error *err)
{
    (void)err;
    answer_header(call->answer, "x-amz-bucket-region", call->request->grant.region);
    return 0;
}

int s3_delete_bucket(struct s3_call *call, struct ir_error *err)
{
    int rc = s3_bucket_lock(&call->bucket, err);
    if (rc == 0)
        rc = s3_bucket_delete(&call->bucket, err);
    call->answer->status = 204;
    return rc;
}

/* The folder has no region: it is wherever it is asked for. */
int s3_get_location(struct s3_call *call, struct ir_error *err)
{
    struct ir_buf *out = &call->answer->body;
    (void)err;
    xml_declare(out);
    ir_buf_append_text(out, "<LocationConstraint " S3_XMLNS ">");
    if (strcmp(call->request->grant.region, DEFAULT_REGION) != 0)
        ir_buf_append_text(out, call->request->grant.region);
    xml_close(out, "LocationConstraint");
    return 0;
}

/* ---- DeleteObjects ----------------------------------------------------------------------- */

static void delete_one(struct s3_call *call, const char *key, bool quiet)
{
    struct ir_buf *out = &call->answer->body;
    char path[S3_PATH_BYTES];
    struct ir_error err;
    ir_error_clear(&err);
    int rc = 0;
    if (*key == '\0' || strlen(key) > S3_MAX_KEY_BYTES) {
        rc = refuse(&err, &s3_key_too_long, "The key is empty or too long.");
    } else {
        s3_key_to_path(key, path);
        rc = s3_remove(call, path, &err);
    }
    if (rc == 0 && quiet)
        return;
    xml_open(out, rc == 0 ? "Deleted" : "Error");
    xml_text(out, "Key", key);
    if (rc != 0) {
        xml_text(out, "Code", err.aws_code);
        xml_text(out, "Message", err.message);
    }
    xml_close(out, rc == 0 ? "Deleted" : "Error");
}

static int check_delete(const struct ir_xml_element *root, struct ir_error *err)
{
    size_t count = 0;
    const struct ir_xml_element *item = root->first_child;
    if (strcmp(root->name, "Delete") != 0)
        item = NULL;
    for (; item != NULL; item = item->next_sibling) {
        if (strcmp(item->name, "Object") != 0)
            continue;
        count++;
        if (ir_xml_child(item, "Key") == NULL)
            count = MAX_DELETES + 1;
        if (ir_xml_child(item, "VersionId") != NULL || ir_xml_child(item, "ETag") != NULL)
            return refuse(err, &s3_not_implemented,
                          "The local S3 deletes without versions and conditions.");
    }
    if (count == 0 || count > MAX_DELETES)
        return refuse(err, &s3_malformed_xml,
                      "The XML you provided was not well-formed or did not validate against our "
                      "published schema: 1 to %d Objects with a Key are taken.",
                      MAX_DELETES);
    return 0;
}

int s3_delete_objects(struct s3_call *call, struct ir_error *err)
{
    const struct intake *body = &call->request->body;
    struct ir_buf *out = &call->answer->body;
    struct ir_xml_doc *doc = NULL;
    struct ir_error cause;
    if (body->claimed_md5 == NULL && body->sum.kind == CHECKSUM_NONE)
        return refuse(err, &refuse_request,
                      "Missing required header for this request: Content-MD5 or a checksum.");
    int rc = ir_xml_parse(request_text(call->request), body->memory.bytes, S3_MAX_DOCUMENT_BYTES,
                          "the request", &doc, &cause);
    if (rc == IR_ERR_NOMEM)
        return refuse_nomem(err);
    if (rc != 0)
        return refuse(err, &s3_malformed_xml, "%s", cause.message);
    const struct ir_xml_element *root = ir_xml_root(doc);
    rc = check_delete(root, err);
    if (rc == 0) {
        bool quiet = strcmp(ir_xml_child_text(root, "Quiet", "false"), "true") == 0;
        xml_declare(out);
        ir_buf_append_text(out, "<DeleteResult " S3_XMLNS ">");
        for (const struct ir_xml_element *item = root->first_child; item != NULL;
             item = item->next_sibling)
            if (strcmp(item->name, "Object") == 0)
                delete_one(call, ir_xml_child_text(item, "Key", ""), quiet);
        xml_close(out, "DeleteResult");
    }
    ir_xml_free(doc);
    return rc;
}
