/* SPDX-License-Identifier: GPL-3.0-or-later */
/* {"key","bytes","modified_ms","etag","headers":{...},"tags","checksum":{...},"parts"} */
#include "plugins/local/s3_meta.h"

#include <string.h>
#include <strings.h>

#include "core/base/alloc.h"
#include "core/base/error.h"
#include "core/base/json.h"

void s3_meta_init(struct s3_meta *meta)
{
    memset(meta, 0, sizeof *meta);
    ir_buf_init(&meta->headers, S3_META_HEADER_BYTES);
}

void s3_meta_release(struct s3_meta *meta)
{
    ir_free(meta->key);
    ir_free(meta->tags);
    ir_buf_release(&meta->headers);
    s3_meta_init(meta);
}

void s3_meta_add_header(struct s3_meta *meta, const char *name, const char *value)
{
    ir_buf_append(&meta->headers, name, strlen(name) + 1);
    ir_buf_append(&meta->headers, value, strlen(value) + 1);
}

const char *s3_meta_header(const struct s3_meta *meta, const char *name, const char *fallback)
{
    const char *headers = ir_buf_text(&meta->headers);
    for (size_t at = 0; at < meta->headers.bytes;) {
        const char *value = headers + at + strlen(headers + at) + 1;
        if (strcasecmp(headers + at, name) == 0)
            return value;
        at = (size_t)(value - headers) + strlen(value) + 1;
    }
    return fallback;
}

void s3_meta_write(const struct s3_meta *meta, struct ir_buf *out)
{
    struct ir_json_writer writer;
    const char *headers = ir_buf_text(&meta->headers);
    ir_json_writer_init(&writer, out);
    ir_json_begin_object(&writer);
    ir_json_member_put_string(&writer, "key", meta->key);
    ir_json_member_put_integer(&writer, "bytes", (long long)meta->bytes);
    ir_json_member_put_integer(&writer, "modified_ms", meta->modified_ms);
    ir_json_member_put_string(&writer, "etag", meta->etag);
    ir_json_key(&writer, "headers");
    ir_json_begin_object(&writer);
    for (size_t at = 0; at < meta->headers.bytes;) {
        const char *value = headers + at + strlen(headers + at) + 1;
        ir_json_member_put_string(&writer, headers + at, value);
        at = (size_t)(value - headers) + strlen(value) + 1;
    }
    ir_json_end_object(&writer);
    if (meta->tags != NULL)
        ir_json_member_put_string(&writer, "tags", meta->tags);
    if (meta->sum_kind != CHECKSUM_NONE) {
        ir_json_member_put_string(&writer, "checksum_algorithm", checksum_name(meta->sum_kind));
        ir_json_member_put_string(&writer, "checksum", meta->sum);
        ir_json_member_put_bool(&writer, "checksum_is_composite", meta->sum_is_composite);
    }
    ir_json_member_put_integer(&writer, "parts", meta->part_count);
    ir_json_end_object(&writer);
    if (meta->headers.failed != 0 && out->failed == 0)
        out->failed = meta->headers.failed;
}

static bool take_header(void *context, const char *member, const struct ir_json_value *value)
{
    s3_meta_add_header(context, member, ir_json_string(value, NULL, ""));
    return true;
}

int s3_meta_read(const char *text, size_t bytes, struct s3_meta *out, struct ir_error *err)
{
    struct ir_json_doc *doc = NULL;
    int rc = ir_json_parse(text, bytes, "the description of an object", &doc, err);
    if (rc != 0)
        return rc;
    const struct ir_json_value *root = ir_json_root(doc);
    const char *tags = ir_json_member_string(root, "tags", NULL);
    out->key = ir_strdup(ir_json_member_string(root, "key", ""));
    out->tags = tags != NULL ? ir_strdup(tags) : NULL;
    out->bytes = (uint64_t)ir_json_number(ir_json_get(root, "bytes"), 0);
    out->modified_ms = (int64_t)ir_json_number(ir_json_get(root, "modified_ms"), 0);
    ir_text_copy(out->etag, sizeof out->etag, ir_json_member_string(root, "etag", ""));
    ir_text_copy(out->sum, sizeof out->sum, ir_json_member_string(root, "checksum", ""));
    out->sum_kind = checksum_kind_named(ir_json_member_string(root, "checksum_algorithm", ""));
    out->sum_is_composite = ir_json_bool(ir_json_get(root, "checksum_is_composite"), false);
    out->part_count = (long)ir_json_number(ir_json_get(root, "parts"), 0);
    ir_json_each(ir_json_get(root, "headers"), take_header, out);
    if (out->key == NULL || (tags != NULL && out->tags == NULL) || out->headers.failed != 0)
        rc = ir_fail_nomem(err);
    ir_json_free(doc);
    return rc;
}
