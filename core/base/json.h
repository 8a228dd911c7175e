/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * JSON (RFC 8259) in and out. What is JSON is decided by a scanner of our own, strictly and with
 * a limit on depth; json-c builds the tree, and json.c is the only file that includes its header.
 * Every reader takes NULL and wrong types and gives the fallback, so a parser of an untrusted
 * answer walks it without checks at each step. Writing is a stream into a bounded buffer, with the
 * buffer's sticky failure.
 */
#ifndef CORE_BASE_JSON_H
#define CORE_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"

#define IR_JSON_MAX_DEPTH 32

struct ir_json_doc;   /* owns the values */
struct ir_json_value; /* borrowed from the document */

/*
 * IR_ERR_RESPONSE: not one JSON value, or nested deeper than IR_JSON_MAX_DEPTH; the message says
 * where. `what` names it. IR_ERR_TOO_LARGE: INT_MAX bytes or more. IR_ERR_NOMEM.
 */
IR_MUST_CHECK int ir_json_parse(const char *text, size_t bytes, const char *what,
                                struct ir_json_doc **out, struct ir_error *err);
/* The same for a text with keys or tokens in it: the document's texts are wiped when it is freed,
 * and nothing of them is left behind while it is read, unless memory runs out in between or a
 * member is there twice. */
IR_MUST_CHECK int ir_json_parse_secret(const char *text, size_t bytes, const char *what,
                                       struct ir_json_doc **out, struct ir_error *err);
void ir_json_free(struct ir_json_doc *doc);
const struct ir_json_value *ir_json_root(const struct ir_json_doc *doc);

bool ir_json_is_object(const struct ir_json_value *value);
bool ir_json_is_array(const struct ir_json_value *value);
bool ir_json_is_number(const struct ir_json_value *value);
bool ir_json_is_string(const struct ir_json_value *value);
/* NULL when `object` is none or has no such member. */
const struct ir_json_value *ir_json_get(const struct ir_json_value *object, const char *member);
size_t ir_json_count(const struct ir_json_value *array);
const struct ir_json_value *ir_json_at(const struct ir_json_value *array, size_t item_index);
double ir_json_number(const struct ir_json_value *value, double fallback);
bool ir_json_bool(const struct ir_json_value *value, bool fallback);
/* Borrowed. `out_bytes` may be NULL. */
const char *ir_json_string(const struct ir_json_value *value, size_t *out_bytes,
                           const char *fallback);
/* ir_json_string of a member. */
const char *ir_json_member_string(const struct ir_json_value *object, const char *member,
                                  const char *fallback);
/* Calls `visit` for each member of an object until it returns false. */
void ir_json_each(const struct ir_json_value *object,
                  bool (*visit)(void *context, const char *member,
                                const struct ir_json_value *value),
                  void *context);

/* Writes commas and quotes by itself; nesting up to IR_JSON_MAX_DEPTH. */
struct ir_json_writer {
    struct ir_buf *out;
    unsigned depth;
    bool has_item[IR_JSON_MAX_DEPTH + 1];
    bool after_key;
};

void ir_json_writer_init(struct ir_json_writer *writer, struct ir_buf *out);
void ir_json_begin_object(struct ir_json_writer *writer);
void ir_json_end_object(struct ir_json_writer *writer);
void ir_json_begin_array(struct ir_json_writer *writer);
void ir_json_end_array(struct ir_json_writer *writer);
void ir_json_key(struct ir_json_writer *writer, const char *member);
/* Invalid UTF-8 is replaced by U+FFFD; NULL is written as null. */
void ir_json_put_string(struct ir_json_writer *writer, const char *text);
void ir_json_put_integer(struct ir_json_writer *writer, long long number);
/* At most `decimals` places, trailing zeros dropped; from 1e15 on with 17 digits and, where needed,
 * an exponent; not finite is written as null. The decimal sign is a point in every locale. */
void ir_json_put_number(struct ir_json_writer *writer, double number, int decimals);
void ir_json_put_bool(struct ir_json_writer *writer, bool value);
void ir_json_put_null(struct ir_json_writer *writer);
/* Writes a value that was read, with all that is in it; numbers with the digits that they had. NULL
 * is JSON's null. */
void ir_json_put_value(struct ir_json_writer *writer, const struct ir_json_value *value);
/* key and value in one call */
void ir_json_member_put_string(struct ir_json_writer *writer, const char *member, const char *text);
void ir_json_member_put_number(struct ir_json_writer *writer, const char *member, double number,
                               int decimals);
void ir_json_member_put_integer(struct ir_json_writer *writer, const char *member,
                                long long number);
void ir_json_member_put_bool(struct ir_json_writer *writer, const char *member, bool value);

#endif
