/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A role that a profile takes (role_arn) with the credentials of another profile (source_profile)
 * or of the machine (credential_source). Sources may be roles in turn; a circle is found by the
 * chain of contexts. As in botocore, a profile with web_identity_token_file is not one of these, a
 * source that has keys of its own is not taken for a role, and a profile may name itself as source
 * for its keys.
 */
#include "core/aws/credentials_provider.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/aws/sts.h"
#include "core/base/error.h"

#define PLACE "a role"
#define MAX_CHAIN 10
#define MAX_NAME_BYTES 64
#define MIN_DURATION_S 900L
#define MAX_DURATION_S 43200L

static const char *get(const struct ir_credentials_context *context, const char *profile,
                       const char *key)
{
    return ir_aws_profile_get(context->config, profile, key);
}

static bool has_role(const struct ir_credentials_context *context, const char *profile)
{
    return get(context, profile, "role_arn") != NULL &&
           get(context, profile, "web_identity_token_file") == NULL;
}

static bool has_keys(const struct ir_credentials_context *context, const char *profile)
{
    return get(context, profile, "aws_access_key_id") != NULL ||
           get(context, profile, "aws_secret_access_key") != NULL;
}

static bool is_above(const struct ir_credentials_context *context, const char *profile,
                     unsigned *out_depth)
{
    bool found = false;
    *out_depth = 0;
    for (; context != NULL; context = context->parent) {
        found = found || strcmp(context->profile, profile) == 0;
        ++*out_depth;
    }
    return found;
}

/* ---- the source -------------------------------------------------------------------------- */

static int check_source(const struct ir_credentials_context *context, const char *source,
                        struct ir_error *err)
{
    unsigned depth = 0;
    if (!ir_aws_profile_exists(context->config, source)) {
        int rc = ir_fail(err, IR_ERR_AUTH,
                         "profile \"%s\" names \"%s\" as its source_profile, "
                         "which does not exist",
                         context->profile, source);
        ir_error_set_hint(err, "Correct source_profile in %s.", context->config->config_path);
        return rc;
    }
    bool is_circle = is_above(context, source, &depth) &&
                     (strcmp(source, context->profile) != 0 || !has_keys(context, source));
    if (!is_circle && depth < MAX_CHAIN)
        return 0;
    int rc = ir_fail(err, IR_ERR_AUTH,
                     "the source profiles of \"%s\" lead in a circle, or are more "
                     "than %d (at \"%s\")",
                     context->config->profile, MAX_CHAIN, source);
    ir_error_set_hint(err, "Let the last source_profile name one with keys of its own.");
    return rc;
}

static int find_in_profile(const struct ir_credentials_context *context, const char *source,
                           struct ir_credentials **out, struct ir_error *err)
{
    struct ir_credentials_context inner = *context;
    inner.profile = source;
    inner.is_profile_named = true;
    inner.parent = context;
    int rc = check_source(context, source, err);
    if (rc != 0)
        return rc;
    bool with_role = has_role(&inner, source) && !has_keys(&inner, source);
    rc = ir_credentials_find_in_profile(&inner, with_role, out, err);
    if (rc != 0 || *out != NULL)
        return rc;
    rc = ir_fail(err, IR_ERR_AUTH, "profile \"%s\", the source of \"%s\", has no credentials",
                 source, context->profile);
    ir_error_set_hint(err, "Run: aws configure --profile %s", source);
    return rc;
}

static int find_on_machine(const struct ir_credentials_context *context, const char *source,
                           struct ir_credentials **out, struct ir_error *err)
{
    struct ir_credentials_context inner = *context;
    int rc = 0;
    inner.is_profile_named = false;
    inner.parent = context;
    if (strcmp(source, "Environment") == 0) {
        rc = ir_credentials_from_environment(&inner, out, err);
    } else if (strcmp(source, "Ec2InstanceMetadata") == 0) {
        rc = ir_credentials_from_imds(&inner, out, err);
    } else if (strcmp(source, "EcsContainer") == 0) {
        rc = ir_credentials_from_container(&inner, out, err);
    } else {
        rc = ir_fail(err, IR_ERR_AUTH,
                     "profile \"%s\" has the credential_source \"%.40s\", which "
                     "is none",
                     context->profile, source);
        ir_error_set_hint(err, "It is Environment, Ec2InstanceMetadata or EcsContainer.");
    }
    if (rc != 0 || *out != NULL)
        return rc;
    rc = ir_fail(err, IR_ERR_AUTH, "the credential_source %s of profile \"%s\" has no credentials",
                 source, context->profile);
    ir_error_set_hint(err, "Check that this machine has them, or name a source_profile.");
    return rc;
}

static int find_source(const struct ir_credentials_context *context, struct ir_credentials **out,
                       struct ir_error *err)
{
    const char *profile_name = get(context, context->profile, "source_profile");
    const char *machine = get(context, context->profile, "credential_source");
    if (profile_name != NULL && machine == NULL)
        return find_in_profile(context, profile_name, out, err);
    if (machine != NULL && profile_name == NULL)
        return find_on_machine(context, machine, out, err);
    int rc = ir_fail(err, IR_ERR_AUTH,
                     "profile \"%s\" has role_arn and %s source_profile %s "
                     "credential_source",
                     context->profile, machine == NULL ? "neither" : "both",
                     machine == NULL ? "nor" : "and");
    ir_error_set_hint(err, "Set one of the two in %s.", context->config->config_path);
    return rc;
}

/* ---- the role ---------------------------------------------------------------------------- */

static int read_duration(const struct ir_credentials_context *context, long *out,
                         struct ir_error *err)
{
    const char *text = get(context, context->profile, "duration_seconds");
    char *end = NULL;
    *out = 0;
    if (text == NULL)
        return 0;
    long seconds = strtol(text, &end, 10);
    if (end == text || *end != '\0' || seconds < MIN_DURATION_S || seconds > MAX_DURATION_S)
        return ir_fail(err, IR_ERR_AUTH,
                       "duration_seconds of profile \"%s\" must be a number from "
                       "%ld to %ld",
                       context->profile, MIN_DURATION_S, MAX_DURATION_S);
    *out = seconds;
    return 0;
}

static int refuse_mfa(const struct ir_credentials_context *context, struct ir_error *err)
{
    int rc = ir_fail(err, IR_ERR_AUTH,
                     "profile \"%s\" asks for a one-time code (mfa_serial), which "
                     "cannot be typed in here",
                     context->profile);
    ir_error_set_hint(err,
                      "Let the AWS command ask for it, and pass its temporary keys on: eval "
                      "\"$(aws configure export-credentials --profile %s --format env)\"",
                      context->profile);
    return rc;
}

static int take_role(const struct ir_credentials_context *context, struct ir_credentials *signer,
                     struct ir_credentials **out, struct ir_error *err)
{
    const struct ir_world *world = context->config->world;
    const char *given_name = get(context, context->profile, "role_session_name");
    char session_name[MAX_NAME_BYTES];
    struct ir_sts_role role = {
        .role_arn = get(context, context->profile, "role_arn"),
        .session_name = given_name,
        .external_id = get(context, context->profile, "external_id"),
    };
    snprintf(session_name, sizeof session_name, "imgrecog-%lld",
             (long long)(world->unix_ms(world->context) / 1000));
    if (given_name == NULL)
        role.session_name = session_name;
    int rc = read_duration(context, &role.duration_s, err);
    if (rc == 0)
        rc = ir_sts_take_role(context, &role, signer, PLACE, out, err);
    if (rc == IR_ERR_AUTH && strcmp(err->aws_code, "AccessDenied") == 0)
        ir_error_set_hint(err,
                          "Check role_arn and the source of profile \"%s\", and that the "
                          "role's trust policy lets that identity in.",
                          context->profile);
    return rc;
}

int ir_credentials_from_role(const struct ir_credentials_context *context,
                             struct ir_credentials **out, struct ir_error *err)
{
    struct ir_credentials *signer = NULL;
    if (!has_role(context, context->profile)) {
        bool is_web_identity = get(context, context->profile, "role_arn") != NULL;
        ir_credentials_say(context, PLACE,
                           is_web_identity ? "that of profile \"%s\" goes with a web identity"
                                           : IR_CREDENTIALS_NOT_SET_UP
                               "profile \"%s\" has no role_arn",
                           context->profile);
        return 0;
    }
    if (get(context, context->profile, "mfa_serial") != NULL)
        return refuse_mfa(context, err);
    int rc = find_source(context, &signer, err);
    if (rc == 0)
        rc = take_role(context, signer, out, err);
    ir_credentials_release(signer);
    return rc;
}
