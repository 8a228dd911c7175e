/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The endpoint's signature check: a request signed by the core passes, and nothing altered does. */
#include "tests/unit/unit.h"

#include "core/aws/embedded.h"
#include "core/aws/sign.h"
#include "core/base/buf.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/world.h"
#include "plugins/local/auth.h"

#define NOW_MS INT64_C(1795210500000) /* 2026-11-20T21:35:00Z */
#define BODY "{\"Image\":{}}"
#define MINUTE_MS INT64_C(60000)

/* A request as a client would send it. What a row does not name is right. */
struct auth_row {
    const char *name;
    const char *code;    /* wanted; "" when it must pass */
    const char *message; /* a part of it */
    const char *key_id;
    const char *secret;
    const char *service;
    int64_t age_ms;         /* how old the signature is */
    const char *sent_body;  /* what arrives instead of what was signed */
    const char *extra_name; /* a header that is added after signing */
    const char *extra_value;
    const char *authorization; /* the whole header instead; "-" for none */
    const char *path;          /* what arrives */
    bool without_host;         /* host not signed */
    int status;                /* 0 = 400 */
};

static const struct auth_row rows[] = {
    {.name = "right", .code = ""},
    {.name = "14 minutes old", .code = "", .age_ms = 14 * MINUTE_MS},
    {.name = "14 minutes early", .code = "", .age_ms = -14 * MINUTE_MS},
    {.name = "16 minutes old",
     .code = "InvalidSignatureException",
     .message = "Signature expired",
     .age_ms = 16 * MINUTE_MS},
    {.name = "16 minutes early",
     .code = "InvalidSignatureException",
     .message = "not yet current",
     .age_ms = -16 * MINUTE_MS},
    {.name = "wrong secret",
     .code = "InvalidSignatureException",
     .message = "does not match",
     .secret = "imgrecog-local/embedded-endpoint/not-secreT"},
    {.name = "unknown key",
     .code = "UnrecognizedClientException",
     .message = "",
     .key_id = "AKIDEXAMPLE"},
    {.name = "other service",
     .code = "InvalidSignatureException",
     .message = "rekognition",
     .service = "iam"},
    {.name = "S3 without the body's hash",
     .code = "InvalidRequest",
     .message = "x-amz-content-sha256",
     .service = "s3"},
    {.name = "S3, expired",
     .code = "RequestTimeTooSkewed",
     .message = "too large",
     .status = 403,
     .service = "s3",
     .age_ms = 16 * MINUTE_MS},
    {.name = "body changed",
     .code = "InvalidSignatureException",
     .message = "does not match",
     .sent_body = "{\"Image\":[]}"},
    {.name = "body cut off",
     .code = "InvalidSignatureException",
     .message = "does not match",
     .sent_body = "{"},
    {.name = "path changed",
     .code = "InvalidSignatureException",
     .message = "does not match",
     .path = "/x"},
    {.name = "unsigned header of a proxy",
     .code = "",
     .extra_name = "Via",
     .extra_value = "1.1 proxy"},
    {.name = "unsigned header that must be signed",
     .code = "InvalidSignatureException",
     .message = "X-Amz-Meta",
     .extra_name = "X-Amz-Meta",
     .extra_value = "1"},
    {.name = "session token",
     .code = "UnrecognizedClientException",
     .message = "",
     .extra_name = "X-Amz-Security-Token",
     .extra_value = "abc"},
    {.name = "signed header sent twice",
     .code = "InvalidSignatureException",
     .message = "does not match",
     .extra_name = "X-Amz-Target",
     .extra_value = "other"},
    {.name = "hash of another body",
     .code = "InvalidSignatureException",
     .message = "Sha256",
     .extra_name = "X-Amz-Content-Sha256",
     .extra_value = "00"},
    {.name = "host not signed",
     .code = "InvalidSignatureException",
     .message = "Host",
     .without_host = true},
    {.name = "not signed",
     .code = "MissingAuthenticationTokenException",
     .message = "",
     .authorization = "-"},
    {.name = "empty", .code = "IncompleteSignatureException", .message = "", .authorization = ""},
    {.name = "other scheme",
     .code = "IncompleteSignatureException",
     .message = "",
     .authorization = "Bearer x"},
    {.name = "nothing behind the scheme",
     .code = "IncompleteSignatureException",
     .message = "Credential",
     .authorization = "AWS4-HMAC-SHA256 "},
    {.name = "no signed headers",
     .code = "IncompleteSignatureException",
     .message = "SignedHeaders",
     .authorization = "AWS4-HMAC-SHA256 Credential=a/b/c/d/e"},
    {.name = "no signature",
     .code = "IncompleteSignatureException",
     .message = "Signature",
     .authorization = "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host"},
    {.name = "short scope",
     .code = "IncompleteSignatureException",
     .message = "Credential",
     .authorization = "AWS4-HMAC-SHA256 Credential=a/b/c/d, SignedHeaders=host, Signature=00"},
    {.name = "long scope",
     .code = "IncompleteSignatureException",
     .message = "Credential",
     .authorization =
         "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request/x, SignedHeaders=host, Signature=00"},
    {.name = "short signature",
     .code = "InvalidSignatureException",
     .message = "does not match",
     .authorization = "AWS4-HMAC-SHA256 Credential=" IR_EMBEDDED_ACCESS_KEY_ID
                      "/20261120/us-east-1/rekognition/aws4_request, "
                      "SignedHeaders=host;x-amz-date;x-amz-target, Signature=00"},
    {.name = "scope of another day",
     .code = "InvalidSignatureException",
     .message = "Date",
     .authorization = "AWS4-HMAC-SHA256 Credential=" IR_EMBEDDED_ACCESS_KEY_ID
                      "/20261119/us-east-1/rekognition/aws4_request, "
                      "SignedHeaders=host;x-amz-date;x-amz-target, Signature=00"},
    {.name = "signed header that is not there",
     .code = "InvalidSignatureException",
     .message = "x-other",
     .authorization = "AWS4-HMAC-SHA256 Credential=" IR_EMBEDDED_ACCESS_KEY_ID
                      "/20261120/us-east-1/rekognition/aws4_request, "
                      "SignedHeaders=host;x-amz-date;x-amz-target;x-other, Signature=00"},
};

static const char *either(const char *given, const char *preset)
{
    return given != NULL ? given : preset;
}

static void hash_text(const char *text, char out_hex[IR_SHA256_HEX_BYTES])
{
    unsigned char digest[IR_SHA256_BYTES];
    assert_int_equal(ir_sha256_once(text, strlen(text), digest), 0);
    ir_hex(digest, sizeof digest, out_hex);
}

static void sign(const struct auth_row *row, const struct ir_header *headers, const char *date,
                 struct ir_buf *out)
{
    char hash[IR_SHA256_HEX_BYTES];
    hash_text(BODY, hash);
    const struct ir_sign_request request = {.method = "POST",
                                            .path = "/",
                                            .query = "",
                                            .headers = headers + row->without_host,
                                            .header_count = 3 - (size_t)row->without_host,
                                            .payload_hash = hash,
                                            .service = either(row->service, "rekognition"),
                                            .region = "us-east-1",
                                            .date = date};
    ir_sign_authorization(&request, either(row->key_id, IR_EMBEDDED_ACCESS_KEY_ID),
                          either(row->secret, IR_EMBEDDED_SECRET_KEY), out);
    assert_int_equal(out->failed, 0);
}

static void test_row(void **state)
{
    const struct auth_row *row = *state;
    char date[IR_SIGN_DATE_BYTES];
    struct ir_buf authorization;
    struct ir_error err;
    ir_error_clear(&err);
    ir_world_amz_date(NOW_MS - row->age_ms, date);
    struct ir_header headers[5] = {{"Host", "rekognition.us-east-1.localhost"},
                                   {"X-Amz-Date", date},
                                   {"X-Amz-Target", "RekognitionService.DetectLabels"}};
    size_t count = 3;
    ir_buf_init(&authorization, 8192);
    sign(row, headers, date, &authorization);
    if (row->authorization == NULL)
        headers[count++] = (struct ir_header){"Authorization", ir_buf_text(&authorization)};
    else if (strcmp(row->authorization, "-") != 0)
        headers[count++] = (struct ir_header){"Authorization", row->authorization};
    if (row->extra_name != NULL)
        headers[count++] = (struct ir_header){row->extra_name, row->extra_value};
    const char *body = either(row->sent_body, BODY);
    char body_hash[IR_SHA256_HEX_BYTES];
    hash_text(body, body_hash);
    struct auth_grant grant = {.service = "untouched"};
    const struct auth_request request = {.method = "POST",
                                         .path = either(row->path, "/"),
                                         .query = "",
                                         .headers = headers,
                                         .header_count = count,
                                         .body_sha256 = body_hash,
                                         .now_ms = NOW_MS};
    int rc = auth_check(&request, &grant, &err);
    assert_string_equal(grant.service, rc == 0 ? "rekognition" : "untouched");
    assert_string_equal(err.aws_code, row->code);
    assert_int_equal(rc, *row->code == '\0' ? 0 : IR_ERR_SERVICE);
    if (rc != 0) {
        assert_non_null(strstr(err.message, row->message));
        assert_int_equal(err.http_status, row->status != 0 ? row->status : 400);
        assert_null(strstr(err.message, IR_EMBEDDED_SECRET_KEY));
    }
    ir_buf_release(&authorization);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_row, rows);
    return unit_run(&list, "signature check");
}
