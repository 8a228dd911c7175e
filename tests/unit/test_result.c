/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The result document: what goes in comes out, byte for byte, and nothing harmful does. */
#include "tests/unit/unit.h"

#include <math.h>

#include "core/base/alloc.h"
#include "core/result/result.h"

static struct ir_result *make_plain(void)
{
    struct ir_result *result = ir_result_new();
    assert_non_null(result);
    result->image.width_px = 640;
    result->image.height_px = 480;
    result->image.orientation = 1;
    result->image.sent_bytes = 1234;
    result->image.sent_width_px = 640;
    result->image.sent_height_px = 480;
    result->image.sent_media_type = "image/jpeg";
    result->source = "rekognition";
    assert_int_equal(ir_result_set_text(&result->endpoint, "local"), 0);
    return result;
}

static void assert_json(const struct ir_result *result, const char *expected)
{
    char *json = NULL;
    size_t bytes = 0;
    assert_int_equal(ir_result_to_json(result, &json, &bytes, NULL), 0);
    assert_string_equal(json, expected);
    assert_int_equal(bytes, strlen(expected));
    ir_free(json);
    assert_int_equal(ir_result_to_json(result, &json, NULL, NULL), 0);
    assert_string_equal(json, expected);
    ir_free(json);
}

#define IMAGE_JSON                                                                                 \
    "\"width\":640,\"height\":480,\"orientation\":1,\"sent\":{\"bytes\":1234,\"width\":640,"       \
    "\"height\":480,\"media_type\":\"image/jpeg\",\"via\":\"inline\"}}"

static void test_empty(void **state)
{
    (void)state;
    struct ir_result *result = make_plain();
    assert_json(result, "{\"schema\":\"imgrecog/1\",\"image\":{\"source\":null," IMAGE_JSON
                        ",\"usage\":{\"requests\":0,\"retries\":0,\"cost_usd\":0,\"cached\":0},"
                        "\"endpoint\":\"local\","
                        "\"errors\":[]}");
    assert_int_equal(ir_result_width_px(result), 640);
    assert_int_equal(ir_result_height_px(result), 480);
    assert_int_equal(ir_result_label_count(result), 0);
    assert_null(ir_result_get_label(result, 0));
    ir_result_free(result);
    ir_result_free(NULL);
}

/* Asked, answered, and nothing found is not the same as not asked. */
static void test_empty_lists(void **state)
{
    (void)state;
    struct ir_result *result = make_plain();
    result->has_labels = true;
    result->has_text = true;
    result->has_faces = true;
    assert_json(result,
                "{\"schema\":\"imgrecog/1\",\"image\":{\"source\":null," IMAGE_JSON
                ",\"labels\":[],\"text\":[],\"faces\":[],\"usage\":{\"requests\":0,"
                "\"retries\":0,\"cost_usd\":0,\"cached\":0},\"endpoint\":\"local\",\"errors\":[]}");
    ir_result_free(result);
}

static void add_all_labels(struct ir_result *result)
{
    static const char *const parents[] = {"Animal", "Pet"};
    static const char *const categories[] = {"Animals and Pets"};
    static const char *const aliases[] = {"Canine"};
    struct ir_result_color color = {1, 2, 3, "#010203", "black", "black", 40.5};
    const struct ir_color_list colors = {&color, 1};
    const struct ir_label dog = {
        .name = "Dog \"Rex\"\n\xed\x95\x9c",
        .confidence_pct = 97.123456,
        .label_confidence_pct = 98.7,
        .has_box = true,
        .box = {0.1, 0.25, 1.0 / 3.0, 0.4},
        .parents = parents,
        .parent_count = 2,
        .categories = categories,
        .category_count = 1,
        .aliases = aliases,
        .alias_count = 1,
    };
    const struct ir_label plain = {
        .name = "Outdoors", .confidence_pct = 71, .label_confidence_pct = 71};
    assert_int_equal(ir_result_add_label(result, &dog, &colors), 0);
    assert_int_equal(ir_result_add_label(result, &plain, NULL), 0);
    result->has_labels = true;
    assert_int_equal(ir_result_set_text(&result->label_model_version, "3.0"), 0);
}

static void add_all_texts(struct ir_result *result)
{
    char words[] = "NO WAY";
    const struct ir_result_text line = {
        words, false, 0, -1, 99.5, true, {0.0, 0.0, 1.0, 0.123456789}};
    const struct ir_result_text word = {words, true, 1, 0, 99.0, false, {0}};
    assert_int_equal(ir_result_add_text(result, &line), 0);
    assert_int_equal(ir_result_add_text(result, &word), 0);
    result->has_text = true;
    assert_int_equal(ir_result_set_text(&result->text_model_version, "3.1"), 0);
}

static void add_all_faces(struct ir_result *result)
{
    struct ir_landmark landmarks[] = {{"eyeLeft", 0.25, -0.5}};
    const struct ir_result_face face = {
        .confidence_pct = 99.9,
        .has_box = true,
        .box = {0.5, 0.5, 0.25, 0.25},
        .landmarks = landmarks,
        .landmark_count = 1,
        .has_pose = true,
        .roll_deg = -5.5555,
        .yaw_deg = 0.0001,
        .pitch_deg = -0.0001,
        .quality = {true, 50, NAN, 60.25},
    };
    const struct ir_result_face bare = {.confidence_pct = 50};
    assert_int_equal(ir_result_add_face(result, &face), 0);
    assert_int_equal(ir_result_add_face(result, &bare), 0);
    result->has_faces = true;
}

static void test_full(void **state)
{
    (void)state;
    struct ir_result *result = make_plain();
    assert_int_equal(ir_result_set_text(&result->image.source, "a \"b\".jpg"), 0);
    memset(result->image.sha256_hex, 'a', 64);
    add_all_labels(result);
    add_all_texts(result);
    add_all_faces(result);
    result->properties.known = true;
    result->properties.image.quality = (struct ir_result_quality){true, 1, 2, 3};
    result->properties.foreground.quality = (struct ir_result_quality){true, 4, NAN, NAN};
    result->usage.requests = 3;
    result->usage.retries = 2;
    result->usage.cost_usd = 0.0015;
    result->usage.maybe_cost_usd = 0.001;
    result->usage.cached = 1;
    snprintf(result->usage.prices_of, sizeof result->usage.prices_of, "2026-11-20");
    assert_int_equal(ir_result_add_error(result, "no\ttext"), 0);
    assert_json(
        result,
        "{\"schema\":\"imgrecog/1\",\"image\":{\"source\":\"a \\\"b\\\".jpg\",\"sha256\":"
        "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"," IMAGE_JSON ","
        "\"labels\":[{\"name\":\"Dog \\\"Rex\\\" \xed\x95\x9c\",\"confidence\":97.1235,"
        "\"label_confidence\":98.7,\"box\":{\"left\":0.1,\"top\":0.25,\"width\":0.333333,"
        "\"height\":0.4},\"parents\":[\"Animal\",\"Pet\"],\"categories\":[\"Animals and Pets\"],"
        "\"aliases\":[\"Canine\"],\"dominant_colors\":[{\"red\":1,\"green\":2,\"blue\":3,"
        "\"hex_code\":\"#010203\",\"css_color\":\"black\",\"simplified_color\":\"black\","
        "\"pixel_percent\":40.5}],\"source\":\"rekognition\"},"
        "{\"name\":\"Outdoors\",\"confidence\":71,\"parents\":[],\"categories\":[],"
        "\"aliases\":[],\"source\":\"rekognition\"}],\"label_model_version\":\"3.0\","
        "\"text\":[{\"text\":\"NO WAY\",\"type\":\"LINE\",\"id\":0,\"confidence\":99.5,\"box\":"
        "{\"left\":0,\"top\":0,\"width\":1,\"height\":0.123457}},"
        "{\"text\":\"NO WAY\",\"type\":\"WORD\",\"id\":1,\"parent_id\":0,\"confidence\":99}],"
        "\"text_model_version\":\"3.1\","
        "\"faces\":[{\"confidence\":99.9,\"box\":{\"left\":0.5,\"top\":0.5,\"width\":0.25,"
        "\"height\":0.25},\"landmarks\":[{\"type\":\"eyeLeft\",\"x\":0.25,\"y\":-0.5}],\"pose\":"
        "{\"roll\":-5.556,\"yaw\":0,\"pitch\":0},\"quality\":{\"brightness\":50,"
        "\"contrast\":60.25}},{\"confidence\":50}],"
        "\"properties\":{\"quality\":{\"brightness\":1,\"sharpness\":2,\"contrast\":3},"
        "\"foreground\":{\"quality\":{\"brightness\":4}}},"
        "\"usage\":{\"requests\":3,\"retries\":2,\"cost_usd\":0.0015,\"maybe_cost_usd\":0.001,"
        "\"prices_of\":\"2026-11-20\",\"cached\":1},\"endpoint\":\"local\",\"errors\":[\"no text\"]"
        "}");
    ir_result_free(result);
}

static void assert_no_extras(const struct ir_result *result)
{
    struct ir_text text;
    struct ir_face face;
    struct ir_quality quality;
    struct ir_color color;
    assert_false(ir_result_get_text(result, 0, &text));
    assert_false(ir_result_get_face(result, 0, &face));
    assert_false(ir_result_get_quality(result, &quality));
    assert_false(ir_result_get_color(result, 0, &color));
}

static void test_extras(void **state)
{
    struct ir_result_color colors[] = {{1, 2, 3, "#010203", "black", "black", 40.5},
                                       {9, 9, 9, "#090909", "", "grey", 20}};
    struct ir_result *result = make_plain();
    struct ir_text text;
    struct ir_face face;
    struct ir_quality quality;
    struct ir_color color;
    (void)state;
    assert_no_extras(result);
    add_all_texts(result);
    add_all_faces(result);
    result->properties.known = true;
    assert_false(ir_result_get_quality(result, &quality));
    result->properties.image.quality = (struct ir_result_quality){true, 1, 2, NAN};
    result->properties.image.colors = (struct ir_color_list){colors, 2};
    assert_true(ir_result_get_text(result, 0, &text));
    assert_string_equal(text.text, "NO WAY");
    assert_true(!text.is_word && text.has_box && text.confidence_pct == 99.5);
    assert_true(ir_result_get_text(result, 1, &text) && text.is_word && !text.has_box);
    assert_false(ir_result_get_text(result, 2, &text));
    assert_true(ir_result_get_face(result, 0, &face) && face.box.left_frac == 0.5);
    assert_true(ir_result_get_face(result, 1, &face) && !face.has_box);
    assert_true(ir_result_get_quality(result, &quality) && quality.sharpness == 2);
    assert_true(isnan(quality.contrast));
    assert_true(ir_result_get_color(result, 1, &color) && color.pixel_pct == 20);
    assert_string_equal(color.hex, "#090909");
    assert_string_equal(color.css_name, "");
    assert_string_equal(color.simplified_name, "grey");
    assert_false(ir_result_get_color(result, 2, &color));
    result->properties.image.colors = (struct ir_color_list){NULL, 0};
    ir_result_free(result);
}

/* ---- the list of labels ------------------------------------------------------------------ */

#define MAX_ROW_LABELS 5

struct text_row {
    const char *name;
    struct {
        const char *name;
        double confidence_pct;
        double label_confidence_pct;
    } labels[MAX_ROW_LABELS];
    const char *text;
};

static const struct text_row text_rows[] = {
    {"text: none", {{NULL, 0, 0}}, ""},
    {"text: one", {{"Dog", 95, 95}}, "Dog: 95%"},
    {"text: two", {{"Dog", 95, 95}, {"Cat", 80.5, 80.5}}, "Dog: 95%\nCat: 80%"},
    {"text: rounded down", {{"Dog", 99.96, 99.96}}, "Dog: 99%"},
    {"text: just under", {{"Dog", 99.9999999, 0}}, "Dog: 99%"},
    {"text: all", {{"Dog", 100, 100}}, "Dog: 100%"},
    {"text: nothing", {{"Dog", 0, 0}}, "Dog: 0%"},
    {"text: each name once",
     {{"Dog", 60, 70}, {"Dog", 65, 70}, {"Cat", 50, 50}},
     "Dog: 70%\nCat: 50%"},
    {"text: highest confidence, of an instance",
     {{"Dog", 60, 50}, {"Cat", 10, 10}, {"Dog", 88, 50}},
     "Dog: 88%\nCat: 10%"},
    {"text: names differ by case", {{"Dog", 60, 60}, {"dog", 50, 50}}, "Dog: 60%\ndog: 50%"},
    {"text: a line break in a name", {{"A\nB: 100%", 50, 50}}, "A B: 100%: 50%"},
    {"text: formats and markup", {{"%s%n<b>@/etc/passwd", 50, 50}}, "%s%n<b>@/etc/passwd: 50%"},
    {"text: Korean", {{"\xea\xb0\x9c", 50, 50}}, "\xea\xb0\x9c: 50%"},
};

static void test_text(void **state)
{
    const struct text_row *row = *state;
    struct ir_result *result = make_plain();
    char *text = NULL;
    for (size_t i = 0; i < MAX_ROW_LABELS && row->labels[i].name != NULL; i++) {
        const struct ir_label label = {
            .name = row->labels[i].name,
            .confidence_pct = row->labels[i].confidence_pct,
            .label_confidence_pct = row->labels[i].label_confidence_pct,
        };
        assert_int_equal(ir_result_add_label(result, &label, NULL), 0);
    }
    assert_int_equal(ir_result_labels_text(result, &text, NULL), 0);
    assert_string_equal(text, row->text);
    ir_free(text);
    ir_result_free(result);
}

/* ---- building ---------------------------------------------------------------------------- */

static void test_copies(void **state)
{
    (void)state;
    struct ir_result *result = make_plain();
    char name[] = "Dog";
    const struct ir_label label = {.name = name};
    assert_int_equal(ir_result_add_label(result, &label, NULL), 0);
    name[0] = 'X';
    assert_string_equal(ir_result_get_label(result, 0)->name, "Dog");
    assert_null(ir_result_get_label(result, 1));
    assert_null(ir_result_get_label(result, (size_t)-1));
    ir_result_free(result);
}

static void test_long_text(void **state)
{
    (void)state;
    struct ir_result *result = make_plain();
    char *name = malloc(3 * IR_RESULT_MAX_TEXT_BYTES + 1);
    assert_non_null(name);
    for (size_t i = 0; i < IR_RESULT_MAX_TEXT_BYTES; i++)
        memcpy(name + 3 * i, "\xed\x95\x9c", 3);
    name[3 * IR_RESULT_MAX_TEXT_BYTES] = '\0';
    const struct ir_label label = {.name = name};
    assert_int_equal(ir_result_add_label(result, &label, NULL), 0);
    assert_int_equal(strlen(ir_result_get_label(result, 0)->name),
                     IR_RESULT_MAX_TEXT_BYTES / 3 * 3);
    free(name);
    ir_result_free(result);
}

static void test_most_items(void **state)
{
    (void)state;
    struct ir_result *result = make_plain();
    char words[] = "w";
    const struct ir_label label = {.name = "a"};
    const struct ir_result_text text = {.text = words};
    const struct ir_result_face face = {0};
    for (size_t i = 0; i < IR_RESULT_MAX_ITEMS; i++) {
        assert_int_equal(ir_result_add_label(result, &label, NULL), 0);
        assert_int_equal(ir_result_add_text(result, &text), 0);
        assert_int_equal(ir_result_add_face(result, &face), 0);
    }
    assert_int_equal(ir_result_add_label(result, &label, NULL), IR_ERR_RESPONSE);
    assert_int_equal(ir_result_add_text(result, &text), IR_ERR_RESPONSE);
    assert_int_equal(ir_result_add_face(result, &face), IR_ERR_RESPONSE);
    assert_int_equal(result->label_count, IR_RESULT_MAX_ITEMS);
    assert_int_equal(result->text_count, IR_RESULT_MAX_ITEMS);
    assert_int_equal(result->face_count, IR_RESULT_MAX_ITEMS);
    ir_result_free(result);
}

static void test_too_large(void **state)
{
    (void)state;
    struct ir_result *result = make_plain();
    char *name = malloc(IR_RESULT_MAX_TEXT_BYTES + 1);
    char *json = NULL;
    size_t bytes = 7;
    struct ir_error err = {0};
    assert_non_null(name);
    memset(name, 'n', IR_RESULT_MAX_TEXT_BYTES);
    name[IR_RESULT_MAX_TEXT_BYTES] = '\0';
    const struct ir_label label = {.name = name};
    for (int i = 0; i < 4200; i++)
        assert_int_equal(ir_result_add_label(result, &label, NULL), 0);
    result->has_labels = true;
    assert_int_equal(ir_result_to_json(result, &json, &bytes, &err), IR_ERR_TOO_LARGE);
    assert_int_equal(err.code, IR_ERR_TOO_LARGE);
    assert_null(json);
    assert_int_equal(bytes, 7);
    free(name);
    ir_result_free(result);
}

/* ---- out of memory ----------------------------------------------------------------------- */

struct gate {
    unsigned asked;
    unsigned fail_at;
};

static bool may_allocate(void *context)
{
    struct gate *gate = context;
    return gate->asked++ != gate->fail_at;
}

/* An item is in the result as a whole or not at all. */
static void test_no_memory(void **state)
{
    (void)state;
    static const char *const names[] = {"a", "b"};
    struct ir_result_color color = {.red = 1};
    const struct ir_color_list colors = {&color, 1};
    const struct ir_label label = {.name = "Dog",
                                   .parents = names,
                                   .parent_count = 2,
                                   .categories = names,
                                   .category_count = 2,
                                   .aliases = names,
                                   .alias_count = 2};
    for (unsigned fail_at = 0;; fail_at++) {
        struct gate gate = {0, fail_at};
        struct ir_result *result = make_plain();
        ir_alloc_set_gate(may_allocate, &gate);
        int rc = ir_result_add_label(result, &label, &colors);
        ir_alloc_set_gate(NULL, NULL);
        bool reached = gate.asked > fail_at;
        assert_int_equal(rc, reached ? IR_ERR_NOMEM : 0);
        assert_int_equal(result->label_count, reached ? 0 : 1);
        ir_result_free(result);
        if (!reached)
            break;
    }
}

static void test_no_memory_for_output(void **state)
{
    (void)state;
    struct ir_result *result = make_plain();
    add_all_labels(result);
    for (unsigned fail_at = 0;; fail_at++) {
        struct gate gate = {0, fail_at};
        char *json = NULL;
        char *text = NULL;
        struct ir_error err = {0};
        ir_alloc_set_gate(may_allocate, &gate);
        int json_rc = ir_result_to_json(result, &json, NULL, &err);
        unsigned json_asked = gate.asked;
        int text_rc = ir_result_labels_text(result, &text, NULL);
        ir_alloc_set_gate(NULL, NULL);
        assert_int_equal(json_rc, fail_at < json_asked ? IR_ERR_NOMEM : 0);
        assert_int_equal(json_rc == 0, json != NULL);
        assert_int_equal(text_rc == 0, text != NULL);
        ir_free(json);
        ir_free(text);
        if (gate.asked <= fail_at)
            break;
        assert_true(json_rc != 0 || text_rc == IR_ERR_NOMEM);
    }
    ir_result_free(result);
}

/* ---- one document of several ----------------------------------------------------------------- */

static struct ir_result *make_caption(void)
{
    struct ir_result *result = make_plain();
    const char *const keywords[] = {"sky"};
    assert_int_equal(ir_result_set_caption(result, &(struct ir_caption){.text = "A sky.",
                                                                        .keywords = keywords,
                                                                        .keyword_count = 1}),
                     0);
    assert_int_equal(ir_result_set_text(&result->caption.model, "model-c"), 0);
    result->usage = (struct ir_result_usage){.requests = 2, .retries = 1, .input_tokens = 30};
    assert_int_equal(ir_result_add_error(result, "title: none"), 0);
    return result;
}

static struct ir_result *make_answer(void)
{
    struct ir_result *result = make_plain();
    assert_int_equal(ir_result_set_answer(result, "Yes."), 0);
    assert_int_equal(ir_result_set_text(&result->answer.model, "model-a"), 0);
    result->usage = (struct ir_result_usage){.requests = 1, .output_tokens = 4};
    assert_int_equal(ir_result_add_error(result, "late"), 0);
    return result;
}

static void test_merge(void **state)
{
    (void)state;
    struct ir_result *into = make_caption();
    struct ir_result *from = make_answer();
    struct ir_result *plain = make_plain();
    assert_null(ir_result_get_model(plain));
    ir_result_free(plain);
    assert_string_equal(ir_result_get_model(from), "model-a");
    assert_int_equal(ir_result_merge(into, from, NULL), 0);
    ir_result_free(from);
    assert_string_equal(ir_result_get_model(into), "model-c");
    assert_json(into,
                "{\"schema\":\"imgrecog/1\",\"image\":{\"source\":null," IMAGE_JSON
                ",\"caption\":{\"text\":\"A sky.\",\"keywords\":[\"sky\"],\"model\":\"model-c\"},"
                "\"answer\":{\"text\":\"Yes.\",\"model\":\"model-a\"},"
                "\"usage\":{\"requests\":3,\"retries\":1,\"input_tokens\":30,\"output_tokens\":4,"
                "\"cost_usd\":0,\"cached\":0},"
                "\"endpoint\":\"local\",\"errors\":[\"title: none\",\"late\"]}");
    ir_result_free(into);
}

/* What saw no picture gets to know it from the other. */
static void test_merge_into_empty(void **state)
{
    (void)state;
    struct ir_result *into = ir_result_new();
    struct ir_result *from = make_plain();
    assert_non_null(into);
    add_all_labels(from);
    from->has_labels = true;
    assert_int_equal(ir_result_set_text(&from->label_source, "model-l"), 0);
    assert_int_equal(ir_result_set_text(&into->image.source, "upload.jpg"), 0);
    size_t count = ir_result_label_count(from);
    assert_int_equal(ir_result_merge(into, from, NULL), 0);
    assert_string_equal(into->label_source, "model-l");
    assert_int_equal(ir_result_label_count(from), 0);
    ir_result_free(from);
    assert_int_equal(ir_result_width_px(into), 640);
    assert_int_equal(ir_result_label_count(into), count);
    assert_string_equal(into->endpoint, "local");
    ir_result_free(into);
}

/* What both cost, and what a dry run would have sent, is added up. */
static void test_merge_costs(void **state)
{
    (void)state;
    const struct ir_planned_request planned = {
        .service = "Bedrock", .operation = "Converse", .host = "h", .cost_usd = 0.25};
    struct ir_result *into = make_caption();
    struct ir_result *from = make_answer();
    into->usage.cost_usd = 0.5;
    from->usage.cost_usd = 0.125;
    from->usage.maybe_cost_usd = 1.0;
    from->usage.is_unpriced = true;
    from->usage.cached = 2;
    snprintf(from->usage.prices_of, sizeof from->usage.prices_of, "2026-11-20");
    assert_int_equal(ir_result_usage_plan(&from->usage, &planned), 0);
    assert_int_equal(ir_result_merge(into, from, NULL), 0);
    ir_result_free(from);
    assert_true(into->usage.cost_usd == 0.625 && into->usage.maybe_cost_usd == 1.0);
    assert_true(into->usage.is_unpriced);
    assert_int_equal(into->usage.cached, 2);
    assert_string_equal(into->usage.prices_of, "2026-11-20");
    assert_string_equal(ir_result_get_planned(into, 0)->host, "h");
    assert_null(ir_result_get_planned(into, 1));
    ir_result_free(into);
}

static void test_merge_refused(void **state)
{
    (void)state;
    struct ir_result *into = make_answer();
    struct ir_result *from = make_answer();
    struct ir_error err = {0};
    assert_int_equal(ir_result_merge(into, from, &err), IR_ERR_ARG);
    assert_non_null(strstr(err.message, "ask"));
    assert_int_equal(into->usage.requests, 1);
    assert_int_equal(into->errors.count, 1);
    ir_result_free(from);
    from = make_caption();
    struct gate gate = {0, 0};
    ir_alloc_set_gate(may_allocate, &gate);
    int rc = ir_result_merge(into, from, &err);
    ir_alloc_set_gate(NULL, NULL);
    assert_int_equal(rc, IR_ERR_NOMEM);
    assert_null(ir_result_get_caption(into));
    assert_non_null(ir_result_get_caption(from));
    ir_result_free(from);
    ir_result_free(into);
}

int main(void)
{
    static struct unit_list list;
    unit_add(&list, "nothing asked", test_empty);
    unit_add(&list, "nothing found", test_empty_lists);
    unit_add(&list, "everything", test_full);
    unit_add(&list, "text, faces and properties", test_extras);
    UNIT_ADD_ROWS(&list, test_text, text_rows);
    unit_add(&list, "strings are copied", test_copies);
    unit_add(&list, "long text is cut at a character", test_long_text);
    unit_add(&list, "as many items as fit", test_most_items);
    unit_add(&list, "too large a document", test_too_large);
    unit_add(&list, "out of memory: a label", test_no_memory);
    unit_add(&list, "out of memory: output", test_no_memory_for_output);
    unit_add(&list, "two tasks, one document", test_merge);
    unit_add(&list, "into one that saw no picture", test_merge_into_empty);
    unit_add(&list, "what both cost", test_merge_costs);
    unit_add(&list, "the same task twice, or no memory", test_merge_refused);
    return unit_run(&list, "result");
}
