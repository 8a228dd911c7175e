/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The result document in memory. result.md describes its JSON.
 *
 * A result does not change once a task has returned it, so any number of threads may read it.
 * Everything handed out is borrowed and lives as long as the result. Strings are valid UTF-8
 * without control characters, whatever the server sent.
 */
#ifndef IMGRECOG_RESULT_H
#define IMGRECOG_RESULT_H

#include <stddef.h>

#include <imgrecog/error.h>
#include <imgrecog/geometry.h>
#include <imgrecog/memory.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ir_result;

/*
 * One thing seen. A Rekognition label with n instances gives n of these, each with its own box; one
 * without instances gives a single entry without a box.
 */
struct ir_label {
    const char *name;
    double confidence_pct;       /* 0..100, of this instance, or of the label when it has no box */
    double label_confidence_pct; /* 0..100, of the label */
    bool has_box;
    struct ir_box box; /* upright, clamped; meaningful when has_box */
    const char *const *parents;
    size_t parent_count;
    const char *const *categories;
    size_t category_count;
    const char *const *aliases;
    size_t alias_count;
};

/* Size of the upright picture in pixels. */
IR_PUBLIC int ir_result_width_px(const struct ir_result *result);
IR_PUBLIC int ir_result_height_px(const struct ir_result *result);

/* How many labels there are. None is an answer, too. */
IR_PUBLIC size_t ir_result_label_count(const struct ir_result *result);
/* NULL when `label_index` is not below the count. In the order in which the service gave them. */
IR_PUBLIC const struct ir_label *ir_result_get_label(const struct ir_result *result,
                                                     size_t label_index);

/*
 * The document as one line of JSON, terminated, to be freed with ir_free.
 * IR_ERR_NOMEM; IR_ERR_TOO_LARGE over 16 MiB.
 */
IR_PUBLIC IR_MUST_CHECK int ir_result_to_json(const struct ir_result *result, char **out_json,
                                              size_t *out_bytes, struct ir_error *err);

/*
 * The labels for people and scripts: one "Name: 95%" a line, each name once with its highest
 * confidence, rounded down so that 99.96 does not read as 100; terminated, no line feed at the end,
 * to be freed with ir_free. No label gives "". IR_ERR_NOMEM; IR_ERR_TOO_LARGE over 4 MiB.
 */
IR_PUBLIC IR_MUST_CHECK int ir_result_labels_text(const struct ir_result *result, char **out_text,
                                                  struct ir_error *err);

/* NULL is allowed. */
IR_PUBLIC void ir_result_free(struct ir_result *result);

#ifdef __cplusplus
}
#endif
#endif
