/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Credentials in the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN (or
 * the older AWS_SECURITY_TOKEN). They do not count when the caller named a profile; AWS_PROFILE
 * does not turn them off.
 */
#include "core/aws/credentials.h"

#include "core/base/error.h"

int ir_credentials_from_environment(const struct ir_aws_config *config, struct ir_credentials **out,
                                    struct ir_buf *trace, struct ir_error *err)
{
    if (config->profile_is_explicit) {
        ir_buf_append_text(trace, "the environment (not used, since a profile was named); ");
        return 0;
    }
    const char *key_id = ir_world_getenv(config->world, "AWS_ACCESS_KEY_ID");
    const char *secret = ir_world_getenv(config->world, "AWS_SECRET_ACCESS_KEY");
    const char *token = ir_world_getenv(config->world, "AWS_SESSION_TOKEN");
    if (token == NULL)
        token = ir_world_getenv(config->world, "AWS_SECURITY_TOKEN");
    if (key_id == NULL) {
        ir_buf_append_text(trace, "the environment (AWS_ACCESS_KEY_ID is not set); ");
        return 0;
    }
    if (secret == NULL) {
        int rc = ir_fail(err, IR_ERR_AUTH,
                         "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not");
        ir_error_set_hint(err, "Set both, or unset the one.");
        return rc;
    }
    *out = ir_credentials_new(key_id, secret, token, "the environment");
    return *out != NULL ? 0 : ir_fail_nomem(err);
}
