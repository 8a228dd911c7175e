/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Terms are numbered from 1 in the order in which they come. All words are kept in one list, which
 * is sorted by their plain form when the text has been read; a look-up is a binary search in it.
 */
#include "core/task/vocabulary.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/ascii.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/utf8.h"
#include "core/task/language.h"

#define SERVICE "vocabulary"
#define TAB_COLUMNS 8

struct term {
    char *name;
    size_t parent;
    size_t line; /* that names it as a term of its own; 0 = only as something above */
};

/* A word that means a term. */
struct word {
    char *text;
    char *plain;
    char *language; /* NULL = a name or a synonym */
    size_t term;
    size_t line;
    size_t order; /* in the text */
};

struct ir_vocabulary {
    struct term *terms;
    size_t term_count, term_capacity;
    struct word *words; /* sorted by `plain` */
    size_t word_count, word_capacity;
};

/* Where the reading is. */
struct reading {
    struct ir_vocabulary *vocabulary;
    const char *name;
    size_t line;
    size_t columns[IR_VOCABULARY_MAX_DEPTH]; /* of the terms that stand above the next line */
    size_t above[IR_VOCABULARY_MAX_DEPTH];
    size_t depth;
    struct ir_error *err;
};

static int fail_line(struct reading *reading, const char *cause)
{
    ir_fail(reading->err, IR_ERR_ARG, "%s, line %zu: %s", reading->name, reading->line, cause);
    ir_error_set_service(reading->err, SERVICE);
    ir_error_set_hint(reading->err,
                      "A line is: Term = synonym, synonym; ko: word. Terms further in "
                      "stand under the one above.");
    return IR_ERR_ARG;
}

/* ---- words ------------------------------------------------------------------------------- */

/* Small letters; one blank for any run of blanks, '-' and '_'. NULL when out of memory. */
static char *plain_of(const char *text)
{
    char *plain = ir_strdup(text);
    size_t bytes = 0;
    for (const char *c = text; plain != NULL && *c != '\0'; c++) {
        bool is_blank = *c == '-' || *c == '_' || ir_ascii_is_space(*c);
        if (!is_blank)
            plain[bytes++] = ir_ascii_lower(*c);
        else if (bytes > 0 && plain[bytes - 1] != ' ')
            plain[bytes++] = ' ';
    }
    while (bytes > 0 && plain[bytes - 1] == ' ')
        bytes--;
    if (plain != NULL)
        plain[bytes] = '\0';
    return plain;
}

static void word_release(struct word *word)
{
    ir_free(word->text);
    ir_free(word->plain);
    ir_free(word->language);
}

static int grow(void **items, size_t count, size_t *capacity, size_t item_bytes)
{
    if (count < *capacity)
        return 0;
    size_t wanted = *capacity > 0 ? *capacity * 2 : 64;
    void *moved = ir_realloc(*items, wanted * item_bytes);
    if (moved == NULL)
        return IR_ERR_NOMEM;
    *items = moved;
    *capacity = wanted;
    return 0;
}

/* [text, text + bytes) without blanks at its ends. */
static const char *trim(const char *text, size_t *bytes)
{
    while (*bytes > 0 && ir_ascii_is_space(*text)) {
        text++;
        (*bytes)--;
    }
    while (*bytes > 0 && ir_ascii_is_space(text[*bytes - 1]))
        (*bytes)--;
    return text;
}

/* A copy of a word that may stand in a vocabulary. */
static int copy_word(struct reading *reading, const char *text, size_t bytes, char **out)
{
    text = trim(text, &bytes);
    if (bytes == 0)
        return fail_line(reading, "a word is missing");
    if (bytes > IR_VOCABULARY_MAX_WORD_BYTES)
        return fail_line(reading, "a word has more than 256 bytes");
    *out = ir_strndup(text, bytes);
    if (*out == NULL)
        return ir_fail_nomem(reading->err);
    if (ir_words_are_plain(*out, IR_VOCABULARY_MAX_WORD_BYTES))
        return 0;
    ir_free(*out);
    *out = NULL;
    return fail_line(reading, "a word has a control character in it");
}

static int add_word(struct reading *reading, size_t term, const char *language, const char *text,
                    size_t bytes)
{
    struct ir_vocabulary *v = reading->vocabulary;
    struct word word = {.term = term, .line = reading->line, .order = v->word_count};
    void *words = v->words;
    if (v->word_count >= IR_VOCABULARY_MAX_WORDS)
        return fail_line(reading, "there are more than 100,000 words");
    int rc = copy_word(reading, text, bytes, &word.text);
    if (rc != 0)
        return rc;
    word.plain = plain_of(word.text);
    word.language = language != NULL ? ir_strdup(language) : NULL;
    rc = grow(&words, v->word_count, &v->word_capacity, sizeof *v->words);
    v->words = words;
    if (rc != 0 || word.plain == NULL || (language != NULL && word.language == NULL)) {
        word_release(&word);
        return ir_fail_nomem(reading->err);
    }
    v->words[v->word_count++] = word;
    return 0;
}

/* ---- terms ------------------------------------------------------------------------------- */

/* The term of this name under `parent`; made where there is none. */
static int take_term(struct reading *reading, size_t parent, const char *text, size_t bytes,
                     size_t *out)
{
    struct ir_vocabulary *v = reading->vocabulary;
    char *name = NULL;
    int rc = copy_word(reading, text, bytes, &name);
    if (rc != 0)
        return rc;
    for (size_t i = parent; i < v->term_count; i++) {
        if (v->terms[i].parent != parent || strcmp(v->terms[i].name, name) != 0)
            continue;
        ir_free(name);
        *out = i + 1;
        return 0;
    }
    void *terms = v->terms;
    if (v->term_count >= IR_VOCABULARY_MAX_TERMS)
        rc = fail_line(reading, "there are more than 10,000 terms");
    else if (grow(&terms, v->term_count, &v->term_capacity, sizeof *v->terms) != 0)
        rc = ir_fail_nomem(reading->err);
    v->terms = terms;
    if (rc == 0)
        rc = add_word(reading, v->term_count + 1, NULL, name, strlen(name));
    if (rc != 0) {
        ir_free(name);
        return rc;
    }
    v->terms[v->term_count++] = (struct term){.name = name, .parent = parent};
    *out = v->term_count;
    return 0;
}

/* Words between commas. */
static int take_words(struct reading *reading, size_t term, const char *language, const char *text,
                      size_t bytes)
{
    int rc = 0;
    for (size_t at = 0; rc == 0 && at <= bytes;) {
        const char *comma = memchr(text + at, ',', bytes - at);
        size_t end = comma != NULL ? (size_t)(comma - text) : bytes;
        rc = add_word(reading, term, language, text + at, end - at);
        at = end + 1;
    }
    return rc;
}

/* "ko: word, word" */
static int take_translation(struct reading *reading, size_t term, const char *text, size_t bytes)
{
    char *language = NULL;
    const char *colon = memchr(text, ':', bytes);
    if (colon == NULL)
        return fail_line(reading, "behind a semicolon stands no language with a colon");
    size_t used = (size_t)(colon - text) + 1;
    int rc = copy_word(reading, text, used - 1, &language);
    if (rc == 0)
        rc = take_words(reading, term, language, text + used, bytes - used);
    ir_free(language);
    return rc;
}

/* "A > B > C", from under `parent`. */
static int take_path(struct reading *reading, size_t parent, const char *text, size_t bytes,
                     size_t *out)
{
    size_t depth = reading->depth;
    *out = parent;
    for (size_t at = 0; at <= bytes;) {
        const char *sign = memchr(text + at, '>', bytes - at);
        size_t end = sign != NULL ? (size_t)(sign - text) : bytes;
        if (++depth > IR_VOCABULARY_MAX_DEPTH)
            return fail_line(reading, "terms stand more than 16 deep");
        int rc = take_term(reading, *out, text + at, end - at, out);
        if (rc != 0)
            return rc;
        at = end + 1;
    }
    return 0;
}

/* The columns in front of a line's first word; `*at` steps over them. */
static size_t take_indent(const char *line, size_t bytes, size_t *at)
{
    size_t columns = 0;
    for (; *at < bytes && (line[*at] == ' ' || line[*at] == '\t'); (*at)++)
        columns += line[*at] == '\t' ? TAB_COLUMNS - columns % TAB_COLUMNS : 1;
    return columns;
}

static int take_line(struct reading *reading, const char *line, size_t bytes)
{
    size_t at = 0;
    size_t term = 0;
    size_t columns = take_indent(line, bytes, &at);
    const char *text = line + at;
    size_t left = bytes - at;
    text = trim(text, &left);
    if (left == 0 || *text == '#')
        return 0;
    while (reading->depth > 0 && reading->columns[reading->depth - 1] >= columns)
        reading->depth--;
    size_t parent = reading->depth > 0 ? reading->above[reading->depth - 1] : 0;
    if (*text == '{' && text[left - 1] == '}')
        return parent > 0 ? take_words(reading, parent, NULL, text + 1, left - 2)
                          : fail_line(reading, "a synonym stands under no term");
    const char *semicolon = memchr(text, ';', left);
    size_t head = semicolon != NULL ? (size_t)(semicolon - text) : left;
    const char *equals = memchr(text, '=', head);
    int rc =
        take_path(reading, parent, text, equals != NULL ? (size_t)(equals - text) : head, &term);
    if (rc != 0)
        return rc;
    if (reading->vocabulary->terms[term - 1].line > 0)
        return fail_line(reading, "this term stands there already");
    if (reading->depth >= IR_VOCABULARY_MAX_DEPTH)
        return fail_line(reading, "terms stand more than 16 deep");
    reading->vocabulary->terms[term - 1].line = reading->line;
    reading->columns[reading->depth] = columns;
    reading->above[reading->depth++] = term;
    if (equals != NULL)
        rc = take_words(reading, term, NULL, equals + 1, (size_t)(text + head - equals) - 1);
    for (size_t from = head + 1; rc == 0 && from <= left;) {
        const char *next = memchr(text + from, ';', left - from);
        size_t end = next != NULL ? (size_t)(next - text) : left;
        rc = take_translation(reading, term, text + from, end - from);
        from = end + 1;
    }
    return rc;
}

static int by_plain(const void *left, const void *right)
{
    const struct word *a = left;
    const struct word *b = right;
    int order = strcmp(a->plain, b->plain);
    if (order != 0)
        return order;
    return a->line < b->line ? -1 : a->line > b->line;
}

/* A word may stand twice for one term (a translation that is the same), never for two. */
static int check_words(struct reading *reading)
{
    struct ir_vocabulary *v = reading->vocabulary;
    if (v->word_count > 1)
        qsort(v->words, v->word_count, sizeof *v->words, by_plain);
    for (size_t i = 1; i < v->word_count; i++) {
        if (strcmp(v->words[i].plain, v->words[i - 1].plain) != 0 ||
            v->words[i].term == v->words[i - 1].term)
            continue;
        ir_fail(reading->err, IR_ERR_ARG, "%s: \"%s\" means two terms, by line %zu and line %zu",
                reading->name, v->words[i].text, v->words[i - 1].line, v->words[i].line);
        ir_error_set_service(reading->err, SERVICE);
        ir_error_set_hint(reading->err, "Leave it with one of them.");
        return IR_ERR_ARG;
    }
    return 0;
}

int ir_vocabulary_new(const char *text, size_t bytes, const char *name, struct ir_vocabulary **out,
                      struct ir_error *err)
{
    struct ir_vocabulary *v = ir_calloc(1, sizeof *v);
    struct reading reading = {.vocabulary = v, .name = name, .err = err};
    int rc = 0;
    if (v == NULL)
        return ir_fail_nomem(err);
    if (bytes > IR_VOCABULARY_MAX_BYTES || !ir_utf8_is_valid(text, bytes))
        rc = fail_line(&reading, "the file has more than 1 MiB, or is not UTF-8");
    size_t begin = bytes >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    for (size_t at = begin; rc == 0 && at < bytes;) {
        const char *feed = memchr(text + at, '\n', bytes - at);
        size_t end = feed != NULL ? (size_t)(feed - text) : bytes;
        reading.line++;
        rc = take_line(&reading, text + at, end - at);
        at = end + 1;
    }
    if (rc == 0)
        rc = check_words(&reading);
    if (rc == 0 && v->term_count == 0)
        rc = fail_line(&reading, "there is no term in the file");
    if (rc == 0)
        *out = v;
    else
        ir_vocabulary_free(v);
    return rc;
}

void ir_vocabulary_free(struct ir_vocabulary *vocabulary)
{
    if (vocabulary == NULL)
        return;
    for (size_t i = 0; i < vocabulary->term_count; i++)
        ir_free(vocabulary->terms[i].name);
    for (size_t i = 0; i < vocabulary->word_count; i++)
        word_release(&vocabulary->words[i]);
    ir_free(vocabulary->terms);
    ir_free(vocabulary->words);
    ir_free(vocabulary);
}

/* ---- looking up -------------------------------------------------------------------------- */

/* The next character of a word's plain form; '\0' at its end. */
static char next_plain(const char **text, bool *is_begun)
{
    const char *c = *text;
    while (*c == '-' || *c == '_' || ir_ascii_is_space(*c))
        c++;
    bool is_blank = c > *text && *is_begun && *c != '\0';
    *is_begun = true;
    *text = is_blank || *c == '\0' ? c : c + 1;
    return is_blank ? ' ' : ir_ascii_lower(*c);
}

/* strcmp of a word's plain form, which is not made, and of one that is there. */
static int compare_plain(const char *word, const char *plain)
{
    bool is_begun = false;
    for (;; plain++) {
        unsigned char a = (unsigned char)next_plain(&word, &is_begun);
        unsigned char b = (unsigned char)*plain;
        if (a != b || a == '\0')
            return a < b ? -1 : a > b;
    }
}

size_t ir_vocabulary_find(const struct ir_vocabulary *vocabulary, const char *word)
{
    size_t from = 0;
    size_t to = vocabulary->word_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = compare_plain(word, vocabulary->words[middle].plain);
        if (order == 0)
            return vocabulary->words[middle].term;
        from = order > 0 ? middle + 1 : from;
        to = order > 0 ? to : middle;
    }
    return 0;
}

const char *ir_vocabulary_name(const struct ir_vocabulary *vocabulary, size_t term,
                               const char *language)
{
    if (term == 0 || term > vocabulary->term_count)
        return NULL;
    if (language == NULL)
        return vocabulary->terms[term - 1].name;
    const struct word *first = NULL;
    for (size_t i = 0; i < vocabulary->word_count; i++) {
        const struct word *word = &vocabulary->words[i];
        if (word->term == term && word->language != NULL &&
            (first == NULL || word->order < first->order) &&
            ir_language_is_same(word->language, language))
            first = word;
    }
    return first != NULL ? first->text : NULL;
}

size_t ir_vocabulary_parent(const struct ir_vocabulary *vocabulary, size_t term)
{
    return term > 0 && term <= vocabulary->term_count ? vocabulary->terms[term - 1].parent : 0;
}

bool ir_vocabulary_has_language(const struct ir_vocabulary *vocabulary, const char *language)
{
    for (size_t i = 0; i < vocabulary->word_count; i++)
        if (vocabulary->words[i].language != NULL &&
            ir_language_is_same(vocabulary->words[i].language, language))
            return true;
    return false;
}
