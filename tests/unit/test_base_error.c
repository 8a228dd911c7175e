/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Errors: filling, and the one line that hosts show. */
#include "tests/unit/unit.h"

#include "core/base/error.h"

struct line_row {
    const char *name;
    struct ir_error err;
    const char *line;
};

static const struct line_row line_rows[] = {
    {"everything",
     {IR_ERR_AUTH, 403, false, "Rekognition", "InvalidSignatureException", "abc", "wrong key",
      "Look at the key."},
     "Rekognition: wrong key (InvalidSignatureException, HTTP 403, request abc). Look at the key."},
    {"message only", {.code = IR_ERR_ARG, .message = "no such file"}, "no such file."},
    {"status only", {.code = IR_ERR_NET, .http_status = 502, .message = "x"}, "x (HTTP 502)."},
    {"request only", {.code = IR_ERR_NET, .request_id = "r", .message = "x"}, "x (request r)."},
    {"code only", {.code = IR_ERR_NET, .aws_code = "C", .message = "x"}, "x (C)."},
    {"hint without details", {.code = -1, .message = "x", .hint = "Do y."}, "x. Do y."},
    {"full stop is not doubled", {.code = -1, .message = "x.", .hint = "Do y."}, "x. Do y."},
    {"full stop before details moves",
     {.code = -1, .http_status = 400, .message = "x."},
     "x (HTTP 400)."},
    {"question mark stays alone", {.code = -1, .message = "x?", .hint = "y"}, "x? y"},
    {"white space at the end goes", {.code = -1, .message = "x.\n \n"}, "x."},
    {"no message", {.code = IR_ERR_NOMEM}, "out of memory."},
    {"no error", {.code = 0}, "no error."},
    {"unknown code", {.code = -99}, "unknown error."},
    {"control characters become spaces",
     {.code = -1,
      .message = "a\nb\rc\td\033[31me\x7f"
                 "f",
      .aws_code = "X\nY"},
     "a b c d [31me f (X Y)."},
    {"C1 and line separators become spaces",
     {.code = -1,
      .message = "a\xC2\x85"
                 "b\xE2\x80\xA8"
                 "c\xE2\x80\xA9"
                 "d"},
     "a b c d."},
    {"invalid bytes become question marks",
     {.code = -1,
      .message = "a\xFF\xC3"
                 "b"},
     "a??b."},
    {"Korean stays", {.code = -1, .message = "한국어"}, "한국어."},
};

static void test_line(void **state)
{
    const struct line_row *row = *state;
    char out[sizeof(struct ir_error) + 64];
    assert_ptr_equal(ir_error_line(&row->err, out, sizeof out), out);
    assert_string_equal(out, row->line);
}

static void test_line_small_buffer(void **state)
{
    (void)state;
    struct ir_error err;
    char out[8];
    assert_int_equal(ir_fail(&err, IR_ERR_ARG, "abcd한국"), IR_ERR_ARG);
    memset(out, 'x', sizeof out);
    ir_error_line(&err, out, 7);
    assert_string_equal(out, "abcd"); /* a character that does not fit is left out whole */
    assert_int_equal(out[7], 'x');
    ir_error_line(&err, out, 1);
    assert_string_equal(out, "");
    out[0] = 'x';
    ir_error_line(&err, out, 0);
    assert_int_equal(out[0], 'x');
}

static void test_line_longest(void **state)
{
    (void)state;
    struct ir_error err;
    char out[4096];
    memset(&err, 'm', sizeof err);
    err.http_status = -2147483647;
    err.service[sizeof err.service - 1] = '\0';
    err.aws_code[sizeof err.aws_code - 1] = '\0';
    err.request_id[sizeof err.request_id - 1] = '\0';
    err.message[sizeof err.message - 1] = '\0';
    err.hint[sizeof err.hint - 1] = '\0';
    ir_error_line(&err, out, sizeof out);
    size_t texts = 31 + 63 + 63 + 767 + 383;
    size_t marks = strlen(": "
                          " ("
                          ", HTTP -2147483647"
                          ", request "
                          ")"
                          "."
                          " ");
    assert_int_equal(strlen(out), texts + marks);
}

static void test_fail(void **state)
{
    (void)state;
    struct ir_error err;
    memset(&err, 0x55, sizeof err);
    assert_int_equal(ir_fail(&err, IR_ERR_NET, "%s %d", "port", 80), IR_ERR_NET);
    assert_int_equal(err.code, IR_ERR_NET);
    assert_string_equal(err.message, "port 80");
    assert_int_equal(err.http_status, 0);
    assert_false(err.retryable);
    assert_string_equal(err.service, "");
    assert_string_equal(err.aws_code, "");
    assert_string_equal(err.request_id, "");
    assert_string_equal(err.hint, "");
    ir_error_set_hint(&err, "try %d", 8080);
    ir_error_set_service(&err, "config");
    assert_string_equal(err.hint, "try 8080");
    assert_string_equal(err.service, "config");
    assert_int_equal(ir_fail_nomem(&err), IR_ERR_NOMEM);
    assert_string_equal(err.message, "out of memory");
    assert_string_equal(err.hint, "");
    ir_error_clear(&err);
    assert_int_equal(err.code, 0);
    assert_string_equal(err.message, "");
}

static void test_fail_with_own_message(void **state)
{
    (void)state;
    struct ir_error err;
    assert_int_equal(ir_fail(&err, IR_ERR_NET, "inner"), IR_ERR_NET);
    assert_int_equal(ir_fail(&err, IR_ERR_ARG, "outer: %s", err.message), IR_ERR_ARG);
    assert_string_equal(err.message, "outer: inner");
}

static void test_null(void **state)
{
    (void)state;
    assert_int_equal(ir_fail(NULL, IR_ERR_NET, "%s", "x"), IR_ERR_NET);
    assert_int_equal(ir_fail_nomem(NULL), IR_ERR_NOMEM);
    ir_error_set_hint(NULL, "%s", "x");
    ir_error_set_service(NULL, "x");
    ir_error_clear(NULL);
}

static void test_cut_at_character(void **state)
{
    (void)state;
    struct ir_error err;
    char text[1024];
    /* 766 letters and a character of three bytes: only its first byte would fit. */
    memset(text, 'a', sizeof text);
    memcpy(text + 766, "한", 4);
    assert_int_equal(ir_fail(&err, IR_ERR_ARG, "%s", text), IR_ERR_ARG);
    assert_int_equal(strlen(err.message), 766);
    memcpy(text + 764, "한", 4);
    assert_int_equal(ir_fail(&err, IR_ERR_ARG, "%s", text), IR_ERR_ARG);
    assert_int_equal(strlen(err.message), 767);
    memcpy(text + 31 - 2, "한", 4);
    ir_error_set_service(&err, text);
    assert_int_equal(strlen(err.service), 29);
}

static void test_text_copy(void **state)
{
    (void)state;
    char out[4] = "zzz";
    ir_text_copy(out, 0, "abc");
    assert_string_equal(out, "zzz");
    ir_text_copy(out, 4, "abcdef");
    assert_string_equal(out, "abc");
    ir_text_copy(out, 4, "한국");
    assert_string_equal(out, "한");
    ir_text_copy(out, 3, "한국");
    assert_string_equal(out, "");
    ir_text_copy(out, 4, "");
    assert_string_equal(out, "");
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_line, line_rows);
    unit_add(&list, "line in a small buffer", test_line_small_buffer);
    unit_add(&list, "the longest line is whole", test_line_longest);
    unit_add(&list, "fail fills everything", test_fail);
    unit_add(&list, "fail with its own message", test_fail_with_own_message);
    unit_add(&list, "no error struct", test_null);
    unit_add(&list, "texts are cut at a character", test_cut_at_character);
    unit_add(&list, "text copy", test_text_copy);
    return unit_run(&list, "error");
}
