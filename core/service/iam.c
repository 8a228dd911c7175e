/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The query protocol, which takes GET as well as POST
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/programming.html); answers are XML
 * <XResponse><XResult>...</XResult></XResponse>.
 */
#include "core/service/iam.h"

#include <stdio.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/xml.h"

#define API_VERSION "2010-05-08"
#define MAX_ANSWER_BYTES (1U << 20)
#define MEMBER_BYTES 40

const struct ir_service ir_service_iam = {
    .title = "IAM",
    .host_prefix = "iam",
    .signing_name = "iam",
    .variable = "AWS_ENDPOINT_URL_IAM",
    .section_key = "iam",
    .is_global = true,
};

static void begin(struct ir_request *out, const char *action)
{
    ir_request_init(out, &ir_service_iam, "GET", "/");
    ir_request_add_query(out, "Action", action);
    ir_request_add_query(out, "Version", API_VERSION);
}

static void add_members(struct ir_request *request, const char *name, const char *const *values,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char member[MEMBER_BYTES];
        snprintf(member, sizeof member, "%s.member.%zu", name, i + 1);
        ir_request_add_query(request, member, values[i]);
    }
}

int ir_iam_simulate(const struct ir_iam_question *question, struct ir_request *out,
                    struct ir_error *err)
{
    begin(out, "SimulatePrincipalPolicy");
    ir_request_add_query(out, "PolicySourceArn", question->principal_arn);
    add_members(out, "ActionNames", question->actions, question->action_count);
    add_members(out, "ResourceArns", question->resources, question->resource_count);
    return ir_request_finish(out, NULL, err);
}

/* ---- the answer -------------------------------------------------------------------------- */

static int parse(const char *xml, size_t bytes, struct ir_xml_doc **out, struct ir_error *err)
{
    int rc = ir_xml_parse(xml, bytes, MAX_ANSWER_BYTES, "the answer of IAM", out, err);
    return rc == IR_ERR_RESPONSE
               ? ir_answer_fail(&ir_service_iam, "the answer is no XML of IAM's", err)
               : rc;
}

static enum ir_iam_decision decision_of(const char *word)
{
    if (strcmp(word, "allowed") == 0)
        return IR_IAM_ALLOWED;
    return strcmp(word, "explicitDeny") == 0 ? IR_IAM_DENIED : IR_IAM_NOT_ALLOWED;
}

/* Takes one result; the strictest counts. */
static void take(const struct ir_xml_element *member, const struct ir_iam_question *question,
                 bool *is_told, enum ir_iam_decision *decisions)
{
    const char *action = ir_xml_child_text(member, "EvalActionName", "");
    enum ir_iam_decision decision = decision_of(ir_xml_child_text(member, "EvalDecision", ""));
    for (size_t i = 0; i < question->action_count; i++) {
        if (strcmp(action, question->actions[i]) != 0)
            continue;
        if (!is_told[i] || decision > decisions[i])
            decisions[i] = decision;
        is_told[i] = true;
    }
}

int ir_iam_read_decisions(const char *xml, size_t bytes, const struct ir_iam_question *question,
                          enum ir_iam_decision out[IR_IAM_MAX_ACTIONS], struct ir_error *err)
{
    enum ir_iam_decision decisions[IR_IAM_MAX_ACTIONS] = {IR_IAM_ALLOWED};
    bool is_told[IR_IAM_MAX_ACTIONS] = {false};
    struct ir_xml_doc *doc = NULL;
    int rc = parse(xml, bytes, &doc, err);
    if (rc != 0)
        return rc;
    const struct ir_xml_element *result =
        ir_xml_child(ir_xml_root(doc), "SimulatePrincipalPolicyResult");
    const struct ir_xml_element *list = ir_xml_child(result, "EvaluationResults");
    const struct ir_xml_element *member = list != NULL ? list->first_child : NULL;
    for (; member != NULL; member = member->next_sibling)
        take(member, question, is_told, decisions);
    ir_xml_free(doc);
    for (size_t i = 0; i < question->action_count; i++)
        if (!is_told[i])
            return ir_answer_fail(&ir_service_iam, "the answer lacks a decision", err);
    memcpy(out, decisions, question->action_count * sizeof *out);
    return 0;
}

/* ---- whose policies ---------------------------------------------------------------------- */

bool ir_iam_principal_of(const char *caller_arn, char out[IR_IAM_ARN_BYTES])
{
    static const char session[] = ":assumed-role/";
    static const char service[] = ":sts:";
    const char *role = strstr(caller_arn, session);
    const char *sts = strstr(caller_arn, service);
    if (strstr(caller_arn, ":iam:") != NULL && strstr(caller_arn, ":user/") != NULL) {
        ir_text_copy(out, IR_IAM_ARN_BYTES, caller_arn);
        return true;
    }
    if (role == NULL || sts == NULL || sts > role)
        return false;
    const char *account = sts + sizeof service - 1;
    const char *name = role + sizeof session - 1;
    int chars = snprintf(out, IR_IAM_ARN_BYTES, "%.*s:iam:%.*s:role/%.*s", (int)(sts - caller_arn),
                         caller_arn, (int)(role - account), account, (int)strcspn(name, "/"), name);
    return chars > 0 && chars < IR_IAM_ARN_BYTES;
}

const char *ir_iam_role_name(const char *principal_arn)
{
    return strstr(principal_arn, ":role/") != NULL ? strrchr(principal_arn, '/') + 1 : NULL;
}

/* ---- a role ------------------------------------------------------------------------------ */

int ir_iam_get_role(const char *role_name, struct ir_request *out, struct ir_error *err)
{
    begin(out, "GetRole");
    ir_request_add_query(out, "RoleName", role_name);
    return ir_request_finish(out, NULL, err);
}

int ir_iam_read_role_arn(const char *xml, size_t bytes, char out[IR_IAM_ARN_BYTES],
                         struct ir_error *err)
{
    struct ir_xml_doc *doc = NULL;
    int rc = parse(xml, bytes, &doc, err);
    if (rc != 0)
        return rc;
    const struct ir_xml_element *result = ir_xml_child(ir_xml_root(doc), "GetRoleResult");
    const char *arn = ir_xml_child_text(ir_xml_child(result, "Role"), "Arn", "");
    if (strstr(arn, ":role/") == NULL || strlen(arn) >= IR_IAM_ARN_BYTES)
        rc = ir_answer_fail(&ir_service_iam, "the answer has no ARN of a role", err);
    else
        ir_text_copy(out, IR_IAM_ARN_BYTES, arn);
    ir_xml_free(doc);
    return rc;
}
