/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What goes to standard output and to standard error. */
#ifndef PLUGINS_BATCH_PRINT_H
#define PLUGINS_BATCH_PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include <imgrecog/result.h>

#include "plugins/batch/commands.h"

/*
 * A name, an address or other words that may be a stranger's: what controls a terminal (C0, DEL,
 * C1) becomes '?'.
 */
void print_clean(const char *text, FILE *out);
/* The same between words of our own, as a line of standard output. */
void print_clean_line(const char *before, const char *text, const char *after);

/* One line to standard error: "imgrecog: NAME: service: cause. Next step". `name` may be NULL. */
void print_error(const char *name, const struct ir_error *err);

/* Something that is no failure, to standard error. */
void print_note(const char *name, const char *words);

/* The result document, one line. 0, or a code with `err` filled. */
IR_MUST_CHECK int print_json(const struct ir_result *result, struct ir_error *err);

/* For people: the picture's name where there are several, then what was found. */
/* The name on a line of its own, before words that do not hold it. */
void print_title(const char *name);
void print_labels(const char *name, const struct ir_result *result);
void print_check(const char *name, const struct ir_result *result);
void print_caption(const struct ir_result *result);
/* What a dry run would have sent; `context`: with what is known of the picture, or NULL. */
void print_planned(const char *name, const struct ir_result *result, const char *context);
/* What this machine's recogniser found before the picture was sent, to standard error. */
void print_precheck(const char *name, const struct ir_result *result);

/* What was paid for, added up. */
struct cost_sum {
    unsigned cached; /* answers that cost nothing */
    bool is_unpriced;
    char prices_of[16];
};
void cost_sum_add(struct cost_sum *sum, const struct ir_result *result);
/*
 * "cost: $0.0012 (prices of 2026-11-20), 2 answers from the cache" to standard error, where there
 * is anything to tell and words are printed for people, or standard error is a terminal.
 */
void print_cost(const struct cost_sum *sum, double spent_usd, bool is_for_people);

/* "$0.0012": cents at least, millionths at most, rounded up: what is paid is never told as less. */
void print_usd(double usd, FILE *out);

/* What the document lacks, to standard error. */
void print_missing(const char *name, const struct ir_result *result);

/* `text` and blanks up to `columns`, counted in characters. */
void print_padded(const char *text, int columns);

/* True when all that was printed has reached its file; else `err` says why not. */
IR_MUST_CHECK int print_finish(struct ir_error *err);

#endif
