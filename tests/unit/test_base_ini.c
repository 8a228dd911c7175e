/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dialect of the AWS files, row by row; tests/peers compares it with botocore's. */
#include "tests/unit/unit.h"

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/ini.h"
#include <imgrecog/result.h>

struct good_row {
    const char *name;
    const char *text;
    const char *dump; /* section{key=value|...} */
};

static const struct good_row good_rows[] = {
    {"nothing", "", ""},
    {"blank lines and comments", "\n  \n# a\n ; b\n\t# c\n", ""},
    {"empty section", "[default]", "default{}"},
    {"one key", "[default]\nregion = eu-west-1\n", "default{region=eu-west-1|}"},
    {"no end of line", "[a]\nk=v", "a{k=v|}"},
    {"no spaces, many spaces", "[a]\nk=v\nl   =\t w  \n", "a{k=v|l=w|}"},
    {"keys in any case", "[a]\nAWS_Access_Key_ID = X\n", "a{aws_access_key_id=X|}"},
    {"values keep their case and inner spaces", "[a]\nk = Some  Words\n", "a{k=Some  Words|}"},
    {"equals sign in the value", "[a]\nk = a=b==\n", "a{k=a=b==|}"},
    {"empty value", "[a]\nk =\nl = 1\n", "a{k=|l=1|}"},
    {"CR LF", "[a]\r\nk = v\r\n\r\nl = w\r\n", "a{k=v|l=w|}"},
    {"byte-order mark", "\xEF\xBB\xBF[a]\nk = v\n", "a{k=v|}"},
    {"profile", "[profile x]\nk = v\n", "profile x{k=v|}"},
    {"profile in quotes", "[profile \"a b\"]\nk = v\n", "profile a b{k=v|}"},
    {"profile in single quotes", "[profile 'a  b']\n", "profile a  b{}"},
    {"spaces in the brackets", "[  profile \t x  ]\n", "profile x{}"},
    {"a bracket in quotes", "[profile \"a]b\"]\n", "profile a]b{}"},
    {"an apostrophe in a name", "[profile o'brien]\n", "profile o'brien{}"},
    {"a quote without its end", "[profile 'x]\nk = v\n", "profile 'x{k=v|}"},
    {"comment behind a section", "[a] # x\n[b]; y\n[c]#z\n", "a{}b{}c{}"},
    {"comment behind a value", "[a]\nk = v # x\nl = w\t; y\n", "a{k=v|l=w|}"},
    {"no comment without white space", "[a]\nk = v#x\nl = w;y\nm =#z\n", "a{k=v#x|l=w;y|m=#z|}"},
    {"a value that is a comment", "[a]\nk = # x\n", "a{k=|}"},
    {"sections merged", "[a]\nk = 1\nl = 1\n[b]\n[a]\nk = 2\nm = 3\n", "a{k=2|l=1|m=3|}b{}"},
    {"the later key wins", "[a]\nk = 1\nK = 2\n", "a{k=2|}"},
    {"nested", "[a]\ns3 =\n  addressing_style = path\n  Max = 5\nk = v\n",
     "a{s3=|s3.addressing_style=path|s3.max=5|k=v|}"},
    {"nested with comments and blank lines",
     "[a]\ns3 = # x\n  # y\n\n  p = 1 # z\n ; w\n\tq=2\nk = v\n", "a{s3=|s3.p=1|s3.q=2|k=v|}"},
    {"nested, value with an equals sign", "[a]\ns3 =\n  p = a=b\n", "a{s3=|s3.p=a=b|}"},
    {"nested, empty value", "[a]\ns3 =\n  p =\n  q = 1\n", "a{s3=|s3.p=|s3.q=1|}"},
    {"nested, deeper still is the same level", "[a]\ns3 =\n  p =\n      q = 1\n",
     "a{s3=|s3.p=|s3.q=1|}"},
    {"nested, later wins", "[a]\ns3 =\n p = 1\n p = 2\n", "a{s3=|s3.p=2|}"},
    {"a new value drops what was nested", "[a]\ns3 =\n p = 1\n q = 2\ns3 = x\n", "a{s3=x|}"},
    {"a new nested value drops the old one", "[a]\ns3 =\n p = 1\nk = v\ns3 =\n q = 2\n",
     "a{s3=|k=v|s3.q=2|}"},
    {"continued", "[a]\nk = v\n  w\n\tx\nl = y\n", "a{k=v\nw\nx|l=y|}"},
    {"continued by what looks like a key", "[a]\nk = v\n  l = w\n", "a{k=v\nl = w|}"},
    {"continued by what looks like a section", "[a]\nk = v\n  [b]\n", "a{k=v\n[b]|}"},
    {"indented keys", "[a]\n  k = v\n  l = w\n", "a{k=v|l=w|}"},
    {"indented keys with nested ones", "[a]\n  k =\n    p = 1\n  l = w\n", "a{k=|k.p=1|l=w|}"},
    {"indented section", "  [a]\n  k = v\n", "a{k=v|}"},
    {"less indented after more", "[a]\n    k = v\n  l = w\nm = x\n", "a{k=v|l=w|m=x|}"},
    {"first line of a section is indented", "[a]\nk = v\n[b]\n  l = w\n", "a{k=v|}b{l=w|}"},
    {"services section", "[services x]\ns3 =\n  endpoint_url = http://h\n",
     "services x{s3=|s3.endpoint_url=http://h|}"},
    {"UTF-8", "[profile 한국]\nk = é\n", "profile 한국{k=é|}"},
};

static void dump(const struct ir_ini *ini, struct ir_buf *out)
{
    const char *section;
    const char *key;
    for (size_t i = 0; (section = ir_ini_section_name(ini, i)); i++) {
        assert_true(ir_ini_has_section(ini, section));
        ir_buf_appendf(out, "%s{", section);
        for (size_t j = 0; (key = ir_ini_key_name(ini, section, j)); j++)
            ir_buf_appendf(out, "%s=%s|", key, ir_ini_get(ini, section, key));
        ir_buf_append_char(out, '}');
    }
}

static void test_good(void **state)
{
    const struct good_row *row = *state;
    struct ir_ini *ini = NULL;
    struct ir_error err;
    struct ir_buf out;
    /* On the heap at its exact size, so that the sanitizer sees a byte read too far. */
    size_t bytes = strlen(row->text);
    char *text = malloc(bytes ? bytes : 1);
    memcpy(text, row->text, bytes);
    ir_buf_init(&out, 1000);
    if (ir_ini_parse(text, bytes, "config", &ini, &err))
        fail_msg("%s", err.message);
    free(text);
    dump(ini, &out);
    assert_string_equal(ir_buf_text(&out), row->dump);
    ir_buf_release(&out);
    ir_ini_free(ini);
}

struct bad_row {
    const char *name;
    const char *text;
    unsigned line;
    const char *message; /* a part of it */
};

#define NEITHER "neither a [section] nor `key = value` nor a comment"

static const struct bad_row bad_rows[] = {
    {"no equals sign", "[a]\nhunter2\n", 2, NEITHER},
    {"a colon is no equals sign", "[a]\nhunter2: hunter2\n", 2, NEITHER},
    {"no key", "[a]\n\n= hunter2\n", 3, NEITHER},
    {"equals sign in a comment", "[a]\nhunter2 # = hunter2\n", 2, NEITHER},
    {"key before a section", "# x\nhunter2 = hunter2\n", 2, "before the first [section]"},
    {"section without its end", "[hunter2\n", 1, "no closing ']'"},
    {"section with its end on the next line", "[hunter2\n]\n", 1, "no closing ']'"},
    {"section without a name", "[a]\n[]\n", 2, "no name"},
    {"section of blanks", "[  ]\n", 1, "no name"},
    {"section of empty quotes", "[\"\"]\n", 1, "no name"},
    {"text behind a section", "[a] hunter2\n", 1, "more text after"},
    {"two sections on a line", "[a][hunter2]\n", 1, "more text after"},
    {"nested without an equals sign", "[a]\ns3 =\n  hunter2\n", 3, "must be `key = value`"},
    {"nested without a key", "[a]\ns3 =\n  = hunter2\n", 3, "must be `key = value`"},
};

static void test_bad(void **state)
{
    const struct bad_row *row = *state;
    struct ir_ini *ini = NULL;
    struct ir_error err;
    char place[64];
    assert_int_equal(ir_ini_parse(row->text, strlen(row->text), "/home/x/.aws/config", &ini, &err),
                     IR_ERR_ARG);
    assert_null(ini);
    snprintf(place, sizeof place, "/home/x/.aws/config, line %u: ", row->line);
    assert_non_null(strstr(err.message, place));
    assert_non_null(strstr(err.message, row->message));
    assert_true(err.hint[0] != '\0');
    assert_null(strstr(err.message, "hunter2"));
    assert_null(strstr(err.hint, "hunter2"));
}

static void test_nul(void **state)
{
    (void)state;
    struct ir_ini *ini = NULL;
    struct ir_error err;
    assert_int_equal(ir_ini_parse("[a]\nk = v\0w\n", 12, "f", &ini, &err), IR_ERR_ARG);
    assert_string_equal(err.message, "f, line 2: there is a NUL byte");
    assert_int_equal(ir_ini_parse("# \0\n", 4, "f", &ini, &err), IR_ERR_ARG);
    assert_null(ini);
}

static void test_size(void **state)
{
    (void)state;
    struct ir_ini *ini = NULL;
    struct ir_error err;
    char *text = malloc(IR_INI_MAX_BYTES + 1);
    memset(text, '\n', IR_INI_MAX_BYTES + 1);
    assert_int_equal(ir_ini_parse(text, IR_INI_MAX_BYTES, "f", &ini, &err), 0);
    ir_ini_free(ini);
    ini = NULL;
    assert_int_equal(ir_ini_parse(text, IR_INI_MAX_BYTES + 1, "f", &ini, &err), IR_ERR_ARG);
    assert_string_equal(err.message, "f is larger than the maximum of 1048576 bytes");
    assert_null(ini);
    free(text);
}

/* `count` sections or keys; returns what parsing gives. */
static int parse_many(const char *before, const char *after, unsigned count, struct ir_error *err)
{
    struct ir_buf text;
    struct ir_ini *ini = NULL;
    ir_buf_init(&text, IR_INI_MAX_BYTES);
    ir_buf_append_text(&text, "[s0]\n");
    for (unsigned i = 0; i < count; i++)
        ir_buf_appendf(&text, "%s%u%s", before, i, after);
    assert_int_equal(text.failed, 0);
    int result = ir_ini_parse(text.data, text.bytes, "f", &ini, err);
    ir_ini_free(ini);
    ir_buf_release(&text);
    return result;
}

static void test_counts(void **state)
{
    (void)state;
    struct ir_error err;
    assert_int_equal(parse_many("[s", "]\n", 10000, &err), 0);
    assert_int_equal(parse_many("[s", "]\n", 10001, &err), IR_ERR_ARG);
    assert_string_equal(err.message, "f, line 10002: the file has too many sections");
    assert_int_equal(parse_many("k", " = v\n", 1000, &err), 0);
    assert_int_equal(parse_many("k", " = v\n", 1001, &err), IR_ERR_ARG);
    assert_string_equal(err.message, "f, line 1002: the section has too many keys");
}

static void test_lookups(void **state)
{
    (void)state;
    struct ir_ini *ini = NULL;
    assert_int_equal(ir_ini_parse("[a]\nk = v\n", 10, "f", &ini, NULL), 0);
    assert_string_equal(ir_ini_get(ini, "a", "k"), "v");
    assert_null(ir_ini_get(ini, "a", "K"));
    assert_null(ir_ini_get(ini, "A", "k"));
    assert_null(ir_ini_get(NULL, "a", "k"));
    assert_false(ir_ini_has_section(ini, "b"));
    assert_false(ir_ini_has_section(NULL, "a"));
    assert_null(ir_ini_section_name(ini, 1));
    assert_null(ir_ini_section_name(NULL, 0));
    assert_null(ir_ini_key_name(ini, "a", 1));
    assert_null(ir_ini_key_name(ini, "b", 0));
    assert_null(ir_ini_key_name(NULL, "a", 0));
    ir_ini_free(ini);
    ir_ini_free(NULL);
}

#define MANY_LINES 300000

/* Were the value copied for each of its lines, this would take a quarter of a minute and more. */
static void test_many_continuations(void **state)
{
    (void)state;
    const char head[] = "[a]\nk = v\n";
    const char line[] = {' ', 'x', '\n'};
    size_t bytes = sizeof head - 1 + sizeof line * MANY_LINES;
    char *text = malloc(bytes);
    struct ir_ini *ini = NULL;
    struct ir_error err = {0};
    assert_non_null(text);
    memcpy(text, head, sizeof head - 1);
    for (size_t i = 0; i < MANY_LINES; i++)
        memcpy(text + sizeof head - 1 + sizeof line * i, line, sizeof line);
    assert_int_equal(ir_ini_parse(text, bytes, "many", &ini, &err), 0);
    free(text);
    const char *value = ir_ini_get(ini, "a", "k");
    assert_int_equal(strlen(value), 1 + 2 * MANY_LINES);
    for (size_t i = 0; i < MANY_LINES; i++)
        if (value[1 + 2 * i] != '\n' || value[2 + 2 * i] != 'x')
            fail_msg("line %zu is wrong", i);
    ir_ini_free(ini);
}

static void assert_piece(const char *piece, size_t bytes, const char *wanted)
{
    assert_int_equal(piece != NULL, wanted != NULL);
    if (wanted == NULL)
        return;
    assert_int_equal(bytes, strlen(wanted));
    assert_memory_equal(piece, wanted, bytes);
}

/* Each line by itself, also of a text that is refused as a whole. */
static void test_lines(void **state)
{
    static const char text[] = "\xEF\xBB\xBFk = v # x\r\n\n; k = v\n[a] b=c=d\n\tlone ; e\n  i=\n"
                               " = v\nn\0 = 1\nlast";
    static const struct {
        const char *key;   /* NULL = none */
        const char *value; /* NULL = none */
        bool is_indented;
        bool has_nul;
    } lines[] = {
        {"k", "v"},           {NULL, NULL},    {NULL, NULL},    {"[a] b", "c=d"},
        {"lone", NULL, true}, {"i", "", true}, {"", "v", true}, {"n", "1", false, true},
        {"last", NULL},
    };
    struct ir_ini_line line;
    size_t at = 0;
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        assert_true(ir_ini_next_line(text, sizeof text - 1, &at, &line));
        assert_int_equal(line.is_indented, lines[i].is_indented);
        assert_int_equal(line.has_nul, lines[i].has_nul);
        assert_piece(line.key, line.key_bytes - (line.has_nul ? 1 : 0), lines[i].key);
        assert_piece(line.value, line.value_bytes, lines[i].value);
    }
    assert_false(ir_ini_next_line(text, sizeof text - 1, &at, &line));
    at = 0;
    assert_false(ir_ini_next_line("", 0, &at, &line));
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_good, good_rows);
    UNIT_ADD_ROWS(&list, test_bad, bad_rows);
    unit_add(&list, "NUL byte", test_nul);
    unit_add(&list, "1 MiB, not one byte more", test_size);
    unit_add(&list, "maxima of sections and keys", test_counts);
    unit_add(&list, "lookups", test_lookups);
    unit_add(&list, "line by line", test_lines);
    unit_add(&list, "a value of very many lines", test_many_continuations);
    return unit_run(&list, "ini");
}
