/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A command line taken apart into words without a shell: quotes and backslashes, nothing else. */
#ifndef CORE_AWS_WORDS_H
#define CORE_AWS_WORDS_H

#include <stddef.h>

#include <imgrecog/error.h>

#define IR_WORDS_MAX 256

/*
 * Splits as Python's shlex.split, which botocore uses: white space separates; '…' is literal; in
 * "…" a backslash stands before " and \ only; elsewhere it takes the next character as it is.
 * *out (free with ir_words_free) ends with NULL. IR_ERR_ARG: a quote or backslash without end, no
 * word, over IR_WORDS_MAX words; the message does not repeat the text. IR_ERR_NOMEM.
 */
IR_MUST_CHECK int ir_words_split(const char *text, char ***out, struct ir_error *err);
/* NULL is allowed. The words are wiped. */
void ir_words_free(char **words);

#endif
