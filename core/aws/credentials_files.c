/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Credentials that stand as keys in ~/.aws/credentials or ~/.aws/config. A profile that gets its
 * credentials another way (a role, IAM Identity Center, `aws login`, a program) is named in the
 * trace, so that the user learns what stopped it.
 */
#include "core/aws/credentials.h"

#include "core/base/error.h"

typedef const char *(*lookup_fn)(const struct ir_aws_config *config, const char *key);

struct file {
    lookup_fn lookup;
    const char *path;
    bool exists;
    const char *provider;
};

/* Ways to credentials that this version does not go, by the key that asks for them. */
static const char *const other_ways[] = {
    "role_arn", "sso_session", "sso_start_url", "login_session", "credential_process",
    "web_identity_token_file",
};

static const char *other_way(const struct ir_aws_config *config, lookup_fn lookup)
{
    for (size_t i = 0; i < sizeof other_ways / sizeof other_ways[0]; i++)
        if (lookup(config, other_ways[i]) != NULL)
            return other_ways[i];
    return NULL;
}

static int provide(const struct ir_aws_config *config, const struct file *file,
                   struct ir_credentials **out, struct ir_buf *trace, struct ir_error *err)
{
    if (!file->exists) {
        ir_buf_appendf(trace, "%s (no such file); ", file->path);
        return 0;
    }
    const char *way = other_way(config, file->lookup);
    const char *key_id = file->lookup(config, "aws_access_key_id");
    const char *secret = file->lookup(config, "aws_secret_access_key");
    if (way != NULL && key_id == NULL) {
        ir_buf_appendf(trace, "%s (profile \"%s\" uses %s, which is not supported; put its "
                       "temporary keys into the environment with: eval \"$(aws configure "
                       "export-credentials --profile %s --format env)\"); ",
                       file->path, config->profile, way, config->profile);
        return 0;
    }
    if (key_id == NULL) {
        ir_buf_appendf(trace, "%s (profile \"%s\" has no aws_access_key_id); ", file->path,
                       config->profile);
        return 0;
    }
    if (secret == NULL) {
        int rc = ir_fail(err, IR_ERR_AUTH, "profile \"%s\" in %s has aws_access_key_id and no "
                         "aws_secret_access_key", config->profile, file->path);
        ir_error_set_hint(err, "Run: aws configure --profile %s", config->profile);
        return rc;
    }
    *out = ir_credentials_new(key_id, secret, file->lookup(config, "aws_session_token"),
                              file->provider);
    return *out != NULL ? 0 : ir_fail_nomem(err);
}

int ir_credentials_from_credentials_file(const struct ir_aws_config *config,
                                         struct ir_credentials **out, struct ir_buf *trace,
                                         struct ir_error *err)
{
    const struct file file = {ir_aws_config_get_credential, config->credentials_path,
                              config->credentials != NULL, "the shared credentials file"};
    return provide(config, &file, out, trace, err);
}

int ir_credentials_from_config_file(const struct ir_aws_config *config, struct ir_credentials **out,
                                    struct ir_buf *trace, struct ir_error *err)
{
    const struct file file = {ir_aws_config_get, config->config_path, config->config != NULL,
                              "the config file"};
    return provide(config, &file, out, trace, err);
}
