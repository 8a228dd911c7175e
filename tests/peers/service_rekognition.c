/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rekognition's operations for service_call. */
#include "tests/peers/service_call.h"

#include "core/service/rekognition.h"
#include "core/service/rekognition_checks.h"

#define DECIMALS 6

static struct ir_name_list names_of(struct run *run, const struct ir_json_value *object,
                                    const char *member)
{
    struct ir_name_list names;
    names.items = texts_of(run, ir_json_get(object, member), &names.count);
    return names;
}

static struct ir_rekognition_options options_of(struct run *run)
{
    struct ir_rekognition_options options = IR_REKOGNITION_OPTIONS_INIT;
    const struct ir_json_value *params = run->params;
    const struct ir_json_value *image = ir_json_get(params, "Image");
    const struct ir_json_value *object = ir_json_get(image, "S3Object");
    const struct ir_json_value *settings = ir_json_get(params, "Settings");
    const struct ir_json_value *labels = ir_json_get(settings, "GeneralLabels");
    const struct ir_json_value *colors = ir_json_get(settings, "ImageProperties");
    const struct ir_json_value *words = ir_json_get(ir_json_get(params, "Filters"), "WordFilter");
    const struct ir_json_value *summary = ir_json_get(params, "SummarizationAttributes");
    const struct ir_json_value *confident = summary != NULL ? summary : words;
    options.picture = blob_of(run, image, "Bytes", true);
    options.s3_bucket = text_of(object, "Bucket");
    options.s3_key = text_of(object, "Name");
    options.s3_version = text_of(object, "Version");
    options.min_confidence_pct = number_of(confident != NULL ? confident : params, "MinConfidence");
    options.max_labels = (unsigned)ir_json_number(ir_json_get(params, "MaxLabels"), 0);
    options.image_properties = ir_json_count(ir_json_get(params, "Features")) == 2;
    options.only_image_properties = ir_json_count(ir_json_get(params, "Features")) == 1;
    options.include_labels = names_of(run, labels, "LabelInclusionFilters");
    options.exclude_labels = names_of(run, labels, "LabelExclusionFilters");
    options.include_categories = names_of(run, labels, "LabelCategoryInclusionFilters");
    options.exclude_categories = names_of(run, labels, "LabelCategoryExclusionFilters");
    options.max_dominant_colors = (int)ir_json_number(ir_json_get(colors, "MaxDominantColors"), -1);
    options.project_version = text_of(params, "ProjectVersion");
    options.min_word_height_frac = number_of(words, "MinBoundingBoxHeight");
    options.min_word_width_frac = number_of(words, "MinBoundingBoxWidth");
    options.attributes = names_of(run, params, "Attributes");
    options.required_equipment = names_of(run, summary, "RequiredEquipmentTypes");
    return options;
}

static int call(struct run *run, enum ir_rekognition_operation operation, struct ir_error *err)
{
    struct ir_request request;
    struct ir_rekognition_options options = options_of(run);
    int rc = ir_rekognition_call(operation, &options, &request, err);
    return rc == 0 ? send_request(run, &request, err) : rc;
}

static void put_pct(struct run *run, const char *member, double pct)
{
    ir_json_member_put_number(&run->out, member, pct, DECIMALS);
}

static void put_box(struct run *run, bool has_box, const struct ir_box *box)
{
    if (!has_box)
        return;
    ir_json_key(&run->out, "BoundingBox");
    ir_json_begin_object(&run->out);
    put_pct(run, "Left", box->left_frac);
    put_pct(run, "Top", box->top_frac);
    put_pct(run, "Width", box->width_frac);
    put_pct(run, "Height", box->height_frac);
    ir_json_end_object(&run->out);
}

static void open_list(struct run *run, const char *member)
{
    ir_json_key(&run->out, member);
    ir_json_begin_array(&run->out);
}

/* Of labels and words: rekognition_model.py compares the whole document; here only that one comes.
 */
static int run_result(struct run *run, enum ir_rekognition_operation operation,
                      struct ir_error *err)
{
    const char *json;
    struct ir_result *result = ir_result_new();
    bool is_text = operation == IR_REKOGNITION_DETECT_TEXT;
    int rc = call(run, operation, err);
    json = ir_buf_text(&run->response.body);
    if (rc == 0 && is_text)
        rc = ir_rekognition_read_text(json, run->response.body.bytes, 1, result, err);
    else if (rc == 0)
        rc = ir_rekognition_read_labels(json, run->response.body.bytes, 1, result, err);
    if (rc == 0)
        ir_json_member_put_string(&run->out, is_text ? "TextModelVersion" : "LabelModelVersion",
                                  is_text ? result->text_model_version
                                          : result->label_model_version);
    ir_result_free(result);
    return rc;
}

int run_labels(struct run *run, struct ir_error *err)
{
    return run_result(run, IR_REKOGNITION_DETECT_LABELS, err);
}

int run_text(struct run *run, struct ir_error *err)
{
    return run_result(run, IR_REKOGNITION_DETECT_TEXT, err);
}

int run_moderation(struct run *run, struct ir_error *err)
{
    struct ir_moderation read;
    int rc = call(run, IR_REKOGNITION_DETECT_MODERATION_LABELS, err);
    if (rc == 0)
        rc = ir_rekognition_read_moderation(ir_buf_text(&run->response.body),
                                            run->response.body.bytes, &read, err);
    if (rc != 0)
        return rc;
    open_list(run, "ModerationLabels");
    for (size_t i = 0; i < read.count; i++) {
        ir_json_begin_object(&run->out);
        ir_json_member_put_string(&run->out, "Name", read.labels[i].name);
        ir_json_member_put_string(&run->out, "ParentName", read.labels[i].parent);
        ir_json_member_put_integer(&run->out, "TaxonomyLevel", read.labels[i].level);
        put_pct(run, "Confidence", read.labels[i].confidence_pct);
        ir_json_end_object(&run->out);
    }
    ir_json_end_array(&run->out);
    open_list(run, "ContentTypes");
    for (size_t i = 0; i < read.content_type_count; i++) {
        ir_json_begin_object(&run->out);
        ir_json_member_put_string(&run->out, "Name", read.content_types[i].name);
        put_pct(run, "Confidence", read.content_types[i].confidence_pct);
        ir_json_end_object(&run->out);
    }
    ir_json_end_array(&run->out);
    ir_json_member_put_string(&run->out, "ModerationModelVersion", read.model_version);
    ir_json_member_put_string(&run->out, "ProjectVersion", read.project_version);
    ir_moderation_release(&read);
    return 0;
}

static void put_attribute(struct run *run, const char *member, const struct ir_attribute *attribute)
{
    if (!attribute->known)
        return;
    ir_json_key(&run->out, member);
    ir_json_begin_object(&run->out);
    ir_json_member_put_bool(&run->out, "Value", attribute->value);
    put_pct(run, "Confidence", attribute->confidence_pct);
    ir_json_end_object(&run->out);
}

static void put_face(struct run *run, const struct ir_face_details *face)
{
    static const char *const names[] = {"Smile",    "Eyeglasses", "Sunglasses", "Beard",
                                        "Mustache", "EyesOpen",   "MouthOpen",  "FaceOccluded"};
    ir_json_begin_object(&run->out);
    put_box(run, face->has_box, &face->box);
    put_pct(run, "Confidence", face->confidence_pct);
    for (size_t i = 0; i < IR_FACE_ATTRIBUTE_COUNT; i++)
        put_attribute(run, names[i], &face->attributes[i]);
    ir_json_key(&run->out, "AgeRange");
    ir_json_begin_object(&run->out);
    ir_json_member_put_integer(&run->out, "Low", face->age_low);
    ir_json_member_put_integer(&run->out, "High", face->age_high);
    ir_json_end_object(&run->out);
    ir_json_key(&run->out, "Gender");
    ir_json_begin_object(&run->out);
    ir_json_member_put_string(&run->out, "Value", face->gender);
    put_pct(run, "Confidence", face->gender_confidence_pct);
    ir_json_end_object(&run->out);
    open_list(run, "Emotions");
    for (size_t i = 0; i < face->emotion_count; i++) {
        ir_json_begin_object(&run->out);
        ir_json_member_put_string(&run->out, "Type", face->emotions[i].type);
        put_pct(run, "Confidence", face->emotions[i].confidence_pct);
        ir_json_end_object(&run->out);
    }
    ir_json_end_array(&run->out);
    ir_json_key(&run->out, "EyeDirection");
    ir_json_begin_object(&run->out);
    put_pct(run, "Yaw", face->eye_yaw_deg);
    put_pct(run, "Pitch", face->eye_pitch_deg);
    ir_json_end_object(&run->out);
    ir_json_end_object(&run->out);
}

int run_faces(struct run *run, struct ir_error *err)
{
    struct ir_faces read;
    int rc = call(run, IR_REKOGNITION_DETECT_FACES, err);
    if (rc == 0)
        rc = ir_rekognition_read_face_details(ir_buf_text(&run->response.body),
                                              run->response.body.bytes, 1, &read, err);
    if (rc != 0)
        return rc;
    open_list(run, "FaceDetails");
    for (size_t i = 0; i < read.count; i++)
        put_face(run, &read.items[i]);
    ir_json_end_array(&run->out);
    ir_faces_release(&read);
    return 0;
}

/* Rows of our list, taken together again as the service has them. */
static void put_parts(struct run *run, const struct ir_protection *read, int person_id)
{
    open_list(run, "BodyParts");
    for (size_t i = 0; i < read->item_count;) {
        const struct ir_equipment *part = &read->items[i];
        if (part->person_id != person_id) {
            i++;
            continue;
        }
        ir_json_begin_object(&run->out);
        ir_json_member_put_string(&run->out, "Name", part->part);
        put_pct(run, "Confidence", part->part_confidence_pct);
        open_list(run, "EquipmentDetections");
        for (; i < read->item_count && read->items[i].part == part->part &&
               read->items[i].person_id == person_id;
             i++) {
            const struct ir_equipment *item = &read->items[i];
            const struct ir_attribute covers = {true, item->covers, item->covers_confidence_pct};
            ir_json_begin_object(&run->out);
            put_box(run, item->has_box, &item->box);
            put_pct(run, "Confidence", item->confidence_pct);
            ir_json_member_put_string(&run->out, "Type", item->type);
            put_attribute(run, "CoversBodyPart", &covers);
            ir_json_end_object(&run->out);
        }
        ir_json_end_array(&run->out);
        ir_json_end_object(&run->out);
    }
    ir_json_end_array(&run->out);
}

int run_protection(struct run *run, struct ir_error *err)
{
    struct ir_protection read;
    int rc = call(run, IR_REKOGNITION_DETECT_PROTECTIVE_EQUIPMENT, err);
    if (rc == 0)
        rc = ir_rekognition_read_protection(ir_buf_text(&run->response.body),
                                            run->response.body.bytes, 1, &read, err);
    if (rc != 0)
        return rc;
    open_list(run, "Persons");
    for (size_t i = 0; i < read.person_count; i++) {
        ir_json_begin_object(&run->out);
        ir_json_member_put_integer(&run->out, "Id", read.persons[i].id);
        put_pct(run, "Confidence", read.persons[i].confidence_pct);
        put_box(run, read.persons[i].has_box, &read.persons[i].box);
        put_parts(run, &read, read.persons[i].id);
        ir_json_end_object(&run->out);
    }
    ir_json_end_array(&run->out);
    ir_json_member_put_string(&run->out, "ProtectiveEquipmentModelVersion", read.model_version);
    ir_protection_release(&read);
    return 0;
}

static void put_celebrity(struct run *run, const struct ir_celebrity *face)
{
    ir_json_begin_object(&run->out);
    ir_json_member_put_string(&run->out, "Name", face->name);
    ir_json_member_put_string(&run->out, "Id", face->id);
    put_pct(run, "MatchConfidence", face->match_confidence_pct);
    ir_json_key(&run->out, "KnownGender");
    ir_json_begin_object(&run->out);
    ir_json_member_put_string(&run->out, "Type", face->gender);
    ir_json_end_object(&run->out);
    open_list(run, "Urls");
    for (size_t i = 0; i < face->url_count; i++)
        ir_json_put_string(&run->out, face->urls[i]);
    ir_json_end_array(&run->out);
    ir_json_key(&run->out, "Face");
    ir_json_begin_object(&run->out);
    put_box(run, face->has_box, &face->box);
    put_pct(run, "Confidence", face->face_confidence_pct);
    ir_json_end_object(&run->out);
    ir_json_end_object(&run->out);
}

int run_celebrities(struct run *run, struct ir_error *err)
{
    struct ir_celebrities read;
    int rc = call(run, IR_REKOGNITION_RECOGNIZE_CELEBRITIES, err);
    if (rc == 0)
        rc = ir_rekognition_read_celebrities(ir_buf_text(&run->response.body),
                                             run->response.body.bytes, 1, &read, err);
    if (rc != 0)
        return rc;
    open_list(run, "CelebrityFaces");
    for (size_t i = 0; i < read.recognized_count; i++)
        put_celebrity(run, &read.faces[i]);
    ir_json_end_array(&run->out);
    open_list(run, "UnrecognizedFaces");
    for (size_t i = read.recognized_count; i < read.count; i++) {
        ir_json_begin_object(&run->out);
        put_box(run, read.faces[i].has_box, &read.faces[i].box);
        put_pct(run, "Confidence", read.faces[i].face_confidence_pct);
        ir_json_end_object(&run->out);
    }
    ir_json_end_array(&run->out);
    ir_celebrities_release(&read);
    return 0;
}
