/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Words and lines by Tesseract. A pool of handles, one for each thread that reads at a time; every
 * reading has a deadline. Tesseract gives nothing of a page that it could not finish, so the
 * outcome says whether the picture was looked through: no words of an unfinished page mean nothing.
 */
#ifndef PLUGINS_LOCAL_TEXT_H
#define PLUGINS_LOCAL_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include <imgrecog/geometry.h>

#include "plugins/local/image.h"

#define TEXT_MIN_SIDE_PX 1000 /* smaller pictures are enlarged to about this */
#define TEXT_MAX_SIDE_PX 1568
#define TEXT_MAX_WORDS 1000 /* read; DetectText answers with 100 of them */
#define TEXT_WORD_BYTES 128
#define TEXT_MAX_HANDLES 8

struct text_word {
    char text[TEXT_WORD_BYTES]; /* UTF-8, cut at a character */
    double confidence_pct;
    struct ir_box box; /* fractions of the picture */
    int line;          /* 0.., in reading order */
    int paragraph;     /* 0.. */
};

struct text_page {
    struct text_word *words; /* in reading order; line and paragraph never fall */
    int count;
    bool finished; /* false: there may be more than these words */
};

struct text_reader;

/*
 * `languages` as Tesseract names them, "eng+kor"; NULL: English, and Korean where it is installed.
 * IR_ERR_ARG: a language is not installed; the message names it and the package.
 */
IR_MUST_CHECK int text_reader_new(const char *languages, int handle_count, struct text_reader **out,
                                  struct ir_error *err);
/* Not while somebody reads. NULL is allowed. */
void text_reader_free(struct text_reader *reader);
/* The languages that it reads, "eng+kor". Borrowed. */
const char *text_reader_languages(const struct text_reader *reader);

/* Safe in any thread. IR_ERR_TIMEOUT: nothing can be said. IR_ERR_NOMEM. */
IR_MUST_CHECK int text_read(struct text_reader *reader, const struct gray *gray,
                            int64_t deadline_ms, struct text_page *out);
void text_page_release(struct text_page *page);

/* Letters and digits of `text`; a Hangul or Han character counts as two, being a syllable or more.
 */
int text_letters(const char *text);

#endif
