/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between labels_read.c (the whole), labels_find.c (brackets) and labels_lines.c (lines). */
#ifndef CORE_TASK_LABELS_FIND_H
#define CORE_TASK_LABELS_FIND_H

#include "core/task/labels_read.h"
#include "core/task/loose.h"

struct ir_found_label {
    char *name;
    double confidence; /* as it was written; NaN = not */
    bool is_confidence_pct;
    struct ir_raw_box box;
    char **parents;
    size_t parent_count;
    size_t block; /* which of the text's bracketed blocks it stood in */
};

struct ir_found {
    struct ir_found_label *items; /* at most IR_LABELS_READ_MAX_LABELS */
    size_t count, capacity;
    size_t block_count;
    size_t nameless_count;
    bool has_list; /* a list of labels was there, if only an empty one */
    bool is_cut;   /* a list of labels breaks off */
    bool is_elided;
    bool has_confidence_over_1;
    struct ir_size stated;
    int failed; /* 0, IR_ERR_NOMEM, IR_ERR_TOO_LARGE */
};

void ir_found_init(struct ir_found *found);
void ir_found_release(struct ir_found *found);

/* Takes the labels of a value; `is_alone`: nothing else stands in the text. */
void ir_labels_find(struct ir_found *found, const struct ir_loose *loose, size_t value,
                    bool is_alone);
/* Whether the beginning of a value, which breaks off, already held labels. */
bool ir_labels_is_begun(const struct ir_loose *loose, size_t value);

/* Takes lines that name labels: "- Cat: 95 %", "1. 라벨: 고양이". */
void ir_labels_find_lines(struct ir_found *found, const char *text, size_t bytes);

/* What a key stands for; `plain` as ir_labels_plain_key gives it. */
bool ir_labels_is_name_key(const char *plain);
bool ir_labels_is_attribute_key(const char *plain);

#endif
