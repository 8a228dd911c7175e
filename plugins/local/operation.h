/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rekognition's operations on this machine: from the JSON of a request to the JSON of the answer.
 */
#ifndef PLUGINS_LOCAL_OPERATION_H
#define PLUGINS_LOCAL_OPERATION_H

#include "core/base/buf.h"
#include "core/base/json.h"
#include "plugins/local/evidence.h"
#include "plugins/local/request.h"

#define OPERATION_TARGET_PREFIX "RekognitionService."
#define OPERATION_MODEL_VERSION "local-1.0"
/* Bodies above this are refused with 413 unread. One picture of the limit is 6,990,508 characters
 * of base64; the rest lets pictures somewhat too large be refused in AWS's own words. */
#define OPERATION_MAX_BODY_BYTES (10U << 20)
#define OPERATION_NUMBER_DECIMALS 8

/* POST / with the operation in X-Amz-Target. IR_ERR_SERVICE: refused, with AWS's code in `err`. */
IR_MUST_CHECK int operation_serve(struct request *request, struct answer *answer,
                                  struct ir_error *err);

/* Each reads its own members of `input`, then the picture, and writes the answer's body. */
int operation_detect_labels(struct local *local, const struct ir_json_value *input,
                            struct answer *answer, struct ir_error *err);
int operation_detect_text(struct local *local, const struct ir_json_value *input,
                          struct answer *answer, struct ir_error *err);
int operation_detect_faces(struct local *local, const struct ir_json_value *input,
                           struct answer *answer, struct ir_error *err);

/* Decodes the member Image: Bytes, or S3Object of the local S3. */
IR_MUST_CHECK int input_image(struct local *local, const struct ir_json_value *input,
                              struct image *out, struct ir_error *err);
/*
 * A member with a range. Absent: `*out` stays. A wrong type is a SerializationException, a value
 * out of range an InvalidParameterException; `member` names it in the message.
 */
IR_MUST_CHECK int input_number(const struct ir_json_value *object, const char *member,
                               double minimum, double maximum, double *out, struct ir_error *err);
/* The member as object or array; NULL when absent. */
IR_MUST_CHECK int input_object(const struct ir_json_value *object, const char *member,
                               const struct ir_json_value **out, struct ir_error *err);
IR_MUST_CHECK int input_array(const struct ir_json_value *object, const char *member,
                              size_t max_items, const struct ir_json_value **out,
                              struct ir_error *err);
/* Refuses a `number` with a fraction, as a wrong type. */
IR_MUST_CHECK int input_whole(double number, const char *member, struct ir_error *err);

/* "BoundingBox":{...} */
void output_box(struct ir_json_writer *writer, struct ir_box box);

#endif
