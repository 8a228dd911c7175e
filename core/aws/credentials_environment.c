/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Credentials in the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN (or
 * the older AWS_SECURITY_TOKEN) and AWS_CREDENTIAL_EXPIRATION. They do not count when the caller
 * named a profile; AWS_PROFILE does not turn them off.
 */
#include "core/aws/credentials_provider.h"

#include "core/base/error.h"

#define PLACE "the environment"

static int read_end(const struct ir_world *world, struct ir_credentials *found,
                    struct ir_error *err)
{
    const char *date = ir_world_getenv(world, "AWS_CREDENTIAL_EXPIRATION");
    if (date == NULL || ir_world_parse_iso_date(date, &found->expires_unix_ms))
        return 0;
    int rc = ir_fail(err, IR_ERR_AUTH, "AWS_CREDENTIAL_EXPIRATION is not a date");
    ir_error_set_hint(err, "Write it like 2026-11-20T21:35:00Z, or unset it.");
    return rc;
}

int ir_credentials_from_environment(const struct ir_credentials_context *context,
                                    struct ir_credentials **out, struct ir_error *err)
{
    const struct ir_world *world = context->config->world;
    if (context->is_profile_named) {
        ir_credentials_say(context, PLACE, "not used, since a profile was named");
        return 0;
    }
    const char *key_id = ir_world_getenv(world, "AWS_ACCESS_KEY_ID");
    const char *secret = ir_world_getenv(world, "AWS_SECRET_ACCESS_KEY");
    const char *token = ir_world_getenv(world, "AWS_SESSION_TOKEN");
    if (token == NULL)
        token = ir_world_getenv(world, "AWS_SECURITY_TOKEN");
    if (key_id == NULL) {
        ir_credentials_say(context, PLACE, "AWS_ACCESS_KEY_ID is not set");
        return 0;
    }
    if (secret == NULL) {
        int rc =
            ir_fail(err, IR_ERR_AUTH, "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not");
        ir_error_set_hint(err, "Set both, or unset the one.");
        return rc;
    }
    struct ir_credentials *found = ir_credentials_new(key_id, secret, token, PLACE);
    if (found == NULL)
        return ir_fail_nomem(err);
    int rc = read_end(world, found, err);
    if (rc == 0)
        *out = found;
    else
        ir_credentials_release(found);
    return rc;
}
