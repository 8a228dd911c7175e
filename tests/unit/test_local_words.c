/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is personal in a line of text, what a prompt asks for, and what a filter pattern matches. */
#include "tests/unit/unit.h"

#include "plugins/local/describer.h"
#include "plugins/local/logs_filter.h"
#include "plugins/local/personal.h"

static const struct line_row {
    const char *name;
    const char *line;
    unsigned kinds;
} lines[] = {
    {"nothing", "The quick brown fox of 2026", 0},
    {"e-mail", "write to jane.doe+x@mail.example.org, please", PERSONAL_EMAIL},
    {"e-mail at the end", "a@b.co", PERSONAL_EMAIL},
    {"an at sign", "3 apples @ 2.50", 0},
    {"a handle", "follow @jane", 0},
    {"no dot", "jane@localhost", 0},
    {"card", "4539 1488 0343 6467", PERSONAL_CARD},
    {"card with hyphens", "4111-1111-1111-1111", PERSONAL_CARD},
    {"Luhn is wrong", "4539 1488 0343 6468", 0},
    {"twelve digits", "4539 1488 0343", 0},
    {"zeros", "0000000000000000", 0},
    {"account", "IBAN DE89 3704 0044 0532 0130 00", PERSONAL_IBAN},
    {"account with a word behind", "GB82 WEST 1234 5698 7654 32 Thanks", PERSONAL_IBAN},
    {"account, a digit wrong", "DE89 3704 0044 0532 0130 01", 0},
    {"telephone", "Tel. +49 30 901820", PERSONAL_PHONE},
    {"national telephone", "02-312-4567", PERSONAL_PHONE},
    {"a date", "2026-11-21 10:30", 0},
    {"a price", "+12 EUR", 0},
};

static void test_line(void **state)
{
    const struct line_row *row = *state;
    assert_int_equal(personal_find(row->line), row->kinds);
}

static const struct wish_row {
    const char *name;
    const char *text;
    struct wish wish;
} wishes[] = {
    {"caption", "Write a caption for this picture.", {0}},
    {"Korean caption", "이 사진을 설명해 주세요", {.korean = true}},
    {"caption in Korean", "Describe it in Korean", {.korean = true}},
    {"Korean prompt, English answer", "사진을 영어로 설명", {0}},
    {"Chinese is not Korean", "描述 caption", {0}},
    {"check", "Sensitive? Answer YES or NO.", {.check = true}},
    {"check with tags", "<result>…</result>", {.check = true}},
    {"labels", "Give labels as JSON", {.labels = true}},
    {"corners", "labels in JSON: TopLeft", {.labels = true, .corners = true}},
    {"question", "Who won the match?", {.question = true}},
    {"nothing", " \n", {0}},
};

static void test_wish(void **state)
{
    const struct wish_row *row = *state;
    struct wish wish;
    wish_read(row->text, &wish);
    assert_int_equal(wish.check, row->wish.check);
    assert_int_equal(wish.labels, row->wish.labels);
    assert_int_equal(wish.corners, row->wish.corners);
    assert_int_equal(wish.korean, row->wish.korean);
    assert_int_equal(wish.question, row->wish.question);
}

static const struct filter_row {
    const char *name;
    const char *pattern;
    const char *message;
    bool matches;
} filters[] = {
    {"empty", "", "anything", true},
    {"a word", "Cat", "Label: Cat", true},
    {"another case", "cat", "Label: Cat", false},
    {"two words", "Cat Label", "Label: Cat", true},
    {"one of two missing", "Cat Dog", "Label: Cat", false},
    {"quotes", "\"Label: Cat\"", "Label: Cat", true},
    {"quotes, order counts", "\"Cat Label\"", "Label: Cat", false},
    {"without", "-Dog", "Label: Cat", true},
    {"without, but there", "-Cat", "Label: Cat", false},
    {"either", "?Dog ?Cat", "Label: Cat", true},
    {"neither", "?Dog ?Cow", "Label: Cat", false},
};

static void test_filter(void **state)
{
    const struct filter_row *row = *state;
    struct ir_error err;
    assert_int_equal(logs_filter_check(row->pattern, &err), 0);
    assert_int_equal(logs_filter_matches(row->pattern, row->message), row->matches);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_line, lines);
    UNIT_ADD_ROWS(&list, test_wish, wishes);
    UNIT_ADD_ROWS(&list, test_filter, filters);
    return unit_run(&list, "words");
}
