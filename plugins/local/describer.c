/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From what was asked to the answer's text, cut where the request wants it to end. Several pictures
 * are answered one after another; a schema is filled from one.
 */
#include "plugins/local/describer.h"

#include <string.h>
#include <strings.h>

#include "core/base/error.h"
#include "core/base/utf8.h"
#include "plugins/local/refuse.h"

#define PATCH_PX 28 /* a picture counts a token for each patch of so many pixels */

void description_init(struct description *description)
{
    memset(description, 0, sizeof *description);
    description->stop_reason = "end_turn";
    ir_buf_init(&description->text, DESCRIBER_MAX_ANSWER_BYTES);
}

void description_release(struct description *description)
{
    ir_buf_release(&description->text);
}

/* ---- what is asked ----------------------------------------------------------------------- */

static bool says(const char *text, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcasestr(text, *words) != NULL)
            return true;
    return false;
}

/* A syllable of Hangul: U+AC00 to U+D7A3. */
static bool has_hangul(const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++)
        if ((*c >= 0xEB && *c <= 0xEC) || (*c == 0xEA && c[1] >= 0xB0) ||
            (*c == 0xED && c[1] <= 0x9E))
            return true;
    return false;
}

void wish_read(const char *text, struct wish *out)
{
    static const char *const labels[] = {"label", "레이블", "라벨", "object",
                                         "객체",  "detect", NULL};
    static const char *const checks[] = {"sensitive", "personal", "private", "민감", "개인", NULL};
    static const char *const captions[] = {
        "caption",         "describe", "description", "alt text", "what is in", "what's in",
        "what do you see", "title",    "keyword",     "설명",     "캡션",       "묘사",
        "무엇이 있",       NULL};
    static const char *const english[] = {"in english", "영어로", NULL};
    static const char *const korean[] = {"in korean", "한국어로", "한글로", NULL};
    *out =
        (struct wish){.korean = says(text, korean) || (has_hangul(text) && !says(text, english))};
    bool yes_no = strstr(text, "YES") != NULL && strstr(text, "NO") != NULL;
    out->check = strstr(text, "<result>") != NULL || (yes_no && says(text, checks));
    out->corners = strcasestr(text, "TopLeft") != NULL;
    out->labels = !out->check && strcasestr(text, "json") != NULL && says(text, labels);
    out->question = !out->check && !out->labels && text[strspn(text, " \t\r\n")] != '\0' &&
                    !says(text, captions);
}

/* ---- answering --------------------------------------------------------------------------- */

static const char *no_pictures(bool korean)
{
    return korean
               ? "이 모델은 이 컴퓨터의 인식기로 사진을 봅니다. 요청에 사진이 없어 말할 수 있는 "
                 "것이 "
                 "없습니다."
               : "This model looks at pictures with the recognisers of this computer. There is no "
                 "picture in the request, so it has nothing to say.";
}

static void answer_question(const struct wish *wish, struct ir_buf *out)
{
    if (!wish->question)
        return;
    ir_buf_append_text(
        out, wish->korean ? "이 모델은 생각하지 않으며, 인식기가 찾은 것만 말할 수 있습니다. "
                          : "This model does not reason; it can only say what its recognisers "
                            "found. ");
}

static void answer_one(const struct sight *sight, const struct wish *wish, struct ir_buf *out)
{
    if (wish->labels) {
        words_labels(sight, wish, out);
        return;
    }
    if (!wish->check) {
        answer_question(wish, out);
        words_caption(sight, wish, out);
        return;
    }
    struct ir_buf reason;
    ir_buf_init(&reason, DESCRIBER_MAX_ANSWER_BYTES);
    const char *verdict = words_check(sight, wish, &reason);
    ir_buf_appendf(out, "<result>%s</result>\n<reason>%s</reason>", verdict, ir_buf_text(&reason));
    ir_buf_release(&reason);
}

/* The picture's refusals in Bedrock's words. */
static int look(const struct recognisers *recognisers, const struct ask_picture *picture,
                struct sight *out, struct ir_error *err)
{
    struct ir_error cause;
    ir_error_clear(&cause);
    if (sight_look(recognisers, picture->data, picture->bytes, out, &cause) == 0)
        return 0;
    if (cause.http_status >= 500) {
        *err = cause;
        return cause.code;
    }
    return refuse(err, &refuse_validation, "Could not process image: %s", cause.message);
}

static int count_patches(const struct sight *sight)
{
    int across = (sight->image.width_px + PATCH_PX - 1) / PATCH_PX;
    int down = (sight->image.height_px + PATCH_PX - 1) / PATCH_PX;
    return across * down;
}

/* Ends the text at the first stop sequence and at the limit of tokens. */
static void cut(const struct ask *ask, struct description *out)
{
    const char *text = ir_buf_text(&out->text);
    size_t bytes = out->text.bytes;
    size_t max_bytes = (size_t)ask->max_tokens * DESCRIBER_TOKEN_BYTES;
    for (size_t i = 0; i < ask->stop_count; i++) {
        const char *found = strstr(text, ask->stops[i]);
        if (found != NULL && (size_t)(found - text) < bytes) {
            bytes = (size_t)(found - text);
            out->stop = ask->stops[i];
            out->stop_reason = "stop_sequence";
        }
    }
    if (bytes > max_bytes) {
        bytes = ir_utf8_floor(text, bytes, max_bytes);
        out->stop = NULL;
        out->stop_reason = "max_tokens";
    }
    if (bytes < out->text.bytes) {
        out->text.bytes = bytes;
        out->text.data[bytes] = '\0';
    }
    out->output_tokens = (long)((bytes + DESCRIBER_TOKEN_BYTES - 1) / DESCRIBER_TOKEN_BYTES);
}

int describer_run(const struct recognisers *recognisers, const struct ask *ask,
                  struct description *out, struct ir_error *err)
{
    struct wish wish;
    int rc = 0;
    wish_read(ir_buf_text(&ask->text), &wish);
    out->input_tokens =
        (long)((ask->text_bytes + DESCRIBER_TOKEN_BYTES - 1) / DESCRIBER_TOKEN_BYTES);
    if (ask->picture_count > 1 && ask->schema != NULL)
        return refuse(err, &refuse_validation,
                      "Malformed input request: this model fills a schema from one picture, and "
                      "there are %zu.",
                      ask->picture_count);
    if (ask->picture_count == 0 && ask->schema != NULL)
        rc = describer_listed(ask, &wish, &out->text, err);
    else if (ask->picture_count == 0)
        ir_buf_append_text(&out->text, no_pictures(wish.korean));
    for (size_t i = 0; rc == 0 && i < ask->picture_count; i++) {
        struct sight sight;
        rc = look(recognisers, &ask->pictures[i], &sight, err);
        if (rc != 0)
            return rc;
        out->input_tokens += count_patches(&sight);
        out->not_finished |= sight_unfinished(&sight);
        if (i > 0 && ask->schema == NULL)
            ir_buf_append_char(&out->text, '\n');
        if (ask->schema == NULL)
            answer_one(&sight, &wish, &out->text);
        else
            rc = schema_fill(&sight, &wish, ask->schema, &out->text, err);
        sight_release(&sight);
    }
    if (rc == 0 && out->text.failed != 0)
        rc = refuse_nomem(err);
    if (rc == 0)
        cut(ask, out);
    return rc;
}
