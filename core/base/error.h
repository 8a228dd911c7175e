/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Filling struct ir_error: once, where a failure is discovered. */
#ifndef CORE_BASE_ERROR_H
#define CORE_BASE_ERROR_H

#include <imgrecog/error.h>

/*
 * Clears `err`, sets code and message (printf) and returns `code`, so that a caller can write
 * `return ir_fail(err, IR_ERR_ARG, "...")`. `err` may be NULL. `code` must be negative.
 */
int ir_fail(struct ir_error *err, int code, const char *format, ...) IR_PRINTF(3, 4);
int ir_fail_nomem(struct ir_error *err);
/* ir_fail with whom it concerns, cause and next step, all borrowed. */
int ir_fail_with(struct ir_error *err, int code, const char *service, const char *cause,
                 const char *hint);

/* Add to an error that is already filled. Nothing happens when `err` is NULL. */
void ir_error_set_hint(struct ir_error *err, const char *format, ...) IR_PRINTF(2, 3);
void ir_error_set_service(struct ir_error *err, const char *service);
/* Appends to the message, as far as there is room. */
void ir_error_add_words(struct ir_error *err, const char *words);

/* Copies at most out_bytes - 1 bytes, cut at a UTF-8 character, always terminated. */
void ir_text_copy(char *out, size_t out_bytes, const char *text);

#endif
