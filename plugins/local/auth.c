/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Authorization: AWS4-HMAC-SHA256 Credential=KEY/DAY/REGION/SERVICE/aws4_request,
 *                SignedHeaders=a;b;c, Signature=HEX
 *
 * Order of the checks: is it there, is it whole, is the key known, is the scope right, is the date
 * near, is everything signed that must be, does the signature match.
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
#include "plugins/local/refuse.h"

#define ALGORITHM "AWS4-HMAC-SHA256"
#define SERVICE_NAME "rekognition"
#define SCOPE_END "aws4_request"
#define FIELD_BYTES 1024
#define DAY_CHARS 8
#define DATE_CHARS 16
#define MAX_CANONICAL_BYTES (64U * 1024)

struct authorization {
    char credential[FIELD_BYTES];
    char signed_headers[FIELD_BYTES];
    char signature[FIELD_BYTES];
    /* cut out of credential */
    const char *key_id;
    const char *day;
    const char *region;
    const char *service;
};

/* The first header of this name, any case; NULL when there is none. */
static const char *auth_header(const struct auth_request *request, const char *name)
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

static int read_authorization(const struct auth_request *request, struct authorization *out,
                              struct ir_error *err)
{
    const char *header = auth_header(request, "Authorization");
    if (header == NULL)
        return refuse(err, &refuse_no_signature, "Missing Authentication Token");
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
        return refuse(err, &refuse_incomplete,
                      "The Credential in the Authorization header is not "
                      "KEY/DAY/REGION/SERVICE/" SCOPE_END ".");
    return 0;
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

static int check_scope(const struct authorization *authorization, const char *date,
                       struct ir_error *err)
{
    if (strcmp(authorization->key_id, IR_EMBEDDED_ACCESS_KEY_ID) != 0)
        return refuse(err, &refuse_key,
                      "The security token included in the request is invalid: this endpoint knows "
                      "only its own access key.");
    if (strcmp(authorization->service, SERVICE_NAME) != 0)
        return refuse(err, &refuse_signature,
                      "Credential should be scoped to correct service: '" SERVICE_NAME "'.");
    if (strlen(authorization->day) != DAY_CHARS ||
        strncmp(authorization->day, date, DAY_CHARS) != 0)
        return refuse(err, &refuse_signature,
                      "Date in Credential scope does not match the date of the request.");
    if (*authorization->region == '\0')
        return refuse(err, &refuse_signature, "The Credential names no region.");
    return 0;
}

static int check_date(const char *date, int64_t now_ms, struct ir_error *err)
{
    int64_t date_ms;
    char now[IR_SIGN_DATE_BYTES];
    char limit[IR_SIGN_DATE_BYTES];
    if (!read_date(date, &date_ms))
        return refuse(err, &refuse_incomplete,
                      "Authorization header requires existence of a valid "
                      "'X-Amz-Date' header.");
    ir_world_amz_date(now_ms, now);
    if (date_ms < now_ms - AUTH_MAX_SKEW_MS) {
        ir_world_amz_date(now_ms - AUTH_MAX_SKEW_MS, limit);
        return refuse(err, &refuse_signature,
                      "Signature expired: %s is now earlier than %s (%s - 15 min.)", date, limit,
                      now);
    }
    if (date_ms > now_ms + AUTH_MAX_SKEW_MS) {
        ir_world_amz_date(now_ms + AUTH_MAX_SKEW_MS, limit);
        return refuse(err, &refuse_signature,
                      "Signature not yet current: %s is still later than %s (%s + 15 min.)", date,
                      limit, now);
    }
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

static int hash_body(const struct auth_request *request, char out_hex[IR_SHA256_HEX_BYTES],
                     struct ir_error *err)
{
    unsigned char digest[IR_SHA256_BYTES];
    if (ir_sha256_once(request->body, request->body_bytes, digest) != 0)
        return refuse_nomem(err);
    ir_hex(digest, sizeof digest, out_hex);
    const char *claimed = auth_header(request, "X-Amz-Content-Sha256");
    if (claimed != NULL && strcmp(claimed, out_hex) != 0)
        return refuse(err, &refuse_signature,
                      "The hash in 'X-Amz-Content-Sha256' is not that of the request's body.");
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

static int compare_signature(const struct auth_request *request,
                             const struct authorization *authorization, const char *date,
                             struct ir_error *err)
{
    struct ir_header headers[AUTH_MAX_HEADERS];
    char body_hash[IR_SHA256_HEX_BYTES];
    char expected[IR_SHA256_HEX_BYTES];
    struct ir_sign_request sign = {.method = request->method,
                                   .path = request->path,
                                   .query = request->query,
                                   .headers = headers,
                                   .payload_hash = body_hash,
                                   .service = SERVICE_NAME,
                                   .region = authorization->region,
                                   .date = date};
    int rc =
        gather_headers(request, authorization->signed_headers, headers, &sign.header_count, err);
    if (rc == 0)
        rc = hash_body(request, body_hash, err);
    if (rc != 0)
        return rc;
    rc = compute_signature(&sign, expected);
    if (rc == IR_ERR_NOMEM)
        return refuse_nomem(err);
    size_t hex_chars = IR_SHA256_HEX_BYTES - 1;
    if (rc != 0 || strlen(authorization->signature) != hex_chars ||
        !ir_equal_secret(authorization->signature, expected, hex_chars))
        return refuse(err, &refuse_signature,
                      "The request signature we calculated does not match the signature you "
                      "provided. Check the secret key and what was signed.");
    return 0;
}

int auth_check(const struct auth_request *request, struct ir_error *err)
{
    struct authorization authorization = {.key_id = "", .day = "", .region = "", .service = ""};
    int rc = read_authorization(request, &authorization, err);
    if (rc != 0)
        return rc;
    const char *date = auth_header(request, "X-Amz-Date");
    rc = check_date(date, request->now_ms, err);
    if (rc == 0)
        rc = check_scope(&authorization, date, err);
    if (rc == 0 && auth_header(request, "X-Amz-Security-Token") != NULL)
        rc = refuse(err, &refuse_key,
                    "The security token included in the request is invalid: the key of this "
                    "endpoint has none.");
    if (rc == 0)
        rc = compare_signature(request, &authorization, date, err);
    return rc;
}
