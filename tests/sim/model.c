/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the simulated AWS's door: taking requests in, keys, signatures, dates, errors' wording. */
#include "tests/sim/model.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/sha.h>

#include "core/base/error.h"
#include "core/base/json.h"
#include "tests/sim/model_answers.h"

#define MAX_SKEW_MS (5LL * 60 * 1000)
#define READ_ROOM_BYTES 4093 /* odd, so that pieces are cut anywhere */
#define MAX_BODY_BYTES (8U << 20)
#define MAX_HEADERS 48

const struct sim_op_info sim_ops[SIM_OP_COUNT] = {
    [SIM_LABELS] = {"DetectLabels", "rekognition.", "RekognitionService.DetectLabels", SIM_JSON,
                    true},
    [SIM_TEXT] = {"DetectText", "rekognition.", "RekognitionService.DetectText", SIM_JSON, true},
    [SIM_FACES] = {"DetectFaces", "rekognition.", "RekognitionService.DetectFaces", SIM_JSON, true},
    [SIM_CONVERSE] = {"Converse", "bedrock-runtime.", "/converse", SIM_JSON, true},
    [SIM_CONVERSE_STREAM] = {"ConverseStream", "bedrock-runtime.", "/converse-stream", SIM_STREAM,
                             true},
    [SIM_INVOKE] = {"InvokeModel", "bedrock-runtime.", "/invoke", SIM_JSON, true},
    [SIM_INVOKE_STREAM] = {"InvokeModelWithResponseStream", "bedrock-runtime.",
                           "/invoke-with-response-stream", SIM_STREAM, true},
    [SIM_LAMBDA] = {"Invoke", "lambda.", "/invocations", SIM_RAW, true},
    [SIM_PUT_LOGS] = {"PutLogEvents", "logs.", "Logs_20140328.PutLogEvents", SIM_JSON, true},
    [SIM_START] = {"StartExecution", "states.", "AWSStepFunctions.StartExecution", SIM_JSON, true},
    [SIM_SAGEMAKER] = {"InvokeEndpoint", "runtime.sagemaker.", "/invocations", SIM_JSON, true},
    [SIM_MODELS] = {"ListFoundationModels", "bedrock.", "/foundation-models", SIM_JSON, false},
    [SIM_IDENTITY] = {"GetCallerIdentity", "sts.", "Action=GetCallerIdentity", SIM_XML, false},
    [SIM_ASSUME_ROLE] = {"AssumeRole", "sts.", "Action=AssumeRole&", SIM_XML, false},
    [SIM_CONTAINER] = {"container", "127.0.0.1", "/keys", SIM_JSON, false},
    [SIM_PUT_OBJECT] = {"PutObject", NULL, NULL, SIM_RAW, true},
    [SIM_GET_OBJECT] = {"GetObject", NULL, NULL, SIM_OBJECT, false},
    [SIM_CREATE_UPLOAD] = {"CreateMultipartUpload", NULL, NULL, SIM_XML, false},
    [SIM_UPLOAD_PART] = {"UploadPart", NULL, NULL, SIM_RAW, false},
    [SIM_COMPLETE_UPLOAD] = {"CompleteMultipartUpload", NULL, NULL, SIM_XML, false},
    [SIM_ABORT_UPLOAD] = {"AbortMultipartUpload", NULL, NULL, SIM_RAW, false},
    [SIM_LIST_PARTS] = {"ListParts", NULL, NULL, SIM_XML, false},
    [SIM_HEAD_OBJECT] = {"HeadObject", NULL, NULL, SIM_RAW, false},
};

static void require(bool is_true, const char *what)
{
    if (is_true)
        return;
    printf("Bail out! sim: %s\n", what);
    exit(1);
}

static void complain(struct sim_model *model, bool is_good, const char *what)
{
    if (!is_good && model->complaint == NULL)
        model->complaint = what;
}

/* ---- keys -------------------------------------------------------------------------------- */

void sim_model_init(struct sim_model *model, struct sim_world *world)
{
    memset(model, 0, sizeof *model);
    model->world = world;
}

void sim_model_release(struct sim_model *model)
{
    for (size_t i = 0; i < model->object_count; i++)
        free(model->objects[i].data);
    for (size_t i = 0; i < model->upload_count; i++)
        for (size_t j = 0; j < SIM_MAX_PARTS; j++)
            free(model->uploads[i].parts[j]);
    model->object_count = 0;
    model->upload_count = 0;
}

/* The newest ones are kept when there are too many. */
unsigned sim_model_add_key(struct sim_model *model, bool is_temporary)
{
    unsigned index = model->key_count < SIM_MAX_KEYS ? model->key_count++ : SIM_MAX_KEYS - 1;
    struct sim_key *key = &model->keys[index];
    unsigned number = ++model->last_token;
    memset(key, 0, sizeof *key);
    key->ends_unix_ms = SIM_NEVER_MS;
    snprintf(key->id, sizeof key->id, "%s%08uEXAMPLE", is_temporary ? "ASIA" : "AKIA", number);
    snprintf(key->secret, sizeof key->secret, "hush/%08u+nobody/must/see/it", number);
    if (!is_temporary)
        return index;
    snprintf(key->token, sizeof key->token, "TokenOf%08u//that+nobody/must/see==", number);
    key->ends_unix_ms = model->world->server_unix_ms + model->key_life_ms;
    return index;
}

/* ---- requests ---------------------------------------------------------------------------- */

static bool ends_with(const char *text, const char *end)
{
    size_t bytes = strlen(text);
    size_t end_bytes = strlen(end);
    return bytes >= end_bytes && strcmp(text + bytes - end_bytes, end) == 0;
}

const char *sim_arrival_header(const struct sim_arrival *arrival, const char *name)
{
    for (size_t i = 0; i < arrival->http->header_count; i++)
        if (strcasecmp(arrival->http->headers[i].name, name) == 0)
            return arrival->http->headers[i].value;
    return NULL;
}

static enum sim_op find_op(const struct sim_arrival *arrival)
{
    const char *url = arrival->http->url;
    const char *host = strstr(url, "://");
    const char *target = sim_arrival_header(arrival, "X-Amz-Target");
    require(host != NULL, "a URL without a scheme");
    host += 3;
    if (strstr(url, SIM_BUCKET) != NULL || strstr(url, SIM_AWAY_BUCKET) != NULL)
        return sim_s3_op(arrival->http);
    for (int op = 0; op < SIM_OP_COUNT; op++) {
        const struct sim_op_info *info = &sim_ops[op];
        if (info->host == NULL || strncmp(host, info->host, strlen(info->host)) != 0)
            continue;
        if (ends_with(url, info->part) || strstr(arrival->body, info->part) != NULL ||
            (target != NULL && strcmp(target, info->part) == 0))
            return (enum sim_op)op;
    }
    return SIM_NO_OP;
}

void sim_arrive(const struct ir_http_request *http, struct sim_arrival *out)
{
    struct ir_body_reader reader;
    unsigned char hash[SHA256_DIGEST_LENGTH];
    uint64_t length = http->body != NULL ? ir_body_length(http->body) : 0;
    *out = (struct sim_arrival){.http = http};
    require(length <= MAX_BODY_BYTES, "a request is too large for the simulator");
    out->body = malloc((size_t)length + READ_ROOM_BYTES + 1);
    require(out->body != NULL, "out of memory");
    if (http->body != NULL) {
        ir_body_reader_init(&reader, http->body);
        for (size_t got; out->body_bytes <= length; out->body_bytes += got)
            if ((got = ir_body_read(&reader, out->body + out->body_bytes, READ_ROOM_BYTES)) == 0)
                break;
        require(!reader.failed, "a body that cannot be read is not simulated");
    }
    out->body[out->body_bytes] = '\0';
    require(out->body_bytes == length, "the body's length is not what was said");
    SHA256((const unsigned char *)out->body, out->body_bytes, hash);
    ir_hex(hash, sizeof hash, out->hash_hex);
    out->op = find_op(out);
    if (out->op == SIM_NO_OP)
        printf("# sim: no operation for %s %s\n", http->method, http->url);
    require(out->op != SIM_NO_OP, "an operation that the model does not know");
}

void sim_arrival_release(struct sim_arrival *arrival)
{
    free(arrival->body);
    arrival->body = NULL;
}

/* ---- answers ----------------------------------------------------------------------------- */

void sim_answer_init(struct sim_answer *answer)
{
    *answer = (struct sim_answer){.status = 200};
    ir_buf_init(&answer->headers, 2 * IR_HTTP_MAX_HEADER_BYTES);
    ir_buf_init(&answer->body, SIM_MAX_ANSWER_BYTES);
}

void sim_answer_release(struct sim_answer *answer)
{
    ir_buf_release(&answer->headers);
    ir_buf_release(&answer->body);
}

void sim_answer_line(struct sim_answer *answer, const char *format, ...)
{
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    ir_buf_appendf(&answer->headers, "%s\n", line);
}

void sim_answer_error(struct sim_answer *answer, enum sim_op op, int status, const char *aws_code,
                      const char *message)
{
    struct ir_json_writer json;
    bool is_sts = op == SIM_IDENTITY || op == SIM_ASSUME_ROLE;
    answer->status = status;
    answer->token = 0;
    ir_buf_clear(&answer->body);
    if (is_sts || sim_ops[op].host == NULL) {
        sim_answer_line(answer, "content-type: %s", is_sts ? "text/xml" : "application/xml");
        ir_buf_appendf(&answer->body, "%s<Error><Code>%s</Code><Message>%s</Message></Error>%s",
                       is_sts ? "<ErrorResponse>" : "", aws_code, message,
                       is_sts ? "<RequestId>r-1</RequestId></ErrorResponse>" : "");
        return;
    }
    sim_answer_line(answer, "content-type: application/json");
    sim_answer_line(answer, "x-amzn-requestid: r-1");
    if (op == SIM_CONVERSE || op == SIM_LAMBDA || op == SIM_INVOKE || op == SIM_MODELS)
        sim_answer_line(answer, "x-amzn-errortype: %s:http://internal.amazon.com/", aws_code);
    ir_json_writer_init(&json, &answer->body);
    ir_json_begin_object(&json);
    ir_json_member_put_string(&json, "__type", aws_code);
    ir_json_member_put_string(&json, "message", message);
    ir_json_end_object(&json);
}

/* ---- who asks ---------------------------------------------------------------------------- */

struct scope {
    char id[SIM_KEY_BYTES];
    char region[64];
    char service[64];
};

static bool read_scope(const char *authorization, struct scope *out)
{
    static const char start[] = "AWS4-HMAC-SHA256 Credential=";
    char text[512];
    char *at = text;
    if (authorization == NULL || strncmp(authorization, start, sizeof start - 1) != 0)
        return false;
    ir_text_copy(text, sizeof text, authorization + sizeof start - 1);
    text[strcspn(text, ",")] = '\0';
    const char *id = strsep(&at, "/");
    const char *day = strsep(&at, "/");
    const char *region = strsep(&at, "/");
    const char *service = strsep(&at, "/");
    if (day == NULL || region == NULL || service == NULL)
        return false;
    ir_text_copy(out->id, sizeof out->id, id);
    ir_text_copy(out->region, sizeof out->region, region);
    ir_text_copy(out->service, sizeof out->service, service);
    return true;
}

/* Signs what arrived again; true when that gives the same. */
static bool fits(const struct sim_arrival *arrival, const struct sim_key *key,
                 const struct scope *scope)
{
    struct ir_header headers[MAX_HEADERS];
    struct ir_buf again;
    char path[4096];
    const struct ir_http_request *http = arrival->http;
    const char *given = sim_arrival_header(arrival, "Authorization");
    const char *start = strchr(strstr(http->url, "://") + 3, '/');
    const char *query = strchr(http->url, '?');
    size_t count = 0;
    ir_text_copy(path, sizeof path, start != NULL ? start : "/");
    path[strcspn(path, "?")] = '\0';
    for (size_t i = 0; i < http->header_count && count < MAX_HEADERS; i++)
        if (strcasecmp(http->headers[i].name, "Authorization") != 0)
            headers[count++] = http->headers[i];
    const struct ir_sign_request request = {
        .method = http->method,
        .path = path,
        .query = query != NULL ? query + 1 : NULL,
        .headers = headers,
        .header_count = count,
        .payload_hash = arrival->hash_hex,
        .service = scope->service,
        .region = scope->region,
        .date = sim_arrival_header(arrival, "X-Amz-Date"),
        .s3_path = sim_ops[arrival->op].host == NULL,
    };
    ir_buf_init(&again, 8192);
    ir_sign_authorization(&request, key->id, key->secret, &again);
    bool is_same = strcmp(ir_buf_text(&again), given) == 0;
    ir_buf_release(&again);
    return is_same;
}

static bool date_is_near(const struct sim_model *model, const char *date)
{
    char iso[32];
    int64_t unix_ms = 0;
    if (date == NULL || strlen(date) != 16)
        return false;
    snprintf(iso, sizeof iso, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", date, date + 4, date + 6, date + 9,
             date + 11, date + 13);
    if (!ir_world_parse_iso_date(iso, &unix_ms))
        return false;
    int64_t off_ms = unix_ms - model->world->server_unix_ms;
    return off_ms > -MAX_SKEW_MS && off_ms < MAX_SKEW_MS;
}

static const char *skew_code(enum sim_op op)
{
    if (sim_ops[op].host == NULL)
        return "RequestTimeTooSkewed";
    return op == SIM_IDENTITY || op == SIM_ASSUME_ROLE ? "SignatureDoesNotMatch"
                                                       : "InvalidSignatureException";
}

static bool refuses_bearer(const struct sim_model *model, const char *authorization,
                           const struct sim_arrival *arrival, struct sim_answer *answer)
{
    if (model->bearer != NULL && strcmp(authorization + strlen("Bearer "), model->bearer) == 0)
        return false;
    sim_answer_error(answer, arrival->op, 403, "AccessDeniedException", "no such key");
    return true;
}

static const struct sim_key *find_key(const struct sim_model *model, const char *id,
                                      unsigned *out_index)
{
    for (unsigned i = 0; i < model->key_count; i++) {
        if (strcmp(model->keys[i].id, id) != 0)
            continue;
        *out_index = i;
        return &model->keys[i];
    }
    return NULL;
}

bool sim_model_refuses(struct sim_model *model, const struct sim_arrival *arrival,
                       struct sim_answer *answer)
{
    struct scope scope;
    unsigned index = 0;
    const char *authorization = sim_arrival_header(arrival, "Authorization");
    const char *token = sim_arrival_header(arrival, "X-Amz-Security-Token");
    const char *stated = sim_arrival_header(arrival, "X-Amz-Content-Sha256");
    const char *host = sim_arrival_header(arrival, "Host");
    if (arrival->op == SIM_CONTAINER)
        return false;
    complain(model, host != NULL && strstr(arrival->http->url, host) != NULL,
             "Host is not the URL's");
    if (authorization != NULL && strncmp(authorization, "Bearer ", strlen("Bearer ")) == 0)
        return refuses_bearer(model, authorization, arrival, answer);
    complain(model, stated != NULL && strcmp(stated, arrival->hash_hex) == 0,
             "the body's hash is not what was signed");
    bool is_signed = read_scope(authorization, &scope);
    complain(model, is_signed, "a request is not signed");
    const struct sim_key *key = is_signed ? find_key(model, scope.id, &index) : NULL;
    complain(model, key != NULL, "a key that AWS never gave out");
    if (key == NULL)
        return false;
    complain(model, strcmp(key->token, token != NULL ? token : "") == 0,
             "the token is not the key's");
    complain(model, fits(arrival, key, &scope), "the signature does not fit what arrived");
    if (!date_is_near(model, sim_arrival_header(arrival, "X-Amz-Date"))) {
        sim_answer_error(answer, arrival->op, 403, skew_code(arrival->op), "Signature expired");
        return true;
    }
    if (!key->is_revoked && key->ends_unix_ms > model->world->server_unix_ms)
        return false;
    bool is_xml = sim_ops[arrival->op].host == NULL || sim_ops[arrival->op].shape == SIM_XML;
    sim_answer_error(answer, arrival->op, is_xml ? 400 : 403,
                     is_xml ? "ExpiredToken" : "ExpiredTokenException",
                     "The security token included in the request is expired");
    return true;
}

void sim_model_serve(struct sim_model *model, const struct sim_arrival *arrival,
                     struct sim_answer *answer)
{
    if (sim_model_refuses(model, arrival, answer))
        return;
    if (sim_ops[arrival->op].host == NULL && sim_s3_redirects(arrival, answer))
        return;
    answer->token = ++model->last_token;
    if (sim_ops[arrival->op].host == NULL)
        sim_s3_serve(model, arrival, answer);
    else
        sim_answer_write(model, arrival, answer);
    if (answer->token != 0 && sim_ops[arrival->op].is_charged)
        model->charged[arrival->op]++;
}
