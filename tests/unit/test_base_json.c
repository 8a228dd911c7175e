/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON: what is JSON and what is not, readers that never mind, and the writer. */
#include "tests/unit/unit.h"

#include <locale.h>
#include <math.h>

#include "core/base/error.h"
#include "core/base/json.h"
#include "tests/unit/freed_memory.h"

static struct ir_json_doc *parse(const char *text)
{
    struct ir_json_doc *doc = NULL;
    struct ir_error err;
    ir_error_clear(&err);
    int result = ir_json_parse(text, strlen(text), "it", &doc, &err);
    if (result)
        fail_msg("%s: %s", text, err.message);
    return doc;
}

struct text_row {
    const char *name;
    const char *text;
};

static const struct text_row good_rows[] = {
    {"null", "null"},
    {"true", "true"},
    {"number", "1"},
    {"number and white space", " 1 \n"},
    {"empty object", "{}"},
    {"empty array with white space", "\t[ \r\n ]\n"},
    {"exponents", "[1e5, 1E+5, 1.5e-5, 1e05, 1e-01, 0e0]"},
    {"zero and minus zero", "[0, -0, -0.5, 0.0]"},
    {"escapes", "\"\\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u00e9\""},
    {"quotes and words inside strings", "[\"NaN 'x' Infinity \\\" 1. -01\"]"},
    {"an apostrophe in a member", "{\"it's\": 1}"},
    {"UTF-8", "\"한국어 😀\""},
    {"surrogate pair", "\"\\ud83d\\ude00\""},
    {"DEL", "\"\x7f\""},
    {"a member twice", "{\"a\":1,\"a\":2}"},
    {"largest 64-bit integers", "[9223372036854775807, -9223372036854775808]"},
    {"long fractions", "[12345678901234567890.5, 0.1234567890123456789012345, 1e400]"},
    {"UTF-8 first, in the middle, in a member", "{\"é\":\"é\",\"aé\":[\"aéb\"]}"},
};

static void test_good(void **state)
{
    const struct text_row *row = *state;
    ir_json_free(parse(row->text));
}

static const struct text_row bad_rows[] = {
    {"nothing", ""},
    {"white space only", "  \n"},
    {"NaN", "NaN"},
    {"NaN in an array", "[NaN]"},
    {"Infinity", "Infinity"},
    {"minus Infinity", "[-Infinity]"},
    {"leading zero", "[01]"},
    {"leading zero, negative", "[-01]"},
    {"leading zero alone", "01"},
    {"no digit after the point", "[1.]"},
    {"no digit after the point, exponent", "[1.e5]"},
    {"no digit after the point, end", "1."},
    {"no digit before the point", "[.5]"},
    {"plus", "[+1]"},
    {"minus alone", "[-]"},
    {"minus at the end", "-"},
    {"no exponent", "[1e]"},
    {"hexadecimal", "[0x10]"},
    {"two points", "[1.2.3]"},
    {"single quotes", "['a']"},
    {"single-quoted member", "{'a':1}"},
    {"unquoted member", "{a:1}"},
    {"comma at the end of an array", "[1,]"},
    {"comma at the end of an object", "{\"a\":1,}"},
    {"no comma", "[1 2]"},
    {"no colon", "{\"a\" 1}"},
    {"no value", "{\"a\"}"},
    {"comment", "/* x */ 1"},
    {"comment behind", "1 // x"},
    {"capital literals", "[True]"},
    {"capital null", "NULL"},
    {"cut literal", "tru"},
    {"cut string", "\"a"},
    {"cut array", "[1"},
    {"cut object", "{\"a\":1"},
    {"cut escape", "\"\\"},
    {"text behind", "{} x"},
    {"two values", "{}{}"},
    {"text behind a number", "1 x"},
    {"HTML", "<html>"},
    {"control character in a string", "\"a\x01\""},
    {"line feed in a string", "\"a\nb\""},
    {"unknown escape", "\"\\x41\""},
    {"cut Unicode escape", "\"\\u12\""},
    {"byte-order mark", "\xEF\xBB\xBF{}"},
    {"not UTF-8", "\"\xFF\""},
    {"overlong UTF-8", "\"\xC0\x80\""},
    {"surrogate in UTF-8", "\"\xED\xA0\x80\""},
    {"form feed between", "[\f1]"},
    {"whole number over 64 bits", "[12345678901234567890]"},
    {"negative number over 64 bits", "-9223372036854775809"},
};

static void test_bad(void **state)
{
    const struct text_row *row = *state;
    struct ir_json_doc *doc = NULL;
    struct ir_error err;
    assert_int_equal(ir_json_parse(row->text, strlen(row->text), "the answer", &doc, &err),
                     IR_ERR_RESPONSE);
    assert_null(doc);
    assert_non_null(strstr(err.message, "the answer is not valid JSON"));
    assert_non_null(strstr(err.message, "at byte "));
}

static void test_nul(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t bytes;
    } rows[] = {{"[1]\0", 4}, {"[1\0]", 4}, {"\"a\0b\"", 5}, {"\0", 1}, {"1\0", 2}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ir_json_doc *doc = NULL;
        assert_int_equal(ir_json_parse(rows[i].text, rows[i].bytes, "it", &doc, NULL),
                         IR_ERR_RESPONSE);
        assert_null(doc);
    }
    struct ir_json_doc *doc = parse("\"a\\u0000b\"");
    size_t bytes = 0;
    const char *text = ir_json_string(ir_json_root(doc), &bytes, NULL);
    assert_int_equal(bytes, 3);
    assert_memory_equal(text, "a\0b", 3);
    ir_json_free(doc);
}

static void test_not_terminated(void **state)
{
    (void)state;
    /* On the heap at its exact size, so that the sanitizer sees a byte read too far. */
    static const char *const texts[] = {"1", "-0", "1.5", "[1]", "null", "\"a\"", "{\"a\":-0}"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        size_t bytes = strlen(texts[i]);
        char *text = malloc(bytes);
        struct ir_json_doc *doc = NULL;
        memcpy(text, texts[i], bytes);
        assert_int_equal(ir_json_parse(text, bytes, "it", &doc, NULL), 0);
        ir_json_free(doc);
        for (size_t cut = 0; cut < bytes; cut++) {
            char *part = malloc(cut + 1);
            memcpy(part, texts[i], cut);
            doc = NULL;
            if (!ir_json_parse(part, cut, "it", &doc, NULL))
                ir_json_free(doc);
            free(part);
        }
        free(text);
    }
}

static void test_depth(void **state)
{
    (void)state;
    static const char *const inner[] = {"", "1", "null", "\"x\""};
    for (size_t i = 0; i < sizeof inner / sizeof inner[0]; i++) {
        for (size_t depth = IR_JSON_MAX_DEPTH; depth <= IR_JSON_MAX_DEPTH + 1; depth++) {
            struct ir_buf text;
            struct ir_error err;
            struct ir_json_doc *doc = NULL;
            ir_buf_init(&text, 1000);
            for (size_t level = 0; level < depth; level++)
                ir_buf_append_char(&text, '[');
            ir_buf_append_text(&text, inner[i]);
            for (size_t level = 0; level < depth; level++)
                ir_buf_append_char(&text, ']');
            int result = ir_json_parse(text.data, text.bytes, "it", &doc, &err);
            assert_int_equal(result, depth <= IR_JSON_MAX_DEPTH ? 0 : IR_ERR_RESPONSE);
            if (result)
                assert_non_null(strstr(err.message, "too deep"));
            ir_json_free(doc);
            ir_buf_release(&text);
        }
    }
}

static bool collect(void *context, const char *member, const struct ir_json_value *value)
{
    struct ir_buf *out = context;
    ir_buf_appendf(out, "%s=%g;", member, ir_json_number(value, -1));
    return strcmp(member, "stop") != 0;
}

static void test_readers(void **state)
{
    (void)state;
    struct ir_json_doc *doc =
        parse("{\"a\":[1,2.5,\"x\",null,true,{\"b\":\"c\"}],\"n\":null,\"f\":false}");
    const struct ir_json_value *root = ir_json_root(doc);
    const struct ir_json_value *array = ir_json_get(root, "a");
    assert_true(ir_json_is_object(root));
    assert_false(ir_json_is_array(root));
    assert_true(ir_json_is_array(array));
    assert_int_equal(ir_json_count(array), 6);
    assert_true(ir_json_number(ir_json_at(array, 0), 9) == 1);
    assert_true(ir_json_number(ir_json_at(array, 1), 9) == 2.5);
    assert_true(ir_json_number(ir_json_at(array, 2), 9) == 9);
    assert_true(ir_json_is_number(ir_json_at(array, 0)));
    assert_true(ir_json_is_number(ir_json_at(array, 1)));
    assert_true(ir_json_is_string(ir_json_at(array, 2)));
    assert_null(ir_json_at(array, 3));
    assert_true(ir_json_bool(ir_json_at(array, 4), false));
    assert_false(ir_json_bool(ir_json_get(root, "f"), true));
    assert_null(ir_json_at(array, 6));
    assert_null(ir_json_at(array, SIZE_MAX));
    assert_string_equal(ir_json_member_string(ir_json_at(array, 5), "b", "z"), "c");
    assert_string_equal(ir_json_member_string(ir_json_at(array, 5), "q", "z"), "z");
    assert_null(ir_json_member_string(root, "a", NULL));
    assert_null(ir_json_get(root, "n"));
    assert_null(ir_json_get(root, "q"));
    ir_json_free(doc);
}

static void test_readers_take_anything(void **state)
{
    (void)state;
    static const char *const texts[] = {"null", "true", "1", "1.5", "\"s\"", "[]", "{}", "1e999"};
    for (size_t i = 0; i <= sizeof texts / sizeof texts[0]; i++) {
        bool is_last = i == sizeof texts / sizeof texts[0];
        struct ir_json_doc *doc = is_last ? NULL : parse(texts[i]);
        const struct ir_json_value *value = ir_json_root(doc);
        size_t bytes = 77;
        (void)ir_json_is_object(value);
        assert_null(ir_json_get(value, "x"));
        assert_int_equal(ir_json_count(value), 0);
        assert_null(ir_json_at(value, 0));
        assert_true(isfinite(ir_json_number(value, 7)));
        (void)ir_json_bool(value, true);
        const char *string = ir_json_string(value, &bytes, "four");
        assert_int_equal(bytes, strlen(string));
        ir_json_each(value, collect, NULL); /* there is no member, so it is not called */
        ir_json_free(doc);
    }
    size_t bytes = 77;
    assert_null(ir_json_string(NULL, &bytes, NULL));
    assert_int_equal(bytes, 0);
    ir_json_free(NULL);
}

static void test_each(void **state)
{
    (void)state;
    struct ir_buf out;
    ir_buf_init(&out, 100);
    struct ir_json_doc *doc = parse("{\"b\":1,\"a\":2,\"stop\":3,\"c\":4}");
    ir_json_each(ir_json_root(doc), collect, &out);
    assert_string_equal(ir_buf_text(&out), "b=1;a=2;stop=3;");
    ir_json_free(doc);
    ir_buf_release(&out);
}

static void test_writer(void **state)
{
    (void)state;
    struct ir_buf out;
    struct ir_json_writer writer;
    ir_buf_init(&out, 1000);
    ir_json_writer_init(&writer, &out);
    ir_json_begin_object(&writer);
    ir_json_member_put_string(&writer, "s", "x");
    ir_json_member_put_string(&writer, "none", NULL);
    ir_json_member_put_number(&writer, "n", 1.5, 3);
    ir_json_member_put_integer(&writer, "i", -9223372036854775807LL - 1);
    ir_json_member_put_bool(&writer, "b", true);
    ir_json_key(&writer, "a");
    ir_json_begin_array(&writer);
    ir_json_put_null(&writer);
    ir_json_put_bool(&writer, false);
    ir_json_begin_object(&writer);
    ir_json_end_object(&writer);
    ir_json_begin_array(&writer);
    ir_json_end_array(&writer);
    ir_json_put_integer(&writer, 2);
    ir_json_end_array(&writer);
    ir_json_key(&writer, "o");
    ir_json_begin_object(&writer);
    ir_json_member_put_integer(&writer, "k", 1);
    ir_json_member_put_integer(&writer, "l", 2);
    ir_json_end_object(&writer);
    ir_json_end_object(&writer);
    assert_int_equal(ir_buf_check(&out, "it", NULL), 0);
    assert_string_equal(ir_buf_text(&out),
                        "{\"s\":\"x\",\"none\":null,\"n\":1.5,\"i\":-9223372036854775808,"
                        "\"b\":true,\"a\":[null,false,{},[],2],\"o\":{\"k\":1,\"l\":2}}");
    ir_buf_release(&out);
}

struct string_row {
    const char *name;
    const char *text;
    const char *json;
};

static const struct string_row string_rows[] = {
    {"nothing", "", "\"\""},
    {"quotes and backslash", "a\"b\\c", "\"a\\\"b\\\\c\""},
    {"short escapes", "\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\""},
    {"control characters", "\x01\x1f\x7f", "\"\\u0001\\u001f\x7f\""},
    {"UTF-8", "한국어 😀", "\"한국어 😀\""},
    {"slash", "</x>", "\"</x>\""},
    {"invalid bytes", "a\xFF\xE2\x82", "\"a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
};

static void test_put_string(void **state)
{
    const struct string_row *row = *state;
    struct ir_buf out;
    struct ir_json_writer writer;
    ir_buf_init(&out, 1000);
    ir_json_writer_init(&writer, &out);
    ir_json_put_string(&writer, row->text);
    assert_string_equal(ir_buf_text(&out), row->json);
    struct ir_json_doc *doc = parse(ir_buf_text(&out)); /* what is written can be read */
    ir_json_free(doc);
    ir_buf_release(&out);
}

struct number_row {
    const char *name;
    double number;
    int decimals;
    const char *json;
};

static const struct number_row number_rows[] = {
    {"zero", 0, 3, "0"},
    {"minus zero", -0.0, 3, "0"},
    {"rounds to minus zero", -0.0001, 3, "0"},
    {"whole", 95, 3, "95"},
    {"whole hundreds", 1200, 0, "1200"},
    {"zeros dropped", 1.5, 5, "1.5"},
    {"rounded", 1.23456, 3, "1.235"},
    {"rounded to whole", 99.9999, 2, "100"},
    {"negative", -12.25, 2, "-12.25"},
    {"no decimals", 1.75, 0, "2"},
    {"decimals below 0", 1.25, -3, "1"},
    {"decimals over the maximum", 0.5, 1000, "0.5"},
    {"small", 0.000001, 6, "0.000001"},
    {"too small", 0.0000001, 6, "0"},
    {"largest without exponent", 999999999999999.5, 2, "999999999999999.5"},
    {"rounded up to sixteen digits", 999999999999999.9, 0, "1000000000000000"},
    {"sixteen digits", 1234567890123456, 0, "1234567890123456"},
    {"large", 1e21, 2, "1e+21"},
    {"large, negative", -1.25e18, 0, "-1.25e+18"},
    {"infinite", INFINITY, 2, "null"},
    {"minus infinite", -INFINITY, 2, "null"},
    {"not a number", NAN, 2, "null"},
};

static void check_number(const struct number_row *row)
{
    struct ir_buf out;
    struct ir_json_writer writer;
    ir_buf_init(&out, 1000);
    ir_json_writer_init(&writer, &out);
    ir_json_put_number(&writer, row->number, row->decimals);
    assert_string_equal(ir_buf_text(&out), row->json);
    ir_buf_release(&out);
}

static void test_put_number(void **state)
{
    check_number(*state);
}

static void test_largest_numbers(void **state)
{
    (void)state;
    struct ir_buf out;
    struct ir_json_writer writer;
    ir_buf_init(&out, 1000);
    ir_json_writer_init(&writer, &out);
    ir_json_put_number(&writer, -1.7976931348623157e308, 17);
    assert_true(strtod(ir_buf_text(&out), NULL) == -1.7976931348623157e308);
    ir_json_free(parse(ir_buf_text(&out))); /* what is written can be read */
    ir_buf_release(&out);
}

/* In a locale that writes 1,5: the build makes one (LOCPATH), or one is installed. */
static void test_comma_locale(void **state)
{
    (void)state;
    static const char *const locales[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8",
                                          "fr_FR.utf8",  "ru_RU.utf8", "es_ES.utf8"};
    bool found = false;
    for (size_t i = 0; i < sizeof locales / sizeof locales[0] && !found; i++)
        found = setlocale(LC_ALL, locales[i]) != NULL;
    if (!found)
        fail_msg(
            "no locale with a decimal comma is here: install the package locales, build again");
    char text[16];
    snprintf(text, sizeof text, "%.1f", 1.5);
    assert_string_equal(text, "1,5");
    for (size_t i = 0; i < sizeof number_rows / sizeof number_rows[0]; i++)
        check_number(&number_rows[i]);
    struct ir_json_doc *doc = parse("[1.5]");
    assert_true(ir_json_number(ir_json_at(ir_json_root(doc), 0), 0) == 1.5);
    ir_json_free(doc);
    setlocale(LC_ALL, "C");
}

static void test_writer_depth(void **state)
{
    (void)state;
    struct ir_buf out;
    struct ir_json_writer writer;
    for (unsigned depth = IR_JSON_MAX_DEPTH; depth <= IR_JSON_MAX_DEPTH + 3; depth++) {
        ir_buf_init(&out, 1000);
        ir_json_writer_init(&writer, &out);
        for (unsigned i = 0; i < depth; i++)
            ir_json_begin_array(&writer);
        for (unsigned i = 0; i < depth; i++)
            ir_json_end_array(&writer);
        int wanted = depth <= IR_JSON_MAX_DEPTH ? 0 : IR_ERR_TOO_LARGE;
        assert_int_equal(ir_buf_check(&out, "it", NULL), wanted);
        if (!wanted)
            ir_json_free(parse(ir_buf_text(&out)));
        ir_buf_release(&out);
    }
}

static void test_writer_full(void **state)
{
    (void)state;
    struct ir_buf out;
    struct ir_json_writer writer;
    ir_buf_init(&out, 10);
    ir_json_writer_init(&writer, &out);
    ir_json_begin_object(&writer);
    ir_json_member_put_string(&writer, "member", "value");
    ir_json_end_object(&writer);
    assert_int_equal(ir_buf_check(&out, "it", NULL), IR_ERR_TOO_LARGE);
    ir_buf_release(&out);
}

/* With LOCPATH, glibc's newlocale, which json-c calls, loses its copy of that path. */
const char *__lsan_default_suppressions(void);
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void)
{
    return "leak:__argz_add_sep\n";
}

/* ---- values that were read --------------------------------------------------------------- */

static const struct value_row {
    const char *name;
    const char *json; /* as it is written: without blanks */
} value_rows[] = {
    {"value: nothing", "null"},
    {"value: words", "[true,false,null]"},
    {"value: a text", "\"a \\\" \xED\x95\x9C\""},
    {"value: numbers", "[0,-1,0.1,1.50,1e-20,6.02e23]"},
    {"value: a whole number beyond those of a double", "9007199254740993"},
    {"value: the largest", "[9223372036854775807,-9223372036854775808,9999999999999999999]"},
    {"value: beyond all numbers", "1e999"},
    {"value: in each other", "{\"a\":[{\"b\":{}},[],[1,[2]]],\"c\":\"d\"}"},
};

static void test_put_value(void **state)
{
    const struct value_row *row = *state;
    struct ir_buf out;
    struct ir_json_writer writer;
    struct ir_json_doc *doc = parse(row->json);
    ir_buf_init(&out, 1000);
    ir_json_writer_init(&writer, &out);
    ir_json_put_value(&writer, ir_json_root(doc));
    assert_string_equal(ir_buf_text(&out), row->json);
    ir_json_free(doc);
    ir_buf_release(&out);
}

/* ---- secrets ----------------------------------------------------------------------------- */

#define TENS(text) text text text text text text text text text text

/* Longer ones make json-c move its own buffer, which begins with 32 bytes. Nothing is read here
 * that is not secret: its rests would be found in memory that is used again. */
static const struct secret_row {
    const char *name;
    const char *json;
    const char *text; /* of the whole, where that is one */
} secret_rows[] = {
    {"secret: the whole", "\"hush\"", "hush"},
    {"secret: a member", "{\"a\":\"hush\",\"b\":1}", NULL},
    {"secret: deep", "[{\"a\":[[\"x\",\"hush\"],{\"b\":\"hush\"}]}]", NULL},
    {"secret: long", "\"" TENS(TENS("hush")) "\"", TENS(TENS("hush"))},
    {"secret: shorter behind longer",
     "{\"a\":\"" TENS(TENS("hush")) "\",\"b\":\"hush" TENS("long") "\"}", NULL},
    {"secret: with escapes", "\"hush\\n" TENS("hush\\u0041") "\"", "hush\n" TENS("hushA")},
    {"secret: nothing", "null", NULL},
};

static void test_secret(void **state)
{
    const struct secret_row *row = *state;
    struct ir_json_doc *doc = NULL;
    char block[128];
    freed_memory_watch("hush");
    assert_int_equal(ir_json_parse_secret(row->json, strlen(row->json), "x", &doc, NULL), 0);
    if (row->text != NULL)
        assert_string_equal(ir_json_string(ir_json_root(doc), NULL, "-"), row->text);
    ir_json_free(doc);
    if (freed_memory_found(block, sizeof block) > 0)
        fail_msg("freed and not wiped: %s", block);
}

static void test_secret_refused(void **state)
{
    (void)state;
    static const char text[] = "{\"a\":\"hush\",}";
    struct ir_json_doc *doc = NULL;
    struct ir_error err = {0};
    char block[128];
    freed_memory_watch("hush");
    assert_int_equal(ir_json_parse_secret(text, strlen(text), "it", &doc, &err), IR_ERR_RESPONSE);
    assert_int_equal(freed_memory_found(block, sizeof block), 0);
    assert_null(doc);
    assert_string_equal(err.message, "it is not valid JSON: unexpected character, at byte 12");
}

/* The watch itself: a document that is not secret is seen. */
static void test_not_secret(void **state)
{
    (void)state;
    char block[128];
    freed_memory_watch("hush");
    ir_json_free(parse("{\"a\":\"hush\"}"));
    assert_true(freed_memory_found(block, sizeof block) > 0);
    assert_non_null(strstr(block, "hush"));
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_good, good_rows);
    UNIT_ADD_ROWS(&list, test_bad, bad_rows);
    unit_add(&list, "NUL bytes", test_nul);
    unit_add(&list, "texts without an end mark", test_not_terminated);
    unit_add(&list, "depth", test_depth);
    unit_add(&list, "readers", test_readers);
    unit_add(&list, "readers take anything", test_readers_take_anything);
    unit_add(&list, "each member in order", test_each);
    unit_add(&list, "writer", test_writer);
    UNIT_ADD_ROWS(&list, test_put_string, string_rows);
    UNIT_ADD_ROWS(&list, test_put_number, number_rows);
    unit_add(&list, "the largest numbers", test_largest_numbers);
    unit_add(&list, "a locale with a decimal comma", test_comma_locale);
    UNIT_ADD_ROWS(&list, test_put_value, value_rows);
    UNIT_ADD_ROWS(&list, test_secret, secret_rows);
    unit_add(&list, "secret: not JSON", test_secret_refused);
    unit_add(&list, "what is not secret is not wiped", test_not_secret);
    unit_add(&list, "writer depth", test_writer_depth);
    unit_add(&list, "writer into a full buffer", test_writer_full);
    return unit_run(&list, "json");
}
