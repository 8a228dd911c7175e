/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * DetectLabels with both its features, GENERAL_LABELS and IMAGE_PROPERTIES, and their settings.
 * ImageProperties has no Foreground and Background: what is in front of what is not known here.
 * When only some recognisers finished, the answer holds what they found and says in a header which
 * did not; when none did, the request fails.
 */
#include "plugins/local/operation.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/base/alloc.h"
#include "plugins/local/labels.h"
#include "plugins/local/properties.h"
#include "plugins/local/refuse.h"

#define DEFAULT_MIN_CONFIDENCE_PCT 55.0
#define DEFAULT_MAX_COLORS 10
#define MAX_FEATURES 2
#define MAX_FILTER_ITEMS 100
#define MAX_FILTER_BYTES 50

enum feature {
    FEATURE_LABELS = 1,
    FEATURE_PROPERTIES = 2,
};

/* Filters are borrowed arrays of strings, NULL when absent. */
struct options {
    double min_confidence_pct;
    double max_labels;
    double max_colors;
    unsigned features;
    const struct ir_json_value *include_labels;
    const struct ir_json_value *exclude_labels;
    const struct ir_json_value *include_categories;
    const struct ir_json_value *exclude_categories;
};

/* ---- reading ----------------------------------------------------------------------------- */

static int read_features(const struct ir_json_value *input, unsigned *out, struct ir_error *err)
{
    const struct ir_json_value *features = NULL;
    int rc = input_array(input, "Features", MAX_FEATURES, &features, err);
    if (rc != 0)
        return rc;
    *out = ir_json_count(features) == 0 ? FEATURE_LABELS : 0;
    for (size_t i = 0; i < ir_json_count(features); i++) {
        const char *name = ir_json_string(ir_json_at(features, i), NULL, NULL);
        if (name == NULL)
            return refuse(err, &refuse_serialization, "Features must be strings.");
        if (strcmp(name, "GENERAL_LABELS") == 0)
            *out |= FEATURE_LABELS;
        else if (strcmp(name, "IMAGE_PROPERTIES") == 0)
            *out |= FEATURE_PROPERTIES;
        else
            return refuse(err, &refuse_parameter,
                          "Request has invalid parameters: Features are GENERAL_LABELS and "
                          "IMAGE_PROPERTIES.");
    }
    return 0;
}

static int read_filter(const struct ir_json_value *settings, const char *member,
                       const struct ir_json_value **out, struct ir_error *err)
{
    int rc = input_array(settings, member, MAX_FILTER_ITEMS, out, err);
    for (size_t i = 0; rc == 0 && i < ir_json_count(*out); i++) {
        size_t bytes = 0;
        if (ir_json_string(ir_json_at(*out, i), &bytes, NULL) == NULL)
            rc = refuse(err, &refuse_serialization, "%s must be strings.", member);
        else if (bytes > MAX_FILTER_BYTES)
            rc = refuse(err, &refuse_parameter,
                        "Request has invalid parameters: an item of %s is longer than %d bytes.",
                        member, MAX_FILTER_BYTES);
    }
    return rc;
}

static int read_settings(const struct ir_json_value *input, struct options *out,
                         struct ir_error *err)
{
    const struct ir_json_value *settings = NULL;
    const struct ir_json_value *general = NULL;
    const struct ir_json_value *properties = NULL;
    int rc = input_object(input, "Settings", &settings, err);
    if (rc == 0)
        rc = input_object(settings, "GeneralLabels", &general, err);
    if (rc == 0)
        rc = input_object(settings, "ImageProperties", &properties, err);
    if (rc == 0)
        rc = read_filter(general, "LabelInclusionFilters", &out->include_labels, err);
    if (rc == 0)
        rc = read_filter(general, "LabelExclusionFilters", &out->exclude_labels, err);
    if (rc == 0)
        rc = read_filter(general, "LabelCategoryInclusionFilters", &out->include_categories, err);
    if (rc == 0)
        rc = read_filter(general, "LabelCategoryExclusionFilters", &out->exclude_categories, err);
    if (rc == 0)
        rc = input_number(properties, "MaxDominantColors", 0, PROPERTIES_MAX_COLORS,
                          &out->max_colors, err);
    return rc;
}

static int read_options(const struct ir_json_value *input, struct options *out,
                        struct ir_error *err)
{
    *out = (struct options){.min_confidence_pct = DEFAULT_MIN_CONFIDENCE_PCT,
                            .max_labels = INT_MAX,
                            .max_colors = DEFAULT_MAX_COLORS};
    int rc = input_number(input, "MinConfidence", 0, 100, &out->min_confidence_pct, err);
    if (rc == 0)
        rc = input_number(input, "MaxLabels", 0, INT_MAX, &out->max_labels, err);
    if (rc == 0)
        rc = input_whole(out->max_labels, "MaxLabels", err);
    if (rc == 0)
        rc = read_features(input, &out->features, err);
    if (rc == 0)
        rc = read_settings(input, out, err);
    if (rc == 0)
        rc = input_whole(out->max_colors, "MaxDominantColors", err);
    return rc;
}

/* ---- choosing ---------------------------------------------------------------------------- */

static bool names(const struct ir_json_value *filter, const char *name)
{
    for (size_t i = 0; name != NULL && i < ir_json_count(filter); i++)
        if (strcasecmp(ir_json_string(ir_json_at(filter, i), NULL, ""), name) == 0)
            return true;
    return false;
}

static bool passes_filters(const struct options *options, const char *name, const char *category)
{
    bool any_inclusion =
        ir_json_count(options->include_labels) + ir_json_count(options->include_categories) > 0;
    if (names(options->exclude_labels, name) || names(options->exclude_categories, category))
        return false;
    return !any_inclusion || names(options->include_labels, name) ||
           names(options->include_categories, category);
}

static bool is_wanted(const struct options *options, const struct label *label)
{
    return label->confidence_pct >= options->min_confidence_pct &&
           passes_filters(options, label->name, label->category);
}

/* The recognisers whose labels may pass: the others need not run, nor be waited for. */
static unsigned wanted_looks(const struct options *options)
{
    unsigned looks = 0;
    const struct label_fact *fact;
    if ((options->features & FEATURE_LABELS) == 0)
        return 0;
    for (size_t i = 0; (fact = labels_fact(i)) != NULL; i++)
        if (passes_filters(options, fact->name, fact->category))
            looks |= fact->looks;
    return looks;
}

/* ---- writing ----------------------------------------------------------------------------- */

/* "member":[{"Name":name}], empty when `name` is NULL. */
static void write_name(struct ir_json_writer *writer, const char *member, const char *name)
{
    ir_json_key(writer, member);
    ir_json_begin_array(writer);
    if (name != NULL) {
        ir_json_begin_object(writer);
        ir_json_member_put_string(writer, "Name", name);
        ir_json_end_object(writer);
    }
    ir_json_end_array(writer);
}

static void write_parents(struct ir_json_writer *writer, const struct label *label)
{
    ir_json_key(writer, "Parents");
    ir_json_begin_array(writer);
    for (int i = 0; i < LABEL_MAX_NAMES && label->parents[i] != NULL; i++) {
        ir_json_begin_object(writer);
        ir_json_member_put_string(writer, "Name", label->parents[i]);
        ir_json_end_object(writer);
    }
    ir_json_end_array(writer);
}

static void write_colors(struct ir_json_writer *writer, const struct color_list *colors)
{
    ir_json_key(writer, "DominantColors");
    ir_json_begin_array(writer);
    for (int i = 0; i < colors->count; i++) {
        const struct dominant_color *color = &colors->items[i];
        char hex[8];
        snprintf(hex, sizeof hex, "#%02x%02x%02x", color->red, color->green, color->blue);
        ir_json_begin_object(writer);
        ir_json_member_put_integer(writer, "Red", color->red);
        ir_json_member_put_integer(writer, "Blue", color->blue);
        ir_json_member_put_integer(writer, "Green", color->green);
        ir_json_member_put_string(writer, "HexCode", hex);
        ir_json_member_put_string(writer, "CSSColor", color->css_name);
        ir_json_member_put_string(writer, "SimplifiedColor", color->simplified_name);
        ir_json_member_put_number(writer, "PixelPercent", color->pixel_pct,
                                  OPERATION_NUMBER_DECIMALS);
        ir_json_end_object(writer);
    }
    ir_json_end_array(writer);
}

/* With IMAGE_PROPERTIES, each instance has the colours of its own box. */
static int write_instances(struct ir_json_writer *writer, const struct options *options,
                           const struct image *image, const struct label *label)
{
    int rc = 0;
    ir_json_key(writer, "Instances");
    ir_json_begin_array(writer);
    for (int i = 0; rc == 0 && i < label->instance_count; i++) {
        const struct label_instance *instance = &label->instances[i];
        if (instance->confidence_pct < options->min_confidence_pct)
            continue;
        ir_json_begin_object(writer);
        output_box(writer, instance->box);
        ir_json_member_put_number(writer, "Confidence", instance->confidence_pct,
                                  OPERATION_NUMBER_DECIMALS);
        if ((options->features & FEATURE_PROPERTIES) != 0) {
            struct color_list colors;
            rc = properties_colors(image, instance->box, (int)options->max_colors, &colors);
            if (rc == 0)
                write_colors(writer, &colors);
        }
        ir_json_end_object(writer);
    }
    ir_json_end_array(writer);
    return rc;
}

static int write_labels(struct ir_json_writer *writer, const struct options *options,
                        const struct image *image, const struct evidence *evidence)
{
    struct label_list *labels = ir_calloc(1, sizeof *labels);
    if (labels == NULL)
        return IR_ERR_NOMEM;
    int rc = 0;
    int written = 0;
    labels_derive(evidence, labels);
    ir_json_key(writer, "Labels");
    ir_json_begin_array(writer);
    for (int i = 0; rc == 0 && i < labels->count && written < (int)options->max_labels; i++) {
        const struct label *label = &labels->items[i];
        if (!is_wanted(options, label))
            continue;
        ir_json_begin_object(writer);
        ir_json_member_put_string(writer, "Name", label->name);
        ir_json_member_put_number(writer, "Confidence", label->confidence_pct,
                                  OPERATION_NUMBER_DECIMALS);
        rc = write_instances(writer, options, image, label);
        write_parents(writer, label);
        write_name(writer, "Aliases", label->alias);
        write_name(writer, "Categories", label->category);
        ir_json_end_object(writer);
        written++;
    }
    ir_json_end_array(writer);
    ir_json_member_put_string(writer, "LabelModelVersion", OPERATION_MODEL_VERSION);
    ir_free(labels);
    return rc;
}

static int write_properties(struct ir_json_writer *writer, const struct options *options,
                            const struct image *image)
{
    static const struct ir_box whole = {0, 0, 1, 1};
    struct color_list colors;
    struct quality quality = properties_quality(image, whole);
    int rc = properties_colors(image, whole, (int)options->max_colors, &colors);
    if (rc != 0)
        return rc;
    ir_json_key(writer, "ImageProperties");
    ir_json_begin_object(writer);
    ir_json_key(writer, "Quality");
    ir_json_begin_object(writer);
    ir_json_member_put_number(writer, "Brightness", quality.brightness, OPERATION_NUMBER_DECIMALS);
    ir_json_member_put_number(writer, "Sharpness", quality.sharpness, OPERATION_NUMBER_DECIMALS);
    ir_json_member_put_number(writer, "Contrast", quality.contrast, OPERATION_NUMBER_DECIMALS);
    ir_json_end_object(writer);
    write_colors(writer, &colors);
    ir_json_end_object(writer);
    return 0;
}

static int write_answer(const struct options *options, const struct image *image,
                        const struct evidence *evidence, struct ir_buf *out)
{
    struct ir_json_writer writer;
    int rc = 0;
    ir_json_writer_init(&writer, out);
    ir_json_begin_object(&writer);
    if ((options->features & FEATURE_LABELS) != 0)
        rc = write_labels(&writer, options, image, evidence);
    if (rc == 0 && (options->features & FEATURE_PROPERTIES) != 0)
        rc = write_properties(&writer, options, image);
    ir_json_end_object(&writer);
    return rc;
}

int operation_detect_labels(struct local *local, const struct ir_json_value *input,
                            struct answer *answer, struct ir_error *err)
{
    struct options options;
    struct image image = {0};
    struct evidence evidence;
    int rc = read_options(input, &options, err);
    if (rc == 0)
        rc = input_image(local, input, &image, err);
    if (rc != 0)
        return rc;
    unsigned wanted = wanted_looks(&options);
    evidence_gather(local->recognisers, &image, wanted, &evidence);
    answer->not_finished = evidence.wanted & ~evidence.finished;
    if (wanted != 0 && evidence.finished == 0)
        rc = refuse(err, &refuse_internal,
                    "No local recogniser finished within its deadline; what is in the picture is "
                    "not known.");
    else if (write_answer(&options, &image, &evidence, &answer->body) != 0)
        rc = refuse_nomem(err);
    evidence_release(&evidence);
    image_release(&image);
    return rc;
}
