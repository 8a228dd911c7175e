/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rekognition's operations on this machine: from the JSON of a request to the JSON of the answer.
 * Knows nothing of HTTP or signatures.
 */
#ifndef PLUGINS_LOCAL_OPERATION_H
#define PLUGINS_LOCAL_OPERATION_H

#include "core/base/buf.h"
#include "core/base/json.h"
#include "plugins/local/evidence.h"

#define OPERATION_TARGET_PREFIX "RekognitionService."
#define OPERATION_MODEL_VERSION "local-1.0"
#define OPERATION_MAX_ANSWER_BYTES (4U << 20)
#define OPERATION_NUMBER_DECIMALS 8

struct answer {
    struct ir_buf body;    /* JSON */
    unsigned not_finished; /* LOOK_... that ran out of time; what they would say is unknown */
};

/*
 * `target` is the header X-Amz-Target, NULL when absent. The answer's body is initialised by the
 * caller. IR_ERR_SERVICE: refused, with AWS's error code in `err`.
 */
IR_MUST_CHECK int operation_run(const struct recognisers *recognisers, const char *target,
                                const struct ir_buf *body, struct answer *answer,
                                struct ir_error *err);

/* Each reads its own members of `input`, then the picture, and writes the answer's body. */
int operation_detect_labels(const struct recognisers *recognisers,
                            const struct ir_json_value *input, struct answer *answer,
                            struct ir_error *err);
int operation_detect_text(const struct recognisers *recognisers, const struct ir_json_value *input,
                          struct answer *answer, struct ir_error *err);
int operation_detect_faces(const struct recognisers *recognisers, const struct ir_json_value *input,
                           struct answer *answer, struct ir_error *err);

/* Decodes the member Image. Refuses S3Object: there is no S3 here. */
IR_MUST_CHECK int input_image(const struct ir_json_value *input, struct image *out,
                              struct ir_error *err);
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
