/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The tasks ask and caption over a transport that answers from a script: what is refused before
 * anything is sent, what a model is asked and shown, what becomes of its answers, and that an
 * answer that is not whole is never a success.
 */
#include "tests/unit/fake_client.h"

#include <imgrecog/ask.h>
#include <imgrecog/caption.h>

#include "tests/unit/event_frames.h"

#define SAID(text, stop)                                                                           \
    "{\"output\":{\"message\":{\"role\":\"assistant\",\"content\":[{\"text\":" text                \
    "}]}},\"stopReason\":\"" stop "\",\"usage\":{\"inputTokens\":1500,\"outputTokens\":20}}"
#define CAPTION_JSON                                                                               \
    "\"{\\\"caption\\\":\\\"A dog runs.\\\",\\\"alt_text\\\":\\\"Running dog\\\","                 \
    "\\\"title\\\":\\\"Dog\\\",\\\"keywords\\\":[\\\"dog\\\",\\\"\\\",\\\"beach\\\"]}\""
#define LABELS_JSON                                                                                \
    "{\"Labels\":[{\"Name\":\"Dog\",\"Confidence\":98.7,\"Instances\":[{\"BoundingBox\":"          \
    "{\"Left\":0.1,\"Top\":0.2,\"Width\":0.3,\"Height\":0.4},\"Confidence\":97},"                  \
    "{\"BoundingBox\":{\"Left\":0.5,\"Top\":0.2,\"Width\":0.3,\"Height\":0.4},"                    \
    "\"Confidence\":96}]},{\"Name\":\"Beach\",\"Confidence\":90}],\"LabelModelVersion\":\"3.0\"}"

static unsigned char picture_data[4U << 20];

static struct ir_picture *small_picture(void)
{
    return fake_picture_new(picture_data, 100, 80, 1000, 1);
}

static const char *sent_body(const struct fixture *fixture, size_t call_index)
{
    assert_true(call_index < fixture->transport.call_count);
    return fixture->transport.seen[call_index].body;
}

static void assert_in(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" is not in: %s", part, text);
}

/* ---- refused before anything is sent ----------------------------------------------------- */

struct refusal_row {
    const char *name;
    const char *question;
    unsigned max_tokens;
    int width_px;
    size_t bytes;
    int orientation;
    int code;
    const char *says;
};

static const struct refusal_row refusal_rows[] = {
    {"ask: no question", NULL, 10, 100, 1000, 1, IR_ERR_ARG, "empty"},
    {"ask: an empty question", "", 10, 100, 1000, 1, IR_ERR_ARG, "empty"},
    {"ask: not UTF-8", "\xff", 10, 100, 1000, 1, IR_ERR_ARG, "UTF-8"},
    {"ask: no tokens", "?", 0, 100, 1000, 1, IR_ERR_ARG, "max-tokens"},
    {"ask: too many tokens", "?", 64001, 100, 1000, 1, IR_ERR_ARG, "max-tokens"},
    {"ask: a picture that lies turned", "?", 10, 100, 1000, 6, IR_ERR_ARG, "turned"},
    {"ask: 8,001 pixels", "?", 10, 8001, 1000, 1, IR_ERR_TOO_LARGE, "8,000"},
    {"ask: 3,932,161 bytes", "?", 10, 100, 3932161, 1, IR_ERR_TOO_LARGE, "3.75"},
};

static void test_refusal(void **state)
{
    const struct refusal_row *row = *state;
    struct fixture fixture;
    struct ir_result *result = (struct ir_result *)&fixture;
    struct ir_ask_options options = IR_ASK_OPTIONS_INIT;
    set_up(&fixture);
    struct ir_picture *picture =
        fake_picture_new(picture_data, row->width_px, 100, row->bytes, row->orientation);
    options.question = row->question;
    options.max_tokens = row->max_tokens;
    assert_int_equal(ir_ask(fixture.client, picture, &options, &result, &fixture.err), row->code);
    assert_ptr_equal(result, &fixture);
    assert_in(fixture.err.message, row->says);
    assert_string_not_equal(fixture.err.service, "");
    assert_string_not_equal(fixture.err.hint, "");
    assert_int_equal(fixture.transport.call_count, 0);
    ir_picture_free(picture);
    tear_down(&fixture);
}

/* ---- ask --------------------------------------------------------------------------------- */

static void test_ask(void **state)
{
    struct fixture fixture;
    struct ir_result *result = NULL;
    struct ir_ask_options options = IR_ASK_OPTIONS_INIT;
    char *json = NULL;
    (void)state;
    set_up(&fixture);
    struct ir_picture *picture = small_picture();
    fake_transport_add(&fixture.transport,
                       (struct fake_answer){.body = SAID("\"One\\ntwo\\u001b[0m\"", "end_turn")});
    options.question = "이 사진은 무엇입니까?";
    assert_int_equal(ir_ask(fixture.client, picture, &options, &result, &fixture.err), 0);
    assert_string_equal(fixture.transport.seen[0].url,
                        "https://bedrock-runtime.eu-west-1.amazonaws.com/model/"
                        "eu.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse");
    const char *body = sent_body(&fixture, 0);
    const char *shown = strstr(body, "\"image\":{\"format\":\"png\"");
    const char *words = strstr(body, "이 사진은 무엇입니까?");
    assert_true(shown != NULL && words != NULL && shown < words);
    assert_string_equal(ir_result_get_answer(result), "One\ntwo [0m");
    assert_null(ir_result_get_caption(result));
    assert_int_equal(ir_result_to_json(result, &json, NULL, NULL), 0);
    assert_in(json, "\"answer\":{\"text\":\"One\\ntwo [0m\",\"model\":\"eu.anthropic.");
    assert_in(
        json,
        "\"usage\":{\"requests\":1,\"retries\":0,\"input_tokens\":1500,"
        "\"output_tokens\":20,\"cost_usd\":0.00176,\"prices_of\":\"2026-11-20\",\"cached\":0}");
    assert_null(strstr(json, "무엇입니까"));
    ir_free(json);
    ir_result_free(result);
    ir_picture_free(picture);
    tear_down(&fixture);
}

struct stop_row {
    const char *name;
    struct fake_answer answer;
    int code;
    const char *says;
};

static const struct stop_row stop_rows[] = {
    {"ask: cut off", {.body = SAID("\"One\"", "max_tokens")}, IR_ERR_SERVICE, "cut off"},
    {"ask: refused", {.body = SAID("\"No\"", "refusal")}, IR_ERR_SERVICE, "declined"},
    {"ask: guardrail",
     {.body = SAID("\"No\"", "guardrail_intervened")},
     IR_ERR_SERVICE,
     "withheld"},
    {"ask: no message", {.body = "{}"}, IR_ERR_RESPONSE, "no message"},
    {"ask: nothing", {.body = SAID("\" \\n\"", "end_turn")}, IR_ERR_RESPONSE, "answered nothing"},
    {"ask: the line breaks after it was served",
     {.rc = IR_ERR_NET, .retryable = true, .maybe_served = true},
     IR_ERR_NET,
     "line failed"},
};

static void test_stop(void **state)
{
    const struct stop_row *row = *state;
    struct fixture fixture;
    struct ir_result *result = NULL;
    struct ir_ask_options options = IR_ASK_OPTIONS_INIT;
    set_up(&fixture);
    struct ir_picture *picture = small_picture();
    fake_transport_add(&fixture.transport, row->answer);
    options.question = "What is it?";
    assert_int_equal(ir_ask(fixture.client, picture, &options, &result, &fixture.err), row->code);
    assert_null(result);
    assert_in(fixture.err.message, row->says);
    assert_null(strstr(fixture.err.message, "What is it"));
    assert_true(fixture.err.maybe_served);
    assert_int_equal(fixture.transport.call_count, 1); /* never paid twice */
    ir_picture_free(picture);
    tear_down(&fixture);
}

struct heard {
    char text[256];
    size_t bytes;
};

static void hear(void *context, const char *text, size_t bytes)
{
    struct heard *heard = context;
    assert_true(heard->bytes + bytes < sizeof heard->text);
    memcpy(heard->text + heard->bytes, text, bytes);
    heard->bytes += bytes;
}

static void add_delta(struct ir_buf *out, const char *json_text)
{
    char payload[256];
    snprintf(payload, sizeof payload, "{\"contentBlockIndex\":0,\"delta\":{\"text\":%s}}",
             json_text);
    frame_event(out, "event", "contentBlockDelta", payload);
}

static void test_streamed(void **state)
{
    struct fixture fixture;
    struct ir_result *result = NULL;
    struct ir_ask_options options = IR_ASK_OPTIONS_INIT;
    struct heard heard = {.bytes = 0};
    struct ir_buf stream;
    (void)state;
    set_up(&fixture);
    ir_buf_init(&stream, FRAME_MAX_BYTES);
    add_delta(&stream, "\"Two \"");
    add_delta(&stream, "\"dogs\\u001b]0;x\\u0007.\"");
    frame_event(&stream, "event", "messageStop", "{\"stopReason\":\"end_turn\"}");
    frame_event(&stream, "event", "metadata", "{\"usage\":{\"inputTokens\":9,\"outputTokens\":4}}");
    struct ir_picture *picture = small_picture();
    fake_transport_add(&fixture.transport,
                       (struct fake_answer){.body = stream.data, .body_bytes = stream.bytes});
    options.question = "How many?";
    options.on_text = hear;
    options.text_context = &heard;
    assert_int_equal(ir_ask(fixture.client, picture, &options, &result, &fixture.err), 0);
    assert_in(fixture.transport.seen[0].url, "/converse-stream");
    assert_string_equal(heard.text, "Two dogs ]0;x .");
    assert_string_equal(ir_result_get_answer(result), heard.text);
    ir_result_free(result);
    ir_picture_free(picture);
    ir_buf_release(&stream);
    tear_down(&fixture);
}

/* ---- caption ----------------------------------------------------------------------------- */

struct caption_row {
    const char *name;
    const char *answer;
    int code;
    const char *text; /* or what the error says */
    const char *alt_text;
    size_t keyword_count;
};

static const struct caption_row caption_rows[] = {
    {"caption: the form", SAID(CAPTION_JSON, "end_turn"), 0, "A dog runs.", "Running dog", 2},
    {"caption: prose and a fence around it",
     SAID("\"Here:\\n```json\\n{\\\"caption\\\":\\\"A dog.\\\"}\\n```\"", "end_turn"), 0, "A dog.",
     NULL, 0},
    {"caption: no form at all", SAID("\"  A dog on a beach.\"", "end_turn"), 0, "A dog on a beach.",
     NULL, 0},
    {"caption: keywords between commas",
     SAID("\"{\\\"caption\\\":\\\"A dog.\\\",\\\"keywords\\\":\\\" dog, ,beach ,\\\"}\"",
          "end_turn"),
     0, "A dog.", NULL, 2},
    {"caption: brackets in its words and behind it",
     SAID("\"{\\\"caption\\\":\\\"A {dog} says \\\\\\\"}\\\\\\\".\\\"} I hope {this} helps.\"",
          "end_turn"),
     0, "A {dog} says \"}\".", NULL, 0},
    {"caption: words with a bracket and no form", SAID("\"A sign says {open.\"", "end_turn"), 0,
     "A sign says {open.", NULL, 0},
    {"caption: no words", SAID("\" \\n\"", "end_turn"), IR_ERR_RESPONSE, "nothing", NULL, 0},
    {"caption: an object without one", SAID("\"{\\\"title\\\":\\\"x\\\"}\"", "end_turn"),
     IR_ERR_RESPONSE, "no caption", NULL, 0},
    {"caption: broken JSON", SAID("\"{\\\"caption\\\":}\"", "end_turn"), IR_ERR_RESPONSE,
     "not the JSON", NULL, 0},
    {"caption: breaks off", SAID("\"{\\\"caption\\\":\\\"A\"", "end_turn"), IR_ERR_RESPONSE,
     "breaks off", NULL, 0},
    {"caption: cut off by its length", SAID(CAPTION_JSON, "max_tokens"), IR_ERR_SERVICE, "cut off",
     NULL, 0},
};

static void check_caption(const struct ir_result *result, const struct caption_row *row)
{
    const struct ir_caption *caption = ir_result_get_caption(result);
    assert_string_equal(caption->text, row->text);
    if (row->alt_text != NULL)
        assert_string_equal(caption->alt_text, row->alt_text);
    else
        assert_null(caption->alt_text);
    assert_int_equal(caption->keyword_count, row->keyword_count);
}

static void test_caption(void **state)
{
    const struct caption_row *row = *state;
    struct fixture fixture;
    struct ir_result *result = NULL;
    const struct ir_caption_options options = IR_CAPTION_OPTIONS_INIT;
    set_up(&fixture);
    struct ir_picture *picture = small_picture();
    fake_transport_add(&fixture.transport, (struct fake_answer){.body = row->answer});
    int rc = ir_caption(fixture.client, picture, &options, &result, &fixture.err);
    assert_int_equal(rc, row->code);
    if (rc == 0)
        check_caption(result, row);
    else
        assert_in(fixture.err.message, row->text);
    if (rc != 0)
        assert_true(fixture.err.maybe_served);
    assert_int_equal(result != NULL, rc == 0);
    assert_in(sent_body(&fixture, 0), "outputConfig");
    assert_in(sent_body(&fixture, 0), "in English");
    ir_result_free(result);
    ir_picture_free(picture);
    tear_down(&fixture);
}

/* ---- lengths ----------------------------------------------------------------------------- */

#define E25 "\303\251\303\251\303\251\303\251\303\251" E20
#define E20 "\303\251\303\251\303\251\303\251\303\251" E15
#define E15 "\303\251\303\251\303\251\303\251\303\251" E10
#define E10 "\303\251\303\251\303\251\303\251\303\251" E5
#define E5 "\303\251\303\251\303\251\303\251\303\251"
#define E125 E25 E25 E25 E25 E25

static const struct length_row {
    const char *name;
    const char *alt_text;
    const char *title;
    const char *lines[3]; /* of the document's errors */
} length_rows[] = {
    {"lengths: as asked", E125, "one two three four five six seven eight", {NULL}},
    {"lengths: an alt text of one character more",
     E125 ".",
     "a",
     {"the alt text has 126 characters; users of screen readers are best served by at most 125"}},
    {"lengths: a title of one word more",
     "a",
     "  one two three four five six seven eight  nine ",
     {"the title has 9 words; at most 8 were asked for"}},
    {"lengths: both",
     E125 E125,
     "1 2 3 4 5 6 7 8 9 10",
     {"the alt text has 250 characters; users of screen readers are best served by at most 125",
      "the title has 10 words; at most 8 were asked for"}},
};

static void test_length(void **state)
{
    const struct length_row *row = *state;
    struct fixture fixture;
    struct ir_result *result = NULL;
    const struct ir_caption_options options = IR_CAPTION_OPTIONS_INIT;
    char body[2048];
    set_up(&fixture);
    struct ir_picture *picture = small_picture();
    snprintf(body, sizeof body,
             SAID("\"{\\\"caption\\\":\\\"A.\\\",\\\"alt_text\\\":\\\"%s\\\","
                  "\\\"title\\\":\\\"%s\\\"}\"",
                  "end_turn"),
             row->alt_text, row->title);
    fake_transport_add(&fixture.transport, (struct fake_answer){.body = body});
    assert_int_equal(ir_caption(fixture.client, picture, &options, &result, &fixture.err), 0);
    assert_string_equal(ir_result_get_caption(result)->alt_text, row->alt_text); /* whole */
    size_t count = 0;
    for (; row->lines[count] != NULL; count++)
        assert_string_equal(ir_result_get_error(result, count), row->lines[count]);
    assert_null(ir_result_get_error(result, count));
    ir_result_free(result);
    ir_picture_free(picture);
    tear_down(&fixture);
}

static void test_from_labels(void **state)
{
    struct fixture fixture;
    struct ir_result *result = NULL;
    struct ir_caption_options options = IR_CAPTION_OPTIONS_INIT;
    (void)state;
    set_up(&fixture);
    struct ir_picture *picture = small_picture();
    fake_transport_add(
        &fixture.transport,
        (struct fake_answer){.target = "RekognitionService.DetectLabels", .body = LABELS_JSON});
    fake_transport_add(&fixture.transport,
                       (struct fake_answer){.body = SAID(CAPTION_JSON, "end_turn")});
    options.from_labels = true;
    options.language = "ko";
    options.context = "Busan, 2026";
    assert_int_equal(ir_caption(fixture.client, picture, &options, &result, &fixture.err), 0);
    assert_in(sent_body(&fixture, 0), "\"MaxLabels\":3");
    const char *asked = sent_body(&fixture, 1);
    assert_null(strstr(asked, "\"image\""));
    assert_in(asked, "- Dog (99 %)\\n- Beach (90 %)\\n");
    assert_in(asked, "한국어로 설명하고");
    assert_in(asked, "Busan, 2026");
    assert_int_equal(ir_result_label_count(result), 3);
    assert_string_equal(ir_result_get_caption(result)->title, "Dog");
    ir_result_free(result);
    ir_picture_free(picture);
    tear_down(&fixture);
}

static void test_no_label(void **state)
{
    struct fixture fixture;
    struct ir_result *result = NULL;
    struct ir_caption_options options = IR_CAPTION_OPTIONS_INIT;
    (void)state;
    set_up(&fixture);
    struct ir_picture *picture = small_picture();
    fake_transport_add(&fixture.transport, (struct fake_answer){.body = "{\"Labels\":[]}"});
    options.from_labels = true;
    assert_int_equal(ir_caption(fixture.client, picture, &options, &result, &fixture.err),
                     IR_ERR_SERVICE);
    assert_null(result);
    assert_int_equal(fixture.transport.call_count, 1); /* no model is paid to describe nothing */
    ir_picture_free(picture);
    tear_down(&fixture);
}

static void test_caption_options(void **state)
{
    static const struct ir_caption_options rows[] = {
        {0, NULL, "English", NULL, false, 10, false, NULL, NULL, NULL},
        {1, NULL, NULL, NULL, false, 10, false, NULL, NULL, NULL},
        {1, NULL, "", NULL, false, 10, false, NULL, NULL, NULL},
        {1, NULL, "Eng\nlish", NULL, false, 10, false, NULL, NULL, NULL},
        {1, NULL, "English", "a\nb", false, 10, false, NULL, NULL, NULL},
        {1, NULL, "English", "\xff", false, 10, false, NULL, NULL, NULL},
        {1, NULL, "English", NULL, false, 0, false, NULL, NULL, NULL},
        {1, "two words", "English", NULL, false, 10, false, NULL, NULL, NULL},
    };
    struct fixture fixture;
    (void)state;
    set_up(&fixture);
    struct ir_picture *picture = small_picture();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ir_result *result = NULL;
        assert_int_equal(ir_caption(fixture.client, picture, &rows[i], &result, &fixture.err),
                         IR_ERR_ARG);
        assert_null(result);
    }
    assert_int_equal(fixture.transport.call_count, 0);
    ir_picture_free(picture);
    tear_down(&fixture);
}

/* What is asked for in French would be answered in English. */
static void test_local_language(void **state)
{
    struct ir_client_options local = IR_CLIENT_OPTIONS_INIT;
    struct ir_caption_options options = IR_CAPTION_OPTIONS_INIT;
    struct ir_result *result = NULL;
    struct fixture fixture;
    (void)state;
    local.endpoint = "local";
    set_up_with(&fixture, &local);
    struct ir_picture *picture = small_picture();
    options.language = "fr";
    assert_int_equal(ir_caption(fixture.client, picture, &options, &result, &fixture.err),
                     IR_ERR_ARG);
    assert_in(fixture.err.message, "English and Korean only");
    assert_null(result);
    assert_int_equal(fixture.transport.call_count, 0);
    ir_picture_free(picture);
    tear_down(&fixture);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_refusal, refusal_rows);
    unit_add(&list, "ask: question and answer", test_ask);
    UNIT_ADD_ROWS(&list, test_stop, stop_rows);
    unit_add(&list, "ask: words as they come", test_streamed);
    UNIT_ADD_ROWS(&list, test_caption, caption_rows);
    UNIT_ADD_ROWS(&list, test_length, length_rows);
    unit_add(&list, "caption: from the three surest labels", test_from_labels);
    unit_add(&list, "caption: from no label", test_no_label);
    unit_add(&list, "caption: options that are wrong", test_caption_options);
    unit_add(&list, "caption: a language that this machine has not", test_local_language);
    return unit_run(&list, "ask");
}
