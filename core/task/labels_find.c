/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which values are labels. An object with a name is one; around it may stand lists and objects of
 * any depth. Without names, an object whose members are boxes or confidences is a list by name, a
 * list of texts one of names, and a list of lists one of rows.
 */
#include "core/task/labels_find.h"

#include <math.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/utf8.h"

#define MAX_PARENTS 32

static const char *const name_keys[] = {"label",  "name",   "labelname", "objectname", "classname",
                                        "라벨",   "레이블", "라벨명",    "이름",       "객체",
                                        "객체명", "물체",   "사물",      NULL};
/* These name many other things too, so a confidence or a box must stand beside them. */
static const char *const weak_name_keys[] = {"object",   "class", "tag",  "item", "thing",
                                             "category", "type",  "항목", "분류", NULL};
static const char *const confidence_keys[] = {
    "confidence", "score",  "probability", "prob",   "certainty", "conf", "confidencescore",
    "신뢰도",     "확신도", "확률",        "정확도", "점수",      NULL};
static const char *const box_keys[] = {
    "box",       "bbox",     "boundingbox",   "bndbox",   "rect",     "rectangle", "position",
    "positions", "location", "coordinates",   "coords",   "region",   "area",      "geometry",
    "box2d",     "bboxxywh", "bboxxyxy",      "boxxywh",  "boxxyxy",  "corners",   "polygon",
    "points",    "vertices", "pixelposition", "pixels",   "위치",     "좌표",      "영역",
    "경계상자",  "박스",     "바운딩박스",    "픽셀위치", "위치정보", "꼭짓점",    NULL};
static const char *const list_keys[] = {
    "labels",  "objects",     "detections", "detectedobjects", "items", "annotations", "tags",
    "results", "predictions", "라벨",       "레이블",          "객체",  "라벨들",      "레이블들",
    "객체들",  NULL};
static const char *const instance_keys[] = {"instances", "boxes", "boundingboxes", NULL};
static const char *const parent_keys[] = {"parents", "parent", "상위", "상위라벨", NULL};
static const char *const width_keys[] = {"imagewidth", "이미지너비", "imgwidth", NULL};
static const char *const height_keys[] = {"imageheight", "이미지높이", "imgheight", NULL};
static const char *const size_keys[] = {"imagesize", "image", "size", "이미지크기", NULL};

bool ir_labels_is_name_key(const char *plain)
{
    return ir_labels_is_one_of(plain, name_keys) || ir_labels_is_one_of(plain, weak_name_keys);
}

bool ir_labels_is_attribute_key(const char *plain)
{
    static const char *const corners[] = {
        "topleft", "topright", "bottomright", "bottomleft", "좌상단", "우상단", "우하단",
        "좌하단",  "left",     "top",         "right",      "bottom", "x1",     "y1",
        "x2",      "y2",       "width",       "height",     "x",      "y",      NULL};
    return ir_labels_is_one_of(plain, confidence_keys) || ir_labels_is_one_of(plain, box_keys) ||
           ir_labels_is_one_of(plain, corners) || ir_labels_is_one_of(plain, parent_keys);
}

/* ---- members ----------------------------------------------------------------------------- */

static bool key_is(const struct ir_loose *loose, size_t item, const char *const *list)
{
    char plain[IR_PLAIN_KEY_BYTES];
    ir_labels_plain_key(ir_loose_key(loose, item), plain);
    return ir_labels_is_one_of(plain, list);
}

/* The member whose key stands first in `keys`; 0 = none. */
static size_t member(const struct ir_loose *loose, size_t object, const char *const *keys)
{
    for (; *keys != NULL; keys++) {
        const char *const only[] = {*keys, NULL};
        for (size_t item = ir_loose_at(loose, object)->first; item > 0;
             item = ir_loose_at(loose, item)->next)
            if (key_is(loose, item, only))
                return item;
    }
    return 0;
}

static enum ir_loose_kind kind_of(const struct ir_loose *loose, size_t value)
{
    return ir_loose_at(loose, value)->kind;
}

static bool is_flat(const struct ir_loose *loose, size_t value)
{
    enum ir_loose_kind kind = kind_of(loose, value);
    return kind == IR_LOOSE_TEXT || kind == IR_LOOSE_NUMBER;
}

/* ---- adding ------------------------------------------------------------------------------ */

static bool read_confidence(const struct ir_loose *loose, size_t value, double *out, bool *out_pct)
{
    const struct ir_loose_value *v = ir_loose_at(loose, value);
    char unit = v->unit;
    double number = v->number;
    if (v->kind == IR_LOOSE_TEXT &&
        ir_loose_numbers(ir_loose_text(loose, value), &number, &unit, 1) != 1)
        return false;
    if (v->kind != IR_LOOSE_TEXT && v->kind != IR_LOOSE_NUMBER)
        return false;
    *out = number;
    *out_pct = unit == '%';
    return true;
}

static bool is_name(const char *text)
{
    size_t bytes = strlen(text);
    return bytes > 0 && bytes <= IR_LABELS_READ_MAX_NAME_BYTES && ir_utf8_is_valid(text, bytes) &&
           strspn(text, " \t\r\n.-_*") < bytes;
}

/* A label without anything but its name; NULL with found->failed set. */
static struct ir_found_label *add(struct ir_found *found, const char *name)
{
    if (found->count >= IR_LABELS_READ_MAX_LABELS)
        found->failed = IR_ERR_TOO_LARGE;
    if (found->failed != 0)
        return NULL;
    if (found->count == found->capacity) {
        size_t wanted = found->capacity > 0 ? found->capacity * 2 : 16;
        void *moved = ir_realloc(found->items, wanted * sizeof *found->items);
        if (moved != NULL) {
            found->items = moved;
            found->capacity = wanted;
        }
    }
    char *copy = found->count < found->capacity ? ir_strdup(name) : NULL;
    if (copy == NULL) {
        found->failed = IR_ERR_NOMEM;
        return NULL;
    }
    struct ir_found_label *label = &found->items[found->count++];
    *label = (struct ir_found_label){.name = copy, .confidence = NAN, .block = found->block_count};
    return label;
}

static void set_confidence(struct ir_found *found, struct ir_found_label *label,
                           const struct ir_loose *loose, size_t value)
{
    if (value == 0 || !read_confidence(loose, value, &label->confidence, &label->is_confidence_pct))
        return;
    if (!label->is_confidence_pct && label->confidence > 1.0)
        found->has_confidence_over_1 = true;
}

/* A text, or the name in an object. */
static const char *name_of(const struct ir_loose *loose, size_t value)
{
    if (kind_of(loose, value) == IR_LOOSE_OBJECT)
        value = member(loose, value, name_keys);
    return ir_loose_text(loose, value);
}

static void set_parents(struct ir_found *found, struct ir_found_label *label,
                        const struct ir_loose *loose, size_t value)
{
    bool is_list = kind_of(loose, value) == IR_LOOSE_LIST;
    size_t item = is_list ? ir_loose_at(loose, value)->first : value;
    if (item == 0)
        return;
    label->parents = ir_calloc(MAX_PARENTS, sizeof *label->parents);
    if (label->parents == NULL)
        found->failed = IR_ERR_NOMEM;
    for (; item > 0 && label->parents != NULL && label->parent_count < MAX_PARENTS;
         item = is_list ? ir_loose_at(loose, item)->next : 0) {
        const char *name = name_of(loose, item);
        if (!is_name(name))
            continue;
        label->parents[label->parent_count] = ir_strdup(name);
        if (label->parents[label->parent_count] == NULL) {
            found->failed = IR_ERR_NOMEM;
            return;
        }
        label->parent_count++;
    }
}

/* The box of an object, under a key of its own or by sides and corners among its members. */
static struct ir_raw_box box_of(const struct ir_loose *loose, size_t object)
{
    size_t value = member(loose, object, box_keys);
    char plain[IR_PLAIN_KEY_BYTES];
    bool has_own = value > 0 && kind_of(loose, value) != IR_LOOSE_NOTHING;
    if (!has_own)
        return ir_raw_box_read(loose, object, "");
    ir_labels_plain_key(ir_loose_key(loose, value), plain);
    struct ir_raw_box box = ir_raw_box_read(loose, value, plain);
    if (box.form == IR_RAW_NONE || (box.form == IR_RAW_BAD && is_flat(loose, value)))
        box = ir_raw_box_read(loose, object, ""); /* "location": "on the left" beside sides */
    if (box.form == IR_RAW_NONE && kind_of(loose, value) == IR_LOOSE_OBJECT)
        box = box_of(loose, value); /* {"Geometry":{"BoundingBox":...}} */
    return box;
}

/* ---- labels ------------------------------------------------------------------------------ */

/* The first text under one of `keys`; NULL = none. */
static const char *text_member(const struct ir_loose *loose, size_t object, const char *const *keys)
{
    for (; *keys != NULL; keys++) {
        const char *const only[] = {*keys, NULL};
        size_t item = member(loose, object, only);
        if (item > 0 && kind_of(loose, item) == IR_LOOSE_TEXT)
            return ir_loose_text(loose, item);
    }
    return NULL;
}

static bool has_attribute(const struct ir_loose *loose, size_t object)
{
    char plain[IR_PLAIN_KEY_BYTES];
    for (size_t item = ir_loose_at(loose, object)->first; item > 0;
         item = ir_loose_at(loose, item)->next) {
        ir_labels_plain_key(ir_loose_key(loose, item), plain);
        if (ir_labels_is_attribute_key(plain))
            return true;
    }
    return false;
}

/* The name of a label; NULL when the object is none. */
static const char *label_name(const struct ir_loose *loose, size_t object)
{
    const char *name = text_member(loose, object, name_keys);
    if (name == NULL && has_attribute(loose, object))
        name = text_member(loose, object, weak_name_keys);
    return name;
}

/* A list under one of the keys that name lists of labels; 0 = none. */
static size_t list_member(const struct ir_loose *loose, size_t object)
{
    for (size_t item = ir_loose_at(loose, object)->first; item > 0;
         item = ir_loose_at(loose, item)->next)
        if (kind_of(loose, item) == IR_LOOSE_LIST && key_is(loose, item, list_keys))
            return item;
    return 0;
}

/* Each box of a list of instances has a label of its own; false when there is none. */
static bool add_instances(struct ir_found *found, const struct ir_loose *loose, size_t object,
                          const char *name)
{
    size_t list = member(loose, object, instance_keys);
    size_t before = found->count;
    if (kind_of(loose, list) != IR_LOOSE_LIST)
        return false;
    for (size_t item = ir_loose_at(loose, list)->first; item > 0 && found->failed == 0;
         item = ir_loose_at(loose, item)->next) {
        struct ir_found_label *label = add(found, name);
        if (label == NULL)
            return true;
        bool is_object = kind_of(loose, item) == IR_LOOSE_OBJECT;
        label->box = is_object ? box_of(loose, item) : ir_raw_box_read(loose, item, "");
        set_confidence(found, label, loose, member(loose, object, confidence_keys));
        if (is_object)
            set_confidence(found, label, loose, member(loose, item, confidence_keys));
        set_parents(found, label, loose, member(loose, object, parent_keys));
    }
    return found->count > before;
}

static void add_object(struct ir_found *found, const struct ir_loose *loose, size_t object)
{
    const char *name = label_name(loose, object);
    found->has_list = true;
    if (!is_name(name)) {
        found->nameless_count++;
        return;
    }
    if (add_instances(found, loose, object, name))
        return;
    struct ir_found_label *label = add(found, name);
    if (label == NULL)
        return;
    label->box = box_of(loose, object);
    set_confidence(found, label, loose, member(loose, object, confidence_keys));
    set_parents(found, label, loose, member(loose, object, parent_keys));
}

/* ["cat", 0.9, [10, 20, 30, 40]]: a name first, then a confidence, a box, or both. */
static bool add_row(struct ir_found *found, const struct ir_loose *loose, size_t row)
{
    size_t item = ir_loose_at(loose, row)->first;
    const char *name = ir_loose_text(loose, item);
    if (kind_of(loose, item) != IR_LOOSE_TEXT || !is_name(name))
        return false;
    size_t second = ir_loose_at(loose, item)->next;
    if (second == 0 || kind_of(loose, second) == IR_LOOSE_TEXT)
        return false;
    struct ir_found_label *label = add(found, name);
    found->has_list = true;
    for (item = second; label != NULL && item > 0; item = ir_loose_at(loose, item)->next) {
        if (kind_of(loose, item) == IR_LOOSE_NUMBER)
            set_confidence(found, label, loose, item);
        else if (label->box.form == IR_RAW_NONE)
            label->box = ir_raw_box_read(loose, item, "");
    }
    return true;
}

static bool is_known_key(const struct ir_loose *loose, size_t item)
{
    char plain[IR_PLAIN_KEY_BYTES];
    ir_labels_plain_key(ir_loose_key(loose, item), plain);
    return ir_labels_is_name_key(plain) || ir_labels_is_attribute_key(plain) ||
           ir_labels_is_one_of(plain, list_keys) || ir_labels_is_one_of(plain, instance_keys) ||
           ir_labels_is_one_of(plain, width_keys) || ir_labels_is_one_of(plain, height_keys) ||
           ir_labels_is_one_of(plain, size_keys);
}

/* {"cat": [10, 20, 30, 40], "dog": {"confidence": 0.9}}: names are keys. */
static bool is_map(const struct ir_loose *loose, size_t object)
{
    size_t item = ir_loose_at(loose, object)->first;
    bool is_map = item > 0;
    for (; item > 0 && is_map; item = ir_loose_at(loose, item)->next) {
        bool is_nested =
            kind_of(loose, item) == IR_LOOSE_OBJECT &&
            (member(loose, item, box_keys) > 0 || member(loose, item, confidence_keys) > 0 ||
             ir_raw_box_read(loose, item, "").form != IR_RAW_NONE);
        bool is_box = kind_of(loose, item) == IR_LOOSE_LIST &&
                      ir_raw_box_read(loose, item, "").form == IR_RAW_FOUR;
        is_map = (is_nested || is_box) && !is_known_key(loose, item);
    }
    return is_map;
}

static void add_map(struct ir_found *found, const struct ir_loose *loose, size_t object)
{
    found->has_list = true;
    for (size_t item = ir_loose_at(loose, object)->first; item > 0;
         item = ir_loose_at(loose, item)->next) {
        const char *name = ir_loose_key(loose, item);
        struct ir_found_label *label = is_name(name) ? add(found, name) : NULL;
        if (label == NULL)
            continue;
        bool is_object = kind_of(loose, item) == IR_LOOSE_OBJECT;
        label->box = is_object ? box_of(loose, item) : ir_raw_box_read(loose, item, "");
        if (is_object)
            set_confidence(found, label, loose, member(loose, item, confidence_keys));
    }
}

/* ---- whole values ------------------------------------------------------------------------ */

/* The picture's size, where the answer states one. */
static void read_size(struct ir_found *found, const struct ir_loose *loose, size_t object)
{
    static const char *const across[] = {"width", "w", "너비", NULL};
    static const char *const down[] = {"height", "h", "높이", NULL};
    size_t nested = member(loose, object, size_keys);
    size_t width = member(loose, object, width_keys);
    size_t height = member(loose, object, height_keys);
    if (kind_of(loose, nested) == IR_LOOSE_OBJECT && (width == 0 || height == 0)) {
        width = member(loose, nested, across);
        height = member(loose, nested, down);
    }
    double w = ir_loose_at(loose, width)->number;
    double h = ir_loose_at(loose, height)->number;
    if (w >= 1.0 && h >= 1.0 && w <= 100000.0 && h <= 100000.0)
        found->stated = (struct ir_size){(int)w, (int)h};
}

/* Texts are names where the list is one of labels by its key, or all that was said. */
static void find_in_list(struct ir_found *found, const struct ir_loose *loose, size_t list,
                         bool is_named)
{
    found->has_list |= is_named;
    for (size_t item = ir_loose_at(loose, list)->first; item > 0 && found->failed == 0;
         item = ir_loose_at(loose, item)->next) {
        bool is_text = kind_of(loose, item) == IR_LOOSE_TEXT;
        if (is_text && is_named && is_name(ir_loose_text(loose, item)))
            (void)add(found, ir_loose_text(loose, item));
        else if (kind_of(loose, item) == IR_LOOSE_LIST && add_row(found, loose, item))
            continue;
        else if (is_text || kind_of(loose, item) == IR_LOOSE_NUMBER)
            found->nameless_count += is_named ? 1 : 0;
        else if (is_named && kind_of(loose, item) == IR_LOOSE_OBJECT &&
                 label_name(loose, item) == NULL && list_member(loose, item) == 0 &&
                 !is_map(loose, item))
            found->nameless_count++;
        else
            ir_labels_find(found, loose, item, false);
    }
}

static void find_in_object(struct ir_found *found, const struct ir_loose *loose, size_t object,
                           bool is_alone)
{
    bool has_list = list_member(loose, object) > 0;
    read_size(found, loose, object);
    if (!has_list && label_name(loose, object) != NULL &&
        (is_alone || ir_loose_at(loose, object)->item_count > 1 || found->has_list)) {
        add_object(found, loose, object);
        return;
    }
    if (!has_list && is_map(loose, object)) {
        add_map(found, loose, object);
        return;
    }
    for (size_t item = ir_loose_at(loose, object)->first; item > 0 && found->failed == 0;
         item = ir_loose_at(loose, item)->next) {
        if (kind_of(loose, item) == IR_LOOSE_LIST)
            find_in_list(found, loose, item, key_is(loose, item, list_keys));
        else if (kind_of(loose, item) == IR_LOOSE_OBJECT)
            ir_labels_find(found, loose, item, false);
    }
}

/* Whether a list holds objects of which at least one is a label. */
static bool has_labels(const struct ir_loose *loose, size_t list)
{
    for (size_t item = ir_loose_at(loose, list)->first; item > 0;
         item = ir_loose_at(loose, item)->next)
        if (kind_of(loose, item) == IR_LOOSE_OBJECT && label_name(loose, item) != NULL)
            return true;
    return false;
}

void ir_labels_find(struct ir_found *found, const struct ir_loose *loose, size_t value,
                    bool is_alone)
{
    if (kind_of(loose, value) == IR_LOOSE_OBJECT)
        find_in_object(found, loose, value, is_alone);
    else if (kind_of(loose, value) == IR_LOOSE_LIST)
        find_in_list(found, loose, value, is_alone || has_labels(loose, value));
}

bool ir_labels_is_begun(const struct ir_loose *loose, size_t value)
{
    if (kind_of(loose, value) == IR_LOOSE_OBJECT &&
        (label_name(loose, value) != NULL || list_member(loose, value) > 0))
        return true;
    /* A bracket in prose that nobody closed: it begins with words. */
    size_t first = ir_loose_at(loose, value)->first;
    if (kind_of(loose, first) == IR_LOOSE_TEXT && !ir_loose_at(loose, first)->is_quoted &&
        kind_of(loose, value) == IR_LOOSE_LIST)
        return false;
    for (size_t item = first; item > 0; item = ir_loose_at(loose, item)->next)
        if (ir_labels_is_begun(loose, item))
            return true;
    return false;
}
