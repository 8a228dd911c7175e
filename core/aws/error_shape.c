/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * AWS's error answers. The words of the service are passed on; the next step is ours, by the code.
 * An answer that is no AWS error (a proxy's HTML page) is said to be that.
 */
#include "core/aws/error_shape.h"

#include <stdio.h>
#include <string.h>

#include "core/aws/retry.h"
#include "core/base/ascii.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/utf8.h"
#include "core/base/xml.h"

#define MAX_XML_BYTES (64U * 1024)

/* The first row that fits counts: those with a part of the message stand before those without. */
struct advice {
    const char *aws_code;
    int code;
    const char *hint;
    const char *message_part; /* NULL = whatever the message says */
};

#define HINT_KEYS                                                                                  \
    "Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and the profile; `imgrecog doctor` shows "     \
    "where they came from and whether AWS takes them."
#define HINT_REFUSED                                                                               \
    "Check the credentials (`imgrecog doctor` shows whose they are), and that they may do this."
#define HINT_EXPIRED "Renew the temporary credentials (for example: aws sso login), then try again."
#define HINT_ENDED                                                                                 \
    "Name another model in the settings; `imgrecog models` lists those that live, with the end "   \
    "of "                                                                                          \
    "each."
#define HINT_LOG "The user's own model failed: look at the endpoint's log in CloudWatch."
#define HINT_REGION                                                                                \
    "Set the region in which the bucket lies: AWS_REGION, or the setting \"region\"."
#define HINT_SLOWER "Wait, send fewer requests at once, or ask AWS for a higher quota."

static const struct advice advices[] = {
    {"AccessDenied", IR_ERR_AUTH,
     "Allow the action for this identity in IAM and in the bucket's policy; S3 also says this of "
     "what is not there when s3:ListBucket is not allowed."},
    {"AccessDeniedException", IR_ERR_AUTH,
     "Allow the action for this identity in IAM; the message names it where AWS does."},
    {"ExpiredToken", IR_ERR_AUTH, HINT_EXPIRED},
    {"ExpiredTokenException", IR_ERR_AUTH, HINT_EXPIRED},
    {"IncompleteSignature", IR_ERR_AUTH, HINT_KEYS},
    {"IncompleteSignatureException", IR_ERR_AUTH, HINT_KEYS},
    {"InvalidAccessKeyId", IR_ERR_AUTH, HINT_KEYS},
    {"InvalidClientTokenId", IR_ERR_AUTH, HINT_KEYS},
    {"InvalidSignatureException", IR_ERR_AUTH,
     "Check AWS_SECRET_ACCESS_KEY, and that this machine's clock is right."},
    {"MissingAuthenticationToken", IR_ERR_AUTH, HINT_KEYS},
    {"MissingAuthenticationTokenException", IR_ERR_AUTH, HINT_KEYS},
    {"RequestTimeTooSkewed", IR_ERR_AUTH, "Set this machine's clock."},
    {"SignatureDoesNotMatch", IR_ERR_AUTH,
     "Check AWS_SECRET_ACCESS_KEY, and that this machine's clock is right."},
    {"UnrecognizedClientException", IR_ERR_AUTH, HINT_KEYS},
    {"ImageTooLargeException", IR_ERR_SERVICE,
     "Make the picture smaller: 5,242,880 bytes and 10,000 pixels a side at most."},
    {"InvalidImageFormatException", IR_ERR_SERVICE,
     "Send a whole JPEG or PNG file; convert other formats first."},
    {"InvalidParameterException", IR_ERR_SERVICE, "Correct the setting that the message names."},
    {"UnknownOperationException", IR_ERR_SERVICE,
     "The endpoint does not have this operation: check the endpoint and the region."},
    {"NoSuchBucket", IR_ERR_SERVICE, "Check the bucket's name."},
    {"NoSuchKey", IR_ERR_SERVICE, "Check the object's name; capitals and blanks count."},
    {"NoSuchUpload", IR_ERR_SERVICE, "The upload was ended or aborted: start it again."},
    {"PreconditionFailed", IR_ERR_SERVICE,
     "The object is there already, or is another one than was expected."},
    {"ConditionalRequestConflict", IR_ERR_SERVICE,
     "Somebody else wrote the same object at the same time: try again."},
    {"InvalidObjectState", IR_ERR_SERVICE, "The object is archived: restore it first."},
    {"BadDigest", IR_ERR_SERVICE, "What arrived is not what was sent: try again."},
    {"XAmzContentSHA256Mismatch", IR_ERR_SERVICE,
     "What arrived is not what was signed: the file may have changed meanwhile; try again."},
    {"AuthorizationHeaderMalformed", IR_ERR_AUTH, HINT_REGION},
    {"IllegalLocationConstraintException", IR_ERR_SERVICE, HINT_REGION},
    {"PermanentRedirect", IR_ERR_SERVICE, HINT_REGION},
    {"TemporaryRedirect", IR_ERR_SERVICE, HINT_REGION},
    {"InvalidS3ObjectException", IR_ERR_SERVICE,
     "Check the object's name, that it is in the region that is asked, and that it may be read."},
    {"ResourceNotFoundException", IR_ERR_SERVICE, HINT_ENDED, "end of its life"},
    {"ResourceNotFoundException", IR_ERR_SERVICE, HINT_ENDED, "marked by provider as Legacy"},
    {"ResourceNotFoundException", IR_ERR_SERVICE,
     "Check the name and the region; what is named does not exist there."},
    {"ValidationException", IR_ERR_SERVICE,
     "Name an inference profile instead of the model: its id begins with us., eu., apac. or "
     "global. and ends in the model's.",
     "on-demand throughput"},
    {"ModelErrorException", IR_ERR_SERVICE,
     "The model could not work on this request: check what was sent, or use another model."},
    {"ModelStreamErrorException", IR_ERR_SERVICE,
     "The model failed while it answered; try again, or use another model."},
    {"ModelTimeoutException", IR_ERR_SERVICE,
     "The model took too long: send less, or allow fewer tokens."},
    {"ModelNotReadyException", IR_ERR_SERVICE, "The model is being loaded: try again in a minute."},
    {"ServiceQuotaExceededException", IR_ERR_SERVICE,
     "A quota of this account is used up: ask AWS for a higher one."},
    {"ModelError", IR_ERR_SERVICE, HINT_LOG},
    {"InternalDependencyException", IR_ERR_SERVICE,
     "A service behind the endpoint failed; try again later."},
    {"RequestTooLargeException", IR_ERR_SERVICE, "Send less at once."},
    {"RequestEntityTooLargeException", IR_ERR_SERVICE, "Send less at once."},
    {"ExecutionDoesNotExist", IR_ERR_SERVICE, "Check the execution's ARN and the region."},
    {"StateMachineDoesNotExist", IR_ERR_SERVICE, "Check the state machine's ARN and the region."},
};

/* The part of "ns#Code:http://..." that is the code. */
static void copy_code(const char *text, char *out, size_t out_bytes)
{
    size_t bytes = strcspn(text, ":");
    const char *hash = memchr(text, '#', bytes);
    if (hash != NULL) {
        bytes -= (size_t)(hash + 1 - text);
        text = hash + 1;
    }
    bytes = ir_utf8_floor(text, bytes, out_bytes - 1);
    memcpy(out, text, bytes);
    out[bytes] = '\0';
}

/* What services repeat of a request and nobody else must see; from the first on, all is left out.
 */
static const char *const repeated[] = {
    "The Canonical String for this request", /* holds the session token */
    "The String-to-Sign should have been",
    "AWS4-HMAC-SHA256", /* an Authorization header */
    "Authorization=",
};

static size_t min_bytes(size_t a, size_t b)
{
    return a < b ? a : b;
}

/*
 * Copies a service's words without what they repeat of the request: signature and token, and the
 * value in "Value '...' at 'member' failed to satisfy constraint", which may be a prompt.
 */
static void copy_message(const char *text, char *out, size_t out_bytes)
{
    static const char value_start[] = "Value '";
    static const char value_end[] = "' at '";
    size_t bytes = strlen(text);
    for (size_t i = 0; i < sizeof repeated / sizeof repeated[0]; i++) {
        const char *found = strstr(text, repeated[i]);
        if (found != NULL)
            bytes = min_bytes(bytes, (size_t)(found - text));
    }
    while (bytes > 0 && ir_ascii_is_space(text[bytes - 1]))
        bytes--;
    const char *value = memmem(text, bytes, value_start, sizeof value_start - 1);
    if (value == NULL) {
        snprintf(out, out_bytes, "%.*s", (int)ir_utf8_floor(text, bytes, out_bytes - 1), text);
        return;
    }
    /* The value may hold the end's words too: the last ones count. */
    const char *rest = "";
    for (const char *at = value; (at = strstr(at, value_end)) != NULL && at < text + bytes; at++)
        rest = at;
    size_t head_bytes = (size_t)(value - text) + sizeof value_start - 1;
    size_t rest_bytes = *rest != '\0' ? bytes - (size_t)(rest - text) : 0;
    head_bytes = ir_utf8_floor(text, head_bytes, out_bytes / 2);
    rest_bytes = ir_utf8_floor(rest, rest_bytes, out_bytes / 2 - 8);
    snprintf(out, out_bytes, "%.*s...%.*s", (int)head_bytes, text, (int)rest_bytes, rest);
}

/* Reads code and message from a JSON body; false when it is none. parsed->code tells IR_ERR_NOMEM.
 */
static bool read_json(const struct ir_http_response *response, struct ir_error *parsed)
{
    struct ir_json_doc *doc = NULL;
    int rc = ir_json_parse(ir_buf_text(&response->body), response->body.bytes, "the error answer",
                           &doc, NULL);
    if (rc == IR_ERR_NOMEM)
        parsed->code = rc;
    if (rc != 0)
        return false;
    const struct ir_json_value *root = ir_json_root(doc);
    bool is_object = ir_json_is_object(root);
    const char *code = ir_json_member_string(root, "__type", NULL);
    if (code == NULL)
        code = ir_json_member_string(root, "code", "");
    if (parsed->aws_code[0] == '\0')
        copy_code(code, parsed->aws_code, sizeof parsed->aws_code);
    const char *message = ir_json_member_string(root, "message", NULL);
    if (message == NULL)
        message = ir_json_member_string(root, "Message", "");
    copy_message(message, parsed->message, sizeof parsed->message);
    ir_json_free(doc);
    return is_object;
}

/* The first element with this name, the element itself included, in document order. */
static const struct ir_xml_element *find_element(const struct ir_xml_element *element,
                                                 const char *name)
{
    const struct ir_xml_element *root = element;
    while (element != NULL && strcmp(element->name, name) != 0) {
        if (element->first_child != NULL) {
            element = element->first_child;
            continue;
        }
        while (element != root && element->next_sibling == NULL)
            element = element->parent;
        element = element == root ? NULL : element->next_sibling;
    }
    return element;
}

/* S3 sends blanks to keep a slow answer's line open; some servers send them before the XML. */
static int parse_xml(const struct ir_http_response *response, struct ir_xml_doc **out)
{
    const char *text = ir_buf_text(&response->body);
    size_t blanks = 0;
    while (blanks < response->body.bytes && ir_ascii_is_space(text[blanks]))
        blanks++;
    return ir_xml_parse(text + blanks, response->body.bytes - blanks, MAX_XML_BYTES,
                        "the error answer", out, NULL);
}

/* Reads <Error><Code/><Message/></Error>, wherever it stands: S3, STS and EC2 wrap it differently.
 */
static bool read_xml(const struct ir_http_response *response, struct ir_error *parsed)
{
    struct ir_xml_doc *doc = NULL;
    int rc = parse_xml(response, &doc);
    if (rc == IR_ERR_NOMEM)
        parsed->code = rc;
    if (rc != 0)
        return false;
    const struct ir_xml_element *error = find_element(ir_xml_root(doc), "Error");
    const char *code = ir_xml_child_text(error, "Code", "");
    if (*code != '\0') {
        copy_code(code, parsed->aws_code, sizeof parsed->aws_code);
        copy_message(ir_xml_child_text(error, "Message", ""), parsed->message,
                     sizeof parsed->message);
        if (parsed->request_id[0] == '\0')
            ir_text_copy(parsed->request_id, sizeof parsed->request_id,
                         ir_xml_child_text(error, "RequestId", ""));
    }
    bool found = *code != '\0';
    ir_xml_free(doc);
    return found;
}

static void describe_foreign_answer(const struct ir_http_response *response,
                                    struct ir_error *parsed)
{
    char type[64];
    ir_http_response_text(response, "content-type", type, sizeof type);
    if (response->status >= 300 && response->status < 400)
        snprintf(parsed->message, sizeof parsed->message,
                 "the answer is a redirect, which is not followed");
    else
        snprintf(parsed->message, sizeof parsed->message, "the answer is not one of AWS (%s)",
                 type[0] != '\0' ? type : "no content type");
    snprintf(parsed->hint, sizeof parsed->hint,
             "Check the endpoint's address, and whether a proxy stands before it.");
}

/* S3 answers HEAD, and some other servers of its kind answer all, with a status and nothing else.
 */
static void describe_bare_status(struct ir_error *parsed)
{
    static const struct {
        int status;
        const char *message;
        const char *hint;
    } rows[] = {
        {301, "the bucket lies in another region", HINT_REGION},
        {307, "the bucket lies in another region", HINT_REGION},
        {304, "the object has not changed", ""},
        {400, "the request is refused; S3 gives no reason here",
         "Check that the bucket's region is the one that is asked, and that the credentials have "
         "not ended."},
        {403, "access is denied",
         "Allow the action for this identity in IAM and in the bucket's policy; S3 also says this "
         "of what is not there when s3:ListBucket is not allowed."},
        {404, "there is no such bucket or object", "Check both names; capitals and blanks count."},
        {405, "what is named was deleted, or does not allow this", "Name a version that is there."},
        {412, "the object is there already, or is another one than was expected", ""},
        {416, "the object is shorter than the part that was asked for", ""},
    };
    snprintf(parsed->message, sizeof parsed->message, "the service gave no reason");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].status != parsed->http_status)
            continue;
        snprintf(parsed->message, sizeof parsed->message, "%s", rows[i].message);
        snprintf(parsed->hint, sizeof parsed->hint, "%s", rows[i].hint);
    }
}

static void apply_advice(struct ir_error *parsed)
{
    for (size_t i = 0; i < sizeof advices / sizeof advices[0]; i++) {
        const char *part = advices[i].message_part;
        if (strcmp(parsed->aws_code, advices[i].aws_code) != 0 ||
            (part != NULL && strstr(parsed->message, part) == NULL))
            continue;
        parsed->code = advices[i].code;
        snprintf(parsed->hint, sizeof parsed->hint, "%s", advices[i].hint);
        return;
    }
    if (parsed->http_status != 401 && parsed->http_status != 403)
        return;
    parsed->code = IR_ERR_AUTH;
    if (parsed->hint[0] == '\0')
        snprintf(parsed->hint, sizeof parsed->hint, "%s", HINT_REFUSED);
}

static void apply_retry_kind(struct ir_error *parsed)
{
    enum ir_retry_kind kind = ir_retry_classify(parsed);
    parsed->retryable = kind != IR_RETRY_NEVER;
    if (kind == IR_RETRY_THROTTLING) {
        parsed->code = IR_ERR_THROTTLED;
        snprintf(parsed->hint, sizeof parsed->hint, "%s", HINT_SLOWER);
    } else if (kind == IR_RETRY_TRANSIENT && parsed->hint[0] == '\0') {
        snprintf(parsed->hint, sizeof parsed->hint, "The service failed; try again later.");
    }
}

/* The statuses of a gateway that has handed the request on: the work behind it may go on, and be
 * charged. */
static bool is_gateway_status(int status)
{
    return status == 502 || status == 504;
}

/* What the code means: ours, the next step, whether to try again. */
static int judge(struct ir_error *parsed, struct ir_error *err)
{
    parsed->maybe_served = is_gateway_status(parsed->http_status);
    if (parsed->message[0] == '\0')
        snprintf(parsed->message, sizeof parsed->message, "the service gave no reason");
    apply_advice(parsed);
    apply_retry_kind(parsed);
    if (err != NULL)
        *err = *parsed;
    return parsed->code;
}

int ir_error_from_response(const struct ir_service *service,
                           const struct ir_http_response *response, struct ir_error *err)
{
    struct ir_error parsed = {.code = IR_ERR_SERVICE, .http_status = response->status};
    char type[128];
    snprintf(parsed.service, sizeof parsed.service, "%s", service->title);
    ir_http_response_text(response, "x-amzn-requestid", parsed.request_id,
                          sizeof parsed.request_id);
    if (parsed.request_id[0] == '\0')
        ir_http_response_text(response, "x-amz-request-id", parsed.request_id,
                              sizeof parsed.request_id);
    ir_http_response_text(response, "x-amzn-errortype", type, sizeof type);
    copy_code(type, parsed.aws_code, sizeof parsed.aws_code);
    bool is_aws = read_json(response, &parsed) || parsed.aws_code[0] != '\0';
    if (service->has_s3_paths && response->body.bytes == 0)
        describe_bare_status(&parsed);
    else if (!is_aws && !read_xml(response, &parsed))
        describe_foreign_answer(response, &parsed);
    if (parsed.code != IR_ERR_NOMEM)
        return judge(&parsed, err);
    ir_fail_nomem(err);
    if (err != NULL)
        err->maybe_served = is_gateway_status(response->status);
    return IR_ERR_NOMEM;
}

int ir_error_unmask(struct ir_http_response *response, struct ir_error *err)
{
    struct ir_xml_doc *doc = NULL;
    if (response->status < 200 || response->status > 299)
        return 0;
    int rc = parse_xml(response, &doc);
    if (rc == IR_ERR_NOMEM) {
        ir_fail_nomem(err);
        if (err != NULL)
            err->maybe_served = true; /* that it was not stands in what could not be read */
        return IR_ERR_NOMEM;
    }
    if (rc == 0 && strcmp(ir_xml_root(doc)->name, "Error") == 0)
        response->status = 500;
    ir_xml_free(doc);
    return 0;
}

int ir_error_from_code(const struct ir_service *service, const char *aws_code, const char *message,
                       struct ir_error *err)
{
    struct ir_error parsed = {.code = IR_ERR_SERVICE};
    ir_text_copy(parsed.service, sizeof parsed.service, service->title);
    ir_text_copy(parsed.aws_code, sizeof parsed.aws_code, aws_code);
    copy_message(message, parsed.message, sizeof parsed.message);
    return judge(&parsed, err);
}
