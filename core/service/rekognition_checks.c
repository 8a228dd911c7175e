/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers of Rekognition's checking operations, as lists over the answer's own document. */
#include "core/service/rekognition_checks.h"

#include <math.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/error.h"
#include "core/service/rekognition_value.h"
#include "core/service/request.h"

#define MAX_ID 1e9
#define MAX_YEARS 200

/* ---- small readers ----------------------------------------------------------------------- */

static int integer(const struct ir_json_value *value, double max, int fallback)
{
    double number = ir_json_number(value, fallback);
    return number >= 0.0 && number <= max ? (int)number : fallback;
}

static int fail_list(struct ir_error *err)
{
    (void)ir_answer_fail(&ir_service_rekognition, "the answer lacks its list, or it is too long",
                         err);
    return IR_ERR_RESPONSE;
}

static int fail_memory(struct ir_error *err)
{
    (void)ir_fail_nomem(err);
    return IR_ERR_NOMEM;
}

/* Room for a list of the answer; `list` must be an array. *out is NULL before. */
static int make_list(const struct ir_json_value *list, size_t more, size_t item_bytes, void **out,
                     struct ir_error *err)
{
    size_t count = ir_json_count(list);
    if (!ir_json_is_array(list) || count + more > IR_CHECK_MAX_ITEMS)
        return fail_list(err);
    void *items = ir_calloc(count + more + 1, item_bytes);
    if (items == NULL)
        return fail_memory(err);
    *out = items;
    return 0;
}

/* ---- DetectModerationLabels -------------------------------------------------------------- */

static int read_moderation(const struct ir_json_value *root, struct ir_moderation *out,
                           struct ir_error *err)
{
    const struct ir_json_value *labels = ir_json_get(root, "ModerationLabels");
    const struct ir_json_value *types = ir_json_get(root, "ContentTypes");
    void *items = NULL;
    int rc = make_list(labels, 0, sizeof *out->labels, &items, err);
    out->labels = items;
    if (rc == 0 && types != NULL) {
        items = NULL;
        rc = make_list(types, 0, sizeof *out->content_types, &items, err);
        out->content_types = items;
    }
    if (rc != 0)
        return rc;
    out->count = ir_json_count(labels);
    for (size_t i = 0; i < out->count; i++) {
        const struct ir_json_value *label = ir_json_at(labels, i);
        out->labels[i] = (struct ir_moderation_label){
            .name = ir_json_member_string(label, "Name", ""),
            .parent = ir_json_member_string(label, "ParentName", ""),
            .confidence_pct = ir_rekognition_pct_if_given(label, "Confidence"),
            .level = integer(ir_json_get(label, "TaxonomyLevel"), MAX_ID, 0),
        };
    }
    out->content_type_count = ir_json_count(types);
    for (size_t i = 0; i < out->content_type_count; i++) {
        const struct ir_json_value *type = ir_json_at(types, i);
        out->content_types[i].name = ir_json_member_string(type, "Name", "");
        out->content_types[i].confidence_pct = ir_rekognition_pct(type, "Confidence");
    }
    out->model_version = ir_json_member_string(root, "ModerationModelVersion", "");
    out->project_version = ir_json_member_string(root, "ProjectVersion", "");
    return 0;
}

int ir_rekognition_read_moderation(const char *json, size_t bytes, struct ir_moderation *out,
                                   struct ir_error *err)
{
    struct ir_moderation read = {.doc = NULL};
    int rc = ir_answer_parse(&ir_service_rekognition, json, bytes, &read.doc, err);
    if (rc == 0)
        rc = read_moderation(ir_json_root(read.doc), &read, err);
    if (rc == 0)
        *out = read;
    else
        ir_moderation_release(&read);
    return rc;
}

void ir_moderation_release(struct ir_moderation *moderation)
{
    ir_free(moderation->labels);
    ir_free(moderation->content_types);
    ir_json_free(moderation->doc);
    *moderation = (struct ir_moderation){.doc = NULL};
}

/* ---- DetectProtectiveEquipment ----------------------------------------------------------- */

/* The rows that a person's parts become: one each, or as many as there is equipment on it. */
static size_t count_rows(const struct ir_json_value *persons)
{
    size_t rows = 0;
    for (size_t i = 0; i < ir_json_count(persons); i++) {
        const struct ir_json_value *parts = ir_json_get(ir_json_at(persons, i), "BodyParts");
        for (size_t j = 0; j < ir_json_count(parts); j++) {
            size_t worn = ir_json_count(ir_json_get(ir_json_at(parts, j), "EquipmentDetections"));
            rows += worn > 0 ? worn : 1;
        }
    }
    return rows;
}

static void read_equipment(const struct ir_json_value *value, int box_orientation,
                           struct ir_equipment *out)
{
    const struct ir_json_value *covers = ir_json_get(value, "CoversBodyPart");
    out->type = ir_json_member_string(value, "Type", "");
    out->confidence_pct = ir_rekognition_pct(value, "Confidence");
    out->has_box =
        ir_rekognition_box(ir_json_get(value, "BoundingBox"), box_orientation, &out->box);
    out->covers = ir_json_bool(ir_json_get(covers, "Value"), false);
    out->covers_confidence_pct = ir_rekognition_pct(covers, "Confidence");
}

static void read_part(const struct ir_json_value *part, int person_id, int box_orientation,
                      struct ir_protection *out)
{
    const struct ir_json_value *worn = ir_json_get(part, "EquipmentDetections");
    struct ir_equipment row = {
        .person_id = person_id,
        .part = ir_json_member_string(part, "Name", ""),
        .part_confidence_pct = ir_rekognition_pct(part, "Confidence"),
        .type = "",
    };
    if (ir_json_count(worn) == 0)
        out->items[out->item_count++] = row;
    for (size_t i = 0; i < ir_json_count(worn); i++) {
        read_equipment(ir_json_at(worn, i), box_orientation, &row);
        out->items[out->item_count++] = row;
    }
}

static void apply_summary(const struct ir_json_value *ids, enum ir_equipment_verdict verdict,
                          struct ir_protection *out)
{
    for (size_t i = 0; i < ir_json_count(ids); i++)
        for (size_t j = 0; j < out->person_count; j++)
            if (out->persons[j].id == integer(ir_json_at(ids, i), MAX_ID, -1))
                out->persons[j].verdict = verdict;
}

static int read_protection(const struct ir_json_value *root, int box_orientation,
                           struct ir_protection *out, struct ir_error *err)
{
    const struct ir_json_value *persons = ir_json_get(root, "Persons");
    const struct ir_json_value *summary = ir_json_get(root, "Summary");
    size_t rows = count_rows(persons);
    void *items = NULL;
    int rc = make_list(persons, 0, sizeof *out->persons, &items, err);
    out->persons = items;
    if (rc == 0 && rows > IR_CHECK_MAX_ITEMS)
        rc = fail_list(err);
    if (rc == 0) {
        out->items = ir_calloc(rows + 1, sizeof *out->items);
        rc = out->items != NULL ? 0 : fail_memory(err);
    }
    if (rc != 0)
        return rc;
    out->person_count = ir_json_count(persons);
    for (size_t i = 0; i < out->person_count; i++) {
        const struct ir_json_value *value = ir_json_at(persons, i);
        const struct ir_json_value *parts = ir_json_get(value, "BodyParts");
        struct ir_person *person = &out->persons[i];
        person->id = integer(ir_json_get(value, "Id"), MAX_ID, 0);
        person->confidence_pct = ir_rekognition_pct(value, "Confidence");
        person->has_box =
            ir_rekognition_box(ir_json_get(value, "BoundingBox"), box_orientation, &person->box);
        for (size_t j = 0; j < ir_json_count(parts); j++)
            read_part(ir_json_at(parts, j), person->id, box_orientation, out);
    }
    apply_summary(ir_json_get(summary, "PersonsWithRequiredEquipment"), IR_EQUIPMENT_WORN, out);
    apply_summary(ir_json_get(summary, "PersonsWithoutRequiredEquipment"), IR_EQUIPMENT_MISSING,
                  out);
    apply_summary(ir_json_get(summary, "PersonsIndeterminate"), IR_EQUIPMENT_INDETERMINATE, out);
    out->model_version = ir_json_member_string(root, "ProtectiveEquipmentModelVersion", "");
    return 0;
}

int ir_rekognition_read_protection(const char *json, size_t bytes, int box_orientation,
                                   struct ir_protection *out, struct ir_error *err)
{
    struct ir_protection read = {.doc = NULL};
    int rc = ir_answer_parse(&ir_service_rekognition, json, bytes, &read.doc, err);
    if (rc == 0)
        rc = read_protection(ir_json_root(read.doc), box_orientation, &read, err);
    if (rc == 0)
        *out = read;
    else
        ir_protection_release(&read);
    return rc;
}

void ir_protection_release(struct ir_protection *protection)
{
    ir_free(protection->persons);
    ir_free(protection->items);
    ir_json_free(protection->doc);
    *protection = (struct ir_protection){.doc = NULL};
}

/* ---- RecognizeCelebrities ---------------------------------------------------------------- */

static void read_face(const struct ir_json_value *face, int box_orientation,
                      struct ir_celebrity *out)
{
    out->face_confidence_pct = ir_rekognition_pct(face, "Confidence");
    out->has_box = ir_rekognition_box(ir_json_get(face, "BoundingBox"), box_orientation, &out->box);
}

static void read_celebrity(const struct ir_json_value *value, int box_orientation,
                           struct ir_celebrity *out)
{
    const struct ir_json_value *urls = ir_json_get(value, "Urls");
    out->name = ir_json_member_string(value, "Name", "");
    out->id = ir_json_member_string(value, "Id", "");
    out->gender = ir_json_member_string(ir_json_get(value, "KnownGender"), "Type", "");
    out->match_confidence_pct = ir_rekognition_pct(value, "MatchConfidence");
    for (size_t i = 0; i < ir_json_count(urls) && i < IR_CELEBRITY_MAX_URLS; i++)
        out->urls[out->url_count++] = ir_json_string(ir_json_at(urls, i), NULL, "");
    read_face(ir_json_get(value, "Face"), box_orientation, out);
}

static int read_celebrities(const struct ir_json_value *root, int box_orientation,
                            struct ir_celebrities *out, struct ir_error *err)
{
    const struct ir_json_value *known = ir_json_get(root, "CelebrityFaces");
    const struct ir_json_value *unknown = ir_json_get(root, "UnrecognizedFaces");
    void *items = NULL;
    int rc = make_list(known, ir_json_count(unknown), sizeof *out->faces, &items, err);
    if (rc != 0)
        return rc;
    out->faces = items;
    out->recognized_count = ir_json_count(known);
    out->count = out->recognized_count + ir_json_count(unknown);
    for (size_t i = 0; i < out->count; i++) {
        struct ir_celebrity *face = &out->faces[i];
        *face = (struct ir_celebrity){.name = "", .id = "", .gender = ""};
        if (i < out->recognized_count)
            read_celebrity(ir_json_at(known, i), box_orientation, face);
        else
            read_face(ir_json_at(unknown, i - out->recognized_count), box_orientation, face);
    }
    return 0;
}

int ir_rekognition_read_celebrities(const char *json, size_t bytes, int box_orientation,
                                    struct ir_celebrities *out, struct ir_error *err)
{
    struct ir_celebrities read = {.doc = NULL};
    int rc = ir_answer_parse(&ir_service_rekognition, json, bytes, &read.doc, err);
    if (rc == 0)
        rc = read_celebrities(ir_json_root(read.doc), box_orientation, &read, err);
    if (rc == 0)
        *out = read;
    else
        ir_celebrities_release(&read);
    return rc;
}

void ir_celebrities_release(struct ir_celebrities *celebrities)
{
    ir_free(celebrities->faces);
    ir_json_free(celebrities->doc);
    *celebrities = (struct ir_celebrities){.doc = NULL};
}

/* ---- DetectFaces, all attributes --------------------------------------------------------- */

static const char *const attribute_names[] = {
    [IR_FACE_SMILE] = "Smile",           [IR_FACE_EYEGLASSES] = "Eyeglasses",
    [IR_FACE_SUNGLASSES] = "Sunglasses", [IR_FACE_BEARD] = "Beard",
    [IR_FACE_MUSTACHE] = "Mustache",     [IR_FACE_EYES_OPEN] = "EyesOpen",
    [IR_FACE_MOUTH_OPEN] = "MouthOpen",  [IR_FACE_OCCLUDED] = "FaceOccluded",
};

static void read_emotions(const struct ir_json_value *emotions, struct ir_face_details *out)
{
    for (size_t i = 0; i < ir_json_count(emotions) && i < IR_FACE_MAX_EMOTIONS; i++) {
        const struct ir_json_value *emotion = ir_json_at(emotions, i);
        out->emotions[out->emotion_count].type = ir_json_member_string(emotion, "Type", "");
        out->emotions[out->emotion_count++].confidence_pct =
            ir_rekognition_pct(emotion, "Confidence");
    }
}

static void read_details(const struct ir_json_value *face, int box_orientation,
                         struct ir_face_details *out)
{
    const struct ir_json_value *age = ir_json_get(face, "AgeRange");
    const struct ir_json_value *gender = ir_json_get(face, "Gender");
    const struct ir_json_value *eyes = ir_json_get(face, "EyeDirection");
    out->confidence_pct = ir_rekognition_pct(face, "Confidence");
    out->has_box = ir_rekognition_box(ir_json_get(face, "BoundingBox"), box_orientation, &out->box);
    for (size_t i = 0; i < IR_FACE_ATTRIBUTE_COUNT; i++) {
        const struct ir_json_value *value = ir_json_get(face, attribute_names[i]);
        out->attributes[i].known = ir_json_is_object(value);
        out->attributes[i].value = ir_json_bool(ir_json_get(value, "Value"), false);
        out->attributes[i].confidence_pct = ir_rekognition_pct(value, "Confidence");
    }
    out->age_low = integer(ir_json_get(age, "Low"), MAX_YEARS, -1);
    out->age_high = integer(ir_json_get(age, "High"), MAX_YEARS, -1);
    out->gender = ir_json_member_string(gender, "Value", "");
    out->gender_confidence_pct = ir_rekognition_pct(gender, "Confidence");
    read_emotions(ir_json_get(face, "Emotions"), out);
    out->has_eye_direction = ir_json_is_object(eyes);
    out->eye_yaw_deg = ir_json_number(ir_json_get(eyes, "Yaw"), 0.0);
    out->eye_pitch_deg = ir_json_number(ir_json_get(eyes, "Pitch"), 0.0);
}

int ir_rekognition_read_face_details(const char *json, size_t bytes, int box_orientation,
                                     struct ir_faces *out, struct ir_error *err)
{
    struct ir_faces read = {.doc = NULL};
    void *items = NULL;
    int rc = ir_answer_parse(&ir_service_rekognition, json, bytes, &read.doc, err);
    if (rc != 0)
        return rc;
    const struct ir_json_value *faces = ir_json_get(ir_json_root(read.doc), "FaceDetails");
    rc = make_list(faces, 0, sizeof *read.items, &items, err);
    if (rc != 0) {
        ir_faces_release(&read);
        return rc;
    }
    read.items = items;
    read.count = ir_json_count(faces);
    for (size_t i = 0; i < read.count; i++)
        read_details(ir_json_at(faces, i), box_orientation, &read.items[i]);
    *out = read;
    return 0;
}

void ir_faces_release(struct ir_faces *faces)
{
    ir_free(faces->items);
    ir_json_free(faces->doc);
    *faces = (struct ir_faces){.doc = NULL};
}
