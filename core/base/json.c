/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns JSON, and is alone in including json-c. A value handed out is a json-c object behind a cast;
 * JSON's null is a NULL pointer, as in json-c, and every reader takes NULL.
 *
 * What is JSON is decided here, by the scanner, and json-c only builds the tree. Its own strict
 * mode cannot be used: that of 0.18 refuses every string with a character beyond ASCII, and takes
 * NaN, Infinity, 'single quoted' member names, "1." and "-01". Its UTF-8 check takes overlong forms
 * and surrogates.
 *
 * Source of the grammar: https://www.rfc-editor.org/rfc/rfc8259. Whole numbers over 64 bits are
 * refused, as json-c would silently make them the largest that it has.
 *
 * json-c wipes nothing. Of a secret document the texts are wiped in the tree, where they lie, and
 * the place in which json-c puts a text together is overwritten by reading a harmless one.
 */
#include "core/base/json.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include <imgrecog/memory.h>

#include "core/base/alloc.h"
#include "core/base/ascii.h"
#include "core/base/error.h"
#include "core/base/utf8.h"

/* From here on numbers are written with an exponent, so that a whole one stays readable here. */
#define EXPONENT_FROM 1e15
#define MAX_DECIMALS 17
/* Sign, 15 digits, a decimal sign of several bytes, decimals. "%.17g" is shorter. */
#define NUMBER_BYTES (1 + 15 + 8 + MAX_DECIMALS + 1)

/* 2^63 has 19 digits, 2^64 has 20. */
#define MAX_WHOLE_DIGITS 19

struct ir_json_doc {
    struct json_object *root;
    bool secret;
};

static struct json_object *object_of(const struct ir_json_value *value)
{
    return (struct json_object *)(void *)value;
}

static const struct ir_json_value *value_of(struct json_object *object)
{
    return (const struct ir_json_value *)(void *)object;
}

/* The scanner: `at` is the next byte; after a refusal, where it was, and `why` says it in words. */
struct scan {
    const char *text;
    size_t bytes;
    size_t at;
    unsigned depth;
    const char *why;
};

static bool scan_value(struct scan *scan);

static bool refuse(struct scan *scan, const char *why)
{
    scan->why = scan->at < scan->bytes ? why : "the text ends too early";
    return false;
}

/* The next byte; NUL, which fits nowhere, at the end. */
static char peek(const struct scan *scan)
{
    return scan->at < scan->bytes ? scan->text[scan->at] : '\0';
}

static bool accept(struct scan *scan, char c)
{
    if (peek(scan) != c)
        return false;
    scan->at++;
    return true;
}

static void skip_space(struct scan *scan)
{
    while (accept(scan, ' ') || accept(scan, '\t') || accept(scan, '\r') || accept(scan, '\n'))
        continue;
}

/* How many digits stand there; they are passed. */
static size_t skip_digits(struct scan *scan)
{
    size_t from = scan->at;
    while (ir_ascii_is_digit(peek(scan)))
        scan->at++;
    return scan->at - from;
}

static bool scan_word(struct scan *scan, const char *word)
{
    for (; *word; word++)
        if (!accept(scan, *word))
            return refuse(scan, "unexpected character");
    return true;
}

/* Whether the whole number just passed is between -2^63 and 10^19 - 1, which json-c can hold. */
static bool fits_64_bits(const char *digits, size_t count, bool is_negative)
{
    if (count != MAX_WHOLE_DIGITS)
        return count < MAX_WHOLE_DIGITS;
    return !is_negative || memcmp(digits, "9223372036854775808", MAX_WHOLE_DIGITS) <= 0;
}

static bool scan_number(struct scan *scan)
{
    bool is_negative = accept(scan, '-');
    const char *digits = scan->text + scan->at;
    size_t count = 1;
    if (!accept(scan, '0'))
        count = skip_digits(scan);
    if (!count)
        return refuse(scan, "unexpected character");
    bool is_whole = true;
    if (accept(scan, '.')) {
        is_whole = false;
        if (!skip_digits(scan))
            return refuse(scan, "no digit after the decimal point");
    }
    if (accept(scan, 'e') || accept(scan, 'E')) {
        is_whole = false;
        if (!accept(scan, '+'))
            (void)accept(scan, '-');
        if (!skip_digits(scan))
            return refuse(scan, "no digit in the exponent");
    }
    if (is_whole && !fits_64_bits(digits, count, is_negative)) {
        scan->why = "a whole number does not fit 64 bits";
        return false;
    }
    return true;
}

/* What follows a backslash. */
static bool scan_escape(struct scan *scan)
{
    char c = peek(scan);
    if (!c || !strchr("\"\\/bfnrtu", c))
        return refuse(scan, "unknown escape in a string");
    scan->at++;
    for (int i = 0; c == 'u' && i < 4; i++) {
        char digit = peek(scan);
        if (!digit || !strchr("0123456789abcdefABCDEF", digit))
            return refuse(scan, "a \\u escape without four hexadecimal digits");
        scan->at++;
    }
    return true;
}

static bool scan_string(struct scan *scan)
{
    if (!accept(scan, '"'))
        return refuse(scan, "unexpected character");
    while (!accept(scan, '"')) {
        if (accept(scan, '\\')) {
            if (!scan_escape(scan))
                return false;
            continue;
        }
        size_t width = ir_utf8_next(scan->text + scan->at, scan->bytes - scan->at);
        if (!width)
            return refuse(scan, "a string is not UTF-8");
        if ((unsigned char)peek(scan) < 0x20)
            return refuse(scan, "a control character in a string");
        scan->at += width;
    }
    return true;
}

/* The items of an object or array behind its opening bracket, up to and with the closing one. */
static bool scan_items(struct scan *scan, bool is_object, char closing)
{
    skip_space(scan);
    if (accept(scan, closing))
        return true;
    do {
        skip_space(scan);
        if (is_object) {
            if (!scan_string(scan))
                return false;
            skip_space(scan);
            if (!accept(scan, ':'))
                return refuse(scan, "no ':' after a member's name");
        }
        if (!scan_value(scan))
            return false;
        skip_space(scan);
    } while (accept(scan, ','));
    return accept(scan, closing) || refuse(scan, "neither ',' nor the closing bracket");
}

static bool scan_value(struct scan *scan)
{
    skip_space(scan);
    switch (peek(scan)) {
    case '"':
        return scan_string(scan);
    case 't':
        return scan_word(scan, "true");
    case 'f':
        return scan_word(scan, "false");
    case 'n':
        return scan_word(scan, "null");
    case '{':
    case '[':
        break;
    default:
        return scan_number(scan);
    }
    if (scan->depth >= IR_JSON_MAX_DEPTH)
        return refuse(scan, "arrays and objects lie too deep in each other");
    bool is_object = peek(scan) == '{';
    scan->at++;
    scan->depth++;
    bool is_good = scan_items(scan, is_object, is_object ? '}' : ']');
    scan->depth--;
    return is_good;
}

/* One value and nothing else. */
static int check(const char *text, size_t bytes, const char *what, struct ir_error *err)
{
    struct scan scan = {text, bytes, 0, 0, ""};
    bool is_good = scan_value(&scan);
    if (is_good) {
        skip_space(&scan);
        is_good = scan.at == bytes || refuse(&scan, "more text after the value");
    }
    if (is_good)
        return 0;
    return ir_fail(err, IR_ERR_RESPONSE, "%s is not valid JSON: %s, at byte %zu", what, scan.why,
                   scan.at);
}

/* Reads one value. The root is NULL for JSON's null. */
static enum json_tokener_error tokenise(struct json_tokener *tokener, const char *text,
                                        size_t bytes, struct json_object **out_root)
{
    *out_root = json_tokener_parse_ex(tokener, text, (int)bytes);
    enum json_tokener_error status = json_tokener_get_error(tokener);
    if (status == json_tokener_continue) {
        /* The NUL says that a number at the very end is complete. */
        *out_root = json_tokener_parse_ex(tokener, "", 1);
        status = json_tokener_get_error(tokener);
    }
    return status;
}

/*
 * Has `tokener` read a text of `bytes` blanks. Before a secret this makes its own buffer so large
 * that it need not move within it, leaving a part behind; after, it overwrites what is in there.
 */
static bool read_blanks(struct json_tokener *tokener, size_t bytes)
{
    struct json_object *blanks = NULL;
    char *text = ir_malloc(bytes + 2);
    if (!text)
        return false;
    memset(text, ' ', bytes + 2);
    text[0] = '"';
    text[bytes + 1] = '"';
    json_tokener_reset(tokener);
    bool is_read = tokenise(tokener, text, bytes + 2, &blanks) == json_tokener_success;
    json_object_put(blanks);
    json_tokener_reset(tokener);
    ir_free(text);
    return is_read;
}

static bool wipe_member(void *context, const char *member, const struct ir_json_value *value);

/* The depth of what was read is bounded, so this ends. */
static void wipe_texts(struct json_object *value)
{
    if (json_object_is_type(value, json_type_string)) {
        /* json-c lends the text itself and not a copy. */
        char *text = (char *)(uintptr_t)json_object_get_string(value);
        ir_wipe(text, (size_t)json_object_get_string_len(value));
    } else if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value); i++)
            wipe_texts(json_object_array_get_idx(value, i));
    } else {
        ir_json_each(value_of(value), wipe_member, NULL);
    }
}

static bool wipe_member(void *context, const char *member, const struct ir_json_value *value)
{
    (void)context;
    (void)member;
    wipe_texts(object_of(value));
    return true;
}

/* Builds the tree of a text that has been checked. */
static int build(const char *text, size_t bytes, const char *what, struct ir_json_doc *doc,
                 struct ir_error *err)
{
    struct json_object *root = NULL;
    enum json_tokener_error status = json_tokener_error_memory;
    /* json-c counts the values in the innermost brackets as a level. */
    struct json_tokener *tokener = json_tokener_new_ex(IR_JSON_MAX_DEPTH + 1);
    if (!tokener)
        return ir_fail_nomem(err);
    if (!doc->secret || read_blanks(tokener, bytes))
        status = tokenise(tokener, text, bytes, &root);
    if (doc->secret && !read_blanks(tokener, bytes) && status == json_tokener_success) {
        wipe_texts(root);
        json_object_put(root);
        status = json_tokener_error_memory;
    }
    json_tokener_free(tokener);
    if (status == json_tokener_error_memory)
        return ir_fail_nomem(err);
    if (status != json_tokener_success)
        return ir_fail(err, IR_ERR_RESPONSE, "json-c cannot read %s: %s", what,
                       json_tokener_error_desc(status));
    doc->root = root;
    return 0;
}

static int parse(const char *text, size_t bytes, const char *what, bool secret,
                 struct ir_json_doc **out, struct ir_error *err)
{
    if (bytes >= INT_MAX)
        return ir_fail(err, IR_ERR_TOO_LARGE, "%s is larger than %d bytes", what, INT_MAX - 1);
    int result = check(text, bytes, what, err);
    if (result)
        return result;
    struct ir_json_doc *doc = ir_calloc(1, sizeof *doc);
    if (!doc)
        return ir_fail_nomem(err);
    doc->secret = secret;
    result = build(text, bytes, what, doc, err);
    if (result) {
        ir_json_free(doc);
        return result;
    }
    *out = doc;
    return 0;
}

int ir_json_parse(const char *text, size_t bytes, const char *what, struct ir_json_doc **out,
                  struct ir_error *err)
{
    return parse(text, bytes, what, false, out, err);
}

int ir_json_parse_secret(const char *text, size_t bytes, const char *what, struct ir_json_doc **out,
                         struct ir_error *err)
{
    return parse(text, bytes, what, true, out, err);
}

void ir_json_free(struct ir_json_doc *doc)
{
    if (!doc)
        return;
    if (doc->secret)
        wipe_texts(doc->root);
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
 * digits, if any, become one point, zeros at the end of the second group go, an exponent stays, and
 * "-0" loses its sign.
 */
static void normalize_number(char *text)
{
    size_t from = text[0] == '-';
    while (ir_ascii_is_digit(text[from]))
        from++;
    size_t kept = from;
    if (text[from] && text[from] != 'e') {
        while (text[from] && !ir_ascii_is_digit(text[from]))
            from++;
        text[kept++] = '.';
        while (ir_ascii_is_digit(text[from]))
            text[kept++] = text[from++];
        while (text[kept - 1] == '0')
            kept--;
        if (text[kept - 1] == '.')
            kept--;
    }
    memmove(text + kept, text + from, strlen(text + from) + 1);
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
    if (fabs(number) < EXPONENT_FROM)
        snprintf(text, sizeof text, "%.*f", decimals, number);
    else
        snprintf(text, sizeof text, "%.*g", MAX_DECIMALS, number);
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

static bool put_member(void *context, const char *member, const struct ir_json_value *value)
{
    ir_json_key(context, member);
    ir_json_put_value(context, value);
    return true;
}

/* json-c keeps a number's own text, where a double would lose digits. */
static void put_read_number(struct ir_json_writer *writer, const struct ir_json_value *value)
{
    const char *text = json_object_to_json_string_ext(object_of(value), JSON_C_TO_STRING_PLAIN);
    if (text)
        put_raw(writer, text);
    else if (!writer->out->failed)
        writer->out->failed = IR_ERR_NOMEM;
}

/* The depth of what was read is bounded, so this ends. */
void ir_json_put_value(struct ir_json_writer *writer, const struct ir_json_value *value)
{
    if (ir_json_is_object(value)) {
        ir_json_begin_object(writer);
        ir_json_each(value, put_member, writer);
        ir_json_end_object(writer);
    } else if (ir_json_is_array(value)) {
        ir_json_begin_array(writer);
        for (size_t i = 0; i < ir_json_count(value); i++)
            ir_json_put_value(writer, ir_json_at(value, i));
        ir_json_end_array(writer);
    } else if (ir_json_is_string(value)) {
        ir_json_put_string(writer, ir_json_string(value, NULL, ""));
    } else if (ir_json_is_number(value)) {
        put_read_number(writer, value);
    } else if (value) {
        ir_json_put_bool(writer, ir_json_bool(value, false));
    } else {
        ir_json_put_null(writer);
    }
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
