/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UTF-8: RFC 3629's edges from both sides. */
#include "tests/unit/unit.h"

#include "core/base/utf8.h"
#include <imgrecog/result.h>

struct next_row {
    const char *name;
    const char *text;
    size_t width; /* 0: invalid */
};

static const struct next_row next_rows[] = {
    {"U+007F", "\x7F", 1},
    {"U+0080", "\xC2\x80", 2},
    {"U+07FF", "\xDF\xBF", 2},
    {"U+0800", "\xE0\xA0\x80", 3},
    {"U+D7FF", "\xED\x9F\xBF", 3},
    {"U+E000", "\xEE\x80\x80", 3},
    {"U+FFFF", "\xEF\xBF\xBF", 3},
    {"U+10000", "\xF0\x90\x80\x80", 4},
    {"U+10FFFF", "\xF4\x8F\xBF\xBF", 4},
    {"U+110000", "\xF4\x90\x80\x80", 0},
    {"surrogate U+D800", "\xED\xA0\x80", 0},
    {"surrogate U+DFFF", "\xED\xBF\xBF", 0},
    {"overlong NUL in two", "\xC0\x80", 0},
    {"overlong U+007F in two", "\xC1\xBF", 0},
    {"overlong U+07FF in three", "\xE0\x9F\xBF", 0},
    {"overlong U+FFFF in four", "\xF0\x8F\xBF\xBF", 0},
    {"a tail alone", "\x80", 0},
    {"F5 begins nothing", "\xF5\x80\x80\x80", 0},
    {"FE begins nothing", "\xFE", 0},
    {"FF begins nothing", "\xFF", 0},
    {"two, cut", "\xC3", 0},
    {"three, cut after one", "\xE2", 0},
    {"three, cut after two", "\xE2\x82", 0},
    {"four, cut after three", "\xF0\x9F\x98", 0},
    {"two with a letter for a tail", "\xC3x", 0},
    {"three with a bad third", "\xE2\x82x", 0},
    {"four with a bad fourth", "\xF0\x9F\x98x", 0},
};

static void test_next(void **state)
{
    const struct next_row *row = *state;
    /* On the heap at its exact size, so that the sanitizer sees a byte read too far. */
    size_t bytes = strlen(row->text);
    char *text = malloc(bytes);
    memcpy(text, row->text, bytes);
    assert_int_equal(ir_utf8_next(text, bytes), row->width);
    assert_int_equal(ir_utf8_is_valid(text, bytes), row->width != 0);
    free(text);
}

static void test_nul_is_valid(void **state)
{
    (void)state;
    assert_int_equal(ir_utf8_next("", 1), 1);
    assert_int_equal(ir_utf8_next("x", 0), 0);
    assert_true(ir_utf8_is_valid("", 0));
    assert_true(ir_utf8_is_valid("a한😀z", strlen("a한😀z")));
    assert_false(ir_utf8_is_valid("a한\xED\x95", strlen("a한\xED\x95")));
}

struct floor_row {
    const char *name;
    const char *text;
    size_t max_bytes;
    size_t floor;
};

static const struct floor_row floor_rows[] = {
    {"fits", "abc", 5, 3},
    {"fits exactly", "abc", 3, 3},
    {"letters", "abc", 2, 2},
    {"zero", "한", 0, 0},
    {"after one byte of three", "한국", 1, 0},
    {"after two bytes of three", "한국", 2, 0},
    {"after a whole character", "한국", 3, 3},
    {"inside the second", "한국", 5, 3},
    {"inside two bytes", "aé", 2, 1},
    {"after one byte of four", "a😀", 2, 1},
    {"after three bytes of four", "a😀", 4, 1},
    {"after four bytes", "a😀", 5, 5},
    {"tails without a beginning", "\x80\x80\x80\x80\x80\x80", 5, 5},
    {"a text that is cut already", "ab\xED\x95", 100, 2},
};

static void test_floor(void **state)
{
    const struct floor_row *row = *state;
    assert_int_equal(ir_utf8_floor(row->text, strlen(row->text), row->max_bytes), row->floor);
}

struct clean_row {
    const char *name;
    const char *text;
    size_t max_bytes;
    const char *clean;
};

#define FFFD "\xEF\xBF\xBD"

static const struct clean_row clean_rows[] = {
    {"clean already", "a한😀", 100, "a한😀"},
    {"nothing", "", 100, ""},
    {"controls",
     "a\tb\nc\x1B"
     "d\x7F"
     "e",
     100, "a b c d e"},
    {"C1",
     "a\xC2\x80"
     "b\xC2\x9F"
     "c\xC2\xA0"
     "d",
     100,
     "a b c\xC2\xA0"
     "d"},
    {"separators",
     "a\xE2\x80\xA8"
     "b\xE2\x80\xA9"
     "c\xE2\x80\xAA",
     100, "a b c\xE2\x80\xAA"},
    {"invalid bytes",
     "a\xFF\xC0\x80"
     "b",
     100, "a" FFFD FFFD FFFD "b"},
    {"cut character", "a\xE2\x82", 100, "a" FFFD FFFD},
    {"maximum at a character", "한국", 3, "한"},
    {"maximum inside a character", "한국", 5, "한"},
    {"maximum inside a replacement", "ab\xFF", 4, "ab"},
    {"maximum 0", "ab", 0, ""},
};

static void test_clean(void **state)
{
    const struct clean_row *row = *state;
    char *clean = ir_utf8_clean(row->text, strlen(row->text), row->max_bytes);
    assert_string_equal(clean, row->clean);
    assert_true(ir_utf8_is_valid(clean, strlen(clean)));
    ir_free(clean);
}

static void test_clean_nul(void **state)
{
    (void)state;
    char *clean = ir_utf8_clean("a\0b", 3, SIZE_MAX);
    assert_string_equal(clean, "a b");
    ir_free(clean);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_next, next_rows);
    unit_add(&list, "NUL, nothing and mixed texts", test_nul_is_valid);
    UNIT_ADD_ROWS(&list, test_floor, floor_rows);
    UNIT_ADD_ROWS(&list, test_clean, clean_rows);
    unit_add(&list, "NUL is a control character", test_clean_nul);
    return unit_run(&list, "utf8");
}
