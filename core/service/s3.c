/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Requests about one object, and what all of S3's requests share. Made header values lie in the
 * request's own array, which is as large as all headers of a request may be for S3, so that
 * building one asks for little memory and nothing moves.
 */
#include "core/service/s3.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/ascii.h"
#include "core/base/base64.h"
#include "core/base/error.h"
#include "core/base/utf8.h"

/* Every byte of a key as %XX, and the first '/'. */
#define MAX_PATH_BYTES (3 * IR_S3_MAX_KEY_BYTES + 1)
#define MAX_QUERY_BYTES (12U * 1024)
#define MAX_XML_BYTES (4U << 20)
#define OWNER_DIGITS 12U
/* Of PutObject, which has most of them, beside the metadata. */
#define MAX_OWN_HEADERS 12U
#define META_PREFIX "x-amz-meta-"
_Static_assert(IR_S3_MAX_METADATA + MAX_OWN_HEADERS <= IR_AWS_MAX_EXTRA_HEADERS,
               "a request has no room for so many headers");
#define HTTP_TOKEN "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%&'*+-.^_`|~"

/* ---- requests ---------------------------------------------------------------------------- */

void ir_s3_request_release(struct ir_s3_request *request)
{
    ir_buf_release(&request->xml);
    ir_request_release(&request->http);
}

const char *ir_s3_keep(struct ir_s3_request *request, const char *text, size_t bytes)
{
    char *kept = request->text + request->text_bytes;
    if (bytes >= sizeof request->text - request->text_bytes) {
        request->is_text_full = true;
        return NULL;
    }
    memcpy(kept, text, bytes);
    kept[bytes] = '\0';
    request->text_bytes += bytes + 1;
    return kept;
}

static int check_name(const struct ir_s3_object_name *name, bool wants_key, struct ir_error *err)
{
    const char *key = name->key;
    const char *owner = name->expected_owner;
    if (name->bucket == NULL || *name->bucket == '\0')
        return ir_s3_fail(err, IR_ERR_ARG, "no bucket is named", "Name the bucket.");
    if (wants_key && (key == NULL || *key == '\0'))
        return ir_s3_fail(err, IR_ERR_ARG, "no key is named", "Name the object in the bucket.");
    if (key != NULL && strlen(key) > IR_S3_MAX_KEY_BYTES)
        return ir_s3_fail(err, IR_ERR_ARG, "the key has more than 1,024 bytes",
                          "Choose a shorter one.");
    if (key != NULL && !ir_utf8_is_valid(key, strlen(key)))
        return ir_s3_fail(err, IR_ERR_ARG, "the key is not UTF-8", "Choose another one.");
    if (owner != NULL &&
        (strlen(owner) != OWNER_DIGITS || strspn(owner, "0123456789") != OWNER_DIGITS))
        return ir_s3_fail(err, IR_ERR_ARG, "the expected owner is not an account's 12 digits",
                          "`imgrecog doctor` shows the number of your account.");
    return 0;
}

static void init(struct ir_s3_request *request, const char *method,
                 const struct ir_s3_object_name *name)
{
    request->key = name->key;
    request->only_if_new = false;
    request->text_bytes = 0;
    request->is_text_full = false;
    request->body.piece_count = 0;
    ir_buf_init(&request->xml, MAX_XML_BYTES);
    ir_request_init(&request->http, &ir_service_s3, method, "");
    request->http.path.max_bytes = MAX_PATH_BYTES;
    request->http.query.max_bytes = MAX_QUERY_BYTES;
    request->http.aws.bucket = name->bucket;
    ir_buf_append_char(&request->http.path, '/');
    if (name->key != NULL)
        ir_uri_encode(&request->http.path, name->key, strlen(name->key), true);
    ir_request_add_query(&request->http, "versionId", name->version);
    ir_request_add_header(&request->http, "X-Amz-Expected-Bucket-Owner", name->expected_owner);
}

int ir_s3_object_init(struct ir_s3_request *request, const char *method,
                      const struct ir_s3_object_name *name, struct ir_error *err)
{
    int rc = check_name(name, true, err);
    if (rc == 0)
        init(request, method, name);
    return rc;
}

int ir_s3_bucket_init(struct ir_s3_request *request, const char *method, const char *bucket,
                      const char *expected_owner, struct ir_error *err)
{
    const struct ir_s3_object_name name = {.bucket = bucket, .expected_owner = expected_owner};
    int rc = check_name(&name, false, err);
    if (rc == 0)
        init(request, method, &name);
    return rc;
}

int ir_s3_request_finish(struct ir_s3_request *request, const struct ir_body *body,
                         struct ir_error *err)
{
    int rc = 0;
    if (request->is_text_full)
        rc = ir_s3_fail(err, IR_ERR_TOO_LARGE,
                        "the object's attributes have more than 8,192 bytes together",
                        "Use fewer or shorter tags, and a shorter encryption context.");
    if (rc == 0 && (request->xml.bytes > 0 || request->xml.failed != 0)) {
        rc = ir_buf_check(&request->xml, "the list of parts", err);
        request->span = (struct ir_span){request->xml.data, request->xml.bytes};
        request->body.pieces[0] = (struct ir_body_piece){.spans = &request->span, .span_count = 1};
        request->body.piece_count = 1;
        body = &request->body;
    }
    if (rc != 0) {
        ir_error_set_service(err, ir_service_s3.title);
        ir_s3_request_release(request);
        return rc;
    }
    rc = ir_request_finish(&request->http, body, err);
    if (rc != 0)
        ir_buf_release(&request->xml);
    return rc;
}

void ir_s3_add_sums(struct ir_s3_request *request, const struct ir_body_sums *sums)
{
    char crc32_text[IR_S3_CRC32_BYTES];
    ir_s3_crc32_text(sums->crc32, crc32_text);
    /* Names the header that follows, as AWS's SDKs do; some servers do not look for it else. */
    ir_request_add_header(&request->http, "X-Amz-Sdk-Checksum-Algorithm", "CRC32");
    ir_request_add_header(&request->http, "X-Amz-Checksum-Crc32",
                          ir_s3_keep(request, crc32_text, strlen(crc32_text)));
    memcpy(request->payload_hash, sums->sha256_hex, sizeof request->payload_hash);
    request->http.aws.payload_hash = request->payload_hash;
}

/* ---- attributes -------------------------------------------------------------------------- */

static bool is_printable_ascii(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text < ' ' || *text > '~')
            return false;
    return true;
}

static bool is_same_name(const char *a, const char *b)
{
    while (*a != '\0' && ir_ascii_lower(*a) == ir_ascii_lower(*b)) {
        a++;
        b++;
    }
    return *a == *b;
}

static int check_metadata(const struct ir_s3_pair *pairs, size_t count, struct ir_error *err)
{
    size_t bytes = 0;
    if (count > IR_S3_MAX_METADATA)
        return ir_s3_fail(err, IR_ERR_TOO_LARGE, "there are more than 30 metadata entries",
                          "Put several values into one entry.");
    for (size_t i = 0; i < count; i++) {
        const char *name = pairs[i].name;
        const char *value = pairs[i].value;
        if (*name == '\0' || strspn(name, HTTP_TOKEN) != strlen(name))
            return ir_s3_fail(err, IR_ERR_ARG, "the name of a metadata entry cannot be sent",
                              "Use letters, digits, '-', '_' and '.' only.");
        if (*value == '\0' || !is_printable_ascii(value))
            return ir_s3_fail(err, IR_ERR_ARG,
                              "the value of a metadata entry is empty, or is not printable ASCII",
                              "S3 takes ASCII only here: write other text in base64 or as %XX.");
        for (size_t j = 0; j < i; j++)
            if (is_same_name(name, pairs[j].name))
                return ir_s3_fail(err, IR_ERR_ARG, "two metadata entries have the same name",
                                  "Capitals make no difference there: rename one.");
        bytes += strlen(name) + strlen(value);
    }
    if (bytes > IR_S3_MAX_METADATA_BYTES)
        return ir_s3_fail(err, IR_ERR_TOO_LARGE,
                          "the metadata entries have more than 2,048 bytes together",
                          "Shorten them, or store them as an object of their own.");
    return 0;
}

static void add_metadata(struct ir_s3_request *request, const struct ir_s3_pair *pairs,
                         size_t count)
{
    char name[sizeof META_PREFIX + IR_S3_MAX_METADATA_BYTES];
    for (size_t i = 0; i < count; i++) {
        size_t bytes = (size_t)snprintf(name, sizeof name, META_PREFIX "%s", pairs[i].name);
        for (size_t at = 0; at < bytes; at++)
            name[at] = ir_ascii_lower(name[at]);
        const char *kept = ir_s3_keep(request, name, bytes);
        if (kept != NULL)
            ir_request_add_header(&request->http, kept, pairs[i].value);
    }
}

static size_t count_chars(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

static int check_tags(const struct ir_s3_pair *tags, size_t count, struct ir_error *err)
{
    if (count > IR_S3_MAX_TAGS)
        return ir_s3_fail(err, IR_ERR_TOO_LARGE, "there are more than 10 tags",
                          "Leave some out, or use metadata.");
    for (size_t i = 0; i < count; i++) {
        const char *name = tags[i].name;
        const char *value = tags[i].value;
        if (*name == '\0' || !ir_utf8_is_valid(name, strlen(name)) ||
            !ir_utf8_is_valid(value, strlen(value)))
            return ir_s3_fail(err, IR_ERR_ARG, "a tag has no name, or is not UTF-8",
                              "Correct or leave out the tag.");
        if (count_chars(name) > IR_S3_MAX_TAG_NAME_CHARS ||
            count_chars(value) > IR_S3_MAX_TAG_VALUE_CHARS)
            return ir_s3_fail(err, IR_ERR_TOO_LARGE, "a tag is too long",
                              "Names have at most 128 characters, values 256.");
        for (size_t j = 0; j < i; j++)
            if (strcmp(name, tags[j].name) == 0)
                return ir_s3_fail(err, IR_ERR_ARG, "two tags have the same name", "Rename one.");
    }
    return 0;
}

/* name=value&..., encoded as a query. */
static int add_tags(struct ir_s3_request *request, const struct ir_s3_pair *tags, size_t count,
                    struct ir_error *err)
{
    struct ir_buf text;
    ir_buf_init(&text, IR_S3_MAX_TEXT_BYTES);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            ir_buf_append_char(&text, '&');
        ir_uri_encode(&text, tags[i].name, strlen(tags[i].name), false);
        ir_buf_append_char(&text, '=');
        ir_uri_encode(&text, tags[i].value, strlen(tags[i].value), false);
    }
    int rc = ir_buf_check(&text, "the tags", err);
    if (rc == 0)
        ir_request_add_header(&request->http, "X-Amz-Tagging",
                              ir_s3_keep(request, ir_buf_text(&text), text.bytes));
    ir_buf_release(&text);
    return rc;
}

static int check_encryption(const struct ir_s3_attributes *attributes, struct ir_error *err)
{
    const char *kind = attributes->encryption;
    bool is_kms =
        kind != NULL && (strcmp(kind, "aws:kms") == 0 || strcmp(kind, "aws:kms:dsse") == 0);
    if (kind != NULL && !is_kms && strcmp(kind, "AES256") != 0)
        return ir_s3_fail(err, IR_ERR_ARG, "the kind of encryption is not known",
                          "It is AES256, aws:kms or aws:kms:dsse.");
    if (!is_kms &&
        (attributes->kms_key != NULL || attributes->kms_context != NULL || attributes->bucket_key))
        return ir_s3_fail(err, IR_ERR_ARG,
                          "a KMS key, context or bucket key is given, but no encryption by KMS",
                          "Choose the encryption aws:kms as well.");
    return 0;
}

/* The context is JSON, sent in base64. */
static int add_context(struct ir_s3_request *request, const char *json, struct ir_error *err)
{
    char text[IR_S3_MAX_TEXT_BYTES];
    struct ir_json_doc *doc = NULL;
    size_t bytes = strlen(json);
    if (ir_base64_length(bytes) >= sizeof text)
        return ir_s3_fail(err, IR_ERR_TOO_LARGE, "the encryption context is too long",
                          "In base64 it must have less than 8,192 bytes.");
    int rc = ir_json_parse(json, bytes, "the encryption context", &doc, err);
    if (rc == IR_ERR_NOMEM)
        return rc;
    bool is_object = rc == 0 && ir_json_is_object(ir_json_root(doc));
    ir_json_free(doc);
    if (!is_object)
        return ir_s3_fail(err, IR_ERR_ARG, "the encryption context is not a JSON object",
                          "Write it as {\"name\":\"value\"}.");
    size_t chars = ir_base64_encode((const unsigned char *)json, bytes, text);
    ir_request_add_header(&request->http, "X-Amz-Server-Side-Encryption-Context",
                          ir_s3_keep(request, text, chars));
    return 0;
}

static int check_attributes(const struct ir_s3_attributes *attributes, struct ir_error *err)
{
    const char *const texts[] = {attributes->content_type, attributes->cache_control,
                                 attributes->content_disposition, attributes->storage_class,
                                 attributes->kms_key};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i] != NULL && !is_printable_ascii(texts[i]))
            return ir_s3_fail(err, IR_ERR_ARG,
                              "an attribute of the object holds other than printable ASCII",
                              "A file name with other letters is written as "
                              "filename*=UTF-8''%C3%A9 in content-disposition.");
    int rc = check_metadata(attributes->metadata, attributes->metadata_count, err);
    if (rc == 0)
        rc = check_tags(attributes->tags, attributes->tag_count, err);
    if (rc == 0)
        rc = check_encryption(attributes, err);
    return rc;
}

int ir_s3_add_attributes(struct ir_s3_request *request, const struct ir_s3_attributes *attributes,
                         struct ir_error *err)
{
    struct ir_request *http = &request->http;
    int rc = check_attributes(attributes, err);
    if (rc != 0)
        return rc;
    http->aws.content_type = attributes->content_type;
    ir_request_add_header(http, "Cache-Control", attributes->cache_control);
    ir_request_add_header(http, "Content-Disposition", attributes->content_disposition);
    ir_request_add_header(http, "X-Amz-Storage-Class", attributes->storage_class);
    ir_request_add_header(http, "X-Amz-Server-Side-Encryption", attributes->encryption);
    ir_request_add_header(http, "X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", attributes->kms_key);
    if (attributes->bucket_key)
        ir_request_add_header(http, "X-Amz-Server-Side-Encryption-Bucket-Key-Enabled", "true");
    add_metadata(request, attributes->metadata, attributes->metadata_count);
    if (attributes->kms_context != NULL)
        rc = add_context(request, attributes->kms_context, err);
    if (rc == 0 && attributes->tag_count > 0)
        rc = add_tags(request, attributes->tags, attributes->tag_count, err);
    return rc;
}

/* ---- operations -------------------------------------------------------------------------- */

int ir_s3_put_call(const struct ir_s3_put_options *options, struct ir_s3_request *out,
                   struct ir_error *err)
{
    if (options->sums->bytes > IR_S3_MAX_PUT_BYTES)
        return ir_s3_fail(err, IR_ERR_TOO_LARGE, "the object has more than 5 GiB",
                          "Upload it in parts.");
    int rc = ir_s3_object_init(out, "PUT", &options->name, err);
    if (rc != 0)
        return rc;
    rc = ir_s3_add_attributes(out, &options->attributes, err);
    if (rc != 0) {
        ir_s3_request_release(out);
        return rc;
    }
    out->only_if_new = options->only_if_new;
    if (options->only_if_new)
        ir_request_add_header(&out->http, "If-None-Match", "*");
    ir_s3_add_sums(out, options->sums);
    return ir_s3_request_finish(out, options->body, err);
}

int ir_s3_get_call(const struct ir_s3_get_options *options, struct ir_s3_request *out,
                   struct ir_error *err)
{
    char range[64];
    if (options->has_range && options->last_byte < options->first_byte)
        return ir_s3_fail(err, IR_ERR_ARG, "the range ends before it begins",
                          "The last byte is counted from 0 and belongs to the range.");
    int rc = ir_s3_object_init(out, "GET", &options->name, err);
    if (rc != 0)
        return rc;
    ir_request_add_header(&out->http, "X-Amz-Checksum-Mode", "ENABLED");
    if (options->has_range) {
        int chars = snprintf(range, sizeof range, "bytes=%" PRIu64 "-%" PRIu64, options->first_byte,
                             options->last_byte);
        ir_request_add_header(&out->http, "Range", ir_s3_keep(out, range, (size_t)chars));
    }
    return ir_s3_request_finish(out, NULL, err);
}

int ir_s3_head_call(const struct ir_s3_object_name *name, struct ir_s3_request *out,
                    struct ir_error *err)
{
    int rc = ir_s3_object_init(out, "HEAD", name, err);
    if (rc != 0)
        return rc;
    ir_request_add_header(&out->http, "X-Amz-Checksum-Mode", "ENABLED");
    return ir_s3_request_finish(out, NULL, err);
}

int ir_s3_head_bucket_call(const char *bucket, struct ir_s3_request *out, struct ir_error *err)
{
    int rc = ir_s3_bucket_init(out, "HEAD", bucket, NULL, err);
    return rc == 0 ? ir_s3_request_finish(out, NULL, err) : rc;
}

int ir_s3_delete_call(const struct ir_s3_object_name *name, struct ir_s3_request *out,
                      struct ir_error *err)
{
    int rc = ir_s3_object_init(out, "DELETE", name, err);
    return rc == 0 ? ir_s3_request_finish(out, NULL, err) : rc;
}

int ir_s3_presign_call(const struct ir_s3_object_name *name, struct ir_s3_request *out,
                       struct ir_error *err)
{
    struct ir_s3_object_name plain = *name;
    plain.expected_owner = NULL;
    int rc = ir_s3_object_init(out, "GET", &plain, err);
    return rc == 0 ? ir_s3_request_finish(out, NULL, err) : rc;
}
