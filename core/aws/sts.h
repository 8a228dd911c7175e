/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * AWS STS by its query protocol: AssumeRole and AssumeRoleWithWebIdentity, which two credential
 * providers need, and GetCallerIdentity. It stands below core/service because the chain needs it.
 * Source: https://docs.aws.amazon.com/STS/latest/APIReference/ (API version 2011-06-15)
 */
#ifndef CORE_AWS_STS_H
#define CORE_AWS_STS_H

#include "core/aws/call.h"
#include "core/aws/credentials_provider.h"

extern const struct ir_service ir_service_sts;

/* All borrowed. */
struct ir_sts_role {
    const char *role_arn;
    const char *session_name;
    const char *external_id;        /* NULL = none */
    long duration_s;                /* 0 = the role's preset, an hour */
    const char *web_identity_token; /* NULL = AssumeRole, else AssumeRoleWithWebIdentity */
};

/*
 * Takes a role. `signer` (NULL with a web identity token) signs. AWS's own errors are passed on.
 * `*out` is released by the caller; `provider` is static.
 */
IR_MUST_CHECK int ir_sts_take_role(const struct ir_credentials_context *context,
                                   const struct ir_sts_role *role, struct ir_credentials *signer,
                                   const char *provider, struct ir_credentials **out,
                                   struct ir_error *err);

struct ir_sts_identity {
    char account[16];
    char arn[512];
    char user_id[160];
};

/* Whom AWS takes the client's credentials for. Costs nothing and needs no permission. */
IR_MUST_CHECK int ir_sts_get_caller_identity(struct ir_aws *aws, const struct ir_cancel *cancel,
                                             struct ir_sts_identity *out, struct ir_error *err);

#endif
