/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The query protocol: a form (or, with GET, the query) with Action and Version, an answer in XML.
 * The account is twelve zeros, which AWS gives to nobody, and the name says that it is local.
 * Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
#include "plugins/local/sts.h"

#include <string.h>

#include "core/aws/embedded.h"
#include "plugins/local/query.h"
#include "plugins/local/refuse.h"
#include "plugins/local/xml_write.h"

#define VERSION "2011-06-15"
#define WORD_BYTES 64

static const struct refusal refuse_action = {"InvalidAction", 400};

static void write_identity(const struct request *request, struct ir_buf *out)
{
    ir_buf_append_text(
        out, "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/" VERSION "/\">");
    xml_open(out, "GetCallerIdentityResult");
    xml_text(out, "Arn", "arn:aws:iam::000000000000:user/imgrecog-local");
    xml_text(out, "UserId", IR_EMBEDDED_ACCESS_KEY_ID);
    xml_text(out, "Account", "000000000000");
    xml_close(out, "GetCallerIdentityResult");
    xml_open(out, "ResponseMetadata");
    xml_text(out, "RequestId", request->request_id);
    xml_close(out, "ResponseMetadata");
    xml_close(out, "GetCallerIdentityResponse");
}

int sts_serve(struct request *request, struct answer *answer, struct ir_error *err)
{
    char action[WORD_BYTES] = "";
    char version[WORD_BYTES] = "";
    bool is_get = request_is(request, "GET");
    const char *form = is_get ? request->query : request_text(request);
    if ((!is_get && !request_is(request, "POST")) || strcmp(request->path, "/") != 0 ||
        !form_text(form, "Action", action, sizeof action))
        return refuse(err, &refuse_operation, "The request names no Action.");
    if (!form_text(form, "Version", version, sizeof version) || strcmp(version, VERSION) != 0)
        return refuse(err, &refuse_action,
                      "Could not find operation %s for version %s: this endpoint speaks " VERSION
                      ".",
                      action, *version != '\0' ? version : "NO_VERSION_SPECIFIED");
    if (strcmp(action, "GetCallerIdentity") != 0)
        return refuse(err, &refuse_action,
                      "Could not find operation %s: the local endpoint gives no credentials, only "
                      "GetCallerIdentity is here.",
                      action);
    write_identity(request, &answer->body);
    return 0;
}
