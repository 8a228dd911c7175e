/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The result document in memory: building it and freeing it. Does no I/O. */
#include "core/result/result.h"

#include <math.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/utf8.h"

#define MAX_LIST_ITEMS 1000

struct ir_result *ir_result_new(void)
{
    return ir_calloc(1, sizeof(struct ir_result));
}

/* ---- small owned things ------------------------------------------------------------------ */

static char *clean_copy(const char *text)
{
    return ir_utf8_clean(text, strlen(text), IR_RESULT_MAX_TEXT_BYTES);
}

static void string_list_release(struct ir_string_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        ir_free(list->items[i]);
    ir_free(list->items);
    *list = (struct ir_string_list){NULL, 0};
}

/* `out` must be empty; it is left so on failure. */
static int string_list_copy(const char *const *items, size_t count, struct ir_string_list *out)
{
    if (count > MAX_LIST_ITEMS)
        return IR_ERR_RESPONSE;
    if (count == 0)
        return 0;
    out->items = ir_calloc(count, sizeof *out->items);
    if (out->items == NULL)
        return IR_ERR_NOMEM;
    for (; out->count < count; out->count++) {
        out->items[out->count] = clean_copy(items[out->count]);
        if (out->items[out->count] == NULL) {
            string_list_release(out);
            return IR_ERR_NOMEM;
        }
    }
    return 0;
}

void ir_color_list_release(struct ir_color_list *list)
{
    ir_free(list->items);
    *list = (struct ir_color_list){NULL, 0};
}

static int color_list_copy(const struct ir_color_list *colors, struct ir_color_list *out)
{
    if (colors == NULL || colors->count == 0)
        return 0;
    if (colors->count > MAX_LIST_ITEMS)
        return IR_ERR_RESPONSE;
    out->items = ir_calloc(colors->count, sizeof *out->items);
    if (out->items == NULL)
        return IR_ERR_NOMEM;
    memcpy(out->items, colors->items, colors->count * sizeof *out->items);
    out->count = colors->count;
    return 0;
}

/* Room for one more item behind `count`; `*items` may move. */
static int grow(void **items, size_t count, size_t *capacity, size_t item_bytes)
{
    if (count >= IR_RESULT_MAX_ITEMS)
        return IR_ERR_RESPONSE;
    if (count < *capacity)
        return 0;
    size_t wanted = *capacity == 0 ? 16 : *capacity * 2;
    void *moved = ir_realloc(*items, wanted * item_bytes);
    if (moved == NULL)
        return IR_ERR_NOMEM;
    *items = moved;
    *capacity = wanted;
    return 0;
}

int ir_result_set_text(char **member, const char *text)
{
    char *copy = NULL;
    if (text != NULL) {
        copy = clean_copy(text);
        if (copy == NULL)
            return IR_ERR_NOMEM;
    }
    ir_free(*member);
    *member = copy;
    return 0;
}

/* ---- building ---------------------------------------------------------------------------- */

static void label_entry_release(struct ir_label_entry *entry)
{
    ir_free(entry->name);
    string_list_release(&entry->parents);
    string_list_release(&entry->categories);
    string_list_release(&entry->aliases);
    ir_color_list_release(&entry->colors);
}

int ir_result_add_label(struct ir_result *result, const struct ir_label *label,
                        const struct ir_color_list *colors)
{
    void *items = result->labels;
    int rc = grow(&items, result->label_count, &result->label_capacity, sizeof *result->labels);
    result->labels = items;
    if (rc != 0)
        return rc;
    struct ir_label_entry entry = {.public = *label};
    entry.name = clean_copy(label->name);
    if (entry.name == NULL)
        rc = IR_ERR_NOMEM;
    if (rc == 0)
        rc = string_list_copy(label->parents, label->parent_count, &entry.parents);
    if (rc == 0)
        rc = string_list_copy(label->categories, label->category_count, &entry.categories);
    if (rc == 0)
        rc = string_list_copy(label->aliases, label->alias_count, &entry.aliases);
    if (rc == 0)
        rc = color_list_copy(colors, &entry.colors);
    if (rc != 0) {
        label_entry_release(&entry);
        return rc;
    }
    entry.public.name = entry.name;
    entry.public.parents = (const char *const *)entry.parents.items;
    entry.public.categories = (const char *const *)entry.categories.items;
    entry.public.aliases = (const char *const *)entry.aliases.items;
    result->labels[result->label_count++] = entry;
    return 0;
}

void ir_result_remove_label(struct ir_result *result, size_t label_index)
{
    struct ir_label_entry *entry = &result->labels[label_index];
    label_entry_release(entry);
    result->label_count--;
    memmove(entry, entry + 1, (result->label_count - label_index) * sizeof *entry);
}

int ir_result_add_text(struct ir_result *result, const struct ir_result_text *text)
{
    void *items = result->texts;
    int rc = grow(&items, result->text_count, &result->text_capacity, sizeof *result->texts);
    result->texts = items;
    if (rc != 0)
        return rc;
    struct ir_result_text copy = *text;
    copy.text = clean_copy(text->text);
    if (copy.text == NULL)
        return IR_ERR_NOMEM;
    result->texts[result->text_count++] = copy;
    return 0;
}

int ir_result_add_face(struct ir_result *result, const struct ir_result_face *face)
{
    void *items = result->faces;
    int rc = grow(&items, result->face_count, &result->face_capacity, sizeof *result->faces);
    result->faces = items;
    if (rc != 0)
        return rc;
    struct ir_result_face copy = *face;
    copy.landmarks = NULL;
    if (face->landmark_count > MAX_LIST_ITEMS)
        return IR_ERR_RESPONSE;
    if (face->landmark_count > 0) {
        copy.landmarks = ir_calloc(face->landmark_count, sizeof *copy.landmarks);
        if (copy.landmarks == NULL)
            return IR_ERR_NOMEM;
        memcpy(copy.landmarks, face->landmarks, face->landmark_count * sizeof *copy.landmarks);
    }
    result->faces[result->face_count++] = copy;
    return 0;
}

static int add_line(struct ir_string_list *list, const char *line)
{
    if (list->count >= MAX_LIST_ITEMS)
        return IR_ERR_RESPONSE;
    char *copy = clean_copy(line);
    char **items = ir_realloc(list->items, (list->count + 1) * sizeof *items);
    if (items != NULL)
        list->items = items;
    if (copy == NULL || items == NULL) {
        ir_free(copy);
        return IR_ERR_NOMEM;
    }
    items[list->count++] = copy;
    return 0;
}

int ir_result_add_error(struct ir_result *result, const char *line)
{
    return add_line(&result->errors, line);
}

int ir_result_add_not_checked(struct ir_result *result, const char *line)
{
    return add_line(&result->check.not_checked, line);
}

int ir_result_add_precheck_missing(struct ir_result *result, const char *line)
{
    return add_line(&result->precheck.not_checked, line);
}

static void finding_release(struct ir_finding *finding)
{
    ir_free((char *)finding->kind);
    ir_free((char *)finding->name);
    ir_free((char *)finding->source);
    for (size_t i = 0; i < IR_FINDING_MAX_PARENTS; i++)
        ir_free((char *)finding->parents[i]);
}

/* Gives `finding` strings of its own. IR_ERR_NOMEM: it has some of them, or none. */
static int finding_copy(const struct ir_finding *finding, struct ir_finding *out)
{
    *out = *finding;
    out->kind = clean_copy(finding->kind);
    out->name = finding->name != NULL ? clean_copy(finding->name) : NULL;
    out->source = clean_copy(finding->source);
    bool is_whole =
        out->kind != NULL && out->source != NULL && (finding->name == NULL || out->name != NULL);
    for (size_t i = 0; i < IR_FINDING_MAX_PARENTS; i++) {
        out->parents[i] = finding->parents[i] != NULL ? clean_copy(finding->parents[i]) : NULL;
        is_whole = is_whole && (finding->parents[i] == NULL || out->parents[i] != NULL);
    }
    return is_whole ? 0 : IR_ERR_NOMEM;
}

static int add_finding(struct ir_result_check *check, const struct ir_finding *finding)
{
    void *items = check->findings;
    int rc = grow(&items, check->finding_count, &check->finding_capacity, sizeof *finding);
    check->findings = items;
    if (rc != 0)
        return rc;
    struct ir_finding copy;
    if (finding_copy(finding, &copy) != 0) {
        finding_release(&copy);
        return IR_ERR_NOMEM;
    }
    check->findings[check->finding_count++] = copy;
    return 0;
}

int ir_result_add_finding(struct ir_result *result, const struct ir_finding *finding)
{
    return add_finding(&result->check, finding);
}

/* Makes the check whole for readers. */
static int finish_check(struct ir_result_check *check, enum ir_verdict verdict, const char *reason,
                        const char *model_reason)
{
    int rc = ir_result_set_text(&check->reason, reason);
    if (rc == 0)
        rc = ir_result_set_text(&check->model_reason, model_reason);
    if (rc != 0)
        return rc;
    check->known = true;
    check->public = (struct ir_check){
        .verdict = verdict,
        .reason = check->reason,
        .model_reason = check->model_reason,
        .findings = check->findings,
        .finding_count = check->finding_count,
        .not_checked = (const char *const *)check->not_checked.items,
        .not_checked_count = check->not_checked.count,
        .unsure_count = check->unsure_count,
    };
    return 0;
}

int ir_result_add_precheck_finding(struct ir_result *result, const struct ir_finding *finding)
{
    return add_finding(&result->precheck, finding);
}

int ir_result_finish_precheck(struct ir_result *result, const char *reason)
{
    struct ir_result_check *check = &result->precheck;
    return finish_check(check, check->finding_count > 0 ? IR_VERDICT_YES : IR_VERDICT_UNKNOWN,
                        reason, NULL);
}

int ir_result_finish_check(struct ir_result *result, enum ir_verdict verdict, const char *reason,
                           const char *model_reason)
{
    return finish_check(&result->check, verdict, reason, model_reason);
}

static void check_release(struct ir_result_check *check)
{
    for (size_t i = 0; i < check->finding_count; i++)
        finding_release(&check->findings[i]);
    ir_free(check->findings);
    ir_free(check->reason);
    ir_free(check->model_reason);
    string_list_release(&check->not_checked);
}

/* "" counts as none. */
static int set_optional(char **member, const char *text)
{
    return ir_result_set_text(member, text != NULL && *text != '\0' ? text : NULL);
}

int ir_result_set_caption(struct ir_result *result, const struct ir_caption *caption)
{
    struct ir_result_caption *own = &result->caption;
    struct ir_string_list keywords = {NULL, 0};
    int rc = string_list_copy(caption->keywords, caption->keyword_count, &keywords);
    if (rc == 0) {
        string_list_release(&own->keywords);
        own->keywords = keywords;
        rc = ir_result_set_text(&own->text, caption->text);
    }
    if (rc == 0)
        rc = set_optional(&own->alt_text, caption->alt_text);
    if (rc == 0)
        rc = set_optional(&own->title, caption->title);
    own->public =
        (struct ir_caption){own->text, own->alt_text, own->title,
                            (const char *const *)own->keywords.items, own->keywords.count};
    return rc;
}

int ir_result_set_answer(struct ir_result *result, const char *text)
{
    char *copy = ir_utf8_clean_lines(text, strlen(text), IR_RESULT_MAX_ANSWER_BYTES);
    if (copy == NULL)
        return IR_ERR_NOMEM;
    ir_free(result->answer.text);
    result->answer.text = copy;
    return 0;
}

int ir_result_set_generated(struct ir_result *result, const struct ir_generated_picture *generated,
                            unsigned char *data)
{
    struct ir_result_generated *own = &result->generated;
    ir_free(own->data);
    own->data = data;
    int rc = ir_result_set_text(&own->model, generated->model);
    own->public = *generated;
    own->public.data = own->data;
    own->public.model = own->model;
    return rc;
}

static void caption_release(struct ir_result_caption *caption)
{
    ir_free(caption->text);
    ir_free(caption->alt_text);
    ir_free(caption->title);
    ir_free(caption->language);
    ir_free(caption->model);
    string_list_release(&caption->keywords);
}

static void region_release(struct ir_result_region *region)
{
    ir_color_list_release(&region->colors);
}

static void stored_release(struct ir_result_stored *stored)
{
    ir_free(stored->source);
    ir_free(stored->uri);
    ir_free(stored->etag);
    ir_free(stored->version_id);
    ir_free(stored->content_type);
    ir_free(stored->link);
}

void ir_result_free(struct ir_result *result)
{
    if (result == NULL)
        return;
    for (size_t i = 0; i < result->label_count; i++)
        label_entry_release(&result->labels[i]);
    for (size_t i = 0; i < result->text_count; i++)
        ir_free(result->texts[i].text);
    for (size_t i = 0; i < result->face_count; i++)
        ir_free(result->faces[i].landmarks);
    ir_free(result->labels);
    ir_free(result->texts);
    ir_free(result->faces);
    region_release(&result->properties.image);
    region_release(&result->properties.foreground);
    region_release(&result->properties.background);
    ir_free(result->image.source);
    ir_free(result->image.sent_uri);
    ir_free(result->label_source);
    ir_free(result->label_model_version);
    ir_free(result->text_model_version);
    ir_free(result->endpoint);
    caption_release(&result->caption);
    ir_free(result->answer.text);
    ir_free(result->answer.model);
    check_release(&result->check);
    check_release(&result->precheck);
    ir_free(result->generated.data);
    ir_free(result->generated.model);
    ir_free(result->usage.planned);
    stored_release(&result->stored);
    ir_free(result->would_store.source);
    ir_free(result->would_store.uri);
    string_list_release(&result->errors);
    ir_free(result);
}

/* ---- a dry run's requests ---------------------------------------------------------------- */

int ir_result_usage_plan(struct ir_result_usage *usage, const struct ir_planned_request *request)
{
    if (usage->planned_count >= IR_RESULT_MAX_ITEMS)
        return IR_ERR_RESPONSE;
    struct ir_planned *list = ir_realloc(usage->planned, (usage->planned_count + 1) * sizeof *list);
    if (list == NULL)
        return IR_ERR_NOMEM;
    usage->planned = list;
    struct ir_planned *planned = &list[usage->planned_count++];
    *planned = (struct ir_planned){.public = *request};
    ir_text_copy(planned->service, sizeof planned->service, request->service);
    ir_text_copy(planned->operation, sizeof planned->operation, request->operation);
    ir_text_copy(planned->host, sizeof planned->host, request->host);
    if (request->model != NULL)
        ir_text_copy(planned->model, sizeof planned->model, request->model);
    /* The list may have moved. */
    for (size_t i = 0; i < usage->planned_count; i++) {
        list[i].public.service = list[i].service;
        list[i].public.operation = list[i].operation;
        list[i].public.model = list[i].model[0] != '\0' ? list[i].model : NULL;
        list[i].public.host = list[i].host;
    }
    return 0;
}
