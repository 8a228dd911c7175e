/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What becomes one list: foundation models, the inference profiles that lead to them, and the
 * table. Pure; what a service said is cleaned of control characters here.
 *
 * A model is called by its own id where the service says ON_DEMAND of it; else by a profile: that
 * of the region's part of the world, else "global.", else the first that leads to it.
 */
#include "core/task/model_list.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/error.h"
#include "core/base/utf8.h"

#define GROW_ENTRIES 32U
#define GLOBAL_PREFIX "global."

static struct ir_model_entry *add(struct ir_model_list *list, struct ir_error *err)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity + GROW_ENTRIES + list->capacity / 2;
        struct ir_model_entry *entries =
            ir_realloc(list->entries, capacity * sizeof *list->entries);
        if (entries == NULL) {
            ir_fail_nomem(err);
            return NULL;
        }
        list->entries = entries;
        list->capacity = capacity;
    }
    list->entries[list->count] = (struct ir_model_entry){.facts = NULL};
    return &list->entries[list->count++];
}

/* A service's words into a fixed array, without controls; false when out of memory. */
static bool take_text(char *out, size_t out_bytes, const char *text)
{
    char *clean = ir_utf8_clean(text, strlen(text), out_bytes - 1);
    if (clean == NULL)
        return false;
    ir_text_copy(out, out_bytes, clean);
    ir_free(clean);
    return true;
}

/* The day of an RFC 3339 time; nothing when it is none. */
static void take_day(char out[11], const char *time)
{
    int64_t ms;
    if (ir_world_parse_iso_date(time, &ms))
        ir_text_copy(out, 11, time);
}

/* ---- what the table knows ---------------------------------------------------------------- */

static enum ir_model_kind kind_of_facts(const struct ir_model_facts *facts)
{
    if (facts->family == IR_FAMILY_WORDS)
        return IR_MODEL_WORDS;
    bool makes_pictures = facts->family == IR_FAMILY_SDXL || facts->task == IR_STABILITY_GENERATE;
    return makes_pictures ? IR_MODEL_IMAGE : IR_MODEL_IMAGE_SERVICE;
}

static void set_replacement(struct ir_model_entry *entry, const struct ir_model_list *list)
{
    const struct ir_model_place place = {.region = list->region};
    char id[IR_MODEL_ID_BYTES];
    const struct ir_model_facts *facts = entry->facts;
    if (facts != NULL && facts->replacement != NULL &&
        ir_model_resolve(facts->replacement, &place, id, NULL) == 0)
        ir_text_copy(entry->replacement, sizeof entry->replacement, id);
}

/* Without a word of the service: from the dates of the table. */
static void judge_by_table(struct ir_model_entry *entry, const struct ir_model_list *list)
{
    const char *end = entry->facts->end_of_life;
    if (end == NULL)
        return;
    ir_text_copy(entry->ends, sizeof entry->ends, end);
    entry->public.life = strcmp(end, list->today) <= 0 ? IR_MODEL_ENDED : IR_MODEL_LEGACY;
    set_replacement(entry, list);
}

/* "anthropic.claude-..." is Anthropic's. */
static void name_provider(struct ir_model_entry *entry)
{
    const char *id = entry->facts->base_id;
    if (ir_model_is_embedded(entry->facts))
        ir_text_copy(entry->provider, sizeof entry->provider, "imgrecog (this machine)");
    else if (strncmp(id, "anthropic.", 10) == 0)
        ir_text_copy(entry->provider, sizeof entry->provider, "Anthropic");
    else
        ir_text_copy(entry->provider, sizeof entry->provider, "Stability AI");
}

static int add_row(struct ir_model_list *list, const struct ir_model_facts *facts,
                   struct ir_error *err)
{
    const struct ir_model_place place = {.region = list->region[0] != '\0' ? list->region : NULL};
    char id[IR_MODEL_ID_BYTES];
    enum ir_model_kind kind = kind_of_facts(facts);
    if ((list->kinds & kind) == 0)
        return 0;
    int rc = ir_model_resolve(facts->base_id, &place, id, err);
    if (rc != 0)
        return rc;
    struct ir_model_entry *entry = add(list, err);
    if (entry == NULL)
        return IR_ERR_NOMEM;
    entry->facts = facts;
    entry->public.kind = kind;
    entry->public.takes_pictures = facts->family != IR_FAMILY_STABILITY ||
                                   facts->task != IR_STABILITY_GENERATE || facts->wants_mode;
    ir_text_copy(entry->id, sizeof entry->id, id);
    ir_text_copy(entry->title, sizeof entry->title, facts->title);
    name_provider(entry);
    judge_by_table(entry, list);
    return 0;
}

int ir_model_list_take_table(struct ir_model_list *list, struct ir_error *err)
{
    const struct ir_model_facts *facts;
    int rc = 0;
    list->source = IR_MODELS_FROM_TABLE;
    for (size_t i = 0; rc == 0 && (facts = ir_model_at(i)) != NULL; i++)
        if (ir_model_is_embedded(facts) == list->is_embedded)
            rc = add_row(list, facts, err);
    return rc;
}

/* ---- what the service said --------------------------------------------------------------- */

/* Of a model that is not in the table: its words can be asked for, its pictures not. */
static unsigned kind_of(const struct ir_model *model, const struct ir_model_facts *facts)
{
    if (facts != NULL)
        return kind_of_facts(facts);
    return (model->abilities & IR_MODEL_GIVES_TEXT) != 0 ? IR_MODEL_WORDS : 0;
}

/* How well a profile suits: 3 the region's, 2 the whole world's, 1 another one, 0 none of it. */
static int suits(const struct ir_profile *profile, const char *model_id, const char *region)
{
    const char *slash = strrchr(profile->model_arn, '/');
    const char *prefix = ir_model_profile_prefix(region);
    if (slash == NULL || strcmp(slash + 1, model_id) != 0 ||
        (*profile->status != '\0' && strcmp(profile->status, "ACTIVE") != 0))
        return 0;
    if (strncmp(profile->id, prefix, strlen(prefix)) == 0)
        return 3;
    return strncmp(profile->id, GLOBAL_PREFIX, sizeof GLOBAL_PREFIX - 1) == 0 ? 2 : 1;
}

/* Puts the best of a page into `best`, where it suits better than what is there. */
static void take_best(const struct ir_profiles *page, const char *model_id, const char *region,
                      const struct ir_profile **best)
{
    for (size_t i = 0; i < page->count; i++) {
        const struct ir_profile *profile = &page->items[i];
        int least = *best != NULL ? suits(*best, model_id, region) : 0;
        if (suits(profile, model_id, region) > least)
            *best = profile;
    }
}

static const char *find_profile(const struct ir_profile_pages *profiles, const char *model_id,
                                const char *region)
{
    const struct ir_profile *best = NULL;
    for (size_t i = 0; i < profiles->count; i++)
        take_best(&profiles->pages[i], model_id, region, &best);
    return best != NULL ? best->id : NULL;
}

/* The id to call; "" when the model is not to be had on demand here. */
static void choose_id(const struct ir_model_list *list, const struct ir_model *model,
                      const struct ir_profile_pages *profiles, char out[IR_MODEL_ID_BYTES])
{
    const struct ir_model_place place = {.region = list->region};
    const char *profile = find_profile(profiles, model->id, list->region);
    const struct ir_model_facts *facts = ir_model_find(model->id);
    bool needs_profile = facts != NULL && facts->needs_profile && profile != NULL;
    out[0] = '\0';
    if (!needs_profile && (model->abilities & IR_MODEL_ON_DEMAND) != 0)
        ir_text_copy(out, IR_MODEL_ID_BYTES, model->id);
    else if (profile != NULL)
        ir_text_copy(out, IR_MODEL_ID_BYTES, profile);
    else if ((model->abilities & IR_MODEL_BY_PROFILE) != 0 && list->lack.code != 0 &&
             ir_model_resolve(model->id, &place, out, NULL) != 0)
        out[0] = '\0';
}

/* The service's dates, and the table's where the service has none and they are to come. */
static void judge_life(struct ir_model_entry *entry, const struct ir_model *model,
                       const struct ir_model_list *list)
{
    const char *end = entry->facts != NULL ? entry->facts->end_of_life : NULL;
    take_day(entry->legacy_from, model->legacy_time);
    take_day(entry->ends, model->end_of_life_time);
    if (entry->ends[0] == '\0' && end != NULL && strcmp(end, list->today) > 0)
        ir_text_copy(entry->ends, sizeof entry->ends, end);
    bool is_legacy = strcmp(model->status, "LEGACY") == 0;
    entry->public.life = is_legacy ? IR_MODEL_LEGACY : IR_MODEL_ACTIVE;
    if (entry->ends[0] != '\0' && strcmp(entry->ends, list->today) <= 0)
        entry->public.life = IR_MODEL_ENDED;
    if (entry->public.life != IR_MODEL_ACTIVE || entry->ends[0] != '\0')
        set_replacement(entry, list);
}

static int add_model(struct ir_model_list *list, const struct ir_model *model,
                     const struct ir_profile_pages *profiles, struct ir_error *err)
{
    const struct ir_model_facts *facts = ir_model_find(model->id);
    unsigned kind = kind_of(model, facts);
    char id[IR_MODEL_ID_BYTES];
    choose_id(list, model, profiles, id);
    if ((list->kinds & kind) == 0 || id[0] == '\0')
        return 0;
    struct ir_model_entry *entry = add(list, err);
    if (entry == NULL)
        return IR_ERR_NOMEM;
    entry->facts = facts;
    entry->public.kind = (enum ir_model_kind)kind;
    entry->public.takes_pictures = (model->abilities & IR_MODEL_TAKES_IMAGES) != 0;
    judge_life(entry, model, list);
    bool is_taken = take_text(entry->id, sizeof entry->id, id) &&
                    take_text(entry->title, sizeof entry->title, model->name) &&
                    take_text(entry->provider, sizeof entry->provider, model->provider);
    return is_taken ? 0 : ir_fail_nomem(err);
}

static bool is_listed(const struct ir_models *models, const char *base_id)
{
    for (size_t i = 0; i < models->count; i++)
        if (strcmp(models->items[i].id, base_id) == 0)
            return true;
    return false;
}

/* Who still has an ended model in the settings is to see what replaces it. */
static bool has_ended(const struct ir_model_facts *facts, const char *today)
{
    return facts->end_of_life != NULL && strcmp(facts->end_of_life, today) <= 0;
}

int ir_model_list_merge(struct ir_model_list *list, const struct ir_models *models,
                        const struct ir_profile_pages *profiles, struct ir_error *err)
{
    const struct ir_model_facts *facts;
    int rc = 0;
    list->source = IR_MODELS_FROM_SERVICE;
    for (size_t i = 0; rc == 0 && i < models->count; i++)
        rc = add_model(list, &models->items[i], profiles, err);
    for (size_t i = 0; rc == 0 && !list->is_embedded && (facts = ir_model_at(i)) != NULL; i++)
        if (has_ended(facts, list->today) && !is_listed(models, facts->base_id))
            rc = add_row(list, facts, err);
    return rc;
}

/* ---- the end ----------------------------------------------------------------------------- */

static int compare(const void *left, const void *right)
{
    const struct ir_model_entry *a = left;
    const struct ir_model_entry *b = right;
    if (a->public.kind != b->public.kind)
        return a->public.kind < b->public.kind ? -1 : 1;
    if (a->public.life != b->public.life)
        return a->public.life < b->public.life ? -1 : 1;
    int by_provider = strcmp(a->provider, b->provider);
    return by_provider != 0 ? by_provider : strcmp(a->id, b->id);
}

static const char *or_null(const char *text)
{
    return *text != '\0' ? text : NULL;
}

/* What is free on this machine has an unknown price where another lists it. */
static void set_price(struct ir_model_entry *entry, const struct ir_prices *prices,
                      bool is_embedded)
{
    struct ir_price price = ir_price_of_model(prices, entry->id);
    struct ir_model_info *model = &entry->public;
    bool is_free = is_embedded && price.unit == IR_PRICE_FREE;
    model->input_usd = model->output_usd = model->image_usd = NAN;
    if (model->kind != IR_MODEL_WORDS && (price.unit == IR_PRICE_IMAGES || is_free))
        model->image_usd = is_free ? 0 : price.each_usd;
    if (model->kind == IR_MODEL_WORDS && (price.unit == IR_PRICE_TOKENS || is_free)) {
        model->input_usd = is_free ? 0 : price.input_usd;
        model->output_usd = is_free ? 0 : price.output_usd;
    }
}

void ir_model_list_finish(struct ir_model_list *list, const struct ir_prices *prices)
{
    const char *region = list->region[0] != '\0' ? list->region : NULL;
    char presets[2][IR_MODEL_ID_BYTES] = {"", ""};
    for (int use = IR_USE_WORDS; use <= IR_USE_IMAGES; use++) {
        const struct ir_model_place place = {region, list->is_embedded, (enum ir_model_use)use};
        if (ir_model_resolve(NULL, &place, presets[use], NULL) != 0)
            presets[use][0] = '\0';
    }
    if (list->count > 0)
        qsort(list->entries, list->count, sizeof *list->entries, compare);
    for (size_t i = 0; i < list->count; i++) {
        struct ir_model_entry *entry = &list->entries[i];
        set_price(entry, prices, list->is_embedded);
        entry->public.id = entry->id;
        entry->public.title = entry->title[0] != '\0' ? entry->title : entry->id;
        entry->public.provider = entry->provider;
        entry->public.legacy_from = or_null(entry->legacy_from);
        entry->public.ends = or_null(entry->ends);
        entry->public.replacement = or_null(entry->replacement);
        entry->public.is_preset =
            strcmp(ir_model_base(entry->id), ir_model_base(presets[0])) == 0 ||
            strcmp(ir_model_base(entry->id), ir_model_base(presets[1])) == 0;
    }
}
