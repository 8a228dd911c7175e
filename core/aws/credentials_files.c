/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Credentials that stand as keys in ~/.aws/credentials or ~/.aws/config. */
#include "core/aws/credentials_provider.h"

#include "core/base/error.h"

typedef const char *(*lookup_fn)(const struct ir_aws_config *config, const char *profile,
                                 const char *key);

struct file {
    lookup_fn lookup;
    const char *path;
    bool exists;
    const char *provider;
};

static int provide(const struct ir_credentials_context *context, const struct file *file,
                   struct ir_credentials **out, struct ir_error *err)
{
    const struct ir_aws_config *config = context->config;
    if (!file->exists) {
        ir_credentials_say(context, file->path, "no such file");
        return 0;
    }
    const char *key_id = file->lookup(config, context->profile, "aws_access_key_id");
    const char *secret = file->lookup(config, context->profile, "aws_secret_access_key");
    if (key_id == NULL) {
        ir_credentials_say(context, file->path, "profile \"%s\" has no aws_access_key_id",
                           context->profile);
        return 0;
    }
    if (secret == NULL) {
        int rc = ir_fail(err, IR_ERR_AUTH,
                         "profile \"%s\" in %s has aws_access_key_id and no "
                         "aws_secret_access_key",
                         context->profile, file->path);
        ir_error_set_hint(err, "Run: aws configure --profile %s", context->profile);
        return rc;
    }
    *out = ir_credentials_new(key_id, secret,
                              file->lookup(config, context->profile, "aws_session_token"),
                              file->provider);
    return *out != NULL ? 0 : ir_fail_nomem(err);
}

int ir_credentials_from_credentials_file(const struct ir_credentials_context *context,
                                         struct ir_credentials **out, struct ir_error *err)
{
    const struct ir_aws_config *config = context->config;
    const struct file file = {ir_aws_profile_get_credential, config->credentials_path,
                              config->credentials != NULL, "the shared credentials file"};
    return provide(context, &file, out, err);
}

int ir_credentials_from_config_file(const struct ir_credentials_context *context,
                                    struct ir_credentials **out, struct ir_error *err)
{
    const struct ir_aws_config *config = context->config;
    const struct file file = {ir_aws_profile_get_config, config->config_path,
                              config->config != NULL, "the config file"};
    return provide(context, &file, out, err);
}
