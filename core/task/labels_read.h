/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Labels out of what a model printed, in whatever form: JSON and nearly JSON (loose.h) anywhere
 * between words and code fences, lists of lines, keys in English and Korean, Rekognition's own
 * form, an answer within an answer. Pure.
 *
 * What is assumed of boxes:
 * - Four numbers are left, top, right, bottom; where one of the answer's boxes would then end
 * before it begins, all are left, top, width, height. A key that says more (bbox_xywh, box_2d) is
 * obeyed.
 * - Corners may come in any order. Where every TopLeft lies at a larger y than its BottomLeft, y
 *   counts from the bottom upwards; where only some do, those boxes contradict the others and go.
 * - Numbers of which none is over 1 are fractions; those with % are percent; all others pixels. Of
 *   which picture: the size that the answer itself states, else the one as the model saw it, else,
 *   where a box is too large for that, the one that was sent, else the original, else thousandths.
 * One way for all boxes of an answer, since a model speaks one language at a time.
 */
#ifndef CORE_TASK_LABELS_READ_H
#define CORE_TASK_LABELS_READ_H

#include "core/result/result.h"

#define IR_LABELS_READ_MAX_LABELS 5000U
#define IR_LABELS_READ_MAX_BYTES (4U << 20)
#define IR_LABELS_READ_MAX_NAME_BYTES 256U

struct ir_size {
    int width_px;
    int height_px;
};

/* The upright picture in its three sizes; 0 = as the one before it. */
struct ir_labels_view {
    struct ir_size seen; /* by the model, which makes large ones smaller before it looks */
    struct ir_size sent;
    struct ir_size original;
};

/*
 * Adds what `text` holds to result->labels, each box with its own entry, in the text's order, a
 * confidence of NaN where none was said; and to result->errors what could not be understood and was
 * left out. An empty list is an answer. IR_ERR_RESPONSE: no list of labels, or one that breaks off;
 * `service` (static) names who answered, and that it was charged is said. IR_ERR_NOMEM. On failure
 * `result` may hold a part.
 */
IR_MUST_CHECK int ir_labels_read(const char *text, const struct ir_labels_view *view,
                                 const char *service, struct ir_result *result,
                                 struct ir_error *err);

/* ---- between labels_read.c and labels_boxes.c -------------------------------------------- */

/* How a box was written. */
enum ir_raw_form {
    IR_RAW_NONE,
    IR_RAW_EDGES,       /* left, top, right, bottom */
    IR_RAW_SIZES,       /* left, top, width, height */
    IR_RAW_FOUR,        /* one of the two */
    IR_RAW_THOUSANDTHS, /* edges, in thousandths */
    IR_RAW_BAD,         /* a box stands there, and nobody can tell where it lies */
};

struct ir_raw_box {
    enum ir_raw_form form;
    double numbers[4];
    bool is_pct;      /* written with % */
    bool has_corners; /* TopLeft and BottomLeft, or the right ones */
    bool is_upward;   /* the top's y is the larger one */
};

struct ir_raw_boxes {
    struct ir_size stated; /* by the answer; 0 = not */
    size_t bad_count;      /* of ir_raw_boxes_settle: boxes that were given up */
    bool has_no_scale;     /* they lie outside of every size */
};

struct ir_loose;
/*
 * The box that a value is: an object of corners, edges or sizes, a list of numbers or points, words
 * with numbers in them. `key` is the name under which it stood, as ir_labels_plain_key gives it.
 * IR_RAW_NONE when the value is no box at all.
 */
struct ir_raw_box ir_raw_box_read(const struct ir_loose *loose, size_t value, const char *key);

/*
 * Turns all boxes (`count` of them, those of form NONE and BAD too) into fractions of the upright
 * picture by what they have in common: `out[i]` is set and true given where box i is one.
 */
void ir_raw_boxes_settle(struct ir_raw_boxes *boxes, const struct ir_raw_box *raw, size_t count,
                         const struct ir_labels_view *view, struct ir_box *out, bool *out_is_box);

/* A key without case, blanks, '_' and '-': "Top-Left" and "top_left" are "topleft". */
#define IR_PLAIN_KEY_BYTES 64
void ir_labels_plain_key(const char *key, char out[IR_PLAIN_KEY_BYTES]);
/* Whether `plain` is one of the words of `list`, which ends with NULL. */
bool ir_labels_is_one_of(const char *plain, const char *const *list);

#endif
