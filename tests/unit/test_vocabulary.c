/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vocabulary files: what they may say, what a word then means, and what is refused. */
#include "tests/unit/unit.h"

#include "core/base/buf.h"
#include "core/task/vocabulary.h"

static const char file[] = "\xef\xbb\xbf# ours\r\n"
                           "\r\n"
                           "Animal; ko: 동물\r\n"
                           "    Dog = hound, small dog; ko: 개, 강아지; de: Hund\r\n"
                           "        {doggy, pooch}\r\n"
                           "        Poodle\r\n"
                           "    Cat\r\n"
                           "\tBird\r\n" /* a tab is eight columns: under Cat */
                           "Vehicle > Land vehicle > Car = automobile\r\n"
                           "Vehicle\r\n"
                           "  Boat";

struct word_row {
    const char *name;
    const char *word;
    const char *path; /* "Dog < Animal"; "" = no term */
    const char *language;
};

static const struct word_row word_rows[] = {
    {"word: a term", "Dog", "Dog < Animal", NULL},
    {"word: in another case", "dOG", "Dog < Animal", NULL},
    {"word: a synonym", "hound", "Dog < Animal", NULL},
    {"word: signs and blanks", "  small__dog-", "Dog < Animal", NULL},
    {"word: in braces", "pooch", "Dog < Animal", NULL},
    {"word: a translation", "강아지", "Dog < Animal", NULL},
    {"word: deeper", "poodle", "Poodle < Dog < Animal", NULL},
    {"word: by a tab", "bird", "Bird < Cat < Animal", NULL},
    {"word: by a path", "automobile", "Car < Land vehicle < Vehicle", NULL},
    {"word: above in a path", "land-vehicle", "Land vehicle < Vehicle", NULL},
    {"word: under what a path named", "boat", "Boat < Vehicle", NULL},
    {"word: in Korean", "hound", "개 < 동물", "Korean"},
    {"word: in German, as far as it is known", "hund", "Hund < Animal", "de"},
    {"word: none", "horse", "", NULL},
    {"word: a part of one", "do", "", NULL},
    {"word: nothing", "", "", NULL},
    {"word: signs alone", "-_ ", "", NULL},
};

static void test_word(void **state)
{
    const struct word_row *row = *state;
    struct ir_vocabulary *vocabulary = NULL;
    struct ir_error err = {0};
    struct ir_buf path;
    if (ir_vocabulary_new(file, sizeof file - 1, "words", &vocabulary, &err) != 0)
        fail_msg("%s", err.message);
    ir_buf_init(&path, 1024);
    for (size_t term = ir_vocabulary_find(vocabulary, row->word); term != 0;
         term = ir_vocabulary_parent(vocabulary, term)) {
        const char *name = ir_vocabulary_name(vocabulary, term, row->language);
        if (name == NULL)
            name = ir_vocabulary_name(vocabulary, term, NULL);
        ir_buf_appendf(&path, "%s%s", path.bytes > 0 ? " < " : "", name);
    }
    assert_string_equal(ir_buf_text(&path), row->path);
    assert_true(ir_vocabulary_has_language(vocabulary, "ko-KR"));
    assert_false(ir_vocabulary_has_language(vocabulary, "fr"));
    ir_buf_release(&path);
    ir_vocabulary_free(vocabulary);
}

struct refusal_row {
    const char *name;
    const char *text;
    const char *says;
};

static const struct refusal_row refusal_rows[] = {
    {"refused: nothing", "# only this\n", "no term"},
    {"refused: not UTF-8", "Caf\xe9\n", "UTF-8"},
    {"refused: a term twice", "Dog\nCat\nDog\n", "line 3: this term stands there already"},
    {"refused: a word for two terms", "Dog = hound\nWolf = Hound\n",
     "\"Hound\" means two terms, by line 1 and line 2"},
    {"refused: a term under two others", "A > X\nB > X\n", "\"X\" means two terms"},
    {"refused: an empty synonym", "Dog = hound,,puppy\n", "line 1: a word is missing"},
    {"refused: an empty term", "Dog > > Cat\n", "a word is missing"},
    {"refused: nothing behind an equals sign", "Dog =\n", "a word is missing"},
    {"refused: a translation without language", "Dog; Hund\n", "no language"},
    {"refused: a synonym under nothing", "{hound}\n", "under no term"},
    {"refused: a control character", "Do\001g\n", "control character"},
    {"refused: deep", "a>b>c>d>e>f>g>h>i>j>k>l>m>n>o>p>q\n", "more than 16 deep"},
};

static void test_refused(void **state)
{
    const struct refusal_row *row = *state;
    struct ir_vocabulary *vocabulary = NULL;
    struct ir_error err = {0};
    assert_int_equal(ir_vocabulary_new(row->text, strlen(row->text), "words", &vocabulary, &err),
                     IR_ERR_ARG);
    assert_null(vocabulary);
    assert_string_equal(err.service, "vocabulary");
    if (strstr(err.message, row->says) == NULL || err.hint[0] == '\0')
        fail_msg("%s", err.message);
}

struct bound_row {
    const char *name;
    size_t terms;
    const char *says; /* NULL = it is read */
};

static const struct bound_row bound_rows[] = {
    {"bound: 10,000 terms", 10000, NULL},
    {"bound: 10,001 terms", 10001, "10,000 terms"},
};

static void test_bound(void **state)
{
    const struct bound_row *row = *state;
    struct ir_vocabulary *vocabulary = NULL;
    struct ir_error err = {0};
    struct ir_buf text;
    ir_buf_init(&text, 2U << 20);
    for (size_t i = 0; i < row->terms; i++)
        ir_buf_appendf(&text, "term %zu\n", i);
    int rc = ir_vocabulary_new(ir_buf_text(&text), text.bytes, "words", &vocabulary, &err);
    assert_int_equal(rc, row->says == NULL ? 0 : IR_ERR_ARG);
    if (row->says != NULL)
        assert_non_null(strstr(err.message, row->says));
    else
        assert_int_equal(ir_vocabulary_find(vocabulary, "TERM 9999"), 10000);
    ir_vocabulary_free(vocabulary);
    ir_buf_release(&text);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_word, word_rows);
    UNIT_ADD_ROWS(&list, test_refused, refusal_rows);
    UNIT_ADD_ROWS(&list, test_bound, bound_rows);
    return unit_run(&list, "vocabulary");
}
