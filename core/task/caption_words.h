/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The words of a caption as they come, out of a JSON object that is still being written: what
 * stands in the string behind "caption", unescaped.
 */
#ifndef CORE_TASK_CAPTION_WORDS_H
#define CORE_TASK_CAPTION_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ir_caption_words {
    void (*on_text)(void *context, const char *text, size_t bytes);
    void *context;
    int state;       /* of the reader, see caption_words.c */
    size_t matched;  /* characters of the member's name */
    uint32_t code;   /* of a \u escape */
    unsigned digits; /* of it that have come */
    uint32_t high;   /* the first half of a surrogate pair; 0 = none */
    bool has_told;   /* on_text has been called */
    char ready[256]; /* words not told yet */
    size_t ready_bytes;
};

void ir_caption_words_init(struct ir_caption_words *words,
                           void (*on_text)(void *context, const char *text, size_t bytes),
                           void *context);
/* Takes the next piece of the model's answer; `context` is the reader. The signature of
 * ir_converse_stream's on_text. */
void ir_caption_words_take(void *context, const char *text, size_t bytes);

#endif
