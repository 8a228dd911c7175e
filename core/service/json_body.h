/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A JSON request with pictures in it: the text is built in one buffer, the pictures stay where they
 * are and become base64 strings while the body is hashed and sent.
 */
#ifndef CORE_SERVICE_JSON_BODY_H
#define CORE_SERVICE_JSON_BODY_H

#include "core/aws/http.h"
#include "core/base/json.h"

#define IR_JSON_BODY_MAX_PICTURES 20

/* Points into itself once finished: do not copy it. */
struct ir_json_body {
    struct ir_buf text;
    struct ir_json_writer json;                                      /* write the request here */
    const struct ir_body_piece *pictures[IR_JSON_BODY_MAX_PICTURES]; /* borrowed */
    size_t offsets[IR_JSON_BODY_MAX_PICTURES]; /* in `text`, between two quotes */
    size_t picture_count;
    const char *bad_json; /* the first part that should have been JSON and is not; NULL = none */
    struct ir_span spans[IR_JSON_BODY_MAX_PICTURES + 1];
    struct ir_body body; /* after ir_json_body_finish */
};

void ir_json_body_init(struct ir_json_body *body, size_t max_text_bytes);
void ir_json_body_release(struct ir_json_body *body);

/* Writes the picture as a string value. `picture` is borrowed until the body has been sent. */
void ir_json_body_put_picture(struct ir_json_body *body, const struct ir_body_piece *picture);

/*
 * Writes the value that `text` (JSON, such as a schema of the user's) is. `what` (static) names it
 * in the error that ir_json_body_finish gives when it is none.
 */
void ir_json_body_put_json(struct ir_json_body *body, const char *text, const char *what);
/* The same for all members of the object that `text` is: written into the object that is open. */
void ir_json_body_put_json_members(struct ir_json_body *body, const char *text, const char *what);

/*
 * Makes body->body of what was written. IR_ERR_NOMEM; IR_ERR_TOO_LARGE: text or pictures;
 * IR_ERR_ARG: a part that had to be JSON is not.
 */
IR_MUST_CHECK int ir_json_body_finish(struct ir_json_body *body, struct ir_error *err);

#endif
