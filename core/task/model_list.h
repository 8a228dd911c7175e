/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of models as its makers see it; the public half is imgrecog/models.h. */
#ifndef CORE_TASK_MODEL_LIST_H
#define CORE_TASK_MODEL_LIST_H

#include <imgrecog/models.h>

#include "core/service/bedrock.h"
#include "core/task/models.h"
#include "core/task/prices.h"

#define IR_MODEL_LIST_TEXT_BYTES 192 /* of an id or a name; AWS's longest is 140 */
#define IR_MODEL_LIST_MAX_PAGES 5U   /* of 1,000 inference profiles */

struct ir_model_entry {
    struct ir_model_info public; /* its texts are those below, from ir_model_list_finish on */
    const struct ir_model_facts *facts; /* NULL = not in the table */
    char id[IR_MODEL_LIST_TEXT_BYTES];
    char title[IR_MODEL_LIST_TEXT_BYTES];
    char provider[IR_MODEL_LIST_TEXT_BYTES];
    char replacement[IR_MODEL_LIST_TEXT_BYTES];
    char legacy_from[11];
    char ends[11];
};

struct ir_model_list {
    struct ir_model_entry *entries;
    size_t count;
    size_t capacity;
    enum ir_models_source source;
    char region[IR_REGION_BYTES];
    bool is_embedded;
    char endpoint[IR_MODEL_LIST_TEXT_BYTES];
    char today[11]; /* "2026-11-20" */
    unsigned kinds; /* that are wanted */
    char prices_of[IR_PRICES_DATE_BYTES];
    struct ir_error lack; /* why it is not whole; code 0 = it is */
    char note[1400];
};

/* The pages of inference profiles, as they came. */
struct ir_profile_pages {
    struct ir_profiles pages[IR_MODEL_LIST_MAX_PAGES];
    size_t count;
};

/* Adds what the service listed and what the table knows beyond it. IR_ERR_NOMEM. */
IR_MUST_CHECK int ir_model_list_merge(struct ir_model_list *list, const struct ir_models *models,
                                      const struct ir_profile_pages *profiles,
                                      struct ir_error *err);
/* Fills the list from the table alone. IR_ERR_NOMEM. */
IR_MUST_CHECK int ir_model_list_take_table(struct ir_model_list *list, struct ir_error *err);
/* Sorts, adds the prices (NULL = the user has none of his own), and lets the public texts point to
 * their places: nothing is added afterwards. */
void ir_model_list_finish(struct ir_model_list *list, const struct ir_prices *prices);

#endif
