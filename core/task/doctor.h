/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The doctor's parts among themselves; the public half is imgrecog/doctor.h. */
#ifndef CORE_TASK_DOCTOR_H
#define CORE_TASK_DOCTOR_H

#include <imgrecog/doctor.h>

#include "core/aws/sts.h"
#include "core/service/request.h"
#include "core/task/client.h"

#define IR_DOCTOR_TEXT_BYTES 1001 /* of what a line says, and of its next step */
#define IR_DOCTOR_ID_BYTES 128

/* One run. */
struct ir_doctor_job {
    struct ir_doctor *doctor;
    const struct ir_doctor_options *options;
    const struct ir_world *world;
    struct ir_client *client; /* its own; NULL: could not be made */
    int64_t deadline_ms;      /* monotonic */
    bool is_embedded;
    bool has_credentials;
    bool is_taken; /* AWS takes the credentials: `identity` is set */
    struct ir_sts_identity identity;
    bool has_server_clock;
    int64_t clock_offset_ms; /* the servers' less ours */
};

/* Adds a line; `next` may be NULL. */
void ir_doctor_say(struct ir_doctor_job *job, const char *id, const char *subject,
                   enum ir_doctor_state state, const char *next, const char *what_format, ...)
    IR_PRINTF(6, 7);
/* A line of an error: its message with AWS's code, its hint as the next step. */
void ir_doctor_say_error(struct ir_doctor_job *job, const char *id, const char *subject,
                         enum ir_doctor_state state, const struct ir_error *err);
/* 0: go on. IR_ERR_CANCELLED. */
int ir_doctor_check_cancel(const struct ir_doctor_job *job, struct ir_error *err);
/* Whether the time for looking is over; then a line has said that this was not looked at. */
bool ir_doctor_is_late(struct ir_doctor_job *job, const char *id, const char *subject);
/* What is left for one request; 0 = nothing. */
long ir_doctor_left_ms(const struct ir_doctor_job *job);
/* Sends `request` (released in any case) within that time. */
IR_MUST_CHECK int ir_doctor_send(struct ir_doctor_job *job, struct ir_request *request,
                                 struct ir_http_response *response, struct ir_error *err);

/* ---- the parts; each adds its lines ------------------------------------------------------ */

void ir_doctor_look_at_settings(struct ir_doctor_job *job);
void ir_doctor_look_at_credentials(struct ir_doctor_job *job); /* and the region */
void ir_doctor_look_at_network(struct ir_doctor_job *job);     /* and the clock */
void ir_doctor_look_at_identity(struct ir_doctor_job *job);
void ir_doctor_look_at_permissions(struct ir_doctor_job *job);
void ir_doctor_look_at_models(struct ir_doctor_job *job);
void ir_doctor_look_at_bucket(struct ir_doctor_job *job);
void ir_doctor_look_at_local(struct ir_doctor_job *job);

/*
 * ir_doctor_look with the world and the transport given, for tests. `transport` is taken over, on
 * failure too.
 */
IR_MUST_CHECK int ir_doctor_look_in(struct ir_doctor *doctor,
                                    const struct ir_doctor_options *options,
                                    const struct ir_world *world,
                                    const struct ir_transport *transport, struct ir_error *err);

#endif
