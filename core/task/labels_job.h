/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Between labels.c, which owns the task, labels_SOURCE.c, which ask, and labels_refine.c, which
 * makes of what was answered what was wanted.
 */
#ifndef CORE_TASK_LABELS_JOB_H
#define CORE_TASK_LABELS_JOB_H

#include <imgrecog/labels.h>

#include "core/result/result.h"
#include "core/service/rekognition.h"
#include "core/task/client.h"
#include "core/task/labels_read.h"
#include "core/task/picture.h"
#include "core/task/vocabulary.h"

#define IR_LABELS_LIMIT_MAX_LABELS 1000U
#define IR_LABELS_MAX_FILTER_NAMES IR_REKOGNITION_MAX_FILTER_NAMES
#define IR_LABELS_MAX_RESPONSE_BYTES (32U << 20)
#define IR_LABELS_SERVICE "labels"

enum ir_labels_source {
    IR_LABELS_REKOGNITION,
    IR_LABELS_BEDROCK,
    IR_LABELS_SAGEMAKER,
    IR_LABELS_LAMBDA,
};

/* Takes `from` apart (NULL = rekognition); *out_target is an endpoint's or function's name within
 * it, or NULL. False when it is none. */
bool ir_labels_parse_from(const char *from, enum ir_labels_source *out, const char **out_target);

/* Names between commas: where each begins, and the text they lie in. */
struct ir_labels_names {
    char *text; /* owned */
    const char *items[IR_LABELS_MAX_FILTER_NAMES];
    size_t count;
};

struct ir_labels_job {
    struct ir_client *client;
    const struct ir_picture *picture;
    const struct ir_labels_options *options;
    enum ir_labels_source source;
    const char *target; /* the endpoint or the function */
    struct ir_labels_names include_labels, exclude_labels, include_categories, exclude_categories;
    struct ir_vocabulary *vocabulary; /* NULL = none */
    char *class_text;                 /* sagemaker: what class_names says, or its file; NULL */
    struct ir_result *result;
    int64_t deadline_ms; /* monotonic, of Rekognition's requests together */
};

/* Each asks and adds labels to job->result. Codes as ir_labels. */
IR_MUST_CHECK int ir_labels_rekognition(struct ir_labels_job *job, struct ir_error *err);
IR_MUST_CHECK int ir_labels_bedrock(struct ir_labels_job *job, struct ir_error *err);
IR_MUST_CHECK int ir_labels_sagemaker(struct ir_labels_job *job, struct ir_error *err);
IR_MUST_CHECK int ir_labels_lambda(struct ir_labels_job *job, struct ir_error *err);
/* Before anything is sent: what this source cannot take. */
IR_MUST_CHECK int ir_labels_rekognition_check(const struct ir_labels_job *job,
                                              struct ir_error *err);
IR_MUST_CHECK int ir_labels_sagemaker_check(const struct ir_labels_job *job, struct ir_error *err);
IR_MUST_CHECK int ir_labels_lambda_check(const struct ir_labels_job *job, struct ir_error *err);

/* Leaves in job->result what is sure enough and wanted, under the vocabulary's names. */
IR_MUST_CHECK int ir_labels_refine(struct ir_labels_job *job, struct ir_error *err);

/* The question in our own words, for a model that sees a picture of this size. */
IR_MUST_CHECK int ir_labels_write_prompt(const struct ir_labels_job *job, struct ir_size seen,
                                         struct ir_buf *out, struct ir_error *err);
/* The picture in its sizes, as `model` (NULL = not known) sees it. */
struct ir_labels_view ir_labels_view_of(const struct ir_labels_job *job, const char *model);

/* Says whose labels these are: "sagemaker:NAME". */
IR_MUST_CHECK int ir_labels_set_source(struct ir_labels_job *job, const char *kind,
                                       const char *name, struct ir_error *err);

#endif
