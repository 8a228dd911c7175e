/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Amazon Rekognition's answers that go into the result document; requests stand in
 * rekognition_request.c, the answers of its further operations in rekognition_checks.c.
 * Boxes are ratios of the picture and may reach outside it: they are clamped; one that lies
 * outside altogether, or is no box, leaves its label without one.
 */
#include "core/service/rekognition.h"

#include <math.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/utf8.h"
#include "core/service/rekognition_value.h"

#define SERVICE "Rekognition"
#define MAX_NAMES 100
#define MAX_COLORS 100
#define MAX_LANDMARKS 100
#define MAX_LANDMARK_FRAC 10.0
#define MAX_ANGLE_DEG 180.0

/* ---- small readers ----------------------------------------------------------------------- */

static const struct ir_json_value *member(const struct ir_json_value *object, const char *name)
{
    return ir_json_get(object, name);
}

static double number(const struct ir_json_value *object, const char *name, double fallback)
{
    return ir_json_number(ir_json_get(object, name), fallback);
}

/* An id; `fallback` when it is none. */
static int identifier(const struct ir_json_value *object, const char *name, int fallback)
{
    double value = number(object, name, fallback);
    return value >= 0.0 && value <= 1e9 ? (int)value : fallback;
}

/* The "Name" members of an array of objects; at most MAX_NAMES. */
static size_t read_names(const struct ir_json_value *array, const char **out)
{
    size_t count = 0;
    for (size_t i = 0; i < ir_json_count(array) && count < MAX_NAMES; i++) {
        const char *name = ir_json_member_string(ir_json_at(array, i), "Name", NULL);
        if (name != NULL)
            out[count++] = name;
    }
    return count;
}

/* Into a fixed place, cut at a character, each byte of a control character a space. */
static void copy_word(const struct ir_json_value *object, const char *name, char *out,
                      size_t out_bytes)
{
    ir_text_copy(out, out_bytes, ir_json_member_string(object, name, ""));
    size_t bytes = strlen(out);
    for (size_t at = 0; at < bytes;) {
        size_t width = ir_utf8_next(out + at, bytes - at);
        if (width == 0 || ir_utf8_is_control(out + at, width))
            memset(out + at, ' ', width > 0 ? width : 1);
        at += width > 0 ? width : 1;
    }
}

static int channel(const struct ir_json_value *object, const char *name)
{
    double value = number(object, name, 0.0);
    return isfinite(value) ? (int)fmin(fmax(value, 0.0), 255.0) : 0;
}

/* `out` is empty before; released by the caller. */
static int read_colors(const struct ir_json_value *array, struct ir_color_list *out)
{
    size_t count = ir_json_count(array);
    if (count > MAX_COLORS)
        count = MAX_COLORS;
    if (count == 0)
        return 0;
    out->items = ir_calloc(count, sizeof *out->items);
    if (out->items == NULL)
        return IR_ERR_NOMEM;
    out->count = count;
    for (size_t i = 0; i < count; i++) {
        const struct ir_json_value *value = ir_json_at(array, i);
        struct ir_result_color *color = &out->items[i];
        color->red = channel(value, "Red");
        color->green = channel(value, "Green");
        color->blue = channel(value, "Blue");
        color->pixel_pct = ir_rekognition_pct(value, "PixelPercent");
        copy_word(value, "HexCode", color->hex_code, sizeof color->hex_code);
        copy_word(value, "CSSColor", color->css_color, sizeof color->css_color);
        copy_word(value, "SimplifiedColor", color->simplified_color,
                  sizeof color->simplified_color);
    }
    return 0;
}

/* NaN when it is not given. */
static void read_quality(const struct ir_json_value *value, struct ir_result_quality *out)
{
    out->known = ir_json_is_object(value);
    out->brightness = ir_rekognition_pct_if_given(value, "Brightness");
    out->sharpness = ir_rekognition_pct_if_given(value, "Sharpness");
    out->contrast = ir_rekognition_pct_if_given(value, "Contrast");
}

/* Parses an answer whose root must be an object with the array `list`. */
static int parse_answer(const char *json, size_t bytes, const char *list, struct ir_json_doc **out,
                        struct ir_error *err)
{
    int rc = ir_json_parse(json, bytes, "the answer", out, err);
    if (rc == 0 && !ir_json_is_array(member(ir_json_root(*out), list))) {
        ir_json_free(*out);
        *out = NULL;
        rc = ir_fail(err, IR_ERR_RESPONSE, "the answer has no list \"%s\"", list);
    }
    if (rc != 0) {
        ir_error_set_service(err, SERVICE);
        if (rc == IR_ERR_RESPONSE)
            ir_error_set_hint(err, "Check the endpoint's address, and whether a proxy stands "
                                   "before it.");
    }
    return rc;
}

/* Says what went wrong while an item was added. */
static int fail_adding(int rc, struct ir_error *err)
{
    if (rc == IR_ERR_NOMEM)
        return ir_fail_nomem(err);
    ir_fail(err, rc, "the answer has more items than a result can hold (%d)", IR_RESULT_MAX_ITEMS);
    ir_error_set_service(err, SERVICE);
    return rc;
}

static int copy_version(const struct ir_json_value *root, const char *name, char **out)
{
    return ir_result_set_text(out, ir_json_member_string(root, name, NULL));
}

/* ---- DetectLabels ------------------------------------------------------------------------ */

static int add_instance(const struct ir_json_value *instance, int box_orientation,
                        const struct ir_label *label, struct ir_result *result)
{
    struct ir_color_list colors = {NULL, 0};
    struct ir_label entry = *label;
    entry.has_box =
        ir_rekognition_box(member(instance, "BoundingBox"), box_orientation, &entry.box);
    if (ir_json_is_number(member(instance, "Confidence")))
        entry.confidence_pct = ir_rekognition_pct_if_given(instance, "Confidence");
    int rc = read_colors(member(instance, "DominantColors"), &colors);
    if (rc == 0)
        rc = ir_result_add_label(result, &entry, &colors);
    ir_color_list_release(&colors);
    return rc;
}

static int add_label(const struct ir_json_value *value, int box_orientation,
                     struct ir_result *result)
{
    const char *parents[MAX_NAMES];
    const char *categories[MAX_NAMES];
    const char *aliases[MAX_NAMES];
    struct ir_label label = {.name = ir_json_member_string(value, "Name", NULL)};
    if (label.name == NULL || *label.name == '\0')
        return 0;
    label.confidence_pct = ir_rekognition_pct_if_given(value, "Confidence");
    label.label_confidence_pct = label.confidence_pct;
    label.parents = parents;
    label.parent_count = read_names(member(value, "Parents"), parents);
    label.categories = categories;
    label.category_count = read_names(member(value, "Categories"), categories);
    label.aliases = aliases;
    label.alias_count = read_names(member(value, "Aliases"), aliases);
    const struct ir_json_value *instances = member(value, "Instances");
    size_t count = ir_json_count(instances);
    if (count == 0)
        return ir_result_add_label(result, &label, NULL);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = add_instance(ir_json_at(instances, i), box_orientation, &label, result);
    return rc;
}

static int read_region(const struct ir_json_value *value, struct ir_result_region *out)
{
    read_quality(member(value, "Quality"), &out->quality);
    ir_color_list_release(&out->colors);
    return read_colors(member(value, "DominantColors"), &out->colors);
}

static int read_properties(const struct ir_json_value *value, struct ir_result_properties *out)
{
    if (!ir_json_is_object(value))
        return 0;
    out->known = true;
    int rc = read_region(value, &out->image);
    if (rc == 0)
        rc = read_region(member(value, "Foreground"), &out->foreground);
    if (rc == 0)
        rc = read_region(member(value, "Background"), &out->background);
    return rc;
}

int ir_rekognition_read_labels(const char *json, size_t bytes, int box_orientation,
                               struct ir_result *result, struct ir_error *err)
{
    struct ir_json_doc *doc = NULL;
    int rc = parse_answer(json, bytes, "Labels", &doc, err);
    if (rc != 0)
        return rc;
    const struct ir_json_value *root = ir_json_root(doc);
    const struct ir_json_value *labels = member(root, "Labels");
    for (size_t i = 0; rc == 0 && i < ir_json_count(labels); i++)
        rc = add_label(ir_json_at(labels, i), box_orientation, result);
    if (rc == 0)
        rc = read_properties(member(root, "ImageProperties"), &result->properties);
    if (rc == 0)
        rc = copy_version(root, "LabelModelVersion", &result->label_model_version);
    result->has_labels = true;
    ir_json_free(doc);
    return rc == 0 ? 0 : fail_adding(rc, err);
}

/* ---- DetectText -------------------------------------------------------------------------- */

static int add_text(const struct ir_json_value *value, int box_orientation,
                    struct ir_result *result)
{
    struct ir_result_text text = {.id = identifier(value, "Id", 0)};
    const char *type = ir_json_member_string(value, "Type", "");
    text.parent_id = identifier(value, "ParentId", -1);
    text.is_word = strcmp(type, "WORD") == 0;
    text.confidence_pct = ir_rekognition_pct_if_given(value, "Confidence");
    text.has_box = ir_rekognition_box(member(member(value, "Geometry"), "BoundingBox"),
                                      box_orientation, &text.box);
    const char *words = ir_json_member_string(value, "DetectedText", NULL);
    if (words == NULL)
        return 0;
    text.text = (char *)words; /* copied by ir_result_add_text */
    return ir_result_add_text(result, &text);
}

int ir_rekognition_read_text(const char *json, size_t bytes, int box_orientation,
                             struct ir_result *result, struct ir_error *err)
{
    struct ir_json_doc *doc = NULL;
    int rc = parse_answer(json, bytes, "TextDetections", &doc, err);
    if (rc != 0)
        return rc;
    const struct ir_json_value *root = ir_json_root(doc);
    const struct ir_json_value *texts = member(root, "TextDetections");
    for (size_t i = 0; rc == 0 && i < ir_json_count(texts); i++)
        rc = add_text(ir_json_at(texts, i), box_orientation, result);
    if (rc == 0)
        rc = copy_version(root, "TextModelVersion", &result->text_model_version);
    result->has_text = true;
    ir_json_free(doc);
    return rc == 0 ? 0 : fail_adding(rc, err);
}

/* ---- DetectFaces ------------------------------------------------------------------------- */

/* A point is turned as a box without extent is. Points outside the picture are kept as they are,
 * since a face may be cut by the picture's edge; those that are far away are no points of it. */
static size_t read_landmarks(const struct ir_json_value *array, int box_orientation,
                             struct ir_landmark *out)
{
    size_t count = 0;
    for (size_t i = 0; i < ir_json_count(array) && count < MAX_LANDMARKS; i++) {
        const struct ir_json_value *value = ir_json_at(array, i);
        struct ir_box point = {number(value, "X", NAN), number(value, "Y", NAN), 0.0, 0.0};
        if (!(fabs(point.left_frac) <= MAX_LANDMARK_FRAC) ||
            !(fabs(point.top_frac) <= MAX_LANDMARK_FRAC))
            continue;
        point = ir_box_stored_to_upright(point, box_orientation);
        out[count].x_frac = point.left_frac;
        out[count].y_frac = point.top_frac;
        copy_word(value, "Type", out[count].type, sizeof out[count].type);
        count++;
    }
    return count;
}

static double angle(const struct ir_json_value *object, const char *name)
{
    return fmin(fmax(number(object, name, 0.0), -MAX_ANGLE_DEG), MAX_ANGLE_DEG);
}

static int add_face(const struct ir_json_value *value, int box_orientation,
                    struct ir_result *result)
{
    struct ir_landmark landmarks[MAX_LANDMARKS];
    struct ir_result_face face = {.confidence_pct =
                                      ir_rekognition_pct_if_given(value, "Confidence")};
    face.has_box = ir_rekognition_box(member(value, "BoundingBox"), box_orientation, &face.box);
    face.landmarks = landmarks;
    face.landmark_count = read_landmarks(member(value, "Landmarks"), box_orientation, landmarks);
    const struct ir_json_value *pose = member(value, "Pose");
    face.has_pose = ir_json_is_object(pose);
    face.roll_deg = angle(pose, "Roll");
    face.yaw_deg = angle(pose, "Yaw");
    face.pitch_deg = angle(pose, "Pitch");
    read_quality(member(value, "Quality"), &face.quality);
    return ir_result_add_face(result, &face);
}

int ir_rekognition_read_faces(const char *json, size_t bytes, int box_orientation,
                              struct ir_result *result, struct ir_error *err)
{
    struct ir_json_doc *doc = NULL;
    int rc = parse_answer(json, bytes, "FaceDetails", &doc, err);
    if (rc != 0)
        return rc;
    const struct ir_json_value *faces = member(ir_json_root(doc), "FaceDetails");
    for (size_t i = 0; rc == 0 && i < ir_json_count(faces); i++)
        rc = add_face(ir_json_at(faces, i), box_orientation, result);
    result->has_faces = true;
    ir_json_free(doc);
    return rc == 0 ? 0 : fail_adding(rc, err);
}
