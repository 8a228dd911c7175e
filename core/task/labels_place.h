/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a picture is while a function looks at it. */
#ifndef CORE_TASK_LABELS_PLACE_H
#define CORE_TASK_LABELS_PLACE_H

#include <imgrecog/fetch.h>

#include "core/task/labels_job.h"

struct ir_labels_place {
    bool is_inline; /* in the event */
    bool is_ours;   /* uploaded here, so to be deleted */
    struct ir_s3_uri uri;
};

/* Finds it, uploads the picture where that is needed, and says so in the document. */
IR_MUST_CHECK int ir_labels_place_find(struct ir_labels_job *job, struct ir_labels_place *place,
                                       struct ir_error *err);
/*
 * Deletes what was uploaded, unless it is to be kept, and returns `rc`, the outcome so far. What
 * could not be deleted is told: in the document, or with the failure that came before.
 */
IR_MUST_CHECK int ir_labels_place_leave(struct ir_labels_job *job,
                                        const struct ir_labels_place *place, int rc,
                                        struct ir_error *err);

#endif
