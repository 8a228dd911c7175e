/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * AWS's own settings: which profile, which region, and what the environment and ~/.aws say.
 * Source: https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
 */
#ifndef CORE_AWS_CONFIG_H
#define CORE_AWS_CONFIG_H

#include <stdbool.h>

#include "core/base/ini.h"
#include "core/base/world.h"

enum ir_retry_mode {
    IR_RETRY_MODE_STANDARD, /* also for "legacy", which SDKs newer than it take for this */
    IR_RETRY_MODE_ADAPTIVE, /* and what is sent is held to a rate */
};

struct ir_aws_config {
    const struct ir_world *world; /* borrowed */
    char *profile;                /* its name, never NULL */
    bool profile_is_explicit;     /* named by the caller: then credentials in the environment do not
                                     count, as with AWS's SDKs */
    char *config_path;
    char *credentials_path;
    struct ir_ini *config;      /* NULL when the file is not there */
    struct ir_ini *credentials; /* NULL when the file is not there */
    char *region;               /* NULL when none is set anywhere */
    char *ca_bundle;            /* NULL = the system's */
    unsigned max_attempts;      /* 1..20 */
    enum ir_retry_mode retry_mode;
    bool use_fips;
    bool use_dualstack;
};

#define IR_DEFAULT_MAX_ATTEMPTS 3U
#define IR_LIMIT_MAX_ATTEMPTS 20U

/*
 * Reads environment and files. `profile` and `region` may be NULL or "". IR_ERR_ARG: a file cannot
 * be read or parsed, the profile is in none of them, or a value is wrong. IR_ERR_NOMEM.
 * `out` must be released after success only.
 */
IR_MUST_CHECK int ir_aws_config_load(const struct ir_world *world, const char *profile,
                                     const char *region, struct ir_aws_config *out,
                                     struct ir_error *err);
void ir_aws_config_release(struct ir_aws_config *config);

/* A key of the profile in the config file; NULL when it is not set. Borrowed. */
const char *ir_aws_config_get(const struct ir_aws_config *config, const char *key);
/* The same of any profile: in the config file, in the credentials file, in the one that has it (the
 * credentials file first, as botocore merges them). */
const char *ir_aws_profile_get_config(const struct ir_aws_config *config, const char *profile,
                                      const char *key);
const char *ir_aws_profile_get_credential(const struct ir_aws_config *config, const char *profile,
                                          const char *key);
const char *ir_aws_profile_get(const struct ir_aws_config *config, const char *profile,
                               const char *key);
/* Whether one of the files has the profile. */
bool ir_aws_profile_exists(const struct ir_aws_config *config, const char *profile);
/* Whether `text` may be a region's name, and so a part of a host's name. */
bool ir_aws_is_region(const char *text);
/* Whether ir_aws_config_lookup gives "true", in any case. */
bool ir_aws_config_is_true(const struct ir_aws_config *config, const char *variable,
                           const char *key);
/* Whether AWS_AUTH_SCHEME_PREFERENCE, a list, names signatures and no bearer token before them. */
bool ir_aws_config_prefers_signature(const struct ir_aws_config *config);
/*
 * The environment's value, else the config file's; NULL when neither is set. `variable` may be
 * NULL. Borrowed.
 */
const char *ir_aws_config_lookup(const struct ir_aws_config *config, const char *variable,
                                 const char *key);

#endif
