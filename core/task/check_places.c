/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns which findings can be hidden, and how, and whether a look failed: the one rule by which
 * front ends know whether a redacted picture may pass for a safe one. A finding of which nothing is
 * known here has no place.
 */
#include <string.h>

#include <imgrecog/check.h>

#include "core/task/check_looks.h"

static const char *find_failed(const struct ir_check *check)
{
    for (size_t i = 0; i < check->not_checked_count; i++)
        if (ir_check_left_out(check->not_checked[i]) == 0)
            return check->not_checked[i];
    return NULL;
}

void ir_check_find_places(const struct ir_check *check, ir_check_wanted_fn is_wanted,
                          const void *context, struct ir_check_places *out)
{
    const struct ir_finding *model = NULL;
    *out = (struct ir_check_places){.failed = find_failed(check)};
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
