/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions that AWS's own command began: IAM Identity Center and `aws login`. */
#include "tests/unit/unit.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "tests/unit/credentials_rows.h"

#define OFF {"AWS_EC2_METADATA_DISABLED", "true"}

/* ---- IAM Identity Center ----------------------------------------------------------------- */

#define SSO_ROLE "sso_account_id = 123456789012\nsso_role_name = Read Only\n"
#define SESSION                                                                                    \
    "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://x.awsapps.com/start\n"
#define PROFILE "[profile p]\nsso_session = corp\n" SSO_ROLE SESSION
#define LEGACY                                                                                     \
    "[profile p]\nsso_region = eu-west-1\nsso_start_url = https://x.awsapps.com/start\n" SSO_ROLE
#define SESSION_FILE                                                                               \
    "/home/ann/.aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json" /* SHA-1 of "corp" */
#define LEGACY_FILE "/home/ann/.aws/sso/cache/3947de8b16688092197fa616c34e01335f21d256.json"
#define TOKEN_OF(end)                                                                              \
    "{\"startUrl\":\"https://x.awsapps.com/start\",\"region\":\"eu-west-1\",\"accessToken\":"      \
    "\"hush-old\",\"expiresAt\":\"" end "\""
#define REFRESHABLE                                                                                \
    ",\"clientId\":\"cid\",\"clientSecret\":\"hush-client\",\"refreshToken\":\"hush-refresh\","    \
    "\"registrationExpiresAt\":\"2026-12-01T00:00:00Z\",\"scopes\":[\"a\",7,true,null]}"
#define LONG_TIME "2026-11-21T05:35:00Z"
#define NOT_LONG "2026-11-20T21:49:59Z" /* 15 minutes less one second */
#define OVER "2026-11-20T21:34:59Z"
#define ROLE_ANSWER                                                                                \
    "{\"roleCredentials\":{\"accessKeyId\":\"AKIASSO\",\"secretAccessKey\":\"hush-secret\","       \
    "\"sessionToken\":\"hush-token\",\"expiration\":1795214100000}}"
#define FRESH_ANSWER                                                                               \
    "{\"accessToken\":\"hush-new\",\"expiresIn\":28800,\"refreshToken\":\"hush-r2\"}"
#define PORTAL                                                                                     \
    "GET https://portal.sso.eu-west-1.amazonaws.com/federation/credentials?role_name=Read%20Only&" \
    "account_id=123456789012"
#define OIDC "POST https://oidc.eu-west-1.amazonaws.com/token"
#define FOUND .key_id = "AKIASSO", .provider = "IAM Identity Center", .left_ms = 3600000

static const struct row sso_rows[] = {
    {"session",
     "p",
     {OFF},
     .config = PROFILE,
     .files = {{SESSION_FILE, TOKEN_OF(LONG_TIME) REFRESHABLE}},
     .answers = {{PORTAL, .body = ROLE_ANSWER}},
     FOUND,
     .call_count = 1,
     .also_sent = {"x-amz-sso_bearer_token: hush-old"},
     .never_sent = "Authorization"},
    {"session, the profile repeats the session's keys",
     "p",
     {OFF},
     .config = PROFILE "[profile p]\nsso_region = eu-west-1\n",
     .files = {{SESSION_FILE, TOKEN_OF(LONG_TIME) REFRESHABLE}},
     .answers = {{PORTAL, .body = ROLE_ANSWER}},
     FOUND},
    {"session: by AWS's endpoint settings",
     "p",
     {OFF,
      {"AWS_ENDPOINT_URL_SSO", "http://127.0.0.1:1"},
      {"AWS_ENDPOINT_URL_SSO_OIDC", "http://127.0.0.1:2"}},
     .config = PROFILE,
     .files = {{SESSION_FILE, TOKEN_OF(OVER) REFRESHABLE}},
     .answers = {{"http://127.0.0.1:2/token", .body = FRESH_ANSWER},
                 {"http://127.0.0.1:1/federation/credentials?", .body = ROLE_ANSWER}},
     FOUND,
     .writes = {"hush-new"}},
    {"session: token refreshed and written back",
     "p",
     {OFF},
     .config = PROFILE,
     .files = {{SESSION_FILE, TOKEN_OF(NOT_LONG) REFRESHABLE}},
     .answers = {{OIDC, .body = FRESH_ANSWER}, {PORTAL, .body = ROLE_ANSWER}},
     FOUND,
     .sent = {"{\"grantType\":\"refresh_token\",\"clientId\":\"cid\",\"clientSecret\":"
              "\"hush-client\",\"refreshToken\":\"hush-refresh\"}",
              "x-amz-sso_bearer_token: hush-new"},
     .never_sent = "Authorization",
     .call_count = 2,
     .writes = {"{\"startUrl\":\"https://x.awsapps.com/start\",\"region\":\"eu-west-1\","
                "\"accessToken\":\"hush-new\",\"expiresAt\":\"2026-11-21T05:35:00Z\",",
                "\"clientSecret\":\"hush-client\",\"refreshToken\":\"hush-r2\"",
                "\"scopes\":[\"a\",7,true,null]"}},
    {"session: what cannot be refreshed is used while it lasts",
     "p",
     {OFF},
     .config = PROFILE,
     .files = {{SESSION_FILE, TOKEN_OF(NOT_LONG) REFRESHABLE}},
     .answers = {{OIDC, 400, "{\"error\":\"invalid_grant\"}"}, {PORTAL, .body = ROLE_ANSWER}},
     FOUND,
     .also_sent = {"x-amz-sso_bearer_token: hush-old"}},
    {"session: no refresh token, but time left",
     "p",
     {OFF},
     .config = PROFILE,
     .files = {{SESSION_FILE, TOKEN_OF(NOT_LONG) "}"}},
     .answers = {{PORTAL, .body = ROLE_ANSWER}},
     FOUND},
    {"without session (legacy)",
     "p",
     {OFF},
     .config = LEGACY,
     .files = {{LEGACY_FILE, TOKEN_OF("2026-11-21T05:35:00UTC") "}"}},
     .answers = {{PORTAL, .body = ROLE_ANSWER}},
     FOUND,
     .call_count = 1},
    {"without session (legacy), never refreshed",
     "p",
     {OFF},
     .config = LEGACY,
     .files = {{LEGACY_FILE, TOKEN_OF(NOT_LONG) REFRESHABLE}},
     .answers = {{PORTAL, .body = ROLE_ANSWER}},
     FOUND,
     .call_count = 1},
    {"before the files",
     "p",
     {OFF},
     .config = PROFILE,
     .credentials = "[p]\naws_access_key_id = AKIAFILE\naws_secret_access_key = hush-file\n",
     .files = {{SESSION_FILE, TOKEN_OF(LONG_TIME) REFRESHABLE}},
     .answers = {{PORTAL, .body = ROLE_ANSWER}},
     FOUND},
    {"not for a profile without account and role",
     "p",
     {OFF},
     .config = "[profile p]\nsso_session = corp\n" SESSION,
     .traces = {"IAM Identity Center (not set up: profile \"p\" has no sso_account_id)"},
     .says = {"no credentials found"}},

    {"refused: nobody logged in",
     "p",
     {OFF},
     .config = PROFILE,
     .says = {"session of profile \"p\" is not there", "aws sso login --profile p"},
     .call_count = -1},
    {"refused: the file is no JSON",
     "p",
     {OFF},
     .config = PROFILE,
     .files = {{SESSION_FILE, "hush"}},
     .says = {SESSION_FILE " is not valid JSON"}},
    {"refused: the file has no token",
     "p",
     {OFF},
     .config = PROFILE,
     .files = {{SESSION_FILE, "{\"accessToken\":5}"}},
     .says = {"aws sso login --profile p"}},
    {"refused: over, not to be renewed",
     "p",
     {OFF},
     .config = PROFILE,
     .files = {{SESSION_FILE, TOKEN_OF(OVER) "}"}},
     .says = {"has ended and cannot be renewed", "aws sso login --profile p"},
     .call_count = -1},
    {"refused: over, registration over",
     "p",
     {OFF},
     .config = PROFILE,
     .files = {{SESSION_FILE, TOKEN_OF(OVER) ",\"clientId\":\"c\",\"clientSecret\":\"hush\","
                                             "\"refreshToken\":\"hush\",\"registrationExpiresAt\":"
                                             "\"2026-11-20T00:00:00Z\"}"}},
     .says = {"cannot be renewed"},
     .call_count = -1},
    {"refused: over, and OIDC refuses",
     "p",
     {OFF},
     .config = PROFILE,
     .files = {{SESSION_FILE, TOKEN_OF(OVER) REFRESHABLE}},
     .answers = {{OIDC, 400, "{\"__type\":\"InvalidGrantException\",\"message\":\"no more\"}"}},
     .rc = IR_ERR_SERVICE,
     .says = {"no more", "aws sso login --profile p"},
     .call_count = 1},
    {"refused: over (legacy)",
     "p",
     {OFF},
     .config = LEGACY,
     .files = {{LEGACY_FILE, TOKEN_OF(OVER) REFRESHABLE}},
     .says = {"has ended", "aws sso login --profile p"},
     .call_count = -1},
    {"refused: the token is not taken",
     "p",
     {OFF},
     .config = PROFILE,
     .files = {{SESSION_FILE, TOKEN_OF(LONG_TIME) REFRESHABLE}},
     .answers = {{PORTAL, 401,
                  "{\"__type\":\"UnauthorizedException\",\"message\":\"Session token "
                  "not found or invalid\"}"}},
     .says = {"Session token not found", "aws sso login --profile p"}},
    {"refused: the role is not given",
     "p",
     {OFF},
     .config = PROFILE,
     .files = {{SESSION_FILE, TOKEN_OF(LONG_TIME) REFRESHABLE}},
     .answers = {{PORTAL, 403, "{\"__type\":\"ForbiddenException\",\"message\":\"No access\"}"}},
     .says = {"No access", "sso_role_name of profile \"p\""}},
    {"refused: an answer without end",
     "p",
     {OFF},
     .config = PROFILE,
     .files = {{SESSION_FILE, TOKEN_OF(LONG_TIME) REFRESHABLE}},
     .answers = {{PORTAL, .body = "{\"roleCredentials\":{\"accessKeyId\":\"AKIASSO\","
                                  "\"secretAccessKey\":\"hush\",\"sessionToken\":\"hush\"}}"}},
     .rc = IR_ERR_RESPONSE,
     .says = {"no valid \"expiration\""}},
    {"refused: a token with a line break",
     "p",
     {OFF},
     .config = PROFILE,
     .files = {{SESSION_FILE,
                "{\"accessToken\":\"hush\\r\\nX: 1\",\"expiresAt\":\"" LONG_TIME "\"}"}},
     .says = {"characters that tokens never have"},
     .call_count = -1},
    {"refused: no role",
     "p",
     {OFF},
     .config = "[profile p]\nsso_session = corp\nsso_account_id = 1\n" SESSION,
     .says = {"no valid sso_role_name"}},
    {"refused: no such session",
     "p",
     {OFF},
     .config = "[profile p]\nsso_session = gone\n" SSO_ROLE,
     .says = {"no valid sso_start_url", "aws configure sso"}},
    {"refused: region that is none",
     "p",
     {OFF},
     .config = "[profile p]\nsso_region = evil.example/\nsso_start_url = u\n" SSO_ROLE,
     .says = {"no valid sso_region"},
     .call_count = -1},
    {"refused: profile and session differ",
     "p",
     {OFF},
     .config = PROFILE "[profile p]\nsso_region = us-east-1\n",
     .says = {"sso_region of profile \"p\" is not that of its sso-session"}},
};

/* ---- aws login --------------------------------------------------------------------------- */

#define LOGIN_ARN "arn:aws:iam::123456789012:user/ann"
#define LOGIN_PROFILE "[profile p]\nregion = eu-west-1\nlogin_session = " LOGIN_ARN "\n"
#define LOGIN_NAME                                                                                 \
    "143b1fc18f5ca9bb89e81d9a77fe53029e237039039ccab734b6fb08284f7780.json" /* SHA-256 of the      \
                                                                               session */
#define LOGIN_FILE "/home/ann/.aws/login/cache/" LOGIN_NAME
#define LOGIN_FORMAT                                                                               \
    "{\"accessToken\":{\"accessKeyId\":\"AKIACACHED\",\"secretAccessKey\":\"hush-secret\","        \
    "\"sessionToken\":\"hush-token\",\"accountId\":\"123456789012\",\"expiresAt\":\"%s\"},"        \
    "\"tokenType\":\"aws_sigv4\",\"refreshToken\":\"hush-refresh\",\"idToken\":\"hush-id\","       \
    "\"clientId\":\"arn:aws:signin:::devtools/same-device\",\"dpopKey\":\"%s\"}"
#define SIGNIN "POST https://eu-west-1.signin.aws.amazon.com/v1/token"
#define LOGIN_FRESH                                                                                \
    "{\"accessToken\":{\"accessKeyId\":\"AKIALOGIN\",\"secretAccessKey\":\"hush-secret\","         \
    "\"sessionToken\":\"hush-t2\"},\"tokenType\":\"aws_sigv4\",\"expiresIn\":900,"                 \
    "\"refreshToken\":\"hush-r2\"}"
#define MAX_LOGIN_BYTES 4096
#define MAX_KEY_BYTES 1024
#define LOGIN_FOUND .key_id = "AKIALOGIN", .provider = "an aws login session", .left_ms = 900000

/* Session files with keys that are made at the start. */
static char left_6_min[MAX_LOGIN_BYTES];
static char left_5_min[MAX_LOGIN_BYTES];
static char over[MAX_LOGIN_BYTES];
static char over_p384[MAX_LOGIN_BYTES];
static char over_no_key[MAX_LOGIN_BYTES];

/* A new private key in PEM, its line feeds as JSON writes them. */
static void make_key(const char *curve, char out[MAX_KEY_BYTES])
{
    char pem[MAX_KEY_BYTES] = "";
    EVP_PKEY *key = EVP_EC_gen(curve);
    BIO *memory = BIO_new(BIO_s_mem());
    size_t used = 0;
    assert_true(key != NULL && memory != NULL);
    assert_int_equal(PEM_write_bio_PrivateKey(memory, key, NULL, NULL, 0, NULL, NULL), 1);
    assert_true(BIO_read(memory, pem, sizeof pem - 1) > 0);
    for (const char *c = pem; *c != '\0'; c++)
        used += (size_t)snprintf(out + used, MAX_KEY_BYTES - used, *c == '\n' ? "\\n" : "%c", *c);
    BIO_free(memory);
    EVP_PKEY_free(key);
}

static void make_files(void)
{
    char p256[MAX_KEY_BYTES];
    char p384[MAX_KEY_BYTES];
    make_key("P-256", p256);
    make_key("P-384", p384);
    snprintf(left_6_min, MAX_LOGIN_BYTES, LOGIN_FORMAT, "2026-11-20T21:41:00Z", p256);
    snprintf(left_5_min, MAX_LOGIN_BYTES, LOGIN_FORMAT, "2026-11-20T21:40:00Z", p256);
    snprintf(over, MAX_LOGIN_BYTES, LOGIN_FORMAT, OVER, p256);
    snprintf(over_p384, MAX_LOGIN_BYTES, LOGIN_FORMAT, OVER, p384);
    snprintf(over_no_key, MAX_LOGIN_BYTES, LOGIN_FORMAT, OVER, "hush");
}

static const struct row login_rows[] = {
    {"login: cached",
     "p",
     {OFF},
     .config = LOGIN_PROFILE,
     .files = {{LOGIN_FILE, left_6_min}},
     .key_id = "AKIACACHED",
     .provider = "an aws login session",
     .left_ms = 360000,
     .call_count = -1},
    {"login: refreshed with a proof and written back",
     "p",
     {OFF},
     .config = LOGIN_PROFILE,
     .files = {{LOGIN_FILE, left_5_min}},
     .answers = {{SIGNIN, .body = LOGIN_FRESH}},
     LOGIN_FOUND,
     .call_count = 1,
     .sent = {"{\"clientId\":\"arn:aws:signin:::devtools/same-device\",\"grantType\":"
              "\"refresh_token\",\"refreshToken\":\"hush-refresh\"}"},
     .also_sent = {"DPoP: eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2Iiwia"},
     .never_sent = "Authorization",
     .writes = {"{\"accessToken\":{\"accessKeyId\":\"AKIALOGIN\",\"secretAccessKey\":"
                "\"hush-secret\",\"sessionToken\":\"hush-t2\",\"accountId\":\"123456789012\","
                "\"expiresAt\":\"2026-11-20T21:50:00Z\"}",
                "\"refreshToken\":\"hush-r2\",\"idToken\":\"hush-id\"",
                "\"dpopKey\":\"-----BEGIN PRIVATE"}},
    {"login: another folder, another endpoint",
     "p",
     {OFF, {"AWS_LOGIN_CACHE_DIRECTORY", "~/c"}, {"AWS_ENDPOINT_URL_SIGNIN", "http://127.0.0.1:3"}},
     .config = LOGIN_PROFILE,
     .files = {{"/home/ann/c/" LOGIN_NAME, over}},
     .answers = {{"POST http://127.0.0.1:3/v1/token", .body = LOGIN_FRESH}},
     LOGIN_FOUND,
     .writes = {"AKIALOGIN"}},
    {"login: China's host",
     "p",
     {OFF, {"AWS_REGION", "cn-north-1"}},
     .config = LOGIN_PROFILE,
     .files = {{LOGIN_FILE, over}},
     .answers = {{"https://cn-north-1.signin.amazonaws.cn/v1/token", .body = LOGIN_FRESH}},
     LOGIN_FOUND,
     .writes = {"AKIALOGIN"}},
    {"login: FIPS has a host like other services",
     "p",
     {OFF, {"AWS_USE_FIPS_ENDPOINT", "true"}},
     .config = LOGIN_PROFILE,
     .files = {{LOGIN_FILE, over}},
     .answers = {{"https://signin-fips.eu-west-1.amazonaws.com/v1/token", .body = LOGIN_FRESH}},
     LOGIN_FOUND,
     .writes = {"AKIALOGIN"}},
    {"login: tried again after a failure",
     "p",
     {OFF},
     .config = LOGIN_PROFILE,
     .files = {{LOGIN_FILE, over}},
     .answers = {{SIGNIN, 500, "{\"error\":\"server_error\",\"message\":\"x\"}"},
                 {SIGNIN, .body = LOGIN_FRESH}},
     .key_id = "AKIALOGIN",
     .provider = "an aws login session",
     .call_count = 2,
     .writes = {"AKIALOGIN"}},
    {"login: what cannot be refreshed is used while it lasts",
     "p",
     {OFF},
     .config = LOGIN_PROFILE,
     .files = {{LOGIN_FILE, left_5_min}},
     .answers = {{SIGNIN, .rc = IR_ERR_NET}},
     .key_id = "AKIACACHED",
     .provider = "an aws login session",
     .left_ms = 300000,
     .call_count = 3},
    {"login: after the credentials file",
     "p",
     {OFF},
     .config = LOGIN_PROFILE,
     .credentials = "[p]\naws_access_key_id = AKIAFILE\naws_secret_access_key = hush-secret\n",
     .files = {{LOGIN_FILE, left_6_min}},
     .key_id = "AKIAFILE",
     .provider = "the shared credentials file"},
    {"login refused: nobody logged in",
     "p",
     {OFF},
     .config = LOGIN_PROFILE,
     .says = {"aws login session of profile \"p\" is not there", "Run: aws login --profile p"}},
    {"login refused: half a file",
     "p",
     {OFF},
     .config = LOGIN_PROFILE,
     .files = {{LOGIN_FILE, "{\"refreshToken\":\"hush\",\"dpopKey\":\"hush\",\"clientId\":\"x\","
                            "\"accessToken\":{\"accessKeyId\":\"AKIA\"}}"}},
     .says = {"is not whole", "Run: aws login --profile p"}},
    {"login refused: no key",
     "p",
     {OFF},
     .config = LOGIN_PROFILE,
     .files = {{LOGIN_FILE, "{\"refreshToken\":\"hush\",\"clientId\":\"x\"}"}},
     .says = {"is not whole"}},
    {"login refused: a key that is none",
     "p",
     {OFF},
     .config = LOGIN_PROFILE,
     .files = {{LOGIN_FILE, over_no_key}},
     .says = {"is not a P-256 key"},
     .call_count = -1},
    {"login refused: a key of another curve",
     "p",
     {OFF},
     .config = LOGIN_PROFILE,
     .files = {{LOGIN_FILE, over_p384}},
     .says = {"is not a P-256 key"},
     .call_count = -1},
    {"login refused: by AWS",
     "p",
     {OFF},
     .config = LOGIN_PROFILE,
     .files = {{LOGIN_FILE, over}},
     .answers = {{SIGNIN, 401, "{\"error\":\"TOKEN_EXPIRED\",\"message\":\"The session ended\"}"}},
     .says = {"The session ended", "Run: aws login --profile p"},
     .call_count = 1},
    {"login refused: an answer without end",
     "p",
     {OFF},
     .config = LOGIN_PROFILE,
     .files = {{LOGIN_FILE, over}},
     .answers = {{SIGNIN, .body = "{\"accessToken\":{}}"}},
     .rc = IR_ERR_RESPONSE,
     .says = {"says no end of them"}},
};

int main(void)
{
    static struct unit_list list;
    make_files();
    UNIT_ADD_ROWS(&list, row_test, sso_rows);
    UNIT_ADD_ROWS(&list, row_test, login_rows);
    return unit_run(&list, "aws-credentials-sso");
}
