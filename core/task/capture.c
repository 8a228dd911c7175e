/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes lines in the form of SageMaker's data capture; where they go is the front end's. */
#include <imgrecog/capture.h>

#include <stdio.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/ascii.h"
#include "core/base/base64.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/result/result.h"
#include "core/task/client.h"
#include "core/task/picture.h"

#define SERVICE "capture"
#define MAX_LINE_BYTES (32U << 20)
#define VARIANT "AllTraffic"  /* SageMaker's name where an endpoint has one variant */
#define MAX_ENDPOINT_CHARS 63 /* of SageMaker's names */

/* ---- who answered ------------------------------------------------------------------------ */

/* The model that answered last on the way to this result. */
static const char *answered_by(const struct ir_result *result)
{
    if (result->caption.model != NULL)
        return result->caption.model;
    if (result->answer.model != NULL)
        return result->answer.model;
    if (result->label_source != NULL)
        return result->label_source;
    return result->source != NULL ? result->source : "unknown";
}

/* As a name of SageMaker's; of an ARN what stands behind its last '/'. */
static void put_endpoint(const struct ir_result *result, char out[MAX_ENDPOINT_CHARS + 1])
{
    static const char prefix[] = "sagemaker:";
    const char *name = answered_by(result);
    const char *slash = strrchr(name, '/');
    size_t chars = 0;
    if (slash != NULL && slash[1] != '\0')
        name = slash + 1;
    if (strncmp(name, prefix, sizeof prefix - 1) == 0)
        name += sizeof prefix - 1;
    for (; *name != '\0' && chars < MAX_ENDPOINT_CHARS; name++) {
        char letter = ir_ascii_lower(*name);
        bool is_plain = (letter >= 'a' && letter <= 'z') || ir_ascii_is_digit(*name);
        out[chars++] = is_plain ? *name : '-';
    }
    out[chars] = '\0';
}

/* ---- the line ---------------------------------------------------------------------------- */

static void put_head(struct ir_json_writer *json, const char *member, const char *type,
                     const char *mode)
{
    ir_json_key(json, member);
    ir_json_begin_object(json);
    ir_json_member_put_string(json, "observedContentType", type);
    ir_json_member_put_string(json, "mode", mode);
}

static void put_picture(struct ir_json_writer *json, const struct ir_picture *picture,
                        unsigned char *sent, char *text)
{
    size_t at = 0;
    for (size_t i = 0; i < picture->span_count; i++) {
        memcpy(sent + at, picture->spans[i].data, picture->spans[i].bytes);
        at += picture->spans[i].bytes;
    }
    text[ir_base64_encode(sent, at, text)] = '\0';
    put_head(json, "endpointInput", picture->info.media_type, "INPUT");
    ir_json_member_put_string(json, "data", text);
    ir_json_member_put_string(json, "encoding", "BASE64");
    ir_json_end_object(json);
}

/* What was sent, put together and encoded. */
static int put_input(struct ir_json_writer *json, const struct ir_picture *picture,
                     struct ir_error *err)
{
    unsigned char *sent = ir_malloc(picture->sent_bytes + 1);
    char *text = ir_malloc(ir_base64_length(picture->sent_bytes) + 1);
    int rc = 0;
    if (sent != NULL && text != NULL)
        put_picture(json, picture, sent, text);
    else
        rc = ir_fail_nomem(err);
    ir_free(text);
    ir_free(sent);
    return rc;
}

static int put_output(struct ir_json_writer *json, const struct ir_result *result,
                      struct ir_error *err)
{
    char *document = NULL;
    int rc = ir_result_to_json(result, &document, NULL, err);
    if (rc != 0)
        return rc;
    put_head(json, "endpointOutput", "application/json", "OUTPUT");
    ir_json_member_put_string(json, "data", document);
    ir_json_member_put_string(json, "encoding", "JSON");
    ir_json_end_object(json);
    ir_free(document);
    return 0;
}

struct event {
    char id[IR_UUID_BYTES];
    char time[sizeof "2026-11-21T01:30:59Z"];
};

static int put_event(struct ir_buf *line, const struct event *event, const struct ir_result *result,
                     const struct ir_picture *picture, struct ir_error *err)
{
    struct ir_json_writer json;
    ir_json_writer_init(&json, line);
    ir_json_begin_object(&json);
    ir_json_key(&json, "captureData");
    ir_json_begin_object(&json);
    int rc = picture != NULL ? put_input(&json, picture, err) : 0;
    if (rc == 0)
        rc = put_output(&json, result, err);
    if (rc != 0)
        return rc;
    ir_json_end_object(&json);
    ir_json_key(&json, "eventMetadata");
    ir_json_begin_object(&json);
    ir_json_member_put_string(&json, "eventId", event->id);
    ir_json_member_put_string(&json, "inferenceTime", event->time);
    ir_json_end_object(&json);
    ir_json_member_put_string(&json, "eventVersion", "0");
    ir_json_end_object(&json);
    ir_buf_append_char(line, '\n');
    return ir_buf_check(line, "the captured event", err);
}

/* ---- the event --------------------------------------------------------------------------- */

/* "2026-11-21T01:30:59Z" to ".../2026/11/21/01/30-59-123-UUID.jsonl", as SageMaker names them. */
static void put_path(const struct ir_result *result, const struct event *event, unsigned ms,
                     char out[IR_CAPTURE_PATH_BYTES])
{
    char endpoint[MAX_ENDPOINT_CHARS + 1];
    const char *time = event->time;
    put_endpoint(result, endpoint);
    snprintf(out, IR_CAPTURE_PATH_BYTES,
             "%s/" VARIANT "/%.4s/%.2s/%.2s/%.2s/%.2s-%.2s-%03u-%s.jsonl", endpoint, time, time + 5,
             time + 8, time + 11, time + 14, time + 17, ms, event->id);
}

int ir_capture_new(const struct ir_client *client, const struct ir_result *result,
                   const struct ir_picture *picture, const struct ir_capture_options *options,
                   struct ir_capture *out, struct ir_error *err)
{
    const struct ir_world *world = client->aws.world;
    int64_t now_ms = world->unix_ms(world->context);
    struct event event;
    struct ir_buf line;
    if (options->version != IR_CAPTURE_OPTIONS_VERSION)
        return ir_fail(err, IR_ERR_ARG, "capture options of version %u are not known",
                       options->version);
    ir_world_uuid(world, event.id);
    ir_world_iso_date(now_ms, event.time);
    ir_buf_init(&line, MAX_LINE_BYTES);
    int rc = put_event(&line, &event, result, options->with_input ? picture : NULL, err);
    if (rc == 0) {
        put_path(result, &event, (unsigned)(now_ms % 1000), out->path);
        out->line_bytes = line.bytes;
        out->line = ir_buf_take(&line);
    } else {
        ir_error_set_service(err, SERVICE);
    }
    ir_buf_release(&line);
    return rc;
}
