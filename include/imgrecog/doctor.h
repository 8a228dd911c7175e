/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is so with settings, credentials, network, permissions and models, and what to do about it:
 * a line for each thing that must be right before a task can work.
 */
#ifndef IMGRECOG_DOCTOR_H
#define IMGRECOG_DOCTOR_H

#include <imgrecog/settings.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ir_doctor;

enum ir_doctor_state {
    IR_DOCTOR_OK,
    IR_DOCTOR_WARN, /* it works, or may; the next step makes it sure */
    IR_DOCTOR_FAIL,
    IR_DOCTOR_SKIPPED, /* it could not be looked at: for lack of something above, or harmlessly */
};

/* Texts are UTF-8 without control characters, and hold no secret: of a key its last four
 * characters. */
struct ir_doctor_line {
    const char *id;      /* stays the same: "credentials", "permission:rekognition:DetectLabels" */
    const char *subject; /* for people: "credentials" */
    enum ir_doctor_state state;
    const char *what; /* what is so */
    const char *next; /* what to do; "" = nothing */
};

#define IR_DOCTOR_MAX_LINES 96U

/*
 * Makes an empty report. `on_line` (NULL = nobody) is told each line as it is added, in the thread
 * that adds it; the line is borrowed during the call. IR_ERR_NOMEM.
 */
IR_PUBLIC IR_MUST_CHECK int
ir_doctor_new(void (*on_line)(void *line_context, const struct ir_doctor_line *line),
              void *line_context, struct ir_doctor **out, struct ir_error *err);
/* NULL is allowed. */
IR_PUBLIC void ir_doctor_free(struct ir_doctor *doctor);

/* Adds a front end's own line; all texts are copied, and cut at 1,000 bytes. Lines beyond
 * IR_DOCTOR_MAX_LINES are left out. */
IR_PUBLIC void ir_doctor_add(struct ir_doctor *doctor, const struct ir_doctor_line *line);

/* What is looked at. */
enum ir_doctor_part {
    IR_DOCTOR_SETTINGS = 1 << 0,    /* environment and file of imgrecog */
    IR_DOCTOR_CONNECTION = 1 << 1,  /* credentials, region, network, clock, identity */
    IR_DOCTOR_PERMISSIONS = 1 << 2, /* permissions, models, the bucket; the connection too */
    IR_DOCTOR_LOCAL = 1 << 3,       /* the recogniser on this machine: it is started */
};
#define IR_DOCTOR_ALL                                                                              \
    (IR_DOCTOR_SETTINGS | IR_DOCTOR_CONNECTION | IR_DOCTOR_PERMISSIONS | IR_DOCTOR_LOCAL)

struct ir_doctor_options {
    unsigned version;                   /* IR_DOCTOR_OPTIONS_VERSION, set by the INIT macro */
    const struct ir_settings *settings; /* borrowed; must be set: endpoint, profile, region, models,
                                           log group */
    const char *bucket;                 /* looked at too; NULL = none */
    unsigned parts;                     /* bits of enum ir_doctor_part */
    long timeout_ms;                    /* for all; 1,000 to 600,000 */
    const struct ir_cancel *cancel;     /* borrowed; NULL = cannot be cancelled */
};
#define IR_DOCTOR_OPTIONS_VERSION 1U
#define IR_DOCTOR_OPTIONS_INIT {IR_DOCTOR_OPTIONS_VERSION, NULL, NULL, IR_DOCTOR_ALL, 120000L, NULL}

/*
 * Looks, and adds a line for each thing. Only requests that change nothing and that AWS charges
 * nothing for are made: requests without a signature (is a host there, and its clock),
 * GetCallerIdentity, GetFoundationModel and GetFoundationModelAvailability, HeadBucket, and for
 * permissions SimulatePrincipalPolicy, which checks them and performs nothing, and GetRole where a
 * role has a path. Where that may not
 * be called, Rekognition is sent requests that hold no picture, so that there is nothing to
 * analyse; permissions that cannot be tried in such a way are skipped, and the line says how to see
 * them.
 *
 * Returns 0 whatever was found, also when the client cannot be made: that is a line. Blocks; what
 * is not looked at when `timeout_ms` have passed is skipped. IR_ERR_ARG: options. IR_ERR_CANCELLED:
 * the lines so far are there. IR_ERR_NOMEM. Sources:
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_GetFoundationModelAvailability.html
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
 */
IR_PUBLIC IR_MUST_CHECK int ir_doctor_look(struct ir_doctor *doctor,
                                           const struct ir_doctor_options *options,
                                           struct ir_error *err);

/* NULL when `line_index` is past the last. Borrowed. */
IR_PUBLIC const struct ir_doctor_line *ir_doctor_get(const struct ir_doctor *doctor,
                                                     size_t line_index);
/* Whether no line says IR_DOCTOR_FAIL. */
IR_PUBLIC bool ir_doctor_is_well(const struct ir_doctor *doctor);
/* The report as one JSON document, which include/imgrecog/reports.md describes; free `*out` with
 * ir_free. IR_ERR_NOMEM. */
IR_PUBLIC IR_MUST_CHECK int ir_doctor_to_json(const struct ir_doctor *doctor, char **out,
                                              struct ir_error *err);

#ifdef __cplusplus
}
#endif
#endif
