/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The model imgrecog.local-describer-v1: says in words, or in JSON, what the recognisers of this
 * machine found in a picture. It samples nothing and invents nothing; the same request has the same
 * answer. What is asked for is told by words of the request, in English or Korean.
 */
#ifndef PLUGINS_LOCAL_DESCRIBER_H
#define PLUGINS_LOCAL_DESCRIBER_H

#include "plugins/local/ask.h"
#include "plugins/local/sight.h"

#define DESCRIBER_MAX_ANSWER_BYTES (1U << 20)
#define DESCRIBER_TOKEN_BYTES 4 /* a token of this model is so many bytes of text */

struct description {
    struct ir_buf text;
    const char *stop_reason; /* "end_turn", "max_tokens", "stop_sequence" */
    const char *stop;        /* the sequence; NULL = none */
    long input_tokens;
    long output_tokens;
    unsigned not_finished; /* LOOK_... */
};

void description_init(struct description *description);
void description_release(struct description *description);
/* ValidationException for pictures and schemas that this model cannot take. */
IR_MUST_CHECK int describer_run(const struct recognisers *recognisers, const struct ask *ask,
                                struct description *out, struct ir_error *err);

/* ---- parts, in files of their own -------------------------------------------------------- */

/* What the words of a request ask for. */
struct wish {
    bool check;   /* is there something sensitive: <result>, <reason> */
    bool labels;  /* a JSON array of labels */
    bool corners; /* with TopLeft, TopRight, BottomRight, BottomLeft in pixels */
    bool korean;
    bool question; /* something that recognisers cannot know */
    bool listed;   /* there is no picture, only a list of labels */
};
void wish_read(const char *text, struct wish *out);

/* "A picture with two faces and printed text: “…”." */
void words_caption(const struct sight *sight, const struct wish *wish, struct ir_buf *out);
/*
 * A sentence for who cannot see it, 125 characters at most but for rare lists: "Two faces and
 * printed text: “…” in a landscape picture, mostly grey and white."
 */
void words_alt(const struct sight *sight, const struct wish *wish, struct ir_buf *out);
/* A few words: "two faces, printed text". */
void words_short(const struct sight *sight, const struct wish *wish, struct ir_buf *out);
/* "YES", "NO" or "UNKNOWN", and why. */
const char *words_check(const struct sight *sight, const struct wish *wish,
                        struct ir_buf *out_reason);
void words_labels(const struct sight *sight, const struct wish *wish, struct ir_buf *out);

/* A label's name in that language; a name that is none of ours stays as it is. */
const char *words_label(const char *name, bool korean);
/* "Face, Head and Person": the names of a list. */
void words_listed(const struct label_list *labels, bool korean, struct ir_buf *out);
/* Answers a request with a schema and no picture. ValidationException: its words list no labels. */
IR_MUST_CHECK int describer_listed(const struct ask *ask, const struct wish *wish,
                                   struct ir_buf *out, struct ir_error *err);

/* Fills the JSON schema with what was found. ValidationException: something it wants is not known.
 */
IR_MUST_CHECK int schema_fill(const struct sight *sight, const struct wish *wish,
                              const struct ir_json_value *schema, struct ir_buf *out,
                              struct ir_error *err);

#endif
