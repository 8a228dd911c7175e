/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An argument that takes one of some words. GIMP's own choice arguments are not used for it: a word
 * that is none of them becomes the preset there, with no more than a warning, and something else
 * than what was asked for is done and paid for.
 */
#ifndef PLUGINS_GIMP_CHOICE_H
#define PLUGINS_GIMP_CHOICE_H

#include <libgimp/gimpui.h>

#include <imgrecog/error.h>

#define CHOICE_WORDS_MOST 8

/* Words are N_() but for what stands in the argument. */
struct choice {
    const char *argument;
    const char *label;
    const char *blurb;
    /* The first is the preset; what a word means is its place. Ended by NULL. */
    struct choice_word {
        const char *word;
        const char *label;
    } words[CHOICE_WORDS_MOST + 1];
};

/* Its description names the words. */
void choice_add_argument(const struct choice *choice, GimpProcedure *procedure);

/* IR_ERR_ARG: the value is none of the words, which the hint lists. */
IR_MUST_CHECK int choice_check(const struct choice *choice, GimpProcedureConfig *config,
                               struct ir_error *err);

/* The place of the value; 0 where it is none of the words. */
int choice_of(const struct choice *choice, GimpProcedureConfig *config);

/* Shows and sets the value; one that is none of the words becomes the preset. */
GtkWidget *choice_new_combo(const struct choice *choice, GimpProcedureConfig *config);

#endif
