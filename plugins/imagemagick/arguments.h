/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the user asked for: the words after -process imgrecog, and -define imgrecog:KEY=VALUE. */
#ifndef IMAGEMAGICK_ARGUMENTS_H
#define IMAGEMAGICK_ARGUMENTS_H

#include <stdbool.h>

#include <MagickCore/MagickCore.h>

#include <imgrecog/settings.h>

struct arguments {
    bool help; /* print the settings and do nothing else */
    /* IR_SETTING_LABELS, _CAPTION, _CHECK, _ASK, _GENERATE, _UPLOAD. This and the next three are
     * known as far as they were read even when arguments_init failed. */
    unsigned tasks;
    bool may_mean_check; /* a word is nothing that exists, or a setting of check alone */
    bool fail_closed;
    bool dry_run;
    struct ir_settings *settings; /* owned */
};

/*
 * Reads file and environment, over them the definitions that `image` carries, over them the words.
 * `image` (borrowed) is the first of the list: definitions belong to the command, so every image
 * has the same. Release `out` afterwards, on failure too.
 * IR_ERR_ARG: no such task or key (the message lists those that exist), a value out of range, a
 * word of a task that is not asked for, a task without the text that it needs.
 */
IR_MUST_CHECK int arguments_init(struct arguments *out, const Image *image, int word_count,
                                 const char *const *words, struct ir_error *err);
void arguments_release(struct arguments *arguments);

/* The setting's value is a word for true. */
bool arguments_is_on(const struct arguments *arguments, const char *key);
/* `word` is one of the words of the setting's value, which has commas between them. */
bool arguments_has_word(const struct arguments *arguments, const char *key, const char *word);

/*
 * A picture that could not be checked is made unusable: where check was, or may have been, among
 * the tasks. A dry run leaves it alone: it passes for nothing.
 */
bool arguments_want_blank(const struct arguments *arguments);

/*
 * Writes the words that exist, or those of the tasks that were named, one a line, to stderr: stdout
 * may be the picture's.
 */
void arguments_print_help(const struct arguments *arguments);

#endif
