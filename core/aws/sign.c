/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * AWS Signature Version 4:
 *
 *   canonical request = METHOD \n path \n query \n headers \n \n signed headers \n payload hash
 *   string to sign    = AWS4-HMAC-SHA256 \n date \n scope \n hex(SHA-256(canonical request))
 *   signing key       = HMAC(HMAC(HMAC(HMAC("AWS4" secret, day), region), service), aws4_request)
 *   signature         = hex(HMAC(signing key, string to sign))
 *
 * The path is taken as it goes over the wire and encoded once more, after dot segments and empty
 * segments are removed; S3's is taken verbatim. The query is decoded and encoded, so that raw and
 * encoded spellings sign alike; of a presigned URL it has all parameters but the signature. Pure:
 * no clock, no network, no settings.
 */
#include "core/aws/sign.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/ascii.h"
#include "core/base/uri.h"

#define MAX_HEADERS 64
#define MAX_QUERY_PARTS 256
#define MAX_TEXT_BYTES (64U * 1024)
#define DAY_CHARS 8

static const char *const never_signed[] = {
    "authorization",
    "connection",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-amzn-trace-id",
};

/* By lower-case letters, as strcmp does. */
static int compare_names(const char *a, const char *b)
{
    while (*a != '\0' && ir_ascii_lower(*a) == ir_ascii_lower(*b)) {
        a++;
        b++;
    }
    return (unsigned char)ir_ascii_lower(*a) - (unsigned char)ir_ascii_lower(*b);
}

bool ir_sign_wants_header(const char *name)
{
    for (size_t i = 0; i < sizeof never_signed / sizeof never_signed[0]; i++)
        if (compare_names(name, never_signed[i]) == 0)
            return false;
    return true;
}

static void fail_buf(struct ir_buf *out, int code)
{
    if (out->failed == 0)
        out->failed = code;
}

/* ---- path -------------------------------------------------------------------------------- */

/* Drops the last segment of what `out` holds behind `start`, its slash included. */
static void drop_segment(struct ir_buf *out, size_t start)
{
    while (out->bytes > start && out->data[out->bytes - 1] != '/')
        out->bytes--;
    if (out->bytes > start)
        out->bytes--;
    if (out->data != NULL)
        out->data[out->bytes] = '\0';
}

/*
 * Dot segments and empty segments removed: "/a//b/./../c/" becomes "/a/c/". Unlike RFC 3986, and
 * like botocore and aws-c-auth, only a '/' at the end of the path leaves one there: "/a/." is "/a".
 */
static void append_normalized_path(const char *path, struct ir_buf *out)
{
    size_t start = out->bytes;
    const char *segment = path;
    while (*segment != '\0') {
        size_t bytes = strcspn(segment, "/");
        bool is_parent = bytes == 2 && segment[0] == '.' && segment[1] == '.';
        bool is_same = bytes == 0 || (bytes == 1 && segment[0] == '.');
        if (is_parent) {
            drop_segment(out, start);
        } else if (!is_same) {
            ir_buf_append_char(out, '/');
            ir_buf_append(out, segment, bytes);
        }
        segment += bytes;
        if (*segment == '/')
            segment++;
    }
    if (out->bytes == start || segment[-1] == '/')
        ir_buf_append_char(out, '/');
}

static void append_canonical_path(const struct ir_sign_request *request, struct ir_buf *out)
{
    const char *path = request->path != NULL && *request->path != '\0' ? request->path : "/";
    if (request->s3_path) {
        ir_buf_append_text(out, path);
        return;
    }
    struct ir_buf normalized;
    ir_buf_init(&normalized, MAX_TEXT_BYTES);
    append_normalized_path(path, &normalized);
    if (normalized.failed != 0)
        fail_buf(out, normalized.failed);
    else
        ir_uri_encode(out, ir_buf_text(&normalized), normalized.bytes, true);
    ir_buf_release(&normalized);
}

/* ---- query ------------------------------------------------------------------------------- */

/* Name and value, encoded and terminated: first as offsets into the text, then as addresses. */
struct query_part {
    size_t name_offset;
    size_t value_offset;
    const char *name;
    const char *value;
};

static int compare_parts(const void *a, const void *b)
{
    const struct query_part *left = a;
    const struct query_part *right = b;
    int order = strcmp(left->name, right->name);
    return order != 0 ? order : strcmp(left->value, right->value);
}

/* Appends `raw` decoded and encoded again, with a NUL; gives its offset. */
static size_t append_recoded(const char *raw, size_t bytes, struct ir_buf *text)
{
    size_t offset = text->bytes;
    struct ir_buf decoded;
    ir_buf_init_secret(&decoded, MAX_TEXT_BYTES); /* a presigned query holds a token */
    ir_uri_decode(&decoded, raw, bytes);
    if (decoded.failed != 0)
        fail_buf(text, decoded.failed);
    else
        ir_uri_encode(text, ir_buf_text(&decoded), decoded.bytes, false);
    ir_buf_append_char(text, '\0');
    ir_buf_release(&decoded);
    return offset;
}

/* Fills `parts` (MAX_QUERY_PARTS) and gives their number. Failures stick in `text`. */
static size_t split_query(const char *query, struct query_part *parts, struct ir_buf *text)
{
    size_t count = 0;
    for (const char *part = query; *part != '\0';) {
        size_t bytes = strcspn(part, "&");
        const char *equals = memchr(part, '=', bytes);
        size_t name_bytes = equals != NULL ? (size_t)(equals - part) : bytes;
        if (bytes > 0 && count == MAX_QUERY_PARTS) {
            fail_buf(text, IR_ERR_TOO_LARGE);
            return 0;
        }
        if (bytes > 0) {
            size_t value_at = equals != NULL ? name_bytes + 1 : bytes;
            parts[count].name_offset = append_recoded(part, name_bytes, text);
            parts[count].value_offset = append_recoded(part + value_at, bytes - value_at, text);
            count++;
        }
        part += bytes;
        if (*part == '&')
            part++;
    }
    return count;
}

static void append_canonical_query(const char *query, struct ir_buf *out)
{
    if (query == NULL || *query == '\0')
        return;
    struct query_part *parts = ir_calloc(MAX_QUERY_PARTS, sizeof *parts);
    struct ir_buf text;
    ir_buf_init_secret(&text, MAX_TEXT_BYTES);
    if (parts == NULL) {
        fail_buf(out, IR_ERR_NOMEM);
        goto done;
    }
    size_t count = split_query(query, parts, &text);
    if (text.failed != 0) {
        fail_buf(out, text.failed);
        goto done;
    }
    for (size_t i = 0; i < count; i++) {
        parts[i].name = text.data + parts[i].name_offset;
        parts[i].value = text.data + parts[i].value_offset;
    }
    qsort(parts, count, sizeof *parts, compare_parts);
    for (size_t i = 0; i < count; i++)
        ir_buf_appendf(out, "%s%s=%s", i > 0 ? "&" : "", parts[i].name, parts[i].value);
done:
    ir_buf_release(&text);
    ir_free(parts);
}

/* ---- headers ----------------------------------------------------------------------------- */

/* By name without case; equal names keep their order, which lies in the address. */
static int compare_headers(const void *a, const void *b)
{
    const struct ir_header *left = *(const struct ir_header *const *)a;
    const struct ir_header *right = *(const struct ir_header *const *)b;
    int order = compare_names(left->name, right->name);
    if (order != 0)
        return order;
    return left < right ? -1 : left > right;
}

/* Fills `sorted` (MAX_HEADERS) with the headers to sign and gives their number. */
static size_t sort_headers(const struct ir_sign_request *request, const struct ir_header **sorted,
                           struct ir_buf *out)
{
    size_t count = 0;
    for (size_t i = 0; i < request->header_count; i++) {
        if (!ir_sign_wants_header(request->headers[i].name))
            continue;
        if (count == MAX_HEADERS) {
            fail_buf(out, IR_ERR_TOO_LARGE);
            return 0;
        }
        sorted[count++] = &request->headers[i];
    }
    qsort(sorted, count, sizeof sorted[0], compare_headers);
    return count;
}

static void append_lower(const char *text, struct ir_buf *out)
{
    for (; *text != '\0'; text++)
        ir_buf_append_char(out, ir_ascii_lower(*text));
}

/* Trimmed, each run of white space one space. */
static void append_header_value(const char *value, struct ir_buf *out)
{
    bool pending_space = false;
    bool started = false;
    for (; *value != '\0'; value++) {
        if (ir_ascii_is_space(*value)) {
            pending_space = started;
            continue;
        }
        if (pending_space)
            ir_buf_append_char(out, ' ');
        pending_space = false;
        started = true;
        ir_buf_append_char(out, *value);
    }
}

static bool same_name(const struct ir_header *a, const struct ir_header *b)
{
    return compare_names(a->name, b->name) == 0;
}

static void append_canonical_headers(const struct ir_sign_request *request, struct ir_buf *out)
{
    const struct ir_header *sorted[MAX_HEADERS];
    size_t count = sort_headers(request, sorted, out);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && same_name(sorted[i], sorted[i - 1])) {
            ir_buf_append_char(out, ',');
        } else {
            append_lower(sorted[i]->name, out);
            ir_buf_append_char(out, ':');
        }
        append_header_value(sorted[i]->value, out);
        if (i + 1 == count || !same_name(sorted[i], sorted[i + 1]))
            ir_buf_append_char(out, '\n');
    }
}

void ir_sign_signed_headers(const struct ir_sign_request *request, struct ir_buf *out)
{
    const struct ir_header *sorted[MAX_HEADERS];
    size_t count = sort_headers(request, sorted, out);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && same_name(sorted[i], sorted[i - 1]))
            continue;
        if (i > 0)
            ir_buf_append_char(out, ';');
        append_lower(sorted[i]->name, out);
    }
}

/* ---- the three stages -------------------------------------------------------------------- */

void ir_sign_canonical_request(const struct ir_sign_request *request, struct ir_buf *out)
{
    ir_buf_appendf(out, "%s\n", request->method);
    append_canonical_path(request, out);
    ir_buf_append_char(out, '\n');
    append_canonical_query(request->query, out);
    ir_buf_append_char(out, '\n');
    append_canonical_headers(request, out);
    ir_buf_append_char(out, '\n');
    ir_sign_signed_headers(request, out);
    ir_buf_appendf(out, "\n%s", request->payload_hash);
}

static void append_scope(const struct ir_sign_request *request, struct ir_buf *out)
{
    ir_buf_appendf(out, "%.*s/%s/%s/aws4_request", DAY_CHARS, request->date, request->region,
                   request->service);
}

int ir_sign_string_to_sign(const struct ir_sign_request *request, const char *canonical_request,
                           size_t canonical_request_bytes, struct ir_buf *out)
{
    unsigned char hash[IR_SHA256_BYTES];
    char hex[IR_SHA256_HEX_BYTES];
    int rc = ir_sha256_once(canonical_request, canonical_request_bytes, hash);
    if (rc != 0)
        return rc;
    ir_hex(hash, sizeof hash, hex);
    ir_buf_appendf(out, "AWS4-HMAC-SHA256\n%s\n", request->date);
    append_scope(request, out);
    ir_buf_appendf(out, "\n%s", hex);
    return out->failed;
}

/* The key that signs for one day, region and service. */
static int derive_key(const struct ir_sign_request *request, const char *secret_key,
                      unsigned char key[IR_SHA256_BYTES])
{
    struct ir_buf first;
    ir_buf_init_secret(&first, MAX_TEXT_BYTES);
    ir_buf_append_text(&first, "AWS4");
    ir_buf_append_text(&first, secret_key);
    int rc = strlen(request->date) < DAY_CHARS ? IR_ERR_ARG : first.failed;
    if (rc == 0)
        rc = ir_hmac_sha256(first.data, first.bytes, request->date, DAY_CHARS, key);
    const char *const steps[] = {request->region, request->service, "aws4_request"};
    for (size_t i = 0; rc == 0 && i < sizeof steps / sizeof steps[0]; i++) {
        unsigned char next[IR_SHA256_BYTES] = {0};
        rc = ir_hmac_sha256(key, IR_SHA256_BYTES, steps[i], strlen(steps[i]), next);
        memcpy(key, next, sizeof next);
        ir_wipe(next, sizeof next);
    }
    ir_buf_release(&first);
    return rc;
}

int ir_sign_signature(const struct ir_sign_request *request, const char *secret_key,
                      const char *string_to_sign, size_t string_to_sign_bytes,
                      char out_hex[IR_SHA256_HEX_BYTES])
{
    unsigned char key[IR_SHA256_BYTES] = {0};
    unsigned char signature[IR_SHA256_BYTES];
    int rc = derive_key(request, secret_key, key);
    if (rc == 0)
        rc = ir_hmac_sha256(key, sizeof key, string_to_sign, string_to_sign_bytes, signature);
    if (rc == 0)
        ir_hex(signature, sizeof signature, out_hex);
    ir_wipe(key, sizeof key);
    return rc;
}

/* All stages at once. IR_ERR_NOMEM, IR_ERR_TOO_LARGE, IR_ERR_ARG. */
static int sign(const struct ir_sign_request *request, const char *secret_key,
                char out_hex[IR_SHA256_HEX_BYTES])
{
    struct ir_buf canonical;
    struct ir_buf to_sign;
    ir_buf_init_secret(&canonical, MAX_TEXT_BYTES);
    ir_buf_init(&to_sign, MAX_TEXT_BYTES);
    ir_sign_canonical_request(request, &canonical);
    int rc = canonical.failed;
    if (rc == 0)
        rc = ir_sign_string_to_sign(request, ir_buf_text(&canonical), canonical.bytes, &to_sign);
    if (rc == 0)
        rc = ir_sign_signature(request, secret_key, ir_buf_text(&to_sign), to_sign.bytes, out_hex);
    ir_buf_release(&to_sign);
    ir_buf_release(&canonical);
    return rc;
}

void ir_sign_authorization(const struct ir_sign_request *request, const char *access_key_id,
                           const char *secret_key, struct ir_buf *out)
{
    char signature[IR_SHA256_HEX_BYTES];
    int rc = sign(request, secret_key, signature);
    if (rc != 0) {
        fail_buf(out, rc);
        return;
    }
    ir_buf_appendf(out, "AWS4-HMAC-SHA256 Credential=%s/", access_key_id);
    append_scope(request, out);
    ir_buf_append_text(out, ", SignedHeaders=");
    ir_sign_signed_headers(request, out);
    ir_buf_appendf(out, ", Signature=%s", signature);
}

/* ---- presigned --------------------------------------------------------------------------- */

/* What is to be signed: the request's own query and the parameters that tell how it is signed. */
static void append_signing_query(const struct ir_sign_request *request,
                                 const struct ir_sign_key *key, long lifetime_s, struct ir_buf *out)
{
    struct ir_buf value;
    ir_buf_init(&value, MAX_TEXT_BYTES);
    if (request->query != NULL && *request->query != '\0')
        ir_buf_appendf(out, "%s&", request->query);
    ir_buf_appendf(&value, "%s/", key->access_key_id);
    append_scope(request, &value);
    ir_buf_append_text(out, "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=");
    ir_uri_encode(out, ir_buf_text(&value), value.bytes, false);
    ir_buf_appendf(out, "&X-Amz-Date=%s&X-Amz-Expires=%ld&X-Amz-SignedHeaders=", request->date,
                   lifetime_s);
    if (value.failed != 0)
        fail_buf(out, value.failed);
    ir_buf_clear(&value);
    ir_sign_signed_headers(request, &value);
    ir_uri_encode(out, ir_buf_text(&value), value.bytes, false);
    if (value.failed != 0)
        fail_buf(out, value.failed);
    if (key->session_token != NULL) {
        ir_buf_append_text(out, "&X-Amz-Security-Token=");
        ir_uri_encode(out, key->session_token, strlen(key->session_token), false);
    }
    ir_buf_release(&value);
}

void ir_sign_presigned_query(const struct ir_sign_request *request, const struct ir_sign_key *key,
                             long lifetime_s, struct ir_buf *out)
{
    struct ir_sign_request presigned = *request;
    char signature[IR_SHA256_HEX_BYTES];
    struct ir_buf query;
    ir_buf_init_secret(&query, MAX_TEXT_BYTES);
    append_signing_query(request, key, lifetime_s, &query);
    presigned.query = ir_buf_text(&query);
    int rc = query.failed;
    if (rc == 0)
        rc = sign(&presigned, key->secret_key, signature);
    if (rc == 0)
        ir_buf_appendf(out, "%s&X-Amz-Signature=%s", ir_buf_text(&query), signature);
    else
        fail_buf(out, rc);
    ir_buf_release(&query);
}
