/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns which findings can be hidden, and how: the one rule by which front ends know whether a
 * redacted picture may pass for a safe one. A finding of which nothing is known here has no place.
 */
#include <string.h>

#include <imgrecog/check.h>

#include "core/task/check_looks.h"

void ir_check_find_places(const struct ir_check *check, ir_check_wanted_fn is_wanted,
                          const void *context, struct ir_check_places *out)
{
    const struct ir_finding *model = NULL;
    *out = (struct ir_check_places){0};
    for (size_t i = 0; i < check->finding_count; i++) {
        const struct ir_finding *finding = &check->findings[i];
        if (is_wanted != NULL && !is_wanted(context, finding->kind))
            continue;
        if (finding->has_box)
            out->box_count++;
        else if (strcmp(finding->source, IR_CHECK_SOURCE_FILE) == 0)
            out->metadata = out->metadata != NULL ? out->metadata : finding;
        else if (strcmp(finding->kind, IR_CHECK_KIND_MODEL) == 0)
            model = finding;
        else if (out->nowhere == NULL)
            out->nowhere = finding;
    }
    if (out->nowhere == NULL && out->box_count == 0)
        out->nowhere = model;
}
