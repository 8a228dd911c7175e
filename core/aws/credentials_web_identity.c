/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A role taken with a token from a file, as Kubernetes gives to its pods:
 * AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN, AWS_ROLE_SESSION_NAME, or the profile's keys. The
 * request is not signed: the token is its proof. The file is read anew each time, since tokens are
 * short-lived.
 */
#include "core/aws/credentials_provider.h"

#include <stdio.h>

#include "core/aws/sts.h"
#include "core/base/ascii.h"
#include "core/base/error.h"

#define PLACE "web identity"
#define MAX_TOKEN_BYTES 20000 /* STS takes as many */
#define MAX_PATH_BYTES 4096
#define MAX_NAME_BYTES 64

/* The environment's value (unless it does not count), else the profile's. */
static const char *setting(const struct ir_credentials_context *context, const char *variable,
                           const char *key)
{
    const struct ir_aws_config *config = context->config;
    const char *value = context->is_profile_named ? NULL : ir_world_getenv(config->world, variable);
    return value != NULL ? value : ir_aws_profile_get(config, context->profile, key);
}

static int read_token(const struct ir_credentials_context *context, const char *path,
                      struct ir_buf *out, struct ir_error *err)
{
    const struct ir_world *world = context->config->world;
    struct ir_buf full_path;
    bool is_missing = false;
    ir_buf_init(&full_path, MAX_PATH_BYTES);
    ir_world_expand_home(world, path, &full_path);
    int rc = ir_buf_check(&full_path, "the path of the web identity token", err);
    if (rc == 0)
        rc = world->read_file(world->context, ir_buf_text(&full_path), out, &is_missing, err);
    if (rc != 0)
        ir_error_set_hint(err, "Correct AWS_WEB_IDENTITY_TOKEN_FILE or web_identity_token_file.");
    while (rc == 0 && out->bytes > 0 && ir_ascii_is_space(out->data[out->bytes - 1]))
        out->data[--out->bytes] = '\0';
    if (rc == 0 && out->bytes == 0)
        rc = ir_fail(err, IR_ERR_AUTH, "the web identity token in %s is empty",
                     ir_buf_text(&full_path));
    ir_buf_release(&full_path);
    return rc;
}

int ir_credentials_from_web_identity(const struct ir_credentials_context *context,
                                     struct ir_credentials **out, struct ir_error *err)
{
    const struct ir_world *world = context->config->world;
    const char *path = setting(context, "AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file");
    const char *role_arn = setting(context, "AWS_ROLE_ARN", "role_arn");
    char session_name[MAX_NAME_BYTES];
    struct ir_buf token;
    if (path == NULL) {
        ir_credentials_say(context, PLACE, IR_CREDENTIALS_NOT_SET_UP "no token file is set");
        return 0;
    }
    if (role_arn == NULL) {
        int rc = ir_fail(err, IR_ERR_AUTH,
                         "a web identity token file is set, but no role to take "
                         "with it");
        ir_error_set_hint(err, "Set AWS_ROLE_ARN, or role_arn in the profile.");
        return rc;
    }
    snprintf(session_name, sizeof session_name, "imgrecog-%lld",
             (long long)(world->unix_ms(world->context) / 1000));
    ir_buf_init_secret(&token, MAX_TOKEN_BYTES);
    int rc = read_token(context, path, &token, err);
    if (rc == 0) {
        const char *given_name = setting(context, "AWS_ROLE_SESSION_NAME", "role_session_name");
        const struct ir_sts_role role = {
            .role_arn = role_arn,
            .session_name = given_name != NULL ? given_name : session_name,
            .web_identity_token = ir_buf_text(&token),
        };
        rc = ir_sts_take_role(context, &role, NULL, PLACE, out, err);
        if (rc == IR_ERR_AUTH || rc == IR_ERR_SERVICE)
            ir_error_set_hint(err, "Check the token in %s and the trust policy of %s.", path,
                              role_arn);
    }
    ir_buf_release(&token);
    return rc;
}
