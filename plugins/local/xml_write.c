/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Elements have no attributes here; those few that AWS has are written where they are needed. */
#include "plugins/local/xml_write.h"

#include <inttypes.h>

void xml_declare(struct ir_buf *out)
{
    ir_buf_append_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
}

void xml_open(struct ir_buf *out, const char *element)
{
    ir_buf_appendf(out, "<%s>", element);
}

void xml_close(struct ir_buf *out, const char *element)
{
    ir_buf_appendf(out, "</%s>", element);
}

static void append_escaped(struct ir_buf *out, const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '&')
            ir_buf_append_text(out, "&amp;");
        else if (*c == '<')
            ir_buf_append_text(out, "&lt;");
        else if (*c == '>')
            ir_buf_append_text(out, "&gt;");
        else if (*c == '"')
            ir_buf_append_text(out, "&quot;");
        else if ((unsigned char)*c < ' ')
            ir_buf_appendf(out, "&#x%X;", (unsigned)*c);
        else
            ir_buf_append_char(out, *c);
    }
}

void xml_text(struct ir_buf *out, const char *element, const char *text)
{
    xml_open(out, element);
    append_escaped(out, text);
    xml_close(out, element);
}

void xml_number(struct ir_buf *out, const char *element, uint64_t number)
{
    ir_buf_appendf(out, "<%s>%" PRIu64 "</%s>", element, number, element);
}
