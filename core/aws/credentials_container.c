/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Credentials from the endpoint that ECS, EKS pod identity, CloudShell and Greengrass offer inside
 * a container. AWS_CONTAINER_CREDENTIALS_RELATIVE_URI (on 169.254.170.2) wins over _FULL_URI, which
 * may be any https URL, but http only on this machine or the addresses that AWS uses. The token for
 * its Authorization header comes from AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE (read anew each time)
 * or AWS_CONTAINER_AUTHORIZATION_TOKEN. No proxy is asked.
 * Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 */
#include "core/aws/credentials_provider.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/uri.h"

#define PLACE "the container's endpoint"
#define RELATIVE "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
#define FULL "AWS_CONTAINER_CREDENTIALS_FULL_URI"
#define TOKEN_FILE "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
#define TOKEN "AWS_CONTAINER_AUTHORIZATION_TOKEN"
#define ECS_HOST "http://169.254.170.2"
#define ATTEMPTS 3
#define ATTEMPT_MS 2000L
#define PAUSE_MS 1000L
#define MAX_URI_BYTES 2048
#define MAX_TOKEN_BYTES 16384

/* ---- where ------------------------------------------------------------------------------- */

/* A host to which a token may go in clear text. */
static bool is_near(const char *host)
{
    static const char *const names[] = {"localhost", "169.254.170.2", "169.254.170.23",
                                        "[fd00:ec2::23]", "[::1]"};
    struct in_addr address;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(host, names[i]) == 0)
            return true;
    return inet_pton(AF_INET, host, &address) == 1 && ntohl(address.s_addr) >> 24 == 127;
}

static int check_full_uri(const char *uri, struct ir_error *err)
{
    char base[MAX_URI_BYTES];
    struct ir_url url;
    size_t bytes = strcspn(uri, "?");
    if (bytes >= sizeof base || !ir_credentials_is_plain(uri) || strpbrk(uri, "\\#") != NULL)
        return ir_fail(err, IR_ERR_AUTH, FULL " is not a valid URL");
    snprintf(base, sizeof base, "%.*s", (int)bytes, uri);
    int rc = ir_url_parse(base, FULL, &url, err);
    if (rc != 0)
        return rc;
    if (url.https || is_near(url.host))
        return 0;
    rc = ir_fail(err, IR_ERR_AUTH,
                 FULL " names the host %.100s, to which credentials are not asked "
                      "for in clear text",
                 url.host);
    ir_error_set_hint(err, "Use https, or a host on this machine.");
    return rc;
}

/* *out is "" when no endpoint is set. */
static int find_uri(const struct ir_credentials_context *context, char *out, size_t out_bytes,
                    struct ir_error *err)
{
    const struct ir_world *world = context->config->world;
    const char *relative = ir_world_getenv(world, RELATIVE);
    const char *full = ir_world_getenv(world, FULL);
    out[0] = '\0';
    if (relative != NULL) {
        if (*relative != '/' || !ir_credentials_is_plain(relative) ||
            strlen(relative) + sizeof ECS_HOST > out_bytes)
            return ir_fail(err, IR_ERR_AUTH, RELATIVE " is not a path");
        snprintf(out, out_bytes, "%s%s", ECS_HOST, relative);
        return 0;
    }
    if (full == NULL)
        return 0;
    int rc = check_full_uri(full, err);
    if (rc == 0)
        snprintf(out, out_bytes, "%s", full);
    return rc;
}

/* ---- asking ------------------------------------------------------------------------------ */

static int read_token(const struct ir_credentials_context *context, struct ir_buf *out,
                      struct ir_error *err)
{
    const struct ir_world *world = context->config->world;
    const char *path = ir_world_getenv(world, TOKEN_FILE);
    const char *token = ir_world_getenv(world, TOKEN);
    bool is_missing = false;
    int rc = 0;
    if (path != NULL) {
        rc = world->read_file(world->context, path, out, &is_missing, err);
        if (rc != 0)
            ir_error_set_hint(err, "Correct " TOKEN_FILE ".");
    } else if (token != NULL) {
        ir_buf_append_text(out, token);
        rc = ir_buf_check(out, TOKEN, err);
    }
    if (rc == 0 &&
        (strpbrk(ir_buf_text(out), "\r\n") != NULL || strlen(ir_buf_text(out)) != out->bytes)) {
        rc = ir_fail(err, IR_ERR_AUTH, "the token from %s holds a line break",
                     path != NULL ? TOKEN_FILE : TOKEN);
        ir_error_set_hint(err, "Write it without a line end.");
    }
    return rc;
}

static int read_answer(const struct ir_http_response *response, struct ir_credentials **out,
                       struct ir_error *err)
{
    static const struct ir_credentials_names names = {"AccessKeyId", "SecretAccessKey", "Token",
                                                      "Expiration", true};
    struct ir_json_doc *doc = NULL;
    if (response->status != 200) {
        int code =
            ir_fail(err, IR_ERR_AUTH, "%s answered with HTTP status %d", PLACE, response->status);
        ir_error_set_hint(err, "Check the role of the task or pod, and " TOKEN "_FILE.");
        if (err != NULL)
            err->http_status = response->status;
        return code;
    }
    int rc = ir_json_parse_secret(ir_buf_text(&response->body), response->body.bytes,
                                  "the answer of the container's endpoint", &doc, err);
    if (rc == 0)
        rc = ir_credentials_from_json(ir_json_root(doc), &names,
                                      "the answer of the container's endpoint", PLACE, out, err);
    ir_json_free(doc);
    return rc;
}

static int ask(const struct ir_credentials_context *context, const char *uri, const char *token,
               struct ir_credentials **out, struct ir_error *err)
{
    const struct ir_world *world = context->config->world;
    const struct ir_header headers[] = {{"Accept", "application/json"}, {"Authorization", token}};
    const struct ir_http_request request = {
        .method = "GET", .url = uri, .headers = headers, .header_count = *token != '\0' ? 2 : 1};
    struct ir_http_response response;
    int rc = 0;
    ir_http_response_init(&response);
    response.body.secret = true;
    for (unsigned attempt = 1;; attempt++) {
        rc = ir_credentials_fetch(context, &request, ATTEMPT_MS, &response, err);
        if (rc == 0)
            rc = read_answer(&response, out, err);
        bool is_refused = rc != 0 && response.status >= 400 && response.status < 500;
        if (rc == 0 || rc == IR_ERR_CANCELLED || rc == IR_ERR_NOMEM || is_refused ||
            attempt == ATTEMPTS)
            break;
        if (world->monotonic_ms(world->context) + PAUSE_MS >= context->deadline_ms)
            break;
        if (!world->sleep_ms(world->context, PAUSE_MS, context->cancel)) {
            rc = ir_fail(err, IR_ERR_CANCELLED, "cancelled while looking for credentials");
            break;
        }
    }
    ir_http_response_release(&response);
    return rc;
}

int ir_credentials_from_container(const struct ir_credentials_context *context,
                                  struct ir_credentials **out, struct ir_error *err)
{
    char uri[MAX_URI_BYTES];
    struct ir_buf token;
    int rc = find_uri(context, uri, sizeof uri, err);
    if (rc == 0 && uri[0] == '\0') {
        ir_credentials_say(context, PLACE, IR_CREDENTIALS_NOT_SET_UP "none is set");
        return 0;
    }
    if (rc != 0)
        return rc;
    ir_buf_init_secret(&token, MAX_TOKEN_BYTES);
    rc = read_token(context, &token, err);
    if (rc == 0)
        rc = ask(context, uri, ir_buf_text(&token), out, err);
    if (rc != 0 && err->service[0] == '\0')
        ir_error_set_service(err, PLACE);
    ir_buf_release(&token);
    return rc;
}
