/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * AWS Identity and Access Management: SimulatePrincipalPolicy, which checks what the policies of an
 * identity allow and performs nothing of it, and GetRole, which tells a role's ARN. Pure.
 * Sources: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html,
 * .../API_GetRole.html (API version 2010-05-08)
 */
#ifndef CORE_SERVICE_IAM_H
#define CORE_SERVICE_IAM_H

#include "core/service/request.h"

#define IR_IAM_MAX_ACTIONS 8U
#define IR_IAM_MAX_RESOURCES 4U
#define IR_IAM_ARN_BYTES 640

/* Borrowed. */
struct ir_iam_question {
    const char *principal_arn; /* of a user or role */
    const char *actions[IR_IAM_MAX_ACTIONS];
    size_t action_count;
    const char *resources[IR_IAM_MAX_RESOURCES]; /* none = "*" */
    size_t resource_count;
};
IR_MUST_CHECK int ir_iam_simulate(const struct ir_iam_question *question, struct ir_request *out,
                                  struct ir_error *err);

enum ir_iam_decision {
    IR_IAM_ALLOWED,
    IR_IAM_NOT_ALLOWED, /* no policy says that it is */
    IR_IAM_DENIED,      /* a policy says that it is not */
};

/*
 * For each action of the question the strictest decision over its resources. IR_ERR_RESPONSE: not
 * an answer to it; IR_ERR_NOMEM.
 */
IR_MUST_CHECK int ir_iam_read_decisions(const char *xml, size_t bytes,
                                        const struct ir_iam_question *question,
                                        enum ir_iam_decision out[IR_IAM_MAX_ACTIONS],
                                        struct ir_error *err);

/*
 * The ARN of the role behind that of a session which took it ("arn:aws:sts::1:assumed-role/R/S"),
 * or the ARN of a user as it is. False for others, whose policies cannot be simulated (an account's
 * root user, a federated user). A role's path is not in the session's ARN, and one that has a path
 * is not found without it: GetRole knows it by the name alone.
 */
bool ir_iam_principal_of(const char *caller_arn, char out[IR_IAM_ARN_BYTES]);
/* The name of the role in such an ARN; NULL where it is a user's. */
const char *ir_iam_role_name(const char *principal_arn);

IR_MUST_CHECK int ir_iam_get_role(const char *role_name, struct ir_request *out,
                                  struct ir_error *err);
/* IR_ERR_RESPONSE: no ARN of a role in it; IR_ERR_NOMEM. */
IR_MUST_CHECK int ir_iam_read_role_arn(const char *xml, size_t bytes, char out[IR_IAM_ARN_BYTES],
                                       struct ir_error *err);

#endif
