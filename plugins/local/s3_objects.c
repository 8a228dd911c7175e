/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PutObject, GetObject, HeadObject, DeleteObject, CopyObject, GetObjectTagging. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/alloc.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/uri.h"
#include "plugins/local/query.h"
#include "plugins/local/s3_call.h"

#define META_PREFIX "x-amz-meta-"
#define META_PREFIX_BYTES (sizeof META_PREFIX - 1)
#define DEFAULT_TYPE "binary/octet-stream"
#define MD5_BYTES 16
#define MAX_TAGS 10
#define MAX_TAG_KEY_BYTES (128 * 4)
#define MAX_TAG_VALUE_BYTES (256 * 4)
#define MAX_SOURCE_BYTES (8U * 1024)

/* Headers that come back with the object as they were sent. */
static const char *const kept_headers[] = {"cache-control", "content-disposition",
                                           "content-language", "expires"};

/* ---- what an object will have ------------------------------------------------------------ */

/* Content-Encoding without "aws-chunked", which is of the request. */
static void keep_encoding(const struct s3_call *call, struct s3_meta *meta)
{
    const char *value = request_header(call->request, "Content-Encoding");
    static const char chunked[] = "aws-chunked";
    if (value == NULL)
        return;
    if (strncasecmp(value, chunked, sizeof chunked - 1) == 0) {
        value += sizeof chunked - 1;
        value += strspn(value, ", ");
    }
    if (*value != '\0')
        s3_meta_add_header(meta, "content-encoding", value);
}

static int keep_metadata(const struct s3_call *call, struct s3_meta *meta, struct ir_error *err)
{
    size_t bytes = 0;
    for (size_t i = 0; i < call->request->header_count; i++) {
        const struct ir_header *header = &call->request->headers[i];
        char name[256];
        if (strncasecmp(header->name, META_PREFIX, META_PREFIX_BYTES) != 0)
            continue;
        bytes += strlen(header->name) - META_PREFIX_BYTES + strlen(header->value);
        if (bytes > S3_MAX_METADATA_BYTES || strlen(header->name) >= sizeof name)
            return refuse(err, &s3_metadata_too_large,
                          "Your metadata headers exceed the maximum allowed metadata size.");
        for (size_t c = 0; c <= strlen(header->name); c++)
            name[c] = (char)(header->name[c] >= 'A' && header->name[c] <= 'Z'
                                 ? header->name[c] + 'a' - 'A'
                                 : header->name[c]);
        s3_meta_add_header(meta, name, header->value);
    }
    return 0;
}

/* One "key=value" of x-amz-tagging, `bytes` long. */
static bool tag_is_lawful(const char *tag, size_t bytes)
{
    size_t key_bytes = strcspn(tag, "=&");
    if (key_bytes == 0 || key_bytes > bytes)
        return false;
    return key_bytes <= 3 * MAX_TAG_KEY_BYTES && bytes - key_bytes <= 3 * MAX_TAG_VALUE_BYTES;
}

static int keep_tags(const struct s3_call *call, struct s3_meta *meta, struct ir_error *err)
{
    const char *tags = request_header(call->request, "x-amz-tagging");
    size_t count = 0;
    if (tags == NULL || *tags == '\0')
        return 0;
    for (const char *tag = tags; *tag != '\0'; count++) {
        size_t bytes = strcspn(tag, "&");
        if (!tag_is_lawful(tag, bytes))
            return refuse(
                err, &s3_invalid_argument,
                "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL "
                "query parameters without tag name duplicates.");
        tag += bytes + (tag[bytes] == '&');
    }
    if (count > MAX_TAGS)
        return refuse(err, &s3_invalid_tag, "Object tags cannot be greater than %d.", MAX_TAGS);
    meta->tags = ir_strdup(tags);
    return meta->tags != NULL ? 0 : refuse_nomem(err);
}

static int keep_key(const struct s3_call *call, struct s3_meta *out, struct ir_error *err)
{
    ir_free(out->key);
    out->key = ir_strdup(call->key);
    return out->key != NULL ? 0 : refuse_nomem(err);
}

static int keep_headers(const struct s3_call *call, struct s3_meta *out, struct ir_error *err)
{
    const char *type = request_header(call->request, "Content-Type");
    s3_meta_add_header(out, "content-type", type != NULL && *type != '\0' ? type : DEFAULT_TYPE);
    for (size_t i = 0; i < sizeof kept_headers / sizeof kept_headers[0]; i++) {
        const char *value = request_header(call->request, kept_headers[i]);
        if (value != NULL)
            s3_meta_add_header(out, kept_headers[i], value);
    }
    keep_encoding(call, out);
    return keep_metadata(call, out, err);
}

static void keep_class(const struct s3_call *call, struct s3_meta *out)
{
    const char *class = request_header(call->request, "x-amz-storage-class");
    if (class != NULL && strcmp(class, "STANDARD") != 0)
        s3_meta_add_header(out, "x-amz-storage-class", class);
}

int s3_meta_from_headers(const struct s3_call *call, struct s3_meta *out, struct ir_error *err)
{
    int rc = keep_key(call, out, err);
    if (rc == 0)
        rc = keep_headers(call, out, err);
    keep_class(call, out);
    if (rc == 0)
        rc = keep_tags(call, out, err);
    out->modified_ms = s3_now_ms();
    return rc;
}

/* ---- PutObject --------------------------------------------------------------------------- */

int s3_put_object(struct s3_call *call, struct ir_error *err)
{
    const struct intake *body = &call->request->body;
    struct s3_meta meta;
    s3_meta_init(&meta);
    int rc = s3_meta_from_headers(call, &meta, err);
    ir_hex(body->md5_raw, MD5_BYTES, meta.etag);
    meta.bytes = body->bytes;
    meta.sum_kind = body->sum.kind;
    ir_text_copy(meta.sum, sizeof meta.sum, body->sum_text);
    if (rc == 0)
        rc = s3_publish(call, call->request->upload, &meta, err);
    if (rc == 0) {
        s3_answer_etag(call->answer, meta.etag);
        s3_answer_sums(call->answer, &meta);
    }
    s3_meta_release(&meta);
    return rc;
}

/* ---- GetObject --------------------------------------------------------------------------- */

struct range {
    bool is_part;
    uint64_t first;
    uint64_t bytes;
};

static bool read_digits(const char **text, uint64_t *out)
{
    char *end;
    if (**text < '0' || **text > '9')
        return false;
    errno = 0;
    *out = strtoull(*text, &end, 10);
    *text = end;
    return errno == 0;
}

/* "bytes=a-b", "bytes=a-", "bytes=-n". Anything else is passed over, as HTTP allows. False: no byte
 * of the object is in it. */
static bool read_range(const char *text, uint64_t total, struct range *out)
{
    uint64_t first = 0;
    uint64_t last = 0;
    *out = (struct range){.bytes = total};
    if (text == NULL || strncmp(text, "bytes=", 6) != 0)
        return true;
    text += 6;
    bool has_first = read_digits(&text, &first);
    if (*text++ != '-')
        return true;
    bool has_last = read_digits(&text, &last);
    if (*text != '\0' || (!has_first && !has_last) || (has_first && has_last && last < first))
        return true;
    if (!has_first) {
        first = last < total ? total - last : 0;
        if (last == 0)
            return false;
    }
    if (first >= total)
        return false;
    if (!has_first || !has_last || last >= total)
        last = total - 1;
    *out = (struct range){true, first, last - first + 1};
    return true;
}

/* What is stored, but for what the query replaces. */
static void answer_stored_headers(struct s3_call *call, const struct s3_meta *meta)
{
    const char *headers = ir_buf_text(&meta->headers);
    for (size_t at = 0; at < meta->headers.bytes;) {
        const char *name = headers + at;
        const char *value = name + strlen(name) + 1;
        char parameter[300];
        snprintf(parameter, sizeof parameter, "response-%s", name);
        if (!query_has(call->request->query, parameter))
            answer_header(call->answer, name, value);
        at += strlen(name) + strlen(value) + 2;
    }
}

/* response-content-type and its like, as presigned URLs have them. */
static void answer_overrides(struct s3_call *call)
{
    static const char *const names[] = {"content-type",  "content-language", "expires",
                                        "cache-control", "content-encoding", "content-disposition"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char parameter[64];
        char value[1024];
        snprintf(parameter, sizeof parameter, "response-%s", names[i]);
        if (query_text(call->request->query, parameter, value, sizeof value))
            answer_header(call->answer, names[i], value);
    }
}

static size_t count_tags(const char *tags)
{
    size_t count = 1;
    for (const char *c = tags; *c != '\0'; c++)
        count += *c == '&' && c[1] != '\0';
    return count;
}

static void answer_object_headers(struct s3_call *call, const struct s3_meta *meta,
                                  const struct range *range)
{
    char text[128];
    const char *mode = request_header(call->request, "x-amz-checksum-mode");
    s3_http_time(meta->modified_ms, text);
    answer_header(call->answer, "Last-Modified", text);
    s3_answer_etag(call->answer, meta->etag);
    answer_header(call->answer, "Accept-Ranges", "bytes");
    answer_stored_headers(call, meta);
    answer_overrides(call);
    if (meta->tags != NULL) {
        snprintf(text, sizeof text, "%zu", count_tags(meta->tags));
        answer_header(call->answer, "x-amz-tagging-count", text);
    }
    if (mode != NULL && strcasecmp(mode, "ENABLED") == 0 && !range->is_part)
        s3_answer_sums(call->answer, meta);
    if (range->is_part) {
        snprintf(text, sizeof text, "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, range->first,
                 range->first + range->bytes - 1, meta->bytes);
        answer_header(call->answer, "Content-Range", text);
        call->answer->status = 206;
    }
}

int s3_get_object(struct s3_call *call, struct ir_error *err)
{
    struct s3_object object;
    struct range range;
    bool not_modified = false;
    int rc = s3_object_open(call->bucket.objects_fd, call->path, &object, err);
    if (rc != 0)
        return rc;
    rc = s3_check_read(call, &object.meta, &not_modified, err);
    if (rc == 0 && not_modified) {
        call->answer->status = 304;
        s3_answer_etag(call->answer, object.meta.etag);
    } else if (rc == 0 &&
               !read_range(request_header(call->request, "Range"), object.meta.bytes, &range)) {
        rc = refuse(err, &s3_invalid_range, "The requested range is not satisfiable.");
    } else if (rc == 0) {
        answer_object_headers(call, &object.meta, &range);
        call->answer->file_fd = object.fd;
        call->answer->file_offset = range.first;
        call->answer->file_bytes = range.bytes;
        object.fd = -1;
    }
    s3_object_release(&object);
    return rc;
}

/* ---- DeleteObject ------------------------------------------------------------------------ */

int s3_delete_object(struct s3_call *call, struct ir_error *err)
{
    if (request_header(call->request, "If-Match") != NULL)
        return refuse(err, &s3_not_implemented, "The local S3 has no conditional delete.");
    call->answer->status = 204;
    return s3_remove(call, call->path, err);
}

/* ---- CopyObject -------------------------------------------------------------------------- */

/* "/bucket/key", encoded; the leading slash may be missing. */
static int open_source(struct s3_call *call, struct s3_object *out, struct ir_error *err)
{
    const char *header = request_header(call->request, "x-amz-copy-source");
    char path[S3_PATH_BYTES];
    struct s3_bucket bucket;
    struct ir_buf name;
    struct ir_buf key;
    header += *header == '/';
    size_t name_bytes = strcspn(header, "/");
    if (header[name_bytes] != '/' || strstr(header, "?versionId=") != NULL)
        return refuse(err, &s3_invalid_argument,
                      "Invalid copy source object: BUCKET/KEY without a version is taken.");
    ir_buf_init(&name, MAX_SOURCE_BYTES);
    ir_buf_init(&key, S3_MAX_KEY_BYTES);
    ir_uri_decode(&name, header, name_bytes);
    ir_uri_decode(&key, header + name_bytes + 1, strlen(header + name_bytes + 1));
    int rc = 0;
    if (key.bytes == 0 || key.failed != 0 || strlen(ir_buf_text(&key)) != key.bytes)
        rc = refuse(err, &s3_invalid_argument, "Invalid copy source object key.");
    else
        rc = s3_bucket_open(call->store, ir_buf_text(&name), &bucket, err);
    if (rc == 0) {
        s3_key_to_path(ir_buf_text(&key), path);
        rc = s3_object_open(bucket.objects_fd, path, out, err);
        s3_bucket_release(&bucket);
    }
    ir_buf_release(&name);
    ir_buf_release(&key);
    return rc;
}

static bool replaces(const struct s3_call *call, const char *directive)
{
    const char *value = request_header(call->request, directive);
    return value != NULL && strcmp(value, "REPLACE") == 0;
}

/* The new object's description: the source's, or the request's where it asks for it. */
static int describe_copy(struct s3_call *call, const struct s3_meta *source, struct s3_meta *out,
                         struct ir_error *err)
{
    int rc = keep_key(call, out, err);
    if (rc == 0 && replaces(call, "x-amz-metadata-directive")) {
        rc = keep_headers(call, out, err);
    } else {
        const char *headers = ir_buf_text(&source->headers);
        for (size_t at = 0; at < source->headers.bytes;) {
            const char *value = headers + at + strlen(headers + at) + 1;
            if (strcmp(headers + at, "x-amz-storage-class") != 0)
                s3_meta_add_header(out, headers + at, value);
            at = (size_t)(value - headers) + strlen(value) + 1;
        }
    }
    keep_class(call, out);
    if (rc == 0 && replaces(call, "x-amz-tagging-directive"))
        rc = keep_tags(call, out, err);
    else if (rc == 0 && source->tags != NULL && (out->tags = ir_strdup(source->tags)) == NULL)
        rc = refuse_nomem(err);
    out->modified_ms = s3_now_ms();
    out->bytes = source->bytes;
    return rc;
}

/* Copies the bytes with their sums; the algorithm is the one asked for, or the source's. */
static int copy_content(struct s3_call *call, const struct s3_object *source,
                        struct s3_temporary *temporary, struct s3_meta *out, struct ir_error *err)
{
    const char *named = request_header(call->request, "x-amz-checksum-algorithm");
    unsigned char raw[CHECKSUM_MAX_BYTES];
    struct checksum md5;
    struct checksum sum;
    int rc = 0;
    checksum_init(&md5, CHECKSUM_MD5);
    checksum_init(&sum, named != NULL ? checksum_kind_named(named) : source->meta.sum_kind);
    if (s3_copy_bytes(source->fd, source->meta.bytes, s3_temporary_fd(temporary), &md5, &sum) != 0)
        rc = s3_refuse_errno(err, "copying an object");
    else if (checksum_final(&md5, raw) != MD5_BYTES)
        rc = refuse_nomem(err);
    else
        ir_hex(raw, MD5_BYTES, out->etag);
    size_t sum_bytes = checksum_final(&sum, raw);
    if (rc == 0 && sum_bytes > 0) {
        out->sum_kind = sum.kind;
        checksum_text(raw, sum_bytes, out->sum);
    }
    checksum_release(&md5);
    checksum_release(&sum);
    return rc;
}

static void write_copy_result(struct s3_call *call, const struct s3_meta *meta)
{
    struct ir_buf *out = &call->answer->body;
    char text[S3_TIME_BYTES + S3_ETAG_BYTES];
    xml_declare(out);
    ir_buf_append_text(out, "<CopyObjectResult " S3_XMLNS ">");
    s3_iso_time(meta->modified_ms, text);
    xml_text(out, "LastModified", text);
    snprintf(text, sizeof text, "\"%s\"", meta->etag);
    xml_text(out, "ETag", text);
    if (meta->sum_kind != CHECKSUM_NONE)
        xml_text(out, checksum_element(meta->sum_kind), meta->sum);
    xml_close(out, "CopyObjectResult");
}

int s3_copy_object(struct s3_call *call, struct ir_error *err)
{
    struct s3_temporary *temporary = NULL;
    struct s3_object source = {.fd = -1};
    struct s3_meta meta;
    s3_meta_init(&meta);
    s3_meta_init(&source.meta);
    int rc = open_source(call, &source, err);
    if (rc == 0)
        rc = describe_copy(call, &source.meta, &meta, err);
    if (rc == 0)
        rc = s3_temporary_new(call->store, &temporary, err);
    if (rc == 0)
        rc = copy_content(call, &source, temporary, &meta, err);
    if (rc == 0)
        rc = s3_publish(call, temporary, &meta, err);
    if (rc == 0)
        write_copy_result(call, &meta);
    s3_temporary_free(temporary);
    s3_object_release(&source);
    s3_meta_release(&meta);
    return rc;
}

/* ---- GetObjectTagging -------------------------------------------------------------------- */

static void write_tag(struct ir_buf *out, const char *tag, size_t bytes)
{
    struct ir_buf form;
    struct ir_buf text;
    size_t key_bytes = strcspn(tag, "=&");
    ir_buf_init(&form, S3_META_HEADER_BYTES);
    ir_buf_init(&text, S3_META_HEADER_BYTES);
    for (size_t i = 0; i < bytes; i++)
        ir_buf_append_char(&form, tag[i] == '+' ? ' ' : tag[i]);
    const char *decoded = ir_buf_text(&form);
    xml_open(out, "Tag");
    ir_uri_decode(&text, decoded, key_bytes);
    xml_text(out, "Key", ir_buf_text(&text));
    ir_buf_clear(&text);
    if (key_bytes < bytes)
        ir_uri_decode(&text, decoded + key_bytes + 1, bytes - key_bytes - 1);
    xml_text(out, "Value", ir_buf_text(&text));
    xml_close(out, "Tag");
    ir_buf_release(&form);
    ir_buf_release(&text);
}

int s3_get_tagging(struct s3_call *call, struct ir_error *err)
{
    struct ir_buf *out = &call->answer->body;
    struct s3_object object;
    int rc = s3_object_open(call->bucket.objects_fd, call->path, &object, err);
    if (rc != 0)
        return rc;
    xml_declare(out);
    ir_buf_append_text(out, "<Tagging " S3_XMLNS "><TagSet>");
    for (const char *tag = object.meta.tags; tag != NULL && *tag != '\0';) {
        size_t bytes = strcspn(tag, "&");
        write_tag(out, tag, bytes);
        tag += bytes + (tag[bytes] == '&');
    }
    ir_buf_append_text(out, "</TagSet></Tagging>");
    s3_object_release(&object);
    return 0;
}
