/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parts that all services share (signatures, size, memory) refuse in the codes of JSON
 * services; here they become S3's and the query services' codes and statuses.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html and
 * https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
 */
#include "plugins/local/fault.h"

#include <string.h>

#include "core/base/json.h"
#include "plugins/local/xml_write.h"

struct translation {
    const char *code;
    const char *wire_code;
    int http_status;
};

static const struct translation s3_codes[] = {
    {"InvalidSignatureException", "SignatureDoesNotMatch", 403},
    {"IncompleteSignatureException", "AuthorizationHeaderMalformed", 400},
    {"MissingAuthenticationTokenException", "AccessDenied", 403},
    {"UnrecognizedClientException", "InvalidAccessKeyId", 403},
    {"UnknownOperationException", "MethodNotAllowed", 405},
    {"RequestEntityTooLargeException", "EntityTooLarge", 400},
    {"InternalServerError", "InternalError", 500},
    {"ThrottlingException", "SlowDown", 503},
};

static const struct translation query_codes[] = {
    {"InvalidSignatureException", "SignatureDoesNotMatch", 403},
    {"IncompleteSignatureException", "IncompleteSignature", 400},
    {"MissingAuthenticationTokenException", "MissingAuthenticationToken", 403},
    {"UnrecognizedClientException", "InvalidClientTokenId", 403},
    {"UnknownOperationException", "InvalidAction", 400},
    {"InternalServerError", "InternalFailure", 500},
};

/* S3's own codes that reach JSON services by the signature check. */
static const struct translation json_codes[] = {
    {"AccessDenied", "InvalidSignatureException", 400},
    {"AuthorizationQueryParametersError", "IncompleteSignatureException", 400},
};

/* REST-JSON services answer with other statuses than JSON services do. */
static const struct translation rest_json_codes[] = {
    {"InvalidSignatureException", "InvalidSignatureException", 403},
    {"MissingAuthenticationTokenException", "MissingAuthenticationTokenException", 403},
    {"IncompleteSignatureException", "IncompleteSignatureException", 403},
    {"UnrecognizedClientException", "UnrecognizedClientException", 403},
    {"UnknownOperationException", "UnknownOperationException", 404},
    {"InternalServerError", "InternalServerException", 500},
    {"ThrottlingException", "ThrottlingException", 429},
    {"AccessDenied", "InvalidSignatureException", 403},
    {"AuthorizationQueryParametersError", "IncompleteSignatureException", 403},
};

static const struct {
    const struct translation *rows;
    size_t count;
    const char *content_type;
} tables[] = {
    [PROTOCOL_JSON] = {json_codes, sizeof json_codes / sizeof json_codes[0],
                       "application/x-amz-json-1.1"},
    [PROTOCOL_REST_JSON] = {rest_json_codes, sizeof rest_json_codes / sizeof rest_json_codes[0],
                            "application/json"},
    [PROTOCOL_REST_XML] = {s3_codes, sizeof s3_codes / sizeof s3_codes[0], "application/xml"},
    [PROTOCOL_QUERY] = {query_codes, sizeof query_codes / sizeof query_codes[0], "text/xml"},
};

static void write_json(const char *type, const char *message, struct ir_buf *out)
{
    struct ir_json_writer writer;
    ir_json_writer_init(&writer, out);
    ir_json_begin_object(&writer);
    if (type != NULL)
        ir_json_member_put_string(&writer, "__type", type);
    ir_json_member_put_string(&writer, "message", message);
    ir_json_end_object(&writer);
}

static void write_s3(const char *code, const char *message, const char *resource,
                     const char *request_id, struct ir_buf *out)
{
    xml_declare(out);
    xml_open(out, "Error");
    xml_text(out, "Code", code);
    xml_text(out, "Message", message);
    xml_text(out, "Resource", resource);
    xml_text(out, "RequestId", request_id);
    xml_text(out, "HostId", "imgrecog-local");
    xml_close(out, "Error");
}

static void write_query(const char *code, int status, const char *message, const char *request_id,
                        struct ir_buf *out)
{
    ir_buf_append_text(out, "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">");
    xml_open(out, "Error");
    xml_text(out, "Type", status >= 500 ? "Receiver" : "Sender");
    xml_text(out, "Code", code);
    xml_text(out, "Message", message);
    xml_close(out, "Error");
    xml_text(out, "RequestId", request_id);
    xml_close(out, "ErrorResponse");
}

void fault_write(enum protocol protocol, const struct ir_error *err, const char *resource,
                 const char *request_id, struct answer *answer)
{
    const char *code = err->aws_code;
    int status = err->http_status;
    for (size_t i = 0; i < tables[protocol].count; i++)
        if (strcmp(err->aws_code, tables[protocol].rows[i].code) == 0) {
            code = tables[protocol].rows[i].wire_code;
            status = tables[protocol].rows[i].http_status;
            break;
        }
    answer_clear(answer);
    answer->status = status;
    answer->content_type = tables[protocol].content_type;
    if (protocol == PROTOCOL_REST_XML && status == 304)
        return; /* Not Modified has no body */
    if (protocol == PROTOCOL_REST_XML)
        write_s3(code, err->message, resource, request_id, &answer->body);
    else if (protocol == PROTOCOL_QUERY)
        write_query(code, status, err->message, request_id, &answer->body);
    else
        write_json(protocol == PROTOCOL_JSON ? code : NULL, err->message, &answer->body);
    if (protocol == PROTOCOL_REST_JSON)
        answer_header(answer, "X-Amzn-ErrorType", code);
}
