/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON requests with pictures in them, as pieces: text, picture, text, picture, ..., text. */
#include "core/service/json_body.h"

#include <string.h>

#include "core/base/error.h"

void ir_json_body_init(struct ir_json_body *body, size_t max_text_bytes)
{
    ir_buf_init(&body->text, max_text_bytes);
    ir_json_writer_init(&body->json, &body->text);
    body->picture_count = 0;
    body->bad_json = NULL;
    body->body.piece_count = 0;
}

void ir_json_body_release(struct ir_json_body *body)
{
    ir_buf_release(&body->text);
}

void ir_json_body_put_picture(struct ir_json_body *body, const struct ir_body_piece *picture)
{
    ir_json_put_string(&body->json, "");
    if (body->picture_count == IR_JSON_BODY_MAX_PICTURES) {
        if (body->text.failed == 0)
            body->text.failed = IR_ERR_TOO_LARGE;
        return;
    }
    body->pictures[body->picture_count] = picture;
    body->offsets[body->picture_count] = body->text.bytes > 0 ? body->text.bytes - 1 : 0;
    body->picture_count++;
}

/* ---- JSON of others ---------------------------------------------------------------------- */

static bool copy_member(void *context, const char *member, const struct ir_json_value *value)
{
    ir_json_key(context, member);
    ir_json_put_value(context, value);
    return true;
}

/* NULL when `text` is no JSON, which is then remembered. */
static struct ir_json_doc *parse_part(struct ir_json_body *body, const char *text, const char *what)
{
    struct ir_json_doc *doc = NULL;
    int rc = ir_json_parse(text, strlen(text), what, &doc, NULL);
    if (rc == IR_ERR_NOMEM && body->text.failed == 0)
        body->text.failed = rc;
    else if (rc != 0 && body->bad_json == NULL)
        body->bad_json = what;
    return rc == 0 ? doc : NULL;
}

void ir_json_body_put_json(struct ir_json_body *body, const char *text, const char *what)
{
    struct ir_json_doc *doc = parse_part(body, text, what);
    ir_json_put_value(&body->json, doc != NULL ? ir_json_root(doc) : NULL);
    ir_json_free(doc);
}

void ir_json_body_put_json_members(struct ir_json_body *body, const char *text, const char *what)
{
    struct ir_json_doc *doc = parse_part(body, text, what);
    if (doc == NULL)
        return;
    if (ir_json_is_object(ir_json_root(doc)))
        ir_json_each(ir_json_root(doc), copy_member, &body->json);
    else if (body->bad_json == NULL)
        body->bad_json = what;
    ir_json_free(doc);
}

/* ---- pieces ------------------------------------------------------------------------------ */

static void add_text(struct ir_json_body *body, size_t from, size_t to, struct ir_span *span)
{
    *span = (struct ir_span){body->text.data + from, to - from};
    body->body.pieces[body->body.piece_count++] =
        (struct ir_body_piece){.spans = span, .span_count = 1};
}

int ir_json_body_finish(struct ir_json_body *body, struct ir_error *err)
{
    int rc = ir_buf_check(&body->text, "the request", err);
    if (rc != 0)
        return rc;
    if (body->bad_json != NULL) {
        ir_fail(err, IR_ERR_ARG, "%s is not JSON", body->bad_json);
        ir_error_set_hint(err, "Check it with a JSON tool, such as jq.");
        return IR_ERR_ARG;
    }
    size_t from = 0;
    body->body.piece_count = 0;
    for (size_t i = 0; i < body->picture_count; i++) {
        add_text(body, from, body->offsets[i], &body->spans[i]);
        body->body.pieces[body->body.piece_count] = *body->pictures[i];
        body->body.pieces[body->body.piece_count++].base64 = true;
        from = body->offsets[i];
    }
    add_text(body, from, body->text.bytes, &body->spans[body->picture_count]);
    return 0;
}
