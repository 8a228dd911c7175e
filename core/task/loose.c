/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A recursive descent over
 *
 *     value   = object | list | quoted | number [unit] | bare words | nothing
 *     object  = "{" { [","] key (":" | "=") value } "}"
 *     list    = "[" { [","] value } "]"  |  "(" ... ")"
 *
 * with white space and comments (//, #, and C's) between all of them. A quote ends a text only
 * where something may follow a text, so that quotes within it do no harm. Bare words end at a
 * comma, a bracket that closes, or the line's end.
 */
#include "core/task/loose.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "core/base/alloc.h"
#include "core/base/ascii.h"
#include "core/base/error.h"

#define STEPS_PER_BYTE 24U
#define STEPS_MIN 65536U
#define MAX_TEXT_BYTES (8U << 20)
#define MAX_DIGITS 15
#define MAX_PLACE 1e12
#define MAX_POWER 30

/* The place in one attempt. */
struct reader {
    struct ir_loose *loose;
    const char *text;
    size_t bytes;
    size_t at;
    int depth;
};

void ir_loose_init(struct ir_loose *loose, size_t bytes)
{
    *loose = (struct ir_loose){.steps_left = bytes * STEPS_PER_BYTE + STEPS_MIN};
    ir_buf_init(&loose->text, MAX_TEXT_BYTES);
    ir_buf_append_char(&loose->text, '\0'); /* offset 0 is "" */
}

void ir_loose_release(struct ir_loose *loose)
{
    ir_free(loose->values);
    ir_buf_release(&loose->text);
    *loose = (struct ir_loose){0};
}

const struct ir_loose_value *ir_loose_at(const struct ir_loose *loose, size_t index)
{
    static const struct ir_loose_value nothing = {.kind = IR_LOOSE_NOTHING};
    return index > 0 && index <= loose->count ? &loose->values[index - 1] : &nothing;
}

static const char *text_at(const struct ir_loose *loose, size_t offset)
{
    return offset < loose->text.bytes ? loose->text.data + offset : "";
}

const char *ir_loose_key(const struct ir_loose *loose, size_t index)
{
    return text_at(loose, ir_loose_at(loose, index)->key);
}

const char *ir_loose_text(const struct ir_loose *loose, size_t index)
{
    return text_at(loose, ir_loose_at(loose, index)->text);
}

/* ---- storage ----------------------------------------------------------------------------- */

/* A new value; 0 with loose->failed set. */
static size_t add_value(struct ir_loose *loose, enum ir_loose_kind kind)
{
    if (loose->count >= IR_LOOSE_MAX_VALUES)
        loose->failed = IR_ERR_RESPONSE;
    if (loose->failed != 0)
        return 0;
    if (loose->count == loose->capacity) {
        size_t wanted = loose->capacity > 0 ? loose->capacity * 2 : 64;
        void *moved = ir_realloc(loose->values, wanted * sizeof *loose->values);
        if (moved == NULL) {
            loose->failed = IR_ERR_NOMEM;
            return 0;
        }
        loose->values = moved;
        loose->capacity = wanted;
    }
    loose->values[loose->count] = (struct ir_loose_value){.kind = kind};
    return ++loose->count;
}

static void append(struct ir_loose *loose, const char *text, size_t bytes)
{
    ir_buf_append(&loose->text, text, bytes);
    if (loose->text.failed != 0)
        loose->failed = loose->text.failed == IR_ERR_NOMEM ? IR_ERR_NOMEM : IR_ERR_RESPONSE;
}

/* ---- characters -------------------------------------------------------------------------- */

static bool begins(const struct reader *reader, size_t at, const char *word)
{
    size_t bytes = strlen(word);
    return reader->bytes - at >= bytes && memcmp(reader->text + at, word, bytes) == 0;
}

/* The character here, '\0' at the end or when all attempts together have looked at too many. */
static char here(struct reader *reader)
{
    if (reader->at >= reader->bytes)
        return '\0';
    if (reader->loose->steps_left == 0) {
        reader->loose->failed = IR_ERR_RESPONSE;
        return '\0';
    }
    reader->loose->steps_left--;
    return reader->text[reader->at];
}

static bool is_end(const struct reader *reader)
{
    return reader->at >= reader->bytes || reader->loose->failed != 0;
}

/* The bytes of a blank at `at`: white space, U+00A0, U+FEFF, U+3000; 0 = none. */
static size_t blank_bytes(const struct reader *reader, size_t at)
{
    if (ir_ascii_is_space(reader->text[at]))
        return 1;
    if (begins(reader, at, "\xc2\xa0"))
        return 2;
    return begins(reader, at, "\xef\xbb\xbf") || begins(reader, at, "\xe3\x80\x80") ? 3 : 0;
}

static void skip_line(struct reader *reader)
{
    while (!is_end(reader) && here(reader) != '\n')
        reader->at++;
}

static void skip_comment(struct reader *reader)
{
    if (!begins(reader, reader->at, "/*")) {
        skip_line(reader);
        return;
    }
    for (reader->at += 2; !is_end(reader) && !begins(reader, reader->at, "*/"); reader->at++)
        (void)here(reader);
    reader->at += is_end(reader) ? 0 : 2;
}

static void skip_blank(struct reader *reader)
{
    while (!is_end(reader)) {
        size_t blank = blank_bytes(reader, reader->at);
        char c = here(reader);
        if (blank > 0)
            reader->at += blank;
        else if (c == '#' || begins(reader, reader->at, "//") || begins(reader, reader->at, "/*"))
            skip_comment(reader);
        else
            return;
    }
}

/* The bytes of an ellipsis at the place; 0 = none. */
static size_t ellipsis_bytes(const struct reader *reader)
{
    return begins(reader, reader->at, "...") || begins(reader, reader->at, "\xe2\x80\xa6") ? 3 : 0;
}

/* Commas, semicolons and full-width commas between items, in any number; and "...". */
static void skip_separators(struct reader *reader)
{
    for (skip_blank(reader); !is_end(reader); skip_blank(reader)) {
        size_t ellipsis = ellipsis_bytes(reader);
        reader->loose->is_elided |= ellipsis > 0;
        if (ellipsis > 0)
            reader->at += ellipsis;
        else if (begins(reader, reader->at, "\xef\xbc\x8c") ||
                 begins(reader, reader->at, "\xe3\x80\x81"))
            reader->at += 3;
        else if (here(reader) == ',' || here(reader) == ';')
            reader->at++;
        else
            return;
    }
}

/* ---- texts ------------------------------------------------------------------------------- */

static const struct quote {
    const char *open;
    const char *close;
} quotes[] = {
    {"\"", "\""},
    {"'", "'"},
    {"`", "`"},
    {"\xe2\x80\x9c", "\xe2\x80\x9d"},
    {"\xe2\x80\x98", "\xe2\x80\x99"},
};

static const struct quote *quote_here(const struct reader *reader)
{
    for (size_t i = 0; i < sizeof quotes / sizeof quotes[0]; i++)
        if (begins(reader, reader->at, quotes[i].open))
            return &quotes[i];
    return NULL;
}

/* Whether a text may end before `at`: behind it stands what may follow a text. */
static bool may_end(const struct reader *reader, size_t at)
{
    static const char followers[] = ",:;=}])\n\"'#/";
    while (at < reader->bytes && (reader->text[at] == ' ' || reader->text[at] == '\t'))
        at++;
    return at >= reader->bytes || reader->text[at] == '\r' ||
           memchr(followers, reader->text[at], sizeof followers - 1) != NULL ||
           begins(reader, at, "\xef\xbc\x9a") || begins(reader, at, "\xef\xbc\x8c");
}

static int hex_digit(char c)
{
    c = ir_ascii_lower(c);
    return ir_ascii_is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Four hex digits at `at`; -1 when they are not there. */
static long hex4(const struct reader *reader, size_t at)
{
    long value = 0;
    if (reader->bytes - at < 4)
        return -1;
    for (size_t i = 0; i < 4; i++) {
        int digit = hex_digit(reader->text[at + i]);
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

static void append_utf8(struct ir_loose *loose, long c)
{
    char out[4];
    size_t bytes = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char heads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = bytes; i-- > 1; c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3f));
    out[0] = (char)(heads[bytes] | c);
    append(loose, out, bytes);
}

/* Behind a backslash and its u; a lone surrogate becomes U+FFFD. */
static void read_unicode(struct reader *reader)
{
    long c = hex4(reader, reader->at);
    if (c < 0) { /* no escape after all */
        append(reader->loose, "u", 1);
        return;
    }
    reader->at += 4;
    if (c >= 0xd800 && c < 0xdc00 && begins(reader, reader->at, "\\u")) {
        long low = hex4(reader, reader->at + 2);
        if (low >= 0xdc00 && low < 0xe000) {
            reader->at += 6;
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        }
    }
    append_utf8(reader->loose, (c >= 0xd800 && c < 0xe000) || c == 0 ? 0xfffd : c);
}

static void read_escape(struct reader *reader)
{
    static const char names[] = "ntrbf";
    static const char meant[] = "\n\t\r\b\f";
    char c = here(reader);
    if (c == '\0')
        return;
    reader->at++;
    const char *name = strchr(names, c);
    if (c == 'u')
        read_unicode(reader);
    else
        append(reader->loose, name != NULL ? &meant[name - names] : &c, 1);
}

/* The text behind an opening quote, up to its end, into loose->text; false when it has none. */
static bool read_quoted(struct reader *reader, const struct quote *quote, size_t *out_text)
{
    size_t close_bytes = strlen(quote->close);
    *out_text = reader->loose->text.bytes;
    for (reader->at += strlen(quote->open); !is_end(reader);) {
        char c = here(reader);
        if (begins(reader, reader->at, quote->close) && may_end(reader, reader->at + close_bytes)) {
            reader->at += close_bytes;
            append(reader->loose, "", 1);
            return true;
        }
        reader->at++;
        if (c == '\\')
            read_escape(reader);
        else if (c != '\0')
            append(reader->loose, &c, 1);
    }
    return false;
}

/* ---- numbers and bare words -------------------------------------------------------------- */

/* What an exponent at `text` multiplies by; `*at` steps over it. */
static double parse_exponent(const char *text, size_t bytes, size_t *at)
{
    size_t from = *at;
    int power = 0;
    if (from >= bytes || ir_ascii_lower(text[from]) != 'e')
        return 1.0;
    from++;
    bool is_minus = from < bytes && text[from] == '-';
    from += from < bytes && (text[from] == '-' || text[from] == '+') ? 1 : 0;
    if (from >= bytes || !ir_ascii_is_digit(text[from]))
        return 1.0;
    for (; from < bytes && ir_ascii_is_digit(text[from]) && power < MAX_POWER; from++)
        power = power * 10 + (text[from] - '0');
    *at = from;
    return pow(10.0, is_minus ? -power : power);
}

/* A decimal number at the beginning of `text`, whatever the locale; its bytes, 0 = none. */
static size_t parse_number(const char *text, size_t bytes, double *out)
{
    double value = 0.0;
    double place = 1.0;
    size_t at = bytes > 0 && (text[0] == '-' || text[0] == '+') ? 1 : 0;
    size_t begin = at;
    for (; at < bytes && ir_ascii_is_digit(text[at]); at++)
        value = value * 10.0 + (text[at] - '0');
    if (at == begin || at - begin > MAX_DIGITS)
        return 0;
    if (bytes - at >= 2 && text[at] == '.' && ir_ascii_is_digit(text[at + 1])) {
        for (at++; at < bytes && ir_ascii_is_digit(text[at]); at++) {
            if (place >= MAX_PLACE)
                continue; /* further digits change nothing that a picture could show */
            place *= 10.0;
            value = value * 10.0 + (text[at] - '0');
        }
    }
    double factor = parse_exponent(text, bytes, &at);
    *out = (text[0] == '-' ? -value : value) / place * factor;
    return at;
}

/* The unit behind a number, 0 = none; `*at` steps over it. */
static char parse_unit(const char *text, size_t bytes, size_t *at)
{
    size_t from = *at;
    while (from < bytes && text[from] == ' ')
        from++;
    if (from < bytes && text[from] == '%') {
        *at = from + 1;
        return '%';
    }
    if (bytes - from >= 2 && strncasecmp(text + from, "px", 2) == 0) {
        *at = from + 2;
        return 'p';
    }
    return 0;
}

/* A number and nothing else in `text`. */
static bool is_number(const char *text, size_t bytes, double *out, char *out_unit)
{
    size_t at = parse_number(text, bytes, out);
    *out_unit = at > 0 ? parse_unit(text, bytes, &at) : 0;
    return at > 0 && at == bytes;
}

size_t ir_loose_numbers(const char *text, double *out, char *out_units, size_t max)
{
    size_t bytes = strlen(text);
    size_t count = 0;
    for (size_t at = 0; at < bytes && count < max;) {
        bool is_part =
            at > 0 &&
            (ir_ascii_is_digit(text[at - 1]) || text[at - 1] == '.' ||
             (ir_ascii_lower(text[at - 1]) >= 'a' && ir_ascii_lower(text[at - 1]) <= 'z'));
        size_t used = is_part ? 0 : parse_number(text + at, bytes - at, &out[count]);
        at += used > 0 ? used : 1;
        if (used > 0)
            out_units[count++] = parse_unit(text, bytes, &at);
    }
    return count;
}

static bool ends_bare(const struct reader *reader, char c)
{
    return c == ',' || c == '}' || c == ']' || c == '\n' || c == '\r' || c == ';' ||
           begins(reader, reader->at, "//") || begins(reader, reader->at, "\xef\xbc\x8c");
}

/* Words up to where they end, without the blanks around them. */
static bool read_bare(struct reader *reader, bool in_tuple, size_t *out_bytes)
{
    size_t from = reader->at;
    size_t open = 0;
    while (!is_end(reader) && !ends_bare(reader, here(reader))) {
        char c = reader->text[reader->at];
        if (c == ')' && open == 0 && in_tuple)
            break;
        if (c == '{' || c == '[' || (c == '"' && reader->at > from))
            return false;
        open += c == '(' ? 1 : 0;
        open -= c == ')' && open > 0 ? 1 : 0;
        reader->at++;
    }
    size_t bytes = reader->at - from;
    while (bytes > 0 && blank_bytes(reader, from + bytes - 1) > 0)
        bytes--;
    *out_bytes = bytes;
    return bytes > 0 && bytes <= IR_LOOSE_MAX_BARE_BYTES;
}

static bool is_nothing(const char *text, size_t bytes)
{
    static const char *const words[] = {"null", "none", "true", "false", "undefined", "n/a", "-"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strlen(words[i]) == bytes && strncasecmp(words[i], text, bytes) == 0)
            return true;
    return false;
}

/* ---- values ------------------------------------------------------------------------------ */

static size_t read_value(struct reader *reader, bool in_tuple);

static size_t read_scalar(struct reader *reader, bool in_tuple)
{
    const struct quote *quote = quote_here(reader);
    struct ir_loose *loose = reader->loose;
    size_t from = reader->at;
    size_t bytes = 0;
    size_t text = 0;
    double number = 0.0;
    char unit = 0;
    if (quote != NULL) {
        if (!read_quoted(reader, quote, &text))
            return 0;
    } else if (!read_bare(reader, in_tuple, &bytes)) {
        return 0;
    } else if (is_number(reader->text + from, bytes, &number, &unit)) {
        size_t index = add_value(loose, IR_LOOSE_NUMBER);
        if (index > 0) {
            loose->values[index - 1].number = number;
            loose->values[index - 1].unit = unit;
        }
        return index;
    } else if (is_nothing(reader->text + from, bytes)) {
        return add_value(loose, IR_LOOSE_NOTHING);
    } else {
        text = loose->text.bytes;
        append(loose, reader->text + from, bytes);
        append(loose, "", 1);
    }
    size_t index = add_value(loose, IR_LOOSE_TEXT);
    if (index > 0) {
        loose->values[index - 1].text = text;
        loose->values[index - 1].is_quoted = quote != NULL;
    }
    return index;
}

/* ':' or '=' or their full-width form. */
static bool take_colon(struct reader *reader)
{
    skip_blank(reader);
    if (is_end(reader))
        return false;
    if (begins(reader, reader->at, "\xef\xbc\x9a")) {
        reader->at += 3;
        return true;
    }
    if (here(reader) != ':' && here(reader) != '=')
        return false;
    reader->at++;
    return true;
}

/* A member's name and its colon; false when this is none. */
static bool read_key(struct reader *reader, size_t *out_key)
{
    const struct quote *quote = quote_here(reader);
    if (quote != NULL)
        return read_quoted(reader, quote, out_key) && take_colon(reader);
    size_t from = reader->at;
    while (!is_end(reader) && here(reader) != ':' && here(reader) != '=' &&
           !begins(reader, reader->at, "\xef\xbc\x9a")) {
        if (memchr(",;{}[]()\n\"", reader->text[reader->at], sizeof ",;{}[]()\n\"" - 1) != NULL ||
            reader->at - from >= IR_LOOSE_MAX_KEY_BYTES)
            return false;
        reader->at++;
    }
    size_t bytes = reader->at - from;
    while (bytes > 0 && blank_bytes(reader, from + bytes - 1) > 0)
        bytes--;
    *out_key = reader->loose->text.bytes;
    append(reader->loose, reader->text + from, bytes);
    append(reader->loose, "", 1);
    return bytes > 0 && take_colon(reader);
}

/* Hangs `item` behind `last` (0 = none yet) of `parent`. */
static void hang(struct ir_loose *loose, size_t parent, size_t last, size_t item)
{
    if (last == 0)
        loose->values[parent - 1].first = item;
    else
        loose->values[last - 1].next = item;
    loose->values[parent - 1].item_count++;
}

/* The value of a member; one that is left out is nothing. */
static size_t read_member(struct reader *reader, size_t key)
{
    while (!is_end(reader) && (here(reader) == ' ' || here(reader) == '\t'))
        reader->at++;
    skip_blank(reader);
    bool is_left_out = is_end(reader) || here(reader) == ',' || here(reader) == '}';
    size_t index =
        is_left_out ? add_value(reader->loose, IR_LOOSE_NOTHING) : read_value(reader, false);
    if (index > 0)
        reader->loose->values[index - 1].key = key;
    return index;
}

/* The items up to `close`. 0 when something is there that is none of them, and not the end. */
static size_t read_items(struct reader *reader, enum ir_loose_kind kind, char close)
{
    size_t parent = add_value(reader->loose, kind);
    size_t last = 0;
    for (reader->at++; parent > 0;) {
        size_t key = 0;
        skip_separators(reader);
        if (!is_end(reader) && here(reader) == close) {
            reader->at++;
            return parent;
        }
        if (is_end(reader))
            break;
        if (kind == IR_LOOSE_OBJECT && !read_key(reader, &key)) {
            if (is_end(reader))
                break;
            return 0;
        }
        size_t item =
            kind == IR_LOOSE_OBJECT ? read_member(reader, key) : read_value(reader, close == ')');
        if (item > 0)
            hang(reader->loose, parent, last, item);
        else if (!is_end(reader))
            return 0;
        last = item;
        if (reader->loose->is_cut || is_end(reader))
            break;
    }
    reader->loose->is_cut = true;
    return parent;
}

static size_t read_value(struct reader *reader, bool in_tuple)
{
    char c = here(reader);
    size_t index = 0;
    if (c != '{' && c != '[' && c != '(')
        return read_scalar(reader, in_tuple);
    if (reader->depth >= IR_LOOSE_MAX_DEPTH)
        return 0;
    reader->depth++;
    if (c == '{')
        index = read_items(reader, IR_LOOSE_OBJECT, '}');
    else
        index = read_items(reader, IR_LOOSE_LIST, c == '[' ? ']' : ')');
    reader->depth--;
    return index;
}

size_t ir_loose_read(struct ir_loose *loose, const char *text, size_t bytes, size_t at,
                     size_t *out_end)
{
    struct reader reader = {.loose = loose, .text = text, .bytes = bytes, .at = at};
    size_t count = loose->count;
    size_t text_bytes = loose->text.bytes;
    bool was_elided = loose->is_elided;
    loose->is_cut = false;
    size_t index = loose->failed == 0 ? read_value(&reader, false) : 0;
    *out_end = reader.at;
    if (loose->failed != 0)
        index = 0;
    if (index == 0) {
        loose->count = count;
        loose->text.bytes = text_bytes;
        loose->is_cut = false;
    }
    if (index == 0 || loose->is_cut)
        loose->is_elided = was_elided;
    return index;
}
