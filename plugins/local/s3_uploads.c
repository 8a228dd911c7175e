/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Multipart uploads. An upload is a folder; its file "upload=" holds what the object will have and
 * is the lock of those who end it. Parts are objects of their own, replaced as a whole; putting
 * them together is s3_complete.c's.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/alloc.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/uri.h"
#include "core/base/world.h"
#include "plugins/local/query.h"
#include "plugins/local/s3_upload.h"

#define MAX_UPLOADS 1000

void s3_upload_release(struct s3_upload *upload)
{
    s3_object_release(&upload->head);
    if (upload->folder_fd >= 0)
        close(upload->folder_fd);
}

static int refuse_upload(struct ir_error *err)
{
    return refuse(
        err, &s3_no_such_upload,
        "The specified upload does not exist. The upload ID may be invalid, or the upload "
        "may have been aborted or completed.");
}

static bool id_is_lawful(const char *id)
{
    return strlen(id) == S3_UPLOAD_ID_BYTES - 1 &&
           strspn(id, "0123456789abcdef-") == S3_UPLOAD_ID_BYTES - 1;
}

int s3_upload_open(struct s3_call *call, struct s3_upload *out, struct ir_error *err)
{
    *out = (struct s3_upload){.folder_fd = -1, .head = {.fd = -1}};
    s3_meta_init(&out->head.meta);
    if (!query_text(call->request->query, "uploadId", out->id, sizeof out->id) ||
        !id_is_lawful(out->id))
        return refuse_upload(err);
    out->folder_fd =
        openat(call->bucket.uploads_fd, out->id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (out->folder_fd < 0)
        return refuse_upload(err);
    int rc = s3_object_open(out->folder_fd, S3_UPLOAD_NAME, &out->head, err);
    if (rc != 0 || strcmp(out->head.meta.key, call->key) != 0) {
        s3_upload_release(out);
        return refuse_upload(err);
    }
    return 0;
}

int s3_upload_lock(struct s3_upload *upload, struct ir_error *err)
{
    int rc;
    do
        rc = flock(upload->head.fd, LOCK_EX);
    while (rc != 0 && errno == EINTR);
    if (rc != 0)
        return s3_refuse_errno(err, "an upload's lock");
    return faccessat(upload->folder_fd, S3_UPLOAD_NAME, F_OK, 0) == 0 ? 0 : refuse_upload(err);
}

void s3_part_path(long number, char out[S3_PART_PATH_BYTES])
{
    snprintf(out, S3_PART_PATH_BYTES, "%05ld=", number);
}

/* ---- CreateMultipartUpload --------------------------------------------------------------- */

static int choose_checksum(const struct s3_call *call, struct s3_meta *meta, struct ir_error *err)
{
    const char *named = request_header(call->request, "x-amz-checksum-algorithm");
    const char *type = request_header(call->request, "x-amz-checksum-type");
    if (named == NULL)
        return 0;
    meta->sum_kind = checksum_kind_named(named);
    if (meta->sum_kind == CHECKSUM_NONE)
        return refuse(
            err, &refuse_request,
            "Checksum algorithm provided is unsupported. Please try again with any of the "
            "valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
    meta->sum_is_composite =
        type != NULL ? strcmp(type, "COMPOSITE") == 0 : meta->sum_kind != CHECKSUM_CRC64NVME;
    if (meta->sum_is_composite ? meta->sum_kind == CHECKSUM_CRC64NVME
                               : !checksum_is_crc(meta->sum_kind))
        return refuse(err, &refuse_request, "The checksum type cannot be used with %s.", named);
    return 0;
}

/* The upload's folder, made aside and moved into its place. */
static int make_upload(struct s3_call *call, const struct s3_meta *meta, const char *id,
                       struct ir_error *err)
{
    char made[S3_UPLOAD_ID_BYTES + 8];
    struct s3_temporary *head = NULL;
    int root_fd = s3_store_fd(call->store);
    snprintf(made, sizeof made, ".tmp/%s", id);
    if (mkdirat(root_fd, made, 0700) != 0)
        return s3_refuse_errno(err, "making an upload");
    int folder_fd = openat(root_fd, made, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int rc = folder_fd >= 0 ? s3_temporary_new(call->store, &head, err)
                            : s3_refuse_errno(err, "making an upload");
    if (rc == 0)
        rc = s3_temporary_finish(head, meta, err);
    if (rc == 0 && (s3_temporary_commit(head, folder_fd, S3_UPLOAD_NAME) != 0 ||
                    renameat(root_fd, made, call->bucket.uploads_fd, id) != 0 ||
                    fsync(call->bucket.uploads_fd) != 0))
        rc = s3_refuse_errno(err, "making an upload");
    if (rc != 0 && folder_fd >= 0) {
        unlinkat(folder_fd, S3_UPLOAD_NAME, 0);
        unlinkat(root_fd, made, AT_REMOVEDIR);
    }
    s3_temporary_free(head);
    if (folder_fd >= 0)
        close(folder_fd);
    return rc;
}

int s3_create_upload(struct s3_call *call, struct ir_error *err)
{
    struct ir_buf *out = &call->answer->body;
    char id[IR_UUID_BYTES];
    struct s3_meta meta;
    s3_meta_init(&meta);
    ir_world_uuid(ir_world_system(), id);
    int rc = s3_meta_from_headers(call, &meta, err);
    if (rc == 0)
        rc = choose_checksum(call, &meta, err);
    if (rc == 0)
        rc = make_upload(call, &meta, id, err);
    if (rc == 0) {
        xml_declare(out);
        ir_buf_append_text(out, "<InitiateMultipartUploadResult " S3_XMLNS ">");
        xml_text(out, "Bucket", call->bucket_name);
        xml_text(out, "Key", call->key);
        xml_text(out, "UploadId", id);
        xml_close(out, "InitiateMultipartUploadResult");
        if (meta.sum_kind != CHECKSUM_NONE) {
            answer_header(call->answer, "x-amz-checksum-algorithm", checksum_name(meta.sum_kind));
            answer_header(call->answer, "x-amz-checksum-type",
                          meta.sum_is_composite ? "COMPOSITE" : "FULL_OBJECT");
        }
    }
    s3_meta_release(&meta);
    return rc;
}

/* ---- UploadPart -------------------------------------------------------------------------- */

int s3_upload_part(struct s3_call *call, struct ir_error *err)
{
    const struct intake *body = &call->request->body;
    struct s3_meta meta;
    struct s3_upload upload;
    char path[S3_PART_PATH_BYTES];
    long number = 0;
    int rc = s3_query_number(call, "partNumber", 1, S3_MAX_PARTS, &number, err);
    if (rc == 0 && number == 0)
        rc = refuse(err, &s3_invalid_argument, "A part needs a partNumber.");
    if (rc == 0)
        rc = s3_upload_open(call, &upload, err);
    if (rc != 0)
        return rc;
    s3_meta_init(&meta);
    meta.key = ir_strdup(call->key);
    meta.bytes = body->bytes;
    meta.modified_ms = s3_now_ms();
    meta.sum_kind = body->sum.kind;
    ir_hex(body->md5_raw, S3_MD5_BYTES, meta.etag);
    ir_text_copy(meta.sum, sizeof meta.sum, body->sum_text);
    s3_part_path(number, path);
    if (meta.key == NULL)
        rc = refuse_nomem(err);
    else if (meta.sum_kind != CHECKSUM_NONE && upload.head.meta.sum_kind != CHECKSUM_NONE &&
             meta.sum_kind != upload.head.meta.sum_kind)
        rc = refuse(err, &refuse_request, "Checksum Type mismatch occurred: %s was expected.",
                    checksum_name(upload.head.meta.sum_kind));
    else
        rc = s3_temporary_finish(call->request->upload, &meta, err);
    if (rc == 0 && s3_temporary_commit(call->request->upload, upload.folder_fd, path) != 0)
        rc = errno == ENOENT ? refuse_upload(err) : s3_refuse_errno(err, "naming a part");
    if (rc == 0) {
        s3_answer_etag(call->answer, meta.etag);
        if (meta.sum_kind != CHECKSUM_NONE)
            answer_header(call->answer, checksum_header(meta.sum_kind), meta.sum);
    }
    s3_meta_release(&meta);
    s3_upload_release(&upload);
    return rc;
}

/* ---- ListParts --------------------------------------------------------------------------- */

static void write_part(struct ir_buf *out, const struct s3_meta *meta, long number)
{
    char text[S3_TIME_BYTES + S3_QUOTED_BYTES];
    xml_open(out, "Part");
    xml_number(out, "PartNumber", (uint64_t)number);
    s3_iso_time(meta->modified_ms, text);
    xml_text(out, "LastModified", text);
    snprintf(text, sizeof text, "\"%s\"", meta->etag);
    xml_text(out, "ETag", text);
    xml_number(out, "Size", meta->bytes);
    if (meta->sum_kind != CHECKSUM_NONE)
        xml_text(out, checksum_element(meta->sum_kind), meta->sum);
    xml_close(out, "Part");
}

/* Writes the page's parts; returns the number of the last, 0 for none. */
static long write_parts(const struct s3_upload *upload, long after, long max_parts,
                        struct ir_buf *out, bool *out_truncated)
{
    long last = 0;
    long written = 0;
    for (long number = after + 1; number <= S3_MAX_PARTS; number++) {
        char path[S3_PART_PATH_BYTES];
        struct s3_object part;
        struct ir_error ignored; /* numbers may be left out */
        s3_part_path(number, path);
        if (s3_object_open(upload->folder_fd, path, &part, &ignored) != 0)
            continue;
        *out_truncated = written == max_parts;
        if (!*out_truncated) {
            write_part(out, &part.meta, number);
            last = number;
            written++;
        }
        s3_object_release(&part);
        if (*out_truncated)
            break;
    }
    return last;
}

int s3_list_parts(struct s3_call *call, struct ir_error *err)
{
    struct ir_buf *out = &call->answer->body;
    struct s3_upload upload;
    struct ir_buf parts;
    bool truncated = false;
    long after = 0;
    long max_parts = S3_MAX_LIST;
    int rc = s3_query_number(call, "part-number-marker", 0, S3_MAX_PARTS, &after, err);
    if (rc == 0)
        rc = s3_query_number(call, "max-parts", 0, INT32_MAX, &max_parts, err);
    if (rc == 0)
        rc = s3_upload_open(call, &upload, err);
    if (rc != 0)
        return rc;
    ir_buf_init(&parts, ANSWER_MAX_BYTES);
    max_parts = max_parts > S3_MAX_LIST ? S3_MAX_LIST : max_parts;
    long last = write_parts(&upload, after, max_parts, &parts, &truncated);
    xml_declare(out);
    ir_buf_append_text(out, "<ListPartsResult " S3_XMLNS ">");
    xml_text(out, "Bucket", call->bucket_name);
    xml_text(out, "Key", call->key);
    xml_text(out, "UploadId", upload.id);
    xml_number(out, "PartNumberMarker", (uint64_t)after);
    xml_number(out, "NextPartNumberMarker", (uint64_t)last);
    xml_number(out, "MaxParts", (uint64_t)max_parts);
    xml_text(out, "IsTruncated", truncated ? "true" : "false");
    if (upload.head.meta.sum_kind != CHECKSUM_NONE)
        xml_text(out, "ChecksumAlgorithm", checksum_name(upload.head.meta.sum_kind));
    ir_buf_append(out, ir_buf_text(&parts), parts.bytes);
    xml_text(out, "StorageClass",
             s3_meta_header(&upload.head.meta, "x-amz-storage-class", "STANDARD"));
    xml_close(out, "ListPartsResult");
    rc = parts.failed != 0 ? refuse_nomem(err) : 0;
    ir_buf_release(&parts);
    s3_upload_release(&upload);
    return rc;
}

/* ---- AbortMultipartUpload ---------------------------------------------------------------- */

int s3_abort_upload(struct s3_call *call, struct ir_error *err)
{
    struct s3_upload upload;
    int rc = s3_upload_open(call, &upload, err);
    if (rc != 0)
        return rc;
    rc = s3_upload_lock(&upload, err);
    if (rc == 0 && s3_store_remove_tree(call->store, call->bucket.uploads_fd, upload.id) != 0)
        rc = s3_refuse_errno(err, "removing an upload");
    call->answer->status = 204;
    s3_upload_release(&upload);
    return rc;
}

/* ---- ListMultipartUploads ---------------------------------------------------------------- */

static void write_upload(struct s3_call *call, const char *id, const char *prefix)
{
    struct ir_buf *out = &call->answer->body;
    char date[S3_TIME_BYTES];
    char path[S3_UPLOAD_ID_BYTES + 16];
    struct s3_object head;
    struct ir_error ignored; /* an upload that ended meanwhile is not listed */
    snprintf(path, sizeof path, "%s/" S3_UPLOAD_NAME, id);
    if (s3_object_open(call->bucket.uploads_fd, path, &head, &ignored) != 0)
        return;
    if (strncmp(head.meta.key, prefix, strlen(prefix)) == 0) {
        s3_iso_time(head.meta.modified_ms, date);
        xml_open(out, "Upload");
        xml_text(out, "Key", head.meta.key);
        xml_text(out, "UploadId", id);
        xml_text(out, "StorageClass",
                 s3_meta_header(&head.meta, "x-amz-storage-class", "STANDARD"));
        xml_text(out, "Initiated", date);
        xml_close(out, "Upload");
    }
    s3_object_release(&head);
}

/* One page of all uploads, in no order; where there are more than fit, it is refused. */
int s3_list_uploads(struct s3_call *call, struct ir_error *err)
{
    struct ir_buf *out = &call->answer->body;
    char prefix[S3_KEY_BYTES] = "";
    long count = 0;
    if (query_has(call->request->query, "delimiter") ||
        query_has(call->request->query, "key-marker"))
        return refuse(err, &s3_not_implemented,
                      "The local S3 lists all uploads in one page, without a delimiter.");
    if (query_has(call->request->query, "prefix") &&
        !query_text(call->request->query, "prefix", prefix, sizeof prefix))
        return refuse(err, &s3_invalid_argument, "The prefix cannot be that of a key.");
    int fd = openat(call->bucket.uploads_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    if (folder == NULL) {
        if (fd >= 0)
            close(fd);
        return s3_refuse_errno(err, "listing the uploads");
    }
    xml_declare(out);
    ir_buf_append_text(out, "<ListMultipartUploadsResult " S3_XMLNS ">");
    xml_text(out, "Bucket", call->bucket_name);
    xml_number(out, "MaxUploads", MAX_UPLOADS);
    xml_text(out, "IsTruncated", "false");
    struct dirent *entry;
    while ((entry = readdir(folder)) != NULL && count <= MAX_UPLOADS)
        if (id_is_lawful(entry->d_name)) {
            write_upload(call, entry->d_name, prefix);
            count++;
        }
    closedir(folder);
    xml_close(out, "ListMultipartUploadsResult");
    return count <= MAX_UPLOADS
               ? 0
               : refuse(err, &s3_not_implemented,
                        "There are more than %d uploads; abort some of them.", MAX_UPLOADS);
}
