/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Labels in lines, for answers without brackets:
 *
 *     - **Cat**: 95 %                     1. 라벨: 고양이
 *     - Dog (0.9) [10, 20, 30, 40]           위치: (10, 20), (30, 40)
 *
 * The lines are written anew as one list of objects, and that is read as any other. Only a line
 * that a bullet or a number leads, or a key for a name, begins a label; other lines are prose
 * unless they are a label's attributes.
 */
#include <string.h>

#include "core/base/ascii.h"
#include "core/base/json.h"
#include "core/task/labels_find.h"

#define MAX_LINE_BYTES 1024U
#define MAX_NAME_BYTES 64U /* longer ones are sentences */
#define MAX_LIST_BYTES (8U << 20)

struct lines {
    struct ir_found *found;
    struct ir_buf list;
    size_t label_count;
};

/* What leads a line of a list: "- ", "* ", "• ", "1. ", "1) "; its bytes, 0 = nothing. */
static size_t bullet_bytes(const char *line)
{
    size_t digits = strspn(line, "0123456789");
    if (digits > 0 && digits <= 4 && (line[digits] == '.' || line[digits] == ')') &&
        line[digits + 1] == ' ')
        return digits + 2;
    if ((*line == '-' || *line == '*') && line[1] == ' ')
        return 2;
    return strncmp(line, "\xe2\x80\xa2", 3) == 0 ? 3 : 0;
}

/* A copy of [text, text + bytes) without blanks and Markdown's signs around it. */
static void put_text(struct ir_buf *out, const char *text, size_t bytes)
{
    static const char around[] = " \t\r*`\"'";
    struct ir_json_writer json;
    struct ir_buf copy;
    while (bytes > 0 && memchr(around, text[bytes - 1], sizeof around - 1) != NULL)
        bytes--;
    while (bytes > 0 && memchr(around, *text, sizeof around - 1) != NULL) {
        text++;
        bytes--;
    }
    ir_buf_init(&copy, MAX_LINE_BYTES);
    ir_buf_append(&copy, text, bytes);
    ir_json_writer_init(&json, out);
    ir_json_put_string(&json, ir_buf_text(&copy));
    if (copy.failed != 0)
        out->failed = copy.failed;
    ir_buf_release(&copy);
}

static void begin_label(struct lines *lines, const char *name, size_t bytes)
{
    ir_buf_append_text(&lines->list, lines->label_count++ > 0 ? "},{\"name\":" : "{\"name\":");
    put_text(&lines->list, name, bytes);
}

/* The rest of a line behind a name: "95 %", "(0.9) [10, 20, 30, 40]", "TopLeft (1, 2), ...". */
static void put_rest(struct lines *lines, const char *rest)
{
    double numbers[5];
    char units[5];
    size_t count = ir_loose_numbers(rest, numbers, units, 5);
    bool has_confidence = count == 1 || count == 5;
    if (has_confidence && units[0] == '%')
        ir_buf_appendf(&lines->list, ",\"confidence\":\"%.6f%%\"", numbers[0]);
    else if (has_confidence)
        ir_buf_appendf(&lines->list, ",\"confidence\":\"%.6f\"", numbers[0]);
    if (count < 4)
        return;
    size_t from = count == 5 ? 1 : 0;
    ir_buf_append_text(&lines->list, ",\"box\":\"");
    for (size_t i = from; i < from + 4; i++)
        ir_buf_appendf(&lines->list, "%.6f%s ", numbers[i], units[i] == '%' ? "%" : "");
    ir_buf_append_text(&lines->list, "\"");
}

/* Where a name ends in a line: at a colon, a bracket, a dash between blanks, or its end. */
static size_t name_bytes(const char *line)
{
    size_t bytes = strcspn(line, ":([|");
    const char *const others[] = {" - ", " \xe2\x80\x93 ", " \xe2\x80\x94 ", "\xef\xbc\x9a"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        const char *found = strstr(line, others[i]);
        if (found != NULL && (size_t)(found - line) < bytes)
            bytes = (size_t)(found - line);
    }
    return bytes;
}

static void take_line(struct lines *lines, const char *line, bool has_bullet)
{
    char key[MAX_LINE_BYTES];
    char plain[IR_PLAIN_KEY_BYTES];
    size_t bytes = name_bytes(line);
    const char *rest = line + bytes;
    memcpy(key, line, bytes);
    key[bytes] = '\0';
    ir_labels_plain_key(key, plain);
    bool has_colon = *rest == ':' || strncmp(rest, "\xef\xbc\x9a", 3) == 0;
    if (has_colon)
        rest += *rest == ':' ? 1 : 3;
    if (has_colon && ir_labels_is_name_key(plain)) {
        begin_label(lines, rest, strlen(rest));
    } else if (has_colon && ir_labels_is_attribute_key(plain)) {
        if (lines->label_count == 0)
            return;
        ir_buf_append_text(&lines->list, ",");
        put_text(&lines->list, key, bytes);
        ir_buf_append_text(&lines->list, ":");
        put_text(&lines->list, rest, strlen(rest));
    } else if (has_bullet && bytes > 0 && bytes <= MAX_NAME_BYTES) {
        begin_label(lines, line, bytes);
        put_rest(lines, rest);
    } else if (has_bullet) {
        lines->found->nameless_count++;
    }
}

void ir_labels_find_lines(struct ir_found *found, const char *text, size_t bytes)
{
    struct lines lines = {.found = found};
    struct ir_loose loose;
    size_t end = 0;
    ir_buf_init(&lines.list, MAX_LIST_BYTES);
    ir_buf_append_text(&lines.list, "[");
    for (size_t at = 0; at < bytes;) {
        char line[MAX_LINE_BYTES];
        const char *feed = memchr(text + at, '\n', bytes - at);
        size_t length = feed != NULL ? (size_t)(feed - text) - at : bytes - at;
        size_t skip = 0;
        while (skip < length && ir_ascii_is_space(text[at + skip]))
            skip++;
        if (length - skip < sizeof line) {
            memcpy(line, text + at + skip, length - skip);
            line[length - skip] = '\0';
            size_t bullet = bullet_bytes(line);
            take_line(&lines, line + bullet, bullet > 0);
        }
        at += length + 1;
    }
    ir_buf_append_text(&lines.list, lines.label_count > 0 ? "}]" : "]");
    if (lines.list.failed != 0)
        found->failed = lines.list.failed;
    ir_loose_init(&loose, lines.list.bytes);
    if (lines.label_count > 0 && found->failed == 0) {
        size_t value = ir_loose_read(&loose, ir_buf_text(&lines.list), lines.list.bytes, 0, &end);
        if (loose.failed == IR_ERR_NOMEM)
            found->failed = IR_ERR_NOMEM;
        else if (value > 0 && !loose.is_cut)
            ir_labels_find(found, &loose, value, true);
    }
    ir_loose_release(&loose);
    ir_buf_release(&lines.list);
}
