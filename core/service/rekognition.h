/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Amazon Rekognition: for each operation the request's body and the answer's reading. Pure: sends
 * nothing, waits for nothing.
 * Source: https://docs.aws.amazon.com/rekognition/latest/APIReference/ and botocore's model
 * rekognition/2016-06-27.
 */
#ifndef CORE_SERVICE_REKOGNITION_H
#define CORE_SERVICE_REKOGNITION_H

#include "core/aws/http.h"
#include "core/result/result.h"

#define IR_REKOGNITION_CONTENT_TYPE "application/x-amz-json-1.1"

/* Limits on a picture that is sent inline. */
#define IR_REKOGNITION_MAX_INLINE_BYTES 5242880U
#define IR_REKOGNITION_MIN_SIDE_PX 80
#define IR_REKOGNITION_MAX_SIDE_PX 10000

struct ir_rekognition_labels_request {
    unsigned max_labels;       /* 1..1000 */
    double min_confidence_pct; /* 0..100 */
    bool image_properties;
};

/* A request that is ready to be sent: its target and its body. */
struct ir_rekognition_request {
    const char *target; /* static */
    struct ir_buf tail; /* what stands behind the picture */
    struct ir_span tail_span;
    struct ir_body body; /* points into this struct: do not copy it */
};

/* Each initialises `out` (release it after success). `picture` is borrowed while `out` is used. */
IR_MUST_CHECK int ir_rekognition_detect_labels(const struct ir_rekognition_labels_request *options,
                                               const struct ir_body_piece *picture,
                                               struct ir_rekognition_request *out,
                                               struct ir_error *err);
/* min_confidence_pct: of words; lines come with them. */
IR_MUST_CHECK int ir_rekognition_detect_text(double min_confidence_pct,
                                             const struct ir_body_piece *picture,
                                             struct ir_rekognition_request *out,
                                             struct ir_error *err);
IR_MUST_CHECK int ir_rekognition_detect_faces(const struct ir_body_piece *picture,
                                              struct ir_rekognition_request *out,
                                              struct ir_error *err);
void ir_rekognition_request_release(struct ir_rekognition_request *request);

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
