/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parameters of a raw query ("a=1&b=%20"), and of a form body, which writes blanks as '+'. */
#ifndef PLUGINS_LOCAL_QUERY_H
#define PLUGINS_LOCAL_QUERY_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"

/* Whether a parameter is there, with or without a value. */
bool query_has(const char *query, const char *name);
/* Its decoded value, appended; false when the parameter is not there. */
bool query_get(const char *query, const char *name, struct ir_buf *out);
/* As a text. False when it is not there, does not fit or holds a NUL. */
bool query_text(const char *query, const char *name, char *out, size_t out_bytes);
/* query_text of a form: '+' is a blank. */
bool form_text(const char *form, const char *name, char *out, size_t out_bytes);

#endif
