/* SPDX-License-Identifier: GPL-3.0-or-later */
/* URLs (RFC 3986): taking one apart, percent-encoding. Knows no service. */
#ifndef CORE_BASE_URI_H
#define CORE_BASE_URI_H

#include <stdbool.h>

#include "core/base/buf.h"

struct ir_url {
    bool https;
    char host[256];  /* lower-case; an IPv6 address in its brackets */
    unsigned port;   /* 0 = the scheme's own */
    char path[1024]; /* starts with '/'; without a trailing one unless it is "/" */
};

/* IR_ERR_ARG: not an http or https URL, or with user name, query or fragment; `what` names it. */
IR_MUST_CHECK int ir_url_parse(const char *text, const char *what, struct ir_url *out,
                               struct ir_error *err);

/* Appends `text` with all but A-Z a-z 0-9 - _ . ~ (and '/' when keep_slash) as %XX, upper-case. */
void ir_uri_encode(struct ir_buf *out, const char *text, size_t bytes, bool keep_slash);
/* Appends `text` with %XX decoded (a '%' that starts none stays). */
void ir_uri_decode(struct ir_buf *out, const char *text, size_t bytes);

#endif
