/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A vocabulary: the words that somebody wants as labels, what else they may be called, what they
 * are called in other languages, and what stands above them. Pure. The text's grammar (README.md,
 * too):
 *
 *     # a comment
 *     Animal
 *         Dog = hound, puppy; ko: 개; de: Hund
 *             {doggy}
 *     Vehicle > Car = automobile
 *
 * One term a line. Lines further in stand under the one above them (tabs to columns of eight), and
 * so does what follows " > ". Behind "=" stand synonyms, behind ";" a language and the term in it;
 * a line in braces is a synonym of the term above, as keyword lists of photo programs have it.
 * Words are the same whatever the case of their ASCII letters, with blanks, '-' or '_' in them. A
 * word must not lead to two terms.
 */
#ifndef CORE_TASK_VOCABULARY_H
#define CORE_TASK_VOCABULARY_H

#include <stdbool.h>
#include <stddef.h>

#include <imgrecog/error.h>

#define IR_VOCABULARY_MAX_BYTES (1U << 20)
#define IR_VOCABULARY_MAX_TERMS 10000U
#define IR_VOCABULARY_MAX_WORDS 100000U /* terms, synonyms and translations */
#define IR_VOCABULARY_MAX_WORD_BYTES 256U
#define IR_VOCABULARY_MAX_DEPTH 16U

struct ir_vocabulary;

/* `name` is the file's, for messages. IR_ERR_ARG: not UTF-8, over a maximum, or a line that is
 * wrong, whose number is said. IR_ERR_NOMEM. */
IR_MUST_CHECK int ir_vocabulary_new(const char *text, size_t bytes, const char *name,
                                    struct ir_vocabulary **out, struct ir_error *err);
void ir_vocabulary_free(struct ir_vocabulary *vocabulary);

/* The term that this word means, by its name, a synonym or a translation; 0 = none. */
size_t ir_vocabulary_find(const struct ir_vocabulary *vocabulary, const char *word);
/* The term's name; in this language, or NULL where it has none there. `language` NULL: its own. */
const char *ir_vocabulary_name(const struct ir_vocabulary *vocabulary, size_t term,
                               const char *language);
/* The term above; 0 = none. */
size_t ir_vocabulary_parent(const struct ir_vocabulary *vocabulary, size_t term);
/* Whether any term has a name in this language. */
bool ir_vocabulary_has_language(const struct ir_vocabulary *vocabulary, const char *language);

#endif
