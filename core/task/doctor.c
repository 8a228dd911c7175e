/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The doctor's report and the order in which it looks: each part after those that it stands on. A
 * part decides nothing for another one but through struct ir_doctor_job.
 */
#include "core/task/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/utf8.h"

#define SCHEMA "imgrecog-doctor/1"
#define MAX_JSON_BYTES (2U << 20)
#define MIN_TIMEOUT_MS 1000L
#define MAX_TIMEOUT_MS 600000L
#define CALL_TIMEOUT_MS 15000L
#define CALL_ATTEMPTS 2U
#define MAX_RESPONSE_BYTES (1U << 20)

struct entry {
    struct ir_doctor_line public; /* its texts are those below */
    char id[IR_DOCTOR_ID_BYTES];
    char subject[IR_DOCTOR_ID_BYTES];
    char what[IR_DOCTOR_TEXT_BYTES];
    char next[IR_DOCTOR_TEXT_BYTES];
};

struct ir_doctor {
    void (*on_line)(void *context, const struct ir_doctor_line *line);
    void *line_context;
    size_t count;
    struct entry entries[IR_DOCTOR_MAX_LINES];
};

/* ---- the report -------------------------------------------------------------------------- */

int ir_doctor_new(void (*on_line)(void *line_context, const struct ir_doctor_line *line),
                  void *line_context, struct ir_doctor **out, struct ir_error *err)
{
    struct ir_doctor *doctor = ir_calloc(1, sizeof *doctor);
    if (doctor == NULL)
        return ir_fail_nomem(err);
    doctor->on_line = on_line;
    doctor->line_context = line_context;
    *out = doctor;
    return 0;
}

void ir_doctor_free(struct ir_doctor *doctor)
{
    ir_free(doctor);
}

/* Into a place of its own, without controls and invalid bytes. */
static void take_text(char *out, size_t out_bytes, const char *text)
{
    size_t used = 0;
    size_t bytes = text != NULL ? strlen(text) : 0;
    for (size_t at = 0; at < bytes;) {
        size_t width = ir_utf8_next(text + at, bytes - at);
        bool is_bad = width == 0 || ir_utf8_is_control(text + at, width);
        size_t needed = is_bad ? 1 : width;
        if (used + needed >= out_bytes)
            break;
        memcpy(out + used, is_bad ? " " : text + at, needed);
        used += needed;
        at += width > 0 ? width : 1;
    }
    out[used] = '\0';
}

void ir_doctor_add(struct ir_doctor *doctor, const struct ir_doctor_line *line)
{
    if (doctor->count == IR_DOCTOR_MAX_LINES)
        return;
    struct entry *entry = &doctor->entries[doctor->count++];
    take_text(entry->id, sizeof entry->id, line->id);
    take_text(entry->subject, sizeof entry->subject, line->subject);
    take_text(entry->what, sizeof entry->what, line->what);
    take_text(entry->next, sizeof entry->next, line->next);
    entry->public =
        (struct ir_doctor_line){entry->id, entry->subject, line->state, entry->what, entry->next};
    if (doctor->on_line != NULL)
        doctor->on_line(doctor->line_context, &entry->public);
}

const struct ir_doctor_line *ir_doctor_get(const struct ir_doctor *doctor, size_t line_index)
{
    return line_index < doctor->count ? &doctor->entries[line_index].public : NULL;
}

bool ir_doctor_is_well(const struct ir_doctor *doctor)
{
    for (size_t i = 0; i < doctor->count; i++)
        if (doctor->entries[i].public.state == IR_DOCTOR_FAIL)
            return false;
    return true;
}

int ir_doctor_to_json(const struct ir_doctor *doctor, char **out, struct ir_error *err)
{
    static const char *const states[] = {"ok", "warn", "fail", "skipped"};
    struct ir_json_writer writer;
    struct ir_buf buf;
    ir_buf_init(&buf, MAX_JSON_BYTES);
    ir_json_writer_init(&writer, &buf);
    ir_json_begin_object(&writer);
    ir_json_member_put_string(&writer, "schema", SCHEMA);
    ir_json_member_put_bool(&writer, "well", ir_doctor_is_well(doctor));
    ir_json_key(&writer, "lines");
    ir_json_begin_array(&writer);
    for (size_t i = 0; i < doctor->count; i++) {
        const struct ir_doctor_line *line = &doctor->entries[i].public;
        ir_json_begin_object(&writer);
        ir_json_member_put_string(&writer, "id", line->id);
        ir_json_member_put_string(&writer, "subject", line->subject);
        ir_json_member_put_string(&writer, "state", states[line->state]);
        ir_json_member_put_string(&writer, "what", line->what);
        ir_json_member_put_string(&writer, "next", *line->next != '\0' ? line->next : NULL);
        ir_json_end_object(&writer);
    }
    ir_json_end_array(&writer);
    ir_json_end_object(&writer);
    int rc = ir_buf_check(&buf, "the report", err);
    if (rc == 0)
        *out = ir_buf_take(&buf);
    ir_buf_release(&buf);
    return rc;
}

/* ---- what the parts share ---------------------------------------------------------------- */

void ir_doctor_say(struct ir_doctor_job *job, const char *id, const char *subject,
                   enum ir_doctor_state state, const char *next, const char *what_format, ...)
{
    char what[IR_DOCTOR_TEXT_BYTES];
    va_list arguments;
    va_start(arguments, what_format);
    vsnprintf(what, sizeof what, what_format, arguments);
    va_end(arguments);
    const struct ir_doctor_line line = {id, subject, state, what, next};
    ir_doctor_add(job->doctor, &line);
}

void ir_doctor_say_error(struct ir_doctor_job *job, const char *id, const char *subject,
                         enum ir_doctor_state state, const struct ir_error *err)
{
    struct ir_error cause = *err;
    char what[IR_DOCTOR_TEXT_BYTES];
    cause.hint[0] = '\0';
    cause.service[0] = '\0';
    ir_error_line(&cause, what, sizeof what);
    ir_doctor_say(job, id, subject, state, err->hint, "%s", what);
}

int ir_doctor_check_cancel(const struct ir_doctor_job *job, struct ir_error *err)
{
    return ir_cancel_is_set(job->options->cancel)
               ? ir_fail(err, IR_ERR_CANCELLED, "cancelled while looking")
               : 0;
}

long ir_doctor_left_ms(const struct ir_doctor_job *job)
{
    int64_t left_ms = job->deadline_ms - job->world->monotonic_ms(job->world->context);
    if (left_ms <= 0)
        return 0;
    return left_ms < CALL_TIMEOUT_MS ? (long)left_ms : CALL_TIMEOUT_MS;
}

bool ir_doctor_is_late(struct ir_doctor_job *job, const char *id, const char *subject)
{
    if (ir_doctor_left_ms(job) > 0)
        return false;
    ir_doctor_say(job, id, subject, IR_DOCTOR_SKIPPED,
                  "Correct what was slow above, and look again.",
                  "not looked at: the time for looking is over");
    return true;
}

int ir_doctor_send(struct ir_doctor_job *job, struct ir_request *request,
                   struct ir_http_response *response, struct ir_error *err)
{
    request->aws.cancel = job->options->cancel;
    request->aws.timeout_ms = ir_doctor_left_ms(job);
    request->aws.max_response_bytes = MAX_RESPONSE_BYTES;
    if (request->aws.timeout_ms == 0)
        request->aws.timeout_ms = 1;
    return ir_client_send(job->client, request, response, err);
}

/* ---- the run ----------------------------------------------------------------------------- */

static int check_options(const struct ir_doctor_options *options, struct ir_error *err)
{
    if (options->version != IR_DOCTOR_OPTIONS_VERSION)
        return ir_fail(err, IR_ERR_ARG, "doctor options of version %u are not known",
                       options->version);
    if (options->settings == NULL)
        return ir_fail(err, IR_ERR_ARG, "the doctor needs settings");
    if (options->timeout_ms < MIN_TIMEOUT_MS || options->timeout_ms > MAX_TIMEOUT_MS)
        return ir_fail(err, IR_ERR_ARG, "the time limit must be between %ld and %ld ms",
                       MIN_TIMEOUT_MS, MAX_TIMEOUT_MS);
    return 0;
}

/* `transport` is taken over. Without a client there is a line that says why. */
static void make_client(struct ir_doctor_job *job, const struct ir_transport *transport)
{
    struct ir_client_options options = ir_settings_client_options(job->options->settings);
    struct ir_error err = {0};
    int rc = ir_client_new_in(&options, job->world, transport, &job->client, &err);
    if (rc != 0) {
        job->client = NULL;
        ir_doctor_say_error(job, "aws-settings", "AWS's settings", IR_DOCTOR_FAIL, &err);
        return;
    }
    if (job->client->aws.config.max_attempts > CALL_ATTEMPTS)
        job->client->aws.config.max_attempts = CALL_ATTEMPTS;
    job->is_embedded = ir_endpoint_is_embedded(job->client->aws.endpoint_setting);
}

/* Permissions are those of an identity. */
#define CONNECTION (IR_DOCTOR_CONNECTION | IR_DOCTOR_PERMISSIONS)

static const struct {
    unsigned part;
    bool needs_client;
    void (*look)(struct ir_doctor_job *job);
} parts[] = {
    {IR_DOCTOR_SETTINGS, false, ir_doctor_look_at_settings},
    {CONNECTION, true, ir_doctor_look_at_credentials},
    {CONNECTION, true, ir_doctor_look_at_network},
    {CONNECTION, true, ir_doctor_look_at_identity},
    {IR_DOCTOR_PERMISSIONS, true, ir_doctor_look_at_permissions},
    {IR_DOCTOR_PERMISSIONS, true, ir_doctor_look_at_models},
    {IR_DOCTOR_PERMISSIONS, true, ir_doctor_look_at_bucket},
    {IR_DOCTOR_LOCAL, false, ir_doctor_look_at_local},
};

static int look(struct ir_doctor_job *job, const struct ir_transport *transport,
                struct ir_error *err)
{
    bool is_made = false;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < sizeof parts / sizeof parts[0]; i++) {
        if ((job->options->parts & parts[i].part) == 0)
            continue;
        if (parts[i].needs_client && !is_made) {
            make_client(job, transport);
            is_made = true;
        }
        if (!parts[i].needs_client || job->client != NULL)
            parts[i].look(job);
        rc = ir_doctor_check_cancel(job, err);
    }
    if (!is_made)
        transport->release(transport->context);
    ir_client_free(job->client);
    return rc;
}

int ir_doctor_look_in(struct ir_doctor *doctor, const struct ir_doctor_options *options,
                      const struct ir_world *world, const struct ir_transport *transport,
                      struct ir_error *err)
{
    struct ir_doctor_job job = {.doctor = doctor, .options = options, .world = world};
    int rc = check_options(options, err);
    if (rc != 0) {
        transport->release(transport->context);
        return rc;
    }
    job.deadline_ms = world->monotonic_ms(world->context) + options->timeout_ms;
    return look(&job, transport, err);
}

int ir_doctor_look(struct ir_doctor *doctor, const struct ir_doctor_options *options,
                   struct ir_error *err)
{
    struct ir_transport transport;
    int rc = ir_transport_curl_new(&transport, err);
    if (rc != 0)
        return rc;
    return ir_doctor_look_in(doctor, options, ir_world_system(), &transport, err);
}
