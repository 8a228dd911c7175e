/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Answers of the Rekognition operations that check a picture: moderation, protective equipment,
 * celebrities, and all attributes of faces. Pure. Requests: ir_rekognition_call.
 *
 * Each reader fills `out` on success, to be released by the caller. Texts belong to the answer's
 * document and are "" where the service gave none. Confidences are 0..100. Boxes are upright
 * fractions, turned by `box_orientation` (1 where they are upright already). IR_ERR_RESPONSE: not
 * the operation's answer, or more than IR_CHECK_MAX_ITEMS of a kind; IR_ERR_NOMEM.
 */
#ifndef CORE_SERVICE_REKOGNITION_CHECKS_H
#define CORE_SERVICE_REKOGNITION_CHECKS_H

#include <imgrecog/geometry.h>

#include "core/base/json.h"

#define IR_CHECK_MAX_ITEMS 2000U

/* ---- DetectModerationLabels -------------------------------------------------------------- */

struct ir_moderation_label {
    const char *name;
    const char *parent; /* "" = a top-level category */
    double confidence_pct;
    int level; /* 1..3 of the taxonomy; 0 = not told */
};

struct ir_moderation {
    struct ir_json_doc *doc;
    struct ir_moderation_label *labels;
    size_t count;
    struct ir_content_type {
        const char *name; /* "Animated Content", "Illustrated Content", ... */
        double confidence_pct;
    } *content_types;
    size_t content_type_count;
    const char *model_version;
    const char *project_version;
};
IR_MUST_CHECK int ir_rekognition_read_moderation(const char *json, size_t bytes,
                                                 struct ir_moderation *out, struct ir_error *err);
void ir_moderation_release(struct ir_moderation *moderation);

/* ---- DetectProtectiveEquipment ----------------------------------------------------------- */

/* One piece of equipment on one part of one person; or a part without any: then type is "". */
struct ir_equipment {
    int person_id;
    const char *part; /* "FACE", "HEAD", "LEFT_HAND", "RIGHT_HAND" */
    double part_confidence_pct;
    const char *type; /* "FACE_COVER", "HAND_COVER", "HEAD_COVER" */
    double confidence_pct;
    bool has_box;
    struct ir_box box;
    bool covers; /* it is worn where it belongs */
    double covers_confidence_pct;
};

enum ir_equipment_verdict {
    IR_EQUIPMENT_UNKNOWN, /* no summary was asked for */
    IR_EQUIPMENT_WORN,
    IR_EQUIPMENT_MISSING,
    IR_EQUIPMENT_INDETERMINATE,
};

struct ir_person {
    int id;
    double confidence_pct;
    bool has_box;
    struct ir_box box;
    enum ir_equipment_verdict verdict; /* of the summary */
};

struct ir_protection {
    struct ir_json_doc *doc;
    struct ir_person *persons;
    size_t person_count;
    struct ir_equipment *items; /* by person */
    size_t item_count;
    const char *model_version;
};
IR_MUST_CHECK int ir_rekognition_read_protection(const char *json, size_t bytes,
                                                 int box_orientation, struct ir_protection *out,
                                                 struct ir_error *err);
void ir_protection_release(struct ir_protection *protection);

/* ---- RecognizeCelebrities ---------------------------------------------------------------- */

#define IR_CELEBRITY_MAX_URLS 8

struct ir_celebrity {
    const char *name; /* "" = a face that was not recognised */
    const char *id;
    double match_confidence_pct;
    double face_confidence_pct;
    const char *gender; /* "Male", "Female", "Nonbinary", "Unlisted"; as known, not as seen */
    const char *urls[IR_CELEBRITY_MAX_URLS]; /* without a scheme, as the service gives them */
    size_t url_count;
    bool has_box;
    struct ir_box box;
};

struct ir_celebrities {
    struct ir_json_doc *doc;
    struct ir_celebrity *faces; /* the recognised first */
    size_t count;
    size_t recognized_count;
};
IR_MUST_CHECK int ir_rekognition_read_celebrities(const char *json, size_t bytes,
                                                  int box_orientation, struct ir_celebrities *out,
                                                  struct ir_error *err);
void ir_celebrities_release(struct ir_celebrities *celebrities);

/* ---- DetectFaces, all attributes --------------------------------------------------------- */

enum ir_face_attribute {
    IR_FACE_SMILE,
    IR_FACE_EYEGLASSES,
    IR_FACE_SUNGLASSES,
    IR_FACE_BEARD,
    IR_FACE_MUSTACHE,
    IR_FACE_EYES_OPEN,
    IR_FACE_MOUTH_OPEN,
    IR_FACE_OCCLUDED,
    IR_FACE_ATTRIBUTE_COUNT,
};

struct ir_attribute {
    bool known; /* it was asked for and answered */
    bool value;
    double confidence_pct;
};

#define IR_FACE_MAX_EMOTIONS 16

struct ir_face_details {
    double confidence_pct;
    bool has_box;
    struct ir_box box;
    struct ir_attribute attributes[IR_FACE_ATTRIBUTE_COUNT];
    int age_low, age_high; /* years; -1 = not told */
    const char *gender;    /* as it looks; "" = not told */
    double gender_confidence_pct;
    struct ir_emotion {
        const char *type; /* "HAPPY", ... */
        double confidence_pct;
    } emotions[IR_FACE_MAX_EMOTIONS];
    size_t emotion_count;
    bool has_eye_direction;
    double eye_yaw_deg, eye_pitch_deg;
};

struct ir_faces {
    struct ir_json_doc *doc;
    struct ir_face_details *items;
    size_t count;
};
/* Box, confidence, landmarks, pose and quality go into a result by ir_rekognition_read_faces. */
IR_MUST_CHECK int ir_rekognition_read_face_details(const char *json, size_t bytes,
                                                   int box_orientation, struct ir_faces *out,
                                                   struct ir_error *err);
void ir_faces_release(struct ir_faces *faces);

#endif
