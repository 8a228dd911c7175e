/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ListObjectsV2 and ListObjects. The folder is walked once for each page; of the names found, only
 * as many as the page can hold are kept (a bounded set of the smallest), so that memory does not
 * grow with the bucket. Descriptions are read of the page's objects only.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/alloc.h"
#include "core/base/base64.h"
#include "core/base/error.h"
#include "core/base/uri.h"
#include "core/base/utf8.h"
#include "plugins/local/query.h"
#include "plugins/local/s3_call.h"

#define KEPT_ITEMS (4 * (S3_MAX_LIST + 1))
#define MAX_DEPTH 20
#define TOKEN_BYTES 2048
#define MAX_ENCODED_BYTES 4096

struct item {
    char *name; /* key or common prefix */
    bool is_prefix;
};

struct listing {
    char prefix[S3_KEY_BYTES];
    char delimiter[S3_KEY_BYTES];
    char after[S3_KEY_BYTES]; /* only what is greater */
    bool after_is_prefix;     /* `after` was a common prefix: nothing below it either */
    long max_items;
    bool url_encoded;
    bool is_v2;
    bool fetch_owner;
    struct item *items; /* KEPT_ITEMS */
    size_t count;
    bool truncated;
    bool failed;
};

/* ---- collecting -------------------------------------------------------------------------- */

static int compare_items(const void *a, const void *b)
{
    const struct item *left = a;
    const struct item *right = b;
    return strcmp(left->name, right->name);
}

/* Sorts, drops what is there twice (common prefixes) and what no page can hold. */
static void settle(struct listing *listing)
{
    size_t kept = 0;
    qsort(listing->items, listing->count, sizeof *listing->items, compare_items);
    for (size_t i = 0; i < listing->count; i++) {
        bool again = kept > 0 && strcmp(listing->items[kept - 1].name, listing->items[i].name) == 0;
        if (again || kept > (size_t)listing->max_items)
            ir_free(listing->items[i].name);
        else
            listing->items[kept++] = listing->items[i];
    }
    listing->count = kept;
}

/* Takes a key into the listing, as itself or as the common prefix that it falls under. */
static void offer(struct listing *listing, const char *key)
{
    size_t prefix_bytes = strlen(listing->prefix);
    size_t bytes = strlen(key);
    bool is_prefix = false;
    if (strncmp(key, listing->prefix, prefix_bytes) != 0 || strcmp(key, listing->after) <= 0)
        return;
    if (listing->after_is_prefix && strncmp(key, listing->after, strlen(listing->after)) == 0)
        return;
    if (*listing->delimiter != '\0') {
        const char *found = strstr(key + prefix_bytes, listing->delimiter);
        is_prefix = found != NULL;
        if (is_prefix)
            bytes = (size_t)(found - key) + strlen(listing->delimiter);
    }
    if (listing->count == KEPT_ITEMS)
        settle(listing);
    char *name = ir_strndup(key, bytes);
    if (name == NULL) {
        listing->failed = true;
        return;
    }
    listing->items[listing->count++] = (struct item){name, is_prefix};
}

/* Everything below a folder of keys; `key` holds what the folders above spell. */
static void walk(struct listing *listing, int folder_fd, char key[S3_KEY_BYTES], size_t key_bytes,
                 int depth)
{
    DIR *folder = fdopendir(folder_fd);
    if (folder == NULL) {
        close(folder_fd);
        return;
    }
    struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        size_t name_bytes = strlen(entry->d_name);
        char mark = entry->d_name[name_bytes - 1];
        size_t bytes = key_bytes;
        if ((mark != S3_LEAF_MARK && mark != S3_FOLDER_MARK) ||
            !s3_path_to_key(entry->d_name, key, &bytes))
            continue;
        if (mark == S3_LEAF_MARK) {
            offer(listing, key);
            continue;
        }
        int fd = depth > 0 ? openat(folder_fd, entry->d_name,
                                    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                           : -1;
        if (fd >= 0)
            walk(listing, fd, key, bytes, depth - 1);
    }
    closedir(folder);
}

static int collect(const struct s3_call *call, struct listing *listing, struct ir_error *err)
{
    char key[S3_KEY_BYTES] = "";
    int fd = openat(call->bucket.objects_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return s3_refuse_errno(err, "listing a bucket");
    walk(listing, fd, key, 0, MAX_DEPTH);
    settle(listing);
    if (listing->failed)
        return refuse_nomem(err);
    listing->truncated = listing->max_items > 0 && listing->count > (size_t)listing->max_items;
    if (listing->count > (size_t)listing->max_items)
        ir_free(listing->items[--listing->count].name);
    return 0;
}

/* ---- reading the request ----------------------------------------------------------------- */

static int read_text(const struct s3_call *call, const char *name, char out[S3_KEY_BYTES],
                     struct ir_error *err)
{
    const char *query = call->request->query;
    if (query_has(query, name) &&
        (!query_text(query, name, out, S3_KEY_BYTES) || !ir_utf8_is_valid(out, strlen(out))))
        return refuse(err, &s3_invalid_argument, "The value of %s cannot be that of a key.", name);
    return 0;
}

/* A token is base64 of 'k' or 'p' (common prefix) and the last name of the page before. */
static int read_token(const struct s3_call *call, struct listing *listing, struct ir_error *err)
{
    char text[TOKEN_BYTES];
    unsigned char raw[TOKEN_BYTES];
    size_t bytes = 0;
    if (!query_has(call->request->query, "continuation-token"))
        return 0;
    if (!query_text(call->request->query, "continuation-token", text, sizeof text) ||
        ir_base64_decode(text, strlen(text), raw, &bytes) != 0 || bytes < 2 ||
        bytes > S3_MAX_KEY_BYTES + 1 || (raw[0] != 'k' && raw[0] != 'p'))
        return refuse(err, &s3_invalid_argument, "The continuation token provided is incorrect.");
    raw[bytes] = '\0';
    ir_text_copy(listing->after, sizeof listing->after, (const char *)raw + 1);
    listing->after_is_prefix = raw[0] == 'p';
    return 0;
}

static int read_listing(const struct s3_call *call, struct listing *out, struct ir_error *err)
{
    char encoding[16] = "";
    char flag[8] = "";
    const char *query = call->request->query;
    out->is_v2 = query_text(query, "list-type", flag, sizeof flag) && strcmp(flag, "2") == 0;
    out->max_items = S3_MAX_LIST;
    int rc = s3_query_number(call, "max-keys", 0, INT32_MAX, &out->max_items, err);
    if (out->max_items > S3_MAX_LIST)
        out->max_items = S3_MAX_LIST;
    if (rc == 0)
        rc = read_text(call, "prefix", out->prefix, err);
    if (rc == 0)
        rc = read_text(call, "delimiter", out->delimiter, err);
    if (rc == 0)
        rc = read_text(call, out->is_v2 ? "start-after" : "marker", out->after, err);
    size_t after_bytes = strlen(out->after);
    size_t delimiter_bytes = strlen(out->delimiter);
    if (!out->is_v2 && delimiter_bytes > 0 && after_bytes >= delimiter_bytes)
        out->after_is_prefix =
            strcmp(out->after + after_bytes - delimiter_bytes, out->delimiter) == 0;
    if (rc == 0 && out->is_v2)
        rc = read_token(call, out, err);
    out->url_encoded = query_text(query, "encoding-type", encoding, sizeof encoding);
    if (rc == 0 && out->url_encoded && strcmp(encoding, "url") != 0)
        rc = refuse(err, &s3_invalid_argument, "Invalid Encoding Method specified in Request.");
    *flag = '\0';
    out->fetch_owner = !out->is_v2 || (query_text(query, "fetch-owner", flag, sizeof flag) &&
                                       strcmp(flag, "true") == 0);
    return rc;
}

/* ---- writing ----------------------------------------------------------------------------- */

static void write_name(struct ir_buf *out, const struct listing *listing, const char *element,
                       const char *name)
{
    struct ir_buf encoded;
    if (!listing->url_encoded) {
        xml_text(out, element, name);
        return;
    }
    ir_buf_init(&encoded, MAX_ENCODED_BYTES);
    ir_uri_encode(&encoded, name, strlen(name), true);
    xml_text(out, element, ir_buf_text(&encoded));
    ir_buf_release(&encoded);
}

static void write_object(struct s3_call *call, const struct listing *listing, const char *key)
{
    struct ir_buf *out = &call->answer->body;
    char path[S3_PATH_BYTES];
    char text[S3_TIME_BYTES + S3_ETAG_BYTES];
    struct s3_object object;
    struct ir_error ignored; /* an object that went away meanwhile is not listed */
    s3_key_to_path(key, path);
    if (s3_object_open(call->bucket.objects_fd, path, &object, &ignored) != 0)
        return;
    xml_open(out, "Contents");
    write_name(out, listing, "Key", key);
    s3_iso_time(object.meta.modified_ms, text);
    xml_text(out, "LastModified", text);
    snprintf(text, sizeof text, "\"%s\"", object.meta.etag);
    xml_text(out, "ETag", text);
    if (object.meta.sum_kind != CHECKSUM_NONE) {
        xml_text(out, "ChecksumAlgorithm", checksum_name(object.meta.sum_kind));
        xml_text(out, "ChecksumType", object.meta.sum_is_composite ? "COMPOSITE" : "FULL_OBJECT");
    }
    xml_number(out, "Size", object.meta.bytes);
    if (listing->fetch_owner) {
        xml_open(out, "Owner");
        xml_text(out, "ID", S3_OWNER);
        xml_text(out, "DisplayName", "imgrecog-local");
        xml_close(out, "Owner");
    }
    xml_text(out, "StorageClass", s3_meta_header(&object.meta, "x-amz-storage-class", "STANDARD"));
    xml_close(out, "Contents");
    s3_object_release(&object);
}

static void write_token(struct ir_buf *out, const struct item *last)
{
    char raw[S3_KEY_BYTES + 1];
    char text[TOKEN_BYTES];
    int bytes = snprintf(raw, sizeof raw, "%c%s", last->is_prefix ? 'p' : 'k', last->name);
    text[ir_base64_encode((const unsigned char *)raw, (size_t)bytes, text)] = '\0';
    xml_text(out, "NextContinuationToken", text);
}

static void write_head(struct s3_call *call, const struct listing *listing)
{
    struct ir_buf *out = &call->answer->body;
    char after[S3_KEY_BYTES] = "";
    xml_declare(out);
    ir_buf_append_text(out, "<ListBucketResult " S3_XMLNS ">");
    xml_text(out, "Name", call->bucket_name);
    write_name(out, listing, "Prefix", listing->prefix);
    if (*listing->delimiter != '\0')
        write_name(out, listing, "Delimiter", listing->delimiter);
    if (query_text(call->request->query, listing->is_v2 ? "start-after" : "marker", after,
                   sizeof after))
        write_name(out, listing, listing->is_v2 ? "StartAfter" : "Marker", after);
    xml_number(out, "MaxKeys", (uint64_t)listing->max_items);
    if (listing->url_encoded)
        xml_text(out, "EncodingType", "url");
    if (listing->is_v2)
        xml_number(out, "KeyCount", listing->count);
    xml_text(out, "IsTruncated", listing->truncated ? "true" : "false");
    if (!listing->truncated)
        return;
    const struct item *last = &listing->items[listing->count - 1];
    if (listing->is_v2)
        write_token(out, last);
    else
        write_name(out, listing, "NextMarker", last->name);
}

int s3_list_objects(struct s3_call *call, struct ir_error *err)
{
    struct ir_buf *out = &call->answer->body;
    struct listing *listing = ir_calloc(1, sizeof *listing);
    struct item *items = ir_calloc(KEPT_ITEMS, sizeof *items);
    if (listing == NULL || items == NULL) {
        ir_free(listing);
        ir_free(items);
        return refuse_nomem(err);
    }
    listing->items = items;
    int rc = read_listing(call, listing, err);
    if (rc == 0)
        rc = collect(call, listing, err);
    if (rc == 0) {
        write_head(call, listing);
        for (size_t i = 0; i < listing->count; i++)
            if (!listing->items[i].is_prefix)
                write_object(call, listing, listing->items[i].name);
        for (size_t i = 0; i < listing->count; i++)
            if (listing->items[i].is_prefix) {
                xml_open(out, "CommonPrefixes");
                write_name(out, listing, "Prefix", listing->items[i].name);
                xml_close(out, "CommonPrefixes");
            }
        xml_close(out, "ListBucketResult");
    }
    for (size_t i = 0; i < listing->count; i++)
        ir_free(listing->items[i].name);
    ir_free(items);
    ir_free(listing);
    return rc;
}
