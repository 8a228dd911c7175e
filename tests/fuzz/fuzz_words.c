/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Words of pictures and of models: the finder of personal data, the reader of a caption that is
 * still being written, and whole answers to caption and check, whatever a model says.
 */
#include "tests/fuzz/fuzz.h"

#include <imgrecog/caption.h>
#include <imgrecog/check.h>

#include "core/base/alloc.h"
#include "core/base/buf.h"
#include "core/base/json.h"
#include "core/base/utf8.h"
#include "core/task/caption_words.h"
#include "core/task/client.h"
#include "core/base/personal.h"
#include "tests/unit/fake_transport.h"
#include "tests/unit/fake_world.h"

#define MAX_BODY_BYTES (1U << 20)

/* Finds lie within the text, in order, and what is shown of them is short. */
static void check_personal(const char *text)
{
    struct ir_personal match;
    size_t from = 0;
    for (; ir_personal_find(text, from, &match); from = match.at + match.bytes) {
        FUZZ_CHECK(match.at >= from && match.bytes >= 6);
        FUZZ_CHECK(match.at + match.bytes <= strlen(text));
        FUZZ_CHECK(strlen(match.shown) <= 9);
        FUZZ_CHECK(ir_utf8_is_valid(match.shown, strlen(match.shown)));
    }
}

struct heard {
    char text[4 * FUZZ_MAX_BYTES];
    size_t bytes;
};

static void hear(void *context, const char *text, size_t bytes)
{
    struct heard *heard = context;
    FUZZ_CHECK(bytes > 0 && heard->bytes + bytes <= sizeof heard->text);
    memcpy(heard->text + heard->bytes, text, bytes);
    heard->bytes += bytes;
}

/* However the words are cut, the same is told. */
static void check_caption_words(const char *text, size_t bytes)
{
    static struct heard whole, pieces;
    struct ir_caption_words words;
    whole.bytes = pieces.bytes = 0;
    ir_caption_words_init(&words, hear, &whole);
    ir_caption_words_take(&words, text, bytes);
    ir_caption_words_init(&words, hear, &pieces);
    for (size_t at = 0; at < bytes; at++)
        ir_caption_words_take(&words, text + at, 1);
    FUZZ_CHECK(whole.bytes == pieces.bytes);
    FUZZ_CHECK(memcmp(whole.text, pieces.text, whole.bytes) == 0);
    for (size_t i = 0; i < whole.bytes; i++)
        FUZZ_CHECK((unsigned char)whole.text[i] >= ' ');
}

/* Converse's answer with these words. */
static void write_answer(struct ir_buf *out, const char *text)
{
    static const char hex[] = "0123456789abcdef";
    ir_buf_append_text(out, "{\"output\":{\"message\":{\"content\":[{\"text\":\"");
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        ir_buf_append_text(out, "\\u00");
        ir_buf_append_char(out, hex[*c < 0x80 ? *c >> 4 : 3]);
        ir_buf_append_char(out, hex[*c < 0x80 ? *c & 15 : 15]);
    }
    ir_buf_append_text(out, "\"}]}},\"stopReason\":\"end_turn\"}");
}

struct stage {
    struct fake_world world;
    struct fake_transport transport;
    struct ir_client *client;
    struct ir_picture *picture;
};

static void open_stage(struct stage *stage, const char *body)
{
    static const unsigned char png[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13,
                                        'I',  'H', 'D', 'R', 0,    0,    0,    100,  0, 0, 0, 100,
                                        8,    0,   0,   0,   0,    0,    0,    0,    0, 0, 0, 0,
                                        0,    'I', 'D', 'A', 'T',  0,    0,    0,    0};
    const struct ir_client_options options = IR_CLIENT_OPTIONS_INIT;
    memset(stage, 0, sizeof *stage);
    fake_world_init(&stage->world);
    fake_world_setenv(&stage->world, "AWS_REGION", "eu-west-1");
    fake_world_setenv(&stage->world, "AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    fake_world_setenv(&stage->world, "AWS_SECRET_ACCESS_KEY", "hush");
    fake_transport_init(&stage->transport, &stage->world);
    fake_transport_add(&stage->transport, (struct fake_answer){.body = body});
    const struct ir_transport transport = fake_transport_get(&stage->transport);
    FUZZ_CHECK(ir_client_new_in(&options, &stage->world.world, &transport, &stage->client, NULL) ==
               0);
    FUZZ_CHECK(ir_picture_new(png, sizeof png, "a.png", &stage->picture, NULL) == 0);
}

static void close_stage(struct stage *stage)
{
    ir_picture_free(stage->picture);
    ir_client_free(stage->client);
    fake_transport_reset(&stage->transport);
}

/* Something whole or an error; and no NO from a model whose words hold none. */
static void check_answers(const char *text)
{
    static struct stage stage;
    const struct ir_caption_options caption = IR_CAPTION_OPTIONS_INIT;
    struct ir_check_options check = IR_CHECK_OPTIONS_INIT;
    struct ir_result *result = NULL;
    struct ir_error err = {0};
    struct ir_buf body;
    ir_buf_init(&body, MAX_BODY_BYTES);
    write_answer(&body, text);
    open_stage(&stage, ir_buf_text(&body));
    int rc = ir_caption(stage.client, stage.picture, &caption, &result, &err);
    FUZZ_CHECK((rc == 0) == (result != NULL) && (rc == 0 || err.maybe_served));
    FUZZ_CHECK(rc != 0 || *ir_result_get_caption(result)->text != '\0');
    ir_result_free(result);
    result = NULL;
    check.looks = IR_CHECK_MODEL;
    rc = ir_check(stage.client, stage.picture, &check, &result, &err);
    FUZZ_CHECK((rc == 0) == (result != NULL));
    if (rc == 0) { /* the other looks were not asked for, so it is never NO */
        enum ir_verdict verdict = ir_result_get_check(result)->verdict;
        FUZZ_CHECK(verdict != IR_VERDICT_NO);
        FUZZ_CHECK(strcasestr(text, verdict == IR_VERDICT_YES ? "yes" : "no") != NULL ||
                   strchr(text, '\\') != NULL);
    }
    ir_result_free(result);
    close_stage(&stage);
    ir_buf_release(&body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    if (bytes > FUZZ_MAX_BYTES)
        return 0;
    char *text = malloc(bytes + 1); /* of its own, so that a sanitizer sees its end */
    FUZZ_CHECK(text != NULL);
    memcpy(text, data, bytes);
    text[bytes] = '\0';
    check_personal(text);
    check_caption_words(text, bytes);
    check_answers(text);
    free(text);
    return 0;
}
