/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * XML in, as a tree, by expat; xml.c is the only file that includes its header. DTDs and entity
 * declarations are refused, depth, elements and bytes have maxima. Namespaces are not resolved:
 * an element's name is taken behind its prefix. Attributes are not kept.
 */
#ifndef CORE_BASE_XML_H
#define CORE_BASE_XML_H

#include <stddef.h>

#include <imgrecog/error.h>

struct ir_xml_doc;

struct ir_xml_element {
    const char *name;
    const char *text; /* character data directly inside, concatenated; "" when none */
    const struct ir_xml_element *parent;
    const struct ir_xml_element *first_child;
    const struct ir_xml_element *next_sibling;
};

/*
 * Parses at most `max_bytes` of text and 1,000,000 elements 64 deep. IR_ERR_RESPONSE: not
 * well-formed, or with a DTD; the message says where, `what` names the text. IR_ERR_TOO_LARGE.
 * IR_ERR_NOMEM.
 */
IR_MUST_CHECK int ir_xml_parse(const char *text, size_t bytes, size_t max_bytes, const char *what,
                               struct ir_xml_doc **out, struct ir_error *err);
/* The same for a text with keys or tokens in it: every copy of a part is wiped. */
IR_MUST_CHECK int ir_xml_parse_secret(const char *text, size_t bytes, size_t max_bytes,
                                      const char *what, struct ir_xml_doc **out,
                                      struct ir_error *err);
void ir_xml_free(struct ir_xml_doc *doc);
const struct ir_xml_element *ir_xml_root(const struct ir_xml_doc *doc);
/* The first child with this name; NULL when there is none or `element` is NULL. */
const struct ir_xml_element *ir_xml_child(const struct ir_xml_element *element, const char *name);
/* Its text, or `fallback`. */
const char *ir_xml_child_text(const struct ir_xml_element *element, const char *name,
                              const char *fallback);

#endif
