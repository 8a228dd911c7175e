/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a month's requests cost, by the ledger that clients keep (client.h, `ledger`), in
 * $XDG_STATE_HOME/imgrecog/ledger.sqlite or ~/.local/state/imgrecog/ledger.sqlite. Reckoned from
 * the price table and what services said they used: AWS's bill is what counts.
 */
#ifndef IMGRECOG_COST_H
#define IMGRECOG_COST_H

#include <imgrecog/error.h>
#include <imgrecog/memory.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The requests of one operation, model and endpoint. */
struct ir_cost_line {
    const char *service;   /* "rekognition", "bedrock_runtime" */
    const char *operation; /* "DetectLabels" */
    const char *model;     /* the id that was called; NULL = none */
    const char *endpoint;  /* "aws" or a URL */
    long long requests;    /* that were or may have been served */
    long long maybe;    /* of these: nobody knows whether they were charged, or still under way */
    long long unpriced; /* of these: without a known price, and not in the sums */
    double cost_usd;    /* of those that were answered */
    double maybe_cost_usd; /* more than that, at most */
    long long input_tokens;
    long long output_tokens;
};

struct ir_cost;

/*
 * Reads the ledger of this user. `month` is "2026-11"; NULL = this month (UTC). A month without
 * requests, or no ledger at all, gives a report without lines. IR_ERR_ARG: no month, or the file
 * cannot be read; IR_ERR_TIMEOUT: another program held it too long; IR_ERR_RESPONSE: it is damaged,
 * and the hint says what to do; IR_ERR_NOMEM.
 */
IR_PUBLIC IR_MUST_CHECK int ir_cost_new(const char *month, struct ir_cost **out,
                                        struct ir_error *err);
/* "2026-11", borrowed. */
IR_PUBLIC const char *ir_cost_month(const struct ir_cost *cost);
/* NULL past the last; the dearest first. Borrowed. */
IR_PUBLIC const struct ir_cost_line *ir_cost_get_line(const struct ir_cost *cost,
                                                      size_t line_index);
/* The sum of all lines, without names. Borrowed. */
IR_PUBLIC const struct ir_cost_line *ir_cost_total(const struct ir_cost *cost);
/*
 * {"schema":"imgrecog-cost/1","month":...,"lines":[...],"total":{...}} in one line, terminated;
 * free with ir_free. IR_ERR_NOMEM, IR_ERR_TOO_LARGE.
 */
IR_PUBLIC IR_MUST_CHECK int ir_cost_to_json(const struct ir_cost *cost, char **out_json,
                                            struct ir_error *err);
/* NULL is allowed. */
IR_PUBLIC void ir_cost_free(struct ir_cost *cost);

#ifdef __cplusplus
}
#endif
#endif
