/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * DetectFaces: bounding box, confidence, and the face's brightness and sharpness. Landmarks, pose,
 * age, emotion and the like are absent, because a cascade does not know them; asking for them by
 * name is refused.
 */
#include "plugins/local/operation.h"

#include <string.h>

#include "plugins/local/properties.h"
#include "plugins/local/refuse.h"

#define MAX_ATTRIBUTES 32

static int check_attributes(const struct ir_json_value *input, struct ir_error *err)
{
    const struct ir_json_value *attributes = NULL;
    int rc = input_array(input, "Attributes", MAX_ATTRIBUTES, &attributes, err);
    if (rc != 0)
        return rc;
    for (size_t i = 0; i < ir_json_count(attributes); i++) {
        const char *name = ir_json_string(ir_json_at(attributes, i), NULL, NULL);
        if (name == NULL)
            return refuse(err, &refuse_serialization, "Attributes must be strings.");
        if (strcmp(name, "DEFAULT") != 0)
            return refuse(err, &refuse_parameter,
                          "Request has invalid parameters: the local recogniser knows only the "
                          "attributes DEFAULT (box, confidence, quality), not %.32s. Send the "
                          "picture to AWS for others.",
                          name);
    }
    return 0;
}

static void write_faces(const struct evidence *evidence, const struct image *image,
                        struct ir_buf *out)
{
    struct ir_json_writer writer;
    ir_json_writer_init(&writer, out);
    ir_json_begin_object(&writer);
    ir_json_key(&writer, "FaceDetails");
    ir_json_begin_array(&writer);
    for (int i = 0; i < evidence->faces.count; i++) {
        struct ir_box box = evidence_face_box(evidence, i);
        struct quality quality = properties_quality(image, box);
        ir_json_begin_object(&writer);
        output_box(&writer, box);
        ir_json_key(&writer, "Quality");
        ir_json_begin_object(&writer);
        ir_json_member_put_number(&writer, "Brightness", quality.brightness,
                                  OPERATION_NUMBER_DECIMALS);
        ir_json_member_put_number(&writer, "Sharpness", quality.sharpness,
                                  OPERATION_NUMBER_DECIMALS);
        ir_json_end_object(&writer);
        ir_json_member_put_number(&writer, "Confidence", evidence->faces.items[i].confidence_pct,
                                  OPERATION_NUMBER_DECIMALS);
        ir_json_end_object(&writer);
    }
    ir_json_end_array(&writer);
    ir_json_end_object(&writer);
}

int operation_detect_faces(struct local *local, const struct ir_json_value *input,
                           struct answer *answer, struct ir_error *err)
{
    struct image image = {0};
    struct evidence evidence;
    int rc = check_attributes(input, err);
    if (rc == 0)
        rc = input_image(local, input, &image, err);
    if (rc != 0)
        return rc;
    evidence_gather(local->recognisers, &image, LOOK_FACES, &evidence);
    answer->not_finished = evidence.wanted & ~evidence.finished;
    if (answer->not_finished != 0)
        rc = refuse(err, &refuse_internal,
                    "The local face recogniser did not finish within its deadline; whether there "
                    "are faces is not known.");
    else
        write_faces(&evidence, &image, &answer->body);
    evidence_release(&evidence);
    image_release(&image);
    return rc;
}
