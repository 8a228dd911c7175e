/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * IAM Identity Center: `aws sso login` leaves an access token in ~/.aws/sso/cache; it is changed
 * here for the credentials of the profile's role (GetRoleCredentials). With an sso-session the
 * token is refreshed (OIDC CreateToken) when less than 15 minutes are left, and written back, so
 * that other programs find it. The older form, without a session, has tokens that cannot be
 * refreshed. Sources: botocore's tokens.py and credentials.py for files and order,
 * https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html
 */
#include "core/aws/credentials_provider.h"

#include <stdio.h>
#include <string.h>

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/uri.h"

#define PLACE "IAM Identity Center"
#define CACHE_FOLDER "~/.aws/sso/cache"
#define REFRESH_AHEAD_MS (15LL * 60 * 1000)
#define MAX_QUERY_BYTES 1024
#define MAX_SECTION_BYTES 512
#define MAX_BODY_BYTES (64U * 1024)

static const struct ir_service service_portal = {
    .title = PLACE,
    .host_prefix = "portal.sso",
    .signing_name = "awsssoportal",
    .variable = "AWS_ENDPOINT_URL_SSO",
    .section_key = "sso",
    .plain_fips_region = "us-gov-",
};

static const struct ir_service service_oidc = {
    .title = PLACE,
    .host_prefix = "oidc",
    .signing_name = "sso-oauth",
    .variable = "AWS_ENDPOINT_URL_SSO_OIDC",
    .section_key = "sso_oidc",
    .plain_fips_region = "us-gov-",
};

struct settings {
    const char *session; /* NULL = the older form */
    const char *start_url;
    const char *region;
    const char *account_id;
    const char *role_name;
};

/* ---- settings ---------------------------------------------------------------------------- */

static const char *get(const struct ir_credentials_context *context, const char *key)
{
    return ir_aws_profile_get(context->config, context->profile, key);
}

/* A key of the profile's [sso-session x]; NULL when it is not set. */
static const char *get_of_session(const struct ir_credentials_context *context, const char *session,
                                  const char *key)
{
    char section[MAX_SECTION_BYTES];
    int chars = snprintf(section, sizeof section, "sso-session %s", session);
    if (context->config->config == NULL || chars < 0 || (size_t)chars >= sizeof section)
        return NULL;
    const char *value = ir_ini_get(context->config->config, section, key);
    return value != NULL && *value != '\0' ? value : NULL;
}

static int fail_settings(const struct ir_credentials_context *context, const char *key,
                         struct ir_error *err)
{
    int rc =
        ir_fail(err, IR_ERR_AUTH, "profile \"%s\" uses IAM Identity Center and has no valid %s",
                context->profile, key);
    ir_error_set_hint(err, "Run: aws configure sso --profile %s", context->profile);
    return rc;
}

static int fail_differs(const struct ir_credentials_context *context, const char *key,
                        struct ir_error *err)
{
    int rc = ir_fail(err, IR_ERR_AUTH, "%s of profile \"%s\" is not that of its sso-session", key,
                     context->profile);
    ir_error_set_hint(err, "Remove it from the profile.");
    return rc;
}

static int load_settings(const struct ir_credentials_context *context, struct settings *out,
                         struct ir_error *err)
{
    *out = (struct settings){
        .session = get(context, "sso_session"),
        .start_url = get(context, "sso_start_url"),
        .region = get(context, "sso_region"),
        .account_id = get(context, "sso_account_id"),
        .role_name = get(context, "sso_role_name"),
    };
    if (out->session != NULL) {
        const char *start_url = get_of_session(context, out->session, "sso_start_url");
        const char *region = get_of_session(context, out->session, "sso_region");
        if (out->start_url != NULL && start_url != NULL && strcmp(out->start_url, start_url) != 0)
            return fail_differs(context, "sso_start_url", err);
        if (out->region != NULL && region != NULL && strcmp(out->region, region) != 0)
            return fail_differs(context, "sso_region", err);
        out->start_url = start_url;
        out->region = region;
    }
    if (out->start_url == NULL)
        return fail_settings(context, "sso_start_url", err);
    if (out->region == NULL || !ir_aws_is_region(out->region))
        return fail_settings(context, "sso_region", err);
    if (out->account_id == NULL)
        return fail_settings(context, "sso_account_id", err);
    if (out->role_name == NULL)
        return fail_settings(context, "sso_role_name", err);
    return 0;
}

/* ---- the token --------------------------------------------------------------------------- */

static int fail_login(const struct ir_credentials_context *context, const char *cause,
                      struct ir_error *err)
{
    int rc = ir_fail(err, IR_ERR_AUTH, "the IAM Identity Center session of profile \"%s\" %s",
                     context->profile, cause);
    ir_error_set_hint(err, "Run: aws sso login --profile %s", context->profile);
    return rc;
}

static const char *member(const struct ir_token_file *file, const char *name)
{
    return ir_json_member_string(ir_json_root(file->doc), name, NULL);
}

static int64_t left_ms(const struct ir_credentials_context *context, const char *date)
{
    const struct ir_world *world = context->config->world;
    int64_t end_ms = 0;
    if (date == NULL || !ir_world_parse_iso_date(date, &end_ms))
        return 0;
    return end_ms - world->unix_ms(world->context);
}

/* The new values, as they stand in the file. */
struct fresh {
    const char *access_token;
    const char *refresh_token; /* NULL: the old one stays */
    char expires[21];
};

static bool replace_member(void *context, const char *name, struct ir_json_writer *writer)
{
    const struct fresh *fresh = context;
    if (name == NULL)
        return false;
    if (strcmp(name, "accessToken") == 0)
        ir_json_member_put_string(writer, name, fresh->access_token);
    else if (strcmp(name, "expiresAt") == 0)
        ir_json_member_put_string(writer, name, fresh->expires);
    else if (strcmp(name, "refreshToken") == 0 && fresh->refresh_token != NULL)
        ir_json_member_put_string(writer, name, fresh->refresh_token);
    else
        return false;
    return true;
}

/* Reads OIDC's answer, keeps the token for this call and for others. */
static int keep_fresh_token(const struct ir_credentials_context *context,
                            const struct ir_token_file *file,
                            const struct ir_http_response *response, struct ir_buf *out_token,
                            struct ir_error *err)
{
    const struct ir_world *world = context->config->world;
    struct ir_json_doc *doc = NULL;
    int rc = ir_json_parse_secret(ir_buf_text(&response->body), response->body.bytes,
                                  "the answer with a new token", &doc, err);
    if (rc != 0)
        return rc;
    const struct ir_json_value *root = ir_json_root(doc);
    struct fresh fresh = {.access_token = ir_json_member_string(root, "accessToken", NULL),
                          .refresh_token = ir_json_member_string(root, "refreshToken", NULL)};
    double expires_s = ir_json_number(ir_json_get(root, "expiresIn"), 0.0);
    if (fresh.access_token == NULL || !(expires_s > 0.0 && expires_s < 1e9)) {
        rc = ir_fail(err, IR_ERR_RESPONSE, "the answer with a new token has none");
    } else {
        ir_world_iso_date(world->unix_ms(world->context) + (int64_t)(expires_s * 1000.0),
                          fresh.expires);
        ir_buf_clear(out_token);
        ir_buf_append_text(out_token, fresh.access_token);
        rc = ir_buf_check(out_token, "the token", err);
    }
    /* A folder that cannot be written to is no reason to go without credentials. */
    if (rc == 0)
        (void)!ir_token_file_write(context, file, replace_member, &fresh, NULL);
    ir_json_free(doc);
    return rc;
}

static void write_refresh(const struct ir_token_file *file, struct ir_buf *out)
{
    struct ir_json_writer writer;
    ir_json_writer_init(&writer, out);
    ir_json_begin_object(&writer);
    ir_json_member_put_string(&writer, "grantType", "refresh_token");
    ir_json_member_put_string(&writer, "clientId", member(file, "clientId"));
    ir_json_member_put_string(&writer, "clientSecret", member(file, "clientSecret"));
    ir_json_member_put_string(&writer, "refreshToken", member(file, "refreshToken"));
    ir_json_end_object(&writer);
}

static int refresh(const struct ir_credentials_context *context, const struct settings *settings,
                   const struct ir_token_file *file, struct ir_buf *out_token, struct ir_error *err)
{
    struct ir_buf text;
    struct ir_http_response response;
    if (member(file, "refreshToken") == NULL || member(file, "clientId") == NULL ||
        member(file, "clientSecret") == NULL ||
        left_ms(context, member(file, "registrationExpiresAt")) <= 0)
        return fail_login(context, "has ended and cannot be renewed", err);
    ir_buf_init_secret(&text, MAX_BODY_BYTES);
    ir_http_response_init(&response);
    response.body.secret = true;
    write_refresh(file, &text);
    int rc = ir_buf_check(&text, "the request for a token", err);
    if (rc == 0) {
        const struct ir_span span = {text.data, text.bytes};
        const struct ir_body body = {{{.spans = &span, .span_count = 1}}, 1};
        const struct ir_credentials_call call = {
            .request = {.service = &service_oidc,
                        .method = "POST",
                        .path = "/token",
                        .content_type = "application/json",
                        .body = &body,
                        .auth = IR_AUTH_NONE},
            .region = settings->region,
        };
        rc = ir_credentials_call(context, &call, &response, err);
    }
    if (rc == 0)
        rc = keep_fresh_token(context, file, &response, out_token, err);
    else if (rc == IR_ERR_AUTH || rc == IR_ERR_SERVICE)
        ir_error_set_hint(err, "Run: aws sso login --profile %s", context->profile);
    ir_http_response_release(&response);
    ir_buf_release(&text);
    return rc;
}

/* A token that is still good is used on where it cannot be refreshed. */
static int get_token(const struct ir_credentials_context *context, const struct settings *settings,
                     const struct ir_token_file *file, struct ir_buf *out, struct ir_error *err)
{
    const char *token = member(file, "accessToken");
    if (file->doc == NULL || token == NULL)
        return fail_login(context, "is not there: nobody has logged in", err);
    int64_t token_left_ms = left_ms(context, member(file, "expiresAt"));
    ir_buf_append_text(out, token);
    int rc = ir_buf_check(out, "the token", err);
    if (rc == 0 && settings->session != NULL && token_left_ms < REFRESH_AHEAD_MS) {
        rc = refresh(context, settings, file, out, err);
        if (rc != 0 && rc != IR_ERR_CANCELLED && token_left_ms > 0) {
            ir_error_clear(err);
            rc = 0;
        }
    } else if (rc == 0 && token_left_ms <= 0) {
        rc = fail_login(context, "has ended", err);
    }
    if (rc == 0 && !ir_credentials_is_plain(ir_buf_text(out)))
        rc = fail_login(context, "has a token with characters that tokens never have", err);
    return rc;
}

/* ---- the role's credentials -------------------------------------------------------------- */

static int read_credentials(const struct ir_http_response *response, struct ir_credentials **out,
                            struct ir_error *err)
{
    static const struct ir_credentials_names names = {"accessKeyId", "secretAccessKey",
                                                      "sessionToken", NULL, true};
    struct ir_json_doc *doc = NULL;
    struct ir_credentials *found = NULL;
    int rc = ir_json_parse_secret(ir_buf_text(&response->body), response->body.bytes,
                                  "the answer with the role's credentials", &doc, err);
    if (rc != 0)
        return rc;
    const struct ir_json_value *values = ir_json_get(ir_json_root(doc), "roleCredentials");
    double expires_ms = ir_json_number(ir_json_get(values, "expiration"), 0.0);
    rc = ir_credentials_from_json(values, &names, "the answer with the role's credentials", PLACE,
                                  &found, err);
    if (rc == 0 && !(expires_ms > 0.0 && expires_ms < 1e15))
        rc = ir_fail(err, IR_ERR_RESPONSE, "the role's credentials have no valid \"expiration\"");
    if (rc == 0) {
        found->expires_unix_ms = (int64_t)expires_ms;
        *out = found;
    } else {
        ir_credentials_release(found);
    }
    ir_json_free(doc);
    return rc;
}

static int get_role(const struct ir_credentials_context *context, const struct settings *settings,
                    const char *token, struct ir_credentials **out, struct ir_error *err)
{
    const struct ir_header header = {"x-amz-sso_bearer_token", token};
    struct ir_http_response response;
    struct ir_buf query;
    ir_buf_init(&query, MAX_QUERY_BYTES);
    ir_buf_append_text(&query, "role_name=");
    ir_uri_encode(&query, settings->role_name, strlen(settings->role_name), false);
    ir_buf_append_text(&query, "&account_id=");
    ir_uri_encode(&query, settings->account_id, strlen(settings->account_id), false);
    ir_http_response_init(&response);
    response.body.secret = true;
    const struct ir_credentials_call call = {
        .request = {.service = &service_portal,
                    .method = "GET",
                    .path = "/federation/credentials",
                    .query = ir_buf_text(&query),
                    .headers = &header,
                    .header_count = 1,
                    .auth = IR_AUTH_NONE},
        .region = settings->region,
    };
    int rc = ir_buf_check(&query, "the request for the role's credentials", err);
    if (rc == 0)
        rc = ir_credentials_call(context, &call, &response, err);
    if (rc == 0)
        rc = read_credentials(&response, out, err);
    else if (err->http_status == 401)
        ir_error_set_hint(err, "Run: aws sso login --profile %s", context->profile);
    else if (err->http_status == 403 || err->http_status == 404)
        ir_error_set_hint(err, "Check sso_account_id and sso_role_name of profile \"%s\".",
                          context->profile);
    ir_http_response_release(&response);
    ir_buf_release(&query);
    return rc;
}

int ir_credentials_from_sso(const struct ir_credentials_context *context,
                            struct ir_credentials **out, struct ir_error *err)
{
    struct settings settings;
    struct ir_token_file file;
    struct ir_buf token;
    char name[IR_SHA1_HEX_BYTES];
    if (get(context, "sso_account_id") == NULL && get(context, "sso_role_name") == NULL) {
        ir_credentials_say(context, PLACE,
                           IR_CREDENTIALS_NOT_SET_UP "profile \"%s\" has no sso_account_id",
                           context->profile);
        return 0;
    }
    int rc = load_settings(context, &settings, err);
    if (rc != 0)
        return rc;
    const char *key = settings.session != NULL ? settings.session : settings.start_url;
    if (ir_sha1_hex(key, strlen(key), name) != 0)
        return ir_fail_nomem(err);
    ir_buf_init_secret(&token, MAX_BODY_BYTES);
    rc = ir_token_file_read(context, CACHE_FOLDER, name, &file, err);
    if (rc == 0)
        rc = get_token(context, &settings, &file, &token, err);
    if (rc == 0)
        rc = get_role(context, &settings, ir_buf_text(&token), out, err);
    ir_token_file_release(&file);
    ir_buf_release(&token);
    return rc;
}
