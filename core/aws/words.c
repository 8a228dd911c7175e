/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Splitting a command line. Each word is built in a buffer of its own; none is a secret's place,
 * but some people put one there, so all are wiped. */
#include "core/aws/words.h"

#include <stdbool.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/buf.h"
#include "core/base/error.h"

#define SPACES " \t\r\n"
#define MAX_WORD_BYTES (64U * 1024)

struct splitter {
    const char *at;
    struct ir_buf word;
};

/* The inside of a quote; false when it does not end. */
static bool take_quoted(struct splitter *splitter, char quote)
{
    for (; *splitter->at != '\0'; splitter->at++) {
        char c = *splitter->at;
        if (c == quote) {
            splitter->at++;
            return true;
        }
        char next = c == '\\' && quote == '"' ? splitter->at[1] : '\0';
        if (next == '"' || next == '\\') {
            c = next;
            splitter->at++;
        }
        ir_buf_append_char(&splitter->word, c);
    }
    return false;
}

/* One word up to the white space behind it; false when a quote or backslash does not end. */
static bool take_word(struct splitter *splitter)
{
    while (*splitter->at != '\0' && strchr(SPACES, *splitter->at) == NULL) {
        char c = *splitter->at++;
        if (c == '\'' || c == '"') {
            if (!take_quoted(splitter, c))
                return false;
            continue;
        }
        if (c == '\\') {
            c = *splitter->at;
            if (c == '\0')
                return false;
            splitter->at++;
        }
        ir_buf_append_char(&splitter->word, c);
    }
    return true;
}

static int split_into(struct splitter *splitter, char **words, struct ir_error *err)
{
    size_t count = 0;
    for (;;) {
        splitter->at += strspn(splitter->at, SPACES);
        if (*splitter->at == '\0')
            break;
        if (count == IR_WORDS_MAX)
            return ir_fail(err, IR_ERR_ARG, "it has more than %d words", IR_WORDS_MAX);
        ir_buf_clear(&splitter->word);
        if (!take_word(splitter))
            return ir_fail(err, IR_ERR_ARG, "a quote or a backslash in it has no end");
        words[count] = ir_strdup(ir_buf_text(&splitter->word));
        if (splitter->word.failed != 0 || words[count] == NULL)
            return ir_fail_nomem(err);
        count++;
    }
    return count > 0 ? 0 : ir_fail(err, IR_ERR_ARG, "it names no program");
}

int ir_words_split(const char *text, char ***out, struct ir_error *err)
{
    struct splitter splitter = {.at = text};
    char **words = ir_calloc(IR_WORDS_MAX + 1, sizeof *words);
    if (words == NULL)
        return ir_fail_nomem(err);
    ir_buf_init_secret(&splitter.word, MAX_WORD_BYTES);
    int rc = split_into(&splitter, words, err);
    ir_buf_release(&splitter.word);
    if (rc == 0)
        *out = words;
    else
        ir_words_free(words);
    return rc;
}

void ir_words_free(char **words)
{
    for (size_t i = 0; words != NULL && words[i] != NULL; i++)
        ir_free_secret(words[i]);
    ir_free(words);
}
