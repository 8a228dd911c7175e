/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the INI dialect of the AWS files. Each line is looked at once:
 *
 *   blank, or '#' or ';' first               nothing
 *   indented deeper than the key before it   continues that key's value, or nests in it
 *   '[' first                                a section
 *   else                                     key = value
 *
 * The indentation rule is that of Python's configparser, on which botocore stands, so keys may be
 * indented too. Values may be secrets: every copy is wiped, and no message repeats a line.
 */
#include "core/base/ini.h"

#include <stdint.h>
#include <string.h>

#include <imgrecog/memory.h>

#include "core/base/alloc.h"
#include "core/base/ascii.h"
#include "core/base/buf.h"
#include "core/base/error.h"

/* Looking up is linear; these bound what a file can cost. */
#define MAX_SECTIONS 10000
#define MAX_KEYS 1000 /* in one section */
#define FIRST_CAPACITY 8
#define NO_INDEX ((size_t)-1)

struct entry {
    char *key;
    char *value;
};

struct section {
    char *name;
    uint32_t name_hash;
    struct entry *entries;
    size_t entry_count;
    size_t entry_capacity;
};

struct ir_ini {
    struct section *sections;
    size_t section_count;
    size_t section_capacity;
};

/* A piece of the text that is parsed. */
struct span {
    const char *text;
    size_t bytes;
};

struct reader {
    struct ir_ini *ini;
    const char *path;
    struct ir_error *err;
    size_t line_number;
    struct section *section; /* NULL before the first */
    size_t key_index;        /* in the section; NO_INDEX when no key may be continued */
    size_t key_indent;
    size_t value_bytes; /* of the key's value */
    size_t value_capacity;
    bool is_nesting; /* the key's value is empty, so deeper lines are keys inside it */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

static struct span trim(struct span span)
{
    while (span.bytes && is_blank(span.text[0])) {
        span.text++;
        span.bytes--;
    }
    while (span.bytes && is_blank(span.text[span.bytes - 1]))
        span.bytes--;
    return span;
}

/* Without a comment that begins after white space. */
static struct span without_comment(struct span span)
{
    for (size_t i = 1; i < span.bytes; i++)
        if ((span.text[i] == '#' || span.text[i] == ';') && is_blank(span.text[i - 1]))
            span.bytes = i;
    return trim(span);
}

/* The line at `*io_at`, which moves behind it. A byte-order mark belongs to no line. */
static bool take_line(const char *text, size_t bytes, size_t *io_at, struct span *out)
{
    if (*io_at == 0 && bytes >= 3 && !memcmp(text, "\xEF\xBB\xBF", 3))
        *io_at = 3;
    if (*io_at >= bytes)
        return false;
    const char *start = text + *io_at;
    const char *end = memchr(start, '\n', bytes - *io_at);
    *out = (struct span){start, end ? (size_t)(end - start) : bytes - *io_at};
    *io_at += out->bytes + 1;
    return true;
}

/* Of a line without the blanks around it. */
static bool is_empty_or_comment(struct span text)
{
    return !text.bytes || text.text[0] == '#' || text.text[0] == ';';
}

static int refuse(const struct reader *reader, const char *why)
{
    int result = ir_fail(reader->err, IR_ERR_ARG, "%s, line %zu: %s", reader->path,
                         reader->line_number, why);
    ir_error_set_hint(reader->err, "Correct that line, or begin it with '#' to leave it out.");
    return result;
}

/*
 * An array with room for one more item: `array` itself or what it was moved to. NULL, with `array`
 * as it was, when out of memory.
 */
static void *with_room(void *array, size_t count, size_t *capacity, size_t item_bytes)
{
    if (count < *capacity)
        return array;
    size_t wanted = *capacity ? *capacity * 2 : FIRST_CAPACITY;
    void *larger = ir_realloc(array, wanted * item_bytes);
    if (larger)
        *capacity = wanted;
    return larger;
}

/* FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint32_t hash_name(const char *name)
{
    uint32_t hash = 2166136261U;
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 16777619U;
    return hash;
}

static struct section *find_section(const struct ir_ini *ini, const char *name)
{
    uint32_t hash = hash_name(name);
    for (size_t i = 0; i < ini->section_count; i++)
        if (ini->sections[i].name_hash == hash && !strcmp(ini->sections[i].name, name))
            return &ini->sections[i];
    return NULL;
}

static size_t find_key(const struct section *section, const char *key)
{
    for (size_t i = 0; i < section->entry_count; i++)
        if (!strcmp(section->entries[i].key, key))
            return i;
    return NO_INDEX;
}

/* Takes away what an earlier value of this key had nested in it. */
static void drop_nested(struct section *section, const char *key)
{
    size_t key_bytes = strlen(key);
    size_t kept = 0;
    for (size_t i = 0; i < section->entry_count; i++) {
        struct entry entry = section->entries[i];
        if (!strncmp(entry.key, key, key_bytes) && entry.key[key_bytes] == '.') {
            ir_free(entry.key);
            ir_free_secret(entry.value);
        } else {
            section->entries[kept++] = entry;
        }
    }
    section->entry_count = kept;
}

/* Sets `key` (taken over, also on failure) to a copy of `value`. */
static int set_value(struct reader *reader, char *key, struct span value, size_t *out_index)
{
    struct section *section = reader->section;
    char *copy = NULL;
    int result = 0;
    size_t index = find_key(section, key);
    if (index == NO_INDEX && section->entry_count >= MAX_KEYS) {
        result = refuse(reader, "the section has too many keys");
        goto out;
    }
    struct entry *entries = with_room(section->entries, section->entry_count,
                                      &section->entry_capacity, sizeof *entries);
    if (entries)
        section->entries = entries;
    copy = ir_strndup(value.text, value.bytes);
    if (!entries || !copy) {
        result = ir_fail_nomem(reader->err);
        goto out;
    }
    if (index == NO_INDEX) {
        index = section->entry_count++;
        section->entries[index] = (struct entry){key, NULL};
        key = NULL;
    }
    ir_free_secret(section->entries[index].value);
    section->entries[index].value = copy;
    copy = NULL;
    *out_index = index;
out:
    ir_free_secret(copy);
    ir_free(key);
    return result;
}

/* "key" or "outer.key", lower-case; NULL when out of memory. */
static char *make_key(const char *outer, struct span key)
{
    size_t outer_bytes = outer ? strlen(outer) + 1 : 0;
    char *made = ir_malloc(outer_bytes + key.bytes + 1);
    if (!made)
        return NULL;
    if (outer) {
        memcpy(made, outer, outer_bytes - 1);
        made[outer_bytes - 1] = '.';
    }
    for (size_t i = 0; i < key.bytes; i++)
        made[outer_bytes + i] = ir_ascii_lower(key.text[i]);
    made[outer_bytes + key.bytes] = '\0';
    return made;
}

/* key = value; false when nothing stands before the '=', or there is none: all is the key then. */
static bool split(struct span line, struct span *out_key, struct span *out_value)
{
    const char *equals = line.bytes ? memchr(line.text, '=', line.bytes) : NULL;
    if (!equals) {
        *out_key = line;
        *out_value = (struct span){NULL, 0};
        return false;
    }
    size_t key_bytes = (size_t)(equals - line.text);
    *out_key = trim((struct span){line.text, key_bytes});
    *out_value = trim((struct span){equals + 1, line.bytes - key_bytes - 1});
    return out_key->bytes > 0;
}

static int read_property(struct reader *reader, struct span line, size_t indent)
{
    struct span name;
    struct span value;
    reader->key_index = NO_INDEX;
    if (!split(without_comment(line), &name, &value))
        return refuse(reader, "this is neither a [section] nor `key = value` nor a comment");
    if (!reader->section)
        return refuse(reader, "a key stands before the first [section]");
    char *key = make_key(NULL, name);
    if (!key)
        return ir_fail_nomem(reader->err);
    drop_nested(reader->section, key);
    int result = set_value(reader, key, value, &reader->key_index);
    reader->key_indent = indent;
    reader->value_bytes = value.bytes;
    reader->value_capacity = value.bytes + 1;
    reader->is_nesting = value.bytes == 0;
    return result;
}

static int read_nested(struct reader *reader, struct span line)
{
    struct span name;
    struct span value;
    size_t ignored;
    if (!split(line, &name, &value))
        return refuse(reader, "an indented line below a key without a value must be `key = value`");
    char *key = make_key(reader->section->entries[reader->key_index].key, name);
    if (!key)
        return ir_fail_nomem(reader->err);
    return set_value(reader, key, value, &ignored);
}

/*
 * Makes room for `bytes` more in the value that is being continued; the old place is wiped.
 * Doubling keeps a value of many short lines from being copied once for each of them.
 */
static bool grow_value(struct reader *reader, struct entry *entry, size_t bytes)
{
    size_t needed = reader->value_bytes + bytes + 1;
    if (needed <= reader->value_capacity)
        return true;
    char *larger = ir_malloc(2 * needed);
    if (!larger)
        return false;
    memcpy(larger, entry->value, reader->value_bytes + 1);
    ir_free_secret(entry->value);
    entry->value = larger;
    reader->value_capacity = 2 * needed;
    return true;
}

static int read_continuation(struct reader *reader, struct span line)
{
    struct span text = without_comment(line);
    if (reader->is_nesting)
        return read_nested(reader, text);
    struct entry *entry = &reader->section->entries[reader->key_index];
    if (!grow_value(reader, entry, 1 + text.bytes))
        return ir_fail_nomem(reader->err);
    char *end = entry->value + reader->value_bytes;
    *end = '\n';
    memcpy(end + 1, text.text, text.bytes);
    end[1 + text.bytes] = '\0';
    reader->value_bytes += 1 + text.bytes;
    return 0;
}

/*
 * The length of the quoted word at the beginning of `span`, quotes included; 0 when there is none.
 * A quote that nothing closes before the ']' is a character like any other.
 */
static size_t quoted_bytes(struct span span)
{
    if (!span.bytes || (span.text[0] != '"' && span.text[0] != '\''))
        return 0;
    const char *close = memchr(span.text + 1, span.text[0], span.bytes - 1);
    if (!close || !memchr(close, ']', span.bytes - (size_t)(close - span.text)))
        return 0;
    return (size_t)(close - span.text) + 1;
}

/*
 * Appends the name of the section whose '[' has been read: words joined by one space, quotes off.
 * Returns the bytes up to and with ']', 0 when there is no ']'.
 */
static size_t read_section_name(struct span rest, struct ir_buf *out)
{
    bool in_word = false;
    for (size_t at = 0; at < rest.bytes;) {
        if (rest.text[at] == ']')
            return at + 1;
        if (is_blank(rest.text[at])) {
            in_word = false;
            at++;
            continue;
        }
        if (!in_word && out->bytes)
            ir_buf_append_char(out, ' ');
        size_t quoted = in_word ? 0 : quoted_bytes((struct span){rest.text + at, rest.bytes - at});
        in_word = true;
        if (quoted) {
            ir_buf_append(out, rest.text + at + 1, quoted - 2);
            at += quoted;
        } else {
            ir_buf_append_char(out, rest.text[at++]);
        }
    }
    return 0;
}

/* Enters the section of this name, new or known. */
static int enter_section(struct reader *reader, const char *name)
{
    struct ir_ini *ini = reader->ini;
    reader->key_index = NO_INDEX;
    reader->section = find_section(ini, name);
    if (reader->section)
        return 0;
    if (ini->section_count >= MAX_SECTIONS)
        return refuse(reader, "the file has too many sections");
    struct section *sections =
        with_room(ini->sections, ini->section_count, &ini->section_capacity, sizeof *sections);
    if (!sections)
        return ir_fail_nomem(reader->err);
    ini->sections = sections;
    char *copy = ir_strdup(name);
    if (!copy)
        return ir_fail_nomem(reader->err);
    reader->section = &ini->sections[ini->section_count++];
    *reader->section = (struct section){.name = copy, .name_hash = hash_name(copy)};
    return 0;
}

static int read_section(struct reader *reader, struct span line)
{
    struct ir_buf name;
    int result = 0;
    ir_buf_init(&name, IR_INI_MAX_BYTES);
    struct span inside = {line.text + 1, line.bytes - 1};
    size_t used = read_section_name(inside, &name);
    struct span after = trim((struct span){inside.text + used, inside.bytes - used});
    if (name.failed)
        result = ir_fail_nomem(reader->err);
    else if (!used)
        result = refuse(reader, "the section has no closing ']'");
    else if (!name.bytes)
        result = refuse(reader, "the section has no name");
    else if (after.bytes && after.text[0] != '#' && after.text[0] != ';')
        result = refuse(reader, "there is more text after the section's ']'");
    else
        result = enter_section(reader, ir_buf_text(&name));
    ir_buf_release(&name);
    return result;
}

static int read_line(struct reader *reader, struct span line)
{
    struct span text = trim(line);
    reader->line_number++;
    if (memchr(line.text, '\0', line.bytes))
        return refuse(reader, "there is a NUL byte");
    if (is_empty_or_comment(text))
        return 0;
    size_t indent = (size_t)(text.text - line.text);
    if (reader->key_index != NO_INDEX && indent > reader->key_indent)
        return read_continuation(reader, text);
    if (text.text[0] == '[')
        return read_section(reader, text);
    return read_property(reader, text, indent);
}

int ir_ini_parse(const char *text, size_t bytes, const char *path, struct ir_ini **out,
                 struct ir_error *err)
{
    struct reader reader = {.path = path, .err = err, .key_index = NO_INDEX};
    int result = 0;
    if (bytes > IR_INI_MAX_BYTES)
        return ir_fail(err, IR_ERR_ARG, "%s is larger than the maximum of %u bytes", path,
                       IR_INI_MAX_BYTES);
    reader.ini = ir_calloc(1, sizeof *reader.ini);
    if (!reader.ini)
        return ir_fail_nomem(err);
    struct span line;
    size_t at = 0;
    while (take_line(text, bytes, &at, &line)) {
        result = read_line(&reader, line);
        if (result)
            goto out;
    }
    *out = reader.ini;
    reader.ini = NULL;
out:
    ir_ini_free(reader.ini);
    return result;
}

bool ir_ini_next_line(const char *text, size_t bytes, size_t *io_at, struct ir_ini_line *out)
{
    struct span line;
    struct span key = {NULL, 0};
    struct span value = {NULL, 0};
    if (!take_line(text, bytes, io_at, &line))
        return false;
    struct span inside = trim(line);
    if (!is_empty_or_comment(inside))
        (void)split(without_comment(inside), &key, &value);
    *out = (struct ir_ini_line){
        .key = key.text,
        .key_bytes = key.bytes,
        .value = value.text,
        .value_bytes = value.bytes,
        .is_indented = inside.text > line.text,
        .has_nul = line.bytes && memchr(line.text, '\0', line.bytes),
    };
    return true;
}

void ir_ini_free(struct ir_ini *ini)
{
    if (!ini)
        return;
    for (size_t i = 0; i < ini->section_count; i++) {
        struct section *section = &ini->sections[i];
        for (size_t j = 0; j < section->entry_count; j++) {
            ir_free(section->entries[j].key);
            ir_free_secret(section->entries[j].value);
        }
        ir_free(section->entries);
        ir_free(section->name);
    }
    ir_free(ini->sections);
    ir_free(ini);
}

bool ir_ini_has_section(const struct ir_ini *ini, const char *section)
{
    return ini && find_section(ini, section);
}

const char *ir_ini_get(const struct ir_ini *ini, const char *section, const char *key)
{
    const struct section *found = ini ? find_section(ini, section) : NULL;
    size_t index = found ? find_key(found, key) : NO_INDEX;
    return index == NO_INDEX ? NULL : found->entries[index].value;
}

const char *ir_ini_section_name(const struct ir_ini *ini, size_t section_index)
{
    return ini && section_index < ini->section_count ? ini->sections[section_index].name : NULL;
}

const char *ir_ini_key_name(const struct ir_ini *ini, const char *section, size_t key_index)
{
    const struct section *found = ini ? find_section(ini, section) : NULL;
    return found && key_index < found->entry_count ? found->entries[key_index].key : NULL;
}
