/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XML: the tree hangs together, its texts are UTF-8 and not longer than what came in. */
#include "tests/fuzz/fuzz.h"

#include "core/base/error.h"
#include "core/base/utf8.h"
#include "core/base/xml.h"

/* The bytes of all texts at and below `element`. */
static size_t check_tree(const struct ir_xml_element *element)
{
    size_t bytes = strlen(element->text);
    FUZZ_CHECK(element->name && element->name[0]);
    FUZZ_CHECK(ir_utf8_is_valid(element->name, strlen(element->name)));
    FUZZ_CHECK(ir_utf8_is_valid(element->text, bytes));
    for (const struct ir_xml_element *child = element->first_child; child;
         child = child->next_sibling) {
        FUZZ_CHECK(child->parent == element);
        FUZZ_CHECK(ir_xml_child(element, child->name));
        bytes += check_tree(child);
    }
    return bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct ir_xml_doc *doc = NULL;
    struct ir_error err;
    if (bytes > FUZZ_MAX_BYTES)
        return 0;
    int result = ir_xml_parse((const char *)data, bytes, FUZZ_MAX_BYTES, "it", &doc, &err);
    if (result) {
        FUZZ_CHECK(!doc && err.code == result);
        FUZZ_CHECK(result == IR_ERR_RESPONSE || result == IR_ERR_TOO_LARGE);
        return 0;
    }
    /* A byte of Latin-1 is two of UTF-8, and two of UTF-16 are three. */
    size_t text_bytes = check_tree(ir_xml_root(doc));
    FUZZ_CHECK(text_bytes <= 2 * bytes);
    ir_xml_free(doc);
    FUZZ_CHECK(!ir_xml_parse_secret((const char *)data, bytes, FUZZ_MAX_BYTES, "it", &doc, NULL));
    FUZZ_CHECK(check_tree(ir_xml_root(doc)) == text_bytes);
    ir_xml_free(doc);
    return 0;
}
