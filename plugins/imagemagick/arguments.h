/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the user asked for: the words after -process imgrecog, and -define imgrecog:KEY=VALUE. */
#ifndef IMAGEMAGICK_ARGUMENTS_H
#define IMAGEMAGICK_ARGUMENTS_H

#include <stdbool.h>

#include <MagickCore/MagickCore.h>

#include <imgrecog/settings.h>

/* Results, which come back as artifacts under the same prefix as the settings go in. */
#define ARTIFACT_JSON "imgrecog:json"
#define ARTIFACT_LABELS "imgrecog:labels"
#define ARTIFACT_ERROR "imgrecog:error"

struct arguments {
    bool help;                    /* print the settings and do nothing else */
    struct ir_settings *settings; /* owned */
};

/*
 * Reads file and environment, over them the definitions that `image` carries, over them the words.
 * `image` (borrowed) is the first of the list: definitions belong to the command, so every image
 * has the same. Release `out` afterwards, on failure too.
 * IR_ERR_ARG: no such word or key (the message lists those that exist), or a value out of range.
 */
IR_MUST_CHECK int arguments_init(struct arguments *out, const Image *image, int word_count,
                                 const char *const *words, struct ir_error *err);
void arguments_release(struct arguments *arguments);

/* Writes the words that exist, one a line, to stderr: stdout may be the picture's. */
void arguments_print_help(void);

#endif
