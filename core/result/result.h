/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The result document as services and tasks build it. The public half is imgrecog/result.h.
 *
 * Adding functions copy their strings, made valid and free of control characters, and cut at
 * IR_RESULT_MAX_TEXT_BYTES. They return IR_ERR_NOMEM, or IR_ERR_RESPONSE past IR_RESULT_MAX_ITEMS
 * of a kind; the result is then as before.
 */
#ifndef CORE_RESULT_RESULT_H
#define CORE_RESULT_RESULT_H

#include <imgrecog/result.h>

#define IR_RESULT_MAX_ITEMS 20000
#define IR_RESULT_MAX_TEXT_BYTES 4096

/* What was looked at and what was sent. */
struct ir_result_image {
    char *source;        /* may be NULL */
    char sha256_hex[65]; /* "" when not asked for */
    int width_px;        /* upright */
    int height_px;
    int orientation; /* of the file, 1..8 */
    size_t sent_bytes;
    int sent_width_px;
    int sent_height_px;
    const char *sent_media_type; /* static */
};

/* A colour of IMAGE_PROPERTIES or of an instance. */
struct ir_result_color {
    int red, green, blue;
    char hex_code[8];
    char css_color[32];
    char simplified_color[32];
    double pixel_pct;
};

struct ir_result_quality {
    bool known;
    double brightness, sharpness, contrast; /* 0..100; NaN when not given */
};

struct ir_color_list {
    struct ir_result_color *items;
    size_t count;
};

/* A region of IMAGE_PROPERTIES: the whole, the foreground or the background. */
struct ir_result_region {
    struct ir_result_quality quality;
    struct ir_color_list colors;
};

struct ir_result_properties {
    bool known;
    struct ir_result_region image;
    struct ir_result_region foreground;
    struct ir_result_region background;
};

/* A line or word of DetectText. */
struct ir_result_text {
    char *text;
    bool is_word; /* else a line */
    int id;
    int parent_id; /* of the line that holds the word; -1 when none */
    double confidence_pct;
    bool has_box;
    struct ir_box box;
};

struct ir_landmark {
    char type[32]; /* "eyeLeft" */
    double x_frac; /* upright */
    double y_frac;
};

/* A face of DetectFaces, DEFAULT attributes. */
struct ir_result_face {
    double confidence_pct;
    bool has_box;
    struct ir_box box;
    struct ir_landmark *landmarks;
    size_t landmark_count;
    bool has_pose;
    double roll_deg, yaw_deg, pitch_deg;
    struct ir_result_quality quality;
};

struct ir_result_usage {
    unsigned requests; /* answered ones */
    unsigned retries;
};

struct ir_string_list {
    char **items;
    size_t count;
};

/* What result.h shows, and what only the document holds. */
struct ir_label_entry {
    struct ir_label public; /* points into the members below */
    char *name;
    struct ir_string_list parents, categories, aliases;
    struct ir_color_list colors; /* of the instance */
};

struct ir_result {
    struct ir_result_image image;
    struct ir_label_entry *labels;
    size_t label_count, label_capacity;
    struct ir_result_text *texts;
    size_t text_count, text_capacity;
    struct ir_result_face *faces;
    size_t face_count, face_capacity;
    struct ir_result_properties properties;
    char *label_model_version;
    char *text_model_version;
    bool has_labels, has_text, has_faces; /* asked and answered, if only with an empty list */
    struct ir_result_usage usage;
    char *endpoint;
    const char *source;           /* who said it: "rekognition" or "local"; static */
    struct ir_string_list errors; /* what the document lacks, one line each */
};

/* NULL when out of memory. */
struct ir_result *ir_result_new(void);

/* `label`, its strings and `colors` (may be NULL) are copied. */
IR_MUST_CHECK int ir_result_add_label(struct ir_result *result, const struct ir_label *label,
                                      const struct ir_color_list *colors);
/* `text` and its string are copied. */
IR_MUST_CHECK int ir_result_add_text(struct ir_result *result, const struct ir_result_text *text);
/* `face` and its landmarks are copied. */
IR_MUST_CHECK int ir_result_add_face(struct ir_result *result, const struct ir_result_face *face);
/* One line about what is missing. */
IR_MUST_CHECK int ir_result_add_error(struct ir_result *result, const char *line);
/* Replaces a string member by a clean copy of `text` (NULL = none). */
IR_MUST_CHECK int ir_result_set_text(char **member, const char *text);

void ir_color_list_release(struct ir_color_list *list);

#endif
