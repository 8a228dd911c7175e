/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One run of "Detect Labels" from arguments to layers, without any widget: the dialog and the
 * silent run are two ways to wait for it. Main thread only; the network call runs in a job.
 */
#ifndef PLUGINS_GIMP_LABELS_CALL_H
#define PLUGINS_GIMP_LABELS_CALL_H

#include "plugins/gimp/job.h"
#include "plugins/gimp/where.h"

/* Arguments of the procedure. */
#define LABELS_ARG_ENDPOINT "endpoint"
#define LABELS_ARG_PROFILE "profile"
#define LABELS_ARG_REGION "region"
#define LABELS_ARG_MIN_CONFIDENCE "min-confidence"
#define LABELS_ARG_MAX_LABELS "max-labels"
/* Their values that mean: as environment and configuration file say. For strings it is "". */
#define LABELS_MIN_CONFIDENCE_UNSET (-1.0)
#define LABELS_MAX_LABELS_UNSET 0

struct labels_call;

/*
 * Reads the arguments and, below them, environment and files. Sends nothing.
 * IR_ERR_ARG: a setting is wrong; the message names it. `*out` is freed with labels_call_free.
 */
IR_MUST_CHECK int labels_call_new(GimpProcedureConfig *config, GimpImage *image,
                                  struct labels_call **out, struct ir_error *err);
/* Not while its job runs. NULL is allowed. */
void labels_call_free(struct labels_call *call);

/* As ir_client_endpoint. Borrowed. */
const char *labels_call_endpoint(const struct labels_call *call);

/* How many paid requests the settings ask for. */
int labels_call_request_count(const struct labels_call *call);

/*
 * Takes the visible pixels and starts the job; `done` is called on the main thread when it ends.
 * To be called once. IR_ERR_ARG: the picture cannot be read. IR_ERR_NOMEM.
 */
IR_MUST_CHECK int labels_call_start(struct labels_call *call, job_done_fn done, void *context,
                                    struct ir_error *err);
/* NULL before the start. Borrowed. */
struct job *labels_call_job(struct labels_call *call);

/*
 * After the job: puts the layers into the image. Returns what the job returned when it failed.
 * IR_ERR_ARG: the image was closed or has another size now, or as layers_build; nothing is changed
 * then.
 */
IR_MUST_CHECK int labels_call_finish(struct labels_call *call, struct ir_error *err);

/* After labels_call_finish returned 0. */
size_t labels_call_label_count(const struct labels_call *call);
/* The result document; the caller's, freed with g_free. */
char *labels_call_take_json(struct labels_call *call);

#endif
