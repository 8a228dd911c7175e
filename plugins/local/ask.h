/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a request asks a describing model, read from Converse's body or Claude's. */
#ifndef PLUGINS_LOCAL_ASK_H
#define PLUGINS_LOCAL_ASK_H

#include "core/base/buf.h"
#include "core/base/json.h"

#define ASK_MAX_PICTURES 4
#define ASK_MAX_PICTURE_BYTES 3932160U
#define ASK_MAX_STOPS 8
#define ASK_MAX_TEXT_BYTES (1U << 20)
#define ASK_DEFAULT_TOKENS 4096

struct ask_picture {
    unsigned char *data;
    size_t bytes;
};

struct ask {
    struct ask_picture pictures[ASK_MAX_PICTURES];
    size_t picture_count;
    struct ir_buf text; /* system and the last message of the user */
    size_t text_bytes;  /* of all messages, for the count of tokens */
    long max_tokens;
    const char *stops[ASK_MAX_STOPS]; /* borrowed from the request */
    size_t stop_count;
    const struct ir_json_value
        *schema;                    /* NULL = free text; borrowed from the request or the next */
    struct ir_json_doc *schema_doc; /* Converse's schema is a text */
};

void ask_init(struct ask *ask);
void ask_release(struct ask *ask);
/* ValidationException for what is no such body, and for what this model cannot honour. */
IR_MUST_CHECK int ask_read_converse(const struct ir_json_value *body, struct ask *out,
                                    struct ir_error *err);
IR_MUST_CHECK int ask_read_claude(const struct ir_json_value *body, struct ask *out,
                                  struct ir_error *err);

#endif
