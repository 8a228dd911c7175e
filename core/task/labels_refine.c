/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the labels that were answered to those that were wanted: sure enough, of the names asked
 * for, under the vocabulary's terms and in its language, no more than asked for. Rekognition does
 * most of that itself, and its own order and counts are left to it.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/base/error.h"
#include "core/task/labels_job.h"
#include "core/task/language.h"

#define MAX_PARENTS IR_VOCABULARY_MAX_DEPTH
#define MAX_ALIASES 101 /* Rekognition's, and one more */
#define MAX_TOLD_NAMES 5
#define MAX_LINE_BYTES 512

/* What has been seen on the way through the list. */
struct refining {
    struct ir_labels_job *job;
    struct ir_result *result; /* gets what stays */
    size_t name_count;        /* distinct ones in it */
    size_t untold_count;      /* without a word in the language */
    char untold[MAX_LINE_BYTES];
};

static int fail_adding(int rc, struct ir_error *err)
{
    if (rc == IR_ERR_NOMEM)
        return ir_fail_nomem(err);
    return ir_fail_with(err, rc, IR_LABELS_SERVICE, "there are more labels than a result can hold",
                        "Ask for fewer.");
}

/* ---- the threshold of the whole ---------------------------------------------------------- */

static int check_threshold(const struct ir_labels_job *job, struct ir_error *err)
{
    const struct ir_result *result = job->result;
    const char *surest = NULL;
    double highest_pct = -1.0;
    for (size_t i = 0; i < result->label_count; i++) {
        const struct ir_label *label = &result->labels[i].public;
        double pct = fmax(label->confidence_pct, label->label_confidence_pct);
        if (!(pct > highest_pct))
            continue;
        highest_pct = pct;
        surest = label->name;
    }
    if (job->options->fail_below_pct <= 0.0 || highest_pct >= job->options->fail_below_pct)
        return 0;
    if (surest != NULL)
        ir_fail(err, IR_ERR_SERVICE, "no label is as sure as %g %%: the surest, %s, has %.4g %%",
                job->options->fail_below_pct, surest, highest_pct);
    else
        ir_fail(err, IR_ERR_SERVICE, "no label is as sure as %g %%: %s",
                job->options->fail_below_pct,
                result->label_count > 0 ? "none came with a confidence" : "there is none");
    ir_error_set_service(err, IR_LABELS_SERVICE);
    ir_error_set_hint(err, "Lower fail-below, or let a person look at the picture.");
    return IR_ERR_SERVICE;
}

/* ---- one label --------------------------------------------------------------------------- */

static bool names(const struct ir_labels_names *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcasecmp(list->items[i], name) == 0)
            return true;
    return false;
}

/* What has no confidence cannot be under it. */
static bool is_wanted(const struct ir_labels_job *job, const struct ir_label *label)
{
    if (label->label_confidence_pct < job->options->min_confidence_pct)
        return false;
    if (job->source == IR_LABELS_REKOGNITION) /* which has filtered by name itself */
        return true;
    return !names(&job->exclude_labels, label->name) &&
           (job->include_labels.count == 0 || names(&job->include_labels, label->name));
}

static bool has_name(const struct ir_result *result, const char *name)
{
    for (size_t i = result->label_count; i-- > 0;)
        if (strcmp(result->labels[i].name, name) == 0)
            return true;
    return false;
}

/*
 * Two labels that have become one term. Of those without a box one stays, and none beside one with
 * a box; each with a box is a thing of its own. The highest confidence is the term's.
 */
static bool is_merged(struct ir_result *result, struct ir_label *label)
{
    double highest_pct = fmax(label->label_confidence_pct, label->confidence_pct);
    bool is_there = false;
    for (size_t i = result->label_count; i-- > 0;) {
        struct ir_label *other = &result->labels[i].public;
        if (strcmp(other->name, label->name) != 0)
            continue;
        other->label_confidence_pct = fmax(other->label_confidence_pct, highest_pct);
        label->label_confidence_pct =
            fmax(label->label_confidence_pct, other->label_confidence_pct);
        if (!label->has_box && !other->has_box)
            other->confidence_pct = fmax(other->confidence_pct, label->confidence_pct);
        if (label->has_box && !other->has_box)
            ir_result_remove_label(result, i);
        else
            is_there = true;
    }
    return is_there && !label->has_box;
}

static int add(struct refining *refining, const struct ir_label *label,
               const struct ir_color_list *colors, struct ir_error *err)
{
    const struct ir_labels_job *job = refining->job;
    struct ir_label kept = *label;
    bool is_new = !has_name(refining->result, label->name);
    bool is_over = is_new && job->source != IR_LABELS_REKOGNITION &&
                   refining->name_count >= job->options->max_labels;
    if (is_over || (job->vocabulary != NULL && is_merged(refining->result, &kept)))
        return 0;
    refining->name_count += is_new ? 1 : 0;
    int rc = ir_result_add_label(refining->result, &kept, colors);
    return rc == 0 ? 0 : fail_adding(rc, err);
}

/* ---- the vocabulary ---------------------------------------------------------------------- */

static size_t find_term(const struct ir_vocabulary *vocabulary, const struct ir_label *label)
{
    size_t term = ir_vocabulary_find(vocabulary, label->name);
    for (size_t i = 0; term == 0 && i < label->alias_count; i++)
        term = ir_vocabulary_find(vocabulary, label->aliases[i]);
    return term;
}

/* A term's name in the language wanted, or its own where it has none there. */
static const char *name_of(const struct ir_labels_job *job, size_t term, bool *out_is_told)
{
    const char *language = job->options->language;
    const char *name = NULL;
    if (!ir_language_is_english(language))
        name = ir_vocabulary_name(job->vocabulary, term, language);
    *out_is_told = name != NULL;
    return name != NULL ? name : ir_vocabulary_name(job->vocabulary, term, NULL);
}

/* Whether the source speaks English only, so that a word without translation is a foreign one. */
static bool needs_translation(const struct ir_labels_job *job)
{
    return !ir_language_is_english(job->options->language) &&
           (job->source == IR_LABELS_REKOGNITION || job->source == IR_LABELS_SAGEMAKER);
}

static void note_untold(struct refining *refining, const char *name)
{
    size_t used = strlen(refining->untold);
    if (has_name(refining->result, name))
        return;
    if (refining->untold_count++ < MAX_TOLD_NAMES)
        snprintf(refining->untold + used, sizeof refining->untold - used, "%s%.60s",
                 used > 0 ? ", " : "", name);
}

static int add_under_term(struct refining *refining, const struct ir_label_entry *entry,
                          struct ir_error *err)
{
    const struct ir_labels_job *job = refining->job;
    struct ir_label label = entry->public;
    const char *parents[MAX_PARENTS];
    const char *aliases[MAX_ALIASES];
    size_t term = find_term(job->vocabulary, &label);
    bool is_told = false;
    if (term == 0) {
        if (job->options->vocabulary_only)
            return 0;
        if (needs_translation(job))
            note_untold(refining, label.name);
        return add(refining, &label, &entry->colors, err);
    }
    label.name = name_of(job, term, &is_told);
    if (!is_told && needs_translation(job))
        note_untold(refining, label.name);
    label.parents = parents;
    label.parent_count = 0;
    for (size_t above = ir_vocabulary_parent(job->vocabulary, term);
         above != 0 && label.parent_count < MAX_PARENTS;
         above = ir_vocabulary_parent(job->vocabulary, above))
        parents[label.parent_count++] = name_of(job, above, &is_told);
    label.aliases = aliases;
    label.alias_count = 0;
    for (size_t i = 0; i < entry->public.alias_count && i + 1 < MAX_ALIASES; i++)
        aliases[label.alias_count++] = entry->public.aliases[i];
    if (strcmp(label.name, entry->name) != 0)
        aliases[label.alias_count++] = entry->name;
    return add(refining, &label, &entry->colors, err);
}

static int tell_untold(const struct refining *refining, struct ir_error *err)
{
    char line[MAX_LINE_BYTES + 128];
    if (refining->untold_count == 0)
        return 0;
    snprintf(line, sizeof line, "the vocabulary has no word in %s for: %s%s",
             refining->job->options->language, refining->untold,
             refining->untold_count > MAX_TOLD_NAMES ? " and others" : "");
    int rc = ir_result_add_error(refining->result, line);
    return rc == 0 ? 0 : fail_adding(rc, err);
}

/* ---- the whole list ---------------------------------------------------------------------- */

/* Hands the labels of one result to the other. */
static void swap_labels(struct ir_result *a, struct ir_result *b)
{
    struct ir_result was = *a;
    a->labels = b->labels;
    a->label_count = b->label_count;
    a->label_capacity = b->label_capacity;
    b->labels = was.labels;
    b->label_count = was.label_count;
    b->label_capacity = was.label_capacity;
}

int ir_labels_refine(struct ir_labels_job *job, struct ir_error *err)
{
    struct refining refining = {.job = job, .result = job->result};
    int rc = check_threshold(job, err);
    if (rc != 0)
        return rc;
    struct ir_result *answered = ir_result_new();
    if (answered == NULL)
        return ir_fail_nomem(err);
    swap_labels(answered, job->result);
    for (size_t i = 0; rc == 0 && i < answered->label_count; i++) {
        const struct ir_label_entry *entry = &answered->labels[i];
        if (!is_wanted(job, &entry->public))
            continue;
        rc = job->vocabulary != NULL ? add_under_term(&refining, entry, err)
                                     : add(&refining, &entry->public, &entry->colors, err);
    }
    if (rc == 0)
        rc = tell_untold(&refining, err);
    ir_result_free(answered);
    return rc;
}
