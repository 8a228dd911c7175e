/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The role of an EC2 instance, from its metadata service (IMDSv2): a session token by PUT, the
 * role's name, its credentials. Version 1, without the token, is tried only where the service
 * refuses or swallows the PUT, and not when that is forbidden. No proxy is asked.
 *
 * One attempt of one second each, as botocore has it. And since even that second is lost on every
 * machine that is no instance, the service is not asked where the firmware says that the machine
 * is something else, unless a setting asks for it.
 *
 * When AWS cannot renew them, the service gives out credentials that have ended; they are used on.
 * Source:
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-v2-how-it-works.html
 */
#include "core/aws/credentials_provider.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/error.h"
#include "core/base/uri.h"

#define PLACE "EC2 instance metadata"
#define HOST_IPV4 "http://169.254.169.254"
#define HOST_IPV6 "http://[fd00:ec2::254]"
#define TOKEN_PATH "/latest/api/token"
#define ROLE_PATH "/latest/meta-data/iam/security-credentials/"
#define TOKEN_SECONDS "21600"
#define MAX_URL_BYTES 1600
#define MAX_ROLE_CHARS 128
#define MAX_TIMEOUT_S 60L
#define MAX_ATTEMPTS 10L
#define MAX_FIRMWARE_BYTES 4096

struct imds {
    const struct ir_credentials_context *context;
    char base[MAX_URL_BYTES / 2];
    long timeout_ms;
    long attempts;
    bool v1_disabled;
    struct ir_buf token; /* empty = version 1 */
    struct ir_http_response response;
};

/* ---- whether to ask ---------------------------------------------------------------------- */

static const char *setting(const struct ir_credentials_context *context, const char *variable,
                           const char *key)
{
    const char *value = ir_world_getenv(context->config->world, variable);
    return value != NULL ? value
                         : ir_aws_profile_get_config(context->config, context->profile, key);
}

static bool is_true(const char *text)
{
    return text != NULL && strcasecmp(text, "true") == 0;
}

/* Whether a file of the kernel's about the firmware is there, and holds `word` (in any case). */
static bool firmware_says(const struct ir_world *world, const char *path, const char *word,
                          bool *out_is_there)
{
    struct ir_buf text;
    bool is_missing = false;
    ir_buf_init(&text, MAX_FIRMWARE_BYTES);
    bool is_read = world->read_file(world->context, path, &text, &is_missing, NULL) == 0;
    *out_is_there = is_read && text.bytes > 0;
    bool says = is_read && strcasestr(ir_buf_text(&text), word) != NULL;
    ir_buf_release(&text);
    return says;
}

/* True when the firmware tells its maker, and that is not Amazon. Where it tells nothing, false. */
static bool is_elsewhere(const struct ir_world *world)
{
    bool has_vendor = false;
    bool has_other = false;
    if (firmware_says(world, "/sys/class/dmi/id/sys_vendor", "amazon", &has_vendor) || !has_vendor)
        return false;
    return !firmware_says(world, "/sys/class/dmi/id/bios_version", "amazon", &has_other) &&
           !firmware_says(world, "/sys/hypervisor/uuid", "ec2", &has_other);
}

/* False, with a line in the trace, when the service is not to be asked. */
static bool is_wanted(const struct ir_credentials_context *context)
{
    const struct ir_world *world = context->config->world;
    bool is_asked_for = setting(context, "AWS_EC2_METADATA_SERVICE_ENDPOINT",
                                "ec2_metadata_service_endpoint") != NULL ||
                        context->parent != NULL;
    if (is_true(ir_world_getenv(world, "AWS_EC2_METADATA_DISABLED"))) {
        ir_credentials_say(context, PLACE, "turned off by AWS_EC2_METADATA_DISABLED");
        return false;
    }
    if (!is_asked_for && is_elsewhere(world)) {
        ir_credentials_say(context, PLACE, "not asked: this machine is no EC2 instance");
        return false;
    }
    return true;
}

/* ---- settings ---------------------------------------------------------------------------- */

static long number_setting(const struct ir_credentials_context *context, const char *variable,
                           const char *key, long most)
{
    const char *text = setting(context, variable, key);
    char *end = NULL;
    long number = text != NULL ? strtol(text, &end, 10) : 1;
    bool is_good = text == NULL || (end != text && *end == '\0' && number >= 1 && number <= most);
    return is_good ? number : 1;
}

static int load_settings(struct imds *imds, struct ir_error *err)
{
    const struct ir_credentials_context *context = imds->context;
    const char *given =
        setting(context, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
    const char *mode = setting(context, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
                               "ec2_metadata_service_endpoint_mode");
    struct ir_url url;
    imds->timeout_ms = 1000 * number_setting(context, "AWS_METADATA_SERVICE_TIMEOUT",
                                             "metadata_service_timeout", MAX_TIMEOUT_S);
    imds->attempts = number_setting(context, "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
                                    "metadata_service_num_attempts", MAX_ATTEMPTS);
    imds->v1_disabled =
        is_true(setting(context, "AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled"));
    if (given == NULL) {
        bool is_ipv6 = mode != NULL && strcasecmp(mode, "ipv6") == 0;
        snprintf(imds->base, sizeof imds->base, "%s", is_ipv6 ? HOST_IPV6 : HOST_IPV4);
        return 0;
    }
    int rc = ir_url_parse(given, "AWS_EC2_METADATA_SERVICE_ENDPOINT", &url, err);
    if (rc != 0)
        return rc;
    size_t bytes = strlen(given);
    while (bytes > 0 && given[bytes - 1] == '/')
        bytes--;
    if (bytes >= sizeof imds->base)
        return ir_fail(err, IR_ERR_ARG, "AWS_EC2_METADATA_SERVICE_ENDPOINT is too long");
    snprintf(imds->base, sizeof imds->base, "%.*s", (int)bytes, given);
    return 0;
}

/* ---- requests ---------------------------------------------------------------------------- */

static int send(struct imds *imds, const char *method, const char *path, const char *role,
                struct ir_error *err)
{
    char url[MAX_URL_BYTES];
    bool is_put = strcmp(method, "PUT") == 0;
    const struct ir_header header = {is_put ? "x-aws-ec2-metadata-token-ttl-seconds"
                                            : "x-aws-ec2-metadata-token",
                                     is_put ? TOKEN_SECONDS : ir_buf_text(&imds->token)};
    const struct ir_http_request request = {.method = method,
                                            .url = url,
                                            .headers = &header,
                                            .header_count = is_put || imds->token.bytes > 0};
    int rc = 0;
    snprintf(url, sizeof url, "%s%s%s", imds->base, path, role);
    for (long attempt = 1; attempt <= imds->attempts; attempt++) {
        rc = ir_credentials_fetch(imds->context, &request, imds->timeout_ms, &imds->response, err);
        if (rc == IR_ERR_CANCELLED || rc == IR_ERR_NOMEM)
            return rc;
        if (rc == 0 && imds->response.status < 500)
            return 0;
    }
    return rc;
}

/* Says in the trace why there is nothing; 0, for the chain to go on. */
static int nothing(const struct imds *imds, int rc, struct ir_error *err)
{
    if (rc == IR_ERR_CANCELLED || rc == IR_ERR_NOMEM)
        return rc;
    if (rc != 0)
        ir_credentials_say(imds->context, PLACE, "%s does not answer", imds->base);
    else
        ir_credentials_say(imds->context, PLACE, "%s answered with HTTP status %d", imds->base,
                           imds->response.status);
    ir_error_clear(err);
    return 0;
}

/* False when there is no going on; then *out_rc is what to return. */
static bool get_token(struct imds *imds, int *out_rc, struct ir_error *err)
{
    int rc = send(imds, "PUT", TOKEN_PATH, "", err);
    int status = rc == 0 ? imds->response.status : 0;
    if (status == 200 && imds->response.body.bytes > 0 &&
        ir_credentials_is_plain(ir_buf_text(&imds->response.body))) {
        ir_buf_append(&imds->token, imds->response.body.data, imds->response.body.bytes);
        *out_rc = ir_buf_check(&imds->token, "the metadata token", err);
        return *out_rc == 0;
    }
    /* In a container the answer may not come through, as its hop limit is one. */
    bool may_be_v1 = status == 403 || status == 404 || status == 405 ||
                     (rc == IR_ERR_TIMEOUT && err->maybe_served);
    if (may_be_v1 && !imds->v1_disabled) {
        ir_error_clear(err);
        return true;
    }
    if (may_be_v1) {
        ir_credentials_say(imds->context, PLACE, "it gives no token, and version 1 is disabled");
        ir_error_clear(err);
        *out_rc = 0;
        return false;
    }
    *out_rc = nothing(imds, rc, err);
    return false;
}

/* The first line of the answer, when it may be a role's name. */
static bool copy_role(const struct ir_http_response *response, char *out, size_t out_bytes)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "_+=,.@-";
    const char *text = ir_buf_text(&response->body);
    size_t chars = strspn(text, letters);
    if (response->status != 200 || chars == 0 || chars >= out_bytes ||
        (text[chars] != '\0' && text[chars] != '\n' && text[chars] != '\r'))
        return false;
    snprintf(out, out_bytes, "%.*s", (int)chars, text);
    return true;
}

static int read_credentials(const struct imds *imds, struct ir_credentials **out,
                            struct ir_error *err)
{
    static const struct ir_credentials_names names = {"AccessKeyId", "SecretAccessKey", "Token",
                                                      "Expiration", true};
    struct ir_json_doc *doc = NULL;
    int rc = ir_json_parse_secret(ir_buf_text(&imds->response.body), imds->response.body.bytes,
                                  "the instance's metadata", &doc, err);
    if (rc == 0)
        rc = ir_credentials_from_json(ir_json_root(doc), &names, "the instance's metadata", PLACE,
                                      out, err);
    if (rc == IR_ERR_RESPONSE) {
        const char *code = ir_json_member_string(ir_json_root(doc), "Code", "no valid answer");
        ir_credentials_say(imds->context, PLACE, "no credentials for the role: %.60s", code);
        ir_error_clear(err);
        rc = 0;
    }
    if (rc == 0 && *out != NULL)
        (*out)->outlives_end = true;
    ir_json_free(doc);
    return rc;
}

static int ask(struct imds *imds, struct ir_credentials **out, struct ir_error *err)
{
    char role[MAX_ROLE_CHARS + 1];
    int rc = load_settings(imds, err);
    if (rc != 0 || !get_token(imds, &rc, err))
        return rc;
    rc = send(imds, "GET", ROLE_PATH, "", err);
    if (rc == 0 && imds->response.status == 404) {
        ir_credentials_say(imds->context, PLACE, "the instance has no role");
        return 0;
    }
    if (rc != 0 || !copy_role(&imds->response, role, sizeof role))
        return nothing(imds, rc, err);
    rc = send(imds, "GET", ROLE_PATH, role, err);
    if (rc != 0 || imds->response.status != 200)
        return nothing(imds, rc, err);
    return read_credentials(imds, out, err);
}

int ir_credentials_from_imds(const struct ir_credentials_context *context,
                             struct ir_credentials **out, struct ir_error *err)
{
    struct imds imds = {.context = context};
    if (!is_wanted(context))
        return 0;
    ir_buf_init_secret(&imds.token, IR_CREDENTIALS_MAX_ANSWER_BYTES);
    ir_http_response_init(&imds.response);
    imds.response.body.secret = true;
    int rc = ask(&imds, out, err);
    ir_http_response_release(&imds.response);
    ir_buf_release(&imds.token);
    return rc;
}
