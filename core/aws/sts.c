/* SPDX-License-Identifier: GPL-3.0-or-later */
/* STS: form-encoded requests, XML answers <XResponse><XResult>…</XResult></XResponse>. */
#include "core/aws/sts.h"

#include <string.h>

#include "core/base/error.h"
#include "core/base/uri.h"
#include "core/base/xml.h"

#define HINT_FOREIGN "Check the endpoint's address, and whether a proxy stands before it."
#define API_VERSION "2011-06-15"
#define CONTENT_TYPE "application/x-www-form-urlencoded; charset=utf-8"
#define MAX_FORM_BYTES (64U * 1024)
#define GLOBAL_REGION "us-east-1" /* the one that sts.amazonaws.com signs with */
#define GLOBAL_ENDPOINT "https://sts.amazonaws.com"

const struct ir_service ir_service_sts = {
    .title = "STS",
    .host_prefix = "sts",
    .signing_name = "sts",
    .variable = "AWS_ENDPOINT_URL_STS",
    .section_key = "sts",
    .plain_fips_region = "us-gov-",
};

/* ---- requests ---------------------------------------------------------------------------- */

static void begin_form(struct ir_buf *form, const char *action)
{
    ir_buf_init_secret(form, MAX_FORM_BYTES);
    ir_buf_appendf(form, "Action=%s&Version=%s", action, API_VERSION);
}

static void add_field(struct ir_buf *form, const char *name, const char *value)
{
    if (value == NULL)
        return;
    ir_buf_appendf(form, "&%s=", name);
    ir_uri_encode(form, value, strlen(value), false);
}

static void write_role(const struct ir_sts_role *role, struct ir_buf *form)
{
    begin_form(form, role->web_identity_token != NULL ? "AssumeRoleWithWebIdentity" : "AssumeRole");
    add_field(form, "RoleArn", role->role_arn);
    add_field(form, "RoleSessionName", role->session_name);
    add_field(form, "ExternalId", role->external_id);
    add_field(form, "WebIdentityToken", role->web_identity_token);
    if (role->duration_s > 0)
        ir_buf_appendf(form, "&DurationSeconds=%ld", role->duration_s);
}

static struct ir_aws_request form_request(const struct ir_body *body)
{
    return (struct ir_aws_request){.service = &ir_service_sts,
                                   .method = "POST",
                                   .path = "/",
                                   .content_type = CONTENT_TYPE,
                                   .body = body,
                                   .max_response_bytes = IR_CREDENTIALS_MAX_ANSWER_BYTES};
}

/* ---- answers ----------------------------------------------------------------------------- */

static int parse(const struct ir_http_response *response, struct ir_xml_doc **out,
                 struct ir_error *err)
{
    int rc = ir_xml_parse_secret(ir_buf_text(&response->body), response->body.bytes,
                                 IR_CREDENTIALS_MAX_ANSWER_BYTES, "the answer of STS", out, err);
    if (rc != 0)
        ir_error_set_service(err, ir_service_sts.title);
    if (rc == IR_ERR_RESPONSE)
        ir_error_set_hint(err, HINT_FOREIGN);
    return rc;
}

static int fail_answer(const char *what, struct ir_error *err)
{
    int rc = ir_fail(err, IR_ERR_RESPONSE, "the answer has no valid %s", what);
    ir_error_set_service(err, ir_service_sts.title);
    ir_error_set_hint(err, HINT_FOREIGN);
    return rc;
}

static int read_role(const struct ir_http_response *response, const char *result_name,
                     const char *provider, struct ir_credentials **out, struct ir_error *err)
{
    struct ir_xml_doc *doc = NULL;
    struct ir_credentials *found = NULL;
    int rc = parse(response, &doc, err);
    if (rc != 0)
        return rc;
    const struct ir_xml_element *values =
        ir_xml_child(ir_xml_child(ir_xml_root(doc), result_name), "Credentials");
    const char *key_id = ir_xml_child_text(values, "AccessKeyId", "");
    const char *secret = ir_xml_child_text(values, "SecretAccessKey", "");
    const char *token = ir_xml_child_text(values, "SessionToken", "");
    int64_t expires_unix_ms = 0;
    if (*key_id == '\0' || *secret == '\0' || *token == '\0')
        rc = fail_answer("credentials", err);
    else if (!ir_world_parse_iso_date(ir_xml_child_text(values, "Expiration", ""),
                                      &expires_unix_ms))
        rc = fail_answer("expiration", err);
    if (rc == 0) {
        found = ir_credentials_new(key_id, secret, token, provider);
        rc = found != NULL ? 0 : ir_fail_nomem(err);
    }
    if (found != NULL) {
        found->expires_unix_ms = expires_unix_ms;
        *out = found;
    }
    ir_xml_free(doc);
    return rc;
}

static int read_identity(const struct ir_http_response *response, struct ir_sts_identity *out,
                         struct ir_error *err)
{
    struct ir_xml_doc *doc = NULL;
    int rc = parse(response, &doc, err);
    if (rc != 0)
        return rc;
    const struct ir_xml_element *result = ir_xml_child(ir_xml_root(doc), "GetCallerIdentityResult");
    const char *arn = ir_xml_child_text(result, "Arn", "");
    if (*arn == '\0') {
        rc = fail_answer("identity", err);
    } else {
        ir_text_copy(out->arn, sizeof out->arn, arn);
        ir_text_copy(out->account, sizeof out->account, ir_xml_child_text(result, "Account", ""));
        ir_text_copy(out->user_id, sizeof out->user_id, ir_xml_child_text(result, "UserId", ""));
    }
    ir_xml_free(doc);
    return rc;
}

/* ---- calls ------------------------------------------------------------------------------- */

/* Without a region, the global endpoint does, as with AWS's SDKs. */
static void choose_endpoint(const struct ir_credentials_context *context,
                            struct ir_credentials_call *call)
{
    if (context->config->region != NULL)
        return;
    call->region = GLOBAL_REGION;
    if (ir_endpoint_configured_url(context->config, &ir_service_sts) == NULL)
        call->endpoint = GLOBAL_ENDPOINT;
}

int ir_sts_take_role(const struct ir_credentials_context *context, const struct ir_sts_role *role,
                     struct ir_credentials *signer, const char *provider,
                     struct ir_credentials **out, struct ir_error *err)
{
    struct ir_buf form;
    struct ir_http_response response;
    bool has_token = role->web_identity_token != NULL;
    write_role(role, &form);
    ir_http_response_init(&response);
    response.body.secret = true;
    int rc = ir_buf_check(&form, "the request for a role", err);
    if (rc == 0) {
        const struct ir_span span = {form.data, form.bytes};
        const struct ir_body body = {{{.spans = &span, .span_count = 1}}, 1};
        struct ir_credentials_call call = {.request = form_request(&body), .signer = signer};
        call.request.auth = has_token ? IR_AUTH_NONE : IR_AUTH_SIGV4;
        choose_endpoint(context, &call);
        rc = ir_credentials_call(context, &call, &response, err);
    }
    if (rc == 0)
        rc =
            read_role(&response, has_token ? "AssumeRoleWithWebIdentityResult" : "AssumeRoleResult",
                      provider, out, err);
    ir_http_response_release(&response);
    ir_buf_release(&form);
    return rc;
}

int ir_sts_get_caller_identity(struct ir_aws *aws, const struct ir_cancel *cancel,
                               struct ir_sts_identity *out, struct ir_error *err)
{
    struct ir_buf form;
    struct ir_http_response response;
    unsigned retries = 0;
    begin_form(&form, "GetCallerIdentity");
    ir_http_response_init(&response);
    int rc = ir_buf_check(&form, "the request", err);
    if (rc == 0) {
        const struct ir_span span = {form.data, form.bytes};
        const struct ir_body body = {{{.spans = &span, .span_count = 1}}, 1};
        struct ir_aws_request request = form_request(&body);
        request.cancel = cancel;
        rc = ir_aws_call(aws, &request, &response, &retries, err);
    }
    if (rc == 0)
        rc = read_identity(&response, out, err);
    ir_http_response_release(&response);
    ir_buf_release(&form);
    return rc;
}
