/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A reader of what is nearly JSON, as people and models write it: keys and words without quotes,
 * single and typographic quotes, quotes inside quotes, commas too many or too few, comments,
 * tuples, numbers with % or px, full-width punctuation, an ellipsis where items were left out. It
 * never guesses at what breaks off: that is told. Nothing here knows what a label is.
 */
#ifndef CORE_TASK_LOOSE_H
#define CORE_TASK_LOOSE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"

#define IR_LOOSE_MAX_DEPTH 24
#define IR_LOOSE_MAX_VALUES 60000U
#define IR_LOOSE_MAX_KEY_BYTES 128U
#define IR_LOOSE_MAX_BARE_BYTES 256U /* of a word without quotes */

enum ir_loose_kind {
    IR_LOOSE_NOTHING, /* null, true, false, or no value at all */
    IR_LOOSE_TEXT,
    IR_LOOSE_NUMBER,
    IR_LOOSE_LIST,
    IR_LOOSE_OBJECT,
};

struct ir_loose_value {
    enum ir_loose_kind kind;
    size_t key;     /* where its name begins in `text`; of members only */
    size_t text;    /* of a text */
    bool is_quoted; /* of a text */
    double number;  /* of a number */
    char unit;      /* of a number: '%', 'p' for px, 0 */
    size_t first;   /* of a list or an object: its first item; 0 = it is empty */
    size_t next;    /* the neighbour; 0 = it is the last */
    size_t item_count;
};

/* What was read. Values are numbered from 1; 0 is none. */
struct ir_loose {
    struct ir_loose_value *values;
    size_t count, capacity;
    struct ir_buf text; /* all names and texts, each with a NUL */
    size_t steps_left;  /* characters that may still be looked at, over all attempts */
    int failed;         /* 0, IR_ERR_NOMEM, or IR_ERR_RESPONSE: too many values or attempts */
    bool is_cut;        /* the last attempt came to the text's end within a list or an object */
    bool is_elided;     /* "..." stood in place of items */
};

/* `bytes` of text are to be read, in any number of attempts. */
void ir_loose_init(struct ir_loose *loose, size_t bytes);
void ir_loose_release(struct ir_loose *loose);

/*
 * Reads the list or object that begins at text[at], which is '[' or '{'. Gives its number, with
 * *out_end behind it; 0 when there is none (what the attempt made is forgotten). With is_cut the
 * number of what there was of it, which counts for nothing but telling so.
 */
size_t ir_loose_read(struct ir_loose *loose, const char *text, size_t bytes, size_t at,
                     size_t *out_end);

const struct ir_loose_value *ir_loose_at(const struct ir_loose *loose, size_t index);
/* The name of a member, the text of a text; "" for others. Borrowed until the next attempt. */
const char *ir_loose_key(const struct ir_loose *loose, size_t index);
const char *ir_loose_text(const struct ir_loose *loose, size_t index);

/*
 * The numbers in words, "(10, 20)" or "12.5 %": at most `max`, each with its unit ('%', 'p' or 0).
 */
size_t ir_loose_numbers(const char *text, double *out, char *out_units, size_t max);

#endif
