/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A session of `aws login`: its credentials stand in ~/.aws/login/cache (AWS_LOGIN_CACHE_DIRECTORY)
 * and last 15 minutes. With less than 5 left they are changed for new ones at AWS's sign-in
 * endpoint; the request is not signed but carries a proof (dpop.h) made with the session's key. The
 * file is written back, so that the AWS command and others go on with the same session.
 * Source: botocore's LoginCredentialFetcher (1.41 and later) and its model of signin.
 */
#include "core/aws/credentials_provider.h"

#include <stdio.h>
#include <string.h>

#include "core/aws/dpop.h"
#include "core/base/digest.h"
#include "core/base/error.h"

#define PLACE "an aws login session"
#define CACHE_FOLDER "~/.aws/login/cache"
#define REFRESH_AHEAD_MS (5LL * 60 * 1000)
#define PATH "/v1/token"
#define MAX_BODY_BYTES (16U * 1024)
#define MAX_PROOF_BYTES 8192
#define MAX_ATTEMPTS 3 /* each with a proof of its own: one is good for one request */

static const struct ir_service service_signin = {
    .title = "AWS sign-in",
    .host_prefix = "signin",
    .signing_name = "signin",
    .variable = "AWS_ENDPOINT_URL_SIGNIN",
    .section_key = "signin",
};

static const char *const token_names[] = {"refreshToken", "dpopKey", "clientId"};

static const struct ir_credentials_names names_in_file = {"accessKeyId", "secretAccessKey",
                                                          "sessionToken", "expiresAt", true};
static const struct ir_credentials_names names_in_answer = {"accessKeyId", "secretAccessKey",
                                                            "sessionToken", NULL, true};

static int fail_login(const struct ir_credentials_context *context, const char *cause,
                      struct ir_error *err)
{
    int rc = ir_fail(err, IR_ERR_AUTH, "the aws login session of profile \"%s\" %s",
                     context->profile, cause);
    ir_error_set_hint(err, "Run: aws login --profile %s", context->profile);
    return rc;
}

static int64_t now_unix_ms(const struct ir_credentials_context *context)
{
    const struct ir_world *world = context->config->world;
    return world->unix_ms(world->context);
}

static const char *member(const struct ir_token_file *file, const char *name)
{
    return ir_json_member_string(ir_json_root(file->doc), name, NULL);
}

/* ---- where ------------------------------------------------------------------------------- */

/*
 * AWS's own host has the region first, in the partitions that have one of these; else (and with
 * FIPS or dual stack) it is named like those of other services. "" = that one, or a configured one.
 */
static void signin_url(const struct ir_aws_config *config, char *out, size_t out_bytes)
{
    const char *region = config->region;
    out[0] = '\0';
    if (region == NULL || config->use_fips || config->use_dualstack ||
        ir_endpoint_configured_url(config, &service_signin) != NULL)
        return;
    if (strncmp(region, "cn-", 3) == 0)
        snprintf(out, out_bytes, "https://%s.signin.amazonaws.cn", region);
    else if (strncmp(region, "us-gov-", 7) == 0)
        snprintf(out, out_bytes, "https://%s.signin.amazonaws-us-gov.com", region);
    else if (strstr(region, "-iso") == NULL && strncmp(region, "eusc-", 5) != 0)
        snprintf(out, out_bytes, "https://%s.signin.aws.amazon.com", region);
}

/* ---- one request ------------------------------------------------------------------------- */

static int make_proof(const struct ir_credentials_context *context,
                      const struct ir_token_file *file, const char *endpoint, struct ir_buf *out,
                      struct ir_error *err)
{
    const struct ir_world *world = context->config->world;
    struct ir_endpoint resolved;
    char id[IR_UUID_BYTES];
    char url[sizeof resolved.base_url + sizeof resolved.base_path + sizeof PATH];
    int rc = ir_endpoint_resolve(context->config, &service_signin, endpoint, &resolved, err);
    if (rc != 0)
        return rc;
    ir_world_uuid(world, id);
    snprintf(url, sizeof url, "%s%s%s", resolved.base_url, resolved.base_path, PATH);
    const struct ir_dpop dpop = {.key_pem = member(file, "dpopKey"),
                                 .method = "POST",
                                 .url = url,
                                 .id = id,
                                 .unix_s = now_unix_ms(context) / 1000};
    return ir_dpop_proof(&dpop, out, err);
}

static void write_request(const struct ir_token_file *file, struct ir_buf *out)
{
    struct ir_json_writer writer;
    ir_json_writer_init(&writer, out);
    ir_json_begin_object(&writer);
    ir_json_member_put_string(&writer, "clientId", member(file, "clientId"));
    ir_json_member_put_string(&writer, "grantType", "refresh_token");
    ir_json_member_put_string(&writer, "refreshToken", member(file, "refreshToken"));
    ir_json_end_object(&writer);
}

static int ask_once(const struct ir_credentials_context *context, const struct ir_token_file *file,
                    const struct ir_body *body, struct ir_http_response *response,
                    struct ir_error *err)
{
    char endpoint[160];
    struct ir_buf proof;
    signin_url(context->config, endpoint, sizeof endpoint);
    ir_buf_init_secret(&proof, MAX_PROOF_BYTES);
    int rc = make_proof(context, file, endpoint, &proof, err);
    if (rc == 0) {
        const struct ir_header header = {"DPoP", ir_buf_text(&proof)};
        const struct ir_credentials_call call = {
            .request = {.service = &service_signin,
                        .method = "POST",
                        .path = PATH,
                        .content_type = "application/json",
                        .headers = &header,
                        .header_count = 1,
                        .body = body,
                        .auth = IR_AUTH_NONE},
            .endpoint = endpoint[0] != '\0' ? endpoint : NULL,
            .max_attempts = 1,
        };
        rc = ir_credentials_call(context, &call, response, err);
    }
    ir_buf_release(&proof);
    return rc;
}

static int ask(const struct ir_credentials_context *context, const struct ir_token_file *file,
               struct ir_http_response *response, struct ir_error *err)
{
    const struct ir_world *world = context->config->world;
    struct ir_buf text;
    ir_buf_init_secret(&text, MAX_BODY_BYTES);
    write_request(file, &text);
    int rc = ir_buf_check(&text, "the request for new credentials", err);
    if (rc == 0) {
        const struct ir_span span = {text.data, text.bytes};
        const struct ir_body body = {{{.spans = &span, .span_count = 1}}, 1};
        for (unsigned i = 0; i < MAX_ATTEMPTS; i++) {
            rc = ask_once(context, file, &body, response, err);
            if (rc == 0 || !err->retryable || i + 1 == MAX_ATTEMPTS)
                break;
            long delay_ms =
                ir_retry_delay_ms(ir_retry_classify(err), i, world->chance(world->context), -1);
            if (!world->sleep_ms(world->context, delay_ms, context->cancel))
                rc = ir_fail(err, IR_ERR_CANCELLED, "cancelled while looking for credentials");
            if (rc == IR_ERR_CANCELLED)
                break;
        }
    }
    ir_buf_release(&text);
    if (rc == IR_ERR_AUTH || rc == IR_ERR_SERVICE)
        ir_error_set_hint(err, "Run: aws login --profile %s", context->profile);
    return rc;
}

/* ---- the file ---------------------------------------------------------------------------- */

struct fresh {
    const struct ir_credentials *credentials;
    const char *refresh_token;
    const char *account_id; /* NULL: the file had none */
};

static bool replace_member(void *context, const char *name, struct ir_json_writer *writer)
{
    const struct fresh *fresh = context;
    char date[21];
    if (name != NULL && strcmp(name, "refreshToken") == 0 && fresh->refresh_token != NULL) {
        ir_json_member_put_string(writer, name, fresh->refresh_token);
        return true;
    }
    if (name == NULL || strcmp(name, "accessToken") != 0)
        return false;
    ir_world_iso_date(fresh->credentials->expires_unix_ms, date);
    ir_json_key(writer, name);
    ir_json_begin_object(writer);
    ir_json_member_put_string(writer, "accessKeyId", fresh->credentials->access_key_id);
    ir_json_member_put_string(writer, "secretAccessKey", fresh->credentials->secret_key);
    ir_json_member_put_string(writer, "sessionToken", fresh->credentials->session_token);
    if (fresh->account_id != NULL)
        ir_json_member_put_string(writer, "accountId", fresh->account_id);
    ir_json_member_put_string(writer, "expiresAt", date);
    ir_json_end_object(writer);
    return true;
}

static int refresh(const struct ir_credentials_context *context, const struct ir_token_file *file,
                   struct ir_credentials **out, struct ir_error *err)
{
    struct ir_http_response response;
    struct ir_json_doc *doc = NULL;
    struct ir_credentials *found = NULL;
    ir_http_response_init(&response);
    response.body.secret = true;
    int rc = ask(context, file, &response, err);
    if (rc == 0)
        rc = ir_json_parse_secret(ir_buf_text(&response.body), response.body.bytes,
                                  "the answer with new credentials", &doc, err);
    const struct ir_json_value *root = ir_json_root(doc);
    double expires_s = ir_json_number(ir_json_get(root, "expiresIn"), 0.0);
    if (rc == 0 && !(expires_s > 0.0 && expires_s < 1e9))
        rc = ir_fail(err, IR_ERR_RESPONSE, "the answer with new credentials says no end of them");
    if (rc == 0)
        rc = ir_credentials_from_json(ir_json_get(root, "accessToken"), &names_in_answer,
                                      "the answer with new credentials", PLACE, &found, err);
    if (rc == 0) {
        const struct ir_json_value *old = ir_json_get(ir_json_root(file->doc), "accessToken");
        found->expires_unix_ms = now_unix_ms(context) + (int64_t)(expires_s * 1000.0);
        struct fresh fresh = {found, ir_json_member_string(root, "refreshToken", NULL),
                              ir_json_member_string(old, "accountId", NULL)};
        /* A folder that cannot be written to is no reason to go without credentials. */
        (void)!ir_token_file_write(context, file, replace_member, &fresh, NULL);
        *out = found;
    }
    ir_json_free(doc);
    ir_http_response_release(&response);
    return rc;
}

/* What the file holds, or what it can be changed for. */
static int provide(const struct ir_credentials_context *context, const struct ir_token_file *file,
                   struct ir_credentials **out, struct ir_error *err)
{
    struct ir_credentials *cached = NULL;
    struct ir_credentials *newer = NULL;
    if (file->doc == NULL)
        return fail_login(context, "is not there: nobody has logged in", err);
    for (size_t i = 0; i < sizeof token_names / sizeof token_names[0]; i++)
        if (member(file, token_names[i]) == NULL)
            return fail_login(context, "is not whole in its file", err);
    int rc = ir_credentials_from_json(ir_json_get(ir_json_root(file->doc), "accessToken"),
                                      &names_in_file, "the aws login session's file", PLACE,
                                      &cached, err);
    if (rc == IR_ERR_RESPONSE)
        return fail_login(context, "is not whole in its file", err);
    if (rc != 0)
        return rc;
    int64_t left_ms = cached->expires_unix_ms - now_unix_ms(context);
    if (left_ms <= REFRESH_AHEAD_MS)
        rc = refresh(context, file, &newer, err);
    if (rc != 0 && rc != IR_ERR_CANCELLED && left_ms > 0) {
        ir_error_clear(err);
        rc = 0;
    }
    if (rc == 0) {
        *out = newer != NULL ? newer : ir_credentials_acquire(cached);
        (*out)->renew_ahead_ms = REFRESH_AHEAD_MS;
    }
    ir_credentials_release(cached);
    return rc;
}

int ir_credentials_from_login(const struct ir_credentials_context *context,
                              struct ir_credentials **out, struct ir_error *err)
{
    const struct ir_aws_config *config = context->config;
    const char *session = ir_aws_profile_get(config, context->profile, "login_session");
    const char *folder = ir_world_getenv(config->world, "AWS_LOGIN_CACHE_DIRECTORY");
    unsigned char hash[IR_SHA256_BYTES];
    char name[IR_SHA256_HEX_BYTES];
    struct ir_token_file file;
    if (session == NULL) {
        ir_credentials_say(context, PLACE,
                           IR_CREDENTIALS_NOT_SET_UP "profile \"%s\" has no login_session",
                           context->profile);
        return 0;
    }
    if (ir_sha256_once(session, strlen(session), hash) != 0)
        return ir_fail_nomem(err);
    ir_hex(hash, sizeof hash, name);
    int rc = ir_token_file_read(context, folder != NULL ? folder : CACHE_FOLDER, name, &file, err);
    if (rc == 0)
        rc = provide(context, &file, out, err);
    ir_token_file_release(&file);
    return rc;
}
