/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the wording of good answers, after the services' documentation; each holds its token. */
#include "tests/sim/model_answers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/base64.h"
#include "tests/unit/event_frames.h"

typedef void (*write_fn)(struct sim_model *model, const struct sim_arrival *arrival,
                         struct sim_answer *answer);

static void put_json(struct sim_answer *answer, const char *json)
{
    sim_answer_line(answer, "content-type: application/json");
    sim_answer_line(answer, "x-amzn-requestid: r-%u", answer->token);
    ir_buf_append_text(&answer->body, json);
    answer->needed_bytes = answer->body.bytes;
}

static void write_labels(struct sim_model *model, const struct sim_arrival *arrival,
                         struct sim_answer *answer)
{
    char json[512];
    (void)model;
    (void)arrival;
    snprintf(json, sizeof json,
             "{\"Labels\":[{\"Name\":\"Thing %u\",\"Confidence\":97.5,\"Instances\":[{"
             "\"BoundingBox\":{\"Left\":0.1,\"Top\":0.2,\"Width\":0.3,\"Height\":0.4},"
             "\"Confidence\":96.5}],\"Parents\":[{\"Name\":\"Matter\"}]}],"
             "\"LabelModelVersion\":\"3.0\"}",
             answer->token);
    put_json(answer, json);
}

static void write_text(struct sim_model *model, const struct sim_arrival *arrival,
                       struct sim_answer *answer)
{
    char json[512];
    (void)model;
    (void)arrival;
    snprintf(json, sizeof json,
             "{\"TextDetections\":[{\"DetectedText\":\"word %u\",\"Type\":\"LINE\",\"Id\":0,"
             "\"Confidence\":99.0,\"Geometry\":{\"BoundingBox\":{\"Left\":0.1,\"Top\":0.1,"
             "\"Width\":0.1,\"Height\":0.1}}}],\"TextModelVersion\":\"3.0\"}",
             answer->token);
    put_json(answer, json);
}

static void write_faces(struct sim_model *model, const struct sim_arrival *arrival,
                        struct sim_answer *answer)
{
    (void)model;
    (void)arrival;
    put_json(answer, "{\"FaceDetails\":[{\"BoundingBox\":{\"Left\":0.1,\"Top\":0.1,\"Width\":0.2,"
                     "\"Height\":0.2},\"Confidence\":99.5}]}");
}

static void write_converse(struct sim_model *model, const struct sim_arrival *arrival,
                           struct sim_answer *answer)
{
    char json[512];
    (void)model;
    (void)arrival;
    snprintf(json, sizeof json,
             "{\"output\":{\"message\":{\"role\":\"assistant\",\"content\":[{\"text\":\"said "
             "%u\"}]}},\"stopReason\":\"end_turn\",\"usage\":{\"inputTokens\":11,"
             "\"outputTokens\":7,\"totalTokens\":18}}",
             answer->token);
    put_json(answer, json);
}

static void write_invoke(struct sim_model *model, const struct sim_arrival *arrival,
                         struct sim_answer *answer)
{
    char json[512];
    (void)model;
    (void)arrival;
    snprintf(json, sizeof json,
             "{\"type\":\"message\",\"role\":\"assistant\",\"content\":[{\"type\":\"text\","
             "\"text\":\"said %u\"}],\"stop_reason\":\"end_turn\",\"usage\":{\"input_tokens\":11,"
             "\"output_tokens\":7}}",
             answer->token);
    put_json(answer, json);
}

/* ---- streams ----------------------------------------------------------------------------- */

static void write_converse_stream(struct sim_model *model, const struct sim_arrival *arrival,
                                  struct sim_answer *answer)
{
    struct ir_buf *out = &answer->body;
    char json[256];
    (void)model;
    (void)arrival;
    sim_answer_line(answer, "content-type: application/vnd.amazon.eventstream");
    frame_event(out, "event", "messageStart", "{\"role\":\"assistant\"}");
    frame_event(out, "event", "contentBlockDelta",
                "{\"contentBlockIndex\":0,\"delta\":{\"text\":\"said \"}}");
    snprintf(json, sizeof json, "{\"contentBlockIndex\":0,\"delta\":{\"text\":\"%u\"}}",
             answer->token);
    frame_event(out, "event", "contentBlockDelta", json);
    frame_event(out, "event", "contentBlockStop", "{\"contentBlockIndex\":0}");
    frame_event(out, "event", "messageStop", "{\"stopReason\":\"end_turn\"}");
    answer->needed_bytes = out->bytes;
    frame_event(out, "event", "metadata", "{\"usage\":{\"inputTokens\":11,\"outputTokens\":7}}");
}

static void put_chunk(struct ir_buf *out, const char *json)
{
    char text[512];
    char event[600];
    size_t bytes = ir_base64_encode((const unsigned char *)json, strlen(json), text);
    snprintf(event, sizeof event, "{\"bytes\":\"%.*s\"}", (int)bytes, text);
    frame_event(out, "event", "chunk", event);
}

static void write_invoke_stream(struct sim_model *model, const struct sim_arrival *arrival,
                                struct sim_answer *answer)
{
    struct ir_buf *out = &answer->body;
    char json[256];
    (void)model;
    (void)arrival;
    sim_answer_line(answer, "content-type: application/vnd.amazon.eventstream");
    put_chunk(out, "{\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":11}}}");
    put_chunk(out, "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"
                   "\"text_delta\",\"text\":\"said \"}}");
    snprintf(json, sizeof json,
             "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\","
             "\"text\":\"%u\"}}",
             answer->token);
    put_chunk(out, json);
    put_chunk(out, "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},"
                   "\"usage\":{\"output_tokens\":7}}");
    put_chunk(out, "{\"type\":\"message_stop\"}");
    answer->needed_bytes = out->bytes;
}

void sim_answer_break_stream(struct sim_answer *answer, const char *exception, const char *message)
{
    char json[256];
    /* The first event stays, the rest is not sent. */
    const unsigned char *data = (const unsigned char *)answer->body.data;
    size_t first_bytes = ((size_t)data[2] << 8) + data[3];
    answer->body.bytes = first_bytes;
    snprintf(json, sizeof json, "{\"message\":\"%s\"}", message);
    frame_event(&answer->body, "exception", exception, json);
}

/* ---- others ------------------------------------------------------------------------------ */

static void write_lambda(struct sim_model *model, const struct sim_arrival *arrival,
                         struct sim_answer *answer)
{
    char json[64];
    (void)model;
    (void)arrival;
    sim_answer_line(answer, "x-amz-executed-version: $LATEST");
    snprintf(json, sizeof json, "{\"said\":%u}", answer->token);
    put_json(answer, json);
}

static void write_logs(struct sim_model *model, const struct sim_arrival *arrival,
                       struct sim_answer *answer)
{
    (void)model;
    (void)arrival;
    put_json(answer, "{\"nextSequenceToken\":\"1\"}");
}

/* A second start of the same name is the first one again, and is not charged. */
static void write_start(struct sim_model *model, const struct sim_arrival *arrival,
                        struct sim_answer *answer)
{
    char json[256];
    char name[64] = "";
    const char *at = strstr(arrival->body, "\"name\":\"");
    if (at != NULL)
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at + 8, "\""), at + 8);
    bool is_again = name[0] != '\0' && strcmp(name, model->started) == 0;
    unsigned token = is_again ? model->started_token : answer->token;
    if (name[0] != '\0') {
        snprintf(model->started, sizeof model->started, "%s", name);
        model->started_token = token;
    }
    answer->token = token;
    snprintf(json, sizeof json,
             "{\"executionArn\":\"arn:aws:states:eu-west-1:123456789012:execution:m:run-%u\","
             "\"startDate\":1795210500.25}",
             token);
    put_json(answer, json);
    if (is_again)
        model->charged[SIM_START]--; /* the caller adds one */
}

static void write_sagemaker(struct sim_model *model, const struct sim_arrival *arrival,
                            struct sim_answer *answer)
{
    char json[64];
    (void)model;
    (void)arrival;
    sim_answer_line(answer, "x-amzn-invoked-production-variant: all");
    snprintf(json, sizeof json, "[%u,0.25,0.75]", answer->token);
    put_json(answer, json);
}

static void write_models(struct sim_model *model, const struct sim_arrival *arrival,
                         struct sim_answer *answer)
{
    char json[256];
    (void)model;
    (void)arrival;
    snprintf(json, sizeof json,
             "{\"modelSummaries\":[{\"modelId\":\"maker.model-%u\",\"modelName\":\"Model\","
             "\"modelLifecycle\":{\"status\":\"ACTIVE\"}}]}",
             answer->token);
    put_json(answer, json);
}

static void write_identity(struct sim_model *model, const struct sim_arrival *arrival,
                           struct sim_answer *answer)
{
    (void)model;
    (void)arrival;
    sim_answer_line(answer, "content-type: text/xml");
    ir_buf_appendf(&answer->body,
                   "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::"
                   "123456789012:user/ann-%u</Arn><UserId>AIDA</UserId><Account>123456789012"
                   "</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
                   answer->token);
    answer->needed_bytes = answer->body.bytes;
}

static void write_role(struct sim_model *model, const struct sim_arrival *arrival,
                       struct sim_answer *answer)
{
    char date[21];
    const struct sim_key *key = &model->keys[sim_model_add_key(model, true)];
    (void)arrival;
    ir_world_iso_date(key->ends_unix_ms, date);
    sim_answer_line(answer, "content-type: text/xml");
    ir_buf_appendf(&answer->body,
                   "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>%s"
                   "</AccessKeyId><SecretAccessKey>%s</SecretAccessKey><SessionToken>%s"
                   "</SessionToken><Expiration>%s</Expiration></Credentials></AssumeRoleResult>"
                   "</AssumeRoleResponse>",
                   key->id, key->secret, key->token, date);
    answer->needed_bytes = answer->body.bytes;
}

static void write_container(struct sim_model *model, const struct sim_arrival *arrival,
                            struct sim_answer *answer)
{
    char date[21];
    char json[600];
    const struct sim_key *key = &model->keys[sim_model_add_key(model, true)];
    (void)arrival;
    ir_world_iso_date(key->ends_unix_ms, date);
    snprintf(json, sizeof json,
             "{\"AccessKeyId\":\"%s\",\"SecretAccessKey\":\"%s\",\"Token\":\"%s\","
             "\"Expiration\":\"%s\"}",
             key->id, key->secret, key->token, date);
    put_json(answer, json);
}

static const write_fn writers[SIM_OP_COUNT] = {
    [SIM_LABELS] = write_labels,
    [SIM_TEXT] = write_text,
    [SIM_FACES] = write_faces,
    [SIM_CONVERSE] = write_converse,
    [SIM_CONVERSE_STREAM] = write_converse_stream,
    [SIM_INVOKE] = write_invoke,
    [SIM_INVOKE_STREAM] = write_invoke_stream,
    [SIM_LAMBDA] = write_lambda,
    [SIM_PUT_LOGS] = write_logs,
    [SIM_START] = write_start,
    [SIM_SAGEMAKER] = write_sagemaker,
    [SIM_MODELS] = write_models,
    [SIM_IDENTITY] = write_identity,
    [SIM_ASSUME_ROLE] = write_role,
    [SIM_CONTAINER] = write_container,
};

void sim_answer_write(struct sim_model *model, const struct sim_arrival *arrival,
                      struct sim_answer *answer)
{
    writers[arrival->op](model, arrival, answer);
}
