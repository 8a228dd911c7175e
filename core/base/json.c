/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns JSON, and is alone in including json-c. A value handed out is a json-c object behind a cast;
 * JSON's null is a NULL pointer, as in json-c, and every reader takes NULL.
 *
 * json-c's strict mode (0.18) still takes NaN, Infinity, 'single quoted' member names, "1." and
 * "-01", none of which RFC 8259 knows. find_foreign refuses them beforehand, and text that is not
 * UTF-8, as json-c's own check (JSON_TOKENER_VALIDATE_UTF8) refuses a valid character that stands
 * first in a string, and takes overlong forms and surrogates. json-c refuses integers over 64 bits,
 * which RFC 8259 allows; no answer of AWS has one.
 */
#include "core/base/json.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include <imgrecog/result.h>

#include "core/base/alloc.h"
#include "core/base/error.h"
#include "core/base/utf8.h"

/* "%.*f" of the largest double: sign, 309 digits, a decimal sign of several bytes, decimals. */
#define MAX_DECIMALS 17
#define NUMBER_BYTES (1 + 309 + 8 + MAX_DECIMALS + 1)

struct ir_json_doc {
    struct json_object *root;
};

static struct json_object *object_of(const struct ir_json_value *value)
{
    return (struct json_object *)(void *)value;
}

static const struct ir_json_value *value_of(struct json_object *object)
{
    return (const struct ir_json_value *)(void *)object;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Whether the byte at `at`, outside of strings, can stand there in JSON. */
static bool fits_json(const char *text, size_t bytes, size_t at)
{
    char before = at ? text[at - 1] : ' ';
    char next = at + 1 < bytes ? text[at + 1] : ' ';
    if (!text[at] || !strchr("{}[]:,\" \t\r\n0123456789+-.eEtrufalsn", text[at]))
        return false;
    if (text[at] == '.')
        return is_digit(next);
    if (text[at] == '-' && next == '0' && before != 'e' && before != 'E')
        return at + 2 >= bytes || !is_digit(text[at + 2]);
    return true;
}

/* The bytes of the piece of a string at `text`: a character or the half of an escape; 0: neither.
 */
static size_t string_piece(const char *text, size_t bytes)
{
    if (text[0] == '\\' && bytes > 1 && text[1])
        return (unsigned char)text[1] < 0x80 ? 2 : 1;
    return text[0] ? ir_utf8_next(text, bytes) : 0;
}

/* Where the first byte lies that json-c might take and JSON does not have; `bytes` when nowhere. */
static size_t find_foreign(const char *text, size_t bytes)
{
    bool in_string = false;
    for (size_t at = 0; at < bytes;) {
        size_t width = in_string ? string_piece(text + at, bytes - at) : fits_json(text, bytes, at);
        if (!width)
            return at;
        if (text[at] == '"')
            in_string = !in_string;
        at += width;
    }
    return bytes;
}

static int fail_at(struct ir_error *err, const char *what, size_t at, const char *why)
{
    return ir_fail(err, IR_ERR_RESPONSE, "%s is not valid JSON: %s at byte %zu", what, why, at);
}

/* Feeds the tokener. 0 and the root (which is NULL for JSON's null), or an error. */
static int tokenize(struct json_tokener *tokener, const char *text, size_t bytes, const char *what,
                    struct json_object **out_root, struct ir_error *err)
{
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
    struct json_object *root = json_tokener_parse_ex(tokener, text, (int)bytes);
    enum json_tokener_error status = json_tokener_get_error(tokener);
    size_t at = json_tokener_get_parse_end(tokener);
    if (status == json_tokener_continue) {
        /* The NUL says that a number at the very end is complete. */
        root = json_tokener_parse_ex(tokener, "", 1);
        status = json_tokener_get_error(tokener);
        at = bytes;
    }
    if (status == json_tokener_error_memory)
        return ir_fail_nomem(err);
    if (status != json_tokener_success)
        return fail_at(err, what, at, json_tokener_error_desc(status));
    for (; at < bytes; at++) {
        if (!strchr(" \t\r\n", text[at])) {
            json_object_put(root);
            return fail_at(err, what, at, "more text after the value");
        }
    }
    *out_root = root;
    return 0;
}

int ir_json_parse(const char *text, size_t bytes, const char *what, struct ir_json_doc **out,
                  struct ir_error *err)
{
    struct json_tokener *tokener = NULL;
    struct ir_json_doc *doc = NULL;
    int result = 0;
    if (bytes >= INT_MAX)
        return ir_fail(err, IR_ERR_TOO_LARGE, "%s is larger than %d bytes", what, INT_MAX - 1);
    size_t foreign = find_foreign(text, bytes);
    if (foreign < bytes)
        return fail_at(err, what, foreign, "unexpected character");

    doc = ir_calloc(1, sizeof *doc);
    tokener = json_tokener_new_ex(IR_JSON_MAX_DEPTH);
    if (!doc || !tokener) {
        result = ir_fail_nomem(err);
        goto out;
    }
    result = tokenize(tokener, text, bytes, what, &doc->root, err);
    if (result)
        goto out;
    *out = doc;
    doc = NULL;
out:
    if (tokener)
        json_tokener_free(tokener);
    ir_json_free(doc);
    return result;
}

void ir_json_free(struct ir_json_doc *doc)
{
    if (!doc)
        return;
    json_object_put(doc->root);
    ir_free(doc);
}

const struct ir_json_value *ir_json_root(const struct ir_json_doc *doc)
{
    return doc ? value_of(doc->root) : NULL;
}

bool ir_json_is_object(const struct ir_json_value *value)
{
    return json_object_is_type(object_of(value), json_type_object);
}

bool ir_json_is_array(const struct ir_json_value *value)
{
    return json_object_is_type(object_of(value), json_type_array);
}

bool ir_json_is_number(const struct ir_json_value *value)
{
    return json_object_is_type(object_of(value), json_type_int) ||
           json_object_is_type(object_of(value), json_type_double);
}

bool ir_json_is_string(const struct ir_json_value *value)
{
    return json_object_is_type(object_of(value), json_type_string);
}

const struct ir_json_value *ir_json_get(const struct ir_json_value *object, const char *member)
{
    struct json_object *found = NULL;
    if (!ir_json_is_object(object))
        return NULL;
    json_object_object_get_ex(object_of(object), member, &found);
    return value_of(found);
}

size_t ir_json_count(const struct ir_json_value *array)
{
    return ir_json_is_array(array) ? json_object_array_length(object_of(array)) : 0;
}

const struct ir_json_value *ir_json_at(const struct ir_json_value *array, size_t item_index)
{
    if (item_index >= ir_json_count(array))
        return NULL;
    return value_of(json_object_array_get_idx(object_of(array), item_index));
}

double ir_json_number(const struct ir_json_value *value, double fallback)
{
    if (!ir_json_is_number(value))
        return fallback;
    double number = json_object_get_double(object_of(value));
    return isfinite(number) ? number : fallback; /* "1e999" */
}

bool ir_json_bool(const struct ir_json_value *value, bool fallback)
{
    if (!json_object_is_type(object_of(value), json_type_boolean))
        return fallback;
    return json_object_get_boolean(object_of(value));
}

const char *ir_json_string(const struct ir_json_value *value, size_t *out_bytes,
                           const char *fallback)
{
    if (!ir_json_is_string(value)) {
        if (out_bytes)
            *out_bytes = fallback ? strlen(fallback) : 0;
        return fallback;
    }
    if (out_bytes)
        *out_bytes = (size_t)json_object_get_string_len(object_of(value));
    return json_object_get_string(object_of(value));
}

const char *ir_json_member_string(const struct ir_json_value *object, const char *member,
                                  const char *fallback)
{
    return ir_json_string(ir_json_get(object, member), NULL, fallback);
}

void ir_json_each(const struct ir_json_value *object,
                  bool (*visit)(void *context, const char *member,
                                const struct ir_json_value *value),
                  void *context)
{
    if (!ir_json_is_object(object))
        return;
    struct json_object_iterator at = json_object_iter_begin(object_of(object));
    struct json_object_iterator end = json_object_iter_end(object_of(object));
    while (!json_object_iter_equal(&at, &end)) {
        if (!visit(context, json_object_iter_peek_name(&at),
                   value_of(json_object_iter_peek_value(&at))))
            return;
        json_object_iter_next(&at);
    }
}

void ir_json_writer_init(struct ir_json_writer *writer, struct ir_buf *out)
{
    memset(writer, 0, sizeof *writer);
    writer->out = out;
}

/* The comma before every item but the first; none between a key and its value. */
static void begin_item(struct ir_json_writer *writer)
{
    if (writer->after_key) {
        writer->after_key = false;
        return;
    }
    if (writer->has_item[writer->depth])
        ir_buf_append_char(writer->out, ',');
    writer->has_item[writer->depth] = true;
}

static void open_level(struct ir_json_writer *writer, char bracket)
{
    begin_item(writer);
    ir_buf_append_char(writer->out, bracket);
    if (writer->depth >= IR_JSON_MAX_DEPTH) {
        /* The content is lost, so it must not pass for whole. The level is not counted: what
         * closes it closes an outer one, in a buffer that has failed already. */
        if (!writer->out->failed)
            writer->out->failed = IR_ERR_TOO_LARGE;
        return;
    }
    writer->depth++;
    writer->has_item[writer->depth] = false;
}

static void close_level(struct ir_json_writer *writer, char bracket)
{
    assert(writer->depth || writer->out->failed);
    assert(!writer->after_key || writer->out->failed);
    ir_buf_append_char(writer->out, bracket);
    if (writer->depth)
        writer->depth--;
}

void ir_json_begin_object(struct ir_json_writer *writer)
{
    open_level(writer, '{');
}

void ir_json_end_object(struct ir_json_writer *writer)
{
    close_level(writer, '}');
}

void ir_json_begin_array(struct ir_json_writer *writer)
{
    open_level(writer, '[');
}

void ir_json_end_array(struct ir_json_writer *writer)
{
    close_level(writer, ']');
}

/* How many bytes from `text` on can be written as they are. */
static size_t plain_run(const char *text, size_t bytes)
{
    size_t at = 0;
    while (at < bytes) {
        unsigned char c = (unsigned char)text[at];
        if (c < 0x20 || c == '"' || c == '\\')
            break;
        size_t width = ir_utf8_next(text + at, bytes - at);
        if (!width)
            break;
        at += width;
    }
    return at;
}

static void append_escaped(struct ir_buf *out, unsigned char c)
{
    static const char escaped[] = "\"\\\b\f\n\r\t";
    static const char letters[] = "\"\\bfnrt";
    const char *place = strchr(escaped, c);
    if (c >= 0x80)
        ir_buf_append_text(out, "\xEF\xBF\xBD"); /* U+FFFD */
    else if (place)
        ir_buf_appendf(out, "\\%c", letters[place - escaped]);
    else
        ir_buf_appendf(out, "\\u%04x", (unsigned)c);
}

static void append_quoted(struct ir_buf *out, const char *text)
{
    size_t bytes = strlen(text);
    ir_buf_append_char(out, '"');
    for (size_t at = 0; at < bytes;) {
        size_t run = plain_run(text + at, bytes - at);
        ir_buf_append(out, text + at, run);
        at += run;
        if (at < bytes)
            append_escaped(out, (unsigned char)text[at++]);
    }
    ir_buf_append_char(out, '"');
}

void ir_json_key(struct ir_json_writer *writer, const char *member)
{
    assert(!writer->after_key || writer->out->failed);
    begin_item(writer);
    append_quoted(writer->out, member);
    ir_buf_append_char(writer->out, ':');
    writer->after_key = true;
}

static void put_raw(struct ir_json_writer *writer, const char *text)
{
    begin_item(writer);
    ir_buf_append_text(writer->out, text);
}

void ir_json_put_string(struct ir_json_writer *writer, const char *text)
{
    if (!text) {
        ir_json_put_null(writer);
        return;
    }
    begin_item(writer);
    append_quoted(writer->out, text);
}

void ir_json_put_integer(struct ir_json_writer *writer, long long number)
{
    begin_item(writer);
    ir_buf_appendf(writer->out, "%lld", number);
}

/*
 * Rewrites what printf made of a number in whatever locale: the bytes between the two groups of
 * digits, if any, become one point, zeros at the end go, and "-0" loses its sign.
 */
static void normalize_number(char *text)
{
    size_t from = text[0] == '-';
    while (is_digit(text[from]))
        from++;
    size_t kept = from;
    if (text[from]) {
        while (text[from] && !is_digit(text[from]))
            from++;
        text[kept++] = '.';
        while (is_digit(text[from]))
            text[kept++] = text[from++];
        while (text[kept - 1] == '0')
            kept--;
        if (text[kept - 1] == '.')
            kept--;
    }
    text[kept] = '\0';
    if (!strcmp(text, "-0"))
        memcpy(text, "0", 2);
}

void ir_json_put_number(struct ir_json_writer *writer, double number, int decimals)
{
    char text[NUMBER_BYTES];
    if (!isfinite(number)) {
        ir_json_put_null(writer);
        return;
    }
    if (decimals < 0)
        decimals = 0;
    if (decimals > MAX_DECIMALS)
        decimals = MAX_DECIMALS;
    snprintf(text, sizeof text, "%.*f", decimals, number);
    normalize_number(text);
    put_raw(writer, text);
}

void ir_json_put_bool(struct ir_json_writer *writer, bool value)
{
    put_raw(writer, value ? "true" : "false");
}

void ir_json_put_null(struct ir_json_writer *writer)
{
    put_raw(writer, "null");
}

void ir_json_member_put_string(struct ir_json_writer *writer, const char *member, const char *text)
{
    ir_json_key(writer, member);
    ir_json_put_string(writer, text);
}

void ir_json_member_put_number(struct ir_json_writer *writer, const char *member, double number,
                               int decimals)
{
    ir_json_key(writer, member);
    ir_json_put_number(writer, number, decimals);
}

void ir_json_member_put_integer(struct ir_json_writer *writer, const char *member, long long number)
{
    ir_json_key(writer, member);
    ir_json_put_integer(writer, number);
}

void ir_json_member_put_bool(struct ir_json_writer *writer, const char *member, bool value)
{
    ir_json_key(writer, member);
    ir_json_put_bool(writer, value);
}
