/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * AWS's own settings. The environment wins over the profile; the region takes AWS_REGION before
 * AWS_DEFAULT_REGION, since SDKs read the one and the CLI the other.
 */
#include "core/aws/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/alloc.h"
#include "core/base/error.h"

#define SERVICE "AWS settings"
#define MAX_PATH_BYTES 4096
#define MAX_NAME_BYTES 512
#define MAX_REGION_CHARS 63
#define MAX_SHOWN_BYTES 80 /* of a wrong value, in a message */

static int fail_setting(struct ir_error *err, int code)
{
    ir_error_set_service(err, SERVICE);
    return code;
}

/* ---- files ------------------------------------------------------------------------------- */

/* The path that `variable` names, else `preset`, with ~ replaced. NULL when out of memory. */
static char *file_path(const struct ir_world *world, const char *variable, const char *preset)
{
    struct ir_buf path;
    ir_buf_init(&path, MAX_PATH_BYTES);
    const char *given = ir_world_getenv(world, variable);
    ir_world_expand_home(world, given != NULL ? given : preset, &path);
    char *taken = ir_buf_take(&path);
    ir_buf_release(&path);
    return taken;
}

/* *out stays NULL when the file is not there. */
static int read_ini(const struct ir_world *world, const char *path, struct ir_ini **out,
                    struct ir_error *err)
{
    struct ir_buf text;
    bool missing = false;
    ir_buf_init_secret(&text, IR_INI_MAX_BYTES);
    int rc = world->read_file(world->context, path, &text, &missing, err);
    if (rc != 0 && missing) {
        ir_error_clear(err);
        rc = 0;
    } else if (rc == 0) {
        rc = ir_ini_parse(ir_buf_text(&text), text.bytes, path, out, err);
    }
    if (rc != 0)
        fail_setting(err, rc);
    if (rc != 0 && rc != IR_ERR_NOMEM && err != NULL && err->hint[0] == '\0')
        ir_error_set_hint(err, "Mend the file or its permissions.");
    ir_buf_release(&text);
    return rc;
}

/* ---- profile ----------------------------------------------------------------------------- */

static const char *profile_section(const struct ir_aws_config *config, const char *profile,
                                   char *out, size_t out_bytes)
{
    int chars = snprintf(out, out_bytes, "profile %s", profile);
    if (chars < 0 || (size_t)chars >= out_bytes)
        return NULL;
    if (ir_ini_has_section(config->config, out))
        return out;
    return strcmp(profile, "default") == 0 ? "default" : NULL;
}

const char *ir_aws_profile_get_config(const struct ir_aws_config *config, const char *profile,
                                      const char *key)
{
    char name[MAX_NAME_BYTES];
    if (config->config == NULL)
        return NULL;
    const char *section = profile_section(config, profile, name, sizeof name);
    const char *value = section != NULL ? ir_ini_get(config->config, section, key) : NULL;
    return value != NULL && *value != '\0' ? value : NULL;
}

const char *ir_aws_profile_get_credential(const struct ir_aws_config *config, const char *profile,
                                          const char *key)
{
    if (config->credentials == NULL)
        return NULL;
    const char *value = ir_ini_get(config->credentials, profile, key);
    return value != NULL && *value != '\0' ? value : NULL;
}

const char *ir_aws_profile_get(const struct ir_aws_config *config, const char *profile,
                               const char *key)
{
    const char *value = ir_aws_profile_get_credential(config, profile, key);
    return value != NULL ? value : ir_aws_profile_get_config(config, profile, key);
}

const char *ir_aws_config_get(const struct ir_aws_config *config, const char *key)
{
    return ir_aws_profile_get_config(config, config->profile, key);
}

const char *ir_aws_config_lookup(const struct ir_aws_config *config, const char *variable,
                                 const char *key)
{
    const char *value = variable != NULL ? ir_world_getenv(config->world, variable) : NULL;
    return value != NULL ? value : ir_aws_config_get(config, key);
}

bool ir_aws_profile_exists(const struct ir_aws_config *config, const char *profile)
{
    char name[MAX_NAME_BYTES];
    if (config->credentials != NULL && ir_ini_has_section(config->credentials, profile))
        return true;
    if (config->config == NULL)
        return false;
    const char *section = profile_section(config, profile, name, sizeof name);
    return section != NULL && ir_ini_has_section(config->config, section);
}

/* The default profile need not exist; one that somebody named must. */
static int check_profile(const struct ir_aws_config *config, bool named, struct ir_error *err)
{
    if (!named || ir_aws_profile_exists(config, config->profile))
        return 0;
    ir_fail(err, IR_ERR_ARG, "the profile \"%s\" is neither in %s nor in %s", config->profile,
            config->config_path, config->credentials_path);
    ir_error_set_hint(err,
                      "Correct the profile's name (AWS_PROFILE or the setting \"profile\"), "
                      "or make it: aws configure --profile %s",
                      config->profile);
    return fail_setting(err, IR_ERR_ARG);
}

/* ---- values ------------------------------------------------------------------------------ */

/* It becomes a part of host names, so nothing else may pass. */
bool ir_aws_is_region(const char *text)
{
    size_t chars = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return chars > 0 && text[chars] == '\0' && chars <= MAX_REGION_CHARS && text[0] != '-' &&
           text[chars - 1] != '-';
}

static int set_copy(char **member, const char *value, struct ir_error *err)
{
    if (value == NULL)
        return 0;
    *member = ir_strdup(value);
    return *member != NULL ? 0 : ir_fail_nomem(err);
}

static int load_region(struct ir_aws_config *config, const char *given, struct ir_error *err)
{
    const char *region = given;
    if (region == NULL)
        region = ir_world_getenv(config->world, "AWS_REGION");
    if (region == NULL)
        region = ir_aws_config_lookup(config, "AWS_DEFAULT_REGION", "region");
    if (region != NULL && !ir_aws_is_region(region)) {
        char shown[MAX_SHOWN_BYTES];
        ir_text_copy(shown, sizeof shown, region);
        ir_fail(err, IR_ERR_ARG, "\"%s\" is not the name of a region", shown);
        ir_error_set_hint(err, "A region is named like us-east-1; correct the setting \"region\", "
                               "AWS_REGION, AWS_DEFAULT_REGION or the profile.");
        return fail_setting(err, IR_ERR_ARG);
    }
    return set_copy(&config->region, region, err);
}

static int load_max_attempts(struct ir_aws_config *config, struct ir_error *err)
{
    config->max_attempts = IR_DEFAULT_MAX_ATTEMPTS;
    const char *text = ir_aws_config_lookup(config, "AWS_MAX_ATTEMPTS", "max_attempts");
    if (text == NULL)
        return 0;
    char *end = NULL;
    long number = strtol(text, &end, 10);
    if (end == text || *end != '\0' || number < 1 || number > (long)IR_LIMIT_MAX_ATTEMPTS) {
        char shown[MAX_SHOWN_BYTES];
        ir_text_copy(shown, sizeof shown, text);
        ir_fail(err, IR_ERR_ARG, "AWS_MAX_ATTEMPTS or max_attempts is \"%s\"", shown);
        ir_error_set_hint(err, "It must be a number from 1 to %u.", IR_LIMIT_MAX_ATTEMPTS);
        return fail_setting(err, IR_ERR_ARG);
    }
    config->max_attempts = (unsigned)number;
    return 0;
}

static int load_retry_mode(struct ir_aws_config *config, struct ir_error *err)
{
    static const struct {
        const char *word;
        enum ir_retry_mode mode;
    } words[] = {{"standard", IR_RETRY_MODE_STANDARD},
                 {"legacy", IR_RETRY_MODE_STANDARD},
                 {"adaptive", IR_RETRY_MODE_ADAPTIVE}};
    const char *text = ir_aws_config_lookup(config, "AWS_RETRY_MODE", "retry_mode");
    for (size_t i = 0; text != NULL && i < sizeof words / sizeof words[0]; i++) {
        if (strcasecmp(text, words[i].word) != 0)
            continue;
        config->retry_mode = words[i].mode;
        return 0;
    }
    if (text == NULL)
        return 0;
    char shown[MAX_SHOWN_BYTES];
    ir_text_copy(shown, sizeof shown, text);
    ir_fail(err, IR_ERR_ARG, "AWS_RETRY_MODE or retry_mode is \"%s\"", shown);
    ir_error_set_hint(err,
                      "It must be standard, adaptive or legacy (which is taken for standard).");
    return fail_setting(err, IR_ERR_ARG);
}

bool ir_aws_config_is_true(const struct ir_aws_config *config, const char *variable,
                           const char *key)
{
    const char *text = ir_aws_config_lookup(config, variable, key);
    return text != NULL && strcasecmp(text, "true") == 0;
}

/* Schemes that are neither of the two are none of ours, and passed over as other SDKs do. */
bool ir_aws_config_prefers_signature(const struct ir_aws_config *config)
{
    static const char separators[] = ", \t";
    const char *scheme =
        ir_aws_config_lookup(config, "AWS_AUTH_SCHEME_PREFERENCE", "auth_scheme_preference");
    while (scheme != NULL && *scheme != '\0') {
        size_t chars = strcspn(scheme, separators);
        if (chars == strlen("sigv4") && strncmp(scheme, "sigv4", chars) == 0)
            return true;
        if (chars == strlen("httpBearerAuth") && strncmp(scheme, "httpBearerAuth", chars) == 0)
            return false;
        scheme += chars;
        scheme += strspn(scheme, separators);
    }
    return false;
}

static int load_values(struct ir_aws_config *config, const char *region, struct ir_error *err)
{
    int rc = load_region(config, region, err);
    if (rc == 0)
        rc = load_max_attempts(config, err);
    if (rc == 0)
        rc = load_retry_mode(config, err);
    if (rc == 0)
        rc = set_copy(&config->ca_bundle,
                      ir_aws_config_lookup(config, "AWS_CA_BUNDLE", "ca_bundle"), err);
    config->use_fips = ir_aws_config_is_true(config, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
    config->use_dualstack =
        ir_aws_config_is_true(config, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
    return rc;
}

static const char *unless_empty(const char *text)
{
    return text != NULL && *text != '\0' ? text : NULL;
}

int ir_aws_config_load(const struct ir_world *world, const char *profile, const char *region,
                       struct ir_aws_config *out, struct ir_error *err)
{
    struct ir_aws_config config = {.world = world};
    const char *name = unless_empty(profile);
    config.profile_is_explicit = name != NULL;
    if (name == NULL)
        name = ir_world_getenv(world, "AWS_PROFILE");
    if (name == NULL)
        name = ir_world_getenv(world, "AWS_DEFAULT_PROFILE");
    config.profile = ir_strdup(name != NULL ? name : "default");
    config.config_path = file_path(world, "AWS_CONFIG_FILE", "~/.aws/config");
    config.credentials_path = file_path(world, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials");
    int rc = 0;
    if (config.profile == NULL || config.config_path == NULL || config.credentials_path == NULL)
        rc = ir_fail_nomem(err);
    if (rc == 0)
        rc = read_ini(world, config.config_path, &config.config, err);
    if (rc == 0)
        rc = read_ini(world, config.credentials_path, &config.credentials, err);
    if (rc == 0)
        rc = check_profile(&config, name != NULL, err);
    if (rc == 0)
        rc = load_values(&config, unless_empty(region), err);
    if (rc == 0)
        *out = config;
    else
        ir_aws_config_release(&config);
    return rc;
}

void ir_aws_config_release(struct ir_aws_config *config)
{
    ir_free(config->profile);
    ir_free(config->config_path);
    ir_free(config->credentials_path);
    ir_free(config->region);
    ir_free(config->ca_bundle);
    ir_ini_free(config->config);
    ir_ini_free(config->credentials);
    *config = (struct ir_aws_config){0};
}
