/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Amazon Rekognition's requests. Each is
 *
 *     {"Image":{"Bytes":"<base64 of the picture>"},"MaxLabels":10,...}
 *
 * with the picture as a piece of its own, so that no text of its size is built.
 */
#include "core/service/rekognition.h"

#include "core/base/error.h"

#define NUMBER_DECIMALS 4
#define LIMIT_MAX_LABELS 1000U
#define LIMIT_MAX_COLORS 20

static const char *const targets[] = {
    [IR_REKOGNITION_DETECT_LABELS] = "RekognitionService.DetectLabels",
    [IR_REKOGNITION_DETECT_MODERATION_LABELS] = "RekognitionService.DetectModerationLabels",
    [IR_REKOGNITION_DETECT_TEXT] = "RekognitionService.DetectText",
    [IR_REKOGNITION_DETECT_FACES] = "RekognitionService.DetectFaces",
    [IR_REKOGNITION_DETECT_PROTECTIVE_EQUIPMENT] = "RekognitionService.DetectProtectiveEquipment",
    [IR_REKOGNITION_RECOGNIZE_CELEBRITIES] = "RekognitionService.RecognizeCelebrities",
};

/* ---- checking ---------------------------------------------------------------------------- */

static int fail(struct ir_error *err, const char *cause)
{
    ir_fail(err, IR_ERR_ARG, "%s", cause);
    ir_error_set_service(err, ir_service_rekognition.title);
    return IR_ERR_ARG;
}

static bool is_within(double number, double max)
{
    return isnan(number) || (number >= 0.0 && number <= max);
}

static bool fits(struct ir_name_list names)
{
    return names.count <= IR_REKOGNITION_MAX_FILTER_NAMES;
}

static int check(const struct ir_rekognition_options *options, struct ir_error *err)
{
    if (options->picture == NULL && (options->s3_bucket == NULL || options->s3_key == NULL))
        return fail(err, "there is neither a picture nor an object in S3 to look at");
    if (!is_within(options->min_confidence_pct, 100.0))
        return fail(err, "the smallest confidence must be between 0 and 100");
    if (options->max_labels > LIMIT_MAX_LABELS)
        return fail(err, "the number of labels must be between 1 and 1000");
    if (options->max_dominant_colors > LIMIT_MAX_COLORS)
        return fail(err, "the number of dominant colours must be between 0 and 20");
    if (!is_within(options->min_word_height_frac, 1.0) ||
        !is_within(options->min_word_width_frac, 1.0))
        return fail(err, "the smallest size of a word must be between 0 and 1");
    if (!fits(options->include_labels) || !fits(options->exclude_labels) ||
        !fits(options->include_categories) || !fits(options->exclude_categories))
        return fail(err, "a filter has at most 100 names");
    if (options->required_equipment.count > 0 && isnan(options->min_confidence_pct))
        return fail(err, "required equipment needs a smallest confidence");
    return 0;
}

/* ---- members ----------------------------------------------------------------------------- */

static void put_names(struct ir_json_writer *json, const char *member, struct ir_name_list names)
{
    if (names.count == 0)
        return;
    ir_json_key(json, member);
    ir_json_begin_array(json);
    for (size_t i = 0; i < names.count; i++)
        ir_json_put_string(json, names.items[i]);
    ir_json_end_array(json);
}

static void put_number(struct ir_json_writer *json, const char *member, double number)
{
    if (!isnan(number))
        ir_json_member_put_number(json, member, number, NUMBER_DECIMALS);
}

static void put_text(struct ir_json_writer *json, const char *member, const char *text)
{
    if (text != NULL)
        ir_json_member_put_string(json, member, text);
}

static void put_image(struct ir_json_body *body, const struct ir_rekognition_options *options)
{
    struct ir_json_writer *json = &body->json;
    ir_json_key(json, "Image");
    ir_json_begin_object(json);
    if (options->picture != NULL) {
        ir_json_key(json, "Bytes");
        ir_json_body_put_picture(body, options->picture);
    } else {
        ir_json_key(json, "S3Object");
        ir_json_begin_object(json);
        ir_json_member_put_string(json, "Bucket", options->s3_bucket);
        ir_json_member_put_string(json, "Name", options->s3_key);
        put_text(json, "Version", options->s3_version);
        ir_json_end_object(json);
    }
    ir_json_end_object(json);
}

static void put_features(struct ir_json_writer *json, const struct ir_rekognition_options *options)
{
    static const char *const both[] = {"GENERAL_LABELS", "IMAGE_PROPERTIES"};
    struct ir_name_list features = {both, 0};
    if (options->only_image_properties)
        features = (struct ir_name_list){both + 1, 1};
    else if (options->image_properties)
        features.count = 2;
    put_names(json, "Features", features);
}

static void put_label_settings(struct ir_json_writer *json,
                               const struct ir_rekognition_options *options)
{
    bool has_filters = options->include_labels.count + options->exclude_labels.count +
                           options->include_categories.count + options->exclude_categories.count >
                       0;
    bool has_colors = options->max_dominant_colors >= 0;
    if (!has_filters && !has_colors)
        return;
    ir_json_key(json, "Settings");
    ir_json_begin_object(json);
    if (has_filters) {
        ir_json_key(json, "GeneralLabels");
        ir_json_begin_object(json);
        put_names(json, "LabelInclusionFilters", options->include_labels);
        put_names(json, "LabelExclusionFilters", options->exclude_labels);
        put_names(json, "LabelCategoryInclusionFilters", options->include_categories);
        put_names(json, "LabelCategoryExclusionFilters", options->exclude_categories);
        ir_json_end_object(json);
    }
    if (has_colors) {
        ir_json_key(json, "ImageProperties");
        ir_json_begin_object(json);
        ir_json_member_put_integer(json, "MaxDominantColors", options->max_dominant_colors);
        ir_json_end_object(json);
    }
    ir_json_end_object(json);
}

static void put_labels(struct ir_json_writer *json, const struct ir_rekognition_options *options)
{
    if (options->max_labels > 0)
        ir_json_member_put_integer(json, "MaxLabels", options->max_labels);
    put_number(json, "MinConfidence", options->min_confidence_pct);
    put_features(json, options);
    put_label_settings(json, options);
}

static void put_word_filter(struct ir_json_writer *json,
                            const struct ir_rekognition_options *options)
{
    if (isnan(options->min_confidence_pct) && isnan(options->min_word_height_frac) &&
        isnan(options->min_word_width_frac))
        return;
    ir_json_key(json, "Filters");
    ir_json_begin_object(json);
    ir_json_key(json, "WordFilter");
    ir_json_begin_object(json);
    put_number(json, "MinConfidence", options->min_confidence_pct);
    put_number(json, "MinBoundingBoxHeight", options->min_word_height_frac);
    put_number(json, "MinBoundingBoxWidth", options->min_word_width_frac);
    ir_json_end_object(json);
    ir_json_end_object(json);
}

static void put_equipment(struct ir_json_writer *json, const struct ir_rekognition_options *options)
{
    if (options->required_equipment.count == 0)
        return;
    ir_json_key(json, "SummarizationAttributes");
    ir_json_begin_object(json);
    put_number(json, "MinConfidence", options->min_confidence_pct);
    put_names(json, "RequiredEquipmentTypes", options->required_equipment);
    ir_json_end_object(json);
}

static void put_options(enum ir_rekognition_operation operation, struct ir_json_writer *json,
                        const struct ir_rekognition_options *options)
{
    switch (operation) {
    case IR_REKOGNITION_DETECT_LABELS:
        put_labels(json, options);
        break;
    case IR_REKOGNITION_DETECT_MODERATION_LABELS:
        put_number(json, "MinConfidence", options->min_confidence_pct);
        put_text(json, "ProjectVersion", options->project_version);
        break;
    case IR_REKOGNITION_DETECT_TEXT:
        put_word_filter(json, options);
        break;
    case IR_REKOGNITION_DETECT_FACES:
        put_names(json, "Attributes", options->attributes);
        break;
    case IR_REKOGNITION_DETECT_PROTECTIVE_EQUIPMENT:
        put_equipment(json, options);
        break;
    case IR_REKOGNITION_RECOGNIZE_CELEBRITIES:
        break;
    }
}

int ir_rekognition_call(enum ir_rekognition_operation operation,
                        const struct ir_rekognition_options *options, struct ir_request *out,
                        struct ir_error *err)
{
    int rc = check(options, err);
    if (rc != 0)
        return rc;
    ir_request_init_json(out, &ir_service_rekognition, targets[operation],
                         IR_REKOGNITION_CONTENT_TYPE);
    ir_json_begin_object(&out->json.json);
    put_image(&out->json, options);
    put_options(operation, &out->json.json, options);
    ir_json_end_object(&out->json.json);
    return ir_request_finish(out, NULL, err);
}
