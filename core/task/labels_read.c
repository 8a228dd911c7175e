/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finds the labels in what loose.c reads. Every '[' and '{' of the text is tried; what turns out to
 * hold labels is taken and stepped over, everything else is prose. Where there is no bracket with
 * labels in it, lines are (labels_lines.c).
 */
#include "core/task/labels_read.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/base/alloc.h"
#include "core/base/ascii.h"
#include "core/base/error.h"
#include "core/task/labels_find.h"
#include "core/task/loose.h"

#define MAX_LAYERS 4 /* an answer within an answer within ... */
#define MAX_LINE_BYTES 256

void ir_found_init(struct ir_found *found)
{
    *found = (struct ir_found){0};
}

void ir_found_release(struct ir_found *found)
{
    for (size_t i = 0; i < found->count; i++) {
        ir_free(found->items[i].name);
        for (size_t p = 0; p < found->items[i].parent_count; p++)
            ir_free(found->items[i].parents[p]);
        ir_free(found->items[i].parents);
    }
    ir_free(found->items);
    *found = (struct ir_found){0};
}

/* ---- one text ---------------------------------------------------------------------------- */

static void fail_found(struct ir_found *found, const struct ir_loose *loose)
{
    if (loose->failed == IR_ERR_NOMEM)
        found->failed = IR_ERR_NOMEM;
    else if (loose->failed != 0)
        found->failed = IR_ERR_TOO_LARGE;
}

/* Blanks, a code fence and its language. */
static bool is_wrapping(const char *text, size_t bytes)
{
    for (size_t at = 0; at < bytes;) {
        bool is_language = bytes - at >= 4 && strncasecmp(text + at, "json", 4) == 0;
        if (!is_language && !ir_ascii_is_space(text[at]) && text[at] != '`')
            return false;
        at += is_language ? 4 : 1;
    }
    return true;
}

/* All brackets of `text`, one after another. */
static void find_in_brackets(struct ir_found *found, struct ir_loose *loose, const char *text,
                             size_t bytes)
{
    for (size_t at = 0; at < bytes && found->failed == 0 && !found->is_cut;) {
        size_t end = at;
        if (text[at] != '[' && text[at] != '{') {
            at++;
            continue;
        }
        size_t value = ir_loose_read(loose, text, bytes, at, &end);
        fail_found(found, loose);
        size_t before = found->count;
        bool was_list = found->has_list;
        found->block_count++;
        if (value > 0 && !loose->is_cut)
            ir_labels_find(found, loose, value,
                           is_wrapping(text, at) && is_wrapping(text + end, bytes - end));
        else if (value > 0)
            found->is_cut = ir_labels_is_begun(loose, value);
        bool is_taken = found->count > before || found->has_list != was_list;
        found->is_elided |= is_taken && loose->is_elided;
        loose->is_elided = false;
        at = value > 0 && is_taken ? end : at + 1;
    }
}

static void find(struct ir_found *found, const char *text, size_t bytes, int layer);

/* Texts in the answer's brackets that hold an answer themselves: a function that hands on JSON. */
static void find_in_texts(struct ir_found *found, const struct ir_loose *loose, int layer)
{
    for (size_t i = 1; i <= loose->count && found->count == 0 && !found->has_list; i++) {
        const char *text = ir_loose_text(loose, i);
        if (ir_loose_at(loose, i)->kind == IR_LOOSE_TEXT && strpbrk(text, "[{\n") != NULL)
            find(found, text, strlen(text), layer + 1);
    }
}

static void find(struct ir_found *found, const char *text, size_t bytes, int layer)
{
    struct ir_loose loose;
    if (layer >= MAX_LAYERS || found->failed != 0)
        return;
    ir_loose_init(&loose, bytes);
    find_in_brackets(found, &loose, text, bytes);
    bool is_found = found->count > 0 || found->has_list || found->is_cut;
    if (!is_found && found->failed == 0)
        find_in_texts(found, &loose, layer);
    ir_loose_release(&loose);
    is_found = found->count > 0 || found->has_list || found->is_cut;
    if (!is_found && found->failed == 0)
        ir_labels_find_lines(found, text, bytes);
}

/* ---- the result -------------------------------------------------------------------------- */

/* In percent: where none is over 1, they were probabilities. */
static double confidence_pct(const struct ir_found *found, const struct ir_found_label *label)
{
    double value = label->confidence;
    if (!found->has_confidence_over_1 && !label->is_confidence_pct)
        value *= 100.0;
    return value >= 0.0 && value <= 100.0 ? value : NAN;
}

/* `many` stands behind the number. */
static int add_note(struct ir_result *result, size_t count, const char *one, const char *many)
{
    char line[MAX_LINE_BYTES];
    if (count == 0)
        return 0;
    snprintf(line, sizeof line, "%zu %s", count, many);
    return ir_result_add_error(result, count == 1 ? one : line);
}

static int add_notes(const struct ir_found *found, const struct ir_raw_boxes *boxes,
                     struct ir_result *result)
{
    int rc = add_note(result, found->nameless_count,
                      "an entry of the answer's list has no name and was left out",
                      "entries of the answer's list have no name and were left out");
    if (rc == 0 && boxes->has_no_scale)
        rc = ir_result_add_error(result, "boxes of the answer lie outside the picture, whatever "
                                         "its size, and were left out");
    if (rc == 0)
        rc = add_note(result, boxes->bad_count,
                      "a label's box could not be understood and was left out",
                      "boxes of labels could not be understood and were left out");
    if (rc == 0 && found->is_elided)
        rc = ir_result_add_error(result, "the answer says with dots that its list goes on: more "
                                         "was seen than is here");
    return rc;
}

static bool is_same(const struct ir_found_label *a, const struct ir_found_label *b)
{
    bool is_same = strcmp(a->name, b->name) == 0 && a->box.form == b->box.form;
    for (size_t i = 0; i < 4 && is_same; i++)
        is_same = a->box.numbers[i] == b->box.numbers[i];
    return is_same;
}

/* Models repeat a list when they are asked to think first. */
static bool is_repeated(const struct ir_found *found, size_t index)
{
    size_t from = found->items[index].block;
    for (size_t i = 0; i < index && found->items[i].block != from; i++)
        if (is_same(&found->items[i], &found->items[index]))
            return true;
    return false;
}

static int add_labels(const struct ir_found *found, const struct ir_box *boxes, const bool *is_box,
                      struct ir_result *result)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < found->count; i++) {
        const struct ir_found_label *from = &found->items[i];
        if (is_repeated(found, i))
            continue;
        struct ir_label label = {
            .name = from->name,
            .confidence_pct = confidence_pct(found, from),
            .has_box = is_box[i],
            .box = boxes[i],
            .parents = (const char *const *)from->parents,
            .parent_count = from->parent_count,
        };
        label.label_confidence_pct = label.confidence_pct;
        rc = ir_result_add_label(result, &label, NULL);
    }
    return rc;
}

static int settle(const struct ir_found *found, const struct ir_labels_view *view,
                  struct ir_result *result)
{
    struct ir_raw_boxes all = {.stated = found->stated};
    struct ir_raw_box *raw = ir_calloc(found->count + 1, sizeof *raw);
    struct ir_box *boxes = ir_calloc(found->count + 1, sizeof *boxes);
    bool *is_box = ir_calloc(found->count + 1, sizeof *is_box);
    int rc = raw != NULL && boxes != NULL && is_box != NULL ? 0 : IR_ERR_NOMEM;
    if (rc == 0) {
        for (size_t i = 0; i < found->count; i++)
            raw[i] = found->items[i].box;
        ir_raw_boxes_settle(&all, raw, found->count, view, boxes, is_box);
        rc = add_labels(found, boxes, is_box, result);
    }
    if (rc == 0)
        rc = add_notes(found, &all, result);
    ir_free(is_box);
    ir_free(boxes);
    ir_free(raw);
    return rc;
}

static int fail_answer(const char *cause, const char *service, struct ir_error *err)
{
    ir_fail(err, IR_ERR_RESPONSE, "%s; it was charged all the same", cause);
    ir_error_set_service(err, service);
    ir_error_set_hint(err,
                      "Try again, ask for a JSON array in the prompt, or set model to one that "
                      "can be held to a form.");
    if (err != NULL)
        err->maybe_served = true;
    return IR_ERR_RESPONSE;
}

static int judge(const struct ir_found *found, const char *service, struct ir_error *err)
{
    int rc = 0;
    if (found->failed == IR_ERR_NOMEM) {
        rc = ir_fail_nomem(err);
        if (err != NULL)
            err->maybe_served = true;
    } else if (found->failed != 0) {
        rc = fail_answer("the answer is longer or more tangled than can be read", service, err);
    } else if (found->is_cut) {
        rc = fail_answer("the answer's list of labels breaks off", service, err);
    } else if (found->count == 0 && (!found->has_list || found->nameless_count > 0)) {
        rc = fail_answer("the answer holds no list of labels that can be understood", service, err);
    }
    return rc;
}

int ir_labels_read(const char *text, const struct ir_labels_view *view, const char *service,
                   struct ir_result *result, struct ir_error *err)
{
    size_t bytes = strlen(text);
    struct ir_found found;
    ir_found_init(&found);
    if (bytes > IR_LABELS_READ_MAX_BYTES)
        found.failed = IR_ERR_TOO_LARGE;
    find(&found, text, bytes, 0);
    int rc = judge(&found, service, err);
    if (rc == 0) {
        result->has_labels = true;
        rc = settle(&found, view, result);
        if (rc == IR_ERR_NOMEM)
            rc = ir_fail_nomem(err);
        else if (rc != 0)
            rc = fail_answer("the answer has more labels than a result can hold", service, err);
        if (rc != 0 && err != NULL)
            err->maybe_served = true;
    }
    ir_found_release(&found);
    return rc;
}
