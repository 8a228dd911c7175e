/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Authorization: AWS4-HMAC-SHA256 Credential=KEY/DAY/REGION/SERVICE/aws4_request,
 *                SignedHeaders=a;b;c, Signature=HEX
 * or the same in the query: X-Amz-Algorithm, X-Amz-Credential, X-Amz-Date, X-Amz-Expires,
 * X-Amz-SignedHeaders, X-Amz-Signature (the last is not signed).
 *
 * Order of the checks: is it there, is it whole, is the key known, is the scope right, is the date
 * near, is everything signed that must be, does the signature match. Codes are those of JSON
 * services; fault.c says them in the words of the others.
 */
#include "plugins/local/auth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "core/aws/embedded.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/world.h"
#include "plugins/local/query.h"
#include "plugins/local/refuse.h"

#define ALGORITHM "AWS4-HMAC-SHA256"
#define S3 "s3"
#define SCOPE_END "aws4_request"
#define FIELD_BYTES 1024
#define DAY_CHARS 8
#define DATE_CHARS 16
#define MAX_CANONICAL_BYTES (64U * 1024)
#define MAX_QUERY_BYTES (32U * 1024)
#define HEX_CHARS (IR_SHA256_HEX_BYTES - 1)

static const char *const services[] = {"rekognition", S3, "sts", "logs", "bedrock", "sagemaker"};

struct authorization {
    char credential[FIELD_BYTES];
    char signed_headers[FIELD_BYTES];
    char signature[FIELD_BYTES];
    char date[FIELD_BYTES];
    bool presigned;
    long expires_s; /* of a presigned one */
    /* cut out of credential */
    const char *key_id;
    const char *day;
    const char *region;
    const char *service;
};

const char *auth_header(const struct auth_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (strcasecmp(request->headers[i].name, name) == 0)
            return request->headers[i].value;
    return NULL;
}

/* ---- taking the header apart ------------------------------------------------------------- */

/* "Name=value" up to a comma or blank; false when it is not there or too long. */
static bool cut_field(const char *text, const char *name, char out[FIELD_BYTES])
{
    size_t name_bytes = strlen(name);
    for (const char *field = text; *field != '\0';) {
        field += strspn(field, ", \t");
        size_t bytes = strcspn(field, ", \t");
        if (bytes > name_bytes && strncmp(field, name, name_bytes) == 0 &&
            field[name_bytes] == '=') {
            size_t value_bytes = bytes - name_bytes - 1;
            if (value_bytes == 0 || value_bytes >= FIELD_BYTES)
                return false;
            memcpy(out, field + name_bytes + 1, value_bytes);
            out[value_bytes] = '\0';
            return true;
        }
        field += bytes;
    }
    return false;
}

/* KEY/DAY/REGION/SERVICE/aws4_request, in place. */
static bool cut_credential(struct authorization *authorization)
{
    const char *parts[5];
    char *rest = authorization->credential;
    for (int i = 0; i < 5; i++) {
        parts[i] = rest;
        rest = strchr(rest, '/');
        if ((rest == NULL) != (i == 4))
            return false;
        if (rest != NULL)
            *rest++ = '\0';
    }
    authorization->key_id = parts[0];
    authorization->day = parts[1];
    authorization->region = parts[2];
    authorization->service = parts[3];
    return strcmp(parts[4], SCOPE_END) == 0;
}

static int fail_credential(struct ir_error *err)
{
    return refuse(err, &refuse_incomplete,
                  "The Credential of the signature is not KEY/DAY/REGION/SERVICE/" SCOPE_END ".");
}

static int read_header_form(const struct auth_request *request, const char *header,
                            struct authorization *out, struct ir_error *err)
{
    size_t algorithm_bytes = strlen(ALGORITHM);
    if (strncmp(header, ALGORITHM, algorithm_bytes) != 0 || header[algorithm_bytes] != ' ')
        return refuse(err, &refuse_incomplete,
                      "The Authorization header does not begin with " ALGORITHM ".");
    const char *fields = header + algorithm_bytes;
    if (!cut_field(fields, "Credential", out->credential))
        return refuse(err, &refuse_incomplete,
                      "Authorization header requires 'Credential' parameter.");
    if (!cut_field(fields, "SignedHeaders", out->signed_headers))
        return refuse(err, &refuse_incomplete,
                      "Authorization header requires 'SignedHeaders' parameter.");
    if (!cut_field(fields, "Signature", out->signature))
        return refuse(err, &refuse_incomplete,
                      "Authorization header requires 'Signature' parameter.");
    if (!cut_credential(out))
        return fail_credential(err);
    const char *date = auth_header(request, "X-Amz-Date");
    ir_text_copy(out->date, sizeof out->date, date != NULL ? date : "");
    return 0;
}

static int read_query_form(const struct auth_request *request, struct authorization *out,
                           struct ir_error *err)
{
    char algorithm[FIELD_BYTES] = "";
    char expires[FIELD_BYTES] = "";
    char *end = expires;
    out->presigned = true;
    if (!query_text(request->query, "X-Amz-Algorithm", algorithm, sizeof algorithm) ||
        strcmp(algorithm, ALGORITHM) != 0)
        return refuse(err, &refuse_query_signature, "X-Amz-Algorithm only supports " ALGORITHM ".");
    if (!query_text(request->query, "X-Amz-Credential", out->credential, FIELD_BYTES) ||
        !query_text(request->query, "X-Amz-SignedHeaders", out->signed_headers, FIELD_BYTES) ||
        !query_text(request->query, "X-Amz-Date", out->date, FIELD_BYTES) ||
        !query_text(request->query, "X-Amz-Signature", out->signature, FIELD_BYTES))
        return refuse(err, &refuse_query_signature,
                      "Query-string authentication requires X-Amz-Algorithm, X-Amz-Credential, "
                      "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders and X-Amz-Expires.");
    if (!cut_credential(out))
        return fail_credential(err);
    bool has_expires = query_text(request->query, "X-Amz-Expires", expires, sizeof expires);
    out->expires_s = strtol(expires, &end, 10);
    if (!has_expires || end == expires || *end != '\0' || out->expires_s < 1 ||
        out->expires_s > AUTH_MAX_EXPIRES_S)
        return refuse(err, &refuse_query_signature,
                      "X-Amz-Expires must be a number of seconds from 1 to %d.",
                      AUTH_MAX_EXPIRES_S);
    return 0;
}

static int read_authorization(const struct auth_request *request, struct authorization *out,
                              struct ir_error *err)
{
    const char *header = auth_header(request, "Authorization");
    if (header != NULL)
        return read_header_form(request, header, out, err);
    if (query_has(request->query, "X-Amz-Signature") ||
        query_has(request->query, "X-Amz-Algorithm"))
        return read_query_form(request, out, err);
    return refuse(err, &refuse_no_signature, "Missing Authentication Token");
}

/* ---- judging its parts ------------------------------------------------------------------- */

static bool digits_at(const char *text, int from, int to)
{
    for (int i = from; i < to; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return true;
}

/* "20261120T213500Z" as milliseconds of 1970; false when it is none. */
static bool read_date(const char *text, int64_t *out_ms)
{
    if (text == NULL || strlen(text) != DATE_CHARS || text[DAY_CHARS] != 'T' ||
        text[DATE_CHARS - 1] != 'Z' || !digits_at(text, 0, DAY_CHARS) ||
        !digits_at(text, DAY_CHARS + 1, DATE_CHARS - 1))
        return false;
    struct tm date = {0};
    const char *end = strptime(text, "%Y%m%dT%H%M%SZ", &date);
    if (end == NULL || *end != '\0')
        return false;
    *out_ms = (int64_t)timegm(&date) * 1000;
    return true;
}

static bool is_s3(const struct authorization *authorization)
{
    return strcmp(authorization->service, S3) == 0;
}

static bool is_known_service(const char *name)
{
    for (size_t i = 0; i < sizeof services / sizeof services[0]; i++)
        if (strcmp(name, services[i]) == 0)
            return true;
    return false;
}

static int check_scope(const struct authorization *authorization, struct ir_error *err)
{
    const char *date = authorization->date;
    if (strcmp(authorization->key_id, IR_EMBEDDED_ACCESS_KEY_ID) != 0)
        return refuse(err, &refuse_key,
                      "The security token included in the request is invalid: this endpoint knows "
                      "only its own access key.");
    if (!is_known_service(authorization->service))
        return refuse(err, &refuse_signature,
                      "Credential should be scoped to a service that is here: rekognition, s3, "
                      "bedrock, sagemaker, logs or sts.");
    if (strlen(authorization->day) != DAY_CHARS ||
        strncmp(authorization->day, date, DAY_CHARS) != 0)
        return refuse(err, &refuse_signature,
                      "Date in Credential scope does not match the date of the request.");
    size_t region_bytes = strlen(authorization->region);
    if (region_bytes == 0 || region_bytes >= AUTH_NAME_BYTES)
        return refuse(err, &refuse_signature, "The Credential names no region.");
    return 0;
}

static int refuse_late(const struct authorization *authorization, int64_t now_ms, bool early,
                       struct ir_error *err)
{
    char now[IR_SIGN_DATE_BYTES];
    char limit[IR_SIGN_DATE_BYTES];
    ir_world_amz_date(now_ms, now);
    ir_world_amz_date(now_ms + (early ? AUTH_MAX_SKEW_MS : -AUTH_MAX_SKEW_MS), limit);
    if (is_s3(authorization))
        return refuse(err, &refuse_skew,
                      "The difference between the request time and the server's time is too large: "
                      "%s, and here it is %s.",
                      authorization->date, now);
    if (early)
        return refuse(err, &refuse_signature,
                      "Signature not yet current: %s is still later than %s (%s + 15 min.)",
                      authorization->date, limit, now);
    return refuse(err, &refuse_signature,
                  "Signature expired: %s is now earlier than %s (%s - 15 min.)",
                  authorization->date, limit, now);
}

static int check_date(const struct authorization *authorization, int64_t now_ms,
                      struct ir_error *err)
{
    int64_t date_ms;
    if (!read_date(authorization->date, &date_ms))
        return refuse(err, &refuse_incomplete,
                      "Authorization header requires existence of a valid "
                      "'X-Amz-Date' header.");
    if (date_ms > now_ms + AUTH_MAX_SKEW_MS)
        return refuse_late(authorization, now_ms, true, err);
    if (authorization->presigned && now_ms > date_ms + (int64_t)authorization->expires_s * 1000)
        return refuse(err, &refuse_denied, "Request has expired: it was signed at %s for %ld s.",
                      authorization->date, authorization->expires_s);
    if (!authorization->presigned && date_ms < now_ms - AUTH_MAX_SKEW_MS)
        return refuse_late(authorization, now_ms, false, err);
    return 0;
}

/* ---- signed headers ---------------------------------------------------------------------- */

static bool is_listed(const char *list, const char *name)
{
    size_t name_bytes = strlen(name);
    while (*list != '\0') {
        size_t bytes = strcspn(list, ";");
        if (bytes == name_bytes && strncasecmp(list, name, bytes) == 0)
            return true;
        list += bytes + (list[bytes] == ';');
    }
    return false;
}

/* Gathers the headers that are signed; refuses when one is absent or one that must be is not. */
static int gather_headers(const struct auth_request *request, const char *list,
                          struct ir_header *out, size_t *out_count, struct ir_error *err)
{
    size_t count = 0;
    if (!is_listed(list, "host"))
        return refuse(err, &refuse_signature,
                      "'Host' must be a 'SignedHeader' in the Authorization header.");
    for (const char *name = list; *name != '\0';) {
        size_t bytes = strcspn(name, ";");
        char copy[FIELD_BYTES];
        memcpy(copy, name, bytes);
        copy[bytes] = '\0';
        if (auth_header(request, copy) == NULL)
            return refuse(err, &refuse_signature, "The signed header '%s' is not in the request.",
                          copy);
        name += bytes + (name[bytes] == ';');
    }
    for (size_t i = 0; i < request->header_count && count < AUTH_MAX_HEADERS; i++) {
        const struct ir_header *header = &request->headers[i];
        if (is_listed(list, header->name))
            out[count++] = *header;
        else if (strncasecmp(header->name, "x-amz-", 6) == 0)
            return refuse(err, &refuse_signature,
                          "'%s' must be a 'SignedHeader' in the Authorization header.",
                          header->name);
    }
    *out_count = count;
    return 0;
}

/* ---- the signature ----------------------------------------------------------------------- */

/* "UNSIGNED-PAYLOAD" and its like; false for a hash. */
static bool read_keyword(const char *claimed, enum auth_payload *out)
{
    static const struct {
        const char *keyword;
        enum auth_payload payload;
    } known[] = {
        {"UNSIGNED-PAYLOAD", AUTH_PAYLOAD_UNSIGNED},
        {"STREAMING-UNSIGNED-PAYLOAD-TRAILER", AUTH_PAYLOAD_CHUNKS_UNSIGNED},
        {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", AUTH_PAYLOAD_CHUNKS},
        {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", AUTH_PAYLOAD_CHUNKS_TRAILER},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(claimed, known[i].keyword) == 0) {
            *out = known[i].payload;
            return true;
        }
    return false;
}

/* The last line of the canonical request, borrowed. */
static int choose_payload(const struct auth_request *request,
                          const struct authorization *authorization, struct auth_grant *grant,
                          const char **out_line, struct ir_error *err)
{
    const char *claimed = auth_header(request, "X-Amz-Content-Sha256");
    bool s3 = is_s3(authorization);
    if (s3 && claimed == NULL && authorization->presigned)
        claimed = "UNSIGNED-PAYLOAD";
    if (s3 && claimed == NULL)
        return refuse(err, &refuse_request,
                      "Missing required header for this request: x-amz-content-sha256.");
    grant->payload = AUTH_PAYLOAD_HASHED;
    *out_line = claimed;
    if (s3 && read_keyword(claimed, &grant->payload))
        return 0;
    if (s3 && strlen(claimed) != HEX_CHARS)
        return refuse(err, &refuse_request,
                      "x-amz-content-sha256 must be a SHA-256 in hexadecimal, UNSIGNED-PAYLOAD or "
                      "a STREAMING keyword that is known here.");
    *out_line = request->body_sha256 != NULL ? request->body_sha256 : claimed;
    if (*out_line == NULL)
        return refuse(err, &refuse_internal, "The body's hash is not known.");
    if (claimed != NULL && strcmp(claimed, *out_line) != 0)
        return refuse(err, &refuse_signature,
                      "The hash in 'X-Amz-Content-Sha256' is not that of the request's body.");
    ir_text_copy(grant->payload_hash, sizeof grant->payload_hash, *out_line);
    return 0;
}

static int compute_signature(const struct ir_sign_request *request,
                             char out_hex[IR_SHA256_HEX_BYTES])
{
    struct ir_buf canonical;
    struct ir_buf to_sign;
    ir_buf_init(&canonical, MAX_CANONICAL_BYTES);
    ir_buf_init(&to_sign, MAX_CANONICAL_BYTES);
    ir_sign_canonical_request(request, &canonical);
    int rc = canonical.failed;
    if (rc == 0)
        rc = ir_sign_string_to_sign(request, ir_buf_text(&canonical), canonical.bytes, &to_sign);
    if (rc == 0)
        rc = ir_sign_signature(request, IR_EMBEDDED_SECRET_KEY, ir_buf_text(&to_sign),
                               to_sign.bytes, out_hex);
    ir_buf_release(&canonical);
    ir_buf_release(&to_sign);
    return rc;
}

int auth_sign(const struct auth_grant *grant, const char *string_to_sign,
              char out_hex[IR_SHA256_HEX_BYTES])
{
    const struct ir_sign_request scope = {
        .service = grant->service, .region = grant->region, .date = grant->date};
    return ir_sign_signature(&scope, IR_EMBEDDED_SECRET_KEY, string_to_sign, strlen(string_to_sign),
                             out_hex);
}

/* The query without X-Amz-Signature. */
static void drop_signature(const char *query, struct ir_buf *out)
{
    static const char name[] = "X-Amz-Signature=";
    for (const char *part = query; *part != '\0';) {
        size_t bytes = strcspn(part, "&");
        if (strncmp(part, name, sizeof name - 1) != 0) {
            if (out->bytes > 0)
                ir_buf_append_char(out, '&');
            ir_buf_append(out, part, bytes);
        }
        part += bytes + (part[bytes] == '&');
    }
}

static int judge_signature(const struct authorization *authorization,
                           const struct ir_sign_request *sign, struct ir_error *err)
{
    char expected[IR_SHA256_HEX_BYTES];
    int rc = compute_signature(sign, expected);
    if (rc == IR_ERR_NOMEM)
        return refuse_nomem(err);
    if (rc != 0 || strlen(authorization->signature) != HEX_CHARS ||
        !ir_equal_secret(authorization->signature, expected, HEX_CHARS))
        return refuse(err, &refuse_signature,
                      "The request signature we calculated does not match the signature you "
                      "provided. Check the secret key and what was signed.");
    return 0;
}

static int compare_signature(const struct auth_request *request,
                             const struct authorization *authorization, struct auth_grant *grant,
                             struct ir_error *err)
{
    struct ir_header headers[AUTH_MAX_HEADERS];
    struct ir_buf query;
    struct ir_sign_request sign = {.method = request->method,
                                   .path = request->path,
                                   .query = request->query,
                                   .headers = headers,
                                   .service = authorization->service,
                                   .region = authorization->region,
                                   .date = authorization->date,
                                   .s3_path = is_s3(authorization)};
    int rc =
        gather_headers(request, authorization->signed_headers, headers, &sign.header_count, err);
    if (rc == 0)
        rc = choose_payload(request, authorization, grant, &sign.payload_hash, err);
    if (rc != 0)
        return rc;
    ir_buf_init(&query, MAX_QUERY_BYTES);
    if (authorization->presigned) {
        drop_signature(request->query, &query);
        sign.query = ir_buf_text(&query);
    }
    rc = query.failed != 0 ? refuse_nomem(err) : judge_signature(authorization, &sign, err);
    ir_buf_release(&query);
    return rc;
}

int auth_check(const struct auth_request *request, struct auth_grant *out, struct ir_error *err)
{
    struct authorization authorization = {.key_id = "", .day = "", .region = "", .service = ""};
    struct auth_grant grant = {.service = ""};
    int rc = read_authorization(request, &authorization, err);
    if (rc == 0)
        rc = check_date(&authorization, request->now_ms, err);
    if (rc == 0)
        rc = check_scope(&authorization, err);
    if (rc == 0 && (auth_header(request, "X-Amz-Security-Token") != NULL ||
                    query_has(request->query, "X-Amz-Security-Token")))
        rc = refuse(err, &refuse_key,
                    "The security token included in the request is invalid: the key of this "
                    "endpoint has none.");
    if (rc == 0)
        rc = compare_signature(request, &authorization, &grant, err);
    if (rc != 0)
        return rc;
    ir_text_copy(grant.service, sizeof grant.service, authorization.service);
    ir_text_copy(grant.region, sizeof grant.region, authorization.region);
    ir_text_copy(grant.date, sizeof grant.date, authorization.date);
    ir_text_copy(grant.signature, sizeof grant.signature, authorization.signature);
    *out = grant;
    return 0;
}

void auth_peek_service(const struct auth_request *request, char out[AUTH_NAME_BYTES])
{
    struct authorization authorization = {.key_id = "", .day = "", .region = "", .service = ""};
    *out = '\0';
    const char *header = auth_header(request, "Authorization");
    if (header != NULL ? !cut_field(header, "Credential", authorization.credential)
                       : !query_text(request->query, "X-Amz-Credential", authorization.credential,
                                     FIELD_BYTES))
        return;
    if (cut_credential(&authorization))
        ir_text_copy(out, AUTH_NAME_BYTES, authorization.service);
}
