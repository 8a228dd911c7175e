/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rekognition's requests, byte for byte, and its answers: whole ones, and ones in which every value
 * has another type than it should, since a server's answer is untrusted.
 */
#include "tests/unit/unit.h"

#include <math.h>

#include "core/base/json.h"
#include "core/base/utf8.h"
#include "core/service/rekognition.h"

#define TINY 1e-9

/* ---- requests ---------------------------------------------------------------------------- */

static const struct ir_span picture_spans[] = {{"pic", 3}, {"ture", 4}};
static const struct ir_body_piece picture = {
    .spans = picture_spans, .span_count = 2, .base64 = true};
#define PICTURE "cGljdHVyZQ=="

struct request_row {
    const char *name;
    unsigned max_labels; /* 0: another operation */
    double min_confidence_pct;
    bool image_properties;
    const char *body;
};

static const struct request_row request_rows[] = {
    {"request: labels", 100, 55.0, false,
     "{\"Image\":{\"Bytes\":\"" PICTURE "\"},\"MaxLabels\":100,\"MinConfidence\":55}"},
    {"request: labels, bounds", 1000, 0.0, false,
     "{\"Image\":{\"Bytes\":\"" PICTURE "\"},\"MaxLabels\":1000,\"MinConfidence\":0}"},
    {"request: labels, decimals", 1, 99.98765, false,
     "{\"Image\":{\"Bytes\":\"" PICTURE "\"},\"MaxLabels\":1,\"MinConfidence\":99.9877}"},
    {"request: labels and properties", 10, 80.5, true,
     "{\"Image\":{\"Bytes\":\"" PICTURE "\"},\"MaxLabels\":10,\"MinConfidence\":80.5,"
     "\"Features\":[\"GENERAL_LABELS\",\"IMAGE_PROPERTIES\"]}"},
};

static void check_body(enum ir_rekognition_operation operation,
                       const struct ir_rekognition_options *options, const char *target,
                       const char *body)
{
    struct ir_body_reader reader;
    struct ir_json_doc *doc = NULL;
    struct ir_request request;
    char text[1024];
    assert_int_equal(ir_rekognition_call(operation, options, &request, NULL), 0);
    ir_body_reader_init(&reader, request.aws.body);
    size_t bytes = ir_body_read(&reader, text, sizeof text - 1);
    text[bytes] = '\0';
    assert_string_equal(request.aws.target, target);
    assert_string_equal(text, body);
    assert_int_equal(ir_body_length(request.aws.body), bytes);
    assert_int_equal(ir_json_parse(text, bytes, "it", &doc, NULL), 0);
    ir_json_free(doc);
    ir_request_release(&request);
}

static void test_labels_request(void **state)
{
    const struct request_row *row = *state;
    struct ir_rekognition_options options = IR_REKOGNITION_OPTIONS_INIT;
    options.picture = &picture;
    options.max_labels = row->max_labels;
    options.min_confidence_pct = row->min_confidence_pct;
    options.image_properties = row->image_properties;
    check_body(IR_REKOGNITION_DETECT_LABELS, &options, "RekognitionService.DetectLabels",
               row->body);
}

static void test_text_request(void **state)
{
    (void)state;
    struct ir_rekognition_options options = IR_REKOGNITION_OPTIONS_INIT;
    options.picture = &picture;
    options.min_confidence_pct = 80.0;
    check_body(IR_REKOGNITION_DETECT_TEXT, &options, "RekognitionService.DetectText",
               "{\"Image\":{\"Bytes\":\"" PICTURE "\"},\"Filters\":{\"WordFilter\":"
               "{\"MinConfidence\":80}}}");
}

static void test_faces_request(void **state)
{
    (void)state;
    struct ir_rekognition_options options = IR_REKOGNITION_OPTIONS_INIT;
    options.picture = &picture;
    check_body(IR_REKOGNITION_DETECT_FACES, &options, "RekognitionService.DetectFaces",
               "{\"Image\":{\"Bytes\":\"" PICTURE "\"}}");
}

/* ---- whole answers ----------------------------------------------------------------------- */

static const char labels_json[] =
    "{\"LabelModelVersion\":\"3.0\",\"OrientationCorrection\":null,\"Labels\":["
    "{\"Name\":\"Dog\",\"Confidence\":98.7,\"Parents\":[{\"Name\":\"Animal\"},{\"Name\":\"Pet\"}],"
    "\"Aliases\":[{\"Name\":\"Canine\"}],\"Categories\":[{\"Name\":\"Animals and Pets\"}],"
    "\"Instances\":["
    "{\"BoundingBox\":{\"Left\":0.1,\"Top\":0.2,\"Width\":0.3,\"Height\":0.4},\"Confidence\":97.5,"
    "\"DominantColors\":[{\"Red\":1,\"Green\":2,\"Blue\":3,\"HexCode\":\"#010203\","
    "\"CSSColor\":\"black\",\"SimplifiedColor\":\"black\",\"PixelPercent\":40.5}]},"
    "{\"BoundingBox\":{\"Left\":-0.1,\"Top\":0.9,\"Width\":0.3,\"Height\":0.4},"
    "\"Confidence\":60},"
    "{\"BoundingBox\":{\"Left\":2,\"Top\":2,\"Width\":1,\"Height\":1}}]},"
    "{\"Name\":\"Outdoors\",\"Confidence\":71.25,\"Instances\":[],\"Parents\":[]}],"
    "\"ImageProperties\":{\"Quality\":{\"Brightness\":70.5,\"Sharpness\":80,\"Contrast\":90},"
    "\"DominantColors\":[{\"Red\":255,\"Green\":0,\"Blue\":128,\"HexCode\":\"#ff0080\","
    "\"CSSColor\":\"deeppink\",\"SimplifiedColor\":\"pink\",\"PixelPercent\":12.5}],"
    "\"Foreground\":{\"Quality\":{\"Brightness\":1,\"Sharpness\":2},\"DominantColors\":[]},"
    "\"Background\":{\"Quality\":{\"Brightness\":3,\"Sharpness\":4}}}}";

static void assert_box(const struct ir_box *box, double left, double top, double width,
                       double height)
{
    assert_true(fabs(box->left_frac - left) < TINY && fabs(box->top_frac - top) < TINY);
    assert_true(fabs(box->width_frac - width) < TINY && fabs(box->height_frac - height) < TINY);
}

static void test_labels(void **state)
{
    (void)state;
    struct ir_result *result = ir_result_new();
    struct ir_error err = {0};
    assert_int_equal(ir_rekognition_read_labels(labels_json, strlen(labels_json), 1, result, &err),
                     0);
    assert_true(result->has_labels);
    assert_int_equal(ir_result_label_count(result), 4);
    const struct ir_label *label = ir_result_get_label(result, 0);
    assert_string_equal(label->name, "Dog");
    assert_true(label->confidence_pct == 97.5 && label->label_confidence_pct == 98.7);
    assert_true(label->has_box);
    assert_box(&label->box, 0.1, 0.2, 0.3, 0.4);
    assert_int_equal(label->parent_count, 2);
    assert_string_equal(label->parents[0], "Animal");
    assert_string_equal(label->parents[1], "Pet");
    assert_int_equal(label->category_count, 1);
    assert_string_equal(label->categories[0], "Animals and Pets");
    assert_int_equal(label->alias_count, 1);
    assert_string_equal(label->aliases[0], "Canine");
    assert_int_equal(result->labels[0].colors.count, 1);
    assert_string_equal(result->labels[0].colors.items[0].hex_code, "#010203");
    assert_true(result->labels[0].colors.items[0].pixel_pct == 40.5);
    label = ir_result_get_label(result, 1);
    assert_true(label->has_box && label->confidence_pct == 60.0);
    assert_box(&label->box, 0.0, 0.9, 0.2, 0.1);
    label = ir_result_get_label(result, 2); /* outside, and without a confidence of its own */
    assert_false(label->has_box);
    assert_true(label->confidence_pct == 98.7);
    label = ir_result_get_label(result, 3);
    assert_string_equal(label->name, "Outdoors");
    assert_false(label->has_box);
    assert_int_equal(label->parent_count, 0);
    assert_null(ir_result_get_label(result, 4));
    assert_string_equal(result->label_model_version, "3.0");
    const struct ir_result_properties *properties = &result->properties;
    assert_true(properties->known && properties->image.quality.known);
    assert_true(properties->image.quality.brightness == 70.5);
    assert_int_equal(properties->image.colors.count, 1);
    assert_int_equal(properties->image.colors.items[0].red, 255);
    assert_int_equal(properties->image.colors.items[0].blue, 128);
    assert_string_equal(properties->image.colors.items[0].css_color, "deeppink");
    assert_true(properties->foreground.quality.sharpness == 2.0);
    assert_true(isnan(properties->foreground.quality.contrast));
    assert_true(properties->background.quality.known);
    ir_result_free(result);
}

/* Boxes of a picture whose orientation the service does not obey. */
static void test_labels_turned(void **state)
{
    (void)state;
    struct ir_result *result = ir_result_new();
    assert_int_equal(ir_rekognition_read_labels(labels_json, strlen(labels_json), 6, result, NULL),
                     0);
    assert_box(&ir_result_get_label(result, 0)->box, 0.4, 0.1, 0.4, 0.3);
    assert_box(&ir_result_get_label(result, 1)->box, 0.0, 0.0, 0.1, 0.2); /* cut, then turned */
    ir_result_free(result);
}

static const char text_json[] =
    "{\"TextModelVersion\":\"3.1\",\"TextDetections\":["
    "{\"DetectedText\":\"NO WAY\",\"Type\":\"LINE\",\"Id\":0,\"Confidence\":99.5,\"Geometry\":"
    "{\"BoundingBox\":{\"Left\":0.1,\"Top\":0.2,\"Width\":0.3,\"Height\":0.4},\"Polygon\":[]}},"
    "{\"DetectedText\":\"NO\",\"Type\":\"WORD\",\"Id\":1,\"ParentId\":0,\"Confidence\":99,"
    "\"Geometry\":{\"BoundingBox\":null}},"
    "{\"DetectedText\":\"x\",\"Type\":\"WORD\",\"Id\":1e308,\"ParentId\":-1e308},"
    "{\"DetectedText\":\"y\",\"Type\":\"WORD\",\"Id\":3000000000,\"ParentId\":9223372036854775807},"
    "{\"Type\":\"WORD\",\"Id\":2}]}";

static void test_text(void **state)
{
    (void)state;
    struct ir_result *result = ir_result_new();
    assert_int_equal(ir_rekognition_read_text(text_json, strlen(text_json), 1, result, NULL), 0);
    assert_true(result->has_text);
    assert_int_equal(result->text_count, 4); /* one has no text */
    assert_string_equal(result->texts[0].text, "NO WAY");
    assert_false(result->texts[0].is_word);
    assert_int_equal(result->texts[0].id, 0);
    assert_int_equal(result->texts[0].parent_id, -1);
    assert_true(result->texts[0].has_box && result->texts[0].confidence_pct == 99.5);
    assert_box(&result->texts[0].box, 0.1, 0.2, 0.3, 0.4);
    assert_true(result->texts[1].is_word && !result->texts[1].has_box);
    assert_int_equal(result->texts[1].id, 1);
    assert_int_equal(result->texts[1].parent_id, 0);
    for (size_t i = 2; i < 4; i++) {
        assert_int_equal(result->texts[i].id, 0);
        assert_int_equal(result->texts[i].parent_id, -1);
    }
    assert_string_equal(result->text_model_version, "3.1");
    ir_result_free(result);
}

static const char faces_json[] =
    "{\"FaceDetails\":[{\"BoundingBox\":{\"Left\":0.5,\"Top\":0.25,\"Width\":0.25,"
    "\"Height\":0.5},\"Confidence\":99.9,\"Landmarks\":[{\"Type\":\"eyeLeft\",\"X\":0.6,\"Y\":0.4},"
    "{\"Type\":\"nose\",\"X\":1.25,\"Y\":-0.5},{\"Type\":\"none\",\"X\":\"0.5\",\"Y\":0.5}],"
    "\"Pose\":{\"Roll\":-5.5,\"Yaw\":10,\"Pitch\":0},\"Quality\":{\"Brightness\":50,"
    "\"Sharpness\":60}},{}],\"OrientationCorrection\":\"ROTATE_0\"}";

static void test_faces(void **state)
{
    (void)state;
    struct ir_result *result = ir_result_new();
    assert_int_equal(ir_rekognition_read_faces(faces_json, strlen(faces_json), 3, result, NULL), 0);
    assert_true(result->has_faces);
    assert_int_equal(result->face_count, 2);
    const struct ir_result_face *face = &result->faces[0];
    assert_true(face->has_box && face->confidence_pct == 99.9);
    assert_box(&face->box, 0.25, 0.25, 0.25, 0.5);
    assert_int_equal(face->landmark_count, 2);
    assert_string_equal(face->landmarks[0].type, "eyeLeft");
    assert_true(fabs(face->landmarks[0].x_frac - 0.4) < TINY);
    assert_true(fabs(face->landmarks[0].y_frac - 0.6) < TINY);
    assert_true(fabs(face->landmarks[1].x_frac + 0.25) < TINY);
    assert_true(fabs(face->landmarks[1].y_frac - 1.5) < TINY);
    assert_true(face->has_pose && face->roll_deg == -5.5 && face->yaw_deg == 10.0);
    assert_true(face->quality.known && isnan(face->quality.contrast));
    face = &result->faces[1];
    assert_false(face->has_box || face->has_pose || face->quality.known);
    assert_int_equal(face->landmark_count, 0);
    ir_result_free(result);
}

/* ---- answers that are none --------------------------------------------------------------- */

struct bad_row {
    const char *name;
    const char *json;
};

static const struct bad_row bad_rows[] = {
    {"no answer: empty", ""},
    {"no answer: HTML", "<html>"},
    {"no answer: a list", "[]"},
    {"no answer: null", "null"},
    {"no answer: no list", "{}"},
    {"no answer: the list is an object",
     "{\"Labels\":{},\"TextDetections\":{},\"FaceDetails\":{}}"},
    {"no answer: the list is null",
     "{\"Labels\":null,\"TextDetections\":null,\"FaceDetails\":null}"},
    {"no answer: cut off", "{\"Labels\":[],\"TextDetections\":[],\"FaceDetails\":[]"},
    {"no answer: more behind it", "{\"Labels\":[],\"TextDetections\":[],\"FaceDetails\":[]}x"},
    {"no answer: not UTF-8",
     "{\"Labels\":[{\"Name\":\"\xff\"}],\"TextDetections\":[],\"FaceDetails\":[],\"x\":\"\xff\"}"},
    {"no answer: NaN", "{\"Labels\":[NaN],\"TextDetections\":[NaN],\"FaceDetails\":[NaN]}"},
    {"no answer: too deep",
     "{\"Labels\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]],"
     "\"TextDetections\":[],\"FaceDetails\":[]}"},
};

typedef int (*read_fn)(const char *json, size_t bytes, int box_orientation,
                       struct ir_result *result, struct ir_error *err);
static const read_fn readers[] = {ir_rekognition_read_labels, ir_rekognition_read_text,
                                  ir_rekognition_read_faces};

static void test_no_answer(void **state)
{
    const struct bad_row *row = *state;
    for (size_t i = 0; i < 3; i++) {
        struct ir_result *result = ir_result_new();
        struct ir_error err = {0};
        assert_int_equal(readers[i](row->json, strlen(row->json), 1, result, &err),
                         IR_ERR_RESPONSE);
        assert_int_equal(err.code, IR_ERR_RESPONSE);
        assert_string_equal(err.service, "Rekognition");
        assert_true(err.message[0] != '\0' && err.hint[0] != '\0');
        ir_result_free(result);
    }
}

/* ---- mutated answers --------------------------------------------------------------------- */

static void assert_clean(const char *text)
{
    size_t bytes = strlen(text);
    assert_true(ir_utf8_is_valid(text, bytes));
    for (size_t at = 0; at < bytes; at += ir_utf8_next(text + at, bytes - at))
        assert_false(ir_utf8_is_control(text + at, ir_utf8_next(text + at, bytes - at)));
}

static void assert_percentage(double pct)
{
    assert_true(isnan(pct) || (pct >= 0.0 && pct <= 100.0));
}

static void assert_quality(const struct ir_result_quality *quality)
{
    if (!quality->known)
        return;
    const double values[] = {quality->brightness, quality->sharpness, quality->contrast};
    for (size_t i = 0; i < 3; i++)
        if (!isnan(values[i]))
            assert_percentage(values[i]);
}

static void assert_colors(const struct ir_color_list *colors)
{
    for (size_t i = 0; i < colors->count; i++) {
        const struct ir_result_color *color = &colors->items[i];
        assert_in_range(color->red, 0, 255);
        assert_in_range(color->green, 0, 255);
        assert_in_range(color->blue, 0, 255);
        assert_percentage(color->pixel_pct);
        assert_clean(color->hex_code);
        assert_clean(color->css_color);
        assert_clean(color->simplified_color);
    }
}

static void assert_inside(const struct ir_box *box)
{
    assert_true(box->left_frac >= 0.0 && box->top_frac >= 0.0);
    assert_true(box->width_frac > 0.0 && box->height_frac > 0.0);
    assert_true(box->left_frac + box->width_frac <= 1.0 + TINY);
    assert_true(box->top_frac + box->height_frac <= 1.0 + TINY);
}

/* What result.h promises of any result, whatever the server sent. */
static void assert_sane(const struct ir_result *result)
{
    for (size_t i = 0; i < result->label_count; i++) {
        const struct ir_label *label = &result->labels[i].public;
        assert_clean(label->name);
        assert_true(*label->name != '\0');
        assert_percentage(label->confidence_pct);
        assert_percentage(label->label_confidence_pct);
        if (label->has_box)
            assert_inside(&label->box);
        for (size_t j = 0; j < label->parent_count; j++)
            assert_clean(label->parents[j]);
        assert_colors(&result->labels[i].colors);
    }
    for (size_t i = 0; i < result->text_count; i++) {
        assert_clean(result->texts[i].text);
        assert_percentage(result->texts[i].confidence_pct);
        assert_true(result->texts[i].id >= 0 && result->texts[i].parent_id >= -1);
        if (result->texts[i].has_box)
            assert_inside(&result->texts[i].box);
    }
    for (size_t i = 0; i < result->face_count; i++) {
        const struct ir_result_face *face = &result->faces[i];
        assert_percentage(face->confidence_pct);
        assert_quality(&face->quality);
        if (face->has_box)
            assert_inside(&face->box);
        for (size_t j = 0; j < face->landmark_count; j++)
            assert_clean(face->landmarks[j].type);
        assert_true(fabs(face->roll_deg) <= 180.0 && fabs(face->yaw_deg) <= 180.0);
        assert_true(fabs(face->pitch_deg) <= 180.0);
    }
    assert_quality(&result->properties.image.quality);
    assert_quality(&result->properties.foreground.quality);
    assert_quality(&result->properties.background.quality);
    assert_colors(&result->properties.image.colors);
    char *json = NULL;
    struct ir_json_doc *doc = NULL;
    size_t bytes = 0;
    assert_int_equal(ir_result_to_json(result, &json, &bytes, NULL), 0);
    assert_int_equal(strlen(json), bytes);
    assert_int_equal(ir_json_parse(json, bytes, "the document", &doc, NULL), 0);
    ir_json_free(doc);
    ir_free(json);
}

/* What stands in place of each value. */
static const char *const strange[] = {
    "null",
    "true",
    "[]",
    "{}",
    "0",
    "-1",
    "1e308",
    "-1e308",
    "1e999",
    "\"\"",
    "\"1\"",
    "\"\\u0000\"",
    "\"a\\nb\\u001b[31m\\u0085\\u2028\"",
    "[[]]",
    "[{}]",
    "{\"Name\":[]}",
    "1e-320",
    "9223372036854775807",
};

/* The length of the JSON value that begins at `json`. */
static size_t value_bytes(const char *json)
{
    size_t at = 0;
    int depth = 0;
    bool in_string = false;
    for (;; at++) {
        char c = json[at];
        if (in_string) {
            in_string = c != '"';
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            if (depth == 0)
                return at;
            if (--depth == 0)
                return at + 1;
        } else if (c == ',' && depth == 0) {
            return at;
        }
    }
}

/* Each value of the answer, behind ':' or '[' or ',', by each strange one. */
static void mutate(read_fn read, const char *json)
{
    char text[4096];
    size_t mutations = 0;
    bool in_string = false;
    for (size_t at = 1; json[at] != '\0'; at++) {
        char before = json[at - 1];
        if (before == '"')
            in_string = !in_string;
        if (in_string || (before != ':' && before != '[') || json[at] == ']')
            continue;
        size_t bytes = value_bytes(json + at);
        for (size_t i = 0; i < sizeof strange / sizeof strange[0]; i++, mutations++) {
            struct ir_result *result = ir_result_new();
            int length = snprintf(text, sizeof text, "%.*s%s%s", (int)at, json, strange[i],
                                  json + at + bytes);
            assert_true(length > 0 && (size_t)length < sizeof text);
            int orientation = (int)(mutations % 8) + 1;
            int rc = read(text, (size_t)length, orientation, result, NULL);
            assert_true(rc == 0 || rc == IR_ERR_RESPONSE);
            assert_sane(result);
            ir_result_free(result);
        }
    }
    assert_true(mutations > 200);
}

static void test_mutated_labels(void **state)
{
    (void)state;
    mutate(ir_rekognition_read_labels, labels_json);
}

static void test_mutated_text(void **state)
{
    (void)state;
    mutate(ir_rekognition_read_text, text_json);
}

static void test_mutated_faces(void **state)
{
    (void)state;
    mutate(ir_rekognition_read_faces, faces_json);
}

/* Cut off at every byte: never an answer. */
static void test_cut_off(void **state)
{
    (void)state;
    static const char *const whole[] = {labels_json, text_json, faces_json};
    for (size_t i = 0; i < 3; i++) {
        for (size_t bytes = 0; bytes < strlen(whole[i]); bytes++) {
            struct ir_result *result = ir_result_new();
            char *text = malloc(bytes + 1); /* of its own size, for the address sanitizer */
            memcpy(text, whole[i], bytes);
            assert_int_equal(readers[i](text, bytes, 1, result, NULL), IR_ERR_RESPONSE);
            free(text);
            ir_result_free(result);
        }
    }
}

/* ---- too much ---------------------------------------------------------------------------- */

struct flood_row {
    const char *name;
    const char *head;
    const char *item;
    size_t count;
    const char *tail;
    int code;
    size_t reader;
};

static const struct flood_row flood_rows[] = {
    {"flood: 20,000 labels", "{\"Labels\":[", "{\"Name\":\"a\"}", 20000, "]}", 0, 0},
    {"flood: 20,001 labels", "{\"Labels\":[", "{\"Name\":\"a\"}", 20001, "]}", IR_ERR_RESPONSE, 0},
    {"flood: a million labels", "{\"Labels\":[", "{\"Name\":\"a\"}", 1000000, "]}", IR_ERR_RESPONSE,
     0},
    {"flood: 20,001 instances", "{\"Labels\":[{\"Name\":\"a\",\"Instances\":[", "{}", 20001, "]}]}",
     IR_ERR_RESPONSE, 0},
    {"flood: 100,000 parents", "{\"Labels\":[{\"Name\":\"a\",\"Parents\":[", "{\"Name\":\"p\"}",
     100000, "]}]}", 0, 0},
    {"flood: 100,000 colours", "{\"Labels\":[],\"ImageProperties\":{\"DominantColors\":[", "{}",
     100000, "]}}", 0, 0},
    {"flood: 20,001 words", "{\"TextDetections\":[", "{\"DetectedText\":\"a\"}", 20001, "]}",
     IR_ERR_RESPONSE, 1},
    {"flood: 20,001 faces", "{\"FaceDetails\":[", "{}", 20001, "]}", IR_ERR_RESPONSE, 2},
    {"flood: 100,000 landmarks", "{\"FaceDetails\":[{\"Landmarks\":[", "{\"X\":1,\"Y\":1}", 100000,
     "]}]}", 0, 2},
};

static void test_flood(void **state)
{
    const struct flood_row *row = *state;
    size_t item_bytes = strlen(row->item);
    char *json = malloc(strlen(row->head) + (item_bytes + 1) * row->count + 16);
    assert_non_null(json);
    char *at = stpcpy(json, row->head);
    for (size_t i = 0; i < row->count; i++) {
        at = stpcpy(at, row->item);
        *at++ = ',';
    }
    at = stpcpy(at - 1, row->tail);
    struct ir_result *result = ir_result_new();
    struct ir_error err = {0};
    assert_int_equal(readers[row->reader](json, (size_t)(at - json), 1, result, &err), row->code);
    assert_true(result->label_count <= IR_RESULT_MAX_ITEMS);
    assert_true(result->text_count <= IR_RESULT_MAX_ITEMS);
    assert_true(result->face_count <= IR_RESULT_MAX_ITEMS);
    if (row->code != 0)
        assert_non_null(strstr(err.message, "20000"));
    ir_result_free(result);
    free(json);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_labels_request, request_rows);
    unit_add(&list, "request: text", test_text_request);
    unit_add(&list, "request: faces", test_faces_request);
    unit_add(&list, "labels", test_labels);
    unit_add(&list, "labels, turned", test_labels_turned);
    unit_add(&list, "text", test_text);
    unit_add(&list, "faces", test_faces);
    UNIT_ADD_ROWS(&list, test_no_answer, bad_rows);
    unit_add(&list, "mutated labels", test_mutated_labels);
    unit_add(&list, "mutated text", test_mutated_text);
    unit_add(&list, "mutated faces", test_mutated_faces);
    unit_add(&list, "cut off at every byte", test_cut_off);
    UNIT_ADD_ROWS(&list, test_flood, flood_rows);
    return unit_run(&list, "rekognition");
}
