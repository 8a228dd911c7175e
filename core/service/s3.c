/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Requests about one object, and what all of S3's requests and answers share. Made header values
 * lie in the request's own array, which is as large as all headers of a request may be for S3, so
 * that building one asks for little memory and nothing moves.
 */
#include "core/service/s3.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
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
#define MAX_SHOWN_BYTES 160 /* of a key, in a message */
#define META_PREFIX "x-amz-meta-"
#define HTTP_TOKEN "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%&'*+-.^_`|~"

/* ---- requests ---------------------------------------------------------------------------- */

int ir_s3_fail(struct ir_error *err, int code, const char *cause, const char *hint)
{
    ir_fail(err, code, "%s", cause);
    ir_error_set_service(err, ir_service_s3.title);
    ir_error_set_hint(err, "%s", hint);
    return code;
}

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
                          "\"aws sts get-caller-identity\" shows the number of an account.");
    return 0;
}

int ir_s3_request_init(struct ir_s3_request *request, const char *method,
                       const struct ir_s3_object_name *name, struct ir_error *err)
{
    int rc = check_name(name, false, err);
    if (rc != 0)
        return rc;
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
    return 0;
}

/* The same for operations on an object. */
static int init_for_object(struct ir_s3_request *request, const char *method,
                           const struct ir_s3_object_name *name, struct ir_error *err)
{
    int rc = check_name(name, true, err);
    return rc == 0 ? ir_s3_request_init(request, method, name, err) : rc;
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
        return ir_s3_fail(err, IR_ERR_TOO_LARGE, "there are more than 12 metadata entries",
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
    int rc = init_for_object(out, "PUT", &options->name, err);
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
    int rc = init_for_object(out, "GET", &options->name, err);
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
    int rc = init_for_object(out, "HEAD", name, err);
    if (rc != 0)
        return rc;
    ir_request_add_header(&out->http, "X-Amz-Checksum-Mode", "ENABLED");
    return ir_s3_request_finish(out, NULL, err);
}

int ir_s3_delete_call(const struct ir_s3_object_name *name, struct ir_s3_request *out,
                      struct ir_error *err)
{
    int rc = init_for_object(out, "DELETE", name, err);
    return rc == 0 ? ir_s3_request_finish(out, NULL, err) : rc;
}

int ir_s3_presign_call(const struct ir_s3_object_name *name, struct ir_s3_request *out,
                       struct ir_error *err)
{
    struct ir_s3_object_name plain = *name;
    plain.expected_owner = NULL;
    int rc = init_for_object(out, "GET", &plain, err);
    return rc == 0 ? ir_s3_request_finish(out, NULL, err) : rc;
}

/* ---- answers ----------------------------------------------------------------------------- */

void ir_s3_crc32_text(uint32_t crc32, char out[IR_S3_CRC32_BYTES])
{
    const unsigned char bytes[] = {(unsigned char)(crc32 >> 24), (unsigned char)(crc32 >> 16),
                                   (unsigned char)(crc32 >> 8), (unsigned char)crc32};
    ir_base64_encode(bytes, sizeof bytes, out);
}

bool ir_s3_crc32_read(const char *text, uint32_t *out)
{
    unsigned char bytes[IR_S3_CRC32_BYTES + 3];
    size_t count = 0;
    if (strlen(text) != IR_S3_CRC32_BYTES - 1 ||
        ir_base64_decode(text, IR_S3_CRC32_BYTES - 1, bytes, &count) != 0 || count != 4)
        return false;
    *out = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
    return true;
}

/* The object's size, from "bytes 0-9/2000" where it is there. */
static uint64_t read_bytes(const struct ir_http_response *response)
{
    char text[96];
    ir_http_response_header(response, "content-range", text, sizeof text);
    const char *slash = strchr(text, '/');
    if (slash != NULL && ir_ascii_is_digit(slash[1]))
        return strtoull(slash + 1, NULL, 10);
    ir_http_response_header(response, "content-length", text, sizeof text);
    return ir_ascii_is_digit(text[0]) ? strtoull(text, NULL, 10) : 0;
}

static void read_fields(const struct ir_http_response *response, struct ir_s3_object *out)
{
    const struct {
        const char *name;
        char *out;
        size_t room;
    } fields[] = {
        {"etag", out->etag, sizeof out->etag},
        {"x-amz-version-id", out->version_id, sizeof out->version_id},
        {"content-type", out->content_type, sizeof out->content_type},
        {"cache-control", out->cache_control, sizeof out->cache_control},
        {"content-disposition", out->content_disposition, sizeof out->content_disposition},
        {"last-modified", out->last_modified, sizeof out->last_modified},
        {"x-amz-storage-class", out->storage_class, sizeof out->storage_class},
        {"x-amz-server-side-encryption", out->encryption, sizeof out->encryption},
        {"x-amz-checksum-crc32", out->crc32, sizeof out->crc32},
        {"x-amz-checksum-type", out->checksum_type, sizeof out->checksum_type},
    };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        ir_http_response_header(response, fields[i].name, fields[i].out, fields[i].room);
    out->bytes = read_bytes(response);
}

int ir_s3_read_object(const struct ir_http_response *response, struct ir_s3_object *out,
                      struct ir_error *err)
{
    struct ir_s3_object object;
    read_fields(response, &object);
    if (object.etag[0] == '\0')
        return ir_answer_fail(&ir_service_s3, "the answer has no ETag, so it is not one of S3",
                              err);
    *out = object;
    return 0;
}

int ir_s3_put_read(const struct ir_http_response *response, const struct ir_body_sums *sums,
                   struct ir_s3_object *out, struct ir_error *err)
{
    struct ir_s3_object object;
    uint32_t crc32_stored = 0;
    int rc = ir_s3_read_object(response, &object, err);
    if (rc != 0)
        return rc;
    if (ir_s3_crc32_read(object.crc32, &crc32_stored) && crc32_stored != sums->crc32)
        return ir_answer_fail(&ir_service_s3,
                              "the server stores another checksum than was sent with the object",
                              err);
    *out = object;
    return 0;
}

int ir_s3_read_nothing(const struct ir_http_response *response, struct ir_error *err)
{
    if (response->status == 204)
        return 0;
    return ir_answer_fail(&ir_service_s3, "the answer is not the empty one of S3 (204)", err);
}

void ir_s3_each_metadata(const struct ir_http_response *response,
                         void (*visit)(void *context, const char *name, size_t name_bytes,
                                       const char *value, size_t value_bytes),
                         void *context)
{
    const size_t prefix_bytes = sizeof META_PREFIX - 1;
    for (const char *line = ir_buf_text(&response->headers); *line != '\0';) {
        const char *end = strchr(line, '\n');
        const char *colon = strstr(line, ": ");
        if (end == NULL)
            return;
        if (colon != NULL && colon < end && strncmp(line, META_PREFIX, prefix_bytes) == 0)
            visit(context, line + prefix_bytes, (size_t)(colon - line) - prefix_bytes, colon + 2,
                  (size_t)(end - colon) - 2);
        line = end + 1;
    }
}

/* ---- errors ------------------------------------------------------------------------------ */

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
