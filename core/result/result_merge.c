/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One document of the results of several tasks on one picture. Members move; what is copied (the
 * plan of a dry run, the list of errors) is copied first, so that nothing has moved when memory
 * runs out.
 */
#include "core/result/result.h"

#include <string.h>

#include "core/base/alloc.h"
#include "core/base/error.h"

/* What a task left in a result. */
struct outcome {
    const char *task;
    bool is_in_into;
    bool is_in_from;
};

static int check_outcomes(const struct ir_result *into, const struct ir_result *from,
                          struct ir_error *err)
{
    const struct outcome outcomes[] = {
        {"labels", into->has_labels, from->has_labels},
        {"text", into->has_text, from->has_text},
        {"faces", into->has_faces, from->has_faces},
        {"properties", into->properties.known, from->properties.known},
        {"caption", into->caption.text != NULL, from->caption.text != NULL},
        {"check", into->check.known, from->check.known},
        {"ask", into->answer.text != NULL, from->answer.text != NULL},
        {"generate", into->generated.data != NULL, from->generated.data != NULL},
    };
    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++)
        if (outcomes[i].is_in_into && outcomes[i].is_in_from)
            return ir_fail(err, IR_ERR_ARG, "both results hold the outcome of %s",
                           outcomes[i].task);
    return 0;
}

/* Appends the errors of `from`; their strings move. */
static int move_errors(struct ir_result *into, struct ir_result *from, struct ir_error *err)
{
    struct ir_string_list *to = &into->errors;
    struct ir_string_list *list = &from->errors;
    if (list->count == 0)
        return 0;
    char **items = ir_realloc(to->items, (to->count + list->count) * sizeof *items);
    if (items == NULL)
        return ir_fail_nomem(err);
    memcpy(items + to->count, list->items, list->count * sizeof *items);
    to->items = items;
    to->count += list->count;
    ir_free(list->items);
    *list = (struct ir_string_list){NULL, 0};
    return 0;
}

/* Moves a struct member that stands for one outcome; `from`'s becomes empty. */
#define MOVE(into, from, member)                                                                   \
    do {                                                                                           \
        (into)->member = (from)->member;                                                           \
        (from)->member = (__typeof__((from)->member)){0};                                          \
    } while (0)

static void move_labels(struct ir_result *into, struct ir_result *from)
{
    if (from->has_labels) {
        MOVE(into, from, labels);
        MOVE(into, from, label_count);
        MOVE(into, from, label_capacity);
        MOVE(into, from, label_model_version);
        MOVE(into, from, label_source);
        MOVE(into, from, has_labels);
    }
    if (from->has_text) {
        MOVE(into, from, texts);
        MOVE(into, from, text_count);
        MOVE(into, from, text_capacity);
        MOVE(into, from, text_model_version);
        MOVE(into, from, has_text);
    }
    if (from->has_faces) {
        MOVE(into, from, faces);
        MOVE(into, from, face_count);
        MOVE(into, from, face_capacity);
        MOVE(into, from, has_faces);
    }
    if (from->properties.known)
        MOVE(into, from, properties);
}

static void move_outcomes(struct ir_result *into, struct ir_result *from)
{
    move_labels(into, from);
    if (from->caption.text != NULL)
        MOVE(into, from, caption);
    if (from->check.known)
        MOVE(into, from, check);
    if (from->answer.text != NULL)
        MOVE(into, from, answer);
    if (from->generated.data != NULL)
        MOVE(into, from, generated);
    if (!into->precheck.known)
        MOVE(into, from, precheck);
    if (into->image.width_px == 0) { /* a task that saw no picture; its name of it may be there */
        ir_free(into->image.source);
        ir_free(into->image.sent_uri);
        MOVE(into, from, image);
    }
    into->is_held_back = into->is_held_back || from->is_held_back;
    if (into->source == NULL)
        into->source = from->source;
    if (into->endpoint == NULL)
        MOVE(into, from, endpoint);
}

static int copy_planned(struct ir_result_usage *into, const struct ir_result_usage *from,
                        struct ir_error *err)
{
    int rc = 0;
    for (size_t i = 0; i < from->planned_count && rc == 0; i++)
        rc = ir_result_usage_plan(into, &from->planned[i].public);
    return rc == 0 ? 0 : ir_fail(err, rc, "there is no room for what would be sent");
}

/* What `from` used is counted in `into` alone from now on; its plan stays its own to be freed. */
static void add_usage(struct ir_result_usage *into, struct ir_result_usage *from)
{
    into->requests += from->requests;
    into->retries += from->retries;
    into->input_tokens += from->input_tokens;
    into->output_tokens += from->output_tokens;
    into->cost_usd += from->cost_usd;
    into->maybe_cost_usd += from->maybe_cost_usd;
    into->is_unpriced = into->is_unpriced || from->is_unpriced;
    into->is_unrecorded = into->is_unrecorded || from->is_unrecorded;
    into->cached += from->cached;
    if (into->prices_of[0] == '\0')
        memcpy(into->prices_of, from->prices_of, sizeof into->prices_of);
    *from =
        (struct ir_result_usage){.planned = from->planned, .planned_count = from->planned_count};
}

int ir_result_merge(struct ir_result *into, struct ir_result *from, struct ir_error *err)
{
    size_t planned_count = into->usage.planned_count;
    int rc = check_outcomes(into, from, err);
    if (rc == 0)
        rc = copy_planned(&into->usage, &from->usage, err);
    if (rc == 0)
        rc = move_errors(into, from, err);
    if (rc != 0) {
        into->usage.planned_count = planned_count;
        return rc;
    }
    move_outcomes(into, from);
    add_usage(&into->usage, &from->usage);
    return 0;
}
