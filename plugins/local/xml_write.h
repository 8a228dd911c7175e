/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XML out: elements and escaped text, into a bounded buffer with its sticky failure. */
#ifndef PLUGINS_LOCAL_XML_WRITE_H
#define PLUGINS_LOCAL_XML_WRITE_H

#include <stdint.h>

#include "core/base/buf.h"

void xml_declare(struct ir_buf *out);
void xml_open(struct ir_buf *out, const char *element);
void xml_close(struct ir_buf *out, const char *element);
/* <element>text</element>. What XML 1.0 has no character for is written as a reference to it, as S3
 * does. */
void xml_text(struct ir_buf *out, const char *element, const char *text);
void xml_number(struct ir_buf *out, const char *element, uint64_t number);

#endif
