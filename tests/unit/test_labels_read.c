/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labels out of what models print: a row for each shape, and one for each thing that is no list. */
#include "tests/unit/unit.h"

#include <math.h>

#include "core/base/alloc.h"
#include "core/base/buf.h"
#include "core/task/labels_read.h"

/*
 * A picture of 1,000 x 500 pixels as the model saw it, 2,000 x 1,000 as it was sent, 4,000 x 2,000
 * in its file.
 */
static const struct ir_labels_view view = {{1000, 500}, {2000, 1000}, {4000, 2000}};

/* The labels as "name[/parents][ confidence][ left,top,width,height]; ", then "! " and the errors.
 */
static void write_labels(const struct ir_result *result, struct ir_buf *out)
{
    for (size_t i = 0; i < ir_result_label_count(result); i++) {
        const struct ir_label *label = ir_result_get_label(result, i);
        ir_buf_appendf(out, "%s%s", i > 0 ? "; " : "", label->name);
        for (size_t p = 0; p < label->parent_count; p++)
            ir_buf_appendf(out, "/%s", label->parents[p]);
        if (!isnan(label->confidence_pct))
            ir_buf_appendf(out, " %g", label->confidence_pct);
        if (label->has_box)
            ir_buf_appendf(out, " %.3g,%.3g,%.3g,%.3g", label->box.left_frac, label->box.top_frac,
                           label->box.width_frac, label->box.height_frac);
    }
    for (size_t i = 0; ir_result_get_error(result, i) != NULL; i++)
        ir_buf_appendf(out, " ! %s", ir_result_get_error(result, i));
}

struct row {
    const char *name;
    const char *text;
    const char *labels;
};

#define CORNERS(label, l, t, r, b)                                                                 \
    "{\n label: " label ",\n position: {\n TopLeft: {\n x: " l ",\n y: " t                         \
    "\n },\n TopRight: {\n x: " r ",\n y: " t "\n },\n BottomRight: {\n x: " r ",\n y: " b         \
    "\n },\n BottomLeft: {\n x: " l ",\n y: " b "\n }\n }\n }"

static const struct row rows[] = {
    /* JSON */
    {"JSON: an array", "[{\"label\":\"cat\",\"confidence\":95.5,\"box\":[100,50,300,250]}]",
     "cat 95.5 0.1,0.1,0.2,0.4"},
    {"JSON: our own form",
     "{\"labels\":[{\"name\":\"Cat\",\"confidence\":90,\"box\":{\"left\":0,\"top\":0,\"right\":500,"
     "\"bottom\":250}},{\"name\":\"Sky\",\"confidence\":60}]}",
     "Cat 90 0,0,0.5,0.5; Sky 60"},
    {"JSON: Rekognition's own form",
     "{\"Labels\":[{\"Name\":\"Dog\",\"Confidence\":98.1,\"Instances\":[{\"BoundingBox\":{"
     "\"Width\":0.5,\"Height\":0.25,\"Left\":0.1,\"Top\":0.2},\"Confidence\":97},{\"BoundingBox\":"
     "{\"Width\":0.1,\"Height\":0.1,\"Left\":0.8,\"Top\":0.8},\"Confidence\":77}],\"Parents\":[{"
     "\"Name\":\"Pet\"},{\"Name\":\"Animal\"}]},{\"Name\":\"Grass\",\"Confidence\":61,"
     "\"Instances\":[],\"Parents\":[]}]}",
     "Dog/Pet/Animal 97 0.1,0.2,0.5,0.25; Dog/Pet/Animal 77 0.8,0.8,0.1,0.1; Grass 61"},
    {"JSON: lines of it", "{\"label\":\"a\",\"score\":0.5}\n{\"label\":\"b\",\"score\":0.25}\n",
     "a 50; b 25"},
    {"JSON: names alone", "[\"cat\", \"dog\"]", "cat; dog"},
    {"JSON: names alone, by their key", "Sure: {\"tags\": [\"cat\", \"dog\"]}", "cat; dog"},
    {"JSON: names as keys", "{\"cat\":[100,50,300,250],\"red car\":{\"bbox\":[0,0,10,10]}}",
     "cat 0.1,0.1,0.2,0.4; red car 0,0,0.01,0.02"},
    {"JSON: rows", "[[\"cat\",0.9,[100,50,300,250]],[\"dog\",0.5]]",
     "cat 90 0.1,0.1,0.2,0.4; dog 50"},
    {"JSON: nothing seen", "```json\n[]\n```", ""},
    {"JSON: nothing seen, by its key", "{\"labels\": []}", ""},
    {"JSON: one object alone", "{\"label\": \"cat\"}", "cat"},
    {"JSON: escapes", "[{\"label\":\"\\uace0\\uc591\\uc774 \\\"x\\\" \\ud83d\\ude00\"}]",
     "고양이 \"x\" 😀"},
    /* nearly JSON */
    {"seed: English",
     "[" CORNERS("stage", "120", "200", "190", "400") ",\n" CORNERS("audience", "20", "300", "190",
                                                                    "450") "]",
     "stage 0.12,0.4,0.07,0.4; audience 0.02,0.6,0.17,0.3"},
    {"seed: Korean prompt, single quotes", "[\n" CORNERS("'stage'", "120", "200", "190", "400") "]",
     "stage 0.12,0.4,0.07,0.4"},
    {"seed: Korean label", "[" CORNERS("건물", "0", "0", "100", "100") "]", "건물 0,0,0.1,0.2"},
    {"seed: as the example has it, y upwards", "[" CORNERS("building", "0", "100", "100", "0") "]",
     "building 0,0.8,0.1,0.2"},
    {"seed: pixels of the larger picture", "[" CORNERS("stage", "1200", "400", "1900", "800") "]",
     "stage 0.6,0.4,0.35,0.4"},
    {"loose: prose around it",
     "Here are the labels [in pixels]:\n\n[{\"label\": \"cat\", \"bbox\": [100, 50, 300, 250]}]\n\n"
     "Let me know {if you} need more [1].",
     "cat 0.1,0.1,0.2,0.4"},
    {"loose: a fence", "Sure!\n```json\n[{\"label\": \"cat\"}]\n```\nDone.", "cat"},
    {"loose: keys without quotes", "[{label: \"cat\", confidence: 0.5}]", "cat 50"},
    {"loose: words without quotes", "[{label: traffic light (red), score: 0.5}]",
     "traffic light (red) 50"},
    {"loose: single quotes", "[{'label': 'dog's bowl', 'score': 0.5}]", "dog's bowl 50"},
    {"loose: typographic quotes", "[{“label”: “cat”, ‘score’: 0.5}]", "cat 50"},
    {"loose: quotes within quotes", "[{\"label\": \"the \"big\" one\", \"score\": 0.5}]",
     "the \"big\" one 50"},
    {"loose: a comma too many", "[{\"label\": \"cat\",}, ,]", "cat"},
    {"loose: commas too few", "[{\"label\": \"cat\"\n\"score\": 0.5}\n{\"label\": \"dog\"}]",
     "cat 50; dog"},
    {"loose: comments", "[ // cats\n {\"label\": \"cat\", /* sure */ \"score\": 0.5}, # end\n]",
     "cat 50"},
    {"loose: equals signs", "[{label = \"cat\", score = 0.5}]", "cat 50"},
    {"loose: Python", "[{'label': 'cat', 'score': None, 'box': (100, 50, 300, 250)}]",
     "cat 0.1,0.1,0.2,0.4"},
    {"loose: full-width signs", "[{라벨：고양이，신뢰도：90%}]", "고양이 90"},
    {"loose: an answer within an answer",
     "{\"result\": \"Here:\\n[{\\\"label\\\": \\\"cat\\\", \\\"score\\\": 0.5}]\"}", "cat 50"},
    {"loose: Claude's own envelope",
     "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[{\"type\":"
     "\"text\","
     "\"text\":\"[{label: cat, score: 0.5}]\"}]}",
     "cat 50"},
    {"loose: the same list twice", "[{\"label\":\"cat\"}]\nSo, again:\n[{\"label\":\"cat\"}]",
     "cat"},
    {"loose: two of a name in one list", "[{\"label\":\"cat\"},{\"label\":\"cat\"}]", "cat; cat"},
    {"loose: a bracket that nobody closes", "See [the docs\n\n{\"label\":\"cat\",\"score\":0.5}",
     "cat 50"},
    /* keys */
    {"keys: Korean",
     "[{\"라벨\":\"고양이\",\"신뢰도\":0.9,\"위치\":{\"왼쪽\":100,\"위\":50,\"오른쪽\":300,"
     "\"아래\":250}}]",
     "고양이 90 0.1,0.1,0.2,0.4"},
    {"keys: Korean corners",
     "[{레이블: 개, 위치: {좌상단: [100, 50], 우상단: [300, 50], 우하단: [300, 250], 좌하단: [100, "
     "250]}}]",
     "개 0.1,0.1,0.2,0.4"},
    {"keys: object and class",
     "[{\"object\":\"cat\",\"score\":0.5},{\"class\":\"dog\",\"prob\":0.25"
     "}]",
     "cat 50; dog 25"},
    {"keys: parents", "[{\"label\":\"cat\",\"parents\":[\"Pet\",\"Animal\"]}]", "cat/Pet/Animal"},
    /* boxes */
    {"box: x1, y1, x2, y2", "[{\"label\":\"a\",\"x1\":100,\"y1\":50,\"x2\":300,\"y2\":250}]",
     "a 0.1,0.1,0.2,0.4"},
    {"box: x, y, width, height",
     "[{\"label\":\"a\",\"box\":{\"x\":100,\"y\":50,\"width\":200,\"height\":200}}]",
     "a 0.1,0.1,0.2,0.4"},
    {"box: xmin to ymax",
     "[{\"label\":\"a\",\"bndbox\":{\"xmin\":100,\"ymin\":50,\"xmax\":300,\"ymax\":250}}]",
     "a 0.1,0.1,0.2,0.4"},
    {"box: its centre", "[{\"label\":\"a\",\"cx\":200,\"cy\":150,\"w\":200,\"h\":200}]",
     "a 0.1,0.1,0.2,0.4"},
    {"box: four numbers, edges", "[{\"label\":\"a\",\"bbox\":[100,50,300,250]}]",
     "a 0.1,0.1,0.2,0.4"},
    {"box: four numbers, sizes, as one of them tells",
     "[{\"label\":\"a\",\"bbox\":[100,50,200,200]},{\"label\":\"b\",\"bbox\":[500,250,100,50]}]",
     "a 0.1,0.1,0.2,0.4; b 0.5,0.5,0.1,0.1"},
    {"box: four numbers, sizes, as the key tells",
     "[{\"label\":\"a\",\"bbox_xywh\":[100,50,200,200]}]", "a 0.1,0.1,0.2,0.4"},
    {"box: box_2d", "[{\"label\":\"a\",\"box_2d\":[100,200,300,600]}]", "a 0.2,0.1,0.4,0.2"},
    {"box: four numbers in words", "[{\"label\":\"a\",\"location\":\"(100, 50) - (300, 250)\"}]",
     "a 0.1,0.1,0.2,0.4"},
    {"box: points", "[{\"label\":\"a\",\"polygon\":[[100,50],[300,60],[280,250]]}]",
     "a 0.1,0.1,0.2,0.4"},
    {"box: two corners", "[{\"label\":\"a\",\"TopLeft\":[100,50],\"BottomRight\":[300,250]}]",
     "a 0.1,0.1,0.2,0.4"},
    {"box: corners in another order",
     "[{\"label\":\"a\",\"BottomLeft\":[100,250],\"TopRight\":[300,50],\"BottomRight\":[300,250],"
     "\"TopLeft\":[100,50]}]",
     "a 0.1,0.1,0.2,0.4"},
    {"box: corners in words",
     "[{\"label\":\"a\",\"top_left\":\"(100, 50)\",\"bottom-right\":\"x: 300, y: 250\"}]",
     "a 0.1,0.1,0.2,0.4"},
    {"box: y upwards in all of them",
     "[{label:a,TopLeft:[0,500],BottomRight:[100,400]},{label:b,TopLeft:[0,100],BottomRight:[100,0]"
     "}]",
     "a 0,0,0.1,0.2; b 0,0.8,0.1,0.2"},
    {"box: y upwards in some of them",
     "[{label:a,TopLeft:[0,0],BottomRight:[100,100]},{label:b,TopLeft:[0,100],BottomRight:[100,0]}"
     "]",
     "a 0,0,0.1,0.2; b ! a label's box could not be understood and was left out"},
    {"box: fractions", "[{\"label\":\"a\",\"bbox\":[0.1,0.1,0.3,0.5]}]", "a 0.1,0.1,0.2,0.4"},
    {"box: percent",
     "[{\"label\":\"a\",\"left\":\"10%\",\"top\":\"10%\",\"width\":\"20%\","
     "\"height\":\"40 %\"}]",
     "a 0.1,0.1,0.2,0.4"},
    {"box: px", "[{label: a, bbox: [100px, 50px, 300px, 250px]}]", "a 0.1,0.1,0.2,0.4"},
    {"box: pixels of a size that the answer states",
     "{\"image_width\":200,\"image_height\":100,\"labels\":[{\"label\":\"a\",\"bbox\":[20,10,60,50]"
     "}]}",
     "a 0.1,0.1,0.2,0.4"},
    {"box: pixels of the picture as sent", "[{\"label\":\"a\",\"bbox\":[200,100,600,900]}]",
     "a 0.1,0.1,0.2,0.8"},
    {"box: pixels of the original", "[{\"label\":\"a\",\"bbox\":[400,200,3200,1800]}]",
     "a 0.1,0.1,0.7,0.8"},
    {"box: a little outside", "[{\"label\":\"a\",\"bbox\":[-3,-2,1004,503]}]", "a 0,0,1,1"},
    {"box: far outside", "[{\"label\":\"a\",\"bbox\":[0,0,9000,9000]}]",
     "a ! boxes of the answer lie outside the picture, whatever its size, and were left out ! a "
     "label's box could not be understood and was left out"},
    {"box: no extent", "[{\"label\":\"a\",\"x1\":5,\"y1\":5,\"x2\":5,\"y2\":9}]",
     "a ! a label's box could not be understood and was left out"},
    {"box: three numbers", "[{\"label\":\"a\",\"bbox\":[1,2,3]},{\"label\":\"b\",\"bbox\":[1,2]}]",
     "a; b ! 2 boxes of labels could not be understood and were left out"},
    {"box: null", "[{\"label\":\"a\",\"bbox\":null}]", "a"},
    /* confidence */
    {"confidence: percent", "[{label:a,confidence:95},{label:b,confidence:0.5}]", "a 95; b 0.5"},
    {"confidence: probabilities", "[{label:a,confidence:1},{label:b,confidence:1e-2}]",
     "a 100; b 1"},
    {"confidence: with its sign", "[{label:a,confidence:\"95%\"},{label:b,confidence:0.5 %}]",
     "a 95; b 0.5"},
    {"confidence: in words", "[{label:a,confidence:high}]", "a"},
    {"confidence: over 100", "[{label:a,confidence:950}]", "a"},
    /* lines */
    {"lines: bullets", "I see:\n- **Cat**: 95%\n- Dog (90 %)\n* Tree\n", "Cat 95; Dog 90; Tree"},
    {"lines: numbers and boxes", "1. Cat: [100, 50, 300, 250]\n2) Dog - 0.5 [0, 0, 100, 50]",
     "Cat 0.1,0.1,0.2,0.4; Dog 50 0,0,0.1,0.1"},
    {"lines: keys",
     "- 라벨: 고양이\n  - 신뢰도: 90%\n  - 위치: (100, 50), (300, 250)\n- 라벨: 개\n  신뢰도: 80%",
     "고양이 90 0.1,0.1,0.2,0.4; 개 80"},
    {"lines: corners",
     "**Label:** cat\nTopLeft: (100, 50)\nTopRight: (300, 50)\nBottomRight: (300, 250)\n"
     "BottomLeft: (100, 250)",
     "cat 0.1,0.1,0.2,0.4"},
    /* what is left out is told */
    {"left out: no name", "[{\"label\":\"a\"},{\"confidence\":0.5},{\"label\":\"\"}]",
     "a ! 2 entries of the answer's list have no name and were left out"},
    {"left out: dots", "[{\"label\":\"a\"}, ...]",
     "a ! the answer says with dots that its list goes on: more was seen than is here"},
};

static void test_read(void **state)
{
    const struct row *row = *state;
    struct ir_result *result = ir_result_new();
    struct ir_error err = {0};
    struct ir_buf got;
    assert_non_null(result);
    ir_buf_init(&got, 65536);
    if (ir_labels_read(row->text, &view, "Bedrock", result, &err) != 0)
        fail_msg("%s", err.message);
    write_labels(result, &got);
    assert_string_equal(ir_buf_text(&got), row->labels);
    assert_true(result->has_labels);
    ir_buf_release(&got);
    ir_result_free(result);
}

/* ---- what is no list --------------------------------------------------------------------- */

struct refusal_row {
    const char *name;
    const char *text;
    const char *says;
};

static const struct refusal_row refusal_rows[] = {
    {"no list: nothing", "", "no list of labels"},
    {"no list: prose", "I cannot see any objects in this [picture].", "no list of labels"},
    {"no list: prose with brackets", "See [1], [citation needed] and {x: y}.", "no list of labels"},
    {"no list: another object", "{\"error\":\"x\",\"type\":\"overloaded\"}", "no list of labels"},
    {"no list: entries without names", "[{\"label\":\"...\",\"confidence\":0}]",
     "no list of labels"},
    {"no list: a sentence with a bullet",
     "- The picture shows a cat that sits on a wall in front of a house and looks at the reader",
     "no list of labels"},
    {"breaks off: in a text", "[{\"label\":\"cat\"},{\"label\":\"do", "breaks off"},
    {"breaks off: behind an object", "[{\"label\":\"cat\",\"box\":[1,2,3,4]},", "breaks off"},
    {"breaks off: in a box", "```json\n[{\"label\":\"cat\",\"box\":[1,2", "breaks off"},
    {"breaks off: the seed's form", "[\n  {\n    label: stage,\n    position: {\n      TopLeft: {",
     "breaks off"},
    {"breaks off: within our own form", "{\"labels\":[{\"name\":\"Cat\"}", "breaks off"},
};

static void test_refused(void **state)
{
    const struct refusal_row *row = *state;
    struct ir_result *result = ir_result_new();
    struct ir_error err = {0};
    assert_non_null(result);
    assert_int_equal(ir_labels_read(row->text, &view, "Bedrock", result, &err), IR_ERR_RESPONSE);
    assert_int_equal(ir_result_label_count(result), 0);
    if (strstr(err.message, row->says) == NULL || strstr(err.message, "charged") == NULL)
        fail_msg("%s", err.message);
    assert_true(err.maybe_served);
    assert_string_equal(err.service, "Bedrock");
    ir_result_free(result);
}

/* ---- bounds ------------------------------------------------------------------------------ */

struct bound_row {
    const char *name;
    const char *piece; /* that many times */
    size_t times;
    const char *begin, *end;
    const char *says; /* NULL = it is read */
};

static const struct bound_row bound_rows[] = {
    {"bound: 5,000 labels", "{label:a},", 5000, "[", "]", NULL},
    {"bound: 5,001 labels", "{label:a},", 5001, "[", "]", "tangled"},
    {"bound: deep", "[", 100000, "", "", "tangled"},
    {"bound: deep objects", "{a:", 100000, "", "", "tangled"},
    {"bound: quotes that never end", "[\"", 60000, "", "", "tangled"},
    {"bound: 4 MiB", "xxxxxxxxxxxxxxxx", (4U << 20) / 16, "", "", "no list"},
    {"bound: over 4 MiB", "xxxxxxxxxxxxxxxx", (4U << 20) / 16, "x", "", "tangled"},
};

static void test_bound(void **state)
{
    const struct bound_row *row = *state;
    struct ir_result *result = ir_result_new();
    struct ir_error err = {0};
    struct ir_buf text;
    ir_buf_init(&text, 8U << 20);
    ir_buf_append_text(&text, row->begin);
    for (size_t i = 0; i < row->times; i++)
        ir_buf_append_text(&text, row->piece);
    ir_buf_append_text(&text, row->end);
    assert_int_equal(ir_buf_check(&text, "the text", &err), 0);
    int rc = ir_labels_read(ir_buf_text(&text), &view, "Bedrock", result, &err);
    assert_int_equal(rc, row->says == NULL ? 0 : IR_ERR_RESPONSE);
    if (row->says != NULL && strstr(err.message, row->says) == NULL)
        fail_msg("%s", err.message);
    ir_buf_release(&text);
    ir_result_free(result);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_read, rows);
    UNIT_ADD_ROWS(&list, test_refused, refusal_rows);
    UNIT_ADD_ROWS(&list, test_bound, bound_rows);
    return unit_run(&list, "labels-read");
}
