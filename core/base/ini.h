/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The INI dialect of ~/.aws/config and ~/.aws/credentials.
 * Source: https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
 *
 * Sections in brackets ("[profile x]", the x may be quoted), `key = value` lines, '#' and ';' start
 * a comment at a line's beginning or after white space, keys are compared without case, a key with
 * an empty value followed by indented `key = value` lines has nested values, written here as
 * "key.nested". An indented line after a value that is not empty continues it (joined by '\n').
 * Sections of the same name are merged, a later value wins. A byte-order mark and CR LF are taken.
 */
#ifndef CORE_BASE_INI_H
#define CORE_BASE_INI_H

#include <stdbool.h>
#include <stddef.h>

#include <imgrecog/error.h>

#define IR_INI_MAX_BYTES (1U << 20)

struct ir_ini;

/*
 * `path` is for messages only. IR_ERR_ARG: a line that is no section, key or comment, a key before
 * any section, a NUL byte, over IR_INI_MAX_BYTES; the message has path and line number and never
 * the line's text, which may be a secret. IR_ERR_NOMEM.
 */
IR_MUST_CHECK int ir_ini_parse(const char *text, size_t bytes, const char *path,
                               struct ir_ini **out, struct ir_error *err);
/* One line by itself, for who must know a key of a file that ir_ini_parse refuses. All borrowed. */
struct ir_ini_line {
    const char *key; /* up to the '=', or all of a line that has none; NULL = empty, or a comment */
    size_t key_bytes;
    const char *value; /* without a comment; NULL = there is no '=' */
    size_t value_bytes;
    bool is_indented; /* it may continue the value of an earlier line */
    bool has_nul;     /* it is no text */
};
/* Reads the line at `*io_at` (0 first), which moves on to the next. False: there are no more. */
bool ir_ini_next_line(const char *text, size_t bytes, size_t *io_at, struct ir_ini_line *out);

/* Values are wiped. NULL is allowed. */
void ir_ini_free(struct ir_ini *ini);

/* `section` is the text between the brackets, white space folded, quotes off: "profile x". */
bool ir_ini_has_section(const struct ir_ini *ini, const char *section);
/* Borrowed; NULL when section or key is not there. `key` in lower case; nested: "s3.endpoint_url"
 */
const char *ir_ini_get(const struct ir_ini *ini, const char *section, const char *key);
/* The name of the n-th section in order of first appearance; NULL past the last. */
const char *ir_ini_section_name(const struct ir_ini *ini, size_t section_index);
/* The n-th key of a section; NULL past the last. For checking that every key is known. */
const char *ir_ini_key_name(const struct ir_ini *ini, const char *section, size_t key_index);

#endif
