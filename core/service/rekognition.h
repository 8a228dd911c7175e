/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Amazon Rekognition: for each operation the request's body and the answer's reading. Pure: sends
 * nothing, waits for nothing.
 * Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/ and botocore's model
 * rekognition/2016-06-27.
 */
#ifndef CORE_SERVICE_REKOGNITION_H
#define CORE_SERVICE_REKOGNITION_H

#include <math.h>

#include "core/result/result.h"
#include "core/service/request.h"

#define IR_REKOGNITION_CONTENT_TYPE "application/x-amz-json-1.1"

/* Limits on a picture that is sent inline. */
#define IR_REKOGNITION_MAX_INLINE_BYTES 5242880U
#define IR_REKOGNITION_MIN_SIDE_PX 80
#define IR_REKOGNITION_MAX_SIDE_PX 10000

/* ---- requests ---------------------------------------------------------------------------- */

enum ir_rekognition_operation {
    IR_REKOGNITION_DETECT_LABELS,
    IR_REKOGNITION_DETECT_MODERATION_LABELS,
    IR_REKOGNITION_DETECT_TEXT,
    IR_REKOGNITION_DETECT_FACES,
    IR_REKOGNITION_DETECT_PROTECTIVE_EQUIPMENT,
    IR_REKOGNITION_RECOGNIZE_CELEBRITIES,
};

/* Borrowed. */
struct ir_name_list {
    const char *const *items;
    size_t count;
};
#define IR_REKOGNITION_MAX_FILTER_NAMES 100

/*
 * Begin with IR_REKOGNITION_OPTIONS_INIT. NULL, 0, NaN and empty lists are left out, and the
 * service's own value counts; what an operation does not know is not looked at.
 */
struct ir_rekognition_options {
    const struct ir_body_piece *picture; /* NULL = in S3, in the region that is asked */
    const char *s3_bucket;
    const char *s3_key;
    const char *s3_version;
    double min_confidence_pct;          /* labels, moderation, words, equipment's summary */
    unsigned max_labels;                /* DetectLabels: 1..1000 */
    bool image_properties;              /* DetectLabels: colours and quality too */
    bool only_image_properties;         /* and no labels */
    struct ir_name_list include_labels; /* DetectLabels; each at most 100 names */
    struct ir_name_list exclude_labels;
    struct ir_name_list include_categories;
    struct ir_name_list exclude_categories;
    int max_dominant_colors;     /* DetectLabels: 0..20; -1 = left out */
    const char *project_version; /* DetectModerationLabels: an adapter */
    double min_word_height_frac; /* DetectText */
    double min_word_width_frac;
    struct ir_name_list attributes;         /* DetectFaces: "DEFAULT", "ALL" or single ones */
    struct ir_name_list required_equipment; /* "FACE_COVER", "HAND_COVER", "HEAD_COVER" */
};
#define IR_REKOGNITION_OPTIONS_INIT                                                                \
    {.min_confidence_pct = NAN,                                                                    \
     .max_dominant_colors = -1,                                                                    \
     .min_word_height_frac = NAN,                                                                  \
     .min_word_width_frac = NAN}

/*
 * Builds the operation's request, ready for ir_aws_call; release it after success. IR_ERR_ARG:
 * neither a picture nor an object in S3, a number out of its range, too many names, equipment
 * without a confidence; IR_ERR_TOO_LARGE: words of more than the request may hold; IR_ERR_NOMEM.
 */
IR_MUST_CHECK int ir_rekognition_call(enum ir_rekognition_operation operation,
                                      const struct ir_rekognition_options *options,
                                      struct ir_request *out, struct ir_error *err);

/* ---- answers ----------------------------------------------------------------------------- */

/*
 * Each adds what the answer holds to `result`. Boxes of the service are turned by
 * `box_orientation` (1 where they are upright already). IR_ERR_RESPONSE: not the operation's
 * answer. IR_ERR_NOMEM. On failure `result` may hold a part.
 */
IR_MUST_CHECK int ir_rekognition_read_labels(const char *json, size_t bytes, int box_orientation,
                                             struct ir_result *result, struct ir_error *err);
IR_MUST_CHECK int ir_rekognition_read_text(const char *json, size_t bytes, int box_orientation,
                                           struct ir_result *result, struct ir_error *err);
IR_MUST_CHECK int ir_rekognition_read_faces(const char *json, size_t bytes, int box_orientation,
                                            struct ir_result *result, struct ir_error *err);

#endif
