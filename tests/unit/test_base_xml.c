/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XML: trees of what S3, STS and OpenCV write, and every refusal. */
#include "tests/unit/unit.h"

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/xml.h"
#include "tests/unit/freed_memory.h"
#include <imgrecog/result.h>

#define MAX_BYTES ((size_t)64 << 20)

static struct ir_xml_doc *parse(const char *text)
{
    struct ir_xml_doc *doc = NULL;
    struct ir_error err;
    if (ir_xml_parse(text, strlen(text), MAX_BYTES, "it", &doc, &err))
        fail_msg("%s", err.message);
    return doc;
}

struct tree_row {
    const char *name;
    const char *text;
    const char *tree; /* name"text"(children) */
};

static const struct tree_row tree_rows[] = {
    {"empty element", "<a/>", "a\"\"()"},
    {"text", "<a>x</a>", "a\"x\"()"},
    {"children in order", "<a><b>1</b><c>2</c><b>3</b></a>", "a\"\"(b\"1\"()c\"2\"()b\"3\"())"},
    {"text around children", "<a>x<b>y</b>z<c/>!</a>", "a\"xz!\"(b\"y\"()c\"\"())"},
    {"prefix", "<s:a xmlns:s='u'><s:b/></s:a>", "a\"\"(b\"\"())"},
    {"prefix of nothing", "<a:><b:/></a:>", "a:\"\"(b:\"\"())"},
    {"default name space and attributes", "<a xmlns='u' k='v'><b k='v'>1</b></a>",
     "a\"\"(b\"1\"())"},
    {"predefined entities", "<a>&lt;&amp;&gt;&quot;&apos;</a>", "a\"<&>\"'\"()"},
    {"character references", "<a>&#xD55C;&#65;</a>", "a\"한A\"()"},
    {"CDATA", "<a>x<![CDATA[<b>&]]>y</a>", "a\"x<b>&y\"()"},
    {"comments and instructions", "<?xml version='1.0'?><!--x--><a>1<!--2-->3<?p i?></a><!-- -->",
     "a\"13\"()"},
    {"CR LF becomes LF", "<a>x\r\ny</a>", "a\"x\ny\"()"},
    {"Latin-1", "<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE9</a>", "a\"é\"()"},
    {"byte-order mark", "\xEF\xBB\xBF<a/>", "a\"\"()"},
    {"an S3 error",
     "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey</Code>"
     "<Message>m</Message></Error>",
     "Error\"\"(Code\"NoSuchKey\"()Message\"m\"())"},
};

static void print_tree(const struct ir_xml_element *element, struct ir_buf *out)
{
    ir_buf_appendf(out, "%s\"%s\"(", element->name, element->text);
    for (const struct ir_xml_element *child = element->first_child; child;
         child = child->next_sibling) {
        assert_ptr_equal(child->parent, element);
        print_tree(child, out);
    }
    ir_buf_append_char(out, ')');
}

static void test_tree(void **state)
{
    const struct tree_row *row = *state;
    struct ir_xml_doc *doc = parse(row->text);
    struct ir_buf out;
    ir_buf_init(&out, 1000);
    print_tree(ir_xml_root(doc), &out);
    assert_string_equal(ir_buf_text(&out), row->tree);
    assert_null(ir_xml_root(doc)->parent);
    assert_null(ir_xml_root(doc)->next_sibling);
    ir_buf_release(&out);
    ir_xml_free(doc);
}

struct bad_row {
    const char *name;
    const char *text;
    const char *message; /* a part of it */
};

#define DTD "document type declaration"

static const struct bad_row bad_rows[] = {
    {"nothing", "", "no element found"},
    {"white space only", "  \n", "no element found"},
    {"JSON", "{\"a\":1}", "line 1, column 1"},
    {"cut", "<a><b>1</b>", "line 1"},
    {"cut tag", "<a", "line 1"},
    {"crossed", "<a><b></a></b>", "mismatched tag"},
    {"two roots", "<a/><b/>", "line 1"},
    {"text behind", "<a/>x", "line 1"},
    {"line is counted", "<a>\n\n  <b></a>", "line 3, column 8"},
    {"undeclared entity", "<a>&x;</a>", "undefined entity"},
    {"not UTF-8", "<a>\xFF</a>", "invalid"},
    {"NUL reference", "<a>&#0;</a>", "line 1"},
    {"DTD", "<!DOCTYPE a><a/>", DTD},
    {"DTD, external", "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", DTD},
    {"DTD, external entity", "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
     DTD},
    {"DTD, parameter entity", "<!DOCTYPE a [<!ENTITY % x SYSTEM 'http://127.0.0.1/'> %x;]><a/>",
     DTD},
    {"a billion laughs",
     "<!DOCTYPE a [<!ENTITY a0 'ha'><!ENTITY a1 '&a0;&a0;&a0;&a0;&a0;&a0;&a0;&a0;&a0;&a0;'>"
     "<!ENTITY a2 '&a1;&a1;&a1;&a1;&a1;&a1;&a1;&a1;&a1;&a1;'>]><a>&a2;</a>",
     DTD},
    {"one entity in quadratic blow-up", "<!DOCTYPE a [<!ENTITY x 'xxxxxxxx'>]><a>&x;&x;&x;</a>",
     DTD},
};

static void test_bad(void **state)
{
    const struct bad_row *row = *state;
    struct ir_xml_doc *doc = NULL;
    struct ir_error err;
    assert_int_equal(
        ir_xml_parse(row->text, strlen(row->text), MAX_BYTES, "the answer", &doc, &err),
        IR_ERR_RESPONSE);
    assert_null(doc);
    assert_non_null(strstr(err.message, "the answer cannot be read as XML"));
    assert_non_null(strstr(err.message, row->message));
}

static void test_cut_everywhere(void **state)
{
    (void)state;
    const char *text = "<?xml version='1.0'?><a k='v'>x<b>&amp;<![CDATA[y]]></b><!--c--></a>";
    for (size_t bytes = 0; bytes < strlen(text); bytes++) {
        struct ir_xml_doc *doc = NULL;
        char *part = malloc(bytes ? bytes : 1);
        memcpy(part, text, bytes);
        assert_int_equal(ir_xml_parse(part, bytes, MAX_BYTES, "it", &doc, NULL), IR_ERR_RESPONSE);
        assert_null(doc);
        free(part);
    }
}

static void test_children(void **state)
{
    (void)state;
    struct ir_xml_doc *doc = parse("<a><b>1</b><b>2</b><c/></a>");
    const struct ir_xml_element *root = ir_xml_root(doc);
    assert_string_equal(ir_xml_child(root, "b")->text, "1");
    assert_string_equal(ir_xml_child_text(root, "b", "z"), "1");
    assert_string_equal(ir_xml_child_text(root, "c", "z"), "");
    assert_string_equal(ir_xml_child_text(root, "d", "z"), "z");
    assert_null(ir_xml_child_text(NULL, "d", NULL));
    assert_null(ir_xml_child(NULL, "b"));
    assert_null(ir_xml_child(ir_xml_child(root, "c"), "b"));
    assert_null(ir_xml_root(NULL));
    ir_xml_free(doc);
    ir_xml_free(NULL);
}

static void test_depth(void **state)
{
    (void)state;
    struct ir_error err;
    for (int depth = 64; depth <= 65; depth++) {
        struct ir_buf text;
        struct ir_xml_doc *doc = NULL;
        ir_buf_init(&text, 1000);
        for (int i = 0; i < depth; i++)
            ir_buf_append_text(&text, "<a>");
        for (int i = 0; i < depth; i++)
            ir_buf_append_text(&text, "</a>");
        int result = ir_xml_parse(text.data, text.bytes, MAX_BYTES, "it", &doc, &err);
        assert_int_equal(result, depth <= 64 ? 0 : IR_ERR_TOO_LARGE);
        if (result)
            assert_non_null(strstr(err.message, "too deep"));
        ir_xml_free(doc);
        ir_buf_release(&text);
    }
}

static void test_max_bytes(void **state)
{
    (void)state;
    struct ir_error err;
    struct ir_xml_doc *doc = NULL;
    assert_int_equal(ir_xml_parse("<a>12</a>", 9, 9, "it", &doc, &err), 0);
    ir_xml_free(doc);
    doc = NULL;
    assert_int_equal(ir_xml_parse("<a>12</a>", 9, 8, "it", &doc, &err), IR_ERR_TOO_LARGE);
    assert_string_equal(err.message, "it is larger than the maximum of 8 bytes");
    assert_null(doc);
}

/* `elements` in all: a root and its children. */
static int parse_many(size_t elements, struct ir_xml_doc **out_doc, struct ir_error *err)
{
    struct ir_buf text;
    ir_buf_init(&text, MAX_BYTES);
    ir_buf_append_text(&text, "<r>");
    for (size_t i = 1; i < elements; i++)
        ir_buf_append_text(&text, "<_>7</_>");
    ir_buf_append_text(&text, "</r>");
    assert_int_equal(text.failed, 0);
    int result = ir_xml_parse(text.data, text.bytes, MAX_BYTES, "it", out_doc, err);
    ir_buf_release(&text);
    return result;
}

static void test_element_count(void **state)
{
    (void)state;
    struct ir_error err;
    struct ir_xml_doc *doc = NULL;
    assert_int_equal(parse_many(1000000, &doc, &err), 0);
    size_t count = 1;
    for (const struct ir_xml_element *child = ir_xml_root(doc)->first_child; child;
         child = child->next_sibling, count++)
        assert_true(child->text[0] == '7' && child->name[0] == '_');
    assert_int_equal(count, 1000000);
    ir_xml_free(doc);
    doc = NULL;
    assert_int_equal(parse_many(1000001, &doc, &err), IR_ERR_TOO_LARGE);
    assert_non_null(strstr(err.message, "too many elements"));
    assert_null(doc);
}

/* One text longer than the pieces in which the parser is fed, and than a block of the arena. */
static void test_long_text(void **state)
{
    (void)state;
    struct ir_buf text;
    struct ir_xml_doc *doc = NULL;
    size_t bytes = (size_t)3 << 20;
    ir_buf_init(&text, MAX_BYTES);
    ir_buf_append_text(&text, "<a><b>");
    for (size_t i = 0; i < bytes; i++)
        ir_buf_append_char(&text, (char)('a' + i % 25));
    ir_buf_append_text(&text, "</b><c>end</c></a>");
    assert_int_equal(ir_xml_parse(text.data, text.bytes, MAX_BYTES, "it", &doc, NULL), 0);
    const char *b = ir_xml_child_text(ir_xml_root(doc), "b", "");
    assert_int_equal(strlen(b), bytes);
    for (size_t i = 0; i < bytes; i += 997)
        assert_int_equal(b[i], 'a' + i % 25);
    assert_string_equal(ir_xml_child_text(ir_xml_root(doc), "c", ""), "end");
    ir_xml_free(doc);
    ir_buf_release(&text);
}

#define TENS(text) text text text text text text text text text text

static const struct tree_row secret_rows[] = {
    {"secret: a text", "<a><b>hush</b><c>1</c></a>", "a\"\"(b\"hush\"()c\"1\"())"},
    {"secret: around children", "<a>hush<b>hush</b>hush</a>", "a\"hushhush\"(b\"hush\"())"},
    {"secret: with an entity", "<a>hush&amp;hush</a>", "a\"hush&hush\"()"},
    {"secret: long", "<a>" TENS(TENS(TENS("hush"))) "</a>", "a\"" TENS(TENS(TENS("hush"))) "\"()"},
    {"secret: another encoding", "<?xml version='1.0' encoding='ISO-8859-1'?><a>hush\xE9hush</a>",
     "a\"hush\u00e9hush\"()"},
    {"secret: not well-formed", "<a>hush<b></a>", NULL},
};

static void test_secret(void **state)
{
    const struct tree_row *row = *state;
    struct ir_xml_doc *doc = NULL;
    struct ir_buf out;
    char block[128];
    ir_buf_init_secret(&out, 10000);
    freed_memory_watch("hush");
    int rc = ir_xml_parse_secret(row->text, strlen(row->text), 10000, "it", &doc, NULL);
    assert_int_equal(rc, row->tree != NULL ? 0 : IR_ERR_RESPONSE);
    if (row->tree != NULL) {
        print_tree(ir_xml_root(doc), &out);
        assert_string_equal(ir_buf_text(&out), row->tree);
    }
    ir_xml_free(doc);
    if (freed_memory_found(block, sizeof block) > 0)
        fail_msg("freed and not wiped: %s", block);
    ir_buf_release(&out);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_tree, tree_rows);
    UNIT_ADD_ROWS(&list, test_bad, bad_rows);
    unit_add(&list, "cut at every byte", test_cut_everywhere);
    unit_add(&list, "children", test_children);
    unit_add(&list, "64 elements deep, not 65", test_depth);
    unit_add(&list, "maximum of bytes", test_max_bytes);
    unit_add(&list, "a million elements, not one more", test_element_count);
    unit_add(&list, "a text of 3 MiB", test_long_text);
    UNIT_ADD_ROWS(&list, test_secret, secret_rows);
    return unit_run(&list, "xml");
}
